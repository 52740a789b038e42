//! The order of a list of the design, changed by buttons: nothing is saved but by Save.

use crate::framework::Code;
use crate::web::error::AppError;
use crate::web::form::Form;

/// What a button beside the list does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    Save,
    /// Changes places with another one, above it or below it on the page.
    Up(usize, usize),
    Down(usize, usize),
}

impl Do {
    /// The place that what was moved has now, and whether it went up: its button keeps the keyboard.
    pub fn moved(self) -> Option<(usize, bool)> {
        match self {
            Do::Save => None,
            Do::Up(_, to) => Some((to, true)),
            Do::Down(_, to) => Some((to, false)),
        }
    }
}

/// The order that a page shows, and what was pressed on it.
pub fn read(form: &Form) -> Result<(Vec<Code>, Do), AppError> {
    let order = form.0.iter().filter(|(name, _)| name == "order");
    let mut order: Vec<Code> = order.map(|(_, code)| code.clone()).collect();
    let pressed = parse(form.text("do")?)
        .ok_or_else(|| AppError::BadRequest("Press one of the buttons of the page.".to_owned()))?;
    if let Do::Up(one, other) | Do::Down(one, other) = pressed
        && one.max(other) < order.len()
    {
        order.swap(one, other);
    }
    Ok((order, pressed))
}

fn parse(text: &str) -> Option<Do> {
    if text == "save" {
        return Some(Do::Save);
    }
    let mut parts = text.split(':');
    let verb = parts.next()?;
    let mut place = || parts.next()?.parse().ok();
    match (verb, place()?, place()?) {
        ("up", one, other) => Some(Do::Up(one, other)),
        ("down", one, other) => Some(Do::Down(one, other)),
        _ => None,
    }
}

/// The list in that order; what it does not name stays behind those that it does.
pub fn sorted<T>(mut list: Vec<T>, order: &[Code], code: impl Fn(&T) -> &str) -> Vec<T> {
    list.sort_by_key(|item| {
        let place = order.iter().position(|known| known == code(item));
        place.unwrap_or(order.len())
    });
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(button: &str) -> Option<String> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut fields: Vec<(String, String)> = ["a", "b", "c"].map(|code| pair("order", code)).into();
        fields.push(pair("do", button));
        read(&Form(fields)).ok().map(|(order, _)| order.concat())
    }

    #[test]
    fn a_button_changes_two_places_and_never_moves_off_the_list() {
        let found = ["up:1:0", "down:0:1", "down:2:3", "up:99999:1", "save"].map(pressed);
        let wanted = ["bac", "bac", "abc", "abc", "abc"].map(|order| Some(order.to_owned()));
        assert_eq!(found, wanted);
        for wrong in ["destroy", "up:x:1", "up:1", "up:-1:0"] {
            assert_eq!(pressed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_came_meanwhile_stands_last() {
        let order = ["b".to_owned(), "a".to_owned()];
        assert_eq!(sorted(vec!["a", "new", "b"], &order, |code| code), ["b", "a", "new"]);
    }
}
