//! Companies merged and taken apart again: everything moves, everything comes back, figures follow.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use dripline::accounts::Role;
use dripline::ids::{CompanyId, MergeId};
use dripline::needs::{Cause, Hand};
use dripline::{behaviour, framework, identity, needs, reframe};
use serde_json::{Value, json};

use crate::respond::Asked;
use crate::support::{Api, Server, TestDb, assert_packed, db_test};

const FRAMEWORK: &str = r#"
[[needs]]
code = "efficiency"
name = "Efficiency"
level = "strategic"
[[needs]]
code = "intimacy"
name = "Intimacy"
level = "personal"
[[roles]]
code = "boss"
weight = 3.0
[[segments]]
code = "seekers"
name = "Seekers"
profile = { efficiency = 100 }
[[segments]]
code = "intimates"
name = "Intimates"
profile = { intimacy = 100 }
[[question_sets]]
code = "s"
title = "S"
[[question_sets.questions]]
code = "e1"
kind = "rating"
text = "Speed?"
min = 0
max = 10
loads = { efficiency = 2 }
[[question_sets.questions]]
code = "e2"
kind = "rating"
text = "Price?"
min = 0
max = 10
loads = { efficiency = 1 }
[[question_sets.questions]]
code = "i1"
kind = "rating"
text = "Closeness?"
min = 0
max = 10
loads = { intimacy = 1 }
[[question_sets.questions]]
code = "words"
kind = "text"
text = "In your words"
"#;

/// Three companies with two contacts each, deals, tags, answers: `seed` decides what they say.
fn seeded(server: &Server) -> Api {
    let framework = framework::read::toml(FRAMEWORK).unwrap_or_else(|faults| panic!("{faults:?}"));
    let now = server.clock.now();
    let apply = move |conn: &mut _| reframe::apply(conn, now, "console", &framework);
    server.db.write_now(apply).unwrap();
    let api = server.api(Role::Analyst);
    let company = |id: &str, revenue: i64| {
        json!({"external_id": id, "name": format!("Company {id}"), "annual_revenue": revenue, "country": "DE",
               "customer_since": "2020-01-01", "domains": [format!("{id}.example"), "shared.example"], "erp": format!("of {id}")})
    };
    api.post(
        "/api/v1/companies",
        json!([company("a", 800), company("b", 150), company("c", 50)]),
    )
    .expect(200);
    let mut contacts = Vec::new();
    for company in ["a", "b", "c"] {
        for n in 1..=2 {
            contacts.push(
                json!({"external_id": format!("{company}{n}"), "company_external_id": company,
                "email": format!("{company}{n}@{company}.example"), "role": if n == 1 { "boss" } else { "user" }}),
            );
        }
    }
    api.post("/api/v1/contacts", json!(contacts)).expect(200);
    let deal = |id: &str, company: &str, needs: Value| json!({"external_id": id, "company_external_id": company, "occurred_at": "2026-01-01", "needs": needs});
    let deals = json!([
        deal("d1", "a", json!(["efficiency"])),
        deal("d2", "a", Value::Null),
        deal("d3", "b", json!(["intimacy"]))
    ]);
    api.post("/api/v1/transactions", deals).expect(200);
    api
}

fn answer(api: &Api, contact: &str, question: &str, value: i64, at: &str) {
    api.post(
        "/api/v1/answers",
        json!([{"contact": contact, "question": question, "value": value, "at": at}]),
    )
    .expect(200);
}

/// Everything but what a merge and its end write down themselves.
fn everything(db: &TestDb) -> BTreeMap<String, Vec<String>> {
    // Of histories the keys are given anew; that of the other company goes on.
    let noted = [
        "audit_entries",
        "users",
        "sessions",
        "user_visits",
        "company_merges",
        "segment_changes",
        "company_segments",
        "api_tokens",
        "marks",
    ];
    let mut all = db.everything(&noted);
    all.insert("history of a".into(), db.words(
        "SELECT s.source || ' ' || s.made_by || ' ' || s.why || ' ' || coalesce(s.to_segment, '-') AS word FROM segment_changes s \
         JOIN companies c ON c.id = s.company_id WHERE c.external_id = 'a' ORDER BY s.at, s.id",
    ));
    all.insert(
        "segments".into(),
        db.words(
            "SELECT c.external_id || ' ' || g.segment || ' ' || g.source AS word FROM company_segments g \
         JOIN companies c ON c.id = g.company_id ORDER BY 1",
        ),
    );
    all
}

