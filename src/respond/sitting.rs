//! What a page carries in its hidden fields and its address, sealed so that only we can have made it.
//!
//! Whoever opens the mailed link is shown no answer: links are passed on. Who has just answered goes
//! back and forth among the pages with a ticket of their own sitting in the address; it shows what was
//! answered since that sitting began, and nothing any more once somebody else has answered.

use chrono::{DateTime, NaiveDateTime, TimeDelta};

use crate::clock;
use crate::config::SecretKey;
use crate::mail::token;

/// The page that is posted, from 1. No question's code begins so.
pub const PAGE: &str = "_page";
/// The ticket of a sitting.
pub const MINE: &str = "_mine";
/// The name of the button that leads to the page before.
pub const GO: &str = "_go";
pub const BACK: &str = "back";

/// A form that was opened before its closing may be sent so long after it.
const GRACE_HOURS: i64 = 24;
/// Nobody sits longer over a form.
const SITTING_HOURS: i64 = 24;

/// The pages that somebody fills in one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sitting {
    pub began: NaiveDateTime,
    /// The state of the answers that it has left behind.
    pub rev: i32,
}

impl Sitting {
    pub fn sealed(&self, key: &SecretKey, nonce: &str) -> String {
        let (began, rev) = (
            self.began.and_utc().timestamp_micros().to_string(),
            self.rev.to_string(),
        );
        let seal = token::seal(key, &["sitting", nonce, &began, &rev]);
        format!("{began}.{rev}.{seal}")
    }

    /// `None` for what we have not made, and once it is over.
    pub fn read(key: &SecretKey, nonce: &str, now: NaiveDateTime, given: &str) -> Option<Sitting> {
        let mut parts = given.splitn(3, '.');
        let (began, rev, seal) = (parts.next()?, parts.next()?, parts.next()?);
        if !token::is_sealed(key, &["sitting", nonce, began, rev], seal) {
            return None;
        }
        let began = DateTime::from_timestamp_micros(began.parse().ok()?)?.naive_utc();
        let is_over = now - began > TimeDelta::hours(SITTING_HOURS);
        (!is_over).then_some(Sitting {
            began,
            rev: rev.parse().ok()?,
        })
    }
}

/// What the page was that is now posted, by its hidden fields.
#[derive(Debug)]
pub struct Posted {
    /// Which state of the answers it was made from.
    pub rev: i32,
    /// From 0; `None`: the whole form, as a program posts it that knows its questions alone.
    pub page: Option<usize>,
    /// When, by our seal; `None`: there was no page of ours, or not with that `rev`.
    pub opened: Option<NaiveDateTime>,
    pub sitting: Option<Sitting>,
    pub goes_back: bool,
}

impl Posted {
    pub fn of(key: &SecretKey, nonce: &str, now: NaiveDateTime, fields: &[(String, String)]) -> Posted {
        let rev = value(fields, "rev").parse().unwrap_or(0);
        let opened = value(fields, "opened").rsplit_once('.').and_then(|(time, seal)| {
            let is_ours = token::is_sealed(key, &["opened", nonce, time, &rev.to_string()], seal);
            is_ours.then(|| clock::parse_rfc3339(time)).flatten()
        });
        let sitting = Sitting::read(key, nonce, now, value(fields, MINE));
        Posted {
            rev,
            page: page(fields),
            opened,
            sitting: sitting.filter(|sitting| sitting.rev == rev),
            goes_back: value(fields, GO) == BACK,
        }
    }

    /// Begun before the closing, and sent not long after it.
    pub fn is_in_grace(&self, closed_at: NaiveDateTime, now: NaiveDateTime) -> bool {
        let began = self.opened.into_iter().chain(self.began()).min();
        began.is_some_and(|began| is_in_grace(began, closed_at, now))
    }

    /// When whoever posts this began: with an earlier page, or this one.
    pub fn began(&self) -> Option<NaiveDateTime> {
        let sitting = self.sitting.map(|sitting| sitting.began);
        sitting.or(self.opened)
    }
}

pub fn is_in_grace(began: NaiveDateTime, closed_at: NaiveDateTime, now: NaiveDateTime) -> bool {
    began < closed_at && now <= closed_at + TimeDelta::hours(GRACE_HOURS)
}

/// The page that fields or an address name, from 0.
pub fn page(fields: &[(String, String)]) -> Option<usize> {
    value(fields, PAGE).parse::<usize>().ok()?.checked_sub(1)
}

pub fn value<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    let field = fields.iter().find(|(field, _)| field == name);
    field.map_or("", |(_, value)| value)
}

/// When the page was opened, and from which state of the answers it was made, in a form that only we
/// can make.
pub fn sealed_time(key: &SecretKey, nonce: &str, at: NaiveDateTime, rev: i32) -> String {
    let time = clock::rfc3339(at);
    let seal = token::seal(key, &["opened", nonce, &time, &rev.to_string()]);
    format!("{time}.{seal}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_ticket_is_good_for_its_own_link_and_for_a_day() {
        let config = Config::from_pairs([("DRIPLINE_SECRET_KEY", "0123456789abcdef0123456789abcdef")]);
        let key = config.expect("good settings").secret_key.expect("a key");
        let began = clock::parse_rfc3339("2026-03-10T11:00:00Z").expect("a time");
        let sitting = Sitting { began, rev: 3 };
        let ticket = sitting.sealed(&key, "n");
        let read =
            |nonce: &str, hours: i64, text: &str| Sitting::read(&key, nonce, began + TimeDelta::hours(hours), text);
        assert_eq!(read("n", 24, &ticket), Some(sitting));
        assert_eq!(read("n", 25, &ticket), None);
        assert_eq!(read("m", 1, &ticket), None);
        assert_eq!(read("n", 1, &ticket.replacen(".3.", ".4.", 1)), None);
        assert_eq!(read("n", 1, ""), None);
    }
}
