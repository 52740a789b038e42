//! What is said of a segment beyond the framework file, whose lines stay as they are there: the reason
//! behind each line, the message, the offer, the stance on price, channel and timing.
//!
//! A reason belongs to the wording of its line: the file gives lines no other name. A line reworded
//! elsewhere leaves its reason behind, which the editor then shows until somebody takes it up or drops it.
//! Each saving is kept, with what it changed.

mod queries;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::audit;
use crate::framework::Segment;
use crate::store::{self, Conn};

/// The longest text of a playbook, in characters.
pub const TEXT_CHARACTERS: usize = 1_000;
/// The longest line and the longest reason.
pub const LINE_CHARACTERS: usize = 500;

/// A line of the framework file, and why it stands there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasoned {
    pub line: String,
    pub reason: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Playbook {
    /// Only lines that have a reason.
    pub talk_about: Vec<Reasoned>,
    pub avoid: Vec<Reasoned>,
    /// What to say in one breath.
    pub message: String,
    pub offer: String,
    /// How to speak of the price.
    pub price: String,
    pub channel: String,
    pub timing: String,
}

/// One saving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub id: i64,
    pub at: NaiveDateTime,
    pub by: String,
    /// In words, one a line.
    pub changes: String,
}

/// The texts beside the lines, by the name of their field, with their label and what they are for.
pub const TEXTS: [(&str, &str, &str); 5] = [
    ("message", "Message", "What to say in one breath."),
    ("offer", "Offer", "What to put on the table, and what not."),
    (
        "price",
        "Price",
        "How to speak of the price: fixed, by use, never first.",
    ),
    ("channel", "Channel", "How to reach them: mail, call, visit, fair."),
    ("timing", "Timing", "When, and how often."),
];

impl Playbook {
    /// Why to say this.
    pub fn why_talk_about(&self, line: &str) -> Option<&str> {
        reason(&self.talk_about, line)
    }

    /// Why not to say this.
    pub fn why_avoid(&self, line: &str) -> Option<&str> {
        reason(&self.avoid, line)
    }

    pub fn text(&self, field: &str) -> &str {
        match field {
            "message" => &self.message,
            "offer" => &self.offer,
            "price" => &self.price,
            "channel" => &self.channel,
            "timing" => &self.timing,
            _ => "",
        }
    }

    pub fn set_text(&mut self, field: &str, text: String) {
        match field {
            "message" => self.message = text,
            "offer" => self.offer = text,
            "price" => self.price = text,
            "channel" => self.channel = text,
            "timing" => self.timing = text,
            _ => {}
        }
    }

    /// Reasons whose line the segment has no more.
    pub fn left_behind<'a>(&'a self, segment: &'a Segment) -> impl Iterator<Item = &'a Reasoned> {
        let of = |reasons: &'a [Reasoned], lines: &'a [String]| {
            reasons.iter().filter(move |reasoned| !lines.contains(&reasoned.line))
        };
        of(&self.talk_about, &segment.talk_about).chain(of(&self.avoid, &segment.avoid))
    }

    /// What is otherwise in `new`, in words.
    fn changes(&self, new: &Playbook) -> Vec<String> {
        let mut changes = Vec::new();
        for (field, label, _) in TEXTS {
            if self.text(field) != new.text(field) {
                let word = match (self.text(field).is_empty(), new.text(field).is_empty()) {
                    (true, _) => "written",
                    (_, true) => "taken out",
                    _ => "reworded",
                };
                changes.push(format!("{label}: {word}"));
            }
        }
        let lists = [
            ("to say", &self.talk_about, &new.talk_about),
            ("to avoid", &self.avoid, &new.avoid),
        ];
        for (what, before, after) in lists {
            for reasoned in after.iter() {
                match reason(before, &reasoned.line) {
                    None => changes.push(format!("A reason {what} “{}”", reasoned.line)),
                    Some(known) if known != reasoned.reason => {
                        changes.push(format!("Another reason {what} “{}”", reasoned.line));
                    }
                    Some(_) => {}
                }
            }
            for reasoned in before.iter().filter(|known| reason(after, &known.line).is_none()) {
                changes.push(format!("No reason any more {what} “{}”", reasoned.line));
            }
        }
        changes
    }
}

fn reason<'p>(reasons: &'p [Reasoned], line: &str) -> Option<&'p str> {
    let known = reasons.iter().find(|reasoned| reasoned.line == line);
    known.map(|reasoned| reasoned.reason.as_str())
}

/// As it was saved last; nothing in it where nobody has written any.
pub fn find(conn: &mut Conn, segment: &str) -> store::Result<Playbook> {
    Ok(queries::find_newest(conn, segment)?.unwrap_or_default())
}

/// One saving of the segment's, to be taken up again.
pub fn find_saved(conn: &mut Conn, segment: &str, id: i64) -> store::Result<Option<Playbook>> {
    queries::find_saved(conn, segment, id)
}

/// The savings, the newest first.
pub fn history(conn: &mut Conn, segment: &str, most: i64) -> store::Result<Vec<Saved>> {
    queries::list_saved(conn, segment, most)
}

/// Puts the playbook in place of the one before, which stays in the history; says what changed.
pub fn save(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    segment: &str,
    new: &Playbook,
) -> store::Result<Vec<String>> {
    let changes = find(conn, segment)?.changes(new);
    if !changes.is_empty() {
        queries::insert(conn, now, by, segment, new, &changes.join("\n"))?;
        audit::note(conn, now, by, "playbook.change", segment, &changes.join("; "))?;
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasoned(line: &str, reason: &str) -> Reasoned {
        Reasoned {
            line: line.into(),
            reason: reason.into(),
        }
    }

    #[test]
    fn a_change_is_told_in_words() {
        let before = Playbook {
            talk_about: vec![reasoned("Hours", "They count"), reasoned("Dates", "They plan")],
            message: "One".into(),
            ..Playbook::default()
        };
        let after = Playbook {
            talk_about: vec![reasoned("Hours", "They compare")],
            avoid: vec![reasoned("Visions", "They doubt")],
            offer: "The package".into(),
            ..Playbook::default()
        };
        assert_eq!(
            before.changes(&after),
            [
                "Message: taken out",
                "Offer: written",
                "Another reason to say “Hours”",
                "No reason any more to say “Dates”",
                "A reason to avoid “Visions”",
            ]
        );
        assert_eq!(before.changes(&before.clone()), Vec::<String>::new());
    }

    #[test]
    fn a_line_that_is_reworded_leaves_its_reason_behind() {
        let playbook = Playbook {
            talk_about: vec![reasoned("Hours", "They count"), reasoned("Dates", "They plan")],
            ..Playbook::default()
        };
        let segment = Segment {
            talk_about: vec!["Hours".into(), "Days".into()],
            ..Segment::default()
        };
        let left: Vec<&str> = playbook
            .left_behind(&segment)
            .map(|reasoned| reasoned.line.as_str())
            .collect();
        assert_eq!(left, ["Dates"]);
        assert_eq!(playbook.why_talk_about("Hours"), Some("They count"));
    }
}
