//! How companies behave: what they bought, told by rules that an admin sets, and what they use.
//!
//! Behaviour is the rear-view mirror beside the needs, and has no part in them. A company's behaviour is
//! imported (`companies.behaviour_given`), or told by the first rule that takes it (`behaviour_found`);
//! which of the two is in effect (`behaviour`, which filters, audiences and figures go by) the rules say
//! themselves. [`recount`] follows at once whatever comes in for some companies; all of them are gone
//! through anew, some at a time, after new rules, when a day has begun and when usage reaches further
//! ([`keep_up`]). [`usage`] keeps how often what is used.

mod queries;
pub mod usage;
pub mod words;

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime};

use self::queries::{CompanyRow, RunRow};
use crate::audit;
use crate::ids::CompanyId;
use crate::method::behaviour::{self as method, First, Rules, Tally};
use crate::method::purchases::{Measure, Past, Purchase, first_day};
use crate::store::{self, Conn, Db, Turn, lock_companies, take_turn};

/// Companies gone through in one short transaction.
const CHUNK: i64 = 1_000;
/// So many companies are gone through while somebody waits.
const FEW: i64 = 2_000;
/// Former rules that a page lists.
const VERSIONS: i64 = 20;

/// The rules in force, and since which change; 0: none were ever set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InForce {
    pub id: i64,
    pub rules: Rules,
}

/// One change of the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub id: i64,
    pub at: NaiveDateTime,
    pub by: String,
    /// In words, one a line.
    pub changes: String,
}

/// How far all companies have been gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub companies: i64,
    pub done: i64,
    /// Those that have another behaviour now.
    pub changed: i64,
    pub began_at: NaiveDateTime,
    /// None: it is under way.
    pub ended_at: Option<NaiveDateTime>,
}

/// Why rules are not put in force.
#[derive(Debug)]
pub enum Refusal {
    /// Each with its place.
    Faulty(Vec<(String, String)>),
    /// Somebody changed them since; those in force now.
    Overtaken(InForce),
    Store(store::Error),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Refusal {
        Refusal::Store(error)
    }
}

/// The rules in force.
pub fn current(conn: &mut Conn) -> store::Result<InForce> {
    queries::find_newest(conn)
}

/// Those of an earlier change.
pub fn find_version(conn: &mut Conn, id: i64) -> store::Result<Option<Rules>> {
    queries::find_rules(conn, id)
}

/// The changes, newest first.
pub fn list_versions(conn: &mut Conn) -> store::Result<Vec<Version>> {
    queries::list_versions(conn, VERSIONS)
}

/// How many companies have a behaviour, and of how many it was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// None: these have none.
    pub behaviour: Option<String>,
    pub companies: i64,
    pub imported: i64,
}

/// The behaviours in effect, that of most companies first.
pub fn list_counts(conn: &mut Conn) -> store::Result<Vec<Count>> {
    let counts = queries::list_counts(conn)?.into_iter();
    let count = |(behaviour, companies, imported)| Count {
        behaviour,
        companies,
        imported,
    };
    let mut counts: Vec<Count> = counts.map(count).collect();
    counts.sort_by_key(|count| (count.behaviour.is_none(), -count.companies, count.behaviour.clone()));
    Ok(counts)
}

/// How far the last going through all companies has come.
pub fn progress(conn: &mut Conn) -> store::Result<Option<Progress>> {
    Ok(queries::find_last_run(conn)?.as_ref().map(progress_of))
}

/// What rules would come to today, company by company; nothing is kept.
pub fn preview(conn: &mut Conn, today: NaiveDate, rules: &Rules) -> store::Result<Tally> {
    let mut tally = Tally {
        taken: vec![0; rules.rules.len()],
        twice: vec![0; rules.rules.len()],
        ..Tally::default()
    };
    let mut after = CompanyId(0);
    loop {
        let rows = queries::next_companies(conn, after, CHUNK)?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        let is_given: Vec<bool> = rows.iter().map(|row| row.behaviour_given.is_some()).collect();
        let pasts = pasts(conn, today, rules.months(), &rows)?;
        for (past, is_given) in pasts.iter().zip(is_given) {
            tally.add(rules, past, is_given, today);
        }
    }
    Ok(tally)
}

/// Puts rules in force, and begins to go through all companies; `seen` is the change that the rules were
/// made from. What changed, in words; nothing: nothing is done.
pub fn apply(conn: &mut Conn, now: NaiveDateTime, by: &str, seen: i64, rules: &Rules) -> Result<Vec<String>, Refusal> {
    take_turn(conn, Turn::Behaviours)?;
    let faults = method::faults(rules);
    if !faults.is_empty() {
        return Err(Refusal::Faulty(faults));
    }
    let before = current(conn)?;
    if before.id != seen {
        return Err(Refusal::Overtaken(before));
    }
    let changes = words::changes(&before.rules, rules);
    if changes.is_empty() {
        return Ok(changes);
    }
    queries::insert_rules(conn, now, by, rules, &changes.join("\n"))?;
    begin(conn, now)?;
    audit::note(conn, now, by, "behaviour.rules", "", &changes.join("; "))?;
    Ok(changes)
}

