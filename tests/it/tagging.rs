//! What a rep knows before any survey: tags by hand, deals coded with the needs behind them, and what
//! was said in conversations.

use dripline::accounts::Role;
use serde_json::json;

use crate::support::server::PASSWORD;
use crate::support::{Browser, Server, TestDb, db_test};

/// Two companies of the rep, the first of more revenue, each with a contact; one deal.
fn seed(server: &Server, rep: &str) {
    let framework = dripline::framework::read::toml(dripline::demo::FRAMEWORK).unwrap();
    let now = server.clock.now();
    let apply = move |conn: &mut _| dripline::reframe::apply(conn, now, "console", &framework);
    server.db.write_now(apply).unwrap();
    let api = server.api(Role::Analyst);
    let companies = json!([
        {"external_id": "c-1", "name": "Acme", "annual_revenue": 900, "owner_email": rep},
        {"external_id": "c-2", "name": "Beta", "annual_revenue": 100, "owner_email": rep},
    ]);
    api.post("/api/v1/companies", companies).expect(200);
    let contacts = json!([
        {"external_id": "p-1", "company_external_id": "c-1", "email": "ada@acme.example", "first_name": "Ada"},
        {"external_id": "p-2", "company_external_id": "c-2", "email": "bob@beta.example", "first_name": "Bob"},
    ]);
    api.post("/api/v1/contacts", contacts).expect(200);
    let deal =
        json!([{"external_id": "d-1", "company_external_id": "c-2", "product": "Pump", "occurred_at": "2026-03-01"}]);
    api.post("/api/v1/transactions", deal).expect(200);
}

fn rep(db: &TestDb) -> (Server, Browser, String) {
    let server = Server::start(db);
    let email = server.add_user(Role::Sales);
    seed(&server, &email);
    let browser = server.browser();
    browser.log_in(&email, PASSWORD);
    (server, browser, email)
}

fn segment(server: &Server, company: &str) -> serde_json::Value {
    let found = server
        .api(Role::Analyst)
        .get(&format!("/api/v1/companies/{company}"))
        .expect(200)
        .json();
    json!([found["segment"]["code"], found["segment"]["source"]])
}

db_test!(fn a_rep_tags_one_company_after_the_other_and_takes_it_back(db) {
    const PAGE: &str = "/companies/tagging";
    let (server, browser, email) = rep(db);
    // Beta's survey has said something already: a tag now is not blind.
    db.execute(
        "INSERT INTO segment_changes (company_id, at, to_segment, source, made_by, why) \
         SELECT id, '2026-03-01 00:00:00', 'innovators', 'survey', '', '' FROM companies WHERE external_id = 'c-2'",
    ).unwrap();
    let page = browser.get(PAGE).expect(200);
    assert!(page.text().contains("2 companies wait") && page.text().contains("Acme"), "{}", page.text());
    // Nothing is chosen beforehand, and without a choice nothing is kept.
    let missing = browser.press(&page.form(PAGE), "do", "tag").expect(422);
    assert!(missing.text().contains("Acme"), "{}", missing.text());
    let unknown = [("do", "tag"), ("company", "c-1"), ("segment", "nobody"), ("sureness", "2"), ("reason", "their tender")];
    let unknown = browser.post(PAGE, &unknown).expect(422);
    assert!(unknown.html().contains("their tender") && unknown.html().contains("id=\"segment-fault\""), "{}", unknown.html());
    assert_eq!(db.number("SELECT count(*) AS n FROM sales_tags"), 0);

    let typed = page.form(PAGE).fill("segment", "efficiency-seekers").fill("sureness", "3").fill("reason", "They count.");
    let next = browser.press(&typed, "do", "tag").expect(200);
    assert!(next.text().contains("1 company waits") && next.text().contains("Beta"), "{}", next.text());
    assert_eq!(segment(&server, "c-1"), json!(["efficiency-seekers", "sales_tag"]));
    assert_eq!(db.number("SELECT count(*) AS n FROM sales_tags WHERE blind AND sureness = 3 AND reason = 'They count.'"), 1);

    let typed = next.form(PAGE).fill("segment", "innovators");
    let done = browser.press(&typed, "do", "tag").expect(200);
    assert!(done.text().contains("All are tagged"), "{}", done.text());
    assert_eq!(db.number("SELECT count(*) AS n FROM sales_tags WHERE NOT blind"), 1, "seen before");
    let again = browser.press(&done.form(PAGE), "do", "undo").expect(200);
    assert!(again.text().contains("Beta"), "{}", again.text());
    assert_eq!(segment(&server, "c-2"), json!([null, null]));

    // Several at once, ticked in the list; another rep's are nobody's here.
    let both = [("company", "c-1"), ("company", "c-2"), ("segment", "customer-intimates"), ("sureness", "1"), ("reason", "")];
    browser.post("/companies/tagging/chosen", &both).expect(303);
    for company in ["c-1", "c-2"] {
        assert_eq!(segment(&server, company), json!(["customer-intimates", "sales_tag"]));
    }
    let other = server.log_in(Role::Sales);
    let theirs = [("do", "tag"), ("company", "c-1"), ("segment", "innovators"), ("sureness", "2"), ("reason", "")];
    other.post(PAGE, &theirs).expect(404);
    assert_eq!(db.number(&format!("SELECT count(*) AS n FROM sales_tags WHERE made_by = '{email}'")), 2);
});

