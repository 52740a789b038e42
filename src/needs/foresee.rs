//! What another framework would make of the companies' segments, before it is in force.

use std::collections::BTreeMap;

use super::ladder::{Rungs, Source};
use super::tally::Colleague;
use super::{CHUNK, calibration, deal_segment, queries, settle, tally};
use crate::answers;
use crate::design;
use crate::framework::{Code, Framework};
use crate::ids::CompanyId;
use crate::store::{self, Conn};

/// So many companies would go from one segment to another; none: no segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub from: Option<Code>,
    pub to: Option<Code>,
    pub companies: usize,
}

/// Which companies would move, the greatest moves first; `None` where there are more companies than
/// `most`, because it reads them all. Questions have to be loaded as they are: what contacts' answers
/// say is not worked out anew.
pub fn foresee(conn: &mut Conn, framework: &Framework, most: usize) -> store::Result<Option<Vec<Move>>> {
    if !queries::are_companies_at_most(conn, most as i64)? {
        return Ok(None);
    }
    let design = design::current(conn)?.foreseen(framework.clone());
    let calibrations = calibration::calibrations(conn, &design)?;
    let mut moves: BTreeMap<(Option<Code>, Option<Code>), usize> = BTreeMap::new();
    let mut after = CompanyId(0);
    while let Some(companies) = queries::next_companies(conn, after, CHUNK)? {
        let contacts = queries::list_colleagues(conn, &design, &companies)?;
        let deals = deals_of(conn, &design, &companies)?;
        for (company, rungs) in queries::list_rungs(conn, &companies)? {
            let survey = contacts
                .get(&company)
                .and_then(|contacts| tally::company(design.framework.needs.len(), contacts))
                .and_then(|tally| settle::survey(&design, &calibrations, company, &tally, &rungs));
            let ladder = Rungs {
                override_: rungs.override_segment,
                survey: survey.map(|row| row.segment),
                sales_tag: rungs.sales_tag,
                deals: deals.get(&company).cloned(),
            };
            let to = ladder.in_effect(&design).map(|(segment, _)| segment);
            if to != rungs.segment {
                *moves.entry((rungs.segment, to)).or_default() += 1;
            }
        }
        after = companies.last().copied().unwrap_or(CompanyId(0));
    }
    let mut moves: Vec<Move> = moves
        .into_iter()
        .map(|((from, to), companies)| Move { from, to, companies })
        .collect();
    moves.sort_by(|a, b| {
        let key = |m: &Move| (std::cmp::Reverse(m.companies), m.from.clone(), m.to.clone());
        key(a).cmp(&key(b))
    });
    Ok(Some(moves))
}

/// The segment that `into` would have with all that hangs on `from`, and what it would rest on.
pub fn foresee_together(
    conn: &mut Conn,
    design: &design::Design,
    from: CompanyId,
    into: CompanyId,
) -> store::Result<Option<(Code, Source)>> {
    let mut answers = answers::list_between(conn, into, into, None)?;
    let mut weights = queries::list_role_weights_between(conn, design, into, into)?;
    answers.extend(answers::list_between(conn, from, from, None)?);
    weights.extend(queries::list_role_weights_between(conn, design, from, from)?);
    for answer in &mut answers {
        answer.company_id = into.0;
    }
    answers.sort_by(|a, b| tally::key(a).cmp(&tally::key(b)));
    let colleagues: Vec<Colleague> = tally::contacts(design, &answers)
        .into_iter()
        .map(|((_, contact), tally)| Colleague {
            contact,
            role_weight: weights.get(&contact).copied().unwrap_or(1.0),
            tally,
        })
        .collect();
    let (own, other) = (queries::find_rungs(conn, into)?, queries::find_rungs(conn, from)?);
    let calibrations = calibration::calibrations(conn, design)?;
    let survey = tally::company(design.framework.needs.len(), &colleagues)
        .and_then(|tally| settle::survey(design, &calibrations, into, &tally, &own));
    let coded = queries::list_coded_deals(conn, &[from, into])?;
    let coded: Vec<&str> = coded.iter().map(|(_, needs)| needs.as_str()).collect();
    let deals = match coded.is_empty() {
        true => None,
        false => deal_segment(design, &design.profiles, &coded),
    };
    let ladder = Rungs {
        override_: own.override_segment.or(other.override_segment),
        survey: survey.map(|row| row.segment),
        sales_tag: own.sales_tag.or(other.sales_tag),
        deals,
    };
    Ok(ladder.in_effect(design))
}

fn deals_of(
    conn: &mut Conn,
    design: &design::Design,
    companies: &[CompanyId],
) -> store::Result<BTreeMap<CompanyId, Code>> {
    let coded = queries::list_coded_deals(conn, companies)?;
    let mut by_company: BTreeMap<CompanyId, Vec<&str>> = BTreeMap::new();
    for (company, needs) in &coded {
        by_company.entry(*company).or_default().push(needs);
    }
    Ok(by_company
        .into_iter()
        .filter_map(|(company, deals)| Some((company, deal_segment(design, &design.profiles, &deals)?)))
        .collect())
}
