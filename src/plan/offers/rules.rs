//! What may stand in an offer, and over which needs it is held against a company. Pure.

use std::collections::BTreeMap;

use super::Offer;
use crate::design::Design;
use crate::framework::Code;
use crate::method::offer;
use crate::text::figures;
use crate::text::fold::{self, Unfit};

pub const NAME_CHARACTERS: usize = 120;
pub const NOTE_CHARACTERS: usize = 1_000;

/// Before the code of a need, the field of its weight.
pub const WEIGHT: &str = "need.";

/// An offer as it is typed, whatever is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    pub name: String,
    pub note: String,
    /// By the code of the need; a blank one serves it not at all.
    pub weights: BTreeMap<Code, String>,
}

/// An offer that can be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOffer {
    pub name: String,
    pub note: String,
    /// Only weights above 0.
    pub needs: BTreeMap<Code, f64>,
}

impl Typed {
    pub fn of(offer: &Offer) -> Typed {
        let weight = |(need, weight): (&Code, &f64)| (need.clone(), weight.to_string());
        Typed {
            name: offer.name.clone(),
            note: offer.note.clone(),
            weights: offer.needs.iter().map(weight).collect(),
        }
    }
}

impl NewOffer {
    /// For the audit log.
    pub(super) fn words(&self) -> String {
        let weight = |(need, weight): (&Code, &f64)| format!("{need} {weight}");
        self.needs.iter().map(weight).collect::<Vec<_>>().join(", ")
    }
}

/// The name as it is looked up.
pub fn key(name: &str) -> String {
    fold::search_key(&name.split_whitespace().collect::<Vec<_>>().join(" "))
}

pub(super) fn taken() -> (String, String) {
    let message = "There is an offer of this name already. Change that one, or choose another name.";
    ("name".to_owned(), message.to_owned())
}

/// Reads the offer, or lists all that is wrong with it, by field. What it says of needs that are
/// archived stays as it was.
pub fn read(typed: &Typed, design: &Design, was: Option<&Offer>) -> Result<NewOffer, Vec<(String, String)>> {
    let mut faults = Vec::new();
    let mut fault = |field: String, message: String| faults.push((field, message));
    let name = match fold::line(&typed.name, NAME_CHARACTERS) {
        Ok(name) if name.is_empty() => {
            fault("name".to_owned(), "Give the offer a name.".to_owned());
            name
        }
        Ok(name) => name,
        Err(unfit) => {
            fault("name".to_owned(), told(unfit));
            String::new()
        }
    };
    let note = fold::prose(&typed.note, NOTE_CHARACTERS).unwrap_or_else(|unfit| {
        fault("note".to_owned(), told(unfit));
        String::new()
    });
    let known = |need: &Code| design.framework.need(need).is_some();
    let mut needs: BTreeMap<Code, f64> = was.map_or_else(BTreeMap::new, |was| was.needs.clone());
    needs.retain(|need, _| !known(need));
    let mut are_weights_read = true;
    let mut served = BTreeMap::new();
    for (need, text) in typed.weights.iter().filter(|(need, _)| known(need)) {
        match weight(text) {
            Ok(weight) if weight > 0.0 => {
                served.insert(need.clone(), weight);
            }
            Ok(_) => {}
            Err(message) => {
                are_weights_read = false;
                fault(format!("{WEIGHT}{need}"), message);
            }
        }
    }
    if are_weights_read && let Some(message) = unfit(design, &served) {
        fault("needs".to_owned(), message);
    }
    needs.extend(served);
    match faults.is_empty() {
        true => Ok(NewOffer { name, note, needs }),
        false => Err(faults),
    }
}

fn weight(text: &str) -> Result<f64, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(0.0);
    }
    let number: Option<f64> = text.replace(',', ".").parse().ok();
    number
        .filter(|weight| (0.0..=100.0).contains(weight))
        .ok_or_else(|| format!("“{text}” is no number from 0 to 100."))
}

/// Why an offer cannot be held against any company, where the framework has changed since it was entered.
pub fn no_longer_fits(design: &Design, offer: &Offer) -> Option<String> {
    let mut served = offer.needs.clone();
    served.retain(|need, _| design.framework.need(need).is_some());
    unfit(design, &served)
}

