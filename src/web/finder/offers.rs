//! Offers, each with the needs that it serves: listed, added, changed, archived.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::accounts::User;
use crate::clock::Clock;
use crate::config::Config;
use crate::design::{self, Design};
use crate::ids::OfferId;
use crate::plan::offers::rules::{NAME_CHARACTERS, NOTE_CHARACTERS, Typed, WEIGHT, served_words};
use crate::plan::offers::{self, Offer, Refusal};
use crate::store::Db;
use crate::text::figures;
use crate::web::companies::value;
use crate::web::error::{AppError, Fault};
use crate::web::form::{Faults, Form};
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::Sales;

const FINDER: &str = "/companies/finder";
const OFFERS: &str = "/companies/finder/offers";

#[derive(Template)]
#[template(path = "companies/offers.html")]
pub struct Index {
    user: User,
    design: Arc<Design>,
    offers: Vec<Offer>,
    is_archive: bool,
}

#[derive(Template)]
#[template(path = "companies/offer.html")]
pub struct Edit {
    design: Arc<Design>,
    /// The one that is changed; none: a new one.
    offer: Option<Offer>,
    typed: Typed,
    faults: Faults,
}

/// `GET /companies/finder/offers`
pub async fn index(
    Sales(user): Sales,
    db: Data<Db>,
    parameters: Query<Vec<(String, String)>>,
) -> Result<Page<Index>, AppError> {
    let is_archive = match value(&parameters, "show") {
        "" => false,
        "archived" => true,
        other => return Err(AppError::BadRequest(format!("There is no list of {other} offers."))),
    };
    let index = db
        .read(move |conn| {
            Ok::<_, AppError>(Index {
                design: design::current(conn)?,
                offers: match is_archive {
                    true => offers::list_archived(conn)?,
                    false => offers::list(conn)?,
                },
                is_archive,
                user,
            })
        })
        .await?;
    Ok(Page(index))
}

/// `GET /companies/finder/offers/new`
pub async fn new(_: Sales, db: Data<Db>) -> Result<Page<Edit>, AppError> {
    let design = db.read(design::current).await?;
    Ok(Page(Edit {
        design,
        offer: None,
        typed: Typed::default(),
        faults: Faults::default(),
    }))
}

/// `POST /companies/finder/offers`: kept, and whom it meets is shown.
pub async fn create(
    request: HttpRequest,
    Sales(user): Sales,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, typed) = (clock.now(), typed(&form)?);
    let put = typed.clone();
    let kept = db
        .write(move |conn| {
            let design = design::current(conn)?;
            offers::add(conn, now, &user, &design, &put)
        })
        .await;
    match kept {
        Ok(id) => {
            let notice = "The offer is kept. Below are the companies whose needs it meets.";
            Ok(see_other_with_notice(&config, &found_href(id), notice))
        }
        Err(Refusal::Faulty(faults)) => again(&request, &db, None, typed, faults).await,
        Err(refusal) => Err(refusal.into()),
    }
}

/// `GET /companies/finder/offers/{id}`
pub async fn edit(Sales(user): Sales, db: Data<Db>, id: Path<String>) -> Result<Page<Edit>, AppError> {
    let id = number(&id)?;
    let edit = db
        .read(move |conn| {
            let offer = offers::find(conn, id)?.filter(|offer| !offer.is_archived);
            let offer = offer.ok_or(AppError::NotFound)?;
            if !offers::may_change(&user, &offer) {
                return Err(Refusal::NotYours(offer.made_by).into());
            }
            Ok::<_, AppError>(Edit {
                design: design::current(conn)?,
                typed: Typed::of(&offer),
                offer: Some(offer),
                faults: Faults::default(),
            })
        })
        .await?;
    Ok(Page(edit))
}

/// `POST /companies/finder/offers/{id}`
pub async fn update(
    request: HttpRequest,
    Sales(user): Sales,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, id, typed) = (clock.now(), number(&id)?, typed(&form)?);
    let put = typed.clone();
    let kept = db
        .write(move |conn| {
            let design = design::current(conn)?;
            offers::change(conn, now, &user, &design, id, &put)
        })
        .await;
    match kept {
        Ok(()) => {
            let notice = "The offer is changed. Below are the companies whose needs it meets now.";
            Ok(see_other_with_notice(&config, &found_href(id), notice))
        }
        Err(Refusal::Faulty(faults)) => again(&request, &db, Some(id), typed, faults).await,
        Err(refusal) => Err(refusal.into()),
    }
}

