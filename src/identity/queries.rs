//! The SQL of what hangs on a company, moved from one to another and back.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::rules::{Instant, Way};
use crate::ids::{CompanyId, ContactId, ConversationId, EnrolmentId, InvitationId, MergeId, TransactionId};
use crate::store::schema::{
    answers, companies, company_aliases, company_attributes, company_domains, company_evidence, company_merges,
    company_needs, company_segments, contact_evidence, contact_needs, contacts, conversations, deal_segments,
    enrolments, giveback_companies, invitations, merged_answers, merged_rows, outbox, overrides, sales_tags,
    segment_changes, survey_segments, transactions,
};
use crate::store::{Conn, ROWS_PER_INSERT, Result, on_each_backend};

// ── the merged company itself ──

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = companies, treat_none_as_default_value = false)]
pub struct CompanyRow {
    pub id: i64,
    pub external_id: String,
    pub name: String,
    pub name_key: String,
    pub customer_since: Option<NaiveDate>,
    pub industry: Option<String>,
    pub country: Option<String>,
    pub region: Option<String>,
    pub employees: Option<i64>,
    pub annual_revenue: Option<f64>,
    pub customer_type: Option<String>,
    pub journey_stage: Option<String>,
    pub behaviour: Option<String>,
    pub technology_level: Option<String>,
    pub time_zone: Option<String>,
    pub owner_email: Option<String>,
    pub tier: String,
    pub created_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    pub parent_id: Option<i64>,
}

pub fn find_company(conn: &mut Conn, company: CompanyId) -> Result<Option<CompanyRow>> {
    companies::table
        .find(company)
        .select(CompanyRow::as_select())
        .first(conn)
        .optional()
}

pub fn insert_company(conn: &mut Conn, row: &CompanyRow) -> Result<()> {
    diesel::insert_into(companies::table)
        .values(row.clone())
        .execute(conn)
        .map(|_| ())
}

/// A key that no company has.
pub fn next_key(conn: &mut Conn) -> Result<i64> {
    let last: Option<i64> = companies::table.select(diesel::dsl::max(companies::id)).first(conn)?;
    Ok(last.unwrap_or(0) + 1)
}

pub fn delete_company(conn: &mut Conn, company: CompanyId) -> Result<()> {
    diesel::delete(companies::table.find(company)).execute(conn).map(|_| ())
}

pub fn list_attributes(conn: &mut Conn, company: CompanyId) -> Result<Vec<(String, String)>> {
    company_attributes::table
        .filter(company_attributes::company_id.eq(company))
        .order(company_attributes::name)
        .select((company_attributes::name, company_attributes::value))
        .load(conn)
}

pub fn insert_attributes(conn: &mut Conn, company: CompanyId, attributes: &[(String, String)]) -> Result<()> {
    for chunk in attributes.chunks(ROWS_PER_INSERT) {
        let row = |(name, value): &(String, String)| {
            (
                company_attributes::company_id.eq(company),
                company_attributes::name.eq(name.clone()),
                company_attributes::value.eq(value.clone()),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        on_each_backend!(conn, c => diesel::insert_into(company_attributes::table).values(&rows).execute(c))?;
    }
    Ok(())
}

pub fn list_domains(conn: &mut Conn, company: CompanyId) -> Result<Vec<String>> {
    company_domains::table
        .filter(company_domains::company_id.eq(company))
        .order((company_domains::position, company_domains::domain))
        .select(company_domains::domain)
        .load(conn)
}

/// After those that it has.
pub fn insert_domains(conn: &mut Conn, company: CompanyId, domains: &[String]) -> Result<()> {
    let last: Option<i32> = company_domains::table
        .filter(company_domains::company_id.eq(company))
        .select(diesel::dsl::max(company_domains::position))
        .first(conn)?;
    let row = |(domain, position): (&String, i32)| {
        (
            company_domains::company_id.eq(company),
            company_domains::domain.eq(domain.clone()),
            company_domains::position.eq(position),
        )
    };
    let rows: Vec<_> = domains.iter().zip(last.map_or(0, |last| last + 1)..).map(row).collect();
    on_each_backend!(conn, c => diesel::insert_into(company_domains::table).values(&rows).execute(c)).map(|_| ())
}

pub fn delete_domains(conn: &mut Conn, company: CompanyId, domains: Option<&[String]>) -> Result<()> {
    let own = company_domains::table.filter(company_domains::company_id.eq(company));
    match domains {
        None => diesel::delete(own).execute(conn),
        Some(domains) => diesel::delete(own.filter(company_domains::domain.eq_any(domains))).execute(conn),
    }
    .map(|_| ())
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = overrides)]
pub struct OverrideRow {
    pub company_id: i64,
    pub segment: String,
    pub reason: String,
    pub made_by: String,
    pub made_at: NaiveDateTime,
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = sales_tags, treat_none_as_default_value = false)]
pub struct TagRow {
    pub company_id: i64,
    pub segment: String,
    pub reason: String,
    pub made_by: String,
    pub made_at: NaiveDateTime,
    pub blind: bool,
    pub sureness: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = survey_segments, treat_none_as_default_value = false)]
