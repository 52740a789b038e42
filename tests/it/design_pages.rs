//! The pages under /design, as admins without JavaScript use them; and the segment editor in a real browser.

use dripline::accounts::Role;
use dripline::framework::{self, Framework};
use dripline::{design, reframe};

use crate::drip::FRAMEWORK;
use crate::support::{Browser, Chrome, PASSWORD, Reply, Server, TestDb, db_test};

/// Every kind of question and of step.
const EVERYTHING: &str = include_str!("support/framework.toml");

fn apply(db: &TestDb, framework: &Framework) {
    let framework = framework.clone();
    let now = dripline::clock::parse_rfc3339("2026-03-01T09:00:00Z").unwrap();
    db.write_now(move |conn| reframe::apply(conn, now, "ana@example.com", &framework))
        .unwrap();
}

fn everything(db: &TestDb) -> Framework {
    let framework = framework::read::toml(EVERYTHING).unwrap();
    apply(db, &framework);
    framework
}

fn in_force(db: &TestDb) -> Framework {
    db.read_now(design::current).unwrap().framework.clone()
}

fn frameworks(db: &TestDb) -> i64 {
    db.number("SELECT count(*) AS n FROM frameworks")
}

fn value(reply: &Reply, action: &str, name: &str) -> Option<String> {
    let fields = reply.form(action).fields();
    fields
        .into_iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value)
}

db_test!(fn an_admin_writes_a_need_and_edits_it(db) {
    let server = Server::start(db);
    let admin = server.log_in(Role::Admin);
    let empty = admin.get("/design/needs").expect(200);
    assert!(empty.text().contains("No needs yet") && empty.html().contains("/design/needs/new"), "{}", empty.text());
    let form = admin.get("/design/needs/new").expect(200).form("/design/needs/new");
    let faulty = admin.submit(&form.clone().fill("code", "Two words")).expect(422);
    for words in ["Not saved yet", "must not be blank", "small letters", "level"] {
        assert!(faulty.text().contains(words), "{words} in {}", faulty.text());
    }
    assert_eq!(value(&faulty, "/design/needs/new", "code").as_deref(), Some("Two words"));
    let form = form.fill("name", "Peace of mind").fill("code", "peace").fill("level", "personal");
    let list = admin.submit(&form.fill("description", "Sleeps well.\r\nStays.")).expect(200);
    assert!(list.text().contains("Personal") && list.text().contains("Peace of mind"), "{}", list.text());
    assert!(list.text().contains("need \"peace\" added"), "{}", list.text());
    assert_eq!(in_force(db).needs[0].description, "Sleeps well.\nStays.");

    let page = admin.get("/design/needs/peace/edit").expect(200);
    assert!(page.text().contains("Another code is another need"), "{}", page.text());
    let form = page.form("/design/needs/peace/edit");
    assert!(form.controls.iter().all(|control| control.name != "code"), "{:?}", form.names());
    admin.submit(&form.fill("name", "Calm").fill("level", "tactical")).expect(200);
    let framework = in_force(db);
    assert_eq!((framework.needs.len(), framework.needs[0].name.as_str()), (1, "Calm"));

    let copy = admin.get("/design/needs/new?from=peace").expect(200);
    assert_eq!(value(&copy, "/design/needs/new", "code").as_deref(), Some("peace-2"));
    admin.get("/design/needs/new?from=nothing").expect(404);
    let audited = "SELECT count(*) AS n FROM audit_entries WHERE action = 'framework.applied'";
    assert_eq!(db.number(audited), 2);
});

db_test!(fn needs_and_segments_change_places_and_nothing_is_saved_but_by_save(db) {
    let server = Server::start(db);
    everything(db);
    let admin = server.log_in(Role::Admin);
    let order = |framework: &Framework| framework.needs.iter().map(|need| need.code.clone()).collect::<Vec<_>>();
    // Efficiency and innovation are strategic: they are neighbours, though not in the file.
    let page = admin.get("/design/needs").expect(200);
    let moved = admin.press(&page.form("/design/needs"), "do", "down:0:2").expect(200);
    assert!(moved.text().contains("not saved yet"), "{}", moved.text());
    assert!(moved.html().contains("autofocus"), "the keyboard stays at the button");
    assert_eq!(order(&in_force(db))[0], "efficiency");
    admin.press(&moved.form("/design/needs"), "do", "save").expect(200);
    assert_eq!(order(&in_force(db)), ["innovation", "intimacy", "efficiency", "assurance"]);

    let page = admin.get("/design/segments").expect(200);
    let moved = admin.press(&page.form("/design/segments"), "do", "up:2:1").expect(200);
    admin.press(&moved.form("/design/segments"), "do", "save").expect(200);
    assert_eq!(in_force(db).segments[1].code, "innovators");
    admin.post("/design/needs", &[("do", "destroy")]).expect(400);
});

