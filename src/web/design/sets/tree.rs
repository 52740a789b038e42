//! What was typed as a part of the framework file: read and checked as the file is, so that there is
//! one set of rules; and as much of it as can be made out while it is still wrong.

use serde_json::{Map, Value, json};

use super::draft::{Draft, QuestionDraft, is_given};
use super::line::LineDraft;
use crate::framework::fault::Fault;
use crate::framework::{
    ChoiceOption, Framework, Kind, Loads, Question, QuestionSet, QuestionTexts, Row, SetTexts, ShowIf,
};
use crate::web::design::typed::{self, trimmed};

/// Where the words in other languages come from, which the editor's form does not hold: what is in
/// force, or the archived set that is brought back.
#[derive(Debug, Clone, Copy)]
pub struct Origins<'f> {
    pub framework: &'f Framework,
    pub archived: Option<&'f QuestionSet>,
}

impl<'f> Origins<'f> {
    fn set(self, code: &str) -> Option<&'f QuestionSet> {
        let archived = self.archived.filter(|set| set.code == code);
        archived.or_else(|| self.framework.question_set(code))
    }

    pub fn question(self, code: &str) -> Option<&'f Question> {
        let archived = self.archived.into_iter().flat_map(|set| &set.questions);
        let mut archived = archived.filter(|question| question.code == code);
        archived.next().or_else(|| self.framework.question(code))
    }
}

impl Draft {
    /// The set, read and checked as a part of this framework, or all that is wrong with it, by field. A new
    /// one stands last.
    pub fn checked(&self, origins: Origins, is_new: bool) -> Result<QuestionSet, Vec<Fault>> {
        let sets = &origins.framework.question_sets;
        let at = sets.iter().position(|set| set.code == self.code).filter(|_| !is_new);
        let (mut framework, at) = typed::checked(origins.framework, "question_sets", at, self.tree(origins))?;
        Ok(framework.question_sets.swap_remove(at))
    }

    fn tree(&self, origins: Origins) -> Map<String, Value> {
        let was = origins.set(&self.origin);
        let mut tree = Map::new();
        tree.insert("code".into(), json!(self.code.trim()));
        tree.insert(
            "title".into(),
            json!(trimmed(&self.title, was.map(|was| was.title.as_str()))),
        );
        put_text(&mut tree, "intro", &self.intro, was.map(|was| was.intro.as_str()));
        if let Some(was) = was.filter(|was| !was.translations.is_empty()) {
            tree.insert("translations".into(), json!(was.translations));
        }
        let questions = self.questions.iter().map(|question| question.tree(origins));
        tree.insert("questions".into(), questions.collect());
        tree
    }

    /// As much of the set as can be made out, for a look at what it would be.
    pub fn guessed(&self, origins: Origins) -> QuestionSet {
        let translations: std::collections::BTreeMap<String, SetTexts> = origins
            .set(&self.origin)
            .map(|was| was.translations.clone())
            .unwrap_or_default();
        QuestionSet {
            code: self.code.trim().to_owned(),
            title: self.title.trim().to_owned(),
            intro: self.intro.clone(),
            translations,
            questions: self
                .questions
                .iter()
                .map(|question| question.guessed(origins))
                .collect(),
        }
    }
}

impl QuestionDraft {
    fn tree(&self, origins: Origins) -> Value {
        let was = origins.question(&self.origin);
        let mut tree = Map::new();
        tree.insert("code".into(), json!(self.code.trim()));
        tree.insert("kind".into(), json!(self.kind));
        tree.insert(
            "text".into(),
            json!(trimmed(&self.text, was.map(|was| was.text.as_str()))),
        );
        put_text(&mut tree, "help", &self.help, was.map(|was| was.help.as_str()));
        put_flag(&mut tree, "required", self.required);
        if is_given(&self.after) {
            tree.insert(
                "show_if".into(),
                json!({ "question": self.after, "any_of": self.any_of }),
            );
        }
        self.put_kind(&mut tree, was);
        let no_opinion = was.and_then(|was| was.no_opinion.as_deref());
        put_text(&mut tree, "no_opinion", &self.no_opinion, no_opinion);
        let translations = was.into_iter().flat_map(|was| &was.translations);
        let translations: Map<String, Value> = translations
            .map(|(language, texts)| (language.clone(), json!(self.fitting(texts, tree.get("labels")))))
            .collect();
        if !translations.is_empty() {
            tree.insert("translations".into(), Value::Object(translations));
        }
        Value::Object(tree)
    }

