//! How soon a respondent's phone shows something: our page of three questions against a plain page
//! of the same three, written by hand with its few styles in it, both from this process, in turns.
//! The network is slow (1.6 Mbit/s, 150 ms for each request), the processor four times slower than
//! this one, the cache empty.
//!
//! `cargo bench --bench paint`; `DRIPLINE_BENCH_ROUNDS` changes its size. Needs Chromium and ChromeDriver.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use diesel::{RunQueryDsl, sql_query};
use dripline::clock::{Clock, parse_rfc3339};
use dripline::config::Config;
use dripline::drip::send::Outgoing;
use dripline::drip::{self, Who};
use dripline::store::{Db, Url, migrate};
use dripline::web::{self, Site};
use dripline::{framework, reframe, worker};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

#[path = "../tests/it/support/chrome.rs"]
#[allow(dead_code)]
mod chrome;
#[path = "../tests/it/support/left_out.rs"]
mod left_out;

use chrome::Chrome;

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
title = "Why you bought"
intro = "Three short questions about **{{ company.name }}**."
[[question_sets.questions]]
code = "why-now"
kind = "single_choice"
text = "What made you buy just now?"
required = true
options = [
  { code = "replace", text = "The old machine had to be replaced", loads = { efficiency = 2 } },
  { code = "growth", text = "We are growing", loads = { closeness = 1 } },
  { code = "advice", text = "Somebody recommended it", loads = { closeness = 2 } },
  { code = "price", text = "The price was right" },
  { code = "other", text = "Something else" },
]
[[question_sets.questions]]
code = "saves"
kind = "rating"
text = "How much time does it save you?"
min = 1
max = 5
min_label = "None"
max_label = "Very much"
loads = { efficiency = 1 }
[[question_sets.questions]]
code = "next"
kind = "single_choice"
text = "What do you expect of us next?"
options = [
  { code = "visit", text = "A visit", loads = { closeness = 2 } },
  { code = "figures", text = "Figures and proof", loads = { efficiency = 1 } },
  { code = "ideas", text = "New ideas" },
  { code = "quiet", text = "To be left in peace" },
  { code = "dont-know", text = "I can't say", no_opinion = true },
]
[[drips]]
code = "three"
name = "Three questions"
trigger = "manual"
[[drips.steps]]
delay = "0d"
question_set = "three"
subject = "Three questions"
body = "x"
"#;

/// What somebody would write who has nothing but these questions in mind.
fn plain_page() -> String {
    let question = |name: &str, text: &str, options: &[&str]| {
        let options: String = (1..)
            .zip(options)
            .map(|(nth, words)| {
                format!("<label><input type=\"radio\" name=\"{name}\" value=\"{nth}\"> {words}</label>\n")
            })
            .collect();
        format!("<fieldset><legend>{text}</legend>\n{options}</fieldset>\n")
    };
    let questions = [
        question(
            "why-now",
            "What made you buy just now?",
            &[
                "The old machine had to be replaced",
                "We are growing",
                "Somebody recommended it",
                "The price was right",
                "Something else",
            ],
        ),
        question(
            "saves",
            "How much time does it save you?",
            &["1 None", "2", "3", "4", "5 Very much"],
        ),
        question(
            "next",
            "What do you expect of us next?",
            &[
                "A visit",
                "Figures and proof",
                "New ideas",
                "To be left in peace",
                "I can't say",
            ],
        ),
    ];
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Why you bought</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>\nbody {{ font: 1rem/1.5 sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }}\n\
         fieldset {{ border: 0; margin: 0 0 2rem; padding: 0; }}\nlegend {{ font-weight: bold; }}\nlabel {{ display: block; padding: .5rem 0; }}\n\
         button {{ font: inherit; padding: .75rem 1.5rem; }}\n</style>\n</head>\n<body>\n<main>\n<h1>Why you bought</h1>\n\
         <p>Three short questions about <strong>Acme</strong>.</p>\n<form method=\"post\">\n{}<button>Send answers</button>\n</form>\n</main>\n</body>\n</html>\n",
        questions.concat()
    )
}

