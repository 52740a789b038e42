//! What a question is answered with: plain controls that work without scripts, each by its fields'
//! names (`CONTRACT.md`), with what was typed so far.

use crate::answers::form::Fields as Posted;
use crate::framework::{ChoiceOption, Kind, Question, Row};
use crate::mail::token;
use crate::phrases::Language;

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
        points: Vec<Point>,
        /// Each point has words of its own, which want room.
        is_worded: bool,
        min_label: String,
        max_label: String,
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
    /// Says that there is nothing to say.
    pub no_opinion: bool,
    /// Marks of the questions that it opens: `on1 on2`.
    pub opens: String,
}

/// A point of a matrix's scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub value: String,
    /// Its number, or its own words.
    pub words: String,
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

impl Control {
    /// Whether its answer is made of several fields that hang together.
    pub fn is_composed(&self) -> bool {
        matches!(
            self,
            Control::Ranking { .. } | Control::BestWorst { .. } | Control::Allocation { .. }
        )
    }

    /// Lets these options open the question with that mark.
    pub fn mark(&mut self, mark: usize, opening: &[String]) {
        let Control::Choice { options, .. } = self else {
            return;
        };
        for option in options.iter_mut().filter(|option| opening.contains(&option.value)) {
            if !option.opens.is_empty() {
                option.opens.push(' ');
            }
            option.opens.push_str(&format!("on{mark}"));
        }
    }
}

/// Whether each contact finds its options in an order of their own.
pub fn is_shuffled(question: &Question) -> bool {
    match &question.kind {
        Kind::SingleChoice { shuffle, .. }
        | Kind::MultipleChoice { shuffle, .. }
        | Kind::Ranking { shuffle, .. }
        | Kind::BestWorst { shuffle, .. }
        | Kind::Allocation { shuffle, .. } => *shuffle,
        Kind::Rating { .. } | Kind::Matrix { .. } | Kind::Nps { .. } | Kind::Text { .. } => false,
    }
}

