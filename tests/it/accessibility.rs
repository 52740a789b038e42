//! Pages that keep nobody out: axe-core finds nothing on any of them, in any view.
//!
//! It finds a part of all barriers only: nothing found is the least that may be asked for.

use chrono::TimeDelta;

use crate::giveback;
use crate::respond::Asked;
use crate::support::axe::View;
use crate::support::{Axe, Chrome, Program, Server, TestDb};

#[track_caller]
fn assert_none(faults: Vec<String>) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Sends the form as a browser would that checks nothing by itself.
fn send_unchecked(chrome: &Chrome) {
    chrome.run("document.querySelector('main form').noValidate = true");
    chrome.leave_by("main form button[type=submit]:last-of-type");
}

#[test]
fn the_pages_behind_a_mailed_link_keep_nobody_out() {
    let Some(axe) = Axe::open(module_path!()) else {
        return;
    };
    let chrome = &axe.chrome;
    let mut faults = vec![];
    let mut look = |page: &str| faults.extend(axe.look(page, &View::ALL));

    let db = TestDb::sqlite();
    let asked = Asked::new(&db, "all-kinds");
    let at = |path: &str| format!("{}{path}", asked.server.base());
    let path = asked.path("r");
    chrome.goto(&at(&path));
    look("form");
    chrome.leave_by(".go button:not([name])");
    look("the second page");
    chrome.run("document.querySelector('[name=\"extremes.best\"]').click()");
    chrome.run("document.querySelector('main form').noValidate = true");
    chrome.leave_by(".go button:not([name])");
    assert!(
        chrome.run("return document.querySelectorAll('.fault').length > 0") == true,
        "{}",
        chrome.text("main")
    );
    look("faulty form");
    chrome.run("document.querySelector('[name=\"extremes.worst\"][value=y2]').click()");
    chrome.leave_by(".go button:not([name])");
    assert!(chrome.text("main").contains("In your words"), "{}", chrome.text("main"));
    look("the last page");
    for under in ["preferences", "unsubscribe", "view"] {
        chrome.goto(&at(&asked.path(under)));
        look(under);
    }
    let wanted = asked.browser.get(&asked.path("preferences")).expect(200);
    chrome.goto(&at(&asked.path("preferences")));
    drop(wanted);
    chrome.goto(&at(&format!("/r/{}", "a".repeat(32))));
    look("no such link");
    drop(asked);

    let db = TestDb::sqlite();
    let asked = Asked::new(&db, "two-steps");
    let at = |path: &str| format!("{}{path}", asked.server.base());
    let path = asked.path("r");
    chrome.goto(&at(&format!("{path}?why=people")));
    let elsewhere = asked.browser.get(&path).expect(200).form(&path).fill("why", "price");
    asked.browser.post_form(&elsewhere).expect(303);
    send_unchecked(chrome);
    assert!(chrome.text("main").contains("another page"), "{}", chrome.text("main"));
    look("stale form");
    chrome.goto(&at(&path));
    assert!(chrome.text("h1").contains("Thank you"), "{}", chrome.text("main"));
    look("thanks");
    giveback::tell(&asked);
    chrome.goto(&at(&path));
    assert!(chrome.text("main").contains("companies"), "{}", chrome.text("main"));
    look("give-back");
    drop(asked);

    let db = TestDb::sqlite();
    let asked = Asked::new(&db, "two-steps");
    let path = asked.path("r");
    asked.server.wait(TimeDelta::days(11));
    chrome.goto(&format!("{}{path}", asked.server.base()));
    assert!(chrome.text("h1").contains("closed"), "{}", chrome.text("main"));
    look("closed");
    assert_none(faults);
}

#[test]
fn the_page_of_a_database_that_is_away_keeps_nobody_out() {
    let Some(axe) = Axe::open(module_path!()) else {
        return;
    };
    let Some(db) = TestDb::postgres(module_path!()) else {
        return;
    };
    let asked = Asked::new(&db, "two-steps");
    let chrome = &axe.chrome;
    chrome.goto(&format!("{}{}?why=price", asked.server.base(), asked.path("r")));
    db.while_away(|| send_unchecked(chrome));
    assert!(
        chrome.text("h1").contains("could not be saved"),
        "{}",
        chrome.text("main")
    );
    assert_none(axe.look("try again", &View::ALL));
}

/// Every page of the back office that is reached by a link from another one, and those behind forms.
const OFFICE: &[&str] = &[
    "/",
    "/?tenure=new&from=2020-01-01",
    "/companies",
    "/companies?search=nobody-at-all",
    "/companies/*",
    "/companies/*/brief",
    "/companies/*/plan",
    "/alerts",
    "/alerts?show=dismissed",
    "/contacts",
    "/contacts/*",
    "/segments",
    "/segments/*",
    "/segments/*/playbook",
    "/insights",
    "/insights/views",
    "/insights/overlay?by=industry",
    "/insights/map",
    "/insights/sales-tags",
    "/insights/tenure",
    "/insights/agreement",
    "/insights/drivers",
    "/insights/trend",
    "/insights/discover",
    "/insights/value",
    "/insights/value?need=innovation",
    "/companies/finder",
    "/companies/finder/offers",
    "/companies/finder/offers/new",
    "/companies/tagging",
    "/companies/deals",
    "/companies/*/conversations/new",
    "/companies/*/identity",
    "/drips",
    "/drips/new",
    "/drips/outbox",
    "/drips/*",
    "/drips/*/edit",
    "/drips/*/waiting",
    "/drips/*/start",
    "/imports",
    "/mailbox",
    "/mailbox/*",
    "/users",
    "/users/new",
    "/tokens",
    "/audit",
];

