//! A past day shows what was shown on that day, whatever came since.

use dripline::accounts::Role;
use dripline::{framework, needs, reframe};
use serde_json::{Value, json};

use crate::support::{Server, db_test};

const FRAMEWORK: &str = r#"
[settings]
min_scored_answers = 3
min_group = 5
[[roles]]
code = "boss"
weight = 3
[[roles]]
code = "user"
weight = 1
[[needs]]
code = "efficiency"
name = "Efficiency"
level = "strategic"
[[needs]]
code = "intimacy"
name = "Intimacy"
level = "personal"
[[needs]]
code = "innovation"
name = "Innovation"
level = "strategic"
[[segments]]
code = "seekers"
name = "Efficiency Seekers"
profile = { efficiency = 100 }
[[segments]]
code = "intimates"
name = "Customer Intimates"
profile = { intimacy = 100, innovation = 20 }
[[question_sets]]
code = "drivers"
title = "Drivers"
[[question_sets.questions]]
code = "how-much"
kind = "matrix"
text = "How much does it matter?"
min = 0
max = 100
rows = [
  { code = "e", text = "Speed", loads = { efficiency = 1 } },
  { code = "p", text = "People", loads = { intimacy = 1 } },
  { code = "n", text = "News", loads = { innovation = 1 } },
]
"#;

const COMPANIES: usize = 16;

fn answers(companies: std::ops::Range<usize>, at: &str, turn: i64) -> Value {
    let of_company = |n: usize| {
        [("boss", 7), ("user", 11)].map(|(who, salt)| {
            let value = |need: i64| (37 * n as i64 + salt * need * need + turn * need) % 101;
            json!({ "contact": format!("c{n}-{who}"), "question": "how-much", "at": at,
                    "value": { "e": value(1), "p": value(2), "n": value(3) } })
        })
    };
    companies.flat_map(of_company).collect()
}

#[track_caller]
fn assert_alike(one: &[Vec<String>], other: &[Vec<String>], what: &str) {
    assert_eq!(one.len(), other.len(), "{what}\n{one:?}\n{other:?}");
    for (a, b) in one.iter().flatten().zip(other.iter().flatten()) {
        let is_alike = match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => (a - b).abs() < 1e-6,
            _ => a == b,
        };
        assert!(is_alike, "{what}: {a} {b}\n{one:?}\n{other:?}");
    }
}

