//! What is posted to a mailed link: read, kept, and what follows from it.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use super::form::Form;
use super::given::{self, Record};
use super::paging::{Course, Given};
use super::questionnaire::{self, Questionnaire};
use super::sitting::{self, Posted, Sitting};
use super::suspect::Signs;
use super::{Next, Refusal, Visits, find, queries, visits};
use crate::answers::form::{FieldFault, Read, read};
use crate::answers::{Channel, Incoming, Origin};
use crate::drip::queries::{self as invitations, InvitationRow};
use crate::mail::letterhead::Letterhead;
use crate::mail::token::Purpose;
use crate::store::{self, Conn};
use crate::{drip, needs};

/// Saves what the contact answered on a page, or all at once, and works the company's needs out anew.
/// Once every page was given its drip moves on; until then it is reminded as if nothing had come.
///
/// Whatever is known of the form is kept, whichever page it stands on; what is required is required of
/// the page that was posted, and of the whole form where no page is named. The same answers posted
/// twice are one response. What looks like a machine's answer is kept, and nothing follows from it:
/// the link stays as it was, for a person.
pub fn record(
    conn: &mut Conn,
    now: NaiveDateTime,
    letterhead: &Letterhead,
    visits: &Visits,
    given: &str,
    fields: &[(String, String)],
) -> Result<Next, Refusal> {
    let situation = find(conn, Purpose::Respond, given)?.ok_or(Refusal::Unknown)?;
    let invitation = &situation.invitation;
    let heading = questionnaire::heading(letterhead, &situation);
    let questionnaire = questionnaire::load(conn, letterhead, &situation, heading.clone())?;
    let sent = Sent {
        now,
        letterhead,
        invitation,
        questionnaire: questionnaire.ok_or(Refusal::Unknown)?,
        fields,
        posted: Posted::of(letterhead.key(), &invitation.nonce, now, fields),
    };
    if let Some(name) = sent.questionnaire.sent_twice(fields) {
        return Err(Refusal::Twice(name));
    }
    let known = sent.known(conn, invitation)?;
    let read = sent.read(&known);
    let closed_at = invitation.closes_at.filter(|at| *at <= now);
    if let Some(at) = closed_at.filter(|at| !sent.posted.is_in_grace(*at, now)) {
        // The reply to what was stored in time may have been lost.
        let is_known = read.faults.is_empty() && !read.answers.is_empty() && known.record.holds(&read.answers, false);
        return match is_known {
            true => Ok(Next::Thanks),
            false => Err(Refusal::Closed(heading, at)),
        };
    }
    if !read.faults.is_empty() {
        let form = sent.form(&known.seen, &read.faults).marked(&read.faults);
        return Err(Refusal::Faulty(Box::new(form)));
    }
    if sent.says_nothing(&known, &read) {
        let form = sent.form(&known.seen, &[]).without_an_answer();
        return Err(Refusal::Faulty(Box::new(form)));
    }
    let is_suspect = sent.signs(conn, visits)?.are_a_machines();
    let (known, rev) = match sent.take_turn(conn, known, &read, is_suspect)? {
        Turn::Mine { known, rev } => (known, rev),
        Turn::Repeated(next) => return Ok(next),
    };
    if is_suspect {
        let all = given::load(conn, invitation, Some(now))?;
        if !all.holds(&read.answers, true) {
            sent.keep(conn, &read, true, closed_at.is_some())?;
        }
        return Ok(sent.next_of_machine(&known, &read, rev));
    }
    sent.keep(conn, &read, false, closed_at.is_some())?;
    let after = known.given.with(&read);
    if after.passed != known.given.passed {
        let passed: Vec<&str> = after.passed.iter().map(String::as_str).collect();
        invitations::update_passed(conn, invitation.id, &passed.join(" "))?;
    }
    let next = sent.next(&known, &read, rev + 1);
    if next == Next::Thanks {
        drip::note_answered(conn, now, invitation.id)?;
    }
    Ok(next)
}

