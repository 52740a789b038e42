//! Needs and segments over time, equal to what each past day gives; who drifts; and a found division kept.

use dripline::accounts::Role;
use dripline::insight::trend::{Every, Span, trend};
use dripline::insight::{self, Filter};
use dripline::method::tenure::Tenure;
use dripline::{design, framework, needs, reframe, store};
use serde_json::{Value, json};

use crate::support::{Api, Server, TestDb, db_test};

const FRAMEWORK: &str = r#"
[settings]
tenure_threshold_months = 24
min_scored_answers = 3
half_life_days = 90
[[roles]]
code = "boss"
weight = 3
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
[[needs]]
code = "assurance"
name = "Assurance"
level = "tactical"
[[segments]]
code = "seekers"
name = "Efficiency Seekers"
talk_about = ["Hours saved"]
profile = { efficiency = 100, assurance = 20 }
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
  { code = "a", text = "Trust", loads = { assurance = 1 } },
]
"#;

fn apply(server: &Server) {
    let now = server.clock.now();
    let framework = framework::read::toml(FRAMEWORK).expect("the framework has no fault");
    let applied = server
        .db
        .write_now(move |conn| reframe::apply(conn, now, "a test", &framework));
    applied.expect("it is applied");
}

fn add(api: &Api, companies: &[(String, Option<&str>)]) {
    let records: Vec<Value> = companies
        .iter()
        .map(|(id, since)| json!({ "external_id": id, "name": format!("Company {id}"), "customer_since": since, "annual_revenue": 1000 }))
        .collect();
    api.post("/api/v1/companies", json!(records)).expect(200);
    let contacts = companies.iter().flat_map(|(id, _)| {
        [("boss", Some("boss")), ("user", None)].map(|(who, role)| {
            json!({ "external_id": format!("{id}-{who}"), "company_external_id": id, "email": format!("{who}@{id}.example"), "role": role })
        })
    });
    api.post("/api/v1/contacts", json!(contacts.collect::<Vec<_>>()))
        .expect(200);
}

fn answer(contact: &str, at: &str, rows: [i64; 4]) -> Value {
    let [e, p, n, a] = rows;
    json!({ "contact": contact, "question": "how-much", "at": at, "value": { "e": e, "p": p, "n": n, "a": a } })
}

/// Every wave is, to 1e-9, what the day's own figures are.
#[track_caller]
fn assert_waves(server: &Server, filter: &Filter, what: &str) {
    let today = server.clock.now().date();
    let filter = filter.clone();
    let what = what.to_owned();
    let compare = move |conn: &mut store::Conn| {
        let design = design::current(conn)?;
        for every in Every::ALL {
            let span = Span { every, waves: 6 };
            let found = trend(conn, &design, today, today, span, &filter)?.expect("few companies are always ready");
            assert!(!found.waves.is_empty(), "{what}");
            for wave in &found.waves {
                let (needs, _) = insight::needs_as_of(conn, &design, wave.day, &filter)?;
                let segments = insight::segments_as_of(conn, &design, wave.day, &filter)?;
                let told = format!("{what}, {}", wave.day);
                for (a, b) in wave.needs.needs.iter().zip(&needs.needs) {
                    for tenure in Tenure::ALL {
                        let (a, b) = (a.groups.get(tenure), b.groups.get(tenure));
                        assert_eq!(a.map(|a| a.n), b.map(|b| b.n), "{told}");
                        if let (Some(a), Some(b)) = (a, b) {
                            assert!((a.mean - b.mean).abs() < 1e-9, "{told}: {} {}", a.mean, b.mean);
                            let sd = |sample: &dripline::method::compare::Sample| sample.sd.unwrap_or(-1.0);
                            assert!((sd(a) - sd(b)).abs() < 1e-6, "{told}");
                        }
                    }
                }
                assert_eq!(wave.segments.companies, segments.companies, "{told}");
                assert_eq!(wave.segments.assigned, segments.assigned, "{told}");
                for (a, b) in wave.segments.segments.iter().zip(&segments.segments) {
                    assert_eq!((&a.code, a.count, a.groups), (&b.code, b.count, b.groups), "{told}");
                }
            }
        }
        Ok::<_, store::Error>(())
    };
    server.db.read_now(compare).expect("the figures are read");
}

fn sign(n: usize) -> i64 {
    (n * 37 % 21) as i64 - 10
}

