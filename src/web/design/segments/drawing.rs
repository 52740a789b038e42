//! A profile as a small drawing: a bar for each need, with its name and its weight.

use crate::framework::{Framework, Loads};
use crate::web::design::words;

/// Measures of the drawing, in its own units.
const WIDTH: f64 = 320.0;
const ROW: f64 = 24.0;
/// Where bars begin, and how long the longest is.
const BARS_FROM: f64 = 122.0;
const LONGEST: f64 = 156.0;
/// As many letters of a name as stand before the bars.
const NAME: usize = 17;

#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// What a drawing of its own on the page is told from the others by.
    pub id: String,
    pub title: String,
    /// The profile in words, for whoever does not see it.
    pub words: String,
    pub bars: Vec<Bar>,
    pub height: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub need: String,
    /// The need's name, cut short where it is long.
    pub name: String,
    pub weight: String,
    pub top: f64,
    pub baseline: f64,
    pub width: f64,
}

impl Drawing {
    pub fn of(framework: &Framework, code: &str, name: &str, profile: &Loads) -> Drawing {
        let weight = |need: &str| profile.get(need).copied().unwrap_or(0.0).clamp(0.0, 100.0);
        let bars = framework.needs.iter().enumerate().map(|(nth, need)| Bar {
            need: need.code.clone(),
            name: cut(&need.name),
            weight: words::weight(weight(&need.code)),
            top: nth as f64 * ROW + 4.0,
            baseline: nth as f64 * ROW + 16.0,
            width: (weight(&need.code) * LONGEST).round() / 100.0,
        });
        let mut told: Vec<(&str, f64)> = framework
            .needs
            .iter()
            .map(|need| (need.name.as_str(), weight(&need.code)))
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        told.sort_by(|a, b| b.1.total_cmp(&a.1));
        let told: Vec<String> = told
            .iter()
            .map(|(need, weight)| format!("{need} {}", words::weight(*weight)))
            .collect();
        Drawing {
            id: format!("profile-of-{code}"),
            title: format!("Profile of {name}"),
            words: match told.len() {
                0 => "No need weighs anything yet.".to_owned(),
                _ => format!("{}; the other needs 0.", told.join(", ")),
            },
            bars: bars.collect(),
            height: framework.needs.len() as f64 * ROW,
        }
    }

    pub fn view_box(&self) -> String {
        format!("0 0 {WIDTH} {}", self.height)
    }

    pub fn bars_from(&self) -> f64 {
        BARS_FROM
    }

    pub fn longest(&self) -> f64 {
        LONGEST
    }

    /// Where the names end.
    pub fn names_to(&self) -> f64 {
        BARS_FROM - 8.0
    }

    /// Where the weights end.
    pub fn weights_to(&self) -> f64 {
        WIDTH
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
    fn a_bar_is_as_long_as_its_weight_and_a_long_name_is_cut() {
        let mut framework =
            crate::framework::read::toml(include_str!("../../../../tests/it/support/framework.toml")).unwrap();
        framework.needs[1].name = "A very long name of a need".into();
        let drawing = Drawing::of(&framework, "x", "X", &framework.segments[0].profile);
        assert_eq!(drawing.bars[0].width, LONGEST);
        assert_eq!(
            (drawing.bars[1].width, drawing.bars[1].name.as_str()),
            (0.0, "A very long name…")
        );
        assert_eq!(drawing.words, "Efficiency 100, Assurance 30; the other needs 0.");
    }
}
