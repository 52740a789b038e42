//! What a design promises before anybody is asked: the form as respondents see it, answers tried out,
//! and what the questions can tell.

use dripline::accounts::Role;
use dripline::framework;
use dripline::reframe;

use crate::support::axe::View;
use crate::support::{Axe, Browser, Chrome, PASSWORD, Server, TestDb, db_test};

const FRAMEWORK: &str = r#"
[[roles]]
code = "boss"
weight = 3.0
[[needs]]
code = "fast"
name = "Speed"
level = "tactical"
[[needs]]
code = "safe"
name = "Safety"
level = "tactical"
[[needs]]
code = "near"
name = "Closeness"
level = "personal"
[[segments]]
code = "racers"
name = "Racers"
profile = { fast = 100, safe = 10 }
[[segments]]
code = "keepers"
name = "Keepers"
profile = { safe = 100, near = 20 }
[[question_sets]]
code = "first"
title = "Why now"
intro = "Two questions."
translations = { de = { title = "Warum jetzt", intro = "Zwei Fragen." } }
[[question_sets.questions]]
code = "why"
kind = "single_choice"
text = "Why did {{ company.name }} change?"
required = true
options = [
  { code = "time", text = "To save time", loads = { fast = 2 } },
  { code = "risk", text = "To be safe", loads = { safe = 2 } },
  { code = "people", text = "For your people", loads = { near = 2 } },
  { code = "other", text = "Something else", free_text = true },
  { code = "dont-know", text = "I can't say", no_opinion = true },
]
translations = { de = { text = "Warum hat {{ company.name }} gewechselt?", options = { time = "Um Zeit zu sparen" } } }
[[question_sets.questions]]
code = "share"
kind = "allocation"
text = "Share out ten points"
total = 10
options = [
  { code = "speed", text = "Speed", loads = { fast = 1 } },
  { code = "safety", text = "Safety", loads = { safe = 1 } },
  { code = "people", text = "People", loads = { near = 1 } },
]
[[question_sets]]
code = "second"
title = "What counts"
[[question_sets.questions]]
code = "ends"
kind = "best_worst"
text = "Choose the best, and the worst."
options = [
  { code = "speed", text = "Quick delivery", loads = { fast = 2 } },
  { code = "safety", text = "A warranty", loads = { safe = 2 } },
  { code = "people", text = "A contact person", loads = { near = 2 } },
  { code = "look", text = "The looks" },
]
[[question_sets]]
code = "narrow"
title = "Speed alone"
[[question_sets.questions]]
code = "quick"
kind = "rating"
text = "How quick should it be?"
min = 1
max = 5
min_label = "Slow"
max_label = "Fast"
loads = { fast = 1 }
[[drips]]
code = "both"
name = "Both sets"
trigger = "manual"
[[drips.steps]]
delay = "0d"
question_set = "first"
subject = "One"
body = "Body"
[[drips.steps]]
delay = "7d"
question_set = "second"
subject = "Two"
body = "Body"
"#;

fn apply(db: &TestDb, server: &Server) {
    let framework = framework::read::toml(FRAMEWORK).unwrap_or_else(|faults| panic!("{faults:?}"));
    let now = server.clock.now();
    db.write_now(move |conn| reframe::apply(conn, now, "test", &framework))
        .expect("the framework is applied");
}

fn try_out(browser: &Browser, of: &str, answers: &[(&str, &str)], status: u16) -> String {
    let mut form = browser
        .get(&format!("/design/try?{of}"))
        .expect(200)
        .form("/design/try#result");
    for (name, value) in answers {
        form = form.fill(name, value);
    }
    browser.submit(&form).expect(status).text()
}

