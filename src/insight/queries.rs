//! One query for each table of figures: grouping is the database's work, arithmetic is not.
//!
//! They are written out, because the typed builder can neither group by a worked-out column nor
//! put a filter that is known only at run time into a subselect on both databases at once.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Double, Nullable, Text, Timestamp};

use super::{Chosen, attribute};
use crate::method::tenure::Tenure;
use crate::store::schema::{companies, company_segments, contacts, enrolments, segment_changes};
use crate::store::{self, Conn, MultiBackend};

/// A group's scores on one need, added up.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct ScoreSums {
    #[diesel(sql_type = Text)]
    pub need: String,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    /// Σ (score − 50)
    #[diesel(sql_type = Double)]
    pub sum: f64,
    /// Σ (score − 50)²
    #[diesel(sql_type = Double)]
    pub squares: f64,
    #[diesel(sql_type = Double)]
    pub least: f64,
    #[diesel(sql_type = Double)]
    pub greatest: f64,
}

/// A contact's own score on one need.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct ContactScore {
    #[diesel(sql_type = BigInt)]
    pub company_id: i64,
    #[diesel(sql_type = Text)]
    pub need: String,
    #[diesel(sql_type = Double)]
    pub score: f64,
}

/// Companies of one tenure and one segment, or none.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct SegmentCount {
    #[diesel(sql_type = Nullable<Text>)]
    pub segment: Option<String>,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    #[diesel(sql_type = BigInt)]
    pub companies: i64,
    #[diesel(sql_type = Double)]
    pub revenue: f64,
    /// Those with a scored answer.
    #[diesel(sql_type = BigInt)]
    pub answered: i64,
}

/// Companies without a segment that have as many scored answers.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct EvidenceCount {
    #[diesel(sql_type = BigInt)]
    pub answers: i64,
    #[diesel(sql_type = BigInt)]
    pub companies: i64,
}

/// A need on which a company without a segment has a score.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct ScoredNeed {
    #[diesel(sql_type = BigInt)]
    pub company_id: i64,
    #[diesel(sql_type = Text)]
    pub need: String,
}

/// A company's score on one need, with its tenure.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct TenuredScore {
    #[diesel(sql_type = Text)]
    pub need: String,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    #[diesel(sql_type = Double)]
    pub score: f64,
}

/// By need and tenure, in this order. Added up here: SQLite would first sort the rows into groups,
/// which takes three times as long as all else.
pub fn list_score_sums(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<ScoreSums>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT s.need AS need, {tenure} AS tenure, s.score AS score \
         FROM company_needs s JOIN companies c ON c.id = s.company_id {passing} ORDER BY s.company_id, s.need",
        tenure = tenure(chosen),
    );
    Ok(ScoreSums::of(&load(conn, text, values)?))
}

impl ScoreSums {
    fn of(scores: &[TenuredScore]) -> Vec<ScoreSums> {
        let mut sums: BTreeMap<(&str, &str), ScoreSums> = BTreeMap::new();
        for TenuredScore { need, tenure, score } in scores {
            let sum = sums.entry((need, tenure.as_str())).or_insert_with(|| ScoreSums {
                need: need.clone(),
                tenure: *tenure,
                n: 0,
                sum: 0.0,
                squares: 0.0,
                least: f64::INFINITY,
                greatest: f64::NEG_INFINITY,
            });
            let off = score - 50.0;
            sum.n += 1;
            sum.sum += off;
            sum.squares += off * off;
            sum.least = sum.least.min(*score);
            sum.greatest = sum.greatest.max(*score);
        }
        sums.into_values().collect()
    }
}

/// A company's score on one need.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct CompanyScore {
    #[diesel(sql_type = BigInt)]
    pub company_id: i64,
    #[diesel(sql_type = Text)]
    pub need: String,
    #[diesel(sql_type = Double)]
    pub score: f64,
}

