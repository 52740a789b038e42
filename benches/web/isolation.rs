//! The survey page while four people log in at once, mails leave and all companies are worked out
//! anew, against the same page when nothing else goes on; and one log-in against a bare hash.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dripline::accounts::{Passwords, Role, add_user};
use dripline::clock::{Clock, parse_rfc3339};
use dripline::config::Config;
use dripline::drip::send::{self, Outgoing, Stop};
use dripline::needs;

use crate::client::{Client, drive, get};
use crate::{House, load, show as show_ratios};

const LOGINS: usize = 4;
const EMAIL: &str = "bench@example.com";
const PASSWORD: &str = "a long one that every bench knows";

pub fn show(house: &House, rounds: usize, lasts: Duration) {
    let now = parse_rfc3339("2026-03-10T11:00:00Z").expect("a time");
    let hashed = Passwords::hash_now(PASSWORD).expect("a password");
    let add = move |conn: &mut _| add_user(conn, now, "bench", EMAIL, Role::Analyst, &hashed);
    if house.db.write_now(add).is_err() {
        panic!("an account");
    }
    let page = || drive(house.address, lasts, |n| Some(get(&house.paths[n % house.paths.len()])));
    let (mut tails, mut logins) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        // Each a few times in turns: the least is what it takes when nobody comes in between.
        let (mut login, mut bare) = (f64::MAX, f64::MAX);
        for _ in 0..10 {
            login = login.min(timed(|| log_in(&mut Client::connect(house.address))));
            bare = bare.min(timed(|| drop(Passwords::hash_now(PASSWORD))));
        }
        logins.push(login / bare);
        let quiet = page();
        let busy = Busy::start(house);
        let beside = page();
        let done = busy.end();
        tails.push(beside.tail() / quiet.tail());
        println!(
            "isolation: quiet {:.0}/s, p99 {:.2} ms; beside {} log-ins, {} mails, {} companies worked out anew {:.0}/s, p99 {:.2} ms; \
             one log-in {login:.1} ms, a bare hash {bare:.1} ms; load {}",
            quiet.rate(),
            quiet.tail(),
            done.logins,
            done.mails,
            done.companies,
            beside.rate(),
            beside.tail(),
            load()
        );
    }
    show_ratios("bar 10, survey page's p99 beside all else to quiet (<= 4)", &mut tails);
    show_ratios("bar 10, one log-in to a bare hash (<= 1.15)", &mut logins);
}

/// In milliseconds.
fn timed(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64() * 1000.0
}

fn log_in(client: &mut Client) {
    let body = format!("email={EMAIL}&password={}&next=/", PASSWORD.replace(' ', "+"));
    let head = "Content-Type: application/x-www-form-urlencoded";
    let request = format!(
        "POST /login HTTP/1.1\r\nHost: bench\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(client.ask(request.as_bytes()), 303, "logged in");
}

/// All that goes on beside the respondents, until it is told to end.
struct Busy {
    over: Arc<AtomicBool>,
    done: Arc<Counts>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Counts {
    logins: AtomicUsize,
    mails: AtomicUsize,
    companies: AtomicUsize,
}

struct Done {
    logins: usize,
    mails: usize,
    companies: usize,
}

impl Busy {
    fn start(house: &House) -> Busy {
        let over = Arc::new(AtomicBool::new(false));
        let done = Arc::new(Counts::default());
        let mut threads = Vec::new();
        for _ in 0..LOGINS {
            let (over, done, address) = (over.clone(), done.clone(), house.address);
            threads.push(std::thread::spawn(move || {
                let mut client = Client::connect(address);
                while !over.load(Ordering::Relaxed) {
                    log_in(&mut client);
                    done.logins.fetch_add(1, Ordering::Relaxed);
                }
            }));
        }
        let (stop, counts, db) = (over.clone(), done.clone(), house.db.clone());
        threads.push(std::thread::spawn(move || {
            let now = parse_rfc3339("2026-03-10T11:00:00Z").expect("a time");
            while !stop.load(Ordering::Relaxed) {
                let mut before = 0;
                let note = |done: u64| {
                    let done = usize::try_from(done).unwrap_or_default();
                    counts
                        .companies
                        .fetch_add(done.saturating_sub(before), Ordering::Relaxed);
                    before = done;
                };
                needs::rescore_in_steps(&db, now, &needs::Cause::new("bench"), note).expect("rescored");
            }
        }));
        let outgoing = outgoing(house, sink());
        let (stop, counts) = (over.clone(), done.clone());
        threads.push(std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            let (stopper, sending) = Stop::new();
            let watching = stop.clone();
            let watcher = std::thread::spawn(move || {
                while !watching.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(20));
                }
                stopper.pull();
            });
            while !stop.load(Ordering::Relaxed) {
                let round = runtime
                    .block_on(send::send_due(&outgoing, &sending))
                    .expect("the database answers");
                counts.mails.fetch_add(round.sent, Ordering::Relaxed);
                if round.sent == 0 {
                    break;
                }
            }
            let _ = watcher.join();
        }));
        // All of it is under way when the page is asked for.
        std::thread::sleep(Duration::from_millis(200));
        Busy { over, done, threads }
    }

    fn end(self) -> Done {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().expect("it ended well");
        }
        Done {
            logins: self.done.logins.load(Ordering::Relaxed),
            mails: self.done.mails.load(Ordering::Relaxed),
            companies: self.done.companies.load(Ordering::Relaxed),
        }
    }
}

/// As the house, but with a mail server.
fn outgoing(house: &House, sink: SocketAddr) -> Outgoing {
    let smtp = format!("smtp://{sink}?tls=none");
    let database = format!("sqlite://{}", house.folder.path().join("bench.db").display());
    let base = house.config.base_url.to_string();
    let settings = [
        ("DATABASE_URL", database.as_str()),
        ("DRIPLINE_SECRET_KEY", "a key that is known to every bench"),
        ("DRIPLINE_MAIL_FROM", "Example Survey <survey@example.com>"),
        ("DRIPLINE_POSTAL_ADDRESS", "Example Ltd, 1 Example Street"),
        ("DRIPLINE_BASE_URL", base.as_str()),
        ("DRIPLINE_SMTP_URL", smtp.as_str()),
        ("DRIPLINE_SMTP_CONNECTIONS", "2"),
    ];
    let config = Config::from_pairs(settings).expect("settings");
    let now = parse_rfc3339("2026-03-10T11:00:00Z").expect("a time");
    let key = config.secret_key_or_file().expect("a key");
    Outgoing::new(house.db.clone(), Clock::fixed(now), &config, key)
}

/// A mail server that takes everything and keeps nothing.
fn sink() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that hangs up ends it.
            std::thread::spawn(move || converse(stream));
        }
    });
    address
}

fn converse(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?);
    stream.write_all(b"220 bench\r\n")?;
    let mut line = Vec::new();
    let mut is_data = false;
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let reply: &[u8] = match (is_data, word.as_slice()) {
            (true, _) if line != b".\r\n" => continue,
            (true, _) => {
                is_data = false;
                b"250 taken\r\n"
            }
            (false, b"EHLO") => b"250-bench\r\n250 PIPELINING\r\n",
            (false, b"DATA") => {
                is_data = true;
                b"354 go on\r\n"
            }
            (false, b"QUIT") => b"221 bye\r\n",
            (false, _) => b"250 ok\r\n",
        };
        stream.write_all(reply)?;
    }
}
