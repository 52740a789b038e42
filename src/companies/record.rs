//! One thing as it came in, a line of a file or an object of a request, read field by field.
//!
//! Files and requests differ in one point only: a cell left empty and a `null` are both
//! [`Field::Blank`], a column left out and a key left out both [`Field::Absent`].

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};

use crate::clock;
use crate::text::fold::{self, EmailAddress};

/// How long one plain field may be, in characters.
const LINE_CHARACTERS: usize = 200;
/// How long the name of an attribute may be, in characters.
const ATTRIBUTE_NAME_CHARACTERS: usize = 100;
/// How long the value of an attribute may be, in characters.
const ATTRIBUTE_CHARACTERS: usize = 10_000;

/// The named fields of one thing in the order given; `None` is a field left empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    pub fields: Vec<(Arc<str>, Option<String>)>,
}

impl Row {
    /// For fields that the program itself writes down.
    pub fn of<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Row {
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Row {
            fields: fields
                .into_iter()
                .map(|(name, text)| (Arc::from(name), filled(text)))
                .collect(),
        }
    }
}

/// What is wrong with one field of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The column or key; none where the thing as a whole is wrong.
    pub field: Option<String>,
    /// Reads on after the field's name: "is not a number".
    pub reason: String,
}

impl Fault {
    pub fn of(field: &str, reason: impl Into<String>) -> Fault {
        Fault {
            field: Some(field.to_owned()),
            reason: reason.into(),
        }
    }
}

/// What a record says about one field.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Field<T> {
    /// Nothing: it stays as it was.
    #[default]
    Absent,
    /// It is to be empty.
    Blank,
    Value(T),
}

impl<T> Field<T> {
    /// What stands there afterwards.
    pub fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Field::Absent => before,
            Field::Blank => None,
            Field::Value(value) => Some(value),
        }
    }

    pub fn value(&self) -> Option<&T> {
        match self {
            Field::Value(value) => Some(value),
            Field::Absent | Field::Blank => None,
        }
    }
}

/// Attributes to set; `None` takes one away. Those not named stay.
pub type Attributes = BTreeMap<String, Option<String>>;

/// The attributes there afterwards.
pub fn attributes_over(given: Attributes, mut before: BTreeMap<String, String>) -> BTreeMap<String, String> {
    for (name, value) in given {
        match value {
            Some(value) => before.insert(name, value),
            None => before.remove(&name),
        };
    }
    before
}

