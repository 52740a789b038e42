//! Which needs the answers of companies speak for, and which are the team's assumption still.
//!
//! A company's answers speak for a need when enough of them are scored on it (`min_scored_answers`, as
//! for a segment) and put it at 50 or more: at least half of what they could have said for it. So many
//! companies as `min_group` confirm a need. Both are counted from the scores as they stand, by an index
//! that holds nothing else, so that every list of needs may show it.

use std::collections::BTreeMap;

use super::queries;
use crate::design::Design;
use crate::framework::Code;
use crate::store::{self, Conn};

/// What a need rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge {
    /// The team thinks so; too few companies have said it.
    Assumed,
    /// The answers of so many companies speak for it.
    Confirmed(i64),
    /// Enough companies' answers speak for it; how many is not for this reader to know.
    ConfirmedByEnough,
}

/// How many companies' answers speak for each need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmed {
    by_need: BTreeMap<Code, i64>,
    min_group: i64,
    is_counted_out: bool,
}

impl Confirmed {
    pub fn companies(&self, need: &str) -> i64 {
        self.by_need.get(need).copied().unwrap_or(0)
    }

    pub fn badge(&self, need: &str) -> Badge {
        match self.companies(need) {
            companies if companies < self.min_group.max(1) => Badge::Assumed,
            _ if self.is_counted_out => Badge::ConfirmedByEnough,
            companies => Badge::Confirmed(companies),
        }
    }

    /// For somebody who may not see all companies: a number would tell when one more has answered.
    pub fn told_to(self, is_narrowed: bool) -> Confirmed {
        Confirmed {
            is_counted_out: is_narrowed,
            ..self
        }
    }

    /// So many companies make it.
    pub fn min_group(&self) -> i64 {
        self.min_group
    }
}

/// The companies whose answers speak for each need.
pub fn confirmed(conn: &mut Conn, design: &Design) -> store::Result<Confirmed> {
    let settings = &design.framework.settings;
    let least = i32::try_from(settings.min_scored_answers).unwrap_or(i32::MAX);
    Ok(Confirmed {
        by_need: queries::count_in_favour(conn, least)?.into_iter().collect(),
        min_group: i64::from(settings.min_group),
        is_counted_out: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_is_confirmed_by_as_many_companies_as_make_a_group() {
        let by_need = BTreeMap::from([("fast".to_owned(), 5), ("near".to_owned(), 4)]);
        let confirmed = Confirmed {
            by_need,
            min_group: 5,
            is_counted_out: false,
        };
        assert_eq!(confirmed.badge("fast"), Badge::Confirmed(5));
        assert_eq!(confirmed.badge("near"), Badge::Assumed);
        assert_eq!(confirmed.badge("new"), Badge::Assumed);
        assert_eq!(Confirmed::default().badge("new"), Badge::Assumed);
        let told = confirmed.told_to(true);
        assert_eq!(
            (told.badge("fast"), told.badge("near")),
            (Badge::ConfirmedByEnough, Badge::Assumed)
        );
    }
}