db_test!(fn a_need_is_archived_with_all_that_names_it_and_brought_back(db) {
    let server = Server::start(db);
    everything(db);
    let admin = server.log_in(Role::Admin);
    let path = "/design/needs/assurance/archive";
    let page = admin.get(path).expect(200);
    for words in ["The profile of “Efficiency Seekers” gives it 30", "new version", "No company has a score on it"] {
        assert!(page.text().contains(words), "{words} in {}", page.text());
    }
    let refused = admin.submit(&page.form(path)).expect(422);
    assert!(refused.text().contains("Nothing was archived"), "{}", refused.text());
    assert_eq!(in_force(db).needs.len(), 4);
    let list = admin.submit(&refused.form(path).fill("references", "too")).expect(200);
    assert!(list.text().contains("Assurance is archived"), "{}", list.text());
    let framework = in_force(db);
    assert!(framework.need("assurance").is_none() && !framework.segments[0].profile.contains_key("assurance"));
    assert_eq!(frameworks(db), 2);
    assert!(list.html().contains("/design/needs/new?archived=assurance"));

    let back = admin.get("/design/needs/new?archived=assurance").expect(200);
    assert!(back.text().contains("Bring back Assurance"), "{}", back.text());
    let list = admin.submit(&back.form("/design/needs/new")).expect(200);
    assert!(!list.text().contains("Archived"), "{}", list.text());
    assert_eq!(in_force(db).needs[3].code, "assurance");
    admin.get("/design/needs/new?archived=assurance").expect(404);
});

db_test!(fn a_segment_that_drips_know_goes_only_with_its_letters(db) {
    let server = Server::start(db);
    everything(db);
    let admin = server.log_in(Role::Admin);
    let path = "/design/segments/efficiency-seekers/archive";
    let page = admin.get(path).expect(200);
    assert!(page.text().contains("has a letter of its own for it in step"), "{}", page.text());
    let refused = admin.submit(&page.form(path)).expect(422);
    assert!(refused.text().contains("Nothing was archived"), "{}", refused.text());
    admin.submit(&refused.form(path).fill("references", "too")).expect(200);
    let framework = in_force(db);
    assert_eq!(framework.segments.len(), 2);
    assert!(!framework::write::toml(&framework).contains("efficiency-seekers"));
    let back = admin.get("/design/segments/new?archived=efficiency-seekers").expect(200);
    admin.press(&back.form("/design/segments/new"), "do", "save").expect(200);
    assert_eq!(in_force(db).segments[2].talk_about.len(), 2);
});

db_test!(fn a_segment_without_which_another_is_flat_stays(db) {
    let server = Server::start(db);
    let framework = framework::read::toml(FRAMEWORK).unwrap();
    apply(db, &framework);
    let admin = server.log_in(Role::Admin);
    // With one need in play, the other segment's profile says nothing.
    let path = "/design/segments/customer-intimates/archive";
    let page = admin.get(path).expect(200);
    assert!(page.text().contains("cannot be archived yet"), "{}", page.text());
    assert!(page.find_form(path).is_none());
    admin.post(path, &[("seen", "1"), ("references", "too")]).expect(422);
    assert_eq!(in_force(db), framework);
});

db_test!(fn a_drip_that_asks_one_segment_alone_keeps_it(db) {
    let server = Server::start(db);
    let mut framework = framework::read::toml(EVERYTHING).unwrap();
    let segments = vec!["innovators".to_owned()];
    framework.drips[0].audience.any_of.insert("segment".into(), segments);
    apply(db, &framework);
    let admin = server.log_in(Role::Admin);
    let page = admin.get("/design/segments/innovators/archive").expect(200);
    assert!(page.text().contains("it would ask everybody"), "{}", page.text());
    let fields = [("seen", "1"), ("references", "too")];
    admin.post("/design/segments/innovators/archive", &fields).expect(422);
    assert_eq!(in_force(db), framework);
});

