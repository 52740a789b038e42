//! Every figure of `vectors.json`, which was worked out apart from this code (METHOD.md).

use dripline::method::points::{Given, Shape};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

/// The figure, or `NaN` for null.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

#[track_caller]
fn assert_close(found: f64, expected: &Value, what: &str) {
    let expected = number(expected);
    let close = (found - expected).abs() <= 1e-6 || (found.is_nan() && expected.is_nan());
    assert!(close, "{what}: found {found}, expected {expected}");
}

/// The options that are an opinion.
fn options(question: &Value) -> Vec<&Value> {
    question["options"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|option| option["no_opinion"] != true)
        .collect()
}

fn shape(question: &Value, need: &str) -> Shape {
    let load = |of: &Value| of["loads"][need].as_f64().unwrap_or(0.0);
    let weights = options(question).into_iter().map(load).collect();
    let count = |key: &str| question[key].as_u64().unwrap() as usize;
    match question["kind"].as_str().unwrap() {
        "single_choice" => Shape::Choice { weights },
        "multiple_choice" => Shape::Picks {
            weights,
            min: count("min_picks"),
            max: count("max_picks"),
        },
        "ranking" => Shape::Ranking {
            weights,
            top: count("top"),
        },
        "best_worst" => Shape::BestWorst { weights },
        "allocation" => Shape::Allocation {
            weights,
            total: number(&question["total"]),
        },
        _ => Shape::Scale {
            min: number(&question["min"]),
            max: number(&question["max"]),
            weight: load(question),
        },
    }
}

/// `None` for "no opinion".
fn given(question: &Value, value: &Value) -> Option<Given> {
    let options = options(question);
    let place = |code: &Value| options.iter().position(|option| option["code"] == *code);
    let places = |codes: &Value| list(codes).iter().map(place).collect::<Option<Vec<usize>>>();
    match question["kind"].as_str().unwrap() {
        "single_choice" => place(value).map(Given::Option),
        "multiple_choice" => places(value).map(Given::Options),
        "ranking" => places(value).map(Given::Ranked),
        "best_worst" => Some(Given::BestWorst {
            best: place(&value["best"])?,
            worst: place(&value["worst"])?,
        }),
        "allocation" => {
            let points = |option: &&Value| value[option["code"].as_str().unwrap()].as_f64().unwrap_or(0.0);
            Some(Given::Points(options.iter().map(points).collect()))
        }
        _ => value.as_f64().map(Given::Number),
    }
}

#[test]
fn points_of_one_answer() {
    for case in list(&vectors()["points"]) {
        let (question, expected) = (&case["question"], &case["expected"]);
        let shape = shape(question, case["need"].as_str().unwrap());
        let (lo, hi) = shape.bounds();
        let points = shape.points(&given(question, &case["value"]).unwrap()).unwrap();
        assert_close(points, &expected["points"], &case.to_string());
        assert_close(lo, &expected["lo"], &case.to_string());
        assert_close(hi, &expected["hi"], &case.to_string());
    }
}
