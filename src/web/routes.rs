//! The site map: every URL on a line, grouped as the navigation is, with the role that it needs.

use std::sync::OnceLock;

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpMessage, HttpRequest, Resource, Responder, Route, guard};

use crate::accounts::Role;

use super::design::workshop::proposals;
use super::error::{self, AppError};
use super::session;
use super::{
    account, alerts, api, assets, audit, companies, company, contacts, conversations, dashboard, design, finder,
    health, identity, imports, insights, login, segments, tagging, tokens, users,
};
use super::{drips, mailbox, playbook, preferences, respond};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const DELETE: Method = Method::DELETE;

/// Who may use a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Anybody, from a browser or not.
    Public,
    /// Whoever holds the link that was mailed: it needs no cookie, and sets none.
    Link,
    /// A user of at least this role, logged in.
    Role(Role),
    /// A token of the API of at least this role.
    Api(Role),
}

/// A URL, its method, who may use it, and what answers.
struct Entry {
    method: Method,
    path: &'static str,
    need: Need,
    route: Route,
}

fn table() -> Vec<Entry> {
    vec![
        // Machines and the door.
        public(GET, "/static/{file:.*}", assets::show),
        public(GET, "/healthz", health::process),
        public(GET, "/readyz", health::ready),
        public(GET, "/login", login::new),
        public(POST, "/login", login::create),
        sales(POST, "/logout", login::delete),
        sales(GET, "/account/password", account::edit_password),
        sales(POST, "/account/password", account::update_password),
        sales(GET, "/", dashboard::show),
        // Customers.
        sales(GET, "/segments", segments::index),
        sales(GET, "/segments/{code}", playbook::show),
        admin(GET, "/segments/{code}/playbook", playbook::edit::edit),
        admin(POST, "/segments/{code}/playbook", playbook::edit::update),
        analyst(GET, "/insights", insights::overview::show),
        sales(GET, "/insights/views", insights::views::index),
        sales(POST, "/insights/views", insights::views::create),
        sales(GET, "/insights/views/{id}", insights::views::open),
        sales(POST, "/insights/views/{id}", insights::views::update),
        sales(POST, "/insights/views/{id}/removal", insights::views::remove),
        sales(POST, "/insights/views/{id}/return", insights::views::put_back),
        analyst(GET, "/insights/tenure", insights::tenure::show),
        analyst(GET, "/insights/overlay", insights::overlay::show),
        analyst(GET, "/insights/map", insights::map::show),
        analyst(GET, "/insights/sales-tags", insights::sales_tags::show),
        analyst(GET, "/insights/agreement", insights::agreement::show),
        analyst(GET, "/insights/drivers", insights::drivers::show),
        analyst(GET, "/insights/trend", insights::trend::show),
        analyst(GET, "/insights/value", insights::value::show),
        analyst(GET, "/insights/discover", insights::discover::show),
        analyst(POST, "/insights/discover/drafts", insights::discover::create),
        sales(GET, "/companies", companies::index),
        sales(GET, "/companies/finder", finder::show),
        sales(GET, "/companies/finder/offers", finder::offers::index),
        sales(POST, "/companies/finder/offers", finder::offers::create),
        sales(GET, "/companies/finder/offers/new", finder::offers::new),
        sales(GET, "/companies/finder/offers/{id}", finder::offers::edit),
        sales(POST, "/companies/finder/offers/{id}", finder::offers::update),
        sales(POST, "/companies/finder/offers/{id}/archive", finder::offers::archive),
        sales(POST, "/companies/finder/offers/{id}/return", finder::offers::put_back),
        sales(GET, "/companies/tagging", tagging::show),
        sales(POST, "/companies/tagging", tagging::update),
        sales(GET, "/companies/tagging/chosen", tagging::chosen),
        sales(POST, "/companies/tagging/chosen", tagging::tag_chosen),
        sales(GET, "/companies/deals", tagging::deals),
        sales(POST, "/companies/deals", tagging::code),
        sales(GET, "/companies/{external_id}/conversations/new", conversations::new),
        sales(
            POST,
            "/companies/{external_id}/conversations/new",
            conversations::create,
        ),
        analyst(GET, "/companies/{external_id}/identity", identity::show),
        analyst(POST, "/companies/{external_id}/identity", identity::update),
        analyst(GET, "/companies/{external_id}/merge", identity::ask),
        analyst(POST, "/companies/{external_id}/merge", identity::create),
        analyst(GET, "/companies/merges/{id}", identity::ask_to_undo),
        analyst(POST, "/companies/merges/{id}/undo", identity::undo),
        sales(GET, "/companies/{external_id}", company::show::show),
        sales(GET, "/companies/{external_id}/brief", company::brief::show),
        sales(GET, "/companies/{external_id}/plan", company::plan::show),
        sales(POST, "/companies/{external_id}/plan", company::plan::set_goal),
        sales(POST, "/companies/{external_id}/plan/steps", company::plan::put_step),
        sales(
            POST,
            "/companies/{external_id}/plan/steps/{id}",
            company::plan::end_step,
        ),
        sales(GET, "/alerts", alerts::index),
        sales(POST, "/alerts", alerts::see_all),
        sales(POST, "/alerts/{id}", alerts::look),
        sales(GET, "/contacts", contacts::index),
        sales(GET, "/contacts/{external_id}", contacts::show),
        analyst(POST, "/contacts/{external_id}/company", identity::move_contact),
        analyst(GET, "/contacts/{external_id}/export", contacts::export),
        admin(POST, "/contacts/{external_id}/erasure", contacts::erase),
        // Asking.
        analyst(GET, "/design", design::overview::index),
        analyst(GET, "/design/framework.toml", design::file::toml),
        analyst(GET, "/design/framework.json", design::file::json),
        admin(POST, "/design/draft", design::file::draft),
        admin(POST, "/design/framework", design::file::update),
        analyst(GET, "/design/translations", design::translations::index),
        analyst(GET, "/design/translations/edit", design::translations::edit),
        admin(POST, "/design/translations/edit", design::translations::update),
        analyst(GET, "/design/needs", design::needs::index),
        admin(POST, "/design/needs", design::needs::reorder),
        admin(GET, "/design/needs/new", design::needs::edit::new),
        admin(POST, "/design/needs/new", design::needs::edit::create),
        admin(GET, "/design/needs/{code}/edit", design::needs::edit::edit),
        admin(POST, "/design/needs/{code}/edit", design::needs::edit::update),
        admin(GET, "/design/needs/{code}/archive", design::needs::archive::ask),
        admin(POST, "/design/needs/{code}/archive", design::needs::archive::create),
        analyst(GET, "/design/segments", design::segments::index),
        admin(POST, "/design/segments", design::segments::reorder),
        admin(GET, "/design/segments/new", design::segments::edit::new),
        admin(POST, "/design/segments/new", design::segments::edit::create),
        admin(GET, "/design/segments/{code}/edit", design::segments::edit::edit),
        admin(POST, "/design/segments/{code}/edit", design::segments::edit::update),
        admin(GET, "/design/segments/{code}/archive", design::segments::archive::ask),
        admin(
            POST,
            "/design/segments/{code}/archive",
            design::segments::archive::create,
        ),
        analyst(GET, "/design/question-sets", design::sets::index),
        admin(POST, "/design/question-sets", design::sets::reorder),
        admin(GET, "/design/question-sets/new", design::sets::edit::new),
        admin(POST, "/design/question-sets/new", design::sets::edit::create),
        admin(GET, "/design/question-sets/{code}/edit", design::sets::edit::edit),
        admin(POST, "/design/question-sets/{code}/edit", design::sets::edit::update),
        admin(GET, "/design/question-sets/{code}/archive", design::sets::archive::ask),
        admin(
            POST,
            "/design/question-sets/{code}/archive",
            design::sets::archive::create,
        ),
        analyst(GET, "/design/questions/{code}", design::questions::show),
        analyst(GET, "/design/settings", design::settings::edit),
        admin(POST, "/design/settings", design::settings::update),
        analyst(GET, "/design/behaviour", design::behaviour::edit),
        admin(POST, "/design/behaviour", design::behaviour::update),
        analyst(GET, "/design/drafts/{id}", design::drafts::show),
        admin(POST, "/design/drafts/{id}", design::drafts::put),
        analyst(POST, "/design/drafts/{id}/removal", design::drafts::remove),
        analyst(GET, "/design/history", design::history::index),
        analyst(GET, "/design/history/{id}", design::history::show),
        analyst(GET, "/design/history/{id}/framework.toml", design::history::toml),
        admin(GET, "/design/history/{id}/return", design::history::ask),
        admin(POST, "/design/history/{id}/return", design::history::put_back),
        analyst(GET, "/design/library", design::library::index),
        analyst(GET, "/design/library/{code}", design::library::show),
        admin(POST, "/design/library/{code}", design::library::start),
        analyst(GET, "/design/coverage", design::coverage::show),
        analyst(GET, "/design/try", design::tryout::show),
        analyst(POST, "/design/try", design::tryout::tried),
        analyst(GET, "/design/question-sets/{code}/preview", design::preview::show),
        analyst(GET, "/design/question-sets/{code}/preview/form", design::preview::form),
        sales(GET, "/design/workshop", design::workshop::index),
        admin(POST, "/design/workshop", design::workshop::create),
        sales(GET, "/design/workshop/{id}", design::workshop::show),
        admin(POST, "/design/workshop/{id}/state", design::workshop::switch),
        sales(POST, "/design/workshop/{id}/proposals", proposals::create),
        sales(POST, "/design/workshop/{id}/merges", proposals::merge),
        admin(GET, "/design/workshop/{id}/freeze", design::workshop::freeze::edit),
        admin(POST, "/design/workshop/{id}/freeze", design::workshop::freeze::update),
        sales(GET, "/design/workshop/proposals/{id}", proposals::edit),
        sales(POST, "/design/workshop/proposals/{id}", proposals::update),
        sales(POST, "/design/workshop/proposals/{id}/votes", proposals::vote),
        sales(POST, "/design/workshop/proposals/{id}/comments", proposals::comment),
        sales(POST, "/design/workshop/proposals/{id}/withdrawal", proposals::withdraw),
        sales(POST, "/design/workshop/proposals/{id}/split", proposals::split),
        analyst(GET, "/design/coding", design::coding::show),
        analyst(POST, "/design/coding", design::coding::update),
        analyst(GET, "/drips", drips::index),
        admin(GET, "/drips/new", drips::edit::new),
        admin(POST, "/drips/new", drips::edit::create),
        analyst(GET, "/drips/outbox", drips::waiting::of_all),
        admin(GET, "/drips/preview", drips::preview::empty),
        admin(POST, "/drips/preview", drips::preview::show),
        admin(POST, "/drips/pause/end", drips::standing::resume_sending),
        analyst(GET, "/drips/{code}", drips::show),
        admin(GET, "/drips/{code}/edit", drips::edit::edit),
        admin(POST, "/drips/{code}/edit", drips::edit::update),
        analyst(GET, "/drips/{code}/waiting", drips::waiting::of_drip),
        analyst(POST, "/drips/{code}/enrolments", drips::enrol),
        admin(POST, "/drips/{code}/trials", drips::trial::create),
        admin(POST, "/drips/{code}/release", drips::troubles::release),
        admin(POST, "/drips/{code}/release-late", drips::troubles::release_late),
        analyst(GET, "/drips/{code}/start", drips::standing::start),
        analyst(POST, "/drips/{code}/state", drips::standing::switch),
        admin(GET, "/drips/{code}/stop", drips::standing::ask_to_stop),
        admin(POST, "/drips/{code}/stop", drips::standing::stop),
        // Behind mailed links.
        link(GET, "/r/{token}", respond::show),
        link(POST, "/r/{token}", respond::save),
        link(GET, "/r/{token}/thanks", respond::thanks),
        link(GET, "/preferences/{token}", preferences::show),
        link(POST, "/preferences/{token}", preferences::update),
        link(GET, "/unsubscribe/{token}", preferences::confirm),
        link(POST, "/unsubscribe/{token}", preferences::unsubscribe),
        link(GET, "/view/{token}", respond::view),
        // Administration.
        analyst(GET, "/imports", imports::index),
        analyst(POST, "/imports", imports::create),
        analyst(POST, "/exports", imports::export),
        admin(GET, "/users", users::index),
        admin(GET, "/users/new", users::new),
        admin(POST, "/users", users::create),
        admin(GET, "/users/{id}", users::show),
        admin(POST, "/users/{id}/role", users::change_role),
        admin(POST, "/users/{id}/lead", users::change_lead),
        admin(POST, "/users/{id}/password", users::change_password),
        admin(POST, "/users/{id}/access", users::change_access),
        admin(GET, "/tokens", tokens::index),
        admin(POST, "/tokens", tokens::create),
        admin(POST, "/tokens/{id}/revocation", tokens::revoke),
        admin(GET, "/audit", audit::index),
        admin(GET, "/mailbox", mailbox::index),
        admin(GET, "/mailbox/{id}", mailbox::show),
        // The API.
        api(Role::Analyst, POST, "/api/v1/answers", api::answers::create),
        api(
            Role::Analyst,
            POST,
            "/api/v1/drips/{code}/enrolments",
            api::enrolments::create,
        ),
        api(
            Role::Analyst,
            POST,
            "/api/v1/drips/{code}/pause",
            api::enrolments::pause,
        ),
        api(
            Role::Analyst,
            POST,
            "/api/v1/drips/{code}/resume",
            api::enrolments::resume,
        ),
        api(Role::Analyst, GET, "/api/v1/outbox", api::outbox::index),
        api(Role::Analyst, GET, "/api/v1/framework", api::framework::show),
        api(Role::Admin, PUT, "/api/v1/framework", api::framework::update),
        api(Role::Sales, GET, "/api/v1/companies", api::companies::index),
        api(Role::Analyst, POST, "/api/v1/companies", api::records::companies),
        api(
            Role::Sales,
            GET,
            "/api/v1/companies/{external_id}",
            api::companies::show,
        ),
        api(
            Role::Sales,
            GET,
            "/api/v1/companies/{external_id}/history",
            api::companies::history,
        ),
        api(
            Role::Analyst,
            PUT,
            "/api/v1/companies/{external_id}/override",
            api::hands::put_override,
        ),
        api(
            Role::Analyst,
            DELETE,
            "/api/v1/companies/{external_id}/override",
            api::hands::delete_override,
        ),
        api(
            Role::Sales,
            PUT,
            "/api/v1/companies/{external_id}/sales-tag",
            api::hands::put_sales_tag,
        ),
        api(
            Role::Sales,
            DELETE,
            "/api/v1/companies/{external_id}/sales-tag",
            api::hands::delete_sales_tag,
        ),
        api(
            Role::Analyst,
            POST,
            "/api/v1/companies/{external_id}/merge",
            api::merge::create,
        ),
        api(
            Role::Analyst,
            DELETE,
            "/api/v1/companies/{external_id}/merge",
            api::merge::delete,
        ),
        api(Role::Analyst, POST, "/api/v1/contacts", api::records::contacts),
        api(Role::Sales, GET, "/api/v1/contacts/{external_id}", api::contacts::show),
        api(
            Role::Admin,
            DELETE,
            "/api/v1/contacts/{external_id}",
            api::contacts::delete,
        ),
        api(
            Role::Analyst,
            GET,
            "/api/v1/contacts/{external_id}/export",
            api::contacts::export,
        ),
        api(Role::Analyst, POST, "/api/v1/transactions", api::records::transactions),
        api(Role::Analyst, POST, "/api/v1/usage", api::records::usage),
        api(Role::Analyst, GET, "/api/v1/insights/needs", api::insights::needs),
        api(Role::Analyst, GET, "/api/v1/insights/segments", api::insights::segments),
        api(Role::Analyst, GET, "/api/v1/insights/overlay", api::insights::overlay),
        api(
            Role::Analyst,
            GET,
            "/api/v1/insights/sales-tags",
            api::insights::sales_tags,
        ),
        api(Role::Analyst, GET, "/api/v1/insights/funnel", api::funnel::show),
        api(Role::Analyst, GET, "/api/v1/insights/discover", api::discover::show),
    ]
}

