//! A test mail: a step's letter as a contact would get it, sent to whoever looks after the drip.
//!
//! It is none of the outbox and makes no invitation. Its links open the pages that the contact would
//! see and record nothing: [`crate::respond`] looks them up where it knows a token itself not.

mod queries;

use chrono::{NaiveDateTime, TimeDelta};

pub use self::queries::LinkRow;
use super::claim::Unwritten;
use super::{preview, rules, step};
use crate::mail::letterhead::Letterhead;
use crate::mail::token::{self, Purpose};
use crate::mail::transport::{Outcome, Server};
use crate::mail::{captured, letters, suppression};
use crate::store::{self, Conn, Db};
use crate::text::fold;
use crate::{audit, design};

/// A test mail ready to be handed over.
#[derive(Debug, Clone)]
pub struct Trial {
    pub from: String,
    pub to: String,
    pub subject: String,
    pub bytes: Vec<u8>,
}

/// Why there is no test mail.
#[derive(Debug)]
pub enum Refusal {
    UnknownDrip,
    UnknownStep,
    UnknownContact,
    /// Names of merge fields.
    Blank(Vec<&'static str>),
    /// The recipient gets no mail any more, and why.
    Suppressed(String),
    Unsendable(String),
    Store(store::Error),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Refusal {
        Refusal::Store(error)
    }
}

/// For so long the links of a test mail open.
const OPEN_DAYS: i64 = 30;

/// Writes the letter of the step (from 0) as `contact` would get it, for `to`, and keeps the hashes
/// of its links.
pub fn prepare(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    to: &str,
    drip: &str,
    number: i32,
    contact: &str,
) -> Result<Trial, Refusal> {
    let design = design::current(conn)?;
    let drip = design.framework.drip(drip).ok_or(Refusal::UnknownDrip)?;
    let step = step::step_of(drip, number).ok_or(Refusal::UnknownStep)?;
    let address = fold::email(to).ok_or_else(|| Refusal::Unsendable("your address takes no mail".into()))?;
    if let Some(why) = suppression::find(conn, &address.folded(), &drip.code)? {
        return Err(Refusal::Suppressed(why));
    }
    let (reader, _) = preview::find_reader(conn, contact)?.ok_or(Refusal::UnknownContact)?;
    let nonce = token::nonce();
    let links = letterhead.links(&nonce, rules::asks(step));
    let written = match preview::write(conn, letterhead, &design, step, &reader, None, &links)? {
        Ok(written) => written,
        Err(Unwritten::Blank(fields)) => return Err(Refusal::Blank(fields)),
        Err(Unwritten::NoStep) => return Err(Refusal::UnknownStep),
    };
    let subject = format!("[Test] {}", written.subject);
    let bytes = preview::compose(letterhead, now, address.as_str(), &subject, &written, &links, &nonce)
        .map_err(Refusal::Unsendable)?;
    if bytes.len() > letters::MOST_BYTES {
        return Err(Refusal::Unsendable("the mail is larger than 100 KB".into()));
    }
    queries::delete_links_before(conn, now - TimeDelta::days(OPEN_DAYS))?;
    let hashes: Vec<(Purpose, String)> = letterhead
        .hashes(&nonce)
        .into_iter()
        .filter(|(purpose, _)| *purpose != Purpose::Bounce)
        .collect();
    queries::insert_links(conn, now, to, &drip.code, number, reader.contact, &hashes)?;
    let detail = format!("step {} as {}", number + 1, reader.external_id);
    audit::note(conn, now, to, "drip test mail", &drip.code, &detail)?;
    Ok(Trial {
        from: letterhead.envelope_from(&nonce),
        to: address.as_str().to_owned(),
        subject,
        bytes,
    })
}

/// Hands it over on a connection of its own, or keeps it where no server is set. Whatever is paused
/// or waits has no say in it. The inner error is what to tell the user.
pub async fn hand_over(
    db: &Db,
    now: NaiveDateTime,
    server: Option<&Server>,
    trial: Trial,
) -> store::Result<Result<(), String>> {
    let Some(server) = server else {
        let keep = move |conn: &mut Conn| captured::keep_trial(conn, now, &trial.to, &trial.subject, &trial.bytes);
        return db.write(keep).await.map(Ok);
    };
    let connection = match server.connect().await {
        Ok(connection) => connection,
        Err(why) => return Ok(Err(why.to_string())),
    };
    let (outcome, _) = connection.send(&trial.from, &trial.to, &trial.bytes).await;
    Ok(match outcome {
        Outcome::Sent(_) => Ok(()),
        Outcome::Refused(refusal) => Err(format!("the mail server refused it: {refusal}")),
        Outcome::Lost { why, .. } | Outcome::Unsendable(why) => Err(why),
        Outcome::InDoubt(why) => Err(format!("it may have arrived: {why}")),
    })
}

/// What a test mail's link stands for.
pub fn find(conn: &mut Conn, now: NaiveDateTime, purpose: Purpose, given: &str) -> store::Result<Option<LinkRow>> {
    match token::read(given) {
        Some(token) => queries::find_link(conn, now - TimeDelta::days(OPEN_DAYS), purpose, &token::hash(&token)),
        None => Ok(None),
    }
}
