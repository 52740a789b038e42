//! Claim, send, mark: a few connections side by side, each with one mail in hand.
//!
//! Mails are claimed a batch ahead, so that no connection waits for the database before it begins
//! one, and what became of them is written down in batches, too. Two things hold all the same: a
//! connection hands no mail over before what became of its last one is written down, so that a crash
//! repeats at most one mail for each connection; and a claim that has grown old is handed back
//! ([`calm`](super::calm)), so that nobody is written to whose wish is known. A refusal that stops
//! other mails, too, is written down before its connection takes the next one, and what was claimed
//! of them goes back.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use chrono::NaiveDateTime;

use super::backlog;
use super::calm::FRESH;
use super::claim::{self, Claimed, Drafts, Parcel};
use super::logbook::{self, Logbook};
use super::pace::Paces;
use super::settle::{self, AT_ONCE, Ledger, Report, Settled, Shut};
use crate::clock::Clock;
use crate::config::{Config, MailboxConfig, SecretKey};
use crate::ids::MailId;
use crate::mail::letterhead::Letterhead;
use crate::mail::outbox::Mark;
use crate::mail::transport::{Connection, NotConnected, Offered, Outcome, Server};
use crate::mail::{classify, outbox};
use crate::store::lease::Lease;
use crate::store::{self, Db, is_unavailable};

/// Everything that sending needs.
#[derive(Clone)]
pub struct Outgoing {
    pub db: Db,
    pub clock: Clock,
    pub letterhead: Arc<Letterhead>,
    /// None: mail is captured, and nothing leaves.
    pub server: Option<Server>,
    pub connections: usize,
    pub paces: Arc<Paces>,
    /// Whether late mails are left to be spread first ([`backlog`]).
    pub leaves_late: bool,
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
    /// It ended because it had lasted long enough: more is due.
    pub is_unfinished: bool,
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
            paces: Arc::new(Paces::new(
                config.smtp_rate_per_minute,
                config.smtp_rate_per_domain_per_minute,
            )),
            leaves_late: false,
            mailbox: config.bounce_mailbox.clone(),
        }
    }

    /// What was due before it is late, and not sent.
    fn since(&self, now: NaiveDateTime) -> Option<NaiveDateTime> {
        self.leaves_late.then(|| backlog::rules::late_before(now))
    }
}

/// A round ends after so long, however much is left, so that what falls due meanwhile is seen to.
const ROUND: Duration = Duration::from_secs(20);

/// Sends all that is due. The right to send is held only while there is something to send.
pub async fn send_due(outgoing: &Outgoing, stop: &Stop) -> store::Result<Round> {
    let now = outgoing.clock.now();
    let since = outgoing.since(now);
    let (is_due, owners) = outgoing
        .db
        .read(move |conn| {
            Ok::<_, store::Error>((
                claim::is_anything_due(conn, now, since)? || outbox::is_any_marked(conn)?,
                outbox::owners(conn)?,
            ))
        })
        .await?;
    if !is_due && owners.is_empty() {
        return Ok(Round::default());
    }
    let Some(mut lease) = Lease::take(&outgoing.db)? else {
        return Ok(Round {
            is_busy: true,
            ..Round::default()
        });
    };
    // Whoever sent until a moment ago may have claimed since: asked again, now that nobody else sends.
    let owners = outgoing.db.read(outbox::owners).await?;
    // First what was taken: a dead sender may have marked it and come no further.
    logbook::recover(&outgoing.db, &owners).await?;
    follow_all(outgoing).await?;
    take_over(outgoing, &mut lease, owners).await?;
    outgoing.paces.share_with(lease.holders()?);
    let owner = lease.owner().to_owned();
    let round = match &outgoing.server {
        None => capture_all(outgoing, owner, stop).await,
        Some(server) => {
            let logbook = Logbook::open(&outgoing.db, &owner, outgoing.connections)?;
            let round = carry_all(outgoing, server, owner, logbook.clone(), stop).await;
            // What left before this round went wrong has its consequences, too.
            if let Some(logbook) = logbook {
                logbook.follow_all().await?;
            }
            round
        }
    };
    follow_all(outgoing).await?;
    drop(lease);
    round
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

async fn follow_all(outgoing: &Outgoing) -> store::Result<()> {
    while outgoing.db.write(|conn| settle::follow(conn, AT_ONCE)).await? > 0 {}
    Ok(())
}

/// As [`Logbook::keep_following`], where marks are rows of the database.
async fn keep_following(outgoing: Outgoing) {
    loop {
        sleep(FOLLOWED).await;
        loop {
            match outgoing.db.write(|conn| settle::follow(conn, AT_ONCE)).await {
                Ok(AT_ONCE) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "what hangs on sent mails is worked out later");
                    break;
                }
            }
        }
    }
}

