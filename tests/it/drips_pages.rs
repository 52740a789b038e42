//! The pages under /drips, as an admin without JavaScript uses them; and the editor in a real browser.

use chrono::TimeDelta;
use dripline::accounts::Role;
use dripline::drip;
use dripline::framework;
use dripline::mail::suppression::{self, Scope};

use crate::drip::{FRAMEWORK, House, TWO_STEPS};
use crate::support::{Chrome, PASSWORD, Reply, Server, SmtpServer, TestDb, db_test, html};

fn house<'d>(db: &'d TestDb, server: &Server) -> House<'d> {
    House::with(
        db,
        &format!("{FRAMEWORK}{TWO_STEPS}"),
        &[("DRIPLINE_BASE_URL", server.base())],
    )
}

fn framework_of(db: &TestDb) -> framework::Framework {
    let design = db.read_now(dripline::design::current).expect("a framework");
    design.framework.clone()
}

db_test!(fn an_admin_writes_a_drip_adds_a_step_and_saves_it(db) {
    let server = Server::start(db);
    let _house = house(db, &server);
    let admin = server.log_in(Role::Admin);
    let form = admin.get("/drips/new").expect(200).form("/drips/new");
    let form = form
        .fill("name", "After the purchase")
        .fill("code", "after")
        .fill("trigger", "transaction")
        .fill("max_age", "30d")
        .fill("audience:tenure", "new")
        .fill("send_window.days", "mon")
        .fill("send_window.from", "09:00")
        .fill("send_window.to", "17:00")
        .fill("reminders.after", "3d")
        .fill("reminders.count", "2")
        .fill("closes_after", "21d")
        .fill("steps[0].question_set", "drivers")
        .fill("steps[0].subject", "About {{ transaction.product }}")
        .fill("steps[0].body", "Dear you,\r\nplease tell us.");
    let page = admin.press(&form, "do", "add").expect(200);
    assert!(page.text().contains("Step 2 day 7"), "{}", page.text());
    let form = page.form("/drips/new");
    let form = form
        .fill("steps[1].kind", "message")
        .fill("steps[1].message.default.subject", "Thank you")
        .fill("steps[1].message.default.body", "That was all.");
    let shown = admin.press(&form, "do", "save").expect(200);
    assert!(shown.text().contains("After the purchase") && shown.text().contains("paused"), "{}", shown.text());
    let framework = framework_of(db);
    assert_eq!(framework.drips.len(), 2);
    let written = framework::write::toml(&framework);
    for line in [
        "trigger = \"transaction\"", "max_age = \"30d\"", "closes_after = \"21d\"", "About {{ transaction.product }}",
        "from = \"09:00\"", "tenure = [\"new\"]", "Dear you,\nplease tell us.",
    ] {
        assert!(written.contains(line), "{line} in {written}");
    }
    assert_eq!(db.number("SELECT count(*) AS n FROM audit_entries WHERE action = 'framework.applied' AND detail LIKE '%after%'"), 1);
});

