//! Lays a tree out as TOML: what has a heading of its own, what goes on one line, which quotes a text gets.

use serde_json::{Map, Value};

/// A list longer than this gets a line for each entry.
const WIDTH: usize = 100;

pub fn document(tree: &Map<String, Value>) -> String {
    let mut out = String::new();
    table(&mut out, "", tree);
    out.trim_start_matches('\n').to_owned()
}

/// Its plain entries, then those with headings: TOML wants them in this order.
fn table(out: &mut String, path: &str, entries: &Map<String, Value>) {
    for (name, value) in entries.iter().filter(|(name, value)| !has_heading(name, value)) {
        out.push_str(&format!("{} = ", key(name)));
        entry(out, value);
        out.push('\n');
    }
    for (name, value) in entries.iter().filter(|(name, value)| has_heading(name, value)) {
        let path = joined(path, name);
        match value {
            Value::Array(items) => {
                for item in items.iter().filter_map(Value::as_object) {
                    out.push_str(&format!("\n[[{path}]]\n"));
                    table(out, &path, item);
                }
            }
            Value::Object(variants) if is_by_key(name) => {
                for (variant, texts) in variants {
                    let path = joined(&path, variant);
                    out.push_str(&format!("\n[{path}]\n"));
                    texts.as_object().into_iter().for_each(|texts| table(out, &path, texts));
                }
            }
            Value::Object(entries) => {
                out.push_str(&format!("\n[{path}]\n"));
                table(out, &path, entries);
            }
            _ => {}
        }
    }
}

/// Only the framework's own tables come here: what has keys of the author's is written in one line.
fn has_heading(name: &str, value: &Value) -> bool {
    let named = [
        "settings",
        "roles",
        "needs",
        "segments",
        "question_sets",
        "questions",
        "drips",
        "steps",
    ];
    let is_empty = match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty() && is_by_key(name),
        _ => true,
    };
    !is_empty && (named.contains(&name) || is_by_key(name))
}

/// A table of tables: a heading for each language, for each variant.
fn is_by_key(name: &str) -> bool {
    matches!(name, "translations" | "message")
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        key(name)
    } else {
        format!("{path}.{}", key(name))
    }
}

fn key(name: &str) -> String {
    let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !name.is_empty() && name.bytes().all(bare) {
        name.to_owned()
    } else {
        in_double_quotes(name)
    }
}

/// A value on a line of its own, which may run over several.
fn entry(out: &mut String, value: &Value) {
    match value {
        Value::String(text) if text.contains('\n') => out.push_str(&over_lines(text)),
        Value::Array(items) => {
            let line = inline(value);
            if items.iter().any(Value::is_object) || line.chars().count() > WIDTH {
                out.push_str("[\n");
                for item in items {
                    out.push_str(&format!("  {},\n", inline(item)));
                }
                out.push(']');
            } else {
                out.push_str(&line);
            }
        }
        value => out.push_str(&inline(value)),
    }
}

fn inline(value: &Value) -> String {
    match value {
        // Nothing of a framework is null; a number that is not finite becomes one and is refused when read.
        Value::Null => "nan".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => on_one_line(text),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let pairs = entries
                .iter()
                .map(|(name, value)| format!("{} = {}", key(name), inline(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A text with double quotes in it reads better in single ones.
fn on_one_line(text: &str) -> String {
    let literal = text.contains('"') && !text.contains('\'') && !text.chars().any(char::is_control);
    if literal {
        format!("'{text}'")
    } else {
        in_double_quotes(text)
    }
}

fn in_double_quotes(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            c => push_escaped(&mut quoted, c),
        }
    }
    quoted.push('"');
    quoted
}

/// The first line break after the opening quotes is not part of the text.
fn over_lines(text: &str) -> String {
    let mut quoted = String::from("\"\"\"\n");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' => quoted.push(c),
            // Three in a row would end the text, as would one before the closing three.
            '"' if quoted.ends_with('"') || chars.peek().is_none() => quoted.push_str("\\\""),
            '"' => quoted.push('"'),
            c => push_escaped(&mut quoted, c),
        }
    }
    quoted.push_str("\"\"\"");
    quoted
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
        c => out.push(c),
    }
}
