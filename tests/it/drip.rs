//! Drips over virtual weeks: who gets which mail, when, and what stops it.

use std::cell::RefCell;

use chrono::{NaiveDateTime, TimeDelta};
use dripline::accounts::Role;
use dripline::clock::{Clock, parse_rfc3339};
use dripline::config::Config;
use dripline::drip::pace::Paces;
use dripline::drip::send::Outgoing;
use dripline::drip::{self, Reason, Who};
use dripline::ids::{CompanyId, InvitationId, TransactionId};
use dripline::store::marks;
use dripline::worker::{self, Done};
use dripline::{framework, reframe};
use serde_json::json;

use crate::support::{Server, TestDb, db_test};

/// A drip installation with a clock of its own, its mail captured.
pub struct House<'d> {
    pub db: &'d TestDb,
    pub outgoing: RefCell<Outgoing>,
}

/// A Tuesday.
pub const START: &str = "2026-03-10T11:00:00Z";

pub const FRAMEWORK: &str = r#"
[[needs]]
code = "efficiency"
name = "Efficiency"
level = "strategic"

[[needs]]
code = "intimacy"
name = "Intimacy"
level = "personal"

[[segments]]
code = "efficiency-seekers"
name = "Efficiency Seekers"
profile = { efficiency = 100 }

[[segments]]
code = "customer-intimates"
name = "Customer Intimates"
profile = { intimacy = 100 }

[[question_sets]]
code = "drivers"
title = "Why you bought"
[[question_sets.questions]]
code = "why"
kind = "single_choice"
text = "Why did {{ company.name }} buy?"
required = true
options = [
  { code = "price", text = "The price", loads = { efficiency = 2 } },
  { code = "people", text = "The people", loads = { efficiency = 0 } },
]
"#;

/// One step with a reminder after three days, closing after ten; a second a week later that waits.
pub const TWO_STEPS: &str = r#"
[[drips]]
code = "two-steps"
name = "Two steps"
trigger = "manual"
reminders = { after = "3d", count = 1 }
closes_after = "10d"
[[drips.steps]]
delay = "0d"
question_set = "drivers"
subject = "One minute, {{ contact.first_name | default: \"hello\" }}?"
body = "We have a question for you."
first_question_in_mail = true
[[drips.steps]]
delay = "7d"
wait_for_answer = true
[drips.steps.message.default]
subject = "Thank you"
body = "That was all."
[drips.steps.message.efficiency-seekers]
subject = "How to save hours"
body = "Read this."
"#;

