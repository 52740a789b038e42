//! A drip as it is typed into the editor's form, whatever is still wrong with it.
//!
//! The names of the fields are the places of the framework file (`steps[0].subject`), so that each
//! fault finds its field. What was typed becomes the file's own tree and is read and checked as the
//! file is: there is one set of rules.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::framework::check::DEFAULT_VARIANT;
use crate::framework::fault::{Fault, Place};
use crate::framework::{
    self, Adaptive, Audience, Day, Drip, Framework, Letter, Minutes, Reminders, SendWindow, Step, StepContent, Trigger,
    time_of_day,
};
use crate::web::form::Form;

/// The days of the week as the file writes them, and as people read them.
pub const DAYS: [(&str, &str); 7] = [
    ("mon", "Mon"),
    ("tue", "Tue"),
    ("wed", "Wed"),
    ("thu", "Thu"),
    ("fri", "Fri"),
    ("sat", "Sat"),
    ("sun", "Sun"),
];

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    pub code: String,
    pub name: String,
    pub trigger: String,
    pub max_age: String,
    /// By attribute: the values that were ticked.
    pub audience: BTreeMap<String, Vec<String>>,
    /// By attribute: further values, one a line.
    pub more: BTreeMap<String, String>,
    /// An attribute that is not offered, with its values.
    pub new_attribute: String,
    pub new_values: String,
    pub not_asked_within_days: String,
    pub days: Vec<String>,
    pub from: String,
    pub to: String,
    pub reminders_after: String,
    pub reminders_count: String,
    pub closes_after: String,
    pub steps: Vec<StepDraft>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct StepDraft {
    pub delay: String,
    pub waits: bool,
    /// `questions`, `adaptive` or `message`.
    pub kind: String,
    pub question_set: String,
    pub pool: Vec<String>,
    pub ask: String,
    pub stop_at_confidence: String,
    pub first_in_mail: bool,
    pub subject: String,
    pub body: String,
    /// By segment, or `default`.
    pub variants: BTreeMap<String, (String, String)>,
    /// The letter's translations as the file's JSON, a message's by its variants: carried along.
    pub translations: String,
}

impl Draft {
    /// A drip that is begun: one step, asking at once.
    pub fn blank() -> Draft {
        Draft {
            trigger: "manual".into(),
            steps: vec![StepDraft::blank("0d")],
            ..Draft::default()
        }
    }

    pub fn of_drip(drip: &Drip) -> Draft {
        let span = |minutes: Option<Minutes>| minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
        let window = drip.send_window.as_ref();
        let time = |time: fn(&SendWindow) -> u16| {
            window
                .map(|window| time_of_day::format(time(window)))
                .unwrap_or_default()
        };
        let day = |day: &Day| DAYS[*day as usize].0.to_owned();
        Draft {
            code: drip.code.clone(),
            name: drip.name.clone(),
            trigger: trigger_word(drip.trigger).into(),
            max_age: span(drip.max_age),
            audience: drip.audience.any_of.clone(),
            not_asked_within_days: drip
                .audience
                .not_asked_within_days
                .map(|days| days.to_string())
                .unwrap_or_default(),
            days: window
                .map(|window| window.days.iter().map(day).collect())
                .unwrap_or_default(),
            from: time(|window| window.from),
            to: time(|window| window.to),
            reminders_after: span(drip.reminders.map(|reminders| reminders.after)),
            reminders_count: drip
                .reminders
                .map(|reminders| reminders.count.to_string())
                .unwrap_or_default(),
            closes_after: span(drip.closes_after),
            steps: drip.steps.iter().map(StepDraft::of_step).collect(),
            ..Draft::default()
        }
    }

    pub fn read(form: &Form) -> Draft {
        let mut draft = Draft::default();
        for (name, value) in &form.0 {
            // Browsers end lines with CR LF, the file with LF.
            let value = value.replace("\r\n", "\n");
            draft.take(name, value);
        }
        draft
    }

