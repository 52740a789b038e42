//! What comes back by mail, and what it changes: bounces, complaints, automatic replies, replies.

use chrono::TimeDelta;
use dripline::drip::breaker;
use dripline::incoming::{self, Class, Kind, Taken};
use dripline::mail::strikes::{self, Strike};
use proptest::prelude::*;

use crate::drip::{FRAMEWORK, House, TWO_STEPS};
use crate::support::mailbox::{Mailbox, Tongue};
use crate::support::{Program, TestDb, db_test};

const BOUNCES: (&str, &str) = ("DRIPLINE_BOUNCE_DOMAIN", "bounces.example.com");

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("fixtures/incoming/", $name, ".eml"))
    };
}

const POSTFIX: &str = fixture!("postfix");
const HARD: [&str; 3] = ["5.1.1", "550 5.1.1 no such user", "hard"];
const FULL: [&str; 3] = ["5.2.2", "552 5.2.2 mailbox full", "soft"];
const DOUBT: [&str; 3] = ["5.4.1", "550 5.4.1 recipient address rejected: access denied", "soft"];

/// An installation that has mailed Ada, and Vic whom nobody may touch.
struct Mailed<'d> {
    house: House<'d>,
    /// As in the envelope.
    mark: String,
    id: String,
}

impl<'d> Mailed<'d> {
    fn new(db: &'d TestDb) -> Mailed<'d> {
        let house = House::with(db, &format!("{FRAMEWORK}{TWO_STEPS}"), &[BOUNCES]);
        house.contact("ada@a.example", Some(1));
        house.contact("victim@v.example", Some(2));
        house.enrol("two-steps", &["ada", "victim"]);
        assert_eq!(house.run().sent, 2);
        db.leaves_mail("reminders are still to come");
        let nonce = db.words("SELECT nonce AS word FROM invitations ORDER BY id").remove(0);
        let mark = house.outgoing.borrow().letterhead.envelope_from(&nonce);
        let id = db
            .words("SELECT message_id AS word FROM outbox WHERE message_id IS NOT NULL ORDER BY id")
            .remove(0);
        Mailed { house, mark, id }
    }

    /// Anew over a database that was used before.
    fn new_in(db: &'d TestDb) -> Mailed<'d> {
        for table in [
            "incoming_mails",
            "marks",
            "strikes",
            "suppressions",
            "captured_mails",
            "outbox",
            "link_tokens",
            "invitations",
            "enrolments",
            "contacts",
            "companies",
            "drips",
        ] {
            db.execute(&format!("DELETE FROM {table}")).expect("emptied");
        }
        Mailed::new(db)
    }

    fn fill(&self, shape: &str) -> String {
        shape
            .replace("{MARK}", &self.mark)
            .replace("{TO}", "ada@a.example")
            .replace("{ID}", &self.id)
    }

    fn take(&self, shape: &str) -> Taken {
        self.take_bytes(self.fill(shape).into_bytes())
    }

    fn take_bytes(&self, raw: Vec<u8>) -> Taken {
        let (now, letterhead) = (self.house.now(), self.house.outgoing.borrow().letterhead.clone());
        let take = move |conn: &mut _| incoming::take(conn, now, &letterhead, &raw);
        self.house.db.write_now(take).expect("the mail is taken")
    }

    /// A bounce like Postfix's; `n` sets it apart from others.
    fn bounce(&self, [status, said, _]: [&str; 3], n: usize) -> Taken {
        let shape = POSTFIX.replace("{STATUS}", status).replace("{SAID}", said);
        self.take(&shape.replace("4Xa1b2c3d4@mx", &format!("4Xa1b2c3d{n}@mx")))
    }

    fn suppressed(&self) -> Vec<String> {
        self.house
            .db
            .words("SELECT email_key || ' ' || drip || ' ' || reason AS word FROM suppressions ORDER BY email_key")
    }

    fn outcomes(&self) -> Vec<String> {
        let sql = "SELECT state || ' ' || coalesce(outcome, '-') AS word FROM outbox WHERE nth = 0 ORDER BY id";
        self.house.db.words(sql)
    }

    fn kept(&self) -> Vec<String> {
        self.house
            .db
            .words("SELECT kind || ': ' || words AS word FROM incoming_mails ORDER BY id")
    }

    /// Nothing but a line in the list of what came back.
    fn assert_unchanged(&self) {
        assert_eq!(self.suppressed(), Vec::<String>::new());
        assert_eq!(self.outcomes(), ["sent -", "sent -"]);
        for table in ["strikes", "mail_wishes"] {
            assert_eq!(
                self.house.db.number(&format!("SELECT count(*) AS n FROM {table}")),
                0,
                "{table}"
            );
        }
        let active = "SELECT count(*) AS n FROM enrolments WHERE state = 'active'";
        assert_eq!(self.house.db.number(active), 2);
        assert_eq!(
            self.house.db.number("SELECT hard_bounces + complaints AS n FROM drips"),
            0
        );
    }
}

db_test!(
    fn a_hard_bounce_after_the_250_ends_all_mail_to_that_address_and_no_other(db) {
        let mailed = Mailed::new(db);
        let taken = mailed.bounce(HARD, 1);
        assert_eq!((taken.kind, taken.class, taken.suppressed), (Kind::Bounce, Some(Class::Hard), true));
        assert_eq!((taken.drip.as_str(), taken.domain.as_str()), ("two-steps", "a.example"));
        assert_eq!(mailed.suppressed(), ["ada@a.example  bounced"]);
        assert_eq!(mailed.outcomes(), ["sent hard", "sent -"]);
        assert_eq!(
            db.words("SELECT state || ' ' || coalesce(cause, '') AS word FROM enrolments ORDER BY id"),
            ["stopped bounced", "active "]
        );
        assert_eq!(
            db.words("SELECT to_address || ' ' || state AS word FROM outbox WHERE nth = 1 ORDER BY id"),
            ["ada@a.example cancelled", "victim@v.example queued"]
        );
        assert_eq!(mailed.kept(), ["bounce: 550 5.1.1 no such user"]);
        mailed.house.wait(TimeDelta::days(30));
        mailed.house.run();
        let to_ada = "SELECT count(*) AS n FROM captured_mails WHERE to_address = 'ada@a.example'";
        assert_eq!(db.number(to_ada), 1);
    }
);

db_test!(
    fn every_mail_systems_report_is_understood(db) {
        let shapes = [fixture!("exchange"), fixture!("gmail"), fixture!("base64")];
        let mailed = Mailed::new(db);
        for shape in shapes {
            let taken = mailed.take(shape);
            assert_eq!((taken.kind, taken.class), (Kind::Bounce, Some(Class::Hard)), "{shape}");
            assert!(taken.suppressed && taken.words.contains("5.1.1"), "{}", taken.words);
        }
        assert_eq!(mailed.suppressed(), ["ada@a.example  bounced"]);
        // Three reports of one mail are one bounce.
        assert_eq!(db.number("SELECT hard_bounces AS n FROM drips"), 1);
    }
);

db_test!(
    fn line_ends_do_not_matter_and_a_mail_read_twice_counts_once(db) {
        let mailed = Mailed::new(db);
        assert!(!mailed.bounce(FULL, 1).again);
        assert!(mailed.bounce(FULL, 1).again);
        let windows = mailed.fill(POSTFIX).replace("{STATUS}", FULL[0]).replace("{SAID}", FULL[1]);
        let windows = windows.replace("4Xa1b2c3d4@mx", "4Xa1b2c3d1@mx").replace('\n', "\r\n");
        assert!(mailed.take_bytes(windows.into_bytes()).again);
        assert_eq!(mailed.kept(), ["bounce: 552 5.2.2 mailbox full"]);
        assert_eq!(db.number("SELECT CAST(score * 10 AS BIGINT) AS n FROM strikes"), 5);
    }
);

db_test!(
    fn a_full_mailbox_is_given_up_after_ten_days_and_forgiven_after_a_quiet_week(db) {
        let mailed = Mailed::new(db);
        for day in 0..9 {
            // Twice a day counts once.
            assert!(!mailed.bounce(FULL, day * 2).suppressed);
            assert!(!mailed.bounce(FULL, day * 2 + 1).suppressed);
            mailed.house.wait(TimeDelta::days(1));
        }
        assert_eq!(mailed.outcomes()[0], "sent soft");
        mailed.house.wait(TimeDelta::days(7));
        assert!(!mailed.bounce(FULL, 100).suppressed, "a week without one forgets the rest");
        for day in 1..9 {
            mailed.house.wait(TimeDelta::days(1));
            assert!(!mailed.bounce(FULL, 100 + day).suppressed, "{day}");
        }
        mailed.house.wait(TimeDelta::days(1));
        assert!(mailed.bounce(FULL, 200).suppressed);
        assert_eq!(mailed.suppressed(), ["ada@a.example  bounced"]);
        assert_eq!(db.number("SELECT hard_bounces AS n FROM drips"), 0);
    }
);

db_test!(
    fn a_doubtful_refusal_is_believed_when_another_day_repeats_it(db) {
        let mailed = Mailed::new(db);
        assert!(!mailed.bounce(DOUBT, 1).suppressed);
        mailed.house.wait(TimeDelta::hours(2));
        assert!(!mailed.bounce(DOUBT, 2).suppressed);
        mailed.house.wait(TimeDelta::days(1));
        let taken = mailed.bounce(DOUBT, 3);
        assert_eq!((taken.suppressed, taken.class), (true, Some(Class::Hard)));
        assert_eq!(mailed.outcomes()[0], "sent hard");
    }
);

db_test!(
    fn what_is_the_drips_or_the_destinations_fault_is_never_the_contacts(db) {
        let mailed = Mailed::new(db);
        let table = [
            (["5.7.1", "550 5.7.1 blocked", ""], Class::Policy, "sent policy"),
            (["5.7.515", "550 5.7.515 access denied", ""], Class::Policy, "sent policy"),
            (["5.3.4", "552 5.3.4 too big", ""], Class::Content, "sent content"),
            (["5.7.0", "530 5.7.0 log in first", ""], Class::Account, "sent account"),
            (["4.7.28", "421 4.7.28 too fast", ""], Class::Throttled, "sent throttled"),
        ];
        for (n, (reply, class, outcome)) in table.into_iter().enumerate() {
            let taken = mailed.bounce(reply, n);
            assert_eq!((taken.class, taken.suppressed), (Some(class), false), "{reply:?}");
            assert_eq!(mailed.outcomes()[0], outcome);
        }
        assert_eq!(mailed.suppressed(), Vec::<String>::new());
        assert_eq!(db.number("SELECT count(*) AS n FROM strikes"), 0);
    }
);

db_test!(
    fn a_delay_and_a_receipt_are_no_bounces(db) {
        let mailed = Mailed::new(db);
        assert_eq!(mailed.take(fixture!("delayed")).kind, Kind::Delay);
        let two = fixture!("two");
        for action in ["delivered", "relayed", "expanded"] {
            assert_eq!(mailed.take(&two.replace("{ACTION}", action)).kind, Kind::Ignored, "{action}");
        }
        assert_eq!(mailed.take(&two.replace("{ACTION}", "delayed")).kind, Kind::Delay);
        mailed.assert_unchanged();
    }
);

db_test!(
    fn of_two_recipients_only_our_own_is_touched(db) {
        let mailed = Mailed::new(db);
        let taken = mailed.take(&fixture!("two").replace("{ACTION}", "failed"));
        assert_eq!(taken.class, Some(Class::Hard));
        assert_eq!(mailed.suppressed(), ["ada@a.example  bounced"]);
        assert_eq!(mailed.outcomes(), ["sent hard", "sent -"]);
    }
);

db_test!(
    fn a_bounce_that_cannot_be_read_is_soft_at_most(db) {
        let mailed = Mailed::new(db);
        let prose = fixture!("no_report");
        let cut = POSTFIX.split("Final-Recipient").next().expect("a beginning");
        let garbled = POSTFIX.replace("Status: {STATUS}", "Status: fifty").replace("Action: failed", "Aktion: failed");
        for shape in [prose, cut, &garbled] {
            let taken = mailed.take(shape);
            assert_eq!((taken.kind, taken.class, taken.suppressed), (Kind::Bounce, Some(Class::Soft), false), "{shape}");
        }
        assert_eq!(mailed.suppressed(), Vec::<String>::new());
        assert_eq!(mailed.outcomes()[0], "sent soft");
    }
);

db_test!(
    fn a_report_of_ten_megabytes_is_read_to_where_it_matters(db) {
        let mailed = Mailed::new(db);
        let big = POSTFIX.replace("We have a question for you.\n", &"We have a question for you, at length.\n".repeat(280_000));
        let big = mailed.fill(&big.replace("{STATUS}", HARD[0]).replace("{SAID}", HARD[1]));
        assert!(big.len() > 10_000_000);
        assert!(mailed.take_bytes(big.into_bytes()).suppressed);
    }
);

db_test!(
    fn what_carries_no_mark_of_ours_changes_nothing(db) {
        let mailed = Mailed::new(db);
        let nonce = db.words("SELECT nonce AS word FROM invitations ORDER BY id").remove(0);
        let links = mailed.house.outgoing.borrow().letterhead.links(&nonce, true);
        let token = links.unsubscribe.rsplit('/').next().expect("a token").to_owned();
        let forged = fixture!("forged").replace("{UNSUBSCRIBE}", &links.unsubscribe);
        let marks = [
            "survey@example.com".to_owned(),
            // Another link's token is no mark, nor is one made up.
            format!("b-{token}@bounces.example.com"),
            format!("b-{}@bounces.example.com", "a".repeat(32)),
            "b-@bounces.example.com".to_owned(),
        ];
        for mark in &marks {
            let bounce = forged.replace("{MARK}", mark).replace("{TO}", "victim@v.example");
            let taken = mailed.take(&bounce);
            assert_eq!((taken.kind, taken.contact), (Kind::Ignored, None), "{mark}");
            let complaint = fixture!("abuse").replace("{FEEDBACK}", "abuse").replace("{MARK}", mark);
            assert_eq!(mailed.take(&complaint).kind, Kind::Ignored, "{mark}");
        }
        mailed.assert_unchanged();
        // Of strangers' mail nothing is kept.
        assert_eq!(db.number("SELECT count(*) AS n FROM incoming_mails WHERE subject <> '' OR words <> ''"), 0);
    }
);

db_test!(
    fn a_complaint_ends_all_mail_at_once_and_other_feedback_changes_nothing(db) {
        let mailed = Mailed::new(db);
        for kind in ["not-spam", "auth-failure", "fraud", "virus", "other", "dmarc"] {
            let taken = mailed.take(&fixture!("abuse").replace("{FEEDBACK}", kind));
            assert_eq!((taken.kind, taken.suppressed), (Kind::Ignored, false), "{kind}");
        }
        mailed.assert_unchanged();
        let abuse = fixture!("abuse").replace("{FEEDBACK}", "abuse");
        assert_eq!(mailed.take(&abuse).kind, Kind::Complaint);
        assert_eq!(mailed.suppressed(), ["ada@a.example  complained"]);
        assert_eq!(db.words("SELECT cause AS word FROM enrolments WHERE state = 'stopped'"), ["complained"]);
        assert_eq!(db.number("SELECT complaints AS n FROM drips"), 1);
        // The provider says it again.
        mailed.take(&abuse.replace("Version: 1", "Version: 2"));
        assert_eq!(db.number("SELECT complaints AS n FROM drips"), 1);
        assert_eq!(mailed.outcomes()[0], "sent -");
    }
);

db_test!(
    fn an_out_of_office_reply_makes_the_contact_wait_in_four_languages(db) {
        let shapes = [fixture!("away_en"), fixture!("away_de"), fixture!("away_fr"), fixture!("away_es"), fixture!("away_iso")];
        let mailed = Mailed::new(db);
        for shape in shapes {
            db.execute("DELETE FROM mail_wishes").expect("forgotten");
            let taken = mailed.take(shape);
            assert_eq!(taken.kind, Kind::AutoReply, "{shape}");
            let until = taken.away_until.map(|until| until.to_string());
            assert_eq!(until.as_deref(), Some("2026-03-23 00:00:00"), "{shape}");
            assert_eq!(db.number("SELECT count(*) AS n FROM mail_wishes WHERE email_key = 'ada@a.example' AND away_until IS NOT NULL"), 1);
        }
        assert_eq!(mailed.suppressed(), Vec::<String>::new());
        assert_eq!(mailed.outcomes(), ["sent -", "sent -"]);
        assert_eq!(db.number("SELECT count(*) AS n FROM incoming_mails WHERE kind = 'auto_reply'"), 5);
        assert_eq!(db.number("SELECT count(*) AS n FROM enrolments WHERE state = 'active'"), 2);
    }
);

db_test!(
    fn an_automatic_reply_without_a_date_or_of_unsure_origin_makes_nobody_wait(db) {
        let mailed = Mailed::new(db);
        let english = fixture!("away_en");
        let undated = english.replace(" and will be back on Monday, 23 March 2026", "");
        assert_eq!(mailed.take(&undated).away_until, None);
        // It names its sender as Ada, and anybody can: neither our mark nor our mail's name stands in it.
        let unsure = english.replace("{MARK}", "survey@example.com").replace("{ID}", "<other@a.example>");
        let taken = mailed.take(&unsure);
        assert_eq!((taken.kind, taken.away_until, taken.contact.is_some()), (Kind::AutoReply, None, true));
        // With our mail's name it is as good as our mark.
        let named = english.replace("{MARK}", "survey@example.com");
        assert!(mailed.take(&named).away_until.is_some());
        // Our own mail, sent back as it is, is no reply.
        let own = english.replace("Ada Byron <{TO}>", "Example Survey <survey@example.com>");
        assert_eq!(mailed.take(&own).kind, Kind::Ignored);
    }
);

db_test!(
    fn what_a_person_writes_is_kept_and_changes_nothing(db) {
        let mailed = Mailed::new(db);
        let reply = fixture!("reply");
        let taken = mailed.take(&reply.replace("{FROM}", "Ada@A.Example"));
        assert_eq!(taken.kind, Kind::Reply);
        let contact = taken.contact.expect("a contact");
        let kept = db.read_now(move |conn| incoming::list_of_contact(conn, contact, 10)).expect("read");
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].kind.as_str(), kept[0].drip.as_str()), ("reply", "two-steps"));
        assert_eq!(kept[0].subject, "Re: One minute, Ada?");
        assert_eq!(kept[0].words, "Please call me instead, the form does not fit us. 📞\n\nAda");
        // Without the name of our mail, the sender's address alone tells who it is.
        let anew = mailed.take(&reply.replace("{FROM}", "victim@v.example").replace("{ID}", "<x@y>"));
        assert_eq!((anew.kind, anew.invitation, anew.drip.as_str()), (Kind::Reply, None, ""));
        // Somebody else who knows the mail is nobody we know.
        assert_eq!(mailed.take(&reply.replace("{FROM}", "eve@e.example")).kind, Kind::Ignored);
        mailed.assert_unchanged();
        let erased = db.write_now(move |conn| incoming::erase_of_contact(conn, contact)).expect("erased");
        assert_eq!(erased, 1);
    }
);

