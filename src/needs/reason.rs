//! Why a company is in its segment: at most three sentences, and the figures from which anybody can
//! work them out again. Pure.
//!
//! The margin is the sum over the needs in play of score × lead, the lead of a need being how much more
//! the segment's direction points to it than the runner-up's (METHOD.md section 4). So the table of the
//! card adds up to its margin, and the score that would let the runner-up win is read off it.

use super::ladder::Source;
use super::standing::Standing;
use crate::design::Design;
use crate::framework::Code;
use crate::method::flip::{self, Flip};
use crate::text::figures;

/// What a card says, and what it says it from.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    pub rests_on: Option<RestsOn>,
    /// What the answers say, whatever the segment in effect rests on.
    pub survey: Option<Survey>,
    /// Why they say nothing yet.
    pub why_no_survey: Option<String>,
}

/// The segment in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestsOn {
    pub segment: String,
    pub source: Source,
    pub by: Option<String>,
    pub reason: Option<String>,
}

/// The segment by survey.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    pub segment: String,
    pub runner_up: Option<String>,
    pub margin: Option<f64>,
    pub confidence: Option<f64>,
    /// The needs in play, in the framework's order.
    pub lines: Vec<Line>,
    pub change: Option<Change>,
}

/// A need in play.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub code: Code,
    pub need: String,
    pub score: f64,
    /// How far the segment's direction points to the need.
    pub own: f64,
    /// The same less that of the runner-up.
    pub lead: Option<f64>,
}

impl Line {
    /// What the need adds to the margin.
    pub fn adds(&self) -> Option<f64> {
        Some(self.score * self.lead?)
    }
}

/// The smallest change of one need's score that makes the runner-up win.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub need: String,
    pub from: f64,
    /// With this score it wins.
    pub to: f64,
}

/// How many needs a card names as the reason.
const NAMED: usize = 2;

impl Card {
    /// Of a company as it stands.
    pub fn of(design: &Design, standing: &Standing) -> Card {
        Card {
            rests_on: rests_on(design, standing),
            survey: survey(design, standing),
            why_no_survey: standing.why_no_survey(design),
        }
    }

    /// At most three.
    pub fn sentences(&self) -> Vec<String> {
        let Some(rests_on) = &self.rests_on else {
            let why = self.why_no_survey.as_deref().unwrap_or("nothing is known");
            return vec![format!("It has no segment yet: {why}.")];
        };
        let by = rests_on.by.as_deref().unwrap_or("somebody");
        let because = match rests_on.reason.as_deref().map(str::trim) {
            Some(reason) if !reason.is_empty() => format!(": “{reason}”"),
            _ => String::new(),
        };
        let first = match rests_on.source {
            Source::Survey => return self.survey.as_ref().map(Survey::sentences).unwrap_or_default(),
            Source::Override => format!("{by} set it by hand{because}."),
            Source::SalesTag => format!("{by} tagged it{because}."),
            Source::Deals => format!(
                "The needs coded on its deals fit {} best, which is a short cut and says nothing of how sure it is.",
                rests_on.segment
            ),
        };
        let second = match (&self.survey, &self.why_no_survey) {
            (Some(survey), _) => survey.aside(&rests_on.segment),
            (None, Some(why)) => format!("The answers do not decide yet: {why}."),
            (None, None) => return vec![first],
        };
        vec![ended(first), second]
    }
}

/// A quoted reason may end in a stop of its own.
fn ended(sentence: String) -> String {
    sentence.replace(".”.", ".”").replace("!”.", "!”").replace("?”.", "?”")
}

impl Survey {
    fn sentences(&self) -> Vec<String> {
        let (Some(runner_up), Some(margin)) = (&self.runner_up, self.margin) else {
            let only = format!(
                "{} is the only segment, so every company with enough answers is in it.",
                self.segment
            );
            return vec![only];
        };
        let sure = self
            .confidence
            .map(|confidence| format!(", and is right with a confidence of {}", figures::share(confidence)));
        let by = format!(
            "{} fits by {} better than {runner_up}, the runner-up{}.",
            self.segment,
            figures::number(margin, 1),
            sure.unwrap_or_default()
        );
        let flips = match &self.change {
            Some(change) => format!(
                "{runner_up} would win if {} {} from {} to {}, all else being as it is.",
                change.need,
                if change.to > change.from { "rose" } else { "fell" },
                figures::number(change.from, 1),
                // Enough digits for whoever works it out again.
                figures::number(change.to, digits(change.to)),
            ),
            None => format!("No change of a single need’s score would let {runner_up} win."),
        };
        vec![self.needs(), by, flips]
    }

