//! May contacts be added up to a company, and where do they disagree? (METHOD.md section 6)
//!
//! Figures of companies are always shown. What is told by role stands on many companies, or is not
//! told: a difference within one company of two people would be what each of them said.

mod queries;
mod rules;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::{Chosen, Filter};
use crate::design::Design;
use crate::framework::Code;
use crate::ids::CompanyId;
use crate::method::agreement::Icc;
use crate::method::compare::{self, Paired, Sample};
use crate::store::{self, Conn};

pub use rules::{Alike, Band, Reliable, usual_roles};

/// So many companies are listed.
pub const LISTED: i64 = 1_000;

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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disagreeing {
    pub company: CompanyId,
    pub r_wg: f64,
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
    let chosen = Chosen::new(design, today, filter);
    let sums = queries::list_group_sums(conn, &chosen)?;
    let bands = queries::list_bands(conn, &chosen)?;
    let needs = design.framework.needs.iter().map(|need| NeedAgreement {
        code: need.code.clone(),
        name: need.name.clone(),
        icc: rules::icc(&need.code, &sums),
        bands: rules::bands(&need.code, &bands),
    });
    Ok(Figures {
        needs: needs.collect(),
        companies: queries::count_companies(conn, &chosen)?.unsigned_abs(),
        disagreeing: queries::list_disagreeing(conn, &chosen, LISTED)?
            .into_iter()
            .map(|row| Disagreeing {
                company: CompanyId(row.company_id),
                r_wg: row.r_wg,
            })
            .collect(),
    })
}

/// How alike contacts of one company are, by need in framework order.
pub fn icc(conn: &mut Conn, design: &Design, today: NaiveDate, filter: &Filter) -> store::Result<Vec<Icc>> {
    let sums = queries::list_group_sums(conn, &Chosen::new(design, today, filter))?;
    let needs = design.framework.needs.iter();
    Ok(needs.map(|need| rules::icc(&need.code, &sums)).collect())
}

/// A page of the list, with what it shows of each company.
pub fn companies(conn: &mut Conn, design: &Design, listed: &[Disagreeing]) -> store::Result<Vec<CompanyAgreement>> {
    let ids: Vec<CompanyId> = listed.iter().map(|row| row.company).collect();
    let names: HashMap<i64, (String, String, i32)> = queries::list_names(conn, &ids)?
        .into_iter()
        .map(|(id, external_id, name, contacts)| (id, (external_id, name, contacts.unwrap_or(0))))
        .collect();
    let mut by_company: BTreeMap<i64, Vec<Option<f64>>> = BTreeMap::new();
    for (company, need, r_wg) in queries::list_r_wg(conn, &ids)? {
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
            contacts: u64::try_from(*contacts).unwrap_or(0),
            r_wg: one.r_wg,
            needs: by_company.remove(&one.company.0).unwrap_or_default(),
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
    let rows = queries::list_role_sums(conn, &Chosen::new(design, today, filter), one, other)?;
    // What the filter leaves out could be had by taking what it lets through from the whole.
    let whole = match filter.is_everyone() {
        true => rows.clone(),
        false => queries::list_role_sums(conn, &Chosen::new(design, today, &Filter::default()), one, other)?,
    };
    let least = design.framework.settings.min_group;
    let shown: Vec<Option<Gap>> = design
        .framework
        .needs
        .iter()
        .map(|need| rules::gap(&need.code, &rows, &whole, least))
        .collect();
    let ps: Vec<Option<f64>> = shown.iter().map(|gap| Some((*gap)?.paired?.p)).collect();
    let adjusted = compare::benjamini_hochberg(&ps);
    let needs = design.framework.needs.iter().zip(shown).zip(adjusted);
    let gap = needs.map(|((need, gap), p_adjusted)| RoleGap {
        code: need.code.clone(),
        name: need.name.clone(),
        gap: gap.map(|gap| Gap { p_adjusted, ..gap }),
    });
    Ok(gap.collect())
}
