//! Scores and segments over a database: equal to the shared figures, and the same whether kept up
//! to date answer by answer or worked out anew.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use dripline::answers::{Channel, Incoming, Origin, json};
use dripline::ids::{CompanyId, ContactId};
use dripline::needs::{Cause, CompanyNeedRow, Hand, RungsRow};
use dripline::store::{self, Conn};
use dripline::{design, framework, needs};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{TestDb, assert_packed, db_test};

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

fn at(text: &str) -> NaiveDateTime {
    dripline::clock::parse_rfc3339(text).unwrap()
}

/// The vectors' needs, segments and questions as a framework; a contact's role is named after its weight.
fn framework_of(vectors: &Value, half_life_days: Option<f64>) -> framework::Framework {
    let named = |code: &Value| json!({ "code": code, "name": code });
    let mut needs = Vec::new();
    for code in vectors["needs"].as_array().unwrap() {
        let mut need = named(code);
        need["level"] = json!("tactical");
        needs.push(need);
    }
    let mut segments = Vec::new();
    for segment in vectors["segments"].as_array().unwrap() {
        let mut with_name = named(&segment["code"]);
        with_name["profile"] = segment["profile"].clone();
        segments.push(with_name);
    }
    let questions: Vec<Value> = vectors["questions"]
        .as_object()
        .unwrap()
        .values()
        .map(question)
        .collect();
    let mut settings = json!({});
    if let Some(days) = half_life_days {
        settings["half_life_days"] = json!(days);
    }
    let file = json!({
        "settings": settings,
        "roles": [{ "code": "one", "weight": 1 }, { "code": "two", "weight": 2 }, { "code": "three", "weight": 3 }],
        "needs": needs,
        "segments": segments,
        "question_sets": [{ "code": "all", "title": "All", "questions": questions }],
    });
    framework::read::json(&file.to_string()).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn question(vector: &Value) -> Value {
    let mut question = vector.clone();
    question["text"] = question["code"].clone();
    if question["kind"] == "matrix_row" {
        question["kind"] = json!("matrix");
        question["rows"] = json!([{ "code": "row", "text": "row", "loads": question["loads"] }]);
        question.as_object_mut().unwrap().remove("loads");
    }
    if question["kind"] == "nps" {
        question
            .as_object_mut()
            .unwrap()
            .retain(|key, _| key != "min" && key != "max");
    }
    for option in question
        .get_mut("options")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        option["text"] = option["code"].clone();
    }
    question
}

const ROLES: [&str; 3] = ["one", "two", "three"];

