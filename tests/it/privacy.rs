//! Everything held about one contact: shown, handed out, removed so that nothing of it is left anywhere.

use chrono::TimeDelta;
use dripline::accounts::Role;
use dripline::drip::claim;
use dripline::drip::pace::Paces;
use dripline::mail::outbox;
use dripline::store::Url;
use dripline::worker;
use serde_json::{Value, json};

use crate::drip::{FRAMEWORK, House, TWO_STEPS};
use crate::respond::Asked;
use crate::support::{Api, Server, SmtpServer, TestDb, db_test};

const WORDS: &str = r#"
[[question_sets]]
code = "words"
title = "In your words"
[[question_sets.questions]]
code = "tell"
kind = "text"
text = "What else?"
max_length = 1000
multiline = true
"#;

/// A server with companies, contacts `p-0`, `p-1`, … and a drip of two steps.
fn seeded(server: &Server, contacts: usize) -> Api {
    let api = server.api(Role::Admin);
    let framework = format!("{FRAMEWORK}{TWO_STEPS}{WORDS}");
    api.send("PUT", "/api/v1/framework", "application/toml", framework.as_bytes())
        .expect(200);
    api.post(
        "/api/v1/companies",
        json!([{"external_id": "acme", "name": "Acme"}, {"external_id": "bolt", "name": "Bolt"}]),
    )
    .expect(200);
    // In an order that is none, as people are: what splits an index on its way stays within it.
    let rows: Vec<Value> = (0..contacts).map(|n| person(n * 7919 % contacts.max(1))).collect();
    api.post("/api/v1/contacts", json!(rows)).expect(200);
    api
}

fn person(n: usize) -> Value {
    json!({
        "external_id": format!("p-{n}"), "company_external_id": "acme", "email": format!("Given{n}.Family{n}@mail{n}.example"),
        "first_name": format!("Givenname{n}x"), "last_name": format!("Familyname{n}x"), "role": "user",
        "Direct line": format!("phone-{n}-00"),
    })
}

/// What must not be found any more once that person is gone.
fn traces(n: usize) -> Vec<String> {
    [
        "Given{n}.Family{n}@",
        "given{n}.family{n}@",
        "Givenname{n}x",
        "givenname{n}x",
        "Familyname{n}x",
        "phone-{n}-00",
        "words of {n}.",
    ]
    .map(|trace| trace.replace("{n}", &n.to_string()))
    .to_vec()
}

/// Those of the texts that stand somewhere in the database: in its files, log and all, or in any row.
fn found(db: &TestDb, texts: &[String]) -> Vec<String> {
    let Url::Sqlite(path) = db.url() else {
        let tables = db.words(
            "SELECT CAST(table_name AS TEXT) AS word FROM information_schema.tables WHERE table_schema = 'public'",
        );
        let holds = |text: &String| {
            tables.iter().any(|table| {
                db.number(&format!(
                    "SELECT count(*) AS n FROM {table} t WHERE t::text LIKE '%{text}%'"
                )) > 0
            })
        };
        return texts.iter().filter(|text| holds(text)).cloned().collect();
    };
    let mut bytes = Vec::new();
    for end in ["", "-wal", "-shm"] {
        let mut file = path.clone().into_os_string();
        file.push(end);
        bytes.extend(std::fs::read(&file).unwrap_or_default());
    }
    let holds = |text: &String| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    texts.iter().filter(|text| holds(text)).cloned().collect()
}

