//! How often companies use what, as it was imported: `external_id,feature,count,at`.
//!
//! A feature is whatever somebody counts: a function of a product, a page, the topic of a webinar. A row
//! for the same company, feature and time replaces the one before. What the rows say is kept as
//! attributes of the company, worked out and nobody's to import, so that filters, audiences and figures
//! know them as they know any other.

mod queries;
pub mod rules;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use self::queries::Row;
use self::rules::UsageRecord;
use crate::clock;
use crate::companies::plan::Counts;
use crate::companies::record::Fault;
use crate::companies::{self, USAGE_UNTIL};
use crate::ids::CompanyId;
use crate::method::usage::{self as method, PERIOD_DAYS, Periods, Summary, Use};
use crate::store::{self, Conn, Turn, lock_companies, marks};

/// Each feature is an attribute: more of them nobody could choose from.
/// Our own export must go back through the upload of a page, which takes 100 columns.
pub const MOST_FEATURES: usize = 60;

/// The periods that a company's page looks back.
const LOOK_BACK: i64 = 12;

/// What rows of usage come to.
pub struct Plan {
    rows: Vec<Row>,
    features: BTreeSet<String>,
    /// Each with the number of its record.
    pub faults: Vec<(usize, Fault)>,
}

/// What carrying out a plan led to.
pub struct Outcome {
    pub counts: Counts,
    pub companies: Vec<CompanyId>,
}

/// Whoever imports usage waits here for whoever does, and for whoever goes through all companies: before
/// any company is held.
pub fn take_turn(conn: &mut Conn) -> store::Result<()> {
    store::take_turn(conn, Turn::Behaviours)
}

/// The end of the last day of which anybody's usage is known; none: there is none.
pub fn known_until(conn: &mut Conn) -> store::Result<Option<NaiveDateTime>> {
    let noted = marks::find(conn, USAGE_UNTIL)?;
    Ok(noted.and_then(|at| clock::parse_rfc3339(&at)))
}

/// Works out what these records, each with its number, would change. No key may stand twice.
pub fn plan(conn: &mut Conn, records: Vec<(usize, UsageRecord)>) -> store::Result<Plan> {
    let names: Vec<&str> = records.iter().map(|(_, record)| record.external_id.as_str()).collect();
    let ids = companies::list_ids(conn, &names)?;
    // One that is merged away meanwhile would take its rows with it.
    let named: BTreeSet<CompanyId> = ids.values().map(|(id, _)| *id).collect();
    let there: BTreeSet<CompanyId> = lock_companies(conn, &Vec::from_iter(named))?.into_iter().collect();
    // By their lower case: `Alarms` and `alarms` are one, and the first spelling stands.
    let known = queries::list_features(conn)?.into_iter();
    let mut known: HashMap<String, String> = known.map(|feature| (feature.to_lowercase(), feature)).collect();
    let mut plan = Plan {
        rows: Vec::with_capacity(records.len()),
        features: BTreeSet::new(),
        faults: Vec::new(),
    };
    for (number, record) in records {
        let found = ids.get(&record.external_id).copied();
        let Some((company, is_alias)) = found.filter(|(company, _)| there.contains(company)) else {
            let reason = format!("names {}, which is no company here", record.external_id);
            plan.faults.push((number, Fault::of("external_id", reason)));
            continue;
        };
        let key = record.feature.to_lowercase();
        if !known.contains_key(&key) {
            if known.len() >= MOST_FEATURES {
                let reason = format!("is one too many: there can be {MOST_FEATURES} features in all");
                plan.faults.push((number, Fault::of("feature", reason)));
                continue;
            }
            known.insert(key.clone(), record.feature.clone());
            plan.features.insert(record.feature.clone());
        }
        plan.rows.push(Row {
            company_id: company,
            feature: known.get(&key).cloned().unwrap_or(record.feature),
            at: record.at,
            given_as: if is_alias { record.external_id } else { String::new() },
            uses: record.count,
        });
    }
    Ok(plan)
}

/// Keeps what a plan without faults says.
pub fn carry_out(conn: &mut Conn, now: NaiveDateTime, plan: Plan) -> store::Result<Outcome> {
    let (there, same) = queries::list_there(conn, &plan.rows)?;
    let number = |at: usize| at as i64 + 1;
    let to_write: Vec<&Row> = (plan.rows.iter().enumerate())
        .filter(|(at, _)| !same.contains(&number(*at)))
        .map(|(_, row)| row)
        .collect();
    queries::insert_features(conn, &plan.features)?;
    queries::replace(conn, &to_write)?;
    // Days, not moments: a feed that tells of each use would have all companies gone through for each.
    let newest = plan.rows.iter().map(|row| end_of_day(row.at)).max();
    if let Some(newest) = newest
        && known_until(conn)?.is_none_or(|until| until < newest)
    {
        marks::set(conn, now, USAGE_UNTIL, &clock::rfc3339(newest))?;
    }
    Ok(Outcome {
        counts: Counts {
            created: (plan.rows.len() - there.len()) as u64,
            updated: (there.len() - same.len()) as u64,
            unchanged: same.len() as u64,
        },
        companies: to_write.iter().map(|row| row.company_id).collect(),
    })
}

