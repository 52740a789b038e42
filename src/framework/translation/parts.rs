//! The texts of a question set that a reader sees, each with its translation: read and written.

use crate::framework::fault::Place;
use crate::framework::{Code, Kind, Question, QuestionSet, QuestionTexts, SetTexts};

/// One text of a question set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `None`: the set itself; else the question's place in the set.
    pub question: Option<usize>,
    pub what: What,
    /// As it was first written; never blank.
    pub original: String,
    pub translated: Option<String>,
}

/// Which text of a set or a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Title,
    Intro,
    Text,
    Help,
    NoOpinion,
    MinLabel,
    MaxLabel,
    /// A point of a matrix's scale.
    Label(usize),
    Option(Code),
    Row(Code),
}

impl What {
    pub fn label(&self) -> String {
        match self {
            What::Title => "Title".to_owned(),
            What::Intro => "Introduction".to_owned(),
            What::Text => "Question".to_owned(),
            What::Help => "Help".to_owned(),
            What::NoOpinion => "No opinion".to_owned(),
            What::MinLabel => "Lowest point".to_owned(),
            What::MaxLabel => "Highest point".to_owned(),
            What::Label(at) => format!("Point {}", at + 1),
            What::Option(code) => format!("Option {code}"),
            What::Row(code) => format!("Row {code}"),
        }
    }

    /// Whether it may take several lines.
    pub fn is_long(&self) -> bool {
        matches!(self, What::Intro | What::Text | What::Help)
    }
}

impl Part {
    /// Its name in a form: by codes, so that it means the same after questions were moved.
    pub fn name(&self, set: &QuestionSet) -> String {
        let question = self.question.and_then(|at| set.questions.get(at));
        let of = question.map_or("", |question| question.code.as_str());
        match &self.what {
            What::Title => ".title".to_owned(),
            What::Intro => ".intro".to_owned(),
            What::Text => format!("{of}.text"),
            What::Help => format!("{of}.help"),
            What::NoOpinion => format!("{of}.no_opinion"),
            What::MinLabel => format!("{of}.min_label"),
            What::MaxLabel => format!("{of}.max_label"),
            What::Label(at) => format!("{of}.labels.{at}"),
            What::Option(code) => format!("{of}.options.{code}"),
            What::Row(code) => format!("{of}.rows.{code}"),
        }
    }

    /// Where its translation stands in the file; `set` counts from 0.
    pub fn place(&self, set: usize, language: &str) -> Place {
        let set = Place::root().key("question_sets").index(set);
        let texts = match self.question {
            None => set,
            Some(at) => set.key("questions").index(at),
        };
        let texts = texts.key("translations").key(language);
        match &self.what {
            What::Title => texts.key("title"),
            What::Intro => texts.key("intro"),
            What::Text => texts.key("text"),
            What::Help => texts.key("help"),
            What::NoOpinion => texts.key("no_opinion"),
            What::MinLabel => texts.key("min_label"),
            What::MaxLabel => texts.key("max_label"),
            What::Label(at) => texts.key("labels").index(*at),
            What::Option(code) => texts.key("options").key(code),
            What::Row(code) => texts.key("rows").key(code),
        }
    }
}

/// Every text of the set that is not blank, in the order in which a reader meets them, with what
/// stands for it under exactly that tag.
pub fn list(set: &QuestionSet, language: &str) -> Vec<Part> {
    let none = SetTexts::default();
    let texts = set.translations.get(language).unwrap_or(&none);
    let mut parts = Vec::new();
    let mut add = |question, what, original: &str, translated: Option<&String>| {
        if !original.trim().is_empty() {
            parts.push(Part {
                question,
                what,
                original: original.to_owned(),
                translated: translated.filter(|text| !text.trim().is_empty()).cloned(),
            });
        }
    };
    add(None, What::Title, &set.title, texts.title.as_ref());
    add(None, What::Intro, &set.intro, texts.intro.as_ref());
    for (at, question) in set.questions.iter().enumerate() {
        of_question(question, language, &mut |what, original, translated| {
            add(Some(at), what, original, translated)
        });
    }
    parts
}

fn of_question(question: &Question, language: &str, add: &mut impl FnMut(What, &str, Option<&String>)) {
    let none = QuestionTexts::default();
    let texts = question.translations.get(language).unwrap_or(&none);
    add(What::Text, &question.text, texts.text.as_ref());
    add(What::Help, &question.help, texts.help.as_ref());
    match &question.kind {
        Kind::Rating {
            min_label, max_label, ..
        } => {
            add(What::MinLabel, min_label, texts.min_label.as_ref());
            add(What::MaxLabel, max_label, texts.max_label.as_ref());
        }
        Kind::Matrix { labels, .. } => {
            for (at, label) in labels.iter().enumerate() {
                add(What::Label(at), label, texts.labels.get(at));
            }
        }
        _ => {}
    }
    for option in question.kind.options() {
        let translated = texts.options.get(&option.code);
        add(What::Option(option.code.clone()), &option.text, translated);
    }
    for row in question.kind.rows() {
        add(What::Row(row.code.clone()), &row.text, texts.rows.get(&row.code));
    }
    if let Some(words) = &question.no_opinion {
        add(What::NoOpinion, words, texts.no_opinion.as_ref());
    }
}

