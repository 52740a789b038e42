//! Companies as things of their own: other ids, domains, groups; one merged into another, and back.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::clock::Clock;
use crate::companies::listing::{self, Listed, Viewer};
use crate::config::Config;
use crate::design::{self, Design};
use crate::identity::{self, AliasRow, MergeRow, NamedRow, Preview, Refusal, Undoing};
use crate::ids::MergeId;
use crate::store::{Conn, Db};

use super::companies::{segment_name, source_name, value};
use super::error::AppError;
use super::form::{Faults, Form};
use super::link;
use super::page::{Page, see_other_with_notice};
use super::session::Analyst;

/// A company's page.
pub fn company_href(external_id: &str) -> String {
    format!("/companies/{}", link::part(external_id))
}

#[derive(Template)]
#[template(path = "companies/identity.html")]
pub struct Show {
    company: Listed,
    domains: String,
    aliases: Vec<AliasRow>,
    parent: Option<NamedRow>,
    children: Vec<NamedRow>,
    merges: Vec<MergeRow>,
    /// What was typed and refused, by its field.
    typed: (String, String),
    faults: Faults,
}

/// `GET /companies/{external_id}/identity`
pub async fn show(db: Data<Db>, external_id: Path<String>, _: Analyst) -> Result<Page<Show>, AppError> {
    let page = db.read(move |conn| load(conn, &external_id)).await?;
    Ok(Page(page))
}

fn load(conn: &mut Conn, external_id: &str) -> Result<Show, AppError> {
    let company = listing::find(conn, &Viewer::All, external_id)?.ok_or(AppError::NotFound)?;
    let facts = crate::companies::facts_of(conn, &company.external_id)?.ok_or(AppError::NotFound)?;
    Ok(Show {
        domains: facts.domains.join(", "),
        aliases: identity::list_aliases(conn, company.id)?,
        parent: identity::parent_of(conn, company.id)?,
        children: identity::list_children(conn, company.id)?,
        merges: identity::list_merges(conn, company.id)?,
        company,
        typed: Default::default(),
        faults: Faults::default(),
    })
}

impl Show {
    fn href(&self) -> String {
        company_href(&self.company.external_id)
    }

    /// What stands in a field: what was typed there last, else what is known.
    fn field<'a>(&'a self, name: &str, known: &'a str) -> &'a str {
        match self.typed.0 == name {
            true => &self.typed.1,
            false => known,
        }
    }

    fn parent_id(&self) -> &str {
        self.parent.as_ref().map_or("", |parent| parent.external_id.as_str())
    }
}

/// `POST /companies/{external_id}/identity`: one field of it, named by the button.
pub async fn update(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    external_id: Path<String>,
    Analyst(user): Analyst,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    let external_id = external_id.into_inner();
    let what = form.text("what")?.to_owned();
    let typed = form.text(&what)?.trim().to_owned();
    let notice = match what.as_str() {
        "domains" => "The domains are kept.",
        "alias" => "The company is found under that id, too.",
        "removed" => "The company is not found under that id any more.",
        "parent" => "The group is kept.",
        _ => return Err(AppError::BadRequest("Choose what to change.".to_owned())),
    };
    let (id, field, text) = (external_id.clone(), what.clone(), typed.clone());
    let changed = db
        .write(move |conn| {
            let company = listing::find(conn, &Viewer::All, &id)?;
            let company = company.ok_or_else(|| Refusal::UnknownContact(String::new()))?;
            let by = user.email.as_str();
            match field.as_str() {
                "domains" => identity::set_domains(conn, now, &company, &text, by),
                "alias" => identity::add_alias(conn, now, &company, &text, by),
                "removed" => identity::remove_alias(conn, now, &company, &text, by),
                _ => {
                    let parent = Some(text.as_str()).filter(|text| !text.is_empty());
                    identity::set_parent(conn, now, &company, parent, by)
                }
            }
        })
        .await;
    match changed {
        Ok(()) => Ok(see_other_with_notice(
            &config,
            &format!("{}/identity", company_href(&external_id)),
            notice,
        )),
        Err(Refusal::Store(error)) => Err(error.into()),
        Err(Refusal::UnknownContact(_)) => Err(AppError::NotFound),
        Err(refusal) => {
            let mut page = db.read(move |conn| load(conn, &external_id)).await?;
            page.faults = Faults::one(&what, told(&refusal));
            page.typed = (what, typed);
            Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
        }
    }
}

