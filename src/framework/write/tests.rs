//! What is written reads back, whatever texts and numbers it holds.

use proptest::prelude::*;

use super::*;
use crate::framework::{Kind, QuestionTexts, StepContent, read};

const EXAMPLE: &str = include_str!("../../../tests/it/support/framework.toml");

fn example() -> Framework {
    read::toml(EXAMPLE).unwrap()
}

#[test]
fn toml_reads_as_it_is_documented() {
    let written = toml(&example());
    for expected in [
        "[settings]\ntenure_threshold_months = 24\n",
        "max_mails_per_contact = { count = 2, days = 7 }\n",
        "\n[[roles]]\ncode = \"decision_maker\"\nweight = 3\n",
        "profile = { assurance = 30, efficiency = 100 }\n",
        "\n[[question_sets.questions]]\ncode = \"why-now\"\nkind = \"single_choice\"\ntext = 'What made you",
        "\n[question_sets.translations.de]\ntitle = \"Warum Sie gekauft haben\"\n\n[[question_sets.questions]]\n",
        "options = [\n  { code = \"replace\", text = \"The old one broke\", loads = { efficiency = 2 } },\n",
        "  { code = \"person\", text = \"Somebody I trust\", loads = { innovation = -1, intimacy = 3 } },\n",
        "\n[question_sets.questions.translations.de]\ntext = \"Warum gerade jetzt?\"\n",
        "labels = [\"Not at all\", \"Fully\"]\n",
        "body = \"\"\"\nDear {{ contact.first_name | default: \"customer\" }},\n\nwe would",
        "\n[drips.steps.message.efficiency-seekers]\nsubject = \"Your hours, counted\"\n",
        "adaptive = { pool = [\"drivers-1\", \"drivers-2\"], ask = 3, stop_at_confidence = 0.95 }\n",
    ] {
        assert!(written.contains(expected), "{expected:?} is not in\n{written}");
    }
    assert!(written.lines().all(|line| line.chars().count() < 160), "{written}");
}

#[test]
fn an_empty_framework_is_written_and_read() {
    let empty = Framework::default();
    assert_eq!(read::toml(&toml(&empty)), Ok(empty.clone()));
    assert_eq!(read::json(&json(&empty)), Ok(empty));
}

/// Fills the example's texts and numbers in turn, so that each kind of place sees each kind of text.
fn filled(texts: &[String], numbers: &[f64]) -> Framework {
    let mut framework = example();
    let mut lines = texts.iter().cycle().cloned();
    let mut words = texts.iter().cycle().map(|text| text.replace(['\n', '\t'], ""));
    let mut numbers = numbers.iter().cycle().copied();
    let mut line = || lines.next().unwrap();
    let mut word = || words.next().unwrap();
    let mut number = || numbers.next().unwrap();
    framework.settings.half_life_days = Some(number().abs());
    for need in &mut framework.needs {
        (need.name, need.description) = (word(), line());
    }
    for segment in &mut framework.segments {
        segment.avoid = vec![line(), line()];
        segment.spend = line();
    }
    for set in &mut framework.question_sets {
        set.intro = line();
        for question in &mut set.questions {
            (question.text, question.no_opinion) = (line(), Some(line()));
            match &mut question.kind {
                Kind::SingleChoice { options, .. }
                | Kind::MultipleChoice { options, .. }
                | Kind::Ranking { options, .. }
                | Kind::BestWorst { options, .. }
                | Kind::Allocation { options, .. } => {
                    for option in options {
                        option.text = line();
                        option.loads.values_mut().for_each(|load| *load = number());
                    }
                }
                Kind::Rating {
                    min_label,
                    max_label,
                    loads,
                    ..
                } => {
                    (*min_label, *max_label) = (word(), word());
                    loads.values_mut().for_each(|load| *load = number());
                }
                Kind::Matrix { labels, rows, .. } => {
                    labels.iter_mut().for_each(|label| *label = word());
                    for row in rows {
                        row.text = line();
                        row.loads.values_mut().for_each(|load| *load = number());
                    }
                }
                Kind::Nps { loads } => loads.values_mut().for_each(|load| *load = number()),
                Kind::Text { .. } => {}
            }
            for language in ["de", "ar", "pt-BR"] {
                let by_code = |codes: Vec<&str>, line: &mut dyn FnMut() -> String| {
                    codes.into_iter().map(|code| (code.to_owned(), line())).collect()
                };
                let options = question.kind.options().iter().map(|option| option.code.as_str());
                let rows = question.kind.rows().iter().map(|row| row.code.as_str());
                let is_rating = matches!(question.kind, Kind::Rating { .. });
                let labels = match &question.kind {
                    Kind::Matrix { labels, .. } => labels.len(),
                    _ => 0,
                };
                let texts = QuestionTexts {
                    text: Some(line()),
                    help: (!question.help.is_empty()).then(&mut line),
                    no_opinion: Some(line()),
                    min_label: is_rating.then(&mut word),
                    max_label: is_rating.then(&mut word),
                    labels: (0..labels).map(|_| word()).collect(),
                    options: by_code(options.collect(), &mut line),
                    rows: by_code(rows.collect(), &mut line),
                };
                question.translations.insert(language.to_owned(), texts);
            }
        }
    }
    for drip in &mut framework.drips {
        drip.audience.any_of.insert(word(), vec![line(), word()]);
        for step in &mut drip.steps {
            match &mut step.content {
                StepContent::Questions { letter, .. } | StepContent::Adaptive { letter, .. } => {
                    (letter.subject, letter.body) = (word(), line());
                }
                StepContent::Message { message } => message.values_mut().for_each(|letter| letter.body = line()),
            }
        }
    }
    framework
}

