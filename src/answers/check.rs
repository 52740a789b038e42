//! Whether a value is an answer that the question allows: the one rule behind every way in.

use std::collections::{BTreeMap, HashSet};

use super::fault::Fault;
use super::{NewAnswer, Pick, Value, options, real_options};
use crate::design::QuestionVersion;
use crate::framework::{Code, Kind, Question};

/// The most characters of an option's own text.
pub const OWN_TEXT: usize = 10_000;

/// An answer as it was spelt, before it is held against the question.
#[derive(Debug, Clone, PartialEq)]
pub enum Spelt {
    Picks(Vec<Pick>),
    Number(f64),
    BestWorst {
        best: Code,
        worst: Code,
    },
    Points(BTreeMap<Code, f64>),
    /// By row.
    Rows(BTreeMap<Code, f64>),
    Text(String),
    NoOpinion,
}

/// Holds a spelt answer against the question: the answers to its items, or what is wrong.
pub fn check(version: &QuestionVersion, spelt: Spelt) -> Result<Vec<NewAnswer>, Fault> {
    let question = &version.question;
    let answer = |row: Option<&str>, value| NewAnswer {
        question: question.code.clone(),
        version: version.id,
        row: row.map(str::to_owned),
        value,
    };
    match (&question.kind, spelt) {
        (_, Spelt::NoOpinion) => {
            if !question.no_opinion_allowed() {
                return Err(Fault::NoOpinionUnknown);
            }
            Ok(question
                .items()
                .into_iter()
                .map(|item| answer(item.row.map(|row| row.code.as_str()), Value::NoOpinion))
                .collect())
        }
        (Kind::Matrix { min, max, rows, .. }, Spelt::Rows(given)) => {
            if given.is_empty() {
                return Err(Fault::NoRows);
            }
            let mut answers = Vec::new();
            let mut faults = Vec::new();
            for (code, number) in &given {
                match on_scale(*number, *min, *max) {
                    _ if !rows.iter().any(|row| row.code == *code) => faults.push(Fault::UnknownRow(code.clone())),
                    Ok(number) => answers.push(answer(Some(code), Value::Number(number))),
                    Err(fault) => faults.push(Fault::InRow(code.clone(), Box::new(fault))),
                }
            }
            if faults.is_empty() {
                Ok(answers)
            } else {
                Err(Fault::Several(faults))
            }
        }
        (_, spelt) => Ok(vec![answer(None, value(question, spelt)?)]),
    }
}

fn value(question: &Question, spelt: Spelt) -> Result<Value, Fault> {
    match (&question.kind, spelt) {
        (Kind::SingleChoice { .. }, Spelt::Picks(picks)) => match <[Pick; 1]>::try_from(picks) {
            Ok([pick]) => Ok(Value::Option(known_pick(question, pick)?)),
            Err(_) => Err(Fault::NotOneOption),
        },
        (
            Kind::MultipleChoice {
                min_picks, max_picks, ..
            },
            Spelt::Picks(picks),
        ) => choices(question, picks, *min_picks as usize, *max_picks as usize),
        (Kind::Rating { min, max, .. }, Spelt::Number(number)) => on_scale(number, *min, *max).map(Value::Number),
        (Kind::Nps { .. }, Spelt::Number(number)) => on_scale(number, 0, 10).map(Value::Number),
        (Kind::Ranking { top, .. }, Spelt::Picks(picks)) => {
            let ranked = distinct_options(question, picks.into_iter().map(|pick| pick.option))?;
            if ranked.len() != *top as usize {
                return Err(Fault::RankExactly(*top));
            }
            Ok(Value::Ranked(ranked))
        }
        (Kind::BestWorst { .. }, Spelt::BestWorst { best, worst }) => {
            distinct_options(question, [best.clone(), worst.clone()])
                .map(|_| Value::BestWorst { best, worst })
                .map_err(|fault| match fault {
                    Fault::Twice => Fault::BestIsWorst,
                    fault => fault,
                })
        }
        (Kind::Allocation { total, .. }, Spelt::Points(points)) => allocation(question, points, *total),
        (Kind::Text { max_length, .. }, Spelt::Text(text)) => {
            let length = text.chars().count();
            if length > *max_length as usize {
                return Err(Fault::TooLong {
                    most: *max_length,
                    length,
                });
            }
            if text.trim().is_empty() {
                return Err(Fault::Blank);
            }
            plain_text(&text).map(Value::Text)
        }
        (kind, _) => Err(Fault::OtherKind(kind.name())),
    }
}

