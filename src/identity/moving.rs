//! A contact moved to another company; its answers stay where they were given.

use chrono::NaiveDateTime;

use super::{Refusal, queries};
use crate::audit;
use crate::companies::contacts;
use crate::companies::listing::{self, Viewer};
use crate::ids::ContactId;
use crate::store::{Conn, lock_contacts};

/// To the company of that external id; `None`: to none. Mails of drips that it is in go on for the new
/// company from their next step.
pub fn move_contact(
    conn: &mut Conn,
    now: NaiveDateTime,
    viewer: &Viewer,
    contact: &str,
    company: Option<&str>,
    by: &str,
) -> Result<ContactId, Refusal> {
    let found = contacts::find(conn, viewer, contact)?;
    let found = found.ok_or_else(|| Refusal::UnknownContact(contact.to_owned()))?;
    let company = match company {
        Some(external_id) => {
            let company = listing::find(conn, viewer, external_id)?;
            Some(company.ok_or_else(|| Refusal::UnknownCompany(external_id.to_owned()))?)
        }
        None => None,
    };
    if found.company.as_deref() == company.as_ref().map(|company| company.external_id.as_str()) {
        return Ok(found.id);
    }
    lock_contacts(conn, &[found.id])?;
    queries::set_company_of(conn, now, found.id, company.as_ref().map(|company| company.id))?;
    let words = |name: Option<&str>| name.unwrap_or("no company").to_owned();
    let detail = format!(
        "from {} to {}",
        words(found.company.as_deref()),
        words(company.as_ref().map(|company| company.external_id.as_str()))
    );
    audit::note(conn, now, by, "contact.move", &audit::of_contact(found.id), &detail)?;
    Ok(found.id)
}
