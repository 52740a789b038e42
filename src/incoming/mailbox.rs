//! The mailbox that bounces are fetched from, where no mail server pipes them in.
//!
//! Each mail is fetched, taken in a transaction of its own, and only then deleted. What programs
//! wrote about our mails goes; what people wrote, and what was not understood, stays where it is and
//! is remembered, so that it is not fetched again. A mail that is fetched twice all the same, as
//! after a crash, counts once.

mod imap;
mod pop3;
mod wire;

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use self::imap::Imap;
use self::pop3::Pop3;
use super::{Kind, take};
use crate::clock::Clock;
use crate::config::{MailboxConfig, Protocol};
use crate::mail::letterhead::Letterhead;
use crate::mail::token;
use crate::store::{self, Db, marks};

/// So many mails are fetched in one look; the next look goes on.
const MOST_AT_ONCE: usize = 500;
/// A mail larger than this is no bounce, and is left alone.
const MOST_SIZE: u64 = 32 << 20;
/// Each step of the conversation may take so long, the fetching of a mail longer.
const STEP: Duration = Duration::from_secs(20);
const FETCH: Duration = Duration::from_secs(120);
/// The mark that names what stays in the mailbox.
const LEFT: &str = "mailbox_left";

/// What one look into the mailbox brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Mails that were fetched and taken.
    pub taken: usize,
    /// Of these, how many were deleted afterwards.
    pub deleted: usize,
}

/// Why the mailbox could not be looked through.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// In words for a log; without user or password.
    #[error("the bounce mailbox: {0}")]
    Mailbox(String),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// A mail that lies in the mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// As the server numbers it in this conversation.
    number: u32,
    /// The server's name for it in any conversation.
    name: String,
    /// 0 where the server was not asked.
    size: u64,
}

/// Fetches what is new, and does what follows from it.
pub async fn fetch(
    db: &Db,
    clock: &Clock,
    letterhead: &Arc<Letterhead>,
    mailbox: &MailboxConfig,
) -> Result<Fetched, Trouble> {
    let mut session = Session::open(mailbox).await?;
    let items = session.list().await?;
    let before = db.read(|conn| marks::find(conn, LEFT)).await?.unwrap_or_default();
    let known: BTreeSet<String> = before.split_whitespace().map(str::to_owned).collect();
    let is_known = |item: &&Item| known.contains(&mark_of(item));
    let mut left: BTreeSet<String> = items.iter().filter(is_known).map(mark_of).collect();
    let mut fetched = Fetched::default();
    for item in items.iter().filter(|item| !is_known(item)).take(MOST_AT_ONCE) {
        if item.size > MOST_SIZE {
            tracing::warn!(
                bytes = item.size,
                "a mail in the bounce mailbox is too large, and is left there"
            );
            left.insert(mark_of(item));
            continue;
        }
        let raw = session.get(item).await?;
        let (now, letterhead) = (clock.now(), letterhead.clone());
        let taken = db.write(move |conn| take(conn, now, &letterhead, &raw)).await?;
        fetched.taken += 1;
        match taken.kind {
            Kind::Bounce | Kind::Delay | Kind::Complaint | Kind::AutoReply => {
                session.delete(item).await?;
                fetched.deleted += 1;
            }
            Kind::Reply | Kind::Ignored => {
                left.insert(mark_of(item));
            }
        }
    }
    if left != known {
        let now = clock.now();
        let left = left.into_iter().collect::<Vec<_>>().join(" ");
        db.write(move |conn| marks::set(conn, now, LEFT, &left)).await?;
    }
    session.close().await?;
    Ok(fetched)
}

/// How many mails lie in the mailbox: for whoever checks that it can be reached.
pub async fn count(mailbox: &MailboxConfig) -> Result<usize, Trouble> {
    let mut session = Session::open(mailbox).await?;
    let count = session.list().await?.len();
    session.close().await?;
    Ok(count)
}

/// Short, and says nothing of the server.
fn mark_of(item: &Item) -> String {
    token::hash(&item.name)[..16].to_owned()
}

/// An open conversation; the password was taken.
enum Session {
    Imap(Imap),
    Pop3(Pop3),
}

impl Session {
    async fn open(mailbox: &MailboxConfig) -> Result<Session, Trouble> {
        match mailbox.protocol {
            Protocol::Imap => within(STEP * 2, "the log-in", Imap::open(mailbox))
                .await
                .map(Session::Imap),
            Protocol::Pop3 => within(STEP * 2, "the log-in", Pop3::open(mailbox))
                .await
                .map(Session::Pop3),
        }
    }

    /// What lies there, the oldest first.
    async fn list(&mut self) -> Result<Vec<Item>, Trouble> {
        match self {
            Session::Imap(imap) => within(STEP, "the list of mails", imap.list()).await,
            Session::Pop3(pop3) => within(STEP, "the list of mails", pop3.list()).await,
        }
    }

    /// The mail's beginning, as far as it is looked at.
    async fn get(&mut self, item: &Item) -> Result<Vec<u8>, Trouble> {
        match self {
            Session::Imap(imap) => within(FETCH, "a mail", imap.get(item)).await,
            Session::Pop3(pop3) => within(FETCH, "a mail", pop3.get(item)).await,
        }
    }

    async fn delete(&mut self, item: &Item) -> Result<(), Trouble> {
        match self {
            Session::Imap(imap) => within(STEP, "deleting a mail", imap.delete(item)).await,
            Session::Pop3(pop3) => within(STEP, "deleting a mail", pop3.delete(item)).await,
        }
    }

    /// Only now are deleted mails gone.
    async fn close(self) -> Result<(), Trouble> {
        match self {
            Session::Imap(imap) => within(STEP, "the good-bye", imap.close()).await,
            Session::Pop3(pop3) => within(STEP, "the good-bye", pop3.close()).await,
        }
    }
}

async fn within<T>(limit: Duration, step: &str, work: impl Future<Output = Result<T, String>>) -> Result<T, Trouble> {
    match timeout(limit, work).await {
        Ok(done) => done.map_err(Trouble::Mailbox),
        Err(_) => Err(Trouble::Mailbox(format!(
            "{step} took longer than {} s",
            limit.as_secs()
        ))),
    }
}
