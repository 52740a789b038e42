//! What an analyst waits for: the server time of each page and call with figures, over as many
//! companies as a large maker has.
//!
//! `cargo bench --bench insight`. `DRIPLINE_BENCH_COMPANIES` (100000: with five people and 60 answers
//! each, 6 million answers) changes its size, `DRIPLINE_BENCH_ROUNDS` (15) how often each page is asked for,
//! and words after `--` name the pages (`/insights`; all that contain one of them). The data set is
//! kept in the target folder, under its size and its tables' version.
//!
//! Each page is asked for once on a database just opened (first), then with a commit before each
//! request (median, p99), so that nothing that was kept is still good, then without (again). The
//! processor time is that of the whole process, of the median request after a commit: on a busy
//! machine it is what holds.

/// The data set.
mod fill;
/// What the database is asked, and how long it takes.
mod watch;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::NaiveDateTime;
use diesel::RunQueryDsl;
use dripline::accounts::{Passwords, Role, add_user, token};
use dripline::clock::{Clock, parse_rfc3339};
use dripline::config::Config;
use dripline::store::{Db, Url, migrate};
use dripline::web::routes::{self, Need};
use dripline::web::{self as site, Site};

const EMAIL: &str = "bench@example.com";
const PASSWORD: &str = "a long one that every bench knows";
/// A page that takes longer has its slowest statements shown.
const SLOW: f64 = 100.0;

fn main() {
    let companies = number("DRIPLINE_BENCH_COMPANIES", 100_000);
    let rounds = number("DRIPLINE_BENCH_ROUNDS", 15).max(1);
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| word.starts_with('/')).collect();
    watch::begin();
    let now = parse_rfc3339("2026-11-24T11:00:00Z").expect("a time");
    let file = fill::file(now, companies);
    let db = Db::open(&Url::Sqlite(file.clone())).expect("the database");
    migrate::run(&db).expect("migrated");
    fill::say(&db);
    let house = House::start(db, &file, now);
    println!(
        "{:<64} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "ms", "first", "median", "p99", "again", "cpu"
    );
    let mut slow = Vec::new();
    for path in house.paths(&wanted) {
        let Some(first) = house.ask(&path) else { continue };
        watch::clear();
        let anew: Vec<Asked> = (0..rounds)
            .filter_map(|_| {
                house.commit();
                house.ask(&path)
            })
            .collect();
        let statements = watch::slowest(rounds);
        let again: Vec<Asked> = (0..rounds).filter_map(|_| house.ask(&path)).collect();
        let of = |asked: &[Asked], share: f64, time: fn(&Asked) -> f64| part(asked, share, time);
        let median = of(&anew, 0.5, |asked| asked.took);
        println!(
            "{path:<64} {:>8.1} {median:>8.1} {:>8.1} {:>8.1} {:>8.1}",
            first.took,
            of(&anew, 0.99, |asked| asked.took),
            of(&again, 0.5, |asked| asked.took),
            of(&anew, 0.5, |asked| asked.processor)
        );
        if median > SLOW {
            slow.push((path, statements));
        }
    }
    for (path, statements) in slow {
        println!("\n{path} is slow:");
        for statement in statements.iter().take(4) {
            println!("{:8.1} ms  {}", statement.milliseconds, statement.text);
            watch::plan(&house.db, &statement.text)
                .iter()
                .for_each(|line| println!("             {line}"));
        }
    }
    println!("\nload {} of 2 cores", load());
}

/// The server, on one thread beside this one.
struct House {
    db: Db,
    base: String,
    agent: ureq::Agent,
    cookie: String,
    token: String,
    now: NaiveDateTime,
    begun: Instant,
}

struct Asked {
    /// In milliseconds.
    took: f64,
    processor: f64,
}