    /// Which needs speak for the segment: those that it points to and that stand above the company's mean.
    fn needs(&self) -> String {
        let mean = self.mean();
        let named: Vec<String> = self
            .top()
            .into_iter()
            .map(|line| format!("{} ({})", line.need, figures::number(line.score, 1)))
            .collect();
        match &named[..] {
            [] => format!(
                "Of all segments, {} comes nearest to the shape of its needs.",
                self.segment
            ),
            [one] => format!(
                "{one} stands out against its mean of {}: the shape of {}.",
                figures::number(mean, 1),
                self.segment
            ),
            several => format!(
                "{} stand out against its mean of {}: the shape of {}.",
                several.join(" and "),
                figures::number(mean, 1),
                self.segment
            ),
        }
    }

    /// The needs that do most for the segment, the one that does most first.
    pub fn top(&self) -> Vec<&Line> {
        let mean = self.mean();
        let weight = |line: &Line| (line.score - mean) * line.own;
        let mut lines: Vec<&Line> = self
            .lines
            .iter()
            .filter(|line| line.own > 0.0 && line.score > mean)
            .collect();
        lines.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        lines.truncate(NAMED);
        lines
    }

    /// Of its scores on the needs in play: only what stands above or below it counts.
    pub fn mean(&self) -> f64 {
        self.lines.iter().map(|line| line.score).sum::<f64>() / self.lines.len().max(1) as f64
    }

    /// What the lines add up to.
    pub fn sum(&self) -> f64 {
        self.lines.iter().filter_map(Line::adds).sum()
    }

    /// Beside a segment that rests on something else.
    fn aside(&self, in_effect: &str) -> String {
        let sure = self
            .confidence
            .map(|confidence| format!(", with a confidence of {}", figures::share(confidence)));
        let sure = sure.unwrap_or_default();
        match self.segment == in_effect {
            true => format!("The answers say the same{sure}."),
            false => format!("The answers alone say {}{sure}.", self.segment),
        }
    }
}

/// One decimal, more only where the edge is so near.
fn digits(score: f64) -> usize {
    let needed = |decimals: &usize| {
        let power = 10f64.powi(*decimals as i32);
        ((score * power).round() / power - score).abs() < 1e-9
    };
    (1..=4).find(needed).unwrap_or(4)
}

fn rests_on(design: &Design, standing: &Standing) -> Option<RestsOn> {
    let rungs = &standing.rungs;
    let source = Source::parse(rungs.source.as_deref()?)?;
    let (by, reason) = match source {
        Source::Override => (&rungs.override_by, &rungs.override_reason),
        Source::SalesTag => (&rungs.sales_tag_by, &rungs.sales_tag_reason),
        Source::Survey | Source::Deals => (&None, &None),
    };
    Some(RestsOn {
        segment: name_of(design, rungs.segment.as_deref()?),
        source,
        by: by.clone(),
        reason: reason.clone(),
    })
}

fn survey(design: &Design, standing: &Standing) -> Option<Survey> {
    let rungs = &standing.rungs;
    let code = rungs.survey.as_deref()?;
    let segment = design.segment_index(code)?;
    let runner_up = rungs.runner_up.as_deref().and_then(|code| design.segment_index(code));
    let profiles = &design.profiles;
    let mut lines = Vec::with_capacity(profiles.in_play().len());
    for (at, place) in profiles.in_play().iter().enumerate() {
        let need = &design.framework.needs[*place];
        let row = standing.needs.iter().find(|row| row.need == need.code)?;
        let own = profiles.unit(segment)[at];
        lines.push(Line {
            code: need.code.clone(),
            need: need.name.clone(),
            score: row.score,
            own,
            lead: runner_up.map(|second| own - profiles.unit(second)[at]),
        });
    }
    let scores: Vec<f64> = lines.iter().map(|line| line.score).collect();
    let flip = runner_up.and_then(|second| flip::flip(profiles, &scores, second, design.framework.segments.len()));
    let change = |flip: Flip| Change {
        need: lines[flip.need].need.clone(),
        from: flip.from,
        to: flip.score(),
    };
    Some(Survey {
        segment: name_of(design, code),
        runner_up: rungs.runner_up.as_deref().map(|code| name_of(design, code)),
        margin: rungs.margin,
        confidence: rungs.confidence,
        change: flip.map(change),
        lines,
    })
}

