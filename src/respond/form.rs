//! The form of an invitation: its questions in the contact's words, with what was typed so far.

use std::collections::HashSet;
use std::sync::Arc;

use super::control::{self, Control};
use crate::answers::form::{FieldFault, Fields as Posted};
use crate::design::{self, Design, QuestionVersion};
use crate::drip::queries::{self, InvitationRow};
use crate::drip::{questions, step_of};
use crate::framework::{Kind, Question, SetTexts, Step, StepContent};
use crate::mail::fields::{self, Fields};
use crate::mail::letterhead::Letterhead;
use crate::mail::token::{self, Purpose};
use crate::phrases::Language;
use crate::store::{self, Conn};
use crate::text::markdown;

/// What every page of a link may say, to whomever it was passed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heading {
    pub company: String,
    pub language: Option<String>,
    /// Where its reader says which mails to get: the path.
    pub preferences: String,
}

/// The form of one step, all its questions on one page.
#[derive(Debug)]
pub struct Form {
    pub heading: Heading,
    pub title: String,
    /// Clean HTML.
    pub intro: Option<String>,
    pub sender: String,
    pub questions: Vec<Asked>,
    /// Sent back as it is: which state of the answers this page was made from.
    pub rev: i32,
    /// Sent back as it is: when the page was opened.
    pub opened: String,
    /// What is wrong with the form as a whole.
    pub fault: Option<&'static str>,
    pub(super) nonce: String,
}

/// One question, ready to be shown.
#[derive(Debug)]
pub struct Asked {
    pub code: String,
    pub text: String,
    pub help: String,
    pub required: bool,
    /// On which answer to which question it hangs, in words.
    pub condition: Option<String>,
    pub control: Control,
    /// "I can't say" beside the options: its words, and whether it is ticked.
    pub no_opinion: Option<(String, bool)>,
    pub fault: Option<String>,
    version: Arc<QuestionVersion>,
}

impl Form {
    /// The same form with these fields filled in.
    pub(super) fn filled(mut self, posted: &[(String, String)]) -> Form {
        let posted = Posted::new(posted);
        let language = self.heading.language.clone();
        for asked in &mut self.questions {
            let question = &asked.version.question;
            asked.control = control::of(question, language.as_deref(), &self.nonce, &posted);
            if let Some((_, ticked)) = &mut asked.no_opinion {
                *ticked = posted.one(&format!("{}.no_opinion", question.code)).is_some();
            }
        }
        self
    }

    /// The same form with what is wrong said at each question.
    pub(super) fn marked(mut self, faults: &[FieldFault]) -> Form {
        let language = Language::of(self.heading.language.as_deref());
        for asked in &mut self.questions {
            let fault = faults.iter().find(|fault| fault.question == asked.code);
            asked.fault = fault.map(|fault| fault.fault.in_language(language));
        }
        self
    }

    pub(super) fn without_an_answer(mut self) -> Form {
        self.fault = Some("Nothing was answered yet. Please answer at least one question.");
        self
    }

    /// The name of a field that came more often than its question has answers.
    pub(super) fn sent_twice(&self, posted: &[(String, String)]) -> Option<String> {
        let takes_many = |name: &str| {
            let asked = self.questions.iter().find(|asked| asked.code == name);
            asked.is_some_and(|asked| matches!(asked.version.question.kind, Kind::MultipleChoice { .. }))
        };
        let mut seen = HashSet::new();
        let mut names = posted.iter().map(|(name, _)| name.as_str());
        names
            .find(|name| !seen.insert(*name) && !takes_many(name))
            .map(str::to_owned)
    }

    pub(super) fn versions(&self) -> Vec<Arc<QuestionVersion>> {
        self.questions.iter().map(|asked| asked.version.clone()).collect()
    }

    pub fn is_faulty(&self) -> bool {
        self.fault.is_some() || self.questions.iter().any(|asked| asked.fault.is_some())
    }
}

pub(super) fn heading(conn: &mut Conn, letterhead: &Letterhead, invitation: &InvitationRow) -> store::Result<Heading> {
    let situation = queries::find_situation(conn, invitation.id)?;
    let company = queries::find_company_name(conn, invitation.company_id)?;
    Ok(Heading {
        company: company.unwrap_or_default(),
        language: situation.and_then(|situation| situation.language),
        preferences: format!(
            "/preferences/{}",
            token::make(letterhead.key(), Purpose::Preferences, &invitation.nonce)
        ),
    })
}

