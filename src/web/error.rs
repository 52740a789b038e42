//! All that can go wrong with a request, and how it is told: a page for people, a problem for machines.

use std::fmt;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, Responder, ResponseError};
use askama::Template;
use data_encoding::HEXLOWER;

use crate::phrases::Language;
use crate::store;

use super::api::problem;
use super::language;
use super::page::{self, Page};

/// Why a request is not answered as it was meant.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A page of the back office without a log-in.
    #[error("log in first")]
    LogIn { next: String },
    /// A call of the API without a token that is valid.
    #[error("no valid token")]
    Unauthorized,
    #[error("{0}")]
    BadRequest(String),
    #[error("{0}")]
    Forbidden(String),
    #[error("not found")]
    NotFound,
    #[error("the method is not allowed")]
    WrongMethod { allowed: Allowed },
    /// The body did not come in time.
    #[error("the request took too long")]
    Slow,
    #[error("{0}")]
    Conflict(String),
    /// What stood here does no more; the text says why.
    #[error("{0}")]
    Gone(String),
    #[error("the request is too large")]
    TooLarge,
    #[error("{0}")]
    UnsupportedMedia(String),
    /// Every fault, with its place.
    #[error("{} faults", .0.len())]
    Unprocessable(Vec<Fault>),
    #[error("too many requests")]
    TooMany { retry_after_seconds: u64 },
    /// Trying again may help, and nothing was kept.
    #[error("the service is not available")]
    Unavailable(#[source] store::Error),
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

/// One thing that is wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A field, a row, a path into the JSON.
    pub place: String,
    pub message: String,
}

impl Fault {
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Fault {
        Fault {
            place: place.into(),
            message: message.into(),
        }
    }
}

/// The methods that a URL knows.
#[derive(Debug)]
pub struct Allowed(pub Vec<Method>);

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(Method::as_str).collect();
        f.write_str(&names.join(", "))
    }
}

impl From<store::Error> for AppError {
    fn from(error: store::Error) -> Self {
        if store::is_unavailable(&error) {
            AppError::Unavailable(error)
        } else {
            AppError::internal(error)
        }
    }
}

impl AppError {
    /// A fault of ours: the user sees a number, the log the reason.
    pub fn internal(cause: impl fmt::Display + fmt::Debug + Send + Sync + 'static) -> AppError {
        AppError::Internal(anyhow::anyhow!(cause))
    }

    /// What people read: in one breath what happened, in another what to do next.
    pub fn words(&self) -> (&'static str, String) {
        match self {
            AppError::LogIn { .. } => ("Please log in", "This page is for logged-in users.".into()),
            AppError::Unauthorized => (
                "Token needed",
                "Send a valid API token as `Authorization: Bearer …`.".into(),
            ),
            AppError::BadRequest(why) => ("That request could not be read", why.clone()),
            AppError::Forbidden(why) => ("Not allowed", why.clone()),
            AppError::NotFound => (
                "Not found",
                "There is nothing at this address. The link may be old, or a letter of it is missing.".into(),
            ),
            AppError::WrongMethod { allowed } => {
                ("That does not work here", format!("This address only knows {allowed}."))
            }
            AppError::Slow => (
                "That took too long",
                "The request did not arrive in time. Please send it again.".into(),
            ),
            AppError::Conflict(why) => ("Someone was faster", why.clone()),
            AppError::Gone(why) => ("No longer here", why.clone()),
            AppError::TooLarge => (
                "Too much at once",
                "What you sent is larger than this page takes. Send less at a time.".into(),
            ),
            AppError::UnsupportedMedia(why) => ("That format is not known here", why.clone()),
            AppError::Unprocessable(_) => (
                "Something is not right yet",
                "Please correct what is listed here and send it again.".into(),
            ),
            AppError::TooMany { retry_after_seconds } => (
                "Too many tries",
                format!("Please wait {retry_after_seconds} seconds, then try again."),
            ),
            AppError::Unavailable(_) => (
                "Back in a moment",
                "The database cannot be reached. Nothing was saved; please try again in a few seconds.".into(),
            ),
            AppError::Internal(_) => (
                "Something went wrong",
                "It is our fault, not yours. Please try again, and tell us the number below if it stays.".into(),
            ),
        }
    }

    /// The faults to list, if any.
    pub fn faults(&self) -> &[Fault] {
        match self {
            AppError::Unprocessable(faults) => faults,
            _ => &[],
        }
    }

