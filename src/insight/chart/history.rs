//! Scores over time: between two answers a score stands still, so it is drawn in steps.

use chrono::NaiveDate;

use super::Scale;

/// A value from a day on, with the ends of its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Since {
    pub day: NaiveDate,
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// One stretch on which the value stood still; places in percent, `y` from the top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    pub x: f64,
    pub width: f64,
    pub end: f64,
    pub y: f64,
    /// Where the stretch before stood.
    pub from: Option<f64>,
    pub band_top: f64,
    pub band_height: f64,
}

/// The stretches from each day to the next, the last one up to `until`; from `first` on, the day at
/// which all drawings of a page begin.
pub fn steps(values: &[Since], first: NaiveDate, until: NaiveDate) -> Vec<Step> {
    let span = Scale {
        low: 0.0,
        high: ((until - first).num_days().max(1)) as f64,
    };
    let x = |day: NaiveDate| span.place((day - first).num_days() as f64);
    let y = |value: f64| 100.0 - Scale::PERCENT.place(value);
    let mut steps: Vec<Step> = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        // Answers of the last day still have a stretch that can be seen.
        let end = values.get(at + 1).map_or(100.0, |next| x(next.day));
        let begin = x(value.day).min(99.0);
        let (top, bottom) = (y(value.high), y(value.low));
        steps.push(Step {
            x: begin,
            width: round(end - begin),
            end,
            y: y(value.value),
            from: steps.last().map(|before| before.y),
            band_top: top,
            band_height: round(bottom - top),
        });
    }
    steps
}

fn round(percent: f64) -> f64 {
    (percent * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(nth: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, nth).unwrap()
    }

    fn since(nth: u32, value: f64) -> Since {
        Since {
            day: day(nth),
            value,
            low: value - 20.0,
            high: value + 30.0,
        }
    }

    #[test]
    fn a_score_stands_still_until_somebody_answers_again() {
        let drawn = steps(&[since(1, 50.0), since(6, 80.0)], day(1), day(11));
        assert_eq!(
            (drawn[0].x, drawn[0].end, drawn[0].y, drawn[0].from),
            (0.0, 50.0, 50.0, None)
        );
        assert_eq!(
            (drawn[1].x, drawn[1].end, drawn[1].y, drawn[1].from),
            (50.0, 100.0, 20.0, Some(50.0))
        );
        // An interval ends where the scale does.
        assert_eq!((drawn[1].band_top, drawn[1].band_height), (0.0, 40.0));
    }

    #[test]
    fn an_answer_of_today_is_seen() {
        let drawn = steps(&[since(1, 50.0)], day(1), day(1));
        assert_eq!((drawn[0].x, drawn[0].width), (0.0, 100.0));
        let drawn = steps(&[since(1, 50.0), since(11, 10.0)], day(1), day(11));
        assert_eq!((drawn[1].x, drawn[1].width), (99.0, 1.0));
    }
}
