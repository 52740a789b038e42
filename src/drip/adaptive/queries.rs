//! The SQL behind the choice of an adaptive step's questions.

use diesel::dsl::not;
use diesel::prelude::*;

use crate::answers::Stored;
use crate::framework::Code;
use crate::ids::{CompanyId, ContactId, InvitationId};
use crate::store::schema::{answers, contacts, invitations, survey_segments};
use crate::store::{self, Conn};

/// What people answered for these companies, in key order: a contact's side by side, each item's oldest first.
pub fn list_answers(conn: &mut Conn, companies: &[CompanyId]) -> store::Result<Vec<Stored>> {
    answers::table
        .filter(answers::company_id.eq_any(companies.iter().map(|id| id.0)))
        .filter(not(answers::suspect))
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

/// The questions that contacts have answered, for whatever company.
pub fn list_answered(conn: &mut Conn, contacts: &[ContactId]) -> store::Result<Vec<(ContactId, Code)>> {
    answers::table
        .filter(answers::contact_id.eq_any(contacts.iter().map(|id| id.0)))
        .filter(not(answers::suspect))
        .order((answers::contact_id, answers::question))
        .select((answers::contact_id, answers::question))
        .distinct()
        .load(conn)
}

/// What other adaptive steps have asked of these companies' people and still wait for, oldest first.
pub fn list_open(conn: &mut Conn, companies: &[CompanyId]) -> store::Result<Vec<(CompanyId, ContactId, String)>> {
    let rows: Vec<(CompanyId, ContactId, Option<String>)> = invitations::table
        .filter(invitations::company_id.eq_any(companies.iter().map(|id| id.0)))
        .filter(invitations::questions.is_not_null())
        .filter(invitations::answered_at.is_null())
        .filter(invitations::closes_at.is_null().or(invitations::awaited))
        // A step that was taken out of its drip before its mail left asks nothing.
        .filter(invitations::step.ge(0).or(invitations::first_sent_at.is_not_null()))
        .order(invitations::id)
        .select((invitations::company_id, invitations::contact_id, invitations::questions))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(company, contact, questions)| Some((company, contact, questions?)))
        .collect())
}

pub fn list_roles(conn: &mut Conn, ids: &[ContactId]) -> store::Result<Vec<(ContactId, Option<String>)>> {
    contacts::table
        .filter(contacts::id.eq_any(ids.iter().map(|id| id.0)))
        .order(contacts::id)
        .select((contacts::id, contacts::role))
        .load(conn)
}

pub fn find_company(conn: &mut Conn, contact: ContactId) -> store::Result<Option<CompanyId>> {
    let company: Option<Option<CompanyId>> = contacts::table
        .find(contact.0)
        .select(contacts::company_id)
        .first(conn)
        .optional()?;
    Ok(company.flatten())
}

/// The survey's first and second segment of each company that can be assigned, and how sure it is.
pub fn list_surveys(
    conn: &mut Conn,
    companies: &[CompanyId],
) -> store::Result<Vec<(CompanyId, Code, Option<Code>, Option<f64>)>> {
    survey_segments::table
        .filter(survey_segments::company_id.eq_any(companies.iter().map(|id| id.0)))
        .order(survey_segments::company_id)
        .select((
            survey_segments::company_id,
            survey_segments::segment,
            survey_segments::runner_up,
            survey_segments::confidence,
        ))
        .load(conn)
}

/// What was chosen for the invitation, as it is stored.
pub fn find_questions(conn: &mut Conn, invitation: InvitationId) -> store::Result<Option<String>> {
    let questions: Option<Option<String>> = invitations::table
        .find(invitation.0)
        .select(invitations::questions)
        .first(conn)
        .optional()?;
    Ok(questions.flatten())
}