db_test!(fn a_profile_is_drawn_again_and_told_when_it_grows_like_another(db) {
    let server = Server::start(db);
    everything(db);
    let admin = server.log_in(Role::Admin);
    let path = "/design/segments/new";
    let form = admin.get(path).expect(200).form(path);
    let form = form
        .fill("name", "Savers")
        .fill("code", "savers")
        .fill("profile.efficiency", "100")
        .fill("profile.assurance", "35")
        .fill("avoid", "Gifts\r\n\r\nTrips");
    let drawn = admin.press(&form, "do", "look").expect(200);
    for words in [
        "Profile of Savers", "Efficiency 100, Assurance 35", "it and “Efficiency Seekers”",
        "They differ only in Assurance (35 against 30)", "No company would move",
    ] {
        assert!(drawn.text().contains(words), "{words} in {}", drawn.text());
    }
    assert_eq!(frameworks(db), 1);
    // The same shape cannot be saved.
    let form = drawn.form(path).fill("profile.efficiency", "50").fill("profile.assurance", "15");
    let refused = admin.press(&form, "do", "save").expect(422);
    assert!(refused.text().contains("has the same shape as the profile of \"efficiency-seekers\""), "{}", refused.text());
    let form = refused.form(path).fill("profile.assurance", "100");
    let list = admin.press(&form, "do", "save").expect(200);
    assert!(list.text().contains("Can they be told apart?"), "{}", list.text());
    let framework = in_force(db);
    assert_eq!(framework.segments[3].avoid, ["Gifts", "Trips"]);
    assert_eq!(framework.segments[3].profile.len(), 2);
});

db_test!(fn who_would_move_is_said_before_saving(db) {
    let server = Server::start(db);
    let mut framework = framework::read::toml(FRAMEWORK).unwrap();
    framework.settings.min_scored_answers = 1;
    for segment in &mut framework.segments {
        segment.profile.entry("efficiency".into()).or_insert(20.0);
        segment.profile.entry("intimacy".into()).or_insert(10.0);
    }
    apply(db, &framework);
    for sql in [
        "INSERT INTO companies (id, external_id, name, name_key, created_at, updated_at) \
         VALUES (1, 'c', 'C', 'c', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        "INSERT INTO sales_tags (company_id, segment, reason, made_by, made_at, blind) \
         VALUES (1, 'customer-intimates', '', 'ana', '2026-01-01 00:00:00', TRUE)",
        "INSERT INTO company_segments (company_id, segment, source, since) \
         VALUES (1, 'customer-intimates', 'sales_tag', '2026-01-01 00:00:00')",
    ] {
        db.execute(sql).unwrap();
    }
    let admin = server.log_in(Role::Admin);
    let page = admin.get("/design/segments/customer-intimates/archive").expect(200);
    for words in ["1 company is in it", "1 company would move: 1 from Customer Intimates to no segment", "0 overrides and 1 sales tag"] {
        assert!(page.text().contains(words), "{words} in {}", page.text());
    }
});

db_test!(fn rules_are_a_form_and_every_fault_stands_at_its_field(db) {
    let server = Server::start(db);
    everything(db);
    let admin = server.log_in(Role::Admin);
    let path = "/design/settings";
    let page = admin.get(path).expect(200);
    let page = admin.press(&page.form(path), "do", "add").expect(200);
    let form = page.form(path).fill("roles[2].code", "Chief").fill("settings.half_life_days", "soon");
    let page = admin.press(&form, "do", "save").expect(422);
    for words in ["small letters", "must be a number", "is missing"] {
        assert!(page.text().contains(words), "{words} in {}", page.text());
    }
    let form = page
        .form(path)
        .fill("roles[2].code", "chief")
        .fill("roles[2].weight", "2.5")
        .fill("settings.half_life_days", "")
        .fill("settings.max_mails_per_contact.count", "")
        .fill("settings.max_mails_per_contact.days", "")
        .fill("settings.min_group", "7");
    admin.press(&form, "do", "save").expect(200);
    let framework = in_force(db);
    let settings = &framework.settings;
    assert_eq!((settings.half_life_days, settings.max_mails_per_contact, settings.min_group), (None, None, 7));
    assert_eq!(framework.roles[2].weight, 2.5);
    assert_eq!(frameworks(db), 2);
});

