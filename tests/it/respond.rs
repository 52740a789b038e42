//! What a mailed link opens, as a browser without JavaScript, a mail program and a scanner use it.

use chrono::TimeDelta;
use dripline::worker;

use crate::drip::{FRAMEWORK, House, TWO_STEPS};
use crate::support::{Browser, Server, TestDb, db_test};

/// A server beside the drip installation, on one clock, with the links leading to it.
pub struct Asked<'d> {
    pub house: House<'d>,
    pub server: Server,
    pub browser: Browser,
}

const ALL_KINDS: &str = r#"
[[question_sets]]
code = "all"
title = "All of them"
intro = "For **{{ company.name }}**."
[[question_sets.questions]]
code = "many"
kind = "multiple_choice"
text = "Which?"
min_picks = 1
max_picks = 2
options = [{ code = "a", text = "A", loads = { efficiency = 1 } }, { code = "b", text = "B" }, { code = "other", text = "Other", free_text = true }]
[[question_sets.questions]]
code = "how"
kind = "rating"
text = "How much?"
min = 1
max = 5
loads = { efficiency = 1 }
no_opinion = "I can't say"
[[question_sets.questions]]
code = "grid"
kind = "matrix"
text = "Rate these"
min = 1
max = 3
rows = [{ code = "speed", text = "Speed", loads = { efficiency = 1 } }, { code = "care", text = "Care", loads = { intimacy = 1 } }]
[[question_sets.questions]]
code = "likely"
kind = "nps"
text = "Would you recommend us?"
[[question_sets.questions]]
code = "order"
kind = "ranking"
text = "Order them"
top = 2
options = [{ code = "x", text = "X", loads = { efficiency = 1 } }, { code = "y", text = "Y", loads = { intimacy = 1 } }, { code = "z", text = "Z" }]
[[question_sets.questions]]
code = "extremes"
kind = "best_worst"
text = "Most and least"
options = [{ code = "x2", text = "X", loads = { efficiency = 1 } }, { code = "y2", text = "Y", loads = { intimacy = 1 } }, { code = "z2", text = "Z" }]
[[question_sets.questions]]
code = "points"
kind = "allocation"
text = "Share out"
total = 100
options = [{ code = "p", text = "P", loads = { efficiency = 1 } }, { code = "q", text = "Q", loads = { intimacy = 1 } }]
[[question_sets.questions]]
code = "words"
kind = "text"
text = "In your words"
max_length = 20
multiline = true
required = true

[[drips]]
code = "all-kinds"
name = "All kinds"
trigger = "manual"
[[drips.steps]]
delay = "0d"
question_set = "all"
subject = "Many questions"
body = "x"
"#;

impl<'d> Asked<'d> {
    /// One contact of company 1, who has been mailed the first step of that drip.
    pub fn new(db: &'d TestDb, drip: &'static str) -> Asked<'d> {
        let server = Server::start(db);
        let house = House::with(
            db,
            &format!("{FRAMEWORK}{TWO_STEPS}{ALL_KINDS}"),
            &[("DRIPLINE_BASE_URL", server.base())],
        );
        house.outgoing.borrow_mut().clock = server.clock.clone();
        house.contact("ada@a.example", Some(1));
        house.enrol(drip, &["ada"]);
        house.run();
        db.leaves_mail("reminders may be left over");
        let browser = server.browser();
        Asked { house, server, browser }
    }

    /// The newest mail's link under that path.
    pub fn link(&self, under: &str) -> String {
        let id = self.house.db.number("SELECT max(id) AS n FROM captured_mails");
        let mail = self
            .house
            .db
            .read_now(move |conn| dripline::mail::captured::find(conn, id));
        let bytes = mail.expect("read").expect("a mail").1;
        let parsed = mail_parser::MessageParser::default().parse(&bytes).expect("a mail");
        let text = match under {
            "unsubscribe-header" => String::from_utf8_lossy(&bytes).replace('>', " "),
            _ => parsed.body_text(0).expect("text").into_owned(),
        };
        let under = under.trim_end_matches("-header");
        let words = text.split(|c: char| c.is_whitespace() || c == '<');
        let found = words
            .map(str::to_owned)
            .find(|word| word.contains(&format!("/{under}/")));
        found.expect("a link").split('?').next().expect("an address").to_owned()
    }

    pub fn path(&self, under: &str) -> String {
        self.link(under)
            .strip_prefix(self.server.base())
            .expect("our address")
            .to_owned()
    }

    fn answers(&self) -> Vec<String> {
        self.house
            .db
            .words("SELECT question || '.' || row_code || ' ' || value AS word FROM answers ORDER BY question, row_code, at, seq")
    }
}