    fn take(&mut self, name: &str, value: String) {
        if let Some((at, rest)) = step_field(name) {
            if self.steps.len() <= at {
                self.steps.resize_with(at + 1, StepDraft::default);
            }
            return self.steps[at].take(rest, value);
        }
        if let Some(attribute) = name.strip_prefix("audience:") {
            return self.audience.entry(attribute.to_owned()).or_default().push(value);
        }
        if let Some(attribute) = name.strip_prefix("more:") {
            self.more.insert(attribute.to_owned(), value);
            return;
        }
        match name {
            "code" => self.code = value,
            "name" => self.name = value,
            "trigger" => self.trigger = value,
            "max_age" => self.max_age = value,
            "new_attribute" => self.new_attribute = value,
            "new_values" => self.new_values = value,
            "audience.not_asked_within_days" => self.not_asked_within_days = value,
            "send_window.days" => self.days.push(value),
            "send_window.from" => self.from = value,
            "send_window.to" => self.to = value,
            "reminders.after" => self.reminders_after = value,
            "reminders.count" => self.reminders_count = value,
            "closes_after" => self.closes_after = value,
            _ => {}
        }
    }

    /// Whom it may ask: what was ticked and what was typed beside it.
    pub fn chosen(&self) -> BTreeMap<String, Vec<String>> {
        let mut chosen = self.audience.clone();
        let mut add = |attribute: &str, typed: &str| {
            let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
            let lines: Vec<String> = lines.map(str::to_owned).collect();
            if !lines.is_empty() {
                let values = chosen.entry(attribute.to_owned()).or_default();
                values.extend(lines);
                let mut seen = std::collections::BTreeSet::new();
                values.retain(|value| seen.insert(value.clone()));
            }
        };
        for (attribute, typed) in &self.more {
            add(attribute, typed);
        }
        add(self.new_attribute.trim(), &self.new_values);
        chosen
    }

    /// Whether the attribute lets this value through.
    pub fn is_ticked(&self, attribute: &str, value: &str) -> bool {
        self.audience
            .get(attribute)
            .is_some_and(|values| values.iter().any(|ticked| ticked == value))
    }

    pub fn has_day(&self, day: &str) -> bool {
        self.days.iter().any(|ticked| ticked == day)
    }

    // ── the buttons beside the steps ──

    /// A new step of the kind that mostly comes next, a week later.
    pub fn add(&mut self) {
        self.steps.push(StepDraft::blank("7d"));
    }

    pub fn duplicate(&mut self, at: usize) {
        if let Some(step) = self.steps.get(at).cloned() {
            self.steps.insert(at + 1, step);
        }
    }

    pub fn remove(&mut self, at: usize) {
        if at < self.steps.len() {
            self.steps.remove(at);
        }
    }

    pub fn swap(&mut self, one: usize, other: usize) {
        if one < self.steps.len() && other < self.steps.len() {
            self.steps.swap(one, other);
        }
    }

    // ── what it means ──

