//! Lines over stops from left to right, each with a band about it: what changes over time, or with a number.
//!
//! A line is told apart by the shape of its marks and by its dashes, not by its colour alone. Its units
//! are those of a drawing of [`WIDTH`] by [`HEIGHT`], small enough to be read on a telephone, and set
//! beside others of its kind where there is room.

use super::{Scale, ticks};

pub const WIDTH: f64 = 340.0;
pub const HEIGHT: f64 = 200.0;
/// Room for the numbers on the left, for the stops below, and for half a mark on the other sides.
const LEFT: f64 = 34.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 10.0;
const BELOW: f64 = 26.0;
/// As many words as stand below without running into each other.
const MOST_WORDS: usize = 4;
/// Half the size of a mark.
const MARK: f64 = 4.0;
/// Marks and dashes repeat after so many lines.
pub const STYLES: usize = 8;

/// What is known at one stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At {
    pub value: f64,
    pub band: Option<(f64, f64)>,
}

/// One line; `None` where nothing is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub name: String,
    /// Of its colour.
    pub class: String,
    /// Which marks and dashes it has.
    pub style: usize,
    pub points: Vec<Option<At>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lines {
    pub ticks: Vec<Tick>,
    pub stops: Vec<Stop>,
    pub curves: Vec<Curve>,
}

/// A line across, at a round value.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    pub y: f64,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    pub x: f64,
    pub label: String,
    /// `start`, `middle` or `end`, so that no word leaves the drawing.
    pub anchor: &'static str,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    pub name: String,
    pub class: String,
    /// 1 and up.
    pub style: usize,
    pub is_hollow: bool,
    /// Outlines, as `points` of a polygon.
    pub bands: Vec<String>,
    /// As `points` of a polyline.
    pub lines: Vec<String>,
    /// As the `d` of paths.
    pub marks: Vec<String>,
}

impl Lines {
    pub fn view_box(&self) -> String {
        format!("0 0 {WIDTH} {HEIGHT}")
    }

    pub fn left(&self) -> f64 {
        LEFT
    }

    pub fn right(&self) -> f64 {
        WIDTH - RIGHT
    }

    /// Where the words of the stops stand.
    pub fn words_at(&self) -> f64 {
        HEIGHT - 6.0
    }
}

/// A scale of round numbers about all that the lines show, for several drawings alike; never wider than `within`.
pub fn scale<'s>(series: impl IntoIterator<Item = &'s Series>, step: f64, within: Scale) -> Scale {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for at in series.into_iter().flat_map(|series| series.points.iter().flatten()) {
        let (from, to) = at.band.unwrap_or((at.value, at.value));
        low = low.min(from).min(at.value);
        high = high.max(to).max(at.value);
    }
    if low > high {
        return within;
    }
    let low = ((low / step).floor() * step).clamp(within.low, within.high);
    let high = ((high / step).ceil() * step).clamp(within.low, within.high);
    match high - low < 2.0 * step {
        true => Scale {
            low: (low - step).max(within.low),
            high: (high + step).min(within.high),
        },
        false => Scale { low, high },
    }
}

/// The lines in the order given: the first stands in front. `stops` names each place from left to right.
pub fn lines(series: &[Series], stops: &[String], scale: Scale, unit: impl Fn(f64) -> String) -> Lines {
    lines_with(series, stops, scale, MOST_WORDS, unit)
}

/// As [`lines`], with so many stops named at most.
pub fn lines_with(
    series: &[Series],
    stops: &[String],
    scale: Scale,
    named: usize,
    unit: impl Fn(f64) -> String,
) -> Lines {
    let x = |nth: usize| match stops.len() {
        0 | 1 => LEFT + (WIDTH - LEFT - RIGHT) / 2.0,
        count => LEFT + (WIDTH - LEFT - RIGHT) * nth as f64 / (count - 1) as f64,
    };
    let y = |value: f64| {
        let share = ((value - scale.low) / (scale.high - scale.low)).clamp(0.0, 1.0);
        HEIGHT - BELOW - share * (HEIGHT - BELOW - TOP)
    };
    let tick = |value: f64| Tick {
        y: round(y(value)),
        label: unit(value),
    };
    Lines {
        ticks: ticks(scale, 4).into_iter().map(tick).collect(),
        stops: words(stops, named).map(|nth| stop(stops, nth, x(nth))).collect(),
        curves: series.iter().map(|series| curve(series, &x, &y)).collect(),
    }
}

/// The stops that are named: the last one, and back from it as many as have room.
fn words(stops: &[String], named: usize) -> impl Iterator<Item = usize> {
    let step = stops.len().div_ceil(named.max(1)).max(1);
    let last = stops.len().saturating_sub(1);
    (0..stops.len()).filter(move |nth| (last - nth).is_multiple_of(step))
}

fn stop(stops: &[String], nth: usize, x: f64) -> Stop {
    let anchor = match nth {
        0 if stops.len() > 1 => "start",
        _ if nth + 1 == stops.len() && nth > 0 => "end",
        _ => "middle",
    };
    // A single letter stands in the middle anyway.
    let is_short = stops[nth].len() == 1;
    let (anchor, x) = match anchor {
        _ if is_short => ("middle", x),
        "start" => (anchor, x - MARK),
        "end" => (anchor, x + RIGHT - 2.0),
        _ => (anchor, x),
    };
    Stop {
        x: round(x),
        label: stops[nth].clone(),
        anchor,
    }
}