fn public<F, Args>(method: Method, path: &'static str, handler: F) -> Entry
where
    F: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    entry(method, path, Need::Public, handler)
}

/// For the pages behind mailed links.
fn link<F, Args>(method: Method, path: &'static str, handler: F) -> Entry
where
    F: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    entry(method, path, Need::Link, handler)
}

fn sales<F, Args>(method: Method, path: &'static str, handler: F) -> Entry
where
    F: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    entry(method, path, Need::Role(Role::Sales), handler)
}

#[allow(dead_code)]
fn analyst<F, Args>(method: Method, path: &'static str, handler: F) -> Entry
where
    F: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    entry(method, path, Need::Role(Role::Analyst), handler)
}

fn admin<F, Args>(method: Method, path: &'static str, handler: F) -> Entry
where
    F: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    entry(method, path, Need::Role(Role::Admin), handler)
}

/// For `/api/v1`; the token's role comes first: `api(Role::Sales, GET, …)`.
#[allow(dead_code)]
fn api<F, Args>(role: Role, method: Method, path: &'static str, handler: F) -> Entry
where
    F: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    entry(method, path, Need::Api(role), handler)
}

fn entry<F, Args>(method: Method, path: &'static str, need: Need, handler: F) -> Entry
where
    F: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    let route = if method == GET {
        // Mail scanners and link checkers ask with HEAD: it is a GET without the body.
        Route::new().guard(guard::Any(guard::Get()).or(guard::Head()))
    } else {
        Route::new().method(method.clone())
    };
    let gate = from_fn(move |request, next| session::gate(need, request, next));
    Entry {
        method,
        path,
        need,
        route: route.to(handler).wrap(gate),
    }
}

