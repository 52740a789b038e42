//! Taking mails out of the queue: everything that may speak against sending one is looked at again
//! in the transaction that claims it, and its bytes are frozen there.
//!
//! A claim takes several mails at once and asks each question once for all of them, so that it costs
//! little more than one mail's would.

mod drafts;
mod letter;
pub(crate) mod queries;
mod specimens;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};

use self::drafts::Draft;
pub use self::drafts::Drafts;
pub use self::letter::{Then, Unwritten};
pub(super) use self::letter::{letter_of, translated};
pub use self::queries::HoldRow;
use self::queries::SituationRow;
use super::pace::Paces;
use super::{rules, step, window};
use crate::design::{self, Design};
use crate::framework::{Cap, Drip};
use crate::ids::{CompanyId, ContactId, InvitationId, MailId};
use crate::mail::letterhead::Letterhead;
use crate::mail::letters;
use crate::mail::outbox::{self, Claim, Frozen, SentTimes, Taking, WaitingRow};
use crate::mail::specimen::Specimen;
use crate::mail::wishes::Wish;
use crate::store::{self, Conn, Turn, marks, take_turn};
use crate::text::figures;

/// A claimed mail, ready to be handed over.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub claim: Claim,
    pub invitation: InvitationId,
    pub nth: i32,
    pub drip: String,
    pub domain: String,
    /// How many attempts counted before this one, and when the first was.
    pub tries: i32,
    pub first_tried_at: NaiveDateTime,
    pub from: String,
    pub to: String,
    pub email_key: String,
    pub subject: String,
    pub bytes: Vec<u8>,
}

/// What the queue gave.
#[derive(Debug, Default)]
pub struct Claimed {
    pub parcels: Vec<Parcel>,
    /// How many were looked at: those that gave no parcel wait, or are not needed any more. None:
    /// nothing is due but what its destination's pace holds back.
    pub looked_at: usize,
}

/// Looked at in one claim at most: a claim stays short, whatever stands in front.
pub const MOST: usize = 256;
/// A mail whose destination is held is looked at again after so long, should nobody release it.
pub(super) const HELD_MINUTES: i64 = 60;

/// Writes the letters of the mails that a claim would take now, so that it has less to do: nobody
/// else can write while it lasts. What the claim does not take is of no use afterwards.
pub fn draft(
    conn: &mut Conn,
    now: NaiveDateTime,
    since: Option<NaiveDateTime>,
    letterhead: &Letterhead,
    paces: &Paces,
    most: usize,
) -> store::Result<Drafts> {
    if marks::find(conn, marks::SENDING_PAUSED)?.is_some() {
        return Ok(Drafts::default());
    }
    let waiting = outbox::list_due(conn, now, since, most.min(MOST) as i64, &paces.closed())?;
    if waiting.is_empty() {
        return Ok(Drafts::default());
    }
    let mut desk = Desk::load(conn, now, letterhead, &waiting)?;
    let mut letters = HashMap::with_capacity(waiting.len());
    for mail in waiting.iter().filter(|mail| mail.message_id.is_none()) {
        let Some(situation) = desk.situations.get(&mail.invitation_id) else {
            continue;
        };
        if desk.objection(mail, situation).is_some() {
            continue;
        }
        if let Ok(letter) = drafts::write(conn, now, letterhead, &mut desk.then, situation, mail.nth)? {
            letters.insert(mail.id, letter);
        }
        desk.count(mail);
    }
    Ok(Drafts::new(desk.design.id, desk.situations, letters))
}

/// Claims at most `most` mails, those that have been due the longest; none that was due before
/// `since`. Takes their letters from the drafts, where they would still say the same.
pub fn claim(
    conn: &mut Conn,
    now: NaiveDateTime,
    since: Option<NaiveDateTime>,
    letterhead: &Letterhead,
    owner: &str,
    paces: &Paces,
    most: usize,
    drafts: Drafts,
) -> store::Result<Claimed> {
    if marks::find(conn, marks::SENDING_PAUSED)?.is_some() {
        return Ok(Claimed::default());
    }
    take_turn(conn, Turn::Claims)?;
    slow_down(conn, now, paces)?;
    let waiting = outbox::list_due(conn, now, since, most.min(MOST) as i64, &paces.closed())?;
    if waiting.is_empty() {
        return Ok(Claimed::default());
    }
    let mut desk = Desk::load(conn, now, letterhead, &waiting)?;
    desk.drafts = drafts;
    let mut ready = Vec::with_capacity(waiting.len());
    for mail in &waiting {
        let Some(verdict) = desk.look_at(conn, mail, paces)? else {
            continue;
        };
        match verdict {
            Verdict::Go(go) => {
                desk.count(mail);
                ready.push((mail, *go));
            }
            Verdict::Wait(until, why) => {
                outbox::hold(conn, mail, until, &why)?;
            }
            Verdict::Needless(why) => {
                outbox::cancel_one(conn, now, mail, &why)?;
            }
            Verdict::Hopeless(why) => {
                outbox::fail_one(conn, now, mail, &why)?;
                step::note_failed(conn, mail.invitation_id, mail.nth, &why)?;
            }
        }
    }
    Ok(Claimed {
        parcels: take(conn, now, owner, ready)?,
        looked_at: waiting.len(),
    })
}