/// Needs, segments, rules and history.
const DESIGN: [&str; 15] = [
    "/design",
    "/design/needs",
    "/design/needs/new",
    "/design/needs/efficiency/edit",
    "/design/needs/efficiency/archive",
    "/design/segments",
    "/design/segments/new",
    "/design/segments/innovators/edit",
    "/design/segments/innovators/archive",
    "/design/settings",
    "/design/behaviour",
    "/design/history",
    "/design/history/*",
    "/design/history/*/return",
    "/design/questions/why-change",
];

/// Where a design is started, looked at and tried out, before anybody is asked.
const TRYING: [&str; 7] = [
    "/design/library",
    "/design/library/why-us",
    "/design/coverage",
    "/design/coverage?drip=why-us",
    "/design/try",
    "/design/try?drip=why-us",
    "/design/question-sets/what-matters/preview",
];

#[test]
fn the_back_office_keeps_nobody_out() {
    let Some(axe) = Axe::open(module_path!()) else {
        return;
    };
    let program = Program::at("sqlite://unused.db");
    let (demo, password) = program.demo();
    let chrome = &axe.chrome;
    let mut faults = vec![];
    chrome.goto(&format!("{}/login", demo.base));
    faults.extend(axe.look("/login", &View::OFFICE));
    chrome.type_into("input[name=email]", "admin@lindenwerk.example");
    chrome.type_into("input[name=password]", &password);
    chrome.leave_by("main button[type=submit]");
    // Whom behaviour says to leave alone, and the newest offer meets best, is who one should see first.
    chrome.goto(&format!("{}/companies/finder", demo.base));
    let first = chrome.text(".prospects tbody tr");
    for words in [
        "Competitive Loyalists",
        "Efficiency Seekers",
        "Changeover planner",
        "clearly",
    ] {
        assert!(first.contains(words), "{words}: {first}");
    }
    assert_eq!(
        chrome.run("return document.querySelector('.prospects tbody a').getAttribute('href')"),
        "/companies/LW-1004"
    );
    // `*` stands for the first of them that another page links to.
    let mut seen = std::collections::BTreeMap::new();
    let mut drawn = 0;
    for page in OFFICE
        .iter()
        .copied()
        .chain(TRYING)
        .chain(DESIGN)
        .chain(["/account/password", "/nowhere"])
    {
        let path = match page.split_once('*') {
            None => page.to_owned(),
            Some((under, rest)) => {
                let first = seen.entry(under).or_insert_with(|| {
                    chrome.goto(&format!("{}{}", demo.base, under.trim_end_matches('/')));
                    let links =
                        chrome.run("return [...document.querySelectorAll('main a')].map(a => a.getAttribute('href'))");
                    let links = links.as_array().cloned().unwrap_or_default();
                    let fits = |link: &str| {
                        let rest = link.strip_prefix(under)?;
                        let is_one = !rest.is_empty()
                            && !rest.contains(['/', '?', '#'])
                            && !["new", "outbox", "tagging", "deals", "finder"].contains(&rest);
                        is_one.then(|| rest.to_owned())
                    };
                    let found = links.iter().find_map(|link| fits(link.as_str()?));
                    found.unwrap_or_else(|| panic!("{under} links to none of its own: {links:?}"))
                });
                format!("{under}{first}{rest}")
            }
        };
        chrome.goto(&format!("{}{path}", demo.base));
        faults.extend(axe.look(page, &View::OFFICE));
        let untold = chrome.run(CHARTS);
        let untold = untold.as_array().cloned().unwrap_or_default();
        faults.extend(untold.iter().map(|fault| format!("{page}: {fault}")));
        drawn += chrome
            .run("return document.querySelectorAll('figure.chart').length")
            .as_u64()
            .unwrap_or(0);
    }
    assert_none(faults);
    assert!(drawn >= 20, "the demo has {drawn} charts");
}

/// What a chart lacks for who does not see it: the role of a picture, a title and a description, and a
/// table of its numbers on the page. A drawing that says nothing by itself is hidden.
const CHARTS: &str = r#"
    const faults = [];
    const words = element => (element.getAttribute('aria-labelledby') || '').split(/\s+/)
        .map(id => document.getElementById(id)).filter(word => word && word.textContent.trim());
    for (const figure of document.querySelectorAll('figure.chart')) {
        const name = (figure.querySelector('figcaption') || figure).textContent.trim().slice(0, 60);
        const drawings = [...figure.querySelectorAll('[role=img], [role=group]')];
        if (!figure.closest('main').querySelector('table')) faults.push('no table: ' + name);
        if (!drawings.length && !figure.querySelector('table')) faults.push('no drawing: ' + name);
        for (const drawing of drawings) {
            const kinds = words(drawing).map(word => word.tagName.toLowerCase());
            for (const kind of ['title', 'desc']) if (!kinds.includes(kind)) faults.push('no ' + kind + ': ' + name);
        }
    }
    for (const svg of document.querySelectorAll('main svg')) {
        const isHidden = svg.closest('[aria-hidden=true]');
        const isTold = svg.closest('[role=img], [role=group]');
        if (!isHidden && !isTold) faults.push('a drawing without words: ' + svg.outerHTML.slice(0, 80));
    }
    return faults;
"#;

#[test]
fn a_barrier_is_found() {
    let Some(axe) = Axe::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let server = Server::start(&db);
    axe.chrome.goto(&format!("{}/login", server.base()));
    axe.chrome
        .run("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/icon.svg\">')");
    let faults = axe.look("login", &[View::Dark]);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("image-alt"), "{faults:?}");
}
