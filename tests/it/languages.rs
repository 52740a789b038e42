//! A respondent's language, from the mail to the last page behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dripline::accounts::Role;
use dripline::phrases::Language;

use crate::drip::{FRAMEWORK, House};
use crate::respond::Asked;
use crate::support::{Server, SmtpServer, TestDb, db_test};

/// A drip whose question set is translated: all that a form shows, and the first question in the mail.
const TRANSLATED: &str = r#"
[[question_sets]]
code = "said"
title = "Why us?"
intro = "Two questions."
translations = { de = { title = "Warum wir?", intro = "Zwei Fragen." } }
[[question_sets.questions]]
code = "reason"
kind = "rating"
text = "How much did the price matter?"
help = "Only your own view."
min = 1
max = 3
min_label = "little"
max_label = "much"
loads = { efficiency = 1 }
required = true
translations = { de = { text = "Wie wichtig war der Preis?", help = "Nur Ihre eigene Sicht.", min_label = "kaum", max_label = "sehr" } }
[[question_sets.questions]]
code = "picks"
kind = "multiple_choice"
text = "What else?"
min_picks = 2
max_picks = 2
options = [{ code = "a", text = "The people" }, { code = "b", text = "The place" }, { code = "c", text = "The time" }]
translations = { de = { text = "Was noch?", options = { a = "Die Menschen", b = "Der Ort", c = "Die Zeit" } } }

[[drips]]
code = "said"
name = "Said"
trigger = "manual"
reminders = { after = "3d", count = 1 }
[[drips.steps]]
delay = "0d"
question_set = "said"
subject = "x"
body = "y"
first_question_in_mail = true
"#;

/// A contact of that language, mailed the first step.
fn asked<'d>(db: &'d TestDb, language: &str) -> Asked<'d> {
    let server = Server::start(db);
    let file = format!("{FRAMEWORK}{TRANSLATED}");
    let house = House::with(db, &file, &[("DRIPLINE_BASE_URL", server.base())]);
    house.outgoing.borrow_mut().clock = server.clock.clone();
    house.contact("ada@a.example", Some(1));
    db.execute(&format!("UPDATE contacts SET language = '{language}'"))
        .expect("a language");
    house.enrol("said", &["ada"]);
    house.run();
    db.leaves_mail("reminders may be left over");
    let browser = server.browser();
    Asked { house, server, browser }
}

db_test!(
    fn a_german_contacts_mail_is_german_in_both_parts(db) {
        let smtp = SmtpServer::start();
        let house = House::with(db, &format!("{FRAMEWORK}{TRANSLATED}"), &[("DRIPLINE_SMTP_URL", &smtp.url())]);
        house.contact("ada@a.example", Some(1));
        db.execute("UPDATE contacts SET language = 'de-AT'").expect("a language");
        house.enrol("said", &["ada"]);
        house.run();
        db.leaves_mail("a reminder is left over");
        let mail = smtp.mails().remove(0);
        let plain = mail.plain().split_whitespace().collect::<Vec<_>>().join(" ");
        for words in [
            "Wie wichtig war der Preis?",
            "1 = kaum",
            "3 = sehr",
            "Weniger E-Mails, oder was wir über Sie speichern:",
            "Keine dieser E-Mails mehr:",
            "Im Browser lesen:",
            "Ihre Antworten werden vertraulich behandelt",
        ] {
            assert!(plain.contains(words), "{words}: {plain}");
            assert!(mail.html().contains(words.trim_end_matches(':')), "{words}: {}", mail.html());
        }
        for english in ["Answer", "Fewer mails", "little", "How much"] {
            assert!(!plain.contains(english) && !mail.html().contains(english), "{english}: {plain}");
        }
        assert!(mail.html().contains("<html lang=\"de-AT\" dir=\"ltr\""), "{}", mail.html());
    }
);

db_test!(
    fn a_german_contact_is_told_in_german_what_is_missing(db) {
        let asked = asked(db, "de-CH");
        let path = asked.path("r");
        let page = asked.browser.get(&path).expect(200);
        for words in ["Warum wir?", "Zwei Fragen.", "Wie wichtig war der Preis?", "Nur Ihre eigene Sicht.", "kaum", "sehr", "Die Menschen", "Der Ort"] {
            assert!(page.text().contains(words), "{words}: {}", page.text());
        }
        let form = page.form(&path).fill("picks", "a");
        let refused = asked.browser.post_form(&form).expect(422);
        for words in ["Bitte beantworten Sie diese Frage.", "Bitte wählen Sie genau 2 Antworten."] {
            assert!(refused.text().contains(words), "{words}: {}", refused.text());
        }
    }
);