    fn put_kind(&self, tree: &mut Map<String, Value>, was: Option<&Question>) {
        if self.has_options() {
            let options = was.map(|was| was.kind.options()).unwrap_or_default();
            let was = |code: &str| {
                options
                    .iter()
                    .find(|known| known.code == code)
                    .map(|known| known.text.as_str())
            };
            let lines = self.lines.iter().map(|line| line.tree(was(&line.code), true));
            tree.insert("options".into(), lines.collect());
            put_flag(tree, "shuffle", self.shuffle);
        }
        match self.kind.as_str() {
            "multiple_choice" => {
                put_number(tree, "min_picks", &self.min_picks);
                put_number(tree, "max_picks", &self.max_picks);
            }
            "rating" => {
                self.put_scale(tree);
                let labels = match was.map(|was| &was.kind) {
                    Some(Kind::Rating {
                        min_label, max_label, ..
                    }) => Some((min_label.as_str(), max_label.as_str())),
                    _ => None,
                };
                put_text(tree, "min_label", &self.min_label, labels.map(|labels| labels.0));
                put_text(tree, "max_label", &self.max_label, labels.map(|labels| labels.1));
                put_loads(tree, &self.loads);
            }
            "matrix" => {
                self.put_scale(tree);
                let labels = self.labels_as_list(was);
                if !labels.is_empty() {
                    tree.insert("labels".into(), json!(labels));
                }
                let rows = was.map(|was| was.kind.rows()).unwrap_or_default();
                let was = |code: &str| {
                    rows.iter()
                        .find(|known| known.code == code)
                        .map(|known| known.text.as_str())
                };
                let lines = self.lines.iter().map(|line| line.tree(was(&line.code), false));
                tree.insert("rows".into(), lines.collect());
            }
            "nps" => put_loads(tree, &self.loads),
            "ranking" => put_number(tree, "top", &self.top),
            "allocation" => put_number(tree, "total", &self.total),
            "text" => {
                put_number(tree, "max_length", &self.max_length);
                put_flag(tree, "multiline", self.multiline);
            }
            _ => {}
        }
    }

    fn put_scale(&self, tree: &mut Map<String, Value>) {
        put_number(tree, "min", &self.min);
        put_number(tree, "max", &self.max);
    }

    /// One label a line; those that nobody touched stay as they were, blank ones too.
    fn labels_as_list(&self, was: Option<&Question>) -> Vec<String> {
        match was.map(|was| &was.kind) {
            Some(Kind::Matrix { labels, .. }) if labels.join("\n") == self.labels => labels.clone(),
            _ => typed::lines(&self.labels),
        }
    }

    /// Of the words in another language, those that the question still has a place for.
    fn fitting(&self, texts: &QuestionTexts, labels: Option<&Value>) -> QuestionTexts {
        let mut texts = texts.clone();
        let labels = labels.and_then(Value::as_array).map_or(0, Vec::len);
        if texts.labels.len() != labels {
            texts.labels.clear();
        }
        let is_line = |code: &str| self.lines.iter().any(|line| line.code.trim() == code);
        let (has_options, is_matrix) = (self.has_options(), self.kind == "matrix");
        texts.options.retain(|code, _| has_options && is_line(code));
        texts.rows.retain(|code, _| is_matrix && is_line(code));
        texts
    }

    fn guessed(&self, origins: Origins) -> Question {
        let was = origins.question(&self.origin);
        let translations = was.map(|was| was.translations.clone()).unwrap_or_default();
        Question {
            code: self.code.trim().to_owned(),
            text: self.text.trim().to_owned(),
            help: self.help.trim().to_owned(),
            required: self.required,
            show_if: is_given(&self.after).then(|| ShowIf {
                question: self.after.clone(),
                any_of: self.any_of.clone(),
            }),
            no_opinion: is_given(&self.no_opinion).then(|| self.no_opinion.trim().to_owned()),
            kind: self.guessed_kind(was),
            translations,
        }
    }

