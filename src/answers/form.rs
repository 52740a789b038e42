//! Answers as a posted form: the fields that CONTRACT.md names, as a browser without JavaScript sends them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::check::{Spelt, check};
use super::fault::Fault;
use super::{NewAnswer, Pick, Value, options};
use crate::design::QuestionVersion;
use crate::framework::{Kind, Question};

/// What is wrong with the answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    pub question: String,
    pub fault: Fault,
}

/// The fields as they were posted, in order; a name may come more than once.
pub struct Fields<'f>(HashMap<&'f str, Vec<&'f str>>);

impl<'f> Fields<'f> {
    pub fn new(fields: &'f [(String, String)]) -> Self {
        let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
        for (name, value) in fields {
            by_name.entry(name).or_default().push(value);
        }
        Fields(by_name)
    }

    /// Every value that is not blank.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &'f str> + '_ {
        self.0
            .get(name)
            .into_iter()
            .flatten()
            .copied()
            .filter(|value| !value.trim().is_empty())
    }

    /// The first value that is not blank.
    pub fn one(&self, name: &str) -> Option<&'f str> {
        self.all(name).next()
    }
}

/// Reads the answers to the questions; a question left blank is not answered. All faults at once.
pub fn read(
    questions: &[Arc<QuestionVersion>],
    fields: &[(String, String)],
) -> Result<Vec<NewAnswer>, Vec<FieldFault>> {
    let fields = Fields::new(fields);
    let mut answers: Vec<NewAnswer> = Vec::new();
    let mut faults = Vec::new();
    for version in questions {
        let question = &version.question;
        if !is_shown(question, &answers) {
            continue;
        }
        let read = spelt(question, &fields).and_then(|spelt| match spelt {
            Some(spelt) => complete(question, check(version, spelt)?),
            None if question.required => Err(Fault::Required),
            None => Ok(Vec::new()),
        });
        match read {
            Ok(read) => answers.extend(read),
            Err(fault) => faults.push(FieldFault {
                question: question.code.clone(),
                fault,
            }),
        }
    }
    if faults.is_empty() { Ok(answers) } else { Err(faults) }
}

/// A question that hangs on another one is shown when that one was answered so.
fn is_shown(question: &Question, answers: &[NewAnswer]) -> bool {
    let Some(condition) = &question.show_if else {
        return true;
    };
    answers
        .iter()
        .filter(|answer| answer.question == condition.question)
        .any(|answer| match &answer.value {
            Value::Option(pick) => condition.any_of.contains(&pick.option),
            Value::Options(picks) => picks.iter().any(|pick| condition.any_of.contains(&pick.option)),
            _ => false,
        })
}

/// A required matrix wants every row.
fn complete(question: &Question, answers: Vec<NewAnswer>) -> Result<Vec<NewAnswer>, Fault> {
    if question.required && answers.len() < question.items().len() {
        return Err(Fault::EveryRow);
    }
    Ok(answers)
}

fn spelt(question: &Question, fields: &Fields<'_>) -> Result<Option<Spelt>, Fault> {
    let code = question.code.as_str();
    let declined_by_option = |value: &str| options(question).iter().any(|o| o.no_opinion && o.code == value);
    if fields.one(&format!("{code}.no_opinion")).is_some() {
        return Ok(Some(Spelt::NoOpinion));
    }
    if !matches!(question.kind, Kind::SingleChoice { .. } | Kind::Text { .. })
        && fields.all(code).any(declined_by_option)
        && fields.all(code).count() == 1
    {
        return Ok(Some(Spelt::NoOpinion));
    }
    match &question.kind {
        Kind::SingleChoice { .. } | Kind::MultipleChoice { .. } => {
            let picks: Vec<Pick> = fields.all(code).map(|option| pick(question, option, fields)).collect();
            Ok((!picks.is_empty()).then_some(Spelt::Picks(picks)))
        }
        Kind::Rating { .. } | Kind::Nps { .. } => {
            fields.one(code).map(number).transpose().map(|n| n.map(Spelt::Number))
        }
        Kind::Text { .. } => Ok(fields.one(code).map(|text| Spelt::Text(text.to_owned()))),
        Kind::Matrix { rows, .. } => {
            let mut given = BTreeMap::new();
            for row in rows {
                if let Some(value) = fields.one(&format!("{code}.{}", row.code)) {
                    given.insert(row.code.clone(), number(value)?);
                }
            }
            Ok((!given.is_empty()).then_some(Spelt::Rows(given)))
        }
        Kind::Ranking { .. } => ranking(question, fields),
        Kind::BestWorst { .. } => {
            match (
                fields.one(&format!("{code}.best")),
                fields.one(&format!("{code}.worst")),
            ) {
                (None, None) => Ok(None),
                (Some(best), Some(worst)) => Ok(Some(Spelt::BestWorst {
                    best: best.to_owned(),
                    worst: worst.to_owned(),
                })),
                _ => Err(Fault::BestAndWorst),
            }
        }
        Kind::Allocation { .. } => {
            let mut points = BTreeMap::new();
            for option in options(question).iter().filter(|option| !option.no_opinion) {
                if let Some(value) = fields.one(&format!("{code}.points.{}", option.code)) {
                    points.insert(option.code.clone(), number(value)?);
                }
            }
            Ok((!points.is_empty()).then_some(Spelt::Points(points)))
        }
    }
}

/// The option with its own text, where it takes one: the field is there whichever option is chosen.
fn pick(question: &Question, option: &str, fields: &Fields<'_>) -> Pick {
    let takes_text = options(question)
        .iter()
        .any(|known| known.free_text && known.code == option);
    let text = fields.one(&format!("{}.other", question.code)).filter(|_| takes_text);
    Pick {
        option: option.to_owned(),
        text: text.map(str::to_owned),
    }
}

fn ranking(question: &Question, fields: &Fields<'_>) -> Result<Option<Spelt>, Fault> {
    let mut places = BTreeMap::new();
    for option in options(question).iter().filter(|option| !option.no_opinion) {
        let Some(value) = fields.one(&format!("{}.rank.{}", question.code, option.code)) else {
            continue;
        };
        let place = value
            .trim()
            .parse::<u32>()
            .ok()
            .filter(|place| *place >= 1)
            .ok_or(Fault::PlaceFromOne)?;
        if places.insert(place, option.code.clone()).is_some() {
            return Err(Fault::PlaceShared(place));
        }
    }
    if places.is_empty() {
        return Ok(None);
    }
    if places.keys().zip(1..).any(|(place, expected)| *place != expected) {
        return Err(Fault::PlaceGap);
    }
    Ok(Some(Spelt::Picks(
        places.into_values().map(|option| Pick { option, text: None }).collect(),
    )))
}

fn number(text: &str) -> Result<f64, Fault> {
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|n| n.is_finite())
        .ok_or_else(|| Fault::NoNumber(text.trim().to_owned()))
}
