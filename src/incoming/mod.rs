//! What comes back: bounces, complaints, automatic replies, and what people write.
//!
//! [`take`] is the one way in, whether a mail server pipes a mail into `dripline bounce` or
//! [`mailbox`] fetches it. [`read`] says what a mail is; anybody can write anything into one, so it
//! changes an address's standing only with a token that none but our own envelopes carry
//! (`b-TOKEN@…`). What a person wrote is kept and shown, and changes nothing.

mod away;
pub mod mailbox;
mod queries;
mod read;
mod report;
mod rules;
mod words;

use chrono::NaiveDateTime;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

pub use self::queries::IncomingRow;
use self::queries::{MailRow, MarkedRow, NewRow};
pub use self::read::MOST_BYTES;
use self::read::{Read, What};
use self::rules::Came;
pub use self::rules::Class;
use crate::drip::pace::AS_FAST_AS_IT_GOES;
use crate::drip::{self, breaker, destination, settle};
use crate::ids::{ContactId, InvitationId};
use crate::mail::classify;
use crate::mail::letterhead::Letterhead;
use crate::mail::strikes::{self, Strike};
use crate::mail::suppression::{self, Scope};
use crate::mail::{token, wishes};
use crate::store::{self, Conn};
use crate::text::fold;

/// What a mail that came back was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bounce,
    Delay,
    Complaint,
    AutoReply,
    Reply,
    Ignored,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Bounce => "bounce",
            Kind::Delay => "delay",
            Kind::Complaint => "complaint",
            Kind::AutoReply => "auto_reply",
            Kind::Reply => "reply",
            Kind::Ignored => "ignored",
        }
    }
}

/// What was made of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub kind: Kind,
    /// Of a bounce: whose business it is.
    pub class: Option<Class>,
    pub invitation: Option<InvitationId>,
    pub contact: Option<ContactId>,
    pub drip: String,
    /// The recipient's domain, as a destination of ours is named.
    pub domain: String,
    /// What the server said, what the person wrote, or why the mail was ignored.
    pub words: String,
    /// Nobody writes to that address any more, from now on.
    pub suppressed: bool,
    /// The contact waits until then.
    pub away_until: Option<NaiveDateTime>,
    /// It had been read before: nothing changed.
    pub again: bool,
}

/// Reads one raw mail and does what follows from it.
pub fn take(conn: &mut Conn, now: NaiveDateTime, letterhead: &Letterhead, raw: &[u8]) -> store::Result<Taken> {
    let raw = &raw[..raw.len().min(MOST_BYTES)];
    let read = read::mail(raw);
    let ours = find_ours(conn, &read)?;
    let found = find(conn, now, letterhead, &read, ours)?;
    let taken = found.taken;
    let row = NewRow {
        kind: taken.kind.as_str(),
        at: now,
        invitation_id: taken.invitation,
        contact_id: taken.contact,
        drip: &taken.drip,
        // Of a stranger's mail nothing is kept.
        subject: if taken.contact.is_some() { &read.subject } else { "" },
        words: if taken.kind == Kind::Ignored { "" } else { &taken.words },
        fingerprint: &fingerprint(raw),
    };
    if !queries::insert(conn, &row)? {
        return Ok(Taken { again: true, ..taken });
    }
    if taken.kind == Kind::Ignored {
        tracing::warn!(why = taken.words, "a mail that came back was ignored");
    }
    carry_out(conn, now, taken, found.follows)
}

/// What came back from a contact, the newest first.
pub fn list_of_contact(conn: &mut Conn, contact: ContactId, limit: i64) -> store::Result<Vec<IncomingRow>> {
    queries::list_of_contact(conn, contact, limit)
}

/// How many mails of each kind came back, by drip and [`Kind::as_str`]; '' where the drip is not known.
pub fn count_by_kind(conn: &mut Conn) -> store::Result<Vec<(String, String, i64)>> {
    queries::count_by_kind(conn)
}

/// Takes all that came back from a contact, for whoever erases it.
pub fn erase_of_contact(conn: &mut Conn, contact: ContactId) -> store::Result<usize> {
    queries::delete_of_contact(conn, contact)
}

/// One of our mails, known by its envelope.
struct Ours {
    marked: MarkedRow,
    mail: Option<MailRow>,
    /// Of the address that it went to, which the contact may have left since.
    email_key: String,
    domain: String,
}