/// A company's needs stand together.
pub fn list_company_scores(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<CompanyScore>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT s.company_id AS company_id, s.need AS need, s.score AS score \
         FROM company_needs s JOIN companies c ON c.id = s.company_id {passing} ORDER BY s.company_id, s.need",
    );
    load(conn, text, values)
}

pub fn list_segment_counts(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<SegmentCount>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT g.segment AS segment, {tenure} AS tenure, count(*) AS companies, \
         coalesce(sum(c.annual_revenue), 0e0) AS revenue, count(CASE WHEN e.answers > 0 THEN 1 END) AS answered \
         FROM companies c LEFT JOIN company_segments g ON g.company_id = c.id \
         LEFT JOIN company_evidence e ON e.company_id = c.id \
         {passing} GROUP BY 1, 2 ORDER BY 1, 2",
        tenure = tenure(chosen),
    );
    load(conn, text, values)
}

pub fn list_unassigned_evidence(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<EvidenceCount>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT CAST(coalesce(e.answers, 0) AS BIGINT) AS answers, count(*) AS companies \
         FROM companies c LEFT JOIN company_evidence e ON e.company_id = c.id \
         {passing} {and} NOT EXISTS (SELECT 1 FROM company_segments g WHERE g.company_id = c.id) \
         GROUP BY 1 ORDER BY 1",
        and = and(&passing),
    );
    load(conn, text, values)
}

/// Of the companies without a segment that have at least so many answers; a company's needs stand together.
///
/// The joins are written as products, which SQLite takes in the order given: those without a segment
/// are few, and only their scores are looked up.
pub fn list_unassigned_needs(conn: &mut Conn, chosen: &Chosen, min_answers: u32) -> store::Result<Vec<ScoredNeed>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT s.company_id AS company_id, s.need AS need \
         FROM company_evidence e CROSS JOIN companies c CROSS JOIN company_needs s \
         {passing} {and} c.id = e.company_id AND s.company_id = e.company_id AND e.answers >= {min_answers} \
         AND NOT EXISTS (SELECT 1 FROM company_segments g WHERE g.company_id = e.company_id) \
         ORDER BY s.company_id, s.need",
        and = and(&passing),
    );
    load(conn, text, values)
}

/// Companies of one segment that have one value of an attribute.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct CrossCount {
    #[diesel(sql_type = Text)]
    pub segment: String,
    #[diesel(sql_type = Text)]
    pub value: String,
    #[diesel(sql_type = BigInt)]
    pub companies: i64,
    #[diesel(sql_type = Double)]
    pub revenue: f64,
}

/// By segment and value, of the companies that have both.
pub fn list_cross_counts(conn: &mut Conn, chosen: &Chosen, attribute: &str) -> store::Result<Vec<CrossCount>> {
    let (passing, mut values) = passing(chosen);
    let (value, join, condition) = match attribute::expression(attribute) {
        Some(value) if attribute == attribute::EMPLOYEES => (value, "", "c.employees IS NOT NULL".to_owned()),
        Some(column) => (column.clone(), "", format!("{column} IS NOT NULL")),
        None if attribute == "tenure" => (tenure(chosen), "", "1 = 1".to_owned()),
        None => {
            // Named last, as it stands last: SQLite counts names in the order of their first use.
            values.push(Value::Text(attribute.to_owned()));
            let condition = format!("a.name = ${}", values.len());
            let join = "JOIN company_attributes a ON a.company_id = c.id";
            ("a.value".to_owned(), join, condition)
        }
    };
    let text = format!(
        "SELECT g.segment AS segment, {value} AS value, count(*) AS companies, \
         coalesce(sum(c.annual_revenue), 0e0) AS revenue \
         FROM companies c JOIN company_segments g ON g.company_id = c.id {join} \
         {passing} {and} {condition} GROUP BY 1, 2 ORDER BY 1, 2",
        and = and(&passing),
    );
    load(conn, text, values)
}

#[derive(QueryableByName)]
struct AttributeValue {
    #[diesel(sql_type = BigInt)]
    company_id: i64,
    #[diesel(sql_type = Text)]
    value: String,
}

