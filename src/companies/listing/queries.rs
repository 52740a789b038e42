use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Column, Filter, Order, Stretch, Viewer, pattern};
use crate::ids::CompanyId;
use crate::method::size::{SIZES, UNKNOWN};
use crate::method::tenure::Tenure;
use crate::store::schema::{companies, company_aliases, company_attributes, company_evidence, company_segments};
use crate::store::schema::{deal_segments, sales_tags, survey_segments};
use crate::store::{Conn, Result};
use crate::text::fold;

/// A company as a list shows it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = companies)]
pub struct Listed {
    pub id: CompanyId,
    pub external_id: String,
    pub name: String,
    pub customer_since: Option<NaiveDate>,
    pub industry: Option<String>,
    pub country: Option<String>,
    pub annual_revenue: Option<f64>,
    pub tier: String,
    /// The segment in effect, and what it rests on.
    #[diesel(select_expression = company_segments::segment.nullable())]
    pub segment: Option<String>,
    #[diesel(select_expression = company_segments::source.nullable())]
    pub source: Option<String>,
    /// The newest scored answers.
    #[diesel(select_expression = company_evidence::answers.nullable())]
    pub answers: Option<i32>,
    #[diesel(select_expression = company_evidence::contacts_answered.nullable())]
    pub contacts_answered: Option<i32>,
}

/// The companies that the viewer may see, as a query in `$query`.
macro_rules! seen {
    ($query:ident, $viewer:expr) => {
        match $viewer {
            Viewer::All => {}
            Viewer::Owners(emails) => $query = $query.filter(companies::owner_email.eq_any(emails)),
            Viewer::Unowned => $query = $query.filter(companies::owner_email.is_null()),
        }
    };
}

/// The companies that pass a filter and that the viewer may see, as a query in `$query`.
macro_rules! passing {
    ($query:ident, $viewer:expr, $filter:expr) => {
        let filter = $filter;
        seen!($query, $viewer);
        if let Some(search) = &filter.search {
            let named = companies::name_key
                .like(pattern(&fold::search_key(search)))
                .escape('\\');
            let other = company_aliases::table
                .filter(company_aliases::external_id.eq(search.trim()))
                .select(company_aliases::company_id);
            let called = companies::external_id.eq(search.trim()).or(companies::id.eq_any(other));
            $query = $query.filter(named.or(called));
        }
        if filter.without_segment {
            let wanted = company_segments::segment.nullable().eq_any(&filter.segment);
            $query = $query.filter(company_segments::segment.nullable().is_null().or(wanted));
        } else if !filter.segment.is_empty() {
            $query = $query.filter(company_segments::segment.nullable().eq_any(&filter.segment));
        }
        if !filter.tenure.is_empty() {
            // A day that no company has, where nobody is long-standing.
            let last = filter.long_standing_since.unwrap_or(NaiveDate::MIN);
            let last = last.max(NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or_default());
            let wants = |tenure| filter.tenure.contains(&tenure).into_sql::<diesel::sql_types::Bool>();
            let new = companies::customer_since.gt(last).and(wants(Tenure::New));
            let long = companies::customer_since.le(last).and(wants(Tenure::LongStanding));
            let unknown = companies::customer_since.is_null().and(wants(Tenure::Unknown));
            $query = $query.filter(new.or(long).or(unknown));
        }
        if !filter.industry.is_empty() {
            $query = $query.filter(companies::industry.eq_any(&filter.industry));
        }
        if !filter.country.is_empty() {
            $query = $query.filter(companies::country.eq_any(&filter.country));
        }
        if !filter.tier.is_empty() {
            $query = $query.filter(companies::tier.eq_any(&filter.tier));
        }
        if !filter.behaviour.is_empty() {
            $query = $query.filter(companies::behaviour.eq_any(&filter.behaviour));
        }
        for (name, values) in filter.attributes.iter().filter(|(_, values)| !values.is_empty()) {
            match name.as_str() {
                "region" => $query = $query.filter(companies::region.eq_any(values)),
                "customer_type" => $query = $query.filter(companies::customer_type.eq_any(values)),
                "journey_stage" => $query = $query.filter(companies::journey_stage.eq_any(values)),
                "technology_level" => $query = $query.filter(companies::technology_level.eq_any(values)),
                "employees" => {
                    let wants = |size: &str| {
                        let wanted = values.iter().any(|value| value == size);
                        wanted.into_sql::<diesel::sql_types::Bool>()
                    };
                    let within = |band: usize| {
                        let (name, below) = SIZES[band];
                        let from = band.checked_sub(1).and_then(|before| SIZES[before].1);
                        let number = companies::employees;
                        let reaches = number.ge(from.unwrap_or(i64::MIN));
                        reaches.and(number.lt(below.unwrap_or(i64::MAX))).and(wants(name))
                    };
                    let unknown = companies::employees.is_null().and(wants(UNKNOWN));
                    let known = within(0).or(within(1)).or(within(2)).or(within(3)).or(within(4));
                    $query = $query.filter(known.or(unknown));
                }
                _ => {
                    let holders = company_attributes::table
                        .filter(company_attributes::name.eq(name))
                        .filter(company_attributes::value.eq_any(values))
                        .select(company_attributes::company_id);
                    $query = $query.filter(companies::id.eq_any(holders));
                }
            }
        }
        if let Some(from) = filter.answered_from {
            $query = $query.filter(company_evidence::answered_at.nullable().ge(from));
        }
        if let Some(before) = filter.answered_before {
            $query = $query.filter(company_evidence::answered_at.nullable().lt(before));
        }
        let evidence = &filter.evidence;
        if !evidence.sales_tag.is_empty() {
            let tagged = sales_tags::table.filter(sales_tags::segment.eq_any(&evidence.sales_tag));
            $query = $query.filter(companies::id.eq_any(tagged.select(sales_tags::company_id)));
        }
        if !evidence.tagged_by.is_empty() {
            let tagged = sales_tags::table.filter(sales_tags::made_by.eq_any(&evidence.tagged_by));
            $query = $query.filter(companies::id.eq_any(tagged.select(sales_tags::company_id)));
        }
        if !evidence.survey.is_empty() {
            let surveyed = survey_segments::table.filter(survey_segments::segment.eq_any(&evidence.survey));
            $query = $query.filter(companies::id.eq_any(surveyed.select(survey_segments::company_id)));
        }
        if !evidence.deals.is_empty() {
            let dealt = deal_segments::table.filter(deal_segments::segment.eq_any(&evidence.deals));
            $query = $query.filter(companies::id.eq_any(dealt.select(deal_segments::company_id)));
        }
    };
}

