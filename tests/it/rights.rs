//! What a sales rep sees: its own companies and those of whom it leads, and nothing of anybody else's.

use dripline::accounts::Role;
use dripline::web::routes::{Need, known};
use serde_json::json;

use crate::support::server::PASSWORD;
use crate::support::{Api, Browser, Reply, Server, db_test};

/// Words that stand on no page but for the other rep's company.
const SECRETS: [&str; 9] = [
    "Geheim",
    "geheim.example",
    "falconry",
    "Atlantis",
    "Cassandra",
    "c-geheim",
    "p-geheim",
    "Unsinkable",
    "soothsayers",
];

fn seed(server: &Server, own: &str, other: &str) {
    let framework = dripline::framework::read::toml(dripline::demo::FRAMEWORK).unwrap();
    let now = server.clock.now();
    let apply = move |conn: &mut _| dripline::reframe::apply(conn, now, "console", &framework);
    server.db.write_now(apply).unwrap();
    let api = server.api(Role::Analyst);
    let companies = json!([
        {"external_id": "c-own", "name": "Mine", "industry": "steel", "country": "DE", "owner_email": own},
        {"external_id": "c-geheim", "name": "Geheim AG", "industry": "falconry", "country": "Atlantis", "owner_email": other,
         "domains": ["geheim.example"], "behaviour": "soothsayers", "annual_revenue": 4711},
    ]);
    api.post("/api/v1/companies", companies).expect(200);
    let contacts = json!([
        {"external_id": "p-own", "company_external_id": "c-own", "email": "own@mine.example"},
        {"external_id": "p-geheim", "company_external_id": "c-geheim", "email": "cassandra@geheim.example", "first_name": "Cassandra"},
        {"external_id": "p-nobody", "email": "nobody@x.example"},
    ]);
    api.post("/api/v1/contacts", contacts).expect(200);
    let deal = json!([{"external_id": "d-1", "company_external_id": "c-geheim", "product": "Unsinkable", "occurred_at": "2026-03-01"}]);
    api.post("/api/v1/transactions", deal).expect(200);
    let used = json!([{"external_id": "c-geheim", "feature": "soothsayers", "count": 3, "at": "2026-03-01"}]);
    api.post("/api/v1/usage", used).expect(200);
    let answers = ["why-change"]
        .map(|q| json!({"contact": "p-geheim", "question": q, "value": "cost", "at": "2026-03-01T10:00:00Z"}));
    api.post("/api/v1/answers", json!(answers)).expect(200);
}

fn assert_nothing_of_it(reply: &Reply) {
    let body = String::from_utf8_lossy(&reply.body).into_owned();
    for secret in SECRETS {
        assert!(!body.contains(secret), "{}: {secret}\n{body}", reply.url);
    }
}

/// With the address itself left out, which an error page may show again.
fn apart_from(reply: &Reply, id: &str) -> (u16, String) {
    (reply.status, String::from_utf8_lossy(&reply.body).replace(id, "ID"))
}

fn ask(browser: &Browser, api: &Api, need: Need, path: &str) -> Reply {
    match need {
        Need::Api(_) => api.get(path),
        _ => browser.get(path),
    }
}

