use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::ids::CompanyId;
use crate::store::schema::{answers, companies, company_attributes, contacts, question_versions};
use crate::store::{Conn, Result};

/// An answer with the names by which the outside knows what it is about.
#[derive(Queryable, Selectable)]
#[diesel(table_name = answers)]
pub struct AnswerRow {
    #[diesel(select_expression = companies::external_id)]
    pub company: String,
    #[diesel(select_expression = contacts::external_id)]
    pub contact: String,
    pub question: String,
    pub row_code: String,
    #[diesel(select_expression = question_versions::version)]
    pub version: i32,
    pub value: String,
    pub at: NaiveDateTime,
    pub channel: String,
    pub author: Option<String>,
    pub suspect: bool,
}

/// The answers of a range of companies in key order.
pub fn list_answers_between(conn: &mut Conn, first: CompanyId, last: CompanyId) -> Result<Vec<AnswerRow>> {
    answers::table
        .inner_join(companies::table.on(companies::id.eq(answers::company_id)))
        .inner_join(contacts::table.on(contacts::id.eq(answers::contact_id)))
        .inner_join(question_versions::table.on(question_versions::id.eq(answers::version_id)))
        .filter(answers::company_id.between(first, last))
        .order((
            answers::company_id,
            answers::contact_id,
            answers::question,
            answers::row_code,
            answers::at,
            answers::seq,
        ))
        .select(AnswerRow::as_select())
        .load(conn)
}

/// What was worked out of companies: the behaviour in effect, and attributes by name.
pub struct WorkedOut {
    pub behaviour: HashMap<CompanyId, String>,
    pub attributes: HashMap<CompanyId, BTreeMap<String, String>>,
}

/// Of a range of companies in key order.
pub fn list_worked_out(conn: &mut Conn, first: CompanyId, last: CompanyId) -> Result<WorkedOut> {
    let behaviour: Vec<(CompanyId, Option<String>)> = companies::table
        .filter(companies::id.between(first, last))
        .select((companies::id, companies::behaviour))
        .load(conn)?;
    let rows: Vec<(CompanyId, String, String)> = company_attributes::table
        .filter(company_attributes::company_id.between(first, last))
        .filter(company_attributes::worked_out)
        .select((
            company_attributes::company_id,
            company_attributes::name,
            company_attributes::value,
        ))
        .load(conn)?;
    let mut attributes: HashMap<CompanyId, BTreeMap<String, String>> = HashMap::new();
    for (company, name, value) in rows {
        attributes.entry(company).or_default().insert(name, value);
    }
    Ok(WorkedOut {
        behaviour: (behaviour.into_iter())
            .filter_map(|(id, behaviour)| Some((id, behaviour?)))
            .collect(),
        attributes,
    })
}

/// Every attribute that some company has, by name.
pub fn list_attribute_names(conn: &mut Conn) -> Result<Vec<String>> {
    let mut names: Vec<String> = company_attributes::table
        .select(company_attributes::name)
        .distinct()
        .load(conn)?;
    names.sort();
    Ok(names)
}
