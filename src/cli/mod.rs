//! The commands, a file each: read the arguments, open the installation, call verbs, say what was done.
//!
//! Standard output carries what was asked for, and nothing else, so that it can be piped; progress,
//! logs and failures go to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage.
//! What a command does to the data is its verb's business.

mod backup;
mod doctor;
mod framework;
mod installation;
mod logging;
mod migrate;
mod report;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::report::Outcome;

/// Drip questionnaires for business customers: what each company needs, and its one segment.
///
/// Settings come from the environment or a `.env` file; `.env.example` lists them all.
#[derive(Parser)]
#[command(name = "dripline", version, after_help = "Start with: dripline demo")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Migrate(migrate::Arguments),
    Framework(framework::Arguments),
    Backup(backup::Arguments),
    Doctor(doctor::Arguments),
}

/// Runs the command that this process was started with.
pub fn run() -> ExitCode {
    // Wrong usage ends here, with exit code 2 and a word on what would be right.
    let command = Arguments::parse().command;
    logging::start("warn");
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report::complain(&failure);
            ExitCode::FAILURE
        }
    }
}

impl Command {
    fn run(self) -> Outcome {
        match self {
            Command::Migrate(arguments) => migrate::run(arguments),
            Command::Framework(arguments) => framework::run(arguments),
            Command::Backup(arguments) => backup::run(arguments),
            Command::Doctor(arguments) => doctor::run(arguments),
        }
    }
}
