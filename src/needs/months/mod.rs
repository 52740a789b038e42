//! Scores at the ends of past months, kept, so that a look back does not read all answers.
//!
//! A score never moves because time passes: between two answers a company stands still. So a point for
//! each month in which it answered is its whole past by months. The points are kept in `company_months`
//! up to the last month that is over; the worker writes them when a month ends ([`keep_months`]). They
//! hang on the answers, on the roles' weights and on what of the framework makes scores (`rule`):
//! whatever changes one of these takes the company's row away, and a row of another rule or month
//! counts as none. What has no row is worked out by the reader from the answers, so that figures never
//! hang on how far the worker is.

pub mod queries;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDateTime};
use data_encoding::HEXLOWER;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::lock;
use super::tally::{self, Colleague, ContactTally};
use crate::answers::{self, Stored};
use crate::design::{self, Design};
use crate::ids::{CompanyId, ContactId};
use crate::method::month;
use crate::store::{self, Conn, Db};

/// Companies worked out in one short transaction.
const CHUNK: i64 = 100;

/// A company's past, oldest point first.
#[derive(Debug, Clone, PartialEq)]
pub struct Months {
    pub company: CompanyId,
    pub points: Vec<Point>,
}

/// How a company stood from the end of a month on.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// As [`month::number`] counts.
    pub month: i32,
    /// Its newest scored answer; `None`: it had none, or had taken back what it had said.
    pub answered_at: Option<NaiveDateTime>,
    /// By need, in framework order.
    pub scores: Vec<Option<f64>>,
}

/// Too many companies have to be worked out anew for a reader to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unready {
    pub due: u64,
    pub companies: u64,
}

/// Every company's past up to the end of the month `until`, in the order of their ids. Where more than
/// `most` companies have no row, it is left to the worker.
pub fn list_months(
    conn: &mut Conn,
    design: &Design,
    until: i32,
    most: u64,
) -> store::Result<Result<Vec<Months>, Unready>> {
    let rule = rule(design);
    let due = queries::count_due_months(conn, &rule, until)?;
    if due > most {
        let companies = queries::count_companies(conn)?;
        return Ok(Err(Unready { due, companies }));
    }
    let mut all: Vec<Months> = queries::list_months(conn, &rule, until)?
        .into_iter()
        .map(|(company, points)| {
            let points = read(&points)?;
            Ok(Months { company, points })
        })
        .collect::<store::Result<_>>()?;
    let mut after = CompanyId(0);
    loop {
        let companies = queries::next_due_months(conn, &rule, until, after, super::CHUNK)?;
        let Some(last) = companies.last() else { break };
        after = *last;
        all.extend(work_out(conn, design, &companies, until)?);
    }
    all.sort_by_key(|months| months.company);
    Ok(Ok(all))
}

/// Works out what is missing up to the last month that is over, a few companies at a time while
/// answers come in, until it `is_stopped`; how many companies.
pub fn keep_months(db: &Db, now: NaiveDateTime, is_stopped: impl Fn() -> bool) -> store::Result<usize> {
    let until = month::number(now.date()) - 1;
    let mut after = CompanyId(0);
    let mut kept = 0;
    while !is_stopped() {
        let due = db.read_now(move |conn| {
            let design = design::current(conn)?;
            queries::next_due_months(conn, &rule(&design), until, after, CHUNK)
        })?;
        let Some(last) = due.last() else { break };
        after = *last;
        kept += due.len();
        db.write_now(move |conn| keep(conn, &due, until))?;
    }
    Ok(kept)
}

fn keep(conn: &mut Conn, companies: &[CompanyId], until: i32) -> store::Result<()> {
    lock(conn, companies)?;
    let design = design::current(conn)?;
    let rule = rule(&design);
    let rows: Vec<_> = work_out(conn, &design, companies, until)?
        .into_iter()
        .map(|months| (months.company, write(&months.points)))
        .collect();
    queries::replace_months(conn, companies, &rule, until, &rows)
}

/// Takes away what is kept of these companies' past, because answers of theirs came, went or moved.
pub fn forget_months(conn: &mut Conn, companies: &[CompanyId]) -> store::Result<()> {
    queries::delete_months(conn, companies)
}

