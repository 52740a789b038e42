//! Differences with their intervals, one under the other about a line for "none".

use super::{Mark, Scale, Tick, mark_between};

#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    /// Five, evenly apart, nought in the middle.
    pub ticks: Vec<Tick>,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub name: String,
    /// `None`: nothing can be said.
    pub mark: Option<Mark>,
    pub is_called: bool,
}

/// A difference, and from where to where it may lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    /// It is taken for real, not for chance.
    pub is_called: bool,
}

/// How far the scale may reach to either side.
const REACHES: [f64; 12] = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0, 200.0];

/// `None` where no row has a difference.
pub fn forest(rows: impl IntoIterator<Item = (String, Option<Difference>)>) -> Option<Forest> {
    let rows: Vec<(String, Option<Difference>)> = rows.into_iter().collect();
    let ends = rows.iter().filter_map(|(_, found)| *found);
    let far = ends
        .map(|found| found.low.abs().max(found.high.abs()))
        .reduce(f64::max)?;
    let reach = REACHES.into_iter().find(|reach| far <= *reach).unwrap_or(200.0);
    let scale = Scale {
        low: -reach,
        high: reach,
    };
    let tick = |value: f64| Tick {
        x: scale.place(value),
        label: crate::text::figures::difference(value, 0),
    };
    let row = |(name, found): (String, Option<Difference>)| Row {
        name,
        mark: found.map(|found| mark_between(scale, found.value, found.low, found.high)),
        is_called: found.is_some_and(|found| found.is_called),
    };
    let halves = [-1.0, -0.5, 0.0, 0.5, 1.0];
    Some(Forest {
        // Half of the shortest reach would be told as a whole point.
        ticks: halves
            .into_iter()
            .map(|share| match reach > 1.0 {
                true => tick(share * reach),
                false => Tick {
                    label: crate::text::figures::difference(share * reach, 1),
                    ..tick(share * reach)
                },
            })
            .collect(),
        rows: rows.into_iter().map(row).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(value: f64, low: f64, high: f64) -> Option<Difference> {
        Some(Difference {
            value,
            low,
            high,
            is_called: low > 0.0,
        })
    }

    #[test]
    fn none_is_in_the_middle_and_the_widest_interval_fits() {
        let rows = [
            ("Ease".to_owned(), difference(3.0, -9.0, 15.0)),
            ("Calm".to_owned(), difference(8.0, 2.0, 14.0)),
            ("Speed".to_owned(), None),
        ];
        let found = forest(rows).unwrap();
        let labels: Vec<&str> = found.ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["−20", "−10", "0", "+10", "+20"]);
        assert_eq!(found.ticks[2].x, 50.0);
        let ease = found.rows[0].mark.unwrap();
        assert!(ease.low > 0.0 && ease.high < 100.0 && ease.low < 50.0 && ease.high > 50.0);
        assert_eq!(
            [0, 1, 2].map(|row: usize| found.rows[row].is_called),
            [false, true, false]
        );
    }

    #[test]
    fn where_nothing_can_be_said_there_is_no_drawing() {
        assert_eq!(forest([("Ease".to_owned(), None)]), None);
        assert_eq!(forest([]), None);
    }
}
