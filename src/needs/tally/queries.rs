//! Contacts' sums as rows.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{Colleague, ContactTally};
use crate::design::Design;
use crate::ids::{CompanyId, ContactId};
use crate::method::score::ContactSums;
use crate::store::schema::{answers, contact_evidence, contact_needs, contacts};
use crate::store::{Conn, ROWS_PER_INSERT, Result, insert_rows, kept_if_few};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = contact_needs)]
struct ContactNeedRow {
    company_id: i64,
    contact_id: i64,
    need: String,
    n: i32,
    mean: f64,
    squares: f64,
    exponent: f64,
    weight: f64,
    weighed: f64,
    weight_squares: f64,
}

#[derive(Insertable)]
#[diesel(table_name = contact_evidence)]
struct ContactEvidenceRow {
    company_id: i64,
    contact_id: i64,
    answers: i32,
    answered_at: NaiveDateTime,
}

impl ContactNeedRow {
    fn new(company: CompanyId, contact: ContactId, need: &str, sums: &ContactSums) -> ContactNeedRow {
        ContactNeedRow {
            company_id: company.0,
            contact_id: contact.0,
            need: need.to_owned(),
            n: sums.n as i32,
            mean: sums.mean,
            squares: sums.squares,
            exponent: sums.exponent,
            weight: sums.weight,
            weighed: sums.weighed,
            weight_squares: sums.weight_squares,
        }
    }

    fn sums(&self) -> ContactSums {
        ContactSums {
            n: self.n as u32,
            mean: self.mean,
            squares: self.squares,
            exponent: self.exponent,
            weight: self.weight,
            weighed: self.weighed,
            weight_squares: self.weight_squares,
        }
    }
}

/// Puts a contact's sums in place of its former ones.
pub fn replace_contact(
    conn: &mut Conn,
    design: &Design,
    company: CompanyId,
    contact: ContactId,
    tally: Option<&ContactTally>,
) -> Result<()> {
    let of_contact = contact_needs::company_id
        .eq(company)
        .and(contact_needs::contact_id.eq(contact));
    diesel::delete(contact_needs::table.filter(of_contact)).execute(conn)?;
    let of_contact = contact_evidence::company_id
        .eq(company)
        .and(contact_evidence::contact_id.eq(contact));
    diesel::delete(contact_evidence::table.filter(of_contact)).execute(conn)?;
    match tally {
        Some(tally) => insert_contacts(conn, design, [((company, contact), tally)]),
        None => Ok(()),
    }
}

/// As [`replace_contact`], for contacts of several companies: the sums given are all that is left of them there.
pub fn replace_contacts<'t>(
    conn: &mut Conn,
    design: &Design,
    companies: &[CompanyId],
    contacts: &[ContactId],
    tallies: impl IntoIterator<Item = ((CompanyId, ContactId), &'t ContactTally)>,
) -> Result<()> {
    for contacts in contacts.chunks(ROWS_PER_INSERT) {
        let of_contacts = contact_needs::company_id
            .eq_any(companies)
            .and(contact_needs::contact_id.eq_any(contacts));
        diesel::delete(contact_needs::table.filter(of_contacts)).execute(conn)?;
        let of_contacts = contact_evidence::company_id
            .eq_any(companies)
            .and(contact_evidence::contact_id.eq_any(contacts));
        diesel::delete(contact_evidence::table.filter(of_contacts)).execute(conn)?;
    }
    insert_contacts(conn, design, tallies)
}

fn insert_contacts<'t>(
    conn: &mut Conn,
    design: &Design,
    tallies: impl IntoIterator<Item = ((CompanyId, ContactId), &'t ContactTally)>,
) -> Result<()> {
    let (mut sums, mut evidence) = (Vec::new(), Vec::new());
    for ((company, contact), tally) in tallies {
        for (need, of_need) in design.framework.needs.iter().zip(&tally.sums) {
            sums.extend(
                of_need
                    .iter()
                    .map(|of_need| ContactNeedRow::new(company, contact, &need.code, of_need)),
            );
        }
        evidence.push(ContactEvidenceRow {
            company_id: company.0,
            contact_id: contact.0,
            answers: tally.answers as i32,
            answered_at: tally.answered_at,
        });
    }
    insert_rows!(conn, contact_needs::table, sums)?;
    insert_rows!(conn, contact_evidence::table, evidence)?;
    Ok(())
}

pub fn delete_contact(conn: &mut Conn, contact: ContactId) -> Result<()> {
    diesel::delete(contact_needs::table.filter(contact_needs::contact_id.eq(contact))).execute(conn)?;
    diesel::delete(contact_evidence::table.filter(contact_evidence::contact_id.eq(contact))).execute(conn)?;
    Ok(())
}

