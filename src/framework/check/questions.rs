//! Question sets, their questions, options, rows and translations.

use std::collections::{BTreeMap, HashMap};

use super::text::{asked, intro, label, shown};
use super::{Known, each, loads};
use crate::framework::fault::{Findings, Ground, Place};
use crate::framework::lookup::Coded;
use crate::framework::translation::is_tag;
use crate::framework::wording::{listed, nearest, quoted};
use crate::framework::{ChoiceOption, Kind, Question, QuestionSet, QuestionTexts, Row, ShowIf};

/// A scale of more points than this cannot be shown.
const MOST_POINTS: i64 = 1_001;

/// The most points that an allocation shares out.
const MOST_TOTAL: u32 = 1_000_000;

/// The longest answer in words, in characters.
const LONGEST_ANSWER: u32 = 10_000;

/// The form's name for "I can't say" of a matrix, so that no row may be called so.
const NO_OPINION_FIELD: &str = "no_opinion";

pub fn check(sets: &[QuestionSet], known: &Known, findings: &mut Findings) {
    let list = Place::root().key("question_sets");
    each(sets, &list, findings, |set, place, findings| {
        asked(&set.title, place.key("title"), findings);
        intro(&set.intro, place.key("intro"), findings);
        for (language, texts) in &set.translations {
            let place = place.key("translations").key(language);
            check_language(language, &place, findings);
            if let Some(text) = &texts.title {
                asked(text, place.key("title"), findings);
            }
            if let Some(text) = &texts.intro {
                intro(text, place.key("intro"), findings);
            }
        }
        let questions = place.key("questions");
        if set.questions.is_empty() {
            findings.add(questions.clone(), "a question set needs at least one question");
        }
        each(&set.questions, &questions, findings, |question, place, findings| {
            check_question(question, place, known, findings)
        });
        check_show_ifs(&set.questions, &questions, findings);
    });
    check_unique_in_framework(sets, &list, findings);
}

/// Within one set, [`each`] has said so already.
fn check_unique_in_framework(sets: &[QuestionSet], list: &Place, findings: &mut Findings) {
    let mut first_set: HashMap<&str, usize> = HashMap::new();
    for (s, set) in sets.iter().enumerate() {
        for (q, question) in set.questions.iter().enumerate() {
            let first = *first_set.entry(&question.code).or_insert(s);
            if first != s && !question.code.is_empty() {
                let place = list.index(s).key("questions").index(q).key("code");
                let other = quoted(&sets[first].code);
                let message = format!("{} is a question of the set {other} too", quoted(&question.code));
                findings.add(
                    place,
                    format!("{message}; a question's code is unique in the whole framework"),
                );
            }
        }
    }
}

fn check_question(question: &Question, place: &Place, known: &Known, findings: &mut Findings) {
    asked(&question.text, place.key("text"), findings);
    shown(&question.help, place.key("help"), findings);
    if let Some(text) = &question.no_opinion {
        asked(text, place.key("no_opinion"), findings);
    }
    check_kind(&question.kind, place, known, findings);
    let grounds = ["kind", "labels", "options", "rows"]
        .map(|key| Ground::Whole(place.key(key)))
        .to_vec();
    for (language, texts) in &question.translations {
        let place = place.key("translations").key(language);
        check_language(language, &place, findings);
        let first = findings.problems.len();
        check_translation(question, texts, &place, findings);
        for problem in &mut findings.problems[first..] {
            problem.rests_on = grounds.clone();
        }
    }
}

