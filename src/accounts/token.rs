//! Tokens of the API: shown once, revocable, each with a role.

use chrono::NaiveDateTime;

use super::{Refusal, Role, queries, secret};
use crate::audit;
use crate::ids::ApiTokenId;
use crate::store::{self, Conn};
use crate::text::fold;

/// What tells our tokens from other people's in a leaked file.
const PREFIX: &str = "drip_";
const LONGEST_NAME: usize = 100;

/// What is kept of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub name: String,
    pub role: Role,
    pub created_at: NaiveDateTime,
    pub revoked_at: Option<NaiveDateTime>,
    /// Of the role sales: the rep whose companies it sees, by folded address.
    pub stands_for: Option<String>,
}

impl ApiToken {
    /// How the audit log calls whoever uses it.
    pub fn actor(&self) -> String {
        format!("api:{}", self.name)
    }
}

/// Makes a token and gives it away, this once.
pub fn add(conn: &mut Conn, now: NaiveDateTime, actor: &str, name: &str, role: Role) -> Result<String, Refusal> {
    add_for(conn, now, actor, name, role, None)
}

/// As [`add`]; a token of sales sees what the rep sees for whom it stands. Where nobody is named, a
/// name that is an address names one.
pub fn add_for(
    conn: &mut Conn,
    now: NaiveDateTime,
    actor: &str,
    name: &str,
    role: Role,
    rep: Option<&str>,
) -> Result<String, Refusal> {
    let name = fold::line(name, LONGEST_NAME).map_err(|_| Refusal::UnfitName)?;
    if name.is_empty() {
        return Err(Refusal::UnfitName);
    }
    let stands_for = match rep.filter(|rep| !rep.trim().is_empty()) {
        _ if role != Role::Sales => None,
        Some(rep) => {
            super::find_user_by_email(conn, rep)?.ok_or(Refusal::UnknownRep)?;
            fold::email(rep)
        }
        None => fold::email(&name),
    };
    let stands_for = stands_for.map(|email| email.folded());
    let token = format!("{PREFIX}{}", secret::random());
    queries::insert_token(conn, now, &name, role, stands_for.as_deref(), &secret::hash(&token))?;
    audit::note(conn, now, actor, "token.add", &name, role.as_str())?;
    Ok(token)
}

/// All tokens, newest first, the revoked ones too.
pub fn list(conn: &mut Conn) -> store::Result<Vec<ApiToken>> {
    queries::list_tokens(conn)
}

/// The token that this secret is, unless it was revoked.
pub fn find(conn: &mut Conn, token: &str) -> store::Result<Option<ApiToken>> {
    let found = queries::find_token_by_hash(conn, &secret::hash(token))?;
    Ok(found.filter(|token| token.revoked_at.is_none()))
}

/// Takes a token back for good.
pub fn revoke(conn: &mut Conn, now: NaiveDateTime, actor: &str, id: ApiTokenId) -> Result<(), Refusal> {
    let token = queries::find_token(conn, id)?.ok_or(Refusal::Unknown)?;
    if token.revoked_at.is_none() {
        queries::set_revoked(conn, id, now)?;
        audit::note(conn, now, actor, "token.revoke", &token.name, token.role.as_str())?;
    }
    Ok(())
}
