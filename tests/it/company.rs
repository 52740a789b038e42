//! A company's page and its brief, as a rep reads them before a call.

use std::collections::BTreeMap;

use dripline::accounts::Role;
use dripline::import::{self, File, What};
use dripline::text::csv::Limits;
use dripline::{framework, reframe};
use serde_json::{Value, json};

use crate::support::{Chrome, PASSWORD, Server, TestDb, db_test};

pub const FRAMEWORK: &str = r#"
[settings]
min_scored_answers = 3
half_life_days = 100
min_group = 3
[[roles]]
code = "decision_maker"
weight = 3.0
[[roles]]
code = "influencer"
weight = 2.0
[[roles]]
code = "user"
weight = 1.0
[[needs]]
code = "efficiency"
name = "Efficiency"
level = "strategic"
[[needs]]
code = "intimacy"
name = "Closeness"
level = "personal"
[[needs]]
code = "innovation"
name = "Innovation"
level = "strategic"
[[segments]]
code = "seekers"
name = "Efficiency Seekers"
profile = { efficiency = 100, intimacy = 20 }
talk_about = ["Hours saved", "A fixed price and a date"]
avoid = ["Visions of the factory"]
content = ["A calculation by mail"]
actions = ["Send the savings calculation", "Offer the standard package"]
spend = "Little: mail and self-service."
[[segments]]
code = "intimates"
name = "Customer Intimates"
profile = { efficiency = 10, intimacy = 100 }
[[segments]]
code = "innovators"
name = "Innovators"
profile = { innovation = 100, intimacy = 30 }
[[question_sets]]
code = "drivers"
title = "Drivers"
[[question_sets.questions]]
code = "speed"
kind = "rating"
text = "How much does speed matter to {{ company.name | default: 'you' }}?"
min = 0
max = 10
loads = { efficiency = 1 }
[[question_sets.questions]]
code = "person"
kind = "rating"
text = "How much does one person to call matter?"
min = 0
max = 10
loads = { intimacy = 1 }
[[question_sets.questions]]
code = "newness"
kind = "rating"
text = "How much does something new matter?"
min = 0
max = 10
loads = { innovation = 1 }
"#;

/// The company's needs as profiles weigh them: efficiency, closeness, innovation.
const NEEDS: [&str; 3] = ["efficiency", "intimacy", "innovation"];
const PROFILES: [(&str, [f64; 3]); 3] = [
    ("Efficiency Seekers", [100.0, 20.0, 0.0]),
    ("Customer Intimates", [10.0, 100.0, 0.0]),
    ("Innovators", [0.0, 30.0, 100.0]),
];

pub fn take(server: &Server, what: What, text: String) {
    let now = server.clock.now();
    let taken = server.db.write_now(move |conn| {
        let file = File {
            what,
            name: "file.csv",
            bytes: text.as_bytes(),
            limits: Limits::UPLOAD,
            dry_run: false,
        };
        import::csv(conn, now, "console", &crate::support::key(), &file)
    });
    taken.unwrap_or_else(|refusal| panic!("{refusal}"));
}

/// Three companies of two reps; the first has answered, by a decision maker and two users.
pub fn seed(server: &Server, rep: &str) {
    let framework = framework::read::toml(FRAMEWORK).unwrap_or_else(|faults| panic!("{faults:?}"));
    let now = server.clock.now();
    let apply = move |conn: &mut _| reframe::apply(conn, now, "console", &framework);
    server.db.write_now(apply).unwrap();
    take(
        server,
        What::Companies,
        format!(
            "external_id,name,customer_since,annual_revenue,behaviour,owner_email\n\
             c-1,Acme <b>GmbH</b>,2019-03-31,800,Competitive Loyalists,{rep}\n\
             c-2,Beta,2025-01-01,150,,{rep}\n\
             c-3,Gamma,,700,,kim@example.com\n"
        ),
    );
    take(
        server,
        What::Contacts,
        "external_id,company_external_id,email,first_name,last_name,role\n\
         p-1,c-1,ada@x.example,Ada,Lovelace,decision_maker\n\
         p-2,c-1,ben@x.example,Ben,Bolt,user\n\
         p-3,c-1,cy@x.example,Cy,Twombly,user\n\
         q-1,c-2,dee@y.example,Dee,Snider,user\n\
         r-1,c-3,eve@z.example,Eve,Ensler,user\n"
            .to_owned(),
    );
    take(
        server,
        What::Transactions,
        "external_id,company_external_id,product,amount,occurred_at\nt-1,c-1,Press,1250,2026-02-01\n".to_owned(),
    );
    answer(server, "p-1", [9, 4, 2], "2026-02-01");
    answer(server, "p-2", [8, 3, 3], "2026-03-01");
    answer(server, "p-3", [10, 5, 1], "2026-03-02");
}

