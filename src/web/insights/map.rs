//! Companies on a map of their needs: a mark each, or where they are many a mark for each cell of a grid.

use std::collections::HashMap;

use askama::Template;

use super::frame::{Desk, Frame, InsightPage, Shown, Tab};
use super::table::{Cell, Column, Table};
use crate::design::Design;
use crate::insight::chart::map::{self as plane, Ground, Plane, Shape};
use crate::insight::needs_map::{self, Axis, Named, NeedsMap, NoMap, Point};
use crate::method::tenure::Tenure;
use crate::text::figures as text;
use crate::web::error::AppError;
use crate::web::figures::{counted, share, tenure_word};
use crate::web::link;
use crate::web::session::Analyst;

/// More companies than these are drawn by the cells of a grid, so that the page stays small.
const DRAWN: usize = 1_500;
/// Companies on a page of the table.
const ROWS: usize = 50;
/// The largest mark is for the revenue that one company in so many exceeds: a single giant would
/// make all others dots.
const GIANTS: usize = 50;

#[derive(Template)]
#[template(path = "insights/map.html")]
pub struct Show {
    frame: Frame,
    /// Why there is no map, and what to do.
    nothing: Option<&'static str>,
    drawing: Option<Drawing>,
    explained: String,
    left_out: Option<String>,
    groups: Table,
    axes: Table,
    companies: Table,
    cells: Option<Table>,
    first: Option<String>,
    next: Option<String>,
    standing: String,
}

/// The drawing, with everything in its place.
struct Drawing {
    title: String,
    description: String,
    /// Marks stand for cells of a grid.
    is_grid: bool,
    ground: Ground,
    /// The names of the ends: left, right, bottom, top.
    ends: [String; 4],
    key: Vec<KeyEntry>,
    marks: Vec<Mark>,
    middles: Vec<Middle>,
}

struct KeyEntry {
    name: String,
    class: String,
    path: String,
}

struct Mark {
    href: Option<String>,
    title: String,
    class: String,
    path: String,
}

/// Where the companies of a segment stand on average.
struct Middle {
    name: String,
    x: f64,
    y: f64,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        let tables = [&self.companies, &self.groups, &self.axes];
        tables.into_iter().chain(&self.cells).collect()
    }
}

/// `GET /insights/map`
pub async fn show(_: Analyst, desk: Desk) -> Result<Shown<Show>, AppError> {
    let read = desk.read_for_all(Tab::Map, &["page"], |conn, design, asked| {
        Ok(match asked.past() {
            None => needs_map::needs_map(conn, design, asked.day, &asked.filter)?,
            Some(day) => needs_map::needs_map_as_of(conn, design, day, &asked.filter)?,
        })
    });
    let (frame, map) = read.await?;
    let is_grid = map.points.len() > DRAWN;
    let (page, listed) = listed(&frame, &map)?;
    let mut named: Vec<i64> = listed.iter().map(|point| point.company).collect();
    if !is_grid && frame.asked.file.is_none() {
        named = map.points.iter().map(|point| point.company).collect();
    }
    let names = desk
        .db
        .read(move |conn| Ok::<_, AppError>(needs_map::names(conn, &named)?))
        .await?;
    let plane = Plane::around(map.points.iter().map(|point| (point.x, point.y)));
    let cells = plane.filter(|_| is_grid).map(|plane| grid(&plane, &map));
    let pages = map.points.len().div_ceil(ROWS).max(1);
    let turned = |page: usize| frame.with(&[("page", &page.to_string())]);
    Ok(Shown(Show {
        nothing: map.axes.as_ref().err().map(why_nothing),
        drawing: plane.map(|plane| drawing(&frame.design, &map, &plane, &names, cells.as_deref())),
        explained: map.axes.as_ref().map_or(String::new(), |axes| explained(&map, axes)),
        left_out: (map.left_out > 0).then(|| {
            let companies = counted(map.left_out, "company lacks", "companies lack");
            format!("{companies} a score on some need: without one there is no place on the map.")
        }),
        groups: groups(&frame, &map),
        axes: axes(&map),
        cells: cells.map(|cells| cells_table(&frame.design, &cells)),
        first: (page > 1).then(|| turned(1)),
        next: (page < pages).then(|| turned(page + 1)),
        standing: format!(
            "Page {} of {}, the greatest revenue first.",
            text::count(page as i64),
            text::count(pages as i64)
        ),
        companies: companies(&frame, listed, &names),
        frame,
    }))
}

