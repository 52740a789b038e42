//! The editor's page as its template draws it: each question as a card, its options as lines, with what
//! is wrong, what could be better, and how far the question moves each need.

use std::collections::BTreeMap;

use super::draft::{Draft, QuestionDraft, is_given};
use super::impact::in_short;
use super::line::LineDraft;
use crate::framework::advice::Advice;
use crate::framework::bounds::{self, Reach};
use crate::framework::fault::Fault;
use crate::framework::{Code, Kind, Need, Question, QuestionSet};
use crate::text::figures;

/// A question kind for people who choose one.
pub struct KindWords {
    pub code: &'static str,
    pub name: &'static str,
    pub hint: &'static str,
    /// A question of the kind.
    pub example: &'static str,
    /// The first of its options or rows.
    pub line: &'static str,
}

/// In the order in which they mostly help.
pub const KINDS: [KindWords; 9] = [
    KindWords {
        code: "single_choice",
        name: "Choose one",
        hint: "One option out of a list: the reason that counted most.",
        example: "What made you buy now?",
        line: "The old one broke down",
    },
    KindWords {
        code: "multiple_choice",
        name: "Choose several",
        hint: "Some options out of a list. Allow few, or everybody ticks everything.",
        example: "Which two of these matter most to you?",
        line: "One person to call",
    },
    KindWords {
        code: "best_worst",
        name: "Best and worst",
        hint: "The one that matters most and the one that matters least: tells more than a rating. Four or five options.",
        example: "Which matters most when you choose us, which least?",
        line: "Hours saved every week",
    },
    KindWords {
        code: "ranking",
        name: "Put in order",
        hint: "The best few of a list, in their order.",
        example: "Put the three most important first.",
        line: "Being first with something new",
    },
    KindWords {
        code: "allocation",
        name: "Share out points",
        hint: "Points shared out over options, so that more here is less there.",
        example: "How would you spend 100 points on these?",
        line: "Training for my team",
    },
    KindWords {
        code: "rating",
        name: "Rate on a scale",
        hint: "One statement or question on a scale with words at both ends.",
        example: "How important is it that the work gets done in less time?",
        line: "",
    },
    KindWords {
        code: "matrix",
        name: "Rate several on one scale",
        hint: "A row for each, all on the same scale.",
        example: "How important is each of these to you?",
        line: "That somebody answers within the hour",
    },
    KindWords {
        code: "nps",
        name: "Would recommend, 0–10",
        hint: "The question of the Net Promoter Score, on its own scale.",
        example: "How likely are you to recommend us to a colleague?",
        line: "",
    },
    KindWords {
        code: "text",
        name: "In their own words",
        hint: "Words are read by people and not scored. Best asked last.",
        example: "What did you hope it would change?",
        line: "",
    },
];

/// The kind of that code; of an unknown one, the first.
pub fn kind_words(code: &str) -> &'static KindWords {
    KINDS.iter().find(|kind| kind.code == code).unwrap_or(&KINDS[0])
}

/// What was pressed last, which keeps the keyboard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Focus {
    pub question: usize,
    pub line: Option<usize>,
    /// `kind`, `text`, `up`, `down`, `name` or `add`.
    pub control: &'static str,
}

/// A question.
pub struct Card {
    pub at: usize,
    pub draft: QuestionDraft,
    pub lines: Vec<LineView>,
    /// Of the answer as a whole.
    pub loads: Vec<Cell>,
    /// For each need, as text.
    pub reach: Vec<String>,
    pub reach_said: String,
    /// Earlier questions after whose answers it may be shown: code and text.
    pub earlier: Vec<(Code, String)>,
    /// The options of the chosen one: code, text, whether it is ticked.
    pub conditions: Vec<(Code, String, bool)>,
    pub advice: Vec<Advice>,
    faults: BTreeMap<String, String>,
    pub focus: Option<Focus>,
}

pub struct LineView {
    pub at: usize,
    pub draft: LineDraft,
    pub text_fault: Option<String>,
    pub code_fault: Option<String>,
    /// Of the option as a whole.
    pub fault: Option<String>,
    pub cells: Vec<Cell>,
    pub focus: &'static str,
}

/// A loading.
pub struct Cell {
    /// The need's place among the columns.
    pub at: usize,
    pub need: String,
    pub value: String,
    pub fault: Option<String>,
}

