//! A form of several pages: each kept as it is posted, gone on with elsewhere, gone back in.

use chrono::TimeDelta;
use dripline::worker;

use crate::respond::Asked;
use crate::support::html::Form;
use crate::support::{TestDb, db_test};

/// Twelve questions of every kind, on five pages.
pub const TWELVE: &str = r#"
[[question_sets]]
code = "twelve"
title = "Twelve questions"
intro = "For **{{ company.name }}**."
[[question_sets.questions]]
code = "t-why"
kind = "single_choice"
text = "Why?"
required = true
options = [{ code = "a", text = "Price", loads = { efficiency = 1 } }, { code = "b", text = "People" }, { code = "other", text = "Something else", free_text = true }]
[[question_sets.questions]]
code = "t-many"
kind = "multiple_choice"
text = "Which?"
min_picks = 1
max_picks = 2
options = [{ code = "a", text = "A" }, { code = "b", text = "B" }, { code = "dk", text = "I can't say", no_opinion = true }]
[[question_sets.questions]]
code = "t-how"
kind = "rating"
text = "How much?"
min = 1
max = 7
min_label = "Little"
max_label = "Much"
loads = { efficiency = 1 }
no_opinion = "I can't say"
[[question_sets.questions]]
code = "t-likely"
kind = "nps"
text = 'Would you recommend us, {{ contact.first_name | default: "friend" }}?'
[[question_sets.questions]]
code = "t-order"
kind = "ranking"
text = "Order them"
top = 2
options = [{ code = "x", text = "Xylophones", loads = { efficiency = 1 } }, { code = "y", text = "Yachts", loads = { intimacy = 1 } }, { code = "z", text = "Zebras" }]
[[question_sets.questions]]
code = "t-ends"
kind = "best_worst"
text = "Most and least"
options = [{ code = "x2", text = "X", loads = { efficiency = 1 } }, { code = "y2", text = "Y", loads = { intimacy = 1 } }, { code = "z2", text = "Z" }]
[[question_sets.questions]]
code = "t-grid"
kind = "matrix"
text = "Rate these"
required = true
min = 1
max = 5
labels = ["low", "high"]
rows = [{ code = "r1", text = "One", loads = { efficiency = 1 } }, { code = "r2", text = "Two" }, { code = "r3", text = "Three" }, { code = "r4", text = "Four" }, { code = "r5", text = "Five" }]
[[question_sets.questions]]
code = "t-points"
kind = "allocation"
text = "Share out"
total = 10
options = [{ code = "p", text = "P", loads = { efficiency = 1 } }, { code = "q", text = "Q", loads = { intimacy = 1 } }]
[[question_sets.questions]]
code = "t-words"
kind = "text"
text = "In your words"
max_length = 200
multiline = true
[[question_sets.questions]]
code = "t-more"
kind = "single_choice"
text = "May we ask more?"
options = [{ code = "yes", text = "Yes" }, { code = "no", text = "No" }]
[[question_sets.questions]]
code = "t-what"
kind = "text"
text = "What else?"
max_length = 200
required = true
show_if = { question = "t-more", any_of = ["yes"] }
[[question_sets.questions]]
code = "t-when"
kind = "single_choice"
text = "When?"
shuffle = true
show_if = { question = "t-more", any_of = ["yes"] }
options = [{ code = "w1", text = "Now" }, { code = "w2", text = "Soon" }, { code = "w3", text = "Later" }, { code = "w4", text = "Never" }, { code = "w5", text = "Perhaps" }, { code = "w6", text = "Some day" }, { code = "other", text = "Another time", free_text = true }]

[[drips]]
code = "twelve"
name = "Twelve"
trigger = "manual"
reminders = { after = "3d", count = 1 }
closes_after = "10d"
[[drips.steps]]
delay = "0d"
question_set = "twelve"
subject = "Twelve questions"
body = "x"
[[drips.steps]]
delay = "1d"
wait_for_answer = true
question_set = "drivers"
subject = "And now"
body = "x"
"#;

