//! What a contact wants of our mail, behind a mailed link.

use std::borrow::Borrow;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use chrono::NaiveDate;

use crate::clock::Clock;
use crate::config::{Config, SecretKey};
use crate::design;
use crate::drip;
use crate::mail::suppression;
use crate::mail::token::{self, Purpose};
use crate::phrases::Language;
use crate::privacy::{self, SentMail, Summary, Who};
use crate::respond::wishes::{self, rules};
use crate::respond::{self, Holder, NoWish, Preferences, Stop, Wish};
use crate::store::{self, Db};

use super::erasure;
use super::error::AppError;
use super::form::Form;
use super::language;
use super::page::Page;

#[derive(Template)]
#[template(path = "preferences/show.html")]
struct Show {
    language: Language,
    /// Where its forms go, without what a mail program has added to the link.
    token: String,
    sender: String,
    today: NaiveDate,
    preferences: Preferences,
    summary: Summary,
    /// Each drip's code with its name.
    drips: Vec<(String, String)>,
    after: After,
}

/// What a button has just done.
#[derive(Default)]
struct After {
    done: Option<Wish>,
    undo: Option<Wish>,
    /// The removal is to be confirmed.
    asks_erase: bool,
    /// What is wrong with the day that was typed, as `phrases` has it, and what that was.
    fault: Option<&'static str>,
    typed: String,
}

impl Show {
    /// Whether the contact may take it back: its own wish, not a bounce.
    fn is_own_wish(&self, why: &str) -> bool {
        why == suppression::UNSUBSCRIBED
    }

    /// Why nothing comes, where that is not the contact's own wish.
    fn barred(&self, why: &str) -> String {
        self.language.say(match why {
            suppression::BOUNCED => "barred-bounced",
            suppression::COMPLAINED => "barred-complained",
            _ => "barred",
        })
    }

    fn heading(&self) -> String {
        self.language
            .say_with("prefs-heading", &[("sender", (&self.sender).into())])
    }

    fn done(&self) -> Option<String> {
        self.after.done.map(|wish| done(self.language, wish))
    }

    fn about_drip(&self, key: &str) -> String {
        self.language
            .say_with(key, &[("drip", (&self.preferences.drip).into())])
    }

    fn counted(&self, key: &str, n: impl Borrow<i64>) -> String {
        self.language.say_with(key, &[("n", (*n.borrow()).into())])
    }

    fn days(&self, key: &str, days: &i32) -> String {
        self.counted(key, i64::from(*days))
    }

    fn months(&self, months: i64) -> String {
        self.counted("pause-months", months)
    }

    fn pause_now(&self, until: &NaiveDate) -> String {
        let date = self.language.date(*until);
        self.language.say_with("pause-now", &[("date", (&date).into())])
    }

    fn gaps(&self) -> impl Iterator<Item = &'static i32> {
        let now = self.preferences.gap_days;
        rules::GAPS.iter().filter(move |days| now != Some(**days))
    }

    fn until(&self) -> String {
        self.after.typed.clone()
    }

    fn first_day(&self) -> String {
        self.today.succ_opt().unwrap_or(self.today).to_string()
    }

    fn last_day(&self) -> String {
        rules::last_day(self.today).unwrap_or(self.today).to_string()
    }

    fn undo(&self) -> Option<(String, String)> {
        let (wish, until) = self.after.undo?.spelt();
        Some((wish, until.map(|until| until.to_string()).unwrap_or_default()))
    }

    fn told(&self, mail: &SentMail) -> String {
        let name = self.drips.iter().find(|(code, _)| *code == mail.drip);
        let name = name.map_or(mail.drip.as_str(), |(_, name)| name);
        let key = if mail.nth == 0 { "held-mail" } else { "held-reminder" };
        let date = self.language.date(mail.at.date());
        let values = [
            ("date", (&date).into()),
            ("drip", name.into()),
            ("n", (mail.step + 1).into()),
        ];
        self.language.say_with(key, &values)
    }
}

