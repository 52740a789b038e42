//! Figures read from stored rows, against the same figures worked out here from the values themselves.

use std::sync::Arc;

use chrono::NaiveDate;
use dripline::design::{self, Design};
use dripline::framework::{self, Framework};
use dripline::insight::{self, Filter, NeedFigures, SegmentFigures};
use dripline::method::compare::Sample;
use dripline::method::tenure::{Tenure, tenure};

use dripline::accounts::Role;

use crate::support::{Server, TestDb, db_test};

const NEEDS: [&str; 3] = ["efficiency", "intimacy", "innovation"];

/// Two segments over two of three needs.
const FRAMEWORK: &str = r#"
[settings]
tenure_threshold_months = 24
min_scored_answers = 3
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
[[question_sets]]
code = "drivers"
title = "Drivers"
[[question_sets.questions]]
code = "how-fast"
kind = "rating"
text = "How much does speed matter?"
min = 0
max = 10
loads = { efficiency = 1 }
"#;

fn framework() -> Framework {
    framework::read::toml(FRAMEWORK).expect("the framework has no fault")
}

/// As stored and in force.
fn apply(db: &TestDb) -> Arc<Design> {
    let at = today().and_hms_opt(9, 0, 0).unwrap();
    db.write_now(move |conn| design::store_framework(conn, at, "a test", &framework()))
        .unwrap();
    db.read_now(design::current).unwrap()
}

fn needs(db: &TestDb, filter: &Filter) -> NeedFigures {
    let design = apply(db);
    db.read_now(|conn| insight::needs(conn, &design, today(), filter))
        .unwrap()
}

fn segments(db: &TestDb, filter: &Filter) -> SegmentFigures {
    let design = apply(db);
    db.read_now(|conn| insight::segments(conn, &design, today(), filter))
        .unwrap()
}

fn today() -> NaiveDate {
    "2026-02-28".parse().unwrap()
}

/// One company as it stands in the tables.
#[derive(Clone, Default)]
struct Company {
    since: Option<NaiveDate>,
    revenue: Option<f64>,
    country: Option<&'static str>,
    scores: [Option<f64>; 3],
    answers: u32,
    segment: Option<&'static str>,
}

fn insert(db: &TestDb, companies: &[Company]) {
    let at = "'2026-01-10 11:00:00'";
    for (id, company) in companies.iter().enumerate().map(|(i, company)| (i + 1, company)) {
        let since = company.since.map_or("NULL".to_owned(), |day| format!("'{day}'"));
        let revenue = company
            .revenue
            .map_or("NULL".to_owned(), |revenue| format!("{revenue:?}"));
        let country = company
            .country
            .map_or("NULL".to_owned(), |country| format!("'{country}'"));
        let run = |sql: String| db.execute(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        run(format!(
            "INSERT INTO companies (id, external_id, name, name_key, customer_since, annual_revenue, country, \
             created_at, updated_at) VALUES ({id}, 'c{id}', 'C{id}', 'c{id}', {since}, {revenue}, {country}, {at}, {at})"
        ));
        if company.answers > 0 || company.scores.iter().any(Option::is_some) {
            run(format!(
                "INSERT INTO company_evidence (company_id, answers, contacts_answered, answered_at) \
                 VALUES ({id}, {}, 1, {at})",
                company.answers
            ));
        }
        for (need, score) in NEEDS.iter().zip(company.scores) {
            let Some(score) = score else { continue };
            run(format!(
                "INSERT INTO company_needs (company_id, need, score, n, n_eff, between_contacts, se) \
                 VALUES ({id}, '{need}', {score:?}, 1, 1.0, 1.0, 30.0)"
            ));
        }
        if let Some(segment) = company.segment {
            run(format!(
                "INSERT INTO company_segments (company_id, segment, source, since) \
                 VALUES ({id}, '{segment}', 'survey', {at})"
            ));
        }
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().unwrap())
}

/// Companies of all three tenures, spread by a small generator of our own.
fn many() -> Vec<Company> {
    let mut state = 7u32;
    let mut next = move |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let make = |_| {
        let score = next(10_001);
        let scores = [score, next(10_001), next(10_001)].map(|s| (s % 5 != 0).then_some(f64::from(s) / 100.0));
        let assigned = scores[0].is_some() && scores[1].is_some();
        Company {
            // About the edge: customers since then are long-standing to the day.
            since: [
                day("2024-02-29"),
                day("2024-03-01"),
                day("2010-05-05"),
                day("2025-12-31"),
                None,
            ][next(5) as usize],
            revenue: (next(4) > 0).then(|| f64::from(next(1_000_000)) / 4.0),
            country: [Some("NL"), Some("DE"), None][next(3) as usize],
            answers: if assigned { 3 + next(9) } else { next(5) },
            segment: assigned.then(|| if next(3) > 0 { "seekers" } else { "intimates" }),
            scores,
        }
    };
    (0..90).map(make).collect()
}

fn group_of(company: &Company) -> Tenure {
    tenure(company.since, today(), 24)
}

fn assert_close(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() < 1e-9 * expected.abs().max(1.0),
        "{what}: {found} {expected}"
    );
}

