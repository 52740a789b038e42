//! The headers that every answer carries, error pages and files too.

use std::sync::OnceLock;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::config::Config;

use super::assets;
use super::session::is_https;

const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'; object-src 'none'";
/// As everywhere, for a page that shows a frame of this site and fetches what stands in it.
pub const WITH_FRAMES: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
     frame-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
     object-src 'none'";
/// For a letter within such a frame: the inline styles that mail programs need, and no script.
pub const LETTER: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'self'; object-src 'none'";
/// For a respondent's form within such a frame: as it is for respondents, and it is sent nowhere.
pub const FRAMED_FORM: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'self'; object-src 'none'";
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
/// Where the address itself is a secret.
const MAILED: [&str; 4] = ["/r/", "/preferences/", "/unsubscribe/", "/view/"];

pub async fn secure(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_mailed = MAILED.iter().any(|prefix| request.path().starts_with(prefix));
    let is_https = request
        .app_data::<Data<Config>>()
        .is_some_and(|config| is_https(config));
    let mut response = next.call(request).await?;
    add(response.headers_mut(), is_mailed, is_https);
    Ok(response)
}

fn add(headers: &mut HeaderMap, is_mailed: bool, is_https: bool) {
    let mut set = |name, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if is_mailed {
        set(header::REFERRER_POLICY, "no-referrer");
        set(ROBOTS, "noindex");
    } else {
        // Not behind a mailed link: a browser that reads this begins a new process for the page, which a
        // phone's first paint waits for, and there is no log-in there that a page's opener could misuse.
        set(OPENER, "same-origin");
        set(header::REFERRER_POLICY, "same-origin");
    }
    if is_https {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    let own = headers.get(header::CONTENT_SECURITY_POLICY);
    let own = own.and_then(|policy| policy.to_str().ok());
    let policy = match own {
        Some(own) => HeaderValue::from_str(&with_sheet(own)).ok(),
        None => Some(usual_policy().clone()),
    };
    if let Some(policy) = policy {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// What most pages carry, put together once.
fn usual_policy() -> &'static HeaderValue {
    static POLICY: OnceLock<HeaderValue> = OnceLock::new();
    POLICY.get_or_init(|| HeaderValue::from_str(&with_sheet(CSP)).unwrap_or(HeaderValue::from_static(CSP)))
}

/// Besides files of ours, the one style sheet that stands in its pages.
fn with_sheet(policy: &str) -> String {
    let named = format!("style-src 'self' {};", assets::respond_sheet_hash());
    policy.replacen("style-src 'self';", &named, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(is_mailed: bool, is_https: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        add(&mut headers, is_mailed, is_https);
        headers
    }

    #[test]
    fn an_address_that_is_a_secret_is_told_to_nobody() {
        let mailed = headers(true, true);
        assert_eq!(mailed.get("referrer-policy").expect("a policy"), "no-referrer");
        assert_eq!(mailed.get("x-robots-tag").expect("a tag"), "noindex");
        let office = headers(false, true);
        assert_eq!(office.get("referrer-policy").expect("a policy"), "same-origin");
        assert_eq!(office.get(OPENER).expect("a policy"), "same-origin");
        assert!(!mailed.contains_key(OPENER), "a new process holds up the first paint");
    }

    #[test]
    fn only_https_asks_browsers_to_stay_with_it() {
        assert!(headers(false, true).contains_key("strict-transport-security"));
        assert!(!headers(false, false).contains_key("strict-transport-security"));
    }

    #[test]
    fn nothing_is_kept_unless_it_says_so_itself() {
        let mut kept = HeaderMap::new();
        kept.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=1"));
        add(&mut kept, false, false);
        assert_eq!(kept.get("cache-control").expect("a rule"), "max-age=1");
        assert_eq!(headers(false, false).get("cache-control").expect("a rule"), "no-store");
    }
}
