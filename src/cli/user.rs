//! `dripline user`

use std::io::{BufRead, IsTerminal};

use clap::Subcommand;

use super::installation::{ACTOR, Installation};
use super::report::{Failure, Outcome, failed, say};
use super::role;
use crate::accounts::{self, Hashed, Passwords, Refusal, Role};
use crate::ids::UserId;
use crate::store::{Conn, Db};

/// Who may log in to the back office.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Let somebody in.
    #[command(
        after_help = "Examples:\n  dripline user add --email ada@example.com --role admin\n  \
                            echo 'a long password' | dripline user add --email bob@example.com --role sales --password-stdin"
    )]
    Add {
        #[arg(long)]
        email: String,
        #[arg(long, value_parser = role::parser())]
        role: Role,
        /// Read the password from standard input instead of asking for it.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List everybody who was let in, and who was shut out again.
    #[command(after_help = "Example:\n  dripline user list")]
    List,
    /// Shut somebody out; running sessions end at once.
    #[command(after_help = "Example:\n  dripline user disable --email bob@example.com")]
    Disable {
        #[arg(long)]
        email: String,
    },
    /// Set a new password; running sessions end at once.
    #[command(after_help = "Example:\n  dripline user password --email bob@example.com")]
    Password {
        #[arg(long)]
        email: String,
        /// Read the password from standard input instead of asking for it.
        #[arg(long)]
        password_stdin: bool,
    },
}

pub fn run(Arguments { action }: Arguments) -> Outcome {
    let Installation { db, clock, .. } = Installation::open()?;
    let now = clock.now();
    match action {
        Action::Add {
            email,
            role,
            password_stdin,
        } => {
            let hashed = new_password(password_stdin)?;
            let added = email.clone();
            db.write_now(move |conn| accounts::add_user(conn, now, ACTOR, &added, role, &hashed))
                .map_err(|refusal| failed(&email, refusal))?;
            say(format_args!("{email} may log in as {}", role.as_str()));
        }
        Action::List => {
            for user in db.read_now(accounts::list_users)? {
                let state = if user.disabled { "disabled" } else { "may log in" };
                say(format_args!("{:<40} {:<8} {state}", user.email, user.role.as_str()));
            }
        }
        Action::Disable { email } => {
            change(&db, &email, move |conn, id| {
                accounts::disable_user(conn, now, ACTOR, id)
            })?;
            say(format_args!("{email} is shut out"));
        }
        Action::Password { email, password_stdin } => {
            let hashed = new_password(password_stdin)?;
            change(&db, &email, move |conn, id| {
                accounts::change_password(conn, now, ACTOR, id, &hashed)
            })?;
            say(format_args!("{email} has a new password"));
        }
    }
    Ok(())
}

fn change(
    db: &Db,
    email: &str,
    verb: impl FnOnce(&mut Conn, UserId) -> Result<(), Refusal> + Send + 'static,
) -> Outcome {
    let sought = email.to_owned();
    db.write_now(move |conn| {
        let user = accounts::find_user_by_email(conn, &sought)?.ok_or(Refusal::Unknown)?;
        verb(conn, user.id)
    })
    .map_err(|refusal| failed(email, refusal))
}

/// From standard input, or asked for on the terminal, which does not show it.
fn new_password(from_stdin: bool) -> Result<Hashed, Failure> {
    let password = if from_stdin {
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(|error| failed("standard input", error))?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else if std::io::stdin().is_terminal() {
        let first = rpassword::prompt_password("Password: ")?;
        if rpassword::prompt_password("Once more: ")? != first {
            return Err("the two passwords differ".into());
        }
        first
    } else {
        return Err("there is no terminal to ask for the password on: give --password-stdin".into());
    };
    Ok(Passwords::hash_now(&password)?)
}