    /// The drip, read and checked as a part of this framework; or all that is wrong with it, by field.
    /// A new one takes no other's place.
    pub fn checked(&self, framework: &Framework, is_new: bool) -> Result<Drip, Vec<Fault>> {
        let mut tree = framework::write::tree(framework);
        let known = framework.drips.iter().position(|drip| drip.code == self.code);
        let known = known.filter(|_| !is_new);
        let at = known.unwrap_or(framework.drips.len());
        let mut own = self.tree();
        if let Some(state) = known.and_then(|at| framework.drips[at].state) {
            // Whether it sends is the business of its own page; what the file says of it stays.
            own.insert("state".into(), json!(state));
        }
        let list = tree.entry("drips").or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            match list.get_mut(at) {
                Some(place) => *place = Value::Object(own),
                None => list.push(Value::Object(own)),
            }
        }
        let prefix = Place::root().key("drips").index(at).to_string();
        match framework::read::json(&Value::Object(tree).to_string()) {
            Ok(mut framework) => Ok(framework.drips.remove(at)),
            Err(faults) => Err(faults.into_iter().map(|fault| within(&prefix, fault)).collect()),
        }
    }

    fn tree(&self) -> Map<String, Value> {
        let mut tree = Map::new();
        let mut put = |key: &str, value: Value| _ = tree.insert(key.to_owned(), value);
        put("code", json!(self.code.trim()));
        put("name", json!(self.name.trim()));
        put("trigger", json!(self.trigger));
        if self.trigger == "transaction" && is_given(&self.max_age) {
            put("max_age", json!(self.max_age.trim()));
        }
        let mut audience: Map<String, Value> = self
            .chosen()
            .into_iter()
            .map(|(attribute, values)| (attribute, json!(values)))
            .collect();
        number(&mut audience, "not_asked_within_days", &self.not_asked_within_days);
        if !audience.is_empty() {
            put("audience", Value::Object(audience));
        }
        if !self.days.is_empty() || is_given(&self.from) || is_given(&self.to) {
            let mut window = Map::new();
            window.insert("days".into(), json!(self.days));
            for (key, typed) in [("from", &self.from), ("to", &self.to)] {
                if is_given(typed) {
                    window.insert(key.into(), json!(typed.trim()));
                }
            }
            put("send_window", Value::Object(window));
        }
        if is_given(&self.reminders_after) || is_given(&self.reminders_count) {
            let mut reminders = Map::new();
            if is_given(&self.reminders_after) {
                reminders.insert("after".into(), json!(self.reminders_after.trim()));
            }
            number(&mut reminders, "count", &self.reminders_count);
            put("reminders", Value::Object(reminders));
        }
        if is_given(&self.closes_after) {
            put("closes_after", json!(self.closes_after.trim()));
        }
        put("steps", Value::Array(self.steps.iter().map(StepDraft::tree).collect()));
        tree
    }

    /// As much of a drip as can be made out, for a drawing and for a look at its letters.
    pub fn guessed(&self) -> Drip {
        let span = |typed: &str| Minutes::parse(typed.trim());
        Drip {
            code: self.code.clone(),
            name: self.name.clone(),
            state: None,
            trigger: match self.trigger.as_str() {
                "audience" => Trigger::Audience,
                "transaction" => Trigger::Transaction,
                _ => Trigger::Manual,
            },
            max_age: span(&self.max_age),
            audience: Audience {
                not_asked_within_days: None,
                any_of: self.chosen(),
            },
            send_window: None,
            reminders: span(&self.reminders_after)
                .zip(self.reminders_count.trim().parse().ok())
                .map(|(after, count): (Minutes, u32)| Reminders {
                    after,
                    count: count.min(10),
                }),
            closes_after: span(&self.closes_after),
            steps: self.steps.iter().map(StepDraft::guessed).collect(),
        }
    }
}

impl StepDraft {
    fn blank(delay: &str) -> StepDraft {
        StepDraft {
            delay: delay.into(),
            kind: "questions".into(),
            ask: "3".into(),
            ..StepDraft::default()
        }
    }

