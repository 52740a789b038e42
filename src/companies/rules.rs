//! What a company is, and how a record about it is read.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::record::{self, Attributes, Fault, Field, Reader, Row};
use crate::text::fold;

/// The columns that have a meaning of their own; any other is an attribute.
pub const COLUMNS: [&str; 15] = [
    "external_id",
    "name",
    "customer_since",
    "industry",
    "country",
    "region",
    "employees",
    "annual_revenue",
    "customer_type",
    "journey_stage",
    "behaviour",
    "technology_level",
    "time_zone",
    "owner_email",
    "domains",
];

/// What kind of customer a company is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerType {
    Producer,
    Reseller,
    Government,
    Institution,
}

impl CustomerType {
    const ALL: [CustomerType; 4] = [
        CustomerType::Producer,
        CustomerType::Reseller,
        CustomerType::Government,
        CustomerType::Institution,
    ];

    pub fn as_str(&self) -> &'static str {
        match self {
            CustomerType::Producer => "producer",
            CustomerType::Reseller => "reseller",
            CustomerType::Government => "government",
            CustomerType::Institution => "institution",
        }
    }

    pub fn parse(text: &str) -> Option<CustomerType> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(text))
    }
}

/// What a row says about a company.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CompanyRecord {
    pub external_id: String,
    pub name: Field<String>,
    pub customer_since: Field<NaiveDate>,
    pub industry: Field<String>,
    pub country: Field<String>,
    pub region: Field<String>,
    pub employees: Field<i64>,
    pub annual_revenue: Field<f64>,
    pub customer_type: Field<CustomerType>,
    pub journey_stage: Field<String>,
    pub behaviour: Field<String>,
    pub technology_level: Field<String>,
    pub time_zone: Field<String>,
    pub owner_email: Field<String>,
    pub domains: Field<Vec<String>>,
    pub attributes: Attributes,
}

impl CompanyRecord {
    /// All faults of the row, not only the first.
    pub fn read(row: &Row) -> Result<CompanyRecord, Vec<Fault>> {
        let mut fields = Reader::new(row);
        let record = CompanyRecord {
            external_id: fields.external_id(),
            name: fields.line("name"),
            customer_since: fields.date("customer_since"),
            industry: fields.line("industry"),
            country: fields.line("country"),
            region: fields.line("region"),
            employees: fields.count("employees"),
            annual_revenue: fields.amount("annual_revenue"),
            customer_type: fields.read("customer_type", |text| {
                CustomerType::parse(text).ok_or_else(|| "is none of producer, reseller, government, institution".into())
            }),
            journey_stage: fields.line("journey_stage"),
            behaviour: fields.line("behaviour"),
            technology_level: fields.line("technology_level"),
            time_zone: fields.time_zone("time_zone"),
            // Folded as users' addresses are: whose company it is hangs on the two being equal.
            owner_email: match fields.email("owner_email") {
                Field::Value(address) => Field::Value(address.folded()),
                Field::Blank => Field::Blank,
                Field::Absent => Field::Absent,
            },
            domains: fields.list("domains", |word| {
                fold::email_domain(word.trim_start_matches('@'))
                    .ok_or_else(|| format!("names {word}, which is no domain"))
            }),
            attributes: fields.attributes(),
        };
        if record.name == Field::Blank {
            fields.refuse("name", "is empty");
        }
        fields.end(record)
    }
}

/// What is known about a company.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    pub external_id: String,
    pub name: String,
    pub customer_since: Option<NaiveDate>,
    pub industry: Option<String>,
    pub country: Option<String>,
    pub region: Option<String>,
    pub employees: Option<i64>,
    pub annual_revenue: Option<f64>,
    pub customer_type: Option<CustomerType>,
    pub journey_stage: Option<String>,
    pub behaviour: Option<String>,
    pub technology_level: Option<String>,
    pub time_zone: Option<String>,
    pub owner_email: Option<String>,
    pub domains: Vec<String>,
    pub attributes: BTreeMap<String, String>,
}

