//! Behaviour told by rules from what companies bought, and what they use: counted before it is put in
//! force, kept up as days pass and rows come in, and used wherever attributes are.

use chrono::TimeDelta;
use dripline::accounts::Role;
use dripline::import::What;
use serde_json::{Value, json};

use crate::company::{FRAMEWORK, take};
use crate::support::{Api, Browser, Reply, Server, TestDb, db_test};

const PAGE: &str = "/design/behaviour";

/// Four companies of one rep, one with an imported behaviour; what they bought.
fn seed(server: &Server, rep: &str) -> Api {
    let framework = dripline::framework::read::toml(FRAMEWORK).unwrap_or_else(|faults| panic!("{faults:?}"));
    let now = server.clock.now();
    let apply = move |conn: &mut _| dripline::reframe::apply(conn, now, "console", &framework);
    server.db.write_now(apply).unwrap();
    let companies = format!(
        "external_id,name,customer_since,annual_revenue,behaviour,owner_email\n\
         c-1,Acme,2019-03-31,800,Old Friends,{rep}\n\
         c-2,Beta,2019-01-01,1000,,{rep}\n\
         c-3,Gamma,2025-06-01,700,,{rep}\n\
         c-4,Delta,,,,kim@example.com\n"
    );
    take(server, What::Companies, companies);
    let bought = "external_id,company_external_id,amount,occurred_at\n\
         t-1,c-1,100,2026-02-01\n\
         t-2,c-2,50,2025-03-01\nt-3,c-2,50,2026-03-01\nt-4,c-2,-10,2026-03-02\n\
         t-5,c-3,100,2025-11-01\nt-6,c-3,100,2026-01-01\n\
         t-7,c-4,1,2027-01-01\n";
    take(server, What::Transactions, bought.to_owned());
    server.api(Role::Analyst)
}

fn behaves(db: &TestDb) -> Vec<String> {
    db.words(
        "SELECT external_id || ' ' || coalesce(behaviour, '-') || ' ' || coalesce(behaviour_found, '-') AS word \
         FROM companies ORDER BY external_id",
    )
}

fn ready(admin: &Browser) -> Reply {
    let page = admin.get(PAGE).expect(200);
    admin.press(&page.form(PAGE), "do", "ready").expect(200)
}

