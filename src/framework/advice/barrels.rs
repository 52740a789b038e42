//! Two questions in one: a joiner between two things that would be answered differently.
//!
//! Not every "and" is one. It is where what it joins is judged together: in what is rated, agreed with
//! or answered by yes or no; between two deeds that have reasons of their own; and before another
//! question. "What counted more: price or quality?" asks for one of the two, and is none.

use std::ops::Range;

use super::text::{Stop, Text, is_one_of};
use super::tongue::Lexicon;
use super::wording::Role;

/// The words that join the two.
pub fn find(text: &Text, lexicon: &Lexicon, role: Role) -> Option<Range<usize>> {
    if let Some(slashed) = and_or(text, lexicon) {
        return Some(slashed);
    }
    let mut asked_before: Option<Range<usize>> = None;
    for sentence in text.sentences() {
        let is_question = text.words[sentence.end - 1].stop == Stop::Question;
        if let Some(before) = asked_before.filter(|before| is_question && before.len() >= 3 && sentence.len() >= 2) {
            let second = text.small(sentence.start);
            let joined = is_one_of(second, lexicon.askers) || is_one_of(second, lexicon.joiners);
            if joined {
                return Some(before.start..sentence.end);
            }
        }
        asked_before = is_question.then(|| sentence.clone());
        let found = within(text, lexicon, role, after_scene(text, lexicon, sentence), is_question);
        if found.is_some() {
            return found;
        }
    }
    None
}

/// "and/or".
fn and_or(text: &Text, lexicon: &Lexicon) -> Option<Range<usize>> {
    let joins = |at: &usize| {
        text.words[*at].stop == Stop::Slash
            && is_one_of(text.small(*at), lexicon.joiners)
            && is_one_of(text.small(at + 1), lexicon.alternatives)
    };
    let at = (0..text.words.len()).find(joins)?;
    Some(widened(text, lexicon, at, at + 1))
}

/// The sentence without a clause before it that only sets the scene.
fn after_scene(text: &Text, lexicon: &Lexicon, sentence: Range<usize>) -> Range<usize> {
    if !is_one_of(text.small(sentence.start), lexicon.scenes) {
        return sentence;
    }
    let comma = sentence.clone().find(|at| text.words[*at].stop == Stop::Comma);
    match comma {
        Some(comma) if sentence.end - comma > 3 => comma + 1..sentence.end,
        _ => sentence,
    }
}

fn within(
    text: &Text,
    lexicon: &Lexicon,
    role: Role,
    sentence: Range<usize>,
    is_question: bool,
) -> Option<Range<usize>> {
    let begins = |phrases: &[&str]| {
        // The scene may be behind us: what begins the rest of the sentence counts.
        phrases
            .iter()
            .any(|phrase| text.match_at(phrase, sentence.start).is_some())
    };
    let is_rated = begins(lexicon.rated)
        || role == Role::Statement
        || matches!(role, Role::Question { is_rated: true, .. }) && is_question;
    let is_yes_no = begins(lexicon.yes_no);
    let is_instruction = !is_rated && is_one_of(text.small(sentence.start), lexicon.instructions);
    if is_instruction || is_best_and_worst(text, &sentence) {
        return None;
    }
    for at in sentence.start + 1..sentence.end.saturating_sub(1) {
        let word = text.small(at);
        let is_and = is_one_of(word, lexicon.joiners);
        let is_or = is_one_of(word, lexicon.alternatives);
        if !is_and && !is_or {
            continue;
        }
        if is_and && is_question && is_one_of(text.small(at + 1), lexicon.askers) && !follows_of(text, at) {
            return Some(at..(at + 2).min(sentence.end));
        }
        if is_one_thing(text, lexicon, at) {
            continue;
        }
        // "Do you buy directly or through a dealer?" asks which of the two.
        let is_judged = is_rated || is_yes_no && is_and;
        if is_judged && !(is_or && asks_which(text, lexicon, &sentence, at)) && !acts_jointly(text, &sentence) {
            return Some(widened(text, lexicon, at, at));
        }
        if is_and && !is_rated && is_question && joins_deeds(text, lexicon, &sentence, at) {
            return Some(widened(text, lexicon, at, at));
        }
    }
    None
}

