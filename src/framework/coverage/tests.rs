use super::*;
use crate::framework::{Framework, read};

const NEEDS: &str = r#"
[[needs]]
code = "fast"
name = "Speed"
level = "tactical"
[[needs]]
code = "safe"
name = "Safety"
level = "tactical"
[[needs]]
code = "near"
name = "Closeness"
level = "personal"
[[segments]]
code = "racers"
name = "Racers"
profile = { fast = 100, safe = 10 }
[[segments]]
code = "keepers"
name = "Keepers"
profile = { safe = 100, near = 20 }
[[segments]]
code = "friends"
name = "Friends"
profile = { near = 100, fast = 10 }
"#;

fn framework(questions: &str) -> Framework {
    let file = format!("{NEEDS}[[question_sets]]\ncode = \"s\"\ntitle = \"S\"\n{questions}");
    read::toml(&file).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn choice(code: &str, loads: &[&str]) -> String {
    let option = |(i, loads): (usize, &&str)| format!("{{ code = \"o{i}\", text = \"O\", loads = {{ {loads} }} }}");
    let options: Vec<String> = loads.iter().enumerate().map(option).collect();
    format!(
        "[[question_sets.questions]]\ncode = \"{code}\"\nkind = \"single_choice\"\ntext = \"Why?\"\noptions = [{}]\n",
        options.join(", ")
    )
}

fn covered(framework: &Framework) -> Coverage {
    of(framework, &Asking::of_sets(framework, &["s".to_owned()]))
}

#[test]
fn an_option_for_each_need_tells_all_apart_and_more_answers_tell_more() {
    let good = ["fast = 2", "safe = 2", "near = 2"];
    let framework = framework(&["a", "b", "c"].map(|code| choice(code, &good)).concat());
    let coverage = covered(&framework);
    assert!(coverage.is_clear(), "{coverage:?}");
    assert_eq!((coverage.answers_of_contact, coverage.outlook.len()), (3, 8));
    let right = |at: usize| coverage.outlook[at].right_percent.unwrap_or(0.0);
    assert_eq!(coverage.outlook[0].assigned_percent, 100.0);
    assert!(
        right(0) > 50.0 && right(7) > right(0) && right(7) > 75.0,
        "{:?}",
        coverage.outlook
    );
    // Eight would do if everybody could answer everything.
    assert!(
        (9..=10).contains(&coverage.outlook[7].contacts),
        "{:?}",
        coverage.outlook
    );
    assert_eq!(coverage, covered(&framework), "the same figures every time");
    let words = coverage.outlook_in_words().unwrap();
    assert!(
        words.starts_with("After 3 answers nearly every company has a segment"),
        "{words}"
    );
    assert!(coverage.gaps(&framework).is_empty());
}

#[test]
fn a_need_that_is_never_asked_about_leaves_companies_without_a_segment() {
    let framework = framework(&choice("a", &["fast = 2", "safe = 2"]));
    let coverage = covered(&framework);
    assert_eq!(coverage.never, ["near"]);
    assert!(coverage.outlook.is_empty());
    let gaps = coverage.gaps(&framework).join(" ");
    assert!(
        gaps.contains("No question speaks for Closeness. Segments seek it"),
        "{gaps}"
    );
}

#[test]
fn needs_that_share_all_their_options_are_one_to_the_method() {
    let framework = framework(&choice("a", &["fast = 2, safe = 1", "near = 2"]));
    let coverage = covered(&framework);
    assert_eq!(coverage.together, [["fast", "safe"]]);
    assert_eq!(coverage.opposite, [("fast".to_owned(), "near".to_owned())]);
    assert_eq!(coverage.alike, [("racers".to_owned(), "keepers".to_owned())]);
    let gaps = coverage.gaps(&framework).join(" ");
    assert!(gaps.contains("Speed and Safety always get the same score"), "{gaps}");
    assert!(gaps.contains("Racers and Keepers cannot be told apart"), "{gaps}");
}

#[test]
fn needs_that_nearly_always_go_together_are_named() {
    let mixed = choice("a", &["fast = 2, safe = 2", "near = 2", ""]);
    let nearly = choice("b", &["fast = 0.2", "safe = 0.2", "near = 2"]);
    let coverage = covered(&framework(&(mixed + &nearly)));
    assert_eq!(coverage.together, Vec::<Vec<Code>>::new());
    assert_eq!(coverage.blurred, [("fast".to_owned(), "safe".to_owned())]);
}

#[test]
fn a_drip_is_what_all_its_steps_ask() {
    let good = ["fast = 2", "safe = 2", "near = 2"];
    let mut framework = framework(&["a", "b", "c"].map(|code| choice(code, &good)).concat());
    let letter = "subject = \"S\"\nbody = \"B\"";
    let drip = format!(
        "{}[[drips]]\ncode = \"d\"\nname = \"D\"\ntrigger = \"manual\"\n[[drips.steps]]\ndelay = \"0d\"\nadaptive = {{ pool = [\"s\"], ask = 2 }}\n{letter}\n",
        crate::framework::write::toml(&framework)
    );
    framework = read::toml(&drip).unwrap();
    let asking = Asking::of_drip(&framework, "d").unwrap();
    assert_eq!((asking.of_contact(0), asking.of_contact(1)), (vec![0, 1], vec![2, 0]));
    assert_eq!(of(&framework, &asking).answers_of_contact, 2);
    assert_eq!(Asking::of_drip(&framework, "nobody"), None);
}

#[test]
fn every_kind_can_be_answered_by_the_made_up() {
    let framework = read::toml(include_str!("../../../tests/it/support/framework.toml")).unwrap();
    let sets: Vec<Code> = framework.question_sets.iter().map(|set| set.code.clone()).collect();
    let coverage = of(&framework, &Asking::of_sets(&framework, &sets));
    assert!(coverage.answers_of_contact >= 9, "{coverage:?}");
}
