//! The DKIM signature of a mail (RFC 6376, with RFC 8463's Ed25519): relaxed/relaxed.
//!
//! It is made once, when a mail's bytes are frozen. Written here, because the libraries at hand
//! either bring an RSA with an open advisory or a resolver for a domain-name system that we never
//! ask.

use chrono::NaiveDateTime;
use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use crate::config::DkimConfig;

/// What is signed: all that tells who writes what to whom, and the one-click way out (RFC 8058
/// section 4). Content-Type is left out, as relays rewrite it.
pub const SIGNED: [&str; 8] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

/// The message with its signature in front.
pub fn signed(config: &DkimConfig, at: NaiveDateTime, message: Vec<u8>) -> Result<Vec<u8>, String> {
    let (head, body) = parted(&message).ok_or("the mail has no body to sign")?;
    let head = std::str::from_utf8(head).map_err(|_| "the mail's head is not UTF-8")?;
    let fields = fields(head);
    let present: Vec<&str> = SIGNED
        .into_iter()
        .filter(|name| fields.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)))
        .collect();
    let unsigned = format!(
        "DKIM-Signature: v=1; a={}-sha256; c=relaxed/relaxed; d={};\r\n s={}; t={};\r\n h={};\r\n bh={};\r\n b=",
        config.key.kind(),
        config.domain,
        config.selector,
        at.and_utc().timestamp(),
        folded(&present.join(":"), ':'),
        BASE64.encode(&Sha256::digest(relaxed_body(body))),
    );
    let mut data = String::new();
    for name in present {
        // Each stands there once; of several, the last would count.
        let field = fields.iter().rev().find(|(given, _)| given.eq_ignore_ascii_case(name));
        if let Some((name, value)) = field {
            data.push_str(&relaxed_field(name, value));
            data.push_str("\r\n");
        }
    }
    // The signature's own field comes last, its signature empty and no line break after it.
    let (name, value) = unsigned.split_once(':').unwrap_or_default();
    data.push_str(&relaxed_field(name, value));
    let signature = BASE64.encode(&config.key.sign(data.as_bytes())?);
    let lines: Vec<&str> = (0..signature.len())
        .step_by(72)
        .map(|at| &signature[at..signature.len().min(at + 72)])
        .collect();
    let mut out = Vec::with_capacity(message.len() + unsigned.len() + signature.len() + 32);
    out.extend(unsigned.as_bytes());
    out.extend(lines.join("\r\n ").as_bytes());
    out.extend(b"\r\n");
    out.extend(&message);
    Ok(out)
}

/// Head, with the line break of its last field, and body.
fn parted(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some((&message[..end + 2], &message[end + 4..]))
}

/// Names and values; a value of several lines keeps its breaks.
fn fields(head: &str) -> Vec<(&str, String)> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    for line in head.split("\r\n").filter(|line| !line.is_empty()) {
        match (line.starts_with([' ', '\t']), line.split_once(':')) {
            (true, _) => {
                if let Some((_, value)) = fields.last_mut() {
                    value.push_str("\r\n");
                    value.push_str(line);
                }
            }
            (false, Some((name, value))) => fields.push((name, value.to_owned())),
            (false, None) => {}
        }
    }
    fields
}

/// RFC 6376 section 3.4.2.
fn relaxed_field(name: &str, value: &str) -> String {
    let unfolded = value.replace("\r\n", "");
    let words: Vec<&str> = unfolded.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
    format!("{}:{}", name.trim_end().to_ascii_lowercase(), words.join(" "))
}

/// RFC 6376 section 3.4.4.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    // Where the last line with something in it ends.
    let mut end = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut in_blank = false;
        let from = out.len();
        for byte in line {
            match byte {
                b' ' | b'\t' => in_blank = true,
                byte => {
                    if std::mem::take(&mut in_blank) {
                        out.push(b' ');
                    }
                    out.push(*byte);
                }
            }
        }
        let is_empty = out.len() == from;
        out.extend(b"\r\n");
        if !is_empty {
            end = out.len();
        }
    }
    out.truncate(end);
    out
}

/// A list broken so that no line of the head is long.
fn folded(list: &str, sign: char) -> String {
    let mut out = String::new();
    let mut length = 3;
    for (place, item) in list.split(sign).enumerate() {
        if place > 0 {
            out.push(sign);
        }
        if length + item.len() > 70 {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push_str(item);
        length += item.len() + 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_empty_last_lines_do_not_count() {
        // The examples of RFC 6376 section 3.4.5.
        assert_eq!(relaxed_field("A", " X"), "a:X");
        assert_eq!(relaxed_field("B ", " Y\t\r\n\tZ  "), "b:Y Z");
        assert_eq!(relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
        assert_eq!(relaxed_body(b"\r\n\r\n"), b"");
        assert_eq!(relaxed_body(b"no break"), b"no break\r\n");
    }
}
