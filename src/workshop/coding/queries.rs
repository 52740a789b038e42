//! Answers in own words that wait, and what colleagues made of them.

use chrono::NaiveDateTime;
use diesel::dsl::{count, count_star, exists, not};
use diesel::prelude::*;

use super::rules::Pair;
use super::{ASIDE, CODED, IN_HAND};
use crate::framework::Code;
use crate::ids::{CodingId, VersionId};
use crate::store::schema::{answer_codes, answer_codings, answers};
use crate::store::{Conn, Result, list_in_chunks, on_each_backend};

/// An answer in own words, with its key.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = answers)]
pub struct Row {
    pub company_id: i64,
    pub contact_id: i64,
    pub question: String,
    pub row_code: String,
    pub at: NaiveDateTime,
    pub seq: i32,
    pub version_id: VersionId,
    pub value: String,
}

/// Which answers are looked for, and for whom.
pub struct Sought<'s> {
    pub versions: Vec<VersionId>,
    pub by: &'s str,
    /// In hand since before then is in nobody's hand.
    pub since: NaiveDateTime,
    /// Those with a first reading by somebody else, instead of those with none.
    pub second: bool,
}

/// The versions to which somebody wrote in own words, with their questions.
pub fn list_written(conn: &mut Conn) -> Result<Vec<(VersionId, Code)>> {
    answers::table
        .filter(answers::own_words)
        .filter(not(answers::suspect))
        .group_by((answers::version_id, answers::question))
        .order(answers::version_id)
        .select((answers::version_id, answers::question))
        .load(conn)
}

/// By question, how many people wrote in own words.
pub fn count_writers(conn: &mut Conn) -> Result<Vec<(Code, i64)>> {
    answers::table
        .filter(answers::own_words)
        .filter(not(answers::suspect))
        .group_by(answers::question)
        .order(answers::question)
        .select((answers::question, count(answers::contact_id).aggregate_distinct()))
        .load(conn)
}

/// Of these questions, how many people answered in any way: reads all answers, so it is asked of few.
pub fn count_respondents(conn: &mut Conn, questions: &[Code]) -> Result<Vec<(Code, i64)>> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    answers::table
        .filter(answers::question.eq_any(questions))
        .filter(not(answers::suspect))
        .group_by(answers::question)
        .order(answers::question)
        .select((answers::question, count(answers::contact_id).aggregate_distinct()))
        .load(conn)
}

diesel::alias! {
    const NEWER: Alias<Newer> = answers as newer;
    const OTHER: Alias<Other> = answer_codings as other;
    const FIRST: Alias<First> = answer_codings as first_reading;
}

/// Of what is looked for, what is its contact's last word and in nobody's hand.
macro_rules! waiting {
    ($sought:expr) => {{
        let sought = $sought;
        let newer = NEWER
            .filter(NEWER.field(answers::company_id).eq(answers::company_id))
            .filter(NEWER.field(answers::contact_id).eq(answers::contact_id))
            .filter(NEWER.field(answers::question).eq(answers::question))
            .filter(NEWER.field(answers::row_code).eq(answers::row_code))
            .filter(not(NEWER.field(answers::suspect)))
            .filter(
                NEWER.field(answers::at).gt(answers::at).or(NEWER
                    .field(answers::at)
                    .eq(answers::at)
                    .and(NEWER.field(answers::seq).gt(answers::seq))),
            );
        // Read already, or in a hand: in the reading that is looked for, first or second.
        let read = answer_codings::table
            .filter(answer_codings::company_id.eq(answers::company_id))
            .filter(answer_codings::contact_id.eq(answers::contact_id))
            .filter(answer_codings::question.eq(answers::question))
            .filter(answer_codings::row_code.eq(answers::row_code))
            .filter(answer_codings::at.eq(answers::at))
            .filter(answer_codings::seq.eq(answers::seq))
            .filter(answer_codings::second.eq(sought.second))
            .filter(
                answer_codings::state
                    .ne(IN_HAND)
                    .or(answer_codings::changed_at.ge(sought.since)),
            );
        let first = OTHER
            .filter(OTHER.field(answer_codings::company_id).eq(answers::company_id))
            .filter(OTHER.field(answer_codings::contact_id).eq(answers::contact_id))
            .filter(OTHER.field(answer_codings::question).eq(answers::question))
            .filter(OTHER.field(answer_codings::row_code).eq(answers::row_code))
            .filter(OTHER.field(answer_codings::at).eq(answers::at))
            .filter(OTHER.field(answer_codings::seq).eq(answers::seq))
            .filter(not(OTHER.field(answer_codings::second)))
            .filter(OTHER.field(answer_codings::state).ne(IN_HAND))
            .filter(OTHER.field(answer_codings::coder).ne(sought.by));
        answers::table
            .filter(answers::own_words)
            .filter(not(answers::suspect))
            .filter(answers::version_id.eq_any(&sought.versions))
            .filter(not(exists(newer)))
            .filter(not(exists(read)))
            .filter(exists(first).or((!sought.second).into_sql::<diesel::sql_types::Bool>()))
    }};
}

