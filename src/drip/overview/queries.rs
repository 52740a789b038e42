//! The SQL of the figures for the back office: of these drips, each from an index alone.

use diesel::dsl::{count, count_star};
use diesel::prelude::*;

use crate::store::schema::{enrolments, invitations, outbox};
use crate::store::{self, Conn};

/// By drip and state.
pub fn count_enrolments(conn: &mut Conn, drips: &[&str]) -> store::Result<Vec<(String, String, i64)>> {
    enrolments::table
        .filter(enrolments::drip.eq_any(drips))
        .group_by((enrolments::drip, enrolments::state))
        .select((enrolments::drip, enrolments::state, count_star()))
        .load(conn)
}

/// By drip and step: invitations whose first mail has left, and those that were answered.
pub fn count_invitations(conn: &mut Conn, drips: &[&str]) -> store::Result<Vec<(String, i32, i64, i64)>> {
    invitations::table
        .filter(invitations::drip.eq_any(drips))
        .group_by((invitations::drip, invitations::step))
        .select((
            invitations::drip,
            invitations::step,
            count(invitations::first_sent_at),
            count(invitations::answered_at),
        ))
        .load(conn)
}

/// Mails by drip, step and state: those that wait, are under way or failed.
pub fn count_mails(conn: &mut Conn, drips: &[&str]) -> store::Result<Vec<(String, i32, String, i64)>> {
    outbox::table
        .filter(outbox::drip.eq_any(drips))
        .filter(outbox::state.eq_any(["queued", "deferred", "sending", "failed"]))
        .group_by((outbox::drip, outbox::step, outbox::state))
        .select((outbox::drip, outbox::step, outbox::state, count_star()))
        .load(conn)
}
