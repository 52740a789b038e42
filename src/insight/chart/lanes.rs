//! A lane for each thing, with its marks along one scale that all lanes share; places are percents of
//! the scale's length, as everywhere in [`super`].

use super::{Mark, Mean, Scale, Tick, mark, ticks};

/// Lanes under one scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Lanes<L> {
    pub ticks: Vec<Tick>,
    pub lanes: Vec<L>,
}

/// How often a guess is right: from guessing without knowing to guessing with it.
#[derive(Debug, Clone, PartialEq)]
pub struct GuessLane {
    pub name: String,
    pub href: String,
    pub without: f64,
    pub right: f64,
    pub anew: f64,
}

/// Shares of guesses that are right, each 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Guessed {
    pub name: String,
    pub href: String,
    pub without: f64,
    pub right: f64,
    pub anew: f64,
}

pub fn guesses(guessed: Vec<Guessed>) -> Lanes<GuessLane> {
    let scale = Scale { low: 0.0, high: 1.0 };
    let lane = |guessed: Guessed| GuessLane {
        name: guessed.name,
        href: guessed.href,
        without: scale.place(guessed.without),
        right: scale.place(guessed.right),
        anew: scale.place(guessed.anew),
    };
    let tick = |share: f64| Tick {
        x: scale.place(share),
        label: format!("{:.0}", share * 100.0),
    };
    Lanes {
        ticks: ticks(scale, 4).into_iter().map(tick).collect(),
        lanes: guessed.into_iter().map(lane).collect(),
    }
}

/// How far two judgements agree, with what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct KappaLane {
    pub name: String,
    pub mark: Option<Mark>,
    pub has_interval: bool,
}

/// From −1 where some reach below nought, else from 0, to 1.
pub fn kappas(judged: Vec<(String, Option<Mean>)>) -> Lanes<KappaLane> {
    let reaches_below = |mean: &Mean| mean.value < 0.0 || mean.interval.is_some_and(|(low, _)| low < 0.0);
    let is_below = judged.iter().filter_map(|(_, mean)| mean.as_ref()).any(reaches_below);
    let scale = Scale {
        low: if is_below { -1.0 } else { 0.0 },
        high: 1.0,
    };
    let lane = |(name, mean): (String, Option<Mean>)| KappaLane {
        name,
        has_interval: mean.is_some_and(|mean| mean.interval.is_some()),
        mark: mean.map(|mean| mark(scale, mean)),
    };
    let tick = |kappa: f64| Tick {
        x: scale.place(kappa),
        label: crate::text::figures::number(kappa, if is_below { 1 } else { 2 }),
    };
    Lanes {
        ticks: ticks(scale, 4).into_iter().map(tick).collect(),
        lanes: judged.into_iter().map(lane).collect(),
    }
}

/// How far a cell lies from what was expected: a line from the middle, to the right for more, to the left for fewer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Swing {
    pub x: f64,
    pub width: f64,
}

/// Residuals beyond this are as long as the cell is wide.
const FAR: f64 = 5.0;

pub fn swing(residual: f64) -> Swing {
    let length = (50.0 * (residual.abs() / FAR).min(1.0) * 100.0).round() / 100.0;
    Swing {
        x: if residual < 0.0 { 50.0 - length } else { 50.0 },
        width: length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_than_expected_swings_to_the_left() {
        assert_eq!(swing(2.5), Swing { x: 50.0, width: 25.0 });
        assert_eq!(swing(-2.5), Swing { x: 25.0, width: 25.0 });
        assert_eq!(swing(-50.0), Swing { x: 0.0, width: 50.0 });
    }

    #[test]
    fn the_scale_of_agreement_reaches_below_nought_only_where_somebody_does() {
        let judged = |low| {
            let interval = Some((low, 0.8));
            vec![
                ("Anna".to_owned(), Some(Mean { value: 0.5, interval })),
                ("Ben".to_owned(), None),
            ]
        };
        let above = kappas(judged(0.2));
        assert_eq!(
            (above.ticks[0].label.as_str(), above.lanes[0].mark.unwrap().x),
            ("0.00", 50.0)
        );
        let below = kappas(judged(-0.2));
        assert_eq!(
            (below.ticks[0].label.as_str(), below.lanes[0].mark.unwrap().x),
            ("−1.0", 75.0)
        );
        assert_eq!(below.lanes[1].mark, None);
    }

    #[test]
    fn a_guess_stands_where_its_share_does() {
        let guessed = Guessed {
            name: "Tier".to_owned(),
            href: String::new(),
            without: 0.5,
            right: 0.75,
            anew: 0.25,
        };
        let found = guesses(vec![guessed]);
        let lane = &found.lanes[0];
        assert_eq!((lane.without, lane.right, lane.anew), (50.0, 75.0, 25.0));
        assert_eq!(found.ticks.last().unwrap().label, "100");
    }
}
