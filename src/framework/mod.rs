//! The framework: needs, segments, question sets and drips as plain types.
//!
//! One tree, two spellings (TOML and JSON, `CONTRACT.md`): [`read`] turns either into a
//! [`Framework`] or into all of its faults with their places; [`write`] turns it back; [`diff`]
//! says in sentences what changed, and [`alignment`] which step of an edited drip is which. [`check`] holds a framework from elsewhere to the same rules;
//! [`merge`] knows the fields that texts may use; [`shape`] and [`meaning`] say what a question is to
//! the method, and what may change in it once it has answers; [`translation`] which words a reader gets;
//! [`met`] finds the scales that ask how well a need is met already;
//! [`advice`] says what could be worded better, and [`coverage`] what questions cannot tell. Nothing here
//! knows a database: storing and versioning is
//! `design`'s.

pub mod advice;
pub mod alignment;
pub mod bounds;
pub mod check;
pub mod coverage;
pub mod diff;
pub mod fault;
pub mod lookup;
pub mod meaning;
pub mod merge;
pub mod met;
pub mod read;
pub mod references;
pub mod shape;
pub mod time_of_day;
pub mod translation;
pub mod uses;
pub mod write;

mod loading;
mod node;
mod span;
mod wording;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use span::Minutes;

/// A code of the framework: `[a-z0-9][a-z0-9_-]*`.
pub type Code = String;

/// How strongly something speaks for each need; a need left out is 0.
pub type Loads = BTreeMap<Code, f64>;

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Framework {
    pub settings: Settings,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub question_sets: Vec<QuestionSet>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drips: Vec<Drip>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// A customer below this many full months is new.
    pub tenure_threshold_months: u32,
    /// So many distinct scored answers let a company be assigned.
    pub min_scored_answers: u32,
    /// Days after which an answer weighs half; none: answers do not age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_life_days: Option<f64>,
    /// Over all drips, reminders too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_mails_per_contact: Option<Cap>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_mails_per_company: Option<Cap>,
    /// Guards single answers, free texts and the give-back page.
    pub min_group: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            tenure_threshold_months: 24,
            min_scored_answers: 3,
            half_life_days: None,
            max_mails_per_contact: None,
            max_mails_per_company: None,
            min_group: 5,
        }
    }
}

/// At most `count` mails in the last `days` × 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    pub count: u32,
    pub days: u32,
}

/// A buying role and how much its answers weigh; a contact of an unknown role weighs 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    pub code: Code,
    pub weight: f64,
}

/// A benefit that a customer seeks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Need {
    pub code: Code,
    pub name: String,
    pub level: Level,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Strategic,
    Tactical,
    Personal,
}

/// A group of companies with one profile: a weight 0–100 for each need; a need left out is 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    pub code: Code,
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    pub profile: Loads,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub talk_about: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub avoid: Vec<String>,
    /// What to send them, and through which media.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<String>,
    /// The customer action plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// How much to spend on each contact with them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub spend: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuestionSet {
    pub code: Code,
    pub title: String,
    /// Markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub intro: String,
    /// By language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, SetTexts>,
    pub questions: Vec<Question>,
}

/// A question set's own words in another language.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SetTexts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Unique in the framework.
    pub code: Code,
    pub text: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_if: Option<ShowIf>,
    /// The words of "I can't say", where the question offers it beside its options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_opinion: Option<String>,
    #[serde(flatten)]
    pub kind: Kind,
    /// By language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, QuestionTexts>,
}

/// The question is shown when another one was answered with one of these options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShowIf {
    pub question: Code,
    pub any_of: Vec<Code>,
}

