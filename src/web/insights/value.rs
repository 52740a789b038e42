//! Value against segment: where the revenue and the attention are, whom to invite, who stays and grows.

use askama::Template;

use super::frame::{Desk, Frame, InsightPage, Shown, Tab};
use super::growth;
use super::table::{Cell, Column, Table};
use crate::framework::Need;
use crate::insight::ByTenure;
use crate::insight::chart::bar_percent;
use crate::insight::value::{self, Advice, Budget, Candidate, FEW_TOUCHES, Grid, Group, MOST, WISH};
use crate::method::tier::Tier;
use crate::text::figures as text;
use crate::web::companies::segment_name;
use crate::web::company;
use crate::web::error::{AppError, Fault};
use crate::web::figures::{counted, share, tenure_word};
use crate::web::session::Analyst;

/// In how many days touches are counted, to choose from.
const SPANS: [u64; 4] = [30, 90, 180, 365];
const DAYS: u64 = 90;

#[derive(Template)]
#[template(path = "insights/value.html")]
pub struct Show {
    frame: Frame,
    days: u64,
    companies: u64,
    heads: Vec<Head>,
    rows: Vec<Row>,
    grid: Table,
    /// Why the advice says nothing, where it does not.
    silence: Option<String>,
    advice: Vec<String>,
    bars: Vec<Bars>,
    budget: Table,
    touches_elsewhere: Option<String>,
    needs: Vec<Choice>,
    /// The need that stands for the wish to build together.
    need: Option<String>,
    wishes: Table,
    are_more_wishes: bool,
    growth_words: Vec<growth::Told>,
    growth_bars: Vec<growth::Bars>,
    spans: (String, String),
    growth: Table,
}

struct Head {
    name: String,
    href: Option<String>,
    companies: String,
}

struct Row {
    name: String,
    companies: String,
    cells: Vec<Square>,
}

/// A cell of the grid.
struct Square {
    companies: String,
    href: Option<String>,
    /// With its share of all.
    revenue: String,
    touches: Option<String>,
    suggested: Option<String>,
    word: &'static str,
    class: &'static str,
}

/// Today's part of the attention, and the suggested one.
struct Bars {
    name: String,
    today: String,
    today_bar: f64,
    suggested: String,
    suggested_bar: f64,
    word: &'static str,
}

struct Choice {
    code: String,
    name: String,
    is_chosen: bool,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        vec![&self.grid, &self.budget, &self.wishes, &self.growth]
    }
}

/// `GET /insights/value?days=90&need=co-create`
pub async fn show(_: Analyst, desk: Desk) -> Result<Shown<Show>, AppError> {
    let (mut frame, found) = desk
        .read_for_all(Tab::Value, &["days", "need"], |conn, design, asked| {
            Ok(value::growth(conn, design, asked.today, &asked.filter)?)
        })
        .await?;
    let days = days(&frame)?;
    let need = need(&frame)?.cloned();
    let grid = desk
        .beside(&mut frame, "value grid", &["days"], move |conn, design, asked| {
            Ok(value::grid(conn, design, asked.today, &asked.filter, days)?)
        })
        .await?;
    let (wishes, are_more_wishes) = match &need {
        None => (vec![], false),
        Some(need) => {
            // The default is no part of the address.
            let (code, on) = (need.code.clone(), vec![("need".to_owned(), need.code.clone())]);
            let read = move |conn: &mut _, design: &_, asked: &super::frame::Asked| {
                Ok(value::candidates(conn, design, asked.today, &asked.filter, &code)?)
            };
            let wishes = desk.beside_on(&mut frame, "wishes", on, read).await?;
            (wishes.0.clone(), wishes.1)
        }
    };
    let choice = |known: &Need| Choice {
        code: known.code.clone(),
        name: known.name.clone(),
        is_chosen: need.as_ref().is_some_and(|need| need.code == known.code),
    };
    Ok(Shown(Show {
        days,
        companies: grid.cells.iter().flatten().map(|cell| cell.companies.sum()).sum(),
        heads: heads(&frame, &grid),
        rows: rows(&frame, &grid),
        silence: silence(&grid, days),
        advice: advice(&grid),
        bars: bars(&grid),
        grid: grid_table(&frame, &grid),
        budget: budget_table(&grid),
        touches_elsewhere: (grid.touches_elsewhere > 0).then(|| {
            let touches = counted(grid.touches_elsewhere, "touch went", "touches went");
            format!("{touches} to companies without a revenue, which have no part in this.")
        }),
        needs: frame.design.framework.needs.iter().map(choice).collect(),
        wishes: wish_table(&frame, need.as_ref(), &wishes),
        need: need.map(|need| need.name),
        are_more_wishes,
        growth_words: found.groups.iter().filter_map(growth::words).collect(),
        growth_bars: found.groups.iter().map(growth::bars).collect(),
        spans: growth::spans(frame.asked.today, &found),
        growth: growth::table(&found),
        frame,
    }))
}

