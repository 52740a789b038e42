//! How many mails a second leave, each personal, each written down before the next one on its
//! connection, against Postfix's own load generator `smtp-source -d`, which renders nothing and
//! writes nothing down: both into the same `smtp-sink`, in turns, at 1, 8 and 32 connections.
//!
//! `cargo bench --bench mail`; `DRIPLINE_BENCH_MAILS` and `DRIPLINE_BENCH_ROUNDS` change its size.
//! Needs Postfix's `smtp-sink` and `smtp-source` (Debian: the package postfix), which need not run.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::NaiveDateTime;
use diesel::{RunQueryDsl, sql_query};
use dripline::clock::{Clock, parse_rfc3339};
use dripline::config::Config;
use dripline::drip::send::{self, Outgoing, Stop};
use dripline::drip::{self, Who};
use dripline::store::{Db, Url, migrate};
use dripline::{framework, reframe};

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
code = "why"
title = "Why you bought"
[[question_sets.questions]]
code = "reason"
kind = "single_choice"
text = "What decided it for {{ company.name }}?"
options = [
  { code = "saves", text = "It saves us work", loads = { efficiency = 2 } },
  { code = "people", text = "We know whom to call", loads = { closeness = 2 } },
]
[[drips]]
code = "welcome"
name = "Welcome"
trigger = "manual"
reminders = { after = "3d", count = 1 }
closes_after = "21d"
[[drips.steps]]
delay = "0d"
question_set = "why"
subject = 'One minute, {{ contact.first_name | default: "please" }}?'
body = """
Dear {{ contact.first_name }} {{ contact.last_name }},

thank you for choosing us for **{{ company.name }}**. What you tell us decides what we do next, so
we would like to ask you one thing.

{{ link }}

Kind regards

{{ sender.name }}
"""
first_question_in_mail = true
[[drips.steps]]
delay = "7d"
question_set = "why"
subject = "Once more"
body = "x"
"#;

fn main() {
    let (Some(sink), Some(source)) = (program("smtp-sink"), program("smtp-source")) else {
        println!("left out: smtp-sink and smtp-source are not installed (Debian: postfix)");
        return;
    };
    let mails = number("DRIPLINE_BENCH_MAILS", 10_000);
    let rounds = number("DRIPLINE_BENCH_ROUNDS", 5);
    println!("{mails} mails a run, {rounds} rounds, SQLite with synchronous=FULL");
    println!("CPU: seconds of processor time a 1,000 mails, which a busy machine changes little");
    let length = length_of_ours(&sink);
    println!("our mails have {length} bytes");
    println!(
        "connections  smtp-source/s    CPU   sink  (3 KB/s)  dripline/s    CPU  (writer)   sink  ratio of each round"
    );
    let only = number("DRIPLINE_BENCH_CONNECTIONS", 0);
    for connections in [1, 8, 32].into_iter().filter(|n| only == 0 || only == *n) {
        let (mut theirs, mut shorts, mut ours) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            theirs.push(run_source(&sink, &source, connections, mails, length));
            ours.push(run_dripline(&sink, connections, mails));
            shorts.push(run_source(&sink, &source, connections, mails, 3000));
        }
        let ratio = |theirs: &[Run]| -> Vec<f64> {
            let pairs = ours.iter().zip(theirs);
            pairs
                .map(|(our, their)| our.mails_a_second / their.mails_a_second)
                .collect()
        };
        let mut ratios = ratio(&theirs);
        let each: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
        let of = |runs: &[Run], figure: fn(&Run) -> f64| median(&mut runs.iter().map(figure).collect::<Vec<_>>());
        println!(
            "{connections:>11}  {:>13.0}  {:>5.3}  {:>5.3}  {:>8.0}  {:>10.0}  {:>5.3}  ({:.3})  {:>5.3}  {}; median {:.2}, of 3 KB {:.2}",
            of(&theirs, |run| run.mails_a_second),
            of(&theirs, |run| run.cpu),
            of(&theirs, |run| run.sink_cpu),
            of(&shorts, |run| run.mails_a_second),
            of(&ours, |run| run.mails_a_second),
            of(&ours, |run| run.cpu),
            of(&ours, |run| run.writer_cpu),
            of(&ours, |run| run.sink_cpu),
            each.join(" "),
            median(&mut ratios),
            median(&mut ratio(&shorts)),
        );
    }
}

