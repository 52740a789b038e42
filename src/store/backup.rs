//! A consistent copy of an SQLite database while it is being written to, marked as a copy.

use std::path::Path;

use chrono::NaiveDateTime;
use diesel::{RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};

use super::connect::{Use, open};
use super::{Conn, Db, Result, Url, marks, unavailable};

/// Writes the copy to `file`, which must not exist. A server started on it begins with sending paused.
pub fn copy(db: &Db, now: NaiveDateTime, file: &Path) -> Result<()> {
    let Conn::Sqlite(mut sqlite) = db.own_connection()? else {
        return Err(unavailable(
            "`backup` copies SQLite databases; use pg_dump for PostgreSQL",
        ));
    };
    if file.exists() {
        return Err(unavailable(format!(
            "{} is there already: name a new file",
            file.display()
        )));
    }
    // Made beside its place and marked before it gets its name: no unmarked copy is ever found there.
    let mut part = file.to_path_buf().into_os_string();
    part.push(".part");
    let part = std::path::PathBuf::from(part);
    let _ = std::fs::remove_file(&part);
    let io = |e: std::io::Error| unavailable(format!("cannot write {}: {e}", file.display()));
    sql_query("VACUUM INTO $1")
        .bind::<Text, _>(part.to_string_lossy())
        .execute(&mut sqlite)?;
    // The only connection to it: while another is open, SQLite will not go back to a single file.
    let mut copy = open(&Url::Sqlite(part.clone()), Use::Write)?;
    marks::set(
        &mut copy,
        now,
        marks::SENDING_PAUSED,
        "this database is a restored backup",
    )?;
    if let Conn::Sqlite(sqlite) = &mut copy {
        // No -wal may be left beside the copy.
        sqlite.batch_execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE")?;
    }
    drop(copy);
    std::fs::rename(&part, file).map_err(io)
}
