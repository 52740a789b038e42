//! What all insight pages have in common: the question that their address asks, and the frame round
//! their answer (tabs, filter, links that keep the query, files of their tables).
//!
//! A page is a struct with a `frame` and its tables, and a handler that reads its figures:
//!
//! ```text
//! #[derive(Template)]
//! #[template(path = "insights/overlay.html")]
//! pub struct Show { frame: Frame, counts: Table }
//!
//! impl InsightPage for Show {
//!     fn frame(&self) -> &Frame { &self.frame }
//!     fn tables(&self) -> Vec<&Table> { vec![&self.counts] }
//! }
//!
//! /// `GET /insights/overlay?by=industry`
//! pub async fn show(_: Analyst, desk: Desk) -> Result<Shown<Show>, AppError> {
//!     let (frame, read) = desk.read(Tab::Overlay, &["by"], |conn, design, asked| {
//!         let by = asked.own("by").unwrap_or("industry");
//!         Ok(insight::overlay(conn, design, asked.day, &asked.filter, by)?)
//!     }).await?;
//!     let href = frame.companies(&[("attribute.country", "NL")]);
//!     let rows = vec![vec![Cell::text("Innovators"), Cell::Count(3).linked(href)]];
//!     let columns = vec![Column::text("segment", "Segment"), Column::figure("NL", "NL")];
//!     Ok(Shown(Show { counts: Table::new("counts", "Companies", columns, rows).under_chart(), frame }))
//! }
//! ```
//!
//! `read` runs only where no figures may be shown again (`web/kept.rs`): whatever is figured out goes
//! into what it returns, plain figures without their words. Its template:
//!
//! ```text
//! {% extends "insights/frame.html" %}
//! {% block insight %}
//! <section class="card" aria-labelledby="counts"><h2 id="counts">…</h2>
//!   <figure class="chart"><figcaption>…</figcaption><svg role="img" aria-labelledby="…">…</svg></figure>
//!   {% let table = &counts %}{% include "insights/table.html" %}
//! </section>
//! {% endblock %}
//! ```
//!
//! A page's own line in `web/routes.rs` is `analyst(GET, "/insights/overlay", insights::overlay::show)`;
//! its tab shows as soon as there is that route. A page that can show a past day says so in
//! [`Tab::knows_past`]. Own parameters that the reader chooses stand in a form of the page's own with
//! `{% for (name, value) in self.kept() %}<input type="hidden" …>{% endfor %}`, with `kept` a method of the page.

use std::borrow::Borrow;
use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, Responder};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use super::file::{self, Origin, Wanted};
use super::form::{self, FilterForm};
use super::table::Table;
use crate::accounts::User;
use crate::clock::Clock;
use crate::design::{self, Design};
use crate::export::Format;
use crate::insight::filter::FilterFault;
use crate::insight::views::{self, View};
use crate::insight::{self, Attribute, Filter};
use crate::store::{Conn, Db};
use crate::text::figures;
use crate::web::error::{AppError, Fault};
use crate::web::kept::{Found, Kept, Key};
use crate::web::link;
use crate::web::page::Page;
use crate::web::session::{self, Sight, Viewer};

/// The pages of the insights, in the order of their tabs; those without a route are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// `/`: under no tab.
    Dashboard,
    Overview,
    Tenure,
    Overlay,
    Map,
    Agreement,
    Drivers,
    Trend,
    SalesTags,
    Discover,
    Value,
    /// Under no tab: it stands among the companies, where reps look for it.
    Prospects,
}

impl Tab {
    pub const ALL: [Tab; 10] = [
        Tab::Overview,
        Tab::Tenure,
        Tab::Overlay,
        Tab::Map,
        Tab::Agreement,
        Tab::Drivers,
        Tab::Trend,
        Tab::SalesTags,
        Tab::Value,
        Tab::Discover,
    ];

