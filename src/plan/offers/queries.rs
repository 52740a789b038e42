//! Offers as rows. This table is written by this room alone.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::rules::{NewOffer, key};
use super::{MOST, Offer};
use crate::framework::Code;
use crate::ids::OfferId;
use crate::store::schema::offers;
use crate::store::{Conn, Error, Result, on_each_backend};

#[derive(Queryable, Selectable)]
#[diesel(table_name = offers)]
struct Row {
    id: OfferId,
    name: String,
    note: String,
    needs: String,
    made_by: String,
    changed_by: String,
    changed_at: NaiveDateTime,
    archived_at: Option<NaiveDateTime>,
}

impl Row {
    fn read(self) -> Result<Offer> {
        let needs: BTreeMap<Code, f64> =
            serde_json::from_str(&self.needs).map_err(|error| Error::DeserializationError(Box::new(error)))?;
        Ok(Offer {
            id: self.id,
            name: self.name,
            note: self.note,
            needs,
            made_by: self.made_by,
            changed_by: self.changed_by,
            changed_at: self.changed_at,
            is_archived: self.archived_at.is_some(),
        })
    }
}

fn written(needs: &BTreeMap<Code, f64>) -> Result<String> {
    serde_json::to_string(needs).map_err(|error| Error::SerializationError(Box::new(error)))
}

pub fn list(conn: &mut Conn, archived: bool) -> Result<Vec<Offer>> {
    let rows: Vec<Row> = match archived {
        false => offers::table
            .filter(offers::archived_at.is_null())
            .order((offers::changed_at.desc(), offers::id.desc()))
            .select(Row::as_select())
            .load(conn)?,
        true => offers::table
            .filter(offers::archived_at.is_not_null())
            .order((offers::archived_at.desc(), offers::id.desc()))
            .limit(MOST as i64)
            .select(Row::as_select())
            .load(conn)?,
    };
    rows.into_iter().map(Row::read).collect()
}

pub fn find(conn: &mut Conn, id: OfferId) -> Result<Option<Offer>> {
    let row: Option<Row> = offers::table
        .filter(offers::id.eq(id))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Row::read).transpose()
}

/// Those in use.
pub fn count(conn: &mut Conn) -> Result<i64> {
    offers::table
        .filter(offers::archived_at.is_null())
        .count()
        .get_result(conn)
}

/// Whether one in use, but for `but`, has this name.
pub fn is_name_taken(conn: &mut Conn, key: &str, but: Option<OfferId>) -> Result<bool> {
    let named: Vec<OfferId> = offers::table
        .filter(offers::name_key.eq(key))
        .filter(offers::archived_at.is_null())
        .select(offers::id)
        .order(offers::id)
        .load(conn)?;
    Ok(named.into_iter().any(|id| Some(id) != but))
}

pub fn insert(conn: &mut Conn, now: NaiveDateTime, by: &str, new: &NewOffer) -> Result<OfferId> {
    let row = (
        offers::name.eq(&new.name),
        offers::name_key.eq(key(&new.name)),
        offers::note.eq(&new.note),
        offers::needs.eq(written(&new.needs)?),
        offers::made_by.eq(by),
        offers::made_at.eq(now),
        offers::changed_by.eq(by),
        offers::changed_at.eq(now),
    );
    on_each_backend!(conn, c => diesel::insert_into(offers::table).values(row).returning(offers::id).get_result(c))
}

pub fn update(conn: &mut Conn, now: NaiveDateTime, by: &str, id: OfferId, new: &NewOffer) -> Result<()> {
    diesel::update(offers::table.filter(offers::id.eq(id)))
        .set((
            offers::name.eq(&new.name),
            offers::name_key.eq(key(&new.name)),
            offers::note.eq(&new.note),
            offers::needs.eq(written(&new.needs)?),
            offers::changed_by.eq(by),
            offers::changed_at.eq(now),
        ))
        .execute(conn)
        .map(|_| ())
}

pub fn set_archived(conn: &mut Conn, id: OfferId, at: Option<NaiveDateTime>) -> Result<()> {
    diesel::update(offers::table.filter(offers::id.eq(id)))
        .set(offers::archived_at.eq(at))
        .execute(conn)
        .map(|_| ())
}
