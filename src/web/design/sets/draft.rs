//! A question set as it is typed into the editor's form, whatever is still wrong with it.
//!
//! The form of a big set has thousands of fields, so that their names are short: `q3.t` is the text of
//! the question with the key 3, `q3.o0.l2` the loading of its line 0 on the need that the form lists as
//! its third. Keys only tell questions and lines apart; their order is the order of the fields.

use std::collections::BTreeMap;

use super::line::{Keyed, LineDraft, take_load, typed_loads, with_key, without_bullet};
use crate::framework::{Code, Kind, Question, QuestionSet};
use crate::text::code;
use crate::web::form::Form;

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    pub code: String,
    pub title: String,
    pub intro: String,
    /// The set whose words in other languages it has.
    pub origin: String,
    pub questions: Vec<QuestionDraft>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuestionDraft {
    pub key: String,
    pub code: String,
    /// The code is known outside already, and stays.
    pub is_saved: bool,
    /// The code that was made from its text, as long as nobody types another.
    pub made: String,
    /// The question whose words in other languages it has.
    pub origin: String,
    pub kind: String,
    pub text: String,
    pub help: String,
    pub required: bool,
    pub no_opinion: String,
    /// The question after whose answers it is shown.
    pub after: String,
    pub any_of: Vec<Code>,
    pub min: String,
    pub max: String,
    pub min_label: String,
    pub max_label: String,
    /// One a line.
    pub labels: String,
    pub min_picks: String,
    pub max_picks: String,
    pub top: String,
    pub total: String,
    pub max_length: String,
    pub multiline: bool,
    pub shuffle: bool,
    /// Of the answer as a whole, by need.
    pub loads: BTreeMap<Code, String>,
    /// Options, or the rows of a matrix.
    pub lines: Vec<LineDraft>,
    /// A list to become lines, one a line.
    pub pasted: String,
    pub is_open: bool,
}

impl Draft {
    /// A set that is begun, with its first question.
    pub fn blank() -> Draft {
        Draft {
            questions: vec![QuestionDraft::blank("0")],
            ..Draft::default()
        }
    }

    pub fn of_set(set: &QuestionSet) -> Draft {
        let question = |(at, question): (usize, &Question)| QuestionDraft::of_question(at, question);
        Draft {
            code: set.code.clone(),
            title: set.title.clone(),
            intro: set.intro.clone(),
            origin: set.code.clone(),
            questions: set.questions.iter().enumerate().map(question).collect(),
        }
    }

    /// The same once more, under codes of its own.
    pub fn copy_of(set: &QuestionSet) -> Draft {
        let mut draft = Draft::of_set(set);
        draft.code.clear();
        draft.title = format!("{} (copy)", set.title);
        for question in &mut draft.questions {
            // What hangs on the question follows to its new code.
            let code = question.code.clone();
            question.become_copy();
            question.made = code;
        }
        draft
    }

    pub fn read(form: &Form) -> Draft {
        let mut draft = Draft::default();
        let needs: Vec<&str> = form
            .0
            .iter()
            .filter(|(name, _)| name == "n")
            .map(|(_, need)| need.as_str())
            .collect();
        for (name, value) in &form.0 {
            // Browsers end lines with CR LF, the file with LF.
            let value = value.replace("\r\n", "\n");
            match name.as_str() {
                "code" => draft.code = value,
                "title" => draft.title = value,
                "intro" => draft.intro = value,
                "origin" => draft.origin = value,
                _ => {
                    let Some((key, field)) = name.strip_prefix('q').and_then(|rest| rest.split_once('.')) else {
                        continue;
                    };
                    if let Some(question) = with_key(&mut draft.questions, key) {
                        question.take(field, value, &needs);
                    }
                }
            }
        }
        for question in &mut draft.questions {
            question.take_pasted();
        }
        draft
    }

    /// Makes a code from the text of whatever has none that was typed, so that other things can refer to
    /// it; what refers to a code that was made before, from another text, follows.
    pub fn fill_codes(&mut self, is_taken: impl Fn(&str) -> bool) {
        let mut own: Vec<Code> = self.questions.iter().map(|question| question.code.clone()).collect();
        let mut renamed: Vec<(Code, Code)> = Vec::new();
        let mut lines_renamed: BTreeMap<Code, Vec<(Code, Code)>> = BTreeMap::new();
        for at in 0..self.questions.len() {
            let question = &mut self.questions[at];
            if is_given(&question.code) || !is_given(&question.text) {
                question.made.clear();
            } else {
                let wanted = named(&question.text, "question");
                let is_known = |code: &str| is_taken(code) || own.iter().any(|known| known == code);
                question.code = code::free(&wanted, is_known);
                own[at] = question.code.clone();
                renamed.push((
                    std::mem::replace(&mut question.made, question.code.clone()),
                    question.code.clone(),
                ));
            }
            lines_renamed.insert(question.code.clone(), question.fill_line_codes());
        }
        let follow = |code: &mut Code, renamed: &[(Code, Code)]| {
            if let Some((_, new)) = renamed.iter().find(|(old, _)| old == code && is_given(old)) {
                *code = new.clone();
            }
        };
        for question in &mut self.questions {
            follow(&mut question.after, &renamed);
            if let Some(renamed) = lines_renamed.get(&question.after) {
                question.any_of.iter_mut().for_each(|code| follow(code, renamed));
            }
        }
    }

