//! Scores as of a past day: from the answers dated up to then and held today (METHOD.md section 4).

use chrono::NaiveDateTime;

use super::{CHUNK, queries, tally};
use crate::answers;
use crate::design::Design;
use crate::ids::CompanyId;
use crate::method::score::Score;
use crate::store::{self, Conn};

/// A company's scores by need, in framework order.
pub type PastScores = (CompanyId, Vec<Option<Score>>);

/// Reads the raw answers: the one figure that no row is kept for. Companies without a score are left out.
pub fn scores_until(conn: &mut Conn, design: &Design, until: NaiveDateTime) -> store::Result<Vec<PastScores>> {
    let mut all = Vec::new();
    let mut after = CompanyId(0);
    while let Some(companies) = queries::next_companies(conn, after, CHUNK)? {
        let (first, last) = (companies[0], companies[companies.len() - 1]);
        let answers = answers::list_between(conn, first, last, Some(until))?;
        let weights = queries::list_role_weights(conn, design, &companies)?;
        let mut contacts = Vec::new();
        let mut company = first;
        for ((of, contact), tally) in tally::contacts(design, &answers) {
            if of != company {
                finish(design, company, &mut contacts, &mut all);
                company = of;
            }
            contacts.push((weights.get(&contact).copied().unwrap_or(1.0), tally));
        }
        finish(design, company, &mut contacts, &mut all);
        after = last;
    }
    Ok(all)
}

fn finish(
    design: &Design,
    company: CompanyId,
    contacts: &mut Vec<(f64, tally::ContactTally)>,
    all: &mut Vec<PastScores>,
) {
    if let Some(tally) = tally::company(design.framework.needs.len(), contacts) {
        all.push((company, tally.scores));
    }
    contacts.clear();
}
