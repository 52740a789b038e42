//! Letters as they arrive: what every mail program, relay and receiver relies on.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use data_encoding::BASE64;
use dripline::accounts::Role;
use dripline::config::Config;
use mail_parser::MessageParser;
use ring::signature::{self, UnparsedPublicKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::doctor::{ED25519, RSA_1024, RSA_2048, RSA_2048_PKCS1, key_file};
use crate::drip::{FRAMEWORK, House, TWO_STEPS};
use crate::support::smtp::Mail;
use crate::support::{Program, Server, SmtpServer, TestDb, db_test};

/// A question set whose first question is of that kind, and a drip that mails it.
fn drip_of(kind: &str, step: &str) -> String {
    format!(
        r#"
[[question_sets]]
code = "tapped"
title = "Tapped"
[[question_sets.questions]]
code = "tap"
text = "How likely are you to recommend {{{{ company.name }}}}?"
{kind}
[[drips]]
code = "one-step"
name = "One step"
trigger = "manual"
[[drips.steps]]
delay = "0d"
question_set = "tapped"
{step}
"#
    )
}

const NPS: &str = "kind = \"nps\"\nloads = { efficiency = 1 }\n";

/// An installation that mails to `smtp`, whose contact `ada` was written to.
fn mailed<'d>(db: &'d TestDb, smtp: &SmtpServer, drips: &str, settings: &[(&str, &str)]) -> (House<'d>, Mail) {
    let url = smtp.url();
    let mut all = vec![("DRIPLINE_SMTP_URL", url.as_str())];
    all.extend(settings);
    let house = House::with(db, &format!("{FRAMEWORK}{drips}"), &all);
    house.contact("ada@a.example", Some(1));
    house.enrol("one-step", &["ada"]);
    house.run();
    let mail = only(smtp);
    (house, mail)
}

#[track_caller]
fn only(smtp: &SmtpServer) -> Mail {
    let mut mails = smtp.mails();
    assert_eq!(mails.len(), 1, "{:?}", smtp.ledger());
    mails.remove(0)
}

fn head(mail: &Mail) -> String {
    mail.text().split("\r\n\r\n").next().unwrap_or_default().to_owned()
}

/// A header's value, unfolded.
#[track_caller]
fn header(mail: &Mail, name: &str) -> String {
    let unfolded = head(mail).replace("\r\n ", " ").replace("\r\n\t", " ");
    let found: Vec<String> = unfolded
        .lines()
        .filter_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
        .collect();
    assert_eq!(found.len(), 1, "{name} in {unfolded}");
    found.into_iter().next().unwrap_or_default()
}

fn urls(part: &str) -> BTreeSet<String> {
    part.replace("&amp;", "&")
        .split(|c: char| c.is_whitespace() || "<>\"'()".contains(c))
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
        .map(str::to_owned)
        .collect()
}

