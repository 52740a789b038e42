//! Who is asked, and when each step is due: the contract's drip section, line by line.

use chrono::TimeDelta;
use dripline::drip::{self, Reason, Who};
use dripline::ids::TransactionId;

use crate::drip::{FRAMEWORK, House, TWO_STEPS};
use crate::support::db_test;

/// A drip of one question step of that name, with more lines in its head.
fn one_step(code: &str, head: &str) -> String {
    format!(
        "[[drips]]\ncode = \"{code}\"\nname = \"{code}\"\n{head}\n[[drips.steps]]\ndelay = \"0d\"\n\
         question_set = \"drivers\"\nsubject = \"{code}\"\nbody = \"x\"\n"
    )
}

fn bought(house: &House, id: i64, contact: Option<&str>, product: &str, occurred_at: &str) {
    let contact = contact.map_or("NULL".to_owned(), |c| {
        format!("(SELECT id FROM contacts WHERE external_id = '{c}')")
    });
    let sql = format!(
        "INSERT INTO transactions (id, external_id, company_id, contact_id, product, occurred_at, attributes, arrived_at) \
         VALUES ({id}, 't{id}', 1, {contact}, '{product}', '{occurred_at}', '{{}}', '2026-03-10 11:00:00')"
    );
    house.db.execute(&sql).expect("a transaction");
}

fn arrive(house: &House, ids: &[i64]) -> usize {
    let (now, ids) = (house.now(), ids.iter().map(|id| TransactionId(*id)).collect::<Vec<_>>());
    let arrived = move |conn: &mut _| drip::transactions_arrived(conn, now, &ids);
    house.db.write_now(arrived).expect("arrived")
}

const BOUGHT: &str = r#"
[[drips]]
code = "bought"
name = "Bought"
state = "on"
trigger = "transaction"
max_age = "30d"
[[drips.steps]]
delay = "1d"
question_set = "drivers"
subject = "Your {{ transaction.product }} of {{ transaction.date }}"
body = "x"
"#;

db_test!(
    fn a_transaction_asks_its_own_contact_and_names_product_and_date(db) {
        let house = House::new(db, BOUGHT);
        house.contact("ada@a.example", Some(1));
        house.contact("bob@a.example", Some(1));
        bought(&house, 1, Some("bob"), "Press 9", "2026-03-09 00:00:00");
        bought(&house, 2, Some("bob"), "Lathe 2", "2026-03-08 00:00:00");
        bought(&house, 3, Some("bob"), "Old mill", "2026-01-08 00:00:00");
        bought(&house, 4, Some("bob"), "Next year", "2027-01-08 00:00:00");
        assert_eq!(arrive(&house, &[1, 2, 3, 4]), 2);
        assert_eq!(arrive(&house, &[1, 2, 3, 4]), 0, "once per transaction");
        assert_eq!(house.run_days(3), ["1: Your Press 9 of 9 Mar 2026", "1: Your Lathe 2 of 8 Mar 2026"]);
        assert_eq!(db.words("SELECT DISTINCT to_address AS word FROM captured_mails"), ["bob@a.example"]);
    }
);

db_test!(
    fn a_transaction_without_a_contact_is_listed_and_not_mailed(db) {
        let house = House::new(db, &format!("{BOUGHT}{TWO_STEPS}"));
        bought(&house, 1, None, "Press 9", "2026-03-09 00:00:00");
        bought(&house, 2, None, "Old mill", "2026-01-08 00:00:00");
        assert_eq!(arrive(&house, &[1, 2]), 0);
        let listed = db.read_now(|conn| drip::list_unmailable(conn, "bought", 10)).expect("listed");
        let listed: Vec<_> = listed.iter().map(|row| (row.transaction.as_str(), row.company.1.as_str())).collect();
        assert_eq!(listed, [("t1", "Acme & Sons")], "the old one would not have been mailed either");
        assert_eq!(db.read_now(|conn| drip::list_unmailable(conn, "two-steps", 10)).expect("listed"), []);
    }
);

db_test!(
    fn two_purchases_at_once_ask_once_where_nobody_is_to_be_asked_again_soon(db) {
        let house = House::new(db, &BOUGHT.replace("max_age", "audience = { not_asked_within_days = 30 }\nmax_age"));
        house.contact("bob@a.example", Some(1));
        bought(&house, 1, Some("bob"), "Press 9", "2026-03-09 00:00:00");
        bought(&house, 2, Some("bob"), "Lathe 2", "2026-03-08 00:00:00");
        assert_eq!(arrive(&house, &[1, 2]), 1);
    }
);