fn days(frame: &Frame) -> Result<u64, AppError> {
    let Some(text) = frame.asked.own("days") else {
        return Ok(DAYS);
    };
    let days = text.parse().ok().filter(|days| SPANS.contains(days));
    days.ok_or_else(|| {
        let message = format!("{text:?} is none of 30, 90, 180, 365");
        AppError::Unprocessable(vec![Fault::new("days", message)])
    })
}

/// The one asked for; else the first that is called so.
fn need(frame: &Frame) -> Result<Option<&Need>, AppError> {
    let framework = &frame.design.framework;
    match frame.asked.own("need") {
        None => Ok(framework
            .needs
            .iter()
            .find(|need| value::is_co_create(&need.code, &need.name))),
        Some(code) => framework.need(code).map(Some).ok_or_else(|| {
            let message = format!("the framework has no need {code:?}");
            AppError::Unprocessable(vec![Fault::new("need", message)])
        }),
    }
}

/// More attention or less, in a word with its arrow.
fn advice_word(advice: Advice) -> (&'static str, &'static str) {
    match advice {
        Advice::More => ("▲ more", "value-more"),
        Advice::Less => ("▼ less", "value-less"),
        Advice::Keep => ("● about right", ""),
        Advice::CannotTell => ("", ""),
    }
}

fn segment_parameter(group: &Group) -> &str {
    group.segment.as_deref().unwrap_or(crate::web::filter::NO_SEGMENT)
}

fn heads(frame: &Frame, grid: &Grid) -> Vec<Head> {
    let head = |(at, group): (usize, &Group)| Head {
        name: group.name.clone(),
        href: group.segment.as_ref().map(|code| format!("/segments/{code}")),
        companies: {
            let companies = grid.cells.iter().map(|row| row[at].companies.sum()).sum();
            counted(companies, "company", "companies")
        },
    };
    let mut heads: Vec<Head> = grid.groups.iter().enumerate().map(head).collect();
    heads.push(Head {
        name: "All".to_owned(),
        href: Some(frame.companies(&[])),
        companies: String::new(),
    });
    heads
}

fn rows(frame: &Frame, grid: &Grid) -> Vec<Row> {
    let row = |(at, tier): (usize, &Tier)| {
        let of_groups = grid.groups.iter().zip(&grid.cells[at]).map(|(group, cell)| {
            let href = frame.companies(&[("segment", segment_parameter(group)), ("tier", tier.as_str())]);
            square(cell, href)
        });
        let all = square(&grid.by_tier[at], frame.companies(&[("tier", tier.as_str())]));
        Row {
            name: tier.as_str().to_owned(),
            companies: counted(grid.by_tier[at].companies.sum(), "company", "companies"),
            cells: of_groups.chain([all]).collect(),
        }
    };
    let mut rows: Vec<Row> = grid.tiers.iter().enumerate().map(row).collect();
    let of_groups = grid.groups.iter().zip(&grid.by_group).map(|(group, cell)| {
        // The sum leaves out those without a tier, and so does its list.
        let narrower = [("segment", segment_parameter(group)), ("tier", "A,B,C")];
        square(cell, frame.companies(&narrower))
    });
    // All of the attention for all of the revenue says nothing.
    let all = value::Cell {
        budget: None,
        ..grid.all
    };
    let all = square(&all, frame.companies(&[("tier", "A,B,C")]));
    rows.push(Row {
        name: "A to C".to_owned(),
        companies: counted(grid.all.companies.sum(), "company", "companies"),
        cells: of_groups.chain([all]).collect(),
    });
    rows
}