/// What is known afterwards; a company not yet there needs a name.
pub fn merge(before: Option<Facts>, record: CompanyRecord) -> Result<Facts, Fault> {
    let before = before.unwrap_or_default();
    let Some(name) = record.name.over(Some(before.name).filter(|name| !name.is_empty())) else {
        return Err(Fault::of("name", "is missing, and the company is not there yet"));
    };
    Ok(Facts {
        external_id: record.external_id,
        name,
        customer_since: record.customer_since.over(before.customer_since),
        industry: record.industry.over(before.industry),
        country: record.country.over(before.country),
        region: record.region.over(before.region),
        employees: record.employees.over(before.employees),
        annual_revenue: record.annual_revenue.over(before.annual_revenue),
        customer_type: record.customer_type.over(before.customer_type),
        journey_stage: record.journey_stage.over(before.journey_stage),
        behaviour: record.behaviour.over(before.behaviour),
        technology_level: record.technology_level.over(before.technology_level),
        time_zone: record.time_zone.over(before.time_zone),
        owner_email: record.owner_email.over(before.owner_email),
        domains: record.domains.over(Some(before.domains)).unwrap_or_default(),
        attributes: record::attributes_over(record.attributes, before.attributes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &str)]) -> Result<CompanyRecord, Vec<Fault>> {
        CompanyRecord::read(&Row::of(fields.iter().copied()))
    }

    #[test]
    fn every_fault_of_a_row_is_told() {
        let faults = read(&[
            ("external_id", ""),
            ("name", ""),
            ("customer_since", "soon"),
            ("employees", "-1"),
            ("annual_revenue", "much"),
            ("customer_type", "friend"),
            ("time_zone", "Mars"),
            ("owner_email", "nobody"),
            ("domains", "acme.example|a b"),
        ])
        .unwrap_err();
        let mut fields: Vec<_> = faults.into_iter().filter_map(|fault| fault.field).collect();
        fields.sort();
        let mut expected = vec![
            "external_id",
            "name",
            "customer_since",
            "employees",
            "annual_revenue",
            "customer_type",
            "time_zone",
            "owner_email",
            "domains",
        ];
        expected.sort();
        assert_eq!(fields, expected);
    }

    #[test]
    fn a_full_row_is_read_field_by_field() {
        let record = read(&[
            ("external_id", "c-1"),
            ("name", " Müller  GmbH "),
            ("customer_since", "2024-03-31"),
            ("employees", "120"),
            ("annual_revenue", "1.5e6"),
            ("customer_type", "Producer"),
            ("owner_email", "Sam@Sales.Example"),
            ("domains", "@Müller.example|mueller.example"),
            ("erp", "yes"),
        ])
        .unwrap();
        assert_eq!(record.name, Field::Value("Müller GmbH".into()));
        assert_eq!(record.customer_type, Field::Value(CustomerType::Producer));
        assert_eq!(record.owner_email, Field::Value("sam@sales.example".into()));
        assert_eq!(
            record.domains,
            Field::Value(vec!["xn--mller-kva.example".into(), "mueller.example".into()])
        );
        assert_eq!(
            record.attributes,
            Attributes::from([("erp".into(), Some("yes".into()))])
        );
        assert_eq!(record.industry, Field::Absent);
    }

    #[test]
    fn a_new_company_needs_a_name_and_a_known_one_keeps_its_own() {
        let record = read(&[("external_id", "c-1"), ("industry", "Steel")]).unwrap();
        assert_eq!(merge(None, record.clone()).unwrap_err().field.as_deref(), Some("name"));
        let before = Facts {
            external_id: "c-1".into(),
            name: "Acme".into(),
            country: Some("DE".into()),
            ..Facts::default()
        };
        let after = merge(Some(before.clone()), record).unwrap();
        assert_eq!(
            after,
            Facts {
                industry: Some("Steel".into()),
                ..before
            }
        );
    }

    #[test]
    fn an_empty_cell_blanks_what_was_known() {
        let record = read(&[("external_id", "c-1"), ("country", ""), ("domains", "")]).unwrap();
        let before = Facts {
            name: "Acme".into(),
            country: Some("DE".into()),
            domains: vec!["acme.example".into()],
            ..Facts::default()
        };
        let after = merge(Some(before), record).unwrap();
        assert_eq!((after.country, after.domains), (None, Vec::new()));
    }
}
