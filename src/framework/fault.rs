//! What is wrong with a framework, and where.

use std::fmt;

use super::wording::quoted;

/// One thing that is wrong, with the place a person can go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Such as `question_sets[1].questions[0].options[2].loads.efficency`; empty for the whole file.
    pub place: String,
    /// Counted from 1. JSON has lines for faults of spelling only.
    pub line: Option<usize>,
    /// In characters, counted from 1.
    pub column: Option<usize>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}")?;
            if let Some(column) = self.column {
                write!(f, ", column {column}")?;
            }
            f.write_str(": ")?;
        }
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.message)
    }
}

/// The way from the root of the file to a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place(Vec<Turn>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    Key(String),
    Index(usize),
}

impl Place {
    pub fn root() -> Place {
        Place::default()
    }

    pub fn key(&self, key: &str) -> Place {
        self.then(Turn::Key(key.to_owned()))
    }

    pub fn index(&self, index: usize) -> Place {
        self.then(Turn::Index(index))
    }

    fn then(&self, turn: Turn) -> Place {
        let mut turns = self.0.clone();
        turns.push(turn);
        Place(turns)
    }

    pub fn turns(&self) -> &[Turn] {
        &self.0
    }

    /// Whether the other place is this one or lies below it.
    pub fn holds(&self, other: &Place) -> bool {
        other.0.starts_with(&self.0)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, turn) in self.0.iter().enumerate() {
            match turn {
                Turn::Index(index) => write!(f, "[{index}]")?,
                Turn::Key(key) => {
                    let dot = if i == 0 { "" } else { "." };
                    if is_plain(key) {
                        write!(f, "{dot}{key}")?
                    } else {
                        write!(f, "{dot}{}", quoted(key))?
                    }
                }
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.len() <= 80 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// What is wrong at a place, before the place is looked up in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    pub message: String,
    /// The key itself is wrong, not the value behind it.
    pub on_key: bool,
    /// What has to be readable for this to be true: a reader that had to guess there drops it.
    pub rests_on: Vec<Ground>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ground {
    /// The codes of the things in this list.
    Codes(Place),
    /// All at and below this place.
    Whole(Place),
}

impl Problem {
    /// Whether it may follow from what could not be read, rather than from what the file says.
    pub fn is_doubtful(&self, unread: &[Problem]) -> bool {
        unread
            .iter()
            .map(|p| &p.place)
            .any(|unread| unread.holds(&self.place) || self.rests_on.iter().any(|ground| ground.is_shaken_by(unread)))
    }
}

impl Ground {
    fn is_shaken_by(&self, unread: &Place) -> bool {
        match self {
            Ground::Whole(place) => place.holds(unread) || unread.holds(place),
            Ground::Codes(list) => {
                unread.holds(list)
                    || list.holds(unread)
                        && match &unread.turns()[list.turns().len()..] {
                            [Turn::Index(_)] => true,
                            [Turn::Index(_), Turn::Key(key)] => key == "code",
                            _ => false,
                        }
            }
        }
    }
}

/// More faults than this nobody reads, and telling them would take its time.
pub const MOST_TOLD: usize = 1_000;

/// Collects problems.
#[derive(Debug, Default)]
pub struct Findings {
    pub problems: Vec<Problem>,
    /// How many were found beyond [`MOST_TOLD`].
    pub more: usize,
    untold: Problem,
}

impl Findings {
    /// The value at this place is wrong.
    pub fn add(&mut self, place: Place, message: impl Into<String>) -> &mut Problem {
        self.push(place, message.into(), false)
    }

    /// The key at this place is wrong.
    pub fn add_on_key(&mut self, place: Place, message: impl Into<String>) -> &mut Problem {
        self.push(place, message.into(), true)
    }

    /// Whether another problem would only be counted: there is no need to word it well.
    pub fn is_full(&self) -> bool {
        self.problems.len() >= MOST_TOLD
    }

    fn push(&mut self, place: Place, message: String, on_key: bool) -> &mut Problem {
        let problem = Problem {
            place,
            message,
            on_key,
            rests_on: Vec::new(),
        };
        if self.is_full() {
            self.more += 1;
            self.untold = problem;
            return &mut self.untold;
        }
        let at = self.problems.len();
        self.problems.push(problem);
        &mut self.problems[at]
    }
}

/// What is said of faults that are not told one by one.
pub fn untold(more: usize) -> String {
    format!("there are {more} faults more; put these right first")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_shown_with_its_line_and_its_place() {
        let place = Place::root().key("needs").index(2).key("profile").key("two words");
        let fault = Fault {
            place: place.to_string(),
            line: Some(12),
            column: Some(5),
            message: "must be a number".to_owned(),
        };
        assert_eq!(
            fault.to_string(),
            "line 12, column 5: needs[2].profile.\"two words\": must be a number"
        );
    }
}
