//! The first page: which segments the companies fall into and what they need, by tenure.

use std::sync::Arc;

use askama::Template;

use crate::accounts::Role;
use crate::answers;
use crate::design::Design;
use crate::insight::chart::IntervalChart;
use crate::insight::filter::FilterFault;
use crate::insight::{self, Filter, FirstSteps, NeedFigures, SegmentFigures};
use crate::needs::{self, Confirmed};
use crate::store::Conn;
use crate::text;

use super::error::{AppError, Fault};
use super::figures::{self, NeedRow, SegmentRow};
use super::insights::frame::{Asked, Desk, Frame, InsightPage, Shown, Tab};
use super::insights::overview;
use super::insights::table::Table;
use super::session::Sales;

/// All that the dashboard shows, read from one state of the database.
pub struct Figures {
    pub steps: FirstSteps,
    pub needs: NeedFigures,
    /// Which needs companies' answers speak for.
    pub confirmed: Confirmed,
    pub segments: SegmentFigures,
    /// Links answered only by what looks like a program.
    pub suspects: i64,
}

#[derive(Template)]
#[template(path = "dashboard/show.html")]
pub struct Show {
    frame: Frame,
    steps: Option<FirstSteps>,
    can_design: bool,
    is_own: bool,
    segments: SegmentFigures,
    segment_rows: Vec<SegmentRow>,
    independence: Option<String>,
    chart: Option<IntervalChart>,
    need_rows: Vec<NeedRow>,
    by_segment: Table,
    scores: Table,
    /// Links answered only by what looks like a program.
    suspects: i64,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        vec![&self.by_segment, &self.scores]
    }
}

/// `GET /`
pub async fn show(_: Sales, desk: Desk) -> Result<Shown<Show>, AppError> {
    let (frame, read) = desk.read(Tab::Dashboard, &[], figures).await?;
    Ok(Shown(Show::new(frame, &read)))
}

pub fn figures(conn: &mut Conn, design: &Arc<Design>, asked: &Asked) -> Result<Figures, AppError> {
    Ok(Figures {
        steps: insight::first_steps(conn, design)?,
        needs: insight::needs(conn, design, asked.today, &asked.filter)?,
        confirmed: needs::confirmed(conn, design)?,
        segments: insight::segments(conn, design, asked.today, &asked.filter)?,
        suspects: answers::count_suspect(conn)?.iter().map(|(_, count)| count).sum(),
    })
}

/// The companies that the address asks for, or every fault of it.
pub fn filter(parameters: &[(String, String)], design: &Design) -> Result<Filter, AppError> {
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fault = |fault: FilterFault| Fault::new(fault.parameter, fault.message);
    Filter::read(pairs, &design.framework)
        .map_err(|faults| AppError::Unprocessable(faults.into_iter().map(fault).collect()))
}

impl Show {
    fn new(frame: Frame, read: &Figures) -> Show {
        let steps = read.steps;
        let all_done = steps.has_framework && steps.has_contacts && steps.has_enrolments;
        Show {
            steps: (!all_done).then_some(steps),
            can_design: frame.user.role.may(Role::Analyst),
            is_own: frame.user.role == Role::Sales,
            segment_rows: figures::segment_rows(&read.segments),
            independence: figures::independence(&read.segments),
            segments: read.segments.clone(),
            chart: figures::need_chart(&read.needs),
            need_rows: figures::need_rows(&read.needs, &read.confirmed),
            by_segment: overview::by_segment(&frame, &read.segments),
            scores: overview::scores(&read.needs).under_chart(),
            suspects: read.suspects,
            frame,
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