fn check_kind(kind: &Kind, place: &Place, known: &Known, findings: &mut Findings) {
    match kind {
        Kind::SingleChoice { options, .. } | Kind::BestWorst { options, .. } => {
            check_options(options, place, known, findings);
        }
        Kind::MultipleChoice {
            options,
            min_picks,
            max_picks,
            ..
        } => {
            check_options(options, place, known, findings);
            check_picks(options, *min_picks, *max_picks, place, findings);
        }
        Kind::Ranking { options, top, .. } => {
            check_options(options, place, known, findings);
            if !(1..=real(options)).contains(&(*top as usize)) {
                let message = format!("must be from 1 to the number of options, {}", real(options));
                findings.add(place.key("top"), message).rests_on = vec![Ground::Whole(place.key("options"))];
            }
        }
        Kind::Allocation { options, total, .. } => {
            check_options(options, place, known, findings);
            if !(1..=MOST_TOTAL).contains(total) {
                findings.add(place.key("total"), format!("must be from 1 to {MOST_TOTAL}"));
            }
        }
        Kind::Rating {
            min,
            max,
            min_label,
            max_label,
            loads: weights,
        } => {
            check_scale(*min, *max, place, findings);
            label(min_label, place.key("min_label"), findings);
            label(max_label, place.key("max_label"), findings);
            loads(weights, &place.key("loads"), known, findings);
        }
        Kind::Matrix { min, max, labels, rows } => {
            check_scale(*min, *max, place, findings);
            check_labels(labels, *min, *max, place, findings);
            check_rows(rows, place, known, findings);
        }
        Kind::Nps { loads: weights } => loads(weights, &place.key("loads"), known, findings),
        Kind::Text { max_length, .. } => {
            if !(1..=LONGEST_ANSWER).contains(max_length) {
                findings.add(place.key("max_length"), format!("must be from 1 to {LONGEST_ANSWER}"));
            }
        }
    }
}

/// How many options are answers, not "I can't say".
fn real(options: &[ChoiceOption]) -> usize {
    options.iter().filter(|option| !option.no_opinion).count()
}

fn check_options(options: &[ChoiceOption], place: &Place, known: &Known, findings: &mut Findings) {
    let list = place.key("options");
    if real(options) < 2 {
        findings.add(list.clone(), "needs at least 2 options beside \"no opinion\"");
    }
    if options.len() - real(options) > 1 {
        findings.add(list.clone(), "only one option may be marked no_opinion");
    }
    each(options, &list, findings, |option, place, findings| {
        asked(&option.text, place.key("text"), findings);
        loads(&option.loads, &place.key("loads"), known, findings);
        if option.no_opinion && !option.loads.is_empty() {
            findings.add(
                place.key("loads"),
                "an option marked no_opinion is not scored; leave its loads out",
            );
        }
    });
}

fn check_picks(options: &[ChoiceOption], min: u32, max: u32, place: &Place, findings: &mut Findings) {
    let grounds = vec![
        Ground::Whole(place.key("options")),
        Ground::Whole(place.key("min_picks")),
        Ground::Whole(place.key("max_picks")),
    ];
    if min < 1 {
        findings.add(
            place.key("min_picks"),
            "must be at least 1; an answer may be skipped unless it is required",
        );
    }
    if max as usize > real(options) {
        let message = format!("must be at most the number of options, {}", real(options));
        findings.add(place.key("max_picks"), message).rests_on = grounds;
    } else if min > max {
        findings
            .add(place.key("min_picks"), format!("must be at most max_picks, {max}"))
            .rests_on = grounds;
    }
}

fn check_scale(min: i32, max: i32, place: &Place, findings: &mut Findings) {
    let message = if min >= max {
        format!("must be above min, {min}")
    } else if i64::from(max) - i64::from(min) >= MOST_POINTS {
        format!("the scale has more than {MOST_POINTS} points")
    } else {
        return;
    };
    findings.add(place.key("max"), message).rests_on = vec![Ground::Whole(place.key("min"))];
}

fn check_labels(labels: &[String], min: i32, max: i32, place: &Place, findings: &mut Findings) {
    let list = place.key("labels");
    for (i, text) in labels.iter().enumerate() {
        label(text, list.index(i), findings);
    }
    let points = i64::from(max) - i64::from(min) + 1;
    let count = labels.len() as i64;
    if ![0, 2, points].contains(&count) && points > 1 {
        let message = format!("must be 2 texts, for the ends, or {points}, one for each point; there are {count}");
        findings.add(list, message).rests_on = vec![Ground::Whole(place.key("min")), Ground::Whole(place.key("max"))];
    }
}

fn check_rows(rows: &[Row], place: &Place, known: &Known, findings: &mut Findings) {
    let list = place.key("rows");
    if rows.is_empty() {
        findings.add(list.clone(), "a matrix needs at least one row");
    }
    each(rows, &list, findings, |row, place, findings| {
        asked(&row.text, place.key("text"), findings);
        loads(&row.loads, &place.key("loads"), known, findings);
        if row.code == NO_OPINION_FIELD {
            findings.add(
                place.key("code"),
                "a row may not be called no_opinion: the form uses that name itself",
            );
        }
    });
}

