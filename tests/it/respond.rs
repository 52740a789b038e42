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
        Asked::many(db, drip, &["ada"])
    }

    /// As [`Asked::new`], with each of these contacts.
    pub fn many(db: &'d TestDb, drip: &'static str, contacts: &[&str]) -> Asked<'d> {
        Asked::with(db, "", drip, contacts)
    }

    /// As [`Asked::many`], with these question sets and drips beside the usual ones.
    pub fn with(db: &'d TestDb, more: &str, drip: &'static str, contacts: &[&str]) -> Asked<'d> {
        let server = Server::start(db);
        let house = House::with(
            db,
            &format!("{FRAMEWORK}{TWO_STEPS}{ALL_KINDS}{more}"),
            &[("DRIPLINE_BASE_URL", server.base())],
        );
        house.outgoing.borrow_mut().clock = server.clock.clone();
        for contact in contacts {
            house.contact(&format!("{contact}@a.example"), Some(1));
        }
        house.enrol(drip, contacts);
        house.run();
        db.leaves_mail("reminders may be left over");
        let browser = server.browser();
        Asked { house, server, browser }
    }

    /// The path of the contact's link to that page.
    pub fn path_of(&self, contact: &str, under: &str) -> String {
        let nonce = self.house.db.words(&format!(
            "SELECT nonce AS word FROM invitations WHERE contact_id = (SELECT id FROM contacts WHERE external_id = '{contact}')"
        ));
        let links = self.house.outgoing.borrow().letterhead.links(&nonce[0], true);
        let link = match under {
            "r" => links.respond.expect("it asks"),
            "preferences" => links.preferences,
            "unsubscribe" => links.unsubscribe,
            _ => links.view,
        };
        link.strip_prefix(self.server.base()).expect("our address").to_owned()
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

    pub fn answers(&self) -> Vec<String> {
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

db_test!(
    fn a_page_that_is_kept_for_all_has_each_readers_own_values_and_the_words_of_now(db) {
        let asked = Asked::many(db, "two-steps", &["ada", "ben"]);
        let (ada, ben) = (asked.path_of("ada", "r"), asked.path_of("ben", "r"));
        let first = asked.browser.get(&ada).expect(200).html();
        assert!(first.contains("Acme &#38; Sons"), "{first}");
        db.execute("UPDATE companies SET name = 'B<b>oth' WHERE id = 1").expect("renamed");
        let second = asked.browser.get(&ben).expect(200);
        let html = second.html();
        assert!(html.contains("Why did B&#60;b&#62;oth buy?"), "{html}");
        assert!(!html.contains("Acme") && !html.contains(&ada), "{html}");
        assert!(html.contains(&format!("href=\"{}\"", asked.path_of("ben", "preferences"))), "{html}");
        // As long as what is asked for in any other way, which is put together anew.
        let anew = asked.browser.get(&format!("{ben}?utm_x=1")).expect(200).html();
        assert_eq!(html, anew);
        // What is sent back from the kept page is this reader's.
        asked.browser.post_form(&second.form(&ben).fill("why", "price")).expect(303);
        assert_eq!(db.words("SELECT external_id AS word FROM answers JOIN contacts ON contacts.id = contact_id"), ["ben"]);
        asked.house.apply(&format!("{FRAMEWORK}{TWO_STEPS}{ALL_KINDS}").replace("Why did", "What made"));
        let text = asked.browser.get(&ada).expect(200).text();
        assert!(text.contains("What made B<b>oth buy?"), "{text}");
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
        // No script stands in it, and none sends anything.
        assert!(!page.html().contains("<script>"));
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
        let typed = [
            ("many", "a"),
            ("many.other", "my own"),
            ("how", "4"),
            ("grid.speed", "2"),
            ("order.rank.x", "2"),
            ("extremes.best", "x2"),
            ("extremes.worst", "y2"),
            ("points.points.p", "70"),
            ("points.points.q", "20"),
        ];
        let page = asked.browser.post(&path, &typed).expect(422);
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
        let blank = asked.browser.get(&path).expect(200).form(&path);
        let early = blank.clone().fill("why", "price");
        asked.server.wait(TimeDelta::days(10) + TimeDelta::hours(1));
        let closed = asked.browser.get(&path).expect(410);
        assert!(closed.text().contains("20 Mar 2026"), "{}", closed.text());
        asked.browser.post(&path, &[("why", "price"), ("rev", "0")]).expect(410);
        let forged = "2026-03-10T11:00:00Z.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        asked.browser.post(&path, &[("why", "price"), ("opened", forged)]).expect(410);
        assert_eq!(asked.answers(), Vec::<String>::new());
        // A slip in it is told, and the form that tells it may be sent, too.
        let faulty = asked.browser.post_form(&blank).expect(422);
        asked.browser.post_form(&faulty.form(&path).fill("why", "price")).expect(303);
        assert_eq!(asked.answers().len(), 1);
        assert_eq!(db.number("SELECT count(*) AS n FROM answers WHERE late"), 1);
        assert!(asked.browser.get(&path).expect(200).text().contains("Thank you"));
        // Once more, a day later, for the reply that was lost.
        asked.server.wait(TimeDelta::days(2));
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

/// What each request to the contact's links is answered with: GET and POST of the form, GET and
/// POST of the preferences, the one-click POST, GET of the mail.
fn statuses(asked: &Asked, contact: &str, answer: &str) -> [u16; 6] {
    let at = |under: &str| asked.path_of(contact, under);
    let opened = asked.browser.get(&at("r"));
    let fields = match opened.find_form(&at("r")) {
        Some(form) => form.fill("why", answer).fields(),
        None => vec![("why".to_owned(), answer.to_owned())],
    };
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let posted = asked.browser.post(&at("r"), &fields);
    if posted.status == 303 {
        let thanks = posted.header("location").expect("a location").to_owned();
        let page = asked.browser.get(&thanks).expect(200);
        assert!(!page.html().contains(" checked"), "{}", page.html());
    }
    let one_click = asked
        .browser
        .post(&at("unsubscribe"), &[("List-Unsubscribe", "One-Click")]);
    for reply in [&opened, &posted, &one_click] {
        assert_eq!(reply.header("set-cookie"), None);
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    let wish = asked.browser.post(&at("preferences"), &[("wish", "resume-all")]);
    let shown = [asked.browser.get(&at("preferences")).status, wish.status];
    let view = asked.browser.get(&at("view")).status;
    [opened.status, posted.status, shown[0], shown[1], one_click.status, view]
}

db_test!(
    fn every_state_of_a_link_answers_as_it_should(db) {
        let names = ["live", "suspect", "answered", "paused", "late", "gone", "erased"];
        let asked = Asked::many(db, "two-steps", &names);
        let form = |contact: &str| {
            let path = asked.path_of(contact, "r");
            asked.browser.get(&path).expect(200).form(&path).fill("why", "price")
        };
        assert_eq!(statuses(&asked, "live", "price"), [200, 303, 200, 200, 200, 200], "live");
        db.execute("UPDATE outbox SET accepted_at = '2026-03-10 11:00:00'").expect("accepted");
        asked.browser.post_form(&form("suspect")).expect(303);
        db.execute("UPDATE outbox SET accepted_at = NULL").expect("long ago");
        assert_eq!(statuses(&asked, "suspect", "price"), [200, 303, 200, 200, 200, 200], "only suspect");
        asked.browser.post_form(&form("answered")).expect(303);
        assert_eq!(statuses(&asked, "answered", "price"), [200, 303, 200, 200, 200, 200], "answered");
        assert_eq!(statuses(&asked, "answered", "people"), [200, 409, 200, 200, 200, 200], "answered otherwise");
        asked.browser.post(&asked.path_of("gone", "unsubscribe"), &[]).expect(200);
        assert_eq!(statuses(&asked, "gone", "price"), [200, 303, 200, 200, 200, 200], "unsubscribed");
        let now = asked.house.now();
        db.write_now(move |conn| dripline::drip::pause(conn, now, "two-steps", "a test")).expect("paused");
        assert_eq!(statuses(&asked, "paused", "price"), [200, 303, 200, 200, 200, 200], "paused");
        let nobody = "SELECT id FROM invitations WHERE contact_id = (SELECT id FROM contacts WHERE external_id = 'erased')";
        db.execute(&format!("UPDATE link_tokens SET invitation_id = NULL WHERE invitation_id = ({nobody})")).expect("erased");
        assert_eq!(statuses(&asked, "erased", "price"), [404, 404, 200, 200, 200, 404], "erased");
        let page = asked.browser.get(&asked.path_of("erased", "preferences")).expect(200);
        assert!(page.text().contains("on no list"), "{}", page.text());
        asked.server.wait(TimeDelta::days(10));
        assert_eq!(statuses(&asked, "late", "price"), [410, 410, 200, 200, 200, 200], "closed");
        let closed = asked.browser.get(&asked.path_of("late", "r")).expect(410);
        assert!(closed.text().contains("20 Mar 2026"), "{}", closed.text());
        assert!(closed.html().contains(&format!("href=\"{}\"", asked.path_of("late", "preferences"))), "{}", closed.html());
        assert_eq!(asked.browser.head(&asked.path_of("late", "r")).status, 410);
    }
);

db_test!(
    fn what_opens_nothing_is_one_page_whatever_is_wrong_with_it(db) {
        let asked = Asked::new(db, "two-steps");
        let unknown = "a".repeat(32);
        for under in ["r", "preferences", "unsubscribe", "view"] {
            let expected = asked.browser.get(&format!("/{under}/{unknown}")).expect(404).html();
            assert!(expected.contains("There is nothing at this address"), "{expected}");
            for given in ["x", "%ff", "%00", "%F0%9F%98%80", "..%2f"] {
                let reply = asked.browser.get(&format!("/{under}/{given}"));
                assert_eq!((reply.status, reply.html()), (404, expected.clone()), "/{under}/{given}");
            }
            asked.server.wait(TimeDelta::minutes(1));
        }
        for n in 0..20 {
            let under = ["r", "preferences", "unsubscribe"][n % 3];
            asked.browser.post(&format!("/{under}/{unknown}"), &[("wish", "stop-all")]).expect(404);
        }
        for under in ["r", "preferences", "unsubscribe", "view"] {
            asked.browser.get(&format!("/{under}/{unknown}")).expect(429);
            asked.browser.get(&asked.path_of("ada", under)).expect(200);
        }
        asked.browser.post(&asked.path_of("ada", "unsubscribe"), &[]).expect(200);
    }
);

/// Asks whom it meets by name, and shows the name nowhere.
const NAMING: &str = r#"
[[question_sets]]
code = "naming"
title = "About {{ transaction.product | default: \"you\" }}, {{ contact.first_name | default: \"dear reader\" }}"
intro = "For {{ contact.first_name | default: \"you\" }} at {{ contact.email | default: \"work\" }}."
[[question_sets.questions]]
code = "open"
kind = "text"
text = "What else, {{ contact.first_name | default: \"reader\" }}?"
[[question_sets.questions]]
code = "which"
kind = "multiple_choice"
text = "Which?"
options = [{ code = "a", text = "A" }, { code = "b", text = "B", free_text = true }]
[[drips]]
code = "naming"
name = "Naming"
trigger = "manual"
[[drips.steps]]
delay = "0d"
question_set = "naming"
subject = "Hello {{ contact.first_name }}"
body = "x"
"#;

fn naming(db: &TestDb) -> Asked<'_> {
    let asked = Asked::new(db, "two-steps");
    asked.house.apply(&format!("{FRAMEWORK}{TWO_STEPS}{NAMING}"));
    asked.house.enrol("naming", &["ada"]);
    asked.house.run();
    asked
}

db_test!(
    fn a_link_that_is_passed_on_names_the_company_and_nobody(db) {
        let asked = naming(db);
        let page = asked.browser.get(&asked.path("r")).expect(200);
        let text = page.text();
        for word in ["Acme & Sons", "dear reader", "For you at work", "What else, reader?", "Not you?"] {
            assert!(text.contains(word), "{word} is not in {text}");
        }
        assert!(!text.contains("Ada") && !text.contains("a.example"), "{text}");
        let links = crate::support::html::links(&page.html());
        let preferences = links.iter().find(|link| link.starts_with("/preferences/")).expect("a way out");
        let shown = asked.browser.get(preferences).expect(200).text();
        assert!(!shown.contains("Ada") && !shown.contains("a.example"), "{shown}");
    }
);

db_test!(
    fn a_field_takes_ten_thousand_characters_and_keeps_what_is_too_long(db) {
        let asked = naming(db);
        let path = asked.path("r");
        let form = asked.browser.get(&path).expect(200).form(&path).fill("which", "b").fill("which.other", "mine");
        let long = "ü".repeat(10_001);
        let refused = asked.browser.post_form(&form.clone().fill("open", &long)).expect(422);
        let kept = refused.form(&path).fields();
        for field in [("open", long.as_str()), ("which", "b"), ("which.other", "mine")] {
            assert!(kept.contains(&(field.0.to_owned(), field.1.to_owned())), "{} is lost", field.0);
        }
        let words = "ü".repeat(10_000);
        asked.browser.post_form(&refused.form(&path).fill("open", &words).fill("which.other", &words)).expect(303);
        assert_eq!(asked.answers()[0], format!("open. \"{words}\""));
    }
);

db_test!(
    fn a_form_that_no_browser_sends_is_refused_whole(db) {
        let asked = naming(db);
        let path = asked.path("r");
        for twice in ["open", "rev", "opened", "which.other"] {
            let refused = asked.browser.post(&path, &[("which", "a"), (twice, "1"), (twice, "2")]).expect(400);
            assert!(refused.text().contains("was sent twice"), "{}", refused.text());
        }
        let form = [("content-type", "application/x-www-form-urlencoded")];
        for broken in ["open=%ff", "open=%C3", "open%ff=a"] {
            asked.browser.ask("POST", &path, &form, broken.as_bytes()).expect(400);
        }
        asked.browser.post(&path, &[("open", "a\0b")]).expect(422);
        assert_eq!(asked.answers(), Vec::<String>::new());
        asked.browser.post(&path, &[("which", "a"), ("which", "b"), ("open", "good")]).expect(303);
        assert_eq!(asked.answers(), ["open. \"good\"", "which. [\"a\",\"b\"]"]);
    }
);

/// The status line and the page, of a request written by hand, whatever becomes of its end.
fn raw(asked: &Asked, parts: &[&[u8]]) -> String {
    use std::io::{Read, Write};
    let address = asked.server.base().strip_prefix("http://").expect("an address");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    for part in parts {
        // The server may have heard enough.
        let _ = stream.write_all(part);
    }
    let (mut reply, mut some) = (String::new(), [0; 4096]);
    // The page is there long before the connection ends.
    while !reply.contains("</html>") {
        match stream.read(&mut some) {
            Ok(count) if count > 0 => reply.push_str(&String::from_utf8_lossy(&some[..count])),
            _ => break,
        }
    }
    reply
}

db_test!(
    fn a_body_that_is_too_large_is_told_so_by_a_page_however_it_comes(db) {
        let asked = naming(db);
        let path = asked.path("r");
        let head = |more: &str| {
            format!(
                "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n{more}\r\n\r\n"
            )
        };
        for kib in [257, 1024] {
            let body = vec![b'x'; kib * 1024];
            let length = head(&format!("Content-Length: {}", body.len()));
            let mut chunked = Vec::new();
            for chunk in body.chunks(8 * 1024) {
                chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                chunked.extend_from_slice(chunk);
                chunked.extend_from_slice(b"\r\n");
            }
            chunked.extend_from_slice(b"0\r\n\r\n");
            let without_length = head("Transfer-Encoding: chunked");
            for reply in [
                raw(&asked, &[length.as_bytes(), &body]),
                raw(&asked, &[without_length.as_bytes(), &chunked]),
                // Announced alone, it is refused before it comes.
                raw(&asked, &[length.as_bytes()]),
            ] {
                assert!(reply.starts_with("HTTP/1.1 413 "), "{kib} KiB: {reply:.200}");
                assert!(reply.contains("Too much at once") && reply.contains("no-referrer"), "{reply}");
            }
        }
        let fits = format!("open={}", "x".repeat(9_000));
        let fits = format!("{}{fits}", head(&format!("Connection: close\r\nContent-Length: {}", fits.len())));
        assert!(raw(&asked, &[fits.as_bytes()]).starts_with("HTTP/1.1 303 "));
    }
);

#[test]
fn a_database_locked_for_long_keeps_what_was_typed_and_loses_nothing() {
    use diesel::connection::SimpleConnection;
    let db = &TestDb::sqlite();
    let asked = Asked::many(db, "two-steps", &["ada", "ben", "cy"]);
    let form = |contact: &str| {
        let path = asked.path_of(contact, "r");
        asked.browser.get(&path).expect(200).form(&path).fill("why", "price")
    };
    let mut other = db.own_connection().expect("a connection");
    other.batch_execute("BEGIN EXCLUSIVE").expect("locked");
    // Held until both are given up for now.
    let (later, one_click) = std::thread::scope(|scope| {
        let (server, path) = (&asked.server, asked.path_of("cy", "unsubscribe"));
        let one_click = scope.spawn(move || server.browser().post(&path, &[]));
        let later = asked.browser.post_form(&form("ada")).expect(503);
        (later, one_click.join().expect("no panic"))
    });
    one_click.expect(503);
    assert!(later.header("retry-after").is_some());
    assert!(
        later.text().contains("Nothing of what you entered is lost"),
        "{}",
        later.text()
    );
    let again = later.form(&asked.path_of("ada", "r"));
    assert!(again.fields().contains(&("why".to_owned(), "price".to_owned())));
    // Reading goes on meanwhile; and what is posted while the lock lasts a moment longer passes.
    let form = form("ben");
    std::thread::scope(|scope| {
        let posted = scope.spawn(|| asked.server.browser().post_form(&form).status);
        std::thread::sleep(std::time::Duration::from_millis(500));
        other.batch_execute("ROLLBACK").expect("unlocked");
        assert_eq!(posted.join().expect("no panic"), 303);
    });
    asked.browser.post_form(&again).expect(303);
    assert_eq!(asked.answers().len(), 2);
}

db_test!(
    fn a_database_that_is_away_is_told_on_every_page_and_comes_back(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path("r");
        let form = asked.browser.get(&path).expect(200).form(&path).fill("why", "price");
        let pages = ["r", "preferences", "unsubscribe", "view"].map(|under| asked.path_of("ada", under));
        let checked = db.while_away(|| {
            std::thread::scope(|scope| {
                let server = &asked.server;
                let mut replies: Vec<_> = pages.iter().map(|path| scope.spawn(move || server.browser().get(path))).collect();
                replies.push(scope.spawn(|| server.browser().post(&pages[1], &[("wish", "stop-all")])));
                replies.push(scope.spawn(|| server.browser().post(&pages[2], &[("List-Unsubscribe", "One-Click")])));
                let later = scope.spawn(|| server.browser().post_form(&form));
                for reply in replies {
                    let reply = reply.join().expect("no panic").expect(503);
                    assert!(reply.header("retry-after").is_some(), "{}", reply.url);
                    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
                    assert!(reply.text().contains("Back in a moment"), "{}", reply.text());
                }
                let later = later.join().expect("no panic").expect(503);
                assert!(later.header("retry-after").is_some());
                assert!(later.form(&path).fields().contains(&("why".to_owned(), "price".to_owned())));
            });
        });
        asked.browser.post_form(&form).expect(303);
        assert_eq!(asked.answers().len(), 1, "checked while away: {checked}");
    }
);
