//! The dashboard and what all pages of the insights have in common: filter, tabs, files, views.

use chrono::TimeDelta;
use dripline::accounts::Role;
use dripline::import::{self, File, What};
use dripline::text::csv::Limits;
use dripline::{demo, framework, reframe};

use crate::support::{MANY, PASSWORD, Server, db_test};

const COMPANIES: &str = "external_id,name,customer_since,annual_revenue,country,industry,region,employees,owner_email,Shoe size\n\
    c-1,Alpha,2019-03-31,800,DE,\"Food, drink\",West,12,,43\n\
    c-2,Beta,2026-01-01,150,AT,Steel,East,300,,44\n\
    c-3,Gamma,2026-01-01,50,AT,Steel,West,,,\"43, wide\"\n\
    c-4,Delta,,,DE,,,2000,,\n";
const CONTACTS: &str = "external_id,company_external_id,email\np-1,c-1,ada@x.example\np-2,c-2,ben@y.example\n";

fn take(server: &Server, what: What, text: &'static str) {
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

fn seed(server: &Server) {
    let framework = framework::read::toml(demo::FRAMEWORK).unwrap();
    let now = server.clock.now();
    let apply = move |conn: &mut _| reframe::apply(conn, now, "console", &framework);
    server.db.write_now(apply).unwrap();
    take(server, What::Companies, COMPANIES);
    take(server, What::Contacts, CONTACTS);
}

/// As the pages say how many companies there are.
#[track_caller]
fn assert_companies(text: &str, n: u32) {
    let (in_line, in_two) = (format!("Companies {n} "), format!("Companies\n{n}\n"));
    assert!(text.contains(&in_line) || text.contains(&in_two), "{n}: {text}");
}

db_test!(fn any_attribute_narrows_every_page_and_its_files_and_the_call(db) {
    let server = Server::start(db);
    seed(&server);
    let browser = server.log_in(Role::Analyst);
    let narrowed = [
        ("attribute.region=West", 2),
        ("attribute.Shoe+size=43", 1),
        ("attribute.Shoe+size=43%2C+wide&attribute.Shoe+size=44", 2),
        ("attribute.employees=10-49&attribute.employees=unknown", 2),
        ("attribute.employees=1000%2B", 1),
        ("industry=Food%5C%2C+drink", 1),
        ("attribute.country=AT&attribute.region=East", 1),
        ("attribute.region=South", 0),
    ];
    let api = server.api(Role::Analyst);
    for (query, n) in narrowed {
        assert_companies(&browser.get(&format!("/?{query}")).expect(200).text(), n);
        let list = browser.get(&format!("/companies?{query}")).expect(200).text();
        assert!(list.contains(&format!("{n} compan")), "{query}: {list}");
        let csv = browser.get(&format!("/?{query}&format=csv&table=coverage")).expect(200).html();
        let companies: Vec<&str> = csv.lines().last().unwrap().split(',').collect();
        assert_eq!(companies[..2], ["all", n.to_string().as_str()], "{query}: {csv}");
        let answer = api.get(&format!("/api/v1/insights/segments?{query}")).expect(200).json();
        let unassigned = answer["unassigned"].as_array().unwrap().iter().map(|row| row["count"].as_u64().unwrap());
        assert_eq!(unassigned.sum::<u64>(), u64::from(n), "{query}: {answer}");
    }
    for faulty in ["attribute.=x", "attribute.employees=12", "region=West", "format=pdf", "table=x&format=csv"] {
        let page = browser.get(&format!("/insights?{faulty}")).expect(422).text();
        assert!(page.contains("correct what is listed"), "{faulty}: {page}");
    }

    let page = browser.get("/insights?attribute.region=West&as_of=2026-01-05").expect(200);
    let text = page.text();
    assert!(text.contains("Region: West") && text.contains("As things stood at the end of 5 Jan 2026"), "{text}");
    // The form sends what was asked, all links keep it.
    let form = page.form("/insights").fields();
    for (name, value) in [("attribute.region", "West"), ("as_of", "2026-01-05")] {
        assert!(form.contains(&(name.to_owned(), value.to_owned())), "{name}: {form:?}");
    }
    assert!(page.html().contains("attribute.region=West&#38;as_of=2026-01-05&#38;format=csv&#38;table=segments")
        || page.html().contains("attribute.region=West&amp;as_of=2026-01-05&amp;format=csv&amp;table=segments"), "{}", page.html());
    let typed = page.form("/insights").fill("attribute.region", "East");
    assert!(browser.submit(&typed).expect(200).text().contains("Region: East"));

    for table in ["segments", "needs", "sure"] {
        let csv = browser.get(&format!("/insights?format=csv&table={table}")).expect(200);
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(csv.header("content-disposition").unwrap().ends_with(".csv\""));
        let xlsx = browser.get(&format!("/insights?format=xlsx&table={table}")).expect(200);
        assert!(xlsx.body.starts_with(b"PK"));
    }
});

db_test!(fn the_dashboard_tells_what_changed_since_the_last_visit_and_what_waits(db) {
    let server = Server::start(db);
    seed(&server);
    let email = server.add_user(Role::Analyst);
    let come = || {
        let browser = server.browser();
        browser.log_in(&email, PASSWORD);
        browser
    };
    let text = come().get("/").expect(200).text();
    assert!(text.contains("This is your first visit"), "{text}");
    // Within half an hour it is still the same visit.
    server.wait(TimeDelta::minutes(20));
    assert!(come().get("/").expect(200).text().contains("This is your first visit"));
    server.wait(TimeDelta::hours(2));
    take(&server, What::Companies, "external_id,name,country\nc-5,Epsilon,NL\n");
    take(&server, What::Answers, "contact_external_id,question,value,at\np-1,why-change,cost,2026-03-10T12:30:00Z\n");
    let now = dripline::clock::rfc3339(server.clock.now()).replace('T', " ").replace('Z', "");
    for (from, to) in [("NULL", "'efficiency-seekers'"), ("'efficiency-seekers'", "NULL")] {
        db.execute(&format!(
            "INSERT INTO segment_changes (company_id, at, from_segment, to_segment, source, made_by, why) \
             SELECT id, '{now}', {from}, {to}, 'survey', 'a test', '' FROM companies WHERE external_id = 'c-2'"
        )).unwrap();
    }
    let text = come().get("/").expect(200).text();
    for words in [
        "1 company got its first segment", "1 company lost its segment", "1 company is new here",
        "Beta", "no segment → Efficiency Seekers",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let dutch = come().get("/?country=NL").expect(200).text();
    assert!(dutch.contains("1 company is new here") && !dutch.contains("first segment"), "{dutch}");

    // The drips of the demo's framework that begin by themselves start paused.
    assert!(text.contains("is paused"), "{text}");
    let rep = server.log_in(Role::Sales);
    let address = db.words("SELECT email AS word FROM users WHERE role = 'sales'").remove(0);
    db.execute(&format!("UPDATE companies SET owner_email = '{address}' WHERE external_id = 'c-1'")).unwrap();
    let rep = rep.get("/").expect(200).text();
    assert!(!rep.contains("is paused") && rep.contains("Nothing waits for you"), "{rep}");
});

db_test!(fn companies_and_revenue_are_heard_by_enough_recent_answers(db) {
    let server = Server::start(db);
    seed(&server);
    let today = server.clock.now().date();
    let evidence = |company: &str, answers: u32, days: i64| {
        let at = today - TimeDelta::days(days);
        db.execute(&format!(
            "INSERT INTO company_evidence (company_id, answers, contacts_answered, answered_at) \
             SELECT id, {answers}, 1, '{at} 10:00:00' FROM companies WHERE external_id = '{company}'"
        )).unwrap();
    };
    evidence("c-1", 3, 10);
    evidence("c-2", 2, 10);
    evidence("c-3", 9, 4000);
    let browser = server.log_in(Role::Analyst);
    let csv = browser.get("/?format=csv&table=coverage").expect(200).html();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "tier,companies,heard,share,revenue,revenue_heard,revenue_share");
    assert_eq!(*lines.last().unwrap(), "all,4,1,0.25,1000,800,0.8");
    assert!(lines.contains(&"A,1,1,1,800,800,1"), "{csv}");
    assert!(lines.contains(&"unknown,1,0,0,0,0,"), "{csv}");
});

db_test!(fn a_view_is_kept_under_a_name_shared_renamed_deleted_and_put_back(db) {
    let server = Server::start(db);
    seed(&server);
    let mine = server.log_in(Role::Analyst);
    let keep = |query: &str, name: &str| mine.get(&format!("/insights{query}")).expect(200).form("/insights/views").fill("name", name);
    let kept = mine.submit(&keep("?country=AT&tenure=new", "  New  in Austria ")).expect(200);
    assert!(kept.text().contains("Kept as") && kept.text().contains("Country: AT"), "{}", kept.text());
    assert!(mine.submit(&keep("", "new in austria")).expect(422).text().contains("choose another name"));
    mine.submit(&keep("", " ")).expect(422);
    mine.post("/insights/views", &[("page", "/users"), ("name", "x")]).expect(400);

    let list = mine.get("/insights/views").expect(200);
    assert!(list.html().contains("/insights?tenure=new&#38;country=AT") || list.html().contains("/insights?tenure=new&amp;country=AT"), "{}", list.html());
    let id = db.number("SELECT max(id) AS n FROM saved_views");
    let permanent = format!("/insights/views/{id}");
    assert_eq!(mine.get(&permanent).expect(303).header("location"), Some("/insights?tenure=new&country=AT"));
    // What is not shared is nobody else's.
    let other = server.log_in(Role::Analyst);
    other.get(&permanent).expect(404);
    other.post(&format!("{permanent}/removal"), &[]).expect(404);
    let change = list.form(&permanent).fill("name", "Austrians").fill("shared", "yes");
    assert!(mine.submit(&change).expect(200).text().contains("Austrians"));
    assert!(other.get("/insights").expect(200).text().contains("Austrians"));
    other.get(&permanent).expect(303);
    other.post(&permanent, &[("name", "Mine")]).expect(404);

    let gone = mine.submit(&mine.get("/insights/views").expect(200).form(&format!("{permanent}/removal"))).expect(200);
    assert!(gone.text().contains("Deleted lately"), "{}", gone.text());
    other.get(&permanent).expect(404);
    mine.submit(&gone.form(&format!("{permanent}/return"))).expect(200);
    other.get(&permanent).expect(303);
    let deeds = db.words("SELECT action AS word FROM audit_entries WHERE action LIKE 'view.%' ORDER BY id");
    assert_eq!(deeds, ["view.add", "view.change", "view.remove", "view.put_back"]);
    server.log_in(Role::Sales).get("/insights/views").expect(200);
});

db_test!(fn the_tables_of_companies_and_segments_are_files_and_a_workbook_tells_whose_figures_it_holds(db) {
    let server = Server::start(db);
    seed(&server);
    let api = server.api(Role::Admin);
    let value = |code: &str| serde_json::json!({ "contact": "p-1", "question": code, "value": "cost", "at": "2026-03-01T10:00:00Z" });
    api.post("/api/v1/answers", serde_json::json!([value("why-change")])).expect(200);
    let segment = framework::read::toml(demo::FRAMEWORK).unwrap().segments[0].clone();
    let override_ = serde_json::json!({ "segment": segment.code, "reason": "we asked" });
    for company in ["c-1", "c-2"] {
        api.put(&format!("/api/v1/companies/{company}/override"), override_.clone()).expect(200);
    }
    let browser = server.log_in(Role::Analyst);
    let page = browser.get("/companies/c-1").expect(200).html();
    for table in ["needs", "roles", "channels", "history"] {
        assert!(page.contains(&format!("/companies/c-1?format=csv&#38;table={table}")), "{table}: {page}");
    }
    let csv = |path: &str| browser.get(path).expect(200).html();
    let history = csv("/companies/c-1?format=csv&table=history");
    assert!(history.starts_with("at,from,to,source,why,by\r\n2026-03-10T11:00:00Z,,") && history.contains(",set by an analyst,we asked,"), "{history}");
    assert!(csv("/companies/c-1?format=csv&table=roles").contains("\nRole unknown,1,1,"));
    let needs = csv("/companies/c-1?format=csv");
    assert!(needs.starts_with("need,score,low,high,answers,r_wg,agreement\r\n"), "{needs}");
    let problem = browser.get("/companies/c-1?format=csv&table=emails").expect(422).text();
    assert!(problem.contains("there are needs"), "{problem}");
    browser.get("/companies/c-1?format=pdf").expect(422);
    let roster = csv(&format!("/segments/{}?format=csv&table=companies&sort=name", segment.code));
    assert!(roster.contains("\r\nAlpha,c-1,long-standing,1,800,A\r\nBeta,c-2,new,0,150,"), "{roster}");
    assert!(csv(&format!("/segments/{}?format=csv&table=revenue", segment.code)).lines().count() == 3);
    assert!(csv("/segments?format=csv").starts_with("segment,companies,share,revenue,"));

    // The filter stands on a sheet of its own: rows that programs read stay as they are.
    for path in ["/insights?tenure=new&format=xlsx", "/segments?format=xlsx", "/companies/c-1?format=xlsx&table=needs"] {
        let book = browser.get(path).expect(200).body;
        let has = |name: &str| book.windows(name.len()).any(|part| part == name.as_bytes());
        assert!(book.starts_with(b"PK") && has("xl/worksheets/sheet2.xml") && !has("xl/worksheets/sheet3.xml"), "{path}");
    }
    // A rep gets no file of what it may not see.
    let rep = server.log_in(Role::Sales);
    let address = db.words("SELECT email AS word FROM users WHERE role = 'sales'").remove(0);
    db.execute(&format!("UPDATE companies SET owner_email = '{address}' WHERE external_id = 'c-2'")).unwrap();
    rep.get("/companies/c-1?format=csv").expect(404);
    rep.get("/companies/c-2?format=csv").expect(200);
    let roster = rep.get(&format!("/segments/{}?format=csv", segment.code)).expect(200).html();
    assert!(roster.contains("Beta,c-2") && !roster.contains("Alpha"), "{roster}");
});

db_test!(fn over_many_companies_a_page_shows_what_was_kept_with_its_time_until_it_is_read_anew(db) {
    // As if an installation of one company were a large one.
    let server = Server::with(db, &[(MANY, "0")]);
    seed(&server);
    let browser = server.log_in(Role::Analyst);
    let page = || browser.get("/").expect(200).text();
    let first = page();
    assert_companies(&first, 4);
    assert!(!first.contains("Figures of"), "{first}");
    server.wait(TimeDelta::minutes(10));
    take(&server, What::Companies, "external_id,name\nc-5,Epsilon\n");
    let mut turns = 0;
    let text = loop {
        let text = page();
        let is_old = text.contains("10 Mar 2026, 11:00 UTC");
        turns += 1;
        if !is_old || turns > 2_000 {
            break text;
        }
        assert_companies(&text, 4);
    };
    assert!(turns > 1, "nobody was shown what was kept");
    assert_companies(&text, 5);
    // The call never shows anything but its own moment.
    take(&server, What::Companies, "external_id,name\nc-6,Zeta\n");
    let unassigned = server.api(Role::Analyst).get("/api/v1/insights/segments").expect(200).json();
    let n: u64 = unassigned["unassigned"].as_array().unwrap().iter().map(|row| row["count"].as_u64().unwrap()).sum();
    assert_eq!(n, 6);
});
