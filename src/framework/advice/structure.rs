//! How a set and its questions are put together.

use super::{Found, MOST_QUESTIONS, Rule, is_choice};
use crate::framework::fault::Place;
use crate::framework::shape::shape;
use crate::framework::{ChoiceOption, Framework, Kind, Loads, Question, QuestionSet};

/// More options than this do not stand on a phone at once.
const MOST_OPTIONS: usize = 9;

/// More rows than this and the last ones are answered like the first.
const MOST_ROWS: usize = 7;

/// So many items give a best–worst choice enough to choose from, and no more than can be kept in mind.
const BEST_WORST_ITEMS: std::ops::RangeInclusive<usize> = 4..=5;

/// With fewer reasons than this the list is a plain alternative, which needs no "other".
const FEWEST_REASONS: usize = 3;

pub fn of_set(set: &QuestionSet, found: &mut Found) {
    let questions = Place::root().key("questions");
    let asked = asked_at_most(set);
    if asked > MOST_QUESTIONS {
        let message = format!(
            "This set asks {asked} questions at once. Two or three are answered in under a minute; make another set of \
             the rest, for a later step of the drip."
        );
        found.add(questions.clone(), Rule::TooManyQuestions, message);
    }
    if let Some(first) = set.questions.first()
        && matches!(first.kind, Kind::Text { .. })
    {
        let message = "The first question wants something written, and many leave there. Begin with one that is \
                       answered by a tap, and let the text come last.";
        found.add(questions.index(0).key("kind"), Rule::TextFirst, message);
    }
}

/// How many questions one contact may get to see: those that hang on different answers to one question
/// are counted once.
pub fn asked_at_most(set: &QuestionSet) -> usize {
    let always = set
        .questions
        .iter()
        .filter(|question| question.show_if.is_none())
        .count();
    let mut hanging: Vec<&str> = set
        .questions
        .iter()
        .filter_map(|question| Some(question.show_if.as_ref()?.question.as_str()))
        .collect();
    hanging.sort_unstable();
    hanging.dedup();
    always + hanging.len()
}

pub fn of_question(framework: &Framework, question: &Question, place: &Place, found: &mut Found) {
    let options = question.kind.options();
    let real = options.iter().filter(|option| !option.no_opinion).count();
    if matches!(question.kind, Kind::BestWorst { .. }) && !BEST_WORST_ITEMS.contains(&real) {
        let message = match real < *BEST_WORST_ITEMS.start() {
            true => format!("With {real} items, the best and the worst leave nearly nothing open. Give four or five."),
            false => format!(
                "{real} items are too many to hold against each other at once. Keep four or five, and ask about the others another time."
            ),
        };
        found.add(place.key("options"), Rule::BestWorstItems, message);
    }
    if real > MOST_OPTIONS {
        let message = format!(
            "{real} options do not stand on a phone at once. Join what belongs together, down to six or seven."
        );
        found.add(place.key("options"), Rule::TooManyOptions, message);
    }
    if question.kind.rows().len() > MOST_ROWS {
        let rows = question.kind.rows().len();
        let message = format!(
            "Of {rows} rows the last are answered as the first. Keep five or so, and ask about the others another time."
        );
        found.add(place.key("rows"), Rule::TooManyOptions, message);
    }
    if question.required && !has_way_out(question) {
        let message = "An answer is demanded of people who may not know it, so they guess or leave. Offer “I can't say”, or do not require it.";
        found.add(place.key("required"), Rule::NoWayOut, message);
    }
    if is_choice(&question.kind) && wants_other(options) {
        let message = "There are reasons that nobody has thought of yet. Add “Something else” with a text of their own: what comes up often is your next need.";
        found.add(place.key("options"), Rule::NoOther, message);
    }
    one_need(framework, question, place, found);
}

fn has_way_out(question: &Question) -> bool {
    question.no_opinion_allowed() || question.kind.options().iter().any(|option| option.free_text)
}

fn wants_other(options: &[ChoiceOption]) -> bool {
    let reasons = options
        .iter()
        .filter(|option| !option.no_opinion && speaks(&option.loads))
        .count();
    reasons >= FEWEST_REASONS && !options.iter().any(|option| option.free_text)
}

fn speaks(loads: &Loads) -> bool {
    loads.values().any(|load| *load != 0.0)
}

/// Whether the question speaks for any need.
pub fn loads_some(question: &Question) -> bool {
    question.loadings().any(speaks)
}

/// Options that all speak for one need, or alike for each: they tell no need from another.
fn one_need(framework: &Framework, question: &Question, place: &Place, found: &mut Found) {
    let options: Vec<&ChoiceOption> = question
        .kind
        .options()
        .iter()
        .filter(|option| speaks(&option.loads))
        .collect();
    if options.len() < 2 {
        return;
    }
    let mut needs: Vec<&str> = options
        .iter()
        .flat_map(|option| option.loads.iter())
        .filter(|(_, load)| **load != 0.0)
        .map(|(need, _)| need.as_str())
        .collect();
    needs.sort_unstable();
    needs.dedup();
    let tells = |need: &&&str| shape(question, None, need).is_some_and(|shape| shape.span().is_some());
    let told = needs.iter().filter(tells).count();
    let name = |code: &str| framework.need(code).map_or(code, |need| need.name.as_str()).to_owned();
    let message = match (told, &needs[..]) {
        (0, _) => "Every answer to this question counts the same, so it tells no company from another. Let the options speak for different needs.".to_owned(),
        (_, [only]) => format!(
            "All options speak for {} alone, so the question cannot tell it from another need. Let each option speak for a need of its own.",
            name(only)
        ),
        _ => return,
    };
    found.add(place.key("options"), Rule::OneNeed, message);
}
