//! `/api/v1/answers`: what contacts said, from other tools.

use actix_web::web::{Data, Json};
use serde::Serialize;
use serde_json::Value;

use crate::clock::Clock;
use crate::import::{self, Refusal};
use crate::store::Db;
use crate::web::api::{ApiAnalyst, ApiJson};
use crate::web::error::{AppError, Fault};

/// How many things one call may bring.
const MOST: usize = 10_000;

#[derive(Serialize)]
pub struct Accepted {
    accepted: usize,
}

/// `POST /api/v1/answers`: takes all of them, or lists every fault and takes none.
pub async fn create(
    _: ApiAnalyst,
    db: Data<Db>,
    clock: Data<Clock>,
    ApiJson(answers): ApiJson<Vec<Value>>,
) -> Result<Json<Accepted>, AppError> {
    if answers.len() > MOST {
        let reason = format!(
            "{} answers are too many for one call: send at most {MOST}",
            answers.len()
        );
        return Err(AppError::Unprocessable(vec![Fault::new("body", reason)]));
    }
    let now = clock.now();
    let taken = db.write(move |conn| import::answers_json(conn, now, &answers)).await;
    match taken {
        Ok(accepted) => Ok(Json(Accepted { accepted })),
        Err(Refusal::Faulty(faults)) => Err(AppError::Unprocessable(faults.iter().map(placed).collect())),
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}

/// A reason reads on after the field's name, except where it says what to write instead.
fn placed((number, fault): &(usize, import::Fault)) -> Fault {
    match &fault.field {
        Some(field) if field == "value" => Fault::new(format!("[{number}].value"), fault.reason.as_str()),
        Some(field) => Fault::new(format!("[{number}].{field}"), format!("{field} {}", fault.reason)),
        None => Fault::new(format!("[{number}]"), fault.reason.as_str()),
    }
}
