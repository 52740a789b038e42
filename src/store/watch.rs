//! Whether anything was written since: what kept figures live by.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

use super::{Conn, Db, Result};

/// A connection that tells one state of the database from another, whoever wrote, in whatever process.
pub struct Watch(Conn);

impl Watch {
    pub fn start(db: &Db) -> Result<Watch> {
        db.own_connection().map(Watch)
    }

    /// Two equal stamps of one watch: nothing was committed between them.
    pub fn stamp(&mut self) -> Result<String> {
        match &mut self.0 {
            // Counts the commits of all other connections, and this one never writes.
            Conn::Sqlite(sqlite) => {
                #[derive(QueryableByName)]
                struct Row {
                    #[diesel(sql_type = Integer)]
                    data_version: i32,
                }
                let row: Row = diesel::sql_query("PRAGMA data_version").get_result(sqlite)?;
                Ok(row.data_version.to_string())
            }
            // Names the transactions that have ended and those under way: every commit changes it.
            Conn::Postgres(pg) => {
                #[derive(QueryableByName)]
                struct Row {
                    #[diesel(sql_type = Text)]
                    stamp: String,
                }
                let query = diesel::sql_query("SELECT CAST(pg_current_snapshot() AS TEXT) AS stamp");
                let row: Row = query.get_result(pg)?;
                Ok(row.stamp)
            }
        }
    }
}