/// The cards of a draft; `guessed` is what can be made out of it.
pub fn cards(
    draft: &Draft,
    guessed: &QuestionSet,
    needs: &[Need],
    faults: &[Fault],
    advice: &[Advice],
    focus: Option<&Focus>,
) -> Vec<Card> {
    let pairs = draft.questions.iter().zip(&guessed.questions).enumerate();
    pairs
        .map(|(at, (question, meant))| {
            let prefix = format!("questions[{at}]");
            let faults = by_field(&prefix, faults);
            let own = advice.iter().filter(|advice| below(&prefix, &advice.place).is_some());
            let focus = focus.filter(|focus| focus.question == at).cloned();
            let earlier = &guessed.questions[..at];
            Card {
                at,
                lines: lines(question, needs, &faults, focus.as_ref()),
                loads: cells(&question.loads, needs, &faults, "loads"),
                reach: needs
                    .iter()
                    .map(|need| reach_words(bounds::reach(meant, &need.code)))
                    .collect(),
                reach_said: reach_said(meant, needs),
                earlier: earlier_choices(earlier, question),
                conditions: conditions(earlier, question),
                advice: own.cloned().collect(),
                draft: question.clone(),
                faults,
                focus,
            }
        })
        .collect()
}

impl Card {
    pub fn number(&self) -> usize {
        self.at + 1
    }

    pub fn fault(&self, field: &str) -> Option<&str> {
        self.faults.get(field).map(String::as_str)
    }

    /// What is wrong with a list as such: its lines say their own faults.
    pub fn list_fault(&self) -> Option<&str> {
        self.fault("options").or_else(|| self.fault("rows"))
    }

    /// What is wrong with a field, or with a part of it.
    pub fn fault_within(&self, field: &str) -> Option<String> {
        let faults = self
            .faults
            .iter()
            .filter(|(place, _)| *place == field || below(field, place).is_some());
        let messages: Vec<&str> = faults.map(|(_, message)| message.as_str()).collect();
        (!messages.is_empty()).then(|| messages.join("; "))
    }

    pub fn fault_count(&self) -> usize {
        self.faults.len()
    }

    pub fn id(&self, field: &str) -> String {
        crate::web::design::typed::id(&format!("questions[{}].{field}", self.at))
    }

    /// The name of a field.
    pub fn name(&self, field: &str) -> String {
        format!("q{}.{field}", self.draft.key)
    }

    pub fn kind(&self) -> &'static KindWords {
        kind_words(&self.draft.kind)
    }

    /// What was typed as its code: one that was made from the text was not.
    pub fn typed_code(&self) -> &str {
        if self.draft.made.is_empty() {
            &self.draft.code
        } else {
            ""
        }
    }

    /// What the card is called while it is folded.
    pub fn title(&self) -> String {
        match in_short(&self.draft.text) {
            text if text.is_empty() => "A new question".to_owned(),
            text => text,
        }
    }

    pub fn is_open(&self) -> bool {
        self.draft.is_open || !self.faults.is_empty()
    }

    /// Whether anything of what most questions leave alone was set, or is wrong.
    pub fn has_more(&self) -> bool {
        let draft = &self.draft;
        let set = [&draft.help, &draft.after];
        set.into_iter().any(|typed| is_given(typed))
            || ["help", "code", "no_opinion"]
                .iter()
                .any(|field| self.fault(field).is_some())
            || self.fault_within("show_if").is_some()
            || self.fault_within("translations").is_some()
    }

    pub fn has_focus(&self, control: &str) -> bool {
        self.focus
            .as_ref()
            .is_some_and(|focus| focus.line.is_none() && focus.control == control)
    }

    /// Where its lines stand in the file.
    pub fn list(&self) -> &'static str {
        if self.draft.kind == "matrix" { "rows" } else { "options" }
    }
}

impl LineView {
    pub fn number(&self) -> usize {
        self.at + 1
    }

    /// What was typed as its code: one that was made from the text was not.
    pub fn typed_code(&self) -> &str {
        if self.draft.made.is_empty() {
            &self.draft.code
        } else {
            ""
        }
    }

    /// What sort of option it is, as the form's list says it.
    pub fn sort(&self) -> &'static str {
        match (self.draft.free_text, self.draft.no_opinion) {
            (false, false) => "",
            (true, false) => "f",
            (false, true) => "n",
            (true, true) => "fn",
        }
    }
}

fn lines(
    question: &QuestionDraft,
    needs: &[Need],
    faults: &BTreeMap<String, String>,
    focus: Option<&Focus>,
) -> Vec<LineView> {
    let list = if question.kind == "matrix" { "rows" } else { "options" };
    let view = |(at, line): (usize, &LineDraft)| {
        let place = format!("{list}[{at}]");
        let fault = |field: &str| match faults.is_empty() {
            true => None,
            false => faults.get(&format!("{place}{field}")).cloned(),
        };
        LineView {
            at,
            text_fault: fault(".text"),
            code_fault: fault(".code"),
            fault: fault("").or_else(|| fault(".loads")),
            cells: cells(&line.loads, needs, faults, &format!("{place}.loads")),
            draft: line.clone(),
            focus: focus
                .filter(|focus| focus.line == Some(at))
                .map_or("", |focus| focus.control),
        }
    };
    question.lines.iter().enumerate().map(view).collect()
}

