//! What a framework says, in sentences for the people who read it.

use crate::framework::{Drip, Framework, Kind, Letter, Level, Loads, Minutes, Question, Step, StepContent, Trigger};
use crate::text::figures;

pub fn level(level: &Level) -> &'static str {
    match level {
        Level::Strategic => "strategic",
        Level::Tactical => "tactical",
        Level::Personal => "personal",
    }
}

/// The rules that hold for all, one sentence each.
pub fn settings(framework: &Framework) -> Vec<String> {
    let settings = &framework.settings;
    let answers = i64::from(settings.min_scored_answers);
    let mut sentences = vec![
        format!(
            "A customer is new for {}.",
            figures::counted(i64::from(settings.tenure_threshold_months), "month", "months")
        ),
        format!(
            "A company gets its segment from {} on.",
            figures::counted(answers, "scored answer", "scored answers")
        ),
        match settings.half_life_days {
            Some(days) => format!("An answer weighs half after {} days.", figures::number(days, 0)),
            None => "Answers keep their weight, however old.".to_owned(),
        },
        format!("Single answers are shown from groups of {} on.", settings.min_group),
    ];
    let caps = [
        ("A contact", settings.max_mails_per_contact),
        ("A company", settings.max_mails_per_company),
    ];
    for (who, cap) in caps {
        sentences.extend(cap.map(|cap| {
            let mails = figures::counted(i64::from(cap.count), "mail", "mails");
            format!(
                "{who} gets at most {mails} in {}.",
                figures::counted(i64::from(cap.days), "day", "days")
            )
        }));
    }
    for role in &framework.roles {
        sentences.push(format!(
            "An answer by {} weighs {}.",
            readable(&role.code),
            number(role.weight)
        ));
    }
    sentences
}

/// How a question is answered.
pub fn kind(question: &Question) -> String {
    match &question.kind {
        Kind::SingleChoice { .. } => "Choose one".to_owned(),
        Kind::MultipleChoice {
            min_picks, max_picks, ..
        } if min_picks == max_picks => format!("Choose {min_picks}"),
        Kind::MultipleChoice {
            min_picks, max_picks, ..
        } => format!("Choose {min_picks} to {max_picks}"),
        Kind::Rating { min, max, .. } => format!("Rate from {min} to {max}"),
        Kind::Matrix { min, max, .. } => format!("Rate each from {min} to {max}"),
        Kind::Nps { .. } => "Recommend, from 0 to 10".to_owned(),
        Kind::Ranking { top, .. } => format!("Rank the best {top}"),
        Kind::BestWorst { .. } => "Choose the best and the worst".to_owned(),
        Kind::Allocation { total, .. } => format!("Share out {total} points"),
        Kind::Text { .. } => "Answer in one's own words".to_owned(),
    }
}

/// What can be chosen or rated, each with what it speaks for.
pub fn lines(framework: &Framework, question: &Question) -> Vec<(String, String)> {
    let rows = question
        .kind
        .rows()
        .iter()
        .map(|row| (row.text.clone(), loads(framework, &row.loads)));
    let options = question.kind.options().iter().map(|option| {
        let speaks = if option.no_opinion {
            "no opinion".to_owned()
        } else {
            loads(framework, &option.loads)
        };
        (option.text.clone(), speaks)
    });
    let whole = match &question.kind {
        Kind::Rating { loads: of, .. } | Kind::Nps { loads: of } => {
            Some(("The answer".to_owned(), loads(framework, of)))
        }
        _ => None,
    };
    rows.chain(options).chain(whole).collect()
}

/// `Efficiency 2, Standing 1`
fn loads(framework: &Framework, loads: &Loads) -> String {
    let named = framework.needs.iter().filter_map(|need| {
        let load = loads.get(&need.code)?;
        Some(format!("{} {}", need.name, number(*load)))
    });
    named.collect::<Vec<_>>().join(", ")
}

/// Only where another answer asks for it.
pub fn shown_if(framework: &Framework, question: &Question) -> Option<String> {
    let show_if = question.show_if.as_ref()?;
    let other = framework.question(&show_if.question)?;
    let options = other
        .kind
        .options()
        .iter()
        .filter(|option| show_if.any_of.contains(&option.code));
    let texts: Vec<String> = options.map(|option| format!("“{}”", option.text)).collect();
    Some(format!("Asked after {} to “{}”.", texts.join(" or "), other.text))
}

