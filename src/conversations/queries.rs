use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::New;
use crate::ids::{CompanyId, ContactId};
use crate::store::schema::{contacts, conversations};
use crate::store::{Conn, Result};
use crate::text::figures;

/// A conversation as a list shows it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = conversations)]
pub struct ConversationRow {
    pub kind: String,
    pub held_on: NaiveDate,
    pub note: String,
    pub author: String,
    /// How many questions were answered in it.
    pub answers: i32,
    #[diesel(select_expression = contacts::external_id)]
    pub contact: String,
    #[diesel(select_expression = contacts::first_name)]
    pub first_name: Option<String>,
    #[diesel(select_expression = contacts::last_name)]
    pub last_name: Option<String>,
}

impl ConversationRow {
    /// How many questions were answered in it, in words; blank for none.
    pub fn answered(&self) -> String {
        match self.answers {
            0 => String::new(),
            n => figures::counted(i64::from(n), "question answered", "questions answered"),
        }
    }

    /// With whom.
    pub fn who(&self) -> String {
        let known: Vec<&str> = [&self.first_name, &self.last_name]
            .into_iter()
            .filter_map(|name| name.as_deref())
            .collect();
        match known.is_empty() {
            true => self.contact.clone(),
            false => known.join(" "),
        }
    }
}

pub fn insert(conn: &mut Conn, now: NaiveDateTime, new: &New<'_>, answers: i32, by: &str) -> Result<()> {
    diesel::insert_into(conversations::table)
        .values((
            conversations::company_id.eq(new.company),
            conversations::contact_id.eq(new.contact),
            conversations::kind.eq(new.spoken.as_str()),
            conversations::held_on.eq(new.held_on),
            conversations::note.eq(new.note),
            conversations::author.eq(by),
            conversations::answers.eq(answers),
            conversations::noted_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn list_of_company(conn: &mut Conn, company: CompanyId, most: i64) -> Result<Vec<ConversationRow>> {
    conversations::table
        .inner_join(contacts::table.on(contacts::id.eq(conversations::contact_id)))
        .filter(conversations::company_id.eq(company))
        .order((conversations::held_on.desc(), conversations::id.desc()))
        .limit(most)
        .select(ConversationRow::as_select())
        .load(conn)
}

pub fn list_of_contact(conn: &mut Conn, contact: ContactId, most: i64) -> Result<Vec<ConversationRow>> {
    conversations::table
        .inner_join(contacts::table.on(contacts::id.eq(conversations::contact_id)))
        .filter(conversations::contact_id.eq(contact))
        .order((conversations::held_on.desc(), conversations::id.desc()))
        .limit(most)
        .select(ConversationRow::as_select())
        .load(conn)
}
