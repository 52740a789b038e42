//! `dripline backup`

use std::path::PathBuf;

use super::installation::Installation;
use super::report::{Outcome, say};
use crate::store::backup;

/// Copy an SQLite database while it is in use.
///
/// The copy is marked: a server started on it begins with sending paused, so that no mail goes out
/// twice. Keep the secret key's file with it: without it every mailed link is dead.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  dripline backup /var/backups/dripline-2026-03-10.db")]
pub struct Arguments {
    /// The file to write; it must not exist.
    file: PathBuf,
}

pub fn run(Arguments { file }: Arguments) -> Outcome {
    let Installation { db, clock, .. } = Installation::open()?;
    backup::copy(&db, clock.now(), &file)?;
    say(format_args!("wrote {}", file.display()));
    Ok(())
}