/// "Choose what counted most, and what counted least": two ends of one list.
fn is_best_and_worst(text: &Text, sentence: &Range<usize>) -> bool {
    let has = |list: &[&str]| sentence.clone().any(|at| is_one_of(text.small(at), list));
    has(&["most", "best", "meisten", "wichtigsten", "besten"])
        && has(&["least", "worst", "wenigsten", "unwichtigsten", "schlechtesten"])
}

/// "what you need and what we offer" after a preposition is one thing to be compared.
fn follows_of(text: &Text, at: usize) -> bool {
    let before = at.saturating_sub(6)..at;
    before
        .into_iter()
        .any(|i| is_one_of(text.small(i), &["between", "zwischen", "both"]))
}

fn is_one_thing(text: &Text, lexicon: &Lexicon, at: usize) -> bool {
    let (left, right) = (at - 1, at + 1);
    let starts = at.saturating_sub(6)..=at;
    let is_fixed = starts.into_iter().any(|start| {
        lexicon
            .one_thing
            .iter()
            .any(|phrase| text.match_at(phrase, start).is_some_and(|end| end > at))
    });
    let is_pronoun = |at: usize| is_one_of(text.small(at), lexicon.pronouns);
    let (Some(before), Some(after)) = (text.words.get(left), text.words.get(right)) else {
        return true;
    };
    // Names of firms, places and products; German writes all its nouns so.
    let are_names = before.is_capital && after.is_capital && left > 0 && lexicon.joiners.contains(&"and");
    let are_numbers = before.is_number() || after.is_number();
    is_fixed
        || is_pronoun(left)
        || is_pronoun(right)
        || are_names
        || are_numbers
        || are_one_noun(before.small.as_str(), text, at)
}

/// "Kundinnen und Kunden", "Kollegin oder einem Kollegen".
fn are_one_noun(left: &str, text: &Text, at: usize) -> bool {
    let stem = |word: &str| word.chars().take(4).collect::<String>();
    (at + 1..=at + 2).any(|right| {
        let word = text.small(right);
        left.chars().count() >= 5 && word.chars().count() >= 5 && stem(left) == stem(word) && left.contains("in")
    })
}

/// "… together", "… each other": what both do is one thing.
fn acts_jointly(text: &Text, sentence: &Range<usize>) -> bool {
    sentence.clone().any(|at| {
        is_one_of(
            text.small(at),
            &[
                "together",
                "each",
                "jointly",
                "zusammen",
                "zusammenarbeiten",
                "gemeinsam",
                "miteinander",
                "aufeinander",
            ],
        )
    })
}

fn asks_which(text: &Text, lexicon: &Lexicon, sentence: &Range<usize>, at: usize) -> bool {
    let before = sentence.start..at;
    before.into_iter().any(|i| {
        is_one_of(
            text.small(i),
            &[
                "prefer",
                "rather",
                "whether",
                "either",
                "more",
                "lieber",
                "eher",
                "ob",
                "entweder",
                "bevorzugen",
            ],
        )
    }) || text.match_at("or|oder not|nicht", at).is_some()
        || lexicon.pronouns.contains(&text.small(at + 1))
}

/// "What made you change supplier and choose us?"
fn joins_deeds(text: &Text, lexicon: &Lexicon, sentence: &Range<usize>, at: usize) -> bool {
    let is_deed = |at: usize| is_one_of(text.small(at), lexicon.deeds);
    let before = (sentence.start + 1..at).any(is_deed);
    // English has the verb first, German last.
    let behind = (at + 1..sentence.end.min(at + 3)).any(is_deed) || is_deed(sentence.end - 1);
    let verb_first = (at + 1..sentence.end.min(at + 3)).any(is_deed);
    let verb_last = is_deed(at - 1) && is_deed(sentence.end - 1);
    before && behind && (verb_first || verb_last)
}

/// The joiner with the words it joins.
fn widened(text: &Text, lexicon: &Lexicon, from: usize, to: usize) -> Range<usize> {
    let mut end = to + 1;
    while end < text.words.len() && is_one_of(text.small(end), lexicon.articles) && text.words[end].stop == Stop::Blank
    {
        end += 1;
    }
    from.saturating_sub(1)..(end + 1).min(text.words.len())
}