    fn of_step(step: &Step) -> StepDraft {
        let mut draft = StepDraft {
            delay: step.delay.to_string(),
            waits: step.wait_for_answer,
            ..StepDraft::default()
        };
        let letter = |letter: &Letter| (letter.subject.clone(), letter.body.clone());
        match &step.content {
            StepContent::Questions {
                question_set,
                letter: written,
                first_question_in_mail,
            } => {
                draft.kind = "questions".into();
                draft.question_set = question_set.clone();
                (draft.subject, draft.body) = letter(written);
                draft.translations = carried(&written.translations);
                draft.first_in_mail = *first_question_in_mail;
            }
            StepContent::Adaptive {
                adaptive,
                letter: written,
                first_question_in_mail,
            } => {
                draft.kind = "adaptive".into();
                draft.pool = adaptive.pool.clone();
                draft.ask = adaptive.ask.to_string();
                draft.stop_at_confidence = adaptive.stop_at_confidence.map(|x| x.to_string()).unwrap_or_default();
                (draft.subject, draft.body) = letter(written);
                draft.translations = carried(&written.translations);
                draft.first_in_mail = *first_question_in_mail;
            }
            StepContent::Message { message } => {
                draft.kind = "message".into();
                let translated = message.iter().filter(|(_, letter)| !letter.translations.is_empty());
                let translated = translated.map(|(variant, letter)| (variant, &letter.translations));
                draft.translations = carried(&translated.collect::<BTreeMap<_, _>>());
                draft.variants = message
                    .iter()
                    .map(|(segment, written)| (segment.clone(), letter(written)))
                    .collect();
            }
        }
        draft
    }

    fn take(&mut self, field: &str, value: String) {
        match field {
            "delay" => self.delay = value,
            "wait_for_answer" => self.waits = !value.is_empty(),
            "kind" => self.kind = value,
            "question_set" => self.question_set = value,
            "adaptive.pool" => self.pool.push(value),
            "adaptive.ask" => self.ask = value,
            "adaptive.stop_at_confidence" => self.stop_at_confidence = value,
            "first_question_in_mail" => self.first_in_mail = !value.is_empty(),
            "subject" => self.subject = value,
            "body" => self.body = value,
            "translations" => self.translations = value,
            _ => {
                let Some((segment, part)) = field.strip_prefix("message.").and_then(|rest| rest.rsplit_once('.'))
                else {
                    return;
                };
                let variant = self.variants.entry(segment.to_owned()).or_default();
                match part {
                    "subject" => variant.0 = value,
                    "body" => variant.1 = value,
                    _ => {}
                }
            }
        }
    }

    /// What was typed for this segment.
    pub fn variant(&self, segment: &str) -> (&str, &str) {
        self.variants
            .get(segment)
            .map_or(("", ""), |(subject, body)| (subject, body))
    }

    pub fn has_variant(&self, segment: &str) -> bool {
        let (subject, body) = self.variant(segment);
        is_given(subject) || is_given(body)
    }

    pub fn has_set(&self, set: &str) -> bool {
        self.pool.iter().any(|ticked| ticked == set)
    }

    fn tree(&self) -> Value {
        let mut tree = Map::new();
        let mut put = |key: &str, value: Value| _ = tree.insert(key.to_owned(), value);
        let delay = self.delay.trim();
        put("delay", json!(if delay.is_empty() { "0d" } else { delay }));
        if self.waits {
            put("wait_for_answer", json!(true));
        }
        match self.kind.as_str() {
            "message" => {
                let mut message = Map::new();
                for (segment, (subject, body)) in &self.variants {
                    if segment == DEFAULT_VARIANT || self.has_variant(segment) {
                        let mut letter = json!({ "subject": subject.trim(), "body": body });
                        if let Some(translations) = self.carried().get(segment) {
                            letter["translations"] = translations.clone();
                        }
                        message.insert(segment.clone(), letter);
                    }
                }
                put("message", Value::Object(message));
                return Value::Object(tree);
            }
            "adaptive" => {
                let mut adaptive = Map::new();
                adaptive.insert("pool".into(), json!(self.pool));
                number(&mut adaptive, "ask", &self.ask);
                number(&mut adaptive, "stop_at_confidence", &self.stop_at_confidence);
                put("adaptive", Value::Object(adaptive));
            }
            _ => put("question_set", json!(self.question_set)),
        }
        put("subject", json!(self.subject.trim()));
        if is_given(&self.body) {
            put("body", json!(self.body));
        }
        if self.first_in_mail {
            put("first_question_in_mail", json!(true));
        }
        let translations = self.carried();
        if !translations.is_empty() {
            put("translations", Value::Object(translations));
        }
        Value::Object(tree)
    }

