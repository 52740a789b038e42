//! Alerts, who has seen them, and the scores that people know, as rows.

use chrono::NaiveDateTime;
use diesel::dsl::{count_star, exists, max, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Alert, Look, Pile, What};
use crate::companies::listing::{Stretch, Viewer};
use crate::ids::{AlertId, CompanyId, UserId};
use crate::store::schema::{
    alert_looks, alerts, companies, company_evidence, company_needs, known_scores, segment_changes,
};
use crate::store::{Conn, ROWS_PER_INSERT, Result, on_each_backend};

/// An alert to be kept, unless its occasion was told already.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = alerts, treat_none_as_default_value = false)]
pub struct NewAlert {
    pub company_id: CompanyId,
    pub kind: &'static str,
    pub occasion: String,
    pub at: NaiveDateTime,
    pub from_segment: Option<String>,
    pub to_segment: Option<String>,
    pub need: Option<String>,
    pub from_score: Option<f64>,
    pub to_score: Option<f64>,
    pub reach: Option<f64>,
    pub answered_at: Option<NaiveDateTime>,
}

impl NewAlert {
    pub fn of(company: CompanyId, kind: &'static str, at: NaiveDateTime) -> NewAlert {
        NewAlert {
            company_id: company,
            kind,
            occasion: String::new(),
            at,
            from_segment: None,
            to_segment: None,
            need: None,
            from_score: None,
            to_score: None,
            reach: None,
            answered_at: None,
        }
    }

    pub fn of_change(change: SegmentChange) -> NewAlert {
        NewAlert {
            occasion: change.id.to_string(),
            from_segment: change.from_segment,
            to_segment: change.to_segment,
            ..NewAlert::of(change.company_id, "segment", change.at)
        }
    }
}

pub fn insert(conn: &mut Conn, rows: &[NewAlert]) -> Result<usize> {
    let mut new = 0;
    for rows in rows.chunks(ROWS_PER_INSERT) {
        new += on_each_backend!(conn, c => diesel::insert_into(alerts::table)
            .values(rows)
            .on_conflict((alerts::company_id, alerts::kind, alerts::occasion))
            .do_nothing()
            .execute(c))?;
    }
    Ok(new)
}

pub fn delete_before(conn: &mut Conn, at: NaiveDateTime) -> Result<usize> {
    diesel::delete(alerts::table.filter(alerts::at.lt(at))).execute(conn)
}

// Changed segments.

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = segment_changes)]
pub struct SegmentChange {
    pub id: i64,
    pub company_id: CompanyId,
    pub at: NaiveDateTime,
    pub from_segment: Option<String>,
    pub to_segment: Option<String>,
}

pub fn find_newest_change(conn: &mut Conn) -> Result<Option<i64>> {
    segment_changes::table.select(max(segment_changes::id)).first(conn)
}

/// The last change before a time, by number; 0 where there is none.
pub fn find_change_before(conn: &mut Conn, at: NaiveDateTime) -> Result<i64> {
    let last: Option<i64> = segment_changes::table
        .filter(segment_changes::at.lt(at))
        .select(max(segment_changes::id))
        .first(conn)?;
    Ok(last.unwrap_or(0))
}

/// The changes from one segment to another, or to none: a first segment is no change, nor is another
/// source of the same one.
pub fn list_changes(conn: &mut Conn, after: i64, until: i64) -> Result<Vec<SegmentChange>> {
    segment_changes::table
        .filter(segment_changes::id.gt(after).and(segment_changes::id.le(until)))
        .filter(segment_changes::from_segment.is_not_null())
        .filter(
            segment_changes::to_segment
                .is_null()
                .or(segment_changes::to_segment.ne(segment_changes::from_segment)),
        )
        .order(segment_changes::id)
        .select(SegmentChange::as_select())
        .load(conn)
}

// Shifted needs.

/// The score that people know.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = known_scores)]
pub struct Known {
    pub score: f64,
    pub se: f64,
    pub at: NaiveDateTime,
}

/// A score that is not the one that people know.
#[derive(Debug, Clone, Queryable)]
pub struct Shift {
    pub company: CompanyId,
    pub need: String,
    pub score: f64,
    pub se: f64,
    pub known: Option<Known>,
}

