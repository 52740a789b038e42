//! What sales says against what the survey says: tags and coded deals, over the companies that have both
//! (METHOD.md section 7). [`super::sales_tags`] gives the table alone.

mod queries;
mod rules;

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Chosen, Filter, past};
use crate::design::Design;
use crate::framework::Code;
use crate::ids::CompanyId;
use crate::method::kappa::Agreement;
use crate::needs;
use crate::store::{self, Conn};

#[derive(Debug, Clone, PartialEq)]
pub struct TagsInFull {
    pub tags: Confusion,
    /// Over the tags given before their author could see the survey's result.
    pub blind: Option<Agreement>,
    /// By who gave the tag; most tags first.
    pub reps: Vec<Rep>,
    pub deals: Confusion,
}

/// One judgement against the survey's.
#[derive(Debug, Clone, PartialEq)]
pub struct Confusion {
    /// Rows the judgement, columns the survey, both in the framework's order of segments.
    pub table: Vec<Vec<u64>>,
    /// Companies judged, with a segment by survey or without.
    pub judged: u64,
    pub all: Option<Agreement>,
    /// Each segment against all others; `None` where neither names it.
    pub by_segment: Vec<Option<Agreement>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Rep {
    pub name: String,
    /// Companies tagged.
    pub judged: u64,
    pub all: Option<Agreement>,
    pub blind: Option<Agreement>,
}

pub fn tags_in_full(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<TagsInFull> {
    let chosen = Chosen::new(design, today, filter);
    let tags = queries::list_tags(conn, &chosen)?;
    let deals = queries::list_deals(conn, &chosen)?;
    Ok(rules::tags_in_full(design, &tags, &deals))
}

/// As [`tags_in_full`], at the end of a past day: the tags given and the deals made by then that are held
/// today, against the survey's segment from the answers dated up to then.
pub fn tags_as_of(conn: &mut Conn, design: &Design, day: NaiveDate, filter: &Filter) -> store::Result<TagsInFull> {
    let end = past::end_of(day);
    let calibrations = needs::calibrations(conn, design)?;
    let companies = past::companies(conn, design, day, filter)?;
    let code = |place: usize| design.framework.segments[place].code.clone();
    let surveys: HashMap<i64, Option<String>> = companies
        .iter()
        .map(|company| (company.id(), company.survey(design, &calibrations).map(code)))
        .collect();
    let mut tags = queries::list_tags_until(conn, end)?;
    tags.retain_mut(|(company, tag)| match surveys.get(company) {
        Some(survey) => {
            tag.survey.clone_from(survey);
            true
        }
        None => false,
    });
    let tags: Vec<queries::TagRow> = tags.into_iter().map(|(_, tag)| tag).collect();
    let deals = needs::deal_segments_until(conn, design, end)?;
    let deal = |(company, deals): (CompanyId, Code)| {
        let survey = surveys.get(&company.0)?.clone();
        Some(queries::DealRow {
            deals,
            survey,
            companies: 1,
        })
    };
    let deals: Vec<queries::DealRow> = deals.into_iter().filter_map(deal).collect();
    Ok(rules::tags_in_full(design, &tags, &deals))
}