db_test!(
    fn whose_contact_was_erased_is_nobodys_bounce(db) {
        let mailed = Mailed::new(db);
        db.execute("UPDATE link_tokens SET invitation_id = NULL").expect("only hashes are left");
        assert_eq!(mailed.bounce(HARD, 1).kind, Kind::Ignored);
        mailed.assert_unchanged();
    }
);

db_test!(
    fn an_address_that_the_contact_has_left_is_the_one_that_bounced(db) {
        let mailed = Mailed::new(db);
        db.execute("UPDATE contacts SET email = 'ada@new.example', email_key = 'ada@new.example' WHERE external_id = 'ada'")
            .expect("a new address");
        assert!(mailed.bounce(HARD, 1).suppressed);
        assert_eq!(mailed.suppressed(), ["ada@a.example  bounced"]);
        let to_new = "SELECT count(*) AS n FROM enrolments WHERE state = 'active'";
        assert_eq!(db.number(to_new), 2);
    }
);

db_test!(
    fn a_drip_whose_mails_come_back_warns_then_pauses_by_itself(db) {
        let house = House::new(db, TWO_STEPS);
        house.run();
        let now = house.now();
        let sent = move |conn: &mut _| breaker::note_sent(conn, now, "two-steps", 199);
        let hard = move |conn: &mut _| breaker::note_hard(conn, now, "two-steps");
        let warning = || db.read_now(|conn| breaker::warning(conn, "two-steps")).expect("asked");
        let state = || db.words("SELECT state || ' ' || coalesce(cause, '') AS word FROM drips").remove(0);
        db.write_now(sent).expect("noted");
        for _ in 0..20 {
            db.write_now(hard).expect("noted");
        }
        assert_eq!((warning(), state()), (None, "on ".to_owned()), "199 mails say nothing");
        db.write_now(move |conn| breaker::note_sent(conn, now, "two-steps", 1)).expect("noted");
        assert!(warning().is_some_and(|words| words.starts_with("20 of 200 mails went to addresses")));
        assert_eq!(state(), "on ", "exactly a tenth warns");
        db.write_now(hard).expect("noted");
        assert_eq!(state(), "paused 21 of 200 mails went to addresses that do not exist");
        // Whoever resumes it counts anew; resuming what is on already does not.
        let resume = move |conn: &mut _| dripline::drip::resume(conn, now, "two-steps");
        db.write_now(resume).expect("resumed");
        assert_eq!((warning(), state()), (None, "on ".to_owned()));
        db.write_now(hard).expect("noted");
        db.write_now(resume).expect("resumed");
        assert_eq!(db.number("SELECT hard_bounces AS n FROM drips"), 1);
    }
);

