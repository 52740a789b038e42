//! The SQL of visits: which links were fetched when.

use chrono::NaiveDateTime;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::ids::{FrameworkId, InvitationId};
use crate::store::schema::{invitations, link_tokens, outbox, visits};
use crate::store::{Conn, Result, on_each_backend};

/// A link of an invitation's mails, and what tells which other links they have.
#[derive(Debug, Clone, Queryable)]
pub struct LinkRow {
    pub hash: String,
    pub purpose: String,
    pub invitation: InvitationId,
    pub framework: FrameworkId,
    pub drip: String,
    pub step: i32,
}

/// Links of contacts that were erased, and hashes of no link, are left out.
pub fn list_links(conn: &mut Conn, hashes: &[&str]) -> Result<Vec<LinkRow>> {
    link_tokens::table
        .inner_join(invitations::table.on(invitations::id.nullable().eq(link_tokens::invitation_id)))
        .filter(link_tokens::hash.eq_any(hashes))
        .order(link_tokens::hash)
        .select((
            link_tokens::hash,
            link_tokens::purpose,
            invitations::id,
            invitations::framework_id,
            invitations::drip,
            invitations::step,
        ))
        .load(conn)
}

/// When an invitation's links were last fetched, each.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = visits, treat_none_as_default_value = false)]
pub struct VisitRow {
    pub invitation_id: InvitationId,
    pub respond_at: Option<NaiveDateTime>,
    pub preferences_at: Option<NaiveDateTime>,
    pub unsubscribe_at: Option<NaiveDateTime>,
    pub view_at: Option<NaiveDateTime>,
    pub swept_at: Option<NaiveDateTime>,
    pub hits: i64,
}

pub fn find_visits(conn: &mut Conn, invitation: InvitationId) -> Result<Option<VisitRow>> {
    visits::table
        .find(invitation.0)
        .select(VisitRow::as_select())
        .get_result(conn)
        .optional()
}

pub fn list_visits(conn: &mut Conn, invitations: &[InvitationId]) -> Result<Vec<VisitRow>> {
    visits::table
        .filter(visits::invitation_id.eq_any(invitations))
        .order(visits::invitation_id)
        .select(VisitRow::as_select())
        .load(conn)
}

/// Puts each row in place of its invitation's former one.
pub fn replace_visits(conn: &mut Conn, rows: &[VisitRow]) -> Result<usize> {
    on_each_backend!(conn, c => diesel::insert_into(visits::table)
        .values(rows)
        .on_conflict(visits::invitation_id)
        .do_update()
        .set((
            visits::respond_at.eq(excluded(visits::respond_at)),
            visits::preferences_at.eq(excluded(visits::preferences_at)),
            visits::unsubscribe_at.eq(excluded(visits::unsubscribe_at)),
            visits::view_at.eq(excluded(visits::view_at)),
            visits::swept_at.eq(excluded(visits::swept_at)),
            visits::hits.eq(excluded(visits::hits)),
        ))
        .execute(c))
}

/// When a server last took a mail of the invitation, by the machine's clock.
pub fn find_accepted(conn: &mut Conn, invitation: InvitationId) -> Result<Option<NaiveDateTime>> {
    outbox::table
        .filter(outbox::invitation_id.eq(invitation))
        .select(max(outbox::accepted_at))
        .get_result(conn)
}