/// Registers the table; what it does not hold is answered with an error page.
pub fn configure(config: &mut ServiceConfig) {
    let mut resources: Vec<(&'static str, Need, Resource)> = Vec::new();
    for Entry { path, route, need, .. } in table() {
        let resource = match resources.iter().position(|(known, ..)| *known == path) {
            Some(at) => resources.remove(at).2,
            None => web::resource(path).default_service(web::to(wrong_method)),
        };
        resources.push((path, need, resource.route(route)));
    }
    // They are tried one after the other. Mailed links come first: most requests are theirs. A fixed
    // path goes before a pattern that would swallow it.
    resources.sort_by_key(|(path, need, _)| (*need != Need::Link, path.contains('{')));
    for (.., resource) in resources {
        config.service(resource);
    }
    config.default_service(web::to(unknown_url));
}

async fn unknown_url(request: HttpRequest) -> Result<&'static str, AppError> {
    // Who is logged in finds the navigation round the error, and with it the way on.
    if let Ok(Some(viewer)) = session::viewer(&request).await {
        request.extensions_mut().insert(viewer);
    }
    Err(AppError::NotFound)
}

async fn wrong_method(request: HttpRequest) -> Result<&'static str, AppError> {
    let pattern = request.match_pattern().unwrap_or_default();
    Err(AppError::WrongMethod {
        allowed: error::Allowed(methods_of(&pattern)),
    })
}

