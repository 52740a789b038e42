//! Question sets, their questions, options and rows.

use super::fields::Fields;
use crate::framework::{ChoiceOption, Kind, Question, QuestionSet, QuestionTexts, Row, SetTexts, ShowIf};

/// As long as an answer in words may be where the question does not say.
const USUAL_MAX_LENGTH: u32 = 10_000;

/// The points that an allocation shares out where the question does not say.
const USUAL_TOTAL: u32 = 100;

pub fn question_set(mut fields: Fields) -> QuestionSet {
    QuestionSet {
        code: fields.needed_text("code"),
        title: fields.needed_text("title"),
        intro: fields.text("intro"),
        questions: fields.needed_tables("questions", question),
        translations: fields.tables_by_key("translations", set_texts),
    }
}

fn set_texts(mut fields: Fields) -> SetTexts {
    SetTexts {
        title: fields.text_if_any("title"),
        intro: fields.text_if_any("intro"),
    }
}

fn question(mut fields: Fields) -> Question {
    Question {
        code: fields.needed_text("code"),
        text: fields.needed_text("text"),
        help: fields.text("help"),
        required: fields.flag("required"),
        show_if: fields.table("show_if").map(show_if),
        no_opinion: fields.text_if_any("no_opinion"),
        translations: fields.tables_by_key("translations", question_texts),
        kind: kind(&mut fields),
    }
}

fn show_if(mut fields: Fields) -> ShowIf {
    ShowIf {
        question: fields.needed_text("question"),
        any_of: fields.needed_texts("any_of"),
    }
}

fn question_texts(mut fields: Fields) -> QuestionTexts {
    QuestionTexts {
        text: fields.text_if_any("text"),
        help: fields.text_if_any("help"),
        no_opinion: fields.text_if_any("no_opinion"),
        min_label: fields.text_if_any("min_label"),
        max_label: fields.text_if_any("max_label"),
        labels: fields.texts("labels"),
        options: fields.text_by_code("options"),
        rows: fields.text_by_code("rows"),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum KindName {
    SingleChoice,
    MultipleChoice,
    Rating,
    Matrix,
    Nps,
    Ranking,
    BestWorst,
    Allocation,
    Text,
}

const KINDS: &[(&str, KindName)] = &[
    ("single_choice", KindName::SingleChoice),
    ("multiple_choice", KindName::MultipleChoice),
    ("rating", KindName::Rating),
    ("matrix", KindName::Matrix),
    ("nps", KindName::Nps),
    ("ranking", KindName::Ranking),
    ("best_worst", KindName::BestWorst),
    ("allocation", KindName::Allocation),
    ("text", KindName::Text),
];

fn kind(fields: &mut Fields) -> Kind {
    let Some(name) = fields.needed_word("kind", KINDS) else {
        fields.give_up();
        return Kind::Text {
            max_length: USUAL_MAX_LENGTH,
            multiline: false,
        };
    };
    let kind = match name {
        KindName::SingleChoice => Kind::SingleChoice {
            options: options(fields),
            shuffle: fields.flag("shuffle"),
        },
        KindName::MultipleChoice => multiple_choice(fields),
        KindName::Rating => Kind::Rating {
            min: fields.needed_bound("min"),
            max: fields.needed_bound("max"),
            min_label: fields.text("min_label"),
            max_label: fields.text("max_label"),
            loads: fields.loads("loads"),
        },
        KindName::Matrix => Kind::Matrix {
            min: fields.needed_bound("min"),
            max: fields.needed_bound("max"),
            labels: fields.texts("labels"),
            rows: fields.needed_tables("rows", row),
        },
        KindName::Nps => Kind::Nps {
            loads: fields.loads("loads"),
        },
        KindName::Ranking => {
            let options = options(fields);
            let top = fields.whole("top").unwrap_or(real(&options));
            Kind::Ranking {
                options,
                top,
                shuffle: fields.flag("shuffle"),
            }
        }
        KindName::BestWorst => Kind::BestWorst {
            options: options(fields),
            shuffle: fields.flag("shuffle"),
        },
        KindName::Allocation => Kind::Allocation {
            options: options(fields),
            total: fields.whole("total").unwrap_or(USUAL_TOTAL),
            shuffle: fields.flag("shuffle"),
        },
        KindName::Text => Kind::Text {
            max_length: fields.whole("max_length").unwrap_or(USUAL_MAX_LENGTH),
            multiline: fields.flag("multiline"),
        },
    };
    explain_misplaced(fields, &kind);
    kind
}

fn multiple_choice(fields: &mut Fields) -> Kind {
    let options = options(fields);
    let min_picks = fields.whole("min_picks").unwrap_or(1);
    let max_picks = fields.whole("max_picks").unwrap_or(real(&options));
    Kind::MultipleChoice {
        options,
        min_picks,
        max_picks,
        shuffle: fields.flag("shuffle"),
    }
}

/// Says where loads belong, rather than that they mean nothing.
fn explain_misplaced(fields: &mut Fields, kind: &Kind) {
    match kind {
        Kind::Rating { .. } | Kind::Nps { .. } => {}
        Kind::Matrix { .. } => fields.refuse("loads", "a matrix has its loads on its rows"),
        Kind::Text { .. } => fields.refuse("loads", "an answer in words is not scored; leave loads out"),
        _ => fields.refuse("loads", "this kind of question has its loads on its options"),
    }
}

/// How many options are answers, not "I can't say".
fn real(options: &[ChoiceOption]) -> u32 {
    u32::try_from(options.iter().filter(|option| !option.no_opinion).count()).unwrap_or(u32::MAX)
}

fn options(fields: &mut Fields) -> Vec<ChoiceOption> {
    fields.needed_tables("options", |mut fields| ChoiceOption {
        code: fields.needed_text("code"),
        text: fields.needed_text("text"),
        loads: fields.loads("loads"),
        free_text: fields.flag("free_text"),
        no_opinion: fields.flag("no_opinion"),
    })
}

fn row(mut fields: Fields) -> Row {
    Row {
        code: fields.needed_text("code"),
        text: fields.needed_text("text"),
        loads: fields.loads("loads"),
    }
}