/// A POST, and what it is about.
struct Sent<'a> {
    now: NaiveDateTime,
    letterhead: &'a Letterhead,
    invitation: &'a InvitationRow,
    questionnaire: Questionnaire,
    fields: &'a [(String, String)],
    posted: Posted,
}

/// What came by the link before.
struct Known {
    record: Record,
    /// By people.
    given: Given,
    /// The same, and what was answered in this very sitting, whatever it looked like.
    seen: Given,
}

/// Whether what was posted may be kept.
enum Turn {
    /// Nobody else's answer comes between; `rev` is the state that it follows.
    Mine { known: Known, rev: i32 },
    /// It was kept already.
    Repeated(Next),
}

impl Sent<'_> {
    fn known(&self, conn: &mut Conn, invitation: &InvitationRow) -> store::Result<Known> {
        let began = self.posted.sitting.map(|sitting| sitting.began);
        let record = given::load(conn, invitation, began)?;
        let versions = &self.questionnaire.versions;
        Ok(Known {
            given: record.given(invitation, versions),
            seen: record.given_with(invitation, versions, began),
            record,
        })
    }

    /// Who goes back has not finished: nothing is missed, and what cannot be kept is let go.
    fn read(&self, known: &Known) -> Read {
        let versions = &self.questionnaire.versions;
        let due: BTreeSet<usize> = match self.posted.page {
            _ if self.posted.goes_back => BTreeSet::new(),
            Some(page) => self.course(&known.seen).shown_on(page).into_iter().collect(),
            None => (0..versions.len()).collect(),
        };
        let mut read = read(versions, self.fields, &known.seen.answers, |place| due.contains(&place));
        if self.posted.goes_back {
            read.faults.clear();
        }
        read
    }

    /// The form would be finished, and nothing was answered on any of its pages.
    fn says_nothing(&self, known: &Known, read: &Read) -> bool {
        let after = known.given.with(read);
        after.answers.is_empty() && !self.posted.goes_back && self.course(&after).first_open().is_none()
    }

    /// Raises the state of the link's answers, which whoever posts at the same time waits for. A page
    /// made from an older state counts as long as nobody answered the same questions otherwise.
    fn take_turn(&self, conn: &mut Conn, known: Known, read: &Read, is_suspect: bool) -> Result<Turn, Refusal> {
        let (invitation, rev) = (self.invitation.id, self.posted.rev);
        let is_newest = match is_suspect {
            // Who has the form open may still send it.
            true => invitations::hold_rev(conn, invitation, rev)?,
            false => invitations::raise_rev(conn, invitation, rev)?,
        };
        if is_newest {
            return Ok(Turn::Mine { known, rev });
        }
        let rev = invitations::lock_rev(conn, invitation)?.ok_or(Refusal::Unknown)?;
        let anew = invitations::find_invitation(conn, invitation)?.ok_or(Refusal::Unknown)?;
        let known = self.known(conn, &anew)?;
        let is_passed = read.passed.iter().all(|code| known.given.passed.contains(code));
        if is_passed && known.record.holds(&read.answers, false) {
            return Ok(Turn::Repeated(self.next(&known, read, rev)));
        }
        if known.record.contradicts(&read.answers) {
            let mut form = self.form_at(rev, &known.seen, &[]);
            // Whatever was answered up to now may be somebody else's.
            form.mine = self.ticket(Sitting { began: self.now, rev });
            return Err(Refusal::Stale(Box::new(form)));
        }
        if !is_suspect {
            invitations::raise_rev(conn, invitation, rev)?;
        }
        Ok(Turn::Mine { known, rev })
    }

    fn keep(&self, conn: &mut Conn, read: &Read, suspect: bool, late: bool) -> store::Result<()> {
        let origin = Origin {
            channel: Channel::Form,
            author: None,
            invitation: Some(self.invitation.id),
            suspect,
            late,
        };
        let incoming: Vec<Incoming> = read
            .answers
            .iter()
            .map(|answer| Incoming {
                company: self.invitation.company_id,
                contact: self.invitation.contact_id,
                answer: answer.clone(),
                at: self.now,
                origin: origin.clone(),
            })
            .collect();
        match incoming.is_empty() {
            true => Ok(()),
            false => needs::take(conn, self.now, &incoming),
        }
    }

    /// Where it goes on once this is kept, too, in that state.
    fn next(&self, known: &Known, read: &Read, rev: i32) -> Next {
        if self.invitation.answered_at.is_some() {
            return Next::Thanks;
        }
        let (given, seen) = (known.given.with(read), known.seen.with(read));
        let course = self.course(&seen);
        match (self.posted.page, self.course(&given).first_open()) {
            (Some(page), _) if self.posted.goes_back => self.page(course.before(page).unwrap_or(page), rev),
            (_, None) => Next::Thanks,
            // Who sits over the form comes by every page again; who goes on with it later only by
            // those that are open.
            (Some(page), Some(open)) if self.posted.sitting.is_some() => {
                self.page(course.after(page).unwrap_or(open), rev)
            }
            (_, Some(open)) => self.page(open, rev),
        }
    }

    /// A machine is told nothing by which it would know that it was recognized.
    fn next_of_machine(&self, known: &Known, read: &Read, rev: i32) -> Next {
        let seen = known.seen.with(read);
        let course = self.course(&seen);
        let page = match self.posted.page {
            Some(page) if self.posted.goes_back => course.before(page),
            Some(page) => course.after(page),
            None => None,
        };
        page.map_or(Next::Thanks, |page| self.page(page, rev))
    }

    fn page(&self, page: usize, rev: i32) -> Next {
        // This POST, and those of its sitting before it, were all that happened.
        let is_own = (0..=1).contains(&(rev - self.posted.rev));
        let began = self.posted.began().filter(|_| is_own).unwrap_or(self.now);
        let ticket = self.ticket(Sitting { began, rev });
        Next::Page(format!("{}={}&{}={ticket}", sitting::PAGE, page + 1, sitting::MINE))
    }

    fn ticket(&self, sitting: Sitting) -> String {
        sitting.sealed(self.letterhead.key(), &self.invitation.nonce)
    }

    /// The page that was posted, with what was typed, and whatever else of the form is wrong.
    fn form(&self, given: &Given, faults: &[FieldFault]) -> Form {
        self.form_at(self.posted.rev, given, faults)
    }

    fn form_at(&self, rev: i32, given: &Given, faults: &[FieldFault]) -> Form {
        let course = self.course(given);
        let codes = self.questionnaire.codes();
        let besides = codes
            .iter()
            .enumerate()
            .filter(|(_, code)| faults.iter().any(|fault| fault.question == **code));
        let besides: BTreeSet<usize> = besides.map(|(place, _)| place).collect();
        let form = match self.posted.page {
            Some(page) => self.questionnaire.page(&course, page, &besides),
            None => self.questionnaire.whole(&course),
        };
        let mut form = form.filled(self.fields).carrying(self.fields, &codes);
        let (key, nonce) = (self.letterhead.key(), &self.invitation.nonce);
        form.rev = rev;
        // The page shown again is still the one that was opened.
        form.opened = sitting::sealed_time(key, nonce, self.posted.opened.unwrap_or(self.now), rev);
        form.mine = self
            .posted
            .sitting
            .map(|sitting| self.ticket(sitting))
            .unwrap_or_default();
        form
    }

    fn course<'s>(&'s self, given: &'s Given) -> Course<'s> {
        Course::new(&self.questionnaire.versions, given)
    }

    fn signs(&self, conn: &mut Conn, visits: &Visits) -> store::Result<Signs> {
        let (invitation, hashes) = (self.invitation.id, self.letterhead.hashes(&self.invitation.nonce));
        Ok(Signs {
            reading: self.posted.opened.map(|at| self.now - at),
            swept: visits::is_swept(conn, visits, invitation, &hashes)?,
            since_accepted: queries::find_accepted(conn, invitation)?.map(|at| self.now - at),
        })
    }
}
