//! Two profiles beside each other: for each need a filled bar, and an outlined one under it.

pub const WIDTH: f64 = 320.0;
const ROW: f64 = 30.0;
const BARS_FROM: f64 = 122.0;
const LONGEST: f64 = 156.0;
/// As many letters of a name as stand before the bars.
const NAME: usize = 17;

#[derive(Debug, Clone, PartialEq)]
pub struct Pairs {
    pub rows: Vec<Row>,
    pub height: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Cut short where it is long.
    pub name: String,
    pub top: f64,
    pub baseline: f64,
    pub first: f64,
    pub second: Option<f64>,
    pub weight: String,
}

impl Pairs {
    pub fn view_box(&self) -> String {
        format!("0 0 {WIDTH} {}", self.height)
    }

    pub fn from(&self) -> f64 {
        BARS_FROM
    }

    pub fn names_to(&self) -> f64 {
        BARS_FROM - 8.0
    }

    pub fn weights_to(&self) -> f64 {
        WIDTH
    }
}

/// Weights from 0 to 100 by name.
pub fn pairs(rows: &[(&str, f64, Option<f64>)]) -> Pairs {
    let length = |weight: f64| (weight.clamp(0.0, 100.0) * LONGEST).round() / 100.0;
    let row = |(nth, (name, first, second)): (usize, &(&str, f64, Option<f64>))| Row {
        name: cut(name),
        top: nth as f64 * ROW + 4.0,
        baseline: nth as f64 * ROW + 18.0,
        first: length(*first),
        second: second.map(length),
        weight: format!("{first:.0}"),
    };
    Pairs {
        rows: rows.iter().enumerate().map(row).collect(),
        height: rows.len() as f64 * ROW + 2.0,
    }
}

fn cut(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    let short: String = name.chars().take(NAME - 1).collect();
    format!("{}…", short.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_weight() {
        let drawn = pairs(&[
            ("Efficiency", 100.0, Some(50.0)),
            ("A very long name of a need", 0.0, None),
        ]);
        assert_eq!(
            (drawn.rows[0].first, drawn.rows[0].second),
            (LONGEST, Some(LONGEST / 2.0))
        );
        assert_eq!(
            (drawn.rows[1].second, drawn.rows[1].name.as_str()),
            (None, "A very long name…")
        );
        assert!(drawn.rows[1].top > drawn.rows[0].top && drawn.height > drawn.rows[1].baseline);
    }
}
