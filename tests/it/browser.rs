//! What only a real browser can tell.

use dripline::accounts::Role;

use crate::support::{Chrome, PASSWORD, Server, TestDb};

#[test]
fn an_admin_logs_in_and_no_page_breaks_its_own_rules() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let server = Server::start(&db);
    let email = server.add_user(Role::Admin);
    chrome.goto(&format!("{}/users", server.base()));
    chrome.type_into("input[name=email]", &email);
    chrome.type_into("input[name=password]", PASSWORD);
    chrome.leave_by("main button[type=submit]");
    assert!(chrome.url().ends_with("/users"), "{}", chrome.url());
    assert!(chrome.text("main").contains(&email));
    for path in ["/users", "/users/new", "/tokens", "/audit"] {
        chrome.goto(&format!("{}{path}", server.base()));
        assert_eq!(chrome.complaints(), Vec::<String>::new(), "{path}");
    }
    // The policy holds, and this test would see a page that breaks it.
    chrome.run("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')");
    assert!(!chrome.complaints().is_empty());
}
