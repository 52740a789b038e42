//! The data set: what people do is written as the verbs write it, in large statements; what follows
//! from it (sums, scores, segments, tiers) the verbs themselves work out.

use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use dripline::store::{Db, Url, migrate};
use dripline::{companies, framework, needs, reframe};

/// Each answers them all, one company in ten only three, one in ten none.
const QUESTIONS: usize = 15;
const PEOPLE: usize = 5;

/// The data set of that size, made when it is not there yet.
pub fn file(now: NaiveDateTime, companies: usize) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/insight");
    std::fs::create_dir_all(&folder).expect("a folder");
    let begin = format!("{companies}-");
    let file = folder.join(format!("{begin}{}.db", version()));
    if file.exists() {
        return file;
    }
    // Those of former tables are of no use, and large.
    for old in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        if old.file_name().to_string_lossy().starts_with(&begin) {
            let _ = std::fs::remove_file(old.path());
        }
    }
    let unfinished = folder.join(format!("unfinished-{companies}.db"));
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", unfinished.display()));
    }
    make(&unfinished, now, companies);
    std::fs::rename(&unfinished, &file).expect("renamed");
    file
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Of the tables as they are now.
fn version() -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let db = Db::open(&Url::Sqlite(folder.path().join("version.db"))).expect("a database");
    migrate::run(&db).expect("migrated");
    let text = "SELECT count(*) || '-' || max(version) AS version FROM __diesel_schema_migrations";
    let found: Vec<Version> = db.read_now(|conn| sql_query(text).load(conn)).expect("a version");
    found.into_iter().map(|row| row.version).collect()
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How much of what there is.
pub fn say(db: &Db) {
    let count = |table: &str| {
        let text = format!("SELECT count(*) AS n FROM {table}");
        let found: Vec<Count> = db.read_now(|conn| sql_query(text).load(conn)).expect("a count");
        found.iter().map(|count| count.n).sum::<i64>()
    };
    let tables = [
        "companies",
        "contacts",
        "answers",
        "company_segments",
        "transactions",
        "invitations",
    ];
    let counts: Vec<String> = tables.iter().map(|table| format!("{} {table}", count(table))).collect();
    println!("{}", counts.join(", "));
}

fn framework_text() -> String {
    let mut text = String::from("[settings]\nhalf_life_days = 365\n");
    for need in 0..6 {
        let level = ["strategic", "tactical", "personal"][need % 3];
        text += &format!("[[needs]]\ncode = \"n{need}\"\nname = \"Need {need}\"\nlevel = \"{level}\"\n");
    }
    for segment in 0..4 {
        text += &format!(
            "[[segments]]\ncode = \"s{segment}\"\nname = \"Segment {segment}\"\nprofile = {{ n{segment} = 100, n{} = 40 }}\n",
            4 + segment % 2
        );
    }
    for (role, weight) in [("decision_maker", 3), ("influencer", 2), ("user", 1)] {
        text += &format!("[[roles]]\ncode = \"{role}\"\nweight = {weight}.0\n");
    }
    for set in 0..5 {
        text += &format!("[[question_sets]]\ncode = \"set{set}\"\ntitle = \"Set {set}\"\n");
        for question in (0..QUESTIONS).filter(|question| question / 3 == set) {
            text += &format!(
                "[[question_sets.questions]]\ncode = \"q{question}\"\nkind = \"rating\"\ntext = \"How much does matter number {question} matter?\"\n\
                 min = 1\nmax = 5\nloads = {{ n{} = 1, n{} = 0.5 }}\n",
                question % 6,
                (question + 1 + question / 6) % 6
            );
        }
        if set == 4 {
            text += "[[question_sets.questions]]\ncode = \"words\"\nkind = \"text\"\ntext = \"What else?\"\n";
        }
    }
    text += "[[drips]]\ncode = \"welcome\"\nname = \"Welcome\"\ntrigger = \"manual\"\ncloses_after = \"21d\"\n";
    for set in 0..2 {
        text += &format!(
            "[[drips.steps]]\ndelay = \"{}d\"\nquestion_set = \"set{set}\"\nsubject = \"One minute?\"\nbody = \"Please tell us.\"\n",
            set * 7
        );
    }
    text += "[[drips]]\ncode = \"next\"\nname = \"Next\"\ntrigger = \"manual\"\ncloses_after = \"21d\"\n[[drips.steps]]\n\
             delay = \"0d\"\nquestion_set = \"set2\"\nsubject = \"One more minute?\"\nbody = \"Please tell us.\"\n";
    text
}

