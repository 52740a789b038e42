//! The bytes of a mail: headers and both parts, put together once and sent as they are ever after.

use chrono::NaiveDateTime;
use data_encoding::BASE64;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use crate::clock;
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
    let from = Mailbox::new(
        Some(parts.from.name.clone()).filter(|name| !name.is_empty()),
        address(&parts.from.address)?,
    );
    // A control character would be hidden in an encoded word, not refused.
    let subject: String = parts.subject.chars().filter(|c| !is_control(*c)).collect();
    // Between two encoded words several blanks would be lost, and they say nothing.
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let headers = [
        ("List-Unsubscribe", format!("<{}>", parts.unsubscribe_url)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Auto-Response-Suppress", "OOF, AutoReply".to_owned()),
    ];
    let mut builder = Message::builder()
        .from(from)
        .to(Mailbox::new(None, address(parts.to)?))
        .date(clock::system_time(parts.date))
        .message_id(Some(parts.message_id.to_owned()));
    builder = match subject.is_ascii() && !subject.contains("=?") {
        true => builder.subject(subject),
        // The library leaves an encoded word that somebody typed as it is, to be decoded by readers.
        false => {
            let encoded = encoded_words(&subject);
            let name = HeaderName::new_from_ascii_str("Subject");
            builder.raw_header(HeaderValue::dangerous_new_pre_encoded(name, subject, encoded))
        }
    };
    for (name, value) in headers {
        builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    let body = MultiPart::alternative()
        .boundary(parts.boundary)
        .singlepart(part(ContentType::TEXT_PLAIN, parts.text))
        .singlepart(part(ContentType::TEXT_HTML, parts.html));
    let message = builder.multipart(body).map_err(|error| error.to_string())?;
    let bytes = message.formatted();
    match parts.dkim {
        Some(dkim) => dkim::signed(dkim, parts.date, bytes),
        None => Ok(bytes),
    }
}

/// The address as header and envelope say it: its domain in ASCII, and no longer than RFC 5321
/// section 4.5.3.1 allows.
fn address(text: &str) -> Result<Address, String> {
    let unfit = || "5.1.3 the address is not one that mail can be sent to".to_owned();
    let address = fold::email(text);
    // The sender may be of this machine, which has no dot.
    let text = address.as_ref().map_or(text, |address| address.as_str());
    text.parse().map_err(|_| unfit())
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
fn part(kind: ContentType, text: &str) -> SinglePart {
    const LONGEST_LINE: usize = 76;
    let beyond = text.bytes().filter(|byte| !byte.is_ascii()).count();
    let is_plain = beyond == 0
        && text
            .lines()
            .all(|line| line.len() <= LONGEST_LINE && !line.contains(['\r', '\0']));
    let encoding = match is_plain {
        true => ContentTransferEncoding::SevenBit,
        false if beyond * 3 > text.len() => ContentTransferEncoding::Base64,
        false => ContentTransferEncoding::QuotedPrintable,
    };
    let body = Body::new_with_encoding(text.to_owned(), encoding);
    // What does not pass for 7bit after all gets the encoding that the library finds for it.
    let body = body.unwrap_or_else(|_| Body::new(text.to_owned()));
    SinglePart::builder().header(kind).body(body)
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
