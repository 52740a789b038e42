//! The beat: everything that time alone sets off.
//!
//! | what | how often | verb |
//! |---|---|---|
//! | audiences are looked at | daily for each drip | [`drip::watch_audiences`] |
//! | steps that fall due become mails | when due | [`drip::make_due`] |
//! | steps that close free those that wait | when due | [`drip::close_due`] |
//! | late mails are spread | at each beat | [`drip::spread_backlog`] |
//! | mails leave | when due | [`send::send_due`] |
//! | the bounce mailbox is looked into | every five minutes | [`mailbox::fetch`] |
//! | bodies with live links go | daily | [`outbox::purge`] |
//! | the scores are calibrated | daily | [`needs::calibrate_in_steps`] |
//! | answers are counted by version | daily | [`versions::count_answers`] |
//! | scores at the ends of months are kept | when a month ends, or a past one changed | [`needs::keep_months`] |
//! | behaviour is told anew | when a day begins, rules changed, or usage reaches further | [`behaviour::keep_up`] |
//! | figures that an earlier version left unpacked are packed | at each beat | [`needs::pack_in_steps`] |
//! | what companies said is told to respondents | at each beat | [`giveback::renew`] |
//! | what happened to companies is told to their people | at each beat | [`alerts::raise`] |
//! | alerts that are too old go | daily | [`alerts::purge`] |
//!
//! At once on start, then as soon as work is due, at most a minute apart. [`run_due`] does the same
//! for one moment, which may lie in the future.

use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, TimeDelta};
use tokio::runtime::Runtime;
use tokio::time::sleep;

use crate::behaviour;
use crate::clock;
use crate::design::{archive, versions};
use crate::drip;
use crate::drip::send::{self, Outgoing, Round, Stop, Stopper};
use crate::incoming::mailbox;
use crate::insight::giveback;
use crate::mail::outbox;
use crate::needs;
use crate::plan::alerts;
use crate::store::{self, Conn, Db, marks};

/// Between two looks at when work is due next: so soon is sent what a colleague enrols by hand.
const GLANCE: Duration = Duration::from_secs(2);
/// Between two beats at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// After a mail server that did not answer: this long, then twice as long, up to the second one.
const FIRST_BACKOFF: Duration = Duration::from_secs(2);
const LONGEST_BACKOFF: Duration = Duration::from_secs(300);
/// What is in hand when the worker is told to stop may take so long.
const GRACE: Duration = Duration::from_secs(30);
/// While another process sends, `run_due` waits at most so long for its turn.
const TURN: Duration = Duration::from_secs(60);

/// Between two looks into the bounce mailbox.
const MAILBOX_PAUSE: Duration = Duration::from_secs(300);

/// Of the worker's time, no more than one part in so many goes into what is told to respondents, and
/// one more into what is told to colleagues: where there are millions of answers, going through them
/// takes its while.
const GIVING_BACK: u32 = 50;

/// The daily work that leaves a mark.
const CALIBRATED: &str = "calibrated";
const PURGED: &str = "purged";

/// What one call of [`run_due`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    pub enrolled: usize,
    pub steps: usize,
    pub sent: usize,
    pub deferred: usize,
    pub failed: usize,
    /// Why mails that are due are still waiting.
    pub trouble: Option<String>,
}

/// A worker on a thread of its own.
pub struct Running {
    stopper: Stopper,
    thread: std::thread::JoinHandle<()>,
}

impl Running {
    /// Claims nothing more, finishes what is in hand, and returns.
    pub fn stop(self) {
        self.stopper.pull();
        if self.thread.join().is_err() {
            tracing::error!("the worker ended in a panic");
        }
    }

    /// False once its thread has ended, which it never should by itself.
    pub fn is_alive(&self) -> bool {
        !self.thread.is_finished()
    }
}

