//! A line of a question as it is typed: an option, or a row of a matrix; and how fields find their line.

use std::collections::BTreeMap;

use super::draft::is_given;
use crate::framework::{ChoiceOption, Code, Loads, Row};

/// A form with more than these has no sense; the check refuses fewer, in words.
pub const MOST: usize = 250;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct LineDraft {
    pub key: String,
    pub code: String,
    /// The code is known outside already, and stays.
    pub is_saved: bool,
    /// The code that was made from its text, as long as nobody types another.
    pub made: String,
    pub text: String,
    pub free_text: bool,
    pub no_opinion: bool,
    pub loads: BTreeMap<Code, String>,
}

impl LineDraft {
    pub fn of_option(option: &ChoiceOption) -> LineDraft {
        LineDraft {
            code: option.code.clone(),
            is_saved: true,
            text: option.text.clone(),
            free_text: option.free_text,
            no_opinion: option.no_opinion,
            loads: typed_loads(&option.loads),
            ..LineDraft::default()
        }
    }

    pub fn of_row(row: &Row) -> LineDraft {
        LineDraft {
            code: row.code.clone(),
            is_saved: true,
            text: row.text.clone(),
            loads: typed_loads(&row.loads),
            ..LineDraft::default()
        }
    }

    pub fn take(&mut self, field: &str, value: String, needs: &[&str]) {
        match field {
            "s" => (self.code, self.is_saved) = (value, true),
            "c" => self.code = value,
            "g" => self.made = value,
            "t" => self.text = value,
            "x" => (self.free_text, self.no_opinion) = (value.contains('f'), value.contains('n')),
            _ => take_load(&mut self.loads, field, value, needs),
        }
    }

    pub fn is_blank(&self) -> bool {
        !is_given(&self.text) && !is_given(&self.code) && !self.loads.values().any(|typed| is_given(typed))
    }
}

/// Things of a form, each told by its key.
pub trait Keyed: Default {
    fn key(&mut self) -> &mut String;
}

impl Keyed for LineDraft {
    fn key(&mut self) -> &mut String {
        &mut self.key
    }
}

/// The thing with this key, made where it is the first that is heard of it; none where there are too many.
pub fn with_key<'l, T: Keyed>(list: &'l mut Vec<T>, key: &str) -> Option<&'l mut T> {
    // Fields of one thing stand together: the last one is mostly meant.
    let known = list.iter_mut().rposition(|item| item.key() == key);
    let at = match known {
        Some(at) => at,
        None if list.len() < MOST => {
            let mut item = T::default();
            *item.key() = key.to_owned();
            list.push(item);
            list.len() - 1
        }
        None => return None,
    };
    list.get_mut(at)
}

pub fn take_load(loads: &mut BTreeMap<Code, String>, field: &str, value: String, needs: &[&str]) {
    let at = field.strip_prefix('l').and_then(|at| at.parse::<usize>().ok());
    if let Some(need) = at.and_then(|at| needs.get(at))
        && is_given(&value)
    {
        loads.insert((*need).to_owned(), value);
    }
}

pub fn typed_loads(loads: &Loads) -> BTreeMap<Code, String> {
    loads
        .iter()
        .map(|(need, load)| (need.clone(), load.to_string()))
        .collect()
}

/// A line of a list that was copied from elsewhere, without its bullet or number.
pub fn without_bullet(line: &str) -> &str {
    let line = line.trim();
    let bare = line.trim_start_matches(['-', '–', '•', '*', '·', '▪', '◦']);
    if bare.len() < line.len() && bare.starts_with(char::is_whitespace) {
        return bare.trim();
    }
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let after = rest
        .strip_prefix(['.', ')'])
        .filter(|after| after.starts_with(char::is_whitespace));
    match after {
        Some(after) if rest.len() < line.len() => after.trim(),
        _ => line,
    }
}
