//! Names, addresses and search keys, each brought to one form, so that what looks the same is the
//! same, on both databases and in every comparison. Folding is done here and never by SQL, whose
//! `lower` knows ASCII on one side and a locale on the other.

use std::borrow::Cow;
use std::fmt;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

pub use super::free_mail::is_free_mail;

/// How long a name may be, in characters.
pub const NAME_CHARACTERS: usize = 200;

/// A mail address that an envelope and a header can carry; [`email`] is the one way to it.
///
/// The local part is as it was typed, in NFC; it may hold letters beyond ASCII, which only a
/// server with SMTPUTF8 takes. The domain is lower-case ASCII (`xn--…`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress {
    text: String,
    at: usize,
}

impl EmailAddress {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        &self.text[..self.at]
    }

    /// What stands after the `@`.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The key under which suppressions and duplicates are looked up: the local part counts
    /// without regard to case. Mail goes to [`EmailAddress::as_str`], whose case a server may mind.
    pub fn folded(&self) -> String {
        format!("{}@{}", nfc(&self.local_part().to_lowercase()), self.domain())
    }

    /// Whether only a server that offers SMTPUTF8 can take mail for it.
    pub fn needs_smtputf8(&self) -> bool {
        !self.text.is_ascii()
    }

    /// Whether its domain says nothing about the company, as anybody gets an address there.
    pub fn is_free_mail(&self) -> bool {
        is_free_mail(self.domain())
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads a bare address (`ada@example.com`), blanks around it aside.
///
/// Lengths are those of RFC 5321 section 4.5.3.1. A quoted local part and an address literal
/// (`"a b"@c`, `a@[192.0.2.1]`) are refused: nobody's customers have them.
pub fn email(text: &str) -> Option<EmailAddress> {
    let (local, domain) = text.trim().rsplit_once('@')?;
    let local = nfc(local);
    let domain = email_domain(domain)?;
    // A path of 256 octets, less its angle brackets.
    let fits = local.len() <= 64 && local.len() + 1 + domain.len() <= 254;
    (fits && local.split('.').all(is_atom)).then(|| EmailAddress {
        at: local.len(),
        text: format!("{local}@{domain}"),
    })
}

/// A domain as [`EmailAddress::domain`] gives it: lower-case ASCII, `xn--…` where it must be.
pub fn email_domain(text: &str) -> Option<String> {
    // The URL rules would undo percent-encoding, which no mail address has; and they take their
    // time over a text that is too long anyway (four bytes a character at most).
    if text.contains('%') || text.len() > 4 * 253 {
        return None;
    }
    match url::Host::parse(text) {
        Ok(url::Host::Domain(domain)) if domain.len() <= 253 && domain.split('.').all(is_label) => Some(domain),
        _ => None,
    }
}

fn is_atom(atom: &str) -> bool {
    let fits = |c: char| match c.is_ascii() {
        true => c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c),
        false => !is_control(c) && !is_invisible(c) && !c.is_whitespace(),
    };
    !atom.is_empty() && atom.chars().all(fits)
}

fn is_label(label: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (1..=63).contains(&label.len()) && label.chars().all(fits) && !label.starts_with('-') && !label.ends_with('-')
}

/// Why a text cannot be kept. It reads on after the field's name: "first_name holds …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("holds a line break or another control character")]
    Control,
    #[error("is longer than {0} characters")]
    TooLong(usize),
}

/// A name as it is kept: see [`line`].
pub fn name(text: &str) -> Result<String, Unfit> {
    line(text, NAME_CHARACTERS)
}

/// One line of text in NFC: runs of blanks become one space, and characters that cannot be seen,
/// above all those that turn the direction of writing, go out. Controls are refused, not taken
/// out: in a name they are an attack on a mail's header, and an attack is not mended.
pub fn line(text: &str, most_characters: usize) -> Result<String, Unfit> {
    if text.trim().chars().any(is_control) {
        return Err(Unfit::Control);
    }
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let words: Vec<&str> = seen.split_whitespace().collect();
    within(nfc(&words.join(" ")).into_owned(), most_characters)
}

/// Text of several lines in NFC, its line ends made `\n`. Joiners stay, as scripts and emoji need
/// them; controls other than line break and tab are refused.
pub fn prose(text: &str, most_characters: usize) -> Result<String, Unfit> {
    let lines = text
        .trim()
        .replace("\r\n", "\n")
        .replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    if lines.chars().any(|c| is_control(c) && !matches!(c, '\n' | '\t')) {
        return Err(Unfit::Control);
    }
    let safe: String = lines.chars().filter(|c| !is_direction(*c)).collect();
    within(nfc(&safe).into_owned(), most_characters)
}

