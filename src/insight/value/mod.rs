//! Value against segment: where the revenue is, where the attention goes, and where it should go; who
//! would build something with us; who stays and who grows.

mod queries;
mod rules;

use chrono::{Days, Months, NaiveDate, NaiveTime};

use super::{ByTenure, Chosen, Filter};
use crate::design::Design;
use crate::framework::Code;
use crate::method::tenure::Tenure;
use crate::method::tier::Tier;
use crate::store::{self, Conn};

pub use rules::{Advice, Budget, FEW_TOUCHES, Loyalty, Spend, is_co_create, spend};

/// Tier by segment, with what each cell is worth and how much attention it gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// A, B, C, and those whose tier is unknown where there are any.
    pub tiers: Vec<Tier>,
    /// The active segments in the framework's order, then those without one.
    pub groups: Vec<Group>,
    /// By tier and group.
    pub cells: Vec<Vec<Cell>>,
    /// By group, over all tiers that have a revenue.
    pub by_group: Vec<Cell>,
    /// By tier.
    pub by_tier: Vec<Cell>,
    pub all: Cell,
    /// To companies without a revenue, which have no part in the budget.
    pub touches_elsewhere: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// `None`: without a segment.
    pub segment: Option<Code>,
    pub name: String,
    /// How much the playbook says to spend, as it is written there and as it is read.
    pub spend: String,
    pub level: Option<Spend>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cell {
    pub companies: ByTenure<u64>,
    pub revenue: f64,
    /// Of the revenue of all; `None` where there is none.
    pub share_of_revenue: Option<f64>,
    pub touches: Touches,
    /// `None` where the tier is unknown.
    pub budget: Option<Budget>,
}

/// What was done about companies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Touches {
    pub mails: u64,
    pub conversations: u64,
    pub deals: u64,
}

impl Touches {
    pub fn sum(&self) -> u64 {
        self.mails + self.conversations + self.deals
    }
}

/// Touches count from `days` days before the end of `today`.
pub fn grid(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter, days: u64) -> store::Result<Grid> {
    let chosen = Chosen::new(design, today, filter);
    let worth = queries::list_worth(conn, &chosen)?;
    let touches = queries::list_touches(conn, &chosen, first_day(today, days), today)?;
    Ok(rules::grid(design, &worth, &touches))
}

/// The first of so many days that end with `today`.
pub fn first_day(today: NaiveDate, days: u64) -> NaiveDate {
    today - Days::new(days.saturating_sub(1))
}

/// A company of great value that wishes much for a need.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub external_id: String,
    pub name: String,
    pub revenue: Option<f64>,
    pub owner: Option<String>,
    pub tenure: Tenure,
    pub segment: Option<String>,
    pub score: f64,
    pub se: f64,
}

/// A score of at least this is a wish.
pub const WISH: f64 = 60.0;
/// More candidates than these nobody invites.
pub const MOST: usize = 200;

/// The companies of tier A that score at least [`WISH`] on the need, the greatest wish first, and
/// whether there are more than are listed.
pub fn candidates(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    filter: &Filter,
    need: &str,
) -> store::Result<(Vec<Candidate>, bool)> {
    let mut rows = queries::list_candidates(conn, &Chosen::new(design, today, filter), need)?;
    let are_more = rows.len() > MOST;
    rows.truncate(MOST);
    let candidate = |row: queries::CandidateRow| Candidate {
        external_id: row.external_id,
        name: row.name,
        revenue: row.revenue,
        owner: row.owner,
        tenure: row.tenure,
        segment: row.segment,
        score: row.score,
        se: row.se,
    };
    Ok((rows.into_iter().map(candidate).collect(), are_more))
}

/// Who stays and who grows, period on period.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// The first days of the twelve months before, and of the last twelve.
    pub earlier_from: NaiveDate,
    pub later_from: NaiveDate,
    /// All companies, then the active segments in the framework's order, then those without one; those
    /// alone that bought something.
    pub groups: Vec<GrowthGroup>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct GrowthGroup {
    /// `None`: all companies.
    pub group: Option<Group>,
    pub all: Loyalty,
    pub by_tenure: ByTenure<Loyalty>,
}

/// What the same companies bought in the last twelve months and in the twelve before, by their
/// transactions.
pub fn growth(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<Growth> {
    let tomorrow = today + Days::new(1);
    let ago = |months: u32| {
        tomorrow
            .checked_sub_months(Months::new(months))
            .unwrap_or(NaiveDate::MIN)
    };
    let (earlier_from, later_from) = (ago(24), ago(12));
    let at = |day: NaiveDate| day.and_time(NaiveTime::MIN);
    let span = queries::Span {
        earlier_from: at(earlier_from),
        later_from: at(later_from),
        until: at(tomorrow),
    };
    let rows = queries::list_loyalty(conn, &Chosen::new(design, today, filter), &span)?;
    Ok(Growth {
        earlier_from,
        later_from,
        groups: rules::growth(design, &rows),
    })
}
