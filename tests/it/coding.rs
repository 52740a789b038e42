//! Own words coded into needs: who sees which, what becomes of them, and that scores stay as they are.

use chrono::TimeDelta;
use dripline::accounts::Role;
use serde_json::{Value, json};

use crate::drip::{FRAMEWORK, House};
use crate::support::{Api, Browser, Chrome, PASSWORD, Reply, Server, TestDb, db_test};

const WORDS: &str = r#"
[settings]
min_group = 3
min_scored_answers = 1
"#;

const OTHER: &str = r#"
[[question_sets]]
code = "words"
title = "In your words"
[[question_sets.questions]]
code = "reason"
kind = "single_choice"
text = "What decided?"
options = [
  { code = "price", text = "The price", loads = { efficiency = 1 } },
  { code = "people", text = "The people", loads = { intimacy = 1 } },
  { code = "other", text = "Something else", free_text = true },
]
[[question_sets.questions]]
code = "tell"
kind = "text"
text = "Anything else?"
max_length = 500
"#;

/// Contacts `p0` to `p5` of two companies.
fn house<'d>(db: &'d TestDb) -> House<'d> {
    let house = House::with(db, &format!("{WORDS}{FRAMEWORK}{OTHER}"), &[]);
    for n in 0..6 {
        house.contact(&format!("p{n}@secret{n}.example"), Some(1 + n % 2));
    }
    house
}

fn say(api: &Api, contact: usize, value: Value, minute: u32) {
    let question = if value.is_string() && value != "price" {
        "tell"
    } else {
        "reason"
    };
    let at = format!("2026-03-10T10:{minute:02}:00Z");
    let answer = json!([{"contact": format!("p{contact}"), "question": question, "value": value, "at": at}]);
    api.post("/api/v1/answers", answer).expect(200);
}

fn other(words: &str) -> Value {
    json!({"option": "other", "text": words})
}

/// Three have said so, the last one "fair".
fn three_said(api: &Api) {
    for (contact, words) in ["they listened", "it arrived in time", "a fair deal"]
        .into_iter()
        .enumerate()
    {
        say(api, contact, other(words), contact as u32);
    }
}

fn deed(browser: &Browser, fields: &[(&str, &str)]) -> Reply {
    let reply = browser.post("/design/coding", fields).expect(303);
    browser.get(reply.header("location").expect("a place"))
}

fn in_hand(db: &TestDb) -> i64 {
    db.number("SELECT id AS n FROM answer_codings WHERE state = 'in_hand'")
}

fn code(browser: &Browser, db: &TestDb, needs: &[&str]) -> Reply {
    let verb = format!("code:{}", in_hand(db));
    let mut fields: Vec<(&str, &str)> = needs.iter().map(|need| ("need", *need)).collect();
    fields.push(("do", &verb));
    deed(browser, &fields)
}

db_test!(fn own_words_are_shown_once_enough_people_have_answered_and_never_with_their_author(db) {
    let server = Server::start(db);
    let _house = house(db);
    let api = server.api(Role::Analyst);
    let office = server.log_in(Role::Analyst);
    assert!(office.get("/design/coding").expect(200).text().contains("Nothing waits"));
    say(&api, 0, other("they listened"), 0);
    say(&api, 1, json!("price"), 1);
    let few = office.get("/design/coding").expect(200).text();
    assert!(!few.contains("they listened") && few.contains("not shown before 3 people"), "{few}");
    assert!(deed(&office, &[("do", "next")]).text().contains("Nothing waits"));
    // A third person answers, in whatever way.
    say(&api, 2, json!("price"), 2);
    let page = office.get("/design/coding").expect(200);
    assert!(page.text().contains("they listened") && page.text().contains("1 answer waits"), "{}", page.text());
    let shown = deed(&office, &[("do", "next")]);
    for author in ["secret0", "p0", "Acme", "acme", "Ada"] {
        assert!(!shown.html().contains(author), "{author}");
    }
    assert!(shown.text().contains("What decided? · Something else they listened"), "{}", shown.text());
    server.log_in(Role::Sales).get("/design/coding").expect(403);
});

