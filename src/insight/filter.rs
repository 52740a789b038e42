//! Which companies a figure is about.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::attribute;
use crate::framework::Framework;
use crate::method::size;
use crate::method::tenure::Tenure;

/// The companies that pass every list; an empty list lets all through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// By the segment in effect.
    pub segment: Vec<String>,
    pub tenure: Vec<Tenure>,
    pub industry: Vec<String>,
    pub country: Vec<String>,
    pub tier: Vec<String>,
    pub behaviour: Vec<String>,
    /// Any other attribute, by name: a column such as `region`, a band of `employees`, an imported one.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// The company's newest scored answer was given on this day or later, UTC.
    pub from: Option<NaiveDate>,
    /// … and on this day or earlier.
    pub to: Option<NaiveDate>,
    /// Only the companies of these sales reps, by folded address: not for the reader to choose.
    pub owners: Option<Vec<String>>,
}

/// What is wrong with one query parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterFault {
    pub parameter: String,
    pub message: String,
}

/// The parameters that [`Filter::read`] understands.
pub const PARAMETERS: [&str; 8] = [
    "segment",
    "tenure",
    "industry",
    "country",
    "tier",
    "behaviour",
    "from",
    "to",
];

/// Before the name of any attribute: `attribute.region=West`.
pub const ATTRIBUTE: &str = "attribute.";

const TIERS: [&str; 4] = ["A", "B", "C", "unknown"];

impl Filter {
    pub fn is_everyone(&self) -> bool {
        *self == Filter::default()
    }

    /// As parameters that read the same again, all but the owner.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let tenures: Vec<String> = self.tenure.iter().map(|tenure| tenure.as_str().to_owned()).collect();
        let lists = [
            ("segment", &self.segment),
            ("tenure", &tenures),
            ("industry", &self.industry),
            ("country", &self.country),
            ("tier", &self.tier),
            ("behaviour", &self.behaviour),
        ];
        let listed = lists
            .into_iter()
            .flat_map(|(name, values)| values.iter().map(move |value| (name.to_owned(), word(value))));
        let attributes = self.attributes.iter().flat_map(|(name, values)| {
            let name = format!("{ATTRIBUTE}{name}");
            values.iter().map(move |value| (name.clone(), value.clone()))
        });
        let days = [("from", self.from), ("to", self.to)];
        let days = days
            .into_iter()
            .filter_map(|(name, day)| Some((name.to_owned(), day?.to_string())));
        listed.chain(attributes).chain(days).collect()
    }

    /// Reads query parameters, each once or repeated, with values joined by commas (`\,` is a comma
    /// within a value); or lists all that is wrong with them. A blank value counts as left out, as an
    /// empty form field sends it. An attribute is repeated, its values are taken as they are.
    pub fn read<'a>(
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
        framework: &Framework,
    ) -> Result<Filter, Vec<FilterFault>> {
        let mut reading = Reading::default();
        for (name, value) in parameters {
            reading.take(name, value, framework);
        }
        if let (Some(from), Some(to)) = (reading.filter.from, reading.filter.to)
            && from > to
        {
            reading.fault("to", format!("{to} lies before from, {from}"));
        }
        if reading.faults.is_empty() {
            Ok(reading.filter)
        } else {
            Err(reading.faults)
        }
    }
}

/// The parameters that are lists of words.
const LISTS: [&str; 6] = ["segment", "tenure", "industry", "country", "tier", "behaviour"];

/// The words of a value, at its commas; `\,` is one within a word.
fn words(value: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut signs = value.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' if signs.peek() == Some(&',') => {
                signs.next();
                words.last_mut().map(|word| word.push(',')).unwrap_or_default();
            }
            ',' => words.push(String::new()),
            _ => words.last_mut().map(|word| word.push(sign)).unwrap_or_default(),
        }
    }
    let trimmed = words.iter().map(|word| word.trim().to_owned());
    trimmed.filter(|word| !word.is_empty()).collect()
}

/// A value as one word of a parameter.
pub fn word(value: &str) -> String {
    value.replace(',', "\\,")
}

#[derive(Default)]
struct Reading {
    filter: Filter,
    faults: Vec<FilterFault>,
}

impl Reading {
    fn take(&mut self, name: &str, value: &str, framework: &Framework) {
        match name {
            "from" => self.filter.from = self.day(name, value).or(self.filter.from),
            "to" => self.filter.to = self.day(name, value).or(self.filter.to),
            _ if PARAMETERS.contains(&name) => {
                for word in words(value) {
                    self.take_word(name, &word, framework);
                }
            }
            _ => match name.strip_prefix(ATTRIBUTE).filter(|attribute| !attribute.is_empty()) {
                Some(attribute) => self.take_attribute(name, attribute, value.trim(), framework),
                None => self.fault(
                    name,
                    format!(
                        "is not a parameter of this call; there are {}, and any attribute as {ATTRIBUTE}NAME",
                        PARAMETERS.join(", ")
                    ),
                ),
            },
        }
    }