db_test!(
    fn nothing_of_an_erased_contact_is_left_in_the_database_or_its_log(db) {
        let server = Server::start(db);
        let api = seeded(&server, 300);
        let all: Vec<String> = (0..300).map(|n| format!("p-{n}")).collect();
        api.post("/api/v1/drips/two-steps/enrolments", json!({"contacts": all})).expect(200);
        server.run_due();
        let answers: Vec<Value> = (0..300)
            .flat_map(|n| {
                let contact = format!("p-{n}");
                [
                    json!({"contact": contact, "question": "tell", "value": format!("the words of {n}."), "at": "2026-03-10T10:00:00Z"}),
                    json!({"contact": contact, "question": "why", "value": "price", "at": "2026-03-10T10:00:00Z"}),
                ]
            })
            .collect();
        api.post("/api/v1/answers", json!(answers)).expect(200);
        let deal = json!([{"external_id": "t-1", "company_external_id": "acme", "contact_external_id": "p-7", "occurred_at": "2026-03-01"}]);
        api.post("/api/v1/transactions", deal).expect(200);
        for sql in [
            "INSERT INTO incoming_mails (kind, at, invitation_id, contact_id, drip, subject, words, fingerprint) \
             SELECT 'reply', made_at, id, contact_id, drip, 'Re: by Givenname7x', 'the words of 7.', 'f-' || id FROM invitations \
             WHERE contact_id = (SELECT id FROM contacts WHERE external_id = 'p-7')",
            "INSERT INTO visits (invitation_id, hits) SELECT id, 3 FROM invitations",
            "INSERT INTO test_links (hash, purpose, drip, step, contact_id, made_by, made_at) \
             SELECT 'h-' || id, 'view', 'two-steps', 0, id, 'x@x.example', '2026-03-10 11:30:00' FROM contacts",
            "INSERT INTO captured_mails (mail_id, to_address, subject, bytes, at) \
             VALUES (NULL, 'x@x.example', 'Test: Givenname7x', 'Givenname7x', '2026-03-10 11:30:00')",
            "INSERT INTO strikes (email_key, score, counted_on) SELECT email_key, 0.5, '2026-03-10' FROM contacts",
            "INSERT INTO mail_wishes (email_key, gap_days, changed_at) SELECT email_key, 30, '2026-03-10 11:00:00' FROM contacts",
            "INSERT INTO suppressions (email_key, drip, reason, made_at) SELECT email_key, 'other', 'unsubscribed', '2026-03-10 11:00:00' FROM contacts",
            "INSERT INTO audit_entries (at, actor, action, subject, detail) \
             VALUES ('2026-03-10 11:00:00', 'x@x.example', 'x', 'Given7.Family7@mail7.example', 'to given7.family7@mail7.example')",
            "UPDATE drips SET cause = 'its mails are refused: 554 <Given7.Family7@mail7.example>'",
        ] {
            db.execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        assert_eq!(found(db, &traces(7)), traces(7), "it is there before");
        let scored = db.number("SELECT CAST(contacts_answered AS BIGINT) AS n FROM company_evidence");

        api.delete("/api/v1/contacts/p-7").expect(204);

        assert_eq!(found(db, &traces(7)), Vec::<String>::new());
        assert_eq!(found(db, &traces(8)), traces(8), "nobody else is touched");
        for (table, column) in [
            ("contact_attributes", "contact_id"), ("answers", "contact_id"), ("contact_needs", "contact_id"),
            ("contact_evidence", "contact_id"), ("enrolments", "contact_id"), ("invitations", "contact_id"),
            ("outbox", "contact_id"), ("test_links", "contact_id"), ("incoming_mails", "contact_id"),
        ] {
            let rows = format!("SELECT count(*) AS n FROM {table} WHERE {column} NOT IN (SELECT id FROM contacts)");
            assert_eq!(db.number(&rows), 0, "{table}");
        }
        assert_eq!(db.number("SELECT count(*) AS n FROM visits"), 299);
        assert_eq!(db.number("SELECT count(*) AS n FROM captured_mails"), 299);
        assert_eq!(db.number("SELECT count(*) AS n FROM link_tokens WHERE invitation_id IS NULL"), 5, "five tombstones");
        assert_eq!(db.number("SELECT CAST(contacts_answered AS BIGINT) AS n FROM company_evidence"), scored - 1);
        assert_eq!(db.number("SELECT count(*) AS n FROM transactions WHERE contact_id IS NULL"), 1);
        assert_eq!(
            db.words("SELECT subject || ' ' || detail AS word FROM audit_entries WHERE action = 'x'"),
            ["(removed) to (removed)"]
        );
        let erased = db.words("SELECT subject || ': ' || detail AS word FROM audit_entries WHERE action = 'contact.erase'");
        assert!(erased.len() == 1 && erased[0].ends_with("2 answers and 2 mails removed with it"), "{erased:?}");
        api.delete("/api/v1/contacts/p-7").expect(404);
        api.get("/api/v1/contacts/p-7").expect(404);
        api.get("/api/v1/contacts/p-7/export").expect(404);
        db.leaves_mail("reminders of those who stay");
    }
);

db_test!(
    fn an_erased_address_gets_no_mail_however_it_is_imported_again(db) {
        let server = Server::start(db);
        let api = seeded(&server, 3);
        api.delete("/api/v1/contacts/p-1").expect(204);
        let veiled = db.words("SELECT email_key AS word FROM suppressions");
        assert!(veiled.len() == 1 && !veiled[0].contains('@'), "{veiled:?}");
        let back = json!([
            {"external_id": "new", "company_external_id": "acme", "email": "GIVEN1.family1@MAIL1.example"},
            {"external_id": "fresh", "company_external_id": "acme", "email": "given1.family2@mail1.example"},
        ]);
        api.post("/api/v1/contacts", back).expect(200);
        // An address that changes into it is it, too.
        api.post("/api/v1/contacts", json!([{"external_id": "p-2", "email": "given1.family1@mail1.example"}]))
            .expect(200);
        for (contact, suppressed) in [("new", json!("erased")), ("p-2", json!("erased")), ("fresh", Value::Null), ("p-0", Value::Null)] {
            let shown = api.get(&format!("/api/v1/contacts/{contact}")).expect(200).json();
            assert_eq!((&shown["suppressed"], &shown["unsubscribed"]), (&suppressed, &json!(false)), "{contact}");
        }
        let enrolled = api
            .post("/api/v1/drips/two-steps/enrolments", json!({"contacts": ["new", "fresh"]}))
            .expect(200);
        assert_eq!(enrolled.json(), json!({"enrolled": 1, "skipped": [{"contact": "new", "reason": "suppressed"}]}));
        assert_eq!(server.run_due().sent, 1);
        // Removed once more, nothing of it is left again, and the address stays known.
        api.delete("/api/v1/contacts/new").expect(204);
        api.delete("/api/v1/contacts/p-2").expect(204);
        assert_eq!(db.words("SELECT email_key AS word FROM suppressions"), veiled);
        assert_eq!(found(db, &["given1.family1@".into(), "GIVEN1.family1@".into()]), Vec::<String>::new());
        db.leaves_mail("a reminder is still to come");
    }
);

db_test!(
    fn fifty_erased_in_the_middle_of_a_run_get_nothing_more(db) {
        let house = House::new(db, TWO_STEPS);
        let server = Server::start(db);
        let api = server.api(Role::Admin);
        let ids: Vec<String> = (0..50).map(|n| format!("c{n}")).collect();
        for id in &ids {
            house.contact(&format!("{id}@a.example"), Some(1));
        }
        house.enrol("two-steps", &ids.iter().map(String::as_str).collect::<Vec<_>>());
        let (now, letterhead) = (house.now(), house.outgoing.borrow().letterhead.clone());
        let made = letterhead.clone();
        db.write_now(move |conn| dripline::drip::make_due(conn, now, &made)).expect("made");
        // Some are in hand at this moment.
        let claim = move |conn: &mut _| claim::claim(conn, now, None, &letterhead, "1", &Paces::new(None, None), 5, claim::Drafts::default());
        let claimed = db.write_now(claim).expect("claimed");
        let in_hand: Vec<_> = claimed.parcels.iter().map(|parcel| parcel.claim).collect();
        assert_eq!(in_hand.len(), 5);
        for id in &ids {
            api.delete(&format!("/api/v1/contacts/{id}")).expect(204);
        }
        // What was in hand may have left; what came of it is nobody's any more.
        for claim in in_hand {
            let noted = db.write_now(move |conn| outbox::mark_sent(conn, now, None, claim, "250 ok"));
            assert!(!noted.expect("asked"), "the row is gone");
        }
        for _ in 0..20 {
            assert_eq!(house.run().sent, 0);
            house.wait(TimeDelta::days(1));
        }
        for table in ["contacts", "outbox", "invitations", "enrolments", "captured_mails", "link_tokens WHERE invitation_id IS NOT NULL"] {
            assert_eq!(db.number(&format!("SELECT count(*) AS n FROM {table}")), 0, "{table}");
        }
    }
);

db_test!(
    fn a_mail_in_hand_while_its_contact_is_erased_changes_nothing(db) {
        let smtp = SmtpServer::start();
        let server = Server::mailing(db, &smtp);
        let api = seeded(&server, 0);
        api.post("/api/v1/contacts", json!([{"external_id": "slow", "company_external_id": "acme", "email": "stall2@a.example"}]))
            .expect(200);
        api.post("/api/v1/drips/two-steps/enrolments", json!({"contacts": ["slow"]})).expect(200);
        let outgoing = server.outgoing();
        let running = std::thread::spawn(move || worker::run_due(&outgoing));
        while db.number("SELECT count(*) AS n FROM outbox WHERE state = 'sending'") == 0 {
            std::thread::yield_now();
        }
        api.delete("/api/v1/contacts/slow").expect(204);
        running.join().expect("no panic").expect("it runs on");
        for table in ["contacts", "outbox", "captured_mails"] {
            assert_eq!(db.number(&format!("SELECT count(*) AS n FROM {table}")), 0, "{table}");
        }
        assert_eq!(found(db, &["stall2@".into()]), Vec::<String>::new());
        assert!(smtp.mails().len() <= 1);
        assert_eq!(server.run_due().sent, 0);
    }
);

db_test!(
    fn who_shares_an_address_stays_and_gets_no_mail(db) {
        let server = Server::start(db);
        let api = seeded(&server, 1);
        let rows = json!([
            {"external_id": "one", "company_external_id": "acme", "email": "office@a.example", "first_name": "Onesimus"},
            {"external_id": "two", "company_external_id": "acme", "email": "Office@a.example", "first_name": "Twofold"},
        ]);
        api.post("/api/v1/contacts", rows).expect(200);
        api.delete("/api/v1/contacts/one").expect(204);
        assert_eq!(found(db, &["Onesimus".into()]), Vec::<String>::new());
        let shown = api.get("/api/v1/contacts/two").expect(200).json();
        assert_eq!(shown["suppressed"], json!("erased"));
        let enrolled = api.post("/api/v1/drips/two-steps/enrolments", json!({"contacts": ["two"]})).expect(200);
        assert_eq!(enrolled.json()["enrolled"], json!(0));
    }
);

db_test!(
    fn the_api_tells_how_far_each_drip_has_come(db) {
        let asked = Asked::new(db, "two-steps");
        let api = asked.server.api(Role::Sales);
        let steps = || api.get("/api/v1/contacts/ada").expect(200).json()["enrolments"].clone();
        assert_eq!(steps(), json!([{"drip": "two-steps", "step": 1, "state": "active"}]));
        asked.house.answer();
        assert_eq!(steps(), json!([{"drip": "two-steps", "step": 1, "state": "active"}]), "the second step is not made yet");
        asked.server.wait(TimeDelta::days(8));
        asked.house.run();
        assert_eq!(steps(), json!([{"drip": "two-steps", "step": 2, "state": "finished"}]));
        asked.house.contact("bob@a.example", Some(1));
        asked.house.enrol("two-steps", &["bob"]);
        let bob = api.get("/api/v1/contacts/bob").expect(200).json();
        assert_eq!(bob["enrolments"], json!([{"drip": "two-steps", "step": 0, "state": "active"}]));
    }
);

db_test!(
    fn the_export_has_everything_and_is_noted(db) {
        let asked = Asked::new(db, "two-steps");
        asked.browser.answer(&asked.link("r"), &[("why", "people")]);
        asked.browser.post(&asked.path("preferences"), &[("wish", "fewer-30")]).expect(200);
        db.execute("INSERT INTO incoming_mails (kind, at, invitation_id, contact_id, drip, subject, words, fingerprint) \
             VALUES ('reply', '2026-03-10 12:00:00', 1, 1, 'two-steps', 'Re: One minute', 'Call me.', 'f')")
            .expect("a reply");
        let path = "/api/v1/contacts/ada/export";
        asked.server.api(Role::Sales).get(path).expect(403);
        asked.server.api(Role::Analyst).delete("/api/v1/contacts/ada").expect(403);
        let api = asked.server.api(Role::Analyst);
        api.send("HEAD", path, "application/json", b"").expect(200);
        let noted = || db.number("SELECT count(*) AS n FROM audit_entries WHERE action = 'contact.export'");
        assert_eq!(noted(), 0, "looking is not taking");
        let reply = api.get(path).expect(200);
        assert_eq!(noted(), 1);
        assert_eq!(reply.header("content-type"), Some("application/json"));
        let held = reply.json();
        assert_eq!(held["contact"]["email"], json!("ada@a.example"));
        assert_eq!(held["company"], json!({"external_id": "acme", "name": "Acme & Sons"}));
        let answer = &held["answers"][0];
        assert_eq!((&answer["question"], &answer["value"], &answer["channel"]), (&json!("why"), &json!("people"), &json!("form")));
        assert_eq!(answer["asked"], json!("Why did {{ company.name }} buy?"));
        assert_eq!(held["mails"][0]["state"], json!("sent"));
        assert_eq!(held["mails"][1]["state"], json!("cancelled"), "the reminder");
        assert_eq!(held["invitations"][0]["answered_at"], json!("2026-03-10T11:00:00Z"));
        assert_eq!(held["invitations"][0]["left_blank"], json!([]));
        assert_eq!(held["wishes"]["gap_days"], json!(30));
        assert_eq!(held["incoming_mails"][0]["words"], json!("Call me."));
        assert_eq!(held["captured_mails"][0]["subject"], json!("One minute, Ada?"));
        assert_eq!(held["audit"][0]["what"], json!("contact.fewer"));
        // The links in it would let whoever reads it answer in the contact's name.
        let text = String::from_utf8(reply.body.clone()).expect("text");
        assert!(!text.contains(asked.path("r").trim_start_matches("/r/")));
        assert!(!text.contains("nonce"));
    }
);

db_test!(
    fn the_contacts_page_shows_each_role_what_is_its_business(db) {
        let asked = Asked::new(db, "two-steps");
        asked.browser.answer(&asked.link("r"), &[("why", "people")]);
        asked.server.wait(TimeDelta::days(8));
        asked.house.run();
        db.execute("UPDATE outbox SET maybe_duplicate = TRUE, reply = '250 Ok' WHERE nth = 0 AND step = 0").expect("in doubt");
        db.execute("INSERT INTO incoming_mails (kind, at, invitation_id, contact_id, drip, subject, words, fingerprint) \
             VALUES ('reply', '2026-03-10 12:00:00', 1, 1, 'two-steps', 'Re: <b>One</b>', 'Call me.', 'f')")
            .expect("a reply");
        asked.browser.post(&asked.path("preferences"), &[("wish", "fewer-30")]).expect(200);
        let sales = asked.server.log_in_owner();
        let page = sales.get("/contacts/ada").expect(200);
        let text = page.text();
        for told in ["Ada", "ada@a.example", "Acme & Sons", "Mail may go there", "At least 30 days between two mails"] {
            assert!(text.contains(told), "{told} in {text}");
        }
        for kept in ["The mail server took it", "Call me.", "Download all of it", "Remove this contact"] {
            assert!(!text.contains(kept), "{kept} in {text}");
        }
        let list = sales.get("/contacts").expect(200);
        assert!(list.html().contains("href=\"/contacts/ada\""));
        assert!(sales.get("/companies/acme").expect(200).html().contains("href=\"/contacts/ada\""));
        sales.get("/contacts/nobody").expect(404);
        sales.get("/contacts/ada/export").expect(403);

        let analyst = asked.server.log_in(Role::Analyst);
        let page = analyst.get("/contacts/ada").expect(200);
        let text = page.text();
        for told in ["2 of 2", "finished", "perhaps twice", "It was not sent. answered", "Reply", "Call me.", "Re: <b>One</b>", "Download all of it"] {
            assert!(text.contains(told), "{told} in {text}");
        }
        // Neither a single answer nor a segment of one person.
        for kept in ["The people", "people", "Segment:", "Efficiency", "Remove this contact"] {
            assert!(!page.html().contains(kept), "{kept} in {text}");
        }
        let export = analyst.get("/contacts/ada/export").expect(200);
        assert!(export.header("content-disposition").is_some_and(|header| header.contains("attachment")));
        analyst.post("/contacts/ada/erasure", &[]).expect(403);

        let admin = asked.server.log_in(Role::Admin);
        let page = admin.get("/contacts/ada").expect(200);
        let page = admin.submit(&page.form("/contacts/ada/erasure")).expect(200);
        assert!(page.text().contains("The contact is removed"), "{}", page.text());
        admin.get("/contacts/ada").expect(404);
        admin.post("/contacts/ada/erasure", &[]).expect(404);
    }
);
