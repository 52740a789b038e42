//! Where the marks of a chart stand. Positions along the scale are percents of the drawing's
//! width, so that one drawing fits a telephone and a wall; heights are pixels.

use crate::insight::ByTenure;
use crate::method::tenure::Tenure;

/// The scale's part of the drawing; what is left of it holds the labels.
const LEFT_PERCENT: f64 = 34.0;
const RIGHT_PERCENT: f64 = 97.0;
const LANE: f64 = 22.0;
const HEADING: f64 = 26.0;
const GAP: f64 = 8.0;
const AXIS: f64 = 24.0;

/// From a least to a greatest value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
}

impl Scale {
    /// 0 to 100, as every score.
    pub const PERCENT: Scale = Scale { low: 0.0, high: 100.0 };

    /// Where the value stands, in percent of the drawing's width; what lies outside stands at the edge.
    fn place(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        // A hundredth of a percent is less than a hair's breadth on any screen.
        ((LEFT_PERCENT + share * (RIGHT_PERCENT - LEFT_PERCENT)) * 100.0).round() / 100.0
    }
}

/// At most `count` + 1 round values, 1, 2, 2.5 or 5 times a power of ten apart, over the scale.
pub fn ticks(scale: Scale, count: u32) -> Vec<f64> {
    let span = scale.high - scale.low;
    if !(span > 0.0 && span.is_finite()) || count == 0 {
        return vec![];
    }
    let rough = span / f64::from(count);
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough * (1.0 - 1e-9))
        .unwrap_or(10.0 * power);
    let (first, last) = (
        (scale.low / step - 1e-9).ceil() as i64,
        (scale.high / step + 1e-9).floor() as i64,
    );
    (first..=last).map(|i| i as f64 * step).collect()
}

/// A mean with its interval, as measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    pub value: f64,
    /// `None` for a single company.
    pub interval: Option<(f64, f64)>,
}

/// For each need a lane per group with a dot and the interval about it.
#[derive(Debug, Clone, PartialEq)]
pub struct IntervalChart {
    pub height: f64,
    pub ticks: Vec<Tick>,
    pub rows: Vec<Row>,
    /// The grid's lower end, and the labels' base line.
    pub axis_y: f64,
    pub axis_label_y: f64,
    /// Where it is said that a group has no scores.
    pub none_x: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    pub x: f64,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub name: String,
    /// The base line of the name.
    pub y: f64,
    pub lanes: Vec<Lane>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    pub tenure: Tenure,
    pub y: f64,
    /// `None`: no company of the group has a score.
    pub mark: Option<Mark>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    pub x: f64,
    pub low: f64,
    pub high: f64,
}

/// A need's name and its groups' means, as far as the groups have one.
#[derive(Debug, Clone, PartialEq)]
pub struct Means {
    pub name: String,
    pub groups: ByTenure<Option<Mean>>,
}

/// Lays out the needs in the order given, their lanes below each other.
pub fn intervals(needs: &[Means]) -> IntervalChart {
    let scale = Scale::PERCENT;
    let mut y = 0.0;
    let mut rows = vec![];
    for need in needs {
        let top = y + HEADING;
        let lanes = Tenure::ALL.into_iter().enumerate().map(|(i, tenure)| Lane {
            tenure,
            y: top + (i as f64 + 0.5) * LANE,
            mark: need.groups.get(tenure).map(|mean| mark(scale, mean)),
        });
        rows.push(Row {
            name: need.name.clone(),
            y: y + HEADING - 8.0,
            lanes: lanes.collect(),
        });
        y = top + Tenure::ALL.len() as f64 * LANE + GAP;
    }
    let ticks = ticks(scale, 4).into_iter().map(|value| Tick {
        x: scale.place(value),
        label: format!("{value}"),
    });
    IntervalChart {
        height: y + AXIS,
        ticks: ticks.collect(),
        rows,
        axis_y: y,
        axis_label_y: y + 17.0,
        none_x: LEFT_PERCENT,
    }
}

fn mark(scale: Scale, mean: Mean) -> Mark {
    let (low, high) = mean.interval.unwrap_or((mean.value, mean.value));
    Mark {
        x: scale.place(mean.value),
        low: scale.place(low),
        high: scale.place(high),
    }
}

/// The length of a bar in percent of its room, 0 where there is no whole.
pub fn bar_percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        (10_000.0 * part / whole).round().clamp(0.0, 10_000.0) / 100.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_score_axis_is_marked_at_the_quarters() {
        assert_eq!(ticks(Scale::PERCENT, 4), [0.0, 25.0, 50.0, 75.0, 100.0]);
        assert_eq!(ticks(Scale { low: -0.3, high: 1.1 }, 4), [0.0, 0.5, 1.0]);
        assert_eq!(ticks(Scale { low: 1.0, high: 1.0 }, 4), [0.0; 0]);
    }

    #[test]
    fn lanes_stand_below_their_need_and_never_on_one_another() {
        let need = |name: &str| Means {
            name: name.to_owned(),
            groups: ByTenure::default(),
        };
        let chart = intervals(&[need("Efficiency"), need("Assurance")]);
        let heights: Vec<f64> = chart
            .rows
            .iter()
            .flat_map(|row| std::iter::once(row.y).chain(row.lanes.iter().map(|lane| lane.y)))
            .collect();
        assert!(heights.windows(2).all(|pair| pair[1] - pair[0] >= 12.0), "{heights:?}");
        assert!(heights.iter().all(|y| *y < chart.axis_y) && chart.axis_label_y < chart.height);
    }

    #[test]
    fn a_single_company_has_a_dot_without_a_line() {
        let mean = Mean {
            value: 50.0,
            interval: None,
        };
        let chart = intervals(&[Means {
            name: "Efficiency".to_owned(),
            groups: ByTenure::of(|tenure| (tenure == Tenure::New).then_some(mean)),
        }]);
        assert_eq!(chart.rows[0].lanes[1].mark, None);
        let mark = chart.rows[0].lanes[0].mark.unwrap();
        assert!(mark.low == mark.x && mark.high == mark.x && (mark.x - 65.5).abs() < 1e-9);
    }

    #[test]
    fn a_bar_of_nothing_has_no_length() {
        assert_eq!(bar_percent(0.0, 0.0), 0.0);
        assert_eq!(bar_percent(3.0, 4.0), 75.0);
    }

    proptest! {
        #[test]
        fn ticks_are_few_round_and_inside(low in -1e6..1e6f64, span in 1e-6..1e6f64, count in 1u32..12) {
            let scale = Scale { low, high: low + span };
            let found = ticks(scale, count);
            prop_assert!(found.len() <= count as usize + 1);
            let slack = span * 1e-6 + 1e-9;
            prop_assert!(found.iter().all(|t| *t >= low - slack && *t <= low + span + slack));
        }

        #[test]
        fn a_wide_interval_ends_at_the_edge(low in -300.0..0.0f64, high in 100.0..300.0f64) {
            let found = mark(Scale::PERCENT, Mean { value: 50.0, interval: Some((low, high)) });
            prop_assert!(found.low == LEFT_PERCENT && found.high == RIGHT_PERCENT);
        }
    }
}
