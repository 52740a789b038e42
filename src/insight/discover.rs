//! Segments found in the data, beside those of the framework (METHOD.md section 9).

use chrono::{NaiveDate, NaiveDateTime};

use super::{Chosen, Filter, scores};
use crate::design::Design;
use crate::method::discover::{self, Candidate};
use crate::store::{self, Conn};

/// The same companies give the same segments.
const SEED: u64 = 9;

/// The companies' scores on the needs in play, ready to be divided.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// The needs in play, in the framework's order.
    pub needs: Vec<String>,
    /// Of the companies scored on every one of them.
    pub rows: Vec<Vec<f64>>,
    /// Each one's segment in effect, by its place in the framework.
    pub today: Vec<Option<usize>>,
}

/// What was found, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Discovery {
    pub needs: Vec<String>,
    /// `None` where there are too few companies to divide.
    pub suggested_k: Option<usize>,
    pub candidates: Vec<Candidate>,
    pub companies: usize,
    pub computed_at: NaiveDateTime,
    /// For each candidate: by found segment, how many of its companies are in each of today's, and last
    /// how many in none.
    pub confusions: Vec<Vec<Vec<u64>>>,
}

/// The scores at the end of `day`, as they are now where that is today.
pub fn scores(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    day: NaiveDate,
    filter: &Filter,
) -> store::Result<Scores> {
    let in_play = design.profiles.in_play();
    let needs: Vec<String> = in_play
        .iter()
        .map(|need| design.framework.needs[*need].code.clone())
        .collect();
    let (mut rows, mut today_in) = (Vec::new(), Vec::new());
    if day != today {
        for company in super::companies_as_of(conn, design, day, filter)? {
            let row: Option<Vec<f64>> = in_play.iter().map(|need| company.score(*need)).collect();
            if let Some(row) = row.filter(|row| !row.is_empty()) {
                rows.push(row);
                today_in.push(
                    company
                        .segment
                        .as_deref()
                        .and_then(|segment| design.segment_index(segment)),
                );
            }
        }
        return Ok(Scores {
            needs,
            rows,
            today: today_in,
        });
    }
    let segments = scores::segments(conn, design)?;
    scores::each(conn, design, &Chosen::new(design, today, filter), |company, figures| {
        let row: Option<Vec<f64>> = in_play.iter().map(|need| Some(figures[*need]?.score)).collect();
        if let Some(row) = row.filter(|row| !row.is_empty()) {
            rows.push(row);
            today_in.push(segments.get(&company.id).copied());
        }
    })?;
    Ok(Scores {
        needs,
        rows,
        today: today_in,
    })
}

/// Long work at many companies: seconds, and no database. `tell` hears which part of it is done.
pub fn discover(scores: Scores, computed_at: NaiveDateTime, tell: &dyn Fn(f64)) -> Discovery {
    let candidates = discover::discover_telling(&scores.rows, SEED, tell);
    Discovery {
        suggested_k: discover::suggested(&candidates).map(|candidate| candidate.k),
        companies: scores.rows.len(),
        confusions: candidates
            .iter()
            .map(|candidate| confusion(candidate, &scores))
            .collect(),
        needs: scores.needs,
        candidates,
        computed_at,
    }
}

fn confusion(candidate: &Candidate, scores: &Scores) -> Vec<Vec<u64>> {
    let columns = scores.today.iter().flatten().max().map_or(0, |most| most + 1);
    let mut table = vec![vec![0; columns + 1]; candidate.k];
    for (row, today) in scores.rows.iter().zip(&scores.today) {
        table[candidate.segment_of(row)][today.unwrap_or(columns)] += 1;
    }
    table
}
