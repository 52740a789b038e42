//! Who asks: the gate before every route, the session's cookie, and the extractors by role.

use std::future::{Ready, ready};
use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use futures_util::FutureExt;

use crate::accounts::session::{Session, find, touch};
use crate::accounts::{Role, User};
use crate::clock::Clock;
use crate::companies::listing;
use crate::config::Config;
use crate::drip;
use crate::store::{self, Db};

use super::api::auth;
use super::error::AppError;
use super::misses::Misses;
use super::routes::Need;
use super::{body, csrf, trial, visits};

/// The user who is logged in, for as long as the request lasts.
#[derive(Debug, Clone)]
pub struct Viewer(pub User);

/// Which companies the one who asks may see, a user or a token: what every read of them goes by.
#[derive(Debug, Clone)]
pub struct Sight(pub listing::Viewer);

impl FromRequest for Sight {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    /// The gate has found it already.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sight = request.extensions().get::<Sight>().cloned();
        ready(sight.ok_or_else(|| AppError::Forbidden("This is not yours to see.".to_owned())))
    }
}

/// Why no mail of any drip leaves, where that is so: the pages of those who look after mail say it.
#[derive(Debug, Clone)]
pub struct Halted(pub String);

/// Stands before every route: lets in whom the table lets in, and catches a panic.
pub async fn gate(
    need: Need,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Err(refusal) = admit(need, &request).await {
        return Ok(request.error_response(refusal));
    }
    let payload = request.take_payload();
    let deadline = body::deadline(request.request());
    request.set_payload(body::limited(payload, deadline));
    let asked = request.request().clone();
    let answer = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let response = match answer {
        Ok(Ok(response)) => response.map_into_boxed_body(),
        Ok(Err(error)) => ServiceResponse::from_err(error, asked),
        Err(_) => ServiceResponse::from_err(AppError::internal("the handler panicked"), asked),
    };
    if need == Need::Link {
        visits::note(response.request(), response.status()).await?;
    }
    let is_miss = need == Need::Link && response.status() == StatusCode::NOT_FOUND;
    if is_miss && let Some(page) = trial::stand_in(response.request()).await {
        return Ok(response.into_response(page));
    }
    match is_miss.then(|| note_miss(response.request())) {
        Some(Err(refusal)) => Ok(response.error_response(refusal)),
        _ => Ok(response),
    }
}

fn note_miss(request: &HttpRequest) -> Result<(), AppError> {
    let now = data::<Clock>(request)?.now();
    let Some(peer) = request.peer_addr() else {
        return Ok(());
    };
    let noted = data::<Misses>(request)?.note(now, peer.ip());
    noted.map_err(|retry_after_seconds| AppError::TooMany { retry_after_seconds })
}

async fn admit(need: Need, request: &ServiceRequest) -> Result<(), AppError> {
    // PostgreSQL keeps none in a text: a search for one would be an error of the database. What
    // follows the token of a mailed link is never looked up.
    if need != Need::Link && request.uri().to_string().contains("%00") {
        return Err(AppError::BadRequest(
            "An address cannot hold a NUL character.".to_owned(),
        ));
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    match need {
        Need::Link => Ok(()),
        Need::Api(role) => auth::admit(request, role).await,
        Need::Public | Need::Role(_) if changes && !csrf::comes_from_here(request.request()) => Err(
            AppError::Forbidden("This request came from another website. Open the page here and try again.".to_owned()),
        ),
        Need::Public => Ok(()),
        Need::Role(role) => {
            let viewer = viewer(request.request()).await?.ok_or_else(|| AppError::LogIn {
                next: request.path().to_owned(),
            })?;
            let may = viewer.0.role.may(role);
            request.extensions_mut().insert(viewer);
            if may {
                Ok(())
            } else {
                Err(AppError::Forbidden(format!(
                    "This page is for users with the role {}. An admin can give it to you.",
                    role.as_str()
                )))
            }
        }
    }
}

/// Who is logged in, by the session's cookie.
pub async fn viewer(request: &HttpRequest) -> Result<Option<Viewer>, AppError> {
    let Some(token) = token(request) else {
        return Ok(None);
    };
    let db: &Data<Db> = data(request)?;
    let now = data::<Clock>(request)?.now();
    let sought = token.clone();
    let (session, halted): (Option<(Session, listing::Viewer)>, _) = db
        .read(move |conn| {
            let session = match find(conn, now, &sought)? {
                Some(session) => {
                    let sight = listing::Viewer::of(conn, &session.user)?;
                    Some((session, sight))
                }
                None => None,
            };
            Ok::<_, store::Error>((session, drip::sending_paused(conn)?))
        })
        .await?;
    let Some((session, sight)) = session else {
        return Ok(None);
    };
    request.extensions_mut().insert(Sight(sight));
    if let Some(why) = halted.filter(|_| session.user.role.may(Role::Analyst)) {
        request.extensions_mut().insert(Halted(why));
    }
    if session.wants_touch(now) {
        db.write(move |conn| touch(conn, now, &token)).await?;
    }
    Ok(Some(Viewer(session.user)))
}

/// What every handler may count on; its absence is a fault of ours.
pub fn data<T: 'static>(request: &HttpRequest) -> Result<&Data<T>, AppError> {
    request
        .app_data::<Data<T>>()
        .ok_or_else(|| AppError::internal(format!("{} is not there", std::any::type_name::<T>())))
}

