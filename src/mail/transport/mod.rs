//! The way out: one SMTP connection, driven step by step, each step within its own time.
//!
//! A connection belongs to whoever opened it and handles one mail at a time; a step that runs out
//! of time or breaks the protocol ends the connection, because nobody knows any more which reply
//! belongs to what. Pooled transports are not used: they hand such connections on.
//!
//! lettre speaks the protocol (greeting, STARTTLS, log-in, replies); the order of things is ours. Where
//! the server lets us (PIPELINING, RFC 2920) the envelope goes in one write, and a mail always goes
//! with its final dot in one: each write less is a round trip less.

pub mod message;
mod stream;

use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Ehlo, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension};
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;

use super::classify::{Phase, Refusal};
use crate::config::{Security, SmtpConfig, SmtpTimeouts};

/// The server that takes our mail, and how long each step may take.
#[derive(Clone, Debug)]
pub struct Server {
    pub smtp: SmtpConfig,
    pub timeouts: SmtpTimeouts,
}

/// An open connection; it has greeted, and has logged in where a user is set.
pub struct Connection {
    smtp: AsyncSmtpConnection,
    timeouts: SmtpTimeouts,
    pipelines: bool,
    sent: u32,
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotConnected {
    /// Nobody answers, or not now: another time may do.
    #[error("{0}")]
    Unreachable(String),
    /// The server takes no mail from us, whichever it is: somebody must change something.
    #[error("{0}")]
    Refused(String),
}

/// How the handing over of one mail ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A 250 followed the final dot; its text.
    Sent(String),
    Refused(Refusal),
    /// The connection ended before the mail was on its way.
    Lost {
        phase: Phase,
        why: String,
    },
    /// The connection ended after the mail was on its way, before the server's word on it.
    InDoubt(String),
    /// No server was asked: this mail cannot be sent to this server.
    Unsendable(String),
}

/// What became of an envelope.
pub enum Offered {
    /// The server waits for the mail.
    Taken(Ready),
    /// It does not want it, or is gone; with the connection, where that is still good.
    Ended(Outcome, Option<Connection>),
}

/// A connection whose server waits for the mail of the envelope it was given.
pub struct Ready(Connection);

/// How one step went wrong.
enum Fault {
    Refused(u16, String),
    Lost(String),
}

impl Server {
    /// Connects, encrypts as set, logs in. Never longer than five times the greeting's limit.
    pub async fn connect(&self) -> Result<Connection, NotConnected> {
        let hello = ClientId::default();
        let limit = self.timeouts.greeting;
        let mut smtp = self.greet(&hello).await?;
        let offered = smtp.can_starttls();
        match self.smtp.security {
            Security::Required if !offered => {
                return Err(NotConnected::Refused(
                    "the mail server offers no STARTTLS, and tls=required is set".into(),
                ));
            }
            Security::Required | Security::Opportunistic if offered => {
                let secured = smtp.starttls(self.tls()?, &hello);
                within(limit, "STARTTLS", secured).await?;
            }
            _ => {}
        }
        if let Some(user) = &self.smtp.user {
            let password = self.smtp.password.as_ref().map_or("", |password| password.reveal());
            let credentials = Credentials::new(user.clone(), password.to_owned());
            let logged_in = smtp.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
            within(limit, "the log-in", logged_in).await?;
        }
        // lettre keeps of the greeting what it uses itself, which PIPELINING is not.
        let greeted = within(limit, "EHLO", smtp.command(Ehlo::new(hello))).await?;
        let pipelines = greeted.message().any(|line| line.eq_ignore_ascii_case("PIPELINING"));
        Ok(Connection {
            smtp,
            timeouts: self.timeouts,
            pipelines,
            sent: 0,
        })
    }

    async fn greet(&self, hello: &ClientId) -> Result<AsyncSmtpConnection, NotConnected> {
        let (host, port) = (self.smtp.host.as_str(), self.smtp.port);
        let limit = self.timeouts.greeting;
        let is_implicit = self.smtp.security == Security::Implicit;
        let opened = timeout(limit, stream::open(host, port, is_implicit)).await;
        let stream = match opened {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(not_connected(&format!("{host}:{port}"), &error)),
            Err(_) => {
                return Err(NotConnected::Unreachable(format!(
                    "{host}:{port} did not answer in time"
                )));
            }
        };
        let opened = AsyncSmtpConnection::connect_with_transport(stream, hello);
        within(limit, "the greeting", opened).await
    }

    fn tls(&self) -> Result<TlsParameters, NotConnected> {
        TlsParameters::new(self.smtp.host.clone()).map_err(|error| NotConnected::Refused(error.to_string()))
    }
}

impl Connection {
    /// Hands one mail to one recipient over; gives the connection back where it is still good.
    pub async fn send(self, from: &str, to: &str, bytes: &[u8]) -> (Outcome, Option<Connection>) {
        match self.offer(from, to, bytes).await {
            Offered::Taken(ready) => ready.hand_over(bytes).await,
            Offered::Ended(outcome, kept) => (outcome, kept),
        }
    }

