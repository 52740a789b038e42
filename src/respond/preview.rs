//! A set's form as a respondent would see it, whether the set is in force, changed or new: nobody was
//! invited, and nothing is recorded.

use std::sync::Arc;

use super::form::{Form, Heading};
use super::paging::{Course, Given};
use super::questionnaire::Questionnaire;
use crate::design::{Design, QuestionVersion};
use crate::drip::preview::Reader;
use crate::framework::QuestionSet;
use crate::mail::fields::{self, Fields};
use crate::mail::letterhead::Letterhead;
use crate::store::{self, Conn};

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

/// The merge fields of such a form: `reader`'s, where there is one, else ours alone.
pub fn fields_of(
    conn: &mut Conn,
    letterhead: &Letterhead,
    design: &Design,
    reader: Option<&Reader>,
) -> store::Result<Fields> {
    let sender = letterhead.sender();
    match reader {
        Some(reader) => fields::load(conn, design, reader.contact, reader.company, reader.transaction, sender),
        None => Ok(Fields {
            sender: sender.to_owned(),
            ..Fields::default()
        }),
    }
}