/// Goes on with all companies where there are few of them; how many are left for [`keep_up`].
pub fn hurry(conn: &mut Conn, now: NaiveDateTime) -> store::Result<i64> {
    take_turn(conn, Turn::Behaviours)?;
    if queries::find_open_run(conn)?.is_none() {
        begin_where_due(conn, now)?;
    }
    let Some(run) = queries::find_open_run(conn)? else {
        return Ok(0);
    };
    if run.companies > FEW {
        return Ok(run.companies - run.done);
    }
    while advance(conn, now)?.is_some_and(|progress| progress.ended_at.is_none()) {}
    Ok(0)
}

/// Goes on with the next companies; `None`: all have been gone through.
pub fn advance(conn: &mut Conn, now: NaiveDateTime) -> store::Result<Option<Progress>> {
    take_turn(conn, Turn::Behaviours)?;
    let Some(mut run) = queries::find_open_run(conn)? else {
        return Ok(None);
    };
    let ids = queries::next_ids(conn, CompanyId(run.after_id), CHUNK)?;
    match ids.last() {
        None => run.ended_at = Some(now),
        Some(last) => {
            let held = lock_companies(conn, &ids)?;
            if let Some(rules) = run.rules_id {
                let rules = queries::find_rules(conn, rules)?.unwrap_or_default();
                run.changed += settle(conn, run.on_day, &rules, &held)?;
            }
            usage::renew(conn, &held, run.usage_until)?;
            run.done += ids.len() as i64;
            run.after_id = last.0;
        }
    }
    queries::update_run(conn, &run)?;
    Ok(Some(progress_of(&run)))
}

/// Goes through all companies where that is due, until it `is_stopped`; how many changed.
pub fn keep_up(db: &Db, now: NaiveDateTime, is_stopped: impl Fn() -> bool) -> store::Result<i64> {
    let mut is_begun = db.read_now(queries::find_open_run)?.is_some();
    if db.read_now(move |conn| is_due(conn, now.date()))? {
        db.write_now(move |conn| begin_where_due(conn, now))?;
        is_begun = true;
    }
    let mut changed = 0;
    while is_begun && !is_stopped() {
        match db.write_now(move |conn| advance(conn, now))? {
            Some(progress) if progress.ended_at.is_none() => changed = progress.changed,
            _ => break,
        }
    }
    Ok(changed)
}

/// Works the behaviour of these companies out anew, and what is told of their usage.
pub fn recount(conn: &mut Conn, now: NaiveDateTime, companies: &[CompanyId]) -> store::Result<()> {
    let mut companies = companies.to_vec();
    companies.sort_unstable();
    companies.dedup();
    for chunk in companies.chunks(CHUNK as usize) {
        // Held first: what others put in force while we waited is what counts.
        let held = lock_companies(conn, chunk)?;
        let (in_force, until) = (current(conn)?, usage::known_until(conn)?);
        if in_force.id > 0 {
            settle(conn, now.date(), &in_force.rules, &held)?;
        }
        usage::renew(conn, &held, until)?;
    }
    Ok(())
}

/// How a company behaves, and on what that rests.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    pub in_effect: Option<String>,
    pub given: Option<String>,
    pub found: Option<String>,
    pub first: First,
    /// Of the rule that takes it: each condition with the company's own figure.
    pub why: Vec<String>,
    pub rhythm: Rhythm,
}

impl Standing {
    /// What is in effect was imported, whatever the rules say.
    pub fn is_imported(&self) -> bool {
        self.in_effect.is_some()
            && self.in_effect == self.given
            && !(self.first == First::Rules && self.found.is_some())
    }
}

/// Recency, frequency and amount, over a year and the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rhythm {
    pub days_since_last: Option<i64>,
    pub purchases: i64,
    pub purchases_before: i64,
    pub amount: f64,
    pub amount_before: f64,
}

const YEAR: u32 = 12;

/// Of one company.
pub fn standing(conn: &mut Conn, today: NaiveDate, company: CompanyId) -> store::Result<Standing> {
    let Some(row) = queries::list_companies(conn, &[company])?.pop() else {
        return Ok(Standing::default());
    };
    let in_force = current(conn)?;
    let (in_effect, given, found) = (
        row.behaviour.clone(),
        row.behaviour_given.clone(),
        row.behaviour_found.clone(),
    );
    let months = in_force.rules.months().max(YEAR * 2);
    let past = pasts(conn, today, months, &[row])?.pop().unwrap_or_default();
    let rule = in_force.rules.decide(&past, today).map(|at| &in_force.rules.rules[at]);
    let rule = rule.filter(|rule| Some(&rule.name) == found.as_ref());
    let why = rule.map(|rule| rule.conditions.iter().map(|one| words::with_figure(one, &past, today)));
    Ok(Standing {
        why: why.map(Iterator::collect).unwrap_or_default(),
        rhythm: rhythm(&past, today),
        first: in_force.rules.first,
        in_effect,
        given,
        found,
    })
}

