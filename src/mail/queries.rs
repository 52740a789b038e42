//! The SQL of letters, the outbox and suppressions.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::ids::{CompanyId, ContactId, InvitationId, MailId, TransactionId};
use crate::store::schema::{
    captured_mails, companies, company_segments, contacts, drips, mail_wishes, outbox, suppressions, transactions,
};
use crate::store::{self, Conn, on_each_backend};

// ── whom a letter speaks to ──

#[derive(Debug, Default, Queryable, Selectable)]
#[diesel(table_name = contacts)]
pub struct PersonRow {
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub role: Option<String>,
}

pub fn find_person(conn: &mut Conn, contact: ContactId) -> store::Result<Option<PersonRow>> {
    contacts::table
        .find(contact.0)
        .select(PersonRow::as_select())
        .first(conn)
        .optional()
}

#[derive(Debug, Default, Queryable)]
pub struct PlaceRow {
    pub name: String,
    pub segment: Option<String>,
}

pub fn find_place(conn: &mut Conn, company: CompanyId) -> store::Result<Option<PlaceRow>> {
    companies::table
        .find(company.0)
        .left_join(company_segments::table)
        .select((companies::name, company_segments::segment.nullable()))
        .first(conn)
        .optional()
}

#[derive(Debug, Default, Queryable, Selectable)]
#[diesel(table_name = transactions)]
pub struct DealRow {
    pub product: Option<String>,
    #[diesel(select_expression = transactions::occurred_at.nullable())]
    pub occurred_at: Option<NaiveDateTime>,
}

pub fn find_deal(conn: &mut Conn, transaction: TransactionId) -> store::Result<Option<DealRow>> {
    transactions::table
        .find(transaction.0)
        .select(DealRow::as_select())
        .first(conn)
        .optional()
}

// ── the outbox ──

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
    pub attempts: i32,
    pub maybe_duplicate: bool,
    pub message_id: Option<String>,
    pub made_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = outbox)]
pub struct NewMailRow<'a> {
    pub invitation_id: InvitationId,
    pub nth: i32,
    pub drip: &'a str,
    pub step: i32,
    pub contact_id: ContactId,
    pub company_id: CompanyId,
    pub to_address: &'a str,
    pub state: &'a str,
    pub due_at: NaiveDateTime,
    pub attempts: i32,
    pub maybe_duplicate: bool,
    pub made_at: NaiveDateTime,
}

const WAITING: [&str; 2] = ["queued", "deferred"];

/// A mail of that invitation and number that is there already stays as it is.
pub fn insert(conn: &mut Conn, row: &NewMailRow) -> store::Result<usize> {
    on_each_backend!(conn, c => diesel::insert_into(outbox::table)
        .values(row)
        .on_conflict((outbox::invitation_id, outbox::nth))
        .do_nothing()
        .execute(c))
}

/// Mails of drips that are on and whose time has come, the longest due first. One state at a time,
/// so that the index gives them in order however many wait.
pub fn list_due(conn: &mut Conn, now: NaiveDateTime, limit: i64) -> store::Result<Vec<WaitingRow>> {
    let mut due = Vec::new();
    for state in WAITING {
        let of_state: Vec<(NaiveDateTime, WaitingRow)> = outbox::table
            .inner_join(drips::table.on(drips::code.eq(outbox::drip)))
            .filter(drips::state.eq("on"))
            .filter(outbox::state.eq(state))
            .filter(outbox::due_at.le(now))
            .order((outbox::due_at, outbox::id))
            .limit(limit)
            .select((outbox::due_at, WaitingRow::as_select()))
            .load(conn)?;
        due.extend(of_state);
    }
    due.sort_by_key(|(due_at, row)| (*due_at, row.id));
    due.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(due.into_iter().map(|(_, row)| row).collect())
}

/// When the next mail of a drip that is on falls due, whether past or to come.
pub fn find_next_due(conn: &mut Conn) -> store::Result<Option<NaiveDateTime>> {
    let mut next = None;
    for state in WAITING {
        let of_state: Option<NaiveDateTime> = outbox::table
            .inner_join(drips::table.on(drips::code.eq(outbox::drip)))
            .filter(drips::state.eq("on"))
            .filter(outbox::state.eq(state))
            .order((outbox::due_at, outbox::id))
            .select(outbox::due_at)
            .first(conn)
            .optional()?;
        next = next.into_iter().chain(of_state).min();
    }
    Ok(next)
}

pub fn find_bytes(conn: &mut Conn, mail: MailId) -> store::Result<Option<Vec<u8>>> {
    outbox::table.find(mail.0).select(outbox::bytes).first(conn)
}