/// An answer to each of them.
pub const ALL: [(&str, &str); 19] = [
    ("t-why", "b"),
    ("t-many", "a"),
    ("t-many", "b"),
    ("t-how", "6"),
    ("t-likely", "10"),
    ("t-order.rank.z", "1"),
    ("t-order.rank.x", "2"),
    ("t-ends.best", "y2"),
    ("t-ends.worst", "x2"),
    ("t-grid.r1", "1"),
    ("t-grid.r2", "2"),
    ("t-grid.r3", "3"),
    ("t-grid.r4", "4"),
    ("t-grid.r5", "5"),
    ("t-points.points.p", "4"),
    ("t-points.points.q", "6"),
    ("t-words", "more speed"),
    ("t-more", "yes"),
    ("t-what", "the rest"),
];

pub const STORED: [&str; 15] = [
    "t-ends. {\"best\":\"y2\",\"worst\":\"x2\"}",
    "t-grid.r1 1",
    "t-grid.r2 2",
    "t-grid.r3 3",
    "t-grid.r4 4",
    "t-grid.r5 5",
    "t-how. 6",
    "t-likely. 10",
    "t-many. [\"a\",\"b\"]",
    "t-more. \"yes\"",
    "t-order. [\"z\",\"x\"]",
    "t-points. {\"p\":4,\"q\":6}",
    "t-what. \"the rest\"",
    "t-why. \"b\"",
    "t-words. \"more speed\"",
];

fn asked(db: &TestDb) -> Asked<'_> {
    Asked::with(db, TWELVE, "twelve", &["ada"])
}

/// What of these answers the form has controls for.
fn filled(form: Form, answers: &[(&str, &str)]) -> Form {
    let fits = |form: &Form, name: &str| form.controls.iter().any(|control| control.name == name);
    answers
        .iter()
        .fold(form, |form, (name, value)| match fits(&form, name) {
            true => form.fill(name, value),
            false => form,
        })
}

/// Fills in so many pages from the one that the link opens: the page after them.
fn go_on(asked: &Asked, pages: usize) -> crate::support::Reply {
    let path = asked.path_of("ada", "r");
    let mut page = asked.browser.get(&path).expect(200);
    for _ in 0..pages {
        let sent = asked.browser.post_form(&filled(page.form(&path), &ALL)).expect(303);
        page = asked
            .browser
            .get(sent.header("location").expect("a location"))
            .expect(200);
    }
    page
}

fn is_answered(db: &TestDb) -> bool {
    db.number("SELECT count(*) AS n FROM invitations WHERE answered_at IS NOT NULL") == 1
}

/// Whether anything is chosen on the page.
fn is_ticked(page: &crate::support::Reply) -> bool {
    page.html().contains(" checked")
}

/// Which of them the page asks.
fn asks(page: &crate::support::Reply) -> Vec<String> {
    let html = page.html();
    let ids = html.split("<fieldset id=\"q-").skip(1);
    ids.filter_map(|rest| Some(rest.split('"').next()?.to_owned()))
        .collect()
}

db_test!(
    fn twelve_questions_of_every_kind_are_answered_by_a_script_that_knows_only_html(db) {
        let asked = asked(db);
        let page = asked.browser.answer(&asked.link("r"), &ALL);
        assert!(page.text().contains("Thank you"), "{}", page.text());
        assert_eq!(asked.answers(), STORED);
        assert!(is_answered(db));
        assert!(asked.browser.cookies().is_empty());
    }
);

db_test!(
    fn everything_at_once_without_a_hidden_field_is_the_whole_form(db) {
        let asked = asked(db);
        let path = asked.path("r");
        asked.browser.get(&path).expect(200);
        // What is required of any page is missed.
        let some: Vec<_> = ALL.into_iter().filter(|(name, _)| !name.starts_with("t-grid.r5")).collect();
        let refused = asked.browser.post(&path, &some).expect(422);
        assert!(refused.text().contains("Please answer every row."), "{}", refused.text());
        assert_eq!(asked.answers(), Vec::<String>::new());
        let form = refused.form(&path);
        for (name, value) in &some {
            assert!(form.fields().contains(&((*name).to_owned(), (*value).to_owned())), "{name} is lost");
        }
        let sent = asked.browser.post(&path, &ALL).expect(303);
        assert_eq!(sent.header("location"), Some(format!("{path}/thanks").as_str()));
        assert_eq!(asked.answers(), STORED);
        assert!(is_answered(db));
        // Again, it is the same response.
        asked.browser.post(&path, &ALL).expect(303);
        assert_eq!(asked.answers(), STORED);
        asked.browser.post(&path, &[("t-why", "a"), ("t-grid.r1", "1")]).expect(409);
    }
);