/// As a sentence beside its field.
fn told(refusal: &Refusal) -> String {
    let text = refusal.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

#[derive(Template)]
#[template(path = "companies/merge.html")]
pub struct Merge {
    design: std::sync::Arc<Design>,
    company: Listed,
    /// As it was asked for.
    into: String,
    other: Option<Listed>,
    /// What was found by that name, where it is no id.
    found: Vec<Listed>,
    preview: Option<Preview>,
    faults: Faults,
}

/// Companies offered that have such a name.
const OFFERED: i64 = 12;

/// `GET /companies/{external_id}/merge`: asks for the other company, then shows what would move.
pub async fn ask(
    request: HttpRequest,
    db: Data<Db>,
    external_id: Path<String>,
    parameters: Query<Vec<(String, String)>>,
    _: Analyst,
) -> Result<HttpResponse, AppError> {
    let into = value(&parameters, "into").trim().to_owned();
    let page = db.read(move |conn| look(conn, &external_id, &into)).await?;
    let status = match page.faults.0.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(Page(page).with(status).respond_to(&request))
}

fn look(conn: &mut Conn, external_id: &str, into: &str) -> Result<Merge, AppError> {
    let design = design::current(conn)?;
    let company = listing::find(conn, &Viewer::All, external_id)?.ok_or(AppError::NotFound)?;
    let mut page = Merge {
        design,
        company,
        into: into.to_owned(),
        other: None,
        found: Vec::new(),
        preview: None,
        faults: Faults::default(),
    };
    if into.is_empty() {
        return Ok(page);
    }
    let Some(other) = listing::find(conn, &Viewer::All, into)? else {
        let filter = listing::Filter {
            search: Some(into.to_owned()),
            ..listing::Filter::default()
        };
        let stretch = listing::Stretch::page(1, OFFERED);
        page.found = listing::list(conn, &Viewer::All, &filter, listing::Order::Name, stretch)?;
        page.found.retain(|found| found.id != page.company.id);
        if page.found.is_empty() {
            let refusal = Refusal::UnknownCompany(into.to_owned());
            page.faults = Faults::one("into", told(&refusal));
        }
        return Ok(page);
    };
    match identity::preview(conn, &page.design, &page.company, &other) {
        Ok(preview) => {
            page.preview = Some(preview);
            page.other = Some(other);
        }
        Err(Refusal::Store(error)) => return Err(error.into()),
        Err(refusal) => page.faults = Faults::one("into", told(&refusal)),
    }
    Ok(page)
}

impl Merge {
    fn href(&self) -> String {
        company_href(&self.company.external_id)
    }

    /// The other company, with what would move there.
    fn ready(&self) -> Option<(&Listed, &Preview)> {
        self.other.as_ref().zip(self.preview.as_ref())
    }

    fn choose(&self, other: &Listed) -> String {
        link::with(
            &format!("{}/merge", self.href()),
            [("into", other.external_id.as_str())],
        )
    }

    fn now(&self, company: &Listed) -> String {
        match (&company.segment, &company.source) {
            (Some(code), Some(source)) => self.named(code, source),
            _ => "none".to_owned(),
        }
    }

    fn then(&self, preview: &Preview) -> String {
        match &preview.segment {
            Some((code, source)) => self.named(code, source.as_str()),
            None => "none".to_owned(),
        }
    }

    fn named(&self, code: &str, source: &str) -> String {
        format!("{}, {}", segment_name(&self.design, code), source_name(source))
    }
}

/// `POST /companies/{external_id}/merge`
pub async fn create(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    external_id: Path<String>,
    Analyst(user): Analyst,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, external_id) = (clock.now(), external_id.into_inner());
    let into = form.text("into")?.trim().to_owned();
    let (from, to) = (external_id.clone(), into.clone());
    let merged = db
        .write(move |conn| {
            if listing::find(conn, &Viewer::All, &from)?.is_none() {
                return Err(Refusal::UnknownMerge);
            }
            identity::merge(conn, now, &from, &to, &user.email)
        })
        .await;
    match merged {
        Ok(merge) => {
            let notice = format!("{external_id} is merged into {into}. It can be undone here, as merge {merge}.");
            let to = format!("{}/identity", company_href(&into));
            Ok(see_other_with_notice(&config, &to, &notice))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
        Err(Refusal::UnknownMerge) => Err(AppError::NotFound),
        Err(refusal) => {
            let mut page = db.read(move |conn| look(conn, &external_id, &into)).await?;
            page.preview = None;
            page.faults = Faults::one("into", told(&refusal));
            Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request))
        }
    }
}

