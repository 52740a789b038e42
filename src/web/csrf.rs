//! Whether a request that changes something was sent by a page of ours.
//!
//! Browsers say so themselves: `Sec-Fetch-Site`, or where that is missing `Origin`. A request
//! with neither comes from no browser, so no browser's cookie was abused for it.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};
use actix_web::web::Data;
use url::Url;

use crate::config::Config;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub fn comes_from_here(request: &HttpRequest) -> bool {
    let header = |name: HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    let base_url = request.app_data::<Data<Config>>().map(|config| config.base_url.clone());
    is_from_here(header(SEC_FETCH_SITE), header(ORIGIN), header(HOST), base_url.as_ref())
}

fn is_from_here(site: Option<&str>, origin: Option<&str>, host: Option<&str>, base_url: Option<&Url>) -> bool {
    match (site, origin) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let Ok(origin) = Url::parse(origin) else {
                return false;
            };
            let is_ours = base_url.is_some_and(|base_url| base_url.origin() == origin.origin());
            is_ours || host.is_some_and(|host| authority(&origin).as_deref() == Some(host))
        }
        (None, None) => true,
    }
}

/// As browsers write it into `Host`: no port where it is the scheme's own.
fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(site: Option<&str>, origin: Option<&str>) -> bool {
        let base_url = Url::parse("https://ask.example.com").ok();
        is_from_here(site, origin, Some("10.0.0.7:8080"), base_url.as_ref())
    }

    #[test]
    fn a_browser_that_says_where_the_request_comes_from_is_believed() {
        assert!(allowed(Some("same-origin"), None));
        assert!(allowed(Some("none"), None));
        for site in ["cross-site", "same-site", "", "?"] {
            let ours = Some("https://ask.example.com");
            assert!(!allowed(Some(site), ours), "{site}");
        }
    }

    #[test]
    fn an_older_browser_names_an_origin_that_must_be_ours() {
        assert!(allowed(None, Some("https://ask.example.com")));
        assert!(allowed(None, Some("http://10.0.0.7:8080")));
        for origin in [
            "null",
            "https://evil.example",
            "https://ask.example.com.evil.example",
            "https://ask.example.com:444",
            "http://ask.example.com",
            "http://10.0.0.7",
            "?",
        ] {
            assert!(!allowed(None, Some(origin)), "{origin}");
        }
    }

    #[test]
    fn what_is_no_browser_passes() {
        assert!(allowed(None, None));
    }
}