/// What hangs on answers alone, as it is kept: counts, scores, fits, segments.
fn figures(db: &TestDb) -> Vec<String> {
    let round = |column: &str| format!("CAST(CAST(round(CAST({column} * 1000000 AS NUMERIC)) AS BIGINT) AS TEXT)");
    let mut all = db.words(&format!(
        "SELECT 'score ' || company_id || ' ' || need || ' ' || {} || ' ' || {} || ' ' || n || ' ' || coalesce({}, '-') AS word \
         FROM company_needs ORDER BY company_id, need", round("score"), round("n_eff"), round("r_wg"),
    ));
    all.extend(db.words(&format!(
        "SELECT 'contact ' || company_id || ' ' || contact_id || ' ' || need || ' ' || n || ' ' || {} || ' ' || {} AS word \
         FROM contact_needs ORDER BY company_id, contact_id, need", round("mean"), round("weighed"),
    )));
    all.extend(db.words(&format!(
        "SELECT 'survey ' || company_id || ' ' || segment || ' ' || coalesce(runner_up, '-') || ' ' || coalesce({}, '-') AS word \
         FROM survey_segments ORDER BY company_id", round("margin"),
    )));
    all.extend(db.words("SELECT 'evidence ' || company_id || ' ' || answers || ' ' || contacts_answered AS word FROM company_evidence ORDER BY company_id"));
    all.extend(
        db.words("SELECT 'deals ' || company_id || ' ' || segment AS word FROM deal_segments ORDER BY company_id"),
    );
    all.extend(db.words("SELECT 'in effect ' || company_id || ' ' || segment || ' ' || source AS word FROM company_segments ORDER BY company_id"));
    all
}

/// Works everything out anew from the raw answers: nothing may change.
#[track_caller]
fn assert_recounted(server: &Server, db: &TestDb) {
    let kept = figures(db);
    let now = server.clock.now();
    server
        .db
        .write_now(move |conn| needs::rescore(conn, now, &Cause::new("recount")))
        .unwrap();
    assert_eq!(kept, figures(db));
}

