//! Both spellings of a framework as one small tree in which every value knows its line.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, MOST_TOLD, Place, Turn, untold};

/// A file larger than this is no framework.
const MOST_BYTES: usize = 5_000_000;

/// Deeper than any framework goes.
const DEEPEST: usize = 40;

#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub value: Value,
    pub at: Position,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    /// A bare date of TOML, which no setting wants.
    Date,
    List(Vec<Node>),
    /// In the order of the file; a key may stand there twice in JSON.
    Table(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: String,
    pub key_at: Position,
    pub node: Node,
}

/// Line and column from 1; nowhere for a value of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position(pub Option<(usize, usize)>);

impl Node {
    /// The line of a place, or of the nearest thing above it that the file does hold.
    pub fn locate(&self, place: &Place, on_key: bool) -> Position {
        let mut node = self;
        let mut at = self.at;
        for (i, turn) in place.turns().iter().enumerate() {
            let last = i + 1 == place.turns().len();
            match (turn, &node.value) {
                (Turn::Index(index), Value::List(items)) if *index < items.len() => {
                    node = &items[*index];
                    at = node.at;
                }
                (Turn::Key(key), Value::Table(entries)) => match entries.iter().find(|e| e.key == *key) {
                    Some(entry) => {
                        node = &entry.node;
                        at = if last && on_key { entry.key_at } else { node.at };
                    }
                    None => return at,
                },
                _ => return at,
            }
        }
        at
    }

    /// What the value is, in the words of a message.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Text(_) => "a text",
            Value::Date => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

/// Reads TOML; an `Err` holds every fault of spelling.
pub fn from_toml(text: &str) -> Result<Node, Vec<Fault>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let lines = Lines::of(text);
    if let Some(fault) = too_large(text).or_else(|| too_dotted(text, &lines)) {
        return Err(vec![fault]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let told = errors
            .iter()
            .take(MOST_TOLD)
            .map(|error| spelling(error, &lines))
            .collect();
        return Err(with_the_rest(told, errors.len()));
    }
    Ok(Node {
        value: table_of(table.into_inner(), &lines),
        at: Position(Some((1, 1))),
    })
}

/// Reads JSON; an `Err` holds the first fault of spelling, or every key that stands there twice.
pub fn from_json(text: &str) -> Result<Node, Vec<Fault>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if let Some(fault) = too_large(text) {
        return Err(vec![fault]);
    }
    let node: Node = serde_json::from_str(text).map_err(|error| {
        let place = (error.line() > 0).then(|| (error.line(), error.column().max(1)));
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        vec![at(Position(place), format!("this is not valid JSON: {said}"))]
    })?;
    let mut faults = Vec::new();
    find_doubles(&node, &Place::root(), &mut faults);
    let all = faults.len();
    faults.truncate(MOST_TOLD);
    if faults.is_empty() {
        Ok(node)
    } else {
        Err(with_the_rest(faults, all))
    }
}

/// Says how many faults are not among those told.
fn with_the_rest(mut told: Vec<Fault>, all: usize) -> Vec<Fault> {
    if all > told.len() {
        told.push(at(Position(Some((1, 1))), untold(all - told.len())));
    }
    told
}

fn at(position: Position, message: String) -> Fault {
    Fault {
        place: String::new(),
        line: position.0.map(|p| p.0),
        column: position.0.map(|p| p.1),
        message,
    }
}

fn too_large(text: &str) -> Option<Fault> {
    (text.len() > MOST_BYTES).then(|| {
        at(
            Position::default(),
            format!("the file is larger than {} MB", MOST_BYTES / 1_000_000),
        )
    })
}

fn spelling(error: &toml::de::Error, lines: &Lines<'_>) -> Fault {
    let position = error.span().map(|span| lines.position(span.start)).unwrap_or_default();
    at(position, format!("this is not valid TOML: {}", error.message()))
}

/// A key of thousands of dotted parts would nest as deep as the stack is high; the parser bounds brackets only.
fn too_dotted(text: &str, lines: &Lines<'_>) -> Option<Fault> {
    let bytes = text.as_bytes();
    let (mut parts, mut i) = (0, 0);
    while i < bytes.len() {
        let start = i;
        i = end_of_key_part(bytes, i);
        if i == start {
            parts = 0;
            i += 1;
            continue;
        }
        parts += 1;
        if parts > DEEPEST {
            return Some(at(
                lines.position(start),
                format!("a key goes deeper than {DEEPEST} parts"),
            ));
        }
        let mut dot = i;
        while dot < bytes.len() && matches!(bytes[dot], b' ' | b'\t') {
            dot += 1;
        }
        if bytes.get(dot) != Some(&b'.') {
            parts = 0;
            continue;
        }
        i = dot + 1;
        while i < bytes.len() && matches!(bytes[i], b' ' | b'\t') {
            i += 1;
        }
    }
    None
}

