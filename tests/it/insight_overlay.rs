//! Segments across attributes, the map of needs, sales tags against the survey: pages, files and the
//! lists of companies that they lead to, against figures worked out here.

use dripline::accounts::Role;

use crate::support::{Reply, Server, TestDb, db_test, html};

const NEEDS: [&str; 3] = ["efficiency", "intimacy", "innovation"];
const AT: &str = "'2026-01-10 11:00:00'";

/// Three segments over three needs.
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
name = "Intimacy"
level = "personal"
[[needs]]
code = "innovation"
name = "Innovation"
level = "strategic"
[[segments]]
code = "seekers"
name = "Efficiency Seekers"
profile = { efficiency = 100, intimacy = 20 }
[[segments]]
code = "intimates"
name = "Customer Intimates"
profile = { efficiency = 10, intimacy = 100 }
[[segments]]
code = "innovators"
name = "Innovators"
profile = { innovation = 100 }
"#;

fn apply(db: &TestDb) {
    db.store_framework("2026-01-10T09:00:00Z", FRAMEWORK);
}

const COMPANIES: &str = "companies (id, external_id, name, name_key, customer_since, annual_revenue, industry, employees, created_at, updated_at)";
const EVIDENCE: &str = "company_evidence (company_id, answers, contacts_answered, answered_at)";
const SEGMENTS: &str = "company_segments (company_id, segment, source, since)";

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

fn assert_close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 1e-6, "{what}: {found} {expected}");
}

/// The link on a page whose address holds all these words.
#[track_caller]
fn link(page: &Reply, words: &[&str]) -> String {
    let links = html::links(&page.html());
    let found = links.iter().find(|link| words.iter().all(|word| link.contains(word)));
    found
        .unwrap_or_else(|| panic!("no link with {words:?} among {links:#?}"))
        .clone()
}

