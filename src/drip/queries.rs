//! The SQL of drips, enrolments, invitations and links.

use std::collections::{BTreeMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::{count_star, exists};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::ids::{CompanyId, ContactId, EnrolmentId, FrameworkId, InvitationId, TransactionId};
use crate::mail::token::Purpose;
use crate::method::tenure;
use crate::store::schema::{
    answers, companies, company_attributes, company_segments, contact_attributes, contacts, drips, enrolments,
    invitations, link_tokens, outbox, suppressions, survey_segments, transactions,
};
use crate::store::{self, Conn, on_each_backend};

// ── drips ──

pub fn insert_drip(conn: &mut Conn, now: NaiveDateTime, drip: &str, state: &str) -> store::Result<usize> {
    let row = (drips::code.eq(drip), drips::state.eq(state), drips::changed_at.eq(now));
    on_each_backend!(conn, c => diesel::insert_into(drips::table)
        .values(row)
        .on_conflict(drips::code)
        .do_nothing()
        .execute(c))
}

pub fn find_drip(conn: &mut Conn, drip: &str) -> store::Result<Option<(String, Option<String>)>> {
    drips::table
        .find(drip)
        .select((drips::state, drips::cause))
        .first(conn)
        .optional()
}

pub fn update_drip(
    conn: &mut Conn,
    now: NaiveDateTime,
    drip: &str,
    state: &str,
    cause: Option<&str>,
) -> store::Result<usize> {
    diesel::update(drips::table.find(drip))
        .set((
            drips::state.eq(state),
            drips::cause.eq(cause),
            drips::changed_at.eq(now),
        ))
        .execute(conn)
}

// ── whom to enrol ──

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = contacts)]
pub struct CandidateRow {
    pub id: ContactId,
    pub external_id: String,
    pub company_id: Option<CompanyId>,
    pub email_key: String,
}

pub fn list_candidates(conn: &mut Conn, external_ids: &[String]) -> store::Result<Vec<CandidateRow>> {
    contacts::table
        .filter(contacts::external_id.eq_any(external_ids))
        .order(contacts::id)
        .select(CandidateRow::as_select())
        .load(conn)
}

/// Who matches every criterion: an attribute of the contact or its company, with the values that
/// pass. Attributes that have no column of their own are looked up among the imported ones.
pub fn list_matching(
    conn: &mut Conn,
    today: NaiveDate,
    tenure_threshold_months: u32,
    criteria: &BTreeMap<String, Vec<String>>,
    only: Option<ContactId>,
) -> store::Result<Vec<CandidateRow>> {
    let mut found = contacts::table
        .left_join(companies::table.left_join(company_segments::table))
        .order(contacts::id)
        .select(CandidateRow::as_select())
        .into_boxed();
    if let Some(contact) = only {
        found = found.filter(contacts::id.eq(contact));
    }
    for (attribute, values) in criteria.iter().filter(|(_, values)| !values.is_empty()) {
        found = match attribute.as_str() {
            "tenure" => {
                let cutoff = tenure::cutoff(today, tenure_threshold_months).unwrap_or(NaiveDate::MIN);
                let takes = |word: &str| values.iter().any(|value| value == word).into_sql::<Bool>();
                let since = companies::customer_since.nullable();
                let new = since.gt(cutoff).and(takes("new"));
                let long_standing = since.le(cutoff).and(takes("long_standing"));
                let unknown = since.is_null().and(takes("unknown"));
                found.filter(new.or(long_standing).or(unknown))
            }
            "segment" => found.filter(company_segments::segment.eq_any(values)),
            "role" => found.filter(contacts::role.eq_any(values)),
            "language" => found.filter(contacts::language.eq_any(values)),
            "industry" => found.filter(companies::industry.eq_any(values)),
            "country" => found.filter(companies::country.eq_any(values)),
            "region" => found.filter(companies::region.eq_any(values)),
            "tier" => found.filter(companies::tier.eq_any(values)),
            "behaviour" => found.filter(companies::behaviour.eq_any(values)),
            "customer_type" => found.filter(companies::customer_type.eq_any(values)),
            "journey_stage" => found.filter(companies::journey_stage.eq_any(values)),
            "technology_level" => found.filter(companies::technology_level.eq_any(values)),
            imported => {
                let of_company = company_attributes::table
                    .filter(company_attributes::company_id.nullable().eq(contacts::company_id))
                    .filter(company_attributes::name.eq(imported))
                    .filter(company_attributes::value.eq_any(values));
                let of_contact = contact_attributes::table
                    .filter(contact_attributes::contact_id.eq(contacts::id))
                    .filter(contact_attributes::name.eq(imported))
                    .filter(contact_attributes::value.eq_any(values));
                found.filter(exists(of_company).or(exists(of_contact)))
            }
        };
    }
    found.load(conn)
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = transactions)]
pub struct DealRow {
    pub id: TransactionId,
    pub contact_id: Option<ContactId>,
    pub occurred_at: NaiveDateTime,
}

