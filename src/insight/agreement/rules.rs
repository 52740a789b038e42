//! Agreement in words, and what may be told of it.

use super::Gap;
use super::queries::{BandRow, GroupSumsRow, RoleSumsRow};
use crate::framework::Framework;
use crate::insight::crowd::{Crowd, may_be_told};
use crate::method::agreement::{self, GroupSums, Icc};
use crate::method::compare::{self, Sample};

/// How far the contacts of a company agree on a need: the bands of r_wg that LeBreton and Senter
/// (2008, "Answers to 20 questions about interrater reliability") propose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    Hardly,
    Weakly,
    Moderately,
    Strongly,
    Fully,
}

impl Band {
    /// From the least to the most agreement.
    pub const ALL: [Band; 5] = [
        Band::Hardly,
        Band::Weakly,
        Band::Moderately,
        Band::Strongly,
        Band::Fully,
    ];

    /// The greatest r_wg of the band.
    pub fn most(self) -> f64 {
        match self {
            Band::Hardly => 0.3,
            Band::Weakly => 0.5,
            Band::Moderately => 0.7,
            Band::Strongly => 0.9,
            Band::Fully => 1.0,
        }
    }

    pub fn of(r_wg: f64) -> Band {
        let found = Band::ALL.into_iter().find(|band| r_wg <= band.most());
        found.unwrap_or(Band::Fully)
    }
}

/// How much of what contacts' scores differ by lies between companies, ICC(1) as an effect
/// (LeBreton and Senter 2008).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alike {
    /// Colleagues are no more alike than strangers.
    NoMore,
    ALittle,
    Clearly,
    Strongly,
}

impl Alike {
    pub fn of(icc1: f64) -> Alike {
        match icc1 {
            _ if icc1 < 0.01 => Alike::NoMore,
            _ if icc1 < 0.1 => Alike::ALittle,
            _ if icc1 < 0.25 => Alike::Clearly,
            _ => Alike::Strongly,
        }
    }
}

/// Whether companies' means tell companies apart: ICC(2), by the usual line of 0.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reliable {
    No,
    WithCare,
    Yes,
}

impl Reliable {
    pub fn of(icc2: f64) -> Reliable {
        match icc2 {
            _ if icc2 < 0.5 => Reliable::No,
            _ if icc2 < 0.7 => Reliable::WithCare,
            _ => Reliable::Yes,
        }
    }
}

/// The two roles that are compared before anybody has chosen: who decides against who uses, or else
/// the roles that weigh most and least. `None` with fewer than two.
pub fn usual_roles(framework: &Framework) -> Option<(String, String)> {
    let has = |code: &str| framework.roles.iter().any(|role| role.code == code);
    if has("decision_maker") && has("user") {
        return Some(("decision_maker".to_owned(), "user".to_owned()));
    }
    let mut roles: Vec<_> = framework.roles.iter().collect();
    // Equal weights keep the framework's order.
    roles.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    match roles.as_slice() {
        [heaviest, .., lightest] => Some((heaviest.code.clone(), lightest.code.clone())),
        _ => None,
    }
}

pub fn icc(need: &str, rows: &[GroupSumsRow]) -> Icc {
    let sums = rows.iter().find(|row| row.need == need).map(|row| GroupSums {
        companies: row.companies.unsigned_abs(),
        contacts: row.contacts as u64,
        contacts_squared: row.contacts_squared,
        // What is left of equal means is rounding.
        between: match row.greatest - row.least > 1e-9 {
            true => (row.squares - row.sum * row.sum / row.contacts).max(0.0),
            false => 0.0,
        },
        within: row.within.max(0.0),
    });
    agreement::icc_of(&sums.unwrap_or_default())
}

pub fn bands(need: &str, rows: &[BandRow]) -> [u64; 5] {
    let mut bands = [0; 5];
    for row in rows.iter().filter(|row| row.need == need) {
        let place = usize::try_from(row.band).ok();
        if let Some(count) = place.and_then(|place| bands.get_mut(place)) {
            *count += row.companies.unsigned_abs();
        }
    }
    bands
}