    fn guessed_kind(&self, was: Option<&Question>) -> Kind {
        let lines = || self.lines.iter().filter(|line| !line.is_blank());
        let options: Vec<ChoiceOption> = match self.has_options() {
            true => lines().map(LineDraft::guessed_option).collect(),
            false => Vec::new(),
        };
        let real = options.iter().filter(|option| !option.no_opinion).count();
        // More than there are cannot be picked or ranked.
        let number = |typed: &str, usual: usize| typed.trim().parse::<u32>().unwrap_or(usual as u32).min(1_000_000);
        let scale = |typed: &str, usual: i32| typed.trim().parse::<i32>().unwrap_or(usual);
        let (min, max) = (scale(&self.min, 1), scale(&self.max, 5));
        let shuffle = self.shuffle;
        match self.kind.as_str() {
            "multiple_choice" => Kind::MultipleChoice {
                min_picks: number(&self.min_picks, 1),
                max_picks: number(&self.max_picks, real),
                options,
                shuffle,
            },
            "rating" => Kind::Rating {
                min,
                max,
                min_label: self.min_label.trim().to_owned(),
                max_label: self.max_label.trim().to_owned(),
                loads: guessed_loads(&self.loads),
            },
            "matrix" => Kind::Matrix {
                min,
                max,
                labels: self.labels_as_list(was),
                rows: lines().map(LineDraft::guessed_row).collect(),
            },
            "nps" => Kind::Nps {
                loads: guessed_loads(&self.loads),
            },
            "ranking" => Kind::Ranking {
                top: number(&self.top, real),
                options,
                shuffle,
            },
            "best_worst" => Kind::BestWorst { options, shuffle },
            "allocation" => Kind::Allocation {
                options,
                total: number(&self.total, 100),
                shuffle,
            },
            "text" => Kind::Text {
                max_length: number(&self.max_length, 10_000),
                multiline: self.multiline,
            },
            _ => Kind::SingleChoice { options, shuffle },
        }
    }
}

impl LineDraft {
    fn tree(&self, was: Option<&str>, is_option: bool) -> Value {
        let mut tree = Map::new();
        tree.insert("code".into(), json!(self.code.trim()));
        tree.insert("text".into(), json!(trimmed(&self.text, was)));
        if is_option {
            put_flag(&mut tree, "free_text", self.free_text);
            put_flag(&mut tree, "no_opinion", self.no_opinion);
        }
        // "I can't say" speaks for nothing; what was typed before it was that is left aside.
        if !(is_option && self.no_opinion) {
            put_loads(&mut tree, &self.loads);
        }
        Value::Object(tree)
    }

    fn guessed_option(&self) -> ChoiceOption {
        ChoiceOption {
            code: self.code.trim().to_owned(),
            text: self.text.trim().to_owned(),
            loads: guessed_loads(&self.loads),
            free_text: self.free_text,
            no_opinion: self.no_opinion,
        }
    }

    fn guessed_row(&self) -> Row {
        Row {
            code: self.code.trim().to_owned(),
            text: self.text.trim().to_owned(),
            loads: guessed_loads(&self.loads),
        }
    }
}

fn put_text(tree: &mut Map<String, Value>, key: &str, typed: &str, was: Option<&str>) {
    if is_given(typed) || was.is_some_and(|was| !was.is_empty() && was == typed) {
        tree.insert(key.to_owned(), json!(trimmed(typed, was)));
    }
}

fn put_flag(tree: &mut Map<String, Value>, key: &str, is_set: bool) {
    if is_set {
        tree.insert(key.to_owned(), json!(true));
    }
}

fn put_number(tree: &mut Map<String, Value>, key: &str, typed: &str) {
    if is_given(typed) {
        tree.insert(key.to_owned(), typed::number(typed));
    }
}

fn put_loads(tree: &mut Map<String, Value>, loads: &std::collections::BTreeMap<String, String>) {
    let given = loads.iter().filter(|(_, typed)| is_given(typed));
    let given: Map<String, Value> = given
        .map(|(need, typed)| {
            let load = load(typed).map_or_else(|| json!(typed.trim()), |load| typed::number(&load.to_string()));
            (need.clone(), load)
        })
        .collect();
    if !given.is_empty() {
        tree.insert("loads".into(), Value::Object(given));
    }
}

fn guessed_loads(loads: &std::collections::BTreeMap<String, String>) -> Loads {
    loads
        .iter()
        .filter_map(|(need, typed)| Some((need.clone(), load(typed)?)))
        .collect()
}

