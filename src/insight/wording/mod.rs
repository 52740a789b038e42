//! What contacts said, question by question, new customers beside long-standing ones; and how well
//! needs are met already.
//!
//! No sums are kept of it: an answer would have to change them while its respondent waits. One pass
//! reads everybody's newest answers, a chunk of companies at a time, and shells keep what it found
//! ([`figures`] says how long that may take). A group that is too small is not told, and neither is one
//! that could be had from what other filters tell ([`cuts`](super::cuts)).

mod count;
mod queries;
mod rules;

use std::collections::HashSet;

use chrono::NaiveDate;

use self::count::{Count, Standing as Counted};
use super::crowd::Crowd;
use super::cuts::Cuts;
use super::past;
use super::queries as companies;
use super::{ByTenure, Chosen, Filter};
use crate::design::Design;
use crate::framework::Code;
use crate::method::compare::Sample;
use crate::method::tenure::Tenure;
use crate::store::{self, Conn};

pub use rules::Standing;

/// Companies whose answers are read at once: bounds the memory of the pass.
const CHUNK: usize = 500;

#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The question sets in the framework's order, without those that nobody is asked a closed question by.
    pub sets: Vec<SetFigures>,
    /// The needs of which the framework asks how well they are met, in its order.
    pub met: Vec<MetFigure>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SetFigures {
    pub code: Code,
    pub title: String,
    pub items: Vec<ItemFigures>,
}

/// What was said to a question, or to one row of a matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemFigures {
    pub question: Code,
    pub row: Option<Code>,
    pub text: String,
    /// The row's own words.
    pub row_text: Option<String>,
    /// Who answered it, those who can't say too.
    pub crowds: ByTenure<Crowd>,
    pub said: Said,
}

/// By tenure; `None` where nothing may be told, or nobody answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// The share of the contacts, or of the points they gave.
    Shares(Vec<OptionShare>),
    /// Over the contacts who gave a number.
    Means {
        min: i32,
        max: i32,
        means: ByTenure<Option<f64>>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct OptionShare {
    /// `None`: "I can't say".
    pub code: Option<Code>,
    pub text: String,
    pub shares: ByTenure<Option<f64>>,
}

/// How important a need is held to be, and how well met: 0 to 100, each company counted once.
#[derive(Debug, Clone, PartialEq)]
pub struct MetFigure {
    pub need: Code,
    pub name: String,
    /// The questions that ask for it: importance, then satisfaction.
    pub questions: (String, String),
    /// `None` where too few answered both.
    pub groups: ByTenure<Option<Met>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Met {
    pub importance: Sample,
    pub satisfaction: Sample,
    /// Importance less satisfaction, of each company that said both.
    pub gap: Sample,
    pub standing: Standing,
}

/// Reads everybody's newest answers: over 100,000 companies some seconds. `day`: as at the end of a past day.
pub fn figures(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    day: Option<NaiveDate>,
    filter: &Filter,
) -> store::Result<Figures> {
    let mut count = Count::new(design);
    let versions = count.versions();
    let on = day.unwrap_or(today);
    let cuts = Cuts::read(conn, design, on, day.is_some(), filter)?;
    if versions.is_empty() {
        return Ok(count.finish(design, &cuts));
    }
    let all = companies::list_companies(conn, &Chosen::new(design, on, &Filter::default()))?;
    let inside = inside(conn, design, today, day, filter)?;
    let until = day.map(past::end_of);
    for chunk in all.chunks(CHUNK) {
        let range = (chunk[0].id, chunk[chunk.len() - 1].id);
        let answers = queries::list_answers(conn, range, &versions, until)?;
        let mut rows = chunk.iter();
        for of_company in answers.chunk_by(|a, b| a.company_id == b.company_id) {
            let id = of_company[0].company_id;
            // Both stand in the order of their ids.
            let Some(company) = rows.by_ref().find(|row| row.id == id) else {
                continue;
            };
            let standing = Counted {
                tenure: company.tenure,
                is_inside: inside.as_ref().is_none_or(|inside| inside.contains(&id)),
                place: cuts.place(id),
            };
            count.add(&standing, of_company);
        }
    }
    Ok(count.finish(design, &cuts))
}

/// The companies that pass the filter; `None`: all.
fn inside(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    day: Option<NaiveDate>,
    filter: &Filter,
) -> store::Result<Option<HashSet<i64>>> {
    if filter.is_everyone() {
        return Ok(None);
    }
    let ids = match day {
        Some(day) => past::companies(conn, design, day, filter)?
            .iter()
            .map(past::Company::id)
            .collect(),
        None => companies::list_companies(conn, &Chosen::new(design, today, filter))?
            .iter()
            .map(|row| row.id)
            .collect(),
    };
    Ok(Some(ids))
}

/// Tenures as places of a list.
fn place(tenure: Tenure) -> usize {
    match tenure {
        Tenure::New => 0,
        Tenure::LongStanding => 1,
        Tenure::Unknown => 2,
    }
}
