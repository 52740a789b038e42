//! Which of an author's translations a reader gets; and, for who translates, [`parts`]: every text of
//! a question set with what stands for it in another language.

pub mod parts;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Letter, Question, QuestionSet, QuestionTexts, SetTexts};

impl QuestionSet {
    /// The set's own words for a reader of that language, where it was translated.
    pub fn texts(&self, language: Option<&str>) -> Option<&SetTexts> {
        closest(&self.translations, language?).map(|(_, texts)| texts)
    }

    /// The language in which a reader of that language finds the set: the translation's own tag, or
    /// `None` where it is shown as it was first written.
    pub fn spoken(&self, language: Option<&str>) -> Option<&str> {
        let language = language?;
        let of_questions = self.questions.iter();
        let of_questions = of_questions.filter_map(|question| closest(&question.translations, language));
        let of_set = closest(&self.translations, language).map(|(tag, _)| tag);
        of_set.or_else(|| of_questions.map(|(tag, _)| tag).next())
    }
}

impl Question {
    /// The question's words for a reader of that language, where it was translated.
    pub fn texts(&self, language: Option<&str>) -> Option<&QuestionTexts> {
        closest(&self.translations, language?).map(|(_, texts)| texts)
    }
}

impl Letter {
    /// The letter as a reader of that language gets it.
    pub fn for_reader(&self, language: Option<&str>) -> Cow<'_, Letter> {
        let texts = language.and_then(|language| closest(&self.translations, language));
        let Some((_, texts)) = texts else {
            return Cow::Borrowed(self);
        };
        Cow::Owned(Letter {
            subject: texts.subject.as_ref().unwrap_or(&self.subject).clone(),
            body: texts.body.as_ref().unwrap_or(&self.body).clone(),
            translations: BTreeMap::new(),
        })
    }
}

/// The translation that is closest to a reader of `de-AT`: `de-AT`, else `de`, else another German.
/// How a tag is spelt (`DE_at`) makes no difference.
pub fn closest<'t, T>(translations: &'t BTreeMap<String, T>, language: &str) -> Option<(&'t str, &'t T)> {
    let wanted = subtags(language);
    let shared = |tag: &str| {
        let same = subtags(tag)
            .into_iter()
            .zip(&wanted)
            .take_while(|(one, other)| one == *other);
        same.count()
    };
    let near = translations.iter().filter(|(tag, _)| shared(tag) > 0);
    // The most that agrees, then the least that does not: plain `de` before `de-CH`.
    let best = near.min_by_key(|(tag, _)| (Reverse(shared(tag)), subtags(tag).len()));
    best.map(|(tag, texts)| (tag.as_str(), texts))
}

/// A language as in `de` or `pt-BR`.
pub fn is_tag(language: &str) -> bool {
    let mut parts = language.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn subtags(tag: &str) -> Vec<String> {
    tag.trim().split(['-', '_']).map(str::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_translation_is_found_however_the_tag_is_spelt() {
        let of = |tags: &[&str]| -> BTreeMap<String, ()> { tags.iter().map(|tag| ((*tag).to_owned(), ())).collect() };
        for (tags, language, expected) in [
            (&["de", "de-AT", "fr"][..], "DE_at", Some("de-AT")),
            (&["de", "de-AT"], "de-CH", Some("de")),
            (&["de", "de-AT"], "de", Some("de")),
            (&["pt-BR"], "pt", Some("pt-BR")),
            (&["de-AT", "de-CH"], "de", Some("de-AT")),
            (&["de"], "den", None),
            (&["de"], "", None),
        ] {
            let translations = of(tags);
            let found = closest(&translations, language).map(|(tag, ())| tag);
            assert_eq!(found, expected, "{language} among {tags:?}");
        }
    }
}
