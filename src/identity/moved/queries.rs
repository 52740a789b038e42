//! What hangs on a company by a key of its own: which rows a merge moved, how drips stood, and how much there is.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::identity::rules::Way;
use crate::ids::{CompanyId, ContactId, ConversationId, EnrolmentId, InvitationId, MergeId, TransactionId};
use crate::store::schema::{
    answers, contacts, conversations, enrolments, invitations, merged_rows, outbox, transactions,
};
use crate::store::{Conn, ROWS_PER_INSERT, Result, on_each_backend};

/// A row that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    Contact(ContactId),
    Transaction(TransactionId),
    Enrolment(EnrolmentId),
    Invitation(InvitationId),
    Conversation(ConversationId),
}

#[derive(Default, Insertable)]
#[diesel(table_name = merged_rows, treat_none_as_default_value = false)]
struct MergedRow {
    merge_id: i64,
    contact_id: Option<i64>,
    transaction_id: Option<i64>,
    enrolment_id: Option<i64>,
    invitation_id: Option<i64>,
    conversation_id: Option<i64>,
    stood: Option<String>,
}

impl MergedRow {
    fn of(merge: MergeId, moved: Moved) -> MergedRow {
        let mut row = MergedRow {
            merge_id: merge.0,
            ..MergedRow::default()
        };
        match moved {
            Moved::Contact(id) => row.contact_id = Some(id.0),
            Moved::Transaction(id) => row.transaction_id = Some(id.0),
            Moved::Enrolment(id) => row.enrolment_id = Some(id.0),
            Moved::Invitation(id) => row.invitation_id = Some(id.0),
            Moved::Conversation(id) => row.conversation_id = Some(id.0),
        }
        row
    }
}

/// Everything that hangs on the company by a key of its own.
pub fn list_hanging(conn: &mut Conn, company: CompanyId) -> Result<Vec<Moved>> {
    macro_rules! ids {
        ($table:ident, $moved:path) => {{
            let ids = $table::table
                .filter($table::company_id.eq(company))
                .order($table::id)
                .select($table::id)
                .load::<_>(conn)?;
            ids.into_iter().map($moved).collect::<Vec<Moved>>()
        }};
    }
    let mut all = ids!(contacts, Moved::Contact);
    all.extend(ids!(transactions, Moved::Transaction));
    all.extend(ids!(enrolments, Moved::Enrolment));
    all.extend(ids!(invitations, Moved::Invitation));
    all.extend(ids!(conversations, Moved::Conversation));
    Ok(all)
}

