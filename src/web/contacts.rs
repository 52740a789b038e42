//! Contacts: the people whom drips ask. Who they are and where, never how they answered.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::accounts::Role;
use crate::clock::Clock;
use crate::companies::contacts::{self, Listed};
use crate::companies::listing::{Stretch, Viewer};
use crate::config::{Config, SecretKey};
use crate::conversations::{self, ConversationRow};
use crate::design;
use crate::mail::suppression;
use crate::privacy::{self, Held, MailRow, Who, rules};
use crate::store::{self, Db};
use crate::text::figures;

use super::api;
use super::companies::{asked_page, value};
use super::error::AppError;
use super::page::{Page, see_other_with_notice};
use super::session::{Admin, Analyst, Sales, Sight};
use super::{erasure, link};

/// Conversations on a contact's page.
const CONVERSATIONS: i64 = 20;
/// Contacts on a page.
const ROWS: i64 = 50;
/// Mails, and what came back, on a contact's page.
const MAILS: usize = 50;

#[derive(Template)]
#[template(path = "contacts/index.html")]
pub struct Index {
    contacts: Vec<Listed>,
    total: i64,
    page: i64,
    search: String,
}

/// `GET /contacts`
pub async fn index(
    db: Data<Db>,
    parameters: Query<Vec<(String, String)>>,
    _: Sales,
    Sight(viewer): Sight,
) -> Result<Page<Index>, AppError> {
    let page = asked_page(&parameters)?;
    let search = value(&parameters, "search").trim().to_owned();
    let index = db
        .read(move |conn| {
            let sought = Some(search.as_str()).filter(|search| !search.is_empty());
            Ok::<_, store::Error>(Index {
                contacts: contacts::list(conn, &viewer, sought, Stretch::page(page, ROWS))?,
                total: contacts::count(conn, &viewer, sought)?,
                page,
                search,
            })
        })
        .await?;
    Ok(Page(index))
}

impl Index {
    fn turned(&self, page: i64) -> String {
        let page = page.to_string();
        link::with("/contacts", [("search", self.search.as_str()), ("page", page.as_str())])
    }

    fn first(&self) -> Option<String> {
        (self.page > 1).then(|| self.turned(1))
    }

    fn next(&self) -> Option<String> {
        (self.page.saturating_mul(ROWS) < self.total).then(|| self.turned(self.page + 1))
    }

    fn company_href(&self, external_id: &str) -> String {
        format!("/companies/{}", link::part(external_id))
    }

    fn href(&self, external_id: &str) -> String {
        href(external_id)
    }
}

/// A contact's page.
pub fn href(external_id: &str) -> String {
    format!("/contacts/{}", link::part(external_id))
}

#[derive(Template)]
#[template(path = "contacts/show.html")]
pub struct Show {
    held: Held,
    /// The framework's drips: code, name, how many steps.
    drips: Vec<(String, String, usize)>,
    now: chrono::NaiveDateTime,
    /// What was sent and what became of it is for analysts.
    may_see_mails: bool,
    may_erase: bool,
    conversations: Vec<ConversationRow>,
}

/// `GET /contacts/{external_id}`
pub async fn show(
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
    Sales(user): Sales,
    Sight(viewer): Sight,
) -> Result<Page<Show>, AppError> {
    let now = clock.now();
    let found = db
        .read(move |conn| {
            let Some(contact) = privacy::find(conn, &viewer, &external_id)? else {
                return Ok(None);
            };
            let held = privacy::held(conn, contact)?;
            let design = design::current(conn)?;
            let drips = design.framework.drips.iter();
            let drips = drips.map(|drip| (drip.code.clone(), drip.name.clone(), drip.steps.len()));
            let spoken = conversations::list_of_contact(conn, contact, CONVERSATIONS)?;
            Ok::<_, store::Error>(held.map(|held| (held, drips.collect(), spoken)))
        })
        .await?;
    let (held, drips, conversations) = found.ok_or(AppError::NotFound)?;
    Ok(Page(Show {
        held,
        drips,
        now,
        may_see_mails: user.role.may(Role::Analyst),
        may_erase: user.role.may(Role::Admin),
        conversations,
    }))
}

/// `GET /contacts/{external_id}/export`
pub async fn export(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
    Analyst(user): Analyst,
) -> Result<HttpResponse, AppError> {
    api::contacts::hand_out(&request, &db, &clock, user.email, external_id.into_inner()).await
}

