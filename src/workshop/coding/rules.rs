//! What colleagues' readings of own words come to.

use std::collections::{BTreeMap, BTreeSet};

use crate::framework::Code;
use crate::ids::{CodingId, ProposalId};

/// How a need that is only proposed is written where others have their code.
const PROPOSED: &str = "proposal:";

/// What own words may be coded to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    Need(Code),
    /// A need that the open workshop has on its list.
    Proposed(ProposalId),
}

impl Target {
    pub fn parse(text: &str) -> Target {
        match text.strip_prefix(PROPOSED).and_then(|number| number.parse().ok()) {
            Some(number) => Target::Proposed(ProposalId(number)),
            None => Target::Need(text.to_owned()),
        }
    }

    pub fn written(&self) -> String {
        match self {
            Target::Need(code) => code.clone(),
            Target::Proposed(id) => format!("{PROPOSED}{id}"),
        }
    }

    /// As what it stands today: a proposal that was frozen has become a need.
    pub fn today(self, frozen: &BTreeMap<ProposalId, Code>) -> Target {
        match &self {
            Target::Proposed(id) => frozen.get(id).cloned().map_or(self, Target::Need),
            Target::Need(_) => self,
        }
    }
}

/// How many answers were read twice, and in how many of them both said the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreement {
    pub twice: usize,
    pub same: usize,
}

impl Agreement {
    pub fn share(&self) -> Option<f64> {
        (self.twice > 0).then(|| self.same as f64 / self.twice as f64)
    }
}

/// A first and a second reading of one answer, each with whether it was set aside.
pub type Pair = ((CodingId, bool), (CodingId, bool));

pub fn agreement(pairs: &[Pair], codes: &BTreeMap<CodingId, BTreeSet<Target>>) -> Agreement {
    let reading = |(id, aside): (CodingId, bool)| (aside, codes.get(&id).cloned().unwrap_or_default());
    let same = pairs.iter().filter(|(one, other)| reading(*one) == reading(*other));
    Agreement {
        twice: pairs.len(),
        same: same.count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_that_was_frozen_counts_as_the_need_that_it_became() {
        let frozen = BTreeMap::from([(ProposalId(7), "trust".to_owned())]);
        assert_eq!(
            Target::parse("proposal:7").today(&frozen),
            Target::Need("trust".to_owned())
        );
        assert_eq!(
            Target::parse("proposal:8").today(&frozen),
            Target::Proposed(ProposalId(8))
        );
        assert_eq!(Target::parse("trust").written(), "trust");
        assert_eq!(Target::parse("proposal:8").written(), "proposal:8");
    }

    #[test]
    fn two_agree_when_they_name_the_same_needs_or_both_set_it_aside() {
        let set = |needs: &[&str]| needs.iter().map(|need| Target::parse(need)).collect::<BTreeSet<_>>();
        let codes = BTreeMap::from([
            (CodingId(1), set(&["fast", "near"])),
            (CodingId(2), set(&["near", "fast"])),
            (CodingId(3), set(&["fast"])),
            (CodingId(4), set(&["near"])),
        ]);
        let read = |id| (CodingId(id), false);
        let aside = |id| (CodingId(id), true);
        let pairs = [
            (read(1), read(2)),
            (read(3), read(4)),
            (aside(5), aside(6)),
            (read(7), aside(8)),
        ];
        let found = agreement(&pairs, &codes);
        assert_eq!((found.twice, found.same, found.share()), (4, 2, Some(0.5)));
        assert_eq!(Agreement::default().share(), None);
    }
}