db_test!(
    fn every_page_is_kept_as_it_is_given_and_gone_on_with_elsewhere(db) {
        let asked = asked(db);
        let path = asked.path("r");
        let first = asked.browser.get(&path).expect(200);
        assert_eq!(asks(&first), ["t-why", "t-many", "t-how"]);
        for words in ["Page 1 of 5", "1 of 12", "3 of 12", "Continue", "I can't say"] {
            assert!(first.text().contains(words), "{words}: {}", first.text());
        }
        assert!(!first.text().contains("Back"), "{}", first.text());
        let second = go_on(&asked, 1);
        assert_eq!(asks(&second), ["t-likely", "t-order", "t-ends"]);
        assert!(second.text().contains("Would you recommend us, friend?"), "{}", second.text());
        // It counts, though the form is not finished.
        assert_eq!(asked.answers(), ["t-how. 6", "t-many. [\"a\",\"b\"]", "t-why. \"b\""]);
        assert_eq!(db.number("SELECT count(*) AS n FROM company_needs WHERE company_id = 1"), 1);
        assert!(!is_answered(db));
        // Whoever has not finished is reminded.
        asked.server.wait(TimeDelta::days(3));
        assert_eq!(worker::run_due(&asked.house.outgoing.borrow()).expect("run").sent, 1);
        // On another device, and by the reminder's link.
        let other = asked.server.browser();
        let resumed = other.get(&asked.path("r")).expect(200);
        assert_eq!(asks(&resumed), ["t-likely", "t-order", "t-ends"]);
        assert!(resumed.text().contains("Page 2 of 5"), "{}", resumed.text());
        let page = other.answer(&asked.link("r"), &ALL[4..]);
        assert!(page.text().contains("Thank you"), "{}", page.text());
        assert_eq!(asked.answers(), STORED);
        assert!(is_answered(db));
        // Now the next step need not wait any more.
        asked.server.wait(TimeDelta::days(1));
        assert_eq!(worker::run_due(&asked.house.outgoing.borrow()).expect("run").sent, 1);
    }
);

db_test!(
    fn back_keeps_what_was_typed_and_shows_it_to_nobody_else(db) {
        let asked = asked(db);
        let path = asked.path("r");
        let second = go_on(&asked, 1);
        let form = filled(second.form(&path), &[("t-likely", "9"), ("t-ends.best", "x2")]);
        let first = asked.browser.press(&form, "_go", "back").expect(200);
        assert_eq!(asks(&first), ["t-why", "t-many", "t-how"]);
        let shown = |form: &Form, name: &str, value: &str| form.fields().contains(&(name.to_owned(), value.to_owned()));
        let form = first.form(&path);
        assert!(shown(&form, "t-why", "b") && shown(&form, "t-many", "a") && shown(&form, "t-how", "6"), "{:?}", form.fields());
        // What was half typed did not hold anybody up, and what was whole is kept.
        assert_eq!(asked.answers(), ["t-how. 6", "t-likely. 9", "t-many. [\"a\",\"b\"]", "t-why. \"b\""]);
        // Changed, it is another answer; the next page shows its own again.
        let sent = asked.browser.post_form(&form.fill("t-why", "a")).expect(303);
        let second = asked.browser.get(sent.header("location").expect("a location")).expect(200);
        assert!(shown(&second.form(&path), "t-likely", "9"), "{}", second.html());
        assert!(asked.answers().contains(&"t-why. \"a\"".to_owned()));
        // The mailed link tells none of it, wherever it is opened.
        asked.server.wait(TimeDelta::minutes(1));
        let other = asked.server.browser();
        let resumed = other.get(&path).expect(200);
        assert_eq!(asks(&resumed), ["t-likely", "t-order", "t-ends"]);
        assert!(!is_ticked(&resumed), "{}", resumed.html());
        let first = other.press(&resumed.form(&path), "_go", "back").expect(200);
        assert_eq!(asks(&first), ["t-why", "t-many", "t-how"]);
        assert!(!is_ticked(&first), "{}", first.html());
        assert!(first.text().contains("You have answered this already."), "{}", first.text());
        // Left blank, it stays; though the question is required.
        let before = asked.answers();
        other.post_form(&first.form(&path)).expect(303);
        assert_eq!(asked.answers(), before);
    }
);