fn assert_sample(found: Option<Sample>, values: &[f64], what: &str) {
    let n = values.len();
    let Some(found) = found else {
        return assert_eq!(n, 0, "{what}");
    };
    let mean = values.iter().sum::<f64>() / n as f64;
    assert_eq!(found.n, n as u64, "{what}");
    assert_close(found.mean, mean, what);
    let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n as f64 - 1.0)).sqrt();
    match found.sd {
        Some(found) => assert_close(found, sd, what),
        None => assert_eq!(n, 1, "{what}"),
    }
}

db_test!(fn need_scores_are_split_by_tenure(db) {
    let companies = many();
    insert(db, &companies);
    let found = needs(db, &Filter::default());
    for (i, need) in found.needs.iter().enumerate() {
        assert_eq!(need.code, NEEDS[i]);
        let of = |tenure: Option<Tenure>| -> Vec<f64> {
            let chosen = companies.iter().filter(|c| tenure.is_none_or(|tenure| group_of(c) == tenure));
            chosen.filter_map(|company| company.scores[i]).collect()
        };
        assert_sample(need.overall, &of(None), &need.code);
        for tenure in Tenure::ALL {
            assert_sample(*need.groups.get(tenure), &of(Some(tenure)), &format!("{} {tenure:?}", need.code));
        }
        let comparison = need.comparison.as_ref().expect("both groups are large enough");
        let mean = |tenure| { let values = of(Some(tenure)); values.iter().sum::<f64>() / values.len() as f64 };
        assert_close(comparison.figures.difference, mean(Tenure::New) - mean(Tenure::LongStanding), &need.code);
        assert!(comparison.p_adjusted >= comparison.figures.p);
    }
});

db_test!(fn segments_are_counted_and_the_rest_has_reasons(db) {
    let companies = many();
    insert(db, &companies);
    let found = segments(db, &Filter::default());
    let assigned = |c: &&Company| c.segment.is_some();
    assert_eq!(found.companies.sum(), 90);
    assert_eq!(found.companies.new, companies.iter().filter(|c| group_of(c) == Tenure::New).count() as u64);
    // Whoever has a score has answered.
    let has_answered = |c: &&Company| c.answers > 0 || c.scores.iter().any(Option::is_some);
    assert_eq!(found.answered, companies.iter().filter(has_answered).count() as u64);
    for segment in &found.segments {
        let of = |c: &&Company| c.segment == Some(segment.code.as_str());
        assert_eq!(segment.count, companies.iter().filter(of).count() as u64);
        let revenue: f64 = companies.iter().filter(of).filter_map(|c| c.revenue).sum();
        assert_close(segment.revenue, revenue, &segment.code);
        for tenure in Tenure::ALL {
            let group = segment.groups.get(tenure);
            let whole = companies.iter().filter(assigned).filter(|c| group_of(c) == tenure).count();
            let part = companies.iter().filter(of).filter(|c| group_of(c) == tenure).count();
            assert_eq!((group.count, group.share), (part as u64, Some(part as f64 / whole as f64)));
        }
        assert!(segment.comparison.is_some());
    }
    let chi = found.chi_square.expect("two segments and two groups");
    assert_eq!(chi.df, 1);
    let reason = |c: &Company| match (c.answers, c.scores) {
        (0, _) => "no scored answers yet".to_owned(),
        (have @ 1..=2, _) => format!("{have} of 3 scored answers"),
        (_, [None, None, _]) => "no answer yet on Efficiency, Intimacy".to_owned(),
        (_, [None, ..]) => "no answer yet on Efficiency".to_owned(),
        _ => "no answer yet on Intimacy".to_owned(),
    };
    let mut expected = std::collections::BTreeMap::new();
    for company in companies.iter().filter(|c| c.segment.is_none()) {
        *expected.entry(reason(company)).or_insert(0u64) += 1;
    }
    let found = found.unassigned.into_iter().map(|row| (row.reason, row.count)).collect();
    assert_eq!(expected, found);
});

