//! Drips, their audiences and their steps.

use super::fields::Fields;
use crate::framework::{
    Adaptive, Audience, Day, Drip, DripState, Letter, LetterTexts, Reminders, SendWindow, Step, StepContent, Trigger,
};

const STATES: &[(&str, DripState)] = &[("on", DripState::On), ("paused", DripState::Paused)];

const TRIGGERS: &[(&str, Trigger)] = &[
    ("manual", Trigger::Manual),
    ("audience", Trigger::Audience),
    ("transaction", Trigger::Transaction),
];

const DAYS: &[(&str, Day)] = &[
    ("mon", Day::Mon),
    ("tue", Day::Tue),
    ("wed", Day::Wed),
    ("thu", Day::Thu),
    ("fri", Day::Fri),
    ("sat", Day::Sat),
    ("sun", Day::Sun),
];

pub fn drip(mut fields: Fields) -> Drip {
    Drip {
        code: fields.needed_text("code"),
        name: fields.needed_text("name"),
        state: fields.word("state", STATES),
        // A drip that says nothing of its trigger mails nobody by itself.
        trigger: fields.word("trigger", TRIGGERS).unwrap_or(Trigger::Manual),
        max_age: fields.span("max_age"),
        audience: fields.table("audience").map(audience).unwrap_or_default(),
        send_window: fields.table("send_window").map(send_window),
        reminders: fields.table("reminders").map(reminders),
        closes_after: fields.span("closes_after"),
        steps: fields.needed_tables("steps", step),
    }
}

fn audience(mut fields: Fields) -> Audience {
    Audience {
        not_asked_within_days: fields.whole("not_asked_within_days"),
        any_of: fields.other_lists(),
    }
}

fn send_window(mut fields: Fields) -> SendWindow {
    SendWindow {
        days: fields.needed_words("days", DAYS),
        from: fields.needed_time_of_day("from").unwrap_or(0),
        to: fields.needed_time_of_day("to").unwrap_or(24 * 60),
    }
}

fn reminders(mut fields: Fields) -> Reminders {
    Reminders {
        after: fields.needed_span("after"),
        count: fields.needed_whole("count"),
    }
}

fn step(mut fields: Fields) -> Step {
    Step {
        delay: fields.span("delay").unwrap_or_default(),
        wait_for_answer: fields.flag("wait_for_answer"),
        content: content(&mut fields),
    }
}

/// What a step sends hangs on which of three keys it has.
fn content(fields: &mut Fields) -> StepContent {
    const CONTENTS: [&str; 3] = ["question_set", "adaptive", "message"];
    let given: Vec<&str> = CONTENTS.into_iter().filter(|key| fields.has(key)).collect();
    match given[..] {
        ["adaptive"] => StepContent::Adaptive {
            adaptive: fields.table("adaptive").map(adaptive).unwrap_or(Adaptive {
                pool: Vec::new(),
                ask: 1,
                stop_at_confidence: None,
            }),
            letter: letter(fields),
            first_question_in_mail: fields.flag("first_question_in_mail"),
        },
        ["message"] => {
            for key in ["subject", "body"] {
                fields.refuse(
                    key,
                    "a message step has its subject and body in its variants: [drips.steps.message.default]",
                );
            }
            StepContent::Message {
                message: fields.tables_by_key("message", |mut fields| letter(&mut fields)),
            }
        }
        ["question_set"] => StepContent::Questions {
            question_set: fields.needed_text("question_set"),
            letter: letter(fields),
            first_question_in_mail: fields.flag("first_question_in_mail"),
        },
        _ => {
            let said = if given.is_empty() { "none" } else { "more" };
            fields.fault_here(format!(
                "a step has exactly one of question_set, adaptive and message; this one has {said}"
            ));
            fields.give_up();
            StepContent::Message {
                message: Default::default(),
            }
        }
    }
}

fn adaptive(mut fields: Fields) -> Adaptive {
    Adaptive {
        pool: fields.needed_texts("pool"),
        ask: fields.needed_whole("ask"),
        stop_at_confidence: fields.number("stop_at_confidence"),
    }
}

fn letter(fields: &mut Fields) -> Letter {
    Letter {
        subject: fields.needed_text("subject"),
        body: fields.text("body"),
        translations: fields.tables_by_key("translations", letter_texts),
    }
}

fn letter_texts(mut fields: Fields) -> LetterTexts {
    LetterTexts {
        subject: fields.text_if_any("subject"),
        body: fields.text_if_any("body"),
    }
}