db_test!(
    fn an_audience_is_matched_by_every_attribute(db) {
        let attributes = [
            ("tenure", "new"), ("segment", "efficiency-seekers"), ("role", "buyer"), ("industry", "steel"),
            ("country", "DE"), ("tier", "A"), ("behaviour", "loyal"), ("language", "de"), ("region", "south"),
            ("customer_type", "producer"), ("journey_stage", "renewal"), ("technology_level", "high"),
            ("owner_email", "sue@example.com"), ("line", "presses"), ("hobby", "chess"),
        ];
        let drips: String = attributes
            .iter()
            .map(|(name, value)| one_step(name, &format!("trigger = \"manual\"\naudience = {{ {name} = [\"{value}\"] }}")))
            .collect();
        let unassigned = one_step("unassigned", "trigger = \"manual\"\naudience = { segment = [\"none\"], country = [\"FR\", \"DE\"] }");
        let house = House::new(db, &format!("{drips}{unassigned}"));
        house.contact("ada@a.example", Some(1));
        house.contact("bob@a.example", Some(2));
        house.contact("cyd@a.example", None);
        for sql in [
            "UPDATE companies SET industry = 'steel', country = 'DE', tier = 'A', behaviour = 'loyal', region = 'south', \
             customer_type = 'producer', journey_stage = 'renewal', technology_level = 'high', owner_email = 'sue@example.com' \
             WHERE id = 1",
            "UPDATE companies SET country = 'FR', tier = 'B', industry = 'food', customer_type = 'reseller' WHERE id = 2",
            "UPDATE contacts SET role = 'buyer', language = 'de' WHERE external_id = 'ada'",
            "UPDATE contacts SET role = 'user', language = 'fr' WHERE external_id = 'bob'",
            "INSERT INTO company_segments (company_id, segment, source, since) VALUES (1, 'efficiency-seekers', 'survey', '2026-01-01 00:00:00')",
            "INSERT INTO company_attributes (company_id, name, value) VALUES (1, 'line', 'presses'), (2, 'line', 'mills')",
            "INSERT INTO contact_attributes (contact_id, name, value) SELECT id, 'hobby', 'chess' FROM contacts WHERE external_id = 'ada'",
        ] {
            db.execute(sql).expect(sql);
        }
        let now = house.now();
        let enrolled = |code: &str| {
            let code = code.to_owned();
            db.write_now(move |conn| drip::enrol(conn, now, &code, &Who::Audience)).expect("enrolled")
        };
        for (name, _) in attributes {
            assert_eq!(enrolled(name).enrolled, 1, "{name}");
            let who = format!("SELECT c.external_id AS word FROM enrolments e JOIN contacts c ON c.id = e.contact_id WHERE e.drip = '{name}'");
            assert_eq!(db.words(&who), ["ada"], "{name}");
        }
        assert_eq!(enrolled("unassigned").enrolled, 1);
        assert_eq!(
            db.words("SELECT c.external_id AS word FROM enrolments e JOIN contacts c ON c.id = e.contact_id WHERE e.drip = 'unassigned'"),
            ["bob"]
        );
    }
);

db_test!(
    fn who_is_about_to_be_asked_counts_as_asked(db) {
        let head = "trigger = \"manual\"\naudience = { not_asked_within_days = 7 }";
        let later = one_step("later", "trigger = \"manual\"").replace("delay = \"0d\"", "delay = \"2d\"");
        let house = House::new(db, &format!("{}{}{later}", one_step("first", head), one_step("second", head)));
        house.contact("ada@a.example", Some(1));
        house.contact("bob@a.example", Some(1));
        let reasons = |drip, contacts: &[&str]| -> Vec<Reason> {
            house.enrol(drip, contacts).skipped.iter().map(|skipped| skipped.reason).collect()
        };
        assert_eq!(house.enrol("first", &["ada"]).enrolled, 1);
        assert_eq!(reasons("second", &["ada"]), [Reason::AskedRecently], "its mail is still to be made");
        assert_eq!(house.enrol("later", &["bob"]).enrolled, 1);
        assert_eq!(reasons("second", &["bob"]), [Reason::AskedRecently], "its mail comes in two days");
        let now = house.now();
        db.write_now(move |conn| drip::pause(conn, now, "first", "x")).expect("paused");
        house.run();
        assert_eq!(reasons("second", &["ada"]), [Reason::AskedRecently]);
        db.write_now(move |conn| drip::resume(conn, now, "first")).expect("resumed");
        house.run();
        house.wait(TimeDelta::days(6));
        house.run();
        assert_eq!(reasons("second", &["ada"]), [Reason::AskedRecently]);
        house.wait(TimeDelta::days(2));
        assert_eq!(house.enrol("second", &["ada"]).enrolled, 1);
        house.run();
    }
);