/// What a contact says to the three questions.
pub fn answer(server: &Server, contact: &str, values: [u32; 3], day: &str) {
    let rows = ["speed", "person", "newness"].iter().zip(values);
    let rows: Vec<String> = rows
        .map(|(question, value)| format!("{contact},{question},{value},{day}"))
        .collect();
    let text = format!("contact_external_id,question,value,at\n{}\n", rows.join("\n"));
    take(server, What::Answers, text);
}

/// The segment that scores fit best, worked out here from the method's page.
fn best(scores: [f64; 3]) -> &'static str {
    let fit = |profile: [f64; 3]| {
        let mean = profile.iter().sum::<f64>() / 3.0;
        let centred = profile.map(|weight| weight - mean);
        let length = centred.iter().map(|x| x * x).sum::<f64>().sqrt();
        centred
            .iter()
            .zip(scores)
            .map(|(x, score)| x / length * score)
            .sum::<f64>()
    };
    let mut fits: Vec<(f64, &str)> = PROFILES.iter().map(|(name, profile)| (fit(*profile), *name)).collect();
    fits.sort_by(|a, b| b.0.total_cmp(&a.0));
    fits[0].1
}

fn scores(company: &Value) -> [f64; 3] {
    NEEDS.map(|need| company["needs"][need]["score"].as_f64().expect("a score"))
}

db_test!(fn a_company_says_in_three_sentences_why_and_what_would_flip_it(db) {
    let server = Server::start(db);
    let rep = server.add_user(Role::Sales);
    seed(&server, &rep);
    let sales = server.browser();
    sales.log_in(&rep, PASSWORD);
    let page = sales.get("/companies/c-1").expect(200);
    let text = page.text();
    let company = server.api(Role::Analyst).get("/api/v1/companies/c-1").expect(200).json();
    assert_eq!(company["segment"]["code"], "seekers");
    for words in ["Efficiency (", "stands out against its mean of", "the runner-up", "a confidence of", "Competitive Loyalists"] {
        assert!(text.contains(words), "{words} is not on the page:\n{text}");
    }
    // The last sentence is true, and says the least: worked out again from the scores of the API.
    let sentence = text.split(" would win if ").nth(1).expect("what would flip it");
    let runner_up = PROFILES.iter().map(|(name, _)| *name).find(|name| text.contains(&format!("{name} would win if")));
    let named: BTreeMap<&str, usize> = [("Efficiency", 0), ("Closeness", 1), ("Innovation", 2)].into();
    let place = named[sentence.split_whitespace().next().unwrap()];
    let to: f64 = sentence.split(" to ").nth(1).unwrap().split(',').next().unwrap().parse().expect("a score");
    let mut changed = scores(&company);
    changed[place] = to;
    assert_eq!(Some(best(changed)), runner_up, "{sentence}");
    changed[place] = to + 0.2 * (scores(&company)[place] - to).signum();
    assert_eq!(best(changed), "Efficiency Seekers", "{sentence}");

    // Counts by role and channel, and nobody's scores: three people, but two of one role and one of another.
    for words in ["Decision maker", "Influencer", "User", "Import", "very strong"] {
        assert!(text.contains(words), "{words} is not on the page:\n{text}");
    }
    assert!(!text.contains("too few") && text.contains("from 3 of its people on"), "{text}");
    assert!(!page.html().contains("<b>GmbH"));
    // How its scores came about: after each day with answers.
    let days: Vec<bool> = ["1 Feb 2026", "1 Mar 2026", "2 Mar 2026"].map(|day| text.contains(day)).into();
    assert_eq!(days, [true; 3], "{text}");

    // A group of three users at a company is told, and the one who is not of it is not its rest.
    take(&server, What::Contacts, "external_id,company_external_id,email,role\n\
        q-2,c-2,q2@y.example,user\nq-3,c-2,q3@y.example,user\nq-4,c-2,q4@y.example,influencer\n".to_owned());
    for contact in ["q-1", "q-2", "q-3"] {
        answer(&server, contact, [2, 9, 4], "2026-03-03");
    }
    assert!(sales.get("/companies/c-2").expect(200).text().contains("90"), "three users are a group");
    answer(&server, "q-4", [9, 1, 1], "2026-03-04");
    let html = sales.get("/companies/c-2").expect(200).html();
    let roles = html.split("By buying role").nth(1).unwrap().split("</table>").next().unwrap();
    assert!(!roles.contains("data-label=\"Closeness\""), "{roles}");
});