    pub fn href(self) -> &'static str {
        match self {
            Tab::Dashboard => "/",
            Tab::Overview => "/insights",
            Tab::Tenure => "/insights/tenure",
            Tab::Overlay => "/insights/overlay",
            Tab::Map => "/insights/map",
            Tab::Agreement => "/insights/agreement",
            Tab::Drivers => "/insights/drivers",
            Tab::Trend => "/insights/trend",
            Tab::SalesTags => "/insights/sales-tags",
            Tab::Discover => "/insights/discover",
            Tab::Value => "/insights/value",
            Tab::Prospects => "/companies/finder",
        }
    }

    /// On the tab itself.
    pub fn label(self) -> &'static str {
        match self {
            Tab::Dashboard => "Dashboard",
            Tab::Overview => "Overview",
            Tab::Tenure => "New and long-standing",
            Tab::Overlay => "Overlay",
            Tab::Map => "Map",
            Tab::Agreement => "Agreement",
            Tab::Drivers => "Drivers",
            Tab::Trend => "Trend",
            Tab::SalesTags => "Sales tags",
            Tab::Discover => "Discover",
            Tab::Value => "Value",
            Tab::Prospects => "Prospects",
        }
    }

    /// The page's heading.
    pub fn title(self) -> &'static str {
        match self {
            Tab::Overview => "Insights",
            Tab::Tenure => "Why they came, why they stay",
            Tab::Overlay => "Segments across attributes",
            Tab::Map => "Map of needs",
            Tab::Agreement => "Do colleagues agree?",
            Tab::Drivers => "What drives them",
            Tab::Trend => "How needs change",
            Tab::SalesTags => "Sales tags against the survey",
            Tab::Discover => "Segments found in the data",
            Tab::Value => "Value and segment",
            Tab::Prospects => "Prospect finder",
            tab => tab.label(),
        }
    }

    /// The page can show how things stood on a past day (`as_of`).
    pub fn knows_past(self) -> bool {
        !matches!(self, Tab::Dashboard | Tab::Value | Tab::Prospects)
    }
}

/// What the address of a page asks: which companies, on which day, as what.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub filter: Filter,
    /// The day that the figures are of: `as_of`, else today.
    pub day: NaiveDate,
    pub today: NaiveDate,
    /// As a file, of this table, or as a page.
    pub file: Option<Format>,
    pub table: Option<String>,
    /// The page's own parameters that say something.
    own: Vec<(String, String)>,
}

impl Asked {
    /// Reads the parameters of a page, its `own` ones among them, or lists all that is wrong with them.
    pub fn read(
        parameters: &[(String, String)],
        own: &[&str],
        design: &Design,
        today: NaiveDate,
    ) -> Result<Asked, AppError> {
        let said = parameters.iter().filter(|(_, value)| !value.trim().is_empty());
        let last = |name: &str| {
            said.clone()
                .rev()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.trim())
        };
        let mut faults = vec![];
        let day = last("as_of").map_or(Some(today), |text| text.parse().ok().filter(|day| *day <= today));
        if day.is_none() {
            let text = last("as_of").unwrap_or_default();
            let message = format!("{text:?} is not a day up to today; write 2026-03-31");
            faults.push(Fault::new("as_of", message));
        }
        let file = last("format").filter(|format| *format != "html");
        if let Some(format) = file.filter(|format| Format::parse(format).is_none()) {
            faults.push(Fault::new("format", format!("{format:?} is none of html, csv, xlsx")));
        }
        let is_own = |name: &str| own.contains(&name);
        let of_filter = parameters
            .iter()
            .filter(|(name, _)| !is_own(name) && !["as_of", "format", "table"].contains(&name.as_str()))
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let filter = Filter::read(of_filter, &design.framework).unwrap_or_else(|of_filter| {
            let fault = |fault: FilterFault| Fault::new(fault.parameter, fault.message);
            faults.extend(of_filter.into_iter().map(fault));
            Filter::default()
        });
        if !faults.is_empty() {
            return Err(AppError::Unprocessable(faults));
        }
        Ok(Asked {
            filter,
            day: day.unwrap_or(today),
            today,
            file: file.and_then(Format::parse),
            table: last("table").map(str::to_owned),
            own: said.clone().filter(|(name, _)| is_own(name)).cloned().collect(),
        })
    }

    /// One of the page's own parameters; the last one, where it is repeated.
    pub fn own(&self, name: &str) -> Option<&str> {
        let mut own = self.own.iter().rev();
        own.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All of them, for a form that leaves them as they are.
    pub fn own_parameters(&self) -> &[(String, String)] {
        &self.own
    }

    /// The past day that is asked about.
    pub fn past(&self) -> Option<NaiveDate> {
        (self.day != self.today).then_some(self.day)
    }

    /// Everything that was asked, as parameters that read the same again.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let mut all = self.lasting();
        all.extend(self.own.iter().cloned());
        all
    }

    /// Everything but those parameters: for a form that sets them.
    pub fn kept<const N: usize>(&self, but: [&str; N]) -> Vec<(String, String)> {
        let mut all = self.parameters();
        all.retain(|(name, _)| !but.contains(&name.as_str()));
        all
    }

    /// What all pages have in common: the filter and the day.
    pub(super) fn lasting(&self) -> Vec<(String, String)> {
        let mut all = self.filter.parameters();
        all.extend(self.past().map(|day| ("as_of".to_owned(), day.to_string())));
        all
    }
}

