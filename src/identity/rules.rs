//! What a merge decides. Pure.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;

use crate::ids::EnrolmentId;

/// A contact's way through a drip, as a merge looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub id: EnrolmentId,
    pub drip: String,
    /// The folded address to which its mails go.
    pub email_key: String,
    pub is_active: bool,
    pub next_step: i32,
    pub next_at: Option<NaiveDateTime>,
}

/// Which ways end because the same address goes on in another one of the same drip, each with that
/// one: the furthest goes on, of equals the one that began first.
pub fn doubled(ways: &[Way]) -> Vec<(&Way, &Way)> {
    let mut by_address: BTreeMap<(&str, &str), Vec<&Way>> = BTreeMap::new();
    for way in ways.iter().filter(|way| !way.email_key.is_empty()) {
        by_address.entry((&way.drip, &way.email_key)).or_default().push(way);
    }
    let mut ended = Vec::new();
    for same in by_address.into_values() {
        // One that has come to its end has gone furthest.
        let furthest = same
            .iter()
            .copied()
            .max_by_key(|way| (!way.is_active, way.next_step, std::cmp::Reverse(way.id)));
        let Some(furthest) = furthest else { continue };
        let others = same.into_iter().filter(|way| way.is_active && way.id != furthest.id);
        ended.extend(others.map(|way| (way, furthest)));
    }
    ended
}

/// Where an answer stands among those of its contact, question, row and instant.
pub type Instant = (i64, String, String, NaiveDateTime);

/// The places that moved answers get where the other company has some of the same instant: after
/// those, in their own order. Only what changes is told.
pub fn places(moved: &[(Instant, i32)], there: &[(Instant, i32)]) -> Vec<(Instant, i32, i32)> {
    let mut last: HashMap<&Instant, i32> = HashMap::new();
    for (instant, seq) in there {
        let known = last.entry(instant).or_insert(*seq);
        *known = (*known).max(*seq);
    }
    let mut placed = Vec::new();
    for (instant, seq) in moved {
        if let Some(last) = last.get_mut(instant) {
            *last += 1;
            if *last != *seq {
                placed.push((instant.clone(), *seq, *last));
            }
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(id: i64, email_key: &str, is_active: bool, next_step: i32) -> Way {
        Way {
            id: EnrolmentId(id),
            drip: "d".to_owned(),
            email_key: email_key.to_owned(),
            is_active,
            next_step,
            next_at: None,
        }
    }

    fn ended(ways: &[Way]) -> Vec<(i64, i64)> {
        doubled(ways).into_iter().map(|(way, by)| (way.id.0, by.id.0)).collect()
    }

    #[test]
    fn of_two_ways_to_one_address_the_furthest_goes_on() {
        assert_eq!(
            ended(&[way(1, "a", true, 1), way(2, "a", true, 2), way(3, "b", true, 1)]),
            [(1, 2)]
        );
        assert_eq!(ended(&[way(1, "a", true, 2), way(2, "a", true, 2)]), [(2, 1)]);
        assert_eq!(ended(&[way(1, "a", true, 9), way(2, "a", false, 2)]), [(1, 2)]);
        assert_eq!(ended(&[way(1, "", true, 1), way(2, "", true, 1)]), []);
        let other = Way {
            drip: "e".to_owned(),
            ..way(2, "a", true, 1)
        };
        assert_eq!(ended(&[way(1, "a", true, 1), other]), []);
    }

    #[test]
    fn answers_of_one_instant_stand_after_those_that_are_there() {
        let at = |contact: i64| (contact, "q".to_owned(), String::new(), NaiveDateTime::default());
        let moved = [(at(1), 0), (at(1), 1), (at(2), 0)];
        assert_eq!(places(&moved, &[(at(1), 0)]), [(at(1), 0, 1), (at(1), 1, 2)]);
        assert_eq!(places(&moved, &[]), []);
    }
}
