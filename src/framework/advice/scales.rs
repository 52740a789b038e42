//! Scales and their words; options that are ranges of numbers.

use super::text::{Text, is_one_of};
use super::tongue::{Lexicon, Tongue};
use super::{Found, Rule, is_choice};
use crate::framework::fault::Place;
use crate::framework::{ChoiceOption, Kind, Loads, Question, Row};

pub fn of_question(question: &Question, tongue: Option<Tongue>, place: &Place, found: &mut Found) {
    let message = "Nobody knows what the ends of this scale mean, so each reads it differently. Give both ends words, such as “Not at all” and “Very”.";
    match &question.kind {
        Kind::Rating {
            min_label, max_label, ..
        } => {
            if min_label.trim().is_empty() || max_label.trim().is_empty() {
                let end = if min_label.trim().is_empty() {
                    "min_label"
                } else {
                    "max_label"
                };
                found.add(place.key(end), Rule::NamelessScale, message);
            } else {
                let labels = [min_label.as_str(), max_label.as_str()];
                balance(&labels, tongue, &place.key("max_label"), found);
            }
        }
        Kind::Matrix { labels, rows, .. } => {
            let words: Vec<&str> = labels.iter().map(String::as_str).collect();
            if labels.is_empty() || words.iter().all(|label| label.trim().is_empty()) {
                found.add(place.key("labels"), Rule::NamelessScale, message);
            }
            balance(&words, tongue, &place.key("labels"), found);
            one_direction(&words, rows, tongue, &place.key("rows"), found);
        }
        kind if is_choice(kind) => {
            options_as_scale(kind.options(), tongue, &place.key("options"), found);
            overlaps(kind.options(), &place.key("options"), found);
        }
        _ => {}
    }
}

/// Where a label stands between no and yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Against,
    Neither,
    For,
    /// "Not at all important": the low end of a scale that has one direction only.
    Nothing,
}

fn side(label: &str, lexicon: &Lexicon) -> (Side, bool, bool) {
    let text = Text::of(label);
    let has = |list: &[&str]| text.words.iter().any(|word| is_one_of(&word.small, list));
    let is_agreement = has(lexicon.agreement);
    // "Neither agree nor disagree" is in the middle.
    let is_middle = has(&["neither", "weder", "neutral", "undecided", "teils", "unentschieden"]);
    let side = match (has(lexicon.negative), has(lexicon.positive), has(lexicon.nothing)) {
        _ if is_middle => Side::Neither,
        (_, _, true) if is_agreement => Side::Against,
        (true, _, _) => Side::Against,
        (_, _, true) => Side::Nothing,
        (false, true, false) => Side::For,
        _ => Side::Neither,
    };
    (side, is_agreement, has(lexicon.strongly))
}

/// Labels that leave more room on one side than on the other.
fn balance(labels: &[&str], tongue: Option<Tongue>, place: &Place, found: &mut Found) {
    let Some(tongue) = tongue else { return };
    let (Some(first), Some(last)) = (labels.first(), labels.last()) else {
        return;
    };
    let sides: Vec<(Side, bool, bool)> = labels.iter().map(|label| side(label, tongue.lexicon())).collect();
    let count = |wanted: Side| sides.iter().filter(|(side, _, _)| *side == wanted).count();
    let is_agreement = sides.iter().any(|(_, is_agreement, _)| *is_agreement);
    let ends = (sides[0], sides[sides.len() - 1]);
    let one_sided = match labels.len() {
        0 | 1 => false,
        // The ends of an agreement are each other's opposite, and as strong.
        2 if is_agreement => {
            !matches!(
                (ends.0.0, ends.1.0),
                (Side::Against, Side::For) | (Side::For, Side::Against)
            ) || ends.0.2 != ends.1.2
        }
        2 => matches!(
            (ends.0.0, ends.1.0),
            (Side::For, Side::For) | (Side::Against, Side::Against)
        ),
        _ if count(Side::Nothing) > 0 => false,
        _ => count(Side::For) + count(Side::Against) >= 2 && count(Side::For) != count(Side::Against),
    };
    if one_sided {
        let message = format!(
            "From “{first}” to “{last}” this scale leans to one side. Give as many and as strong words for no as for yes, \
             such as “Strongly disagree” and “Strongly agree”; better still, ask how important or how good it is."
        );
        found.add(place.clone(), Rule::Unbalanced, message);
    }
}

