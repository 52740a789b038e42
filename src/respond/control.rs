//! What a question is answered with: plain controls that work without scripts, each by its fields'
//! names (`CONTRACT.md`), with what was typed so far.

use crate::answers::form::Fields as Posted;
use crate::framework::{ChoiceOption, Kind, Question};
use crate::mail::token;

#[derive(Debug, Clone, PartialEq)]
pub enum Control {
    /// Radio buttons, or with `many` boxes to tick.
    Choice {
        many: bool,
        options: Vec<Choice>,
        /// The words beside an option that takes some.
        other: Option<String>,
        /// How many to tick, in words.
        hint: Option<String>,
    },
    Scale {
        points: Vec<Choice>,
        min_label: String,
        max_label: String,
    },
    Matrix {
        points: Vec<(String, String)>,
        rows: Vec<MatrixRow>,
    },
    Ranking {
        places: Vec<String>,
        options: Vec<Entry>,
    },
    BestWorst {
        options: Vec<Extreme>,
    },
    Allocation {
        total: u32,
        options: Vec<Entry>,
    },
    Text {
        multiline: bool,
        max_length: u32,
        value: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub words: String,
    pub ticked: bool,
    /// Comes with a text of the contact's own.
    pub takes_text: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixRow {
    /// Of its field.
    pub name: String,
    pub words: String,
    pub ticked: Option<String>,
}

/// An option with a field of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Of its field.
    pub name: String,
    pub words: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extreme {
    pub value: String,
    pub words: String,
    pub best: bool,
    pub worst: bool,
}

/// `seed` shuffles, where the question says so: the same for the same link.
pub fn of(question: &Question, language: Option<&str>, seed: &str, posted: &Posted) -> Control {
    let code = &question.code;
    let text_of = |name: String| posted.one(&name).unwrap_or("").to_owned();
    match &question.kind {
        Kind::SingleChoice { shuffle, .. } => choice(question, language, seed, posted, *shuffle, None),
        Kind::MultipleChoice {
            shuffle,
            min_picks,
            max_picks,
            ..
        } => choice(
            question,
            language,
            seed,
            posted,
            *shuffle,
            Some((*min_picks, *max_picks)),
        ),
        Kind::Rating {
            min,
            max,
            min_label,
            max_label,
            ..
        } => {
            let texts = question.texts(language);
            let min_label = texts.and_then(|texts| texts.min_label.as_ref()).unwrap_or(min_label);
            let max_label = texts.and_then(|texts| texts.max_label.as_ref()).unwrap_or(max_label);
            scale(question, *min, *max, min_label, max_label, posted)
        }
        Kind::Nps { .. } => scale(question, 0, 10, "Not at all likely", "Extremely likely", posted),
        Kind::Matrix { min, max, labels, rows } => {
            let texts = question.texts(language);
            let labels = texts
                .map(|texts| &texts.labels)
                .filter(|l| !l.is_empty())
                .unwrap_or(labels);
            let row = |row: &crate::framework::Row| {
                let words = texts.and_then(|texts| texts.rows.get(&row.code)).unwrap_or(&row.text);
                let name = format!("{code}.{}", row.code);
                MatrixRow {
                    ticked: posted.one(&name).map(str::to_owned),
                    name,
                    words: words.clone(),
                }
            };
            Control::Matrix {
                points: points(*min, *max, labels),
                rows: rows.iter().map(row).collect(),
            }
        }
        Kind::Ranking { top, shuffle, .. } => Control::Ranking {
            places: (1..=*top).map(|place| place.to_string()).collect(),
            options: entries(question, language, seed, *shuffle, "rank", text_of),
        },
        Kind::Allocation { total, shuffle, .. } => Control::Allocation {
            total: *total,
            options: entries(question, language, seed, *shuffle, "points", text_of),
        },
        Kind::BestWorst { shuffle, .. } => {
            let (best, worst) = (text_of(format!("{code}.best")), text_of(format!("{code}.worst")));
            let options = ordered(question, seed, *shuffle)
                .into_iter()
                .filter(|option| !option.no_opinion);
            let extreme = |option: &ChoiceOption| Extreme {
                value: option.code.clone(),
                words: words(question, option, language),
                best: option.code == best,
                worst: option.code == worst,
            };
            Control::BestWorst {
                options: options.map(extreme).collect(),
            }
        }
        Kind::Text { max_length, multiline } => Control::Text {
            multiline: *multiline,
            max_length: *max_length,
            value: text_of(code.clone()),
        },
    }
}

/// The option's words in the contact's language.
pub fn words(question: &Question, option: &ChoiceOption, language: Option<&str>) -> String {
    let texts = question.texts(language);
    let translated = texts.and_then(|texts| texts.options.get(&option.code));
    translated.unwrap_or(&option.text).clone()
}

fn choice(
    question: &Question,
    language: Option<&str>,
    seed: &str,
    posted: &Posted,
    shuffle: bool,
    picks: Option<(u32, u32)>,
) -> Control {
    let ticked: Vec<&str> = posted.all(&question.code).collect();
    let option = |option: &ChoiceOption| Choice {
        value: option.code.clone(),
        words: words(question, option, language),
        ticked: ticked.contains(&option.code.as_str()),
        takes_text: option.free_text,
    };
    let options: Vec<Choice> = ordered(question, seed, shuffle).into_iter().map(option).collect();
    let takes_text = options.iter().any(|option| option.takes_text);
    let other = posted.one(&format!("{}.other", question.code)).unwrap_or("");
    Control::Choice {
        many: picks.is_some(),
        other: takes_text.then(|| other.to_owned()),
        hint: picks.map(|(least, most)| how_many(least, most, options.len())),
        options,
    }
}

fn how_many(least: u32, most: u32, options: usize) -> String {
    match (least, most) {
        (least, most) if least == most => format!("Choose {least}."),
        (1, most) if most as usize >= options => "Choose all that apply.".to_owned(),
        (1, most) => format!("Choose up to {most}."),
        (least, most) => format!("Choose {least} to {most}."),
    }
}

fn scale(question: &Question, min: i32, max: i32, min_label: &str, max_label: &str, posted: &Posted) -> Control {
    let ticked = posted.one(&question.code);
    let point = |n: i32| Choice {
        ticked: ticked == Some(n.to_string().as_str()),
        value: n.to_string(),
        words: n.to_string(),
        takes_text: false,
    };
    Control::Scale {
        points: (min..=max).map(point).collect(),
        min_label: min_label.to_owned(),
        max_label: max_label.to_owned(),
    }
}

/// Each point of a matrix with its words: its number, its own label, or an end's label.
fn points(min: i32, max: i32, labels: &[String]) -> Vec<(String, String)> {
    let each = labels.len() as i32 == max - min + 1;
    let label = |n: i32| match labels {
        labels if each => labels[(n - min) as usize].clone(),
        [first, _] if n == min => format!("{n} – {first}"),
        [_, last] if n == max => format!("{n} – {last}"),
        _ => n.to_string(),
    };
    (min..=max).map(|n| (n.to_string(), label(n))).collect()
}

fn entries(
    question: &Question,
    language: Option<&str>,
    seed: &str,
    shuffle: bool,
    part: &str,
    text_of: impl Fn(String) -> String,
) -> Vec<Entry> {
    let options = ordered(question, seed, shuffle)
        .into_iter()
        .filter(|option| !option.no_opinion);
    let entry = |option: &ChoiceOption| {
        let name = format!("{}.{part}.{}", question.code, option.code);
        Entry {
            value: text_of(name.clone()),
            name,
            words: words(question, option, language),
        }
    };
    options.map(entry).collect()
}

/// Shuffled by the link's own seed; "other" and "I can't say" stay at the end.
fn ordered<'q>(question: &'q Question, seed: &str, shuffle: bool) -> Vec<&'q ChoiceOption> {
    let mut options: Vec<&ChoiceOption> = question.kind.options().iter().collect();
    if shuffle {
        options.sort_by_cached_key(|option| {
            let last = option.free_text || option.no_opinion;
            (
                last,
                if last {
                    String::new()
                } else {
                    token::hash(&format!("{seed}/{}", option.code))
                },
            )
        });
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(kind: Kind) -> Question {
        Question {
            code: "q".into(),
            text: "?".into(),
            help: String::new(),
            required: false,
            show_if: None,
            no_opinion: None,
            kind,
            translations: Default::default(),
        }
    }

    fn options(codes: &[&str]) -> Vec<ChoiceOption> {
        let option = |code: &&str| ChoiceOption {
            code: (*code).to_owned(),
            text: code.to_uppercase(),
            free_text: *code == "other",
            ..ChoiceOption::default()
        };
        codes.iter().map(option).collect()
    }

    #[test]
    fn what_was_posted_stays_ticked() {
        let kind = Kind::MultipleChoice {
            options: options(&["a", "b", "other"]),
            min_picks: 1,
            max_picks: 2,
            shuffle: false,
        };
        let fields = [("q", "b"), ("q", "other"), ("q.other", "mine")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        let Control::Choice {
            options,
            other,
            hint,
            many,
        } = of(&question(kind), None, "s", &Posted::new(&fields))
        else {
            panic!("a choice");
        };
        assert_eq!(
            options.iter().map(|o| o.ticked).collect::<Vec<_>>(),
            [false, true, true]
        );
        assert_eq!(
            (other.as_deref(), hint.as_deref(), many),
            (Some("mine"), Some("Choose up to 2."), true)
        );
    }

    #[test]
    fn shuffling_is_the_links_own_and_keeps_other_last() {
        let kind = Kind::SingleChoice {
            options: options(&["other", "a", "b", "c", "d", "e", "f"]),
            shuffle: true,
        };
        let question = question(kind);
        let order = |seed: &str| {
            ordered(&question, seed, true)
                .iter()
                .map(|o| o.code.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(order("x"), order("x"));
        assert_ne!(order("x"), order("y"));
        assert_eq!(order("x").last().map(String::as_str), Some("other"));
    }

    #[test]
    fn a_matrix_says_its_points_in_words_where_there_are_any() {
        let words = |labels: &[&str]| {
            let labels: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
            points(1, 3, &labels)
                .into_iter()
                .map(|(_, words)| words)
                .collect::<Vec<_>>()
        };
        assert_eq!(words(&[]), ["1", "2", "3"]);
        assert_eq!(words(&["low", "high"]), ["1 – low", "2", "3 – high"]);
        assert_eq!(words(&["a", "b", "c"]), ["a", "b", "c"]);
    }
}
