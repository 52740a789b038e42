//! Whole runs of mail, through real SMTP and with the program as a user starts it: what crashes,
//! restarts, several workers and unruly servers do to them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use dripline::accounts::Role;
use dripline::clock::Clock;
use dripline::drip::send::Outgoing;
use dripline::drip::{self, Who};
use dripline::worker;
use serde_json::json;

use crate::drip::{FRAMEWORK, House};
use crate::support::smtp::{Mail, What};
use crate::support::{Program, Server, SmtpServer, TestDb, db_test};

const RUN: &str = r#"
[[drips]]
code = "run"
name = "A run"
trigger = "manual"
[[drips.steps]]
delay = "0d"
question_set = "drivers"
subject = "One minute, {{ contact.first_name }}?"
body = "We have a question for **{{ company.name }}**."
first_question_in_mail = true
"#;

/// As the framework of a whole run: no reminder and no second step is left over.
const MAILS: usize = 2000;

/// Makes contacts of companies 1 and 2, whose address is `{kind}.{number}@{domain}`, and enrols them.
fn enrol(house: &House, kinds: &[(&str, usize)]) {
    // A hundred destinations, so that what one of them refuses is its own affair.
    enrol_at(house, kinds, 100);
}

fn enrol_at(house: &House, kinds: &[(&str, usize)], destinations: usize) {
    let mut rows = Vec::new();
    // Each kind is spread over the whole run.
    let spread = kinds
        .iter()
        .flat_map(|(kind, count)| (0..*count).map(move |n| ((n * 10_000 + 5_000) / count, *kind)));
    let mut spread: Vec<(usize, &str)> = spread.collect();
    spread.sort_unstable();
    for (number, (_, kind)) in (1..).zip(spread) {
        let email = format!("{kind}.{number}@d{}.example", number % destinations);
        rows.push(format!(
            "('{email}', {}, '{email}', '{email}', '', 'Ada', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
            1 + number % 2
        ));
    }
    let number = rows.len();
    for rows in rows.chunks(500) {
        let insert = "INSERT INTO contacts (external_id, company_id, email, email_key, name_key, first_name, created_at, updated_at) VALUES ";
        house
            .db
            .execute(&format!("{insert}{}", rows.join(", ")))
            .expect("contacts");
    }
    let now = house.now();
    let enrol = move |conn: &mut _| drip::enrol(conn, now, "run", &Who::Audience);
    assert_eq!(house.db.write_now(enrol).expect("enrolled").enrolled, number);
}

/// A run that the program itself works off, on the machine's clock.
fn program(db: &TestDb, smtp: &SmtpServer) -> Program {
    let house = House::new(db, RUN);
    house.outgoing.borrow().clock.set(Clock::system().now());
    enrol(&house, &[("ok", MAILS)]);
    Program::over(db).mailing(smtp).with("DRIPLINE_SMTP_CONNECTIONS", "4")
}

/// Looks again and again, for two minutes at most.
#[track_caller]
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "{what}: not within two minutes"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn is_all_sent(db: &TestDb) -> bool {
    db.number("SELECT count(*) AS n FROM outbox WHERE state = 'sent'") == MAILS as i64
}

/// How many mails came beyond the first to each recipient; each is the same to the byte as the first.
#[track_caller]
fn duplicates(mails: &[Mail]) -> usize {
    let mut first: HashMap<&str, &Mail> = HashMap::new();
    let mut more = 0;
    for mail in mails {
        let seen = *first.entry(&mail.to).or_insert(mail);
        if !std::ptr::eq(seen, mail) {
            assert_eq!(
                (&seen.from, &seen.bytes),
                (&mail.from, &mail.bytes),
                "the copies to {}",
                mail.to
            );
            more += 1;
        }
    }
    assert_eq!(first.len(), MAILS, "every mail arrived");
    more
}

