//! What saving a set does to its questions, told before: which of them keep their version, which get a
//! new one, and what becomes of the answers.

use std::collections::BTreeMap;

use crate::design::Design;
use crate::design::tallies::Tally;
use crate::framework::diff::other_meaning;
use crate::framework::meaning::same_meaning;
use crate::framework::{Code, Question, QuestionSet};
use crate::text::figures;

/// A sentence for each question that is not as it was; none: only what the set says of itself differs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Impact {
    pub lines: Vec<Line>,
    /// The set's own words, or the order of its questions.
    pub of_set: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// The question's text, cut short.
    pub question: String,
    pub words: String,
    /// Answers that were given are not asked for any more, or no longer in the same way.
    pub is_grave: bool,
    pub makes_version: bool,
}

impl Impact {
    /// Of putting the set in the place of the one in force, if there is one.
    pub fn of(design: &Design, tallies: &BTreeMap<Code, Vec<Tally>>, new: &QuestionSet) -> Impact {
        let old = design.framework.question_set(&new.code);
        let mut impact = Impact::default();
        for question in &new.questions {
            let before = design.framework.question(&question.code);
            let tallies = tallies.get(&question.code).map(Vec::as_slice).unwrap_or_default();
            impact.lines.extend(of_question(design, tallies, before, question));
        }
        let Some(old) = old else {
            return impact;
        };
        let is_gone = |question: &&Question| new.questions.iter().all(|kept| kept.code != question.code);
        for question in old.questions.iter().filter(is_gone) {
            let answers: i64 = tallies
                .get(&question.code)
                .into_iter()
                .flatten()
                .filter_map(|tally| tally.answers)
                .sum();
            impact.lines.push(Line {
                question: in_short(&question.text),
                words: match answers {
                    0 => "left out: asked no more. It has no answers.".to_owned(),
                    n => format!(
                        "left out: asked no more. Its {} {} counting.",
                        told(n),
                        if n == 1 { "keeps" } else { "keep" }
                    ),
                },
                is_grave: answers > 0,
                makes_version: false,
            });
        }
        impact.of_set = of_set(old, new);
        impact
    }

    pub fn is_nothing(&self) -> bool {
        self.lines.is_empty() && self.of_set.is_empty()
    }

    pub fn is_grave(&self) -> bool {
        self.lines.iter().any(|line| line.is_grave)
    }

    /// What somebody has agreed to who has read this.
    pub fn mark(&self) -> String {
        let grave = self.lines.iter().filter(|line| line.is_grave);
        let words: Vec<String> = grave.map(|line| format!("{}: {}", line.question, line.words)).collect();
        let words = words.join("\n");
        // No secret: it only tells one reading from another.
        format!(
            "{:016x}",
            words.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
        )
    }

    /// In one breath, for the page after saving.
    pub fn in_short(&self) -> String {
        let versions = self.lines.iter().filter(|line| line.makes_version).count();
        let others = self.lines.len() - versions;
        let versions_told = figures::counted(
            versions as i64,
            "question has a new version",
            "questions have a new version",
        );
        let others_told = figures::counted(others as i64, "question changed", "questions changed");
        match (versions, others) {
            (0, 0) if self.of_set.is_empty() => "Nothing had changed.".to_owned(),
            (0, 0) => "Saved: the set’s own words or order, no question.".to_owned(),
            (0, _) => format!("Saved: {others_told}, none of them got a new version."),
            (_, 0) => format!("Saved: {versions_told}."),
            _ => format!("Saved: {versions_told}, {others_told} without one."),
        }
    }
}

