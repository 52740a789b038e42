//! The outbox and the funnel, as a program reads them.

use chrono::TimeDelta;
use dripline::accounts::Role;
use serde_json::{Value, json};

use crate::drip::{House, TWO_STEPS};
use crate::support::{Server, db_test};

fn states(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| {
            format!(
                "{} {} {}",
                item["contact"].as_str().unwrap(),
                item["step"],
                item["state"].as_str().unwrap()
            )
        })
        .collect()
}

db_test!(fn every_mail_is_listed_with_where_it_stands(db) {
    let server = Server::start(db);
    let house = House::new(db, TWO_STEPS);
    house.contact("ada@a.example", Some(1));
    house.contact("ben@a.example", Some(1));
    house.enrol("two-steps", &["ada", "ben"]);
    house.run();
    let api = server.api(Role::Analyst);
    let all = api.get("/api/v1/outbox").expect(200).json();
    assert_eq!(states(&all), ["ada 1 sent", "ben 1 sent", "ada 1 queued", "ben 1 queued"]);
    assert_eq!(all["next"], Value::Null);
    let sent = &all["items"][0];
    assert_eq!((&sent["to"], &sent["drip"], &sent["attempts"], &sent["next_try"]), (&json!("ada@a.example"), &json!("two-steps"), &json!(1), &Value::Null));
    assert!(sent["reply"].is_string() && sent["waits_for"].is_null());
    let queued = &all["items"][2];
    assert_eq!((&queued["next_try"], &queued["reminder"]), (&json!("2026-03-13T11:00:00Z"), &json!(true)));
    assert_eq!(queued["waits_for"], json!("a reminder, if no answer comes before"));
    let first = api.get("/api/v1/outbox?state=sent&limit=1").expect(200).json();
    assert_eq!(states(&first), ["ada 1 sent"]);
    let next = format!("/api/v1/outbox?state=sent&limit=1&cursor={}", first["next"].as_str().unwrap());
    let second = api.get(&next).expect(200).json();
    assert_eq!((states(&second), &second["next"]), (vec!["ben 1 sent".to_owned()], &Value::Null));
    assert_eq!(states(&api.get("/api/v1/outbox?state=failed").expect(200).json()), Vec::<String>::new());
    assert_eq!(states(&api.get("/api/v1/outbox?drip=none").expect(200).json()), Vec::<String>::new());
    for wrong in ["state=gone", "limit=0", "limit=501", "cursor=-1", "cursor=x", "colour=red"] {
        api.get(&format!("/api/v1/outbox?{wrong}")).expect(422);
    }
    server.api(Role::Sales).get("/api/v1/outbox").expect(403);
    db.leaves_mail("reminders are still to come");
});

db_test!(fn the_funnel_counts_each_step_by_tenure(db) {
    let server = Server::start(db);
    let house = House::new(db, TWO_STEPS);
    for (email, company) in [("ada@a.example", 1), ("ben@a.example", 1), ("cay@b.example", 2), ("dot@b.example", 2)] {
        house.contact(email, Some(company));
    }
    house.enrol("two-steps", &["ada", "ben", "cay", "dot"]);
    house.run();
    let of = |contact: &str| db.number(&format!(
        "SELECT i.id AS n FROM invitations i JOIN contacts k ON k.id = i.contact_id WHERE k.external_id = '{contact}' AND i.step = 0"
    ));
    let [ada, ben, cay] = ["ada", "ben", "cay"].map(of);
    let now = house.now();
    db.write_now(move |conn| dripline::drip::note_answered(conn, now, dripline::ids::InvitationId(ada))).unwrap();
    // Ben looked at the form; Cay's mail was only swept by a program; Dot's came back.
    db.execute(&format!(
        "INSERT INTO visits (invitation_id, respond_at, swept_at, hits) VALUES ({ben}, '2026-03-10 12:00:00', NULL, 1), \
         ({cay}, '2026-03-10 12:00:00', '2026-03-10 12:00:01', 4)"
    )).unwrap();
    db.execute(&format!(
        "INSERT INTO incoming_mails (kind, at, invitation_id, drip, subject, words, fingerprint) \
         VALUES ('bounce', '2026-03-10 12:00:00', {}, 'two-steps', '', '', 'x')", of("dot")
    )).unwrap();
    house.wait(TimeDelta::hours(1));
    let now = house.now();
    db.write_now(move |conn| dripline::drip::unsubscribe(conn, now, "cay@b.example", "")).unwrap();
    let api = server.api(Role::Analyst);
    let funnel = api.get("/api/v1/insights/funnel?drip=two-steps").expect(200).json();
    let figure = |total: u32, new: u32, long: u32| json!({ "total": total, "new": new, "long_standing": long, "unknown": 0 });
    assert_eq!(funnel["drip"], json!("two-steps"));
    let first = &funnel["steps"][0];
    let expected = json!({
        "step": 1, "sent": figure(4, 2, 2), "delivered": figure(3, 2, 1), "bounced": figure(1, 0, 1),
        "opened": figure(2, 2, 0), "answered": figure(1, 1, 0), "unsubscribed": figure(1, 0, 1),
    });
    assert_eq!(first, &expected);
    assert_eq!(funnel["steps"][1]["sent"], figure(0, 0, 0));
    let new = api.get("/api/v1/insights/funnel?drip=two-steps&tenure=new").expect(200).json();
    assert_eq!(new["steps"][0]["sent"], figure(2, 2, 0));
    api.get("/api/v1/insights/funnel").expect(422);
    api.get("/api/v1/insights/funnel?drip=none").expect(404);
    api.get("/api/v1/insights/funnel?drip=two-steps&tenure=old").expect(422);
    let page = server.log_in(Role::Analyst).get("/drips/two-steps").expect(200).text();
    assert!(page.contains("Unsubscribed 1"), "{page}");
    db.leaves_mail("reminders are still to come");
});