db_test!(
    fn preferences_and_unsubscribing_speak_the_contacts_language(db) {
        for (language, tag, pages) in [
            ("de-AT", "de", ["Ihre E-Mails von Example Survey", "Von nun an liegen zwischen zwei unserer E-Mails mindestens 30 Tage.", "vor dem 10. Juni 2026", "Alles über Sie löschen?", "Keine E-Mails mehr von uns?", "Ein Versehen?"]),
            ("fr", "fr", ["Les e-mails que vous envoie Example Survey", "au moins 30 jours sépareront deux de nos e-mails", "avant le 10 juin 2026", "Supprimer tout ce qui vous concerne ?", "Ne plus recevoir nos e-mails ?", "Une erreur ?"]),
            ("es-MX", "es", ["Sus correos de Example Survey", "pasarán al menos 30 días entre dos correos nuestros", "antes del 10 de junio de 2026", "¿Eliminar todo sobre usted?", "¿No recibir más correos nuestros?", "¿Un error?"]),
        ] {
            let db = TestDb::sqlite();
            let asked = asked(&db, language);
            let (preferences, unsubscribe) = (asked.path("preferences"), asked.path("unsubscribe"));
            let letter = asked.browser.get(&asked.path("view")).expect(200);
            assert!(letter.html().contains(&format!("<html lang=\"{language}\" dir=\"ltr\">")), "{}", letter.html());
            let wish = |wish: &str| asked.browser.post(&preferences, &[("wish", wish)]).expect(200);
            let shown = [
                asked.browser.get(&preferences).expect(200),
                wish("fewer-30"),
                wish("pause-3-months"),
                wish("erase"),
                asked.browser.get(&unsubscribe).expect(200),
                asked.browser.post(&unsubscribe, &[]).expect(200),
            ];
            for (page, words) in shown.iter().zip(pages) {
                assert!(page.text().contains(words), "{words}: {}", page.text());
                assert!(page.html().contains(&format!("<html lang=\"{tag}\" dir=\"ltr\">")), "{}", page.html());
                for english in ["mails", "You ", "your", "Undo"] {
                    let whole = format!(" {} ", page.text()).replace("e-mails", "").replace("E-Mails", "");
                    assert!(!whole.contains(english), "{english}: {whole}");
                }
            }
        }
        let asked = asked(db, "de");
        let day = asked.browser.post(&asked.path("preferences"), &[("wish", "pause-until"), ("until", "2020-01-01")]).expect(422);
        assert!(day.text().contains("Bitte wählen Sie einen Tag, der noch kommt."), "{}", day.text());
    }
);

db_test!(
    fn one_and_many_follow_each_languages_rules(db) {
        let asked = asked(db, "fr");
        let path = asked.path("preferences");
        let page = asked.browser.get(&path).expect(200);
        assert!(page.text().contains("Aucune réponse."), "{}", page.text());
        assert!(page.text().contains("1 e-mail que nous vous avons envoyé :"), "{}", page.text());
        asked.browser.answer(&asked.link("r"), &[("reason", "2")]);
        let page = asked.browser.get(&path).expect(200);
        assert!(page.text().contains("1 réponse : additionnée"), "{}", page.text());
    }
);

#[test]
fn nought_is_one_in_french_and_many_elsewhere() {
    let mails = |language: Language, n: i64| language.say_with("held-incoming", &[("n", n.into())]);
    assert!(mails(Language::French, 0).starts_with("0 e-mail qui"));
    assert!(mails(Language::French, 2).starts_with("2 e-mails qui"));
    assert!(mails(Language::English, 0).starts_with("0 mails"));
    assert!(mails(Language::German, 1).starts_with("1 E-Mail,"));
    assert!(mails(Language::Spanish, 12_345).starts_with("12\u{A0}345 correos"));
}

db_test!(
    fn whoever_holds_no_link_of_ours_is_answered_as_the_browser_asks(db) {
        let asked = asked(db, "");
        let unknown = format!("/r/{}", "a".repeat(32));
        let wishes = |header: &str, path: &str| asked.browser.ask("GET", path, &[("accept-language", header)], b"");
        let lost = wishes("nl, de;q=0.8, en;q=0.5", &unknown).expect(404);
        assert!(lost.text().contains("Unter dieser Adresse gibt es nichts."), "{}", lost.text());
        assert!(lost.html().contains("<html lang=\"de\" dir=\"ltr\">"), "{}", lost.html());
        assert!(wishes("", &unknown).expect(404).text().contains("There is nothing at this address."));
        // A contact without a language gets its browser's; one with a language its own.
        let preferences = asked.path("preferences");
        assert!(wishes("es", &preferences).expect(200).text().contains("Menos correos"));
        db.execute("UPDATE contacts SET language = 'fr'").expect("a language");
        assert!(wishes("es", &preferences).expect(200).text().contains("Moins d’e-mails"));
        // What is too large is refused in the language of the link's reader.
        let long = vec![b'a'; 257 * 1024];
        let kind = [("content-type", "application/x-www-form-urlencoded"), ("accept-language", "es")];
        let refused = asked.browser.ask("POST", &preferences, &kind, &long).expect(413);
        assert!(refused.text().contains("Trop d’un seul coup"), "{}", refused.text());
        // The back office stays English.
        assert!(wishes("de", "/nowhere").expect(404).text().contains("There is nothing at this address."));
    }
);