pub struct SurveyRow {
    pub company_id: i64,
    pub segment: String,
    pub fits: Option<String>,
    pub runner_up: Option<String>,
    pub margin: Option<f64>,
    pub confidence: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = company_segments)]
pub struct SegmentRow {
    pub company_id: i64,
    pub segment: String,
    pub source: String,
    pub since: NaiveDateTime,
}

/// Without its key, which is given anew.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = segment_changes, treat_none_as_default_value = false)]
pub struct ChangeRow {
    pub company_id: i64,
    pub at: NaiveDateTime,
    pub from_segment: Option<String>,
    pub to_segment: Option<String>,
    pub source: String,
    pub made_by: String,
    pub why: String,
}

macro_rules! of_company {
    ($($find:ident $insert:ident $row:ty => $table:ident;)+) => {$(
        pub fn $find(conn: &mut Conn, company: CompanyId) -> Result<Option<$row>> {
            $table::table
                .find(company.0)
                .select(<$row>::as_select())
                .first(conn)
                .optional()
        }

        /// For the company with that key.
        pub fn $insert(conn: &mut Conn, company: CompanyId, row: &$row) -> Result<()> {
            let row = <$row>::clone(row);
            diesel::insert_into($table::table)
                .values(<$row>::from((company, row)))
                .execute(conn)
                .map(|_| ())
        }

        impl From<(CompanyId, $row)> for $row {
            fn from((company, row): (CompanyId, $row)) -> $row {
                Self { company_id: company.0, ..row }
            }
        }
    )+};
}

of_company! {
    find_override insert_override OverrideRow => overrides;
    find_tag insert_tag TagRow => sales_tags;
    find_survey insert_survey SurveyRow => survey_segments;
    find_segment insert_segment SegmentRow => company_segments;
}

pub fn delete_override(conn: &mut Conn, company: CompanyId) -> Result<()> {
    diesel::delete(overrides::table.find(company)).execute(conn).map(|_| ())
}

pub fn delete_tag(conn: &mut Conn, company: CompanyId) -> Result<()> {
    diesel::delete(sales_tags::table.find(company))
        .execute(conn)
        .map(|_| ())
}

/// Oldest first.
pub fn list_changes(conn: &mut Conn, company: CompanyId) -> Result<Vec<ChangeRow>> {
    segment_changes::table
        .filter(segment_changes::company_id.eq(company))
        .order((segment_changes::at, segment_changes::id))
        .select(ChangeRow::as_select())
        .load(conn)
}

