//! Who may send: a lock that its holder's death sets free, whatever the clocks say.
//!
//! SQLite: a lock on the file `<database>.sender`, one sender at a time. PostgreSQL: each sender
//! holds an advisory lock of its own on a session of its own, so several send side by side, and a
//! lock that is free tells that its holder is gone (not through a transaction pooler).

use std::fs::{File, TryLockError};

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Bool, sql_types::Integer};

use super::{Conn, Db, Result, Url, unavailable};

/// The right to send, given back when dropped.
pub struct Lease {
    owner: String,
    held: Held,
}

enum Held {
    /// Locked as long as it is open.
    File(#[allow(dead_code)] File),
    Session(Conn),
}

/// Any number that no other pair of advisory locks of ours uses.
const CLASS: i32 = 4_711_002;

#[derive(QueryableByName)]
struct Got {
    #[diesel(sql_type = Bool)]
    got: bool,
}

impl Lease {
    /// `None`: another process sends, and one alone may.
    pub fn take(db: &Db) -> Result<Option<Lease>> {
        let key: i32 = rand::random();
        let owner = key.to_string();
        match db.url() {
            Url::Sqlite(path) => {
                let mut lock_path = path.clone().into_os_string();
                lock_path.push(".sender");
                let failed = |error| unavailable(format!("cannot lock beside {}: {error}", path.display()));
                let file = File::create(&lock_path).map_err(failed)?;
                match file.try_lock() {
                    Ok(()) => Ok(Some(Lease {
                        owner,
                        held: Held::File(file),
                    })),
                    Err(TryLockError::WouldBlock) => Ok(None),
                    Err(TryLockError::Error(error)) => Err(failed(error)),
                }
            }
            Url::Postgres(_) => {
                let mut conn = db.own_connection()?;
                Ok(try_lock(&mut conn, key)?.then_some(Lease {
                    owner,
                    held: Held::Session(conn),
                }))
            }
        }
    }

    /// As `outbox.owner` names the holder.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// How many hold such a right now, this one among them.
    pub fn holders(&mut self) -> Result<u32> {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = Integer)]
            n: i32,
        }
        match &mut self.held {
            Held::Session(Conn::Postgres(pg)) => {
                let held = "SELECT count(*)::integer AS n FROM pg_locks WHERE locktype = 'advisory' \
                            AND objsubid = 2 AND classid = $1::bigint::oid AND granted";
                let count = sql_query(held).bind::<Integer, _>(CLASS).get_result::<Count>(pg)?;
                Ok(u32::try_from(count.n).unwrap_or(1).max(1))
            }
            Held::Session(Conn::Sqlite(_)) | Held::File(_) => Ok(1),
        }
    }

    /// Whether nobody holds that owner's lock any more.
    pub fn is_gone(&mut self, owner: &str) -> Result<bool> {
        if owner == self.owner {
            return Ok(false);
        }
        match &mut self.held {
            // There is one lock, and it is ours.
            Held::File(_) => Ok(true),
            Held::Session(conn) => {
                // An owner that is no number never held a lock.
                let Ok(key) = owner.parse() else { return Ok(true) };
                let gone = try_lock(conn, key)?;
                if gone && let Conn::Postgres(pg) = conn {
                    sql_query("SELECT pg_advisory_unlock($1, $2)")
                        .bind::<Integer, _>(CLASS)
                        .bind::<Integer, _>(key)
                        .execute(pg)?;
                }
                Ok(gone)
            }
        }
    }
}

fn try_lock(conn: &mut Conn, key: i32) -> Result<bool> {
    let Conn::Postgres(pg) = conn else { return Ok(true) };
    let got = sql_query("SELECT pg_try_advisory_lock($1, $2) AS got")
        .bind::<Integer, _>(CLASS)
        .bind::<Integer, _>(key)
        .get_result::<Got>(pg)?;
    Ok(got.got)
}
