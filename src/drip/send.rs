//! Claim, send, mark: a few connections side by side, each with one mail in hand.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::claim::{self, Next, Parcel};
use super::settle::{self, Settled};
use crate::clock::Clock;
use crate::config::{Config, MailboxConfig, SecretKey};
use crate::mail::letterhead::Letterhead;
use crate::mail::outbox;
use crate::mail::transport::{Connection, NotConnected, Outcome, Server};
use crate::store::lease::Lease;
use crate::store::{self, Db, is_unavailable, marks};

/// Everything that sending needs.
#[derive(Clone)]
pub struct Outgoing {
    pub db: Db,
    pub clock: Clock,
    pub letterhead: Arc<Letterhead>,
    /// None: mail is captured, and nothing leaves.
    pub server: Option<Server>,
    pub connections: usize,
    /// Mails a minute over all connections.
    pub rate: Option<u32>,
    /// Where bounces are fetched from, unless a mail server hands them over.
    pub mailbox: Option<MailboxConfig>,
}

/// What one round of sending did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    pub sent: usize,
    pub deferred: usize,
    pub failed: usize,
    /// Another process sends.
    pub is_busy: bool,
    /// Why sending stopped before the queue was empty.
    pub trouble: Option<String>,
}

/// Tells senders to finish what they have in hand and to claim nothing more.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

/// Pulls the [`Stop`].
pub struct Stopper(watch::Sender<bool>);

