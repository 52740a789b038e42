//! A framework as TOML or JSON, laid out so that people like to read and edit it.
//!
//! What was written reads back as the same framework, and writes again to the same bytes.

#[cfg(test)]
mod tests;
mod toml_layout;

use serde_json::{Map, Value};

use super::Framework;

/// TOML in the layout of the documentation: tables with headings, one option a line.
pub fn toml(framework: &Framework) -> String {
    toml_layout::document(&tree(framework))
}

/// JSON, indented, with a line break at its end.
pub fn json(framework: &Framework) -> String {
    let mut text = format!("{:#}", Value::Object(tree(framework)));
    text.push('\n');
    text
}

/// The tree that both spellings share.
pub fn tree(framework: &Framework) -> Map<String, Value> {
    let Ok(Value::Object(mut tree)) = serde_json::to_value(framework) else {
        unreachable!("a framework is made of structs, texts and numbers, and all its keys are texts");
    };
    for set in items_mut(tree.get_mut("question_sets")) {
        for question in items_mut(set.get_mut("questions")) {
            if let Value::Object(question) = question {
                in_reading_order(question);
            }
        }
    }
    for value in tree.values_mut() {
        without_idle_fractions(value);
    }
    tree
}

fn items_mut(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_array_mut).into_iter().flatten()
}

/// The kind before all that hangs on it, the words in other languages last.
fn in_reading_order(question: &mut Map<String, Value>) {
    let mut rest = std::mem::take(question);
    let mut put = |key: &str, rest: &mut Map<String, Value>| {
        if let Some(value) = rest.shift_remove(key) {
            question.insert(key.to_owned(), value);
        }
    };
    for key in ["code", "kind", "text", "help", "required", "show_if"] {
        put(key, &mut rest);
    }
    let last = ["no_opinion", "translations"];
    let others: Vec<String> = rest
        .keys()
        .filter(|key| !last.contains(&key.as_str()))
        .cloned()
        .collect();
    for key in others.iter().map(String::as_str).chain(last) {
        put(key, &mut rest);
    }
}

/// Writes 2 for 2.0.
fn without_idle_fractions(value: &mut Value) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => {
            if let Some(float) = number
                .as_f64()
                .filter(|f| number.is_f64() && f.fract() == 0.0 && f.abs() < EXACT)
            {
                *value = Value::from(float as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_idle_fractions),
        Value::Object(entries) => entries.values_mut().for_each(without_idle_fractions),
        _ => {}
    }
}
