//! Who stands behind a figure, and whether it may be told.

/// Companies, and contacts of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Crowd {
    pub companies: u64,
    pub contacts: u64,
}

impl Crowd {
    fn is_enough(self, least: u64) -> bool {
        self.companies >= least && self.contacts >= least
    }
}

/// Whether a figure over `part` may be told, where the same figure over `part` and `rest` together may
/// be had by asking for everybody: neither may be a group that is too small. Nobody in `rest` is nobody
/// to be told of.
pub fn may_be_told(part: Crowd, rest: Crowd, min_group: u32) -> bool {
    let least = u64::from(min_group);
    part.is_enough(least) && (rest == Crowd::default() || rest.is_enough(least))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(companies: u64, contacts: u64) -> Crowd {
        Crowd { companies, contacts }
    }

    #[test]
    fn neither_a_group_nor_what_it_leaves_of_the_whole_is_too_small() {
        assert!(may_be_told(crowd(5, 5), crowd(0, 0), 5));
        assert!(!may_be_told(crowd(4, 9), crowd(0, 0), 5));
        assert!(!may_be_told(crowd(5, 4), crowd(0, 0), 5));
        assert!(!may_be_told(crowd(20, 30), crowd(1, 2), 5), "all but one company");
        assert!(!may_be_told(crowd(20, 30), crowd(5, 4), 5));
        assert!(may_be_told(crowd(20, 30), crowd(5, 5), 5));
    }
}
