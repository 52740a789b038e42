//! Hands the command line to `cli`, and nothing else.

fn main() -> std::process::ExitCode {
    dripline::cli::run()
}
