//! Whether a value is an answer that the question allows: the one rule behind every way in.

use std::collections::{BTreeMap, HashSet};

use super::{NewAnswer, Pick, Value, options, real_options};
use crate::design::QuestionVersion;
use crate::framework::{Code, Kind, Question};

/// What is wrong with an answer, in words for whoever gave it.
pub type Fault = String;

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
                return Err("this question has no \"no opinion\"".into());
            }
            Ok(question
                .items()
                .into_iter()
                .map(|item| answer(item.row.map(|row| row.code.as_str()), Value::NoOpinion))
                .collect())
        }
        (Kind::Matrix { min, max, rows, .. }, Spelt::Rows(given)) => {
            if given.is_empty() {
                return Err("answer at least one row".into());
            }
            let mut answers = Vec::new();
            let mut faults = Vec::new();
            for (code, number) in &given {
                match on_scale(*number, *min, *max) {
                    _ if !rows.iter().any(|row| row.code == *code) => {
                        faults.push(format!("there is no row \"{code}\""))
                    }
                    Ok(number) => answers.push(answer(Some(code), Value::Number(number))),
                    Err(fault) => faults.push(format!("row \"{code}\": {fault}")),
                }
            }
            if faults.is_empty() {
                Ok(answers)
            } else {
                Err(faults.join("; "))
            }
        }
        (_, spelt) => Ok(vec![answer(None, value(question, spelt)?)]),
    }
}

fn value(question: &Question, spelt: Spelt) -> Result<Value, Fault> {
    match (&question.kind, spelt) {
        (Kind::SingleChoice { .. }, Spelt::Picks(picks)) => match <[Pick; 1]>::try_from(picks) {
            Ok([pick]) => Ok(Value::Option(known_pick(question, pick)?)),
            Err(_) => Err("choose one option".into()),
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
                return Err(format!("rank exactly {top} options, each with a place of its own"));
            }
            Ok(Value::Ranked(ranked))
        }
        (Kind::BestWorst { .. }, Spelt::BestWorst { best, worst }) => {
            distinct_options(question, [best.clone(), worst.clone()])
                .map(|_| Value::BestWorst { best, worst })
                .map_err(|fault| {
                    if fault == TWICE {
                        "the best and the worst cannot be the same".into()
                    } else {
                        fault
                    }
                })
        }
        (Kind::Allocation { total, .. }, Spelt::Points(points)) => allocation(question, points, *total),
        (Kind::Text { max_length, .. }, Spelt::Text(text)) => {
            let length = text.chars().count();
            if length > *max_length as usize {
                return Err(format!("write at most {max_length} characters; these are {length}"));
            }
            if text.trim().is_empty() {
                return Err("the text is blank".into());
            }
            plain_text(&text).map(Value::Text)
        }
        (kind, _) => Err(format!("this is no answer to a {} question", kind.name())),
    }
}

const TWICE: &str = "the same option stands twice";

fn choices(question: &Question, picks: Vec<Pick>, min: usize, max: usize) -> Result<Value, Fault> {
    let declined = picks
        .iter()
        .any(|pick| options(question).iter().any(|o| o.no_opinion && o.code == pick.option));
    if declined {
        return match picks.len() {
            1 => Ok(Value::NoOpinion),
            _ => Err("\"no opinion\" cannot stand beside other options".into()),
        };
    }
    let picks = picks
        .into_iter()
        .map(|pick| known_pick(question, pick))
        .collect::<Result<Vec<_>, _>>()?;
    let mut seen = HashSet::new();
    if !picks.iter().all(|pick| seen.insert(pick.option.as_str())) {
        return Err(TWICE.into());
    }
    if !(min.max(1)..=max).contains(&picks.len()) {
        return Err(match (min, max) {
            (min, max) if min == max => format!("choose exactly {min} options"),
            (min, max) => format!("choose {min} to {max} options"),
        });
    }
    Ok(Value::Options(picks))
}

fn known_pick(question: &Question, pick: Pick) -> Result<Pick, Fault> {
    let option = options(question)
        .iter()
        .find(|option| option.code == pick.option)
        .ok_or_else(|| format!("there is no option \"{}\"", pick.option))?;
    let text = pick.text.filter(|text| !text.trim().is_empty());
    match text {
        Some(_) if !option.free_text => Err(format!("the option \"{}\" takes no text", option.code)),
        Some(text) if text.chars().count() > OWN_TEXT => Err(format!("write at most {OWN_TEXT} characters")),
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
            return Err(format!("there is no option \"{code}\""));
        }
        if distinct.contains(&code) {
            return Err(TWICE.into());
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
            return Err(format!("share out whole points from 0 to {total}"));
        }
        whole.insert(option, points as u32);
    }
    let sum: u64 = whole.values().map(|points| u64::from(*points)).sum();
    if sum != u64::from(total) {
        return Err(format!("the points must add up to {total}; these add up to {sum}"));
    }
    Ok(Value::Points(whole))
}

fn on_scale(number: f64, min: i32, max: i32) -> Result<i32, Fault> {
    let whole = number.fract() == 0.0 && (f64::from(min)..=f64::from(max)).contains(&number);
    if whole {
        Ok(number as i32)
    } else {
        Err(format!("give a whole number from {min} to {max}"))
    }
}

/// One kind of line end, and no character that would break a page, a file or PostgreSQL.
fn plain_text(text: &str) -> Result<String, Fault> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err("the text holds a control character".into());
    }
    Ok(text.trim().to_owned())
}
