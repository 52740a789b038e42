//! What the merge fields of a letter or a question stand for, for one recipient.

use chrono::NaiveDateTime;

use super::queries;
use crate::design::Design;
use crate::framework::merge::{MergeField, Template};
use crate::ids::{CompanyId, ContactId, TransactionId};
use crate::phrases::Language;
use crate::store::{self, Conn};
use crate::text::markdown;

/// One recipient's values; a blank one takes the template's fallback.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// In whose words dates are written.
    pub language: Language,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub role: Option<String>,
    pub company: Option<String>,
    pub segment: Option<String>,
    pub product: Option<String>,
    pub occurred_at: Option<NaiveDateTime>,
    pub sender: String,
}

impl Fields {
    /// The value as it is, not yet made fit for where it goes; the links are the letter's own.
    pub fn value(&self, field: MergeField) -> Option<String> {
        match field {
            MergeField::ContactFirstName => self.first_name.clone(),
            MergeField::ContactLastName => self.last_name.clone(),
            MergeField::ContactEmail => self.email.clone(),
            MergeField::ContactRole => self.role.clone(),
            MergeField::CompanyName => self.company.clone(),
            MergeField::SegmentName => self.segment.clone(),
            MergeField::TransactionProduct => self.product.clone(),
            MergeField::TransactionDate => self.occurred_at.map(|at| self.language.date(at.date())),
            MergeField::SenderName => Some(self.sender.clone()),
            MergeField::Link | MergeField::UnsubscribeLink => None,
        }
    }

    /// A question's or a page's text with its fields filled; one with a blank field that has no
    /// fallback shows nothing in its place: a page, unlike a mail, cannot be held back.
    pub fn fill(&self, text: &str) -> String {
        self.fill_with(text, str::to_owned)
    }

    /// As [`Fields::fill`], for Markdown: no value is taken for a mark.
    pub fn fill_markdown(&self, text: &str) -> String {
        self.fill_with(text, markdown::escape)
    }

    fn fill_with(&self, text: &str, escape: impl Fn(&str) -> String) -> String {
        let Ok(template) = Template::parse(text) else {
            return text.to_owned();
        };
        let blank = match template.fill(|field| self.value(field).map(|value| escape(&value)), &escape) {
            Ok(filled) => return filled,
            Err(blank) => blank,
        };
        let shown = |field| {
            self.value(field)
                .or_else(|| blank.contains(&field).then(|| "…".to_owned()))
        };
        template.fill(shown, str::to_owned).unwrap_or_else(|_| text.to_owned())
    }
}

/// The values of a contact at its company, with the segment's name as the framework has it now.
pub fn load(
    conn: &mut Conn,
    design: &Design,
    contact: ContactId,
    company: CompanyId,
    transaction: Option<TransactionId>,
    sender: &str,
) -> store::Result<Fields> {
    let person = queries::find_person(conn, contact)?.unwrap_or_default();
    let place = queries::find_place(conn, company)?.unwrap_or_default();
    let deal = match transaction {
        Some(transaction) => queries::find_deal(conn, transaction)?.unwrap_or_default(),
        None => queries::DealRow::default(),
    };
    let segment = place
        .segment
        .and_then(|code| design.framework.segment(&code).map(|s| s.name.clone()));
    Ok(Fields {
        language: Language::of(person.language.as_deref()),
        first_name: person.first_name,
        last_name: person.last_name,
        email: Some(person.email).filter(|email| !email.is_empty()),
        role: person.role,
        company: Some(place.name).filter(|name| !name.is_empty()),
        segment,
        product: deal.product,
        occurred_at: deal.occurred_at,
        sender: sender.to_owned(),
    })
}
