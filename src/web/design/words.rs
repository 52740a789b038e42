//! What the design's pages say of what refers to what, of what was saved, and of what would follow.

use crate::framework::Framework;
use crate::framework::references::Reference;
use crate::needs::Move;
use crate::text::figures;

/// What refers to a need or a segment, in a sentence.
pub fn reference(reference: &Reference) -> String {
    match reference {
        Reference::Load { text, part, load, .. } => match part {
            Some(part) => format!("“{text}”: “{part}” speaks for it with {}.", weight(*load)),
            None => format!("“{text}”: the answer speaks for it with {}.", weight(*load)),
        },
        Reference::Profile { name, weight: of, .. } => {
            format!("The profile of “{name}” gives it {}.", weight(*of))
        }
        Reference::Variant { name, step, .. } => {
            format!("The drip “{name}” has a letter of its own for it in step {step}.")
        }
        Reference::Audience { name, .. } => format!("The drip “{name}” asks it."),
    }
}

/// Where the reference can be changed.
pub fn href(reference: &Reference) -> String {
    match reference {
        Reference::Load { set, .. } => format!("/design/question-sets/{set}/edit"),
        Reference::Profile { segment, .. } => format!("/design/segments/{segment}/edit"),
        Reference::Variant { drip, .. } | Reference::Audience { drip, .. } => format!("/drips/{drip}/edit"),
    }
}

/// A weight or a loading, with no more digits than it has.
pub fn weight(weight: f64) -> String {
    let hundredths = (weight * 100.0).round();
    let decimals = match hundredths {
        whole if whole % 100.0 == 0.0 => 0,
        tenths if tenths % 10.0 == 0.0 => 1,
        _ => 2,
    };
    figures::number(weight, decimals)
}

/// What Save has done.
pub fn saved(changes: &[String]) -> String {
    match changes {
        [] => "Nothing had changed.".to_owned(),
        [only] => format!("Saved: {only}."),
        _ => format!("Saved {} changes.", changes.len()),
    }
}

/// `12 companies would move: 7 from A to B, 5 from no segment to B.`
pub fn moves(framework: &Framework, moves: &[Move]) -> String {
    const TOLD: usize = 6;
    let all: usize = moves.iter().map(|one| one.companies).sum();
    if all == 0 {
        return "No company would move.".to_owned();
    }
    let name = |code: &Option<String>| match code {
        Some(code) => framework
            .segment(code)
            .map_or(code.clone(), |segment| segment.name.clone()),
        None => "no segment".to_owned(),
    };
    let told = moves.iter().take(TOLD).map(|one| {
        let companies = figures::count(one.companies as i64);
        format!("{companies} from {} to {}", name(&one.from), name(&one.to))
    });
    let mut told: Vec<String> = told.collect();
    let rest: usize = moves.iter().skip(TOLD).map(|one| one.companies).sum();
    if rest > 0 {
        told.push(format!("{} elsewhere", figures::count(rest as i64)));
    }
    let companies = figures::counted(all as i64, "company", "companies");
    format!("{companies} would move: {}.", told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_are_told_with_the_names_of_the_segments() {
        let framework = crate::framework::read::toml(include_str!("../../../tests/it/support/framework.toml")).unwrap();
        let one = |from: Option<&str>, to: Option<&str>, companies| Move {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            companies,
        };
        let told = moves(
            &framework,
            &[
                one(Some("innovators"), Some("efficiency-seekers"), 7),
                one(None, Some("gone"), 1),
            ],
        );
        assert_eq!(
            told,
            "8 companies would move: 7 from Innovators to Efficiency Seekers, 1 from no segment to gone."
        );
        assert_eq!(moves(&framework, &[]), "No company would move.");
    }
}
