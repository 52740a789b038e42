//! The first page: which segments the companies fall into and what they need, by tenure.

use actix_web::web::{Data, Query};
use askama::Template;
use chrono::NaiveDate;

use crate::accounts::{Role, User};
use crate::clock::Clock;
use crate::companies::listing::Viewer;
use crate::design::Design;
use crate::insight::chart::IntervalChart;
use crate::insight::filter::FilterFault;
use crate::insight::{Filter, FirstSteps, SegmentFigures};
use crate::store::Db;
use crate::text;

use super::error::{AppError, Fault};
use super::figures::{self, FilterForm, NeedRow, SegmentRow};
use super::kept::{Figures, Kept, Key};
use super::page::Page;
use super::session::{Sales, Sight};

#[derive(Template)]
#[template(path = "dashboard/show.html")]
pub struct Show {
    steps: Option<FirstSteps>,
    can_design: bool,
    is_own: bool,
    form: FilterForm,
    segments: SegmentFigures,
    segment_rows: Vec<SegmentRow>,
    independence: Option<String>,
    chart: Option<IntervalChart>,
    need_rows: Vec<NeedRow>,
    /// Links answered only by what looks like a program.
    suspects: i64,
}

/// `GET /`
pub async fn show(
    Sales(user): Sales,
    Sight(viewer): Sight,
    db: Data<Db>,
    clock: Data<Clock>,
    kept: Data<Kept>,
    parameters: Query<Vec<(String, String)>>,
) -> Result<Page<Show>, AppError> {
    let key = key(parameters.into_inner(), viewer, clock.now().date());
    let figures = kept.get(&db, key).await?;
    Ok(Page(Show::new(&user, &figures)))
}

/// What the reader asks for and may see: a sales rep, its own companies.
pub fn key(parameters: Vec<(String, String)>, viewer: Viewer, today: NaiveDate) -> Key {
    Key {
        parameters,
        viewer,
        today,
    }
}

/// The companies that the address asks for, or every fault of it.
pub fn filter(parameters: &[(String, String)], design: &Design) -> Result<Filter, AppError> {
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fault = |fault: FilterFault| Fault::new(fault.parameter, fault.message);
    Filter::read(pairs, &design.framework)
        .map_err(|faults| AppError::Unprocessable(faults.into_iter().map(fault).collect()))
}

impl Show {
    fn new(user: &User, read: &Figures) -> Show {
        let steps = read.steps;
        let all_done = steps.has_framework && steps.has_contacts && steps.has_enrolments;
        Show {
            steps: (!all_done).then_some(steps),
            can_design: user.role.may(Role::Analyst),
            is_own: user.role == Role::Sales,
            form: FilterForm::new(&read.design, &read.filter, &read.industries, &read.countries),
            segment_rows: figures::segment_rows(&read.segments),
            independence: figures::independence(&read.segments),
            segments: read.segments.clone(),
            chart: figures::need_chart(&read.needs),
            need_rows: figures::need_rows(&read.needs, &read.confirmed),
            suspects: read.suspects,
        }
    }

    fn companies(&self) -> u64 {
        self.segments.companies.sum()
    }

    /// For who may look after them.
    fn suspects(&self) -> Option<String> {
        (self.can_design && self.suspects > 0).then(|| {
            format!(
                "Outside all figures until a person answers: {} like a mail scanner's.",
                text::figures::counted(self.suspects, "response that looks", "responses that look"),
            )
        })
    }

    fn assigned(&self) -> u64 {
        self.segments.assigned.sum()
    }
}
