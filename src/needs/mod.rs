//! A company's needs scores and its one segment, kept up to date.
//!
//! [`take`] is the one way in for answers, whichever way they came: it saves them and works out anew
//! what hangs on them, all in one transaction. Three layers of rows: each contact's sums per need
//! (`contact_needs`, without the weight of the contact's role), from them the company's scores
//! (`company_needs`), from those and the other rungs of the evidence ladder the one segment in
//! effect (`company_segments`). Each layer is worked out from the one below by the same code, whether
//! one answer came in or everything is worked out anew, so both give the same figures to the bit.
//!
//! The past by months is kept beside them (`company_months`, [`keep_months`]).
//!
//! The arithmetic is `method`'s; figures over many companies are `insight`'s.

mod calibration;
mod confirmed;
mod foresee;
pub mod ladder;
mod months;
mod packed;
mod pass;
mod past;
mod queries;
pub mod reason;
mod settle;
mod standing;
pub mod tagging;
pub mod tally;
mod tryout;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use crate::answers::{self, Incoming, json};
use crate::design::{self, Design};
use crate::framework::Code;
use crate::ids::{CompanyId, ContactId};
use crate::method::month;
use crate::method::segment::{Profiles, deals};
use crate::store::{self, Conn, ScoresLock, lock_companies, lock_scores};

pub use calibration::{calibrated_at, calibrations};
pub use confirmed::{Badge, Confirmed, confirmed};
pub use foresee::{Move, foresee, foresee_together};
pub use ladder::Source;
pub use months::{Months, Point, Unready, forget_months, keep_months, list_months};
pub use packed::{Figure, unpack};
pub use pass::{calibrate, calibrate_in_steps, pack_in_steps, rescore, rescore_in_steps};
pub use past::{Moment, Past, deal_segments_until, score_history, scores_until};
pub use queries::{
    CompanyNeedRow, RungsRow, SegmentChangeRow, count_by_segment, count_marked, count_scored_on, find_rungs,
    list_changes, list_of_companies, list_of_company,
};
pub use settle::Cause;
pub use standing::{Standing, list_standings};
pub use tryout::{Tried, try_out};

/// Companies worked on at once: bounds the memory of a full pass.
const CHUNK: i64 = 500;

/// Saves answers and works out anew what hangs on them: each contact's sums, each company's scores
/// and its one segment. Answers that came earlier but bear a later date stay in force.
pub fn take(conn: &mut Conn, now: NaiveDateTime, incoming: &[Incoming]) -> store::Result<()> {
    let mut by_company: BTreeMap<CompanyId, BTreeMap<ContactId, Vec<&Incoming>>> = BTreeMap::new();
    for one in incoming {
        by_company
            .entry(one.company)
            .or_default()
            .entry(one.contact)
            .or_default()
            .push(one);
    }
    let mut companies: Vec<CompanyId> = by_company.keys().copied().collect();
    lock_scores(conn, ScoresLock::Shared)?;
    let there = lock_companies(conn, &companies)?;
    if there.len() < companies.len() {
        // Merged into another one just now: what was given for it counts for that one.
        let gone: Vec<CompanyId> = companies.iter().copied().filter(|id| !there.contains(id)).collect();
        for (from, into) in queries::list_merged(conn, &gone)? {
            let moved = by_company.remove(&from).unwrap_or_default();
            let contacts = by_company.entry(into).or_default();
            for (contact, answers) in moved {
                contacts.entry(contact).or_default().extend(answers);
            }
        }
        companies = by_company.keys().copied().collect();
        lock_companies(conn, &companies)?;
    }
    let design = design::current(conn)?;
    for (company, contacts) in &by_company {
        for (contact, incoming) in contacts {
            save(conn, now, &design, *company, *contact, incoming)?;
        }
    }
    // What is dated in the month that still runs changes no month that is over.
    let running = month::number(now.date());
    let is_rewritten = |contacts: &BTreeMap<ContactId, Vec<&Incoming>>| {
        let mut given = contacts.values().flatten();
        given.any(|one| month::number(one.at.date()) < running)
    };
    let rewritten = by_company.iter().filter(|(_, contacts)| is_rewritten(contacts));
    let rewritten: Vec<CompanyId> = rewritten.map(|(company, _)| *company).collect();
    queries::delete_months(conn, &rewritten)?;
    let by = incoming.first().map_or("", |one| one.origin.channel.as_str());
    settle::settle(conn, now, &design, &companies, &Cause::new(by))
}