#[derive(Template)]
#[template(path = "preferences/unsubscribe.html")]
pub struct Unsubscribe {
    language: Language,
    token: String,
    stop: Stop,
    /// Mails come again.
    is_undone: bool,
    /// The link came with a test mail.
    is_test: bool,
}

impl Unsubscribe {
    /// A test mail's link says what it would have done.
    fn new(language: Language, token: String, found: Stop, wished: Stop, is_undone: bool) -> Unsubscribe {
        let is_test = found == Stop::Test;
        Unsubscribe {
            language,
            token: plain(token),
            stop: if is_test { wished } else { found },
            is_undone,
            is_test,
        }
    }

    fn is_on(&self) -> bool {
        self.stop == Stop::Not
    }
}

/// `GET /preferences/{token}`
pub async fn show(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    token: Path<String>,
) -> Result<HttpResponse, AppError> {
    let show = load(&request, &db, &clock, &config, token.into_inner(), After::default()).await?;
    Ok(Page(show).respond_to(&request))
}

/// `POST /preferences/{token}`
pub async fn update(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    key: Data<SecretKey>,
    token: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (now, token) = (clock.now(), token.into_inner());
    let until = form.text("until")?.to_owned();
    let after = match Wish::parse(form.text("wish")?, &until, now.date()) {
        Err(NoWish::Unknown) => {
            let given = token.clone();
            let holder = db
                .read(move |conn| respond::holder(conn, Purpose::Preferences, &given))
                .await?;
            return Err(match holder {
                Some(_) => AppError::BadRequest("Choose one of the buttons.".to_owned()),
                None => AppError::NotFound,
            });
        }
        Err(NoWish::Day(fault)) => After {
            fault: Some(fault),
            typed: until,
            ..After::default()
        },
        Ok(Wish::Erase) => After {
            asks_erase: true,
            ..After::default()
        },
        Ok(Wish::EraseYes) => remove(&db, &clock, &key, &token).await?,
        Ok(wish) => {
            let given = token.clone();
            let wished = db.write(move |conn| respond::wish(conn, now, &given, wish)).await?;
            let wished = wished.ok_or(AppError::NotFound)?;
            if let Some(email_key) = &wished.quiet {
                drip::calm(&db, email_key).await;
            }
            After {
                done: Some(wish),
                undo: wished.undo,
                ..After::default()
            }
        }
    };
    let status = match after.fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let show = load(&request, &db, &clock, &config, token, after).await?;
    Ok(Page(show).with(status).respond_to(&request))
}

fn done(language: Language, wish: Wish) -> String {
    match wish {
        Wish::StopDrip => language.say("done-stop-drip"),
        Wish::StopAll => language.say("done-stop-all"),
        Wish::ResumeDrip | Wish::ResumeAll => language.say("done-resume"),
        Wish::Gap(Some(days)) => language.say_with("done-gap", &[("n", days.into())]),
        Wish::Gap(None) => language.say("done-gap-end"),
        Wish::Pause(Some(until)) => {
            let date = language.date(until);
            language.say_with("done-pause", &[("date", (&date).into())])
        }
        Wish::Pause(None) => language.say("done-pause-end"),
        Wish::Erase | Wish::EraseYes => language.say("done-erase"),
    }
}

async fn remove(db: &Db, clock: &Clock, key: &SecretKey, token: &str) -> Result<After, AppError> {
    let given = token.to_owned();
    let holder = db
        .read(move |conn| respond::holder(conn, Purpose::Preferences, &given))
        .await?;
    match holder.ok_or(AppError::NotFound)? {
        Holder::Gone | Holder::Test { .. } => {}
        Holder::Contact { email_key, .. } => {
            erasure::erase(db, clock, key, wishes::ACTOR.to_owned(), Who::Address(email_key)).await?;
        }
    }
    Ok(After {
        done: Some(Wish::EraseYes),
        ..After::default()
    })
}

