//! What a server's reply to one mail means: for the mail, for its recipient, for all of us.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

/// Where in the conversation a reply came, or did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Mail,
    Rcpt,
    Data,
    /// After the final dot.
    Dot,
}

impl Phase {
    /// As the log and the list of waiting mails name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Mail => "MAIL FROM",
            Phase::Rcpt => "RCPT TO",
            Phase::Data => "DATA",
            Phase::Dot => "the final dot",
        }
    }
}

/// A reply that is not a yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub phase: Phase,
    /// 400–599.
    pub code: u16,
    /// `5.1.1`, where the text begins with one.
    pub enhanced: Option<(u16, u16, u16)>,
    pub text: String,
}

impl Refusal {
    pub fn new(phase: Phase, code: u16, text: &str) -> Refusal {
        Refusal {
            phase,
            code,
            enhanced: enhanced_code(text),
            text: text.to_owned(),
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} after {}: {}", self.code, self.phase.as_str(), self.text)
    }
}

/// Whose business a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The address takes no mail and never will: nobody writes to it again.
    NoSuchRecipient,
    /// This mail is lost, the address may be good.
    Soft,
    /// As soft, until another day repeats it: then there is no such address.
    Doubtful,
    /// Tried again later; half a strike against the address.
    Later,
    /// The destination wants fewer connections: tried again later, and no strike against the recipient.
    Throttled,
    /// The destination does not want our mail: no strike against the recipient.
    Policy,
    /// The mail itself is refused: so would all others of its drip be.
    Content,
    /// The server does not take mail from us at all: nothing more is sent for now.
    Account,
}

impl Meaning {
    /// Whether other mails may be stopped by it, so that none must be begun before it is known.
    pub fn concerns_others(self) -> bool {
        matches!(self, Meaning::Policy | Meaning::Content | Meaning::Account)
    }

    /// As the outbox keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            Meaning::NoSuchRecipient => "hard",
            Meaning::Soft | Meaning::Doubtful => "soft",
            Meaning::Later => "later",
            Meaning::Throttled => "throttled",
            Meaning::Policy => "policy",
            Meaning::Content => "content",
            Meaning::Account => "account",
        }
    }
}

/// The table of RELIABILITY.md, M22.
pub fn meaning(refusal: &Refusal) -> Meaning {
    use Meaning::*;
    let Refusal {
        phase, code, enhanced, ..
    } = refusal;
    match (code, enhanced) {
        (421, _) => Throttled,
        (530 | 534 | 535, _) => Account,
        (450, Some((4, 7, _))) => Throttled,
        (400..=499, _) => Later,
        (_, Some((5, 2, 2))) => Soft,
        (_, Some((5, 3, 4) | (5, 6, _))) => Content,
        // A sender that cannot prove who it is: each destination judges that for itself.
        (_, Some((5, 7, 26 | 515))) => Policy,
        _ if *phase == Phase::Mail => Account,
        (_, Some((5, 7, _))) => Policy,
        (_, Some((5, 1, 1 | 2 | 3 | 10) | (5, 2, 1))) | (551, _) => NoSuchRecipient,
        (_, Some((5, 4, 1))) => Doubtful,
        (_, None) if *phase == Phase::Dot => Policy,
        _ => Soft,
    }
}

/// What a server said, for those whom it does not concern: other contacts' mails, the drip, the log.
/// Servers like to repeat the address that they refuse.
pub fn without_addresses(words: &str) -> String {
    let is_part = |c: char| !c.is_whitespace() && !"<>()[],;:\"'".contains(c);
    words
        .split_inclusive(|c| !is_part(c))
        .map(|piece| {
            let word = piece.trim_end_matches(|c| !is_part(c));
            match word.contains('@') {
                true => format!("(address){}", &piece[word.len()..]),
                false => piece.to_owned(),
            }
        })
        .collect()
}

/// When a mail that was put off is tried again, counted from now.
///
/// 5 m, 15 m, 30 m, 1 h, 2 h, then every 4 h, each ±20 %: spread by the mail's own id, so that a
/// thousand mails that met the same closed door do not come back together.
pub fn retry_after(tries: i32, mail: i64) -> TimeDelta {
    let minutes: i64 = match tries {
        ..=1 => 5,
        2 => 15,
        3 => 30,
        4 => 60,
        5 => 120,
        _ => 240,
    };
    let digest = Sha256::digest(format!("{mail}:{tries}"));
    let share = u16::from_be_bytes([digest[0], digest[1]]) as i64;
    // 80 % … 120 %, in thousandths.
    TimeDelta::milliseconds(minutes * 60 * (800 + share * 400 / i64::from(u16::MAX)))
}