db_test!(
    fn twenty_kills_lose_nothing_and_repeat_at_most_one_mail_for_each_connection(db) {
        let smtp = SmtpServer::start();
        let program = program(db, &smtp);
        for kill in 1..=20 {
            let worker = program.worker();
            let enough = kill * MAILS / 24;
            wait_until("mails arrive", || smtp.arrived() >= enough);
            worker.kill();
        }
        let last = program.worker();
        wait_until("all are sent", || is_all_sent(db));
        assert_eq!(last.end(), 0);
        let duplicates = duplicates(&smtp.mails());
        assert!(duplicates <= 20 * 4, "{duplicates} duplicates");
        no_command_within_a_body(&smtp);
    }
);

db_test!(
    fn five_restarts_lose_nothing_and_repeat_nothing(db) {
        let smtp = SmtpServer::start();
        let program = program(db, &smtp);
        for restart in 1..=5 {
            let worker = program.worker();
            let enough = restart * MAILS / 8;
            wait_until("mails arrive", || smtp.arrived() >= enough);
            assert_eq!(worker.end(), 0);
            assert_eq!(db.number("SELECT count(*) AS n FROM outbox WHERE owner IS NOT NULL"), 0, "nothing is left under way");
        }
        let last = program.worker();
        wait_until("all are sent", || is_all_sent(db));
        assert_eq!(last.end(), 0);
        assert_eq!(duplicates(&smtp.mails()), 0);
        assert_eq!(db.number("SELECT count(*) AS n FROM outbox WHERE maybe_duplicate"), 0);
    }
);

db_test!(
    fn two_workers_over_one_database_send_each_mail_once(db) {
        let smtp = SmtpServer::start();
        let program = program(db, &smtp);
        let workers = [program.worker(), program.worker()];
        wait_until("all are sent", || is_all_sent(db));
        for worker in workers {
            assert_eq!(worker.end(), 0);
        }
        assert_eq!(duplicates(&smtp.mails()), 0);
    }
);

db_test!(
    fn of_two_workers_one_dies_five_times_and_the_other_takes_over(db) {
        let smtp = SmtpServer::start();
        let program = program(db, &smtp);
        let steady = program.worker();
        for kill in 1..=5 {
            let mortal = program.worker();
            let enough = kill * MAILS / 6;
            wait_until("mails arrive", || smtp.arrived() >= enough);
            mortal.kill();
        }
        wait_until("all are sent", || is_all_sent(db));
        assert_eq!(steady.end(), 0);
        let duplicates = duplicates(&smtp.mails());
        assert!(duplicates <= 5 * 4, "{duplicates} duplicates");
    }
);

db_test!(
    fn a_waiting_worker_takes_over_from_one_that_died(db) {
        let smtp = SmtpServer::start();
        let program = program(db, &smtp);
        let first = program.worker();
        wait_until("mails arrive", || smtp.arrived() >= 100);
        let second = program.worker();
        first.kill();
        let died = Instant::now();
        let before = smtp.arrived();
        wait_until("the second one sends", || smtp.arrived() > before + 4);
        assert!(died.elapsed() < Duration::from_secs(10), "it took {:?}", died.elapsed());
        wait_until("all are sent", || is_all_sent(db));
        assert_eq!(second.end(), 0);
        assert!(duplicates(&smtp.mails()) <= 4);
    }
);

/// Unruly recipients among a thousand: what each kind is at the end, and how often it was tried.
const KINDS: [(&str, usize, &str, i64); 7] = [
    ("ok", 660, "sent", 0),
    ("bad", 40, "failed", 1),
    ("t450-1", 100, "sent", 1),
    ("t421-1", 50, "sent", 0),
    ("drop-data", 50, "sent", 1),
    ("drop-dot", 50, "sent", 1),
    ("stall10-1", 50, "sent", 1),
];

