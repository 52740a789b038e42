//! Answers from calls and other tools, as rows: each the answer of one contact to one question.

use std::collections::HashSet;

use chrono::{NaiveDateTime, TimeDelta};

use super::Counts;
use super::queries::{self, Known};
use crate::answers::{Channel, Incoming, NewAnswer, Origin, cells, json};
use crate::companies::contacts;
use crate::companies::record::{Fault, Field, Reader, Row};
use crate::design::Design;
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

pub fn plan(
    conn: &mut Conn,
    now: NaiveDateTime,
    actor: &str,
    design: &Design,
    rows: Vec<(usize, Row)>,
) -> store::Result<Plan> {
    let mut faults = Vec::new();
    let mut said = Vec::with_capacity(rows.len());
    for (number, row) in &rows {
        match read(row, now, design) {
            Ok(one) => said.push((*number, one)),
            Err(found) => faults.extend(found.into_iter().map(|fault| (*number, fault))),
        }
    }
    let external_ids: Vec<&str> = said.iter().map(|(_, one)| one.contact.as_str()).collect();
    let contacts = contacts::list_with_companies(conn, &external_ids)?;
    let mut incoming = Vec::with_capacity(said.len());
    for (number, one) in said {
        match of_company(contacts.get(&one.contact)) {
            Ok((contact, company)) => {
                let origin = Origin {
                    channel: Channel::Import,
                    author: Some(actor.to_owned()),
                    invitation: None,
                    suspect: false,
                };
                incoming.extend(one.answers.into_iter().map(|answer| Incoming {
                    company,
                    contact,
                    answer,
                    at: one.at,
                    origin: origin.clone(),
                }));
            }
            Err(reason) => faults.push((number, Fault::of("contact_external_id", reason))),
        }
    }
    Ok(Plan { incoming, faults })
}

fn of_company(found: Option<&(ContactId, Option<CompanyId>)>) -> Result<(ContactId, CompanyId), &'static str> {
    match found {
        Some((contact, Some(company))) => Ok((*contact, *company)),
        Some((_, None)) => Err("is a contact without a company, whose answers would count for nobody"),
        None => Err("is no contact here"),
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
            version.map_or(Ok(Vec::new()), |version| cells::read(version, cell))
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
