//! What holds for every URL: who may use it, HEAD as GET, the headers, errors fit for their reader.

use dripline::accounts::Role;
use dripline::web::routes::{Known, Need, known};

use crate::support::{Api, Browser, Reply, Server, db_test};

/// The URL with something in the place of its names; nothing has the key 987654.
fn path(known: &Known) -> String {
    let parts = known
        .path
        .split('/')
        .map(|part| if part.starts_with('{') { "987654" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn ask(browser: &Browser, known: &Known) -> Reply {
    match known.method.as_str() {
        "GET" => browser.get(&path(known)),
        method => browser.ask(
            method,
            &path(known),
            &[
                ("sec-fetch-site", "same-origin"),
                ("content-type", "application/x-www-form-urlencoded"),
            ],
            b"a=1",
        ),
    }
}

fn call(api: &Api, known: &Known) -> Reply {
    api.send(known.method.as_str(), &path(known), "application/json", b"{}")
}

db_test!(fn without_a_log_in_every_page_of_the_back_office_leads_to_the_door(db) {
    let server = Server::start(db);
    for known in known().iter().filter(|known| matches!(known.need, Need::Role(_))) {
        let reply = ask(&server.browser(), known);
        assert_eq!(reply.status, 303, "{} {}", known.method, known.path);
        assert!(reply.header("location").is_some_and(|to| to.starts_with("/login")), "{}", known.path);
        assert!(reply.body.is_empty(), "{}", known.path);
    }
});

db_test!(fn every_page_is_for_its_role_and_those_above(db) {
    let server = Server::start(db);
    for role in Role::ALL {
        let browser = server.log_in(role);
        for known in known() {
            let Need::Role(needed) = known.need else { continue };
            if !role.may(needed) {
                assert_eq!(ask(&browser, known).status, 403, "{} {} as {}", known.method, known.path, role.as_str());
            } else if known.method == "GET" {
                let status = ask(&browser, known).status;
                assert!(matches!(status, 200 | 404), "{} as {}: {status}", known.path, role.as_str());
            }
        }
    }
});

db_test!(fn every_call_of_the_api_wants_a_token_of_its_role(db) {
    let server = Server::start(db);
    let admin = server.log_in(Role::Admin);
    let stranger = Api::new(server.base(), "drip_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    let tokens = Role::ALL.map(|role| (role, server.api(role)));
    for known in known() {
        let Need::Api(needed) = known.need else { continue };
        for reply in [ask(&server.browser(), known), ask(&admin, known), call(&stranger, known)] {
            assert_eq!(reply.status, 401, "{} {}", known.method, known.path);
            assert_eq!(reply.header("content-type"), Some("application/problem+json"));
            assert!(reply.header("www-authenticate").is_some_and(|scheme| scheme.starts_with("Bearer")));
        }
        for (role, api) in &tokens {
            let status = call(api, known).status;
            if role.may(needed) {
                assert!(!matches!(status, 401 | 403), "{} as {}: {status}", known.path, role.as_str());
            } else {
                assert_eq!(status, 403, "{} {} as {}", known.method, known.path, role.as_str());
            }
        }
    }
});

db_test!(fn head_answers_as_get_without_the_body(db) {
    let server = Server::start(db);
    for browser in [server.browser(), server.log_in(Role::Admin)] {
        for known in known().iter().filter(|known| known.method == "GET") {
            let (get, head) = (browser.get(&path(known)), browser.head(&path(known)));
            assert_eq!(get.status, head.status, "{}", known.path);
            assert!(head.body.is_empty(), "{}", known.path);
        }
    }
});

db_test!(fn every_answer_carries_the_headers_whatever_its_status(db) {
    let server = Server::with(db, &[("DRIPLINE_BASE_URL", "https://ask.example.com")]);
    let here = format!("http://{}", server.config.listen);
    let browser = Browser::new(&here);
    let mut replies: Vec<Reply> = known().iter().map(|known| ask(&browser, known)).collect();
    replies.push(browser.get("/nowhere").expect(404));
    replies.push(browser.get("/api/v1/nowhere").expect(404));
    replies.push(browser.get("/static/app.css").expect(200));
    replies.push(browser.get("/static/nothing.css").expect(404));
    replies.push(browser.get("/logout").expect(405));
    replies.push(browser.get("/r/nobody").expect(404));
    for reply in replies {
        let header = |name: &str| reply.header(name).unwrap_or_else(|| panic!("{}: no {name}", reply.url));
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("strict-transport-security").starts_with("max-age="));
        let is_mailed = ["/r/", "/preferences/", "/unsubscribe/", "/view/"]
            .iter()
            .any(|prefix| reply.url.starts_with(&format!("{here}{prefix}")));
        let referrer = if is_mailed { "no-referrer" } else { "same-origin" };
        assert_eq!(header("referrer-policy"), referrer, "{}", reply.url);
        let opener = (!is_mailed).then_some("same-origin");
        assert_eq!(reply.header("cross-origin-opener-policy"), opener, "{}", reply.url);
        if !reply.url.contains("/static/") {
            assert_eq!(header("cache-control"), "no-store", "{}", reply.url);
        }
        assert_eq!(reply.header("set-cookie"), None, "{}", reply.url);
    }
});

db_test!(fn a_page_of_another_website_changes_nothing(db) {
    let server = Server::start(db);
    let browser = server.log_in(Role::Admin);
    let form = ("content-type", "application/x-www-form-urlencoded");
    for forged in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "null"), ("origin", "https://evil.example")] {
        browser.ask("POST", "/logout", &[form, forged], b"").expect(403);
        browser.ask("POST", "/login", &[form, forged], b"email=a").expect(403);
    }
    browser.get("/logout").expect(405);
    browser.get("/users").expect(200);
    browser.ask("POST", "/logout", &[form, ("origin", server.base())], b"").expect(303);
    browser.get("/users").expect(303);
});

db_test!(fn errors_are_pages_for_people_and_problems_for_programs(db) {
    let server = Server::start(db);
    let page = server.browser().get("/nowhere").expect(404);
    assert!(page.text().contains("There is nothing at this address"), "{}", page.text());
    let problem = server.browser().get("/api/v1/nowhere").expect(404);
    assert_eq!(problem.header("content-type"), Some("application/problem+json"));
    assert_eq!((&problem.json()["status"], &problem.json()["title"]), (&404.into(), &"Not Found".into()));
    let wrong = server.browser().ask("DELETE", "/login", &[], b"").expect(405);
    assert_eq!(wrong.header("allow"), Some("GET, POST, HEAD"));
});

db_test!(fn a_form_has_256_kib_at_most_and_is_utf8(db) {
    let server = Server::start(db);
    let form = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let post = |body: &[u8]| server.browser().ask("POST", "/login", &form, body);
    post(&[b'a'; 257 * 1024]).expect(413);
    post(b"email=%ff").expect(400);
    post(b"email=a&email=b").expect(400);
    let password = format!("email=a%40example.com&password={}", "x".repeat(129));
    post(password.as_bytes()).expect(422);
    let json = [("content-type", "text/plain"), ("sec-fetch-site", "same-origin")];
    server.browser().ask("POST", "/login", &json, b"email=a").expect(415);
});

db_test!(fn whoever_tries_links_at_random_waits(db) {
    let server = Server::start(db);
    let browser = server.browser();
    for n in 0..20 {
        browser.get(&format!("/r/{n}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")).expect(404);
    }
    let refused = browser.get("/r/baaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").expect(429);
    assert!(refused.header("retry-after").is_some());
    browser.get("/login").expect(200);
    server.wait(chrono::TimeDelta::minutes(1));
    browser.get("/r/baaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").expect(404);
});

db_test!(fn a_mailed_link_takes_a_post_from_anywhere(db) {
    let server = Server::start(db);
    for headers in [vec![], vec![("origin", "null")], vec![("sec-fetch-site", "cross-site")]] {
        let mut headers = headers;
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        for path in ["/r/nobody", "/unsubscribe/nobody"] {
            server.browser().ask("POST", path, &headers, b"a=1").expect(404);
        }
    }
});