db_test!(fn a_filter_narrows_every_figure(db) {
    let companies = many();
    insert(db, &companies);
    let words = [("country", "NL,DE"), ("tenure", "new"), ("segment", "seekers"), ("from", "2026-01-10"), ("to", "2026-01-10")];
    let filter = Filter::read(words, &framework()).unwrap();
    let passes = |c: &&Company| c.country.is_some() && group_of(c) == Tenure::New && c.segment == Some("seekers");
    let passing: Vec<&Company> = companies.iter().filter(passes).collect();
    let (by_need, by_segment) = (needs(db, &filter), segments(db, &filter));
    assert!(passing.len() > 2);
    assert_eq!((by_segment.companies.sum(), by_segment.segments[0].count), (passing.len() as u64, passing.len() as u64));
    let efficiency: Vec<f64> = passing.iter().filter_map(|c| c.scores[0]).collect();
    assert_sample(by_need.needs[0].overall, &efficiency, "filtered");
    assert_eq!(by_need.needs[0].groups.long_standing, None);

    let late = Filter::read([("from", "2026-01-11")], &framework()).unwrap();
    let none = segments(db, &late);
    assert_eq!((none.companies.sum(), none.segments[0].share), (0, None));
});

db_test!(fn a_group_of_one_is_shown_and_not_compared(db) {
    let company = |since, score| Company { since, answers: 3, scores: [Some(score); 3], ..Company::default() };
    insert(db, &[company(day("2026-01-01"), 90.0), company(day("2001-01-01"), 40.0), company(day("2001-01-01"), 60.0)]);
    let found = needs(db, &Filter::default());
    let need = &found.needs[0];
    assert_eq!(need.groups.new, Some(Sample { n: 1, mean: 90.0, sd: None }));
    assert_eq!(need.groups.unknown, None);
    assert_eq!(
        need.comparison.as_ref().unwrap_err(),
        "only 1 new company has a score on this need; it takes two of each"
    );
});

db_test!(fn equal_scores_have_no_p(db) {
    let company = |since, score| Company { since, answers: 3, scores: [Some(score), None, None], ..Company::default() };
    let third = 100.0 / 3.0;
    insert(db, &[
        company(day("2026-01-01"), third), company(day("2026-01-01"), third), company(day("2026-01-01"), third),
        company(day("2001-01-01"), 70.1), company(day("2001-01-01"), 70.1),
    ]);
    let found = needs(db, &Filter::default());
    let compared = found.needs[0].comparison.as_ref().unwrap();
    assert_eq!((compared.figures.p, compared.figures.hedges_g, compared.p_adjusted), (None, None, None));
    assert_close(compared.figures.difference, third - 70.1, "difference");
});

