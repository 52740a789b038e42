//! The SQL of drips edited while they run.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::upsert::excluded;

use crate::ids::{CompanyId, ContactId, EnrolmentId, FrameworkId, MailId, TransactionId};
use crate::store::schema::{enrolments, invitations, outbox};
use crate::store::{self, Conn, on_each_backend};

const WAITING: [&str; 2] = ["queued", "deferred"];

/// A step of the drip gets another number.
pub fn renumber(conn: &mut Conn, drip: &str, from: i32, to: i32) -> store::Result<()> {
    diesel::update(invitations::table)
        .filter(invitations::drip.eq(drip))
        .filter(invitations::step.eq(from))
        .set(invitations::step.eq(to))
        .execute(conn)?;
    diesel::update(outbox::table)
        .filter(outbox::drip.eq(drip))
        .filter(outbox::step.eq(from))
        .set(outbox::step.eq(to))
        .execute(conn)
        .map(|_| ())
}

/// The mails of a step that wait do not go.
pub fn cancel_step(conn: &mut Conn, now: NaiveDateTime, drip: &str, step: i32, why: &str) -> store::Result<usize> {
    diesel::update(outbox::table)
        .filter(outbox::drip.eq(drip))
        .filter(outbox::step.eq(step))
        .filter(outbox::state.eq_any(WAITING))
        .set((
            outbox::state.eq("cancelled"),
            outbox::waits_for.eq(None::<String>),
            outbox::reply.eq(why),
            outbox::ended_at.eq(now),
        ))
        .execute(conn)
}

/// Nothing of the drip goes on.
pub fn cancel_drip(conn: &mut Conn, now: NaiveDateTime, drip: &str, why: &str) -> store::Result<()> {
    diesel::update(outbox::table)
        .filter(outbox::drip.eq(drip))
        .filter(outbox::state.eq_any(WAITING))
        .set((
            outbox::state.eq("cancelled"),
            outbox::waits_for.eq(None::<String>),
            outbox::reply.eq(why),
            outbox::ended_at.eq(now),
        ))
        .execute(conn)?;
    diesel::update(enrolments::table)
        .filter(enrolments::drip.eq(drip))
        .filter(enrolments::state.eq("active"))
        .set((
            enrolments::state.eq("stopped"),
            enrolments::next_at.eq(None::<NaiveDateTime>),
            enrolments::cause.eq(why),
        ))
        .execute(conn)
        .map(|_| ())
}

/// Reminders beyond the first `count` of each step do not go.
pub fn cancel_reminders(
    conn: &mut Conn,
    now: NaiveDateTime,
    drip: &str,
    count: i32,
    why: &str,
) -> store::Result<usize> {
    diesel::update(outbox::table)
        .filter(outbox::drip.eq(drip))
        .filter(outbox::state.eq_any(WAITING))
        .filter(outbox::nth.gt(count))
        .set((
            outbox::state.eq("cancelled"),
            outbox::waits_for.eq(None::<String>),
            outbox::reply.eq(why),
            outbox::ended_at.eq(now),
        ))
        .execute(conn)
}

/// Reminders that wait for nothing but their time, from after that mail on.
pub fn list_reminders(
    conn: &mut Conn,
    drip: &str,
    after: Option<MailId>,
    limit: i64,
) -> store::Result<Vec<(MailId, NaiveDateTime)>> {
    outbox::table
        .filter(outbox::drip.eq(drip))
        .filter(outbox::state.eq("queued"))
        .filter(outbox::nth.gt(0))
        .filter(outbox::attempts.eq(0))
        .filter(outbox::id.gt(after.map_or(0, |mail| mail.0)))
        .order(outbox::id)
        .limit(limit)
        .select((outbox::id, outbox::due_at))
        .load(conn)
}

pub fn set_due_at(conn: &mut Conn, mail: MailId, due_at: NaiveDateTime) -> store::Result<usize> {
    diesel::update(outbox::table.find(mail.0))
        .set(outbox::due_at.eq(due_at))
        .execute(conn)
}

/// What a window or a cap held back is looked at again: of one drip, or of all. Mails that a server
/// put off keep their time, and so do those that `except` holds back.
pub fn look_again(conn: &mut Conn, now: NaiveDateTime, drip: Option<&str>, except: &str) -> store::Result<usize> {
    diesel::update(outbox::table)
        .filter(outbox::state.eq("deferred"))
        .filter(outbox::reply.is_null())
        .filter(outbox::waits_for.ne(except))
        .filter(outbox::due_at.gt(now))
        .filter(
            outbox::drip
                .eq(drip.unwrap_or_default())
                .or(drip.is_none().into_sql::<Bool>()),
        )
        .set(outbox::due_at.eq(now))
        .execute(conn)
}

