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

use crate::accounts::User;
use crate::config::Config;

use super::error::AppError;
use super::routes;
use super::session::{self, Halted, Viewer};

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

/// What the layout shows round a page.
pub struct Shell {
    user: Option<User>,
    path: String,
    /// What the page before has done, told once.
    pub notice: Option<String>,
    /// Why no mail leaves; not on the page that has the button to let it.
    pub halted: Option<String>,
}

/// Entries of the navigation that belong together.
pub struct Group {
    pub name: &'static str,
    pub links: Vec<Link>,
}

/// An entry of the navigation.
pub struct Link {
    pub label: &'static str,
    pub href: &'static str,
    pub is_current: bool,
}

/// The navigation. What the user may not see, or what has no page, is left out.
const NAVIGATION: [(&str, &[(&str, &str)]); 3] = [
    (
        "Customers",
        &[
            ("Dashboard", "/"),
            ("Alerts", "/alerts"),
            ("Companies", "/companies"),
            ("Prospect finder", "/companies/finder"),
            ("Contacts", "/contacts"),
            ("Segments", "/segments"),
            ("Insights", "/insights"),
        ],
    ),
    (
        "Asking",
        &[
            ("Drips", "/drips"),
            ("Design", "/design"),
            ("Workshop", "/design/workshop"),
            ("Imports", "/imports"),
        ],
    ),
    (
        "Administration",
        &[
            ("Mailbox", "/mailbox"),
            ("Users", "/users"),
            ("Tokens", "/tokens"),
            ("Audit", "/audit"),
        ],
    ),
];

impl Shell {
    fn of(request: &HttpRequest) -> Shell {
        let user = request.extensions().get::<Viewer>().map(|viewer| viewer.0.clone());
        // Pages behind mailed links know no cookies.
        let notice = user.as_ref().and_then(|_| notice(request));
        let halted = request.extensions().get::<Halted>().map(|halted| halted.0.clone());
        Shell {
            user,
            path: request.path().to_owned(),
            notice,
            halted: halted.filter(|_| request.path() != "/drips"),
        }
    }

    /// `None` before the log-in and on respondents' pages.
    pub fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// Where the user may go.
    pub fn navigation(&self) -> Vec<Group> {
        let groups = NAVIGATION.iter().map(|(name, links)| Group {
            name,
            links: links
                .iter()
                .filter_map(|(label, href)| self.link(label, href))
                .collect(),
        });
        groups.filter(|group| !group.links.is_empty()).collect()
    }

    /// Whether there is such a page, and the user may see it.
    pub fn may_open(&self, href: &str) -> bool {
        let role = self.user.as_ref().map(|user| user.role);
        role.zip(routes::role_of_page(href))
            .is_some_and(|(role, needed)| role.may(needed))
    }

    fn link(&self, label: &'static str, href: &'static str) -> Option<Link> {
        self.may_open(href).then(|| Link {
            label,
            href,
            is_current: section(&self.path) == Some(href),
        })
    }
}

/// So that `layout.html` finds the shell under its name, whatever page it stands round.
impl askama::Values for Shell {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        (key == "shell").then_some(self as &dyn Any)
    }
}

/// The entry of the navigation that a page is under: of two, the nearer one.
fn section(path: &str) -> Option<&'static str> {
    let links = NAVIGATION.iter().flat_map(|(_, links)| links.iter());
    let within = links.map(|(_, href)| *href).filter(|href| is_within(path, href));
    within.max_by_key(|href| href.len())
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
        assert_eq!(section("/design/workshop/7"), Some("/design/workshop"));
        assert_eq!(section("/design/history"), Some("/design"));
    }
}