db_test!(fn each_wave_is_what_its_day_gives_whatever_came_late_or_went(db) {
    let server = Server::start(db);
    apply(&server);
    let api = server.api(Role::Admin);
    // c2 becomes long-standing between two waves; c3 has no date.
    let since = [Some("2010-05-05"), Some("2025-12-31"), Some("2024-01-31"), None];
    let companies: Vec<(String, Option<&str>)> = (0..12).map(|n| (format!("c{n}"), since[n % 4])).collect();
    add(&api, &companies);
    let mut answers = vec![];
    for (n, (id, _)) in companies.iter().enumerate() {
        let first = ["2025-10-31T23:59:59Z", "2025-11-01T00:00:00Z", "2025-12-15T10:00:00Z"][n % 3];
        let rows = if n % 2 == 0 { [80 + sign(n), 20, 30, 40] } else { [20, 75 + sign(n), 30, 50] };
        answers.push(answer(&format!("{id}-boss"), first, rows));
        answers.push(answer(&format!("{id}-user"), "2026-01-20T10:00:00Z", [50 + sign(n), 50, 50 - sign(n), 45]));
        answers.push(answer(&format!("{id}-boss"), "2026-03-05T10:00:00Z", [60, 40 + sign(n), 30, 45]));
    }
    api.post("/api/v1/answers", json!(answers)).expect(200);
    let everyone = Filter::default();
    assert_waves(&server, &everyone, "before anything is kept");
    server.run_due();
    let kept = |db: &TestDb| db.number("SELECT count(*) AS n FROM company_months WHERE until = 24313");
    assert_eq!(kept(db), 12, "the worker keeps every company up to February 2026");
    assert_waves(&server, &everyone, "kept");
    for (name, value) in [("tenure", "new"), ("from", "2025-12-01"), ("to", "2025-12-20"), ("segment", "seekers")] {
        let framework = framework::read::toml(FRAMEWORK).unwrap();
        assert_waves(&server, &Filter::read([(name, value)], &framework).unwrap(), name);
    }

    // Late, taken back, of another weight: each changes months that are over.
    api.post("/api/v1/answers", json!([answer("c1-user", "2025-11-30T12:00:00Z", [95, 5, 5, 60])])).expect(200);
    assert_eq!(kept(db), 11);
    assert_waves(&server, &everyone, "late");
    api.post("/api/v1/answers", json!([answer("c4-user", "2026-03-09T12:00:00Z", [95, 5, 5, 60])])).expect(200);
    assert_eq!(kept(db), 11, "this month's answers change no month that is over");
    api.delete("/api/v1/contacts/c2-boss").expect(204);
    assert_eq!(kept(db), 10);
    assert_waves(&server, &everyone, "erased");
    let roles = json!([{ "external_id": "c5-user", "company_external_id": "c5", "email": "user@c5.example", "role": "boss" }]);
    api.post("/api/v1/contacts", roles).expect(200);
    assert_eq!(kept(db), 9);
    assert_waves(&server, &everyone, "of another role");
    server.run_due();
    assert_eq!(kept(db), 12);
    assert_waves(&server, &everyone, "kept again");

    // Another half-life is another rule for every company; the next month adds itself.
    let now = server.clock.now();
    let mut other = framework::read::toml(FRAMEWORK).unwrap();
    other.settings.half_life_days = None;
    db.write_now(move |conn| reframe::apply(conn, now, "a test", &other)).unwrap();
    assert_waves(&server, &everyone, "another half-life");
    server.run_due();
    server.wait(chrono::TimeDelta::days(30));
    assert_waves(&server, &everyone, "in April, before the worker");
    server.run_due();
    assert_eq!(db.number("SELECT count(*) AS n FROM company_months WHERE until = 24314"), 12);
    let read = db.read_now(|conn| {
        let design = design::current(conn)?;
        needs::list_months(conn, &design, 24_314, 0)
    });
    let read = read.unwrap().expect("nothing is due");
    assert!(read.iter().all(|months| months.points.len() <= 4), "{read:?}");
    assert_waves(&server, &everyone, "in April");
});

db_test!(fn the_trend_page_draws_waves_and_names_who_drifts(db) {
    let server = Server::start(db);
    apply(&server);
    let browser = server.log_in(Role::Analyst);
    let empty = browser.get("/insights/trend").expect(200).text();
    assert!(empty.contains("Nothing to look back on yet"), "{empty}");
    let api = server.api(Role::Admin);
    let ids: Vec<(String, Option<&str>)> = (0..30).map(|n| (format!("c{n}"), [Some("2010-05-05"), Some("2025-12-31")][n % 2])).collect();
    add(&api, &ids);
    let mut answers = vec![];
    for n in 0..30 {
        for (month, day) in ["2025-12-10", "2026-01-10", "2026-02-10", "2026-03-09"].iter().enumerate() {
            // The first is nearly over, the next ones later, the last two stand still.
            let lost = if n < 28 { month as i64 * (12 - n as i64 / 4) } else { 0 };
            answers.push(answer(&format!("c{n}-boss"), &format!("{day}T10:00:00Z"), [90 - lost, 15 + lost, 30, 40]));
        }
    }
    api.post("/api/v1/answers", json!(answers)).expect(200);
    let page = browser.get("/insights/trend").expect(200);
    let text = page.text();
    assert!(text.contains("Half-life: 90 days") && text.contains("The numbers: Mean score of each need at each wave"), "{text}");
    assert!(page.html().contains("<title id=\"need-efficiency-title\">Efficiency</title>"));
    assert!(text.contains("28 companies of 30 that can be judged"), "{text}");
    assert!(text.contains("Page 1 of 2"), "{text}");
    let links = crate::support::html::links(&page.html());
    let first = links.iter().find(|link| link.starts_with("/companies/c"));
    assert_eq!(first.map(String::as_str), Some("/companies/c0"), "whoever would be first stands first");
    assert!(browser.get("/insights/trend?page=2").expect(200).text().contains("Page 2 of 2"));
    let csv = browser.get("/insights/trend?format=csv&table=drifting").expect(200).html();
    assert_eq!(csv.lines().count(), 1 + 28, "{csv}");
    let rows = browser.get("/insights/trend?format=csv&table=segments&wave=quarter").expect(200).html();
    assert!(rows.contains("Q4 25"), "{rows}");
    let then = browser.get("/insights/trend?as_of=2026-01-15").expect(200).text();
    assert!(then.contains("As things stood at the end of"), "{then}");
    browser.get("/insights/trend?wave=week&waves=1").expect(422);
    server.log_in(Role::Sales).get("/insights/trend").expect(403);
});