/// A mail that left is followed after so long at most, unless the database has too much to write.
const FOLLOWED: Duration = Duration::from_millis(40);
/// So many are captured in one transaction.
const CAPTURED: usize = 100;

async fn capture_all(outgoing: &Outgoing, owner: String, stop: &Stop) -> store::Result<Round> {
    let mut round = Round::default();
    let begun = Instant::now();
    while !stop.is_pulled() && begun.elapsed() < ROUND {
        let (now, owner) = (outgoing.clock.now(), owner.clone());
        let (letterhead, paces) = (outgoing.letterhead.clone(), outgoing.paces.clone());
        let since = outgoing.since(now);
        let (sent, looked_at) = outgoing
            .db
            .write(move |conn| {
                let claimed = claim::claim(
                    conn,
                    now,
                    since,
                    &letterhead,
                    &owner,
                    &paces,
                    CAPTURED,
                    Drafts::default(),
                )?;
                settle::capture(conn, now, &claimed.parcels)?;
                settle::follow(conn, AT_ONCE)?;
                Ok::<_, store::Error>((claimed.parcels.len(), claimed.looked_at))
            })
            .await?;
        round.sent += sent;
        if looked_at == 0 && !wait_for_pace(outgoing, stop).await? {
            return Ok(round);
        }
    }
    round.is_unfinished = !stop.is_pulled();
    Ok(round)
}

/// When nothing was claimed: whether anything waits for its destination's pace alone. Returns when
/// that opens, or after a second, as something else may be due by then.
async fn wait_for_pace(outgoing: &Outgoing, stop: &Stop) -> store::Result<bool> {
    let Some(opens_at) = outgoing.paces.opens_at() else {
        return Ok(false);
    };
    let now = outgoing.clock.now();
    let since = outgoing.since(now);
    if !outgoing
        .db
        .read(move |conn| claim::is_anything_due(conn, now, since))
        .await?
    {
        return Ok(false);
    }
    let mut stop = stop.clone();
    tokio::select! {
        () = sleep_until(opens_at.into()) => {}
        () = sleep(Duration::from_secs(1)) => {}
        () = stop.pulled() => {}
    }
    Ok(true)
}

