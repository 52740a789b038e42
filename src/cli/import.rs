//! `dripline import`

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::installation::{ACTOR, Installation};
use super::progress::Progress;
use super::report::{Failure, Outcome, failed, say};
use crate::import::{self, Counts, FileRefusal, What};
use crate::text::csv::Limits;

/// Take companies, contacts, transactions, usage or answers from a CSV file.
///
/// What is there already, by its external_id, is brought up to date. All or nothing: one bad row
/// keeps the whole file out, and every bad row is told with its line, column and reason.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  dripline import companies companies.csv --dry-run\n  dripline import companies companies.csv\n  dripline import usage usage.csv"
)]
pub struct Arguments {
    #[arg(value_parser = what())]
    what: What,
    /// UTF-8; comma, semicolon or tab; the first line names the columns.
    file: PathBuf,
    /// Try everything and keep nothing.
    #[arg(long)]
    dry_run: bool,
}

fn what() -> impl TypedValueParser<Value = What> {
    PossibleValuesParser::new(What::ALL.map(What::as_str))
        .try_map(|name| What::parse(&name).ok_or("is nothing to import"))
}

pub fn run(
    Arguments {
        what,
        file: path,
        dry_run,
    }: Arguments,
) -> Outcome {
    let bytes = std::fs::read(&path).map_err(|error| failed(path.display(), error))?;
    let Installation { config, db, clock } = Installation::open()?;
    let key = config.secret_key_or_file()?;
    let now = clock.now();
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let working = Progress::start(format!("reading {} from {}", what, path.display()));
    let taken = db.write_now(move |conn| {
        let file = import::File {
            what,
            name: &name,
            bytes: &bytes,
            limits: Limits::FILE,
            dry_run,
        };
        import::csv(conn, now, ACTOR, &key, &file)
    });
    drop(working);
    match taken {
        Ok(counts) => say(format_args!("{what}: {}", in_words(counts))),
        Err(FileRefusal::DryRun(counts)) => say(format_args!(
            "{what}: {}; nothing was kept, as this was a dry run",
            in_words(counts)
        )),
        Err(FileRefusal::Faulty(faults)) => {
            let place = path.display();
            let mut lines: Vec<_> = faults
                .to_string()
                .lines()
                .map(|fault| format!("{place}: {fault}"))
                .collect();
            lines.push(format!("{place}: nothing was kept"));
            return Err(Failure(lines));
        }
        Err(FileRefusal::Store(error)) => return Err(error.into()),
    }
    Ok(())
}

fn in_words(
    Counts {
        created,
        updated,
        unchanged,
    }: Counts,
) -> String {
    format!("{created} created, {updated} updated, {unchanged} unchanged")
}
