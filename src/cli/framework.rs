//! `dripline framework`

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::installation::{ACTOR, Installation, read_text};
use super::progress::Progress;
use super::report::{Failure, Outcome, counted, say};
use crate::framework::{Framework, read, write};
use crate::{design, reframe};

/// The needs, segments, questions and drips: check a file, apply it, write out what holds now.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Tell everything that is wrong with a file; changes nothing.
    #[command(after_help = "Example:\n  dripline framework check framework.toml")]
    Check {
        /// TOML, or JSON where the name ends in .json.
        file: PathBuf,
    },
    /// Put a file in force and tell what changed. What it leaves out is archived, never deleted.
    #[command(after_help = "Example:\n  dripline framework apply framework.toml")]
    Apply {
        /// TOML, or JSON where the name ends in .json.
        file: PathBuf,
    },
    /// Write what holds now to standard output.
    #[command(after_help = "Example:\n  dripline framework export > framework.toml")]
    Export {
        /// JSON instead of TOML.
        #[arg(long)]
        json: bool,
    },
}

pub fn run(Arguments { action }: Arguments) -> Outcome {
    match action {
        Action::Check { file } => check(&file),
        Action::Apply { file } => apply(&file),
        Action::Export { json } => export(json),
    }
}

fn check(file: &Path) -> Outcome {
    let framework = read_file(file)?;
    let counts = [
        (framework.needs.len(), "need"),
        (framework.segments.len(), "segment"),
        (framework.question_sets.len(), "question set"),
        (framework.drips.len(), "drip"),
    ];
    let counts = counts.map(|(count, what)| counted(count, what)).join(", ");
    say(format_args!("{} can be applied: {counts}", file.display()));
    Ok(())
}

fn apply(file: &Path) -> Outcome {
    let framework = read_file(file)?;
    let Installation { db, clock, .. } = Installation::open()?;
    let now = clock.now();
    let changes = {
        let _working = Progress::start("working every company out anew");
        db.write_now(move |conn| reframe::apply(conn, now, ACTOR, &framework))?
    };
    if changes.is_empty() {
        say("nothing changed");
    }
    changes.iter().for_each(say);
    Ok(())
}

fn export(json: bool) -> Outcome {
    let Installation { db, .. } = Installation::open()?;
    let framework = &db.read_now(design::current)?.framework;
    let text = if json {
        write::json(framework)
    } else {
        write::toml(framework)
    };
    say(text.trim_end());
    Ok(())
}

/// The framework in the file, or every fault in it.
fn read_file(file: &Path) -> Result<Framework, Failure> {
    let text = read_text(file)?;
    let is_json = file
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let framework = if is_json { read::json(&text) } else { read::toml(&text) };
    framework.map_err(|faults| {
        Failure(
            faults
                .iter()
                .map(|fault| format!("{}: {fault}", file.display()))
                .collect(),
        )
    })
}