/// Of mails that may go, those that nobody else took meanwhile.
fn take(conn: &mut Conn, now: NaiveDateTime, owner: &str, ready: Vec<(&WaitingRow, Go)>) -> store::Result<Vec<Parcel>> {
    let takings: Vec<Taking> = ready
        .iter()
        .map(|(mail, go)| Taking {
            mail,
            to: &go.parcel.to,
            domain: &go.parcel.domain,
            message_id: &go.message_id,
            frozen: go.new.as_ref().map(|new| Frozen {
                bytes: &go.parcel.bytes,
                specimen: &new.specimen,
                changes: &new.changes,
            }),
        })
        .collect();
    let claims = outbox::claim(conn, now, owner, &takings)?;
    let parcels = ready.into_iter().filter_map(|(mail, go)| {
        let claim = *claims.get(&mail.id)?;
        Some(Parcel { claim, ..go.parcel })
    });
    Ok(parcels.collect())
}

/// Whether mails are due that wait for nothing but their destination's pace.
pub fn is_anything_due(conn: &mut Conn, now: NaiveDateTime, since: Option<NaiveDateTime>) -> store::Result<bool> {
    let is_paused = marks::find(conn, marks::SENDING_PAUSED)?.is_some();
    Ok(!is_paused && !outbox::list_due(conn, now, since, 1, &[])?.is_empty())
}

/// Destinations that asked for fewer mails get them at the pace that was set for them.
fn slow_down(conn: &mut Conn, now: NaiveDateTime, paces: &Paces) -> store::Result<()> {
    let rows = queries::list_paces(conn)?;
    let slow = rows
        .into_iter()
        .filter(|row| rules::is_slow_still(row.throttled_at, now));
    paces.slow_down(slow.map(|row| (row.domain, row.per_minute)).collect());
    Ok(())
}

/// The letter of an invitation, as it is mailed and as `/view` shows it.
pub fn write(
    conn: &mut Conn,
    letterhead: &Letterhead,
    current: &Arc<Design>,
    situation: &SituationRow,
    nth: i32,
) -> store::Result<Result<letters::Written, Unwritten>> {
    letter::write(conn, letterhead, &mut Then::new(current.clone()), situation, nth)
}

/// A mail that may go.
struct Go {
    parcel: Parcel,
    message_id: String,
    /// Where its bytes are new.
    new: Option<New>,
}

/// What new bytes are kept as.
struct New {
    specimen: Arc<Specimen>,
    changes: Vec<u8>,
}

enum Verdict {
    Go(Box<Go>),
    Wait(NaiveDateTime, String),
    Needless(String),
    Hopeless(String),
}

/// All that is known about the mails of one claim.
struct Desk<'l> {
    now: NaiveDateTime,
    letterhead: &'l Letterhead,
    design: Arc<Design>,
    then: Then,
    situations: HashMap<InvitationId, SituationRow>,
    /// By address key and drip, '' for all.
    suppressions: HashMap<(String, String), String>,
    wishes: HashMap<String, Wish>,
    /// Causes, by drip and domain.
    holds: HashMap<(String, String), String>,
    to_contacts: SentTimes<ContactId>,
    to_companies: SentTimes<CompanyId>,
    /// The bytes of those that were tried before.
    frozen: HashMap<MailId, Vec<u8>>,
    drafts: Drafts,
}