db_test!(fn a_coded_deal_gives_a_company_its_segment_until_it_is_taken_back(db) {
    const PAGE: &str = "/companies/deals";
    let (server, browser, _) = rep(db);
    let page = browser.get(PAGE).expect(200);
    assert!(page.text().contains("1 deal waits") && page.text().contains("Pump"), "{}", page.text());
    let blank = browser.press(&page.form(PAGE), "do", "code").expect(422);
    assert!(blank.text().contains("Tick what was behind the deal"), "{}", blank.text());
    assert_eq!(segment(&server, "c-2"), json!([null, null]));
    let typed = page.form(PAGE).fill("need", "efficiency");
    let done = browser.press(&typed, "do", "code").expect(200);
    assert!(done.text().contains("All deals are coded"), "{}", done.text());
    assert_eq!(segment(&server, "c-2"), json!(["efficiency-seekers", "deals"]));
    // A tag stands above deals; when it goes, they show again.
    let tag = json!({"segment": "innovators", "reason": "heard so"});
    let api = server.api(Role::Analyst);
    api.put("/api/v1/companies/c-2/sales-tag", tag).expect(200);
    assert_eq!(segment(&server, "c-2"), json!(["innovators", "sales_tag"]));
    api.delete("/api/v1/companies/c-2/sales-tag").expect(200);
    assert_eq!(segment(&server, "c-2"), json!(["efficiency-seekers", "deals"]));
    browser.press(&done.form(PAGE), "do", "undo").expect(200);
    assert_eq!(segment(&server, "c-2"), json!([null, null]));
});

db_test!(fn what_was_said_in_a_conversation_is_scored_as_what_was_written(db) {
    const PAGE: &str = "/companies/c-1/conversations/new";
    let (server, browser, email) = rep(db);
    let page = browser.get(&format!("{PAGE}?contact=p-1")).expect(200);
    assert!(page.text().contains("Ada"), "{}", page.text());
    let said = |day: &'static str, answer: &'static str| {
        browser.post(PAGE, &[
            ("contact", "p-1"), ("set", ""), ("kind", "call"), ("held_on", day), ("note", "Their line stood still."),
            ("asked", "why-change"), ("why-change", answer),
        ])
    };
    // One fault keeps nothing, and loses nothing that was typed.
    let faulty = said("2031-01-01", "cost").expect(422);
    assert!(faulty.text().contains("That day has not come yet."), "{}", faulty.text());
    assert!(faulty.html().contains("Their line stood still."));
    said("2026-03-09", "no-such-option").expect(422);
    for table in ["answers", "conversations"] {
        assert_eq!(db.number(&format!("SELECT count(*) AS n FROM {table}")), 0, "{table}");
    }
    said("2026-03-09", "cost").expect(303);
    let by_call = server.api(Role::Analyst).get("/api/v1/companies/c-1").expect(200).json();
    assert_eq!(by_call["needs"]["efficiency"]["score"], json!(100.0));
    let answer = json!([{"contact": "p-2", "question": "why-change", "value": "cost", "at": "2026-03-09T12:00:00Z"}]);
    server.api(Role::Analyst).post("/api/v1/answers", answer).expect(200);
    let by_form = server.api(Role::Analyst).get("/api/v1/companies/c-2").expect(200).json();
    assert_eq!(by_call["needs"], by_form["needs"]);
    let held = server.api(Role::Analyst).get("/api/v1/contacts/p-1/export").expect(200).json();
    assert_eq!((&held["answers"][0]["channel"], &held["answers"][0]["author"]), (&json!("call"), &json!(email)));
    let company = browser.get("/companies/c-1").expect(200).text();
    assert!(company.contains("Their line stood still.") && company.contains(&email), "{company}");
    assert!(!company.contains("too slow or too dear"), "nobody's single answers are shown to reps: {company}");
    let other = server.log_in(Role::Sales);
    other.get(PAGE).expect(404);
});
