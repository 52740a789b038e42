//! The floor, on both databases.

use dripline::store::{self, Db, Error, migrate};

use crate::support::{TestDb, db_test};

const COMPANY: &str = "INSERT INTO companies (external_id, name, name_key, created_at, updated_at) \
                       VALUES ('c1', 'One', 'one', '2026-03-10 11:00:00', '2026-03-10 11:00:00')";

fn companies(db: &TestDb) -> i64 {
    db.number("SELECT count(*) AS n FROM companies")
}

fn insert_company(conn: &mut store::Conn, id: usize) -> store::Result<usize> {
    let sql = COMPANY.replace("'c1'", &format!("'c{id}'"));
    diesel::RunQueryDsl::execute(diesel::sql_query(sql), conn)
}

db_test!(fn every_migration_goes_up_and_down_and_up_again(db) {
    migrate::redo_all(db).unwrap();
    assert!(db.read_now(migrate::is_current).unwrap());
    db.execute(COMPANY).unwrap();
    assert_eq!(companies(db), 1);
});

db_test!(fn migrating_a_current_database_does_nothing(db) {
    assert_eq!(migrate::run(db).unwrap(), Vec::<String>::new());
});

db_test!(fn what_was_written_is_read(db) {
    db.execute(COMPANY).unwrap();
    assert_eq!(db.words("SELECT name AS word FROM companies"), ["One"]);
});

db_test!(fn an_error_takes_back_all_that_its_verb_wrote(db) {
    let refused = db.write_now(|conn| {
        insert_company(conn, 1)?;
        Err::<(), _>(Error::NotFound)
    });
    assert!(refused.is_err());
    assert_eq!(companies(db), 0);
});

db_test!(fn a_verb_that_reads_cannot_write(db) {
    assert!(db.read_now(|conn| insert_company(conn, 1)).is_err());
    assert_eq!(companies(db), 0);
});

db_test!(fn fifty_writes_at_once_all_stand(db) {
    std::thread::scope(|threads| {
        for id in 0..50 {
            let db: &Db = db;
            threads.spawn(move || db.write_now(move |conn| insert_company(conn, id)).unwrap());
        }
    });
    assert_eq!(companies(db), 50);
});

db_test!(fn of_writes_at_once_only_the_faulty_ones_are_undone(db) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let outcomes = runtime.block_on(async {
        let writes = (0..40).map(|id| {
            let db = Db::clone(db);
            // Every fourth wants the key that the one before it has.
            tokio::spawn(async move { db.write(move |conn| insert_company(conn, if id % 4 == 3 { id - 1 } else { id })).await })
        });
        let mut outcomes = vec![];
        for write in writes.collect::<Vec<_>>() {
            outcomes.push(write.await.unwrap());
        }
        outcomes
    });
    let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert_eq!(refused.len(), 10);
    assert!(refused.iter().all(|error| store::is_taken(error)));
    assert_eq!(companies(db), 30);
});

db_test!(fn a_second_segment_for_a_company_is_refused(db) {
    db.execute(COMPANY).unwrap();
    let insert = |segment: &str| {
        db.execute(&format!(
            "INSERT INTO company_segments (company_id, segment, source, since) \
             SELECT id, '{segment}', 'survey', '2026-03-10 11:00:00' FROM companies"
        ))
    };
    insert("innovators").unwrap();
    let second = insert("efficiency-seekers").unwrap_err();
    assert!(store::is_taken(&second), "{second}");
    assert_eq!(db.words("SELECT segment AS word FROM company_segments"), ["innovators"]);
});

db_test!(fn writing_goes_on_after_a_verb_that_panics(db) {
    let panics = std::thread::scope(|threads| {
        let db: &Db = db;
        let verb = |conn: &mut store::Conn| -> store::Result<usize> {
            insert_company(conn, 1)?;
            panic!("on purpose");
        };
        threads.spawn(move || db.write_now(verb)).join()
    });
    // SQLite's writer answers with an error; on PostgreSQL the panic is the caller's own.
    assert!(panics.is_err() || panics.unwrap().is_err());
    db.write_now(|conn| insert_company(conn, 2)).unwrap();
    assert_eq!(db.words("SELECT external_id AS word FROM companies"), ["c2"]);
});

#[test]
fn sqlite_keeps_what_it_is_asked_to_keep() {
    let db = TestDb::sqlite();
    let settings = db.settings().unwrap();
    for (name, value) in [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1")] {
        assert!(
            settings.contains(&(name.to_owned(), value.to_owned())),
            "{name} in {settings:?}"
        );
    }
}

#[test]
fn a_database_that_was_never_migrated_is_not_current() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&store::Url::Sqlite(folder.path().join("new.db"))).unwrap();
    assert!(!db.read_now(migrate::is_current).unwrap());
}

#[test]
fn a_backup_taken_during_writes_is_whole_and_marked() {
    let db = TestDb::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    db.execute(COMPANY).unwrap();
    let at = dripline::clock::parse_rfc3339("2026-03-10T11:00:00Z").unwrap();
    std::thread::scope(|threads| {
        let writing = threads.spawn(|| {
            for id in 2..100 {
                db.write_now(move |conn| insert_company(conn, id)).unwrap();
            }
        });
        store::backup::copy(&db, at, &file).unwrap();
        writing.join().unwrap();
    });
    let beside: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(beside, ["copy.db"]);
    assert!(
        store::backup::copy(&db, at, &file).is_err(),
        "an existing file is not written over"
    );
    let copy = Db::open(&store::Url::Sqlite(file)).unwrap();
    assert!(copy.read_now(migrate::is_current).unwrap());
    let mark = copy
        .read_now(|conn| store::marks::find(conn, store::marks::SENDING_PAUSED))
        .unwrap();
    assert_eq!(mark.as_deref(), Some("this database is a restored backup"));
    assert_eq!(
        db.read_now(|conn| store::marks::find(conn, store::marks::SENDING_PAUSED))
            .unwrap(),
        None
    );
}