/// Each company's value of an attribute, of those that have one.
pub fn list_values_by_company(
    conn: &mut Conn,
    chosen: &Chosen,
    attribute: &str,
) -> store::Result<HashMap<i64, String>> {
    let (text, values) = match attribute::expression(attribute) {
        Some(_) if attribute == attribute::EMPLOYEES => (of_own_row(attribute, "c.employees"), vec![]),
        Some(column) => (of_own_row(attribute, &column), vec![]),
        None if attribute == "tenure" => {
            let value = tenure(chosen);
            let text = format!("SELECT c.id AS company_id, {value} AS value FROM companies c");
            (text, vec![])
        }
        None => {
            let text = "SELECT company_id, value FROM company_attributes WHERE name = $1".to_owned();
            (text, vec![Value::Text(attribute.to_owned())])
        }
    };
    let rows: Vec<AttributeValue> = load(conn, text, values)?;
    Ok(rows.into_iter().map(|row| (row.company_id, row.value)).collect())
}

fn of_own_row(attribute: &str, column: &str) -> String {
    let value = attribute::expression(attribute).unwrap_or_default();
    format!("SELECT c.id AS company_id, {value} AS value FROM companies c WHERE {column} IS NOT NULL")
}

#[derive(QueryableByName)]
pub(super) struct Count {
    #[diesel(sql_type = BigInt)]
    pub n: i64,
}

pub fn count_companies(conn: &mut Conn, chosen: &Chosen) -> store::Result<i64> {
    let (passing, values) = passing(chosen);
    let counts: Vec<Count> = load(conn, format!("SELECT count(*) AS n FROM companies c {passing}"), values)?;
    Ok(counts.iter().map(|count| count.n).sum())
}

/// Companies that a sales rep put into one segment and the survey into one.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct TagCount {
    #[diesel(sql_type = Text)]
    pub tag: String,
    #[diesel(sql_type = Text)]
    pub survey: String,
    #[diesel(sql_type = Bool)]
    pub blind: bool,
    #[diesel(sql_type = BigInt)]
    pub companies: i64,
}

pub fn list_tag_counts(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<TagCount>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT t.segment AS tag, v.segment AS survey, t.blind AS blind, count(*) AS companies \
         FROM companies c JOIN sales_tags t ON t.company_id = c.id JOIN survey_segments v ON v.company_id = c.id \
         {passing} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    );
    load(conn, text, values)
}

/// A company, whatever its segment and its answers are today.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct CompanyRow {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub tenure: Tenure,
    #[diesel(sql_type = Nullable<Double>)]
    pub revenue: Option<f64>,
}

pub fn list_companies(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<CompanyRow>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT c.id AS id, {tenure} AS tenure, c.annual_revenue AS revenue FROM companies c {passing} ORDER BY c.id",
        tenure = tenure(chosen),
    );
    load(conn, text, values)
}

/// The segment in effect of each company that has one.
pub fn list_segments_of(conn: &mut Conn) -> store::Result<HashMap<i64, String>> {
    let rows: Vec<(i64, String)> = company_segments::table
        .order(company_segments::company_id)
        .select((company_segments::company_id, company_segments::segment))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The segment that each company had at a time, if any, from the history.
pub fn list_segments_until(conn: &mut Conn, until: NaiveDateTime) -> store::Result<HashMap<i64, Option<String>>> {
    let rows: Vec<(i64, Option<String>)> = segment_changes::table
        .filter(segment_changes::at.le(until))
        .order((segment_changes::at, segment_changes::id))
        .select((segment_changes::company_id, segment_changes::to_segment))
        .load(conn)?;
    // The later change takes the place of the earlier.
    Ok(rows.into_iter().collect())
}

/// One value that some company has.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct ValueRow {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub value: String,
}