fn name_of(design: &Design, code: &str) -> String {
    let known = design.framework.segment(code);
    known.map_or_else(|| code.to_owned(), |segment| segment.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(need: &str, score: f64, own: f64, lead: f64) -> Line {
        Line {
            code: need.to_lowercase(),
            need: need.to_owned(),
            score,
            own,
            lead: Some(lead),
        }
    }

    fn survey() -> Survey {
        Survey {
            segment: "Efficiency Seekers".into(),
            runner_up: Some("Innovators".into()),
            margin: Some(30.0),
            confidence: Some(0.912),
            lines: vec![
                line("Efficiency", 80.0, 0.8, 0.9),
                line("Closeness", 50.0, -0.4, 0.0),
                line("Innovation", 40.0, -0.4, -1.05),
            ],
            change: Some(Change {
                need: "Innovation".into(),
                from: 40.0,
                to: 68.7,
            }),
        }
    }

    fn card(source: Source) -> Card {
        Card {
            rests_on: Some(RestsOn {
                segment: "Efficiency Seekers".into(),
                source,
                by: Some("sam@example.com".into()),
                reason: Some("They counted every hour.".into()),
            }),
            survey: Some(survey()),
            why_no_survey: None,
        }
    }

    #[test]
    fn a_survey_says_the_needs_the_margin_with_the_confidence_and_what_would_flip_it() {
        assert_eq!(
            card(Source::Survey).sentences(),
            [
                "Efficiency (80.0) stands out against its mean of 56.7: the shape of Efficiency Seekers.",
                "Efficiency Seekers fits by 30.0 better than Innovators, the runner-up, and is right with a \
                 confidence of 91\u{202f}%.",
                "Innovators would win if Innovation rose from 40.0 to 68.7, all else being as it is.",
            ]
        );
    }

    #[test]
    fn the_lines_of_a_card_add_up_to_its_margin_and_tell_what_would_flip_it() {
        let survey = survey();
        assert!((survey.sum() - survey.margin.unwrap()).abs() < 1e-9);
        let change = survey.change.clone().unwrap();
        let mut changed = survey;
        changed.lines[2].score = change.to;
        assert!(changed.sum() < 0.0 && changed.sum() > -0.2, "{}", changed.sum());
    }

    #[test]
    fn what_was_set_by_hand_names_who_and_why_and_what_the_answers_say() {
        assert_eq!(
            card(Source::SalesTag).sentences(),
            [
                "sam@example.com tagged it: “They counted every hour.”",
                "The answers say the same, with a confidence of 91\u{202f}%.",
            ]
        );
        let mut other = card(Source::Override);
        other.survey.as_mut().unwrap().segment = "Innovators".into();
        assert!(other.sentences()[1].starts_with("The answers alone say Innovators,"));
        other.survey = None;
        other.why_no_survey = Some("1 of 3 scored answers".into());
        assert_eq!(
            other.sentences()[1],
            "The answers do not decide yet: 1 of 3 scored answers."
        );
    }

    #[test]
    fn without_a_segment_it_says_what_is_missing() {
        let none = Card {
            rests_on: None,
            survey: None,
            why_no_survey: Some("no scored answers yet".into()),
        };
        assert_eq!(none.sentences(), ["It has no segment yet: no scored answers yet."]);
    }

    #[test]
    fn the_only_segment_is_not_compared() {
        let mut only = card(Source::Survey);
        let survey = only.survey.as_mut().unwrap();
        (survey.runner_up, survey.margin, survey.confidence, survey.change) = (None, None, None, None);
        assert_eq!(only.sentences().len(), 1);
    }
}
