//! The bytes of a mail: headers and both parts, put together once and sent as they are ever after.
//!
//! A run makes thousands a second, so this is written out by hand: all that a mail of two short
//! parts needs of MIME is here, each line as it goes over the wire.

use chrono::NaiveDateTime;
use data_encoding::BASE64;
use lettre::Address;

use crate::config::{DkimConfig, MailFrom};
use crate::mail::dkim;
use crate::text::fold;

/// What a message is made of; nothing in it is chosen by a clock or by chance.
pub struct Parts<'a> {
    pub from: &'a MailFrom,
    pub to: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
    pub html: &'a str,
    /// With its angle brackets.
    pub message_id: &'a str,
    pub date: NaiveDateTime,
    /// Where a mail program posts its one-click unsubscribe (RFC 8058).
    pub unsubscribe_url: &'a str,
    /// Anything that no part contains.
    pub boundary: &'a str,
    /// `None`: the mail is not signed here.
    pub dkim: Option<&'a DkimConfig>,
}

/// The message as it goes over the wire, or why there can be none.
pub fn compose(parts: &Parts) -> Result<Vec<u8>, String> {
    let (from, to) = (address(&parts.from.address)?, address(parts.to)?);
    let mut out = String::with_capacity(parts.text.len() * 2 + parts.html.len() * 5 / 4 + 1500);
    push_from(&parts.from.name, &from, &mut out);
    push_header("To", &to, &mut out);
    push_header(
        "Date",
        &parts.date.format("%a, %d %b %Y %H:%M:%S +0000").to_string(),
        &mut out,
    );
    push_header("Message-ID", parts.message_id, &mut out);
    push_header("Subject", &words(parts.subject), &mut out);
    push_header(
        "List-Unsubscribe",
        &["<", parts.unsubscribe_url, ">"].concat(),
        &mut out,
    );
    push_header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click", &mut out);
    push_header("Auto-Submitted", "auto-generated", &mut out);
    push_header("X-Auto-Response-Suppress", "OOF, AutoReply", &mut out);
    push_header("MIME-Version", "1.0", &mut out);
    let kind = ["multipart/alternative;\r\n boundary=\"", parts.boundary, "\""].concat();
    push_header("Content-Type", &kind, &mut out);
    out.push_str("\r\n");
    push_part("plain", parts.text, parts.boundary, &mut out);
    push_part("html", parts.html, parts.boundary, &mut out);
    for piece in ["--", parts.boundary, "--\r\n"] {
        out.push_str(piece);
    }
    let bytes = out.into_bytes();
    match parts.dkim {
        Some(dkim) => dkim::signed(dkim, parts.date, bytes),
        None => Ok(bytes),
    }
}

fn push_header(name: &str, value: &str, out: &mut String) {
    for piece in [name, ": ", value, "\r\n"] {
        out.push_str(piece);
    }
}