/// The scores that nobody knows yet, those that have left their interval, and those that have become
/// much surer; what the numbers mean is said in `rules`, which decides which of them is told.
pub fn list_shifts(conn: &mut Conn, most: i64) -> Result<Vec<Shift>> {
    let beyond = "known_scores.company_id IS NULL \
        OR company_needs.se < 0.8 * known_scores.se \
        OR (abs(company_needs.score - known_scores.score) > 1.96 * company_needs.se \
            AND abs(company_needs.score - known_scores.score) > 1.96 * known_scores.se)";
    company_needs::table
        .left_join(
            known_scores::table.on(known_scores::company_id
                .eq(company_needs::company_id)
                .and(known_scores::need.eq(company_needs::need))),
        )
        .filter(sql::<Bool>("(").sql(beyond).sql(")"))
        .order((company_needs::company_id, company_needs::need))
        .limit(most)
        .select((
            company_needs::company_id,
            company_needs::need,
            company_needs::score,
            company_needs::se,
            Option::<Known>::as_select(),
        ))
        .load(conn)
}

#[derive(Insertable)]
#[diesel(table_name = known_scores, treat_none_as_default_value = false)]
struct KnownRow<'a> {
    company_id: CompanyId,
    need: &'a str,
    score: f64,
    se: f64,
    at: NaiveDateTime,
}

/// From now on people know these scores.
pub fn replace_known(conn: &mut Conn, now: NaiveDateTime, shifts: &[Shift]) -> Result<()> {
    use diesel::upsert::excluded;
    for shifts in shifts.chunks(ROWS_PER_INSERT) {
        let rows: Vec<KnownRow<'_>> = shifts
            .iter()
            .map(|shift| KnownRow {
                company_id: shift.company,
                need: &shift.need,
                score: shift.score,
                se: shift.se,
                at: now,
            })
            .collect();
        on_each_backend!(conn, c => diesel::insert_into(known_scores::table)
            .values(&rows)
            .on_conflict((known_scores::company_id, known_scores::need))
            .do_update()
            .set((
                known_scores::score.eq(excluded(known_scores::score)),
                known_scores::se.eq(excluded(known_scores::se)),
                known_scores::at.eq(excluded(known_scores::at)),
            ))
            .execute(c))?;
    }
    Ok(())
}

// Silence.

/// Companies of the first tier that last answered before then, and whose silence was not told yet.
pub fn list_silent(conn: &mut Conn, before: NaiveDateTime, most: i64) -> Result<Vec<(CompanyId, NaiveDateTime)>> {
    let told = alerts::table
        .filter(alerts::company_id.eq(company_evidence::company_id))
        .filter(alerts::kind.eq("silence"))
        .filter(alerts::answered_at.eq(company_evidence::answered_at.nullable()));
    company_evidence::table
        .inner_join(companies::table)
        .filter(companies::tier.eq("A"))
        .filter(company_evidence::answered_at.lt(before))
        .filter(not(exists(told)))
        .order(company_evidence::company_id)
        .limit(most)
        .select((company_evidence::company_id, company_evidence::answered_at))
        .load(conn)
}

// What users see.

#[derive(Queryable)]
pub struct AlertRow {
    id: AlertId,
    kind: String,
    at: NaiveDateTime,
    segments: (Option<String>, Option<String>),
    need: Option<String>,
    scores: (Option<f64>, Option<f64>, Option<f64>),
    answered_at: Option<NaiveDateTime>,
    company: (String, String, String),
    look: Option<String>,
}

impl AlertRow {
    /// `None`: a kind that a newer version of the program knows.
    pub fn read(self) -> Option<Alert> {
        let (from, to) = self.segments;
        let what = match self.kind.as_str() {
            "segment" => What::Segment { from, to },
            "need" => What::Need {
                need: self.need?,
                from: self.scores.0?,
                to: self.scores.1?,
                reach: self.scores.2?,
            },
            "silence" => What::Silence {
                since: self.answered_at?,
            },
            _ => return None,
        };
        let (company, company_name, tier) = self.company;
        Some(Alert {
            id: self.id,
            at: self.at,
            what,
            company,
            company_name,
            tier,
            look: self.look.as_deref().and_then(Look::parse),
        })
    }
}