fn end_of_day(at: NaiveDateTime) -> NaiveDateTime {
    at.date().succ_opt().map_or(at, |day| day.and_time(NaiveTime::MIN))
}

/// Puts what the usage of these companies says in place of the attributes that said so before.
pub fn renew(conn: &mut Conn, companies: &[CompanyId], until: Option<NaiveDateTime>) -> store::Result<()> {
    let Some(until) = until else { return Ok(()) };
    let periods = Periods::up_to(until);
    let mut uses: HashMap<CompanyId, Vec<Use>> = HashMap::new();
    for (company, one) in queries::list_uses(conn, companies, periods)? {
        uses.entry(company).or_default().push(one);
    }
    let mut before: HashMap<CompanyId, BTreeMap<String, String>> = HashMap::new();
    for (company, name, value) in queries::list_attributes(conn, companies)? {
        before.entry(company).or_default().insert(name, value);
    }
    let mut changed = Vec::new();
    let mut rows = Vec::new();
    for company in companies {
        let uses = uses.remove(company).unwrap_or_default();
        let after: BTreeMap<String, String> = method::attributes(&uses, periods).into_iter().collect();
        if before.remove(company).unwrap_or_default() != after {
            changed.push(*company);
            rows.extend(after.into_iter().map(|(name, value)| (*company, name, value)));
        }
    }
    queries::replace_attributes(conn, &changed, &rows)
}

/// What a company's page shows of its usage.
#[derive(Debug, Clone, PartialEq)]
pub struct OfCompany {
    pub periods: Periods,
    pub summary: Summary,
    /// The most used feature first.
    pub uses: Vec<Use>,
    /// Uses in each of the last periods, by their last days, the oldest first.
    pub history: Vec<(NaiveDate, i64)>,
}

/// None: it never used anything.
pub fn of_company(conn: &mut Conn, company: CompanyId) -> store::Result<Option<OfCompany>> {
    let Some(until) = known_until(conn)? else {
        return Ok(None);
    };
    let periods = Periods::up_to(until);
    let uses = queries::list_uses(conn, &[company], periods)?;
    let mut uses: Vec<Use> = uses.into_iter().map(|(_, one)| one).collect();
    uses.sort_by(|a, b| {
        (b.now, b.before, b.last)
            .cmp(&(a.now, a.before, a.last))
            .then_with(|| a.feature.cmp(&b.feature))
    });
    let Some(summary) = method::summary(&uses, periods) else {
        return Ok(None);
    };
    let length = TimeDelta::days(PERIOD_DAYS);
    let begin = until - length * LOOK_BACK as i32;
    let mut history: Vec<(NaiveDate, i64)> = (0..LOOK_BACK as i32)
        .map(|nth| (last_day(begin + length * (nth + 1)), 0))
        .collect();
    for (at, uses) in queries::list_since(conn, company, begin)? {
        // A period holds what is later than its begin, and its end.
        let nth = ((at - begin - TimeDelta::microseconds(1)).num_days() / PERIOD_DAYS).max(0) as usize;
        if let Some((_, count)) = history.get_mut(nth) {
            *count = count.saturating_add(uses);
        }
    }
    Ok(Some(OfCompany {
        periods,
        summary,
        uses,
        history,
    }))
}

impl OfCompany {
    /// The last day of which anybody's usage is known.
    pub fn last_day(&self) -> NaiveDate {
        last_day(self.periods.until)
    }
}

/// The day that ends then.
fn last_day(until: NaiveDateTime) -> NaiveDate {
    (until - TimeDelta::microseconds(1)).date()
}

/// Moves the usage of a company that is merged to the other one: its rows are from now on those given
/// under its external id, which is another id of that company.
pub fn merge(conn: &mut Conn, from: CompanyId, external_id: &str, into: CompanyId) -> store::Result<()> {
    queries::rename(conn, from, "", external_id)?;
    queries::delete_twins(conn, from, into)?;
    queries::move_all(conn, from, into, None)
}

/// Takes it back: what came under its own external id or one of its other ones is its again.
pub fn unmerge(
    conn: &mut Conn,
    into: CompanyId,
    again: CompanyId,
    external_id: &str,
    others: &[String],
) -> store::Result<()> {
    let mut names = others.to_vec();
    names.push(external_id.to_owned());
    queries::move_all(conn, into, again, Some(&names))?;
    queries::rename(conn, again, external_id, "")
}
