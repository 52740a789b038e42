//! The commands, a file each: read the arguments, open the installation, call verbs, say what was done.
//!
//! Standard output carries what was asked for, and nothing else, so that it can be piped; progress,
//! logs and failures go to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage.
//! What a command does to the data is its verb's business.

mod backup;
mod bounce;
mod demo;
mod doctor;
mod ending;
mod export;
mod framework;
mod import;
mod installation;
mod logging;
mod migrate;
mod progress;
mod report;
mod rescore;
mod role;
mod run_due;
mod serve;
mod token;
mod user;
mod worker;

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
    Demo(demo::Arguments),
    Serve(serve::Arguments),
    Worker(worker::Arguments),
    RunDue(run_due::Arguments),
    Migrate(migrate::Arguments),
    Framework(framework::Arguments),
    Import(import::Arguments),
    Export(export::Arguments),
    Rescore(rescore::Arguments),
    User(user::Arguments),
    Token(token::Arguments),
    Bounce(bounce::Arguments),
    Backup(backup::Arguments),
    Doctor(doctor::Arguments),
}

/// Runs the command that this process was started with.
pub fn run() -> ExitCode {
    // Wrong usage ends here, with exit code 2 and a word on what would be right.
    let command = Arguments::parse().command;
    logging::start(command.log_level());
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report::complain(&failure);
            ExitCode::FAILURE
        }
    }
}

impl Command {
    /// What goes on for long tells how it fares; what ends soon speaks through its answer.
    fn log_level(&self) -> &'static str {
        match self {
            Command::Demo(_) | Command::Serve(_) | Command::Worker(_) => "info,actix_server=warn",
            _ => "warn",
        }
    }

    fn run(self) -> Outcome {
        match self {
            Command::Demo(arguments) => demo::run(arguments),
            Command::Serve(arguments) => serve::run(arguments),
            Command::Worker(arguments) => worker::run(arguments),
            Command::RunDue(arguments) => run_due::run(arguments),
            Command::Migrate(arguments) => migrate::run(arguments),
            Command::Framework(arguments) => framework::run(arguments),
            Command::Import(arguments) => import::run(arguments),
            Command::Export(arguments) => export::run(arguments),
            Command::Rescore(arguments) => rescore::run(arguments),
            Command::User(arguments) => user::run(arguments),
            Command::Token(arguments) => token::run(arguments),
            Command::Bounce(arguments) => bounce::run(arguments),
            Command::Backup(arguments) => backup::run(arguments),
            Command::Doctor(arguments) => doctor::run(arguments),
        }
    }
}
