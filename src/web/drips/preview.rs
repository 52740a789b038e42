//! A letter looked at before it is saved: a document of its own that the editor shows in a frame.
//!
//! Its policy is its own, too: the letter's inline styles and nothing else, in this site's frames only.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use chrono::NaiveDateTime;

use crate::clock::Clock;
use crate::config::{Config, SecretKey};
use crate::design;
use crate::drip::claim::Unwritten;
use crate::drip::preview::{self, Reader, ReaderRow};
use crate::framework::check::DEFAULT_VARIANT;
use crate::framework::fault::Fault;
use crate::framework::{Framework, Step, StepContent};
use crate::mail::letterhead::Letterhead;
use crate::mail::letters::{MOST_BYTES, Written};
use crate::store::{Conn, Db};
use crate::text::figures;

use super::draft::Draft;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::headers;
use crate::web::page::Page;
use crate::web::session::Admin;

/// A frame that nothing was asked of yet.
#[derive(Template)]
#[template(path = "drips/no_letter.html")]
struct NoLetter;

#[derive(Template)]
#[template(path = "drips/letter.html")]
struct Letter {
    /// As whom; none: there is no such contact.
    reader: Option<Reader>,
    sought: String,
    others: Vec<ReaderRow>,
    /// From 1.
    step: usize,
    lines: Vec<Line>,
    shown: Option<Written>,
    /// Fields that would hold it back.
    blank: Vec<&'static str>,
    faults: Vec<Fault>,
}

/// One letter of the drip, or one variant of it.
struct Line {
    step: usize,
    variant: Option<String>,
    is_shown: bool,
    subject: String,
    /// Of the whole message.
    bytes: Option<usize>,
    trouble: Option<String>,
}

/// Gmail cuts at 100 KB: said before it comes to that.
const MANY_BYTES: usize = 80_000;

impl Line {
    fn size(&self) -> String {
        self.bytes
            .map(|bytes| format!("{} KB", figures::number(bytes as f64 / 1000.0, 1)))
            .unwrap_or_default()
    }

    fn is_large(&self) -> bool {
        self.bytes.is_some_and(|bytes| bytes >= MANY_BYTES)
    }

    fn is_too_large(&self) -> bool {
        self.bytes.is_some_and(|bytes| bytes > MOST_BYTES)
    }
}

/// `GET /drips/preview`: what the frame shows at first.
pub async fn empty(request: HttpRequest, _: Admin) -> HttpResponse {
    framed(Page(NoLetter).with(StatusCode::OK).respond_to(&request))
}

/// `POST /drips/preview`: the letters of what was typed. Nothing is kept.
pub async fn show(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    key: Data<SecretKey>,
    _: Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    let letterhead = Letterhead::new(&config, SecretKey::clone(&key));
    let draft = Draft::read(&form);
    // `2`, or `2:segment`: which letter the pressed button stands beside.
    let button = form.text("preview")?;
    let (step, variant) = match button.split_once(':') {
        Some((step, variant)) => (step, Some(variant.to_owned())),
        None => (button, None),
    };
    let asked = Asked {
        step: step.parse().unwrap_or(0),
        variant,
        sought: form.text("as_contact")?.to_owned(),
        is_new: form.text("is_new")? == "yes",
    };
    let letter = db.read(move |conn| load(conn, now, &letterhead, &draft, asked)).await?;
    Ok(framed(Page(letter).with(StatusCode::OK).respond_to(&request)))
}

struct Asked {
    sought: String,
    /// From 0.
    step: usize,
    variant: Option<String>,
    is_new: bool,
}

fn load(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    draft: &Draft,
    asked: Asked,
) -> Result<Letter, AppError> {
    let design = design::current(conn)?;
    let drip = draft.guessed();
    let step = asked.step.min(drip.steps.len().saturating_sub(1));
    let within = format!("steps[{step}].");
    let mut letter = Letter {
        reader: None,
        others: Vec::new(),
        step: step + 1,
        lines: Vec::new(),
        shown: None,
        blank: Vec::new(),
        faults: draft.checked(&design.framework, asked.is_new).err().unwrap_or_default(),
        sought: asked.sought,
    };
    letter.faults.retain(|fault| fault.place.starts_with(&within));
    let Some((reader, others)) = preview::find_reader(conn, &letter.sought)? else {
        return Ok(letter);
    };
    for (at, of) in drip.steps.iter().enumerate() {
        let own = reader.segment.as_deref();
        for variant in variants(&design.framework, of) {
            let is_shown = at == step && is_meant(of, variant.as_deref(), asked.variant.as_deref().or(own));
            let links = preview::idle_links(letterhead, of);
            let written = preview::write(conn, letterhead, &design, of, &reader, variant.as_deref(), &links)?;
            let mut line = Line {
                step: at + 1,
                is_shown,
                subject: String::new(),
                bytes: None,
                trouble: None,
                variant,
            };
            match written {
                Ok(written) => {
                    let to = Some(reader.email.as_str()).filter(|email| !email.is_empty());
                    let to = to.unwrap_or("nobody@example.com");
                    match preview::compose(letterhead, now, to, &written.subject, &written, &links, "preview") {
                        Ok(bytes) => line.bytes = Some(bytes.len()),
                        Err(why) => line.trouble = Some(why),
                    }
                    line.subject = written.subject.clone();
                    if is_shown {
                        letter.shown = Some(written);
                    }
                }
                Err(Unwritten::Blank(fields)) => {
                    line.trouble = Some(format!("held back: {} is blank", fields.join(", ")));
                    if is_shown {
                        letter.blank = fields;
                    }
                }
                Err(Unwritten::NoStep) => line.trouble = Some("has no letter yet".to_owned()),
            }
            letter.lines.push(line);
        }
    }
    (letter.reader, letter.others) = (Some(reader), others);
    Ok(letter)
}

/// The variants of a message that were written; one letter for every other step.
fn variants(framework: &Framework, step: &Step) -> Vec<Option<String>> {
    let StepContent::Message { message } = &step.content else {
        return vec![None];
    };
    let mut variants = vec![Some(DEFAULT_VARIANT.to_owned())];
    let segments = framework.segments.iter().map(|segment| &segment.code);
    variants.extend(segments.filter(|code| message.contains_key(*code)).cloned().map(Some));
    variants
}

/// Whether this variant is the one that a company of that segment gets.
fn is_meant(step: &Step, variant: Option<&str>, segment: Option<&str>) -> bool {
    let StepContent::Message { message } = &step.content else {
        return true;
    };
    let meant = segment.filter(|segment| message.contains_key(*segment));
    variant == Some(meant.unwrap_or(DEFAULT_VARIANT))
}

fn framed(mut response: HttpResponse) -> HttpResponse {
    let policy = HeaderValue::from_static(headers::LETTER);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}
