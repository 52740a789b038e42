//! Answers as they are told: of everybody, to the questions that are asked now.

use chrono::NaiveDateTime;
use diesel::dsl::not;
use diesel::prelude::*;

use crate::ids::{CompanyId, VersionId};
use crate::store::schema::answers;
use crate::store::{self, Conn};

#[derive(Debug, Clone, Queryable)]
pub struct Answer {
    pub company_id: i64,
    pub contact_id: i64,
    pub version_id: i64,
    pub row_code: String,
    pub value: String,
}

/// Of a range of companies, to these versions: a company's side by side, then a contact's, and to an
/// item the oldest first.
pub fn list_answers(
    conn: &mut Conn,
    (first, last): (i64, i64),
    versions: &[VersionId],
    until: Option<NaiveDateTime>,
) -> store::Result<Vec<Answer>> {
    let mut query = answers::table
        .filter(answers::company_id.between(CompanyId(first), CompanyId(last)))
        .filter(answers::version_id.eq_any(versions))
        .filter(not(answers::suspect))
        .order((
            answers::company_id,
            answers::contact_id,
            answers::question,
            answers::row_code,
            answers::at,
            answers::seq,
        ))
        .select((
            answers::company_id,
            answers::contact_id,
            answers::version_id,
            answers::row_code,
            answers::value,
        ))
        .into_boxed();
    if let Some(until) = until {
        query = query.filter(answers::at.le(until));
    }
    query.load(conn)
}
