//! How a row about usage is read. Pure.

use chrono::{NaiveDateTime, TimeDelta};

use crate::companies::record::{Fault, Field, Reader, Row};
use crate::text::fold;

/// All of them are needed, and there are no others.
pub const COLUMNS: [&str; 4] = ["external_id", "feature", "count", "at"];

/// Clocks differ; usage from further ahead has a wrong date.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// More uses at one time are a slip of the pen.
const MOST_USES: i64 = 1_000_000_000;
/// Of a feature's name, which goes into the name of an attribute.
const FEATURE_CHARACTERS: usize = 80;

/// What a row says: so many uses of that feature by that company at that time.
#[derive(Debug, Clone, PartialEq)]
pub struct UsageRecord {
    pub external_id: String,
    pub feature: String,
    pub count: i64,
    pub at: NaiveDateTime,
}

impl UsageRecord {
    /// All faults of the row, not only the first.
    pub fn read(row: &Row, now: NaiveDateTime) -> Result<UsageRecord, Vec<Fault>> {
        let mut fields = Reader::new(row);
        let external_id = fields.external_id();
        let feature = fields.read("feature", |text| {
            fold::line(text, FEATURE_CHARACTERS).map_err(|unfit| unfit.to_string())
        });
        let feature = required(&mut fields, row, "feature", feature);
        let count = fields.count("count");
        let count = required(&mut fields, row, "count", count);
        if count.is_some_and(|count| count > MOST_USES) {
            fields.refuse("count", "is above 1,000,000,000");
        }
        let at = fields.time("at");
        let at = required(&mut fields, row, "at", at);
        if at.is_some_and(|at| at > now + AHEAD) {
            fields.refuse("at", "lies in the future");
        }
        for name in fields.attributes().into_keys() {
            fields.refuse(&name, format!("is not known; usage has {}", COLUMNS.join(", ")));
        }
        match (feature, count, at) {
            (Some(feature), Some(count), Some(at)) => fields.end(UsageRecord {
                external_id,
                feature,
                count,
                at,
            }),
            // What is missing was refused by name.
            _ => fields.end(()).and(Err(Vec::new())),
        }
    }

    /// What no two rows may have in common.
    pub fn key(&self) -> String {
        [
            &self.external_id,
            "\u{1f}",
            &self.feature.to_lowercase(),
            "\u{1f}",
            &self.at.to_string(),
        ]
        .concat()
    }
}

fn required<T>(fields: &mut Reader<'_>, row: &Row, name: &str, field: Field<T>) -> Option<T> {
    match field {
        Field::Value(value) => Some(value),
        Field::Blank => {
            fields.refuse(name, "is empty");
            None
        }
        Field::Absent => {
            let is_there = row
                .fields
                .iter()
                .any(|(field, _)| field.trim().eq_ignore_ascii_case(name));
            // One that is there could not be read, and was refused with the reason.
            if !is_there {
                fields.refuse(name, "is missing");
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn read(fields: &[(&str, &str)]) -> Result<UsageRecord, Vec<String>> {
        let now = clock::parse_rfc3339("2026-03-10T11:00:00Z").unwrap();
        UsageRecord::read(&Row::of(fields.iter().copied()), now).map_err(|faults| {
            let told = |fault: Fault| format!("{} {}", fault.field.unwrap_or_default(), fault.reason);
            faults.into_iter().map(told).collect()
        })
    }

    #[test]
    fn every_fault_of_a_row_is_told() {
        let faults = read(&[
            ("external_id", ""),
            ("feature", ""),
            ("count", "-1"),
            ("at", "2026-03-11"),
            ("colour", "red"),
        ]);
        assert_eq!(
            faults.unwrap_err(),
            [
                "external_id is missing",
                "feature is empty",
                "count is not a whole number of 0 or more",
                "at lies in the future",
                "colour is not known; usage has external_id, feature, count, at",
            ]
        );
        let faults = read(&[("external_id", "c-1"), ("count", "2000000000")]).unwrap_err();
        assert_eq!(
            faults,
            ["feature is missing", "count is above 1,000,000,000", "at is missing"]
        );
    }

    #[test]
    fn a_row_is_known_by_company_feature_and_time() {
        let row = |count: &'static str| {
            [
                ("external_id", "c-1"),
                ("feature", " Alarm  routing "),
                ("count", count),
                ("at", "2026-03-10"),
            ]
        };
        let (one, other) = (read(&row("3")).unwrap(), read(&row("4")).unwrap());
        assert_eq!(one.feature, "Alarm routing");
        assert_eq!(one.key(), other.key());
        assert_ne!(one, other);
    }
}
