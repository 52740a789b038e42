//! What a company is called and to what it belongs: other ids, domains, the group.

use chrono::NaiveDateTime;

use super::Refusal;
use super::queries::{self, AliasRow, NamedRow};
use crate::audit;
use crate::companies::listing::{self, Listed, Viewer};
use crate::ids::CompanyId;
use crate::store::{self, Conn, is_taken};
use crate::text::fold;

/// The longest external id.
const LONGEST: usize = 100;

/// Its other external ids.
pub fn list_aliases(conn: &mut Conn, company: CompanyId) -> store::Result<Vec<AliasRow>> {
    queries::list_aliases(conn, company)
}

/// Imports and the API find the company under this id, too.
pub fn add_alias(conn: &mut Conn, now: NaiveDateTime, company: &Listed, alias: &str, by: &str) -> Result<(), Refusal> {
    let alias = fold::line(alias, LONGEST).map_err(|_| Refusal::UnfitAlias)?;
    if alias.is_empty() {
        return Err(Refusal::UnfitAlias);
    }
    if listing::find(conn, &Viewer::All, &alias)?.is_some() {
        return Err(Refusal::AliasTaken(alias));
    }
    queries::insert_alias(conn, now, &alias, company.id, None, by).map_err(|error| match is_taken(&error) {
        true => Refusal::AliasTaken(alias.clone()),
        false => error.into(),
    })?;
    audit::note(conn, now, by, "company.alias", &company.external_id, &alias)?;
    Ok(())
}

/// The company is not found under this id any more. One that a merge made goes with the merge alone.
pub fn remove_alias(
    conn: &mut Conn,
    now: NaiveDateTime,
    company: &Listed,
    alias: &str,
    by: &str,
) -> Result<(), Refusal> {
    let known = queries::list_aliases(conn, company.id)?;
    let found = known.iter().find(|known| known.external_id == alias);
    match found {
        None => return Err(Refusal::UnknownCompany(alias.to_owned())),
        Some(found) if found.merge_id.is_some() => return Err(Refusal::AliasOfMerge),
        Some(_) => queries::delete_alias(conn, alias)?,
    };
    audit::note(conn, now, by, "company.alias_removed", &company.external_id, alias)?;
    Ok(())
}

/// Puts these mail domains, each on a line or joined by commas, in place of those that it had.
pub fn set_domains(
    conn: &mut Conn,
    now: NaiveDateTime,
    company: &Listed,
    domains: &str,
    by: &str,
) -> Result<(), Refusal> {
    let mut read: Vec<String> = Vec::new();
    let words = domains.split([',', '|', ' ', '\r', '\n']).map(str::trim);
    for word in words.filter(|word| !word.is_empty()) {
        let domain = fold::email_domain(word.trim_start_matches('@'));
        let domain = domain.ok_or_else(|| Refusal::UnfitDomain(word.to_owned()))?;
        if !read.contains(&domain) {
            read.push(domain);
        }
    }
    if read == queries::list_domains(conn, company.id)? {
        return Ok(());
    }
    queries::delete_domains(conn, company.id, None)?;
    queries::insert_domains(conn, company.id, &read)?;
    audit::note(conn, now, by, "company.domains", &company.external_id, &read.join(", "))?;
    Ok(())
}

/// The company of which this one is a part.
pub fn parent_of(conn: &mut Conn, company: CompanyId) -> store::Result<Option<NamedRow>> {
    match queries::find_named(conn, company)?.and_then(|company| company.parent_id) {
        Some(parent) => queries::find_named(conn, parent),
        None => Ok(None),
    }
}

/// The companies that are part of this one, by name.
pub fn list_children(conn: &mut Conn, company: CompanyId) -> store::Result<Vec<NamedRow>> {
    queries::list_children(conn, company)
}

/// Groups in groups in groups: no more than so many are looked through.
const DEEPEST: usize = 100;

/// Makes the company a part of another one, by external id; `None`: of none.
pub fn set_parent(
    conn: &mut Conn,
    now: NaiveDateTime,
    company: &Listed,
    parent: Option<&str>,
    by: &str,
) -> Result<(), Refusal> {
    let parent = match parent {
        Some(external_id) => {
            let parent = listing::find(conn, &Viewer::All, external_id)?;
            Some(parent.ok_or_else(|| Refusal::UnknownCompany(external_id.to_owned()))?)
        }
        None => None,
    };
    if let Some(parent) = &parent {
        if parent.id == company.id {
            return Err(Refusal::ParentOfItself);
        }
        let mut above = Some(parent.id);
        for _ in 0..DEEPEST {
            let Some(id) = above else { break };
            if id == company.id {
                return Err(Refusal::ParentInARing(parent.name.clone()));
            }
            above = queries::find_named(conn, id)?.and_then(|company| company.parent_id);
        }
    }
    queries::set_parent(conn, company.id, parent.as_ref().map(|parent| parent.id))?;
    let detail = parent.map_or_else(|| "none".to_owned(), |parent| parent.external_id);
    audit::note(conn, now, by, "company.parent", &company.external_id, &detail)?;
    Ok(())
}
