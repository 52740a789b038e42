//! The list of companies.

use actix_web::web::{Data, Query};
use askama::Template;
use chrono::NaiveDate;

use crate::clock::Clock;
use crate::companies::listing::{self, Column, Listed, Order, Stretch, Viewer};
use crate::design::{self, Design};
use crate::method::tenure::{Tenure, tenure};
use crate::store::Db;

use super::error::AppError;
use super::page::Page;
use super::session::{Sales, Sight};
use super::{filter, link};

/// Companies on a page.
const ROWS: i64 = 50;

#[derive(Template)]
#[template(path = "companies/index.html")]
pub struct Index {
    design: std::sync::Arc<Design>,
    today: NaiveDate,
    companies: Vec<Listed>,
    total: i64,
    page: i64,
    asked: Vec<(String, String)>,
    industries: Vec<String>,
    countries: Vec<String>,
    /// There are companies of others, too, that this one sees.
    may_narrow: bool,
}

/// `GET /companies`
pub async fn index(
    db: Data<Db>,
    clock: Data<Clock>,
    parameters: Query<Vec<(String, String)>>,
    Sales(user): Sales,
    Sight(viewer): Sight,
) -> Result<Page<Index>, AppError> {
    let today = clock.now().date();
    let asked = parameters.into_inner();
    let page = asked_page(&asked)?;
    // Whoever leads others, or sees all, may look at its own alone.
    let may_narrow = viewer != Viewer::own(&user);
    let viewer = match value(&asked, "mine") {
        "" => viewer,
        _ => Viewer::own(&user),
    };
    let order = Order::parse(value(&asked, "sort")).unwrap_or_default();
    let index = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let others: Vec<(String, String)> = asked
                .iter()
                .filter(|(name, _)| !["page", "sort", "mine"].contains(&name.as_str()))
                .cloned()
                .collect();
            let filter = filter::read(&others, &design, today).map_err(AppError::Unprocessable)?;
            let stretch = Stretch::page(page, ROWS);
            Ok::<_, AppError>(Index {
                companies: listing::list(conn, &viewer, &filter, order, stretch)?,
                total: listing::count(conn, &viewer, &filter)?,
                industries: listing::list_values(conn, &viewer, Column::Industry)?,
                countries: listing::list_values(conn, &viewer, Column::Country)?,
                design,
                today,
                page,
                asked,
                may_narrow,
            })
        })
        .await?;
    Ok(Page(index))
}

/// The page asked for, from 1.
pub fn asked_page(asked: &[(String, String)]) -> Result<i64, AppError> {
    match value(asked, "page") {
        "" => Ok(1),
        text => {
            let page = text.parse().ok().filter(|page| *page >= 1);
            page.ok_or_else(|| AppError::BadRequest(format!("There is no page {text}.")))
        }
    }
}

/// What was asked for under this name; empty where nothing was.
pub fn value<'a>(asked: &'a [(String, String)], name: &str) -> &'a str {
    asked
        .iter()
        .find(|(known, _)| known == name)
        .map_or("", |(_, value)| value.as_str())
}

impl Index {
    fn asked(&self, name: &str) -> &str {
        value(&self.asked, name)
    }

    /// The same list from its first page, in another order.
    fn sorted(&self, order: &Order) -> String {
        let kept = self.asked.iter().filter(|(name, _)| name != "page" && name != "sort");
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        link::with("/companies", kept.chain([("sort", order.as_str())]))
    }

    fn is_sorted(&self, order: &Order) -> bool {
        Order::parse(self.asked("sort")).unwrap_or_default() == *order
    }

    fn is_filtered(&self) -> bool {
        self.asked
            .iter()
            .any(|(name, value)| name != "page" && name != "sort" && !value.is_empty())
    }

    fn turned(&self, page: i64) -> String {
        let kept = self.asked.iter().filter(|(name, _)| name != "page");
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        link::with("/companies", kept.chain([("page", page.to_string().as_str())]))
    }

    fn first(&self) -> Option<String> {
        (self.page > 1).then(|| self.turned(1))
    }

    fn next(&self) -> Option<String> {
        (self.page.saturating_mul(ROWS) < self.total).then(|| self.turned(self.page + 1))
    }

    fn href(&self, company: &Listed) -> String {
        format!("/companies/{}", link::part(&company.external_id))
    }

    fn tenure(&self, company: &Listed) -> Tenure {
        tenure_of(&self.design, company, self.today)
    }

    fn segment_name<'a>(&'a self, code: &'a str) -> &'a str {
        segment_name(&self.design, code)
    }
}

pub fn tenure_of(design: &Design, company: &Listed, today: NaiveDate) -> Tenure {
    tenure(
        company.customer_since,
        today,
        design.framework.settings.tenure_threshold_months,
    )
}

/// The segment's name, or its code where the framework has it no more.
pub fn segment_name<'a>(design: &'a Design, code: &'a str) -> &'a str {
    let known = design.framework.segments.iter().find(|segment| segment.code == code);
    known.map_or(code, |segment| segment.name.as_str())
}

/// A tenure as readers say it.
pub fn tenure_name(tenure: impl std::borrow::Borrow<Tenure>) -> &'static str {
    match tenure.borrow() {
        Tenure::New => "New",
        Tenure::LongStanding => "Long-standing",
        Tenure::Unknown => "Unknown",
    }
}

/// What a segment rests on, as readers say it.
pub fn source_name(source: &str) -> &str {
    match source {
        "override" => "set by an analyst",
        "survey" => "from the answers",
        "sales_tag" => "tagged by sales",
        "deals" => "from coded deals",
        "framework" => "from a changed framework",
        other => other,
    }
}
