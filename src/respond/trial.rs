//! What the links of a test mail open: the pages that the contact would see. Nothing is recorded.

use chrono::NaiveDateTime;

use super::form::{self, Form, Heading};
use crate::design;
use crate::drip::queries::InvitationRow;
use crate::drip::{preview, step_of, trial};
use crate::ids::{EnrolmentId, InvitationId};
use crate::mail::letterhead::Letterhead;
use crate::mail::letters::Written;
use crate::mail::token::Purpose;
use crate::store::{self, Conn};

/// The form of a test mail's link, with `ticked` filled in. `None`: no such link.
pub fn form(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    given: &str,
    ticked: &[(String, String)],
) -> store::Result<Option<Form>> {
    let Some(link) = trial::find(conn, now, Purpose::Respond, given)? else {
        return Ok(None);
    };
    let Some(reader) = preview::reader_of(conn, link.contact_id)? else {
        return Ok(None);
    };
    let heading = Heading {
        company: reader.company_name,
        language: reader.language,
        preferences: String::new(),
    };
    // As if it had been made now: no such invitation stands in the database.
    let invitation = InvitationRow {
        id: InvitationId(0),
        enrolment_id: EnrolmentId(0),
        step: link.step,
        framework_step: link.step,
        drip: link.drip,
        contact_id: reader.contact,
        company_id: reader.company,
        framework_id: design::current(conn)?.id,
        nonce: "a test mail".to_owned(),
        made_at: now,
        first_sent_at: Some(now),
        closes_at: None,
        opened_at: None,
        answered_at: None,
        rev: 0,
    };
    let form = form::load(conn, letterhead, &invitation, heading, String::new())?;
    Ok(form.map(|form| form.filled(ticked)))
}

/// The letter of a test mail's link, as its contact would see it in the browser.
pub fn view(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    given: &str,
) -> store::Result<Option<Written>> {
    let Some(link) = trial::find(conn, now, Purpose::View, given)? else {
        return Ok(None);
    };
    let design = design::current(conn)?;
    let drip = design.framework.drip(&link.drip);
    let Some(step) = drip.and_then(|drip| step_of(drip, link.step)) else {
        return Ok(None);
    };
    let Some(reader) = preview::reader_of(conn, link.contact_id)? else {
        return Ok(None);
    };
    let links = preview::idle_links(letterhead, step);
    Ok(preview::write(conn, letterhead, &design, step, &reader, None, &links)?.ok())
}
