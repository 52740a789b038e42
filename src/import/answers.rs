//! Answers from calls and other tools, as rows: each the answer of one contact to one question.

use std::collections::HashSet;

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::Value as Json;

use super::queries::{self, Known};
use super::{Counts, Refusal};
use crate::answers::{Channel, Incoming, NewAnswer, Origin, cells, json};
use crate::clock;
use crate::companies::contacts;
use crate::companies::record::{Fault, Field, Reader, Row};
use crate::design::{self, Design};
use crate::ids::{CompanyId, ContactId};
use crate::needs;
use crate::store::{self, Conn};

/// All of them are needed.
pub const COLUMNS: [&str; 4] = ["contact_external_id", "question", "value", "at"];

/// Clocks differ; an answer from further ahead has a wrong date.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// What rows of answers come to.
pub struct Plan {
    pub incoming: Vec<Incoming>,
    pub faults: Vec<(usize, Fault)>,
}

/// A row in words that can be understood, its contact not yet looked up.
struct Said {
    contact: String,
    answers: Vec<NewAnswer>,
    at: NaiveDateTime,
}

/// What rows of a file come to.
pub fn plan(
    conn: &mut Conn,
    now: NaiveDateTime,
    actor: &str,
    design: &Design,
    rows: Vec<(usize, Row)>,
) -> store::Result<Plan> {
    let read = rows.iter().map(|(number, row)| (*number, read(row, now, design)));
    let origin = Origin {
        channel: Channel::Import,
        author: Some(actor.to_owned()),
        invitation: None,
        suspect: false,
        late: false,
    };
    look_up(conn, "contact_external_id", &origin, read)
}

/// Takes answers as the API writes them, all or none; how many.
pub fn take_json(conn: &mut Conn, now: NaiveDateTime, answers: &[Json]) -> Result<usize, Refusal> {
    let design = design::current(conn)?;
    let read = answers.iter().map(|answer| read_json(answer, now, &design)).enumerate();
    let origin = Origin {
        channel: Channel::Api,
        author: None,
        invitation: None,
        suspect: false,
        late: false,
    };
    let mut plan = look_up(conn, "contact", &origin, read)?;
    if !plan.faults.is_empty() {
        plan.faults.sort_by_key(|(number, _)| *number);
        return Err(Refusal::Faulty(plan.faults));
    }
    needs::take(conn, now, &plan.incoming)?;
    Ok(answers.len())
}

/// Finds the contacts; `key` is where their external id stood.
fn look_up(
    conn: &mut Conn,
    key: &str,
    origin: &Origin,
    read: impl Iterator<Item = (usize, Result<Said, Vec<Fault>>)>,
) -> store::Result<Plan> {
    let mut faults = Vec::new();
    let mut said = Vec::new();
    for (number, read) in read {
        match read {
            Ok(one) => said.push((number, one)),
            Err(found) => faults.extend(found.into_iter().map(|fault| (number, fault))),
        }
    }
    let external_ids: Vec<&str> = said.iter().map(|(_, one)| one.contact.as_str()).collect();
    let contacts = contacts::list_with_companies(conn, &external_ids)?;
    let mut incoming = Vec::with_capacity(said.len());
    for (number, one) in said {
        match of_company(&one.contact, contacts.get(&one.contact)) {
            Ok((contact, company)) => incoming.extend(one.answers.into_iter().map(|answer| Incoming {
                company,
                contact,
                answer,
                at: one.at,
                origin: origin.clone(),
            })),
            Err(reason) => faults.push((number, Fault::of(key, reason))),
        }
    }
    Ok(Plan { incoming, faults })
}

/// The keys of an answer of the API: all of them are needed, and no other is known.
const KEYS: [&str; 4] = ["contact", "question", "value", "at"];

