//! METHOD.md section 6: whether the contacts of a company agree enough to be added up.

/// The variance of scores spread evenly from 0 to 100: of contacts who know nothing of each other.
const EVEN_SPREAD: f64 = 100.0 * 100.0 / 12.0;

/// Mean squares below this are what rounding leaves of none.
const NOTHING: f64 = 1e-18;

/// The contacts of one company, each with a score of its own on one need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    pub contacts: u64,
    pub mean: f64,
    /// Σ (score − mean)²
    pub squares: f64,
}

/// How far contacts of one company are alike, over all companies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Icc {
    /// Of a single contact: ICC(1).
    pub icc1: Option<f64>,
    /// Of the companies' means: ICC(2).
    pub icc2: Option<f64>,
    /// Companies with at least two scored contacts.
    pub companies: u64,
    /// Their scored contacts.
    pub contacts: u64,
}

impl Group {
    /// `None` without a score.
    pub fn of(scores: &[f64]) -> Option<Group> {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let squares = scores.iter().map(|score| (score - mean).powi(2)).sum();
        (!scores.is_empty()).then_some(Group {
            contacts: scores.len() as u64,
            mean,
            squares,
        })
    }

    /// 1 for contacts of one mind, 0 for contacts no more alike than chance; `None` for fewer than two.
    pub fn r_wg(&self) -> Option<f64> {
        let variance = self.squares / (self.contacts as f64 - 1.0);
        (self.contacts >= 2).then(|| (1.0 - variance / EVEN_SPREAD).max(0.0))
    }
}

/// What the companies with at least two scored contacts come to on one need, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GroupSums {
    pub companies: u64,
    pub contacts: u64,
    /// Σ of the squared numbers of contacts.
    pub contacts_squared: f64,
    /// Σ contacts · (mean of the company − mean of all)²
    pub between: f64,
    /// Σ (score − mean of the company)²
    pub within: f64,
}

/// Intraclass correlation on one need, over the companies with at least two scored contacts.
pub fn icc(groups: &[Group]) -> Icc {
    let groups: Vec<&Group> = groups.iter().filter(|group| group.contacts >= 2).collect();
    let contacts: u64 = groups.iter().map(|group| group.contacts).sum();
    let size = |group: &Group| group.contacts as f64;
    let mean = groups.iter().map(|g| size(g) * g.mean).sum::<f64>() / contacts as f64;
    icc_of(&GroupSums {
        companies: groups.len() as u64,
        contacts,
        contacts_squared: groups.iter().map(|g| size(g).powi(2)).sum(),
        between: groups.iter().map(|g| size(g) * (g.mean - mean).powi(2)).sum(),
        within: groups.iter().map(|g| g.squares).sum(),
    })
}

/// As [`icc`], from what the groups come to.
pub fn icc_of(sums: &GroupSums) -> Icc {
    let none = Icc {
        icc1: None,
        icc2: None,
        companies: sums.companies,
        contacts: sums.contacts,
    };
    if sums.companies < 2 {
        return none;
    }
    let (companies, n) = (sums.companies as f64, sums.contacts as f64);
    let between = sums.between / (companies - 1.0);
    let within = sums.within / (n - companies);
    let n0 = (n - sums.contacts_squared / n) / (companies - 1.0);
    let ratio = |denominator: f64| (denominator > NOTHING).then(|| (between - within) / denominator);
    Icc {
        icc1: ratio(between + (n0 - 1.0) * within),
        icc2: ratio(between),
        ..none
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(scores: &[f64]) -> Group {
        Group::of(scores).unwrap()
    }

    #[test]
    fn one_contact_agrees_with_nobody() {
        assert_eq!(Group::of(&[]), None);
        assert_eq!(group(&[70.0]).r_wg(), None);
        assert_eq!(group(&[70.0, 70.0]).r_wg(), Some(1.0));
        assert_eq!(group(&[0.0, 100.0]).r_wg(), Some(0.0));
    }

    #[test]
    fn one_company_cannot_be_told_from_others() {
        let found = icc(&[group(&[10.0, 20.0]), group(&[50.0])]);
        assert_eq!(
            found,
            Icc {
                icc1: None,
                icc2: None,
                companies: 1,
                contacts: 2
            }
        );
    }

    #[test]
    fn contacts_of_one_mind_in_companies_that_differ_are_all_alike() {
        let found = icc(&[group(&[10.0; 3]), group(&[90.0; 2])]);
        assert_eq!((found.icc1, found.icc2), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn where_nothing_differs_there_is_no_ratio() {
        let alike = icc(&[group(&[33.3; 3]), group(&[33.3; 7])]);
        assert_eq!((alike.icc1, alike.icc2), (None, None));
        let same_means = icc(&[group(&[20.0, 40.0]), group(&[10.0, 50.0])]);
        assert_eq!((same_means.icc1, same_means.icc2), (Some(-1.0), None));
    }
}
