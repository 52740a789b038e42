//! The framework workshop, as a sales team and an admin use it; and what a need rests on.

use dripline::accounts::Role;
use dripline::framework::{self, Framework};
use dripline::{design, needs};
use serde_json::json;

use crate::drip::{FRAMEWORK, House, TWO_STEPS};
use crate::support::{Browser, PASSWORD, Reply, Server, TestDb, db_test};

/// A server with a framework of two needs, and a workshop that an admin has opened over it.
fn opened<'d>(db: &'d TestDb, server: &Server) -> (House<'d>, Browser) {
    let house = House::new(db, TWO_STEPS);
    let admin = server.log_in(Role::Admin);
    let form = admin.get("/design/workshop").expect(200).form("/design/workshop");
    let form = form
        .fill("title", "Spring")
        .fill("question", "What made them buy?")
        .fill("votes_each", "2");
    let page = admin.submit(&form).expect(200);
    assert!(
        page.text().contains("Spring") && page.text().contains("What made them buy?"),
        "{}",
        page.text()
    );
    (house, admin)
}

fn framework_of(db: &TestDb) -> Framework {
    db.read_now(design::current).expect("a framework").framework.clone()
}

/// Proposes a need on the open workshop's page; its number.
fn propose(browser: &Browser, db: &TestDb, name: &str) -> i64 {
    let page = browser.get("/design/workshop").expect(200);
    let forms = page.forms("/design/workshop/1/proposals");
    let form = forms[0]
        .clone()
        .fill("name", name)
        .fill("description", "In our words.")
        .fill("level", "tactical");
    browser.submit(&form).expect(200);
    db.number(&format!(
        "SELECT id AS n FROM proposals WHERE name = '{name}' AND merged_into IS NULL"
    ))
}

fn press(browser: &Browser, id: i64, noun: &str, deed: &str) -> Reply {
    let reply = browser.post(&format!("/design/workshop/proposals/{id}/{noun}"), &[("do", deed)]);
    let reply = reply.expect(303);
    browser.get(reply.header("location").expect("a place"))
}

fn merge(browser: &Browser, ids: &[i64], name: &str) -> Reply {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("proposal", id.as_str())).collect();
    fields.push(("name", name));
    browser.post("/design/workshop/1/merges", &fields)
}

