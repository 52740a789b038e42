//! Plans as rows. These tables are written by this room alone.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::rules::NewStep;
use super::{Due, Goal, State, Step};
use crate::companies::listing::Viewer;
use crate::ids::{CompanyId, MergeId, PlanStepId};
use crate::store::schema::{companies, merged_goals, merged_steps, plan_steps, plans};
use crate::store::{Conn, Error, ROWS_PER_INSERT, Result, on_each_backend};

fn unknown(what: &str, word: &str) -> Error {
    Error::DeserializationError(format!("the database holds an unknown {what}: {word:?}").into())
}

pub fn find_goal(conn: &mut Conn, company: CompanyId) -> Result<Option<(Goal, String, NaiveDateTime)>> {
    let row: Option<(String, String, NaiveDateTime)> = plans::table
        .find(company.0)
        .select((plans::goal, plans::set_by, plans::set_at))
        .first(conn)
        .optional()?;
    row.map(|(goal, by, at)| Ok((Goal::parse(&goal).ok_or_else(|| unknown("goal", &goal))?, by, at)))
        .transpose()
}

pub fn delete_goal(conn: &mut Conn, company: CompanyId) -> Result<()> {
    diesel::delete(plans::table.find(company.0)).execute(conn).map(|_| ())
}

pub fn insert_goal(conn: &mut Conn, now: NaiveDateTime, by: &str, company: CompanyId, goal: Goal) -> Result<()> {
    diesel::insert_into(plans::table)
        .values((
            plans::company_id.eq(company.0),
            plans::goal.eq(goal.as_str()),
            plans::set_by.eq(by),
            plans::set_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = plan_steps)]
struct StepRow {
    id: PlanStepId,
    action: String,
    need: Option<String>,
    owner: String,
    due_on: NaiveDate,
    state: String,
    ended_by: Option<String>,
    ended_at: Option<NaiveDateTime>,
}

impl StepRow {
    fn read(self) -> Result<Step> {
        Ok(Step {
            id: self.id,
            action: self.action,
            need: self.need,
            owner: self.owner,
            due_on: self.due_on,
            state: State::parse(&self.state).ok_or_else(|| unknown("state", &self.state))?,
            ended: self.ended_by.zip(self.ended_at),
        })
    }
}

/// A company's steps, what is due first first.
pub fn list_steps(conn: &mut Conn, company: CompanyId) -> Result<Vec<Step>> {
    let rows: Vec<StepRow> = plan_steps::table
        .filter(plan_steps::company_id.eq(company))
        .order((plan_steps::due_on, plan_steps::id))
        .select(StepRow::as_select())
        .load(conn)?;
    rows.into_iter().map(StepRow::read).collect()
}

pub fn insert_step(conn: &mut Conn, now: NaiveDateTime, by: &str, company: CompanyId, new: &NewStep) -> Result<()> {
    diesel::insert_into(plan_steps::table)
        .values((
            plan_steps::company_id.eq(company),
            plan_steps::action.eq(&new.action),
            plan_steps::need.eq(new.need.as_deref()),
            plan_steps::owner.eq(&new.owner),
            plan_steps::due_on.eq(new.due_on),
            plan_steps::state.eq(State::Open.as_str()),
            plan_steps::made_by.eq(by),
            plan_steps::made_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn update_step(conn: &mut Conn, step: PlanStepId, new: &NewStep) -> Result<()> {
    diesel::update(plan_steps::table.filter(plan_steps::id.eq(step)))
        .set((
            plan_steps::action.eq(&new.action),
            plan_steps::need.eq(new.need.as_deref()),
            plan_steps::owner.eq(&new.owner),
            plan_steps::due_on.eq(new.due_on),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn set_state(conn: &mut Conn, now: NaiveDateTime, by: &str, step: PlanStepId, state: State) -> Result<()> {
    let ended = (state != State::Open).then_some((by, now));
    diesel::update(plan_steps::table.filter(plan_steps::id.eq(step)))
        .set((
            plan_steps::state.eq(state.as_str()),
            plan_steps::ended_by.eq(ended.map(|(by, _)| by)),
            plan_steps::ended_at.eq(ended.map(|(_, at)| at)),
        ))
        .execute(conn)
        .map(|_| ())
}

/// Whose company it is.
pub fn find_owner(conn: &mut Conn, company: CompanyId) -> Result<Option<String>> {
    companies::table
        .filter(companies::id.eq(company))
        .select(companies::owner_email)
        .first(conn)
        .optional()
        .map(Option::flatten)
}

/// The open steps of an owner that are due by a day, at companies that the viewer may see, in `$query`.
macro_rules! due {
    ($query:ident, $viewer:expr, $owner:expr, $until:expr) => {
        $query = $query
            .filter(plan_steps::owner.eq($owner))
            .filter(plan_steps::state.eq(State::Open.as_str()))
            .filter(plan_steps::due_on.le($until));
        if let Some(owners) = $viewer.owners() {
            $query = $query.filter(companies::owner_email.eq_any(owners));
        }
    };
}

pub fn list_due(conn: &mut Conn, viewer: &Viewer, owner: &str, until: NaiveDate, most: i64) -> Result<Vec<Due>> {
    let mut query = plan_steps::table.inner_join(companies::table).into_boxed();
    due!(query, viewer, owner, until);
    let rows: Vec<(String, NaiveDate, String, String)> = query
        .order((plan_steps::due_on, plan_steps::id))
        .limit(most)
        .select((
            plan_steps::action,
            plan_steps::due_on,
            companies::external_id,
            companies::name,
        ))
        .load(conn)?;
    let due = |(action, due_on, company, company_name)| Due {
        action,
        due_on,
        company,
        company_name,
    };
    Ok(rows.into_iter().map(due).collect())
}

pub fn count_due(conn: &mut Conn, viewer: &Viewer, owner: &str, until: NaiveDate) -> Result<i64> {
    let mut query = plan_steps::table.inner_join(companies::table).into_boxed();
    due!(query, viewer, owner, until);
    query.count().get_result(conn)
}

// What merges move.

pub fn move_steps(conn: &mut Conn, merge: MergeId, from: CompanyId, into: CompanyId) -> Result<()> {
    let of_company = plan_steps::company_id.eq(from);
    let steps: Vec<i64> = plan_steps::table
        .filter(of_company)
        .order(plan_steps::id)
        .select(plan_steps::id)
        .load(conn)?;
    for steps in steps.chunks(ROWS_PER_INSERT) {
        let rows: Vec<_> = steps
            .iter()
            .map(|step| (merged_steps::merge_id.eq(merge.0), merged_steps::step_id.eq(*step)))
            .collect();
        on_each_backend!(conn, c => diesel::insert_into(merged_steps::table).values(&rows).execute(c))?;
    }
    diesel::update(plan_steps::table.filter(of_company))
        .set(plan_steps::company_id.eq(into))
        .execute(conn)
        .map(|_| ())
}

pub fn move_steps_back(conn: &mut Conn, merge: MergeId, into: CompanyId, again: CompanyId) -> Result<()> {
    let moved = merged_steps::table
        .filter(merged_steps::merge_id.eq(merge.0))
        .select(merged_steps::step_id);
    diesel::update(
        plan_steps::table
            .filter(plan_steps::company_id.eq(into))
            .filter(plan_steps::id.eq_any(moved)),
    )
    .set(plan_steps::company_id.eq(again))
    .execute(conn)
    .map(|_| ())
}

pub fn insert_merged_goal(
    conn: &mut Conn,
    merge: MergeId,
    goal: Goal,
    by: &str,
    at: NaiveDateTime,
    given: bool,
) -> Result<()> {
    diesel::insert_into(merged_goals::table)
        .values((
            merged_goals::merge_id.eq(merge.0),
            merged_goals::goal.eq(goal.as_str()),
            merged_goals::set_by.eq(by),
            merged_goals::set_at.eq(at),
            merged_goals::given.eq(given),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn find_merged_goal(conn: &mut Conn, merge: MergeId) -> Result<Option<(Goal, String, NaiveDateTime, bool)>> {
    let row: Option<(String, String, NaiveDateTime, bool)> = merged_goals::table
        .find(merge.0)
        .select((
            merged_goals::goal,
            merged_goals::set_by,
            merged_goals::set_at,
            merged_goals::given,
        ))
        .first(conn)
        .optional()?;
    row.map(|(goal, by, at, given)| {
        let goal = Goal::parse(&goal).ok_or_else(|| unknown("goal", &goal))?;
        Ok((goal, by, at, given))
    })
    .transpose()
}

pub fn forget_merge(conn: &mut Conn, merge: MergeId) -> Result<()> {
    diesel::delete(merged_steps::table.filter(merged_steps::merge_id.eq(merge.0))).execute(conn)?;
    diesel::delete(merged_goals::table.find(merge.0))
        .execute(conn)
        .map(|_| ())
}
