//! Segments found in the data, beside those of the framework (METHOD.md section 9).

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::{Chosen, Filter, queries};
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
}

pub fn scores(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<Scores> {
    let in_play = design.profiles.in_play();
    let needs: Vec<String> = in_play
        .iter()
        .map(|need| design.framework.needs[*need].code.clone())
        .collect();
    let places: HashMap<&str, usize> = needs.iter().enumerate().map(|(at, need)| (need.as_str(), at)).collect();
    let scores = queries::list_company_scores(conn, &Chosen::new(design, today, filter))?;
    let mut rows = Vec::new();
    for of_company in scores.chunk_by(|a, b| a.company_id == b.company_id) {
        let mut row = vec![None; needs.len()];
        for score in of_company {
            if let Some(at) = places.get(score.need.as_str()) {
                row[*at] = Some(score.score);
            }
        }
        rows.extend(
            row.into_iter()
                .collect::<Option<Vec<f64>>>()
                .filter(|row| !row.is_empty()),
        );
    }
    Ok(Scores { needs, rows })
}

/// Long work at many companies: seconds, and no database.
pub fn discover(scores: Scores, computed_at: NaiveDateTime) -> Discovery {
    let candidates = discover::discover(&scores.rows, SEED);
    Discovery {
        suggested_k: discover::suggested(&candidates).map(|candidate| candidate.k),
        companies: scores.rows.len(),
        needs: scores.needs,
        candidates,
        computed_at,
    }
}