/// Takes the fields out of a row one by one; what is left over becomes attributes.
pub struct Reader<'a> {
    left: BTreeMap<String, (&'a str, Option<&'a str>)>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub fn new(row: &'a Row) -> Reader<'a> {
        let mut left = BTreeMap::new();
        let mut faults = Vec::new();
        for (name, text) in &row.fields {
            let filled = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
            if left.insert(key(name), (name.trim(), filled)).is_some() {
                faults.push(Fault::of(name, "is given twice"));
            }
        }
        Reader { left, faults }
    }

    /// The key that tells whether the thing is there already.
    pub fn external_id(&mut self) -> String {
        match self.line("external_id") {
            Field::Value(id) => id,
            Field::Absent | Field::Blank => {
                self.refuse("external_id", "is missing");
                String::new()
            }
        }
    }

    pub fn line(&mut self, name: &str) -> Field<String> {
        self.read(name, |text| {
            fold::line(text, LINE_CHARACTERS).map_err(|unfit| unfit.to_string())
        })
    }

    pub fn date(&mut self, name: &str) -> Field<NaiveDate> {
        self.read(name, |text| {
            date(text).ok_or_else(|| "is not a date like 2024-03-31".into())
        })
    }

    pub fn time(&mut self, name: &str) -> Field<NaiveDateTime> {
        self.read(name, |text| {
            time(text).ok_or_else(|| "is neither a date like 2024-03-31 nor a time like 2024-03-31T10:00:00Z".into())
        })
    }

    pub fn number(&mut self, name: &str) -> Field<f64> {
        self.read(name, number)
    }

    /// A number of 0 or more.
    pub fn amount(&mut self, name: &str) -> Field<f64> {
        self.read(name, |text| {
            number(text).and_then(|n| if n < 0.0 { Err("is below 0".into()) } else { Ok(n) })
        })
    }

    /// A whole number of 0 or more.
    pub fn count(&mut self, name: &str) -> Field<i64> {
        /// Beyond it an f64 no longer knows every whole number.
        const MOST: f64 = 9_007_199_254_740_992.0;
        self.read(name, |text| match number(text) {
            Ok(n) if n.fract() == 0.0 && (0.0..=MOST).contains(&n) => Ok(n as i64),
            _ => Err("is not a whole number of 0 or more".into()),
        })
    }

    pub fn email(&mut self, name: &str) -> Field<EmailAddress> {
        self.read(name, |text| {
            fold::email(text).ok_or_else(|| "is not a mail address".into())
        })
    }

    pub fn time_zone(&mut self, name: &str) -> Field<String> {
        self.read(name, |text| {
            text.parse::<chrono_tz::Tz>()
                .map(|zone| zone.name().to_owned())
                .map_err(|_| "is not a time zone like Europe/Berlin".into())
        })
    }

    /// A list joined by `|`, without empty and repeated parts.
    pub fn list(&mut self, name: &str, part: impl Fn(&str) -> Result<String, String>) -> Field<Vec<String>> {
        self.read(name, |text| {
            let mut parts = Vec::new();
            for word in text.split('|').map(str::trim).filter(|word| !word.is_empty()) {
                let word = part(word)?;
                if !parts.contains(&word) {
                    parts.push(word);
                }
            }
            Ok(parts)
        })
    }

    pub fn read<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Field<T> {
        match self.left.remove(name) {
            None => Field::Absent,
            Some((_, None)) => Field::Blank,
            Some((_, Some(text))) => match read(text) {
                Ok(value) => Field::Value(value),
                Err(reason) => {
                    self.refuse(name, reason);
                    Field::Absent
                }
            },
        }
    }

    pub fn refuse(&mut self, name: &str, reason: impl Into<String>) {
        self.faults.push(Fault::of(name, reason));
    }

    /// Everything that was not asked for.
    pub fn attributes(&mut self) -> Attributes {
        let mut attributes = Attributes::new();
        for (name, text) in std::mem::take(&mut self.left).into_values() {
            match attribute(name, text) {
                Ok((name, text)) => {
                    attributes.insert(name, text);
                }
                Err(reason) => self.faults.push(Fault::of(name, reason)),
            }
        }
        attributes
    }

    pub fn end<T>(self, record: T) -> Result<T, Vec<Fault>> {
        if self.faults.is_empty() {
            Ok(record)
        } else {
            Err(self.faults)
        }
    }
}

/// Columns are found whatever their case: spreadsheets like to begin them with a capital.
fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

fn attribute(name: &str, text: Option<&str>) -> Result<(String, Option<String>), String> {
    let name = fold::line(name, ATTRIBUTE_NAME_CHARACTERS).map_err(|unfit| format!("is a name that {unfit}"))?;
    if name.is_empty() {
        return Err("is a column without a name".into());
    }
    let text = text
        .map(|text| fold::prose(text, ATTRIBUTE_CHARACTERS).map_err(|unfit| unfit.to_string()))
        .transpose()?;
    Ok((name, text.filter(|text| !text.is_empty())))
}

fn number(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(n) if n.is_finite() => Ok(n),
        _ => Err("is not a number like 1234.5".into()),
    }
}

/// Years beyond these are a slip of the pen.
fn date(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (1800..=2200).contains(&day.year()).then_some(day)
}