pub fn list_deals(conn: &mut Conn, ids: &[TransactionId]) -> store::Result<Vec<DealRow>> {
    transactions::table
        .filter(transactions::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>()))
        .order(transactions::id)
        .select(DealRow::as_select())
        .load(conn)
}

/// Which of these contacts are, or were, in the drip on that occasion.
pub fn list_enrolled(
    conn: &mut Conn,
    drip: &str,
    occasion: &str,
    ids: &[ContactId],
) -> store::Result<HashSet<ContactId>> {
    let rows: Vec<ContactId> = enrolments::table
        .filter(enrolments::drip.eq(drip))
        .filter(enrolments::occasion.eq(occasion))
        .filter(enrolments::contact_id.eq_any(raw(ids)))
        .select(enrolments::contact_id)
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Which of these address keys get no mail of the drip.
pub fn list_suppressed(conn: &mut Conn, drip: &str, keys: &[&str]) -> store::Result<HashSet<String>> {
    let rows: Vec<String> = suppressions::table
        .filter(suppressions::drip.eq_any(["", drip]))
        .filter(suppressions::email_key.eq_any(keys))
        .select(suppressions::email_key)
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Which of these contacts got a mail, or are about to, since a time.
pub fn list_asked_since(conn: &mut Conn, since: NaiveDateTime, ids: &[ContactId]) -> store::Result<HashSet<ContactId>> {
    let rows: Vec<ContactId> = invitations::table
        .filter(invitations::contact_id.eq_any(raw(ids)))
        .filter(
            invitations::made_at
                .gt(since)
                .or(invitations::first_sent_at.gt(since).assume_not_null()),
        )
        .select(invitations::contact_id)
        .distinct()
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

fn raw(ids: &[ContactId]) -> Vec<i64> {
    ids.iter().map(|id| id.0).collect()
}

// ── enrolments ──

#[derive(Insertable)]
#[diesel(table_name = enrolments, treat_none_as_default_value = false)]
pub struct NewEnrolmentRow<'a> {
    pub drip: &'a str,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub transaction_id: Option<TransactionId>,
    pub occasion: &'a str,
    pub state: &'a str,
    pub next_step: i32,
    pub next_at: NaiveDateTime,
    pub enrolled_at: NaiveDateTime,
}

pub fn insert_enrolments(conn: &mut Conn, rows: &[NewEnrolmentRow]) -> store::Result<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    on_each_backend!(conn, c => diesel::insert_into(enrolments::table)
        .values(rows)
        .on_conflict((enrolments::drip, enrolments::contact_id, enrolments::occasion))
        .do_nothing()
        .execute(c))
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = enrolments)]
pub struct EnrolmentRow {
    pub id: EnrolmentId,
    pub drip: String,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub transaction_id: Option<TransactionId>,
    pub state: String,
    pub next_step: i32,
    pub next_at: Option<NaiveDateTime>,
}

/// An enrolment whose next step is due, with the contact's address.
#[derive(Debug, Clone, Queryable)]
pub struct DueRow {
    pub enrolment: EnrolmentRow,
    pub email: String,
    pub email_key: String,
}

pub fn list_due(conn: &mut Conn, now: NaiveDateTime, limit: i64) -> store::Result<Vec<DueRow>> {
    enrolments::table
        .inner_join(drips::table.on(drips::code.eq(enrolments::drip)))
        .inner_join(contacts::table)
        .filter(drips::state.eq("on"))
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::next_at.le(now))
        .order((enrolments::next_at, enrolments::id))
        .limit(limit)
        .select((EnrolmentRow::as_select(), contacts::email, contacts::email_key))
        .load(conn)
}

/// When the next step of a drip that is on falls due.
pub fn find_next_due(conn: &mut Conn) -> store::Result<Option<NaiveDateTime>> {
    let next: Option<Option<NaiveDateTime>> = enrolments::table
        .inner_join(drips::table.on(drips::code.eq(enrolments::drip)))
        .filter(drips::state.eq("on"))
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::next_at.is_not_null())
        .order((enrolments::next_at, enrolments::id))
        .select(enrolments::next_at)
        .first(conn)
        .optional()?;
    Ok(next.flatten())
}

