//! What sales says of companies against what they say themselves: tags and coded deals, in words and in full.

use askama::Template;

use super::frame::{Desk, Frame, InsightPage, Shown, Tab};
use super::table::{Cell, Column, Table};
use crate::framework::Segment;
use crate::insight::chart::Mean;
use crate::insight::chart::lanes::{self, KappaLane, Lanes};
use crate::insight::tags::{self, Confusion, TagsInFull};
use crate::method::kappa::{Agreement, INTERVAL_FROM};
use crate::text::figures as text;
use crate::web::error::AppError;
use crate::web::figures::{counted, share};
use crate::web::session::Analyst;

#[derive(Template)]
#[template(path = "insights/sales_tags.html")]
pub struct Show {
    frame: Frame,
    tags: Part,
    deals: Part,
    blind: Option<String>,
    by_rep: Option<Lanes<KappaLane>>,
    reps: Table,
}

/// One of the two that are held against the survey.
struct Part {
    words: Option<String>,
    /// Companies that have it and no segment by survey.
    unsurveyed: Option<String>,
    columns: Vec<String>,
    rows: Vec<Row>,
    by_segment: Lanes<KappaLane>,
    table: Table,
    segments: Table,
}

struct Row {
    name: String,
    cells: Vec<Square>,
    sum: String,
}

struct Square {
    count: String,
    share: String,
    /// Both say the same.
    is_agreed: bool,
    /// How dark: of ten.
    shade: usize,
    href: Option<String>,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        vec![
            &self.tags.table,
            &self.tags.segments,
            &self.reps,
            &self.deals.table,
            &self.deals.segments,
        ]
    }
}

/// `GET /insights/sales-tags`
pub async fn show(_: Analyst, desk: Desk) -> Result<Shown<Show>, AppError> {
    let read = desk.read(Tab::SalesTags, &[], |conn, design, asked| {
        Ok(match asked.past() {
            None => tags::tags_in_full(conn, design, asked.day, &asked.filter)?,
            Some(day) => tags::tags_as_of(conn, design, day, &asked.filter)?,
        })
    });
    let (frame, found) = read.await?;
    let tags = Saying {
        code: "tags",
        parameter: "sales_tag",
        who: "The sales team names",
        what: "sales tag",
    };
    let deals = Saying {
        code: "deals",
        parameter: "deals",
        who: "The needs coded on deals name",
        what: "coded deal",
    };
    let has_reps = found.reps.iter().any(|rep| rep.all.is_some());
    Ok(Shown(Show {
        tags: part(&frame, &tags, &found.tags),
        deals: part(&frame, &deals, &found.deals),
        blind: found.tags.all.map(|_| blind_words(found.blind.as_ref())),
        by_rep: has_reps.then(|| by_rep(&found)),
        reps: reps(&frame, &found),
        frame,
    }))
}

/// What is held against the survey, in words.
struct Saying {
    code: &'static str,
    /// Of the list of companies.
    parameter: &'static str,
    who: &'static str,
    what: &'static str,
}

fn part(frame: &Frame, saying: &Saying, found: &Confusion) -> Part {
    let segments = &frame.design.framework.segments;
    let greatest = found.table.iter().flatten().copied().max().unwrap_or(0);
    let row = |(nth, segment): (usize, &Segment)| {
        let counts = &found.table[nth];
        let sum: u64 = counts.iter().sum();
        let square = |(at, count): (usize, &u64)| Square {
            count: text::count(i64::try_from(*count).unwrap_or(i64::MAX)),
            share: share((sum > 0).then(|| *count as f64 / sum as f64)),
            is_agreed: at == nth,
            shade: shade(*count, greatest),
            href: (*count > 0).then(|| companies(frame, saying, &segment.code, &segments[at].code)),
        };
        Row {
            name: segment.name.clone(),
            cells: counts.iter().enumerate().map(square).collect(),
            sum: counted(sum, "company", "companies"),
        }
    };
    let both = found.all.map_or(0, |all| all.n);
    let without = found.judged.saturating_sub(both);
    let lane = |(segment, found): (&Segment, &Option<Agreement>)| (segment.name.clone(), found.as_ref().and_then(mean));
    Part {
        words: found.all.map(|all| agreement_words(saying.who, &all)),
        unsurveyed: (without > 0).then(|| {
            let companies = counted(without, "further company has", "further companies have");
            format!(
                "{companies} a {} and no segment by survey: nothing to hold it against yet.",
                saying.what
            )
        }),
        columns: segments.iter().map(|segment| segment.name.clone()).collect(),
        rows: segments.iter().enumerate().map(row).collect(),
        by_segment: lanes::kappas(segments.iter().zip(&found.by_segment).map(lane).collect()),
        table: confusion(frame, saying, found),
        segments: by_segment(frame, saying, found),
    }
}