/// Every rule on bytes that holds for every mail.
#[track_caller]
fn is_well_formed(mail: &Mail) {
    let text = mail.text();
    assert!(mail.bytes.is_ascii(), "needs 8BITMIME: {text}");
    assert!(mail.bytes.len() <= 100_000, "{} bytes", mail.bytes.len());
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert!(lines.iter().all(|line| !line.contains(['\r', '\n'])), "a bare CR or LF");
    assert!(lines.iter().all(|line| line.len() <= 998));
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    for line in body.split("\r\n") {
        assert!(line.len() <= 78, "{} in a line: {line}", line.len());
    }
    for word in head.split_whitespace().filter(|word| word.starts_with("=?")) {
        assert!(word.len() <= 75 && word.ends_with("?="), "{word}");
    }
    for name in [
        "Date",
        "From",
        "To",
        "Subject",
        "Message-ID",
        "MIME-Version",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
    ] {
        header(mail, name);
    }
    let one_click = header(mail, "List-Unsubscribe");
    assert!(
        one_click.starts_with("<http") && one_click.ends_with('>') && !one_click.contains(' '),
        "{one_click}"
    );
    assert_eq!(header(mail, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(header(mail, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(mail, "X-Auto-Response-Suppress"), "OOF, AutoReply");
    for line in text
        .lines()
        .filter(|line| line.starts_with("Content-Transfer-Encoding: "))
    {
        let encoding = line.rsplit(' ').next().unwrap_or_default();
        assert!(["7bit", "quoted-printable", "base64"].contains(&encoding), "{line}");
    }
    let parsed = MessageParser::default().parse(&mail.bytes).expect("a mail");
    let kinds: Vec<String> = parsed
        .parts
        .iter()
        .filter_map(|part| {
            let kind = mail_parser::MimeHeaders::content_type(part)?;
            Some(format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()))
        })
        .collect();
    assert_eq!(kinds, ["multipart/alternative", "text/plain", "text/html"]);
}

/// What holds for every letter's two parts.
#[track_caller]
fn says_the_same_twice(mail: &Mail) {
    let (plain, html) = (mail.plain(), mail.html());
    assert_eq!(urls(&plain), urls(&html), "{plain}");
    for under in ["preferences", "unsubscribe", "view"] {
        mail.link(under);
    }
    for part in [&plain, &html] {
        assert!(part.contains("Example Ltd, 1 Example Street"), "{part}");
        assert!(part.contains("Example Survey"), "{part}");
    }
    assert_eq!(tags(&plain), Vec::<&str>::new(), "{plain}");
    assert_eq!(
        html.matches("<table").count(),
        html.matches("role=\"presentation\"").count(),
        "{html}"
    );
    for unwanted in ["<div", "<img", "<script", "<link", "@import", "<form", "xmlns:v"] {
        assert!(!html.contains(unwanted), "{unwanted} in {html}");
    }
    assert!(!html.contains("slot0"), "{html}");
}

/// What looks like a tag or an entity.
fn tags(plain: &str) -> Vec<&str> {
    plain
        .split_whitespace()
        .filter(|word| word.starts_with("</") || word.contains("&amp;") || word.contains("&lt;") || *word == "<p>")
        .collect()
}

db_test!(
    fn names_and_subjects_beyond_ascii_arrive_letter_by_letter(db) {
        let smtp = SmtpServer::start();
        let emoji = "🙂".repeat(200);
        let step = format!("subject = \"{emoji}\"\nbody = \"Grüße — {{{{ link }}}}\"\n");
        let from = "\"Müller, GmbH\" <survey@bücher.example>";
        let (_house, mail) = mailed(db, &smtp, &drip_of(NPS, &step), &[("DRIPLINE_MAIL_FROM", from)]);
        is_well_formed(&mail);
        assert_eq!(mail.subject(), emoji);
        let parsed = MessageParser::default().parse(&mail.bytes).expect("a mail");
        let sender = parsed.from().and_then(|from| from.first()).expect("a sender");
        assert_eq!(sender.name(), Some("Müller, GmbH"));
        assert_eq!(sender.address(), Some("survey@xn--bcher-kva.example"));
        assert!(mail.from.ends_with("@xn--bcher-kva.example"), "{}", mail.from);
    }
);

db_test!(
    fn a_domain_beyond_ascii_is_sent_to_under_its_ascii_name(db) {
        let smtp = SmtpServer::start();
        let step = "subject = \"x\"\nbody = \"y\"\n";
        let house = House::with(db, &format!("{FRAMEWORK}{}", drip_of(NPS, step)), &[("DRIPLINE_SMTP_URL", &smtp.url())]);
        let program = Program::over(db);
        program.file("contacts.csv", "external_id,company_external_id,email\ninfo,acme,info@bücher.example\n");
        program.answer("import contacts contacts.csv");
        house.enrol("one-step", &["info"]);
        house.run();
        let mail = only(&smtp);
        is_well_formed(&mail);
        assert_eq!(mail.to, "info@xn--bcher-kva.example");
        assert_eq!(header(&mail, "To"), "info@xn--bcher-kva.example");
    }
);

db_test!(
    fn both_parts_say_the_same_whatever_the_letter_holds(db) {
        let choice = "kind = \"single_choice\"\noptions = [ { code = \"a\", text = \"The <price> & more\", loads = { efficiency = 2 } }, { code = \"b\", text = \"The people\", loads = { intimacy = 2 } } ]\n";
        let rating = "kind = \"rating\"\nmin = 1\nmax = 5\nmin_label = \"bad\"\nmax_label = \"good\"\nloads = { efficiency = 1 }\n";
        let tapped = "subject = \"Hello\"\nbody = \"Dear **{{ contact.first_name }}**, see [our page](https://www.example.com/a?b=1&c=2).\\n\\n- one\\n- two\"\nfirst_question_in_mail = true\n";
        let placed = "subject = \"Hello\"\nbody = \"# Title\\n\\n[Tell us]({{ link }})\\n\\n> or [stop]({{ unsubscribe_link }})\"\n";
        for (kind, step) in [(choice, tapped), (rating, tapped), (NPS, tapped), (choice, placed)] {
            let db = TestDb::sqlite();
            let smtp = SmtpServer::start();
            let (_house, mail) = mailed(&db, &smtp, &drip_of(kind, step), &[]);
            is_well_formed(&mail);
            says_the_same_twice(&mail);
            mail.link("r");
        }
        let smtp = SmtpServer::start();
        let message = "[[drips]]\ncode = \"one-step\"\nname = \"x\"\ntrigger = \"manual\"\n[[drips.steps]]\ndelay = \"0d\"\n[drips.steps.message.default]\nsubject = \"News\"\nbody = \"Read this.\"\n";
        let (_house, mail) = mailed(db, &smtp, message, &[]);
        says_the_same_twice(&mail);
        assert!(!mail.plain().contains("/r/"), "{}", mail.plain());
    }
);

db_test!(
    fn a_value_is_words_in_subject_text_and_html(db) {
        let smtp = SmtpServer::start();
        let step = "subject = \"For {{ company.name }}\"\nbody = \"For {{ company.name }}, [see](https://e.test/?c={{ company.name }}).\"\nfirst_question_in_mail = true\n";
        let house = House::with(db, &format!("{FRAMEWORK}{}", drip_of(NPS, step)), &[("DRIPLINE_SMTP_URL", &smtp.url())]);
        let hostile = "<a href=//e.test>Pay</a> **now** {{ link }} slot00001w &amp; \"x\"";
        db.execute(&format!("UPDATE companies SET name = '{hostile}' WHERE id = 1")).expect("a name");
        house.contact("ada@a.example", Some(1));
        house.enrol("one-step", &["ada"]);
        house.run();
        let mail = only(&smtp);
        is_well_formed(&mail);
        assert_eq!(mail.subject(), format!("For {hostile}"));
        let plain = mail.plain().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain.contains(&format!("For {hostile}, see (https://e.test/?c=%3Ca%20href")), "{plain}");
        let html = mail.html();
        assert!(html.contains("For &lt;a href=//e.test&gt;Pay&lt;/a&gt; **now** {{ link }} slot00001w &amp;amp; &quot;x&quot;, "), "{html}");
        assert_eq!(html.matches("<a ").count(), 1 + 11 + 1 + 3, "one of the author's, eleven numbers, the button, three at the foot");
    }
);

db_test!(
    fn a_letter_speaks_its_readers_language_and_a_reminder_is_kind(db) {
        let smtp = SmtpServer::start();
        let step = "subject = \"Eine Frage\"\nbody = \"Nur eine.\"\n";
        let drip = drip_of(NPS, step).replace("[[drips.steps]]", "reminders = { after = \"3d\", count = 1 }\n[[drips.steps]]");
        let house = House::with(db, &format!("{FRAMEWORK}{drip}"), &[("DRIPLINE_SMTP_URL", &smtp.url())]);
        for (name, language) in [("eva", "de-AT"), ("luc", "fr"), ("ana", "es"), ("ali", "ar"), ("kim", "ko")] {
            house.contact(&format!("{name}@a.example"), Some(1));
            db.execute(&format!("UPDATE contacts SET language = '{language}' WHERE external_id = '{name}'")).expect("a language");
        }
        house.enrol("one-step", &["eva", "luc", "ana", "ali", "kim"]);
        house.run();
        let html = |name: &str| smtp.mails_to(&format!("{name}@a.example")).remove(0).html();
        for (name, tag, words) in [
            ("eva", "lang=\"de-AT\" dir=\"ltr\"", "Jetzt antworten"),
            ("luc", "lang=\"fr\" dir=\"ltr\"", "Répondre maintenant"),
            ("ana", "lang=\"es\" dir=\"ltr\"", "Responder ahora"),
            ("ali", "lang=\"ar\" dir=\"rtl\"", "Answer now"),
            ("kim", "lang=\"ko\" dir=\"ltr\"", "Answer now"),
        ] {
            assert!(html(name).contains(tag) && html(name).contains(words), "{name}: {}", html(name));
        }
        assert!(html("ali").contains("text-align:right"), "{}", html("ali"));
        house.wait(TimeDelta::days(3));
        house.run();
        let reminder = smtp.mails_to("eva@a.example").remove(1);
        assert_eq!(reminder.subject(), "Erinnerung: Eine Frage");
        for part in [reminder.plain(), reminder.html()] {
            assert!(part.split_whitespace().collect::<Vec<_>>().join(" ").contains("Eine freundliche Erinnerung: Wir haben Ihnen"), "{part}");
        }
    }
);

db_test!(
    fn a_mail_that_gmail_would_cut_does_not_leave(db) {
        let smtp = SmtpServer::start();
        // Two bytes a letter, in both parts, in base64.
        let body = "ждать ".repeat(3_300);
        let step = format!("subject = \"Long\"\nbody = \"{body}\"\n");
        let house = House::with(db, &format!("{FRAMEWORK}{}", drip_of(NPS, &step)), &[("DRIPLINE_SMTP_URL", &smtp.url())]);
        house.contact("ada@a.example", Some(1));
        house.enrol("one-step", &["ada"]);
        house.run();
        assert_eq!(smtp.mails().len(), 0);
        let words = "SELECT state || ': ' || coalesce(reply, '') AS word FROM outbox";
        assert_eq!(db.words(words), ["failed: the mail is larger than 100 KB"]);
    }
);

db_test!(
    fn a_signed_mail_verifies_with_the_published_key_on_every_attempt(db) {
        let folder = tempfile::tempdir().expect("a folder");
        let step = "subject = \"Grüße an {{ contact.first_name }}\"\nbody = \"Eine  Frage. \\n\\n\\n\"\n";
        for pem in [RSA_2048, RSA_2048_PKCS1, RSA_1024, ED25519] {
            let file = key_file(folder.path(), pem, 0o600);
            let settings = [
                ("DRIPLINE_DKIM_DOMAIN", "example.com"),
                ("DRIPLINE_DKIM_SELECTOR", "s1"),
                ("DRIPLINE_DKIM_KEY_FILE", file.as_str()),
            ];
            let (db, smtp) = (TestDb::sqlite(), SmtpServer::start());
            let (_house, mail) = mailed(&db, &smtp, &drip_of(NPS, step), &settings);
            is_well_formed(&mail);
            let config = Config::from_pairs(settings).expect("settings");
            let record = config.dkim.expect("a key").record();
            verify(&mail.bytes, &record);
            let mut tampered = mail.bytes.clone();
            let at = tampered.len() - 20;
            tampered[at] ^= 1;
            assert!(std::panic::catch_unwind(|| verify(&tampered, &record)).is_err(), "a change goes unseen");
        }
        // Signed once: what is sent again is the same to the byte.
        let file = key_file(folder.path(), ED25519, 0o600);
        let smtp = SmtpServer::start();
        let url = smtp.url();
        let settings = [
            ("DRIPLINE_SMTP_URL", url.as_str()),
            ("DRIPLINE_DKIM_DOMAIN", "example.com"),
            ("DRIPLINE_DKIM_SELECTOR", "s1"),
            ("DRIPLINE_DKIM_KEY_FILE", file.as_str()),
        ];
        let house = House::with(db, &format!("{FRAMEWORK}{}", drip_of(NPS, step)), &settings);
        house.contact("drop-dot@a.example", Some(1));
        house.enrol("one-step", &["drop-dot"]);
        house.run();
        house.wait(TimeDelta::minutes(7));
        house.run();
        let copies = smtp.mails_to("drop-dot@a.example");
        assert_eq!(copies.len(), 2);
        assert_eq!(copies[0].bytes, copies[1].bytes);
    }
);

/// Checks a DKIM signature as RFC 6376 section 6.1.3 says, apart from the code that made it.
#[track_caller]
fn verify(bytes: &[u8], record: &str) {
    let text = std::str::from_utf8(bytes).expect("ASCII");
    let (head, body) = text.split_once("\r\n\r\n").expect("a body");
    let mut fields: Vec<String> = Vec::new();
    for line in head.split("\r\n") {
        match fields.last_mut() {
            Some(last) if line.starts_with(' ') => last.push_str(line),
            _ => fields.push(line.to_owned()),
        }
    }
    let squeezed = |text: &str| text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let field = |name: &str| {
        let of_name = |field: &&String| {
            field
                .split(':')
                .next()
                .is_some_and(|given| given.eq_ignore_ascii_case(name))
        };
        let field = fields.iter().rev().find(of_name).unwrap_or_else(|| panic!("no {name}"));
        let (name, value) = field.split_once(':').expect("a name");
        format!("{}:{}", name.to_lowercase(), squeezed(value))
    };
    let tags = |list: &str| -> Vec<(String, String)> {
        list.split(';')
            .filter_map(|tag| tag.split_once('='))
            .map(|(name, value)| (name.trim().to_owned(), value.split_whitespace().collect()))
            .collect()
    };
    let tag = |tags: &[(String, String)], name: &str| {
        let found: Vec<_> = tags.iter().filter(|(given, _)| given == name).collect();
        assert_eq!(found.len(), 1, "{name}");
        found[0].1.clone()
    };
    let own = field("DKIM-Signature");
    let given = tags(own.strip_prefix("dkim-signature:").expect("its name"));
    assert_eq!(
        (tag(&given, "v").as_str(), tag(&given, "c").as_str()),
        ("1", "relaxed/relaxed")
    );
    assert_eq!(
        (tag(&given, "d").as_str(), tag(&given, "s").as_str()),
        ("example.com", "s1")
    );
    assert_eq!(
        tag(&given, "h"),
        "From:To:Subject:Date:Message-ID:MIME-Version:List-Unsubscribe:List-Unsubscribe-Post"
    );
    let mut lines: Vec<String> = body
        .split("\r\n")
        .map(|line| {
            let squeezed = squeezed(line);
            let indented = line.starts_with([' ', '\t']) && !squeezed.is_empty();
            if indented { format!(" {squeezed}") } else { squeezed }
        })
        .collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let canonical = lines.iter().map(|line| format!("{line}\r\n")).collect::<String>();
    assert_eq!(tag(&given, "bh"), BASE64.encode(&Sha256::digest(canonical.as_bytes())));
    let signed: Vec<String> = tag(&given, "h").split(':').map(|name| field(name) + "\r\n").collect();
    let (before, _) = own.split_once(" b=").expect("a signature");
    let data = signed.concat() + before + " b=";
    let signature = BASE64.decode(tag(&given, "b").as_bytes()).expect("base64");
    let published = tags(record);
    let key = BASE64.decode(tag(&published, "p").as_bytes()).expect("base64");
    let verified = match tag(&given, "a").as_str() {
        "ed25519-sha256" => {
            assert_eq!(tag(&published, "k"), "ed25519");
            UnparsedPublicKey::new(&signature::ED25519, &key).verify(&Sha256::digest(data.as_bytes()), &signature)
        }
        "rsa-sha256" => {
            // Within what says that it is RSA stands the key that `ring` wants.
            let at = key
                .windows(2)
                .rposition(|two| two == [0x30, 0x82] || two == [0x30, 0x81])
                .expect("a key");
            let key = &key[at..];
            UnparsedPublicKey::new(&signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, key)
                .verify(data.as_bytes(), &signature)
        }
        other => panic!("{other}"),
    };
    verified.expect("the signature holds");
}

const CONTROLS: [&str; 7] = [
    "x\r\nBcc: v@e.test",
    "x\ny",
    "x\u{0}y",
    "x\u{7f}y",
    "x\u{85}y",
    "x\u{2028}y",
    "x\u{2029}y",
];

db_test!(
    fn what_would_make_a_header_of_its_own_is_refused_by_the_api(db) {
        let server = Server::start(db);
        let api = server.api(Role::Admin);
        let company = json!([{ "external_id": "c1", "name": "One" }]);
        api.post("/api/v1/companies", company).expect(200);
        for text in CONTROLS {
            let person = |field: &str, value: Value| {
                let mut person = json!({ "external_id": "p1", "company_external_id": "c1", "email": "p1@a.example" });
                person[field] = value;
                json!([person])
            };
            for field in ["first_name", "last_name", "role", "language", "external_id"] {
                api.post("/api/v1/contacts", person(field, json!(text))).expect(422);
            }
            api.post("/api/v1/contacts", person("email", json!(format!("{text}@a.example")))).expect(422);
            api.post("/api/v1/contacts", person("email", json!(format!("a@{text}.example")))).expect(422);
            api.post("/api/v1/companies", json!([{ "external_id": "c2", "name": text }])).expect(422);
            let deal = json!([{ "external_id": "t1", "company_external_id": "c1", "product": text, "occurred_at": "2026-03-01T00:00:00Z" }]);
            api.post("/api/v1/transactions", deal).expect(422);
        }
        for people in ["a%0d%0ab@x.example", "=?utf-8?q?a=0d=0aBcc:v?=@x.example", "a b@x.example", "a@b@c", "a@", "\"a b\"@x.example"] {
            let answer = api.post("/api/v1/contacts", json!([{ "external_id": "p2", "company_external_id": "c1", "email": people }]));
            let is_harmless = answer.status == 200 && !people.contains(' ');
            assert!(answer.status == 422 || is_harmless, "{people}: {}", answer.status);
        }
        let long = format!("{}@a.example", "a".repeat(65));
        let path = format!("a@{}example", "b.".repeat(130));
        for email in [long, path] {
            api.post("/api/v1/contacts", json!([{ "external_id": "p3", "company_external_id": "c1", "email": email }])).expect(422);
        }
    }
);

db_test!(
    fn what_would_make_a_header_of_its_own_is_refused_in_a_framework(db) {
        let server = Server::start(db);
        let api = server.api(Role::Admin);
        for escape in ["\\r\\nBcc: v@e.test", "\\n", "\\u0000", "\\u007f", "\\u0085", "\\u2028", "\\u2029"] {
            let file = format!("{FRAMEWORK}{TWO_STEPS}").replace("subject = \"Thank you\"", &format!("subject = \"Thank{escape}you\""));
            assert!(file.contains(escape));
            let refused = api.send("PUT", "/api/v1/framework", "application/toml", file.as_bytes()).expect(422);
            assert!(refused.text().contains("subject"), "{}", refused.text());
        }
    }
);

#[test]
fn what_would_make_a_header_of_its_own_is_refused_in_a_file_and_in_the_settings() {
    let db = TestDb::sqlite();
    let program = Program::over(&db);
    program.file("companies.csv", "external_id,name\nc1,One\n");
    program.answer("import companies companies.csv");
    for text in CONTROLS {
        for row in [
            format!("p1,c1,p1@a.example,\"{text}\",x\n"),
            format!("p1,c1,p1@a.example,x,\"{text}\"\n"),
            format!("p1,c1,\"{text}@a.example\",x,x\n"),
        ] {
            program.file(
                "contacts.csv",
                &format!("external_id,company_external_id,email,first_name,last_name\n{row}"),
            );
            program.complaint("import contacts contacts.csv");
        }
        assert_eq!(db.number("SELECT count(*) AS n FROM contacts"), 0);
        for from in [format!("{text} <a@b.example>"), format!("x <a{text}@b.example>")] {
            let settings = [("DRIPLINE_MAIL_FROM", from.as_str())];
            assert!(Config::from_pairs(settings).is_err(), "{from:?}");
        }
    }
}
