//! What importance against satisfaction comes to.

use crate::method::compare::Sample;

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
