//! Whether a drip sends: on, paused or stopped, and why. What it sends is in the framework.

use chrono::NaiveDateTime;

use super::{backlog, breaker, edit, queries};
use crate::audit;
use crate::design;
use crate::framework::{Code, Drip, DripState, Framework};
use crate::store::{self, Conn, marks};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    On,
    Paused,
    Stopped,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            State::On => "on",
            State::Paused => "paused",
            State::Stopped => "stopped",
        }
    }

    fn parse(text: &str) -> State {
        match text {
            "on" => State::On,
            "stopped" => State::Stopped,
            // A word that nobody knows sends nothing.
            _ => State::Paused,
        }
    }
}

/// How a drip stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub state: State,
    pub cause: Option<String>,
}

/// Gives each drip of the framework that has none its starting state.
pub fn begin(conn: &mut Conn, now: NaiveDateTime, framework: &Framework) -> store::Result<()> {
    let known = queries::list_drips(conn)?;
    for drip in framework.drips.iter().filter(|drip| !known.contains(&drip.code)) {
        let state = match drip.starting_state() {
            DripState::On => State::On,
            DripState::Paused => State::Paused,
        };
        queries::insert_drip(conn, now, &drip.code, state.as_str())?;
    }
    Ok(())
}

/// A framework was applied: a drip that it has anew gets its starting state; a state that the file
/// has changed in writing holds from now on. What was switched by hand stays where the file did not
/// change. Those on their way through an edited drip follow it.
pub fn follow(conn: &mut Conn, now: NaiveDateTime, before: &Framework, after: &Framework) -> store::Result<()> {
    begin(conn, now, after)?;
    edit::carry_over(conn, now, before, after)?;
    for drip in &after.drips {
        let Some(was) = before.drip(&drip.code) else { continue };
        match drip.state.filter(|state| was.state != Some(*state)) {
            Some(DripState::On) => resume(conn, now, &drip.code).map(|_| ())?,
            Some(DripState::Paused) => pause(conn, now, &drip.code, "by the framework").map(|_| ())?,
            None => {}
        }
    }
    Ok(())
}

/// How the drip stands, as its starting state says where nobody has changed it; `None` for a drip
/// that the framework does not have.
pub fn standing(conn: &mut Conn, drip: &str) -> store::Result<Option<Standing>> {
    let design = design::current(conn)?;
    let Some(known) = design.framework.drip(drip) else {
        return Ok(None);
    };
    Ok(Some(match queries::find_drip(conn, drip)? {
        Some((state, cause)) => Standing {
            state: State::parse(&state),
            cause,
        },
        None => Standing {
            state: match known.starting_state() {
                DripState::On => State::On,
                DripState::Paused => State::Paused,
            },
            cause: None,
        },
    }))
}

/// The drips of the framework that are paused, by code, with the cause where somebody or something paused them.
pub fn list_paused(conn: &mut Conn, framework: &Framework) -> store::Result<Vec<(Code, Option<String>)>> {
    let known = queries::list_states(conn)?;
    let paused = |drip: &Drip| match known.iter().find(|(code, ..)| *code == drip.code) {
        Some((_, state, cause)) => (State::parse(state) == State::Paused).then(|| cause.clone()),
        None => (drip.starting_state() == DripState::Paused).then_some(None),
    };
    let drips = framework.drips.iter();
    Ok(drips
        .filter_map(|drip| Some((drip.code.clone(), paused(drip)?)))
        .collect())
}

/// Nothing of the drip is claimed from now on. False: there is no such drip.
pub fn pause(conn: &mut Conn, now: NaiveDateTime, drip: &str, cause: &str) -> store::Result<bool> {
    change(conn, now, drip, State::Paused, Some(cause))
}

/// What waits goes on where it stood, late mails spread; an audience is looked at anew at once.
pub fn resume(conn: &mut Conn, now: NaiveDateTime, drip: &str) -> store::Result<bool> {
    marks::clear(conn, &audience_mark(drip))?;
    breaker::reset(conn, drip)?;
    let known = change(conn, now, drip, State::On, None)?;
    spread(conn, now)?;
    Ok(known)
}

/// A person resumes or pauses the drip. False: there is no such drip.
pub fn switch(conn: &mut Conn, now: NaiveDateTime, by: &str, drip: &str, on: bool) -> store::Result<bool> {
    let (known, action) = match on {
        true => (resume(conn, now, drip)?, "drip resume"),
        false => (pause(conn, now, drip, &format!("by {by}"))?, "drip pause"),
    };
    if known {
        audit::note(conn, now, by, action, drip, "")?;
    }
    Ok(known)
}

/// Why no mail leaves, of whichever drip; `None` when mail may leave.
pub fn sending_paused(conn: &mut Conn) -> store::Result<Option<String>> {
    marks::find(conn, marks::SENDING_PAUSED)
}

/// A person lets mail leave again: what is past due goes out from now on, late mails spread.
pub fn resume_sending(conn: &mut Conn, now: NaiveDateTime, by: &str) -> store::Result<()> {
    if marks::clear(conn, marks::SENDING_PAUSED)? {
        spread(conn, now)?;
        audit::note(conn, now, by, "sending resume", "mail", "")?;
    }
    Ok(())
}

fn spread(conn: &mut Conn, now: NaiveDateTime) -> store::Result<()> {
    while backlog::spread(conn, now)? >= backlog::BATCH {}
    Ok(())
}

/// The mark of the last look at a drip's audience.
pub(super) fn audience_mark(drip: &str) -> String {
    format!("audience:{drip}")
}

pub(super) fn change(
    conn: &mut Conn,
    now: NaiveDateTime,
    drip: &str,
    state: State,
    cause: Option<&str>,
) -> store::Result<bool> {
    let design = design::current(conn)?;
    if design.framework.drip(drip).is_none() {
        return Ok(false);
    }
    begin(conn, now, &design.framework)?;
    queries::update_drip(conn, now, drip, state.as_str(), cause)?;
    Ok(true)
}