    /// Errors of the framework's own extractors carry a status and no words for users.
    fn of_status(status: StatusCode) -> AppError {
        match status {
            StatusCode::NOT_FOUND => AppError::NotFound,
            StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
            StatusCode::REQUEST_TIMEOUT => AppError::Slow,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => AppError::UnsupportedMedia("Send it as a form does.".to_owned()),
            status if status.is_client_error() => {
                AppError::BadRequest("A part of the address or of the form has the wrong shape.".to_owned())
            }
            status => AppError::internal(format!("an answer of status {status}")),
        }
    }
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            AppError::LogIn { .. } => StatusCode::SEE_OTHER,
            AppError::Unauthorized => StatusCode::UNAUTHORIZED,
            AppError::BadRequest(_) => StatusCode::BAD_REQUEST,
            AppError::Forbidden(_) => StatusCode::FORBIDDEN,
            AppError::NotFound => StatusCode::NOT_FOUND,
            AppError::WrongMethod { .. } => StatusCode::METHOD_NOT_ALLOWED,
            AppError::Slow => StatusCode::REQUEST_TIMEOUT,
            AppError::Conflict(_) => StatusCode::CONFLICT,
            AppError::Gone(_) => StatusCode::GONE,
            AppError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            AppError::UnsupportedMedia(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            AppError::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            AppError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            AppError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            AppError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Bare: [`dress`] knows the request, and puts the words in.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    advice: &'a str,
    faults: &'a [Fault],
    number: Option<&'a str>,
    can_retry: bool,
}

/// The same for who came by a mailed link: their shell, their language.
#[derive(Template)]
#[template(path = "respond/error.html")]
struct RespondentErrorPage<'a> {
    language: Language,
    title: &'a str,
    advice: &'a str,
    number: Option<&'a str>,
    can_retry: bool,
}

/// Turns an error into the page or the problem that its reader expects.
pub async fn dress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let Some(error) = response.response().error() else {
        return Ok(response);
    };
    let request = response.request();
    let known = AppError::of_status(error.as_response_error().status_code());
    let error = error.as_error::<AppError>().unwrap_or(&known);
    let shown = match language::of_link(request, error.status_code()).await {
        Some(language) => show_respondent(request, error, language),
        None => show(request, error),
    };
    Ok(response.into_response(shown))
}

fn show(request: &HttpRequest, error: &AppError) -> HttpResponse {
    let is_api = request.path().starts_with("/api/");
    if let (AppError::LogIn { next }, false) = (error, is_api) {
        return to_log_in(request, next);
    }
    let number = error.status_code().is_server_error().then(|| log(error));
    let mut response = if is_api {
        problem::response(error, number.as_deref())
    } else {
        let (title, advice) = error.words();
        let page = ErrorPage {
            title,
            advice: &advice,
            faults: error.faults(),
            number: number.as_deref(),
            can_retry: request.method() == Method::GET && number.is_some(),
        };
        Page(page).with(error.status_code()).respond_to(request)
    };
    add_headers(error, &mut response);
    response
}

fn show_respondent(request: &HttpRequest, error: &AppError, language: Language) -> HttpResponse {
    let number = error.status_code().is_server_error().then(|| log(error));
    let (title, advice) = respondent_words(error, language);
    let page = RespondentErrorPage {
        language,
        title: &title,
        advice: &advice,
        number: number.as_deref(),
        can_retry: request.method() == Method::GET && number.is_some(),
    };
    let mut response = Page(page).with(error.status_code()).respond_to(request);
    add_headers(error, &mut response);
    response
}

/// What a respondent reads. Reasons that are written down in English only are shown where that is read.
fn respondent_words(error: &AppError, language: Language) -> (String, String) {
    let say = |title: &str, advice: &str| (language.say(title), language.say(advice));
    match error {
        AppError::NotFound => say("error-unknown", "error-unknown-what"),
        AppError::TooLarge => say("error-large", "error-large-what"),
        AppError::Slow => say("error-slow", "error-slow-what"),
        AppError::Unavailable(_) => say("error-away", "error-away-what"),
        AppError::Internal(_) => say("error-ours", "error-ours-what"),
        AppError::TooMany { retry_after_seconds } => {
            let advice = language.say_with("error-often-what", &[("n", (*retry_after_seconds).into())]);
            (language.say("error-often"), advice)
        }
        error if language == Language::English => {
            let (title, advice) = error.words();
            (title.to_owned(), advice)
        }
        _ => say("error-unreadable", "error-unreadable-what"),
    }
}

fn to_log_in(request: &HttpRequest, next: &str) -> HttpResponse {
    let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_get || next == "/" {
        return page::see_other("/login");
    }
    let query = match request.query_string() {
        "" => next.to_owned(),
        query => format!("{next}?{query}"),
    };
    let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    page::see_other(&format!("/login?next={encoded}"))
}

/// Writes the whole chain of causes down, under a number that the page shows.
fn log(error: &AppError) -> String {
    let number = HEXLOWER.encode(&rand::random::<[u8; 4]>());
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    tracing::error!(number, causes = causes.join(": "), "{error}");
    number
}

fn add_headers(error: &AppError, response: &mut HttpResponse) {
    let mut add = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    match error {
        AppError::Unauthorized => add(header::WWW_AUTHENTICATE, "Bearer realm=\"dripline\""),
        AppError::WrongMethod { allowed } => add(header::ALLOW, &allowed.to_string()),
        AppError::TooMany { retry_after_seconds } => add(header::RETRY_AFTER, &retry_after_seconds.to_string()),
        AppError::Unavailable(_) => add(header::RETRY_AFTER, "5"),
        // What is left of the body is never read.
        AppError::Slow | AppError::TooLarge => response
            .head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close),
        _ => {}
    }
}
