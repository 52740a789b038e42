//! What the dashboard tells beside its figures: how far the answers reach, what changed since the
//! reader's last visit, and what waits for somebody.

mod queries;

use chrono::{Days, NaiveDate, NaiveDateTime};

use super::{Chosen, Filter};
use crate::design::Design;
use crate::drip::queue::{self, Reason, Wanted};
use crate::drip::{destination, state};
use crate::framework::Code;
use crate::method::tier::Tier;
use crate::store::{self, Conn};
use crate::workshop::{self, coding};

pub use self::queries::Change;

/// How far the answers reach: companies, and their revenue, with enough recent answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// Every tier that has a company, the most valuable first.
    pub tiers: Vec<TierReach>,
    /// Answers since this day are recent.
    pub since: NaiveDate,
    /// So many scored answers are enough.
    pub enough: u32,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct TierReach {
    pub tier: String,
    pub companies: u64,
    pub reached: u64,
    pub revenue: f64,
    pub revenue_reached: f64,
}

impl TierReach {
    pub fn share(&self) -> Option<f64> {
        (self.companies > 0).then(|| self.reached as f64 / self.companies as f64)
    }

    pub fn revenue_share(&self) -> Option<f64> {
        (self.revenue > 0.0).then(|| self.revenue_reached / self.revenue)
    }
}

impl Reach {
    /// All tiers together.
    pub fn total(&self) -> TierReach {
        let mut total = TierReach {
            tier: "all".to_owned(),
            ..TierReach::default()
        };
        for tier in &self.tiers {
            total.companies += tier.companies;
            total.reached += tier.reached;
            total.revenue += tier.revenue;
            total.revenue_reached += tier.revenue_reached;
        }
        total
    }
}

/// Without a half-life, an answer is recent for a year.
const RECENT_DAYS: f64 = 365.0;

/// A company is reached that has enough scored answers, the newest of them within one half-life.
pub fn reach(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<Reach> {
    let settings = &design.framework.settings;
    let days = settings.half_life_days.unwrap_or(RECENT_DAYS).clamp(0.0, 36_500.0);
    let since = today.checked_sub_days(Days::new(days.ceil() as u64)).unwrap_or(today);
    let enough = settings.min_scored_answers;
    let chosen = Chosen::new(design, today, filter);
    let mut tiers = queries::list_reach(conn, &chosen, since, enough)?;
    let place = |tier: &TierReach| Tier::ALL.iter().position(|known| known.as_str() == tier.tier);
    tiers.sort_by_key(place);
    Ok(Reach { tiers, since, enough })
}

/// What changed since a moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct News {
    pub new_companies: u64,
    /// Companies whose newest scored answer was given since.
    pub answered: u64,
    /// Companies that got their first segment, changed it, lost it.
    pub gained: u64,
    pub moved: u64,
    pub lost: u64,
    /// The last changes.
    pub changes: Vec<Change>,
}

impl News {
    pub fn is_empty(&self) -> bool {
        self.new_companies + self.answered + self.gained + self.moved + self.lost == 0
    }
}

/// Changes that are named.
const NAMED: usize = 8;

pub fn news(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    filter: &Filter,
    since: NaiveDateTime,
) -> store::Result<News> {
    let chosen = Chosen::new(design, today, filter);
    let (new_companies, answered) = queries::count_arrivals(conn, &chosen, since)?;
    let turns = queries::count_turns(conn, &chosen, since)?;
    Ok(News {
        new_companies,
        answered,
        gained: turns.gained,
        moved: turns.moved,
        lost: turns.lost,
        changes: queries::list_changes(conn, &chosen, since, NAMED)?,
    })
}

/// What waits for somebody who looks after the asking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waits {
    /// Answers in own words that this colleague could code.
    pub coding: i64,
    /// Mails held back, for whatever reason.
    pub held: i64,
    pub failed: i64,
    /// Destinations that get none of a drip's mail.
    pub destinations: usize,
    pub paused: Vec<(Code, Option<String>)>,
    /// Transactions, proposals: what the team is asked.
    pub proposals: usize,
}

impl Waits {
    pub fn is_empty(&self) -> bool {
        *self == Waits::default()
    }
}

/// As a sales rep may see it: what is to be voted on.
pub fn waits_for_sales(conn: &mut Conn, by: &str) -> store::Result<Waits> {
    Ok(Waits {
        proposals: workshop::count_unvoted(conn, by)?,
        ..Waits::default()
    })
}

pub fn waits(conn: &mut Conn, now: NaiveDateTime, design: &Design, by: &str) -> store::Result<Waits> {
    let failed = Wanted {
        states: vec!["failed"],
        ..Wanted::default()
    };
    let held = queue::digest(conn, None)?;
    let held = held.iter().filter(|digest| matches!(digest.reason, Reason::Said(_)));
    Ok(Waits {
        coding: coding::count_waiting(conn, now, by, design)?,
        held: held.map(|digest| digest.count).sum(),
        failed: queue::count(conn, &failed)?,
        destinations: destination::list_held(conn)?.len(),
        paused: state::list_paused(conn, &design.framework)?,
        ..waits_for_sales(conn, by)?
    })
}
