//! `dripline doctor`

mod sender;

use std::time::Duration;

use chrono::{Datelike, NaiveDateTime};

use super::installation::{address, settings};
use super::report::{Failure, Outcome, one_line, say};
use crate::clock::Clock;
use crate::config::{Config, DatabaseUrl, SmtpConfig, SmtpTimeouts};
use crate::mail::transport::Server;
use crate::store::{Db, Url, marks, migrate};

/// Check this installation, and say what to do about what is wrong.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  dripline doctor\n\nEnds with exit code 1 when a line says fail.")]
pub struct Arguments {}

/// One thing that was looked at.
struct Finding {
    verdict: Verdict,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    Warn,
    Fail,
    /// Nothing to find fault with: something to do once.
    Note,
}

fn ok(text: impl Into<String>) -> Finding {
    Finding {
        verdict: Verdict::Ok,
        text: text.into(),
    }
}

fn warn(text: impl Into<String>) -> Finding {
    Finding {
        verdict: Verdict::Warn,
        text: text.into(),
    }
}

fn note(text: impl Into<String>) -> Finding {
    Finding {
        verdict: Verdict::Note,
        text: text.into(),
    }
}

fn fail(text: impl Into<String>) -> Finding {
    Finding {
        verdict: Verdict::Fail,
        text: text.into(),
    }
}

pub fn run(_: Arguments) -> Outcome {
    let findings = look();
    for Finding { verdict, text } in &findings {
        let word = match verdict {
            Verdict::Ok => "ok  ",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
            Verdict::Note => "note",
        };
        say(format_args!("{word}  {text}"));
    }
    let failed = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Fail)
        .count();
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure(vec![format!("{failed} of {} checks failed", findings.len())]))
    }
}

fn look() -> Vec<Finding> {
    let config = match settings() {
        Ok(config) => config,
        Err(failure) => {
            return failure
                .0
                .iter()
                .map(|fault| fail(format!("configuration: {fault}")))
                .collect();
        }
    };
    let mut findings = vec![ok("configuration: every setting can be read")];
    findings.extend(
        config
            .unknown
            .iter()
            .map(|name| warn(format!("configuration: nothing reads {name}: is it misspelt?"))),
    );
    findings.extend(database(&config));
    findings.push(secret_key(&config));
    findings.push(base_url(&config));
    findings.extend(mail(&config));
    findings.push(time(Clock::system().now()));
    findings
}

fn database(config: &Config) -> Vec<Finding> {
    let url = address(config);
    if let Url::Sqlite(path) = &url
        && !path.exists()
    {
        return vec![fail(format!(
            "database: there is no {} yet: run `dripline migrate`",
            path.display()
        ))];
    }
    let db = match Db::open(&url) {
        Ok(db) => db,
        Err(error) => return vec![fail(format!("database: {}: {}", url.place(), one_line(error)))],
    };
    let mut findings = vec![match db.settings() {
        Ok(settings) => {
            let settings: Vec<_> = settings.iter().map(|(name, value)| format!("{name} {value}")).collect();
            ok(format!("database: {} answers {}", url.place(), settings.join(", ")).trim_end())
        }
        Err(error) => fail(format!("database: {}: {}", url.place(), one_line(error))),
    }];
    findings.push(match db.read_now(migrate::is_current) {
        Ok(true) => ok("schema: up to date"),
        Ok(false) => fail("schema: behind this program: run `dripline migrate`"),
        Err(error) => fail(format!("schema: {}", one_line(error))),
    });
    if let Ok(Some(why)) = db.read_now(|conn| marks::find(conn, marks::SENDING_PAUSED)) {
        findings.push(warn(format!(
            "sending: paused, because {why}; no mail leaves until an admin resumes it"
        )));
    }
    findings
}

fn secret_key(config: &Config) -> Finding {
    if let (None, DatabaseUrl::Sqlite(path)) = (&config.secret_key, &config.database)
        && !path.exists()
    {
        return ok("secret key: made at the first start");
    }
    match config.secret_key_or_file() {
        Err(fault) => fail(format!("secret key: {fault}")),
        Ok(_) if config.secret_key.is_some() => ok("secret key: set; keep it with the backups"),
        Ok(_) => {
            let DatabaseUrl::Sqlite(path) = &config.database else {
                return ok("secret key: set");
            };
            ok(format!(
                "secret key: in {}.key; keep it with the backups",
                path.display()
            ))
        }
    }
}

fn base_url(config: &Config) -> Finding {
    let url = &config.base_url;
    if !config.base_url_given {
        return warn(format!(
            "links: DRIPLINE_BASE_URL is not set, so mailed links begin with {url} and work on this machine alone"
        ));
    }
    if url.scheme() == "http" {
        return warn(format!(
            "links: {url} is http: answers and log-ins cross the network in the clear; put https before it"
        ));
    }
    ok(format!("links: mailed links begin with {url}"))
}

fn mail(config: &Config) -> Vec<Finding> {
    let Some(smtp) = &config.smtp else {
        let captured = warn("mail: DRIPLINE_SMTP_URL is not set: mail is captured under /mailbox, and nothing leaves");
        // Who has named a sender is about to send: what is wrong with it is told already now.
        let is_named = config.mail_from.domain() != "localhost";
        let sender = if is_named { sender::look(config) } else { Vec::new() };
        return std::iter::once(captured)
            .chain(is_named.then(|| postal_address(config)).flatten())
            .chain(sender)
            .collect();
    };
    let mut findings = vec![match log_in(smtp, config.smtp_timeouts) {
        Ok(()) if smtp.user.is_some() => ok(format!("mail: {}:{} takes our log-in", smtp.host, smtp.port)),
        Ok(()) => ok(format!("mail: {}:{} answers", smtp.host, smtp.port)),
        Err(why) => fail(format!(
            "mail: {}; mails wait until it answers: check DRIPLINE_SMTP_URL",
            one_line(why)
        )),
    }];
    findings.extend(postal_address(config));
    findings.extend(sender::look(config));
    findings
}

fn postal_address(config: &Config) -> Option<Finding> {
    let why = "mail: DRIPLINE_POSTAL_ADDRESS is not set: most countries' law wants one at the foot of each mail";
    config.postal_address.is_empty().then(|| warn(why))
}

/// Greets, encrypts and logs in, and sends nothing.
fn log_in(smtp: &SmtpConfig, timeouts: SmtpTimeouts) -> Result<(), String> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let timeouts = SmtpTimeouts {
        greeting: timeouts.greeting.min(PATIENCE),
        ..timeouts
    };
    let server = Server {
        smtp: smtp.clone(),
        timeouts,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        server.connect().await.map_err(|error| error.to_string())?.quit().await;
        Ok(())
    })
}

/// A clock that was never set is the one fault that shows by itself.
fn time(now: NaiveDateTime) -> Finding {
    if (2026..2100).contains(&now.year()) {
        ok(format!("clock: {} UTC", now.format("%F %T")))
    } else {
        fail(format!(
            "clock: {} UTC cannot be right: set this machine's clock",
            now.format("%F %T")
        ))
    }
}
