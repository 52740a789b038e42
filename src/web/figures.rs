//! Figures as pages show them: rounded, with their units, and what they come to in words.

use std::borrow::Borrow;

use crate::insight::chart::{self, IntervalChart, Mean, Means};
use crate::insight::{ByTenure, NeedFigure, NeedFigures, SegmentFigure, SegmentFigures, Verdict};
use crate::method::compare::Sample;
use crate::method::tenure::Tenure;
use crate::needs::{Badge, Confirmed};
use crate::text::figures;

/// A tenure as people call it.
pub fn tenure_word(tenure: Tenure) -> &'static str {
    match tenure {
        Tenure::New => "new",
        Tenure::LongStanding => "long-standing",
        Tenure::Unknown => "unknown",
    }
}

/// A tenure in the names of classes.
pub fn tenure_class(tenure: Tenure) -> &'static str {
    match tenure {
        Tenure::New => "is-new",
        Tenure::LongStanding => "is-long-standing",
        Tenure::Unknown => "is-unknown",
    }
}

pub fn count(n: impl Borrow<u64>) -> String {
    figures::count(i64::try_from(*n.borrow()).unwrap_or(i64::MAX))
}

pub fn counted(n: u64, one: &str, many: &str) -> String {
    figures::counted(i64::try_from(n).unwrap_or(i64::MAX), one, many)
}

/// A share, or a dash where there is no whole.
pub fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), figures::share)
}

pub fn share_of(part: impl Borrow<u64>, whole: u64) -> String {
    let part = *part.borrow();
    share((whole > 0).then(|| part as f64 / whole as f64))
}

/// One line of the table of segments.
pub struct SegmentRow {
    pub code: String,
    pub name: String,
    pub count: String,
    pub share: String,
    pub bar: f64,
    pub revenue: String,
    pub groups: Vec<SegmentCell>,
    /// New less long-standing, in words that read on after the verdict's badge.
    pub difference: String,
    pub verdict: Verdict,
}

pub struct SegmentCell {
    pub word: &'static str,
    pub class: &'static str,
    pub count: String,
    pub share: String,
    pub bar: f64,
}

pub fn segment_rows(figures: &SegmentFigures) -> Vec<SegmentRow> {
    let compared = figures.assigned.new + figures.assigned.long_standing;
    figures
        .segments
        .iter()
        .map(|figure| segment_row(figure, compared))
        .collect()
}

fn segment_row(figure: &SegmentFigure, compared: u64) -> SegmentRow {
    let cell = |tenure| {
        let group = figure.groups.get(tenure);
        SegmentCell {
            word: tenure_word(tenure),
            class: tenure_class(tenure),
            count: count(group.count),
            share: share(group.share),
            bar: chart::bar_percent(group.share.unwrap_or(0.0), 1.0),
        }
    };
    let (difference, verdict) = match figure.comparison {
        None => ("too few companies to compare".to_owned(), Verdict::CannotTell),
        Some(shares) => {
            let verdict = Verdict::of_interval(shares.low, shares.high);
            let points = |share: f64| figures::difference(share * 100.0, 0);
            let words = match verdict {
                Verdict::CannotTell => format!("with {}", counted(compared, "company", "companies")),
                _ if shares.difference > 0.0 => "more common among new customers".to_owned(),
                _ => "more common among long-standing customers".to_owned(),
            };
            let (low, high) = (points(shares.low), points(shares.high));
            (
                format!("{words} ({} points, {low} to {high})", points(shares.difference)),
                verdict,
            )
        }
    };
    SegmentRow {
        code: figure.code.clone(),
        name: figure.name.clone(),
        count: count(figure.count),
        share: share(figure.share),
        bar: chart::bar_percent(figure.share.unwrap_or(0.0), 1.0),
        revenue: figures::money_short(figure.revenue),
        groups: Tenure::ALL.map(cell).into(),
        difference,
        verdict,
    }
}

/// Whether segments and tenure hang together, in a sentence; nothing where that cannot be asked.
pub fn independence(figures: &SegmentFigures) -> Option<String> {
    let found = figures.chi_square?;
    let verdict = match Verdict::of_p(Some(found.p)) {
        Verdict::Clear => "New and long-standing customers clearly fall into segments differently",
        Verdict::Likely => "New and long-standing customers likely fall into segments differently",
        Verdict::CannotTell => {
            "Whether new and long-standing customers fall into segments differently cannot be told yet"
        }
    };
    let warning = if found.min_expected < 5.0 {
        " Some segments hold so few companies that this test is not to be relied on."
    } else {
        ""
    };
    let chi2 = figures::number(found.chi2, 2);
    let v = figures::number(found.cramers_v, 2);
    Some(format!(
        "{verdict} (χ² = {chi2}, df = {}, {}, Cramér’s V = {v}).{warning}",
        found.df,
        p_word(found.p)
    ))
}

/// `p = 0.031`, `p < 0.001`
pub fn p_word(p: f64) -> String {
    if p < 0.001 {
        "p < 0.001".to_owned()
    } else {
        format!("p = {}", figures::number(p, 3))
    }
}

/// One line of the table of needs.
pub struct NeedRow {
    pub name: String,
    /// What the need rests on.
    pub badge: Badge,
    /// Reads on after the verdict's badge.
    pub difference: String,
    pub verdict: Verdict,
}

pub fn need_rows(figures: &NeedFigures, confirmed: &Confirmed) -> Vec<NeedRow> {
    figures.needs.iter().map(|figure| need_row(figure, confirmed)).collect()
}

fn need_row(figure: &NeedFigure, confirmed: &Confirmed) -> NeedRow {
    let (difference, verdict) = need_difference(figure);
    NeedRow {
        name: figure.name.clone(),
        badge: confirmed.badge(&figure.code),
        difference,
        verdict,
    }
}

fn need_difference(figure: &NeedFigure) -> (String, Verdict) {
    let comparison = match &figure.comparison {
        Ok(comparison) => comparison,
        Err(why) => return (why.clone(), Verdict::CannotTell),
    };
    let verdict = Verdict::of_p(comparison.p_adjusted);
    let difference = comparison.figures.difference;
    let n = |sample: Option<Sample>| sample.map_or(0, |sample| sample.n);
    let companies = n(figure.groups.new) + n(figure.groups.long_standing);
    let words = match verdict {
        Verdict::CannotTell => format!("with {}", counted(companies, "company", "companies")),
        _ => {
            let more = if difference > 0.0 { "more" } else { "less" };
            format!("matters {more} to new customers")
        }
    };
    let points = |x: f64| figures::difference(x, 1);
    let (low, high) = (points(comparison.figures.low), points(comparison.figures.high));
    (
        format!("{words} ({} points, {low} to {high})", points(difference)),
        verdict,
    )
}

/// The need scores as a drawing; nothing without a score.
pub fn need_chart(figures: &NeedFigures) -> Option<IntervalChart> {
    figures.needs.iter().any(|need| need.overall.is_some()).then(|| {
        let mean = |sample: &Sample| Mean {
            value: sample.mean,
            interval: sample.interval_95(),
        };
        let means = |need: &NeedFigure| Means {
            name: need.name.clone(),
            groups: ByTenure::of(|tenure| need.groups.get(tenure).as_ref().map(mean)),
        };
        chart::intervals(&figures.needs.iter().map(means).collect::<Vec<_>>())
    })
}
