//! The commands, run as a user runs them.

use crate::support::smtp::Manners;
use crate::support::{PASSWORD, Program, SmtpServer, TestDb, db_test};

const FRAMEWORK: &str = include_str!("support/framework.toml");

#[test]
fn wrong_usage_ends_with_2_and_says_what_would_be_right() {
    let program = Program::over(&TestDb::sqlite());
    for (command, hint) in [
        ("", "Usage: dripline <COMMAND>"),
        ("nonsense", "unrecognized subcommand"),
        (
            "import nothing file.csv",
            "companies, contacts, transactions, usage, answers",
        ),
        ("user add --email ada@example.com --role king", "admin, analyst, sales"),
    ] {
        let ended = program.run(command);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{command}");
        assert!(ended.err.contains(hint), "{command}: {}", ended.err);
    }
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let program = Program::over(&TestDb::sqlite());
    let mut queue = vec![String::new()];
    let mut seen = 0;
    while let Some(command) = queue.pop() {
        let help = program.answer(&format!("{command} --help"));
        let commands = help
            .split("Commands:")
            .nth(1)
            .and_then(|rest| rest.split("\n\n").next())
            .unwrap_or_default();
        let names = commands
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| *name != "help");
        let below: Vec<_> = names.map(|name| format!("{command} {name}")).collect();
        assert!(!below.is_empty() || help.contains("Example"), "{command}: {help}");
        queue.extend(below);
        seen += 1;
    }
    assert!(seen > 10);
}

#[test]
fn a_database_that_cannot_be_reached_is_one_line_and_exit_code_1() {
    for address in ["postgres://nobody@127.0.0.1:1/none", "sqlite:///nowhere/at/all.db"] {
        let program = Program::at(address);
        program.file("companies.csv", "external_id,name\nc1,One\n");
        for command in [
            "migrate",
            "import companies companies.csv",
            "rescore",
            "user list",
            "serve",
            "framework export",
        ] {
            let said = program.complaint(command);
            let last = said.trim_end().lines().last().unwrap_or_default();
            assert!(last.starts_with("dripline: "), "{address} {command}: {said}");
            assert_eq!(said.matches("dripline: ").count(), 1, "{address} {command}: {said}");
        }
    }
}

#[test]
fn every_fault_of_the_settings_is_told_by_name() {
    let program = Program::at("mysql://x")
        .with("DRIPLINE_LISTEN", "nowhere")
        .with("DRIPLINE_BASE_URL", "ftp://x");
    let said = program.complaint("migrate");
    for setting in ["DATABASE_URL", "DRIPLINE_LISTEN", "DRIPLINE_BASE_URL"] {
        assert!(said.contains(setting), "{said}");
    }
}

db_test!(fn a_framework_is_checked_applied_and_written_out_again(db) {
    let program = Program::over(db);
    program.file("framework.toml", FRAMEWORK);
    assert!(program.answer("framework check framework.toml").contains("4 needs, 3 segments"));
    assert!(program.answer("framework apply framework.toml").contains("segment \"innovators\" added"));
    assert_eq!(program.answer("framework apply framework.toml"), "nothing changed\n");
    for (name, command) in [("again.toml", "framework export"), ("again.json", "framework export --json")] {
        let exported = program.answer(command);
        program.file(name, &exported);
        assert_eq!(program.answer(&format!("framework apply {name}")), "nothing changed\n");
    }
});

db_test!(fn a_faulty_framework_is_told_fault_by_fault_and_changes_nothing(db) {
    let program = Program::over(db);
    program.file("framework.toml", &FRAMEWORK.replace("profile = {", "profil = {"));
    let said = program.complaint("framework apply framework.toml");
    assert_eq!(said.matches("\"profil\"").count(), 3, "{said}");
    assert!(said.contains("framework.toml: line "), "{said}");
    assert_eq!(db.number("SELECT count(*) AS n FROM frameworks"), 0);
});

db_test!(fn a_file_comes_in_whole_or_not_at_all(db) {
    let program = Program::over(db);
    program.file("bad.csv", "external_id,name,customer_since\nc1,One,2024-01-31\nc2,Two,tomorrow\n,Three,\n");
    let said = program.complaint("import companies bad.csv");
    assert!(said.contains("bad.csv: line 3, column customer_since: "), "{said}");
    assert!(said.contains("bad.csv: line 4, column external_id: "), "{said}");
    program.file("good.csv", "external_id,name\nc1,One\n");
    assert!(program.answer("import companies good.csv --dry-run").contains("1 created, 0 updated, 0 unchanged; nothing was kept"));
    assert_eq!(db.number("SELECT count(*) AS n FROM companies"), 0);
    assert_eq!(program.answer("import companies good.csv"), "companies: 1 created, 0 updated, 0 unchanged\n");
    assert_eq!(program.answer("import companies good.csv"), "companies: 0 created, 0 updated, 1 unchanged\n");
});