/// Which companies the table lists: all in a file, else those of a page.
fn listed<'m>(frame: &Frame, map: &'m NeedsMap) -> Result<(usize, &'m [Point]), AppError> {
    if frame.asked.file.is_some() {
        return Ok((1, &map.points));
    }
    let asked = frame.asked.own("page").unwrap_or("1");
    let page = asked.parse::<usize>().ok().filter(|page| *page >= 1);
    let page = page.ok_or_else(|| AppError::BadRequest(format!("There is no page {asked}.")))?;
    // A narrower filter may have taken the page's companies away.
    let page = page.min(map.points.len().div_ceil(ROWS).max(1));
    let end = (page * ROWS).min(map.points.len());
    Ok((page, &map.points[(page - 1) * ROWS..end]))
}

fn why_nothing(why: &NoMap) -> &'static str {
    match why {
        NoMap::TooFewNeeds => {
            "A map takes at least two needs that the profile of some segment asks for. Give the segments profiles first."
        }
        NoMap::TooFewCompanies => {
            "A map takes at least two companies that have a score on every need in play. Ask more people, or take a filter away."
        }
        NoMap::AllAlike => "The needs of these companies all have the same shape: there is nothing to tell apart yet.",
    }
}

/// How much of the difference the map shows, and what its axes stand for.
fn explained(map: &NeedsMap, axes: &[Axis; 2]) -> String {
    let [first, second] = axes;
    let both = first.share + second.share;
    let along = |axis: &Axis| format!("{} against {}", names(map, &axis.more), names(map, &axis.less));
    let second_words = if second.share > 1e-9 {
        format!(
            ", and {} from bottom to top ({})",
            share(Some(second.share)),
            along(second)
        )
    } else {
        String::new()
    };
    let judgement = match both {
        both if both >= 0.7 => "Companies that stand near each other have much the same needs.",
        both if both >= 0.5 => "Companies that stand near each other have like needs, as a rule.",
        _ => "Much of what tells them apart does not show here: near neighbours may still differ.",
    };
    format!(
        "The map shows {} of how the needs of {} differ: {} from left to right ({}){second_words}. {judgement}",
        share(Some(both)),
        counted(map.points.len() as u64, "company", "companies"),
        share(Some(first.share)),
        along(first),
    )
}

fn names(map: &NeedsMap, needs: &[usize]) -> String {
    let names: Vec<&str> = needs
        .iter()
        .filter_map(|need| map.needs.get(*need))
        .map(String::as_str)
        .collect();
    names.join(" and ")
}

/// What tells marks apart by colour; the shape does so without.
fn class(segment: Option<usize>, tenure: Tenure) -> String {
    let colour = segment.map_or("is-unknown".to_owned(), |place| format!("series-{}", place % 6 + 1));
    let fill = match tenure {
        Tenure::New => "",
        Tenure::LongStanding => " map-hollow",
        Tenure::Unknown => " map-hollow map-dashed",
    };
    format!("{colour}{fill}")
}

fn segment_name(design: &Design, segment: Option<usize>) -> &str {
    let known = segment.and_then(|place| design.framework.segments.get(place));
    known.map_or("no segment", |segment| &segment.name)
}

fn drawing(
    design: &Design,
    map: &NeedsMap,
    plane: &Plane,
    names_of: &HashMap<i64, Named>,
    cells: Option<&[plane::Cell<Kind>]>,
) -> Drawing {
    let ends = match &map.axes {
        Ok([across, upward]) => {
            let end = |needs: &[usize]| match needs {
                [] => String::new(),
                needs => format!("more {}", names(map, needs)),
            };
            let upward_ends: [&[usize]; 2] = match upward.share > 1e-9 {
                true => [&upward.less, &upward.more],
                false => [&[], &[]],
            };
            [
                end(&across.less),
                end(&across.more),
                end(upward_ends[0]),
                end(upward_ends[1]),
            ]
        }
        Err(_) => Default::default(),
    };
    let key = map.groups.iter().filter(|group| group.middle.is_some());
    let key = key.map(|group| KeyEntry {
        name: segment_name(design, group.segment).to_owned(),
        class: class(group.segment, Tenure::New),
        path: Shape::of(group.segment).path(8.0, 8.0, 5.5),
    });
    let middles = map.groups.iter().filter(|group| group.segment.is_some());
    let middles = middles.filter_map(|group| {
        let (x, y) = group.middle.map(|(x, y)| plane.at(x, y))?;
        let name = segment_name(design, group.segment).to_owned();
        Some(Middle { name, x, y })
    });
    let marks = match cells {
        Some(cells) => cell_marks(design, plane, cells),
        None => company_marks(design, map, plane, names_of),
    };
    Drawing {
        title: format!(
            "Map of the needs of {}",
            counted(map.points.len() as u64, "company", "companies")
        ),
        description: map.axes.as_ref().map_or(String::new(), |axes| explained(map, axes)),
        is_grid: cells.is_some(),
        ground: plane.ground(),
        ends,
        key: key.collect(),
        middles: middles.collect(),
        marks,
    }
}