fn curve(series: &Series, x: &dyn Fn(usize) -> f64, y: &dyn Fn(f64) -> f64) -> Curve {
    let known: Vec<(usize, At)> = series
        .points
        .iter()
        .enumerate()
        .filter_map(|(nth, at)| Some((nth, (*at)?)))
        .collect();
    let style = series.style % STYLES;
    let mut curve = Curve {
        name: series.name.clone(),
        class: series.class.clone(),
        style: style + 1,
        is_hollow: is_hollow(style),
        bands: vec![],
        lines: vec![],
        marks: known
            .iter()
            .map(|(nth, at)| mark(style, x(*nth), y(at.value)))
            .collect(),
    };
    // Where a stop is missing, the line is broken off.
    for run in known.chunk_by(|a, b| a.0 + 1 == b.0) {
        if run.len() < 2 {
            continue;
        }
        let along = |value: fn(&At) -> f64| run.iter().map(move |(nth, at)| place(x(*nth), y(value(at))));
        curve.lines.push(along(|at| at.value).collect::<Vec<_>>().join(" "));
        if run.iter().any(|(_, at)| at.band.is_some()) {
            let upper = along(|at| at.band.map_or(at.value, |band| band.1));
            let lower: Vec<String> = along(|at| at.band.map_or(at.value, |band| band.0)).collect();
            let outline: Vec<String> = upper.chain(lower.into_iter().rev()).collect();
            curve.bands.push(outline.join(" "));
        }
    }
    curve
}

fn is_hollow(style: usize) -> bool {
    matches!(style, 1 | 5 | 7)
}

/// The outline of a mark, about its middle: circle, hollow circle, square, triangle, diamond, hollow
/// square, triangle on its head, hollow diamond.
pub fn mark(style: usize, x: f64, y: f64) -> String {
    let corners = |corners: &[(f64, f64)]| {
        let at: Vec<String> = corners
            .iter()
            .map(|(dx, dy)| place(x + dx * MARK, y + dy * MARK))
            .collect();
        format!("M{}Z", at.join("L"))
    };
    match style % STYLES {
        0 | 1 => format!(
            "M{}a{MARK} {MARK} 0 1 0 {} 0a{MARK} {MARK} 0 1 0 -{} 0Z",
            place(x - MARK, y),
            2.0 * MARK,
            2.0 * MARK
        ),
        2 | 5 => corners(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        3 => corners(&[(0.0, -1.1), (1.1, 0.9), (-1.1, 0.9)]),
        6 => corners(&[(0.0, 1.1), (1.1, -0.9), (-1.1, -0.9)]),
        _ => corners(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
    }
}

fn place(x: f64, y: f64) -> String {
    format!("{},{}", round(x), round(y))
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[Option<f64>]) -> Series {
        let at = |value: &Option<f64>| {
            value.map(|value| At {
                value,
                band: Some((value - 5.0, value + 5.0)),
            })
        };
        Series {
            name: "new".to_owned(),
            class: "is-new".to_owned(),
            style: 0,
            points: points.iter().map(at).collect(),
        }
    }

    fn stops(count: usize) -> Vec<String> {
        (0..count).map(|nth| nth.to_string()).collect()
    }

    #[test]
    fn a_line_is_broken_off_where_nothing_is_known() {
        let drawn = lines(
            &[series(&[Some(40.0), Some(50.0), None, Some(60.0), None])],
            &stops(5),
            Scale::PERCENT,
            |value| value.to_string(),
        );
        let curve = &drawn.curves[0];
        assert_eq!((curve.lines.len(), curve.bands.len(), curve.marks.len()), (1, 1, 3));
        assert_eq!(curve.lines[0].split(' ').count(), 2);
        assert_eq!(curve.bands[0].split(' ').count(), 4);
    }

    #[test]
    fn greater_values_stand_higher_and_later_ones_further_right() {
        let drawn = lines(&[series(&[Some(0.0), Some(100.0)])], &stops(2), Scale::PERCENT, |v| {
            v.to_string()
        });
        let wide = format!("{LEFT},{} {},{TOP}", HEIGHT - BELOW, WIDTH - RIGHT);
        assert_eq!(drawn.curves[0].lines[0], wide);
        assert_eq!(drawn.ticks.first().map(|tick| tick.label.as_str()), Some("0"));
    }

    #[test]
    fn the_last_stop_is_named_and_few_beside_it() {
        let drawn = lines(
            &[],
            &stops(13).iter().map(|stop| format!("{stop}.")).collect::<Vec<_>>(),
            Scale::PERCENT,
            |v| v.to_string(),
        );
        let labels: Vec<&str> = drawn.stops.iter().map(|stop| stop.label.as_str()).collect();
        assert_eq!(labels, ["0.", "4.", "8.", "12."]);
        assert_eq!((drawn.stops[0].anchor, drawn.stops[3].anchor), ("start", "end"));
    }

    #[test]
    fn a_scale_is_round_holds_every_band_and_is_never_a_hair_wide() {
        let all = [series(&[Some(33.0), Some(58.0)]), series(&[None])];
        assert_eq!(scale(&all, 10.0, Scale::PERCENT), Scale { low: 20.0, high: 70.0 });
        let flat = [Series {
            points: vec![Some(At {
                value: 50.0,
                band: None,
            })],
            ..series(&[])
        }];
        assert_eq!(scale(&flat, 10.0, Scale::PERCENT), Scale { low: 40.0, high: 60.0 });
        assert_eq!(scale(&[], 10.0, Scale::PERCENT), Scale::PERCENT);
    }

    #[test]
    fn no_two_styles_look_alike() {
        let mut seen: Vec<(String, bool)> = (0..STYLES)
            .map(|style| (mark(style, 9.0, 9.0), is_hollow(style)))
            .collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), STYLES);
    }
}
