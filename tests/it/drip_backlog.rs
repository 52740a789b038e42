//! Late mails: no pause, outage or jump of the clock ends in a burst.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};
use dripline::drip;

use crate::drip::{House, TWO_STEPS, at};
use crate::support::db_test;

/// What the beat does before it sends; `run` then sends what is due.
fn beat(house: &House) -> usize {
    let (now, letterhead) = (house.now(), house.outgoing.borrow().letterhead.clone());
    let prepare = move |conn: &mut _| {
        drip::watch_audiences(conn, now)?;
        drip::close_due(conn, now)?;
        drip::make_due(conn, now, &letterhead)?;
        while drip::spread_backlog(conn, now)? >= drip::backlog::BATCH {}
        Ok::<_, dripline::store::Error>(())
    };
    house.db.write_now(prepare).expect("prepared");
    house.run().sent
}

fn beats(house: &House, count: usize, apart: TimeDelta) -> Vec<usize> {
    let one = |_| {
        let sent = beat(house);
        house.wait(apart);
        sent
    };
    (0..count).map(one).collect()
}

fn people(house: &House, count: usize) -> Vec<String> {
    let names: Vec<String> = (0..count).map(|i| format!("p{i}")).collect();
    for name in &names {
        house.contact(&format!("{name}@a.example"), Some(1));
    }
    names
}

fn enrol(house: &House, names: &[String]) {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(house.enrol("two-steps", &names).enrolled, names.len());
}

fn switch(house: &House, on: bool) {
    let now = house.now();
    let switch = move |conn: &mut _| drip::switch(conn, now, "ana", "two-steps", on);
    assert!(house.db.write_now(switch).expect("switched"));
}

/// When the first mails were sent, by how many at once.
fn sent_at(house: &House) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for time in house
        .db
        .words("SELECT CAST(sent_at AS TEXT) AS word FROM outbox WHERE sent_at IS NOT NULL")
    {
        *times.entry(time).or_default() += 1;
    }
    times
}

db_test!(
    fn a_drip_that_is_switched_on_again_sends_its_late_mails_one_a_minute(db) {
        let house = House::new(db, TWO_STEPS);
        let names = people(&house, 12);
        // Of six the mails wait when the drip is paused, of six the steps fall due meanwhile.
        let settle = |on| switch(&house, on);
        enrol(&house, &names[..6]);
        let (now, letterhead) = (house.now(), house.outgoing.borrow().letterhead.clone());
        db.write_now(move |conn| drip::make_due(conn, now, &letterhead)).expect("made");
        settle(false);
        enrol(&house, &names[6..]);
        house.wait(TimeDelta::days(3));
        assert_eq!(beat(&house), 0);
        settle(true);
        let sent = beats(&house, 12, TimeDelta::minutes(1));
        assert_eq!(sent, [1; 12]);
        assert!(sent_at(&house).values().all(|count| *count == 1));
        assert_eq!(beats(&house, 3, TimeDelta::minutes(1)), [0; 3], "nobody twice");
        db.leaves_mail("reminders are still to come");
    }
);

db_test!(
    fn a_late_mail_says_why_it_waits_and_an_admin_lets_it_go(db) {
        let house = House::new(db, TWO_STEPS);
        enrol(&house, &people(&house, 5));
        house.wait(TimeDelta::days(2));
        assert_eq!(beat(&house), 1);
        let waiting = house.waiting();
        let late = |word: &&String| word.contains("more than a day late");
        assert_eq!(waiting.iter().filter(late).count(), 4, "{waiting:?}");
        let dates = || db.words("SELECT CAST(due_at AS TEXT) AS word FROM outbox WHERE state = 'deferred' ORDER BY id");
        let before = dates();
        assert_eq!(beat(&house), 0);
        assert_eq!(dates(), before, "what was dated once keeps its date");
        let now = house.now();
        let released = db.write_now(move |conn| drip::release_backlog(conn, now, "ana", "two-steps"));
        assert_eq!(released.expect("released"), 4);
        assert_eq!(beat(&house), 4);
        assert_eq!(db.number("SELECT count(*) AS n FROM audit_entries WHERE action = 'drip release'"), 1);
        db.leaves_mail("reminders are still to come");
    }
);

db_test!(
    fn run_due_is_no_jump_of_the_clock(db) {
        let house = House::new(db, TWO_STEPS);
        enrol(&house, &people(&house, 5));
        house.wait(TimeDelta::days(30));
        assert_eq!(house.run().sent, 5);
        db.leaves_mail("reminders are still to come");
    }
);

db_test!(
    fn a_mail_that_its_window_alone_held_back_is_not_late(db) {
        let drips = TWO_STEPS.replace(
            "trigger = \"manual\"",
            "trigger = \"manual\"\nsend_window = { days = [\"mon\", \"tue\"], from = \"09:00\", to = \"17:00\" }",
        );
        let house = House::new(db, &drips);
        // Wednesday; nobody looks at the drip until Monday, when the window opens.
        house.wait(TimeDelta::days(1));
        enrol(&house, &people(&house, 5));
        house.wait(TimeDelta::days(5));
        assert_eq!(beat(&house), 5);
        db.leaves_mail("reminders are still to come");
    }
);

