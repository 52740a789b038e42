//! How a form is cut into pages, and the way of one contact through them. Pure.
//!
//! A page is a fixed part of the form, so that its number says the same to whoever posts it; which
//! pages somebody sees hangs on what was answered. A question whose parent stands on an earlier page
//! is asked or left out whole; one whose parent stands on its own page is shown with its condition.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::answers::NewAnswer;
use crate::answers::check::OWN_TEXT;
use crate::answers::form::{Read, fits, is_whole};
use crate::design::QuestionVersion;
use crate::framework::{Code, Kind, Question};

/// More are not taken in at a glance, nor answered in a minute.
const MOST: usize = 3;
/// A matrix with more rows is a page of its own: each row is a question.
const MOST_ROWS: usize = 4;
/// So much text fits into one page whatever is typed: a character may take nine bytes on its way, and
/// a form that is too large would be refused with all that was typed.
const MOST_CHARACTERS: usize = 25_000;

/// What a link was answered with so far.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// The newest of each item.
    pub answers: Vec<NewAnswer>,
    /// Asked and left blank.
    pub passed: BTreeSet<Code>,
}

impl Given {
    /// What the link was answered with once this is kept, too.
    pub fn with(&self, read: &Read) -> Given {
        let mut after = self.clone();
        let is_anew = |older: &NewAnswer| {
            let mut newer = read.answers.iter();
            newer.any(|answer| answer.question == older.question && answer.row == older.row)
        };
        after.answers.retain(|older| !is_anew(older));
        after.answers.extend(read.answers.iter().cloned());
        after.passed.extend(read.passed.iter().cloned());
        after
    }
}

/// The way through a form, as far as it is known.
#[derive(Debug)]
pub struct Course<'c> {
    questions: &'c [Arc<QuestionVersion>],
    pages: Vec<Range<usize>>,
    given: &'c Given,
}

/// The form's pages, each a range of its questions.
pub fn pages(questions: &[Arc<QuestionVersion>]) -> Vec<Range<usize>> {
    let mut pages: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    let mut characters = 0;
    for (place, version) in questions.iter().enumerate() {
        let (alone, typed) = (stands_alone(&version.question), typed(&version.question));
        match pages.last_mut() {
            Some(page) if open && !alone && page.len() < MOST && characters + typed <= MOST_CHARACTERS => {
                page.end += 1;
                characters += typed;
            }
            _ => {
                pages.push(place..place + 1);
                characters = typed;
            }
        }
        open = !alone;
    }
    pages
}

fn stands_alone(question: &Question) -> bool {
    question.kind.rows().len() > MOST_ROWS
}

/// How many characters the question takes at most.
fn typed(question: &Question) -> usize {
    match &question.kind {
        Kind::Text { max_length, .. } => *max_length as usize,
        kind if kind.options().iter().any(|option| option.free_text) => OWN_TEXT,
        _ => 0,
    }
}