    /// Gives the server the envelope of a mail of these bytes.
    pub async fn offer(mut self, from: &str, to: &str, bytes: &[u8]) -> Offered {
        let (mail, rcpt) = match self.commands(from, to, bytes) {
            Ok(commands) => commands,
            Err(why) => return Offered::Ended(Outcome::Unsendable(why), Some(self)),
        };
        let offered = match self.pipelines {
            true => self.offer_at_once(&mail, &rcpt).await,
            false => self.offer_in_turn(&mail, &rcpt).await,
        };
        match offered {
            Ok(()) => Offered::Taken(Ready(self)),
            Err((phase, Fault::Lost(why))) => Offered::Ended(Outcome::Lost { phase, why }, None),
            Err((phase, Fault::Refused(code, text))) => {
                // A refusal leaves a good connection behind, once both sides agree where they are.
                let limit = self.timeouts.mail;
                let kept = code != 421 && self.step(limit, Rset).await.is_ok();
                let refusal = Refusal::new(phase, code, &text);
                Offered::Ended(Outcome::Refused(refusal), kept.then_some(self))
            }
        }
    }

    /// Whether it has carried a mail already: its end may then be the server's ordinary good-bye.
    pub fn is_used(&self) -> bool {
        self.sent > 0
    }

    /// Says good-bye, not waiting long for the answer.
    pub async fn quit(mut self) {
        let patience = self.timeouts.mail.min(Duration::from_secs(2));
        let _ = timeout(patience, self.smtp.quit()).await;
    }

    async fn offer_in_turn(&mut self, mail: &str, rcpt: &str) -> Result<(), (Phase, Fault)> {
        let limits = self.timeouts;
        let step = self.step(limits.mail, mail).await;
        step.map_err(|fault| (Phase::Mail, fault))?;
        let step = self.step(limits.rcpt, rcpt).await;
        step.map_err(|fault| (Phase::Rcpt, fault))?;
        let step = self.step(limits.data, Data).await;
        step.map_err(|fault| (Phase::Data, fault))?;
        Ok(())
    }

    /// MAIL, RCPT and DATA in one write; each reply still within its own time.
    async fn offer_at_once(&mut self, mail: &str, rcpt: &str) -> Result<(), (Phase, Fault)> {
        let limits = self.timeouts;
        let mail = self.step(limits.mail, [mail, rcpt, "DATA\r\n"].concat()).await;
        if let Err(Fault::Lost(why)) = mail {
            return Err((Phase::Mail, Fault::Lost(why)));
        }
        let is_closing = |step: &Result<Response, Fault>| matches!(step, Err(Fault::Refused(421, _)));
        if is_closing(&mail) {
            return refused(Phase::Mail, mail);
        }
        let rcpt = self.reply(limits.rcpt).await;
        match (&mail, &rcpt) {
            (Err(_), Err(Fault::Lost(_))) => return refused(Phase::Mail, mail),
            (_, Err(Fault::Lost(_))) => return refused(Phase::Rcpt, rcpt),
            _ if is_closing(&rcpt) => return refused(Phase::Rcpt, rcpt),
            _ => {}
        }
        let data = self.reply(limits.data).await;
        let is_waiting = data.is_ok();
        for (phase, step) in [(Phase::Mail, mail), (Phase::Rcpt, rcpt), (Phase::Data, data)] {
            if let Err(fault) = step {
                // DATA was let through all the same: an empty mail to nobody ends it (RFC 2920 section 3.1).
                if is_waiting && let Err(Fault::Lost(why)) = self.step(limits.dot, ".\r\n").await {
                    return Err((phase, Fault::Lost(why)));
                }
                return Err((phase, fault));
            }
        }
        Ok(())
    }

    /// MAIL and RCPT, or why this server cannot be asked.
    fn commands(&self, from: &str, to: &str, bytes: &[u8]) -> Result<(String, String), String> {
        for address in [from, to] {
            // What is plain needs no closer look.
            if !message::is_in_form(address) && address.parse::<Address>().is_err() {
                return Err(format!("{} is no address", role(address, to)));
            }
        }
        let features = self.smtp.server_info();
        let mut options = String::new();
        if !from.is_ascii() || !to.is_ascii() {
            if !features.supports_feature(Extension::SmtpUtfEight) {
                return Err("5.6.7 the address has letters that this mail server does not take (no SMTPUTF8)".into());
            }
            options.push_str(" SMTPUTF8");
        }
        if !bytes.is_ascii() {
            if !features.supports_feature(Extension::EightBitMime) {
                return Err("5.6.1 the mail has bytes that this mail server does not take (no 8BITMIME)".into());
            }
            options.push_str(" BODY=8BITMIME");
        }
        let mail = ["MAIL FROM:<", from, ">", &options, "\r\n"].concat();
        Ok((mail, ["RCPT TO:<", to, ">\r\n"].concat()))
    }

    async fn step(&mut self, limit: Duration, command: impl std::fmt::Display) -> Result<Response, Fault> {
        outcome_of(timeout(limit, self.smtp.command(command)).await)
    }

