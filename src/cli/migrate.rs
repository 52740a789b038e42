//! `dripline migrate`

use super::installation::{address, settings};
use super::report::{Outcome, say};
use crate::store::{Db, migrate};

/// Bring the database up to date. `serve` does so too.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  DATABASE_URL=postgres://dripline@db.example.com/dripline dripline migrate")]
pub struct Arguments {}

pub fn run(_: Arguments) -> Outcome {
    let db = Db::open(&address(&settings()?))?;
    let done = migrate::run(&db)?;
    for name in &done {
        say(format_args!("ran {name}"));
    }
    if done.is_empty() {
        say("the database is up to date");
    }
    Ok(())
}