impl<'d> House<'d> {
    pub fn new(db: &'d TestDb, drips: &str) -> House<'d> {
        House::with(db, &format!("{FRAMEWORK}{drips}"), &[])
    }

    pub fn with(db: &'d TestDb, file: &str, settings: &[(&str, &str)]) -> House<'d> {
        let address = db.address();
        let usual = [
            ("DATABASE_URL", address.as_str()),
            ("DRIPLINE_SECRET_KEY", "a key that is known to every test"),
            ("DRIPLINE_MAIL_FROM", "Example Survey <survey@example.com>"),
            ("DRIPLINE_POSTAL_ADDRESS", "Example Ltd, 1 Example Street"),
            ("DRIPLINE_BASE_URL", "https://ask.example.com"),
        ];
        let config = Config::from_pairs(usual.iter().chain(settings).copied()).expect("settings");
        let key = config.secret_key_or_file().expect("a key");
        let clock = Clock::fixed(at(START));
        let house = House {
            db,
            outgoing: RefCell::new(Outgoing::new(dripline::store::Db::clone(db), clock, &config, key)),
        };
        house.apply(file);
        db.execute(
            "INSERT INTO companies (id, external_id, name, name_key, customer_since, created_at, updated_at) VALUES \
             (1, 'acme', 'Acme & Sons', 'acme & sons', '2025-06-01', '2026-01-01 00:00:00', '2026-01-01 00:00:00'), \
             (2, 'bolt', 'Bolt', 'bolt', '2010-06-01', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        )
        .expect("companies");
        house
    }

    pub fn apply(&self, file: &str) {
        let framework = framework::read::toml(file).unwrap_or_else(|faults| panic!("{faults:?}"));
        let now = self.now();
        let apply = move |conn: &mut _| reframe::apply(conn, now, "test", &framework);
        self.db.write_now(apply).expect("the framework is applied");
    }

    /// A contact of company 1 (or of `company`), whose external id is the address's local part.
    pub fn contact(&self, email: &str, company: Option<i64>) {
        let id = email.split('@').next().expect("a local part");
        let company = company.map_or("NULL".to_owned(), |id| id.to_string());
        self.db
            .execute(&format!(
                "INSERT INTO contacts (external_id, company_id, email, email_key, name_key, first_name, created_at, updated_at) \
                 VALUES ('{id}', {company}, '{email}', '{}', '', 'Ada', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
                email.to_lowercase()
            ))
            .expect("a contact");
    }

    pub fn now(&self) -> NaiveDateTime {
        self.outgoing.borrow().clock.now()
    }

    pub fn wait(&self, by: TimeDelta) {
        self.outgoing.borrow().clock.advance(by);
    }

    pub fn enrol(&self, drip: &'static str, contacts: &[&str]) -> drip::Enrolled {
        let who = Who::Contacts(contacts.iter().map(|id| (*id).to_owned()).collect());
        let now = self.now();
        let enrol = move |conn: &mut _| drip::enrol(conn, now, drip, &who);
        self.db.write_now(enrol).expect("enrolled")
    }

    pub fn run(&self) -> Done {
        worker::run_due(&self.outgoing.borrow()).expect("what is due is done")
    }

    /// Runs once a day for so many days; the subjects that went out, each with its day.
    pub fn run_days(&self, days: i64) -> Vec<String> {
        let mut seen = self.subjects().len();
        let mut out = Vec::new();
        for day in 0..=days {
            self.run();
            let subjects = self.subjects();
            out.extend(subjects[seen..].iter().map(|subject| format!("{day}: {subject}")));
            seen = subjects.len();
            self.wait(TimeDelta::days(1));
        }
        out
    }

    /// What was captured, the oldest first.
    pub fn subjects(&self) -> Vec<String> {
        self.db.words("SELECT subject AS word FROM captured_mails ORDER BY id")
    }

    pub fn answer(&self) {
        let now = self.now();
        let id = self.db.number("SELECT max(id) AS n FROM invitations");
        let note = move |conn: &mut _| drip::note_answered(conn, now, InvitationId(id));
        self.db.write_now(note).expect("noted");
    }

    pub fn waiting(&self) -> Vec<String> {
        self.db.words("SELECT state || ': ' || coalesce(waits_for, '') AS word FROM outbox WHERE state IN ('queued', 'deferred') ORDER BY id")
    }
}

pub fn at(text: &str) -> NaiveDateTime {
    parse_rfc3339(text).expect("a time")
}

db_test!(
    fn who_does_not_answer_is_reminded_once_and_gets_the_next_step_after_the_closing(db) {
        let house = House::new(db, TWO_STEPS);
        house.contact("ada@a.example", Some(1));
        assert_eq!(house.enrol("two-steps", &["ada"]).enrolled, 1);
        assert_eq!(
            house.run_days(12),
            ["0: One minute, Ada?", "3: Reminder: One minute, Ada?", "10: Thank you"]
        );
        assert_eq!(db.words("SELECT state AS word FROM enrolments"), ["finished"]);
        assert_eq!(house.run_days(40), Vec::<String>::new());
    }
);

db_test!(
    fn who_answers_is_not_reminded_and_gets_the_next_step_after_its_delay(db) {
        let house = House::new(db, TWO_STEPS);
        house.contact("ada@a.example", Some(1));
        house.enrol("two-steps", &["ada"]);
        house.run();
        house.wait(TimeDelta::hours(2));
        house.answer();
        assert_eq!(house.run_days(12), ["7: Thank you"]);
        assert_eq!(db.words("SELECT state || ' ' || reply AS word FROM outbox WHERE nth = 1"), ["cancelled answered"]);
    }
);

db_test!(
    fn a_message_speaks_to_the_companys_segment(db) {
        let house = House::new(db, TWO_STEPS);
        house.contact("ada@a.example", Some(1));
        house.enrol("two-steps", &["ada"]);
        house.run();
        house.answer();
        let now = house.now();
        let by_hand = move |conn: &mut _| {
            let (company, hand) = (CompanyId(1), dripline::needs::Hand::Override);
            dripline::needs::set_by_hand(conn, now, company, hand, "efficiency-seekers", "known", "test")
        };
        db.write_now(by_hand).expect("a segment");
        assert_eq!(house.run_days(8), ["7: How to save hours"]);
    }
);

db_test!(
    fn who_is_skipped_is_named_with_the_reason(db) {
        let drips = TWO_STEPS.replace("trigger = \"manual\"", "trigger = \"manual\"\naudience = { not_asked_within_days = 30 }");
        let house = House::new(db, &format!("{drips}{}", drips.replace("two-steps", "other")));
        for (email, company) in [
            ("ada@a.example", Some(1)),
            ("bob@a.example", Some(1)),
            ("cyd@a.example", None),
            ("dee@a.example", Some(2)),
        ] {
            house.contact(email, company);
        }
        house.enrol("other", &["dee"]);
        house.run();
        let now = house.now();
        db.write_now(move |conn| drip::unsubscribe(conn, now, "bob@a.example", ""))
            .expect("unsubscribed");
        let done = house.enrol("two-steps", &["ada", "ada", "bob", "cyd", "dee", "eve"]);
        let skipped: Vec<_> = done.skipped.iter().map(|s| (s.contact.as_str(), s.reason)).collect();
        assert_eq!(done.enrolled, 1);
        assert_eq!(
            skipped,
            [
                ("bob", Reason::Suppressed),
                ("cyd", Reason::NoCompany),
                ("dee", Reason::AskedRecently),
                ("eve", Reason::Unknown)
            ]
        );
        assert_eq!(house.enrol("two-steps", &["ada"]).skipped[0].reason, Reason::AlreadyEnrolled);
        house.run();
        db.leaves_mail("reminders are still to come");
    }
);

db_test!(
    fn a_mail_waits_for_its_window_on_the_contacts_own_clock(db) {
        let drips = TWO_STEPS.replace(
            "trigger = \"manual\"",
            "trigger = \"manual\"\nsend_window = { days = [\"mon\", \"tue\", \"wed\"], from = \"09:00\", to = \"17:00\" }",
        );
        let house = House::new(db, &drips);
        house.contact("ada@a.example", Some(1));
        db.execute("UPDATE companies SET time_zone = 'America/New_York'").expect("a zone");
        house.enrol("two-steps", &["ada"]);
        assert_eq!(house.run().sent, 0);
        assert_eq!(house.waiting(), ["deferred: the send window is closed"]);
        // 09:00 in New York is 13:00 UTC, its clocks having gone forward on the 8th.
        house.wait(TimeDelta::minutes(119));
        assert_eq!(house.run().sent, 0);
        house.wait(TimeDelta::minutes(1));
        assert_eq!(house.run().sent, 1);
        db.leaves_mail("a reminder is still to come");
    }
);

db_test!(
    fn a_cap_holds_mails_of_all_drips_back_until_it_frees(db) {
        let capped = "[settings]\nmax_mails_per_contact = { count = 1, days = 7 }\n";
        let one = |code: &str| {
            format!(
                "[[drips]]\ncode = \"{code}\"\nname = \"x\"\ntrigger = \"manual\"\n[[drips.steps]]\ndelay = \"0d\"\n\
                 question_set = \"drivers\"\nsubject = \"{code}\"\nbody = \"x\"\n"
            )
        };
        let house = House::with(db, &format!("{capped}{FRAMEWORK}{}{}", one("first"), one("second")), &[]);
        house.contact("ada@a.example", Some(1));
        house.enrol("first", &["ada"]);
        house.enrol("second", &["ada"]);
        assert_eq!(house.run().sent, 1);
        assert_eq!(house.waiting(), ["deferred: this contact gets at most 1 mail in 7 days"]);
        assert_eq!(house.run_days(8), ["7: second"]);
    }
);

db_test!(
    fn a_mail_with_a_hole_is_held_back_until_it_is_filled(db) {
        let drips = TWO_STEPS.replace(" | default: \\\"hello\\\"", "");
        let house = House::new(db, &drips);
        house.contact("ada@a.example", Some(1));
        db.execute("UPDATE contacts SET first_name = NULL").expect("a blank name");
        house.enrol("two-steps", &["ada"]);
        assert_eq!(house.run().sent, 0);
        assert_eq!(house.waiting(), ["deferred: contact.first_name is blank and has no fallback"]);
        db.execute("UPDATE contacts SET first_name = 'Bea'").expect("a name");
        house.wait(TimeDelta::hours(1));
        house.run();
        assert_eq!(house.subjects(), ["One minute, Bea?"]);
        db.leaves_mail("a reminder is still to come");
    }
);

db_test!(
    fn a_paused_drip_keeps_what_is_due_and_resumes_without_skipping_or_repeating(db) {
        let house = House::new(db, TWO_STEPS);
        house.contact("ada@a.example", Some(1));
        house.contact("bob@a.example", Some(2));
        house.enrol("two-steps", &["ada"]);
        house.run();
        let now = house.now();
        db.write_now(move |conn| drip::pause(conn, now, "two-steps", "a look at it")).expect("paused");
        house.enrol("two-steps", &["bob"]);
        house.wait(TimeDelta::days(4));
        assert_eq!(house.run().sent, 0);
        let now = house.now();
        db.write_now(move |conn| drip::resume(conn, now, "two-steps")).expect("resumed");
        assert_eq!(house.run().sent, 2);
        assert_eq!(house.run().sent, 0);
        db.leaves_mail("a reminder is still to come");
    }
);

db_test!(
    fn who_unsubscribes_gets_nothing_more_and_goes_on_after_an_undo(db) {
        let house = House::new(db, TWO_STEPS);
        house.contact("Ada@a.example", Some(1));
        house.enrol("two-steps", &["Ada"]);
        house.run();
        let now = house.now();
        db.write_now(move |conn| drip::unsubscribe(conn, now, "ada@a.example", "")).expect("done");
        assert_eq!(db.words("SELECT state || ' ' || cause AS word FROM enrolments"), ["stopped unsubscribed"]);
        house.wait(TimeDelta::days(2));
        assert_eq!(house.run_days(20), Vec::<String>::new());
        db.write_now(|conn| drip::resubscribe(conn, "ada@a.example", "")).expect("undone");
        assert_eq!(house.run_days(1), ["0: Thank you"]);
    }
);

db_test!(
    fn a_new_transaction_starts_its_drip_once_and_an_old_one_never(db) {
        let drips = TWO_STEPS
            .replace("trigger = \"manual\"", "state = \"on\"\ntrigger = \"transaction\"\nmax_age = \"30d\"")
            .replace("We have", "About {{ transaction.product }}: we have");
        let house = House::new(db, &drips);
        house.contact("ada@a.example", Some(1));
        db.execute(
            "INSERT INTO transactions (id, external_id, company_id, contact_id, product, occurred_at, attributes, arrived_at) \
             VALUES (1, 't1', 1, (SELECT id FROM contacts), 'Press 9', '2026-03-01 00:00:00', '{}', '2026-03-10 00:00:00')",
        )
        .expect("a transaction");
        let arrive = |now| {
            db.write_now(move |conn| drip::transactions_arrived(conn, now, &[TransactionId(1)])).expect("arrived")
        };
        assert_eq!((arrive(house.now()), arrive(house.now())), (1, 0));
        db.execute("DELETE FROM enrolments").expect("gone");
        assert_eq!(arrive(house.now() + TimeDelta::days(40)), 0);
        assert_eq!(arrive(house.now()), 1);
        house.run();
        let body = db.number("SELECT count(*) AS n FROM outbox WHERE state = 'sent'");
        assert_eq!(body, 1);
        db.leaves_mail("a reminder is still to come");
    }
);

db_test!(
    fn an_audience_is_looked_at_daily_and_matched_by_every_criterion(db) {
        let drips = TWO_STEPS.replace(
            "trigger = \"manual\"",
            "state = \"on\"\ntrigger = \"audience\"\naudience = { tenure = [\"new\"], line = [\"presses\"] }",
        );
        let house = House::new(db, &drips);
        house.contact("ada@a.example", Some(1));
        house.contact("bob@a.example", Some(2));
        assert_eq!(house.run().sent, 0);
        db.execute("INSERT INTO company_attributes (company_id, name, value) VALUES (1, 'line', 'presses'), (2, 'line', 'presses')")
            .expect("attributes");
        assert_eq!(house.run().sent, 0, "the audience was looked at a moment ago");
        house.wait(TimeDelta::days(1));
        assert_eq!(house.run().sent, 1);
        assert_eq!(db.words("SELECT to_address AS word FROM captured_mails"), ["ada@a.example"]);
        db.leaves_mail("a reminder is still to come");
    }
);

db_test!(
    fn a_letter_written_ahead_of_its_claim_is_sent_unless_it_would_say_something_else_by_now(db) {
        let house = House::new(db, TWO_STEPS);
        for email in ["ada@a.example", "bob@b.example"] {
            house.contact(email, Some(1));
        }
        house.enrol("two-steps", &["ada", "bob"]);
        let outgoing = house.outgoing.borrow().clone();
        let (now, letterhead) = (house.now(), outgoing.letterhead.clone());
        db.write_now({
            let letterhead = letterhead.clone();
            move |conn| drip::make_due(conn, now, &letterhead)
        })
        .expect("made");
        let paces = Paces::new(None, None);
        let drafts = db.read_now(|conn| drip::claim::draft(conn, now, None, &letterhead, &paces, 2)).expect("drafted");
        db.execute("UPDATE contacts SET first_name = 'Robert' WHERE email = 'bob@b.example'").expect("renamed");
        let later = now + TimeDelta::minutes(2);
        let claim = move |conn: &mut _| drip::claim::claim(conn, later, None, &letterhead, "77", &paces, 2, drafts);
        let parcels = db.write_now(claim).expect("claimed").parcels;
        let said = |to: &str| {
            let parcel = parcels.iter().find(|parcel| parcel.to == to).expect("claimed");
            (parcel.subject.clone(), String::from_utf8(parcel.bytes.clone()).expect("ASCII"))
        };
        let date = |at: NaiveDateTime| format!("\r\nDate: {}", at.format("%a, %d %b %Y %H:%M:%S"));
        let (ada, bob) = (said("ada@a.example"), said("bob@b.example"));
        assert!(ada.1.contains(&date(now)), "written ahead: {}", ada.1);
        assert_eq!(bob.0, "One minute, Robert?");
        assert!(bob.1.contains("Robert") && bob.1.contains(&date(later)), "written anew: {}", bob.1);
        // Whoever takes them over sends the same.
        db.execute("UPDATE outbox SET owner = NULL, state = 'queued'").expect("left behind");
        house.run();
        let kept = db.read_now(|conn| dripline::mail::captured::find(conn, 1)).expect("read").expect("captured");
        assert_eq!(kept.1, ada.1.into_bytes());
        db.leaves_mail("reminders are still to come");
    }
);

db_test!(
    fn what_a_dead_sender_left_under_way_is_sent_again_as_it_was(db) {
        let house = House::new(db, TWO_STEPS);
        house.contact("ada@a.example", Some(1));
        house.enrol("two-steps", &["ada"]);
        let outgoing = house.outgoing.borrow().clone();
        let (now, letterhead) = (house.now(), outgoing.letterhead.clone());
        let claimed = db.write_now(move |conn| {
            drip::make_due(conn, now, &letterhead)?;
            drip::claim::claim(conn, now, None, &letterhead, "77", &Paces::new(None, None), 1, drip::claim::Drafts::default())
        });
        let first = claimed.expect("claimed").parcels.remove(0);
        assert_eq!(house.run().sent, 1);
        assert_eq!(db.words("SELECT CAST(maybe_duplicate AS TEXT) AS word FROM outbox WHERE nth = 0").len(), 1);
        assert_eq!(db.number("SELECT count(*) AS n FROM outbox WHERE nth = 0 AND maybe_duplicate AND attempts = 2"), 1);
        let sent = db.read_now(|conn| dripline::mail::captured::find(conn, 1)).expect("read").expect("captured");
        assert_eq!(sent.1, first.bytes);
        // The first sender comes back from the dead: its word counts no more.
        let late = db.write_now(move |conn| dripline::mail::outbox::mark_sent(conn, now, None, first.claim, "250 late"));
        assert!(!late.expect("asked"));
        db.leaves_mail("a reminder is still to come");
    }
);

db_test!(
    fn a_restored_copy_sends_nothing(db) {
        let house = House::new(db, TWO_STEPS);
        house.contact("ada@a.example", Some(1));
        house.enrol("two-steps", &["ada"]);
        let now = house.now();
        let pause = move |conn: &mut _| {
            dripline::store::marks::set(conn, now, dripline::store::marks::SENDING_PAUSED, "this is a copy")
        };
        db.write_now(pause).expect("marked");
        assert_eq!(house.run().sent, 0);
        db.leaves_mail("sending is paused");
    }
);

db_test!(
    fn an_analyst_enrols_pauses_and_sees_what_waits(db) {
        let server = Server::start(db);
        let house = House::with(db, &format!("{FRAMEWORK}{TWO_STEPS}"), &[("DRIPLINE_BASE_URL", server.base())]);
        house.outgoing.borrow_mut().clock = server.clock.clone();
        house.contact("ada@a.example", Some(1));
        house.contact("bob@a.example", None);
        let office = server.log_in(Role::Analyst);
        assert!(office.get("/drips").expect(200).text().contains("Two steps"));
        let enrolments = "/drips/two-steps/enrolments";
        let form = office.get("/drips/two-steps").expect(200).form(enrolments);
        let told = office.press(&form.fill("contacts", "ada, bob\nzoe"), "who", "contacts").expect(200).text();
        assert!(told.contains("1 contact enrolled, 2 left out") && told.contains("bob belongs to no company"), "{told}");
        house.run();
        let page = office.get("/drips/two-steps").expect(200);
        assert!(page.text().contains("a reminder, if no answer comes before"), "{}", page.text());
        let paused = office.press(&page.form("/drips/two-steps/state"), "state", "paused").expect(200);
        assert!(paused.text().contains("paused"), "{}", paused.text());
        house.wait(TimeDelta::days(4));
        assert_eq!(house.run().sent, 0);
        // Four days later the log-in is long over.
        let office = server.log_in(Role::Analyst);
        let asked = office.get("/drips/two-steps/start").expect(200);
        office.press(&asked.form("/drips/two-steps/state"), "state", "on").expect(200);
        assert_eq!(house.run().sent, 1);
        assert_eq!(db.number("SELECT count(*) AS n FROM audit_entries WHERE action LIKE 'drip%'"), 3);
        server.log_in(Role::Sales).get("/drips").expect(403);
    }
);

db_test!(
    fn a_program_enrols_pauses_and_resumes(db) {
        let server = Server::start(db);
        let house = House::new(db, TWO_STEPS);
        house.contact("ada@a.example", Some(1));
        let api = server.api(Role::Analyst);
        let path = "/api/v1/drips/two-steps/enrolments";
        let done = api.post(path, json!({ "contacts": ["ada", "zoe"] })).expect(200).json();
        assert_eq!(done, json!({ "enrolled": 1, "skipped": [{ "contact": "zoe", "reason": "unknown" }] }));
        let done = api.post(path, json!({ "audience": true })).expect(200).json();
        assert_eq!(done, json!({ "enrolled": 0, "skipped": [{ "contact": "ada", "reason": "already_enrolled" }] }));
        api.post(path, json!({ "audience": true, "contacts": [] })).expect(422);
        api.post(path, json!({ "everybody": true })).expect(422);
        api.post("/api/v1/drips/none/enrolments", json!({ "audience": true })).expect(404);
        let drip = api.post("/api/v1/drips/two-steps/pause", json!({})).expect(200).json();
        assert_eq!((&drip["code"], &drip["state"]), (&json!("two-steps"), &json!("paused")));
        assert_eq!(house.run().sent, 0);
        let drip = api.post("/api/v1/drips/two-steps/resume", json!({})).expect(200).json();
        assert_eq!(drip["state"], json!("on"));
        assert_eq!(house.run().sent, 1);
        api.post("/api/v1/drips/none/pause", json!({})).expect(404);
        db.leaves_mail("a reminder is still to come");
    }
);

db_test!(
    fn an_admin_reads_captured_mails_with_their_working_link(db) {
        let server = Server::start(db);
        let house = House::with(db, &format!("{FRAMEWORK}{TWO_STEPS}"), &[("DRIPLINE_BASE_URL", server.base())]);
        house.contact("ada@a.example", Some(1));
        house.enrol("two-steps", &["ada"]);
        house.run();
        let office = server.log_in(Role::Admin);
        assert!(office.get("/mailbox").expect(200).text().contains("One minute, Ada?"));
        let mail = office.get("/mailbox/1").expect(200);
        let text = mail.text();
        assert!(text.contains("We have a question for you.") && text.contains("List-Unsubscribe-Post"), "{text}");
        let links = crate::support::html::links(&mail.html());
        let form = links.iter().find(|link| link.contains("/r/") && !link.contains('?')).expect("a link");
        office.get(form).expect(200);
        office.get("/mailbox/99").expect(404);
        db.leaves_mail("a reminder is still to come");
    }
);

db_test!(
    fn a_state_that_the_file_changes_holds_and_one_that_it_does_not_stays(db) {
        let house = House::new(db, TWO_STEPS);
        let file = |state: &str| {
            let drips = TWO_STEPS.replace("trigger = \"manual\"", &format!("trigger = \"manual\"\n{state}"));
            format!("{FRAMEWORK}{drips}")
        };
        let state = || db.words("SELECT state AS word FROM drips");
        house.apply(&file("state = \"paused\""));
        assert_eq!(state(), ["paused"]);
        let now = house.now();
        db.write_now(move |conn| drip::resume(conn, now, "two-steps")).expect("resumed");
        house.apply(&file("state = \"paused\"").replace("Two steps", "Two small steps"));
        assert_eq!(state(), ["on"]);
        db.write_now(move |conn| drip::pause(conn, now, "two-steps", "x")).expect("paused");
        house.apply(&file("state = \"on\""));
        assert_eq!(state(), ["on"]);
    }
);

db_test!(fn a_restored_backup_sends_nothing_until_an_admin_says_so(db) {
    let house = House::new(db, TWO_STEPS);
    house.contact("ada@example.com", Some(1));
    house.enrol("two-steps", &["ada"]);
    let now = house.now();
    db.write_now(move |conn| marks::set(conn, now, marks::SENDING_PAUSED, "this database is a restored backup")).unwrap();
    let done = house.run();
    assert_eq!(done.sent, 0);
    assert!(done.trouble.is_some_and(|why| why.contains("restored backup")));
    let server = Server::start(db);
    let asked = server.log_in(Role::Analyst).get("/drips").expect(200);
    assert!(asked.find_form("/drips/pause/end").is_none(), "an analyst may not resume");
    let admin = server.log_in(Role::Admin);
    let page = admin.get("/drips").expect(200);
    assert!(page.text().contains("restored backup"));
    admin.submit(&page.form("/drips/pause/end"));
    assert!(!admin.get("/drips").text().contains("restored backup"));
    assert_eq!(house.run().sent, 1);
    db.leaves_mail("the reminder of the mail that left");
});
