//! The prospect finder: companies that their behaviour says to leave alone, but whose needs an offer
//! meets.
//!
//! What a company needs is what the evidence in effect says of it: its scores; where these do not suffice,
//! or an analyst has overruled them, the profile of the segment that an override, a sales tag or coded deals
//! put it into. `method/offer.rs` says how well the offer meets that.

mod queries;
mod rules;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Chosen, Filter};
use crate::design::Design;
use crate::framework::Code;
use crate::method::offer::Match;
use crate::method::tenure::Tenure;
use crate::method::tier::Tier;
use crate::plan::offers::rules as offers;
use crate::store::{self, Conn};

pub use rules::{AVOIDED, is_avoided_by_default};

/// What is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// The needs that the offer serves, with their weights.
    pub needs: BTreeMap<Code, f64>,
    /// The behaviours that say to leave a company alone.
    pub avoided: Vec<String>,
    /// The least match that counts, 50 to 100.
    pub least: f64,
}

/// More than these nobody calls.
pub const MOST: usize = 2_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Prospects {
    /// Greatest value first: by tier; within it those that were asked themselves before those known by
    /// their segment alone, then by match, revenue and external id.
    pub found: Vec<Prospect>,
    /// All that the offer meets, of whom the first [`MOST`] are listed.
    pub matching: u64,
    /// How many have a behaviour that says to leave them alone.
    pub avoided: u64,
    /// Of these, how many nothing is known of: neither what they answered nor a segment.
    pub unknown: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Prospect {
    pub external_id: String,
    pub name: String,
    pub tier: Tier,
    pub revenue: Option<f64>,
    pub behaviour: String,
    pub owner: Option<String>,
    pub tenure: Tenure,
    /// The code of the segment in effect, and what it rests on.
    pub segment: Option<String>,
    pub source: Option<String>,
    pub basis: Basis,
    pub meets: Match,
    /// The needs that the offer favours and what the company has on each, what speaks for the offer most first.
    pub reasons: Vec<(Code, f64)>,
}

/// What a match rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// The company's own scores.
    Scores,
    /// The profile of its segment.
    Segment,
}

/// The behaviours that companies have, each with how many have it, the most frequent first.
pub fn behaviours(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    filter: &Filter,
) -> store::Result<Vec<(String, u64)>> {
    let rows = queries::list_behaviours(conn, &Chosen::new(design, today, filter))?;
    Ok(rows
        .into_iter()
        .map(|row| (row.behaviour, row.companies.unsigned_abs()))
        .collect())
}

pub fn find(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    filter: &Filter,
    search: &Search,
) -> store::Result<Prospects> {
    let chosen = Chosen::new(design, today, filter);
    let companies = queries::list_avoided(conn, &chosen, &search.avoided)?;
    let scores = queries::list_scores(conn, &chosen, &search.avoided)?;
    let weights = offers::weights(design, &search.needs);
    Ok(rules::prospects(design, &weights, companies, &scores, search.least))
}
