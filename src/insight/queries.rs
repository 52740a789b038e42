//! One query for each table of figures: grouping is the database's work, arithmetic is not.
//!
//! They are written out, because the typed builder can neither group by a worked-out column nor
//! put a filter that is known only at run time into a subselect on both databases at once.

use std::collections::HashMap;

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Double, Nullable, Text, Timestamp};

use super::{Chosen, attribute};
use crate::method::tenure::Tenure;
use crate::store::schema::{companies, contacts, enrolments, segment_changes};
use crate::store::{self, Conn, MultiBackend};

/// Companies of one tenure and one segment, or none.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentCount {
    pub segment: Option<String>,
    pub tenure: Tenure,
    pub companies: i64,
    pub revenue: f64,
}

/// Companies without a segment that have as many scored answers.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceCount {
    pub answers: i64,
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

/// Companies of one segment, or all of them.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
struct Heads {
    #[diesel(sql_type = Text)]
    segment: String,
    #[diesel(sql_type = BigInt)]
    companies: i64,
    #[diesel(sql_type = BigInt)]
    long_standing: i64,
    #[diesel(sql_type = BigInt)]
    unknown: i64,
    #[diesel(sql_type = Double)]
    revenue: f64,
}

impl Heads {
    const COLUMNS: [&'static str; 2] = [
        "count(*) AS companies, count(CASE WHEN c.customer_since IS NULL THEN 1 END) AS unknown, \
         coalesce(sum(c.annual_revenue), 0e0) AS revenue",
        "AS long_standing",
    ];

    /// Counted by conditions, because sorting all companies into groups takes three times as long.
    fn columns(chosen: &Chosen) -> String {
        let [columns, name] = Heads::COLUMNS;
        match chosen.cutoff {
            Some(day) => format!("{columns}, count(CASE WHEN c.customer_since <= '{day}' THEN 1 END) {name}"),
            None => format!("{columns}, CAST(0 AS BIGINT) {name}"),
        }
    }

    fn of(&self, tenure: Tenure) -> i64 {
        match tenure {
            Tenure::New => self.companies - self.long_standing - self.unknown,
            Tenure::LongStanding => self.long_standing,
            Tenure::Unknown => self.unknown,
        }
    }
}

/// By segment, those without one first, then by tenure; all revenue stands with the new ones.
pub fn list_segment_counts(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<SegmentCount>> {
    let columns = Heads::columns(chosen);
    let (passing, values) = passing(chosen);
    // Everybody's segments are read as their index has them, each with its company.
    let from = match passing.is_empty() {
        true => "company_segments g CROSS JOIN companies c WHERE c.id = g.company_id".to_owned(),
        false => format!("companies c JOIN company_segments g ON g.company_id = c.id {passing}"),
    };
    let text = format!("SELECT g.segment AS segment, {columns} FROM {from} GROUP BY g.segment ORDER BY g.segment");
    let segments: Vec<Heads> = load(conn, text, values)?;
    let (passing, values) = self::passing(chosen);
    let text = format!("SELECT '' AS segment, {columns} FROM companies c {passing}");
    let all: Vec<Heads> = load(conn, text, values)?;
    let sum =
        |of: &dyn Fn(&Heads) -> i64| -> i64 { all.iter().map(of).sum::<i64>() - segments.iter().map(of).sum::<i64>() };
    let revenue = |heads: &[Heads]| heads.iter().map(|heads| heads.revenue).sum::<f64>();
    let none = Heads {
        segment: String::new(),
        companies: sum(&|heads| heads.companies),
        long_standing: sum(&|heads| heads.long_standing),
        unknown: sum(&|heads| heads.unknown),
        revenue: revenue(&all) - revenue(&segments),
    };
    let rows = std::iter::once((None, &none)).chain(segments.iter().map(|heads| (Some(&heads.segment), heads)));
    let by_tenure = rows.flat_map(|(segment, heads)| {
        Tenure::ALL.map(|tenure| SegmentCount {
            segment: segment.cloned(),
            tenure,
            companies: heads.of(tenure),
            revenue: if tenure == Tenure::New { heads.revenue } else { 0.0 },
        })
    });
    Ok(by_tenure
        .filter(|row| row.companies > 0 || row.revenue != 0.0)
        .collect())
}

/// A company with scored answers and without a segment.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct UnassignedRow {
    #[diesel(sql_type = BigInt)]
    pub company_id: i64,
    #[diesel(sql_type = BigInt)]
    pub answers: i64,
    #[diesel(sql_type = Nullable<Binary>)]
    pub scores: Option<Vec<u8>>,
}

pub fn list_unassigned(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<UnassignedRow>> {
    let (passing, values) = passing(chosen);
    let join = match passing.is_empty() {
        true => "",
        false => "JOIN companies c ON c.id = e.company_id",
    };
    let text = format!(
        "SELECT e.company_id AS company_id, CAST(e.answers AS BIGINT) AS answers, e.scores AS scores \
         FROM company_evidence e {join} {passing} {and} \
         NOT EXISTS (SELECT 1 FROM company_segments g WHERE g.company_id = e.company_id) ORDER BY e.company_id",
        and = and(&passing),
    );
    load(conn, text, values)
}

/// Those with a scored answer: whoever has one has a row.
pub fn count_answered(conn: &mut Conn, chosen: &Chosen) -> store::Result<i64> {
    let (passing, values) = passing(chosen);
    let join = match passing.is_empty() {
        true => "",
        false => "JOIN companies c ON c.id = e.company_id",
    };
    let text = format!("SELECT count(*) AS n FROM company_evidence e {join} {passing}");
    let counts: Vec<Count> = load(conn, text, values)?;
    Ok(counts.iter().map(|count| count.n).sum())
}

/// The needs on which companies without a segment have a score, where nothing is packed of these; a
/// company's needs stand together.
pub fn list_unassigned_needs(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<ScoredNeed>> {
    let (passing, values) = passing(chosen);
    let text = format!(
        "SELECT s.company_id AS company_id, s.need AS need \
         FROM companies c JOIN company_evidence e ON e.company_id = c.id JOIN company_needs s ON s.company_id = c.id \
         {passing} {and} e.scores IS NULL \
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

/// Written as products, which SQLite takes in the order given: tags are the fewest. The companies are
/// looked up where the filter asks for them.
pub fn list_tag_counts(conn: &mut Conn, chosen: &Chosen) -> store::Result<Vec<TagCount>> {
    let (passing, values) = passing(chosen);
    let from = match passing.is_empty() {
        true => "sales_tags t CROSS JOIN survey_segments v WHERE".to_owned(),
        false => format!(
            "sales_tags t CROSS JOIN companies c CROSS JOIN survey_segments v {passing} AND c.id = t.company_id AND"
        ),
    };
    let text = format!(
        "SELECT t.segment AS tag, v.segment AS survey, t.blind AS blind, count(*) AS companies \
         FROM {from} v.company_id = t.company_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
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
