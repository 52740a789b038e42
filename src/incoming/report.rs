//! The part of a bounce that is for programs (RFC 3464): fields in groups, one group about the mail
//! and one about each recipient.

use crate::mail::classify::{Phase, Refusal};
use crate::text::fold;

/// What became of a mail for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// The folded addresses that it went to: as we wrote it, and where it ended.
    pub recipients: Vec<String>,
    pub action: Action,
    /// What the refusal would have been, had we met it ourselves; none where none can be read.
    pub refusal: Option<Refusal>,
    /// The server's own words, one line.
    pub said: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Failed,
    /// The server goes on trying.
    Delayed,
    /// It arrived, or went on to somebody who does not report.
    Delivered,
    /// No word that we know.
    Unknown,
}

pub type Field = (String, String);

/// Groups of fields, parted by blank lines; names in lower case, values unfolded.
pub fn fields(text: &str) -> Vec<Vec<Field>> {
    let mut groups = vec![Vec::<Field>::new()];
    for line in text.lines() {
        let group = groups.len() - 1;
        if line.trim().is_empty() {
            if !groups[group].is_empty() {
                groups.push(Vec::new());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = groups[group].last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            groups[group].push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    groups
}

/// `after_dot`: the mail was refused as a whole, after its last byte.
pub fn fates(text: &str, after_dot: bool) -> Vec<Fate> {
    let groups = fields(text).into_iter();
    // The first group is about the mail; but some servers know only one group.
    let about_recipients =
        groups.filter(|group| find(group, "action").is_some() || find(group, "final-recipient").is_some());
    about_recipients.map(|group| fate(&group, after_dot)).collect()
}

fn fate(group: &[Field], after_dot: bool) -> Fate {
    let recipients = ["original-recipient", "final-recipient"];
    let recipients = recipients
        .iter()
        .filter_map(|name| address(find(group, name)?))
        .collect();
    let action = match find(group, "action")
        .map(|action| word(action).to_ascii_lowercase())
        .as_deref()
    {
        Some("failed") => Action::Failed,
        Some("delayed") => Action::Delayed,
        Some("delivered" | "relayed" | "expanded") => Action::Delivered,
        _ => Action::Unknown,
    };
    let status = find(group, "status").map(word).and_then(code);
    let diagnostic = find(group, "diagnostic-code").unwrap_or_default();
    Fate {
        recipients,
        action,
        refusal: refusal(status, diagnostic, after_dot),
        said: match (diagnostic.split_once(';'), status) {
            (Some((_, said)), _) => said.trim().to_owned(),
            (None, Some((a, b, c))) => format!("{a}.{b}.{c} {diagnostic}").trim().to_owned(),
            (None, None) => diagnostic.to_owned(),
        },
    }
}

/// The reply that the report wraps: the diagnostic where it holds one, else the status.
fn refusal(status: Option<Code>, diagnostic: &str, after_dot: bool) -> Option<Refusal> {
    let phase = if after_dot { Phase::Dot } else { Phase::Rcpt };
    let status = status.filter(|status| status.0 != 2)?;
    let reply = diagnostic
        .split_once(';')
        .filter(|(kind, _)| kind.trim().eq_ignore_ascii_case("smtp"))
        .and_then(|(_, reply)| reply_of(reply))
        // A status that says "for now" outweighs a reply that says "for good".
        .filter(|(code, _)| status.0 == 5 || *code < 500);
    let Some((code, text)) = reply else {
        let code = if status.0 == 5 { 550 } else { 450 };
        return Some(Refusal::new(phase, code, &bare(status)));
    };
    let plain = Refusal::new(phase, code, text);
    let says_nothing = plain
        .enhanced
        .is_none_or(|(_, subject, detail)| (subject, detail) == (0, 0));
    // 5.0.0 is what a server writes that was told no code.
    let is_known = status.0 == 5 && (status.1, status.2) != (0, 0);
    Some(match says_nothing && is_known {
        true => Refusal::new(phase, code, &format!("{} {text}", bare(status))),
        false => plain,
    })
}

type Code = (u16, u16, u16);

fn bare((class, subject, detail): Code) -> String {
    format!("{class}.{subject}.{detail}")
}

/// `550 5.1.1 No such user`, `550-5.1.1 No such user`.
fn reply_of(text: &str) -> Option<(u16, &str)> {
    let text = text.trim();
    let (code, rest) = (text.get(..3)?, text.get(3..)?);
    let code = code.parse::<u16>().ok().filter(|code| (400..600).contains(code))?;
    let is_whole = rest.is_empty() || rest.starts_with([' ', '-', '#']);
    is_whole.then(|| (code, rest.trim_start_matches([' ', '-', '#'])))
}

/// The first word: comments stand behind it.
fn word(value: &str) -> &str {
    value.split_whitespace().next().unwrap_or_default()
}

fn code(text: &str) -> Option<Code> {
    let mut numbers = text.splitn(3, '.').map(|number| number.parse::<u16>().ok());
    let code = (numbers.next()??, numbers.next()??, numbers.next()??);
    matches!(code.0, 2 | 4 | 5).then_some(code)
}

/// `rfc822; ada@example.com`
fn address(value: &str) -> Option<String> {
    let (_, address) = value.split_once(';').unwrap_or(("", value));
    let address = address.trim().trim_matches(['<', '>']);
    fold::email(address).map(|address| address.folded())
}

fn find<'g>(group: &'g [Field], name: &str) -> Option<&'g str> {
    let found = group.iter().find(|(found, _)| found == name);
    found.map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded_and_grouped() {
        let read = fields(
            "Reporting-MTA: dns; a\n\n\nAction: failed\r\nDiagnostic-Code: smtp; 550\r\n  no such\n\tuser\nnonsense\n",
        );
        assert_eq!(read.len(), 2);
        assert_eq!(
            read[1][1],
            ("diagnostic-code".to_owned(), "smtp; 550 no such user".to_owned())
        );
        assert_eq!(read[1].len(), 2);
    }

    #[test]
    fn the_wrapped_reply_comes_out_with_its_code() {
        let read = |status: &str, diagnostic: &str| {
            let text = format!(
                "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: {status}\nDiagnostic-Code: {diagnostic}\n"
            );
            let refusal = fates(&text, false).remove(0).refusal;
            refusal.map(|refusal| (refusal.code, refusal.enhanced))
        };
        assert_eq!(
            read("5.1.1", "smtp; 550 5.1.1 no such user"),
            Some((550, Some((5, 1, 1))))
        );
        assert_eq!(
            read("5.1.1 (no such user)", "smtp;550-5.1.1 no such user"),
            Some((550, Some((5, 1, 1))))
        );
        assert_eq!(read("5.0.0", "smtp; 550 5.2.2 full"), Some((550, Some((5, 2, 2)))));
        assert_eq!(read("5.0.0", "smtp; 550 no"), Some((550, None)));
        assert_eq!(read("5.1.1", "smtp; 550 no"), Some((550, Some((5, 1, 1)))));
        assert_eq!(read("5.1.1", "X-Unix; 67"), Some((550, Some((5, 1, 1)))));
        assert_eq!(read("5.2.1", ""), Some((550, Some((5, 2, 1)))));
        // Given up after days of a refusal that was never for good.
        assert_eq!(read("4.4.7", "smtp; 451 4.4.1 no answer"), Some((451, Some((4, 4, 1)))));
        assert_eq!(read("soon", "smtp; 550 5.1.1 x"), None);
    }

    #[test]
    fn only_known_words_are_actions() {
        let action = |action: &str| fates(&format!("Action: {action}\n"), false).remove(0).action;
        assert_eq!(action("Failed"), Action::Failed);
        assert_eq!(action("delayed (for a day)"), Action::Delayed);
        assert_eq!(action("relayed"), Action::Delivered);
        assert_eq!(action("expanded"), Action::Delivered);
        assert_eq!(action("lost"), Action::Unknown);
    }
}