db_test!(fn a_merge_moves_everything_and_its_undo_brings_everything_back(db) {
    let server = Server::start(db);
    let api = seeded(&server);
    for (contact, question, value) in [("a1", "e1", 9), ("a1", "i1", 2), ("a2", "e1", 7), ("b1", "e1", 1), ("b1", "i1", 8), ("b2", "i1", 10), ("b2", "e2", 3)] {
        answer(&api, contact, question, value, "2026-03-01T10:00:00Z");
    }
    // Somebody who moved has answers of the same instant for both.
    api.post("/api/v1/contacts", json!([{"external_id": "a2", "company_external_id": "b"}])).expect(200);
    answer(&api, "a2", "e1", 5, "2026-03-01T10:00:00Z");
    api.put("/api/v1/companies/a/sales-tag", json!({"segment": "seekers", "reason": "asks for prices"})).expect(200);
    api.put("/api/v1/companies/a/override", json!({"segment": "intimates", "reason": "told us"})).expect(200);
    api.delete("/api/v1/companies/a/override").expect(200);
    db.execute("INSERT INTO giveback_companies (company_id, version_id, row_code) SELECT c.id, v.id, '' FROM companies c, question_versions v \
                WHERE (c.external_id = 'a' AND v.question IN ('e1', 'i1')) OR (c.external_id = 'b' AND v.question = 'i1')").unwrap();
    db.execute("UPDATE companies SET parent_id = (SELECT id FROM companies WHERE external_id = 'a') WHERE external_id = 'c'").unwrap();
    // Both used the same at the same time; the rules tell how each of them behaves.
    let used = |company: &str, count: i64| json!({"external_id": company, "feature": "alarms", "count": count, "at": "2026-03-01"});
    api.post("/api/v1/usage", json!([used("a", 30), used("b", 1), {"external_id": "a", "feature": "orders", "count": 2, "at": "2026-01-01"}])).expect(200);
    let (now, rules) = (server.clock.now(), dripline::method::behaviour::ready());
    server.db.write_now(move |conn| behaviour::apply(conn, now, "console", 0, &rules).map(|_| behaviour::hurry(conn, now))).unwrap().unwrap();
    let behaves = || db.words("SELECT external_id || ' ' || coalesce(behaviour, '-') AS word FROM companies ORDER BY external_id");
    assert_eq!(behaves(), ["a Competitive Loyalists", "b One-Time Buyers", "c -"]);
    assert_recounted(&server, db);
    let before = everything(db);

    // Bad input: a clear message at the field, nothing half done.
    let fault = |reply: crate::support::Reply| { let json = reply.expect(422).json(); (json["errors"][0]["place"].clone(), json["errors"][0]["message"].to_string()) };
    let (place, why) = fault(api.post("/api/v1/companies/a/merge", json!({"into": "a"})));
    assert!(place == "into" && why.contains("into itself"), "{why}");
    let (place, why) = fault(api.post("/api/v1/companies/a/merge", json!({"into": "nobody"})));
    assert!(place == "into" && why.contains("nobody"), "{why}");
    api.post("/api/v1/companies/nobody/merge", json!({"into": "a"})).expect(404);
    api.post("/api/v1/companies/a/merge", json!({"into": "b", "keep": true})).expect(422);
    server.api(Role::Sales).post("/api/v1/companies/a/merge", json!({"into": "b"})).expect(403);
    assert_eq!(everything(db), before);

    let page = server.log_in(Role::Analyst);
    let preview = page.get("/companies/a/merge?into=b").expect(200);
    for words in ["Answers 3", "Transactions 2", "Contacts 1", "a.example", "moves"] {
        assert!(preview.text().replace('\n', " ").contains(words), "{words}: {}", preview.text());
    }
    assert!(page.get("/companies/a/merge?into=compan").expect(200).text().contains("Which one is it?"));
    assert!(page.get("/companies/a/merge?into=a").expect(422).text().contains("into itself"));
    assert_eq!(everything(db), before, "looking changes nothing");

    let merged = api.post("/api/v1/companies/a/merge", json!({"into": "b"})).expect(200).json();
    assert_eq!((&merged["external_id"], &merged["answers"]), (&json!("b"), &json!(7)), "{merged}");
    assert!(preview.text().contains("Afterwards") && merged["segment"]["source"] == "survey", "{merged}");
    assert_eq!(db.number("SELECT count(*) AS n FROM companies"), 2);
    assert_eq!(api.get("/api/v1/companies/a").expect(200).json()["external_id"], "b", "found under its other id");
    assert_eq!(db.words("SELECT sales_tags.segment AS word FROM sales_tags JOIN companies c ON c.id = company_id WHERE c.external_id = 'b'"), ["seekers"]);
    let (_, why) = fault(api.post("/api/v1/companies/a/merge", json!({"into": "b"})));
    assert!(why.contains("already"), "{why}");
    // What was used is added up, what was bought is one company's, and what comes in under the other id is its.
    assert_eq!(db.words("SELECT name || '=' || value AS word FROM company_attributes WHERE worked_out ORDER BY name"),
        ["usage_features_lost=0", "usage_features_used=1", "usage_frequency=daily", "usage_of_alarms=new", "usage_of_orders=stopped", "usage_trend=rising"]);
    assert_eq!(db.words("SELECT given_as || ' ' || uses AS word FROM company_usage WHERE feature = 'alarms' ORDER BY uses"), [" 1", "a 30"]);
    assert_eq!(behaves(), ["b Competitive Loyalists", "c -"]);
    assert_eq!(api.post("/api/v1/usage", json!([used("a", 30)])).expect(200).json()["unchanged"], 1);
    // Imports that still know the merged company find the other one, and change nothing of it.
    let rows = json!([{"external_id": "a", "name": "A anew", "country": "FR"}]);
    assert_eq!(api.post("/api/v1/companies", rows).expect(200).json(), json!({"created": 0, "updated": 0, "unchanged": 1}));
    api.post("/api/v1/contacts", json!([{"external_id": "new", "company_external_id": "a", "email": "new@a.example"}])).expect(200);
    assert_eq!(api.get("/api/v1/contacts/new").expect(200).json()["company"], "b");
    db.execute("DELETE FROM contacts WHERE external_id = 'new'").unwrap();

    let again = api.delete("/api/v1/companies/a/merge").expect(200).json();
    assert_eq!((&again["external_id"], &again["segment"]["source"]), (&json!("a"), &json!("survey")));
    let after = everything(db);
    for (table, rows) in &before {
        assert_eq!(&after[table], rows, "{table}");
    }
    assert_recounted(&server, db);
    api.delete("/api/v1/companies/a/merge").expect(404);
    let deeds = db.words("SELECT action || ' ' || subject AS word FROM audit_entries WHERE action LIKE 'company.%' ORDER BY id");
    assert_eq!(deeds, ["company.merge b", "company.merge_undone a"]);
});

