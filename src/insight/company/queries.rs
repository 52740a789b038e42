//! What is read about one company.

use chrono::NaiveDateTime;
use diesel::dsl::{case_when, count, count_star, max, min, not, sum};
use diesel::prelude::*;
use diesel::sql_types::Integer;

use super::{Bought, ChannelEvidence};
use crate::ids::{CompanyId, ContactId};
use crate::store::schema::{answers, contact_evidence, contacts, transactions};
use crate::store::{Conn, Result, list_in_chunks};

pub fn list_roles(conn: &mut Conn, ids: &[ContactId]) -> Result<Vec<(ContactId, Option<String>)>> {
    list_in_chunks(ids, |chunk| {
        contacts::table
            .filter(contacts::id.eq_any(chunk))
            .order(contacts::id)
            .select((contacts::id, contacts::role))
            .load(conn)
    })
}

pub fn list_answered(conn: &mut Conn, company: CompanyId) -> Result<Vec<ContactId>> {
    contact_evidence::table
        .filter(contact_evidence::company_id.eq(company))
        .order(contact_evidence::contact_id)
        .select(contact_evidence::contact_id)
        .load(conn)
}

/// By the way they came, the answers that count for something: what looks like a program's is left out.
pub fn list_channels(conn: &mut Conn, company: CompanyId) -> Result<Vec<ChannelEvidence>> {
    let rows: Vec<(String, i64, i64, Option<NaiveDateTime>)> = answers::table
        .filter(answers::company_id.eq(company))
        .filter(not(answers::suspect))
        .group_by(answers::channel)
        .order(answers::channel)
        .select((
            answers::channel,
            count_star(),
            count(answers::contact_id).aggregate_distinct(),
            max(answers::at),
        ))
        .load(conn)?;
    let evidence = |(channel, answers, contacts, newest): (String, i64, i64, Option<NaiveDateTime>)| {
        Some(ChannelEvidence {
            channel,
            answers,
            contacts,
            newest: newest?,
        })
    };
    Ok(rows.into_iter().filter_map(evidence).collect())
}

/// A credit note, an amount below 0, takes off the amount and is no purchase.
pub fn find_bought(conn: &mut Conn, company: CompanyId) -> Result<Bought> {
    let is_one = || {
        transactions::amount
            .is_null()
            .or(transactions::amount.ge(0.0).assume_not_null())
    };
    let (deals, amount, first, last): (i64, Option<f64>, Option<NaiveDateTime>, Option<NaiveDateTime>) =
        transactions::table
            .filter(transactions::company_id.eq(company))
            .select((
                count(case_when(is_one(), 1.into_sql::<Integer>())),
                sum(transactions::amount),
                min(case_when(is_one(), transactions::occurred_at)),
                max(case_when(is_one(), transactions::occurred_at)),
            ))
            .first(conn)?;
    Ok(Bought {
        deals,
        amount,
        first: first.map(|at| at.date()),
        last: last.map(|at| at.date()),
    })
}
