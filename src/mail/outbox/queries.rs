//! The SQL of the outbox.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDateTime;
use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;

use super::{Claim, Mark, NewMail, Taking};
use crate::ids::{CompanyId, ContactId, InvitationId, MailId};
use crate::store::schema::{contacts, drips, frozen_changes, frozen_mails, outbox, sent_marks, specimens};
use crate::store::sets::{Given, Value};
use crate::store::{self, Conn, kept_if_few, on_each_backend};

/// A mail that waits to be sent.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct WaitingRow {
    pub id: MailId,
    pub invitation_id: InvitationId,
    pub nth: i32,
    pub drip: String,
    pub step: i32,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub to_address: String,
    pub domain: String,
    pub due_at: NaiveDateTime,
    pub attempts: i32,
    pub tries: i32,
    pub first_tried_at: Option<NaiveDateTime>,
    pub maybe_duplicate: bool,
    pub message_id: Option<String>,
    pub made_at: NaiveDateTime,
}

const WAITING: [&str; 2] = ["queued", "deferred"];

/// A mail of that invitation and number that is there already stays as it is.
pub fn insert(conn: &mut Conn, now: NaiveDateTime, mails: &[NewMail]) -> store::Result<usize> {
    let given = Given::new(
        "invitation, mail, its_drip, its_step, contact, company, address, its_domain, at",
        mails.iter().map(|mail| {
            [
                Value::Id(mail.invitation.0),
                Value::Number(mail.nth),
                Value::Text(mail.drip),
                Value::Number(mail.step),
                Value::Id(mail.contact.0),
                Value::Id(mail.company.0),
                Value::Text(mail.to),
                Value::Text(super::domain_of(mail.to)),
                Value::Time(mail.due_at),
            ]
        }),
    );
    let statement = "INSERT INTO outbox (invitation_id, nth, drip, step, contact_id, company_id, to_address, domain, \
         due_at, state, attempts, maybe_duplicate, made_at) \
         SELECT given.invitation, given.mail, given.its_drip, given.its_step, given.contact, given.company, \
         given.address, given.its_domain, given.at, 'queued', 0, FALSE, ? FROM given WHERE given.invitation > 0 \
         ON CONFLICT (invitation_id, nth) DO NOTHING";
    given.execute(conn, statement, &[Value::Time(now)])
}

/// Mails of drips that are on and whose time has come, the longest due first, but none to the
/// domains `not_to`, and none that was due before `since`. Drip by drip and state by state, so that the index gives them in order however
/// many others wait.
pub fn list_due(
    conn: &mut Conn,
    now: NaiveDateTime,
    since: Option<NaiveDateTime>,
    limit: i64,
    not_to: &[String],
) -> store::Result<Vec<WaitingRow>> {
    let mut due = Vec::new();
    for drip in list_on(conn)? {
        for state in WAITING {
            let mut of_state = outbox::table
                .filter(outbox::drip.eq(&drip))
                .filter(outbox::state.eq(state))
                .filter(outbox::due_at.le(now))
                .order((outbox::due_at, outbox::id))
                .limit(limit)
                .select(WaitingRow::as_select())
                .into_boxed();
            if let Some(since) = since {
                of_state = of_state.filter(outbox::due_at.ge(since));
            }
            if !not_to.is_empty() {
                of_state = of_state.filter(outbox::domain.ne_all(not_to));
            }
            due.extend(of_state.load(conn)?);
        }
    }
    due.sort_by_key(|row: &WaitingRow| (row.due_at, row.id));
    due.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(due)
}

/// When the next mail of a drip that is on falls due, whether past or to come.
pub fn find_next_due(conn: &mut Conn) -> store::Result<Option<NaiveDateTime>> {
    let mut next = None;
    for drip in list_on(conn)? {
        for state in WAITING {
            let of_state: Option<NaiveDateTime> = outbox::table
                .filter(outbox::drip.eq(&drip))
                .filter(outbox::state.eq(state))
                .order((outbox::due_at, outbox::id))
                .select(outbox::due_at)
                .first(conn)
                .optional()?;
            next = next.into_iter().chain(of_state).min();
        }
    }
    Ok(next)
}

fn list_on(conn: &mut Conn) -> store::Result<Vec<String>> {
    drips::table
        .filter(drips::state.eq("on"))
        .order(drips::code)
        .select(drips::code)
        .load(conn)
}

