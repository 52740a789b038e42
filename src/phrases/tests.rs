use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::FluentResource;

use super::*;

/// Each key of a language with the variables that its text names.
fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    for (file, text) in catalogue::files(language) {
        if let Err((_, faults)) = FluentResource::try_new((*text).to_owned()) {
            panic!("locales/{language}/{file}.ftl: {faults:?}");
        }
        let mut key = None;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line
                .split_once(" =")
                .filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                let is_new = keys.insert(name.to_owned(), BTreeSet::new()).is_none();
                assert!(is_new, "locales/{language}/{file}.ftl: {name} stands twice");
                key = Some(name.to_owned());
            }
            let names = line.split('$').skip(1).map(|rest| {
                let is_name = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                rest.chars().take_while(is_name).collect::<String>()
            });
            if let Some(variables) = key.as_ref().and_then(|key| keys.get_mut(key)) {
                variables.extend(names);
            }
        }
    }
    keys
}

#[test]
fn every_language_says_everything_with_the_same_variables() {
    let english = keys(Language::English);
    for language in Language::ALL {
        let own = keys(language);
        for (key, variables) in &english {
            assert_eq!(own.get(key), Some(variables), "{key} in {language}");
        }
        let strange: Vec<&String> = own.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(strange.is_empty(), "only {language} has {strange:?}");
    }
}

#[test]
fn a_language_is_known_by_its_tag_however_it_is_spelt() {
    for tag in ["de", "de-AT", "DE_at", " de-Latn-CH "] {
        assert_eq!(Language::of(Some(tag)), Language::German, "{tag}");
    }
    for tag in ["", "den", "tlh", "ar", "de1"] {
        assert_eq!(Language::of(Some(tag)), Language::English, "{tag}");
    }
    assert_eq!(Language::of(None), Language::English);
}

#[test]
fn a_browsers_wishes_are_weighed() {
    let accepted = |header| Language::accepted(Some(header));
    assert_eq!(
        accepted("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5"),
        Language::French
    );
    assert_eq!(accepted("nl, de;q=0.3, es; q=0.4"), Language::Spanish);
    assert_eq!(accepted("de;q=0, fr;q=nan"), Language::English);
    assert_eq!(accepted("*"), Language::English);
    assert_eq!(Language::accepted(None), Language::English);
}

#[test]
fn a_language_has_its_direction() {
    for tag in ["ar", "AR-eg", "he", "fa", "ur", "az-Arab"] {
        assert_eq!(direction_of(tag), "rtl", "{tag}");
    }
    for tag in ["en", "arn", "de", "", "ku-Latn", "uz-Cyrl"] {
        assert_eq!(direction_of(tag), "ltr", "{tag}");
    }
    assert_eq!(tag_of(Some("\"><x")), "en");
    assert_eq!(tag_of(Some("pt-BR")), "pt-BR");
    assert_eq!(foreign(Language::German, "de-AT"), "");
    assert_eq!(foreign(Language::English, "ar"), " lang=\"en\" dir=\"ltr\"");
}

#[test]
fn a_date_stands_in_the_words_of_its_language() {
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).expect("a date");
    assert_eq!(Language::English.date(day(3, 1)), "1 Mar 2026");
    assert_eq!(Language::German.date(day(3, 1)), "1. März 2026");
    assert_eq!(Language::French.date(day(3, 1)), "1er mars 2026");
    assert_eq!(Language::French.date(day(8, 22)), "22 août 2026");
    assert_eq!(Language::Spanish.date(day(12, 3)), "3 de diciembre de 2026");
}

#[test]
fn a_list_ends_with_its_last_word() {
    let words = |many: usize| {
        ["a", "b", "c"][..many]
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(Language::English.either(&words(3)), "a, b or c");
    assert_eq!(Language::German.all_of(&words(2)), "a und b");
    assert_eq!(Language::French.either(&words(1)), "a");
    assert_eq!(Language::Spanish.either(&words(0)), "");
}
