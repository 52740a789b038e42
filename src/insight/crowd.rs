//! Who stands behind a figure, and whether it may be told.

use crate::method::guard;

/// Companies, and contacts of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Crowd {
    pub companies: u64,
    pub contacts: u64,
}

/// Whether a figure over `part` may be told, where the same figure over `part` and `rest` together may
/// be had by asking for everybody: neither may be a group that is too small, nor can it be had from
/// the other ([`guard`]).
pub fn may_be_told(part: Crowd, rest: Crowd, min_group: u32) -> bool {
    let is_told = |part: u64, rest: u64| part > 0 && guard::told(&[part, rest], u64::from(min_group))[0];
    is_told(part.companies, rest.companies) && is_told(part.contacts, rest.contacts)
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
