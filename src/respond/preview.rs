//! A set's form as a respondent would see it, whether the set is in force, changed or new: nothing is
//! asked of the database, and nobody was invited. Pure.

use std::sync::Arc;

use super::form::{Form, Heading};
use super::paging::{Course, Given};
use super::questionnaire::Questionnaire;
use crate::design::QuestionVersion;
use crate::framework::QuestionSet;
use crate::mail::fields::Fields;

/// The page (from 0) of the set's form in that language, with `fields` for its merge fields, and how
/// many pages there are. Everything is shown that may stand on it, whatever it hangs on. `None`:
/// nothing is asked in the set, or it has no such page.
pub fn form(set: &QuestionSet, language: Option<&str>, fields: Fields, page: usize) -> Option<(Form, usize)> {
    let heading = Heading {
        company: fields.company.clone().unwrap_or_default(),
        language: language.map(str::to_owned),
        preferences: "#".to_owned(),
    };
    // As on the real page, nobody is named.
    let fields = Fields {
        first_name: None,
        last_name: None,
        email: None,
        ..fields
    };
    let questions = set.questions.iter().cloned();
    let versions = questions
        .map(|question| Arc::new(QuestionVersion::unstored(question)))
        .collect();
    let questionnaire = Questionnaire::new(heading, versions, Some(set), fields, "a preview".to_owned());
    let nothing = Given::default();
    let course = Course::new(&questionnaire.versions, &nothing);
    (page < course.count()).then(|| (questionnaire.sample(&course, page), course.count()))
}
