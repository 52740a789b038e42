//! Pages: a template in the shell of the site, the shell's own figures, and redirects.

use std::any::Any;

use actix_web::body::BoxBody;
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, Responder};
use askama::Template;
use data_encoding::BASE64URL_NOPAD;

use crate::accounts::{Role, User};
use crate::config::Config;

use super::error::AppError;
use super::routes;
use super::session::{self, Viewer};

/// A template as the answer. Its `layout.html` takes who is logged in, and where, from the request.
pub struct Page<T>(pub T);

/// A page with another status than 200.
pub struct PageWith<T> {
    template: T,
    status: StatusCode,
}

impl<T: Template> Page<T> {
    pub fn with(self, status: StatusCode) -> PageWith<T> {
        PageWith {
            template: self.0,
            status,
        }
    }
}

impl<T: Template> Responder for Page<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.with(StatusCode::OK).respond_to(request)
    }
}

impl<T: Template> Responder for PageWith<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let shell = Shell::of(request);
        match self.template.render_with_values(&shell) {
            Ok(html) => {
                let mut response = HttpResponse::build(self.status)
                    .insert_header(ContentType::html())
                    .body(html);
                if shell.notice.is_some() {
                    forget_notice(request, &mut response);
                }
                response
            }
            Err(error) => HttpResponse::from_error(AppError::internal(error)),
        }
    }
}

impl<T: Template> PageWith<T> {
    /// As [`Responder::respond_to`], for handlers whose other answers are redirects.
    pub fn into_response(self, request: &HttpRequest) -> HttpResponse {
        self.respond_to(request)
    }
}

/// What the layout shows round a page.
pub struct Shell {
    user: Option<User>,
    path: String,
    /// What the page before has done, told once.
    pub notice: Option<String>,
}

/// An entry of the navigation.
pub struct Link {
    pub label: &'static str,
    pub href: &'static str,
    pub is_current: bool,
}

/// The navigation: entries whose page does not exist (yet) are left out.
const SECTIONS: [(&str, &str, Role); 12] = [
    ("Dashboard", "/", Role::Sales),
    ("Companies", "/companies", Role::Sales),
    ("Contacts", "/contacts", Role::Sales),
    ("Segments", "/segments", Role::Sales),
    ("Insights", "/insights", Role::Analyst),
    ("Drips", "/drips", Role::Analyst),
    ("Design", "/design", Role::Analyst),
    ("Imports", "/imports", Role::Analyst),
    ("Mailbox", "/mailbox", Role::Admin),
    ("Users", "/users", Role::Admin),
    ("Tokens", "/tokens", Role::Admin),
    ("Audit", "/audit", Role::Admin),
];

impl Shell {
    fn of(request: &HttpRequest) -> Shell {
        let user = request.extensions().get::<Viewer>().map(|viewer| viewer.0.clone());
        // Pages behind mailed links know no cookies.
        let notice = user.as_ref().and_then(|_| notice(request));
        Shell {
            user,
            path: request.path().to_owned(),
            notice,
        }
    }

    /// `None` before the log-in and on respondents' pages.
    pub fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// What the user may go to.
    pub fn sections(&self) -> Vec<Link> {
        let Some(user) = &self.user else {
            return Vec::new();
        };
        let mine = SECTIONS
            .iter()
            .filter(|(_, href, role)| user.role.may(*role) && routes::is_page(href));
        mine.map(|&(label, href, _)| Link {
            label,
            href,
            is_current: is_within(&self.path, href),
        })
        .collect()
    }
}

/// So that `layout.html` finds the shell under its name, whatever page it stands round.
impl askama::Values for Shell {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        (key == "shell").then_some(self as &dyn Any)
    }
}

fn is_within(path: &str, section: &str) -> bool {
    let rest = path.strip_prefix(section);
    path == section || (section != "/" && rest.is_some_and(|rest| rest.starts_with('/')))
}

/// 303: the browser gets the other page, and its reload button repeats nothing.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}

/// As [`see_other`], and the next page tells the user what was done.
pub fn see_other_with_notice(config: &Config, path: &str, notice: &str) -> HttpResponse {
    let mut cookie = session::bake(config, notice_name(config), &BASE64URL_NOPAD.encode(notice.as_bytes()));
    cookie.set_max_age(actix_web::cookie::time::Duration::minutes(1));
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .cookie(cookie)
        .finish()
}

fn notice(request: &HttpRequest) -> Option<String> {
    let config: &Data<Config> = session::data(request).ok()?;
    let cookie = request.cookie(notice_name(config))?;
    let bytes = BASE64URL_NOPAD.decode(cookie.value().as_bytes()).ok()?;
    String::from_utf8(bytes).ok()
}

fn forget_notice(request: &HttpRequest, response: &mut HttpResponse) {
    let Ok(config) = session::data::<Config>(request) else {
        return;
    };
    let mut cookie: Cookie = session::bake(config, notice_name(config), "");
    cookie.make_removal();
    // It can only fail on characters that a cookie of ours does not have.
    let _ = response.add_cookie(&cookie);
}

fn notice_name(config: &Config) -> &'static str {
    if session::is_https(config) {
        "__Host-notice"
    } else {
        "notice"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_current_on_its_page_and_on_those_below() {
        assert!(is_within("/companies", "/companies"));
        assert!(is_within("/companies/7/brief", "/companies"));
        assert!(!is_within("/companiesx", "/companies"));
        assert!(is_within("/", "/"));
        assert!(!is_within("/companies", "/"));
    }
}
