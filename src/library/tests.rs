//! Whether each ready set is fit to start from.

use std::collections::{BTreeMap, BTreeSet};

use super::adopt::{Choice, adopt, usual};
use super::*;
use crate::framework::coverage::{self, Asking};
use crate::framework::shape::shape;
use crate::framework::{Level, advice, check, read as framework_file};

#[test]
fn every_file_reads_and_is_sound() {
    for entry in read::files() {
        let entry = entry.expect("a file of the library");
        let faults = check::check(&entry.framework());
        assert!(faults.is_empty(), "{}: {faults:?}", entry.code());
        assert!(
            !entry.tells.is_empty() && !entry.for_whom.is_empty() && entry.reason.len() > 60,
            "{}",
            entry.code()
        );
        assert!((2..=3).contains(&entry.set.questions.len()), "{}", entry.code());
        assert!(seconds(&entry.set.questions) <= 90, "{} takes too long", entry.code());
    }
    assert_eq!(entries().len(), 11);
}

#[test]
fn our_own_advice_finds_nothing() {
    for entry in entries() {
        let found = advice::of_set(&entry.framework(), &entry.set);
        assert!(found.is_empty(), "{}: {found:#?}", entry.code());
    }
}

#[test]
fn every_answer_can_be_scored_and_every_need_told_from_the_others() {
    for entry in entries() {
        let framework = entry.framework();
        for question in &entry.set.questions {
            for item in question.items() {
                let row = item.row.map(|row| row.code.as_str());
                let told = |need: &Need| shape(question, row, &need.code).is_some_and(|shape| shape.span().is_some());
                let is_text = matches!(question.kind, Kind::Text { .. });
                assert!(
                    is_text || entry.needs.iter().any(told),
                    "{} tells nothing",
                    question.code
                );
            }
        }
        let coverage = coverage::of(
            &framework,
            &Asking::of_sets(&framework, std::slice::from_ref(&entry.set.code)),
        );
        assert!(coverage.is_clear(), "{}: {:?}", entry.code(), coverage.gaps(&framework));
    }
}

#[test]
fn every_loading_has_its_reason() {
    for entry in entries() {
        for question in &entry.set.questions {
            let loaded: BTreeSet<&str> = question
                .loadings()
                .flat_map(|loads| loads.keys().map(String::as_str))
                .collect();
            let Some(loading) = entry.loading_of(&question.code) else {
                assert!(loaded.is_empty(), "{} has no reason", question.code);
                continue;
            };
            let said: BTreeSet<&str> = loading.needs.iter().map(String::as_str).collect();
            assert_eq!(said, loaded, "{}", question.code);
            assert!(loading.reason.len() > 40);
        }
    }
    let levels: BTreeSet<Level> = entries()
        .iter()
        .flat_map(|entry| entry.needs.iter().map(|need| need.level))
        .collect();
    assert_eq!(levels.len(), 3);
}

#[test]
fn every_set_speaks_all_four_languages_to_the_last_option() {
    for entry in entries() {
        assert_eq!(entry.languages(), ["de", "es", "fr"], "{}", entry.code());
        for question in &entry.set.questions {
            for (language, texts) in &question.translations {
                let of = format!("{} in {language}", question.code);
                assert!(texts.text.is_some(), "{of}");
                assert_eq!(texts.help.is_some(), !question.help.is_empty(), "{of}");
                assert_eq!(texts.no_opinion.is_some(), question.no_opinion.is_some(), "{of}");
                assert_eq!(texts.options.len(), question.kind.options().len(), "{of}");
                assert_eq!(texts.rows.len(), question.kind.rows().len(), "{of}");
                if let Kind::Rating { .. } = question.kind {
                    assert!(texts.min_label.is_some() && texts.max_label.is_some(), "{of}");
                }
                if let Kind::Matrix { labels, .. } = &question.kind {
                    assert_eq!(texts.labels.len(), labels.len(), "{of}");
                }
            }
        }
    }
}

#[test]
fn a_set_comes_with_its_needs_and_twice_under_other_codes() {
    let entry = find("why-now").expect("a set");
    let mut framework = Framework::default();
    let choices = usual(&framework, entry);
    assert!(choices.values().all(|choice| *choice == Choice::Add));
    assert_eq!(adopt(&mut framework, entry, &choices), "why-now");
    assert_eq!(framework.needs, entry.needs);
    let again = usual(&framework, entry);
    assert_eq!(again["efficiency"], Choice::Use("efficiency".into()));
    assert_eq!(adopt(&mut framework, entry, &again), "why-now-2");
    assert_eq!(framework.needs, entry.needs);
    assert!(framework.question("why-now-trigger-2").is_some());
    assert!(check::check(&framework).is_empty(), "{:?}", check::check(&framework));
}

#[test]
fn a_need_of_the_house_takes_the_place_of_the_librarys() {
    let entry = find("why-now").expect("a set");
    let mut framework =
        framework_file::toml(include_str!("../../tests/it/support/framework.toml")).expect("a framework");
    let before = framework.needs.clone();
    let mut choices: BTreeMap<Code, Choice> = usual(&framework, entry);
    choices.insert("growth".into(), Choice::Use("intimacy".into()));
    choices.insert("standing".into(), Choice::Leave);
    let code = adopt(&mut framework, entry, &choices);
    let set = framework.question_set(&code).expect("the set");
    let loads: Vec<_> = set.questions[0]
        .kind
        .options()
        .iter()
        .map(|option| option.loads.clone())
        .collect();
    assert_eq!(loads[2]["intimacy"], 2.0);
    assert!(loads[4].is_empty(), "{loads:?}");
    assert_eq!(framework.needs, before, "all its other needs are there already");
    assert!(check::check(&framework).is_empty(), "{:?}", check::check(&framework));
}

#[test]
fn a_set_asks_how_well_each_need_is_met_beside_how_important_it_is() {
    let entry = find("met-and-important").expect("the library has it");
    let pairs = crate::framework::met::pairs(&entry.framework());
    assert_eq!(pairs.len(), entry.needs.len());
    assert!(pairs.iter().all(|pair| pair.satisfaction.question == "met-satisfied"));
}
