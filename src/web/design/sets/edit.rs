//! A question set written and edited. The page is a form that works without JavaScript: buttons with
//! names add, move and take away questions and options, and nothing is saved but by Save.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use serde::Deserialize;

use super::draft::{Draft, is_given};
use super::impact::Impact;
use super::page::{self, Card, Focus, KINDS, LineView};
use super::pressed::Do;
use super::tree::Origins;
use crate::clock::Clock;
use crate::config::Config;
use crate::design::archive;
use crate::design::tallies::{self, Tally};
use crate::design::{self, Design};
use crate::framework::advice::{self, Advice};
use crate::framework::fault::Fault;
use crate::framework::merge::MergeField;
use crate::framework::{Code, Need, QuestionSet};
use crate::ids::FrameworkId;
use crate::reframe::edit::Refusal;
use crate::reframe::sets as change;
use crate::store::{self, Conn, Db};
use crate::text::{code, figures};
use crate::web::design::typed::{self, Faults};
use crate::web::error::AppError;
use crate::web::form::{Form, LargeForm};
use crate::web::headers;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::Admin;

/// With no more questions than these, all of them are shown unfolded.
const FEW: usize = 3;

#[derive(Template)]
#[template(path = "design/sets/edit.html")]
pub struct Edit {
    /// Which set is edited; none: a new one.
    code: Option<Code>,
    /// The new one is an archived one brought back: its code stays.
    is_back: bool,
    draft: Draft,
    cards: Vec<Card>,
    needs: Vec<Need>,
    faults: Faults,
    /// What saving does.
    impact: Option<Impact>,
    /// Save asks first, because answers are concerned.
    is_to_agree: bool,
    /// What another change of the framework did in the meantime.
    overtaken: Option<Vec<String>>,
    /// Another admin archived the set while it was edited.
    is_gone: bool,
    /// Needs whose loadings went with them.
    lost_needs: Vec<Code>,
    /// Of the set as a whole.
    advice: Vec<Advice>,
    seen: FrameworkId,
}

/// What a page is made from.
struct Ground {
    design: Arc<Design>,
    tallies: BTreeMap<Code, Vec<Tally>>,
    archived: Option<QuestionSet>,
    /// Codes of sets that were there once.
    archived_codes: Vec<Code>,
}

impl Ground {
    fn load(conn: &mut Conn, archived: Option<&str>) -> store::Result<Ground> {
        let all = archive::list::<QuestionSet>(conn)?;
        Ok(Ground {
            design: design::current(conn)?,
            tallies: tallies::list(conn)?,
            archived_codes: all.iter().map(|kept| kept.part.code.clone()).collect(),
            archived: all
                .into_iter()
                .map(|kept| kept.part)
                .find(|set| Some(set.code.as_str()) == archived),
        })
    }

    fn origins(&self) -> Origins<'_> {
        Origins {
            framework: &self.design.framework,
            archived: self.archived.as_ref(),
        }
    }

    fn is_question(&self, code: &str) -> bool {
        self.tallies.contains_key(code) || self.design.framework.question(code).is_some()
    }

    fn is_set(&self, code: &str) -> bool {
        self.design.framework.question_set(code).is_some() || self.archived_codes.iter().any(|known| known == code)
    }
}

/// What a new one begins as.
#[derive(Deserialize)]
pub struct Begin {
    from: Option<Code>,
    archived: Option<Code>,
}

/// `GET /design/question-sets/new`
pub async fn new(request: HttpRequest, begin: Query<Begin>, _: Admin, db: Data<Db>) -> Result<HttpResponse, AppError> {
    let begin = begin.into_inner();
    let page = db
        .read(move |conn| {
            let ground = Ground::load(conn, begin.archived.as_deref())?;
            let mut draft = Draft::blank();
            if let Some(code) = &begin.from {
                let set = ground.design.framework.question_set(code).ok_or(AppError::NotFound)?;
                draft = Draft::copy_of(set);
                draft.code = code::free(code, |code| ground.is_set(code));
                draft.fill_codes(|code| ground.is_question(code));
            }
            if begin.archived.is_some() {
                draft = Draft::of_set(ground.archived.as_ref().ok_or(AppError::NotFound)?);
            }
            Ok::<_, AppError>(Edit::begun(ground, None, draft))
        })
        .await?;
    Ok(page.respond(&request, StatusCode::OK))
}