/// Makes the mail this owner's, if nobody was quicker.
pub fn claim(conn: &mut Conn, mail: MailId, attempts: i32, owner: &str) -> store::Result<bool> {
    let changed = diesel::update(outbox::table.find(mail.0))
        .filter(outbox::state.eq_any(WAITING))
        .filter(outbox::attempts.eq(attempts))
        .set((
            outbox::state.eq("sending"),
            outbox::attempts.eq(attempts + 1),
            outbox::owner.eq(owner),
            outbox::waits_for.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Keeps what every attempt sends.
pub fn freeze(conn: &mut Conn, mail: MailId, to: &str, message_id: &str, bytes: &[u8]) -> store::Result<usize> {
    diesel::update(outbox::table.find(mail.0))
        .set((
            outbox::to_address.eq(to),
            outbox::message_id.eq(message_id),
            outbox::bytes.eq(bytes),
        ))
        .execute(conn)
}

/// Only the attempt that claimed a mail may say what became of it: anything else changes no row.
pub fn finish_sent(
    conn: &mut Conn,
    now: NaiveDateTime,
    mail: MailId,
    attempts: i32,
    reply: &str,
) -> store::Result<bool> {
    let changed = diesel::update(outbox::table.find(mail.0))
        .filter(outbox::state.eq("sending"))
        .filter(outbox::attempts.eq(attempts))
        .set((
            outbox::state.eq("sent"),
            outbox::owner.eq(None::<String>),
            outbox::reply.eq(reply),
            outbox::sent_at.eq(now),
            outbox::ended_at.eq(now),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Back from `sending` to waiting.
pub fn put_back(
    conn: &mut Conn,
    mail: MailId,
    attempts: i32,
    state: &str,
    due_at: NaiveDateTime,
    reply: &str,
    maybe_duplicate: bool,
) -> store::Result<bool> {
    let changed = diesel::update(outbox::table.find(mail.0))
        .filter(outbox::state.eq("sending"))
        .filter(outbox::attempts.eq(attempts))
        .set((
            outbox::state.eq(state),
            outbox::owner.eq(None::<String>),
            outbox::due_at.eq(due_at),
            outbox::waits_for.eq(reply),
            outbox::reply.eq(reply),
        ))
        .execute(conn)?;
    if changed == 1 && maybe_duplicate {
        diesel::update(outbox::table.find(mail.0))
            .set(outbox::maybe_duplicate.eq(true))
            .execute(conn)?;
    }
    Ok(changed == 1)
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
) -> store::Result<bool> {
    let changed = diesel::update(outbox::table.find(mail.0))
        .filter(outbox::state.eq_any(from.iter().map(|state| (*state).to_owned()).collect::<Vec<_>>()))
        .filter(outbox::attempts.eq(attempts))
        .set((
            outbox::state.eq(state),
            outbox::owner.eq(None::<String>),
            outbox::waits_for.eq(None::<String>),
            outbox::reply.eq(why),
            outbox::ended_at.eq(now),
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

/// Which waiting mails an event makes needless.
#[derive(Debug, Clone, Copy)]
pub enum Needless<'a> {
    /// The reminders of one invitation.
    RemindersOf(InvitationId),
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
        Needless::RemindersOf(invitation) => diesel::update(outbox::table)
            .filter(waiting)
            .filter(outbox::invitation_id.eq(invitation))
            .filter(outbox::nth.gt(0))
            .set(ended)
            .execute(conn),
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
    let owners: Vec<Option<String>> = outbox::table
        .filter(outbox::state.eq("sending"))
        .select(outbox::owner)
        .distinct()
        .load(conn)?;
    Ok(owners.into_iter().map(Option::unwrap_or_default).collect())
}

/// What a dead owner left under way is due again; it may have arrived.
pub fn requeue_of(conn: &mut Conn, now: NaiveDateTime, owner: &str) -> store::Result<usize> {
    let of_owner = outbox::owner.eq(owner).or(outbox::owner.is_null());
    diesel::update(outbox::table)
        .filter(outbox::state.eq("sending"))
        .filter(of_owner.assume_not_null())
        .set((
            outbox::state.eq("queued"),
            outbox::owner.eq(None::<String>),
            outbox::maybe_duplicate.eq(true),
            outbox::due_at.eq(now),
        ))
        .execute(conn)
}

/// Whom a cap counts for.
#[derive(Debug, Clone, Copy)]
pub enum Recipient {
    Contact(ContactId),
    Company(CompanyId),
}

/// When mails went there since a time; `None` stands for one under way.
pub fn list_sent_since(
    conn: &mut Conn,
    recipient: Recipient,
    since: NaiveDateTime,
) -> store::Result<Vec<Option<NaiveDateTime>>> {
    let mut of_recipient = outbox::table
        .filter(outbox::sent_at.gt(since).or(outbox::state.eq("sending").nullable()))
        .select(outbox::sent_at)
        .into_boxed();
    of_recipient = match recipient {
        Recipient::Contact(contact) => of_recipient.filter(outbox::contact_id.eq(contact)),
        Recipient::Company(company) => of_recipient.filter(outbox::company_id.eq(company)),
    };
    of_recipient.load(conn)
}

/// Takes the bodies, with their live links, of mails that ended before a time; the rest stays.
pub fn purge_bodies(conn: &mut Conn, ended_before: NaiveDateTime) -> store::Result<usize> {
    diesel::update(outbox::table)
        .filter(outbox::ended_at.lt(ended_before))
        .filter(outbox::bytes.is_not_null())
        .set(outbox::bytes.eq(None::<Vec<u8>>))
        .execute(conn)
}

// ── suppressions ──

/// Why nobody writes to that address, in this drip or in any.
pub fn find_suppression(conn: &mut Conn, email_key: &str, drip: &str) -> store::Result<Option<String>> {
    suppressions::table
        .filter(suppressions::email_key.eq(email_key))
        .filter(suppressions::drip.eq_any(["", drip]))
        .order((suppressions::drip, suppressions::email_key))
        .select(suppressions::reason)
        .first(conn)
        .optional()
}

/// The drips for which that address is suppressed; '' for all.
pub fn list_suppressed(conn: &mut Conn, email_key: &str) -> store::Result<Vec<(String, String)>> {
    suppressions::table
        .filter(suppressions::email_key.eq(email_key))
        .order((suppressions::drip, suppressions::email_key))
        .select((suppressions::drip, suppressions::reason))
        .load(conn)
}

pub fn insert_suppression(
    conn: &mut Conn,
    now: NaiveDateTime,
    email_key: &str,
    drip: &str,
    reason: &str,
) -> store::Result<usize> {
    let row = (
        suppressions::email_key.eq(email_key),
        suppressions::drip.eq(drip),
        suppressions::reason.eq(reason),
        suppressions::made_at.eq(now),
    );
    on_each_backend!(conn, c => diesel::insert_into(suppressions::table)
        .values(row)
        .on_conflict((suppressions::email_key, suppressions::drip))
        .do_nothing()
        .execute(c))
}

/// Only what the contact itself asked for can be taken back.
pub fn delete_suppression(conn: &mut Conn, email_key: &str, drip: &str, reason: &str) -> store::Result<usize> {
    diesel::delete(suppressions::table.find((email_key, drip)))
        .filter(suppressions::reason.eq(reason))
        .execute(conn)
}

// ── what contacts asked for ──

#[derive(Debug, Clone, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = mail_wishes)]
pub struct WishRow {
    /// Between two mails at least.
    pub gap_days: Option<i32>,
    /// Asked for on the preferences page.
    pub paused_until: Option<NaiveDateTime>,
    /// An out-of-office reply said so.
    pub away_until: Option<NaiveDateTime>,
}

pub fn find_wish(conn: &mut Conn, email_key: &str) -> store::Result<Option<WishRow>> {
    mail_wishes::table
        .find(email_key)
        .select(WishRow::as_select())
        .first(conn)
        .optional()
}

pub fn replace_wish(conn: &mut Conn, now: NaiveDateTime, email_key: &str, wish: &WishRow) -> store::Result<usize> {
    let values = (
        mail_wishes::gap_days.eq(wish.gap_days),
        mail_wishes::paused_until.eq(wish.paused_until),
        mail_wishes::away_until.eq(wish.away_until),
        mail_wishes::changed_at.eq(now),
    );
    on_each_backend!(conn, c => diesel::insert_into(mail_wishes::table)
        .values((mail_wishes::email_key.eq(email_key), values))
        .on_conflict(mail_wishes::email_key)
        .do_update()
        .set(values)
        .execute(c))
}

// ── captured mails ──

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = captured_mails)]
pub struct CapturedRow {
    pub id: i64,
    pub to_address: String,
    pub subject: String,
    pub at: NaiveDateTime,
}

pub fn insert_captured(
    conn: &mut Conn,
    now: NaiveDateTime,
    mail: MailId,
    to: &str,
    subject: &str,
    bytes: &[u8],
) -> store::Result<usize> {
    diesel::insert_into(captured_mails::table)
        .values((
            captured_mails::mail_id.eq(mail),
            captured_mails::to_address.eq(to),
            captured_mails::subject.eq(subject),
            captured_mails::bytes.eq(bytes),
            captured_mails::at.eq(now),
        ))
        .execute(conn)
}

/// A mail that is none of the outbox.
pub fn insert_captured_trial(
    conn: &mut Conn,
    now: NaiveDateTime,
    to: &str,
    subject: &str,
    bytes: &[u8],
) -> store::Result<usize> {
    diesel::insert_into(captured_mails::table)
        .values((
            captured_mails::to_address.eq(to),
            captured_mails::subject.eq(subject),
            captured_mails::bytes.eq(bytes),
            captured_mails::at.eq(now),
        ))
        .execute(conn)
}

/// The newest first.
pub fn list_captured(conn: &mut Conn, offset: i64, limit: i64) -> store::Result<Vec<CapturedRow>> {
    captured_mails::table
        .order((captured_mails::at.desc(), captured_mails::id.desc()))
        .offset(offset)
        .limit(limit)
        .select(CapturedRow::as_select())
        .load(conn)
}

pub fn count_captured(conn: &mut Conn) -> store::Result<i64> {
    captured_mails::table.count().get_result(conn)
}

pub fn find_captured(conn: &mut Conn, id: i64) -> store::Result<Option<(CapturedRow, Vec<u8>)>> {
    captured_mails::table
        .find(id)
        .select((CapturedRow::as_select(), captured_mails::bytes))
        .first(conn)
        .optional()
}