/// `None` where too few companies, or contacts of either role, stand behind the figure, or behind what
/// it leaves of the whole.
pub fn gap(need: &str, rows: &[RoleSumsRow], whole: &[RoleSumsRow], min_group: u32) -> Option<Gap> {
    let of = |rows: &[RoleSumsRow]| rows.iter().find(|row| row.need == need).cloned();
    let (row, whole) = (of(rows)?, of(whole)?);
    let is_told = |contacts: fn(&RoleSumsRow) -> i64| {
        let crowd = |companies: i64, contacts: i64| Crowd {
            companies: companies.unsigned_abs(),
            contacts: contacts.unsigned_abs(),
        };
        let part = crowd(row.companies, contacts(&row));
        let rest = crowd(whole.companies - row.companies, contacts(&whole) - contacts(&row));
        may_be_told(part, rest, min_group)
    };
    if !is_told(|row| row.contacts) || !is_told(|row| row.others) {
        return None;
    }
    let n = row.companies.unsigned_abs();
    let mean = row.sum / n as f64;
    let spread = match row.greatest - row.least > 1e-9 {
        true => row.squares - mean * row.sum,
        false => 0.0,
    };
    let differences = Sample::from_sums(n, mean, spread)?;
    Some(Gap {
        differences,
        paired: compare::paired(&differences),
        p_adjusted: None,
        contacts: row.contacts.unsigned_abs(),
        others: row.others.unsigned_abs(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Role;

    fn row(companies: i64, contacts: i64, others: i64) -> RoleSumsRow {
        RoleSumsRow {
            need: "ease".to_owned(),
            companies,
            contacts,
            others,
            sum: 10.0 * companies as f64,
            squares: 100.0 * companies as f64 + 32.0,
            least: 6.0,
            greatest: 14.0,
        }
    }

    fn told(part: RoleSumsRow, whole: RoleSumsRow) -> bool {
        gap("ease", &[part], &[whole], 5).is_some()
    }

    #[test]
    fn a_difference_between_roles_stands_on_enough_companies_and_people_of_both() {
        let found = gap("ease", &[row(5, 5, 9)], &[row(5, 5, 9)], 5).unwrap();
        assert_eq!((found.differences.mean, found.differences.n), (10.0, 5));
        assert!((found.differences.sd.unwrap() - 8f64.sqrt()).abs() < 1e-9);
        assert!(found.paired.unwrap().low > 0.0);
        assert!(!told(row(4, 5, 9), row(4, 5, 9)));
        assert!(!told(row(5, 4, 9), row(5, 4, 9)));
        assert!(!told(row(5, 9, 4), row(5, 9, 4)));
        assert!(gap("calm", &[row(9, 9, 9)], &[row(9, 9, 9)], 5).is_none());
    }

    #[test]
    fn what_a_filter_leaves_out_is_not_told_either() {
        assert!(!told(row(9, 9, 9), row(10, 10, 10)), "one company less than the whole");
        assert!(!told(row(9, 9, 9), row(13, 14, 14)));
        assert!(told(row(9, 9, 9), row(14, 14, 14)));
    }

    #[test]
    fn agreement_has_a_word_up_to_each_edge() {
        assert_eq!(
            [0.0, 0.3, 0.31, 0.7, 0.9, 0.95, 1.0].map(Band::of),
            [
                Band::Hardly,
                Band::Hardly,
                Band::Weakly,
                Band::Moderately,
                Band::Strongly,
                Band::Fully,
                Band::Fully
            ]
        );
        assert_eq!((Alike::of(-0.2), Alike::of(0.3)), (Alike::NoMore, Alike::Strongly));
        assert_eq!((Reliable::of(-3.0), Reliable::of(0.7)), (Reliable::No, Reliable::Yes));
    }

    #[test]
    fn who_decides_is_held_against_who_uses_or_the_heaviest_role_against_the_lightest() {
        let framework = |codes: &[(&str, f64)]| Framework {
            roles: codes
                .iter()
                .map(|(code, weight)| Role {
                    code: (*code).to_owned(),
                    weight: *weight,
                })
                .collect(),
            ..Framework::default()
        };
        let pair = |one: &str, other: &str| Some((one.to_owned(), other.to_owned()));
        let usual = framework(&[("owner", 9.0), ("user", 1.0), ("decision_maker", 3.0)]);
        assert_eq!(usual_roles(&usual), pair("decision_maker", "user"));
        let own = framework(&[("clerk", 0.5), ("boss", 4.0), ("buyer", 2.0)]);
        assert_eq!(usual_roles(&own), pair("boss", "clerk"));
        assert_eq!(usual_roles(&framework(&[("boss", 4.0)])), None);
    }
}