/// So long after its first attempt nobody tries a mail any more (RFC 5321 section 4.5.4.1).
pub const GIVE_UP_DAYS: i64 = 5;

/// `550 5.1.1 …` without its `550`: the code that begins the text.
fn enhanced_code(text: &str) -> Option<(u16, u16, u16)> {
    let word = text.split_whitespace().next()?;
    let mut parts = word.splitn(3, '.').map(|part| {
        let short = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        short.then(|| part.parse::<u16>().ok()).flatten()
    });
    match (parts.next()??, parts.next()??, parts.next()??) {
        (class @ (2 | 4 | 5), subject, detail) => Some((class, subject, detail)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reply_has_its_meaning() {
        use Meaning::*;
        use Phase::*;
        let table = [
            (Rcpt, 550, "5.1.1 User unknown", NoSuchRecipient),
            (Rcpt, 550, "5.1.2 no such host", NoSuchRecipient),
            (Rcpt, 553, "5.1.3 bad address", NoSuchRecipient),
            (Rcpt, 556, "5.1.10 null MX", NoSuchRecipient),
            (Rcpt, 550, "5.2.1 disabled", NoSuchRecipient),
            (Rcpt, 551, "not local", NoSuchRecipient),
            (Dot, 550, "5.1.1 User unknown", NoSuchRecipient),
            (Rcpt, 552, "5.2.2 mailbox full", Soft),
            (Rcpt, 550, "no", Soft),
            (Rcpt, 550, "5.4.1 access denied", Doubtful),
            (Rcpt, 551, "5.1.6 moved", NoSuchRecipient),
            (Rcpt, 535, "5.7.8 who are you", Account),
            (Rcpt, 554, "5.7.1 policy", Policy),
            (Rcpt, 450, "4.2.0 greylisted", Later),
            (Rcpt, 451, "try later", Later),
            (Rcpt, 452, "4.2.2 full", Later),
            (Dot, 451, "local error", Later),
            (Rcpt, 450, "4.7.1 slow down", Throttled),
            (Mail, 421, "4.7.28 too fast", Throttled),
            (Dot, 421, "closing", Throttled),
            (Rcpt, 550, "5.7.1 blocked", Policy),
            (Mail, 550, "5.7.26 unauthenticated", Policy),
            (Dot, 550, "5.7.515 access denied", Policy),
            (Dot, 554, "spam", Policy),
            (Dot, 552, "5.3.4 too big", Content),
            (Dot, 554, "5.6.0 malformed", Content),
            (Mail, 530, "5.7.0 authenticate first", Account),
            (Mail, 550, "go away", Account),
            (Mail, 550, "5.7.1 not from you", Account),
        ];
        for (phase, code, text, expected) in table {
            assert_eq!(meaning(&Refusal::new(phase, code, text)), expected, "{code} {text}");
        }
    }

    #[test]
    fn what_a_server_says_is_told_to_others_without_the_address() {
        for (said, told) in [
            (
                "550 5.7.1 <ada@acme.example>: rejected",
                "550 5.7.1 <(address)>: rejected",
            ),
            ("no mail for a.b+c@x.example, sorry", "no mail for (address), sorry"),
            ("\u{fc}@b\u{fc}cher.example", "(address)"),
            ("5.6.0 bad content: at 10:30", "5.6.0 bad content: at 10:30"),
            ("", ""),
        ] {
            assert_eq!(without_addresses(said), told);
        }
    }

    #[test]
    fn only_a_code_at_the_beginning_counts() {
        let code = |text| Refusal::new(Phase::Rcpt, 550, text).enhanced;
        assert_eq!(code("5.1.10 x"), Some((5, 1, 10)));
        for text in ["", "see 5.1.1", "5.1", "5.1.1.1", "3.1.1", "5.1.x", "5..1"] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn retries_follow_the_schedule_within_a_fifth() {
        for (attempts, minutes) in [(1, 5), (2, 15), (3, 30), (4, 60), (5, 120), (6, 240), (30, 240)] {
            for mail in 0..200 {
                let seconds = retry_after(attempts, mail).num_milliseconds() as f64 / 1000.0;
                let share = seconds / (f64::from(minutes) * 60.0);
                assert!((0.8..=1.2).contains(&share), "{attempts} {mail}: {share}");
            }
        }
        assert_ne!(retry_after(1, 1), retry_after(1, 2));
        assert_eq!(retry_after(3, 7), retry_after(3, 7));
    }
}