fn find_ours(conn: &mut Conn, read: &Read) -> store::Result<Option<Ours>> {
    if read.marks.is_empty() {
        return Ok(None);
    }
    let hashes: Vec<String> = read.marks.iter().map(|mark| token::hash(mark)).collect();
    let Some(marked) = queries::list_marked(conn, &hashes)?.into_iter().next() else {
        return Ok(None);
    };
    let mails = queries::list_mails(conn, marked.invitation)?;
    let named = |mail: &&MailRow| mail.message_id.as_ref().is_some_and(|id| read.about.contains(id));
    let mail = mails.iter().find(named).or(mails.first()).cloned();
    let address = mail.as_ref().and_then(|mail| fold::email(&mail.to_address));
    let email_key = address
        .as_ref()
        .map_or_else(|| marked.email_key.clone(), |address| address.folded());
    let domain = email_key.rsplit('@').next().unwrap_or_default().to_owned();
    Ok(Some(Ours {
        marked,
        mail,
        email_key,
        domain,
    }))
}

/// What a mail was found to be, and what is still to be done about it.
struct Found {
    taken: Taken,
    follows: Follows,
}

enum Follows {
    Nothing,
    Bounced(Ours, Class),
    Complained(Ours),
    Away(String, NaiveDateTime),
}

fn find(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    read: &Read,
    ours: Option<Ours>,
) -> store::Result<Found> {
    let own = fold::email(&letterhead.from.address).map(|address| address.folded());
    if read.from.is_some() && read.from == own {
        return Ok(ignored(ours.as_ref(), "our own mail"));
    }
    Ok(match (&read.what, ours) {
        (What::Nothing(why), ours) => ignored(ours.as_ref(), why),
        (What::Report { .. }, None) => ignored(None, "a bounce without a mark of ours"),
        (What::Feedback { .. }, None) => ignored(None, "a complaint without a mark of ours"),
        (What::Report { fates, words }, Some(ours)) => bounced(fates, words, ours),
        (What::Feedback { kind }, Some(ours)) if kind == "abuse" => Found {
            taken: about(
                Kind::Complaint,
                &ours,
                "the recipient told its mail provider that this mail is unwanted",
            ),
            follows: Follows::Complained(ours),
        },
        (What::Feedback { kind }, ours) => {
            ignored(ours.as_ref(), &format!("a report of the kind {}", words::line(kind)))
        }
        (What::AutoReply { words }, ours) => {
            let writer = find_writer(conn, read, ours)?;
            let until = away::until(&format!("{}\n{words}", read.subject), now);
            written(Kind::AutoReply, words::own(words), writer, until)
        }
        (What::Letter { words }, ours) => {
            let writer = find_writer(conn, read, ours)?;
            written(Kind::Reply, words::own(words), writer, None)
        }
    })
}

fn bounced(fates: &[report::Fate], notice: &str, ours: Ours) -> Found {
    let verdict = rules::verdict(fates, &ours.email_key);
    let said = match verdict.said.as_str() {
        "" => notice,
        said => said,
    };
    let said = words::line(said);
    match verdict.came {
        Came::Through => ignored(Some(&ours), "a receipt: the mail arrived"),
        Came::Later => Found {
            taken: about(Kind::Delay, &ours, &said),
            follows: Follows::Nothing,
        },
        Came::Back(class) => Found {
            taken: Taken {
                class: Some(class),
                ..about(Kind::Bounce, &ours, &said)
            },
            follows: Follows::Bounced(ours, class),
        },
    }
}

/// Who wrote a mail to us.
struct Writer {
    contact: ContactId,
    invitation: Option<InvitationId>,
    drip: String,
    email_key: String,
    /// It answers one of our mails: nobody else knows that mail's name.
    is_sure: bool,
}

fn find_writer(conn: &mut Conn, read: &Read, ours: Option<Ours>) -> store::Result<Option<Writer>> {
    if let Some(ours) = ours {
        return Ok(Some(Writer {
            contact: ours.marked.contact,
            invitation: Some(ours.marked.invitation),
            drip: ours.marked.drip,
            email_key: ours.email_key,
            is_sure: true,
        }));
    }
    let Some(from) = &read.from else { return Ok(None) };
    let answered = queries::list_answered(conn, &read.about)?.into_iter().find(|row| {
        let to = fold::email(&row.to_address).map(|address| address.folded());
        row.email_key == *from || to.as_ref() == Some(from)
    });
    if let Some(row) = answered {
        return Ok(Some(Writer {
            contact: row.contact,
            invitation: Some(row.invitation),
            drip: row.drip,
            email_key: from.clone(),
            is_sure: true,
        }));
    }
    let contact = queries::find_contact(conn, from)?;
    Ok(contact.map(|contact| Writer {
        contact,
        invitation: None,
        drip: String::new(),
        email_key: from.clone(),
        is_sure: false,
    }))
}

