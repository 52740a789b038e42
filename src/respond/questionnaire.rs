//! All questions that a link asks, and the words in which it asks them.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::control;
use super::form::{Asked, Condition, Form, Heading, PageNumber};
use super::paging::Course;
use crate::answers::form::Fields as Posted;
use crate::design::{self, Design, QuestionVersion};
use crate::drip::queries::SituationRow;
use crate::drip::{questions, step_of};
use crate::framework::merge::{MergeField, Template};
use crate::framework::{Kind, Question, QuestionSet, SetTexts, Step, StepContent};
use crate::ids::{ContactId, InvitationId};
use crate::mail::fields::Fields;
use crate::mail::letterhead::Letterhead;
use crate::mail::token::{self, Purpose};
use crate::phrases::{self, Language};
use crate::store::{self, Conn};
use crate::text::markdown;

#[derive(Debug, Clone)]
pub struct Questionnaire {
    pub heading: Heading,
    pub versions: Vec<Arc<QuestionVersion>>,
    /// Of the questions' words.
    tag: String,
    title: String,
    /// Markdown.
    intro: String,
    pub(super) fields: Fields,
    seed: String,
    /// The framework whose step asks all its contacts the same; `None`: each is asked questions of
    /// their own.
    pub(super) shared: Option<Arc<Design>>,
}

pub fn heading(letterhead: &Letterhead, situation: &SituationRow) -> Heading {
    let nonce = &situation.invitation.nonce;
    let token = token::make(letterhead.key(), Purpose::Preferences, nonce);
    Heading {
        company: situation.company.clone(),
        language: situation.language.clone(),
        preferences: format!("/preferences/{token}"),
    }
}

/// `None` for a step that asks nothing, or that stands in no framework any more.
pub fn load(
    conn: &mut Conn,
    letterhead: &Letterhead,
    situation: &SituationRow,
    heading: Heading,
) -> store::Result<Option<Questionnaire>> {
    let invitation = &situation.invitation;
    let Some(design) = design::at(conn, invitation.framework_id)? else {
        return Ok(None);
    };
    let segment = situation.segment.as_deref();
    let segment = segment.and_then(|code| design.framework.segment(code).map(|segment| segment.name.clone()));
    let deal = situation.deal.as_ref();
    // A link may be passed on: the page names the company, and nobody.
    let fields = Fields {
        role: situation.person.role.clone(),
        company: Some(situation.company.clone()).filter(|name| !name.is_empty()),
        segment,
        product: deal.and_then(|deal| deal.product.clone()),
        occurred_at: deal.map(|deal| deal.occurred_at),
        sender: letterhead.sender().to_owned(),
        ..Fields::default()
    };
    let drip = design.framework.drip(&invitation.drip);
    match drip.and_then(|drip| step_of(drip, invitation.framework_step)) {
        Some(step) => {
            let whom = (invitation.contact_id, Some(invitation.id));
            let mut questionnaire = of_step(conn, &design, step, whom, heading, fields)?;
            if let (Some(questionnaire), StepContent::Questions { .. }) = (&mut questionnaire, &step.content) {
                questionnaire.shared = Some(design.clone());
            }
            Ok(questionnaire)
        }
        None => Ok(None),
    }
}

/// The same of a step, for a contact who need not have been invited. `None`: it asks nothing.
pub fn of_step(
    conn: &mut Conn,
    design: &Design,
    step: &Step,
    (contact, invitation): (ContactId, Option<InvitationId>),
    heading: Heading,
    fields: Fields,
) -> store::Result<Option<Questionnaire>> {
    let versions = questions::of_step(conn, design, step, contact, invitation)?;
    let set = set_of(design, step);
    Ok((!versions.is_empty()).then(|| Questionnaire::new(heading, versions, set, fields, seed(contact))))
}

/// A contact finds shuffled options in the same order whenever and wherever it is asked.
fn seed(contact: ContactId) -> String {
    format!("contact {}", contact.0)
}

/// Whose title and intro the form has.
fn set_of<'d>(design: &'d Design, step: &Step) -> Option<&'d QuestionSet> {
    match &step.content {
        StepContent::Questions { question_set, .. } => design.framework.question_set(question_set),
        StepContent::Adaptive { adaptive, .. } => {
            adaptive.pool.first().and_then(|set| design.framework.question_set(set))
        }
        StepContent::Message { .. } => None,
    }
}

impl Questionnaire {
    /// `seed` shuffles.
    pub fn new(
        heading: Heading,
        versions: Vec<Arc<QuestionVersion>>,
        set: Option<&QuestionSet>,
        fields: Fields,
        seed: String,
    ) -> Questionnaire {
        let language = heading.language.as_deref();
        let none = SetTexts::default();
        let texts = set.and_then(|set| set.texts(language)).unwrap_or(&none);
        let title = texts.title.as_ref().or(set.map(|set| &set.title));
        let intro = texts.intro.as_ref().or(set.map(|set| &set.intro));
        // What was not translated is taken to be in the reader's language, where we speak that, too.
        let spoken = set.and_then(|set| set.spoken(language));
        let tag = phrases::tag_of(spoken.or(Some(Language::of(language).tag())));
        Questionnaire {
            tag: tag.to_owned(),
            title: title.cloned().unwrap_or_default(),
            intro: intro.cloned().unwrap_or_default(),
            versions,
            fields,
            seed,
            heading,
            shared: None,
        }
    }

