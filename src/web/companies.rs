//! Companies: the list, and one of them with its segment, its needs, its people.

use actix_web::web::{Data, Path, Query};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use crate::accounts::Role;
use crate::clock::Clock;
use crate::companies::contacts;
use crate::companies::listing::{self, Column, Listed, Order, Stretch, Viewer};
use crate::companies::rules::Facts;
use crate::companies::transactions;
use crate::conversations::{self, ConversationRow};
use crate::design::{self, Design};
use crate::framework::Need;
use crate::method::tenure::{Tenure, months, tenure};
use crate::needs::{self, CompanyNeedRow, SegmentChangeRow, Standing};
use crate::store::{self, Db};

use super::error::AppError;
use super::page::Page;
use super::session::{Sales, Sight};
use super::{filter, link};

/// Companies on a page.
const ROWS: i64 = 50;
/// Conversations on a company's page.
const CONVERSATIONS: i64 = 20;
/// Transactions on a company's page.
const DEALS: usize = 20;

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

fn tenure_of(design: &Design, company: &Listed, today: NaiveDate) -> Tenure {
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

#[derive(Template)]
#[template(path = "companies/show.html")]
pub struct Show {
    design: std::sync::Arc<Design>,
    now: NaiveDateTime,
    company: Listed,
    facts: Facts,
    standing: Standing,
    contacts: Vec<contacts::Listed>,
    deals: Vec<transactions::Listed>,
    changes: Vec<SegmentChangeRow>,
    conversations: Vec<ConversationRow>,
    may_edit: bool,
}

/// `GET /companies/{external_id}`
pub async fn show(
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
    Sales(user): Sales,
    Sight(viewer): Sight,
) -> Result<Page<Show>, AppError> {
    let now = clock.now();
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let company = listing::find(conn, &viewer, &external_id)?.ok_or(AppError::NotFound)?;
            let standings = needs::list_standings(conn, &design, &[company.id])?;
            let mut changes = needs::list_changes(conn, company.id)?;
            changes.reverse();
            Ok::<_, AppError>(Show {
                now,
                facts: crate::companies::facts_of(conn, &company.external_id)?.ok_or(store::Error::NotFound)?,
                standing: standings.into_iter().next().unwrap_or_default(),
                contacts: contacts::list_of_company(conn, company.id)?,
                deals: transactions::list_of_company(conn, company.id, DEALS)?,
                conversations: conversations::list_of_company(conn, company.id, CONVERSATIONS)?,
                may_edit: user.role.may(Role::Analyst),
                changes,
                company,
                design,
            })
        })
        .await?;
    Ok(Page(page))
}

/// How far from the score its 95 % interval reaches, in standard errors.
const REACH: f64 = 1.96;

impl Show {
    fn tenure(&self) -> Tenure {
        tenure_of(&self.design, &self.company, self.now.date())
    }

    /// How long it has been a customer: "2 years, 3 months".
    fn customer_for(&self) -> Option<String> {
        let months = months(self.company.customer_since?, self.now.date());
        let part = |count: i32, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{count} {many}")),
        };
        let parts = [part(months / 12, "year", "years"), part(months % 12, "month", "months")];
        let words: Vec<String> = parts.into_iter().flatten().collect();
        (months > 0).then(|| words.join(", "))
    }

    /// Each need of the framework with the company's score, where it has one.
    fn needs(&self) -> Vec<(&Need, Option<&CompanyNeedRow>)> {
        let score = |need: &Need| self.standing.needs.iter().find(|row| row.need == need.code);
        self.design
            .framework
            .needs
            .iter()
            .map(|need| (need, score(need)))
            .collect()
    }

    /// Both ends of the score's interval, within the scale.
    fn interval(&self, row: &CompanyNeedRow) -> (f64, f64) {
        let reach = REACH * row.se;
        ((row.score - reach).max(0.0), (row.score + reach).min(100.0))
    }

    /// How well each segment fits, best first.
    fn fits(&self) -> Vec<(&str, f64)> {
        let fits = self.standing.survey().and_then(|rungs| rungs.fits.as_deref());
        let fits: std::collections::BTreeMap<String, f64> = fits
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default();
        let segments = self.design.framework.segments.iter();
        let mut named: Vec<(&str, f64)> = segments
            .filter_map(|segment| Some((segment.name.as_str(), *fits.get(&segment.code)?)))
            .collect();
        named.sort_by(|a, b| b.1.total_cmp(&a.1));
        named
    }

    fn segment_name<'a>(&'a self, code: &'a str) -> &'a str {
        segment_name(&self.design, code)
    }

    /// What is known, by the name that readers know.
    fn facts(&self) -> Vec<(&str, &str)> {
        let facts = &self.facts;
        let named = [
            ("Industry", facts.industry.as_deref()),
            ("Country", facts.country.as_deref()),
            ("Region", facts.region.as_deref()),
            (
                "Kind of customer",
                facts.customer_type.as_ref().map(|kind| kind.as_str()),
            ),
            ("Journey stage", facts.journey_stage.as_deref()),
            ("Behaviour", facts.behaviour.as_deref()),
            ("Technology level", facts.technology_level.as_deref()),
            ("Time zone", facts.time_zone.as_deref()),
            ("Owner", facts.owner_email.as_deref()),
        ];
        let known = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let attributes = facts.attributes.iter();
        known
            .chain(attributes.map(|(name, value)| (name.as_str(), value.as_str())))
            .collect()
    }

    fn need_names(&self, codes: &str) -> String {
        let named = codes.split('|').map(|code| {
            let known = self.design.framework.needs.iter().find(|need| need.code == code);
            known.map_or(code, |need| need.name.as_str())
        });
        named.collect::<Vec<&str>>().join(", ")
    }
}
