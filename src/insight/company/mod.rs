//! What is known about one company beside its scores: on whose answers they rest and by which ways
//! these came, what it bought, and what to ask its people next.
//!
//! Nothing here tells what a single contact said: counts are counts, and scores of a role are shown
//! only from groups on, together with what could be worked out from them ([`rules`]).

mod queries;
pub mod rules;

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};

use self::rules::RoleScores;
use crate::companies::contacts::Listed;
use crate::design::Design;
use crate::drip::adaptive;
use crate::framework::{Adaptive, Code};
use crate::ids::{CompanyId, ContactId};
use crate::mail::fields;
use crate::needs;
use crate::store::{self, Conn};

/// On what a company's scores rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The framework's roles in its order, then others by name, then those without one.
    pub roles: Vec<RoleEvidence>,
    pub channels: Vec<ChannelEvidence>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RoleEvidence {
    /// `None`: nobody said which.
    pub role: Option<Code>,
    /// The contacts at the company now.
    pub contacts: u32,
    /// Those who have scored answers for the company, also those who have moved on.
    pub answered: u32,
    /// Their scored answers.
    pub answers: u32,
    pub scores: RoleScores,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ChannelEvidence {
    /// As [`crate::answers::Channel`] writes it.
    pub channel: String,
    pub answers: i64,
    pub contacts: i64,
    pub newest: NaiveDateTime,
}

/// Who answered, and by which way: counts, and scores by role where enough people stand behind them.
pub fn evidence(conn: &mut Conn, design: &Design, company: CompanyId, contacts: &[Listed]) -> store::Result<Evidence> {
    let colleagues = needs::list_colleagues(conn, design, company)?;
    let ids: Vec<ContactId> = colleagues.iter().map(|colleague| colleague.contact).collect();
    let roles: HashMap<ContactId, Option<String>> = queries::list_roles(conn, &ids)?.into_iter().collect();
    let with_roles: Vec<_> = colleagues
        .iter()
        .map(|colleague| (roles.get(&colleague.contact).cloned().flatten(), colleague))
        .collect();
    let known = contacts.iter().map(|contact| contact.role.clone());
    let order = rules::order(design, known.chain(with_roles.iter().map(|(role, _)| role.clone())));
    let mut scores = rules::scores_by_role(
        design.framework.needs.len(),
        &order,
        &with_roles,
        design.framework.settings.min_group,
    );
    let of_role = |role: Option<Code>| {
        let own = with_roles.iter().filter(|(of, _)| *of == role);
        RoleEvidence {
            contacts: contacts.iter().filter(|contact| contact.role == role).count() as u32,
            answered: own.clone().count() as u32,
            answers: own.map(|(_, colleague)| colleague.tally.answers).sum(),
            scores: scores.remove(&role).unwrap_or_default(),
            role,
        }
    };
    Ok(Evidence {
        roles: order.into_iter().map(of_role).collect(),
        channels: queries::list_channels(conn, company)?,
    })
}

/// The contacts who have scored answers for the company.
pub fn list_answered(conn: &mut Conn, company: CompanyId) -> store::Result<Vec<ContactId>> {
    queries::list_answered(conn, company)
}

/// What a company bought, as far as transactions are known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bought {
    pub deals: i64,
    /// Of the deals with an amount.
    pub amount: Option<f64>,
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
}

pub fn bought(conn: &mut Conn, company: CompanyId) -> store::Result<Bought> {
    queries::find_bought(conn, company)
}

/// What to find out next.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Open {
    /// The needs in play with too few answers, each with how many it has.
    pub needs: Vec<(String, i32)>,
    /// Whom to ask.
    pub contact: Option<ContactId>,
    /// What to ask, the most telling first, with the fields filled in.
    pub questions: Vec<String>,
}

/// Which needs have too few answers, and which questions would do most to settle the segment
/// (METHOD.md section 8), asked of the contact whose answers weigh most.
pub fn open(
    conn: &mut Conn,
    design: &Design,
    company: CompanyId,
    scores: &[needs::CompanyNeedRow],
    contacts: &[Listed],
    ask: u32,
) -> store::Result<Open> {
    let least = design.framework.settings.min_scored_answers as i32;
    let count = |code: &str| scores.iter().find(|row| row.need == code).map_or(0, |row| row.n);
    let in_play = design
        .profiles
        .in_play()
        .iter()
        .map(|place| &design.framework.needs[*place]);
    let mut open = Open {
        needs: in_play
            .map(|need| (need.name.clone(), count(&need.code)))
            .filter(|(_, answers)| *answers < least)
            .collect(),
        ..Open::default()
    };
    let adaptive = Adaptive {
        pool: design
            .framework
            .question_sets
            .iter()
            .map(|set| set.code.clone())
            .collect(),
        ask,
        stop_at_confidence: None,
    };
    for contact in rules::weightiest_first(design, contacts) {
        let chosen = adaptive::choose_for(conn, design, &adaptive, contact)?;
        if chosen.is_empty() {
            continue;
        }
        let fields = fields::load(conn, design, contact, company, None, "")?;
        open.contact = Some(contact);
        open.questions = chosen
            .iter()
            .map(|version| fields.fill(&version.question.text))
            .collect();
        break;
    }
    Ok(open)
}
