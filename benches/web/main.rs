//! What people wait for, against what this machine can do at all, in one process and one run:
//! the survey page against an 8 KB page from memory; durable submissions against the same and
//! against a loop that commits a row at a time; submissions with scores kept up to date against
//! submissions without; the dashboard's figures while answers come in; the survey page while people
//! log in, mails leave and all companies are worked out anew.
//!
//! `cargo bench --bench web`. 32 connections, requests one after the other on each, five rounds in
//! turns. `DRIPLINE_BENCH_CONTACTS` (500000 is the full size), `DRIPLINE_BENCH_ROUNDS` and
//! `DRIPLINE_BENCH_SECONDS` change its size. Rounds on a busy machine say little: it prints how busy
//! it was.

/// Requests on kept connections, and how long each took.
mod client;
/// Bar 10: what goes on beside the respondents.
mod isolation;
/// What one request asks the database.
mod statements;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Double, Text};
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use dripline::accounts::{Role, token};
use dripline::clock::{Clock, parse_rfc3339};
use dripline::config::Config;
use dripline::drip::{self, Who};
use dripline::mail::letterhead::Letterhead;
use dripline::store::{Db, Url, migrate};
use dripline::web::{self as site, Site};
use dripline::{framework, needs, reframe};

use client::{CONNECTIONS, Client, answer, drive, get};

const CONTACTS_OF_A_COMPANY: usize = 5;

/// Three questions; `LOADS` is what their answers say about the needs, or nothing.
const FRAMEWORK: &str = r#"
[[needs]]
code = "efficiency"
name = "Efficiency"
level = "strategic"
[[needs]]
code = "closeness"
name = "Closeness"
level = "personal"
[[segments]]
code = "efficiency-seekers"
name = "Efficiency Seekers"
profile = { efficiency = 100 }
[[segments]]
code = "customer-intimates"
name = "Customer Intimates"
profile = { closeness = 100 }
[[question_sets]]
code = "three"
title = "Three questions"
[[question_sets.questions]]
code = "one"
kind = "rating"
text = "How much does it matter that things go quickly?"
min = 1
max = 5
LOADS_1
[[question_sets.questions]]
code = "two"
kind = "rating"
text = "How much does it matter that you know whom to call?"
min = 1
max = 5
LOADS_2
[[question_sets.questions]]
code = "three"
kind = "rating"
text = "How much does it matter that it is always the same person?"
min = 1
max = 5
LOADS_2
[[drips]]
code = "welcome"
name = "Welcome"
trigger = "manual"
closes_after = "21d"
[[drips.steps]]
delay = "0d"
question_set = "three"
subject = "One minute?"
body = "Dear {{ contact.first_name }}, please tell us."
"#;

fn main() {
    let contacts = number("DRIPLINE_BENCH_CONTACTS", 40_000);
    let rounds = number("DRIPLINE_BENCH_ROUNDS", 5);
    let seconds = number("DRIPLINE_BENCH_SECONDS", 2);
    let lasts = Duration::from_secs(seconds as u64);
    println!(
        "{contacts} contacts, {CONNECTIONS} connections, {rounds} rounds of {seconds} s; load {}",
        load()
    );
    let asked: Vec<String> = std::env::args().skip(1).filter(|part| !part.starts_with('-')).collect();
    let is_asked = |part: &str| asked.is_empty() || asked.iter().any(|one| one == part);
    if asked.iter().any(|one| one == "statements") {
        statements::watch();
    }
    let fixed = Static::start();
    let house = House::start(contacts, true);
    println!("filled; memory {} MB", resident());
    if asked.iter().any(|one| one == "statements") {
        statements::show(&house);
    }
    if is_asked("page") {
        pages(&fixed, &house, rounds, lasts);
    }
    let mut most = 4000.0;
    if is_asked("submit") {
        most = submissions(&fixed, &house, rounds, lasts);
    }
    if is_asked("dashboard") {
        dashboard(&fixed, &house, rounds, lasts, most / 2.0);
    }
    if is_asked("isolation") {
        isolation::show(&house, rounds, lasts);
    }
}

fn pages(fixed: &Static, house: &House, rounds: usize, lasts: Duration) {
    let (mut pages, mut tails) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let base = drive(fixed.address, lasts, |_| Some(get("/static")));
        let page = drive(house.address, lasts, |n| Some(get(&house.paths[n % house.paths.len()])));
        assert_eq!(page.refused, 0);
        pages.push(page.rate() / base.rate());
        tails.push(page.tail() / base.tail());
        println!(
            "page: static {:.0}/s, p99 {:.2} ms; survey page {:.0}/s, p99 {:.2} ms; load {}",
            base.rate(),
            base.tail(),
            page.rate(),
            page.tail(),
            load()
        );
    }
    show("bar 1, survey page (>= 0.45)", &mut pages);
    show("bar 1, its p99 (<= 3)", &mut tails);
    println!("bar 1, memory (<= 64 MB, with this bench's own): {} MB", resident());
}

