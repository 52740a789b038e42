//! Mail through a real SMTP conversation: what a server's behaviour makes of each message.

use chrono::TimeDelta;

use crate::drip::{FRAMEWORK, House, TWO_STEPS};
use crate::support::smtp::{Mail, Manners, What};
use crate::support::{SmtpServer, TestDb, db_test};

/// One step, no reminder, nothing after it.
const ONE_STEP: &str = r#"
[[drips]]
code = "one-step"
name = "One step"
trigger = "manual"
[[drips.steps]]
delay = "0d"
question_set = "drivers"
subject = "Grüße, {{ contact.first_name }} 🙂"
body = """
We have a question for **{{ company.name }}**.

{{ link }}

.
A line with a dot alone stands above.
"""
first_question_in_mail = true
"#;

fn house<'d>(db: &'d TestDb, smtp: &SmtpServer) -> House<'d> {
    let seconds =
        ["GREETING", "MAIL", "RCPT", "DATA", "BLOCK", "DOT"].map(|p| format!("DRIPLINE_SMTP_TIMEOUT_{p}_SECONDS"));
    let url = smtp.url();
    let mut settings = vec![
        ("DRIPLINE_SMTP_URL", url.as_str()),
        ("DRIPLINE_BOUNCE_DOMAIN", "bounce.example.com"),
    ];
    settings.extend(seconds.iter().map(|name| (name.as_str(), "1")));
    House::with(db, &format!("{FRAMEWORK}{ONE_STEP}{TWO_STEPS}"), &settings)
}

fn send_to(house: &House, emails: &[&str]) {
    for email in emails {
        house.contact(email, Some(1));
    }
    let ids: Vec<&str> = emails
        .iter()
        .map(|email| email.split('@').next().unwrap_or_default())
        .collect();
    assert_eq!(house.enrol("one-step", &ids).enrolled, emails.len());
    house.run();
}

fn state(db: &TestDb, to: &str) -> String {
    db.words(&format!(
        "SELECT state || ' ' || CAST(attempts AS TEXT) AS word FROM outbox WHERE to_address = '{to}'"
    ))
    .join(", ")
}

fn header<'m>(mail: &'m str, name: &str) -> Vec<&'m str> {
    let head = mail.split("\r\n\r\n").next().unwrap_or_default();
    head.lines()
        .filter_map(|line| line.strip_prefix(&format!("{name}: ")))
        .collect()
}

db_test!(
    fn a_mail_leaves_whole_with_its_headers_and_its_links(db) {
        let smtp = SmtpServer::start();
        let house = house(db, &smtp);
        send_to(&house, &["ada@a.example"]);
        let mails = smtp.mails();
        let [mail] = mails.as_slice() else { panic!("one mail: {mails:?}") };
        assert!(mail.from.starts_with("b-") && mail.from.ends_with("@bounce.example.com"), "{}", mail.from);
        assert_eq!(mail.subject(), "Grüße, Ada 🙂");
        let text = mail.text();
        for name in [
            "From", "To", "Date", "Subject", "Message-ID", "MIME-Version", "List-Unsubscribe",
            "List-Unsubscribe-Post", "Auto-Submitted", "X-Auto-Response-Suppress",
        ] {
            assert_eq!(header(&text, name).len(), 1, "{name} in {text}");
        }
        assert!(header(&text, "List-Unsubscribe")[0].starts_with("<https://ask.example.com/unsubscribe/"));
        assert_eq!(header(&text, "List-Unsubscribe-Post"), ["List-Unsubscribe=One-Click"]);
        let (plain, html) = (mail.plain(), mail.html());
        let mut urls: Vec<Vec<&str>> = [&plain, &html].map(|part| urls(part)).to_vec();
        urls.iter_mut().for_each(|urls| {
            urls.sort_unstable();
            urls.dedup();
        });
        assert_eq!(urls[0], urls[1]);
        assert_eq!(urls[0].iter().filter(|url| url.contains("/r/")).count(), 3, "{plain}");
        assert!(plain.contains("We have a question for Acme & Sons."), "{plain}");
        assert!(plain.contains("Example Ltd, 1 Example Street") && html.contains("Example Ltd, 1 Example Street"));
        // No token stands in the database.
        let token = mail.link("r").rsplit('/').next().unwrap_or_default().to_owned();
        assert_eq!(token.split('?').next().map(str::len), Some(32));
        assert_eq!(
            db.number(&format!("SELECT count(*) AS n FROM link_tokens WHERE hash LIKE '%{}%'", &token[..32])),
            0
        );
    }
);