/// What stands round the figures of a page.
pub struct Frame {
    pub tab: Tab,
    pub asked: Asked,
    pub design: Arc<Design>,
    pub user: User,
    pub form: FilterForm,
    /// What companies can be told apart by.
    pub attributes: Arc<Vec<Attribute>>,
    /// One's own views and those that others share, of all pages.
    pub views: Vec<View>,
    /// When the figures were read, where they are not of this moment.
    pub read_at: Option<NaiveDateTime>,
}

impl Frame {
    /// The tab's address with the filter and the day, without what is this page's own.
    pub fn tab_href(&self, tab: impl Borrow<Tab>) -> String {
        with(tab.borrow().href(), &self.asked.lasting())
    }

    /// This page with all that was asked.
    pub fn href(&self) -> String {
        with(self.tab.href(), &self.asked.parameters())
    }

    /// This page with some parameters said otherwise; a blank value takes one away.
    pub fn with(&self, changes: &[(&str, &str)]) -> String {
        with(self.tab.href(), &changed(self.asked.parameters(), changes))
    }

    /// The list of the companies that pass the filter and these.
    pub fn companies(&self, narrower: &[(&str, &str)]) -> String {
        with("/companies", &changed(self.asked.filter.parameters(), narrower))
    }

    /// What the page's files tell of their figures.
    fn origin(&self) -> Origin {
        self.origin_at(&self.href(), self.tab.label())
    }

    /// As the origin of this page's files, for a page that shows its figures elsewhere.
    pub fn origin_at(&self, href: &str, page: &str) -> Origin {
        let line = |name: &str, words: String| (name.to_owned(), words);
        let words = self.words();
        let mut lines = vec![line("Page", page.to_owned()), line("Of", self.moment())];
        lines.extend(self.read_at().map(|at| line("Figures read at", at)));
        lines.push(line(
            "Companies",
            match words.is_empty() {
                true => "all".to_owned(),
                false => words.join("; "),
            },
        ));
        if self.asked.filter.owners.is_some() {
            lines.push(line(
                "Seen by",
                "a sales rep: its own companies and those of the reps it leads".to_owned(),
            ));
        }
        let chosen = self.asked.own.iter().filter(|(name, _)| name != "page");
        lines.extend(chosen.map(|(name, value)| line("Chosen", format!("{name}: {value}"))));
        lines.push(line("Address", href.to_owned()));
        Origin {
            page: page.to_owned(),
            day: match self.ignores_past() {
                true => self.asked.today,
                false => self.asked.day,
            },
            lines,
        }
    }

    /// The views of this page.
    pub fn own_views(&self) -> Vec<&View> {
        let of_page = self.views.iter().filter(|view| view.page == self.tab.href());
        of_page.collect()
    }

    /// What was asked, as a view keeps it.
    pub fn query(&self) -> String {
        let href = self.href();
        href.split_once('?')
            .map_or(String::new(), |(_, query)| query.to_owned())
    }

    /// Nothing else was asked than this view asks.
    pub fn is_view(&self, view: &View) -> bool {
        view.page == self.tab.href() && view.query == self.query()
    }

    /// This page over all companies, today.
    pub fn unfiltered(&self) -> String {
        with(self.tab.href(), &self.asked.own)
    }

    /// A table of this page as a file.
    pub fn download(&self, table: &str, format: &str) -> String {
        self.with(&[("format", format), ("table", table)])
    }

    /// Whose figures, as a sentence.
    pub fn moment(&self) -> String {
        match self.asked.past().filter(|_| self.tab.knows_past()) {
            Some(day) => format!("As things stood at the end of {}", figures::date(day)),
            None => "As things stand today".to_owned(),
        }
    }

    /// When the figures were read, where that is not now.
    pub fn read_at(&self) -> Option<String> {
        self.read_at.map(figures::date_time)
    }