fn save(
    conn: &mut Conn,
    now: NaiveDateTime,
    design: &Design,
    company: CompanyId,
    contact: ContactId,
    incoming: &[&Incoming],
) -> store::Result<()> {
    let mut all = answers::list_of_contact(conn, company, contact)?;
    let mut rows = Vec::with_capacity(incoming.len());
    for one in incoming {
        let row_code = one.answer.row.as_deref().unwrap_or("");
        let same_instant = all
            .iter()
            .filter(|a| a.question == one.answer.question && a.row_code == row_code && a.at == one.at);
        let seq = same_instant.map(|a| a.seq + 1).max().unwrap_or(0);
        let value = json::write(&one.answer.value).to_string();
        all.push(answers::Stored {
            company_id: company.0,
            contact_id: contact.0,
            question: one.answer.question.clone(),
            row_code: row_code.to_owned(),
            at: one.at,
            seq,
            version_id: one.answer.version.0,
            value: value.clone(),
            suspect: one.origin.suspect,
        });
        rows.push(answers::Row {
            company_id: company.0,
            contact_id: contact.0,
            question: &one.answer.question,
            row_code,
            at: one.at,
            seq,
            version_id: one.answer.version.0,
            value,
            channel: one.origin.channel.as_str(),
            author: one.origin.author.as_deref(),
            invitation_id: one.origin.invitation.map(|id| id.0),
            suspect: one.origin.suspect,
            late: one.origin.late,
            recorded_at: now,
            own_words: !one.answer.value.own_words().is_empty(),
        });
    }
    answers::insert(conn, &rows)?;
    all.sort_by(|a, b| tally::key(a).cmp(&tally::key(b)));
    let tally = tally::contact(design, &all);
    queries::replace_contact(conn, design, company, contact, tally.as_ref())
}

/// Works out anew the companies of contacts whose role, and with it the weight of their answers, changed.
pub fn contacts_changed(conn: &mut Conn, now: NaiveDateTime, contacts: &[ContactId]) -> store::Result<()> {
    queries::delete_months_of_contacts(conn, contacts)?;
    let companies = queries::list_companies_of(conn, contacts)?;
    resettle(conn, now, &companies)
}

/// Works out anew the companies whose coded deals changed.
pub fn deals_changed(conn: &mut Conn, now: NaiveDateTime, companies: &[CompanyId]) -> store::Result<()> {
    let companies: Vec<CompanyId> = companies.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    lock(conn, &companies)?;
    let design = design::current(conn)?;
    recount_deals(conn, &design, &companies)?;
    settle::settle(conn, now, &design, &companies, &Cause::new("deals"))
}

/// Works these companies out anew from their raw answers and deals: some came, or went.
pub fn recount(conn: &mut Conn, now: NaiveDateTime, companies: &[CompanyId], by: &str) -> store::Result<()> {
    lock(conn, companies)?;
    queries::delete_months(conn, companies)?;
    let design = design::current(conn)?;
    for company in companies {
        pass::recount(conn, &design, &[*company])?;
    }
    settle::settle(conn, now, &design, companies, &Cause::new(by))
}

/// Removes a contact's answers and all that was worked out from them. The history of segments stays.
pub fn forget_contact(conn: &mut Conn, now: NaiveDateTime, contact: ContactId) -> store::Result<()> {
    let companies = answers::list_companies_of(conn, contact)?;
    lock(conn, &companies)?;
    queries::delete_months(conn, &companies)?;
    answers::delete_of_contact(conn, contact)?;
    queries::delete_contact(conn, contact)?;
    resettle(conn, now, &companies)
}

