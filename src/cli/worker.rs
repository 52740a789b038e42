//! `dripline worker`

use super::ending::Ending;
use super::installation::Installation;
use super::report::{Failure, Outcome};
use crate::drip::send::Outgoing;
use crate::worker;

/// The mail worker alone: as many as wanted over one PostgreSQL, one over SQLite.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  dripline serve --no-worker &\n  dripline worker\n\n\
                        Ends on SIGTERM or Ctrl-C, after the mails in hand.")]
pub struct Arguments {}

pub fn run(_: Arguments) -> Outcome {
    let Installation { config, db, clock } = Installation::open()?;
    let key = config.secret_key_or_file()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let ending = Ending::listen()?;
        let running = worker::start(Outgoing::new(db, clock, &config, key))?;
        ending.wait().await;
        running.stop();
        Ok::<(), Failure>(())
    })
}
