//! What a contact asks for behind the links at the foot of a mail, without a cookie and without a script.

use chrono::TimeDelta;
use dripline::accounts::Role;
use serde_json::json;

use crate::drip::TWO_STEPS;
use crate::respond::Asked;
use crate::support::{Reply, db_test};

/// What the audit log has of contacts' own wishes.
fn noted(asked: &Asked) -> Vec<String> {
    asked
        .house
        .db
        .words("SELECT actor || ' ' || action || ' ' || subject || ' ' || detail AS word FROM audit_entries WHERE actor = 'contact' ORDER BY id")
}

fn press(asked: &Asked, page: &Reply, wish: &str) -> Reply {
    let path = asked.path("preferences");
    let form = page.forms(&path).into_iter().find(|form| {
        form.buttons
            .iter()
            .any(|button| button.name.as_deref() == Some("wish") && button.value == wish)
    });
    let form = form.unwrap_or_else(|| panic!("no button {wish} on:\n{}", page.text()));
    asked.browser.press(&form, "wish", wish)
}

fn wishes(asked: &Asked) -> Vec<String> {
    asked.house.db.words(
        "SELECT COALESCE(CAST(gap_days AS TEXT), '-') || ' ' || COALESCE(SUBSTR(CAST(paused_until AS TEXT), 1, 10), '-') AS word \
         FROM mail_wishes ORDER BY email_key",
    )
}

db_test!(
    fn fewer_mails_are_chosen_changed_and_undone(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path("preferences");
        let page = asked.browser.get(&path).expect(200);
        assert!(page.text().contains("You get the series “Two steps”"), "{}", page.text());
        let page = press(&asked, &page, "fewer-30").expect(200);
        assert!(page.text().contains("at least 30 days lie between two of our mails"), "{}", page.text());
        assert_eq!(wishes(&asked), ["30 -"]);
        let page = press(&asked, &page, "fewer-60").expect(200);
        // What is undone is the last choice, not all of them.
        let page = press(&asked, &page, "fewer-30").expect(200);
        assert_eq!(wishes(&asked), ["30 -"]);
        press(&asked, &page, "fewer-end").expect(200);
        assert_eq!(wishes(&asked), ["- -"]);
        assert_eq!(
            noted(&asked),
            [
                "contact contact.fewer contact 1 30 days between two mails",
                "contact contact.fewer contact 1 60 days between two mails",
                "contact contact.fewer contact 1 30 days between two mails",
                "contact contact.fewer contact 1 as many mails as before",
            ]
        );
        assert!(asked.browser.cookies().is_empty());
    }
);

db_test!(
    fn a_pause_says_until_when_and_ends_by_itself_or_by_a_button(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path("preferences");
        let page = asked.browser.get(&path).expect(200);
        let page = press(&asked, &page, "pause-3-months").expect(200);
        assert!(page.text().contains("You get no mail from us before 10 Jun 2026"), "{}", page.text());
        let page = press(&asked, &page, "pause-end").expect(200);
        assert_eq!(wishes(&asked), ["- -"]);
        // Taking back the end of the pause is the pause again.
        let page = press(&asked, &page, "pause-until").expect(200);
        assert!(page.text().contains("Nothing comes before 10 Jun 2026"), "{}", page.text());
        assert_eq!(wishes(&asked), ["- 2026-06-10"]);
        for (until, fault) in [
            ("2026-03-10", "still to come"),
            ("2027-03-11", "A year is the longest pause"),
            ("soon", "Write the day as"),
            ("", "Choose a day first"),
        ] {
            let page = asked.browser.post(&path, &[("wish", "pause-until"), ("until", until)]).expect(422);
            assert!(page.text().contains(fault), "{until}: {}", page.text());
        }
        assert_eq!(wishes(&asked), ["- 2026-06-10"]);
        asked.server.wait(TimeDelta::days(100));
        let page = asked.browser.get(&path).expect(200);
        assert!(!page.text().contains("Nothing comes before"), "{}", page.text());
    }
);