fn urls(part: &str) -> Vec<&str> {
    part.split(|c: char| c.is_whitespace() || "<>\"'".contains(c))
        .filter(|word| word.starts_with("https://"))
        .collect()
}

db_test!(
    fn each_recipient_fares_as_its_server_says_and_the_others_are_unharmed(db) {
        let smtp = SmtpServer::start();
        let house = house(db, &smtp);
        let healthy: Vec<String> = (0..12).map(|n| format!("ok{n}@a.example")).collect();
        let mut all: Vec<&str> = healthy.iter().map(String::as_str).collect();
        all.extend(["bad@b.example", "t450-1@b.example", "t421-1@b.example", "drop-data@b.example", "drop-dot@b.example"]);
        send_to(&house, &all);
        for to in &healthy {
            assert_eq!(state(db, to), "sent 1", "{to}");
        }
        assert_eq!(state(db, "bad@b.example"), "failed 1");
        for to in ["t450-1@b.example", "drop-data@b.example", "drop-dot@b.example"] {
            assert_eq!(state(db, to), "deferred 1", "{to}");
        }
        assert_eq!(state(db, "t421-1@b.example"), "deferred 0", "turned away before it was tried");
        assert_eq!(db.words("SELECT email_key || ' ' || reason AS word FROM suppressions"), ["bad@b.example bounced"]);
        house.wait(TimeDelta::minutes(7));
        house.run();
        for to in ["t450-1@b.example", "drop-data@b.example", "drop-dot@b.example"] {
            assert_eq!(state(db, to), "sent 2", "{to}");
        }
        assert_eq!(state(db, "t421-1@b.example"), "sent 1");
        // Both copies of the mail in doubt are the same to the byte.
        let copies: Vec<Mail> = smtp.mails_to("drop-dot@b.example");
        assert_eq!(copies.len(), 2);
        assert_eq!(copies[0].bytes, copies[1].bytes);
        assert_eq!(copies[0].from, copies[1].from);
        let doubtful = "SELECT count(*) AS n FROM outbox WHERE maybe_duplicate";
        assert!((1..=2).contains(&db.number(doubtful)), "drop-dot, and drop-data where the dot was on its way");
        no_command_within_a_body(&smtp);
    }
);

db_test!(
    fn a_server_that_stalls_is_given_up_on_and_nobody_else_waits(db) {
        let smtp = SmtpServer::start();
        let house = house(db, &smtp);
        let begun = std::time::Instant::now();
        send_to(&house, &["stall10@b.example", "ada@a.example", "bob@a.example"]);
        assert!(begun.elapsed() < std::time::Duration::from_secs(5));
        assert_eq!(state(db, "stall10@b.example"), "deferred 1");
        assert_eq!(state(db, "ada@a.example"), "sent 1");
        assert_eq!(state(db, "bob@a.example"), "sent 1");
        db.leaves_mail("one server stalled");
    }
);

db_test!(
    fn a_server_that_is_down_leaves_the_queue_as_it_is(db) {
        let smtp = SmtpServer::start();
        let house = house(db, &smtp);
        drop(smtp);
        std::thread::sleep(std::time::Duration::from_millis(50));
        house.contact("ada@a.example", Some(1));
        house.enrol("one-step", &["ada"]);
        let done = house.run();
        assert!(done.trouble.is_some());
        assert_eq!(state(db, "ada@a.example"), "queued 0");
        db.leaves_mail("the server is down");
    }
);

