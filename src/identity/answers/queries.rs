//! Where answers stand, moved with their company and back.

use chrono::NaiveDateTime;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::identity::rules::Instant;
use crate::ids::{CompanyId, MergeId};
use crate::store::schema::{answers, merged_answers, merged_rows};
use crate::store::{Conn, ROWS_PER_INSERT, Result, on_each_backend};

type Key = (i64, String, String, NaiveDateTime, i32);

fn keyed((contact, question, row_code, at, seq): Key) -> (Instant, i32) {
    ((contact, question, row_code, at), seq)
}

/// Where each of the company's answers stands, in order.
pub fn list_answers(conn: &mut Conn, company: CompanyId) -> Result<Vec<(Instant, i32)>> {
    let rows: Vec<Key> = answers::table
        .filter(answers::company_id.eq(company))
        .order((
            answers::contact_id,
            answers::question,
            answers::row_code,
            answers::at,
            answers::seq,
        ))
        .select((
            answers::contact_id,
            answers::question,
            answers::row_code,
            answers::at,
            answers::seq,
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(keyed).collect())
}

/// Where these contacts' answers for the company stand.
pub fn list_answers_of(conn: &mut Conn, company: CompanyId, contacts: &[i64]) -> Result<Vec<(Instant, i32)>> {
    let mut all = Vec::new();
    for contacts in contacts.chunks(ROWS_PER_INSERT) {
        let rows: Vec<Key> = answers::table
            .filter(answers::company_id.eq(company))
            .filter(answers::contact_id.eq_any(contacts))
            .select((
                answers::contact_id,
                answers::question,
                answers::row_code,
                answers::at,
                answers::seq,
            ))
            .load(conn)?;
        all.extend(rows.into_iter().map(keyed));
    }
    Ok(all)
}

/// One answer, to another company and another place among those of its instant.
pub fn move_answer(
    conn: &mut Conn,
    from: CompanyId,
    into: CompanyId,
    instant: &Instant,
    seq: i32,
    placed: i32,
) -> Result<()> {
    let (contact, question, row_code, at) = instant;
    diesel::update(answers::table)
        .filter(answers::company_id.eq(from))
        .filter(answers::contact_id.eq(contact))
        .filter(answers::question.eq(question))
        .filter(answers::row_code.eq(row_code))
        .filter(answers::at.eq(at))
        .filter(answers::seq.eq(seq))
        .set((answers::company_id.eq(into), answers::seq.eq(placed)))
        .execute(conn)
        .map(|_| ())
}

pub fn move_answers(conn: &mut Conn, from: CompanyId, into: CompanyId) -> Result<()> {
    diesel::update(answers::table.filter(answers::company_id.eq(from)))
        .set(answers::company_id.eq(into))
        .execute(conn)
        .map(|_| ())
}

/// Each with its place now and its place before.
pub fn insert_moved_answers(
    conn: &mut Conn,
    merge: MergeId,
    company: CompanyId,
    moved: &[(Instant, i32, i32)],
) -> Result<()> {
    for chunk in moved.chunks(ROWS_PER_INSERT) {
        let row = |(instant, seq, before): &(Instant, i32, i32)| {
            let (contact, question, row_code, at) = instant.clone();
            (
                merged_answers::merge_id.eq(merge),
                merged_answers::company_id.eq(company),
                merged_answers::contact_id.eq(contact),
                merged_answers::question.eq(question),
                merged_answers::row_code.eq(row_code),
                merged_answers::at.eq(at),
                merged_answers::seq.eq(*seq),
                merged_answers::seq_before.eq(*before),
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        on_each_backend!(conn, c => diesel::insert_into(merged_answers::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// The moved answers that got another place, and are still where the merge put them: where, now and before.
pub fn list_placed(conn: &mut Conn, merge: MergeId, company: CompanyId) -> Result<Vec<(Instant, i32, i32)>> {
    let rows: Vec<(i64, String, String, NaiveDateTime, i32, i32)> = merged_answers::table
        .filter(merged_answers::merge_id.eq(merge))
        .filter(merged_answers::company_id.eq(company))
        .filter(merged_answers::seq.ne(merged_answers::seq_before))
        .order((
            merged_answers::contact_id,
            merged_answers::question,
            merged_answers::row_code,
            merged_answers::at,
            merged_answers::seq,
        ))
        .select((
            merged_answers::contact_id,
            merged_answers::question,
            merged_answers::row_code,
            merged_answers::at,
            merged_answers::seq,
            merged_answers::seq_before,
        ))
        .load(conn)?;
    let placed = |(contact, question, row_code, at, seq, before)| ((contact, question, row_code, at), seq, before);
    Ok(rows.into_iter().map(placed).collect())
}

/// The moved answers that kept their places, back to where they were.
pub fn move_answers_back(conn: &mut Conn, merge: MergeId, from: CompanyId, into: CompanyId) -> Result<()> {
    let moved = merged_answers::table
        .filter(merged_answers::merge_id.eq(merge))
        .filter(merged_answers::company_id.eq(answers::company_id))
        .filter(merged_answers::contact_id.eq(answers::contact_id))
        .filter(merged_answers::question.eq(answers::question))
        .filter(merged_answers::row_code.eq(answers::row_code))
        .filter(merged_answers::at.eq(answers::at))
        .filter(merged_answers::seq.eq(answers::seq))
        .filter(merged_answers::seq.eq(merged_answers::seq_before));
    diesel::update(answers::table)
        .filter(answers::company_id.eq(from))
        .filter(exists(moved))
        .set(answers::company_id.eq(into))
        .execute(conn)
        .map(|_| ())
}

/// How many of the answers that it moved are still there.
pub fn count_moved_answers(conn: &mut Conn, merge: MergeId) -> Result<i64> {
    merged_answers::table
        .filter(merged_answers::merge_id.eq(merge))
        .count()
        .get_result(conn)
}

/// How many answers of the people who go back came for the other company since.
pub fn count_answers_since(conn: &mut Conn, merge: MergeId, company: CompanyId, since: NaiveDateTime) -> Result<i64> {
    let people = merged_rows::table
        .filter(merged_rows::merge_id.eq(merge))
        .filter(merged_rows::contact_id.is_not_null())
        .select(merged_rows::contact_id.assume_not_null());
    let moved = merged_answers::table
        .filter(merged_answers::merge_id.eq(merge))
        .filter(merged_answers::company_id.eq(answers::company_id))
        .filter(merged_answers::contact_id.eq(answers::contact_id))
        .filter(merged_answers::question.eq(answers::question))
        .filter(merged_answers::row_code.eq(answers::row_code))
        .filter(merged_answers::at.eq(answers::at))
        .filter(merged_answers::seq.eq(answers::seq));
    answers::table
        .filter(answers::company_id.eq(company))
        .filter(answers::contact_id.eq_any(people))
        .filter(answers::recorded_at.ge(since))
        .filter(diesel::dsl::not(exists(moved)))
        .count()
        .get_result(conn)
}
