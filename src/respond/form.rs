//! A page of a form: its questions in the contact's words, with what was typed so far.

use std::sync::Arc;

use super::control::{self, Control};
use crate::answers::NewAnswer;
use crate::answers::form::{FieldFault, Fields as Posted, write};
use crate::design::QuestionVersion;
use crate::phrases::Language;

/// What every page of a link may say, to whomever it was passed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heading {
    pub company: String,
    pub language: Option<String>,
    /// Where its reader says which mails to get: the path.
    pub preferences: String,
}

/// One page of a form, or all of it at once.
#[derive(Debug)]
pub struct Form {
    pub heading: Heading,
    /// Of our own words.
    pub language: Language,
    /// Of the questions' words.
    pub tag: String,
    pub title: String,
    /// Clean HTML.
    pub intro: Option<String>,
    pub sender: String,
    pub questions: Vec<Asked>,
    /// `None`: all questions stand on this page.
    pub page: Option<PageNumber>,
    /// Sent back as it is: which state of the answers this page was made from.
    pub rev: i32,
    /// Sent back as it is: when the page was opened.
    pub opened: String,
    /// Sent back as it is: the ticket of the sitting.
    pub mine: String,
    /// What was posted of questions that this page does not show.
    pub carried: Vec<(String, String)>,
    /// The key in `phrases` of what is wrong with the form as a whole.
    pub fault: Option<&'static str>,
    /// Shuffles.
    pub(super) seed: String,
}

/// Where a page stands among those of its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageNumber {
    /// Sent back as it is, from 1: the same page for everybody.
    pub number: usize,
    /// From 1, among the pages that this contact may see, and how many these are.
    pub nth: usize,
    pub of: usize,
    pub has_before: bool,
    pub is_last: bool,
}

/// One question, ready to be shown.
#[derive(Debug)]
pub struct Asked {
    pub code: String,
    /// From 1, in the whole form.
    pub number: usize,
    pub of: usize,
    pub text: String,
    pub help: String,
    pub required: bool,
    /// Where it hangs on another one of its own page.
    pub condition: Option<Condition>,
    pub control: Control,
    /// "I can't say" beside the options: its words, and whether it is ticked.
    pub no_opinion: Option<(String, bool)>,
    /// Answered before, by whom this page may not know: the answer is not shown.
    pub is_kept: bool,
    pub fault: Option<String>,
    pub(super) version: Arc<QuestionVersion>,
}

/// On which answer to which question of its page a question hangs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub words: String,
    /// The options that open it bear the mark `on1`, the question itself `if1`, …
    pub mark: usize,
}

impl Asked {
    /// The ids of what is said about it beside its words.
    pub fn described_by(&self) -> String {
        let has_ends = match &self.control {
            Control::Scale {
                min_label, max_label, ..
            }
            | Control::Matrix {
                min_label, max_label, ..
            } => !min_label.is_empty() || !max_label.is_empty(),
            _ => false,
        };
        let parts = [
            ("e", self.fault.is_some()),
            ("c", self.condition.is_some()),
            ("h", !self.help.is_empty()),
            ("k", self.is_kept),
            ("n", has_ends),
        ];
        let ids = parts.iter().filter(|(_, is_there)| *is_there);
        let ids: Vec<String> = ids.map(|(kind, _)| format!("{kind}-{}", self.code)).collect();
        ids.join(" ")
    }
}

impl Form {
    /// The same form with these fields filled in.
    pub fn filled(mut self, posted: &[(String, String)]) -> Form {
        let fields = Posted::new(posted);
        let marks = self.marks();
        for (place, asked) in self.questions.iter_mut().enumerate() {
            let question = &asked.version.question;
            let language = self.heading.language.as_deref();
            asked.control = control::of(question, language, &self.seed, &fields);
            for (parent, mark, options) in &marks {
                if *parent == place {
                    asked.control.mark(*mark, options);
                }
            }
            let prefix = format!("{}.", question.code);
            let is_own = |name: &str| name == question.code || name.starts_with(&prefix);
            asked.is_kept &= !posted.iter().any(|(name, value)| is_own(name) && !value.is_empty());
            if let Some((_, ticked)) = &mut asked.no_opinion {
                *ticked = fields.one(&format!("{}.no_opinion", question.code)).is_some();
            }
        }
        self
    }

    /// The same form with what its reader answered before, but for what is answered in advance anew.
    pub fn recalling(self, mine: &[NewAnswer], ticked: &[(String, String)]) -> Form {
        let mut fields = Vec::new();
        for asked in &self.questions {
            let own = mine.iter().filter(|answer| answer.question == asked.code);
            if !ticked.iter().any(|(name, _)| *name == asked.code) {
                fields.extend(own.flat_map(|answer| write(&asked.version.question, answer)));
            }
        }
        fields.extend_from_slice(ticked);
        self.filled(&fields)
    }

    /// Of each question that hangs on another of this page: the other's place, the mark, the options.
    fn marks(&self) -> Vec<(usize, usize, Vec<String>)> {
        let conditions = self.questions.iter().filter_map(|asked| {
            let show_if = asked.version.question.show_if.as_ref()?;
            let mark = asked.condition.as_ref()?.mark;
            let parent = self.questions.iter().position(|other| other.code == show_if.question)?;
            Some((parent, mark, show_if.any_of.clone()))
        });
        conditions.collect()
    }

    /// The same form with what is wrong said at each question.
    pub(super) fn marked(mut self, faults: &[FieldFault]) -> Form {
        for asked in &mut self.questions {
            let fault = faults.iter().find(|fault| fault.question == asked.code);
            asked.fault = fault.map(|fault| fault.fault.in_language(self.language));
        }
        self
    }

    /// Takes along what was posted of other questions, of the form's with these codes.
    pub(super) fn carrying(mut self, posted: &[(String, String)], codes: &[&str]) -> Form {
        let of = |name: &str| {
            let code = name.split('.').next().unwrap_or_default();
            codes.contains(&code) && !self.questions.iter().any(|asked| asked.code == code)
        };
        let others = posted.iter().filter(|(name, value)| !value.is_empty() && of(name));
        self.carried = others.cloned().collect();
        self
    }

    pub(super) fn without_an_answer(mut self) -> Form {
        self.fault = Some("form-nothing");
        self
    }

    pub fn is_faulty(&self) -> bool {
        self.fault.is_some() || self.questions.iter().any(|asked| asked.fault.is_some())
    }
}
