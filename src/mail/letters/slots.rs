//! A text with places to fill: cut into pieces once, filled for each recipient.
//!
//! While a letter is turned from Markdown into mail HTML, its places are marks: words of plain
//! letters and digits that pass through every step unchanged and that the letter's own text does
//! not hold. Afterwards the text is cut at the marks, and they are gone. A value is put between the
//! pieces and never looked at again: it may hold whatever it likes and stays words.

/// The marks of one letter. A mark is the stem, the place's number in five digits, and a letter:
/// `w` for words, `u` for words within an address, `l` for a whole address.
#[derive(Debug)]
pub struct Marks {
    stem: String,
}

impl Marks {
    /// Marks that none of these texts holds.
    pub fn beside(texts: &[&str]) -> Marks {
        // Its first letter comes once, so no mark begins within the end of a word before it.
        let mut stem = "slot".to_owned();
        while texts.iter().any(|text| text.contains(&stem)) {
            stem.push('q');
        }
        Marks { stem }
    }

    pub fn words(&self, slot: usize) -> String {
        format!("{}{slot:05}w", self.stem)
    }

    /// An address that Markdown and HTML take for one.
    pub fn address(&self, slot: usize) -> String {
        format!("{SCHEME}{}{slot:05}l", self.stem)
    }

    /// A link's address, in which words must be written as a part of a URL.
    pub fn within_address(&self, address: &str) -> String {
        let mut out = String::with_capacity(address.len());
        let mut rest = address;
        while let Some((before, slot, kind, after)) = self.next(rest) {
            out.push_str(before);
            let kind = if kind == b'w' { 'u' } else { char::from(kind) };
            out.push_str(&format!("{}{slot:05}{kind}", self.stem));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// Cuts the text at its marks.
    pub fn cut(&self, text: &str) -> Cut {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, slot, kind, after)) = self.next(rest) {
            let (before, place) = match kind {
                b'l' => (before.strip_suffix(SCHEME).unwrap_or(before), Piece::Address(slot)),
                b'u' => (before, Piece::WithinAddress(slot)),
                _ => (before, Piece::Words(slot)),
            };
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(place);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Cut(pieces)
    }

    /// What stands before the first mark, its number and kind, and what stands after it.
    fn next<'t>(&self, text: &'t str) -> Option<(&'t str, usize, u8, &'t str)> {
        let start = text.find(&self.stem)?;
        let after = &text[start + self.stem.len()..];
        let slot = after.get(..5)?.parse().ok()?;
        Some((&text[..start], slot, *after.as_bytes().get(5)?, after.get(6..)?))
    }
}

const SCHEME: &str = "https://";

/// A text cut at its marks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cut(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Words(usize),
    WithinAddress(usize),
    Address(usize),
}

impl Cut {
    /// The text with its places filled as HTML: nothing in a value is a tag, and a line's end is one.
    pub fn write_html(&self, values: &[&str], out: &mut String) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Words(slot) | Piece::Address(slot) => push_escaped(of(values, *slot), out),
                Piece::WithinAddress(slot) => push_encoded(of(values, *slot), out),
            }
        }
    }

    /// The text with its places filled as they are.
    pub fn write_text(&self, values: &[&str], out: &mut String) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Words(slot) | Piece::Address(slot) => out.push_str(of(values, *slot)),
                Piece::WithinAddress(slot) => push_encoded(of(values, *slot), out),
            }
        }
    }
}

fn of<'v>(values: &[&'v str], slot: usize) -> &'v str {
    values.get(slot).copied().unwrap_or_default()
}

fn push_escaped(value: &str, out: &mut String) {
    let mut from = 0;
    for (at, byte) in value.bytes().enumerate() {
        let shown = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            b'\n' => "<br>",
            _ => continue,
        };
        out.push_str(&value[from..at]);
        out.push_str(shown);
        from = at + 1;
    }
    out.push_str(&value[from..]);
}

/// As a part of a URL that ends nothing and begins nothing in it.
fn push_encoded(value: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_looks_like_a_mark_is_left_alone() {
        let marks = Marks::beside(&["slot slot00000w slotq00001w"]);
        let text = format!("slotq00001w {} slot00000w", marks.words(0));
        let mut out = String::new();
        marks.cut(&text).write_text(&["Ada"], &mut out);
        assert_eq!(out, "slotq00001w Ada slot00000w");
    }

    #[test]
    fn no_value_is_taken_for_a_mark() {
        let marks = Marks::beside(&[]);
        let text = format!("{} {}", marks.words(0), marks.words(1));
        let mut out = String::new();
        marks.cut(&text).write_text(&["slot00001w", "x"], &mut out);
        assert_eq!(out, "slot00001w x");
    }

    #[test]
    fn a_value_is_written_as_its_place_asks() {
        let marks = Marks::beside(&[]);
        let address = marks.within_address(&format!("https://e.test/?c={}", marks.words(0)));
        let cut = marks.cut(&format!("{}|{address}|{}", marks.words(0), marks.address(1)));
        let values = ["<a> & \"ü\"", "https://ask.test/r/a?b=1&c=2"];
        let (mut html, mut text) = (String::new(), String::new());
        cut.write_html(&values, &mut html);
        cut.write_text(&values, &mut text);
        assert_eq!(
            html,
            "&lt;a&gt; &amp; &quot;ü&quot;|https://e.test/?c=%3Ca%3E%20%26%20%22%C3%BC%22|https://ask.test/r/a?b=1&amp;c=2"
        );
        assert_eq!(
            text,
            "<a> & \"ü\"|https://e.test/?c=%3Ca%3E%20%26%20%22%C3%BC%22|https://ask.test/r/a?b=1&c=2"
        );
    }
}
