//! The buttons of the editor: each adds, moves, copies or takes away a question or a line of one, and
//! shows the page again. Nothing is saved but by Save.

use super::draft::{Draft, QuestionDraft};
use super::line::LineDraft;
use super::page::Focus;

/// What a button of the form does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Do {
    Save,
    /// Shows the page again, drawn anew, with what saving would do.
    Look,
    /// A new question, the last.
    Add,
    Question(Act, String),
    /// To a line of the question with the first key: the one with the second, or the last.
    Line(Act, String, Option<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Add,
    Up,
    Down,
    Copy,
    Drop,
}

impl Do {
    pub fn parse(text: &str) -> Option<Do> {
        let mut parts = text.split(':');
        let (verb, key, line) = (parts.next()?, parts.next(), parts.next());
        let act = |verb: &str| {
            Some(match verb {
                "add" => Act::Add,
                "up" => Act::Up,
                "down" => Act::Down,
                "copy" => Act::Copy,
                "drop" => Act::Drop,
                _ => return None,
            })
        };
        match (verb, key) {
            ("save", None) => Some(Do::Save),
            ("look" | "", None) => Some(Do::Look),
            ("add", None) => Some(Do::Add),
            (verb, Some(key)) => match verb.strip_prefix('o') {
                Some(verb) => Some(Do::Line(act(verb)?, key.to_owned(), line.map(str::to_owned))),
                None => Some(Do::Question(act(verb).filter(|act| *act != Act::Add)?, key.to_owned())),
            },
            _ => None,
        }
    }

    /// What keeps the keyboard afterwards. A key that is not there does nothing: the page may be old.
    pub fn on(&self, draft: &mut Draft) -> Option<Focus> {
        match self {
            Do::Save | Do::Look => None,
            Do::Add => {
                draft.questions.push(QuestionDraft::blank("new"));
                Some(focus(draft.questions.len() - 1, None, "kind"))
            }
            Do::Question(act, key) => {
                let at = draft.position(key)?;
                let (to, control) = act.on(&mut draft.questions, at, |question: &QuestionDraft| {
                    let mut copy = question.clone();
                    copy.become_copy();
                    copy.is_open = true;
                    copy
                });
                Some(focus(to, None, control))
            }
            Do::Line(act, key, line) => {
                let question = draft.position(key)?;
                let edited = &mut draft.questions[question];
                edited.is_open = true;
                let at = match line {
                    Some(line) => edited.line_position(line)?,
                    None => edited.lines.len().saturating_sub(1),
                };
                let (to, control) = act.on(&mut edited.lines, at, |line: &LineDraft| LineDraft {
                    code: String::new(),
                    made: String::new(),
                    is_saved: false,
                    ..line.clone()
                });
                if edited.lines.is_empty() {
                    return Some(focus(question, None, "add"));
                }
                let control = if control == "name" { "text" } else { control };
                Some(focus(question, Some(to), control))
            }
        }
    }
}

impl Act {
    /// Where the keyboard goes in the list, and to what there.
    fn on<T: Default>(self, list: &mut Vec<T>, at: usize, copied: impl Fn(&T) -> T) -> (usize, &'static str) {
        match self {
            Act::Add => {
                let to = (at + 1).min(list.len());
                list.insert(to, T::default());
                (to, "text")
            }
            Act::Copy if at < list.len() => {
                let copy = copied(&list[at]);
                list.insert(at + 1, copy);
                (at + 1, "text")
            }
            Act::Drop if at < list.len() => {
                list.remove(at);
                (at.min(list.len().saturating_sub(1)), "name")
            }
            Act::Up if 0 < at && at < list.len() => {
                list.swap(at, at - 1);
                // At the end of the list the button is gone.
                (at - 1, if at == 1 { "down" } else { "up" })
            }
            Act::Down if at + 1 < list.len() => {
                list.swap(at, at + 1);
                (at + 1, if at + 2 == list.len() { "up" } else { "down" })
            }
            _ => (at, "name"),
        }
    }
}

