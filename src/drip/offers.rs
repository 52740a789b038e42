//! By what an audience can be chosen: the attributes that there are, with their values.

mod queries;

use std::collections::BTreeMap;

use crate::framework::Framework;
use crate::framework::check::NO_SEGMENT;
use crate::store::{self, Conn};

/// An attribute with the values that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub attribute: String,
    pub values: Vec<String>,
    /// There are more values than are worth listing.
    pub has_more: bool,
}

/// Values offered for one attribute.
const VALUES: i64 = 30;
/// The attributes that have a column of their own, in the order in which people think of them.
const FIRST: [&str; 12] = [
    "tenure",
    "segment",
    "role",
    "industry",
    "country",
    "tier",
    "behaviour",
    "region",
    "customer_type",
    "journey_stage",
    "technology_level",
    "language",
];

/// The values that companies and contacts have, by attribute, the most frequent first. Over many of them
/// it is a long count, which shells keep.
pub fn values(conn: &mut Conn) -> store::Result<Vec<(String, String)>> {
    queries::list_values(conn, VALUES + 1)
}

/// The known attributes first, then the imported ones by name.
pub fn list(conn: &mut Conn, framework: &Framework) -> store::Result<Vec<Offer>> {
    Ok(of(&values(conn)?, framework))
}

/// As [`list`], of these values.
pub fn of(values: &[(String, String)], framework: &Framework) -> Vec<Offer> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (attribute, value) in values {
        found.entry(attribute.clone()).or_default().push(value.clone());
    }
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    found.insert("tenure".into(), words(&["new", "long_standing", "unknown"]));
    found.insert("tier".into(), words(&["A", "B", "C", "unknown"]));
    let segments = framework.segments.iter().map(|segment| segment.code.clone());
    found.insert("segment".into(), segments.chain([NO_SEGMENT.to_owned()]).collect());
    if !framework.roles.is_empty() {
        let roles = framework.roles.iter().map(|role| role.code.clone());
        found.insert("role".into(), roles.collect());
    }
    let known: Vec<(String, Vec<String>)> = FIRST
        .iter()
        .map(|name| ((*name).to_owned(), found.remove(*name).unwrap_or_default()))
        .collect();
    let offer = |(attribute, mut values): (String, Vec<String>)| {
        let is_fixed = matches!(attribute.as_str(), "tenure" | "tier" | "segment");
        let has_more = !is_fixed && values.len() as i64 > VALUES;
        if has_more {
            values.truncate(VALUES as usize);
        }
        if !is_fixed {
            values.sort();
        }
        Offer {
            attribute,
            values,
            has_more,
        }
    };
    known.into_iter().chain(found).map(offer).collect()
}
