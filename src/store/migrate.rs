//! Brings a database up to date; safe when several processes start at once.

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, Db, Result, Url, unavailable};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number that no other advisory lock of ours uses.
const LOCK: i64 = 4_711_000;

/// Runs what is pending and names it, oldest first.
pub fn run(db: &Db) -> Result<Vec<String>> {
    let mut conn = db.own_connection()?;
    match (&mut conn, db.url()) {
        (Conn::Postgres(pg), _) => {
            sql_query("SELECT pg_advisory_lock($1)")
                .bind::<diesel::sql_types::BigInt, _>(LOCK)
                .execute(pg)?;
            // The lock ends with this connection, whatever happens before.
            named(pg.run_pending_migrations(POSTGRES))
        }
        (Conn::Sqlite(sqlite), Url::Sqlite(path)) => {
            let mut lock_path = path.clone().into_os_string();
            lock_path.push(".migrate");
            let lock = std::fs::File::create(&lock_path)
                .map_err(|e| unavailable(format!("cannot write beside {}: {e}", path.display())))?;
            lock.lock()
                .map_err(|e| unavailable(format!("cannot lock {}: {e}", path.display())))?;
            named(sqlite.run_pending_migrations(SQLITE))
        }
        (Conn::Sqlite(_), Url::Postgres(_)) => {
            Err(unavailable("the open connection is not the one that was asked for"))
        }
    }
}

/// True when nothing is pending. Only reads, so it may be asked inside any transaction.
pub fn is_current(conn: &mut Conn) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        word: String,
    }
    // The table in which diesel notes what has run; it is not there before the first time.
    let table = match conn {
        Conn::Postgres(_) => "SELECT tablename AS word FROM pg_tables WHERE tablename = '__diesel_schema_migrations'",
        Conn::Sqlite(_) => "SELECT name AS word FROM sqlite_master WHERE name = '__diesel_schema_migrations'",
    };
    let mut ask = |sql: &str| -> Result<Vec<String>> {
        let rows = sql_query(sql).load::<Row>(conn)?;
        Ok(rows.into_iter().map(|row| row.word).collect())
    };
    if ask(table)?.is_empty() {
        return Ok(false);
    }
    let applied = ask("SELECT version AS word FROM __diesel_schema_migrations")?;
    // Both sides hold the same names, so SQLite's speak for both.
    let known = MigrationSource::<Sqlite>::migrations(&SQLITE).map_err(|e| unavailable(e.to_string()))?;
    Ok(known
        .iter()
        .all(|migration| applied.contains(&migration.name().version().to_string())))
}

/// Takes every migration back and runs it again: a test's proof that `down` undoes `up`.
pub fn redo_all(db: &Db) -> Result<()> {
    let mut conn = db.own_connection()?;
    let (undone, done) = match &mut conn {
        Conn::Postgres(pg) => (
            named(pg.revert_all_migrations(POSTGRES)),
            named(pg.run_pending_migrations(POSTGRES)),
        ),
        Conn::Sqlite(sqlite) => {
            // Tables that refer to one another go in any order once nobody looks.
            sqlite.batch_execute("PRAGMA foreign_keys = OFF")?;
            (
                named(sqlite.revert_all_migrations(SQLITE)),
                named(sqlite.run_pending_migrations(SQLITE)),
            )
        }
    };
    undone.and(done).map(|_| ())
}

fn named(run: diesel::migration::Result<Vec<diesel::migration::MigrationVersion<'_>>>) -> Result<Vec<String>> {
    run.map(|versions| versions.iter().map(ToString::to_string).collect())
        .map_err(|e| unavailable(format!("the database could not be brought up to date: {e}")))
}
