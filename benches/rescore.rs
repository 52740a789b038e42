//! Working all companies out anew from their answers, against a bare scan of the same rows and
//! against a plain loop over columns in memory, which is 0.28 to 0.31 of what DuckDB takes.
//!
//! `cargo bench --bench rescore`. `DRIPLINE_BENCH_COMPANIES` (100000 is the full size: 6 million
//! answers) and `DRIPLINE_BENCH_ROUNDS` change its size. The file is read by a new connection each
//! time; with `DRIPLINE_BENCH_COLD=1`, and as root, the machine's file cache is emptied before.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use diesel::sql_types::{BigInt, Double, Text};
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use dripline::answers::{Channel, Incoming, NewAnswer, Origin, Value};
use dripline::clock::parse_rfc3339;
use dripline::design;
use dripline::ids::{CompanyId, ContactId};
use dripline::store::{Db, Url, migrate};
use dripline::{framework, needs, reframe};

const QUESTIONS: usize = 12;
const PEOPLE: usize = 5;
/// Companies whose answers come in one by one, to be compared with what a full pass makes of them.
const LIVE: usize = 100;

fn main() {
    let companies = number("DRIPLINE_BENCH_COMPANIES", 10_000).max(LIVE);
    let rounds = number("DRIPLINE_BENCH_ROUNDS", 3);
    let is_cold = number("DRIPLINE_BENCH_COLD", 0) == 1;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bench.db");
    let db = Db::open(&Url::Sqlite(file.clone())).expect("a new database");
    migrate::run(&db).expect("migrated");
    fill(&db, companies);
    db.sweep_log().expect("swept");
    let answers = companies * PEOPLE * QUESTIONS;
    println!("{answers} answers of {companies} companies; load {}", load());
    let live = scores(&db, LIVE);
    let (mut to_scan, mut to_loop) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let scanned = timed(is_cold, || assert_eq!(scan(&file), answers));
        let looped = loop_over_columns(companies);
        let rescored = timed(is_cold, || {
            let db = Db::open(&Url::Sqlite(file.clone())).expect("the database");
            let now = parse_rfc3339("2026-03-11T11:00:00Z").expect("a time");
            db.write_now(move |conn| needs::rescore(conn, now, &needs::Cause::new("bench")))
                .expect("rescored");
        });
        to_scan.push(rescored / scanned);
        to_loop.push(rescored / looped);
        println!(
            "rescoring {:.0} ms; bare scan {:.0} ms; loop over columns {:.1} ms; peak memory {} MB; load {}",
            rescored * 1000.0,
            scanned * 1000.0,
            looped * 1000.0,
            peak(),
            load()
        );
    }
    let anew = scores(&db, LIVE);
    assert_eq!(live.len(), anew.len());
    let difference = live.iter().zip(&anew).map(|(one, other)| {
        assert_eq!((one.company_id, &one.need), (other.company_id, &other.need));
        (one.score - other.score).abs()
    });
    let drift = difference.fold(0.0, f64::max);
    println!("bar 5, largest difference to what came in one by one: {drift:e} (<= 1e-9)");
    show("bar 5, rescoring to a bare scan (<= 1.3)", &mut to_scan);
    show(
        "bar 5, rescoring to a loop over columns (<= 1.6, half of DuckDB)",
        &mut to_loop,
    );
}

fn show(what: &str, ratios: &mut [f64]) {
    let each: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    ratios.sort_by(f64::total_cmp);
    println!("{what}: {}; median {:.2}", each.join(" "), ratios[ratios.len() / 2]);
}

fn framework_text() -> String {
    let mut text = String::new();
    for need in 1..=6 {
        text += &format!("[[needs]]\ncode = \"n{need}\"\nname = \"Need {need}\"\nlevel = \"strategic\"\n");
    }
    for segment in 1..=4 {
        text += &format!(
            "[[segments]]\ncode = \"s{segment}\"\nname = \"Segment {segment}\"\nprofile = {{ n{segment} = 100, n{} = 40 }}\n",
            segment % 6 + 2
        );
    }
    text += "[[roles]]\ncode = \"buyer\"\nname = \"Buyer\"\nweight = 1.5\n";
    text += "[[question_sets]]\ncode = \"all\"\ntitle = \"All\"\n";
    for question in 0..QUESTIONS {
        let need = |more: usize| (question + more) % 6 + 1;
        text += &format!(
            "[[question_sets.questions]]\ncode = \"q{question}\"\nkind = \"rating\"\ntext = \"Question {question}\"\nmin = 1\nmax = 5\n\
             loads = {{ n{} = 1, n{} = 0.5, n{} = 0.25 }}\n",
            need(0),
            need(1),
            need(2)
        );
    }
    text
}

