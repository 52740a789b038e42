use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::rules::{CustomerType, Facts};
use crate::ids::CompanyId;
use crate::store::schema::{companies, company_aliases, company_attributes, company_domains};
use crate::store::{Conn, ROWS_PER_INSERT, Result, insert_rows, list_in_chunks};
use crate::text::fold;

#[derive(Queryable, Selectable)]
#[diesel(table_name = companies)]
struct FactsRow {
    id: CompanyId,
    external_id: String,
    name: String,
    customer_since: Option<NaiveDate>,
    industry: Option<String>,
    country: Option<String>,
    region: Option<String>,
    employees: Option<i64>,
    annual_revenue: Option<f64>,
    customer_type: Option<String>,
    journey_stage: Option<String>,
    behaviour: Option<String>,
    technology_level: Option<String>,
    time_zone: Option<String>,
    owner_email: Option<String>,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = companies, treat_none_as_null = true, treat_none_as_default_value = false)]
struct NewRow<'a> {
    external_id: &'a str,
    name: &'a str,
    name_key: String,
    customer_since: Option<NaiveDate>,
    industry: Option<&'a str>,
    country: Option<&'a str>,
    region: Option<&'a str>,
    employees: Option<i64>,
    annual_revenue: Option<f64>,
    customer_type: Option<&'static str>,
    journey_stage: Option<&'a str>,
    behaviour: Option<&'a str>,
    technology_level: Option<&'a str>,
    time_zone: Option<&'a str>,
    owner_email: Option<&'a str>,
    updated_at: NaiveDateTime,
}

