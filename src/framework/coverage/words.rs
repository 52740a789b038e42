//! What was found, in sentences that need no knowledge of the method.

use super::Coverage;
use crate::framework::{Code, Framework};

impl Coverage {
    /// What the questions cannot tell, one matter a sentence; empty when they tell everything.
    pub fn gaps(&self, framework: &Framework) -> Vec<String> {
        let mut gaps = Vec::new();
        if !self.never.is_empty() {
            gaps.push(format!(
                "No question speaks for {}. Segments seek {}, so no company gets a segment from these answers alone: add a \
                 question, or let an option speak for {}.",
                needs(framework, &self.never),
                it(self.never.len()),
                it(self.never.len())
            ));
        }
        for group in &self.together {
            gaps.push(format!(
                "{} always get the same score, because the same options speak for them. Give each an option of its own.",
                needs(framework, group)
            ));
        }
        for (a, b) in &self.opposite {
            gaps.push(format!(
                "{} rises only when {} falls: a company that seeks both, or neither, looks like one between the two. Ask about \
                 each on its own.",
                need(framework, a),
                need(framework, b)
            ));
        }
        for (a, b) in &self.blurred {
            gaps.push(format!(
                "{} and {} are nearly always high or low together. Let fewer options speak for both.",
                need(framework, a),
                need(framework, b)
            ));
        }
        for (a, b) in &self.alike {
            gaps.push(format!(
                "{} and {} cannot be told apart: what sets them apart is not asked about.",
                segment(framework, a),
                segment(framework, b)
            ));
        }
        gaps
    }

    /// Questions that speak for what no segment seeks.
    pub fn idle_in_words(&self, framework: &Framework) -> Option<String> {
        (!self.idle.is_empty()).then(|| {
            format!(
                "Questions also speak for {}, which no segment seeks. The scores are kept and shown, and have no part in the \
                 segment.",
                needs(framework, &self.idle)
            )
        })
    }

    /// After how many answers most companies have their segment, and how often it is right.
    pub fn outlook_in_words(&self) -> Option<String> {
        let last = self.outlook.last()?;
        let enough = self.outlook.iter().find(|outlook| outlook.assigned_percent >= 90.0);
        let sentence = match enough {
            Some(outlook) => format!(
                "After {} answers {} a segment, and {} of ten of those the right one.",
                outlook.answers,
                if outlook.assigned_percent >= 97.0 {
                    "nearly every company has"
                } else {
                    "nine of ten companies have"
                },
                tenths(outlook.right_percent)
            ),
            None => format!(
                "Even after {} answers only {} of ten companies have a segment: few answers speak for every need.",
                last.answers,
                tenths(Some(last.assigned_percent))
            ),
        };
        let sure = self.outlook.iter().find(|outlook| {
            outlook.assigned_percent >= 90.0 && outlook.right_percent.is_some_and(|right| right >= 80.0)
        });
        let more = match sure {
            Some(sure) if enough.is_some_and(|enough| enough.answers < sure.answers) => {
                format!(" Eight of ten are right after {} answers.", sure.answers)
            }
            Some(_) => String::new(),
            None => format!(
                " Eight of ten are not reached within {} answers: ask more pointedly.",
                last.answers
            ),
        };
        let each = match self.answers_of_contact {
            1 => " One contact gives one scored answer.".to_owned(),
            n => format!(" One contact who answers everything gives {n} scored answers."),
        };
        Some(sentence + &more + &each)
    }
}

fn tenths(percent: Option<f64>) -> String {
    const WORDS: [&str; 11] = [
        "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    let tenths = (percent.unwrap_or(0.0) / 10.0).floor().clamp(0.0, 10.0) as usize;
    WORDS[tenths].to_owned()
}

fn it(count: usize) -> &'static str {
    if count == 1 { "it" } else { "them" }
}

fn need(framework: &Framework, code: &str) -> String {
    framework.need(code).map_or(code, |need| &need.name).to_owned()
}

fn segment(framework: &Framework, code: &str) -> String {
    framework.segment(code).map_or(code, |segment| &segment.name).to_owned()
}

/// "Efficiency, Closeness and Standing".
fn needs(framework: &Framework, codes: &[Code]) -> String {
    let names: Vec<String> = codes.iter().map(|code| need(framework, code)).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((only, _)) => only.clone(),
        None => String::new(),
    }
}
