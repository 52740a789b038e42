//! How well needs are met across, how important they are upwards: where each need stands in a square.

use crate::insight::ByTenure;
use crate::method::tenure::Tenure;

/// The drawing's own measures, in its view box.
pub const SIDE: f64 = 400.0;
/// Room for the words of the axes.
pub const LEFT: f64 = 44.0;
pub const TOP: f64 = 14.0;
pub const WIDTH: f64 = LEFT + SIDE + 40.0;
pub const HEIGHT: f64 = TOP + SIDE + 46.0;

/// From a mark's middle to its letter, the nearest first.
const ASIDE: [f64; 3] = [13.0, 20.0, 29.0];
/// Rightwards, leftwards, up, down, and between.
const DIRECTIONS: [(f64, f64); 8] = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.75, -0.75),
    (-0.75, -0.75),
    (0.75, 0.75),
    (-0.75, 0.75),
];
/// A letter stands so far from all marks and all letters.
const FREE: f64 = 12.0;

/// A need: satisfaction and importance by tenure, each 0 to 100, as far as they may be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Need {
    pub name: String,
    pub groups: ByTenure<Option<(f64, f64)>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Quadrant {
    pub marks: Vec<Mark>,
    pub ticks: Vec<Tick>,
}

/// A value on both axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    pub x: f64,
    pub y: f64,
    pub label: String,
    /// The middle of the questions' scale.
    pub is_middle: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub tenure: Tenure,
    pub letter: String,
    pub x: f64,
    pub y: f64,
    pub letter_x: f64,
    pub letter_y: f64,
}

/// The part of 0 to 100 that is drawn, the same on both axes.
#[derive(Debug, Clone, Copy)]
struct Part {
    low: f64,
    high: f64,
}

impl Part {
    /// Whole tens about all values, with the middle of the scale inside.
    fn of(values: impl Iterator<Item = f64>) -> Part {
        let (mut low, mut high) = (35.0f64, 65.0f64);
        for value in values {
            low = low.min(value);
            high = high.max(value);
        }
        Part {
            low: (((low - 3.0) / 10.0).floor() * 10.0).max(0.0),
            high: (((high + 3.0) / 10.0).ceil() * 10.0).min(100.0),
        }
    }

    fn across(self, value: f64) -> f64 {
        round(LEFT + self.share(value) * SIDE)
    }

    fn upwards(self, value: f64) -> f64 {
        round(TOP + SIDE - self.share(value) * SIDE)
    }

    fn share(self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn ticks(self) -> Vec<Tick> {
        let tick = |ten: i32| {
            let value = f64::from(ten) * 10.0;
            Tick {
                x: self.across(value),
                y: self.upwards(value),
                label: format!("{value}"),
                is_middle: ten == 5,
            }
        };
        let (first, last) = ((self.low / 10.0) as i32, (self.high / 10.0) as i32);
        (first..=last).map(tick).collect()
    }
}

/// `None` where there is nothing to draw.
pub fn quadrant(needs: &[Need]) -> Option<Quadrant> {
    let told = |need: &Need| Tenure::ALL.map(|tenure| *need.groups.get(tenure));
    let places = needs.iter().flat_map(told).flatten();
    let part = Part::of(places.flat_map(|(met, important)| [met, important]));
    let mut marks = vec![];
    for (place, need) in needs.iter().enumerate() {
        for tenure in Tenure::ALL {
            if let Some((met, important)) = need.groups.get(tenure) {
                let (x, y) = (part.across(*met), part.upwards(*important));
                marks.push(Mark {
                    tenure,
                    letter: letter(place),
                    x,
                    y,
                    letter_x: x,
                    letter_y: y,
                });
            }
        }
    }
    if marks.is_empty() {
        return None;
    }
    put_letters(&mut marks);
    Some(Quadrant {
        marks,
        ticks: part.ticks(),
    })
}

/// A, B, … Z, A2, B2, …
pub fn letter(place: usize) -> String {
    let letter = char::from(b'A' + (place % 26) as u8);
    match place / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{}", round + 1),
    }
}

