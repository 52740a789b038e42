//! A consistent copy of an SQLite database while it is being written to, marked as a copy.

use std::path::Path;

use chrono::NaiveDateTime;
use diesel::{RunQueryDsl, sql_query, sql_types::Text};

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
    {
        let copy = Db::open(&Url::Sqlite(part.clone()))?;
        let mut conn = copy.own_connection()?;
        marks::set(
            &mut conn,
            now,
            marks::SENDING_PAUSED,
            "this database is a restored backup",
        )?;
        if let Conn::Sqlite(sqlite) = &mut conn {
            // Back to a single file: no -wal may be left beside the copy.
            diesel::connection::SimpleConnection::batch_execute(
                sqlite,
                "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE",
            )?;
        }
    }
    std::fs::rename(&part, file).map_err(io)
}