/// All connections, with one who claims for them and one who writes down what became of it.
async fn carry_all(
    outgoing: &Outgoing,
    server: &Server,
    owner: String,
    logbook: Option<Logbook>,
    stop: &Stop,
) -> store::Result<Round> {
    // The first connection is made before the rest: a server that is down is asked once, not by each.
    let first = match connect(outgoing, server).await? {
        Ok(connection) => connection,
        Err(trouble) => {
            return Ok(Round {
                trouble: Some(trouble),
                ..Round::default()
            });
        }
    };
    let (now, begun) = (outgoing.clock.now(), Instant::now());
    let most = outgoing.connections.max(1);
    let due = outgoing
        .db
        .read(move |conn| outbox::list_due(conn, now, None, most as i64, &[]))
        .await?
        .len();
    let (end, over) = watch::channel(None);
    let (stock, shelf) = mpsc::channel(AHEAD);
    let (desk, reports) = mpsc::channel(REPORTS);
    let sending = Sending {
        outgoing: outgoing.clone(),
        server: server.clone(),
        owner: owner.clone(),
        stop: stop.clone(),
        over,
        end: Arc::new(end),
        door: Arc::default(),
        shelf: Arc::new(Mutex::new(shelf)),
        stale: Arc::default(),
        shut: Arc::default(),
        desk,
    };
    let claiming = tokio::spawn(keep_in_stock(sending.clone(), stock));
    let writing = tokio::spawn(write_down(
        outgoing.clone(),
        logbook.clone(),
        reports,
        sending.end.clone(),
        sending.shut.clone(),
    ));
    let following = match logbook {
        Some(logbook) => tokio::spawn(logbook.keep_following()),
        None => tokio::spawn(keep_following(outgoing.clone())),
    };
    let mut carriers = JoinSet::new();
    let mut first = Some(first);
    for _ in 0..due.clamp(1, most) {
        carriers.spawn(carry(sending.clone(), first.take()));
    }
    let shelf = sending.shelf.clone();
    let stale = sending.stale.clone();
    let over = sending.over.clone();
    drop(sending);
    let mut failed = None;
    while let Some(done) = carriers.join_next().await {
        match done.map_err(|error| store::unavailable(error.to_string())) {
            Ok(Ok(())) => {}
            Ok(Err(error)) | Err(error) => failed = Some(error),
        }
    }
    // No carrier is left to take what is still claimed.
    shelf.lock().await.close();
    let claimed = claiming.await.map_err(|error| store::unavailable(error.to_string()))?;
    let mut untouched: Vec<MailId> = stale.lock().await.drain().collect();
    while let Some(Stocked { parcel, .. }) = shelf.lock().await.recv().await {
        untouched.push(parcel.claim.mail);
    }
    untouched.extend(claimed.as_ref().map_or(&[][..], |left| left));
    release(outgoing, untouched, &owner).await?;
    following.abort();
    let written = writing.await.map_err(|error| store::unavailable(error.to_string()))?;
    let mut round = written?;
    round.is_unfinished = claimed.is_ok() && begun.elapsed() >= ROUND && !stop.is_pulled();
    round.trouble = round.trouble.or_else(|| over.borrow().clone().flatten());
    claimed?;
    failed.map_or(Ok(round), Err)
}

/// `Err` inside: nobody can be reached, or the server takes nothing from us, which pauses all sending.
async fn connect(outgoing: &Outgoing, server: &Server) -> store::Result<Result<Connection, String>> {
    match server.connect().await {
        Ok(connection) => Ok(Ok(connection)),
        Err(NotConnected::Unreachable(why)) => Ok(Err(why)),
        Err(NotConnected::Refused(why)) => {
            let (now, cause) = (outgoing.clock.now(), why.clone());
            outgoing
                .db
                .write(move |conn| settle::pause_sending(conn, now, &cause))
                .await?;
            Ok(Err(why))
        }
    }
}

async fn release(outgoing: &Outgoing, mails: Vec<MailId>, owner: &str) -> store::Result<()> {
    if mails.is_empty() {
        return Ok(());
    }
    let owner = owner.to_owned();
    outgoing
        .db
        .write(move |conn| outbox::release(conn, &mails, &owner))
        .await
        .map(|_| ())
}

/// Mails claimed ahead at most.
const AHEAD: usize = claim::MOST;
/// Reports waiting to be written down at most.
const REPORTS: usize = 256;

/// A claimed mail on the shelf.
struct Stocked {
    parcel: Parcel,
    /// When its claim was asked for.
    asked_at: Instant,
}

