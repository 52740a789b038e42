//! Programs that look at mail before people do: their fetches are hits and nothing else, and what
//! they post is kept apart from what people answer.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use dripline::accounts::Role;
use dripline::answers::count_suspect;

use crate::drip::{FRAMEWORK, House, TWO_STEPS};
use crate::respond::Asked;
use crate::support::{Browser, Server, TestDb, db_test};

/// Set to 500 for the storm that RELIABILITY asks for; fewer mails show the same, in a moment.
const STORM: &str = "DRIPLINE_STORM_MAILS";
const AGENTS: [&str; 5] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
    "GoogleImageProxy",
    "Barracuda Sentinel (EE)",
    "python-requests/2.31",
    "",
];

/// Every address of the mail's headers, text and HTML that leads to us, as it stands there.
fn urls(bytes: &[u8], base: &str) -> BTreeSet<String> {
    let parsed = mail_parser::MessageParser::default().parse(bytes).expect("a mail");
    let header = parsed.header_raw("List-Unsubscribe").unwrap_or_default().to_owned();
    let text = parsed.body_text(0).expect("text").into_owned();
    let html = parsed.body_html(0).expect("HTML").into_owned();
    let shown = crate::support::html::links(&html);
    let words = [header, text];
    let words = words
        .iter()
        .flat_map(|part| part.split(|c: char| c.is_whitespace() || "<>".contains(c)));
    let all = words.map(str::to_owned).chain(shown);
    all.filter(|url| url.starts_with(base)).collect()
}

/// What is done to the contact's mail by a program that looks at every link of it.
fn sweep(asked: &Asked, contact: &str) {
    for under in ["view", "r", "preferences", "unsubscribe"] {
        asked.browser.get(&asked.path_of(contact, under)).expect(200);
    }
}

/// The last mails were taken by their server now.
fn accepted_now(db: &TestDb, asked: &Asked) {
    let now = asked.server.clock.now().format("%Y-%m-%d %H:%M:%S");
    db.execute(&format!("UPDATE outbox SET accepted_at = '{now}' WHERE state = 'sent'"))
        .expect("accepted");
}

fn suspects(db: &TestDb) -> Vec<(String, i64)> {
    db.read_now(count_suspect).expect("counted")
}

