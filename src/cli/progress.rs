//! How far long work has come: a moving line on a terminal, a plain one everywhere else.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::ProgressBar;

use super::report::mention;

/// Work that goes on as long as this is held.
pub struct Progress(Option<ProgressBar>);

impl Progress {
    pub fn start(what: impl Into<String>) -> Progress {
        let what = what.into();
        if !std::io::stderr().is_terminal() {
            mention(what);
            return Progress(None);
        }
        let bar = ProgressBar::new_spinner().with_message(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress(Some(bar))
    }

    /// Says how far it has come, where somebody watches.
    pub fn note(&self, how_far: String) {
        if let Some(bar) = &self.0 {
            bar.set_message(how_far);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
