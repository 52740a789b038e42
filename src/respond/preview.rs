//! A question set as a respondent would see it, in any of its languages. Nothing is recorded.

use super::form::{self, Form, Heading};
use crate::design::Design;
use crate::drip::preview::Reader;
use crate::framework::SetTexts;
use crate::mail::fields::{self, Fields};
use crate::mail::letterhead::Letterhead;
use crate::store::{self, Conn};
use crate::text::markdown;

/// The form of a question set. Its merge fields are filled for `reader`, where there is one. `None`: no
/// such set.
pub fn form(
    conn: &mut Conn,
    letterhead: &Letterhead,
    design: &Design,
    set: &str,
    language: Option<&str>,
    reader: Option<&Reader>,
) -> store::Result<Option<Form>> {
    let Some(set) = design.framework.question_set(set) else {
        return Ok(None);
    };
    let fields = match reader {
        // As on the real page, which names the company and nobody.
        Some(reader) => Fields {
            first_name: None,
            last_name: None,
            email: None,
            ..fields::load(
                conn,
                design,
                reader.contact,
                reader.company,
                reader.transaction,
                letterhead.sender(),
            )?
        },
        None => Fields {
            sender: letterhead.sender().to_owned(),
            ..Fields::default()
        },
    };
    let none = SetTexts::default();
    let texts = set.texts(language).unwrap_or(&none);
    let (title, intro) = (
        texts.title.as_ref().unwrap_or(&set.title),
        texts.intro.as_ref().unwrap_or(&set.intro),
    );
    let asked = design.questions_of(&set.code).into_iter();
    let questions = asked.map(|version| form::show(design, version, language, NONCE, &fields));
    Ok(Some(Form {
        title: fields.fill(title),
        intro: Some(markdown::to_html(&fields.fill_markdown(intro))).filter(|html| !html.trim().is_empty()),
        sender: letterhead.sender().to_owned(),
        questions: questions.collect(),
        rev: 0,
        opened: String::new(),
        fault: None,
        nonce: NONCE.to_owned(),
        heading: Heading {
            company: reader.map(|reader| reader.company_name.clone()).unwrap_or_default(),
            language: language.map(str::to_owned),
            preferences: String::new(),
        },
    }))
}

/// Shuffles the options, the same each time.
const NONCE: &str = "a form that is only looked at";
