//! One table of the file, read key by key; when it is done with, the keys that nobody asked for are faults.

use std::collections::BTreeMap;

use crate::framework::fault::{Findings, Place};
use crate::framework::node::{Entry, Node, Value};
use crate::framework::wording::{listed, nearest, quoted};
use crate::framework::{Loads, Minutes};

pub struct Fields<'n, 'u> {
    entries: &'n [Entry],
    place: Place,
    unread: &'u mut Findings,
    asked: Vec<&'static str>,
    /// Not a table, or of a kind that is unknown: there is no point in naming its keys.
    is_lost: bool,
}

impl<'n, 'u> Fields<'n, 'u> {
    pub fn of(node: &'n Node, place: Place, unread: &'u mut Findings) -> Fields<'n, 'u> {
        let (entries, is_lost) = match &node.value {
            Value::Table(entries) => (entries.as_slice(), false),
            _ => {
                mismatch(unread, &place, node, "a table of keys and values");
                (&[][..], true)
            }
        };
        Fields {
            entries,
            place,
            unread,
            asked: Vec::new(),
            is_lost,
        }
    }

    /// Lets the keys that were not asked for pass: what they mean is not known.
    pub fn give_up(&mut self) {
        self.is_lost = true;
    }

    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// A fault of the table as a whole.
    pub fn fault_here(&mut self, message: impl Into<String>) {
        self.unread.add(self.place.clone(), message);
    }

    /// Refuses a key with a reason of its own.
    pub fn refuse(&mut self, key: &'static str, message: &str) {
        if self.get(key).is_some() {
            self.unread.add_on_key(self.place.key(key), message);
        }
    }

