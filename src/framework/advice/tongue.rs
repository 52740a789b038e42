//! The languages that wording is looked at in.

use super::text::{Text, is_one_of};
use super::{english, german};
use crate::framework::QuestionSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    English,
    German,
}

/// What a language says it with. Phrases are written as [`Text::find`] reads them.
pub struct Lexicon {
    /// Wording that pushes, and what is left out of account though it looks like it.
    pub leading: &'static [&'static str],
    pub facts: &'static [&'static str],
    pub not_facts: &'static [&'static str],
    pub personality: &'static [&'static str],
    pub absolutes: &'static [&'static str],
    pub not_absolutes: &'static [&'static str],
    /// Words that deny.
    pub negators: &'static [&'static str],
    /// Words that say no by their meaning: one of them with a negator is a double negative.
    pub negatives: &'static [&'static str],
    pub not_negative: &'static [&'static str],
    pub jargon: &'static [&'static str],
    /// Beginnings of what is answered on a scale, or with yes or no.
    pub rated: &'static [&'static str],
    pub yes_no: &'static [&'static str],
    /// Beginnings of what asks for nothing: an instruction.
    pub instructions: &'static [&'static str],
    /// Words that open a question.
    pub askers: &'static [&'static str],
    /// Beginnings of a clause that only sets the scene.
    pub scenes: &'static [&'static str],
    pub joiners: &'static [&'static str],
    pub alternatives: &'static [&'static str],
    /// Phrases in which a joiner joins nothing that is asked about.
    pub one_thing: &'static [&'static str],
    /// Beside a joiner these belong to one thing.
    pub pronouns: &'static [&'static str],
    /// What a company does: two of them joined are two questions.
    pub deeds: &'static [&'static str],
    /// What takes the thing itself behind it: "the", "our".
    pub articles: &'static [&'static str],
    /// More words than this in a sentence are too many.
    pub longest_sentence: usize,
    /// Said of a scale of agreement.
    pub agreement: &'static [&'static str],
    pub positive: &'static [&'static str],
    pub negative: &'static [&'static str],
    pub nothing: &'static [&'static str],
    /// How strongly: the ends of a scale have the same.
    pub strongly: &'static [&'static str],
}

const ENGLISH_WORDS: &[&str] = &[
    "the", "and", "you", "your", "is", "are", "how", "what", "why", "which", "with", "for", "us", "of", "to", "our",
    "do", "did", "would", "most", "we", "that", "it",
];
const GERMAN_WORDS: &[&str] = &[
    "der", "die", "das", "und", "sie", "ihr", "ihre", "ihnen", "ist", "wie", "warum", "nicht", "ein", "eine", "mit",
    "für", "uns", "haben", "wir", "zu", "den", "dem", "am", "welche", "welcher", "bei",
];

impl Tongue {
    /// The language of a translation's key.
    pub fn named(language: &str) -> Option<Tongue> {
        match language.split('-').next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Tongue::English),
            "de" => Some(Tongue::German),
            _ => None,
        }
    }

    /// The language that the set itself is written in, by its commonest words: a framework does not
    /// name it. Where neither is to be seen, English is the back office's own.
    pub fn of_set(set: &QuestionSet) -> Option<Tongue> {
        let mut texts = vec![set.title.as_str(), set.intro.as_str()];
        for question in &set.questions {
            texts.push(&question.text);
            texts.extend(question.kind.rows().iter().map(|row| row.text.as_str()));
            texts.extend(question.kind.options().iter().map(|option| option.text.as_str()));
        }
        Tongue::of(&texts.join("\n"))
    }

    fn of(text: &str) -> Option<Tongue> {
        let text = Text::of(text);
        let count = |list| text.words.iter().filter(|word| is_one_of(&word.small, list)).count();
        let (english, german) = (count(ENGLISH_WORDS), count(GERMAN_WORDS));
        match english.cmp(&german) {
            std::cmp::Ordering::Less => Some(Tongue::German),
            std::cmp::Ordering::Greater => Some(Tongue::English),
            std::cmp::Ordering::Equal => (english > 0 || text.words.len() < 4).then_some(Tongue::English),
        }
    }

    pub fn lexicon(self) -> &'static Lexicon {
        match self {
            Tongue::English => &english::LEXICON,
            Tongue::German => &german::LEXICON,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_by_its_commonest_words() {
        assert_eq!(Tongue::of("What made you choose us?"), Some(Tongue::English));
        assert_eq!(
            Tongue::of("Was hat Sie bewogen, mit uns zu arbeiten?"),
            Some(Tongue::German)
        );
        assert_eq!(
            Tongue::of("Pourquoi nous avez-vous choisis plutôt que d'autres ?"),
            None
        );
        assert_eq!(Tongue::named("de-AT"), Some(Tongue::German));
        assert_eq!(Tongue::named("fr"), None);
    }
}