/// Two admins with the same page open: the second is told what the first did, and loses nothing.
#[track_caller]
fn overtaken(db: &TestDb, admin: &Browser, path: &str, list: &str, button: Option<&str>) {
    let form = admin.get(path).expect(200).form(path).fill("name", "Mine");
    let mut meanwhile = in_force(db);
    meanwhile.settings.min_group += 1;
    apply(db, &meanwhile);
    let send = |form: &_| match button {
        Some(value) => admin.press(form, "do", value),
        None => admin.submit(form),
    };
    let told = send(&form).expect(409);
    assert!(
        told.text().contains("changed while you wrote") && told.text().contains("min_group"),
        "{}",
        told.text()
    );
    assert_eq!(value(&told, path, "name").as_deref(), Some("Mine"));
    assert_eq!(in_force(db), meanwhile);
    let saved = send(&told.form(path)).expect(200);
    assert!(
        saved.url.ends_with(list) && saved.text().contains("Mine"),
        "{}",
        saved.text()
    );
    assert_eq!(in_force(db).settings.min_group, meanwhile.settings.min_group);
}

db_test!(fn of_two_admins_at_once_the_second_is_told_and_keeps_what_was_typed(db) {
    let server = Server::start(db);
    everything(db);
    let admin = server.log_in(Role::Admin);
    overtaken(db, &admin, "/design/needs/intimacy/edit", "/design/needs", None);
    overtaken(db, &admin, "/design/segments/innovators/edit", "/design/segments", Some("save"));

    let path = "/design/settings";
    let form = admin.get(path).expect(200).form(path).fill("settings.min_group", "9");
    let moved = admin.get("/design/needs").expect(200).form("/design/needs");
    let moved = admin.press(&moved, "do", "down:0:2").expect(200).form("/design/needs");
    let gone = admin.get("/design/needs/assurance/archive").expect(200).form("/design/needs/assurance/archive");
    let mut meanwhile = in_force(db);
    meanwhile.needs[0].name = "Other".into();
    apply(db, &meanwhile);
    let told = admin.press(&form, "do", "save").expect(409);
    assert_eq!(value(&told, path, "settings.min_group").as_deref(), Some("9"));
    let told = admin.press(&moved, "do", "save").expect(409);
    assert!(told.text().contains("This order is not saved yet"), "{}", told.text());
    admin.submit(&gone.fill("references", "too")).expect(409);
    assert_eq!(in_force(db), meanwhile);
});

db_test!(fn pages_that_save_what_they_were_given_leave_the_file_as_it_was(db) {
    let server = Server::start(db);
    let mut framework = framework::read::toml(EVERYTHING).unwrap();
    framework.needs[0].description = "One\n\n\ttwo “three” \\ 'four' \"five\" 六 🙂 ".into();
    framework.segments[0].avoid = vec!["two\nlines".into(), " ends in a blank ".into()];
    framework.segments[1].profile.insert("efficiency".into(), 0.0);
    framework.segments[1].profile.insert("innovation".into(), 1.0 / 3.0);
    framework.roles[1].weight = 0.1 + 0.2;
    framework.settings.half_life_days = Some(0.5);
    apply(db, &framework);
    let admin = server.log_in(Role::Admin);
    let file = |kind: &str| admin.get(&format!("/design/framework.{kind}")).expect(200).html();
    let (toml, json) = (file("toml"), file("json"));
    for need in &framework.needs {
        let path = format!("/design/needs/{}/edit", need.code);
        let saved = admin.submit(&admin.get(&path).expect(200).form(&path)).expect(200);
        assert!(saved.text().contains("Nothing had changed"), "{path}: {}", saved.text());
    }
    for segment in &framework.segments {
        let path = format!("/design/segments/{}/edit", segment.code);
        let saved = admin.press(&admin.get(&path).expect(200).form(&path), "do", "save").expect(200);
        assert!(saved.text().contains("Nothing had changed"), "{path}: {}", saved.text());
    }
    let saved = admin.press(&admin.get("/design/settings").expect(200).form("/design/settings"), "do", "save");
    assert!(saved.expect(200).text().contains("Nothing had changed"));
    assert_eq!((file("toml"), file("json")), (toml.clone(), json.clone()));
    assert_eq!(frameworks(db), 1);
    // Export, edit, apply, export: what was edited, and nothing else.
    let edited = toml.replace("Being known", "Being well known");
    assert_ne!(edited, toml);
    apply(db, &framework::read::toml(&edited).unwrap());
    assert_eq!(file("toml"), edited);
    apply(db, &framework::read::json(&json).unwrap());
    assert_eq!((file("toml"), file("json")), (toml, json));
});

