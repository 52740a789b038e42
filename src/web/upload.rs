//! Forms with files in them: every part in its order, never more than the limit.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::{Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;

use super::error::AppError;

/// All parts together.
const MOST_BYTES: usize = 5 * 1024 * 1024;

/// The parts of a posted form.
pub struct Upload(Vec<Part>);

struct Part {
    name: String,
    bytes: Vec<u8>,
}

impl Upload {
    /// The first part of this name that is not empty, as text.
    pub fn text(&self, name: &str) -> Result<Option<&str>, AppError> {
        let part = self.0.iter().find(|part| part.name == name && !part.bytes.is_empty());
        part.map(|part| std::str::from_utf8(&part.bytes))
            .transpose()
            .map_err(|_| AppError::BadRequest("The file is not UTF-8 text.".to_owned()))
    }
}

impl FromRequest for Upload {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = Result<Upload, AppError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parts = Multipart::new(request.headers(), payload.take());
        Box::pin(read(parts))
    }
}

async fn read(mut parts: Multipart) -> Result<Upload, AppError> {
    let (mut upload, mut total) = (Upload(vec![]), 0);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(refused)?;
        let mut bytes = BytesMut::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(refused)?;
            total += chunk.len();
            if total > MOST_BYTES {
                return Err(AppError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        upload.0.push(Part {
            name: part.name().unwrap_or_default().to_owned(),
            bytes: bytes.to_vec(),
        });
    }
    Ok(upload)
}

fn refused(error: MultipartError) -> AppError {
    match error {
        MultipartError::ContentTypeMissing | MultipartError::ContentTypeIncompatible => {
            AppError::UnsupportedMedia("Send it as multipart/form-data.".to_owned())
        }
        error => AppError::BadRequest(format!("The form could not be read: {error}.")),
    }
}