const LETTERS: &str = r#"
[[drips]]
code = "letters"
name = "Letters"
trigger = "manual"
[[drips.steps]]
delay = "0d"
question_set = "drivers"
subject = "Hello {{ contact.first_name }}"
body = "One question."
[drips.steps.translations.de]
subject = "Guten Tag {{ contact.first_name }}"
body = "Nur eine **Frage**."
[[drips.steps]]
delay = "1d"
[drips.steps.message.default]
subject = "Thanks"
body = "All read."
[drips.steps.message.default.translations.de]
body = "Alles gelesen."
"#;

db_test!(
    fn a_letter_is_sent_in_its_readers_language_where_it_is_translated(db) {
        let smtp = SmtpServer::start();
        let house = House::with(db, &format!("{FRAMEWORK}{LETTERS}"), &[("DRIPLINE_SMTP_URL", &smtp.url())]);
        for name in ["eva", "luc"] {
            house.contact(&format!("{name}@a.example"), Some(1));
        }
        db.execute("UPDATE contacts SET language = 'de_AT' WHERE external_id = 'eva'").expect("a language");
        db.execute("UPDATE contacts SET language = 'fr' WHERE external_id = 'luc'").expect("a language");
        house.enrol("letters", &["eva", "luc"]);
        house.run_days(2);
        let mails = |name: &str| smtp.mails_to(&format!("{name}@a.example"));
        let said = |name: &str| mails(name).iter().map(|mail| mail.subject()).collect::<Vec<_>>();
        assert_eq!(said("eva"), ["Guten Tag Ada", "Thanks"]);
        assert_eq!(said("luc"), ["Hello Ada", "Thanks"]);
        assert!(mails("eva")[0].plain().contains("Nur eine Frage."), "{}", mails("eva")[0].plain());
        assert!(mails("eva")[1].plain().contains("Alles gelesen."), "{}", mails("eva")[1].plain());
        assert!(mails("luc")[1].plain().contains("All read."), "{}", mails("luc")[1].plain());
    }
);

#[test]
fn a_letters_translations_are_checked_written_and_carried_through_the_editor() {
    let file = format!("{FRAMEWORK}{LETTERS}");
    let faulty = file.replace(
        "Guten Tag {{ contact.first_name }}",
        "Guten Tag {{ contact.frist_name }}",
    );
    let faults = dripline::framework::read::toml(&faulty).expect_err("a field that is none");
    assert!(
        faults[0].place.ends_with("steps[0].translations.de.subject"),
        "{faults:?}"
    );
    let read = dripline::framework::read::toml(&file).expect("a framework");
    let written = dripline::framework::write::toml(&read);
    assert_eq!(dripline::framework::read::toml(&written).expect("again"), read);

    let db = TestDb::sqlite();
    let server = Server::start(&db);
    let _house = House::with(&db, &file, &[("DRIPLINE_BASE_URL", server.base())]);
    let admin = server.log_in(Role::Admin);
    let path = "/drips/letters/edit";
    let form = admin
        .get(path)
        .expect(200)
        .form(path)
        .fill("steps[0].body", "One more question.");
    admin.press(&form, "do", "save").expect(200);
    let now = db.read_now(dripline::design::current).expect("a framework");
    let mut expected = read.drip("letters").expect("a drip").clone();
    if let dripline::framework::StepContent::Questions { letter, .. } = &mut expected.steps[0].content {
        letter.body = "One more question.".to_owned();
    }
    assert_eq!(now.framework.drip("letters").expect("a drip").steps, expected.steps);
}

