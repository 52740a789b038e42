//! Taking a mail out of the queue: everything that may speak against sending it is looked at again
//! in the transaction that claims it, and its bytes are frozen there.

use chrono::{NaiveDateTime, TimeDelta};

use super::queries::{self, SituationRow};
use super::{questions, rules, step, window};
use crate::design::{self, Design};
use crate::framework::{Cap, Drip, Letter, Question, Step, StepContent};
use crate::ids::InvitationId;
use crate::mail::fields;
use crate::mail::letterhead::Letterhead;
use crate::mail::letters::{self, Draft};
use crate::mail::outbox::{self, Claim, Recipient, WaitingRow};
use crate::mail::transport::message::{self, Parts};
use crate::mail::{suppression, token};
use crate::store::{self, Conn, Turn, marks, take_turn};
use crate::text::figures;

/// A claimed mail, ready to be handed over.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub claim: Claim,
    pub invitation: InvitationId,
    pub nth: i32,
    pub drip: String,
    pub from: String,
    pub to: String,
    pub email_key: String,
    pub subject: String,
    pub bytes: Vec<u8>,
}

/// What the queue gave.
#[derive(Debug)]
pub enum Next {
    Parcel(Box<Parcel>),
    /// Those looked at must wait or are not needed any more: ask again.
    Again,
    /// Nothing is due.
    Nothing,
}

/// Looked at in one claim: a claim stays short, whatever stands in front.
const LOOKED_AT: i64 = 20;
/// A mail with a blank field is looked at again after so long: an import may have filled it.
const BLANK_MINUTES: i64 = 60;

/// Claims the mail that has been due the longest.
pub fn claim(conn: &mut Conn, now: NaiveDateTime, letterhead: &Letterhead, owner: &str) -> store::Result<Next> {
    if marks::find(conn, marks::SENDING_PAUSED)?.is_some() {
        return Ok(Next::Nothing);
    }
    take_turn(conn, Turn::Claims)?;
    let design = design::current(conn)?;
    let waiting = outbox::list_due(conn, now, LOOKED_AT)?;
    if waiting.is_empty() {
        return Ok(Next::Nothing);
    }
    for mail in &waiting {
        match look_at(conn, now, letterhead, &design, mail)? {
            Verdict::Go(parcel) => {
                if let Some(claim) = outbox::claim(conn, mail, owner)? {
                    return Ok(Next::Parcel(Box::new(Parcel { claim, ..*parcel })));
                }
            }
            Verdict::Wait(until, why) => {
                outbox::hold(conn, mail, until, &why)?;
            }
            Verdict::Needless(why) => {
                outbox::cancel_one(conn, now, mail, &why)?;
            }
            Verdict::Hopeless(why) => {
                outbox::fail_one(conn, now, mail, &why)?;
                step::note_failed(conn, mail.invitation_id, mail.nth, &why)?;
            }
        }
    }
    Ok(Next::Again)
}

enum Verdict {
    Go(Box<Parcel>),
    Wait(NaiveDateTime, String),
    Needless(String),
    Hopeless(String),
}

fn look_at(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    design: &Design,
    mail: &WaitingRow,
) -> store::Result<Verdict> {
    let Some(situation) = queries::find_situation(conn, mail.invitation_id)? else {
        return Ok(Verdict::Needless("the contact is gone".into()));
    };
    let drip = design.framework.drip(&mail.drip);
    let Some(drip) = drip.filter(|drip| step::step_of(drip, mail.step).is_some()) else {
        return Ok(Verdict::Needless("the step is no longer in the framework".into()));
    };
    if let Some(why) = needless(now, mail, &situation) {
        return Ok(Verdict::Needless(why));
    }
    if let Some(why) = suppression::find(conn, &situation.email_key, &mail.drip)? {
        return Ok(Verdict::Needless(why));
    }
    if let Some((until, why)) = not_yet(conn, now, design, drip, mail, &situation)? {
        return Ok(Verdict::Wait(until, why));
    }
    prepare(conn, now, letterhead, design, mail, situation)
}

fn needless(now: NaiveDateTime, mail: &WaitingRow, situation: &SituationRow) -> Option<String> {
    let invitation = &situation.invitation;
    if invitation.answered_at.is_some() {
        return Some("answered".into());
    }
    if invitation.closes_at.is_some_and(|closes_at| closes_at <= now) {
        return Some("the step has closed".into());
    }
    // A finished enrolment still reminds of its last step.
    let stopped = situation.enrolment_state == "stopped";
    stopped.then(|| {
        let cause = situation
            .enrolment_cause
            .as_deref()
            .unwrap_or("the drip was stopped for this contact");
        if mail.nth > 0 {
            format!("no reminder: {cause}")
        } else {
            cause.to_owned()
        }
    })
}

/// Until when the mail waits for its window or a cap, and why.
fn not_yet(
    conn: &mut Conn,
    now: NaiveDateTime,
    design: &Design,
    drip: &Drip,
    mail: &WaitingRow,
    situation: &SituationRow,
) -> store::Result<Option<(NaiveDateTime, String)>> {
    if let Some(hours) = &drip.send_window {
        let zone = window::zone_of(situation.time_zone.as_deref(), situation.company_time_zone.as_deref());
        let opens_at = window::next_allowed(hours, zone, now);
        if opens_at > now {
            return Ok(Some((opens_at, "the send window is closed".into())));
        }
    }
    let settings = &design.framework.settings;
    let caps = [
        (
            settings.max_mails_per_contact,
            Recipient::Contact(mail.contact_id),
            "this contact",
        ),
        (
            settings.max_mails_per_company,
            Recipient::Company(mail.company_id),
            "this company",
        ),
    ];
    for (cap, recipient, whose) in caps {
        let Some(cap) = cap else { continue };
        if let Some(frees_at) = frees_at(conn, now, cap, recipient)? {
            let mails = figures::counted(i64::from(cap.count), "mail", "mails");
            let days = figures::counted(i64::from(cap.days), "day", "days");
            return Ok(Some((frees_at, format!("{whose} gets at most {mails} in {days}"))));
        }
    }
    Ok(None)
}

