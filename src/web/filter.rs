//! Which companies a list is asked for: the filters of the insights, a search, `segment=none`, and
//! what each rung of the evidence says (`sales_tag`, `survey`, `deals`, and `tagged_by`).

use chrono::{Days, NaiveDate, NaiveTime};

use crate::companies::listing::{Evidence, Filter};
use crate::design::Design;
use crate::insight;
use crate::method::tenure;

use super::error::Fault;

/// The word for companies without a segment.
pub const NO_SEGMENT: &str = "none";

/// The rungs that name a segment, whichever of them is in effect, and who gave the tag.
const EVIDENCE: [&str; 4] = ["sales_tag", "survey", "deals", "tagged_by"];

/// Reads query parameters, or lists all that is wrong with them.
pub fn read(parameters: &[(String, String)], design: &Design, today: NaiveDate) -> Result<Filter, Vec<Fault>> {
    let search = parameters.iter().find(|(name, _)| name == "search");
    let without_segment = parameters.iter().any(|(name, value)| is_no_segment(name, value));
    let others = parameters
        .iter()
        .filter(|(name, value)| name != "search" && !EVIDENCE.contains(&name.as_str()) && !is_no_segment(name, value))
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let mut faults = vec![];
    let evidence = evidence(parameters, design, &mut faults);
    let chosen = insight::Filter::read(others, &design.framework).unwrap_or_else(|of_filter| {
        let told = of_filter
            .into_iter()
            .map(|fault| Fault::new(fault.parameter, fault.message));
        faults.extend(told);
        insight::Filter::default()
    });
    if !faults.is_empty() {
        return Err(faults);
    }
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN);
    Ok(Filter {
        search: search
            .map(|(_, text)| text.trim().to_owned())
            .filter(|text| !text.is_empty()),
        segment: chosen.segment,
        without_segment,
        tenure: chosen.tenure,
        long_standing_since: tenure::cutoff(today, design.framework.settings.tenure_threshold_months),
        industry: chosen.industry,
        country: chosen.country,
        tier: chosen.tier,
        behaviour: chosen.behaviour,
        attributes: chosen.attributes,
        answered_from: chosen.from.map(midnight),
        answered_before: chosen
            .to
            .and_then(|day| day.checked_add_days(Days::new(1)))
            .map(midnight),
        evidence,
    })
}

fn evidence(parameters: &[(String, String)], design: &Design, faults: &mut Vec<Fault>) -> Evidence {
    let said = |wanted: &str| -> Vec<String> {
        let said = parameters
            .iter()
            .filter(|(name, value)| name == wanted && !value.is_empty());
        said.map(|(_, value)| value.clone()).collect()
    };
    let evidence = Evidence {
        sales_tag: said("sales_tag"),
        tagged_by: said("tagged_by"),
        survey: said("survey"),
        deals: said("deals"),
    };
    let rungs = [
        ("sales_tag", &evidence.sales_tag),
        ("survey", &evidence.survey),
        ("deals", &evidence.deals),
    ];
    for (rung, codes) in rungs {
        let unknown = codes.iter().filter(|code| design.segment_index(code).is_none());
        faults.extend(unknown.map(|code| Fault::new(rung, format!("the framework has no segment {code:?}"))));
    }
    evidence
}

fn is_no_segment(name: &str, value: &str) -> bool {
    name == "segment" && value.trim() == NO_SEGMENT
}
