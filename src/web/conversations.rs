//! Conversations noted: with whom, what was said, and answers taken from it on the contact's behalf.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use crate::answers::form as posted;
use crate::clock::Clock;
use crate::companies::contacts;
use crate::companies::listing::{self, Listed, Viewer};
use crate::config::Config;
use crate::conversations::{self, LONGEST_NOTE, New, Spoken};
use crate::design::{self, Design, QuestionVersion};
use crate::framework::Kind;
use crate::needs;
use crate::store::{Conn, Db};

use super::companies::{segment_name, value};
use super::design::tryout::Asked;
use super::error::{AppError, Fault};
use super::form::{Faults, Form};
use super::identity::company_href;
use super::page::{Page, see_other_with_notice};
use super::session::{Sales, Sight};
use super::words;

#[derive(Template)]
#[template(path = "companies/conversation.html")]
pub struct Show {
    design: Arc<Design>,
    company: Listed,
    people: Vec<contacts::Listed>,
    contact: Option<contacts::Listed>,
    /// The set whose questions are asked; blank: those of the guide.
    set: String,
    asked: Vec<Asked>,
    /// What is open about the company's segment, in a sentence.
    open: String,
    spoken: String,
    held_on: String,
    note: String,
    today: NaiveDate,
    faults: Faults,
}

/// `GET /companies/{external_id}/conversations/new?contact=…&set=…`
pub async fn new(
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
    parameters: Query<Vec<(String, String)>>,
    _: Sales,
    Sight(viewer): Sight,
) -> Result<Page<Show>, AppError> {
    let now = clock.now();
    let page = db
        .read(move |conn| {
            let mut page = load(conn, now, &viewer, &external_id, &parameters)?;
            let versions = match page.set.as_str() {
                "" => guided(conn, &page)?,
                set => of_set(&page.design, set),
            };
            page.asked = versions.iter().map(|version| Asked::of(version, &[], None)).collect();
            Ok::<_, AppError>(page)
        })
        .await?;
    Ok(Page(page))
}

fn guided(conn: &mut Conn, page: &Show) -> Result<Vec<Arc<QuestionVersion>>, AppError> {
    match &page.contact {
        Some(contact) => Ok(conversations::guide(conn, &page.design, contact.id)?),
        None => Ok(Vec::new()),
    }
}

/// A text is no answer that is scored: what was said stands in the note.
fn of_set(design: &Design, set: &str) -> Vec<Arc<QuestionVersion>> {
    let versions = design.questions_of(set).into_iter();
    versions
        .filter(|version| !matches!(version.question.kind, Kind::Text { .. }))
        .collect()
}

fn load(
    conn: &mut Conn,
    now: NaiveDateTime,
    viewer: &Viewer,
    external_id: &str,
    fields: &[(String, String)],
) -> Result<Show, AppError> {
    let design = design::current(conn)?;
    let company = listing::find(conn, viewer, external_id)?.ok_or(AppError::NotFound)?;
    let people = conversations::list_people(conn, &company)?;
    let wanted = value(fields, "contact");
    let contact = match wanted {
        "" => people.first(),
        wanted => people.iter().find(|contact| contact.external_id == wanted),
    };
    if contact.is_none() && !wanted.is_empty() {
        return Err(AppError::NotFound);
    }
    let standing = needs::list_standings(conn, &design, &[company.id])?
        .pop()
        .unwrap_or_default();
    let open = match (standing.survey(), &standing.why_none) {
        (Some(survey), _) => match (&survey.segment, &survey.runner_up, survey.confidence) {
            (Some(first), Some(second), Some(confidence)) => format!(
                "By its answers it is {} rather than {}, with a confidence of {}: these questions tell the two apart best.",
                segment_name(&design, first),
                segment_name(&design, second),
                crate::text::figures::share(confidence),
            ),
            _ => "It has its segment by the answers.".to_owned(),
        },
        (None, Some(why)) => {
            format!("Its answers do not tell its segment yet ({why}): these questions would tell most.")
        }
        (None, None) => "Its segment does not rest on answers yet: these questions would tell most.".to_owned(),
    };
    Ok(Show {
        contact: contact.cloned(),
        people,
        company,
        set: value(fields, "set").to_owned(),
        asked: Vec::new(),
        open,
        spoken: "call".to_owned(),
        held_on: now.date().to_string(),
        note: String::new(),
        today: now.date(),
        design,
        faults: Faults::default(),
    })
}

