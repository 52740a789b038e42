//! What a respondent's phone has to fetch.

use std::collections::BTreeSet;

use crate::respond::Asked;
use crate::support::{Chrome, TestDb};

/// A form of three questions, as most are.
pub const THREE: &str = r#"
[[question_sets]]
code = "three"
title = "Why you bought"
intro = "Three short questions about **{{ company.name }}**."
[[question_sets.questions]]
code = "why-now"
kind = "single_choice"
text = "What made you buy just now?"
required = true
options = [
  { code = "replace", text = "The old machine had to be replaced", loads = { efficiency = 2 } },
  { code = "growth", text = "We are growing", loads = { intimacy = 1 } },
  { code = "advice", text = "Somebody recommended it", loads = { intimacy = 2 } },
  { code = "price", text = "The price was right" },
  { code = "other", text = "Something else", free_text = true },
]
[[question_sets.questions]]
code = "saves"
kind = "rating"
text = "How much time does it save you?"
min = 1
max = 5
min_label = "None"
max_label = "Very much"
loads = { efficiency = 1 }
no_opinion = "I can't say"
[[question_sets.questions]]
code = "next"
kind = "single_choice"
text = "What do you expect of us next?"
options = [
  { code = "visit", text = "A visit", loads = { intimacy = 2 } },
  { code = "figures", text = "Figures and proof", loads = { efficiency = 1 } },
  { code = "ideas", text = "New ideas" },
  { code = "quiet", text = "To be left in peace" },
  { code = "dont-know", text = "I can't say", no_opinion = true },
]
[[drips]]
code = "three"
name = "Three questions"
trigger = "manual"
[[drips.steps]]
delay = "0d"
question_set = "three"
subject = "Three questions"
body = "x"
"#;

/// The most that the page and all it needs may weigh, compressed.
const BYTES: usize = 6 * 1024;

#[test]
fn a_form_of_three_questions_is_two_requests_of_six_kilobytes_and_no_cookie() {
    let db = TestDb::sqlite();
    let asked = Asked::with(&db, THREE, "three", &["ada"]);
    let path = asked.path("r");
    let zipped = |path: &str| {
        let reply = asked
            .server
            .browser()
            .ask("GET", path, &[("accept-encoding", "gzip, deflate")], &[])
            .expect(200);
        assert_eq!(reply.header("content-encoding"), Some("gzip"), "{path}");
        assert!(
            reply
                .header("vary")
                .is_some_and(|vary| vary.to_ascii_lowercase().contains("accept-encoding"))
        );
        assert_eq!(reply.header("set-cookie"), None);
        reply
    };
    let plain = asked.browser.get(&path).expect(200).html();
    let needed = needed(&plain);
    assert!(needed.len() <= 1, "{needed:?}");
    let page = zipped(&path).body.len();
    let files: usize = needed.iter().map(|address| zipped(address).body.len()).sum();
    println!("{page} bytes of page and {files} of files");
    assert!(page + files <= BYTES, "{page} bytes of page and {files} of files");
}

/// The files that the page names.
fn needed(page: &str) -> BTreeSet<&str> {
    let named = |before: &'static str| page.split(before).skip(1).filter_map(|rest| rest.split('"').next());
    let all = named("href=\"").chain(named("src=\""));
    all.filter(|address| address.contains("/static/")).collect()
}

#[test]
fn a_page_with_the_richest_questions_is_two_requests_too() {
    let db = TestDb::sqlite();
    let ranked = THREE.replace(
        "kind = \"single_choice\"\ntext = \"What do",
        "kind = \"ranking\"\ntop = 2\ntext = \"What do",
    );
    assert_ne!(ranked, THREE);
    let ranked = ranked.replace(", no_opinion = true }", " }");
    let asked = Asked::with(&db, &ranked, "three", &["ada"]);
    let page = asked.browser.get(&asked.path("r")).expect(200).html();
    let files = needed(&page);
    assert_eq!(files.len(), 1, "{files:?}");
    let address = files.into_iter().next().unwrap();
    let script = asked.browser.get(address).expect(200);
    assert!(
        script
            .header("cache-control")
            .is_some_and(|rule| rule.contains("immutable"))
    );
    let text = String::from_utf8(script.body.clone()).unwrap();
    assert!(text.contains(".rank") && text.contains("keydown"), "{text}");
}

#[test]
fn a_browser_fetches_nothing_else_and_keeps_nothing() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let asked = Asked::with(&db, THREE, "three", &["ada"]);
    chrome.command("Network.enable", serde_json::json!({}));
    chrome.goto(&format!("{}{}", asked.server.base(), asked.path("r")));
    let fetched = chrome.run(
        "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
            .map(entry => entry.name).filter(name => !name.startsWith('data:'))",
    );
    let fetched: Vec<&str> = fetched
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str())
        .collect();
    assert!(fetched.len() <= 2, "{fetched:?}");
    assert!(
        fetched.iter().all(|name| name.starts_with(asked.server.base())),
        "{fetched:?}"
    );
    let cookies = chrome.command("Network.getCookies", serde_json::json!({}));
    assert_eq!(cookies["cookies"], serde_json::json!([]));
    assert_eq!(chrome.run("return localStorage.length + sessionStorage.length"), 0);
    assert_eq!(chrome.complaints(), Vec::<String>::new());
    // The style sheet that stands in the page is let through.
    assert_eq!(
        chrome.run("return getComputedStyle(document.querySelector('fieldset')).borderTopWidth"),
        "0px"
    );
    chrome.run("document.head.insertAdjacentHTML('beforeend', '<style>main { color: red }</style>')");
    assert!(!chrome.complaints().is_empty(), "and no other is");
}