/// What the tasks of one round share.
#[derive(Clone)]
struct Sending {
    outgoing: Outgoing,
    server: Server,
    owner: String,
    stop: Stop,
    /// Set when this round claims and begins nothing more; with the trouble, where there was any.
    over: watch::Receiver<Option<Option<String>>>,
    end: Arc<watch::Sender<Option<Option<String>>>>,
    /// One connects at a time, so that a server that is down is not asked by each.
    door: Arc<Mutex<()>>,
    shelf: Arc<Mutex<mpsc::Receiver<Stocked>>>,
    /// Claims that have grown old on the shelf.
    stale: Arc<Mutex<HashSet<MailId>>>,
    /// Until when claims of which mails are not to be begun with.
    shut: Arc<Mutex<HashMap<Shut, Instant>>>,
    desk: mpsc::Sender<(Report, oneshot::Sender<()>)>,
}

impl Sending {
    fn is_over(&self) -> bool {
        self.stop.is_pulled() || self.over.borrow().is_some()
    }

    /// The next mail whose claim still holds.
    async fn next(&self) -> Option<Parcel> {
        let mut shelf = self.shelf.lock().await;
        let mut over = self.over.clone();
        let mut stop = self.stop.clone();
        loop {
            if self.is_over() {
                return None;
            }
            let stocked = tokio::select! {
                stocked = shelf.recv() => stocked?,
                _ = over.changed() => continue,
                () = stop.pulled() => continue,
            };
            if stocked.asked_at.elapsed() < FRESH && !self.is_shut(&stocked).await {
                return Some(stocked.parcel);
            }
            self.stale.lock().await.insert(stocked.parcel.claim.mail);
        }
    }
}

impl Sending {
    /// Whether the mail was claimed before it was known that it must not leave.
    async fn is_shut(&self, stocked: &Stocked) -> bool {
        let shut = self.shut.lock().await;
        if shut.is_empty() {
            return false;
        }
        let Parcel { drip, domain, .. } = &stocked.parcel;
        [None, Some(domain.clone())].into_iter().any(|domain| {
            let drip = drip.clone();
            shut.get(&Shut { drip, domain })
                .is_some_and(|shut_at| stocked.asked_at <= *shut_at)
        })
    }
}

/// Claims mails ahead of the connections, as many as they have sent lately, until nothing is due.
/// Returns what it could not put on the shelf.
async fn keep_in_stock(sending: Sending, stock: mpsc::Sender<Stocked>) -> store::Result<Vec<MailId>> {
    let outgoing = &sending.outgoing;
    let begun = Instant::now();
    // Grows while the shelf is emptied quickly: a claim that waits long is one that goes stale.
    let mut batch = outgoing.connections.clamp(1, AHEAD);
    while !sending.is_over() && begun.elapsed() < ROUND {
        if let Some(turn) = outgoing.paces.take_turn() {
            let mut stop = sending.stop.clone();
            tokio::select! {
                () = sleep_until(turn.into()) => {}
                () = stop.pulled() => break,
            }
        }
        let most = if outgoing.paces.is_limited() { 1 } else { batch };
        let drafts = draft(outgoing, most).await?;
        let asked_at = Instant::now();
        let Claimed { parcels, looked_at } = claim(&sending, most, drafts).await?;
        if looked_at == 0 && !wait_for_pace(outgoing, &sending.stop).await? {
            break;
        }
        let mut parcels = parcels.into_iter();
        while let Some(parcel) = parcels.next() {
            let mail = parcel.claim.mail;
            if stock.send(Stocked { parcel, asked_at }).await.is_err() {
                let left = parcels.map(|parcel| parcel.claim.mail);
                return Ok(std::iter::once(mail).chain(left).collect());
            }
        }
        let quickly = asked_at.elapsed() < FRESH / 8;
        batch = if quickly { batch * 2 } else { batch / 2 }.clamp(outgoing.connections.clamp(1, AHEAD), AHEAD);
        let stale: Vec<MailId> = sending.stale.lock().await.drain().collect();
        release(outgoing, stale, &sending.owner).await?;
    }
    Ok(Vec::new())
}