/// The greatest first, so that small ones lie above them.
fn company_marks(design: &Design, map: &NeedsMap, plane: &Plane, names_of: &HashMap<i64, Named>) -> Vec<Mark> {
    let known: Vec<f64> = map.points.iter().filter_map(|point| point.revenue).collect();
    let greatest = known.get(known.len() / GIANTS).copied().unwrap_or(0.0);
    let mark = |point: &Point| {
        let named = names_of.get(&point.company)?;
        let (x, y) = plane.at(point.x, point.y);
        let revenue = point.revenue.map_or("unknown".to_owned(), text::money_short);
        let size = plane::size(point.revenue.unwrap_or(0.0), greatest);
        Some(Mark {
            href: Some(format!("/companies/{}", link::part(&named.external_id))),
            title: format!(
                "{}: {}, {}, revenue {revenue}",
                named.name,
                segment_name(design, point.segment),
                tenure_phrase(point.tenure),
            ),
            class: class(point.segment, point.tenure),
            path: Shape::of(point.segment).path(x, y, size),
        })
    };
    map.points.iter().filter_map(mark).collect()
}

fn tenure_phrase(tenure: Tenure) -> &'static str {
    match tenure {
        Tenure::Unknown => "tenure unknown",
        tenure => tenure_word(tenure),
    }
}

/// What companies of a cell are counted by; those without a segment come last.
type Kind = (bool, usize, Order);

/// Tenures in an order of their own: a cell's companies are counted by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    New,
    LongStanding,
    Unknown,
}

impl Order {
    fn of(tenure: Tenure) -> Order {
        match tenure {
            Tenure::New => Order::New,
            Tenure::LongStanding => Order::LongStanding,
            Tenure::Unknown => Order::Unknown,
        }
    }

    fn tenure(self) -> Tenure {
        match self {
            Order::New => Tenure::New,
            Order::LongStanding => Tenure::LongStanding,
            Order::Unknown => Tenure::Unknown,
        }
    }
}

fn grid(plane: &Plane, map: &NeedsMap) -> Vec<plane::Cell<Kind>> {
    let place = |point: &Point| {
        let kind = (
            point.segment.is_none(),
            point.segment.unwrap_or(0),
            Order::of(point.tenure),
        );
        (point.x, point.y, kind)
    };
    plane::cells(plane, map.points.iter().map(place))
}

/// A cell's most frequent segment and tenure, each by itself, with its companies.
fn majority(cell: &plane::Cell<Kind>) -> ((Option<usize>, u64), (Tenure, u64)) {
    let mut segments: Vec<((bool, usize), u64)> = vec![];
    let mut tenures: Vec<(Order, u64)> = vec![];
    for ((none, segment, tenure), count) in &cell.kinds {
        add(&mut segments, (*none, *segment), *count);
        add(&mut tenures, *tenure, *count);
    }
    let ((none, segment), of_segment) = most(&segments).unwrap_or(((true, 0), 0));
    let (tenure, of_tenure) = most(&tenures).unwrap_or((Order::Unknown, 0));
    (((!none).then_some(segment), of_segment), (tenure.tenure(), of_tenure))
}

fn add<K: PartialEq>(counts: &mut Vec<(K, u64)>, key: K, count: u64) {
    match counts.iter_mut().find(|(known, _)| *known == key) {
        Some((_, sum)) => *sum += count,
        None => counts.push((key, count)),
    }
}

/// The first of the greatest.
fn most<K: Copy>(counts: &[(K, u64)]) -> Option<(K, u64)> {
    counts
        .iter()
        .copied()
        .reduce(|best, other| if other.1 > best.1 { other } else { best })
}

fn cell_marks(design: &Design, plane: &Plane, cells: &[plane::Cell<Kind>]) -> Vec<Mark> {
    let greatest = cells.iter().map(|cell| cell.total).max().unwrap_or(0) as f64;
    let mark = |cell: &plane::Cell<Kind>| {
        let ((segment, of_segment), (tenure, of_tenure)) = majority(cell);
        let (x, y) = plane.at(cell.x, cell.y);
        let part = |count: u64| share(Some(count as f64 / cell.total as f64));
        Mark {
            href: None,
            title: format!(
                "{}: {} {}, {} {}",
                counted(cell.total, "company", "companies"),
                part(of_segment),
                segment_name(design, segment),
                part(of_tenure),
                tenure_phrase(tenure),
            ),
            class: class(segment, tenure),
            path: Shape::of(segment).path(x, y, plane::size(cell.total as f64, greatest)),
        }
    };
    cells.iter().map(mark).collect()
}

