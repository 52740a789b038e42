//! Plans, playbooks and alerts, as those use them who look after companies.

use chrono::TimeDelta;
use dripline::accounts::Role;
use serde_json::json;

use crate::company::{FRAMEWORK, answer, seed};
use crate::support::{Browser, PASSWORD, Server, db_test};

fn log_in(server: &Server, email: &str) -> Browser {
    let browser = server.browser();
    browser.log_in(email, PASSWORD);
    browser
}

db_test!(fn a_plan_is_taken_from_the_playbook_and_tells_its_owner_what_is_overdue(db) {
    let server = Server::start(db);
    let rep = server.add_user(Role::Sales);
    seed(&server, &rep);
    let sales = log_in(&server, &rep);
    let plan = "/companies/c-1/plan";
    let page = sales.get(plan).expect(200);
    sales.submit(&page.form(plan).fill("goal", "grow")).expect(200);
    assert!(sales.get("/companies/c-1").expect(200).text().contains("Grow it"));
    // The playbook's action fills the form; a day that has passed is refused at its field, and nothing kept.
    let offered = sales.get(&format!("{plan}?action=Send+the+savings+calculation")).expect(200);
    let steps = format!("{plan}/steps");
    let form = offered.forms(&steps).into_iter().find(|form| form.action == steps).expect("the form of a step");
    let refused = sales.post_form(&form.clone().fill("due_on", "2026-03-09")).expect(422);
    let html = refused.html();
    assert!(html.contains("id=\"due_on-fault\"") && refused.text().contains("2026-03-09 has passed"), "{html}");
    assert!(html.contains("value=\"Send the savings calculation\""), "what was typed is kept");
    assert_eq!(db.number("SELECT count(*) AS n FROM plan_steps"), 0);
    sales.post(&steps, &[("action", ""), ("due_on", "soon"), ("owner", "kim@example.com"), ("need", "gone")]).expect(422);
    sales.submit(&form.fill("due_on", "2026-03-12")).expect(200);
    let text = sales.get(plan).expect(200).text();
    assert!(text.contains("Send the savings calculation") && !text.contains("overdue"), "{text}");
    assert!(sales.get("/").expect(200).text().contains("due on 12 Mar 2026"));
    server.wait(TimeDelta::days(3));
    let start = sales.get("/").expect(200).text();
    assert!(start.contains("1 step overdue") && start.contains("Acme"), "{start}");
    assert!(sales.get("/companies/c-1/brief").expect(200).text().contains("overdue"));
    // Another rep neither sees nor ends it; nobody else's start page tells of it.
    let other = server.add_user(Role::Sales);
    let other = log_in(&server, &other);
    let id = db.number("SELECT id AS n FROM plan_steps");
    let one = format!("{steps}/{id}");
    other.post(&one, &[("state", "done")]).expect(404);
    other.post(&steps, &[("action", "x"), ("due_on", "2026-04-01"), ("owner", "x@x.example"), ("need", "")]).expect(404);
    other.post(plan, &[("goal", "win")]).expect(404);
    assert!(!other.get("/").expect(200).text().contains("overdue"));
    // Dropped, taken up again, done.
    for (state, word) in [("dropped", "Dropped on"), ("open", "overdue"), ("done", "Done on")] {
        sales.post(&one, &[("state", state)]).expect(303);
        let text = sales.get(plan).expect(200).text();
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(!sales.get("/").expect(200).text().contains("overdue"));
    sales.post(&format!("{steps}/987654"), &[("state", "done")]).expect(404);
    sales.post("/companies/c-2/plan/steps/1", &[("state", "open")]).expect(404);
    let deeds = db.words("SELECT action AS word FROM audit_entries WHERE action LIKE 'plan.%' ORDER BY id");
    assert_eq!(deeds, ["plan.goal", "plan.step.add", "plan.step.drop", "plan.step.reopen", "plan.step.done"]);
});

db_test!(fn what_happens_to_a_company_is_told_once_to_those_who_look_after_it(db) {
    let server = Server::start(db);
    let rep = server.add_user(Role::Sales);
    seed(&server, &rep);
    server.run_due();
    let sales = log_in(&server, &rep);
    let alerts = || sales.get("/alerts").expect(200).text();
    // A first segment is no change.
    assert!(alerts().contains("Nothing has happened"), "{}", alerts());
    let api = server.api(Role::Analyst);
    for company in ["c-1", "c-3"] {
        let tag = json!({ "segment": "innovators", "reason": "They build with us." });
        api.put(&format!("/api/v1/companies/{company}/override"), tag).expect(200);
    }
    api.put("/api/v1/companies/c-3/override", json!({ "segment": "seekers", "reason": "No." })).expect(200);
    server.run_due();
    server.run_due();
    let text = alerts();
    assert!(text.contains("It went from Efficiency Seekers to Innovators."), "{text}");
    assert!(text.contains("1 alert") && !text.contains("Gamma"), "{text}");
    // An analyst sees everybody's, and puts away for itself alone.
    let analyst = server.log_in(Role::Analyst);
    let page = analyst.get("/alerts").expect(200);
    assert!(page.text().contains("2 alerts") && page.text().contains("Gamma"), "{}", page.text());
    let foreign = db.number("SELECT id AS n FROM alerts WHERE company_id = (SELECT id FROM companies WHERE external_id = 'c-3')");
    sales.post(&format!("/alerts/{foreign}"), &[("do", "dismiss")]).expect(404);
    analyst.post(&format!("/alerts/{foreign}"), &[("do", "dismiss")]).expect(303);
    assert!(!analyst.get("/alerts").expect(200).text().contains("Gamma"));
    let away = analyst.get("/alerts?show=dismissed").expect(200);
    assert!(away.text().contains("Gamma"));
    analyst.post(&format!("/alerts/{foreign}"), &[("do", "bring_back")]).expect(303);
    assert!(analyst.get("/alerts").expect(200).text().contains("Gamma"));
    // Counted on the start page until they are seen.
    assert!(sales.get("/").expect(200).text().contains("1 new alert"));
    sales.post("/alerts", &[]).expect(303);
    assert!(!sales.get("/").expect(200).text().contains("new alert"));

    // A need shifts: everybody says the opposite. How far is said, and that the interval does not reach so far.
    server.wait(TimeDelta::days(200));
    for contact in ["p-1", "p-2", "p-3"] {
        answer(&server, contact, [0, 10, 0], "2026-09-20");
    }
    server.run_due();
    let text = alerts();
    let shift = text.split("Efficiency fell from ").nth(1).unwrap_or_else(|| panic!("no shift: {text}"));
    let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<f64>().unwrap();
    let (by, reach) = (number(shift.split(": by ").nth(1).unwrap()), number(shift.split('±').nth(1).unwrap()));
    assert!(by > reach && by > 60.0, "{shift}");
    let told = db.number("SELECT count(*) AS n FROM alerts");
    server.run_due();
    assert_eq!(db.number("SELECT count(*) AS n FROM alerts"), told, "nothing is told twice");

    // A company of the first tier falls silent, once for each silence.
    server.wait(TimeDelta::days(120));
    server.run_due();
    server.run_due();
    assert_eq!(db.number("SELECT count(*) AS n FROM alerts WHERE kind = 'silence'"), 1);
    assert!(alerts().contains("nobody there has answered since 20 Sep 2026"), "{}", alerts());
    assert!(sales.get("/companies/c-1").expect(200).text().contains("has fallen silent"));
});

db_test!(fn a_playbook_is_edited_with_its_reasons_and_the_file_keeps_its_lines(db) {
    let server = Server::start(db);
    let rep = server.add_user(Role::Sales);
    seed(&server, &rep);
    let admin = server.log_in(Role::Admin);
    let path = "/segments/seekers/playbook";
    let file = || admin.get("/design/framework.toml").expect(200).html();
    let before = file();
    let form = || admin.get(path).expect(200).form(path);
    let filled = form()
        .fill("talk_about.0.reason", "They count every hour.")
        .fill("avoid.0.reason", "They doubt <b>visions</b>.")
        .fill("offer", "The standard package")
        .fill("timing", "Before the budget is made");
    admin.submit(&filled).expect(200);
    assert_eq!(file(), before, "reasons are no part of the file");
    let sales = log_in(&server, &rep);
    let page = sales.get("/segments/seekers").expect(200);
    for words in ["They count every hour.", "The standard package", "Before the budget is made", "Hours saved", "1 of the 1 company"] {
        assert!(page.text().contains(words), "{words} is not on the page:\n{}", page.text());
    }
    assert!(!page.html().contains("<b>visions") && !page.text().contains("Gamma"));
    assert!(sales.get("/companies/c-1/brief").expect(200).text().contains("They count every hour."));
    // A line is reworded, one is new: the file has it, the reason goes along, and both stand in the history.
    let filled = form()
        .fill("talk_about.0.line", "Hours saved, with the sum")
        .fill("talk_about.2.line", "Who does the work")
        .fill("talk_about.2.reason", "They have no people to spare.");
    admin.submit(&filled).expect(200);
    let after = file();
    assert!(after.contains("Hours saved, with the sum") && after.contains("Who does the work"), "{after}");
    let text = admin.get("/segments/seekers").expect(200).text();
    assert!(text.contains("They count every hour.") && text.contains("A reason to say “Who does the work”"), "{text}");
    // A reason without a line, and a text beyond all measure, are told at their fields; nothing is kept.
    let wrong = form().fill("avoid.1.reason", "Because").fill("message", &"x".repeat(1_001));
    let refused = admin.post_form(&wrong).expect(422).html();
    assert!(refused.contains("id=\"avoid-1-line-fault\"") && refused.contains("id=\"message-fault\""), "{refused}");
    // Another framework meanwhile: nothing is lost, nothing is overwritten.
    let stale = form().fill("talk_about.0.line", "Stale");
    let api = server.api(Role::Admin);
    let changed = FRAMEWORK.replace("Little: mail and self-service.", "Nothing.");
    api.send("PUT", "/api/v1/framework", "application/toml", changed.as_bytes()).expect(200);
    admin.post_form(&stale).expect(409);
    // An earlier one is taken up again; what its lines no longer say is shown.
    let first = db.number("SELECT min(id) AS n FROM playbooks");
    let again = admin.get(&format!("{path}?from={first}")).expect(200).text();
    assert!(again.contains("They count every hour."), "{again}");
    for role in [Role::Sales, Role::Analyst] {
        server.log_in(role).get(path).expect(403);
    }
    admin.get("/segments/nothing/playbook").expect(404);
    // The roster is paged and sorted, and a rep's holds its own companies alone.
    let sorted = sales.get("/segments/seekers?sort=name&page=2").expect(200).text();
    assert!(sorted.contains("First page"), "{sorted}");
    sales.get("/segments/seekers?page=0").expect(400);
});
