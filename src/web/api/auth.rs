//! Whose token it is. Only the header counts: no cookie opens the API, so no website can use it
//! through a browser.

use std::future::{Ready, ready};

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::accounts::Role;
use crate::accounts::token::{self, ApiToken};
use crate::companies::listing::Viewer;
use crate::store::{self, Db};
use crate::web::error::AppError;
use crate::web::session::{self, Sight};

/// Lets the request pass when its token is valid and of the role.
pub async fn admit(request: &ServiceRequest, needed: Role) -> Result<(), AppError> {
    let secret = bearer(request.request()).ok_or(AppError::Unauthorized)?;
    let db = session::data::<Db>(request.request())?;
    let found = db
        .read(move |conn| {
            let Some(token) = token::find(conn, &secret)? else {
                return Ok(None);
            };
            let sight = Viewer::of_token(conn, &token)?;
            Ok::<_, store::Error>(Some((token, sight)))
        })
        .await?;
    let (token, sight) = found.ok_or(AppError::Unauthorized)?;
    if !token.role.may(needed) {
        return Err(too_weak(needed));
    }
    request.extensions_mut().insert(Sight(sight));
    request.extensions_mut().insert(token);
    Ok(())
}

fn bearer(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim().to_owned())
}

fn too_weak(needed: Role) -> AppError {
    AppError::Forbidden(format!("This call needs a token of the role {}.", needed.as_str()))
}

macro_rules! by_role {
    ($($(#[$doc:meta])* $name:ident => $role:expr;)+) => {$(
        $(#[$doc])*
        pub struct $name(pub ApiToken);

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
    /// The token that asks, of any role.
    ApiSales => Role::Sales;
    /// The token that asks, an analyst's or an admin's.
    ApiAnalyst => Role::Analyst;
    /// The token that asks, an admin's.
    ApiAdmin => Role::Admin;
}

/// The gate has found the token already; asking again forgives no slip in the table.
fn of_role(request: &HttpRequest, needed: Role) -> Result<ApiToken, AppError> {
    let token = request.extensions().get::<ApiToken>().cloned();
    let token = token.ok_or(AppError::Unauthorized)?;
    if token.role.may(needed) {
        Ok(token)
    } else {
        Err(too_weak(needed))
    }
}
