//! The question sets under /design, as an admin without JavaScript writes them; and the editor in a real browser.

use dripline::accounts::Role;
use dripline::framework::{self, Kind};
use serde_json::json;

use crate::drip::{FRAMEWORK, House, TWO_STEPS};
use crate::support::axe::View;
use crate::support::chrome::{ENTER, TAB};
use crate::support::html::Form;
use crate::support::{Axe, Browser, Chrome, PASSWORD, Reply, Server, TestDb, db_test};

const LIST: &str = "/design/question-sets";
const NEW: &str = "/design/question-sets/new";
const DRIVERS: &str = "/design/question-sets/drivers/edit";

/// The small framework with the set `drivers`, asked by a drip, and one that nobody asks.
const SPARE: &str = r#"
[[question_sets]]
code = "spare"
title = "Spare questions"
[question_sets.translations.de]
title = "Weitere Fragen"
[[question_sets.questions]]
code = "first"
kind = "single_choice"
text = "First?"
options = [
  { code = "yes", text = "Yes", loads = { efficiency = 1 } },
  { code = "no", text = "No" },
]
[question_sets.questions.translations.de]
text = "Erste?"
options = { yes = "Ja" }
[[question_sets.questions]]
code = "second"
kind = "text"
text = "Second?"
show_if = { question = "first", any_of = ["yes"] }
max_length = 100
"#;

fn house(db: &TestDb) -> House<'_> {
    House::with(db, &format!("{FRAMEWORK}{SPARE}{TWO_STEPS}"), &[])
}

fn framework_of(db: &TestDb) -> framework::Framework {
    let design = db.read_now(dripline::design::current).expect("a framework");
    design.framework.clone()
}

fn set_of(db: &TestDb, code: &str) -> framework::QuestionSet {
    framework_of(db)
        .question_set(code)
        .unwrap_or_else(|| panic!("no set {code}"))
        .clone()
}

/// Which version of each question is asked now.
fn versions(db: &TestDb, set: &str) -> Vec<(String, i32)> {
    let design = db.read_now(dripline::design::current).expect("a framework");
    design
        .questions_of(set)
        .iter()
        .map(|version| (version.question.code.clone(), version.version))
        .collect()
}

/// A contact says why it bought.
fn answer(server: &Server, question: &str, value: &str) {
    let told = json!([{ "contact": "ada", "question": question, "value": value, "at": "2026-03-10T10:00:00Z" }]);
    server.api(Role::Analyst).post("/api/v1/answers", told).expect(200);
}

fn value(page: &Reply, path: &str, field: &str) -> Option<String> {
    let fields = page.form(path).fields();
    fields
        .into_iter()
        .find(|(known, _)| known == field)
        .map(|(_, value)| value)
}

fn press(admin: &Browser, form: &Form, button: &str) -> Reply {
    admin.press(form, "do", button)
}

/// A new set with one question of this kind; the fields stand on the page whatever the kind is.
fn begun(admin: &Browser, kind: &str) -> Form {
    let form = admin.get(NEW).expect(200).form(NEW);
    form.fill("title", "Fresh").fill("q0.t", "Which?").fill("q0.k", kind)
}