db_test!(fn nothing_of_another_reps_company_can_be_inferred_by_any_call(db) {
    let server = Server::start(db);
    let (own, other) = (server.add_user(Role::Sales), server.add_user(Role::Sales));
    seed(&server, &own, &other);
    let browser = server.browser();
    browser.log_in(&own, PASSWORD);
    let api = server.api_of(&own);
    let mut walked = 0;
    for known in known().iter().filter(|known| known.method == "GET") {
        let (Need::Role(Role::Sales) | Need::Api(Role::Sales)) = known.need else { continue };
        let with = |company: &str, contact: &str| {
            let id = if known.path.contains("contacts") { contact } else { company };
            let parts = known.path.split('/').map(|part| if part.starts_with('{') { id } else { part });
            parts.collect::<Vec<_>>().join("/")
        };
        let (foreign, unknown) = (with("c-geheim", "p-geheim"), with("c-nobody", "p-unbekannt"));
        let found = ask(&browser, &api, known.need, &foreign);
        assert_nothing_of_it(&found);
        if known.path.contains('{') {
            let missing = ask(&browser, &api, known.need, &unknown);
            let id = |path: &str| path.split('/').find(|part| ["c-geheim", "p-geheim", "c-nobody", "p-unbekannt"].contains(part)).unwrap_or("ID").to_owned();
            assert_eq!(apart_from(&found, &id(&foreign)), apart_from(&missing, &id(&unknown)), "{}", known.path);
        }
        walked += 1;
    }
    assert!(walked >= 10, "{walked} routes were walked");
    // Lists, counts, search, values to choose from, cursors.
    for query in ["", "?search=Geheim", "?search=c-geheim", "?country=Atlantis", "?industry=falconry", "?sort=revenue", "?behaviour=soothsayers"] {
        let page = browser.get(&format!("/companies{query}")).expect(200);
        assert!(!page.text().contains("Geheim AG") && !page.html().contains("<option value=\"falconry\"") && !page.html().contains("Atlantis</option>"), "{query}");
    }
    let listed = api.get("/api/v1/companies?limit=1").expect(200).json();
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["next"]), (1, &serde_json::Value::Null));
    assert!(browser.get("/companies").expect(200).text().contains("1 company"));
    assert!(browser.get("/contacts?search=cassandra").expect(200).text().contains("0 contacts found"));
    // Changing it is as impossible as changing what is not there.
    let tag = json!({"segment": "innovators", "reason": "r"});
    let refused = ["c-geheim", "c-nobody"].map(|id| {
        let path = format!("/api/v1/companies/{id}/sales-tag");
        [api.put(&path, tag.clone()), api.delete(&path)].map(|reply| (reply.status, reply.json()["detail"].clone()))
    });
    assert_eq!(refused[0], refused[1]);
    assert_eq!(refused[0][0].0, 404);
    // A token of sales that stands for nobody sees what nobody owns.
    db.execute("INSERT INTO companies (external_id, name, name_key, created_at, updated_at) VALUES ('c-free', 'Free', 'free', '2026-01-01 00:00:00', '2026-01-01 00:00:00')").unwrap();
    let free = server.api(Role::Sales);
    assert_eq!(free.get("/api/v1/companies").expect(200).json()["items"][0]["external_id"], "c-free");
    free.get("/api/v1/companies/c-own").expect(404);
    server.api(Role::Analyst).get("/api/v1/companies/c-geheim").expect(200);
});

db_test!(fn a_team_lead_sees_the_companies_of_whom_it_leads(db) {
    let server = Server::start(db);
    let (lead, rep) = (server.add_user(Role::Sales), server.add_user(Role::Sales));
    seed(&server, &lead, &rep);
    let browser = server.browser();
    browser.log_in(&lead, PASSWORD);
    browser.get("/companies/c-geheim").expect(404);
    let admin = server.log_in(Role::Admin);
    let id = |email: &str| db.number(&format!("SELECT id AS n FROM users WHERE email = '{email}'"));
    let path = format!("/users/{}", id(&rep));
    let set = admin.submit(&admin.get(&path).expect(200).form(&format!("{path}/lead")).fill("lead", &lead));
    assert!(set.text().contains("sees this user’s companies now"), "{}", set.text());
    assert!(admin.get("/users").expect(200).text().contains(&lead));
    // Nobody leads itself, not even through others.
    let own = format!("/users/{}/lead", id(&lead));
    assert!(admin.post(&own, &[("lead", &rep)]).expect(422).text().contains("leads that one already"));
    assert!(admin.post(&own, &[("lead", &lead)]).expect(422).text().contains("nobody leads themselves"));
    assert!(admin.post(&own, &[("lead", "who@x.example")]).expect(422).text().contains("no user"));
    for path in ["/companies/c-geheim", "/contacts/p-geheim"] {
        browser.get(path).expect(200);
    }
    assert!(browser.get("/companies").expect(200).text().contains("2 companies"));
    assert!(browser.get("/companies?mine=yes").expect(200).text().contains("1 company found"));
    let api = server.api_of(&lead);
    assert_eq!(api.get("/api/v1/companies").expect(200).json()["items"].as_array().unwrap().len(), 2);
    let first = api.get("/api/v1/companies?limit=1").expect(200).json();
    let rest = api.get(&format!("/api/v1/companies?limit=1&cursor={}", first["next"].as_str().unwrap())).expect(200).json();
    assert_eq!((&rest["items"][0]["external_id"], &rest["next"]), (&json!("c-geheim"), &serde_json::Value::Null));
    admin.post(&format!("{path}/lead"), &[("lead", "")]).expect(303);
    browser.get("/companies/c-geheim").expect(404);
});