/// Texts that a framework may hold, above all the characters that mean something to TOML and JSON.
fn text() -> impl Strategy<Value = String> {
    let telling = prop::sample::select("\"'\\\n\t {}#=[],.|<&%é😀".chars().collect::<Vec<_>>());
    let any = any::<char>().prop_filter("may stand in a text", |c| {
        !c.is_control() && !crate::framework::wording::is_unseen(*c)
    });
    let some = |telling, any| prop::collection::vec(prop_oneof![3 => telling, 1 => any], 0..12);
    let (before, after) = (some(telling.clone(), any.clone()), some(telling, any));
    (before, after)
        .prop_map(|(before, after)| before.into_iter().chain(['x']).chain(after).collect::<String>())
        .prop_filter("has no merge field", |text| {
            !text.replace(['\n', '\t'], "").contains("{{")
        })
}

fn number() -> impl Strategy<Value = f64> {
    let size = prop_oneof![0.000_001..1.0, 1.0..1_000_000.0, (1..1_000_000).prop_map(f64::from)];
    (size, any::<bool>()).prop_map(|(size, below): (f64, bool)| if below { -size } else { size })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_and_writes_the_same_bytes(
        texts in prop::collection::vec(text(), 1..40),
        numbers in prop::collection::vec(number(), 1..10),
    ) {
        let framework = filled(&texts, &numbers);
        let written = toml(&framework);
        let read = read::toml(&written).map_err(|faults| TestCaseError::fail(format!("{faults:#?}\n{written}")))?;
        prop_assert!(read == framework, "reads back as another:\n{written}");
        prop_assert_eq!(toml(&read), written);
        let written = json(&framework);
        let read = read::json(&written).map_err(|faults| TestCaseError::fail(format!("{faults:#?}\n{written}")))?;
        prop_assert!(read == framework, "reads back as another:\n{written}");
        prop_assert_eq!(json(&read), written);
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in any::<String>()) {
        let _ = read::toml(&text);
        let _ = read::json(&text);
    }

    #[test]
    fn no_damage_to_a_framework_makes_the_readers_panic(
        at in 0.0..1.0,
        length in 0_usize..40,
        patch in prop_oneof![any::<String>(), text(), Just("[[".to_owned()), Just("]".to_owned()), Just("=".to_owned()), Just("-9999999999999999999".to_owned())],
    ) {
        for (source, is_toml) in [(EXAMPLE.to_owned(), true), (json(&example()), false)] {
            let mut chars: Vec<char> = source.chars().collect();
            let start = (at * chars.len() as f64) as usize;
            let end = (start + length).min(chars.len());
            chars.splice(start..end, patch.chars());
            let damaged: String = chars.into_iter().collect();
            let faults = if is_toml { read::toml(&damaged) } else { read::json(&damaged) };
            if let Err(faults) = faults {
                prop_assert!(!faults.is_empty());
                if is_toml {
                    prop_assert!(faults.iter().all(|fault| fault.line.is_some()), "{faults:?}");
                }
            }
        }
    }
}
