//! What may be told of a group, and what importance against satisfaction comes to.

use crate::method::compare::Sample;

/// Who stands behind a figure.
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

/// What a need's importance comes to beside how well it is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It matters, and more than it is met.
    Open,
    /// It matters, and is met at least as well.
    Satisfied,
    /// It lies below the middle of the scale.
    MattersLittle,
    /// It matters; the companies differ too much, or are too few, to say more.
    CannotTell,
}

/// The middle of a scale.
const MIDDLE: f64 = 50.0;

/// `gap` is importance less satisfaction.
pub fn standing(importance: &Sample, gap: &Sample) -> Standing {
    if importance.mean < MIDDLE {
        return Standing::MattersLittle;
    }
    // Where nothing varies the interval is a point.
    match gap.interval_95() {
        Some((low, _)) if low > 0.0 => Standing::Open,
        Some((_, high)) if high <= 0.0 => Standing::Satisfied,
        _ => Standing::CannotTell,
    }
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

    #[test]
    fn what_matters_and_is_met_is_satisfied_and_what_matters_more_is_open() {
        let of = |values: &[f64]| Sample::of(values).unwrap();
        let (high, low) = (of(&[80.0, 90.0]), of(&[20.0, 40.0]));
        assert_eq!(standing(&high, &of(&[30.0, 32.0, 34.0])), Standing::Open);
        assert_eq!(standing(&high, &of(&[-30.0, -32.0, -34.0])), Standing::Satisfied);
        assert_eq!(standing(&high, &of(&[0.0, 0.0])), Standing::Satisfied);
        assert_eq!(standing(&high, &of(&[30.0, -28.0])), Standing::CannotTell);
        assert_eq!(standing(&high, &of(&[30.0])), Standing::CannotTell);
        assert_eq!(standing(&low, &of(&[30.0, 32.0])), Standing::MattersLittle);
    }
}