db_test!(fn colleagues_who_agree_have_a_high_icc(db) {
    insert(db, &vec![Company { scores: [Some(50.0), None, None], ..Company::default() }; 3]);
    let at = "'2026-01-10 11:00:00'";
    for (id, company, score) in [(1, 1, 10.0), (2, 1, 12.0), (3, 2, 80.0), (4, 2, 82.0), (5, 3, 50.0)] {
        db.execute(&format!(
            "INSERT INTO contacts (id, external_id, company_id, email, email_key, name_key, created_at, updated_at) \
             VALUES ({id}, 'p{id}', {company}, 'p{id}@example.com', 'p{id}@example.com', '', {at}, {at})"
        )).unwrap();
        db.execute(&format!(
            "INSERT INTO contact_needs (company_id, contact_id, need, n, mean, squares, exponent, weight, weighed, \
             weight_squares) VALUES ({company}, {id}, 'efficiency', 1, {score:?}, 0.0, 0.0, 2.0, {:?}, 4.0)",
            2.0 * score
        )).unwrap();
    }
    let found = needs(db, &Filter::default());
    let design = apply(db);
    let icc = db.read_now(|conn| insight::needs_and_agreement(conn, &design, today(), &Filter::default())).unwrap().1;
    // Means 11 and 81 of two each: MSB 4900, MSW 2; the lone contact of the third has no part.
    assert_close(icc[0].icc1.unwrap(), 4898.0 / 4902.0, "ICC(1)");
    assert_close(icc[0].icc2.unwrap(), 4898.0 / 4900.0, "ICC(2)");
    assert_eq!((icc[1].icc1, found.calibrated_at), (None, None));
});

db_test!(fn a_past_day_has_the_answers_and_the_segments_of_that_day(db) {
    let company = |since| Company { since: day(since), ..Company::default() };
    insert(db, &[company("2024-01-20"), company("2010-01-01"), company("2025-01-01")]);
    let design = apply(db);
    let version = design.version_of("how-fast").unwrap().id;
    let at = "'2026-01-10 11:00:00'";
    for id in 1..=3 {
        db.execute(&format!(
            "INSERT INTO contacts (id, external_id, company_id, email, email_key, name_key, created_at, updated_at) \
             VALUES ({id}, 'p{id}', {id}, 'p{id}@example.com', 'p{id}@example.com', '', {at}, {at})"
        )).unwrap();
    }
    let answers = [(1, "2026-01-05 23:59:59", 2), (1, "2026-01-06 00:00:00", 9), (2, "2025-12-01 10:00:00", 4), (3, "2026-01-20 10:00:00", 8)];
    for (id, at, value) in answers {
        db.execute(&format!(
            "INSERT INTO answers (company_id, contact_id, question, row_code, at, seq, version_id, value, channel, \
             suspect, recorded_at) VALUES ({id}, {id}, 'how-fast', '', '{at}', 0, {version}, '{value}', 'api', FALSE, '{at}')"
        )).unwrap();
    }
    let changes = [(1, "2026-01-05 12:00:00", "'seekers'"), (1, "2026-01-07 12:00:00", "'intimates'"), (2, "2026-01-01 00:00:00", "'bygone'"), (3, "2026-01-02 00:00:00", "'seekers'"), (3, "2026-01-03 00:00:00", "NULL")];
    for (id, at, segment) in changes {
        db.execute(&format!(
            "INSERT INTO segment_changes (company_id, at, to_segment, source, made_by, why) \
             VALUES ({id}, '{at}', {segment}, 'survey', 'a test', '')"
        )).unwrap();
    }
    let then: NaiveDate = "2026-01-05".parse().unwrap();
    let everyone = Filter::default();
    let (needs, _) = db.read_now(|conn| insight::needs_as_of(conn, &design, then, &everyone)).unwrap();
    // On that day the first company was still new, by two weeks, and had not yet changed its mind.
    assert_sample(needs.needs[0].groups.new, &[20.0], "new");
    assert_sample(needs.needs[0].groups.long_standing, &[40.0], "long-standing");
    assert_sample(needs.needs[1].overall, &[], "intimacy");
    let segments = db.read_now(|conn| insight::segments_as_of(conn, &design, then, &everyone)).unwrap();
    let counts: Vec<_> = segments.segments.iter().map(|s| (s.code.as_str(), s.count, s.groups.new.count)).collect();
    assert_eq!(counts, [("seekers", 1, 1), ("intimates", 0, 0), ("bygone", 1, 0)]);
    assert_eq!((segments.companies.sum(), segments.answered), (3, 2));
    let unassigned: Vec<_> = segments.unassigned.iter().map(|row| (row.reason.as_str(), row.count)).collect();
    assert_eq!(unassigned, [("no scored answers yet", 1)]);
    let seekers = Filter { segment: vec!["seekers".to_owned()], to: Some(then), ..Filter::default() };
    let filtered = db.read_now(|conn| insight::segments_as_of(conn, &design, then, &seekers)).unwrap();
    assert_eq!(filtered.companies.sum(), 1);
});