db_test!(
    fn an_admin_sees_what_is_missing_and_writes_it_beside_the_original(db) {
        let server = Server::start(db);
        let house = House::with(db, &format!("{FRAMEWORK}{TRANSLATED}"), &[("DRIPLINE_BASE_URL", server.base())]);
        for (name, language) in [("eva", "de-AT"), ("uwe", "de"), ("luc", "fr"), ("ben", "")] {
            house.contact(&format!("{name}@a.example"), Some(1));
            db.execute(&format!("UPDATE contacts SET language = '{language}' WHERE external_id = '{name}'")).expect("a language");
        }
        let admin = server.log_in(Role::Admin);
        let page = admin.get("/design/translations").expect(200);
        for words in ["German (de) 2 contacts", "French (fr) 1 contact", "all 10", "French (fr) is read by 1 contact and not translated into", "Of 1 contact no language is known"] {
            assert!(page.text().contains(words), "{words}: {}", page.text());
        }
        let path = "/design/translations/edit?set=said&language=fr";
        let form = admin.get(path).expect(200).form(path);
        // A fault stands at its field, and what was typed stays.
        let faulty = form.clone().fill("reason.text", "Le prix {{ nobody.knows }}\u{202F}?").fill(".title", "Pourquoi nous");
        let refused = admin.post_form(&faulty).expect(422);
        assert!(refused.text().contains("Not saved yet") && refused.text().contains("reason.text"), "{}", refused.text());
        assert!(refused.html().contains("value=\"Pourquoi nous\""), "{}", refused.html());
        // Somebody else changes the framework meanwhile: nothing is lost, nothing is saved.
        let typed = form.fill("reason.text", "Quel poids pour le prix\u{202F}?").fill("picks.options.a", "Les gens");
        house.apply(&format!("{FRAMEWORK}{TRANSLATED}").replace("What else?", "What more?"));
        let overtaken = admin.post_form(&typed).expect(409);
        assert!(overtaken.text().contains("Les gens") || overtaken.html().contains("Les gens"), "{}", overtaken.html());
        assert!(overtaken.text().contains("What more?"), "{}", overtaken.text());
        let saved = admin.submit(&overtaken.form(path));
        assert!(saved.text().contains("8 texts are still missing"), "{}", saved.text());
        for words in ["2 of 10", "Missing in French (fr)", "picks, Option b", "The place"] {
            assert!(saved.text().contains(words), "{words}: {}", saved.text());
        }
        // What is translated is read so, and the rest as it was first written.
        house.enrol("said", &["luc"]);
        house.run();
        db.leaves_mail("a reminder is left over");
        let asked = Asked { browser: server.browser(), server, house };
        let shown = asked.browser.get(&asked.path("r")).expect(200).text();
        for words in ["Quel poids pour le prix ?", "Les gens", "The place", "What more?"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        // An analyst looks, and a language is a tag.
        let analyst = asked.server.log_in(Role::Analyst);
        let seen = analyst.get(path).expect(200);
        assert!(seen.find_form(path).is_none(), "{}", seen.html());
        analyst.post(path, &[("seen", "1")]).expect(403);
        admin.get("/design/translations/edit?set=said&language=french!").expect(400);
        admin.get("/design/translations/edit?set=nothing&language=fr").expect(404);
    }
);

/// The files under that folder with that ending, each with its text.
fn texts(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut found = vec![];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let text = std::fs::read_to_string(&path).expect("a text");
                found.push((path.to_string_lossy().into_owned(), text));
            }
        }
    }
    found
}

/// The text between the quotes that follow each `opening`, whatever white space stands between.
fn asked_for(text: &str, opening: &str) -> Vec<String> {
    let calls = text.split(opening).skip(1);
    let quoted = calls.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    quoted.map(str::to_owned).collect()
}

#[test]
fn every_text_is_asked_for_and_every_text_asked_for_is_there() {
    let keys: BTreeSet<String> = texts("locales/en", ".ftl")
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter_map(|line| Some(line.split_once(" =")?.0.to_owned()))
        .collect();
    assert!(keys.len() > 100, "{keys:?}");
    let mut sources = texts("src", ".rs");
    sources.extend(texts("templates", ".html"));
    sources.retain(|(path, _)| !path.ends_with("phrases/tests.rs") && !path.ends_with("phrases/mod.rs"));
    let mut unknown: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in &sources {
        for opening in [".say(", ".say_with("] {
            let strange = asked_for(text, opening).into_iter().filter(|key| !keys.contains(key));
            unknown.extend(strange.map(|key| (key, path.clone())));
        }
    }
    assert!(unknown.is_empty(), "no language has {unknown:#?}");
    // A key that a rule chooses stands in the sources as text of its own.
    let own = [include_str!("../../src/phrases/mod.rs").to_owned()];
    let all: Vec<&String> = sources.iter().map(|(_, text)| text).chain(&own).collect();
    let is_used = |key: &&String| all.iter().any(|text| text.contains(&format!("\"{key}\"")));
    let unused: Vec<&String> = keys.iter().filter(|key| !is_used(key)).collect();
    assert!(unused.is_empty(), "nobody asks for {unused:?}");
}