db_test!(
    fn two_audiences_looked_at_together_ask_a_contact_once(db) {
        let head = "trigger = \"audience\"\nstate = \"on\"\naudience = { not_asked_within_days = 7 }";
        let house = House::new(db, &format!("{}{}", one_step("first", head), one_step("second", head)));
        house.contact("ada@a.example", Some(1));
        let mails = house.run_days(9);
        assert_eq!(mails, ["0: first", "7: second"], "the second waits until the first is a week old");
    }
);

db_test!(
    fn a_manual_drip_starts_on_and_the_others_paused_unless_the_file_says_so(db) {
        let drips = [
            one_step("a-manual", "trigger = \"manual\""),
            one_step("b-audience", "trigger = \"audience\""),
            one_step("c-transaction", "trigger = \"transaction\""),
            one_step("d-manual", "trigger = \"manual\"\nstate = \"paused\""),
            one_step("e-audience", "trigger = \"audience\"\nstate = \"on\""),
            one_step("f-transaction", "trigger = \"transaction\"\nstate = \"on\""),
        ];
        let _house = House::new(db, &drips.concat());
        let states = db.words("SELECT code || ' ' || state AS word FROM drips ORDER BY code");
        assert_eq!(
            states,
            ["a-manual on", "b-audience paused", "c-transaction paused", "d-manual paused", "e-audience on", "f-transaction on"]
        );
    }
);

db_test!(
    fn delays_count_from_when_the_mail_before_was_sent(db) {
        let drips = r#"
[[drips]]
code = "slow"
name = "Slow"
trigger = "manual"
send_window = { days = ["fri"], from = "09:00", to = "17:00" }
reminders = { after = "30d", count = 1 }
[[drips.steps]]
delay = "1d"
question_set = "drivers"
subject = "First"
body = "x"
[[drips.steps]]
delay = "7d"
question_set = "drivers"
subject = "Second"
body = "x"
"#;
        let house = House::new(db, drips);
        house.contact("ada@a.example", Some(1));
        house.enrol("slow", &["ada"]);
        // A Tuesday; due on Wednesday, sent on Friday; a week after that Friday the next one.
        assert_eq!(house.run_days(12), ["3: First", "10: Second"]);
        // The first one's reminder went with the second step, which keeps its own.
        assert_eq!(
            db.words("SELECT step || ' ' || state || ' ' || coalesce(reply, '') AS word FROM outbox WHERE nth = 1 ORDER BY step"),
            ["0 cancelled the next step was sent", "1 queued "]
        );
        db.leaves_mail("the second step's reminder is still to come");
    }
);

db_test!(
    fn a_link_takes_answers_before_its_mail_has_left(db) {
        let drips = TWO_STEPS.replace(
            "trigger = \"manual\"",
            "trigger = \"manual\"\nsend_window = { days = [\"fri\"], from = \"09:00\", to = \"17:00\" }",
        );
        let house = House::new(db, &drips);
        house.contact("ada@a.example", Some(1));
        house.enrol("two-steps", &["ada"]);
        house.run();
        db.execute("UPDATE invitations SET answered_at = '2026-03-10 12:00:00'").expect("answered");
        house.answer();
        // Answered on Tuesday: a week later is a Tuesday again, and the window opens on Friday.
        assert_eq!(house.run_days(14), ["10: Thank you"]);
        assert_eq!(db.words("SELECT state || ' ' || reply AS word FROM outbox WHERE step = 0"), ["cancelled answered"]);
    }
);

db_test!(
    fn nobody_waits_for_an_answer_to_a_message(db) {
        let drips = r#"
[[drips]]
code = "told"
name = "Told"
trigger = "manual"
closes_after = "5d"
[[drips.steps]]
[drips.steps.message.default]
subject = "Hello"
body = "x"
[[drips.steps]]
delay = "2d"
wait_for_answer = true
question_set = "drivers"
subject = "A question"
body = "x"
"#;
        let house = House::new(db, drips);
        house.contact("ada@a.example", Some(1));
        house.enrol("told", &["ada"]);
        assert_eq!(house.run_days(8), ["0: Hello", "2: A question"]);
    }
);

