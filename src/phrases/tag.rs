//! Language tags (BCP 47), as far as a page needs them.

use super::Language;

/// Languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 12] = ["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"];

/// Scripts that are, whatever the language.
const RIGHT_TO_LEFT_SCRIPTS: [&str; 6] = ["adlm", "arab", "hebr", "nkoo", "syrc", "thaa"];

/// A tag fit for a `lang` attribute: what was given, or English where it is none.
pub fn tag_of(language: Option<&str>) -> &str {
    let is_tag = |tag: &&str| {
        (2..=35).contains(&tag.len())
            && tag.starts_with(|c: char| c.is_ascii_alphabetic())
            && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    language.map(str::trim).filter(is_tag).unwrap_or("en")
}

/// `rtl` or `ltr`, for a `dir` attribute around words in that language.
pub fn direction_of(tag: &str) -> &'static str {
    let script = subtags(tag).skip(1).find(|part| part.len() == 4);
    let is_rtl = match script {
        Some(script) => RIGHT_TO_LEFT_SCRIPTS.contains(&script.as_str()),
        None => RIGHT_TO_LEFT.contains(&primary(tag).as_str()),
    };
    if is_rtl { "rtl" } else { "ltr" }
}

/// The attributes that our words need where they stand within words of `tag`, another language: none
/// where it is the same, which is the rule.
pub fn foreign(words: Language, tag: &str) -> String {
    if primary(tag) == words.tag() {
        return String::new();
    }
    format!(" lang=\"{}\" dir=\"{}\"", words.tag(), words.direction())
}

/// `de` of `DE_at`.
pub(super) fn primary(tag: &str) -> String {
    subtags(tag).next().unwrap_or_default()
}

fn subtags(tag: &str) -> impl Iterator<Item = String> {
    tag.trim().split(['-', '_']).map(str::to_ascii_lowercase)
}
