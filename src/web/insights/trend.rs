//! Needs and segments over time, and which companies are on their way to another segment.

use askama::Template;

use super::frame::{Asked, Desk, Frame, InsightPage, Shown, Tab};
use super::table::{Cell, Column, Table};
use crate::design::Design;
use crate::insight::chart::Scale;
use crate::insight::chart::lines::{self, At, Lines, Series};
use crate::insight::trend::{self, Drifting, Every, HORIZON_MONTHS, LEAST_POINTS, LOOK_BACK, Span, Trend, Wave};
use crate::method::compare::Sample;
use crate::method::tenure::Tenure;
use crate::needs::Unready;
use crate::store::Conn;
use crate::text::figures as text;
use crate::web::error::{AppError, Fault};
use crate::web::figures;
use crate::web::session::Analyst;

/// Waves that are looked back over where the reader does not say, and those to choose from.
const USUAL: usize = 8;
const CHOICES: [usize; 4] = [4, 8, 12, 24];
/// Companies on one page.
const ROWS: usize = 25;

#[derive(Template)]
#[template(path = "insights/trend.html")]
pub struct Show {
    frame: Frame,
    span: Span,
    /// Past months are still being worked out.
    unready: Option<Unready>,
    /// The waves are still being added up.
    is_counting: bool,
    half_life: String,
    need_charts: Vec<Chart>,
    share_charts: Vec<Chart>,
    scores: Table,
    shares: Table,
    /// All of them, and those of this page.
    drifting: Table,
    shown: Table,
    judged: u64,
    page: usize,
    pages: usize,
}

/// A drawing among others of its kind.
pub struct Chart {
    pub id: String,
    pub title: String,
    pub words: String,
    pub lines: Lines,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        vec![&self.scores, &self.shares, &self.drifting]
    }
}

impl Show {
    /// How many waves may be shown, and whether it is so many.
    fn choices(&self) -> Vec<(usize, bool)> {
        let mut choices = CHOICES.to_vec();
        choices.push(self.span.waves);
        choices.sort_unstable();
        choices.dedup();
        choices
            .into_iter()
            .map(|waves| (waves, waves == self.span.waves))
            .collect()
    }

    /// What choosing other waves leaves as it is.
    fn kept(&self) -> Vec<(String, String)> {
        self.frame.asked.kept(["wave", "waves", "page"])
    }

    fn judged(&self) -> String {
        figures::counted(self.judged, "company", "companies")
    }

    fn drifting(&self) -> String {
        figures::counted(self.drifting.rows.len() as u64, "company", "companies")
    }

    fn earlier(&self) -> Option<String> {
        (self.page > 1).then(|| self.page_href(self.page - 1))
    }

    fn later(&self) -> Option<String> {
        (self.page < self.pages).then(|| self.page_href(self.page + 1))
    }

    fn is_every(&self, every: &Every) -> bool {
        self.span.every == *every
    }

    fn page_href(&self, page: usize) -> String {
        format!("{}#drifting", self.frame.with(&[("page", &page.to_string())]))
    }

    fn progress(&self, unready: &Unready) -> String {
        let done = unready.companies.saturating_sub(unready.due);
        format!(
            "{} of {}",
            figures::count(done),
            figures::counted(unready.companies, "company", "companies")
        )
    }

    /// How the drift is worked out, with the numbers of this page.
    fn reckoning(&self) -> String {
        format!(
            "How much better its own segment fits than another one is a company’s lead over that segment. We take the \
             lead at the last {} waves and today, put the straight line through them that lies nearest (least squares), \
             and call it a drift where the line falls. Time to flip is today’s lead divided by what is lost in a month; \
             of several segments the one that would be reached first is named. Companies with fewer than {LEAST_POINTS} \
             waves with a score on every need in play are left out, and so is whatever would take longer than {} months. \
             A fall is marked as more than chance where it is greater than 1.96 times the standard error of today’s lead.",
            LOOK_BACK - 1,
            HORIZON_MONTHS
        )
    }
}

