//! Mail over an encrypted connection: the built program against a server with a certificate.

use crate::drip::{FRAMEWORK, House, START};
use crate::support::smtp::{Manners, What};
use crate::support::tls::{Tls, write_authority};
use crate::support::{Program, SmtpServer, TestDb};

fn server(tls: Option<Tls>) -> SmtpServer {
    SmtpServer::with(Manners {
        tls,
        ..Manners::default()
    })
}

const NEWS: &str = r#"
[[drips]]
code = "news"
name = "News"
trigger = "manual"
[[drips.steps]]
delay = "0d"
[drips.steps.message.default]
subject = "News"
body = "Read this."
"#;

/// Sends the one mail that is due to that server, which the program knows by this URL: what it said.
fn send(db: &TestDb, url: &str) -> String {
    let house = House::with(db, &format!("{FRAMEWORK}{NEWS}"), &[]);
    house.contact("ada@a.example", Some(1));
    house.enrol("news", &["ada"]);
    let program = Program::over(db).with("DRIPLINE_SMTP_URL", url);
    let authority = program.folder().join("authority.pem");
    write_authority(&authority);
    let program = program.with("SSL_CERT_FILE", &authority.display().to_string());
    let ended = program.run(&format!("run-due --at {START}"));
    format!("{}{}", ended.out, ended.err)
}

/// Whether each mail came over a connection that was secured before MAIL.
fn all_secured(smtp: &SmtpServer) -> bool {
    let ledger = smtp.ledger();
    let secured_first = |connection| {
        let of = ledger.iter().filter(|entry| entry.connection == connection);
        let mut seen = of.map(|entry| &entry.what);
        seen.find(|what| match what {
            What::Secured => true,
            What::Heard(line) => line.starts_with("MAIL"),
            _ => false,
        }) == Some(&What::Secured)
    };
    ledger
        .iter()
        .filter(|entry| matches!(entry.what, What::Mail(_)))
        .all(|entry| secured_first(entry.connection))
}

fn nothing_left(smtp: &SmtpServer, db: &TestDb) {
    assert_eq!(smtp.heard("MAIL"), Vec::<String>::new());
    assert_eq!(smtp.mails().len(), 0);
    assert_eq!(db.words("SELECT state AS word FROM outbox"), ["queued"]);
    db.leaves_mail("the server is not to be trusted");
}

#[test]
fn starttls_is_used_where_it_is_offered() {
    for options in ["", "?tls=required"] {
        let (db, smtp) = (TestDb::sqlite(), server(Some(Tls::OnRequest { name: "localhost" })));
        let said = send(&db, &format!("{}{options}", smtp.url()));
        assert_eq!(smtp.mails().len(), 1, "{said}");
        assert!(all_secured(&smtp), "{:?}", smtp.ledger());
    }
}

#[test]
fn smtps_is_encrypted_from_the_first_byte() {
    let (db, smtp) = (TestDb::sqlite(), server(Some(Tls::Implicit { name: "localhost" })));
    let said = send(&db, &smtp.url());
    assert_eq!(smtp.mails().len(), 1, "{said}");
    assert!(all_secured(&smtp), "{:?}", smtp.ledger());
}

#[test]
fn no_mail_leaves_in_the_clear_where_encryption_is_required() {
    let (db, smtp) = (TestDb::sqlite(), server(None));
    let said = send(&db, &format!("{}?tls=required", smtp.url()));
    assert!(said.contains("STARTTLS"), "{said}");
    nothing_left(&smtp, &db);
}

#[test]
fn a_certificate_for_another_name_is_refused_with_the_cause() {
    let other = "mail.elsewhere.example";
    for tls in [Tls::OnRequest { name: other }, Tls::Implicit { name: other }] {
        let (db, smtp) = (TestDb::sqlite(), server(Some(tls)));
        let said = send(&db, &smtp.url());
        assert!(said.to_lowercase().contains("certificate"), "{said}");
        nothing_left(&smtp, &db);
    }
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    let (db, smtp) = (TestDb::sqlite(), server(Some(Tls::Implicit { name: "localhost" })));
    let found = Program::over(&db).with("DRIPLINE_SMTP_URL", &smtp.url()).run("doctor");
    assert_eq!(found.code, 1);
    assert!(
        found.out.contains("fail  mail: ") && found.out.to_lowercase().contains("certificate"),
        "{}",
        found.out
    );
    assert_eq!(smtp.heard("EHLO"), Vec::<String>::new());
}
