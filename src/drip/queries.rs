//! The SQL of drips, enrolments, invitations and links.

use std::collections::{BTreeMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::{count_star, exists, not};
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

pub use super::claim::queries::{SituationRow, find_situation};

// ── drips ──

/// The codes of the drips that have a state.
pub fn list_drips(conn: &mut Conn) -> store::Result<HashSet<String>> {
    let codes: Vec<String> = drips::table.select(drips::code).load(conn)?;
    Ok(codes.into_iter().collect())
}

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

/// As an audience names the companies without a segment.
const NO_SEGMENT: &str = "none";

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
    only: Option<&[ContactId]>,
) -> store::Result<Vec<CandidateRow>> {
    let mut found = contacts::table
        .left_join(companies::table.left_join(company_segments::table))
        .order(contacts::id)
        .select(CandidateRow::as_select())
        .into_boxed();
    if let Some(contacts) = only {
        found = found.filter(contacts::id.eq_any(raw(contacts)));
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
            "segment" => {
                let unassigned = values.iter().any(|value| value == NO_SEGMENT).into_sql::<Bool>();
                let none = company_segments::segment.nullable().is_null().and(unassigned);
                found.filter(company_segments::segment.nullable().eq_any(values).or(none.nullable()))
            }
            "role" => found.filter(contacts::role.eq_any(values)),
            "language" => found.filter(contacts::language.eq_any(values)),
            "industry" => found.filter(companies::industry.eq_any(values)),
            "country" => found.filter(companies::country.eq_any(values)),
            "region" => found.filter(companies::region.eq_any(values)),
            "tier" => found.filter(companies::tier.eq_any(values)),
            "behaviour" => found.filter(companies::behaviour.eq_any(values)),
            "customer_type" => found.filter(companies::customer_type.eq_any(values)),
            "journey_stage" => found.filter(companies::journey_stage.eq_any(values)),
            "owner_email" => found.filter(companies::owner_email.eq_any(values)),
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

/// Transactions that arrived without a contact.
#[derive(Debug, Clone, Queryable)]
pub struct LoneDealRow {
    pub external_id: String,
    pub company: String,
    pub company_name: String,
    pub product: Option<String>,
    pub occurred_at: NaiveDateTime,
    pub arrived_at: NaiveDateTime,
}

/// The newest first.
pub fn list_deals_without_contact(conn: &mut Conn, limit: i64) -> store::Result<Vec<LoneDealRow>> {
    transactions::table
        .inner_join(companies::table)
        .filter(transactions::contact_id.is_null())
        .order((transactions::arrived_at.desc(), transactions::id.desc()))
        .limit(limit)
        .select((
            transactions::external_id,
            companies::external_id,
            companies::name,
            transactions::product,
            transactions::occurred_at,
            transactions::arrived_at,
        ))
        .load(conn)
}

/// On which occasions these contacts are, or were, in the drip.
pub fn list_enrolled(conn: &mut Conn, drip: &str, ids: &[ContactId]) -> store::Result<HashSet<(ContactId, String)>> {
    let rows: Vec<(ContactId, String)> = enrolments::table
        .filter(enrolments::drip.eq(drip))
        .filter(enrolments::contact_id.eq_any(raw(ids)))
        .select((enrolments::contact_id, enrolments::occasion))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// What speaks against mail to these address keys: key, drip ('' for all), reason.
pub fn list_suppressions(conn: &mut Conn, keys: &[&str]) -> store::Result<Vec<(String, String, String)>> {
    suppressions::table
        .filter(suppressions::email_key.eq_any(keys))
        .order((suppressions::email_key, suppressions::drip))
        .select((suppressions::email_key, suppressions::drip, suppressions::reason))
        .load(conn)
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

/// Which of these contacts got a mail since a time, or are about to get one: it waits in the outbox,
/// or they were enrolled since then and their first step is still to be made.
pub fn list_asked_since(conn: &mut Conn, since: NaiveDateTime, ids: &[ContactId]) -> store::Result<HashSet<ContactId>> {
    let waits = outbox::state.eq_any(["queued", "deferred", "sending"]);
    let mailed: Vec<ContactId> = outbox::table
        .filter(outbox::contact_id.eq_any(raw(ids)))
        .filter(outbox::sent_at.gt(since).or(waits.nullable()))
        .select(outbox::contact_id)
        .distinct()
        .load(conn)?;
    let enrolled: Vec<ContactId> = enrolments::table
        .filter(enrolments::contact_id.eq_any(raw(ids)))
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::next_step.eq(0))
        .filter(enrolments::enrolled_at.gt(since))
        .select(enrolments::contact_id)
        .distinct()
        .load(conn)?;
    Ok(mailed.into_iter().chain(enrolled).collect())
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

/// An enrolment whose next step is due, with the contact as it is now.
#[derive(Debug, Clone, Queryable)]
pub struct DueRow {
    pub enrolment: EnrolmentRow,
    pub email: String,
    pub email_key: String,
    /// Where the contact is now.
    pub company_id: Option<CompanyId>,
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
        .select((
            EnrolmentRow::as_select(),
            contacts::email,
            contacts::email_key,
            contacts::company_id,
        ))
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

/// Their step is made: the next one waits for its sending.
pub fn pass_step(conn: &mut Conn, ids: &[EnrolmentId], next_step: i32) -> store::Result<usize> {
    diesel::update(enrolments::table)
        .filter(enrolments::id.eq_any(ids.iter().map(|id| id.0)))
        .set((
            enrolments::next_step.eq(next_step),
            enrolments::next_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)
}

/// The contact is at another company now.
pub fn update_company(conn: &mut Conn, enrolment: EnrolmentId, company: CompanyId) -> store::Result<usize> {
    diesel::update(enrolments::table.find(enrolment.0))
        .set(enrolments::company_id.eq(company))
        .execute(conn)
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

/// Enrolments that stopped because their step's mail failed go on where they were.
pub fn revive_failed(conn: &mut Conn, ids: &[InvitationId]) -> store::Result<usize> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let stopped = invitations::table
        .filter(invitations::id.eq_any(ids))
        .filter(invitations::first_sent_at.is_null())
        .select(invitations::enrolment_id);
    diesel::update(enrolments::table.filter(enrolments::id.eq_any(stopped)))
        .filter(enrolments::state.eq("stopped"))
        .set((enrolments::state.eq("active"), enrolments::cause.eq(None::<String>)))
        .execute(conn)
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
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
pub struct NewInvitation {
    pub enrolment_id: EnrolmentId,
    pub step: i32,
    pub drip: String,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub framework_id: FrameworkId,
    pub nonce: String,
    pub made_at: NaiveDateTime,
    pub rev: i32,
    pub framework_step: i32,
}

pub fn insert_invitations(conn: &mut Conn, rows: &[NewInvitation]) -> store::Result<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    on_each_backend!(conn, c => diesel::insert_into(invitations::table).values(rows).execute(c))
}

pub fn insert_tokens(conn: &mut Conn, hashes: &[(InvitationId, Purpose, String)]) -> store::Result<()> {
    for hashes in hashes.chunks(store::ROWS_PER_INSERT) {
        let rows: Vec<_> = hashes
            .iter()
            .map(|(invitation, purpose, hash)| {
                (
                    link_tokens::hash.eq(hash),
                    link_tokens::purpose.eq(purpose.as_str()),
                    link_tokens::invitation_id.eq(invitation),
                )
            })
            .collect();
        on_each_backend!(conn, c => diesel::insert_into(link_tokens::table).values(rows).execute(c))?;
    }
    Ok(())
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
    /// The step's number in the framework that it was made from, whatever `step` is now.
    pub framework_step: i32,
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

/// The invitations of an enrolment that were made before that one.
pub fn list_invitations_before(
    conn: &mut Conn,
    enrolment: EnrolmentId,
    invitation: InvitationId,
) -> store::Result<Vec<InvitationId>> {
    invitations::table
        .filter(invitations::enrolment_id.eq(enrolment))
        .filter(invitations::id.lt(invitation))
        .order(invitations::id)
        .select(invitations::id)
        .load(conn)
}

/// All invitations of these enrolments, by enrolment and then as they were made.
pub fn list_made(conn: &mut Conn, enrolments: &[EnrolmentId]) -> store::Result<Vec<InvitationRow>> {
    invitations::table
        .filter(invitations::enrolment_id.eq_any(enrolments.iter().map(|id| id.0)))
        .order((invitations::enrolment_id, invitations::id))
        .select(InvitationRow::as_select())
        .load(conn)
}

/// The last step of the enrolment whose mail has left, or that was answered.
pub fn find_last_reached(conn: &mut Conn, enrolment: EnrolmentId) -> store::Result<Option<InvitationRow>> {
    invitations::table
        .filter(invitations::enrolment_id.eq(enrolment))
        .filter(
            invitations::first_sent_at
                .is_not_null()
                .or(invitations::answered_at.is_not_null()),
        )
        .order(invitations::id.desc())
        .select(InvitationRow::as_select())
        .first(conn)
        .optional()
}

/// Whether a later step was made: one that was taken out of the drip before its mail left counts as none.
pub fn is_any_made_after(conn: &mut Conn, enrolment: EnrolmentId, invitation: InvitationId) -> store::Result<bool> {
    let later = invitations::table
        .filter(invitations::enrolment_id.eq(enrolment))
        .filter(invitations::id.gt(invitation))
        .filter(invitations::step.ge(0).or(invitations::first_sent_at.is_not_null()));
    diesel::select(exists(later)).get_result(conn)
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

/// As [`raise_rev`], and `rev` stays: the row is this transaction's all the same.
pub fn hold_rev(conn: &mut Conn, invitation: InvitationId, rev: i32) -> store::Result<bool> {
    let held = diesel::update(invitations::table.find(invitation.0))
        .filter(invitations::rev.eq(rev))
        .set(invitations::rev.eq(rev))
        .execute(conn)?;
    Ok(held == 1)
}

/// The first answer's time stands.
pub fn update_answered(conn: &mut Conn, invitation: InvitationId, at: NaiveDateTime) -> store::Result<()> {
    diesel::update(invitations::table.find(invitation.0))
        .filter(invitations::answered_at.is_null())
        .set(invitations::answered_at.eq(at))
        .execute(conn)
        .map(|_| ())
}

/// What was made after an invitation for the same enrolment, and counts.
macro_rules! later {
    () => {{
        let later = diesel::alias!(invitations as later);
        later
            .filter(later.field(invitations::enrolment_id).eq(invitations::enrolment_id))
            .filter(later.field(invitations::id).gt(invitations::id))
            .filter(
                later
                    .field(invitations::step)
                    .ge(0)
                    .or(later.field(invitations::first_sent_at).is_not_null()),
            )
    }};
}

/// Invitations that closed unanswered while the next step of their enrolment waits.
pub fn list_closed(conn: &mut Conn, now: NaiveDateTime, limit: i64) -> store::Result<Vec<InvitationRow>> {
    invitations::table
        .inner_join(enrolments::table)
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::next_at.is_null())
        .filter(not(exists(later!())))
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
        .filter(not(exists(later!())))
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
        .filter(not(answers::suspect))
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