    async fn reply(&mut self, limit: Duration) -> Result<Response, Fault> {
        outcome_of(timeout(limit, self.smtp.read_response()).await)
    }
}

impl Ready {
    /// Hands the mail over.
    pub async fn hand_over(self, bytes: &[u8]) -> (Outcome, Option<Connection>) {
        let Ready(mut connection) = self;
        let limits = connection.timeouts;
        // One block: a mail is far smaller than what the way to the server holds.
        let limit = limits.block.max(limits.dot);
        let step = match std::str::from_utf8(bytes) {
            Ok(text) => connection.step(limit, stuffed(text)).await,
            Err(_) => {
                let bytes = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
                outcome_of(timeout(limit, connection.smtp.message(bytes)).await)
            }
        };
        match step {
            Ok(response) => {
                connection.sent += 1;
                (Outcome::Sent(reply(&response)), Some(connection))
            }
            Err(Fault::Refused(code, text)) => {
                let kept = (code != 421).then_some(connection);
                (Outcome::Refused(Refusal::new(Phase::Dot, code, &text)), kept)
            }
            Err(Fault::Lost(why)) => (Outcome::InDoubt(why), None),
        }
    }
}

/// A mail as it goes over the wire: dots at the beginning of lines doubled, and the final dot
/// (RFC 5321 section 4.5.2). Its lines end in CRLF and hold no other break.
fn stuffed(text: &str) -> String {
    let mut wire = String::with_capacity(text.len() + 64);
    if text.starts_with('.') {
        wire.push('.');
    }
    // What needs no change is most of it, and goes in one piece.
    let mut from = 0;
    for at in memchr::memmem::find_iter(text.as_bytes(), b"\r\n.") {
        wire.push_str(&text[from..at + 2]);
        wire.push('.');
        from = at + 2;
    }
    wire.push_str(&text[from..]);
    wire.push_str(if text.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" });
    wire
}

fn refused(phase: Phase, step: Result<Response, Fault>) -> Result<(), (Phase, Fault)> {
    step.map(|_| ()).map_err(|fault| (phase, fault))
}

fn role(text: &str, to: &str) -> &'static str {
    if text == to { "the recipient's" } else { "the sender's" }
}

/// A step of the connection's beginning, within its time.
async fn within<T>(
    limit: Duration,
    step: &str,
    work: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, NotConnected> {
    match timeout(limit, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) if error.is_permanent() => {
            let text = std::error::Error::source(&error)
                .map(ToString::to_string)
                .unwrap_or_default();
            let code = error.status().map_or(String::new(), |code| code.to_string());
            Err(NotConnected::Refused(one_line(&format!("at {step}: {code} {text}"))))
        }
        // It offers no way to log in that we know.
        Ok(Err(error)) if error.is_client() => Err(NotConnected::Refused(one_line(&format!("at {step}: {error}")))),
        Ok(Err(error)) => Err(not_connected(&format!("at {step}"), &error)),
        Err(_) => Err(NotConnected::Unreachable(format!(
            "at {step}: the mail server did not answer in time"
        ))),
    }
}

/// A certificate that does not fit is no passing trouble.
fn not_connected(place: &str, error: &(dyn std::error::Error + 'static)) -> NotConnected {
    match stream::certificate_fault(error) {
        Some(fault) => NotConnected::Refused(one_line(&format!(
            "{place}: the mail server's certificate cannot be trusted: {fault}"
        ))),
        None => {
            let mut words = error.to_string();
            let mut source = error.source();
            while let Some(cause) = source {
                words = format!("{words}: {cause}");
                source = cause.source();
            }
            NotConnected::Unreachable(one_line(&format!("{place}: {words}")))
        }
    }
}

fn outcome_of(
    step: Result<Result<Response, lettre::transport::smtp::Error>, tokio::time::error::Elapsed>,
) -> Result<Response, Fault> {
    use std::error::Error;
    let error = match step {
        Ok(Ok(response)) => return Ok(response),
        Ok(Err(error)) => error,
        Err(_) => return Err(Fault::Lost("the mail server did not answer in time".into())),
    };
    // Neither transient nor permanent: no reply came. That is no refusal.
    match error.status().and_then(|code| code.to_string().parse().ok()) {
        Some(code) => {
            let text = error.source().map(ToString::to_string).unwrap_or_default();
            Err(Fault::Refused(code, one_line(&text)))
        }
        None => Err(Fault::Lost(error.to_string())),
    }
}

fn reply(response: &Response) -> String {
    let text: Vec<&str> = response.message().collect();
    one_line(&format!("{} {}", response.code(), text.join(" ")))
}

/// A reply is shown in lists: one line, and not a long one.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_that_begins_a_line_is_doubled_and_the_last_one_ends_the_mail() {
        assert_eq!(stuffed("a\r\n.\r\n..b\r\nc.\r\n"), "a\r\n..\r\n...b\r\nc.\r\n.\r\n");
        assert_eq!(stuffed(".a"), "..a\r\n.\r\n");
        assert_eq!(stuffed("a\r\n.\r\n.\r\nMAIL"), "a\r\n..\r\n..\r\nMAIL\r\n.\r\n");
    }
}