/// The newest first.
pub fn list_waiting(conn: &mut Conn, sought: &Sought<'_>, most: i64) -> Result<Vec<Row>> {
    waiting!(sought)
        .order((
            answers::at.desc(),
            answers::company_id,
            answers::contact_id,
            answers::question,
            answers::row_code,
            answers::seq,
        ))
        .limit(most)
        .select(Row::as_select())
        .load(conn)
}

pub fn count_waiting(conn: &mut Conn, sought: &Sought<'_>) -> Result<i64> {
    waiting!(sought).select(count_star()).first(conn)
}

pub fn count_waiting_by_version(conn: &mut Conn, sought: &Sought<'_>) -> Result<Vec<(VersionId, Code, i64)>> {
    waiting!(sought)
        .group_by((answers::version_id, answers::question))
        .order(answers::version_id)
        .select((answers::version_id, answers::question, count_star()))
        .load(conn)
}

// ── readings ──

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = answer_codings)]
pub struct CodingRow {
    pub id: CodingId,
    pub second: bool,
    pub state: String,
}

/// A colleague's own, the last one first, each with its answer; what is in hand stands before them.
pub fn list_readings(conn: &mut Conn, by: &str, most: i64) -> Result<Vec<(CodingRow, Row)>> {
    let answer = answers::company_id
        .eq(answer_codings::company_id)
        .and(answers::contact_id.eq(answer_codings::contact_id))
        .and(answers::question.eq(answer_codings::question))
        .and(answers::row_code.eq(answer_codings::row_code))
        .and(answers::at.eq(answer_codings::at))
        .and(answers::seq.eq(answer_codings::seq));
    answer_codings::table
        .inner_join(answers::table.on(answer))
        .filter(answer_codings::coder.eq(by))
        .order((
            answer_codings::state.eq(IN_HAND).desc(),
            answer_codings::changed_at.desc(),
            answer_codings::id.desc(),
        ))
        .limit(most)
        .select((CodingRow::as_select(), Row::as_select()))
        .load(conn)
}

pub fn find_in_hand(conn: &mut Conn, by: &str) -> Result<Option<CodingId>> {
    answer_codings::table
        .filter(answer_codings::coder.eq(by))
        .filter(answer_codings::state.eq(IN_HAND))
        .order(answer_codings::id)
        .select(answer_codings::id)
        .first(conn)
        .optional()
}

pub fn find_question_in_hand(conn: &mut Conn, by: &str, id: CodingId) -> Result<Option<Code>> {
    answer_codings::table
        .filter(answer_codings::id.eq(id))
        .filter(answer_codings::coder.eq(by))
        .filter(answer_codings::state.eq(IN_HAND))
        .select(answer_codings::question)
        .first(conn)
        .optional()
}

/// Lets go of what has been in a hand since before then.
pub fn let_go(conn: &mut Conn, since: NaiveDateTime) -> Result<()> {
    let forgotten = answer_codings::state
        .eq(IN_HAND)
        .and(answer_codings::changed_at.lt(since));
    diesel::delete(answer_codings::table.filter(forgotten))
        .execute(conn)
        .map(|_| ())
}

pub fn insert(conn: &mut Conn, now: NaiveDateTime, by: &str, row: &Row, second: bool) -> Result<CodingId> {
    let values = (
        answer_codings::company_id.eq(row.company_id),
        answer_codings::contact_id.eq(row.contact_id),
        answer_codings::question.eq(&row.question),
        answer_codings::row_code.eq(&row.row_code),
        answer_codings::at.eq(row.at),
        answer_codings::seq.eq(row.seq),
        answer_codings::second.eq(second),
        answer_codings::coder.eq(by),
        answer_codings::state.eq(IN_HAND),
        answer_codings::changed_at.eq(now),
    );
    on_each_backend!(conn, c => diesel::insert_into(answer_codings::table)
        .values(values)
        .returning(answer_codings::id)
        .get_result(c))
}

