//! What questions can tell about companies, before anybody has answered them: which needs they cannot
//! tell apart, which segments, and how many answers it takes until a company has its segment.
//!
//! The last is tried out on made-up companies of each segment ([`answerer`]), by the method's own
//! scoring and its own rules; the same questions give the same figures every time.

mod answerer;
mod asking;
mod chance;
mod tell;
#[cfg(test)]
mod tests;
mod words;

use super::{Code, Framework};

pub use asking::Asking;

/// What the questions can tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Coverage {
    /// The scored answers of a contact who answers everything; a matrix row counts as one.
    pub answers_of_contact: usize,
    /// Needs that some segment seeks and that no question speaks for.
    pub never: Vec<Code>,
    /// Needs that get the same score whatever is answered.
    pub together: Vec<Vec<Code>>,
    /// One rises by just what the other falls.
    pub opposite: Vec<(Code, Code)>,
    /// Not the same, but nearly always high or low together.
    pub blurred: Vec<(Code, Code)>,
    /// Needs that questions speak for and that no segment seeks.
    pub idle: Vec<Code>,
    /// Segments that these questions cannot tell from one another.
    pub alike: Vec<(Code, Code)>,
    /// Empty where there are fewer than two segments, or a need in play is never asked about.
    pub outlook: Vec<Outlook>,
}

/// How made-up companies stand after so many scored answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    pub answers: u32,
    /// How many contacts that takes, if each answers all there is.
    pub contacts: u32,
    /// The percent of the companies that have a segment by then.
    pub assigned_percent: f64,
    /// Of those: whose segment is the one that they were made to fit best.
    pub right_percent: Option<f64>,
    /// How sure the method itself says it is of them, on average.
    pub confidence_percent: Option<f64>,
}

/// What asking so can tell about the companies of this framework.
pub fn of(framework: &Framework, asking: &Asking) -> Coverage {
    let mut coverage = tell::tell(framework, asking);
    if coverage.never.is_empty() && framework.segments.len() >= 2 && coverage.answers_of_contact > 0 {
        coverage.outlook = answerer::outlook(framework, asking);
    }
    coverage
}

impl Coverage {
    /// Whether every need and every segment can be told from every other.
    pub fn is_clear(&self) -> bool {
        self.never.is_empty()
            && self.together.is_empty()
            && self.opposite.is_empty()
            && self.blurred.is_empty()
            && self.alike.is_empty()
    }
}