/// The labels of options that are the points of a scale.
fn options_as_scale(options: &[ChoiceOption], tongue: Option<Tongue>, place: &Place, found: &mut Found) {
    let Some(tongue) = tongue else { return };
    let labels: Vec<&str> = options
        .iter()
        .filter(|option| !option.no_opinion && !option.free_text)
        .map(|option| option.text.as_str())
        .collect();
    let sides: Vec<Side> = labels.iter().map(|label| side(label, tongue.lexicon()).0).collect();
    let is_short = labels.iter().all(|label| Text::of(label).words.len() <= 4);
    let judge = sides
        .iter()
        .filter(|side| matches!(side, Side::For | Side::Against))
        .count();
    // A list of reasons may well hold one that sounds good; a scale is made of nothing else.
    if labels.len() >= 3 && is_short && judge + 1 >= labels.len() {
        balance(&labels, Some(tongue), place, found);
    }
}

/// People tend to agree: statements that all point one way measure that, not their needs.
fn one_direction(labels: &[&str], rows: &[Row], tongue: Option<Tongue>, place: &Place, found: &mut Found) {
    let Some(tongue) = tongue else { return };
    let lexicon = tongue.lexicon();
    let is_agreement = labels.iter().any(|label| side(label, lexicon).1);
    let turns = |row: &Row| {
        let text = Text::of(&row.text);
        let denies = text
            .words
            .iter()
            .any(|word| is_one_of(&word.small, lexicon.negators) || is_one_of(&word.small, lexicon.negatives));
        denies || is_against(&row.loads)
    };
    if is_agreement && rows.len() >= 3 && !rows.iter().any(turns) {
        let message = "All rows are worded in one direction, and many people agree to whatever they read. Turn some rows \
                       round, or ask how important each is, from “Not at all” to “Very”.";
        found.add(place.clone(), Rule::Unbalanced, message);
    }
}

fn is_against(loads: &Loads) -> bool {
    loads.values().any(|load| *load < 0.0)
}

/// A range of numbers as an option names it; an end left open is endless.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Span {
    from: f64,
    to: f64,
    /// Whether the end itself belongs to it: "over 10" leaves 10 out.
    has_from: bool,
    has_to: bool,
}

const BELOW: &[&str] = &["under", "below", "fewer", "less", "unter", "weniger"];
const UP_TO: &[&str] = &["to", "until", "most", "bis", "höchstens", "maximal", "maximum"];
const ABOVE: &[&str] = &["over", "above", "more", "über", "mehr"];
const FROM: &[&str] = &["least", "from", "ab", "mindestens"];

fn span(text: &str) -> Option<Span> {
    let parsed = Text::of(text);
    let mut numbers: Vec<f64> = Vec::new();
    for word in parsed.words.iter().filter(|word| word.is_number()) {
        // "10-50" is one word.
        numbers.extend(word.small.split('-').filter_map(number));
    }
    let has = |list: &[&str]| parsed.words.iter().any(|word| is_one_of(&word.small, list));
    let or_more = has(&["or", "oder", "und"]) && has(ABOVE) || text.contains('+');
    let closed = |from, to| Span {
        from,
        to,
        has_from: true,
        has_to: true,
    };
    match numbers[..] {
        [from, to] => Some(closed(from, to)),
        [from] if or_more => Some(closed(from, f64::INFINITY)),
        [to] if has(&["or", "oder"]) && has(BELOW) => Some(closed(f64::NEG_INFINITY, to)),
        [to] if has(BELOW) => Some(Span {
            has_to: false,
            ..closed(f64::NEG_INFINITY, to)
        }),
        [from] if has(ABOVE) => Some(Span {
            has_from: false,
            ..closed(from, f64::INFINITY)
        }),
        [to] if has(UP_TO) => Some(closed(f64::NEG_INFINITY, to)),
        [from] if has(FROM) => Some(closed(from, f64::INFINITY)),
        [only] => Some(closed(only, only)),
        _ => None,
    }
}

/// "1,000" and "1.000" are a thousand; "2.5" is not.
fn number(text: &str) -> Option<f64> {
    let parts: Vec<&str> = text.split(['.', ',']).collect();
    let is_grouped = parts.len() > 1 && parts[1..].iter().all(|part| part.len() == 3);
    let plain = match is_grouped {
        true => parts.concat(),
        false => text.replace(',', "."),
    };
    let digits: String = plain.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.parse().ok()
}

