//! A code made from a text, such as `somebody-i-trust`: what a thing is called in files and addresses.

use super::fold::search_key;

/// Longer codes nobody reads.
const MOST_CHARACTERS: usize = 40;

/// The text as a code: small letters and digits, words joined by hyphens, merge fields left out. Empty
/// where the text has no letter or digit that a code may hold.
pub fn code(text: &str) -> String {
    let mut code = String::new();
    for word in words(text) {
        let with_hyphen = code.len() + word.len() + usize::from(!code.is_empty());
        if with_hyphen > MOST_CHARACTERS && !code.is_empty() {
            break;
        }
        if !code.is_empty() {
            code.push('-');
        }
        code.push_str(&word[..word.len().min(MOST_CHARACTERS)]);
    }
    code
}

/// The code, or with a number behind it the first that is free.
pub fn free(code: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut free = code.to_owned();
    let mut number = 2;
    while is_taken(&free) {
        free = format!("{code}-{number}");
        number += 1;
    }
    free
}

fn words(text: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        plain.push_str(&rest[..start]);
        plain.push(' ');
        rest = rest[start..].find("}}").map_or("", |end| &rest[start + end + 2..]);
    }
    plain.push_str(rest);
    // An apostrophe joins: can't is one word.
    let plain = plain.replace(['\'', '’', '‘'], "").to_lowercase();
    let plain = plain
        .replace('ä', "ae")
        .replace('ö', "oe")
        .replace('ü', "ue")
        .replace('ß', "ss");
    search_key(&plain)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_its_words_joined_by_hyphens() {
        for (text, expected) in [
            ("The old one broke", "the-old-one-broke"),
            ("I can't say", "i-cant-say"),
            (
                "What made you buy {{ transaction.product }} now?",
                "what-made-you-buy-now",
            ),
            ("Größe & Café", "groesse-cafe"),
            ("  …  ", ""),
            ("价格", ""),
            ("{{ open", ""),
            ("24/7 help", "24-7-help"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_words() {
        let long = code("Somebody whom I have trusted for a very long time said that I should");
        assert_eq!(long, "somebody-whom-i-have-trusted-for-a-very");
        assert_eq!(code(&"x".repeat(100)).len(), MOST_CHARACTERS);
    }

    #[test]
    fn a_code_that_is_taken_gets_the_first_free_number() {
        let taken = ["why", "why-2"];
        assert_eq!(free("why", |code| taken.contains(&code)), "why-3");
        assert_eq!(free("what", |code| taken.contains(&code)), "what");
    }
}