db_test!(fn what_came_after_a_merge_stays_where_it_was_given(db) {
    let server = Server::start(db);
    let api = seeded(&server);
    answer(&api, "a1", "e1", 9, "2026-03-01T10:00:00Z");
    api.post("/api/v1/companies/a/merge", json!({"into": "b"})).expect(200);
    server.wait(TimeDelta::hours(1));
    answer(&api, "a1", "i1", 4, "2026-03-10T11:30:00Z");
    let page = server.log_in(Role::Admin);
    let identity = page.get("/companies/b/identity").expect(200);
    assert!(identity.text().contains("Company a") && identity.html().contains("by a merge"), "{}", identity.text());
    let id = db.number("SELECT max(id) AS n FROM company_merges");
    assert!(page.get("/audit").expect(200).html().contains("/companies/b/identity#merges"));
    let undo = page.get(&format!("/companies/merges/{id}")).expect(200);
    assert!(undo.text().contains("1 answer that its people gave since stay") || undo.text().contains("since stay with Company b"), "{}", undo.text());
    // Chained merges come apart in turn.
    api.post("/api/v1/companies/b/merge", json!({"into": "c"})).expect(200);
    let refused = api.delete("/api/v1/companies/a/merge").expect(409).json();
    assert!(refused["detail"].to_string().contains("first"), "{refused}");
    page.get(&format!("/companies/merges/{id}")).expect(409);
    assert_eq!(api.get("/api/v1/companies/a").expect(200).json()["external_id"], "c");
    assert_recounted(&server, db);
    api.delete("/api/v1/companies/b/merge").expect(200);
    let undone = page.submit(&page.get(&format!("/companies/merges/{id}")).expect(200).form(&format!("/companies/merges/{id}/undo")));
    assert!(undone.text().contains("both companies are there again"), "{}", undone.text());
    assert_recounted(&server, db);
    let of = |company: &str| db.words(&format!("SELECT question AS word FROM answers a JOIN companies c ON c.id = a.company_id WHERE c.external_id = '{company}'"));
    assert_eq!((of("a"), of("b")), (vec!["e1".to_owned()], vec!["i1".to_owned()]));
    assert_eq!(api.get("/api/v1/contacts/a1").expect(200).json()["company"], "a");
    page.get(&format!("/companies/merges/{id}")).expect(409);
    page.get("/companies/merges/987654").expect(404);
});

