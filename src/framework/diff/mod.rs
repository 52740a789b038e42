//! What changed between two frameworks, in sentences.
//!
//! What is left out of the new one is archived, never deleted; a question that no longer means the
//! same gets a new version.

mod drips;
mod questions;
#[cfg(test)]
mod tests;

use std::fmt::Display;

pub use questions::other_meaning;

use super::lookup::Coded;
use super::{Cap, Framework, Need, Role, Segment, Settings};

/// One sentence for each change, in the order of the file; empty when nothing changed.
pub fn changes(old: &Framework, new: &Framework) -> Vec<String> {
    let mut sentences = Vec::new();
    settings(&old.settings, &new.settings, &mut sentences);
    roles(&old.roles, &new.roles, &mut sentences);
    needs(&old.needs, &new.needs, &mut sentences);
    segments(&old.segments, &new.segments, &mut sentences);
    questions::changes(&old.question_sets, &new.question_sets, &mut sentences);
    drips::changes(&old.drips, &new.drips, &mut sentences);
    sentences
}

fn settings(old: &Settings, new: &Settings, sentences: &mut Vec<String>) {
    let cap = |cap: Option<Cap>| cap.map(|cap| format!("{} in {} days", cap.count, cap.days));
    let mut note = |name: &str, change: Option<String>| {
        sentences.extend(change.map(|change| format!("settings: {name} {change}")));
    };
    note(
        "tenure_threshold_months",
        moved(&old.tenure_threshold_months, &new.tenure_threshold_months),
    );
    note(
        "min_scored_answers",
        moved(&old.min_scored_answers, &new.min_scored_answers),
    );
    note("half_life_days", moved_or_none(old.half_life_days, new.half_life_days));
    let caps = [
        (
            "max_mails_per_contact",
            old.max_mails_per_contact,
            new.max_mails_per_contact,
        ),
        (
            "max_mails_per_company",
            old.max_mails_per_company,
            new.max_mails_per_company,
        ),
    ];
    for (name, old, new) in caps {
        note(name, moved_or_none(cap(old), cap(new)));
    }
    note("min_group", moved(&old.min_group, &new.min_group));
}

fn roles(old: &[Role], new: &[Role], sentences: &mut Vec<String>) {
    for fate in fates(old, new) {
        sentences.extend(match fate {
            Fate::Came(role) => Some(format!("role \"{}\" added, weight {}", role.code, role.weight)),
            Fate::Went(role) => Some(format!("role \"{}\" removed; its answers weigh 1", role.code)),
            Fate::Stayed(was, is) => {
                moved(&was.weight, &is.weight).map(|change| format!("role \"{}\": weight {change}", is.code))
            }
        });
    }
}

fn needs(old: &[Need], new: &[Need], sentences: &mut Vec<String>) {
    let differences = |was: &Need, is: &Need| {
        vec![
            ("name", was.name != is.name),
            ("level", was.level != is.level),
            ("description", was.description != is.description),
        ]
    };
    for fate in fates(old, new) {
        sentences.extend(told("need", fate, differences));
    }
    if reordered(old, new) {
        sentences.push("needs: order changed".to_owned());
    }
}

fn segments(old: &[Segment], new: &[Segment], sentences: &mut Vec<String>) {
    let differences = |was: &Segment, is: &Segment| {
        vec![
            ("name", was.name != is.name),
            ("description", was.description != is.description),
            ("profile", without_noughts(was) != without_noughts(is)),
            ("talk_about", was.talk_about != is.talk_about),
            ("avoid", was.avoid != is.avoid),
            ("content", was.content != is.content),
            ("actions", was.actions != is.actions),
            ("spend", was.spend != is.spend),
        ]
    };
    for fate in fates(old, new) {
        sentences.extend(told("segment", fate, differences));
    }
    if reordered(old, new) {
        sentences.push("segments: order changed".to_owned());
    }
}

fn without_noughts(segment: &Segment) -> Vec<(&String, &f64)> {
    segment.profile.iter().filter(|(_, weight)| **weight != 0.0).collect()
}

/// What became of a thing.
enum Fate<'f, T> {
    Came(&'f T),
    Stayed(&'f T, &'f T),
    Went(&'f T),
}

/// Those of the new list in its order, then those that went.
fn fates<'f, T: Coded>(old: &'f [T], new: &'f [T]) -> Vec<Fate<'f, T>> {
    let find = |list: &'f [T], item: &T| list.iter().find(|other| other.code() == item.code());
    let present = new
        .iter()
        .map(|is| find(old, is).map_or(Fate::Came(is), |was| Fate::Stayed(was, is)));
    let gone = old.iter().filter(|was| find(new, was).is_none()).map(Fate::Went);
    present.chain(gone).collect()
}

/// `need "efficiency" added`, or `need "efficiency": name, level changed`.
fn told<'n, T: Coded>(
    noun: &str,
    fate: Fate<'_, T>,
    differences: impl Fn(&T, &T) -> Vec<(&'n str, bool)>,
) -> Option<String> {
    match fate {
        Fate::Came(is) => Some(format!("{noun} \"{}\" added", is.code())),
        Fate::Went(was) => Some(format!("{noun} \"{}\" archived", was.code())),
        Fate::Stayed(was, is) => {
            changed(&differences(was, is)).map(|change| format!("{noun} \"{}\": {change}", is.code()))
        }
    }
}

/// `name, level changed`.
fn changed(differences: &[(&str, bool)]) -> Option<String> {
    let names: Vec<&str> = differences
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| *name)
        .collect();
    (!names.is_empty()).then(|| format!("{} changed", names.join(", ")))
}

/// Whether those that stayed stand in another order: it decides ties, and what is shown first.
fn reordered<T: Coded>(old: &[T], new: &[T]) -> bool {
    let stayed = |list: &[T], other: &[T]| -> Vec<String> {
        let codes = list.iter().map(|item| item.code());
        codes
            .filter(|code| other.iter().any(|o| o.code() == *code))
            .map(str::to_owned)
            .collect()
    };
    stayed(old, new) != stayed(new, old)
}

fn moved<T: Display + PartialEq>(old: &T, new: &T) -> Option<String> {
    (old != new).then(|| format!("{old} → {new}"))
}

fn moved_or_none<T: Display>(old: Option<T>, new: Option<T>) -> Option<String> {
    let shown = |value: Option<T>| value.map_or("none".to_owned(), |value| value.to_string());
    moved(&shown(old), &shown(new))
}