/// Puts the translations of `parts`, as [`list`] names them, in place of those that the set has in
/// that language. What is blank is not translated; where nothing is, the language goes.
pub fn put(set: &mut QuestionSet, language: &str, parts: &[Part]) {
    let mut of_set = SetTexts::default();
    let mut of_questions = vec![QuestionTexts::default(); set.questions.len()];
    for part in parts {
        let Some(text) = part.translated.clone().filter(|text| !text.trim().is_empty()) else {
            continue;
        };
        match (&part.what, part.question.and_then(|at| of_questions.get_mut(at))) {
            (What::Title, _) => of_set.title = Some(text),
            (What::Intro, _) => of_set.intro = Some(text),
            (_, None) => {}
            (What::Text, Some(texts)) => texts.text = Some(text),
            (What::Help, Some(texts)) => texts.help = Some(text),
            (What::NoOpinion, Some(texts)) => texts.no_opinion = Some(text),
            (What::MinLabel, Some(texts)) => texts.min_label = Some(text),
            (What::MaxLabel, Some(texts)) => texts.max_label = Some(text),
            (What::Option(code), Some(texts)) => drop(texts.options.insert(code.clone(), text)),
            (What::Row(code), Some(texts)) => drop(texts.rows.insert(code.clone(), text)),
            // A scale is translated whole; a point without words of its own keeps the first ones.
            (What::Label(label), Some(texts)) => {
                let question = part.question.and_then(|at| set.questions.get(at));
                if let (true, Some(Kind::Matrix { labels, .. })) =
                    (texts.labels.is_empty(), question.map(|question| &question.kind))
                {
                    texts.labels = labels.clone();
                }
                if let Some(place) = texts.labels.get_mut(*label) {
                    *place = text;
                }
            }
        }
    }
    match of_set == SetTexts::default() {
        true => drop(set.translations.remove(language)),
        false => drop(set.translations.insert(language.to_owned(), of_set)),
    }
    for (question, texts) in set.questions.iter_mut().zip(of_questions) {
        match texts == QuestionTexts::default() {
            true => drop(question.translations.remove(language)),
            false => drop(question.translations.insert(language.to_owned(), texts)),
        }
    }
}

/// How many of the set's texts stand in that language, and how many there are.
pub fn count(set: &QuestionSet, language: &str) -> (usize, usize) {
    let parts = list(set, language);
    let done = parts.iter().filter(|part| part.translated.is_some()).count();
    (done, parts.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: &str = r#"
[[needs]]
code = "speed"
name = "Speed"
level = "tactical"
description = "x"
[[question_sets]]
code = "one"
title = "One"
[[question_sets.questions]]
code = "grid"
kind = "matrix"
text = "Rate these"
min = 1
max = 2
labels = ["low", "high"]
rows = [{ code = "a", text = "A", loads = { speed = 1 } }]
no_opinion = "I can't say"
translations = { de = { text = "Bewerten Sie", labels = ["tief", "hoch"], rows = { a = "Ä" }, no_opinion = "Weiß nicht" } }
"#;

    fn set() -> QuestionSet {
        let framework = crate::framework::read::toml(SET).unwrap_or_else(|faults| panic!("{faults:?}"));
        framework.question_sets[0].clone()
    }

    #[test]
    fn every_text_of_a_set_is_listed_with_its_translation() {
        let set = set();
        let parts = list(&set, "de");
        let shown: Vec<(String, &str)> = parts
            .iter()
            .map(|part| (part.name(&set), part.translated.as_deref().unwrap_or("-")))
            .collect();
        let expected = [
            (".title", "-"),
            ("grid.text", "Bewerten Sie"),
            ("grid.labels.0", "tief"),
            ("grid.labels.1", "hoch"),
            ("grid.rows.a", "Ä"),
            ("grid.no_opinion", "Weiß nicht"),
        ];
        let expected: Vec<(String, &str)> = expected
            .iter()
            .map(|(name, text)| ((*name).to_owned(), *text))
            .collect();
        assert_eq!(shown, expected);
        assert_eq!(count(&set, "de"), (5, 6));
        assert_eq!(count(&set, "fr"), (0, 6));
        assert_eq!(
            parts[4].place(3, "de").to_string(),
            "question_sets[3].questions[0].translations.de.rows.a"
        );
    }

    #[test]
    fn what_is_put_is_what_is_listed_and_blanks_take_a_language_away() {
        let mut set = set();
        let before = set.clone();
        let parts = list(&set, "de");
        put(&mut set, "de", &parts);
        assert_eq!(set, before);
        let mut half = list(&set, "fr");
        half[3].translated = Some("haut".to_owned());
        put(&mut set, "fr", &half);
        assert_eq!(set.questions[0].translations["fr"].labels, ["low", "haut"]);
        half[3].translated = Some("  ".to_owned());
        put(&mut set, "fr", &half);
        assert_eq!(set, before);
    }
}
