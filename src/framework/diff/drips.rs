//! Changes of drips and their steps.

use super::{Fate, fates, told};
use crate::framework::{Drip, Step};

pub fn changes(old: &[Drip], new: &[Drip], sentences: &mut Vec<String>) {
    let differences = |was: &Drip, is: &Drip| {
        vec![
            ("name", was.name != is.name),
            ("state", was.state != is.state),
            ("trigger", was.trigger != is.trigger),
            ("max_age", was.max_age != is.max_age),
            ("audience", was.audience != is.audience),
            ("send_window", was.send_window != is.send_window),
            ("reminders", was.reminders != is.reminders),
            ("closes_after", was.closes_after != is.closes_after),
        ]
    };
    for fate in fates(old, new) {
        let steps = if let Fate::Stayed(was, is) = &fate {
            steps(was, is)
        } else {
            Vec::new()
        };
        sentences.extend(told("drip", fate, differences));
        sentences.extend(steps);
    }
}

/// Steps have no code: they are counted.
fn steps(was: &Drip, is: &Drip) -> Vec<String> {
    let most = was.steps.len().max(is.steps.len());
    (0..most)
        .filter_map(|i| {
            Some(format!(
                "drip \"{}\": step {} {}",
                is.code,
                i + 1,
                fate(was.steps.get(i), is.steps.get(i))?
            ))
        })
        .collect()
}

fn fate(was: Option<&Step>, is: Option<&Step>) -> Option<&'static str> {
    match (was, is) {
        (None, Some(_)) => Some("added"),
        (Some(_), None) => Some("removed"),
        (was, is) => (was != is).then_some("changed"),
    }
}
