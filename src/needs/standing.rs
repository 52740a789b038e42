//! How companies stand: their scores, their one segment, or why they have none.

use std::collections::HashMap;

use super::ladder::why_none;
use super::queries::{self, CompanyNeedRow, RungsRow};
use crate::design::Design;
use crate::ids::CompanyId;
use crate::method::segment::Why;
use crate::store::{self, Conn};

/// All that is worked out for one company.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// Its newest answers that are scored on some need.
    pub answers: i32,
    pub contacts_answered: i32,
    /// In the framework's order.
    pub needs: Vec<CompanyNeedRow>,
    pub rungs: RungsRow,
    /// In words, where there is no segment.
    pub why_none: Option<String>,
}

/// Each company's standing, in the order asked for.
pub fn list_standings(conn: &mut Conn, design: &Design, companies: &[CompanyId]) -> store::Result<Vec<Standing>> {
    let mut standings: HashMap<CompanyId, Standing> = HashMap::new();
    for (company, rungs) in queries::list_rungs(conn, companies)? {
        standings.entry(company).or_default().rungs = rungs;
    }
    for (company, answers, contacts_answered) in queries::list_evidence(conn, companies)? {
        let standing = standings.entry(company).or_default();
        standing.answers = answers;
        standing.contacts_answered = contacts_answered;
    }
    for row in queries::list_of_companies(conn, companies)? {
        standings.entry(CompanyId(row.company_id)).or_default().needs.push(row);
    }
    let place = |row: &CompanyNeedRow| design.framework.needs.iter().position(|need| need.code == row.need);
    let mut in_order = Vec::with_capacity(companies.len());
    for company in companies {
        let mut standing = standings.remove(company).unwrap_or_default();
        standing.needs.retain(|row| place(row).is_some());
        standing.needs.sort_by_key(place);
        standing.why_none = standing.why(design).map(|why| why_none(design, &why));
        in_order.push(standing);
    }
    Ok(in_order)
}

impl Standing {
    /// Fits, margin and confidence speak of the segment in effect only where it rests on the survey.
    pub fn survey(&self) -> Option<&RungsRow> {
        (self.rungs.source.as_deref() == Some("survey")).then_some(&self.rungs)
    }

    /// Why the answers give no segment, in words, whatever lower or higher rung gives one.
    pub fn why_no_survey(&self, design: &Design) -> Option<String> {
        let gap = self.rungs.survey.is_none().then(|| self.gap(design));
        gap.map(|why| why_none(design, &why))
    }

    fn why(&self, design: &Design) -> Option<Why> {
        self.rungs.segment.is_none().then(|| self.gap(design))
    }

    /// What is missing for a segment by survey.
    fn gap(&self, design: &Design) -> Why {
        let (have, need) = (self.answers.max(0) as u32, design.framework.settings.min_scored_answers);
        let scored = |place: &usize| {
            let code = design.framework.needs.get(*place).map(|need| need.code.as_str());
            self.needs.iter().any(|row| Some(row.need.as_str()) == code)
        };
        let missing = || {
            design
                .profiles
                .in_play()
                .iter()
                .copied()
                .filter(|place| !scored(place))
                .collect()
        };
        match have {
            _ if design.framework.segments.is_empty() => Why::NoSegments,
            0 => Why::NoAnswers,
            _ if have < need => Why::TooFewAnswers { have, need },
            _ => Why::MissingNeeds(missing()),
        }
    }
}
