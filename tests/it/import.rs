//! Companies, contacts and transactions from files.

use chrono::NaiveDateTime;
use dripline::import::{self, Counts, File, FileRefusal, What};
use dripline::text::csv::Limits;
use dripline::{clock, companies, demo, design, framework, needs, reframe};

use crate::support::{TestDb, db_test};

const COMPANIES: &str = "external_id;name;customer_since;annual_revenue;customer_type;domains;Shoe size\n\
    c-1;Müller GmbH;2024-03-31;800;producer;mueller.example|müller.example;43\n\
    c-2;Acme;;150;;acme.example;\n\
    c-3;Zeta;2019-01-01;50;reseller;;41\n\
    c-4;Quiet;;;;;\n";

fn now() -> NaiveDateTime {
    clock::parse_rfc3339("2026-03-10T11:00:00Z").unwrap()
}

fn take(db: &TestDb, what: What, text: &str) -> Result<Counts, FileRefusal> {
    let text = text.to_owned();
    db.write_now(move |conn| {
        import::csv(
            conn,
            now(),
            "ada@example.com",
            &crate::support::key(),
            &file(what, &text),
        )
    })
}

fn file(what: What, text: &str) -> File<'_> {
    File {
        what,
        name: "file.csv",
        bytes: text.as_bytes(),
        limits: Limits::UPLOAD,
        dry_run: false,
    }
}

fn counts(created: u64, updated: u64, unchanged: u64) -> Counts {
    Counts {
        created,
        updated,
        unchanged,
    }
}

fn faults(refused: Result<Counts, FileRefusal>) -> Vec<String> {
    match refused {
        Err(FileRefusal::Faulty(faults)) => faults.list().iter().map(ToString::to_string).collect(),
        other => panic!("expected faults, not {other:?}"),
    }
}

db_test!(fn a_file_taken_twice_changes_nothing_the_second_time(db) {
    assert_eq!(take(db, What::Companies, COMPANIES).unwrap(), counts(4, 0, 0));
    assert_eq!(take(db, What::Companies, COMPANIES).unwrap(), counts(0, 0, 4));
    let known = db.words("SELECT external_id || ' ' || name || ' ' || tier AS word FROM companies ORDER BY external_id");
    assert_eq!(known, ["c-1 Müller GmbH A", "c-2 Acme B", "c-3 Zeta C", "c-4 Quiet unknown"]);
    let domains = db.words("SELECT domain AS word FROM company_domains ORDER BY domain");
    assert_eq!(domains, ["acme.example", "mueller.example", "xn--mller-kva.example"]);
    let attributes = db.words("SELECT name || '=' || value AS word FROM company_attributes ORDER BY value");
    assert_eq!(attributes, ["Shoe size=41", "Shoe size=43"]);
    let runs = db.read_now(|conn| import::list_runs(conn, 10)).unwrap();
    assert_eq!(runs.iter().map(|run| run.created).collect::<Vec<_>>(), [0, 4]);
    assert_eq!(db.words("SELECT action AS word FROM audit_entries"), ["companies.import"]);
});

db_test!(fn a_column_left_out_stays_and_an_empty_cell_blanks(db) {
    take(db, What::Companies, COMPANIES).unwrap();
    let text = "external_id,customer_since,shoe size\nc-1,,\nc-3,2019-01-01,\n";
    assert_eq!(take(db, What::Companies, text).unwrap(), counts(0, 1, 1));
    let since = db.words("SELECT COALESCE(CAST(customer_since AS TEXT), '-') AS word FROM companies ORDER BY external_id");
    assert_eq!(since, ["-", "-", "2019-01-01", "-"]);
    // Attributes go by their very name: this column is another one.
    assert_eq!(db.number("SELECT count(*) AS n FROM company_attributes"), 2);
    let text = "external_id,Shoe size\nc-1,\nc-3,42\n";
    assert_eq!(take(db, What::Companies, text).unwrap(), counts(0, 2, 0));
    assert_eq!(db.words("SELECT value AS word FROM company_attributes"), ["42"]);
    assert_eq!(db.words("SELECT name AS word FROM companies WHERE external_id = 'c-1'"), ["Müller GmbH"]);
});