/// `GET /design/question-sets/{code}/edit`
pub async fn edit(request: HttpRequest, code: Path<Code>, _: Admin, db: Data<Db>) -> Result<HttpResponse, AppError> {
    let code = code.into_inner();
    let page = db
        .read(move |conn| {
            let ground = Ground::load(conn, None)?;
            let set = ground.design.framework.question_set(&code).ok_or(AppError::NotFound)?;
            let draft = Draft::of_set(set);
            Ok::<_, AppError>(Edit::begun(ground, Some(code), draft))
        })
        .await?;
    Ok(page.respond(&request, StatusCode::OK))
}

/// `POST /design/question-sets/new`
pub async fn create(
    request: HttpRequest,
    admin: Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: LargeForm,
) -> Result<HttpResponse, AppError> {
    take(request, admin, db, clock, config, None, form.0).await
}

/// `POST /design/question-sets/{code}/edit`
pub async fn update(
    request: HttpRequest,
    admin: Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Path<Code>,
    form: LargeForm,
) -> Result<HttpResponse, AppError> {
    take(request, admin, db, clock, config, Some(code.into_inner()), form.0).await
}

async fn take(
    request: HttpRequest,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Option<Code>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let pressed = Do::parse(form.text("do")?)
        .ok_or_else(|| AppError::BadRequest("Press one of the buttons of the page.".to_owned()))?;
    let (seen, agreed) = (typed::seen(&form)?, form.text("agreed")?.to_owned());
    let archived = Some(form.text("archived")?.to_owned()).filter(|code| is_given(code));
    let mut draft = Draft::read(&form);
    if let Some(code) = code.as_ref().or(archived.as_ref()) {
        draft.code = code.clone();
    }
    // Whoever edits a set that somebody archived meanwhile brings it back by saving.
    let wanted = archived.or_else(|| code.clone());
    let ground = db.read(move |conn| Ground::load(conn, wanted.as_deref())).await?;
    let is_gone = code
        .as_ref()
        .is_some_and(|code| ground.design.framework.question_set(code).is_none());
    if is_gone && ground.archived.is_none() {
        return Err(AppError::NotFound);
    }
    let is_new = code.is_none() || is_gone;
    let focus = pressed.on(&mut draft);
    let lost_needs = draft.forget_needs(|need| ground.design.framework.need(need).is_some());
    draft.fill_codes(|code| ground.is_question(code));
    let is_asked = matches!(pressed, Do::Save | Do::Look);
    if is_asked && draft.code.trim().is_empty() && is_given(&draft.title) {
        let wanted = Some(code::code(&draft.title)).filter(|code| !code.is_empty());
        draft.code = code::free(&wanted.unwrap_or_else(|| "questions".to_owned()), |code| {
            ground.is_set(code)
        });
    }
    if is_asked {
        draft.drop_blank_lines();
    }
    let checked = draft.checked(ground.origins(), is_new);
    let faults = match &checked {
        // While questions are still being added and moved, nobody is told what is missing.
        Err(faults) if is_asked => page::in_page_order(faults.clone()),
        _ => Vec::new(),
    };
    draft.offer_lines();
    let mut page = Edit::load(
        &ground,
        if is_gone { None } else { code },
        draft,
        focus.as_ref(),
        Faults(faults),
    );
    page.seen = seen;
    page.is_gone = is_gone;
    page.lost_needs = lost_needs;
    let Ok(set) = checked else {
        let status = match pressed {
            Do::Save => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::OK,
        };
        return Ok(page.respond(&request, status));
    };
    if is_gone && pressed == Do::Save {
        page.seen = ground.design.id;
        return Ok(page.respond(&request, StatusCode::CONFLICT));
    }
    let impact = Impact::of(&ground.design, &ground.tallies, &set);
    let is_agreed = !impact.is_grave() || agreed == impact.mark();
    if pressed == Do::Look || (pressed == Do::Save && !is_agreed) {
        page.is_to_agree = pressed == Do::Save;
        page.impact = Some(impact);
    }
    if pressed != Do::Save || !is_agreed {
        return Ok(page.respond(&request, StatusCode::OK));
    }
    let told = page.told_after(&ground, &set);
    let (now, by) = (clock.now(), user.email);
    match db.write(move |conn| change::put(conn, now, &by, seen, set)).await {
        Ok(changes) => {
            let notice = if changes.is_empty() {
                "Nothing had changed.".to_owned()
            } else {
                told
            };
            Ok(see_other_with_notice(&config, "/design/question-sets", &notice))
        }
        Err(Refusal::Overtaken(newest, changes)) => {
            page.seen = newest;
            page.overtaken = Some(changes);
            Ok(page.respond(&request, StatusCode::CONFLICT))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}

impl Edit {
    /// As it is opened: a set of many questions is folded, so that one sees which there are.
    fn begun(ground: Ground, code: Option<Code>, mut draft: Draft) -> Edit {
        let is_short = draft.questions.len() <= FEW;
        for question in &mut draft.questions {
            question.is_open = is_short;
        }
        let lost_needs = draft.forget_needs(|need| ground.design.framework.need(need).is_some());
        Edit {
            lost_needs,
            ..Edit::load(&ground, code, draft, None, Faults::default())
        }
    }

    fn load(ground: &Ground, code: Option<Code>, mut draft: Draft, focus: Option<&Focus>, faults: Faults) -> Edit {
        let framework = &ground.design.framework;
        draft.number();
        let guessed = draft.guessed(ground.origins());
        let advice = advice::of_set(framework, &guessed);
        let cards = page::cards(&draft, &guessed, &framework.needs, &faults.0, &advice, focus);
        Edit {
            is_back: code.is_none() && ground.archived.is_some(),
            code,
            draft,
            cards,
            needs: framework.needs.clone(),
            faults,
            impact: None,
            is_to_agree: false,
            overtaken: None,
            is_gone: false,
            lost_needs: Vec::new(),
            advice: advice
                .into_iter()
                .filter(|advice| !advice.place.starts_with("questions["))
                .collect(),
            seen: ground.design.id,
        }
    }

    fn told_after(&self, ground: &Ground, set: &QuestionSet) -> String {
        match &self.code {
            Some(_) => Impact::of(&ground.design, &ground.tallies, set).in_short(),
            None if self.is_back => format!("“{}” is back.", set.title),
            None => format!("“{}” is saved. A drip can ask it now.", set.title),
        }
    }

    /// Buttons that change the page in place fetch it: the page may connect to this site.
    fn respond(self, request: &HttpRequest, status: StatusCode) -> HttpResponse {
        let mut response = Page(self).with(status).respond_to(request);
        let policy = HeaderValue::from_static(headers::WITH_FRAMES);
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        response
    }

    fn path(&self) -> String {
        match &self.code {
            Some(code) => format!("/design/question-sets/{code}/edit"),
            None => "/design/question-sets/new".to_owned(),
        }
    }

    fn heading(&self) -> String {
        let name = match is_given(&self.draft.title) {
            true => &self.draft.title,
            false => &self.draft.code,
        };
        match (&self.code, self.is_back) {
            (Some(_), _) => format!("Edit {name}"),
            (None, true) => format!("Bring back {name}"),
            (None, false) => "New question set".to_owned(),
        }
    }

    fn place(&self, fault: &Fault) -> String {
        page::place_words(&fault.place, &self.needs)
    }

    /// Where a fault can be put right that is not of this page.
    fn elsewhere(&self, fault: &Fault) -> Option<&'static str> {
        if fault.place.contains("translations") {
            Some("/design/translations")
        } else if fault.place.starts_with("drips") {
            Some("/drips")
        } else {
            None
        }
    }

    /// As they are written into a question.
    fn merge_fields(&self) -> Vec<String> {
        let fields = MergeField::ALL.into_iter().filter(|field| !field.is_link());
        let written = |field: MergeField| match field {
            MergeField::CompanyName => "{{ company.name | default: \"your company\" }}".to_owned(),
            MergeField::TransactionProduct => "{{ transaction.product | default: \"our product\" }}".to_owned(),
            MergeField::ContactFirstName => "{{ contact.first_name | default: \"there\" }}".to_owned(),
            field => format!("{{{{ {} | default: \"…\" }}}}", field.name()),
        };
        fields.map(written).collect()
    }

    fn need_code(&self, at: &usize) -> String {
        typed::id(self.needs.get(*at).map_or("", |need| need.code.as_str()))
    }

    /// The id of a line's control: its place in the file.
    fn line_id(&self, card: &Card, line: &LineView, field: &str) -> String {
        typed::id(&format!("questions[{}].{}[{}].{field}", card.at, card.list(), line.at))
    }

    fn needs_count(&self) -> &'static str {
        if self.needs.len() > 5 {
            "loads loads-many"
        } else {
            "loads"
        }
    }
}
