//! The segments: what each is about, and which companies are in it.

use actix_web::web::Path;
use askama::Template;

use crate::design::Design;
use crate::framework::Segment;
use crate::insight::chart::bar_percent;
use crate::insight::{SegmentFigure, SegmentFigures};
use crate::needs::{Badge, Confirmed};
use crate::text::figures as text;

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

#[derive(Template)]
#[template(path = "segments/show.html")]
pub struct Show {
    segment: Segment,
    profile: Vec<Weight>,
    row: Option<SegmentRow>,
}

/// How much a need weighs in a profile.
struct Weight {
    need: String,
    badge: Badge,
    weight: String,
    bar: f64,
}

/// `GET /segments/{code}`
pub async fn show(_: Sales, desk: Desk, code: Path<String>) -> Result<Page<Show>, AppError> {
    let (frame, read) = desk.unasked().read(Tab::Dashboard, &[], dashboard::figures).await?;
    let (design, found) = (&frame.design, &read.segments);
    let segment = design.framework.segment(&code).ok_or(AppError::NotFound)?;
    Ok(Page(Show::new(design, segment, found, &read.confirmed)))
}

impl Show {
    fn new(design: &Design, segment: &Segment, found: &SegmentFigures, confirmed: &Confirmed) -> Show {
        let weight = |need: &crate::framework::Need| {
            let weight = segment.profile.get(&need.code).copied().unwrap_or(0.0);
            Weight {
                need: need.name.clone(),
                badge: confirmed.badge(&need.code),
                weight: text::number(weight, 0),
                bar: bar_percent(weight, 100.0),
            }
        };
        Show {
            profile: design.framework.needs.iter().map(weight).collect(),
            row: figures::segment_rows(found)
                .into_iter()
                .find(|row| row.code == segment.code),
            segment: segment.clone(),
        }
    }

    /// The lists of advice that are not empty, with their headings.
    fn advice(&self) -> Vec<(&'static str, &[String])> {
        let lists: [(&str, &[String]); 4] = [
            ("Talk about", &self.segment.talk_about),
            ("Avoid", &self.segment.avoid),
            ("Send them", &self.segment.content),
            ("Action plan", &self.segment.actions),
        ];
        lists.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
    }
}