impl<'a> NewRow<'a> {
    fn of(now: NaiveDateTime, facts: &'a Facts) -> NewRow<'a> {
        NewRow {
            external_id: &facts.external_id,
            name: &facts.name,
            name_key: fold::search_key(&facts.name),
            customer_since: facts.customer_since,
            industry: facts.industry.as_deref(),
            country: facts.country.as_deref(),
            region: facts.region.as_deref(),
            employees: facts.employees,
            annual_revenue: facts.annual_revenue,
            customer_type: facts.customer_type.map(|kind| kind.as_str()),
            journey_stage: facts.journey_stage.as_deref(),
            behaviour: facts.behaviour.as_deref(),
            technology_level: facts.technology_level.as_deref(),
            time_zone: facts.time_zone.as_deref(),
            owner_email: facts.owner_email.as_deref(),
            updated_at: now,
        }
    }
}

/// Which of these external ids are there already, their own or other ones, and as what.
pub fn list_ids(conn: &mut Conn, external_ids: &[&str]) -> Result<HashMap<String, CompanyId>> {
    let mut ids = list_aliases(conn, external_ids)?;
    let pairs = list_in_chunks(external_ids, |chunk| {
        companies::table
            .filter(companies::external_id.eq_any(chunk.iter().copied()))
            .select((companies::external_id, companies::id))
            .load::<(String, CompanyId)>(conn)
    })?;
    ids.extend(pairs);
    Ok(ids)
}

/// Which of these external ids are other ones of some company, and of which.
pub fn list_aliases(conn: &mut Conn, external_ids: &[&str]) -> Result<HashMap<String, CompanyId>> {
    let pairs = list_in_chunks(external_ids, |chunk| {
        company_aliases::table
            .filter(company_aliases::external_id.eq_any(chunk.iter().copied()))
            .select((company_aliases::external_id, company_aliases::company_id))
            .load::<(String, CompanyId)>(conn)
    })?;
    Ok(pairs.into_iter().collect())
}

/// All that is known about those of these companies that are there, by external id.
pub fn list_facts(conn: &mut Conn, external_ids: &[&str]) -> Result<HashMap<String, (CompanyId, Facts)>> {
    let rows: Vec<FactsRow> = list_in_chunks(external_ids, |chunk| {
        companies::table
            .filter(companies::external_id.eq_any(chunk.iter().copied()))
            .select(FactsRow::as_select())
            .load(conn)
    })?;
    let ids: Vec<CompanyId> = rows.iter().map(|row| row.id).collect();
    let mut attributes = list_attributes(conn, &ids)?;
    let mut domains = list_domains(conn, &ids)?;
    let whole = |row: FactsRow| {
        let facts = Facts {
            external_id: row.external_id.clone(),
            name: row.name,
            customer_since: row.customer_since,
            industry: row.industry,
            country: row.country,
            region: row.region,
            employees: row.employees,
            annual_revenue: row.annual_revenue,
            customer_type: row.customer_type.as_deref().and_then(CustomerType::parse),
            journey_stage: row.journey_stage,
            behaviour: row.behaviour,
            technology_level: row.technology_level,
            time_zone: row.time_zone,
            owner_email: row.owner_email,
            domains: domains.remove(&row.id).unwrap_or_default(),
            attributes: attributes.remove(&row.id).unwrap_or_default(),
        };
        (row.external_id, (row.id, facts))
    };
    Ok(rows.into_iter().map(whole).collect())
}

fn list_attributes(conn: &mut Conn, ids: &[CompanyId]) -> Result<HashMap<CompanyId, BTreeMap<String, String>>> {
    let rows = list_in_chunks(ids, |chunk| {
        company_attributes::table
            .filter(company_attributes::company_id.eq_any(chunk))
            .load::<(CompanyId, String, String)>(conn)
    })?;
    let mut attributes: HashMap<CompanyId, BTreeMap<String, String>> = HashMap::new();
    for (id, name, value) in rows {
        attributes.entry(id).or_default().insert(name, value);
    }
    Ok(attributes)
}

fn list_domains(conn: &mut Conn, ids: &[CompanyId]) -> Result<HashMap<CompanyId, Vec<String>>> {
    let rows = list_in_chunks(ids, |chunk| {
        company_domains::table
            .filter(company_domains::company_id.eq_any(chunk))
            .order((company_domains::company_id, company_domains::position))
            .select((company_domains::company_id, company_domains::domain))
            .load::<(CompanyId, String)>(conn)
    })?;
    let mut domains: HashMap<CompanyId, Vec<String>> = HashMap::new();
    for (id, domain) in rows {
        domains.entry(id).or_default().push(domain);
    }
    Ok(domains)
}

/// Domains with each company that names them.
pub fn list_owners_of_domains(conn: &mut Conn, domains: &[&str]) -> Result<Vec<(String, CompanyId)>> {
    list_in_chunks(domains, |chunk| {
        company_domains::table
            .filter(company_domains::domain.eq_any(chunk.iter().copied()))
            .select((company_domains::domain, company_domains::company_id))
            .load(conn)
    })
}

pub fn insert(conn: &mut Conn, now: NaiveDateTime, facts: &[&Facts]) -> Result<()> {
    let rows: Vec<_> = facts
        .iter()
        .map(|facts| (NewRow::of(now, facts), companies::created_at.eq(now)))
        .collect();
    insert_rows!(conn, companies::table, rows).map(|_| ())
}

pub fn update(conn: &mut Conn, now: NaiveDateTime, id: CompanyId, facts: &Facts) -> Result<()> {
    diesel::update(companies::table.filter(companies::id.eq(id)))
        .set(NewRow::of(now, facts))
        .execute(conn)
        .map(|_| ())
}

/// Puts these companies' attributes in place of what they had.
pub fn replace_attributes(conn: &mut Conn, of: &[(CompanyId, &Facts)]) -> Result<()> {
    for chunk in of.chunks(ROWS_PER_INSERT) {
        let ids = chunk.iter().map(|(id, _)| *id);
        diesel::delete(company_attributes::table.filter(company_attributes::company_id.eq_any(ids))).execute(conn)?;
    }
    let rows = of
        .iter()
        .flat_map(|(id, facts)| facts.attributes.iter().map(move |(name, value)| (*id, name, value)));
    let rows: Vec<_> = rows
        .map(|(id, name, value)| {
            (
                company_attributes::company_id.eq(id),
                company_attributes::name.eq(name),
                company_attributes::value.eq(value),
            )
        })
        .collect();
    insert_rows!(conn, company_attributes::table, rows)?;
    Ok(())
}

/// Puts these companies' domains in place of what they had.
pub fn replace_domains(conn: &mut Conn, of: &[(CompanyId, &Facts)]) -> Result<()> {
    for chunk in of.chunks(ROWS_PER_INSERT) {
        let ids = chunk.iter().map(|(id, _)| *id);
        diesel::delete(company_domains::table.filter(company_domains::company_id.eq_any(ids))).execute(conn)?;
    }
    let rows = of.iter().flat_map(|(id, facts)| {
        (0..)
            .zip(&facts.domains)
            .map(move |(position, domain)| (*id, position, domain))
    });
    let rows: Vec<_> = rows
        .map(|(id, position, domain)| {
            (
                company_domains::company_id.eq(id),
                company_domains::position.eq(position),
                company_domains::domain.eq(domain),
            )
        })
        .collect();
    insert_rows!(conn, company_domains::table, rows)?;
    Ok(())
}

/// What a company's tier is made from, and the tier that stands.
#[derive(Queryable, Selectable)]
#[diesel(table_name = companies)]
pub struct Revenue {
    pub id: CompanyId,
    pub external_id: String,
    pub annual_revenue: Option<f64>,
    pub tier: String,
}

pub fn list_revenues(conn: &mut Conn) -> Result<Vec<Revenue>> {
    companies::table
        .order(companies::id)
        .select(Revenue::as_select())
        .load(conn)
}

pub fn set_tier(conn: &mut Conn, ids: &[CompanyId], tier: &str) -> Result<()> {
    for chunk in ids.chunks(ROWS_PER_INSERT) {
        diesel::update(companies::table.filter(companies::id.eq_any(chunk)))
            .set(companies::tier.eq(tier))
            .execute(conn)?;
    }
    Ok(())
}