db_test!(fn every_fault_stands_at_its_field_and_what_was_typed_is_kept(db) {
    let server = Server::start(db);
    let _house = house(db, &server);
    let admin = server.log_in(Role::Admin);
    let form = admin.get("/drips/two-steps/edit").expect(200).form("/drips/two-steps/edit");
    let form = form
        .fill("name", "")
        .fill("closes_after", "soon <b>")
        .fill("steps[0].subject", "Hello {{ contact.nickname }}")
        .fill("steps[1].message.customer-intimates.subject", "Only a subject");
    let page = admin.press(&form, "do", "save").expect(422);
    let text = page.text();
    for words in [
        "Not saved yet", "there is no merge field", "must be a span of time", "must not be blank",
        "steps[1].message.customer-intimates.body",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let again = page.form("/drips/two-steps/edit");
    let typed = again.fields();
    let value = |name: &str| typed.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(value("closes_after"), Some("soon <b>"));
    assert_eq!(value("steps[0].subject"), Some("Hello {{ contact.nickname }}"));
    assert_eq!(value("steps[1].message.default.body"), Some("That was all."));
    assert!(!page.html().contains("soon <b>"));
    assert_eq!(framework_of(db).drips[0].name, "Two steps");
});

db_test!(fn steps_move_double_and_go_by_their_buttons(db) {
    let server = Server::start(db);
    let _house = house(db, &server);
    let admin = server.log_in(Role::Admin);
    let path = "/drips/two-steps/edit";
    let page = admin.get(path).expect(200);
    let page = admin.press(&page.form(path), "do", "duplicate:1").expect(200);
    let page = admin.press(&page.form(path), "do", "remove:0").expect(200);
    let saved = admin.press(&page.form(path), "do", "save").expect(422);
    // The first step has none to wait for.
    assert!(saved.text().contains("has no step before it to wait for"), "{}", saved.text());
    let form = saved.form(path).untick("steps[0].wait_for_answer", "yes");
    admin.press(&form, "do", "save").expect(200);
    let drip = &framework_of(db).drips[0];
    assert_eq!(drip.steps.len(), 2);
    assert!(drip.steps[1].wait_for_answer && !drip.steps[0].wait_for_answer);
});

db_test!(fn who_saves_over_another_change_is_told_and_loses_nothing(db) {
    let server = Server::start(db);
    let house = house(db, &server);
    let admin = server.log_in(Role::Admin);
    let path = "/drips/two-steps/edit";
    let form = admin.get(path).expect(200).form(path).fill("name", "My words");
    house.apply(&format!("{FRAMEWORK}{TWO_STEPS}").replace("Two steps", "Their words"));
    let page = admin.press(&form, "do", "save").expect(409);
    assert!(page.text().contains("changed while you wrote") && page.text().contains("name"), "{}", page.text());
    assert_eq!(framework_of(db).drips[0].name, "Their words");
    let again = page.form(path);
    assert!(again.fields().contains(&("name".to_owned(), "My words".to_owned())));
    admin.press(&again, "do", "save").expect(200);
    assert_eq!(framework_of(db).drips[0].name, "My words");
});

db_test!(fn a_preview_reads_as_its_contact_would_get_it(db) {
    let server = Server::start(db);
    let house = house(db, &server);
    house.contact("ada@a.example", Some(1));
    let admin = server.log_in(Role::Admin);
    let page = admin.get("/drips/two-steps/edit").expect(200);
    let policy = |reply: &Reply| reply.header("content-security-policy").unwrap_or_default().to_owned();
    assert!(policy(&page).contains("frame-src 'self'") && !policy(&page).contains("unsafe-inline"));
    let form = page.form("/drips/two-steps/edit").fill("as_contact", "ADA@A.example");
    let form = form.fill("steps[0].body", "Dear {{ contact.first_name }} of {{ company.name }}");
    let letter = admin.press(&form, "preview", "0").expect(200);
    let seen = html::text(&letter.html().replace("&#60;", "<").replace("&#62;", ">"));
    for words in ["One minute, Ada?", "Dear Ada of Acme & Sons", "The price", "KB"] {
        assert!(seen.contains(words), "{words} in {seen}");
    }
    assert!(policy(&letter).contains("frame-ancestors 'self'") && !policy(&letter).contains("script-src"));
    let blank = form.fill("steps[0].subject", "About {{ contact.last_name }}");
    let held = admin.press(&blank, "preview", "0").expect(200).text();
    assert!(held.contains("would be held back") && held.contains("contact.last_name"), "{held}");
    let variant = admin.press(&blank, "preview", "1:efficiency-seekers").expect(200).text();
    assert!(variant.contains("How to save hours"), "{variant}");
    let large = blank.clone().fill("steps[1].message.default.body", &"0123456789 ".repeat(5_000));
    let large = admin.press(&large, "preview", "1:default").expect(200).text();
    assert!(large.contains("not sent"), "{large}");
    let nobody = blank.fill("as_contact", "zoe");
    assert!(admin.press(&nobody, "preview", "0").expect(200).text().contains("Nobody of the id"));
    assert!(!policy(&admin.get("/drips").expect(200)).contains("frame-src"));
    assert_eq!(db.number("SELECT count(*) AS n FROM invitations"), 0);
});

db_test!(fn starting_a_drip_tells_before_how_many_mails_will_go(db) {
    let server = Server::start(db);
    let drips = TWO_STEPS
        .replace("trigger = \"manual\"", "trigger = \"audience\"\naudience = { tenure = [\"new\"] }\nsend_window = { days = [\"fri\"], from = \"09:00\", to = \"17:00\" }");
    let house = House::with(db, &format!("{FRAMEWORK}{drips}"), &[]);
    house.contact("ada@a.example", Some(1));
    house.contact("ben@a.example", Some(1));
    house.contact("cay@b.example", Some(2));
    let now = house.now();
    db.write_now(move |conn| suppression::suppress(conn, now, "ben@a.example", Scope::All, "unsubscribed")).unwrap();
    let office = server.log_in(Role::Analyst);
    let page = office.get("/drips/two-steps").expect(200);
    assert!(page.find_form("/drips/two-steps/state").is_none(), "starting asks first");
    let asked = office.get("/drips/two-steps/start").expect(200);
    let text = asked.text();
    assert!(text.contains("Mails in the first 24 hours 0 Mails later 1 Contacts newly enrolled 1"), "{text}");
    assert!(text.contains("send window is closed"), "{text}");
    assert_eq!(house.run().sent, 0);
    office.press(&asked.form("/drips/two-steps/state"), "state", "on").expect(200);
    house.wait(TimeDelta::days(3));
    assert_eq!(house.run().sent, 1);
    db.leaves_mail("a reminder is still to come");
});

db_test!(fn stopping_asks_ends_what_is_under_way_and_only_an_admin_starts_again(db) {
    let server = Server::start(db);
    let house = house(db, &server);
    house.contact("ada@a.example", Some(1));
    house.contact("ben@a.example", Some(1));
    house.enrol("two-steps", &["ada"]);
    house.run();
    let admin = server.log_in(Role::Admin);
    let asked = admin.get("/drips/two-steps/stop").expect(200);
    assert!(asked.text().contains("1 contact") && asked.text().contains("1 waiting mail"), "{}", asked.text());
    let page = admin.submit(&asked.form("/drips/two-steps/stop")).expect(200);
    assert!(page.text().contains("stopped") && page.text().contains("1 enrolment ended, 1 mail cancelled"), "{}", page.text());
    house.wait(TimeDelta::days(30));
    assert_eq!(house.run().sent, 0);
    let noted = db.words("SELECT detail AS word FROM audit_entries WHERE action = 'drip stop'");
    assert_eq!(noted, ["1 enrolments ended, 1 mails cancelled"]);
    let office = server.log_in(Role::Analyst);
    office.get("/drips/two-steps/stop").expect(403);
    office.post("/drips/two-steps/stop", &[]).expect(403);
    office.post("/drips/two-steps/state", &[("state", "on")]).expect(403);
    server.api(Role::Analyst).post("/api/v1/drips/two-steps/resume", serde_json::json!({})).expect(403);
    let admin = server.log_in(Role::Admin);
    let start = admin.get("/drips/two-steps/start").expect(200);
    admin.press(&start.form("/drips/two-steps/state"), "state", "on").expect(200);
    house.enrol("two-steps", &["ben"]);
    assert_eq!(house.run().sent, 1);
    db.leaves_mail("a reminder is still to come");
});

db_test!(fn a_drip_whose_trigger_changes_waits_until_somebody_starts_it(db) {
    let server = Server::start(db);
    let house = house(db, &server);
    house.contact("ada@a.example", Some(1));
    let admin = server.log_in(Role::Admin);
    let path = "/drips/two-steps/edit";
    let form = admin.get(path).expect(200).form(path).fill("trigger", "audience");
    let page = admin.press(&form, "do", "save").expect(200);
    assert!(page.text().contains("its trigger was changed"), "{}", page.text());
    assert_eq!(house.run().sent, 0);
});

db_test!(fn what_waits_is_listed_with_its_reason_and_found(db) {
    let server = Server::start(db);
    let drips = TWO_STEPS.replace("trigger = \"manual\"", "trigger = \"manual\"\nsend_window = { days = [\"fri\"], from = \"09:00\", to = \"17:00\" }");
    let house = House::with(db, &format!("{FRAMEWORK}{drips}"), &[]);
    house.contact("ada@a.example", Some(1));
    house.contact("ben@a.example", Some(1));
    house.enrol("two-steps", &["ada", "ben"]);
    house.run();
    let office = server.log_in(Role::Analyst);
    let shown = office.get("/drips/two-steps").expect(200).text();
    assert!(shown.contains("the send window is closed"), "{shown}");
    let list = office.get("/drips/two-steps/waiting").expect(200);
    assert!(list.text().contains("2 mails") && list.text().contains("13 Mar 2026, 09:00 UTC"), "{}", list.text());
    let form = list.form("/drips/two-steps/waiting");
    let found = office.submit(&form.clone().fill("search", "BEN@")).expect(200).text();
    assert!(found.contains("1 mail found") && found.contains("ben@a.example"), "{found}");
    let none = office.submit(&form.fill("search", "zoe")).expect(200).text();
    assert!(none.contains("No mail fits"), "{none}");
    assert!(office.get("/drips/two-steps/waiting?reason=due").expect(200).text().contains("0 mails found"));
    assert!(office.get("/drips/outbox?reason=the+send+window+is+closed").expect(200).text().contains("Two steps"));
    office.get("/drips/none/waiting").expect(404);
    db.leaves_mail("the window is closed");
});

db_test!(fn a_test_mail_goes_to_oneself_and_its_links_record_nothing(db) {
    let server = Server::start(db);
    let house = house(db, &server);
    house.contact("ada@a.example", Some(1));
    let now = house.now();
    db.write_now(move |conn| drip::pause(conn, now, "two-steps", "for now")).unwrap();
    let email = server.add_user(Role::Admin);
    let admin = server.browser();
    admin.log_in(&email, PASSWORD);
    let page = admin.get("/drips/two-steps").expect(200);
    let form = page.form("/drips/two-steps/trials").fill("contact", "ada");
    let sent = admin.submit(&form).expect(200);
    assert!(sent.text().contains("A test mail went to"), "{}", sent.text());
    let mails = server.mailbox();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, email.as_str()));
    assert_eq!(house.subjects(), ["[Test] One minute, Ada?"]);
    assert_eq!(db.number("SELECT count(*) AS n FROM outbox") + db.number("SELECT count(*) AS n FROM invitations"), 0);
    let text = admin.get("/mailbox/1").expect(200);
    let links: Vec<String> = html::links(&text.html()).into_iter().filter(|link| link.starts_with(server.base())).collect();
    let link = |part: &str| links.iter().find(|link| link.contains(part)).unwrap_or_else(|| panic!("{part} in {links:?}")).clone();
    let reader = server.browser();
    let tapped = reader.get(&link("?why=price")).expect(200);
    assert!(tapped.text().contains("test mail’s page") && tapped.html().contains("checked"), "{}", tapped.text());
    let path = link("/r/");
    let path = path.split('?').next().unwrap();
    let reply = reader.get(path).expect(200);
    reader.head(path).expect(200);
    let thanks = reader.submit(&reply.form(&path[server.base().len()..])).expect(200);
    assert!(thanks.text().contains("Thank you") && thanks.text().contains("test mail’s page"), "{}", thanks.text());
    reader.get(&link("/unsubscribe/")).expect(200);
    for part in ["/preferences/", "/view/"] {
        let shown = reader.get(&link(part)).expect(200);
        assert!(shown.text().contains("test mail"), "{part}: {}", shown.text());
    }
    reader.post(&link("/unsubscribe/")[server.base().len()..], &[("List-Unsubscribe", "One-Click")]).expect(200);
    reader.post(&link("/preferences/")[server.base().len()..], &[("wish", "stop-all")]).expect(200);
    for table in ["answers", "suppressions", "visits", "mail_wishes"] {
        assert_eq!(db.number(&format!("SELECT count(*) AS n FROM {table}")), 0, "{table}");
    }
    // A link for one purpose opens nothing else.
    let token = path.rsplit('/').next().unwrap();
    reader.get(&format!("/view/{token}")).expect(404);
    server.wait(TimeDelta::days(31));
    reader.get(path).expect(404);
});

