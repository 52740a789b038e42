//! Who stays and who grows, as the page of value and segment tells it.

use chrono::{Days, NaiveDate};

use super::table::{Cell, Column, Table};
use crate::insight::Verdict;
use crate::insight::chart::bar_percent;
use crate::insight::value::{Growth, GrowthGroup, Loyalty};
use crate::method::tenure::Tenure;
use crate::text::figures as text;
use crate::web::figures::{counted, share, tenure_class, tenure_word};

/// What a group's purchases come to, in a sentence.
pub struct Told {
    pub who: String,
    pub words: String,
}

/// The share that stays, by tenure.
pub struct Bars {
    pub name: String,
    pub bars: Vec<Bar>,
}

pub struct Bar {
    pub word: &'static str,
    pub class: &'static str,
    pub bar: f64,
    pub share: String,
}

fn who(group: &GrowthGroup) -> String {
    match &group.group {
        None => "All companies".to_owned(),
        Some(group) => group.name.clone(),
    }
}

/// `12 % more`, `3 % less`: than the year before.
fn word(growth: f64) -> String {
    let change = growth - 1.0;
    let percent = text::share(change.abs());
    match text::number(change * 100.0, 0).as_str() {
        "0" => "as much".to_owned(),
        _ if change > 0.0 => format!("{percent} more"),
        _ => format!("{percent} less"),
    }
}

pub fn words(group: &GrowthGroup) -> Option<Told> {
    let (retention, growth) = (group.all.retention()?, group.all.growth()?);
    let mut words = format!(
        "{} of {} that bought the year before bought again; together they brought {}",
        text::share(retention),
        counted(group.all.earlier, "company", "companies"),
        word(growth),
    );
    if let Some(found) = group.comparison() {
        let points = |x: f64| text::difference(x * 100.0, 0);
        let (low, high) = (points(found.low), points(found.high));
        words.push_str(&match Verdict::of_interval(found.low, found.high) {
            Verdict::CannotTell => format!(
                ". Whether new ones stay more often than long-standing ones cannot be told ({} points, {low} to {high})",
                points(found.difference)
            ),
            _ => format!(
                ". New ones stay {} often than long-standing ones ({} points, {low} to {high})",
                if found.difference > 0.0 { "more" } else { "less" },
                points(found.difference)
            ),
        });
    }
    Some(Told {
        who: who(group),
        words: format!("{words}."),
    })
}

pub fn bars(group: &GrowthGroup) -> Bars {
    let bar = |tenure: Tenure| {
        let retention = group.by_tenure.get(tenure).retention();
        Bar {
            word: tenure_word(tenure),
            class: tenure_class(tenure),
            bar: bar_percent(retention.unwrap_or(0.0), 1.0),
            share: share(retention),
        }
    };
    Bars {
        name: who(group),
        bars: Tenure::ALL.map(bar).into(),
    }
}

/// The two periods, in words.
pub fn spans(today: NaiveDate, growth: &Growth) -> (String, String) {
    let before = |day: NaiveDate| text::date(day - Days::new(1));
    (
        format!("{} to {}", text::date(growth.earlier_from), before(growth.later_from)),
        format!("{} to {}", text::date(growth.later_from), text::date(today)),
    )
}

pub fn table(growth: &Growth) -> Table {
    let columns = vec![
        Column::text("segment", "Segment"),
        Column::text("group", "Tenure"),
        Column::figure("bought_before", "Bought before"),
        Column::figure("stayed", "Still buy"),
        Column::figure("retention", "Retention"),
        Column::figure("revenue_before", "Revenue before"),
        Column::figure("revenue_now", "Revenue now"),
        Column::figure("growth", "Growth (ratio)"),
        Column::figure("began", "Began to buy"),
        Column::figure("began_revenue", "Their revenue"),
    ];
    let mut rows = vec![];
    for group in &growth.groups {
        let tenures = Tenure::ALL.map(|tenure| (tenure_word(tenure), *group.by_tenure.get(tenure)));
        for (word, loyalty) in [("all", group.all)].into_iter().chain(tenures) {
            let Loyalty {
                earlier,
                stayed,
                earlier_revenue,
                later_revenue,
                begun,
                begun_revenue,
            } = loyalty;
            rows.push(vec![
                Cell::text(who(group)),
                Cell::text(word),
                Cell::Count(earlier),
                Cell::Count(stayed),
                Cell::share(loyalty.retention()),
                Cell::Money(earlier_revenue),
                Cell::Money(later_revenue),
                Cell::number(loyalty.growth(), 2),
                Cell::Count(begun),
                Cell::Money(begun_revenue),
            ]);
        }
    }
    Table::new("growth", "retention and growth by segment and tenure", columns, rows)
        .note(
            "By the amounts of imported transactions. Retention: of the companies with a revenue in the twelve months \
             before, the share with one in the last twelve. Growth: what the same companies brought in the last twelve \
             months over what they brought before. Who bought in the last twelve months alone stands apart.",
        )
        .under_chart()
}
