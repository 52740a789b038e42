//! Who is asked: contacts named one by one, an audience, the contact of a new transaction.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDateTime, TimeDelta};

use super::queries::{self, CandidateRow, NewEnrolmentRow};
use super::rules;
use super::state::{self, State, audience_mark};
use crate::clock;
use crate::design;
use crate::framework::{Drip, Framework, Trigger};
use crate::ids::{CompanyId, ContactId, TransactionId};
use crate::store::{self, Conn, Turn, marks, take_turn};

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
    take_turn(conn, Turn::Steps)?;
    let design = design::current(conn)?;
    let drip = design.framework.drip(drip).ok_or(Refusal::UnknownDrip)?;
    state::begin(conn, now, &design.framework)?;
    if state::standing(conn, &drip.code)?.is_some_and(|standing| standing.state == State::Stopped) {
        return Err(Refusal::Stopped);
    }
    let (candidates, unknown) = match who {
        Who::Audience => (matching(conn, now, &design.framework, drip)?, Vec::new()),
        Who::Contacts(ids) => named(conn, ids)?,
    };
    let mut done = admit(conn, now, drip, without_occasion(candidates))?;
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
        let mark = audience_mark(&drip.code);
        let looked_at = marks::find(conn, &mark)?.and_then(|at| clock::parse_rfc3339(&at));
        // A look from the future, as after the clock was set back, says nothing about today.
        let fresh = looked_at.is_some_and(|at| at <= now && now - at < TimeDelta::days(1));
        if fresh || state::standing(conn, &drip.code)?.is_none_or(|standing| standing.state != State::On) {
            continue;
        }
        take_turn(conn, Turn::Steps)?;
        let candidates = matching(conn, now, &design.framework, drip)?;
        enrolled += admit(conn, now, drip, without_occasion(candidates))?.enrolled;
        marks::set(conn, now, &mark, &clock::rfc3339(now))?;
    }
    Ok(enrolled)
}

/// New transactions start the drips that wait for them, each for the transaction's own contact and
/// once. Old deals that are only now imported start nothing, nor does one without a contact:
/// [`list_unmailable`] shows those.
pub fn transactions_arrived(conn: &mut Conn, now: NaiveDateTime, ids: &[TransactionId]) -> store::Result<usize> {
    let design = design::current(conn)?;
    let waiting = design.framework.drips.iter();
    let waiting: Vec<&Drip> = waiting.filter(|drip| drip.trigger == Trigger::Transaction).collect();
    if waiting.is_empty() || ids.is_empty() {
        return Ok(0);
    }
    take_turn(conn, Turn::Steps)?;
    state::begin(conn, now, &design.framework)?;
    let mut enrolled = 0;
    for drip in waiting {
        if state::standing(conn, &drip.code)?.is_none_or(|standing| standing.state == State::Stopped) {
            continue;
        }
        for deals in ids.chunks(store::ROWS_PER_INSERT) {
            let deals = queries::list_deals(conn, deals)?;
            let fresh = deals
                .iter()
                .filter(|deal| rules::is_fresh(drip.max_age, deal.occurred_at, now));
            let own: Vec<(ContactId, TransactionId)> =
                fresh.filter_map(|deal| Some((deal.contact_id?, deal.id))).collect();
            let contacts: Vec<ContactId> = own.iter().map(|(contact, _)| *contact).collect();
            let threshold = design.framework.settings.tenure_threshold_months;
            let criteria = &drip.audience.any_of;
            let found = queries::list_matching(conn, now.date(), threshold, criteria, Some(&contacts))?;
            let found: HashMap<ContactId, CandidateRow> = found.into_iter().map(|row| (row.id, row)).collect();
            let candidates = own.iter();
            let candidates = candidates.filter_map(|(contact, deal)| Some((found.get(contact)?.clone(), Some(*deal))));
            enrolled += admit(conn, now, drip, candidates.collect())?.enrolled;
        }
    }
    Ok(enrolled)
}

/// A transaction that would have started a drip and has no contact to write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmailable {
    /// External id.
    pub transaction: String,
    /// External id and name.
    pub company: (String, String),
    pub product: Option<String>,
    pub occurred_at: NaiveDateTime,
    pub arrived_at: NaiveDateTime,
}

/// So many of the newest transactions without a contact are looked through.
const LOOKED_THROUGH: i64 = 2_000;

/// The transactions that a drip could not mail about, having no contact: the newest first.
pub fn list_unmailable(conn: &mut Conn, drip: &str, limit: usize) -> store::Result<Vec<Unmailable>> {
    let design = design::current(conn)?;
    let drip = design.framework.drip(drip);
    let Some(drip) = drip.filter(|drip| drip.trigger == Trigger::Transaction) else {
        return Ok(Vec::new());
    };
    let rows = queries::list_deals_without_contact(conn, LOOKED_THROUGH)?;
    let fresh = rows
        .into_iter()
        .filter(|row| rules::is_fresh(drip.max_age, row.occurred_at, row.arrived_at));
    let shown = fresh.take(limit).map(|row| Unmailable {
        transaction: row.external_id,
        company: (row.company, row.company_name),
        product: row.product,
        occurred_at: row.occurred_at,
        arrived_at: row.arrived_at,
    });
    Ok(shown.collect())
}