db_test!(fn an_admin_writes_a_set_with_loadings_and_it_stands_in_the_file(db) {
    let server = Server::start(db);
    let _house = house(db);
    let admin = server.log_in(Role::Admin);
    let form = begun(&admin, "single_choice")
        .fill("intro", "For **{{ company.name }}**.\r\nThanks.")
        .fill("q0.h", "One is enough.")
        .fill("q0.r", "1")
        .fill("q0.o0.t", "It saves hours")
        .fill("q0.o0.l0", "2")
        .fill("q0.o1.t", "Somebody I know")
        .fill("q0.o1.l1", "0,5")
        .fill("q0.o2.t", "I can't say")
        .fill("q0.o2.x", "n");
    let looked = press(&admin, &form, "look").expect(200);
    let text = looked.text();
    for words in ["What saving does", "This question can move Efficiency by 0–2 and Intimacy by 0–0.5.", "new: it begins as version 1"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert_eq!(value(&looked, NEW, "q0.g").as_deref(), Some("which"));
    assert_eq!(value(&looked, NEW, "code").as_deref(), Some("fresh"));
    let saved = press(&admin, &looked.form(NEW), "save").expect(200);
    assert!(saved.text().contains("“Fresh” is saved"), "{}", saved.text());
    let written = framework::write::toml(&framework_of(db));
    for line in [
        "code = \"fresh\"",
        "required = true",
        "{ code = \"it-saves-hours\", text = \"It saves hours\", loads = { efficiency = 2 } }",
        "{ code = \"somebody-i-know\", text = \"Somebody I know\", loads = { intimacy = 0.5 } }",
        "{ code = \"i-cant-say\", text = \"I can't say\", no_opinion = true }",
    ] {
        assert!(written.contains(line), "{line} in {written}");
    }
    assert_eq!(set_of(db, "fresh").intro, "For **{{ company.name }}**.\nThanks.");
    assert_eq!(db.number("SELECT count(*) AS n FROM audit_entries WHERE action = 'framework.applied' AND detail LIKE '%fresh%'"), 1);
});

db_test!(fn every_kind_of_question_is_written_and_says_how_far_it_moves_a_need(db) {
    let server = Server::start(db);
    let _house = house(db);
    let admin = server.log_in(Role::Admin);
    let with_options = |kind: &str| {
        begun(&admin, kind)
            .fill("q0.o0.t", "A").fill("q0.o0.l0", "3")
            .fill("q0.o1.t", "B").fill("q0.o1.l0", "-1")
            .fill("q0.o2.t", "C")
    };
    let cases = [
        (with_options("single_choice").fill("q0.u", "1"), "−1 to 3"),
        (with_options("multiple_choice").fill("q0.mp", "1").fill("q0.xp", "2"), "−1 to 3"),
        (with_options("best_worst"), "−4 to 4"),
        (with_options("ranking").fill("q0.tp", "2"), "−1 to 3"),
        (with_options("allocation").fill("q0.tt", "10"), "−1 to 3"),
        (with_options("matrix").fill("q0.min", "1").fill("q0.max", "7").fill("q0.lb", "Not at all\r\nVery much"), "−1 to 3"),
        (begun(&admin, "rating").fill("q0.l0", "2").fill("q0.ml", "No").fill("q0.xl", "Yes"), "0–2"),
        (begun(&admin, "nps").fill("q0.l0", "1"), "0–1"),
        (begun(&admin, "text").fill("q0.len", "200").fill("q0.m", "1"), ""),
    ];
    for (form, reach) in cases {
        // Each was begun before the one before it was saved.
        let newest = db.number("SELECT max(id) AS n FROM frameworks").to_string();
        let looked = press(&admin, &form.fill("seen", &newest), "look").expect(200);
        let said = match reach {
            "" => "Words are not scored".to_owned(),
            reach => format!("This question can move Efficiency by {reach}."),
        };
        assert!(looked.text().contains(&said), "{said} in {}", looked.text());
        press(&admin, &looked.form(NEW), "save").expect(200);
    }
    let framework = framework_of(db);
    let fresh = framework.question_sets.iter().filter(|set| set.title == "Fresh");
    let kinds: Vec<&Kind> = fresh.map(|set| &set.questions[0].kind).collect();
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    assert_eq!(names, [
        "single_choice", "multiple_choice", "best_worst", "ranking", "allocation", "matrix", "rating", "nps", "text",
    ]);
    assert!(matches!(kinds[0], Kind::SingleChoice { shuffle: true, .. }));
    assert!(matches!(kinds[1], Kind::MultipleChoice { min_picks: 1, max_picks: 2, .. }));
    assert!(matches!(kinds[3], Kind::Ranking { top: 2, .. }));
    assert!(matches!(kinds[4], Kind::Allocation { total: 10, .. }));
    assert!(matches!(kinds[5], Kind::Matrix { max: 7, labels, rows, .. } if labels.len() == 2 && rows[0].loads["efficiency"] == 3.0));
    assert!(matches!(kinds[6], Kind::Rating { min: 1, max: 5, max_label, loads, .. } if max_label == "Yes" && loads["efficiency"] == 2.0));
    assert!(matches!(kinds[8], Kind::Text { max_length: 200, multiline: true }));
    let codes: Vec<&str> = framework.question_sets.iter().map(|set| set.code.as_str()).collect();
    assert_eq!(codes[2..5], ["fresh", "fresh-2", "fresh-3"], "each got a code of its own");
});

db_test!(fn every_fault_stands_at_its_field_and_what_was_typed_is_kept(db) {
    let server = Server::start(db);
    let _house = house(db);
    let admin = server.log_in(Role::Admin);
    let form = admin.get(DRIVERS).expect(200).form(DRIVERS)
        .fill("title", "")
        .fill("intro", "{{ nobody }}")
        .fill("q0.t", "Why {{ link }} <b>?")
        .fill("q0.n", "x\u{202e}y")
        .fill("q0.o0.t", "")
        .fill("q0.o1.l0", "lots");
    let page = press(&admin, &form, "save").expect(422);
    let text = page.text();
    for words in [
        "Not saved yet", "Title: must not be blank", "Introduction:", "Question 1: the merge field",
        "Question 1, “I can’t say”:", "Question 1, option 1: must not be blank", "Question 1, option 2, Efficiency:",
        "4 things are wrong",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    for link in ["#title", "#intro", "#questions-0--text", "#questions-0--options-1--loads-efficiency"] {
        assert!(page.html().contains(&format!("href=\"{link}\"")), "{link}");
        assert!(page.html().contains(&format!("id=\"{}\"", &link[1..])), "{link} leads to its field");
    }
    assert!(!page.html().contains("<b>?"));
    assert_eq!(value(&page, DRIVERS, "q0.o1.l0").as_deref(), Some("lots"));
    assert_eq!(value(&page, DRIVERS, "q0.t").as_deref(), Some("Why {{ link }} <b>?"));
    assert_eq!(set_of(db, "drivers").title, "Why you bought");
    // Each kind's own settings are faulted at their fields, too.
    let faulty = [
        ("multiple_choice", "q0.xp", "9", "picks at most"),
        ("ranking", "q0.tp", "0", "how many to rank"),
        ("allocation", "q0.tt", "many", "points to share out"),
        ("rating", "q0.max", "1", "highest point"),
        ("rating", "q0.min", "", "lowest point"),
        ("rating", "q0.l1", "x", "Intimacy"),
        ("matrix", "q0.lb", "a\nb\nc", "words of the scale"),
        ("text", "q0.len", "0", "longest answer"),
    ];
    for (kind, field, typed, told) in faulty {
        let form = admin.get(DRIVERS).expect(200).form(DRIVERS).fill("q0.k", kind).fill(field, typed);
        let page = press(&admin, &form, "save").expect(422);
        assert!(page.text().contains(&format!("Question 1, {told}: ")), "{kind}: {}", page.text());
        assert_eq!(value(&page, DRIVERS, field).as_deref(), Some(typed));
    }
    let form = admin.get(DRIVERS).expect(200).form(DRIVERS);
    let form = press(&admin, &form, "drop:0").expect(200).form(DRIVERS);
    let page = press(&admin, &form, "save").expect(422);
    assert!(page.text().contains("needs at least one question"), "{}", page.text());
});

db_test!(fn a_set_without_an_option_or_with_another_s_code_is_refused_at_its_place(db) {
    let server = Server::start(db);
    let _house = house(db);
    let admin = server.log_in(Role::Admin);
    let form = begun(&admin, "single_choice").fill("code", "spare").fill("q0.c", "why");
    let page = press(&admin, &form, "save").expect(422);
    let text = page.text();
    for words in ["Code: \"spare\" stands there twice", "Question 1, code: ", "Question 1, options: needs at least 2"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    // Nobody is asked to put right what was only begun.
    let form = begun(&admin, "single_choice");
    let page = press(&admin, &form, "oadd:0").expect(200);
    assert!(!page.text().contains("Not saved"), "{}", page.text());
});

db_test!(fn questions_and_options_are_added_moved_doubled_and_taken_away_by_their_buttons(db) {
    let server = Server::start(db);
    let _house = house(db);
    let admin = server.log_in(Role::Admin);
    let path = "/design/question-sets/spare/edit";
    let texts = |page: &Reply| -> Vec<String> {
        let fields = page.form(path).fields().into_iter();
        fields.filter(|(name, value)| name.ends_with(".t") && !value.is_empty()).map(|(_, value)| value).collect()
    };
    let page = admin.get(path).expect(200);
    assert_eq!(texts(&page), ["First?", "Yes", "No", "Second?"]);
    let page = press(&admin, &page.form(path), "add").expect(200);
    let page = press(&admin, &page.form(path).fill("q2.t", "Third?").fill("q2.k", "nps"), "up:2").expect(200);
    assert_eq!(texts(&page), ["First?", "Yes", "No", "Third?", "Second?"]);
    let page = press(&admin, &page.form(path), "down:1").expect(200);
    let page = press(&admin, &page.form(path), "odown:0:0").expect(200);
    let page = press(&admin, &page.form(path), "ocopy:0:0").expect(200);
    let page = press(&admin, &page.form(path).fill("q0.o1.t", "Perhaps"), "oup:0:1").expect(200);
    let page = press(&admin, &page.form(path), "oadd:0").expect(200);
    assert_eq!(texts(&page), ["First?", "Perhaps", "No", "Yes", "Second?", "Third?"]);
    let page = press(&admin, &page.form(path).fill("q0.o3.t", "Later"), "copy:0").expect(200);
    assert_eq!(texts(&page)[4..10], ["Later", "First?", "Perhaps", "No", "Yes", "Later"]);
    let page = press(&admin, &page.form(path), "drop:1").expect(200);
    let page = press(&admin, &page.form(path), "odrop:0:1").expect(200);
    let form = page.form(path).fill("q1.p", "").fill("q0.p", "* One\r\n* Two\r\n");
    let page = press(&admin, &form, "look").expect(200);
    assert_eq!(texts(&page), ["First?", "Perhaps", "Yes", "Later", "One", "Two", "Second?", "Third?"]);
    assert_eq!(set_of(db, "spare").questions.len(), 2, "nothing is saved but by Save");
    press(&admin, &page.form(path), "save").expect(200);
    let set = set_of(db, "spare");
    let codes: Vec<&str> = set.questions.iter().map(|question| question.code.as_str()).collect();
    assert_eq!(codes, ["first", "second", "third"]);
    let options: Vec<&str> = set.questions[0].kind.options().iter().map(|option| option.code.as_str()).collect();
    assert_eq!(options, ["perhaps", "yes", "later", "one", "two"]);
    assert_eq!(set.questions[0].translations["de"].options["yes"], "Ja", "other languages stay");
    assert_eq!(set.translations["de"].title.as_deref(), Some("Weitere Fragen"));
});

db_test!(fn moving_and_rewording_keeps_versions_and_answers(db) {
    let server = Server::start(db);
    let house = house(db);
    house.contact("ada@a.example", Some(1));
    answer(&server, "first", "yes");
    let admin = server.log_in(Role::Admin);
    let path = "/design/question-sets/spare/edit";
    let form = admin.get(path).expect(200).form(path).fill("q1.i", "");
    let page = press(&admin, &form, "up:1").expect(200);
    let form = page.form(path).fill("q1.t", "First of all?").fill("q1.o1.t", "Nope");
    let looked = press(&admin, &form, "look").expect(200);
    let text = looked.text();
    for words in ["“First of all?”: wording or order only: stays version 1.", "stand in another order", "when it is asked: stays version 1"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let saved = press(&admin, &looked.form(path), "save").expect(200);
    assert!(saved.text().contains("none of them got a new version"), "{}", saved.text());
    assert_eq!(versions(db, "spare"), [("second".to_owned(), 1), ("first".to_owned(), 1)]);
    assert!(admin.get(LIST).expect(200).text().contains("1 answer"));
});

db_test!(fn what_has_answers_gets_a_new_version_only_after_it_was_said(db) {
    let server = Server::start(db);
    let house = house(db);
    house.contact("ada@a.example", Some(1));
    let admin = server.log_in(Role::Admin);
    let path = "/design/question-sets/spare/edit";
    let changed = || admin.get(path).expect(200).form(path).fill("q0.o1.l1", "1");
    // Nobody has answered: there is nothing to agree to.
    let saved = press(&admin, &changed(), "save").expect(200);
    assert!(saved.text().contains("1 question has a new version"), "{}", saved.text());
    assert_eq!(versions(db, "spare")[0].1, 2);
    answer(&server, "first", "yes");
    let form = admin.get(path).expect(200).form(path).fill("q0.o1.l1", "2");
    let asked = press(&admin, &form, "save").expect(200);
    let text = asked.text();
    assert!(text.contains("Not saved yet: answers are concerned") && text.contains("other loadings: makes version 3; 1 answer keeps version 2."), "{text}");
    assert_eq!(versions(db, "spare")[0].1, 2);
    // Agreed to is what was read, and nothing beyond it.
    let more = press(&admin, &asked.form(path).fill("q0.o1.x", "f"), "save").expect(200);
    assert!(more.text().contains("Not saved yet: answers are concerned"), "{}", more.text());
    let saved = press(&admin, &asked.form(path), "save").expect(200);
    assert!(saved.text().contains("1 question has a new version"), "{}", saved.text());
    assert_eq!(versions(db, "spare")[0].1, 3);
    assert_eq!(db.number("SELECT count(*) AS n FROM answers WHERE question = 'first'"), 1);
    // A question with answers that is left out is told, too.
    let form = admin.get(path).expect(200).form(path).fill("q1.i", "");
    let page = press(&admin, &form, "drop:0").expect(200);
    let looked = press(&admin, &page.form(path), "look").expect(200);
    assert!(looked.text().contains("“First?”: left out: asked no more. Its 1 answer keeps counting."), "{}", looked.text());
    press(&admin, &looked.form(path), "save").expect(200);
    assert_eq!(versions(db, "spare"), [("second".to_owned(), 1)]);
});

db_test!(fn who_saves_over_another_change_is_told_and_loses_nothing(db) {
    let server = Server::start(db);
    let house = house(db);
    let admin = server.log_in(Role::Admin);
    let form = admin.get(DRIVERS).expect(200).form(DRIVERS).fill("title", "My words");
    house.apply(&format!("{FRAMEWORK}{SPARE}{TWO_STEPS}").replace("Why you bought", "Their words"));
    let page = press(&admin, &form, "save").expect(409);
    assert!(page.text().contains("changed while you wrote") && page.text().contains("title"), "{}", page.text());
    assert_eq!(set_of(db, "drivers").title, "Their words");
    assert_eq!(value(&page, DRIVERS, "title").as_deref(), Some("My words"));
    press(&admin, &page.form(DRIVERS), "save").expect(200);
    assert_eq!(set_of(db, "drivers").title, "My words");
});

db_test!(fn a_set_archived_while_it_was_edited_can_be_saved_back(db) {
    let server = Server::start(db);
    let _house = house(db);
    let admin = server.log_in(Role::Admin);
    let path = "/design/question-sets/spare/edit";
    let form = admin.get(path).expect(200).form(path).fill("title", "My words");
    let archive = "/design/question-sets/spare/archive";
    admin.submit(&admin.get(archive).expect(200).form(archive)).expect(200);
    let page = press(&admin, &form, "save").expect(409);
    assert!(page.text().contains("Another admin archived this set"), "{}", page.text());
    press(&admin, &page.form(NEW), "save").expect(200);
    let set = set_of(db, "spare");
    assert_eq!((set.title.as_str(), set.questions[0].translations["de"].text.as_deref()), ("My words", Some("Erste?")));
});

db_test!(fn a_set_that_a_drip_asks_is_not_archived_and_another_comes_back_as_it_was(db) {
    let server = Server::start(db);
    let house = house(db);
    house.contact("ada@a.example", Some(1));
    answer(&server, "first", "yes");
    let admin = server.log_in(Role::Admin);
    let refused = "/design/question-sets/drivers/archive";
    let page = admin.get(refused).expect(200);
    assert!(page.text().contains("1 step asks it") && page.text().contains("Two steps, step 1"), "{}", page.text());
    assert!(page.find_form(refused).is_none());
    let page = admin.post(refused, &[("seen", "1")]).expect(422);
    assert!(page.text().contains("Nothing was archived"), "{}", page.text());
    let before = set_of(db, "spare");
    let archive = "/design/question-sets/spare/archive";
    let page = admin.get(archive).expect(200);
    assert!(page.text().contains("2 questions are asked no more") && page.text().contains("1 answer stays and goes on counting"), "{}", page.text());
    let form = page.form(archive);
    let list = admin.submit(&form).expect(200);
    assert!(list.text().contains("“Spare questions” is archived") && list.text().contains("Archived"), "{}", list.text());
    assert!(framework_of(db).question_set("spare").is_none());
    admin.submit(&form).expect(404);
    let page = admin.get("/design/question-sets/new?archived=spare").expect(200);
    let looked = press(&admin, &page.form(NEW), "look").expect(200);
    assert!(looked.text().contains("asked again: stays version 1; its 1 answer counts as before"), "{}", looked.text());
    let saved = press(&admin, &looked.form(NEW), "save").expect(200);
    assert!(saved.text().contains("“Spare questions” is back"), "{}", saved.text());
    assert_eq!(set_of(db, "spare"), before);
    assert_eq!(versions(db, "spare"), [("first".to_owned(), 1), ("second".to_owned(), 1)]);
});

db_test!(fn a_set_is_archived_only_on_the_framework_that_was_seen(db) {
    let server = Server::start(db);
    let house = house(db);
    let admin = server.log_in(Role::Admin);
    let archive = "/design/question-sets/spare/archive";
    let form = admin.get(archive).expect(200).form(archive);
    house.apply(&format!("{FRAMEWORK}{SPARE}{TWO_STEPS}").replace("Why you bought", "Their words"));
    let page = admin.submit(&form).expect(409);
    assert!(page.text().contains("changed meanwhile"), "{}", page.text());
    admin.submit(&page.form(archive)).expect(200);
    assert!(framework_of(db).question_set("spare").is_none());
});

db_test!(fn a_set_is_duplicated_under_codes_of_its_own(db) {
    let server = Server::start(db);
    let _house = house(db);
    let admin = server.log_in(Role::Admin);
    let page = admin.get("/design/question-sets/new?from=spare").expect(200);
    press(&admin, &page.form(NEW), "save").expect(200);
    let copy = set_of(db, "spare-2");
    assert_eq!(copy.title, "Spare questions (copy)");
    assert_eq!(copy.translations["de"].title.as_deref(), Some("Weitere Fragen"));
    let codes: Vec<&str> = copy.questions.iter().map(|question| question.code.as_str()).collect();
    assert_eq!(codes, ["first-2", "second-2"]);
    assert_eq!(copy.questions[0].translations["de"].options["yes"], "Ja");
    let after = copy.questions[1].show_if.as_ref().expect("a condition");
    assert_eq!((after.question.as_str(), after.any_of.as_slice()), ("first-2", &["yes".to_owned()][..]));
});

db_test!(fn a_question_is_asked_after_another_s_answers(db) {
    let server = Server::start(db);
    let _house = house(db);
    let admin = server.log_in(Role::Admin);
    let page = admin.get(DRIVERS).expect(200);
    let page = press(&admin, &page.form(DRIVERS), "add").expect(200);
    let form = page.form(DRIVERS).fill("q1.t", "What else?").fill("q1.k", "text").fill("q1.i", "why");
    let page = press(&admin, &form, "look").expect(200);
    assert!(page.text().contains("needs at least one option"), "{}", page.text());
    press(&admin, &page.form(DRIVERS).fill("q1.a", "people"), "save").expect(200);
    let set = set_of(db, "drivers");
    let after = set.questions[1].show_if.as_ref().expect("a condition");
    assert_eq!((after.question.as_str(), after.any_of.as_slice()), ("why", &["people".to_owned()][..]));
    // Moved before it, the condition is a fault at its field.
    let page = press(&admin, &admin.get(DRIVERS).expect(200).form(DRIVERS), "up:1").expect(200);
    let page = press(&admin, &page.form(DRIVERS), "save").expect(422);
    assert!(page.text().contains("Question 1, when it is asked"), "{}", page.text());
});

db_test!(fn advice_stands_under_its_question_and_hinders_nobody(db) {
    let server = Server::start(db);
    let _house = house(db);
    let admin = server.log_in(Role::Admin);
    let form = begun(&admin, "single_choice")
        .fill("q0.t", "Don't you agree that our fast and friendly service is great?")
        .fill("q0.o0.t", "Yes")
        .fill("q0.o1.t", "No");
    let page = press(&admin, &form, "look").expect(200);
    assert!(page.text().contains("Leading words"), "{}", page.text());
    press(&admin, &page.form(NEW), "save").expect(200);
});

db_test!(fn the_sets_are_listed_found_and_put_in_order(db) {
    let server = Server::start(db);
    let house = house(db);
    let admin = server.log_in(Role::Admin);
    let list = admin.get(LIST).expect(200);
    let text = list.text();
    for words in ["Why you bought drivers", "1 question · 0 answers", "asked by Two steps", "Spare questions spare de", "no drip asks it"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    for path in ["/design/question-sets/spare/preview", "/design/try?set=spare", "/design/question-sets/new?from=spare"] {
        assert!(list.html().contains(&format!("href=\"{path}\"")), "{path}");
    }
    let moved = admin.press(&list.form(LIST), "do", "up:1:0").expect(200);
    assert!(moved.text().contains("not saved yet"), "{}", moved.text());
    admin.press(&moved.form(LIST), "do", "save").expect(200);
    let order = |db: &TestDb| -> Vec<String> { framework_of(db).question_sets.iter().map(|set| set.code.clone()).collect() };
    assert_eq!(order(db), ["spare", "drivers"]);
    let old = admin.press(&admin.get(LIST).expect(200).form(LIST), "do", "down:0:1").expect(200).form(LIST);
    house.apply(&format!("{FRAMEWORK}{SPARE}{TWO_STEPS}"));
    let page = admin.press(&old, "do", "save").expect(409);
    assert!(page.text().contains("changed while you moved"), "{}", page.text());
    let found = admin.get("/design/question-sets?search=SECOND").expect(200).text();
    assert!(found.contains("Spare questions") && !found.contains("Why you bought"), "{found}");
    assert!(admin.get("/design/question-sets?search=zebra").expect(200).text().contains("No set fits"));
});

db_test!(fn analysts_read_and_admins_write(db) {
    let server = Server::start(db);
    let _house = house(db);
    let office = server.log_in(Role::Analyst);
    let list = office.get(LIST).expect(200);
    for words in ["/edit\"", "/archive\"", "/new"] {
        assert!(!list.html().contains(words), "{words}");
    }
    for path in [NEW, DRIVERS, "/design/question-sets/drivers/archive"] {
        office.get(path).expect(403);
        office.post(path, &[("do", "save")]).expect(403);
    }
    let admin = server.log_in(Role::Admin);
    admin.get("/design/question-sets/none/edit").expect(404);
    admin.get("/design/question-sets/new?from=none").expect(404);
    admin.post("/design/question-sets/none/edit", &[("do", "save")]).expect(404);
    admin.post(DRIVERS, &[("do", "destroy")]).expect(400);
});

db_test!(fn without_a_framework_the_first_set_says_what_to_do_first(db) {
    let server = Server::start(db);
    let admin = server.log_in(Role::Admin);
    assert!(admin.get(LIST).expect(200).text().contains("No question sets yet"));
    let page = admin.get(NEW).expect(200);
    assert!(page.text().contains("There are no needs yet"), "{}", page.text());
    let form = page.form(NEW).fill("title", "First").fill("q0.t", "Why?").fill("q0.o0.t", "A").fill("q0.o1.t", "B");
    press(&admin, &form, "save").expect(200);
    assert_eq!(set_of(db, "first").questions[0].code, "why");
});

#[test]
fn a_set_of_thirty_questions_with_twelve_options_and_ten_needs_survives_its_form() {
    let db = TestDb::sqlite();
    let server = Server::start(&db);
    let mut file = String::new();
    for need in 0..10 {
        file += &format!(
            "[[needs]]\ncode = \"need-{need}\"\nname = \"A need with the number {need}\"\nlevel = \"tactical\"\n"
        );
    }
    file += "[[question_sets]]\ncode = \"big\"\ntitle = \"Big\"\n";
    for question in 0..30 {
        file += &format!(
            "[[question_sets.questions]]\ncode = \"q{question}\"\nkind = \"single_choice\"\ntext = \"Question {question}, {}?\"\noptions = [\n",
            "asked at some length ".repeat(8)
        );
        for option in 0..12 {
            let loads: Vec<String> = (0..10)
                .map(|need| format!("need-{need} = {}", (option + need) % 5))
                .collect();
            file += &format!(
                "  {{ code = \"o{option}\", text = \"Option {option}, {}\", loads = {{ {} }} }},\n",
                "told in words ".repeat(8),
                loads.join(", ")
            );
        }
        file += "]\n";
    }
    let house = House::with(&db, &file, &[]);
    let before = set_of(&db, "big");
    let admin = server.log_in(Role::Admin);
    let path = "/design/question-sets/big/edit";
    let page = admin.get(path).expect(200);
    let form = page.form(path).fill("title", "Still big");
    press(&admin, &form, "save").expect(200);
    let after = set_of(&db, "big");
    assert_eq!(
        (after.title.as_str(), &after.questions),
        ("Still big", &before.questions)
    );
    let endless = form.fill("intro", &"x".repeat(2_200_000));
    press(&admin, &endless, "save").expect(413);
    drop(house);
}

/// A keyboard, and nothing else.
struct Keyboard<'c>(&'c Chrome);

impl Keyboard<'_> {
    fn types(&self, text: &str) {
        for key in text.chars() {
            self.0.press(&key.to_string());
        }
    }

    /// Tabs on until what is wanted has the focus.
    #[track_caller]
    fn tabs_to(&self, css: &str) {
        let script = format!("return document.activeElement.matches({})", json!(css));
        for _ in 0..300 {
            if self.0.run(&script) == true {
                return;
            }
            self.0.press(TAB);
        }
        panic!("no way to {css} by the Tab key");
    }

    #[track_caller]
    fn fills(&self, css: &str, text: &str) {
        self.tabs_to(css);
        self.types(text);
    }

    /// Presses the button that changes the page in place, until it has.
    #[track_caller]
    fn adds_a_question(&self, nth: u32) {
        self.tabs_to("button[value=add]");
        self.0.press(ENTER);
        self.0.until(
            "the new question",
            &format!("return document.activeElement.name === 'q{nth}.k' && !document.querySelector('#editor').inert"),
        );
    }
}

#[test]
fn three_questions_are_written_by_keyboard_and_a_drip_asks_them() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let server = Server::start(&db);
    let house = House::with(
        &db,
        &format!("{FRAMEWORK}{TWO_STEPS}"),
        &[("DRIPLINE_BASE_URL", server.base())],
    );
    house.contact("ada@a.example", Some(1));
    let email = server.add_user(Role::Admin);
    chrome.goto(&format!("{}{NEW}", server.base()));
    chrome.type_into("input[name=email]", &email);
    chrome.type_into("input[name=password]", PASSWORD);
    chrome.leave_by("main button[type=submit]");

    let keyboard = Keyboard(&chrome);
    let said = |nth: u32| chrome.text(&format!("#q{nth} [data-reach-said]"));
    keyboard.fills("#title", "Why us?");
    assert_eq!(
        chrome.run("return document.querySelector('#code').placeholder"),
        "why-us"
    );
    keyboard.fills("#questions-0--text", "What made you choose us?");
    keyboard.fills("[name='q0.o0.t']", "It saves hours");
    // Enter goes to the next option, and makes one where there is none.
    for text in ["You know us", "The price", "Something else"] {
        chrome.press(ENTER);
        keyboard.types(text);
    }
    assert_eq!(chrome.run("return document.querySelectorAll('#q0 tbody tr').length"), 4);
    keyboard.tabs_to("button[value=add]");
    chrome.run("document.querySelector('[name=\"q0.o0.t\"]').focus()");
    keyboard.fills("[name='q0.o0.l0']", "2");
    assert_eq!(said(0), "This question can move Efficiency by 0–2.");
    chrome.press(ENTER);
    chrome.press(TAB);
    keyboard.types("1,5");
    assert_eq!(
        said(0),
        "This question can move Efficiency by 0–2 and Intimacy by 0–1.5."
    );
    assert_eq!(chrome.text("#q0 output[data-reach='1']"), "0–1.5");

    keyboard.adds_a_question(1);
    keyboard.types("Rate on");
    chrome.until(
        "the kind",
        "return document.querySelector('[name=\"q1.k\"]').value === 'rating'",
    );
    keyboard.fills("#questions-1--text", "How important is time to you?");
    keyboard.fills("[name='q1.ml']", "Not at all");
    keyboard.fills("[name='q1.xl']", "Very much");
    keyboard.fills("[name='q1.l0']", "3");
    assert_eq!(said(1), "This question can move Efficiency by 0–3.");

    keyboard.adds_a_question(2);
    keyboard.types("In their");
    chrome.until(
        "the kind",
        "return document.querySelector('[name=\"q2.k\"]').value === 'text'",
    );
    keyboard.fills("#questions-2--text", "What else?");
    assert!(said(2).contains("not scored"));
    let hidden = "return [...document.querySelectorAll('#q2 [class*=\"for-\"]')].filter(e => e.offsetParent && !e.matches('.for-text')).length";
    assert_eq!(chrome.run(hidden), 0, "only what a text question has is shown");
    let unlabelled = "return [...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')]\
        .filter(c => !c.labels.length && !c.getAttribute('aria-label')).map(c => c.name)";
    assert_eq!(chrome.run(unlabelled), json!([]));

    keyboard.tabs_to(".editor-end button[value=save]");
    chrome.run("window.isBeingLeft = true");
    chrome.press(ENTER);
    chrome.until(
        "the list",
        "return !window.isBeingLeft && document.readyState === 'complete'",
    );
    assert!(
        chrome.text("main").contains("“Why us?” is saved"),
        "{}",
        chrome.text("main")
    );
    assert_eq!(chrome.complaints(), Vec::<String>::new());
    let set = set_of(&db, "why-us");
    let kinds: Vec<&str> = set.questions.iter().map(|question| question.kind.name()).collect();
    assert_eq!(kinds, ["single_choice", "rating", "text"]);
    assert_eq!(set.questions[0].kind.options()[1].loads["intimacy"], 1.5);

    let admin = server.browser();
    admin.log_in(&email, PASSWORD);
    let path = "/drips/two-steps/edit";
    let form = admin
        .get(path)
        .expect(200)
        .form(path)
        .fill("steps[0].question_set", "why-us");
    admin.press(&form, "do", "save").expect(200);
    house.enrol("two-steps", &["ada"]);
    house.run();
    let mail = admin.get("/mailbox/1").expect(200);
    let links = crate::support::html::links(&mail.html());
    let link = links
        .iter()
        .find(|link| link.contains("/r/"))
        .unwrap_or_else(|| panic!("no link in {links:?}"));
    let asked = server
        .browser()
        .get(link.split('?').next().expect("an address"))
        .expect(200)
        .text();
    for words in ["What made you choose us?", "It saves hours", "You know us"] {
        assert!(asked.contains(words), "{words} in {asked}");
    }
    db.leaves_mail("a reminder is still to come");
}

#[test]
fn the_editor_keeps_nobody_out() {
    let Some(axe) = Axe::open(module_path!()) else {
        return;
    };
    let chrome = &axe.chrome;
    let db = TestDb::sqlite();
    let server = Server::start(&db);
    let _house = house(&db);
    let email = server.add_user(Role::Admin);
    chrome.goto(&format!("{}{LIST}", server.base()));
    chrome.type_into("input[name=email]", &email);
    chrome.type_into("input[name=password]", PASSWORD);
    chrome.leave_by("main button[type=submit]");
    let mut faults = axe.look("list", &View::OFFICE);
    for path in [
        "/design/question-sets/drivers/archive",
        "/design/question-sets/spare/archive",
        DRIVERS,
        NEW,
    ] {
        chrome.goto(&format!("{}{path}", server.base()));
        faults.extend(axe.look(path, &View::OFFICE));
    }
    // Everything unfolded, in each kind.
    for kind in ["matrix", "rating", "text", "multiple_choice"] {
        chrome.run(&format!(
            "for (const d of document.querySelectorAll('details')) d.open = true; \
             const k = document.querySelector('select.kind'); k.value = '{kind}'; k.dispatchEvent(new Event('input', {{ bubbles: true }}))"
        ));
        faults.extend(axe.look(kind, &View::OFFICE));
    }
    chrome.run("document.querySelector('[name=\"q0.o0.l0\"]').value = 'lots'");
    chrome.leave_by(".editor-end button[value=save]");
    assert!(chrome.text("main").contains("Not saved yet"), "{}", chrome.text("main"));
    faults.extend(axe.look("faulty", &View::OFFICE));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// A program of the page and the rule itself say the same of every kind, whatever was typed.
#[test]
fn the_page_works_bounds_out_as_the_method_does() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let server = Server::start(&db);
    let _house = house(&db);
    let email = server.add_user(Role::Admin);
    chrome.goto(&format!("{}{DRIVERS}", server.base()));
    chrome.type_into("input[name=email]", &email);
    chrome.type_into("input[name=password]", PASSWORD);
    chrome.leave_by("main button[type=submit]");
    let set = |field: &str, value: &str| {
        chrome.run(&format!(
            "const f = document.querySelector('[name=\"{field}\"]'); f.value = {}; f.dispatchEvent(new Event('input', {{ bubbles: true }}))",
            json!(value)
        ));
    };
    for at in 0..2 {
        chrome.run("document.querySelector('button[value^=\"oadd:0\"]').click()");
        chrome.run(&format!(
            "const rows = document.querySelectorAll('#q0 tbody tr'); const row = rows[rows.length - 1]; \
             row.querySelector('[name$=\".t\"]').value = 'More {at}'; row.querySelector('.load input').value = '{}'",
            ["-1", "0,5"][at]
        ));
    }
    set("q0.o0.l0", "2");
    set("q0.l0", "-1.5");
    let compare = |what: &str| {
        let live = chrome.text("#q0 [data-reach-said]");
        // What the server says of the same fields.
        let told = chrome.run_to_end(
            "const done = arguments[arguments.length - 1]; const form = document.querySelector('#editor'); \
             const body = new URLSearchParams(new FormData(form)); body.append('do', 'look'); \
             fetch(form.action, { method: 'POST', body }).then(r => r.text()).then(html => done( \
             new DOMParser().parseFromString(html, 'text/html').querySelector('#q0 [data-reach-said]').textContent))",
        );
        assert_eq!(Some(live.as_str()), told.as_str(), "{what}");
    };
    for kind in [
        "single_choice",
        "multiple_choice",
        "best_worst",
        "ranking",
        "allocation",
        "matrix",
        "rating",
        "nps",
        "text",
    ] {
        set("q0.k", kind);
        compare(kind);
    }
    set("q0.k", "multiple_choice");
    for (least, most) in [("2", "2"), ("1", "3"), ("3", ""), ("0", "9"), ("3", "2")] {
        set("q0.mp", least);
        set("q0.xp", most);
        compare(&format!("{least} to {most}"));
    }
    set("q0.k", "ranking");
    for top in ["1", "3", "9", "0", "x"] {
        set("q0.tp", top);
        compare(&format!("the best {top}"));
    }
    set("q0.k", "single_choice");
    set("q0.o1.x", "n");
    compare("without the one of no opinion");
    chrome.run("window.onbeforeunload = null");
}
