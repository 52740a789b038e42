//! The segments, beside each other. `playbook` shows one of them.

use actix_web::web::Query;
use actix_web::{Either, HttpResponse};
use askama::Template;

use crate::framework::Segment;
use crate::insight::SegmentFigure;

use super::dashboard;
use super::error::AppError;
use super::figures::{self, SegmentRow};
use super::insights::file::{self, Wanted};
use super::insights::frame::{Desk, Tab};
use super::insights::overview;
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

/// `GET /segments?format=…`
pub async fn index(
    _: Sales,
    desk: Desk,
    parameters: Query<Vec<(String, String)>>,
) -> Result<Either<Page<Index>, HttpResponse>, AppError> {
    let (frame, read) = desk.unasked().read(Tab::Dashboard, &[], dashboard::figures).await?;
    let (design, found) = (&frame.design, &read.segments);
    if let Some(wanted) = Wanted::read(&parameters)? {
        let table = overview::by_segment(&frame, found);
        return file::answer(&[&table], &wanted, frame.origin_at("/segments", "Segments")).map(Either::Right);
    }
    let cards = design.framework.segments.iter().zip(&found.segments);
    let card = |(segment, figure): (&Segment, &SegmentFigure)| Card {
        segment: segment.clone(),
        companies: figures::counted(figure.count, "company", "companies"),
        share: figures::share(figure.share),
    };
    Ok(Either::Left(Page(Index {
        cards: cards.map(card).collect(),
        segment_rows: figures::segment_rows(found),
        independence: figures::independence(found),
    })))
}
