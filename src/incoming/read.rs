//! What a mail that came back is, from its bytes alone.
//!
//! Nothing here is believed: a mail says what it likes. Which of our mails it is about, and whether
//! that counts, is decided by who calls this, from the marks that only our own envelopes carry.

use mail_parser::{HeaderName, Message, MessageParser, MimeHeaders, PartType};

use super::report::{self, Fate};
use super::words;
use crate::text::fold;

/// So much of a mail is read; what a server says stands far in front of the mail that it returns.
pub const MOST_BYTES: usize = 1 << 20;
/// A mail within a mail within a mail: at so many parts somebody is playing games.
const MOST_PARTS: usize = 300;
/// So many marks of ours are looked up; an honest mail carries one, here and there.
const MOST_MARKS: usize = 20;

/// A mail as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Tokens out of addresses of the form `b-TOKEN@…`, wherever an envelope leaves its trace.
    pub marks: Vec<String>,
    /// The folded address of whoever wrote it.
    pub from: Option<String>,
    /// Names of mails that this one answers or returns, with their angle brackets.
    pub about: Vec<String>,
    pub subject: String,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A server tells what became of a mail. No fate: it did not say so in a form that can be read.
    Report { fates: Vec<Fate>, words: String },
    /// A mail provider passes on what a recipient did; `abuse` is a complaint.
    Feedback { kind: String },
    /// A program answers in somebody's stead.
    AutoReply { words: String },
    /// Somebody wrote this.
    Letter { words: String },
    /// None of these, and why.
    Nothing(&'static str),
}

/// Reads any bytes; those that are no mail say so.
pub fn mail(raw: &[u8]) -> Read {
    let raw = &raw[..raw.len().min(MOST_BYTES)];
    let nothing = |why| Read {
        marks: Vec::new(),
        from: None,
        about: Vec::new(),
        subject: String::new(),
        what: What::Nothing(why),
    };
    if count_parts(raw) > MOST_PARTS {
        return nothing("a mail of far too many parts");
    }
    let Some(message) = MessageParser::default().parse(raw) else {
        return nothing("no mail at all");
    };
    let parts = Parts::of(&message);
    let what = what(&message, &parts);
    let from = message.from().and_then(|from| from.first()?.address.as_deref());
    Read {
        marks: marks(&message, &parts),
        from: from.and_then(fold::email).map(|address| address.folded()),
        about: about(&message, &parts),
        subject: words::line(message.subject().unwrap_or_default()),
        what,
    }
}

/// An upper bound: every part that is not plain text says its type.
fn count_parts(raw: &[u8]) -> usize {
    let name = b"content-type";
    raw.windows(name.len())
        .filter(|window| window.eq_ignore_ascii_case(name))
        .count()
}

/// The parts of a report that are not for people.
struct Parts<'m> {
    /// Of `message/delivery-status`, decoded.
    status: Vec<String>,
    /// Of `message/feedback-report`, decoded.
    feedback: Vec<String>,
    /// The mail that is sent back, or its header alone.
    returned: Vec<&'m Message<'m>>,
    returned_header: Vec<String>,
}

impl<'m> Parts<'m> {
    fn of(message: &'m Message<'m>) -> Parts<'m> {
        let mut parts = Parts {
            status: Vec::new(),
            feedback: Vec::new(),
            returned: Vec::new(),
            returned_header: Vec::new(),
        };
        for part in &message.parts {
            let kind = part.content_type().map(|kind| {
                let subtype = kind.subtype().unwrap_or_default();
                (kind.ctype().to_ascii_lowercase(), subtype.to_ascii_lowercase())
            });
            let text = || String::from_utf8_lossy(part.contents()).into_owned();
            match kind.as_ref().map(|(kind, subtype)| (kind.as_str(), subtype.as_str())) {
                Some(("message", "delivery-status" | "global-delivery-status")) => parts.status.push(text()),
                Some(("message", "feedback-report")) => parts.feedback.push(text()),
                Some(("text", "rfc822-headers")) | Some(("message", "global-headers")) => {
                    parts.returned_header.push(text());
                }
                _ => {}
            }
            if let PartType::Message(returned) = &part.body
                && !returned.parts.is_empty()
            {
                parts.returned.push(returned);
            }
        }
        parts
    }
}