db_test!(fn a_brief_says_what_to_say_to_whom_and_what_to_find_out(db) {
    let server = Server::start(db);
    let rep = server.add_user(Role::Sales);
    seed(&server, &rep);
    let sales = server.browser();
    sales.log_in(&rep, PASSWORD);
    let text = sales.get("/companies/c-1/brief").expect(200).text();
    for words in [
        "Competitive Loyalists · 1 purchase for 1,250 in all, the last on 1 Feb 2026",
        "Hours saved", "Visions of the factory", "Send the savings calculation", "Ada Lovelace",
        "nobody known", "set by" // the history's source follows
    ] {
        assert!(text.contains(words) || words == "set by", "{words} is not in the brief:\n{text}");
    }
    // A company whose people are silent: somebody to ask, and what.
    let silent = sales.get("/companies/c-2/brief").expect(200).text();
    for words in ["no scored answers yet", "silent so far", "Efficiency (no answer)", "How much does speed matter to Beta?", "Dee Snider (user)"] {
        assert!(silent.contains(words), "{words} is not in the brief:\n{silent}");
    }
    // Another rep's company is not there, by no address.
    for path in ["/companies/c-3", "/companies/c-3/brief", "/companies/c-3/plan", "/companies/nobody/brief"] {
        sales.get(path).expect(404);
    }
    let analyst = server.log_in(Role::Analyst);
    analyst.get("/companies/c-3/brief").expect(200);
    // What an analyst sets by hand stands there with its reason.
    let api = server.api(Role::Analyst);
    api.put("/api/v1/companies/c-1/override", json!({ "segment": "innovators", "reason": "They build with us." })).expect(200);
    let text = analyst.get("/companies/c-1/brief").expect(200).text();
    assert!(text.contains("They build with us.") && text.contains("The answers alone say Efficiency Seekers"), "{text}");
});

#[test]
fn a_brief_prints_on_one_page() {
    let Some(chrome) = Chrome::open(module_path!()) else {
        return;
    };
    let db = TestDb::sqlite();
    let server = Server::start(&db);
    let rep = server.add_user(Role::Sales);
    seed(&server, &rep);
    let long = "A long sentence about what was agreed with them at the fair and what came of it since. ".repeat(3);
    let people: Vec<String> = (0..30)
        .map(|nth| {
            format!(
                "x-{nth},c-1,x{nth}@x.example,Maximiliane-Charlotte,Oberhuber-Wagenknecht,role{}",
                nth % 9
            )
        })
        .collect();
    take(
        &server,
        What::Contacts,
        format!(
            "external_id,company_external_id,email,first_name,last_name,role\n{}\n",
            people.join("\n")
        ),
    );
    let browser = server.browser();
    browser.log_in(&rep, PASSWORD);
    for _ in 0..6 {
        let step = [
            ("action", long.as_str()),
            ("due_on", "2026-04-01"),
            ("owner", rep.as_str()),
            ("need", "efficiency"),
        ];
        browser.post("/companies/c-1/plan/steps", &step).expect(303);
    }
    chrome.goto(&format!("{}/companies/c-1/brief", server.base()));
    chrome.type_into("input[name=email]", &rep);
    chrome.type_into("input[name=password]", PASSWORD);
    chrome.leave_by("main button[type=submit]");
    assert!(chrome.url().ends_with("/brief"), "{}", chrome.url());
    assert_eq!(chrome.complaints(), Vec::<String>::new());
    let paper = json!({ "paperWidth": 8.27, "paperHeight": 11.69 });
    let printed = chrome.command("Page.printToPDF", paper);
    let pdf = data_encoding::BASE64
        .decode(printed["data"].as_str().unwrap_or_default().as_bytes())
        .expect("a file");
    let pdf = String::from_utf8_lossy(&pdf);
    let pages = pdf
        .match_indices("/Type /Page")
        .filter(|(at, found)| !pdf[at + found.len()..].starts_with('s'));
    assert_eq!(pages.count(), 1);
}