db_test!(fn usage_that_came_under_a_name_before_gives_way_to_that_of_the_company_of_the_name(db) {
    let server = Server::start(db);
    let api = seeded(&server);
    // `b` was once another id of `a`, and is a company of its own now.
    db.execute("INSERT INTO usage_features (feature) VALUES ('reports')").unwrap();
    let rows = [("a", "b", 3), ("a", "", 4), ("b", "", 5)];
    db.insert("company_usage (company_id, feature, at, given_as, uses)", rows.map(|(company, given_as, uses)| {
        format!("(SELECT id FROM companies WHERE external_id = '{company}'), 'reports', '2026-03-01 00:00:00', '{given_as}', {uses}")
    }));
    api.post("/api/v1/companies/b/merge", json!({"into": "a"})).expect(200);
    let uses = "SELECT given_as || ' ' || uses AS word FROM company_usage JOIN companies c ON c.id = company_id WHERE c.external_id = 'a' ORDER BY given_as";
    assert_eq!(db.words(uses), [" 4", "b 5"]);
});

db_test!(fn figures_equal_a_recount_whatever_is_merged_and_undone(db) {
    let server = Server::start(db);
    let api = seeded(&server);
    let mut state = 7_u64;
    let mut draw = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let contacts = ["a1", "a2", "b1", "b2", "c1", "c2"];
    let (mut merges, mut undone) = (0, 0);
    for round in 0..100 {
        let now = server.clock.now();
        let companies = db.words("SELECT external_id AS word FROM companies ORDER BY id");
        let one = companies[draw(companies.len() as u64) as usize].clone();
        match draw(8) {
            0..=3 => {
                let question = ["e1", "e2", "i1"][draw(3) as usize];
                // Only a few instants, so that some are shared.
                let at = format!("2026-03-0{}T10:00:00Z", 1 + draw(3));
                answer(&api, contacts[draw(6) as usize], question, draw(11) as i64, &at);
            }
            4 => {
                let body = json!([{"external_id": contacts[draw(6) as usize], "company_external_id": one}]);
                api.post("/api/v1/contacts", body).expect(200);
            }
            5 => {
                let id = db.number(&format!("SELECT id AS n FROM companies WHERE external_id = '{one}'"));
                let (hand, segment) = (Hand::SalesTag { blind: true }, ["seekers", "intimates"][draw(2) as usize]);
                server.db.write_now(move |conn| needs::set_by_hand(conn, now, CompanyId(id), hand, segment, "r", "rep")).unwrap();
            }
            6 => {
                let other = companies[draw(companies.len() as u64) as usize].clone();
                let done = server.db.write_now(move |conn| identity::merge(conn, now, &one, &other, "ana"));
                merges += u32::from(done.is_ok());
            }
            _ => {
                let standing = db.words("SELECT CAST(id AS TEXT) AS word FROM company_merges WHERE undone_at IS NULL AND into_id IS NOT NULL ORDER BY id");
                if let Some(id) = standing.last().and_then(|id| id.parse().ok()) {
                    server.db.write_now(move |conn| identity::undo(conn, now, MergeId(id), "ana")).unwrap_or_else(|error| panic!("{round}: {error}"));
                    undone += 1;
                }
            }
        }
        server.wait(TimeDelta::minutes(1));
        assert_packed(db);
        assert_recounted(&server, db);
    }
    assert!(merges >= 3 && undone >= 2, "{merges} merges, {undone} undone");
    // Each answer is held once, and by the company of a contact's that is there.
    assert_eq!(db.number("SELECT count(*) AS n FROM answers WHERE company_id NOT IN (SELECT id FROM companies)"), 0);
});