fn square(cell: &value::Cell, href: String) -> Square {
    let companies = cell.companies.sum();
    let budget = cell.budget.filter(|_| companies > 0);
    let (word, class) = budget.map_or(("", ""), |budget| advice_word(budget.advice));
    Square {
        companies: crate::web::figures::count(companies),
        href: (companies > 0).then_some(href),
        revenue: match cell.revenue > 0.0 {
            true => format!("{}, {}", text::money_short(cell.revenue), share(cell.share_of_revenue)),
            false => "no revenue".to_owned(),
        },
        touches: budget.and_then(|budget| budget.today).map(text::share),
        suggested: budget.and_then(|budget| budget.suggested).map(text::share),
        word,
        class,
    }
}

fn silence(grid: &Grid, days: u64) -> Option<String> {
    if grid.all.revenue <= 0.0 {
        return Some(
            "No company here has a revenue, so that nothing can be suggested: bring the column annual_revenue in under Imports."
                .to_owned(),
        );
    }
    let touches = grid.all.touches.sum();
    (touches < FEW_TOUCHES).then(|| {
        format!(
            "{} in the last {days} days: too few to say how attention is shared out (it takes {FEW_TOUCHES}).",
            counted(touches, "touch", "touches")
        )
    })
}

/// What to change, in sentences, the widest gap first.
fn advice(grid: &Grid) -> Vec<String> {
    let mut told: Vec<(f64, String)> = vec![];
    for (group, cell) in grid.groups.iter().zip(&grid.by_group) {
        let Some(Budget {
            today: Some(today),
            suggested: Some(suggested),
            advice,
        }) = cell.budget
        else {
            continue;
        };
        let (arrow, deed) = match advice {
            Advice::More => ("▲", "more"),
            Advice::Less => ("▼", "less"),
            Advice::Keep | Advice::CannotTell => continue,
        };
        let who = match &group.segment {
            Some(_) => group.name.clone(),
            None => "Companies without a segment".to_owned(),
        };
        let words = format!(
            "{arrow} {who} get {} of the attention and are worth {}: {deed}.",
            text::share(today),
            text::share(suggested)
        );
        told.push(((suggested - today).abs(), words));
    }
    told.sort_by(|a, b| b.0.total_cmp(&a.0));
    told.into_iter().map(|(_, words)| words).collect()
}

fn bars(grid: &Grid) -> Vec<Bars> {
    let parts = |cell: &value::Cell| {
        cell.budget
            .map_or((None, None), |budget| (budget.today, budget.suggested))
    };
    let all = grid.by_group.iter().flat_map(|cell| {
        let (today, suggested) = parts(cell);
        [today, suggested]
    });
    let greatest = all.flatten().fold(0.0, f64::max);
    let bar = |(group, cell): (&Group, &value::Cell)| {
        let (today, suggested) = parts(cell);
        Bars {
            name: group.name.clone(),
            today: share(today),
            today_bar: bar_percent(today.unwrap_or(0.0), greatest),
            suggested: share(suggested),
            suggested_bar: bar_percent(suggested.unwrap_or(0.0), greatest),
            word: cell.budget.map_or("", |budget| advice_word(budget.advice).0),
        }
    };
    grid.groups
        .iter()
        .zip(&grid.by_group)
        .filter(|(_, cell)| cell.companies.sum() > 0)
        .map(bar)
        .collect()
}

/// The figures of a cell, after its names.
fn cell_columns() -> Vec<Column> {
    vec![
        Column::figure("companies", "Companies"),
        Column::figure("new", "New"),
        Column::figure("long_standing", "Long-standing"),
        Column::figure("unknown", "Unknown"),
        Column::figure("revenue", "Revenue"),
        Column::figure("share_of_revenue", "Share of revenue"),
        Column::figure("mails", "Mails"),
        Column::figure("conversations", "Conversations"),
        Column::figure("deals", "Deals coded"),
        Column::figure("share_of_touches", "Attention today"),
        Column::figure("suggested", "Suggested"),
        Column::text("advice", "Advice"),
    ]
}

fn cell_cells(cell: &value::Cell, companies: Cell) -> Vec<Cell> {
    let ByTenure {
        new,
        long_standing,
        unknown,
    } = cell.companies;
    let advice = cell.budget.map_or("", |budget| match budget.advice {
        Advice::More => "more",
        Advice::Less => "less",
        Advice::Keep => "about right",
        Advice::CannotTell => "",
    });
    vec![
        companies,
        Cell::Count(new),
        Cell::Count(long_standing),
        Cell::Count(unknown),
        Cell::Money(cell.revenue),
        Cell::share(cell.share_of_revenue),
        Cell::Count(cell.touches.mails),
        Cell::Count(cell.touches.conversations),
        Cell::Count(cell.touches.deals),
        Cell::share(cell.budget.and_then(|budget| budget.today)),
        Cell::share(cell.budget.and_then(|budget| budget.suggested)),
        if advice.is_empty() {
            Cell::Missing
        } else {
            Cell::text(advice)
        },
    ]
}