/// Whom a drip asks, and when it begins.
pub fn trigger(drip: &Drip) -> String {
    let begins = match drip.trigger {
        Trigger::Manual => "Contacts are enrolled by hand.",
        Trigger::Audience => "Whoever matches is enrolled, looked at daily.",
        Trigger::Transaction => "A new transaction enrols its contact.",
    };
    let only = drip.audience.any_of.iter().map(|(name, values)| {
        format!(
            "{} is {}",
            readable(name),
            values.iter().map(|v| readable(v)).collect::<Vec<_>>().join(" or ")
        )
    });
    let mut only: Vec<String> = only.collect();
    only.extend(
        drip.audience
            .not_asked_within_days
            .map(|days| format!("not asked within {days} days")),
    );
    if only.is_empty() {
        begins.to_owned()
    } else {
        format!("{begins} Only where {}.", only.join(" and "))
    }
}

/// When a step goes, and what it sends.
pub fn step(framework: &Framework, step: &Step, nth: &usize) -> String {
    let from = if *nth == 0 {
        "after the enrolment"
    } else {
        "after the step before"
    };
    let when = if step.delay == Minutes(0) {
        if *nth == 0 {
            "At once".to_owned()
        } else {
            "With the step before".to_owned()
        }
    } else {
        format!("{} {from}", span(step.delay))
    };
    let waits = if step.wait_for_answer {
        ", once it was answered or has closed"
    } else {
        ""
    };
    let title = |code: &str| {
        framework
            .question_set(code)
            .map_or(code, |set| set.title.as_str())
            .to_owned()
    };
    let what = match &step.content {
        StepContent::Questions {
            question_set, letter, ..
        } => {
            format!("asks “{}” under the subject {}", title(question_set), subject(letter))
        }
        StepContent::Adaptive { adaptive, letter, .. } => {
            let pool: Vec<String> = adaptive.pool.iter().map(|code| format!("“{}”", title(code))).collect();
            let questions = figures::counted(i64::from(adaptive.ask), "question", "questions");
            format!(
                "asks the {questions} that tell most, out of {}, under the subject {}",
                pool.join(" and "),
                subject(letter)
            )
        }
        StepContent::Message { message } => {
            let variants = figures::counted(message.len() as i64, "variant", "variants");
            format!("sends a message by segment, in {variants}")
        }
    };
    format!("{when}{waits}: {what}.")
}

fn subject(letter: &Letter) -> String {
    format!("“{}”", letter.subject)
}

pub fn span(minutes: Minutes) -> String {
    let n = i64::from(minutes.0);
    match minutes.0 {
        m if m % (24 * 60) == 0 => figures::counted(n / (24 * 60), "day", "days"),
        m if m % 60 == 0 => figures::counted(n / 60, "hour", "hours"),
        _ => figures::counted(n, "minute", "minutes"),
    }
}

/// A code as words.
pub fn readable(code: &str) -> String {
    code.replace(['_', '-'], " ")
}

fn number(x: f64) -> String {
    let decimals = if x.fract() == 0.0 { 0 } else { 2 };
    figures::number(x, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_its_greatest_unit() {
        assert_eq!(span(Minutes(3 * 24 * 60)), "3 days");
        assert_eq!(span(Minutes(60)), "1 hour");
        assert_eq!(span(Minutes(90)), "90 minutes");
    }

    #[test]
    fn loads_are_named_by_their_needs_in_the_order_of_the_framework() {
        let framework = crate::framework::read::toml(
            "[[needs]]\ncode = \"b\"\nname = \"Bread\"\nlevel = \"tactical\"\n[[needs]]\ncode = \"a\"\nname = \"Air\"\nlevel = \"personal\"\n",
        )
        .unwrap();
        let found = loads(&framework, &Loads::from([("a".to_owned(), 1.0), ("b".to_owned(), 0.5)]));
        assert_eq!(found, "Bread 0.50, Air 1");
    }
}