db_test!(fn companies_merged_mid_drip_send_each_step_once_and_old_links_still_work(db) {
    let asked = Asked::many(db, "two-steps", &["ada"]);
    let house = &asked.house;
    // The other company knows the same person under another id, and asks a day later.
    db.execute("INSERT INTO contacts (external_id, company_id, email, email_key, name_key, first_name, created_at, updated_at) \
                VALUES ('ada2', 2, 'Ada@A.example', 'ada@a.example', '', 'Ada', '2026-01-01 00:00:00', '2026-01-01 00:00:00')").unwrap();
    let old = asked.path_of("ada", "r");
    house.wait(TimeDelta::days(1));
    house.enrol("two-steps", &["ada2"]);
    house.run();
    let other = asked.path_of("ada2", "r");
    let now = house.now();
    let merge = db.write_now(move |conn| identity::merge(conn, now, "acme", "bolt", "ana")).unwrap();
    let states = || db.words("SELECT state AS word FROM enrolments ORDER BY id");
    assert_eq!(states(), ["active", "stopped"], "of two at the same step the first goes on");
    asked.browser.answer(&old, &[("why", "price")]);
    asked.browser.answer(&other, &[("why", "people")]);
    assert_eq!(db.number("SELECT count(*) AS n FROM answers WHERE company_id = 2"), 2, "old links answer for the company that is there");
    let out = house.run_days(12);
    assert_eq!(out.iter().filter(|subject| subject.contains("Thank you") || subject.contains("hours")).count(), 1, "{out:?}");
    let now = house.now();
    db.write_now(move |conn| identity::undo(conn, now, merge, "ana")).unwrap();
    assert_eq!(states(), ["finished", "stopped"], "its address had that step");
    assert_eq!(db.words("SELECT CAST(company_id AS TEXT) AS word FROM enrolments ORDER BY id"), ["1", "2"]);
    assert_eq!(db.number("SELECT count(*) AS n FROM outbox WHERE company_id = 1"), db.number("SELECT count(*) AS n FROM outbox o JOIN contacts c ON c.id = o.contact_id WHERE c.external_id = 'ada'"));
    // An address that wants nothing of one company gets nothing of the other: it hangs on the address.
    db.leaves_mail("nothing more is looked at");
});

db_test!(fn a_company_has_other_ids_domains_and_a_group(db) {
    let server = Server::start(db);
    let api = seeded(&server);
    let browser = server.log_in(Role::Analyst);
    let change = |what: &str, text: &str| browser.post("/companies/a/identity", &[("what", what), (what, text)]);
    change("alias", "crm-17").expect(303);
    assert!(change("alias", "b").expect(422).text().contains("the id or the alias of a company already"));
    assert_eq!(api.get("/api/v1/companies/crm-17").expect(200).json()["external_id"], "a");
    assert!(browser.get("/companies?search=crm-17").expect(200).text().contains("Company a"));
    change("removed", "crm-17").expect(303);
    api.get("/api/v1/companies/crm-17").expect(404);
    assert!(change("domains", "ok.example, not a domain").expect(422).html().contains("domains-fault"));
    change("domains", "@ok.example other.example").expect(303);
    assert_eq!(db.words("SELECT domain AS word FROM company_domains d JOIN companies c ON c.id = d.company_id WHERE c.external_id = 'a' ORDER BY position"), ["ok.example", "other.example"]);
    change("parent", "b").expect(303);
    assert!(browser.post("/companies/b/identity", &[("what", "parent"), ("parent", "a")]).expect(422).text().contains("part of this company already"));
    assert!(change("parent", "a").expect(422).text().contains("part of itself"));
    assert!(browser.get("/companies/b/identity").expect(200).text().contains("Company a"));
    // A contact moves; its answers stay where they were given.
    answer(&api, "a1", "e1", 9, "2026-03-01T10:00:00Z");
    let page = browser.get("/contacts/a1").expect(200);
    let moved = browser.submit(&page.form("/contacts/a1/company").fill("company", "c"));
    assert!(moved.text().contains("has moved"), "{}", moved.text());
    browser.post("/contacts/a1/company", &[("company", "nowhere")]).expect(422);
    assert_eq!(api.get("/api/v1/contacts/a1").expect(200).json()["company"], "c");
    assert_eq!(api.get("/api/v1/companies/a").expect(200).json()["answers"], 1);
});
