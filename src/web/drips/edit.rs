//! A drip written and edited. The page is a form that works without JavaScript: buttons with names
//! add, move and take away steps, and nothing is saved but by Save.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use chrono::NaiveDateTime;

use crate::clock::Clock;
use crate::config::Config;
use crate::design::{self, Design};
use crate::drip::offers::{self, Offer};
use crate::drip::preview;
use crate::framework::check::DEFAULT_VARIANT;
use crate::framework::fault::{Fault, Place};
use crate::framework::merge::MergeField;
use crate::framework::{Framework, Trigger};
use crate::ids::FrameworkId;
use crate::reframe::edit::{self, Refusal};
use crate::store::{self, Conn, Db};

use super::draft::{DAYS, Draft, StepDraft};
use super::timeline::Timeline;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::kept::Kept;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::Admin;
use crate::web::{headers, words};

#[derive(Template)]
#[template(path = "drips/edit.html")]
pub struct Edit {
    /// Which drip is edited; none: a new one.
    code: Option<String>,
    draft: Draft,
    faults: Vec<Fault>,
    /// What another change of the framework did in the meantime.
    overtaken: Option<Vec<String>>,
    framework: Framework,
    /// Which framework this page was made from.
    seen: FrameworkId,
    offers: Vec<Offer>,
    timeline: Timeline,
    /// As whom the letters are looked at.
    as_contact: String,
}

/// What a button of the form does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Do {
    Save,
    /// Shows the page again, drawn anew.
    Look,
    Add,
    Duplicate(usize),
    Remove(usize),
    Up(usize),
    Down(usize),
}

impl Do {
    fn parse(text: &str) -> Option<Do> {
        let (verb, at) = match text.split_once(':') {
            Some((verb, at)) => (verb, at.parse().ok()?),
            None => (text, 0),
        };
        Some(match verb {
            "save" => Do::Save,
            "look" | "" => Do::Look,
            "add" => Do::Add,
            "duplicate" => Do::Duplicate(at),
            "remove" => Do::Remove(at),
            "up" => Do::Up(at),
            "down" => Do::Down(at),
            _ => return None,
        })
    }

    fn on(self, draft: &mut Draft) {
        match self {
            Do::Save | Do::Look => {}
            Do::Add => draft.add(),
            Do::Duplicate(at) => draft.duplicate(at),
            Do::Remove(at) => draft.remove(at),
            Do::Up(at) => draft.swap(at, at.wrapping_sub(1)),
            Do::Down(at) => draft.swap(at, at + 1),
        }
    }
}

/// `GET /drips/new`
pub async fn new(
    request: HttpRequest,
    db: Data<Db>,
    kept: Data<Kept>,
    clock: Data<Clock>,
    _: Admin,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    let values = values(&db, &kept, now).await?;
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            Edit::load(conn, now, &design, &values, None, Draft::blank())
        })
        .await?;
    Ok(page.respond(&request, StatusCode::OK))
}

/// `GET /drips/{code}/edit`
pub async fn edit(
    request: HttpRequest,
    db: Data<Db>,
    kept: Data<Kept>,
    clock: Data<Clock>,
    code: Path<String>,
    _: Admin,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    let values = values(&db, &kept, now).await?;
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let drip = design.framework.drip(&code).ok_or(AppError::NotFound)?;
            let draft = Draft::of_drip(drip);
            let code = Some(code.into_inner());
            Ok::<_, AppError>(Edit::load(conn, now, &design, &values, code, draft)?)
        })
        .await?;
    Ok(page.respond(&request, StatusCode::OK))
}

/// `POST /drips/new`
pub async fn create(
    request: HttpRequest,
    db: Data<Db>,
    kept: Data<Kept>,
    clock: Data<Clock>,
    config: Data<Config>,
    Admin(user): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    take(&request, (&db, &kept), clock.now(), &config, user.email, None, form).await
}

