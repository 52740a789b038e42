//! Drips: triggers, audiences, windows, steps and their letters.

use std::collections::BTreeMap;

use super::questions::check_language;
use super::text::{Scope, body, name, not_blank, subject};
use super::{DEFAULT_VARIANT, Known, MOST_ITEMS, NO_SEGMENT, at_least_one, each};
use crate::framework::fault::{Findings, Ground, Place};
use crate::framework::wording::{listed, nearest, quoted};
use crate::framework::{Adaptive, Audience, Drip, Letter, Minutes, Reminders, SendWindow, Step, StepContent, Trigger};

const MOST_STEPS: usize = 100;

/// More reminders than this are pestering.
const MOST_REMINDERS: u32 = 10;

pub fn check(drips: &[Drip], known: &Known, findings: &mut Findings) {
    each(drips, &Place::root().key("drips"), findings, |drip, place, findings| {
        name(&drip.name, place.key("name"), findings);
        check_max_age(drip, place, findings);
        check_audience(&drip.audience, &place.key("audience"), known, findings);
        if let Some(window) = &drip.send_window {
            check_window(window, &place.key("send_window"), findings);
        }
        if let Some(reminders) = drip.reminders {
            check_reminders(reminders, &place.key("reminders"), findings);
        }
        if drip.closes_after == Some(Minutes(0)) {
            findings.add(
                place.key("closes_after"),
                "must be longer than 0; leave it out for links that stay open",
            );
        }
        check_steps(drip, &place.key("steps"), known, findings);
    });
}

fn check_max_age(drip: &Drip, place: &Place, findings: &mut Findings) {
    let message = match (drip.trigger, drip.max_age) {
        (Trigger::Transaction, Some(Minutes(0))) => "must be longer than 0",
        (Trigger::Manual | Trigger::Audience, Some(_)) => "belongs to trigger = \"transaction\"; leave it out",
        _ => return,
    };
    findings.add(place.key("max_age"), message).rests_on = vec![Ground::Whole(place.key("trigger"))];
}

fn check_audience(audience: &Audience, place: &Place, known: &Known, findings: &mut Findings) {
    for (attribute, values) in &audience.any_of {
        let list = place.key(attribute);
        if attribute.trim().is_empty() || attribute.chars().any(char::is_control) || attribute.chars().count() > 200 {
            findings.add_on_key(list.clone(), "an attribute is named by the heading of its column");
        }
        for (i, value) in values.iter().enumerate() {
            check_audience_value(attribute, value, list.index(i), known, findings);
        }
    }
}

fn check_audience_value(attribute: &str, value: &str, place: Place, known: &Known, findings: &mut Findings) {
    match attribute {
        "tenure" => one_of(value, &["new", "long_standing", "unknown"], place, findings),
        "tier" => one_of(value, &["A", "B", "C", "unknown"], place, findings),
        "segment" if value != NO_SEGMENT => known.segments.require(value, place, findings),
        // A framework that weighs no roles may still ask by them.
        "role" if !known.roles.codes.is_empty() => known.roles.require(value, place, findings),
        _ => not_blank(value, &place, findings),
    }
}

fn one_of(value: &str, words: &[&str], place: Place, findings: &mut Findings) {
    if !words.contains(&value) {
        let words = || words.iter().copied();
        let meant = nearest(value, words())
            .map(|w| format!("; did you mean {w}?"))
            .unwrap_or_default();
        findings.add(
            place,
            format!("must be one of: {}; it is {}{meant}", listed(words()), quoted(value)),
        );
    }
}

fn check_window(window: &SendWindow, place: &Place, findings: &mut Findings) {
    if window.days.is_empty() {
        findings.add(place.key("days"), "needs at least one day, such as \"mon\"");
    }
    if window.from >= window.to {
        let message = "must be later than from, on the same day (24:00 is the day's end)";
        findings.add(place.key("to"), message).rests_on = vec![Ground::Whole(place.key("from"))];
    }
}

