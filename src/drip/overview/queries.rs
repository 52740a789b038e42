//! The SQL of the figures for the back office.

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::store::schema::{enrolments, invitations, outbox};
use crate::store::{self, Conn};

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