/// The frozen bytes of those mails that have some.
pub fn list_bytes(conn: &mut Conn, mails: &[MailId]) -> store::Result<Vec<(MailId, Vec<u8>)>> {
    frozen_mails::table
        .filter(frozen_mails::mail_id.eq_any(raw(mails)))
        .order(frozen_mails::mail_id)
        .select((frozen_mails::mail_id, frozen_mails::bytes))
        .load(conn)
}

fn raw(mails: &[MailId]) -> Vec<i64> {
    mails.iter().map(|mail| mail.0).collect()
}

/// Of those mails that have some: their specimen, and what they have that it has not.
pub fn list_changes(conn: &mut Conn, mails: &[MailId]) -> store::Result<Vec<(MailId, i64, Vec<u8>)>> {
    frozen_changes::table
        .filter(frozen_changes::mail_id.eq_any(raw(mails)))
        .order(frozen_changes::mail_id)
        .select((
            frozen_changes::mail_id,
            frozen_changes::specimen_id,
            frozen_changes::changes,
        ))
        .load(conn)
}

pub fn list_specimens(conn: &mut Conn, ids: &HashSet<i64>) -> store::Result<Vec<(i64, Vec<u8>)>> {
    specimens::table
        .filter(specimens::id.eq_any(ids))
        .order(specimens::id)
        .select((specimens::id, specimens::bytes))
        .load(conn)
}

