//! Answers as one cell of a CSV file: lists joined by `|`, `best|worst`, `code=60|code=40`.

use std::collections::BTreeMap;

use super::check::{Spelt, check};
use super::fault::Fault;
use super::{NewAnswer, Pick, options};
use crate::design::QuestionVersion;
use crate::framework::{Code, Kind, Question};

/// "I can't say" on a question whose options do not say it.
const NO_OPINION: &str = "no_opinion";

pub fn read(version: &QuestionVersion, cell: &str) -> Result<Vec<NewAnswer>, Fault> {
    check(version, spelt(&version.question, cell)?)
}

fn spelt(question: &Question, cell: &str) -> Result<Spelt, Fault> {
    let trimmed = cell.trim();
    if !matches!(question.kind, Kind::Text { .. } | Kind::SingleChoice { .. })
        && options(question)
            .iter()
            .any(|option| option.no_opinion && option.code == trimmed)
    {
        return Ok(Spelt::NoOpinion);
    }
    let known = options(question).iter().any(|option| option.code == trimmed);
    if trimmed == NO_OPINION && !known && question.no_opinion_allowed() {
        return Ok(Spelt::NoOpinion);
    }
    let number = |text: &str| {
        text.trim()
            .parse::<f64>()
            .map_err(|_| Fault::NoNumber(text.trim().to_owned()))
    };
    let by_code = || -> Result<BTreeMap<Code, f64>, Fault> {
        let mut all = BTreeMap::new();
        for part in trimmed.split('|') {
            let (code, value) = part.split_once('=').ok_or("write code=number, joined by |")?;
            if all.insert(code.trim().to_owned(), number(value)?).is_some() {
                return Err(format!("\"{}\" stands twice", code.trim()).into());
            }
        }
        Ok(all)
    };
    match &question.kind {
        Kind::SingleChoice { .. } => Ok(Spelt::Picks(vec![pick(trimmed)])),
        Kind::MultipleChoice { .. } | Kind::Ranking { .. } => Ok(Spelt::Picks(trimmed.split('|').map(pick).collect())),
        Kind::Rating { .. } | Kind::Nps { .. } => number(trimmed).map(Spelt::Number),
        Kind::BestWorst { .. } => match trimmed.split_once('|') {
            Some((best, worst)) => Ok(Spelt::BestWorst {
                best: best.trim().to_owned(),
                worst: worst.trim().to_owned(),
            }),
            None => Err("write best|worst".into()),
        },
        Kind::Allocation { .. } => by_code().map(Spelt::Points),
        Kind::Matrix { .. } => by_code().map(Spelt::Rows),
        Kind::Text { .. } => Ok(Spelt::Text(cell.to_owned())),
    }
}

/// An option's code, or `code=the contact's own words`.
fn pick(part: &str) -> Pick {
    match part.split_once('=') {
        Some((option, text)) => Pick {
            option: option.trim().to_owned(),
            text: Some(text.trim().to_owned()),
        },
        None => Pick {
            option: part.trim().to_owned(),
            text: None,
        },
    }
}