db_test!(
    fn a_storm_of_scanners_leaves_nothing_but_hits(db) {
        let mails: i64 = std::env::var(STORM).ok().and_then(|count| count.parse().ok()).unwrap_or(8);
        let names: Vec<String> = (0..mails).map(|n| format!("c{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let asked = Asked::many(db, "two-steps", &names);
        let before = db.everything(&["visits"]);
        let base = asked.server.base();
        let mailbox = asked.server.mailbox();
        let urls: Vec<BTreeSet<String>> = mailbox.iter().map(|mail| urls(&mail.bytes, base)).collect();
        for of_one in &urls {
            let count = |under: &str| of_one.iter().filter(|url| url.contains(&format!("/{under}/"))).count();
            // The form by itself and with each option ticked, the three others once each.
            assert_eq!([count("r"), count("preferences"), count("unsubscribe"), count("view")], [3, 1, 1, 1], "{of_one:?}");
        }
        let urls = &urls;
        std::thread::scope(|scope| {
            for agent in AGENTS {
                let browser = Browser::new(base);
                scope.spawn(move || {
                    for url in (0..3).flat_map(|_| urls.iter().flatten()) {
                        for method in ["GET", "HEAD"] {
                            let reply = browser.ask(method, url, &[("user-agent", agent)], &[]);
                            assert_eq!((reply.status, reply.header("set-cookie")), (200, None), "{method} {url}");
                        }
                    }
                });
            }
        });
        let Asked { house, server, .. } = asked;
        server.end();
        assert_eq!(db.everything(&["visits"]), before);
        assert_eq!(db.number("SELECT count(*) AS n FROM visits WHERE swept_at IS NOT NULL"), mails);
        let hits = mails * 6 * 3 * 2 * AGENTS.len() as i64;
        assert_eq!(db.number("SELECT CAST(sum(hits) AS BIGINT) AS n FROM visits"), hits);
        drop(house);
    }
);

db_test!(
    fn head_says_all_that_get_says_but_the_page(db) {
        let asked = Asked::new(db, "two-steps");
        for under in ["r", "preferences", "unsubscribe", "view"] {
            let path = asked.path_of("ada", under);
            for path in [path.clone(), format!("{path}?utm_x=1"), format!("{path})"), path.to_uppercase().replacen(&format!("/{}/", under.to_uppercase()), &format!("/{under}/"), 1)] {
                let (get, head) = (asked.browser.get(&path).expect(200), asked.browser.head(&path).expect(200));
                for name in ["content-type", "content-length", "cache-control", "referrer-policy", "x-robots-tag", "content-security-policy", "location", "set-cookie"] {
                    assert_eq!(get.header(name), head.header(name), "{name} of {path}");
                }
                assert_eq!(get.header("x-robots-tag"), Some("noindex"));
                assert!(head.body.is_empty());
                // No script of its own, and none of ours sends anything.
                assert!(!get.html().contains("<script>"), "{}", get.html());
            }
        }
        // The form's own addresses are clean, whatever was added to the link.
        let path = asked.path_of("ada", "r");
        asked.browser.get(&format!("{path}%3E.)")).expect(200).form(&path);
    }
);

db_test!(
    fn what_a_machine_posts_is_thanked_for_and_counts_for_nothing(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path_of("ada", "r");
        accepted_now(db, &asked);
        let person = asked.browser.get(&path).expect(200).form(&path).fill("why", "people");
        // Its page's GET a moment ago, its mail's 250 a moment ago.
        let machine = asked.browser.get(&path).expect(200).form(&path).fill("why", "price");
        for _ in 0..2 {
            let sent = asked.browser.post_form(&machine).expect(303);
            assert_eq!(sent.header("location"), Some(format!("{path}/thanks").as_str()));
        }
        assert!(asked.browser.get(&format!("{path}/thanks")).expect(200).text().contains("Thank you"));
        asked.browser.get(&path).expect(200).form(&path);
        assert_eq!(asked.answers(), ["why. \"price\""], "kept once");
        assert_eq!(db.number("SELECT count(*) AS n FROM answers WHERE suspect"), 1);
        assert_eq!(db.number("SELECT count(*) AS n FROM company_needs"), 0);
        assert_eq!(db.number("SELECT count(*) AS n FROM invitations WHERE answered_at IS NOT NULL"), 0);
        assert_eq!(suspects(db), [("two-steps".to_owned(), 1)]);
        let dashboard = asked.server.log_in(Role::Analyst).get("/").expect(200).text();
        assert!(dashboard.contains("1 response that looks like a mail scanner's"), "{dashboard}");
        let sales = asked.server.log_in(Role::Sales).get("/").expect(200).text();
        assert!(!sales.contains("scanner"), "{sales}");
        // The reminder goes all the same, and the drip waits.
        asked.server.wait(TimeDelta::days(3));
        assert_eq!(asked.house.run().sent, 1);
        assert_eq!(asked.house.subjects().last().expect("a mail"), "Reminder: One minute, Ada?");
        // A person's page, opened before the machine's, is not stale.
        asked.browser.post_form(&person).expect(303);
        assert_eq!(db.number("SELECT count(*) AS n FROM company_needs WHERE company_id = 1"), 1);
        assert_eq!(db.number("SELECT count(*) AS n FROM invitations WHERE answered_at IS NOT NULL"), 1);
        assert_eq!(suspects(db), []);
        assert!(asked.browser.get(&path).expect(200).text().contains("Thank you"));
        let dashboard = asked.server.log_in(Role::Analyst).get("/").expect(200).text();
        assert!(!dashboard.contains("scanner"), "{dashboard}");
        // What the machine posts afterwards is an old page's.
        asked.browser.post_form(&machine).expect(409);
        assert_eq!(suspects(db), []);
    }
);

db_test!(
    fn a_person_after_a_sweep_is_a_person_and_a_machine_after_it_is_not(db) {
        let asked = Asked::many(db, "two-steps", &["ada", "ben", "cy"]);
        let open = |contact: &str| {
            let path = asked.path_of(contact, "r");
            asked.browser.get(&path).expect(200).form(&path).fill("why", "price")
        };
        for contact in ["ada", "ben"] {
            sweep(&asked, contact);
        }
        let (at_once, after_reading) = (open("ada"), open("ben"));
        asked.browser.post_form(&at_once).expect(303);
        assert_eq!(suspects(db), [("two-steps".to_owned(), 1)], "swept and posted at once");
        asked.server.wait(TimeDelta::seconds(1));
        asked.browser.post_form(&after_reading).expect(303);
        assert_eq!(suspects(db), [("two-steps".to_owned(), 1)], "swept and read");
        // Without a page of ours, and with no other sign: a script of somebody's, who may.
        asked.browser.post(&asked.path_of("cy", "r"), &[("why", "price")]).expect(303);
        assert_eq!(db.number("SELECT count(*) AS n FROM answers WHERE suspect"), 1);
        assert_eq!(db.number("SELECT count(*) AS n FROM invitations WHERE answered_at IS NOT NULL"), 2);
    }
);

db_test!(
    fn a_sweep_is_remembered_over_a_restart(db) {
        let asked = Asked::many(db, "two-steps", &["ada", "ben"]);
        sweep(&asked, "ada");
        for under in ["view", "preferences", "unsubscribe"] {
            asked.browser.get(&asked.path_of("ben", under)).expect(200);
        }
        asked.server.wait(TimeDelta::seconds(11));
        asked.browser.get(&asked.path_of("ben", "r")).expect(200);
        let paths = ["ada", "ben"].map(|contact| asked.path_of(contact, "r"));
        let Asked { house, server, .. } = asked;
        server.end();
        let read = "SELECT CAST(hits AS TEXT) || CASE WHEN swept_at IS NULL THEN '' ELSE ' swept' END AS word FROM visits ORDER BY invitation_id";
        assert_eq!(db.words(read), ["4 swept", "4"]);
        let server = Server::start(db);
        for path in paths {
            server.browser().post(&path, &[("why", "price")]).expect(303);
        }
        assert_eq!(suspects(db), [("two-steps".to_owned(), 1)]);
        assert_eq!(db.number("SELECT count(*) AS n FROM invitations WHERE answered_at IS NOT NULL"), 1);
        server.end();
        assert_eq!(db.words(read), ["4 swept", "4"], "a POST is no fetch");
        drop(house);
    }
);

db_test!(
    fn a_mail_that_asks_nothing_is_swept_by_its_three_links(db) {
        let asked = Asked::new(db, "two-steps");
        let path = asked.path_of("ada", "r");
        asked.browser.post_form(&asked.browser.get(&path).expect(200).form(&path).fill("why", "people")).expect(303);
        asked.server.wait(TimeDelta::days(7));
        assert_eq!(asked.house.run().sent, 1);
        for under in ["view", "preferences", "unsubscribe"] {
            asked.browser.get(&asked.path(under)).expect(200);
        }
        let Asked { house, server, .. } = asked;
        server.end();
        let swept = "SELECT CAST(step AS TEXT) AS word FROM invitations WHERE id IN (SELECT invitation_id FROM visits WHERE swept_at IS NOT NULL)";
        assert_eq!(db.words(swept), ["1"]);
        drop(house);
    }
);

db_test!(
    fn a_machine_that_presses_the_unsubscribe_button_unsubscribes(db) {
        // The button's page is a person's, and the law's: no sign is asked for there.
        let asked = Asked::new(db, "two-steps");
        accepted_now(db, &asked);
        sweep(&asked, "ada");
        let path = asked.path_of("ada", "unsubscribe");
        let form = asked.browser.get(&path).expect(200).form(&path);
        asked.browser.post_form(&form).expect(200);
        assert_eq!(db.number("SELECT count(*) AS n FROM suppressions"), 1);
    }
);

db_test!(
    fn captured_mail_was_taken_by_no_server(db) {
        let server = Server::start(db);
        let house = House::with(db, &format!("{FRAMEWORK}{TWO_STEPS}"), &[("DRIPLINE_BASE_URL", server.base())]);
        house.contact("ada@a.example", Some(1));
        house.enrol("two-steps", &["ada"]);
        house.run();
        db.leaves_mail("the reminder");
        assert_eq!(db.number("SELECT count(*) AS n FROM outbox WHERE accepted_at IS NOT NULL"), 0);
    }
);