db_test!(fn a_test_mail_leaves_by_smtp_and_never_to_a_suppressed_address(db) {
    let smtp = SmtpServer::start();
    let server = Server::mailing(db, &smtp);
    let house = house(db, &server);
    house.contact("ada@a.example", Some(1));
    let email = server.add_user(Role::Admin);
    let admin = server.browser();
    admin.log_in(&email, PASSWORD);
    let form = admin.get("/drips/two-steps").expect(200).form("/drips/two-steps/trials");
    admin.submit(&form).expect(200);
    let mails = smtp.mails();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, email.as_str()));
    let (now, key) = (house.now(), email.to_lowercase());
    db.write_now(move |conn| suppression::suppress(conn, now, &key, Scope::All, "bounced")).unwrap();
    let refused = admin.submit(&form).expect(422).text();
    assert!(refused.contains("gets no mail of this drip any more (bounced)"), "{refused}");
    assert_eq!(smtp.mails().len(), 1);
});

db_test!(fn an_admin_releases_a_domain_that_refuses_the_mail(db) {
    let server = Server::start(db);
    let house = house(db, &server);
    house.contact("ada@strict.example", Some(1));
    house.enrol("two-steps", &["ada"]);
    let now = house.now();
    let letterhead = house.outgoing.borrow().letterhead.clone();
    db.write_now(move |conn| drip::make_due(conn, now, &letterhead)).expect("made");
    let hold = |drip: &str, domain: &str, cause: &str| {
        db.execute(&format!("INSERT INTO domain_holds (drip, domain, cause, made_at) VALUES ('{drip}', '{domain}', '{cause}', '2026-03-10 10:00:00')")).expect("held");
    };
    let cause = "strict.example refuses this drip<s> mail: 550 5.7.1";
    hold("two-steps", "strict.example", cause);
    hold("another", "kind.example", "of another drip");
    db.execute(&format!("UPDATE outbox SET state = 'deferred', due_at = '2026-04-10 10:00:00', waits_for = '{cause}'")).expect("held");
    let office = server.log_in(Role::Analyst);
    let page = office.get("/drips/two-steps").expect(200);
    assert!(page.text().contains("5.7.1") && !page.text().contains("kind.example"), "{}", page.text());
    assert!(!page.html().contains("drip<s>") && page.find_form("/drips/two-steps/release").is_none());
    office.post("/drips/two-steps/release", &[("domain", "strict.example")]).expect(403);
    assert_eq!(house.run().sent, 0);
    let admin = server.log_in(Role::Admin);
    let form = admin.get("/drips/two-steps").expect(200).form("/drips/two-steps/release");
    let page = admin.press(&form, "domain", "strict.example").expect(200);
    assert!(page.text().contains("Mail to strict.example goes again") && !page.text().contains("5.7.1"), "{}", page.text());
    assert_eq!(house.run().sent, 1);
    let again = admin.press(&form, "domain", "strict.example").expect(200).text();
    assert!(again.contains("was not held"), "{again}");
    admin.post("/drips/two-steps/release", &[]).expect(400);
    assert_eq!(db.number("SELECT count(*) AS n FROM audit_entries WHERE action = 'drip release'"), 1);
    assert_eq!(db.number("SELECT count(*) AS n FROM domain_holds"), 1);
    db.leaves_mail("a reminder is still to come");
});

