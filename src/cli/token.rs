//! `dripline token`

use clap::Subcommand;

use super::installation::{ACTOR, Installation};
use super::report::{Outcome, failed, say};
use super::role;
use crate::accounts::{Refusal, Role, token};

/// What other programs reach the API with.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Make a token and print it, this once and nothing else.
    #[command(
        after_help = "Examples:\n  TOKEN=$(dripline token add --name crm --role analyst)\n  \
                            dripline token add --name phone --role sales --for sam@example.com"
    )]
    Add {
        /// Whose it is: stands in the audit log.
        #[arg(long)]
        name: String,
        #[arg(long, value_parser = role::parser())]
        role: Role,
        /// The rep whose companies a token of the role sales sees, by address. Left out: the one whose
        /// address the name is, else nobody: then it sees the companies that nobody owns.
        #[arg(long = "for", value_name = "EMAIL")]
        rep: Option<String>,
    },
    /// List the tokens, without the secret that each one is.
    #[command(after_help = "Example:\n  dripline token list")]
    List,
    /// Take back every token of a name, for good.
    #[command(after_help = "Example:\n  dripline token revoke crm")]
    Revoke {
        /// A name or a number as `token list` shows it.
        token: String,
    },
}

pub fn run(Arguments { action }: Arguments) -> Outcome {
    let Installation { db, clock, .. } = Installation::open()?;
    let now = clock.now();
    match action {
        Action::Add { name, role, rep } => {
            say(db.write_now(move |conn| token::add_for(conn, now, ACTOR, &name, role, rep.as_deref()))?)
        }
        Action::List => {
            for token in db.read_now(token::list)? {
                let state = match token.revoked_at {
                    Some(at) => format!("revoked {}", at.format("%F")),
                    None => format!("since {}", token.created_at.format("%F")),
                };
                say(format_args!(
                    "{:>4}  {:<40} {:<8} {state}",
                    token.id.0,
                    token.name,
                    token.role.as_str()
                ));
            }
        }
        Action::Revoke { token: wanted } => {
            let named = wanted.clone();
            let revoked = db.write_now(move |conn| {
                let is_meant = |token: &token::ApiToken| token.name == named || token.id.to_string() == named;
                let live = token::list(conn)?
                    .into_iter()
                    .filter(|token| token.revoked_at.is_none());
                let meant: Vec<_> = live.filter(is_meant).collect();
                for token in &meant {
                    token::revoke(conn, now, ACTOR, token.id)?;
                }
                Ok::<_, Refusal>(meant.len())
            })?;
            if revoked == 0 {
                return Err(failed(wanted, "no such token: `dripline token list` shows them"));
            }
            say(format_args!("{wanted} opens nothing any more"));
        }
    }
    Ok(())
}
