//! Whole files read, and every rule broken once.

use super::*;
use crate::framework::{Kind, Minutes, StepContent, Trigger};

const EXAMPLE: &str = include_str!("../../../tests/it/support/framework.toml");

/// The faults of the example after one exchange of words, shown.
fn faults_with(old: &str, new: &str) -> Vec<String> {
    assert!(EXAMPLE.contains(old), "{old} is not in the example");
    match toml(&EXAMPLE.replacen(old, new, 1)) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(Fault::to_string).collect(),
    }
}

#[test]
fn a_whole_framework_is_read() {
    let framework = toml(EXAMPLE).unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(
        (framework.needs.len(), framework.segments.len(), framework.drips.len()),
        (4, 3, 2)
    );
    let kinds: std::collections::BTreeSet<_> = framework.questions().map(|(_, q)| q.kind.name()).collect();
    assert_eq!(kinds.len(), 9);
    assert_eq!(framework.roles[1].weight, 1.0);
    assert_eq!(framework.segments[0].profile["assurance"], 30.0);
    assert_eq!(framework.drips[1].trigger, Trigger::Transaction);
    assert_eq!(framework.drips[1].max_age, Some(Minutes(30 * 24 * 60)));
    assert_eq!(framework.drips[1].audience.any_of["country"], ["DE"]);
    assert!(matches!(&framework.drips[1].steps[2].content, StepContent::Message { message } if message.len() == 2));
}

#[test]
fn what_is_left_out_has_its_usual_value() {
    let framework = toml(
        r#"
            [[question_sets]]
            code = "s"
            title = "S"
            questions = [
              { code = "m", kind = "multiple_choice", text = "M", options = [
                { code = "a", text = "A" }, { code = "b", text = "B" }, { code = "n", text = "N", no_opinion = true } ] },
              { code = "r", kind = "ranking", text = "R", options = [{ code = "a", text = "A" }, { code = "b", text = "B" }] },
              { code = "al", kind = "allocation", text = "A", options = [{ code = "a", text = "A" }, { code = "b", text = "B" }] },
              { code = "t", kind = "text", text = "T" },
            ]"#,
    )
    .unwrap();
    assert_eq!(framework.settings, Settings::default());
    let questions = &framework.question_sets[0].questions;
    assert!(matches!(
        questions[0].kind,
        Kind::MultipleChoice {
            min_picks: 1,
            max_picks: 2,
            shuffle: false,
            ..
        }
    ));
    assert!(matches!(questions[1].kind, Kind::Ranking { top: 2, .. }));
    assert!(matches!(questions[2].kind, Kind::Allocation { total: 100, .. }));
    assert!(matches!(
        questions[3].kind,
        Kind::Text {
            max_length: 10_000,
            multiline: false
        }
    ));
}

#[test]
fn all_faults_are_told_at_once_with_their_places() {
    let faults = toml(
        r#"
[settings]
min_scored_answers = 0
half_life_days = "long"
[[needs]]
code = "efficiency"
name = "Efficiency"
level = "strategical"
[[segments]]
code = "Seekers"
name = "Seekers"
profile = { efficency = 100 }
colour = "red"
[[question_sets]]
code = "s"
title = "S"
[[question_sets.questions]]
code = "q"
kind = "rating"
min = 5
max = 1
loads = { efficiency = inf }
"#,
    )
    .unwrap_err();
    let shown: Vec<String> = faults.iter().map(Fault::to_string).collect();
    assert_eq!(
        shown,
        [
            "line 3, column 22: settings.min_scored_answers: must be at least 1",
            "line 4, column 18: settings.half_life_days: must be a number; it is \"long\"",
            "line 8, column 9: needs[0].level: must be one of: strategic, tactical, personal; it is \"strategical\"; did you mean strategic?",
            "line 10, column 8: segments[0].code: a code is written in small letters a–z, digits, - and _, and begins with a letter or digit; it is \"Seekers\"",
            "line 12, column 13: segments[0].profile.efficency: there is no need \"efficency\"; needs are: efficiency; did you mean \"efficiency\"?",
            "line 13, column 1: segments[0].colour: the key \"colour\" means nothing here; keys are: code, name, description, profile, talk_about, avoid, content, actions, spend",
            "line 17, column 1: question_sets[0].questions[0].text: is missing: write a text in quotes",
            "line 21, column 7: question_sets[0].questions[0].max: must be above min, 5",
            "line 22, column 24: question_sets[0].questions[0].loads.efficiency: must be a number; it is not a finite number",
        ]
    );
}