db_test!(fn an_admin_lets_late_mails_go_at_once(db) {
    let server = Server::start(db);
    let house = house(db, &server);
    for name in ["ada", "ben", "cay"] {
        house.contact(&format!("{name}@a.example"), Some(1));
    }
    house.enrol("two-steps", &["ada", "ben", "cay"]);
    let admin = server.log_in(Role::Admin);
    assert!(admin.get("/drips/two-steps").expect(200).find_form("/drips/two-steps/release-late").is_none());
    house.wait(TimeDelta::days(2));
    server.wait(TimeDelta::days(2));
    let (now, letterhead) = (house.now(), house.outgoing.borrow().letterhead.clone());
    db.write_now(move |conn| {
        drip::make_due(conn, now, &letterhead)?;
        drip::spread_backlog(conn, now)
    }).expect("spread");
    let office = server.log_in(Role::Analyst);
    let page = office.get("/drips/two-steps").expect(200);
    assert!(page.text().contains("3 mails are more than a day late"), "{}", page.text());
    assert!(page.find_form("/drips/two-steps/release-late").is_none());
    office.post("/drips/two-steps/release-late", &[]).expect(403);
    let admin = server.log_in(Role::Admin);
    let form = admin.get("/drips/two-steps").expect(200).form("/drips/two-steps/release-late");
    let page = admin.submit(&form).expect(200);
    assert!(page.text().contains("3 late mails go as soon as"), "{}", page.text());
    assert!(page.find_form("/drips/two-steps/release-late").is_none());
    assert_eq!(house.run().sent, 3);
    db.leaves_mail("reminders are still to come");
});

