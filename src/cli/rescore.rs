//! `dripline rescore`

use super::installation::{ACTOR, Installation};
use super::progress::Progress;
use super::report::{Outcome, say};
use crate::needs;

/// Work every score and segment out anew from the answers, and calibrate.
///
/// Scores, fits and segments come out as they are kept up to date; standard errors and confidence
/// may move, because they rest on all companies together. A running server uses the new figures at once.
#[derive(clap::Args)]
#[command(after_help = "Example, each night by cron:\n  0 3 * * *  dripline rescore")]
pub struct Arguments {}

pub fn run(_: Arguments) -> Outcome {
    let Installation { db, clock, .. } = Installation::open()?;
    let now = clock.now();
    let working = Progress::start("working every company out anew");
    needs::rescore_in_steps(&db, now, &needs::Cause::new(ACTOR), |done| {
        working.note(format!("{done} companies worked out anew"));
    })?;
    drop(working);
    say("every score and segment was worked out anew");
    Ok(())
}
