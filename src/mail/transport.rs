//! The way out: one SMTP connection, driven step by step, each step within its own time.
//!
//! A connection belongs to whoever opened it and handles one mail at a time; a step that runs out
//! of time or breaks the protocol ends the connection, because nobody knows any more which reply
//! belongs to what. Pooled transports are not used: they hand such connections on.

pub mod message;

use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;
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
    sent: u32,
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotConnected(pub String);

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

/// How one step went wrong.
enum Fault {
    Refused(u16, String),
    Lost(String),
}

impl Server {
    /// Connects, encrypts as set, logs in. Never longer than four times the greeting's limit.
    pub async fn connect(&self) -> Result<Connection, NotConnected> {
        let hello = ClientId::default();
        let limit = self.timeouts.greeting;
        let mut smtp = self.greet(&hello).await?;
        let offered = smtp.can_starttls();
        match self.smtp.security {
            Security::Required if !offered => {
                return Err(NotConnected(
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
        Ok(Connection {
            smtp,
            timeouts: self.timeouts,
            sent: 0,
        })
    }

    async fn greet(&self, hello: &ClientId) -> Result<AsyncSmtpConnection, NotConnected> {
        let place = (self.smtp.host.as_str(), self.smtp.port);
        let limit = self.timeouts.greeting;
        if self.smtp.security == Security::Implicit {
            let opened = AsyncSmtpConnection::connect_tokio1(place, Some(limit), hello, Some(self.tls()?), None);
            return within(limit, "the greeting", opened).await;
        }
        let stream = timeout(limit, TcpStream::connect(place))
            .await
            .map_err(|_| NotConnected(format!("{}:{} did not answer in time", place.0, place.1)))?
            .map_err(|error| NotConnected(format!("{}:{}: {error}", place.0, place.1)))?;
        // A mail is two small writes: without this the second waits 40 ms for the first's receipt.
        stream
            .set_nodelay(true)
            .map_err(|error| NotConnected(error.to_string()))?;
        let opened = AsyncSmtpConnection::connect_with_transport(Box::new(stream), hello);
        within(limit, "the greeting", opened).await
    }

    fn tls(&self) -> Result<TlsParameters, NotConnected> {
        TlsParameters::new(self.smtp.host.clone()).map_err(|error| NotConnected(error.to_string()))
    }
}

impl Connection {
    /// Hands one mail to one recipient over; gives the connection back where it is still good.
    pub async fn send(mut self, from: &str, to: &str, bytes: &[u8]) -> (Outcome, Option<Connection>) {
        let (mail, rcpt) = match self.commands(from, to, bytes) {
            Ok(commands) => commands,
            Err(why) => return (Outcome::Unsendable(why), Some(self)),
        };
        let limits = self.timeouts;
        if let Err(fault) = self.step(limits.mail, mail).await {
            return self.put_off(Phase::Mail, fault).await;
        }
        if let Err(fault) = self.step(limits.rcpt, rcpt).await {
            return self.put_off(Phase::Rcpt, fault).await;
        }
        if let Err(fault) = self.step(limits.data, Data).await {
            return self.put_off(Phase::Data, fault).await;
        }
        // One block: a mail is far smaller than what the way to the server holds.
        let handed_over = timeout(limits.block + limits.dot, self.smtp.message(without_last_break(bytes))).await;
        match outcome_of(handed_over) {
            Ok(response) => {
                self.sent += 1;
                (Outcome::Sent(reply(&response)), Some(self))
            }
            Err(Fault::Refused(code, text)) => {
                let kept = (code != 421).then_some(self);
                (Outcome::Refused(Refusal::new(Phase::Dot, code, &text)), kept)
            }
            Err(Fault::Lost(why)) => (Outcome::InDoubt(why), None),
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

    /// MAIL and RCPT, or why this server cannot be asked.
    fn commands(&self, from: &str, to: &str, bytes: &[u8]) -> Result<(Mail, Rcpt), String> {
        let address = |text: &str| {
            text.parse::<Address>()
                .map_err(|_| format!("{} is no address", role(text, to)))
        };
        let (from, to) = (address(from)?, address(to)?);
        let features = self.smtp.server_info();
        let mut options = Vec::new();
        let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        if !is_ascii(&from) || !is_ascii(&to) {
            if !features.supports_feature(Extension::SmtpUtfEight) {
                return Err("5.6.7 the address has letters that this mail server does not take (no SMTPUTF8)".into());
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        if !bytes.is_ascii() {
            if !features.supports_feature(Extension::EightBitMime) {
                return Err("5.6.1 the mail has bytes that this mail server does not take (no 8BITMIME)".into());
            }
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok((Mail::new(Some(from), options), Rcpt::new(to, Vec::new())))
    }

    async fn step(&mut self, limit: Duration, command: impl std::fmt::Display) -> Result<Response, Fault> {
        outcome_of(timeout(limit, self.smtp.command(command)).await)
    }

    /// After a fault before the mail was on its way: a refusal leaves a good connection behind.
    async fn put_off(mut self, phase: Phase, fault: Fault) -> (Outcome, Option<Connection>) {
        match fault {
            Fault::Lost(why) => (Outcome::Lost { phase, why }, None),
            Fault::Refused(code, text) => {
                let limit = self.timeouts.mail;
                let kept = code != 421 && self.step(limit, Rset).await.is_ok();
                (Outcome::Refused(Refusal::new(phase, code, &text)), kept.then_some(self))
            }
        }
    }
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
        Ok(Err(error)) => Err(NotConnected(format!("at {step}: {error}"))),
        Err(_) => Err(NotConnected(format!(
            "at {step}: the mail server did not answer in time"
        ))),
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

/// The dot brings a line break of its own.
fn without_last_break(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(b"\r\n").unwrap_or(bytes)
}