fn what(message: &Message, parts: &Parts) -> What {
    let body = || words::of_body(message);
    if let Some(text) = parts.feedback.first() {
        let kind = report::fields(text)
            .into_iter()
            .flatten()
            .find(|(name, _)| name == "feedback-type");
        return match kind {
            Some((_, kind)) => What::Feedback {
                kind: kind.to_ascii_lowercase(),
            },
            None => What::Nothing("a feedback report that does not say what it is about"),
        };
    }
    if !parts.status.is_empty() || is_report(message) || is_bounce_by_its_looks(message) {
        let words = body();
        // Postfix tells in prose alone at which step a mail was refused.
        let after_dot = words.to_ascii_lowercase().contains("end of data command");
        return What::Report {
            fates: parts
                .status
                .iter()
                .flat_map(|text| report::fates(text, after_dot))
                .collect(),
            words,
        };
    }
    let header = |name: &str| value(message, name).unwrap_or_default().to_ascii_lowercase();
    let automatic = header("auto-submitted");
    let precedence = header("precedence");
    let answers = header("x-autoreply") == "yes"
        || ["x-autorespond", "x-autoresponse", "x-auto-response-suppress"]
            .iter()
            .any(|name| value(message, name).is_some())
        || precedence.starts_with("auto_reply")
        || !(automatic.is_empty() || automatic == "no" || automatic.starts_with("no;"))
        || is_null(message, "return-path")
        || words::is_automatic(message.subject().unwrap_or_default());
    if answers {
        return What::AutoReply { words: body() };
    }
    let is_mass = matches!(precedence.trim(), "bulk" | "list" | "junk") || value(message, "list-id").is_some();
    if is_mass {
        return What::Nothing("a mail to many");
    }
    What::Letter { words: body() }
}

/// `multipart/report`, whether or not its parts can be read.
fn is_report(message: &Message) -> bool {
    let kind = message.content_type();
    kind.is_some_and(|kind| {
        let is_report = kind.ctype().eq_ignore_ascii_case("multipart")
            && kind
                .subtype()
                .is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"));
        // What a reader's program tells of its reader is no word on the way there.
        let about = kind
            .attribute("report-type")
            .unwrap_or("delivery-status")
            .to_ascii_lowercase();
        is_report && about == "delivery-status"
    })
}

/// A bounce in prose: from the mail system itself, under a subject that such mails have.
fn is_bounce_by_its_looks(message: &Message) -> bool {
    let from = message.from().and_then(|from| from.first()?.address.as_deref());
    let local = from.unwrap_or_default().split('@').next().unwrap_or_default();
    let of_system = ["mailer-daemon", "postmaster", "mail-daemon"];
    let is_system = of_system.iter().any(|name| local.eq_ignore_ascii_case(name));
    (is_system || is_null(message, "return-path")) && words::is_bounce(message.subject().unwrap_or_default())
}

fn is_null(message: &Message, name: &str) -> bool {
    value(message, name).is_some_and(|value| value.trim() == "<>")
}

/// A header's text as it stands.
fn value<'m>(message: &'m Message, name: &str) -> Option<&'m str> {
    let found = headers(message).find(|(found, _)| found.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim())
}

/// Names and texts; of a mail that was cut off, those that are there.
fn headers<'m>(message: &'m Message) -> impl Iterator<Item = (&'m str, &'m str)> {
    message
        .parts
        .first()
        .into_iter()
        .flat_map(|part| &part.headers)
        .filter_map(|header| {
            let range = header.offset_start as usize..header.offset_end as usize;
            let value = std::str::from_utf8(message.raw_message.get(range)?).ok()?;
            Some((header.name.as_str(), value))
        })
}

/// Where a mail's way leaves the address that it was sent to, or came from.
const ENVELOPE: [&str; 12] = [
    "delivered-to",
    "x-delivered-to",
    "x-original-to",
    "original-recipient",
    "envelope-to",
    "x-envelope-to",
    "apparently-to",
    "to",
    "cc",
    "resent-to",
    "x-forwarded-to",
    "x-rcpt-to",
];
/// Of the mail that is sent back.
const SENDER: [&str; 4] = ["return-path", "x-return-path", "envelope-from", "x-envelope-from"];

fn marks(message: &Message, parts: &Parts) -> Vec<String> {
    let mut found = Vec::new();
    let mut look = |text: &str| {
        for mark in marks_in(text) {
            if found.len() < MOST_MARKS && !found.contains(&mark) {
                found.push(mark);
            }
        }
    };
    let is_one = |name: &str, of: &[&str]| of.iter().any(|wanted| name.eq_ignore_ascii_case(wanted));
    let ours = headers(message).filter(|(name, _)| is_one(name, &ENVELOPE));
    ours.for_each(|(_, value)| look(value));
    parts.status.iter().chain(&parts.feedback).for_each(|text| look(text));
    for returned in &parts.returned {
        let senders = headers(returned).filter(|(name, _)| is_one(name, &SENDER));
        senders.for_each(|(_, value)| look(value));
    }
    for text in &parts.returned_header {
        let fields = report::fields(text).into_iter().flatten();
        let senders = fields.filter(|(name, _)| SENDER.contains(&name.as_str()));
        senders.for_each(|(_, value)| look(&value));
    }
    found
}

