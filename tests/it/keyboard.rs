//! A respondent without a mouse, and one whom motion makes ill.

use crate::respond::Asked;
use crate::support::chrome::{ENTER, SPACE, TAB};
use crate::support::{Chrome, TestDb};
use crate::weight::THREE;

/// Where the focus is: its place among all controls of the page, by their order in it.
const FOCUSED: &str = "const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')];
    return all.indexOf(document.activeElement);";

/// Whether it can be seen where the focus is: an outline round the control, or round what it stands in.
const IS_SEEN: &str = "const seen = element => { const style = getComputedStyle(element);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2; };
    const focused = document.activeElement;
    return seen(focused) || [...(focused.labels || [])].some(seen)
        || (focused.nextElementSibling !== null && seen(focused.nextElementSibling));";

#[test]
fn the_focus_goes_down_the_page_and_can_always_be_seen() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let asked = Asked::with(&db, THREE, "three", &["ada"]);
    for scheme in ["light", "dark"] {
        chrome.emulate(&[("prefers-color-scheme", scheme)]);
        chrome.goto(&format!("{}{}", asked.server.base(), asked.path("r")));
        let mut places = vec![];
        loop {
            chrome.press(TAB);
            let place = chrome.run(FOCUSED).as_i64().expect("a number");
            // Past the last control the focus leaves the page.
            if place < 0 || places.contains(&place) {
                break;
            }
            places.push(place);
            let html = chrome.run("return document.activeElement.outerHTML");
            assert_eq!(chrome.run(IS_SEEN), true, "{scheme}: {html}");
            // The browser scrolls there with the next frame.
            chrome.until(
                &format!("the focus to be in sight, {scheme}: {html}"),
                "const box = document.activeElement.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight",
            );
        }
        assert!(places.len() >= 5, "{places:?}");
        assert!(places.is_sorted(), "{places:?}");
    }
}

#[test]
fn three_questions_are_answered_with_the_keyboard_alone() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let asked = Asked::with(&db, THREE, "three", &["ada"]);
    chrome.goto(&format!("{}{}", asked.server.base(), asked.path("r")));
    let mut answered = 0;
    for _ in 0..200 {
        if chrome.run("return document.querySelector('main form') === null") == true {
            break;
        }
        chrome.press(TAB);
        let name = chrome.run("const on = document.activeElement; return on.type === 'radio' ? 'radio' : on.type === 'submit' && !/back/i.test(on.value + on.textContent) ? 'submit' : ''");
        match name.as_str() {
            Some("radio") => {
                chrome.press(SPACE);
                answered += 1;
                assert_eq!(chrome.run("return document.activeElement.checked"), true);
            }
            Some("submit") => {
                chrome.run("window.isBeingLeft = true");
                chrome.press(ENTER);
                chrome.until(
                    "the next page",
                    "return !window.isBeingLeft && document.readyState === 'complete'",
                );
            }
            _ => {}
        }
    }
    assert!(chrome.text("h1").contains("Thank you"), "{}", chrome.text("main"));
    assert_eq!(answered, 3);
    assert_eq!(asked.answers().len(), 3);
}

#[test]
fn nothing_moves_where_motion_is_not_wanted() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let asked = Asked::with(&db, THREE, "three", &["ada"]);
    chrome.emulate(&[("prefers-reduced-motion", "reduce")]);
    for under in ["r", "preferences"] {
        chrome.goto(&format!("{}{}", asked.server.base(), asked.path(under)));
        let moving = chrome.run(
            "const seconds = list => Math.max(...list.split(',').map(parseFloat));
             return [...document.querySelectorAll('*')].filter(element => {
                 const style = getComputedStyle(element);
                 return seconds(style.transitionDuration) > 0.02 || style.animationName !== 'none' && seconds(style.animationDuration) > 0.02
                     || style.scrollBehavior === 'smooth';
             }).map(element => element.outerHTML.slice(0, 100))",
        );
        assert_eq!(moving, serde_json::json!([]), "{under}");
    }
}
