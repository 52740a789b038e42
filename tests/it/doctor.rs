//! `dripline doctor` on what receivers of mail look at.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Program, TestDb};

/// Keys made for this test alone.
pub const RSA_2048: &str = include_str!("support/keys/rsa-2048.pem");
pub const RSA_2048_PKCS1: &str = include_str!("support/keys/rsa-2048-pkcs1.pem");
pub const RSA_1024: &str = include_str!("support/keys/rsa-1024.pem");
const RSA_768: &str = include_str!("support/keys/rsa-768.pem");
pub const ED25519: &str = include_str!("support/keys/ed25519.pem");

/// Puts the key into a file of that mode, and names it.
pub fn key_file(folder: &Path, pem: &str, mode: u32) -> String {
    let path = folder.join("dkim.pem");
    std::fs::write(&path, pem).expect("the key is written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("its mode is set");
    path.display().to_string()
}

fn program(db: &TestDb) -> Program {
    let program = Program::over(db);
    program.answer("migrate");
    program.with("DRIPLINE_BASE_URL", "https://ask.example.com")
}

fn signing(program: Program, pem: &str, mode: u32) -> Program {
    let file = key_file(program.folder(), pem, mode);
    program
        .with("DRIPLINE_DKIM_DOMAIN", "example.com")
        .with("DRIPLINE_DKIM_SELECTOR", "s1")
        .with("DRIPLINE_DKIM_KEY_FILE", &file)
}

#[test]
fn the_records_to_publish_are_printed() {
    let db = TestDb::sqlite();
    let found = signing(program(&db), RSA_2048, 0o600)
        .with("DRIPLINE_BOUNCE_DOMAIN", "bounces.example.com")
        .answer("doctor");
    for record in [
        "bounces.example.com. TXT \"v=spf1 ",
        "s1._domainkey.example.com. TXT \"v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A",
        "_dmarc.example.com. TXT \"v=DMARC1; p=none",
        "bounces.example.com. MX ",
    ] {
        assert!(found.contains(record), "{record} in {found}");
    }
    assert!(!found.contains("warn  DKIM"), "{found}");
    let found = signing(program(&db), ED25519, 0o600).answer("doctor");
    assert!(found.contains("TXT \"v=DKIM1; k=ed25519; p="), "{found}");
}

#[test]
fn a_weak_key_is_warned_of_and_a_hopeless_one_fails() {
    let db = TestDb::sqlite();
    let found = signing(program(&db), RSA_1024, 0o600).answer("doctor");
    assert!(
        found
            .lines()
            .any(|line| line.starts_with("warn  DKIM") && line.contains("1024 bits")),
        "{found}"
    );
    let found = signing(program(&db), RSA_768, 0o600).run("doctor");
    assert_eq!(found.code, 1);
    assert!(found.out.contains("has 768 bits"), "{}", found.out);
}

#[test]
fn a_key_file_that_others_may_read_fails() {
    let db = TestDb::sqlite();
    for mode in [0o644, 0o640, 0o604] {
        let found = signing(program(&db), RSA_2048, mode).run("doctor");
        assert_eq!(found.code, 1, "{mode:o} {}", found.out);
        assert!(found.out.contains("chmod 600"), "{mode:o} {}", found.out);
    }
    signing(program(&db), RSA_2048, 0o400).answer("doctor");
}

#[test]
fn a_sender_that_nothing_vouches_for_fails() {
    let db = TestDb::sqlite();
    let elsewhere = |program: Program| program.with("DRIPLINE_BOUNCE_DOMAIN", "bounces.elsewhere.example");
    let found = elsewhere(program(&db)).run("doctor");
    assert_eq!(found.code, 1, "{}", found.out);
    assert!(found.out.contains("fail  DMARC"), "{}", found.out);
    let signed_elsewhere =
        elsewhere(signing(program(&db), RSA_2048, 0o600)).with("DRIPLINE_DKIM_DOMAIN", "relay.example");
    assert_eq!(signed_elsewhere.run("doctor").code, 1);
    // Either of the two is enough.
    elsewhere(signing(program(&db), RSA_2048, 0o600)).answer("doctor");
    signing(program(&db), RSA_2048, 0o600)
        .with("DRIPLINE_DKIM_DOMAIN", "relay.example")
        .answer("doctor");
    // A domain below the sender's is the sender's; a neighbour under the same ending is not.
    signing(program(&db), RSA_2048, 0o600)
        .with("DRIPLINE_DKIM_DOMAIN", "mail.example.com")
        .answer("doctor");
    let neighbours = signing(program(&db), RSA_2048, 0o600)
        .with("DRIPLINE_MAIL_FROM", "a@one.co.uk")
        .with("DRIPLINE_DKIM_DOMAIN", "two.co.uk")
        .with("DRIPLINE_BOUNCE_DOMAIN", "three.co.uk");
    assert_eq!(neighbours.run("doctor").code, 1);
}

#[test]
fn what_is_left_out_is_warned_of_by_name() {
    let db = TestDb::sqlite();
    let found = program(&db)
        .with("DRIPLINE_BASE_URL", "http://ask.example.com")
        .with("DRIPLINE_POSTAL_ADDRESS", "")
        .answer("doctor");
    for word in [
        "is http",
        "DRIPLINE_POSTAL_ADDRESS",
        "DRIPLINE_BOUNCE_DOMAIN",
        "DRIPLINE_BOUNCE_MAILBOX_URL",
        "DRIPLINE_DKIM_DOMAIN",
    ] {
        assert!(
            found
                .lines()
                .any(|line| line.starts_with("warn") && line.contains(word)),
            "{word} in {found}"
        );
    }
}

#[test]
fn signing_by_halves_is_told_by_the_missing_name() {
    let db = TestDb::sqlite();
    let said = program(&db).with("DRIPLINE_DKIM_SELECTOR", "s1").complaint("user list");
    assert!(
        said.contains("DRIPLINE_DKIM_DOMAIN: ") && said.contains("DRIPLINE_DKIM_KEY_FILE: "),
        "{said}"
    );
}
