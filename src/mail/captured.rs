//! Mail where no server is set: it is kept to be read, and nothing leaves.

use chrono::NaiveDateTime;

use super::queries;
pub use super::queries::CapturedRow;
use crate::ids::MailId;
use crate::store::{self, Conn};

/// Keeps a mail instead of sending it.
pub fn keep(
    conn: &mut Conn,
    now: NaiveDateTime,
    mail: MailId,
    to: &str,
    subject: &str,
    bytes: &[u8],
) -> store::Result<()> {
    queries::insert_captured(conn, now, mail, to, subject, bytes).map(|_| ())
}

/// Keeps a test mail, which is none of the outbox.
pub fn keep_trial(conn: &mut Conn, now: NaiveDateTime, to: &str, subject: &str, bytes: &[u8]) -> store::Result<()> {
    queries::insert_captured_trial(conn, now, to, subject, bytes).map(|_| ())
}

/// The newest first, with how many there are in all.
pub fn list(conn: &mut Conn, offset: i64, limit: i64) -> store::Result<(Vec<CapturedRow>, i64)> {
    Ok((
        queries::list_captured(conn, offset, limit)?,
        queries::count_captured(conn)?,
    ))
}

/// A kept mail, opened for reading.
#[derive(Debug, Clone)]
pub struct Opened {
    pub mail: CapturedRow,
    /// As they stand in the message, unfolded.
    pub headers: Vec<(String, String)>,
    /// Its plain text part.
    pub text: String,
}

pub fn open(conn: &mut Conn, id: i64) -> store::Result<Option<Opened>> {
    Ok(find(conn, id)?.map(|(mail, bytes)| {
        let message = mail_parser::MessageParser::default().parse(&bytes);
        let text = message.as_ref().and_then(|message| message.body_text(0));
        let headers = message.iter().flat_map(|message| message.headers_raw());
        Opened {
            mail,
            headers: headers
                .map(|(name, value)| (name.to_owned(), unfolded(value)))
                .collect(),
            text: text.unwrap_or_default().into_owned(),
        }
    }))
}

fn unfolded(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn find(conn: &mut Conn, id: i64) -> store::Result<Option<(CapturedRow, Vec<u8>)>> {
    queries::find_captured(conn, id)
}
