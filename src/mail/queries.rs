//! The SQL of letters, suppressions, wishes and captured mails.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::ids::{CompanyId, ContactId, MailId, TransactionId};
use crate::store::schema::{
    captured_mails, companies, company_segments, contacts, mail_wishes, suppressions, transactions,
};
use crate::store::{self, Conn, ROWS_PER_INSERT, list_in_chunks, on_each_backend};

// ── whom a letter speaks to ──

#[derive(Debug, Default, Queryable, Selectable)]
#[diesel(table_name = contacts)]
pub struct PersonRow {
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub role: Option<String>,
    pub language: Option<String>,
}

pub fn find_person(conn: &mut Conn, contact: ContactId) -> store::Result<Option<PersonRow>> {
    contacts::table
        .find(contact.0)
        .select(PersonRow::as_select())
        .first(conn)
        .optional()
}

#[derive(Debug, Default, Queryable)]
pub struct PlaceRow {
    pub name: String,
    pub segment: Option<String>,
}

pub fn find_place(conn: &mut Conn, company: CompanyId) -> store::Result<Option<PlaceRow>> {
    companies::table
        .find(company.0)
        .left_join(company_segments::table)
        .select((companies::name, company_segments::segment.nullable()))
        .first(conn)
        .optional()
}

#[derive(Debug, Default, Queryable, Selectable)]
#[diesel(table_name = transactions)]
pub struct DealRow {
    pub product: Option<String>,
    #[diesel(select_expression = transactions::occurred_at.nullable())]
    pub occurred_at: Option<NaiveDateTime>,
}

pub fn find_deal(conn: &mut Conn, transaction: TransactionId) -> store::Result<Option<DealRow>> {
    transactions::table
        .find(transaction.0)
        .select(DealRow::as_select())
        .first(conn)
        .optional()
}

// ── suppressions ──

/// Why nobody writes to that address, in this drip or in any.
pub fn find_suppression(conn: &mut Conn, email_key: &str, drip: &str) -> store::Result<Option<String>> {
    suppressions::table
        .filter(suppressions::email_key.eq(email_key))
        .filter(suppressions::drip.eq_any(["", drip]))
        .order((suppressions::drip, suppressions::email_key))
        .select(suppressions::reason)
        .first(conn)
        .optional()
}

/// The drips for which that address is suppressed; '' for all.
pub fn list_suppressed(conn: &mut Conn, email_key: &str) -> store::Result<Vec<(String, String)>> {
    suppressions::table
        .filter(suppressions::email_key.eq(email_key))
        .order((suppressions::drip, suppressions::email_key))
        .select((suppressions::drip, suppressions::reason))
        .load(conn)
}

pub fn insert_suppression(
    conn: &mut Conn,
    now: NaiveDateTime,
    email_key: &str,
    drip: &str,
    reason: &str,
) -> store::Result<usize> {
    let row = (
        suppressions::email_key.eq(email_key),
        suppressions::drip.eq(drip),
        suppressions::reason.eq(reason),
        suppressions::made_at.eq(now),
    );
    on_each_backend!(conn, c => diesel::insert_into(suppressions::table)
        .values(row)
        .on_conflict((suppressions::email_key, suppressions::drip))
        .do_nothing()
        .execute(c))
}

/// Which of these keys no drip writes to.
pub fn list_known(conn: &mut Conn, email_keys: &[&str]) -> store::Result<Vec<String>> {
    list_in_chunks(email_keys, |keys| {
        suppressions::table
            .filter(suppressions::email_key.eq_any(keys.iter().copied()))
            .filter(suppressions::drip.eq(""))
            .order(suppressions::email_key)
            .select(suppressions::email_key)
            .load(conn)
    })
}

/// No drip writes to these any more; a reason that is there already stands.
pub fn insert_suppressed(conn: &mut Conn, now: NaiveDateTime, email_keys: &[&str], reason: &str) -> store::Result<()> {
    for keys in email_keys.chunks(ROWS_PER_INSERT) {
        let row = |key: &&str| {
            (
                suppressions::email_key.eq((*key).to_owned()),
                suppressions::drip.eq(""),
                suppressions::reason.eq(reason.to_owned()),
                suppressions::made_at.eq(now),
            )
        };
        let rows: Vec<_> = keys.iter().map(row).collect();
        on_each_backend!(conn, c => diesel::insert_into(suppressions::table)
            .values(rows)
            .on_conflict((suppressions::email_key, suppressions::drip))
            .do_nothing()
            .execute(c))?;
    }
    Ok(())
}

