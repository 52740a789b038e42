//! Drips edited while they run: nobody gets a step twice, nobody skips one.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use dripline::drip;

use crate::drip::{FRAMEWORK, House};
use crate::support::{TestDb, db_test};

/// A step of the drip: a capital letter is a message of that subject, `q` asks.
fn step(what: &str, delay: &str) -> String {
    match what {
        "q" => {
            format!("[[drips.steps]]\ndelay = \"{delay}\"\nquestion_set = \"drivers\"\nsubject = \"q\"\nbody = \"x\"\n")
        }
        what => format!(
            "[[drips.steps]]\ndelay = \"{delay}\"\n[drips.steps.message.default]\nsubject = \"{what}\"\nbody = \"About {what}\"\n"
        ),
    }
}

fn file_with(head: &str, steps: &[(&str, &str)]) -> String {
    let steps: String = steps.iter().map(|(what, delay)| step(what, delay)).collect();
    format!("{FRAMEWORK}[[drips]]\ncode = \"run\"\nname = \"Run\"\ntrigger = \"manual\"\n{head}\n{steps}")
}

/// Mails leave by day only, so that some wait when the drip is edited by night.
const BY_DAY: &str = "send_window = { days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"], from = \"09:00\", to = \"17:00\" }";

fn file(steps: &[(&str, &str)]) -> String {
    file_with(BY_DAY, steps)
}

const BEFORE: [(&str, &str); 3] = [("q", "0d"), ("Second", "30h"), ("Third", "30h")];

/// Thirty contacts, five enrolled each evening, a beat every six hours: halfway through, some have
/// each of the steps behind them, before them, and waiting in the outbox for the morning.
fn halfway<'d>(db: &'d TestDb, before: &str) -> House<'d> {
    let house = House::with(db, before, &[]);
    for i in 0..30 {
        house.contact(&format!("p{i}@a.example"), Some(1 + i % 2));
    }
    house.wait(TimeDelta::hours(6));
    for group in 0..6 {
        let names: Vec<String> = (0..5).map(|i| format!("p{}", group * 5 + i)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        house.enrol("run", &names);
        house.run();
        let beats = if group == 5 { 1 } else { 4 };
        for _ in 0..beats {
            house.wait(TimeDelta::hours(6));
            house.run();
        }
    }
    house
}

fn go_on(house: &House, days: i64) {
    for _ in 0..days * 4 {
        house.wait(TimeDelta::hours(6));
        house.run();
    }
}

/// The subjects that each contact got, in order.
fn mails(house: &House) -> BTreeMap<String, Vec<String>> {
    let mut by_contact: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in house
        .db
        .words("SELECT to_address || '|' || subject AS word FROM captured_mails ORDER BY id")
    {
        let (to, subject) = line.split_once('|').expect("both");
        by_contact.entry(to.to_owned()).or_default().push(subject.to_owned());
    }
    by_contact
}

/// What they had got at the edit, and in the end.
fn edited(db: &TestDb, after: &str) -> Vec<(Vec<String>, Vec<String>)> {
    let house = halfway(db, &file(&BEFORE));
    let then = mails(&house);
    house.apply(after);
    let queued = house
        .db
        .number("SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'deferred')");
    assert!(queued > 0, "some mails wait over the edit");
    go_on(&house, 14);
    let end = mails(&house);
    assert_eq!(end.len(), 30);
    assert_eq!(db.words("SELECT DISTINCT state AS word FROM enrolments"), ["finished"]);
    end.into_iter()
        .map(|(to, subjects)| {
            let mut distinct = subjects.clone();
            distinct.sort();
            distinct.dedup();
            assert_eq!(distinct.len(), subjects.len(), "{to} got one twice: {subjects:?}");
            (then.get(&to).cloned().unwrap_or_default(), subjects)
        })
        .collect()
}

