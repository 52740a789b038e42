//! One statement for many rows that each change in their own way.
//!
//! The query builder changes a row a statement, which costs many times what the change does. Here a
//! statement takes its rows as a table of values, `given`, and both databases read it alike. Such
//! statements are prepared once for each number of rows that is a power of two, and kept: the rows
//! are filled up with some whose key is nobody's.

use chrono::NaiveDateTime;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text, Timestamp};
use diesel::{QueryResult, RunQueryDsl};

use super::{Conn, Result, on_each_backend};

/// What is bound in one place.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    Id(i64),
    Number(i32),
    Text(&'a str),
    MaybeText(Option<&'a str>),
    Time(NaiveDateTime),
    MaybeTime(Option<NaiveDateTime>),
    Bytes(&'a [u8]),
}

/// The key that no row has.
const NOBODYS: Value<'static> = Value::Id(0);

/// `WITH given (columns) AS (VALUES …)` over some rows, to be put before a statement that names
/// `given`. The first column is the key of the rows that it is about, of which there must be one.
pub struct Given<'a, const N: usize> {
    columns: &'static str,
    rows: Vec<[Value<'a>; N]>,
}

impl<'a, const N: usize> Given<'a, N> {
    pub fn new(columns: &'static str, rows: impl IntoIterator<Item = [Value<'a>; N]>) -> Given<'a, N> {
        let mut rows: Vec<[Value<'a>; N]> = rows.into_iter().collect();
        if let Some(last) = rows.last() {
            let mut nobodys = *last;
            nobodys[0] = NOBODYS;
            rows.resize(rows.len().next_power_of_two(), nobodys);
        }
        Given { columns, rows }
    }

    /// Runs the statement; in it, each `?` stands for the next one of `more`. Says how many rows it
    /// changed. Without a row nothing is asked.
    pub fn execute(&self, conn: &mut Conn, statement: &str, more: &[Value<'a>]) -> Result<usize> {
        if self.rows.is_empty() {
            return Ok(0);
        }
        on_each_backend!(conn, c => self.followed_by(statement, more).execute(c))
    }

    /// As [`Given::execute`], for a statement that returns keys.
    pub fn load_ids(&self, conn: &mut Conn, statement: &str, more: &[Value<'a>]) -> Result<Vec<i64>> {
        if self.rows.is_empty() {
            return Ok(Vec::new());
        }
        on_each_backend!(conn, c => self.followed_by(statement, more).load(c))
    }

    fn followed_by<'s>(&'s self, statement: &'s str, more: &'s [Value<'a>]) -> Sentence<'s, 'a, N> {
        Sentence {
            given: self,
            statement,
            more,
        }
    }
}

struct Sentence<'s, 'a, const N: usize> {
    given: &'s Given<'a, N>,
    statement: &'s str,
    more: &'s [Value<'a>],
}

impl<const N: usize> Query for Sentence<'_, '_, N> {
    type SqlType = BigInt;
}

/// Told apart by their text.
impl<const N: usize> QueryId for Sentence<'_, '_, N> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, const N: usize> RunQueryDsl<C> for Sentence<'_, '_, N> {}

macro_rules! fragments {
    ($($backend:ty),+) => {$(
        impl<const N: usize> QueryFragment<$backend> for Sentence<'_, '_, N> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, $backend>) -> QueryResult<()> {
                out.push_sql("WITH given (");
                out.push_sql(self.given.columns);
                out.push_sql(") AS (VALUES ");
                for (place, row) in self.given.rows.iter().enumerate() {
                    out.push_sql(if place == 0 { "(" } else { ", (" });
                    for (place, value) in row.iter().enumerate() {
                        if place > 0 {
                            out.push_sql(", ");
                        }
                        value.walk_ast(out.reborrow())?;
                    }
                    out.push_sql(")");
                }
                out.push_sql(") ");
                let mut more = self.more.iter();
                for (place, part) in self.statement.split('?').enumerate() {
                    if place > 0
                        && let Some(value) = more.next()
                    {
                        value.walk_ast(out.reborrow())?;
                    }
                    out.push_sql(part);
                }
                Ok(())
            }
        }

        impl QueryFragment<$backend> for Value<'_> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, $backend>) -> QueryResult<()> {
                match self {
                    Value::Id(id) => out.push_bind_param::<BigInt, _>(id),
                    Value::Number(number) => out.push_bind_param::<Integer, _>(number),
                    Value::Text(text) => out.push_bind_param::<Text, _>(*text),
                    Value::MaybeText(text) => out.push_bind_param::<Nullable<Text>, _>(text),
                    Value::Time(at) => out.push_bind_param::<Timestamp, _>(at),
                    Value::MaybeTime(at) => out.push_bind_param::<Nullable<Timestamp>, _>(at),
                    Value::Bytes(bytes) => out.push_bind_param::<Binary, _>(*bytes),
                }
            }
        }
    )+};
}

fragments!(diesel::sqlite::Sqlite, diesel::pg::Pg);
