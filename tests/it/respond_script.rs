//! The form in a real browser: its script makes it quicker, and says the same as the form without it.

use crate::respond::Asked;
use crate::respond_pages::{ALL, STORED, TWELVE};
use crate::support::chrome::{ENTER, SPACE, TAB};
use crate::support::{Chrome, TestDb};

const DOWN: &str = "\u{E015}";

fn asked(db: &TestDb) -> Asked<'_> {
    Asked::with(db, TWELVE, "twelve", &["ada"])
}

fn open(chrome: &Chrome, asked: &Asked) {
    chrome.goto(&format!("{}{}", asked.server.base(), asked.path_of("ada", "r")));
}

/// Goes on by the keyboard, from wherever the focus is, until it is on what fits.
#[track_caller]
fn tab_to(chrome: &Chrome, css: &str) {
    for _ in 0..60 {
        if chrome.run(&format!("return document.activeElement.matches('{css}')")) == true {
            return;
        }
        chrome.press(TAB);
    }
    panic!(
        "the keyboard does not come to {css}: {}",
        chrome.run("return document.activeElement.outerHTML")
    );
}

/// Presses a key that leads to the next page.
fn leave_by_key(chrome: &Chrome, key: &str) {
    chrome.run("window.isBeingLeft = true");
    chrome.press(key);
    chrome.until(
        "the next page",
        "return !window.isBeingLeft && document.readyState === 'complete'",
    );
}

fn keys(chrome: &Chrome, keys: &[&str]) {
    for key in keys {
        chrome.press(key);
    }
}

#[test]
fn twelve_questions_are_answered_with_the_keyboard_alone() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let asked = asked(&db);
    open(&chrome, &asked);
    // Letters and digits choose the options of the question that has the focus.
    tab_to(&chrome, "[name=t-why]");
    keys(&chrome, &["b"]);
    tab_to(&chrome, "[name=t-many]");
    keys(&chrome, &["1", DOWN, SPACE]);
    tab_to(&chrome, "[name=t-how]");
    keys(&chrome, &["3", "6"]);
    leave_by_key(&chrome, ENTER);
    // The next page begins with its first question.
    assert_eq!(chrome.run("return document.activeElement.name"), "t-likely");
    keys(&chrome, &["1", "0"]);
    // Places by the keyboard: taken, taken back, taken again.
    tab_to(&chrome, ".tap");
    keys(&chrome, &[ENTER, SPACE, DOWN, DOWN, SPACE, "1"]);
    let places = "return [...document.querySelectorAll('.tap b')].map(b => b.textContent).join()";
    assert_eq!(chrome.run(places), "2,,1");
    assert_eq!(
        chrome.run("return document.querySelector('.rank [role=status]').textContent"),
        "Xylophones: place 2"
    );
    keys(&chrome, &["1"]);
    assert_eq!(chrome.run(places), ",,1");
    keys(&chrome, &["1"]);
    assert_eq!(chrome.run(places), "2,,1");
    tab_to(&chrome, "[name=\"t-ends.best\"]");
    keys(&chrome, &[SPACE, DOWN]);
    // What is the best cannot be the worst: the arrows pass it over.
    assert_eq!(chrome.run("return document.activeElement.value"), "y2");
    tab_to(&chrome, "[name=\"t-ends.worst\"]");
    chrome.press(SPACE);
    for _ in 0..3 {
        if chrome.run("return document.activeElement.value") == "x2" {
            break;
        }
        chrome.press(DOWN);
        assert_ne!(chrome.run("return document.activeElement.value"), "y2");
    }
    leave_by_key(&chrome, ENTER);
    for row in 1..=5 {
        tab_to(&chrome, &format!("[name=\"t-grid.r{row}\"]"));
        keys(&chrome, &[&row.to_string()]);
    }
    leave_by_key(&chrome, ENTER);
    assert_eq!(chrome.text("output"), "Left: 10");
    tab_to(&chrome, "[name=\"t-points.points.p\"]");
    keys(&chrome, &["4", TAB, "6"]);
    assert_eq!(chrome.text("output"), "Left: 0");
    tab_to(&chrome, "[name=t-words]");
    keys(&chrome, &["m", "o", "r", "e", " ", "s", "p", "e", "e", "d"]);
    tab_to(&chrome, "[name=t-more]");
    keys(&chrome, &["a"]);
    leave_by_key(&chrome, ENTER);
    keys(&chrome, &["t", "h", "e", " ", "r", "e", "s", "t"]);
    leave_by_key(&chrome, ENTER);
    assert!(chrome.text("h1").contains("Thank you"), "{}", chrome.text("main"));
    assert_eq!(asked.answers(), STORED);
    assert_eq!(chrome.complaints(), Vec::<String>::new());
}

