//! Calls, mails and meetings with contacts: noted, and what was said in them taken as answers.
//!
//! Answers given on a contact's behalf go the one way in for all answers (`needs::take`), with the
//! kind of conversation as their channel and the colleague as their author. Which questions would tell
//! most about the company is what an adaptive step would ask (`drip::adaptive`).

mod queries;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::answers::{Channel, Incoming, NewAnswer, Origin};
use crate::audit;
use crate::companies::contacts;
use crate::companies::listing::Listed;
use crate::design::{Design, QuestionVersion};
use crate::drip::adaptive;
use crate::framework::{Adaptive, Kind};
use crate::ids::{CompanyId, ContactId};
use crate::needs;
use crate::store::{self, Conn};

pub use queries::ConversationRow;

/// How somebody was spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    Call,
    Mail,
    Meeting,
}

impl Spoken {
    pub const ALL: [Spoken; 3] = [Spoken::Call, Spoken::Mail, Spoken::Meeting];

    pub fn as_str(self) -> &'static str {
        match self {
            Spoken::Call => "call",
            Spoken::Mail => "mail",
            Spoken::Meeting => "meeting",
        }
    }

    pub fn parse(text: &str) -> Option<Spoken> {
        Spoken::ALL.into_iter().find(|spoken| spoken.as_str() == text)
    }

    fn channel(self) -> Channel {
        match self {
            Spoken::Call => Channel::Call,
            Spoken::Mail => Channel::Mail,
            Spoken::Meeting => Channel::Meeting,
        }
    }
}

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 10_000;

/// A conversation to be noted.
pub struct New<'a> {
    pub company: CompanyId,
    pub contact: ContactId,
    pub spoken: Spoken,
    pub held_on: NaiveDate,
    pub note: &'a str,
    pub answers: Vec<NewAnswer>,
}

/// Notes the conversation and takes what was answered in it.
pub fn note(conn: &mut Conn, now: NaiveDateTime, new: &New<'_>, by: &str) -> store::Result<()> {
    let questions: std::collections::BTreeSet<&str> =
        new.answers.iter().map(|answer| answer.question.as_str()).collect();
    queries::insert(conn, now, new, questions.len() as i32, by)?;
    // Of an earlier day the hour is not known; one of today is of now.
    let noon = new.held_on.and_time(NaiveTime::MIN) + chrono::TimeDelta::hours(12);
    let at = match new.held_on == now.date() {
        true => now,
        false => noon.min(now),
    };
    let origin = Origin {
        channel: new.spoken.channel(),
        author: Some(by.to_owned()),
        invitation: None,
        suspect: false,
        late: false,
    };
    let incoming: Vec<Incoming> = new
        .answers
        .iter()
        .map(|answer| Incoming {
            company: new.company,
            contact: new.contact,
            answer: answer.clone(),
            at,
            origin: origin.clone(),
        })
        .collect();
    if !incoming.is_empty() {
        needs::take(conn, now, &incoming)?;
    }
    let detail = format!("{} on {}", new.spoken.as_str(), new.held_on);
    audit::note(
        conn,
        now,
        by,
        "conversation.note",
        &audit::of_contact(new.contact),
        &detail,
    )
}

/// Questions of a guide.
const GUIDED: u32 = 5;

/// Which questions would tell most about the contact's company, the most telling first; each that the
/// contact has not answered yet.
pub fn guide(
    conn: &mut Conn,
    design: &Design,
    contact: ContactId,
) -> store::Result<Vec<std::sync::Arc<QuestionVersion>>> {
    let sets = design.framework.question_sets.iter();
    let pool = Adaptive {
        pool: sets.map(|set| set.code.clone()).collect(),
        ask: GUIDED,
        stop_at_confidence: None,
    };
    let mut chosen = adaptive::choose_for(conn, design, &pool, contact)?;
    chosen.retain(|version| !matches!(version.question.kind, Kind::Text { .. }));
    Ok(chosen)
}

/// With whom of the company one can speak.
pub fn list_people(conn: &mut Conn, company: &Listed) -> store::Result<Vec<contacts::Listed>> {
    contacts::list_of_company(conn, company.id)
}

/// The newest first.
pub fn list_of_company(conn: &mut Conn, company: CompanyId, most: i64) -> store::Result<Vec<ConversationRow>> {
    queries::list_of_company(conn, company, most)
}

/// The newest first.
pub fn list_of_contact(conn: &mut Conn, contact: ContactId, most: i64) -> store::Result<Vec<ConversationRow>> {
    queries::list_of_contact(conn, contact, most)
}
