//! A drip's steps on a line in time: where each mark stands, in percent of the line.

use crate::drip::rules;
use crate::framework::{Drip, Minutes};
use crate::insight::chart::{Scale, ticks};

/// The whole drawing.
pub struct Timeline {
    pub rows: Vec<Row>,
    /// Evenly spread, the first at the line's start and the last at its end.
    pub ticks: Vec<Tick>,
}

/// One step.
pub struct Row {
    /// From 1.
    pub number: usize,
    /// `day 0`, `day 7 at the earliest`
    pub when: String,
    pub x: f64,
    /// Where its reminders stand.
    pub reminders: Vec<f64>,
    /// When they come, in words; blank: never.
    pub reminded: String,
    pub closes: Option<f64>,
    /// As `when`; blank: never.
    pub closed: String,
    /// Where its line ends.
    pub end: f64,
}

pub struct Tick {
    pub x: f64,
    pub label: String,
}

const DAY: f64 = 24.0 * 60.0;

impl Timeline {
    pub fn of(drip: &Drip) -> Timeline {
        let mut start = 0.0;
        let mut is_earliest = false;
        let mut marks = Vec::new();
        for step in &drip.steps {
            start += f64::from(step.delay.0);
            is_earliest |= step.wait_for_answer;
            let asks = rules::asks(step);
            let reminders: Vec<f64> = drip
                .reminders
                .filter(|_| asks)
                .map(|reminders| {
                    (1..=reminders.count)
                        .map(|nth| start + f64::from(nth) * f64::from(reminders.after.0))
                        .collect()
                })
                .unwrap_or_default();
            let closes = drip
                .closes_after
                .filter(|_| asks)
                .map(|after| start + f64::from(after.0));
            // A reminder that would come after the closing is not sent.
            let reminders: Vec<f64> = reminders
                .into_iter()
                .filter(|at| closes.is_none_or(|closes| *at < closes))
                .collect();
            marks.push((start, is_earliest, reminders, closes));
        }
        let last = marks
            .iter()
            .flat_map(|(start, _, reminders, closes)| {
                [*start].into_iter().chain(reminders.iter().copied()).chain(*closes)
            })
            .fold(DAY, f64::max);
        // Up to a tick, so that the words under the line stand where they belong by being spread evenly.
        let (step, steps) = even(last / DAY);
        let end = step * f64::from(steps) * DAY;
        let place = |at: f64| (at / end * 10_000.0).round() / 100.0;
        let rows = (1..)
            .zip(&marks)
            .map(|(number, (start, is_earliest, reminders, closes))| Row {
                number,
                when: when(*start, *is_earliest),
                x: place(*start),
                reminders: reminders.iter().map(|at| place(*at)).collect(),
                reminded: reminders
                    .iter()
                    .map(|at| when(*at, *is_earliest))
                    .collect::<Vec<_>>()
                    .join(", "),
                closes: closes.map(place),
                closed: closes.map_or_else(String::new, |at| when(at, *is_earliest)),
                end: place(reminders.iter().copied().chain(*closes).fold(*start, f64::max)),
            });
        let tick = |nth: u32| Tick {
            x: place(f64::from(nth) * step * DAY),
            label: format!("{}", f64::from(nth) * step),
        };
        Timeline {
            rows: rows.collect(),
            ticks: (0..=steps).map(tick).collect(),
        }
    }
}

/// How many whole days lie between two ticks, and how many such steps reach so far.
fn even(days: f64) -> (f64, u32) {
    let wanted = ticks(Scale { low: 0.0, high: days }, 4);
    let step = wanted.iter().copied().find(|day| *day > 0.0 && day.fract() == 0.0);
    let step = step.unwrap_or(1.0);
    (step, (days / step).ceil().max(1.0) as u32)
}

fn when(minutes: f64, is_earliest: bool) -> String {
    let day = (minutes / DAY).floor();
    let rest = Minutes((minutes - day * DAY) as u32);
    let mut words = format!("day {day}");
    if rest != Minutes(0) {
        words += &format!(" + {rest}");
    }
    if is_earliest {
        words += " at the earliest";
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::read;

    fn drip(steps: &str) -> Drip {
        let file = format!(
            "[[question_sets]]\ncode = \"q\"\ntitle = \"Q\"\n[[question_sets.questions]]\ncode = \"a\"\nkind = \"nps\"\n\
             text = \"?\"\n[[drips]]\ncode = \"d\"\nname = \"D\"\ntrigger = \"manual\"\n\
             reminders = {{ after = \"3d\", count = 2 }}\ncloses_after = \"5d\"\n{steps}"
        );
        read::toml(&file).expect("a framework").drips.remove(0)
    }

    #[test]
    fn each_step_stands_after_the_delays_before_it_and_the_last_mark_at_the_end() {
        let ask =
            |delay: &str| format!("[[drips.steps]]\ndelay = \"{delay}\"\nquestion_set = \"q\"\nsubject = \"s\"\n");
        let line = Timeline::of(&drip(&format!("{}{}", ask("0d"), ask("5d"))));
        let places: Vec<(f64, Option<f64>)> = line.rows.iter().map(|row| (row.x, row.closes)).collect();
        assert_eq!(places, [(0.0, Some(50.0)), (50.0, Some(100.0))]);
        // The second reminder would come after the closing.
        assert_eq!(line.rows[0].reminders, [30.0]);
        assert_eq!(
            (line.rows[0].reminded.as_str(), line.rows[1].closed.as_str()),
            ("day 3", "day 10")
        );
        assert_eq!(line.rows[1].when, "day 5");
    }

    #[test]
    fn a_message_has_no_reminder_and_a_drip_of_an_instant_still_has_a_line() {
        let message = "[[drips.steps]]\n[drips.steps.message.default]\nsubject = \"s\"\nbody = \"b\"\n";
        let line = Timeline::of(&drip(message));
        assert_eq!(
            (line.rows[0].x, line.rows[0].reminders.len(), line.rows[0].closes),
            (0.0, 0, None)
        );
        assert!(line.ticks.len() >= 2);
        assert_eq!((line.ticks[0].x, line.ticks[line.ticks.len() - 1].x), (0.0, 100.0));
    }
}