    fn take_attribute(&mut self, name: &str, attribute: &str, value: &str, framework: &Framework) {
        if value.is_empty() {
            return;
        }
        if LISTS.contains(&attribute) {
            return self.take_word(attribute, value, framework);
        }
        if attribute == attribute::EMPLOYEES && !size::is_size(value) {
            let sizes: Vec<&str> = size::SIZES.iter().map(|(name, _)| *name).collect();
            let sizes = sizes.join(", ");
            return self.fault(name, format!("{value:?} is none of {sizes}, {}", size::UNKNOWN));
        }
        let values = self.filter.attributes.entry(attribute.to_owned()).or_default();
        values.push(value.to_owned());
    }

    fn take_word(&mut self, name: &str, word: &str, framework: &Framework) {
        let list = match name {
            "tenure" => {
                match Tenure::parse(word) {
                    Some(tenure) => self.filter.tenure.push(tenure),
                    None => self.fault(name, format!("{word:?} is none of new, long_standing, unknown")),
                }
                return;
            }
            "tier" if !TIERS.contains(&word) => {
                return self.fault(name, format!("{word:?} is none of {}", TIERS.join(", ")));
            }
            "segment" if framework.segments.iter().all(|segment| segment.code != word) => {
                return self.fault(name, format!("the framework has no segment {word:?}"));
            }
            "segment" => &mut self.filter.segment,
            "industry" => &mut self.filter.industry,
            "country" => &mut self.filter.country,
            "tier" => &mut self.filter.tier,
            _ => &mut self.filter.behaviour,
        };
        list.push(word.to_owned());
    }

    fn day(&mut self, name: &str, value: &str) -> Option<NaiveDate> {
        let value = value.trim();
        let day = value.parse().ok();
        if day.is_none() && !value.is_empty() {
            self.fault(name, format!("{value:?} is not a day; write 2026-03-31"));
        }
        day
    }

    fn fault(&mut self, parameter: &str, message: String) {
        self.faults.push(FilterFault {
            parameter: parameter.to_owned(),
            message,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Segment;

    fn framework() -> Framework {
        let segment = Segment {
            code: "innovators".to_owned(),
            name: "Innovators".to_owned(),
            description: String::new(),
            profile: Default::default(),
            talk_about: vec![],
            avoid: vec![],
            content: vec![],
            actions: vec![],
            spend: String::new(),
        };
        Framework {
            segments: vec![segment],
            ..Framework::default()
        }
    }

    #[test]
    fn lists_are_repeated_or_joined_by_commas() {
        let filter = Filter::read(
            [
                ("country", "NL, DE"),
                ("country", "AT"),
                ("tenure", "new,unknown"),
                ("segment", "innovators"),
                ("from", "2026-01-01"),
                ("to", ""),
            ],
            &framework(),
        )
        .unwrap();
        assert_eq!(filter.country, ["NL", "DE", "AT"]);
        assert_eq!(filter.tenure, [Tenure::New, Tenure::Unknown]);
        assert_eq!((filter.from, filter.to), ("2026-01-01".parse().ok(), None));
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let faults = Filter::read(
            [
                ("colour", "red"),
                ("tenure", "old"),
                ("tier", "A,D"),
                ("segment", "innovator"),
                ("from", "31.3.2026"),
            ],
            &framework(),
        )
        .unwrap_err();
        let names: Vec<_> = faults.iter().map(|fault| fault.parameter.as_str()).collect();
        assert_eq!(names, ["colour", "tenure", "tier", "segment", "from"]);
    }

    #[test]
    fn a_span_that_ends_before_it_begins_is_a_fault() {
        let faults = Filter::read([("to", "2026-01-01"), ("from", "2026-01-02")], &framework()).unwrap_err();
        assert_eq!(faults[0].parameter, "to");
    }

    #[test]
    fn any_attribute_narrows_and_values_keep_their_commas() {
        let asked = [
            ("attribute.Shoe size", "43"),
            ("attribute.Shoe size", "44, wide"),
            ("attribute.employees", "10-49"),
            ("attribute.country", "NL"),
            ("industry", "Food\\, drink,Steel"),
        ];
        let filter = Filter::read(asked, &framework()).unwrap();
        assert_eq!(filter.attributes["Shoe size"], ["43", "44, wide"]);
        assert_eq!(filter.attributes["employees"], ["10-49"]);
        assert_eq!(
            (filter.country.as_slice(), filter.industry.len()),
            (&["NL".to_owned()][..], 2)
        );
        assert_eq!(filter.industry[0], "Food, drink");
        let again = filter.parameters();
        let again = again.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        assert_eq!(Filter::read(again, &framework()).unwrap(), filter);
        let faults = Filter::read([("attribute.employees", "12"), ("attribute.", "x")], &framework()).unwrap_err();
        assert_eq!(faults.len(), 2);
    }

    #[test]
    fn no_parameter_is_everyone() {
        assert!(Filter::read([], &framework()).unwrap().is_everyone());
    }
}
