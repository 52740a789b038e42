//! Which companies a list shows, and in which order.

mod queries;

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use crate::accounts::token::ApiToken;
use crate::accounts::{self, Role, User};
use crate::method::tenure::Tenure;
use crate::store::{self, Conn};
use crate::text::fold;

pub use queries::Listed;

/// Who looks: what he may not see is not there for him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    All,
    /// Only the companies whose owner has one of these addresses, folded.
    Owners(Vec<String>),
    /// Only the companies that nobody owns: what a token of sales sees that stands for no rep.
    Unowned,
}

impl Viewer {
    /// What a user may see: sales, the companies of its own and of those whom it leads.
    pub fn of(conn: &mut Conn, user: &User) -> store::Result<Viewer> {
        match user.role {
            Role::Sales => Ok(Viewer::Owners(accounts::list_reps_of(conn, user)?)),
            Role::Analyst | Role::Admin => Ok(Viewer::All),
        }
    }

    /// What a token of the API may see.
    pub fn of_token(conn: &mut Conn, token: &ApiToken) -> store::Result<Viewer> {
        match (token.role, &token.stands_for) {
            (Role::Sales, Some(_)) => Ok(Viewer::Owners(accounts::list_reps_of_token(conn, token)?)),
            (Role::Sales, None) => Ok(Viewer::Unowned),
            (Role::Analyst | Role::Admin, _) => Ok(Viewer::All),
        }
    }

    /// Only the companies that this user owns itself.
    pub fn own(user: &User) -> Viewer {
        let own = fold::email(&user.email).map_or_else(|| user.email.clone(), |email| email.folded());
        Viewer::Owners(vec![own])
    }

    /// As a filter of figures takes it: `None` for everybody's companies.
    pub fn owners(&self) -> Option<Vec<String>> {
        match self {
            Viewer::All => None,
            Viewer::Owners(emails) => Some(emails.clone()),
            Viewer::Unowned => Some(Vec::new()),
        }
    }

    /// Whether something is hidden from this one, so that not even numbers of everything may be told.
    pub fn is_narrowed(&self) -> bool {
        *self != Viewer::All
    }
}

/// The companies that pass everything; an empty list lets all through.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// A part of the name, or the whole external id.
    pub search: Option<String>,
    /// By the segment in effect.
    pub segment: Vec<String>,
    /// Also those without one; alone: only those.
    pub without_segment: bool,
    pub tenure: Vec<Tenure>,
    /// The last day since which a customer is long-standing; none: nobody is.
    pub long_standing_since: Option<NaiveDate>,
    pub industry: Vec<String>,
    pub country: Vec<String>,
    pub tier: Vec<String>,
    pub behaviour: Vec<String>,
    /// Any other column or attribute, by name.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// The newest scored answer was given then or later.
    pub answered_from: Option<NaiveDateTime>,
    /// … and before then.
    pub answered_before: Option<NaiveDateTime>,
    pub evidence: Evidence,
}

/// What each rung of the evidence says of a company, whichever of them is in effect; an empty list
/// lets all through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The segment that sales tagged it with, and who did.
    pub sales_tag: Vec<String>,
    pub tagged_by: Vec<String>,
    /// The survey's own segment.
    pub survey: Vec<String>,
    /// The one that its coded deals speak for.
    pub deals: Vec<String>,
}

/// Every order ends in the id, so that no company is shown twice or missed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As they came: what a cursor goes by.
    Id,
    #[default]
    Name,
    /// Longest a customer first; those without a date last.
    Tenure,
    /// Greatest first; those without one last.
    Revenue,
    /// Most first.
    Answers,
    /// By the code of the segment; those without one last.
    Segment,
}

impl Order {
    pub const SHOWN: [Order; 5] = [
        Order::Name,
        Order::Segment,
        Order::Tenure,
        Order::Answers,
        Order::Revenue,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Order::Id => "id",
            Order::Name => "name",
            Order::Tenure => "tenure",
            Order::Revenue => "revenue",
            Order::Answers => "answers",
            Order::Segment => "segment",
        }
    }

    pub fn parse(text: &str) -> Option<Order> {
        Order::SHOWN.into_iter().find(|order| order.as_str() == text)
    }
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Only companies that came after this one; for [`Order::Id`].
    pub after: i64,
    pub skip: i64,
    pub most: i64,
}

impl Stretch {
    /// The rows after the one with this id.
    pub fn after(id: i64, most: i64) -> Stretch {
        Stretch {
            after: id,
            skip: 0,
            most,
        }
    }

    /// The rows of a page, counted from 1.
    pub fn page(page: i64, most: i64) -> Stretch {
        Stretch {
            after: 0,
            skip: (page.max(1) - 1).saturating_mul(most),
            most,
        }
    }
}

/// A column that lists are chosen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Industry,
    Country,
}

/// The companies of a stretch, in order.
pub fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &Filter,
    order: Order,
    stretch: Stretch,
) -> store::Result<Vec<Listed>> {
    queries::list(conn, viewer, filter, order, stretch)
}

/// How many pass in all.
pub fn count(conn: &mut Conn, viewer: &Viewer, filter: &Filter) -> store::Result<i64> {
    queries::count(conn, viewer, filter)
}

/// The revenues of the companies that pass, in no order; `None` where it is not known.
pub fn list_revenues(conn: &mut Conn, viewer: &Viewer, filter: &Filter) -> store::Result<Vec<Option<f64>>> {
    queries::list_revenues(conn, viewer, filter)
}

/// The one with this external id, unless it is none of the viewer's business.
pub fn find(conn: &mut Conn, viewer: &Viewer, external_id: &str) -> store::Result<Option<Listed>> {
    queries::find(conn, viewer, external_id)
}

/// Those of these that are there and the viewer's business, by name.
pub fn list_named(conn: &mut Conn, viewer: &Viewer, external_ids: &[String]) -> store::Result<Vec<Listed>> {
    queries::list_named(conn, viewer, external_ids)
}

/// The values of a column that some company of the viewer's has, for choosing by.
pub fn list_values(conn: &mut Conn, viewer: &Viewer, of: Column) -> store::Result<Vec<String>> {
    queries::list_values(conn, viewer, of)
}

/// A text as a pattern that finds it anywhere, whatever stands in it.
pub(crate) fn pattern(key: &str) -> String {
    let mut pattern = String::with_capacity(key.len() + 2);
    pattern.push('%');
    for c in key.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_for_a_wildcard_looks_for_that_very_sign() {
        assert_eq!(pattern("100%_\\"), "%100\\%\\_\\\\%");
    }

    #[test]
    fn a_page_beyond_all_pages_is_empty_and_no_overflow() {
        assert_eq!(Stretch::page(i64::MAX, 50).skip, i64::MAX);
        assert_eq!(Stretch::page(-3, 50).skip, 0);
        assert_eq!(Stretch::page(3, 50).skip, 100);
    }
}
