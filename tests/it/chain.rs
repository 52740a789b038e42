//! The whole job on real input: the commands, the mail server, the forms, the figures.

use chrono::{Datelike, NaiveDateTime, TimeDelta, Weekday};
use dripline::clock::{self, Clock};
use serde_json::json;

use crate::support::{Api, PASSWORD, Program, SmtpServer, db_test};

const FRAMEWORK: &str = include_str!("support/framework.toml");

/// The first noon from tomorrow on that lies in the drip's send window.
fn next_noon(now: NaiveDateTime) -> NaiveDateTime {
    let mut day = now.date() + TimeDelta::days(1);
    while matches!(day.weekday(), Weekday::Fri | Weekday::Sat | Weekday::Sun) {
        day += TimeDelta::days(1);
    }
    day.and_hms_opt(12, 0, 0).expect("noon")
}

db_test!(fn from_an_empty_installation_to_the_first_segments(db) {
    let smtp = SmtpServer::start();
    let program = Program::over(db).mailing(&smtp);
    let now = Clock::system().now();
    program.file("framework.toml", FRAMEWORK);
    program.file("companies.csv", &format!(
        "external_id;name;customer_since;Shoe size\nc1;Müller GmbH;{};43\nc2;Acme;2015-01-31;\nc3;Zeta;;\n",
        (now.date() - TimeDelta::days(90)).format("%F")
    ));
    program.file("contacts.csv", "external_id,company_external_id,email,first_name,role\n\
        ada,c1,ada@mueller.example,Ada,decision_maker\nbob,c2,bob@acme.example,,user\n");

    program.answer("framework apply framework.toml");
    program.answer("import companies companies.csv");
    program.answer("import contacts contacts.csv");
    assert_eq!(program.run_with("user add --email boss@example.com --role admin --password-stdin", PASSWORD).code, 0);
    let token = program.answer("token add --name chain --role admin");
    let serving = program.serve("--no-worker");
    let api = Api::new(&serving.base, token.trim());

    let enrolled = api.post("/api/v1/drips/welcome/enrolments", json!({ "contacts": ["ada", "bob", "eve"] })).expect(200).json();
    assert_eq!(enrolled, json!({ "enrolled": 2, "skipped": [{ "contact": "eve", "reason": "unknown" }] }));
    program.answer(&format!("run-due --at {}", clock::rfc3339(next_noon(now))));
    assert_eq!(smtp.mails().len(), 2, "{:?}", smtp.ledger());
    let mail = smtp.mails_to("ada@mueller.example").remove(0);
    assert_eq!(mail.subject(), "A minute for us, Ada?");
    assert!(mail.text().contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{}", mail.text());
    assert_eq!(smtp.mails_to("bob@acme.example")[0].subject(), "A minute for us, hello?");
    // Once is enough, and nothing is due twice.
    program.answer(&format!("run-due --at {}", clock::rfc3339(next_noon(now))));
    assert_eq!(smtp.mails().len(), 2);

    // People find a mail after a while; who answers within a minute and at once looks like a machine.
    db.execute("UPDATE outbox SET accepted_at = '2026-01-01 00:00:00'").expect("a while ago");
    // Mail programs look at links before people do.
    let link = mail.link("r");
    for _ in 0..2 {
        serving.browser().get(&link).expect(200);
        serving.browser().head(&link).expect(200);
    }
    assert_eq!(db.number("SELECT count(*) AS n FROM answers"), 0);
    let thanks = serving.browser().answer(&link, &[
        ("why-now", "replace"), ("matters", "speed"), ("save-time", "7"), ("agree.one-contact", "1"),
        ("agree.first", "2"), ("agree.safe", "3"), ("recommend", "5"),
    ]);
    assert!(thanks.url.contains("/thanks"), "{}: {}", thanks.url, thanks.text());
    serving.browser().answer(&smtp.mails_to("bob@acme.example")[0].link("r"), &[
        ("why-now", "person"), ("matters", "service"), ("save-time", "1"), ("agree.one-contact", "5"),
        ("agree.first", "1"), ("agree.safe", "3"), ("recommend", "10"),
    ]);

    let company = |code: &str| api.get(&format!("/api/v1/companies/{code}")).expect(200).json();
    let (muller, acme, zeta) = (company("c1"), company("c2"), company("c3"));
    assert_eq!((&muller["tenure"], &muller["segment"]["code"]), (&json!("new"), &json!("efficiency-seekers")), "{muller}");
    assert_eq!((&acme["tenure"], &acme["segment"]["code"]), (&json!("long_standing"), &json!("customer-intimates")), "{acme}");
    assert_eq!((&zeta["tenure"], &zeta["segment"]), (&json!("unknown"), &json!(null)), "{zeta}");
    assert!(zeta["why_none"].as_str().is_some_and(|why| !why.is_empty()), "{zeta}");
    assert_eq!(muller["answers"], json!(7), "{muller}");

    let boss = serving.browser();
    boss.log_in("boss@example.com", PASSWORD);
    let dashboard = boss.visit("/").expect(200).text();
    for word in ["Efficiency Seekers", "Customer Intimates", "Innovators", "new", "long-standing", "unknown", "Intimacy"] {
        assert!(dashboard.contains(word), "{word} in {dashboard}");
    }
    program.answer("export scores scores.csv");
    let scores = std::fs::read_to_string(program.folder().join("scores.csv")).unwrap();
    let line = scores.lines().find(|line| line.starts_with("c1")).unwrap_or_default();
    assert!(line.contains("Müller GmbH") && line.contains("efficiency-seekers"), "{scores}");
    // What came in piece by piece is what comes out of working everything out anew.
    let before = company("c1");
    program.answer("rescore");
    let after = company("c1");
    for need in ["efficiency", "intimacy", "innovation", "assurance"] {
        assert_eq!(after["needs"][need]["score"], before["needs"][need]["score"], "{need}");
    }
    assert_eq!(after["segment"]["fits"], before["segment"]["fits"]);
});