fn main() {
    let Some(chrome) = Chrome::open("paint") else { return };
    let rounds: usize = std::env::var("DRIPLINE_BENCH_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(7);
    let ours = Ours::start();
    let plain = serve(&plain_page());
    chrome.command("Network.enable", json!({}));
    chrome.command("Network.setCacheDisabled", json!({ "cacheDisabled": true }));
    let pages = [("plain", &plain), ("ours", &ours.link)];
    // Once for each without counting: the browser itself has things to load.
    for (_, page) in pages {
        first_paint(&chrome, page);
    }
    let bytes_a_second = 1_600_000 / 8;
    chrome.command(
        "Network.emulateNetworkConditions",
        json!({ "offline": false, "latency": 150, "downloadThroughput": bytes_a_second, "uploadThroughput": bytes_a_second }),
    );
    chrome.command("Emulation.setCPUThrottlingRate", json!({ "rate": 4 }));
    let (mut plains, mut own, mut ratios) = (vec![], vec![], vec![]);
    for round in 1..=rounds {
        // Whoever goes first has the colder machine.
        let (theirs, mine) = if round % 2 == 0 {
            let theirs = first_paint(&chrome, &plain);
            (theirs, first_paint(&chrome, &ours.link))
        } else {
            let mine = first_paint(&chrome, &ours.link);
            (first_paint(&chrome, &plain), mine)
        };
        println!(
            "round {round}: plain {theirs:.0} ms, ours {mine:.0} ms, ratio {:.2}",
            mine / theirs
        );
        plains.push(theirs);
        own.push(mine);
        ratios.push(mine / theirs);
    }
    println!(
        "first contentful paint, medians of {rounds}: plain {:.0} ms, ours {:.0} ms, ratio {:.2} (the bar: 1.25)",
        median(&mut plains),
        median(&mut own),
        median(&mut ratios)
    );
    drop(chrome);
    // The servers' threads end with the process.
    std::process::exit(0);
}

/// In milliseconds from the navigation's start.
fn first_paint(chrome: &Chrome, page: &str) -> f64 {
    chrome.goto("about:blank");
    chrome.goto(page);
    let paint = "performance.getEntriesByName('first-contentful-paint')";
    chrome.until("a first paint", &format!("return {paint}.length > 0"));
    let at = chrome.run(&format!("return {paint}[0].startTime"));
    at.as_f64().expect("a time")
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Dripline with one contact that was mailed the three questions.
struct Ours {
    link: String,
    _folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

impl Ours {
    fn start() -> Ours {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("bench.db");
        let db = Db::open(&Url::Sqlite(file.clone())).expect("a new database");
        migrate::run(&db).expect("migrated");
        let database = format!("sqlite://{}", file.display());
        let mut config = Config::from_pairs([
            ("DATABASE_URL", database.as_str()),
            ("DRIPLINE_LISTEN", "127.0.0.1:0"),
            ("DRIPLINE_SECRET_KEY", "a key that is known to every bench"),
            ("DRIPLINE_MAIL_FROM", "Example Survey <survey@example.com>"),
            ("DRIPLINE_POSTAL_ADDRESS", "Example Ltd, 1 Example Street"),
        ])
        .expect("settings");
        let listener = web::bind(&mut config).expect("a free port");
        let config = Arc::new(config);
        let now = parse_rfc3339("2026-03-10T11:00:00Z").expect("a time");
        let clock = Clock::fixed(now);
        let key = config.secret_key_or_file().expect("a key");
        let outgoing = Outgoing::new(db.clone(), clock.clone(), &config, key.clone());
        let framework = framework::read::toml(FRAMEWORK).unwrap_or_else(|faults| panic!("{faults:?}"));
        let apply = move |conn: &mut _| reframe::apply(conn, now, "bench", &framework);
        db.write_now(apply).expect("applied");
        for sql in [
            "INSERT INTO companies (id, external_id, name, name_key, created_at, updated_at) \
             VALUES (1, 'acme', 'Acme', 'acme', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
            "INSERT INTO contacts (external_id, company_id, email, email_key, name_key, created_at, updated_at) \
             VALUES ('ada', 1, 'ada@a.example', 'ada@a.example', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        ] {
            db.write_now(move |conn| sql_query(sql).execute(conn)).expect("filled");
        }
        let enrol = move |conn: &mut _| drip::enrol(conn, now, "three", &Who::Contacts(vec!["ada".to_owned()]));
        db.write_now(enrol).expect("enrolled");
        worker::run_due(&outgoing).expect("mailed");
        let link = link(&db, &outgoing);
        let site = Site {
            config,
            key,
            db,
            clock,
            worker: None,
            threads: Some(1),
            many: dripline::web::MANY,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let serving = runtime
            .block_on(async { web::serve(listener, site) })
            .expect("the server starts");
        runtime.spawn(serving.run());
        Ours {
            link,
            _folder: folder,
            _runtime: runtime,
        }
    }
}

fn link(db: &Db, outgoing: &Outgoing) -> String {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        nonce: String,
    }
    let row: Row = db
        .read_now(|conn| sql_query("SELECT nonce FROM invitations").get_result(conn))
        .expect("an invitation");
    outgoing.letterhead.links(&row.nonce, true).respond.expect("it asks")
}

/// Answers every request with the page, compressed as little as ours: its address.
fn serve(page: &str) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(page.as_bytes()).expect("in memory");
    let body = encoder.finish().expect("in memory");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let body = body.clone();
            std::thread::spawn(move || answer(stream, &body));
        }
    });
    format!("http://{address}/")
}

fn answer(mut stream: std::net::TcpStream, body: &[u8]) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => request.extend_from_slice(&buffer[..count]),
        }
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-encoding: gzip\r\n\
         cache-control: no-store\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    // A browser that went on to another page is no matter here.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}