/// The most that were taken in a second.
fn submissions(fixed: &Static, house: &House, rounds: usize, lasts: Duration) -> f64 {
    let (mut to_static, mut to_loop, mut live) = (Vec::new(), Vec::new(), Vec::new());
    let unscored = House::start(house.paths.len() / 2, false);
    let mut most: f64 = 0.0;
    let each = house.paths.len() / (rounds + 1);
    let each_unscored = unscored.paths.len() / rounds;
    for round in 0..rounds {
        let base = drive(fixed.address, lasts, |_| Some(get("/static")));
        let commits = commit_loop(house.folder.path(), lasts);
        let sent = drive(house.address, lasts, |n| {
            (n < each).then(|| answer(&house.paths[round * each + n]))
        });
        let plain = drive(unscored.address, lasts, |n| {
            (n < each_unscored).then(|| answer(&unscored.paths[round * each_unscored + n]))
        });
        assert_eq!(sent.refused + plain.refused, 0, "every answer is taken");
        to_static.push(sent.rate() / base.rate());
        to_loop.push(sent.rate() / commits);
        live.push(sent.rate() / plain.rate());
        most = most.max(sent.rate());
        println!(
            "submit: static {:.0}/s; {:.0}/s, p99 {:.2} ms; unscored {:.0}/s; single-row commits {commits:.0}/s; load {}",
            base.rate(),
            sent.rate(),
            sent.tail(),
            plain.rate(),
            load()
        );
    }
    show("bar 2, submissions to static (>= 0.30)", &mut to_static);
    show("bar 2, submissions to a commit loop (>= 2.0)", &mut to_loop);
    show("bar 6, with scores to without (>= 0.85)", &mut live);
    println!(
        "bar 6, scores against a full rescoring, largest difference: {:e} (<= 1e-9)",
        house.drift()
    );
    most
}

fn dashboard(fixed: &Static, house: &House, rounds: usize, lasts: Duration, fed: f64) {
    let (mut rates, mut tails) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let base = drive(fixed.address, lasts, |_| Some(get("/static")));
        let feeding = house.feed(house.paths.len() / 2, fed);
        let shown = drive(house.address, lasts, |_| Some(house.dashboard.clone()));
        drop(feeding);
        assert_eq!(shown.refused, 0);
        rates.push(shown.rate() / base.rate());
        tails.push(shown.tail() / base.tail());
        println!(
            "dashboard: {:.0}/s, p99 {:.2} ms; load {}",
            shown.rate(),
            shown.tail(),
            load()
        );
    }
    show("bar 7, dashboard to static (>= 0.25)", &mut rates);
    show("bar 7, its p99 (<= 5)", &mut tails);
}

fn show(what: &str, ratios: &mut [f64]) {
    let each: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    ratios.sort_by(f64::total_cmp);
    println!("{what}: {}; median {:.2}", each.join(" "), ratios[ratios.len() / 2]);
}

/// An 8 KB page from memory, by the same web framework in the same process.
struct Static {
    address: SocketAddr,
}

impl Static {
    fn start() -> Static {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            let page: &'static str = Box::leak("x".repeat(8192).into_boxed_str());
            let server = HttpServer::new(move || {
                App::new().route(
                    "/static",
                    web::get().to(move || async move { HttpResponse::Ok().body(page) }),
                )
            });
            let running = async { server.workers(1).listen(listener)?.run().await };
            actix_web::rt::System::new().block_on(running).expect("it serves");
        });
        Static { address }
    }
}

/// An installation with its server on one thread.
struct House {
    config: Arc<Config>,
    folder: tempfile::TempDir,
    db: Db,
    address: SocketAddr,
    /// The forms' paths, a contact each.
    paths: Vec<String>,
    /// A request for the dashboard's figures.
    dashboard: Vec<u8>,
}