/// A loading as people type it: `2`, `-1`, `−0.5` or `0,5`; `None` where it is no number.
pub fn load(typed: &str) -> Option<f64> {
    let typed = typed.trim().replace('−', "-");
    // A comma before one or two digits parts the decimals; before three it may mean a thousand.
    let point = match typed.split_once(',') {
        Some((whole, decimals)) if !whole.contains('.') && (1..=2).contains(&decimals.len()) => {
            format!("{whole}.{decimals}")
        }
        _ => typed,
    };
    point.parse::<f64>().ok().filter(|load| load.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::read;
    use crate::web::form::Form;

    fn framework() -> Framework {
        read::toml(include_str!("../../../../tests/it/support/framework.toml")).unwrap()
    }

    fn origins(framework: &Framework) -> Origins<'_> {
        Origins {
            framework,
            archived: None,
        }
    }

    #[test]
    fn a_set_that_nobody_touched_reads_back_as_it_was() {
        let mut framework = framework();
        if let Kind::SingleChoice { options, .. } = &mut framework.question_sets[0].questions[0].kind {
            options[0].text = " two\n lines ".into();
            options[1].loads.insert("assurance".into(), 0.0);
        }
        framework.question_sets[0].questions[0].help = "  ".into();
        for set in &framework.question_sets {
            let mut draft = Draft::of_set(set);
            draft.drop_blank_lines();
            assert_eq!(draft.checked(origins(&framework), false).as_ref(), Ok(set));
            assert_eq!(draft.guessed(origins(&framework)).questions.len(), set.questions.len());
        }
    }

    #[test]
    fn what_can_be_made_out_of_a_sound_draft_is_the_set() {
        let framework = framework();
        for set in &framework.question_sets {
            assert_eq!(&Draft::of_set(set).guessed(origins(&framework)), set);
        }
    }

    #[test]
    fn another_kind_keeps_the_text_and_the_lines_and_loses_the_words_that_have_no_place() {
        let framework = framework();
        let mut draft = Draft::of_set(&framework.question_sets[0]);
        draft.questions[1].after.clear();
        draft.questions[0].kind = "matrix".into();
        draft.questions[0].lines.truncate(3);
        let set = draft.checked(origins(&framework), false).expect("no faults");
        assert_eq!(set.questions[0].kind.rows().len(), 3);
        let german = &set.questions[0].translations["de"];
        assert!(german.options.is_empty() && german.text.is_some());
        draft.questions[0].kind = "ranking".into();
        let set = draft.checked(origins(&framework), false).expect("no faults");
        assert_eq!(set.questions[0].kind.options()[1].loads["intimacy"], 3.0);
        assert_eq!(set.questions[0].translations["de"].options.len(), 1);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once_each_at_its_field() {
        let framework = framework();
        let mut draft = Draft::of_set(&framework.question_sets[0]);
        draft.title.clear();
        draft.questions[0].lines[0]
            .loads
            .insert("efficiency".into(), "much".into());
        draft.questions[0].lines[1].text = "{{ nobody }}".into();
        draft.questions[1].any_of = vec!["gone".into()];
        draft.questions[2].max_picks = "9".into();
        draft.questions[3].min = "seven".into();
        draft.questions[4].lines.clear();
        draft.questions[5].kind = "riddle".into();
        let faults = draft.checked(origins(&framework), false).expect_err("faults");
        let places: Vec<&str> = faults.iter().map(|fault| fault.place.as_str()).collect();
        for place in [
            "title",
            "questions[0].options[0].loads.efficiency",
            "questions[0].options[1].text",
            "questions[1].show_if.any_of[0]",
            "questions[2].max_picks",
            "questions[3].min",
            "questions[4].rows",
            "questions[5].kind",
        ] {
            assert!(places.contains(&place), "{place} in {places:?}");
        }
    }

    #[test]
    fn a_new_set_takes_no_others_code() {
        let framework = framework();
        let draft = Draft::of_set(&framework.question_sets[0]);
        let faults = draft.checked(origins(&framework), true).expect_err("faults");
        assert!(faults.iter().any(|fault| fault.place == "code"), "{faults:?}");
    }

    #[test]
    fn a_loading_is_read_as_people_type_it() {
        for (typed, expected) in [
            (" 2 ", Some(2.0)),
            ("-1", Some(-1.0)),
            ("−0.5", Some(-0.5)),
            ("0,25", Some(0.25)),
            ("1,000", None),
            ("1.0,5", None),
            ("inf", None),
            ("much", None),
        ] {
            assert_eq!(load(typed), expected, "{typed}");
        }
    }

    #[test]
    fn a_form_becomes_a_set() {
        let fields = [
            ("n", "efficiency"),
            ("n", "intimacy"),
            ("code", "fresh"),
            ("title", " Fresh "),
            ("q0.c", "how"),
            ("q0.k", "single_choice"),
            ("q0.t", "How?"),
            ("q0.o0.t", "Fast"),
            ("q0.o0.l0", "0,5"),
            ("q0.o1.t", ""),
            ("q0.o2.t", "Near"),
            ("q0.o3.t", "No idea"),
            ("q0.o3.x", "n"),
            ("q0.o3.l0", "7"),
        ];
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut draft = Draft::read(&Form(fields.iter().map(pair).collect()));
        draft.fill_codes(|_| false);
        draft.drop_blank_lines();
        let framework = framework();
        let set = draft.checked(origins(&framework), true).expect("no faults");
        assert_eq!(set.title, "Fresh");
        let options = set.questions[0].kind.options();
        let told: Vec<_> = options
            .iter()
            .map(|o| (o.code.as_str(), o.loads.get("efficiency").copied(), o.no_opinion))
            .collect();
        assert_eq!(
            told,
            [
                ("fast", Some(0.5), false),
                ("near", None, false),
                ("no-idea", None, true)
            ]
        );
    }
}