db_test!(
    fn complaints_pause_a_drip_at_three_in_a_thousand(db) {
        let house = House::new(db, TWO_STEPS);
        house.run();
        let now = house.now();
        let complaint = move |conn: &mut _| breaker::note_complaint(conn, now, "two-steps");
        let warning = || db.read_now(|conn| breaker::warning(conn, "two-steps")).expect("asked");
        let state = || db.words("SELECT state AS word FROM drips").remove(0);
        db.write_now(move |conn| breaker::note_sent(conn, now, "two-steps", 1000)).expect("noted");
        assert_eq!(warning(), None);
        db.write_now(complaint).expect("noted");
        assert!(warning().is_some_and(|words| words.starts_with("1 spam complaint after 1,000 mails")), "{:?}", warning());
        db.write_now(complaint).expect("noted");
        assert_eq!(state(), "on");
        db.write_now(complaint).expect("noted");
        assert_eq!(state(), "paused");
    }
);

db_test!(
    fn strikes_are_kept_by_address_and_can_be_forgotten(db) {
        let house = House::new(db, TWO_STEPS);
        let now = house.now();
        let soft = move |conn: &mut _| strikes::strike(conn, now, "ada@a.example", Strike::Soft);
        assert!(!db.write_now(soft).expect("struck"));
        db.write_now(|conn| strikes::forget(conn, "ada@a.example")).expect("forgotten");
        assert_eq!(db.number("SELECT count(*) AS n FROM strikes"), 0);
        assert!(db.write_now(move |conn| strikes::strike(conn, now, "ada@a.example", Strike::Hard)).expect("struck"));
        assert_eq!(db.number("SELECT count(*) AS n FROM suppressions"), 1);
    }
);

