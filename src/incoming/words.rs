//! What somebody wrote, without what mail programs put around it; and the subjects by which
//! programs give themselves away.

use mail_parser::Message;

use crate::text::fold;

/// As long as a free text of a form may be.
const MOST_CHARACTERS: usize = 10_000;
/// Of a subject.
const LINE_CHARACTERS: usize = 300;

/// One line of visible characters, cut where it is too long.
pub fn line(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LINE_CHARACTERS)
        .collect();
    fold::line(&plain, LINE_CHARACTERS).unwrap_or_default()
}

/// Several lines of visible characters, cut where they are too long.
pub fn lines(text: &str) -> String {
    let visible = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    let kept: String = visible.take(MOST_CHARACTERS).collect();
    fold::prose(&kept, MOST_CHARACTERS).unwrap_or_default()
}

/// The text that a reader sees first, whole.
pub fn of_body(message: &Message) -> String {
    let text = message.body_text(0).unwrap_or_default();
    let plain = text.replace("\r\n", "\n").replace('\r', "\n");
    lines(&plain)
}

/// What the writer wrote, without the mail that was answered and without the signature.
pub fn own(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let end = (0..lines.len())
        .find(|place| begins_quote(&lines, *place))
        .unwrap_or(lines.len());
    let own: Vec<&str> = lines[..end]
        .iter()
        .copied()
        .filter(|line| !line.trim_start().starts_with('>'))
        .collect();
    own.join("\n").trim().to_owned()
}

/// Whether the mail that was answered, or the signature, begins on that line.
fn begins_quote(lines: &[&str], place: usize) -> bool {
    let line = lines[place].trim();
    if lines[place].trim_end() == "--" {
        return true;
    }
    let is_rule = line.len() >= 10 && line.chars().all(|c| matches!(c, '_' | '-'));
    let is_banner = line.starts_with("-----") && line.ends_with("-----") && line.chars().any(char::is_alphabetic);
    if is_banner {
        return true;
    }
    let folded = fold::search_key(line);
    let begins = |words: &[&str]| words.iter().any(|word| folded.starts_with(word));
    // `On Tue, 10 Mar 2026 at 12:00, Example wrote:`, perhaps over two lines.
    if begins(&["on ", "am ", "le ", "el ", "den ", "il "]) {
        let next = lines.get(place + 1).copied().unwrap_or_default();
        let both = fold::search_key(&format!("{line} {next}"));
        let says = [
            "wrote:",
            "schrieb:",
            "a ecrit :",
            "a ecrit:",
            "escribio:",
            "ha scritto:",
        ];
        let one = says.iter().any(|word| folded.ends_with(word));
        if one
            || says.iter().any(|word| both.ends_with(word))
            || (folded.contains(" schrieb ") && folded.ends_with(':'))
        {
            return true;
        }
    }
    // Outlook: a header's first lines, with or without a rule above.
    let header = |place: usize| {
        let line = fold::search_key(lines.get(place).copied().unwrap_or_default());
        let names = [
            "from:",
            "sent:",
            "to:",
            "von:",
            "gesendet:",
            "an:",
            "de:",
            "de :",
            "envoye :",
            "envoye:",
            "enviado:",
            "enviado el:",
            "para:",
            "a :",
        ];
        names.iter().any(|name| line.trim_start_matches('*').starts_with(name))
    };
    (header(place) && header(place + 1)) || (is_rule && (header(place + 1) || header(place + 2)))
}

/// Subjects of programs that answer for people, in the languages that ours write.
pub fn is_automatic(subject: &str) -> bool {
    let folded = fold::search_key(subject);
    let bare = without_re(&folded);
    let begins = [
        "out of office",
        "out of the office",
        "automatic reply",
        "automatic response",
        "auto reply",
        "auto-reply",
        "autoreply",
        "auto response",
        "auto:",
        "autosvar",
        "abwesenheit",
        "abwesend",
        "automatische antwort",
        "autoantwort",
        "abwesenheitsnotiz",
        "reponse automatique",
        "absence du bureau",
        "absent du bureau",
        "message d'absence",
        "notification d'absence",
        "respuesta automatica",
        "fuera de la oficina",
        "ausencia",
        "ausente",
        "mensaje automatico",
        "vacation reply",
        "on vacation",
        "on leave",
        "im urlaub",
        "en vacances",
        "de vacaciones",
    ];
    begins.iter().any(|word| bare.starts_with(word))
}