#[test]
fn json_is_held_to_the_same_rules_by_place() {
    let faults = json(r#"{"needs": [{"code": "a", "name": null, "level": "tactical"}], "drip": []}"#).unwrap_err();
    let shown: Vec<String> = faults.iter().map(Fault::to_string).collect();
    assert_eq!(
        shown,
        [
            "needs[0].name: null is no value: write a text in quotes, or leave the key out",
            "drip: the key \"drip\" means nothing here; did you mean drips?",
        ]
    );
    assert!(
        json("[]").unwrap_err()[0]
            .message
            .contains("a table of keys and values")
    );
}

#[test]
fn a_misspelt_code_is_not_reported_again_by_all_who_name_it() {
    let faults = faults_with("code = \"innovation\"", "cod = \"innovation\"");
    assert_eq!(faults.len(), 2, "{faults:#?}");
    let faults = faults_with("kind = \"single_choice\"", "kind = \"singlechoice\"");
    assert_eq!(faults.len(), 1, "{faults:#?}");
}

#[test]
fn each_rule_is_kept() {
    let cases = [
        (
            "code = \"intimacy\"",
            "code = \"efficiency\"",
            "needs[1].code: \"efficiency\" stands there twice",
        ),
        (
            "code = \"innovators\"",
            "code = \"default\"",
            "segments[2].code: a segment may not be called",
        ),
        (
            "code = \"rank\"",
            "code = \"why-now\"",
            "question_sets[1].questions[0].code: \"why-now\" is a question of the set \"drivers-1\"",
        ),
        (
            "code = \"first\"",
            "code = \"safe\"",
            "rows[2].code: \"safe\" stands there twice",
        ),
        (
            "code = \"service\"",
            "code = \"speed\"",
            "options[1].code: \"speed\" stands there twice",
        ),
        (
            "efficiency = 100,",
            "efficiency = 101,",
            "profile.efficiency: must be a weight from 0 to 100",
        ),
        (
            "efficiency = 100, assurance = 30",
            "efficiency = 50, assurance = 50, intimacy = 50, innovation = 50",
            "segments[0].profile: weighs every need",
        ),
        (
            "innovation = 100, efficiency = 20",
            "efficiency = 100, assurance = 30",
            "segments[2].profile: has the same shape as the profile of \"efficiency-seekers\"",
        ),
        ("weight = 3.0", "weight = 0", "roles[0].weight: must be more than 0"),
        (
            "half_life_days = 365",
            "half_life_days = 0",
            "half_life_days: must be more than 0",
        ),
        (
            "count = 2",
            "count = 0",
            "max_mails_per_contact.count: must be at least 1",
        ),
        (
            "max_picks = 2",
            "max_picks = 4",
            "max_picks: must be at most the number of options, 3",
        ),
        (
            "min_picks = 1",
            "min_picks = 3",
            "min_picks: must be at most max_picks, 2",
        ),
        ("min_picks = 1", "min_picks = 0", "min_picks: must be at least 1"),
        (
            "\"Not at all\", \"Fully\"",
            "\"a\", \"b\", \"c\"",
            "labels: must be 2 texts, for the ends, or 5",
        ),
        ("top = 3", "top = 5", "top: must be from 1 to the number of options, 4"),
        ("total = 100", "total = 0", "total: must be from 1"),
        (
            "max_length = 500",
            "max_length = 10001",
            "max_length: must be from 1 to 10000",
        ),
        (
            "no_opinion = true",
            "no_opinion = true, loads = { efficiency = 1 }",
            "an option marked no_opinion is not scored",
        ),
        (
            "question = \"why-now\"",
            "question = \"matters\"",
            "show_if.question: there is no earlier question \"matters\"",
        ),
        (
            "any_of = [\"new\"",
            "any_of = [\"newer\"",
            "show_if.any_of[0]: there is no option \"newer\"",
        ),
        (
            "wait_for_answer = true",
            "wait_for_answer = true\nadaptive = { pool = [\"drivers-1\"], ask = 1 }",
            "exactly one of",
        ),
        (
            "delay = \"0d\"",
            "wait_for_answer = true",
            "steps[0].wait_for_answer: the first step",
        ),
        (
            "delay = \"7d\"",
            "delay = \"7 days\"",
            "steps[1].delay: must be a span of time",
        ),
        (
            "from = \"09:00\"",
            "from = \"17:00\"",
            "send_window.to: must be later than from",
        ),
        (
            "days = [\"mon\", \"tue\", \"wed\", \"thu\"]",
            "days = []",
            "send_window.days: needs at least one day",
        ),
        (
            "closes_after = \"21d\"",
            "max_age = \"3d\"",
            "drips[0].max_age: belongs to trigger",
        ),
        (
            "question_set = \"drivers-2\"",
            "question_set = \"driver-2\"",
            "there is no question set \"driver-2\"; question sets are: drivers-1, drivers-2; did you mean \"drivers-2\"?",
        ),
        (
            "pool = [\"drivers-1\"",
            "pool = [\"drivers-3\"",
            "adaptive.pool[0]: there is no question set",
        ),
        ("message.default", "message.innovators", "message.default: is missing"),
        (
            "message.efficiency-seekers",
            "message.seekers",
            "message.seekers: there is no segment \"seekers\"",
        ),
        (
            "tenure = [\"new\"]",
            "tenure = [\"young\"]",
            "audience.tenure[0]: must be one of: new, long_standing, unknown",
        ),
        (
            "role = [\"decision_maker\"]",
            "role = [\"boss\"]",
            "audience.role[0]: there is no role",
        ),
        (
            "segment = [\"innovators\"",
            "segment = [\"x\"",
            "audience.segment[0]: there is no segment",
        ),
        (
            "And what comes first?",
            "{{ transaction.product }}",
            "known only to a drip with trigger",
        ),
        (
            "And what comes first?",
            "{{ link }}",
            "steps[1].subject: the merge field \"link\" belongs in the body",
        ),
        (
            "And what comes first?",
            "{{ contact.name }}",
            "there is no merge field \"contact.name\"",
        ),
        (
            "And what comes first?",
            "a\\nb",
            "steps[1].subject: must be on one line",
        ),
        (
            "It saves us time.",
            "It saves {{ unsubscribe_link }}",
            "belongs in the body",
        ),
        ("It saves us time.", "\\u0007", "unprintable character U+0007"),
        ("It saves us time.", "\\u202E", "unprintable character U+202E"),
        (
            "[question_sets.translations.de]",
            "[question_sets.translations.\"in German\"]",
            "a language is written as de",
        ),
        (
            "options = { replace",
            "options = { repla",
            "translations.de.options.repla: there is no option",
        ),
    ];
    for (old, new, expected) in cases {
        let faults = faults_with(old, new);
        assert!(
            faults.iter().any(|fault| fault.contains(expected)),
            "{new} should say: {expected}\nbut: {faults:#?}"
        );
        // A code that is gone is missed by all who name it.
        assert!(faults.len() == 1 || old.starts_with("code"), "{new}: {faults:#?}");
    }
}

#[test]
fn a_flood_of_faults_is_cut_short_and_counted() {
    let unknown_keys: String = (0..30_000).map(|i| format!("k{i} = 1\n")).collect();
    let unknown_needs = format!("[[segments]]\ncode = \"s\"\nname = \"S\"\n[segments.profile]\n{unknown_keys}");
    let many_needs = "[[needs]]\ncode = \"n\"\nname = \"N\"\nlevel = \"tactical\"\n".repeat(5_000);
    for (text, told, last) in [
        (unknown_keys, 1_001, "there are 29000 faults more"),
        (unknown_needs, 1_001, "there are 29000 faults more"),
        ("= =\n".repeat(20_000), 1_001, "faults more"),
        (many_needs, 1, "needs: has 5000 entries; at most 200 are allowed"),
    ] {
        let faults = toml(&text).unwrap_err();
        let shown = faults.last().unwrap().to_string();
        assert!(shown.contains(last), "{shown}");
        assert_eq!(faults.len(), told);
    }
}
