//! A web server of a test's own, with a clock that the test sets.

use std::sync::{Arc, OnceLock};

use chrono::TimeDelta;
use dripline::accounts::{self, Hashed, Passwords, Role, token};
use dripline::clock::{Clock, parse_rfc3339};
use dripline::config::{Config, SecretKey};
use dripline::drip::send::Outgoing;
use dripline::mail::captured;
use dripline::store::{self, Db};
use dripline::web::{self, Site, Stopper};
use dripline::worker::{self, Done};

use super::smtp::Mail;
use super::{Api, Browser, SmtpServer, TestDb};

/// No setting of an installation: over more companies than these pages show figures kept before.
pub const MANY: &str = "many";

/// What every test's user logs in with.
pub const PASSWORD: &str = "correct horse battery";

/// The secret key of every test's installation.
pub fn key() -> SecretKey {
    let config = Config::from_pairs([("DRIPLINE_SECRET_KEY", "a key that is known to every test")]);
    let config = config.expect("settings without faults");
    config.secret_key_or_file().expect("the key was given")
}

/// The running server; it ends when it is dropped.
pub struct Server {
    pub clock: Clock,
    pub db: Db,
    pub config: Arc<Config>,
    base: String,
    stopper: Stopper,
    task: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Server {
    /// Over the test's database, at 2026-03-10 11:00 UTC, a Tuesday, with its mail captured.
    pub fn start(db: &TestDb) -> Server {
        Server::with(db, &[])
    }

    /// As [`Server::start`], with its mail going to `smtp`.
    pub fn mailing(db: &TestDb, smtp: &SmtpServer) -> Server {
        Server::with(db, &[("DRIPLINE_SMTP_URL", &smtp.url())])
    }

    /// As [`Server::start`], with these settings beside the usual ones.
    pub fn with(db: &TestDb, settings: &[(&str, &str)]) -> Server {
        let address = db.address();
        let usual = [
            ("DATABASE_URL", address.as_str()),
            ("DRIPLINE_LISTEN", "127.0.0.1:0"),
            ("DRIPLINE_SECRET_KEY", "a key that is known to every test"),
            ("DRIPLINE_MAIL_FROM", "Example Survey <survey@example.com>"),
            ("DRIPLINE_POSTAL_ADDRESS", "Example Ltd, 1 Example Street, Exampleton"),
        ];
        let mut config = Config::from_pairs(
            usual
                .iter()
                .chain(settings.iter().filter(|(name, _)| *name != MANY))
                .copied(),
        )
        .expect("settings without faults");
        let listener = web::bind(&mut config).expect("a free port");
        let config = Arc::new(config);
        let clock = Clock::fixed(parse_rfc3339("2026-03-10T11:00:00Z").expect("a time"));
        let site = Site {
            config: config.clone(),
            key: config.secret_key_or_file().expect("the key was given"),
            db: Db::clone(db),
            clock: clock.clone(),
            worker: None,
            threads: Some(1),
            many: settings
                .iter()
                .find(|(name, _)| *name == MANY)
                .map_or(web::MANY, |(_, many)| many.parse().expect("a number")),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let serving = runtime
            .block_on(async { web::serve(listener, site) })
            .expect("the server starts");
        let (base, stopper) = (serving.base_url().to_string(), serving.stopper());
        let task = Some(runtime.spawn(serving.run()));
        Server {
            clock,
            db: Db::clone(db),
            config,
            base,
            stopper,
            task,
            runtime: Some(runtime),
        }
    }

    /// Scheme, host and port, without a slash at the end.
    pub fn base(&self) -> &str {
        self.base.trim_end_matches('/')
    }

    /// A browser that nobody has logged in with.
    pub fn browser(&self) -> Browser {
        Browser::new(self.base())
    }

    /// A browser with a user of this role logged in, made for the occasion.
    pub fn log_in(&self, role: Role) -> Browser {
        let email = self.add_user(role);
        let browser = self.browser();
        browser.log_in(&email, PASSWORD);
        browser
    }

    /// A browser with a rep logged in who owns every company that is there.
    pub fn log_in_owner(&self) -> Browser {
        let email = self.add_user(Role::Sales);
        let (sql, browser) = (format!("UPDATE companies SET owner_email = '{email}'"), self.browser());
        let own = move |conn: &mut _| diesel::RunQueryDsl::execute(diesel::sql_query(sql), conn);
        self.db.write_now(own).expect("the companies are there");
        browser.log_in(&email, PASSWORD);
        browser
    }

    /// A program with a token of sales that stands for this rep.
    pub fn api_of(&self, rep: &str) -> Api {
        let (now, rep) = (self.clock.now(), rep.to_owned());
        let add = move |conn: &mut _| token::add_for(conn, now, "console", "a rep's", Role::Sales, Some(&rep));
        let token = self.db.write_now(add).expect("the token is added");
        Api::new(self.base(), &token)
    }

    /// A new user, who logs in with [`PASSWORD`]: the address.
    pub fn add_user(&self, role: Role) -> String {
        static HASHED: OnceLock<Hashed> = OnceLock::new();
        static MADE: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
        let hashed = HASHED.get_or_init(|| Passwords::hash_now(PASSWORD).expect("a password that will do"));
        let number = MADE.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let email = format!("{}{number}@dripline.example", role.as_str());
        let (now, added) = (self.clock.now(), email.clone());
        let add = move |conn: &mut _| accounts::add_user(conn, now, "console", &added, role, hashed);
        self.db.write_now(add).expect("the user is added");
        email
    }

    /// A program with a token of this role.
    pub fn api(&self, role: Role) -> Api {
        let now = self.clock.now();
        let add = move |conn: &mut _| token::add(conn, now, "console", "a test", role);
        let token = self.db.write_now(add).expect("the token is added");
        Api::new(self.base(), &token)
    }

    /// Does all that is due at the server's time, as `run-due` does; trouble with the mail server is told.
    pub fn run_due(&self) -> Done {
        worker::run_due(&self.outgoing()).expect("the database answers")
    }

    /// What the worker of this server works with.
    pub fn outgoing(&self) -> Outgoing {
        let key = self.config.secret_key_or_file().expect("the key was given");
        Outgoing::new(self.db.clone(), self.clock.clone(), &self.config, key)
    }

    /// The mails that were captured, oldest first.
    pub fn mailbox(&self) -> Vec<Mail> {
        let read = |conn: &mut _| {
            let (rows, _) = captured::list(conn, 0, 10_000)?;
            let mails = rows
                .into_iter()
                .rev()
                .map(|row| Ok(captured::find(conn, row.id)?.map(|(_, bytes)| (row.to_address, bytes))));
            mails.collect::<store::Result<Vec<_>>>()
        };
        let mails = self
            .db
            .read_now(read)
            .expect("the database answers")
            .into_iter()
            .flatten();
        mails
            .map(|(to, bytes)| Mail {
                from: String::new(),
                to,
                bytes,
                taken: true,
            })
            .collect()
    }

    /// Ends it as a supervisor does: whatever it had still to write is written.
    pub fn end(mut self) {
        let (task, runtime) = (self.task.take(), self.runtime.take());
        let (task, runtime) = (task.expect("it runs"), runtime.expect("it runs"));
        runtime.block_on(self.stopper.stop(true));
        let ended = runtime.block_on(task).expect("no panic");
        ended.expect("it ends in good order");
    }

    /// Lets time pass, for the server too.
    pub fn wait(&self, by: TimeDelta) {
        self.clock.advance(by);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.block_on(self.stopper.stop(false));
            runtime.shutdown_background();
        }
    }
}
