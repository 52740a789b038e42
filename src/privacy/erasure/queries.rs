//! The SQL of a removal.

use std::collections::HashSet;

use diesel::prelude::*;

use super::Who;
use crate::companies::listing::pattern;
use crate::ids::{CompanyId, ContactId};
use crate::store::schema::{
    answers, audit_entries, captured_mails, contact_attributes, contacts, domain_holds, drips, enrolments,
    incoming_mails, invitations, link_tokens, outbox, strikes, test_links, transactions, visits,
};
use crate::store::{Conn, Result};

diesel::define_sql_function! {
    /// Both databases fold ASCII letters at least.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = contacts)]
pub struct Person {
    pub id: ContactId,
    pub company_id: Option<CompanyId>,
    pub email: String,
    pub email_key: String,
}

pub fn list_people(conn: &mut Conn, who: &Who) -> Result<Vec<Person>> {
    let mut people = contacts::table
        .order(contacts::id)
        .select(Person::as_select())
        .into_boxed();
    people = match who {
        Who::Contact(contact) => people.filter(contacts::id.eq(*contact)),
        Who::Address(email_key) => people.filter(contacts::email_key.eq(email_key.clone())),
    };
    people.load(conn)
}

/// Where their mails went.
pub fn list_addresses(conn: &mut Conn, ids: &[ContactId]) -> Result<Vec<String>> {
    outbox::table
        .filter(outbox::contact_id.eq_any(ids))
        .order(outbox::to_address)
        .select(outbox::to_address)
        .distinct()
        .load(conn)
}

pub struct Count {
    pub answers: i64,
    pub mails: i64,
}

pub fn count_held(conn: &mut Conn, ids: &[ContactId]) -> Result<Count> {
    let answers = answers::table.filter(answers::contact_id.eq_any(ids)).count();
    let mails = outbox::table.filter(outbox::contact_id.eq_any(ids)).count();
    Ok(Count {
        answers: answers.get_result(conn)?,
        mails: mails.get_result(conn)?,
    })
}

/// Their mails, sent, kept or waiting; what came back; the test mails made as theirs, which were
/// kept at the moment when their links were made.
pub fn delete_mails(conn: &mut Conn, ids: &[ContactId]) -> Result<()> {
    let mails = outbox::table
        .filter(outbox::contact_id.eq_any(ids))
        .select(outbox::id.nullable());
    diesel::delete(captured_mails::table.filter(captured_mails::mail_id.eq_any(mails))).execute(conn)?;
    let tests = test_links::table
        .filter(test_links::contact_id.eq_any(ids))
        .select(test_links::made_at);
    diesel::delete(captured_mails::table)
        .filter(captured_mails::mail_id.is_null())
        .filter(captured_mails::at.eq_any(tests))
        .execute(conn)?;
    let links = invitations::table
        .filter(invitations::contact_id.eq_any(ids))
        .select(invitations::id.nullable());
    diesel::delete(incoming_mails::table.filter(incoming_mails::invitation_id.eq_any(links))).execute(conn)?;
    diesel::delete(incoming_mails::table.filter(incoming_mails::contact_id.eq_any(ids))).execute(conn)?;
    diesel::delete(test_links::table.filter(test_links::contact_id.eq_any(ids))).execute(conn)?;
    diesel::delete(outbox::table.filter(outbox::contact_id.eq_any(ids))).execute(conn)?;
    Ok(())
}

/// Of a link only the hash stays, which opens nothing any more.
pub fn delete_invitations(conn: &mut Conn, ids: &[ContactId]) -> Result<()> {
    let invited = || {
        invitations::table
            .filter(invitations::contact_id.eq_any(ids))
            .select(invitations::id)
    };
    diesel::update(
        link_tokens::table.filter(link_tokens::invitation_id.eq_any(invited().select(invitations::id.nullable()))),
    )
    .set(link_tokens::invitation_id.eq(None::<i64>))
    .execute(conn)?;
    diesel::delete(visits::table.filter(visits::invitation_id.eq_any(invited()))).execute(conn)?;
    diesel::delete(invitations::table.filter(invitations::contact_id.eq_any(ids))).execute(conn)?;
    diesel::delete(enrolments::table.filter(enrolments::contact_id.eq_any(ids))).execute(conn)?;
    Ok(())
}

/// A purchase is the company's, and stays with it.
pub fn delete_contacts(conn: &mut Conn, ids: &[ContactId]) -> Result<()> {
    diesel::update(transactions::table.filter(transactions::contact_id.eq_any(ids)))
        .set(transactions::contact_id.eq(None::<i64>))
        .execute(conn)?;
    diesel::delete(contact_attributes::table.filter(contact_attributes::contact_id.eq_any(ids))).execute(conn)?;
    diesel::delete(contacts::table.filter(contacts::id.eq_any(ids))).execute(conn)?;
    Ok(())
}

/// Which of these addresses somebody else here has, too.
pub fn list_shared(conn: &mut Conn, email_keys: &[String]) -> Result<HashSet<String>> {
    let shared: Vec<String> = contacts::table
        .filter(contacts::email_key.eq_any(email_keys))
        .select(contacts::email_key)
        .load(conn)?;
    Ok(shared.into_iter().collect())
}

pub fn delete_strikes(conn: &mut Conn, email_keys: &[String]) -> Result<()> {
    diesel::delete(strikes::table.filter(strikes::email_key.eq_any(email_keys)))
        .execute(conn)
        .map(|_| ())
}

pub fn delete_captured_to(conn: &mut Conn, email_keys: &[String]) -> Result<()> {
    diesel::delete(captured_mails::table.filter(lower(captured_mails::to_address).eq_any(email_keys)))
        .execute(conn)
        .map(|_| ())
}

// ── addresses in words ──

pub fn list_deeds_naming(conn: &mut Conn, address: &str) -> Result<Vec<(i64, String, String)>> {
    let pattern = pattern(address);
    let named = lower(audit_entries::detail).like(pattern.clone()).escape('\\');
    audit_entries::table
        .filter(named.or(lower(audit_entries::subject).like(pattern).escape('\\')))
        .order(audit_entries::id)
        .select((audit_entries::id, audit_entries::subject, audit_entries::detail))
        .load(conn)
}

pub fn update_deed(conn: &mut Conn, id: i64, subject: &str, detail: &str) -> Result<()> {
    diesel::update(audit_entries::table.find(id))
        .set((audit_entries::subject.eq(subject), audit_entries::detail.eq(detail)))
        .execute(conn)
        .map(|_| ())
}

pub fn list_causes_naming(conn: &mut Conn, address: &str) -> Result<Vec<(String, String)>> {
    let causes: Vec<(String, Option<String>)> = drips::table
        .filter(drips::cause.is_not_null())
        .order(drips::code)
        .select((drips::code, drips::cause))
        .load(conn)?;
    let named = causes
        .into_iter()
        .filter_map(|(drip, cause)| Some((drip, cause?)))
        .filter(|(_, cause)| cause.to_lowercase().contains(address));
    Ok(named.collect())
}

pub fn update_cause(conn: &mut Conn, drip: &str, cause: &str) -> Result<()> {
    diesel::update(drips::table.find(drip))
        .set(drips::cause.eq(cause))
        .execute(conn)
        .map(|_| ())
}

pub fn list_holds_naming(conn: &mut Conn, address: &str) -> Result<Vec<(String, String, String)>> {
    domain_holds::table
        .filter(lower(domain_holds::cause).like(pattern(address)).escape('\\'))
        .order((domain_holds::drip, domain_holds::domain))
        .select((domain_holds::drip, domain_holds::domain, domain_holds::cause))
        .load(conn)
}

pub fn update_hold(conn: &mut Conn, drip: &str, domain: &str, cause: &str) -> Result<()> {
    diesel::update(domain_holds::table.find((drip, domain)))
        .set(domain_holds::cause.eq(cause))
        .execute(conn)
        .map(|_| ())
}