db_test!(fn every_fault_is_told_with_its_place_and_nothing_is_kept(db) {
    let text = "external_id,name,employees,customer_since\n\
        c-1,One,12,2024-01-01\n\
        c-2,,twelve,2024-13-01\n\
        c-1,One again,1,\n\
        c-3,\"Three\nlines\",-1,\n";
    let told = faults(take(db, What::Companies, text));
    assert_eq!(
        told,
        [
            "line 3, column customer_since: is not a date like 2024-03-31",
            "line 3, column employees: is not a whole number of 0 or more",
            "line 3, column name: is empty",
            "line 4, column external_id: is given a second time",
            "line 5, column name: holds a line break or another control character",
            "line 6, column employees: is not a whole number of 0 or more",
        ]
    );
    assert_eq!(db.number("SELECT count(*) AS n FROM companies"), 0);
    assert_eq!(db.number("SELECT count(*) AS n FROM import_runs"), 0);
});

db_test!(fn a_file_without_external_ids_says_so_once(db) {
    let told = faults(take(db, What::Companies, "id,name\n1,One\n2,Two\n"));
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("line 1: there is no column external_id; companies have external_id, name"), "{told:?}");
});

db_test!(fn a_column_named_twice_in_another_case_is_told_once(db) {
    let told = faults(take(db, What::Companies, "external_id,name,Name\nc-1,One,Uno\nc-2,Two,Due\n"));
    assert_eq!(told, ["line 1: the header names Name twice: upper and lower case are the same here"]);
});

db_test!(fn a_dry_run_tells_the_counts_and_keeps_nothing(db) {
    let refused = db.write_now(|conn| {
        let file = File { dry_run: true, ..file(What::Companies, COMPANIES) };
        import::csv(conn, now(), "ada@example.com", &crate::support::key(), &file)
    });
    assert!(matches!(refused, Err(FileRefusal::DryRun(tried)) if tried == counts(4, 0, 0)));
    assert_eq!(db.number("SELECT count(*) AS n FROM companies"), 0);
});

db_test!(fn a_contact_without_a_company_goes_to_the_one_owner_of_its_mail_domain(db) {
    take(db, What::Companies, COMPANIES).unwrap();
    take(db, What::Companies, "external_id,name,domains\nc-5,Double,acme.example|gmail.com\n").unwrap();
    let text = "external_id,company_external_id,email,first_name\n\
        p-1,c-3,a@acme.example,Ada\n\
        p-2,,B@Müller.example,Ben\n\
        p-3,,c@acme.example,Cy\n\
        p-4,,d@gmail.com,Di\n";
    assert_eq!(take(db, What::Contacts, text).unwrap(), counts(4, 0, 0));
    let placed = db.words(
        "SELECT contacts.external_id || ' ' || COALESCE(companies.external_id, '-') AS word FROM contacts \
         LEFT JOIN companies ON companies.id = company_id ORDER BY contacts.external_id",
    );
    // acme.example has two owners, gmail.com none that counts.
    assert_eq!(placed, ["p-1 c-3", "p-2 c-1", "p-3 -", "p-4 -"]);
    assert_eq!(take(db, What::Contacts, text).unwrap(), counts(0, 0, 4));
});

db_test!(fn contacts_of_unknown_companies_and_without_addresses_are_faults(db) {
    let text = "external_id,company_external_id,email,role,language,time_zone\n\
        p-1,nobody,a@x.example,user,de,Europe/Berlin\n\
        p-2,,no address,user,German (Austria),Berlin\n\
        p-3,,,user,,\n";
    let told = faults(take(db, What::Contacts, text));
    assert_eq!(
        told,
        [
            "line 2, column company_external_id: names nobody, which is no company here",
            "line 3, column email: is not a mail address",
            "line 3, column language: is not a language like en or pt-BR",
            "line 3, column time_zone: is not a time zone like Europe/Berlin",
            "line 4, column email: is empty",
        ]
    );
});

db_test!(fn a_deal_belongs_to_the_company_it_names_or_else_to_its_contacts(db) {
    take(db, What::Companies, COMPANIES).unwrap();
    take(db, What::Contacts, "external_id,company_external_id,email\np-1,c-1,a@x.example\np-2,,b@x.example\n").unwrap();
    let text = "external_id,company_external_id,contact_external_id,product,amount,occurred_at,channel\n\
        t-1,c-2,p-1,Press,-12.5,2026-01-02T10:00:00+02:00,web\n\
        t-2,,p-1,,,2026-01-03,\n";
    assert_eq!(take(db, What::Transactions, text).unwrap(), counts(2, 0, 0));
    assert_eq!(take(db, What::Transactions, text).unwrap(), counts(0, 0, 2));
    let stored = db.words(
        "SELECT transactions.external_id || ' ' || companies.external_id || ' ' || attributes AS word \
         FROM transactions JOIN companies ON companies.id = company_id ORDER BY 1",
    );
    assert_eq!(stored, ["t-1 c-2 {\"channel\":\"web\"}", "t-2 c-1 {}"]);
    let text = "external_id,company_external_id,contact_external_id,amount,occurred_at,needs\n\
        t-3,c-9,p-9,x,,joy\n\
        t-4,,p-2,1,2026-01-02,\n";
    assert_eq!(
        faults(take(db, What::Transactions, text)),
        [
            "line 2, column amount: is not a number like 1234.5",
            "line 2, column needs: names joy, which is no need of the framework",
            "line 2, column occurred_at: is empty",
            "line 3, column company_external_id: is missing, and no contact with a company is named instead",
        ]
    );
});