#[derive(Template)]
#[template(path = "companies/unmerge.html")]
pub struct Undo {
    undoing: Undoing,
    into: Option<NamedRow>,
}

/// `GET /companies/merges/{id}`: what undoing it would do.
pub async fn ask_to_undo(db: Data<Db>, id: Path<String>, _: Analyst) -> Result<Page<Undo>, AppError> {
    let id = merge_id(&id)?;
    let page = db
        .read(move |conn| {
            let undoing = identity::undoing(conn, id).map_err(refused)?;
            let into = match undoing.merge.into_id {
                Some(into) => identity::find_named(conn, into)?,
                None => None,
            };
            Ok::<_, AppError>(Undo { undoing, into })
        })
        .await?;
    Ok(Page(page))
}

/// `POST /companies/merges/{id}/undo`
pub async fn undo(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<String>,
    Analyst(user): Analyst,
) -> Result<HttpResponse, AppError> {
    let (now, id) = (clock.now(), merge_id(&id)?);
    let again = db
        .write(move |conn| identity::undo(conn, now, id, &user.email))
        .await
        .map_err(refused)?;
    let notice = "The merge is undone: both companies are there again.";
    Ok(see_other_with_notice(&config, &company_href(&again), notice))
}

fn merge_id(text: &str) -> Result<MergeId, AppError> {
    text.parse().map(MergeId).map_err(|_| AppError::NotFound)
}

fn refused(refusal: Refusal) -> AppError {
    match refusal {
        Refusal::Store(error) => error.into(),
        Refusal::UnknownMerge => AppError::NotFound,
        refusal => AppError::Conflict(told(&refusal)),
    }
}

/// `POST /contacts/{external_id}/company`: the contact is at another company now.
pub async fn move_contact(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    external_id: Path<String>,
    Analyst(user): Analyst,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let now = clock.now();
    let contact = external_id.into_inner();
    let company = form.text("company")?.trim().to_owned();
    let moved = contact.clone();
    let done = db
        .write(move |conn| {
            let company = Some(company.as_str()).filter(|company| !company.is_empty());
            identity::move_contact(conn, now, &Viewer::All, &moved, company, &user.email)
        })
        .await;
    match done {
        Ok(_) => Ok(see_other_with_notice(
            &config,
            &super::contacts::href(&contact),
            "The contact has moved. Its answers stay with the company for which they were given.",
        )),
        Err(Refusal::Store(error)) => Err(error.into()),
        Err(Refusal::UnknownContact(_)) => Err(AppError::NotFound),
        Err(refusal) => Err(AppError::Unprocessable(vec![super::error::Fault::new(
            "company",
            told(&refusal),
        )])),
    }
}
