//! The prospect finder and the grid of value and segment, against figures worked out here.

use dripline::accounts::Role;

use crate::support::chrome::{ENTER, TAB};
use crate::support::server::PASSWORD;
use crate::support::{Chrome, Server, TestDb, db_test, html};

const AT: &str = "'2026-01-10 11:00:00'";

const FRAMEWORK: &str = r#"
[settings]
tenure_threshold_months = 24
min_scored_answers = 1
[[needs]]
code = "efficiency"
name = "Efficiency"
level = "strategic"
[[needs]]
code = "intimacy"
name = "Closeness"
level = "personal"
[[needs]]
code = "innovation"
name = "Innovation"
level = "strategic"
[[segments]]
code = "seekers"
name = "Efficiency Seekers"
profile = { efficiency = 100, intimacy = 20 }
spend = "Low: by mail"
[[segments]]
code = "intimates"
name = "Customer Intimates"
profile = { efficiency = 10, intimacy = 100, innovation = 20 }
spend = "High: two visits a year"
"#;

fn apply(db: &TestDb) {
    db.store_framework("2026-01-10T09:00:00Z", FRAMEWORK);
}

const COMPANIES: &str = "companies (id, external_id, name, name_key, customer_since, annual_revenue, behaviour, owner_email, tier, created_at, updated_at)";
const SEGMENTS: &str = "company_segments (company_id, segment, source, since)";
const NEEDS: &str = "company_needs (company_id, need, score, n, n_eff, between_contacts, se)";

fn company(id: u32, name: &str, since: &str, revenue: &str, behaviour: &str, owner: &str, tier: &str) -> String {
    let since = if since.is_empty() {
        "NULL".to_owned()
    } else {
        format!("'{since}'")
    };
    format!("{id}, 'c{id}', '{name}', '{name}', {since}, {revenue}, '{behaviour}', '{owner}', '{tier}', {AT}, {AT}")
}