/// The letters of what is claimed next, written while nobody waits for them.
async fn draft(outgoing: &Outgoing, most: usize) -> store::Result<Drafts> {
    let now = outgoing.clock.now();
    let (letterhead, paces) = (outgoing.letterhead.clone(), outgoing.paces.clone());
    let since = outgoing.since(now);
    outgoing
        .db
        .read(move |conn| claim::draft(conn, now, since, &letterhead, &paces, most))
        .await
}

async fn claim(sending: &Sending, most: usize, drafts: Drafts) -> store::Result<Claimed> {
    let outgoing = &sending.outgoing;
    let (now, owner) = (outgoing.clock.now(), sending.owner.clone());
    let (letterhead, paces) = (outgoing.letterhead.clone(), outgoing.paces.clone());
    let since = outgoing.since(now);
    outgoing
        .db
        .write(move |conn| claim::claim(conn, now, since, &letterhead, &owner, &paces, most, drafts))
        .await
}

/// One connection's worth of sending.
async fn carry(sending: Sending, mut connection: Option<Connection>) -> store::Result<()> {
    let mut patience = Patience::default();
    // Told once what became of the last mail is written down.
    let mut written: Option<oneshot::Receiver<()>> = None;
    loop {
        let Some(ready) = ready(&sending, connection.take()).await? else {
            break;
        };
        let Some(parcel) = sending.next().await else {
            connection = Some(ready);
            break;
        };
        let was_used = ready.is_used();
        let (outcome, kept) = match ready.offer(&parcel.from, &parcel.to, &parcel.bytes).await {
            Offered::Ended(outcome, kept) => (outcome, kept),
            Offered::Taken(ready) => {
                until(&mut written).await?;
                ready.hand_over(&parcel.bytes).await
            }
        };
        connection = kept;
        until(&mut written).await?;
        let is_turned_away = matches!(&outcome, Outcome::Refused(refusal) if refusal.code == 421);
        let concerns_others =
            matches!(&outcome, Outcome::Refused(refusal) if classify::meaning(refusal).concerns_others());
        let report = Report {
            pace: sending.outgoing.paces.of(&parcel.domain),
            parcel,
            outcome,
            was_used,
            ended_at: Clock::system().now(),
        };
        let (told, hears) = oneshot::channel();
        sending.desk.send((report, told)).await.map_err(|_| unwritten())?;
        written = Some(hears);
        if concerns_others {
            until(&mut written).await?;
        }
        if !is_turned_away {
            patience = Patience::default();
        } else if !patience.lose(&sending.stop).await {
            let why = "the mail server turns us away (421) again and again".to_owned();
            sending.end.send_replace(Some(Some(why)));
            break;
        }
    }
    if let Some(connection) = connection {
        connection.quit().await;
    }
    until(&mut written).await
}

async fn until(written: &mut Option<oneshot::Receiver<()>>) -> store::Result<()> {
    match written.take() {
        Some(hears) => hears.await.map_err(|_| unwritten()),
        None => Ok(()),
    }
}

fn unwritten() -> store::Error {
    store::unavailable("what became of a mail could not be written down; the log says why")
}

/// A good connection: the one at hand, or a new one; `None` when this round is over.
async fn ready(sending: &Sending, at_hand: Option<Connection>) -> store::Result<Option<Connection>> {
    if at_hand.is_some() {
        return Ok(at_hand);
    }
    let _alone = sending.door.lock().await;
    if sending.is_over() {
        return Ok(None);
    }
    match connect(&sending.outgoing, &sending.server).await? {
        Ok(connection) => Ok(Some(connection)),
        Err(trouble) => {
            sending.end.send_replace(Some(Some(trouble)));
            Ok(None)
        }
    }
}

/// How long a connection that was turned away (421) waits before it asks again: longer each time,
/// never long, as the next mail may be welcome; and after so many times in a row no more.
#[derive(Default)]
struct Patience(u32);

impl Patience {
    const MOST: u32 = 30;