db_test!(fn answers_tried_out_show_the_segment_and_leave_no_trace(db) {
    let server = Server::start(db);
    apply(db, &server);
    let analyst = server.log_in(Role::Analyst);
    let before = db.everything(&["sessions", "users", "audit_entries"]);
    let answers = [
        ("why", "time"), ("share.points.speed", "8"), ("share.points.safety", "1"), ("share.points.people", "1"),
        ("ends.best", "speed"), ("ends.worst", "safety"), ("contacts", "2"), ("role", "boss"),
    ];
    let told = try_out(&analyst, "drip=both", &answers, 200);
    for words in ["The company would be in Racers", "The runner-up is Keepers", "Confidence", "Margin to the runner-up", "Scored answers 6"] {
        assert!(told.contains(words), "{words} in {told}");
    }
    assert_eq!(db.everything(&["sessions", "users", "audit_entries"]), before);
});

db_test!(fn what_is_missing_for_a_segment_is_said(db) {
    let server = Server::start(db);
    apply(db, &server);
    let analyst = server.log_in(Role::Analyst);
    let told = try_out(&analyst, "set=first", &[("why", "risk")], 200);
    assert!(told.contains("No segment yet: 1 of 3 scored answers"), "{told}");
    assert!(told.contains("What is missing: 2 more scored answers."), "{told}");
    assert!(told.contains("3 Keepers"), "three such contacts are enough: {told}");
    let told = try_out(&analyst, "set=narrow", &[("quick", "5"), ("contacts", "4")], 200);
    assert!(told.contains("No segment yet: no answer yet on Safety, Closeness"), "{told}");
    assert!(told.contains("an answer that speaks for or against Safety, Closeness"), "{told}");
    // Nothing said is nothing to reckon with; and a required question holds nobody up here.
    assert!(try_out(&analyst, "set=first", &[], 200).contains("No segment yet: no scored answers yet"));
});

db_test!(fn an_answer_that_is_none_is_told_at_its_question_and_kept(db) {
    let server = Server::start(db);
    apply(db, &server);
    let analyst = server.log_in(Role::Analyst);
    let form = analyst.get("/design/try?set=first&set=second").expect(200).form("/design/try#result");
    let form = form.fill("share.points.speed", "7").fill("why", "people");
    let page = analyst.submit(&form).expect(422);
    assert!(page.text().contains("Not worked out yet"), "{}", page.text());
    let kept = page.form("/design/try#result").fields();
    assert!(kept.contains(&("share.points.speed".to_owned(), "7".to_owned())), "{kept:?}");
    assert!(kept.contains(&("why".to_owned(), "people".to_owned())), "{kept:?}");
});

db_test!(fn coverage_says_in_words_what_the_questions_cannot_tell(db) {
    let server = Server::start(db);
    apply(db, &server);
    let analyst = server.log_in(Role::Analyst);
    let narrow = analyst.get("/design/coverage?set=narrow").expect(200).text();
    assert!(narrow.contains("No question speaks for Safety and Closeness"), "{narrow}");
    assert!(narrow.contains("No company can be assigned by these questions alone"), "{narrow}");
    let both = analyst.get("/design/coverage?drip=both").expect(200).text();
    assert!(both.contains("Every need and every segment can be told from the others."), "{both}");
    assert!(both.contains("One contact who answers everything gives 3 scored answers."), "{both}");
    assert_eq!(both, analyst.get("/design/coverage?of=drip%3Aboth").expect(200).text());
    analyst.get("/design/coverage?drip=nothing").expect(404);
    analyst.get("/design/coverage").expect(200);
    let sales = server.log_in(Role::Sales);
    sales.get("/design/coverage").expect(403);
});