/// `GET /insights/trend`
pub async fn show(_: Analyst, desk: Desk) -> Result<Shown<Show>, AppError> {
    let own = &["wave", "waves", "page"];
    // A look back over many companies takes longer than a reader waits.
    let (mut frame, _) = desk.read(Tab::Trend, own, |_, _, _| Ok(())).await?;
    let span = span(&frame.asked)?;
    let read = desk.later(&mut frame, "trend", &["wave", "waves"], figures_of).await?;
    let nothing = Trend {
        waves: vec![],
        drifting: vec![],
        judged: 0,
    };
    let (found, unready) = match read.as_deref() {
        Some(Ok(found)) => (found, None),
        Some(Err(unready)) => (&nothing, Some(*unready)),
        None => (&nothing, None),
    };
    let drifting = drifting(&frame, &found.drifting);
    let pages = drifting.rows.len().div_ceil(ROWS).max(1);
    let page = frame.asked.own("page").and_then(|page| page.parse().ok());
    let page: usize = page.unwrap_or(1).clamp(1, pages);
    let of_page = drifting.rows.iter().skip((page - 1) * ROWS).take(ROWS);
    let shown = Table {
        rows: of_page.cloned().collect(),
        ..drifting.clone()
    };
    Ok(Shown(Show {
        half_life: half_life(&frame.design),
        need_charts: need_charts(&found.waves, span.every),
        share_charts: share_charts(&found.waves, span.every),
        scores: scores(&found.waves, span.every),
        shares: shares(&found.waves, span.every),
        judged: found.judged,
        drifting,
        shown,
        page,
        pages,
        is_counting: read.is_none(),
        unready,
        span,
        frame,
    }))
}

fn figures_of(conn: &mut Conn, design: &Design, asked: &Asked) -> Result<Result<Trend, Unready>, AppError> {
    let span = span(asked)?;
    Ok(trend::trend(conn, design, asked.today, asked.day, span, &asked.filter)?)
}

fn span(asked: &Asked) -> Result<Span, AppError> {
    let mut faults = vec![];
    let every = asked.own("wave").map_or(Some(Every::Month), Every::parse);
    if every.is_none() {
        faults.push(Fault::new("wave", "is neither month nor quarter"));
    }
    let waves = asked.own("waves").map_or(Some(USUAL), |text| text.parse().ok());
    let waves = waves.filter(|waves| (2..=60).contains(waves));
    if waves.is_none() {
        faults.push(Fault::new("waves", "is not a number from 2 to 60"));
    }
    match (every, waves) {
        (Some(every), Some(waves)) => Ok(Span { every, waves }),
        _ => Err(AppError::Unprocessable(faults)),
    }
}

fn half_life(design: &Design) -> String {
    match design.framework.settings.half_life_days {
        Some(days) => format!(
            "Half-life: {}. An answer weighs half as much as one of the same kind given {} later. The weights are \
             relative: a score does not move because time passes, only because somebody answers.",
            figures_of_days(days),
            figures_of_days(days)
        ),
        None => "Half-life: none. Old answers weigh as much as new ones, until the same contact answers the same \
                 question again. A score moves only because somebody answers."
            .to_owned(),
    }
}

fn figures_of_days(days: f64) -> String {
    let decimals = usize::from(days.fract() != 0.0);
    let unit = if days == 1.0 { "day" } else { "days" };
    format!("{} {unit}", text::number(days, decimals))
}

/// What a wave is called on an axis: the last one may still run.
fn stop(wave: &Wave, every: Every) -> String {
    match wave.is_last {
        true => wave.day.format("%-d %b").to_string(),
        false => trend::wave_name(wave.day, every),
    }
}

fn stops(waves: &[Wave], every: Every) -> Vec<String> {
    waves.iter().map(|wave| stop(wave, every)).collect()
}