impl House {
    fn start(db: Db, file: &std::path::Path, now: NaiveDateTime) -> House {
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
        let hashed = Passwords::hash_now(PASSWORD).expect("a password");
        // They may be there from the run before.
        let _ = db.write_now(move |conn| add_user(conn, now, "bench", EMAIL, Role::Admin, &hashed));
        let token = db
            .write_now(move |conn| token::add(conn, now, "bench", &format!("bench {:?}", Instant::now()), Role::Admin));
        let Ok(token) = token else { panic!("a token") };
        let address = listener.local_addr().expect("an address");
        let site = Site {
            config,
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
        let agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(600)))
            .build()
            .into();
        let mut house = House {
            db,
            base: format!("http://{address}"),
            agent,
            cookie: String::new(),
            token,
            now,
            begun: Instant::now(),
        };
        house.log_in();
        house
    }

    fn log_in(&mut self) {
        let form = [("email", EMAIL), ("password", PASSWORD), ("next", "/")];
        let answer = self
            .agent
            .post(format!("{}/login", self.base))
            .send_form(form)
            .expect("an answer");
        let cookie = answer
            .headers()
            .get("set-cookie")
            .and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.expect("logged in").split(';').next().unwrap_or_default();
        self.cookie = cookie.to_owned();
    }

    /// Whatever shows figures, and how it is asked for narrowed down.
    fn paths(&self, wanted: &[String]) -> Vec<String> {
        let is_wanted = |path: &str| match wanted.is_empty() {
            true => {
                let all = [
                    "/insights",
                    "/companies",
                    "/segments",
                    "/drips",
                    "/contacts",
                    "/conversations",
                    "/prospects",
                ];
                path == "/" || path == "/design/coding" || all.iter().any(|begin| path.contains(begin))
            }
            false => wanted.iter().any(|word| path.contains(word.as_str())),
        };
        let mut paths = Vec::new();
        for known in routes::known()
            .iter()
            .filter(|known| known.method.as_str() == "GET" && is_wanted(known.path))
        {
            let named = ["contacts", "companies", "segments", "drips"];
            let example = ["p250", "c500", "s1", "welcome"];
            let mut path = known.path.to_owned();
            for (noun, example) in named.iter().zip(example) {
                if path.contains(&format!("/{noun}/{{")) {
                    let end = path.find('}').unwrap_or(path.len() - 1);
                    let start = path.find('{').unwrap_or(end);
                    path.replace_range(start..=end, example);
                }
            }
            // What needs a number of something else, or a link, or moves nothing but a form.
            if path.contains('{') || matches!(known.need, Need::Link | Need::Public) || path.ends_with("/edit") {
                continue;
            }
            let is_figures =
                path == "/" || path.contains("/insights") || path.ends_with("/companies") || path.ends_with("/finder");
            let own = match path.rsplit('/').next() {
                Some("overlay") => "by=industry",
                Some("funnel") => "drip=welcome",
                _ => "",
            };
            paths.push(if own.is_empty() {
                path.clone()
            } else {
                format!("{path}?{own}")
            });
            if is_figures && !path.contains("funnel") {
                let join = if own.is_empty() { "" } else { "&" };
                paths.push(format!("{path}?{own}{join}tenure=new&industry=Industry%201"));
            }
        }
        paths.sort();
        paths
    }

    /// Nothing where the page says no, which is told.
    fn ask(&self, path: &str) -> Option<Asked> {
        let (begun, spent) = (Instant::now(), processor());
        let request = self.agent.get(format!("{}{path}", self.base));
        let request = match path.starts_with("/api/") {
            true => request.header("Authorization", format!("Bearer {}", self.token)),
            false => request.header("Cookie", &self.cookie),
        };
        let mut answer = request.call().expect("an answer");
        let status = answer.status().as_u16();
        let body = answer
            .body_mut()
            .with_config()
            .limit(1 << 30)
            .read_to_vec()
            .expect("a body");
        let asked = Asked {
            took: begun.elapsed().as_secs_f64() * 1000.0,
            processor: (processor() - spent) * 1000.0,
        };
        if status != 200 {
            let words: String = String::from_utf8_lossy(&body).chars().take(200).collect();
            println!("{path:<64} {status} {words}");
            return None;
        }
        Some(asked)
    }

    /// Something that no figure hangs on.
    fn commit(&self) {
        let now = self.now;
        // Another value each time: SQLite leaves a page alone that would stay as it is.
        let text = format!(
            "INSERT INTO marks (name, value, at) VALUES ('bench', '{}', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            self.begun.elapsed().as_nanos()
        );
        let write = move |conn: &mut _| {
            let query = diesel::sql_query(text).bind::<diesel::sql_types::Timestamp, _>(now);
            query.execute(conn)
        };
        self.db.write_now(write).expect("a commit");
    }
}

fn part(asked: &[Asked], share: f64, time: fn(&Asked) -> f64) -> f64 {
    let mut times: Vec<f64> = asked.iter().map(time).collect();
    times.sort_by(f64::total_cmp);
    let at = (times.len() as f64 * share) as usize;
    times
        .get(at.min(times.len().saturating_sub(1)))
        .copied()
        .unwrap_or(f64::NAN)
}

/// Seconds that all threads of this process have run.
fn processor() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() / 1e9
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

fn number(name: &str, otherwise: usize) -> usize {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