db_test!(
    fn a_step_taken_out_goes_to_nobody_more_and_the_others_to_everybody(db) {
        let all = edited(db, &file(&[("q", "0d"), ("Third", "2d")]));
        let mut stages = std::collections::BTreeSet::new();
        for (then, end) in all {
            stages.insert(then.len());
            let had_second = then.contains(&"Second".to_owned());
            let expected: &[&str] = if had_second { &["q", "Second", "Third"] } else { &["q", "Third"] };
            assert_eq!(end, expected, "at the edit: {then:?}");
        }
        assert!(stages.len() > 2, "the edit came at the middle of the run: {stages:?}");
        assert!(db.number("SELECT count(*) AS n FROM outbox WHERE state = 'cancelled' AND reply LIKE '%taken out%'") > 0);
    }
);

db_test!(
    fn the_first_step_taken_out_starts_the_others_with_the_second(db) {
        for (then, end) in edited(db, &file(&[("Second", "1d"), ("Third", "2d")])) {
            let expected: &[&str] = if then.is_empty() { &["Second", "Third"] } else { &["q", "Second", "Third"] };
            assert_eq!(end, expected, "at the edit: {then:?}");
        }
    }
);

db_test!(
    fn a_step_put_in_reaches_who_has_not_passed_its_place(db) {
        for (then, end) in edited(db, &file(&[("q", "0d"), ("Second", "2d"), ("New", "1d"), ("Third", "2d")])) {
            let passed = then.contains(&"Third".to_owned());
            let has_new = end.contains(&"New".to_owned());
            assert!(!passed || !has_new, "{then:?} {end:?}");
            // Whose third mail waited at the edit has passed the place too.
            assert!(has_new || then.len() >= 2, "{then:?} {end:?}");
            let others: Vec<&String> = end.iter().filter(|subject| *subject != "New").collect();
            assert_eq!(others, ["q", "Second", "Third"]);
        }
    }
);

db_test!(
    fn a_step_put_at_the_end_leaves_those_who_had_finished_alone(db) {
        for (then, end) in edited(db, &file(&[("q", "0d"), ("Second", "2d"), ("Third", "2d"), ("New", "1d")])) {
            let expected: &[&str] = match then.len() {
                3 => &["q", "Second", "Third"],
                _ => &["q", "Second", "Third", "New"],
            };
            assert_eq!(end, expected, "at the edit: {then:?}");
        }
    }
);

db_test!(
    fn steps_that_change_places_each_go_once(db) {
        for (then, end) in edited(db, &file(&[("q", "0d"), ("Third", "2d"), ("Second", "2d")])) {
            let mut sorted = end.clone();
            sorted.sort();
            assert_eq!(sorted, ["Second", "Third", "q"], "at the edit: {then:?}");
        }
    }
);

db_test!(
    fn a_step_in_new_words_goes_in_either_of_them(db) {
        let after = file(&BEFORE).replace("subject = \"Second\"", "subject = \"Two\"");
        for (then, end) in edited(db, &after) {
            let second = if then.contains(&"Second".to_owned()) { "Second" } else { "Two" };
            assert_eq!(end, ["q", second, "Third"], "at the edit: {then:?}");
        }
    }
);

db_test!(
    fn a_step_taken_out_and_put_back_goes_to_who_did_not_get_it(db) {
        let house = halfway(db, &file(&BEFORE));
        house.apply(&file(&[("q", "0d"), ("Third", "2d")]));
        house.apply(&file(&BEFORE));
        go_on(&house, 14);
        for (to, subjects) in mails(&house) {
            let mut sorted = subjects.clone();
            sorted.sort();
            assert_eq!(sorted, ["Second", "Third", "q"], "{to}");
        }
        assert_eq!(db.words("SELECT DISTINCT state AS word FROM enrolments"), ["finished"]);
        // Their figures are the step's own again.
        assert_eq!(db.number("SELECT count(*) AS n FROM invitations WHERE step = 1 AND first_sent_at IS NOT NULL"), 30);
    }
);

