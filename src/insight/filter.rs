//! Which companies a figure is about.

use chrono::NaiveDate;

use crate::framework::Framework;
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

const TIERS: [&str; 4] = ["A", "B", "C", "unknown"];

impl Filter {
    pub fn is_everyone(&self) -> bool {
        *self == Filter::default()
    }

    /// Reads query parameters, each once or repeated, with values joined by commas; or lists all
    /// that is wrong with them. A blank value counts as left out, as an empty form field sends it.
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
                for word in value.split(',').map(str::trim).filter(|word| !word.is_empty()) {
                    self.take_word(name, word, framework);
                }
            }
            _ => self.fault(
                name,
                format!("is not a parameter of this call; there are {}", PARAMETERS.join(", ")),
            ),
        }
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
    fn no_parameter_is_everyone() {
        assert!(Filter::read([], &framework()).unwrap().is_everyone());
    }
}