db_test!(
    fn a_contact_answers_and_the_company_has_a_segment(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path("r");
        let page = asked.browser.get(&path).expect(200);
        assert!(page.text().contains("Why did Acme & Sons buy?"), "{}", page.text());
        assert!(asked.browser.cookies().is_empty());
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let form = page.form(&path).fill("why", "price");
        let sent = asked.browser.post_form(&form).expect(303);
        assert_eq!(sent.header("location"), Some(format!("{path}/thanks").as_str()));
        assert_eq!(asked.answers(), ["why. \"price\""]);
        assert_eq!(db.number("SELECT count(*) AS n FROM company_needs WHERE company_id = 1"), 1);
        assert!(asked.browser.get(&path).expect(200).text().contains("Thank you"));
        // A second, identical POST is the same response; the needs count once.
        asked.browser.post_form(&form).expect(303);
        assert_eq!(asked.answers().len(), 1);
        // The reminder is gone.
        asked.server.wait(TimeDelta::days(4));
        assert_eq!(worker::run_due(&asked.house.outgoing.borrow()).expect("run").sent, 0);
    }
);

/// The last sign of the path as its percent-encoding.
fn percent_encoded(path: &str) -> String {
    let (rest, last) = path.split_at(path.len() - 1);
    format!("{rest}%{:02X}", last.as_bytes()[0])
}

db_test!(
    fn opening_a_link_changes_nothing_whatever_is_added_to_it(db) {
        let asked = Asked::new(db, "two-steps");
        let count = || {
            ["answers", "suppressions", "invitations WHERE answered_at IS NOT NULL OR opened_at IS NOT NULL", "outbox"]
                .map(|table| db.number(&format!("SELECT count(*) AS n FROM {table}")))
        };
        let before = count();
        for under in ["r", "preferences", "unsubscribe", "unsubscribe-header"] {
            let path = asked.path(under);
            for variant in [
                path.clone(),
                format!("{path}."),
                format!("{path})"),
                format!("{path}%3E"),
                format!("{path}?utm_x=1"),
                percent_encoded(&path),
                format!("{}{}", &path[..path.len() - 32], path[path.len() - 32..].to_uppercase()),
            ] {
                for _ in 0..3 {
                    asked.browser.get(&variant).expect(200);
                    let head = asked.browser.head(&variant).expect(200);
                    assert!(head.body.is_empty());
                }
            }
        }
        assert_eq!(count(), before);
        let page = asked.browser.get(&format!("{}?why=people", asked.path("r"))).expect(200);
        let form = page.form(&asked.path("r"));
        assert!(form.fields().contains(&("why".into(), "people".into())), "ticked in advance");
        assert!(!page.html().contains("<script"));
        assert_eq!(count(), before);
    }
);

db_test!(
    fn a_token_opens_only_what_it_is_for(db) {
        let asked = Asked::new(db, "two-steps");
        let token = |under: &str| asked.path(under).rsplit('/').next().expect("a token").to_owned();
        for (under, of) in [("r", "preferences"), ("r", "unsubscribe"), ("preferences", "r"), ("unsubscribe", "r"), ("view", "r")] {
            asked.browser.get(&format!("/{under}/{}", token(of))).expect(404);
        }
        asked.browser.get(&format!("/r/{}", "a".repeat(32))).expect(404);
        asked.browser.post(&format!("/r/{}", "a".repeat(32)), &[("why", "price")]).expect(404);
    }
);

db_test!(
    fn what_is_missing_is_said_and_what_was_typed_is_kept(db) {
        let asked = Asked::new(db, "all-kinds");
        let path = asked.path("r");
        let form = asked.browser.get(&path).expect(200).form(&path);
        let form = form
            .fill("many", "a")
            .fill("many.other", "my own")
            .fill("how", "4")
            .fill("grid.speed", "2")
            .fill("order.rank.x", "2")
            .fill("extremes.best", "x2")
            .fill("extremes.worst", "y2")
            .fill("points.points.p", "70")
            .fill("points.points.q", "20");
        let page = asked.browser.post_form(&form).expect(422);
        assert_eq!(asked.answers(), Vec::<String>::new());
        let text = page.text();
        assert!(text.contains("Something is still missing"), "{text}");
        for (name, value) in [("many.other", "my own"), ("how", "4"), ("order.rank.x", "2"), ("extremes.worst", "y2"), ("points.points.q", "20")] {
            assert!(page.form(&path).fields().contains(&(name.into(), value.into())), "{name} in {}", page.html());
        }
        let form = page
            .form(&path)
            .fill("order.rank.y", "1")
            .fill("points.points.q", "30")
            .fill("words", "more speed");
        asked.browser.post_form(&form).expect(303);
        assert_eq!(
            asked.answers(),
            [
                "extremes. {\"best\":\"x2\",\"worst\":\"y2\"}",
                "grid.speed 2",
                "how. 4",
                "many. [\"a\"]",
                "order. [\"y\",\"x\"]",
                "points. {\"p\":70,\"q\":30}",
                "words. \"more speed\"",
            ]
        );
    }
);