    pub(super) fn intro_names_company(&self) -> bool {
        let names = |template: Template| template.fields().any(|field| field == MergeField::CompanyName);
        Template::parse(&self.intro).is_ok_and(names)
    }

    /// The codes of its questions.
    pub fn codes(&self) -> Vec<&str> {
        let codes = self.versions.iter().map(|version| version.question.code.as_str());
        codes.collect()
    }

    /// The name of a field that came more often than its question has answers.
    pub fn sent_twice(&self, posted: &[(String, String)]) -> Option<String> {
        let takes_many = |name: &str| {
            let version = self.versions.iter().find(|version| version.question.code == name);
            version.is_some_and(|version| matches!(version.question.kind, Kind::MultipleChoice { .. }))
        };
        let mut seen = HashSet::new();
        let mut names = posted.iter().map(|(name, _)| name.as_str());
        names
            .find(|name| !seen.insert(*name) && !takes_many(name))
            .map(str::to_owned)
    }

    /// The page as the contact comes to it, with whatever else of the form is in `besides`.
    pub fn page(&self, course: &Course, page: usize, besides: &BTreeSet<usize>) -> Form {
        let mut places: BTreeSet<usize> = course.shown_on(page).into_iter().collect();
        places.extend(besides);
        let (nth, of) = course.pages_until(page);
        let number = PageNumber {
            number: page + 1,
            nth,
            of,
            has_before: course.before(page).is_some(),
            is_last: course.is_last(page),
        };
        self.form(course, places, Some(number))
    }

    /// The whole form on one page.
    pub fn whole(&self, course: &Course) -> Form {
        self.form(course, (0..self.versions.len()).collect(), None)
    }

    /// One page of the form with everything that may ever stand on it.
    pub fn sample(&self, course: &Course, page: usize) -> Form {
        let places = course.places(page).collect();
        let number = PageNumber {
            number: page + 1,
            nth: page + 1,
            of: course.count(),
            has_before: page > 0,
            is_last: page + 1 >= course.count(),
        };
        self.form(course, places, Some(number))
    }

    fn form(&self, course: &Course, places: BTreeSet<usize>, page: Option<PageNumber>) -> Form {
        let is_first = page.is_none_or(|page| page.nth <= 1);
        let intro = markdown::to_html(&self.fields.fill_markdown(&self.intro));
        let mut questions: Vec<Asked> = Vec::new();
        for place in places {
            let conditions = questions.iter().filter(|asked| asked.condition.is_some()).count();
            let condition = self.condition(place, &questions, conditions + 1);
            questions.push(self.show(course, place, condition));
        }
        let form = Form {
            language: Language::of(self.heading.language.as_deref()),
            tag: self.tag.clone(),
            title: self.fields.fill(&self.title),
            intro: Some(intro).filter(|html| is_first && !html.trim().is_empty()),
            sender: self.fields.sender.clone(),
            questions,
            page,
            rev: 0,
            opened: String::new(),
            mine: String::new(),
            carried: Vec::new(),
            fault: None,
            seed: self.seed.clone(),
            heading: self.heading.clone(),
        };
        form.filled(&[])
    }

    fn show(&self, course: &Course, place: usize, condition: Option<Condition>) -> Asked {
        let language = self.heading.language.as_deref();
        let version = &self.versions[place];
        let question = &version.question;
        let texts = question.texts(language);
        let help = texts.and_then(|texts| texts.help.as_ref()).unwrap_or(&question.help);
        let (number, of) = course.numbered(place);
        Asked {
            code: question.code.clone(),
            number,
            of,
            text: self.text_of(question),
            help: self.fields.fill(help),
            required: question.required,
            condition,
            control: control::of(question, language, &self.seed, &Posted::new(&[])),
            no_opinion: control::no_opinion(question, language).map(|words| (words, false)),
            is_kept: course.is_answered(place),
            fault: None,
            version: version.clone(),
        }
    }

    fn text_of(&self, question: &Question) -> String {
        let texts = question.texts(self.heading.language.as_deref());
        let text = texts.and_then(|texts| texts.text.as_ref()).unwrap_or(&question.text);
        self.fields.fill(text)
    }

    /// "Only if you answered …", where the other question stands on the same page: the reader decides,
    /// and a browser that can hides what is not asked.
    fn condition(&self, place: usize, above: &[Asked], mark: usize) -> Option<Condition> {
        let show_if = self.versions[place].question.show_if.as_ref()?;
        let other = above.iter().find(|asked| asked.code == show_if.question)?;
        let question = &other.version.question;
        let language = self.heading.language.as_deref();
        let options = question.kind.options().iter();
        let words: Vec<String> = options
            .filter(|option| show_if.any_of.contains(&option.code))
            .map(|option| format!("“{}”", control::words(question, option, language)))
            .collect();
        let own = Language::of(language);
        let (answer, asked) = (own.either(&words), format!("“{}”", other.text));
        let values = [("answer", (&answer).into()), ("question", (&asked).into())];
        Some(Condition {
            words: own.say_with("form-only-if", &values),
            mark,
        })
    }
}