/// The contacts that have scored answers for the company, in the order of their ids.
pub fn list_colleagues(conn: &mut Conn, design: &Design, company: CompanyId) -> store::Result<Vec<tally::Colleague>> {
    let mut colleagues = queries::list_colleagues(conn, design, &[company])?;
    Ok(colleagues.remove(&company).unwrap_or_default())
}

/// A rung that a person sets by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    Override,
    /// Tagged before (`blind`) or after its author could see the survey's result.
    SalesTag {
        blind: bool,
    },
}

/// Sets the rung for a company; the reason is kept. The segment must be the framework's: callers check.
pub fn set_by_hand(
    conn: &mut Conn,
    now: NaiveDateTime,
    company: CompanyId,
    hand: Hand,
    segment: &str,
    reason: &str,
    by: &str,
) -> store::Result<()> {
    match hand {
        Hand::Override => queries::replace_override(conn, now, company, segment, reason, by)?,
        Hand::SalesTag { blind } => {
            let tag = tagging::Tag {
                segment: segment.to_owned(),
                sureness: None,
                reason: reason.to_owned(),
            };
            queries::replace_sales_tag(conn, now, company, &tag, by, blind)?
        }
    }
    resettle_by(conn, now, &[company], by)
}

/// Takes the rung away; what stands below it shows again. `false` when there was none.
pub fn clear_by_hand(
    conn: &mut Conn,
    now: NaiveDateTime,
    company: CompanyId,
    hand: Hand,
    by: &str,
) -> store::Result<bool> {
    let cleared = match hand {
        Hand::Override => queries::delete_override(conn, company)?,
        Hand::SalesTag { .. } => queries::delete_sales_tag(conn, company)?,
    };
    resettle_by(conn, now, &[company], by)?;
    Ok(cleared)
}

fn resettle(conn: &mut Conn, now: NaiveDateTime, companies: &[CompanyId]) -> store::Result<()> {
    resettle_by(conn, now, companies, "contacts")
}

fn resettle_by(conn: &mut Conn, now: NaiveDateTime, companies: &[CompanyId], by: &str) -> store::Result<()> {
    lock(conn, companies)?;
    let design = design::current(conn)?;
    settle::settle(conn, now, &design, companies, &Cause::new(by))
}

/// Whoever changes a company's scores queues here: two contacts that answer at once, on two
/// connections, would otherwise each work the company out without the other.
fn lock(conn: &mut Conn, companies: &[CompanyId]) -> store::Result<()> {
    lock_scores(conn, ScoresLock::Shared)?;
    lock_companies(conn, companies).map(|_| ())
}

/// The deals rung: the share of a company's coded deals that name each need, fitted like scores.
fn recount_deals(conn: &mut Conn, design: &Design, companies: &[CompanyId]) -> store::Result<()> {
    let coded = queries::list_coded_deals(conn, companies)?;
    let mut by_company: BTreeMap<CompanyId, Vec<&str>> = BTreeMap::new();
    for (company, needs) in &coded {
        by_company.entry(*company).or_default().push(needs);
    }
    let segments: Vec<(CompanyId, Code)> = by_company
        .into_iter()
        .filter_map(|(company, deals)| Some((company, deal_segment(design, &design.profiles, &deals)?)))
        .collect();
    queries::replace_deal_segments(conn, companies, &segments)
}

fn deal_segment(design: &Design, profiles: &Profiles, coded: &[&str]) -> Option<Code> {
    let share = |need: &str| {
        let naming = coded
            .iter()
            .filter(|needs| needs.split('|').any(|named| named.trim() == need))
            .count();
        100.0 * naming as f64 / coded.len() as f64
    };
    let scores: Vec<f64> = design.framework.needs.iter().map(|need| share(&need.code)).collect();
    deals(profiles, &scores).map(|segment| design.framework.segments[segment].code.clone())
}