db_test!(
    fn the_ticket_of_a_sitting_shows_nothing_once_somebody_else_has_answered(db) {
        let asked = asked(db);
        let path = asked.path("r");
        // Both have the first page open; one goes on to the second, then the other answers there.
        let mine = asked.browser.get(&path).expect(200).form(&path);
        let other = asked.server.browser();
        let sent = asked.browser.post_form(&filled(mine, &ALL)).expect(303);
        let address = sent.header("location").expect("a location").to_owned();
        asked.server.clock.advance(chrono::TimeDelta::seconds(1));
        let theirs = other.get(&path).expect(200).form(&path);
        other.post_form(&filled(theirs, &[("t-likely", "3")])).expect(303);
        let page = asked.browser.get(&address).expect(200);
        assert!(!is_ticked(&page), "{}", page.html());
        // Nor does a ticket that was tampered with.
        asked.server.wait(TimeDelta::minutes(1));
        let forged = address.replace(".1.", ".2.");
        let page = asked.browser.get(&forged).expect(200);
        let first = asked.browser.press(&page.form(&path), "_go", "back").expect(200);
        assert!(!is_ticked(&first), "{}", first.html());
    }
);

db_test!(
    fn what_hangs_on_an_earlier_page_is_asked_only_if_that_fits(db) {
        let asked = asked(db);
        let path = asked.path("r");
        let fourth = go_on(&asked, 3);
        assert_eq!(asks(&fourth), ["t-points", "t-words", "t-more"]);
        // No more pages: nothing is asked that hangs on the other answer.
        let form = fourth.form(&path).fill("t-more", "no").fill("t-words", "all");
        let sent = asked.browser.post_form(&form).expect(303);
        assert_eq!(sent.header("location"), Some(format!("{path}/thanks").as_str()));
        assert!(is_answered(db));
    }
);

db_test!(
    fn a_page_appears_when_the_answer_that_it_hangs_on_is_changed(db) {
        let asked = asked(db);
        let path = asked.path("r");
        let fourth = go_on(&asked, 3);
        let fifth = asked.browser.post_form(&fourth.form(&path).fill("t-more", "yes")).expect(303);
        let fifth = asked.browser.get(fifth.header("location").expect("a location")).expect(200);
        assert_eq!(asks(&fifth), ["t-what", "t-when"]);
        assert!(!fifth.text().contains("Only if"), "{}", fifth.text());
        assert!(fifth.text().contains("Send answers"), "{}", fifth.text());
        asked.browser.post_form(&fifth.form(&path)).expect(422);
        let fourth = asked.browser.press(&fifth.form(&path), "_go", "back").expect(200);
        let sent = asked.browser.post_form(&fourth.form(&path).fill("t-more", "no")).expect(303);
        assert_eq!(sent.header("location"), Some(format!("{path}/thanks").as_str()));
    }
);