/// What two texts have in common when a person who searches would call them the same: case,
/// accents, width, ligatures and blanks do not count (`Müller`, `MULLER`, `ｍｕｌｌｅｒ`).
pub fn search_key(text: &str) -> String {
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let bare = apart.chars().filter(|c| !is_accent(*c) && !is_invisible(*c));
    // By way of upper case, so that ß meets ss, and of lower case before, so that ẞ does too;
    // character by character, so that every σ is one.
    let upper = bare.flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    let folded: String = upper.flat_map(char::to_lowercase).collect();
    let bare: String = folded.chars().filter(|c| !is_accent(*c)).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn within(text: String, most_characters: usize) -> Result<String, Unfit> {
    let fits = text.chars().count() <= most_characters;
    if fits {
        Ok(text)
    } else {
        Err(Unfit::TooLong(most_characters))
    }
}

fn nfc(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// Controls, and the two separators that some readers of mail take for a line's end.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Of no width: nobody sees it, and two names that differ by it alone look the same.
fn is_invisible(c: char) -> bool {
    let no_width = matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{180E}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
    );
    no_width || is_direction(c)
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(text: &str) -> EmailAddress {
        email(text).unwrap_or_else(|| panic!("{text} is an address"))
    }

    #[test]
    fn an_address_keeps_its_local_part_and_gets_an_ascii_domain() {
        let info = address(" Info+Ask@Bücher.Example ");
        assert_eq!(info.as_str(), "Info+Ask@xn--bcher-kva.example");
        assert_eq!(
            (info.local_part(), info.domain()),
            ("Info+Ask", "xn--bcher-kva.example")
        );
        assert_eq!(info.folded(), "info+ask@xn--bcher-kva.example");
        assert!(!info.needs_smtputf8());
    }

    #[test]
    fn a_local_part_beyond_ascii_is_kept_and_known_for_it() {
        let decomposed = address("ju\u{308}rgen@x");
        assert_eq!(decomposed, address("jürgen@x"));
        assert!(decomposed.needs_smtputf8());
        assert_eq!(address("JÜRGEN@x").folded(), decomposed.folded());
    }

    #[test]
    fn addresses_differ_in_case_only_for_the_mail_server() {
        assert_ne!(address("A@X.COM"), address("a@x.com"));
        assert_eq!(address("A@X.COM").folded(), address("a@x.com").folded());
    }

    #[test]
    fn what_no_envelope_can_carry_is_no_address() {
        let long_local = format!("{}@x.example", "a".repeat(65));
        let long_domain = format!("a@{}example", "label.".repeat(45));
        let long_label = format!("a@{}.example", "b".repeat(64));
        let refused = [
            "",
            "@",
            "a@",
            "@x.example",
            "a",
            "a b@x.example",
            "a..b@x.example",
            ".a@x.example",
            "a.@x.example",
            "a@x..example",
            "a@x.example.",
            "a@-x.example",
            "a@x_y.example",
            "a@192.0.2.1",
            "a@[192.0.2.1]",
            "\"a b\"@x.example",
            "Ada <a@x.example>",
            "a@x.example\r\nBcc: b@y.example",
            "a\0@x.example",
            "a\u{202E}@x.example",
            "a\u{2028}b@x.example",
            "a@x%2eexample",
            "a,b@x.example",
            "a@b@x.example",
            &long_local,
            &long_domain,
            &long_label,
        ];
        for text in refused {
            assert_eq!(email(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_address_may_be_as_long_as_the_rule_allows_and_no_longer() {
        let longest = format!("{}@{}.example", "a".repeat(64), "b.".repeat(90) + "c");
        assert_eq!(longest.len(), 254);
        assert!(email(&longest).is_some());
        assert_eq!(email(&longest.replace("c.example", "cc.example")), None);
    }

    #[test]
    fn a_name_is_one_line_of_visible_characters() {
        assert_eq!(name("  Mu\u{308}ller \u{a0} GmbH "), Ok("Müller GmbH".to_owned()));
        assert_eq!(name("Exa\u{202E}mple\u{200B} AG\u{feff}"), Ok("Example AG".to_owned()));
        assert_eq!(name(""), Ok(String::new()));
        for text in ["x\r\nBcc: v@e.test", "x\0y", "x\u{2028}y", "x\u{7f}y", "x\u{85}y"] {
            assert_eq!(name(text), Err(Unfit::Control), "{text:?}");
        }
        assert_eq!(name(&"é".repeat(200)).map(|kept| kept.chars().count()), Ok(200));
        assert_eq!(name(&format!("e{}", "\u{301}".repeat(500))), Err(Unfit::TooLong(200)));
    }

    #[test]
    fn prose_keeps_its_lines_and_its_emoji() {
        assert_eq!(prose(" one\r\ntwo\rthree\n", 100), Ok("one\ntwo\nthree".to_owned()));
        assert_eq!(prose("👩\u{200D}💻", 10), Ok("👩\u{200D}💻".to_owned()));
        assert_eq!(prose("a\u{202E}b", 10), Ok("ab".to_owned()));
        assert_eq!(prose("a\0b", 10), Err(Unfit::Control));
        assert_eq!(prose("12345678901", 10), Err(Unfit::TooLong(10)));
    }

    #[test]
    fn a_search_finds_a_name_however_it_was_typed() {
        for text in [
            "Müller  Straße",
            "MULLER STRASSE",
            "MÜLLER STRAẞE",
            "ｍｕｌｌｅｒ strasse",
            "mu\u{308}ller\u{200B} straße",
        ] {
            assert_eq!(search_key(text), "muller strasse", "{text}");
        }
        assert_eq!(search_key("ﬀ İ ΣΑΣ"), "ff i σασ");
    }

    proptest! {
        #[test]
        fn what_was_folded_once_stays_as_it_is(text in "\\PC*") {
            if let Some(address) = email(&text) {
                prop_assert_eq!(email(address.as_str()), Some(address));
            }
            if let Ok(kept) = name(&text) {
                prop_assert_eq!(name(&kept), Ok(kept.clone()));
            }
            let key = search_key(&text);
            prop_assert_eq!(search_key(&key), key);
        }

        #[test]
        fn any_address_read_is_safe_in_a_header(text in "\\PC{0,20}@\\PC{0,20}") {
            if let Some(address) = email(&text) {
                prop_assert!(address.as_str().len() <= 254 && address.domain().is_ascii());
                prop_assert!(!address.as_str().chars().any(|c| is_control(c) || c.is_whitespace()));
            }
        }
    }
}