fn choices(question: &Question, picks: Vec<Pick>, min: usize, max: usize) -> Result<Value, Fault> {
    let declined = picks
        .iter()
        .any(|pick| options(question).iter().any(|o| o.no_opinion && o.code == pick.option));
    if declined {
        return match picks.len() {
            1 => Ok(Value::NoOpinion),
            _ => Err(Fault::NoOpinionBesideOthers),
        };
    }
    let picks = picks
        .into_iter()
        .map(|pick| known_pick(question, pick))
        .collect::<Result<Vec<_>, _>>()?;
    let mut seen = HashSet::new();
    if !picks.iter().all(|pick| seen.insert(pick.option.as_str())) {
        return Err(Fault::Twice);
    }
    if !(min.max(1)..=max).contains(&picks.len()) {
        return Err(match (min, max) {
            (min, max) if min == max => Fault::PickExactly(min),
            (min, max) => Fault::PickBetween(min, max),
        });
    }
    Ok(Value::Options(picks))
}

fn known_pick(question: &Question, pick: Pick) -> Result<Pick, Fault> {
    let option = options(question)
        .iter()
        .find(|option| option.code == pick.option)
        .ok_or_else(|| Fault::UnknownOption(pick.option.clone()))?;
    let text = pick.text.filter(|text| !text.trim().is_empty());
    match text {
        Some(_) if !option.free_text => Err(Fault::TakesNoText(option.code.clone())),
        Some(text) if text.chars().count() > OWN_TEXT => Err(Fault::TooLong {
            most: OWN_TEXT as u32,
            length: text.chars().count(),
        }),
        Some(text) => Ok(Pick {
            option: pick.option,
            text: Some(plain_text(&text)?),
        }),
        None => Ok(Pick {
            option: pick.option,
            text: None,
        }),
    }
}

fn distinct_options(question: &Question, codes: impl IntoIterator<Item = Code>) -> Result<Vec<Code>, Fault> {
    let known = real_options(question);
    let mut distinct = Vec::new();
    for code in codes {
        if !known.iter().any(|option| option.code == code) {
            return Err(Fault::UnknownOption(code));
        }
        if distinct.contains(&code) {
            return Err(Fault::Twice);
        }
        distinct.push(code);
    }
    Ok(distinct)
}

fn allocation(question: &Question, points: BTreeMap<Code, f64>, total: u32) -> Result<Value, Fault> {
    distinct_options(question, points.keys().cloned())?;
    let mut whole = BTreeMap::new();
    for (option, points) in points {
        if points < 0.0 || points.fract() != 0.0 || points > f64::from(total) {
            return Err(Fault::NotWholePoints(total));
        }
        whole.insert(option, points as u32);
    }
    let sum: u64 = whole.values().map(|points| u64::from(*points)).sum();
    if sum != u64::from(total) {
        return Err(Fault::PointsSum { total, sum });
    }
    Ok(Value::Points(whole))
}

fn on_scale(number: f64, min: i32, max: i32) -> Result<i32, Fault> {
    let whole = number.fract() == 0.0 && (f64::from(min)..=f64::from(max)).contains(&number);
    if whole {
        Ok(number as i32)
    } else {
        Err(Fault::OffScale { min, max })
    }
}

/// One kind of line end, and no character that would break a page, a file or PostgreSQL.
fn plain_text(text: &str) -> Result<String, Fault> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Fault::ControlCharacter);
    }
    Ok(text.trim().to_owned())
}