db_test!(fn the_history_tells_what_each_framework_changed_and_puts_one_back(db) {
    let server = Server::start(db);
    let first = everything(db);
    let mut second = first.clone();
    second.needs[0].name = "Thrift".into();
    second.segments.pop();
    apply(db, &second);
    let admin = server.log_in(Role::Admin);
    let list = admin.get("/design/history").expect(200);
    for words in ["in force", "by ana@example.com", "need \"efficiency\": name changed", "segment \"innovators\" archived", "4 needs, 3 segments"] {
        assert!(list.text().contains(words), "{words} in {}", list.text());
    }
    let ids: Vec<String> = db.words("SELECT CAST(id AS TEXT) AS word FROM frameworks ORDER BY id");
    let path = format!("/design/history/{}", ids[0]);
    let page = admin.get(&path).expect(200);
    assert!(page.text().contains("What changed since") && page.text().contains("name changed"), "{}", page.text());
    let file = admin.get(&format!("{path}/framework.toml")).expect(200);
    assert_eq!(file.html(), framework::write::toml(&first));
    admin.get("/design/history/99999").expect(404);
    admin.get("/design/history/x").expect(404);

    let ask = admin.get(&format!("{path}/return")).expect(200);
    assert!(ask.text().contains("segment \"innovators\" added"), "{}", ask.text());
    let done = admin.submit(&ask.form(&format!("{path}/return"))).expect(200);
    assert!(done.text().contains("In force again, with 2 changes"), "{}", done.text());
    assert_eq!(in_force(db), first);
    assert_eq!(frameworks(db), 3);
    assert_eq!(db.number("SELECT count(*) AS n FROM audit_entries WHERE action = 'framework.returned'"), 1);
    // Sent once more from the stale page, it is overtaken by itself.
    admin.submit(&ask.form(&format!("{path}/return"))).expect(409);
});

db_test!(fn a_long_history_is_listed_without_its_documents(db) {
    let server = Server::start(db);
    let mut framework = framework::read::toml(FRAMEWORK).unwrap();
    for month in 1..=60 {
        framework.settings.tenure_threshold_months = month;
        apply(db, &framework);
    }
    // Rows from before changes were kept, and documents that nobody can read.
    db.execute("UPDATE frameworks SET changes = NULL, change_count = NULL, counts = NULL WHERE id = (SELECT min(id) + 2 FROM frameworks)").unwrap();
    db.execute("UPDATE frameworks SET document = 'unreadable' WHERE id < (SELECT max(id) FROM frameworks)").unwrap();
    let admin = server.log_in(Role::Admin);
    let (mut page, mut pages, mut lines) = (admin.get("/design/history").expect(200), 1, 0);
    loop {
        lines += page.html().matches("<li class=\"part\">").count();
        let next = page.html().split("rel=\"next\" href=\"").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        let Some(next) = next else { break };
        page = admin.get(&next.replace("&amp;", "&")).expect(200);
        pages += 1;
    }
    assert_eq!((pages, lines), (3, 60));
    assert!(page.text().contains("worked out on its page"), "{}", page.text());
});

