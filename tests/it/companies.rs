//! Companies and contacts as lists find them.

use chrono::NaiveDate;
use dripline::clock;
use dripline::companies::contacts;
use dripline::companies::listing::{self, Filter, Order, Stretch, Viewer};
use dripline::companies::record::Row;
use dripline::import::{self, What};
use dripline::method::tenure::Tenure;

use crate::support::{TestDb, db_test};

const FIRST: Stretch = Stretch {
    after: 0,
    skip: 0,
    most: 50,
};

fn take(db: &TestDb, what: What, header: &str, rows: &[&str]) {
    let names: Vec<&str> = header.split(',').collect();
    let rows: Vec<Row> = rows
        .iter()
        .map(|row| Row::of(names.iter().copied().zip(row.split(','))))
        .collect();
    let now = clock::parse_rfc3339("2026-03-10T11:00:00Z").unwrap();
    let taken = db.write_now(move |conn| {
        import::rows(
            conn,
            now,
            "ada@example.com",
            &crate::support::key(),
            what,
            rows.into_iter(),
        )
    });
    taken.unwrap();
}

fn four(db: &TestDb) {
    let header = "external_id,name,customer_since,annual_revenue,country,owner_email";
    let rows = [
        "c-1,Müller GmbH,2024-03-31,800,DE,sam@example.com",
        "c-2,acme,,150,AT,",
        "c-3,100% Zeta,2019-01-01,,DE,sam@example.com",
        "c-4,Ärzte,2026-01-01,50,,kim@example.com",
    ];
    take(db, What::Companies, header, &rows);
}

fn found(db: &TestDb, filter: Filter, order: Order) -> Vec<String> {
    seen_by(db, Viewer::All, filter, order)
}

fn seen_by(db: &TestDb, viewer: Viewer, filter: Filter, order: Order) -> Vec<String> {
    let (listed, count) = db
        .read_now(|conn| {
            let listed = listing::list(conn, &viewer, &filter, order, FIRST)?;
            Ok::<_, dripline::store::Error>((listed, listing::count(conn, &viewer, &filter)?))
        })
        .unwrap();
    assert_eq!(listed.len() as i64, count);
    listed.into_iter().map(|company| company.external_id).collect()
}

db_test!(fn every_order_is_the_same_on_both_databases(db) {
    four(db);
    let in_order = |order| found(db, Filter::default(), order);
    assert_eq!(in_order(Order::Id), ["c-1", "c-2", "c-3", "c-4"]);
    assert_eq!(in_order(Order::Name), ["c-3", "c-2", "c-4", "c-1"]);
    assert_eq!(in_order(Order::Revenue), ["c-1", "c-2", "c-4", "c-3"]);
    assert_eq!(in_order(Order::Tenure), ["c-3", "c-1", "c-4", "c-2"]);
    assert_eq!(in_order(Order::Answers), ["c-1", "c-2", "c-3", "c-4"]);
    assert_eq!(in_order(Order::Segment), ["c-3", "c-2", "c-4", "c-1"]);
});

db_test!(fn a_search_folds_and_knows_no_wildcards(db) {
    four(db);
    let search = |text: &str| found(db, Filter { search: Some(text.into()), ..Filter::default() }, Order::Name);
    assert_eq!(search("MULLER"), ["c-1"]);
    assert_eq!(search("ärz"), ["c-4"]);
    assert_eq!(search("%"), ["c-3"]);
    assert_eq!(search("_"), Vec::<String>::new());
    assert_eq!(search("c-2"), ["c-2"]);
    assert_eq!(search("' OR 1=1--"), Vec::<String>::new());
});

db_test!(fn tenure_parts_companies_at_the_last_long_standing_day(db) {
    four(db);
    let tenure = |tenure: &[Tenure], since: Option<&str>| {
        let long_standing_since = since.map(|day| day.parse::<NaiveDate>().unwrap());
        found(db, Filter { tenure: tenure.to_vec(), long_standing_since, ..Filter::default() }, Order::Id)
    };
    assert_eq!(tenure(&[Tenure::New], Some("2024-03-30")), ["c-1", "c-4"]);
    assert_eq!(tenure(&[Tenure::LongStanding], Some("2024-03-31")), ["c-1", "c-3"]);
    assert_eq!(tenure(&[Tenure::Unknown, Tenure::New], Some("2024-03-31")), ["c-2", "c-4"]);
    assert_eq!(tenure(&[Tenure::LongStanding], None), Vec::<String>::new());
});

db_test!(fn filters_add_up_and_without_a_segment_is_one_of_them(db) {
    four(db);
    db.execute(
        "INSERT INTO company_segments (company_id, segment, source, since) \
         SELECT id, 'innovators', 'override', created_at FROM companies WHERE external_id = 'c-3'",
    )
    .unwrap();
    let segment = |segment: &[&str], without_segment| Filter {
        segment: segment.iter().map(|code| (*code).to_owned()).collect(),
        without_segment,
        ..Filter::default()
    };
    assert_eq!(found(db, segment(&["innovators"], false), Order::Id), ["c-3"]);
    assert_eq!(found(db, segment(&["other"], false), Order::Id), Vec::<String>::new());
    assert_eq!(found(db, segment(&[], true), Order::Id), ["c-1", "c-2", "c-4"]);
    assert_eq!(found(db, segment(&["innovators"], true), Order::Id), ["c-1", "c-2", "c-3", "c-4"]);
    assert_eq!(found(db, Filter::default(), Order::Segment)[0], "c-3");
    let german = Filter { country: vec!["DE".into()], ..segment(&[], true) };
    assert_eq!(found(db, german, Order::Id), ["c-1"]);
});

db_test!(fn an_owner_sees_its_own_companies_and_their_contacts_alone(db) {
    four(db);
    take(db, What::Contacts, "external_id,company_external_id,email,last_name", &[
        "p-1,c-1,a@x.example,Ada",
        "p-2,c-4,b@x.example,Ben",
        "p-3,,c@x.example,Cy",
    ]);
    let sam = Viewer::Owners(vec!["sam@example.com".into()]);
    assert_eq!(seen_by(db, sam.clone(), Filter::default(), Order::Id), ["c-1", "c-3"]);
    let foreign = db.read_now(|conn| listing::find(conn, &sam, "c-4")).unwrap();
    assert_eq!(foreign, None);
    let people = |viewer: &Viewer, search: Option<&str>| {
        let listed = db.read_now(|conn| contacts::list(conn, viewer, search, FIRST)).unwrap();
        listed.into_iter().map(|contact| contact.external_id).collect::<Vec<_>>()
    };
    assert_eq!(people(&sam, None), ["p-1"]);
    assert_eq!(people(&Viewer::All, Some("B@X")), ["p-2"]);
    assert_eq!(people(&Viewer::All, None), ["p-1", "p-2", "p-3"]);
});

db_test!(fn a_cursor_walks_through_all_companies_once(db) {
    four(db);
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let stretch = Stretch::after(after, 3);
        let listed = db.read_now(|conn| listing::list(conn, &Viewer::All, &Filter::default(), Order::Id, stretch)).unwrap();
        let Some(last) = listed.last() else { break };
        after = last.id.0;
        seen.extend(listed.into_iter().map(|company| company.external_id));
    }
    assert_eq!(seen, ["c-1", "c-2", "c-3", "c-4"]);
});