db_test!(
    fn a_thousand_recipients_fare_as_the_rules_say_and_the_healthy_ones_do_not_wait(db) {
        let smtp = SmtpServer::start();
        let seconds = ["GREETING", "MAIL", "RCPT", "DATA", "BLOCK", "DOT"].map(|p| format!("DRIPLINE_SMTP_TIMEOUT_{p}_SECONDS"));
        let url = smtp.url();
        let mut settings = vec![("DRIPLINE_SMTP_URL", url.as_str()), ("DRIPLINE_SMTP_CONNECTIONS", "8")];
        settings.extend(seconds.iter().map(|name| (name.as_str(), "1")));
        let house = House::with(db, &format!("{FRAMEWORK}{RUN}"), &settings);
        enrol(&house, &KINDS.map(|(kind, count, ..)| (kind, count)));
        house.run();
        let count = |kind: &str, state: &str| {
            db.number(&format!("SELECT count(*) AS n FROM outbox WHERE to_address LIKE '{kind}.%' AND state = '{state}'"))
        };
        assert_eq!(count("ok", "sent"), 660);
        // Retries come within minutes; none of these needs more than two.
        for _ in 0..3 {
            house.wait(TimeDelta::minutes(20));
            house.run();
        }
        for (kind, number, state, tries) in KINDS {
            assert_eq!(count(kind, state), number as i64, "{kind}");
            let tried = format!("SELECT count(*) AS n FROM outbox WHERE to_address LIKE '{kind}.%' AND tries <> {tries}");
            assert_eq!(db.number(&tried), 0, "{kind} was tried {tries} times");
        }
        assert_eq!(db.number("SELECT count(*) AS n FROM suppressions WHERE reason = 'bounced'"), 40);
        assert_eq!(db.number("SELECT count(*) AS n FROM suppressions"), 40);
        // Only what was in doubt came twice, and then the same.
        let mut copies: HashMap<String, Vec<Mail>> = HashMap::new();
        for mail in smtp.mails() {
            copies.entry(mail.to.clone()).or_default().push(mail);
        }
        for (to, copies) in copies {
            assert_eq!(copies.len(), if to.starts_with("drop-dot.") { 2 } else { 1 }, "{to}");
            assert!(copies.iter().all(|copy| copy.bytes == copies[0].bytes && copy.from == copies[0].from), "{to}");
        }
        no_command_within_a_body(&smtp);
    }
);

#[track_caller]
fn no_command_within_a_body(smtp: &SmtpServer) {
    for entry in smtp.ledger() {
        if let What::Mail(mail) = entry.what {
            let text = mail.text();
            for verb in ["MAIL FROM:", "RCPT TO:", "RSET\r\n", "QUIT\r\n", "DATA\r\n"] {
                assert!(!text.contains(verb), "{verb} in {text}");
            }
        }
    }
}

/// A server with its worker beside it, over a run that has begun.
fn running<'d>(db: &'d TestDb, smtp: &SmtpServer, mails: usize) -> (House<'d>, Server) {
    let server = Server::with(
        db,
        &[("DRIPLINE_SMTP_URL", &smtp.url()), ("DRIPLINE_SMTP_CONNECTIONS", "4")],
    );
    let house = House::with(
        db,
        &format!("{FRAMEWORK}{RUN}"),
        &[("DRIPLINE_BASE_URL", server.base())],
    );
    enrol(&house, &[("ok", mails)]);
    (house, server)
}

db_test!(
    fn once_a_pause_is_confirmed_only_what_is_in_hand_still_goes_and_resuming_repeats_nobody(db) {
        let smtp = SmtpServer::start();
        let (_house, server) = running(db, &smtp, MAILS);
        let api = server.api(Role::Analyst);
        let worker = worker::start(server.outgoing()).expect("a worker");
        wait_until("mails arrive", || smtp.arrived() >= 500);
        api.post("/api/v1/drips/run/pause", json!({})).expect(200);
        let confirmed = smtp.heard("DATA").len();
        wait_until("what is in hand has gone", || db.number("SELECT count(*) AS n FROM outbox WHERE owner IS NOT NULL") == 0);
        let more = smtp.heard("DATA").len() - confirmed;
        assert!(more <= 4, "{more} more after the pause was confirmed");
        assert!(!is_all_sent(db), "the pause came in the middle");
        api.post("/api/v1/drips/run/resume", json!({})).expect(200);
        wait_until("all are sent", || is_all_sent(db));
        worker.stop();
        assert_eq!(duplicates(&smtp.mails()), 0);
    }
);

