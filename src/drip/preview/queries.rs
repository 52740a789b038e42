use diesel::prelude::*;

use crate::companies::listing::pattern;
use crate::ids::{CompanyId, ContactId, TransactionId};
use crate::store::schema::{companies, company_segments, contacts, transactions};
use crate::store::{self, Conn};
use crate::text::fold;

/// A contact at a company.
#[derive(Debug, Clone, Queryable)]
pub struct ReaderRow {
    pub contact: ContactId,
    pub external_id: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: String,
    pub language: Option<String>,
    pub company: CompanyId,
    pub company_name: String,
    pub segment: Option<String>,
}

impl ReaderRow {
    /// The contact's name, or its address where it has none.
    pub fn name(&self) -> String {
        let names = [self.first_name.as_deref(), self.last_name.as_deref()];
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if name.trim().is_empty() {
            self.email.clone()
        } else {
            name
        }
    }
}

macro_rules! readers {
    () => {
        contacts::table
            .inner_join(companies::table.left_join(company_segments::table))
            .select((
                contacts::id,
                contacts::external_id,
                contacts::first_name,
                contacts::last_name,
                contacts::email,
                contacts::language,
                companies::id,
                companies::name,
                company_segments::segment.nullable(),
            ))
    };
}

pub fn find(conn: &mut Conn, contact: ContactId) -> store::Result<Option<ReaderRow>> {
    readers!().filter(contacts::id.eq(contact)).first(conn).optional()
}

/// By the whole external id or address.
pub fn find_exact(conn: &mut Conn, sought: &str) -> store::Result<Option<ReaderRow>> {
    let key = fold::email(sought).map(|email| email.folded()).unwrap_or_default();
    let by_address = contacts::email_key.eq(&key).and(contacts::email_key.ne(""));
    readers!()
        .filter(contacts::external_id.eq(sought).or(by_address))
        .order(contacts::id)
        .first(conn)
        .optional()
}

/// By a part of name or address.
pub fn list_like(conn: &mut Conn, sought: &str, most: i64) -> store::Result<Vec<ReaderRow>> {
    let name = contacts::name_key.like(pattern(&fold::search_key(sought))).escape('\\');
    let address = contacts::email_key.like(pattern(&sought.to_lowercase())).escape('\\');
    readers!()
        .filter(name.or(address))
        .order((contacts::name_key, contacts::id))
        .limit(most)
        .load(conn)
}

pub fn list_first(conn: &mut Conn, most: i64) -> store::Result<Vec<ReaderRow>> {
    readers!().order(contacts::id).limit(most).load(conn)
}

pub fn find_newest_transaction(conn: &mut Conn, contact: ContactId) -> store::Result<Option<TransactionId>> {
    transactions::table
        .filter(transactions::contact_id.eq(contact))
        .order((transactions::occurred_at.desc(), transactions::id.desc()))
        .select(transactions::id)
        .first(conn)
        .optional()
}

/// The external id of who bought last.
pub fn find_newest_buyer(conn: &mut Conn) -> store::Result<Option<String>> {
    transactions::table
        .inner_join(contacts::table.on(contacts::id.nullable().eq(transactions::contact_id)))
        .filter(contacts::company_id.is_not_null())
        .order(transactions::id.desc())
        .select(contacts::external_id)
        .first(conn)
        .optional()
}
