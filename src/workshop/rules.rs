//! How proposals stand: who voted for what once some were merged, which say nearly the same, and which
//! are over the line.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use crate::framework::{Code, Level};
use crate::ids::{ProposalId, WorkshopId};
use crate::text::{code, fold};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Need,
    Segment,
}

impl Kind {
    pub const ALL: [Kind; 2] = [Kind::Need, Kind::Segment];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Need => "need",
            Kind::Segment => "segment",
        }
    }

    pub fn parse(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// As the framework's file writes them.
pub const LEVELS: [(Level, &str); 3] = [
    (Level::Strategic, "strategic"),
    (Level::Tactical, "tactical"),
    (Level::Personal, "personal"),
];

pub fn level(text: &str) -> Option<Level> {
    LEVELS
        .into_iter()
        .find(|(_, word)| *word == text)
        .map(|(level, _)| level)
}

pub fn level_word(level: Level) -> &'static str {
    let found = LEVELS.into_iter().find(|(known, _)| *known == level);
    found.map_or("", |(_, word)| word)
}

/// How much a segment seeks each proposed need, from 0 to 100; a need left out is 0.
pub type Profile = BTreeMap<ProposalId, f64>;

/// A need or a segment that somebody proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    pub id: ProposalId,
    pub workshop: WorkshopId,
    pub kind: Kind,
    pub name: String,
    pub description: String,
    /// Of a need.
    pub level: Level,
    /// Of a segment.
    pub profile: Profile,
    /// The need or segment of the framework that it stands for.
    pub code: Option<Code>,
    pub author: String,
    pub made_at: NaiveDateTime,
    pub merged_into: Option<ProposalId>,
    pub withdrawn_at: Option<NaiveDateTime>,
}

/// A proposal that is voted on, with those that were merged into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub proposal: Proposal,
    /// The oldest first; those merged into these, too.
    pub merged: Vec<Proposal>,
    /// Who gave it a vote, under whatever of its names: each once.
    pub voters: BTreeSet<String>,
}

impl Standing {
    pub fn id(&self) -> ProposalId {
        self.proposal.id
    }

    pub fn votes(&self) -> usize {
        self.voters.len()
    }

    pub fn has_vote_of(&self, voter: &str) -> bool {
        self.voters.contains(voter)
    }

    /// The need or segment of the framework that it stands for, under whatever of its names: of two,
    /// the older one.
    pub fn code(&self) -> Option<&Code> {
        let merged = self.merged.iter().filter_map(|proposal| proposal.code.as_ref());
        self.proposal.code.as_ref().or_else(|| merged.into_iter().next())
    }
}

/// Which proposal stands for each, itself where it was merged into none; withdrawn ones stand for nothing.
pub fn roots(proposals: &[Proposal]) -> BTreeMap<ProposalId, ProposalId> {
    let into: BTreeMap<ProposalId, Option<ProposalId>> = proposals.iter().map(|p| (p.id, p.merged_into)).collect();
    let root = |proposal: &Proposal| {
        let mut at = proposal.id;
        // A merge makes a new proposal, so no chain is longer than there are proposals.
        for _ in 0..proposals.len() {
            match into.get(&at) {
                Some(Some(next)) => at = *next,
                _ => break,
            }
        }
        (proposal.id, at)
    };
    proposals.iter().map(root).collect()
}

/// What is voted on, in the order in which it was proposed.
pub fn standings(proposals: &[Proposal], votes: &[(ProposalId, String)]) -> Vec<Standing> {
    let roots = roots(proposals);
    let root_of = |id: &ProposalId| roots.get(id).copied().unwrap_or(*id);
    let stand = |proposal: &Proposal| {
        let merged = proposals
            .iter()
            .filter(|other| other.id != proposal.id && root_of(&other.id) == proposal.id);
        let voters = votes.iter().filter(|(of, _)| root_of(of) == proposal.id);
        Standing {
            proposal: proposal.clone(),
            merged: merged.cloned().collect(),
            voters: voters.map(|(_, voter)| voter.clone()).collect(),
        }
    };
    proposals
        .iter()
        .filter(|proposal| proposal.merged_into.is_none() && proposal.withdrawn_at.is_none())
        .map(stand)
        .collect()
}

