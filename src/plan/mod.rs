//! From the segment to the conversation: what to do about a company, who does it, and until when.
//!
//! A company's plan is a goal (win, keep, grow) and steps, each with an owner and a day, taken from its
//! segment's playbook or written anew. [`playbook`] keeps what is said of a segment beyond the framework
//! file; [`offers`] keeps what could be put before companies, by the needs that it serves; [`alerts`] tells
//! what happened to a company that whoever looks after it should know. Segments and scores are `needs`' to
//! say, what the framework file holds is `design`'s.

pub mod alerts;
pub mod offers;
pub mod playbook;
mod queries;
pub mod rules;

use chrono::{NaiveDate, NaiveDateTime};

use self::rules::{NewStep, Typed};
use crate::accounts::{self, Role, User};
use crate::audit;
use crate::companies::listing::{Listed, Viewer};
use crate::design::Design;
use crate::framework::Code;
use crate::ids::{CompanyId, MergeId, PlanStepId};
use crate::store::{self, Conn};

/// What is wanted of a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    Win,
    Keep,
    Grow,
}

impl Goal {
    pub const ALL: [Goal; 3] = [Goal::Win, Goal::Keep, Goal::Grow];

    pub fn as_str(&self) -> &'static str {
        match self {
            Goal::Win => "win",
            Goal::Keep => "keep",
            Goal::Grow => "grow",
        }
    }

    pub fn parse(text: &str) -> Option<Goal> {
        Goal::ALL.into_iter().find(|goal| goal.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    Done,
    /// Given up; it can be taken up again.
    Dropped,
}

impl State {
    pub const ALL: [State; 3] = [State::Open, State::Done, State::Dropped];

    pub fn as_str(&self) -> &'static str {
        match self {
            State::Open => "open",
            State::Done => "done",
            State::Dropped => "dropped",
        }
    }

    pub fn parse(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What is to be done about a company.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    pub goal: Option<Goal>,
    /// Who set the goal, and when.
    pub set: Option<(String, NaiveDateTime)>,
    /// What is due first stands first.
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub id: PlanStepId,
    pub action: String,
    /// The need that it serves.
    pub need: Option<Code>,
    /// The address of the user who does it.
    pub owner: String,
    pub due_on: NaiveDate,
    pub state: State,
    /// Who ended it, and when.
    pub ended: Option<(String, NaiveDateTime)>,
}

impl Step {
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.is_open() && self.due_on < today
    }
}

/// An open step with its company, as its owner's list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    pub action: String,
    pub due_on: NaiveDate,
    /// The company's external id and name.
    pub company: String,
    pub company_name: String,
}