fn work_out(conn: &mut Conn, design: &Design, companies: &[CompanyId], until: i32) -> store::Result<Vec<Months>> {
    let answers = answers::list_of_companies(conn, companies)?;
    let weights = tally::queries::list_role_weights_of(conn, design, companies)?;
    let mut points: HashMap<i64, Vec<Point>> = answers
        .chunk_by(|a, b| a.company_id == b.company_id)
        .map(|of_company| (of_company[0].company_id, past(design, of_company, &weights, until)))
        .collect();
    let months = |company: &CompanyId| Months {
        company: *company,
        points: points.remove(&company.0).unwrap_or_default(),
    };
    Ok(companies.iter().map(months).collect())
}

/// One company's points, from its answers in [`tally::key`] order.
fn past(design: &Design, answers: &[Stored], weights: &HashMap<ContactId, f64>, until: i32) -> Vec<Point> {
    let month_of = |answer: &Stored| month::number(answer.at.date());
    let months: BTreeSet<i32> = answers.iter().map(month_of).filter(|month| *month <= until).collect();
    let by_contact: Vec<&[Stored]> = answers.chunk_by(|a, b| a.contact_id == b.contact_id).collect();
    let mut tallies: Vec<Option<ContactTally>> = vec![None; by_contact.len()];
    let mut points: Vec<Point> = Vec::new();
    for month in months {
        for (of_one, tally) in by_contact.iter().zip(&mut tallies) {
            // Who said nothing in this month stands as before.
            if of_one.iter().any(|answer| month_of(answer) == month) {
                let then = of_one.iter().filter(|answer| month_of(answer) <= month);
                *tally = tally::contact(design, &then.cloned().collect::<Vec<_>>());
            }
        }
        let colleagues = by_contact.iter().zip(&tallies).filter_map(|(of_one, tally)| {
            let contact = ContactId(of_one[0].contact_id);
            Some(Colleague {
                contact,
                role_weight: weights.get(&contact).copied().unwrap_or(1.0),
                tally: tally.clone()?,
            })
        });
        let needs = design.framework.needs.len();
        let company = tally::company(needs, &colleagues.collect::<Vec<_>>());
        let point = Point {
            month,
            answered_at: company.as_ref().map(|company| company.answered_at),
            scores: company.map_or_else(
                || vec![None; needs],
                |company| company.scores.iter().map(|score| Some(score.as_ref()?.value)).collect(),
            ),
        };
        let stands_still = points
            .last()
            .is_some_and(|last| (last.answered_at, &last.scores) == (point.answered_at, &point.scores));
        if !stands_still {
            points.push(point);
        }
    }
    points
}

/// What of the framework a score hangs on, beside the versions of its questions, whose meaning stays.
fn rule(design: &Design) -> String {
    let framework = &design.framework;
    let needs: Vec<&str> = framework.needs.iter().map(|need| need.code.as_str()).collect();
    let roles: Vec<_> = framework.roles.iter().map(|role| (&role.code, role.weight)).collect();
    let text = json!([needs, roles, framework.settings.half_life_days]).to_string();
    HEXLOWER.encode(&Sha256::digest(text.as_bytes())[..8])
}

fn write(points: &[Point]) -> String {
    let point = |point: &Point| {
        let answered_at = point.answered_at.map(|at| at.and_utc().timestamp_micros());
        json!([point.month, answered_at, point.scores])
    };
    json!(points.iter().map(point).collect::<Vec<_>>()).to_string()
}

fn read(points: &str) -> store::Result<Vec<Point>> {
    type Written = Vec<(i32, Option<i64>, Vec<Option<f64>>)>;
    let written: Written =
        serde_json::from_str(points).map_err(|error| store::Error::DeserializationError(Box::new(error)))?;
    let point = |(month, answered_at, scores): (i32, Option<i64>, Vec<Option<f64>>)| Point {
        month,
        answered_at: answered_at.and_then(|at| Some(DateTime::from_timestamp_micros(at)?.naive_utc())),
        scores,
    };
    Ok(written.into_iter().map(point).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_read_back_as_they_were_written() {
        let points = vec![
            Point {
                month: 24_310,
                answered_at: Some("2025-11-30T23:59:59.999999".parse().unwrap()),
                scores: vec![Some(100.0 / 3.0), None, Some(0.0)],
            },
            Point {
                month: 24_311,
                answered_at: None,
                scores: vec![None; 3],
            },
        ];
        let back = read(&write(&points)).unwrap();
        assert_eq!((back.len(), &back[1]), (2, &points[1]));
        assert_eq!(back[0].answered_at, points[0].answered_at);
        assert!((back[0].scores[0].unwrap() - 100.0 / 3.0).abs() < 1e-12);
    }
}
