//! A form that nobody has answered yet, on a link that asks for nothing else: but for a few values it
//! is the same page for all whom its step asks, and need be put together only once.

use std::sync::Arc;

use super::control;
use super::form::Form;
use super::paging::{Course, Given};
use super::questionnaire::Questionnaire;
use crate::design::Design;

/// What its page needs, without being put together yet.
#[derive(Debug)]
pub struct Untouched {
    /// Pages of one sort under one framework differ in these values alone.
    pub sort: Sort,
    pub design: Arc<Design>,
    pub values: Values,
    questionnaire: Questionnaire,
}

/// What the words of the page hang on, besides the framework.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sort {
    pub drip: String,
    /// In that framework.
    pub step: i32,
    pub language: Option<String>,
    pub role: Option<String>,
    pub segment: Option<String>,
}

/// Where each link's page differs from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    pub company: String,
    /// The path of the preferences.
    pub preferences: String,
    /// Sent back as it is: when the page was opened.
    pub opened: String,
}

impl Untouched {
    /// `None` where the page is its contact's alone: adaptive and shuffled questions, the words of a
    /// deal; and where Markdown names the company, of whose name it may make part of an address.
    pub(super) fn of(questionnaire: &Questionnaire, drip: &str, step: i32, opened: String) -> Option<Untouched> {
        let design = questionnaire.shared.clone()?;
        let fields = &questionnaire.fields;
        let heading = &questionnaire.heading;
        let mut questions = questionnaire.versions.iter().map(|version| &version.question);
        if heading.company.is_empty()
            || fields.occurred_at.is_some()
            || questionnaire.intro_names_company()
            || questions.any(control::is_shuffled)
        {
            return None;
        }
        Some(Untouched {
            sort: Sort {
                drip: drip.to_owned(),
                step,
                language: heading.language.clone(),
                role: fields.role.clone(),
                segment: fields.segment.clone(),
            },
            design,
            values: Values {
                company: heading.company.clone(),
                preferences: heading.preferences.clone(),
                opened,
            },
            questionnaire: questionnaire.clone(),
        })
    }

    /// The form with these values in the places of its own.
    pub fn form_with(&self, values: &Values) -> Form {
        let mut questionnaire = self.questionnaire.clone();
        questionnaire.heading.company.clone_from(&values.company);
        questionnaire.heading.preferences.clone_from(&values.preferences);
        questionnaire.fields.company = Some(values.company.clone());
        let nothing = Given::default();
        let course = Course::new(&questionnaire.versions, &nothing);
        let page = course.first_open().or_else(|| course.last()).unwrap_or(0);
        let mut form = questionnaire.page(&course, page, &Default::default());
        form.opened.clone_from(&values.opened);
        form
    }
}
