//! What a drip's page says where mail does not go as it should, and what an admin does about it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use chrono::NaiveDateTime;

use crate::accounts::User;
use crate::answers;
use crate::clock::Clock;
use crate::config::Config;
use crate::drip::claim::HoldRow;
use crate::drip::{self, Unmailable, backlog, breaker, destination};
use crate::store::{self, Conn, Db};
use crate::text::figures;

use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::see_other_with_notice;
use crate::web::session::Admin;

/// So many transactions without a contact are named.
pub const UNMAILABLE: usize = 50;

pub struct Troubles {
    /// Of the breakers.
    pub warning: Option<String>,
    /// Domains that get none of its mail.
    pub held: Vec<HoldRow>,
    /// Mails that leave spread, being more than a day late.
    pub late: i64,
    /// Links answered only by what looks like a program.
    pub suspects: i64,
    /// Transactions that have nobody to write to.
    pub unmailable: Vec<Unmailable>,
}

impl Troubles {
    pub fn load(conn: &mut Conn, now: NaiveDateTime, code: &str) -> store::Result<Troubles> {
        let held = destination::list_held(conn)?;
        let suspects = answers::count_suspect(conn)?;
        Ok(Troubles {
            warning: breaker::warning(conn, code)?,
            held: held.into_iter().filter(|hold| hold.drip == code).collect(),
            late: backlog::count(conn, now, code)?,
            suspects: suspects
                .iter()
                .find(|(drip, _)| drip == code)
                .map_or(0, |(_, count)| *count),
            unmailable: drip::list_unmailable(conn, code, UNMAILABLE)?,
        })
    }
}

/// `POST /drips/{code}/release`: a domain gets the drip's mail again.
pub async fn release(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Path<String>,
    Admin(User { email, .. }): Admin,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let domain = form.text("domain")?.to_owned();
    if domain.is_empty() {
        return Err(AppError::BadRequest("Say which domain to release.".to_owned()));
    }
    let (now, drip, asked) = (clock.now(), code.clone(), domain.clone());
    let released = db
        .write(move |conn| destination::release(conn, now, &email, &drip, &asked))
        .await?;
    let notice = if released {
        format!("Mail to {domain} goes again.")
    } else {
        format!("Mail to {domain} was not held.")
    };
    Ok(see_other_with_notice(&config, &format!("/drips/{code}"), &notice))
}

/// `POST /drips/{code}/release-late`: late mails go at once, not spread.
pub async fn release_late(
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Path<String>,
    Admin(User { email, .. }): Admin,
) -> Result<HttpResponse, AppError> {
    let (now, drip) = (clock.now(), code.clone());
    let released = db
        .write(move |conn| drip::release_backlog(conn, now, &email, &drip))
        .await?;
    let mails = figures::counted(released as i64, "late mail goes", "late mails go");
    let notice = format!("{mails} as soon as send windows and the server allow.");
    Ok(see_other_with_notice(&config, &format!("/drips/{code}"), &notice))
}
