//! Answers in each of their spellings: JSON, a posted form, a CSV cell.

use std::sync::Arc;

use dripline::answers::{NewAnswer, Value as Answer, cells, form, json};
use dripline::design::{self, QuestionVersion};
use dripline::{demo, framework};
use serde_json::{Value, json as j};

use crate::support::TestDb;

/// The demo asks questions of all nine kinds.
fn question(code: &str) -> Arc<QuestionVersion> {
    let db = TestDb::sqlite();
    let framework = framework::read::toml(demo::FRAMEWORK).unwrap();
    let now = dripline::clock::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
    db.write_now(move |conn| design::store_framework(conn, now, "test", &framework))
        .unwrap();
    let design = db.read_now(design::current).unwrap();
    Arc::clone(
        design
            .version_of(code)
            .unwrap_or_else(|| panic!("there is no question {code}")),
    )
}

fn post(code: &str, fields: &[(&str, &str)]) -> Result<Vec<NewAnswer>, String> {
    let fields: Vec<(String, String)> = fields.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let read = form::read(&[question(code)], &fields, &[], |_| true);
    match read.faults.first() {
        None => Ok(read.answers),
        Some(fault) => Err(fault.fault.to_string()),
    }
}

/// The same answer in all three spellings; matrix rows become answers of their own.
#[track_caller]
fn same(code: &str, value: Value, fields: &[(&str, &str)], cell: &str) {
    let version = question(code);
    let from_json = json::read(&version, &value).unwrap();
    assert_eq!(post(code, fields).unwrap(), from_json, "the form of {code}");
    assert_eq!(cells::read(&version, cell).unwrap(), from_json, "the cell of {code}");
    for answer in &from_json {
        let stored = json::write(&answer.value).to_string();
        assert_eq!(
            json::read_stored(&version.question, &stored).as_ref(),
            Some(&answer.value),
            "{code} as stored"
        );
    }
}

#[test]
fn each_kind_is_read_alike_from_json_form_and_cell() {
    same("why-change", j!("cost"), &[("why-change", "cost")], "cost");
    same(
        "why-change",
        j!({ "option": "other", "text": "A fire" }),
        &[("why-change", "other"), ("why-change.other", "A fire")],
        "other=A fire",
    );
    same(
        "why-us",
        j!({ "best": "price", "worst": "people" }),
        &[("why-us.best", "price"), ("why-us.worst", "people")],
        "price|people",
    );
    same(
        "why-us",
        j!({ "no_opinion": true }),
        &[("why-us.no_opinion", "1")],
        "no_opinion",
    );
    same("recommend", j!(9), &[("recommend", "9")], "9");
    same(
        "importance",
        j!({ "faster": 5, "safe": 2 }),
        &[("importance.faster", "5"), ("importance.safe", "2")],
        "faster=5|safe=2",
    );
    same(
        "budget",
        j!({ "cheaper": 60, "newer": 40 }),
        &[
            ("budget.points.cheaper", "60"),
            ("budget.points.newer", "40"),
            ("budget.points.safer", ""),
        ],
        "cheaper=60|newer=40",
    );
    same(
        "one-thing",
        j!("Call later"),
        &[("one-thing", " Call later ")],
        "Call later",
    );
    same(
        "helped",
        j!(["time", "new"]),
        &[("helped", "time"), ("helped", "new")],
        "time|new",
    );
    same(
        "helped",
        j!({ "no_opinion": true }),
        &[("helped", "too-early")],
        "too-early",
    );
    same(
        "next-order",
        j!(["proof", "price"]),
        &[("next-order.rank.price", "2"), ("next-order.rank.proof", "1")],
        "proof|price",
    );
    same("effort", j!(7), &[("effort", "7")], "7");
}

#[test]
fn a_blank_question_is_not_answered_and_a_required_one_asks_again() {
    assert_eq!(
        post("budget", &[("budget.points.cheaper", ""), ("budget.points.newer", " ")]),
        Ok(vec![])
    );
    assert_eq!(post("recommend", &[]), Ok(vec![]));
    assert_eq!(
        post("why-change", &[("why-change", "")]),
        Err("please answer this question".into())
    );
}

#[test]
fn the_text_of_an_option_that_was_not_chosen_is_left_aside() {
    let answers = post(
        "why-change",
        &[("why-change", "cost"), ("why-change.other", "typed before")],
    )
    .unwrap();
    assert!(matches!(&answers[0].value, Answer::Option(pick) if pick.text.is_none()));
}

#[test]
fn what_is_no_answer_is_refused_with_its_reason() {
    let refused = |code: &str, value: Value| json::read(&question(code), &value).unwrap_err().to_string();
    assert_eq!(refused("recommend", j!(11)), "give a whole number from 0 to 10");
    assert_eq!(refused("recommend", j!(2.5)), "give a whole number from 0 to 10");
    assert_eq!(refused("why-change", j!("price")), "there is no option \"price\"");
    assert_eq!(
        refused("why-change", j!({ "option": "cost", "text": "x" })),
        "the option \"cost\" takes no text"
    );
    assert_eq!(
        refused("why-us", j!({ "best": "price", "worst": "price" })),
        "the best and the worst cannot be the same"
    );
    assert_eq!(
        refused("budget", j!({ "cheaper": 60 })),
        "the points must add up to 100; these add up to 60"
    );
    assert_eq!(
        refused("budget", j!({ "cheaper": 100.5, "newer": -0.5 })),
        "share out whole points from 0 to 100"
    );
    assert_eq!(
        refused("next-order", j!(["price"])),
        "rank exactly 2 options, each with a place of its own"
    );
    assert_eq!(
        refused("next-order", j!(["price", "price"])),
        "the same option stands twice"
    );
    assert_eq!(refused("helped", j!(["time", "calm", "new"])), "choose 1 to 2 options");
    assert_eq!(
        refused("helped", j!(["time", "too-early"])),
        "\"no opinion\" cannot stand beside other options"
    );
    assert_eq!(refused("importance", j!({ "slower": 3 })), "there is no row \"slower\"");
    assert_eq!(
        refused("effort", j!({ "no_opinion": true })),
        "this question has no \"no opinion\""
    );
    assert_eq!(
        refused("one-thing", j!("x".repeat(601))),
        "write at most 600 characters; these are 601"
    );
    assert_eq!(
        refused("one-thing", j!("a\u{0}b")),
        "the text holds a control character"
    );
    assert_eq!(
        post(
            "next-order",
            &[("next-order.rank.price", "1"), ("next-order.rank.proof", "1")]
        ),
        Err("two options share place 1".into())
    );
}