/// A time without an offset is taken as UTC, a date as its midnight.
fn time(text: &str) -> Option<NaiveDateTime> {
    if let Some(at) = clock::parse_rfc3339(text) {
        return Some(at);
    }
    if let Some(day) = date(text) {
        return (day.year() >= 1900).then(|| day.and_time(NaiveTime::MIN));
    }
    let text = text.replacen(' ', "T", 1);
    clock::parse_rfc3339(&format!("{text}Z")).or_else(|| clock::parse_rfc3339(&format!("{text}:00Z")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading<T>(text: &str, read: impl FnOnce(&mut Reader<'_>) -> Field<T>) -> Result<Field<T>, String> {
        let row = Row::of([("x", text)]);
        let mut reader = Reader::new(&row);
        let field = read(&mut reader);
        reader.end(field).map_err(|faults| faults[0].reason.clone())
    }

    #[test]
    fn a_column_left_out_stays_and_an_empty_cell_blanks() {
        assert_eq!(Field::Absent.over(Some(1)), Some(1));
        assert_eq!(Field::Blank.over(Some(1)), None);
        assert_eq!(Field::Value(2).over(Some(1)), Some(2));
        assert_eq!(reading("  ", |r| r.count("x")), Ok(Field::Blank));
        assert_eq!(reading("7", |r| r.count("y")), Ok(Field::Absent));
    }

    #[test]
    fn columns_are_found_whatever_their_case() {
        let row = Row::of([(" External_ID ", "a-1"), ("Shoe Size", "43")]);
        let mut reader = Reader::new(&row);
        assert_eq!(reader.external_id(), "a-1");
        assert_eq!(
            reader.attributes(),
            Attributes::from([("Shoe Size".into(), Some("43".into()))])
        );
    }

    #[test]
    fn a_column_given_twice_is_a_fault() {
        let row = Row::of([("name", "A"), ("Name", "B")]);
        let faults = Reader::new(&row).end(()).unwrap_err();
        assert_eq!(faults, [Fault::of("Name", "is given twice")]);
    }

    #[test]
    fn only_finite_numbers_are_numbers() {
        assert_eq!(reading("1e3", |r| r.amount("x")), Ok(Field::Value(1000.0)));
        for text in ["NaN", "inf", "1e400", "1,5", "1 000", "0x10", "12 EUR"] {
            assert!(reading(text, |r| r.number("x")).is_err(), "{text}");
        }
        assert_eq!(reading("-0.01", |r| r.amount("x")), Err("is below 0".into()));
        assert_eq!(reading("12.0", |r| r.count("x")), Ok(Field::Value(12)));
        assert!(reading("12.5", |r| r.count("x")).is_err());
        assert!(reading("-1", |r| r.count("x")).is_err());
    }

    #[test]
    fn a_date_is_written_year_first_and_lies_in_a_sensible_year() {
        assert!(reading("2024-02-29", |r| r.date("x")).is_ok());
        for text in [
            "2023-02-29",
            "31.12.2024",
            "12/31/2024",
            "1799-12-31",
            "2201-01-01",
            "20240229",
        ] {
            assert!(reading(text, |r| r.date("x")).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_without_an_offset_is_utc_and_a_date_its_midnight() {
        let read = |text| reading(text, |r| r.time("x")).map(|field| field.value().map(|at| clock::rfc3339(*at)));
        assert_eq!(
            read("2026-03-10T12:00:00+01:00"),
            Ok(Some("2026-03-10T11:00:00Z".into()))
        );
        assert_eq!(read("2026-03-10 12:00:00"), Ok(Some("2026-03-10T12:00:00Z".into())));
        assert_eq!(read("2026-03-10 12:00"), Ok(Some("2026-03-10T12:00:00Z".into())));
        assert_eq!(read("2026-03-10"), Ok(Some("2026-03-10T00:00:00Z".into())));
        assert!(read("yesterday").is_err());
    }

    #[test]
    fn a_time_zone_goes_by_its_iana_name() {
        assert_eq!(
            reading("Europe/Berlin", |r| r.time_zone("x")),
            Ok(Field::Value("Europe/Berlin".into()))
        );
        assert!(reading("Berlin", |r| r.time_zone("x")).is_err());
    }

    #[test]
    fn a_list_holds_each_part_once() {
        let list = reading("b| a ||b", |r| r.list("x", |part| Ok(part.to_owned())));
        assert_eq!(list, Ok(Field::Value(vec!["b".into(), "a".into()])));
    }

    #[test]
    fn an_attribute_left_empty_is_taken_away_and_the_others_stay() {
        let before = BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b".into(), "2".into())]);
        let given = Attributes::from([("a".into(), None), ("c".into(), Some("3".into()))]);
        let after = BTreeMap::from([("b".to_owned(), "2".to_owned()), ("c".into(), "3".into())]);
        assert_eq!(attributes_over(given, before), after);
    }

    #[test]
    fn controls_are_refused_with_the_name_of_their_field() {
        let row = Row::of([("name", "A\u{7}B"), ("note", "x\0y")]);
        let mut reader = Reader::new(&row);
        assert_eq!(reader.line("name"), Field::Absent);
        reader.attributes();
        let fields: Vec<_> = reader
            .end(())
            .unwrap_err()
            .into_iter()
            .filter_map(|f| f.field)
            .collect();
        assert_eq!(fields, ["name", "note"]);
    }
}
