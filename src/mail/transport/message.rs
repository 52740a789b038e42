//! The bytes of a mail: headers and both parts, put together once and sent as they are ever after.

use chrono::NaiveDateTime;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use crate::clock;
use crate::config::MailFrom;

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
}

/// The message as it goes over the wire, or why there can be none.
pub fn compose(parts: &Parts) -> Result<Vec<u8>, String> {
    let from = Mailbox::new(
        Some(parts.from.name.clone()).filter(|name| !name.is_empty()),
        address(&parts.from.address)?,
    );
    // A control character would be hidden in an encoded word, not refused.
    let subject: String = parts.subject.chars().filter(|c| !is_control(*c)).collect();
    let headers = [
        ("List-Unsubscribe", format!("<{}>", parts.unsubscribe_url)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Auto-Response-Suppress", "OOF, AutoReply".to_owned()),
    ];
    let mut builder = Message::builder()
        .from(from)
        .to(Mailbox::new(None, address(parts.to)?))
        .subject(subject)
        .date(clock::system_time(parts.date))
        .message_id(Some(parts.message_id.to_owned()));
    for (name, value) in headers {
        builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    let body = MultiPart::alternative()
        .boundary(parts.boundary)
        .singlepart(SinglePart::plain(parts.text.to_owned()))
        .singlepart(SinglePart::html(parts.html.to_owned()));
    let message = builder.multipart(body).map_err(|error| error.to_string())?;
    Ok(message.formatted())
}

fn address(text: &str) -> Result<Address, String> {
    text.parse()
        .map_err(|_| "the address is not one that mail can be sent to".to_owned())
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