fn unfit(design: &Design, served: &BTreeMap<Code, f64>) -> Option<String> {
    if design.framework.needs.is_empty() {
        return Some("There are no needs yet. They come with the framework, under Design.".to_owned());
    }
    if served.is_empty() {
        return Some("Say which need it serves: give at least one a weight above 0.".to_owned());
    }
    let weights = weights(design, served);
    offer::is_flat(&weights.into_iter().map(|(_, weight)| weight).collect::<Vec<_>>()).then(|| {
        "It serves all needs alike, so that it would meet no company better than another. Give more to those \
         that it serves best."
            .to_owned()
    })
}

fn told(unfit: Unfit) -> String {
    match unfit {
        Unfit::TooLong(most) => format!("Say it in at most {most} characters."),
        Unfit::Control => "It holds a character that cannot be shown. Type it anew.".to_owned(),
    }
}

/// The needs over which an offer is held against a company, each with its place in the framework and
/// the offer's weight: those in play and those that it serves; all of them, where nothing else is left
/// to hold it against.
pub fn weights(design: &Design, served: &BTreeMap<Code, f64>) -> Vec<(usize, f64)> {
    let needs = &design.framework.needs;
    let weight = |place: usize| served.get(&needs[place].code).copied().unwrap_or(0.0);
    let counts = |place: &usize| weight(*place) > 0.0 || design.profiles.in_play().contains(place);
    let counting: Vec<(usize, f64)> = (0..needs.len())
        .filter(counts)
        .map(|place| (place, weight(place)))
        .collect();
    if counting.iter().any(|(_, weight)| *weight == 0.0) {
        return counting;
    }
    (0..needs.len()).map(|place| (place, weight(place))).collect()
}

/// The needs that an offer serves, by name, the greatest weight first; an archived one has no name.
pub fn served<'d>(design: &'d Design, offer: &Offer) -> Vec<(&'d str, f64)> {
    let known = design.framework.needs.iter();
    let mut served: Vec<(&str, f64)> = known
        .filter_map(|need| Some((need.name.as_str(), *offer.needs.get(&need.code)?)))
        .collect();
    // Of equal weights, the framework's order.
    served.sort_by(|a, b| b.1.total_cmp(&a.1));
    served
}

/// What it serves, in words: "Efficiency 100, Assurance 35".
pub fn served_words(design: &Design, offer: &Offer) -> String {
    let words = served(design, offer)
        .into_iter()
        .map(|(name, weight)| format!("{name} {}", figures::number(weight, 0)));
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(name: &str, weights: &[(&str, &str)]) -> Typed {
        Typed {
            name: name.into(),
            note: String::new(),
            weights: weights
                .iter()
                .map(|(need, weight)| ((*need).into(), (*weight).into()))
                .collect(),
        }
    }

    fn fields(read: Result<NewOffer, Vec<(String, String)>>) -> Vec<String> {
        read.expect_err("faults").into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn a_weight_is_a_number_from_0_to_100_in_either_spelling() {
        assert_eq!(weight(" 12,5 "), Ok(12.5));
        assert_eq!(weight(""), Ok(0.0));
        for wrong in ["-1", "101", "much", "NaN", "inf", "1e9", "1.2.3"] {
            assert!(weight(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn without_needs_in_the_framework_the_form_says_where_they_come_from() {
        let read = read(&typed(" ", &[("gone", "100")]), &Design::empty(), None);
        let told = read.clone().unwrap_err();
        assert_eq!(fields(read), ["name", "needs"]);
        assert!(told[1].1.contains("framework"), "{told:?}");
    }

    #[test]
    fn what_is_too_long_or_cannot_be_shown_is_told_at_its_field() {
        let mut offer = typed(&"x".repeat(NAME_CHARACTERS + 1), &[]);
        offer.note = "a\u{0}b".into();
        assert_eq!(fields(read(&offer, &Design::empty(), None)), ["name", "note", "needs"]);
    }

    #[test]
    fn names_differ_by_more_than_case_and_blanks() {
        assert_eq!(key(" Quick  Change "), key("quick change"));
    }
}
