//! Somebody is removed: from every table, in one transaction.

mod queries;

use chrono::NaiveDateTime;

use crate::answers;
use crate::audit;
use crate::config::SecretKey;
use crate::ids::ContactId;
use crate::mail::outbox::{self, UnderWay};
use crate::mail::suppression::{self, Scope};
use crate::mail::wishes;
use crate::needs;
use crate::store::{self, Conn, ScoresLock, Turn, lock_companies, lock_contacts, lock_mails, lock_scores, take_turn};
use crate::text::figures;

/// Whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Contact(ContactId),
    /// Whoever has that folded address, under whatever names it was imported.
    Address(String),
}

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The folded addresses to which nothing goes any more.
    pub email_keys: Vec<String>,
    /// Mails to them were claimed: one that nobody has begun with may still begin for a moment.
    pub was_under_way: bool,
}

/// Removes all that is held, cancels what waits, and makes the links open nothing. A mail that is
/// being handed over at this moment may still leave; its result changes nothing, as its row is gone.
/// `None`: there is nobody to remove. The database's log is swept afterwards: [`store::Db::sweep_log`].
pub fn erase(
    conn: &mut Conn,
    now: NaiveDateTime,
    key: &SecretKey,
    by: &str,
    who: &Who,
) -> store::Result<Option<Erased>> {
    // Steps are made and mails claimed either before all of this or after it.
    take_turn(conn, Turn::Steps)?;
    take_turn(conn, Turn::Claims)?;
    let people = queries::list_people(conn, who)?;
    if people.is_empty() {
        return Ok(None);
    }
    let ids: Vec<ContactId> = people.iter().map(|person| person.id).collect();
    hold(conn, &ids, &people)?;
    let spellings = spellings(queries::list_addresses(conn, &ids)?, &people);
    let removed = queries::count_held(conn, &ids)?;
    for id in &ids {
        needs::forget_contact(conn, now, *id)?;
    }
    let mut was_under_way = false;
    for person in &people {
        was_under_way |= outbox::count_under_way(conn, UnderWay::To(&person.email_key))? > 0;
    }
    queries::delete_mails(conn, &ids)?;
    queries::delete_invitations(conn, &ids)?;
    queries::delete_contacts(conn, &ids)?;
    let mut email_keys: Vec<String> = people.into_iter().map(|person| person.email_key).collect();
    email_keys.retain(|email_key| !email_key.is_empty());
    email_keys.sort();
    email_keys.dedup();
    forget_addresses(conn, now, key, &email_keys)?;
    scrub(conn, &spellings)?;
    for id in &ids {
        let detail = format!(
            "{} and {} removed with it",
            figures::counted(removed.answers, "answer", "answers"),
            figures::counted(removed.mails, "mail", "mails")
        );
        audit::note(conn, now, by, "contact.erase", &audit::of_contact(*id), &detail)?;
    }
    Ok(Some(Erased {
        email_keys,
        was_under_way,
    }))
}

/// In the order in which answers and results of mails take the same rows, so that nobody waits in a ring.
fn hold(conn: &mut Conn, ids: &[ContactId], people: &[queries::Person]) -> store::Result<()> {
    lock_mails(conn, ids)?;
    let mut companies: Vec<_> = people.iter().filter_map(|person| person.company_id).collect();
    for id in ids {
        companies.extend(answers::list_companies_of(conn, *id)?);
    }
    companies.sort_unstable();
    companies.dedup();
    lock_scores(conn, ScoresLock::Shared)?;
    lock_companies(conn, &companies)?;
    lock_contacts(conn, ids)
}

/// The addresses stay suppressed, each under a veil where nobody else here has it, else plainly.
fn forget_addresses(conn: &mut Conn, now: NaiveDateTime, key: &SecretKey, email_keys: &[String]) -> store::Result<()> {
    let shared = queries::list_shared(conn, email_keys)?;
    for email_key in email_keys {
        suppression::veil(conn, now, key, email_key)?;
        if shared.contains(email_key) {
            suppression::suppress(conn, now, email_key, Scope::All, suppression::ERASED)?;
        }
    }
    let alone: Vec<String> = email_keys
        .iter()
        .filter(|key| !shared.contains(*key))
        .cloned()
        .collect();
    suppression::forget(conn, &alone)?;
    wishes::forget(conn, &alone)?;
    queries::delete_strikes(conn, &alone)?;
    queries::delete_captured_to(conn, &alone)
}

/// As an address may be spelt in a log or a server's words, in lower case.
fn spellings(mut addresses: Vec<String>, people: &[queries::Person]) -> Vec<String> {
    addresses.extend(
        people
            .iter()
            .flat_map(|person| [person.email.clone(), person.email_key.clone()]),
    );
    let mut spellings: Vec<String> = addresses.iter().map(|address| address.to_lowercase()).collect();
    spellings.retain(|address| address.contains('@'));
    spellings.sort();
    spellings.dedup();
    spellings
}

const REMOVED: &str = "(removed)";

/// Takes the addresses out of what was written in words: the audit log, and why drips pause.
fn scrub(conn: &mut Conn, spellings: &[String]) -> store::Result<()> {
    for spelling in spellings {
        for (id, subject, detail) in queries::list_deeds_naming(conn, spelling)? {
            queries::update_deed(conn, id, &without(&subject, spelling), &without(&detail, spelling))?;
        }
        for (drip, cause) in queries::list_causes_naming(conn, spelling)? {
            queries::update_cause(conn, &drip, &without(&cause, spelling))?;
        }
        for (drip, domain, cause) in queries::list_holds_naming(conn, spelling)? {
            queries::update_hold(conn, &drip, &domain, &without(&cause, spelling))?;
        }
    }
    Ok(())
}

/// The text without that address, however its letters are cased. Lower-casing may move what is not
/// ASCII, so places are sought in the text itself.
fn without(text: &str, address: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let candidate = rest.get(..address.len());
        if candidate.is_some_and(|candidate| candidate.to_lowercase() == address) {
            clean.push_str(REMOVED);
            rest = &rest[address.len()..];
        } else {
            clean.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_goes_out_of_a_text_however_it_is_written_there() {
        let clean = without("to Ada@X.example, ada@x.example; not bob@x.example Ü", "ada@x.example");
        assert_eq!(clean, "to (removed), (removed); not bob@x.example Ü");
    }
}