db_test!(fn a_long_file_is_taken_in_stretches_and_whole(db) {
    let mut text = String::from("external_id,name,annual_revenue,industry\n");
    for n in 0..4_500 {
        text.push_str(&format!("c-{n},Company {n},{n},{}\n", n % 7));
    }
    assert_eq!(take(db, What::Companies, &text).unwrap(), counts(4_500, 0, 0));
    text.push_str("c-7,Seven again,1,\n");
    assert_eq!(faults(take(db, What::Companies, &text)), ["line 4502, column external_id: is given a second time"]);
    assert!(db.number("SELECT count(*) AS n FROM companies WHERE tier = 'A'") > 1_000);
});

/// The demo's framework, a company, and two contacts of which one weighs more.
fn asked(db: &TestDb) {
    let framework = framework::read::toml(demo::FRAMEWORK).unwrap();
    db.write_now(move |conn| reframe::apply(conn, now(), "console", &framework))
        .unwrap();
    take(db, What::Companies, "external_id,name\nc-1,One\n").unwrap();
    let contacts = "external_id,company_external_id,email,role\n\
        p-1,c-1,a@x.example,user\n\
        p-2,c-1,b@x.example,user\n";
    take(db, What::Contacts, contacts).unwrap();
}

fn standing(db: &TestDb) -> needs::Standing {
    let standings = db.read_now(|conn| {
        let design = design::current(conn)?;
        let id = companies::list_facts(conn, &["c-1"])?["c-1"].0;
        needs::list_standings(conn, &design, &[id])
    });
    standings.unwrap().remove(0)
}

db_test!(fn a_changed_role_changes_what_its_answers_weigh(db) {
    asked(db);
    let answers = "contact_external_id,question,value,at\n\
        p-1,why-change,cost,2026-03-01\n\
        p-2,why-change,risk,2026-03-01\n";
    take(db, What::Answers, answers).unwrap();
    let efficiency = || {
        let row = standing(db).needs.into_iter().find(|row| row.need == "efficiency").unwrap();
        (row.score, row.n_eff)
    };
    assert_eq!(efficiency(), (50.0, 2.0));
    // A decision maker weighs three times as much as a user.
    take(db, What::Contacts, "external_id,role\np-1,decision_maker\n").unwrap();
    assert_eq!(efficiency(), (75.0, 1.6));
});

db_test!(fn coded_deals_give_a_segment_until_they_are_coded_otherwise(db) {
    asked(db);
    let need = framework::read::toml(demo::FRAMEWORK).unwrap().needs[0].code.clone();
    let deal = |needs: &str| format!("external_id,company_external_id,occurred_at,needs\nt-1,c-1,2026-03-01,{needs}\n");
    take(db, What::Transactions, &deal(&need)).unwrap();
    let coded = standing(db).rungs;
    assert_eq!(coded.source.as_deref(), Some("deals"));
    assert_eq!(coded.segment, coded.deals);
    take(db, What::Transactions, &deal("")).unwrap();
    assert_eq!(standing(db).rungs.segment, None);
});

db_test!(fn a_fault_in_a_row_of_answers_is_told_at_its_column(db) {
    asked(db);
    take(db, What::Contacts, "external_id,email\np-3,c@gmail.com\n").unwrap();
    let answers = "contact_external_id,question,value,at\n\
        p-1,why-change,nonsense,2026-03-01\n\
        p-9,why-change,cost,2026-03-11\n\
        p-1,nothing,,soon\n\
        p-3,why-change,cost,2026-03-01\n\
        p-9,why-change,cost,2026-03-01\n";
    let told = faults(take(db, What::Answers, answers));
    let places: Vec<&str> = told.iter().filter_map(|fault| fault.split(':').next()).collect();
    assert_eq!(
        places,
        [
            "line 2, column value",
            "line 3, column at",
            "line 4, column question",
            "line 4, column at",
            "line 4, column value",
            "line 5, column contact_external_id",
            "line 6, column contact_external_id",
        ]
    );
    assert_eq!(db.number("SELECT count(*) AS n FROM answers"), 0);
});
