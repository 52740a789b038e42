//! New customers beside long-standing ones, colleagues beside colleagues, levels beside levels: what
//! the pages and their files say, against what was put into the tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use dripline::accounts::Role;
use dripline::design::Design;
use dripline::insight::{Filter, agreement, drivers, wording};
use dripline::method::agreement::{Group, icc};
use dripline::method::tenure::Tenure;

use crate::support::{Browser, Server, TestDb, db_test};

const FRAMEWORK: &str = r#"
[settings]
min_group = 5
[[roles]]
code = "decision_maker"
weight = 3.0
[[roles]]
code = "user"
weight = 1.0
[[needs]]
code = "speed"
name = "Speed"
level = "strategic"
[[needs]]
code = "calm"
name = "Calm"
level = "personal"
[[needs]]
code = "ease"
name = "Ease"
level = "personal"
[[segments]]
code = "fast"
name = "The Fast"
profile = { speed = 100 }
[[segments]]
code = "calm"
name = "The Calm"
profile = { calm = 100, ease = 50 }
[[question_sets]]
code = "met"
title = "What counts"
[[question_sets.questions]]
code = "matters"
kind = "matrix"
text = "How important is each?"
min = 1
max = 5
no_opinion = "I can't say"
rows = [{ code = "fast", text = "Being fast", loads = { speed = 2 } }, { code = "calm", text = "Being calm", loads = { calm = 2 } }]
[[question_sets.questions]]
code = "happy"
kind = "matrix"
text = "How satisfied are you with each?"
min = 1
max = 5
rows = [{ code = "fast", text = "Being fast", loads = { speed = -1 } }, { code = "calm", text = "Being calm", loads = { calm = -1 } }]
[[question_sets.questions]]
code = "why"
kind = "single_choice"
text = "What made you choose us?"
options = [
  { code = "price", text = "The price", loads = { speed = 1 } },
  { code = "people", text = "The people", loads = { calm = 1 } },
  { code = "dont-know", text = "Nobody knows", no_opinion = true },
]
"#;

fn today() -> NaiveDate {
    "2026-02-28".parse().unwrap()
}

fn apply(db: &TestDb) -> Arc<Design> {
    db.store_framework(&format!("{}T09:00:00Z", today()), FRAMEWORK)
}

const AT: &str = "'2026-01-10 11:00:00'";

fn run(db: &TestDb, sql: &str) {
    db.execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// New in 2026, long-standing since 2001.
fn company(db: &TestDb, id: i64, since: Option<&str>, country: &str) {
    let since = since.map_or("NULL".to_owned(), |day| format!("'{day}'"));
    run(
        db,
        &format!(
            "INSERT INTO companies (id, external_id, name, name_key, customer_since, country, created_at, updated_at) \
             VALUES ({id}, 'c{id}', 'Company {id}', 'company {id}', {since}, '{country}', {AT}, {AT})"
        ),
    );
}

fn contact(db: &TestDb, id: i64, company: i64, role: &str) {
    run(
        db,
        &format!(
            "INSERT INTO contacts (id, external_id, company_id, email, email_key, name_key, role, created_at, updated_at) \
             VALUES ({id}, 'p{id}', {company}, 'p{id}@example.com', 'p{id}@example.com', '', '{role}', {AT}, {AT})"
        ),
    );
}

fn score(db: &TestDb, company: i64, need: &str, score: f64, r_wg: Option<f64>) {
    let r_wg = r_wg.map_or("NULL".to_owned(), |r_wg| format!("{r_wg:?}"));
    run(
        db,
        &format!(
            "INSERT INTO company_needs (company_id, need, score, n, n_eff, between_contacts, se, r_wg) \
             VALUES ({company}, '{need}', {score:?}, 1, 1.0, 1.0, 30.0, {r_wg})"
        ),
    );
    run(
        db,
        &format!(
            "INSERT INTO company_evidence (company_id, answers, contacts_answered, answered_at) VALUES ({company}, 4, 2, {AT}) \
             ON CONFLICT DO NOTHING"
        ),
    );
}

fn own_score(db: &TestDb, company: i64, contact: i64, need: &str, score: f64) {
    run(
        db,
        &format!(
            "INSERT INTO contact_needs (company_id, contact_id, need, n, mean, squares, exponent, weight, weighed, \
             weight_squares) VALUES ({company}, {contact}, '{need}', 1, {score:?}, 0.0, 0.0, 2.0, {:?}, 4.0)",
            2.0 * score
        ),
    );
}

struct Said<'a> {
    who: (i64, i64),
    item: (&'a str, &'a str),
    value: &'a str,
    at: &'a str,
    suspect: bool,
}