db_test!(
    fn two_tabs_do_not_overwrite_one_another_silently(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path("r");
        let form = asked.browser.get(&path).expect(200).form(&path);
        let (first, second) = (form.clone().fill("why", "price"), form.fill("why", "people"));
        asked.browser.post_form(&first).expect(303);
        let stale = asked.browser.post_form(&second).expect(409);
        assert_eq!(asked.answers(), ["why. \"price\""]);
        assert!(stale.form(&path).fields().contains(&("why".into(), "people".into())));
        // Sent again from the page that says so, it counts.
        asked.server.wait(TimeDelta::minutes(1));
        asked.browser.post_form(&stale.form(&path)).expect(303);
        assert_eq!(asked.answers(), ["why. \"price\"", "why. \"people\""]);
    }
);

db_test!(
    fn fifty_identical_answers_at_once_are_one_response(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path("r");
        let form = asked.browser.get(&path).expect(200).form(&path).fill("why", "price");
        std::thread::scope(|scope| {
            let posts: Vec<_> = (0..50)
                .map(|_| {
                    let (browser, form) = (asked.server.browser(), form.clone());
                    scope.spawn(move || browser.post_form(&form).status)
                })
                .collect();
            for post in posts {
                assert_eq!(post.join().expect("no panic"), 303);
            }
        });
        assert_eq!(asked.answers().len(), 1);
    }
);

db_test!(
    fn a_closed_link_says_so_and_takes_what_was_opened_before_for_a_day(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path("r");
        let early = asked.browser.get(&path).expect(200).form(&path).fill("why", "price");
        asked.server.wait(TimeDelta::days(10) + TimeDelta::hours(1));
        let closed = asked.browser.get(&path).expect(410);
        assert!(closed.text().contains("20 Mar 2026"), "{}", closed.text());
        asked.browser.post(&path, &[("why", "price"), ("rev", "0")]).expect(410);
        let forged = "2026-03-10T11:00:00Z.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        asked.browser.post(&path, &[("why", "price"), ("opened", forged)]).expect(410);
        assert_eq!(asked.answers(), Vec::<String>::new());
        asked.browser.post_form(&early).expect(303);
        assert_eq!(asked.answers().len(), 1);
    }
);

db_test!(
    fn a_link_opened_before_the_closing_is_dead_after_the_grace(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path("r");
        let early = asked.browser.get(&path).expect(200).form(&path).fill("why", "price");
        asked.server.wait(TimeDelta::days(11) + TimeDelta::hours(1));
        asked.browser.post_form(&early).expect(410);
        assert_eq!(asked.answers(), Vec::<String>::new());
    }
);

db_test!(
    fn one_click_unsubscribes_in_both_spellings_and_again(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path("unsubscribe-header");
        let multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
        for (kind, body) in [
            ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
            ("multipart/form-data; boundary=b", multipart),
        ] {
            let headers = [("content-type", kind), ("origin", "null")];
            let reply = asked.browser.ask("POST", &path, &headers, body.as_bytes()).expect(200);
            assert_eq!(reply.header("location"), None);
            assert_eq!(reply.header("set-cookie"), None);
        }
        assert_eq!(db.words("SELECT email_key || ' ' || drip AS word FROM suppressions"), ["ada@a.example "]);
        asked.server.wait(TimeDelta::days(4));
        assert_eq!(asked.house.run().sent, 0);
        // Answering stays allowed, and the preferences page takes it back.
        asked.browser.get(&asked.path("r")).expect(200);
        let preferences = asked.path("preferences");
        let page = asked.browser.get(&preferences).expect(200);
        let back = asked.browser.press(&page.form(&preferences), "wish", "resume-all").expect(200);
        assert!(back.text().contains("You get our mails again"), "{}", back.text());
        assert_eq!(db.number("SELECT count(*) AS n FROM suppressions"), 0);
        assert_eq!(asked.house.run().sent, 1, "the reminder goes after all");
    }
);

db_test!(
    fn the_mail_can_be_read_in_the_browser_and_an_erased_contact_is_on_no_list(db) {
        let asked = Asked::new(db, "two-steps");
        let nonce = db.words("SELECT nonce AS word FROM invitations")[0].clone();
        let view = asked.house.outgoing.borrow().letterhead.links(&nonce, true).view;
        let page = asked.browser.get(&view).expect(200);
        assert!(page.text().contains("We have a question for you."), "{}", page.text());
        db.execute("UPDATE link_tokens SET invitation_id = NULL").expect("erased");
        asked.browser.get(&view).expect(404);
        asked.browser.get(&asked.path("r")).expect(404);
        let page = asked.browser.get(&asked.path("preferences")).expect(200);
        assert!(page.text().contains("on no list"), "{}", page.text());
        asked.browser.post(&asked.path("unsubscribe"), &[]).expect(200);
    }
);