/// Why a plan is not changed.
#[derive(Debug)]
pub enum Refusal {
    /// What is wrong, by field.
    Faulty(Vec<(&'static str, String)>),
    /// There is no such step.
    Unknown,
    Store(store::Error),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Refusal {
        Refusal::Store(error)
    }
}

/// More steps than these nobody does.
pub const MOST_STEPS: usize = 100;

pub fn find(conn: &mut Conn, company: CompanyId) -> store::Result<Plan> {
    let goal = queries::find_goal(conn, company)?;
    Ok(Plan {
        goal: goal.as_ref().map(|(goal, ..)| *goal),
        set: goal.map(|(_, by, at)| (by, at)),
        steps: queries::list_steps(conn, company)?,
    })
}

/// Sets what is wanted of the company; none: nothing yet.
pub fn set_goal(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    company: &Listed,
    goal: Option<Goal>,
) -> store::Result<()> {
    queries::delete_goal(conn, company.id)?;
    if let Some(goal) = goal {
        queries::insert_goal(conn, now, by, company.id, goal)?;
    }
    let detail = goal.map_or("none", |goal| goal.as_str());
    audit::note(conn, now, by, "plan.goal", &company.external_id, detail)
}

/// Adds a step, or changes the one of that number; nothing is kept of one with a fault.
pub fn put_step(
    conn: &mut Conn,
    now: NaiveDateTime,
    user: &User,
    design: &Design,
    company: &Listed,
    step: Option<PlanStepId>,
    typed: &Typed,
) -> Result<(), Refusal> {
    let steps = queries::list_steps(conn, company.id)?;
    let was = match step {
        Some(id) => Some(steps.iter().find(|step| step.id == id).ok_or(Refusal::Unknown)?),
        None => None,
    };
    let owners = list_owners(conn, user, company, was)?;
    let mut read = rules::read(typed, now.date(), design, &owners, was);
    if was.is_none() && steps.len() >= MOST_STEPS {
        read = Err(vec![(
            "action",
            format!("a plan has at most {MOST_STEPS} steps; end or drop some first"),
        )]);
    }
    let new: NewStep = read.map_err(Refusal::Faulty)?;
    match was {
        Some(was) => queries::update_step(conn, was.id, &new)?,
        None => queries::insert_step(conn, now, &user.email, company.id, &new)?,
    }
    let deed = if was.is_some() {
        "plan.step.change"
    } else {
        "plan.step.add"
    };
    audit::note(conn, now, &user.email, deed, &company.external_id, &new.action)?;
    Ok(())
}

/// Ends a step, or takes it up again.
pub fn end_step(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    company: &Listed,
    step: PlanStepId,
    state: State,
) -> Result<Step, Refusal> {
    let steps = queries::list_steps(conn, company.id)?;
    let known = steps
        .into_iter()
        .find(|known| known.id == step)
        .ok_or(Refusal::Unknown)?;
    if known.state != state {
        queries::set_state(conn, now, by, step, state)?;
        let deed = match state {
            State::Open => "plan.step.reopen",
            State::Done => "plan.step.done",
            State::Dropped => "plan.step.drop",
        };
        audit::note(conn, now, by, deed, &company.external_id, &known.action)?;
    }
    Ok(known)
}

/// Who may be given a step: an analyst may name any colleague, a sales rep itself and whoever owns the
/// company; whoever has the step already keeps it.
pub fn list_owners(conn: &mut Conn, user: &User, company: &Listed, step: Option<&Step>) -> store::Result<Vec<String>> {
    let users = accounts::list_users(conn)?.into_iter().filter(|user| !user.disabled);
    let owner = queries::find_owner(conn, company.id)?;
    let may =
        |known: &User| user.role.may(Role::Analyst) || known.id == user.id || Some(&known.email) == owner.as_ref();
    let mut owners: Vec<String> = users.filter(may).map(|user| user.email).collect();
    owners.extend(step.map(|step| step.owner.clone()));
    // Oneself first, as most steps are one's own.
    owners.sort_by_key(|owner| (*owner != user.email, owner.clone()));
    owners.dedup();
    Ok(owners)
}

/// The owner's open steps that are due by then, the oldest first, at companies that it may see.
pub fn list_due(conn: &mut Conn, viewer: &Viewer, owner: &str, until: NaiveDate, most: i64) -> store::Result<Vec<Due>> {
    queries::list_due(conn, viewer, owner, until, most)
}

/// How many of them there are.
pub fn count_due(conn: &mut Conn, viewer: &Viewer, owner: &str, until: NaiveDate) -> store::Result<i64> {
    queries::count_due(conn, viewer, owner, until)
}

/// Moves the plan of a company that is merged to the other one, whose own goal stays. What was told of
/// the merged company goes with it.
pub fn merge(conn: &mut Conn, merge: MergeId, from: CompanyId, into: CompanyId) -> store::Result<()> {
    queries::move_steps(conn, merge, from, into)?;
    if let Some((goal, by, at)) = queries::find_goal(conn, from)? {
        let given = queries::find_goal(conn, into)?.is_none();
        queries::insert_merged_goal(conn, merge, goal, &by, at, given)?;
        queries::delete_goal(conn, from)?;
        if given {
            queries::insert_goal(conn, at, &by, into, goal)?;
        }
    }
    Ok(())
}

/// Takes it back: the steps that are still where the merge put them, and the goal as it was.
pub fn unmerge(conn: &mut Conn, merge: MergeId, into: CompanyId, again: CompanyId) -> store::Result<()> {
    queries::move_steps_back(conn, merge, into, again)?;
    if let Some((goal, by, at, given)) = queries::find_merged_goal(conn, merge)? {
        let is_the_same = queries::find_goal(conn, into)? == Some((goal, by.clone(), at));
        if given && is_the_same {
            queries::delete_goal(conn, into)?;
        }
        queries::insert_goal(conn, at, &by, again, goal)?;
    }
    queries::forget_merge(conn, merge)
}
