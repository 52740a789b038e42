//! The SQL of links that came with test mails, and of what their readers speak.

use diesel::prelude::*;

use crate::ids::ContactId;
use crate::mail::token::Purpose;
use crate::store::schema::{contacts, test_links};
use crate::store::{Conn, Result};

/// The code of the drip whose test mail had that link.
pub fn find_test(conn: &mut Conn, purpose: Purpose, hash: &str) -> Result<Option<String>> {
    test_links::table
        .find(hash)
        .filter(test_links::purpose.eq(purpose.as_str()))
        .select(test_links::drip)
        .first(conn)
        .optional()
}

/// Whom the test mail with that link was made out to.
pub fn find_test_reader(conn: &mut Conn, purpose: Purpose, hash: &str) -> Result<Option<ContactId>> {
    let reader = test_links::table
        .find(hash)
        .filter(test_links::purpose.eq(purpose.as_str()))
        .select(test_links::contact_id)
        .first(conn)
        .optional()?;
    Ok(reader.map(ContactId))
}

/// The contact's language, where one is known.
pub fn find_language(conn: &mut Conn, contact: ContactId) -> Result<Option<String>> {
    let language = contacts::table
        .find(contact.0)
        .select(contacts::language)
        .first::<Option<String>>(conn)
        .optional()?;
    Ok(language.flatten())
}
