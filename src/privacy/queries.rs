//! The SQL of everything held about one contact.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::ids::{ContactId, EnrolmentId};
use crate::store::schema::{
    answer_codes, answer_codings, answers, captured_mails, companies, contact_attributes, contact_needs, contacts,
    enrolments, incoming_mails, invitations, outbox, question_versions, strikes, test_links, transactions, visits,
};
use crate::store::{Conn, Result};

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = contacts)]
pub struct PersonRow {
    pub id: ContactId,
    pub external_id: String,
    pub email: String,
    pub email_key: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub role: Option<String>,
    pub language: Option<String>,
    pub time_zone: Option<String>,
    pub created_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    /// The company's external id, name and time zone.
    #[diesel(select_expression = companies::external_id.nullable())]
    pub company: Option<String>,
    #[diesel(select_expression = companies::name.nullable())]
    pub company_name: Option<String>,
    #[diesel(select_expression = companies::time_zone.nullable())]
    pub company_time_zone: Option<String>,
}

pub fn find_person(conn: &mut Conn, contact: ContactId) -> Result<Option<PersonRow>> {
    contacts::table
        .left_join(companies::table)
        .filter(contacts::id.eq(contact))
        .select(PersonRow::as_select())
        .first(conn)
        .optional()
}

pub fn list_attributes(conn: &mut Conn, contact: ContactId) -> Result<Vec<(String, String)>> {
    contact_attributes::table
        .filter(contact_attributes::contact_id.eq(contact))
        .order(contact_attributes::name)
        .select((contact_attributes::name, contact_attributes::value))
        .load(conn)
}

/// A way through a drip.
#[derive(Debug, Clone)]
pub struct EnrolmentRow {
    pub drip: String,
    /// The newest step that was made, from 1; 0: none yet.
    pub step: i32,
    pub state: String,
    pub cause: Option<String>,
    pub next_at: Option<NaiveDateTime>,
    pub enrolled_at: NaiveDateTime,
    /// External id of the transaction that began it.
    pub transaction: Option<String>,
}

type Way = (
    EnrolmentId,
    String,
    String,
    Option<String>,
    Option<NaiveDateTime>,
    NaiveDateTime,
    Option<String>,
);

pub fn list_enrolments(conn: &mut Conn, contact: ContactId) -> Result<Vec<EnrolmentRow>> {
    let ways: Vec<Way> = enrolments::table
        .left_join(transactions::table.on(transactions::id.nullable().eq(enrolments::transaction_id)))
        .filter(enrolments::contact_id.eq(contact))
        .order(enrolments::id)
        .select((
            enrolments::id,
            enrolments::drip,
            enrolments::state,
            enrolments::cause,
            enrolments::next_at,
            enrolments::enrolled_at,
            transactions::external_id.nullable(),
        ))
        .load(conn)?;
    let made: Vec<(EnrolmentId, i32)> = invitations::table
        .filter(invitations::contact_id.eq(contact))
        .order(invitations::step)
        .select((invitations::enrolment_id, invitations::step))
        .load(conn)?;
    let newest: HashMap<EnrolmentId, i32> = made.into_iter().collect();
    let rows = ways.into_iter().map(
        |(id, drip, state, cause, next_at, enrolled_at, transaction)| EnrolmentRow {
            drip,
            step: newest.get(&id).map_or(0, |step| step + 1),
            state,
            cause,
            next_at,
            enrolled_at,
            transaction,
        },
    );
    Ok(rows.collect())
}

/// A step that a link was made for, with when its links were fetched by whatever program.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct InvitationRow {
    pub drip: String,
    pub step: i32,
    pub made_at: NaiveDateTime,
    pub first_sent_at: Option<NaiveDateTime>,
    pub closes_at: Option<NaiveDateTime>,
    pub opened_at: Option<NaiveDateTime>,
    pub answered_at: Option<NaiveDateTime>,
    /// The codes of the questions that were left blank, joined by blanks.
    pub passed: String,
    /// Which questions an adaptive step asked, a JSON list, as chosen when its mail was made.
    pub questions: Option<String>,
    #[diesel(select_expression = visits::respond_at.nullable())]
    pub form_fetched_at: Option<NaiveDateTime>,
    #[diesel(select_expression = visits::preferences_at.nullable())]
    pub preferences_fetched_at: Option<NaiveDateTime>,
    #[diesel(select_expression = visits::unsubscribe_at.nullable())]
    pub unsubscribe_fetched_at: Option<NaiveDateTime>,
    #[diesel(select_expression = visits::view_at.nullable())]
    pub view_fetched_at: Option<NaiveDateTime>,
    #[diesel(select_expression = visits::hits.nullable())]
    pub fetches: Option<i64>,
}

pub fn list_invitations(conn: &mut Conn, contact: ContactId) -> Result<Vec<InvitationRow>> {
    invitations::table
        .left_join(visits::table.on(visits::invitation_id.eq(invitations::id)))
        .filter(invitations::contact_id.eq(contact))
        .order(invitations::id)
        .select(InvitationRow::as_select())
        .load(conn)
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct MailRow {
    pub drip: String,
    pub step: i32,
    pub nth: i32,
    pub to_address: String,
    pub state: String,
    pub due_at: NaiveDateTime,
    pub waits_for: Option<String>,
    pub attempts: i32,
    pub maybe_duplicate: bool,
    pub message_id: Option<String>,
    pub outcome: Option<String>,
    pub reply: Option<String>,
    pub made_at: NaiveDateTime,
    pub sent_at: Option<NaiveDateTime>,
    pub ended_at: Option<NaiveDateTime>,
}

pub fn list_mails(conn: &mut Conn, contact: ContactId) -> Result<Vec<MailRow>> {
    outbox::table
        .filter(outbox::contact_id.eq(contact))
        .order(outbox::id)
        .select(MailRow::as_select())
        .load(conn)
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = captured_mails)]
pub struct CapturedRow {
    pub to_address: String,
    pub subject: String,
    pub at: NaiveDateTime,
}

