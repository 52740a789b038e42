//! Changes of drips and their steps.

use super::{Fate, fates, told};
use crate::framework::Drip;
use crate::framework::alignment::Alignment;

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

/// Steps have no code: they are counted, one that was taken out as the old file counts.
fn steps(was: &Drip, is: &Drip) -> Vec<String> {
    let alignment = Alignment::of(&was.steps, &is.steps);
    let removed = (0..was.steps.len()).filter(|old| alignment.to(*old).is_none());
    let mut fates: Vec<(usize, &str)> = removed.map(|old| (old, "removed")).collect();
    for (old, step) in was.steps.iter().enumerate() {
        if let Some(new) = alignment.to(old).filter(|new| is.steps[*new] != *step) {
            fates.push((new, "changed"));
        }
    }
    let added = (0..is.steps.len()).filter(|new| alignment.is_new(*new));
    fates.extend(added.map(|new| (new, "added")));
    fates.sort();
    let told = |(step, fate): (usize, &str)| format!("drip \"{}\": step {} {fate}", is.code, step + 1);
    let mut sentences: Vec<String> = fates.into_iter().map(told).collect();
    if alignment.is_reordered() {
        sentences.push(format!("drip \"{}\": its steps stand in another order", is.code));
    }
    sentences
}
