use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};

use crate::insight::Chosen;
use crate::insight::queries::{Value, and, load, passing, tenure};
use crate::method::tenure::Tenure;
use crate::store::{self, Conn};

/// Invitations of one step, at companies of one tenure.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct StepCount {
    #[diesel(sql_type = Integer)]
    pub step: i32,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    #[diesel(sql_type = BigInt)]
    pub n: i64,
}

/// Those whose first mail has left.
pub fn count_sent(conn: &mut Conn, chosen: &Chosen, drip: &str) -> store::Result<Vec<StepCount>> {
    counted(conn, chosen, drip, "", "i.first_sent_at IS NOT NULL")
}

pub fn count_answered(conn: &mut Conn, chosen: &Chosen, drip: &str) -> store::Result<Vec<StepCount>> {
    counted(conn, chosen, drip, "", "i.answered_at IS NOT NULL")
}

/// Fetched, and not by a program that fetches every link; who answered has opened it all the same.
pub fn count_opened(conn: &mut Conn, chosen: &Chosen, drip: &str) -> store::Result<Vec<StepCount>> {
    counted(
        conn,
        chosen,
        drip,
        "LEFT JOIN visits v ON v.invitation_id = i.id",
        "(i.answered_at IS NOT NULL OR (v.respond_at IS NOT NULL AND v.swept_at IS NULL))",
    )
}

/// Taken by the server and returned later.
pub fn count_returned(conn: &mut Conn, chosen: &Chosen, drip: &str) -> store::Result<Vec<StepCount>> {
    // A hard refusal ends a mail, so one that was sent all the same has come back; a soft one may
    // only be what an earlier attempt met.
    counted(
        conn,
        chosen,
        drip,
        "",
        "i.first_sent_at IS NOT NULL AND (\
         EXISTS (SELECT 1 FROM incoming_mails b WHERE b.invitation_id = i.id AND b.kind = 'bounce') \
         OR EXISTS (SELECT 1 FROM outbox o WHERE o.invitation_id = i.id AND o.state = 'sent' AND o.outcome = 'hard'))",
    )
}

/// Never taken by the server, for the recipient's sake.
pub fn count_refused(conn: &mut Conn, chosen: &Chosen, drip: &str) -> store::Result<Vec<StepCount>> {
    counted(
        conn,
        chosen,
        drip,
        "",
        "i.first_sent_at IS NULL AND EXISTS (SELECT 1 FROM outbox o WHERE o.invitation_id = i.id \
         AND o.state = 'failed' AND o.outcome IN ('hard', 'soft'))",
    )
}

/// Those whose contact took itself off after this mail, before any later one that the wish is about.
pub fn count_unsubscribed(conn: &mut Conn, chosen: &Chosen, drip: &str) -> store::Result<Vec<StepCount>> {
    counted(
        conn,
        chosen,
        drip,
        "JOIN contacts k ON k.id = i.contact_id \
         JOIN suppressions s ON s.email_key = k.email_key AND s.drip IN ('', i.drip)",
        "s.reason = 'unsubscribed' AND i.first_sent_at <= s.made_at \
         AND NOT EXISTS (SELECT 1 FROM invitations j WHERE j.contact_id = i.contact_id \
         AND (s.drip = '' OR j.drip = s.drip) AND j.first_sent_at <= s.made_at \
         AND (j.first_sent_at > i.first_sent_at OR (j.first_sent_at = i.first_sent_at AND j.id > i.id)))",
    )
}

/// A `join` that begins so may find an invitation more than once.
fn counted(conn: &mut Conn, chosen: &Chosen, drip: &str, join: &str, condition: &str) -> store::Result<Vec<StepCount>> {
    let (passing, mut values) = passing(chosen);
    // Named last, as it stands last: SQLite counts names in the order of their first use.
    values.push(Value::Text(drip.to_owned()));
    let text = format!(
        "SELECT i.step AS step, {tenure} AS tenure, count({what}) AS n \
         FROM invitations i JOIN companies c ON c.id = i.company_id {join} \
         {passing} {and} {condition} AND i.drip = ${number} GROUP BY 1, 2 ORDER BY 1, 2",
        tenure = tenure(chosen),
        and = and(&passing),
        what = if join.starts_with("JOIN") { "DISTINCT i.id" } else { "*" },
        number = values.len(),
    );
    load(conn, text, values)
}