/// The secret in the session's cookie.
pub fn token(request: &HttpRequest) -> Option<String> {
    let config: &Data<Config> = data(request).ok()?;
    Some(request.cookie(cookie_name(config))?.value().to_owned())
}

/// The cookie that opens the session.
pub fn cookie(config: &Config, token: &str) -> Cookie<'static> {
    bake(config, cookie_name(config), token)
}

/// The cookie that takes it away.
pub fn spent_cookie(config: &Config) -> Cookie<'static> {
    let mut cookie = cookie(config, "");
    cookie.make_removal();
    cookie
}

/// A cookie for this host alone that scripts cannot read.
pub fn bake(config: &Config, name: &'static str, value: &str) -> Cookie<'static> {
    Cookie::build(name, value.to_owned())
        .path("/")
        .http_only(true)
        .secure(is_https(config))
        .same_site(SameSite::Lax)
        .finish()
}

pub fn is_https(config: &Config) -> bool {
    config.base_url.scheme() == "https"
}

/// Browsers take the prefix only over https.
fn cookie_name(config: &Config) -> &'static str {
    if is_https(config) { "__Host-sid" } else { "sid" }
}

macro_rules! by_role {
    ($($(#[$doc:meta])* $name:ident => $role:expr;)+) => {$(
        $(#[$doc])*
        pub struct $name(pub User);

        impl FromRequest for $name {
            type Error = AppError;
            type Future = Ready<Result<Self, AppError>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready(of_role(request, $role).map($name))
            }
        }
    )+};
}

by_role! {
    /// Whoever asks, of any role.
    Sales => Role::Sales;
    /// Whoever asks, an analyst or an admin.
    Analyst => Role::Analyst;
    /// Whoever asks, an admin.
    Admin => Role::Admin;
}

/// The gate has found the user already; asking again costs nothing and forgives no slip in the table.
fn of_role(request: &HttpRequest, needed: Role) -> Result<User, AppError> {
    let viewer = request.extensions().get::<Viewer>().cloned();
    viewer
        .map(|viewer| viewer.0)
        .filter(|user| user.role.may(needed))
        .ok_or_else(|| AppError::Forbidden("This is not yours to see.".to_owned()))
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{self, TestRequest};
    use actix_web::{App, Route};

    use super::*;
    use crate::web::error::dress;

    fn config(base_url: &str) -> Config {
        Config::from_pairs([("DRIPLINE_BASE_URL", base_url)]).expect("settings")
    }

    async fn fails() -> &'static str {
        panic!("a fault of ours")
    }

    #[actix_web::test]
    async fn a_panic_is_a_page_and_the_next_request_is_answered() {
        let gate = from_fn(|request, next| gate(Need::Public, request, next));
        let app = App::new()
            .route("/fails", Route::new().to(fails).wrap(gate))
            .wrap(from_fn(dress));
        let app = test::init_service(app).await;
        for _ in 0..2 {
            let response = test::call_service(&app, TestRequest::get().uri("/fails").to_request()).await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let page = test::read_body(response).await;
            let page = String::from_utf8_lossy(&page);
            assert!(
                page.contains("Something went wrong") && !page.contains("a fault of ours"),
                "{page}"
            );
        }
    }

    #[test]
    fn over_https_the_cookie_is_for_this_host_alone() {
        let cookie = cookie(&config("https://ask.example.com"), "secret").to_string();
        assert_eq!(cookie, "__Host-sid=secret; HttpOnly; SameSite=Lax; Secure; Path=/");
    }

    #[test]
    fn over_plain_http_the_cookie_goes_without_prefix_and_secure() {
        let cookie = cookie(&config("http://127.0.0.1:8080"), "secret").to_string();
        assert_eq!(cookie, "sid=secret; HttpOnly; SameSite=Lax; Path=/");
    }
}