    /// Other figures of the page are of this moment; the page is as old as the oldest.
    pub(super) fn note_read_at(&mut self, read_at: Option<NaiveDateTime>) {
        self.read_at = match (self.read_at, read_at) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }

    /// The figures are those of a past day.
    pub fn shows_past(&self) -> bool {
        self.asked.past().is_some() && self.tab.knows_past()
    }

    /// A past day was asked for, and this page has none.
    pub fn ignores_past(&self) -> bool {
        self.asked.past().is_some() && !self.tab.knows_past()
    }

    /// The filter spelt out.
    pub fn words(&self) -> Vec<String> {
        form::words(&self.design, &self.asked.filter)
    }

    /// From how many on single answers are counted, and what a filter changes in that.
    pub fn told_from(&self) -> String {
        let least = self.min_group();
        let filter = &self.asked.filter;
        let under_filter = match () {
            () if filter.from.is_some() || filter.to.is_some() => {
                " Under a filter by days none shows: two spans of days may differ by a single company."
            }
            () if filter.is_everyone() => "",
            () => " Under a filter it shows where filters by the same attributes cannot leave fewer over.",
        };
        format!("A group shows once {least} companies and as many contacts of it have answered.{under_filter}")
    }

    /// Below this many companies no single answer, no free text and no small difference is told.
    pub fn min_group(&self) -> u64 {
        u64::from(self.design.framework.settings.min_group)
    }
}

fn with(path: &str, parameters: &[(String, String)]) -> String {
    link::with(
        path,
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())),
    )
}

fn changed(mut parameters: Vec<(String, String)>, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    parameters.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let added = changes.iter().filter(|(_, value)| !value.is_empty());
    parameters.extend(added.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    parameters
}

/// A page of figures, each of which stands in a table.
pub trait InsightPage: Template {
    fn frame(&self) -> &Frame;
    /// Every table of the page, by whose codes its files are asked for.
    fn tables(&self) -> Vec<&Table>;
}

/// The page, or the file of one of its tables, whichever was asked for.
pub struct Shown<T>(pub T);

impl<T: InsightPage> Responder for Shown<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Some(format) = self.0.frame().asked.file else {
            return Page(self.0).respond_to(request);
        };
        file(&self.0, format).unwrap_or_else(HttpResponse::from_error)
    }
}

fn file(page: &impl InsightPage, format: Format) -> Result<HttpResponse, AppError> {
    let frame = page.frame();
    let wanted = Wanted {
        format,
        table: frame.asked.table.clone(),
    };
    file::answer(&page.tables(), &wanted, frame.origin())
}

/// Where figures are asked for: who looks, at what address, over which database.
pub struct Desk {
    pub user: User,
    pub db: Data<Db>,
    pub now: NaiveDateTime,
    pub(super) kept: Data<Kept>,
    /// The sales reps whose companies alone are looked at; `None`: everybody's.
    owners: Option<Vec<String>>,
    parameters: Vec<(String, String)>,
}

impl FromRequest for Desk {
    type Error = AppError;
    type Future = Ready<Result<Desk, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Desk::of(request))
    }
}

/// What a page's figures are kept with.
struct Read<T> {
    design: Arc<Design>,
    asked: Asked,
    figures: Arc<T>,
}

impl Desk {
    fn of(request: &HttpRequest) -> Result<Desk, AppError> {
        let viewer = request.extensions().get::<Viewer>().cloned();
        let viewer = viewer.ok_or_else(|| AppError::LogIn {
            next: request.path().to_owned(),
        })?;
        let sight = request.extensions().get::<Sight>().cloned();
        let Sight(sight) = sight.ok_or(AppError::NotFound)?;
        let query = url::form_urlencoded::parse(request.query_string().as_bytes());
        Ok(Desk {
            user: viewer.0,
            owners: sight.owners(),
            db: session::data::<Db>(request)?.clone(),
            now: session::data::<Clock>(request)?.now(),
            kept: session::data::<Kept>(request)?.clone(),
            parameters: query.into_owned().collect(),
        })
    }

    /// The same desk, whatever the address asks.
    pub fn unasked(self) -> Desk {
        Desk {
            parameters: vec![],
            ..self
        }
    }

    /// The sales reps whose companies alone are looked at, by folded address; `None`: everybody's.
    pub fn owners(&self) -> Option<Vec<String>> {
        self.owners.clone()
    }

