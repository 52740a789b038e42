//! The first page: which segments the companies fall into and what they need, by tenure.

use actix_web::web::{Data, Query};
use askama::Template;

use crate::accounts::{Role, User};
use crate::clock::Clock;
use crate::companies::listing::{self, Column};
use crate::design::{self, Design};
use crate::insight::chart::IntervalChart;
use crate::insight::filter::FilterFault;
use crate::insight::{self, Filter, FirstSteps, NeedFigures, SegmentFigures};
use crate::store::{Conn, Db};

use super::error::{AppError, Fault};
use super::figures::{self, FilterForm, NeedRow, SegmentRow};
use super::page::Page;
use super::session::Sales;

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
}

/// `GET /`
pub async fn show(
    Sales(user): Sales,
    db: Data<Db>,
    clock: Data<Clock>,
    parameters: Query<Vec<(String, String)>>,
) -> Result<Page<Show>, AppError> {
    let today = clock.now().date();
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let filter = filter(&parameters, &design, &user)?;
            let needs = insight::needs(conn, &design, today, &filter)?;
            let segments = insight::segments(conn, &design, today, &filter)?;
            let steps = insight::first_steps(conn, &design)?;
            let form = form(conn, &design, &filter)?;
            Ok::<_, AppError>(Show::new(&user, steps, form, &needs, segments))
        })
        .await?;
    Ok(Page(page))
}

/// The companies that the reader asks for and may see, or every fault of the address.
pub fn filter(parameters: &[(String, String)], design: &Design, user: &User) -> Result<Filter, AppError> {
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fault = |fault: FilterFault| Fault::new(fault.parameter, fault.message);
    let filter = Filter::read(pairs, &design.framework)
        .map_err(|faults| AppError::Unprocessable(faults.into_iter().map(fault).collect()))?;
    Ok(Filter {
        owner: (user.role == Role::Sales).then(|| user.email.clone()),
        ..filter
    })
}

/// The form as it was filled in.
pub fn form(conn: &mut Conn, design: &Design, filter: &Filter) -> Result<FilterForm, AppError> {
    let industries = listing::list_values(conn, Column::Industry)?;
    let countries = listing::list_values(conn, Column::Country)?;
    Ok(FilterForm::new(design, filter, &industries, &countries))
}

impl Show {
    fn new(user: &User, steps: FirstSteps, form: FilterForm, needs: &NeedFigures, segments: SegmentFigures) -> Show {
        let all_done = steps.has_framework && steps.has_contacts && steps.has_enrolments;
        Show {
            steps: (!all_done).then_some(steps),
            can_design: user.role.may(Role::Analyst),
            is_own: user.role == Role::Sales,
            form,
            segment_rows: figures::segment_rows(&segments),
            independence: figures::independence(&segments),
            segments,
            chart: figures::need_chart(needs),
            need_rows: figures::need_rows(needs),
        }
    }

    fn companies(&self) -> u64 {
        self.segments.companies.sum()
    }

    fn assigned(&self) -> u64 {
        self.segments.assigned.sum()
    }
}
