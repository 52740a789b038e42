//! Ready question sets to start from, each with the needs it speaks for and the reason why.
//!
//! Each is a file in the framework's own form beside what is said about it (`sets/*.toml`); the needs
//! stand once, in `needs.toml`, and each set brings those that it loads. They are the program's own, and
//! read once. What becomes of a set that somebody starts from, [`adopt`] says: it is a change of the
//! framework like any other.

pub mod adopt;
mod read;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::framework::{Code, Framework, Kind, Need, Question, QuestionSet};

/// A ready question set.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What it tells once it is answered.
    pub tells: String,
    /// Whom to ask.
    pub for_whom: String,
    /// Why it asks so.
    pub reason: String,
    pub set: QuestionSet,
    /// Those that it speaks for, in the library's order.
    pub needs: Vec<Need>,
    pub loadings: Vec<Loading>,
}

/// Why a question speaks for these needs as it does.
#[derive(Debug, Clone, PartialEq)]
pub struct Loading {
    pub question: Code,
    pub needs: Vec<Code>,
    pub reason: String,
}

impl Entry {
    pub fn code(&self) -> &str {
        &self.set.code
    }

    /// The set with its needs, as a framework of its own.
    pub fn framework(&self) -> Framework {
        Framework {
            needs: self.needs.clone(),
            question_sets: vec![self.set.clone()],
            ..Framework::default()
        }
    }

    pub fn need(&self, code: &str) -> Option<&Need> {
        self.needs.iter().find(|need| need.code == code)
    }

    pub fn loading_of(&self, question: &str) -> Option<&Loading> {
        self.loadings.iter().find(|loading| loading.question == question)
    }

    /// The languages it is written in beside English.
    pub fn languages(&self) -> Vec<&str> {
        self.set.translations.keys().map(String::as_str).collect()
    }
}

/// All of them, in the order in which they are shown.
pub fn entries() -> &'static [Entry] {
    static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(read::entries);
    &ENTRIES
}

pub fn find(code: &str) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.code() == code)
}

/// About how long a respondent takes, in seconds: reading, and what the kind of each question asks for.
pub fn seconds(questions: &[Question]) -> u32 {
    let of_kind = |kind: &Kind| match kind {
        Kind::SingleChoice { .. } => 10,
        Kind::MultipleChoice { .. } => 12,
        Kind::Rating { .. } | Kind::Nps { .. } => 7,
        Kind::Matrix { rows, .. } => 4 + 4 * rows.len() as u32,
        Kind::Ranking { top, .. } => 8 + 5 * top,
        Kind::BestWorst { .. } => 15,
        Kind::Allocation { .. } => 30,
        Kind::Text { .. } => 30,
    };
    questions.iter().map(|question| of_kind(&question.kind)).sum()
}
