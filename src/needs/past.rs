//! Scores as of a past day: from the answers dated up to then and held today (METHOD.md section 4).

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

use super::tally::{self, Colleague};
use super::{CHUNK, calibration, deal_segment, queries, settle};
use crate::answers::{self, Stored};
use crate::design::Design;
use crate::framework::Code;
use crate::ids::{CompanyId, ContactId};
use crate::method::calibrate::Calibration;
use crate::store::{self, Conn};

/// A company that had a scored answer by then.
pub struct Past {
    pub company: CompanyId,
    pub tally: tally::CompanyTally,
    /// Each contact's own scores, by need in framework order.
    pub contacts: Vec<(ContactId, Vec<Option<f64>>)>,
}

impl Past {
    /// The survey's segment at that time, by its place in the framework, as sure as it would be by today's
    /// calibration.
    pub fn survey(&self, design: &Design, calibrations: &[Calibration]) -> Option<usize> {
        settle::assigned(design, calibrations, &self.tally, None)
    }
}

/// The segment that each company's deals spoke for at that time, as they are coded today.
pub fn deal_segments_until(
    conn: &mut Conn,
    design: &Design,
    until: NaiveDateTime,
) -> store::Result<Vec<(CompanyId, Code)>> {
    let coded = queries::list_coded_deals_until(conn, until)?;
    let by_company = coded.chunk_by(|(one, _), (other, _)| one == other);
    let segment = |of_company: &[(CompanyId, String)]| {
        let deals: Vec<&str> = of_company.iter().map(|(_, needs)| needs.as_str()).collect();
        Some((of_company[0].0, deal_segment(design, &design.profiles, &deals)?))
    };
    Ok(by_company.filter_map(segment).collect())
}

/// Reads the raw answers: the one figure that no row is kept for. Companies without a scored answer are left out.
pub fn scores_until(conn: &mut Conn, design: &Design, until: NaiveDateTime) -> store::Result<Vec<Past>> {
    let mut all = Vec::new();
    let mut after = CompanyId(0);
    while let Some(companies) = queries::next_companies(conn, after, CHUNK)? {
        let (first, last) = (companies[0], companies[companies.len() - 1]);
        let answers = answers::list_between(conn, first, last, Some(until))?;
        let weights = queries::list_role_weights_between(conn, design, first, last)?;
        let mut contacts = Vec::new();
        let mut company = first;
        for ((of, contact), tally) in tally::contacts(design, &answers) {
            if of != company {
                all.extend(finish(design, company, std::mem::take(&mut contacts)));
                company = of;
            }
            contacts.push(Colleague {
                contact,
                role_weight: weights.get(&contact).copied().unwrap_or(1.0),
                tally,
            });
        }
        all.extend(finish(design, company, contacts));
        after = last;
    }
    Ok(all)
}

fn finish(design: &Design, company: CompanyId, contacts: Vec<Colleague>) -> Option<Past> {
    let tally = tally::company(design.framework.needs.len(), &contacts)?;
    let own = |tally: &tally::ContactTally| tally.sums.iter().map(|sums| Some(sums.as_ref()?.score())).collect();
    Some(Past {
        company,
        tally,
        contacts: contacts
            .iter()
            .map(|colleague| (colleague.contact, own(&colleague.tally)))
            .collect(),
    })
}

/// How a company's scores stood at the end of a day on which somebody had answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    pub day: NaiveDate,
    /// Each score with its standard error, by need in framework order.
    pub scores: Vec<Option<(f64, f64)>>,
    pub answers: u32,
}

/// Answers that are scored for one history at most: a company with very many is shown at fewer days.
const SCORED_AT_MOST: usize = 60_000;

/// How the company's scores came to be what they are, the oldest first: at the end of at most `most` of
/// the days on which somebody answered, the first and the last among them. Between these days no
/// score moves, because time alone moves none. How sure a score was is told by today's calibration.
pub fn score_history(conn: &mut Conn, design: &Design, company: CompanyId, most: usize) -> store::Result<Vec<Moment>> {
    let answers = answers::list_between(conn, company, company, None)?;
    let weights = queries::list_role_weights_between(conn, design, company, company)?;
    let calibrations = calibration::calibrations(conn, design)?;
    let days: BTreeSet<NaiveDate> = answers.iter().map(|answer| answer.at.date()).collect();
    let most = most.min(SCORED_AT_MOST / answers.len().max(1)).max(2);
    let mut history = Vec::new();
    for day in thinned(&days.into_iter().collect::<Vec<_>>(), most) {
        let end = day
            .checked_add_days(Days::new(1))
            .map(|next| next.and_time(NaiveTime::MIN));
        let until_then = |answer: &&Stored| end.is_none_or(|end| answer.at < end);
        let known: Vec<Stored> = answers.iter().filter(until_then).cloned().collect();
        let colleague = |((_, contact), tally)| Colleague {
            contact,
            role_weight: weights.get(&contact).copied().unwrap_or(1.0),
            tally,
        };
        let colleagues: Vec<Colleague> = tally::contacts(design, &known).into_iter().map(colleague).collect();
        let Some(tally) = tally::company(design.framework.needs.len(), &colleagues) else {
            continue;
        };
        let scores = tally.scores.iter().zip(&calibrations);
        history.push(Moment {
            day,
            scores: scores
                .map(|(score, calibration)| score.map(|score| (score.value, score.se(calibration))))
                .collect(),
            answers: tally.answers,
        });
    }
    Ok(history)
}

/// At most `most` of them, evenly apart, the first and the last among them.
fn thinned(days: &[NaiveDate], most: usize) -> Vec<NaiveDate> {
    if days.len() <= most || most < 2 {
        return days.to_vec();
    }
    (0..most).map(|nth| days[nth * (days.len() - 1) / (most - 1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_history_keeps_its_ends_and_thins_out_between() {
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let days: Vec<NaiveDate> = (0..100).map(|nth| first + Days::new(nth)).collect();
        let found = thinned(&days, 7);
        assert_eq!((found.len(), found[0], found[6]), (7, days[0], days[99]));
        assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(thinned(&days[..3], 7), days[..3]);
    }
}
