//! All that is held about one contact, as JSON.

use chrono::NaiveDateTime;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::clock::rfc3339;
use crate::privacy;

/// The export of one contact. Each list is there, empty where nothing is held.
#[derive(Serialize)]
pub struct Held {
    contact: Value,
    attributes: Map<String, Value>,
    company: Option<Value>,
    suppressions: Vec<Value>,
    wishes: Value,
    bounce_score: Option<Value>,
    enrolments: Vec<Value>,
    invitations: Vec<Value>,
    mails: Vec<Value>,
    captured_mails: Vec<Value>,
    answers: Vec<Value>,
    /// What colleagues made of the answers in own words.
    codings: Vec<Value>,
    /// What its answers add up to: weighed with its colleagues' into the company's scores.
    scored: Vec<Value>,
    transactions: Vec<Value>,
    conversations: Vec<Value>,
    incoming_mails: Vec<Value>,
    test_mails: Vec<Value>,
    audit: Vec<Value>,
}

impl Held {
    pub fn of(held: privacy::Held) -> Held {
        let person = &held.person;
        Held {
            contact: json!({
                "external_id": person.external_id,
                "email": person.email,
                "first_name": person.first_name,
                "last_name": person.last_name,
                "role": person.role,
                "language": person.language,
                "time_zone": person.time_zone,
                "created_at": rfc3339(person.created_at),
                "updated_at": rfc3339(person.updated_at),
            }),
            company: person
                .company
                .as_ref()
                .map(|company| json!({ "external_id": company, "name": person.company_name })),
            attributes: held
                .attributes
                .into_iter()
                .map(|(name, value)| (name, Value::String(value)))
                .collect(),
            suppressions: all(held.suppressions, |(drip, reason)| {
                json!({ "drip": Some(drip).filter(|drip| !drip.is_empty()), "reason": reason })
            }),
            wishes: json!({
                "gap_days": held.wishes.gap_days,
                "paused_until": time(held.wishes.paused_until),
                "away_until": time(held.wishes.away_until),
            }),
            bounce_score: held.strikes.map(|strikes| {
                json!({ "score": strikes.score, "counted_on": strikes.counted_on, "doubtful_on": strikes.doubtful_on })
            }),
            enrolments: all(held.enrolments, |row| {
                json!({
                    "drip": row.drip, "step": row.step, "state": row.state, "cause": row.cause,
                    "next_at": time(row.next_at), "enrolled_at": rfc3339(row.enrolled_at), "transaction": row.transaction,
                })
            }),
            invitations: all(held.invitations, |row| {
                json!({
                    "drip": row.drip, "step": row.step + 1, "made_at": rfc3339(row.made_at),
                    "first_sent_at": time(row.first_sent_at), "closes_at": time(row.closes_at),
                    "opened_at": time(row.opened_at), "answered_at": time(row.answered_at),
                    "left_blank": row.passed.split_whitespace().collect::<Vec<_>>(),
                    "questions_chosen": row.questions.as_deref().and_then(|codes| serde_json::from_str::<Value>(codes).ok()),
                    "links_fetched": {
                        "times": row.fetches.unwrap_or(0), "form": time(row.form_fetched_at),
                        "preferences": time(row.preferences_fetched_at), "unsubscribe": time(row.unsubscribe_fetched_at),
                        "view": time(row.view_fetched_at),
                    },
                })
            }),
            mails: all(held.mails, |row| {
                json!({
                    "drip": row.drip, "step": row.step + 1, "reminder": row.nth, "to": row.to_address,
                    "state": row.state, "attempts": row.attempts, "maybe_duplicate": row.maybe_duplicate,
                    "waits_for": row.waits_for, "outcome": row.outcome, "reply": row.reply,
                    "message_id": row.message_id, "made_at": rfc3339(row.made_at), "due_at": rfc3339(row.due_at),
                    "sent_at": time(row.sent_at), "ended_at": time(row.ended_at),
                })
            }),
            captured_mails: all(held.captured, |row| {
                json!({ "to": row.to_address, "subject": row.subject, "at": rfc3339(row.at) })
            }),
            answers: all(held.answers, |row| {
                json!({
                    "question": row.question, "row": Some(row.row_code).filter(|row| !row.is_empty()),
                    "asked": read(&row.definition)["text"], "value": read(&row.value), "at": rfc3339(row.at),
                    "channel": row.channel, "author": row.author, "suspect": row.suspect, "late": row.late,
                    "recorded_at": rfc3339(row.recorded_at),
                })
            }),
            codings: all(held.codings, |row| {
                json!({
                    "question": row.question, "answered_at": rfc3339(row.at), "need": row.need, "state": row.state,
                    "by": row.coder, "changed_at": rfc3339(row.changed_at),
                })
            }),
            scored: all(held.sums, |row| json!({ "need": row.need, "answers": row.n, "mean": row.mean })),
            transactions: all(held.transactions, |row| {
                json!({
                    "external_id": row.external_id, "product": row.product, "amount": row.amount,
                    "occurred_at": rfc3339(row.occurred_at), "needs": row.needs, "attributes": read(&row.attributes),
                })
            }),
            conversations: all(held.conversations, |row| {
                json!({
                    "kind": row.kind, "on": row.held_on, "note": row.note, "by": row.author,
                    "questions_answered": row.answers,
                })
            }),
            incoming_mails: all(held.incoming, |row| {
                json!({
                    "kind": row.kind, "at": rfc3339(row.at), "drip": row.drip, "subject": row.subject, "words": row.words,
                })
            }),
            test_mails: all(held.tests, |row| {
                json!({ "drip": row.drip, "step": row.step + 1, "made_by": row.made_by, "made_at": rfc3339(row.made_at) })
            }),
            audit: all(held.deeds, |deed| {
                json!({ "at": rfc3339(deed.at), "by": deed.actor, "what": deed.action, "detail": deed.detail })
            }),
        }
    }
}

fn all<T>(rows: Vec<T>, shown: impl Fn(T) -> Value) -> Vec<Value> {
    rows.into_iter().map(shown).collect()
}

fn time(at: Option<NaiveDateTime>) -> Option<String> {
    at.map(rfc3339)
}

/// What is stored as JSON; anything else is shown as the text that it is.
fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}