db_test!(fn a_drips_page_warns_of_bounces_and_names_what_it_could_not_mail(db) {
    let server = Server::start(db);
    let bought = TWO_STEPS.replace("trigger = \"manual\"", "trigger = \"transaction\"\nmax_age = \"30d\"");
    let house = House::with(db, &format!("{FRAMEWORK}{bought}"), &[]);
    house.contact("ada@a.example", Some(1));
    let office = server.log_in(Role::Analyst);
    let calm = office.get("/drips/two-steps").expect(200).text();
    assert!(!calm.contains("bounce") && !calm.contains("without a contact"), "{calm}");
    db.execute("UPDATE drips SET sent = 200, hard_bounces = 12").expect("bounced");
    db.execute("INSERT INTO transactions (id, external_id, company_id, product, occurred_at, attributes, arrived_at) \
        VALUES (1, 't1', 1, 'Press 9', '2026-03-09 00:00:00', '{}', '2026-03-10 11:00:00')").expect("a transaction");
    let page = office.get("/drips/two-steps").expect(200);
    let warning = db.read_now(|conn| drip::breaker::warning(conn, "two-steps")).expect("read").expect("a warning");
    for words in [warning.as_str(), "Transactions without a contact", "Show 1 transaction", "Press 9"] {
        assert!(page.text().contains(words), "{words} in {}", page.text());
    }
});