fn push_from(name: &str, address: &str, out: &mut String) {
    /// With what stands around them, name and address fit a line of 78.
    const MOST_ON_A_LINE: usize = 66;
    let name = cleaned(name);
    if name.is_empty() {
        return push_header("From", address, out);
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || " !#$%&'*+-/=?^_`{|}~".contains(c);
    let name = match name.is_ascii() && !name.contains("=?") {
        true if name.chars().all(is_word) => name,
        true => format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")),
        false => encoded_words(&name),
    };
    let last_line = name.rsplit('\n').next().map_or(0, str::len);
    let between = if last_line + address.len() > MOST_ON_A_LINE {
        "\r\n <"
    } else {
        " <"
    };
    push_header("From", &[name.as_str(), between, address, ">"].concat(), out);
}

/// A header's text as words that it may hold.
fn words(text: &str) -> String {
    /// With `Subject: ` in front, as long as lines are to be.
    const MOST_ON_A_LINE: usize = 68;
    let text = cleaned(text);
    // What looks like an encoded word would be read as one.
    if !text.is_ascii() || text.contains("=?") {
        return encoded_words(&text);
    }
    if text.len() <= MOST_ON_A_LINE {
        return text;
    }
    let mut folded = String::with_capacity(text.len() + 8);
    let mut length = 0;
    for (place, word) in text.split(' ').enumerate() {
        let breaks = place > 0 && length + 1 + word.len() > MOST_ON_A_LINE;
        if breaks {
            folded.push_str("\r\n");
            length = 0;
        }
        if place > 0 {
            folded.push(' ');
        }
        folded.push_str(word);
        length += 1 + word.len();
    }
    folded
}

/// Without control characters, which an encoded word would hide, and with one blank between words:
/// between two encoded words several would be lost, and they say nothing.
fn cleaned(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut is_between = false;
    for c in text.chars().filter(|c| !is_control(*c)) {
        if c.is_whitespace() {
            is_between = !line.is_empty();
            continue;
        }
        if std::mem::take(&mut is_between) {
            line.push(' ');
        }
        line.push(c);
    }
    line
}

/// The address as header and envelope say it: its domain in ASCII, and no longer than RFC 5321
/// section 4.5.3.1 allows.
fn address(text: &str) -> Result<String, String> {
    if is_in_form(text) {
        return Ok(text.to_owned());
    }
    let unfit = || "5.1.3 the address is not one that mail can be sent to".to_owned();
    let address = fold::email(text);
    // The sender may be of this machine, which has no dot.
    let text = address.as_ref().map_or(text, |address| address.as_str());
    text.parse()
        .map(|address: Address| address.to_string())
        .map_err(|_| unfit())
}

/// Whether an address is so plain that nothing about it need be looked up: what it is kept as.
pub(super) fn is_in_form(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let is_atom = |atom: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
        !atom.is_empty() && atom.bytes().all(fits)
    };
    let is_label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.starts_with("xn--")
    };
    let is_name = domain
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_lowercase()));
    local.len() <= 64
        && text.len() <= 254
        && is_name
        && domain.contains('.')
        && local.split('.').all(is_atom)
        && domain.split('.').all(is_label)
}

/// The text as encoded words (RFC 2047), one on each line.
fn encoded_words(text: &str) -> String {
    /// Their base64, what stands around it and `Subject: ` fit a line of 78.
    const MOST_BYTES: usize = 39;
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.floor_char_boundary(MOST_BYTES);
        let (word, after) = rest.split_at(end);
        words.push(format!("=?utf-8?b?{}?=", BASE64.encode(word.as_bytes())));
        rest = after;
    }
    words.join("\r\n ")
}

/// A part in an encoding that every server takes: as it is where it is short lines of ASCII, else
/// quoted-printable, or base64 where most of it is beyond ASCII.
fn push_part(kind: &str, text: &str, boundary: &str, out: &mut String) {
    let beyond = text.bytes().filter(|byte| !byte.is_ascii()).count();
    let (encoding, push): (&str, fn(&str, &mut String)) = match beyond {
        0 if is_plain(text) => ("7bit", push_plain),
        beyond if beyond * 3 > text.len() => ("base64", push_base64),
        _ => ("quoted-printable", push_quoted),
    };
    for piece in ["--", boundary, "\r\nContent-Type: text/", kind, "; charset=utf-8\r\n"] {
        out.push_str(piece);
    }
    push_header("Content-Transfer-Encoding", encoding, out);
    out.push_str("\r\n");
    push(text, out);
    out.push_str("\r\n");
}

/// No line of a body is longer.
const LONGEST_LINE: usize = 76;

/// Short lines of characters that can be seen, and blanks within them.
fn is_plain(text: &str) -> bool {
    let fits = |line: &[u8]| line.len() <= LONGEST_LINE && line.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    lines(text).all(|line| fits(line.as_bytes()))
}

/// As `split('\n')`, and faster.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]);
    ends.map(move |end| {
        let line = &text[from..end];
        from = end + 1;
        line
    })
}

fn push_plain(text: &str, out: &mut String) {
    for (place, line) in lines(text).enumerate() {
        if place > 0 {
            out.push_str("\r\n");
        }
        out.push_str(line);
    }
}