db_test!(fn one_codes_the_newest_first_and_may_undo_and_scores_stay_as_they_are(db) {
    let server = Server::start(db);
    let _house = house(db);
    let api = server.api(Role::Analyst);
    three_said(&api);
    say(&api, 3, json!("price"), 9);
    let scores = || db.everything(&["answer_codings", "answer_codes", "audit_entries", "sessions"]);
    let before = scores();
    let office = server.log_in(Role::Analyst);
    let shown = deed(&office, &[("do", "next")]).text();
    assert!(shown.contains("Something else a fair deal It speaks for"), "{shown}");
    let next = code(&office, db, &["efficiency", "intimacy", "no-such-need"]).text();
    assert!(next.contains("Something else it arrived in time It speaks for") && next.contains("a fair deal Efficiency, Intimacy"), "{next}");
    assert!(next.contains("1 own-word answer coded to it"), "{next}");
    let verb = format!("aside:{}", in_hand(db));
    let last = deed(&office, &[("do", &verb)]).text();
    assert!(last.contains("Something else they listened It speaks for") && last.contains("it arrived in time set aside"), "{last}");
    let done = code(&office, db, &[]).text();
    assert!(done.contains("Nothing waits") && done.contains("they listened no need"), "{done}");
    // Taken back, it has the ticks that it had.
    let first = db.number("SELECT coding_id AS n FROM answer_codes WHERE need = 'efficiency'");
    let again = deed(&office, &[("do", &format!("undo:{first}"))]);
    assert!(again.text().contains("Something else a fair deal It speaks for"), "{}", again.text());
    let form = again.form("/design/coding");
    let ticked: Vec<String> = form.fields().into_iter().filter(|(name, _)| name == "need").map(|(_, need)| need).collect();
    assert_eq!(ticked, ["efficiency", "intimacy"]);
    code(&office, db, &["intimacy"]);
    assert_eq!(db.words("SELECT need AS word FROM answer_codes ORDER BY need"), ["intimacy"]);
    assert_eq!(scores(), before, "codes change nothing else");
    assert!(office.get("/design/needs").expect(200).text().contains("1 own-word answer coded to it"));
    let deeds = db.words("SELECT action || ' ' || subject || ' ' || detail AS word FROM audit_entries WHERE action LIKE 'coding.%' ORDER BY id");
    assert_eq!(deeds, [
        "coding.code reason to efficiency, intimacy", "coding.aside reason ", "coding.code reason to no need",
        "coding.undo reason ", "coding.code reason to intimacy",
    ]);
});

db_test!(fn two_colleagues_do_not_get_the_same_answer_and_one_left_lying_goes_back(db) {
    let server = Server::start(db);
    let _house = house(db);
    three_said(&server.api(Role::Analyst));
    let (ann, ben) = (server.log_in(Role::Analyst), server.log_in(Role::Analyst));
    assert!(deed(&ann, &[("do", "next")]).text().contains("Something else a fair deal It speaks for"));
    let anns = in_hand(db);
    assert!(deed(&ben, &[("do", "next")]).text().contains("Something else it arrived in time It speaks for"));
    assert!(deed(&ben, &[("do", "next")]).text().contains("Something else it arrived in time It speaks for"), "one at a time");
    // What somebody else has in hand is not to be coded by guessing its number.
    let meddled = deed(&ben, &[("do", &format!("code:{anns}")), ("need", "intimacy")]).text();
    assert!(meddled.contains("not in your hand any more"), "{meddled}");
    server.wait(TimeDelta::minutes(16));
    assert!(deed(&ben, &[("do", "next")]).text().contains("Something else a fair deal It speaks for"));
    let late = deed(&ann, &[("do", &format!("code:{anns}")), ("need", "intimacy")]).text();
    assert!(late.contains("not in your hand any more"), "{late}");
    assert_eq!(db.number("SELECT count(*) AS n FROM answer_codes"), 0);
    let verb = format!("stop:{}", in_hand(db));
    assert!(deed(&ben, &[("do", &verb)]).text().contains("3 answers wait"));
});