/// `seed` shuffles, where the question says so: the same for the same contact.
pub fn of(question: &Question, language: Option<&str>, seed: &str, posted: &Posted) -> Control {
    let code = &question.code;
    let own = Language::of(language);
    let texts = question.texts(language);
    let text_of = |name: String| posted.one(&name).unwrap_or("").to_owned();
    match &question.kind {
        Kind::SingleChoice { shuffle, .. } => choice(question, language, seed, posted, *shuffle, None),
        Kind::MultipleChoice {
            shuffle,
            min_picks,
            max_picks,
            ..
        } => {
            let picks = Some((*min_picks, *max_picks));
            choice(question, language, seed, posted, *shuffle, picks)
        }
        Kind::Rating {
            min,
            max,
            min_label,
            max_label,
            ..
        } => {
            let min_label = texts.and_then(|texts| texts.min_label.as_ref()).unwrap_or(min_label);
            let max_label = texts.and_then(|texts| texts.max_label.as_ref()).unwrap_or(max_label);
            scale(question, *min, *max, min_label, max_label, posted)
        }
        Kind::Nps { .. } => scale(
            question,
            0,
            10,
            &own.say("least-likely"),
            &own.say("most-likely"),
            posted,
        ),
        Kind::Matrix { min, max, labels, rows } => {
            let translated = texts.map(|texts| &texts.labels).filter(|labels| !labels.is_empty());
            let labels = translated.unwrap_or(labels);
            let row = |row: &Row| {
                let words = texts.and_then(|texts| texts.rows.get(&row.code)).unwrap_or(&row.text);
                let name = format!("{code}.{}", row.code);
                MatrixRow {
                    ticked: posted.one(&name).map(str::to_owned),
                    name,
                    words: words.clone(),
                }
            };
            let is_worded = labels.len() as i64 == i64::from(*max) - i64::from(*min) + 1;
            let (min_label, max_label) = match labels.as_slice() {
                [first, last] if !is_worded => (first.clone(), last.clone()),
                _ => Default::default(),
            };
            let point = |n: i32| Point {
                value: n.to_string(),
                words: match is_worded {
                    true => labels[(n - min) as usize].clone(),
                    false => n.to_string(),
                },
            };
            Control::Matrix {
                points: (*min..=*max).map(point).collect(),
                is_worded,
                min_label,
                max_label,
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

/// The words of "I can't say", where they stand beside the question's own controls.
pub fn no_opinion(question: &Question, language: Option<&str>) -> Option<String> {
    let translated = question.texts(language).and_then(|texts| texts.no_opinion.as_ref());
    let beside = question
        .no_opinion
        .as_ref()
        .map(|words| translated.unwrap_or(words).clone());
    let is_choice = matches!(question.kind, Kind::SingleChoice { .. } | Kind::MultipleChoice { .. });
    // An option cannot stand among places, extremes or points.
    let option = || {
        question
            .kind
            .options()
            .iter()
            .find(|option| option.no_opinion && !is_choice)
    };
    beside.or_else(|| option().map(|option| words(question, option, language)))
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
        no_opinion: option.no_opinion,
        opens: String::new(),
    };
    let options: Vec<Choice> = ordered(question, seed, shuffle).into_iter().map(option).collect();
    let takes_text = options.iter().any(|option| option.takes_text);
    let other = posted.one(&format!("{}.other", question.code)).unwrap_or("");
    Control::Choice {
        many: picks.is_some(),
        other: takes_text.then(|| other.to_owned()),
        hint: picks.map(|(least, most)| {
            let opinions = options.iter().filter(|option| !option.no_opinion).count();
            how_many(Language::of(language), least, most, opinions)
        }),
        options,
    }
}

fn how_many(language: Language, least: u32, most: u32, options: usize) -> String {
    match (least, most) {
        (least, most) if least == most => language.say_with("form-choose", &[("n", least.into())]),
        (0 | 1, most) if most as usize >= options => language.say("form-choose-all"),
        (0 | 1, most) => language.say_with("form-choose-up-to", &[("n", most.into())]),
        (least, most) => {
            let values = [("min", least.into()), ("max", most.into())];
            language.say_with("form-choose-between", &values)
        }
    }
}

fn scale(question: &Question, min: i32, max: i32, min_label: &str, max_label: &str, posted: &Posted) -> Control {
    let ticked = posted.one(&question.code);
    let point = |n: i32| Choice {
        ticked: ticked == Some(n.to_string().as_str()),
        value: n.to_string(),
        words: n.to_string(),
        takes_text: false,
        no_opinion: false,
        opens: String::new(),
    };
    Control::Scale {
        points: (min..=max).map(point).collect(),
        min_label: min_label.to_owned(),
        max_label: max_label.to_owned(),
    }
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

/// Shuffled for each seed and question anew; "other" and "I can't say" stay at the end, in this order.
fn ordered<'q>(question: &'q Question, seed: &str, shuffle: bool) -> Vec<&'q ChoiceOption> {
    let mut options: Vec<&ChoiceOption> = question.kind.options().iter().collect();
    options.sort_by_cached_key(|option| {
        let last = (option.no_opinion, shuffle && option.free_text);
        let is_shuffled = shuffle && last == (false, false);
        let place = is_shuffled.then(|| token::hash(&format!("{seed}/{}/{}", question.code, option.code)));
        (last, place)
    });
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::fixture::{self, options};

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
        } = of(&fixture::of("q", kind), None, "s", &Posted::new(&fields))
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
    fn shuffling_is_the_contacts_own_and_keeps_other_last() {
        let kind = Kind::SingleChoice {
            options: options(&["other", "a", "b", "c", "d", "e", "f"]),
            shuffle: true,
        };
        let question = fixture::of("q", kind);
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
        let told = |labels: &[&str]| {
            let mut question = fixture::matrix("q", &["r"]);
            if let Kind::Matrix { labels: own, .. } = &mut question.kind {
                *own = labels.iter().map(|label| (*label).to_owned()).collect();
            }
            let Control::Matrix {
                points,
                min_label,
                max_label,
                ..
            } = of(&question, None, "s", &Posted::new(&[]))
            else {
                panic!("a matrix");
            };
            let words: Vec<String> = points.into_iter().map(|point| point.words).collect();
            (words.join(" "), min_label, max_label)
        };
        let told_as = |words: &str, min: &str, max: &str| (words.to_owned(), min.to_owned(), max.to_owned());
        assert_eq!(told(&[]), told_as("1 2 3", "", ""));
        assert_eq!(told(&["low", "high"]), told_as("1 2 3", "low", "high"));
        assert_eq!(told(&["a", "b", "c"]), told_as("a b c", "", ""));
    }

    #[test]
    fn i_cannot_say_stands_last_and_beside_what_has_no_place_for_it() {
        let question = fixture::single("q", &["dont-know", "b", "a"]);
        let codes: Vec<&str> = ordered(&question, "s", false)
            .iter()
            .map(|option| option.code.as_str())
            .collect();
        assert_eq!(codes, ["b", "a", "dont-know"]);
        assert_eq!(no_opinion(&question, None), None);
        let kind = Kind::BestWorst {
            options: options(&["a", "b", "dont-know"]),
            shuffle: false,
        };
        assert_eq!(no_opinion(&fixture::of("q", kind), None), Some("DONT-KNOW".to_owned()));
    }
}
