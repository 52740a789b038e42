use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::rules::Facts;
use crate::companies::listing::{self, Stretch, Viewer};
use crate::ids::{CompanyId, ContactId};
use crate::store::schema::{companies, contact_attributes, contacts, suppressions};
use crate::store::{Conn, ROWS_PER_INSERT, Result, insert_rows, list_in_chunks};
use crate::text::fold;

#[derive(Queryable, Selectable)]
#[diesel(table_name = contacts)]
struct FactsRow {
    id: ContactId,
    external_id: String,
    company_id: Option<CompanyId>,
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
    role: Option<String>,
    language: Option<String>,
    time_zone: Option<String>,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = contacts, treat_none_as_null = true, treat_none_as_default_value = false)]
struct NewRow<'a> {
    external_id: &'a str,
    company_id: Option<CompanyId>,
    email: &'a str,
    email_key: String,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    name_key: String,
    role: Option<&'a str>,
    language: Option<&'a str>,
    time_zone: Option<&'a str>,
    updated_at: NaiveDateTime,
}

impl<'a> NewRow<'a> {
    fn of(now: NaiveDateTime, facts: &'a Facts) -> NewRow<'a> {
        let names = [facts.first_name.as_deref(), facts.last_name.as_deref()];
        NewRow {
            external_id: &facts.external_id,
            company_id: facts.company,
            email: facts.email.as_ref().map_or("", |email| email.as_str()),
            email_key: facts.email.as_ref().map(|email| email.folded()).unwrap_or_default(),
            first_name: names[0],
            last_name: names[1],
            name_key: fold::search_key(&names.map(Option::unwrap_or_default).join(" ")),
            role: facts.role.as_deref(),
            language: facts.language.as_deref(),
            time_zone: facts.time_zone.as_deref(),
            updated_at: now,
        }
    }
}

/// Which of these external ids are there already, and as what.
pub fn list_ids(conn: &mut Conn, external_ids: &[&str]) -> Result<HashMap<String, ContactId>> {
    let pairs = list_in_chunks(external_ids, |chunk| {
        contacts::table
            .filter(contacts::external_id.eq_any(chunk.iter().copied()))
            .select((contacts::external_id, contacts::id))
            .load::<(String, ContactId)>(conn)
    })?;
    Ok(pairs.into_iter().collect())
}

/// These contacts with the companies that they are at.
pub fn list_with_companies(
    conn: &mut Conn,
    external_ids: &[&str],
) -> Result<HashMap<String, (ContactId, Option<CompanyId>)>> {
    let rows = list_in_chunks(external_ids, |chunk| {
        contacts::table
            .filter(contacts::external_id.eq_any(chunk.iter().copied()))
            .select((contacts::external_id, contacts::id, contacts::company_id))
            .load::<(String, ContactId, Option<CompanyId>)>(conn)
    })?;
    Ok(rows
        .into_iter()
        .map(|(external_id, id, company)| (external_id, (id, company)))
        .collect())
}

/// All that is known about those of these contacts that are there, by external id.
pub fn list_facts(conn: &mut Conn, external_ids: &[&str]) -> Result<HashMap<String, (ContactId, Facts)>> {
    let rows: Vec<FactsRow> = list_in_chunks(external_ids, |chunk| {
        contacts::table
            .filter(contacts::external_id.eq_any(chunk.iter().copied()))
            .select(FactsRow::as_select())
            .load(conn)
    })?;
    let ids: Vec<ContactId> = rows.iter().map(|row| row.id).collect();
    let mut attributes = list_attributes(conn, &ids)?;
    let whole = |row: FactsRow| {
        let facts = Facts {
            external_id: row.external_id.clone(),
            company: row.company_id,
            email: fold::email(&row.email),
            first_name: row.first_name,
            last_name: row.last_name,
            role: row.role,
            language: row.language,
            time_zone: row.time_zone,
            attributes: attributes.remove(&row.id).unwrap_or_default(),
        };
        (row.external_id, (row.id, facts))
    };
    Ok(rows.into_iter().map(whole).collect())
}

fn list_attributes(conn: &mut Conn, ids: &[ContactId]) -> Result<HashMap<ContactId, BTreeMap<String, String>>> {
    let rows = list_in_chunks(ids, |chunk| {
        contact_attributes::table
            .filter(contact_attributes::contact_id.eq_any(chunk))
            .load::<(ContactId, String, String)>(conn)
    })?;
    let mut attributes: HashMap<ContactId, BTreeMap<String, String>> = HashMap::new();
    for (id, name, value) in rows {
        attributes.entry(id).or_default().insert(name, value);
    }
    Ok(attributes)
}

pub fn insert(conn: &mut Conn, now: NaiveDateTime, facts: &[&Facts]) -> Result<()> {
    let rows: Vec<_> = facts
        .iter()
        .map(|facts| (NewRow::of(now, facts), contacts::created_at.eq(now)))
        .collect();
    insert_rows!(conn, contacts::table, rows).map(|_| ())
}

pub fn update(conn: &mut Conn, now: NaiveDateTime, id: ContactId, facts: &Facts) -> Result<()> {
    diesel::update(contacts::table.filter(contacts::id.eq(id)))
        .set(NewRow::of(now, facts))
        .execute(conn)
        .map(|_| ())
}

/// Puts these contacts' attributes in place of what they had.
pub fn replace_attributes(conn: &mut Conn, of: &[(ContactId, &Facts)]) -> Result<()> {
    for chunk in of.chunks(ROWS_PER_INSERT) {
        let ids = chunk.iter().map(|(id, _)| *id);
        diesel::delete(contact_attributes::table.filter(contact_attributes::contact_id.eq_any(ids))).execute(conn)?;
    }
    let rows = of
        .iter()
        .flat_map(|(id, facts)| facts.attributes.iter().map(move |(name, value)| (*id, name, value)));
    let rows: Vec<_> = rows
        .map(|(id, name, value)| {
            (
                contact_attributes::contact_id.eq(id),
                contact_attributes::name.eq(name),
                contact_attributes::value.eq(value),
            )
        })
        .collect();
    insert_rows!(conn, contact_attributes::table, rows)?;
    Ok(())
}

/// A contact as a list shows it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = contacts)]
pub struct Listed {
    pub id: ContactId,
    pub external_id: String,
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub role: Option<String>,
    pub language: Option<String>,
    /// The company's external id and name.
    #[diesel(select_expression = companies::external_id.nullable())]
    pub company: Option<String>,
    #[diesel(select_expression = companies::name.nullable())]
    pub company_name: Option<String>,
    /// Why no mail goes there at all.
    #[diesel(select_expression = suppressions::reason.nullable())]
    pub suppressed: Option<String>,
}

impl Listed {
    /// First and last name as far as they are known.
    pub fn name(&self) -> String {
        let known: Vec<&str> = [&self.first_name, &self.last_name]
            .into_iter()
            .filter_map(|name| name.as_deref())
            .collect();
        known.join(" ")
    }
}

/// The suppression of the contact's address that stops every drip.
#[diesel::dsl::auto_type]
fn of_everything() -> _ {
    suppressions::email_key
        .eq(contacts::email_key)
        .and(suppressions::drip.eq(""))
}

/// The contacts that a search finds and the viewer may see, as a query in `$query`.
macro_rules! found {
    ($query:ident, $viewer:expr, $search:expr) => {
        match $viewer {
            Viewer::All => {}
            Viewer::Owners(emails) => $query = $query.filter(companies::owner_email.eq_any(emails)),
            // Without a company a contact is nobody's, as a company without an owner is.
            Viewer::Unowned => $query = $query.filter(companies::owner_email.is_null()),
        }
        if let Some(search) = $search {
            let pattern = listing::pattern(&fold::search_key(search));
            let named = contacts::name_key.like(pattern.clone()).escape('\\');
            let written = contacts::email_key.like(pattern).escape('\\');
            $query = $query.filter(named.or(written).or(contacts::external_id.eq(search.trim())));
        }
    };
}

pub fn list(conn: &mut Conn, viewer: &Viewer, search: Option<&str>, stretch: Stretch) -> Result<Vec<Listed>> {
    let mut query = contacts::table
        .left_join(companies::table)
        .left_join(suppressions::table.on(of_everything()))
        .select(Listed::as_select())
        .into_boxed();
    found!(query, viewer, search);
    query
        .order((contacts::name_key, contacts::id))
        .offset(stretch.skip)
        .limit(stretch.most)
        .load(conn)
}

pub fn find(conn: &mut Conn, viewer: &Viewer, external_id: &str) -> Result<Option<Listed>> {
    let mut query = contacts::table
        .left_join(companies::table)
        .left_join(suppressions::table.on(of_everything()))
        .select(Listed::as_select())
        .into_boxed();
    found!(query, viewer, None::<&str>);
    query
        .filter(contacts::external_id.eq(external_id))
        .first(conn)
        .optional()
}

pub fn count(conn: &mut Conn, viewer: &Viewer, search: Option<&str>) -> Result<i64> {
    if matches!(viewer, Viewer::All) && search.is_none() {
        // Without a condition there is nothing to look up at their companies.
        return contacts::table.select(diesel::dsl::count_star()).get_result(conn);
    }
    let mut query = contacts::table
        .left_join(companies::table)
        .left_join(suppressions::table.on(of_everything()))
        .select(diesel::dsl::count_star())
        .into_boxed();
    found!(query, viewer, search);
    query.get_result(conn)
}

pub fn list_of_company(conn: &mut Conn, company: CompanyId) -> Result<Vec<Listed>> {
    contacts::table
        .left_join(companies::table)
        .left_join(suppressions::table.on(of_everything()))
        .filter(contacts::company_id.eq(company))
        .order((contacts::name_key, contacts::id))
        .select(Listed::as_select())
        .load(conn)
}

/// How many contacts have each language, as it was imported; `None`: none is known.
pub fn count_by_language(conn: &mut Conn) -> Result<Vec<(Option<String>, i64)>> {
    contacts::table
        .group_by(contacts::language)
        .order(contacts::language)
        .select((contacts::language, diesel::dsl::count_star()))
        .load(conn)
}
