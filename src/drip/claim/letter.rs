//! The letter of one mail, from its situation.

use std::collections::HashMap;
use std::sync::Arc;

use super::queries::SituationRow;
use crate::design::{self, Design};
use crate::drip::{questions, rules, step};
use crate::framework::{Letter, Question, Step, StepContent};
use crate::ids::FrameworkId;
use crate::mail::fields::Fields;
use crate::mail::letterhead::Letterhead;
use crate::mail::letters::{self, Draft};
use crate::phrases::Language;
use crate::store::{self, Conn};

/// Why there is no letter.
pub enum Unwritten {
    /// Names of merge fields.
    Blank(Vec<&'static str>),
    NoStep,
}

/// The frameworks that mails were made under, each fetched once.
pub struct Then {
    current: Arc<Design>,
    known: HashMap<FrameworkId, Arc<Design>>,
}

impl Then {
    pub fn new(current: Arc<Design>) -> Then {
        let known = HashMap::from([(current.id, current.clone())]);
        Then { current, known }
    }

    /// A step says what it said when it was reached, whatever has been edited since.
    fn of(&mut self, conn: &mut Conn, id: FrameworkId) -> store::Result<Arc<Design>> {
        if let Some(design) = self.known.get(&id) {
            return Ok(design.clone());
        }
        let design = design::at(conn, id)?.unwrap_or_else(|| self.current.clone());
        self.known.insert(id, design.clone());
        Ok(design)
    }
}

/// The letter of an invitation, as it is mailed and as `/view` shows it.
pub fn write(
    conn: &mut Conn,
    letterhead: &Letterhead,
    then: &mut Then,
    situation: &SituationRow,
    nth: i32,
) -> store::Result<Result<letters::Written, Unwritten>> {
    let invitation = &situation.invitation;
    let design = then.of(conn, invitation.framework_id)?;
    let step = design
        .framework
        .drip(&invitation.drip)
        .and_then(|drip| step::step_of(drip, invitation.framework_step));
    let Some((step, letter)) = step.and_then(|step| Some((step, letter_of(step, situation.segment.as_deref())?)))
    else {
        return Ok(Err(Unwritten::NoStep));
    };
    let letter = letter.for_reader(situation.language.as_deref());
    let fields = fields(&then.current, letterhead, situation);
    let links = letterhead.links(&invitation.nonce, rules::asks(step));
    let tap = match (&links.respond, first_in_mail(conn, &design, step, situation)?) {
        (Some(respond), Some(question)) => letters::tap(
            &question,
            fields.fill(translated(&question, situation.language.as_deref())),
            respond,
            situation.language.as_deref(),
        ),
        _ => None,
    };
    let draft = Draft {
        letter: &letter,
        is_reminder: nth > 0,
        fields: &fields,
        links: &links,
        tap,
        postal_address: &letterhead.postal_address,
        language: situation.language.as_deref(),
    };
    Ok(letters::write(&draft).map_err(|blank| Unwritten::Blank(blank.into_iter().map(|field| field.name()).collect())))
}

/// The recipient's values, with the segment's name as the framework has it now.
fn fields(current: &Design, letterhead: &Letterhead, situation: &SituationRow) -> Fields {
    let segment = situation.segment.as_deref();
    let segment = segment.and_then(|code| current.framework.segment(code).map(|segment| segment.name.clone()));
    Fields {
        language: Language::of(situation.language.as_deref()),
        first_name: situation.person.first_name.clone(),
        last_name: situation.person.last_name.clone(),
        email: Some(situation.email.clone()).filter(|email| !email.is_empty()),
        role: situation.person.role.clone(),
        company: Some(situation.company.clone()).filter(|name| !name.is_empty()),
        segment,
        product: situation.deal.as_ref().and_then(|deal| deal.product.clone()),
        occurred_at: situation.deal.as_ref().map(|deal| deal.occurred_at),
        sender: letterhead.sender().to_owned(),
    }
}

pub(in crate::drip) fn letter_of<'s>(step: &'s Step, segment: Option<&str>) -> Option<&'s Letter> {
    match &step.content {
        StepContent::Questions { letter, .. } | StepContent::Adaptive { letter, .. } => Some(letter),
        StepContent::Message { message } => segment
            .and_then(|segment| message.get(segment))
            .or_else(|| message.get("default")),
    }
}

/// The step's first question, where its options stand in the mail.
fn first_in_mail(
    conn: &mut Conn,
    design: &Design,
    step: &Step,
    situation: &SituationRow,
) -> store::Result<Option<Question>> {
    let wanted = match &step.content {
        StepContent::Questions {
            first_question_in_mail, ..
        }
        | StepContent::Adaptive {
            first_question_in_mail, ..
        } => *first_question_in_mail,
        StepContent::Message { .. } => false,
    };
    if !wanted {
        return Ok(None);
    }
    let invitation = &situation.invitation;
    let asked = questions::of_step(conn, design, step, invitation.contact_id, Some(invitation.id))?;
    Ok(asked.first().map(|version| version.question.clone()))
}

/// The question in the contact's language, where it was translated.
pub(in crate::drip) fn translated<'q>(question: &'q Question, language: Option<&str>) -> &'q str {
    let texts = question.texts(language);
    texts.and_then(|texts| texts.text.as_deref()).unwrap_or(&question.text)
}
