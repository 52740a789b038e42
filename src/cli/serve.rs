//! `dripline serve`

use std::sync::Arc;

use super::installation::Installation;
use super::report::{Failure, Outcome, failed, say};
use crate::web::{self, Site, Stopper};

/// The web server.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  DRIPLINE_LISTEN=0.0.0.0:8080 dripline serve\n\n\
                        Ends on SIGTERM or Ctrl-C, after what is under way.")]
pub struct Arguments {}

pub fn run(_: Arguments) -> Outcome {
    serve(Installation::open()?)
}

/// Serves until this process is told to end.
pub fn serve(installation: Installation) -> Outcome {
    let Installation { mut config, db, clock } = installation;
    let key = config.secret_key_or_file()?;
    let listen = config.listen;
    let listener = web::bind(&mut config).map_err(|error| failed(format_args!("cannot listen on {listen}"), error))?;
    let config = Arc::new(config);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let site = Site {
        config,
        key,
        db,
        clock,
        worker: None,
        threads: None,
    };
    runtime.block_on(async {
        let serving = web::serve(listener, site)?;
        stop_on_signal(serving.stopper())?;
        say(format_args!("Dripline is at {}", serving.base_url()));
        serving.run().await?;
        Ok::<(), Failure>(())
    })
}

fn stop_on_signal(stopper: Stopper) -> Outcome {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut asked, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = asked.recv() => {}
            _ = interrupted.recv() => {}
        }
        stopper.stop(true).await;
    });
    Ok(())
}
