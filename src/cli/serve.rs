//! `dripline serve`

use std::sync::{Arc, Mutex, PoisonError};

use super::ending::Ending;
use super::installation::Installation;
use super::report::{Failure, Outcome, failed, say};
use crate::drip::send::Outgoing;
use crate::web::{self, Site};
use crate::worker::{self, Running};

/// The web server and the mail worker in one process.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  DRIPLINE_LISTEN=0.0.0.0:8080 dripline serve\n\n\
                        Ends on SIGTERM or Ctrl-C, after what is under way.")]
pub struct Arguments {
    /// Serve the pages alone; mail leaves by `dripline worker` elsewhere.
    #[arg(long)]
    no_worker: bool,
}

pub fn run(Arguments { no_worker }: Arguments) -> Outcome {
    serve(Installation::open()?, no_worker, |address| {
        say(format_args!("Dripline is at {address}"))
    })
}

/// Serves until this process is told to end; `announce` hears the address once it answers.
pub fn serve(installation: Installation, no_worker: bool, announce: impl FnOnce(&str)) -> Outcome {
    let Installation { mut config, db, clock } = installation;
    let key = config.secret_key_or_file()?;
    let listen = config.listen;
    let listener = web::bind(&mut config).map_err(|error| failed(format_args!("cannot listen on {listen}"), error))?;
    let worker = match no_worker {
        true => None,
        false => Some(Worker::start(Outgoing::new(
            db.clone(),
            clock.clone(),
            &config,
            key.clone(),
        ))?),
    };
    let site = Site {
        config: Arc::new(config),
        key,
        db,
        clock,
        worker: worker.as_ref().map(Worker::is_alive),
        threads: None,
        many: web::MANY,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let ending = Ending::listen()?;
        let serving = web::serve(listener, site)?;
        let stopper = serving.stopper();
        tokio::spawn(async move {
            ending.wait().await;
            stopper.stop(true).await;
        });
        announce(serving.base_url().as_str());
        serving.run().await?;
        Ok::<(), Failure>(())
    })?;
    if let Some(worker) = worker {
        worker.stop();
    }
    Ok(())
}

/// The worker beside the pages: they ask whether it lives, and this command stops it.
struct Worker(Arc<Mutex<Option<Running>>>);

impl Worker {
    fn start(outgoing: Outgoing) -> Result<Worker, Failure> {
        Ok(Worker(Arc::new(Mutex::new(Some(worker::start(outgoing)?)))))
    }

    fn is_alive(&self) -> web::IsAlive {
        let running = Arc::clone(&self.0);
        Arc::new(move || {
            let running = running.lock().unwrap_or_else(PoisonError::into_inner);
            running.as_ref().is_some_and(Running::is_alive)
        })
    }

    fn stop(self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.stop();
        }
    }
}