impl Stop {
    pub fn new() -> (Stopper, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Stopper(sender), Stop(receiver))
    }

    pub fn is_pulled(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once it is pulled.
    pub async fn pulled(&mut self) {
        // A stopper that is gone will never pull: whoever waits here waits for something else, too.
        if self.0.wait_for(|pulled| *pulled).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Stopper {
    pub fn pull(&self) {
        self.0.send_replace(true);
    }
}

impl Outgoing {
    pub fn new(db: Db, clock: Clock, config: &Config, key: SecretKey) -> Outgoing {
        Outgoing {
            db,
            clock,
            letterhead: Arc::new(Letterhead::new(config, key)),
            server: config.smtp.clone().map(|smtp| Server {
                smtp,
                timeouts: config.smtp_timeouts,
            }),
            connections: config.smtp_connections,
            rate: config.smtp_rate_per_minute,
            mailbox: config.bounce_mailbox.clone(),
        }
    }
}

/// Sends all that is due. The right to send is held only while there is something to send.
pub async fn send_due(outgoing: &Outgoing, stop: &Stop) -> store::Result<Round> {
    let now = outgoing.clock.now();
    let limit = outgoing.connections as i64;
    let (due, owners) = outgoing
        .db
        .read(move |conn| {
            if marks::find(conn, marks::SENDING_PAUSED)?.is_some() {
                return Ok((0, Vec::new()));
            }
            Ok::<_, store::Error>((outbox::list_due(conn, now, limit)?.len(), outbox::owners(conn)?))
        })
        .await?;
    if due == 0 && owners.is_empty() {
        return Ok(Round::default());
    }
    let Some(mut lease) = Lease::take(&outgoing.db)? else {
        return Ok(Round {
            is_busy: true,
            ..Round::default()
        });
    };
    take_over(outgoing, &mut lease, owners).await?;
    let owner = lease.owner().to_owned();
    let round = match &outgoing.server {
        None => capture_all(outgoing, owner, stop).await?,
        Some(server) => carry_all(outgoing, server, owner, stop).await?,
    };
    drop(lease);
    Ok(round)
}

/// What a dead sender left under way is due again.
async fn take_over(outgoing: &Outgoing, lease: &mut Lease, owners: Vec<String>) -> store::Result<()> {
    for owner in owners {
        if !lease.is_gone(&owner)? {
            continue;
        }
        let now = outgoing.clock.now();
        let count = outgoing
            .db
            .write(move |conn| outbox::requeue_of(conn, now, &owner))
            .await?;
        if count > 0 {
            tracing::warn!(count, "mails that a sender left under way are sent again");
        }
    }
    Ok(())
}

/// So many captured in one transaction.
const CAPTURED_AT_ONCE: usize = 100;

async fn capture_all(outgoing: &Outgoing, owner: String, stop: &Stop) -> store::Result<Round> {
    let mut round = Round::default();
    while !stop.is_pulled() {
        let (now, letterhead, owner) = (outgoing.clock.now(), outgoing.letterhead.clone(), owner.clone());
        let (sent, is_empty) = outgoing
            .db
            .write(move |conn| {
                let mut sent = 0;
                for _ in 0..CAPTURED_AT_ONCE {
                    match claim::claim(conn, now, &letterhead, &owner)? {
                        Next::Parcel(parcel) => {
                            settle::capture(conn, now, &parcel)?;
                            sent += 1;
                        }
                        Next::Again => {}
                        Next::Nothing => return Ok::<_, store::Error>((sent, true)),
                    }
                }
                Ok((sent, false))
            })
            .await?;
        round.sent += sent;
        if is_empty {
            break;
        }
    }
    Ok(round)
}

async fn carry_all(outgoing: &Outgoing, server: &Server, owner: String, stop: &Stop) -> store::Result<Round> {
    // The first connection is made before the rest: a server that is down is asked once, not by each.
    let first = match server.connect().await {
        Ok(connection) => connection,
        Err(NotConnected(why)) => {
            return Ok(Round {
                trouble: Some(why),
                ..Round::default()
            });
        }
    };
    let now = outgoing.clock.now();
    let limit = outgoing.connections as i64;
    let due = outgoing
        .db
        .read(move |conn| outbox::list_due(conn, now, limit))
        .await?
        .len();
    let pace = Arc::new(Pace::new(outgoing.rate));
    let mut first = Some(first);
    let mut carriers = JoinSet::new();
    for _ in 0..due.clamp(1, outgoing.connections.max(1)) {
        let carrier = Carrier {
            outgoing: outgoing.clone(),
            server: server.clone(),
            owner: owner.clone(),
            stop: stop.clone(),
            pace: pace.clone(),
        };
        carriers.spawn(carrier.run(first.take()));
    }
    let mut round = Round::default();
    let mut failed = None;
    while let Some(done) = carriers.join_next().await {
        match done.map_err(|error| store::unavailable(error.to_string())) {
            Ok(Ok(part)) => round.add(part),
            Ok(Err(error)) | Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(round), Err)
}

impl Round {
    fn add(&mut self, part: Round) {
        self.sent += part.sent;
        self.deferred += part.deferred;
        self.failed += part.failed;
        self.trouble = self.trouble.take().or(part.trouble);
    }
}

/// One connection's worth of sending.
struct Carrier {
    outgoing: Outgoing,
    server: Server,
    owner: String,
    stop: Stop,
    pace: Arc<Pace>,
}

impl Carrier {
    async fn run(self, mut connection: Option<Connection>) -> store::Result<Round> {
        let mut round = Round::default();
        while !self.stop.is_pulled() {
            let ready = match connection.take() {
                Some(ready) => ready,
                None => match self.server.connect().await {
                    Ok(opened) => opened,
                    Err(NotConnected(why)) => {
                        round.trouble = Some(why);
                        return Ok(round);
                    }
                },
            };
            self.pace.wait().await;
            let Some(parcel) = self.claim().await? else {
                ready.quit().await;
                return Ok(round);
            };
            let was_used = ready.is_used();
            let (outcome, kept) = ready.send(&parcel.from, &parcel.to, &parcel.bytes).await;
            connection = kept;
            let settled = self.settle(*parcel, outcome, was_used).await?;
            match settled {
                Settled::Sent => round.sent += 1,
                Settled::Deferred => round.deferred += 1,
                Settled::Failed => round.failed += 1,
                Settled::Overtaken => {}
                Settled::NoSending(why) => {
                    round.trouble = Some(why);
                    break;
                }
            }
        }
        if let Some(connection) = connection {
            connection.quit().await;
        }
        Ok(round)
    }

    async fn claim(&self) -> store::Result<Option<Box<Parcel>>> {
        loop {
            let (now, letterhead, owner) = (
                self.outgoing.clock.now(),
                self.outgoing.letterhead.clone(),
                self.owner.clone(),
            );
            let next = self
                .outgoing
                .db
                .write(move |conn| claim::claim(conn, now, &letterhead, &owner))
                .await?;
            match next {
                Next::Parcel(parcel) => return Ok(Some(parcel)),
                Next::Again if self.stop.is_pulled() => return Ok(None),
                Next::Again => {}
                Next::Nothing => return Ok(None),
            }
        }
    }

    /// An accepted mail is written down however long the database takes: claiming more would lose
    /// count of it.
    async fn settle(&self, parcel: Parcel, outcome: Outcome, was_used: bool) -> store::Result<Settled> {
        let mut patience = Duration::from_millis(200);
        loop {
            let (now, parcel, outcome) = (self.outgoing.clock.now(), parcel.clone(), outcome.clone());
            let written = self
                .outgoing
                .db
                .write(move |conn| match settle::is_good_bye(&outcome, was_used) {
                    true => {
                        outbox::release(conn, now, parcel.claim, "the server closed the connection")?;
                        Ok(Settled::Overtaken)
                    }
                    false => settle::settle(conn, now, &parcel, &outcome),
                })
                .await;
            match written {
                Err(error) if is_unavailable(&error) => {
                    tracing::error!(%error, "a sent mail cannot be written down yet");
                    sleep(patience).await;
                    patience = (patience * 2).min(Duration::from_secs(10));
                }
                written => return written,
            }
        }
    }
}

/// Keeps the mails of all connections apart as the rate asks for.
struct Pace {
    gap: Option<Duration>,
    next: Mutex<Instant>,
}

impl Pace {
    fn new(per_minute: Option<u32>) -> Pace {
        Pace {
            gap: per_minute.map(|rate| Duration::from_secs(60) / rate.max(1)),
            next: Mutex::new(Instant::now()),
        }
    }

    async fn wait(&self) {
        let Some(gap) = self.gap else { return };
        let mut next = self.next.lock().await;
        let mine = (*next).max(Instant::now());
        *next = mine + gap;
        drop(next);
        sleep_until(mine).await;
    }
}