/// `None` for a step that asks nothing, or that stands in no framework any more.
pub(super) fn load(
    conn: &mut Conn,
    letterhead: &Letterhead,
    invitation: &InvitationRow,
    heading: Heading,
    opened: String,
) -> store::Result<Option<Form>> {
    let Some(design) = design::at(conn, invitation.framework_id)? else {
        return Ok(None);
    };
    let drip = design.framework.drip(&invitation.drip);
    let Some(step) = drip.and_then(|drip| step_of(drip, invitation.framework_step)) else {
        return Ok(None);
    };
    let asked = questions::of_step(conn, &design, step, invitation.contact_id, Some(invitation.id))?;
    if asked.is_empty() {
        return Ok(None);
    }
    let transaction = queries::find_situation(conn, invitation.id)?.and_then(|situation| situation.transaction_id);
    let (contact, company) = (invitation.contact_id, invitation.company_id);
    // A link may be passed on: the page names the company, and nobody.
    let fields = Fields {
        first_name: None,
        last_name: None,
        email: None,
        ..fields::load(conn, &design, contact, company, transaction, letterhead.sender())?
    };
    let language = heading.language.as_deref();
    let (title, intro) = title_and_intro(&design, step, language);
    let questions = asked
        .into_iter()
        .map(|version| show(&design, version, language, &invitation.nonce, &fields));
    Ok(Some(Form {
        title: fields.fill(&title),
        intro: Some(markdown::to_html(&fields.fill_markdown(&intro))).filter(|html| !html.trim().is_empty()),
        sender: letterhead.sender().to_owned(),
        questions: questions.collect(),
        rev: invitation.rev,
        opened,
        fault: None,
        nonce: invitation.nonce.clone(),
        heading,
    }))
}

fn title_and_intro(design: &Design, step: &Step, language: Option<&str>) -> (String, String) {
    let set = match &step.content {
        StepContent::Questions { question_set, .. } => design.framework.question_set(question_set),
        StepContent::Adaptive { adaptive, .. } => {
            adaptive.pool.first().and_then(|set| design.framework.question_set(set))
        }
        StepContent::Message { .. } => None,
    };
    let Some(set) = set else { return Default::default() };
    let none = SetTexts::default();
    let texts = set.texts(language).unwrap_or(&none);
    let title = texts.title.as_ref().unwrap_or(&set.title);
    let intro = texts.intro.as_ref().unwrap_or(&set.intro);
    (title.clone(), intro.clone())
}

pub(super) fn show(
    design: &Design,
    version: Arc<QuestionVersion>,
    language: Option<&str>,
    nonce: &str,
    fields: &Fields,
) -> Asked {
    let question = &version.question;
    let texts = question.texts(language);
    let text = texts.and_then(|texts| texts.text.as_ref()).unwrap_or(&question.text);
    let help = texts.and_then(|texts| texts.help.as_ref()).unwrap_or(&question.help);
    let no_opinion = texts
        .and_then(|texts| texts.no_opinion.as_ref())
        .or(question.no_opinion.as_ref());
    Asked {
        code: question.code.clone(),
        text: fields.fill(text),
        help: fields.fill(help),
        required: question.required,
        condition: condition(design, question, language, fields),
        control: control::of(question, language, nonce, &Posted::new(&[])),
        no_opinion: no_opinion.map(|words| (words.clone(), false)),
        fault: None,
        version: version.clone(),
    }
}

/// "Only if you answered …": on one page without scripts the reader decides.
fn condition(design: &Design, question: &Question, language: Option<&str>, fields: &Fields) -> Option<String> {
    let condition = question.show_if.as_ref()?;
    let other = &design.version_of(&condition.question)?.question;
    let options = other
        .kind
        .options()
        .iter()
        .filter(|option| condition.any_of.contains(&option.code));
    let words: Vec<String> = options.map(|option| control::words(other, option, language)).collect();
    Some(format!(
        "Only if you answered “{}” to “{}”.",
        words.join("” or “"),
        fields.fill(&other.text)
    ))
}