/// The end of a bare or quoted part of a key that begins here, or `start` itself.
fn end_of_key_part(bytes: &[u8], start: usize) -> usize {
    let quote = match bytes[start] {
        q @ (b'"' | b'\'') => q,
        _ => {
            let bare = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
            return start + bytes[start..].iter().take_while(|b| bare(b)).count();
        }
    };
    let mut i = start + 1;
    while i < bytes.len() && bytes[i] != b'\n' {
        match bytes[i] {
            b'\\' if quote == b'"' => i += 1,
            b if b == quote => return i + 1,
            _ => {}
        }
        i += 1;
    }
    start
}

fn table_of(table: DeTable<'_>, lines: &Lines<'_>) -> Value {
    let entries = table.into_iter().map(|(key, value)| Entry {
        key_at: lines.position(key.span().start),
        key: key.into_inner().into_owned(),
        node: node_of(value, lines),
    });
    Value::Table(entries.collect())
}

fn node_of(value: toml::Spanned<DeValue<'_>>, lines: &Lines<'_>) -> Node {
    let at = lines.position(value.span().start);
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.replace("\r\n", "\n")),
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(value) => Value::Integer(value),
            // Larger than any limit; as a float it is refused as out of range where it stands.
            Err(_) => Value::Float(number.as_str().parse().unwrap_or(f64::INFINITY)),
        },
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(items) => Value::List(items.into_iter().map(|item| node_of(item, lines)).collect()),
        DeValue::Table(table) => table_of(table, lines),
    };
    Node { value, at }
}

fn find_doubles(node: &Node, place: &Place, faults: &mut Vec<Fault>) {
    match &node.value {
        Value::List(items) => {
            for (i, item) in items.iter().enumerate() {
                find_doubles(item, &place.index(i), faults);
            }
        }
        Value::Table(entries) => {
            let mut seen = std::collections::HashSet::new();
            for entry in entries {
                let place = place.key(&entry.key);
                if !seen.insert(entry.key.as_str()) {
                    faults.push(Fault {
                        place: place.to_string(),
                        ..at(Position::default(), "the key stands there twice; keep one".to_owned())
                    });
                }
                find_doubles(&entry.node, &place, faults);
            }
        }
        _ => {}
    }
}

/// Where each line of a text begins.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Lines<'t> {
        let after_breaks = text
            .bytes()
            .enumerate()
            .filter(|(_, b)| *b == b'\n')
            .map(|(i, _)| i + 1);
        Lines {
            text,
            starts: std::iter::once(0).chain(after_breaks).collect(),
        }
    }

    fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        Position(Some((line, before.chars().count() + 1)))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

fn nowhere<E>(value: Value) -> Result<Node, E> {
    Ok(Node {
        value,
        at: Position::default(),
    })
}

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        nowhere(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        nowhere(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        nowhere(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        nowhere(i64::try_from(value).map_or(Value::Float(value as f64), Value::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        nowhere(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        nowhere(Value::Text(value.replace("\r\n", "\n")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        nowhere(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut table = Vec::new();
        while let Some((key, node)) = entries.next_entry()? {
            table.push(Entry {
                key,
                key_at: Position::default(),
                node,
            });
        }
        nowhere(Value::Table(table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_toml_knows_its_line_and_column() {
        let tree = from_toml("# é\n[[needs]]\nname = 'x'\nloads = { 'é' = 1,\n  b = 2 }\n").unwrap();
        let place = Place::root().key("needs").index(0);
        assert_eq!(tree.locate(&place, false).0, Some((2, 1)));
        assert_eq!(tree.locate(&place.key("name"), false).0, Some((3, 8)));
        assert_eq!(tree.locate(&place.key("name"), true).0, Some((3, 1)));
        assert_eq!(tree.locate(&place.key("missing").key("deep"), true).0, Some((2, 1)));
        assert_eq!(tree.locate(&place.key("loads").key("b"), false).0, Some((5, 7)));
    }

    #[test]
    fn a_slip_of_spelling_is_found_at_its_line() {
        let faults = from_toml("a = 1\na = 2\nb = = 3\n").unwrap_err();
        assert!(faults.len() >= 2, "{faults:?}");
        assert!(
            faults.iter().any(|f| f.line == Some(2)) && faults.iter().any(|f| f.line == Some(3)),
            "{faults:?}"
        );
        let faults = from_json("{\n  \"a\": ,\n}").unwrap_err();
        assert_eq!((faults[0].line, faults[0].column), (Some(2), Some(8)));
    }

    #[test]
    fn a_key_written_twice_in_json_is_refused() {
        let faults = from_json(r#"{"needs": [{"code": "a", "code": "b"}]}"#).unwrap_err();
        assert_eq!(faults[0].place, "needs[0].code");
    }

    #[test]
    fn a_file_cannot_exhaust_the_stack() {
        assert!(from_toml(&"a.".repeat(200_000)).is_err());
        assert!(from_toml(&format!("[{}a]\n", "a . \"b\".".repeat(200_000))).is_err());
        assert!(from_toml(&format!("a = {}", "[".repeat(200_000))).is_err());
        assert!(from_json(&"[".repeat(200_000)).is_err());
        let prose = format!("a = \"{}\"", "One word. Then another. ".repeat(200));
        assert!(from_toml(&prose).is_ok());
    }
}