/// A mail of this letter as it goes over the wire.
fn length_of_ours(sink: &PathBuf) -> usize {
    run_dripline(sink, 1, 20).length
}

/// What one run came to; processor time is in seconds a 1,000 mails.
struct Run {
    mails_a_second: f64,
    cpu: f64,
    writer_cpu: f64,
    sink_cpu: f64,
    /// In bytes, of a mail.
    length: usize,
}

fn run_source(sink: &PathBuf, source: &PathBuf, connections: usize, mails: usize, length: usize) -> Run {
    let sink = Sink::start(sink);
    let cpu = cpu_of_children();
    let begun = Instant::now();
    let status = Command::new(source)
        .args([
            "-d",
            "-l",
            &length.to_string(),
            "-s",
            &connections.to_string(),
            "-m",
            &mails.to_string(),
        ])
        .args(["-f", "survey@example.com", "-t", "ada@a.example"])
        .arg(format!("127.0.0.1:{}", sink.port))
        .status()
        .expect("smtp-source runs");
    assert!(status.success(), "smtp-source: {status}");
    Run {
        mails_a_second: mails as f64 / begun.elapsed().as_secs_f64(),
        // The sink is not waited for yet, so that its time does not count.
        cpu: (cpu_of_children() - cpu) * 1000.0 / mails as f64,
        writer_cpu: 0.0,
        sink_cpu: sink.cpu() * 1000.0 / mails as f64,
        length,
    }
}

/// From the first claim until all is written down that hangs on them.
fn run_dripline(sink: &PathBuf, connections: usize, mails: usize) -> Run {
    let sink = Sink::start(sink);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bench.db");
    let url = Url::Sqlite(file.clone());
    let db = Db::open(&url).expect("a new database");
    migrate::run(&db).expect("migrated");
    let database = format!("sqlite://{}", file.display());
    let smtp = format!("smtp://127.0.0.1:{}?tls=none", sink.port);
    let connections = connections.to_string();
    let settings = [
        ("DATABASE_URL", database.as_str()),
        ("DRIPLINE_SECRET_KEY", "a key that is known to every bench"),
        ("DRIPLINE_MAIL_FROM", "Example Survey <survey@example.com>"),
        ("DRIPLINE_POSTAL_ADDRESS", "Example Ltd, 1 Example Street"),
        ("DRIPLINE_BASE_URL", "https://ask.example.com"),
        ("DRIPLINE_BOUNCE_DOMAIN", "bounces.example.com"),
        ("DRIPLINE_SMTP_URL", smtp.as_str()),
        ("DRIPLINE_SMTP_CONNECTIONS", connections.as_str()),
    ];
    let config = Config::from_pairs(settings).expect("settings");
    let now = parse_rfc3339("2026-03-10T11:00:00Z").expect("a time");
    let key = config.secret_key_or_file().expect("a key");
    let outgoing = Outgoing::new(db, Clock::fixed(now), &config, key);
    fill(&outgoing, now, mails);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let (_stopper, stop) = Stop::new();
    let (cpu, writer_cpu) = (cpu_of_self(), cpu_of_writers());
    let begun = Instant::now();
    let mut sent = 0;
    while sent < mails {
        let round = runtime
            .block_on(send::send_due(&outgoing, &stop))
            .expect("the database answers");
        assert_eq!(round.trouble, None);
        assert!(round.sent > 0, "{sent} of {mails} were sent");
        sent += round.sent;
    }
    let lasted = begun.elapsed().as_secs_f64();
    let (cpu, writer_cpu) = (cpu_of_self() - cpu, cpu_of_writers() - writer_cpu);
    let length = outgoing
        .db
        .read_now(|conn| sql_query(LENGTH).get_result::<Length>(conn));
    Run {
        mails_a_second: mails as f64 / lasted,
        cpu: cpu * 1000.0 / mails as f64,
        writer_cpu: writer_cpu * 1000.0 / mails as f64,
        sink_cpu: sink.cpu() * 1000.0 / mails as f64,
        length: length.expect("a letter was sent").length as usize,
    }
}

