//! Statements that stay prepared where the query builder would prepare them anew each time: every
//! UPDATE, every list of keys, every INSERT of several rows. To prepare one takes longer than to run it.

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, RunQueryDsl};

/// Each number of values is a statement of its own: those with more are prepared anew.
const FEW: usize = 8;

/// A statement kept by its text, for as long as its connection. It must be one that is loaded, a change
/// by what it returns: what is only executed passes through references, which ask for its parts anew.
/// A `LIMIT` is left out where a key is looked up: SQLite plans anew for each number bound to it.
pub(crate) struct Kept<Q> {
    query: Q,
    is_kept: bool,
}

/// For a statement whose text is always the same.
pub(crate) fn kept<Q>(query: Q) -> Kept<Q> {
    Kept { query, is_kept: true }
}

/// For a statement over that many keys or rows, which are mostly few.
pub(crate) fn kept_if_few<Q>(count: usize, query: Q) -> Kept<Q> {
    Kept {
        query,
        is_kept: count <= FEW,
    }
}

/// Keys for a list, the last one said again until there are 1, 4, 16 … of them: so that a statement over
/// many keys is one of a few, each of which stays prepared.
pub(crate) fn padded<K: Copy>(mut keys: Vec<K>) -> Vec<K> {
    let mut size = 1;
    while size < keys.len() {
        size *= 4;
    }
    if let Some(last) = keys.last().copied() {
        keys.resize(size, last);
    }
    keys
}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Kept<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.query.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, backend: &DB) -> QueryResult<bool> {
        Ok(self.is_kept || self.query.is_safe_to_cache_prepared(backend)?)
    }
}

/// Told apart by their text.
impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<C, Q> RunQueryDsl<C> for Kept<Q> {}

/// Inserts rows, and says how many. SQLite runs within this process and takes a row at a time by a
/// statement that stays prepared; PostgreSQL takes as many as a statement may bind.
macro_rules! insert_rows {
    ($conn:expr, $table:expr, $rows:expr) => {{
        use diesel::RunQueryDsl;
        let rows = $rows;
        match &mut *$conn {
            $crate::store::Conn::Sqlite(sqlite) => rows.iter().try_fold(0, |count, row| {
                let inserted = diesel::insert_into($table).values(row).execute(sqlite)?;
                Ok::<usize, $crate::store::Error>(count + inserted)
            }),
            $crate::store::Conn::Postgres(pg) => {
                rows.chunks($crate::store::ROWS_PER_INSERT).try_fold(0, |count, rows| {
                    let inserted = diesel::insert_into($table).values(rows).execute(pg)?;
                    Ok::<usize, $crate::store::Error>(count + inserted)
                })
            }
        }
    }};
}
pub(crate) use insert_rows;