/// `DELETE` of the contact, as a form posts it: `POST /contacts/{external_id}/erasure`.
pub async fn erase(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    key: Data<SecretKey>,
    external_id: Path<String>,
    Admin(user): Admin,
) -> Result<HttpResponse, AppError> {
    let contact = db
        .read(move |conn| privacy::find(conn, &Viewer::All, &external_id))
        .await?;
    let who = Who::Contact(contact.ok_or(AppError::NotFound)?);
    match erasure::erase(&db, &clock, &key, user.email, who).await? {
        true => Ok(see_other_with_notice(
            &config,
            "/contacts",
            "The contact is removed, with everything that was held about it.",
        )),
        false => Err(AppError::NotFound),
    }
}

impl Show {
    fn name(&self) -> String {
        let person = &self.held.person;
        let known: Vec<&str> = [&person.first_name, &person.last_name]
            .into_iter()
            .filter_map(|name| name.as_deref())
            .collect();
        match known.is_empty() {
            true => person.external_id.clone(),
            false => known.join(" "),
        }
    }

    fn href(&self) -> String {
        href(&self.held.person.external_id)
    }

    fn company_href(&self, external_id: &str) -> String {
        format!("/companies/{}", link::part(external_id))
    }

    /// Why no mail goes there at all.
    fn stopped(&self) -> Option<&str> {
        let all = self.held.suppressions.iter().find(|(drip, _)| drip.is_empty());
        all.map(|(_, reason)| rules::reason(reason))
    }

    /// The drips whose mails do not go there, each with the reason.
    fn stopped_drips(&self) -> impl Iterator<Item = (&str, &str)> {
        let some = self.held.suppressions.iter().filter(|(drip, _)| !drip.is_empty());
        some.map(|(drip, reason)| (self.drip_name(drip), rules::reason(reason)))
    }

    /// Whether the contact's own wish is among the reasons: nobody else can take it back.
    fn is_own_wish(&self) -> bool {
        let mut reasons = self.held.suppressions.iter();
        reasons.any(|(_, reason)| reason == suppression::UNSUBSCRIBED)
    }

    /// What holds mails back for a time.
    fn waits(&self) -> Vec<String> {
        let wishes = &self.held.wishes;
        let to_come = |at: &Option<chrono::NaiveDateTime>| at.filter(|at| *at > self.now);
        let gap = wishes.gap_days.map(|days| {
            format!(
                "At least {} between two mails",
                figures::counted(i64::from(days), "day", "days")
            )
        });
        let pause = to_come(&wishes.paused_until)
            .map(|until| format!("Asked for a pause until {}", figures::date(until.date())));
        let away = to_come(&wishes.away_until).map(|until| format!("Away until {}", figures::date(until.date())));
        [gap, pause, away].into_iter().flatten().collect()
    }

    /// A drip that the framework has no more goes by its code.
    fn drip_name<'a>(&'a self, code: &'a str) -> &'a str {
        let known = self.drips.iter().find(|(known, ..)| known == code);
        known.map_or(code, |(_, name, _)| name)
    }

    fn has_drip(&self, code: &str) -> bool {
        self.drips.iter().any(|(known, ..)| known == code)
    }

    /// `2 of 3`
    fn step(&self, code: &str, step: &i32) -> String {
        match self.drips.iter().find(|(known, ..)| known == code) {
            Some((_, _, steps)) => format!("{step} of {steps}"),
            None => step.to_string(),
        }
    }

    fn mails(&self) -> impl Iterator<Item = &MailRow> {
        self.held.mails.iter().rev().take(MAILS)
    }

    fn more_mails(&self) -> i64 {
        self.held.mails.len().saturating_sub(MAILS) as i64
    }

    fn incoming(&self) -> impl Iterator<Item = &privacy::IncomingRow> {
        self.held.incoming.iter().rev().take(MAILS)
    }

    /// When it left, or when that was decided otherwise, or when it was made.
    fn when(&self, mail: &MailRow) -> String {
        figures::date_time(mail.sent_at.or(mail.ended_at).unwrap_or(mail.made_at))
    }
}

fn which(mail: &MailRow) -> String {
    match mail.nth {
        0 => format!("step {}", mail.step + 1),
        _ => format!("step {}, reminder", mail.step + 1),
    }
}

/// A badge's class for a mail's state.
fn badge(mail: &MailRow) -> &'static str {
    match mail.state.as_str() {
        "sent" if mail.maybe_duplicate => "badge badge-warn",
        "sent" => "badge badge-done",
        "failed" => "badge badge-fault",
        "deferred" => "badge badge-warn",
        _ => "badge",
    }
}
