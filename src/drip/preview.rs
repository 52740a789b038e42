//! A step's letter as a chosen contact would get it, from a drip that need not be saved.

mod queries;

use chrono::NaiveDateTime;

use super::claim::{Unwritten, letter_of, translated};
use super::{queries as drips, questions, rules};
use crate::design::Design;
use crate::framework::{Drip, Framework, Step, StepContent, Trigger};
use crate::ids::{CompanyId, ContactId, TransactionId};
use crate::mail::fields;
use crate::mail::letterhead::Letterhead;
use crate::mail::letters::{self, Draft, Links, Written};
use crate::mail::token;
use crate::mail::transport::message::{self, Parts};
use crate::store::{self, Conn};

pub use self::queries::ReaderRow;

/// In whose stead a letter is read.
#[derive(Debug, Clone)]
pub struct Reader {
    pub contact: ContactId,
    pub company: CompanyId,
    /// The newest one, for the letters that speak of it.
    pub transaction: Option<TransactionId>,
    pub external_id: String,
    pub name: String,
    pub email: String,
    pub company_name: String,
    pub segment: Option<String>,
    pub language: Option<String>,
}

/// How many others with a like name are told.
const OTHERS: i64 = 5;

/// Whom a text means: by external id or address; else the first by name, with the others whom it
/// fits. A blank text means the first contact there is.
pub fn find_reader(conn: &mut Conn, sought: &str) -> store::Result<Option<(Reader, Vec<ReaderRow>)>> {
    let sought = sought.trim();
    let mut found = match sought {
        "" => queries::list_first(conn, 1)?,
        sought => match queries::find_exact(conn, sought)? {
            Some(row) => vec![row],
            None => queries::list_like(conn, sought, OTHERS + 1)?,
        },
    };
    if found.is_empty() {
        return Ok(None);
    }
    let first = found.remove(0);
    Ok(Some((reader(conn, first)?, found)))
}

/// The contact with this key.
pub fn reader_of(conn: &mut Conn, contact: ContactId) -> store::Result<Option<Reader>> {
    match queries::find(conn, contact)? {
        Some(row) => reader(conn, row).map(Some),
        None => Ok(None),
    }
}

fn reader(conn: &mut Conn, row: ReaderRow) -> store::Result<Reader> {
    Ok(Reader {
        transaction: queries::find_newest_transaction(conn, row.contact)?,
        name: row.name(),
        contact: row.contact,
        company: row.company,
        external_id: row.external_id,
        email: row.email,
        company_name: row.company_name,
        segment: row.segment,
        language: row.language,
    })
}

/// The external id of the first whom the drip would ask; blank where there is nobody.
pub fn first_of(conn: &mut Conn, now: NaiveDateTime, framework: &Framework, drip: &Drip) -> store::Result<String> {
    if drip.trigger == Trigger::Transaction
        && let Some(buyer) = queries::find_newest_buyer(conn)?
    {
        return Ok(buyer);
    }
    let threshold = framework.settings.tenure_threshold_months;
    let audience = &drip.audience.any_of;
    if !audience.is_empty() {
        let matching = drips::list_matching(conn, now.date(), threshold, audience, None)?;
        if let Some(first) = matching.into_iter().find(|row| row.company_id.is_some()) {
            return Ok(first.external_id);
        }
    }
    let first = queries::list_first(conn, 1)?.pop();
    Ok(first.map(|row| row.external_id).unwrap_or_default())
}

/// The links of a letter that is only looked at: as long as real ones, and they open nothing.
pub fn idle_links(letterhead: &Letterhead, step: &Step) -> Links {
    letterhead.links("a letter that is only looked at", rules::asks(step))
}

/// The letter. `variant` stands in for the segment of the reader's company.
pub fn write(
    conn: &mut Conn,
    letterhead: &Letterhead,
    design: &Design,
    step: &Step,
    reader: &Reader,
    variant: Option<&str>,
    links: &Links,
) -> store::Result<Result<Written, Unwritten>> {
    let Some(letter) = letter_of(step, variant.or(reader.segment.as_deref())) else {
        return Ok(Err(Unwritten::NoStep));
    };
    let (contact, company) = (reader.contact, reader.company);
    let fields = fields::load(conn, design, contact, company, reader.transaction, letterhead.sender())?;
    let language = reader.language.as_deref();
    let letter = letter.for_reader(language);
    let first = match is_first_in_mail(step) {
        true => questions::of_step(conn, design, step, contact, None)?
            .into_iter()
            .next(),
        false => None,
    };
    let tap = links.respond.as_ref().zip(first).and_then(|(respond, version)| {
        let question = &version.question;
        letters::tap(question, fields.fill(translated(question, language)), respond, language)
    });
    let draft = Draft {
        letter: &letter,
        is_reminder: false,
        fields: &fields,
        links,
        tap,
        postal_address: &letterhead.postal_address,
        language,
    };
    Ok(letters::write(&draft).map_err(|blank| Unwritten::Blank(blank.into_iter().map(|field| field.name()).collect())))
}

/// The whole message, as it would go over the wire; or why it cannot.
pub fn compose(
    letterhead: &Letterhead,
    now: NaiveDateTime,
    to: &str,
    subject: &str,
    written: &Written,
    links: &Links,
    nonce: &str,
) -> Result<Vec<u8>, String> {
    let message_id = letterhead.message_id(nonce, 0);
    message::compose(&Parts {
        from: &letterhead.from,
        to,
        subject,
        text: &written.text,
        html: &written.html,
        message_id: &message_id,
        date: now,
        unsubscribe_url: &links.unsubscribe,
        boundary: &token::hash(&message_id)[..32],
        dkim: letterhead.dkim.as_ref(),
    })
}

fn is_first_in_mail(step: &Step) -> bool {
    match &step.content {
        StepContent::Questions {
            first_question_in_mail, ..
        }
        | StepContent::Adaptive {
            first_question_in_mail, ..
        } => *first_question_in_mail,
        StepContent::Message { .. } => false,
    }
}
