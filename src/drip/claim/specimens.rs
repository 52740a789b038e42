//! The specimens of letters: each letter as it would go to nobody in particular.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use chrono::NaiveDateTime;

use super::drafts;
use super::letter::{self, Then};
use super::queries::{DealRow, PersonRow, SituationRow};
use crate::drip::queries::InvitationRow;
use crate::mail::letterhead::Letterhead;
use crate::mail::letters::Written;
use crate::mail::specimen::Specimen;
use crate::store::{self, Conn};

/// What a letter's words hang on, but for those of its recipient.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Letter {
    framework: i64,
    drip: String,
    step: i32,
    is_reminder: bool,
    segment: Option<String>,
    language: Option<String>,
    base_url: String,
}

/// More letters than these at once are no rule; then they begin anew.
const MOST: usize = 64;

static KNOWN: LazyLock<RwLock<HashMap<Letter, Arc<Specimen>>>> = LazyLock::new(RwLock::default);

/// The specimen of the letter that is written in this situation. One that fits badly, because
/// something changed that a letter hangs on, costs room and nothing else.
pub fn of(
    conn: &mut Conn,
    letterhead: &Letterhead,
    now: NaiveDateTime,
    then: &mut Then,
    situation: &SituationRow,
    nth: i32,
) -> store::Result<Arc<Specimen>> {
    let letter = Letter {
        framework: situation.invitation.framework_id.0,
        drip: situation.invitation.drip.clone(),
        step: situation.invitation.framework_step,
        is_reminder: nth > 0,
        segment: situation.segment.clone(),
        language: situation.language.clone(),
        base_url: letterhead.base_url.to_string(),
    };
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&letter) {
        return Ok(known.clone());
    }
    let nobody = nobody(now, situation);
    // A letter that nobody can be written has nothing in common with the others.
    let written = letter::write(conn, letterhead, then, &nobody, nth)?.unwrap_or_else(|_| Written {
        subject: String::new(),
        text: String::new(),
        html: String::new(),
        language: String::new(),
    });
    let nonce = &nobody.invitation.nonce;
    let message_id = letterhead.message_id(nonce, nth);
    let composed = drafts::compose(letterhead, now, &nobody.email, &written, nonce, &message_id);
    let specimen = Arc::new(Specimen::new(composed.unwrap_or_default()));
    let mut all = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= MOST {
        all.clear();
    }
    all.insert(letter, specimen.clone());
    Ok(specimen)
}

/// The same situation, and nobody in it.
fn nobody(now: NaiveDateTime, situation: &SituationRow) -> SituationRow {
    SituationRow {
        email: "nobody@example.invalid".into(),
        email_key: "nobody@example.invalid".into(),
        time_zone: None,
        company_time_zone: None,
        enrolment_cause: None,
        transaction_id: None,
        invitation: InvitationRow {
            nonce: "nobody".into(),
            ..situation.invitation.clone()
        },
        person: PersonRow {
            first_name: Some("Somebody".into()),
            last_name: Some("Somebody".into()),
            role: Some("somebody".into()),
        },
        company: "Somebody".into(),
        deal: Some(DealRow {
            product: Some("something".into()),
            occurred_at: now,
        }),
        ..situation.clone()
    }
}
