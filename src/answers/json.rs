//! Answers as JSON: the API's "value", and the spelling in which answers are stored.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::check::{Spelt, check};
use super::fault::Fault;
use super::{NewAnswer, Pick, Value};
use crate::design::QuestionVersion;
use crate::framework::{Code, Kind, Question};

/// Reads an answer of the API: the answers to the question's items, or what is wrong.
pub fn read(version: &QuestionVersion, json: &Json) -> Result<Vec<NewAnswer>, Fault> {
    check(version, spelt(&version.question, json)?)
}

fn spelt(question: &Question, json: &Json) -> Result<Spelt, Fault> {
    if let Json::Object(object) = json
        && object.len() == 1
        && object.get("no_opinion") == Some(&Json::Bool(true))
    {
        return Ok(Spelt::NoOpinion);
    }
    match (&question.kind, json) {
        (Kind::Text { .. }, Json::String(text)) => Ok(Spelt::Text(text.clone())),
        (Kind::SingleChoice { .. }, one) => Ok(Spelt::Picks(vec![pick(one)?])),
        // An option that says "no opinion" may be given for any kind of question.
        (_, Json::String(code)) if super::options(question).iter().any(|o| o.no_opinion && o.code == *code) => {
            Ok(Spelt::NoOpinion)
        }
        (Kind::MultipleChoice { .. } | Kind::Ranking { .. }, Json::Array(list)) => {
            list.iter().map(pick).collect::<Result<_, _>>().map(Spelt::Picks)
        }
        (Kind::Rating { .. } | Kind::Nps { .. }, Json::Number(number)) => number
            .as_f64()
            .map(Spelt::Number)
            .ok_or_else(|| "the number is out of range".into()),
        (Kind::BestWorst { .. }, Json::Object(object)) => match (object.get("best"), object.get("worst"), object.len())
        {
            (Some(Json::String(best)), Some(Json::String(worst)), 2) => Ok(Spelt::BestWorst {
                best: best.clone(),
                worst: worst.clone(),
            }),
            _ => Err("write {\"best\": option, \"worst\": option}".into()),
        },
        (Kind::Allocation { .. }, Json::Object(object)) => numbers(object).map(Spelt::Points),
        (Kind::Matrix { .. }, Json::Object(object)) => numbers(object).map(Spelt::Rows),
        (kind, _) => Err(format!("write the value of a {} question as {}", kind.name(), form_of(kind)).into()),
    }
}

fn form_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::SingleChoice { .. } => "an option's code",
        Kind::MultipleChoice { .. } => "a list of option codes",
        Kind::Ranking { .. } => "a list of option codes, best first",
        Kind::Rating { .. } | Kind::Nps { .. } => "a number",
        Kind::BestWorst { .. } => "{\"best\": option, \"worst\": option}",
        Kind::Allocation { .. } => "{option: points}",
        Kind::Matrix { .. } => "{row: number}",
        Kind::Text { .. } => "a text",
    }
}

fn pick(json: &Json) -> Result<Pick, Fault> {
    match json {
        Json::String(code) => Ok(Pick {
            option: code.clone(),
            text: None,
        }),
        Json::Object(object) => match (object.get("option"), object.get("text"), object.len()) {
            (Some(Json::String(option)), Some(Json::String(text)), 2) => Ok(Pick {
                option: option.clone(),
                text: Some(text.clone()),
            }),
            _ => Err("write {\"option\": code, \"text\": …}".into()),
        },
        _ => Err("write an option's code".into()),
    }
}

fn numbers(object: &Map<Code, Json>) -> Result<BTreeMap<Code, f64>, Fault> {
    let number = |(code, json): (&Code, &Json)| match json.as_f64() {
        Some(number) => Ok((code.clone(), number)),
        None => Err(format!("\"{code}\" needs a number").into()),
    };
    object.iter().map(number).collect()
}

/// The answer in the API's spelling; an answer to a matrix row is its number.
pub fn write(value: &Value) -> Json {
    match value {
        Value::Option(pick) => write_pick(pick),
        Value::Options(picks) => picks.iter().map(write_pick).collect(),
        Value::Number(number) => json!(number),
        Value::Ranked(ranked) => json!(ranked),
        Value::BestWorst { best, worst } => json!({ "best": best, "worst": worst }),
        Value::Points(points) => json!(points),
        Value::Text(text) => json!(text),
        Value::NoOpinion => json!({ "no_opinion": true }),
    }
}

fn write_pick(pick: &Pick) -> Json {
    match &pick.text {
        Some(text) => json!({ "option": pick.option, "text": text }),
        None => json!(pick.option),
    }
}

/// Reads a stored answer back; `None` when it does not belong to the version (a damaged row).
pub fn read_stored(question: &Question, text: &str) -> Option<Value> {
    let json: Json = serde_json::from_str(text).ok()?;
    let codes = |list: &[Json]| {
        list.iter()
            .map(|code| code.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
    };
    match (&question.kind, &json) {
        (_, Json::Object(object)) if object.contains_key("no_opinion") => Some(Value::NoOpinion),
        (Kind::SingleChoice { .. }, one) => pick(one).ok().map(Value::Option),
        (Kind::MultipleChoice { .. }, Json::Array(list)) => list
            .iter()
            .map(|one| pick(one).ok())
            .collect::<Option<_>>()
            .map(Value::Options),
        (Kind::Ranking { .. }, Json::Array(list)) => codes(list).map(Value::Ranked),
        (Kind::Rating { .. } | Kind::Nps { .. } | Kind::Matrix { .. }, Json::Number(number)) => number
            .as_i64()
            .and_then(|number| i32::try_from(number).ok())
            .map(Value::Number),
        (Kind::BestWorst { .. }, Json::Object(object)) => {
            let code = |key| object.get(key)?.as_str().map(str::to_owned);
            Some(Value::BestWorst {
                best: code("best")?,
                worst: code("worst")?,
            })
        }
        (Kind::Allocation { .. }, Json::Object(object)) => {
            let points = |(code, points): (&Code, &Json)| Some((code.clone(), u32::try_from(points.as_u64()?).ok()?));
            object.iter().map(points).collect::<Option<_>>().map(Value::Points)
        }
        (Kind::Text { .. }, Json::String(text)) => Some(Value::Text(text.clone())),
        _ => None,
    }
}
