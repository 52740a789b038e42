use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::team::Led;
use super::token::ApiToken;
use super::{Credentials, Hashed, Role, User};
use crate::ids::{ApiTokenId, UserId};
use crate::store::schema::{api_tokens, sessions, user_visits, users};
use crate::store::{Conn, Error, Result, on_each_backend};

type UserRow = (UserId, String, String, bool, NaiveDateTime, Option<UserId>);
type TokenRow = (
    ApiTokenId,
    String,
    String,
    NaiveDateTime,
    Option<NaiveDateTime>,
    Option<String>,
);

const USER: (
    users::id,
    users::email,
    users::role,
    users::disabled,
    users::created_at,
    users::lead_id,
) = (
    users::id,
    users::email,
    users::role,
    users::disabled,
    users::created_at,
    users::lead_id,
);
const TOKEN: (
    api_tokens::id,
    api_tokens::name,
    api_tokens::role,
    api_tokens::created_at,
    api_tokens::revoked_at,
    api_tokens::stands_for,
) = (
    api_tokens::id,
    api_tokens::name,
    api_tokens::role,
    api_tokens::created_at,
    api_tokens::revoked_at,
    api_tokens::stands_for,
);

pub fn insert_user(
    conn: &mut Conn,
    now: NaiveDateTime,
    email: &str,
    email_key: &str,
    role: Role,
    hashed: &Hashed,
) -> Result<UserId> {
    let row = (
        users::email.eq(email),
        users::email_key.eq(email_key),
        users::role.eq(role.as_str()),
        users::password_hash.eq(hashed.as_str()),
        users::disabled.eq(false),
        users::created_at.eq(now),
    );
    on_each_backend!(conn, c => diesel::insert_into(users::table).values(row).returning(users::id).get_result(c))
}

/// By address.
pub fn list_users(conn: &mut Conn) -> Result<Vec<User>> {
    let rows: Vec<UserRow> = users::table.order(users::email_key).select(USER).load(conn)?;
    rows.into_iter().map(user).collect()
}

pub fn find_user(conn: &mut Conn, id: UserId) -> Result<Option<User>> {
    let row: Option<UserRow> = users::table.find(id).select(USER).first(conn).optional()?;
    row.map(user).transpose()
}

pub fn find_credentials(conn: &mut Conn, email_key: &str) -> Result<Option<Credentials>> {
    let row: Option<(UserRow, String)> = users::table
        .filter(users::email_key.eq(email_key))
        .select((USER, users::password_hash))
        .first(conn)
        .optional()?;
    row.map(|(row, hash)| {
        let hashed = Hashed::of_row(hash);
        user(row).map(|user| Credentials { user, hashed })
    })
    .transpose()
}

pub fn set_disabled(conn: &mut Conn, id: UserId, disabled: bool) -> Result<()> {
    diesel::update(users::table.find(id))
        .set(users::disabled.eq(disabled))
        .execute(conn)
        .map(|_| ())
}

pub fn set_role(conn: &mut Conn, id: UserId, role: Role) -> Result<()> {
    diesel::update(users::table.find(id))
        .set(users::role.eq(role.as_str()))
        .execute(conn)
        .map(|_| ())
}

pub fn set_lead(conn: &mut Conn, id: UserId, lead: Option<UserId>) -> Result<()> {
    diesel::update(users::table.find(id))
        .set(users::lead_id.eq(lead))
        .execute(conn)
        .map(|_| ())
}

/// Who leads whom: the leads of those who have one, and the folded addresses of these.
pub fn list_led(conn: &mut Conn) -> Result<Vec<Led>> {
    let rows: Vec<(UserId, String, Option<UserId>)> = users::table
        .filter(users::lead_id.is_not_null())
        .order(users::id)
        .select((users::id, users::email_key, users::lead_id))
        .load(conn)?;
    let led = rows.into_iter().filter_map(|(id, email_key, lead)| {
        Some(Led {
            id,
            email_key,
            lead: lead?,
        })
    });
    Ok(led.collect())
}

pub fn set_password(conn: &mut Conn, id: UserId, hashed: &Hashed) -> Result<()> {
    diesel::update(users::table.find(id))
        .set(users::password_hash.eq(hashed.as_str()))
        .execute(conn)
        .map(|_| ())
}

/// Changes nothing, but holds the oldest user's row until the transaction ends. One row for all who
/// queue: of several, two might each hold one that the other waits for.
pub fn lock_admins(conn: &mut Conn) -> Result<()> {
    let oldest: Option<i64> = users::table.select(diesel::dsl::min(users::id)).first(conn)?;
    diesel::update(users::table.filter(users::id.nullable().eq(oldest)))
        .set(users::role.eq(users::role))
        .execute(conn)
        .map(|_| ())
}

/// Those that can log in.
pub fn count_admins(conn: &mut Conn) -> Result<i64> {
    users::table
        .filter(users::role.eq(Role::Admin.as_str()))
        .filter(users::disabled.eq(false))
        .count()
        .get_result(conn)
}