pub fn delete_suppressions(conn: &mut Conn, email_keys: &[String]) -> store::Result<usize> {
    diesel::delete(suppressions::table.filter(suppressions::email_key.eq_any(email_keys))).execute(conn)
}

/// Only what the contact itself asked for can be taken back.
pub fn delete_suppression(conn: &mut Conn, email_key: &str, drip: &str, reason: &str) -> store::Result<usize> {
    diesel::delete(suppressions::table.find((email_key, drip)))
        .filter(suppressions::reason.eq(reason))
        .execute(conn)
}

// ── what contacts asked for ──

#[derive(Debug, Clone, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = mail_wishes)]
pub struct WishRow {
    /// Between two mails at least.
    pub gap_days: Option<i32>,
    /// Asked for on the preferences page.
    pub paused_until: Option<NaiveDateTime>,
    /// An out-of-office reply said so.
    pub away_until: Option<NaiveDateTime>,
}

pub fn find_wish(conn: &mut Conn, email_key: &str) -> store::Result<Option<WishRow>> {
    mail_wishes::table
        .find(email_key)
        .select(WishRow::as_select())
        .first(conn)
        .optional()
}

pub fn replace_wish(conn: &mut Conn, now: NaiveDateTime, email_key: &str, wish: &WishRow) -> store::Result<usize> {
    let values = (
        mail_wishes::gap_days.eq(wish.gap_days),
        mail_wishes::paused_until.eq(wish.paused_until),
        mail_wishes::away_until.eq(wish.away_until),
        mail_wishes::changed_at.eq(now),
    );
    on_each_backend!(conn, c => diesel::insert_into(mail_wishes::table)
        .values((mail_wishes::email_key.eq(email_key), values))
        .on_conflict(mail_wishes::email_key)
        .do_update()
        .set(values)
        .execute(c))
}

pub fn delete_wishes(conn: &mut Conn, email_keys: &[String]) -> store::Result<usize> {
    diesel::delete(mail_wishes::table.filter(mail_wishes::email_key.eq_any(email_keys))).execute(conn)
}

// ── captured mails ──

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = captured_mails)]
pub struct CapturedRow {
    pub id: i64,
    pub to_address: String,
    pub subject: String,
    pub at: NaiveDateTime,
}

pub fn insert_captured(
    conn: &mut Conn,
    now: NaiveDateTime,
    mail: MailId,
    to: &str,
    subject: &str,
    bytes: &[u8],
) -> store::Result<usize> {
    diesel::insert_into(captured_mails::table)
        .values((
            captured_mails::mail_id.eq(mail),
            captured_mails::to_address.eq(to),
            captured_mails::subject.eq(subject),
            captured_mails::bytes.eq(bytes),
            captured_mails::at.eq(now),
        ))
        .execute(conn)
}

/// A mail that is none of the outbox.
pub fn insert_captured_trial(
    conn: &mut Conn,
    now: NaiveDateTime,
    to: &str,
    subject: &str,
    bytes: &[u8],
) -> store::Result<usize> {
    diesel::insert_into(captured_mails::table)
        .values((
            captured_mails::to_address.eq(to),
            captured_mails::subject.eq(subject),
            captured_mails::bytes.eq(bytes),
            captured_mails::at.eq(now),
        ))
        .execute(conn)
}

/// The newest first.
pub fn list_captured(conn: &mut Conn, offset: i64, limit: i64) -> store::Result<Vec<CapturedRow>> {
    captured_mails::table
        .order((captured_mails::at.desc(), captured_mails::id.desc()))
        .offset(offset)
        .limit(limit)
        .select(CapturedRow::as_select())
        .load(conn)
}

pub fn count_captured(conn: &mut Conn) -> store::Result<i64> {
    captured_mails::table.count().get_result(conn)
}

pub fn find_captured(conn: &mut Conn, id: i64) -> store::Result<Option<(CapturedRow, Vec<u8>)>> {
    captured_mails::table
        .find(id)
        .select((CapturedRow::as_select(), captured_mails::bytes))
        .first(conn)
        .optional()
}
