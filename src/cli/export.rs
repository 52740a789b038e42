//! `dripline export`

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::installation::Installation;
use super::progress::Progress;
use super::report::{Outcome, counted, failed, say};
use crate::export::{self, Refusal, What};

/// Write companies, answers or scores to a file.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  dripline export scores scores.xlsx")]
pub struct Arguments {
    #[arg(value_parser = what())]
    what: What,
    /// Ends in .csv or .xlsx; a file of that name is replaced.
    file: PathBuf,
}

fn what() -> impl TypedValueParser<Value = What> {
    PossibleValuesParser::new(What::ALL.map(What::as_str))
        .try_map(|name| What::parse(&name).ok_or("is nothing to export"))
}

pub fn run(Arguments { what, file }: Arguments) -> Outcome {
    let Installation { db, clock, .. } = Installation::open()?;
    let now = clock.now();
    let working = Progress::start(format!("writing {} to {}", what.as_str(), file.display()));
    let written = db.read_now(|conn| export::to_file(conn, now, what, &file));
    drop(working);
    let rows = written.map_err(|refusal| match refusal {
        Refusal::Store(error) => error.into(),
        refusal => failed(file.display(), refusal),
    })?;
    say(format_args!(
        "{}: {} in {}",
        what.as_str(),
        counted(rows as usize, "row"),
        file.display()
    ));
    Ok(())
}
