//! What was typed into a form of the design, read and checked as a part of the framework file: there is
//! one set of rules. The names of the fields are the places of the file, so that each fault finds its field.

use serde_json::{Map, Value, json};

use crate::framework::fault::{Fault, Place};
use crate::framework::{self, Framework};
use crate::ids::FrameworkId;
use crate::web::error::AppError;
use crate::web::form::Form;

/// What is wrong with what was typed.
#[derive(Debug, Default)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// All that is wrong with a field.
    pub fn at(&self, field: &str) -> Option<String> {
        told(self.0.iter().filter(|fault| fault.place == field))
    }

    /// All that is wrong with a field or with a part of it.
    pub fn within(&self, field: &str) -> Option<String> {
        let within = |fault: &&Fault| {
            let rest = fault.place.strip_prefix(field);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
        };
        told(self.0.iter().filter(within))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn told<'f>(faults: impl Iterator<Item = &'f Fault>) -> Option<String> {
    let messages: Vec<&str> = faults.map(|fault| fault.message.as_str()).collect();
    (!messages.is_empty()).then(|| messages.join("; "))
}

/// A name of a field as the id of its control: nothing in it that a selector takes for more.
pub fn id(field: &str) -> String {
    let sign = |c: char| if c.is_alphanumeric() { c } else { '-' };
    field.chars().map(sign).collect()
}

/// The framework that the page was made from.
pub fn seen(form: &Form) -> Result<FrameworkId, AppError> {
    Ok(form.text("seen")?.parse().map(FrameworkId).unwrap_or(FrameworkId(0)))
}

/// A text of several lines as it is kept: browsers end lines with CR LF, the file with LF.
pub fn text(form: &Form, name: &str) -> Result<String, AppError> {
    Ok(form.text(name)?.replace("\r\n", "\n"))
}

/// Without blanks at its ends, unless it had them before and nobody touched it.
pub fn trimmed<'t>(typed: &'t str, was: Option<&str>) -> &'t str {
    if was == Some(typed) { typed } else { typed.trim() }
}

/// One entry a line; blank lines are none.
pub fn lines(typed: &str) -> Vec<String> {
    let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// What is no number stays a text, which the reader then refuses in its own words.
pub fn number(typed: &str) -> Value {
    let typed = typed.trim();
    let whole = typed.parse::<i64>().map(|number| json!(number));
    let value = whole.or_else(|_| typed.parse::<f64>().map(|number| json!(number)));
    value.unwrap_or_else(|_| json!(typed))
}

/// The framework with this entry in its place of the list, or last; read and checked as a file is. The
/// `Err` holds what is wrong, by field where it is wrong with the entry.
pub fn checked(
    framework: &Framework,
    list: &str,
    at: Option<usize>,
    entry: Map<String, Value>,
) -> Result<(Framework, usize), Vec<Fault>> {
    let mut tree = framework::write::tree(framework);
    let mut place = 0;
    if let Value::Array(entries) = tree.entry(list).or_insert_with(|| json!([])) {
        place = at.filter(|at| *at < entries.len()).unwrap_or(entries.len());
        match entries.get_mut(place) {
            Some(known) => *known = Value::Object(entry),
            None => entries.push(Value::Object(entry)),
        }
    }
    let prefix = Place::root().key(list).index(place).to_string();
    match framework::read::json(&Value::Object(tree).to_string()) {
        Ok(framework) => Ok((framework, place)),
        Err(faults) => Err(faults.into_iter().map(|fault| by_field(&prefix, fault)).collect()),
    }
}

/// A fault of the entry at the name of its field; of any other part, at its place in the file.
pub fn by_field(prefix: &str, fault: Fault) -> Fault {
    let rest = fault.place.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
    Fault {
        place: rest.unwrap_or(&fault.place).to_owned(),
        line: None,
        column: None,
        message: fault.message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_whole_where_it_is_written_so() {
        assert_eq!(number(" 2 "), json!(2));
        assert_eq!(number("0.5"), json!(0.5));
        assert_eq!(number("many"), json!("many"));
    }

    #[test]
    fn a_fault_stands_at_its_field_or_at_its_place_in_the_file() {
        let fault = |place: &str| Fault {
            place: place.into(),
            line: Some(3),
            column: None,
            message: "x".into(),
        };
        assert_eq!(
            by_field("segments[1]", fault("segments[1].profile.a")).place,
            "profile.a"
        );
        assert_eq!(
            by_field("segments[1]", fault("segments[10].name")).place,
            "segments[10].name"
        );
    }

    #[test]
    fn what_stands_on_a_line_is_an_entry() {
        assert_eq!(lines(" one \n\n\ttwo\n"), ["one", "two"]);
    }
}