db_test!(fn a_second_reading_is_blind_and_tells_how_far_two_agree(db) {
    let server = Server::start(db);
    let _house = house(db);
    three_said(&server.api(Role::Analyst));
    let (ann, ben) = (server.log_in(Role::Analyst), server.log_in(Role::Analyst));
    deed(&ann, &[("do", "next")]);
    code(&ann, db, &["efficiency"]);
    code(&ann, db, &["efficiency"]);
    let verb = format!("stop:{}", in_hand(db));
    deed(&ann, &[("do", &verb)]);
    // One does not read one's own twice.
    assert!(ann.get("/design/coding?second=yes").expect(200).text().contains("Nothing waits for a second reading"));
    let page = deed(&ben, &[("do", "next"), ("second", "yes")]);
    assert!(page.text().contains("second reading"), "{}", page.text());
    assert!(page.form("/design/coding").fields().iter().all(|(name, _)| name != "need"), "it is blind");
    let verb = format!("code:{}", in_hand(db));
    deed(&ben, &[("do", &verb), ("need", "efficiency"), ("second", "yes")]);
    let verb = format!("code:{}", in_hand(db));
    let told = deed(&ben, &[("do", &verb), ("need", "intimacy"), ("second", "yes")]).text();
    assert!(told.contains("Of 2 answers read twice, both colleagues said the same of 50"), "{told}");
    // The first reading counts.
    assert!(told.contains("2 own-word answers coded to it"), "{told}");
});

db_test!(fn a_missing_need_becomes_a_proposal_and_its_codes_follow_it_into_the_framework(db) {
    let server = Server::start(db);
    let _house = house(db);
    three_said(&server.api(Role::Analyst));
    let (office, admin) = (server.log_in(Role::Analyst), server.log_in(Role::Admin));
    deed(&office, &[("do", "next")]);
    let verb = format!("code:{}", in_hand(db));
    let refused = deed(&office, &[("do", &verb), ("new_need", "Fairness")]).text();
    assert!(refused.contains("workshop has ended") && refused.contains("a fair deal"), "{refused}");
    let form = admin.get("/design/workshop").expect(200).form("/design/workshop").fill("title", "Spring");
    admin.submit(&form).expect(200);
    let long = "x".repeat(90);
    let kept = office.post("/design/coding", &[("do", &verb), ("new_need", &long), ("need", "intimacy")]).expect(422);
    assert!(kept.text().contains("at most 80 characters"), "{}", kept.text());
    assert!(kept.form("/design/coding").fields().contains(&("need".to_owned(), "intimacy".to_owned())));
    let next = deed(&office, &[("do", &verb), ("new_need", "Fairness")]).text();
    assert!(next.contains("Fairness proposed 1 own-word answer coded to it"), "{next}");
    // The contact's words stay in the answer.
    assert_eq!(db.number("SELECT count(*) AS n FROM proposals WHERE name || description LIKE '%fair deal%'"), 0);
    let proposal = db.number("SELECT id AS n FROM proposals WHERE name = 'Fairness'");
    code(&office, db, &[&format!("proposal:{proposal}")]);
    let path = "/design/workshop/1/freeze";
    let form = admin.get(&format!("{path}?line=0")).expect(200).forms(path)[1].clone();
    admin.press(&form, "do", "freeze").expect(200);
    let needs = office.get("/design/needs").expect(200).text();
    assert!(needs.contains("Fairness fairness assumed") && needs.contains("2 own-word answers coded to it"), "{needs}");
});