fn push_base64(text: &str, out: &mut String) {
    let encoded = BASE64.encode(text.replace('\n', "\r\n").as_bytes());
    let mut rest = encoded.as_str();
    while rest.len() > LONGEST_LINE {
        let (line, after) = rest.split_at(LONGEST_LINE);
        out.push_str(line);
        out.push_str("\r\n");
        rest = after;
    }
    out.push_str(rest);
}

/// RFC 2045 section 6.7.
fn push_quoted(text: &str, out: &mut String) {
    for (place, line) in lines(text).enumerate() {
        if place > 0 {
            out.push_str("\r\n");
        }
        push_quoted_line(line.strip_suffix('\r').unwrap_or(line), out);
    }
}

fn push_quoted_line(line: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    // A blank at a line's end would be lost on the way.
    let inner = line.trim_end_matches([' ', '\t']).len();
    let bytes = line.as_bytes();
    // Room for the sign of a line that goes on.
    let (mut at, mut left) = (0, LONGEST_LINE - 1);
    while at < bytes.len() {
        let run = plain_run(&bytes[at..inner.max(at)], left);
        if run > 0 {
            out.push_str(&line[at..at + run]);
            at += run;
            left -= run;
            continue;
        }
        let width = if at < inner && is_itself(bytes[at]) { 1 } else { 3 };
        if left < width {
            out.push_str("=\r\n");
            left = LONGEST_LINE - 1;
            continue;
        }
        out.push('=');
        out.push(char::from(HEX[usize::from(bytes[at] >> 4)]));
        out.push(char::from(HEX[usize::from(bytes[at] & 15)]));
        at += 1;
        left -= 3;
    }
}

/// How many of the next bytes stand for themselves, `most` at most.
fn plain_run(bytes: &[u8], most: usize) -> usize {
    let bytes = &bytes[..most.min(bytes.len())];
    // Whole pieces at a time, without a branch for each byte.
    let strange = |byte: u8| (byte.wrapping_sub(b' ') > b'~' - b' ') | (byte == b'=');
    let pieces = bytes.chunks_exact(16);
    let is_plain = |piece: &&[u8]| !piece.iter().fold(false, |any, byte| any | strange(*byte));
    let plain = 16 * pieces.take_while(is_plain).count();
    let rest = &bytes[plain..];
    plain + rest.iter().position(|byte| !is_itself(*byte)).unwrap_or(rest.len())
}

fn is_itself(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t') && byte != b'='
}

fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> Parts<'static> {
        Parts {
            from: Box::leak(Box::new(MailFrom {
                name: "Müller, GmbH".into(),
                address: "ask@example.com".into(),
            })),
            to: "ada@example.org",
            subject: "Eine Frage, Zoë?",
            text: "Grüße\n.\nhttps://ask.example.com/r/abc\n",
            html: "<p>Grüße</p>",
            message_id: "<1.0@example.com>",
            date: crate::clock::parse_rfc3339("2026-03-10T11:00:00Z").expect("a time"),
            unsubscribe_url: "https://ask.example.com/unsubscribe/abcdefghijklmnopqrstuvwxyz234567",
            boundary: "part-1",
            dkim: None,
        }
    }

    #[test]
    fn the_same_parts_make_the_same_bytes() {
        assert_eq!(compose(&parts()), compose(&parts()));
    }

    #[test]
    fn the_headers_stand_once_each_and_the_text_comes_first() {
        let bytes = compose(&parts()).expect("a mail");
        assert!(bytes.is_ascii());
        let text = String::from_utf8(bytes).expect("ASCII");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        for header in [
            "From:",
            "To:",
            "Subject:",
            "Date:",
            "Message-ID:",
            "MIME-Version:",
            "List-Unsubscribe:",
            "List-Unsubscribe-Post:",
            "Auto-Submitted:",
            "X-Auto-Response-Suppress:",
        ] {
            assert_eq!(
                head.lines().filter(|line| line.starts_with(header)).count(),
                1,
                "{header} in {head}"
            );
        }
        assert!(head.contains("Date: Tue, 10 Mar 2026 11:00:00 +0000"), "{head}");
        assert!(
            head.contains(&format!("List-Unsubscribe: <{}>\r\n", parts().unsubscribe_url)),
            "{head}"
        );
        assert!(body.find("text/plain") < body.find("text/html"));
        assert!(
            text.split("\r\n")
                .all(|line| line.len() <= 998 && !line.contains(['\r', '\n']))
        );
    }

    #[test]
    fn a_subject_is_read_as_it_was_written() {
        for subject in [
            "Ä Ö Ü ß ein Wort und é ç",
            "=?utf-8?q?a?=",
            "a \"b\", (c) <d@e>: 🙂 🙂",
            "x",
        ] {
            let bytes = compose(&Parts { subject, ..parts() }).expect("a mail");
            let parsed = mail_parser::MessageParser::default()
                .parse(&bytes)
                .expect("a mail")
                .into_owned();
            assert_eq!(parsed.subject(), Some(subject), "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn a_body_is_read_as_it_was_written() {
        let long = "x".repeat(200);
        for text in [
            "short",
            "",
            "a = b\nblanks at the end  \n\ttab\t\n",
            long.as_str(),
            "Grüße, Zoë: ein Satz, der länger ist als eine Zeile von sechsundsiebzig Zeichen, und noch mehr =\n.\n..\n",
            "ждать и ждать и ждать и ждать и ждать и ждать и ждать и ждать и ждать и ждать",
            "a\rb",
        ] {
            let bytes = compose(&Parts {
                text,
                html: text,
                ..parts()
            })
            .expect("a mail");
            assert!(bytes.is_ascii());
            let raw = String::from_utf8_lossy(&bytes).into_owned();
            let (_, body) = raw.split_once("\r\n\r\n").expect("a body");
            assert!(
                body.split("\r\n")
                    .all(|line| line.len() <= 78 && !line.contains(['\r', '\n'])),
                "{raw}"
            );
            let parsed = mail_parser::MessageParser::default().parse(&bytes).expect("a mail");
            let read = |part: usize| parsed.parts[part].text_contents().expect("text").replace("\r\n", "\n");
            assert_eq!((read(1).as_str(), read(2).as_str()), (text, text), "{raw}");
        }
    }

    #[test]
    fn a_sender_is_read_as_it_was_set() {
        let address = "ask@example.com";
        let long = "a very long name ".repeat(6);
        for name in [
            "",
            "Example Survey",
            "Müller, GmbH",
            "O\"Hara \\ Sons",
            "=?utf-8?q?a?=",
            long.trim(),
        ] {
            let from = MailFrom {
                name: name.into(),
                address: address.into(),
            };
            let bytes = compose(&Parts { from: &from, ..parts() }).expect("a mail");
            let parsed = mail_parser::MessageParser::default().parse(&bytes).expect("a mail");
            let sender = parsed.from().and_then(|from| from.first()).expect("a sender");
            assert_eq!(
                sender.name().unwrap_or_default(),
                name,
                "{}",
                String::from_utf8_lossy(&bytes)
            );
            assert_eq!(sender.address(), Some(address));
        }
    }

    #[test]
    fn an_address_is_looked_up_unless_it_is_plain() {
        for plain in ["ada@a.example", "a.b+c@x-y.co.uk", "A'B@b1.example"] {
            assert!(is_in_form(plain), "{plain}");
            assert_eq!(address(plain), Ok(plain.to_owned()));
        }
        for other in [
            "a@B.example",
            "a@b",
            "a@b..c",
            "a@1.2.3.4",
            "a@xn--bcher-kva.example",
            "a b@c.example",
            "a@b@c.example",
            "ü@a.example",
            "@a.example",
        ] {
            assert!(!is_in_form(other), "{other}");
        }
    }

    #[test]
    fn no_value_makes_a_header_of_its_own() {
        let bytes = compose(&Parts {
            subject: "x\r\nBcc: v@e.test",
            ..parts()
        });
        let text = String::from_utf8(bytes.expect("a mail")).expect("ASCII");
        assert!(text.lines().all(|line| !line.starts_with("Bcc")), "{text}");
        assert!(
            compose(&Parts {
                to: "a@b\r\nRCPT TO:<v@e.test>",
                ..parts()
            })
            .is_err()
        );
    }
}