impl<'c> Course<'c> {
    pub fn new(questions: &'c [Arc<QuestionVersion>], given: &'c Given) -> Course<'c> {
        Course {
            questions,
            pages: pages(questions),
            given,
        }
    }

    pub fn count(&self) -> usize {
        self.pages.len()
    }

    /// The questions that may ever stand on the page.
    pub fn places(&self, page: usize) -> Range<usize> {
        self.pages.get(page).cloned().unwrap_or(0..0)
    }

    /// The page on which the question stands.
    pub fn page_of(&self, place: usize) -> Option<usize> {
        self.pages.iter().position(|page| page.contains(&place))
    }

    /// The questions that the page shows, by their places in the form.
    pub fn shown_on(&self, page: usize) -> Vec<usize> {
        let places = self.places(page);
        let mut shown: Vec<usize> = Vec::new();
        for place in places {
            let is_shown = match self.parent(place) {
                Parent::None => true,
                Parent::At(parent) if self.places(page).contains(&parent) => shown.contains(&parent),
                Parent::At(_) | Parent::Missing => self.is_asked(place) == Some(true),
            };
            if is_shown {
                shown.push(place);
            }
        }
        shown
    }

    /// Whether the question hangs on another one of its own page.
    pub fn hangs_on_page(&self, place: usize) -> bool {
        let Parent::At(parent) = self.parent(place) else {
            return false;
        };
        self.pages
            .iter()
            .any(|page| page.contains(&place) && page.contains(&parent))
    }

    /// The first page that is still to be given.
    pub fn first_open(&self) -> Option<usize> {
        (0..self.count()).find(|page| self.is_visible(*page) && !self.is_given(*page))
    }

    pub fn after(&self, page: usize) -> Option<usize> {
        (page + 1..self.count()).find(|page| self.is_visible(*page))
    }

    pub fn before(&self, page: usize) -> Option<usize> {
        (0..page.min(self.count())).rev().find(|page| self.is_visible(*page))
    }

    pub fn last(&self) -> Option<usize> {
        self.before(self.count())
    }

    pub fn is_visible(&self, page: usize) -> bool {
        !self.shown_on(page).is_empty()
    }

    /// Which question this is, from 1, of how many: without those that are left out for certain.
    pub fn numbered(&self, place: usize) -> (usize, usize) {
        let counts = |range: Range<usize>| range.filter(|place| self.may_be_asked(*place)).count();
        (counts(0..place) + 1, counts(0..self.questions.len()))
    }

    /// Which page this is, from 1, of how many.
    pub fn pages_until(&self, page: usize) -> (usize, usize) {
        let counts = |pages: &[Range<usize>]| {
            let may_show = |page: &Range<usize>| page.clone().any(|place| self.may_be_asked(place));
            pages.iter().filter(|page| may_show(page)).count()
        };
        (counts(&self.pages[..self.count().min(page + 1)]), counts(&self.pages))
    }

    /// Whether everything that the page shows was answered or passed over.
    pub fn is_given(&self, page: usize) -> bool {
        self.shown_on(page).into_iter().all(|place| match self.is_asked(place) {
            Some(true) => self.is_answered(place) || self.is_passed(place),
            Some(false) => true,
            None => false,
        })
    }

    pub fn is_answered(&self, place: usize) -> bool {
        is_whole(&self.questions[place].question, &self.given.answers)
    }

    fn is_passed(&self, place: usize) -> bool {
        self.given.passed.contains(&self.questions[place].question.code)
    }

    /// An answer on its own page may always be changed.
    fn may_be_asked(&self, place: usize) -> bool {
        match self.parent(place) {
            Parent::At(parent) if self.hangs_on_page(place) => self.may_be_asked(parent),
            _ => self.is_asked(place) != Some(false),
        }
    }

    /// Whether no page may come after this one.
    pub fn is_last(&self, page: usize) -> bool {
        let end = self.pages.get(page).map_or(0, |page| page.end);
        !(end..self.questions.len()).any(|place| self.may_be_asked(place))
    }

    /// Whether the answers let the question be asked; `None`: its parent is still to be answered.
    fn is_asked(&self, place: usize) -> Option<bool> {
        let Some(condition) = &self.questions[place].question.show_if else {
            return Some(true);
        };
        let Parent::At(parent) = self.parent(place) else {
            return Some(false);
        };
        if !self.is_asked(parent)? {
            return Some(false);
        }
        let mut answers = self.given.answers.iter();
        match answers.find(|answer| answer.question == condition.question) {
            Some(answer) => Some(fits(condition, &answer.value)),
            None if self.is_passed(parent) => Some(false),
            None => None,
        }
    }

    fn parent(&self, place: usize) -> Parent {
        let Some(condition) = &self.questions[place].question.show_if else {
            return Parent::None;
        };
        let mut earlier = self.questions[..place].iter();
        match earlier.position(|version| version.question.code == condition.question) {
            Some(parent) => Parent::At(parent),
            None => Parent::Missing,
        }
    }
}

/// The question on which another one hangs.
enum Parent {
    None,
    At(usize),
    /// It is not in this form.
    Missing,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::Pick;
    use crate::answers::Value;
    use crate::answers::fixture::{matrix, rating, single, text, version};
    use crate::framework::ShowIf;
    use crate::ids::VersionId;

    fn versions(questions: Vec<Question>) -> Vec<Arc<QuestionVersion>> {
        questions.into_iter().map(version).collect()
    }

    fn hanging(question: Question, on: &str) -> Question {
        let show_if = ShowIf {
            question: on.into(),
            any_of: vec!["a".into()],
        };
        Question {
            show_if: Some(show_if),
            ..question
        }
    }

    fn chosen(question: &str, option: &str) -> NewAnswer {
        NewAnswer {
            question: question.into(),
            version: VersionId(0),
            row: None,
            value: Value::Option(Pick {
                option: option.into(),
                text: None,
            }),
        }
    }

    fn given(answers: &[(&str, &str)], passed: &[&str]) -> Given {
        Given {
            answers: answers
                .iter()
                .map(|(question, option)| chosen(question, option))
                .collect(),
            passed: passed.iter().map(|code| (*code).to_owned()).collect(),
        }
    }

    fn sizes(questions: Vec<Question>) -> Vec<usize> {
        pages(&versions(questions)).into_iter().map(|page| page.len()).collect()
    }