db_test!(fn a_program_reads_every_figure_in_full(db) {
    insert(db, &many());
    apply(db);
    let server = Server::start(db);
    let api = server.api(Role::Analyst);
    let needs = api.get("/api/v1/insights/needs?country=NL").expect(200).json();
    let need = &needs["needs"][0];
    assert_eq!(need["code"], "efficiency");
    for group in ["overall", "groups/new", "groups/long_standing", "groups/unknown"] {
        let group = need.pointer(&format!("/{group}")).unwrap();
        assert!(group["n"].is_u64() && group["mean"].is_f64() && group["sd"].is_f64(), "{group}");
    }
    for figure in ["difference", "low", "high", "p", "p_adjusted", "hedges_g"] {
        assert!(need["comparison"][figure].is_f64(), "{figure}: {need}");
    }
    assert_eq!(need["calibration"]["mu"], 50.0);
    assert!(need["why_none"].is_null() && need["icc1"].is_null() && needs["calibrated_at"].is_null());

    let segments = api.get("/api/v1/insights/segments").expect(200).json();
    assert_eq!(segments["segments"][1]["code"], "intimates");
    assert!(segments["segments"][0]["groups"]["new"]["share"].is_f64());
    assert_eq!(segments["chi_square"]["df"], 1);
    assert!(segments["unassigned"][0]["reason"].is_string());
    let before = api.get("/api/v1/insights/segments?as_of=2020-01-01").expect(200).json();
    assert_eq!((&before["segments"][0]["count"], before["segments"][0]["share"].is_null()), (&0.into(), true));
});