db_test!(fn whoever_looks_after_mail_reads_on_every_page_that_none_leaves(db) {
    let server = Server::start(db);
    let _house = house(db, &server);
    db.execute("INSERT INTO marks (name, value, at) VALUES ('sending_paused', 'this is <b>a copy', '2026-03-10 10:00:00')").expect("paused");
    let admin = server.log_in(Role::Admin);
    let office = server.log_in(Role::Analyst);
    for path in ["/", "/contacts", "/drips/two-steps", "/drips/outbox", "/account/password"] {
        let page = office.get(path).expect(200);
        let said = page.html().matches("No mail of any drip leaves").count();
        assert!(said == 1 && page.text().contains("because this is <b>a copy"), "{path}: {said} {}", page.text());
    }
    let page = admin.get("/drips").expect(200);
    assert_eq!(page.html().matches("No mail of any drip leaves").count(), 1);
    assert!(!server.log_in(Role::Sales).get("/").expect(200).html().contains("No mail of any drip"));
    let page = admin.submit(&page.form("/drips/pause/end")).expect(200);
    assert!(!page.html().contains("No mail of any drip") && !admin.get("/").expect(200).html().contains("No mail of any drip"));
});

db_test!(fn analysts_read_and_admins_write(db) {
    let server = Server::start(db);
    let _house = house(db, &server);
    let office = server.log_in(Role::Analyst);
    let page = office.get("/drips/two-steps").expect(200);
    assert!(page.find_form("/drips/two-steps/trials").is_none() && !page.html().contains("/edit"));
    for path in ["/drips/new", "/drips/two-steps/edit", "/drips/preview"] {
        office.get(path).expect(403);
        office.post(path, &[("do", "save")]).expect(403);
    }
    office.post("/drips/two-steps/trials", &[("step", "1")]).expect(403);
    server.log_in(Role::Sales).get("/drips/outbox").expect(403);
    let admin = server.log_in(Role::Admin);
    admin.get("/drips/none/edit").expect(404);
    admin.post("/drips/two-steps/edit", &[("do", "destroy")]).expect(400);
});