fn cells_table(design: &Design, cells: &[plane::Cell<Kind>]) -> Table {
    let columns = vec![
        Column::text("segment", "Mostly"),
        Column::figure("companies", "Companies"),
        Column::figure("share", "Share of it"),
        Column::text("tenure", "Mostly"),
        Column::figure("share_of_tenure", "Share of it"),
        Column::figure("x", "Left to right"),
        Column::figure("y", "Bottom to top"),
    ];
    let row = |cell: &plane::Cell<Kind>| {
        let ((segment, of_segment), (tenure, of_tenure)) = majority(cell);
        vec![
            Cell::text(segment_name(design, segment)),
            Cell::Count(cell.total),
            Cell::share(of_segment as f64 / cell.total as f64),
            Cell::text(tenure_word(tenure)),
            Cell::share(of_tenure as f64 / cell.total as f64),
            Cell::difference(cell.x, 1),
            Cell::difference(cell.y, 1),
        ]
    };
    Table::new(
        "cells",
        "the marks of the map",
        columns,
        cells.iter().map(row).collect(),
    )
    .under_chart()
}

fn groups(frame: &Frame, map: &NeedsMap) -> Table {
    let columns = vec![
        Column::text("segment", "Segment"),
        Column::figure("companies", "Companies"),
        Column::figure("new", "New"),
        Column::figure("long_standing", "Long-standing"),
        Column::figure("unknown", "Unknown"),
        Column::figure("revenue", "Revenue"),
        Column::figure("x", "Left to right"),
        Column::figure("y", "Bottom to top"),
    ];
    let row = |group: &needs_map::Group| {
        let name = Cell::text(segment_name(&frame.design, group.segment));
        let segment = group
            .segment
            .and_then(|place| frame.design.framework.segments.get(place));
        let name = match segment {
            Some(segment) => name.linked(frame.with(&[("segment", &segment.code), ("page", "")])),
            None => name,
        };
        vec![
            name,
            Cell::Count(group.companies.sum()),
            Cell::Count(group.companies.new),
            Cell::Count(group.companies.long_standing),
            Cell::Count(group.companies.unknown),
            Cell::Money(group.revenue),
            Cell::difference(group.middle.map(|(x, _)| x), 1),
            Cell::difference(group.middle.map(|(_, y)| y), 1),
        ]
    };
    let shown = map
        .groups
        .iter()
        .filter(|group| group.segment.is_some() || group.companies.sum() > 0);
    let rows = shown.map(row).collect();
    let note = "Left to right and bottom to top: where the segment’s companies stand on average, in points of score from the middle of all.";
    Table::new("segments", "where segments stand on the map", columns, rows).note(note)
}

fn axes(map: &NeedsMap) -> Table {
    let columns = vec![
        Column::text("need", "Need"),
        Column::figure("x", "Left to right"),
        Column::figure("y", "Bottom to top"),
    ];
    let mut rows = vec![];
    if let Ok([across, upward]) = &map.axes {
        let loading = |axis: &Axis, need: usize| Cell::difference(axis.loadings.get(need).copied(), 2);
        for (need, name) in map.needs.iter().enumerate() {
            rows.push(vec![Cell::text(name), loading(across, need), loading(upward, need)]);
        }
        let shares = [across.share, upward.share].map(Cell::share);
        rows.push(
            [Cell::text("Share of all differences")]
                .into_iter()
                .chain(shares)
                .collect(),
        );
    }
    let note = "How much a point of a need, above the company’s own mean, moves it along each axis (principal components of the centred scores).";
    Table::new("axes", "what the axes are made of", columns, rows)
        .note(note)
        .under_chart()
}

fn companies(frame: &Frame, listed: &[Point], names_of: &HashMap<i64, Named>) -> Table {
    let columns = vec![
        Column::text("name", "Company"),
        Column::text("external_id", "Id"),
        Column::text("segment", "Segment"),
        Column::text("tenure", "Tenure"),
        Column::figure("revenue", "Revenue"),
        Column::figure("x", "Left to right"),
        Column::figure("y", "Bottom to top"),
    ];
    let row = |point: &Point| {
        // A company may have gone since its needs were read.
        let named = names_of.get(&point.company)?;
        let href = format!("/companies/{}", link::part(&named.external_id));
        Some(vec![
            Cell::text(&named.name).linked(href),
            Cell::text(&named.external_id),
            Cell::text(segment_name(&frame.design, point.segment)),
            Cell::text(tenure_word(point.tenure)),
            Cell::money(point.revenue),
            Cell::difference(point.x, 1),
            Cell::difference(point.y, 1),
        ])
    };
    let rows = listed.iter().filter_map(row).collect();
    Table::new("companies", "where companies stand on the map", columns, rows)
}
