//! From stored answers to sums, and from sums to a company's scores (METHOD.md sections 1 and 3). Pure, but for
//! the sums as rows.

pub mod queries;

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use crate::answers::{Stored, json};
use crate::design::{Design, Item};
use crate::ids::{CompanyId, ContactId, VersionId};
use crate::method::agreement::Group;
use crate::method::points::Given;
use crate::method::score::{Answer, ContactSums, Score, company_score};

/// What one contact's newest answers say about a company.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactTally {
    /// By need, in framework order.
    pub sums: Vec<Option<ContactSums>>,
    /// Distinct answers that are scored on some need.
    pub answers: u32,
    /// The newest of them.
    pub answered_at: NaiveDateTime,
}

/// A contact among those who answered for a company.
#[derive(Debug, Clone, PartialEq)]
pub struct Colleague {
    pub contact: ContactId,
    /// The weight of its present role.
    pub role_weight: f64,
    pub tally: ContactTally,
}

/// What a company's contacts say together.
#[derive(Debug, Clone, PartialEq)]
pub struct CompanyTally {
    /// By need, in framework order.
    pub scores: Vec<Option<Score>>,
    /// Its contacts' own scores, by need.
    pub groups: Vec<Option<Group>>,
    /// How far its contacts agree, by need; none with fewer than two.
    pub r_wg: Vec<Option<f64>>,
    pub answers: u32,
    pub contacts_answered: u32,
    pub answered_at: NaiveDateTime,
}

/// The order in which answers are stored and added up: an item's oldest first, the one received last at the end.
pub fn key(answer: &Stored) -> (i64, i64, &str, &str, NaiveDateTime, i32) {
    (
        answer.company_id,
        answer.contact_id,
        &answer.question,
        &answer.row_code,
        answer.at,
        answer.seq,
    )
}

/// Adds up a contact's answers for a company, given in [`key`] order. `None` when none is scored.
pub fn contact(design: &Design, answers: &[Stored]) -> Option<ContactTally> {
    let needs = design.framework.needs.len();
    let mut by_need: Vec<Vec<Answer>> = vec![Vec::new(); needs];
    let (mut count, mut answered_at) = (0, None);
    for item in answers.chunk_by(|a, b| a.question == b.question && a.row_code == b.row_code) {
        let Some(newest) = item.iter().rev().find(|answer| !answer.suspect) else {
            continue;
        };
        if score(design, newest, &mut by_need) {
            count += 1;
            answered_at = answered_at.max(Some(newest.at));
        }
    }
    let half_life = design.framework.settings.half_life_days;
    Some(ContactTally {
        sums: by_need
            .iter()
            .map(|answers| ContactSums::of(answers, half_life))
            .collect(),
        answers: count,
        answered_at: answered_at?,
    })
}

/// What the answer chose of its item; `None` without an opinion.
pub fn opinion<'d>(design: &'d Design, answer: &Stored) -> Option<(&'d Item, Given)> {
    let version = design.version(VersionId(answer.version_id))?;
    let row = Some(answer.row_code.as_str()).filter(|row| !row.is_empty());
    let item = version.scoring.item(row)?;
    let value = json::read_stored(&version.question, &answer.value)?;
    Some((item, value.given(&version.question)?))
}

/// Adds what the answer says about each need; `false` when it is scored on none.
fn score(design: &Design, answer: &Stored, by_need: &mut [Vec<Answer>]) -> bool {
    let Some((item, given)) = opinion(design, answer) else {
        return false;
    };
    let day = day(answer.at);
    let mut scored_on_some = false;
    for (need, scored) in item.scored(&given) {
        by_need[need].push(Answer {
            percent: scored.percent,
            range: scored.range,
            day,
        });
        scored_on_some = true;
    }
    scored_on_some
}

/// Days since 1970: any fixed day would do.
fn day(at: NaiveDateTime) -> f64 {
    at.and_utc().timestamp_micros() as f64 / 86_400e6
}

/// Adds up many contacts' answers, given in [`key`] order.
pub fn contacts(design: &Design, answers: &[Stored]) -> BTreeMap<(CompanyId, ContactId), ContactTally> {
    answers
        .chunk_by(|a, b| (a.company_id, a.contact_id) == (b.company_id, b.contact_id))
        .filter_map(|of_one| {
            let key = (CompanyId(of_one[0].company_id), ContactId(of_one[0].contact_id));
            Some((key, contact(design, of_one)?))
        })
        .collect()
}

/// The sums on one need of those who have any, each with its role's weight.
pub fn parts(contacts: &[Colleague], need: usize) -> Vec<(f64, ContactSums)> {
    contacts
        .iter()
        .filter_map(|colleague| Some((colleague.role_weight, colleague.tally.sums[need]?)))
        .collect()
}

/// Adds up a company's contacts, given in the order of their ids. `None` when nobody's answers are scored.
pub fn company(needs: usize, contacts: &[Colleague]) -> Option<CompanyTally> {
    let answered_at = contacts.iter().map(|colleague| colleague.tally.answered_at).max()?;
    let group = |need: usize| {
        let own: Vec<f64> = parts(contacts, need).iter().map(|(_, sums)| sums.score()).collect();
        Group::of(&own)
    };
    let groups: Vec<Option<Group>> = (0..needs).map(group).collect();
    Some(CompanyTally {
        scores: (0..needs).map(|need| company_score(&parts(contacts, need))).collect(),
        r_wg: groups.iter().map(|group| group.as_ref()?.r_wg()).collect(),
        groups,
        answers: contacts.iter().map(|colleague| colleague.tally.answers).sum(),
        contacts_answered: contacts.len() as u32,
        answered_at,
    })
}
