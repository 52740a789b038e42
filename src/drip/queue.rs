//! The queue as people and programs look at it: which mails there are, what each waits for and until when.

mod queries;

use chrono::NaiveDateTime;

pub use self::queries::MailRow;
use crate::store::{self, Conn};

/// Where a mail stands; the words are the database's and the API's.
pub const STATES: [&str; 6] = ["queued", "sending", "deferred", "sent", "failed", "cancelled"];
/// Those that have not ended.
pub const WAITING: [&str; 3] = ["queued", "sending", "deferred"];

/// Why a mail has not left yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Nothing speaks against it: it goes when its time has come and its turn.
    Due,
    /// A reminder, which an answer makes needless.
    Reminder,
    Sending,
    /// What was said when it was last looked at, or tried.
    Said(String),
}

impl Reason {
    pub fn as_str(&self) -> &str {
        match self {
            Reason::Due => "due",
            Reason::Reminder => "reminder",
            Reason::Sending => "sending",
            Reason::Said(words) => words,
        }
    }

    /// Any text that is none of the three words is what was said.
    pub fn parse(text: &str) -> Option<Reason> {
        Some(match text {
            "" => return None,
            "due" => Reason::Due,
            "reminder" => Reason::Reminder,
            "sending" => Reason::Sending,
            words => Reason::Said(words.to_owned()),
        })
    }

    pub fn words(&self) -> &str {
        match self {
            Reason::Due => "is due to be sent",
            Reason::Reminder => "a reminder, if no answer comes before",
            Reason::Sending => "is being sent",
            Reason::Said(words) => words,
        }
    }

    fn of(state: &str, nth: i32, waits_for: Option<String>) -> Reason {
        match (waits_for, state, nth) {
            (_, "sending", _) => Reason::Sending,
            (Some(words), ..) => Reason::Said(words),
            (None, _, 0) => Reason::Due,
            (None, ..) => Reason::Reminder,
        }
    }
}

impl MailRow {
    /// Why it waits; of no use for a mail that has ended.
    pub fn reason(&self) -> Reason {
        Reason::of(&self.state, self.nth, self.waits_for.clone())
    }

    pub fn is_waiting(&self) -> bool {
        WAITING.contains(&self.state.as_str())
    }

    pub fn is_reminder(&self) -> bool {
        self.nth > 0
    }

    /// When it is tried next; `None` for one in a server's hands, and for one that has ended.
    pub fn next_try(&self) -> Option<NaiveDateTime> {
        matches!(self.state.as_str(), "queued" | "deferred").then_some(self.due_at)
    }

    /// The contact's name, or its address where it has none.
    pub fn name(&self) -> String {
        let names = [self.first_name.as_deref(), self.last_name.as_deref()];
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if name.trim().is_empty() {
            self.to_address.clone()
        } else {
            name
        }
    }
}

/// How many mails wait for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    pub reason: Reason,
    pub count: i64,
    /// When the first of them is tried next.
    pub first: NaiveDateTime,
}

/// Which mails are asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub drip: Option<String>,
    /// None: all of them.
    pub states: Vec<&'static str>,
    pub reason: Option<Reason>,
    /// A part of a name or address, or a whole external id.
    pub search: Option<String>,
}

impl Wanted {
    /// All that waits, in one drip or in any.
    pub fn waiting(drip: Option<&str>) -> Wanted {
        Wanted {
            drip: drip.map(str::to_owned),
            states: WAITING.to_vec(),
            ..Wanted::default()
        }
    }
}

/// Mails in the order in which they were made, after the one with that id.
pub fn list_after(conn: &mut Conn, wanted: &Wanted, after: i64, most: i64) -> store::Result<Vec<MailRow>> {
    queries::list_after(conn, wanted, after, most)
}

/// Mails in the order in which they are due, a page of them.
pub fn list_page(conn: &mut Conn, wanted: &Wanted, skip: i64, most: i64) -> store::Result<Vec<MailRow>> {
    queries::list_page(conn, wanted, skip, most)
}

pub fn count(conn: &mut Conn, wanted: &Wanted) -> store::Result<i64> {
    queries::count(conn, wanted)
}

/// What the waiting mails wait for, the most frequent first.
pub fn digest(conn: &mut Conn, drip: Option<&str>) -> store::Result<Vec<Digest>> {
    let mut digests: Vec<Digest> = Vec::new();
    for (state, nth, waits_for, count, first) in queries::count_by_reason(conn, drip)? {
        let reason = Reason::of(&state, nth, waits_for);
        let first = first.unwrap_or_default();
        match digests.iter_mut().find(|digest| digest.reason == reason) {
            Some(digest) => {
                digest.count += count;
                digest.first = digest.first.min(first);
            }
            None => digests.push(Digest { reason, count, first }),
        }
    }
    digests.sort_by(|a, b| {
        b.count
            .cmp(&a.count)
            .then_with(|| a.reason.as_str().cmp(b.reason.as_str()))
    });
    Ok(digests)
}

/// Contacts whose next step has a date but is no mail yet, and the first of those dates.
pub fn upcoming(conn: &mut Conn, drip: &str) -> store::Result<(i64, Option<NaiveDateTime>)> {
    queries::count_upcoming(conn, drip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_by_state_first_then_by_what_was_said() {
        let said = || Some("the send window is closed".to_owned());
        assert_eq!(Reason::of("sending", 0, said()), Reason::Sending);
        assert_eq!(Reason::of("deferred", 1, said()).words(), "the send window is closed");
        assert_eq!(Reason::of("queued", 0, None), Reason::Due);
        assert_eq!(Reason::of("queued", 1, None), Reason::Reminder);
    }

    #[test]
    fn a_reason_reads_back_from_its_own_text() {
        for reason in [
            Reason::Due,
            Reason::Reminder,
            Reason::Sending,
            Reason::Said("421 come back later".into()),
        ] {
            assert_eq!(Reason::parse(reason.as_str()), Some(reason));
        }
        assert_eq!(Reason::parse(""), None);
    }
}
