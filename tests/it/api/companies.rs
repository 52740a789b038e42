//! Companies, contacts and transactions in; companies, scores and segments out.

use dripline::accounts::Role;
use dripline::mail::suppression::{self, Scope};
use dripline::{demo, framework, needs, reframe};
use serde_json::{Value, json};

use crate::support::{Server, db_test};

fn seed(server: &Server) {
    let framework = framework::read::toml(demo::FRAMEWORK).unwrap();
    let now = server.clock.now();
    let apply = move |conn: &mut _| reframe::apply(conn, now, "console", &framework);
    server.db.write_now(apply).unwrap();
}

fn counts(reply: &crate::support::Reply) -> [i64; 3] {
    let json = reply.json();
    ["created", "updated", "unchanged"].map(|name| json[name].as_i64().unwrap())
}

db_test!(fn null_blanks_a_field_and_a_key_left_out_stays(db) {
    let server = Server::start(db);
    let api = server.api(Role::Analyst);
    let body = json!([
        {"external_id": "c-1", "name": "Müller", "employees": 12, "annual_revenue": "1.5e3", "country": "DE", "Shoe size": 43},
        {"external_id": 2, "name": "Two", "domains": ["two.example", "zwei.example"]},
    ]);
    assert_eq!(counts(&api.post("/api/v1/companies", body.clone()).expect(200)), [2, 0, 0]);
    assert_eq!(counts(&api.post("/api/v1/companies", body).expect(200)), [0, 0, 2]);
    let body = json!([{"external_id": "c-1", "country": null}]);
    assert_eq!(counts(&api.post("/api/v1/companies", body).expect(200)), [0, 1, 0]);
    let known = db.words("SELECT name || ' ' || employees || ' ' || COALESCE(country, '-') AS word FROM companies WHERE external_id = 'c-1'");
    assert_eq!(known, ["Müller 12 -"]);
    let contact = json!([{"external_id": "p-1", "email": "a@zwei.example"}]);
    assert_eq!(counts(&api.post("/api/v1/contacts", contact).expect(200)), [1, 0, 0]);
    let deal = json!([{"external_id": "t-1", "contact_external_id": "p-1", "amount": 12.5, "occurred_at": "2026-03-01"}]);
    assert_eq!(counts(&api.post("/api/v1/transactions", deal).expect(200)), [1, 0, 0]);
    assert_eq!(db.number("SELECT count(*) AS n FROM transactions t JOIN companies c ON c.id = t.company_id AND c.external_id = '2'"), 1);
});

db_test!(fn every_fault_is_told_with_its_place_and_one_stores_none(db) {
    let server = Server::start(db);
    let api = server.api(Role::Analyst);
    let body = json!([
        {"external_id": "c-1", "name": "One"},
        {"external_id": "c-2", "name": "Two", "customer_since": "soon", "employees": {"n": 1}},
        {"external_id": "c-1", "name": "One again"},
        {"external_id": "c-3"},
    ]);
    let problem = api.post("/api/v1/companies", body).expect(422);
    assert_eq!(problem.header("content-type"), Some("application/problem+json"));
    let errors = problem.json()["errors"].as_array().unwrap().clone();
    let mut places: Vec<&str> = errors.iter().filter_map(|error| error["place"].as_str()).collect();
    places.sort_unstable();
    assert_eq!(places, ["[1].customer_since", "[1].employees", "[2].external_id", "[3].name"]);
    let message = errors.iter().find(|error| error["place"] == "[1].customer_since").unwrap();
    assert_eq!(message["message"], json!("customer_since is not a date like 2024-03-31"));
    let problem = api.post("/api/v1/contacts", json!([7])).expect(422);
    assert_eq!(problem.json()["errors"], json!([{"place": "[0]", "message": "is not an object"}]));
    api.get("/api/v1/companies/%00").expect(400);
    assert_eq!(db.number("SELECT count(*) AS n FROM companies"), 0);
    api.post("/api/v1/companies", json!({"external_id": "c-1"})).expect(422);
    let many: Vec<Value> = (0..10_001).map(|n| json!({"external_id": n, "name": "x"})).collect();
    api.post("/api/v1/companies", json!(many)).expect(422);
    server.api(Role::Sales).post("/api/v1/companies", json!([])).expect(403);
});

db_test!(fn a_company_is_shown_as_the_contract_says(db) {
    let server = Server::start(db);
    seed(&server);
    let api = server.api(Role::Analyst);
    let body = json!([{"external_id": "a/b %", "name": "Slash", "customer_since": "2025-06-01", "annual_revenue": 5}]);
    api.post("/api/v1/companies", body).expect(200);
    let company = api.get("/api/v1/companies/a%2Fb%20%25").expect(200).json();
    let expected = json!({
        "external_id": "a/b %", "name": "Slash", "tenure": "new", "tier": "A", "answers": 0, "contacts_answered": 0,
        "needs": {}, "segment": null, "why_none": company["why_none"],
    });
    assert_eq!(company, expected);
    assert!(company["why_none"].is_string());
    let now = server.clock.now();
    let segment = framework::read::toml(demo::FRAMEWORK).unwrap().segments[0].code.clone();
    let code = segment.clone();
    server
        .db
        .write_now(move |conn| {
            let id = dripline::companies::list_facts(conn, &["a/b %"])?["a/b %"].0;
            needs::set_by_hand(conn, now, id, needs::Hand::Override, &code, "we know", "ada")
        })
        .unwrap();
    let company = api.get("/api/v1/companies/a%2Fb%20%25").expect(200).json();
    assert_eq!(company["segment"]["code"], json!(segment));
    assert_eq!(company["segment"]["source"], json!("override"));
    assert_eq!(company["segment"]["since"], json!("2026-03-10T11:00:00Z"));
    assert_eq!(company["why_none"], Value::Null);
    let history = api.get("/api/v1/companies/a%2Fb%20%25/history").expect(200).json();
    assert_eq!(history["next"], Value::Null);
    assert_eq!(history["items"][0]["to"], json!(segment));
    assert_eq!(history["items"][0]["from"], Value::Null);
    api.get("/api/v1/companies/nobody").expect(404);
    api.get("/api/v1/companies/nobody/history").expect(404);
});