db_test!(fn the_preview_shows_the_form_in_each_language_and_records_nothing(db) {
    let server = Server::start(db);
    apply(db, &server);
    db.execute(
        "INSERT INTO companies (id, external_id, name, name_key, created_at, updated_at) VALUES \
         (1, 'acme', 'Acme & Sons', 'acme & sons', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    )
    .expect("a company");
    db.execute(
        "INSERT INTO contacts (id, external_id, company_id, email, email_key, first_name, name_key, created_at, updated_at) VALUES \
         (1, 'ann', 1, 'ann@acme.test', 'ann@acme.test', 'Ann', 'ann', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    )
    .expect("a contact");
    let analyst = server.log_in(Role::Analyst);
    let page = analyst.get("/design/question-sets/first/preview").expect(200);
    assert!(page.html().contains("<iframe") && page.text().contains("German"), "{}", page.text());
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("frame-src 'self'"), "{policy}");
    let form = analyst.get("/design/question-sets/first/preview/form?language=de&contact=ann").expect(200);
    for words in ["Warum jetzt", "Warum hat Acme & Sons gewechselt?", "Um Zeit zu sparen", "To be safe"] {
        assert!(form.text().contains(words), "{words} in {}", form.text());
    }
    let policy = form.header("content-security-policy").expect("a policy");
    assert!(policy.contains("form-action 'none'") && policy.contains("frame-ancestors 'self'"), "{policy}");
    analyst.get("/design/question-sets/nothing/preview").expect(404);
    analyst.get("/design/question-sets/nothing/preview/form").expect(404);
    server.browser().get("/design/question-sets/first/preview/form").expect(303);
    assert_eq!(db.number("SELECT count(*) AS n FROM answers"), 0);
});

#[test]
fn an_admin_previews_a_set_and_tries_it_out_in_a_real_browser() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let server = Server::start(&db);
    apply(&db, &server);
    let email = server.add_user(Role::Admin);
    chrome.goto(&format!(
        "{}/design/question-sets/first/preview?language=de",
        server.base()
    ));
    chrome.type_into("input[name=email]", &email);
    chrome.type_into("input[name=password]", PASSWORD);
    chrome.leave_by("main button[type=submit]");
    // The frames are strangers to the page, so their size tells that they hold what was asked for.
    let loaded =
        "return performance.getEntriesByType('resource').filter(e => e.initiatorType === 'iframe').length === 2";
    chrome.until("both frames", loaded);
    assert_eq!(
        chrome.run("return document.querySelector('.device-phone iframe').clientWidth"),
        360
    );
    assert_eq!(
        chrome.run("return document.querySelector('.device iframe').contentDocument"),
        serde_json::Value::Null
    );
    assert_eq!(chrome.complaints(), Vec::<String>::new());
    chrome.leave_by("a[href='/design/try?set=first']");
    chrome.click("input[name=why][value=risk]");
    for (points, value) in [("speed", "0"), ("safety", "9"), ("people", "1")] {
        chrome.type_into(&format!("input[name='share.points.{points}']"), value);
    }
    chrome.run("document.querySelector('input[name=contacts]').value = 2");
    chrome.leave_by(".tryout button[type=submit]");
    let told = chrome.text("#result");
    assert!(told.contains("The company would be in Keepers"), "{told}");
    assert_eq!(chrome.complaints(), Vec::<String>::new());
    assert_eq!(db.number("SELECT count(*) AS n FROM answers"), 0);
}

#[test]
fn what_came_of_a_try_keeps_nobody_out() {
    let Some(axe) = Axe::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let server = Server::start(&db);
    apply(&db, &server);
    let email = server.add_user(Role::Admin);
    let chrome = &axe.chrome;
    chrome.goto(&format!("{}/design/try?set=first&set=second", server.base()));
    chrome.type_into("input[name=email]", &email);
    chrome.type_into("input[name=password]", PASSWORD);
    chrome.leave_by("main button[type=submit]");
    let mut faults = axe.look("questions", &View::OFFICE);
    chrome.click("input[name=why][value=risk]");
    chrome.leave_by(".tryout button[type=submit]");
    assert!(
        chrome.text("#result").contains("No segment yet"),
        "{}",
        chrome.text("main")
    );
    faults.extend(axe.look("none", &View::OFFICE));
    chrome.run("document.querySelector('input[name=contacts]').value = 4");
    chrome.leave_by(".tryout button[type=submit]");
    assert!(
        chrome.text("#result").contains("would be in Keepers"),
        "{}",
        chrome.text("main")
    );
    faults.extend(axe.look("told", &View::OFFICE));
    chrome.type_into("input[name='share.points.speed']", "3");
    chrome.leave_by(".tryout button[type=submit]");
    assert!(
        chrome.text("main").contains("Not worked out yet"),
        "{}",
        chrome.text("main")
    );
    faults.extend(axe.look("faulty", &View::OFFICE));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