db_test!(fn a_questions_versions_stand_beside_each_other(db) {
    let server = Server::start(db);
    let mut framework = everything(db);
    let question = |framework: &mut Framework, text: &str, load: Option<f64>| {
        let question = &mut framework.question_sets[0].questions[0];
        question.text = text.to_owned();
        if let (Some(load), framework::Kind::SingleChoice { options, .. }) = (load, &mut question.kind) {
            options[0].loads.insert("efficiency".into(), load);
        }
    };
    question(&mut framework, "What made you buy it right now?", None);
    apply(db, &framework);
    question(&mut framework, "What made you buy it right now?", Some(1.0));
    apply(db, &framework);
    let version = db.number("SELECT id AS n FROM question_versions WHERE question = 'why-now' AND version = 1");
    for sql in [
        "INSERT INTO companies (id, external_id, name, name_key, created_at, updated_at) \
         VALUES (1, 'c', 'C', 'c', '2026-01-01 00:00:00', '2026-01-01 00:00:00')".to_owned(),
        "INSERT INTO contacts (id, external_id, company_id, email, email_key, name_key, created_at, updated_at) \
         VALUES (1, 'p', 1, 'p@x.example', 'p@x.example', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00')".to_owned(),
        format!("INSERT INTO answers (company_id, contact_id, question, row_code, at, seq, version_id, value, channel, suspect, late, recorded_at) \
         VALUES (1, 1, 'why-now', '', '2026-01-01 00:00:00', 0, {version}, '\"replace\"', 'api', FALSE, FALSE, '2026-01-01 00:00:00')"),
    ] {
        db.execute(&sql).unwrap();
    }
    let admin = server.log_in(Role::Admin);
    let page = admin.get("/design/questions/why-now").expect(200);
    for words in ["Version 2 asked now", "Version 1 in earlier words", "· 1 answer", "· 0 answers"] {
        assert!(page.text().contains(words), "{words} in {}", page.text());
    }
    let html = page.html();
    assert!(html.contains("<del>2</del>") && html.contains("<ins>1</ins>"), "{html}");
    assert!(html.contains("buy it <ins>right</ins> now?"), "{html}");
    admin.get("/design/questions/nothing").expect(404);

    framework.question_sets[0].questions[0].code = "why-later".into();
    let text = framework::write::toml(&framework).replace("question = \"why-now\"", "question = \"why-later\"");
    apply(db, &framework::read::toml(&text).unwrap());
    let page = admin.get("/design/questions/why-now").expect(200);
    assert!(page.text().contains("archived") && !page.text().contains("asked now"), "{}", page.text());
});

db_test!(fn counts_kept_once_a_day_serve_where_there_are_too_many_answers_to_count(db) {
    everything(db);
    let now = dripline::clock::parse_rfc3339("2026-03-02T09:00:00Z").unwrap();
    let versions = db.words("SELECT CAST(id AS TEXT) AS word FROM question_versions ORDER BY id");
    let id: i64 = versions[0].parse().unwrap();
    db.write_now(move |conn| design::versions::keep_counts(conn, now, &[(id, 6_000_000)])).unwrap();
    assert_eq!(db.number(&format!("SELECT answers AS n FROM question_versions WHERE id = {id}")), 6_000_000);
    assert_eq!(db.number("SELECT count(*) AS n FROM question_versions WHERE answers = 0"), versions.len() as i64 - 1);
});

db_test!(fn what_was_left_out_before_there_was_an_archive_is_found_in_the_documents(db) {
    let mut framework = everything(db);
    framework::references::remove_need(&mut framework, "assurance");
    framework::references::remove_segment(&mut framework, "innovators");
    apply(db, &framework);
    let segment = framework.segments.pop().unwrap();
    apply(db, &framework);
    framework.segments.push(segment);
    apply(db, &framework);
    let archived = |db: &TestDb| db.words("SELECT kind || ' ' || code || ' ' || definition AS word FROM archived_parts ORDER BY code");
    let kept = archived(db);
    assert_eq!(kept.len(), 2);
    for sql in ["DELETE FROM archived_parts", "DELETE FROM marks WHERE name = 'archive_complete'"] {
        db.execute(sql).unwrap();
    }
    let now = dripline::clock::parse_rfc3339("2026-03-02T09:00:00Z").unwrap();
    for _ in 0..2 {
        db.write_now(move |conn| design::archive::complete(conn, now)).unwrap();
        assert_eq!(archived(db), kept);
    }
    let found = db.read_now(|conn| design::archive::find::<framework::Need>(conn, "assurance")).unwrap();
    assert_eq!(found.unwrap().part.name, "Assurance");
});

