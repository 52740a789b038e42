use chrono::NaiveDateTime;
use diesel::dsl::{count_star, min};
use diesel::prelude::*;

use super::{Reason, WAITING, Wanted};
use crate::companies::listing::pattern;
use crate::ids::MailId;
use crate::store::schema::{contacts, drips, enrolments, outbox};
use crate::store::{self, Conn};
use crate::text::fold;

/// A mail with whom it goes to.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct MailRow {
    pub id: MailId,
    pub drip: String,
    /// From 0.
    pub step: i32,
    /// 0: the first mail of its step; then its reminders.
    pub nth: i32,
    pub to_address: String,
    pub state: String,
    pub due_at: NaiveDateTime,
    pub waits_for: Option<String>,
    /// How often it was taken up to be sent.
    pub attempts: i32,
    pub maybe_duplicate: bool,
    pub reply: Option<String>,
    #[diesel(select_expression = contacts::external_id)]
    pub contact: String,
    #[diesel(select_expression = contacts::first_name)]
    pub first_name: Option<String>,
    #[diesel(select_expression = contacts::last_name)]
    pub last_name: Option<String>,
}

fn is_sparse(states: &[&str]) -> bool {
    !states.is_empty() && !states.iter().any(|state| ["sent", "cancelled"].contains(state))
}

/// The mails that are asked for, as a query over the outbox in `$query`; whom they go to is [`searched`]'s.
macro_rules! wanted {
    ($query:ident, $wanted:expr) => {
        let wanted: &Wanted = $wanted;
        match &wanted.drip {
            Some(drip) => $query = $query.filter(outbox::drip.eq(drip)),
            // Few among many: named drip by drip, as the index has them.
            None if is_sparse(&wanted.states) => {
                $query = $query.filter(outbox::drip.eq_any(drips::table.select(drips::code)));
            }
            None => {}
        }
        match wanted.states.as_slice() {
            [] => {}
            [state] => $query = $query.filter(outbox::state.eq(*state)),
            states => $query = $query.filter(outbox::state.eq_any(states.iter().copied())),
        }
        match &wanted.reason {
            None => {}
            Some(Reason::Sending) => $query = $query.filter(outbox::state.eq("sending")),
            Some(Reason::Said(words)) => {
                $query = $query
                    .filter(outbox::waits_for.eq(words))
                    .filter(outbox::state.ne("sending"));
            }
            Some(reason @ (Reason::Due | Reason::Reminder)) => {
                $query = $query
                    .filter(outbox::waits_for.is_null())
                    .filter(outbox::state.ne("sending"));
                $query = match reason {
                    Reason::Due => $query.filter(outbox::nth.eq(0)),
                    _ => $query.filter(outbox::nth.gt(0)),
                };
            }
        }
    };
}

/// Whom the mails asked for go to, as a query over contacts in `$query`.
macro_rules! searched {
    ($query:ident, $search:expr) => {
        let search: &str = $search;
        let name = contacts::name_key.like(pattern(&fold::search_key(search))).escape('\\');
        let address = contacts::email_key
            .like(pattern(&search.trim().to_lowercase()))
            .escape('\\');
        $query = $query.filter(name.or(address).or(contacts::external_id.eq(search.trim())));
    };
}

pub fn list_after(conn: &mut Conn, wanted: &Wanted, after: i64, most: i64) -> store::Result<Vec<MailRow>> {
    let mut query = outbox::table
        .filter(outbox::id.gt(after))
        .select(outbox::id)
        .into_boxed();
    wanted!(query, wanted);
    let ids: Vec<MailId> = query.order(outbox::id).limit(most).load(conn)?;
    outbox::table
        .inner_join(contacts::table.on(contacts::id.eq(outbox::contact_id)))
        .filter(outbox::id.eq_any(ids.iter().map(|id| id.0)))
        .order(outbox::id)
        .select(MailRow::as_select())
        .load(conn)
}

pub fn list_page(conn: &mut Conn, wanted: &Wanted, skip: i64, most: i64) -> store::Result<Vec<MailRow>> {
    let Some(search) = &wanted.search else {
        // First which mails, from the index alone: there may be very many.
        let mut query = outbox::table.select(outbox::id).into_boxed();
        wanted!(query, wanted);
        let query = query.order((outbox::due_at, outbox::id)).offset(skip).limit(most);
        let ids: Vec<MailId> = query.load(conn)?;
        return outbox::table
            .inner_join(contacts::table.on(contacts::id.eq(outbox::contact_id)))
            .filter(outbox::id.eq_any(ids.iter().map(|id| id.0)))
            .order((outbox::due_at, outbox::id))
            .select(MailRow::as_select())
            .load(conn);
    };
    let mut query = outbox::table
        .inner_join(contacts::table.on(contacts::id.eq(outbox::contact_id)))
        .select(MailRow::as_select())
        .into_boxed();
    wanted!(query, wanted);
    searched!(query, search);
    query
        .order((outbox::due_at, outbox::id))
        .offset(skip)
        .limit(most)
        .load(conn)
}

pub fn count(conn: &mut Conn, wanted: &Wanted) -> store::Result<i64> {
    let Some(search) = &wanted.search else {
        let mut query = outbox::table.select(count_star()).into_boxed();
        wanted!(query, wanted);
        return query.first(conn);
    };
    let mut query = outbox::table
        .inner_join(contacts::table.on(contacts::id.eq(outbox::contact_id)))
        .select(count_star())
        .into_boxed();
    wanted!(query, wanted);
    searched!(query, search);
    query.first(conn)
}

type ReasonCount = (String, i32, Option<String>, i64, Option<NaiveDateTime>);

/// By state, number and what was said: how many, and when the first of them is tried.
pub fn count_by_reason(conn: &mut Conn, drip: Option<&str>) -> store::Result<Vec<ReasonCount>> {
    let by = (outbox::state, outbox::nth, outbox::waits_for);
    let figures = (
        outbox::state,
        outbox::nth,
        outbox::waits_for,
        count_star(),
        min(outbox::due_at),
    );
    let waiting = outbox::state.eq_any(WAITING);
    match drip {
        Some(drip) => outbox::table
            .filter(waiting)
            .filter(outbox::drip.eq(drip))
            .group_by(by)
            .select(figures)
            .load(conn),
        None => outbox::table
            .filter(waiting)
            .filter(outbox::drip.eq_any(drips::table.select(drips::code)))
            .group_by(by)
            .select(figures)
            .load(conn),
    }
}

pub fn count_upcoming(conn: &mut Conn, drip: &str) -> store::Result<(i64, Option<NaiveDateTime>)> {
    enrolments::table
        .filter(enrolments::drip.eq(drip))
        .filter(enrolments::state.eq("active"))
        .filter(enrolments::next_at.is_not_null())
        .select((count_star(), min(enrolments::next_at)))
        .first(conn)
}
