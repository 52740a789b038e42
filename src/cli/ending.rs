//! How a process that goes on for long is told to end.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM, as supervisors send it, and Ctrl-C.
pub struct Ending {
    asked: Signal,
    interrupted: Signal,
}

impl Ending {
    /// From here on the signals no longer end the process by themselves.
    pub fn listen() -> std::io::Result<Ending> {
        Ok(Ending {
            asked: signal(SignalKind::terminate())?,
            interrupted: signal(SignalKind::interrupt())?,
        })
    }

    /// Returns once either came.
    pub async fn wait(mut self) {
        tokio::select! {
            _ = self.asked.recv() => {}
            _ = self.interrupted.recv() => {}
        }
    }
}