pub fn list(conn: &mut Conn, viewer: &Viewer, filter: &Filter, order: Order, stretch: Stretch) -> Result<Vec<Listed>> {
    let mut query = companies::table
        .left_join(company_segments::table)
        .left_join(company_evidence::table)
        .select(Listed::as_select())
        .into_boxed();
    passing!(query, viewer, filter);
    if stretch.after > 0 {
        query = query.filter(companies::id.gt(stretch.after));
    }
    // The databases sort what is missing to different ends.
    let query = match order {
        Order::Id => query.order(companies::id),
        Order::Name => query.order((companies::name_key, companies::id)),
        Order::Tenure => query.order((
            companies::customer_since.is_null(),
            companies::customer_since,
            companies::id,
        )),
        Order::Revenue => query.order((
            companies::annual_revenue.is_null(),
            companies::annual_revenue.desc(),
            companies::id,
        )),
        Order::Answers => query.order((
            company_evidence::answers.nullable().is_null(),
            company_evidence::answers.nullable().desc(),
            companies::id,
        )),
        Order::Segment => query.order((
            company_segments::segment.nullable().is_null(),
            company_segments::segment.nullable(),
            companies::name_key,
            companies::id,
        )),
    };
    query.offset(stretch.skip).limit(stretch.most).load(conn)
}

pub fn find(conn: &mut Conn, viewer: &Viewer, external_id: &str) -> Result<Option<Listed>> {
    let everyone = Filter::default();
    let mut query = companies::table
        .left_join(company_segments::table)
        .left_join(company_evidence::table)
        .select(Listed::as_select())
        .into_boxed();
    passing!(query, viewer, &everyone);
    // Under its own id, or under another one that it has, be it from a merge: no id is both.
    let other = company_aliases::table
        .filter(company_aliases::external_id.eq(external_id))
        .select(company_aliases::company_id);
    query
        .filter(companies::external_id.eq(external_id).or(companies::id.eq_any(other)))
        .first(conn)
        .optional()
}

pub fn list_named(conn: &mut Conn, viewer: &Viewer, external_ids: &[String]) -> Result<Vec<Listed>> {
    let everyone = Filter::default();
    let mut query = companies::table
        .left_join(company_segments::table)
        .left_join(company_evidence::table)
        .select(Listed::as_select())
        .into_boxed();
    passing!(query, viewer, &everyone);
    query
        .filter(companies::external_id.eq_any(external_ids))
        .order((companies::name_key, companies::id))
        .load(conn)
}

pub fn count(conn: &mut Conn, viewer: &Viewer, filter: &Filter) -> Result<i64> {
    let asks_nothing = Filter {
        long_standing_since: filter.long_standing_since,
        ..Filter::default()
    };
    if matches!(viewer, Viewer::All) && *filter == asks_nothing {
        return companies::table.select(diesel::dsl::count_star()).get_result(conn);
    }
    let mut query = companies::table
        .left_join(company_segments::table)
        .left_join(company_evidence::table)
        .select(diesel::dsl::count_star())
        .into_boxed();
    passing!(query, viewer, filter);
    query.get_result(conn)
}

/// The values of a column that some company of the viewer's has, for choosing by.
pub fn list_values(conn: &mut Conn, viewer: &Viewer, of: Column) -> Result<Vec<String>> {
    macro_rules! values {
        ($column:expr) => {{
            let mut query = companies::table.select($column).distinct().into_boxed();
            seen!(query, viewer);
            query.load(conn)?
        }};
    }
    let found: Vec<Option<String>> = match of {
        Column::Industry => values!(companies::industry),
        Column::Country => values!(companies::country),
    };
    let mut values: Vec<String> = found.into_iter().flatten().collect();
    values.sort();
    Ok(values)
}

/// The revenues of the companies that pass, in no order; `None` where it is not known.
pub fn list_revenues(conn: &mut Conn, viewer: &Viewer, filter: &Filter) -> Result<Vec<Option<f64>>> {
    let mut query = companies::table
        .left_join(company_segments::table)
        .left_join(company_evidence::table)
        .select(companies::annual_revenue)
        .into_boxed();
    passing!(query, viewer, filter);
    query.load(conn)
}
