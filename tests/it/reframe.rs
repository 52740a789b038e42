//! A framework applied over answers that are there: what keeps its meaning, and what follows.

use chrono::NaiveDateTime;
use dripline::answers::{Channel, Incoming, Origin, json};
use dripline::framework::Framework;
use dripline::ids::{CompanyId, ContactId};
use dripline::{demo, design, framework, needs, reframe};

use crate::support::{TestDb, db_test};

fn now() -> NaiveDateTime {
    dripline::clock::parse_rfc3339("2026-06-01T12:00:00Z").unwrap()
}

fn apply(db: &TestDb, framework: &Framework) -> Vec<String> {
    let framework = framework.clone();
    db.write_now(move |conn| reframe::apply(conn, now(), "ana", &framework))
        .unwrap()
}

/// The demo's framework over one contact that chose the first option of its first question.
fn answered(db: &TestDb) -> Framework {
    let framework = framework::read::toml(demo::FRAMEWORK).unwrap();
    apply(db, &framework);
    for sql in [
        "INSERT INTO companies (id, external_id, name, name_key, created_at, updated_at) \
         VALUES (1, 'c', 'C', 'c', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        "INSERT INTO contacts (id, external_id, company_id, email, email_key, name_key, created_at, updated_at) \
         VALUES (1, 'p', 1, 'p@x.example', 'p@x.example', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    ] {
        db.execute(sql).unwrap();
    }
    answer(db, "cost");
    framework
}

fn answer(db: &TestDb, option: &'static str) {
    db.write_now(move |conn| {
        let design = design::current(conn)?;
        let version = design.version_of("why-change").unwrap();
        let answer = json::read(version, &serde_json::json!(option)).unwrap().remove(0);
        let origin = Origin {
            channel: Channel::Api,
            author: None,
            invitation: None,
            suspect: false,
            late: false,
        };
        needs::take(
            conn,
            now(),
            &[Incoming {
                company: CompanyId(1),
                contact: ContactId(1),
                answer,
                at: now(),
                origin,
            }],
        )
    })
    .unwrap();
}

/// The company's score on the need.
fn score(db: &TestDb, need: &str) -> Option<f64> {
    let rows = db.read_now(|conn| needs::list_of_company(conn, CompanyId(1))).unwrap();
    rows.into_iter().find(|row| row.need == need).map(|row| row.score)
}

fn loads(framework: &mut Framework, option: usize) -> &mut framework::Loads {
    match &mut framework.question_sets[0].questions[0].kind {
        framework::Kind::SingleChoice { options, .. } => &mut options[option].loads,
        other => panic!("{other:?}"),
    }
}

db_test! {
    fn an_old_answer_keeps_the_meaning_it_was_given_with(db) {
        let mut framework = answered(db);
        assert_eq!(score(db, "efficiency"), Some(100.0));
        // From now on the first option speaks for half as much; the old answer still says all.
        loads(&mut framework, 0).insert("efficiency".into(), 1.0);
        loads(&mut framework, 1).insert("efficiency".into(), 2.0);
        let changes = apply(db, &framework);
        assert!(changes.iter().any(|change| change.contains("why-change")), "{changes:?}");
        assert_eq!(score(db, "efficiency"), Some(100.0));
        assert_eq!(db.number("SELECT count(*) AS n FROM question_versions WHERE question = 'why-change'"), 2);
        // The same option chosen anew is an answer to the new version, and replaces the old one.
        answer(db, "cost");
        assert_eq!(score(db, "efficiency"), Some(50.0));
    }
}

db_test! {
    fn a_changed_wording_is_still_the_same_question(db) {
        let mut framework = answered(db);
        framework.question_sets[0].questions[0].text = "Why then?".into();
        let mu = |db: &TestDb| {
            db.read_now(|conn| {
                let design = design::current(conn)?;
                needs::calibrations(conn, &design)
            })
            .unwrap()[0]
                .mu
        };
        let before = mu(db);
        let changes = apply(db, &framework);
        assert_eq!(changes.len(), 1, "{changes:?}");
        assert_ne!(mu(db), before, "a file applied calibrates, whatever it changes");
        assert_eq!(db.number("SELECT count(*) AS n FROM question_versions WHERE question = 'why-change'"), 1);
        let text = db.read_now(design::current).unwrap().version_of("why-change").unwrap().question.text.clone();
        assert_eq!(text, "Why then?");
        assert_eq!(score(db, "efficiency"), Some(100.0));
    }
}

db_test! {
    fn an_archived_need_counts_no_more_and_comes_back_with_its_answers(db) {
        let framework = answered(db);
        let mut without = framework.clone();
        without.needs.retain(|need| need.code != "standing");
        for question in without.question_sets.iter_mut().flat_map(|set| &mut set.questions) {
            match &mut question.kind {
                framework::Kind::SingleChoice { options, .. } => options.iter_mut().for_each(|o| { o.loads.remove("standing"); }),
                framework::Kind::Matrix { rows, .. } => rows.iter_mut().for_each(|row| { row.loads.remove("standing"); }),
                _ => {}
            }
        }
        assert_eq!(score(db, "standing"), Some(0.0));
        apply(db, &without);
        assert_eq!(score(db, "standing"), None);
        apply(db, &framework);
        assert_eq!(score(db, "standing"), Some(0.0));
    }
}

db_test! {
    fn an_archived_question_keeps_counting(db) {
        let mut framework = answered(db);
        framework.question_sets[0].questions.remove(0);
        apply(db, &framework);
        assert_eq!(score(db, "efficiency"), Some(100.0));
    }
}

db_test! {
    fn applying_the_same_framework_again_changes_nothing(db) {
        let framework = answered(db);
        assert_eq!(apply(db, &framework), Vec::<String>::new());
        assert_eq!(db.number("SELECT count(*) AS n FROM frameworks"), 1);
    }
}