db_test!(fn a_team_proposes_and_votes_and_the_result_is_the_next_framework(db) {
    let server = Server::start(db);
    let (_house, admin) = opened(db, &server);
    let (ann, ben) = (server.log_in(Role::Sales), server.log_in(Role::Sales));
    let speed = propose(&ann, db, "Speed");
    let fast = propose(&ben, db, "Being speedy");
    let page = ann.get("/design/workshop").expect(200).text();
    for words in ["Efficiency", "Intimacy", "Customer Intimates", "Seeks much Intimacy", "sound alike"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    press(&ann, speed, "votes", "give");
    press(&ben, fast, "votes", "give");
    merge(&ben, &[speed, fast], "Speed").expect(303);
    let segment = ann.get("/design/workshop").expect(200).forms("/design/workshop/1/proposals")[1].clone();
    let merged = db.number("SELECT max(id) AS n FROM proposals");
    let segment = segment.fill("name", "The hasty").fill(&format!("weight.{merged}"), "100");
    ann.submit(&segment).expect(200);
    press(&ann, db.number("SELECT max(id) AS n FROM proposals"), "votes", "give");

    let path = "/design/workshop/1/freeze";
    let page = admin.get(&format!("{path}?line=1")).expect(200);
    assert!(page.text().contains("need \"speed\" added") && page.text().contains("segment \"the-hasty\" added"), "{}", page.text());
    let done = admin.press(&page.forms(path)[1], "do", "freeze").expect(200);
    assert!(done.text().contains("Frozen") && done.text().contains("in, as speed"), "{}", done.text());
    let framework = framework_of(db);
    let needs: Vec<&str> = framework.needs.iter().map(|need| need.code.as_str()).collect();
    assert_eq!(needs, ["efficiency", "intimacy", "speed"]);
    assert_eq!(framework.needs[2].level, framework::Level::Tactical);
    let hasty = framework.segment("the-hasty").expect("it went in");
    assert_eq!(hasty.profile, framework::Loads::from([("speed".to_owned(), 100.0)]));
    let before = framework::read::toml(&format!("{FRAMEWORK}{TWO_STEPS}")).unwrap();
    assert_eq!((&framework.question_sets, &framework.drips), (&before.question_sets, &before.drips));
    assert_eq!(framework.segments[..2], before.segments[..]);
    // What has ended stays to be read, and changes no more.
    let shown = ann.get("/design/workshop/1").expect(200).text();
    assert!(shown.contains("2 votes") && shown.contains("as framework"), "{shown}");
    ann.post(&format!("/design/workshop/proposals/{merged}/votes"), &[("do", "give")]).expect(409);
    let deeds = db.words("SELECT DISTINCT action AS word FROM audit_entries WHERE action LIKE 'workshop.%' ORDER BY action");
    assert_eq!(deeds, ["workshop.freeze", "workshop.merge", "workshop.open", "workshop.propose", "workshop.vote"]);
});

db_test!(fn nobody_gives_more_votes_than_there_are_and_counts_are_told_after_the_first(db) {
    let server = Server::start(db);
    let (_house, _admin) = opened(db, &server);
    let (ann, ben) = (server.log_in(Role::Sales), server.log_in(Role::Sales));
    press(&ben, 1, "votes", "give");
    let blind = ann.get("/design/workshop").expect(200).text();
    assert!(!blind.contains("1 vote ") && blind.contains("once you have given your first"), "{blind}");
    let told = press(&ann, 1, "votes", "give").text();
    assert!(told.contains("2 votes") && told.contains("1 vote left of 2"), "{told}");
    press(&ann, 1, "votes", "give");
    press(&ann, 2, "votes", "give");
    let full = press(&ann, 3, "votes", "give").text();
    assert!(full.contains("All your 2 votes are given"), "{full}");
    assert_eq!(db.number("SELECT count(*) AS n FROM proposal_votes"), 3);
    press(&ann, 1, "votes", "take_back");
    press(&ann, 3, "votes", "give");
    assert_eq!(db.number("SELECT count(*) AS n FROM proposal_votes WHERE proposal_id IN (2, 3)"), 2);
});

db_test!(fn a_merge_adds_votes_up_once_for_each_person_and_can_be_undone(db) {
    let server = Server::start(db);
    let (_house, _admin) = opened(db, &server);
    let (ann, ben) = (server.log_in(Role::Sales), server.log_in(Role::Sales));
    for id in [1, 2] {
        press(&ann, id, "votes", "give");
    }
    press(&ben, 2, "votes", "give");
    merge(&ann, &[1], "Alone").expect(422);
    merge(&ann, &[1, 3], "A need and a segment").expect(422);
    merge(&ann, &[1, 2], "Both").expect(303);
    let both = db.number("SELECT max(id) AS n FROM proposals");
    let merged = ann.get("/design/workshop").expect(200).text();
    // Ann voted for both, which is one vote now: she has one left.
    assert!(merged.contains("2 votes") && merged.contains("1 vote left of 2"), "{merged}");
    assert!(merged.contains("merged from “Efficiency”, “Intimacy”"), "{merged}");
    ann.post(&format!("/design/workshop/proposals/{both}/comments"), &[("words", "Too much in one")]).expect(303);
    ann.post(&format!("/design/workshop/proposals/{both}/split"), &[]).expect(303);
    let split = ann.get("/design/workshop").expect(200).text();
    assert!(split.contains("All your 2 votes are given") && split.contains("Too much in one"), "{split}");
    assert!(!split.contains("merged from"), "{split}");
});

db_test!(fn a_need_that_questions_speak_for_is_not_left_out_unseen(db) {
    let server = Server::start(db);
    let (_house, admin) = opened(db, &server);
    let path = "/design/workshop/1/freeze";
    let form = admin.get(path).expect(200).forms(path)[1].clone();
    let form = form.untick("in:p1", "yes").fill("code:p2", "Not a code").fill("weight:p4:p2", "lots");
    let page = admin.press(&form, "do", "freeze").expect(422);
    let text = page.text();
    for words in [
        "Not in force yet", "there is no need \"efficiency\"", "question_sets[0].questions[0].options[0].loads.efficiency",
        "a code is written in small letters", "must be a number from 0 to 100",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let typed = page.forms(path)[1].fields();
    for kept in [("code:p2", "Not a code"), ("weight:p4:p2", "lots")] {
        assert!(typed.contains(&(kept.0.to_owned(), kept.1.to_owned())), "{kept:?} in {typed:?}");
    }
    assert!(!typed.contains(&("in:p1".to_owned(), "yes".to_owned())));
    assert_eq!(framework_of(db).needs.len(), 2);
    assert_eq!(db.words("SELECT state AS word FROM workshops"), ["open"]);
});

db_test!(fn who_freezes_over_another_change_is_told_and_loses_nothing(db) {
    let server = Server::start(db);
    let (house, admin) = opened(db, &server);
    let path = "/design/workshop/1/freeze";
    let form = admin.get(path).expect(200).forms(path)[1].clone().fill("name:p1", "Our efficiency");
    house.apply(&format!("{FRAMEWORK}{TWO_STEPS}").replace("Customer Intimates", "Close ones"));
    let page = admin.press(&form, "do", "freeze").expect(409);
    assert!(page.text().contains("changed while you chose") && page.text().contains("customer-intimates"), "{}", page.text());
    assert_eq!(framework_of(db).needs[0].name, "Efficiency");
    admin.press(&page.forms(path)[1], "do", "freeze").expect(200);
    assert_eq!(framework_of(db).needs[0].name, "Our efficiency");
});

db_test!(fn sales_takes_part_and_sees_nothing_else_of_the_design(db) {
    let server = Server::start(db);
    let (_house, admin) = opened(db, &server);
    let email = server.add_user(Role::Sales);
    let ann = server.browser();
    ann.log_in(&email, PASSWORD);
    let page = ann.get("/design/workshop").expect(200);
    let links = crate::support::html::links(&page.html());
    assert!(links.contains(&"/design/workshop".to_owned()));
    for hidden in ["/design", "/design/needs", "/design/history", "/design/workshop/1/freeze", "/design/coding"] {
        assert!(!links.contains(&hidden.to_owned()), "{hidden}");
    }
    ann.get("/design").expect(403);
    ann.get("/design/workshop/1/freeze").expect(403);
    ann.post("/design/workshop/1/state", &[("state", "closed")]).expect(403);
    // Of others' proposals nobody changes a word, but an admin.
    ann.get("/design/workshop/proposals/1").expect(403);
    ann.post("/design/workshop/proposals/1", &[("name", "Mine")]).expect(403);
    let own = propose(&ann, db, "Trust");
    let form = ann.get(&format!("/design/workshop/proposals/{own}")).expect(200).form(&format!("/design/workshop/proposals/{own}"));
    ann.submit(&form.clone().fill("name", "Reliability")).expect(200);
    admin.submit(&form.clone().fill("name", " ")).expect(422);
    assert_eq!(db.words(&format!("SELECT name AS word FROM proposals WHERE id = {own}")), ["Reliability"]);
    // Withdrawn, it frees its votes; brought back, it has them again.
    press(&ann, own, "votes", "give");
    let gone = press(&ann, own, "withdrawal", "withdraw").text();
    assert!(gone.contains("2 votes left of 2") && gone.contains("Withdrawn"), "{gone}");
    assert!(press(&ann, own, "withdrawal", "bring_back").text().contains("1 vote left of 2"));
    admin.post("/design/workshop/1/state", &[("state", "closed")]).expect(303);
    assert!(ann.get("/design/workshop").expect(200).text().contains("No workshop is open"));
    admin.post("/design/workshop/1/state", &[("state", "open")]).expect(303);
    assert!(ann.get("/design/workshop").expect(200).text().contains("Reliability"));
    let second = [("title", "Another"), ("question", ""), ("votes_each", "3")];
    admin.post("/design/workshop", &second).expect(409);
});

db_test!(fn a_need_is_assumed_until_enough_companies_answers_speak_for_it(db) {
    let server = Server::start(db);
    let settings = "[settings]\nmin_group = 2\nmin_scored_answers = 1\n";
    let house = House::with(db, &format!("{settings}{FRAMEWORK}{TWO_STEPS}"), &[]);
    house.contact("ada@a.example", Some(1));
    house.contact("ben@b.example", Some(2));
    house.contact("cay@a.example", Some(1));
    let office = server.log_in(Role::Analyst);
    let api = server.api(Role::Analyst);
    let say = |contact: &str, value: &str| {
        let answer = json!([{"contact": contact, "question": "why", "value": value, "at": "2026-03-10T10:00:00Z"}]);
        api.post("/api/v1/answers", answer).expect(200);
    };
    say("ada", "price");
    say("cay", "price");
    let badges = |path: &str| office.get(path).expect(200).text();
    assert!(badges("/design/needs").contains("Efficiency efficiency assumed"), "{}", badges("/design/needs"));
    say("ben", "people");
    assert!(!badges("/segments/efficiency-seekers").contains("confirmed by"), "he speaks against it");
    let later = json!([{"contact": "ben", "question": "why", "value": "price", "at": "2026-03-10T10:30:00Z"}]);
    api.post("/api/v1/answers", later).expect(200);
    for path in ["/design/needs", "/design", "/segments/efficiency-seekers", "/insights", "/"] {
        let text = badges(path);
        assert!(text.contains("confirmed by 2 companies’ answers"), "{path}: {text}");
    }
    let counted = db.read_now(|conn| {
        let design = design::current(conn)?;
        needs::confirmed(conn, &design)
    });
    assert_eq!(counted.map(|found| (found.companies("efficiency"), found.companies("intimacy"))).ok(), Some((2, 0)));
});

#[test]
fn what_confirms_needs_is_counted_from_its_index_alone() {
    let db = TestDb::sqlite();
    let plan = db.read_now(|conn| {
        use diesel::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            detail: String,
        }
        let asked =
            "EXPLAIN QUERY PLAN SELECT need, count(*) FROM company_needs WHERE score >= 50 AND n >= 3 GROUP BY need";
        diesel::sql_query(asked).load::<Row>(conn)
    });
    let plan: Vec<String> = plan.unwrap().into_iter().map(|row| row.detail).collect();
    assert!(
        plan.iter()
            .any(|step| step.contains("COVERING INDEX company_needs_in_favour")),
        "{plan:?}"
    );
}