db_test!(
    fn a_faulty_page_keeps_all_that_was_sent_whatever_page_it_is_of(db) {
        let asked = asked(db);
        let path = asked.path("r");
        let first = asked.browser.get(&path).expect(200).form(&path);
        let mut fields = first.fields();
        let more = [("t-words", "words\nof mine"), ("t-order.rank.x", "1"), ("t-many", "a")];
        fields.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let refused = asked.browser.post(&path, &fields).expect(422);
        // The page, and the question of another one that is not right either.
        assert_eq!(asks(&refused), ["t-why", "t-many", "t-how", "t-order"]);
        assert!(refused.html().contains("href=\"#i-t-why\""), "{}", refused.html());
        let form = refused.form(&path);
        assert!(form.fields().contains(&("t-words".to_owned(), "words\nof mine".to_owned())), "{:?}", form.fields());
        asked.browser.post_form(&form.fill("t-why", "a").fill("t-order.rank.y", "2")).expect(303);
        assert_eq!(asked.answers(), ["t-many. [\"a\"]", "t-order. [\"x\",\"y\"]", "t-why. \"a\"", "t-words. \"words\\nof mine\""]);
    }
);

db_test!(
    fn a_page_may_be_left_blank_but_not_the_whole_form(db) {
        let more = TWELVE.replace("required = true", "required = false");
        let asked = Asked::with(db, &more, "twelve", &["ada"]);
        let path = asked.path("r");
        let mut page = asked.browser.get(&path).expect(200);
        for expected in ["t-likely", "t-grid", "t-points"] {
            let sent = asked.browser.post_form(&page.form(&path)).expect(303);
            page = asked.browser.get(sent.header("location").expect("a location")).expect(200);
            assert_eq!(asks(&page)[0], expected);
            // It was passed over, and is not asked again elsewhere.
            assert_eq!(asks(&asked.server.browser().get(&path).expect(200))[0], expected);
        }
        let refused = asked.browser.post_form(&page.form(&path)).expect(422);
        assert!(refused.text().contains("Nothing was answered yet"), "{}", refused.text());
        asked.browser.post_form(&refused.form(&path).fill("t-words", "one")).expect(303);
        assert!(is_answered(db));
        assert_eq!(asked.answers(), ["t-words. \"one\""]);
    }
);

db_test!(
    fn the_same_page_twice_is_one_response_and_another_answer_is_told(db) {
        let asked = asked(db);
        let path = asked.path("r");
        let first = filled(asked.browser.get(&path).expect(200).form(&path), &ALL);
        let sent = asked.browser.post_form(&first).expect(303);
        let again = asked.browser.post_form(&first).expect(303);
        let pages = [&sent, &again].map(|reply| asks(&asked.browser.get(reply.header("location").expect("a location")).expect(200)));
        assert_eq!(pages[0], pages[1]);
        assert_eq!(asked.answers().len(), 3);
        // Whoever double-clicked still finds the answers of this sitting.
        let second = asked.browser.get(again.header("location").expect("a location")).expect(200);
        let back = asked.browser.press(&second.form(&path), "_go", "back").expect(200);
        assert!(is_ticked(&back), "{}", back.html());
        // The tab that was left open on the first page.
        let stale = asked.browser.post_form(&first.fill("t-why", "a")).expect(409);
        assert!(stale.text().contains("another page"), "{}", stale.text());
        assert!(stale.form(&path).fields().contains(&("t-why".to_owned(), "a".to_owned())));
        assert_eq!(asked.answers().len(), 3);
        asked.browser.post_form(&stale.form(&path)).expect(303);
        assert!(asked.answers().contains(&"t-why. \"a\"".to_owned()));
    }
);

db_test!(
    fn what_was_begun_before_the_closing_may_be_finished_for_a_day(db) {
        let asked = asked(db);
        let path = asked.path("r");
        let second = go_on(&asked, 1);
        asked.server.wait(TimeDelta::days(10) + TimeDelta::hours(1));
        asked.browser.get(&path).expect(410);
        // The sitting has ended long ago; a page that was open goes on, and so do those after it.
        asked.browser.post_form(&filled(second.form(&path), &ALL)).expect(303);
        assert_eq!(db.number("SELECT count(*) AS n FROM answers WHERE late"), 3);
    }
);