db_test!(
    fn the_command_says_in_one_line_what_it_made_of_a_mail(db) {
        let mailed = Mailed::new(db);
        let program = Program::over(db);
        let run = |shape: &str| program.run_with("bounce", &mailed.fill(shape));
        let hard = POSTFIX.replace("{STATUS}", HARD[0]).replace("{SAID}", HARD[1]);
        let ended = run(&hard);
        assert_eq!(
            (ended.code, ended.out.as_str(), ended.err.as_str()),
            (0, "bounce of a mail of the drip two-steps: there is no such address; nobody writes to that address any more\n", "")
        );
        assert!(run(&hard).out.starts_with("read before, nothing changed: "));
        let forged = run(&fixture!("forged").replace("{MARK}", "survey@example.com"));
        assert_eq!((forged.code, forged.out.as_str()), (0, "ignored: a bounce without a mark of ours\n"));
        assert_eq!(forged.err.lines().count(), 1, "{}", forged.err);
        assert!(!forged.err.contains('@'), "{}", forged.err);
        for garbage in ["", "\0\0\0", "hello", "From: x\n\n\n"] {
            let ended = program.run_with("bounce", garbage);
            assert_eq!(ended.code, 0, "{garbage:?}: {}", ended.err);
            assert!(ended.out.starts_with("ignored: "), "{}", ended.out);
        }
        assert_eq!(mailed.suppressed(), ["ada@a.example  bounced"]);
    }
);

