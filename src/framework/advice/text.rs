//! A text as words in a row, and phrases looked for in it.

use std::ops::Range;

/// What stands between a word and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    Blank,
    Slash,
    Comma,
    /// A colon, a dash, a bracket: a new beginning within the sentence.
    Break,
    Full,
    Question,
}

#[derive(Debug, Clone)]
pub struct Word {
    /// In small letters, with straight apostrophes.
    pub small: String,
    pub is_capital: bool,
    /// Its place in the text, in bytes.
    pub span: Range<usize>,
    pub stop: Stop,
}

/// A merge field stands for one word that nobody knows.
const FIELD: &str = "{}";

#[derive(Debug)]
pub struct Text<'t> {
    text: &'t str,
    pub words: Vec<Word>,
}

impl<'t> Text<'t> {
    pub fn of(text: &'t str) -> Text<'t> {
        let mut words: Vec<Word> = Vec::new();
        let mut letters = text.char_indices().peekable();
        while let Some((from, letter)) = letters.next() {
            if letter == '{' && text[from..].starts_with("{{") {
                let to = text[from..].find("}}").map_or(text.len(), |end| from + end + 2);
                while letters.next_if(|(at, _)| *at < to).is_some() {}
                words.push(Word::new(FIELD.to_owned(), false, from..to));
                continue;
            }
            if !letter.is_alphanumeric() {
                let stop = match letter {
                    '/' => Stop::Slash,
                    ',' => Stop::Comma,
                    ':' | ';' | '–' | '—' | '(' | ')' | '…' => Stop::Break,
                    '.' | '!' | '\n' => Stop::Full,
                    '?' => Stop::Question,
                    _ => Stop::Blank,
                };
                if let Some(last) = words.last_mut() {
                    last.stop = last.stop.max(stop);
                }
                continue;
            }
            let mut to = from + letter.len_utf8();
            while let Some((at, next)) = letters.peek().copied() {
                let within = matches!(next, '\'' | '’' | '-' | '.' | ',');
                let after = || text[at + next.len_utf8()..].chars().next();
                let goes_on = match next {
                    // 1,000 and 2.5 are one number; "price,quality" are two words.
                    '.' | ',' => {
                        text[..at].ends_with(|c: char| c.is_ascii_digit())
                            && after().is_some_and(|c| c.is_ascii_digit())
                    }
                    // "Vor- und Nachteile": the hyphen says that the rest of the word comes later.
                    '-' => after().is_none_or(|c| c.is_alphanumeric() || c.is_whitespace()),
                    _ if within => after().is_some_and(char::is_alphanumeric),
                    _ => next.is_alphanumeric(),
                };
                if !goes_on {
                    break;
                }
                letters.next();
                to = at + next.len_utf8();
            }
            let small = text[from..to].to_lowercase().replace('’', "'");
            words.push(Word::new(small, letter.is_uppercase(), from..to));
        }
        Text { text, words }
    }

    /// The sentences, as ranges of words.
    pub fn sentences(&self) -> Vec<Range<usize>> {
        let mut sentences = Vec::new();
        let mut from = 0;
        for (i, word) in self.words.iter().enumerate() {
            if word.stop >= Stop::Full || i + 1 == self.words.len() {
                sentences.push(from..i + 1);
                from = i + 1;
            }
        }
        sentences
    }

    pub fn small(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.small.as_str())
    }

    /// The text from the first of these words to the last.
    pub fn shown(&self, words: Range<usize>) -> &'t str {
        match (
            self.words.get(words.start),
            words.end.checked_sub(1).and_then(|last| self.words.get(last)),
        ) {
            (Some(first), Some(last)) if first.span.start <= last.span.end => {
                &self.text[first.span.start..last.span.end]
            }
            _ => "",
        }
    }

    /// Where one of the phrases stands, the earliest first.
    ///
    /// A phrase is words in a row; `|` parts words of which one will do, `*` at a word's end stands for
    /// any ending, `~` for up to three words, `^` for the beginning of a sentence or of a part of it,
    /// `$` for a sentence's end.
    pub fn find(&self, phrases: &[&str]) -> Option<Range<usize>> {
        (0..self.words.len()).find_map(|at| phrases.iter().find_map(|phrase| Some(at..self.match_at(phrase, at)?)))
    }

    /// The end of the phrase, if it stands here.
    pub fn match_at(&self, phrase: &str, at: usize) -> Option<usize> {
        let parts: Vec<&str> = phrase.split(' ').collect();
        self.match_parts(&parts, at)
    }

    fn match_parts(&self, parts: &[&str], at: usize) -> Option<usize> {
        let Some((part, rest)) = parts.split_first() else {
            return Some(at);
        };
        match *part {
            "^" => self.begins(at).then(|| self.match_parts(rest, at))?,
            "$" => {
                let ends = at > 0 && (self.words[at - 1].stop >= Stop::Full || at == self.words.len());
                ends.then(|| self.match_parts(rest, at))?
            }
            "~" => (at..=at + 3)
                .take_while(|next| *next == at || self.goes_on_after(*next - 1))
                .find_map(|next| self.match_parts(rest, next)),
            words => {
                let word = self.words.get(at)?;
                let fits = words.split('|').any(|wanted| word_fits(&word.small, wanted));
                // A phrase does not reach over the end of a sentence.
                let ends_here = rest.is_empty() || rest[0] == "$";
                (fits && (ends_here || self.goes_on_after(at))).then(|| self.match_parts(rest, at + 1))?
            }
        }
    }

    fn begins(&self, at: usize) -> bool {
        at == 0 || self.words.get(at - 1).is_some_and(|before| before.stop >= Stop::Comma)
    }

    fn goes_on_after(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| word.stop < Stop::Full)
    }
}

impl Word {
    fn new(small: String, is_capital: bool, span: Range<usize>) -> Word {
        Word {
            small,
            is_capital,
            span,
            stop: Stop::Blank,
        }
    }

    pub fn is_number(&self) -> bool {
        self.small.starts_with(|c: char| c.is_ascii_digit())
    }
}

pub fn word_fits(word: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => word == wanted,
    }
}

/// Whether the word is one of a list, in which `*` stands for any ending.
pub fn is_one_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|wanted| word_fits(word, wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Text::of(text).words.into_iter().map(|word| word.small).collect()
    }

    #[test]
    fn words_keep_their_apostrophes_hyphens_and_numbers() {
        assert_eq!(
            words("Don’t you use award-winning tools?"),
            ["don't", "you", "use", "award-winning", "tools"]
        );
        assert_eq!(
            words("Vor- und Nachteile, 1,000 Stück/Jahr"),
            ["vor-", "und", "nachteile", "1,000", "stück", "jahr"]
        );
        assert_eq!(
            words("Why {{ company.name | default: \"x\" }} now?"),
            ["why", "{}", "now"]
        );
    }

    #[test]
    fn a_phrase_takes_one_of_several_words_and_gaps_and_ends() {
        let text = Text::of("Well, do you really not agree? Or not.");
        assert_eq!(text.find(&["^ do you ~ agree"]), Some(1..6));
        assert_eq!(text.find(&["agree|think $"]), Some(5..6));
        assert_eq!(text.find(&["agree or"]), None);
        assert_eq!(text.find(&["real*"]).map(|found| text.shown(found)), Some("really"));
        assert_eq!(text.find(&["^ you"]), None);
        assert_eq!(text.sentences(), [0..6, 6..8]);
    }
}
