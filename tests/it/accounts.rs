//! Users, their sessions and the tokens, through the pages.

use chrono::TimeDelta;
use dripline::accounts::{self, Passwords, Role};
use dripline::clock::parse_rfc3339;
use dripline::ids::UserId;

use crate::support::{Api, PASSWORD, Server, db_test};

db_test!(fn an_admin_lets_somebody_in_and_out_again(db) {
    let server = Server::start(db);
    let admin = server.log_in(Role::Admin);
    let form = admin.visit("/users/new").expect(200).form("/users");
    let faulty = form.clone().fill("email", "nobody").fill("password", PASSWORD);
    assert!(admin.submit(&faulty).expect(422).text().contains("not an email address"));
    let short = form.clone().fill("email", "eve@example.com").fill("password", "short");
    assert!(admin.submit(&short).expect(422).text().contains("8 characters or more"));
    let users = admin.submit(&form.fill("email", "eve@example.com").fill("password", PASSWORD)).expect(200);
    assert!(users.text().contains("eve@example.com may log in now."));
    assert!(!admin.visit("/users").text().contains("may log in now"), "told once");

    let eve = server.browser();
    eve.log_in("eve@example.com", PASSWORD);
    eve.get("/account/password").expect(200);
    let id = db.number("SELECT id AS n FROM users WHERE email = 'eve@example.com'");
    let page = admin.visit(&format!("/users/{id}")).expect(200);
    admin.press(&page.form(&format!("/users/{id}/access")), "access", "off").expect(200);
    eve.get("/account/password").expect(303);
    let form = eve.visit("/login").form("/login");
    eve.submit(&form.fill("email", "eve@example.com").fill("password", PASSWORD)).expect(422);
});

db_test!(fn the_last_admin_cannot_shut_the_door_behind_themselves(db) {
    let server = Server::start(db);
    let admin = server.log_in(Role::Admin);
    let id = db.number("SELECT id AS n FROM users");
    let page = admin.visit(&format!("/users/{id}")).expect(200);
    let refused = admin.press(&page.form(&format!("/users/{id}/access")), "access", "off").expect(422);
    assert!(refused.text().contains("this is the last admin"), "{}", refused.text());
    let demoted = page.form(&format!("/users/{id}/role")).fill("role", "sales");
    admin.submit(&demoted).expect(422);
    admin.get("/users").expect(200);
});

db_test!(fn of_two_admins_who_shut_each_other_out_at_once_one_stays(db) {
    let now = parse_rfc3339("2026-03-10T11:00:00Z").expect("a time");
    let hashed = Passwords::hash_now(PASSWORD).expect("a hash");
    let admins: Vec<UserId> = (0..8)
        .map(|n| {
            let hashed = hashed.clone();
            let add = move |conn: &mut _| accounts::add_user(conn, now, "console", &format!("{n}@example.com"), Role::Admin, &hashed);
            db.write_now(add).expect("an admin")
        })
        .collect();
    std::thread::scope(|scope| {
        for id in admins {
            scope.spawn(move || db.write_now(move |conn| accounts::disable_user(conn, now, "console", id)));
        }
    });
    assert_eq!(db.number("SELECT count(*) AS n FROM users WHERE NOT disabled"), 1);
});

db_test!(fn a_new_password_wants_the_old_one_and_ends_every_session(db) {
    let server = Server::start(db);
    let email = server.add_user(Role::Sales);
    let (here, there) = (server.browser(), server.browser());
    here.log_in(&email, PASSWORD);
    there.log_in(&email, PASSWORD);
    let form = here.visit("/account/password").expect(200).form("/account/password");
    let guess = form.clone().fill("current", "wrong horse battery").fill("password", "another horse");
    assert!(here.submit(&guess).expect(422).text().contains("not your current password"));
    here.submit(&form.fill("current", PASSWORD).fill("password", "another horse")).expect(200);
    for browser in [here, there] {
        browser.get("/account/password").expect(303);
    }
    server.browser().log_in(&email, "another horse");
});

db_test!(fn a_session_ends_after_half_an_hour_of_silence(db) {
    let server = Server::start(db);
    let browser = server.log_in(Role::Sales);
    for _ in 0..3 {
        server.wait(TimeDelta::minutes(29));
        browser.get("/account/password").expect(200);
    }
    server.wait(TimeDelta::minutes(31));
    browser.get("/account/password").expect(303);
});

db_test!(fn each_log_in_makes_a_session_of_its_own(db) {
    let server = Server::start(db);
    let email = server.add_user(Role::Sales);
    let browser = server.browser();
    let planted = [("cookie", "sid=planted"), ("content-type", "application/x-www-form-urlencoded")];
    let body = format!("email={}&password={}", email.replace('@', "%40"), PASSWORD.replace(' ', "+"));
    let reply = browser.ask("POST", "/login", &planted, body.as_bytes()).expect(303);
    let cookie = reply.header("set-cookie").expect("a cookie");
    assert!(!cookie.contains("planted"), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    let kept = db.words("SELECT token_hash AS word FROM sessions");
    let secret = browser.cookies()["sid"].clone();
    assert!(secret.len() >= 32 && !kept.contains(&secret), "the secret itself is kept");
});

db_test!(fn whoever_guesses_waits_and_the_owner_gets_in_after_the_wait(db) {
    let server = Server::start(db);
    let email = server.add_user(Role::Sales);
    let browser = server.browser();
    let guess = |password: &str| browser.post("/login", &[("email", &email), ("password", password)]);
    for _ in 0..5 {
        guess("a wrong guess").expect(422);
    }
    let refused = guess(PASSWORD).expect(429);
    let seconds: i64 = refused.header("retry-after").and_then(|wait| wait.parse().ok()).expect("a wait");
    server.wait(TimeDelta::seconds(seconds));
    guess(PASSWORD).expect(303);
});

db_test!(fn a_token_is_shown_once_and_opens_the_api_until_it_is_revoked(db) {
    let server = Server::start(db);
    let admin = server.log_in(Role::Admin);
    let form = admin.visit("/tokens").expect(200).form("/tokens");
    let made = admin.submit(&form.fill("name", "crm").fill("role", "analyst")).expect(201);
    let text = made.text();
    let token = text.split_whitespace().find(|word| word.starts_with("drip_")).expect("the token").to_owned();
    let listed = admin.visit("/tokens").expect(200);
    assert!(!listed.text().contains(&token));
    let program = Api::new(server.base(), &token);
    program.get("/api/v1/framework").expect(200);
    let id = db.number("SELECT id AS n FROM api_tokens");
    admin.submit(&listed.form(&format!("/tokens/{id}/revocation"))).expect(200);
    program.get("/api/v1/framework").expect(401);
    let log = admin.visit("/audit").expect(200).text();
    assert!(log.contains("token.add") && log.contains("token.revoke") && !log.contains(&token));
});