    /// What was carried along, as far as it fits: a message's translations are one level deeper.
    fn carried(&self) -> Map<String, Value> {
        let mut carried: Map<String, Value> = serde_json::from_str(&self.translations).unwrap_or_default();
        let is_message = self.kind == "message";
        carried.retain(|_, texts| {
            let texts = texts.as_object();
            texts.is_some_and(|texts| texts.values().all(|text| text.is_object() == is_message))
        });
        carried
    }

    fn guessed(&self) -> Step {
        let carried = self.carried();
        let read = |value: Option<Value>| value.and_then(|value| serde_json::from_value(value).ok());
        let letter = Letter {
            subject: self.subject.trim().to_owned(),
            body: self.body.clone(),
            translations: read(Some(Value::Object(carried.clone()))).unwrap_or_default(),
        };
        Step {
            delay: Minutes::parse(self.delay.trim()).unwrap_or_default(),
            wait_for_answer: self.waits,
            content: match self.kind.as_str() {
                "message" => StepContent::Message {
                    message: self
                        .variants
                        .iter()
                        .filter(|(segment, _)| *segment == DEFAULT_VARIANT || self.has_variant(segment))
                        .map(|(segment, (subject, body))| {
                            let letter = Letter {
                                subject: subject.trim().to_owned(),
                                body: body.clone(),
                                translations: read(carried.get(segment).cloned()).unwrap_or_default(),
                            };
                            (segment.clone(), letter)
                        })
                        .collect(),
                },
                "adaptive" => StepContent::Adaptive {
                    adaptive: Adaptive {
                        pool: self.pool.clone(),
                        ask: self.ask.trim().parse().unwrap_or(1),
                        stop_at_confidence: None,
                    },
                    letter,
                    first_question_in_mail: self.first_in_mail,
                },
                _ => StepContent::Questions {
                    question_set: self.question_set.clone(),
                    letter,
                    first_question_in_mail: self.first_in_mail,
                },
            },
        }
    }
}

/// Blank where nothing is translated.
fn carried<K: serde::Serialize, T: serde::Serialize>(translations: &BTreeMap<K, T>) -> String {
    match translations.is_empty() {
        true => String::new(),
        false => json!(translations).to_string(),
    }
}

pub fn trigger_word(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Manual => "manual",
        Trigger::Audience => "audience",
        Trigger::Transaction => "transaction",
    }
}

/// A fault of this drip at the name of its field; of any other part, at its place in the file.
fn within(prefix: &str, fault: Fault) -> Fault {
    let rest = fault.place.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
    Fault {
        place: rest.unwrap_or(&fault.place).to_owned(),
        line: None,
        column: None,
        message: fault.message,
    }
}

/// `steps[3].subject` as 3 and `subject`; more steps than any drip may have are none.
fn step_field(name: &str) -> Option<(usize, &str)> {
    const MOST: usize = 200;
    let (number, rest) = name.strip_prefix("steps[")?.split_once("].")?;
    let at: usize = number.parse().ok()?;
    (at < MOST).then_some((at, rest))
}

fn is_given(typed: &str) -> bool {
    !typed.trim().is_empty()
}

