//! What a transaction is, and how a record about one is read.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use crate::companies::record::{self, Attributes, Fault, Field, Reader, Row};
use crate::ids::{CompanyId, ContactId};
use crate::text::fold;

/// The columns that have a meaning of their own; any other is an attribute.
pub const COLUMNS: [&str; 7] = [
    "external_id",
    "company_external_id",
    "contact_external_id",
    "product",
    "amount",
    "occurred_at",
    "needs",
];

/// What a row says about a transaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TransactionRecord {
    pub external_id: String,
    pub company: Field<String>,
    pub contact: Field<String>,
    pub product: Field<String>,
    pub amount: Field<f64>,
    pub occurred_at: Field<NaiveDateTime>,
    /// The codes of the needs behind the deal.
    pub needs: Field<Vec<String>>,
    pub attributes: Attributes,
}

impl TransactionRecord {
    /// All faults of the row, not only the first. A need that the framework does not know is one.
    pub fn read(row: &Row, knows_need: impl Fn(&str) -> bool) -> Result<TransactionRecord, Vec<Fault>> {
        let mut fields = Reader::new(row);
        let record = TransactionRecord {
            external_id: fields.external_id(),
            company: fields.line("company_external_id"),
            contact: fields.line("contact_external_id"),
            product: fields.line("product"),
            amount: fields.number("amount"),
            occurred_at: fields.time("occurred_at"),
            needs: fields.list("needs", |word| {
                let code = fold::line(word, 100).map_err(|unfit| unfit.to_string())?;
                if knows_need(&code) {
                    Ok(code)
                } else {
                    Err(format!("names {code}, which is no need of the framework"))
                }
            }),
            attributes: fields.attributes(),
        };
        if record.occurred_at == Field::Blank {
            fields.refuse("occurred_at", "is empty");
        }
        fields.end(record)
    }
}

/// What is known about a transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub external_id: String,
    pub company: CompanyId,
    pub contact: Option<ContactId>,
    pub product: Option<String>,
    pub amount: Option<f64>,
    pub occurred_at: NaiveDateTime,
    pub needs: Vec<String>,
    pub attributes: BTreeMap<String, String>,
}

/// The contact that a record names, and the company that this contact is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    pub contact: ContactId,
    pub company: Option<CompanyId>,
}

/// What is known afterwards. A transaction not yet there needs a time, and a company: the one it
/// names, else its contact's.
pub fn merge(
    before: Option<Facts>,
    record: TransactionRecord,
    company: Field<CompanyId>,
    contact: Field<Named>,
) -> Result<Facts, Vec<Fault>> {
    let mut faults = Vec::new();
    let its_contacts = contact.value().and_then(|named| named.company);
    let company = match company {
        Field::Value(company) => Some(company),
        Field::Absent | Field::Blank => before.as_ref().map(|facts| facts.company).or(its_contacts),
    };
    if company.is_none() {
        faults.push(Fault::of(
            "company_external_id",
            "is missing, and no contact with a company is named instead",
        ));
    }
    let occurred_at = record.occurred_at.over(before.as_ref().map(|facts| facts.occurred_at));
    if occurred_at.is_none() {
        faults.push(Fault::of(
            "occurred_at",
            "is missing, and the transaction is not there yet",
        ));
    }
    let (Some(company), Some(occurred_at)) = (company, occurred_at) else {
        return Err(faults);
    };
    let contact = match contact {
        Field::Value(named) => Some(named.contact),
        Field::Blank => None,
        Field::Absent => before.as_ref().and_then(|facts| facts.contact),
    };
    let (product, amount, needs, attributes) = before.map_or_else(Default::default, |facts| {
        (facts.product, facts.amount, facts.needs, facts.attributes)
    });
    Ok(Facts {
        external_id: record.external_id,
        company,
        contact,
        product: record.product.over(product),
        amount: record.amount.over(amount),
        occurred_at,
        needs: record.needs.over(Some(needs)).unwrap_or_default(),
        attributes: record::attributes_over(record.attributes, attributes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &str)]) -> Result<TransactionRecord, Vec<Fault>> {
        TransactionRecord::read(&Row::of(fields.iter().copied()), |need| need == "efficiency")
    }

    #[test]
    fn a_need_that_nobody_declared_is_a_fault() {
        let faults = read(&[("external_id", "t-1"), ("needs", "efficiency|joy")]).unwrap_err();
        assert_eq!(
            faults,
            [Fault::of("needs", "names joy, which is no need of the framework")]
        );
    }

    #[test]
    fn a_deal_without_a_company_belongs_to_its_contacts() {
        let record = read(&[
            ("external_id", "t-1"),
            ("occurred_at", "2026-01-02"),
            ("needs", "efficiency"),
        ])
        .unwrap();
        let named = Named {
            contact: ContactId(7),
            company: Some(CompanyId(3)),
        };
        let facts = merge(None, record.clone(), Field::Absent, Field::Value(named)).unwrap();
        assert_eq!((facts.company, facts.contact), (CompanyId(3), Some(ContactId(7))));
        let moved = merge(None, record, Field::Value(CompanyId(4)), Field::Value(named)).unwrap();
        assert_eq!(moved.company, CompanyId(4));
    }

    #[test]
    fn what_a_new_deal_lacks_is_told_at_once() {
        let record = read(&[("external_id", "t-1")]).unwrap();
        let nowhere = Named {
            contact: ContactId(7),
            company: None,
        };
        let faults = merge(None, record, Field::Absent, Field::Value(nowhere)).unwrap_err();
        let fields: Vec<_> = faults.into_iter().filter_map(|fault| fault.field).collect();
        assert_eq!(fields, ["company_external_id", "occurred_at"]);
    }

    #[test]
    fn a_known_deal_keeps_what_a_row_leaves_out() {
        let before = Facts {
            external_id: "t-1".into(),
            company: CompanyId(3),
            contact: Some(ContactId(7)),
            product: Some("Press".into()),
            amount: Some(10.0),
            occurred_at: NaiveDateTime::default(),
            needs: vec!["efficiency".into()],
            attributes: BTreeMap::new(),
        };
        let record = read(&[("external_id", "t-1"), ("amount", "12.5")]).unwrap();
        let after = merge(Some(before.clone()), record, Field::Absent, Field::Absent).unwrap();
        assert_eq!(
            after,
            Facts {
                amount: Some(12.5),
                ..before
            }
        );
    }
}