fn written(kind: Kind, words: String, writer: Option<Writer>, until: Option<NaiveDateTime>) -> Found {
    let Some(writer) = writer else {
        return ignored(None, "its writer is no contact");
    };
    let away_until = until.filter(|_| writer.is_sure);
    Found {
        taken: Taken {
            kind,
            invitation: writer.invitation,
            contact: Some(writer.contact),
            drip: writer.drip,
            words,
            away_until,
            ..nothing()
        },
        follows: away_until.map_or(Follows::Nothing, |until| Follows::Away(writer.email_key, until)),
    }
}

fn ignored(ours: Option<&Ours>, why: &str) -> Found {
    let taken = match ours {
        Some(ours) => about(Kind::Ignored, ours, why),
        None => Taken {
            words: why.to_owned(),
            ..nothing()
        },
    };
    Found {
        taken,
        follows: Follows::Nothing,
    }
}

fn about(kind: Kind, ours: &Ours, words: &str) -> Taken {
    Taken {
        kind,
        invitation: Some(ours.marked.invitation),
        contact: Some(ours.marked.contact),
        drip: ours.marked.drip.clone(),
        domain: ours.domain.clone(),
        words: words.to_owned(),
        ..nothing()
    }
}

fn nothing() -> Taken {
    Taken {
        kind: Kind::Ignored,
        class: None,
        invitation: None,
        contact: None,
        drip: String::new(),
        domain: String::new(),
        words: String::new(),
        suppressed: false,
        away_until: None,
        again: false,
    }
}

fn carry_out(conn: &mut Conn, now: NaiveDateTime, mut taken: Taken, follows: Follows) -> store::Result<Taken> {
    match follows {
        Follows::Nothing => {}
        Follows::Away(email_key, until) => wishes::set_away(conn, now, &email_key, Some(until))?,
        Follows::Complained(ours) => {
            suppression::suppress(conn, now, &ours.email_key, Scope::All, suppression::COMPLAINED)?;
            drip::queries::stop_of_address(conn, &ours.email_key, "", suppression::COMPLAINED)?;
            taken.suppressed = true;
            // This one is counted among them already.
            if queries::count_complaints(conn, ours.marked.invitation)? == 1 {
                breaker::note_complaint(conn, now, &ours.marked.drip)?;
            }
        }
        Follows::Bounced(ours, class) => {
            let strike = match class {
                Class::Hard => Some(Strike::Hard),
                Class::Doubtful => Some(Strike::Doubtful),
                Class::Soft => Some(Strike::Soft),
                Class::Throttled | Class::Policy | Class::Content | Class::Account => None,
            };
            if let Some(strike) = strike {
                taken.suppressed = strikes::strike(conn, now, &ours.email_key, strike)?;
            }
            if taken.suppressed {
                drip::queries::stop_of_address(conn, &ours.email_key, "", suppression::BOUNCED)?;
            }
            // A doubtful refusal that was enough was hard after all.
            let is_hard = class == Class::Hard || (class == Class::Doubtful && taken.suppressed);
            let outcome = if is_hard { Class::Hard } else { class };
            taken.class = Some(outcome);
            note_outcome(conn, now, &ours, outcome)?;
            turned_away(conn, now, &taken)?;
        }
    }
    Ok(taken)
}

/// What the destination has against us, not against the contact: as if it had said so at once.
fn turned_away(conn: &mut Conn, now: NaiveDateTime, taken: &Taken) -> store::Result<()> {
    let Taken {
        drip, domain, words, ..
    } = taken;
    // It is shown beside other contacts' mails, too.
    let words = &classify::without_addresses(words);
    match taken.class {
        Some(Class::Policy) => destination::note_policy(conn, now, drip, domain, words).map(|_| ()),
        Some(Class::Throttled) => destination::throttle(conn, now, domain, AS_FAST_AS_IT_GOES),
        Some(Class::Content) => drip::pause(conn, now, drip, &format!("its mails come back: {words}")).map(|_| ()),
        Some(Class::Account) => settle::pause_sending(conn, now, words),
        _ => Ok(()),
    }
}

/// A mail that came back for good stays so, and counts once.
fn note_outcome(conn: &mut Conn, now: NaiveDateTime, ours: &Ours, outcome: Class) -> store::Result<()> {
    let Some(mail) = &ours.mail else { return Ok(()) };
    if mail.outcome.as_deref() == Some(Class::Hard.as_str()) {
        return Ok(());
    }
    queries::update_outcome(conn, mail.id, outcome.as_str())?;
    if outcome == Class::Hard {
        breaker::note_hard(conn, now, &ours.marked.drip)?;
    }
    Ok(())
}

/// The same for one mail however its lines end: a pipe and a mailbox differ in that.
fn fingerprint(raw: &[u8]) -> String {
    let mut digest = Sha256::new();
    for line in raw.split(|byte| *byte == b'\n') {
        digest.update(line.strip_suffix(b"\r").unwrap_or(line));
        digest.update(b"\n");
    }
    HEXLOWER.encode(&digest.finalize())
}
