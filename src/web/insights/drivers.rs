//! What drives customers: strategic, tactical and personal needs, by segment and tenure.

use std::sync::Arc;

use askama::Template;

use super::frame::{Asked, Desk, Frame, InsightPage, Shown, Tab};
use super::table::{Cell, Column, Table};
use super::tenure::sample_cells;
use crate::design::Design;
use crate::framework::Level;
use crate::insight::ByTenure;
use crate::insight::chart::{self, IntervalChart, Mean, Means};
use crate::insight::drivers::{self, Driver, Figures, Group, Who};
use crate::method::compare::Sample;
use crate::method::tenure::Tenure;
use crate::store::Conn;
use crate::text::figures as text;
use crate::web::error::AppError;
use crate::web::figures;
use crate::web::session::Analyst;

#[derive(Template)]
#[template(path = "insights/drivers.html")]
pub struct Show {
    frame: Frame,
    /// Which level leads in each group, in a sentence.
    leads: Vec<Lead>,
    /// One for each level.
    charts: Vec<LevelChart>,
    table: Table,
}

struct Lead {
    who: String,
    words: String,
}

struct LevelChart {
    /// Of the drawing on the page.
    id: String,
    name: &'static str,
    needs: String,
    chart: IntervalChart,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        vec![&self.table]
    }
}

/// `GET /insights/drivers`
pub async fn show(_: Analyst, desk: Desk) -> Result<Shown<Show>, AppError> {
    let (frame, found) = desk.read(Tab::Drivers, &[], figures_of).await?;
    Ok(Shown(Show {
        leads: found.groups.iter().filter_map(|group| lead(&found, group)).collect(),
        charts: charts(&found),
        table: table(&found).under_chart(),
        frame,
    }))
}

fn figures_of(conn: &mut Conn, design: &Arc<Design>, asked: &Asked) -> Result<Figures, AppError> {
    Ok(match asked.past() {
        None => drivers::figures(conn, design, asked.day, &asked.filter)?,
        Some(day) => drivers::figures_as_of(conn, design, day, &asked.filter)?,
    })
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Strategic => "Strategic",
        Level::Tactical => "Tactical",
        Level::Personal => "Personal",
    }
}

fn who_word(who: &Who) -> String {
    match who {
        Who::Everybody => "All companies".to_owned(),
        Who::Segment { name, .. } => name.clone(),
        Who::Unassigned => "Without a segment".to_owned(),
    }
}

fn is_scored(group: &Group) -> bool {
    group.levels.iter().any(|driver| driver.overall.is_some())
}

/// The levels from the one that scores highest down.
fn lead(found: &Figures, group: &Group) -> Option<Lead> {
    let levels = found.levels.iter().zip(&group.levels);
    let mut scored: Vec<(Level, Sample)> = levels
        .filter_map(|(level, driver)| Some((level.level, driver.overall?)))
        .collect();
    // Equal means keep the order of the levels.
    scored.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean));
    let words: Vec<String> = scored
        .iter()
        .map(|(level, sample)| format!("{} {}", level_word(*level).to_lowercase(), text::number(sample.mean, 0)))
        .collect();
    let companies = scored.iter().map(|(_, sample)| sample.n).max()?;
    Some(Lead {
        who: who_word(&group.who),
        words: format!(
            "{} ({})",
            words.join(", then "),
            figures::counted(companies, "company", "companies")
        ),
    })
}

fn charts(found: &Figures) -> Vec<LevelChart> {
    let of_level = |(place, level): (usize, &drivers::LevelNeeds)| {
        let mean = |sample: &Sample| Mean {
            value: sample.mean,
            interval: sample.interval_95(),
        };
        let means = |group: &Group| {
            let driver: &Driver = &group.levels[place];
            Means {
                name: who_word(&group.who),
                groups: ByTenure::of(|tenure| driver.groups.get(tenure).as_ref().map(mean)),
            }
        };
        let scored = found.groups.iter().filter(|group| is_scored(group));
        let rows: Vec<Means> = scored.map(means).collect();
        LevelChart {
            id: format!("means-{}", place + 1),
            name: level_word(level.level),
            needs: level.needs.join(", "),
            chart: chart::intervals(&rows),
        }
    };
    if !found.groups.iter().any(is_scored) {
        return vec![];
    }
    found.levels.iter().enumerate().map(of_level).collect()
}

fn table(found: &Figures) -> Table {
    let columns = vec![
        Column::text("segment", "Segment"),
        Column::text("level", "Level"),
        Column::text("group", "Tenure"),
        Column::figure("companies", "Companies"),
        Column::figure("mean", "Mean"),
        Column::figure("low", "95 % from"),
        Column::figure("high", "to"),
        Column::figure("sd", "SD"),
    ];
    let mut rows = vec![];
    for group in found.groups.iter().filter(|group| is_scored(group)) {
        for (level, driver) in found.levels.iter().zip(&group.levels) {
            let all = [("all", driver.overall.as_ref())];
            let tenures = Tenure::ALL.map(|tenure| (figures::tenure_word(tenure), driver.groups.get(tenure).as_ref()));
            for (word, sample) in all.into_iter().chain(tenures) {
                let mut row = vec![
                    Cell::text(who_word(&group.who)),
                    Cell::text(level_word(level.level)),
                    Cell::text(word),
                ];
                row.extend(sample_cells(sample));
                rows.push(row);
            }
        }
    }
    Table::new("drivers", "Drivers by segment and tenure", columns, rows).note(
        "A company’s level is the mean of its scores on the needs of that level, as far as it has them; each company \
         counts once.",
    )
}