/// Starts the worker beside whatever else this process does.
pub fn start(outgoing: Outgoing) -> std::io::Result<Running> {
    let outgoing = Outgoing {
        leaves_late: true,
        ..outgoing
    };
    let runtime = runtime()?;
    let (stopper, stop) = Stop::new();
    let thread = std::thread::Builder::new().name("worker".into()).spawn(move || {
        runtime.block_on(async {
            tokio::join!(
                beat(&outgoing, stop.clone()),
                watch_mailbox(&outgoing, stop.clone()),
                watch_months(&outgoing, stop.clone()),
                watch_behaviour(&outgoing, stop.clone()),
            );
        });
    })?;
    Ok(Running { stopper, thread })
}

/// Does all that is due at the clock's time, until nothing more is due then. The clock decides
/// everything that is written; other processes keep theirs.
pub fn run_due(outgoing: &Outgoing) -> store::Result<Done> {
    let runtime = runtime().map_err(|error| store::unavailable(error.to_string()))?;
    let (_stopper, stop) = Stop::new();
    let mut done = Done::default();
    // First what came back: it may speak against what is due.
    runtime.block_on(look_into_mailbox(outgoing));
    // Audiences go by it.
    behaviour::keep_up(&outgoing.db, outgoing.clock.now(), || false)?;
    let begun = Instant::now();
    loop {
        let now = outgoing.clock.now();
        let moved = move_on(outgoing, now)?;
        done.enrolled += moved.enrolled;
        done.steps += moved.steps;
        let round = runtime.block_on(send::send_due(outgoing, &stop))?;
        done.sent += round.sent;
        done.deferred += round.deferred;
        done.failed += round.failed;
        if round.is_busy && begun.elapsed() < TURN {
            std::thread::sleep(Duration::from_millis(200));
            continue;
        }
        let is_idle = moved == Moved::default() && round == Round::default();
        done.trouble = round
            .trouble
            .or(round.is_busy.then(|| "another process is sending".to_owned()));
        if is_idle || done.trouble.is_some() {
            break;
        }
    }
    daily(&outgoing.db, outgoing.clock.now())?;
    needs::pack_in_steps(&outgoing.db, outgoing.clock.now(), || false)?;
    needs::keep_months(&outgoing.db, outgoing.clock.now(), || false)?;
    giveback::renew(&outgoing.db, outgoing.clock.now())?;
    alerts::raise(&outgoing.db, outgoing.clock.now())?;
    if let Some(why) = outgoing.db.read_now(drip::sending_paused)? {
        done.trouble = done
            .trouble
            .or(Some(format!("sending is paused, because {why}; resume it at /drips")));
    }
    Ok(done)
}

async fn beat(outgoing: &Outgoing, mut stop: Stop) {
    let mut backoff = None;
    let mut give_back_from = Instant::now();
    while !stop.is_pulled() {
        if give_back_from <= Instant::now() {
            give_back_from = Instant::now() + give_back(outgoing).await;
        }
        let pause = match round(outgoing, &stop, &mut backoff).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::error!(%error, "the worker's round failed; it tries again");
                Duration::from_secs(5)
            }
        };
        rest(outgoing, &mut stop, pause, backoff.is_some()).await;
    }
}

/// Says how long to leave it after that. What respondents and colleagues are told can wait for the next beat.
async fn give_back(outgoing: &Outgoing) -> Duration {
    let begun = Instant::now();
    let (db, now) = (outgoing.db.clone(), outgoing.clock.now());
    let told = move || {
        if let Err(error) = giveback::renew(&db, now) {
            tracing::error!(%error, "what companies said could not be told anew");
        }
        if let Err(error) = alerts::raise(&db, now) {
            tracing::error!(%error, "what happened to companies could not be told");
        }
    };
    if let Err(error) = tokio::task::spawn_blocking(told).await {
        tracing::error!(%error, "what is to be told could not be worked out");
    }
    begun.elapsed() * GIVING_BACK
}

