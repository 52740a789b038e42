use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::companies::listing::Viewer;
use crate::ids::{CompanyId, TransactionId};
use crate::store::schema::{companies, sales_tags, segment_changes, transactions};
use crate::store::{Conn, Result};

/// What a rep is shown of a company that is to be tagged.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = companies)]
pub struct CardRow {
    pub id: CompanyId,
    pub external_id: String,
    pub name: String,
    pub customer_since: Option<NaiveDate>,
    pub industry: Option<String>,
    pub country: Option<String>,
    pub employees: Option<i64>,
    pub annual_revenue: Option<f64>,
    pub behaviour: Option<String>,
    pub tier: String,
}

/// A deal, with the company whose it is.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = transactions)]
pub struct DealRow {
    pub external_id: String,
    pub product: Option<String>,
    pub amount: Option<f64>,
    pub occurred_at: NaiveDateTime,
    pub needs: Option<String>,
    #[diesel(select_expression = companies::external_id)]
    pub company: String,
    #[diesel(select_expression = companies::name)]
    pub company_name: String,
    #[diesel(select_expression = companies::industry)]
    pub industry: Option<String>,
    #[diesel(select_expression = companies::behaviour)]
    pub behaviour: Option<String>,
}

macro_rules! seen {
    ($query:ident, $viewer:expr) => {
        match $viewer {
            Viewer::All => {}
            Viewer::Owners(emails) => $query = $query.filter(companies::owner_email.eq_any(emails)),
            Viewer::Unowned => $query = $query.filter(companies::owner_email.is_null()),
        }
    };
}

/// The survey has said something of the company at some time.
pub fn had_survey(conn: &mut Conn, company: CompanyId) -> Result<bool> {
    let by_survey = segment_changes::table
        .filter(segment_changes::company_id.eq(company))
        .filter(segment_changes::source.eq("survey"));
    diesel::select(exists(by_survey)).get_result(conn)
}

pub fn count_untagged(conn: &mut Conn, viewer: &Viewer) -> Result<i64> {
    let tagged = sales_tags::table.filter(sales_tags::company_id.eq(companies::id));
    let mut query = companies::table
        .filter(not(exists(tagged)))
        .select(diesel::dsl::count_star())
        .into_boxed();
    seen!(query, viewer);
    query.get_result(conn)
}

pub fn find_untagged(conn: &mut Conn, viewer: &Viewer, skip: i64) -> Result<Option<CardRow>> {
    let tagged = sales_tags::table.filter(sales_tags::company_id.eq(companies::id));
    let mut query = companies::table
        .filter(not(exists(tagged)))
        .select(CardRow::as_select())
        .into_boxed();
    seen!(query, viewer);
    query
        .order((
            companies::annual_revenue.is_null(),
            companies::annual_revenue.desc(),
            companies::id,
        ))
        .offset(skip)
        .first(conn)
        .optional()
}

/// The company's newest ones.
pub fn list_deals(conn: &mut Conn, company: CompanyId, most: i64) -> Result<Vec<DealRow>> {
    transactions::table
        .inner_join(companies::table)
        .filter(transactions::company_id.eq(company))
        .order((transactions::occurred_at.desc(), transactions::id.desc()))
        .limit(most)
        .select(DealRow::as_select())
        .load(conn)
}

pub fn count_uncoded(conn: &mut Conn, viewer: &Viewer) -> Result<i64> {
    let mut query = transactions::table
        .inner_join(companies::table)
        .filter(transactions::needs.is_null().or(transactions::needs.eq("").nullable()))
        .select(diesel::dsl::count_star())
        .into_boxed();
    seen!(query, viewer);
    query.get_result(conn)
}

pub fn find_uncoded(conn: &mut Conn, viewer: &Viewer, skip: i64) -> Result<Option<DealRow>> {
    let mut query = transactions::table
        .inner_join(companies::table)
        .filter(transactions::needs.is_null().or(transactions::needs.eq("").nullable()))
        .select(DealRow::as_select())
        .into_boxed();
    seen!(query, viewer);
    query
        .order((transactions::occurred_at.desc(), transactions::id.desc()))
        .offset(skip)
        .first(conn)
        .optional()
}

pub fn find_deal(conn: &mut Conn, viewer: &Viewer, external_id: &str) -> Result<Option<(TransactionId, CompanyId)>> {
    let mut query = transactions::table
        .inner_join(companies::table)
        .filter(transactions::external_id.eq(external_id))
        .select((transactions::id, transactions::company_id))
        .into_boxed();
    seen!(query, viewer);
    query.first(conn).optional()
}

pub fn set_needs(conn: &mut Conn, id: TransactionId, needs: Option<String>) -> Result<()> {
    diesel::update(transactions::table.find(id))
        .set(transactions::needs.eq(needs))
        .execute(conn)
        .map(|_| ())
}
