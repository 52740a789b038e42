//! How messages name things: texts in quotes, known words listed, the one that was most likely meant.

/// A text of the file as a message shows it: in quotes, cut short, control characters made visible.
pub fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown = String::from("\"");
    for c in text.chars().take(SHOWN) {
        match c {
            '"' => shown.push_str("\\\""),
            c if c.is_control() || is_unseen(c) => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown.push('"');
    shown
}

/// Line and paragraph separators and switches of writing direction: they can make a text read as another.
pub fn is_unseen(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// `efficiency, intimacy`: the known words, so that nobody has to look them up.
pub fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 20;
    let words: Vec<&str> = words.into_iter().collect();
    if words.is_empty() {
        return "none".to_owned();
    }
    let mut text = words[..words.len().min(SHOWN)].join(", ");
    if words.len() > SHOWN {
        text.push_str(&format!(" and {} more", words.len() - SHOWN));
    }
    text
}

/// The known word that was most likely meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = word.chars().count();
    if letters > 64 {
        return None;
    }
    let allowed = (letters / 3).clamp(1, 3);
    known
        .into_iter()
        .filter(|k| k.chars().count().abs_diff(letters) <= allowed)
        .map(|k| (distance(word, k), k))
        .filter(|(d, _)| *d <= allowed)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// How many letters were left out, added, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before_last[j - 2] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_word_that_was_meant() {
        let known = ["efficiency", "intimacy", "text"];
        assert_eq!(nearest("efficency", known), Some("efficiency"));
        assert_eq!(nearest("tetx", known), Some("text"));
        assert_eq!(nearest("assurance", known), None);
    }

    #[test]
    fn what_cannot_be_seen_is_spelt_out() {
        assert_eq!(quoted("a\u{202E}b\n"), "\"a\\u{202e}b\\n\"");
        assert!(quoted(&"x".repeat(500)).chars().count() < 70);
    }
}