    /// Leaves out what speaks of needs that there are not any more; their codes.
    pub fn forget_needs(&mut self, is_known: impl Fn(&str) -> bool) -> Vec<Code> {
        let mut gone: Vec<Code> = Vec::new();
        let loads = self.questions.iter_mut().flat_map(|question| {
            let of_lines = question.lines.iter_mut().map(|line| &mut line.loads);
            std::iter::once(&mut question.loads).chain(of_lines)
        });
        for loads in loads {
            loads.retain(|need, typed| {
                let is_kept = is_known(need);
                if !is_kept && is_given(typed) && !gone.contains(need) {
                    gone.push(need.clone());
                }
                is_kept
            });
        }
        gone
    }

    /// Lines in which nothing was typed are none.
    pub fn drop_blank_lines(&mut self) {
        for question in &mut self.questions {
            question.lines.retain(|line| !line.is_blank());
        }
    }

    /// A question that is to have lines and has none yet is shown with some to fill in.
    pub fn offer_lines(&mut self) {
        for question in &mut self.questions {
            if question.has_lines() && question.lines.is_empty() {
                question.lines.resize_with(2, LineDraft::default);
            }
        }
    }

    /// New keys, in order: 0, 1, 2, …
    pub fn number(&mut self) {
        for (at, question) in self.questions.iter_mut().enumerate() {
            question.key = at.to_string();
            for (at, line) in question.lines.iter_mut().enumerate() {
                line.key = at.to_string();
            }
        }
    }

    pub fn position(&self, key: &str) -> Option<usize> {
        self.questions.iter().position(|question| question.key == key)
    }
}

impl QuestionDraft {
    pub fn blank(key: &str) -> QuestionDraft {
        QuestionDraft {
            key: key.to_owned(),
            kind: "single_choice".into(),
            min: "1".into(),
            max: "5".into(),
            lines: vec![LineDraft::default(), LineDraft::default(), LineDraft::default()],
            is_open: true,
            ..QuestionDraft::default()
        }
    }

    fn of_question(at: usize, question: &Question) -> QuestionDraft {
        let mut draft = QuestionDraft {
            key: at.to_string(),
            code: question.code.clone(),
            is_saved: true,
            origin: question.code.clone(),
            kind: question.kind.name().to_owned(),
            text: question.text.clone(),
            help: question.help.clone(),
            required: question.required,
            no_opinion: question.no_opinion.clone().unwrap_or_default(),
            min: "1".into(),
            max: "5".into(),
            ..QuestionDraft::default()
        };
        if let Some(show_if) = &question.show_if {
            draft.after = show_if.question.clone();
            draft.any_of = show_if.any_of.clone();
        }
        let options = question.kind.options().iter().map(LineDraft::of_option);
        draft.lines = options
            .chain(question.kind.rows().iter().map(LineDraft::of_row))
            .collect();
        match &question.kind {
            Kind::SingleChoice { shuffle, .. } | Kind::BestWorst { shuffle, .. } => draft.shuffle = *shuffle,
            Kind::MultipleChoice {
                min_picks,
                max_picks,
                shuffle,
                ..
            } => {
                draft.min_picks = min_picks.to_string();
                draft.max_picks = max_picks.to_string();
                draft.shuffle = *shuffle;
            }
            Kind::Rating {
                min,
                max,
                min_label,
                max_label,
                loads,
            } => {
                (draft.min, draft.max) = (min.to_string(), max.to_string());
                (draft.min_label, draft.max_label) = (min_label.clone(), max_label.clone());
                draft.loads = typed_loads(loads);
            }
            Kind::Matrix { min, max, labels, .. } => {
                (draft.min, draft.max) = (min.to_string(), max.to_string());
                draft.labels = labels.join("\n");
            }
            Kind::Nps { loads } => draft.loads = typed_loads(loads),
            Kind::Ranking { top, shuffle, .. } => {
                draft.top = top.to_string();
                draft.shuffle = *shuffle;
            }
            Kind::Allocation { total, shuffle, .. } => {
                draft.total = total.to_string();
                draft.shuffle = *shuffle;
            }
            Kind::Text { max_length, multiline } => {
                draft.max_length = max_length.to_string();
                draft.multiline = *multiline;
            }
        }
        draft
            .lines
            .iter_mut()
            .enumerate()
            .for_each(|(at, line)| line.key = at.to_string());
        draft
    }

