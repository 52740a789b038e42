//! The segments, beside each other. `playbook` shows one of them.

use askama::Template;

use crate::framework::Segment;
use crate::insight::SegmentFigure;

use super::dashboard;
use super::error::AppError;
use super::figures::{self, SegmentRow};
use super::insights::frame::{Desk, Tab};
use super::page::Page;
use super::session::Sales;

#[derive(Template)]
#[template(path = "segments/index.html")]
pub struct Index {
    cards: Vec<Card>,
    segment_rows: Vec<SegmentRow>,
    independence: Option<String>,
}

struct Card {
    segment: Segment,
    companies: String,
    share: String,
}

/// `GET /segments`
pub async fn index(_: Sales, desk: Desk) -> Result<Page<Index>, AppError> {
    let (frame, read) = desk.unasked().read(Tab::Dashboard, &[], dashboard::figures).await?;
    let (design, found) = (&frame.design, &read.segments);
    let cards = design.framework.segments.iter().zip(&found.segments);
    let card = |(segment, figure): (&Segment, &SegmentFigure)| Card {
        segment: segment.clone(),
        companies: figures::counted(figure.count, "company", "companies"),
        share: figures::share(figure.share),
    };
    Ok(Page(Index {
        cards: cards.map(card).collect(),
        segment_rows: figures::segment_rows(found),
        independence: figures::independence(found),
    }))
}
