//! How the drips stand, for the back office: what was sent and answered.

mod queries;

use std::collections::HashMap;

use super::state::{self, Standing};
use crate::design;
use crate::framework::{Drip, StepContent};
use crate::store::{self, Conn};

/// A drip with its figures.
#[derive(Debug, Clone)]
pub struct Overview {
    pub drip: Drip,
    pub standing: Standing,
    pub enrolled: i64,
    /// On their way still.
    pub active: i64,
    pub steps: Vec<StepFigures>,
}

/// What became of one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepFigures {
    /// Contacts whose first mail of the step has left.
    pub sent: i64,
    pub answered: i64,
    /// Mails, reminders too.
    pub waiting: i64,
    pub failed: i64,
    pub asks: bool,
}

impl Overview {
    pub fn sent(&self) -> i64 {
        self.steps.iter().map(|step| step.sent).sum()
    }

    pub fn answered(&self) -> i64 {
        self.steps.iter().map(|step| step.answered).sum()
    }

    pub fn waiting(&self) -> i64 {
        self.steps.iter().map(|step| step.waiting).sum()
    }
}

/// How often each step was sent and answered. Of many contacts it takes longer to count than all
/// else, so that pages may keep it for a while.
#[derive(Debug, Clone, Default)]
pub struct Reach(HashMap<(String, i32), (i64, i64)>);

impl Reach {
    /// Of all drips.
    pub fn of_all(conn: &mut Conn) -> store::Result<Reach> {
        let design = design::current(conn)?;
        let codes: Vec<&str> = design.framework.drips.iter().map(|drip| drip.code.as_str()).collect();
        Reach::count(conn, &codes)
    }

    pub fn of(conn: &mut Conn, code: &str) -> store::Result<Reach> {
        Reach::count(conn, &[code])
    }

    fn count(conn: &mut Conn, codes: &[&str]) -> store::Result<Reach> {
        let rows = queries::count_invitations(conn, codes)?.into_iter();
        Ok(Reach(
            rows.map(|(drip, step, sent, answered)| ((drip, step), (sent, answered)))
                .collect(),
        ))
    }
}

/// All drips in the framework's order.
pub fn list(conn: &mut Conn, reach: &Reach) -> store::Result<Vec<Overview>> {
    let design = design::current(conn)?;
    let codes: Vec<&str> = design.framework.drips.iter().map(|drip| drip.code.as_str()).collect();
    let figures = Figures::load(conn, &codes, reach)?;
    let mut list = Vec::new();
    for drip in &design.framework.drips {
        list.push(figures.of(conn, drip)?);
    }
    Ok(list)
}

pub fn find(conn: &mut Conn, code: &str, reach: &Reach) -> store::Result<Option<Overview>> {
    let design = design::current(conn)?;
    match design.framework.drip(code) {
        Some(drip) => Figures::load(conn, &[code], reach)?.of(conn, drip).map(Some),
        None => Ok(None),
    }
}

/// The counts of some drips, each by one query.
struct Figures<'r> {
    enrolled: HashMap<(String, String), i64>,
    reach: &'r Reach,
    mails: HashMap<(String, i32, String), i64>,
}

impl<'r> Figures<'r> {
    fn load(conn: &mut Conn, drips: &[&str], reach: &'r Reach) -> store::Result<Figures<'r>> {
        Ok(Figures {
            enrolled: queries::count_enrolments(conn, drips)?
                .into_iter()
                .map(|(d, s, n)| ((d, s), n))
                .collect(),
            reach,
            mails: queries::count_mails(conn, drips)?
                .into_iter()
                .map(|(d, s, t, n)| ((d, s, t), n))
                .collect(),
        })
    }

    fn of(&self, conn: &mut Conn, drip: &Drip) -> store::Result<Overview> {
        let code = &drip.code;
        let enrolled = |state: &str| {
            self.enrolled
                .get(&(code.clone(), state.to_owned()))
                .copied()
                .unwrap_or(0)
        };
        let mails = |step: i32, states: &[&str]| -> i64 {
            let of_state = |state: &&str| self.mails.get(&(code.clone(), step, (*state).to_owned())).copied();
            states.iter().filter_map(of_state).sum()
        };
        let reach = |step: i32| self.reach.0.get(&(code.clone(), step)).copied().unwrap_or_default();
        let step = |(step, what): (i32, &crate::framework::Step)| StepFigures {
            sent: reach(step).0,
            answered: reach(step).1,
            waiting: mails(step, &["queued", "deferred", "sending"]),
            failed: mails(step, &["failed"]),
            asks: !matches!(what.content, StepContent::Message { .. }),
        };
        let standing = state::standing(conn, code)?;
        Ok(Overview {
            standing: standing.unwrap_or(Standing {
                state: state::State::Paused,
                cause: None,
            }),
            enrolled: ["active", "finished", "stopped"]
                .iter()
                .map(|state| enrolled(state))
                .sum(),
            active: enrolled("active"),
            steps: (0..).zip(&drip.steps).map(step).collect(),
            drip: drip.clone(),
        })
    }
}
