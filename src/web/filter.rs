//! Which companies a list is asked for: the filters of the insights, a search, and `segment=none`.

use chrono::{Days, NaiveDate, NaiveTime};

use crate::companies::listing::Filter;
use crate::design::Design;
use crate::insight;
use crate::method::tenure;

use super::error::Fault;

/// The word for companies without a segment.
pub const NO_SEGMENT: &str = "none";

/// Reads query parameters, or lists all that is wrong with them.
pub fn read(parameters: &[(String, String)], design: &Design, today: NaiveDate) -> Result<Filter, Vec<Fault>> {
    let search = parameters.iter().find(|(name, _)| name == "search");
    let without_segment = parameters.iter().any(|(name, value)| is_no_segment(name, value));
    let others = parameters
        .iter()
        .filter(|(name, value)| name != "search" && !is_no_segment(name, value))
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let chosen = insight::Filter::read(others, &design.framework).map_err(|faults| {
        let told = faults
            .into_iter()
            .map(|fault| Fault::new(fault.parameter, fault.message));
        told.collect::<Vec<Fault>>()
    })?;
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
    })
}

fn is_no_segment(name: &str, value: &str) -> bool {
    name == "segment" && value.trim() == NO_SEGMENT
}
