//! Who is asked: contacts named one by one, an audience, the contact of a new transaction.

use std::collections::HashSet;

use chrono::{NaiveDateTime, TimeDelta};

use super::queries::{self, CandidateRow, NewEnrolmentRow};
use super::state::{self, State, audience_mark};
use crate::clock;
use crate::design;
use crate::framework::{Drip, Framework, Trigger};
use crate::ids::{ContactId, TransactionId};
use crate::store::{self, Conn, marks};

/// Whom to enrol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// External ids.
    Contacts(Vec<String>),
    /// Whoever matches the drip's audience now.
    Audience,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enrolled {
    pub enrolled: usize,
    pub skipped: Vec<Skipped>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// External id.
    pub contact: String,
    pub reason: Reason,
}

/// Why a contact was not enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    AlreadyEnrolled,
    Suppressed,
    NoCompany,
    AskedRecently,
    Unknown,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::AlreadyEnrolled => "already_enrolled",
            Reason::Suppressed => "suppressed",
            Reason::NoCompany => "no_company",
            Reason::AskedRecently => "asked_recently",
            Reason::Unknown => "unknown",
        }
    }

    /// As the back office says it.
    pub fn words(self) -> &'static str {
        match self {
            Reason::AlreadyEnrolled => "is in this drip already",
            Reason::Suppressed => "gets no mail any more",
            Reason::NoCompany => "belongs to no company",
            Reason::AskedRecently => "was asked a short while ago",
            Reason::Unknown => "is not known",
        }
    }
}

/// Why nobody could be enrolled.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such drip")]
    UnknownDrip,
    #[error("the drip is stopped")]
    Stopped,
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Puts contacts on their way; says of each one that stays behind why.
pub fn enrol(conn: &mut Conn, now: NaiveDateTime, drip: &str, who: &Who) -> Result<Enrolled, Refusal> {
    let design = design::current(conn)?;
    let drip = design.framework.drip(drip).ok_or(Refusal::UnknownDrip)?;
    state::begin(conn, now, &design.framework)?;
    if state::standing(conn, &drip.code)?.is_some_and(|standing| standing.state == State::Stopped) {
        return Err(Refusal::Stopped);
    }
    let (candidates, unknown) = match who {
        Who::Audience => (matching(conn, now, &design.framework, drip, None)?, Vec::new()),
        Who::Contacts(ids) => named(conn, ids)?,
    };
    let mut done = admit(conn, now, drip, candidates, None)?;
    let skipped = |contact| Skipped {
        contact,
        reason: Reason::Unknown,
    };
    done.skipped.extend(unknown.into_iter().map(skipped));
    Ok(done)
}

/// Looks at the audiences of the drips that are on and have not been looked at for a day.
pub fn watch_audiences(conn: &mut Conn, now: NaiveDateTime) -> store::Result<usize> {
    let design = design::current(conn)?;
    let mut enrolled = 0;
    for drip in design
        .framework
        .drips
        .iter()
        .filter(|drip| drip.trigger == Trigger::Audience)
    {
        let standing = state::standing(conn, &drip.code)?;
        let mark = audience_mark(&drip.code);
        let looked_at = marks::find(conn, &mark)?.and_then(|at| clock::parse_rfc3339(&at));
        let fresh = looked_at.is_some_and(|at| at <= now && now - at < TimeDelta::days(1));
        if fresh || standing.is_none_or(|standing| standing.state != State::On) {
            continue;
        }
        let candidates = matching(conn, now, &design.framework, drip, None)?;
        enrolled += admit(conn, now, drip, candidates, None)?.enrolled;
        marks::set(conn, now, &mark, &clock::rfc3339(now))?;
    }
    Ok(enrolled)
}