fn grid_table(frame: &Frame, grid: &Grid) -> Table {
    let mut columns = vec![Column::text("tier", "Value tier"), Column::text("segment", "Segment")];
    columns.extend(cell_columns());
    let mut rows = vec![];
    for (tier, cells) in grid.tiers.iter().zip(&grid.cells) {
        for (group, cell) in grid.groups.iter().zip(cells) {
            let companies = Cell::Count(cell.companies.sum());
            let href = frame.companies(&[("segment", segment_parameter(group)), ("tier", tier.as_str())]);
            let companies = match cell.companies.sum() {
                0 => companies,
                _ => companies.linked(href),
            };
            let mut row = vec![Cell::text(tier.as_str()), Cell::text(&group.name)];
            row.extend(cell_cells(cell, companies));
            rows.push(row);
        }
    }
    Table::new("grid", "every value tier by segment", columns, rows).under_chart()
}

fn budget_table(grid: &Grid) -> Table {
    let mut columns = vec![
        Column::text("segment", "Segment"),
        Column::text("spend", "The playbook says"),
        Column::figure("weight", "Weight"),
    ];
    columns.extend(cell_columns());
    let row = |(group, cell): (&Group, &value::Cell)| {
        let level = group.level.map_or(Cell::Missing, |level| Cell::text(level.word()));
        let weight = group.level.map_or(1.0, value::Spend::weight);
        let mut row = vec![Cell::text(&group.name), level, Cell::number(weight, 1)];
        row.extend(cell_cells(cell, Cell::Count(cell.companies.sum())));
        row
    };
    let rows = grid.groups.iter().zip(&grid.by_group).map(row).collect();
    Table::new("budget", "attention by segment", columns, rows)
        .note(
            "Attention: mails sent, conversations held and deals coded, each counting as one. Suggested: the segment’s part \
             of revenue × weight, where the weight is ½ if its playbook says to spend little on each contact, 2 if much, \
             and 1 otherwise. More or less is said only where the suggested part lies outside of the 95 % interval about \
             today’s (Wilson) and at least two points away.",
        )
        .under_chart()
}

fn wish_table(frame: &Frame, need: Option<&Need>, wishes: &[Candidate]) -> Table {
    let columns = vec![
        Column::text("company", "Company"),
        Column::figure("score", "Wish"),
        Column::figure("low", "95 % from"),
        Column::figure("high", "to"),
        Column::figure("annual_revenue", "Annual revenue"),
        Column::text("segment", "Segment"),
        Column::text("tenure", "Tenure"),
        Column::text("owner", "Owner"),
    ];
    let row = |one: &Candidate| {
        let reach = 1.96 * one.se;
        vec![
            Cell::text(&one.name).linked(company::href(&one.external_id)),
            Cell::number(one.score, 0),
            Cell::number((one.score - reach).max(0.0), 0),
            Cell::number((one.score + reach).min(100.0), 0),
            Cell::money(one.revenue),
            one.segment
                .as_deref()
                .map_or(Cell::Missing, |code| Cell::text(segment_name(&frame.design, code))),
            Cell::text(tenure_word(one.tenure)),
            one.owner.as_deref().map_or(Cell::Missing, Cell::text),
        ]
    };
    let title = need.map_or(String::new(), |need| format!("candidates by {}", need.name));
    Table::new("candidates", title, columns, wishes.iter().map(row).collect()).note(format!(
        "Companies of tier A with a score of at least {WISH} on this need, the greatest first, at most {MOST}."
    ))
}

impl Show {
    /// What the form that chooses the span leaves as it is.
    fn kept_but_days(&self) -> Vec<(String, String)> {
        self.frame.asked.kept(["days"])
    }

    fn is_days(&self, span: &u64) -> bool {
        self.days == *span
    }

    fn kept_but_need(&self) -> Vec<(String, String)> {
        self.frame.asked.kept(["need"])
    }
}
