//! Mails that a server took, written down for good the moment it says so, and in the database a
//! little later, many at a time.
//!
//! Over SQLite a connection would wait for the one writer, which may be busy with a claim, and then for
//! a commit of its own. So marks go into a journal beside the database ([`journal`]), which keeps them
//! through a crash, and from here into the outbox. A sender that died left its marks there: whoever
//! takes over reads them first ([`recover`]). Over PostgreSQL, where the next sender may be on another
//! machine, marks are rows of the database.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::settle::{self, AT_ONCE};
use crate::ids::MailId;
use crate::mail::outbox::{self, Claim, Mark};
use crate::store::journal::{self, Journal};
use crate::store::{self, Db};

/// The marks of one sender that are not in the database yet.
#[derive(Clone)]
pub struct Logbook(Arc<Inner>);

struct Inner {
    db: Db,
    owner: i64,
    /// One connection has nothing to do but wait for its mark.
    is_alone: bool,
    journal: Mutex<Journal>,
    pending: Mutex<Pending>,
    /// One works off what is pending at a time.
    following: tokio::sync::Mutex<()>,
    /// There is enough for a transaction.
    full: Notify,
}

#[derive(Default)]
struct Pending {
    /// How many marks there were before the next one.
    count: u64,
    /// With how many there were before each, the oldest first.
    marks: VecDeque<(u64, Mark)>,
}

/// A mail that left is followed after so long at most, unless the database has too much to write.
const FOLLOWED: Duration = Duration::from_millis(40);

impl Logbook {
    /// `None`: marks are rows of this database, or its owner's name says nothing here.
    pub fn open(db: &Db, owner: &str, connections: usize) -> store::Result<Option<Logbook>> {
        let Ok(owner) = owner.parse() else { return Ok(None) };
        let Some(journal) = Journal::open(db)? else {
            return Ok(None);
        };
        Ok(Some(Logbook(Arc::new(Inner {
            db: db.clone(),
            owner,
            is_alone: connections == 1,
            journal: Mutex::new(journal),
            pending: Mutex::default(),
            following: tokio::sync::Mutex::default(),
            full: Notify::new(),
        }))))
    }

    /// Once this returns the marks outlast a crash; an error says that they may not.
    pub async fn note(&self, marks: Vec<Mark>) -> std::io::Result<()> {
        while self.pending().spans() + marks.len() as u64 > journal::ROOM as u64 {
            sleep(FOLLOWED / 8).await;
        }
        let records: Vec<_> = marks.iter().map(|mark| record(self.0.owner, mark)).collect();
        match self.0.is_alone {
            // To wake another thread would take as long as the sync does.
            true => locked(&self.0.journal).add(&records)?,
            false => {
                let inner = self.0.clone();
                let added = tokio::task::spawn_blocking(move || locked(&inner.journal).add(&records));
                added.await.map_err(std::io::Error::other)??;
            }
        }
        let mut pending = self.pending();
        for mark in marks {
            let before = pending.count;
            pending.count += 1;
            pending.marks.push_back((before, mark));
        }
        if pending.marks.len() >= AT_ONCE {
            self.0.full.notify_one();
        }
        Ok(())
    }

    /// Brings the database up to what was noted, one transaction of it; says how much there was.
    pub async fn follow(&self) -> store::Result<usize> {
        let _alone = self.0.following.lock().await;
        let marks: Vec<Mark> = self
            .pending()
            .marks
            .iter()
            .take(AT_ONCE)
            .map(|(_, mark)| mark.clone())
            .collect();
        if marks.is_empty() {
            return Ok(0);
        }
        let count = marks.len();
        let done = self.0.db.write(move |conn| settle::follow_marks(conn, &marks)).await?;
        self.pending().drop_first(count, &done);
        Ok(count)
    }

    pub async fn follow_all(&self) -> store::Result<()> {
        while self.follow().await? > 0 {}
        Ok(())
    }

    /// Follows the mails that leave meanwhile, so that nobody sees for long what is no more.
    pub async fn keep_following(self) {
        loop {
            let _ = timeout(FOLLOWED, self.0.full.notified()).await;
            loop {
                match self.follow().await {
                    Ok(AT_ONCE) => {}
                    Ok(_) => break,
                    Err(error) => {
                        tracing::warn!(%error, "what hangs on sent mails is worked out later");
                        sleep(FOLLOWED).await;
                        break;
                    }
                }
            }
        }
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        locked(&self.0.pending)
    }
}

