//! Which of the companies that behaviour says to leave alone an offer meets. Pure.

use super::queries::{AvoidedCompany, AvoidedScore};
use super::{Basis, Prospect, Prospects};
use crate::design::Design;
use crate::method::offer::{self, Scored};
use crate::method::tier::Tier;
use crate::text::fold;

/// Whom behaviour says to leave alone, unless somebody says otherwise: they buy whatever is cheapest
/// elsewhere, or are bound to a competitor.
pub const AVOIDED: &str = "Competitive Loyalists";

/// In whatever spelling it was imported.
pub fn is_avoided_by_default(behaviour: &str) -> bool {
    let key = fold::search_key(&behaviour.replace(['-', '_'], " "));
    let words: Vec<&str> = key.split_whitespace().collect();
    matches!(words[..], ["competitive", "loyalist" | "loyalists"])
}

/// `weights`: the needs that count by their place, with the offer's weight on each. Companies and scores
/// stand in the order of the companies' ids.
pub fn prospects(
    design: &Design,
    weights: &[(usize, f64)],
    companies: Vec<AvoidedCompany>,
    scores: &[AvoidedScore],
    least: f64,
) -> Prospects {
    let mut rest = scores;
    let mut all = Prospects {
        found: vec![],
        avoided: companies.len() as u64,
        unknown: 0,
    };
    let only_weights: Vec<f64> = weights.iter().map(|(_, weight)| *weight).collect();
    for company in companies {
        let before = rest.partition_point(|score| score.company_id < company.id);
        let own = rest[before..].partition_point(|score| score.company_id == company.id);
        let (own, after) = rest[before..].split_at(own);
        rest = after;
        let Some((basis, needs)) = needs(design, weights, &company, own) else {
            all.unknown += 1;
            continue;
        };
        let Some(meets) = offer::meets(&only_weights, &needs) else {
            all.unknown += 1;
            continue;
        };
        if meets.percent < least {
            continue;
        }
        all.found.push(Prospect {
            external_id: company.external_id,
            name: company.name,
            tier: Tier::parse(&company.tier).unwrap_or(Tier::Unknown),
            revenue: company.revenue,
            behaviour: company.behaviour,
            owner: company.owner,
            tenure: company.tenure,
            segment: company.segment,
            source: company.source,
            basis,
            meets,
            reasons: reasons(weights, &needs),
        });
    }
    all.found.sort_by(|a, b| {
        a.tier
            .cmp(&b.tier)
            .then(a.basis.cmp(&b.basis))
            .then(b.meets.percent.total_cmp(&a.meets.percent))
            .then(b.revenue.unwrap_or(-1.0).total_cmp(&a.revenue.unwrap_or(-1.0)))
            .then_with(|| a.external_id.cmp(&b.external_id))
    });
    all
}

/// What the company has on each need that counts, by the evidence in effect; `None` where there is none.
fn needs(
    design: &Design,
    weights: &[(usize, f64)],
    company: &AvoidedCompany,
    own: &[AvoidedScore],
) -> Option<(Basis, Vec<Option<Scored>>)> {
    let is_overruled = company.source.as_deref() == Some("override");
    if !own.is_empty() && !is_overruled {
        let scored = |(place, _): &(usize, f64)| {
            let code = &design.framework.needs[*place].code;
            let score = own.iter().find(|score| score.need == *code)?;
            Some(Scored {
                score: score.score,
                se: score.se,
            })
        };
        let scores: Vec<Option<Scored>> = weights.iter().map(scored).collect();
        let is_told = |((_, weight), score): (&(usize, f64), &Option<Scored>)| *weight == 0.0 || score.is_some();
        // Who answered little may still have a segment by a rung below.
        if weights.iter().zip(&scores).all(is_told) {
            return Some((Basis::Scores, scores));
        }
    }
    // A segment that was archived says nothing any more.
    let segment = design.framework.segment(company.segment.as_deref()?)?;
    let weight = |(place, _): &(usize, f64)| {
        let code = &design.framework.needs[*place].code;
        let score = segment.profile.get(code).copied().unwrap_or(0.0);
        Some(Scored { score, se: 0.0 })
    };
    Some((Basis::Segment, weights.iter().map(weight).collect()))
}