db_test!(
    fn who_changes_role_or_tenure_in_mid_drip_goes_on(db) {
        let drips = TWO_STEPS.replace("trigger = \"manual\"", "trigger = \"manual\"\naudience = { role = [\"buyer\"], tenure = [\"new\"] }");
        let house = House::new(db, &drips);
        house.contact("ada@a.example", Some(1));
        db.execute("UPDATE contacts SET role = 'buyer'").expect("a role");
        let now = house.now();
        assert_eq!(db.write_now(move |conn| drip::enrol(conn, now, "two-steps", &Who::Audience)).expect("enrolled").enrolled, 1);
        house.run();
        db.execute("UPDATE contacts SET role = 'user'").expect("another role");
        db.execute("UPDATE companies SET customer_since = '2001-01-01'").expect("another tenure");
        house.answer();
        assert_eq!(house.run_days(8), ["7: Thank you"]);
    }
);

db_test!(
    fn who_moves_to_another_company_is_asked_for_that_one_from_the_next_step_on(db) {
        let file = format!("[settings]\nmax_mails_per_company = {{ count = 1, days = 5 }}\n{FRAMEWORK}{TWO_STEPS}{}", one_step("other", "trigger = \"manual\""));
        let house = House::with(db, &file, &[]);
        house.contact("ada@a.example", Some(1));
        house.contact("bob@b.example", Some(2));
        house.enrol("two-steps", &["ada"]);
        house.run();
        house.answer();
        db.execute("UPDATE contacts SET company_id = 2 WHERE external_id = 'ada'").expect("moved");
        house.wait(TimeDelta::days(5));
        // A mail to its new company two days before: the company's cap holds the next step back.
        house.enrol("other", &["bob"]);
        assert_eq!(house.run_days(8), ["0: other", "5: Thank you"]);
        assert_eq!(db.words("SELECT CAST(company_id AS TEXT) AS word FROM invitations WHERE drip = 'two-steps' ORDER BY id"), ["1", "2"]);
        assert_eq!(db.number("SELECT company_id AS n FROM enrolments WHERE drip = 'two-steps'"), 2);
    }
);

db_test!(
    fn who_belongs_to_no_company_any_more_gets_nothing_more(db) {
        let house = House::new(db, TWO_STEPS);
        house.contact("ada@a.example", Some(1));
        house.enrol("two-steps", &["ada"]);
        house.run();
        house.answer();
        db.execute("UPDATE contacts SET company_id = NULL").expect("left");
        assert_eq!(house.run_days(8), Vec::<String>::new());
        assert_eq!(
            db.words("SELECT state || ': ' || cause AS word FROM enrolments"),
            ["stopped: the contact belongs to no company any more"]
        );
    }
);

db_test!(
    fn an_adaptive_step_asks_what_is_open_and_is_left_out_when_nothing_is(db) {
        let drips = r#"
[[drips]]
code = "adaptive"
name = "Adaptive"
trigger = "manual"
[[drips.steps]]
adaptive = { pool = ["drivers"], ask = 3 }
subject = "Three more"
body = "x"
[[drips.steps]]
delay = "2d"
wait_for_answer = true
[drips.steps.message.default]
subject = "Thank you"
body = "x"
"#;
        let house = House::new(db, drips);
        house.contact("ada@a.example", Some(1));
        house.contact("bob@b.example", Some(2));
        db.execute(
            "INSERT INTO answers (company_id, contact_id, question, row_code, at, seq, version_id, value, channel, suspect, recorded_at) \
             SELECT 1, id, 'why', '', '2026-01-01 00:00:00', 0, (SELECT max(id) FROM question_versions), '\"price\"', 'api', FALSE, '2026-01-01 00:00:00' \
             FROM contacts WHERE external_id = 'ada'",
        )
        .expect("an answer");
        house.enrol("adaptive", &["ada", "bob"]);
        house.run();
        assert_eq!(db.words("SELECT to_address || ' ' || subject AS word FROM captured_mails"), ["bob@b.example Three more"]);
        // Who has nothing left to answer goes on with the message; who has not answered is waited for.
        house.run_days(4);
        assert_eq!(
            db.words("SELECT to_address || ' ' || subject AS word FROM captured_mails ORDER BY id"),
            ["bob@b.example Three more", "ada@a.example Thank you"]
        );
    }
);