db_test!(
    fn late_mails_leave_within_the_hours_of_their_window(db) {
        let drips = TWO_STEPS.replace(
            "trigger = \"manual\"",
            "trigger = \"manual\"\nsend_window = { days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"], from = \"09:00\", to = \"17:00\" }",
        );
        let house = House::new(db, &drips);
        enrol(&house, &people(&house, 20));
        // Three days later, ten minutes before the window closes.
        house.wait(at("2026-03-13T16:50:00Z") - house.now());
        let evening: usize = beats(&house, 30, TimeDelta::minutes(1)).iter().sum();
        assert_eq!(evening, 10);
        house.wait(at("2026-03-14T09:00:00Z") - house.now());
        assert_eq!(beats(&house, 10, TimeDelta::minutes(1)), [1; 10]);
        db.leaves_mail("reminders are still to come");
    }
);

db_test!(
    fn a_clock_that_jumps_ahead_sends_no_burst_and_no_step_twice(db) {
        let house = House::new(db, TWO_STEPS);
        enrol(&house, &people(&house, 10));
        assert_eq!(beat(&house), 10);
        house.wait(TimeDelta::days(30));
        // Reminders are closed by now; the second step became due when the first one closed.
        let sent = beats(&house, 30, TimeDelta::minutes(1));
        assert!(sent.iter().all(|sent| *sent <= 1), "{sent:?}");
        assert_eq!(sent.iter().sum::<usize>(), 10, "{sent:?}");
        let twice = "SELECT count(*) AS n FROM (SELECT 1 FROM captured_mails GROUP BY to_address, subject HAVING count(*) > 1) twice";
        assert_eq!(db.number(twice), 0);
        assert_eq!(db.number("SELECT count(*) AS n FROM outbox WHERE nth > 0 AND state = 'sent'"), 0);
    }
);

db_test!(
    fn a_clock_set_back_sends_nothing_twice_and_loses_nothing(db) {
        let house = House::new(db, TWO_STEPS);
        let names = people(&house, 6);
        enrol(&house, &names[..3]);
        assert_eq!(beat(&house), 3);
        house.wait(TimeDelta::hours(-1));
        assert_eq!(beat(&house), 0);
        enrol(&house, &names[3..]);
        assert_eq!(beat(&house), 3);
        let mut sent = 0;
        for _ in 0..14 {
            house.wait(TimeDelta::days(1));
            sent += beat(&house);
        }
        assert_eq!(sent, 12, "a reminder and the second step for each");
        assert_eq!(db.words("SELECT DISTINCT state AS word FROM enrolments"), ["finished"]);
    }
);

db_test!(
    fn more_late_mails_than_a_day_has_minutes_leave_within_a_day(db) {
        let house = House::new(db, TWO_STEPS);
        db.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2880) \
             INSERT INTO contacts (external_id, company_id, email, email_key, name_key, created_at, updated_at) \
             SELECT 'q' || i, 1, 'q' || i || '@a.example', 'q' || i || '@a.example', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM n",
        )
        .expect("contacts");
        let now = house.now();
        let who = drip::Who::Audience;
        assert_eq!(db.write_now(move |conn| drip::enrol(conn, now, "two-steps", &who)).expect("enrolled").enrolled, 2880);
        house.wait(TimeDelta::days(5));
        let (now, letterhead) = (house.now(), house.outgoing.borrow().letterhead.clone());
        let first = db.read_now(move |conn| drip::forecast::forecast(conn, now, "two-steps")).expect("counted").expect("the drip");
        assert_eq!((first.first_day, first.late), (2880, 2880));
        // As the beat does: a batch of steps, then their mails dated, until there is nothing more.
        loop {
            let letterhead = letterhead.clone();
            let made = db.write_now(move |conn| {
                let made = drip::make_due(conn, now, &letterhead)?;
                while drip::spread_backlog(conn, now)? >= drip::backlog::BATCH {}
                Ok::<_, dripline::store::Error>(made)
            });
            if made.expect("made") == 0 {
                break;
            }
        }
        let dates: Vec<NaiveDateTime> = db
            .words("SELECT CAST(due_at AS TEXT) AS word FROM outbox ORDER BY due_at")
            .iter()
            .map(|date| date.parse().or_else(|_| date.replace(' ', "T").parse()).expect("a date"))
            .collect();
        assert_eq!(dates.len(), 2880);
        assert_eq!(dates[0], now);
        assert!(dates.windows(2).all(|pair| pair[1] - pair[0] == TimeDelta::seconds(30)));
        db.leaves_mail("nothing was sent");
    }
);

db_test!(
    fn switching_on_tells_how_many_go_on_the_first_day(db) {
        let audience = TWO_STEPS.replace("trigger = \"manual\"", "trigger = \"audience\"");
        let house = House::new(db, &audience);
        let names = people(&house, 4);
        house.contact("cyd@a.example", None);
        let first_day = || {
            let now = house.now();
            db.read_now(move |conn| drip::forecast::forecast(conn, now, "two-steps")).expect("counted").expect("the drip")
        };
        assert_eq!((first_day().first_day, first_day().newly_enrolled), (4, 4));
        enrol(&house, &names[..2]);
        assert_eq!((first_day().first_day, first_day().newly_enrolled, first_day().late), (4, 2, 0));
        house.wait(TimeDelta::days(2));
        assert_eq!((first_day().first_day, first_day().newly_enrolled, first_day().late), (4, 2, 2));
        switch(&house, true);
        assert_eq!(beats(&house, 3, TimeDelta::minutes(1)).iter().sum::<usize>(), 4);
        db.leaves_mail("reminders are still to come");
    }
);