pub fn insert_session(conn: &mut Conn, now: NaiveDateTime, token_hash: &str, id: UserId) -> Result<()> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(token_hash),
            sessions::user_id.eq(id),
            sessions::created_at.eq(now),
            sessions::seen_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

/// Whose it is, when it began, when it was last used.
pub fn find_session(conn: &mut Conn, token_hash: &str) -> Result<Option<(User, NaiveDateTime, NaiveDateTime)>> {
    let row: Option<(UserRow, NaiveDateTime, NaiveDateTime)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::token_hash.eq(token_hash))
        .select((USER, sessions::created_at, sessions::seen_at))
        .first(conn)
        .optional()?;
    row.map(|(row, created_at, seen_at)| user(row).map(|user| (user, created_at, seen_at)))
        .transpose()
}

pub fn set_seen(conn: &mut Conn, token_hash: &str, now: NaiveDateTime) -> Result<()> {
    diesel::update(sessions::table.find(token_hash))
        .set(sessions::seen_at.eq(now))
        .execute(conn)
        .map(|_| ())
}

pub fn delete_session(conn: &mut Conn, token_hash: &str) -> Result<()> {
    diesel::delete(sessions::table.find(token_hash))
        .execute(conn)
        .map(|_| ())
}

pub fn delete_sessions_of(conn: &mut Conn, id: UserId) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq(id)))
        .execute(conn)
        .map(|_| ())
}

/// Those that began before `created`, or were last used before `seen`.
pub fn delete_sessions_before(conn: &mut Conn, created: NaiveDateTime, seen: NaiveDateTime) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::created_at.lt(created).or(sessions::seen_at.lt(seen))))
        .execute(conn)
        .map(|_| ())
}

/// When the user came this time, and the time before.
pub fn find_visit(conn: &mut Conn, id: UserId) -> Result<Option<(NaiveDateTime, Option<NaiveDateTime>)>> {
    user_visits::table
        .filter(user_visits::user_id.eq(id))
        .select((user_visits::came_at, user_visits::before_at))
        .first(conn)
        .optional()
}

/// The first visit; somebody who logs in twice at once has one.
pub fn insert_visit(conn: &mut Conn, id: UserId, now: NaiveDateTime) -> Result<()> {
    let row = (user_visits::user_id.eq(id), user_visits::came_at.eq(now));
    on_each_backend!(conn, c => diesel::insert_into(user_visits::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

pub fn set_visit(conn: &mut Conn, id: UserId, now: NaiveDateTime, before: NaiveDateTime) -> Result<()> {
    diesel::update(user_visits::table.filter(user_visits::user_id.eq(id)))
        .set((user_visits::came_at.eq(now), user_visits::before_at.eq(before)))
        .execute(conn)?;
    Ok(())
}

pub fn insert_token(
    conn: &mut Conn,
    now: NaiveDateTime,
    name: &str,
    role: Role,
    stands_for: Option<&str>,
    token_hash: &str,
) -> Result<()> {
    diesel::insert_into(api_tokens::table)
        .values((
            api_tokens::name.eq(name),
            api_tokens::role.eq(role.as_str()),
            api_tokens::token_hash.eq(token_hash),
            api_tokens::created_at.eq(now),
            api_tokens::stands_for.eq(stands_for),
        ))
        .execute(conn)
        .map(|_| ())
}

/// Newest first.
pub fn list_tokens(conn: &mut Conn) -> Result<Vec<ApiToken>> {
    let rows: Vec<TokenRow> = api_tokens::table
        .order(api_tokens::id.desc())
        .select(TOKEN)
        .load(conn)?;
    rows.into_iter().map(token).collect()
}

pub fn find_token(conn: &mut Conn, id: ApiTokenId) -> Result<Option<ApiToken>> {
    let row: Option<TokenRow> = api_tokens::table.find(id).select(TOKEN).first(conn).optional()?;
    row.map(token).transpose()
}

pub fn find_token_by_hash(conn: &mut Conn, token_hash: &str) -> Result<Option<ApiToken>> {
    let row: Option<TokenRow> = api_tokens::table
        .filter(api_tokens::token_hash.eq(token_hash))
        .select(TOKEN)
        .first(conn)
        .optional()?;
    row.map(token).transpose()
}

pub fn set_revoked(conn: &mut Conn, id: ApiTokenId, now: NaiveDateTime) -> Result<()> {
    diesel::update(api_tokens::table.find(id))
        .set(api_tokens::revoked_at.eq(now))
        .execute(conn)
        .map(|_| ())
}

fn user((id, email, role, disabled, created_at, lead): UserRow) -> Result<User> {
    Ok(User {
        id,
        email,
        role: parse_role(&role)?,
        disabled,
        created_at,
        lead,
    })
}

fn token((id, name, role, created_at, revoked_at, stands_for): TokenRow) -> Result<ApiToken> {
    Ok(ApiToken {
        id,
        name,
        role: parse_role(&role)?,
        created_at,
        revoked_at,
        stands_for,
    })
}

fn parse_role(text: &str) -> Result<Role> {
    Role::parse(text).ok_or_else(|| Error::DeserializationError(format!("unknown role {text:?}").into()))
}
