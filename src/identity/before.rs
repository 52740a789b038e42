//! What a merged company was, beside what moved: all that is needed to make it again.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::queries::{ChangeRow, CompanyRow, OverrideRow, SegmentRow, SurveyRow, TagRow};
use crate::store;

/// Kept as JSON with the merge.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Before {
    pub company: CompanyRow,
    pub attributes: Vec<(String, String)>,
    pub domains: Vec<String>,
    /// Those that the other company did not have.
    pub domains_given: Vec<String>,
    pub override_: Option<OverrideRow>,
    pub override_moved: bool,
    pub tag: Option<TagRow>,
    pub tag_moved: bool,
    pub survey: Option<SurveyRow>,
    pub segment: Option<SegmentRow>,
    pub changes: Vec<ChangeRow>,
    /// The items, by version and row, in whose told sums its voice is.
    pub told: Vec<(i64, String)>,
    /// Those in which the other company's was not.
    pub told_given: Vec<(i64, String)>,
    pub aliases: Vec<String>,
    /// The companies that were part of it.
    pub children: Vec<i64>,
    /// It was the other company's parent.
    pub was_parent: bool,
}

impl Before {
    pub fn write(&self) -> store::Result<String> {
        serde_json::to_string(self).map_err(|error| store::Error::SerializationError(Box::new(error)))
    }

    /// Our own JSON that does not read is a damaged database.
    pub fn read(text: &str) -> store::Result<Before> {
        serde_json::from_str(text).map_err(|error| store::Error::DeserializationError(Box::new(error)))
    }
}

/// How an enrolment stood that was stopped because the same address goes on in another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stood {
    pub next_at: Option<NaiveDateTime>,
    /// The other one, and the step at which it was.
    pub survivor: i64,
    pub survivor_step: i32,
}

impl Stood {
    pub fn write(&self) -> store::Result<String> {
        serde_json::to_string(self).map_err(|error| store::Error::SerializationError(Box::new(error)))
    }

    pub fn read(text: &str) -> store::Result<Stood> {
        serde_json::from_str(text).map_err(|error| store::Error::DeserializationError(Box::new(error)))
    }
}
