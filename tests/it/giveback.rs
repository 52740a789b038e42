//! What companies like this one said: told in return for an answer, and never so that a single
//! company's answer could be told from it.

use std::collections::BTreeSet;

use dripline::insight::giveback;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::respond::Asked;
use crate::support::{TestDb, db_test};

const HEADING: &str = "What companies like yours said";

/// Companies from 101 on, `count` of them in this industry, each with a contact `c101`, … that was asked.
fn add_companies(asked: &Asked, from: i64, count: i64, industry: Option<&str>) {
    let db = asked.house.db;
    let industry = industry.map_or("NULL".to_owned(), |industry| format!("'{industry}'"));
    for id in from..from + count {
        db.execute(&format!(
            "INSERT INTO companies (id, external_id, name, name_key, industry, customer_since, created_at, updated_at) \
             VALUES ({id}, 'x{id}', 'X{id}', 'x{id}', {industry}, '2025-06-01', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        ))
        .expect("a company");
        add_contact(asked, &format!("c{id}"), id);
    }
    asked.house.run();
}

fn add_contact(asked: &Asked, contact: &str, company: i64) {
    asked.house.contact(&format!("{contact}@a.example"), Some(company));
    let enrol = contact.to_owned();
    let now = asked.house.now();
    let who = dripline::drip::Who::Contacts(vec![enrol]);
    let enrol = move |conn: &mut _| dripline::drip::enrol(conn, now, "two-steps", &who);
    asked.house.db.write_now(enrol).expect("enrolled");
}

fn answer(asked: &Asked, contact: &str, option: &str) {
    let path = asked.path_of(contact, "r");
    let form = asked.browser.get(&path).expect(200).form(&path).fill("why", option);
    asked.browser.post_form(&form).expect(303);
}

fn renew(asked: &Asked) -> usize {
    giveback::renew(asked.house.db, asked.house.now()).expect("renewed")
}

fn page(asked: &Asked, contact: &str) -> String {
    asked
        .browser
        .get(&format!("{}/thanks", asked.path_of(contact, "r")))
        .expect(200)
        .text()
}

/// Has five companies answer, so that their figures are told.
pub fn tell(asked: &Asked) {
    add_companies(asked, 101, 5, None);
    for (contact, option) in [
        ("c101", "price"),
        ("c102", "price"),
        ("c103", "price"),
        ("c104", "people"),
        ("c105", "people"),
    ] {
        answer(asked, contact, option);
    }
    assert_eq!(renew(asked), 1);
}

db_test!(
    fn nothing_is_told_of_fewer_than_a_group_and_colleagues_make_no_company(db) {
        let asked = Asked::many(db, "two-steps", &[]);
        add_companies(&asked, 101, 5, None);
        for (contact, option) in [("c101", "price"), ("c102", "price"), ("c103", "people"), ("c104", "people")] {
            answer(&asked, contact, option);
        }
        for colleague in ["d101", "e101"] {
            add_contact(&asked, colleague, 101);
            asked.house.run();
            answer(&asked, colleague, "people");
        }
        assert_eq!(renew(&asked), 0);
        assert!(!page(&asked, "c101").contains(HEADING), "six people of four companies");
        answer(&asked, "c105", "price");
        assert!(!page(&asked, "c101").contains(HEADING), "a page works nothing out");
        assert_eq!(renew(&asked), 1);
        let text = page(&asked, "c101");
        // 101 is one company: a third of a voice for the price, two thirds for the people.
        assert!(text.contains(HEADING) && text.contains("At least 5 companies"), "{text}");
        assert!(text.contains("The people 55%") && text.contains("The price 45%"), "{text}");
        assert_eq!(db.number("SELECT respondents AS n FROM giveback_sums"), 7);
        assert_eq!(renew(&asked), 0);
    }
);

db_test!(
    fn what_looks_like_a_programs_answer_is_not_told_and_a_late_one_is(db) {
        let asked = Asked::many(db, "two-steps", &[]);
        add_companies(&asked, 101, 6, None);
        for (id, option) in (101..).zip(["price", "price", "price", "people", "people"]) {
            answer(&asked, &format!("c{id}"), option);
        }
        db.execute("UPDATE answers SET suspect = TRUE WHERE company_id = 101").unwrap();
        db.execute("UPDATE answers SET late = TRUE WHERE company_id = 102").unwrap();
        assert_eq!(renew(&asked), 0);
        answer(&asked, "c106", "people");
        assert_eq!(renew(&asked), 1);
        assert_eq!(db.number("SELECT count(*) AS n FROM giveback_companies WHERE company_id = 101"), 0);
        assert_eq!(db.number("SELECT count(*) AS n FROM giveback_companies"), 5);
    }
);

db_test!(
    fn a_link_that_is_passed_on_tells_nothing_of_its_own_answers(db) {
        let asked = Asked::many(db, "two-steps", &[]);
        tell(&asked);
        add_contact(&asked, "d101", 101);
        asked.house.run();
        answer(&asked, "d101", "people");
        assert_eq!(page(&asked, "c101"), page(&asked, "d101"));
        assert_eq!(page(&asked, "c101"), page(&asked, "c104").replace("X104", "X101"));
    }
);

db_test!(
    fn who_changes_an_answer_or_is_erased_changes_nothing_that_is_told(db) {
        let asked = Asked::many(db, "two-steps", &[]);
        tell(&asked);
        let told = page(&asked, "c101");
        let now = asked.house.now();
        let contact = db.number("SELECT id AS n FROM contacts WHERE external_id = 'c102'");
        let forget = move |conn: &mut _| dripline::needs::forget_contact(conn, now, dripline::ids::ContactId(contact));
        db.write_now(forget).expect("forgotten");
        db.execute("UPDATE answers SET value = '\"people\"'").unwrap();
        renew(&asked);
        assert_eq!(page(&asked, "c101"), told);
    }
);

db_test!(
    fn a_company_is_compared_with_its_industry_where_that_is_large(db) {
        let asked = Asked::many(db, "two-steps", &[]);
        add_companies(&asked, 101, 20, Some("Mining"));
        add_companies(&asked, 201, 5, Some("Food"));
        for (id, option) in (101..).zip(["price", "price", "price", "price", "people", "people"]) {
            answer(&asked, &format!("c{id}"), option);
        }
        for (id, option) in (201..).zip(["people", "people", "people", "price", "price"]) {
            answer(&asked, &format!("c{id}"), option);
        }
        assert_eq!(renew(&asked), 2);
        let mining = page(&asked, "c101");
        assert!(mining.contains("in your industry") && mining.contains("The price 65%"), "{mining}");
        // Food has too few customers for a group of its own: it is counted with those as new as it is.
        let food = page(&asked, "c201");
        assert!(food.contains("customers about as long") && food.contains("The people 60%"), "{food}");
        assert!(!food.contains("Mining") && !mining.contains("Mining"));
    }
);

db_test!(
    fn a_group_that_was_made_larger_is_asked_for_at_once(db) {
        let asked = Asked::many(db, "two-steps", &[]);
        tell(&asked);
        let stricter = format!("[settings]\nmin_group = 6\n{}{}", crate::drip::FRAMEWORK, crate::drip::TWO_STEPS);
        asked.house.apply(&stricter);
        assert!(!page(&asked, "c101").contains(HEADING));
    }
);

/// Companies answer in any order, some of them twice, and figures are renewed at any time: any two
/// that follow one another are the same, or differ by a whole group of companies at least.
#[test]
fn two_looks_differ_by_a_whole_group_or_not_at_all() {
    let steps = proptest::collection::vec((101i64..125, 0usize..2, 0usize..4), 10..70);
    let mut runner = TestRunner::new(Config {
        cases: 6,
        failure_persistence: None,
        ..Config::default()
    });
    let checked = runner.run(&steps, |steps| {
        let db = TestDb::sqlite();
        let asked = Asked::many(&db, "two-steps", &[]);
        for id in 101..125 {
            let industry = ["'Mining'", "'Food'", "NULL"][(id % 3) as usize];
            db.execute(&format!(
                "INSERT INTO companies (id, external_id, name, name_key, industry, created_at, updated_at) \
                 VALUES ({id}, 'x{id}', 'X{id}', 'x{id}', {industry}, '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
            ))
            .expect("a company");
            asked.house.contact(&format!("c{id}@a.example"), Some(id));
        }
        let told = || -> BTreeSet<String> {
            db.words("SELECT CAST(company_id AS TEXT) AS word FROM giveback_companies").into_iter().collect()
        };
        let figures = || db.words("SELECT kin || voices || companies AS word FROM giveback_sums ORDER BY kin");
        let (mut before, mut shown) = (told(), figures());
        for (nth, (company, option, pause)) in steps.into_iter().enumerate() {
            let option = ["price", "people"][option];
            db.execute(&format!(
                "INSERT INTO answers (company_id, contact_id, question, row_code, at, seq, version_id, value, channel, suspect, recorded_at, late) \
                 SELECT {company}, c.id, 'why', '', '2026-03-10 10:00:00', {nth}, v.id, '\"{option}\"', 'form', FALSE, '2026-03-10 10:00:00', FALSE \
                 FROM contacts c, question_versions v WHERE c.external_id = 'c{company}' AND v.question = 'why'"
            ))
            .expect("an answer");
            if pause > 0 {
                continue;
            }
            renew(&asked);
            let (after, now_shown) = (told(), figures());
            prop_assert!(before.is_subset(&after));
            let added = after.len() - before.len();
            prop_assert!(added == 0 || added >= 5, "{before:?} {after:?}");
            prop_assert_eq!(added == 0, shown == now_shown);
            (before, shown) = (after, now_shown);
        }
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
}

db_test!(
    fn the_thanks_speak_the_contacts_language(db) {
        let asked = Asked::many(db, "two-steps", &[]);
        tell(&asked);
        for (language, words) in [("de-AT", "Mindestens 5 Unternehmen"), ("fr", "Au moins 5 entreprises"), ("es", "Al menos 5 empresas")] {
            db.execute(&format!("UPDATE contacts SET language = '{language}' WHERE external_id = 'c101'")).unwrap();
            let text = page(&asked, "c101");
            assert!(text.contains(words) && text.contains("60 %") && !text.contains("Thank you"), "{text}");
        }
    }
);