/// Invitations whose bytes are not frozen yet say what the new framework says.
pub fn renew_untold(conn: &mut Conn, framework: FrameworkId, drips: &[&str]) -> store::Result<usize> {
    let untold = outbox::table
        .filter(outbox::state.eq_any(WAITING))
        .filter(outbox::nth.eq(0))
        .filter(outbox::message_id.is_null())
        .select(outbox::invitation_id);
    diesel::update(invitations::table)
        .filter(invitations::id.eq_any(untold))
        .filter(invitations::drip.eq_any(drips))
        .filter(invitations::step.ge(0))
        .filter(invitations::first_sent_at.is_null())
        .filter(invitations::answered_at.is_null())
        .set((
            invitations::framework_id.eq(framework),
            invitations::framework_step.eq(invitations::step),
        ))
        .execute(conn)
}

/// Steps that were taken out of the drip after their mails had left: as which framework had them.
pub fn list_taken_out(conn: &mut Conn, drip: &str) -> store::Result<Vec<(FrameworkId, i32)>> {
    invitations::table
        .filter(invitations::drip.eq(drip))
        .filter(invitations::step.lt(0))
        .filter(invitations::first_sent_at.is_not_null())
        .group_by((invitations::framework_id, invitations::framework_step))
        .order((invitations::framework_id, invitations::framework_step))
        .select((invitations::framework_id, invitations::framework_step))
        .load(conn)
}

/// The mails that a step had sent before it was taken out are its own again; an enrolment that has
/// that step already keeps what it has.
pub fn restore(conn: &mut Conn, drip: &str, framework: FrameworkId, number: i32, step: i32) -> store::Result<()> {
    let others = diesel::alias!(invitations as others);
    let with_it = others
        .filter(others.field(invitations::drip).eq(drip.to_owned()))
        .filter(others.field(invitations::step).eq(step))
        .select(others.field(invitations::enrolment_id));
    let taken_out: Vec<i64> = invitations::table
        .filter(invitations::drip.eq(drip))
        .filter(invitations::step.lt(0))
        .filter(invitations::framework_id.eq(framework))
        .filter(invitations::framework_step.eq(number))
        .filter(invitations::first_sent_at.is_not_null())
        .filter(invitations::enrolment_id.ne_all(with_it))
        .order(invitations::id)
        .select(invitations::id)
        .load(conn)?;
    for ids in taken_out.chunks(store::ROWS_PER_INSERT) {
        diesel::update(invitations::table)
            .filter(invitations::id.eq_any(ids))
            .set(invitations::step.eq(step))
            .execute(conn)?;
        diesel::update(outbox::table)
            .filter(outbox::invitation_id.eq_any(ids))
            .set(outbox::step.eq(step))
            .execute(conn)?;
    }
    Ok(())
}

/// A closing that passed counts again for who waits anew.
pub fn await_closings(conn: &mut Conn, drip: &str) -> store::Result<usize> {
    let waiting = enrolments::table
        .filter(enrolments::drip.eq(drip))
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::next_at.is_null())
        .select(enrolments::id);
    diesel::update(invitations::table)
        .filter(invitations::drip.eq(drip))
        .filter(invitations::closes_at.is_not_null())
        .filter(invitations::answered_at.is_null())
        .filter(invitations::enrolment_id.eq_any(waiting))
        .set(invitations::awaited.eq(true))
        .execute(conn)
}

pub fn set_next_step(conn: &mut Conn, drip: &str, from: i32, to: i32) -> store::Result<usize> {
    diesel::update(enrolments::table)
        .filter(enrolments::drip.eq(drip))
        .filter(enrolments::next_step.eq(from))
        .set(enrolments::next_step.eq(to))
        .execute(conn)
}

/// An enrolment as it stands, to be put back changed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = enrolments, treat_none_as_default_value = false)]
pub struct CarriedRow {
    pub id: EnrolmentId,
    pub drip: String,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub transaction_id: Option<TransactionId>,
    pub occasion: String,
    pub state: String,
    pub next_step: i32,
    pub next_at: Option<NaiveDateTime>,
    pub cause: Option<String>,
    pub enrolled_at: NaiveDateTime,
}

/// Those who are on their way to that step, or were until something stopped them.
pub fn list_on_their_way(conn: &mut Conn, drip: &str, next_step: i32, limit: i64) -> store::Result<Vec<CarriedRow>> {
    enrolments::table
        .filter(enrolments::drip.eq(drip))
        .filter(enrolments::next_step.eq(next_step))
        .filter(enrolments::state.eq_any(["active", "stopped"]))
        .order(enrolments::id)
        .limit(limit)
        .select(CarriedRow::as_select())
        .load(conn)
}

pub fn replace(conn: &mut Conn, rows: &[CarriedRow]) -> store::Result<usize> {
    on_each_backend!(conn, c => diesel::insert_into(enrolments::table)
        .values(rows)
        .on_conflict(enrolments::id)
        .do_update()
        .set((
            enrolments::state.eq(excluded(enrolments::state)),
            enrolments::next_step.eq(excluded(enrolments::next_step)),
            enrolments::next_at.eq(excluded(enrolments::next_at)),
        ))
        .execute(c))
}