/// A contact's enrolments, oldest first.
pub fn list_of_contact(conn: &mut Conn, contact: ContactId) -> store::Result<Vec<EnrolmentRow>> {
    enrolments::table
        .filter(enrolments::contact_id.eq(contact))
        .order(enrolments::id)
        .select(EnrolmentRow::as_select())
        .load(conn)
}

pub fn find_enrolment(conn: &mut Conn, enrolment: EnrolmentId) -> store::Result<Option<EnrolmentRow>> {
    enrolments::table
        .find(enrolment.0)
        .select(EnrolmentRow::as_select())
        .first(conn)
        .optional()
}

pub fn update_enrolment(
    conn: &mut Conn,
    enrolment: EnrolmentId,
    state: &str,
    next_step: i32,
    next_at: Option<NaiveDateTime>,
    cause: Option<&str>,
) -> store::Result<()> {
    diesel::update(enrolments::table.find(enrolment.0))
        .set((
            enrolments::state.eq(state),
            enrolments::next_step.eq(next_step),
            enrolments::next_at.eq(next_at),
            enrolments::cause.eq(cause),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn stop_enrolment(conn: &mut Conn, enrolment: EnrolmentId, cause: &str) -> store::Result<()> {
    diesel::update(enrolments::table.find(enrolment.0))
        .filter(enrolments::state.eq("active"))
        .set((enrolments::state.eq("stopped"), enrolments::cause.eq(cause)))
        .execute(conn)
        .map(|_| ())
}

/// Ends all that is under way in a drip.
pub fn stop_all_of(conn: &mut Conn, drip: &str, cause: &str) -> store::Result<usize> {
    diesel::update(enrolments::table)
        .filter(enrolments::drip.eq(drip))
        .filter(enrolments::state.eq("active"))
        .set((enrolments::state.eq("stopped"), enrolments::cause.eq(cause)))
        .execute(conn)
}

/// Ends what is under way to an address key: in one drip, or (with '') in all.
pub fn stop_of_address(conn: &mut Conn, email_key: &str, drip: &str, cause: &str) -> store::Result<()> {
    let people = contacts::table
        .filter(contacts::email_key.eq(email_key))
        .select(contacts::id);
    diesel::update(enrolments::table)
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::contact_id.eq_any(people))
        .filter(enrolments::drip.eq(drip).or(drip.is_empty().into_sql::<Bool>()))
        .set((enrolments::state.eq("stopped"), enrolments::cause.eq(cause)))
        .execute(conn)
        .map(|_| ())
}

pub fn list_stopped(conn: &mut Conn, email_key: &str, drip: &str, cause: &str) -> store::Result<Vec<EnrolmentRow>> {
    enrolments::table
        .inner_join(contacts::table)
        .filter(contacts::email_key.eq(email_key))
        .filter(enrolments::state.eq("stopped"))
        .filter(enrolments::cause.eq(cause))
        .filter(enrolments::drip.eq(drip).or(drip.is_empty().into_sql::<Bool>()))
        .order(enrolments::id)
        .select(EnrolmentRow::as_select())
        .load(conn)
}

pub fn revive_enrolment(conn: &mut Conn, enrolment: EnrolmentId) -> store::Result<()> {
    diesel::update(enrolments::table.find(enrolment.0))
        .set((enrolments::state.eq("active"), enrolments::cause.eq(None::<String>)))
        .execute(conn)
        .map(|_| ())
}

/// Mails that were cancelled for that reason wait again.
pub fn revive_mails(conn: &mut Conn, enrolment: EnrolmentId, cause: &str) -> store::Result<()> {
    let of_enrolment = invitations::table
        .filter(invitations::enrolment_id.eq(enrolment))
        .select(invitations::id);
    diesel::update(outbox::table)
        .filter(outbox::state.eq("cancelled"))
        .filter(outbox::reply.eq(cause))
        .filter(outbox::invitation_id.eq_any(of_enrolment))
        .set((
            outbox::state.eq("queued"),
            outbox::reply.eq(None::<String>),
            outbox::ended_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)
        .map(|_| ())
}

// ── invitations ──

#[derive(Insertable)]
#[diesel(table_name = invitations)]
pub struct NewInvitationRow<'a> {
    pub enrolment_id: EnrolmentId,
    pub step: i32,
    pub drip: &'a str,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub framework_id: FrameworkId,
    pub nonce: &'a str,
    pub made_at: NaiveDateTime,
    pub rev: i32,
}

pub fn insert_invitation(conn: &mut Conn, row: &NewInvitationRow) -> store::Result<InvitationId> {
    diesel::insert_into(invitations::table)
        .values(row)
        .returning(invitations::id)
        .get_result(conn)
}

pub fn insert_tokens(conn: &mut Conn, invitation: InvitationId, hashes: &[(Purpose, String)]) -> store::Result<usize> {
    let rows: Vec<_> = hashes
        .iter()
        .map(|(purpose, hash)| {
            (
                link_tokens::hash.eq(hash),
                link_tokens::purpose.eq(purpose.as_str()),
                link_tokens::invitation_id.eq(invitation),
            )
        })
        .collect();
    on_each_backend!(conn, c => diesel::insert_into(link_tokens::table).values(rows).execute(c))
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct InvitationRow {
    pub id: InvitationId,
    pub enrolment_id: EnrolmentId,
    pub step: i32,
    pub drip: String,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub framework_id: FrameworkId,
    pub nonce: String,
    pub made_at: NaiveDateTime,
    pub first_sent_at: Option<NaiveDateTime>,
    pub closes_at: Option<NaiveDateTime>,
    pub opened_at: Option<NaiveDateTime>,
    pub answered_at: Option<NaiveDateTime>,
    pub rev: i32,
}

pub fn find_invitation(conn: &mut Conn, invitation: InvitationId) -> store::Result<Option<InvitationRow>> {
    invitations::table
        .find(invitation.0)
        .select(InvitationRow::as_select())
        .first(conn)
        .optional()
}

/// What a token of that purpose opens: its invitation, or (inner `None`) the memory of one.
pub fn find_by_token(conn: &mut Conn, purpose: Purpose, hash: &str) -> store::Result<Option<Option<InvitationRow>>> {
    let invitation: Option<Option<InvitationId>> = link_tokens::table
        .find(hash)
        .filter(link_tokens::purpose.eq(purpose.as_str()))
        .select(link_tokens::invitation_id)
        .first(conn)
        .optional()?;
    match invitation {
        None => Ok(None),
        Some(None) => Ok(Some(None)),
        Some(Some(invitation)) => find_invitation(conn, invitation).map(Some),
    }
}

pub fn list_invitations_before(conn: &mut Conn, enrolment: EnrolmentId, step: i32) -> store::Result<Vec<InvitationId>> {
    invitations::table
        .filter(invitations::enrolment_id.eq(enrolment))
        .filter(invitations::step.lt(step))
        .order(invitations::id)
        .select(invitations::id)
        .load(conn)
}

pub fn update_first_sent(
    conn: &mut Conn,
    invitation: InvitationId,
    at: NaiveDateTime,
    closes_at: Option<NaiveDateTime>,
) -> store::Result<usize> {
    diesel::update(invitations::table.find(invitation.0))
        .set((invitations::first_sent_at.eq(at), invitations::closes_at.eq(closes_at)))
        .execute(conn)
}

/// Raises `rev` if it still is what the page was made from; its row is this transaction's until it ends.
pub fn raise_rev(conn: &mut Conn, invitation: InvitationId, rev: i32) -> store::Result<bool> {
    let raised = diesel::update(invitations::table.find(invitation.0))
        .filter(invitations::rev.eq(rev))
        .set(invitations::rev.eq(rev + 1))
        .execute(conn)?;
    Ok(raised == 1)
}

/// The first answer's time stands.
pub fn update_answered(conn: &mut Conn, invitation: InvitationId, at: NaiveDateTime) -> store::Result<()> {
    diesel::update(invitations::table.find(invitation.0))
        .filter(invitations::answered_at.is_null())
        .set(invitations::answered_at.eq(at))
        .execute(conn)
        .map(|_| ())
}

/// Invitations that closed unanswered while the next step of their enrolment waits.
pub fn list_closed(conn: &mut Conn, now: NaiveDateTime, limit: i64) -> store::Result<Vec<InvitationRow>> {
    invitations::table
        .inner_join(enrolments::table)
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::next_at.is_null())
        .filter(enrolments::next_step.eq(invitations::step + 1))
        .filter(invitations::closes_at.le(now))
        .filter(invitations::answered_at.is_null())
        .order((invitations::closes_at, invitations::id))
        .limit(limit)
        .select(InvitationRow::as_select())
        .load(conn)
}

/// When the next step closes that another one waits for.
pub fn find_next_closing(conn: &mut Conn) -> store::Result<Option<NaiveDateTime>> {
    let next: Option<Option<NaiveDateTime>> = invitations::table
        .inner_join(enrolments::table)
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::next_at.is_null())
        .filter(enrolments::next_step.eq(invitations::step + 1))
        .filter(invitations::closes_at.is_not_null())
        .filter(invitations::answered_at.is_null())
        .order((invitations::closes_at, invitations::id))
        .select(invitations::closes_at)
        .first(conn)
        .optional()?;
    Ok(next.flatten())
}

/// The questions that a contact has answered, by other ways than this invitation.
pub fn list_answered(
    conn: &mut Conn,
    contact: ContactId,
    invitation: Option<InvitationId>,
) -> store::Result<HashSet<String>> {
    let mut given = answers::table
        .filter(answers::contact_id.eq(contact))
        .select(answers::question)
        .distinct()
        .into_boxed();
    if let Some(invitation) = invitation {
        let elsewhere = answers::invitation_id
            .is_null()
            .or(answers::invitation_id.ne(invitation).assume_not_null());
        given = given.filter(elsewhere);
    }
    let rows: Vec<String> = given.load(conn)?;
    Ok(rows.into_iter().collect())
}

pub fn find_confidence(conn: &mut Conn, company: CompanyId) -> store::Result<Option<f64>> {
    let confidence: Option<Option<f64>> = survey_segments::table
        .find(company.0)
        .select(survey_segments::confidence)
        .first(conn)
        .optional()?;
    Ok(confidence.flatten())
}

pub fn find_email_key(conn: &mut Conn, contact: ContactId) -> store::Result<Option<String>> {
    contacts::table
        .find(contact.0)
        .select(contacts::email_key)
        .first(conn)
        .optional()
}

pub fn find_company_name(conn: &mut Conn, company: CompanyId) -> store::Result<Option<String>> {
    companies::table
        .find(company.0)
        .select(companies::name)
        .first(conn)
        .optional()
}

pub fn find_email(conn: &mut Conn, contact: ContactId) -> store::Result<Option<String>> {
    contacts::table
        .find(contact.0)
        .select(contacts::email)
        .first(conn)
        .optional()
}

// ── what a claim looks at ──

/// What decides whether a mail may leave now.
#[derive(Debug, Clone, Queryable)]
pub struct SituationRow {
    pub email: String,
    pub email_key: String,
    pub time_zone: Option<String>,
    pub language: Option<String>,
    pub company_time_zone: Option<String>,
    pub enrolment_state: String,
    pub enrolment_cause: Option<String>,
    pub transaction_id: Option<TransactionId>,
    pub invitation: InvitationRow,
    pub segment: Option<String>,
}

pub fn find_situation(conn: &mut Conn, invitation: InvitationId) -> store::Result<Option<SituationRow>> {
    invitations::table
        .inner_join(enrolments::table)
        .inner_join(contacts::table.on(contacts::id.eq(invitations::contact_id)))
        .inner_join(companies::table.on(companies::id.eq(invitations::company_id)))
        .left_join(company_segments::table.on(company_segments::company_id.eq(invitations::company_id)))
        .filter(invitations::id.eq(invitation))
        .select((
            contacts::email,
            contacts::email_key,
            contacts::time_zone,
            contacts::language,
            companies::time_zone,
            enrolments::state,
            enrolments::cause,
            enrolments::transaction_id,
            InvitationRow::as_select(),
            company_segments::segment.nullable(),
        ))
        .first(conn)
        .optional()
}

// ── figures for the back office ──

/// By drip and state.
pub fn count_enrolments(conn: &mut Conn) -> store::Result<Vec<(String, String, i64)>> {
    enrolments::table
        .group_by((enrolments::drip, enrolments::state))
        .select((enrolments::drip, enrolments::state, count_star()))
        .load(conn)
}

/// Invitations whose first mail has left, by drip and step.
pub fn count_sent(conn: &mut Conn) -> store::Result<Vec<(String, i32, i64)>> {
    invitations::table
        .filter(invitations::first_sent_at.is_not_null())
        .group_by((invitations::drip, invitations::step))
        .select((invitations::drip, invitations::step, count_star()))
        .load(conn)
}

/// Answered invitations, by drip and step.
pub fn count_answered(conn: &mut Conn) -> store::Result<Vec<(String, i32, i64)>> {
    invitations::table
        .filter(invitations::answered_at.is_not_null())
        .group_by((invitations::drip, invitations::step))
        .select((invitations::drip, invitations::step, count_star()))
        .load(conn)
}

/// Mails by drip, step and state.
pub fn count_mails(conn: &mut Conn) -> store::Result<Vec<(String, i32, String, i64)>> {
    outbox::table
        .group_by((outbox::drip, outbox::step, outbox::state))
        .select((outbox::drip, outbox::step, outbox::state, count_star()))
        .load(conn)
}