db_test!(fn analysts_look_and_admins_change(db) {
    let server = Server::start(db);
    everything(db);
    let analyst = server.log_in(Role::Analyst);
    for path in ["/design", "/design/needs", "/design/segments", "/design/settings", "/design/history", "/design/questions/why-now"] {
        let page = analyst.get(path).expect(200);
        for words in ["Save ", "Archive ", "Duplicate", "Bring back"] {
            assert!(!page.text().contains(words), "{words} on {path}");
        }
    }
    for path in ["/design/needs/new", "/design/needs/intimacy/edit", "/design/segments/new", "/design/segments/innovators/archive"] {
        analyst.get(path).expect(403);
    }
    server.log_in(Role::Sales).get("/design/needs").expect(403);
});

db_test!(fn the_overview_says_what_is_in_force_and_what_to_do_first(db) {
    let server = Server::start(db);
    let admin = server.log_in(Role::Admin);
    let empty = admin.get("/design").expect(200);
    for words in ["No framework yet", "Start from the library", "Write needs", "Upload a file"] {
        assert!(empty.text().contains(words), "{words} in {}", empty.text());
    }
    let mut framework = framework::read::toml(EVERYTHING).unwrap();
    framework.segments[2].profile = [("efficiency".to_owned(), 99.0), ("assurance".to_owned(), 31.0)].into();
    apply(db, &framework);
    let page = admin.get("/design").expect(200);
    for words in [
        "applied by ana@example.com", "Innovation is in no profile", "Hardly anything tells “Efficiency Seekers” and “Innovators” apart",
        "Comments in a file are not kept",
    ] {
        assert!(page.text().contains(words), "{words} in {}", page.text());
    }
});

#[test]
fn the_segment_editor_draws_while_somebody_types_by_keyboard_alone() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let server = Server::start(&db);
    everything(&db);
    let email = server.add_user(Role::Admin);
    chrome.goto(&format!("{}/design/segments/innovators/edit", server.base()));
    chrome.type_into("input[name=email]", &email);
    chrome.type_into("input[name=password]", PASSWORD);
    chrome.leave_by("main button[type=submit]");
    let field = "input[name='profile.efficiency']";
    let bar = "document.querySelector('#drawn [data-need=efficiency] .profile-bar').getAttribute('width')";
    let before = chrome.run(&format!("return Number({bar})"));
    assert_eq!(
        chrome.run("return document.querySelectorAll('input[type=range]').length"),
        4
    );
    // Arrow up, as in any field for numbers: 20 becomes 21, and the bar and the slider follow.
    chrome.type_into(field, "\u{E013}");
    chrome.until("a longer bar", &format!("return Number({bar}) > {before}"));
    assert_eq!(
        chrome.run(&format!(
            "return document.querySelector(\"{field}\").nextElementSibling.value"
        )),
        "21"
    );
    assert_eq!(
        chrome.run(&format!(
            "return document.activeElement === document.querySelector(\"{field}\")"
        )),
        true
    );
    // A profile like another one's is told a moment later, without a page of its own.
    chrome.run(
        "for (const [need, weight] of [['innovation', ''], ['efficiency', '100'], ['assurance', '40']]) {\
        const field = document.querySelector(`input[name='profile.${need}']`);\
        field.value = weight; field.dispatchEvent(new Event('input', { bubbles: true })); }",
    );
    chrome.until(
        "the warning",
        "return document.querySelector('#drawn').textContent.includes('Efficiency Seekers')",
    );
    assert!(
        chrome
            .text("#drawn")
            .contains("They differ only in Assurance (40 against 30)"),
        "{}",
        chrome.text("#drawn")
    );
    // The slider moves the field.
    chrome.run(
        "const slider = document.querySelector(\"input[name='profile.assurance']\").nextElementSibling;\
        slider.value = 90; slider.dispatchEvent(new Event('input', { bubbles: true }))",
    );
    assert_eq!(
        chrome.run("return document.querySelector(\"input[name='profile.assurance']\").value"),
        "90"
    );
    chrome.leave_by("button[name=do][value=save]:not(.unseen)");
    assert!(chrome.url().ends_with("/design/segments"), "{}", chrome.url());
    assert_eq!(chrome.complaints(), Vec::<String>::new());
    assert_eq!(in_force(&db).segments[2].profile.get("assurance"), Some(&90.0));
}