fn read_json(answer: &Json, now: NaiveDateTime, design: &Design) -> Result<Said, Vec<Fault>> {
    let Some(object) = answer.as_object() else {
        return Err(vec![Fault {
            field: None,
            reason: "is not an object".into(),
        }]);
    };
    let unknown = object.keys().filter(|key| !KEYS.contains(&key.as_str()));
    let mut faults: Vec<Fault> = unknown
        .map(|key| Fault::of(key, format!("is not known; the keys are {}", KEYS.join(", "))))
        .collect();
    let mut text = |key: &str| match object.get(key) {
        Some(Json::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Some(_) => {
            faults.push(Fault::of(key, "is not a text, or empty"));
            None
        }
        None => {
            faults.push(Fault::of(key, "is missing"));
            None
        }
    };
    let (contact, question, at) = (text("contact"), text("question"), text("at"));
    let at = at.and_then(|text| {
        match clock::parse_rfc3339(&text) {
            Some(at) if at > now + AHEAD => Err("lies in the future"),
            Some(at) => Ok(at),
            None => Err("is not a time such as 2026-03-10T11:00:00Z"),
        }
        .map_err(|reason| faults.push(Fault::of("at", reason)))
        .ok()
    });
    let answers = match (
        question.as_deref().map(|code| design.version_of(code)),
        object.get("value"),
    ) {
        (Some(None), _) => {
            let code = question.as_deref().unwrap_or_default();
            faults.push(Fault::of(
                "question",
                format!("is not asked by the framework: \"{code}\""),
            ));
            None
        }
        (_, None) => {
            faults.push(Fault::of("value", "is missing"));
            None
        }
        (None, Some(_)) => None,
        (Some(Some(version)), Some(value)) => json::read(version, value)
            .map_err(|fault| faults.push(Fault::of("value", fault.to_string())))
            .ok(),
    };
    match (contact, answers, at) {
        (Some(contact), Some(answers), Some(at)) if faults.is_empty() => Ok(Said { contact, answers, at }),
        _ => Err(faults),
    }
}

fn of_company(contact: &str, found: Option<&(ContactId, Option<CompanyId>)>) -> Result<(ContactId, CompanyId), String> {
    match found {
        Some((contact, Some(company))) => Ok((*contact, *company)),
        Some((_, None)) => Err(format!(
            "is a contact without a company, for whom nothing would be scored: \"{contact}\""
        )),
        None => Err(format!("is not known here: \"{contact}\"")),
    }
}

fn read(row: &Row, now: NaiveDateTime, design: &Design) -> Result<Said, Vec<Fault>> {
    let mut fields = Reader::new(row);
    let contact = required(&mut fields, "contact_external_id", Reader::line);
    let question = required(&mut fields, "question", Reader::line);
    let version = question.as_deref().and_then(|code| design.version_of(code));
    if version.is_none() && question.is_some() {
        fields.refuse("question", "is no question of the framework");
    }
    let at = required(&mut fields, "at", Reader::time);
    if at.is_some_and(|at| at > now + AHEAD) {
        fields.refuse("at", "lies in the future");
    }
    let value = |fields: &mut Reader<'_>, name: &str| {
        fields.read(name, |cell| {
            version.map_or(Ok(Vec::new()), |version| {
                cells::read(version, cell).map_err(|fault| fault.to_string())
            })
        })
    };
    let answers = required(&mut fields, "value", value);
    match (contact, answers, at) {
        (Some(contact), Some(answers), Some(at)) => fields.end(Said { contact, answers, at }),
        // What is missing was refused by name.
        _ => fields.end(()).and(Err(Vec::new())),
    }
}

fn required<'a, T>(
    fields: &mut Reader<'a>,
    name: &str,
    read: impl FnOnce(&mut Reader<'a>, &str) -> Field<T>,
) -> Option<T> {
    match read(fields, name) {
        Field::Value(value) => Some(value),
        Field::Blank => {
            fields.refuse(name, "is empty");
            None
        }
        Field::Absent => None,
    }
}

/// Saves the answers that are not there yet: a file taken twice counts once.
pub fn carry_out(conn: &mut Conn, now: NaiveDateTime, incoming: &[Incoming]) -> store::Result<Counts> {
    let contacts: HashSet<ContactId> = incoming.iter().map(|one| one.contact).collect();
    let contacts: Vec<ContactId> = contacts.into_iter().collect();
    let mut there: HashSet<Known> = queries::list_known(conn, &contacts)?.into_iter().collect();
    let mut new = Vec::with_capacity(incoming.len());
    for one in incoming {
        let known = Known {
            contact_id: one.contact,
            question: one.answer.question.clone(),
            row_code: one.answer.row.clone().unwrap_or_default(),
            at: one.at,
            value: json::write(&one.answer.value).to_string(),
        };
        if there.insert(known) {
            new.push(one.clone());
        }
    }
    needs::take(conn, now, &new)?;
    Ok(Counts {
        created: new.len() as u64,
        updated: 0,
        unchanged: (incoming.len() - new.len()) as u64,
    })
}
