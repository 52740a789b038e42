//! What a single text says, word by word.

use super::text::{Stop, Text, is_one_of};
use super::tongue::{Lexicon, Tongue};
use super::{Advice, Found, Rule, barrels};
use crate::framework::Kind;
use crate::framework::fault::Place;

/// What a text is to its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What is asked. `is_rated`: answered by a number; `is_needs`: beside questions that speak for needs.
    Question {
        is_rated: bool,
        is_needs: bool,
    },
    /// A row of a matrix: judged on its own.
    Statement,
    Option,
}

impl Role {
    pub fn of(kind: &Kind, is_needs: bool) -> Role {
        let is_rated = matches!(kind, Kind::Rating { .. } | Kind::Nps { .. });
        Role::Question { is_rated, is_needs }
    }
}

/// Looks at one text.
pub fn look(words: &str, tongue: Tongue, role: Role, place: &Place, found: &mut Found) {
    let (text, lexicon) = (Text::of(words), tongue.lexicon());
    if role == Role::Option {
        jargon(&text, lexicon, place, found);
        return;
    }
    if let Some(pair) = barrels::find(&text, lexicon, role) {
        let message = "This asks about two things at once, and an answer to one of them cannot be told from an answer \
                       to the other. Ask about the one that matters more, or make it two questions.";
        found.mark(place, Rule::DoubleBarrelled, text.shown(pair), message);
    }
    if let Some(words) = text.find(lexicon.leading) {
        let message = "These words push towards an answer. Say it neutrally, so that praise and blame are equally \
                       easy to give: ask what it was like, not how good it was.";
        found.mark(place, Rule::Leading, text.shown(words), message);
    }
    if matches!(role, Role::Question { is_needs: true, .. })
        && text.find(lexicon.not_facts).is_none()
        && let Some(words) = text.find(lexicon.facts)
    {
        let message = "This asks what is the case or how often. A need asks why: ask what made them do it, what \
                       counted, or what they would miss. Facts are better imported than asked.";
        found.mark(place, Rule::FactNotReason, text.shown(words), message);
    }
    if let Some(words) = text.find(lexicon.personality) {
        let message = "This asks what kind of person somebody is. Needs belong to the company: ask what counts for \
                       them in this purchase or at their work with you.";
        found.mark(place, Rule::Personality, text.shown(words), message);
    }
    negatives(&text, lexicon, place, found);
    // What is amiss already for another reason is not said again.
    let is_said = |words: &str| {
        let as_told =
            |known: &Advice| matches!(known.rule, Rule::Leading | Rule::DoubleNegative) && known.words.contains(words);
        found
            .0
            .iter()
            .any(|known| known.place == place.to_string() && as_told(known))
    };
    if let Some(words) = absolute(&text, lexicon).filter(|words| !is_said(text.shown(words.clone()))) {
        let message = "Hardly anything is so without exception, so that few can say yes. Say “usually” or “rarely”, \
                       or ask how much it matters.";
        found.mark(place, Rule::Absolute, text.shown(words), message);
    }
    jargon(&text, lexicon, place, found);
    length(&text, lexicon, place, found);
}

/// Two denials in one part of a sentence.
fn negatives(text: &Text, lexicon: &Lexicon, place: &Place, found: &mut Found) {
    let is_harmless = |at: usize| {
        (at.saturating_sub(1)..=at).any(|start| {
            let end = lexicon
                .not_negative
                .iter()
                .find_map(|phrase| text.match_at(phrase, start));
            end.is_some_and(|end| (start..end).contains(&at))
        })
    };
    let mut seen: Option<(usize, bool)> = None;
    for (at, word) in text.words.iter().enumerate() {
        let denies = is_one_of(&word.small, lexicon.negators);
        let is_negative = denies || is_one_of(&word.small, lexicon.negatives);
        if is_negative && !is_harmless(at) {
            match seen {
                Some((first, denied)) if denied || denies => {
                    let message = "Two denials in one sentence are read wrongly by many. Say what is the case, not what \
                                   is not the case.";
                    found.mark(place, Rule::DoubleNegative, text.shown(first..at + 1), message);
                    return;
                }
                Some(_) => {}
                None => seen = Some((at, denies)),
            }
        }
        if word.stop >= Stop::Comma {
            seen = None;
        }
    }
}

fn absolute(text: &Text, lexicon: &Lexicon) -> Option<std::ops::Range<usize>> {
    let found = text.find(lexicon.absolutes)?;
    let is_harmless = (found.start.saturating_sub(1)..=found.start).any(|at| {
        lexicon
            .not_absolutes
            .iter()
            .any(|phrase| text.match_at(phrase, at).is_some_and(|end| end > found.start))
    });
    // "100" is one with a percent sign; otherwise it is a number as any other.
    let is_number =
        text.small(found.start) == "100" && !is_one_of(text.small(found.end), &["percent", "per", "prozent"]);
    (!is_harmless && !is_number).then_some(found)
}

/// Abbreviations that everybody in business reads as words.
const KNOWN: &[&str] = &[
    "IT", "EU", "CEO", "CFO", "CTO", "CIO", "US", "USA", "UK", "ERP", "HR", "PDF", "DACH", "OK", "ISO", "TV", "AI",
    "KI", "CRM", "FAQ", "VIP", "CO2", "GMBH", "AG", "EDV",
];

fn jargon(text: &Text, lexicon: &Lexicon, place: &Place, found: &mut Found) {
    let message =
        "Not everybody who is asked speaks this way. Say it as you would to a colleague from another department.";
    if let Some(words) = text.find(lexicon.jargon) {
        found.mark(place, Rule::Jargon, text.shown(words), message);
        return;
    }
    let shown = |at: usize| text.shown(at..at + 1);
    let is_abbreviation = |word: &str| {
        let word = word.strip_suffix('s').unwrap_or(word);
        let length = word.chars().count();
        (2..=5).contains(&length)
            && word.chars().all(|c| c.is_uppercase() || c.is_ascii_digit())
            && word.chars().filter(|c| c.is_uppercase()).count() >= 2
            && !KNOWN.contains(&word)
    };
    let abbreviations: Vec<usize> = (0..text.words.len()).filter(|at| is_abbreviation(shown(*at))).collect();
    if let [first, second, ..] = abbreviations[..]
        && shown(first) != shown(second)
    {
        found.mark(
            place,
            Rule::Jargon,
            shown(first),
            format!("Several abbreviations in one text: {message}"),
        );
    }
}

fn length(text: &Text, lexicon: &Lexicon, place: &Place, found: &mut Found) {
    let longest = text.sentences().into_iter().max_by_key(std::ops::Range::len);
    let Some(longest) = longest.filter(|sentence| sentence.len() > lexicon.longest_sentence) else {
        return;
    };
    let message = format!(
        "A sentence of {} words is read twice on a phone. Say it in under {}, and put what explains it into the help.",
        longest.len(),
        lexicon.longest_sentence
    );
    found.mark(place, Rule::TooLong, text.shown(longest), message);
}