/// `b-TOKEN@…` in any text; a token is 32 characters of base32, in either case.
fn marks_in(text: &str) -> impl Iterator<Item = String> {
    const LENGTH: usize = 32;
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(LENGTH + 2)).filter_map(move |start| {
        let begins =
            start == 0 || !matches!(bytes[start - 1], b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.');
        let token = &bytes[start + 2..start + 2 + LENGTH];
        let fits = begins
            && matches!(bytes[start], b'b' | b'B')
            && bytes[start + 1] == b'-'
            && bytes[start + 2 + LENGTH] == b'@'
            && token
                .iter()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'2'..=b'7'));
        fits.then(|| String::from_utf8_lossy(token).to_ascii_lowercase())
    })
}

/// The names of the mails that this one answers or returns.
fn about(message: &Message, parts: &Parts) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        let name = format!("<{name}>");
        if names.len() < MOST_MARKS && !names.contains(&name) {
            names.push(name);
        }
    };
    for returned in &parts.returned {
        returned.message_id().into_iter().for_each(&mut add);
    }
    for text in &parts.returned_header {
        let fields = report::fields(text).into_iter().flatten();
        let ids = fields.filter(|(name, _)| name == "message-id");
        ids.for_each(|(_, id)| add(id.trim_matches(['<', '>'])));
    }
    for name in [HeaderName::InReplyTo, HeaderName::References] {
        let ids = message.header(name).and_then(|ids| {
            let one = ids.as_text().map(|id| vec![id.to_owned()]);
            one.or_else(|| Some(ids.as_text_list()?.iter().map(|id| id.to_string()).collect()))
        });
        // The newest stands last.
        ids.into_iter().flatten().rev().for_each(|id| add(&id));
    }
    names
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mark_is_found_wherever_an_address_stands() {
        let token = "abcdefghijklmnopqrstuvwxyz234567";
        for text in [
            format!("b-{token}@bounces.example.com"),
            format!(" <B-{}@bounces.example.com>", token.to_uppercase()),
            format!("rfc822; b-{token}@x"),
            format!("x@y, \"b-{token}@z\" <b-{token}@z>"),
        ] {
            assert_eq!(marks_in(&text).next().as_deref(), Some(token), "{text}");
        }
        for text in [
            format!("b-{token}"),
            format!("b-{token}x@y"),
            format!("ab-{token}@y"),
            format!("b-{}@y", token.replace('a', "1")),
            format!("b-é{token}@y"),
            String::new(),
        ] {
            assert_eq!(marks_in(&text).next(), None, "{text}");
        }
    }

    #[test]
    fn mails_within_mails_do_not_fill_the_stack() {
        let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(30_000);
        assert_eq!(
            mail(nested.as_bytes()).what,
            What::Nothing("a mail of far too many parts")
        );
        let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(MOST_PARTS);
        mail(nested.as_bytes());
        let digests = "Content-Type: multipart/digest; boundary=x\r\n\r\n--x\r\n\r\n".repeat(MOST_PARTS);
        mail(digests.as_bytes());
    }

    #[test]
    fn nothing_at_all_is_no_mail() {
        assert!(matches!(mail(b"").what, What::Nothing(_)));
        assert!(matches!(mail(b"\n\n\n").what, What::Nothing(_) | What::Letter { .. }));
    }

    /// Real shapes, cut and knocked about.
    const SHAPES: [&str; 5] = [
        include_str!("../../tests/it/fixtures/incoming/postfix.eml"),
        include_str!("../../tests/it/fixtures/incoming/exchange.eml"),
        include_str!("../../tests/it/fixtures/incoming/base64.eml"),
        include_str!("../../tests/it/fixtures/incoming/abuse.eml"),
        include_str!("../../tests/it/fixtures/incoming/away_en.eml"),
    ];

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            mail(&bytes);
        }

        #[test]
        fn a_broken_mail_is_read_without_a_panic(
            shape in 0..SHAPES.len(),
            hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..30),
            from in any::<prop::sample::Index>(),
            to in any::<prop::sample::Index>(),
        ) {
            let mut bytes = SHAPES[shape].as_bytes().to_vec();
            for (place, byte) in hits {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            mail(&bytes);
            mail(&bytes[from.min(to)..from.max(to)]);
        }
    }
}
