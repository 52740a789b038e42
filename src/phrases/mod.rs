//! What we say to respondents, in their language: on pages, in mails, in errors.
//!
//! The texts stand in `locales/<language>/<room>.ftl` (Fluent, so that plurals follow each
//! language's own rules) and are compiled in. A test holds the languages against one another and
//! against what the sources ask for. What an admin writes, questions and letters above all, carries
//! its translations with it in the framework; the back office is English.

use std::fmt;

use chrono::{Datelike, NaiveDate};

mod catalogue;
mod tag;

pub use tag::{direction_of, foreign, tag_of};

/// A language in which we have words of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Language {
    #[default]
    English,
    German,
    French,
    Spanish,
}

/// What goes in a variable's place. Only a number has a plural.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    Number(i64),
    Text(&'a str),
}

impl Language {
    pub const ALL: [Language; 4] = [Language::English, Language::German, Language::French, Language::Spanish];

    /// The words for somebody of that language (`de`, `de-AT`, `DE_at`): English where we have none.
    pub fn of(tag: Option<&str>) -> Language {
        tag.and_then(Language::known).unwrap_or_default()
    }

    /// The language itself, where we have it.
    pub fn known(tag: &str) -> Option<Language> {
        let primary = tag::primary(tag);
        Language::ALL.into_iter().find(|language| language.tag() == primary)
    }

    /// The language that a reader prefers of those we have, by the `Accept-Language` that a browser sends.
    pub fn accepted(header: Option<&str>) -> Language {
        let mut wishes: Vec<(f32, Language)> = header
            .unwrap_or_default()
            .split(',')
            .filter_map(|wish| {
                let (tag, weight) = wish.split_once(';').unwrap_or((wish, "q=1"));
                let weight = weight.trim().strip_prefix("q=")?.trim().parse().ok()?;
                Some((weight, Language::known(tag)?))
            })
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        // The sort is stable: what was named first stays first among equals.
        wishes.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        wishes.first().map(|(_, language)| *language).unwrap_or_default()
    }

    /// For a `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
            Language::French => "fr",
            Language::Spanish => "es",
        }
    }

    /// For a `dir` attribute around our own words. What an admin wrote goes by [`direction_of`].
    pub fn direction(self) -> &'static str {
        direction_of(self.tag())
    }

    /// The text with that key.
    pub fn say(self, key: &str) -> String {
        self.say_with(key, &[])
    }

    /// The text with that key, its variables filled: `say_with("found", &[("n", 3.into())])`.
    pub fn say_with(self, key: &str, values: &[(&str, Value)]) -> String {
        catalogue::text(self, key, values)
    }

    /// `3 Mar 2026`, `1er mars 2026`.
    pub fn date(self, day: NaiveDate) -> String {
        // A year is no count: as text it gets no point between its thousands.
        let year = day.year().to_string();
        let values = [
            ("day", day.day().into()),
            ("month", day.month().into()),
            ("year", year.as_str().into()),
        ];
        self.say_with("date", &values)
    }

    /// `a, b or c`.
    pub fn either(self, words: &[String]) -> String {
        self.listed(words, "list-or")
    }

    /// `a, b and c`.
    pub fn all_of(self, words: &[String]) -> String {
        self.listed(words, "list-and")
    }

    fn listed(self, words: &[String], pair: &str) -> String {
        match words {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => {
                let first = first.join(", ");
                self.say_with(
                    pair,
                    &[("first", first.as_str().into()), ("last", last.as_str().into())],
                )
            }
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(text)
    }
}

macro_rules! from_whole_number {
    ($($kind:ty),*) => {
        $(impl From<$kind> for Value<'_> {
            fn from(number: $kind) -> Self {
                // No count that we show comes near the end of i64.
                Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        })*
    };
}

from_whole_number!(i32, i64, u32, u64, usize);

#[cfg(test)]
mod tests;
