//! `/api/v1/outbox`: every mail that was decided on, and where it stands.

use actix_web::web::{Data, Json, Query};
use serde::Serialize;

use crate::clock::rfc3339;
use crate::drip::queue::{self, MailRow, STATES, Wanted};
use crate::store::{self, Db};
use crate::web::error::{AppError, Fault};

/// Mails in one answer.
const USUAL: i64 = 50;
const MOST: i64 = 500;

#[derive(Serialize)]
pub struct List {
    items: Vec<Mail>,
    /// What `cursor` takes for the mails after these.
    next: Option<String>,
}

#[derive(Serialize)]
pub struct Mail {
    id: i64,
    to: String,
    /// External id.
    contact: String,
    drip: String,
    /// From 1, as `contacts` counts them.
    step: i32,
    reminder: bool,
    state: String,
    /// How often it was taken up to be sent.
    attempts: i32,
    next_try: Option<String>,
    /// Why it waits; null for a mail that has ended.
    waits_for: Option<String>,
    maybe_duplicate: bool,
    /// What the server said last, or why the mail ended.
    reply: Option<String>,
}

impl From<MailRow> for Mail {
    fn from(row: MailRow) -> Mail {
        Mail {
            next_try: row.next_try().map(rfc3339),
            waits_for: row.is_waiting().then(|| row.reason().words().to_owned()),
            reminder: row.is_reminder(),
            id: row.id.0,
            to: row.to_address,
            contact: row.contact,
            drip: row.drip,
            step: row.step + 1,
            state: row.state,
            attempts: row.attempts,
            maybe_duplicate: row.maybe_duplicate,
            reply: row.reply,
        }
    }
}

/// `GET /api/v1/outbox?state=…&drip=…&limit=…&cursor=…`
pub async fn index(db: Data<Db>, parameters: Query<Vec<(String, String)>>) -> Result<Json<List>, AppError> {
    let asked = Asked::read(&parameters)?;
    let list = db
        .read(move |conn| {
            // One more than asked for tells whether there are more.
            let mut rows = queue::list_after(conn, &asked.wanted, asked.after, asked.most + 1)?;
            let more = rows.len() as i64 > asked.most;
            rows.truncate(asked.most as usize);
            Ok::<_, store::Error>(List {
                next: rows.last().filter(|_| more).map(|row| row.id.to_string()),
                items: rows.into_iter().map(Mail::from).collect(),
            })
        })
        .await?;
    Ok(Json(list))
}

struct Asked {
    wanted: Wanted,
    after: i64,
    most: i64,
}

impl Asked {
    /// Every parameter once, `state` also with several values joined by commas; or all faults.
    fn read(parameters: &[(String, String)]) -> Result<Asked, AppError> {
        let mut asked = Asked {
            wanted: Wanted::default(),
            after: 0,
            most: USUAL,
        };
        let mut faults = Vec::new();
        for (name, value) in parameters {
            match name.as_str() {
                "state" => {
                    for word in value.split(',').map(str::trim).filter(|word| !word.is_empty()) {
                        match STATES.into_iter().find(|state| *state == word) {
                            Some(state) => asked.wanted.states.push(state),
                            None => faults.push(Fault::new(name, format!("{word:?} is none of {}", STATES.join(", ")))),
                        }
                    }
                }
                "drip" => asked.wanted.drip = Some(value.clone()).filter(|drip| !drip.is_empty()),
                "limit" => match value.parse() {
                    Ok(limit) if (1..=MOST).contains(&limit) => asked.most = limit,
                    _ => faults.push(Fault::new(name, format!("is not a number from 1 to {MOST}"))),
                },
                "cursor" => match value.parse() {
                    Ok(after) if after > 0 => asked.after = after,
                    _ => faults.push(Fault::new(name, "is not a cursor that this call gave")),
                },
                _ => faults.push(Fault::new(
                    name,
                    "is not a parameter of this call; there are state, drip, limit, cursor",
                )),
            }
        }
        if faults.is_empty() {
            Ok(asked)
        } else {
            Err(AppError::Unprocessable(faults))
        }
    }
}