    /// The figures that `read` makes of what the address asks, and the frame round them. They are
    /// kept under the address (without its `page`), so that `read` may know nothing but its arguments.
    pub async fn read<T, F>(&self, tab: Tab, own: &'static [&'static str], read: F) -> Result<(Frame, Arc<T>), AppError>
    where
        T: Send + Sync + 'static,
        F: FnOnce(&mut Conn, &Arc<Design>, &Asked) -> Result<T, AppError> + Send + 'static,
    {
        self.read_but(tab, own, &[], read).await
    }

    /// As [`Desk::read`], for figures that are the same whatever the page's own parameters say: these
    /// only choose what of them is shown, and `read` does not look at them.
    pub async fn read_for_all<T, F>(
        &self,
        tab: Tab,
        own: &'static [&'static str],
        read: F,
    ) -> Result<(Frame, Arc<T>), AppError>
    where
        T: Send + Sync + 'static,
        F: FnOnce(&mut Conn, &Arc<Design>, &Asked) -> Result<T, AppError> + Send + 'static,
    {
        self.read_but(tab, own, own, read).await
    }

    async fn read_but<T, F>(
        &self,
        tab: Tab,
        own: &'static [&'static str],
        unread: &'static [&'static str],
        read: F,
    ) -> Result<(Frame, Arc<T>), AppError>
    where
        T: Send + Sync + 'static,
        F: FnOnce(&mut Conn, &Arc<Design>, &Asked) -> Result<T, AppError> + Send + 'static,
    {
        let (today, owners) = (self.now.date(), self.owners());
        let parameters = self.parameters.clone();
        let said = |(name, value): &&(String, String)| {
            let is_read = !["format", "table"].contains(&name.as_str()) && !unread.contains(&name.as_str());
            is_read && !value.trim().is_empty()
        };
        let key = self.key(tab.href(), parameters.iter().filter(said).cloned().collect());
        let of = parameters.clone();
        let reading = move |conn: &mut Conn| {
            let design = design::current(conn)?;
            let mut asked = Asked::read(&of, own, &design, today)?;
            asked.filter.owners = owners;
            let figures = Arc::new(read(conn, &design, &asked)?);
            Ok(Read { design, asked, figures })
        };
        let found: Found<Read<T>> = self.kept.get(&self.db, self.now, key, reading).await?;
        let key = self.key("attributes", vec![]);
        let owners = self.owners();
        let values = move |conn: &mut Conn| Ok(insight::attributes(conn, owners.as_deref())?);
        let attributes = self.kept.get(&self.db, self.now, key, values).await?;
        let user = self.user.id;
        let views = self
            .db
            .read(move |conn| Ok::<_, AppError>(views::list(conn, user)?))
            .await?;
        let design = found.figures.design.clone();
        // Which part of the figures is shown, and how, makes no other figures.
        let now_asked = Asked::read(&parameters, own, &design, today)?;
        let asked = Asked {
            file: now_asked.file,
            table: now_asked.table,
            own: now_asked.own,
            ..found.figures.asked.clone()
        };
        let frame = Frame {
            tab,
            form: FilterForm::new(&design, &asked.filter, &attributes.figures),
            asked,
            design,
            user: self.user.clone(),
            attributes: attributes.figures,
            views,
            read_at: found.read_at,
        };
        Ok((frame, found.figures.figures.clone()))
    }

    /// More figures of the same page, kept apart from it: by `what`, and by whatever else they hang on.
    pub async fn more<T, F>(
        &self,
        frame: &Frame,
        what: &'static str,
        on: Vec<(String, String)>,
        read: F,
    ) -> Result<Arc<T>, AppError>
    where
        T: Send + Sync + 'static,
        F: FnOnce(&mut Conn, &Arc<Design>, &Asked) -> Result<T, AppError> + Send + 'static,
    {
        let (design, asked) = (frame.design.clone(), frame.asked.clone());
        let mut parameters = asked.parameters();
        parameters.extend(on);
        let key = self.key(what, parameters);
        let reading = move |conn: &mut Conn| read(conn, &design, &asked);
        Ok(self.kept.get(&self.db, self.now, key, reading).await?.figures)
    }

    pub(super) fn key(&self, what: &'static str, parameters: Vec<(String, String)>) -> Key {
        Key {
            what,
            parameters,
            owners: self.owners(),
            today: self.now.date(),
        }
    }
}