fn cells(loads: &BTreeMap<Code, String>, needs: &[Need], faults: &BTreeMap<String, String>, place: &str) -> Vec<Cell> {
    let cell = |(at, need): (usize, &Need)| Cell {
        at,
        need: need.name.clone(),
        value: loads.get(&need.code).cloned().unwrap_or_default(),
        fault: match faults.is_empty() {
            true => None,
            false => faults.get(&format!("{place}.{}", need.code)).cloned(),
        },
    };
    needs.iter().enumerate().map(cell).collect()
}

/// As a reader of the page meets them: the set's own first, what stands elsewhere last.
pub fn in_page_order(mut faults: Vec<Fault>) -> Vec<Fault> {
    let number = |place: &str, list: &str| {
        let rest = place.split_once(list)?.1;
        rest.split(']').next()?.parse::<usize>().ok()
    };
    faults.sort_by_key(|fault| {
        let place = fault.place.as_str();
        let is_elsewhere = place.starts_with("drips") || place.starts_with("question_sets");
        let line = number(place, ".options[").or_else(|| number(place, ".rows["));
        // The set's own before its questions', a question's own before its lines'.
        (is_elsewhere, number(place, "questions["), line)
    });
    faults
}

/// The faults of a part by their places within it.
fn by_field(prefix: &str, faults: &[Fault]) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for fault in faults {
        let Some(field) = below(prefix, &fault.place) else {
            continue;
        };
        let message = found.entry(field.to_owned()).or_default();
        if !message.is_empty() {
            message.push_str("; ");
        }
        message.push_str(&fault.message);
    }
    found
}

/// `options[0].text` of `questions[3].options[0].text` below `questions[3]`; `None` where it is elsewhere.
fn below<'p>(prefix: &str, place: &'p str) -> Option<&'p str> {
    let rest = place.strip_prefix(prefix)?;
    match rest.strip_prefix('.') {
        Some(rest) => Some(rest),
        None if rest.is_empty() || rest.starts_with('[') => Some(rest),
        None => None,
    }
}

/// `0–2`, `−1 to 2`, `–` where it says nothing.
fn reach_words(reach: Reach) -> String {
    if reach.is_nothing() {
        return "–".to_owned();
    }
    let joint = if reach.least < 0.0 { " to " } else { "–" };
    format!("{}{joint}{}", figure(reach.least), figure(reach.most))
}

/// To two decimals, without those that say nothing.
fn figure(x: f64) -> String {
    let rounded = (x * 100.0).round() / 100.0;
    let is_enough = |decimals: &i32| {
        let scaled = rounded * 10f64.powi(*decimals);
        (scaled.round() - scaled).abs() < 1e-6
    };
    let decimals = [0, 1].into_iter().find(is_enough).unwrap_or(2);
    figures::number(rounded, decimals as usize)
}

fn reach_said(question: &Question, needs: &[Need]) -> String {
    if matches!(question.kind, Kind::Text { .. }) {
        return "Words are not scored: this question moves no need.".to_owned();
    }
    let moved: Vec<String> = needs
        .iter()
        .map(|need| (need, bounds::reach(question, &need.code)))
        .filter(|(_, reach)| !reach.is_nothing())
        .map(|(need, reach)| format!("{} by {}", need.name, reach_words(reach)))
        .collect();
    match moved.split_last() {
        None => "This question moves no need yet: give its answers loadings that differ.".to_owned(),
        Some((only, [])) => format!("This question can move {only}."),
        Some((last, rest)) => format!("This question can move {} and {last}.", rest.join(", ")),
    }
}

fn is_choice(kind: &Kind) -> bool {
    matches!(kind, Kind::SingleChoice { .. } | Kind::MultipleChoice { .. })
}

/// What may be chosen, and what is chosen whether it may or not.
fn earlier_choices(earlier: &[Question], question: &QuestionDraft) -> Vec<(Code, String)> {
    let choices = earlier
        .iter()
        .filter(|other| is_choice(&other.kind) && !other.code.is_empty());
    let mut choices: Vec<(Code, String)> = choices
        .map(|other| (other.code.clone(), in_short(&other.text)))
        .collect();
    if is_given(&question.after) && choices.iter().all(|(code, _)| *code != question.after) {
        choices.push((
            question.after.clone(),
            format!("{} (not an earlier choice question)", question.after),
        ));
    }
    choices
}

fn conditions(earlier: &[Question], question: &QuestionDraft) -> Vec<(Code, String, bool)> {
    let other = earlier
        .iter()
        .find(|other| is_given(&question.after) && other.code == question.after);
    let options = other.map(|other| other.kind.options()).unwrap_or_default();
    let is_ticked = |code: &Code| question.any_of.contains(code);
    let mut conditions: Vec<(Code, String, bool)> = options
        .iter()
        .map(|option| (option.code.clone(), option.text.clone(), is_ticked(&option.code)))
        .collect();
    for code in &question.any_of {
        if conditions.iter().all(|(known, ..)| known != code) && other.is_some() {
            conditions.push((code.clone(), format!("{code} (no option any more)"), true));
        }
    }
    conditions
}