db_test!(
    fn a_mailbox_is_emptied_of_bounces_and_keeps_what_people_wrote(db) {
        for tongue in [Tongue::Pop3, Tongue::Imap] {
            let mailed = Mailed::new_in(db);
            let mailbox = Mailbox::start(tongue);
            let program = Program::over(db).with("DRIPLINE_BOUNCE_MAILBOX_URL", &mailbox.url());
            let hard = POSTFIX.replace("{STATUS}", HARD[0]).replace("{SAID}", HARD[1]);
            let reply = fixture!("reply").replace("{FROM}", "ada@a.example");
            // A line that begins with a dot is stuffed by POP3, and comes out as it was.
            let reply = reply.replace("Ada\n\nOn", ".Ada\n\nOn");
            for mail in [&reply, &hard, fixture!("delayed")] {
                mailbox.put(&mailed.fill(mail));
            }
            let ended = program.run("run-due");
            assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{tongue:?}");
            assert_eq!(mailed.suppressed(), ["ada@a.example  bounced"], "{tongue:?}");
            let left = mailbox.texts();
            assert!(left.len() == 1 && left[0].contains("Please call me"), "{tongue:?}: {left:?}");
            let words = "SELECT words AS word FROM incoming_mails WHERE kind = 'reply'";
            assert!(db.words(words)[0].ends_with("\n\n.Ada"), "{tongue:?}");
            // What stays is not fetched again; what comes anew is.
            mailbox.put(&mailed.fill(fixture!("delayed")));
            assert_eq!(program.run("run-due").code, 0);
            let fetched = mailbox.heard("RETR") + mailbox.heard("FETCH");
            assert_eq!((fetched, mailbox.texts().len()), (4, 1), "{tongue:?}");
            // A wrong password holds nothing up, and stands in no log.
            let locked = Program::over(db).with("DRIPLINE_BOUNCE_MAILBOX_URL", &mailbox.url_as("ada", "hunter2"));
            let ended = locked.run("run-due");
            assert_eq!(ended.code, 0, "{tongue:?}: {}", ended.err);
            assert!(ended.err.contains("bounce mailbox") && !ended.err.contains("hunter2"), "{tongue:?}: {}", ended.err);
        }
    }
);