/// A question can hang on an earlier one only: the form is filled from the top.
fn check_show_ifs(questions: &[Question], list: &Place, findings: &mut Findings) {
    for (i, question) in questions.iter().enumerate() {
        if let Some(show_if) = &question.show_if {
            check_show_if(show_if, &questions[..i], &list.index(i).key("show_if"), list, findings);
        }
    }
}

fn check_show_if(show_if: &ShowIf, earlier: &[Question], place: &Place, list: &Place, findings: &mut Findings) {
    let Some(position) = earlier.iter().position(|question| question.code == show_if.question) else {
        let codes = || earlier.iter().map(|q| q.code.as_str()).filter(|code| !code.is_empty());
        let meant = nearest(&show_if.question, codes()).map(|c| format!("; did you mean {}?", quoted(c)));
        let message = format!(
            "there is no earlier question {} in this set; earlier ones are: {}{}",
            quoted(&show_if.question),
            listed(codes()),
            meant.unwrap_or_default()
        );
        findings.add(place.key("question"), message).rests_on = vec![Ground::Codes(list.clone())];
        return;
    };
    let target = list.index(position);
    let (Kind::SingleChoice { options, .. } | Kind::MultipleChoice { options, .. }) = &earlier[position].kind else {
        let message = "must be a single_choice or multiple_choice question, so that its options can be named";
        findings.add(place.key("question"), message).rests_on = vec![Ground::Whole(target.key("kind"))];
        return;
    };
    let any_of = place.key("any_of");
    if show_if.any_of.is_empty() {
        findings.add(any_of.clone(), "needs at least one option");
    }
    for (i, code) in show_if.any_of.iter().enumerate() {
        if !options.iter().any(|option| option.code == *code) {
            let message = unknown_code("option", code, options.iter().map(|o| o.code.as_str()));
            findings.add(any_of.index(i), message).rests_on = vec![Ground::Codes(target.key("options"))];
        }
    }
}

fn unknown_code<'a>(noun: &str, code: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let meant = nearest(code, known.clone())
        .map(|k| format!("; did you mean {}?", quoted(k)))
        .unwrap_or_default();
    format!(
        "there is no {noun} {}; {noun}s are: {}{meant}",
        quoted(code),
        listed(known)
    )
}

pub(super) fn check_language(language: &str, place: &Place, findings: &mut Findings) {
    if !is_tag(language) {
        findings.add_on_key(
            place.clone(),
            format!("a language is written as de or pt-BR; it is {}", quoted(language)),
        );
    }
}

fn check_translation(question: &Question, texts: &QuestionTexts, place: &Place, findings: &mut Findings) {
    for (key, text) in [("text", &texts.text), ("no_opinion", &texts.no_opinion)] {
        if let Some(text) = text {
            asked(text, place.key(key), findings);
        }
    }
    if let Some(text) = &texts.help {
        shown(text, place.key("help"), findings);
    }
    for (key, text) in [("min_label", &texts.min_label), ("max_label", &texts.max_label)] {
        if let Some(text) = text {
            label(text, place.key(key), findings);
        }
    }
    for (i, text) in texts.labels.iter().enumerate() {
        label(text, place.key("labels").index(i), findings);
    }
    let labels = if let Kind::Matrix { labels, .. } = &question.kind {
        labels.len()
    } else {
        0
    };
    if !texts.labels.is_empty() && texts.labels.len() != labels {
        findings.add(
            place.key("labels"),
            format!("must be as many as the question has, {labels}"),
        );
    }
    check_translated(
        "option",
        question.kind.options(),
        &texts.options,
        &place.key("options"),
        findings,
    );
    check_translated("row", question.kind.rows(), &texts.rows, &place.key("rows"), findings);
}

fn check_translated<T: Coded>(
    noun: &str,
    items: &[T],
    texts: &BTreeMap<String, String>,
    place: &Place,
    findings: &mut Findings,
) {
    for (code, text) in texts {
        if !items.iter().any(|item| item.code() == code) {
            let message = unknown_code(noun, code, items.iter().map(|item| item.code()));
            findings.add_on_key(place.key(code), message);
        }
        asked(text, place.key(code), findings);
    }
}