/// A letter's specimen is about as long as each of its mails.
const LENGTH: &str = "SELECT max(length(bytes)) AS length FROM specimens";

#[derive(diesel::QueryableByName)]
struct Length {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    length: i64,
}

fn cpu_of_self() -> f64 {
    ticks("/proc/self/stat", 13)
}

/// Of those that have ended and been waited for.
fn cpu_of_children() -> f64 {
    ticks("/proc/self/stat", 15)
}

/// The threads that write to a database.
fn cpu_of_writers() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let writers = tasks.filter(|task| {
        let name = std::fs::read_to_string(task.path().join("comm"));
        name.is_ok_and(|name| name.trim() == "writer")
    });
    writers
        .map(|task| ticks(&task.path().join("stat").to_string_lossy(), 13))
        .sum()
}

/// User and system time in seconds, which stand there in ticks of 10 ms, side by side.
fn ticks(file: &str, at: usize) -> f64 {
    let stat = std::fs::read_to_string(file).unwrap_or_default();
    // A program's name, in parentheses, may hold blanks.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let fields: Vec<&str> = after.split_whitespace().collect();
    // The name is the second field.
    let ticks = |at: usize| {
        fields
            .get(at - 2)
            .and_then(|ticks| ticks.parse::<f64>().ok())
            .unwrap_or_default()
    };
    (ticks(at) + ticks(at + 1)) / 100.0
}

fn fill(outgoing: &Outgoing, now: NaiveDateTime, mails: usize) {
    let framework = framework::read::toml(FRAMEWORK).unwrap_or_else(|faults| panic!("{faults:?}"));
    let apply = move |conn: &mut _| reframe::apply(conn, now, "bench", &framework);
    outgoing.db.write_now(apply).expect("applied");
    let people = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {mails}) \
         INSERT INTO contacts (external_id, company_id, email, email_key, name_key, first_name, last_name, created_at, updated_at) \
         SELECT 'p' || i, 1 + i % 100, 'person' || i || '@c' || (i % 100) || '.example', \
         'person' || i || '@c' || (i % 100) || '.example', '', 'Ada' || i, 'Lovelace', \
         '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n"
    );
    let companies = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) \
         INSERT INTO companies (id, external_id, name, name_key, created_at, updated_at) \
         SELECT i, 'c' || i, 'Acme & Sons ' || i, '', '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n";
    for sql in [companies.to_owned(), people] {
        let run = move |conn: &mut _| sql_query(sql).execute(conn);
        outgoing.db.write_now(run).expect("filled");
    }
    let enrol = move |conn: &mut _| drip::enrol(conn, now, "welcome", &Who::Audience);
    let enrolled = outgoing.db.write_now(enrol).expect("enrolled");
    assert_eq!(enrolled.enrolled, mails);
    loop {
        let letterhead = outgoing.letterhead.clone();
        let make = move |conn: &mut _| drip::make_due(conn, now, &letterhead);
        if outgoing.db.write_now(make).expect("made") == 0 {
            return;
        }
    }
}

struct Sink {
    child: Child,
    port: u16,
}

impl Sink {
    fn start(program: &PathBuf) -> Sink {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = port.expect("a free port").port();
        let mut command = Command::new(program);
        // As root it wants to be told whom to run as.
        if is_root() {
            command.args(["-u", "nobody"]);
        }
        let child = command
            .arg(format!("127.0.0.1:{port}"))
            .arg("1000")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink starts");
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(5), "smtp-sink does not answer");
            std::thread::sleep(Duration::from_millis(10));
        }
        Sink { child, port }
    }

    /// In seconds.
    fn cpu(&self) -> f64 {
        ticks(&format!("/proc/{}/stat", self.child.id()), 13)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_root() -> bool {
    let status = std::fs::File::open("/proc/self/status");
    let lines = status.map(|file| BufReader::new(file).lines());
    lines.is_ok_and(|mut lines| lines.any(|line| line.is_ok_and(|line| line.starts_with("Uid:\t0\t"))))
}

/// In the path, or where Debian puts the programs of administrators.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