db_test!(fn a_program_is_told_the_segments_that_the_scores_fall_into(db) {
    apply(db);
    let server = Server::start(db);
    let api = server.api(Role::Analyst);
    let nothing = api.get("/api/v1/insights/discover").expect(200).json();
    assert!(nothing["suggested_k"].is_null() && nothing["companies"] == 0, "{nothing}");
    // Two thirds seek efficiency, the rest intimacy; how much they like everything differs.
    let companies: Vec<Company> = (0..60)
        .map(|n| {
            let (level, noise) = (f64::from(n % 5) * 8.0, f64::from(n * 7 % 11));
            let scores = if n % 3 < 2 { [50.0 + noise, 10.0] } else { [10.0, 50.0 + noise] };
            Company { scores: [Some(scores[0] + level), Some(scores[1] + level), None], answers: 3, ..Company::default() }
        })
        .collect();
    insert(db, &companies);
    let found = api.get("/api/v1/insights/discover").expect(200).json();
    assert_eq!((&found["suggested_k"], &found["companies"]), (&2.into(), &60.into()), "{found}");
    let two = &found["candidates"][0];
    assert_eq!((&two["k"], &two["sizes"]), (&2.into(), &serde_json::json!([40, 20])));
    assert!(two["silhouette"].as_f64().unwrap() > 0.8 && two["stability"].as_f64().unwrap() > 0.9, "{two}");
    assert_eq!(two["profiles"][0], serde_json::json!({ "efficiency": 100.0, "intimacy": 0.0 }));
    assert!(found["computed_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(api.get("/api/v1/insights/discover").expect(200).json(), found, "kept until a score changes");
    api.get("/api/v1/insights/discover?tenure=old").expect(422);
});

db_test!(fn every_fault_of_a_call_is_told_at_once(db) {
    apply(db);
    let server = Server::start(db);
    let api = server.api(Role::Analyst);
    let problem = api.get("/api/v1/insights/needs?tenure=old&as_of=2030-01-01&colour=red&segment=seeker").expect(422).json();
    let places: Vec<&str> = problem["errors"].as_array().unwrap().iter().map(|fault| fault["place"].as_str().unwrap()).collect();
    assert_eq!(places, ["as_of", "tenure", "colour", "segment"]);
    server.api(Role::Sales).get("/api/v1/insights/needs").expect(403);
});

db_test!(fn a_framework_goes_out_and_comes_in_as_json_or_toml(db) {
    let server = Server::start(db);
    let api = server.api(Role::Admin);
    let put = |kind: &str, text: &str| api.send("PUT", "/api/v1/framework", kind, text.as_bytes());
    let faulty = FRAMEWORK.replace("level = \"personal\"", "level = \"private\"").replace("efficiency = 100", "efficency = 100");
    let problem = put("application/toml", &faulty).expect(422).json();
    let faults = problem["errors"].as_array().unwrap();
    assert!(faults.len() >= 2 && faults.iter().all(|fault| fault["place"].as_str().unwrap().starts_with("line ")), "{problem}");
    assert!(api.get("/api/v1/framework").expect(200).json()["needs"].is_null());

    let applied = put("application/toml", FRAMEWORK).expect(200).json();
    assert!(!applied["changes"].as_array().unwrap().is_empty());
    let json = api.get("/api/v1/framework").expect(200);
    assert_eq!(json.json()["needs"][1]["code"], "intimacy");
    let again = api.put("/api/v1/framework", json.json()).expect(200).json();
    assert_eq!(again["changes"], serde_json::json!([]));
    put("text/plain", FRAMEWORK).expect(415);
    server.api(Role::Analyst).put("/api/v1/framework", json.json()).expect(403);
});

db_test!(fn the_dashboard_leads_a_new_installation_to_its_first_segment(db) {
    let server = Server::start(db);
    let browser = server.log_in(Role::Analyst);
    let empty = browser.get("/").expect(200).text();
    assert!(empty.contains("Three steps to the first segment"), "{empty}");
    insert(db, &many());
    apply(db);
    let page = browser.get("/").expect(200);
    assert!(page.html().contains("role=\"img\""));
    let text = page.text();
    for words in ["Efficiency Seekers", "Customer Intimates", "New against long-standing", "no scored answers yet", "90"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    for path in ["/segments", "/segments/seekers", "/insights", "/insights?as_of=2026-01-01&country=NL", "/?tenure=new"] {
        browser.get(path).expect(200);
    }
    browser.get("/segments/bygone").expect(404);
    browser.get("/?tier=Z").expect(422);
});

db_test!(fn a_sales_rep_sees_figures_of_its_own_companies_alone(db) {
    insert(db, &many());
    apply(db);
    let server = Server::start(db);
    let browser = server.log_in(Role::Sales);
    let rep = db.words("SELECT email AS word FROM users WHERE role = 'sales'").remove(0);
    db.execute(&format!("UPDATE companies SET owner_email = '{rep}' WHERE id <= 7")).unwrap();
    let text = browser.get("/").expect(200).text();
    assert!(text.contains("The companies that are yours"), "{text}");
    assert!(text.contains("Companies 7") || text.contains("Companies\n7"), "{text}");
    browser.get("/insights").expect(403);
});

db_test!(fn a_framework_file_is_checked_shown_and_applied_in_the_browser(db) {
    let server = Server::start(db);
    let browser = server.log_in(Role::Admin);
    assert!(browser.get("/design").expect(200).text().contains("No framework yet"));
    let send = |path: &str, field: &str, text: &str| {
        let body = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"framework.toml\"\r\n\r\n{text}\r\n--cut--\r\n"
        );
        let headers = [("content-type", "multipart/form-data; boundary=cut"), ("sec-fetch-site", "same-origin")];
        browser.ask("POST", path, &headers, body.as_bytes())
    };
    let faulty = FRAMEWORK.replace("kind = \"rating\"", "kind = \"guess\"");
    let page = send("/design/draft", "file", &faulty).expect(422).text();
    let line = 1 + FRAMEWORK.lines().position(|line| line.starts_with("kind")).unwrap();
    assert!(page.contains("guess") && page.contains(&line.to_string()), "{page}");

    let page = send("/design/draft", "file", FRAMEWORK).expect(200);
    assert!(page.text().contains("What would change"));
    assert!(browser.get("/design").expect(200).text().contains("No framework yet"));
    send("/design/framework", "text", &FRAMEWORK.replace('\n', "\r\n")).expect(303);
    let page = browser.get("/design").expect(200).text();
    for words in ["How much does speed matter?", "Rate from 0 to 10", "Efficiency Seekers"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(send("/design/draft", "file", FRAMEWORK).expect(200).text().contains("Nothing would change"));
    assert!(browser.get("/design/framework.toml").expect(200).html().contains("how-fast"));
    server.log_in(Role::Analyst).get("/design").expect(200);
    server.log_in(Role::Sales).get("/design").expect(403);
});

db_test!(fn a_figure_is_never_older_than_the_request_for_it(db) {
    insert(db, &many());
    apply(db);
    let server = Server::start(db);
    let browser = server.log_in(Role::Analyst);
    let shows = |n: u64| {
        let text = browser.get("/?country=NL").expect(200).text();
        assert!(text.contains(&format!("Companies {n}")) || text.contains(&format!("Companies\n{n}")), "{n}: {text}");
    };
    let dutch = many().iter().filter(|company| company.country == Some("NL")).count() as u64;
    shows(dutch);
    shows(dutch);
    for more in 1..=20 {
        db.execute("UPDATE companies SET country = 'NL' WHERE id = (SELECT min(id) FROM companies WHERE country = 'DE')").unwrap();
        shows(dutch + more);
    }
});

db_test!(fn segments_are_crossed_with_any_attribute(db) {
    let companies = many();
    insert(db, &companies);
    apply(db);
    db.execute("INSERT INTO company_attributes (company_id, name, value) SELECT id, 'colour', 'red' FROM companies WHERE id <= 30").unwrap();
    let server = Server::start(db);
    let api = server.api(Role::Analyst);
    let found = api.get("/api/v1/insights/overlay?by=country").expect(200).json();
    assert_eq!((&found["rows"], &found["columns"]), (&serde_json::json!(["seekers", "intimates"]), &serde_json::json!(["DE", "NL"])));
    let of = |segment, country| companies.iter().filter(|c| c.segment == Some(segment) && c.country == Some(country)).count();
    let counts = ["seekers", "intimates"].map(|segment| ["DE", "NL"].map(|country| of(segment, country)));
    assert_eq!(found["counts"], serde_json::json!(counts));
    let both: usize = counts.iter().flatten().sum();
    assert_eq!(found["left_out"], 90 - both);
    assert!(found["residuals"][0][0].is_f64() && found["revenue"][1][1].is_f64());
    let colour = api.get("/api/v1/insights/overlay?by=colour&country=NL").expect(200).json();
    let red = |segment| companies.iter().take(30).filter(|c| c.segment == Some(segment) && c.country == Some("NL")).count();
    assert_eq!(colour["counts"], serde_json::json!([[red("seekers")], [red("intimates")]]));
    assert!(colour["residuals"][0][0].is_null());
    api.get("/api/v1/insights/overlay").expect(422);
});

db_test!(fn sales_tags_are_held_against_the_survey(db) {
    insert(db, &vec![Company::default(); 6]);
    apply(db);
    let pairs = [("seekers", "seekers", true), ("seekers", "intimates", false), ("intimates", "intimates", true), ("intimates", "intimates", false), ("bygone", "seekers", true)];
    for (id, (tag, survey, blind)) in (1..).zip(pairs) {
        db.execute(&format!(
            "INSERT INTO sales_tags (company_id, segment, reason, made_by, made_at, blind) \
             VALUES ({id}, '{tag}', 'r', 'a test', '2026-01-01 00:00:00', {blind})"
        )).unwrap();
        db.execute(&format!("INSERT INTO survey_segments (company_id, segment) VALUES ({id}, '{survey}')")).unwrap();
    }
    let server = Server::start(db);
    let found = server.api(Role::Analyst).get("/api/v1/insights/sales-tags").expect(200).json();
    assert_eq!(found["table"], serde_json::json!([[1, 1], [0, 2]]));
    // Agreement 3/4 where chance gives 2/4 · 1/4 + 2/4 · 3/4 = 1/2.
    assert_close(found["kappa"].as_f64().unwrap(), 0.5, "kappa");
    assert_close(found["kappa_blind"].as_f64().unwrap(), 1.0, "blind");
});
