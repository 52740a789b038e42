//! Answers as a posted form: the fields that CONTRACT.md names, as a browser without JavaScript sends them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::check::{Spelt, check};
use super::fault::Fault;
use super::{NewAnswer, Pick, Value, options};
use crate::design::QuestionVersion;
use crate::framework::{Code, Kind, Question, ShowIf};

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

/// What the fields say about the questions.
#[derive(Debug, Default)]
pub struct Read {
    pub answers: Vec<NewAnswer>,
    /// Asked, not required, and left blank.
    pub passed: Vec<Code>,
    /// All at once.
    pub faults: Vec<FieldFault>,
}

/// Reads the answers to the questions; what is required must be answered where it `is_due`. What was
/// answered `before` and is blank now stays answered, and questions that hang on it are shown.
pub fn read(
    questions: &[Arc<QuestionVersion>],
    fields: &[(String, String)],
    before: &[NewAnswer],
    is_due: impl Fn(usize) -> bool,
) -> Read {
    let fields = Fields::new(fields);
    let mut read = Read::default();
    let mut hidden: HashSet<&str> = HashSet::new();
    for (place, version) in questions.iter().enumerate() {
        let question = &version.question;
        if !is_shown(question, &hidden, &read.answers, before) {
            hidden.insert(&question.code);
            continue;
        }
        let is_due = is_due(place);
        let answered = spelt(question, &fields).and_then(|spelt| match spelt {
            Some(spelt) => check(version, spelt).map(Some),
            None => Ok(None),
        });
        let fault = match answered {
            Ok(Some(answers)) => {
                let is_whole = is_whole(question, answers.iter().chain(before));
                read.answers.extend(answers);
                (is_due && !is_whole).then_some(Fault::EveryRow)
            }
            Ok(None) if is_due && !is_whole(question, before) => {
                read.passed.push(question.code.clone());
                question.required.then_some(Fault::Required)
            }
            Ok(None) => None,
            Err(fault) => Some(fault),
        };
        read.faults.extend(fault.map(|fault| FieldFault {
            question: question.code.clone(),
            fault,
        }));
    }
    read
}

/// A question that hangs on another one is shown when that one was answered so, and is shown itself.
fn is_shown(question: &Question, hidden: &HashSet<&str>, now: &[NewAnswer], before: &[NewAnswer]) -> bool {
    let Some(condition) = &question.show_if else {
        return true;
    };
    if hidden.contains(condition.question.as_str()) {
        return false;
    }
    let is_parent = |answer: &&NewAnswer| answer.question == condition.question;
    let answer = now.iter().find(is_parent).or_else(|| before.iter().find(is_parent));
    answer.is_some_and(|answer| fits(condition, &answer.value))
}

/// Whether an answer to the question that the condition names lets its own question be asked.
pub fn fits(condition: &ShowIf, value: &Value) -> bool {
    match value {
        Value::Option(pick) => condition.any_of.contains(&pick.option),
        Value::Options(picks) => picks.iter().any(|pick| condition.any_of.contains(&pick.option)),
        _ => false,
    }
}

/// Whether nothing is open of the question: a matrix that is required wants every row.
pub fn is_whole<'a>(question: &Question, answers: impl IntoIterator<Item = &'a NewAnswer>) -> bool {
    let own = answers.into_iter().filter(|answer| answer.question == question.code);
    let rows: HashSet<Option<&str>> = own.map(|answer| answer.row.as_deref()).collect();
    match question.required {
        true => rows.len() >= question.items().len(),
        false => !rows.is_empty(),
    }
}

