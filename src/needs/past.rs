//! Scores as of a past day: from the answers dated up to then and held today (METHOD.md section 4).

use chrono::NaiveDateTime;

use super::tally::{self, Colleague};
use super::{CHUNK, queries};
use crate::answers;
use crate::design::Design;
use crate::ids::CompanyId;
use crate::store::{self, Conn};

/// A company that had a scored answer by then.
pub struct Past {
    pub company: CompanyId,
    pub tally: tally::CompanyTally,
    /// Each contact's own scores, by need in framework order.
    pub contacts: Vec<Vec<Option<f64>>>,
}

/// Reads the raw answers: the one figure that no row is kept for. Companies without a scored answer are left out.
pub fn scores_until(conn: &mut Conn, design: &Design, until: NaiveDateTime) -> store::Result<Vec<Past>> {
    let mut all = Vec::new();
    let mut after = CompanyId(0);
    while let Some(companies) = queries::next_companies(conn, after, CHUNK)? {
        let (first, last) = (companies[0], companies[companies.len() - 1]);
        let answers = answers::list_between(conn, first, last, Some(until))?;
        let weights = queries::list_role_weights_between(conn, design, first, last)?;
        let mut contacts = Vec::new();
        let mut company = first;
        for ((of, contact), tally) in tally::contacts(design, &answers) {
            if of != company {
                all.extend(finish(design, company, std::mem::take(&mut contacts)));
                company = of;
            }
            contacts.push(Colleague {
                contact,
                role_weight: weights.get(&contact).copied().unwrap_or(1.0),
                tally,
            });
        }
        all.extend(finish(design, company, contacts));
        after = last;
    }
    Ok(all)
}

fn finish(design: &Design, company: CompanyId, contacts: Vec<Colleague>) -> Option<Past> {
    let tally = tally::company(design.framework.needs.len(), &contacts)?;
    let own = |tally: &tally::ContactTally| tally.sums.iter().map(|sums| Some(sums.as_ref()?.score())).collect();
    Some(Past {
        company,
        tally,
        contacts: contacts.iter().map(|colleague| own(&colleague.tally)).collect(),
    })
}