db_test!(fn a_user_who_was_added_logs_in_until_shut_out(db) {
    let program = Program::over(db);
    for name in ["ada", "bob"] {
        let added = program.run_with(&format!("user add --email {name}@example.com --role admin --password-stdin"), PASSWORD);
        assert_eq!(added.code, 0, "{}", added.err);
    }
    assert!(program.complaint("user add --email eve@example.com --role sales").contains("--password-stdin"));
    let serving = program.serve("");
    serving.browser().log_in("ada@example.com", PASSWORD);
    program.answer("user disable --email ada@example.com");
    let browser = serving.browser();
    let form = browser.visit("/login").form("/login").fill("email", "ada@example.com").fill("password", PASSWORD);
    browser.post_form(&form).expect(422);
    assert!(program.complaint("user disable --email bob@example.com").contains("last admin"));
    let list = program.answer("user list");
    assert!(list.lines().any(|line| line.starts_with("ada@example.com") && line.ends_with("disabled")), "{list}");
});

db_test!(fn a_token_is_printed_alone_and_opens_the_api_until_revoked(db) {
    let program = Program::over(db);
    let token = program.answer("token add --name crm --role analyst");
    assert_eq!(token.split_whitespace().count(), 1, "{token}");
    let serving = program.serve("");
    let api = crate::support::Api::new(&serving.base, token.trim());
    api.get("/api/v1/framework").expect(200);
    assert!(!program.answer("token list").contains(token.trim()));
    program.answer("token revoke crm");
    api.get("/api/v1/framework").expect(401);
    assert!(program.complaint("token revoke crm").contains("no such token"));
});

#[test]
fn a_mail_server_that_does_not_answer_is_told_by_doctor() {
    let db = TestDb::sqlite();
    let found = Program::over(&db)
        .with("DRIPLINE_SMTP_URL", "smtp://127.0.0.1:1")
        .run("doctor");
    assert_eq!(found.code, 1);
    assert!(found.out.contains("fail  mail: 127.0.0.1:1: "), "{}", found.out);
    let smtp = SmtpServer::with(Manners {
        login: Some(("ada", "secret")),
        ..Manners::default()
    });
    let found = Program::over(&db).mailing(&smtp).answer("doctor");
    assert!(found.contains("takes our log-in"), "{found}");
    let refused = Program::over(&db)
        .with("DRIPLINE_SMTP_URL", &smtp.url().replace("secret", "wrong"))
        .run("doctor");
    assert!(
        refused.code == 1 && refused.out.contains("fail  mail: "),
        "{}",
        refused.out
    );
    assert!(!refused.out.contains("wrong"), "{}", refused.out);
}

db_test!(fn serve_ends_in_order_when_asked_to(db) {
    let serving = Program::over(db).serve("");
    assert_eq!(serving.browser().get("/readyz").expect(200).json()["worker"], "ok");
    assert_eq!(serving.end(), 0);
});

#[test]
fn an_address_in_use_is_one_line() {
    let db = TestDb::sqlite();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = Program::over(&db).with("DRIPLINE_LISTEN", &address).complaint("serve");
    assert!(
        said.contains(&format!("dripline: cannot listen on {address}: ")),
        "{said}"
    );
}

#[test]
fn a_new_installation_is_healthy_and_a_restored_one_says_that_it_is_paused() {
    let folder = tempfile::tempdir().unwrap();
    let address = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    let program = Program::at(&address("live.db"));
    assert!(program.run("doctor").out.contains("fail  database: "));
    program.answer("migrate");
    let found = program.answer("doctor");
    assert!(
        found.contains("ok    database: ") && found.contains("ok    schema: "),
        "{found}"
    );
    assert!(!found.contains("paused"), "{found}");
    program.answer(&format!("backup {}", folder.path().join("copy.db").display()));
    let restored = Program::at(&address("copy.db")).answer("doctor");
    assert!(restored.contains("warn  sending: paused"), "{restored}");
}
