//! What contacts said, by whatever channel: read per question kind, saved, superseded.
//!
//! A [`Value`] is an answer that fits its question: [`json`], [`form`] and [`cells`] are the ways
//! in, one for each spelling, and [`check`] is the rule they share. Every answer is kept; the newest
//! of a question counts. What answers say about needs is `needs`' to work out, and
//! [`crate::needs::take`] is the one way to save them.

pub mod cells;
pub mod check;
pub mod fault;
#[cfg(test)]
pub mod fixture;
pub mod form;
pub mod json;
mod queries;

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use crate::framework::{ChoiceOption, Code, Kind, Question};
use crate::ids::{CompanyId, ContactId, InvitationId, VersionId};
use crate::method::points::Given;

pub use queries::{
    Row, Stored, count_suspect, delete_of_contact, insert, list_between, list_companies_of, list_of_companies,
    list_of_contact, list_of_invitation,
};

/// An answer to one item: to a question, or to one row of a matrix.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Option(Pick),
    Options(Vec<Pick>),
    Number(i32),
    /// Best first.
    Ranked(Vec<Code>),
    BestWorst {
        best: Code,
        worst: Code,
    },
    /// By option; one left out has none.
    Points(BTreeMap<Code, u32>),
    Text(String),
    /// "I can't say": replaces an earlier answer and is not scored.
    NoOpinion,
}

/// A chosen option, with the contact's own words where the option asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    pub option: Code,
    pub text: Option<String>,
}

/// An answer that fits the version of the question it was given to.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAnswer {
    pub question: Code,
    pub version: VersionId,
    pub row: Option<Code>,
    pub value: Value,
}

/// An answer on its way in: who gave it, when, and how it came.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub company: CompanyId,
    pub contact: ContactId,
    pub answer: NewAnswer,
    pub at: NaiveDateTime,
    pub origin: Origin,
}

/// How an answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub channel: Channel,
    /// Who entered it, where that was not the contact.
    pub author: Option<String>,
    pub invitation: Option<InvitationId>,
    /// Looks like a machine's: kept outside the figures.
    pub suspect: bool,
    /// Sent after the closing, by who had opened the form before it.
    pub late: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The mailed form.
    Form,
    Api,
    Import,
    /// A call, entered by a colleague; or a mail, or a meeting.
    Call,
    Mail,
    Meeting,
}

impl Channel {
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Form => "form",
            Channel::Api => "api",
            Channel::Import => "import",
            Channel::Call => "call",
            Channel::Mail => "mail",
            Channel::Meeting => "meeting",
        }
    }
}

impl Value {
    /// The answer as the method takes it; `None` where it is not scored.
    pub fn given(&self, question: &Question) -> Option<Given> {
        let options = real_options(question);
        let place = |code: &Code| options.iter().position(|option| option.code == *code);
        match self {
            Value::Option(pick) => place(&pick.option).map(Given::Option),
            Value::Options(picks) => picks
                .iter()
                .map(|pick| place(&pick.option))
                .collect::<Option<_>>()
                .map(Given::Options),
            Value::Number(number) => Some(Given::Number(f64::from(*number))),
            Value::Ranked(ranked) => ranked.iter().map(place).collect::<Option<_>>().map(Given::Ranked),
            Value::BestWorst { best, worst } => Some(Given::BestWorst {
                best: place(best)?,
                worst: place(worst)?,
            }),
            Value::Points(points) => {
                let of = |option: &&ChoiceOption| f64::from(points.get(&option.code).copied().unwrap_or(0));
                Some(Given::Points(options.iter().map(of).collect()))
            }
            Value::Text(_) | Value::NoOpinion => None,
        }
    }

    /// The option beside which the contact wrote in own words.
    pub fn own_words_option(&self) -> Option<&Code> {
        let written = |pick: &&Pick| pick.text.as_deref().is_some_and(|text| !text.trim().is_empty());
        match self {
            Value::Option(pick) => Some(pick).filter(written),
            Value::Options(picks) => picks.iter().find(written),
            _ => None,
        }
        .map(|pick| &pick.option)
    }

    /// What the contact wrote itself: a text, or the words beside an option that asks for them.
    pub fn own_words(&self) -> Vec<&str> {
        let texts: Vec<&str> = match self {
            Value::Text(text) => vec![text],
            Value::Option(pick) => pick.text.iter().map(String::as_str).collect(),
            Value::Options(picks) => picks.iter().filter_map(|pick| pick.text.as_deref()).collect(),
            _ => Vec::new(),
        };
        texts.into_iter().filter(|text| !text.trim().is_empty()).collect()
    }
}

/// The options that are opinions, in the question's order: what a shape's weights stand for.
fn real_options(question: &Question) -> Vec<&ChoiceOption> {
    options(question).iter().filter(|option| !option.no_opinion).collect()
}

fn options(question: &Question) -> &[ChoiceOption] {
    match &question.kind {
        Kind::SingleChoice { options, .. }
        | Kind::MultipleChoice { options, .. }
        | Kind::Ranking { options, .. }
        | Kind::BestWorst { options, .. }
        | Kind::Allocation { options, .. } => options,
        Kind::Rating { .. } | Kind::Matrix { .. } | Kind::Nps { .. } | Kind::Text { .. } => &[],
    }
}
