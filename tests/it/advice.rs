//! Whether advice is given where a methodologist would give it, and nowhere else.

use std::collections::BTreeSet;

use dripline::framework::advice::{Rule, of_set};
use dripline::framework::read;

/// One sentence a line: the rules that it breaks or `-`, its language, how it is asked, the sentence.
/// `needs`: a choice in a set that speaks for needs; `plain`: in one that does not; `rating`; `row` of a matrix.
const SENTENCES: &str = include_str!("fixtures/sentences.txt");

/// The rules that are about wording alone.
const WORDING: [Rule; 8] = [
    Rule::DoubleBarrelled,
    Rule::Leading,
    Rule::FactNotReason,
    Rule::Personality,
    Rule::DoubleNegative,
    Rule::Absolute,
    Rule::Jargon,
    Rule::TooLong,
];

struct Case {
    expected: BTreeSet<&'static str>,
    language: &'static str,
    how: &'static str,
    sentence: &'static str,
}

fn cases() -> Vec<Case> {
    let lines = SENTENCES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let case = |line: &'static str| {
        let parts: Vec<&str> = line.splitn(4, '|').map(str::trim).collect();
        let [rules, language, how, sentence] = parts[..] else {
            panic!("no case: {line}")
        };
        Case {
            expected: rules.split(',').map(str::trim).filter(|rule| *rule != "-").collect(),
            language,
            how,
            sentence,
        }
    };
    lines.map(case).collect()
}

fn found(case: &Case) -> BTreeSet<&'static str> {
    let option = |text: &str, loads: &str| {
        format!(
            "{{ code = \"{}\", text = \"{text}\", loads = {loads} }}",
            text.to_lowercase()
        )
    };
    let loads = if case.how == "plain" { "{}" } else { "{ speed = 1 }" };
    let other = if case.how == "plain" { "{}" } else { "{ safety = 1 }" };
    // So that the language is told as in a real set: by all that stands there.
    let title = match case.language {
        "de" => "Was für Sie und Ihr Unternehmen zählt, und warum",
        _ => "What counts for you and your company, and why",
    };
    let choice = |text: &str| {
        format!(
            "kind = \"single_choice\"\ntext = {text:?}\noptions = [{}, {}]",
            option("A", loads),
            option("B", other)
        )
    };
    let question = match case.how {
        "rating" => format!(
            "kind = \"rating\"\ntext = {:?}\nmin = 1\nmax = 5\nmin_label = \"a\"\nmax_label = \"b\"\nloads = {{ speed = 1 }}",
            case.sentence
        ),
        "row" => format!(
            "kind = \"matrix\"\ntext = \"X\"\nmin = 1\nmax = 5\nlabels = [\"a\", \"b\"]\nrows = [{{ code = \"r\", text = {:?}, loads = {{ speed = 1 }} }}]",
            case.sentence
        ),
        "needs" | "plain" => choice(case.sentence),
        how => panic!("{how}?"),
    };
    let file = format!(
        "needs = [{{ code = \"speed\", name = \"Speed\", level = \"tactical\" }}, {{ code = \"safety\", name = \"Safety\", level = \"tactical\" }}]\n\
         [[question_sets]]\ncode = \"s\"\ntitle = \"{title}\"\n[[question_sets.questions]]\ncode = \"q\"\n{question}\n"
    );
    let framework = read::toml(&file).unwrap_or_else(|faults| panic!("{}: {faults:?}", case.sentence));
    let advice = of_set(&framework, &framework.question_sets[0]);
    let of_wording = advice.into_iter().filter(|advice| WORDING.contains(&advice.rule));
    of_wording
        .map(|advice| {
            assert!(
                case.sentence.contains(&advice.words),
                "{:?} is not in {}",
                advice.words,
                case.sentence
            );
            advice.rule.code()
        })
        .collect()
}

#[test]
fn nine_of_ten_pieces_of_advice_are_right_and_nine_of_ten_are_given() {
    let cases = cases();
    assert!(cases.len() >= 120, "{}", cases.len());
    let (mut hits, mut wrong, mut missed) = (0.0, Vec::new(), Vec::new());
    for case in &cases {
        let found = found(case);
        hits += found.intersection(&case.expected).count() as f64;
        wrong.extend(
            found
                .difference(&case.expected)
                .map(|rule| format!("{rule}: {}", case.sentence)),
        );
        missed.extend(
            case.expected
                .difference(&found)
                .map(|rule| format!("{rule}: {}", case.sentence)),
        );
    }
    let precision = hits / (hits + wrong.len() as f64);
    let recall = hits / (hits + missed.len() as f64);
    println!(
        "{} sentences, precision {precision:.3}, recall {recall:.3}",
        cases.len()
    );
    println!(
        "given wrongly:\n  {}\nmissed:\n  {}",
        wrong.join("\n  "),
        missed.join("\n  ")
    );
    assert!(
        precision >= 0.9 && recall >= 0.9,
        "precision {precision:.3}, recall {recall:.3}"
    );
    let told: BTreeSet<&str> = cases.iter().flat_map(|case| case.expected.iter().copied()).collect();
    for rule in WORDING {
        assert!(told.contains(rule.code()), "no sentence breaks {}", rule.code());
    }
}