fn companies(frame: &Frame, saying: &Saying, said: &str, survey: &str) -> String {
    frame.companies(&[(saying.parameter, said), ("survey", survey)])
}

fn shade(count: u64, greatest: u64) -> usize {
    if greatest == 0 {
        0
    } else {
        (count * 5).div_ceil(greatest) as usize
    }
}

/// κ as a mark of a chart.
fn mean(found: &Agreement) -> Option<Mean> {
    Some(Mean {
        value: found.kappa?,
        interval: found.interval,
    })
}

/// κ in a word (after Landis & Koch 1977).
fn strength(kappa: f64) -> &'static str {
    match kappa {
        k if k < 0.0 => "less than chance would",
        k if k < 0.2 => "hardly more than chance would",
        k if k < 0.4 => "a little",
        k if k < 0.6 => "fairly well",
        k if k < 0.8 => "well",
        _ => "almost always",
    }
}

fn agreement_words(who: &str, found: &Agreement) -> String {
    let by_chance = (found.by_chance * found.n as f64).round();
    let facts = format!(
        "{who} the survey’s segment for {} of {}; chance alone would give {}.",
        text::count(i64::try_from(found.agreed).unwrap_or(i64::MAX)),
        counted(found.n, "company", "companies"),
        text::number(by_chance, 0),
    );
    format!("{facts} {}", kappa_words(found))
}

/// An interval about nought that ends below this leaves nothing worth having.
const NO_MORE: f64 = 0.1;

fn kappa_words(found: &Agreement) -> String {
    let Some(kappa) = found.kappa else {
        return "Both always name the same one segment, so that agreement proves nothing.".to_owned();
    };
    let number = |x: f64| text::number(x, 2);
    match found.interval {
        Some((low, high)) if low <= 0.0 && (0.0..NO_MORE).contains(&high) => format!(
            "That is no more than chance would give (κ = {}, 95 %: {} to {}).",
            number(kappa),
            number(low),
            number(high),
        ),
        Some((low, high)) if low <= 0.0 && high >= 0.0 => format!(
            "Whether that is more than chance cannot be told with {} (κ = {}, 95 %: {} to {}).",
            counted(found.n, "company", "companies"),
            number(kappa),
            number(low),
            number(high),
        ),
        Some((low, high)) => format!(
            "They agree {} (κ = {}, 95 %: {} to {}).",
            strength(kappa),
            number(kappa),
            number(low),
            number(high)
        ),
        None if found.n < INTERVAL_FROM => format!("κ = {}, from too few companies to rely on.", number(kappa)),
        None => format!("They agree {} (κ = {}).", strength(kappa), number(kappa)),
    }
}

fn blind_words(blind: Option<&Agreement>) -> String {
    match blind {
        None => {
            "No tag here was given before its author could see the survey’s result: whoever tagged may have copied it."
                .to_owned()
        }
        Some(found) => format!(
            "Of the tags given before their author could see the survey’s result, {} of {} name the same segment. {}",
            text::count(i64::try_from(found.agreed).unwrap_or(i64::MAX)),
            text::count(i64::try_from(found.n).unwrap_or(i64::MAX)),
            kappa_words(found),
        ),
    }
}

fn confusion(frame: &Frame, saying: &Saying, found: &Confusion) -> Table {
    let segments = &frame.design.framework.segments;
    let columns = vec![
        Column::text("said", "Sales says"),
        Column::text("survey", "The survey says"),
        Column::figure("companies", "Companies"),
        Column::figure("share", "Share of what sales says"),
    ];
    let mut rows = vec![];
    for (row, said) in segments.iter().enumerate() {
        let sum: u64 = found.table[row].iter().sum();
        for (column, survey) in segments.iter().enumerate() {
            let count = found.table[row][column];
            let cell = Cell::Count(count);
            rows.push(vec![
                Cell::text(&said.name),
                Cell::text(&survey.name),
                match count {
                    0 => cell,
                    _ => cell.linked(companies(frame, saying, &said.code, &survey.code)),
                },
                Cell::share((sum > 0).then(|| count as f64 / sum as f64)),
            ]);
        }
    }
    let title = format!("{}s against the survey", saying.what);
    Table::new(saying.code, title, columns, rows).under_chart()
}

const KAPPA_NOTE: &str = "κ (Cohen): agreement beyond what chance alone would give; 1 is full agreement, 0 none beyond chance. \
                          The interval counts on many companies and is left out below 10.";