#[test]
fn without_a_database_the_command_fails_so_that_the_mail_server_tries_again() {
    let ended = Program::at("postgres://nobody@127.0.0.1:1/none").run_with("bounce", POSTFIX);
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
}

#[test]
fn no_bytes_whatsoever_suppress_anybody() {
    let db = TestDb::sqlite();
    let mailed = Mailed::new(&db);
    let shapes = [
        POSTFIX,
        fixture!("forged"),
        fixture!("abuse"),
        fixture!("away_en"),
        fixture!("reply"),
    ];
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let hits = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40);
    let cases = (0..shapes.len(), hits, proptest::collection::vec(any::<u8>(), 0..200));
    let outcome = runner.run(&cases, |(shape, hits, noise)| {
        // All but the mark, which is what it would take.
        let text = shapes[shape].replace("{MARK}", "b-abcdefghijklmnopqrstuvwxyz234567@bounces.example.com");
        let mut bytes = mailed
            .fill(&text.replace("{STATUS}", "5.1.1").replace("{SAID}", "550 5.1.1 x"))
            .into_bytes();
        for (place, byte) in hits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes.extend(noise);
        prop_assert!(!mailed.take_bytes(bytes).suppressed);
        Ok(())
    });
    outcome.expect("nothing is suppressed");
    assert_eq!(mailed.suppressed(), Vec::<String>::new());
}
