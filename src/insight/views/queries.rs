use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::NewView;
use crate::ids::{UserId, ViewId};
use crate::store::schema::{saved_views, users};
use crate::store::{Conn, Result, on_each_backend};

/// A view as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = saved_views)]
pub struct View {
    pub id: ViewId,
    pub user_id: UserId,
    /// Who made it.
    #[diesel(select_expression = users::email)]
    pub by: String,
    pub name: String,
    pub page: String,
    pub query: String,
    #[diesel(column_name = shared)]
    pub is_shared: bool,
    pub made_at: NaiveDateTime,
    pub removed_at: Option<NaiveDateTime>,
}

pub fn list(conn: &mut Conn, user: UserId) -> Result<Vec<View>> {
    saved_views::table
        .inner_join(users::table)
        .filter(saved_views::removed_at.is_null())
        .filter(saved_views::user_id.eq(user).or(saved_views::shared))
        .order((saved_views::user_id.ne(user), saved_views::name_key, saved_views::id))
        .select(View::as_select())
        .load(conn)
}

pub fn list_removed(conn: &mut Conn, user: UserId, since: NaiveDateTime) -> Result<Vec<View>> {
    saved_views::table
        .inner_join(users::table)
        .filter(saved_views::user_id.eq(user))
        .filter(saved_views::removed_at.ge(since))
        .order((saved_views::removed_at.desc(), saved_views::id))
        .select(View::as_select())
        .load(conn)
}

pub fn find(conn: &mut Conn, id: ViewId) -> Result<Option<View>> {
    saved_views::table
        .inner_join(users::table)
        .filter(saved_views::id.eq(id))
        .select(View::as_select())
        .first(conn)
        .optional()
}

pub fn insert(conn: &mut Conn, now: NaiveDateTime, user: UserId, key: &str, new: &NewView) -> Result<ViewId> {
    let row = (
        saved_views::user_id.eq(user),
        saved_views::name.eq(&new.name),
        saved_views::name_key.eq(key),
        saved_views::page.eq(&new.page),
        saved_views::query.eq(&new.query),
        saved_views::shared.eq(new.is_shared),
        saved_views::made_at.eq(now),
    );
    on_each_backend!(conn, c => diesel::insert_into(saved_views::table).values(row).returning(saved_views::id).get_result(c))
}

pub fn update(conn: &mut Conn, id: ViewId, name: &str, key: &str, is_shared: bool) -> Result<usize> {
    diesel::update(saved_views::table.filter(saved_views::id.eq(id)))
        .set((
            saved_views::name.eq(name),
            saved_views::name_key.eq(key),
            saved_views::shared.eq(is_shared),
        ))
        .execute(conn)
}

pub fn set_removed(conn: &mut Conn, id: ViewId, at: Option<NaiveDateTime>) -> Result<usize> {
    diesel::update(saved_views::table.filter(saved_views::id.eq(id)))
        .set(saved_views::removed_at.eq(at))
        .execute(conn)
}

pub fn delete_removed_before(conn: &mut Conn, before: NaiveDateTime) -> Result<usize> {
    diesel::delete(saved_views::table.filter(saved_views::removed_at.lt(before))).execute(conn)
}
