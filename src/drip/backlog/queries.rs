//! The SQL of late mails.

use chrono::NaiveDateTime;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::drip::queries::list_on;
use crate::ids::MailId;
use crate::store::schema::{companies, contacts, drips, enrolments, outbox};
use crate::store::{self, Conn};

const WAITING: [&str; 2] = ["queued", "deferred"];

/// A waiting mail that was due long ago, with what says when it may leave.
#[derive(Debug, Clone, Queryable)]
pub struct LateRow {
    pub id: MailId,
    pub attempts: i32,
    pub drip: String,
    pub due_at: NaiveDateTime,
    pub time_zone: Option<String>,
    pub company_time_zone: Option<String>,
}

/// Asked at every beat: one look at the front of each drip's part of the index.
pub fn is_any_late(conn: &mut Conn, before: NaiveDateTime) -> store::Result<bool> {
    for drip in list_on(conn)? {
        let late = outbox::table
            .filter(outbox::drip.eq(drip))
            .filter(outbox::state.eq_any(WAITING))
            .filter(outbox::due_at.lt(before));
        if diesel::select(exists(late)).get_result(conn)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Of drips that are on, the longest due first; drip by drip and state by state, as the index has them.
pub fn list_late(conn: &mut Conn, before: NaiveDateTime, limit: i64) -> store::Result<Vec<LateRow>> {
    let mut late: Vec<LateRow> = Vec::new();
    for drip in list_on(conn)? {
        for state in WAITING {
            let of_state: Vec<LateRow> = outbox::table
                .inner_join(contacts::table.on(contacts::id.eq(outbox::contact_id)))
                .inner_join(companies::table.on(companies::id.eq(outbox::company_id)))
                .filter(outbox::drip.eq(&drip))
                .filter(outbox::state.eq(state))
                .filter(outbox::due_at.lt(before))
                .order((outbox::due_at, outbox::id))
                .limit(limit)
                .select((
                    outbox::id,
                    outbox::attempts,
                    outbox::drip,
                    outbox::due_at,
                    contacts::time_zone,
                    companies::time_zone,
                ))
                .load(conn)?;
            late.extend(of_state);
        }
    }
    late.sort_by_key(|row| (row.due_at, row.id));
    late.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(late)
}

/// When the mails leave that wait for that reason and are not late again.
pub fn list_spread(conn: &mut Conn, why: &str, before: NaiveDateTime) -> store::Result<Vec<NaiveDateTime>> {
    outbox::table
        .filter(outbox::drip.eq_any(list_on(conn)?))
        .filter(outbox::state.eq("deferred"))
        .filter(outbox::waits_for.eq(why))
        .filter(outbox::due_at.ge(before))
        .order((outbox::due_at, outbox::id))
        .select(outbox::due_at)
        .load(conn)
}

/// As [`list_spread`], of one drip and whether it is on or not.
pub fn count_spread(conn: &mut Conn, drip: &str, why: &str, before: NaiveDateTime) -> store::Result<i64> {
    outbox::table
        .filter(outbox::drip.eq(drip))
        .filter(outbox::state.eq("deferred"))
        .filter(outbox::waits_for.eq(why))
        .filter(outbox::due_at.ge(before))
        .count()
        .get_result(conn)
}

/// Waiting mails due from `from` until (not at) `until`: of one drip, or of all that are on.
pub fn count_mails(
    conn: &mut Conn,
    drip: Option<&str>,
    from: Option<NaiveDateTime>,
    until: NaiveDateTime,
) -> store::Result<i64> {
    let mut waiting = outbox::table
        .inner_join(drips::table.on(drips::code.eq(outbox::drip)))
        .filter(outbox::state.eq_any(WAITING))
        .filter(outbox::due_at.lt(until))
        .into_boxed();
    waiting = match drip {
        Some(drip) => waiting.filter(outbox::drip.eq(drip.to_owned())),
        None => waiting.filter(drips::state.eq("on")),
    };
    if let Some(from) = from {
        waiting = waiting.filter(outbox::due_at.ge(from));
    }
    waiting.count().get_result(conn)
}

/// Steps due from `from` until (not at) `until` that are still to become mails.
pub fn count_steps(
    conn: &mut Conn,
    drip: Option<&str>,
    from: Option<NaiveDateTime>,
    until: NaiveDateTime,
) -> store::Result<i64> {
    let mut due = enrolments::table
        .inner_join(drips::table.on(drips::code.eq(enrolments::drip)))
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::next_at.lt(until))
        .into_boxed();
    due = match drip {
        Some(drip) => due.filter(enrolments::drip.eq(drip.to_owned())),
        None => due.filter(drips::state.eq("on")),
    };
    if let Some(from) = from {
        due = due.filter(enrolments::next_at.ge(from));
    }
    due.count().get_result(conn)
}

/// The mail waits on, for that reason and until that time, if it still waits as it did.
pub fn postpone(conn: &mut Conn, mail: MailId, attempts: i32, until: NaiveDateTime, why: &str) -> store::Result<usize> {
    diesel::update(outbox::table.find(mail.0))
        .filter(outbox::state.eq_any(WAITING))
        .filter(outbox::attempts.eq(attempts))
        .set((
            outbox::state.eq("deferred"),
            outbox::due_at.eq(until),
            outbox::waits_for.eq(why),
        ))
        .execute(conn)
}

pub fn date(conn: &mut Conn, mail: MailId, attempts: i32, due_at: NaiveDateTime) -> store::Result<usize> {
    diesel::update(outbox::table.find(mail.0))
        .filter(outbox::state.eq_any(WAITING))
        .filter(outbox::attempts.eq(attempts))
        .set(outbox::due_at.eq(due_at))
        .execute(conn)
}

/// Late mails, and those that wait for that reason, are due now.
pub fn release_mails(
    conn: &mut Conn,
    now: NaiveDateTime,
    drip: &str,
    before: NaiveDateTime,
    why: &str,
) -> store::Result<usize> {
    let held = outbox::waits_for.eq(why).assume_not_null();
    let held = outbox::waits_for.is_not_null().and(held);
    diesel::update(outbox::table)
        .filter(outbox::drip.eq(drip))
        .filter(outbox::state.eq_any(WAITING))
        .filter(outbox::due_at.lt(before).or(held))
        .set((
            outbox::state.eq("queued"),
            outbox::due_at.eq(now),
            outbox::waits_for.eq(None::<String>),
        ))
        .execute(conn)
}

/// Late steps that are still to become mails are due now.
pub fn release_steps(conn: &mut Conn, now: NaiveDateTime, drip: &str, before: NaiveDateTime) -> store::Result<usize> {
    diesel::update(enrolments::table)
        .filter(enrolments::drip.eq(drip))
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::next_at.lt(before))
        .set(enrolments::next_at.eq(now))
        .execute(conn)
}