fn check_reminders(reminders: Reminders, place: &Place, findings: &mut Findings) {
    if reminders.after == Minutes(0) {
        findings.add(place.key("after"), "must be longer than 0");
    }
    if !(1..=MOST_REMINDERS).contains(&reminders.count) {
        let message = format!("must be from 1 to {MOST_REMINDERS}; leave reminders out for none");
        findings.add(place.key("count"), message);
    }
}

fn check_steps(drip: &Drip, list: &Place, known: &Known, findings: &mut Findings) {
    if drip.steps.is_empty() {
        findings.add(list.clone(), "a drip needs at least one step: [[drips.steps]]");
    }
    if drip.steps.len() > MOST_STEPS {
        findings.add(
            list.clone(),
            format!("has {} steps; at most {MOST_STEPS} are allowed", drip.steps.len()),
        );
    }
    if drip.steps.first().is_some_and(|step| step.wait_for_answer) {
        let message = "the first step has no step before it to wait for; leave it out";
        findings.add(list.index(0).key("wait_for_answer"), message);
    }
    let scope = Scope {
        transaction: drip.trigger == Trigger::Transaction,
        links: true,
    };
    for (i, step) in drip.steps.iter().enumerate() {
        check_step(step, scope, &list.index(i), known, findings);
    }
}

fn check_step(step: &Step, scope: Scope, place: &Place, known: &Known, findings: &mut Findings) {
    match &step.content {
        StepContent::Questions {
            question_set, letter, ..
        } => {
            known
                .question_sets
                .require(question_set, place.key("question_set"), findings);
            check_letter(letter, scope, place, findings);
        }
        StepContent::Adaptive { adaptive, letter, .. } => {
            check_adaptive(adaptive, &place.key("adaptive"), known, findings);
            check_letter(letter, scope, place, findings);
        }
        StepContent::Message { message } => check_message(message, scope, &place.key("message"), known, findings),
    }
}

fn check_letter(letter: &Letter, scope: Scope, place: &Place, findings: &mut Findings) {
    subject(&letter.subject, scope, place.key("subject"), findings);
    body(&letter.body, scope, place.key("body"), findings);
    for (language, texts) in &letter.translations {
        let place = place.key("translations").key(language);
        check_language(language, &place, findings);
        if let Some(text) = &texts.subject {
            subject(text, scope, place.key("subject"), findings);
        }
        if let Some(text) = &texts.body {
            body(text, scope, place.key("body"), findings);
        }
    }
}

fn check_adaptive(adaptive: &Adaptive, place: &Place, known: &Known, findings: &mut Findings) {
    let pool = place.key("pool");
    if adaptive.pool.is_empty() {
        findings.add(pool.clone(), "needs at least one question set");
    }
    for (i, set) in adaptive.pool.iter().enumerate() {
        known.question_sets.require(set, pool.index(i), findings);
        if adaptive.pool[..i].contains(set) {
            findings.add(pool.index(i), format!("{} stands there twice; keep one", quoted(set)));
        }
    }
    at_least_one(adaptive.ask, place.key("ask"), findings);
    if adaptive.ask as usize > MOST_ITEMS {
        findings.add(place.key("ask"), format!("must be at most {MOST_ITEMS}"));
    }
    if adaptive
        .stop_at_confidence
        .is_some_and(|confidence| !(confidence > 0.0 && confidence <= 1.0))
    {
        findings.add(
            place.key("stop_at_confidence"),
            "must be more than 0 and at most 1, such as 0.95",
        );
    }
}

fn check_message(
    message: &BTreeMap<String, Letter>,
    scope: Scope,
    place: &Place,
    known: &Known,
    findings: &mut Findings,
) {
    if !message.contains_key(DEFAULT_VARIANT) {
        let advice = "is missing: a message needs a variant for companies without one of their own";
        findings.add(place.key(DEFAULT_VARIANT), advice);
    }
    for (variant, letter) in message {
        let place = place.key(variant);
        if variant != DEFAULT_VARIANT {
            known.segments.require_key(variant, place.clone(), findings);
        }
        not_blank(&letter.body, &place.key("body"), findings);
        check_letter(letter, scope, &place, findings);
    }
}