/// `POST /drips/{code}/edit`
pub async fn update(
    request: HttpRequest,
    db: Data<Db>,
    kept: Data<Kept>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Path<String>,
    Admin(user): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let code = Some(code.into_inner());
    take(&request, (&db, &kept), clock.now(), &config, user.email, code, form).await
}

/// What an audience can be chosen by. Over many companies it is what was counted last: a new value may
/// still be typed.
async fn values(db: &Data<Db>, kept: &Data<Kept>, now: NaiveDateTime) -> Result<Arc<Values>, AppError> {
    let key = super::key("/drips/edit", vec![], now);
    Ok(kept.get(db, now, key, |conn| Ok(offers::values(conn)?)).await?.figures)
}

/// By attribute.
type Values = Vec<(String, String)>;

async fn take(
    request: &HttpRequest,
    (db, kept): (&Data<Db>, &Data<Kept>),
    now: NaiveDateTime,
    config: &Config,
    by: String,
    code: Option<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let wanted = Do::parse(form.text("do")?)
        .ok_or_else(|| AppError::BadRequest("Press one of the buttons of the page.".to_owned()))?;
    let seen = form.text("seen")?.parse().map(FrameworkId).unwrap_or(FrameworkId(0));
    let mut draft = Draft::read(&form);
    if let Some(code) = &code {
        draft.code = code.clone();
    }
    wanted.on(&mut draft);
    let values = values(db, kept, now).await?;
    let (typed, of) = (draft.clone(), code.clone());
    let (mut page, design) = db
        .read(move |conn| {
            let design = design::current(conn)?;
            if let Some(code) = &of {
                design.framework.drip(code).ok_or(AppError::NotFound)?;
            }
            let page = Edit::load(conn, now, &design, &values, of, typed)?;
            Ok::<_, AppError>((page, design))
        })
        .await?;
    page.seen = seen;
    page.as_contact = form.text("as_contact")?.to_owned();
    if wanted != Do::Save {
        return Ok(page.respond(request, StatusCode::OK));
    }
    let drip = match draft.checked(&design.framework, code.is_none()) {
        Ok(drip) => drip,
        Err(faults) => {
            page.faults = faults;
            return Ok(page.respond(request, StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let name = drip.code.clone();
    match db.write(move |conn| edit::put_drip(conn, now, &by, seen, drip)).await {
        Ok(changes) => {
            let notice = match changes.len() {
                0 => "Nothing had changed.",
                _ => "Saved. Mails that are written already stay as they are.",
            };
            Ok(see_other_with_notice(config, &format!("/drips/{name}"), notice))
        }
        Err(Refusal::Overtaken(newest, changes)) => {
            page.seen = newest;
            page.overtaken = Some(changes);
            Ok(page.respond(request, StatusCode::CONFLICT))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}

impl Edit {
    fn load(
        conn: &mut Conn,
        now: NaiveDateTime,
        design: &Design,
        values: &[(String, String)],
        code: Option<String>,
        draft: Draft,
    ) -> store::Result<Edit> {
        let guessed = draft.guessed();
        let framework = design.framework.clone();
        let mut offers = offers::of(values, &framework);
        for (attribute, values) in draft.chosen() {
            match offers.iter_mut().find(|offer| offer.attribute == attribute) {
                // What was chosen once is shown, whatever has been imported since.
                Some(offer) => {
                    let others = values.into_iter().filter(|value| !offer.values.contains(value));
                    let others: Vec<String> = others.collect();
                    offer.values.extend(others);
                }
                None if attribute.is_empty() => {}
                None => offers.push(Offer {
                    attribute,
                    values,
                    has_more: true,
                }),
            }
        }
        Ok(Edit {
            as_contact: preview::first_of(conn, now, &framework, &guessed)?,
            timeline: Timeline::of(&guessed),
            code,
            draft,
            faults: Vec::new(),
            overtaken: None,
            seen: design.id,
            framework,
            offers,
        })
    }

    /// The page may show the letter in a frame of this site; no other page may hold a frame.
    fn respond(self, request: &HttpRequest, status: StatusCode) -> HttpResponse {
        let mut response = Page(self).with(status).respond_to(request);
        let policy = HeaderValue::from_static(headers::WITH_FRAMES);
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        response
    }

    fn path(&self) -> String {
        match &self.code {
            Some(code) => format!("/drips/{code}/edit"),
            None => "/drips/new".to_owned(),
        }
    }

    /// What is wrong with a field, all of it.
    fn fault(&self, field: &str) -> Option<String> {
        told(self.faults.iter().filter(|fault| fault.place == field))
    }

    /// What is wrong with a field, or with a part of it.
    fn faults_in(&self, field: &str) -> Option<String> {
        let within = |fault: &&Fault| {
            let rest = fault.place.strip_prefix(field);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
        };
        told(self.faults.iter().filter(within))
    }

    fn audience_fault(&self, attribute: &str) -> Option<String> {
        self.faults_in(&Place::root().key("audience").key(attribute).to_string())
    }

    /// The name of a field of a step.
    fn field(&self, step: &usize, name: &str) -> String {
        format!("steps[{step}].{name}")
    }

    /// The variants of a message: the one for the rest first.
    fn variants<'e>(&'e self, step: &'e StepDraft) -> Vec<(&'e str, String)> {
        let segments = self.framework.segments.iter();
        let mut variants = vec![(DEFAULT_VARIANT, "Everybody else".to_owned())];
        variants.extend(segments.map(|segment| (segment.code.as_str(), segment.name.clone())));
        for segment in step.variants.keys() {
            if variants.iter().all(|(known, _)| known != segment) {
                variants.push((segment, segment.clone()));
            }
        }
        variants
    }

    /// What everybody gets, and what was written.
    fn is_open(&self, step: &StepDraft, segment: &str) -> bool {
        segment == DEFAULT_VARIANT || step.has_variant(segment)
    }

    fn is_asking_all(&self) -> bool {
        self.draft.chosen().is_empty()
    }

    fn chosen_of(&self, attribute: &str) -> usize {
        self.draft.audience.get(attribute).map_or(0, Vec::len)
    }

    /// As they are written into a letter.
    fn merge_fields(&self) -> Vec<String> {
        let is_of_transaction = self.draft.guessed().trigger == Trigger::Transaction;
        let fields = MergeField::ALL.into_iter();
        let fitting = fields.filter(|field| is_of_transaction || !field.is_of_transaction());
        let written = |field: MergeField| match field {
            MergeField::ContactFirstName => "{{ contact.first_name | default: \"there\" }}".to_owned(),
            field => format!("{{{{ {} }}}}", field.name()),
        };
        fitting.map(written).collect()
    }
}

fn told<'f>(faults: impl Iterator<Item = &'f Fault>) -> Option<String> {
    let messages: Vec<&str> = faults.map(|fault| fault.message.as_str()).collect();
    (!messages.is_empty()).then(|| messages.join("; "))
}

/// A name of a field as the id of its control: no blanks, and nothing that a selector takes for more.
fn id(field: &str) -> String {
    field
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect()
}

/// A code as words.
fn readable(code: &str) -> String {
    words::readable(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_says_what_to_do_and_with_which_step() {
        assert_eq!(Do::parse("save"), Some(Do::Save));
        assert_eq!(Do::parse("up:2"), Some(Do::Up(2)));
        assert_eq!(Do::parse(""), Some(Do::Look));
        for wrong in ["destroy", "up:x", "up:-1"] {
            assert_eq!(Do::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_first_step_does_not_move_further_up() {
        let mut draft = Draft::blank();
        draft.add();
        let before = draft.clone();
        Do::Up(0).on(&mut draft);
        Do::Down(1).on(&mut draft);
        assert_eq!(draft, before);
    }
}
