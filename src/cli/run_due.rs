//! `dripline run-due`

use chrono::NaiveDateTime;

use super::installation::Installation;
use super::report::{Outcome, counted, failed, say};
use crate::clock::{self, Clock};
use crate::drip::send::Outgoing;
use crate::worker;

/// Do all that is due, then end: for cron, and for trying a drip without waiting.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  dripline run-due\n  dripline run-due --at 2026-03-17T09:00:00Z\n\n\
                        Works beside a running `serve`."
)]
pub struct Arguments {
    /// Take this for the time now; it may lie in the future. Everything that this command writes bears it.
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    at: Option<NaiveDateTime>,
}

fn time(text: &str) -> Result<NaiveDateTime, String> {
    clock::parse_rfc3339(text).ok_or_else(|| "write it as 2026-03-17T09:00:00Z".to_owned())
}

pub fn run(Arguments { at }: Arguments) -> Outcome {
    let Installation { config, db, clock } = Installation::open()?;
    let key = config.secret_key_or_file()?;
    let clock = at.map_or(clock, Clock::fixed);
    let done = worker::run_due(&Outgoing::new(db, clock, &config, key))?;
    say(format_args!(
        "{}, {}, {}, {} deferred, {} failed",
        counted(done.enrolled, "enrolment"),
        counted(done.steps, "step"),
        counted(done.sent, "mail") + " sent",
        done.deferred,
        done.failed
    ));
    match done.trouble {
        Some(why) => Err(failed("mails are waiting", why)),
        None => Ok(()),
    }
}
