//! What a command says, and how it fails.

use std::fmt::Display;
use std::io::{ErrorKind, Write};

/// Why a command failed: a line, or a line for each fault.
#[derive(Debug)]
pub struct Failure(pub Vec<String>);

pub type Outcome = Result<(), Failure>;

impl<E: Display> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure(vec![one_line(error)])
    }
}

/// A failure that says what was tried.
pub fn failed(what: impl Display, error: impl Display) -> Failure {
    format!("{what}: {error}").into()
}

/// libpq explains itself over several lines.
pub fn one_line(text: impl Display) -> String {
    let text = text.to_string();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("; ")
}

/// "1 mail", "2 mails".
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Writes a line of the answer to standard output.
pub fn say(line: impl Display) {
    let written = writeln!(std::io::stdout(), "{line}");
    if written.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        // Whoever read has had enough, as `head` does; that is no failure of ours.
        std::process::exit(0);
    }
}

/// Writes a line beside the answer, to standard error.
pub fn mention(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

pub fn complain(failure: &Failure) {
    for line in &failure.0 {
        mention(format_args!("dripline: {line}"));
    }
}