db_test!(fn a_past_day_shows_what_it_showed(db) {
    let server = Server::start(db);
    let now = server.clock.now();
    let framework = framework::read::toml(FRAMEWORK).unwrap();
    server.db.write_now(move |conn| reframe::apply(conn, now, "a test", &framework)).unwrap();
    let api = server.api(Role::Admin);
    let browser = server.log_in(Role::Admin);
    let company = |n: usize| json!({ "external_id": format!("c{n}"), "name": format!("Company {n}"), "annual_revenue": 1000 + n,
        "customer_since": (["2010-05-05", "2025-12-31"][n % 2]), "industry": (["Steel", "Food"][n / 2 % 2]) });
    api.post("/api/v1/companies", (0..COMPANIES).map(company).collect()).expect(200);
    let contacts = (0..COMPANIES).flat_map(|n| ["boss", "user"].map(|who| {
        json!({ "external_id": format!("c{n}-{who}"), "company_external_id": format!("c{n}"), "email": format!("{who}@c{n}.example"), "role": who })
    }));
    api.post("/api/v1/contacts", contacts.collect()).expect(200);
    api.post("/api/v1/answers", answers(0..12, "2026-03-02T10:00:00Z", 13)).expect(200);
    let tag = |n: usize, segment: &str| {
        let body = json!({ "segment": segment, "reason": "they said so" });
        api.put(&format!("/api/v1/companies/c{n}/sales-tag"), body).expect(200);
    };
    (0..6).for_each(|n| tag(n, ["seekers", "intimates"][n % 2]));
    let deal = |n: usize, day: &str| json!({ "external_id": format!("t{n}-{day}"), "company_external_id": format!("c{n}"),
        "occurred_at": day, "needs": (["efficiency", "intimacy"][n % 2]) });
    api.post("/api/v1/transactions", (0..5).map(|n| deal(n, "2026-03-01")).collect()).expect(200);

    let pages = [
        "/insights/overlay?by=industry&table=overlay", "/insights/overlay?by=industry&table=attributes",
        "/insights/overlay?by=tenure&industry=Food&table=overlay",
        "/insights/map?table=companies", "/insights/map?table=segments", "/insights/map?table=axes", "/insights/map?segment=seekers&table=companies",
        "/insights/sales-tags?table=tags", "/insights/sales-tags?table=tags-segments", "/insights/sales-tags?table=reps",
        "/insights/sales-tags?table=deals", "/insights/sales-tags?tenure=new&table=tags",
        "/insights/agreement?table=icc", "/insights/agreement?table=agreement", "/insights/agreement?table=companies",
        "/insights/agreement?table=roles", "/insights/agreement?industry=Steel&table=roles",
        "/insights/drivers?table=drivers", "/insights?table=needs", "/insights?table=segments",
    ];
    let before: Vec<_> = pages.map(|page| browser.rows(&format!("{page}&format=csv"))).into();
    let roles = &before[15];
    assert!(roles.iter().any(|row| row.iter().any(|cell| cell.parse::<f64>().is_ok())), "{roles:?}");

    // Everything moves on: answers that turn segments, others that come first, tags and deals.
    server.wait(chrono::TimeDelta::days(3));
    let browser = server.log_in(Role::Admin);
    api.post("/api/v1/answers", answers(3..COMPANIES, "2026-03-12T10:00:00Z", 40)).expect(200);
    (6..9).for_each(|n| tag(n, "seekers"));
    api.post("/api/v1/transactions", (3..9).map(|n| deal(n, "2026-03-12")).collect()).expect(200);
    let mut moved = 0;
    for (page, before) in pages.iter().zip(&before) {
        moved += usize::from(browser.rows(&format!("{page}&format=csv")) != *before);
        let then = browser.rows(&format!("{page}&format=csv&as_of=2026-03-11"));
        assert_alike(before, &then, page);
    }
    assert!(moved >= pages.len() - 2, "only {moved} pages show what came since");
    for page in ["overlay", "map", "sales-tags", "agreement"] {
        let text = browser.get(&format!("/insights/{page}?as_of=2026-03-11")).expect(200).text();
        assert!(text.contains("As things stood at the end of 11 Mar 2026") && !text.contains("knows today only"), "{text}");
        let empty = browser.get(&format!("/insights/{page}?as_of=2025-01-01")).expect(200).text();
        assert!(!empty.contains("Company 1 "), "{empty}");
    }

    // What an earlier version wrote has nothing packed: it is read from the rows of needs and contacts.
    let pages = ["/insights?table=needs", "/insights?table=segments", "/insights/agreement?table=icc", "/insights/agreement?table=companies",
        "/insights/drivers?table=drivers", "/insights/map?table=companies&industry=Food"];
    let packed: Vec<_> = pages.map(|page| browser.rows(&format!("{page}&format=csv"))).into();
    let unpack = |condition: &str| db.execute(&format!("UPDATE company_evidence SET scores = NULL WHERE {condition}")).unwrap();
    for condition in ["company_id % 3 = 0", "1 = 1"] {
        unpack(condition);
        for (page, packed) in pages.iter().zip(&packed) {
            assert_alike(packed, &browser.rows(&format!("{page}&format=csv")), page);
        }
    }
    let now = server.clock.now();
    assert_eq!(needs::pack_in_steps(&server.db, now, || false).unwrap(), COMPANIES);
    assert_eq!(needs::pack_in_steps(&server.db, now, || false).unwrap(), 0);
    assert_eq!(db.number("SELECT count(*) AS n FROM company_evidence WHERE scores IS NULL"), 0);
    for (page, packed) in pages.iter().zip(&packed) {
        assert_alike(packed, &browser.rows(&format!("{page}&format=csv")), page);
    }
});
