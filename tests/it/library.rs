//! The library of ready question sets, as an admin starts from one without JavaScript.

use dripline::accounts::Role;
use dripline::framework::{self, Framework};
use dripline::reframe::edit;

use crate::drip::{FRAMEWORK, House, TWO_STEPS};
use crate::support::{Server, TestDb, db_test};

fn framework_of(db: &TestDb) -> Framework {
    let design = db.read_now(dripline::design::current).expect("a framework");
    design.framework.clone()
}

/// Where the page leads that the pressed button leads to; that page is the editor's own.
fn start(admin: &crate::support::Browser, path: &str, changed: &[(&str, &str)], status: u16) -> crate::support::Reply {
    let mut form = admin.get(path).expect(200).form(path);
    for (name, value) in changed {
        form = form.fill(name, value);
    }
    admin.post_form(&form).expect(status)
}

db_test!(fn an_admin_starts_from_a_ready_set_with_nothing_but_a_fresh_installation(db) {
    let server = Server::start(db);
    let admin = server.log_in(Role::Admin);
    let shelf = admin.get("/design/library").expect(200).text();
    for title in ["Why now", "Why you chose us", "What would make you leave", "Trust and risk", "Build, test, run, evolve"] {
        assert!(shelf.contains(title), "{title} in {shelf}");
    }
    let page = admin.get("/design/library/why-now").expect(200).text();
    for words in ["Why it asks so", "→ Efficiency 2", "Each trigger stands for the one need", "English, German"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let reply = start(&admin, "/design/library/why-now", &[], 303);
    assert_eq!(reply.header("location"), Some("/design/question-sets/why-now/edit"));
    let framework = framework_of(db);
    assert_eq!(framework.needs.len(), 5);
    assert_eq!(framework.question_sets.len(), 1);
    assert!(framework.question_sets[0].translations.contains_key("de"));
    let written = framework::write::toml(&framework);
    assert_eq!(framework::read::toml(&written).expect("no faults"), framework);
    assert_eq!(db.number("SELECT count(*) AS n FROM audit_entries WHERE action = 'framework.applied'"), 1);
    // Once more: beside the first, under codes of its own.
    start(&admin, "/design/library/why-now", &[], 303);
    let framework = framework_of(db);
    let codes: Vec<&str> = framework.question_sets.iter().map(|set| set.code.as_str()).collect();
    assert_eq!(codes, ["why-now", "why-now-2"]);
    assert_eq!(framework.needs.len(), 5);
});

db_test!(fn the_houses_own_needs_take_the_place_of_the_librarys(db) {
    let server = Server::start(db);
    let _house = House::with(db, &format!("{FRAMEWORK}{TWO_STEPS}"), &[]);
    let admin = server.log_in(Role::Admin);
    let before = framework_of(db);
    let ours = before.needs[0].code.clone();
    let changed = [("need.growth", format!("use:{ours}")), ("need.standing", "leave".to_owned()), ("need.innovation", "add".to_owned())];
    let known: Vec<&str> = before.needs.iter().map(|need| need.code.as_str()).collect();
    let changed: Vec<(&str, &str)> = changed
        .iter()
        .filter(|(name, value)| value != "add" || !known.contains(&name.trim_start_matches("need.")))
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    start(&admin, "/design/library/why-now", &changed, 303);
    let framework = framework_of(db);
    assert!(framework.need("growth").is_none() && framework.need("standing").is_none());
    let set = framework.question_set("why-now").expect("the set");
    let growth = &set.questions[0].kind.options()[2];
    assert_eq!(growth.loads.keys().map(String::as_str).collect::<Vec<_>>(), [ours.as_str()]);
    assert!(set.questions[0].kind.options()[4].loads.is_empty());
});

db_test!(fn a_set_is_not_added_over_anothers_change(db) {
    let server = Server::start(db);
    let _house = House::with(db, &format!("{FRAMEWORK}{TWO_STEPS}"), &[]);
    let admin = server.log_in(Role::Admin);
    let path = "/design/library/trust-and-risk";
    let form = admin.get(path).expect(200).form(path);
    let seen = db.read_now(dripline::design::current).expect("a framework").id;
    let now = server.clock.now();
    db.write_now(move |conn| {
        let rename = |framework: &mut Framework| framework.drips[0].name = "Renamed meanwhile".to_owned();
        edit::change(conn, now, "another@dripline.example", seen, rename).map_err(|refusal| match refusal {
            edit::Refusal::Store(error) => error,
            overtaken => panic!("{overtaken:?}"),
        })
    })
    .expect("the other change");
    let page = admin.post_form(&form).expect(409);
    assert!(page.text().contains("Not added yet"), "{}", page.text());
    assert!(framework_of(db).question_set("trust-and-risk").is_none());
    admin.post_form(&page.form(path)).expect(303);
    let framework = framework_of(db);
    assert!(framework.question_set("trust-and-risk").is_some());
    assert_eq!(framework.drips[0].name, "Renamed meanwhile");
});

db_test!(fn analysts_look_and_admins_start(db) {
    let server = Server::start(db);
    let analyst = server.log_in(Role::Analyst);
    let page = analyst.get("/design/library/why-us").expect(200);
    assert!(page.find_form("/design/library/why-us").is_none());
    analyst.post("/design/library/why-us", &[("seen", "0")]).expect(403);
    analyst.get("/design/library/nothing").expect(404);
    assert!(framework_of(db).question_sets.is_empty());
});