db_test!(
    fn another_delay_holds_for_who_waits_and_fires_once(db) {
        let house = House::with(db, &file_with("", &BEFORE), &[]);
        for name in ["ada", "bob"] {
            house.contact(&format!("{name}@a.example"), Some(1));
        }
        house.enrol("run", &["ada"]);
        house.run();
        house.wait(TimeDelta::days(1));
        house.enrol("run", &["bob"]);
        house.run();
        // A day after Ada's first mail the second becomes due five days after it instead of two.
        house.apply(&file_with("", &[("q", "0d"), ("Second", "5d"), ("Third", "2d")]));
        assert_eq!(house.run_days(3), Vec::<String>::new());
        // Four days after it, three: due at once, and once.
        house.apply(&file_with("", &[("q", "0d"), ("Second", "3d"), ("Third", "2d")]));
        let got = |name: &str| mails(&house).get(&format!("{name}@a.example")).cloned().unwrap_or_default();
        house.run();
        assert_eq!((got("ada").len(), got("bob").len()), (2, 2), "five and four days after their first mails");
        house.apply(&file_with("", &[("q", "0d"), ("Second", "1d"), ("Third", "2d")]));
        house.run();
        assert_eq!(got("ada"), ["q", "Second"]);
        assert_eq!(house.run_days(4), ["2: Third", "2: Third"]);
    }
);

db_test!(
    fn a_shorter_delay_is_not_due_before_now(db) {
        let house = House::with(db, &file_with("", &[("q", "0d"), ("Second", "20d")]), &[]);
        house.contact("ada@a.example", Some(1));
        house.enrol("run", &["ada"]);
        house.run();
        house.wait(TimeDelta::days(10));
        house.apply(&file_with("", &[("q", "0d"), ("Second", "2d")]));
        let now = house.now();
        // Due by the edit, not eight days late: nothing of it counts as backlog.
        let first = db.read_now(move |conn| drip::forecast::forecast(conn, now, "run")).expect("counted").expect("the drip");
        assert_eq!((first.first_day, first.late), (1, 0));
        assert_eq!(house.run().sent, 1);
    }
);

db_test!(
    fn a_step_that_no_longer_waits_for_an_answer_goes(db) {
        let waits = file_with("", &[("q", "0d"), ("Second", "2d")])
            .replace("delay = \"2d\"", "delay = \"2d\"\nwait_for_answer = true");
        let house = House::with(db, &waits, &[]);
        house.contact("ada@a.example", Some(1));
        house.enrol("run", &["ada"]);
        assert_eq!(house.run_days(5), ["0: q"]);
        house.apply(&file_with("", &[("q", "0d"), ("Second", "2d")]));
        assert_eq!(house.run_days(1), ["0: Second"]);
    }
);

db_test!(
    fn frozen_bytes_go_as_they_were_and_what_nobody_was_told_takes_the_new_words(db) {
        let house = House::with(db, &file_with("", &[("Old", "0d")]), &[]);
        house.contact("ada@a.example", Some(1));
        house.contact("bob@a.example", Some(1));
        house.enrol("run", &["ada", "bob"]);
        let (now, letterhead) = (house.now(), house.outgoing.borrow().letterhead.clone());
        db.write_now(move |conn| drip::make_due(conn, now, &letterhead)).expect("made");
        let kind = if db.is_sqlite() { "BLOB" } else { "BYTEA" };
        for sql in [
            "UPDATE outbox SET message_id = '<m@example.com>' WHERE to_address LIKE 'ada%'".to_owned(),
            format!(
                "INSERT INTO frozen_mails (mail_id, bytes) SELECT id, CAST('Subject: Old' AS {kind}) FROM outbox \
                 WHERE to_address LIKE 'ada%'"
            ),
        ] {
            db.execute(&sql).expect("frozen");
        }
        house.apply(&file_with("", &[("New", "0d")]));
        assert_eq!(house.run().sent, 2);
        let sent = |id| db.read_now(move |conn| dripline::mail::captured::find(conn, id)).expect("read").expect("there");
        assert_eq!(sent(1).1, b"Subject: Old");
        assert_eq!(sent(2).0.subject, "New");
    }
);