db_test!(
    fn a_series_or_everything_is_stopped_and_taken_back(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path("preferences");
        let page = asked.browser.get(&path).expect(200);
        let page = press(&asked, &page, "stop-drip").expect(200);
        assert!(page.text().contains("You get no more mails of this series"), "{}", page.text());
        press(&asked, &page, "stop-all").expect(200);
        // Again, as a reload does: it stays, and is noted once.
        let page = asked.browser.post(&path, &[("wish", "stop-all")]).expect(200);
        asked.server.wait(TimeDelta::days(4));
        assert_eq!(asked.house.run().sent, 0);
        // All taken back, the series stays stopped.
        let page = press(&asked, &page, "resume-all").expect(200);
        assert!(page.text().contains("You get no more of “Two steps”"), "{}", page.text());
        assert_eq!(asked.house.run().sent, 0);
        press(&asked, &page, "resume-drip").expect(200);
        assert_eq!(asked.house.run().sent, 1, "the reminder goes after all");
        assert_eq!(
            noted(&asked),
            [
                "contact contact.unsubscribe contact 1 drip two-steps",
                "contact contact.unsubscribe contact 1 all drips",
                "contact contact.resubscribe contact 1 all drips",
                "contact contact.resubscribe contact 1 drip two-steps",
            ]
        );
    }
);

db_test!(
    fn what_nobody_offers_is_refused_and_changes_nothing(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path("preferences");
        for wish in ["", "start-all", "fewer-0", "fewer-1000", "erase-no"] {
            asked.browser.post(&path, &[("wish", wish)]).expect(400);
        }
        asked.browser.post(&path, &[("wish", "stop-all"), ("wish", "resume-all")]).expect(400);
        asked.browser.post(&format!("/preferences/{}", "a".repeat(32)), &[("wish", "stop-all")]).expect(404);
        asked.browser.post("/preferences/short", &[("wish", "erase-yes")]).expect(404);
        assert_eq!(db.number("SELECT count(*) AS n FROM suppressions"), 0);
        assert_eq!(noted(&asked), Vec::<String>::new());
    }
);

db_test!(
    fn one_click_stops_everything_and_its_page_takes_it_back_at_once(db) {
        let asked = Asked::new(db, "two-steps");
        asked.house.apply(&format!("{}{TWO_STEPS}{}", crate::drip::FRAMEWORK, TWO_STEPS.replace("two-steps", "other")));
        asked.house.enrol("other", &["ada"]);
        let path = asked.path("unsubscribe-header");
        // A paused drip is no reason to wait.
        db.execute("UPDATE drips SET state = 'paused'").expect("paused");
        for _ in 0..2 {
            let kind = [("content-type", "application/x-www-form-urlencoded")];
            let reply = asked.browser.ask("POST", &path, &kind, b"List-Unsubscribe=One-Click").expect(200);
            assert_eq!(reply.header("location"), None);
            assert_eq!(reply.header("set-cookie"), None);
        }
        assert_eq!(db.words("SELECT drip || ' ' || state AS word FROM enrolments ORDER BY id"), ["two-steps stopped", "other stopped"]);
        assert_eq!(noted(&asked), ["contact contact.unsubscribe contact 1 all drips"]);
        let page = asked.browser.get(&path).expect(200);
        assert!(page.text().contains("You get no more mails from us"), "{}", page.text());
        let page = asked.browser.press(&page.form(&path), "wish", "undo").expect(200);
        assert!(page.text().contains("You get our mails again"), "{}", page.text());
        assert_eq!(db.number("SELECT count(*) AS n FROM suppressions"), 0);
        assert_eq!(db.words("SELECT drip || ' ' || state AS word FROM enrolments ORDER BY id"), ["two-steps active", "other active"]);
        // A bounce is nobody's wish: no button takes it back.
        db.execute("INSERT INTO suppressions (email_key, drip, reason, made_at) VALUES ('ada@a.example', '', 'bounced', '2026-03-10 11:00:00')")
            .expect("bounced");
        asked.browser.post(&path, &[("wish", "undo")]).expect(200);
        asked.browser.post(&asked.path("preferences"), &[("wish", "resume-all")]).expect(200);
        assert!(!asked.browser.get(&path).expect(200).html().contains("<form"));
        assert_eq!(db.words("SELECT reason AS word FROM suppressions"), ["bounced"]);
    }
);