pub fn finish(conn: &mut Conn, now: NaiveDateTime, id: CodingId, state: &str) -> Result<()> {
    diesel::update(answer_codings::table.filter(answer_codings::id.eq(id)))
        .set((answer_codings::state.eq(state), answer_codings::changed_at.eq(now)))
        .execute(conn)
        .map(|_| ())
}

/// Into the hand of who has read it; its question, or none where it is somebody else's.
pub fn take_up_again(conn: &mut Conn, now: NaiveDateTime, by: &str, id: CodingId) -> Result<Option<Code>> {
    let own = answer_codings::id.eq(id).and(answer_codings::coder.eq(by));
    let question: Option<Code> = answer_codings::table
        .filter(own)
        .select(answer_codings::question)
        .first(conn)
        .optional()?;
    if question.is_some() {
        finish(conn, now, id, IN_HAND)?;
    }
    Ok(question)
}

pub fn delete(conn: &mut Conn, id: CodingId) -> Result<()> {
    diesel::delete(answer_codings::table.filter(answer_codings::id.eq(id)))
        .execute(conn)
        .map(|_| ())
}

// ── codes ──

pub fn replace_codes(conn: &mut Conn, id: CodingId, needs: &[String]) -> Result<()> {
    diesel::delete(answer_codes::table.filter(answer_codes::coding_id.eq(id))).execute(conn)?;
    if needs.is_empty() {
        return Ok(());
    }
    let row = |need: &String| (answer_codes::coding_id.eq(id.0), answer_codes::need.eq(need.clone()));
    let rows: Vec<_> = needs.iter().map(row).collect();
    on_each_backend!(conn, c => diesel::insert_into(answer_codes::table).values(rows).execute(c)).map(|_| ())
}

pub fn list_codes(conn: &mut Conn, ids: &[CodingId]) -> Result<Vec<(CodingId, String)>> {
    list_in_chunks(ids, |ids| {
        answer_codes::table
            .filter(answer_codes::coding_id.eq_any(ids))
            .order((answer_codes::coding_id, answer_codes::need))
            .select((answer_codes::coding_id, answer_codes::need))
            .load(conn)
    })
}

/// By need, how many answers were coded to it in their first reading.
pub fn count_codes(conn: &mut Conn) -> Result<Vec<(String, i64)>> {
    answer_codes::table
        .inner_join(answer_codings::table)
        .filter(answer_codings::state.eq(CODED))
        .filter(not(answer_codings::second))
        .group_by(answer_codes::need)
        .order(answer_codes::need)
        .select((answer_codes::need, count_star()))
        .load(conn)
}

/// By question, how many answers were read.
pub fn count_coded(conn: &mut Conn) -> Result<Vec<(Code, i64)>> {
    answer_codings::table
        .filter(answer_codings::state.ne(IN_HAND))
        .filter(not(answer_codings::second))
        .group_by(answer_codings::question)
        .order(answer_codings::question)
        .select((answer_codings::question, count_star()))
        .load(conn)
}

/// The two readings of every answer that was read twice.
pub fn list_pairs(conn: &mut Conn) -> Result<Vec<Pair>> {
    let same = FIRST
        .field(answer_codings::company_id)
        .eq(answer_codings::company_id)
        .and(FIRST.field(answer_codings::contact_id).eq(answer_codings::contact_id))
        .and(FIRST.field(answer_codings::question).eq(answer_codings::question))
        .and(FIRST.field(answer_codings::row_code).eq(answer_codings::row_code))
        .and(FIRST.field(answer_codings::at).eq(answer_codings::at))
        .and(FIRST.field(answer_codings::seq).eq(answer_codings::seq));
    let rows: Vec<(CodingId, String, CodingId, String)> = answer_codings::table
        .inner_join(FIRST.on(same))
        .filter(answer_codings::second)
        .filter(not(FIRST.field(answer_codings::second)))
        .filter(answer_codings::state.ne(IN_HAND))
        .filter(FIRST.field(answer_codings::state).ne(IN_HAND))
        .order(answer_codings::id)
        .select((
            FIRST.field(answer_codings::id),
            FIRST.field(answer_codings::state),
            answer_codings::id,
            answer_codings::state,
        ))
        .load(conn)?;
    let pair = |(one, its, other, others): (_, String, _, String)| ((one, its == ASIDE), (other, others == ASIDE));
    Ok(rows.into_iter().map(pair).collect())
}
