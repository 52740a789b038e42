//! In which language a respondent's page speaks.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::ACCEPT_LANGUAGE;

use crate::mail::token::Purpose;
use crate::phrases::Language;
use crate::respond;
use crate::store::Db;

use super::session;

/// The contact's, where it is known and one of ours; else what the browser asks for.
pub fn of(contact: Option<&str>, request: &HttpRequest) -> Language {
    contact.and_then(Language::known).unwrap_or_else(|| of_browser(request))
}

/// What the browser asks for: all that is known of whoever holds a link that we do not know.
pub fn of_browser(request: &HttpRequest) -> Language {
    let header = request.headers().get(ACCEPT_LANGUAGE);
    Language::accepted(header.and_then(|value| value.to_str().ok()))
}

/// The language in which an error behind a mailed link is told; `None` elsewhere. A link that is known
/// tells its reader's. Where the database is what failed, it is not asked again.
pub async fn of_link(request: &HttpRequest, status: StatusCode) -> Option<Language> {
    let mut parts = request.path().trim_start_matches('/').splitn(3, '/');
    let (under, token) = (parts.next()?, parts.next()?);
    let purpose = match under {
        "r" => Purpose::Respond,
        "view" => Purpose::View,
        "preferences" => Purpose::Preferences,
        "unsubscribe" => Purpose::Unsubscribe,
        _ => return None,
    };
    let is_hopeless =
        status.is_server_error() || matches!(status, StatusCode::NOT_FOUND | StatusCode::TOO_MANY_REQUESTS);
    if is_hopeless {
        return Some(of_browser(request));
    }
    let given = token.split('/').next().unwrap_or_default().to_owned();
    let spoken = match session::data::<Db>(request) {
        Ok(db) => db
            .read(move |conn| respond::language(conn, purpose, &given))
            .await
            .ok()
            .flatten(),
        Err(_) => None,
    };
    Some(of(spoken.as_deref(), request))
}