/// How many of their votes somebody has given.
pub fn votes_given(standings: &[Standing], voter: &str) -> usize {
    standings.iter().filter(|standing| standing.has_vote_of(voter)).count()
}

/// How many people have given a vote.
pub fn voters(standings: &[Standing]) -> usize {
    let voters: BTreeSet<&String> = standings.iter().flat_map(|standing| &standing.voters).collect();
    voters.len()
}

/// So many votes bring a proposal over the line, where nobody says otherwise: half of those who voted.
pub fn usual_line(standings: &[Standing]) -> usize {
    voters(standings).div_ceil(2).max(1)
}

/// Pairs of one kind whose names are nearly the same, by their places.
pub fn likenesses(standings: &[Standing]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (second, standing) in standings.iter().enumerate() {
        for (first, earlier) in standings[..second].iter().enumerate() {
            let (one, other) = (&earlier.proposal, &standing.proposal);
            if one.kind == other.kind && are_alike(&one.name, &other.name) {
                pairs.push((first, second));
            }
        }
    }
    pairs
}

/// Whether two names say nearly the same: the same words in another order or form, or few letters apart.
pub fn are_alike(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    if one.is_empty() || other.is_empty() {
        return false;
    }
    if one.is_subset(&other) || other.is_subset(&one) {
        return true;
    }
    let (fewer, more) = if one.len() <= other.len() {
        (&one, &other)
    } else {
        (&other, &one)
    };
    if fewer
        .iter()
        .all(|word| more.iter().any(|of_more| begin_alike(word, of_more)))
    {
        return true;
    }
    let (one, other) = (pairs_of_letters(&one), pairs_of_letters(&other));
    let shared = one.intersection(&other).count() as f64;
    2.0 * shared / (one.len() + other.len()).max(1) as f64 >= 0.6
}

/// Of one stem, as far as letters tell: `reachable` and `reachability`.
fn begin_alike(one: &str, other: &str) -> bool {
    let common = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    one == other || common >= 5
}

/// Words that say nothing by themselves.
const FILLERS: [&str; 9] = ["a", "an", "and", "for", "in", "of", "the", "to", "with"];

/// Folded, without the ending of a plural.
fn words(name: &str) -> BTreeSet<String> {
    let folded = fold::search_key(name);
    let words = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words
        .filter(|word| !FILLERS.contains(word))
        .map(|word| {
            word.strip_suffix('s')
                .filter(|stem| stem.len() > 2)
                .unwrap_or(word)
                .to_owned()
        })
        .collect()
}

fn pairs_of_letters(words: &BTreeSet<String>) -> BTreeSet<(char, char)> {
    let of_word = |word: &String| {
        let letters: Vec<char> = word.chars().collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
    };
    words.iter().flat_map(of_word).collect()
}

/// A code for a name, none of those taken: `Being on time` becomes `being-on-time`.
pub fn code_of(name: &str, taken: &[Code]) -> Code {
    let made = code::code(name);
    let made = if made.is_empty() { "new" } else { &made };
    code::free(made, |code| taken.iter().any(|known| known == code))
}

/// How much a segment seeks a need, as a team can say it: not, some, or much.
pub const ROUGH: [(f64, &str); 3] = [(0.0, "none"), (50.0, "some"), (100.0, "much")];

/// The nearest rough weight.
pub fn rough(weight: f64) -> f64 {
    match weight {
        weight if weight < 25.0 => 0.0,
        weight if weight < 75.0 => 50.0,
        _ => 100.0,
    }
}

/// What merged segments seek: of each need as much as the one that seeks it most.
pub fn merged_profile<'p>(profiles: impl IntoIterator<Item = &'p Profile>) -> Profile {
    let mut merged = Profile::new();
    for (need, weight) in profiles.into_iter().flatten() {
        let known = merged.entry(*need).or_default();
        *known = known.max(*weight);
    }
    merged
}