    /// A question of its own, with the words of another.
    pub fn become_copy(&mut self) {
        self.is_saved = false;
        self.code.clear();
        self.made.clear();
        for line in &mut self.lines {
            line.is_saved = false;
        }
    }

    fn take(&mut self, field: &str, value: String, needs: &[&str]) {
        if let Some((key, field)) = field.strip_prefix('o').and_then(|rest| rest.split_once('.')) {
            if let Some(line) = with_key(&mut self.lines, key) {
                line.take(field, value, needs);
            }
            return;
        }
        match field {
            "s" => (self.code, self.is_saved) = (value, true),
            "c" => self.code = value,
            "g" => self.made = value,
            "f" => self.origin = value,
            "k" => self.kind = value,
            "t" => self.text = value,
            "h" => self.help = value,
            "r" => self.required = is_given(&value),
            "n" => self.no_opinion = value,
            "i" => self.after = value,
            "a" => self.any_of.push(value),
            "min" => self.min = value,
            "max" => self.max = value,
            "ml" => self.min_label = value,
            "xl" => self.max_label = value,
            "lb" => self.labels = value,
            "mp" => self.min_picks = value,
            "xp" => self.max_picks = value,
            "tp" => self.top = value,
            "tt" => self.total = value,
            "len" => self.max_length = value,
            "m" => self.multiline = is_given(&value),
            "u" => self.shuffle = is_given(&value),
            "p" => self.pasted = value,
            "v" => self.is_open = is_given(&value),
            _ => take_load(&mut self.loads, field, value, needs),
        }
    }

    /// What was pasted as a list becomes lines, in the place of those that are still blank.
    fn take_pasted(&mut self) {
        if !is_given(&self.pasted) {
            return;
        }
        let pasted = std::mem::take(&mut self.pasted);
        self.lines.retain(|line| !line.is_blank());
        let texts = pasted.lines().map(without_bullet).filter(|text| !text.is_empty());
        for text in texts {
            self.lines.push(LineDraft {
                text: text.to_owned(),
                ..LineDraft::default()
            });
        }
    }

    /// Which codes became which others.
    fn fill_line_codes(&mut self) -> Vec<(Code, Code)> {
        let noun = if self.kind == "matrix" { "row" } else { "option" };
        let mut own: Vec<Code> = self.lines.iter().map(|line| line.code.clone()).collect();
        let mut renamed = Vec::new();
        for (at, line) in self.lines.iter_mut().enumerate() {
            if is_given(&line.code) || !is_given(&line.text) {
                line.made.clear();
                continue;
            }
            // The form of a matrix uses the name itself.
            let is_taken = |code: &str| code == "no_opinion" || own.iter().any(|known| known == code);
            line.code = code::free(&named(&line.text, noun), is_taken);
            own[at] = line.code.clone();
            renamed.push((std::mem::replace(&mut line.made, line.code.clone()), line.code.clone()));
        }
        renamed
    }

    pub fn line_position(&self, key: &str) -> Option<usize> {
        self.lines.iter().position(|line| line.key == key)
    }

    pub fn has_options(&self) -> bool {
        [
            "single_choice",
            "multiple_choice",
            "ranking",
            "best_worst",
            "allocation",
        ]
        .contains(&self.kind.as_str())
    }

    fn has_lines(&self) -> bool {
        self.has_options() || self.kind == "matrix"
    }
}

impl Keyed for QuestionDraft {
    fn key(&mut self) -> &mut String {
        &mut self.key
    }
}

/// The code of a text; of one without letters, what it is.
fn named(text: &str, noun: &str) -> String {
    let code = code::code(text);
    if code.is_empty() { noun.to_owned() } else { code }
}