/// Scores on efficiency, closeness and innovation.
fn scores(id: u32, of: [f64; 3]) -> Vec<String> {
    let needs = ["efficiency", "intimacy", "innovation"].into_iter().zip(of);
    needs
        .map(|(need, score)| format!("{id}, '{need}', {score}, 4, 4.0, 0.0, 6.0"))
        .collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

/// What a field of a form holds.
fn typed(form: &html::Form, name: &str) -> String {
    let field = form.fields().into_iter().find(|(known, _)| known == name);
    field.unwrap_or_else(|| panic!("no field {name}")).1
}

#[track_caller]
fn assert_close(found: &str, expected: f64) {
    assert!((number(found) - expected).abs() < 1e-6, "{found} {expected}");
}

const LOYAL: &str = "Competitive Loyalists";

db_test!(fn whom_behaviour_says_to_leave_alone_is_found_by_value_where_the_offer_meets_a_need(db) {
    apply(db);
    let server = Server::start(db);
    let (own, other) = (server.add_user(Role::Sales), server.add_user(Role::Sales));
    let browser = server.browser();
    browser.log_in(&own, PASSWORD);
    let empty = browser.get("/companies/finder").expect(200);
    assert!(empty.text().contains("No offer yet"), "{}", empty.text());

    // What cannot be kept is told at its field, and everything typed stays.
    let new = "/companies/finder/offers";
    let form = browser.get(&format!("{new}/new")).expect(200).form(new);
    let wrong = form.clone().fill("name", " ").fill("need.efficiency", "much").fill("need.intimacy", "101").fill("note", "Kept all the same");
    let told = browser.post_form(&wrong).expect(422);
    for words in ["Give the offer a name", "“much” is no number from 0 to 100", "“101” is no number", "Kept all the same"] {
        assert!(told.text().contains(words), "{words}: {}", told.text());
    }
    let again = told.form(new);
    assert_eq!((typed(&again, "need.efficiency"), typed(&again, "need.intimacy")), ("much".into(), "101".into()));
    assert!(told.html().contains("id=\"need-efficiency-fault\"") && told.html().contains("id=\"name-fault\""));
    let none = browser.post_form(&form.clone().fill("name", "Nothing")).expect(422).text();
    assert!(none.contains("give at least one a weight above 0"), "{none}");
    let alike = ["need.efficiency", "need.intimacy", "need.innovation"].iter().fold(form.clone().fill("name", "All"), |form, need| form.fill(need, "70"));
    assert!(browser.post_form(&alike).expect(422).text().contains("serves all needs alike"));
    assert_eq!(db.number("SELECT count(*) AS n FROM offers"), 0);

    // Of the rep's companies: two of tier A that fit, one of tier B that fits better, one that does not,
    // one known by its segment alone, one that nothing is known of, one that behaves otherwise.
    db.insert(COMPANIES, [
        company(1, "Alder", "2026-01-01", "900", LOYAL, &own, "A"),
        company(2, "Birch", "2010-01-01", "800", LOYAL, &own, "A"),
        company(3, "Cedar", "", "90", LOYAL, &own, "B"),
        company(4, "Dogwood", "", "1000", LOYAL, &own, "A"),
        company(5, "Elm", "", "700", LOYAL, &own, "A"),
        company(6, "Fir", "", "600", LOYAL, &own, "A"),
        company(7, "Gorse", "", "950", "Repeat Purchasers", &own, "A"),
        company(8, "Geheim", "", "990", LOYAL, &other, "A"),
    ]);
    let of = [(1, [70.0, 40.0, 40.0]), (2, [80.0, 30.0, 20.0]), (3, [100.0, 0.0, 0.0]), (4, [20.0, 90.0, 40.0]), (7, [90.0, 10.0, 10.0]), (8, [95.0, 5.0, 5.0])];
    db.insert(NEEDS, of.into_iter().flat_map(|(id, of)| scores(id, of)));
    db.insert(SEGMENTS, [format!("1, 'seekers', 'survey', {AT}"), format!("5, 'seekers', 'sales_tag', {AT}")]);

    // 100 and 20 over three needs, less their mean of 40: 60, −20, −40.
    let good = form.fill("name", "Quick change").fill("need.efficiency", "100").fill("need.intimacy", "20").fill("note", "Running in three weeks");
    let found = browser.submit(&good).expect(200);
    let text = found.text();
    assert!(text.contains("For 4 of 6 companies of yours with the behaviour Competitive Loyalists"), "{text}");
    assert!(text.contains("Of one nothing is known yet"), "{text}");
    let place = |name: &str| text.find(&format!("{name} Behaviour says")).unwrap_or_else(|| panic!("{name}: {text}"));
    assert!(place("Birch") < place("Alder") && place("Alder") < place("Elm") && place("Elm") < place("Cedar"), "{text}");
    for absent in ["Dogwood", "Gorse", "Geheim"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    let why = "Behaviour says “Competitive Loyalists”, but what Quick change serves, Efficiency (70) above all, matters to it 30 points more than the rest.";
    assert!(text.contains(why), "{text}");
    assert!(text.contains("it is one of the Efficiency Seekers (tagged by sales), who look for Efficiency (100)"), "{text}");

    let id = db.number("SELECT id AS n FROM offers");
    let file = browser.rows(&format!("/companies/finder?offer={id}&format=csv"));
    let ids: Vec<&str> = file.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(ids, ["c2", "c1", "c5", "c3"]);
    // 80 against 30 and 20, weighed one and two to three: a lead of 56⅔.
    assert_close(&file[0][4], 50.0 + (80.0 - (30.0 + 2.0 * 20.0) / 3.0) / 2.0);
    let se = 6.0 * (60.0f64.powi(2) + 20.0f64.powi(2) + 40.0f64.powi(2)).sqrt() / (2.0 * 60.0);
    assert_close(&file[0][5], number(&file[0][4]) - 1.96 * se);
    assert_eq!((file[0][11].as_str(), file[0][12].as_str(), file[1][12].as_str(), file[2][7].as_str()), (own.as_str(), "long_standing", "new", "its segment"));
    assert!(browser.get("/companies/finder?format=xlsx").expect(200).body.starts_with(b"PK"));
    // Other behaviours, a higher match, fewer companies, and what is no match at all.
    let ids = |query: &str| -> Vec<String> {
        browser.rows(&format!("/companies/finder?format=csv&{query}")).into_iter().map(|row| row[0].clone()).collect()
    };
    assert_eq!(ids("avoided=Repeat+Purchasers"), ["c7"]);
    assert_eq!(ids("least=70"), ["c2", "c5", "c3"]);
    assert_eq!(ids("tenure=new"), ["c1"]);
    browser.get("/companies/finder?least=lots").expect(422);
    assert!(browser.get("/companies/finder?offer=999").expect(422).text().contains("no such offer"));
    assert!(browser.get("/companies/finder?avoided=Nobody").expect(200).text().contains("No company with this behaviour"));

    // An override speaks louder than the scores.
    db.execute("UPDATE company_segments SET segment = 'intimates', source = 'override' WHERE company_id = 1").unwrap();
    assert_eq!(ids("least=55"), ["c2", "c5", "c3"]);

    // Another rep finds the offer, not the companies, and changes nothing of it; an analyst sees all.
    let stranger = server.browser();
    stranger.log_in(&other, PASSWORD);
    let seen = stranger.get("/companies/finder").expect(200).text();
    assert!(!seen.contains("Repeat Purchasers"), "{seen}");
    assert_eq!(stranger.rows("/companies/finder?format=csv&table=prospects").len(), 1);
    assert!(seen.contains("For 1 of 1 company of yours") && seen.contains("Geheim") && !seen.contains("Birch"), "{seen}");
    let path = format!("{new}/{id}");
    for refused in [stranger.get(&path), stranger.post(&path, &[("name", "Mine"), ("need.efficiency", "1")]), stranger.post(&format!("{path}/archive"), &[])] {
        refused.expect(403);
    }
    let analyst = server.log_in(Role::Analyst);
    assert_eq!(analyst.rows("/companies/finder?format=csv")[0][0], "c8");
    let edit = analyst.get(&path).expect(200).form(&path);
    assert_eq!(typed(&edit, "need.efficiency"), "100");
    let changed = analyst.submit(&edit.fill("need.efficiency", "").fill("need.intimacy", "").fill("need.innovation", "12,5"));
    assert!(changed.text().contains("The offer is changed") && changed.text().contains("None of them needs this offer"), "{}", changed.text());

    // Archived, it is found no more, and its name is free; put back, it would be there twice.
    let list = analyst.submit(&analyst.get(new).expect(200).form(&format!("{path}/archive")));
    assert!(list.text().contains("“Quick change” is archived"), "{}", list.text());
    assert!(analyst.get("/companies/finder").expect(200).text().contains("No offer yet"));
    let twin = browser.get(&format!("{new}/new")).expect(200).form(new).fill("name", " quick  CHANGE ").fill("need.innovation", "50");
    browser.submit(&twin).expect(200);
    let taken = browser.post_form(&twin).expect(422);
    assert!(taken.text().contains("There is an offer of this name already"), "{}", taken.text());
    analyst.post(&format!("{path}/return"), &[]).expect(422);
    let second = db.number("SELECT max(id) AS n FROM offers");
    browser.post(&format!("{new}/{second}/archive"), &[]).expect(303);
    let archive = analyst.get(&format!("{new}?show=archived")).expect(200);
    assert!(analyst.submit(&archive.form(&format!("{path}/return"))).text().contains("“Quick change” is back"));
    analyst.get(&format!("{new}/nothing")).expect(404);
    let deeds = db.words("SELECT action AS word FROM audit_entries WHERE action LIKE 'offer.%' ORDER BY id");
    assert_eq!(deeds, ["offer.add", "offer.change", "offer.archive", "offer.add", "offer.archive", "offer.put_back"]);

    // A day in the address is left aside, as the page says.
    assert_eq!(analyst.rows("/companies/finder?format=csv&as_of=2015-01-01"), analyst.rows("/companies/finder?format=csv"));

    // More than a page holds.
    db.insert(COMPANIES, (100..160).map(|id| company(id, &format!("Larch {id}"), "", "10", LOYAL, &own, "C")));
    db.insert(NEEDS, (100..160).flat_map(|id| scores(id, [20.0, 20.0, 60.0])));
    let first = browser.get("/companies/finder").expect(200);
    let next = html::links(&first.html()).into_iter().find(|link| link.contains("page=2")).expect("a second page");
    let second = browser.get(next.split('#').next().unwrap()).expect(200).text();
    assert!(first.text().contains("Larch 149") && second.contains("Larch 159") && !second.contains("Larch 149"), "{second}");
    assert_eq!(browser.rows("/companies/finder?format=csv").len(), 60);
});

db_test!(fn revenue_attention_wishes_and_growth_are_told_by_value_tier_and_segment(db) {
    apply(db);
    let server = Server::start(db);
    let browser = server.log_in(Role::Analyst);
    assert!(browser.get("/insights/value").expect(200).text().contains("No companies yet"));
    server.log_in(Role::Sales).get("/insights/value").expect(403);

    // Ten seekers of tier A, ten intimates of tier B, five of tier C without a segment, one without a revenue.
    let since = |id: u32| if id % 2 == 1 { "2025-01-01" } else { "2015-01-01" };
    db.insert(COMPANIES, (1..=26).map(|id| {
        let (revenue, tier) = match id {
            1..=10 => ("1000", "A"),
            11..=20 => ("100", "B"),
            21..=25 => ("10", "C"),
            _ => ("NULL", "unknown"),
        };
        company(id, &format!("Company {id}"), since(id), revenue, "", "", tier)
    }));
    db.insert(SEGMENTS, (1..=20).chain([26]).map(|id| format!("{id}, '{}', 'survey', {AT}", if (11..=20).contains(&id) { "intimates" } else { "seekers" })));
    db.insert("contacts (id, external_id, company_id, email, email_key, name_key, created_at, updated_at)",
        (1..=26).map(|id| format!("{id}, 'p{id}', {id}, 'p{id}@x.example', 'p{id}@x.example', '', {AT}, {AT}")));
    let silent = browser.get("/insights/value").expect(200).text();
    assert!(silent.contains("0 touches in the last 90 days: too few"), "{silent}");

    // Ten mails to seekers within 90 days and one before; 30 conversations with intimates; two coded deals.
    db.insert("drips (code, state, changed_at)", [format!("'news', 'on', {AT}")]);
    db.insert("enrolments (id, drip, contact_id, company_id, occasion, state, next_step, enrolled_at)",
        (1..=10).map(|id| format!("{id}, 'news', {id}, {id}, '', 'finished', 1, {AT}")));
    db.insert("invitations (id, enrolment_id, step, drip, contact_id, company_id, framework_id, nonce, made_at, first_sent_at, closes_at, rev, framework_step, awaited)",
        (1..=10).map(|id| format!("{id}, {id}, 0, 'news', {id}, {id}, (SELECT max(id) FROM frameworks), 'n{id}', {AT}, {AT}, {AT}, 0, 0, FALSE")));
    let mail = |id: u32, nth: u32, day: &str| format!("{id}, {nth}, 'news', 0, {id}, {id}, 'x', 'sent', '{day} 08:00:00', 1, FALSE, '{day} 08:00:00', '{day} 09:00:00', '{day} 09:00:00', 'x.example', 1");
    db.insert("outbox (invitation_id, nth, drip, step, contact_id, company_id, to_address, state, due_at, attempts, maybe_duplicate, made_at, sent_at, ended_at, domain, tries)",
        (1..=10).map(|id| mail(id, 0, "2025-12-11")).chain([mail(1, 1, "2025-12-10")]));
    db.insert("conversations (company_id, contact_id, kind, held_on, note, author, answers, noted_at)",
        (0..30).map(|n| 11 + n % 10).chain([26]).map(|id| format!("{id}, {id}, 'call', '2026-02-02', '', 'x', 0, {AT}")).chain([format!("11, 11, 'call', '2025-12-10', '', 'x', 0, {AT}")]));
    let deal = |id: &str, company: u32, amount: &str, day: &str, needs: &str| format!("'{id}', {company}, {amount}, '{day} 10:00:00', {needs}, '{{}}', {AT}");
    db.insert("transactions (external_id, company_id, amount, occurred_at, needs, attributes, arrived_at)", [
        deal("d1", 21, "NULL", "2026-01-15", "'efficiency'"), deal("d2", 21, "NULL", "2026-01-16", "'efficiency|intimacy'"), deal("d3", 21, "NULL", "2026-01-17", "NULL"),
        // Company 1, new, buys more; 2, long-standing, buys no more; 11 begins.
        deal("d4", 1, "60", "2024-03-11", "NULL"), deal("d5", 1, "40", "2025-03-10", "NULL"), deal("d6", 1, "150", "2025-03-11", "NULL"),
        deal("d7", 2, "100", "2024-06-01", "NULL"), deal("d8", 2, "999", "2024-03-10", "NULL"),
        deal("d9", 11, "70", "2026-03-10", "NULL"),
    ]);

    let budget = browser.rows("/insights/value?format=csv&table=budget");
    let column = |at: usize| -> Vec<&str> { budget.iter().map(|row| row[at].as_str()).collect() };
    assert_eq!(column(0), ["Efficiency Seekers", "Customer Intimates", "No segment"]);
    assert_eq!((column(1), column(3)), (vec!["little", "much", ""], vec!["10", "10", "5"]));
    assert_eq!((column(9), column(10), column(11)), (vec!["10", "0", "0"], vec!["0", "30", "0"], vec!["0", "0", "2"]));
    for (at, (touches, weighed)) in [(10.0, 5_000.0), (30.0, 2_000.0), (2.0, 50.0)].into_iter().enumerate() {
        assert_close(&budget[at][12], touches / 42.0);
        assert_close(&budget[at][13], weighed / 7_050.0);
    }
    assert_eq!(column(14), ["more", "less", "less"]);
    let page = browser.get("/insights/value").expect(200);
    let text = page.text();
    for words in [
        "▲ Efficiency Seekers get 24 % of the attention and are worth 71 %: more.", "▼ Customer Intimates get 71 %",
        "1 touch went to companies without a revenue", "No need of the framework is called co-creation",
        "All companies 50 % of 2 companies that bought the year before bought again; together they brought 25 % less",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let grid = browser.rows("/insights/value?format=csv&table=grid");
    assert_eq!(grid.len(), 4 * 3);
    assert_eq!((grid[0][..3].join(" "), grid[0][6].as_str(), grid[9][2].as_str()), ("A Efficiency Seekers 10".to_owned(), "10000", "1"));
    assert_close(&grid[0][7], 10_000.0 / 11_050.0);
    let cell = html::links(&page.html()).into_iter().find(|link| link.contains("segment=seekers") && link.contains("tier=A")).expect("a cell");
    assert!(browser.get(&cell).expect(200).text().contains("10 companies found"));
    // Within a year the older ones count, too.
    let year = browser.rows("/insights/value?format=csv&table=budget&days=365");
    assert_eq!((year[0][9].as_str(), year[1][10].as_str()), ("11", "31"));
    browser.get("/insights/value?days=7").expect(422);

    let growth = browser.rows("/insights/value?format=csv&table=growth");
    let of = |segment: &str, tenure: &str| growth.iter().find(|row| row[0] == segment && row[1] == tenure).expect("a row");
    assert_eq!(of("Efficiency Seekers", "all")[2..], ["2", "1", "0.5", "200", "150", "0.75", "0", "0"]);
    assert_eq!(of("Efficiency Seekers", "new")[2..8], ["1", "1", "1", "100", "150", "1.5"]);
    assert_eq!(of("Efficiency Seekers", "long-standing")[2..8], ["1", "0", "0", "100", "0", "0"]);
    assert_eq!(of("Customer Intimates", "all")[2..], ["0", "0", "", "0", "0", "", "1", "70"]);
    assert_eq!(browser.rows("/insights/value?format=csv&table=growth&tenure=new")[0][2], "1");

    db.insert(NEEDS, [(1, 65.0), (2, 80.0), (3, 59.0), (11, 99.0)].map(|(id, score)| format!("{id}, 'innovation', {score}, 4, 4.0, 0.0, 6.0")));
    let wishes = browser.rows("/insights/value?format=csv&table=candidates&need=innovation");
    let names: Vec<&str> = wishes.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["Company 2", "Company 1"]);
    browser.get("/insights/value?need=gone").expect(422);
});

#[test]
fn an_offer_is_entered_and_its_companies_found_with_the_keyboard_alone() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    apply(&db);
    db.insert(COMPANIES, [company(1, "Alder", "", "900", LOYAL, "", "A")]);
    db.insert(NEEDS, scores(1, [80.0, 20.0, 20.0]));
    let server = Server::start(&db);
    let email = server.add_user(Role::Analyst);
    chrome.goto(&format!("{}/login?next=/companies/finder/offers/new", server.base()));
    chrome.type_into("input[name=email]", &email);
    chrome.type_into("input[name=password]", PASSWORD);
    chrome.leave_by("main button[type=submit]");
    chrome.goto(&format!("{}/companies/finder/offers/new", server.base()));
    chrome.type_into("#name", "Quick change");
    chrome.press(TAB);
    assert_eq!(chrome.run("return document.activeElement.name"), "need.efficiency");
    chrome.type_into("#need-efficiency", "90");
    chrome.run("window.isBeingLeft = true");
    chrome.press(ENTER);
    chrome.until(
        "what was found",
        "return !window.isBeingLeft && document.readyState === 'complete'",
    );
    assert!(chrome.text("main").contains("Alder"), "{}", chrome.text("main"));
}