/// The values of the columns that narrow, each once.
pub fn list_column_values(conn: &mut Conn) -> store::Result<Vec<ValueRow>> {
    let of = |column: &str| {
        format!("SELECT DISTINCT '{column}' AS name, {column} AS value FROM companies WHERE {column} IS NOT NULL")
    };
    let columns = attribute::COLUMNS.iter().filter(|column| **column != "tier");
    let parts: Vec<String> = columns.map(|column| of(column)).collect();
    load(conn, format!("{} ORDER BY 1, 2", parts.join(" UNION ALL ")), vec![])
}

/// As [`list_column_values`], of the companies of these owners.
pub fn list_column_values_of(conn: &mut Conn, owners: &[String]) -> store::Result<Vec<ValueRow>> {
    let mut naming = Naming::default();
    let owned = owned(&mut naming, owners);
    let of = |column: &str| {
        format!(
            "SELECT DISTINCT '{column}' AS name, c.{column} AS value FROM companies c \
             WHERE c.{column} IS NOT NULL AND c.id IN (SELECT id FROM owned)"
        )
    };
    let columns = attribute::COLUMNS.iter().filter(|column| **column != "tier");
    let parts: Vec<String> = columns.map(|column| of(column)).collect();
    let text = format!(
        "WITH owned(id) AS ({owned}) {} ORDER BY 1, 2",
        parts.join(" UNION ALL ")
    );
    load(conn, text, naming.0)
}

/// The values of every imported attribute that the companies of these owners have.
pub fn list_attribute_values_of(conn: &mut Conn, owners: &[String]) -> store::Result<Vec<ValueRow>> {
    let mut naming = Naming::default();
    let owned = owned(&mut naming, owners);
    let text = format!(
        "WITH owned(id) AS ({owned}) SELECT DISTINCT a.name AS name, a.value AS value FROM company_attributes a \
         WHERE a.company_id IN (SELECT id FROM owned) ORDER BY 1, 2"
    );
    load(conn, text, naming.0)
}

fn owned(naming: &mut Naming, owners: &[String]) -> String {
    let among = naming.among("owner_email", owners);
    let among = among.unwrap_or_else(|| "1 = 0".to_owned());
    format!("SELECT id FROM companies WHERE {among}")
}

/// The values of every imported attribute, at most so many of each: found by leaps over its index.
pub fn list_attribute_values(conn: &mut Conn, most: usize) -> store::Result<Vec<ValueRow>> {
    let text = format!(
        "WITH RECURSIVE names(name) AS ( \
         SELECT min(name) FROM company_attributes \
         UNION ALL SELECT (SELECT min(a.name) FROM company_attributes a WHERE a.name > names.name) \
         FROM names WHERE names.name IS NOT NULL), \
         found(name, value, nth) AS ( \
         SELECT names.name, (SELECT min(a.value) FROM company_attributes a WHERE a.name = names.name), 1 \
         FROM names WHERE names.name IS NOT NULL \
         UNION ALL SELECT found.name, \
         (SELECT min(a.value) FROM company_attributes a WHERE a.name = found.name AND a.value > found.value), found.nth + 1 \
         FROM found WHERE found.value IS NOT NULL AND found.nth < {most}) \
         SELECT name AS name, value AS value FROM found WHERE value IS NOT NULL ORDER BY 1, 2"
    );
    load(conn, text, vec![])
}

pub fn count_all(conn: &mut Conn) -> store::Result<i64> {
    companies::table.count().get_result(conn)
}

pub fn has_contacts(conn: &mut Conn) -> store::Result<bool> {
    diesel::select(exists(contacts::table.select(contacts::id))).get_result(conn)
}

pub fn has_enrolments(conn: &mut Conn) -> store::Result<bool> {
    diesel::select(exists(enrolments::table.select(enrolments::id))).get_result(conn)
}

pub(super) enum Value {
    Text(String),
    At(NaiveDateTime),
}

/// The values that a statement names, in the order of their first use.
#[derive(Default)]
struct Naming(Vec<Value>);

impl Naming {
    fn name(&mut self, value: Value) -> String {
        self.0.push(value);
        format!("${}", self.0.len())
    }