fn need_charts(waves: &[Wave], every: Every) -> Vec<Chart> {
    let Some(last) = waves.last() else { return vec![] };
    let at = |sample: &Sample| At {
        value: sample.mean,
        band: sample.interval_95().map(|(low, high)| (low.max(0.0), high.min(100.0))),
    };
    let series = |need: usize| -> Vec<Series> {
        let of = |(style, tenure): (usize, Tenure)| Series {
            name: figures::tenure_word(tenure).to_owned(),
            class: figures::tenure_class(tenure).to_owned(),
            style,
            points: waves
                .iter()
                .map(|wave| wave.needs.needs.get(need)?.groups.get(tenure).as_ref().map(at))
                .collect(),
        };
        let all = Tenure::ALL.into_iter().enumerate().map(of);
        all.filter(|series| series.points.iter().any(Option::is_some)).collect()
    };
    let all: Vec<Vec<Series>> = (0..last.needs.needs.len()).map(series).collect();
    let scale = lines::scale(all.iter().flatten(), 10.0, Scale::PERCENT);
    let stops = stops(waves, every);
    let drawn = all
        .iter()
        .zip(&last.needs.needs)
        .filter(|(series, _)| !series.is_empty());
    drawn
        .map(|(series, need)| Chart {
            id: format!("need-{}", need.code),
            title: need.name.clone(),
            words: series
                .iter()
                .map(|series| told(series, &stops, 1, ""))
                .collect::<Vec<_>>()
                .join(" "),
            lines: lines::lines(series, &stops, scale, |value| text::number(value, 0)),
        })
        .collect()
}

/// `new: 41.0 in Jan 26, 47.5 on 10 Mar.`
fn told(series: &Series, stops: &[String], decimals: usize, unit: &str) -> String {
    let known: Vec<(usize, &At)> = series
        .points
        .iter()
        .enumerate()
        .filter_map(|(nth, at)| Some((nth, at.as_ref()?)))
        .collect();
    let say = |(nth, at): &(usize, &At)| format!("{}{unit} at {}", text::number(at.value, decimals), stops[*nth]);
    match known.as_slice() {
        [] => format!("{}: nothing known.", series.name),
        [only] => format!("{}: {}.", series.name, say(only)),
        [first, .., last] => format!("{}: {}, {}.", series.name, say(first), say(last)),
    }
}

fn share_charts(waves: &[Wave], every: Every) -> Vec<Chart> {
    let Some(last) = waves.last() else { return vec![] };
    // A segment that has been archived since was there on earlier waves only.
    let mut codes: Vec<(&str, &str)> = vec![];
    for figure in waves.iter().rev().flat_map(|wave| &wave.segments.segments) {
        if codes.iter().all(|(code, _)| *code != figure.code) {
            codes.push((&figure.code, &figure.name));
        }
    }
    let share = |wave: &Wave, code: &str, tenure: Option<Tenure>| {
        let figure = wave.segments.segments.iter().find(|figure| figure.code == code);
        let share = match tenure {
            None => figure.map_or(Some(0.0).filter(|_| wave.segments.assigned.sum() > 0), |figure| {
                figure.share
            }),
            Some(tenure) => figure.and_then(|figure| figure.groups.get(tenure).share),
        };
        share.map(|share| At {
            value: 100.0 * share,
            band: None,
        })
    };
    let series = |tenure: Option<Tenure>| -> Vec<Series> {
        let of = |(nth, (code, name)): (usize, &(&str, &str))| Series {
            name: (*name).to_owned(),
            class: format!("series-{}", nth % 6 + 1),
            style: nth,
            points: waves.iter().map(|wave| share(wave, code, tenure)).collect(),
        };
        codes.iter().enumerate().map(of).collect()
    };
    let groups = [
        (None, "all", "All companies"),
        (Some(Tenure::New), "new", "New customers"),
        (Some(Tenure::LongStanding), "long-standing", "Long-standing customers"),
    ];
    let all: Vec<Vec<Series>> = groups.iter().map(|(tenure, ..)| series(*tenure)).collect();
    if last.segments.segments.is_empty() {
        return vec![];
    }
    let scale = Scale {
        low: 0.0,
        ..lines::scale(all.iter().flatten(), 10.0, Scale::PERCENT)
    };
    let stops = stops(waves, every);
    let drawn = groups.into_iter().zip(&all);
    let drawn = drawn.filter(|(_, series)| series.iter().any(|series| series.points.iter().any(Option::is_some)));
    drawn
        .map(|((_, id, title), series)| Chart {
            id: format!("shares-{id}"),
            title: title.to_owned(),
            words: series
                .iter()
                .map(|series| told(series, &stops, 0, " %"))
                .collect::<Vec<_>>()
                .join(" "),
            lines: lines::lines(series, &stops, scale, |value| format!("{} %", text::number(value, 0))),
        })
        .collect()
}

