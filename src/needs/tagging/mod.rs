//! What sales knows by itself: tags and coded deals, one company or deal after the other.
//!
//! A tag is blind when its author could not have seen what the survey says: there was no result, now
//! or ever. The page on which reps tag shows none; one given later is taken and marked.

mod queries;

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use super::queries as rows;
use crate::audit;
use crate::companies::listing::{self, Viewer};
use crate::design::{self, Design};
use crate::framework::Code;
use crate::ids::CompanyId;
use crate::store::{self, Conn};

pub use queries::{CardRow, DealRow};

/// The longest reason of a tag, in characters.
pub const LONGEST_REASON: usize = 2_000;
/// Deals on a company's card.
const DEALS: i64 = 3;

/// A rep's opinion of a company.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tag {
    pub segment: String,
    /// 1 a guess, 2 rather sure, 3 certain.
    pub sureness: Option<i32>,
    pub reason: String,
}

/// What is wrong with a field: its name, and a sentence.
pub type Faults = Vec<(&'static str, String)>;

/// Why nothing was tagged or coded.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("there is nothing by that id")]
    Unknown,
    #[error("something is wrong with what was typed")]
    Faulty(Faults),
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Tag {
    /// All that is wrong with it.
    pub fn faults(&self, design: &Design) -> Faults {
        let mut faults = Faults::new();
        let segments = &design.framework.segments;
        if self.segment.is_empty() {
            faults.push(("segment", "Choose a segment.".to_owned()));
        } else if segments.iter().all(|segment| segment.code != self.segment) {
            let known: Vec<&str> = segments.iter().map(|segment| segment.code.as_str()).collect();
            let message = format!(
                "There is no segment “{}”; there are {}.",
                self.segment,
                known.join(", ")
            );
            faults.push(("segment", message));
        }
        if self.sureness.is_some_and(|sureness| !(1..=3).contains(&sureness)) {
            faults.push(("sureness", "Choose how sure you are.".to_owned()));
        }
        let length = self.reason.chars().count();
        if length > LONGEST_REASON {
            let message = format!("It has {length} characters; at most {LONGEST_REASON} are kept.");
            faults.push(("reason", message));
        }
        faults
    }
}

/// Whether a tag given now would be blind.
pub fn is_blind(conn: &mut Conn, company: CompanyId) -> store::Result<bool> {
    let has_result = rows::find_rungs(conn, company)?.survey.is_some();
    Ok(!has_result && !queries::had_survey(conn, company)?)
}

/// Tags all of these companies alike, or none.
pub fn tag(
    conn: &mut Conn,
    now: NaiveDateTime,
    viewer: &Viewer,
    external_ids: &[String],
    tag: &Tag,
    by: &str,
) -> Result<usize, Refusal> {
    let design = design::current(conn)?;
    let mut companies = Vec::new();
    for external_id in external_ids {
        companies.push(listing::find(conn, viewer, external_id)?.ok_or(Refusal::Unknown)?);
    }
    let faults = tag.faults(&design);
    if !faults.is_empty() {
        return Err(Refusal::Faulty(faults));
    }
    for company in &companies {
        let blind = is_blind(conn, company.id)?;
        rows::replace_sales_tag(conn, now, company.id, tag, by, blind)?;
        audit::note(conn, now, by, "segment.tagged", &company.external_id, &tag.segment)?;
    }
    let ids: Vec<CompanyId> = companies.iter().map(|company| company.id).collect();
    super::resettle_by(conn, now, &ids, by)?;
    Ok(ids.len())
}

/// Takes the author's own tag away again.
pub fn untag(
    conn: &mut Conn,
    now: NaiveDateTime,
    viewer: &Viewer,
    external_id: &str,
    by: &str,
) -> Result<bool, Refusal> {
    let company = listing::find(conn, viewer, external_id)?.ok_or(Refusal::Unknown)?;
    let is_own = rows::find_rungs(conn, company.id)?.sales_tag_by.as_deref() == Some(by);
    if is_own {
        rows::delete_sales_tag(conn, company.id)?;
        super::resettle_by(conn, now, &[company.id], by)?;
        audit::note(conn, now, by, "segment.tag cleared", &company.external_id, "")?;
    }
    Ok(is_own)
}

/// A company that waits for a tag, without a word of what its answers say.
#[derive(Debug, Clone)]
pub struct Card {
    pub company: CardRow,
    pub deals: Vec<DealRow>,
}

/// How many companies wait for a tag, and the one after so many of them: the greatest revenue first.
pub fn next(conn: &mut Conn, viewer: &Viewer, skip: i64) -> store::Result<(i64, Option<Card>)> {
    let waiting = queries::count_untagged(conn, viewer)?;
    let card = match queries::find_untagged(conn, viewer, skip)? {
        Some(company) => Some(Card {
            deals: queries::list_deals(conn, company.id, DEALS)?,
            company,
        }),
        None => None,
    };
    Ok((waiting, card))
}

/// How many deals wait for a coding, and the one after so many of them: the newest first.
pub fn next_deal(conn: &mut Conn, viewer: &Viewer, skip: i64) -> store::Result<(i64, Option<DealRow>)> {
    Ok((
        queries::count_uncoded(conn, viewer)?,
        queries::find_uncoded(conn, viewer, skip)?,
    ))
}

/// Codes a deal with the needs behind it; none takes the coding away.
pub fn code_deal(
    conn: &mut Conn,
    now: NaiveDateTime,
    viewer: &Viewer,
    external_id: &str,
    needs: &[Code],
    by: &str,
) -> Result<(), Refusal> {
    let design = design::current(conn)?;
    let (id, company) = queries::find_deal(conn, viewer, external_id)?.ok_or(Refusal::Unknown)?;
    let known: BTreeSet<&str> = design.framework.needs.iter().map(|need| need.code.as_str()).collect();
    if let Some(unknown) = needs.iter().find(|need| !known.contains(need.as_str())) {
        let message = format!("There is no need “{unknown}”.");
        return Err(Refusal::Faulty(vec![("need", message)]));
    }
    queries::set_needs(conn, id, Some(needs.join("|")).filter(|needs| !needs.is_empty()))?;
    super::deals_changed(conn, now, &[company])?;
    audit::note(conn, now, by, "transaction.code", external_id, &needs.join(", "))?;
    Ok(())
}