db_test!(
    fn one_click_takes_any_body_that_a_mail_program_sends(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path("unsubscribe-header");
        let garbage = vec![0xff; 300_000];
        for (kind, body) in [("text/plain", b"x".as_slice()), ("application/x-www-form-urlencoded", b"\xff=1".as_slice()), ("", b"".as_slice()), ("application/octet-stream", &garbage)] {
            db.execute("DELETE FROM suppressions").expect("none");
            let headers: Vec<(&str, &str)> = (!kind.is_empty()).then_some(("content-type", kind)).into_iter().collect();
            asked.browser.ask("POST", &path, &headers, body).expect(200);
            assert_eq!(db.number("SELECT count(*) AS n FROM suppressions"), 1, "{kind}");
        }
        asked.browser.post(&format!("/unsubscribe/{}", "a".repeat(32)), &[]).expect(404);
    }
);

db_test!(
    fn a_forwarded_link_tells_no_name_no_address_and_no_answer(db) {
        let asked = Asked::new(db, "two-steps");
        db.execute("UPDATE contacts SET first_name = 'Adalbertine', last_name = 'Lovelace'").expect("a name");
        asked.browser.answer(&asked.link("r"), &[("why", "people")]);
        let page = asked.browser.get(&asked.path("preferences")).expect(200);
        let html = page.html();
        for told in ["Adalbertine", "Lovelace", "ada@a.example", "The people", "people\"", "Acme", "segment"] {
            assert!(!html.contains(told), "{told} in {html}");
        }
        let text = page.text();
        assert!(text.contains("1 answer:") && text.contains("1 mail that we sent you"), "{text}");
        assert!(text.contains("10 Mar 2026: “Two steps”, mail 1"), "{text}");
        assert!(!html.contains("<script"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
);

db_test!(
    fn a_contact_removes_itself_after_being_asked_whether_really(db) {
        let asked = Asked::new(db, "two-steps");
        let (path, unsubscribe, form) = (asked.path("preferences"), asked.path("unsubscribe"), asked.path("r"));
        // The same person under a second id goes with it.
        db.execute(
            "INSERT INTO contacts (external_id, company_id, email, email_key, name_key, created_at, updated_at) \
             VALUES ('ada-2', 2, 'Ada@a.example', 'ada@a.example', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        )
        .expect("a second contact");
        let page = asked.browser.get(&path).expect(200);
        let page = press(&asked, &page, "erase").expect(200);
        assert!(page.text().contains("Remove everything about you?"), "{}", page.text());
        assert_eq!(db.number("SELECT count(*) AS n FROM contacts"), 2, "asked, and nothing done yet");
        let page = press(&asked, &page, "erase-yes").expect(200);
        assert!(page.text().contains("Everything about you has been removed"), "{}", page.text());
        assert!(page.text().contains("You are on no list of ours"), "{}", page.text());
        assert_eq!(db.number("SELECT count(*) AS n FROM contacts"), 0);
        assert_eq!(db.number("SELECT count(*) AS n FROM outbox"), 0);
        assert_eq!(
            noted(&asked),
            [
                "contact contact.erase contact 1 0 answers and 2 mails removed with it",
                "contact contact.erase contact 2 0 answers and 2 mails removed with it",
            ]
        );
        // Its links: as the table of the public contract says.
        let page = asked.browser.get(&path).expect(200);
        assert!(page.text().contains("on no list"), "{}", page.text());
        for wish in ["stop-all", "resume-all", "fewer-30", "pause-1-month", "erase", "erase-yes"] {
            asked.browser.post(&path, &[("wish", wish)]).expect(200);
        }
        asked.browser.get(&unsubscribe).expect(200);
        asked.browser.post(&unsubscribe, &[]).expect(200);
        asked.browser.get(&form).expect(404);
        asked.browser.post(&form, &[("why", "price")]).expect(404);
        asked.browser.get(&form.replace("/r/", "/view/")).expect(404);
        asked.server.wait(TimeDelta::days(30));
        assert_eq!(asked.house.run().sent, 0);
    }
);

db_test!(
    fn the_link_of_a_test_mail_shows_the_page_and_keeps_nothing(db) {
        let asked = Asked::new(db, "two-steps");
        let (path, unsubscribe) = (asked.path("preferences"), asked.path("unsubscribe"));
        let token = path.rsplit('/').next().expect("a token").to_owned();
        db.execute("INSERT INTO test_links (hash, purpose, drip, step, contact_id, made_by, made_at) \
             SELECT hash, purpose, 'two-steps', 0, 1, 'x@x.example', '2026-03-10 11:00:00' FROM link_tokens WHERE purpose IN ('preferences', 'unsubscribe')")
            .expect("test links");
        db.execute("DELETE FROM link_tokens").expect("no real ones");
        let page = asked.browser.get(&path).expect(200);
        assert!(page.text().contains("This link came with a test mail"), "{}", page.text());
        for wish in ["stop-drip", "stop-all", "fewer-30", "pause-1-month", "erase", "erase-yes"] {
            asked.browser.post(&path, &[("wish", wish)]).expect(200);
        }
        asked.browser.get(&unsubscribe).expect(200);
        asked.browser.post(&unsubscribe, &[]).expect(200);
        asked.browser.get(&format!("/unsubscribe/{token}")).expect(404);
        for table in ["suppressions", "mail_wishes", "audit_entries WHERE actor = 'contact'"] {
            assert_eq!(db.number(&format!("SELECT count(*) AS n FROM {table}")), 0, "{table}");
        }
        assert_eq!(db.number("SELECT count(*) AS n FROM contacts"), 1);
    }
);

#[test]
fn while_the_database_is_away_a_mail_program_is_told_to_try_again() {
    let db = crate::support::TestDb::sqlite();
    let asked = Asked::new(&db, "two-steps");
    let (path, unsubscribe) = (asked.path("preferences"), asked.path("unsubscribe"));
    db.execute("ALTER TABLE suppressions RENAME TO elsewhere")
        .expect("renamed");
    for reply in [
        asked.browser.post(&path, &[("wish", "stop-all")]),
        asked.browser.post(&unsubscribe, &[]),
        asked.browser.get(&path),
    ] {
        // A fault is never "not found", and never thanks for what was not kept.
        assert!(reply.status >= 500, "{}", reply.status);
    }
    db.execute("ALTER TABLE elsewhere RENAME TO suppressions")
        .expect("back");
    asked.browser.post(&unsubscribe, &[]).expect(200);
}

db_test!(
    fn an_import_clears_no_wish_and_only_the_contact_does(db) {
        let asked = Asked::new(db, "two-steps");
        db.execute("UPDATE contacts SET email = 'A@X.COM', email_key = 'a@x.com'").expect("another address");
        asked.browser.post(&asked.path("unsubscribe"), &[]).expect(200);
        let api = asked.server.api(Role::Analyst);
        for email in ["a@x.com", "A@x.Com"] {
            let rows = json!([
                {"external_id": "ada", "company_external_id": "acme", "email": email},
                {"external_id": "another", "company_external_id": "bolt", "email": email},
            ]);
            api.post("/api/v1/contacts", rows).expect(200);
        }
        let enrolled = api
            .post("/api/v1/drips/two-steps/enrolments", json!({"contacts": ["another"]}))
            .expect(200);
        assert_eq!(enrolled.json()["skipped"], json!([{"contact": "another", "reason": "suppressed"}]));
        asked.server.wait(TimeDelta::days(30));
        assert_eq!(asked.house.run().sent, 0);
        for contact in ["ada", "another"] {
            let shown = api.get(&format!("/api/v1/contacts/{contact}")).expect(200).json();
            assert_eq!((&shown["unsubscribed"], &shown["suppressed"]), (&json!(true), &json!("unsubscribed")));
        }
    }
);
