//! Which of the companies that behaviour says to leave alone an offer meets. Pure.

use super::queries::{AvoidedCompany, AvoidedScore};
use super::{Basis, MOST, Prospect, Prospects};
use crate::design::Design;
use crate::framework::Code;
use crate::method::offer::{self, Match, Scored};
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
        matching: 0,
        avoided: companies.len() as u64,
        unknown: 0,
    };
    let only_weights: Vec<f64> = weights.iter().map(|(_, weight)| *weight).collect();
    for company in companies {
        let before = rest.partition_point(|score| score.company_id < company.id);
        let own = rest[before..].partition_point(|score| score.company_id == company.id);
        let (own, after) = rest[before..].split_at(own);
        rest = after;
        let Some((basis, needs, meets)) = met(design, weights, &only_weights, &company, own) else {
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
            reasons: reasons(design, weights, &needs),
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
    all.matching = all.found.len() as u64;
    all.found.truncate(MOST);
    all.found.shrink_to_fit();
    all
}

/// What the company has on each need that counts, by the evidence in effect, and how well the offer
/// meets that; `None` where there is none.
fn met(
    design: &Design,
    weights: &[(usize, f64)],
    only_weights: &[f64],
    company: &AvoidedCompany,
    own: &[AvoidedScore],
) -> Option<(Basis, Vec<Option<Scored>>, Match)> {
    let met = |basis, needs: Vec<Option<Scored>>| {
        let meets = offer::meets(only_weights, &needs)?;
        Some((basis, needs, meets))
    };
    let code = |place: usize| &design.framework.needs[place].code;
    // An override, a sales tag or coded deals in effect speak instead of what was answered.
    if matches!(company.source.as_deref(), None | Some("survey")) {
        let scored = |(place, _): &(usize, f64)| {
            let score = own.iter().find(|score| score.need == *code(*place))?;
            Some(Scored {
                score: score.score,
                se: score.se,
            })
        };
        let found = met(Basis::Scores, weights.iter().map(scored).collect());
        if found.is_some() {
            return found;
        }
    }
    // A segment that was archived says nothing any more.
    let segment = design.framework.segment(company.segment.as_deref()?)?;
    let weight = |(place, _): &(usize, f64)| {
        let score = segment.profile.get(code(*place)).copied().unwrap_or(0.0);
        Some(Scored { score, se: 0.0 })
    };
    met(Basis::Segment, weights.iter().map(weight).collect())
}

/// The needs that the offer favours over the others that are known of the company, and that the company
/// has at all, what speaks for it most first.
fn reasons(design: &Design, weights: &[(usize, f64)], needs: &[Option<Scored>]) -> Vec<(Code, f64)> {
    let known = |((place, weight), need): (&(usize, f64), &Option<Scored>)| {
        let score = need.as_ref()?.score;
        Some((*place, *weight, score))
    };
    let known: Vec<(usize, f64, f64)> = weights.iter().zip(needs).filter_map(known).collect();
    let mean = known.iter().map(|(_, weight, _)| weight).sum::<f64>() / known.len().max(1) as f64;
    let mut spoken: Vec<(f64, usize, f64)> = known
        .into_iter()
        .filter(|(_, weight, score)| *weight > mean && *score > 0.0)
        .map(|(place, weight, score)| ((weight - mean) * score, place, score))
        .collect();
    spoken.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let spoken = spoken.into_iter();
    spoken
        .map(|(_, place, score)| (design.framework.needs[place].code.clone(), score))
        .collect()
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
        let design = design(&["a", "b", "c", "d"]);
        let told = |needs: &[Option<Scored>]| {
            let reasons = reasons(&design, &weights, needs);
            reasons
                .iter()
                .map(|(code, score)| format!("{code} {score}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        assert_eq!(
            told(&[scored(90.0), scored(50.0), scored(99.0), scored(99.0)]),
            "b 50, a 90"
        );
        assert_eq!(
            told(&[scored(0.0), scored(50.0), scored(99.0), scored(99.0)]),
            "b 50",
            "what it has not is no reason"
        );
        assert_eq!(
            told(&[scored(90.0), scored(50.0), None, None]),
            "b 50",
            "held against what is known"
        );
    }

    fn design(codes: &[&str]) -> Design {
        let need = |code: &&str| format!("[[needs]]\ncode = \"{code}\"\nname = \"{code}\"\nlevel = \"tactical\"\n");
        let toml: String = codes.iter().map(need).collect();
        let segments = "[[segments]]\ncode = \"s\"\nname = \"S\"\nprofile = { a = 80 }\n\
                        [[segments]]\ncode = \"t\"\nname = \"T\"\nprofile = { b = 80 }\n";
        Design::empty().foreseen(crate::framework::read::toml(&(toml + segments)).unwrap())
    }

    #[test]
    fn what_a_rep_said_speaks_before_answers_that_did_not_suffice() {
        let design = design(&["a", "b"]);
        let tagged = AvoidedCompany {
            segment: Some("s".into()),
            source: Some("sales_tag".into()),
            ..company(1, "A")
        };
        let weights = [(0, 100.0), (1, 0.0)];
        let partial = [score(1, "a", 10.0)];
        let whole = [score(1, "a", 10.0), score(1, "b", 90.0)];
        for own in [&partial[..], &whole[..], &[]] {
            let found = prospects(&design, &weights, vec![tagged.clone()], own, 55.0);
            assert_eq!((found.found.len(), found.unknown), (1, 0), "{own:?}");
            assert_eq!(found.found[0].basis, Basis::Segment);
        }
        // Asked and assigned, the answers speak; too few of them, the segment does.
        let surveyed = AvoidedCompany {
            source: Some("survey".into()),
            ..tagged
        };
        assert_eq!(
            prospects(&design, &weights, vec![surveyed.clone()], &whole, 55.0).matching,
            0
        );
        assert_eq!(
            prospects(&design, &weights, vec![surveyed], &partial, 55.0).found[0].basis,
            Basis::Segment
        );
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
        let design = design(&["a", "b"]);
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
