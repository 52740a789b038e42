//! The SQL of links that came with test mails.

use diesel::prelude::*;

use crate::mail::token::Purpose;
use crate::store::schema::test_links;
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