/// `POST /companies/finder/offers/{id}/archive`
pub async fn archive(
    Sales(user): Sales,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    let (now, id) = (clock.now(), number(&id)?);
    let offer = db
        .write(move |conn| offers::archive(conn, now, &user, id, true))
        .await?;
    let notice = format!(
        "“{}” is archived. It stands under “Archived”, from where it can be put back.",
        offer.name
    );
    Ok(see_other_with_notice(&config, OFFERS, &notice))
}

/// `POST /companies/finder/offers/{id}/return`
pub async fn put_back(
    Sales(user): Sales,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    id: Path<String>,
) -> Result<HttpResponse, AppError> {
    let (now, id) = (clock.now(), number(&id)?);
    let offer = db
        .write(move |conn| offers::archive(conn, now, &user, id, false))
        .await?;
    Ok(see_other_with_notice(
        &config,
        OFFERS,
        &format!("“{}” is back.", offer.name),
    ))
}

/// The form again, with all that was typed and what is wrong with it.
async fn again(
    request: &HttpRequest,
    db: &Data<Db>,
    id: Option<OfferId>,
    typed: Typed,
    faults: Vec<(String, String)>,
) -> Result<HttpResponse, AppError> {
    let (design, offer) = db
        .read(move |conn| {
            let offer = match id {
                Some(id) => offers::find(conn, id)?,
                None => None,
            };
            Ok::<_, AppError>((design::current(conn)?, offer))
        })
        .await?;
    let faults = faults.into_iter().map(|(field, message)| Fault::new(field, message));
    let page = Edit {
        design,
        offer,
        typed,
        faults: Faults(faults.collect()),
    };
    Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(request))
}

/// Whatever is not the number of an offer is none of them.
fn number(id: &str) -> Result<OfferId, AppError> {
    id.parse().map(OfferId).map_err(|_| AppError::NotFound)
}

fn typed(form: &Form) -> Result<Typed, AppError> {
    let mut weights = BTreeMap::new();
    for (field, value) in &form.0 {
        if let Some(need) = field.strip_prefix(WEIGHT)
            && weights.insert(need.to_owned(), value.clone()).is_some()
        {
            return Err(AppError::BadRequest(format!("The field {field} was sent twice.")));
        }
    }
    Ok(Typed {
        name: form.text("name")?.to_owned(),
        note: form.text("note")?.to_owned(),
        weights,
    })
}

fn found_href(id: OfferId) -> String {
    format!("{FINDER}?offer={id}#found")
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> AppError {
        match refusal {
            Refusal::Faulty(faults) => AppError::Unprocessable(
                faults
                    .into_iter()
                    .map(|(field, message)| Fault::new(field, message))
                    .collect(),
            ),
            Refusal::Unknown => AppError::NotFound,
            Refusal::NotYours(by) => {
                AppError::Forbidden(format!("This offer is {by}’s. Ask them or an analyst to change it."))
            }
            Refusal::Store(error) => error.into(),
        }
    }
}

impl Index {
    fn may_change(&self, offer: &Offer) -> bool {
        offers::may_change(&self.user, offer)
    }

    fn served(&self, offer: &Offer) -> String {
        served_words(&self.design, offer)
    }

    fn found_href(&self, offer: &Offer) -> String {
        found_href(offer.id)
    }

    fn edit_href(&self, offer: &Offer) -> String {
        format!("{OFFERS}/{}", offer.id)
    }
}

impl Edit {
    fn action(&self) -> String {
        match &self.offer {
            Some(offer) => format!("{OFFERS}/{}", offer.id),
            None => OFFERS.to_owned(),
        }
    }

    fn weight(&self, need: &str) -> &str {
        self.typed.weights.get(need).map_or("", String::as_str)
    }

    fn weight_fault(&self, need: &str) -> Option<&str> {
        self.faults.of(&format!("{WEIGHT}{need}"))
    }
}