db_test!(
    fn reminders_follow_their_new_rule(db) {
        let reminding = |rule: &str| file_with(rule, &[("q", "0d")]);
        let house = House::with(db, &reminding("reminders = { after = \"5d\", count = 1 }"), &[]);
        for name in ["ada", "bob"] {
            house.contact(&format!("{name}@a.example"), Some(1));
        }
        house.enrol("run", &["ada"]);
        assert_eq!(house.run_days(1), ["0: q"]);
        house.apply(&reminding("reminders = { after = \"3d\", count = 1 }"));
        house.enrol("run", &["bob"]);
        assert_eq!(house.run_days(1), ["0: q", "1: Reminder: q"]);
        house.apply(&reminding(""));
        assert_eq!(house.run_days(9), Vec::<String>::new());
        assert_eq!(
            db.words("SELECT reply AS word FROM outbox WHERE state = 'cancelled'"),
            ["the drip sends no such reminder any more"]
        );
    }
);

db_test!(
    fn another_closing_holds_for_what_is_sent_from_then_on(db) {
        let closing = |span: &str| file_with(&format!("closes_after = \"{span}\""), &[("q", "0d")]);
        let house = House::with(db, &closing("10d"), &[]);
        for name in ["ada", "bob"] {
            house.contact(&format!("{name}@a.example"), Some(1));
        }
        house.enrol("run", &["ada"]);
        house.run();
        house.apply(&closing("2d"));
        house.enrol("run", &["bob"]);
        house.run();
        let dates = "SELECT CAST(closes_at AS TEXT) AS word FROM invitations ORDER BY id";
        let dates: Vec<String> = db.words(dates).iter().map(|date| date[..10].to_owned()).collect();
        assert_eq!(dates, ["2026-03-20", "2026-03-12"]);
    }
);

db_test!(
    fn another_window_and_another_cap_hold_for_what_waits(db) {
        let friday = "send_window = { days = [\"fri\"], from = \"09:00\", to = \"17:00\" }";
        let steps = [("Only", "0d")];
        let house = House::with(db, &file_with(friday, &steps), &[]);
        house.contact("ada@a.example", Some(1));
        house.enrol("run", &["ada"]);
        assert_eq!(house.run().sent, 0);
        house.apply(&file_with(&friday.replace("fri", "tue"), &steps));
        assert_eq!(house.run().sent, 1, "it is a Tuesday");
        let capped = |count: u32| {
            let steps = [("Only", "0d"), ("More", "0d")];
            format!("[settings]\nmax_mails_per_contact = {{ count = {count}, days = 30 }}\n{}", file_with("", &steps))
        };
        house.apply(&capped(1));
        house.contact("bob@a.example", Some(1));
        house.enrol("run", &["bob"]);
        assert_eq!(house.run().sent, 1);
        house.apply(&capped(2));
        assert_eq!(house.run().sent, 1);
    }
);

db_test!(
    fn a_drip_taken_out_of_the_file_sends_nothing_more(db) {
        let house = House::with(db, &file(&BEFORE), &[]);
        house.contact("ada@a.example", Some(1));
        house.enrol("run", &["ada"]);
        house.run();
        house.apply(FRAMEWORK);
        assert_eq!(house.run_days(9), Vec::<String>::new());
        assert_eq!(
            db.words("SELECT state || ': ' || cause AS word FROM enrolments"),
            ["stopped: the drip is no longer in the framework"]
        );
    }
);

db_test!(
    fn a_form_mailed_before_the_edit_asks_what_it_asked(db) {
        let house = House::with(db, &file_with("", &[("Hello", "0d"), ("q", "1d")]), &[]);
        house.contact("ada@a.example", Some(1));
        house.enrol("run", &["ada"]);
        assert_eq!(house.run_days(1), ["0: Hello", "1: q"]);
        // The question is the drip's first step now, and the letter and the form are still its second.
        house.apply(&file_with("", &[("q", "1d")]));
        assert_eq!(db.words("SELECT step || ' of ' || framework_step AS word FROM invitations ORDER BY framework_step DESC LIMIT 1"), ["0 of 1"]);
        let server = crate::support::Server::start(db);
        let key = house.outgoing.borrow().letterhead.clone();
        let nonce = db.words("SELECT nonce AS word FROM invitations WHERE step = 0");
        let link = key.links(&nonce[0], true).respond.expect("a link");
        let path = link.trim_start_matches("https://ask.example.com").to_owned();
        let page = server.browser().get(&path).expect(200);
        assert!(page.text().contains("Why did Acme & Sons buy?"), "{}", page.text());
    }
);
