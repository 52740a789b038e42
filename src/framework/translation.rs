//! Which of an author's translations a reader gets.

use std::collections::BTreeMap;

use super::{Question, QuestionSet, QuestionTexts, SetTexts};

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

/// The translation that is closest to a reader of `de-AT`: `de-AT`, else `de`, else another German.
/// How a tag is spelt (`DE_at`) makes no difference.
pub fn closest<'t, T>(translations: &'t BTreeMap<String, T>, language: &str) -> Option<(&'t str, &'t T)> {
    let wanted = parts(language);
    let shared = |tag: &str| {
        let same = parts(tag)
            .into_iter()
            .zip(&wanted)
            .take_while(|(one, other)| one == *other);
        same.count()
    };
    let near = translations.iter().filter(|(tag, _)| shared(tag) > 0);
    // The most that agrees, then the least that does not: plain `de` before `de-CH`.
    let best = near.max_by_key(|(tag, _)| (shared(tag), usize::MAX - parts(tag).len()));
    best.map(|(tag, texts)| (tag.as_str(), texts))
}

fn parts(tag: &str) -> Vec<String> {
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
