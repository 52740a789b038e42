//! The evidence ladder: override > survey > sales tag > deals > none (METHOD.md section 4). Pure.

use crate::design::Design;
use crate::framework::Code;
use crate::method::segment::Why;

/// What a segment rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Override,
    Survey,
    SalesTag,
    Deals,
}

impl Source {
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Override => "override",
            Source::Survey => "survey",
            Source::SalesTag => "sales_tag",
            Source::Deals => "deals",
        }
    }

    pub fn parse(text: &str) -> Option<Source> {
        [Source::Override, Source::Survey, Source::SalesTag, Source::Deals]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// The segment of each rung, where there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rungs {
    pub override_: Option<Code>,
    pub survey: Option<Code>,
    pub sales_tag: Option<Code>,
    pub deals: Option<Code>,
}

impl Rungs {
    /// The highest rung whose segment the framework has: one for an archived segment is kept, but does not count.
    pub fn in_effect(&self, design: &Design) -> Option<(Code, Source)> {
        let rungs = [
            (&self.override_, Source::Override),
            (&self.survey, Source::Survey),
            (&self.sales_tag, Source::SalesTag),
            (&self.deals, Source::Deals),
        ];
        rungs.into_iter().find_map(|(segment, source)| {
            let segment = segment
                .as_ref()
                .filter(|segment| design.segment_index(segment).is_some())?;
            Some((segment.clone(), source))
        })
    }
}

/// Why a company has no segment, in words; the same words for the same reason, so that they can be counted.
pub fn why_none(design: &Design, why: &Why) -> String {
    match why {
        Why::NoSegments => "the framework has no segments".into(),
        Why::NoAnswers => "no scored answers yet".into(),
        Why::TooFewAnswers { have, need } => format!("{have} of {need} scored answers"),
        Why::MissingNeeds(needs) => {
            let names: Vec<&str> = needs
                .iter()
                .filter_map(|need| design.framework.needs.get(*need))
                .map(|n| n.name.as_str())
                .collect();
            format!("no answer yet on {}", names.join(", "))
        }
    }
}