fn fill(db: &Db, companies: usize) {
    let now = parse_rfc3339("2026-03-10T11:00:00Z").expect("a time");
    let framework = framework::read::toml(&framework_text()).unwrap_or_else(|faults| panic!("{faults:?}"));
    db.write_now(move |conn| reframe::apply(conn, now, "bench", &framework))
        .expect("applied");
    let people = companies * PEOPLE;
    let numbers =
        |most: usize| format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) ");
    let statements = [
        numbers(companies)
            + "INSERT INTO companies (id, external_id, name, name_key, created_at, updated_at) \
               SELECT i, 'c' || i, 'Acme ' || i, '', '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n",
        numbers(people)
            + &format!(
                "INSERT INTO contacts (id, external_id, company_id, email, email_key, name_key, role, created_at, updated_at) \
                 SELECT i, 'p' || i, (i - 1) / {PEOPLE} + 1, 'p' || i || '@c.example', 'p' || i || '@c.example', '', \
                 CASE i % 3 WHEN 0 THEN 'buyer' END, '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n"
            ),
        // All but those that come in one by one.
        format!(
            "INSERT INTO answers (company_id, contact_id, question, row_code, at, seq, version_id, value, channel, suspect, recorded_at) \
             SELECT contacts.company_id, contacts.id, question_versions.question, '', '2026-03-01 00:00:00', 0, question_versions.id, \
             CAST((contacts.id * 7 + question_versions.id * 3) % 5 + 1 AS TEXT), 'form', FALSE, '2026-03-01 00:00:00' \
             FROM contacts JOIN question_versions WHERE contacts.company_id > {LIVE} \
             ORDER BY contacts.company_id, contacts.id, question_versions.question"
        ),
    ];
    for sql in statements {
        db.write_now(move |conn| sql_query(sql).execute(conn)).expect("filled");
    }
    for company in 1..=LIVE {
        db.write_now(move |conn| {
            let design = design::current(conn)?;
            let mut incoming = Vec::new();
            for contact in (company - 1) * PEOPLE + 1..=company * PEOPLE {
                for question in 0..QUESTIONS {
                    let Some(version) = design.version_of(&format!("q{question}")) else {
                        continue;
                    };
                    let number = (contact as i64 * 7 + version.id.0 * 3) % 5 + 1;
                    incoming.push(Incoming {
                        company: CompanyId(company as i64),
                        contact: ContactId(contact as i64),
                        answer: NewAnswer {
                            question: version.question.code.clone(),
                            row: None,
                            version: version.id,
                            value: Value::Number(number as i32),
                        },
                        at: now,
                        origin: Origin {
                            channel: Channel::Form,
                            author: None,
                            invitation: None,
                            suspect: false,
                            late: false,
                        },
                    });
                }
            }
            needs::take(conn, now, &incoming)
        })
        .expect("taken");
    }
}

#[derive(QueryableByName)]
struct Score {
    #[diesel(sql_type = BigInt)]
    company_id: i64,
    #[diesel(sql_type = Text)]
    need: String,
    #[diesel(sql_type = Double)]
    score: f64,
}

fn scores(db: &Db, until: usize) -> Vec<Score> {
    let sql = format!(
        "SELECT company_id, need, score FROM company_needs WHERE company_id <= {until} ORDER BY company_id, need"
    );
    db.read_now(move |conn| sql_query(sql).load::<Score>(conn))
        .expect("scores")
}

#[derive(QueryableByName)]
struct Bare {
    #[diesel(sql_type = BigInt)]
    company_id: i64,
    #[diesel(sql_type = BigInt)]
    contact_id: i64,
    #[diesel(sql_type = Text)]
    question: String,
    #[diesel(sql_type = Text)]
    value: String,
}

/// Every row once, as whoever works them out must read them.
fn scan(file: &Path) -> usize {
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).expect("the database");
    let mut after = 0;
    let mut count = 0;
    loop {
        let sql = format!(
            "SELECT company_id, contact_id, question, value FROM answers WHERE company_id > {after} AND company_id <= {} \
             ORDER BY company_id, contact_id, question",
            after + 500
        );
        let rows: Vec<Bare> = sql_query(sql).load(&mut conn).expect("answers");
        if rows.is_empty() {
            return count;
        }
        for row in &rows {
            black_box((row.company_id, row.contact_id, &row.question, &row.value));
        }
        count += rows.len();
        after += 500;
    }
}

/// The same sums over columns that are in memory already, as an engine made for it has them.
fn loop_over_columns(companies: usize) -> f64 {
    let rows = companies * PEOPLE * QUESTIONS;
    let company: Vec<u32> = (0..rows).map(|row| (row / (PEOPLE * QUESTIONS)) as u32).collect();
    let question: Vec<u8> = (0..rows).map(|row| (row % QUESTIONS) as u8).collect();
    let option: Vec<u8> = (0..rows).map(|row| (row * 7 % 5 + 1) as u8).collect();
    let role: Vec<f64> = (0..rows).map(|row| if row % 3 == 0 { 1.5 } else { 1.0 }).collect();
    let weights = |question: usize| {
        [
            (question % 6, 1.0),
            ((question + 1) % 6, 0.5),
            ((question + 2) % 6, 0.25),
        ]
    };
    let begun = Instant::now();
    let mut sums = vec![[(0.0, 0.0); 6]; companies];
    for row in 0..rows {
        let sums = &mut sums[company[row] as usize];
        let points = f64::from(option[row] - 1) * 25.0;
        for (need, weight) in weights(question[row] as usize) {
            let weight = weight * role[row];
            sums[need].0 += weight * points;
            sums[need].1 += weight;
        }
    }
    let scores: Vec<[f64; 6]> = sums.iter().map(|sums| sums.map(|(sum, weight)| sum / weight)).collect();
    black_box(scores);
    begun.elapsed().as_secs_f64()
}

fn timed(is_cold: bool, work: impl FnOnce()) -> f64 {
    if is_cold {
        std::fs::write("/proc/sys/vm/drop_caches", "3").expect("root may empty the file cache");
    }
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// In MB, at its highest.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kilobytes.unwrap_or_default() / 1024
}

fn number(name: &str, otherwise: usize) -> usize {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
