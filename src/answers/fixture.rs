//! Questions for tests.

use std::sync::Arc;

use crate::design::QuestionVersion;
use crate::framework::{ChoiceOption, Kind, Question, Row};

pub fn of(code: &str, kind: Kind) -> Question {
    Question {
        code: code.into(),
        text: format!("{code}?"),
        help: String::new(),
        required: false,
        show_if: None,
        no_opinion: None,
        kind,
        translations: Default::default(),
    }
}

/// Options by their codes: `other` takes a text, `dont-know` is no opinion.
pub fn options(codes: &[&str]) -> Vec<ChoiceOption> {
    let option = |code: &&str| ChoiceOption {
        code: (*code).to_owned(),
        text: code.to_uppercase(),
        free_text: *code == "other",
        no_opinion: *code == "dont-know",
        ..ChoiceOption::default()
    };
    codes.iter().map(option).collect()
}

pub fn single(code: &str, codes: &[&str]) -> Question {
    let options = options(codes);
    of(
        code,
        Kind::SingleChoice {
            options,
            shuffle: false,
        },
    )
}

pub fn multiple(code: &str, codes: &[&str]) -> Question {
    let kind = Kind::MultipleChoice {
        options: options(codes),
        min_picks: 1,
        max_picks: codes.len() as u32,
        shuffle: false,
    };
    of(code, kind)
}

pub fn rating(code: &str) -> Question {
    let kind = Kind::Rating {
        min: 1,
        max: 5,
        min_label: String::new(),
        max_label: String::new(),
        loads: Default::default(),
    };
    of(code, kind)
}

pub fn matrix(code: &str, rows: &[&str]) -> Question {
    let row = |code: &&str| Row {
        code: (*code).to_owned(),
        text: code.to_uppercase(),
        ..Row::default()
    };
    let kind = Kind::Matrix {
        min: 1,
        max: 3,
        labels: vec![],
        rows: rows.iter().map(row).collect(),
    };
    of(code, kind)
}

pub fn text(code: &str) -> Question {
    let kind = Kind::Text {
        max_length: 1000,
        multiline: true,
    };
    of(code, kind)
}

pub fn version(question: Question) -> Arc<QuestionVersion> {
    Arc::new(QuestionVersion::unstored(question))
}