#[test]
fn what_is_sent_with_the_script_is_what_is_sent_without_it() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let asked = asked(&db);
    open(&chrome, &asked);
    // By the mouse, each control as it stands there.
    let click = |name: &str, value: &str| chrome.click(&format!("label:has([name=\"{name}\"][value=\"{value}\"])"));
    let go = || chrome.leave_by(".go button");
    for (name, value) in &ALL[..4] {
        click(name, value);
    }
    // The one that cannot say lets go of the rest, and the rest of it.
    click("t-many", "dk");
    assert_eq!(
        chrome.run("return document.querySelectorAll('[name=t-many]:checked').length"),
        1
    );
    click("t-many", "a");
    click("t-many", "b");
    assert_eq!(chrome.run("return document.querySelector('[value=dk]').checked"), false);
    go();
    click("t-likely", "10");
    chrome.click(".tap:nth-of-type(3)");
    chrome.click(".tap:nth-of-type(1)");
    // A third place there is not.
    chrome.click(".tap:nth-of-type(2)");
    click("t-ends.best", "x2");
    click("t-ends.worst", "x2");
    assert_eq!(chrome.run("return document.querySelectorAll('.bw :checked').length"), 1);
    click("t-ends.best", "y2");
    go();
    for (name, value) in &ALL[9..14] {
        click(name, value);
    }
    go();
    for (name, value) in &ALL[14..17] {
        chrome.type_into(&format!("[name=\"{name}\"]"), value);
    }
    click("t-more", "yes");
    go();
    chrome.type_into("[name=t-what]", "the rest");
    go();
    assert!(chrome.text("h1").contains("Thank you"), "{}", chrome.text("main"));
    assert_eq!(asked.answers(), STORED);
}

#[test]
fn what_is_not_asked_is_not_shown_and_words_choose_their_option() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let asked = Asked::with(&db, crate::respond_pages::BRANCH, "branch", &["ada"]);
    open(&chrome, &asked);
    let is_shown = "return document.querySelector('#q-b-how').getClientRects().length > 0";
    assert_eq!(chrome.run(is_shown), false);
    chrome.click("label:has([value=me])");
    assert_eq!(chrome.run(is_shown), true);
    assert!(!chrome.text("#q-b-how").contains("Only if"));
    chrome.click("label:has([value=other])");
    assert_eq!(chrome.run(is_shown), false);
    chrome.type_into("[name=\"b-who.other\"]", "my boss");
    chrome.leave_by(".go button");
    assert_eq!(asked.answers(), ["b-who. {\"option\":\"other\",\"text\":\"my boss\"}"]);
}

#[test]
fn the_summary_of_faults_has_the_focus_and_leads_to_the_fields() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let asked = asked(&db);
    open(&chrome, &asked);
    chrome.leave_by(".go button");
    assert_eq!(chrome.run("return document.activeElement.className"), "notice");
    chrome.press(TAB);
    chrome.press(ENTER);
    chrome.until(
        "the field to have the focus",
        "return document.activeElement.name === 't-why'",
    );
    let described = chrome.run(
        "return document.activeElement.closest('fieldset').getAttribute('aria-describedby').split(' ').map(id => document.getElementById(id).textContent).join()",
    );
    assert_eq!(described, "Please answer this question.");
}

#[test]
fn no_page_is_wider_than_a_phone_and_every_target_is_large() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let asked = asked(&db);
    chrome.resize(Some(360));
    // On a phone they lie over the page.
    chrome.command("Emulation.setScrollbarsHidden", serde_json::json!({ "hidden": true }));
    let page = asked.browser.post(&asked.path("r"), &[("t-why", "x")]).expect(422);
    open(&chrome, &asked);
    // All pages in one.
    let html = serde_json::to_string(page.html().split("<main>").nth(1).expect("a page")).expect("JSON");
    chrome.run(&format!("document.querySelector('main').innerHTML = {html}"));
    assert_eq!(
        chrome.run("return document.documentElement.scrollWidth > document.documentElement.clientWidth"),
        false
    );
    let small = chrome.run(
        "return [...document.querySelectorAll('label, button, select, textarea, [type=text], [type=number]')]
            .map(target => [target.outerHTML.slice(0, 120), target.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.height < 44 || box.width < 44)).map(([html, box]) => html + box.width + ' x ' + box.height)",
    );
    assert_eq!(small, serde_json::json!([]));
}

#[test]
fn the_choices_of_the_preferences_are_surfaces_of_their_own() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let asked = Asked::new(&db, "two-steps");
    chrome.goto(&format!("{}{}", asked.server.base(), asked.path("preferences")));
    let radius = "return getComputedStyle(document.querySelector('.part')).borderTopLeftRadius";
    assert_eq!(chrome.run(radius), "12px");
    assert_eq!(chrome.complaints(), Vec::<String>::new());
}
