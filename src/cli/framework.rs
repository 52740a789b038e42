//! `dripline framework`

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::installation::read_text;
use super::report::{Failure, Outcome, say};
use crate::framework::{Framework, read};

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
}

pub fn run(Arguments { action }: Arguments) -> Outcome {
    match action {
        Action::Check { file } => check(&file),
    }
}

fn check(file: &Path) -> Outcome {
    let framework = read_file(file)?;
    say(format_args!(
        "{} can be applied: {} needs, {} segments, {} question sets, {} drips",
        file.display(),
        framework.needs.len(),
        framework.segments.len(),
        framework.question_sets.len(),
        framework.drips.len()
    ));
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