#[test]
fn the_editor_shows_the_letter_while_it_is_typed_and_saves() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let server = Server::start(&db);
    let house = house(&db, &server);
    house.contact("ada@a.example", Some(1));
    let email = server.add_user(Role::Admin);
    chrome.goto(&format!("{}/drips/two-steps/edit", server.base()));
    chrome.type_into("input[name=email]", &email);
    chrome.type_into("input[name=password]", PASSWORD);
    chrome.leave_by("main button[type=submit]");
    let letter = "const shown = document.querySelector('iframe[name=letter]').contentDocument; return shown && shown.body ? shown.body.innerText : '';";
    let wait_for = |words: &str| {
        let found = (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            chrome.run(letter).as_str().unwrap_or_default().contains(words)
        });
        assert!(found, "{words} in {}", chrome.run(letter));
    };
    wait_for("One minute, Ada?");
    let steps_back = chrome.run("return history.length");
    chrome.type_into("#steps-0--subject", " Yes");
    wait_for("One minute, Ada? Yes");
    chrome.type_into("#as_contact", "zoe");
    wait_for("Nobody of the id");
    chrome.run("const as = document.querySelector('#as_contact'); as.value = 'ada'; document.querySelector('#preview').click()");
    wait_for("One minute, Ada? Yes");
    assert_eq!(
        chrome.run("return history.length"),
        steps_back,
        "a look is no step of the Back button"
    );
    let styled = "const frame = document.querySelector('iframe[name=letter]').contentDocument; \
        return frame.querySelector('iframe.letter-html') !== null && getComputedStyle(frame.body).paddingTop !== '0px'";
    assert_eq!(chrome.run(styled), true);
    chrome.click("#step-1 .tokens summary");
    chrome.click("#step-1 .tokens li:nth-child(5) button");
    assert!(
        chrome
            .run("return document.querySelector('#steps-0--subject').value")
            .as_str()
            .unwrap()
            .contains("{{ company.name }}")
    );
    wait_for("Acme & Sons");
    let unlabelled = "return [...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')]\
        .filter(c => !c.labels.length && !c.getAttribute('aria-label')).map(c => c.name)";
    assert_eq!(chrome.run(unlabelled), serde_json::json!([]));
    chrome.leave_by("button[name=do][value=add]");
    assert!(chrome.text("#step-3").contains("Step 3"));
    chrome.run("document.querySelector('#step-3 input[value=message]').click()");
    chrome.type_into("#steps-2--message-default-subject", "Bye");
    chrome.type_into("#steps-2--message-default-body", "So long.");
    chrome.leave_by("button[name=do][value=save]");
    let url = chrome.url();
    assert!(
        !url.contains("/edit") && chrome.text("main").contains("Saved"),
        "{url}: {}",
        chrome.text("main")
    );
    assert_eq!(chrome.complaints(), Vec::<String>::new());
    assert_eq!(framework_of(&db).drips[0].steps.len(), 3);
}