fn make(file: &Path, now: NaiveDateTime, companies: usize) {
    let begun = Instant::now();
    let db = Db::open(&Url::Sqlite(file.to_owned())).expect("a new database");
    migrate::run(&db).expect("migrated");
    let framework = framework::read::toml(&framework_text()).unwrap_or_else(|faults| panic!("{faults:?}"));
    db.write_now(move |conn| reframe::apply(conn, now, "bench", &framework))
        .expect("applied");
    for sql in statements(companies) {
        db.write_now(move |conn| sql_query(sql).execute(conn)).expect("filled");
    }
    println!("written in {:.0} s", begun.elapsed().as_secs_f64());
    db.write_now(companies::retier).expect("tiers");
    needs::rescore_in_steps(&db, now, &needs::Cause::new("bench"), |_| {}).expect("rescored");
    for sql in histories() {
        db.write_now(move |conn| sql_query(sql).execute(conn)).expect("a past");
    }
    db.sweep_log().expect("swept");
    println!("made in {:.0} s", begun.elapsed().as_secs_f64());
}

/// A number from 0 below `most` that looks drawn, from the number `of`.
fn drawn(of: &str, most: usize) -> String {
    format!("((({of}) * 2654435761 >> 7) % 1000003 * 31 % {most})")
}

fn statements(companies: usize) -> Vec<String> {
    let people = companies * PEOPLE;
    let numbers =
        |most: usize| format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) ");
    let ago = |days: &str| format!("strftime('%Y-%m-%d 08:00:00', '2026-11-20', '-' || ({days}) || ' days')");
    let made = "'2025-01-01 00:00:00', '2025-01-01 00:00:00'";
    let companies_sql = format!(
        "INSERT INTO companies (id, external_id, name, name_key, customer_since, industry, country, region, employees, annual_revenue, \
         customer_type, journey_stage, behaviour, technology_level, owner_email, created_at, updated_at) \
         SELECT i, 'c' || i, 'Acme ' || i, 'acme ' || i, CASE WHEN i % 20 > 0 THEN date('2026-11-01', '-' || {since} || ' days') END, \
         'Industry ' || {industry}, 'C' || {country}, 'Region ' || {region}, {employees}, \
         CASE WHEN i % 25 > 0 THEN 1000.0 * (1 + 90000 / (1 + {revenue})) END, \
         NULL, NULL, CASE {behaviour} WHEN 0 THEN 'Competitive Loyalists' ELSE 'Behaviour ' || {behaviour} END, 'Level ' || {level}, 'rep' || {rep} || '@example.com', {made} FROM n",
        since = drawn("i", 4000),
        industry = drawn("i + 1", 12),
        country = drawn("i + 2", 20),
        region = drawn("i + 3", 40),
        employees = drawn("i + 4", 9000),
        revenue = drawn("i + 5", 9000),
        behaviour = drawn("i + 6", 5),
        level = drawn("i + 7", 4),
        rep = drawn("i + 8", 50),
    );
    // What a company seeks (its number modulo 4), and the noise of an answer.
    let value = format!(
        "max(1, min(5, 3 + (CASE WHEN substr(v.question, 2) % 6 = c.company_id % 4 THEN 1 ELSE 0 END) + {} - 1))",
        drawn("c.id * 17 + v.id", 3)
    );
    let answers = |select: &str, which: &str| {
        format!(
            "INSERT INTO answers (company_id, contact_id, question, row_code, at, seq, version_id, value, channel, suspect, recorded_at, late, own_words) \
             SELECT c.company_id, c.id, v.question, '', {at}, 0, v.id, {select}, 'form', FALSE, {at}, FALSE, {words} \
             FROM contacts c JOIN question_versions v WHERE {which} ORDER BY c.company_id, c.id, v.question",
            at = ago(&drawn("c.id", 700)),
            words = if select == "CAST(x AS TEXT)" { "FALSE" } else { "TRUE" },
        )
    };
    let ratings = answers(
        "CAST(x AS TEXT)",
        "v.question <> 'words' AND c.company_id % 10 > 0 AND (c.company_id % 10 > 1 OR v.question IN ('q0', 'q1', 'q2'))",
    )
    .replace("CAST(x AS TEXT)", &format!("CAST({value} AS TEXT)"));
    let words = answers(
        "'\"They know our plant, and someone answers the phone. ' || c.id || '\"'",
        "v.question = 'words' AND c.id % 20 = 7 AND c.company_id % 10 > 1",
    );
    vec![
        numbers(companies) + &companies_sql,
        format!(
            "INSERT INTO company_attributes (company_id, name, value) SELECT id, 'shoe', 'Size ' || {} FROM companies \
             UNION ALL SELECT id, 'plan', 'Plan ' || {} FROM companies",
            drawn("id + 9", 12),
            drawn("id + 10", 3)
        ),
        numbers(people)
            + &format!(
                "INSERT INTO contacts (id, external_id, company_id, email, email_key, first_name, last_name, name_key, role, created_at, updated_at) \
                 SELECT i, 'p' || i, (i - 1) / {PEOPLE} + 1, 'p' || i || '@c' || ((i - 1) / {PEOPLE} + 1) || '.example', \
                 'p' || i || '@c' || ((i - 1) / {PEOPLE} + 1) || '.example', 'Ada', 'Number ' || i, 'ada number ' || i, \
                 CASE i % 5 WHEN 0 THEN 'decision_maker' WHEN 1 THEN 'influencer' ELSE 'user' END, {made} FROM n"
            ),
        ratings,
        words,
        numbers(companies * 2)
            + &format!(
                "INSERT INTO transactions (external_id, company_id, product, amount, occurred_at, needs, attributes, arrived_at) \
                 SELECT 't' || i, (i - 1) / 2 + 1, 'Product ' || {product}, 100.0 + {amount}, {at}, \
                 CASE WHEN i % 5 = 0 THEN 'n' || (i % 6) END, '{{}}', {at} FROM n",
                product = drawn("i", 30),
                amount = drawn("i + 1", 90000),
                at = ago(&drawn("i + 2", 900))
            ),
        format!(
            "INSERT INTO sales_tags (company_id, segment, reason, made_by, made_at, blind) \
             SELECT id, 's' || (CASE WHEN {miss} < 30 THEN {other} ELSE id % 4 END), 'They said so', owner_email, '2026-03-01 00:00:00', \
             id % 3 > 0 FROM companies WHERE id % 4 = 1",
            miss = drawn("id", 100),
            other = drawn("id + 1", 4)
        ),
        "INSERT INTO offers (name, name_key, note, needs, made_by, made_at, changed_by, changed_at) \
         VALUES ('Something new', 'something new', '', '{\"n0\":100,\"n4\":30}', 'bench', '2026-10-01 00:00:00', 'bench', '2026-10-01 00:00:00')"
            .to_owned(),
        "INSERT INTO conversations (company_id, contact_id, kind, held_on, note, author, answers, noted_at) \
         SELECT company_id, id, 'call', date('2026-11-20', '-' || (id % 400) || ' days'), '', 'bench', 0, '2026-11-20 00:00:00' \
         FROM contacts WHERE id % 7 = 0"
            .to_owned(),
        "INSERT INTO drips (code, state, changed_at) VALUES ('welcome', 'on', '2026-01-01 00:00:00') \
         ON CONFLICT (code) DO UPDATE SET state = 'on'"
            .to_owned(),
        format!(
            "INSERT INTO enrolments (drip, contact_id, company_id, occasion, state, next_step, enrolled_at) \
             SELECT 'welcome', id, company_id, '', 'finished', 2, {} FROM contacts",
            ago("30 + id % 700")
        ),
        format!(
            "INSERT INTO invitations (enrolment_id, step, drip, contact_id, company_id, framework_id, nonce, made_at, first_sent_at, closes_at, \
             opened_at, answered_at, rev, framework_step, awaited) \
             SELECT e.id, s.step, e.drip, e.contact_id, e.company_id, (SELECT max(id) FROM frameworks), 'nonce' || e.id || '-' || s.step, \
             e.enrolled_at, e.enrolled_at, '2026-11-01 00:00:00', CASE WHEN e.id % 3 > 0 THEN e.enrolled_at END, \
             CASE WHEN e.id % 3 > 1 THEN e.enrolled_at END, 0, s.step, FALSE \
             FROM enrolments e JOIN (SELECT 0 AS step UNION ALL SELECT 1) s"
        ),
        "INSERT INTO outbox (invitation_id, nth, drip, step, contact_id, company_id, to_address, state, due_at, attempts, maybe_duplicate, \
         reply, made_at, sent_at, ended_at, domain, tries) \
         SELECT i.id, 0, i.drip, i.step, i.contact_id, i.company_id, c.email, 'sent', i.made_at, 1, FALSE, '250 ok', i.made_at, i.made_at, i.made_at, \
         'c' || i.company_id || '.example', 1 FROM invitations i JOIN contacts c ON c.id = i.contact_id"
            .to_owned(),
    ]
}

/// Half of the companies had another segment a year before.
fn histories() -> Vec<String> {
    vec![
        "INSERT INTO segment_changes (company_id, at, from_segment, to_segment, source, made_by, why) \
         SELECT company_id, datetime('2025-03-01', '+' || (company_id % 400) || ' days'), NULL, 's' || ((company_id + 1) % 4), 'survey', \
         'bench', '' FROM company_segments WHERE company_id % 2 = 0"
            .to_owned(),
        "UPDATE segment_changes SET from_segment = 's' || ((company_id + 1) % 4) WHERE company_id % 2 = 0 AND at > '2026-11-01'".to_owned(),
    ]
}
