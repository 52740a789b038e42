//! Answers as rows, a company's side by side.

use chrono::NaiveDateTime;
use diesel::dsl::count;
use diesel::prelude::*;

use crate::ids::{CompanyId, ContactId, InvitationId};
use crate::store::schema::{answers, invitations};
use crate::store::{Conn, Result, insert_rows};

/// An answer as it is stored: what scoring needs of it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = answers)]
pub struct Stored {
    pub company_id: i64,
    pub contact_id: i64,
    pub question: String,
    /// Empty for what is no matrix row.
    pub row_code: String,
    pub at: NaiveDateTime,
    /// Orders answers of the same instant by their arrival.
    pub seq: i32,
    pub version_id: i64,
    pub value: String,
    pub suspect: bool,
}

/// A whole row.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = answers, treat_none_as_default_value = false)]
pub struct Row<'a> {
    pub company_id: i64,
    pub contact_id: i64,
    pub question: &'a str,
    pub row_code: &'a str,
    pub at: NaiveDateTime,
    pub seq: i32,
    pub version_id: i64,
    pub value: String,
    pub channel: &'static str,
    pub author: Option<&'a str>,
    pub invitation_id: Option<i64>,
    pub suspect: bool,
    pub late: bool,
    pub recorded_at: NaiveDateTime,
    pub own_words: bool,
}

pub fn insert(conn: &mut Conn, rows: &[Row<'_>]) -> Result<()> {
    insert_rows!(conn, answers::table, rows)?;
    Ok(())
}

/// A contact's answers for a company, each item's oldest first.
pub fn list_of_contact(conn: &mut Conn, company: CompanyId, contact: ContactId) -> Result<Vec<Stored>> {
    answers::table
        .filter(answers::company_id.eq(company))
        .filter(answers::contact_id.eq(contact))
        .order((answers::question, answers::row_code, answers::at, answers::seq))
        .select(Stored::as_select())
        .load(conn)
}

/// What a contact answered by one link, the oldest first.
pub fn list_of_invitation(conn: &mut Conn, contact: ContactId, invitation: InvitationId) -> Result<Vec<Stored>> {
    answers::table
        .filter(answers::contact_id.eq(contact))
        .filter(answers::invitation_id.eq(invitation))
        .order((
            answers::at,
            answers::seq,
            answers::question,
            answers::row_code,
            answers::company_id,
        ))
        .select(Stored::as_select())
        .load(conn)
}

/// By drip, how many of its links were answered only by what looks like a program.
pub fn count_suspect(conn: &mut Conn) -> Result<Vec<(String, i64)>> {
    answers::table
        .inner_join(invitations::table.on(invitations::id.nullable().eq(answers::invitation_id)))
        .filter(answers::suspect)
        .filter(invitations::answered_at.is_null())
        .group_by(invitations::drip)
        .order(invitations::drip)
        .select((invitations::drip, count(invitations::id).aggregate_distinct()))
        .load(conn)
}

/// The answers of a range of companies, in key order: a contact's side by side, each item's oldest first.
pub fn list_between(
    conn: &mut Conn,
    first: CompanyId,
    last: CompanyId,
    until: Option<NaiveDateTime>,
) -> Result<Vec<Stored>> {
    let mut query = answers::table
        .filter(answers::company_id.between(first, last))
        .order((
            answers::company_id,
            answers::contact_id,
            answers::question,
            answers::row_code,
            answers::at,
            answers::seq,
        ))
        .select(Stored::as_select())
        .into_boxed();
    if let Some(until) = until {
        query = query.filter(answers::at.le(until));
    }
    query.load(conn)
}

/// All answers of these companies, in the same order.
pub fn list_of_companies(conn: &mut Conn, companies: &[CompanyId]) -> Result<Vec<Stored>> {
    answers::table
        .filter(answers::company_id.eq_any(companies))
        .order((
            answers::company_id,
            answers::contact_id,
            answers::question,
            answers::row_code,
            answers::at,
            answers::seq,
        ))
        .select(Stored::as_select())
        .load(conn)
}

/// The companies for which the contact has answered.
pub fn list_companies_of(conn: &mut Conn, contact: ContactId) -> Result<Vec<CompanyId>> {
    answers::table
        .filter(answers::contact_id.eq(contact))
        .order(answers::company_id)
        .select(answers::company_id)
        .distinct()
        .load(conn)
}

pub fn delete_of_contact(conn: &mut Conn, contact: ContactId) -> Result<usize> {
    diesel::delete(answers::table.filter(answers::contact_id.eq(contact))).execute(conn)
}