/// A place of the file as people find it on the page: `Question 2, option 3, Efficiency`.
pub fn place_words(place: &str, needs: &[Need]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut is_need = false;
    for part in place.split('.') {
        let (name, number) = match part.split_once('[') {
            Some((name, rest)) => (name, rest.trim_end_matches(']').parse::<usize>().ok()),
            None => (part, None),
        };
        if is_need {
            let need = needs.iter().find(|need| need.code == name);
            words.push(need.map_or(name.to_owned(), |need| need.name.clone()));
            is_need = false;
            continue;
        }
        let word = match name {
            "questions" => "question",
            "options" => "option",
            "rows" => "row",
            "any_of" => "its answers",
            "show_if" => "when it is asked",
            "question" => continue,
            "loads" => {
                is_need = true;
                continue;
            }
            "text" => continue,
            "intro" => "introduction",
            "no_opinion" => "“I can’t say”",
            "min" => "lowest point",
            "max" => "highest point",
            "min_label" => "words at the low end",
            "max_label" => "words at the high end",
            "labels" => "words of the scale",
            "min_picks" => "picks at least",
            "max_picks" => "picks at most",
            "top" => "how many to rank",
            "total" => "points to share out",
            "max_length" => "longest answer",
            "translations" => "in other languages",
            "help" => "help text",
            other => other,
        };
        words.push(match number {
            Some(number) if ["question", "option", "row"].contains(&word) => format!("{word} {}", number + 1),
            None if ["question", "option", "row"].contains(&word) => format!("{word}s"),
            _ => word.to_owned(),
        });
    }
    let words = words.join(", ");
    let mut signs = words.chars();
    signs
        .next()
        .map_or(String::new(), |first| first.to_uppercase().chain(signs).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::read;

    #[test]
    fn a_place_is_told_as_it_stands_on_the_page() {
        let framework = read::toml(include_str!("../../../../tests/it/support/framework.toml")).unwrap();
        for (place, expected) in [
            ("title", "Title"),
            (
                "questions[1].options[2].loads.efficiency",
                "Question 2, option 3, Efficiency",
            ),
            ("questions[0].text", "Question 1"),
            ("questions[0].options", "Question 1, options"),
            (
                "questions[3].show_if.any_of[0]",
                "Question 4, when it is asked, its answers",
            ),
            ("questions[3].rows[0].code", "Question 4, row 1, code"),
            ("questions[0].max_picks", "Question 1, picks at most"),
        ] {
            assert_eq!(place_words(place, &framework.needs), expected, "{place}");
        }
    }

    #[test]
    fn faults_stand_in_the_order_of_the_page() {
        let fault = |place: &str| Fault {
            place: place.into(),
            line: None,
            column: None,
            message: String::new(),
        };
        let places = [
            "drips[0].steps[0].subject",
            "questions[10].text",
            "questions[2].options[1].text",
            "questions[2].max_picks",
            "title",
        ];
        let sorted = in_page_order(places.map(fault).into());
        let sorted: Vec<&str> = sorted.iter().map(|fault| fault.place.as_str()).collect();
        let mut expected = places;
        expected.reverse();
        assert_eq!(sorted, expected);
    }

    #[test]
    fn bounds_are_told_with_no_more_digits_than_they_have() {
        let told = |least, most| reach_words(Reach { least, most });
        assert_eq!(told(0.0, 2.0), "0–2");
        assert_eq!(told(-1.0, 2.5), "−1 to 2.5");
        assert_eq!(told(0.0, 1.0 / 3.0), "0–0.33");
        assert_eq!(told(0.0, 2.125), "0–2.13");
        assert_eq!(told(1.0, 1.0), "–");
    }

    #[test]
    fn a_question_says_which_needs_it_moves() {
        let framework = read::toml(include_str!("../../../../tests/it/support/framework.toml")).unwrap();
        let said = |code: &str| reach_said(framework.question(code).unwrap(), &framework.needs);
        assert_eq!(said("save-time"), "This question can move Efficiency by 0–2.");
        assert_eq!(
            said("why-now"),
            "This question can move Efficiency by 0–2, Intimacy by 0–3 and Innovation by −1 to 2.5."
        );
        assert!(said("what-new").contains("not scored"));
    }

    #[test]
    fn every_kind_of_the_file_has_its_words() {
        let framework = read::toml(include_str!("../../../../tests/it/support/framework.toml")).unwrap();
        for (_, question) in framework.questions() {
            assert_eq!(kind_words(question.kind.name()).code, question.kind.name());
        }
    }
}