/// Subjects of bounces.
pub fn is_bounce(subject: &str) -> bool {
    let folded = fold::search_key(subject);
    let begins = [
        "undeliver",
        "delivery status",
        "delivery fail",
        "delivery notification",
        "failure notice",
        "returned mail",
        "mail delivery",
        "mail system error",
        "message not delivered",
        "non remis",
        "unzustellbar",
        "nicht zustellbar",
        "echec de",
        "no se puede entregar",
        "non-delivery",
        "warning: message",
        "delayed mail",
        "delivery delayed",
    ];
    begins.iter().any(|word| folded.starts_with(word))
}

fn without_re(subject: &str) -> &str {
    let mut bare = subject.trim();
    while let Some(rest) = ["re:", "aw:", "rv:", "sv:"]
        .iter()
        .find_map(|mark| bare.strip_prefix(mark))
    {
        bare = rest.trim_start();
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_what_its_writer_wrote() {
        let table = [
            (
                "Yes, please.\n\nOn Tue, 10 Mar 2026 at 12:00, Example <s@example.com> wrote:\n> One minute?\n",
                "Yes, please.",
            ),
            (
                "Yes.\n\nOn Tue, 10 Mar 2026 at 12:00, Example Survey\n<survey@example.com> wrote:\n> x",
                "Yes.",
            ),
            ("Gerne.\n\nAm 10.03.26 um 12:00 schrieb Example Survey:\n> x", "Gerne."),
            (
                "Gerne.\n\nAm 10.03.2026 schrieb Example <s@example.com>:\n> x",
                "Gerne.",
            ),
            ("Oui.\n\nLe mar. 10 mars 2026 à 12:00, Example a écrit :\n> x", "Oui."),
            ("Sí.\n\nEl mar, 10 mar 2026 a las 12:00, Example escribió:\n> x", "Sí."),
            ("No.\n\n-----Original Message-----\nFrom: x\n", "No."),
            (
                "No.\n________________________________\nFrom: Example\nSent: Tuesday\nTo: Ada\n\nx",
                "No.",
            ),
            ("Nein.\n\nVon: Example\nGesendet: Dienstag\nAn: Ada\nx", "Nein."),
            (
                "> One minute?\n\nNo, two.\n\n> Thanks\n\nBye\n-- \nAda\nAcme",
                "No, two.\n\n\nBye",
            ),
            (
                "From: here to there is a long way.\nIt is.",
                "From: here to there is a long way.\nIt is.",
            ),
            ("On the whole I liked it.\nAda", "On the whole I liked it.\nAda"),
            ("", ""),
        ];
        for (text, own_words) in table {
            assert_eq!(own(text), own_words, "{text}");
        }
    }

    #[test]
    fn programs_are_known_by_their_subjects() {
        for subject in [
            "Out of Office: One minute?",
            "Automatic reply: One minute?",
            "RE: Auto-Reply",
            "Abwesenheitsnotiz: Eine Minute?",
            "Automatische Antwort: x",
            "Réponse automatique : x",
            "Respuesta automática: x",
            "Fuera de la oficina",
        ] {
            assert!(is_automatic(subject), "{subject}");
        }
        for subject in ["Re: One minute?", "Office plans", "Our absent-minded reply", ""] {
            assert!(!is_automatic(subject), "{subject}");
        }
        assert!(is_bounce("Undeliverable: One minute?") && is_bounce("failure notice"));
        assert!(!is_bounce("Re: delivery of our press"));
    }

    #[test]
    fn what_a_database_cannot_hold_goes_out() {
        assert_eq!(line("a\0b\r\nc\u{202E}"), "a b c");
        assert_eq!(lines("a\0b\u{7}\n\nc"), "ab\n\nc");
        assert!(lines(&"x".repeat(20_000)).len() == MOST_CHARACTERS);
    }
}