async fn load(
    request: &HttpRequest,
    db: &Db,
    clock: &Clock,
    config: &Config,
    token: String,
    after: After,
) -> Result<Show, AppError> {
    let (now, given) = (clock.now(), token.clone());
    let found = db
        .read(move |conn| {
            let Some(preferences) = respond::preferences(conn, now, &given)? else {
                return Ok(None);
            };
            let summary = match preferences.contact {
                Some(contact) => privacy::summary(conn, contact)?,
                None => Summary::default(),
            };
            let design = design::current(conn)?;
            let drips = design.framework.drips.iter();
            let drips = drips.map(|drip| (drip.code.clone(), drip.name.clone())).collect();
            let language = respond::language(conn, Purpose::Preferences, &given)?;
            Ok::<_, store::Error>(Some((preferences, summary, drips, language)))
        })
        .await?;
    let (preferences, summary, drips, spoken) = found.ok_or(AppError::NotFound)?;
    let sender = match config.mail_from.name.as_str() {
        "" => config.mail_from.address.clone(),
        name => name.to_owned(),
    };
    Ok(Show {
        language: language::of(spoken.as_deref(), request),
        token: plain(token),
        sender,
        today: now.date(),
        preferences,
        summary,
        drips,
        after,
    })
}

/// The token without what a mail program may have added to it.
fn plain(given: String) -> String {
    token::read(&given).unwrap_or(given)
}

/// `GET /unsubscribe/{token}`: asks first, as programs that look at links open it, too.
pub async fn confirm(request: HttpRequest, db: Data<Db>, token: Path<String>) -> Result<Page<Unsubscribe>, AppError> {
    let token = token.into_inner();
    let (language, stop) = standing(&request, &db, &token).await?;
    Ok(Page(Unsubscribe::new(language, token, stop, Stop::Not, false)))
}

/// `POST /unsubscribe/{token}`: from the page, or with one click from a mail program (RFC 8058),
/// whose body, in whatever shape, says nothing that the address does not. Only the page's own undo
/// button asks for the contrary.
pub async fn unsubscribe(
    request: HttpRequest,
    db: Data<Db>,
    clock: Data<Clock>,
    token: Path<String>,
    form: Option<Form>,
) -> Result<Page<Unsubscribe>, AppError> {
    let (now, token) = (clock.now(), token.into_inner());
    let is_undone = form.is_some_and(|form| form.text("wish").is_ok_and(|wish| wish == "undo"));
    let given = token.clone();
    let known = match is_undone {
        true => {
            db.write(move |conn| respond::resubscribe_all(conn, now, &given))
                .await?
        }
        false => {
            let wished = db
                .write(move |conn| respond::unsubscribe_all(conn, now, &given))
                .await?;
            if let Some(email_key) = wished.as_ref().and_then(|wished| wished.quiet.as_deref()) {
                drip::calm(&db, email_key).await;
            }
            wished.is_some()
        }
    };
    if !known {
        return Err(AppError::NotFound);
    }
    let (language, stop) = standing(&request, &db, &token).await?;
    let wished = if is_undone { Stop::Not } else { Stop::Wished };
    Ok(Page(Unsubscribe::new(language, token, stop, wished, is_undone)))
}

/// How things stand behind the link, and in which language to say so.
async fn standing(request: &HttpRequest, db: &Db, token: &str) -> Result<(Language, Stop), AppError> {
    let given = token.to_owned();
    let (spoken, stop) = db
        .read(move |conn| {
            let spoken = respond::language(conn, Purpose::Unsubscribe, &given)?;
            Ok::<_, store::Error>((spoken, respond::stopped(conn, &given)?))
        })
        .await?;
    let stop = stop.ok_or(AppError::NotFound)?;
    Ok((language::of(spoken.as_deref(), request), stop))
}