/// The contacts of those external ids, each once, and the ids of nobody.
fn named(conn: &mut Conn, ids: &[String]) -> store::Result<(Vec<CandidateRow>, Vec<String>)> {
    let mut found = Vec::new();
    for ids in ids.chunks(store::ROWS_PER_INSERT) {
        found.extend(queries::list_candidates(conn, ids)?);
    }
    let known: HashSet<String> = found.iter().map(|row| row.external_id.clone()).collect();
    let mut unknown = Vec::new();
    let mut told = HashSet::new();
    for id in ids.iter().filter(|id| !known.contains(*id)) {
        if told.insert(id) {
            unknown.push(id.clone());
        }
    }
    Ok((found, unknown))
}

fn matching(
    conn: &mut Conn,
    now: NaiveDateTime,
    framework: &Framework,
    drip: &Drip,
) -> store::Result<Vec<CandidateRow>> {
    let threshold = framework.settings.tenure_threshold_months;
    queries::list_matching(conn, now.date(), threshold, &drip.audience.any_of, None)
}

/// A contact, and the transaction that starts the drip for it.
type Candidate = (CandidateRow, Option<TransactionId>);

fn without_occasion(candidates: Vec<CandidateRow>) -> Vec<Candidate> {
    candidates.into_iter().map(|candidate| (candidate, None)).collect()
}

/// Enrols who may be asked.
fn admit(conn: &mut Conn, now: NaiveDateTime, drip: &Drip, candidates: Vec<Candidate>) -> store::Result<Enrolled> {
    let mut done = Enrolled::default();
    let first_delay = drip.steps.first().map_or(0, |step| step.delay.0);
    let mut seen = HashSet::new();
    for chunk in candidates.chunks(store::ROWS_PER_INSERT) {
        let (admitted, skipped) = sort(conn, now, drip, chunk, &mut seen)?;
        let rows: Vec<NewEnrolmentRow> = admitted
            .iter()
            .map(|admitted| NewEnrolmentRow {
                drip: &drip.code,
                contact_id: admitted.contact,
                company_id: admitted.company,
                transaction_id: admitted.deal,
                occasion: &admitted.occasion,
                state: "active",
                next_step: 0,
                next_at: now + TimeDelta::minutes(first_delay.into()),
                enrolled_at: now,
            })
            .collect();
        done.enrolled += queries::insert_enrolments(conn, &rows)?;
        done.skipped.extend(skipped);
    }
    Ok(done)
}

struct Admitted {
    contact: ContactId,
    company: CompanyId,
    deal: Option<TransactionId>,
    occasion: String,
}

/// Who may be asked, and who not and why. `seen` are those admitted before.
fn sort(
    conn: &mut Conn,
    now: NaiveDateTime,
    drip: &Drip,
    candidates: &[Candidate],
    seen: &mut HashSet<(ContactId, String)>,
) -> store::Result<(Vec<Admitted>, Vec<Skipped>)> {
    let ids: Vec<ContactId> = candidates.iter().map(|(row, _)| row.id).collect();
    let keys: Vec<&str> = candidates.iter().map(|(row, _)| row.email_key.as_str()).collect();
    let enrolled = queries::list_enrolled(conn, &drip.code, &ids)?;
    let suppressed = queries::list_suppressed(conn, &drip.code, &keys)?;
    let mut asked = match drip.audience.not_asked_within_days {
        Some(days) => queries::list_asked_since(conn, now - TimeDelta::days(days.into()), &ids)?,
        None => HashSet::new(),
    };
    let (mut admitted, mut skipped) = (Vec::new(), Vec::new());
    for (candidate, deal) in candidates {
        let occasion = deal.map_or(String::new(), |deal| deal.to_string());
        let key = (candidate.id, occasion);
        let reason = if enrolled.contains(&key) || seen.contains(&key) {
            Reason::AlreadyEnrolled
        } else if suppressed.contains(&candidate.email_key) {
            Reason::Suppressed
        } else if asked.contains(&candidate.id) {
            Reason::AskedRecently
        } else if let Some(company) = candidate.company_id {
            if drip.audience.not_asked_within_days.is_some() {
                asked.insert(candidate.id);
            }
            seen.insert(key.clone());
            admitted.push(Admitted {
                contact: candidate.id,
                company,
                deal: *deal,
                occasion: key.1,
            });
            continue;
        } else {
            Reason::NoCompany
        };
        skipped.push(Skipped {
            contact: candidate.external_id.clone(),
            reason,
        });
    }
    Ok((admitted, skipped))
}
