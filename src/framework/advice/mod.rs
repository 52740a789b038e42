//! Advice on how questions are worded and put together, as a good survey methodologist would give it.
//!
//! Advice is advice: it never keeps anybody from saving, and a framework without any may still be a
//! poor one. What must be right is [`super::check`]'s to say. Wording is looked at in English and in
//! German, in each language that the questions are written in; other languages get the advice on
//! structure alone.

mod barrels;
mod english;
mod german;
mod rule;
mod scales;
mod structure;
mod text;
mod tongue;
mod wording;

use super::fault::Place;
use super::{Drip, Framework, Kind, Question, QuestionSet, StepContent};

pub use rule::Rule;

use tongue::Tongue;
use wording::Role;

/// One piece of advice, at the place it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Below the set or the drip it is about, named as the file's fields are:
    /// `questions[0].options[2].text`, `questions[1].translations.de.text`, `steps[0].question_set`.
    pub place: String,
    pub rule: Rule,
    /// The words to be marked, as they stand in the text at the place; empty where all of it is meant.
    pub words: String,
    /// What is amiss and what to do instead.
    pub message: String,
}

impl Advice {
    /// The text at the place, cut round the words to be marked; `None` where all of it is meant.
    pub fn marked<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str, &'t str)> {
        let start = text.find(&self.words).filter(|_| !self.words.is_empty())?;
        let (before, rest) = text.split_at(start);
        let (words, after) = rest.split_at(self.words.len());
        Some((before, words, after))
    }
}

/// A step that asks more than this is put off, or left half-way.
pub const MOST_QUESTIONS: usize = 3;

/// What could be better in a question set of this framework; in the order of its places.
pub fn of_set(framework: &Framework, set: &QuestionSet) -> Vec<Advice> {
    let mut found = Found::default();
    let tongue = Tongue::of_set(set);
    let is_needs_set = set.questions.iter().any(structure::loads_some);
    structure::of_set(set, &mut found);
    for (i, question) in set.questions.iter().enumerate() {
        let place = Place::root().key("questions").index(i);
        structure::of_question(framework, question, &place, &mut found);
        scales::of_question(question, tongue, &place, &mut found);
        words_of(question, tongue, is_needs_set, &place, &mut found);
    }
    found.0
}

/// What could be better in a drip of this framework: how much it asks at once.
pub fn of_drip(framework: &Framework, drip: &Drip) -> Vec<Advice> {
    let mut found = Found::default();
    for (i, step) in drip.steps.iter().enumerate() {
        let place = Place::root().key("steps").index(i);
        let (place, asked) = match &step.content {
            StepContent::Questions { question_set, .. } => {
                let set = framework.question_set(question_set);
                (place.key("question_set"), set.map_or(0, structure::asked_at_most))
            }
            StepContent::Adaptive { adaptive, .. } => (place.key("adaptive").key("ask"), adaptive.ask as usize),
            StepContent::Message { .. } => continue,
        };
        if asked > MOST_QUESTIONS {
            let message = format!(
                "This step asks {asked} questions at once. Two or three are answered in under a minute; \
                 send the rest in a step of its own, some days later."
            );
            found.add(place, Rule::TooManyQuestions, message);
        }
    }
    found.0
}

/// All texts of a question that somebody reads, in each language that there are rules for.
fn words_of(question: &Question, tongue: Option<Tongue>, is_needs_set: bool, place: &Place, found: &mut Found) {
    let role = Role::of(&question.kind, is_needs_set);
    let statements = Role::Statement;
    if let Some(tongue) = tongue {
        wording::look(&question.text, tongue, role, &place.key("text"), found);
        for (i, row) in question.kind.rows().iter().enumerate() {
            let place = place.key("rows").index(i).key("text");
            wording::look(&row.text, tongue, statements, &place, found);
        }
        for (i, option) in question.kind.options().iter().enumerate() {
            let place = place.key("options").index(i).key("text");
            wording::look(&option.text, tongue, Role::Option, &place, found);
        }
    }
    for (language, texts) in &question.translations {
        let Some(tongue) = Tongue::named(language) else {
            continue;
        };
        let place = place.key("translations").key(language);
        if let Some(text) = &texts.text {
            wording::look(text, tongue, role, &place.key("text"), found);
        }
        for (code, text) in &texts.rows {
            wording::look(text, tongue, statements, &place.key("rows").key(code), found);
        }
        for (code, text) in &texts.options {
            wording::look(text, tongue, Role::Option, &place.key("options").key(code), found);
        }
    }
}

/// Collects advice.
#[derive(Debug, Default)]
struct Found(Vec<Advice>);

impl Found {
    fn add(&mut self, place: Place, rule: Rule, message: impl Into<String>) {
        self.mark(&place, rule, "", message);
    }

    fn mark(&mut self, place: &Place, rule: Rule, words: &str, message: impl Into<String>) {
        self.0.push(Advice {
            place: place.to_string(),
            rule,
            words: words.to_owned(),
            message: message.into(),
        });
    }
}

/// The options of a kind that has some with a meaning of their own: not a ranking's or a share's.
fn is_choice(kind: &Kind) -> bool {
    matches!(kind, Kind::SingleChoice { .. } | Kind::MultipleChoice { .. })
}