/// What a question asks for, with all that its kind needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    SingleChoice {
        options: Vec<ChoiceOption>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        shuffle: bool,
    },
    MultipleChoice {
        options: Vec<ChoiceOption>,
        /// At least 1.
        min_picks: u32,
        max_picks: u32,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        shuffle: bool,
    },
    Rating {
        min: i32,
        max: i32,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        min_label: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        max_label: String,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        loads: Loads,
    },
    /// Each row is a question of its own on one scale.
    Matrix {
        min: i32,
        max: i32,
        /// The words of the scale's points: none, one for each end, or one for each point.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        labels: Vec<String>,
        rows: Vec<Row>,
    },
    /// 0–10.
    Nps {
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        loads: Loads,
    },
    /// The best `top` of the options, best first.
    Ranking {
        options: Vec<ChoiceOption>,
        top: u32,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        shuffle: bool,
    },
    BestWorst {
        options: Vec<ChoiceOption>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        shuffle: bool,
    },
    /// `total` points shared out over the options.
    Allocation {
        options: Vec<ChoiceOption>,
        total: u32,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        shuffle: bool,
    },
    Text {
        max_length: u32,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        multiline: bool,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChoiceOption {
    pub code: Code,
    pub text: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub loads: Loads,
    /// Comes with a text of the contact's own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub free_text: bool,
    /// "I can't say" as one of the options: replaces an earlier answer and is not scored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_opinion: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub code: Code,
    pub text: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub loads: Loads,
}

/// A question's words in another language; what is left out is shown in the first language.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QuestionTexts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_opinion: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_label: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// By option code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<Code, String>,
    /// By row code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<Code, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drip {
    pub code: Code,
    pub name: String,
    /// `None`: a manual drip is on, the others start paused until resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<DripState>,
    pub trigger: Trigger,
    /// How old a transaction may be when it arrives and still start the drip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Minutes>,
    #[serde(default, skip_serializing_if = "Audience::is_everyone")]
    pub audience: Audience,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_window: Option<SendWindow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminders: Option<Reminders>,
    /// Counted from the step's first mail; none: its links stay open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_after: Option<Minutes>,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DripState {
    On,
    Paused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Contacts are enrolled by hand or by API.
    Manual,
    /// Whoever matches the audience, looked at daily.
    Audience,
    /// A new transaction's own contact, once.
    Transaction,
}

/// Whom a drip may ask. An empty list lets everybody through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_asked_within_days: Option<u32>,
    /// By attribute: `tenure`, `segment`, `role`, `industry`, `country`, `tier`, `behaviour`, …
    /// or any imported one, with the values that pass.
    #[serde(flatten)]
    pub any_of: BTreeMap<String, Vec<String>>,
}

impl Audience {
    pub fn is_everyone(&self) -> bool {
        self.not_asked_within_days.is_none() && self.any_of.is_empty()
    }
}

/// The hours of the week in which a mail may leave, in the contact's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendWindow {
    pub days: Vec<Day>,
    /// Minutes after midnight, the first that may send.
    #[serde(with = "time_of_day")]
    pub from: u16,
    /// Minutes after midnight, the first that may not; after `from`; 24:00 is 1440.
    #[serde(with = "time_of_day")]
    pub to: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// Per step, to who has not answered: `count` times, each `after` the mail before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminders {
    pub after: Minutes,
    pub count: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The first step: after the enrolment; later ones: after the first mail of the step before.
    pub delay: Minutes,
    /// Not before the step before was answered or has closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wait_for_answer: bool,
    #[serde(flatten)]
    pub content: StepContent,
}

/// What a step sends: questions, questions chosen per contact, or a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum StepContent {
    Questions {
        question_set: Code,
        #[serde(flatten)]
        letter: Letter,
        /// The first question's options as one-tap links.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        first_question_in_mail: bool,
    },
    Adaptive {
        adaptive: Adaptive,
        #[serde(flatten)]
        letter: Letter,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        first_question_in_mail: bool,
    },
    /// By segment code; "default" for the rest.
    Message { message: BTreeMap<Code, Letter> },
}

/// A subject and a Markdown body, both with merge fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub subject: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// By language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, LetterTexts>,
}

/// A letter's words in another language; what is left out is sent in the first one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterTexts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// The method's own choice of what to ask next (METHOD.md section 8).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adaptive {
    /// Question sets.
    pub pool: Vec<Code>,
    /// How many questions.
    pub ask: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_at_confidence: Option<f64>,
}