/// A profile by what its needs have become since: merged ones by the proposal that stands for them.
pub fn resolved(profile: &Profile, roots: &BTreeMap<ProposalId, ProposalId>) -> Profile {
    let mut resolved = Profile::new();
    for (need, weight) in profile {
        let root = roots.get(need).copied().unwrap_or(*need);
        let known = resolved.entry(root).or_default();
        *known = known.max(*weight);
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(id: i64, name: &str, merged_into: Option<i64>) -> Proposal {
        Proposal {
            id: ProposalId(id),
            workshop: WorkshopId(1),
            kind: Kind::Need,
            name: name.to_owned(),
            description: String::new(),
            level: Level::Tactical,
            profile: Profile::new(),
            code: None,
            author: "a@x.example".to_owned(),
            made_at: NaiveDateTime::default(),
            merged_into: merged_into.map(ProposalId),
            withdrawn_at: None,
        }
    }

    fn vote(id: i64, voter: &str) -> (ProposalId, String) {
        (ProposalId(id), voter.to_owned())
    }

    #[test]
    fn votes_of_merged_proposals_add_up_and_nobody_counts_twice() {
        let proposals = [
            proposal(1, "Speed", Some(3)),
            proposal(2, "Being fast", Some(3)),
            proposal(3, "Speed", Some(5)),
            proposal(4, "Trust", None),
            proposal(5, "Fast", None),
        ];
        let votes = [
            vote(1, "ann"),
            vote(2, "ann"),
            vote(2, "ben"),
            vote(3, "cay"),
            vote(4, "ann"),
        ];
        let found = standings(&proposals, &votes);
        let counted: Vec<(i64, usize)> = found.iter().map(|s| (s.id().0, s.votes())).collect();
        assert_eq!(counted, [(4, 1), (5, 3)]);
        assert_eq!(found[1].merged.len(), 3);
        assert_eq!((votes_given(&found, "ann"), votes_given(&found, "ben")), (2, 1));
        assert_eq!((voters(&found), usual_line(&found)), (3, 2));
    }

    #[test]
    fn what_was_withdrawn_is_not_voted_on_and_frees_its_votes() {
        let mut gone = proposal(1, "Speed", None);
        gone.withdrawn_at = Some(NaiveDateTime::default());
        let found = standings(&[gone, proposal(2, "Trust", None)], &[vote(1, "ann")]);
        assert_eq!((found.len(), votes_given(&found, "ann")), (1, 0));
    }

    #[test]
    fn names_that_say_nearly_the_same_are_told() {
        for (one, other) in [
            ("Efficiency", "efficiencies"),
            ("Saving time", "Time savings"),
            ("Trust", "Trust in the supplier"),
            ("Sécurité", "SECURITE"),
            ("Reliable delivery", "Delivery reliability"),
            ("Being reachable", "Reachability"),
        ] {
            assert!(are_alike(one, other), "{one} / {other}");
        }
        for (one, other) in [
            ("Efficiency", "Intimacy"),
            ("Speed", "Standing"),
            ("", "Trust"),
            ("Price", "Pride in it"),
        ] {
            assert!(!are_alike(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn a_code_is_made_of_the_name_and_is_free() {
        let taken = ["trust".to_owned(), "trust-2".to_owned()];
        assert_eq!(code_of("Being on time!", &taken), "being-on-time");
        assert_eq!(code_of("Trust", &taken), "trust-3");
        assert_eq!(code_of("Größe & Stärke", &[]), "groesse-staerke");
        assert_eq!(code_of("信頼", &[]), "new");
        assert!(code_of(&"long name ".repeat(30), &[]).len() <= 60);
    }

    #[test]
    fn a_profile_follows_its_needs_into_what_they_were_merged_to() {
        let roots = roots(&[
            proposal(1, "Speed", Some(3)),
            proposal(2, "Fast", Some(3)),
            proposal(3, "Speed", None),
        ]);
        let profile = Profile::from([(ProposalId(1), 50.0), (ProposalId(2), 100.0)]);
        assert_eq!(resolved(&profile, &roots), Profile::from([(ProposalId(3), 100.0)]));
        assert_eq!([10.0, 40.0, 90.0].map(rough), [0.0, 50.0, 100.0]);
    }
}