fn say(db: &TestDb, design: &Design, said: Said) {
    let Said {
        who,
        item,
        value,
        at,
        suspect,
    } = said;
    let version = design.version_of(item.0).unwrap().id;
    run(
        db,
        &format!(
            "INSERT INTO answers (company_id, contact_id, question, row_code, at, seq, version_id, value, channel, \
             suspect, recorded_at) VALUES ({}, {}, '{}', '{}', '{at}', 0, {version}, '{value}', 'api', {suspect}, '{at}')",
            who.0, who.1, item.0, item.1
        ),
    );
}

fn answer(db: &TestDb, design: &Design, who: (i64, i64), item: (&str, &str), value: &str) {
    say(
        db,
        design,
        Said {
            who,
            item,
            value,
            at: "2026-01-10 11:00:00",
            suspect: false,
        },
    );
}

/// The rows of a table's file, by the words of their first columns.
fn file(browser: &Browser, path: &str, keys: usize) -> (Vec<String>, BTreeMap<String, Vec<String>>) {
    let text = browser.get(path).expect(200).html();
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(|line| {
        let cells: Vec<String> = line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect();
        cells
    });
    let header = lines.next().expect("a header");
    let rows = lines
        .map(|cells| (cells[..keys].join("|"), cells[keys..].to_vec()))
        .collect();
    (header[keys..].to_vec(), rows)
}

fn cell(file: &(Vec<String>, BTreeMap<String, Vec<String>>), row: &str, column: &str) -> String {
    let place = file
        .0
        .iter()
        .position(|name| name == column)
        .unwrap_or_else(|| panic!("{column}: {:?}", file.0));
    file.1.get(row).unwrap_or_else(|| panic!("{row}: {:?}", file.1.keys()))[place].clone()
}

fn number(file: &(Vec<String>, BTreeMap<String, Vec<String>>), row: &str, column: &str) -> f64 {
    let text = cell(file, row, column);
    text.parse().unwrap_or_else(|_| panic!("{row} {column}: {text:?}"))
}

fn close(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() < 1e-9 * expected.abs().max(1.0),
        "{what}: {found} {expected}"
    );
}