    fn get(&mut self, key: &'static str) -> Option<&'n Node> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.node)
    }

    fn needed(&mut self, key: &'static str, what: &str) -> Option<&'n Node> {
        let node = self.get(key);
        if node.is_none() && !self.is_lost {
            self.unread
                .add(self.place.key(key), format!("is missing: write {what}"));
        }
        node
    }

    /// Reads a value by `read`, or says what it should have been.
    fn value<T>(&mut self, key: &'static str, what: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let node = self.get(key)?;
        let value = read(&node.value);
        if value.is_none() {
            mismatch(self.unread, &self.place.key(key), node, what);
        }
        value
    }

    /// Nothing is told from an empty text.
    pub fn text(&mut self, key: &'static str) -> String {
        self.text_if_any(key).unwrap_or_default()
    }

    pub fn text_if_any(&mut self, key: &'static str) -> Option<String> {
        self.value(key, TEXT, as_text)
    }

    pub fn needed_text(&mut self, key: &'static str) -> String {
        self.needed(key, TEXT);
        self.text(key)
    }

    pub fn flag(&mut self, key: &'static str) -> bool {
        let read = |value: &Value| {
            if let Value::Bool(flag) = value {
                Some(*flag)
            } else {
                None
            }
        };
        self.value(key, "true or false", read).unwrap_or(false)
    }

    pub fn number(&mut self, key: &'static str) -> Option<f64> {
        self.value(key, NUMBER, as_number)
    }

    pub fn needed_number(&mut self, key: &'static str) -> f64 {
        self.needed(key, NUMBER);
        self.number(key).unwrap_or(1.0)
    }

    pub fn whole(&mut self, key: &'static str) -> Option<u32> {
        self.value(key, "a whole number from 0 to 4,000,000,000", |value| {
            u32::try_from(as_whole(value)?).ok()
        })
    }

    pub fn needed_whole(&mut self, key: &'static str) -> u32 {
        self.needed(key, "a whole number");
        self.whole(key).unwrap_or(1)
    }

    pub fn needed_bound(&mut self, key: &'static str) -> i32 {
        self.needed(key, "a whole number, such as 1 or 5");
        self.value(key, "a whole number", |value| i32::try_from(as_whole(value)?).ok())
            .unwrap_or_default()
    }

    pub fn span(&mut self, key: &'static str) -> Option<Minutes> {
        let read = |value: &Value| as_text(value).and_then(|text| Minutes::parse(&text));
        self.value(
            key,
            "a span of time such as \"30d\", \"12h\" or \"45m\", at most a century",
            read,
        )
    }

    pub fn needed_span(&mut self, key: &'static str) -> Minutes {
        self.needed(key, "a span of time such as \"30d\", \"12h\" or \"45m\"");
        self.span(key).unwrap_or(Minutes(1))
    }

    pub fn needed_time_of_day(&mut self, key: &'static str) -> Option<u16> {
        let what = "a time of day such as \"09:00\", from 00:00 to 24:00";
        self.needed(key, what);
        self.value(key, what, |value| {
            crate::framework::time_of_day::parse(&as_text(value)?)
        })
    }

    /// One of a few words.
    pub fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let node = self.get(key)?;
        word_of(node, &self.place.key(key), words, self.unread)
    }

    pub fn needed_word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let known = listed(words.iter().map(|w| w.0));
        self.needed(key, &format!("one of: {known}"));
        self.word(key, words)
    }

    pub fn needed_words<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Vec<T> {
        self.needed(key, &format!("a list of: {}", listed(words.iter().map(|w| w.0))));
        let items = self.list(key);
        items
            .into_iter()
            .filter_map(|(node, place)| word_of(node, &place, words, self.unread))
            .collect()
    }

    pub fn texts(&mut self, key: &'static str) -> Vec<String> {
        let items = self.list(key);
        items
            .into_iter()
            .map(|(node, place)| text_of(node, &place, self.unread))
            .collect()
    }

    pub fn needed_texts(&mut self, key: &'static str) -> Vec<String> {
        self.needed(key, "a list of texts");
        self.texts(key)
    }

    /// A weight for each of some codes.
    pub fn loads(&mut self, key: &'static str) -> Loads {
        let mut loads = Loads::new();
        for (code, node, place) in self.pairs(key) {
            match as_number(&node.value) {
                // A negative nought is a nought.
                Some(weight) => _ = loads.insert(code.to_owned(), weight + 0.0),
                None => mismatch(self.unread, &place, node, NUMBER),
            }
        }
        loads
    }

    pub fn needed_loads(&mut self, key: &'static str) -> Loads {
        self.needed(key, "a table such as { efficiency = 100 }");
        self.loads(key)
    }

    /// A text for each of some codes.
    pub fn text_by_code(&mut self, key: &'static str) -> BTreeMap<String, String> {
        let pairs = self.pairs(key);
        pairs
            .into_iter()
            .map(|(code, node, place)| (code.to_owned(), text_of(node, &place, self.unread)))
            .collect()
    }

    /// All keys but those asked for so far, each with a list of texts.
    pub fn other_lists(&mut self) -> BTreeMap<String, Vec<String>> {
        let mut lists = BTreeMap::new();
        for entry in self
            .entries
            .iter()
            .filter(|entry| !self.asked.contains(&entry.key.as_str()))
        {
            let items = items_of(&entry.node, self.place.key(&entry.key), self.unread);
            let texts = items
                .into_iter()
                .map(|(node, place)| text_of(node, &place, self.unread))
                .collect();
            lists.insert(entry.key.clone(), texts);
        }
        self.is_lost = true;
        lists
    }

    pub fn table(&mut self, key: &'static str) -> Option<Fields<'n, '_>> {
        let node = self.get(key)?;
        Some(Fields::of(node, self.place.key(key), self.unread))
    }

    /// A table of tables, by whatever keys the file has.
    pub fn tables_by_key<T>(&mut self, key: &'static str, read: impl Fn(Fields) -> T) -> BTreeMap<String, T> {
        let pairs = self.pairs(key);
        pairs
            .into_iter()
            .map(|(name, node, place)| (name.to_owned(), read(Fields::of(node, place, self.unread))))
            .collect()
    }

    /// A list of tables.
    pub fn tables<T>(&mut self, key: &'static str, read: impl Fn(Fields) -> T) -> Vec<T> {
        let items = self.list(key);
        items
            .into_iter()
            .map(|(node, place)| read(Fields::of(node, place, self.unread)))
            .collect()
    }

    pub fn needed_tables<T>(&mut self, key: &'static str, read: impl Fn(Fields) -> T) -> Vec<T> {
        self.needed(key, "a list of tables");
        self.tables(key, read)
    }

    fn list(&mut self, key: &'static str) -> Vec<(&'n Node, Place)> {
        match self.get(key) {
            Some(node) => items_of(node, self.place.key(key), self.unread),
            None => Vec::new(),
        }
    }

    fn pairs(&mut self, key: &'static str) -> Vec<(&'n str, &'n Node, Place)> {
        let Some(node) = self.get(key) else {
            return Vec::new();
        };
        let place = self.place.key(key);
        match &node.value {
            Value::Table(entries) => entries
                .iter()
                .map(|entry| (entry.key.as_str(), &entry.node, place.key(&entry.key)))
                .collect(),
            _ => {
                mismatch(self.unread, &place, node, "a table of keys and values");
                Vec::new()
            }
        }
    }
}

