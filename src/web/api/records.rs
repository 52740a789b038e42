//! Companies, contacts, transactions and usage as JSON: arrays of objects keyed as the columns of files.

use std::collections::HashSet;
use std::sync::Arc;

use actix_web::web::{Data, Json};
use serde::Serialize;
use serde_json::Value;

use super::{ApiAnalyst, ApiJson};
use crate::clock::Clock;
use crate::companies::record::Row;
use crate::config::SecretKey;
use crate::import::{self, Refusal, What};
use crate::store::Db;
use crate::web::error::{AppError, Fault};

/// So many objects in one call.
const MOST: usize = 10_000;

#[derive(Serialize)]
pub struct Counts {
    created: u64,
    updated: u64,
    unchanged: u64,
}

/// `POST /api/v1/companies`
pub async fn companies(
    db: Data<Db>,
    clock: Data<Clock>,
    key: Data<SecretKey>,
    token: ApiAnalyst,
    body: ApiJson<Value>,
) -> Result<Json<Counts>, AppError> {
    take(&db, &clock, key, token, What::Companies, body.0).await
}

/// `POST /api/v1/contacts`
pub async fn contacts(
    db: Data<Db>,
    clock: Data<Clock>,
    key: Data<SecretKey>,
    token: ApiAnalyst,
    body: ApiJson<Value>,
) -> Result<Json<Counts>, AppError> {
    take(&db, &clock, key, token, What::Contacts, body.0).await
}

/// `POST /api/v1/transactions`
pub async fn transactions(
    db: Data<Db>,
    clock: Data<Clock>,
    key: Data<SecretKey>,
    token: ApiAnalyst,
    body: ApiJson<Value>,
) -> Result<Json<Counts>, AppError> {
    take(&db, &clock, key, token, What::Transactions, body.0).await
}

/// `POST /api/v1/usage`
pub async fn usage(
    db: Data<Db>,
    clock: Data<Clock>,
    key: Data<SecretKey>,
    token: ApiAnalyst,
    body: ApiJson<Value>,
) -> Result<Json<Counts>, AppError> {
    take(&db, &clock, key, token, What::Usage, body.0).await
}

async fn take(
    db: &Db,
    clock: &Clock,
    key: Data<SecretKey>,
    ApiAnalyst(token): ApiAnalyst,
    what: What,
    body: Value,
) -> Result<Json<Counts>, AppError> {
    let now = clock.now();
    let actor = token.actor();
    let (rows, faults) = read(body)?;
    let taken = db
        .write(
            move |conn| match import::rows(conn, now, &actor, &key, what, rows.into_iter()) {
                Ok(counts) if faults.is_empty() => Ok(counts),
                Ok(_) => Err(AppError::Unprocessable(faults)),
                Err(Refusal::Faulty(found)) => Err(AppError::Unprocessable(all(faults, found))),
                Err(Refusal::Store(error)) => Err(error.into()),
            },
        )
        .await?;
    Ok(Json(Counts {
        created: taken.created,
        updated: taken.updated,
        unchanged: taken.unchanged,
    }))
}

/// Both kinds of faults: in the shape of the JSON, and in what it says. What is no object says nothing. What is no object at all
/// says nothing else.
fn all(mut faults: Vec<Fault>, found: Vec<(usize, crate::companies::record::Fault)>) -> Vec<Fault> {
    let whole: HashSet<String> = faults.iter().map(|fault| fault.place.clone()).collect();
    let told = |number: &usize| !whole.contains(&format!("[{number}]"));
    let found = found.into_iter().filter(|(number, _)| told(number));
    faults.extend(found.map(|(number, fault)| match &fault.field {
        Some(field) => Fault::new(format!("[{number}].{field}"), format!("{field} {}", fault.reason)),
        None => Fault::new(format!("[{number}]"), fault.reason),
    }));
    faults
}

/// The objects as rows, and the values that no column can have.
fn read(body: Value) -> Result<(Vec<Row>, Vec<Fault>), AppError> {
    let Value::Array(items) = body else {
        let message = "is not an array of objects";
        return Err(AppError::Unprocessable(vec![Fault::new("$", message)]));
    };
    if items.len() > MOST {
        let message = format!(
            "holds {} objects, but {MOST} are the most: send them in parts",
            items.len()
        );
        return Err(AppError::Unprocessable(vec![Fault::new("$", message)]));
    }
    let mut faults = Vec::new();
    let mut rows = Vec::with_capacity(items.len());
    for (number, item) in items.into_iter().enumerate() {
        rows.push(match item {
            Value::Object(object) => row(number, object, &mut faults),
            _ => {
                faults.push(Fault::new(format!("[{number}]"), "is not an object"));
                Row::default()
            }
        });
    }
    Ok((rows, faults))
}

fn row(number: usize, object: serde_json::Map<String, Value>, faults: &mut Vec<Fault>) -> Row {
    let mut fields = Vec::with_capacity(object.len());
    for (name, value) in object {
        match text(value) {
            Ok(text) => fields.push((Arc::from(name), text)),
            Err(message) => faults.push(Fault::new(format!("[{number}].{name}"), format!("{name} {message}"))),
        }
    }
    Row { fields }
}

/// A value as a cell would have it; lists are joined as files join them.
fn text(value: Value) -> Result<Option<String>, &'static str> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Bool(yes) => Ok(Some(yes.to_string())),
        Value::Array(list) => {
            let words: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            words
                .map(|words| Some(words.join("|")))
                .ok_or("is a list of something else than texts")
        }
        Value::Object(_) => Err("is an object where a text or a number belongs"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_become_what_a_cell_would_hold() {
        let cell = |value| text(value).unwrap();
        assert_eq!(cell(json!(null)), None);
        assert_eq!(cell(json!(1.5)), Some("1.5".into()));
        assert_eq!(cell(json!(800)), Some("800".into()));
        assert_eq!(cell(json!(["a", "b"])), Some("a|b".into()));
        assert!(text(json!({"a": 1})).is_err());
        assert!(text(json!([1])).is_err());
    }

    #[test]
    fn what_is_no_object_keeps_its_number() {
        let (rows, faults) = read(json!([{"external_id": "c-1"}, 7])).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(faults, [Fault::new("[1]", "is not an object")]);
        assert!(read(json!({})).is_err());
    }
}
