use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};

use crate::insight::Chosen;
use crate::insight::queries::{Value, load, passing, tenure};
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

/// The same, with the figures that nearly every invitation counts in.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Reached {
    #[diesel(sql_type = Integer)]
    pub step: i32,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    /// Their first mail has left.
    #[diesel(sql_type = BigInt)]
    pub sent: i64,
    #[diesel(sql_type = BigInt)]
    pub answered: i64,
}

/// Added up by company first, in the order of the index, so that little is left to sort.
pub fn count_reached(conn: &mut Conn, chosen: &Chosen, drip: &str) -> store::Result<Vec<Reached>> {
    let (passing, mut values) = passing(chosen);
    values.push(Value::Text(drip.to_owned()));
    let text = format!(
        "{companies} SELECT i.step AS step, {tenure} AS tenure, CAST(sum(i.sent) AS BIGINT) AS sent, \
         CAST(sum(i.answered) AS BIGINT) AS answered \
         FROM (SELECT j.step, j.company_id, count(j.first_sent_at) AS sent, count(j.answered_at) AS answered \
         FROM invitations j WHERE j.drip = ${number} GROUP BY j.step, j.company_id) i \
         JOIN c ON c.id = i.company_id GROUP BY 1, 2 ORDER BY 1, 2",
        companies = companies(&passing),
        tenure = tenure(chosen),
        number = values.len(),
    );
    load(conn, text, values)
}

/// Fetched, and not by a program that fetches every link, and not answered: who answered has opened it all
/// the same, and is counted there.
pub fn count_fetched(conn: &mut Conn, chosen: &Chosen, drip: &str) -> store::Result<Vec<StepCount>> {
    counted(
        conn,
        chosen,
        drip,
        "visits v CROSS JOIN invitations i",
        "v.respond_at IS NOT NULL AND v.swept_at IS NULL AND i.id = v.invitation_id AND i.answered_at IS NULL",
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
        "(SELECT b.invitation_id AS id FROM incoming_mails b WHERE b.kind = 'bounce' AND b.drip = $drip \
         UNION SELECT o.invitation_id FROM outbox o WHERE o.drip = $drip AND o.state = 'sent' \
         AND o.outcome = 'hard') r CROSS JOIN invitations i",
        "i.id = r.id AND i.first_sent_at IS NOT NULL",
    )
}

/// Never taken by the server, for the recipient's sake.
pub fn count_refused(conn: &mut Conn, chosen: &Chosen, drip: &str) -> store::Result<Vec<StepCount>> {
    counted(
        conn,
        chosen,
        drip,
        "(SELECT DISTINCT o.invitation_id AS id FROM outbox o WHERE o.drip = $drip AND o.state = 'failed' \
         AND o.outcome IN ('hard', 'soft')) r CROSS JOIN invitations i",
        "i.id = r.id AND i.first_sent_at IS NULL",
    )
}

/// Those whose contact took itself off after this mail, before any later one that the wish is about.
pub fn count_unsubscribed(conn: &mut Conn, chosen: &Chosen, drip: &str) -> store::Result<Vec<StepCount>> {
    counted(
        conn,
        chosen,
        drip,
        "suppressions s CROSS JOIN contacts k CROSS JOIN invitations i",
        "s.reason = 'unsubscribed' AND s.drip IN ('', $drip) AND k.email_key = s.email_key AND i.contact_id = k.id \
         AND i.first_sent_at <= s.made_at \
         AND NOT EXISTS (SELECT 1 FROM invitations j WHERE j.contact_id = i.contact_id \
         AND (s.drip = '' OR j.drip = s.drip) AND j.first_sent_at <= s.made_at \
         AND (j.first_sent_at > i.first_sent_at OR (j.first_sent_at = i.first_sent_at AND j.id > i.id)))",
    )
}

/// Begins with the few that it is about: SQLite goes through a CROSS JOIN in the order written.
/// `$drip` stands for the drip.
fn counted(conn: &mut Conn, chosen: &Chosen, drip: &str, few: &str, condition: &str) -> store::Result<Vec<StepCount>> {
    let (passing, mut values) = passing(chosen);
    values.push(Value::Text(drip.to_owned()));
    let number = format!("${}", values.len());
    let text = format!(
        "{companies} SELECT i.step AS step, {tenure} AS tenure, count(DISTINCT i.id) AS n \
         FROM {few} JOIN c ON c.id = i.company_id WHERE i.drip = $drip AND {condition} GROUP BY 1, 2 ORDER BY 1, 2",
        companies = companies(&passing),
        tenure = tenure(chosen),
    );
    load(conn, text.replace("$drip", &number), values)
}

/// The companies chosen, as `c`. First of all, with the values that it names: SQLite counts names in
/// the order of their first use.
fn companies(passing: &str) -> String {
    format!("WITH c AS (SELECT c.id, c.customer_since FROM companies c {passing})")
}
