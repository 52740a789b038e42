//! What makes a framework one that can be used: codes, references, ranges, texts.
//!
//! Works on the types, so that a framework drawn in the back office is held to the same rules as
//! one read from a file.

mod drips;
mod questions;
mod text;

use std::collections::HashSet;

use super::fault::{Findings, Ground, Place, Problem, untold};
use super::lookup::Coded;
use super::wording::{listed, nearest, quoted};
use super::{Cap, Framework, Loads, Need, Role, Segment, Settings};
use crate::method::segment::{ProfileFault, Profiles};
use text::{line, lines, name};

/// The variant of a message step for companies without one of their own.
pub const DEFAULT_VARIANT: &str = "default";

/// In an audience: companies without a segment.
pub const NO_SEGMENT: &str = "none";

/// More needs, segments, questions of a set or options of a question than these are refused.
const MOST_ITEMS: usize = 200;

/// Beyond these, sums of squares would leave the range of numbers.
const LEAST_LOAD: f64 = 1e-6;
const MOST_LOAD: f64 = 1e6;

/// All that is wrong with it; empty when it can be used.
pub fn check(framework: &Framework) -> Vec<Problem> {
    let Findings { mut problems, more, .. } = findings(framework);
    if more > 0 {
        problems.push(Problem {
            message: untold(more),
            ..Problem::default()
        });
    }
    problems
}

pub(super) fn findings(framework: &Framework) -> Findings {
    let mut findings = Findings::default();
    too_many(framework, &mut findings);
    if !findings.problems.is_empty() {
        return findings;
    }
    let known = Known::of(framework);
    let root = Place::root();
    settings(&framework.settings, &root.key("settings"), &mut findings);
    each(&framework.roles, &root.key("roles"), &mut findings, role);
    each(&framework.needs, &root.key("needs"), &mut findings, need);
    each(
        &framework.segments,
        &root.key("segments"),
        &mut findings,
        |s, place, findings| segment(s, place, &known, findings),
    );
    profiles(framework, &root.key("segments"), &known, &mut findings);
    questions::check(&framework.question_sets, &known, &mut findings);
    drips::check(&framework.drips, &known, &mut findings);
    findings
}

/// Said alone: looking everything up in endless lists would take as long.
fn too_many(framework: &Framework, findings: &mut Findings) {
    let lists = [
        ("roles", framework.roles.len()),
        ("needs", framework.needs.len()),
        ("segments", framework.segments.len()),
        ("question_sets", framework.question_sets.len()),
        ("drips", framework.drips.len()),
    ];
    for (list, entries) in lists {
        at_most_items(entries, &Place::root().key(list), findings);
    }
    for (s, set) in framework.question_sets.iter().enumerate() {
        let list = Place::root().key("question_sets").index(s).key("questions");
        at_most_items(set.questions.len(), &list, findings);
        for (q, question) in set.questions.iter().enumerate() {
            at_most_items(question.kind.options().len(), &list.index(q).key("options"), findings);
            at_most_items(question.kind.rows().len(), &list.index(q).key("rows"), findings);
        }
    }
}

fn at_most_items(entries: usize, list: &Place, findings: &mut Findings) {
    if entries > MOST_ITEMS {
        findings.add(
            list.clone(),
            format!("has {entries} entries; at most {MOST_ITEMS} are allowed"),
        );
    }
}

/// The codes that others may name.
pub(super) struct Known<'f> {
    roles: Codes<'f>,
    needs: Codes<'f>,
    segments: Codes<'f>,
    question_sets: Codes<'f>,
}

/// The codes of one list, and what a thing of the list is called.
pub(super) struct Codes<'f> {
    noun: &'static str,
    codes: Vec<&'f str>,
    list: Place,
}

impl<'f> Known<'f> {
    fn of(framework: &'f Framework) -> Known<'f> {
        let root = Place::root();
        Known {
            roles: Codes::of(
                "role",
                framework.roles.iter().map(|r| r.code.as_str()),
                root.key("roles"),
            ),
            needs: Codes::of(
                "need",
                framework.needs.iter().map(|n| n.code.as_str()),
                root.key("needs"),
            ),
            segments: Codes::of(
                "segment",
                framework.segments.iter().map(|s| s.code.as_str()),
                root.key("segments"),
            ),
            question_sets: Codes::of(
                "question set",
                framework.question_sets.iter().map(|s| s.code.as_str()),
                root.key("question_sets"),
            ),
        }
    }
}

impl<'f> Codes<'f> {
    fn of(noun: &'static str, codes: impl Iterator<Item = &'f str>, list: Place) -> Codes<'f> {
        Codes {
            noun,
            codes: codes.collect(),
            list,
        }
    }

    fn has(&self, code: &str) -> bool {
        self.codes.contains(&code)
    }

    /// What to say when it has not.
    fn unknown(&self, code: &str, findings: &Findings) -> String {
        if findings.is_full() {
            return String::new();
        }
        let known = || self.codes.iter().copied().filter(|known| !known.is_empty());
        let meant = nearest(code, known())
            .map(|k| format!("; did you mean {}?", quoted(k)))
            .unwrap_or_default();
        format!(
            "there is no {noun} {}; {noun}s are: {}{meant}",
            quoted(code),
            listed(known()),
            noun = self.noun
        )
    }

    /// The value at this place has to be one of the codes.
    fn require(&self, code: &str, place: Place, findings: &mut Findings) {
        if !self.has(code) {
            let message = self.unknown(code, findings);
            findings.add(place, message).rests_on = vec![Ground::Codes(self.list.clone())];
        }
    }

    /// The key at this place has to be one of the codes.
    fn require_key(&self, code: &str, place: Place, findings: &mut Findings) {
        if !self.has(code) {
            let message = self.unknown(code, findings);
            findings.add_on_key(place, message).rests_on = vec![Ground::Codes(self.list.clone())];
        }
    }
}

