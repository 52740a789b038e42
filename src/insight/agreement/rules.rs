//! Agreement in words, and what may be told of it.

use std::collections::{HashMap, HashSet};

use super::queries::RoleRow;
use super::{Disagreeing, Figures, Gap, LISTED, NeedAgreement};
use crate::design::Design;
use crate::framework::{Framework, Need};
use crate::ids::CompanyId;
use crate::insight::cuts::{Cells, Cuts, Place};
use crate::insight::scores::Totals;
use crate::insight::{PastCompany, Sums};
use crate::method::compare;

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

pub fn figures(design: &Design, totals: Totals) -> Figures {
    let needs = design.framework.needs.iter().zip(&totals.needs);
    let needs = needs.map(|(need, totals)| NeedAgreement {
        code: need.code.clone(),
        name: need.name.clone(),
        icc: totals.icc(),
        bands: totals.bands,
    });
    let needs = needs.collect();
    let mut agreements = totals.agreements;
    agreements.sort_by(|(one, a), (other, b)| a.total_cmp(b).then(one.cmp(other)));
    agreements.truncate(LISTED);
    let disagreeing = agreements.into_iter().map(|(company, r_wg)| Disagreeing {
        company: CompanyId(company),
        r_wg,
        then: None,
    });
    Figures {
        needs,
        companies: totals.grouped,
        disagreeing: disagreeing.collect(),
    }
}

/// A company's rows on the needs that contacts of both roles have scored; `is_one` has those of either.
pub fn role_rows(design: &Design, company: &PastCompany, is_one: &HashMap<i64, bool>) -> Vec<RoleRow> {
    let of_need = |(place, need): (usize, &Need)| {
        let (mut ones, mut others) = ((0.0, 0), (0.0, 0));
        for (contact, scores) in company.own_scores() {
            let (Some(is_one), Some(score)) = (is_one.get(&contact.0), scores[place]) else {
                continue;
            };
            let side = if *is_one { &mut ones } else { &mut others };
            side.0 += score;
            side.1 += 1;
        }
        (ones.1 > 0 && others.1 > 0).then(|| RoleRow {
            company_id: company.id(),
            need: need.code.clone(),
            contacts: ones.1,
            others: others.1,
            gap: ones.0 / ones.1 as f64 - others.0 / others.1 as f64,
        })
    };
    design.framework.needs.iter().enumerate().filter_map(of_need).collect()
}

/// The differences on one need, added up; those whom the filter leaves out only stand by.
#[derive(Debug, Clone, Default)]
pub struct RoleSums {
    gaps: Sums,
    contacts: u64,
    others: u64,
    /// By the contacts of the one role, and by those of the other.
    cells: [Cells; 2],
}

/// By need in framework order.
pub fn role_sums(design: &Design, rows: &[RoleRow], inside: Option<&HashSet<i64>>, cuts: &Cuts) -> Vec<RoleSums> {
    let mut sums = vec![RoleSums::default(); design.framework.needs.len()];
    for row in rows {
        if let Some(place) = design.framework.need_position(&row.need) {
            let is_inside = inside.is_none_or(|inside| inside.contains(&row.company_id));
            sums[place].add(row, is_inside, &cuts.place(row.company_id));
        }
    }
    sums
}

impl RoleSums {
    fn add(&mut self, row: &RoleRow, is_inside: bool, place: &Place) {
        let (contacts, others) = (row.contacts.unsigned_abs(), row.others.unsigned_abs());
        self.cells[0].add(place, contacts);
        self.cells[1].add(place, others);
        if is_inside {
            self.gaps.add(row.gap);
            self.contacts += contacts;
            self.others += others;
        }
    }

    /// `None` where too few companies, or contacts of either role, stand behind the figure, or behind
    /// what other filters would leave of it.
    pub fn gap(&self, cuts: &Cuts, min_group: u32) -> Option<Gap> {
        if !self.cells.iter().all(|cells| cells.may_be_told(cuts, min_group)) {
            return None;
        }
        let differences = self.gaps.sample()?;
        Some(Gap {
            differences,
            paired: compare::paired(&differences),
            p_adjusted: None,
            contacts: self.contacts,
            others: self.others,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Role;

    /// The companies' differences lie evenly about 10.
    fn sums(companies: u64, contacts: u64, others: u64) -> RoleSums {
        let mut sums = RoleSums::default();
        for nth in 0..companies {
            let part = |all: u64| i64::try_from(all / companies + u64::from(nth < all % companies)).unwrap();
            let row = RoleRow {
                company_id: nth as i64,
                need: "ease".to_owned(),
                contacts: part(contacts),
                others: part(others),
                gap: 10.0 + if nth % 2 == 0 { 4.0 } else { -4.0 },
            };
            sums.add(&row, true, &vec![]);
        }
        sums
    }

    fn told(sums: &RoleSums) -> bool {
        sums.gap(&Cuts::default(), 5).is_some()
    }

    #[test]
    fn a_difference_between_roles_stands_on_enough_companies_and_people_of_both() {
        let found = sums(6, 6, 9).gap(&Cuts::default(), 5).unwrap();
        assert_eq!((found.differences.mean, found.differences.n), (10.0, 6));
        assert_eq!((found.contacts, found.others), (6, 9));
        assert!((found.differences.sd.unwrap() - (96.0f64 / 5.0).sqrt()).abs() < 1e-9);
        assert!(found.paired.unwrap().low > 0.0);
        assert!(!told(&sums(4, 5, 9)), "four companies");
        assert!(
            !told(&sums(5, 4, 9)) && !told(&sums(5, 9, 4)),
            "four people of one role"
        );
        assert!(!told(&RoleSums::default()));
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
