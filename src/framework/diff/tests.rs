//! One exchange of words in the example, one sentence.

use super::*;
use crate::framework::read;

const EXAMPLE: &str = include_str!("../../../tests/it/support/framework.toml");

fn changes_with(old: &str, new: &str) -> Vec<String> {
    assert!(EXAMPLE.contains(old), "{old} is not in the example");
    let before = read::toml(EXAMPLE).unwrap();
    let after = read::toml(&EXAMPLE.replacen(old, new, 1)).unwrap_or_else(|faults| panic!("{new}: {faults:#?}"));
    changes(&before, &after)
}

#[test]
fn each_change_is_one_sentence() {
    let machines = "code = \"machines\", text = \"Machines\", loads = { efficiency = 1 }";
    let cases = [
        ("half_life_days = 365", "", "settings: half_life_days 365 → none"),
        (
            "{ count = 2, days = 7 }",
            "{ count = 3, days = 7 }",
            "settings: max_mails_per_contact 2 in 7 days → 3 in 7 days",
        ),
        (
            "weight = 3.0",
            "weight = 2.5",
            "role \"decision_maker\": weight 3 → 2.5",
        ),
        (
            "name = \"Assurance\"\nlevel = \"tactical\"",
            "name = \"Trust\"\nlevel = \"personal\"",
            "need \"assurance\": name, level changed",
        ),
        (
            "profile = { intimacy = 100",
            "profile = { intimacy = 90",
            "segment \"customer-intimates\": profile changed",
        ),
        (
            "What comes first\"",
            "First things\"",
            "question set \"drivers-2\": title changed",
        ),
        ("The old one broke", "It broke", "question \"why-now\": wording changed"),
        (
            "Das alte war kaputt",
            "Es war kaputt",
            "question \"why-now\": translations changed",
        ),
        ("required = true", "", "question \"why-now\": no longer required"),
        (
            "any_of = [\"new\", \"other\"]",
            "any_of = [\"new\"]",
            "question \"what-new\": show_if changed",
        ),
        ("shuffle = true", "", "question \"matters\": shuffle changed"),
        (
            "max_length = 500",
            "max_length = 600",
            "question \"what-new\": length changed",
        ),
        ("None of these", "Nothing", "question \"matters\": wording changed"),
        (
            machines,
            "code = \"machines\", text = \"Machines\", loads = { efficiency = 2 }",
            "question \"budget\": loads changed; a new version",
        ),
        (
            machines,
            "code = \"tools\", text = \"Tools\", loads = { efficiency = 1 }",
            "question \"budget\": options changed; a new version",
        ),
        (
            "max = 7",
            "max = 5",
            "question \"save-time\": scale changed; a new version",
        ),
        ("top = 3", "top = 2", "question \"rank\": top changed; a new version"),
        (
            "kind = \"nps\"",
            "kind = \"rating\"\nmin = 0\nmax = 10",
            "question \"recommend\": kind nps → rating; a new version",
        ),
        (
            "no_opinion = \"None of these\"",
            "",
            "question \"matters\": \"no opinion\" no longer offered; a new version",
        ),
        (
            "name = \"Welcome\"",
            "name = \"Hello\"",
            "drip \"welcome\": name changed",
        ),
        (
            "state = \"on\"",
            "state = \"paused\"",
            "drip \"why-you-bought\": state changed",
        ),
        (
            "And what comes first?",
            "And first?",
            "drip \"welcome\": step 2 changed",
        ),
    ];
    for (old, new, expected) in cases {
        assert_eq!(changes_with(old, new), [expected], "{new}");
    }
}

#[test]
fn what_comes_and_goes_is_told() {
    let whole = read::toml(EXAMPLE).unwrap();
    let came = changes(&Framework::default(), &whole);
    for expected in [
        "role \"user\" added, weight 1",
        "need \"efficiency\" added",
        "segment \"innovators\" added",
        "question set \"drivers-1\" added",
        "question \"budget\" added",
        "drip \"welcome\" added",
    ] {
        assert!(
            came.iter().any(|sentence| sentence == expected),
            "{expected}: {came:#?}"
        );
    }
    let went = changes(&whole, &Framework::default());
    for expected in [
        "segment \"innovators\" archived",
        "question \"budget\" archived",
        "drip \"welcome\" archived",
    ] {
        assert!(
            went.iter().any(|sentence| sentence == expected),
            "{expected}: {went:#?}"
        );
    }
    assert_eq!(changes(&whole, &whole), Vec::<String>::new());
}

#[test]
fn moves_and_losses_are_told_once() {
    let whole = read::toml(EXAMPLE).unwrap();
    let mut other = whole.clone();
    other.segments.swap(0, 2);
    other.needs.remove(0);
    other.drips[1].steps.pop();
    let question = other.question_sets[1].questions.remove(0);
    other.question_sets[0].questions.push(question);
    assert_eq!(
        changes(&whole, &other),
        [
            "need \"efficiency\" archived",
            "segments: order changed",
            "question \"rank\": moved to the set \"drivers-1\"",
            "drip \"why-you-bought\": step 3 removed",
        ]
    );
}