/// The ids of those that are there, by fingerprint.
pub fn find_specimens(conn: &mut Conn, fingerprints: &[&str]) -> store::Result<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> = specimens::table
        .filter(specimens::fingerprint.eq_any(fingerprints))
        .order(specimens::id)
        .select((specimens::fingerprint, specimens::id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

pub fn insert_specimens(conn: &mut Conn, rows: &[(&str, &[u8])]) -> store::Result<usize> {
    let rows: Vec<_> = rows
        .iter()
        .map(|(fingerprint, bytes)| (specimens::fingerprint.eq(*fingerprint), specimens::bytes.eq(*bytes)))
        .collect();
    on_each_backend!(conn, c => diesel::insert_into(specimens::table)
        .values(rows)
        .on_conflict(specimens::fingerprint)
        .do_nothing()
        .execute(c))
}

/// Makes waiting mails this owner's, where nobody was quicker to claim them or to put them off; says which.
pub fn claim(conn: &mut Conn, now: NaiveDateTime, owner: &str, takings: &[Taking]) -> store::Result<HashSet<MailId>> {
    let given = Given::new(
        "mail, attempt, address, its_domain, name",
        takings.iter().map(|taking| {
            [
                Value::Id(taking.mail.id.0),
                Value::Number(taking.mail.attempts),
                Value::Text(taking.to),
                Value::Text(taking.domain),
                Value::Text(taking.message_id),
            ]
        }),
    );
    let statement = "UPDATE outbox SET state = 'sending', attempts = given.attempt + 1, owner = ?, waits_for = NULL, \
         first_tried_at = coalesce(first_tried_at, ?), to_address = given.address, domain = given.its_domain, \
         message_id = given.name FROM given WHERE outbox.id = given.mail \
         AND outbox.attempts = given.attempt AND outbox.state IN ('queued', 'deferred') \
         AND outbox.due_at <= ? RETURNING id";
    let claimed = given.load_ids(
        conn,
        statement,
        &[Value::Text(owner), Value::Time(now), Value::Time(now)],
    )?;
    Ok(claimed.into_iter().map(MailId).collect())
}

pub fn insert_changes(conn: &mut Conn, rows: &[(MailId, i64, &[u8])]) -> store::Result<()> {
    for rows in rows.chunks(store::ROWS_PER_INSERT) {
        let rows: Vec<_> = rows
            .iter()
            .map(|(mail, specimen, changes)| {
                (
                    frozen_changes::mail_id.eq(*mail),
                    frozen_changes::specimen_id.eq(*specimen),
                    frozen_changes::changes.eq(*changes),
                )
            })
            .collect();
        on_each_backend!(conn, c => diesel::insert_into(frozen_changes::table).values(rows).execute(c))?;
    }
    Ok(())
}

pub fn insert_bytes(conn: &mut Conn, rows: &[(MailId, &[u8])]) -> store::Result<()> {
    for rows in rows.chunks(store::ROWS_PER_INSERT) {
        let rows: Vec<_> = rows
            .iter()
            .map(|(mail, bytes)| (frozen_mails::mail_id.eq(*mail), frozen_mails::bytes.eq(*bytes)))
            .collect();
        on_each_backend!(conn, c => diesel::insert_into(frozen_mails::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Only the attempt that claimed a mail may say what became of it: anything else marks nothing.
pub fn insert_marks(conn: &mut Conn, marks: &[Mark], owner: Option<&str>) -> store::Result<HashSet<MailId>> {
    let given = given_marks(marks.iter());
    let (of_owner, more) = match owner {
        Some(owner) => (" AND outbox.owner = ?", vec![Value::Text(owner)]),
        None => ("", Vec::new()),
    };
    let statement = [
        "INSERT INTO sent_marks (mail_id, attempts, reply, sent_at, accepted_at) \
         SELECT given.mail, given.attempt, given.word, given.at, given.accepted FROM given \
         JOIN outbox ON outbox.id = given.mail WHERE outbox.state = 'sending' AND outbox.attempts = given.attempt",
        of_owner,
        &store::held(conn, "outbox"),
        " ON CONFLICT (mail_id) DO UPDATE SET attempts = excluded.attempts, reply = excluded.reply, \
         sent_at = excluded.sent_at, accepted_at = excluded.accepted_at RETURNING mail_id AS id",
    ];
    let marked = given.load_ids(conn, &statement.concat(), &more)?;
    Ok(marked.into_iter().map(MailId).collect())
}

fn given_marks<'m>(marks: impl Iterator<Item = &'m Mark>) -> Given<'m, 5> {
    Given::new(
        "mail, attempt, word, at, accepted",
        marks.map(|mark| {
            [
                Value::Id(mark.claim.mail.0),
                Value::Number(mark.claim.attempts),
                Value::Text(&mark.reply),
                Value::Time(mark.sent_at),
                Value::MaybeTime(mark.accepted_at),
            ]
        }),
    )
}

pub fn list_marks(conn: &mut Conn, most: i64) -> store::Result<Vec<Mark>> {
    let rows: Vec<(MailId, i32, String, NaiveDateTime, Option<NaiveDateTime>)> = sent_marks::table
        .order(sent_marks::mail_id)
        .limit(most)
        .select((
            sent_marks::mail_id,
            sent_marks::attempts,
            sent_marks::reply,
            sent_marks::sent_at,
            sent_marks::accepted_at,
        ))
        .load(conn)?;
    let mark = |(mail, attempts, reply, sent_at, accepted_at)| Mark {
        claim: Claim { mail, attempts },
        reply,
        sent_at,
        accepted_at,
    };
    Ok(rows.into_iter().map(mark).collect())
}

pub fn is_any_marked(conn: &mut Conn) -> store::Result<bool> {
    diesel::select(exists(sent_marks::table.select(sent_marks::mail_id))).get_result(conn)
}

/// What these marks say; a mail that was claimed anew since was not sent by its mark.
pub fn update_sent(conn: &mut Conn, marks: &[&Mark]) -> store::Result<usize> {
    let given = given_marks(marks.iter().copied());
    let statement = "UPDATE outbox SET state = 'sent', owner = NULL, reply = given.word, \
         sent_at = given.at, ended_at = given.at, accepted_at = given.accepted \
         FROM given WHERE outbox.id = given.mail AND outbox.attempts = given.attempt";
    given.execute(conn, statement, &[])
}

pub fn delete_marks(conn: &mut Conn, mails: &[MailId]) -> store::Result<usize> {
    let given = Given::new("mail", mails.iter().map(|mail| [Value::Id(mail.0)]));
    let statement = "DELETE FROM sent_marks WHERE mail_id IN (SELECT given.mail FROM given)";
    given.execute(conn, statement, &[])
}

/// How a mail goes back from `sending` to waiting.
pub struct PutBack<'a> {
    pub state: &'a str,
    /// `None`: as it was.
    pub due_at: Option<NaiveDateTime>,
    pub why: &'a str,
    pub maybe_duplicate: bool,
    /// Whether this attempt counts towards giving up.
    pub counts: bool,
    pub outcome: Option<&'a str>,
}

#[derive(AsChangeset)]
#[diesel(table_name = outbox)]
struct PutBackRow<'a> {
    state: &'a str,
    due_at: Option<NaiveDateTime>,
    waits_for: &'a str,
    reply: &'a str,
    maybe_duplicate: Option<bool>,
    outcome: Option<&'a str>,
}

pub fn put_back(conn: &mut Conn, mail: MailId, attempts: i32, back: &PutBack) -> store::Result<bool> {
    let row = PutBackRow {
        state: back.state,
        due_at: back.due_at,
        waits_for: back.why,
        reply: back.why,
        maybe_duplicate: back.maybe_duplicate.then_some(true),
        outcome: back.outcome,
    };
    let changed = diesel::update(outbox::table.find(mail.0))
        .filter(outbox::state.eq("sending"))
        .filter(outbox::attempts.eq(attempts))
        .set((
            row,
            outbox::owner.eq(None::<String>),
            outbox::tries.eq(outbox::tries + i32::from(back.counts)),
            // Its holder has said its last word on it, so the number may be given again.
            outbox::attempts.eq(attempts - i32::from(!back.counts)),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Claimed and never begun: as if nobody had claimed them.
pub fn release(conn: &mut Conn, mails: &[MailId], owner: &str) -> store::Result<usize> {
    diesel::update(outbox::table.filter(outbox::id.eq_any(raw(mails))))
        .filter(outbox::state.eq("sending"))
        .filter(outbox::owner.eq(owner))
        .set((
            outbox::state.eq("queued"),
            outbox::owner.eq(None::<String>),
            outbox::attempts.eq(outbox::attempts - 1),
        ))
        .execute(conn)
}

/// The end of a mail that never left, from whichever state `from` names.
pub fn finish_unsent(
    conn: &mut Conn,
    now: NaiveDateTime,
    mail: MailId,
    attempts: i32,
    from: &[&str],
    state: &str,
    why: &str,
    outcome: Option<&str>,
) -> store::Result<bool> {
    let tried = i32::from(from == ["sending"]);
    let changed = diesel::update(outbox::table.find(mail.0))
        .filter(outbox::state.eq_any(from.iter().map(|state| (*state).to_owned()).collect::<Vec<_>>()))
        .filter(outbox::attempts.eq(attempts))
        .set((
            outbox::state.eq(state),
            outbox::owner.eq(None::<String>),
            outbox::waits_for.eq(None::<String>),
            outbox::reply.eq(why),
            outbox::ended_at.eq(now),
            outbox::outcome.eq(outcome),
            outbox::tries.eq(outbox::tries + tried),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// A waiting mail goes on waiting, for a reason and until a date.
pub fn hold(conn: &mut Conn, mail: MailId, attempts: i32, until: NaiveDateTime, why: &str) -> store::Result<bool> {
    let changed = diesel::update(outbox::table.find(mail.0))
        .filter(outbox::state.eq_any(WAITING))
        .filter(outbox::attempts.eq(attempts))
        .set((
            outbox::state.eq("deferred"),
            outbox::due_at.eq(until),
            outbox::waits_for.eq(why),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// All that waits in a drip for a domain goes on waiting until then, for that reason.
pub fn hold_domain(conn: &mut Conn, drip: &str, domain: &str, until: NaiveDateTime, why: &str) -> store::Result<usize> {
    diesel::update(outbox::table)
        .filter(outbox::drip.eq(drip))
        .filter(outbox::state.eq_any(WAITING))
        .filter(outbox::domain.eq(domain))
        .filter(outbox::due_at.lt(until))
        .set((
            outbox::state.eq("deferred"),
            outbox::due_at.eq(until),
            outbox::waits_for.eq(why),
        ))
        .execute(conn)
}

/// What waited for that reason is due at once.
pub fn release_held(conn: &mut Conn, now: NaiveDateTime, drip: &str, domain: &str, why: &str) -> store::Result<usize> {
    diesel::update(outbox::table)
        .filter(outbox::drip.eq(drip))
        .filter(outbox::state.eq_any(WAITING))
        .filter(outbox::domain.eq(domain))
        .filter(outbox::waits_for.eq(why))
        .set((outbox::due_at.eq(now), outbox::waits_for.eq(None::<String>)))
        .execute(conn)
}

/// The mails of a drip to a domain that were refused as a policy of that domain since a time.
pub fn list_refused(conn: &mut Conn, drip: &str, domain: &str, since: NaiveDateTime) -> store::Result<Vec<SentOrNot>> {
    outbox::table
        .filter(outbox::drip.eq(drip))
        .filter(outbox::state.eq("failed"))
        .filter(outbox::domain.eq(domain))
        .filter(outbox::outcome.eq("policy"))
        .filter(outbox::ended_at.ge(since))
        .order(outbox::id)
        .select(SentOrNot::as_select())
        .load(conn)
}

/// A mail by its invitation.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct SentOrNot {
    pub id: MailId,
    pub invitation_id: InvitationId,
}

/// Ended mails wait again.
pub fn revive(conn: &mut Conn, now: NaiveDateTime, mails: &[MailId]) -> store::Result<usize> {
    diesel::update(outbox::table.filter(outbox::id.eq_any(raw(mails))))
        .set((
            outbox::state.eq("queued"),
            outbox::due_at.eq(now),
            outbox::ended_at.eq(None::<NaiveDateTime>),
            outbox::outcome.eq(None::<String>),
        ))
        .execute(conn)
}

/// How many mails of a drip a domain has ever refused as its policy.
pub fn count_policies(conn: &mut Conn, drip: &str, domain: &str) -> store::Result<i64> {
    outbox::table
        .filter(outbox::drip.eq(drip))
        .filter(outbox::state.eq_any(["sent", "failed"]))
        .filter(outbox::outcome.eq("policy"))
        .filter(outbox::domain.eq(domain))
        .count()
        .get_result(conn)
}

/// What the newest mails of a drip that a domain's server decided on came to, the newest first.
pub fn list_outcomes(conn: &mut Conn, drip: &str, domain: &str, limit: i64) -> store::Result<Vec<Option<String>>> {
    outbox::table
        .filter(outbox::drip.eq(drip))
        .filter(outbox::state.eq_any(["sent", "failed"]))
        .filter(outbox::domain.eq(domain))
        .order((outbox::ended_at.desc(), outbox::id.desc()))
        .limit(limit)
        .select(outbox::outcome)
        .load(conn)
}

/// Which waiting mails an event makes needless.
#[derive(Debug, Clone, Copy)]
pub enum Needless<'a> {
    /// The reminders of these invitations.
    RemindersOf(&'a [InvitationId]),
    /// Every mail to that address key; of one drip, or (with '') of all.
    To { email_key: &'a str, drip: &'a str },
    /// Every mail of a drip.
    OfDrip(&'a str),
}

pub fn cancel(conn: &mut Conn, now: NaiveDateTime, which: Needless, why: &str) -> store::Result<usize> {
    let ended = (
        outbox::state.eq("cancelled"),
        outbox::waits_for.eq(None::<String>),
        outbox::reply.eq(why),
        outbox::ended_at.eq(now),
    );
    let waiting = outbox::state.eq_any(WAITING);
    match which {
        Needless::RemindersOf(invitations) => {
            let reminders = diesel::update(outbox::table)
                .filter(waiting)
                .filter(outbox::invitation_id.eq_any(invitations.iter().map(|id| id.0)))
                .filter(outbox::nth.gt(0));
            on_each_backend!(conn, c => kept_if_few(invitations.len(), reminders.set(ended).returning(outbox::id)).load::<i64>(c))
                .map(|ids| ids.len())
        }
        Needless::OfDrip(drip) => diesel::update(outbox::table)
            .filter(waiting)
            .filter(outbox::drip.eq(drip))
            .set(ended)
            .execute(conn),
        Needless::To { email_key, drip } => {
            let recipients = contacts::table
                .filter(contacts::email_key.eq(email_key))
                .select(contacts::id);
            diesel::update(outbox::table)
                .filter(waiting)
                .filter(outbox::contact_id.eq_any(recipients))
                .filter(
                    outbox::drip
                        .eq(drip)
                        .or(drip.is_empty().into_sql::<diesel::sql_types::Bool>()),
                )
                .set(ended)
                .execute(conn)
        }
    }
}

/// The owners of the mails under way.
pub fn list_owners(conn: &mut Conn) -> store::Result<Vec<String>> {
    outbox::table
        .filter(outbox::owner.is_not_null())
        .select(outbox::owner.assume_not_null())
        .distinct()
        .load(conn)
}

/// What a dead owner left under way is due again; it may have arrived.
pub fn requeue_of(conn: &mut Conn, now: NaiveDateTime, owner: &str) -> store::Result<usize> {
    diesel::update(outbox::table)
        .filter(outbox::owner.eq(owner))
        .filter(outbox::state.eq("sending"))
        .filter(outbox::id.ne_all(sent_marks::table.select(sent_marks::mail_id)))
        .set((
            outbox::state.eq("queued"),
            outbox::owner.eq(None::<String>),
            outbox::maybe_duplicate.eq(true),
            outbox::due_at.eq(now),
        ))
        .execute(conn)
}

/// How many mails are under way to an address key, or in a drip; those that a server has taken are not.
pub fn count_under_way(conn: &mut Conn, which: UnderWay) -> store::Result<i64> {
    let under_way = outbox::table
        .inner_join(contacts::table.on(contacts::id.eq(outbox::contact_id)))
        .filter(outbox::owner.is_not_null())
        .filter(not(exists(
            sent_marks::table.filter(sent_marks::mail_id.eq(outbox::id)),
        )))
        .select(count_star());
    match which {
        UnderWay::To(email_key) => under_way.filter(contacts::email_key.eq(email_key)).first(conn),
        UnderWay::Of(drip) => under_way.filter(outbox::drip.eq(drip)).first(conn),
    }
}

/// Which of the mails under way.
#[derive(Debug, Clone, Copy)]
pub enum UnderWay<'a> {
    To(&'a str),
    Of(&'a str),
}

/// When mails went out that a cap or a wish counts, by recipient; `None` stands for one under way.
pub type SentTimes<K> = BTreeMap<K, Vec<Option<NaiveDateTime>>>;

pub fn list_sent_to_contacts(
    conn: &mut Conn,
    contacts: &[ContactId],
    since: NaiveDateTime,
) -> store::Result<SentTimes<ContactId>> {
    let ids: Vec<i64> = contacts.iter().map(|id| id.0).collect();
    let rows: Vec<(ContactId, Option<NaiveDateTime>)> = outbox::table
        .filter(outbox::contact_id.eq_any(ids))
        .filter(outbox::sent_at.gt(since).or(outbox::owner.is_not_null().nullable()))
        .order(outbox::id)
        .select((outbox::contact_id, outbox::sent_at))
        .load(conn)?;
    Ok(grouped(rows))
}

pub fn list_sent_to_companies(
    conn: &mut Conn,
    companies: &[CompanyId],
    since: NaiveDateTime,
) -> store::Result<SentTimes<CompanyId>> {
    let ids: Vec<i64> = companies.iter().map(|id| id.0).collect();
    let rows: Vec<(CompanyId, Option<NaiveDateTime>)> = outbox::table
        .filter(outbox::company_id.eq_any(ids))
        .filter(outbox::sent_at.gt(since).or(outbox::owner.is_not_null().nullable()))
        .order(outbox::id)
        .select((outbox::company_id, outbox::sent_at))
        .load(conn)?;
    Ok(grouped(rows))
}

fn grouped<K: Ord>(rows: Vec<(K, Option<NaiveDateTime>)>) -> SentTimes<K> {
    let mut times = BTreeMap::new();
    for (key, at) in rows {
        times.entry(key).or_insert_with(Vec::new).push(at);
    }
    times
}

/// Takes the bodies, with their live links, of mails that ended before a time; the rest stays.
pub fn purge_bodies(conn: &mut Conn, ended_before: NaiveDateTime) -> store::Result<usize> {
    let ended = outbox::table
        .filter(outbox::ended_at.lt(ended_before))
        .select(outbox::id);
    let whole = diesel::delete(frozen_mails::table.filter(frozen_mails::mail_id.eq_any(ended))).execute(conn)?;
    let ended = outbox::table
        .filter(outbox::ended_at.lt(ended_before))
        .select(outbox::id);
    let changes = diesel::delete(frozen_changes::table.filter(frozen_changes::mail_id.eq_any(ended))).execute(conn)?;
    let used = frozen_changes::table.select(frozen_changes::specimen_id).distinct();
    diesel::delete(specimens::table.filter(specimens::id.ne_all(used))).execute(conn)?;
    Ok(whole + changes)
}