impl Pending {
    /// How many marks were noted since the oldest that is still needed.
    fn spans(&self) -> u64 {
        self.marks.front().map_or(0, |(before, _)| self.count - before)
    }

    /// Of the first marks those that are done with go.
    fn drop_first(&mut self, count: usize, done: &[MailId]) {
        let done: HashSet<MailId> = done.iter().copied().collect();
        let first: Vec<_> = self.marks.drain(..count.min(self.marks.len())).collect();
        let left = first.into_iter().filter(|(_, mark)| !done.contains(&mark.claim.mail));
        for mark in left.rev() {
            self.marks.push_front(mark);
        }
    }
}

/// What is known of mails that these owners left under way: the database learns which of them a server
/// had taken.
pub async fn recover(db: &Db, owners: &[String]) -> store::Result<()> {
    let records = journal::read(db)?;
    for owner in owners {
        let Ok(number) = owner.parse::<i64>() else { continue };
        let own = records.iter().filter_map(mark_of).filter(|(by, _)| *by == number);
        let marks: Vec<Mark> = own.map(|(_, mark)| mark).collect();
        for marks in marks.chunks(AT_ONCE) {
            let (owner, marks) = (owner.clone(), marks.to_vec());
            db.write(move |conn| outbox::mark_all_sent_by(conn, &owner, &marks))
                .await?;
        }
    }
    Ok(())
}

/// Who sent which mail at which attempt, and when; the reply is not kept, which may name a person.
fn record(owner: i64, mark: &Mark) -> [u8; journal::BYTES] {
    let at = |at: NaiveDateTime| at.and_utc().timestamp_micros();
    let numbers = [
        owner,
        mark.claim.mail.0,
        mark.claim.attempts.into(),
        at(mark.sent_at),
        mark.accepted_at.map_or(i64::MIN, at),
    ];
    let mut record = [0; journal::BYTES];
    for (place, number) in record.chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    record
}

fn mark_of(record: &[u8; journal::BYTES]) -> Option<(i64, Mark)> {
    let mut numbers = record
        .chunks_exact(8)
        .filter_map(|place| place.try_into().ok().map(i64::from_le_bytes));
    let at = |micros: i64| DateTime::from_timestamp_micros(micros).map(|at| at.naive_utc());
    let (owner, mail) = (numbers.next()?, MailId(numbers.next()?));
    let attempts = i32::try_from(numbers.next()?).ok()?;
    let mark = Mark {
        claim: Claim { mail, attempts },
        reply: "250".into(),
        sent_at: at(numbers.next()?)?,
        accepted_at: numbers.next().filter(|micros| *micros != i64::MIN).and_then(at),
    };
    Some((owner, mark))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::parse_rfc3339;

    fn mark(mail: i64, accepted_at: Option<&str>) -> Mark {
        Mark {
            claim: Claim {
                mail: MailId(mail),
                attempts: 3,
            },
            reply: "250".into(),
            sent_at: parse_rfc3339("2026-03-10T11:00:00Z").expect("a time"),
            accepted_at: accepted_at.and_then(parse_rfc3339),
        }
    }

    #[test]
    fn a_mark_reads_back_from_its_record() {
        for mark in [mark(1 << 40, Some("2026-03-10T11:00:01Z")), mark(7, None)] {
            assert_eq!(mark_of(&record(-5, &mark)), Some((-5, mark)));
        }
    }

    #[test]
    fn what_is_not_done_with_stays_in_front_and_holds_its_room() {
        let mut pending = Pending::default();
        for mail in 1..=5 {
            pending.marks.push_back((pending.count, mark(mail, None)));
            pending.count += 1;
        }
        pending.drop_first(3, &[MailId(1), MailId(3)]);
        let left: Vec<i64> = pending.marks.iter().map(|(_, mark)| mark.claim.mail.0).collect();
        assert_eq!((left, pending.spans()), (vec![2, 4, 5], 4));
        pending.drop_first(9, &[MailId(2), MailId(4), MailId(5)]);
        assert_eq!(pending.spans(), 0);
    }
}