db_test!(fn a_found_division_is_kept_as_a_draft_and_put_in_force_only_by_an_admin(db) {
    let server = Server::start(db);
    apply(&server);
    let analyst = server.log_in(Role::Analyst);
    assert!(analyst.get("/insights/discover").expect(200).text().contains("Too few companies to divide"));
    let api = server.api(Role::Admin);
    let ids: Vec<(String, Option<&str>)> = (0..80).map(|n| (format!("c{n}"), None)).collect();
    add(&api, &ids);
    let answers = (0..80).map(|n| {
        let mut rows = [30 + sign(n) / 2, 30 - sign(n + 5) / 2, 30 + sign(n + 9) / 2, 30];
        rows[n % 4] += 50;
        answer(&format!("c{n}-boss"), "2026-03-01T10:00:00Z", rows)
    });
    api.post("/api/v1/answers", json!(answers.collect::<Vec<_>>())).expect(200);
    let before = api.get("/api/v1/framework").expect(200).json();
    let page = analyst.get("/insights/discover").expect(200);
    let text = page.text();
    assert!(text.contains("4 segments, as suggested"), "{text}");
    assert!(text.contains("Much like “Efficiency Seekers”") && text.contains("would move"), "{text}");
    assert!(analyst.get("/insights/discover?k=8").expect(200).text().contains("8 segments"));
    analyst.get("/insights/discover?k=9").expect(422);
    let csv = analyst.get("/insights/discover?format=csv&table=moves").expect(200).html();
    let moved: u64 = csv.lines().skip(1).flat_map(|line| line.split(',').skip(1)).filter_map(|n| n.parse::<u64>().ok()).sum();
    assert_eq!(moved, 80, "{csv}");

    // Named, and kept: nothing is in force yet.
    let mut form = page.form("/insights/discover/drafts?k=4").fill("as.0", "seekers");
    for (nth, name) in ["The First", "The Second", "The Third", "The Fourth"].iter().enumerate() {
        form = form.fill(&format!("name.{nth}"), name);
        if nth > 0 {
            form = form.fill(&format!("as.{nth}"), "");
        }
    }
    let twice = form.clone().fill("name.2", "One").fill("name.3", "One");
    analyst.post_form(&twice).expect(422);
    let kept = analyst.submit(&form);
    let kept = kept.expect(200);
    assert!(kept.text().contains("Nothing of it is in force") && kept.text().contains("The Third"), "{}", kept.text());
    assert_eq!(api.get("/api/v1/framework").expect(200).json(), before);
    assert!(kept.find_form("/design/drafts/1").is_none(), "an analyst puts nothing in force");
    assert!(analyst.get("/insights/discover").expect(200).text().contains("The Fourth"));

    let admin = server.log_in(Role::Admin);
    let links = crate::support::html::links(&admin.get("/design").expect(200).html());
    assert!(links.iter().any(|link| link == "/design/drafts/1"), "{links:?}");
    let review = admin.get("/design/drafts/1").expect(200);
    assert!(review.text().contains("companies would move"), "{}", review.text());
    let done = admin.submit(&review.form("/design/drafts/1")).expect(200);
    assert!(done.text().contains("In force, with"), "{}", done.text());
    let after = api.get("/api/v1/framework").expect(200).json();
    let segments = after["segments"].as_array().unwrap();
    assert_eq!(segments.len(), 4, "{segments:?}");
    let seekers = segments.iter().find(|segment| segment["code"] == "seekers").expect("it goes on");
    assert_eq!(seekers["talk_about"], json!(["Hours saved"]), "with its texts");
    assert!(segments.iter().any(|segment| segment["code"] == "the-third"));
    admin.get("/design/drafts/1").expect(404);
    let counts = api.get("/api/v1/insights/segments").expect(200).json();
    let all: u64 = counts["segments"].as_array().unwrap().iter().map(|segment| segment["count"].as_u64().unwrap()).sum();
    assert_eq!(all, 80, "every company has one of them");
});