/// The contacts with scored answers of each of these companies, in the order of their ids.
pub fn list_colleagues(
    conn: &mut Conn,
    design: &Design,
    companies: &[CompanyId],
) -> Result<BTreeMap<CompanyId, Vec<Colleague>>> {
    let places: HashMap<&str, usize> = design
        .framework
        .needs
        .iter()
        .enumerate()
        .map(|(place, need)| (need.code.as_str(), place))
        .collect();
    let mut sums: HashMap<(i64, i64), Vec<Option<ContactSums>>> = HashMap::new();
    let of_companies = contact_needs::table
        .filter(contact_needs::company_id.eq_any(companies))
        .select(ContactNeedRow::as_select());
    let rows: Vec<ContactNeedRow> = kept_if_few(companies.len(), of_companies).load(conn)?;
    for row in rows {
        let of_contact = sums
            .entry((row.company_id, row.contact_id))
            .or_insert_with(|| vec![None; places.len()]);
        if let Some(place) = places.get(row.need.as_str()) {
            of_contact[*place] = Some(row.sums());
        }
    }
    let evidence = contact_evidence::table
        .inner_join(contacts::table.on(contacts::id.eq(contact_evidence::contact_id)))
        .filter(contact_evidence::company_id.eq_any(companies))
        .order((contact_evidence::company_id, contact_evidence::contact_id))
        .select((
            contact_evidence::company_id,
            contact_evidence::contact_id,
            contact_evidence::answers,
            contact_evidence::answered_at,
            contacts::role,
        ));
    let evidence: Vec<(i64, i64, i32, NaiveDateTime, Option<String>)> =
        kept_if_few(companies.len(), evidence).load(conn)?;
    let mut tallies: BTreeMap<CompanyId, Vec<Colleague>> = BTreeMap::new();
    for (company, contact, answers, answered_at, role) in evidence {
        let sums = sums
            .remove(&(company, contact))
            .unwrap_or_else(|| vec![None; places.len()]);
        let colleague = Colleague {
            contact: ContactId(contact),
            role_weight: design.role_weight(role.as_deref()),
            tally: ContactTally {
                sums,
                answers: answers as u32,
                answered_at,
            },
        };
        tallies.entry(CompanyId(company)).or_default().push(colleague);
    }
    Ok(tallies)
}

/// What the contacts weigh who ever answered for one of these companies, scored or not.
pub fn list_role_weights_between(
    conn: &mut Conn,
    design: &Design,
    first: CompanyId,
    last: CompanyId,
) -> Result<HashMap<ContactId, f64>> {
    let answered = answers::table
        .filter(answers::company_id.between(first, last))
        .select(answers::contact_id);
    let rows: Vec<(ContactId, Option<String>)> = contacts::table
        .filter(contacts::id.eq_any(answered))
        .select((contacts::id, contacts::role))
        .load(conn)?;
    let weighed = |(contact, role): (ContactId, Option<String>)| (contact, design.role_weight(role.as_deref()));
    Ok(rows.into_iter().map(weighed).collect())
}

/// As [`list_role_weights_between`], for these companies.
pub fn list_role_weights_of(
    conn: &mut Conn,
    design: &Design,
    companies: &[CompanyId],
) -> Result<HashMap<ContactId, f64>> {
    let answered = answers::table
        .filter(answers::company_id.eq_any(companies))
        .select(answers::contact_id);
    let rows: Vec<(ContactId, Option<String>)> = contacts::table
        .filter(contacts::id.eq_any(answered))
        .select((contacts::id, contacts::role))
        .load(conn)?;
    let weighed = |(contact, role): (ContactId, Option<String>)| (contact, design.role_weight(role.as_deref()));
    Ok(rows.into_iter().map(weighed).collect())
}

/// The companies for which these contacts have scored answers.
pub fn list_companies_of(conn: &mut Conn, contacts: &[ContactId]) -> Result<Vec<CompanyId>> {
    let mut companies = Vec::new();
    for contacts in contacts.chunks(ROWS_PER_INSERT) {
        let found: Vec<CompanyId> = contact_evidence::table
            .filter(contact_evidence::contact_id.eq_any(contacts))
            .select(contact_evidence::company_id)
            .distinct()
            .load(conn)?;
        companies.extend(found);
    }
    companies.sort();
    companies.dedup();
    Ok(companies)
}

/// Clears away the sums on needs that the framework no longer has.
pub fn delete_archived_needs(conn: &mut Conn, design: &Design) -> Result<()> {
    let active: Vec<&str> = design.framework.needs.iter().map(|need| need.code.as_str()).collect();
    diesel::delete(contact_needs::table.filter(contact_needs::need.ne_all(active)))
        .execute(conn)
        .map(|_| ())
}