db_test!(fn rules_are_counted_then_put_in_force_and_follow_what_is_bought_as_days_pass(db) {
    let server = Server::start(db);
    let rep = server.add_user(Role::Sales);
    let api = seed(&server, &rep);
    let admin = server.log_in(Role::Admin);
    // Without rules an imported behaviour is all there is.
    assert_eq!(behaves(db), ["c-1 Old Friends -", "c-2 - -", "c-3 - -", "c-4 - -"]);
    let page = admin.get(PAGE).expect(200);
    assert!(page.text().contains("No rules yet"), "{}", page.text());
    // The ready ones are counted first: nothing is kept, and rules that take nobody say so at their field.
    let counted = ready(&admin);
    let text = counted.text();
    for words in ["The imported behaviour of 1 of 4 companies stands", "takes nobody", "It matches no company today", "Put it in force although 3 rules take nobody today"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(text.replace('\n', " ").contains("5. Competitive Loyalists 1 25 % 1 6. Occasional Buyers takes nobody 0 0 % 2 Otherwise: none 1 25 %"), "{text}");
    assert_eq!(db.number("SELECT count(*) AS n FROM behaviour_rules"), 0);
    let refused = admin.press(&counted.form(PAGE), "do", "apply").expect(422);
    assert_eq!(db.number("SELECT count(*) AS n FROM behaviour_rules"), 0, "nothing half done");
    // Another figure than the counted one is counted anew, not put in force unseen.
    let other = refused.form(PAGE).fill("anyway", "yes").fill("rules[3].name", "Single Buyers");
    let recounted = admin.press(&other, "do", "apply").expect(422);
    assert!(recounted.text().contains("not the ones that were counted"), "{}", recounted.text());
    admin.press(&recounted.form(PAGE).fill("anyway", "yes"), "do", "apply").expect(200);
    // A purchase still to come counts only when its day has come; a credit note takes off, and is none.
    assert_eq!(behaves(db), [
        "c-1 Old Friends Single Buyers",
        "c-2 Competitive Loyalists Competitive Loyalists",
        "c-3 High-Potential Up-and-Comers High-Potential Up-and-Comers",
        "c-4 - -",
    ]);
    let list = api.get("/api/v1/companies?behaviour=Competitive%20Loyalists").expect(200).json();
    assert_eq!((list["items"].as_array().map(Vec::len), &list["items"][0]["external_id"]), (Some(1), &json!("c-2")));
    let overlay = api.get("/api/v1/insights/overlay?by=behaviour").expect(200).json();
    assert_eq!(overlay["left_out"], 4, "nobody has a segment yet: {overlay}");
    // The company's page says which it is, and why; another rep's is not there.
    let sales = server.browser();
    sales.log_in(&rep, crate::support::PASSWORD);
    let told = |sales: &Browser, id: &str| sales.get(&format!("/companies/{id}")).expect(200).text();
    let text = told(&sales, "c-2");
    for words in ["Competitive Loyalists is told by the rules from what it bought", "amount in % of its annual revenue in the last 24 months at most 20 %: 9 %", "9 days ago", "1 purchase 1 in those before"] {
        assert!(text.replace('\n', " ").contains(words), "{words}: {text}");
    }
    let text = told(&sales, "c-1");
    assert!(text.contains("Old Friends was imported; by its purchases the rules would say Single Buyers."), "{text}");
    sales.get("/companies/c-4").expect(404);
    sales.get(PAGE).expect(403);
    server.log_in(Role::Analyst).post(PAGE, &[("do", "apply"), ("seen", "1")]).expect(403);
    assert!(server.log_in(Role::Analyst).get(PAGE).expect(200).text().contains("Single Buyers"));
    // What comes in is followed at once: two more purchases, and an imported behaviour blanked.
    take(&server, What::Transactions, "external_id,company_external_id,amount,occurred_at\nt-8,c-2,1,2026-03-03\nt-9,c-2,1,2026-03-04\n".into());
    take(&server, What::Companies, "external_id,behaviour\nc-1,\n".into());
    take(&server, What::Companies, "external_id,name\nc-5,Epsilon\n".into());
    assert_eq!(behaves(db)[..2], ["c-1 Single Buyers Single Buyers", "c-2 Repeat Purchasers Repeat Purchasers"]);
    take(&server, What::Companies, "external_id,behaviour,behaviour_in_effect\nc-1,Old Friends,Whatever\n".into());
    // As days pass, a purchase ahead comes and old ones leave the spans.
    server.wait(TimeDelta::days(400));
    server.run_due();
    assert_eq!(behaves(db), ["c-1 Old Friends Single Buyers", "c-2 Competitive Loyalists Competitive Loyalists", "c-3 Occasional Buyers Occasional Buyers", "c-4 Single Buyers Single Buyers", "c-5 - -"]);
    server.wait(TimeDelta::days(200));
    server.run_due();
    assert_eq!(behaves(db)[1..3], ["c-2 Lapsed Customers Lapsed Customers", "c-3 Lapsed Customers Lapsed Customers"]);
    assert_eq!(db.number("SELECT count(*) AS n FROM company_attributes"), 0, "what we work out is not taken in");
});

db_test!(fn faults_stand_at_their_fields_and_former_rules_come_back(db) {
    let server = Server::start(db);
    let rep = server.add_user(Role::Sales);
    seed(&server, &rep);
    let admin = server.log_in(Role::Admin);
    let counted = ready(&admin);
    let form = counted.form(PAGE);
    let first = admin.press(&form.clone().fill("anyway", "yes"), "do", "apply").expect(200);
    assert!(first.text().contains("every company has been gone through"), "{}", first.text());
    // Who began before that is told, and loses nothing.
    let late = admin.press(&form.clone().fill("anyway", "yes"), "do", "apply").expect(409);
    assert!(late.text().contains("changed while you wrote"), "{}", late.text());
    let typed = admin.get(PAGE).expect(200).form(PAGE)
        .fill("rules[0].name", "one-time buyers")
        .fill("rules[0].conditions[0].value", "many")
        .fill("rules[1].conditions[1].months", "0")
        .fill("rules[3].conditions[1].value", "0.5");
    let wrong = admin.press(&typed, "do", "preview").expect(422);
    let html = wrong.html();
    for fault in ["rules-0--conditions-0--fault", "rules-1--conditions-1--fault", "rules-3--name-fault", "rules-3--conditions-1--fault"] {
        assert!(html.contains(&format!("id=\"{fault}\"")), "{fault}: {html}");
    }
    assert!(wrong.text().contains("no company is at least 1 and at most 0.5 at once") && html.contains("value=\"many\""), "{}", wrong.text());
    // A rule that takes nobody because those above took all of them says so, with how many.
    let page = admin.get(PAGE).expect(200);
    let down = admin.press(&page.form(PAGE), "do", "down:4").expect(200);
    let without = admin.press(&admin.press(&down.form(PAGE), "do", "remove:1").expect(200).form(PAGE), "do", "preview").expect(200);
    let text = without.text();
    assert!(text.contains("It takes nobody: 2 companies would match, but rules above take them first"), "{text}");
    // The rules first, and a rule more: said in words, and kept under its change.
    let with = admin.press(&without.form(PAGE).fill("first", "rules").fill("anyway", "yes"), "do", "add").expect(200);
    let form = with.form(PAGE).fill("rules[5].name", "Big ones").fill("rules[5].conditions[0].measure", "annual_revenue").fill("rules[5].conditions[0].value", "1");
    let counted = admin.press(&form, "do", "preview").expect(200);
    admin.press(&counted.form(PAGE).fill("anyway", "yes"), "do", "apply").expect(200);
    assert_eq!(behaves(db)[0], "c-1 One-Time Buyers One-Time Buyers");
    let page = admin.get(PAGE).expect(200);
    for words in ["High-Potential Up-and-Comers taken out", "the rules come before an imported behaviour", "Big ones added: annual revenue at least 1"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let earlier = db.number("SELECT min(id) AS n FROM behaviour_rules");
    let back = page.forms(&format!("{PAGE}#counts")).into_iter().find(|form| form.buttons.iter().any(|button| button.value.starts_with("return"))).expect("former rules");
    let counted = admin.press(&back, "do", &format!("return:{earlier}")).expect(200);
    assert_eq!(behaves(db)[0], "c-1 One-Time Buyers One-Time Buyers", "counted, not put in force");
    admin.press(&counted.form(PAGE).fill("anyway", "yes"), "do", "apply").expect(200);
    assert_eq!(behaves(db), [
        "c-1 Old Friends One-Time Buyers",
        "c-2 Competitive Loyalists Competitive Loyalists",
        "c-3 High-Potential Up-and-Comers High-Potential Up-and-Comers",
        "c-4 - -",
    ]);
    // Taken out altogether, only the imported ones are left.
    let mut page = admin.get(PAGE).expect(200);
    for _ in 0..6 {
        page = admin.press(&page.form(PAGE), "do", "remove:0").expect(200);
    }
    let counted = admin.press(&page.form(PAGE), "do", "preview").expect(200);
    admin.press(&counted.form(PAGE), "do", "apply").expect(200);
    assert_eq!(behaves(db), ["c-1 Old Friends -", "c-2 - -", "c-3 - -", "c-4 - -"]);
    assert_eq!(db.number("SELECT count(*) AS n FROM audit_entries WHERE action = 'behaviour.rules'"), 4);
    admin.post(PAGE, &[("do", "explode")]).expect(400);
    admin.post(PAGE, &[("do", "return:987")]).expect(404);
});

fn usage(rows: &[(&str, &str, i64, &str)]) -> Value {
    let row = |(company, feature, count, at): &(&str, &str, i64, &str)| json!({"external_id": company, "feature": feature, "count": count, "at": at});
    rows.iter().map(row).collect()
}

db_test!(fn usage_comes_in_once_and_is_an_attribute_wherever_attributes_are(db) {
    let server = Server::start(db);
    let rep = server.add_user(Role::Sales);
    let api = seed(&server, &rep);
    // Every fault with its place, and nothing kept.
    let wrong = json!([
        {"external_id": "nobody", "feature": "alarms", "count": 1, "at": "2026-03-01"},
        {"external_id": "c-2", "feature": "alarms", "count": -1, "at": "2026-03-11"},
        {"external_id": "c-2", "feature": "", "count": 1.5, "at": "soon", "colour": "red"},
        {"external_id": "c-2"},
    ]);
    let refused = api.post("/api/v1/usage", wrong).expect(422).json();
    let places: Vec<&str> = refused["errors"].as_array().unwrap().iter().filter_map(|fault| fault["place"].as_str()).collect();
    assert_eq!(places, ["[0].external_id", "[1].count", "[1].at", "[2].feature", "[2].count", "[2].at", "[2].colour", "[3].feature", "[3].count", "[3].at"]);
    api.post("/api/v1/usage", usage(&[("c-2", "a", 1, "2026-03-01"), ("c-2", "a", 2, "2026-03-01")])).expect(422);
    assert_eq!(db.number("SELECT count(*) AS n FROM company_usage"), 0);
    server.api(Role::Sales).post("/api/v1/usage", json!([])).expect(403);
    // Counts of a month; what comes again replaces what was there.
    let rows = [
        ("c-2", "alarms", 40, "2026-02-01"), ("c-2", "alarms", 12, "2026-03-01"), ("c-2", "orders", 5, "2026-02-01"),
        ("c-3", "alarms", 9, "2026-02-01"), ("c-3", "alarms", 10, "2026-03-01"), ("c-4", "webinar", 1, "2026-03-01"),
        ("c-1", "alarms", 0, "2026-03-01"),
    ];
    let counts = |reply: Reply| { let json = reply.expect(200).json(); (json["created"].clone(), json["updated"].clone(), json["unchanged"].clone()) };
    assert_eq!(counts(api.post("/api/v1/usage", usage(&rows))), (json!(7), json!(0), json!(0)));
    let file = "external_id,feature,count,at\nc-2,alarms,12,2026-03-01T00:00:00Z\nc-4,webinar,2,2026-03-01\nc-4,webinar,1,2026-03-02\n";
    take(&server, What::Usage, file.to_owned());
    assert_eq!(db.words("SELECT created || ' ' || updated || ' ' || unchanged AS word FROM import_runs WHERE what = 'usage'"), ["1 1 1"]);
    let told = |company: &str| db.words(&format!("SELECT a.name || '=' || a.value AS word FROM company_attributes a JOIN companies c ON c.id = a.company_id WHERE c.external_id = '{company}' AND a.worked_out ORDER BY a.name"));
    assert_eq!(told("c-2"), ["usage_features_lost=1", "usage_features_used=1", "usage_frequency=weekly", "usage_of_alarms=falling", "usage_of_orders=stopped", "usage_trend=falling"]);
    assert_eq!((told("c-3").len(), told("c-1").len()), (5, 0), "a count of 0 is no use");
    // Filters, the overlay, exports and audiences know them as they know any attribute.
    let list = api.get("/api/v1/companies?attribute.usage_trend=falling").expect(200).json();
    assert_eq!((list["items"].as_array().map(Vec::len), &list["items"][0]["external_id"]), (Some(1), &json!("c-2")));
    let list = api.get("/api/v1/companies?attribute.usage_features_used=1&attribute.usage_of_webinar=new").expect(200).json();
    assert_eq!(list["items"][0]["external_id"], "c-4");
    api.put("/api/v1/companies/c-2/override", json!({"segment": "innovators", "reason": "told us"})).expect(200);
    let overlay = api.get("/api/v1/insights/overlay?by=usage_trend").expect(200).json();
    assert_eq!(overlay["columns"], json!(["falling"]), "{overlay}");
    let contacts = json!([
        {"external_id": "p-2", "company_external_id": "c-2", "email": "ada@b.example"},
        {"external_id": "p-3", "company_external_id": "c-3", "email": "ben@c.example"},
    ]);
    api.post("/api/v1/contacts", contacts).expect(200);
    let drip = "\n[[drips]]\ncode = \"stay\"\nname = \"Stay\"\ntrigger = \"manual\"\naudience = { usage_trend = [\"falling\", \"stopped\"] }\n\
        [[drips.steps]]\nquestion_set = \"drivers\"\nsubject = \"Are you well?\"\nbody = \"x\"\n";
    let sets = FRAMEWORK.split("[[question_sets]]\ncode = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let file = format!("{FRAMEWORK}{}", drip.replace("drivers", sets));
    let framework = dripline::framework::read::toml(&file).unwrap_or_else(|faults| panic!("{faults:?}"));
    let now = server.clock.now();
    server.db.write_now(move |conn| dripline::reframe::apply(conn, now, "console", &framework)).unwrap();
    let enrolled = api.post("/api/v1/drips/stay/enrolments", json!({"audience": true})).expect(200).json();
    assert_eq!(enrolled["enrolled"], 1, "{enrolled}");
    assert_eq!(db.words("SELECT c.external_id AS word FROM enrolments e JOIN contacts c ON c.id = e.contact_id"), ["p-2"]);
    // On the company's page; an import of what we work out changes nothing, one of anything else leaves it.
    let text = server.log_in(Role::Analyst).get("/companies/c-2").expect(200).text().replace('\n', " ");
    for words in ["uses 1 feature, 73 % less than before", "What it uses falling", "alarms 12 40", "orders 0 5"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    take(&server, What::Companies, "external_id,usage_trend,erp\nc-2,rising,yes\n".into());
    assert_eq!(told("c-2").last().map(String::as_str), Some("usage_trend=falling"));
    assert_eq!(db.words("SELECT name AS word FROM company_attributes WHERE NOT worked_out"), ["erp"]);
    // Newer usage of one company moves the periods of all: who has none there has stopped.
    api.post("/api/v1/usage", usage(&[("c-3", "alarms", 11, "2026-03-10")])).expect(200);
    server.wait(TimeDelta::days(40));
    api.post("/api/v1/usage", usage(&[("c-3", "alarms", 11, "2026-04-10")])).expect(200);
    assert_eq!(told("c-2").last().map(String::as_str), Some("usage_trend=stopped"));
    assert_eq!(told("c-3").last().map(String::as_str), Some("usage_trend=falling"));
    db.leaves_mail("the drip's first step is still to come");
});
