//! What sales says against what the survey says: tags and coded deals, over the companies that have both
//! (METHOD.md section 7). [`super::sales_tags`] gives the table alone.

mod queries;
mod rules;

use chrono::NaiveDate;

use super::{Chosen, Filter};
use crate::design::Design;
use crate::method::kappa::Agreement;
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