fn of_question(design: &Design, tallies: &[Tally], before: Option<&Question>, question: &Question) -> Option<Line> {
    let line = |words: String, is_grave: bool| {
        Some(Line {
            question: in_short(&question.text),
            words,
            is_grave,
            makes_version: false,
        })
    };
    // Of a question that comes back, the newest version is the one to compare with.
    let newest = tallies
        .last()
        .and_then(|tally| Some((tally, design.version(tally.id)?)));
    let Some((tally, version)) = newest else {
        return line("new: it begins as version 1.".to_owned(), false);
    };
    let number = tally.number;
    let was = &version.question;
    if !same_meaning(was, question) {
        let why = readable(&other_meaning(was, question));
        let keep = match tally.answers {
            None => format!("answers given so far keep version {number}."),
            Some(0) => format!("nobody has answered version {number}."),
            Some(n) => format!(
                "{} {} version {number}.",
                told(n),
                if n == 1 { "keeps" } else { "keep" }
            ),
        };
        let is_grave = tally.answers != Some(0);
        let told = line(format!("{why}: makes version {}; {keep}", number + 1), is_grave);
        return told.map(|line| Line {
            makes_version: true,
            ..line
        });
    }
    if before.is_none() {
        let answers = match tally.answers {
            None | Some(0) => String::new(),
            Some(n) => format!(
                "; its {} {} as before",
                told(n),
                if n == 1 { "counts" } else { "count" }
            ),
        };
        return line(format!("asked again: stays version {number}{answers}."), false);
    }
    if was == question {
        return None;
    }
    let mut manners = Vec::new();
    if was.show_if != question.show_if {
        manners.push("when it is asked");
    }
    if was.required != question.required {
        manners.push(if question.required {
            "now required"
        } else {
            "no longer required"
        });
    }
    let words = if manners.is_empty() {
        "wording or order only".to_owned()
    } else {
        manners.join(", ")
    };
    line(format!("{words}: stays version {number}."), false)
}

fn of_set(old: &QuestionSet, new: &QuestionSet) -> Vec<String> {
    let mut sentences = Vec::new();
    if old.title != new.title {
        sentences.push("The set gets another title.".to_owned());
    }
    if old.intro != new.intro {
        sentences.push("The set gets another introduction.".to_owned());
    }
    let shared = |these: &QuestionSet, those: &QuestionSet| -> Vec<Code> {
        let in_those = |question: &&Question| those.questions.iter().any(|other| other.code == question.code);
        these
            .questions
            .iter()
            .filter(in_those)
            .map(|question| question.code.clone())
            .collect()
    };
    if shared(old, new) != shared(new, old) {
        sentences.push("The questions stand in another order; their versions stay.".to_owned());
    }
    sentences
}

/// As people would say it who do not know the file.
fn readable(why: &str) -> String {
    let part = |part: &str| match part {
        "options" => "another set of options".to_owned(),
        "rows" => "another set of rows".to_owned(),
        "loads" => "other loadings".to_owned(),
        "scale" => "another scale".to_owned(),
        "picks" => "another number of picks".to_owned(),
        "total" => "another number of points".to_owned(),
        "top" => "another number of ranks".to_owned(),
        part => match part.strip_prefix("kind ") {
            Some(kinds) => format!("another kind, {}", kinds.replace('_', " ")),
            None => part.to_owned(),
        },
    };
    why.replace(" changed", "")
        .split(", ")
        .map(part)
        .collect::<Vec<_>>()
        .join(", ")
}

fn told(answers: i64) -> String {
    figures::counted(answers, "answer", "answers")
}

pub fn in_short(text: &str) -> String {
    const SHOWN: usize = 70;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", line[..at].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_different_is_told_in_plain_words() {
        assert_eq!(
            readable("options, loads changed"),
            "another set of options, other loadings"
        );
        assert_eq!(
            readable("kind single_choice → rating"),
            "another kind, single choice → rating"
        );
        assert_eq!(readable("\"no opinion\" now offered"), "\"no opinion\" now offered");
    }

    #[test]
    fn agreement_is_to_these_words_and_to_no_others() {
        let with = |words: &str, is_grave: bool| Impact {
            lines: vec![Line {
                question: "Why?".into(),
                words: words.into(),
                is_grave,
                makes_version: is_grave,
            }],
            of_set: Vec::new(),
        };
        assert_ne!(with("a", true).mark(), with("b", true).mark());
        assert_eq!(with("a", false).mark(), with("b", false).mark());
    }

    #[test]
    fn a_long_question_is_cut_between_signs() {
        assert_eq!(in_short("Why\n now?"), "Why now?");
        assert_eq!(in_short(&"ä".repeat(100)).chars().count(), 71);
    }
}
