//! The style sheet, scripts and icons, built into the program.

use std::collections::HashMap;
use std::sync::OnceLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use data_encoding::HEXLOWER;
use rust_embed::RustEmbed;

use super::error::AppError;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// Where a file stands: the address changes with its content, so browsers may keep it for ever.
pub fn url(name: &str) -> String {
    match fingerprint(name) {
        Some(fingerprint) => format!("/static/{name}?v={fingerprint}"),
        None => format!("/static/{name}"),
    }
}

/// `GET /static/{file}`
pub async fn show(request: HttpRequest, name: Path<String>) -> Result<HttpResponse, AppError> {
    let file = Files::get(&name).ok_or(AppError::NotFound)?;
    let fingerprint = short(&file.metadata.sha256_hash());
    let tag = format!("\"{fingerprint}\"");
    let rule = if request.query_string() == format!("v={fingerprint}") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = request
        .headers()
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag));
    let mut response = if known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((CACHE_CONTROL, rule))
        .insert_header((ETAG, tag))
        .insert_header((CONTENT_TYPE, content_type(&name)));
    Ok(if known {
        response.finish()
    } else {
        response.body(file.data.into_owned())
    })
}

/// Worked out once: the files do not change while the program runs.
fn fingerprint(name: &str) -> Option<&'static str> {
    static FINGERPRINTS: OnceLock<HashMap<String, String>> = OnceLock::new();
    let all = FINGERPRINTS.get_or_init(|| {
        let known = |name: &str| Some(short(&Files::get(name)?.metadata.sha256_hash()));
        Files::iter()
            .filter_map(|name| Some((name.to_string(), known(&name)?)))
            .collect()
    });
    all.get(name).map(String::as_str)
}

fn short(hash: &[u8; 32]) -> String {
    HEXLOWER.encode(&hash[..8])
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_is_in_the_program_and_its_address_names_its_content() {
        let url = url("app.css");
        assert!(url.starts_with("/static/app.css?v="), "{url}");
    }
}
