//! What goes out: companies as they came in, answers, scores.

use dripline::clock;
use dripline::export::{self, Format};
use dripline::import::{self, Counts, File, What};
use dripline::text::csv::Limits;
use dripline::{demo, framework, reframe};

use crate::support::{TestDb, db_test};

const COMPANIES: &str = "external_id,name,customer_since,employees,annual_revenue,customer_type,domains,Shoe size\n\
    c-1,=Müller GmbH,2024-03-31,12,800.1,producer,mueller.example|x.example,43\n\
    c-2,\"Acme, \"\"Inc\"\"\",,,150,,,\n";

fn now() -> chrono::NaiveDateTime {
    clock::parse_rfc3339("2026-03-10T11:00:00Z").unwrap()
}

fn take(db: &TestDb, what: What, text: &str) -> Counts {
    let text = text.to_owned();
    let taken = db.write_now(move |conn| {
        let file = File {
            what,
            name: "file.csv",
            bytes: text.as_bytes(),
            limits: Limits::FILE,
            dry_run: false,
        };
        import::csv(conn, now(), "console", &crate::support::key(), &file)
    });
    taken.unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn exported(db: &TestDb, what: export::What, format: Format) -> Vec<u8> {
    let mut out = Vec::new();
    db.read_now(|conn| export::write(conn, now(), what, format, &mut out))
        .unwrap();
    out
}

fn lines(db: &TestDb, what: export::What) -> Vec<String> {
    let text = String::from_utf8(exported(db, what, Format::Csv)).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn answered(db: &TestDb) {
    let framework = framework::read::toml(demo::FRAMEWORK).unwrap();
    db.write_now(move |conn| reframe::apply(conn, now(), "console", &framework))
        .unwrap();
    take(db, What::Companies, COMPANIES);
    take(
        db,
        What::Contacts,
        "external_id,company_external_id,email\np-1,c-1,a@x.example\n",
    );
    let answers = "contact_external_id,question,value,at\n\
        p-1,why-change,cost,2026-03-01\n\
        p-1,why-change,\"other=A fire, a big one\",2026-02-01T10:00:00Z\n";
    assert_eq!(take(db, What::Answers, answers).created, 2);
    assert_eq!(take(db, What::Answers, answers).unchanged, 2);
}

db_test!(fn companies_go_out_as_they_came_in(db) {
    take(db, What::Companies, COMPANIES);
    let lines = lines(db, export::What::Companies);
    assert_eq!(lines[0], format!("{},Shoe size", dripline::companies::rules::COLUMNS.join(",")));
    assert_eq!(lines[1], "c-1,'=Müller GmbH,2024-03-31,,,,12,800.1,producer,,,,,,mueller.example|x.example,43");
    let again = lines.join("\n").replace("'=", "=");
    assert_eq!(take(db, What::Companies, &again).unchanged, 2);
});

db_test!(fn scores_go_out_with_the_one_segment_or_why_there_is_none(db) {
    answered(db);
    let lines = lines(db, export::What::Scores);
    assert_eq!(lines.len(), 3);
    let header: Vec<&str> = lines[0].split(',').collect();
    let need = dripline::framework::read::toml(demo::FRAMEWORK).unwrap().needs[0].code.clone();
    assert!(header.contains(&format!("{need}_n_eff").as_str()), "{header:?}");
    assert!(lines[1].starts_with("c-1,'=Müller GmbH,new,A,800.1,1,1,,,,,,,1 of 3 scored answers,"), "{}", lines[1]);
    assert!(lines[2].contains(",unknown,B,150,0,0,,,,,,,no scored answer"), "{}", lines[2]);
});

db_test!(fn answers_go_out_with_the_version_they_were_given_to(db) {
    answered(db);
    let lines = lines(db, export::What::Answers);
    assert_eq!(lines.len(), 3);
    assert!(lines[2].starts_with("c-1,p-1,why-change,,1,cost,2026-03-01T00:00:00Z,import,console,no"), "{}", lines[2]);
    assert!(lines[1].contains("A fire, a big one"), "{}", lines[1]);
});

db_test!(fn a_workbook_is_written_by_the_files_ending(db) {
    answered(db);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scores.xlsx");
    let rows = db.read_now(|conn| export::to_file(conn, now(), export::What::Scores, &file)).unwrap();
    assert_eq!(rows, 2);
    assert!(std::fs::read(&file).unwrap().starts_with(b"PK"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let wrong = folder.path().join("scores.txt");
    let refused = db.read_now(|conn| export::to_file(conn, now(), export::What::Scores, &wrong));
    assert!(matches!(refused, Err(export::Refusal::UnknownEnding)));
});