impl<'l> Desk<'l> {
    fn load(
        conn: &mut Conn,
        now: NaiveDateTime,
        letterhead: &'l Letterhead,
        waiting: &[WaitingRow],
    ) -> store::Result<Desk<'l>> {
        let design = design::current(conn)?;
        let invitations: Vec<InvitationId> = waiting.iter().map(|mail| mail.invitation_id).collect();
        let situations = queries::list_situations(conn, &invitations)?;
        let keys: HashSet<String> = situations.values().map(|row| row.email_key.clone()).collect();
        let wishes = queries::list_wishes(conn, &keys)?;
        let settings = &design.framework.settings;
        let gap = wishes.values().filter_map(|wish| wish.gap_days).max().map(i64::from);
        let cap = settings.max_mails_per_contact.map(|cap| i64::from(cap.days));
        let to_contacts = match gap.max(cap) {
            Some(days) => {
                let contacts: Vec<ContactId> = waiting.iter().map(|mail| mail.contact_id).collect();
                outbox::sent_to_contacts(conn, &contacts, now - TimeDelta::days(days))?
            }
            None => SentTimes::new(),
        };
        let to_companies = match settings.max_mails_per_company {
            Some(cap) => {
                let companies: Vec<CompanyId> = waiting.iter().map(|mail| mail.company_id).collect();
                outbox::sent_to_companies(conn, &companies, now - TimeDelta::days(cap.days.into()))?
            }
            None => SentTimes::new(),
        };
        let tried: Vec<MailId> = waiting
            .iter()
            .filter(|mail| mail.message_id.is_some())
            .map(|mail| mail.id)
            .collect();
        let frozen = outbox::frozen(conn, &tried)?;
        let holds = queries::list_holds(conn)?;
        Ok(Desk {
            now,
            letterhead,
            then: Then::new(design.clone()),
            suppressions: queries::list_suppressions(conn, &keys)?,
            holds: holds
                .into_iter()
                .map(|row| ((row.drip, row.domain), row.cause))
                .collect(),
            frozen,
            drafts: Drafts::default(),
            design,
            situations,
            wishes,
            to_contacts,
            to_companies,
        })
    }

    /// `None`: its destination's pace holds it back for a moment.
    fn look_at(&mut self, conn: &mut Conn, mail: &WaitingRow, paces: &Paces) -> store::Result<Option<Verdict>> {
        let Some(situation) = self.situations.remove(&mail.invitation_id) else {
            return Ok(Some(Verdict::Needless("the contact is gone".into())));
        };
        let verdict = match self.objection(mail, &situation) {
            Some(verdict) => Some(verdict),
            None if !paces.try_take(&mail.domain) => None,
            None => Some(self.prepare(conn, mail, &situation)?),
        };
        // A reminder of the same invitation may be due in the same claim.
        self.situations.insert(mail.invitation_id, situation);
        Ok(verdict)
    }

    /// What speaks against sending it now.
    fn objection(&self, mail: &WaitingRow, situation: &SituationRow) -> Option<Verdict> {
        let drip = self.design.framework.drip(&mail.drip);
        let Some(drip) = drip.filter(|drip| step::step_of(drip, mail.step).is_some()) else {
            return Some(Verdict::Needless("the step is no longer in the framework".into()));
        };
        if let Some(why) = needless(self.now, mail, situation) {
            return Some(Verdict::Needless(why));
        }
        let stopped = ["", &mail.drip].into_iter().find_map(|scope| {
            let key = (situation.email_key.clone(), scope.to_owned());
            self.suppressions.get(&key).cloned()
        });
        if let Some(why) = stopped {
            return Some(Verdict::Needless(why));
        }
        let waits = self
            .held(mail)
            .or_else(|| self.wished(mail, situation))
            .or_else(|| self.closed(drip, situation))
            .or_else(|| self.capped(mail));
        waits.map(|(until, why)| Verdict::Wait(until, why))
    }

    fn held(&self, mail: &WaitingRow) -> Option<(NaiveDateTime, String)> {
        let cause = self.holds.get(&(mail.drip.clone(), mail.domain.clone()))?;
        Some((self.now + TimeDelta::minutes(HELD_MINUTES), cause.clone()))
    }

    /// What the contact itself asked for.
    fn wished(&self, mail: &WaitingRow, situation: &SituationRow) -> Option<(NaiveDateTime, String)> {
        let wish = self.wishes.get(&situation.email_key)?;
        let later = |until: Option<NaiveDateTime>| until.filter(|until| *until > self.now);
        if let Some(until) = later(wish.paused_until) {
            return Some((until, "the contact asked for a pause".into()));
        }
        if let Some(until) = later(wish.away_until) {
            return Some((until, "the contact is away".into()));
        }
        let days = wish.gap_days.and_then(|days| u32::try_from(days).ok())?;
        let until = self.frees_at(Cap { count: 1, days }, self.to_contacts.get(&mail.contact_id))?;
        let days = figures::counted(i64::from(days), "day", "days");
        Some((until, format!("the contact asked for at most one mail in {days}")))
    }

    fn closed(&self, drip: &Drip, situation: &SituationRow) -> Option<(NaiveDateTime, String)> {
        let hours = drip.send_window.as_ref()?;
        let zone = window::zone_of(situation.time_zone.as_deref(), situation.company_time_zone.as_deref());
        let opens_at = window::next_allowed(hours, zone, self.now);
        (opens_at > self.now).then(|| (opens_at, "the send window is closed".into()))
    }

    fn capped(&self, mail: &WaitingRow) -> Option<(NaiveDateTime, String)> {
        let settings = &self.design.framework.settings;
        let caps = [
            (
                settings.max_mails_per_contact,
                self.to_contacts.get(&mail.contact_id),
                "this contact",
            ),
            (
                settings.max_mails_per_company,
                self.to_companies.get(&mail.company_id),
                "this company",
            ),
        ];
        caps.into_iter().find_map(|(cap, times, whose)| {
            let cap = cap?;
            let until = self.frees_at(cap, times)?;
            let mails = figures::counted(i64::from(cap.count), "mail", "mails");
            let days = figures::counted(i64::from(cap.days), "day", "days");
            Some((until, format!("{whose} gets at most {mails} in {days}")))
        })
    }

    fn frees_at(&self, cap: Cap, times: Option<&Vec<Option<NaiveDateTime>>>) -> Option<NaiveDateTime> {
        let since = self.now - TimeDelta::days(cap.days.into());
        let none = Vec::new();
        let counted = times
            .unwrap_or(&none)
            .iter()
            .filter(|at| at.is_none_or(|at| at > since));
        let sent: Vec<NaiveDateTime> = counted.clone().copied().flatten().collect();
        let is_full = counted.count() >= cap.count as usize;
        // One under way may yet fail: it holds the next one back for a moment, not for the cap's span.
        rules::cap_frees_at(cap, &sent, self.now).or(is_full.then(|| self.now + TimeDelta::minutes(1)))
    }

    /// A mail that goes counts for those after it.
    fn count(&mut self, mail: &WaitingRow) {
        self.to_contacts.entry(mail.contact_id).or_default().push(None);
        self.to_companies.entry(mail.company_id).or_default().push(None);
    }

    /// The bytes of the first claim, or (now, and for ever) those that the letter gives.
    fn prepare(&mut self, conn: &mut Conn, mail: &WaitingRow, situation: &SituationRow) -> store::Result<Verdict> {
        let nonce = &situation.invitation.nonce;
        let mut parcel = Parcel {
            claim: Claim {
                mail: mail.id,
                attempts: mail.attempts,
            },
            invitation: mail.invitation_id,
            nth: mail.nth,
            drip: mail.drip.clone(),
            domain: mail.domain.clone(),
            tries: mail.tries,
            first_tried_at: mail.first_tried_at.unwrap_or(self.now),
            from: self.letterhead.envelope_from(nonce),
            to: mail.to_address.clone(),
            email_key: situation.email_key.clone(),
            subject: String::new(),
            bytes: Vec::new(),
        };
        let message_id = self.letterhead.message_id(nonce, mail.nth);
        if let Some(bytes) = self.frozen.remove(&mail.id) {
            parcel.bytes = bytes;
            return Ok(Verdict::Go(Box::new(Go {
                parcel,
                message_id: mail.message_id.clone().unwrap_or(message_id),
                new: None,
            })));
        }
        let draft = match self.drafts.take(mail, self.design.id, situation) {
            Some(draft) => Ok(draft),
            None => drafts::write(conn, self.now, self.letterhead, &mut self.then, situation, mail.nth)?,
        };
        Ok(match draft {
            Err(verdict) => verdict,
            Ok(Draft {
                subject,
                bytes,
                specimen,
                changes,
            }) => {
                parcel.to = situation.email.clone();
                parcel.domain = outbox::domain_of(&parcel.to).to_owned();
                parcel.subject = subject;
                parcel.bytes = bytes;
                Verdict::Go(Box::new(Go {
                    parcel,
                    message_id,
                    new: Some(New { specimen, changes }),
                }))
            }
        })
    }
}

fn needless(now: NaiveDateTime, mail: &WaitingRow, situation: &SituationRow) -> Option<String> {
    let invitation = &situation.invitation;
    if invitation.answered_at.is_some() {
        return Some("answered".into());
    }
    if invitation.closes_at.is_some_and(|closes_at| closes_at <= now) {
        return Some("the step has closed".into());
    }
    // A finished enrolment still reminds of its last step.
    let stopped = situation.enrolment_state == "stopped";
    stopped.then(|| {
        let cause = situation
            .enrolment_cause
            .as_deref()
            .unwrap_or("the drip was stopped for this contact");
        if mail.nth > 0 {
            format!("no reminder: {cause}")
        } else {
            cause.to_owned()
        }
    })
}
