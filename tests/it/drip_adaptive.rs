//! An adaptive step over the people of one company: who is asked what, and when enough is known.

use std::collections::BTreeMap;
use std::fmt::Write;

use dripline::answers::{Channel, Incoming, NewAnswer, Origin, json};
use dripline::ids::{CompanyId, ContactId, InvitationId};
use dripline::{design, drip, needs};

use crate::drip::{FRAMEWORK, House};
use crate::support::{TestDb, db_test};

/// Twelve ratings, six for each need, and a drip that asks three of them a step.
fn battery(adaptive: &str) -> String {
    let mut file = FRAMEWORK.to_owned();
    for set in ["first", "second"] {
        let need = if set == "first" { "efficiency" } else { "intimacy" };
        write!(file, "[[question_sets]]\ncode = \"{set}\"\ntitle = \"T\"\n").expect("written");
        for n in 1..=6 {
            write!(
                file,
                "[[question_sets.questions]]\ncode = \"{set}-{n}\"\nkind = \"rating\"\ntext = \"How much does this count?\"\n\
                 min = 1\nmax = 5\nloads = {{ {need} = 1 }}\n"
            )
            .expect("written");
        }
    }
    let mut steps = String::new();
    for _ in 0..2 {
        write!(
            steps,
            "[[drips.steps]]\ndelay = \"1d\"\nadaptive = {{ pool = [\"first\", \"second\"], {adaptive} }}\n\
             subject = \"Three\"\nbody = \"x\"\n"
        )
        .expect("written");
    }
    format!("{file}[[drips]]\ncode = \"pool\"\nname = \"Pool\"\ntrigger = \"manual\"\ncloses_after = \"10d\"\n{steps}")
}

/// What each invitation asks, in the order in which they were made.
fn asked(house: &House) -> Vec<Vec<String>> {
    let lists = house.db.words("SELECT questions AS word FROM invitations ORDER BY id");
    lists
        .iter()
        .map(|list| serde_json::from_str(list).expect("a list of codes"))
        .collect()
}

/// The invitation's contact answers all that it was asked, and so by the link.
fn answer_all(house: &House, invitation: i64, rating: fn(&str) -> i32) {
    let now = house.now();
    let contact = house.db.number(&format!(
        "SELECT contact_id AS n FROM invitations WHERE id = {invitation}"
    ));
    let questions = asked(house)[invitation as usize - 1].clone();
    let take = move |conn: &mut _| {
        let design = design::current(conn)?;
        let incoming = |code: &String| {
            let version = design.version_of(code).expect("a question");
            let value = json::read_stored(&version.question, &rating(code).to_string()).expect("a rating");
            Incoming {
                company: CompanyId(1),
                contact: ContactId(contact),
                answer: NewAnswer {
                    question: code.clone(),
                    row: None,
                    version: version.id,
                    value,
                },
                at: now,
                origin: Origin {
                    channel: Channel::Form,
                    author: None,
                    invitation: Some(InvitationId(invitation)),
                    suspect: false,
                    late: false,
                },
            }
        };
        let incoming: Vec<Incoming> = questions.iter().map(incoming).collect();
        needs::take(conn, now, &incoming)?;
        drip::note_answered(conn, now, InvitationId(invitation))
    };
    house.db.write_now(take).expect("answered");
}

fn house<'d>(db: &'d TestDb, adaptive: &str, people: &[&str]) -> House<'d> {
    let house = House::with(db, &battery(adaptive), &[]);
    for person in people {
        house.contact(&format!("{person}@a.example"), Some(1));
    }
    house.enrol("pool", people);
    house.wait(chrono::TimeDelta::days(1));
    house.run();
    house
}

db_test!(
    fn four_colleagues_mailed_at_once_share_the_battery_out(db) {
        let house = house(db, "ask = 3", &["ada", "bob", "cleo", "dan"]);
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        asked(&house).into_iter().flatten().for_each(|code| *times.entry(code).or_default() += 1);
        assert_eq!((times.len(), times.values().max()), (12, Some(&1)), "{times:?}");
        let per_need = |list: &Vec<String>| list.iter().filter(|code| code.starts_with("first")).count();
        assert!(asked(&house).iter().all(|list| (1..=2).contains(&per_need(list))), "both needs of each: {:?}", asked(&house));
    }
);

db_test!(
    fn the_next_step_asks_what_the_contact_has_not_been_asked(db) {
        let house = house(db, "ask = 3", &["ada"]);
        answer_all(&house, 1, |_| 4);
        house.wait(chrono::TimeDelta::days(1));
        house.run();
        let asked = asked(&house);
        assert_eq!(asked.len(), 2);
        assert!(asked[1].len() == 3 && asked[1].iter().all(|code| !asked[0].contains(code)), "{asked:?}");
    }
);

db_test!(
    fn a_form_stays_the_same_while_colleagues_answer(db) {
        let house = house(db, "ask = 3", &["ada", "bob"]);
        let before = asked(&house);
        answer_all(&house, 2, |_| 5);
        let of_ada = move |conn: &mut _| {
            let design = design::current(conn)?;
            let step = &design.framework.drip("pool").expect("the drip").steps[0];
            drip::questions::of_step(conn, &design, step, ContactId(1), Some(InvitationId(1)))
        };
        let shown = db.read_now(of_ada).expect("read");
        let shown: Vec<&str> = shown.iter().map(|version| version.question.code.as_str()).collect();
        assert_eq!(shown, before[0]);
    }
);

db_test!(
    fn a_company_that_is_known_well_enough_is_asked_no_more(db) {
        let house = house(db, "ask = 12, stop_at_confidence = 0.6", &["ada"]);
        answer_all(&house, 1, |code| if code.starts_with("first") { 5 } else { 1 });
        house.contact("bob@a.example", Some(1));
        house.enrol("pool", &["bob"]);
        house.wait(chrono::TimeDelta::days(1));
        house.run();
        assert_eq!(db.number("SELECT count(*) AS n FROM invitations WHERE contact_id = 2"), 0, "nothing more to learn from Bob");
    }
);