db_test!(
    fn a_server_that_wants_a_log_in_gets_one_and_a_wrong_one_stops_everything(db) {
        let smtp = SmtpServer::with(Manners {
            login: Some(("app", "secret")),
            ..Manners::default()
        });
        let house = house(db, &smtp);
        send_to(&house, &["ada@a.example"]);
        assert_eq!(state(db, "ada@a.example"), "sent 1");
        assert_eq!(smtp.heard("AUTH").len(), 1);
    }
);

db_test!(
    fn an_address_beyond_ascii_needs_a_server_that_takes_it(db) {
        let plain = SmtpServer::with(Manners {
            extensions: vec!["8BITMIME"],
            ..Manners::default()
        });
        let house = house(db, &plain);
        send_to(&house, &["jürgen@a.example"]);
        assert_eq!(state(db, "jürgen@a.example"), "failed 1");
        assert_eq!(plain.heard("MAIL"), Vec::<String>::new());
        assert!(db.words("SELECT reply AS word FROM outbox")[0].contains("5.6.7"));
    }
);

db_test!(
    fn a_reminder_is_a_message_of_its_own(db) {
        let smtp = SmtpServer::start();
        let house = house(db, &smtp);
        house.contact("ada@a.example", Some(1));
        house.enrol("two-steps", &["ada"]);
        house.run();
        house.wait(TimeDelta::days(3));
        house.run();
        let ids: Vec<String> = smtp.mails().iter().flat_map(|m| header(&m.text(), "Message-ID").concat().lines().map(str::to_owned).collect::<Vec<_>>()).collect();
        assert_eq!(ids.len(), 2);
        assert_ne!(ids[0], ids[1]);
        // The same link: what was answered by the first is answered for both.
        let links: Vec<String> = smtp.mails().iter().map(|mail| mail.link("r")).collect();
        assert_eq!(links[0], links[1]);
    }
);

#[track_caller]
fn no_command_within_a_body(smtp: &SmtpServer) {
    for entry in smtp.ledger() {
        if let What::Mail(mail) = entry.what {
            let text = mail.text();
            for verb in ["MAIL FROM:", "RCPT TO:", "RSET", "QUIT"] {
                assert!(!text.contains(verb), "{verb} in {text}");
            }
        }
    }
}

db_test!(
    fn the_worker_sends_what_is_enrolled_while_it_runs_and_ends_when_told(db) {
        let smtp = SmtpServer::start();
        let house = house(db, &smtp);
        let worker = dripline::worker::start(house.outgoing.borrow().clone()).expect("a worker");
        house.contact("ada@a.example", Some(1));
        house.enrol("one-step", &["ada"]);
        assert_eq!(smtp.wait_for_mails(1)[0].to, "ada@a.example");
        assert!(worker.is_alive());
        worker.stop();
        assert_eq!(state(db, "ada@a.example"), "sent 1");
    }
);

db_test!(
    fn several_senders_over_one_database_send_each_mail_once(db) {
        let smtp = SmtpServer::start();
        let house = house(db, &smtp);
        let people: Vec<String> = (0..60).map(|n| format!("p{n}@a.example")).collect();
        for person in &people {
            house.contact(person, Some(1));
        }
        let ids: Vec<String> = (0..60).map(|n| format!("p{n}")).collect();
        house.enrol("one-step", &ids.iter().map(String::as_str).collect::<Vec<_>>());
        std::thread::scope(|scope| {
            for _ in 0..3 {
                let outgoing = house.outgoing.borrow().clone();
                scope.spawn(move || dripline::worker::run_due(&outgoing).expect("run"));
            }
        });
        assert_eq!(smtp.mails().len(), 60);
        assert_eq!(db.number("SELECT count(*) AS n FROM outbox WHERE state = 'sent' AND attempts = 1"), 60);
    }
);