/// Checks every thing of a list, and that no two of them share a code.
fn each<T: Coded>(
    items: &[T],
    list: &Place,
    findings: &mut Findings,
    mut check: impl FnMut(&T, &Place, &mut Findings),
) {
    let mut seen = HashSet::new();
    for (i, item) in items.iter().enumerate() {
        let place = list.index(i);
        code(item.code(), place.key("code"), findings);
        if !item.code().is_empty() && !seen.insert(item.code()) {
            findings.add(
                place.key("code"),
                format!("{} stands there twice; give each its own code", quoted(item.code())),
            );
        }
        check(item, &place, findings);
    }
}

fn code(code: &str, place: Place, findings: &mut Findings) {
    let starts_well = code
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    if !starts_well || !code.bytes().all(allowed) {
        let message = "a code is written in small letters a–z, digits, - and _, and begins with a letter or digit";
        findings.add(place, format!("{message}; it is {}", quoted(code)));
    } else if code.len() > 80 {
        findings.add(place, "a code has at most 80 characters");
    }
}

fn settings(settings: &Settings, place: &Place, findings: &mut Findings) {
    if settings.tenure_threshold_months > 1_200 {
        findings.add(place.key("tenure_threshold_months"), "must be at most 1200");
    }
    at_least_one(settings.min_scored_answers, place.key("min_scored_answers"), findings);
    at_least_one(settings.min_group, place.key("min_group"), findings);
    if settings
        .half_life_days
        .is_some_and(|days| !(days > 0.0 && days.is_finite()))
    {
        findings.add(
            place.key("half_life_days"),
            "must be more than 0; leave it out for answers that do not age",
        );
    }
    let caps = [
        ("max_mails_per_contact", settings.max_mails_per_contact),
        ("max_mails_per_company", settings.max_mails_per_company),
    ];
    for (key, cap) in caps {
        let Some(Cap { count, days }) = cap else { continue };
        let place = place.key(key);
        at_least_one(count, place.key("count"), findings);
        at_least_one(days, place.key("days"), findings);
        if days > 3_660 {
            findings.add(place.key("days"), "must be at most 3660, which is ten years");
        }
    }
}

fn at_least_one(number: u32, place: Place, findings: &mut Findings) {
    if number == 0 {
        findings.add(place, "must be at least 1");
    }
}

fn role(role: &Role, place: &Place, findings: &mut Findings) {
    if !(LEAST_LOAD..=MOST_LOAD).contains(&role.weight) {
        findings.add(place.key("weight"), "must be more than 0 (from 0.000001 to 1,000,000)");
    }
}

fn need(need: &Need, place: &Place, findings: &mut Findings) {
    name(&need.name, place.key("name"), findings);
    lines(&need.description, place.key("description"), findings);
}

fn segment(segment: &Segment, place: &Place, known: &Known, findings: &mut Findings) {
    if [DEFAULT_VARIANT, NO_SEGMENT].contains(&segment.code.as_str()) {
        let message = format!(
            "a segment may not be called {}: the word has another meaning",
            quoted(&segment.code)
        );
        findings.add(place.key("code"), message);
    }
    name(&segment.name, place.key("name"), findings);
    lines(&segment.description, place.key("description"), findings);
    lines(&segment.spend, place.key("spend"), findings);
    let lists = [
        ("talk_about", &segment.talk_about),
        ("avoid", &segment.avoid),
        ("content", &segment.content),
        ("actions", &segment.actions),
    ];
    for (key, texts) in lists {
        for (i, text) in texts.iter().enumerate() {
            line(text, place.key(key).index(i), findings);
        }
    }
    let place = place.key("profile");
    for (need, weight) in &segment.profile {
        known.needs.require_key(need, place.key(need), findings);
        if !(0.0..=100.0).contains(weight) {
            findings.add(
                place.key(need),
                format!("must be a weight from 0 to 100; it is {weight}"),
            );
        }
    }
}

/// Profiles have to tell companies apart (METHOD.md section 4).
fn profiles(framework: &Framework, list: &Place, known: &Known, findings: &mut Findings) {
    let mut weights = framework.segments.iter().flat_map(|segment| &segment.profile);
    if !weights.all(|(need, weight)| known.needs.has(need) && (0.0..=100.0).contains(weight)) {
        // Said already; without that weight a profile would look flat that is not.
        return;
    }
    let Err(faults) = Profiles::new(&framework.profiles()) else {
        return;
    };
    for fault in faults {
        let (segment, message) = match fault {
            ProfileFault::Flat(segment) => (
                segment,
                "weighs every need that some segment seeks alike, so it tells nothing; give some needs more than others"
                    .to_owned(),
            ),
            ProfileFault::Alike(first, second) => {
                let other = quoted(&framework.segments[first].code);
                (second, format!("has the same shape as the profile of {other}, so no company could be told apart"))
            }
        };
        let mut grounds = vec![Ground::Codes(known.needs.list.clone())];
        grounds.extend((0..framework.segments.len()).map(|i| Ground::Whole(list.index(i).key("profile"))));
        findings.add(list.index(segment).key("profile"), message).rests_on = grounds;
    }
}

/// Loads of an option, a row or a question.
fn loads(loads: &Loads, place: &Place, known: &Known, findings: &mut Findings) {
    for (need, load) in loads {
        known.needs.require_key(need, place.key(need), findings);
        if *load != 0.0 && !(LEAST_LOAD..=MOST_LOAD).contains(&load.abs()) {
            findings.add(
                place.key(need),
                "must be 0, or from 0.000001 to 1,000,000 (or the same below 0)",
            );
        }
    }
}