/// One beat; says how long to rest after it.
async fn round(outgoing: &Outgoing, stop: &Stop, backoff: &mut Option<Duration>) -> store::Result<Duration> {
    let now = outgoing.clock.now();
    let for_verbs = outgoing.clone();
    let moved = tokio::task::spawn_blocking(move || {
        let moved = move_on(&for_verbs, now)?;
        // Here and not in `run_due`: who calls that means what is due to go.
        while for_verbs.db.write_now(move |conn| drip::spread_backlog(conn, now))? >= drip::backlog::BATCH {}
        daily(&for_verbs.db, now)?;
        Ok::<_, store::Error>(moved)
    });
    let moved = moved.await.map_err(|error| store::unavailable(error.to_string()))??;
    let sending = send::send_due(outgoing, stop);
    let round = tokio::select! {
        round = sending => round?,
        () = given_up(stop) => {
            tracing::warn!("mails were still in hand after {} s; they are sent again", GRACE.as_secs());
            return Ok(Duration::ZERO);
        }
    };
    if round.sent + round.failed > 0 {
        tracing::info!(
            sent = round.sent,
            deferred = round.deferred,
            failed = round.failed,
            "mails handed over"
        );
    }
    if let Some(why) = &round.trouble {
        let wait = backoff.map_or(FIRST_BACKOFF, |last| (last * 2).min(LONGEST_BACKOFF));
        *backoff = Some(wait);
        tracing::warn!(why, seconds = wait.as_secs(), "no mail leaves for now");
        return Ok(wait);
    }
    *backoff = None;
    let more = moved.is_full || round.sent > 0 || round.is_unfinished;
    Ok(if more { Duration::ZERO } else { LONGEST_PAUSE })
}

/// Until work is due, but no longer than `pause`; after trouble, all of it.
async fn rest(outgoing: &Outgoing, stop: &mut Stop, pause: Duration, after_trouble: bool) {
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < pause {
        let left = pause.saturating_sub(begun.elapsed());
        tokio::select! {
            () = sleep(left.min(GLANCE)) => {}
            () = stop.pulled() => return,
        }
        if after_trouble {
            continue;
        }
        let now = outgoing.clock.now();
        let next = outgoing.db.read(drip::next_due).await;
        let is_due = next.is_ok_and(|next| next.is_some_and(|next| next <= now));
        // Somebody sends; or has died over it, which the next round finds out.
        let owners = outgoing.db.read(outbox::owners).await;
        if is_due || owners.is_ok_and(|owners| !owners.is_empty()) {
            return;
        }
    }
}

/// A mailbox that cannot be reached holds nothing else up.
async fn watch_mailbox(outgoing: &Outgoing, mut stop: Stop) {
    while outgoing.mailbox.is_some() && !stop.is_pulled() {
        // A look that is broken off has deleted nothing that was not taken.
        tokio::select! {
            () = async { look_into_mailbox(outgoing).await; sleep(MAILBOX_PAUSE).await } => {}
            () = stop.pulled() => return,
        }
    }
}

/// When a month ends every company's scores are written down, and what an earlier version did not pack is
/// packed: beside the mails, which wait for nothing.
async fn watch_months(outgoing: &Outgoing, mut stop: Stop) {
    while !stop.is_pulled() {
        let (db, now, told) = (outgoing.db.clone(), outgoing.clock.now(), stop.clone());
        let keep = move || {
            if let Err(error) = needs::pack_in_steps(&db, now, || told.is_pulled()) {
                tracing::error!(%error, "scores could not be packed");
            }
            needs::keep_months(&db, now, || told.is_pulled())
        };
        match tokio::task::spawn_blocking(keep).await {
            Ok(Ok(0)) => {}
            Ok(Ok(companies)) => tracing::info!(companies, "scores at the ends of months were kept"),
            Ok(Err(error)) => tracing::error!(%error, "scores at the ends of months could not be kept"),
            Err(error) => tracing::error!(%error, "scores at the ends of months could not be kept"),
        }
        tokio::select! {
            () = sleep(LONGEST_PAUSE) => {}
            () = stop.pulled() => return,
        }
    }
}