/// What is no number stays a text, which the reader then refuses in its own words.
fn number(tree: &mut Map<String, Value>, key: &str, typed: &str) {
    let typed = typed.trim();
    if typed.is_empty() {
        return;
    }
    let whole = typed.parse::<i64>().map(|number| json!(number));
    let value = whole.or_else(|_| typed.parse::<f64>().map(|number| json!(number)));
    tree.insert(key.to_owned(), value.unwrap_or_else(|_| json!(typed)));
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMEWORK: &str = r#"
[[needs]]
code = "speed"
name = "Speed"
level = "tactical"
[[needs]]
code = "care"
name = "Care"
level = "personal"
[[segments]]
code = "fast"
name = "Fast"
profile = { speed = 100, care = 30 }
[[question_sets]]
code = "why"
title = "Why"
[[question_sets.questions]]
code = "q"
kind = "text"
text = "Why?"
max_length = 100
[[drips]]
code = "ask"
name = "Ask"
state = "paused"
trigger = "audience"
audience = { tenure = ["new"], "Shoe size" = ["43"], not_asked_within_days = 30 }
send_window = { days = ["mon", "fri"], from = "09:00", to = "24:00" }
reminders = { after = "36h", count = 2 }
closes_after = "21d"
[[drips.steps]]
question_set = "why"
subject = "Why?"
body = "One\n\ntwo"
first_question_in_mail = true
[[drips.steps]]
delay = "7d"
wait_for_answer = true
adaptive = { pool = ["why"], ask = 1, stop_at_confidence = 0.95 }
subject = "More"
[[drips.steps]]
delay = "3d"
[drips.steps.message.default]
subject = "Thanks"
body = "Bye"
[drips.steps.message.fast]
subject = "Quick thanks"
body = "Bye"
"#;

    fn framework() -> Framework {
        framework::read::toml(FRAMEWORK).expect("a framework")
    }

    #[test]
    fn a_drip_that_nobody_touched_reads_back_as_it_was() {
        let framework = framework();
        let draft = Draft::of_drip(&framework.drips[0]);
        assert_eq!(draft.checked(&framework, false).expect("no faults"), framework.drips[0]);
    }

    #[test]
    fn every_fault_stands_at_its_field() {
        let framework = framework();
        let mut draft = Draft::of_drip(&framework.drips[0]);
        draft.closes_after = "soon".into();
        draft.reminders_count = "many".into();
        draft.steps[0].subject = "{{ contact.nam }}".into();
        draft.steps[2]
            .variants
            .insert("fast".into(), (String::new(), "x".into()));
        draft.audience.insert("Shoe size".into(), vec![" ".into()]);
        let faults = draft.checked(&framework, false).expect_err("faults");
        let mut places: Vec<&str> = faults.iter().map(|fault| fault.place.as_str()).collect();
        places.sort_unstable();
        assert_eq!(
            places,
            [
                "audience.\"Shoe size\"[0]",
                "closes_after",
                "reminders.count",
                "steps[0].subject",
                "steps[2].message.fast.subject",
            ]
        );
    }

    #[test]
    fn a_new_drip_takes_no_others_code() {
        let framework = framework();
        let draft = Draft::of_drip(&framework.drips[0]);
        let faults = draft.checked(&framework, true).expect_err("faults");
        assert_eq!(faults[0].place, "code");
    }

    #[test]
    fn steps_are_taken_by_their_number_whatever_the_order_of_the_fields() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let form = Form(vec![
            pair("steps[1].subject", "two"),
            pair("steps[0].subject", "one"),
            pair("steps[0].body", "a\r\nb"),
            pair("steps[1].message.a.b.body", "x"),
            pair("steps[99999].subject", "far"),
        ]);
        let draft = Draft::read(&form);
        assert_eq!(draft.steps.len(), 2);
        assert_eq!(
            (draft.steps[0].subject.as_str(), draft.steps[0].body.as_str()),
            ("one", "a\nb")
        );
        assert_eq!(draft.steps[1].variant("a.b").1, "x");
    }

    #[test]
    fn steps_move_double_and_go() {
        let mut draft = Draft::blank();
        draft.steps[0].subject = "one".into();
        draft.add();
        draft.duplicate(0);
        draft.swap(1, 2);
        let subjects: Vec<&str> = draft.steps.iter().map(|step| step.subject.as_str()).collect();
        assert_eq!(subjects, ["one", "", "one"]);
        draft.remove(1);
        draft.remove(9);
        assert_eq!(draft.steps.len(), 2);
    }
}
