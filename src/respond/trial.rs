//! What the links of a test mail open: the pages that the contact would see. Nothing is recorded.

use chrono::NaiveDateTime;

use super::form::{Form, Heading};
use super::paging::{Course, Given};
use super::{questionnaire, sitting};
use crate::design;
use crate::drip::{preview, step_of, trial};
use crate::mail::fields::{self, Fields};
use crate::mail::letterhead::Letterhead;
use crate::mail::letters::Written;
use crate::mail::token::Purpose;
use crate::store::{self, Conn};

/// The page of the form behind a test mail's link that the address names, with `asked` filled in, and
/// what its next page's address says, if there is one. `None`: no such link.
///
/// Nothing that is posted is known, so every page shows everything that may stand on it.
pub fn form(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    given: &str,
    asked: &[(String, String)],
) -> store::Result<Option<(Form, Option<String>)>> {
    let Some(link) = trial::find(conn, now, Purpose::Respond, given)? else {
        return Ok(None);
    };
    let Some(reader) = preview::reader_of(conn, link.contact_id)? else {
        return Ok(None);
    };
    let design = design::current(conn)?;
    let (contact, company) = (reader.contact, reader.company);
    // A link may be passed on: the page names the company, and nobody.
    let fields = Fields {
        first_name: None,
        last_name: None,
        email: None,
        ..fields::load(conn, &design, contact, company, reader.transaction, letterhead.sender())?
    };
    let heading = Heading {
        company: reader.company_name,
        language: reader.language,
        preferences: String::new(),
    };
    let drip = design.framework.drip(&link.drip);
    let Some(step) = drip.and_then(|drip| step_of(drip, link.step)) else {
        return Ok(None);
    };
    let Some(questionnaire) = questionnaire::of_step(conn, &design, step, (contact, None), heading, fields)? else {
        return Ok(None);
    };
    let nothing = Given::default();
    let course = Course::new(&questionnaire.versions, &nothing);
    let page = sitting::page(asked).filter(|page| *page < course.count()).unwrap_or(0);
    let next = (page + 1 < course.count()).then(|| format!("{}={}", sitting::PAGE, page + 2));
    Ok(Some((questionnaire.sample(&course, page).filled(asked), next)))
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
