//! What became of a mail, in words for colleagues.

use crate::text::figures;

use super::MailRow;

/// One sentence; what the server said, and when, stand beside it.
pub fn became(mail: &MailRow) -> String {
    let twice = match (mail.maybe_duplicate, mail.state.as_str()) {
        (false, _) => "",
        (true, "sent") => ", perhaps twice: the connection broke after an earlier copy had been handed over",
        (true, _) => ", and may have arrived already: the connection broke after it had been handed over",
    };
    match mail.state.as_str() {
        "sent" => format!("The mail server took it{twice}."),
        "sending" => format!("It is being handed over{twice}."),
        "failed" => format!("It could not be delivered{twice}."),
        "cancelled" => "It was not sent.".to_owned(),
        _ => format!("It waits until {}{twice}.", figures::date_time(mail.due_at)),
    }
}

/// Why it waits, or what ended it; empty where there is nothing to add.
pub fn why(mail: &MailRow) -> &str {
    let said = match mail.state.as_str() {
        "queued" | "deferred" => mail.waits_for.as_deref(),
        "sending" => None,
        _ => mail.reply.as_deref(),
    };
    said.unwrap_or_default()
}

/// A reason for which no mail goes to an address, as the back office says it.
pub fn reason(code: &str) -> &str {
    match code {
        "unsubscribed" => "wants no mails",
        "bounced" => "the address takes no mail",
        "complained" => "complained about our mail",
        "erased" => "was removed at its own wish",
        other => other,
    }
}

/// What came back, in a word or two.
pub fn kind(kind: &str) -> &str {
    match kind {
        "bounce" => "Bounced",
        "delay" => "Delayed",
        "complaint" => "Complaint",
        "auto_reply" => "Out of office",
        "reply" => "Reply",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(state: &str, maybe_duplicate: bool) -> MailRow {
        let at = crate::clock::parse_rfc3339("2026-03-10T11:00:00Z").expect("a time");
        MailRow {
            drip: "d".into(),
            step: 0,
            nth: 0,
            to_address: "a@x.example".into(),
            state: state.into(),
            due_at: at,
            waits_for: Some("the send window is closed".into()),
            attempts: 1,
            maybe_duplicate,
            message_id: None,
            outcome: None,
            reply: Some("250 ok".into()),
            made_at: at,
            sent_at: None,
            ended_at: None,
        }
    }

    #[test]
    fn a_mail_in_doubt_is_told_as_such() {
        assert_eq!(became(&mail("sent", false)), "The mail server took it.");
        assert!(became(&mail("sent", true)).contains("perhaps twice"));
        assert!(became(&mail("deferred", true)).contains("may have arrived already"));
    }

    #[test]
    fn what_waits_says_what_for_and_what_ended_what_was_said() {
        assert_eq!(
            became(&mail("deferred", false)),
            "It waits until 10 Mar 2026, 11:00 UTC."
        );
        assert_eq!(why(&mail("deferred", false)), "the send window is closed");
        assert_eq!(why(&mail("failed", false)), "250 ok");
        assert_eq!(why(&mail("sending", false)), "");
    }
}
