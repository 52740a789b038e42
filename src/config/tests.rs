use std::path::PathBuf;
use std::time::Duration;

use super::*;

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn config(pairs: &[(&str, &str)]) -> Config {
    Config::from_pairs(pairs.iter().copied()).expect("good settings")
}

fn faults(pairs: &[(&str, &str)]) -> String {
    Config::from_pairs(pairs.iter().copied())
        .expect_err("bad settings")
        .to_string()
}

#[test]
fn with_nothing_set_it_runs_on_sqlite_and_captures_mail() {
    let config = config(&[]);
    assert_eq!(config.database, DatabaseUrl::Sqlite(PathBuf::from("dripline.db")));
    assert_eq!(config.base_url.as_str(), "http://127.0.0.1:8080/");
    assert_eq!(config.mail_from.to_string(), "Dripline <dripline@localhost>");
    assert_eq!(
        (config.smtp, config.smtp_connections, config.smtp_rate_per_minute),
        (None, 4, None)
    );
    assert_eq!(config.smtp_timeouts.dot, Duration::from_secs(600));
}

#[test]
fn all_faults_come_at_once_each_with_its_setting() {
    let text = faults(&[
        ("DATABASE_URL", "mysql://x"),
        ("DRIPLINE_LISTEN", "8080"),
        ("DRIPLINE_BASE_URL", "ask.example.com"),
        ("DRIPLINE_SECRET_KEY", "hunter2"),
        ("DRIPLINE_SMTP_URL", "http://user:hunter2@mail"),
        ("DRIPLINE_SMTP_CONNECTIONS", "65"),
        ("DRIPLINE_SMTP_TIMEOUT_DOT_SECONDS", "0"),
        ("DRIPLINE_MAIL_FROM", "nobody"),
        ("DRIPLINE_BOUNCE_DOMAIN", "a b"),
    ]);
    assert_eq!(text.lines().count(), 9, "{text}");
    for line in text.lines() {
        assert!(
            line.starts_with("DATABASE_URL: ") || line.starts_with("DRIPLINE_"),
            "{line}"
        );
    }
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn postgres_asks_for_a_key_and_hides_its_password() {
    let url = "postgres://app:hunter2@db.example/dripline";
    assert!(
        faults(&[("DATABASE_URL", url)]).starts_with("DRIPLINE_SECRET_KEY: a secret key is required with PostgreSQL")
    );
    let config = config(&[("DATABASE_URL", url), ("DRIPLINE_SECRET_KEY", KEY)]);
    assert_eq!(config.database, DatabaseUrl::Postgres(url.to_owned()));
    assert_eq!(config.database.to_string(), "postgres://db.example/dripline");
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!(
        "{:?}",
        config(&[
            ("DATABASE_URL", "postgres://app:hunter2@db.example/dripline"),
            ("DRIPLINE_SECRET_KEY", "hunter2hunter2hunter2hunter2hunter2"),
            ("DRIPLINE_SMTP_URL", "smtp://app:hunter2@mail.example"),
            ("DRIPLINE_BOUNCE_MAILBOX_URL", "imaps://app:hunter2@mail.example"),
        ])
    );
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_sqlite_url_names_a_file() {
    let path = |url| config(&[("DATABASE_URL", url)]).database.to_string();
    assert_eq!(path("sqlite://data/d.db"), "sqlite://data/d.db");
    assert_eq!(path("sqlite:///srv/d.db"), "sqlite:///srv/d.db");
    for url in ["sqlite://", "sqlite://d.db?mode=rwc", "sqlite://:memory:", "d.db"] {
        assert!(faults(&[("DATABASE_URL", url)]).starts_with("DATABASE_URL: "), "{url}");
    }
}

#[test]
fn the_smtp_url_says_where_and_how() {
    let smtp = |url| config(&[("DRIPLINE_SMTP_URL", url)]).smtp.expect("a server");
    let submission = smtp("smtp://me%40example.com:p%2Bw+x%3a@mail.example:587?tls=required");
    assert_eq!((submission.host.as_str(), submission.port), ("mail.example", 587));
    assert_eq!(submission.security, Security::Required);
    assert_eq!(submission.user.as_deref(), Some("me@example.com"));
    assert_eq!(submission.password.expect("a password").reveal(), "p+w+x:");
    let relay = smtp("smtp://127.0.0.1:2525");
    assert_eq!(
        (relay.port, relay.security, relay.user),
        (2525, Security::Opportunistic, None)
    );
    assert_eq!(
        (smtp("smtps://[::1]").port, smtp("smtps://[::1]").host.as_str()),
        (465, "::1")
    );
    assert_eq!(smtp("smtp://localhost?tls=none").security, Security::Never);
    for url in [
        "smtp://",
        "smtp://host/path",
        "smtp://host?tls=maybe",
        "smtps://host?tls=none",
        "host:25",
    ] {
        assert!(
            faults(&[("DRIPLINE_SMTP_URL", url)]).contains("smtp://user:password@"),
            "{url}"
        );
    }
}

#[test]
fn the_sender_may_have_a_name_with_signs() {
    let from = |text| config(&[("DRIPLINE_MAIL_FROM", text)]).mail_from;
    assert_eq!(from("\"Müller, GmbH\" <a@b.example>").name, "Müller, GmbH");
    assert_eq!(
        from("Müller, GmbH <a@b.example>").to_string(),
        "\"Müller, GmbH\" <a@b.example>"
    );
    assert_eq!(from("ask@b.example").to_string(), "ask@b.example");
    assert_eq!(from("Ask <ask@b.example>").domain(), "b.example");
    for text in [
        "Ask",
        "Ask <ask>",
        "Ask <a@b> <c@@d>",
        "a b@c",
        "x\r\nBcc: a@b",
        "a@-b",
        ".a@b",
    ] {
        assert!(
            faults(&[("DRIPLINE_MAIL_FROM", text)]).starts_with("DRIPLINE_MAIL_FROM"),
            "{text}"
        );
    }
}

#[test]
fn the_base_url_is_a_host_of_its_own() {
    let base = |pairs: &[(&str, &str)]| config(pairs).base_url.to_string();
    assert_eq!(
        base(&[("DRIPLINE_BASE_URL", "https://ask.example.com")]),
        "https://ask.example.com/"
    );
    assert_eq!(base(&[("DRIPLINE_LISTEN", "0.0.0.0:9000")]), "http://localhost:9000/");
    assert_eq!(base(&[("DRIPLINE_LISTEN", "[::1]:9000")]), "http://[::1]:9000/");
    for url in [
        "https://x.example/sub",
        "ftp://x.example",
        "https://u:p@x.example",
        "https://x.example/?a=b",
    ] {
        assert!(
            faults(&[("DRIPLINE_BASE_URL", url)]).starts_with("DRIPLINE_BASE_URL"),
            "{url}"
        );
    }
}

#[test]
fn an_empty_value_counts_as_unset_and_the_later_value_holds() {
    let config = config(&[("DRIPLINE_SMTP_URL", "smtp://mail.example"), ("DRIPLINE_SMTP_URL", " ")]);
    assert_eq!(config.smtp, None);
}

#[test]
fn a_misspelt_name_is_noticed() {
    let config = config(&[("DRIPLINE_SMTP_CONECTIONS", "8"), ("HOME", "/root")]);
    assert_eq!(config.unknown, ["DRIPLINE_SMTP_CONECTIONS"]);
}

#[test]
fn a_line_of_the_file_that_cannot_be_read_is_told_without_its_words() {
    let mut given = Given::default();
    given.add_file_text(
        ".env",
        b"DRIPLINE_LISTEN=127.0.0.1:1\nDRIPLINE_SECRET_KEY=hunter2 hunter2\n",
    );
    assert_eq!(given.values["DRIPLINE_LISTEN"], "127.0.0.1:1");
    let text = given.config().expect_err("a bad line").to_string();
    assert!(text.starts_with(".env: line 2 ") && !text.contains("hunter2"), "{text}");
}

#[test]
fn every_setting_stands_in_the_example_file_and_the_example_file_can_be_read() {
    let example = include_str!("../../.env.example");
    for setting in SETTINGS.iter().filter(|name| **name != "DRIPLINE_TEST_REQUIRE") {
        assert!(example.contains(&format!("\n#{setting}=")), "{setting}");
    }
    let mut given = Given::default();
    given.add_file_text(".env.example", example.replace("\n#D", "\nD").as_bytes());
    // The key is the one thing that the example can only point to.
    let faults = given.config().expect_err("no key lies there").0;
    let named: Vec<&str> = faults.iter().map(|fault| fault.setting.as_str()).collect();
    assert_eq!(named, ["DRIPLINE_DKIM_KEY_FILE"]);
    let mut given = Given::default();
    let without_key = example
        .replace("\n#DRIPLINE_DKIM_", "\n# DRIPLINE_DKIM_")
        .replace("\n#D", "\nD");
    given.add_file_text(".env.example", without_key.as_bytes());
    let config = given.config().expect("an example that holds");
    assert_eq!(config.unknown, Vec::<String>::new());
}

#[test]
fn the_key_is_made_once_beside_the_database_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}/d.db", folder.path().display());
    let config = config(&[("DATABASE_URL", &url)]);
    let keys: Vec<SecretKey> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| config.secret_key_or_file().expect("a key")))
            .collect();
        starts
            .into_iter()
            .map(|start| start.join().expect("no panic"))
            .collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0] && key.as_bytes().len() == 64));
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "only the key: {left:?}");
}

#[cfg(unix)]
#[test]
fn a_key_file_open_to_everybody_or_cut_short_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(&[("DATABASE_URL", &format!("sqlite://{}/d.db", folder.path().display()))]);
    config.secret_key_or_file().expect("a key");
    let path = folder.path().join("d.db.key");
    let mode = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("own file");
    assert_eq!(
        std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777,
        0o600
    );
    mode(0o644);
    assert!(matches!(config.secret_key_or_file(), Err(KeyFileFault::Exposed(_))));
    mode(0o600);
    std::fs::write(&path, "short").expect("own file");
    assert!(matches!(config.secret_key_or_file(), Err(KeyFileFault::Spoilt(_))));
}
