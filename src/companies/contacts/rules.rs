//! What a contact is, and how a record about one is read.

use std::collections::BTreeMap;

use crate::companies::record::{self, Attributes, Fault, Field, Reader, Row};
use crate::ids::CompanyId;
use crate::text::fold::EmailAddress;

/// The columns that have a meaning of their own; any other is an attribute.
pub const COLUMNS: [&str; 8] = [
    "external_id",
    "company_external_id",
    "email",
    "first_name",
    "last_name",
    "role",
    "language",
    "time_zone",
];

/// What a row says about a contact.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContactRecord {
    pub external_id: String,
    pub company: Field<String>,
    pub email: Field<EmailAddress>,
    pub first_name: Field<String>,
    pub last_name: Field<String>,
    pub role: Field<String>,
    pub language: Field<String>,
    pub time_zone: Field<String>,
    pub attributes: Attributes,
}

impl ContactRecord {
    /// All faults of the row, not only the first.
    pub fn read(row: &Row) -> Result<ContactRecord, Vec<Fault>> {
        let mut fields = Reader::new(row);
        let record = ContactRecord {
            external_id: fields.external_id(),
            company: fields.line("company_external_id"),
            email: fields.email("email"),
            first_name: fields.line("first_name"),
            last_name: fields.line("last_name"),
            role: fields.line("role"),
            language: fields.read("language", |text| {
                language(text).ok_or_else(|| "is not a language like en or pt-BR".into())
            }),
            time_zone: fields.time_zone("time_zone"),
            attributes: fields.attributes(),
        };
        if record.email == Field::Blank {
            fields.refuse("email", "is empty");
        }
        fields.end(record)
    }
}

/// A language tag (BCP 47) by its looks: a language, then what narrows it.
fn language(text: &str) -> Option<String> {
    let tag = text.replace('_', "-");
    let mut parts = tag.split('-');
    let first = parts.next()?;
    let starts = (2..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic());
    let goes_on = parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    (starts && goes_on && tag.len() <= 35).then_some(tag)
}

/// What is known about a contact.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    pub external_id: String,
    pub company: Option<CompanyId>,
    pub email: Option<EmailAddress>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub role: Option<String>,
    pub language: Option<String>,
    pub time_zone: Option<String>,
    pub attributes: BTreeMap<String, String>,
}

/// What is known afterwards; a contact not yet there needs an address. `company` is the one that
/// the record names.
pub fn merge(before: Option<Facts>, record: ContactRecord, company: Field<CompanyId>) -> Result<Facts, Fault> {
    let before = before.unwrap_or_default();
    let Some(email) = record.email.over(before.email) else {
        return Err(Fault::of("email", "is missing, and the contact is not there yet"));
    };
    Ok(Facts {
        external_id: record.external_id,
        company: company.over(before.company),
        email: Some(email),
        first_name: record.first_name.over(before.first_name),
        last_name: record.last_name.over(before.last_name),
        role: record.role.over(before.role),
        language: record.language.over(before.language),
        time_zone: record.time_zone.over(before.time_zone),
        attributes: record::attributes_over(record.attributes, before.attributes),
    })
}

/// The domain by which a contact without a company finds its own.
pub fn searched_domain(facts: &Facts) -> Option<&str> {
    let email = facts.email.as_ref().filter(|_| facts.company.is_none())?;
    (!email.is_free_mail()).then(|| email.domain())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    fn read(fields: &[(&str, &str)]) -> Result<ContactRecord, Vec<Fault>> {
        ContactRecord::read(&Row::of(fields.iter().copied()))
    }

    #[test]
    fn a_language_is_read_by_its_looks() {
        for (text, expected) in [
            ("de", Some("de")),
            ("pt_BR", Some("pt-BR")),
            ("zh-Hant-TW", Some("zh-Hant-TW")),
        ] {
            assert_eq!(language(text).as_deref(), expected);
        }
        for text in ["d", "German (Austria)", "de-", "1a", "en-verylongsubtag"] {
            assert_eq!(language(text), None, "{text}");
        }
    }

    #[test]
    fn a_new_contact_needs_an_address_and_none_can_lose_it() {
        let without = read(&[("external_id", "p-1")]).unwrap();
        assert_eq!(
            merge(None, without, Field::Absent).unwrap_err().field.as_deref(),
            Some("email")
        );
        let emptied = read(&[("external_id", "p-1"), ("email", "")]).unwrap_err();
        assert_eq!(emptied, [Fault::of("email", "is empty")]);
    }

    #[test]
    fn a_contact_keeps_its_company_until_a_row_names_another_or_none() {
        let before = Facts {
            company: Some(CompanyId(1)),
            email: fold::email("a@x.example"),
            ..Facts::default()
        };
        let after = |company| {
            merge(Some(before.clone()), ContactRecord::default(), company)
                .unwrap()
                .company
        };
        assert_eq!(after(Field::Absent), Some(CompanyId(1)));
        assert_eq!(after(Field::Value(CompanyId(2))), Some(CompanyId(2)));
        assert_eq!(after(Field::Blank), None);
    }

    #[test]
    fn only_a_contact_without_a_company_is_searched_for_and_never_by_free_mail() {
        let facts = |company, email| Facts {
            company,
            email: fold::email(email),
            ..Facts::default()
        };
        assert_eq!(searched_domain(&facts(None, "a@acme.example")), Some("acme.example"));
        assert_eq!(searched_domain(&facts(None, "a@gmail.com")), None);
        assert_eq!(searched_domain(&facts(Some(CompanyId(1)), "a@acme.example")), None);
    }
}