pub fn list_captured(conn: &mut Conn, contact: ContactId) -> Result<Vec<CapturedRow>> {
    let mails = outbox::table
        .filter(outbox::contact_id.eq(contact))
        .select(outbox::id.nullable());
    captured_mails::table
        .filter(captured_mails::mail_id.eq_any(mails))
        .order(captured_mails::id)
        .select(CapturedRow::as_select())
        .load(conn)
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = answers)]
pub struct AnswerRow {
    pub question: String,
    pub row_code: String,
    /// JSON, as the contract's "value".
    pub value: String,
    pub at: NaiveDateTime,
    pub channel: String,
    pub author: Option<String>,
    pub suspect: bool,
    pub late: bool,
    pub recorded_at: NaiveDateTime,
    /// The question as it was asked, as JSON.
    #[diesel(select_expression = question_versions::definition)]
    pub definition: String,
}

pub fn list_answers(conn: &mut Conn, contact: ContactId) -> Result<Vec<AnswerRow>> {
    answers::table
        .inner_join(question_versions::table.on(question_versions::id.eq(answers::version_id)))
        .filter(answers::contact_id.eq(contact))
        .order((
            answers::at,
            answers::question,
            answers::row_code,
            answers::seq,
            answers::company_id,
        ))
        .select(AnswerRow::as_select())
        .load(conn)
}

pub fn count_answers(conn: &mut Conn, contact: ContactId) -> Result<i64> {
    answers::table
        .filter(answers::contact_id.eq(contact))
        .count()
        .get_result(conn)
}

/// One need to which a colleague coded an answer, or a reading that found none.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = answer_codings)]
pub struct CodingRow {
    pub question: String,
    pub at: NaiveDateTime,
    pub coder: String,
    pub state: String,
    pub changed_at: NaiveDateTime,
    #[diesel(select_expression = answer_codes::need.nullable())]
    pub need: Option<String>,
}

pub fn list_codings(conn: &mut Conn, contact: ContactId) -> Result<Vec<CodingRow>> {
    answer_codings::table
        .left_join(answer_codes::table)
        .filter(answer_codings::contact_id.eq(contact))
        .order((answer_codings::id, answer_codes::need))
        .select(CodingRow::as_select())
        .load(conn)
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = contact_needs)]
pub struct SumRow {
    pub need: String,
    pub n: i32,
    pub mean: f64,
}

pub fn list_sums(conn: &mut Conn, contact: ContactId) -> Result<Vec<SumRow>> {
    contact_needs::table
        .filter(contact_needs::contact_id.eq(contact))
        .order((contact_needs::need, contact_needs::company_id))
        .select(SumRow::as_select())
        .load(conn)
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = transactions)]
pub struct TransactionRow {
    pub external_id: String,
    pub product: Option<String>,
    pub amount: Option<f64>,
    pub occurred_at: NaiveDateTime,
    pub needs: Option<String>,
    /// JSON, as it was imported.
    pub attributes: String,
}

pub fn list_transactions(conn: &mut Conn, contact: ContactId) -> Result<Vec<TransactionRow>> {
    transactions::table
        .filter(transactions::contact_id.eq(contact))
        .order((transactions::occurred_at, transactions::id))
        .select(TransactionRow::as_select())
        .load(conn)
}

pub fn count_transactions(conn: &mut Conn, contact: ContactId) -> Result<i64> {
    transactions::table
        .filter(transactions::contact_id.eq(contact))
        .count()
        .get_result(conn)
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = incoming_mails)]
pub struct IncomingRow {
    pub kind: String,
    pub at: NaiveDateTime,
    pub drip: String,
    pub subject: String,
    pub words: String,
}

pub fn list_incoming(conn: &mut Conn, contact: ContactId) -> Result<Vec<IncomingRow>> {
    incoming_mails::table
        .filter(incoming_mails::contact_id.eq(contact))
        .order((incoming_mails::at, incoming_mails::id))
        .select(IncomingRow::as_select())
        .load(conn)
}

pub fn count_incoming(conn: &mut Conn, contact: ContactId) -> Result<i64> {
    incoming_mails::table
        .filter(incoming_mails::contact_id.eq(contact))
        .count()
        .get_result(conn)
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = strikes)]
pub struct StrikeRow {
    pub score: f64,
    pub counted_on: NaiveDate,
    pub doubtful_on: Option<NaiveDate>,
}

pub fn find_strikes(conn: &mut Conn, email_key: &str) -> Result<Option<StrikeRow>> {
    strikes::table
        .find(email_key)
        .select(StrikeRow::as_select())
        .first(conn)
        .optional()
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = test_links)]
pub struct TestRow {
    pub drip: String,
    pub step: i32,
    pub made_by: String,
    pub made_at: NaiveDateTime,
}

/// A test mail has several links; each mail stands here once.
pub fn list_tests(conn: &mut Conn, contact: ContactId) -> Result<Vec<TestRow>> {
    let mut tests: Vec<TestRow> = test_links::table
        .filter(test_links::contact_id.eq(contact))
        .order((test_links::made_at, test_links::hash))
        .select(TestRow::as_select())
        .load(conn)?;
    tests.dedup_by(|a, b| (&a.drip, a.step, a.made_at) == (&b.drip, b.step, b.made_at));
    Ok(tests)
}