db_test!(fn a_segment_set_by_hand_shows_until_it_is_taken_away(db) {
    let server = Server::start(db);
    seed(&server);
    let api = server.api(Role::Analyst);
    api.post("/api/v1/companies", json!([{"external_id": "c-1", "name": "One"}])).expect(200);
    let segments = api.get("/api/v1/framework").expect(200).json()["segments"].clone();
    let (first, second) = (segments[0]["code"].clone(), segments[1]["code"].clone());
    let tag = json!({"segment": second, "reason": "They told me so."});
    let company = server.api(Role::Sales).put("/api/v1/companies/c-1/sales-tag", tag).expect(200).json();
    assert_eq!((&company["segment"]["code"], &company["segment"]["source"]), (&second, &json!("sales_tag")));
    server.api(Role::Sales).put("/api/v1/companies/c-1/override", json!({"segment": first, "reason": "x"})).expect(403);
    let company = api.put("/api/v1/companies/c-1/override", json!({"segment": first, "reason": "Known."})).expect(200).json();
    assert_eq!((&company["segment"]["code"], &company["segment"]["source"]), (&first, &json!("override")));
    let company = api.delete("/api/v1/companies/c-1/override").expect(200).json();
    assert_eq!(company["segment"]["source"], json!("sales_tag"), "the rung below shows again");
    let company = api.delete("/api/v1/companies/c-1/sales-tag").expect(200).json();
    assert_eq!(company["segment"], Value::Null);
    let faults = api.put("/api/v1/companies/c-1/override", json!({"segment": "nowhere", "reason": " "})).expect(422).json();
    let places: Vec<&Value> = faults["errors"].as_array().unwrap().iter().map(|fault| &fault["place"]).collect();
    assert_eq!(places, [&json!("segment"), &json!("reason")]);
    api.put("/api/v1/companies/c-1/override", json!({"segment": first, "reason": "x", "role": "admin"})).expect(422);
    api.put("/api/v1/companies/nobody/override", json!({"segment": first, "reason": "x"})).expect(404);
});

db_test!(fn a_cursor_walks_through_the_companies_that_a_filter_lets_pass(db) {
    let server = Server::start(db);
    let api = server.api(Role::Analyst);
    let countries = ["DE", "AT"];
    let all: Vec<Value> = (0..7)
        .map(|n| json!({"external_id": format!("c-{n}"), "name": "x", "country": countries[n % 2]}))
        .collect();
    api.post("/api/v1/companies", json!(all)).expect(200);
    let mut seen = Vec::new();
    let mut path = "/api/v1/companies?country=DE&limit=3".to_owned();
    loop {
        let list = api.get(&path).expect(200).json();
        let items = list["items"].as_array().unwrap().clone();
        seen.extend(items.into_iter().map(|item| item["external_id"].as_str().unwrap().to_owned()));
        let Some(next) = list["next"].as_str() else { break };
        path = format!("/api/v1/companies?country=DE&limit=3&cursor={next}");
    }
    assert_eq!(seen, ["c-0", "c-2", "c-4", "c-6"]);
    for wrong in ["limit=-1", "limit=1e9", "limit=501", "cursor=x", "tier=Z", "colour=red"] {
        api.get(&format!("/api/v1/companies?{wrong}")).expect(422);
    }
});

db_test!(fn a_contact_is_shown_with_whether_mail_may_go_there(db) {
    let server = Server::start(db);
    let api = server.api(Role::Analyst);
    api.post("/api/v1/companies", json!([{"external_id": "c-1", "name": "One"}])).expect(200);
    let body = json!([{"external_id": "p-1", "company_external_id": "c-1", "email": "Ada@x.example", "role": "user"}]);
    api.post("/api/v1/contacts", body).expect(200);
    let expected = json!({
        "external_id": "p-1", "company": "c-1", "email": "Ada@x.example", "role": "user", "language": null,
        "unsubscribed": false, "suppressed": null, "enrolments": [],
    });
    assert_eq!(api.get("/api/v1/contacts/p-1").expect(200).json(), expected);
    let now = server.clock.now();
    let stop = move |conn: &mut _| suppression::suppress(conn, now, "ada@x.example", Scope::All, suppression::UNSUBSCRIBED);
    server.db.write_now(stop).unwrap();
    let contact = api.get("/api/v1/contacts/p-1").expect(200).json();
    assert_eq!(contact["unsubscribed"], json!(true));
    assert_eq!(contact["suppressed"], json!("unsubscribed"));
    api.get("/api/v1/contacts/nobody").expect(404);
});