pub fn insert_moved(conn: &mut Conn, merge: MergeId, moved: &[Moved]) -> Result<()> {
    for chunk in moved.chunks(ROWS_PER_INSERT) {
        let rows: Vec<MergedRow> = chunk.iter().map(|moved| MergedRow::of(merge, *moved)).collect();
        on_each_backend!(conn, c => diesel::insert_into(merged_rows::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// All of the one company's becomes the other's.
pub fn move_all(conn: &mut Conn, from: CompanyId, into: CompanyId) -> Result<()> {
    macro_rules! all {
        ($($table:ident)+) => {$(
            diesel::update($table::table.filter($table::company_id.eq(from)))
                .set($table::company_id.eq(into))
                .execute(conn)?;
        )+};
    }
    all!(contacts transactions enrolments invitations outbox conversations);
    Ok(())
}

/// What the merge moved and is still where it put it becomes the other company's, with whatever hangs
/// on it: the links and mails made since for an enrolment that goes back go with it.
pub fn move_back(conn: &mut Conn, merge: MergeId, from: CompanyId, into: CompanyId) -> Result<()> {
    macro_rules! back {
        ($($table:ident by $column:ident;)+) => {$({
            let own = merged_rows::table
                .filter(merged_rows::merge_id.eq(merge))
                .filter(merged_rows::stood.is_null())
                .filter(merged_rows::$column.is_not_null())
                .select(merged_rows::$column.assume_not_null());
            diesel::update($table::table)
                .filter($table::company_id.eq(from))
                .filter($table::id.eq_any(own))
                .set($table::company_id.eq(into))
                .execute(conn)?;
        })+};
    }
    back! {
        contacts by contact_id;
        transactions by transaction_id;
        enrolments by enrolment_id;
        invitations by invitation_id;
        conversations by conversation_id;
    }
    let gone_back = enrolments::table
        .filter(enrolments::company_id.eq(into))
        .select(enrolments::id);
    diesel::update(invitations::table)
        .filter(invitations::company_id.eq(from))
        .filter(invitations::enrolment_id.eq_any(gone_back))
        .set(invitations::company_id.eq(into))
        .execute(conn)?;
    let of_it = invitations::table
        .filter(invitations::company_id.eq(into))
        .select(invitations::id);
    diesel::update(outbox::table)
        .filter(outbox::company_id.eq(from))
        .filter(outbox::invitation_id.eq_any(of_it))
        .set(outbox::company_id.eq(into))
        .execute(conn)
        .map(|_| ())
}

/// The ways of the company's people through drips that are not hung on a deal, but those that were stopped.
pub fn list_ways(conn: &mut Conn, companies: &[CompanyId]) -> Result<Vec<Way>> {
    let rows: Vec<(EnrolmentId, String, String, String, i32, Option<NaiveDateTime>)> = enrolments::table
        .inner_join(contacts::table)
        .filter(contacts::company_id.eq_any(companies))
        .filter(enrolments::occasion.eq(""))
        .filter(enrolments::state.ne("stopped"))
        .order(enrolments::id)
        .select((
            enrolments::id,
            enrolments::drip,
            contacts::email_key,
            enrolments::state,
            enrolments::next_step,
            enrolments::next_at,
        ))
        .load(conn)?;
    let way = |(id, drip, email_key, state, next_step, next_at): (_, _, _, String, _, _)| Way {
        id,
        drip,
        email_key,
        is_active: state == "active",
        next_step,
        next_at,
    };
    Ok(rows.into_iter().map(way).collect())
}

pub fn insert_stood(conn: &mut Conn, merge: MergeId, enrolment: EnrolmentId, stood: String) -> Result<()> {
    let row = MergedRow {
        merge_id: merge.0,
        enrolment_id: Some(enrolment.0),
        stood: Some(stood),
        ..MergedRow::default()
    };
    diesel::insert_into(merged_rows::table)
        .values(row)
        .execute(conn)
        .map(|_| ())
}

/// The enrolments that the merge stopped, with how they stood.
pub fn list_stood(conn: &mut Conn, merge: MergeId) -> Result<Vec<(EnrolmentId, String)>> {
    merged_rows::table
        .filter(merged_rows::merge_id.eq(merge))
        .filter(merged_rows::enrolment_id.is_not_null())
        .filter(merged_rows::stood.is_not_null())
        .order(merged_rows::id)
        .select((
            merged_rows::enrolment_id.assume_not_null(),
            merged_rows::stood.assume_not_null(),
        ))
        .load(conn)
}

pub fn stop(conn: &mut Conn, now: NaiveDateTime, ids: &[EnrolmentId], why: &str) -> Result<()> {
    let keys: Vec<i64> = ids.iter().map(|id| id.0).collect();
    diesel::update(enrolments::table.filter(enrolments::id.eq_any(&keys)))
        .set((enrolments::state.eq("stopped"), enrolments::cause.eq(why)))
        .execute(conn)?;
    let own = invitations::table
        .filter(invitations::enrolment_id.eq_any(&keys))
        .select(invitations::id);
    diesel::update(outbox::table)
        .filter(outbox::state.eq_any(["queued", "deferred"]))
        .filter(outbox::invitation_id.eq_any(own))
        .set((
            outbox::state.eq("cancelled"),
            outbox::reply.eq(why),
            outbox::ended_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

/// The step at which each of these enrolments is.
pub fn list_steps(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, i32)>> {
    enrolments::table
        .filter(enrolments::id.eq_any(ids))
        .order(enrolments::id)
        .select((enrolments::id, enrolments::next_step))
        .load(conn)
}

/// Those that are still stopped for that reason go on where they were.
pub fn start_again(conn: &mut Conn, enrolment: EnrolmentId, next_at: Option<NaiveDateTime>, why: &str) -> Result<bool> {
    let started = diesel::update(enrolments::table.find(enrolment.0))
        .filter(enrolments::state.eq("stopped"))
        .filter(enrolments::cause.eq(why))
        .set((
            enrolments::state.eq("active"),
            enrolments::cause.eq(None::<String>),
            enrolments::next_at.eq(next_at),
        ))
        .execute(conn)?;
    let own = invitations::table
        .filter(invitations::enrolment_id.eq(enrolment.0))
        .select(invitations::id);
    diesel::update(outbox::table)
        .filter(outbox::state.eq("cancelled"))
        .filter(outbox::reply.eq(why))
        .filter(outbox::invitation_id.eq_any(own))
        .set((
            outbox::state.eq("queued"),
            outbox::reply.eq(None::<String>),
            outbox::ended_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    Ok(started > 0)
}

pub fn set_company_of(
    conn: &mut Conn,
    now: NaiveDateTime,
    contact: ContactId,
    company: Option<CompanyId>,
) -> Result<()> {
    diesel::update(contacts::table.find(contact))
        .set((
            contacts::company_id.eq(company.map(|company| company.0)),
            contacts::updated_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

/// The contacts on whose mails and answers the company's rows hang.
pub fn list_people(conn: &mut Conn, company: CompanyId) -> Result<Vec<ContactId>> {
    let mut people: Vec<ContactId> = contacts::table
        .filter(contacts::company_id.eq(company))
        .select(contacts::id)
        .load(conn)?;
    let invited: Vec<ContactId> = invitations::table
        .filter(invitations::company_id.eq(company))
        .select(invitations::contact_id)
        .distinct()
        .load(conn)?;
    people.extend(invited);
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

/// How much of each kind hangs on the company: contacts, answers, transactions, enrolments under way,
/// conversations.
pub struct Hanging {
    pub contacts: i64,
    pub answers: i64,
    pub transactions: i64,
    pub enrolments: i64,
    pub conversations: i64,
}

pub fn count_hanging(conn: &mut Conn, company: CompanyId) -> Result<Hanging> {
    macro_rules! count {
        ($table:ident) => {
            $table::table
                .filter($table::company_id.eq(company))
                .count()
                .get_result(conn)?
        };
    }
    Ok(Hanging {
        contacts: count!(contacts),
        answers: count!(answers),
        transactions: count!(transactions),
        conversations: count!(conversations),
        enrolments: enrolments::table
            .filter(enrolments::company_id.eq(company))
            .filter(enrolments::state.eq("active"))
            .count()
            .get_result(conn)?,
    })
}
