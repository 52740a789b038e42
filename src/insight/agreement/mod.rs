//! May contacts be added up to a company, and where do they disagree? (METHOD.md section 6)
//!
//! Figures of companies are always shown. What is told by role stands on many companies, or is not
//! told: a difference within one company of two people would be what each of them said.

mod queries;
mod rules;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;

use self::queries::RoleRow;
use self::rules::RoleSums;
use super::cuts::Cuts;
use super::queries::list_companies as companies_of;
use super::{Chosen, Filter, PastCompany, past, scores};
use crate::design::Design;
use crate::framework::Code;
use crate::ids::CompanyId;
use crate::method::agreement::Icc;
use crate::method::compare::{self, Paired, Sample};
use crate::store::{self, Conn};

pub use rules::{Alike, Band, Reliable, usual_roles};

/// So many companies are listed.
pub const LISTED: usize = 1_000;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// The active needs, in the framework's order.
    pub needs: Vec<NeedAgreement>,
    /// Companies with two contacts who are scored on the same need.
    pub companies: u64,
    /// Those whose contacts disagree most first; no more than [`LISTED`].
    pub disagreeing: Vec<Disagreeing>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NeedAgreement {
    pub code: Code,
    pub name: String,
    pub icc: Icc,
    /// How many companies agree how far, in the order of [`Band::ALL`].
    pub bands: [u64; 5],
}

/// A company, and the mean of its needs' r_wg.
#[derive(Debug, Clone, PartialEq)]
pub struct Disagreeing {
    pub company: CompanyId,
    pub r_wg: f64,
    /// What is listed of it, where that is of a past day.
    pub then: Option<Then>,
}

/// A company at the end of a past day.
#[derive(Debug, Clone, PartialEq)]
pub struct Then {
    pub contacts: u64,
    /// Each need's r_wg, in framework order.
    pub needs: Vec<Option<f64>>,
}

/// One company of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct CompanyAgreement {
    pub external_id: String,
    pub name: String,
    pub contacts: u64,
    pub r_wg: f64,
    /// By need in framework order; `None` with fewer than two scored contacts.
    pub needs: Vec<Option<f64>>,
}

/// What one role's contacts score a need higher or lower than another's do, within companies.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleGap {
    pub code: Code,
    pub name: String,
    /// `None`: too few stand behind it to be shown.
    pub gap: Option<Gap>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// One difference for each company that has both roles.
    pub differences: Sample,
    /// `None` where the differences do not vary.
    pub paired: Option<Paired>,
    /// p over all the needs shown (Benjamini–Hochberg).
    pub p_adjusted: Option<f64>,
    /// The fewest that stand behind it.
    pub contacts: u64,
    pub others: u64,
}