    /// One of the words; nothing where there are none.
    fn among(&mut self, column: &str, words: &[String]) -> Option<String> {
        let named: Vec<String> = words.iter().map(|word| self.name(Value::Text(word.clone()))).collect();
        (!named.is_empty()).then(|| format!("{column} IN ({})", named.join(", ")))
    }
}

/// The condition on the company `c` that the filter makes, with the values that it names by number;
/// empty where everybody passes.
pub(super) fn passing(chosen: &Chosen) -> (String, Vec<Value>) {
    let filter = chosen.filter;
    let mut conditions = vec![];
    let mut naming = Naming::default();
    let in_segment = naming
        .among("segment", &filter.segment)
        .map(|condition| format!("c.id IN (SELECT company_id FROM company_segments WHERE {condition})"));
    conditions.extend(in_segment);
    conditions.extend(filter.owners.as_ref().map(|owners| {
        // Of nobody's companies none passes, where an empty list of another kind lets all through.
        naming
            .among("c.owner_email", owners)
            .unwrap_or_else(|| "1 = 0".to_owned())
    }));
    let tenures: Vec<String> = filter.tenure.iter().map(|tenure| tenure.as_str().to_owned()).collect();
    conditions.extend(naming.among(&tenure(chosen), &tenures));
    conditions.extend(naming.among("c.industry", &filter.industry));
    conditions.extend(naming.among("c.country", &filter.country));
    conditions.extend(naming.among("c.tier", &filter.tier));
    conditions.extend(naming.among("c.behaviour", &filter.behaviour));
    for (name, values) in filter.attributes.iter().filter(|(_, values)| !values.is_empty()) {
        let condition = match attribute::expression(name) {
            Some(own) => naming.among(&own, values),
            None => {
                let named = naming.name(Value::Text(name.clone()));
                let among = naming.among("value", values).unwrap_or_default();
                let holders = format!("SELECT company_id FROM company_attributes WHERE name = {named} AND {among}");
                Some(format!("c.id IN ({holders})"))
            }
        };
        conditions.extend(condition);
    }
    let midnight = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN);
    let first = filter
        .from
        .map(|day| format!("answered_at >= {}", naming.name(Value::At(midnight(day)))));
    // Up to the day's end.
    let last = filter
        .to
        .and_then(|day| midnight(day).checked_add_signed(TimeDelta::days(1)));
    let last = last.map(|end| format!("answered_at < {}", naming.name(Value::At(end))));
    let span: Vec<String> = first.into_iter().chain(last).collect();
    if !span.is_empty() {
        let span = span.join(" AND ");
        conditions.push(format!(
            "c.id IN (SELECT company_id FROM company_evidence WHERE {span})"
        ));
    }
    if conditions.is_empty() {
        return (String::new(), naming.0);
    }
    (format!("WHERE {}", conditions.join(" AND ")), naming.0)
}

pub(super) fn and(passing: &str) -> &'static str {
    if passing.is_empty() { "WHERE" } else { "AND" }
}

/// The tenure of the company `c`. The only text put in is a date of our own making.
pub(super) fn tenure(chosen: &Chosen) -> String {
    let long_standing = chosen
        .cutoff
        .map(|day| {
            format!(
                "WHEN c.customer_since <= '{}' THEN 'long_standing' ",
                day.format("%Y-%m-%d")
            )
        })
        .unwrap_or_default();
    format!("CASE WHEN c.customer_since IS NULL THEN 'unknown' {long_standing}ELSE 'new' END")
}

pub(super) fn load<R>(conn: &mut Conn, text: String, values: Vec<Value>) -> store::Result<Vec<R>>
where
    R: QueryableByName<MultiBackend> + 'static,
{
    let query = diesel::sql_query(text).into_boxed::<MultiBackend>();
    let query = values.into_iter().fold(query, |query, value| match value {
        Value::Text(text) => query.bind::<Text, _>(text),
        Value::At(at) => query.bind::<Timestamp, _>(at),
    });
    query.load(conn)
}
