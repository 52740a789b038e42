//! Pages of forms that nobody has answered yet, kept as they were rendered, with holes where each
//! link's differs from the others. Most pages that are asked for are such ones.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use askama::filters::{Html, escape};

use crate::design::Design;
use crate::respond::{Sort, Untouched, Values};

use super::error::AppError;
use super::respond::Show;

/// Sheets kept at most: one for each step and language that is answered now, and a few besides.
const MOST: usize = 256;
/// Stands at both ends of a hole's name: no character, so that hardly a text has it.
const MARK: char = '\u{FDD0}';
const ACTION: &str = "action";
const COMPANY: &str = "company";
const PREFERENCES: &str = "preferences";
const OPENED: &str = "opened";
const HOLES: [&str; 4] = [ACTION, COMPANY, PREFERENCES, OPENED];

/// By the framework's address, which is nobody else's as long as the sheet holds the framework.
#[derive(Default)]
pub struct Sheets(Mutex<HashMap<(usize, Sort), Kept>>);

#[derive(Clone)]
struct Kept {
    sheet: Arc<Sheet>,
    _design: Arc<Design>,
}

/// Words and the names of holes in turns, words first.
struct Sheet(Vec<String>);

impl Sheets {
    /// The page of that form, to be sent to `action`.
    pub(super) fn page(&self, untouched: Untouched, action: &str) -> Result<String, AppError> {
        let values = untouched.values.clone();
        let key = (Arc::as_ptr(&untouched.design) as usize, untouched.sort.clone());
        let kept = self.lock().get(&key).cloned();
        if let Some(kept) = kept {
            return Ok(kept.sheet.filled(action, &values));
        }
        let design = untouched.design.clone();
        let named = |name: &str| format!("{MARK}{name}{MARK}");
        let holes = Values {
            company: named(COMPANY),
            preferences: named(PREFERENCES),
            opened: named(OPENED),
        };
        let rendered = |action: String, values: &Values| {
            let show = Show::of(action, untouched.form_with(values), false);
            show.render().map_err(AppError::internal)
        };
        let Some(sheet) = Sheet::of(&rendered(named(ACTION), &holes)?) else {
            return rendered(action.to_owned(), &values);
        };
        let sheet = Arc::new(sheet);
        let page = sheet.filled(action, &values);
        let mut sheets = self.lock();
        if sheets.len() >= MOST {
            sheets.clear();
        }
        sheets.insert(key, Kept { sheet, _design: design });
        Ok(page)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(usize, Sort), Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sheet {
    /// `None`: somebody wrote the mark into a text.
    fn of(html: &str) -> Option<Sheet> {
        let parts: Vec<String> = html.split(MARK).map(str::to_owned).collect();
        let mut holes = parts.iter().skip(1).step_by(2);
        let is_sound = parts.len() % 2 == 1 && holes.all(|name| HOLES.contains(&name.as_str()));
        is_sound.then_some(Sheet(parts))
    }

    fn filled(&self, action: &str, values: &Values) -> String {
        let escaped = |text: &str| escape(text, Html).map(|text| text.to_string()).unwrap_or_default();
        let company = escaped(&values.company);
        let length: usize = self.0.iter().map(String::len).sum();
        let mut page = String::with_capacity(length + 4 * (company.len() + 64));
        for (place, part) in self.0.iter().enumerate() {
            let is_hole = place % 2 == 1;
            page += match part.as_str() {
                ACTION if is_hole => action,
                COMPANY if is_hole => &company,
                PREFERENCES if is_hole => &values.preferences,
                OPENED if is_hole => &values.opened,
                words => words,
            };
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_link_finds_its_own_values_in_the_kept_page_and_no_name_becomes_a_tag() {
        let sheet = Sheet::of(&format!(
            "<form action=\"{MARK}action{MARK}\">action {MARK}company{MARK}, <a href=\"{MARK}preferences{MARK}\">\
             <input value=\"{MARK}opened{MARK}\">"
        ));
        let sheet = sheet.expect("every hole is known");
        let filled = |company: &str| {
            let values = Values {
                company: company.to_owned(),
                preferences: "/preferences/p".to_owned(),
                opened: "o".to_owned(),
            };
            sheet.filled("/r/t", &values)
        };
        let somebodys = format!("a {MARK} of somebody's own and {MARK}company{MARK}");
        assert!(Sheet::of(&somebodys).is_none());
        assert_eq!(
            filled("Acme"),
            "<form action=\"/r/t\">action Acme, <a href=\"/preferences/p\"><input value=\"o\">"
        );
        assert!(
            filled("A<b> & \"c\"").contains("A&#60;b&#62; &#38; &#34;c&#34;,"),
            "{}",
            filled("A<b> & \"c\"")
        );
    }
}