pub fn figures(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<Figures> {
    Ok(rules::figures(
        design,
        scores::totals(conn, design, &Chosen::new(design, today, filter))?,
    ))
}

/// As [`figures`], at the end of a past day.
pub fn figures_as_of(conn: &mut Conn, design: &Design, day: NaiveDate, filter: &Filter) -> store::Result<Figures> {
    let companies = past::companies(conn, design, day, filter)?;
    let mut figures = rules::figures(design, past::totals(design, &companies));
    let by_id: HashMap<i64, &PastCompany> = companies.iter().map(|company| (company.id(), company)).collect();
    for row in &mut figures.disagreeing {
        row.then = by_id.get(&row.company.0).map(|company| Then {
            contacts: company.contacts(),
            needs: (0..design.framework.needs.len())
                .map(|need| company.r_wg(need))
                .collect(),
        });
    }
    Ok(figures)
}

/// A page of the list, with what it shows of each company.
pub fn companies(conn: &mut Conn, design: &Design, listed: &[Disagreeing]) -> store::Result<Vec<CompanyAgreement>> {
    let ids: Vec<CompanyId> = listed.iter().map(|row| row.company).collect();
    let names: HashMap<i64, (String, String, i32)> = queries::list_names(conn, &ids)?
        .into_iter()
        .map(|(id, external_id, name, contacts)| (id, (external_id, name, contacts.unwrap_or(0))))
        .collect();
    let mut by_company: BTreeMap<i64, Vec<Option<f64>>> = BTreeMap::new();
    let today: Vec<CompanyId> = listed
        .iter()
        .filter(|row| row.then.is_none())
        .map(|row| row.company)
        .collect();
    for (company, need, r_wg) in queries::list_r_wg(conn, &today)? {
        let needs = by_company
            .entry(company)
            .or_insert_with(|| vec![None; design.framework.needs.len()]);
        if let Some(place) = design.framework.need_position(&need) {
            needs[place] = r_wg;
        }
    }
    let row = |one: &Disagreeing| {
        // One that went meanwhile is left out.
        let (external_id, name, contacts) = names.get(&one.company.0)?;
        Some(CompanyAgreement {
            external_id: external_id.clone(),
            name: name.clone(),
            contacts: match &one.then {
                Some(then) => then.contacts,
                None => u64::try_from(*contacts).unwrap_or(0),
            },
            r_wg: one.r_wg,
            needs: match &one.then {
                Some(then) => then.needs.clone(),
                None => by_company.remove(&one.company.0).unwrap_or_default(),
            },
        })
    };
    Ok(listed.iter().filter_map(row).collect())
}

/// What contacts of the role `one` score higher than their colleagues of the role `other`, by need.
pub fn roles(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    filter: &Filter,
    one: &str,
    other: &str,
) -> store::Result<Vec<RoleGap>> {
    let rows = queries::list_role_rows(conn, one, other)?;
    let inside: Option<HashSet<i64>> = match filter.is_everyone() {
        true => None,
        false => {
            let companies = companies_of(conn, &Chosen::new(design, today, filter))?;
            Some(companies.iter().map(|company| company.id).collect())
        }
    };
    let cuts = Cuts::read(conn, design, today, false, filter)?;
    let sums = rules::role_sums(design, &rows, inside.as_ref(), &cuts);
    Ok(role_gaps(design, &sums, &cuts))
}

/// As [`roles`], at the end of a past day; the contacts' roles are today's, as everywhere (METHOD.md section 1).
pub fn roles_as_of(
    conn: &mut Conn,
    design: &Design,
    day: NaiveDate,
    filter: &Filter,
    one: &str,
    other: &str,
) -> store::Result<Vec<RoleGap>> {
    let is_one = queries::list_of_roles(conn, one, other)?;
    let whole = past::companies(conn, design, day, &Filter::default())?;
    let rows: Vec<RoleRow> = whole
        .iter()
        .flat_map(|company| rules::role_rows(design, company, &is_one))
        .collect();
    let inside: Option<HashSet<i64>> = match filter.is_everyone() {
        true => None,
        false => {
            let inside = past::companies(conn, design, day, filter)?;
            Some(inside.iter().map(PastCompany::id).collect())
        }
    };
    let cuts = Cuts::read(conn, design, day, true, filter)?;
    let sums = rules::role_sums(design, &rows, inside.as_ref(), &cuts);
    Ok(role_gaps(design, &sums, &cuts))
}

fn role_gaps(design: &Design, sums: &[RoleSums], cuts: &Cuts) -> Vec<RoleGap> {
    let least = design.framework.settings.min_group;
    let shown: Vec<Option<Gap>> = sums.iter().map(|sums| sums.gap(cuts, least)).collect();
    let ps: Vec<Option<f64>> = shown.iter().map(|gap| Some((*gap)?.paired?.p)).collect();
    let adjusted = compare::benjamini_hochberg(&ps);
    let needs = design.framework.needs.iter().zip(shown).zip(adjusted);
    let gap = needs.map(|((need, gap), p_adjusted)| RoleGap {
        code: need.code.clone(),
        name: need.name.clone(),
        gap: gap.map(|gap| Gap { p_adjusted, ..gap }),
    });
    gap.collect()
}