#[derive(QueryableByName)]
struct Nonce {
    #[diesel(sql_type = Text)]
    nonce: String,
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

impl House {
    fn start(contacts: usize, is_scored: bool) -> House {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("bench.db");
        let db = Db::open(&Url::Sqlite(file.clone())).expect("a new database");
        migrate::run(&db).expect("migrated");
        let database = format!("sqlite://{}", file.display());
        let settings = [
            ("DATABASE_URL", database.as_str()),
            ("DRIPLINE_LISTEN", "127.0.0.1:0"),
            ("DRIPLINE_SECRET_KEY", "a key that is known to every bench"),
            ("DRIPLINE_MAIL_FROM", "Example Survey <survey@example.com>"),
            ("DRIPLINE_POSTAL_ADDRESS", "Example Ltd, 1 Example Street"),
        ];
        let mut config = Config::from_pairs(settings).expect("settings");
        let listener = site::bind(&mut config).expect("a free port");
        let config = Arc::new(config);
        let key = config.secret_key_or_file().expect("a key");
        let now = parse_rfc3339("2026-03-10T11:00:00Z").expect("a time");
        let letterhead = Letterhead::new(&config, key.clone());
        fill(&db, now, &letterhead, contacts, is_scored);
        let nonces = |conn: &mut _| sql_query("SELECT nonce FROM invitations ORDER BY id").load::<Nonce>(conn);
        let nonces = db.read_now(nonces).expect("invitations");
        let base = config.base_url.to_string();
        let paths = nonces.iter().filter_map(|row| {
            let link = letterhead.links(&row.nonce, true).respond?;
            Some(format!("/{}", link.strip_prefix(&base)?))
        });
        let paths: Vec<String> = paths.collect();
        let add = move |conn: &mut _| token::add(conn, now, "bench", "bench", Role::Analyst);
        let Ok(token) = db.write_now(add) else {
            panic!("a token")
        };
        let dashboard =
            format!("GET /api/v1/insights/segments HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n");
        let address = listener.local_addr().expect("an address");
        let site = Site {
            config: config.clone(),
            key,
            db: db.clone(),
            clock: Clock::fixed(now),
            worker: None,
            threads: Some(1),
            many: dripline::web::MANY,
        };
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async { site::serve(listener, site).expect("it serves").run().await })
        });
        House {
            config,
            folder,
            db,
            address,
            paths,
            dashboard: dashboard.into_bytes(),
        }
    }

    /// The largest difference between what answers made and what a full rescoring makes.
    fn drift(&self) -> f64 {
        let now = parse_rfc3339("2026-03-10T11:00:00Z").expect("a time");
        let list = "SELECT company_id, need, score FROM company_needs ORDER BY company_id, need";
        let scores = |db: &Db| db.read_now(|conn| sql_query(list).load::<Score>(conn)).expect("scores");
        let kept = scores(&self.db);
        self.db
            .write_now(move |conn| needs::rescore(conn, now, &needs::Cause::new("bench")))
            .expect("rescored");
        let anew = scores(&self.db);
        assert_eq!(kept.len(), anew.len());
        let pairs = kept.iter().zip(&anew);
        let difference = |(one, other): (&Score, &Score)| {
            assert_eq!((one.company_id, &one.need), (other.company_id, &other.need));
            (one.score - other.score).abs()
        };
        pairs.map(difference).fold(0.0, f64::max)
    }

    /// Submits answers at that rate until it is dropped.
    fn feed(&self, from: usize, rate: f64) -> Feed {
        let over = Arc::new(AtomicBool::new(false));
        let (stop, address) = (over.clone(), self.address);
        let paths: Vec<String> = self.paths[from..].to_vec();
        let thread = std::thread::spawn(move || {
            let mut client = Client::connect(address);
            let begun = Instant::now();
            for (n, path) in (0u32..).zip(paths.iter().cycle()) {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                client.ask(&answer(path));
                let due = Duration::from_secs_f64(f64::from(n) / rate.max(1.0));
                std::thread::sleep(due.saturating_sub(begun.elapsed()));
            }
        });
        Feed {
            over,
            thread: Some(thread),
        }
    }
}

struct Feed {
    over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn fill(db: &Db, now: NaiveDateTime, letterhead: &Letterhead, contacts: usize, is_scored: bool) {
    let loads = |need: &str| match is_scored {
        true => format!("loads = {{ {need} = 1 }}"),
        false => String::new(),
    };
    let text = FRAMEWORK
        .replace("LOADS_1", &loads("efficiency"))
        .replace("LOADS_2", &loads("closeness"));
    let framework = framework::read::toml(&text).unwrap_or_else(|faults| panic!("{faults:?}"));
    db.write_now(move |conn| reframe::apply(conn, now, "bench", &framework))
        .expect("applied");
    let count = contacts.div_ceil(CONTACTS_OF_A_COMPANY);
    let companies = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         INSERT INTO companies (id, external_id, name, name_key, created_at, updated_at) \
         SELECT i, 'c' || i, 'Acme ' || i, '', '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n"
    );
    let people = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {contacts}) \
         INSERT INTO contacts (external_id, company_id, email, email_key, name_key, first_name, created_at, updated_at) \
         SELECT 'p' || i, 1 + i % {count}, 'p' || i || '@c.example', 'p' || i || '@c.example', '', 'Ada', \
         '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n"
    );
    for sql in [companies, people] {
        db.write_now(move |conn| sql_query(sql).execute(conn)).expect("filled");
    }
    db.write_now(move |conn| drip::enrol(conn, now, "welcome", &Who::Audience))
        .expect("enrolled");
    loop {
        let letterhead = letterhead.clone();
        if db
            .write_now(move |conn| drip::make_due(conn, now, &letterhead))
            .expect("made")
            == 0
        {
            return;
        }
    }
}

/// Commits a second, a row each, as durable as ours.
fn commit_loop(folder: &Path, lasts: Duration) -> f64 {
    let file = folder.join(format!("loop-{:?}.db", Instant::now()).replace([' ', ':'], "-"));
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).expect("a database");
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT)",
    )
    .expect("a table");
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < lasts {
        conn.batch_execute("INSERT INTO t (at) VALUES ('2026-03-10 11:00:00')")
            .expect("a row");
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

/// How busy the machine is: of the last minute.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// In MB, now.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kilobytes.unwrap_or_default() / 1024
}

fn number(name: &str, otherwise: usize) -> usize {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