    /// False: it is exhausted.
    async fn lose(&mut self, stop: &Stop) -> bool {
        let wait = Duration::from_millis(50) * 2u32.pow(self.0.min(3));
        self.0 += 1;
        let mut stop = stop.clone();
        tokio::select! {
            () = sleep(wait) => {}
            () = stop.pulled() => {}
        }
        self.0 < Patience::MOST
    }
}

/// Writes down what became of the mails, all that is reported at one time in one transaction, and
/// between times what follows from it. An accepted mail is written down however long the database
/// takes: handing over more would lose count of it.
async fn write_down(
    outgoing: Outgoing,
    logbook: Option<Logbook>,
    mut reports: mpsc::Receiver<(Report, oneshot::Sender<()>)>,
    end: Arc<watch::Sender<Option<Option<String>>>>,
    shut: Arc<Mutex<HashMap<Shut, Instant>>>,
) -> store::Result<Round> {
    let mut round = Round::default();
    let mut batch = Vec::new();
    while reports.recv_many(&mut batch, REPORTS).await > 0 {
        if let Some(logbook) = &logbook {
            // Whatever has come back to the other connections meanwhile is noted with it.
            tokio::task::yield_now().await;
            while let Ok(report) = reports.try_recv() {
                batch.push(report);
            }
            round.sent += note_taken(&outgoing, logbook, &mut batch).await;
            if batch.is_empty() {
                continue;
            }
        }
        let (reports, told): (Vec<Report>, Vec<_>) = batch.drain(..).unzip();
        let ledger = persevere(&outgoing, logbook.as_ref(), Arc::new(reports)).await?;
        for settled in ledger.settled {
            match settled {
                Settled::Sent => round.sent += 1,
                Settled::Deferred => round.deferred += 1,
                Settled::Failed => round.failed += 1,
                Settled::Overtaken => {}
            }
        }
        if !ledger.shut.is_empty() {
            let now = Instant::now();
            shut.lock()
                .await
                .extend(ledger.shut.into_iter().map(|shut| (shut, now)));
        }
        if let Some(why) = ledger.no_sending {
            end.send_replace(Some(Some(why.clone())));
            round.trouble = Some(why);
        }
        for told in told {
            // Its connection may have ended meanwhile.
            let _ = told.send(());
        }
    }
    Ok(round)
}

/// Notes the mails that were taken, and leaves the others; all of them, where they cannot be noted.
/// Says how many were.
async fn note_taken(outgoing: &Outgoing, logbook: &Logbook, batch: &mut Vec<(Report, oneshot::Sender<()>)>) -> usize {
    let now = outgoing.clock.now();
    let marks: Vec<Mark> = batch.iter().filter_map(|(report, _)| report.mark(now)).collect();
    let count = marks.len();
    if count == 0 {
        return 0;
    }
    if let Err(error) = logbook.note(marks).await {
        tracing::error!(%error, "sent mails cannot be written down beside the database");
        return 0;
    }
    let (taken, others) = batch
        .drain(..)
        .partition(|(report, _)| matches!(report.outcome, Outcome::Sent(_)));
    *batch = others;
    for (_, told) in taken {
        // Its connection may have ended meanwhile.
        let _ = told.send(());
    }
    count
}

async fn persevere(outgoing: &Outgoing, logbook: Option<&Logbook>, reports: Arc<Vec<Report>>) -> store::Result<Ledger> {
    let mut patience = Duration::from_millis(200);
    loop {
        let (now, reports) = (outgoing.clock.now(), reports.clone());
        let write = async {
            // The breakers look at the shares of all that was sent.
            if let Some(logbook) = logbook {
                logbook.follow_all().await?;
            }
            outgoing.db.write(move |conn| settle::settle(conn, now, &reports)).await
        };
        match write.await {
            Err(error) if is_unavailable(&error) => {
                tracing::error!(%error, "sent mails cannot be written down yet");
                sleep(patience).await;
                patience = (patience * 2).min(Duration::from_secs(10));
            }
            written => return written,
        }
    }
}
