//! A fresh, migrated database for each test, on SQLite and on PostgreSQL.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use dripline::design::{self, Design};
use dripline::framework;
use dripline::store::{Db, Url, migrate};
use tempfile::TempDir;

use super::{left_out, postgres};

/// Runs one test body as `name::sqlite` and as `name::postgres`:
/// `db_test!(fn a_company_has_one_segment(db) { … })`, where `db` is a [`TestDb`].
macro_rules! db_test {
    ($(#[$attribute:meta])* fn $name:ident($db:ident) $body:block) => {
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            fn body($db: &$crate::support::TestDb) $body

            #[test]
            fn sqlite() {
                body(&$crate::support::TestDb::sqlite());
            }

            #[test]
            fn postgres() {
                if let Some(db) = $crate::support::TestDb::postgres(module_path!()) {
                    body(&db);
                }
            }
        }
    };
}
pub(crate) use db_test;

/// A test's own database. It derefs to [`Db`], and looks for loose ends when the test is over.
pub struct TestDb {
    db: Db,
    home: Home,
    leaves_mail: AtomicBool,
}

enum Home {
    Folder(TempDir),
    Cluster(String),
}

impl TestDb {
    pub fn sqlite() -> TestDb {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("dripline.db");
        std::fs::copy(sqlite_template(), &file).expect("the template is copied");
        TestDb::open(&Url::Sqlite(file), Home::Folder(folder))
    }

    /// `None`, and noted as left out, where PostgreSQL is not to be had.
    pub fn postgres(test: &str) -> Option<TestDb> {
        let Some(cluster) = postgres::cluster() else {
            left_out::note("postgres", &format!("{test}::postgres"));
            return None;
        };
        let (name, url) = cluster.create();
        Some(TestDb::open(&url, Home::Cluster(name)))
    }

    /// As `DATABASE_URL` wants it.
    pub fn address(&self) -> String {
        match self.url() {
            Url::Sqlite(path) => format!("sqlite://{}", path.display()),
            Url::Postgres(address) => address.clone(),
        }
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.home, Home::Folder(_))
    }

    /// Mail may wait in the outbox at the end of this test, because of `_why`.
    pub fn leaves_mail(&self, _why: &str) {
        self.leaves_mail.store(true, Ordering::Relaxed);
    }

    /// Runs `what` while the database cannot be reached. False: SQLite is a file, and always there.
    pub fn while_away(&self, what: impl FnOnce()) -> bool {
        let (Home::Cluster(name), Some(cluster)) = (&self.home, postgres::cluster()) else {
            return false;
        };
        cluster.lock_out(name);
        what();
        cluster.admit(name);
        true
    }

    /// Every row of every table, but those of `except`.
    pub fn everything(&self, except: &[&str]) -> BTreeMap<String, Vec<String>> {
        let tables = match self.is_sqlite() {
            true => "SELECT name AS word FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            false => "SELECT CAST(tablename AS TEXT) AS word FROM pg_tables WHERE schemaname = 'public'",
        };
        let tables = self.words(tables).into_iter();
        let kept = tables.filter(|table| !except.contains(&table.as_str()));
        kept.map(|table| {
            let row = match self.is_sqlite() {
                true => {
                    let columns =
                        format!("SELECT 'quote(\"' || name || '\")' AS word FROM pragma_table_info('{table}')");
                    self.words(&columns).join(" || ' ' || ")
                }
                false => format!("CAST({table} AS TEXT)"),
            };
            let mut rows = self.words(&format!("SELECT {row} AS word FROM {table}"));
            rows.sort();
            (table, rows)
        })
        .collect()
    }

    /// Runs one statement as it stands.
    pub fn execute(&self, sql: &str) -> dripline::store::Result<usize> {
        let sql = sql.to_owned();
        self.write_now(move |conn| sql_query(sql).execute(conn))
    }

    /// Rows of a table, put in at once; `into` names it and its columns.
    #[track_caller]
    pub fn insert(&self, into: &str, rows: impl IntoIterator<Item = String>) {
        let rows: Vec<String> = rows.into_iter().map(|row| format!("({row})")).collect();
        for rows in rows.chunks(500) {
            let sql = format!("INSERT INTO {into} VALUES {}", rows.join(", "));
            self.execute(&sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
        }
    }

    /// The framework as it is stored, in force since `at`; nothing is worked out anew.
    #[track_caller]
    pub fn store_framework(&self, at: &str, toml: &str) -> Arc<Design> {
        let at = dripline::clock::parse_rfc3339(at).expect("a time");
        let framework = framework::read::toml(toml).expect("the framework has no fault");
        self.write_now(move |conn| design::store_framework(conn, at, "a test", &framework))
            .expect("it is stored");
        self.read_now(design::current).expect("it is in force")
    }

    /// The number that a query named `n` answers.
    pub fn number(&self, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            n: i64,
        }
        let row = self.read_now(|conn| sql_query(sql).get_result::<Row>(conn));
        row.unwrap_or_else(|error| panic!("{sql}: {error}")).n
    }

    /// The texts that a query named `word` answers, in its order.
    pub fn words(&self, sql: &str) -> Vec<String> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            word: String,
        }
        let rows = self.read_now(|conn| sql_query(sql).load::<Row>(conn));
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.into_iter().map(|row| row.word).collect()
    }

    fn open(url: &Url, home: Home) -> TestDb {
        let db = Db::open(url).expect("the test's database opens");
        TestDb {
            db,
            home,
            leaves_mail: AtomicBool::new(false),
        }
    }
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let unsent = if std::thread::panicking() || self.leaves_mail.load(Ordering::Relaxed) {
            Vec::new()
        } else {
            self.words(
                "SELECT drip || ' to ' || to_address || ': ' || state AS word FROM outbox \
                 WHERE state IN ('queued', 'deferred', 'sending') ORDER BY id",
            )
        };
        if let (Home::Cluster(name), Some(cluster)) = (&self.home, postgres::cluster()) {
            cluster.drop(name);
        }
        assert!(
            unsent.is_empty(),
            "the test left mail in the outbox (let it go, or say `db.leaves_mail(\"why\")`): {unsent:?}"
        );
    }
}

/// A migrated file, copied for each test: migrating anew would take most of a small test's time.
fn sqlite_template() -> &'static PathBuf {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = FOLDER.get_or_init(|| tempfile::tempdir().expect("a temporary folder"));
        let (made, single) = (folder.path().join("made.db"), folder.path().join("template.db"));
        let db = Db::open(&Url::Sqlite(made)).expect("a new database opens");
        migrate::run(&db).expect("the migrations run");
        // One file, with nothing left beside it in a write-ahead log.
        let mut conn = db.own_connection().expect("a second connection opens");
        let into = format!("VACUUM INTO '{}'", single.display());
        sql_query(into).execute(&mut conn).expect("the template is written");
        single
    })
}
