//! Changes of question sets and questions.

use super::{Fate, changed, fates, reordered, told};
use crate::framework::lookup::Coded;
use crate::framework::meaning::same_meaning;
use crate::framework::{Kind, Loads, Question, QuestionSet};

pub fn changes(old: &[QuestionSet], new: &[QuestionSet], sentences: &mut Vec<String>) {
    let differences = |was: &QuestionSet, is: &QuestionSet| {
        vec![
            ("title", was.title != is.title),
            ("intro", was.intro != is.intro),
            ("translations", was.translations != is.translations),
            ("order of questions", reordered(&was.questions, &is.questions)),
        ]
    };
    for fate in fates(old, new) {
        sentences.extend(told("question set", fate, differences));
    }
    if reordered(old, new) {
        sentences.push("question sets: order changed".to_owned());
    }
    let (old, new) = (in_their_sets(old), in_their_sets(new));
    for fate in fates(&old, &new) {
        match fate {
            Fate::Stayed(was, is) => {
                sentences.extend(
                    notes(was, is)
                        .iter()
                        .map(|note| format!("question \"{}\": {note}", is.code())),
                );
            }
            fate => sentences.extend(told("question", fate, |_, _| Vec::new())),
        }
    }
}

/// A question and the code of its set.
struct InSet<'f> {
    set: &'f str,
    question: &'f Question,
}

impl Coded for InSet<'_> {
    fn code(&self) -> &str {
        &self.question.code
    }
}

fn in_their_sets(sets: &[QuestionSet]) -> Vec<InSet<'_>> {
    sets.iter()
        .flat_map(|set| {
            set.questions.iter().map(|question| InSet {
                set: &set.code,
                question,
            })
        })
        .collect()
}

fn notes(was: &InSet, is: &InSet) -> Vec<String> {
    let mut notes = Vec::new();
    if was.set != is.set {
        notes.push(format!("moved to the set \"{}\"", is.set));
    }
    let (was, is) = (was.question, is.question);
    if !same_meaning(was, is) {
        notes.push(format!("{}; a new version", other_meaning(was, is)));
    }
    let mut differences = vec![("wording", reworded(was, is))];
    // Of a question of another kind, all the rest is new too.
    if was.kind.name() == is.kind.name() {
        differences.push(("order of options", reordered(was.kind.options(), is.kind.options())));
        differences.push(("order of rows", reordered(was.kind.rows(), is.kind.rows())));
        differences.push(("shuffle", shuffle(&was.kind) != shuffle(&is.kind)));
        differences.push(("length", length(&was.kind) != length(&is.kind)));
    }
    differences.push(("show_if", was.show_if != is.show_if));
    differences.push(("translations", was.translations != is.translations));
    notes.extend(changed(&differences));
    match (was.required, is.required) {
        (false, true) => notes.push("now required".to_owned()),
        (true, false) => notes.push("no longer required".to_owned()),
        _ => {}
    }
    notes
}

/// In which way answers to it no longer say the same, in a few words.
pub fn other_meaning(was: &Question, is: &Question) -> String {
    if was.kind.name() != is.kind.name() {
        return format!("kind {} → {}", was.kind.name(), is.kind.name());
    }
    let (number, is_number) = number(&is.kind);
    let parts = [
        ("options", options(&was.kind) != options(&is.kind)),
        ("rows", rows(&was.kind) != rows(&is.kind)),
        (
            "loads",
            loads_shared(&was.kind, &is.kind) != loads_shared(&is.kind, &was.kind),
        ),
        ("scale", scale(&was.kind) != scale(&is.kind)),
        (number, self::number(&was.kind).1 != is_number),
    ];
    let offer = match (was.no_opinion_allowed(), is.no_opinion_allowed()) {
        (false, true) => Some("\"no opinion\" now offered".to_owned()),
        (true, false) => Some("\"no opinion\" no longer offered".to_owned()),
        _ => None,
    };
    changed(&parts).into_iter().chain(offer).collect::<Vec<_>>().join(", ")
}