/// What the table says, without what answers.
pub struct Known {
    pub method: Method,
    pub path: &'static str,
    pub need: Need,
}

/// The table's lines.
pub fn known() -> &'static [Known] {
    static KNOWN: OnceLock<Vec<Known>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let lines = table().into_iter();
        let known = |Entry { method, path, need, .. }| Known { method, path, need };
        lines.map(known).collect()
    })
}

fn methods_of(path: &str) -> Vec<Method> {
    let lines = known().iter().filter(|known| known.path == path);
    let mut methods: Vec<Method> = lines.map(|known| known.method.clone()).collect();
    if methods.contains(&GET) {
        methods.push(Method::HEAD);
    }
    methods
}

/// The role that the page of the back office at this path needs; `None` where there is no page.
pub fn role_of_page(path: &str) -> Option<Role> {
    let role = |known: &Known| match known.need {
        Need::Role(role) if known.method == GET && fits(known.path, path) => Some(role),
        _ => None,
    };
    known().iter().find_map(role)
}

/// Whether the path fits the pattern, in which `{…}` is one part of a path.
fn fits(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let all = pattern.split('/').all(|wanted| match parts.next() {
        Some(part) => part == wanted || (wanted.starts_with('{') && !part.is_empty()),
        None => false,
    });
    all && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_stands_once() {
        let mut lines: Vec<(&str, &str)> = known().iter().map(|k| (k.path, k.method.as_str())).collect();
        let all = lines.len();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), all);
    }

    #[test]
    fn only_the_door_the_probes_and_the_looks_are_public() {
        for known in known().iter().filter(|known| known.need == Need::Public) {
            let public = ["/static/{file:.*}", "/healthz", "/readyz", "/login"];
            assert!(public.contains(&known.path), "{}", known.path);
        }
    }

    #[test]
    fn the_api_takes_tokens_and_mailed_links_their_own() {
        for known in known() {
            let mailed = ["/r/", "/preferences/", "/unsubscribe/", "/view/"];
            let is_mailed = mailed.iter().any(|prefix| known.path.starts_with(prefix));
            assert_eq!(is_mailed, known.need == Need::Link, "{}", known.path);
            let is_api = known.path.starts_with("/api/");
            assert_eq!(is_api, matches!(known.need, Need::Api(_)), "{}", known.path);
        }
    }

    #[test]
    fn users_and_the_audit_log_are_the_admins() {
        for known in known() {
            let admins = ["/users", "/tokens", "/audit", "/mailbox"];
            if admins.iter().any(|prefix| known.path.starts_with(prefix)) {
                assert_eq!(known.need, Need::Role(Role::Admin), "{}", known.path);
            }
        }
    }

    #[test]
    fn a_pattern_takes_one_part_of_a_path_for_each_of_its_names() {
        assert!(fits("/companies/{id}", "/companies/7"));
        assert!(fits("/companies/{id}/brief", "/companies/7/brief"));
        for path in [
            "/companies",
            "/companies/",
            "/companies/7/8",
            "//companies/7",
            "/other/7",
        ] {
            assert!(!fits("/companies/{id}", path), "{path}");
        }
    }
}
