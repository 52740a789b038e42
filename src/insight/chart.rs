//! Where the marks of a chart stand: percents of the length of its scale, so that one drawing fits
//! a telephone and a wall.

pub mod bars;
pub mod history;
pub mod pareto;
pub mod forest;
pub mod lanes;
pub mod map;
pub mod quadrant;
pub mod lines;
pub mod pairs;

use crate::insight::ByTenure;
use crate::method::tenure::Tenure;

/// From a least to a greatest value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
}

impl Scale {
    /// 0 to 100, as every score.
    pub const PERCENT: Scale = Scale { low: 0.0, high: 100.0 };

    /// Where the value stands, in percent; what lies outside stands at the edge.
    fn place(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        // A hundredth of a percent is less than a hair's breadth on any screen.
        (share * 10_000.0).round() / 100.0
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
    /// Evenly apart, the first at the beginning and the last at the end.
    pub ticks: Vec<Tick>,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    pub x: f64,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub name: String,
    pub lanes: Vec<Lane>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    pub tenure: Tenure,
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

/// The needs in the order given, a lane for each tenure.
pub fn intervals(needs: &[Means]) -> IntervalChart {
    let scale = Scale::PERCENT;
    let row = |need: &Means| {
        let lane = |tenure| Lane {
            tenure,
            mark: need.groups.get(tenure).map(|mean| mark(scale, mean)),
        };
        Row {
            name: need.name.clone(),
            lanes: Tenure::ALL.map(lane).into(),
        }
    };
    let tick = |value| Tick {
        x: scale.place(value),
        label: format!("{value}"),
    };
    IntervalChart {
        ticks: ticks(scale, 4).into_iter().map(tick).collect(),
        rows: needs.iter().map(row).collect(),
    }
}

fn mark(scale: Scale, mean: Mean) -> Mark {
    let (low, high) = mean.interval.unwrap_or((mean.value, mean.value));
    mark_between(scale, mean.value, low, high)
}

fn mark_between(scale: Scale, value: f64, low: f64, high: f64) -> Mark {
    Mark {
        x: scale.place(value),
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
    fn every_need_has_a_lane_for_each_tenure_with_or_without_a_mark() {
        let chart = intervals(&[Means {
            name: "Efficiency".to_owned(),
            groups: ByTenure::default(),
        }]);
        let lanes = Tenure::ALL.map(|tenure| Lane { tenure, mark: None });
        assert_eq!(chart.rows[0].lanes, lanes);
        let places: Vec<f64> = chart.ticks.iter().map(|tick| tick.x).collect();
        assert_eq!(places, [0.0, 25.0, 50.0, 75.0, 100.0]);
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
        assert!(mark.low == mark.x && mark.high == mark.x && mark.x == 50.0);
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
            prop_assert!(found.low == 0.0 && found.high == 100.0);
        }
    }
}