db_test!(
    fn once_an_unsubscribe_is_confirmed_no_mail_to_that_address_begins(db) {
        let smtp = SmtpServer::start();
        let (house, server) = running(db, &smtp, MAILS);
        // The links of the second half, which nobody has been mailed yet.
        let (now, letterhead) = (house.now(), server.outgoing().letterhead.clone());
        let links = letterhead.clone();
        while db.write_now({
            let letterhead = letterhead.clone();
            move |conn: &mut _| drip::make_due(conn, now, &letterhead)
        }).expect("made") > 0 {}
        let later = db.words(
            "SELECT contacts.email || ' ' || invitations.nonce AS word FROM invitations \
             JOIN contacts ON contacts.id = invitations.contact_id ORDER BY invitations.id",
        );
        let worker = worker::start(server.outgoing()).expect("a worker");
        let mut confirmed = Vec::new();
        for word in later.iter().skip(300).step_by(17) {
            let (email, nonce) = word.split_once(' ').expect("two words");
            let link = links.links(nonce, true).unsubscribe;
            let path = link.strip_prefix(server.base()).expect("ours");
            server.browser().post(path, &[("List-Unsubscribe", "One-Click")]).expect(200);
            confirmed.push((email.to_owned(), smtp.ledger().len()));
        }
        wait_until("the rest is sent", || {
            db.number("SELECT count(*) AS n FROM outbox WHERE state IN ('sent', 'cancelled')") == MAILS as i64
        });
        worker.stop();
        let ledger = smtp.ledger();
        for (email, since) in confirmed {
            let rcpt = format!("RCPT TO:<{email}>");
            let begun = ledger[since..].iter().any(|entry| matches!(&entry.what, What::Heard(line) if line.starts_with(&rcpt)));
            assert!(!begun, "a mail to {email} began after its unsubscribe was confirmed");
        }
        assert!(db.number("SELECT count(*) AS n FROM outbox WHERE state = 'cancelled'") > 0, "some came in time");
    }
);

/// Reply, where the mail stands, whether the address is suppressed, what is paused: RELIABILITY.md M22.
const REPLIES: [(&str, &str, bool, &str); 40] = [
    ("rcpt-550-5.1.1", "failed", true, ""),
    ("rcpt-550-5.1.2", "failed", true, ""),
    ("rcpt-553-5.1.3", "failed", true, ""),
    ("rcpt-556-5.1.10", "failed", true, ""),
    ("rcpt-550-5.2.1", "failed", true, ""),
    ("rcpt-551-none", "failed", true, ""),
    ("rcpt-551-5.1.6", "failed", true, ""),
    ("dot-550-5.1.1", "failed", true, ""),
    ("dot-550-5.2.1", "failed", true, ""),
    ("rcpt-450-none", "deferred", false, ""),
    ("rcpt-450-4.2.0", "deferred", false, ""),
    ("rcpt-451-none", "deferred", false, ""),
    ("rcpt-451-4.3.0", "deferred", false, ""),
    ("rcpt-452-4.2.2", "deferred", false, ""),
    ("rcpt-452-none", "deferred", false, ""),
    ("dot-451-4.3.0", "deferred", false, ""),
    ("dot-452-4.3.1", "deferred", false, ""),
    ("rcpt-421-none", "deferred", false, ""),
    ("rcpt-421-4.7.28", "deferred", false, ""),
    ("dot-421-4.3.2", "deferred", false, ""),
    ("rcpt-450-4.7.1", "deferred", false, ""),
    ("rcpt-450-4.7.25", "deferred", false, ""),
    ("rcpt-454-4.7.0", "deferred", false, ""),
    ("rcpt-552-5.2.2", "failed", false, ""),
    ("dot-552-5.2.2", "failed", false, ""),
    ("rcpt-550-none", "failed", false, ""),
    ("rcpt-554-none", "failed", false, ""),
    ("rcpt-500-none", "failed", false, ""),
    ("rcpt-550-5.4.1", "failed", false, ""),
    ("rcpt-550-5.5.0", "failed", false, ""),
    ("rcpt-550-5.7.1", "failed", false, ""),
    ("rcpt-550-5.7.26", "failed", false, ""),
    ("rcpt-550-5.7.515", "failed", false, ""),
    ("rcpt-554-5.7.1", "failed", false, ""),
    ("dot-550-5.7.1", "failed", false, ""),
    ("dot-554-none", "failed", false, ""),
    ("dot-552-5.3.4", "failed", false, "drip"),
    ("dot-554-5.6.0", "failed", false, "drip"),
    ("rcpt-530-5.7.0", "queued", false, "all"),
    ("rcpt-535-5.7.8", "queued", false, "all"),
];

