//! The style sheet, scripts and icons, built into the program.

use std::collections::HashMap;
use std::sync::OnceLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use data_encoding::{BASE64, HEXLOWER};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::error::AppError;
use super::respond::Html;

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

/// The style sheet of the pages behind mailed links, to stand in them: on a slow network a second
/// request takes longer than all of it. The pages' policy lets exactly this text through, and no other.
pub fn respond_sheet() -> Html {
    Html(format!("<style>{}</style>", sheet().0))
}

/// What the policy names it by.
pub fn respond_sheet_hash() -> &'static str {
    &sheet().1
}

fn sheet() -> &'static (String, String) {
    static SHEET: OnceLock<(String, String)> = OnceLock::new();
    SHEET.get_or_init(|| {
        let file = Files::get("respond.css")
            .map(|file| file.data.into_owned())
            .unwrap_or_default();
        let text = squeezed(&String::from_utf8_lossy(&file));
        let hash = format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text.as_bytes())));
        (text, hash)
    })
}

/// Without what only its writers read: comments, and space beyond what keeps words apart.
fn squeezed(css: &str) -> String {
    let mut bare = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        bare += before;
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    bare += rest;
    let mut short = String::with_capacity(bare.len());
    for word in bare.split_whitespace() {
        let joins = short.is_empty() || short.ends_with(['{', '}', ';', ',', ':']) || word.starts_with(['{', '}']);
        if !joins {
            short.push(' ');
        }
        short += word;
    }
    short.replace(";}", "}")
}

/// A script without the lines that only its writers read: each byte of a respondent's page counts.
fn lean(script: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(script);
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

/// `GET /static/{file}`
pub async fn show(request: HttpRequest, name: Path<String>) -> Result<HttpResponse, AppError> {
    let (file, fingerprint) = find(&name).ok_or(AppError::NotFound)?;
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
        match name.starts_with("respond") && name.ends_with(".js") {
            true => response.body(lean(&file)),
            false => response.body(file),
        }
    })
}

/// Both scripts of a respondent's form in one: a request costs more than either.
pub const WHOLE: &str = "respond-whole.js";

/// A file with the fingerprint of its content.
fn find(name: &str) -> Option<(Vec<u8>, String)> {
    if name == WHOLE {
        let both = [Files::get("respond.js")?.data, Files::get("respond-parts.js")?.data].concat();
        let fingerprint = short(&Sha256::digest(&both).into());
        return Some((both, fingerprint));
    }
    let file = Files::get(name)?;
    Some((file.data.into_owned(), short(&file.metadata.sha256_hash())))
}

/// Worked out once: the files do not change while the program runs.
fn fingerprint(name: &str) -> Option<&'static str> {
    static FINGERPRINTS: OnceLock<HashMap<String, String>> = OnceLock::new();
    let all = FINGERPRINTS.get_or_init(|| {
        let names = Files::iter().map(|name| name.to_string()).chain([WHOLE.to_owned()]);
        names
            .filter_map(|name| find(&name).map(|(_, fingerprint)| (name, fingerprint)))
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
    fn a_style_sheet_keeps_its_meaning_without_its_comments_and_most_of_its_space() {
        let css = "/* Why. */\n:root { --ink: #000; }\n.a > .b:has(:checked),\n.a :focus { margin: 0 auto; width: calc(1rem + 2px); }\n\n\
                   @media (max-width: 34rem) { .c { font: 1rem/1.5 \"Segoe UI\", serif; } }\n";
        assert_eq!(
            squeezed(css),
            ":root{--ink:#000}.a > .b:has(:checked),.a :focus{margin:0 auto;width:calc(1rem + 2px)}\
             @media (max-width:34rem){.c{font:1rem/1.5 \"Segoe UI\",serif}}"
        );
        assert!(!sheet().0.contains('<'), "the sheet would end within the page");
    }

    #[test]
    fn a_script_is_sent_without_its_comments() {
        assert_eq!(
            lean(b"// Why.\nif (a) {\n  // And this.\n  b();\n}\n"),
            b"if (a) {\nb();\n}"
        );
    }

    #[test]
    fn the_style_sheet_is_in_the_program_and_its_address_names_its_content() {
        let url = url("app.css");
        assert!(url.starts_with("/static/app.css?v="), "{url}");
    }
}