/// New transactions start the drips that wait for them, each for the transaction's own contact and
/// once. Old deals that are only now imported start nothing.
pub fn transactions_arrived(conn: &mut Conn, now: NaiveDateTime, ids: &[TransactionId]) -> store::Result<usize> {
    let design = design::current(conn)?;
    let mut enrolled = 0;
    for drip in design
        .framework
        .drips
        .iter()
        .filter(|drip| drip.trigger == Trigger::Transaction)
    {
        let standing = state::standing(conn, &drip.code)?;
        if standing.is_none_or(|standing| standing.state == State::Stopped) {
            continue;
        }
        state::begin(conn, now, &design.framework)?;
        for deals in ids.chunks(store::ROWS_PER_INSERT) {
            for deal in queries::list_deals(conn, deals)? {
                let old = drip
                    .max_age
                    .is_some_and(|age| now - deal.occurred_at > TimeDelta::minutes(age.0.into()));
                let Some(contact) = deal.contact_id.filter(|_| !old) else {
                    continue;
                };
                let candidates = matching(conn, now, &design.framework, drip, Some(contact))?;
                enrolled += admit(conn, now, drip, candidates, Some(deal.id))?.enrolled;
            }
        }
    }
    Ok(enrolled)
}

/// The contacts of those external ids, each once, and the ids of nobody.
fn named(conn: &mut Conn, ids: &[String]) -> store::Result<(Vec<CandidateRow>, Vec<String>)> {
    let mut found = Vec::new();
    for ids in ids.chunks(store::ROWS_PER_INSERT) {
        found.extend(queries::list_candidates(conn, ids)?);
    }
    let known: HashSet<String> = found.iter().map(|row| row.external_id.clone()).collect();
    let unknown = ids.iter().filter(|id| !known.contains(*id)).cloned().collect();
    Ok((found, unknown))
}

fn matching(
    conn: &mut Conn,
    now: NaiveDateTime,
    framework: &Framework,
    drip: &Drip,
    only: Option<ContactId>,
) -> store::Result<Vec<CandidateRow>> {
    let threshold = framework.settings.tenure_threshold_months;
    queries::list_matching(conn, now.date(), threshold, &drip.audience.any_of, only)
}

/// Enrols who may be asked. `deal` is the transaction that starts it.
fn admit(
    conn: &mut Conn,
    now: NaiveDateTime,
    drip: &Drip,
    candidates: Vec<CandidateRow>,
    deal: Option<TransactionId>,
) -> store::Result<Enrolled> {
    let mut done = Enrolled::default();
    let occasion = deal.map_or(String::new(), |deal| deal.to_string());
    let first_delay = drip.steps.first().map_or(0, |step| step.delay.0);
    let mut seen = HashSet::new();
    for chunk in candidates.chunks(store::ROWS_PER_INSERT) {
        let ids: Vec<ContactId> = chunk.iter().map(|row| row.id).collect();
        let keys: Vec<&str> = chunk.iter().map(|row| row.email_key.as_str()).collect();
        let enrolled = queries::list_enrolled(conn, &drip.code, &occasion, &ids)?;
        let suppressed = queries::list_suppressed(conn, &drip.code, &keys)?;
        let asked = match drip.audience.not_asked_within_days {
            Some(days) => queries::list_asked_since(conn, now - TimeDelta::days(days.into()), &ids)?,
            None => HashSet::new(),
        };
        let mut rows = Vec::new();
        for candidate in chunk {
            let reason = if enrolled.contains(&candidate.id) || !seen.insert(candidate.id) {
                Reason::AlreadyEnrolled
            } else if suppressed.contains(&candidate.email_key) {
                Reason::Suppressed
            } else if asked.contains(&candidate.id) {
                Reason::AskedRecently
            } else if let Some(company_id) = candidate.company_id {
                rows.push(NewEnrolmentRow {
                    drip: &drip.code,
                    contact_id: candidate.id,
                    company_id,
                    transaction_id: deal,
                    occasion: &occasion,
                    state: "active",
                    next_step: 0,
                    next_at: now + TimeDelta::minutes(first_delay.into()),
                    enrolled_at: now,
                });
                continue;
            } else {
                Reason::NoCompany
            };
            done.skipped.push(Skipped {
                contact: candidate.external_id.clone(),
                reason,
            });
        }
        done.enrolled += queries::insert_enrolments(conn, &rows)?;
    }
    Ok(done)
}