db_test!(
    fn each_reply_calls_for_what_the_table_says(db) {
        let smtp = SmtpServer::start();
        let house = House::with(db, &format!("{FRAMEWORK}{RUN}"), &[("DRIPLINE_SMTP_URL", &smtp.url())]);
        for (number, (kind, state, is_suppressed, paused)) in REPLIES.into_iter().enumerate() {
            // A destination each: one that asks for fewer mails would hold the next ones back.
            let email = format!("{kind}@d{number}.example");
            enrol_one(&house, &email);
            house.run();
            let found = db.words(&format!("SELECT state AS word FROM outbox WHERE to_address = '{email}'"));
            assert_eq!(found, [state], "{kind}");
            let suppressed = db.number(&format!("SELECT count(*) AS n FROM suppressions WHERE email_key = '{email}'"));
            assert_eq!(suppressed == 1, is_suppressed, "{kind}");
            let drip = db.words("SELECT state AS word FROM drips WHERE code = 'run'");
            let all = db.number("SELECT count(*) AS n FROM marks WHERE name = 'sending_paused'");
            let found = match (all, drip[0].as_str()) {
                (1, _) => "all",
                (_, "paused") => "drip",
                _ => "",
            };
            assert_eq!(found, paused, "{kind}");
            db.execute("UPDATE drips SET state = 'on'").expect("on again");
            db.execute("DELETE FROM marks WHERE name = 'sending_paused'").expect("on again");
            db.execute("DELETE FROM domain_holds").expect("free again");
            db.execute("DELETE FROM outbox").expect("out of the way");
        }
    }
);

fn enrol_one(house: &House, email: &str) {
    house.contact(email, Some(1));
    let id = email.split('@').next().expect("a local part").to_owned();
    let now = house.now();
    let enrol = move |conn: &mut _| drip::enrol(conn, now, "run", &Who::Contacts(vec![id]));
    assert_eq!(house.db.write_now(enrol).expect("enrolled").enrolled, 1);
}

db_test!(
    fn a_domain_whose_policy_refuses_a_drip_is_held_and_what_it_refused_goes_once_it_is_released(db) {
        let smtp = SmtpServer::start();
        let house = House::with(
            db,
            &format!("{FRAMEWORK}{RUN}"),
            &[("DRIPLINE_SMTP_URL", &smtp.url()), ("DRIPLINE_SMTP_CONNECTIONS", "1")],
        );
        for n in 1..=3 {
            enrol_one(&house, &format!("t554-1.{n}@strict.example"));
        }
        house.run();
        let cause = db.words("SELECT cause AS word FROM domain_holds");
        assert_eq!(cause.len(), 1);
        assert!(cause[0].contains("strict.example") && cause[0].contains("5.7.1"), "{cause:?}");
        // Others of the domain wait with that reason; other domains do not.
        enrol_one(&house, "ok.4@strict.example");
        enrol_one(&house, "ok.5@kind.example");
        house.run();
        assert_eq!(
            db.words("SELECT to_address || ' ' || state || ' ' || coalesce(waits_for, '') AS word FROM outbox WHERE to_address LIKE 'ok%' ORDER BY id"),
            [format!("ok.4@strict.example deferred {}", cause[0]), "ok.5@kind.example sent ".to_owned()]
        );
        assert_eq!(db.number("SELECT count(*) AS n FROM suppressions"), 0);
        let now = house.now();
        let release = move |conn: &mut _| drip::destination::release(conn, now, "ada", "run", "strict.example");
        assert!(db.write_now(release).expect("released"));
        house.run();
        assert_eq!(db.words("SELECT state AS word FROM outbox WHERE to_address = 'ok.4@strict.example'"), ["sent"]);
        let again = "SELECT count(*) AS n FROM outbox WHERE attempts = 2 AND state = 'sent'";
        assert_eq!(db.number(again), 3, "what was refused was tried once more");
    }
);