db_test!(fn a_heat_map_tells_where_segments_are_more_than_expected_and_leads_to_the_companies(db) {
    apply(db);
    let server = Server::start(db);
    let browser = server.log_in(Role::Analyst);
    let empty = browser.get("/insights/overlay").expect(200).text();
    assert!(empty.contains("No companies yet"), "{empty}");
    // Of 36 seekers 30 are in mining, of 24 intimates 22 in food; one more company has no segment.
    let industry = |id: u32| match id {
        1..=30 | 37..=38 => "'Metals, mining'",
        61 => "NULL",
        _ => "'Food'",
    };
    db.insert(COMPANIES, (1..=61).map(|id| format!("{id}, 'c{id}', 'C{id}', 'c{id}', NULL, 1000.0, {}, {}, {AT}, {AT}", industry(id), id)));
    db.insert(SEGMENTS, (1..=60).map(|id| format!("{id}, '{}', 'survey', {AT}", if id <= 36 { "seekers" } else { "intimates" })));
    db.insert("company_attributes (company_id, name, value)", (1..=60).map(|id| format!("{id}, 'Fleet', 'f{}'", id % 30)));

    let page = browser.get("/insights/overlay?by=industry").expect(200);
    let text = page.text();
    for words in [
        "Segments by Industry", "Industry and segment clearly hang together, strongly", "▲▲ clearly more", "▼▼ clearly fewer",
        "1 company has no segment or no value here", "right for 87 % of these companies; without knowing it, for 60 %",
        "saves 67 % of the wrong guesses", "For the next company, expect 87 %", "Most is given away by Industry",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let miners = browser.get(&link(&page, &["/companies?", "segment=seekers", "attribute.industry=Metals%2C+mining"])).expect(200).text();
    assert!(miners.contains("30 companies found"), "{miners}");
    let sized = browser.get("/insights/overlay?by=employees").expect(200);
    let sized = browser.get(&link(&sized, &["/companies?", "segment=intimates", "attribute.employees=50-249"])).expect(200).text();
    assert!(sized.contains("11 companies found"), "{sized}");

    // The page's table, the file and the call have the same figures.
    let cells = browser.rows("/insights/overlay?by=industry&format=csv&table=overlay");
    let call = server.api(Role::Analyst).get("/api/v1/insights/overlay?by=industry").expect(200).json();
    assert_eq!(call["columns"], serde_json::json!(["Food", "Metals, mining"]));
    let first = &cells[0];
    assert_eq!(first[..3], ["Efficiency Seekers", "Metals, mining", "30"]);
    assert_close(number(&first[3]), 30.0 / 36.0, "share of the segment");
    assert_close(number(&first[4]), 30.0 / 32.0, "share of the value");
    assert_close(number(&first[5]), 36.0 * 32.0 / 60.0, "expected");
    assert_close(number(&first[6]), call["residuals"][0][1].as_f64().unwrap(), "residual");
    assert_close(number(&first[8]), 30_000.0, "revenue");
    assert_eq!((call["counts"][0][1].as_u64(), call["left_out"].as_u64()), (Some(30), Some(1)));
    let ranked = browser.rows("/insights/overlay?format=csv&table=attributes");
    assert_eq!(ranked[0][..3], ["Industry", "60", "2"]);
    assert_close(number(&ranked[0][7]), 16.0 / 24.0, "lambda");
    let chi = (30.0 * 22.0 - 6.0 * 2.0_f64).powi(2) / (36.0 * 24.0 * 32.0 * 28.0);
    assert_close(number(&ranked[0][3]), chi.sqrt(), "V");

    // Many values: the most frequent stand alone, the rest together, on the page only.
    let fleets = browser.get("/insights/overlay?by=Fleet").expect(200).text();
    assert!(fleets.contains("10 others 20 companies") && fleets.contains("not to be relied on"), "{fleets}");
    let call = server.api(Role::Analyst).get("/api/v1/insights/overlay?by=Fleet").expect(200).json();
    assert_eq!(call["columns"].as_array().unwrap().len(), 30);
    // The filter holds here too.
    let narrowed = browser.get("/insights/overlay?by=industry&attribute.Fleet=f1&attribute.Fleet=f2").expect(200);
    assert!(narrowed.text().contains("Metals, mining 2 companies"), "{}", narrowed.text());
    link(&narrowed, &["/companies?", "segment=seekers", "attribute.Fleet=f1", "attribute.industry="]);
    let revenue = browser.get("/insights/overlay?by=industry&cell=revenue").expect(200).text();
    assert!(revenue.contains("30.0 k 83 %"), "{revenue}");
    assert!(browser.get("/insights/overlay?by=colour").expect(422).text().contains("no company has an attribute"));
});

/// Scores on the three needs: three clouds about the three segments, by a small generator of our own.
fn scores(id: u32) -> [f64; 3] {
    let noise = |salt: u32| f64::from((id.wrapping_mul(2_654_435_761).wrapping_add(salt * 40_503) >> 8) % 200) / 10.0;
    let centre = [[80.0, 15.0, 30.0], [10.0, 80.0, 20.0], [25.0, 20.0, 70.0]][id as usize % 3];
    [0, 1, 2].map(|need| centre[need] + noise(need as u32))
}

fn placed(db: &TestDb, ids: std::ops::RangeInclusive<u32>) {
    let since = |id: u32| ["'2025-06-01'", "'2012-01-01'", "NULL"][(id / 3) as usize % 3];
    let segment = |id: u32| ["seekers", "intimates", "innovators"][id as usize % 3];
    db.insert(
        COMPANIES,
        ids.clone().map(|id| {
            format!(
                "{id}, 'c{id}', 'Firm {id} <&>', 'firm {id}', {}, {}, NULL, NULL, {AT}, {AT}",
                since(id),
                f64::from(id) * 1000.0 + 0.5
            )
        }),
    );
    db.insert(
        SEGMENTS,
        ids.clone().map(|id| format!("{id}, '{}', 'survey', {AT}", segment(id))),
    );
    db.insert(EVIDENCE, ids.clone().map(|id| format!("{id}, 3, 1, {AT}")));
    let needs = ids.flat_map(|id| {
        let scores = scores(id);
        (0..3).map(move |need| format!("{id}, '{}', {:?}, 1, 1.0, 1.0, 30.0", NEEDS[need], scores[need]))
    });
    db.insert(
        "company_needs (company_id, need, score, n, n_eff, between_contacts, se)",
        needs,
    );
}

db_test!(fn companies_stand_on_a_map_of_their_needs_whether_few_or_many(db) {
    apply(db);
    let server = Server::start(db);
    let browser = server.log_in(Role::Analyst);
    let empty = browser.get("/insights/map").expect(200).text();
    assert!(empty.contains("No map yet") && empty.contains("at least two companies"), "{empty}");
    placed(db, 1..=60);
    db.insert(COMPANIES, (61..=61).map(|id| format!("{id}, 'c{id}', 'Half', 'half', NULL, NULL, NULL, NULL, {AT}, {AT}")));
    db.insert(EVIDENCE, std::iter::once(format!("61, 1, 1, {AT}")));
    db.insert("company_needs (company_id, need, score, n, n_eff, between_contacts, se)", std::iter::once("61, 'intimacy', 50.0, 1, 1.0, 1.0, 30.0".to_owned()));

    let page = browser.get("/insights/map").expect(200);
    let (text, markup) = (page.text(), page.html());
    for words in ["Map of the needs of 60 companies", "The map shows 100 % of how the needs of 60 companies differ", "much the same needs", "1 company lacks a score", "more Intimacy", "Page 1 of 2"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(markup.contains("Firm 7 &#60;&#38;&#62;: Intimates") || markup.contains("Customer Intimates, new, revenue"), "a mark says whose it is");
    assert_eq!(markup.matches("tabindex=\"-1\"><path").count(), 60, "a mark for each company");
    assert!(html::links(&markup).iter().any(|link| link == "/companies/c60"));
    assert!(browser.get("/insights/map?page=2").expect(200).text().contains("Page 2 of 2"));
    assert!(browser.get("/insights/map?page=99").expect(200).text().contains("Page 2 of 2"));
    browser.get("/insights/map?page=x").expect(400);

    // Every coordinate follows from the scores and what the axes are made of.
    let companies = browser.rows("/insights/map?format=csv&table=companies");
    let axes = browser.rows("/insights/map?format=csv&table=axes");
    assert_eq!((companies.len(), axes.len()), (60, 4));
    assert_eq!(companies[0][..4], ["Firm 60 <&>", "c60", "Efficiency Seekers", "unknown"]);
    let centred = |id: u32| { let scores = scores(id); let mean = scores.iter().sum::<f64>() / 3.0; scores.map(|score| score - mean) };
    let middle = [0, 1, 2].map(|need: usize| (1..=60).map(|id| centred(id)[need]).sum::<f64>() / 60.0);
    for row in &companies {
        let own = centred(number(&row[1][1..]) as u32);
        for (axis, found) in [(1, &row[5]), (2, &row[6])] {
            let expected: f64 = (0..3).map(|need| (own[need] - middle[need]) * number(&axes[need][axis])).sum();
            assert_close(number(found), expected, &row[1]);
        }
    }
    assert_close(number(&axes[3][1]) + number(&axes[3][2]), 1.0, "centring three needs leaves two directions");
    let new = browser.rows("/insights/map?tenure=new&format=csv&table=companies");
    assert!(new.len() == 20 && new.iter().all(|row| row[3] == "new"), "{new:?}");

    // Many companies: marks for the cells of a grid, and a page that stays small.
    placed(db, 100..=1_700);
    let page = browser.get("/insights/map").expect(200);
    let markup = page.html();
    assert!(page.text().contains("Each mark stands for the companies about its place"), "{}", page.text());
    assert!(markup.matches("map-mark").count() < 400 && page.body.len() < 200_000, "{}", page.body.len());
    let cells = browser.rows("/insights/map?format=csv&table=cells");
    assert_eq!(cells.iter().map(|row| number(&row[1])).sum::<f64>(), 1661.0);
    assert_eq!(browser.rows("/insights/map?format=csv").len(), 1661, "the whole list in the file");
});

db_test!(fn sales_tags_and_deals_are_held_against_the_survey_in_words(db) {
    apply(db);
    let server = Server::start(db);
    let browser = server.log_in(Role::Analyst);
    let empty = browser.get("/insights/sales-tags").expect(200).text();
    assert!(empty.contains("No company here has both a sales tag") && empty.contains("No company here has both coded deals"), "{empty}");
    db.insert(COMPANIES, (1..=12).map(|id| format!("{id}, 'c{id}', 'C{id}', 'c{id}', NULL, NULL, NULL, NULL, {AT}, {AT}")));
    // Seekers by tag: 4 and 1; intimates by tag: 2 and 3. The eleventh has no survey.
    let tag = |id: u32| if id <= 5 || id == 11 { "seekers" } else { "intimates" };
    let survey = |id: u32| if id <= 4 || id == 6 || id == 7 { "seekers" } else { "intimates" };
    let rep = |id: u32| if id.is_multiple_of(2) { "anna@example.com" } else { "ben@example.com" };
    db.insert("sales_tags (company_id, segment, reason, made_by, made_at, blind)", (1..=11).map(|id| {
        format!("{id}, '{}', 'r', '{}', {AT}, {}", tag(id), rep(id), id % 2 == 0)
    }));
    db.insert("survey_segments (company_id, segment)", (1..=10).map(|id| format!("{id}, '{}'", survey(id))));
    db.insert("deal_segments (company_id, segment)", [1, 2, 12].into_iter().map(|id| format!("{id}, 'seekers'")));

    let page = browser.get("/insights/sales-tags").expect(200);
    let text = page.text();
    for words in [
        "The sales team names the survey’s segment for 7 of 10 companies; chance alone would give 5.",
        "cannot be told with 10 companies (κ = 0.40",
        "1 further company has a sales tag and no segment by survey",
        "The needs coded on deals name the survey’s segment for 2 of 2 companies; chance alone would give 2. Both always name the same one segment",
        "Of the tags given before their author could see the survey’s result, 4 of 5 name the same segment.",
        "anna@example.com",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let call = server.api(Role::Analyst).get("/api/v1/insights/sales-tags").expect(200).json();
    let segments = browser.rows("/insights/sales-tags?format=csv&table=tags-segments");
    let all = segments.last().unwrap();
    assert_eq!((all[0].as_str(), all[1].as_str()), ("All", "10"));
    assert_close(number(&all[5]), call["kappa"].as_f64().unwrap(), "kappa");
    assert_close(number(&segments[0][2]), 0.8, "confirmed");
    assert_close(number(&segments[0][4]), 4.0 / 6.0, "foreseen");
    let reps = browser.rows("/insights/sales-tags?format=csv&table=reps");
    assert_eq!(reps.iter().map(|row| (row[0].as_str(), row[1].as_str(), row[2].as_str(), row[8].as_str())).collect::<Vec<_>>(),
        [("anna@example.com", "5", "5", "5"), ("ben@example.com", "6", "5", "0")]);
    assert_close(number(&reps[0][9]), call["kappa_blind"].as_f64().unwrap(), "all blind tags are one person's");
    // A cell and a person lead to their companies.
    let missed = browser.get(&link(&page, &["/companies?", "sales_tag=intimates", "survey=seekers"])).expect(200).text();
    assert!(missed.contains("2 companies found") && missed.contains("C6") && missed.contains("C7"), "{missed}");
    let tagged = browser.get(&link(&page, &["/companies?", "tagged_by=anna"])).expect(200).text();
    assert!(tagged.contains("5 companies found"), "{tagged}");
    let dealt = browser.get("/companies?deals=seekers").expect(200).text();
    assert!(dealt.contains("3 companies found"), "{dealt}");
    let fault = browser.get("/companies?survey=bygone").expect(422).text();
    assert!(fault.contains("the framework has no segment"), "{fault}");
});