db_test!(fn only_the_last_word_of_a_contact_waits_and_a_search_finds_it(db) {
    let server = Server::start(db);
    let _house = house(db);
    let api = server.api(Role::Analyst);
    three_said(&api);
    say(&api, 0, other("Größe zählt"), 20);
    say(&api, 1, json!("price"), 21);
    say(&api, 3, json!("call me in May"), 22);
    say(&api, 4, json!("nothing"), 22);
    say(&api, 5, json!("thank you"), 22);
    let office = server.log_in(Role::Analyst);
    let page = office.get("/design/coding").expect(200).text();
    assert!(page.contains("2 answers wait") && page.contains("Größe zählt") && !page.contains("they listened"), "{page}");
    assert!(!page.contains("call me in May"));
    let texts = office.get("/design/coding?texts=yes&question=tell").expect(200).text();
    assert!(texts.contains("3 answers wait") && texts.contains("call me in May"), "{texts}");
    let found = office.get("/design/coding?search=GROSSE").expect(200).text();
    assert!(found.contains("1 answer waits") && found.contains("Größe zählt") && !found.contains("fair deal"), "{found}");
});

db_test!(fn codes_go_with_the_answer_when_its_contact_is_removed(db) {
    let server = Server::start(db);
    let _house = house(db);
    let api = server.api(Role::Admin);
    three_said(&api);
    let office = server.log_in(Role::Analyst);
    deed(&office, &[("do", "next")]);
    code(&office, db, &["efficiency"]);
    code(&office, db, &["intimacy"]);
    let held = api.get("/api/v1/contacts/p2/export").expect(200).json();
    assert_eq!((held["codings"][0]["need"].as_str(), held["codings"][0]["state"].as_str()), (Some("efficiency"), Some("coded")));
    api.delete("/api/v1/contacts/p2").expect(204);
    assert_eq!(db.words("SELECT need AS word FROM answer_codes"), ["intimacy"]);
    assert_eq!(db.number("SELECT count(*) AS n FROM answer_codings"), 2);
    assert_eq!(db.number("SELECT count(*) AS n FROM answers WHERE own_words"), 2);
    // Two are left who answered: the rest is shown to nobody any more.
    let page = office.get("/design/coding").expect(200).text();
    assert!(!page.contains("it arrived in time") && page.contains("This answer is shown no more"), "{page}");
});

#[test]
fn an_analyst_codes_by_keyboard_alone() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let server = Server::start(&db);
    let _house = house(&db);
    three_said(&server.api(Role::Analyst));
    let email = server.add_user(Role::Analyst);
    chrome.goto(&format!("{}/design/coding", server.base()));
    chrome.type_into("input[name=email]", &email);
    chrome.type_into("input[name=password]", PASSWORD);
    chrome.leave_by("main button[type=submit]");
    let leave_by = |key: &str| {
        chrome.run("window.isBeingLeft = true");
        chrome.press(key);
        chrome.until(
            "the next page",
            "return !window.isBeingLeft && document.readyState === 'complete'",
        );
    };
    let reads = |words: &str| assert_eq!(chrome.text("#in-hand"), words);
    // The focus stands where one begins.
    leave_by("\u{E007}");
    reads("a fair deal");
    chrome.press("1");
    chrome.press("2");
    chrome.press("1");
    leave_by("\u{E007}");
    reads("it arrived in time");
    leave_by("s");
    reads("they listened");
    leave_by("u");
    reads("it arrived in time");
    chrome.press("1");
    leave_by("\u{E007}");
    reads("they listened");
    assert_eq!(
        db.words("SELECT need AS word FROM answer_codes ORDER BY coding_id"),
        ["intimacy", "efficiency"]
    );
    assert_eq!(chrome.complaints(), Vec::<String>::new());
    // Elsewhere on the page the keys mean what they mean there.
    chrome.type_into("#search", "su1");
    assert_eq!(chrome.run("return document.getElementById('search').value"), "su1");
    reads("they listened");
}
