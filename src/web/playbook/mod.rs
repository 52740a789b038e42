//! One segment: what it is about, its playbook, and the companies in it with what they are worth.

pub mod edit;
mod tables;

use actix_web::web::{Data, Path, Query};
use actix_web::{Either, HttpResponse};
use askama::Template;
use chrono::NaiveDate;

use super::companies::{asked_page, tenure_of, value};
use super::company;
use super::dashboard;
use super::error::AppError;
use super::figures::{self, SegmentRow};
use super::insights::file::{self, Wanted};
use super::insights::frame::{Desk, Tab};
use super::link;
use super::page::Page;
use super::session::{Sales, Sight};
use crate::accounts::Role;
use crate::companies::listing::{self, Filter, Listed, Order, Stretch};
use crate::design::Design;
use crate::framework::Segment;
use crate::insight::chart::bar_percent;
use crate::insight::chart::pareto::{Pareto, pareto};
use crate::method::tenure::Tenure;
use crate::needs::Badge;
use crate::plan::playbook::{self, Playbook, Saved, TEXTS};
use crate::store::Db;
use crate::text::figures as text;

/// Companies on a page.
const ROWS: i64 = 50;
/// Savings of the playbook that are shown.
const SAVINGS: i64 = 20;

#[derive(Template)]
#[template(path = "segments/show.html")]
pub struct Show {
    design: std::sync::Arc<Design>,
    today: NaiveDate,
    segment: Segment,
    profile: Vec<Weight>,
    row: Option<SegmentRow>,
    playbook: Playbook,
    savings: Vec<Saved>,
    companies: Vec<Listed>,
    total: i64,
    pareto: Option<Pareto>,
    order: Order,
    page: i64,
    may_edit: bool,
    is_own: bool,
}

/// How much a need weighs in a profile.
struct Weight {
    need: String,
    badge: Badge,
    weight: String,
    bar: f64,
}

/// In which orders the roster can stand.
const ORDERS: [(Order, &str, &str); 4] = [
    (Order::Name, "Company", ""),
    (Order::Tenure, "Tenure", ""),
    (Order::Answers, "Answers", "num"),
    (Order::Revenue, "Revenue", "num"),
];

/// `GET /segments/{code}?format=…&table=…`
pub async fn show(
    Sales(user): Sales,
    Sight(viewer): Sight,
    desk: Desk,
    db: Data<Db>,
    code: Path<String>,
    parameters: Query<Vec<(String, String)>>,
) -> Result<Either<Page<Show>, HttpResponse>, AppError> {
    let page = asked_page(&parameters)?;
    let wanted = Wanted::read(&parameters)?;
    let is_file = wanted.is_some();
    let order =
        Order::parse(value(&parameters, "sort")).filter(|order| ORDERS.iter().any(|(known, ..)| known == order));
    let order = order.unwrap_or(Order::Revenue);
    let (frame, read) = desk.unasked().read(Tab::Dashboard, &[], dashboard::figures).await?;
    let design = frame.design.clone();
    let segment = design.framework.segment(&code).ok_or(AppError::NotFound)?.clone();
    let weight = |need: &crate::framework::Need| {
        let weight = segment.profile.get(&need.code).copied().unwrap_or(0.0);
        Weight {
            need: need.name.clone(),
            badge: read.confirmed.badge(&need.code),
            weight: text::number(weight, 0),
            bar: bar_percent(weight, 100.0),
        }
    };
    let profile = design.framework.needs.iter().map(weight).collect();
    let rows = figures::segment_rows(&read.segments).into_iter();
    let row = rows.into_iter().find(|row| row.code == segment.code);
    let today = frame.asked.today;
    let is_own = user.role == Role::Sales;
    let show = db
        .read(move |conn| {
            let filter = Filter {
                segment: vec![segment.code.clone()],
                ..Filter::default()
            };
            let revenues = listing::list_revenues(conn, &viewer, &filter)?;
            let total = revenues.len() as i64;
            // A file has them all.
            let stretch = match is_file {
                true => Stretch::page(1, total.max(1)),
                false => Stretch::page(page, ROWS),
            };
            Ok::<_, AppError>(Show {
                playbook: playbook::find(conn, &segment.code)?,
                savings: playbook::history(conn, &segment.code, SAVINGS)?,
                companies: listing::list(conn, &viewer, &filter, order, stretch)?,
                total,
                pareto: pareto(revenues.into_iter().flatten().collect()),
                may_edit: user.role.may(Role::Admin),
                is_own,
                design,
                today,
                segment,
                profile,
                row,
                order,
                page,
            })
        })
        .await?;
    let Some(wanted) = wanted else {
        return Ok(Either::Left(Page(show)));
    };
    let tables = show.tables();
    file::answer(&tables.iter().collect::<Vec<_>>(), &wanted, show.origin()).map(Either::Right)
}

impl Show {
    fn href(&self) -> String {
        format!("/segments/{}", self.segment.code)
    }

    /// The texts of the playbook, with their labels.
    fn texts(&self) -> Vec<(&'static str, &str)> {
        let texts = TEXTS.into_iter();
        let all = texts.map(|(field, label, _)| (label, self.playbook.text(field)));
        all.filter(|(_, text)| !text.is_empty()).collect()
    }

    fn is_empty(&self) -> bool {
        let segment = &self.segment;
        let lists = [&segment.talk_about, &segment.avoid, &segment.content, &segment.actions];
        lists.iter().all(|list| list.is_empty()) && segment.spend.is_empty() && self.texts().is_empty()
    }

    fn tenure(&self, company: &Listed) -> Tenure {
        tenure_of(&self.design, company, self.today)
    }

    fn sorted(&self, order: &Order) -> String {
        format!("{}#roster", link::with(&self.href(), [("sort", order.as_str())]))
    }

    fn is_sorted(&self, order: &Order) -> bool {
        self.order == *order
    }

    fn turned(&self, page: i64) -> String {
        let page = page.to_string();
        let path = link::with(&self.href(), [("sort", self.order.as_str()), ("page", page.as_str())]);
        format!("{path}#roster")
    }

    fn first(&self) -> Option<String> {
        (self.page > 1).then(|| self.turned(1))
    }

    fn next(&self) -> Option<String> {
        (self.page.saturating_mul(ROWS) < self.total).then(|| self.turned(self.page + 1))
    }

    /// In one sentence, what the curve says.
    fn lesson(&self, pareto: &Pareto) -> String {
        if pareto.companies == 1 {
            return format!("One company with a revenue, of {}.", text::money_short(pareto.revenue));
        }
        let companies = text::counted(pareto.companies as i64, "company", "companies");
        match pareto.most_of_it() {
            Some(row) => format!(
                "{} of the {companies} with a revenue bring {} of it: {}.",
                text::count(row.companies as i64),
                text::share(row.share_of_revenue),
                text::money_short(row.revenue)
            ),
            None => format!("{companies} with a revenue."),
        }
    }

    fn edit_href(&self, saved: &Saved) -> String {
        format!("{}/playbook?from={}", self.href(), saved.id)
    }
}
