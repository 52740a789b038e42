//! Everything held about one contact: shown, handed out, removed.
//!
//! [`held`] is the whole of it, as the contact's page and the export show it. [`erase`] takes it away
//! in one transaction, with the mails that wait and the links that were sent; what stays is an address
//! nobody can read, so that an import does not bring its owner back onto the list, and the bare fact
//! in the audit log. What a contact asks for itself comes by `respond`.

mod erasure;
mod queries;
pub mod rules;

use chrono::NaiveDateTime;

use crate::audit;
use crate::companies::contacts;
use crate::companies::listing::Viewer;
use crate::conversations::{self, ConversationRow};
use crate::ids::ContactId;
use crate::mail::{suppression, wishes};
use crate::store::{self, Conn};

pub use erasure::{Erased, Who, erase};
pub use queries::{
    AnswerRow, CapturedRow, CodingRow, EnrolmentRow, IncomingRow, InvitationRow, MailRow, PersonRow, StrikeRow, SumRow,
    TestRow, TransactionRow,
};

/// All that stands anywhere about one contact. Lists are oldest first.
#[derive(Debug, Clone)]
pub struct Held {
    pub person: PersonRow,
    /// Imported columns that have no meaning of their own, by name.
    pub attributes: Vec<(String, String)>,
    pub enrolments: Vec<EnrolmentRow>,
    pub invitations: Vec<InvitationRow>,
    pub mails: Vec<MailRow>,
    /// Where no mail server is set: what was kept instead of sent.
    pub captured: Vec<CapturedRow>,
    pub answers: Vec<AnswerRow>,
    /// What colleagues made of those in own words.
    pub codings: Vec<CodingRow>,
    /// What its answers add up to, for its company's scores.
    pub sums: Vec<SumRow>,
    pub transactions: Vec<TransactionRow>,
    /// Calls, mails and meetings that colleagues noted, the newest first.
    pub conversations: Vec<ConversationRow>,
    /// What came back: replies, bounces, out-of-office notes.
    pub incoming: Vec<IncomingRow>,
    /// What is stopped, with the reasons: the drip's code, '' for all.
    pub suppressions: Vec<(String, String)>,
    pub wishes: wishes::Wish,
    pub strikes: Option<StrikeRow>,
    /// Test mails that colleagues made as this contact would get them.
    pub tests: Vec<TestRow>,
    /// What was done with it, by whom.
    pub deeds: Vec<audit::Entry>,
}

/// The contact of that external id, unless it is none of the viewer's business.
pub fn find(conn: &mut Conn, viewer: &Viewer, external_id: &str) -> store::Result<Option<ContactId>> {
    Ok(contacts::find(conn, viewer, external_id)?.map(|contact| contact.id))
}

/// `None`: there is no such contact.
pub fn held(conn: &mut Conn, contact: ContactId) -> store::Result<Option<Held>> {
    let Some(person) = queries::find_person(conn, contact)? else {
        return Ok(None);
    };
    let key = person.email_key.clone();
    Ok(Some(Held {
        attributes: queries::list_attributes(conn, contact)?,
        enrolments: queries::list_enrolments(conn, contact)?,
        invitations: queries::list_invitations(conn, contact)?,
        mails: queries::list_mails(conn, contact)?,
        captured: queries::list_captured(conn, contact)?,
        answers: queries::list_answers(conn, contact)?,
        codings: queries::list_codings(conn, contact)?,
        sums: queries::list_sums(conn, contact)?,
        transactions: queries::list_transactions(conn, contact)?,
        conversations: conversations::list_of_contact(conn, contact, i64::MAX)?,
        incoming: queries::list_incoming(conn, contact)?,
        suppressions: suppression::list(conn, &key)?,
        wishes: wishes::find(conn, &key)?,
        strikes: queries::find_strikes(conn, &key)?,
        tests: queries::list_tests(conn, contact)?,
        deeds: audit::list_about(conn, &audit::of_contact(contact))?,
        person,
    }))
}

/// A contact's way through each of its drips, the oldest first.
pub fn enrolments(conn: &mut Conn, contact: ContactId) -> store::Result<Vec<EnrolmentRow>> {
    queries::list_enrolments(conn, contact)
}

/// How much is held about the owner of a mailed link, told without a word of what it says: the link
/// may have been passed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub answers: i64,
    pub transactions: i64,
    /// What came back: replies, bounces, out-of-office notes.
    pub incoming: i64,
    /// Mails that have left, the newest first.
    pub mails: Vec<SentMail>,
}

/// A mail that has left: the code of its drip, the step from 0, the nth mail of the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMail {
    pub at: NaiveDateTime,
    pub drip: String,
    pub step: i32,
    pub nth: i32,
}

pub fn summary(conn: &mut Conn, contact: ContactId) -> store::Result<Summary> {
    let mails = queries::list_mails(conn, contact)?.into_iter().rev();
    let sent = mails.filter_map(|mail| {
        Some(SentMail {
            at: mail.sent_at?,
            drip: mail.drip,
            step: mail.step,
            nth: mail.nth,
        })
    });
    Ok(Summary {
        mails: sent.collect(),
        answers: queries::count_answers(conn, contact)?,
        transactions: queries::count_transactions(conn, contact)?,
        incoming: queries::count_incoming(conn, contact)?,
    })
}

/// Notes that all of it was handed out.
pub fn note_export(conn: &mut Conn, now: NaiveDateTime, by: &str, contact: ContactId) -> store::Result<()> {
    audit::note(conn, now, by, "contact.export", &audit::of_contact(contact), "")
}