/// `POST /companies/{external_id}/conversations/new`
pub async fn create(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    external_id: Path<String>,
    Sales(user): Sales,
    Sight(viewer): Sight,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, fields) = (clock.now(), form.0.clone());
    let (spoken, held_on) = (form.text("kind")?.to_owned(), form.text("held_on")?.to_owned());
    let note = form.text("note")?.trim().to_owned();
    let done = db
        .write(move |conn| {
            let mut page = load(conn, now, &viewer, &external_id, &fields)?;
            let asked: Vec<&str> = fields
                .iter()
                .filter(|(name, _)| name == "asked")
                .map(|(_, code)| code.as_str())
                .collect();
            let versions: Vec<Arc<QuestionVersion>> = asked
                .iter()
                .filter_map(|code| page.design.version_of(code).cloned())
                .collect();
            let read = posted::read(&versions, &fields, &[], |_| false);
            let mut faults = Vec::new();
            let kind = Spoken::parse(&spoken);
            if kind.is_none() {
                faults.push(Fault::new("kind", "Choose how you spoke."));
            }
            let day: Option<NaiveDate> = held_on.trim().parse().ok();
            match day {
                None => faults.push(Fault::new("held_on", "Write the day like 2026-03-31.")),
                Some(day) if day > now.date() => faults.push(Fault::new("held_on", "That day has not come yet.")),
                Some(_) => {}
            }
            let length = note.chars().count();
            if length > LONGEST_NOTE {
                let message = format!("It has {length} characters; at most {LONGEST_NOTE} are kept.");
                faults.push(Fault::new("note", message));
            }
            if note.is_empty() && read.answers.is_empty() && read.faults.is_empty() {
                faults.push(Fault::new("note", "Write what was said, or answer a question."));
            }
            if page.contact.is_none() {
                faults.push(Fault::new("contact", "Choose with whom you spoke."));
            }
            if let (true, true, Some(contact), Some(spoken), Some(held_on)) =
                (faults.is_empty(), read.faults.is_empty(), &page.contact, kind, day)
            {
                let answered = read.answers.len();
                let new = New {
                    company: page.company.id,
                    contact: contact.id,
                    spoken,
                    held_on,
                    note: &note,
                    answers: read.answers,
                };
                conversations::note(conn, now, &new, &user.email)?;
                return Ok(Ok((page.company.external_id, answered)));
            }
            let fault = |code: &str| read.faults.iter().find(|fault| fault.question == code);
            page.asked = versions
                .iter()
                .map(|version| {
                    let fault = fault(&version.question.code).map(|fault| fault.fault.to_string());
                    Asked::of(version, &fields, fault)
                })
                .collect();
            page.spoken = spoken;
            page.held_on = held_on;
            page.note = note;
            page.faults = Faults(faults);
            Ok::<_, AppError>(Err(page))
        })
        .await?;
    match done {
        Ok((company, answered)) => {
            let notice = match answered {
                0 => "The conversation is noted.".to_owned(),
                n => format!(
                    "The conversation is noted, and {} taken from it.",
                    super::figures::counted(n as u64, "answer", "answers")
                ),
            };
            Ok(see_other_with_notice(&config, &company_href(&company), &notice))
        }
        Err(page) => Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request)),
    }
}

impl Show {
    fn href(&self) -> String {
        company_href(&self.company.external_id)
    }

    fn contact_id(&self) -> &str {
        self.contact.as_ref().map_or("", |contact| contact.external_id.as_str())
    }

    fn name(&self, contact: &contacts::Listed) -> String {
        match contact.name().is_empty() {
            true => contact.external_id.clone(),
            false => contact.name(),
        }
    }
}
