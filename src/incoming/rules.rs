//! What a report means for the contact, the drip and the destination. Only a failure for good says
//! anything against an address, and only of the kind that says there is no such address.

use super::report::{Action, Fate};
use crate::mail::classify::{self, Meaning};

/// Whose business a mail is that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It asks for fewer mails: no strike against anybody.
    Throttled,
    /// The destination does not want our mail; no strike against the recipient.
    Policy,
    /// The mail itself was refused: so would all others of its drip be.
    Content,
    /// The server does not take mail from us at all.
    Account,
    /// This mail is lost, the address may be good.
    Soft,
    /// Perhaps there is no such address: hard when another day says so again.
    Doubtful,
    /// There is no such address.
    Hard,
}

impl Class {
    /// As `outbox.outcome` keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Throttled => "throttled",
            Class::Policy => "policy",
            Class::Content => "content",
            Class::Account => "account",
            Class::Soft | Class::Doubtful => "soft",
            Class::Hard => "hard",
        }
    }
}

/// What a report says of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub came: Came,
    /// In the server's words.
    pub said: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    Back(Class),
    /// Under way still.
    Later,
    Through,
}

/// The fates of others whom the report names, too, count only where the mail's own recipient is not
/// among them, as when its address hands mail on. Then one of them for whom all is well is enough.
pub fn verdict(fates: &[Fate], recipient: &str) -> Verdict {
    let is_own = |fate: &&Fate| fate.recipients.iter().any(|address| address == recipient);
    let mut own: Vec<&Fate> = fates.iter().filter(is_own).collect();
    if own.is_empty() {
        own = fates.iter().collect();
    }
    let came = |fate: &Fate| match fate.action {
        Action::Failed => Came::Back(class(fate)),
        Action::Delayed => Came::Later,
        Action::Delivered => Came::Through,
        // No word that we know: soft at most.
        Action::Unknown => Came::Back(Class::Soft),
    };
    let mildness = |came: Came| match came {
        Came::Through => (0, None),
        Came::Later => (1, None),
        Came::Back(class) => (2, Some(class)),
    };
    let mildest = own.into_iter().min_by_key(|fate| mildness(came(fate)));
    match mildest {
        Some(fate) => Verdict {
            came: came(fate),
            said: fate.said.clone(),
        },
        None => Verdict {
            came: Came::Back(Class::Soft),
            said: String::new(),
        },
    }
}

fn class(fate: &Fate) -> Class {
    let Some(refusal) = &fate.refusal else {
        return Class::Soft;
    };
    match classify::meaning(refusal) {
        Meaning::NoSuchRecipient => Class::Hard,
        Meaning::Doubtful => Class::Doubtful,
        Meaning::Soft | Meaning::Later => Class::Soft,
        Meaning::Throttled => Class::Throttled,
        Meaning::Policy => Class::Policy,
        Meaning::Content => Class::Content,
        Meaning::Account => Class::Account,
    }
}

#[cfg(test)]
mod tests {
    use super::super::report;
    use super::*;

    fn came(text: &str) -> Came {
        verdict(&report::fates(text, false), "ada@a.example").came
    }

    /// The reply classes of RELIABILITY.md, wrapped in a report.
    #[test]
    fn each_reply_means_in_a_report_what_it_means_at_once() {
        use Class::*;
        let table = [
            ("5.1.1", "550 5.1.1 User unknown", Hard),
            ("5.1.2", "550 5.1.2 no such host", Hard),
            ("5.1.3", "553 5.1.3 bad address", Hard),
            ("5.1.10", "556 5.1.10 null MX", Hard),
            ("5.2.1", "550 5.2.1 disabled", Hard),
            ("5.1.6", "551 5.1.6 not local", Hard),
            ("5.0.0", "551 not local", Hard),
            ("4.2.2", "452 4.2.2 full", Soft),
            ("5.2.2", "552 5.2.2 full", Soft),
            ("5.0.0", "550 no", Soft),
            ("5.4.1", "550 5.4.1 access denied", Doubtful),
            ("4.4.7", "451 try later", Soft),
            ("4.7.28", "421 4.7.28 too fast", Throttled),
            ("4.7.1", "450 4.7.1 slow down", Throttled),
            ("5.7.1", "550 5.7.1 blocked", Policy),
            ("5.7.26", "550-5.7.26 unauthenticated", Policy),
            ("5.7.515", "550 5.7.515 access denied", Policy),
            ("5.7.1", "554 5.7.1 spam", Policy),
            ("5.3.4", "552 5.3.4 too big", Content),
            ("5.6.0", "554 5.6.0 malformed", Content),
            ("5.7.0", "530 5.7.0 log in first", Account),
            ("5.7.8", "535 5.7.8 bad log-in", Account),
        ];
        for (status, reply, class) in table {
            let text = format!(
                "Final-Recipient: rfc822; ada@a.example\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {reply}\n"
            );
            assert_eq!(came(&text), Came::Back(class), "{reply}");
        }
    }

    #[test]
    fn a_refusal_after_the_dot_without_a_code_is_the_destinations_policy() {
        let text = "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 554 spam\n";
        assert_eq!(verdict(&report::fates(text, true), "").came, Came::Back(Class::Policy));
        assert_eq!(verdict(&report::fates(text, false), "").came, Came::Back(Class::Soft));
    }

    #[test]
    fn only_a_failure_counts() {
        for (action, expected) in [
            ("delayed", Came::Later),
            ("delivered", Came::Through),
            ("relayed", Came::Through),
        ] {
            assert_eq!(
                came(&format!("Action: {action}\nStatus: 5.1.1\n")),
                expected,
                "{action}"
            );
        }
        assert_eq!(came("Action: lost\nStatus: 5.1.1\n"), Came::Back(Class::Soft));
        assert_eq!(came("Action: failed\nStatus: bad\n"), Came::Back(Class::Soft));
        assert_eq!(
            came("Action: failed\nStatus: 4.1.1\nDiagnostic-Code: smtp; 550 5.1.1 x\n"),
            Came::Back(Class::Soft)
        );
        assert_eq!(came(""), Came::Back(Class::Soft));
    }

    #[test]
    fn the_recipients_own_fate_counts() {
        let fate = |address: &str, action: &str| {
            format!("Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: 5.1.1\n\n")
        };
        let (ada, bob, cyd) = ("Ada@A.example", "bob@b.example", "cyd@c.example");
        assert_eq!(came(&(fate(bob, "failed") + &fate(ada, "delayed"))), Came::Later);
        assert_eq!(
            came(&(fate(bob, "delivered") + &fate(ada, "failed"))),
            Came::Back(Class::Hard)
        );
        assert_eq!(came(&(fate(bob, "failed") + &fate(cyd, "delivered"))), Came::Through);
        assert_eq!(
            came(&(fate(bob, "failed") + &fate(cyd, "failed"))),
            Came::Back(Class::Hard)
        );
        let handed_on = format!("Original-Recipient: rfc822; {ada}\n{}", fate(bob, "failed"));
        assert_eq!(came(&handed_on), Came::Back(Class::Hard));
    }
}