pub fn is_given(typed: &str) -> bool {
    !typed.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Form(fields.iter().map(pair).collect())
    }

    #[test]
    fn questions_and_lines_stand_in_the_order_of_their_fields_whatever_their_keys() {
        let draft = Draft::read(&form(&[
            ("n", "speed"),
            ("n", "care"),
            ("title", "Why"),
            ("q7.t", "First"),
            ("q7.o4.t", "b"),
            ("q7.o4.l1", "2"),
            ("q7.o4.l9", "3"),
            ("q7.o1.t", "a"),
            ("q7.h", "x\r\ny"),
            ("q2.t", "Second"),
            ("q2.l0", "1"),
            ("qx", "no field"),
            ("other", "no field"),
        ]));
        let texts: Vec<&str> = draft.questions.iter().map(|question| question.text.as_str()).collect();
        assert_eq!(texts, ["First", "Second"]);
        let first = &draft.questions[0];
        let lines: Vec<&str> = first.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!((lines, first.help.as_str()), (vec!["b", "a"], "x\ny"));
        assert_eq!(
            first.lines[0].loads,
            BTreeMap::from([("care".to_owned(), "2".to_owned())])
        );
        assert_eq!(draft.questions[1].loads["speed"], "1");
        assert_eq!((draft.position("2"), first.line_position("1")), (Some(1), Some(1)));
    }

    #[test]
    fn endless_forms_make_no_endless_drafts() {
        let fields: Vec<(String, String)> = (0..1_000).map(|n| (format!("q0.o{n}.t"), "x".to_owned())).collect();
        assert_eq!(
            Draft::read(&Form(fields)).questions[0].lines.len(),
            super::super::line::MOST
        );
    }

    #[test]
    fn a_made_code_follows_its_text_and_what_refers_to_it_follows_the_code() {
        let mut draft = Draft::read(&form(&[
            ("q0.t", "Why at all?"),
            ("q0.g", "why-now"),
            ("q0.o0.t", "The price tag"),
            ("q0.o0.g", "the-price"),
            ("q0.o1.t", "Care"),
            ("q0.o1.c", "typed"),
            ("q0.o1.g", "care"),
            ("q1.t", "What else?"),
            ("q1.i", "why-now"),
            ("q1.a", "the-price"),
            ("q1.a", "typed"),
        ]));
        draft.fill_codes(|_| false);
        assert_eq!(
            (draft.questions[0].code.as_str(), draft.questions[1].after.as_str()),
            ("why-at-all", "why-at-all")
        );
        assert_eq!(draft.questions[1].any_of, ["the-price-tag", "typed"]);
        let made: Vec<&str> = draft.questions[0].lines.iter().map(|line| line.made.as_str()).collect();
        assert_eq!(made, ["the-price-tag", ""]);
    }

    #[test]
    fn what_has_no_code_gets_one_from_its_text() {
        let mut draft = Draft::read(&form(&[
            ("q0.t", "Why now?"),
            ("q0.k", "single_choice"),
            ("q0.o0.t", "The price"),
            ("q0.o1.t", "The price!"),
            ("q0.o2.s", "kept"),
            ("q0.o2.t", "The price?"),
            ("q0.o3.t", "…"),
            ("q1.t", "Why now"),
            ("q2.t", ""),
            ("q3.t", "Taken"),
        ]));
        draft.fill_codes(|code| code == "taken");
        let codes: Vec<&str> = draft.questions.iter().map(|question| question.code.as_str()).collect();
        assert_eq!(codes, ["why-now", "why-now-2", "", "taken-2"]);
        let codes: Vec<&str> = draft.questions[0].lines.iter().map(|line| line.code.as_str()).collect();
        assert_eq!(codes, ["the-price", "the-price-2", "kept", "option"]);
    }

    #[test]
    fn a_pasted_list_becomes_lines_without_its_bullets() {
        let pasted = "• Speed\n\n- Care\n3. Price\n  2.5 times faster\n-5 degrees\n";
        let draft = Draft::read(&form(&[("q0.o0.t", ""), ("q0.o1.t", "Old"), ("q0.p", pasted)]));
        let texts: Vec<&str> = draft.questions[0].lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(
            texts,
            ["Old", "Speed", "Care", "Price", "2.5 times faster", "-5 degrees"]
        );
        assert_eq!(draft.questions[0].pasted, "");
    }

    #[test]
    fn needs_that_went_are_named_once() {
        let mut draft = Draft::read(&form(&[
            ("n", "gone"),
            ("n", "here"),
            ("q0.l0", "1"),
            ("q0.o0.l0", "2"),
            ("q0.o0.l1", "3"),
        ]));
        assert_eq!(draft.forget_needs(|need| need == "here"), ["gone"]);
        assert_eq!(draft.questions[0].lines[0].loads.len(), 1);
        assert!(draft.questions[0].loads.is_empty());
    }

    #[test]
    fn a_copy_hangs_on_its_own_questions() {
        let framework =
            crate::framework::read::toml(include_str!("../../../../tests/it/support/framework.toml")).unwrap();
        let set = &framework.question_sets[0];
        let mut copy = Draft::copy_of(set);
        copy.fill_codes(|code| framework.question(code).is_some());
        assert_eq!(copy.questions[1].after, copy.questions[0].code);
        assert_ne!(copy.questions[0].code, "why-now");
        assert_eq!(copy.questions[1].any_of, ["new", "other"]);
    }
}