/// The alerts of a user's companies with the user's look, as a query in `$query`.
macro_rules! seen {
    ($query:ident, $viewer:expr, $user:expr, $select:expr) => {
        let of_user = alert_looks::alert_id.eq(alerts::id).and(alert_looks::user_id.eq($user));
        let mut $query = alerts::table
            .inner_join(companies::table)
            .left_join(alert_looks::table.on(of_user))
            .select($select)
            .into_boxed();
        if let Some(owners) = $viewer.owners() {
            $query = $query.filter(companies::owner_email.eq_any(owners));
        }
    };
}

macro_rules! row {
    () => {
        (
            alerts::id,
            alerts::kind,
            alerts::at,
            (alerts::from_segment, alerts::to_segment),
            alerts::need,
            (alerts::from_score, alerts::to_score, alerts::reach),
            alerts::answered_at,
            (companies::external_id, companies::name, companies::tier),
            alert_looks::state.nullable(),
        )
    };
}

macro_rules! in_pile {
    ($query:ident, $pile:expr) => {
        $query = match $pile {
            Pile::Open => $query.filter(
                alert_looks::state
                    .nullable()
                    .is_null()
                    .or(alert_looks::state.nullable().ne(Look::Dismissed.as_str())),
            ),
            Pile::Dismissed => $query.filter(alert_looks::state.nullable().eq(Look::Dismissed.as_str())),
        };
    };
}

pub fn list(conn: &mut Conn, viewer: &Viewer, user: UserId, pile: Pile, stretch: Stretch) -> Result<Vec<AlertRow>> {
    seen!(query, viewer, user, row!());
    in_pile!(query, pile);
    query
        .order((alerts::at.desc(), alerts::id.desc()))
        .offset(stretch.skip)
        .limit(stretch.most)
        .load(conn)
}

pub fn count(conn: &mut Conn, viewer: &Viewer, user: UserId, pile: Pile) -> Result<i64> {
    seen!(query, viewer, user, count_star());
    in_pile!(query, pile);
    query.first(conn)
}

pub fn count_new(conn: &mut Conn, viewer: &Viewer, user: UserId) -> Result<i64> {
    seen!(query, viewer, user, count_star());
    query.filter(alert_looks::state.nullable().is_null()).first(conn)
}

pub fn list_new(conn: &mut Conn, viewer: &Viewer, user: UserId, most: i64) -> Result<Vec<AlertId>> {
    seen!(query, viewer, user, alerts::id);
    query
        .filter(alert_looks::state.nullable().is_null())
        .order((alerts::at.desc(), alerts::id.desc()))
        .limit(most)
        .load(conn)
}

pub fn list_of_company(conn: &mut Conn, company: CompanyId, user: UserId, most: i64) -> Result<Vec<AlertRow>> {
    seen!(query, Viewer::All, user, row!());
    in_pile!(query, Pile::Open);
    query
        .filter(alerts::company_id.eq(company))
        .order((alerts::at.desc(), alerts::id.desc()))
        .limit(most)
        .load(conn)
}

pub fn is_visible(conn: &mut Conn, viewer: &Viewer, alert: AlertId) -> Result<bool> {
    seen!(query, viewer, UserId(0), alerts::id);
    let found: Option<AlertId> = query.filter(alerts::id.eq(alert)).first(conn).optional()?;
    Ok(found.is_some())
}

pub fn delete_look(conn: &mut Conn, alert: AlertId, user: UserId) -> Result<()> {
    let look = alert_looks::alert_id.eq(alert).and(alert_looks::user_id.eq(user));
    diesel::delete(alert_looks::table.filter(look))
        .execute(conn)
        .map(|_| ())
}

pub fn insert_looks(conn: &mut Conn, now: NaiveDateTime, ids: &[AlertId], user: UserId, look: Look) -> Result<()> {
    for ids in ids.chunks(ROWS_PER_INSERT) {
        let row = |alert: &AlertId| {
            (
                alert_looks::alert_id.eq(alert.0),
                alert_looks::user_id.eq(user.0),
                alert_looks::state.eq(look.as_str()),
                alert_looks::at.eq(now),
            )
        };
        let rows: Vec<_> = ids.iter().map(row).collect();
        on_each_backend!(conn, c => diesel::insert_into(alert_looks::table)
            .values(&rows)
            .on_conflict((alert_looks::alert_id, alert_looks::user_id))
            .do_nothing()
            .execute(c))?;
    }
    Ok(())
}