fn scores(waves: &[Wave], every: Every) -> Table {
    let columns = vec![
        Column::text("wave", "Wave"),
        Column::text("day", "At the end of"),
        Column::text("need", "Need"),
        Column::text("group", "Group"),
        Column::figure("companies", "Companies"),
        Column::figure("mean", "Mean"),
        Column::figure("low", "95 % from"),
        Column::figure("high", "to"),
    ];
    let mut rows = vec![];
    for wave in waves {
        for need in &wave.needs.needs {
            for tenure in Tenure::ALL {
                let Some(sample) = need.groups.get(tenure) else {
                    continue;
                };
                let interval = sample.interval_95();
                rows.push(vec![
                    Cell::text(stop(wave, every)),
                    Cell::Day(wave.day),
                    Cell::text(&need.name),
                    Cell::text(figures::tenure_word(tenure)),
                    Cell::Count(sample.n),
                    Cell::number(sample.mean, 1),
                    Cell::number(interval.map(|(low, _)| low.max(0.0)), 1),
                    Cell::number(interval.map(|(_, high)| high.min(100.0)), 1),
                ]);
            }
        }
    }
    Table::new("needs", "Mean score of each need at each wave", columns, rows).under_chart()
}

fn shares(waves: &[Wave], every: Every) -> Table {
    let mut columns = vec![
        Column::text("wave", "Wave"),
        Column::text("day", "At the end of"),
        Column::text("segment", "Segment"),
        Column::figure("companies", "Companies"),
        Column::figure("share", "Share"),
    ];
    for tenure in Tenure::ALL {
        let word = figures::tenure_word(tenure);
        columns.push(Column::figure(
            format!("companies_{}", tenure.as_str()),
            format!("{word}: companies"),
        ));
        columns.push(Column::figure(format!("share_{}", tenure.as_str()), "share"));
    }
    let rows = waves.iter().flat_map(|wave| {
        wave.segments.segments.iter().map(|figure| {
            let mut row = vec![
                Cell::text(stop(wave, every)),
                Cell::Day(wave.day),
                Cell::text(&figure.name),
                Cell::Count(figure.count),
                Cell::share(figure.share),
            ];
            for tenure in Tenure::ALL {
                let group = figure.groups.get(tenure);
                row.extend([Cell::Count(group.count), Cell::share(group.share)]);
            }
            row
        })
    });
    Table::new(
        "segments",
        "Share of each segment at each wave",
        columns,
        rows.collect(),
    )
    .under_chart()
}

fn drifting(frame: &Frame, found: &[Drifting]) -> Table {
    let columns = vec![
        Column::text("company", "Company"),
        Column::text("external_id", "Number"),
        Column::text("from", "From"),
        Column::text("to", "Towards"),
        Column::figure("months", "Months to flip"),
        Column::figure("lead", "Lead today"),
        Column::figure("noise", "± (standard error)"),
        Column::text("leads", "Lead at each wave"),
        Column::figure("pace", "Lost in a month"),
        Column::text("sure", "More than chance"),
    ];
    let name = |code: &str| match frame.design.framework.segment(code) {
        Some(segment) => Cell::text(&segment.name).linked(format!("/segments/{code}")),
        None => Cell::text(code),
    };
    let row = |company: &Drifting| {
        let href = format!("/companies/{}", crate::web::link::part(&company.external_id));
        let leads: Vec<String> = company.leads.iter().map(|lead| text::number(lead, 0)).collect();
        vec![
            Cell::text(&company.name).linked(href),
            Cell::text(&company.external_id),
            name(&company.from),
            name(&company.to),
            Cell::number(company.months, 1),
            Cell::number(company.lead, 1),
            Cell::number(company.noise, 1),
            Cell::text(leads.join(" → ")),
            Cell::number(company.pace, 1),
            Cell::text(if company.is_clear() { "yes" } else { "cannot tell" }),
        ]
    };
    Table::new(
        "drifting",
        "Companies drifting to another segment",
        columns,
        found.iter().map(row).collect(),
    )
}
