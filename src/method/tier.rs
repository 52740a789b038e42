//! METHOD.md section 7: a company's value tier, by its place in the revenue of all (Pareto).

/// What a company is worth beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The companies that bring the first 80 % of the revenue.
    A,
    /// Those up to 95 %.
    B,
    C,
    /// Without a revenue.
    Unknown,
}

impl Tier {
    /// In the order in which they are shown.
    pub const ALL: [Tier; 4] = [Tier::A, Tier::B, Tier::C, Tier::Unknown];

    pub fn as_str(self) -> &'static str {
        match self {
            Tier::A => "A",
            Tier::B => "B",
            Tier::C => "C",
            Tier::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<Tier> {
        Tier::ALL.into_iter().find(|tier| tier.as_str() == text)
    }
}

/// Each company's tier, in the order given; a company is its external id, which parts ties, and its revenue.
pub fn pareto(companies: &[(&str, Option<f64>)]) -> Vec<Tier> {
    let mut tiers = vec![Tier::Unknown; companies.len()];
    let known = companies
        .iter()
        .enumerate()
        .filter_map(|(place, (id, revenue))| Some((place, id, (*revenue)?)));
    let mut greatest_first: Vec<_> = known.collect();
    greatest_first.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.1.cmp(b.1)));
    let total: f64 = greatest_first.iter().map(|(_, _, revenue)| revenue).sum();
    let mut before = 0.0;
    for (place, _, revenue) in greatest_first {
        // Where all revenue is nought the share is no number, and nobody stands out.
        tiers[place] = match before / total {
            share if share < 0.80 => Tier::A,
            share if share < 0.95 => Tier::B,
            _ => Tier::C,
        };
        before += revenue;
    }
    tiers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_before_a_company_decides() {
        let companies = [("c", Some(5.0)), ("d", None), ("a", Some(80.0)), ("b", Some(15.0))];
        assert_eq!(pareto(&companies), [Tier::C, Tier::Unknown, Tier::A, Tier::B]);
    }

    #[test]
    fn the_external_id_parts_a_tie() {
        let companies = [
            ("b", Some(50.0)),
            ("c", Some(50.0)),
            ("a", Some(50.0)),
            ("d", Some(10.0)),
        ];
        assert_eq!(pareto(&companies), [Tier::A, Tier::A, Tier::A, Tier::B]);
        assert_eq!(
            pareto(&[("y", Some(80.0)), ("x", Some(80.0)), ("w", Some(20.0))])[..2],
            [Tier::A; 2]
        );
        assert_eq!(pareto(&[("b", Some(1.0)); 1]), [Tier::A]);
        let five = ["e", "d", "c", "b", "a"].map(|id| (id, Some(20.0)));
        assert_eq!(pareto(&five), [Tier::B, Tier::A, Tier::A, Tier::A, Tier::A]);
    }

    #[test]
    fn without_any_revenue_nobody_stands_out() {
        assert_eq!(pareto(&[("a", Some(0.0)), ("b", None)]), [Tier::C, Tier::Unknown]);
        assert_eq!(pareto(&[]), []);
    }

    #[test]
    fn every_tier_is_read_as_it_is_written() {
        for tier in Tier::ALL {
            assert_eq!(Tier::parse(tier.as_str()), Some(tier));
        }
    }
}