fn rhythm(past: &Past, today: NaiveDate) -> Rhythm {
    let value = |measure, months| past.figure(measure, Some(months), today).unwrap_or(0.0);
    let (purchases, amount) = (value(Measure::Purchases, YEAR), value(Measure::Amount, YEAR));
    Rhythm {
        days_since_last: past.last.map(|last| (today - last).num_days().max(0)),
        purchases: purchases as i64,
        purchases_before: (value(Measure::Purchases, YEAR * 2) - purchases) as i64,
        amount,
        amount_before: value(Measure::Amount, YEAR * 2) - amount,
    }
}

/// Finds and keeps the behaviour of these companies, which the caller holds; how many have another one in
/// effect now.
fn settle(conn: &mut Conn, today: NaiveDate, rules: &Rules, companies: &[CompanyId]) -> store::Result<i64> {
    let rows = queries::list_companies(conn, companies)?;
    let pasts = pasts(conn, today, rules.months(), &rows)?;
    let mut moved: BTreeMap<(Option<&str>, Option<&str>), Vec<CompanyId>> = BTreeMap::new();
    let mut changed = 0;
    for (row, past) in rows.iter().zip(&pasts) {
        let found = rules.decide(past, today).map(|at| rules.rules[at].name.as_str());
        let in_effect = rules.in_effect(row.behaviour_given.as_deref(), found);
        let is_other = in_effect != row.behaviour.as_deref();
        if is_other || found != row.behaviour_found.as_deref() {
            moved.entry((found, in_effect)).or_default().push(row.id);
            changed += i64::from(is_other);
        }
    }
    for ((found, in_effect), ids) in moved {
        queries::set_behaviour(conn, &ids, found, in_effect)?;
    }
    Ok(changed)
}

/// What these companies did up to a day, as far back as so many months.
fn pasts(conn: &mut Conn, today: NaiveDate, months: u32, rows: &[CompanyRow]) -> store::Result<Vec<Past>> {
    let ids: Vec<CompanyId> = rows.iter().map(|row| row.id).collect();
    let end = today.succ_opt().unwrap_or(today).and_time(chrono::NaiveTime::MIN);
    let mut totals: HashMap<CompanyId, queries::Total> = queries::list_totals(conn, &ids, end)?
        .into_iter()
        .map(|total| (total.company_id, total))
        .collect();
    let mut recent: HashMap<CompanyId, Vec<Purchase>> = HashMap::new();
    if months > 0 {
        let begin = first_day(today, months).and_time(chrono::NaiveTime::MIN);
        for (company, at, amount) in queries::list_purchases(conn, &ids, begin, end)? {
            let purchase = Purchase { on: at.date(), amount };
            recent.entry(company).or_default().push(purchase);
        }
    }
    let past = |row: &CompanyRow| {
        let total = totals.remove(&row.id);
        Past {
            customer_since: row.customer_since,
            annual_revenue: row.annual_revenue,
            last: total.as_ref().and_then(|total| Some(total.last?.date())),
            purchases: total.as_ref().map_or(0, |total| total.purchases),
            amount: total.and_then(|total| total.amount).unwrap_or(0.0),
            recent: recent.remove(&row.id).unwrap_or_default(),
        }
    };
    Ok(rows.iter().map(past).collect())
}

/// Whether all companies are to be gone through, and nobody has begun to for this day, these rules and
/// this usage. Without rules and usage there is nothing to tell.
fn is_due(conn: &mut Conn, today: NaiveDate) -> store::Result<bool> {
    let (in_force, until) = (current(conn)?, usage::known_until(conn)?);
    if in_force.id == 0 && until.is_none() {
        return Ok(false);
    }
    let last = queries::find_last_run(conn)?;
    Ok(last.is_none_or(|run| {
        let rules = run.rules_id.unwrap_or(0);
        (run.on_day, rules, run.usage_until) != (today, in_force.id, until)
    }))
}

/// As [`begin`], unless somebody has begun meanwhile.
fn begin_where_due(conn: &mut Conn, now: NaiveDateTime) -> store::Result<()> {
    take_turn(conn, Turn::Behaviours)?;
    match is_due(conn, now.date())? {
        true => begin(conn, now),
        false => Ok(()),
    }
}

/// From the first company on; one that was under way ends. It is the caller's turn.
fn begin(conn: &mut Conn, now: NaiveDateTime) -> store::Result<()> {
    let in_force = current(conn)?;
    let new = queries::NewRun {
        rules_id: (in_force.id > 0).then_some(in_force.id),
        on_day: now.date(),
        usage_until: usage::known_until(conn)?,
        companies: queries::count_companies(conn)?,
    };
    queries::begin_run(conn, now, &new)
}

fn progress_of(run: &RunRow) -> Progress {
    Progress {
        companies: run.companies.max(run.done),
        done: run.done,
        changed: run.changed,
        began_at: run.began_at,
        ended_at: run.ended_at,
    }
}
