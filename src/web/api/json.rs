//! JSON bodies, whose faults are told with their place.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::web::body;
use crate::web::error::{AppError, Fault};

const MOST_BYTES: usize = 16 * 1024 * 1024;

/// A JSON body.
pub struct ApiJson<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for ApiJson<T> {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<ApiJson<T>, AppError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type = request.headers().get(CONTENT_TYPE).cloned();
        let mut payload = payload.take();
        Box::pin(async move {
            let said = content_type.as_ref().and_then(|value| value.to_str().ok());
            if !said.is_some_and(is_json) {
                let advice = "Send the body as application/json.";
                return Err(AppError::UnsupportedMedia(advice.to_owned()));
            }
            let bytes = body::read(&mut payload, MOST_BYTES).await?;
            serde_json::from_slice(&bytes).map(ApiJson).map_err(fault)
        })
    }
}

fn is_json(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/json")
}

/// JSON that cannot be read is a bad request; JSON of another shape is a fault in what it says.
fn fault(error: serde_json::Error) -> AppError {
    match error.classify() {
        Category::Data => {
            let place = format!("line {}, column {}", error.line(), error.column());
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
            AppError::Unprocessable(vec![Fault { place, message }])
        }
        Category::Io | Category::Syntax | Category::Eof => {
            AppError::BadRequest(format!("The body is not JSON: {error}."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Tag {
        #[allow(dead_code)]
        segment: String,
    }

    fn read(text: &str) -> AppError {
        serde_json::from_str::<Tag>(text).map_err(fault).expect_err("a fault")
    }

    #[test]
    fn what_is_no_json_is_a_bad_request() {
        for text in ["{", "", "{\"segment\":}"] {
            assert!(matches!(read(text), AppError::BadRequest(_)), "{text}");
        }
        let deep = serde_json::from_str::<serde_json::Value>(&"[".repeat(10_000)).map_err(fault);
        assert!(matches!(deep, Err(AppError::BadRequest(_))));
    }

    #[test]
    fn an_unknown_key_is_a_fault_with_its_place() {
        let AppError::Unprocessable(faults) = read("{\"role\":\"admin\"}") else {
            panic!("no fault");
        };
        assert_eq!(faults[0].place, "line 1, column 7");
        assert!(faults[0].message.starts_with("unknown field `role`"), "{faults:?}");
    }
}
