//! The door of the back office.

use dripline::accounts::Role;

use crate::support::{PASSWORD, Server, db_test};

db_test!(fn who_logs_in_comes_to_the_page_that_was_asked_for(db) {
    let server = Server::start(db);
    let email = server.add_user(Role::Admin);
    let browser = server.browser();
    let door = browser.visit("/users").expect(200);
    let form = door.form("/login").fill("email", &email).fill("password", PASSWORD);
    let users = browser.submit(&form).expect(200);
    assert!(users.url.ends_with("/users"), "{}", users.url);
});

db_test!(fn a_wrong_password_and_an_unknown_address_look_alike(db) {
    let server = Server::start(db);
    let email = server.add_user(Role::Admin);
    let tries = [email.as_str(), "nobody@dripline.example"].map(|email| {
        let browser = server.browser();
        let form = browser.visit("/login").form("/login").fill("email", email).fill("password", "wrong horse");
        let refused = browser.submit(&form).expect(422);
        assert_eq!(browser.cookies().len(), 0);
        refused.text().replace(email, "…")
    });
    assert_eq!(tries[0], tries[1]);
});

db_test!(fn who_logs_out_is_out(db) {
    let server = Server::start(db);
    let browser = server.log_in(Role::Admin);
    let form = browser.visit("/users").expect(200).form("/logout");
    browser.submit(&form).expect(200);
    assert_eq!(browser.get("/users").status, 303);
});

db_test!(fn only_an_admin_sees_users_and_the_audit_log(db) {
    let server = Server::start(db);
    for (role, status) in [(Role::Sales, 403), (Role::Analyst, 403), (Role::Admin, 200)] {
        let browser = server.log_in(role);
        for path in ["/users", "/audit"] {
            assert_eq!(browser.get(path).status, status, "{path} as {}", role.as_str());
        }
    }
});

db_test!(fn the_probes_tell_that_all_is_well(db) {
    let server = Server::start(db);
    assert_eq!(server.browser().get("/healthz").expect(200).json()["process"], "ok");
    let ready = server.browser().get("/readyz").expect(200).json();
    assert_eq!((&ready["database"], &ready["schema"]), (&"ok".into(), &"ok".into()));
});