/// Whether words differ that both have; an option that came or went is no change of wording.
fn reworded(was: &Question, is: &Question) -> bool {
    let no_opinion = match (&was.no_opinion, &is.no_opinion) {
        (Some(was), Some(is)) => was != is,
        _ => false,
    };
    let same_kind = was.kind.name() == is.kind.name();
    let (words, others) = (words(&was.kind), words(&is.kind));
    let parts = words
        .iter()
        .any(|(part, text)| others.iter().any(|(p, t)| p == part && t != text));
    was.text != is.text
        || was.help != is.help
        || no_opinion
        || parts
        || same_kind && labels(&was.kind) != labels(&is.kind)
}

/// The words of options and rows, by their codes.
fn words(kind: &Kind) -> Vec<(&str, &str)> {
    let options = kind
        .options()
        .iter()
        .map(|option| (option.code.as_str(), option.text.as_str()));
    let rows = kind.rows().iter().map(|row| (row.code.as_str(), row.text.as_str()));
    options.chain(rows).collect()
}

/// The words along a scale.
fn labels(kind: &Kind) -> Vec<&str> {
    match kind {
        Kind::Rating {
            min_label, max_label, ..
        } => vec![min_label, max_label],
        Kind::Matrix { labels, .. } => labels.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

fn options(kind: &Kind) -> Vec<(&str, bool, bool)> {
    let mut options: Vec<_> = kind
        .options()
        .iter()
        .map(|o| (o.code.as_str(), o.free_text, o.no_opinion))
        .collect();
    options.sort_unstable();
    options
}

fn rows(kind: &Kind) -> Vec<&str> {
    let mut rows: Vec<&str> = kind.rows().iter().map(|row| row.code.as_str()).collect();
    rows.sort_unstable();
    rows
}

/// The loads of what the other has too.
fn loads_shared<'q>(kind: &'q Kind, other: &Kind) -> Vec<(&'q str, Vec<(&'q str, f64)>)> {
    let others = loads(other);
    loads(kind)
        .into_iter()
        .filter(|(code, _)| others.iter().any(|(c, _)| c == code))
        .collect()
}

/// By the code of an option or a row; of the question itself by "".
fn loads(kind: &Kind) -> Vec<(&str, Vec<(&str, f64)>)> {
    fn listed(loads: &Loads) -> Vec<(&str, f64)> {
        loads
            .iter()
            .filter(|(_, load)| **load != 0.0)
            .map(|(need, load)| (need.as_str(), *load))
            .collect()
    }
    let own = match kind {
        Kind::Rating { loads, .. } | Kind::Nps { loads } => Some(("", listed(loads))),
        _ => None,
    };
    let options = kind
        .options()
        .iter()
        .map(|option| (option.code.as_str(), listed(&option.loads)));
    let rows = kind.rows().iter().map(|row| (row.code.as_str(), listed(&row.loads)));
    let mut all: Vec<_> = own.into_iter().chain(options).chain(rows).collect();
    all.sort_by_key(|(code, _)| *code);
    all
}

fn scale(kind: &Kind) -> Option<(i32, i32)> {
    match kind {
        Kind::Rating { min, max, .. } | Kind::Matrix { min, max, .. } => Some((*min, *max)),
        _ => None,
    }
}

/// How many are to be picked, ranked or shared out.
fn number(kind: &Kind) -> (&'static str, [u32; 2]) {
    match kind {
        Kind::MultipleChoice {
            min_picks, max_picks, ..
        } => ("picks", [*min_picks, *max_picks]),
        Kind::Ranking { top, .. } => ("top", [*top; 2]),
        Kind::Allocation { total, .. } => ("total", [*total; 2]),
        _ => ("number", [0; 2]),
    }
}

fn shuffle(kind: &Kind) -> bool {
    match kind {
        Kind::SingleChoice { shuffle, .. }
        | Kind::MultipleChoice { shuffle, .. }
        | Kind::Ranking { shuffle, .. }
        | Kind::BestWorst { shuffle, .. }
        | Kind::Allocation { shuffle, .. } => *shuffle,
        _ => false,
    }
}

fn length(kind: &Kind) -> Option<(u32, bool)> {
    if let Kind::Text { max_length, multiline } = kind {
        Some((*max_length, *multiline))
    } else {
        None
    }
}
