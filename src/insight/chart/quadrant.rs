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

/// Two letters of the drawing stand so far apart at least.
const APART: f64 = 15.0;
/// From a mark's middle to its letter.
const ASIDE: f64 = 11.0;

/// A need: satisfaction and importance by tenure, each 0 to 100, as far as they may be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Need {
    pub name: String,
    pub groups: ByTenure<Option<(f64, f64)>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Quadrant {
    pub marks: Vec<Mark>,
    /// Each need's letter and name.
    pub key: Vec<(String, String)>,
    /// 0, 25, … along either axis, as places and words.
    pub ticks: Vec<(f64, f64, String)>,
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

pub fn across(percent: f64) -> f64 {
    LEFT + percent.clamp(0.0, 100.0) / 100.0 * SIDE
}

pub fn upwards(percent: f64) -> f64 {
    TOP + SIDE - percent.clamp(0.0, 100.0) / 100.0 * SIDE
}

/// `None` where there is nothing to draw.
pub fn quadrant(needs: &[Need]) -> Option<Quadrant> {
    let mut marks = vec![];
    for (place, need) in needs.iter().enumerate() {
        for tenure in Tenure::ALL {
            if let Some((met, important)) = need.groups.get(tenure) {
                let (x, y) = (round(across(*met)), round(upwards(*important)));
                marks.push(Mark {
                    tenure,
                    letter: letter(place),
                    x,
                    y,
                    letter_x: round(x + ASIDE),
                    letter_y: y,
                });
            }
        }
    }
    if marks.is_empty() {
        return None;
    }
    spread(&mut marks);
    let key = needs.iter().enumerate();
    Some(Quadrant {
        marks,
        key: key.map(|(place, need)| (letter(place), need.name.clone())).collect(),
        ticks: [0.0, 25.0, 50.0, 75.0, 100.0]
            .map(|value| (across(value), upwards(value), format!("{value}")))
            .into(),
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

/// Moves letters down that would stand on one another, the upper ones first.
fn spread(marks: &mut [Mark]) {
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by(|a, b| marks[*a].y.total_cmp(&marks[*b].y).then(a.cmp(b)));
    for at in 0..order.len() {
        let (x, mut y) = (marks[order[at]].letter_x, marks[order[at]].letter_y);
        for other in &order[..at] {
            let other = &marks[*other];
            let is_near = (other.letter_x - x).abs() < 1.4 * APART;
            if is_near && (other.letter_y - y).abs() < APART {
                y = other.letter_y + APART;
            }
        }
        marks[order[at]].letter_y = round(y.min(HEIGHT - 4.0));
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
        assert!(ease.x < calm.x && ease.y < calm.y);
        assert_eq!(found.key[1], ("B".to_owned(), "Calm".to_owned()));
    }

    #[test]
    fn letters_of_marks_in_one_place_stand_below_one_another() {
        let all: Vec<Need> = (0..4).map(|_| need("Ease", 50.0, 50.0)).collect();
        let mut rows: Vec<f64> = quadrant(&all).unwrap().marks.iter().map(|mark| mark.letter_y).collect();
        rows.sort_by(f64::total_cmp);
        assert!(
            rows.windows(2).all(|pair| pair[1] - pair[0] >= APART - 0.11),
            "{rows:?}"
        );
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