/// Puts each letter beside its mark, where it is farthest from others' or at least free of them.
fn put_letters(marks: &mut [Mark]) {
    let mut taken: Vec<(f64, f64)> = marks.iter().map(|mark| (mark.x, mark.y)).collect();
    for mark in marks {
        let around = ASIDE
            .iter()
            .flat_map(|aside| DIRECTIONS.map(|(x, y)| (x * aside, y * aside)));
        let places = around.map(|(x, y)| (mark.x + x, mark.y + y));
        let inside = places.filter(|(x, y)| (LEFT..=LEFT + SIDE + 20.0).contains(x) && (TOP..=TOP + SIDE).contains(y));
        let mut best = (f64::NEG_INFINITY, (mark.x, mark.y));
        for place in inside {
            let room = taken.iter().map(|(x, y)| (x - place.0).hypot(y - place.1));
            let room = room.fold(f64::INFINITY, f64::min).min(FREE);
            // Of two that are as free, the nearer one came first.
            if room > best.0 {
                best = (room, place);
            }
        }
        (mark.letter_x, mark.letter_y) = (round(best.1.0), round(best.1.1));
        taken.push(best.1);
    }
}

fn round(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(name: &str, met: f64, important: f64) -> Need {
        Need {
            name: name.to_owned(),
            groups: ByTenure::of(|tenure| (tenure != Tenure::Unknown).then_some((met, important))),
        }
    }

    #[test]
    fn what_is_important_and_not_met_stands_at_the_upper_left() {
        let found = quadrant(&[need("Ease", 10.0, 90.0), need("Calm", 90.0, 10.0)]).unwrap();
        assert_eq!(found.marks.len(), 4);
        let (ease, calm) = (&found.marks[0], &found.marks[2]);
        assert!(ease.x < calm.x && ease.y < calm.y && ease.letter == "A" && calm.letter == "B");
    }

    #[test]
    fn the_part_that_is_drawn_holds_all_marks_and_the_middle_of_the_scale() {
        let labels = |met, important| -> Vec<String> {
            let found = quadrant(&[need("Ease", met, important)]).unwrap();
            assert_eq!(found.ticks.iter().filter(|tick| tick.is_middle).count(), 1);
            found.ticks.into_iter().map(|tick| tick.label).collect()
        };
        assert_eq!(labels(50.0, 50.0), ["30", "40", "50", "60", "70"]);
        assert_eq!(labels(0.0, 100.0).len(), 11);
        assert_eq!(labels(88.0, 97.0)[0], "30");
    }

    #[test]
    fn letters_keep_clear_of_marks_and_of_one_another() {
        let all: Vec<Need> = (0..4).map(|n| need("Ease", 50.0 + f64::from(n), 50.0)).collect();
        let marks = quadrant(&all).unwrap().marks;
        for (place, mark) in marks.iter().enumerate() {
            for other in &marks[..place] {
                let apart = (mark.letter_x - other.letter_x).hypot(mark.letter_y - other.letter_y);
                assert!(apart > 8.0, "{mark:?} {other:?}");
            }
            let of_mark = |other: &Mark| (mark.letter_x - other.x).hypot(mark.letter_y - other.y);
            assert!(marks.iter().all(|other| of_mark(other) > 8.0), "{mark:?}");
        }
    }

    #[test]
    fn where_nothing_may_be_told_there_is_no_drawing() {
        let hidden = Need {
            name: "Ease".to_owned(),
            groups: ByTenure::of(|_| None),
        };
        assert_eq!(quadrant(&[hidden]), None);
    }

    #[test]
    fn there_are_letters_enough() {
        assert_eq!([0, 25, 26, 53].map(letter), ["A", "Z", "A2", "B3"]);
    }
}