db_test!(
    fn a_contact_finds_shuffled_options_in_one_order_wherever_it_is_asked(db) {
        let asked = Asked::with(db, TWELVE, "twelve", &["ada", "ben"]);
        let order = |contact: &str| {
            let path = asked.path_of(contact, "r");
            let page = asked.browser.post(&path, &[("t-why", "x")]).expect(422);
            let form = page.form(&path);
            let options = form.controls.iter().filter(|control| control.name == "t-when");
            options.map(|control| control.value.clone()).collect::<Vec<_>>()
        };
        let ada = order("ada");
        assert_eq!(ada.last().map(String::as_str), Some("other"));
        assert_eq!(order("ada"), ada);
        assert_ne!(order("ben"), ada);
        // By another mail, too.
        db.execute("UPDATE invitations SET nonce = nonce || 'x'").expect("another link");
        let links: Vec<String> = db.words("SELECT nonce AS word FROM invitations WHERE contact_id = (SELECT id FROM contacts WHERE external_id = 'ada')");
        let hashes = asked.house.outgoing.borrow().letterhead.hashes(&links[0]);
        let respond = hashes.into_iter().find(|(purpose, _)| *purpose == dripline::mail::token::Purpose::Respond);
        let hash = respond.expect("a link").1;
        db.execute(&format!("INSERT INTO link_tokens (hash, purpose, invitation_id) SELECT '{hash}', 'respond', id FROM invitations WHERE nonce = '{}'", links[0])).expect("a token");
        assert_eq!(order("ada"), ada);
    }
);

/// A question that hangs on another one of its page.
pub const BRANCH: &str = r#"
[[question_sets]]
code = "branch"
title = "A branch"
[[question_sets.questions]]
code = "b-who"
kind = "single_choice"
text = "Who decided?"
required = true
options = [{ code = "me", text = "I did" }, { code = "us", text = "We did" }, { code = "other", text = "Somebody else", free_text = true }]
[[question_sets.questions]]
code = "b-how"
kind = "text"
text = "How did you?"
required = true
show_if = { question = "b-who", any_of = ["me", "us"] }
[[drips]]
code = "branch"
name = "Branch"
trigger = "manual"
[[drips.steps]]
delay = "0d"
question_set = "branch"
subject = "A branch"
body = "x"
"#;

db_test!(
    fn what_hangs_on_its_own_page_says_so_in_words_and_counts_only_if_that_fits(db) {
        let asked = Asked::with(db, BRANCH, "branch", &["ada"]);
        let path = asked.path("r");
        let page = asked.browser.get(&path).expect(200);
        assert!(page.text().contains("Only if you answered “I did” or “We did” to “Who decided?”."), "{}", page.text());
        let form = page.form(&path);
        asked.browser.post_form(&form.clone().fill("b-who", "me")).expect(422);
        // Words of one's own choose their option; the other question is not asked then.
        asked.browser.post_form(&form.fill("b-who.other", "my boss").fill("b-how", "nobody asked")).expect(303);
        assert_eq!(asked.answers(), ["b-who. {\"option\":\"other\",\"text\":\"my boss\"}"]);
        assert!(is_answered(db));
    }
);

/// As a mail gateway that is sure to be one: at once after the mail, within a second.
fn suspect(asked: &Asked) {
    let now = "2026-03-10 11:00:00";
    asked
        .house
        .db
        .execute(&format!("UPDATE outbox SET accepted_at = '{now}'"))
        .expect("accepted");
}

db_test!(
    fn a_machine_is_led_to_the_thanks_and_leaves_every_page_to_a_person(db) {
        let asked = asked(db);
        let path = asked.path("r");
        suspect(&asked);
        let page = asked.browser.answer(&asked.link("r"), &ALL);
        assert!(page.text().contains("Thank you"), "{}", page.text());
        assert!(!is_answered(db));
        assert_eq!(db.number("SELECT count(*) AS n FROM answers WHERE NOT suspect"), 0);
        asked.server.wait(TimeDelta::minutes(5));
        let person = asked.server.browser();
        let first = person.get(&path).expect(200);
        assert_eq!(asks(&first), ["t-why", "t-many", "t-how"]);
        assert!(!is_ticked(&first), "{}", first.html());
        person.answer(&asked.link("r"), &ALL);
        assert!(is_answered(db));
    }
);