/// Two options that hold the same number, or that read the same.
fn overlaps(options: &[ChoiceOption], place: &Place, found: &mut Found) {
    for (i, option) in options.iter().enumerate() {
        let earlier = &options[..i];
        let same = |other: &&ChoiceOption| other.text.trim().to_lowercase() == option.text.trim().to_lowercase();
        let own = span(&option.text);
        let overlapping = |other: &&ChoiceOption| own.zip(span(&other.text)).is_some_and(|(a, b)| share_some(a, b));
        if let Some(other) = earlier.iter().find(same).or_else(|| earlier.iter().find(overlapping)) {
            let message = format!(
                "“{}” and “{}” overlap, so that one answer fits both. Let each begin where the one before has ended, such as 1–5 and 6–10.",
                other.text, option.text
            );
            found.mark(
                &place.index(i).key("text"),
                Rule::OverlappingOptions,
                &option.text,
                message,
            );
        }
    }
}

fn share_some(a: Span, b: Span) -> bool {
    let (low, high) = if a.from <= b.from { (a, b) } else { (b, a) };
    let is_same_point = low.to == high.from;
    let (single_low, single_high) = (low.from == low.to, high.from == high.to);
    // "1 supplier" beside "2 to 4": single numbers are ranges only beside ranges.
    match is_same_point {
        true => low.has_to && high.has_from && !(single_low && single_high),
        false => low.to > high.from && !(single_low && single_high),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(texts: &[&str]) -> Vec<ChoiceOption> {
        let option = |text: &&str| ChoiceOption {
            text: (*text).to_owned(),
            ..ChoiceOption::default()
        };
        texts.iter().map(option).collect()
    }

    fn overlap(texts: &[&str]) -> bool {
        let mut found = Found::default();
        overlaps(&options(texts), &Place::root(), &mut found);
        !found.0.is_empty()
    }

    fn leans(labels: &[&str]) -> bool {
        let mut found = Found::default();
        let tongue = if labels.concat().contains("timme") {
            Tongue::German
        } else {
            Tongue::English
        };
        balance(labels, Some(tongue), &Place::root(), &mut found);
        !found.0.is_empty()
    }

    #[test]
    fn ranges_that_share_a_number_overlap() {
        for clash in [
            &["1–5", "5–10"][..],
            &["Up to 10", "10-50", "More than 50"],
            &["bis 1.000 Stück", "1.000 bis 5.000 Stück"],
            &["0 to 20 employees", "11 to 50 employees"],
            &["10 or more", "5 to 10"],
            &["The price", "the price "],
        ] {
            assert!(overlap(clash), "{clash:?}");
        }
        for apart in [
            &["1–5", "6–10", "More than 10"][..],
            &["Under 10", "10 to 49", "50 or more"],
            &["bis 999 Stück", "1.000 bis 5.000 Stück", "über 5.000 Stück"],
            &["Price", "Quality", "The 24-hour hotline", "The 24-month warranty"],
            &["1 supplier", "2 suppliers"],
        ] {
            assert!(!overlap(apart), "{apart:?}");
        }
    }

    #[test]
    fn a_scale_has_as_many_and_as_strong_words_on_both_sides() {
        for one_sided in [
            &["Disagree", "Strongly agree"][..],
            &["Neutral", "Agree"],
            &["Stimme nicht zu", "Stimme voll und ganz zu"],
            &["Poor", "Good", "Very good", "Excellent"],
            &["Satisfied", "Very satisfied"],
            &["Disagree", "Slightly agree", "Agree", "Strongly agree"],
        ] {
            assert!(leans(one_sided), "{one_sided:?}");
        }
        for even in [
            &["Strongly disagree", "Strongly agree"][..],
            &["Disagree", "Agree"],
            &["Stimme gar nicht zu", "Stimme voll und ganz zu"],
            &[
                "Very dissatisfied",
                "Dissatisfied",
                "Neither",
                "Satisfied",
                "Very satisfied",
            ],
            &["Not at all", "Very"],
            &[
                "Not at all important",
                "Slightly important",
                "Important",
                "Very important",
            ],
            &[
                "Strongly disagree",
                "Disagree",
                "Neither agree nor disagree",
                "Agree",
                "Strongly agree",
            ],
            &["Very poor", "Very good"],
            &["Hardly any", "Far too much"],
        ] {
            assert!(!leans(even), "{even:?}");
        }
    }
}