/// The needs that the offer favours, what speaks for it most first.
fn reasons(weights: &[(usize, f64)], needs: &[Option<Scored>]) -> Vec<(usize, f64)> {
    let mean = weights.iter().map(|(_, weight)| weight).sum::<f64>() / weights.len().max(1) as f64;
    let favoured = weights.iter().zip(needs).filter(|((_, weight), _)| *weight > mean);
    let mut spoken: Vec<(f64, usize, f64)> = favoured
        .filter_map(|((place, weight), need)| {
            let score = need.as_ref()?.score;
            Some(((weight - mean) * score, *place, score))
        })
        .collect();
    spoken.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    spoken.into_iter().map(|(_, place, score)| (place, score)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::tenure::Tenure;

    #[test]
    fn the_behaviour_is_known_in_whatever_spelling() {
        for known in [
            "Competitive Loyalists",
            " competitive loyalist ",
            "COMPETITIVE-LOYALISTS",
        ] {
            assert!(is_avoided_by_default(known), "{known}");
        }
        assert!(!is_avoided_by_default("Loyalists") && !is_avoided_by_default(""));
    }

    #[test]
    fn what_speaks_most_for_the_offer_comes_first_and_the_rest_is_no_reason() {
        let scored = |score| Some(Scored { score, se: 0.0 });
        let weights = [(0, 60.0), (1, 100.0), (2, 0.0), (3, 10.0)];
        let needs = [scored(90.0), scored(50.0), scored(99.0), scored(99.0)];
        assert_eq!(reasons(&weights, &needs), [(1, 50.0), (0, 90.0)]);
    }

    fn company(id: i64, tier: &str) -> AvoidedCompany {
        AvoidedCompany {
            id,
            external_id: format!("c{id}"),
            name: format!("C{id}"),
            tier: tier.into(),
            revenue: Some(10.0),
            behaviour: AVOIDED.into(),
            owner: None,
            tenure: Tenure::New,
            segment: None,
            source: None,
        }
    }

    fn score(company_id: i64, need: &str, score: f64) -> AvoidedScore {
        AvoidedScore {
            company_id,
            need: need.into(),
            score,
            se: 5.0,
        }
    }

    #[test]
    fn a_greater_value_goes_before_a_better_match_and_both_before_nothing_known() {
        let toml = "[[needs]]\ncode = \"a\"\nname = \"A\"\nlevel = \"tactical\"\n[[needs]]\ncode = \"b\"\nname = \"B\"\nlevel = \"tactical\"\n";
        let framework = crate::framework::read::toml(toml).unwrap();
        let design = Design::empty().foreseen(framework);
        let companies = vec![
            company(1, "C"),
            company(2, "A"),
            company(3, "A"),
            company(4, "A"),
            company(5, "A"),
        ];
        let scores = [
            score(1, "a", 100.0),
            score(1, "b", 0.0),
            score(2, "a", 70.0),
            score(2, "b", 40.0),
            score(3, "a", 90.0),
            score(3, "b", 30.0),
            score(4, "a", 30.0),
            score(4, "b", 90.0),
        ];
        let found = prospects(&design, &[(0, 100.0), (1, 0.0)], companies, &scores, 55.0);
        let ids: Vec<&str> = found.found.iter().map(|one| one.external_id.as_str()).collect();
        assert_eq!(ids, ["c3", "c2", "c1"]);
        assert!((found.found[1].meets.percent - 65.0).abs() < 1e-9);
        assert_eq!((found.avoided, found.unknown), (5, 1));
    }
}