/// A day more since the last purchase may make another behaviour of it: beside the mails, too.
async fn watch_behaviour(outgoing: &Outgoing, mut stop: Stop) {
    while !stop.is_pulled() {
        let (db, now, told) = (outgoing.db.clone(), outgoing.clock.now(), stop.clone());
        match tokio::task::spawn_blocking(move || behaviour::keep_up(&db, now, || told.is_pulled())).await {
            Ok(Ok(0)) => {}
            Ok(Ok(companies)) => tracing::info!(companies, "companies behave otherwise now"),
            Ok(Err(error)) => tracing::error!(%error, "behaviour could not be told anew"),
            Err(error) => tracing::error!(%error, "behaviour could not be told anew"),
        }
        tokio::select! {
            () = sleep(LONGEST_PAUSE) => {}
            () = stop.pulled() => return,
        }
    }
}

async fn look_into_mailbox(outgoing: &Outgoing) {
    let Some(mailbox) = &outgoing.mailbox else { return };
    match mailbox::fetch(&outgoing.db, &outgoing.clock, &outgoing.letterhead, mailbox).await {
        Ok(fetched) if fetched.taken > 0 => {
            tracing::info!(taken = fetched.taken, deleted = fetched.deleted, "mails came back");
        }
        Ok(_) => {}
        Err(error) => {
            tracing::warn!(%error, "the bounce mailbox cannot be looked through; the next look is in five minutes")
        }
    }
}

async fn given_up(stop: &Stop) {
    let mut stop = stop.clone();
    stop.pulled().await;
    sleep(GRACE).await;
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Moved {
    enrolled: usize,
    steps: usize,
    is_full: bool,
}

/// Everything due but the sending, in short transactions.
fn move_on(outgoing: &Outgoing, now: NaiveDateTime) -> store::Result<Moved> {
    let db = &outgoing.db;
    let mut moved = Moved {
        enrolled: db.write_now(move |conn| drip::watch_audiences(conn, now))?,
        ..Moved::default()
    };
    let closed = db.write_now(move |conn| drip::close_due(conn, now))?;
    let letterhead = outgoing.letterhead.clone();
    let made = db.write_now(move |conn| drip::make_due(conn, now, &letterhead))?;
    moved.steps = closed.moved + made;
    moved.is_full = [closed.closings, made].iter().any(|count| *count as i64 >= drip::BATCH);
    Ok(moved)
}

fn daily(db: &Db, now: NaiveDateTime) -> store::Result<()> {
    if is_due(db, PURGED, now)? {
        db.write_now(move |conn| {
            outbox::purge(conn, now)?;
            alerts::purge(conn, now)?;
            mark(conn, PURGED, now)
        })?;
    }
    if is_due(db, CALIBRATED, now)? {
        needs::calibrate_in_steps(db, now)?;
        let counts = db.read_now(versions::count_answers)?;
        db.write_now(move |conn| {
            versions::keep_counts(conn, now, &counts)?;
            archive::complete(conn, now)?;
            mark(conn, CALIBRATED, now)
        })?;
    }
    Ok(())
}

/// A day since the last time; or the clock stands before it, as after a look into the future.
fn is_due(db: &Db, name: &'static str, now: NaiveDateTime) -> store::Result<bool> {
    let last = db.read_now(|conn| marks::find(conn, name))?;
    let last = last.and_then(|at| clock::parse_rfc3339(&at));
    Ok(last.is_none_or(|last| last > now || now - last >= TimeDelta::days(1)))
}

fn mark(conn: &mut Conn, name: &str, now: NaiveDateTime) -> store::Result<()> {
    marks::set(conn, now, name, &clock::rfc3339(now))
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