db_test!(fn why_they_came_stands_beside_why_they_stay(db) {
    apply(db);
    for id in 1..=12 {
        let is_new = id <= 6;
        company(db, id, Some(if is_new { "2026-01-01" } else { "2001-01-01" }), "NL");
        let off = (id % 3) as f64 * 4.0;
        score(db, id, "speed", if is_new { 80.0 } else { 40.0 } + off, None);
        score(db, id, "calm", 50.0 + off, None);
        run(db, &format!(
            "INSERT INTO company_segments (company_id, segment, source, since) VALUES ({id}, '{}', 'survey', {AT})",
            if is_new { "fast" } else { "calm" }
        ));
    }
    let server = Server::start(db);
    let browser = server.log_in(Role::Analyst);
    let text = browser.get("/insights/tenure").expect(200).text();
    for words in [
        "Why they came", "Why they stay", "matters more to new customers", "a large difference", "clear",
        "cannot tell", "with 12 companies", "So many would have shown a true difference", "The Fast",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(text.contains("it takes two of each"), "a need without a score: {text}");

    let needs = file(&browser, "/insights/tenure?format=csv&table=needs", 1);
    let of_api = server.api(Role::Analyst).get("/api/v1/insights/needs").expect(200).json();
    let compared = &of_api["needs"][0]["comparison"];
    for figure in ["difference", "low", "high", "hedges_g", "p", "p_adjusted"] {
        close(number(&needs, "Speed", figure), compared[figure].as_f64().unwrap(), figure);
    }
    assert_eq!(cell(&needs, "Speed", "verdict"), "clear");
    assert_eq!(cell(&needs, "Calm", "verdict"), "cannot tell");
    close(number(&needs, "Calm", "difference"), 0.0, "calm");
    // Two groups of 6 of the same spread: (t(0.975; 10) + t(0.8; 10)) · sd · √(2/6).
    let sd = number(&needs, "Calm", "new_sd");
    let expected = (2.228_138_852 + 0.879_057_825) * sd * (2.0f64 / 6.0).sqrt();
    assert!((number(&needs, "Calm", "smallest_found") - expected).abs() < 1e-6);
    assert_eq!(cell(&needs, "Ease", "smallest_found"), "");
    let segments = file(&browser, "/insights/tenure?format=csv&table=segments", 1);
    close(number(&segments, "The Fast", "share_new"), 1.0, "share");

    browser.get("/insights/tenure?as_of=2026-01-01&country=NL").expect(200);
    browser.get("/insights/tenure?tenure=old").expect(422);
    server.log_in(Role::Sales).get("/insights/tenure").expect(403);
});

db_test!(fn what_was_said_is_told_of_groups_that_are_large_enough(db) {
    let design = apply(db);
    // Six new companies and seven long-standing ones, one of which is Dutch; four of unknown tenure.
    let since = |id: i64| match id { 1..=6 => Some("2026-01-01"), 7..=13 => Some("2001-01-01"), _ => None };
    for id in 1..=17 {
        company(db, id, since(id), if id == 13 { "NL" } else { "DE" });
        contact(db, id, id, "user");
        let said = match id { 1 | 2 | 7 => "price", 6 => "dont-know", _ => "people" };
        let value = if said == "dont-know" { "{\"no_opinion\":true}".to_owned() } else { format!("\"{said}\"") };
        answer(db, &design, (id, id), ("why", ""), &value);
        answer(db, &design, (id, id), ("matters", "fast"), if id <= 6 { "5" } else { "3" });
        answer(db, &design, (id, id), ("happy", "fast"), if id <= 6 { "2" } else if id % 2 == 0 { "5" } else { "4" });
    }
    // A second contact of the first company changed its mind, and something that looks like a program did not count.
    contact(db, 100, 1, "user");
    answer(db, &design, (1, 100), ("why", ""), "\"people\"");
    say(db, &design, Said { who: (1, 100), item: ("why", ""), value: "\"price\"", at: "2026-01-12 11:00:00", suspect: false });
    say(db, &design, Said { who: (1, 100), item: ("why", ""), value: "\"people\"", at: "2026-01-13 11:00:00", suspect: true });
    let server = Server::start(db);
    let browser = server.log_in(Role::Analyst);
    let all = file(&browser, "/insights/tenure?format=csv&table=wording", 3);
    let why = |answer: &str| format!("What made you choose us?|{answer}|share");
    assert_eq!((cell(&all, &why("The price"), "new_contacts"), cell(&all, &why("The price"), "new_companies")), ("7".into(), "6".into()));
    close(number(&all, &why("The price"), "new"), 3.0 / 7.0, "price, new");
    close(number(&all, &why("Nobody knows"), "new"), 1.0 / 7.0, "no opinion");
    close(number(&all, &why("The people"), "long_standing"), 6.0 / 7.0, "people, long-standing");
    // Four companies are too few to tell what they said, not that they did.
    assert_eq!((cell(&all, &why("The price"), "unknown"), cell(&all, &why("The price"), "unknown_companies")), ("too few".into(), "4".into()));
    close(number(&all, "How important is each?|Being fast|mean of 1 to 5", "new"), 5.0, "the mean of a scale");

    // Without the Dutch one the rest could be taken from the whole.
    let german = file(&browser, "/insights/tenure?format=csv&table=wording&country=DE", 3);
    assert_eq!(cell(&german, &why("The price"), "long_standing"), "too few");
    close(number(&german, &why("The price"), "new"), 3.0 / 7.0, "the new are all there");

    let met = file(&browser, "/insights/tenure?format=csv&table=met", 2);
    close(number(&met, "Speed|new", "importance"), 100.0, "importance");
    close(number(&met, "Speed|new", "satisfaction"), 25.0, "satisfaction");
    assert_eq!(cell(&met, "Speed|new", "standing"), "matters more than it is met");
    assert_eq!(cell(&met, "Speed|long-standing", "standing"), "already satisfied");
    assert_eq!(cell(&met, "Speed|unknown", "importance"), "too few");
    let page = browser.get("/insights/tenure").expect(200);
    let text = page.text();
    for words in ["What made you choose us?", "7 contacts at 6 companies", "too few", "already satisfied", "Already satisfied"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(page.html().contains("id=\"quadrant-title\""));

    // On the day before the second thoughts, the first thought stands.
    let then = db.read_now(|conn| wording::figures(conn, &design, today(), Some("2026-01-11".parse().unwrap()), &Filter::default())).unwrap();
    let item = then.sets[0].items.iter().find(|item| item.question == "why").unwrap();
    let wording::Said::Shares(shares) = &item.said else { panic!("{item:?}") };
    close(shares[0].shares.get(Tenure::New).unwrap(), 2.0 / 7.0, "price, that day");
});

db_test!(fn what_two_filters_would_give_away_by_their_difference_is_told_by_neither_or_both(db) {
    let design = apply(db);
    // All are new. Of thirteen in steel one alone is Dutch; the other trade is common in both countries.
    for id in 1..=30i64 {
        company(db, id, Some("2026-01-01"), if (13..=24).contains(&id) { "NL" } else { "DE" });
        run(db, &format!("UPDATE companies SET industry = '{}' WHERE id = {id}", if id <= 13 { "Steel" } else { "Food" }));
        contact(db, id, id, "user");
        answer(db, &design, (id, id), ("why", ""), if id == 13 { "\"price\"" } else { "\"people\"" });
        own_score(db, id, id, "speed", 40.0 + id as f64);
        contact(db, 100 + id, id, "decision_maker");
        own_score(db, id, 100 + id, "speed", 60.0);
    }
    let server = Server::start(db);
    let browser = server.log_in(Role::Analyst);
    let told = |query: &str| {
        let wording = file(&browser, &format!("/insights/tenure?format=csv&table=wording&{query}"), 3);
        let share = cell(&wording, "What made you choose us?|The price|share", "new");
        let roles = file(&browser, &format!("/insights/agreement?format=csv&table=roles&{query}"), 1);
        let gap = cell(&roles, "Speed", "difference");
        assert_eq!(share == "too few", gap == "too few", "{query}: {share} {gap}");
        share != "too few"
    };
    assert!(told("industry=Steel") && told("country=DE") && told("tenure=new") && told("industry=Steel&industry=Food"));
    // The German ones in steel less those in steel is what one company said; the other three cells would tell it too.
    for industry in ["Steel", "Food"] {
        for country in ["DE", "NL"] {
            assert!(!told(&format!("industry={industry}&country={country}")), "{industry} {country}");
            assert!(!told(&format!("industry={industry}&attribute.country={country}&tenure=new")));
        }
    }
    run(db, "UPDATE companies SET country = 'NL' WHERE id <= 4");
    assert!(told("industry=Steel&country=DE") && told("industry=Steel&country=NL"), "five of them now");
    // One alone is a long-standing customer: what its two say differently is had by no tenure's gap, nor by two.
    run(db, "UPDATE companies SET customer_since = '2001-01-01' WHERE id = 30");
    for query in ["tenure=new", "tenure=long_standing"] {
        let roles = file(&browser, &format!("/insights/agreement?format=csv&table=roles&{query}"), 1);
        assert_eq!(cell(&roles, "Speed", "difference"), "too few", "{query}");
    }
    run(db, "UPDATE companies SET customer_since = '2026-01-01' WHERE id = 30");
    // Two spans of days may differ by one company.
    for id in 1..=30i64 {
        score(db, id, "speed", 50.0, None);
    }
    assert!(!told("from=2026-01-01") && !told("industry=Steel&to=2026-02-01"));
    let text = browser.get("/insights/tenure?from=2026-01-01").expect(200).text();
    assert!(text.contains("Under a filter by days none shows"), "{text}");
});

db_test!(fn colleagues_who_disagree_are_listed_and_roles_told_apart(db) {
    let design = apply(db);
    let mut groups = vec![];
    for id in 1..=30i64 {
        company(db, id, Some("2001-01-01"), if id <= 24 { "DE" } else { "NL" });
        contact(db, id, id, "decision_maker");
        contact(db, 100 + id, id, "user");
        let (boss, user) = (60.0 + (id % 5) as f64, 40.0 + (id % 7) as f64);
        own_score(db, id, id, "speed", boss);
        own_score(db, id, 100 + id, "speed", user);
        groups.push(Group::of(&[boss, user]).unwrap());
        if id <= 4 {
            own_score(db, id, id, "calm", boss);
            own_score(db, id, 100 + id, "calm", user);
        }
        score(db, id, "speed", 50.0, Some(id as f64 / 30.0));
    }
    // A company of one voice has no part.
    company(db, 31, None, "DE");
    contact(db, 31, 31, "user");
    own_score(db, 31, 31, "speed", 99.0);
    score(db, 31, "speed", 99.0, None);

    let found = db.read_now(|conn| agreement::figures(conn, &design, today(), &Filter::default())).unwrap();
    let expected = icc(&groups);
    assert_eq!((found.needs[0].icc.companies, found.needs[0].icc.contacts, found.companies), (30, 60, 30));
    close(found.needs[0].icc.icc1.unwrap(), expected.icc1.unwrap(), "ICC(1)");
    close(found.needs[0].icc.icc2.unwrap(), expected.icc2.unwrap(), "ICC(2)");
    assert_eq!(found.needs[0].bands, [9, 6, 6, 6, 3]);
    assert_eq!(found.needs[2].icc.icc1, None);

    let server = Server::start(db);
    let browser = server.log_in(Role::Analyst);
    let first = browser.get("/insights/agreement").expect(200);
    let text = first.text();
    for words in ["Company 1 ", "Page 1 of 2", "decision maker", "matters more to decision maker", "too few companies"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(first.html().contains("href=\"/companies/c25\"") && !first.html().contains("href=\"/companies/c26\""));
    let second = browser.get("/insights/agreement?page=2").expect(200).html();
    assert!(second.contains("href=\"/companies/c26\"") && !second.contains("href=\"/companies/c25\""));
    assert_eq!(file(&browser, "/insights/agreement?format=csv&table=companies", 1).1.len(), 30, "a file has them all");

    let roles = file(&browser, "/insights/agreement?format=csv&table=roles", 1);
    let mean = (1..=30i64).map(|id| (20 + id % 5 - id % 7) as f64).sum::<f64>() / 30.0;
    close(number(&roles, "Speed", "difference"), mean, "difference");
    assert_eq!((cell(&roles, "Speed", "companies"), cell(&roles, "Speed", "verdict")), ("30".into(), "clear".into()));
    assert_eq!(cell(&roles, "Calm", "difference"), "too few", "four companies");
    let turned = file(&browser, "/insights/agreement?format=csv&table=roles&role=user&against=decision_maker", 1);
    close(number(&turned, "Speed", "difference"), -mean, "turned round");
    let german = file(&browser, "/insights/agreement?format=csv&table=roles&country=DE", 1);
    assert_eq!(cell(&german, "Speed", "companies"), "24", "it leaves six");
    browser.get("/insights/agreement?role=boss").expect(422);
    browser.get("/insights/agreement?page=0").expect(422);
    assert!(browser.get("/insights/agreement?role=user&against=user").expect(200).text().contains("Choose two different roles"));
});

db_test!(fn levels_are_means_of_their_needs_by_segment_and_tenure(db) {
    let design = apply(db);
    let mut expected: BTreeMap<(bool, bool), Vec<f64>> = BTreeMap::new();
    for id in 1..=20i64 {
        let (is_new, is_fast) = (id % 2 == 0, id % 3 == 0);
        company(db, id, Some(if is_new { "2026-01-01" } else { "2001-01-01" }), "NL");
        score(db, id, "calm", id as f64, None);
        let mut personal = vec![id as f64];
        if id % 4 != 0 {
            score(db, id, "ease", 90.0 - id as f64, None);
            personal.push(90.0 - id as f64);
        }
        expected.entry((is_new, is_fast)).or_default().push(personal.iter().sum::<f64>() / personal.len() as f64);
        if is_fast {
            run(db, &format!("INSERT INTO company_segments (company_id, segment, source, since) VALUES ({id}, 'fast', 'survey', {AT})"));
        }
    }
    // What the framework does not know is of no level.
    score(db, 1, "bygone", 100.0, None);
    let found = db.read_now(|conn| drivers::figures(conn, &design, today(), &Filter::default())).unwrap();
    assert_eq!(found.levels.iter().map(|level| level.needs.len()).collect::<Vec<_>>(), [1, 2]);
    let fast = found.groups.iter().find(|group| matches!(&group.who, drivers::Who::Segment { code, .. } if code == "fast")).unwrap();
    for (is_new, tenure) in [(true, Tenure::New), (false, Tenure::LongStanding)] {
        let values = &expected[&(is_new, true)];
        let sample = fast.levels[1].groups.get(tenure).unwrap();
        assert_eq!(sample.n as usize, values.len());
        close(sample.mean, values.iter().sum::<f64>() / values.len() as f64, "mean");
    }
    assert_eq!(fast.levels[0].overall, None);
    assert_eq!(found.groups[0].levels[1].overall.unwrap().n, 20);

    let server = Server::start(db);
    let browser = server.log_in(Role::Analyst);
    let text = browser.get("/insights/drivers").expect(200).text();
    for words in ["Personal", "Calm, Ease", "The Fast", "Without a segment", "(20 companies)"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let file = file(&browser, "/insights/drivers?format=csv", 3);
    close(number(&file, "The Fast|Personal|new", "mean"), fast.levels[1].groups.new.unwrap().mean, "file");
    browser.get("/insights/drivers?as_of=2026-01-01").expect(200);
});
