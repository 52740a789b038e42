//! Who has been asked and has not answered yet.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::store::schema::{contacts, invitations};
use crate::store::{Conn, Result};

/// A step that waits for its contact's answers.
#[derive(Debug, Clone, Queryable)]
pub struct Asked {
    /// The contact's external id.
    pub contact: String,
    /// From 0.
    pub step: i32,
    /// What its link is made from.
    pub nonce: String,
    pub sent_at: NaiveDateTime,
}

/// The oldest first.
pub fn list_asked(conn: &mut Conn) -> Result<Vec<Asked>> {
    invitations::table
        .inner_join(contacts::table.on(contacts::id.eq(invitations::contact_id)))
        .filter(invitations::answered_at.is_null())
        .filter(invitations::first_sent_at.is_not_null())
        .order(invitations::id)
        .select((
            contacts::external_id,
            invitations::step,
            invitations::nonce,
            invitations::first_sent_at.assume_not_null(),
        ))
        .load(conn)
}