    fn long(code: &str) -> Question {
        Question {
            kind: Kind::Text {
                max_length: 10_000,
                multiline: true,
            },
            ..text(code)
        }
    }

    #[test]
    fn a_page_has_three_questions_and_a_long_matrix_stands_alone() {
        let plain = |codes: &[&str]| codes.iter().map(|code| rating(code)).collect::<Vec<_>>();
        assert_eq!(sizes(plain(&["a", "b", "c"])), [3]);
        assert_eq!(sizes(plain(&["a", "b", "c", "d"])), [3, 1]);
        let rows = ["r", "s", "t", "u", "v"];
        assert_eq!(
            sizes(vec![rating("a"), matrix("b", &rows), rating("c"), rating("d")]),
            [1, 1, 2]
        );
        assert_eq!(sizes(vec![rating("a"), matrix("b", &rows[..4]), rating("c")]), [3]);
        assert_eq!(sizes(vec![]), [0; 0]);
    }

    #[test]
    fn no_page_takes_more_text_than_may_be_posted() {
        assert_eq!(sizes(vec![long("a"), long("b"), long("c")]), [2, 1]);
        assert_eq!(
            sizes(vec![single("a", &["x", "other"]), long("b"), rating("c"), long("d")]),
            [3, 1]
        );
    }

    /// Three pages; the second hangs on the first, the last page's second question on its first.
    fn branching() -> Vec<Arc<QuestionVersion>> {
        versions(vec![
            rating("r"),
            single("p", &["a", "b"]),
            rating("s"),
            hanging(text("t"), "p"),
            hanging(rating("u"), "p"),
            hanging(single("v", &["a", "b"]), "p"),
            single("q", &["a", "b"]),
            hanging(text("w"), "q"),
        ])
    }

    #[test]
    fn a_page_vanishes_when_nothing_on_it_is_asked() {
        let questions = branching();
        let nothing = given(&[], &[]);
        let course = Course::new(&questions, &nothing);
        assert_eq!(
            (course.first_open(), course.after(0), course.numbered(3)),
            (Some(0), Some(2), (4, 8))
        );
        assert_eq!((course.pages_until(0), course.pages_until(2)), ((1, 3), (3, 3)));
        let fits = given(&[("p", "a")], &["r", "s"]);
        let course = Course::new(&questions, &fits);
        assert_eq!(
            (course.first_open(), course.shown_on(1), course.before(2)),
            (Some(1), vec![3, 4, 5], Some(1))
        );
        for other in [given(&[("p", "b")], &["r", "s"]), given(&[], &["p", "r", "s"])] {
            let course = Course::new(&questions, &other);
            assert_eq!(
                (course.first_open(), course.after(0), course.before(2)),
                (Some(2), Some(2), Some(0))
            );
            assert_eq!((course.numbered(6), course.pages_until(2)), ((4, 5), (2, 2)));
        }
    }

    #[test]
    fn a_question_that_hangs_on_its_own_page_is_shown_and_given_when_it_need_not_be_asked() {
        let questions = branching();
        let other = given(&[("p", "b"), ("q", "b")], &["r", "s"]);
        let course = Course::new(&questions, &other);
        assert_eq!(
            (course.shown_on(2), course.hangs_on_page(7), course.hangs_on_page(3)),
            (vec![6, 7], true, false)
        );
        assert_eq!(
            (course.first_open(), course.is_last(2), course.is_last(0)),
            (None, true, false)
        );
        let fits = given(&[("p", "b"), ("q", "a")], &["r", "s"]);
        assert_eq!(Course::new(&questions, &fits).first_open(), Some(2));
    }

    #[test]
    fn what_hangs_on_a_question_that_is_left_out_is_left_out_too() {
        let questions = versions(vec![
            single("p", &["a", "b"]),
            hanging(single("q", &["a"]), "p"),
            hanging(text("t"), "q"),
        ]);
        let stale = given(&[("p", "b"), ("q", "a")], &[]);
        assert_eq!(Course::new(&questions, &stale).first_open(), None);
    }

    #[test]
    fn a_matrix_that_is_required_is_given_with_its_last_row() {
        let questions = versions(vec![Question {
            required: true,
            ..matrix("m", &["x", "y"])
        }]);
        let row = |code: &str| NewAnswer {
            row: Some(code.into()),
            ..chosen("m", "1")
        };
        let half = Given {
            answers: vec![row("x")],
            ..Given::default()
        };
        assert_eq!(Course::new(&questions, &half).first_open(), Some(0));
        let whole = Given {
            answers: vec![row("x"), row("y")],
            ..Given::default()
        };
        assert_eq!(Course::new(&questions, &whole).first_open(), None);
    }
}
