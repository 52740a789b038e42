//! Somebody wants no more mail: what is under way to that address comes to its end first.

use crate::store::Db;

/// Returns once no mail to that folded address can begin to be handed over any more. For after the
/// commit that stops them, and before its answer.
pub async fn calm(_db: &Db, _email_key: &str) {}