/// Whoever drops the fields has read all keys that mean something.
impl Drop for Fields<'_, '_> {
    fn drop(&mut self) {
        if self.is_lost {
            return;
        }
        for entry in self
            .entries
            .iter()
            .filter(|entry| !self.asked.contains(&entry.key.as_str()))
        {
            let meant = if self.unread.is_full() {
                None
            } else {
                nearest(&entry.key, self.asked.iter().copied())
            };
            let advice = match meant {
                Some(key) => format!("did you mean {key}?"),
                None => format!("keys are: {}", listed(self.asked.iter().copied())),
            };
            let message = format!("the key {} means nothing here; {advice}", quoted(&entry.key));
            self.unread.add_on_key(self.place.key(&entry.key), message);
        }
    }
}

const TEXT: &str = "a text in quotes";
const NUMBER: &str = "a number";

fn as_text(value: &Value) -> Option<String> {
    if let Value::Text(text) = value {
        Some(text.clone())
    } else {
        None
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number).filter(|n| n.is_finite()),
        _ => None,
    }
}

/// A float without a fraction is a whole number: some writers of JSON know no other.
fn as_whole(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(*number as i64),
        _ => None,
    }
}

fn text_of(node: &Node, place: &Place, unread: &mut Findings) -> String {
    as_text(&node.value).unwrap_or_else(|| {
        mismatch(unread, place, node, TEXT);
        String::new()
    })
}

fn items_of<'n>(node: &'n Node, place: Place, unread: &mut Findings) -> Vec<(&'n Node, Place)> {
    match &node.value {
        Value::List(items) => items
            .iter()
            .enumerate()
            .map(|(i, item)| (item, place.index(i)))
            .collect(),
        _ => {
            mismatch(unread, &place, node, "a list in square brackets");
            Vec::new()
        }
    }
}

fn word_of<T: Copy>(node: &Node, place: &Place, words: &[(&str, T)], unread: &mut Findings) -> Option<T> {
    let known = || words.iter().map(|w| w.0);
    let Value::Text(text) = &node.value else {
        mismatch(unread, place, node, &format!("one of: {}", listed(known())));
        return None;
    };
    let found = words.iter().find(|w| w.0 == text).map(|w| w.1);
    if found.is_none() {
        let meant = nearest(text, known())
            .map(|w| format!("; did you mean {w}?"))
            .unwrap_or_default();
        unread.add(
            place.clone(),
            format!("must be one of: {}; it is {}{meant}", listed(known()), quoted(text)),
        );
    }
    found
}

fn mismatch(unread: &mut Findings, place: &Place, node: &Node, what: &str) {
    let message = match &node.value {
        Value::Null => format!("null is no value: write {what}, or leave the key out"),
        Value::Text(text) => format!("must be {what}; it is {}", quoted(text)),
        Value::Float(number) if !number.is_finite() => format!("must be {what}; it is not a finite number"),
        Value::Float(number) => format!("must be {what}; it is {number}"),
        Value::Integer(number) => format!("must be {what}; it is {number}"),
        _ => format!("must be {what}; it is {}", node.kind()),
    };
    unread.add(place.clone(), message);
}