db_test!(
    fn a_refusal_that_concerns_other_mails_costs_no_more_than_those_in_hand(db) {
        let smtp = SmtpServer::start();
        let house = House::with(db, &format!("{FRAMEWORK}{RUN}"), &[("DRIPLINE_SMTP_URL", &smtp.url())]);
        // Long enough a run that mails are claimed far ahead of the four connections.
        enrol_at(&house, &[("ok", 120), ("rcpt-550-5.7.515+", 60)], 1);
        house.run();
        let states = |state: &str| {
            db.number(&format!("SELECT count(*) AS n FROM outbox WHERE state = '{state}' AND to_address LIKE 'rcpt%'"))
        };
        let failed = states("failed");
        assert!((3..=6).contains(&failed), "{failed} were refused before the domain was held");
        assert_eq!(failed + states("deferred"), 60);
        // The server named whom it refused; that is nobody else's business.
        let named = db.words("SELECT cause AS word FROM domain_holds UNION SELECT waits_for FROM outbox WHERE waits_for IS NOT NULL");
        assert!(named.iter().all(|cause| cause.contains("5.7.515") && !cause.contains('@')), "{named:?}");

        db.execute("DELETE FROM domain_holds").expect("out of the way");
        enrol(&house, &[("dot-554-5.6.0+", 60)]);
        house.run();
        let refused = "SELECT count(*) AS n FROM outbox WHERE outcome = 'content'";
        let refused = db.number(refused);
        assert!((1..=4).contains(&refused), "{refused} were refused before the drip was paused");
        assert!(!db.words("SELECT cause AS word FROM drips WHERE cause IS NOT NULL")[0].contains('@'));
        let waiting = "SELECT count(*) AS n FROM outbox WHERE state = 'queued' AND to_address LIKE 'dot%'";
        assert_eq!(refused + db.number(waiting), 60);
        db.leaves_mail("the drip is paused, and the domain was held");
    }
);

db_test!(
    fn a_destination_that_asks_for_fewer_mails_gets_half_and_all_again_after_an_hour(db) {
        let smtp = SmtpServer::start();
        let house = House::with(
            db,
            &format!("{FRAMEWORK}{RUN}"),
            &[("DRIPLINE_SMTP_URL", &smtp.url()), ("DRIPLINE_SMTP_RATE_PER_DOMAIN", "6000")],
        );
        enrol_one(&house, "t421-1@a.example");
        house.run();
        assert_eq!(db.words("SELECT domain || ' ' || CAST(per_minute AS TEXT) AS word FROM domain_paces"), ["a.example 3000"]);
        house.wait(TimeDelta::minutes(7));
        house.run();
        assert_eq!(db.number("SELECT count(*) AS n FROM outbox WHERE state = 'sent' AND tries = 0"), 1);
    }
);

db_test!(
    fn a_wrong_log_in_pauses_all_sending_until_somebody_has_seen_to_it(db) {
        let smtp = SmtpServer::with(crate::support::smtp::Manners {
            login: Some(("app", "secret")),
            ..Default::default()
        });
        let url = smtp.url().replace("secret", "wrong");
        let house = House::with(db, &format!("{FRAMEWORK}{RUN}"), &[("DRIPLINE_SMTP_URL", &url)]);
        enrol_one(&house, "ada@a.example");
        let done = house.run();
        assert!(done.trouble.is_some_and(|why| why.contains("535")));
        let cause = db.words("SELECT value AS word FROM marks WHERE name = 'sending_paused'");
        assert!(cause[0].contains("535"), "{cause:?}");
        house.run();
        assert_eq!(smtp.heard("AUTH").len(), 1, "nobody knocks again before that");
        let now = house.now();
        db.write_now(move |conn| drip::resume_sending(conn, now, "ada")).expect("resumed");
        let (clock, paces) = (house.outgoing.borrow().clock.clone(), house.outgoing.borrow().paces.clone());
        let server = Server::mailing(db, &smtp);
        let right = Outgoing { clock, paces, ..server.outgoing() };
        assert_eq!(worker::run_due(&right).expect("run").sent, 1);
    }
);
