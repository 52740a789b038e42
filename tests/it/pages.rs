//! The pages about customers, as a person without JavaScript uses them.

use dripline::accounts::Role;
use dripline::import::{self, File, What};
use dripline::text::csv::Limits;
use dripline::{demo, framework, reframe};

use crate::support::{Server, db_test};

const COMPANIES: &str = "external_id,name,customer_since,annual_revenue,country\n\
    c-1,Müller <b>GmbH</b>,2019-03-31,800,DE\n\
    a/b %,'><img src=x onerror=alert(1)>,2026-01-01,150,AT\n";
const CONTACTS: &str = "external_id,company_external_id,email,first_name,last_name,role\n\
    p-1,c-1,ada@x.example,Ada,Lovelace,decision_maker\n\
    p-2,,ben@y.example,Ben,,\n";
const TRANSACTIONS: &str =
    "external_id,company_external_id,product,amount,occurred_at\nt-1,c-1,Press,12.5,2026-02-01\n";
const ANSWERS: &str = "contact_external_id,question,value,at\np-1,why-change,cost,2026-03-01\n";

fn seed(server: &Server) {
    let framework = framework::read::toml(demo::FRAMEWORK).unwrap();
    let now = server.clock.now();
    let apply = move |conn: &mut _| reframe::apply(conn, now, "console", &framework);
    server.db.write_now(apply).unwrap();
    let files = [
        (What::Companies, COMPANIES),
        (What::Contacts, CONTACTS),
        (What::Transactions, TRANSACTIONS),
        (What::Answers, ANSWERS),
    ];
    for (what, text) in files {
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
}

db_test!(fn companies_are_found_filtered_and_sorted(db) {
    let server = Server::start(db);
    seed(&server);
    let browser = server.log_in_owner();
    let list = browser.get("/companies").expect(200);
    assert!(list.text().contains("2 companies"), "{}", list.text());
    assert!(!list.html().contains("<img") && !list.html().contains("<b>"));
    let form = list.form("/companies").fill("search", "MULLER");
    let found = browser.submit(&form).expect(200);
    assert!(found.text().contains("1 company found") && found.text().contains("Müller"), "{}", found.text());
    let sorted = browser.get("/companies?sort=revenue&country=AT&tenure=new&segment=none").expect(200);
    assert!(sorted.text().contains("1 company found"), "{}", sorted.text());
    browser.get("/companies?page=9999999999999").expect(200);
    for wrong in ["page=0", "page=x"] {
        browser.get(&format!("/companies?{wrong}")).expect(400);
    }
    browser.get("/companies?tenure=old").expect(422);
    for nul in ["/companies?search=%00", "/companies/%00", "/contacts?search=a%00b"] {
        browser.get(nul).expect(400);
    }
});

db_test!(fn a_company_shows_its_people_and_what_it_needs_but_nobodys_answers(db) {
    let server = Server::start(db);
    seed(&server);
    let browser = server.log_in_owner();
    let page = browser.get("/companies/c-1").expect(200);
    let text = page.text();
    for word in ["Ada Lovelace", "ada@x.example", "Press", "1 of 3 scored answers", "Long-standing", "Tier A"] {
        assert!(text.contains(word), "{word} is not on the page:\n{text}");
    }
    // What its one contact answered is nobody's business here.
    let asked = framework::read::toml(demo::FRAMEWORK).unwrap();
    let options: Vec<String> = asked.questions().map(|(_, question)| question.text.clone()).collect();
    assert!(options.iter().all(|question| !text.contains(question.as_str())));
    let strange = browser.get("/companies/a%2Fb%20%25").expect(200);
    assert!(strange.html().contains("&#60;img") || strange.html().contains("&lt;img"));
    browser.get("/companies/nobody").expect(404);
});

db_test!(fn contacts_are_found_by_name_and_address(db) {
    let server = Server::start(db);
    seed(&server);
    let browser = server.log_in(Role::Analyst);
    let list = browser.get("/contacts").expect(200);
    assert!(list.text().contains("2 contacts"), "{}", list.text());
    let found = browser.submit(&list.form("/contacts").fill("search", "BEN@")).expect(200);
    assert!(found.text().contains("1 contact found") && found.text().contains("ben@y.example"));
    assert!(found.text().contains("may go"), "{}", found.text());
    db.execute(
        "INSERT INTO suppressions (email_key, drip, reason, made_at) \
         VALUES ('ben@y.example', '', 'bounced', '2026-03-01 00:00:00'), \
         ('ada@x.example', 'why-us', 'unsubscribed', '2026-03-01 00:00:00')",
    )
    .unwrap();
    let text = browser.get("/contacts").expect(200).text();
    assert!(text.contains("2 contacts") && text.contains("the address takes no mail") && !text.contains("wants no mails"), "{text}");
});

/// A posted file, as a browser writes it.
fn multipart(what: &str, dry_run: bool, file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut part = |head: &str, content: &[u8]| {
        body.extend_from_slice(format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    part("name=\"what\"", what.as_bytes());
    if dry_run {
        part("name=\"dry_run\"", b"yes");
    }
    part("name=\"file\"; filename=\"../../x.csv\"", file);
    body.extend_from_slice(b"--edge--\r\n");
    body
}

db_test!(fn an_analyst_tries_corrects_and_takes_a_file(db) {
    let server = Server::start(db);
    let browser = server.log_in(Role::Analyst);
    let headers = [
        ("content-type", "multipart/form-data; boundary=edge"),
        ("origin", server.base()),
        ("sec-fetch-site", "same-origin"),
    ];
    let send = |body: Vec<u8>| browser.ask("POST", "/imports", &headers, &body);
    let faulty = send(multipart("companies", false, b"external_id,name,employees\nc-1,One,many\nc-2,,1\n")).expect(422);
    let text = faulty.text();
    assert!(text.contains("is not a whole number of 0 or more") && text.contains("is empty"), "{text}");
    let tried = send(multipart("companies", true, b"external_id,name\nc-1,One\n")).expect(200);
    assert!(tried.text().contains("1 created, 0 updated, 0 unchanged"), "{}", tried.text());
    assert_eq!(db.number("SELECT count(*) AS n FROM companies"), 0);
    send(multipart("companies", false, b"external_id,name\nc-1,One\n")).expect(303);
    assert_eq!(db.number("SELECT count(*) AS n FROM companies"), 1);
    assert!(browser.get("/imports").expect(200).text().contains("../../x.csv"));
    send(multipart("", false, b"external_id,name\n")).expect(422);
    send(multipart("companies", false, b"PK\x03\x04workbook")).expect(422);
    send(multipart("companies", false, &vec![b'x'; 5 * 1024 * 1024 + 1])).expect(413);
    server.log_in(Role::Sales).get("/imports").expect(403);
});

db_test!(fn an_export_is_downloaded_and_single_answers_are_the_admins(db) {
    let server = Server::start(db);
    seed(&server);
    let analyst = server.log_in(Role::Analyst);
    let file = analyst.post("/exports", &[("what", "scores"), ("format", "csv")]).expect(200);
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"scores-2026-03-10.csv\""));
    assert!(file.html().starts_with("external_id,name,tenure,"));
    analyst.post("/exports", &[("what", "answers"), ("format", "csv")]).expect(403);
    let admin = server.log_in(Role::Admin);
    let book = admin.post("/exports", &[("what", "answers"), ("format", "xlsx")]).expect(200);
    assert!(book.body.starts_with(b"PK"));
    let noted = db.words("SELECT action AS word FROM audit_entries WHERE action LIKE '%.export' ORDER BY id");
    assert_eq!(noted, ["scores.export", "answers.export"]);
});