fn frees_at(
    conn: &mut Conn,
    now: NaiveDateTime,
    cap: Cap,
    recipient: Recipient,
) -> store::Result<Option<NaiveDateTime>> {
    let since = now - TimeDelta::days(cap.days.into());
    let mails = outbox::sent_since(conn, recipient, since)?;
    let sent: Vec<NaiveDateTime> = mails.iter().copied().flatten().collect();
    let frees_at = rules::cap_frees_at(cap, &sent, now);
    // One under way may yet fail: it holds the next one back for a moment, not for the cap's span.
    let is_full = mails.len() >= cap.count as usize;
    Ok(frees_at.or(is_full.then(|| now + TimeDelta::minutes(1))))
}

/// The bytes of the first claim, or (now, and for ever) those that the letter gives.
fn prepare(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    design: &Design,
    mail: &WaitingRow,
    situation: SituationRow,
) -> store::Result<Verdict> {
    let mut parcel = Parcel {
        claim: Claim {
            mail: mail.id,
            attempts: mail.attempts,
        },
        invitation: mail.invitation_id,
        nth: mail.nth,
        drip: mail.drip.clone(),
        from: letterhead.envelope_from(&situation.invitation.nonce),
        to: mail.to_address.clone(),
        email_key: situation.email_key.clone(),
        subject: String::new(),
        bytes: Vec::new(),
    };
    if mail.message_id.is_some()
        && let Some(bytes) = outbox::frozen(conn, mail.id)?
    {
        parcel.bytes = bytes;
        return Ok(Verdict::Go(Box::new(parcel)));
    }
    let written = match write(conn, letterhead, design, &situation, mail.nth)? {
        Ok(written) => written,
        Err(Unwritten::Blank(fields)) => {
            let why = format!("{} is blank and has no fallback", fields.join(", "));
            return Ok(Verdict::Wait(now + TimeDelta::minutes(BLANK_MINUTES), why));
        }
        Err(Unwritten::NoStep) => return Ok(Verdict::Needless("the step has nothing to send".into())),
    };
    let nonce = &situation.invitation.nonce;
    let message_id = letterhead.message_id(nonce, mail.nth);
    let composed = message::compose(&Parts {
        from: &letterhead.from,
        to: &situation.email,
        subject: &written.subject,
        text: &written.text,
        html: &written.html,
        message_id: &message_id,
        date: now,
        unsubscribe_url: &letterhead.links(nonce, false).unsubscribe,
        boundary: &token::hash(&message_id)[..32],
    });
    match composed {
        Err(why) => Ok(Verdict::Hopeless(why)),
        Ok(bytes) if bytes.len() > letters::MOST_BYTES => {
            Ok(Verdict::Hopeless("the mail is larger than 100 KB".into()))
        }
        Ok(bytes) => {
            outbox::freeze(conn, mail.id, &situation.email, &message_id, &bytes)?;
            parcel.to = situation.email;
            parcel.subject = written.subject;
            parcel.bytes = bytes;
            Ok(Verdict::Go(Box::new(parcel)))
        }
    }
}

/// Why there is no letter.
pub enum Unwritten {
    /// Names of merge fields.
    Blank(Vec<&'static str>),
    NoStep,
}

/// The letter of an invitation, as it is mailed and as `/view` shows it.
pub fn write(
    conn: &mut Conn,
    letterhead: &Letterhead,
    current: &Design,
    situation: &SituationRow,
    nth: i32,
) -> store::Result<Result<letters::Written, Unwritten>> {
    let invitation = &situation.invitation;
    // A step says what it said when it was reached, whatever has been edited since.
    let then = design::at(conn, invitation.framework_id)?;
    let then = then.as_deref().unwrap_or(current);
    let step = then
        .framework
        .drip(&invitation.drip)
        .and_then(|drip| step::step_of(drip, invitation.step));
    let Some((step, letter)) = step.and_then(|step| Some((step, letter_of(step, situation.segment.as_deref())?)))
    else {
        return Ok(Err(Unwritten::NoStep));
    };
    let fields = fields::load(
        conn,
        current,
        invitation.contact_id,
        invitation.company_id,
        situation.transaction_id,
        letterhead.sender(),
    )?;
    let links = letterhead.links(&invitation.nonce, rules::asks(step));
    let tap = match (&links.respond, first_in_mail(conn, then, step, situation)?) {
        (Some(respond), Some(question)) => letters::tap(
            &question,
            fields.fill(translated(&question, situation.language.as_deref())),
            respond,
            situation.language.as_deref(),
        ),
        _ => None,
    };
    let draft = Draft {
        letter,
        is_reminder: nth > 0,
        fields: &fields,
        links: &links,
        tap,
        postal_address: &letterhead.postal_address,
        language: situation.language.as_deref(),
    };
    Ok(letters::write(&draft).map_err(|blank| Unwritten::Blank(blank.into_iter().map(|field| field.name()).collect())))
}

pub(super) fn letter_of<'s>(step: &'s Step, segment: Option<&str>) -> Option<&'s Letter> {
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
pub(super) fn translated<'q>(question: &'q Question, language: Option<&str>) -> &'q str {
    let texts = language.and_then(|language| question.translations.get(language));
    texts.and_then(|texts| texts.text.as_deref()).unwrap_or(&question.text)
}