/// The columns of an agreement, in tables of any kind.
fn agreement_columns() -> [Column; 6] {
    [
        Column::figure("companies", "Companies"),
        Column::figure("agreed", "Agreed"),
        Column::figure("by_chance", "By chance"),
        Column::figure("kappa", "κ"),
        Column::figure("low", "95 % from"),
        Column::figure("high", "to"),
    ]
}

fn agreement_cells(found: Option<&Agreement>) -> [Cell; 6] {
    [
        Cell::Count(found.map_or(0, |found| found.n)),
        Cell::Count(found.map_or(0, |found| found.agreed)),
        Cell::number(found.map(|found| found.by_chance * found.n as f64), 1),
        Cell::number(found.and_then(|found| found.kappa), 2),
        Cell::number(found.and_then(|found| found.interval).map(|(low, _)| low), 2),
        Cell::number(found.and_then(|found| found.interval).map(|(_, high)| high), 2),
    ]
}

fn by_segment(frame: &Frame, saying: &Saying, found: &Confusion) -> Table {
    let segments = frame.design.framework.segments.iter().enumerate();
    let mut columns = vec![
        Column::text("segment", "Segment"),
        Column::figure("said", "Said by sales"),
        Column::figure("confirmed", "Confirmed"),
        Column::figure("surveyed", "Found by survey"),
        Column::figure("foreseen", "Foreseen"),
    ];
    columns.extend(agreement_columns().into_iter().skip(3));
    let row = |(nth, segment): (usize, &Segment)| {
        let said: u64 = found.table[nth].iter().sum();
        let surveyed: u64 = found.table.iter().map(|row| row[nth]).sum();
        let both = found.table[nth][nth];
        let part = |whole: u64| Cell::share((whole > 0).then(|| both as f64 / whole as f64));
        let cells = [
            Cell::text(&segment.name),
            Cell::Count(said),
            part(said),
            Cell::Count(surveyed),
            part(surveyed),
        ];
        let kappa = agreement_cells(found.by_segment[nth].as_ref()).into_iter().skip(3);
        cells.into_iter().chain(kappa).collect()
    };
    let mut rows: Vec<Vec<Cell>> = segments.map(row).collect();
    if let Some(all) = &found.all {
        let cells = [
            Cell::text("All"),
            Cell::Count(all.n),
            Cell::share(all.agreed as f64 / all.n as f64),
            Cell::Count(all.n),
            Cell::share(all.agreed as f64 / all.n as f64),
        ];
        rows.push(
            cells
                .into_iter()
                .chain(agreement_cells(Some(all)).into_iter().skip(3))
                .collect(),
        );
    }
    let note = format!(
        "Confirmed: of the companies that sales puts into the segment, the share that the survey does too. Foreseen: of \
         those that the survey puts there, the share that sales did. Each segment is held against all others. {KAPPA_NOTE}"
    );
    let title = format!("{}s by segment", saying.what);
    Table::new(format!("{}-segments", saying.code), title, columns, rows)
        .note(note)
        .under_chart()
}

/// Those with most tags are drawn; the table has all.
const CHARTED: usize = 20;

fn by_rep(found: &TagsInFull) -> Lanes<KappaLane> {
    let lane = |rep: &tags::Rep| (rep.name.clone(), rep.all.as_ref().and_then(mean));
    let judged = found.reps.iter().filter(|rep| rep.all.is_some());
    lanes::kappas(judged.take(CHARTED).map(lane).collect())
}

fn reps(frame: &Frame, found: &TagsInFull) -> Table {
    let mut columns = vec![Column::text("rep", "Who tagged"), Column::figure("tagged", "Tagged")];
    columns.extend(agreement_columns());
    columns.extend([
        Column::figure("blind_companies", "Blind"),
        Column::figure("blind_kappa", "κ of blind"),
    ]);
    let row = |rep: &tags::Rep| {
        let name = Cell::text(&rep.name).linked(frame.companies(&[("tagged_by", &rep.name)]));
        let blind = [
            Cell::Count(rep.blind.map_or(0, |found| found.n)),
            Cell::number(rep.blind.and_then(|found| found.kappa), 2),
        ];
        let cells = [name, Cell::Count(rep.judged)].into_iter();
        cells.chain(agreement_cells(rep.all.as_ref())).chain(blind).collect()
    };
    let note = format!(
        "Companies: those with a segment by survey. Blind: tags given before their author could see the survey’s result. {KAPPA_NOTE}"
    );
    Table::new(
        "reps",
        "sales tags by who gave them",
        columns,
        found.reps.iter().map(row).collect(),
    )
    .note(note)
}
