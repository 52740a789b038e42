//! A need written and edited.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use serde::Deserialize;
use serde_json::{Map, json};

use super::LEVELS;
use crate::clock::Clock;
use crate::config::Config;
use crate::design::{self, archive};
use crate::framework::references::{self, Reference};
use crate::framework::{Framework, Level, Need};
use crate::ids::FrameworkId;
use crate::reframe::edit::{self as change, Refusal};
use crate::store::Db;
use crate::text::code;
use crate::web::design::typed::{self, Faults};
use crate::web::design::words;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::Admin;

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    pub code: String,
    pub name: String,
    pub level: String,
    pub description: String,
}

impl Draft {
    fn of_need(need: &Need) -> Draft {
        Draft {
            code: need.code.clone(),
            name: need.name.clone(),
            level: word(need.level).to_owned(),
            description: need.description.clone(),
        }
    }

    fn read(form: &Form) -> Result<Draft, AppError> {
        Ok(Draft {
            code: form.text("code")?.to_owned(),
            name: form.text("name")?.to_owned(),
            level: form.text("level")?.to_owned(),
            description: typed::text(form, "description")?,
        })
    }

    /// The need, read and checked as a part of this framework; a new one takes no other's place.
    fn checked(&self, framework: &Framework, is_new: bool) -> Result<Need, Faults> {
        let was = framework.need(&self.code).filter(|_| !is_new);
        let mut entry = Map::new();
        entry.insert("code".into(), json!(self.code.trim()));
        let name = typed::trimmed(&self.name, was.map(|was| was.name.as_str()));
        entry.insert("name".into(), json!(name));
        if !self.level.is_empty() {
            entry.insert("level".into(), json!(self.level));
        }
        if !self.description.trim().is_empty() || was.is_some_and(|was| was.description == self.description) {
            entry.insert("description".into(), json!(self.description));
        }
        let at = framework.need_position(&self.code).filter(|_| !is_new);
        let (mut framework, at) = typed::checked(framework, "needs", at, entry).map_err(Faults)?;
        Ok(framework.needs.swap_remove(at))
    }
}

pub fn word(level: Level) -> &'static str {
    crate::web::words::level(&level)
}

#[derive(Template)]
#[template(path = "design/needs/edit.html")]
pub struct Edit {
    /// Which need is edited; none: a new one.
    code: Option<String>,
    draft: Draft,
    /// The new one is an archived one brought back: its code stays.
    is_back: bool,
    faults: Faults,
    overtaken: Option<Vec<String>>,
    references: Vec<Reference>,
    seen: FrameworkId,
}

impl Edit {
    fn path(&self) -> String {
        match &self.code {
            Some(code) => format!("/design/needs/{code}/edit"),
            None => "/design/needs/new".to_owned(),
        }
    }

    fn heading(&self) -> String {
        match (&self.code, self.is_back) {
            (Some(_), _) => format!("Edit {}", self.draft.name),
            (None, true) => format!("Bring back {}", self.draft.name),
            (None, false) => "New need".to_owned(),
        }
    }
}

/// What a new one begins as.
#[derive(Deserialize)]
pub struct Begin {
    from: Option<String>,
    archived: Option<String>,
}

/// `GET /design/needs/new`
pub async fn new(begin: Query<Begin>, _: Admin, db: Data<Db>) -> Result<Page<Edit>, AppError> {
    let begin = begin.into_inner();
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let (mut draft, mut is_back) = (Draft::default(), false);
            if let Some(code) = &begin.from {
                let need = design.framework.need(code).ok_or(AppError::NotFound)?;
                draft = Draft::of_need(need);
                draft.code = code::free(code, |code| design.framework.need(code).is_some());
                draft.name = format!("{} (copy)", need.name);
            }
            if let Some(code) = &begin.archived {
                let archived = archive::find::<Need>(conn, code)?.ok_or(AppError::NotFound)?;
                (draft, is_back) = (Draft::of_need(&archived.part), true);
            }
            Ok::<_, AppError>(Edit {
                code: None,
                draft,
                is_back,
                faults: Faults::default(),
                overtaken: None,
                references: Vec::new(),
                seen: design.id,
            })
        })
        .await?;
    Ok(Page(page))
}

/// `GET /design/needs/{code}/edit`
pub async fn edit(code: Path<String>, _: Admin, db: Data<Db>) -> Result<Page<Edit>, AppError> {
    let design = db.read(design::current).await?;
    let need = design.framework.need(&code).ok_or(AppError::NotFound)?;
    Ok(Page(Edit {
        draft: Draft::of_need(need),
        is_back: false,
        faults: Faults::default(),
        overtaken: None,
        references: references::of_need(&design.framework, &code),
        seen: design.id,
        code: Some(code.into_inner()),
    }))
}

/// `POST /design/needs/new`
pub async fn create(
    request: HttpRequest,
    admin: Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    take(request, admin, db, clock, config, None, form).await
}

/// `POST /design/needs/{code}/edit`
pub async fn update(
    request: HttpRequest,
    admin: Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    take(request, admin, db, clock, config, Some(code.into_inner()), form).await
}

async fn take(
    request: HttpRequest,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Option<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let design = db.read(design::current).await?;
    let mut draft = Draft::read(&form)?;
    if let Some(code) = &code {
        draft.code = code.clone();
    }
    let mut page = Edit {
        is_back: form.text("is_back")? == "yes",
        faults: Faults::default(),
        overtaken: None,
        references: references::of_need(&design.framework, &draft.code),
        seen: typed::seen(&form)?,
        code,
        draft,
    };
    if page.code.is_some() && design.framework.need(&page.draft.code).is_none() {
        let gone = "Another admin has archived this need meanwhile. Bring it back from the list of needs.";
        return Err(AppError::Conflict(gone.to_owned()));
    }
    let need = match page.draft.checked(&design.framework, page.code.is_none()) {
        Ok(need) => need,
        Err(faults) => {
            page.faults = faults;
            return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
        }
    };
    let (now, by, seen) = (clock.now(), user.email, page.seen);
    match db.write(move |conn| change::put_need(conn, now, &by, seen, need)).await {
        Ok(changes) => {
            let notice = words::saved(&changes);
            Ok(see_other_with_notice(&config, "/design/needs", &notice))
        }
        Err(Refusal::Overtaken(newest, changes)) => {
            page.seen = newest;
            page.overtaken = Some(changes);
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(&request))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_that_nobody_touched_reads_back_as_it_was() {
        let framework =
            crate::framework::read::toml(include_str!("../../../../tests/it/support/framework.toml")).unwrap();
        for need in &framework.needs {
            let draft = Draft::of_need(need);
            assert_eq!(draft.checked(&framework, false).ok().as_ref(), Some(need));
            let faults = draft.checked(&framework, true).expect_err("the code is taken");
            assert!(faults.at("code").is_some());
        }
    }

    #[test]
    fn what_is_wrong_stands_at_its_field() {
        let draft = Draft {
            code: "Two words".into(),
            level: "odd".into(),
            ..Draft::default()
        };
        let faults = draft.checked(&Framework::default(), true).expect_err("faults");
        for field in ["code", "name", "level"] {
            assert!(faults.at(field).is_some(), "{field} in {faults:?}");
        }
    }
}