pub fn insert_changes(conn: &mut Conn, company: CompanyId, changes: &[ChangeRow]) -> Result<()> {
    let row = |change: &ChangeRow| ChangeRow {
        company_id: company.0,
        ..change.clone()
    };
    for chunk in changes.chunks(ROWS_PER_INSERT) {
        let rows: Vec<ChangeRow> = chunk.iter().map(row).collect();
        on_each_backend!(conn, c => diesel::insert_into(segment_changes::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// The history of its segment, and what is worked out from answers and deals.
pub fn delete_worked_out(conn: &mut Conn, company: CompanyId) -> Result<()> {
    diesel::delete(segment_changes::table.filter(segment_changes::company_id.eq(company))).execute(conn)?;
    diesel::delete(contact_needs::table.filter(contact_needs::company_id.eq(company))).execute(conn)?;
    diesel::delete(contact_evidence::table.filter(contact_evidence::company_id.eq(company))).execute(conn)?;
    diesel::delete(company_needs::table.filter(company_needs::company_id.eq(company))).execute(conn)?;
    diesel::delete(company_evidence::table.filter(company_evidence::company_id.eq(company))).execute(conn)?;
    diesel::delete(survey_segments::table.filter(survey_segments::company_id.eq(company))).execute(conn)?;
    diesel::delete(deal_segments::table.filter(deal_segments::company_id.eq(company))).execute(conn)?;
    diesel::delete(company_segments::table.filter(company_segments::company_id.eq(company))).execute(conn)?;
    Ok(())
}

/// The items, by version and row, in whose told sums its voice is.
pub fn list_told(conn: &mut Conn, company: CompanyId) -> Result<Vec<(i64, String)>> {
    giveback_companies::table
        .filter(giveback_companies::company_id.eq(company))
        .order((giveback_companies::version_id, giveback_companies::row_code))
        .select((giveback_companies::version_id, giveback_companies::row_code))
        .load(conn)
}

pub fn insert_told(conn: &mut Conn, company: CompanyId, items: &[(i64, String)]) -> Result<()> {
    for chunk in items.chunks(ROWS_PER_INSERT) {
        let row = |(version, row_code): &(i64, String)| {
            (
                giveback_companies::company_id.eq(company.0),
                giveback_companies::version_id.eq(*version),
                giveback_companies::row_code.eq(row_code.clone()),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        on_each_backend!(conn, c => diesel::insert_into(giveback_companies::table).values(&rows).execute(c))?;
    }
    Ok(())
}

pub fn delete_told(conn: &mut Conn, company: CompanyId) -> Result<()> {
    diesel::delete(giveback_companies::table.filter(giveback_companies::company_id.eq(company)))
        .execute(conn)
        .map(|_| ())
}

// ── what hangs on it, row by row ──

/// A row that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    Contact(ContactId),
    Transaction(TransactionId),
    Enrolment(EnrolmentId),
    Invitation(InvitationId),
    Conversation(ConversationId),
}

#[derive(Default, Insertable)]
#[diesel(table_name = merged_rows, treat_none_as_default_value = false)]
struct MergedRow {
    merge_id: i64,
    contact_id: Option<i64>,
    transaction_id: Option<i64>,
    enrolment_id: Option<i64>,
    invitation_id: Option<i64>,
    conversation_id: Option<i64>,
    stood: Option<String>,
}

impl MergedRow {
    fn of(merge: MergeId, moved: Moved) -> MergedRow {
        let mut row = MergedRow {
            merge_id: merge.0,
            ..MergedRow::default()
        };
        match moved {
            Moved::Contact(id) => row.contact_id = Some(id.0),
            Moved::Transaction(id) => row.transaction_id = Some(id.0),
            Moved::Enrolment(id) => row.enrolment_id = Some(id.0),
            Moved::Invitation(id) => row.invitation_id = Some(id.0),
            Moved::Conversation(id) => row.conversation_id = Some(id.0),
        }
        row
    }
}

/// Everything that hangs on the company by a key of its own.
pub fn list_hanging(conn: &mut Conn, company: CompanyId) -> Result<Vec<Moved>> {
    macro_rules! ids {
        ($table:ident, $moved:path) => {{
            let ids = $table::table
                .filter($table::company_id.eq(company))
                .order($table::id)
                .select($table::id)
                .load::<_>(conn)?;
            ids.into_iter().map($moved).collect::<Vec<Moved>>()
        }};
    }
    let mut all = ids!(contacts, Moved::Contact);
    all.extend(ids!(transactions, Moved::Transaction));
    all.extend(ids!(enrolments, Moved::Enrolment));
    all.extend(ids!(invitations, Moved::Invitation));
    all.extend(ids!(conversations, Moved::Conversation));
    Ok(all)
}

pub fn insert_moved(conn: &mut Conn, merge: MergeId, moved: &[Moved]) -> Result<()> {
    for chunk in moved.chunks(ROWS_PER_INSERT) {
        let rows: Vec<MergedRow> = chunk.iter().map(|moved| MergedRow::of(merge, *moved)).collect();
        on_each_backend!(conn, c => diesel::insert_into(merged_rows::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// All of the one company's becomes the other's.
pub fn move_all(conn: &mut Conn, from: CompanyId, into: CompanyId) -> Result<()> {
    macro_rules! all {
        ($($table:ident)+) => {$(
            diesel::update($table::table.filter($table::company_id.eq(from)))
                .set($table::company_id.eq(into))
                .execute(conn)?;
        )+};
    }
    all!(contacts transactions enrolments invitations outbox conversations);
    Ok(())
}

/// What the merge moved and is still where it put it becomes the other company's, with whatever hangs
/// on it: the links and mails made since for an enrolment that goes back go with it.
pub fn move_back(conn: &mut Conn, merge: MergeId, from: CompanyId, into: CompanyId) -> Result<()> {
    macro_rules! back {
        ($($table:ident by $column:ident;)+) => {$({
            let own = merged_rows::table
                .filter(merged_rows::merge_id.eq(merge))
                .filter(merged_rows::stood.is_null())
                .filter(merged_rows::$column.is_not_null())
                .select(merged_rows::$column.assume_not_null());
            diesel::update($table::table)
                .filter($table::company_id.eq(from))
                .filter($table::id.eq_any(own))
                .set($table::company_id.eq(into))
                .execute(conn)?;
        })+};
    }
    back! {
        contacts by contact_id;
        transactions by transaction_id;
        enrolments by enrolment_id;
        invitations by invitation_id;
        conversations by conversation_id;
    }
    let gone_back = enrolments::table
        .filter(enrolments::company_id.eq(into))
        .select(enrolments::id);
    diesel::update(invitations::table)
        .filter(invitations::company_id.eq(from))
        .filter(invitations::enrolment_id.eq_any(gone_back))
        .set(invitations::company_id.eq(into))
        .execute(conn)?;
    let of_it = invitations::table
        .filter(invitations::company_id.eq(into))
        .select(invitations::id);
    diesel::update(outbox::table)
        .filter(outbox::company_id.eq(from))
        .filter(outbox::invitation_id.eq_any(of_it))
        .set(outbox::company_id.eq(into))
        .execute(conn)
        .map(|_| ())
}

// ── answers ──

type Key = (i64, String, String, NaiveDateTime, i32);

fn keyed((contact, question, row_code, at, seq): Key) -> (Instant, i32) {
    ((contact, question, row_code, at), seq)
}

/// Where each of the company's answers stands, in order.
pub fn list_answers(conn: &mut Conn, company: CompanyId) -> Result<Vec<(Instant, i32)>> {
    let rows: Vec<Key> = answers::table
        .filter(answers::company_id.eq(company))
        .order((
            answers::contact_id,
            answers::question,
            answers::row_code,
            answers::at,
            answers::seq,
        ))
        .select((
            answers::contact_id,
            answers::question,
            answers::row_code,
            answers::at,
            answers::seq,
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(keyed).collect())
}

/// Where these contacts' answers for the company stand.
pub fn list_answers_of(conn: &mut Conn, company: CompanyId, contacts: &[i64]) -> Result<Vec<(Instant, i32)>> {
    let mut all = Vec::new();
    for contacts in contacts.chunks(ROWS_PER_INSERT) {
        let rows: Vec<Key> = answers::table
            .filter(answers::company_id.eq(company))
            .filter(answers::contact_id.eq_any(contacts))
            .select((
                answers::contact_id,
                answers::question,
                answers::row_code,
                answers::at,
                answers::seq,
            ))
            .load(conn)?;
        all.extend(rows.into_iter().map(keyed));
    }
    Ok(all)
}

/// One answer, to another company and another place among those of its instant.
pub fn move_answer(
    conn: &mut Conn,
    from: CompanyId,
    into: CompanyId,
    instant: &Instant,
    seq: i32,
    placed: i32,
) -> Result<()> {
    let (contact, question, row_code, at) = instant;
    diesel::update(answers::table)
        .filter(answers::company_id.eq(from))
        .filter(answers::contact_id.eq(contact))
        .filter(answers::question.eq(question))
        .filter(answers::row_code.eq(row_code))
        .filter(answers::at.eq(at))
        .filter(answers::seq.eq(seq))
        .set((answers::company_id.eq(into), answers::seq.eq(placed)))
        .execute(conn)
        .map(|_| ())
}

pub fn move_answers(conn: &mut Conn, from: CompanyId, into: CompanyId) -> Result<()> {
    diesel::update(answers::table.filter(answers::company_id.eq(from)))
        .set(answers::company_id.eq(into))
        .execute(conn)
        .map(|_| ())
}

/// Each with its place now and its place before.
pub fn insert_moved_answers(
    conn: &mut Conn,
    merge: MergeId,
    company: CompanyId,
    moved: &[(Instant, i32, i32)],
) -> Result<()> {
    for chunk in moved.chunks(ROWS_PER_INSERT) {
        let row = |(instant, seq, before): &(Instant, i32, i32)| {
            let (contact, question, row_code, at) = instant.clone();
            (
                merged_answers::merge_id.eq(merge),
                merged_answers::company_id.eq(company),
                merged_answers::contact_id.eq(contact),
                merged_answers::question.eq(question),
                merged_answers::row_code.eq(row_code),
                merged_answers::at.eq(at),
                merged_answers::seq.eq(*seq),
                merged_answers::seq_before.eq(*before),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        on_each_backend!(conn, c => diesel::insert_into(merged_answers::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// The moved answers that got another place, and are still where the merge put them: where, now and before.
pub fn list_placed(conn: &mut Conn, merge: MergeId, company: CompanyId) -> Result<Vec<(Instant, i32, i32)>> {
    let rows: Vec<(i64, String, String, NaiveDateTime, i32, i32)> = merged_answers::table
        .filter(merged_answers::merge_id.eq(merge))
        .filter(merged_answers::company_id.eq(company))
        .filter(merged_answers::seq.ne(merged_answers::seq_before))
        .order((
            merged_answers::contact_id,
            merged_answers::question,
            merged_answers::row_code,
            merged_answers::at,
            merged_answers::seq,
        ))
        .select((
            merged_answers::contact_id,
            merged_answers::question,
            merged_answers::row_code,
            merged_answers::at,
            merged_answers::seq,
            merged_answers::seq_before,
        ))
        .load(conn)?;
    let placed = |(contact, question, row_code, at, seq, before)| ((contact, question, row_code, at), seq, before);
    Ok(rows.into_iter().map(placed).collect())
}

/// The moved answers that kept their places, back to where they were.
pub fn move_answers_back(conn: &mut Conn, merge: MergeId, from: CompanyId, into: CompanyId) -> Result<()> {
    let moved = merged_answers::table
        .filter(merged_answers::merge_id.eq(merge))
        .filter(merged_answers::company_id.eq(answers::company_id))
        .filter(merged_answers::contact_id.eq(answers::contact_id))
        .filter(merged_answers::question.eq(answers::question))
        .filter(merged_answers::row_code.eq(answers::row_code))
        .filter(merged_answers::at.eq(answers::at))
        .filter(merged_answers::seq.eq(answers::seq))
        .filter(merged_answers::seq.eq(merged_answers::seq_before));
    diesel::update(answers::table)
        .filter(answers::company_id.eq(from))
        .filter(exists(moved))
        .set(answers::company_id.eq(into))
        .execute(conn)
        .map(|_| ())
}

/// How many of the answers that it moved are still there.
pub fn count_moved_answers(conn: &mut Conn, merge: MergeId) -> Result<i64> {
    merged_answers::table
        .filter(merged_answers::merge_id.eq(merge))
        .count()
        .get_result(conn)
}

/// How many answers of the people who go back came for the other company since.
pub fn count_answers_since(conn: &mut Conn, merge: MergeId, company: CompanyId, since: NaiveDateTime) -> Result<i64> {
    let people = merged_rows::table
        .filter(merged_rows::merge_id.eq(merge))
        .filter(merged_rows::contact_id.is_not_null())
        .select(merged_rows::contact_id.assume_not_null());
    let moved = merged_answers::table
        .filter(merged_answers::merge_id.eq(merge))
        .filter(merged_answers::company_id.eq(answers::company_id))
        .filter(merged_answers::contact_id.eq(answers::contact_id))
        .filter(merged_answers::question.eq(answers::question))
        .filter(merged_answers::row_code.eq(answers::row_code))
        .filter(merged_answers::at.eq(answers::at))
        .filter(merged_answers::seq.eq(answers::seq));
    answers::table
        .filter(answers::company_id.eq(company))
        .filter(answers::contact_id.eq_any(people))
        .filter(answers::recorded_at.ge(since))
        .filter(diesel::dsl::not(exists(moved)))
        .count()
        .get_result(conn)
}

// ── drips ──

/// The ways of the company's people through drips that are not hung on a deal, but those that were stopped.
pub fn list_ways(conn: &mut Conn, companies: &[CompanyId]) -> Result<Vec<Way>> {
    let rows: Vec<(EnrolmentId, String, String, String, i32, Option<NaiveDateTime>)> = enrolments::table
        .inner_join(contacts::table)
        .filter(contacts::company_id.eq_any(companies))
        .filter(enrolments::occasion.eq(""))
        .filter(enrolments::state.ne("stopped"))
        .order(enrolments::id)
        .select((
            enrolments::id,
            enrolments::drip,
            contacts::email_key,
            enrolments::state,
            enrolments::next_step,
            enrolments::next_at,
        ))
        .load(conn)?;
    let way = |(id, drip, email_key, state, next_step, next_at): (_, _, _, String, _, _)| Way {
        id,
        drip,
        email_key,
        is_active: state == "active",
        next_step,
        next_at,
    };
    Ok(rows.into_iter().map(way).collect())
}

pub fn insert_stood(conn: &mut Conn, merge: MergeId, enrolment: EnrolmentId, stood: String) -> Result<()> {
    let row = MergedRow {
        merge_id: merge.0,
        enrolment_id: Some(enrolment.0),
        stood: Some(stood),
        ..MergedRow::default()
    };
    diesel::insert_into(merged_rows::table)
        .values(row)
        .execute(conn)
        .map(|_| ())
}

/// The enrolments that the merge stopped, with how they stood.
pub fn list_stood(conn: &mut Conn, merge: MergeId) -> Result<Vec<(EnrolmentId, String)>> {
    merged_rows::table
        .filter(merged_rows::merge_id.eq(merge))
        .filter(merged_rows::enrolment_id.is_not_null())
        .filter(merged_rows::stood.is_not_null())
        .order(merged_rows::id)
        .select((
            merged_rows::enrolment_id.assume_not_null(),
            merged_rows::stood.assume_not_null(),
        ))
        .load(conn)
}

pub fn stop(conn: &mut Conn, now: NaiveDateTime, ids: &[EnrolmentId], why: &str) -> Result<()> {
    let keys: Vec<i64> = ids.iter().map(|id| id.0).collect();
    diesel::update(enrolments::table.filter(enrolments::id.eq_any(&keys)))
        .set((enrolments::state.eq("stopped"), enrolments::cause.eq(why)))
        .execute(conn)?;
    let own = invitations::table
        .filter(invitations::enrolment_id.eq_any(&keys))
        .select(invitations::id);
    diesel::update(outbox::table)
        .filter(outbox::state.eq_any(["queued", "deferred"]))
        .filter(outbox::invitation_id.eq_any(own))
        .set((
            outbox::state.eq("cancelled"),
            outbox::reply.eq(why),
            outbox::ended_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

/// The step at which each of these enrolments is.
pub fn list_steps(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, i32)>> {
    enrolments::table
        .filter(enrolments::id.eq_any(ids))
        .order(enrolments::id)
        .select((enrolments::id, enrolments::next_step))
        .load(conn)
}

/// Those that are still stopped for that reason go on where they were.
pub fn start_again(conn: &mut Conn, enrolment: EnrolmentId, next_at: Option<NaiveDateTime>, why: &str) -> Result<bool> {
    let started = diesel::update(enrolments::table.find(enrolment.0))
        .filter(enrolments::state.eq("stopped"))
        .filter(enrolments::cause.eq(why))
        .set((
            enrolments::state.eq("active"),
            enrolments::cause.eq(None::<String>),
            enrolments::next_at.eq(next_at),
        ))
        .execute(conn)?;
    let own = invitations::table
        .filter(invitations::enrolment_id.eq(enrolment.0))
        .select(invitations::id);
    diesel::update(outbox::table)
        .filter(outbox::state.eq("cancelled"))
        .filter(outbox::reply.eq(why))
        .filter(outbox::invitation_id.eq_any(own))
        .set((
            outbox::state.eq("queued"),
            outbox::reply.eq(None::<String>),
            outbox::ended_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    Ok(started > 0)
}

// ── merges ──

/// One company merged into another.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = company_merges)]
pub struct MergeRow {
    pub id: MergeId,
    pub external_id: String,
    pub name: String,
    /// None: that one was merged itself afterwards.
    pub into_id: Option<CompanyId>,
    pub into_name: String,
    pub within_id: Option<MergeId>,
    pub merged_at: NaiveDateTime,
    pub merged_by: String,
    pub undone_at: Option<NaiveDateTime>,
    pub undone_by: Option<String>,
}

pub fn find_merge(conn: &mut Conn, merge: MergeId) -> Result<Option<MergeRow>> {
    company_merges::table
        .find(merge)
        .select(MergeRow::as_select())
        .first(conn)
        .optional()
}

/// Newest first.
pub fn list_merges(conn: &mut Conn, company: CompanyId) -> Result<Vec<MergeRow>> {
    company_merges::table
        .filter(company_merges::into_id.eq(company))
        .order(company_merges::id.desc())
        .select(MergeRow::as_select())
        .load(conn)
}

pub fn find_standing(conn: &mut Conn, external_id: &str) -> Result<Option<MergeRow>> {
    company_merges::table
        .filter(company_merges::external_id.eq(external_id))
        .filter(company_merges::undone_at.is_null())
        .order(company_merges::id.desc())
        .select(MergeRow::as_select())
        .first(conn)
        .optional()
}

pub fn find_before(conn: &mut Conn, merge: MergeId) -> Result<String> {
    company_merges::table
        .find(merge)
        .select(company_merges::before)
        .first(conn)
}

/// What a merge is noted with.
pub struct NewMerge<'a> {
    pub from: &'a CompanyRow,
    pub into: CompanyId,
    pub into_name: &'a str,
    pub before: String,
    pub by: &'a str,
}

pub fn insert_merge(conn: &mut Conn, now: NaiveDateTime, new: &NewMerge<'_>) -> Result<MergeId> {
    let row = (
        company_merges::from_id.eq(new.from.id),
        company_merges::external_id.eq(new.from.external_id.clone()),
        company_merges::name.eq(new.from.name.clone()),
        company_merges::into_id.eq(Some(new.into.0)),
        company_merges::into_name.eq(new.into_name),
        company_merges::before.eq(new.before.clone()),
        company_merges::merged_at.eq(now),
        company_merges::merged_by.eq(new.by),
    );
    on_each_backend!(conn, c => diesel::insert_into(company_merges::table)
        .values(row)
        .returning(company_merges::id)
        .get_result(c))
}

/// The merges into the company are within that one from now on.
pub fn take_merges_along(conn: &mut Conn, company: CompanyId, merge: MergeId) -> Result<()> {
    diesel::update(company_merges::table.filter(company_merges::into_id.eq(company)))
        .set((
            company_merges::into_id.eq(None::<i64>),
            company_merges::within_id.eq(Some(merge.0)),
        ))
        .execute(conn)
        .map(|_| ())
}

/// The merges that were within that one are the company's again.
pub fn hand_merges_back(conn: &mut Conn, merge: MergeId, company: CompanyId) -> Result<()> {
    diesel::update(company_merges::table.filter(company_merges::within_id.eq(merge)))
        .set((
            company_merges::into_id.eq(Some(company.0)),
            company_merges::within_id.eq(None::<i64>),
        ))
        .execute(conn)
        .map(|_| ())
}

/// It stands no more; of what it kept nothing is needed any longer.
pub fn end_merge(conn: &mut Conn, now: NaiveDateTime, merge: MergeId, by: &str) -> Result<()> {
    diesel::delete(merged_rows::table.filter(merged_rows::merge_id.eq(merge))).execute(conn)?;
    diesel::delete(merged_answers::table.filter(merged_answers::merge_id.eq(merge))).execute(conn)?;
    diesel::update(company_merges::table.find(merge))
        .set((
            company_merges::before.eq(""),
            company_merges::undone_at.eq(now),
            company_merges::undone_by.eq(by),
        ))
        .execute(conn)
        .map(|_| ())
}

// ── aliases and groups ──

/// Another external id of a company.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = company_aliases)]
pub struct AliasRow {
    pub external_id: String,
    /// The merge that made it, if one did.
    pub merge_id: Option<MergeId>,
    pub made_at: NaiveDateTime,
    pub made_by: String,
}

pub fn list_aliases(conn: &mut Conn, company: CompanyId) -> Result<Vec<AliasRow>> {
    company_aliases::table
        .filter(company_aliases::company_id.eq(company))
        .order(company_aliases::external_id)
        .select(AliasRow::as_select())
        .load(conn)
}

pub fn insert_alias(
    conn: &mut Conn,
    now: NaiveDateTime,
    external_id: &str,
    company: CompanyId,
    merge: Option<MergeId>,
    by: &str,
) -> Result<()> {
    diesel::insert_into(company_aliases::table)
        .values((
            company_aliases::external_id.eq(external_id),
            company_aliases::company_id.eq(company),
            company_aliases::merge_id.eq(merge.map(|merge| merge.0)),
            company_aliases::made_at.eq(now),
            company_aliases::made_by.eq(by),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn delete_alias(conn: &mut Conn, external_id: &str) -> Result<usize> {
    diesel::delete(company_aliases::table.find(external_id)).execute(conn)
}

pub fn move_aliases(conn: &mut Conn, from: CompanyId, into: CompanyId, only: Option<&[String]>) -> Result<()> {
    let own = company_aliases::table.filter(company_aliases::company_id.eq(from));
    let into = company_aliases::company_id.eq(into);
    match only {
        None => diesel::update(own).set(into).execute(conn),
        Some(only) => diesel::update(own.filter(company_aliases::external_id.eq_any(only)))
            .set(into)
            .execute(conn),
    }
    .map(|_| ())
}

/// A company by both its names.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = companies)]
pub struct NamedRow {
    pub id: CompanyId,
    pub external_id: String,
    pub name: String,
    pub parent_id: Option<CompanyId>,
}

pub fn find_named(conn: &mut Conn, company: CompanyId) -> Result<Option<NamedRow>> {
    companies::table
        .find(company)
        .select(NamedRow::as_select())
        .first(conn)
        .optional()
}

/// The companies that are part of this one, by name.
pub fn list_children(conn: &mut Conn, company: CompanyId) -> Result<Vec<NamedRow>> {
    companies::table
        .filter(companies::parent_id.eq(company))
        .order((companies::name_key, companies::id))
        .select(NamedRow::as_select())
        .load(conn)
}

pub fn set_parent(conn: &mut Conn, company: CompanyId, parent: Option<CompanyId>) -> Result<()> {
    diesel::update(companies::table.find(company))
        .set(companies::parent_id.eq(parent.map(|parent| parent.0)))
        .execute(conn)
        .map(|_| ())
}

/// Those of the companies that are part of the one become part of the other.
pub fn move_children(conn: &mut Conn, from: CompanyId, into: CompanyId, only: Option<&[i64]>) -> Result<()> {
    let own = companies::table.filter(companies::parent_id.eq(from));
    let into = companies::parent_id.eq(Some(into.0));
    match only {
        None => diesel::update(own).set(into).execute(conn),
        Some(only) => diesel::update(own.filter(companies::id.eq_any(only)))
            .set(into)
            .execute(conn),
    }
    .map(|_| ())
}

// ── contacts ──

pub fn set_company_of(
    conn: &mut Conn,
    now: NaiveDateTime,
    contact: ContactId,
    company: Option<CompanyId>,
) -> Result<()> {
    diesel::update(contacts::table.find(contact))
        .set((
            contacts::company_id.eq(company.map(|company| company.0)),
            contacts::updated_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

/// The contacts on whose mails and answers the company's rows hang.
pub fn list_people(conn: &mut Conn, company: CompanyId) -> Result<Vec<ContactId>> {
    let mut people: Vec<ContactId> = contacts::table
        .filter(contacts::company_id.eq(company))
        .select(contacts::id)
        .load(conn)?;
    let invited: Vec<ContactId> = invitations::table
        .filter(invitations::company_id.eq(company))
        .select(invitations::contact_id)
        .distinct()
        .load(conn)?;
    people.extend(invited);
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

/// How much of each kind hangs on the company: contacts, answers, transactions, enrolments under way,
/// conversations.
pub struct Hanging {
    pub contacts: i64,
    pub answers: i64,
    pub transactions: i64,
    pub enrolments: i64,
    pub conversations: i64,
}

pub fn count_hanging(conn: &mut Conn, company: CompanyId) -> Result<Hanging> {
    macro_rules! count {
        ($table:ident) => {
            $table::table
                .filter($table::company_id.eq(company))
                .count()
                .get_result(conn)?
        };
    }
    Ok(Hanging {
        contacts: count!(contacts),
        answers: count!(answers),
        transactions: count!(transactions),
        conversations: count!(conversations),
        enrolments: enrolments::table
            .filter(enrolments::company_id.eq(company))
            .filter(enrolments::state.eq("active"))
            .count()
            .get_result(conn)?,
    })
}