fn focus(question: usize, line: Option<usize>, control: &'static str) -> Focus {
    Focus {
        question,
        line,
        control,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        let question = |key: &str| QuestionDraft {
            key: key.to_owned(),
            text: key.to_owned(),
            code: format!("code-{key}"),
            is_saved: true,
            lines: ["x", "y"]
                .map(|line| LineDraft {
                    key: line.to_owned(),
                    text: line.to_owned(),
                    code: format!("code-{line}"),
                    is_saved: true,
                    ..LineDraft::default()
                })
                .into(),
            ..QuestionDraft::default()
        };
        Draft {
            questions: ["a", "b", "c"].map(question).into(),
            ..Draft::default()
        }
    }

    fn pressed(button: &str) -> (String, Option<Focus>) {
        let mut draft = draft();
        let focus = Do::parse(button).expect("a button").on(&mut draft);
        let told = draft.questions.iter().map(|question| {
            let lines: String = question
                .lines
                .iter()
                .map(|line| format!("{}{}", line.text, if line.is_saved { "" } else { "'" }))
                .collect();
            format!("{}{}({lines})", question.text, if question.is_saved { "" } else { "'" })
        });
        (told.collect::<Vec<_>>().join(" "), focus)
    }

    #[test]
    fn questions_move_double_come_and_go() {
        assert_eq!(pressed("up:b").0, "b(xy) a(xy) c(xy)");
        assert_eq!(pressed("down:b").0, "a(xy) c(xy) b(xy)");
        assert_eq!(pressed("copy:a").0, "a(xy) a'(x'y') b(xy) c(xy)");
        assert_eq!(pressed("drop:a").0, "b(xy) c(xy)");
        assert_eq!(pressed("add").0, "a(xy) b(xy) c(xy) '(''')");
        for still in ["up:a", "down:c", "up:z", "drop:z", "look", "save", ""] {
            assert_eq!(pressed(still).0, "a(xy) b(xy) c(xy)", "{still}");
        }
    }

    #[test]
    fn lines_move_double_come_and_go() {
        assert_eq!(pressed("oup:b:y").0, "a(xy) b(yx) c(xy)");
        assert_eq!(pressed("odown:b:x").0, "a(xy) b(yx) c(xy)");
        assert_eq!(pressed("ocopy:b:x").0, "a(xy) b(xx'y) c(xy)");
        assert_eq!(pressed("odrop:b:x").0, "a(xy) b(y) c(xy)");
        assert_eq!(pressed("oadd:b").0, "a(xy) b(xy') c(xy)");
        assert_eq!(pressed("oadd:b:x").0, "a(xy) b(x'y) c(xy)");
        for still in ["oup:b:x", "odown:b:y", "odrop:b:z", "odrop:z:x"] {
            assert_eq!(pressed(still).0, "a(xy) b(xy) c(xy)", "{still}");
        }
    }

    #[test]
    fn the_keyboard_stays_with_what_was_moved_and_goes_to_what_is_new() {
        let at = |question, line, control| Some(focus(question, line, control));
        assert_eq!(pressed("up:c").1, at(1, None, "up"));
        assert_eq!(pressed("up:b").1, at(0, None, "down"));
        assert_eq!(pressed("down:b").1, at(2, None, "up"));
        assert_eq!(pressed("oadd:a").1, at(0, Some(2), "text"));
        assert_eq!(pressed("odrop:a:y").1, at(0, Some(0), "text"));
        assert_eq!(pressed("add").1, at(3, None, "kind"));
    }

    #[test]
    fn no_other_words_are_buttons() {
        for wrong in ["destroy", "add:x", "oburn:a", "save:a", "up"] {
            assert_eq!(Do::parse(wrong), None, "{wrong}");
        }
    }
}
