//! Virtual months: windows over the days on which clocks jump, and caps over all drips.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDateTime, TimeDelta, TimeZone, Timelike, Weekday};
use chrono_tz::Tz;

use crate::drip::{FRAMEWORK, House, at};
use crate::support::{TestDb, db_test};

const ZONES: [&str; 8] = [
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "America/Santiago",
    "Asia/Kolkata",
];

const MONTH: &str = r#"
[[drips]]
code = "month"
name = "Month"
trigger = "manual"
send_window = { days = ["mon", "tue", "wed", "thu", "fri", "sun"], from = "09:00", to = "17:00" }
reminders = { after = "3d", count = 1 }
closes_after = "6d"
[[drips.steps]]
delay = "1h"
question_set = "drivers"
subject = "First"
body = "x"
[[drips.steps]]
delay = "7d"
wait_for_answer = true
question_set = "drivers"
subject = "Second"
body = "x"
[[drips.steps]]
delay = "90m"
[drips.steps.message.default]
subject = "Third"
body = "x"

[[drips]]
code = "night"
name = "Night"
trigger = "manual"
send_window = { days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from = "02:00", to = "03:00" }
[[drips.steps]]
delay = "0d"
[drips.steps.message.default]
subject = "Night 1"
body = "x"
[[drips.steps]]
delay = "2d"
[drips.steps.message.default]
subject = "Night 2"
body = "x"
"#;

fn time(text: &str) -> NaiveDateTime {
    text.replace(' ', "T").parse().expect("a time")
}

/// Runs 200 contacts in eight zones through a month, with a beat every so many hours.
fn a_month(db: &TestDb, begin: &str, beat_hours: usize) {
    let night_ends = 2 + beat_hours as u32;
    let house = House::new(db, &MONTH.replace("03:00", &format!("{night_ends:02}:00")));
    house.wait(at(begin) - house.now());
    for i in 0..200 {
        house.contact(&format!("p{i}@a.example"), Some(1 + i % 2));
    }
    for (i, zone) in ZONES.iter().enumerate() {
        let zoned = format!("UPDATE contacts SET time_zone = '{zone}' WHERE id % 8 = {i}");
        db.execute(&zoned).expect("a zone");
    }
    let mut hour = 0;
    let end = house.now() + TimeDelta::days(31);
    while house.now() < end {
        // Enrolled in ten groups, some hours apart, so that every hour of a day is met; into the
        // nights, too, from before each jump on.
        if hour % 36 == 0 && hour < 360 {
            let group = hour / 36;
            let names: Vec<String> = (group * 20..group * 20 + 20).map(|i| format!("p{i}")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            house.enrol("month", &names);
        }
        if hour % 62 == 0 && hour < 620 {
            let group = hour / 62;
            let names: Vec<String> = (group * 20..group * 20 + 20).map(|i| format!("p{i}")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            house.enrol("night", &names);
        }
        house.run();
        house.wait(TimeDelta::hours(beat_hours as i64));
        hour += beat_hours;
    }
    let mails = db.words(
        "SELECT o.drip || '|' || c.time_zone || '|' || o.contact_id || '/' || o.step || '/' || o.nth || '|' || \
         CAST(o.due_at AS TEXT) || '|' || CAST(o.sent_at AS TEXT) AS word \
         FROM outbox o JOIN contacts c ON c.id = o.contact_id WHERE o.state = 'sent' ORDER BY o.sent_at, o.id",
    );
    let mut seen = BTreeSet::new();
    for mail in &mails {
        let parts: Vec<&str> = mail.split('|').collect();
        let [drip, zone, which, due_at, sent_at] = parts[..] else {
            panic!("{mail}")
        };
        let zone: Tz = zone.parse().expect("a zone");
        let shown = zone.from_utc_datetime(&time(sent_at)).naive_local();
        let hours = if drip == "night" { 2..night_ends } else { 9..17 };
        assert!(hours.contains(&shown.hour()), "{mail}: {shown}");
        assert!(drip == "night" || shown.weekday() != Weekday::Sat, "{mail}: {shown}");
        assert!(
            time(sent_at) - time(due_at) < TimeDelta::hours(beat_hours as i64),
            "{mail}: it waited longer than it had to"
        );
        assert!(seen.insert(format!("{drip} {which}")), "{mail}: twice");
    }
    // First, its reminder, second, third (which makes the second's reminder needless); two by night.
    assert_eq!(mails.len(), 200 * 6, "none is lost");
    assert_eq!(db.words("SELECT DISTINCT state AS word FROM enrolments"), ["finished"]);
}

db_test!(
    fn a_month_in_which_the_north_goes_forward_and_the_south_back_keeps_every_window(db) {
        // New York on 8 March, Berlin and London on 29 March, Lord Howe, Auckland and Santiago on 5 April.
        a_month(db, "2026-03-06T00:00:00Z", 1);
    }
);

db_test!(
    fn a_month_in_which_the_south_goes_forward_and_the_north_back_keeps_every_window(db) {
        // Lord Howe on 4 October, Berlin and London on 25 October, New York on 1 November.
        a_month(db, "2026-10-02T00:00:00Z", 2);
    }
);

db_test!(
    fn caps_over_all_drips_hold_mails_back_and_drop_none(db) {
        let drip = |code: &str| {
            format!(
                "[[drips]]\ncode = \"{code}\"\nname = \"{code}\"\ntrigger = \"manual\"\n\
                 reminders = {{ after = \"1d\", count = 1 }}\n\
                 [[drips.steps]]\ndelay = \"0d\"\nquestion_set = \"drivers\"\nsubject = \"{code}\"\nbody = \"x\"\n"
            )
        };
        let caps = "[settings]\nmax_mails_per_contact = { count = 1, days = 3 }\nmax_mails_per_company = { count = 30, days = 2 }\n";
        let house = House::with(db, &format!("{caps}{FRAMEWORK}{}{}", drip("one"), drip("two")), &[]);
        let names: Vec<String> = (0..100).map(|i| format!("p{i}")).collect();
        for (name, i) in names.iter().zip(0..) {
            house.contact(&format!("{name}@a.example"), Some(1 + i % 2));
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        house.enrol("one", &names);
        house.run();
        house.enrol("two", &names);
        for _ in 0..90 {
            house.run();
            house.wait(TimeDelta::hours(6));
        }
        let sent = db.words(
            "SELECT contact_id || '|' || company_id || '|' || CAST(sent_at AS TEXT) AS word FROM outbox \
             WHERE state = 'sent' ORDER BY sent_at, id",
        );
        assert_eq!(sent.len(), 400, "each contact two mails and two reminders");
        let mut of_contact: BTreeMap<&str, Vec<NaiveDateTime>> = BTreeMap::new();
        let mut of_company: BTreeMap<&str, Vec<NaiveDateTime>> = BTreeMap::new();
        for mail in &sent {
            let parts: Vec<&str> = mail.split('|').collect();
            of_contact.entry(parts[0]).or_default().push(time(parts[2]));
            of_company.entry(parts[1]).or_default().push(time(parts[2]));
        }
        for times in of_contact.values() {
            assert_eq!(times.len(), 4);
            assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= TimeDelta::days(3)), "{times:?}");
        }
        for times in of_company.values() {
            // The thirty-first mail after any one leaves two days later at the earliest.
            assert!(times.windows(31).all(|span| span[30] - span[0] >= TimeDelta::days(2)));
        }
    }
);
