//! Letters put together, whether in the transaction that claims their mails or ahead of it.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};

use super::letter::{self, Then, Unwritten};
use super::queries::SituationRow;
use super::{Verdict, specimens};
use crate::ids::{FrameworkId, InvitationId, MailId};
use crate::mail::letterhead::Letterhead;
use crate::mail::letters::{self, Written};
use crate::mail::outbox::WaitingRow;
use crate::mail::specimen::Specimen;
use crate::mail::token;
use crate::mail::transport::message::{self, Parts};
use crate::store::{self, Conn};

/// A mail with a blank field is looked at again after so long: an import may have filled it.
const BLANK_MINUTES: i64 = 60;

/// What one mail says, and what of it is its own.
pub struct Draft {
    pub subject: String,
    pub bytes: Vec<u8>,
    pub specimen: Arc<Specimen>,
    pub changes: Vec<u8>,
}

/// Letters written ahead, with all that they were written from.
#[derive(Default)]
pub struct Drafts {
    framework: Option<FrameworkId>,
    situations: HashMap<InvitationId, SituationRow>,
    letters: HashMap<MailId, Draft>,
}

impl Drafts {
    pub(super) fn new(
        framework: FrameworkId,
        situations: HashMap<InvitationId, SituationRow>,
        letters: HashMap<MailId, Draft>,
    ) -> Drafts {
        Drafts {
            framework: Some(framework),
            situations,
            letters,
        }
    }

    /// The mail's letter, unless something has changed since that it may hang on.
    pub(super) fn take(
        &mut self,
        mail: &WaitingRow,
        framework: FrameworkId,
        situation: &SituationRow,
    ) -> Option<Draft> {
        let still_says =
            self.framework == Some(framework) && self.situations.get(&mail.invitation_id) == Some(situation);
        self.letters.remove(&mail.id).filter(|_| still_says)
    }
}

/// Puts a mail together; else, says what is to be done with it.
pub(super) fn write(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    then: &mut Then,
    situation: &SituationRow,
    nth: i32,
) -> store::Result<Result<Draft, Verdict>> {
    let written = match letter::write(conn, letterhead, then, situation, nth)? {
        Ok(written) => written,
        Err(Unwritten::Blank(fields)) => {
            let why = format!("{} is blank and has no fallback", fields.join(", "));
            return Ok(Err(Verdict::Wait(now + TimeDelta::minutes(BLANK_MINUTES), why)));
        }
        Err(Unwritten::NoStep) => return Ok(Err(Verdict::Needless("the step has nothing to send".into()))),
    };
    let nonce = &situation.invitation.nonce;
    let message_id = letterhead.message_id(nonce, nth);
    let bytes = match compose(letterhead, now, &situation.email, &written, nonce, &message_id) {
        Ok(bytes) if bytes.len() > letters::MOST_BYTES => {
            return Ok(Err(Verdict::Hopeless("the mail is larger than 100 KB".into())));
        }
        Ok(bytes) => bytes,
        Err(why) => return Ok(Err(Verdict::Hopeless(why))),
    };
    let specimen = specimens::of(conn, letterhead, now, then, situation, nth)?;
    Ok(Ok(Draft {
        subject: written.subject,
        changes: specimen.changes(&bytes),
        bytes,
        specimen,
    }))
}

pub(super) fn compose(
    letterhead: &Letterhead,
    now: NaiveDateTime,
    to: &str,
    written: &Written,
    nonce: &str,
    message_id: &str,
) -> Result<Vec<u8>, String> {
    message::compose(&Parts {
        from: &letterhead.from,
        to,
        subject: &written.subject,
        text: &written.text,
        html: &written.html,
        message_id,
        date: now,
        unsubscribe_url: &letterhead.unsubscribe_link(nonce),
        boundary: &token::hash(message_id)[..32],
        dkim: letterhead.dkim.as_ref(),
    })
}