/// The fields as they would be filled in to give that answer.
pub fn write(question: &Question, answer: &NewAnswer) -> Vec<(String, String)> {
    let code = question.code.as_str();
    let field = |name: String, value: &str| (name, value.to_owned());
    let choose = |pick: &Pick| {
        let text = pick.text.iter().map(|text| field(format!("{code}.other"), text));
        let option = std::iter::once(field(code.to_owned(), &pick.option));
        option.chain(text).collect::<Vec<_>>()
    };
    match &answer.value {
        Value::Option(pick) => choose(pick),
        Value::Options(picks) => picks.iter().flat_map(choose).collect(),
        Value::Number(number) => {
            let name = match &answer.row {
                Some(row) => format!("{code}.{row}"),
                None => code.to_owned(),
            };
            vec![field(name, &number.to_string())]
        }
        Value::Ranked(ranked) => {
            let places = ranked.iter().zip(1..);
            places
                .map(|(option, place)| field(format!("{code}.rank.{option}"), &format!("{place}")))
                .collect()
        }
        Value::BestWorst { best, worst } => vec![
            field(format!("{code}.best"), best),
            field(format!("{code}.worst"), worst),
        ],
        Value::Points(points) => points
            .iter()
            .map(|(option, points)| field(format!("{code}.points.{option}"), &points.to_string()))
            .collect(),
        Value::Text(text) => vec![field(code.to_owned(), text)],
        Value::NoOpinion => {
            let is_choice = matches!(question.kind, Kind::SingleChoice { .. } | Kind::MultipleChoice { .. });
            let option = options(question).iter().find(|option| is_choice && option.no_opinion);
            vec![match option {
                Some(option) => field(code.to_owned(), &option.code),
                None => field(format!("{code}.no_opinion"), "1"),
            }]
        }
    }
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
            let mut picks: Vec<Pick> = fields.all(code).map(|option| pick(question, option, fields)).collect();
            if picks.is_empty() {
                picks.extend(own_words(question, fields));
            }
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

/// Words of one's own choose the option that they belong to, where nothing else is chosen.
fn own_words(question: &Question, fields: &Fields<'_>) -> Option<Pick> {
    let option = options(question).iter().find(|option| option.free_text)?;
    fields.one(&format!("{}.other", question.code))?;
    Some(pick(question, &option.code, fields))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::fixture::{self, options};

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    fn faults(read: &Read) -> Vec<(&str, Fault)> {
        read.faults
            .iter()
            .map(|fault| (fault.question.as_str(), fault.fault.clone()))
            .collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let all = [
            (
                fixture::single("q", &["a", "other"]),
                vec![("q", "other"), ("q.other", "mine")],
            ),
            (
                fixture::multiple("q", &["a", "b", "other"]),
                vec![("q", "a"), ("q", "other"), ("q.other", "mine")],
            ),
            (fixture::rating("q"), vec![("q", "3")]),
            (fixture::matrix("q", &["x", "y"]), vec![("q.x", "1"), ("q.y", "3")]),
            (
                fixture::of(
                    "q",
                    Kind::Ranking {
                        options: options(&["a", "b"]),
                        top: 2,
                        shuffle: false,
                    },
                ),
                vec![("q.rank.b", "1"), ("q.rank.a", "2")],
            ),
            (
                fixture::of(
                    "q",
                    Kind::BestWorst {
                        options: options(&["a", "b"]),
                        shuffle: false,
                    },
                ),
                vec![("q.best", "a"), ("q.worst", "b")],
            ),
            (
                fixture::of(
                    "q",
                    Kind::Allocation {
                        options: options(&["a", "b"]),
                        total: 10,
                        shuffle: false,
                    },
                ),
                vec![("q.points.a", "4"), ("q.points.b", "6")],
            ),
            (fixture::text("q"), vec![("q", "words\nof mine")]),
            (fixture::single("q", &["a", "dont-know"]), vec![("q", "dont-know")]),
        ];
        for (question, given) in all {
            let questions = [fixture::version(question)];
            let given = fields(&given);
            let first = read(&questions, &given, &[], |_| true);
            assert_eq!(faults(&first), [], "{given:?}");
            let written: Vec<_> = first
                .answers
                .iter()
                .flat_map(|answer| write(&questions[0].question, answer))
                .collect();
            assert_eq!(written, given);
        }
    }

    #[test]
    fn own_words_choose_their_option_where_nothing_is_chosen() {
        let questions = [fixture::version(fixture::single("q", &["a", "other"]))];
        let given = read(&questions, &fields(&[("q.other", "mine")]), &[], |_| true);
        assert_eq!(
            given.answers[0].value,
            Value::Option(Pick {
                option: "other".into(),
                text: Some("mine".into())
            })
        );
        let given = read(&questions, &fields(&[("q", "a"), ("q.other", "mine")]), &[], |_| true);
        assert_eq!(
            given.answers[0].value,
            Value::Option(Pick {
                option: "a".into(),
                text: None
            })
        );
    }

    #[test]
    fn what_is_required_is_required_where_it_is_due_and_not_answered_before() {
        let required = |question: Question| {
            fixture::version(Question {
                required: true,
                ..question
            })
        };
        let questions = [
            required(fixture::rating("a")),
            required(fixture::matrix("b", &["x", "y"])),
            fixture::version(fixture::text("c")),
        ];
        let blank = read(&questions, &[], &[], |place| place != 1);
        assert_eq!(faults(&blank), [("a", Fault::Required)]);
        assert_eq!(blank.passed, ["a", "c"]);
        let half = read(&questions, &fields(&[("a", "1"), ("b.x", "2")]), &[], |_| true);
        assert_eq!(faults(&half), [("b", Fault::EveryRow)]);
        let rest = read(&questions, &fields(&[("b.y", "2")]), &half.answers, |_| true);
        assert_eq!(faults(&rest), []);
        assert_eq!(rest.answers.len(), 1);
    }

    #[test]
    fn a_question_that_hangs_on_another_counts_only_when_that_was_answered_so() {
        let mut child = Question {
            required: true,
            ..fixture::text("child")
        };
        child.show_if = Some(ShowIf {
            question: "q".into(),
            any_of: vec!["a".into()],
        });
        let questions = [
            fixture::version(fixture::single("q", &["a", "b"])),
            fixture::version(child),
        ];
        let other = read(&questions, &fields(&[("q", "b"), ("child", "words")]), &[], |_| true);
        assert_eq!((other.answers.len(), other.faults.len()), (1, 0));
        let asked = read(&questions, &fields(&[("q", "a")]), &[], |_| true);
        assert_eq!(faults(&asked), [("child", Fault::Required)]);
        // Its parent may have been answered on an earlier page, and anew on this one.
        let before = asked.answers;
        let later = read(&questions, &fields(&[("child", "words")]), &before, |place| place == 1);
        assert_eq!((later.answers.len(), later.faults.len()), (1, 0));
        let anew = read(&questions, &fields(&[("q", "b"), ("child", "words")]), &before, |_| {
            true
        });
        assert_eq!((anew.answers.len(), anew.faults.len()), (1, 0));
    }
}