fn add_company(conn: &mut Conn, id: i64) -> store::Result<()> {
    sql(
        conn,
        &format!(
            "INSERT INTO companies (id, external_id, name, name_key, created_at, updated_at) \
         VALUES ({id}, 'company-{id}', 'C', 'c', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        ),
    )
}

fn add_contact(conn: &mut Conn, id: i64, company: i64, role: &str) -> store::Result<()> {
    sql(
        conn,
        &format!(
            "INSERT INTO contacts (id, external_id, company_id, email, email_key, name_key, role, created_at, updated_at) \
         VALUES ({id}, 'P{id}', {company}, 'p@x.example', 'p@x.example', '', '{role}', '2026-01-01 00:00:00', \
         '2026-01-01 00:00:00')"
        ),
    )
}

fn sql(conn: &mut Conn, text: &str) -> store::Result<()> {
    use diesel::RunQueryDsl;
    diesel::sql_query(text).execute(conn).map(|_| ())
}

fn apply(db: &TestDb, framework: framework::Framework) {
    let applied =
        db.write_now(move |conn| design::store_framework(conn, at("2026-01-01T00:00:00Z"), "test", &framework));
    applied.unwrap();
}

/// The answer as the API would take it.
fn incoming(
    conn: &mut Conn,
    company: i64,
    contact: i64,
    question: &str,
    value: &Value,
    at: NaiveDateTime,
) -> store::Result<Vec<Incoming>> {
    let design = design::current(conn)?;
    let version = design.version_of(question).expect("the question is asked");
    let is_row = matches!(version.question.kind, framework::Kind::Matrix { .. });
    let value = if is_row && value.is_number() {
        json!({ "row": value })
    } else {
        value.clone()
    };
    let answers = json::read(version, &value).unwrap_or_else(|fault| panic!("{question} {value}: {fault}"));
    let origin = Origin {
        channel: Channel::Api,
        author: None,
        invitation: None,
        suspect: false,
        late: false,
    };
    let incoming = |answer| Incoming {
        company: CompanyId(company),
        contact: ContactId(contact),
        answer,
        at,
        origin: origin.clone(),
    };
    Ok(answers.into_iter().map(incoming).collect())
}

fn standing(db: &TestDb, company: i64) -> (Vec<CompanyNeedRow>, RungsRow) {
    db.read_now(move |conn| {
        let rows = needs::list_of_company(conn, CompanyId(company))?;
        Ok::<_, store::Error>((rows, needs::find_rungs(conn, CompanyId(company))?))
    })
    .unwrap()
}

#[track_caller]
fn assert_close(found: f64, expected: &Value, tolerance: f64, what: &str) {
    let expected = expected.as_f64().unwrap();
    assert!(
        (found - expected).abs() <= tolerance,
        "{what}: found {found}, expected {expected}"
    );
}

/// Feeds the vectors' answers one by one, in an order of our own, and compares every company.
fn compare_with_vectors(db: &TestDb, run: usize) {
    let vectors = vectors();
    let run = &vectors["company_runs"][run];
    apply(db, framework_of(&vectors, run["half_life_days"].as_f64()));
    let mut companies: BTreeMap<String, i64> = BTreeMap::new();
    let mut contacts: BTreeMap<String, i64> = BTreeMap::new();
    let mut answers = vectors["answers"].as_array().unwrap().clone();
    answers.reverse();
    db.write_now(move |conn| {
        for answer in &answers {
            let key = |name: &str| answer[name].as_str().unwrap().to_owned();
            let next = companies.len() as i64 + 1;
            let company = *companies.entry(key("company")).or_insert(next);
            if company == next {
                let code = key("company");
                add_company(conn, company)?;
                sql(
                    conn,
                    &format!("UPDATE companies SET external_id = '{code}' WHERE id = {company}"),
                )?;
            }
            let next = contacts.len() as i64 + 1;
            let contact = *contacts.entry(key("contact")).or_insert(next);
            if contact == next {
                add_contact(
                    conn,
                    contact,
                    company,
                    ROLES[answer["role_weight"].as_f64().unwrap() as usize - 1],
                )?;
            }
            let given = incoming(
                conn,
                company,
                contact,
                &key("question"),
                &answer["value"],
                at(&key("at")),
            )?;
            needs::take(conn, at("2026-10-01T00:00:00Z"), &given)?;
        }
        needs::calibrate(conn, at("2026-10-01T00:00:00Z"))
    })
    .unwrap();
    let found = db
        .read_now(|conn| {
            let design = design::current(conn)?;
            needs::calibrations(conn, &design)
        })
        .unwrap();
    for (need, found) in vectors["needs"].as_array().unwrap().iter().zip(found) {
        let expected = &run["calibration"][need.as_str().unwrap()];
        assert_close(found.sigma2, &expected["sigma2"], 1e-6, "sigma2");
        assert_close(found.omega2, &expected["omega2"], 1e-6, "omega2");
        assert_close(found.mu, &expected["mu"], 1e-6, "mu");
        assert_close(found.tau2, &expected["tau2"], 1e-6, "tau2");
    }
    for (code, expected) in run["companies"].as_object().unwrap() {
        let id = db.number(&format!("SELECT id AS n FROM companies WHERE external_id = '{code}'"));
        let (rows, rungs) = standing(db, id);
        assert_eq!(rows.len(), expected["needs"].as_object().unwrap().len(), "{code}");
        for row in rows {
            let need = &expected["needs"][&row.need];
            assert_close(row.score, &need["score"], 1e-6, code);
            assert_close(row.n_eff, &need["n_eff"], 1e-6, code);
            assert_close(row.se, &need["se"], 1e-6, code);
            assert_eq!(i64::from(row.n), need["n"].as_i64().unwrap(), "{code}");
        }
        let assignment = &expected["assignment"];
        assert_eq!(rungs.segment.as_deref(), assignment["segment"].as_str(), "{code}");
        assert_eq!(rungs.runner_up.as_deref(), assignment["runner_up"].as_str(), "{code}");
        assert_close(rungs.margin.unwrap(), &assignment["margin"], 1e-6, code);
        assert_close(rungs.confidence.unwrap(), &assignment["confidence"], 0.006, code);
        let answers = format!("SELECT CAST(answers AS BIGINT) AS n FROM company_evidence WHERE company_id = {id}");
        assert_eq!(
            db.number(&answers),
            expected["distinct_scored_answers"].as_i64().unwrap(),
            "{code}"
        );
    }
}

db_test! {
    fn every_company_of_the_vectors_comes_out_as_expected(db) {
        compare_with_vectors(db, 0);
    }
}

db_test! {
    fn every_company_of_the_vectors_comes_out_as_expected_with_a_half_life(db) {
        compare_with_vectors(db, 1);
    }
}

/// One event of a random history.
#[derive(Debug, Clone)]
enum Event {
    Answer { contact: i64, pick: usize, day: i64 },
    NoOpinion { contact: i64, day: i64 },
    Suspect { contact: i64, pick: usize, day: i64 },
    Role { contact: i64, role: usize },
    Erase { contact: i64 },
    Calibrate,
}

const COMPANIES: i64 = 3;
const CONTACTS: i64 = 7;

fn event() -> impl Strategy<Value = Event> {
    let contact = 1..=CONTACTS;
    prop_oneof![
        12 => (contact.clone(), 0..300usize, 0..40i64)
            .prop_map(|(contact, pick, day)| Event::Answer { contact, pick, day }),
        1 => (contact.clone(), 0..40i64).prop_map(|(contact, day)| Event::NoOpinion { contact, day }),
        1 => (contact.clone(), 0..300usize, 0..40i64)
            .prop_map(|(contact, pick, day)| Event::Suspect { contact, pick, day }),
        2 => (contact.clone(), 0..3usize).prop_map(|(contact, role)| Event::Role { contact, role }),
        1 => contact.prop_map(|contact| Event::Erase { contact }),
        1 => Just(Event::Calibrate),
    ]
}

fn play(conn: &mut Conn, answers: &[Value], event: &Event) -> store::Result<()> {
    let now = at("2026-06-01T12:00:00Z");
    let day = |day: i64| at("2026-03-01T10:00:00Z") + chrono::TimeDelta::days(day);
    let company = |contact: i64| contact % COMPANIES + 1;
    let given = |conn: &mut Conn, contact: i64, pick: usize, on: i64| {
        let answer = &answers[pick % answers.len()];
        incoming(
            conn,
            company(contact),
            contact,
            answer["question"].as_str().unwrap(),
            &answer["value"],
            day(on),
        )
    };
    match *event {
        Event::Answer { contact, pick, day } => {
            let incoming = given(conn, contact, pick, day)?;
            needs::take(conn, now, &incoming)
        }
        Event::Suspect { contact, pick, day } => {
            let mut incoming = given(conn, contact, pick, day)?;
            incoming.iter_mut().for_each(|one| one.origin.suspect = true);
            needs::take(conn, now, &incoming)
        }
        Event::NoOpinion { contact, day: on } => {
            let incoming = incoming(
                conn,
                company(contact),
                contact,
                "q2",
                &json!({ "no_opinion": true }),
                day(on),
            )?;
            needs::take(conn, now, &incoming)
        }
        Event::Role { contact, role } => {
            sql(
                conn,
                &format!("UPDATE contacts SET role = '{}' WHERE id = {contact}", ROLES[role]),
            )?;
            needs::contacts_changed(conn, now, &[ContactId(contact)])
        }
        Event::Erase { contact } => needs::forget_contact(conn, now, ContactId(contact)),
        Event::Calibrate => needs::calibrate(conn, now),
    }
}

/// Plays the history event by event; then works everything out anew and compares.
fn incremental_equals_full(db: &TestDb, history: Vec<Event>, half_life_days: Option<f64>) {
    let vectors = vectors();
    let mut framework = framework_of(&vectors, half_life_days);
    for question in &mut framework.question_sets[0].questions {
        question.no_opinion = (question.code == "q2").then(|| "I can't say".to_owned());
    }
    apply(db, framework);
    let answers = vectors["answers"].as_array().unwrap().clone();
    db.write_now(move |conn| {
        (1..=COMPANIES).try_for_each(|id| add_company(conn, id))?;
        (1..=CONTACTS).try_for_each(|id| add_contact(conn, id, id % COMPANIES + 1, "one"))?;
        history.iter().try_for_each(|event| play(conn, &answers, event))
    })
    .unwrap();
    assert_packed(db);
    let kept: Vec<_> = (1..=COMPANIES).map(|company| standing(db, company)).collect();
    // A full pass trusts the answers alone: what is wrong or missing in between is put right.
    db.execute("UPDATE contact_needs SET weighed = weighed + 1 WHERE contact_id = 1")
        .unwrap();
    db.execute("DELETE FROM contact_needs WHERE contact_id = 2").unwrap();
    db.execute("DELETE FROM contact_evidence WHERE contact_id = 3").unwrap();
    needs::rescore_in_steps(db, at("2026-06-02T00:00:00Z"), &Cause::new("test"), |_| {}).unwrap();
    assert_packed(db);
    for (company, (rows, rungs)) in (1..).zip(kept) {
        let (rows_anew, rungs_anew) = standing(db, company);
        assert_eq!(rows.len(), rows_anew.len());
        for (row, anew) in rows.iter().zip(&rows_anew) {
            assert_eq!((&row.need, row.n), (&anew.need, anew.n));
            for (kept, anew) in [
                (row.score, anew.score),
                (row.n_eff, anew.n_eff),
                (row.between_contacts, anew.between_contacts),
            ] {
                assert!(
                    (kept - anew).abs() <= 1e-9,
                    "company {company}, {}: {kept} kept, {anew} anew",
                    row.need
                );
            }
        }
        assert_eq!(
            (&rungs.segment, &rungs.source, &rungs.fits),
            (&rungs_anew.segment, &rungs_anew.source, &rungs_anew.fits)
        );
        assert_eq!(
            (rungs.margin, &rungs.runner_up),
            (rungs_anew.margin, &rungs_anew.runner_up)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn scores_kept_up_to_date_equal_scores_worked_out_anew(
        history in prop::collection::vec(event(), 1..60),
        half_life_days in prop::option::of(1.0..400.0),
    ) {
        incremental_equals_full(&TestDb::sqlite(), history, half_life_days);
    }
}

#[test]
fn scores_kept_up_to_date_on_postgresql_equal_scores_worked_out_anew() {
    use proptest::strategy::ValueTree;
    let Some(db) = TestDb::postgres(module_path!()) else {
        return;
    };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let history = prop::collection::vec(event(), 120..121)
        .new_tree(&mut runner)
        .unwrap()
        .current();
    incremental_equals_full(&db, history, Some(90.0));
}

db_test! {
    fn a_higher_rung_shows_and_the_one_below_comes_back_when_it_goes(db) {
        let vectors = vectors();
        apply(db, framework_of(&vectors, None));
        let segment = |db: &TestDb| {
            let (_, rungs) = standing(db, 1);
            rungs.segment.map(|segment| (segment, rungs.source.unwrap()))
        };
        let now = at("2026-06-01T12:00:00Z");
        db.write_now(move |conn| {
            add_company(conn, 1)?;
            sql(conn, "INSERT INTO transactions (external_id, company_id, occurred_at, needs, attributes, arrived_at) \
                VALUES ('t', 1, '2026-01-01 00:00:00', 'innovation', '{}', '2026-01-01 00:00:00')")?;
            needs::deals_changed(conn, now, &[CompanyId(1)])
        }).unwrap();
        assert_eq!(segment(db), Some(("innovators".into(), "deals".into())));
        let company = CompanyId(1);
        let tag = Hand::SalesTag { blind: true };
        db.write_now(move |conn| needs::set_by_hand(conn, now, company, tag, "customer-intimates", "calls a lot", "rep")).unwrap();
        assert_eq!(segment(db), Some(("customer-intimates".into(), "sales_tag".into())));
        db.write_now(move |conn| needs::set_by_hand(conn, now, company, Hand::Override, "efficiency-seekers", "told me", "ana")).unwrap();
        assert_eq!(segment(db), Some(("efficiency-seekers".into(), "override".into())));
        db.write_now(move |conn| needs::clear_by_hand(conn, now, company, Hand::Override, "ana")).unwrap();
        assert_eq!(segment(db), Some(("customer-intimates".into(), "sales_tag".into())));
        db.write_now(move |conn| needs::clear_by_hand(conn, now, company, tag, "rep")).unwrap();
        assert_eq!(segment(db), Some(("innovators".into(), "deals".into())));
        let changes = db.read_now(move |conn| needs::list_changes(conn, company)).unwrap();
        let sources: Vec<&str> = changes.iter().map(|change| change.source.as_str()).collect();
        assert_eq!(sources, ["deals", "sales_tag", "override", "sales_tag", "deals"]);
        assert_eq!(changes[2].why, "told me");
    }
}

db_test! {
    fn answers_to_the_same_companies_at_the_same_time_all_come_in(db) {
        let vectors = vectors();
        apply(db, framework_of(&vectors, None));
        db.write_now(|conn| {
            (1..=COMPANIES).try_for_each(|id| add_company(conn, id))?;
            (1..=CONTACTS).try_for_each(|id| add_contact(conn, id, id % COMPANIES + 1, "one"))
        }).unwrap();
        let answer_all = |thread: i64| {
            let db = dripline::store::Db::clone(db);
            move || for round in 0..25 {
                let day = at("2026-03-01T10:00:00Z") + chrono::TimeDelta::minutes(thread * 100 + round);
                let taken = db.write_now(move |conn| {
                    let mut all = Vec::new();
                    for contact in 1..=CONTACTS {
                        all.extend(incoming(conn, contact % COMPANIES + 1, contact, "q2", &json!(round % 10 + 1), day)?);
                    }
                    needs::take(conn, day, &all)
                });
                taken.unwrap_or_else(|error| panic!("thread {thread}, round {round}: {error}"));
            }
        };
        let threads: Vec<_> = (0..6).map(|thread| std::thread::spawn(answer_all(thread))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(db.number("SELECT count(*) AS n FROM answers"), 6 * 25 * CONTACTS);
    }
}
