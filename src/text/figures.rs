//! Numbers, shares, money and dates for readers, in one hand on every page and in every mail.
//!
//! The functions take a value or a reference to one, as templates call them with references. A
//! figure that is none (a mean of nothing) is a dash, never `NaN`.

use std::borrow::Borrow;

use chrono::{NaiveDate, NaiveDateTime};

/// Keeps a figure and its unit on one line.
const THIN: char = '\u{202F}';
const MINUS: char = '\u{2212}';
const NONE: &str = "–";

/// `1,234`
pub fn count(n: impl Borrow<i64>) -> String {
    let n = *n.borrow();
    grouped(n < 0, &n.unsigned_abs().to_string())
}

/// `1 company`, `1,234 companies`
pub fn counted(n: impl Borrow<i64>, one: &str, many: &str) -> String {
    let n = *n.borrow();
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// `1,234.5`, with as many decimals as said.
pub fn number(x: impl Borrow<f64>, decimals: usize) -> String {
    let x = *x.borrow();
    if !x.is_finite() {
        return NONE.to_owned();
    }
    let digits = format!("{:.decimals$}", x.abs());
    // What rounds to nought has no sign.
    grouped(x < 0.0 && digits.contains(|c: char| matches!(c, '1'..='9')), &digits)
}

/// `+3.1`, `−2.0`: for a difference, whose sign is half of what it says.
pub fn difference(x: impl Borrow<f64>, decimals: usize) -> String {
    let x = *x.borrow();
    let text = number(x, decimals);
    let is_above_nought = x > 0.0 && text.contains(|c: char| matches!(c, '1'..='9'));
    if is_above_nought { format!("+{text}") } else { text }
}

/// A share from 0 to 1 as `63 %`; what is little and yet something is `< 1 %`, not nought.
pub fn share(x: impl Borrow<f64>) -> String {
    let x = *x.borrow();
    let percent = x * 100.0;
    match percent.round() {
        0.0 if x > 0.0 => format!("<{THIN}1{THIN}%"),
        100.0 if x < 1.0 => format!(">{THIN}99{THIN}%"),
        _ if x.is_finite() => format!("{}{THIN}%", number(percent, 0)),
        _ => NONE.to_owned(),
    }
}

/// `12,345`, or `12,345.60` when there are cents. The data names no currency, so neither do we.
pub fn money(x: impl Borrow<f64>) -> String {
    let x = *x.borrow();
    let has_cents = (x * 100.0).round() % 100.0 != 0.0;
    number(x, if has_cents { 2 } else { 0 })
}

/// `12.3 M`: for tiles and axes, where the size matters and the digits do not.
pub fn money_short(x: impl Borrow<f64>) -> String {
    let x = *x.borrow();
    // Each step begins where the one below would round up to a thousand of its own.
    let (unit, letter) = match x.abs() {
        999_950_000.0.. => (1e9, "bn"),
        999_950.0.. => (1e6, "M"),
        9_999.5.. => (1e3, "k"),
        _ => return number(x, 0),
    };
    let scaled = x / unit;
    let decimals = if scaled.abs() < 99.95 { 1 } else { 0 };
    if x.is_finite() {
        format!("{}{THIN}{letter}", number(scaled, decimals))
    } else {
        NONE.to_owned()
    }
}

/// `22 Nov 2026`
pub fn date(day: impl Borrow<NaiveDate>) -> String {
    day.borrow().format("%-d %b %Y").to_string()
}

/// `22 Nov 2026, 14:05 UTC`
pub fn date_time(at: impl Borrow<NaiveDateTime>) -> String {
    at.borrow().format("%-d %b %Y, %H:%M UTC").to_string()
}

/// `just now`, `3 days ago`, `in 2 hours`: beside the date itself, which it does not replace.
pub fn relative(at: impl Borrow<NaiveDateTime>, now: impl Borrow<NaiveDateTime>) -> String {
    let seconds = (*at.borrow() - *now.borrow()).num_seconds();
    let span = seconds.abs();
    let (amount, one, many) = match span {
        0..60 => return "just now".to_owned(),
        60..3_600 => (span / 60, "minute", "minutes"),
        3_600..86_400 => (span / 3_600, "hour", "hours"),
        86_400..2_592_000 => (span / 86_400, "day", "days"),
        2_592_000..31_536_000 => (span / 2_592_000, "month", "months"),
        _ => (span / 31_536_000, "year", "years"),
    };
    let words = counted(amount, one, many);
    if seconds < 0 {
        format!("{words} ago")
    } else {
        format!("in {words}")
    }
}

/// Commas between thousands; `digits` may have decimals.
fn grouped(negative: bool, digits: &str) -> String {
    let whole = digits.find('.').unwrap_or(digits.len());
    let mut text = String::with_capacity(digits.len() + 8);
    if negative {
        text.push(MINUS);
    }
    for (i, c) in digits.char_indices() {
        if i > 0 && i < whole && (whole - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        crate::clock::parse_rfc3339(text).expect("a time")
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [count(0), count(999), count(1_000), count(-1_234_567)],
            ["0", "999", "1,000", "−1,234,567"]
        );
        assert_eq!(count(i64::MIN), "−9,223,372,036,854,775,808");
        assert_eq!(
            [number(1234.56, 1), number(0.5, 0), number(-1e6, 2)],
            ["1,234.6", "0", "−1,000,000.00"]
        );
    }

    #[test]
    fn one_is_singular() {
        let companies = |n: i64| counted(n, "company", "companies");
        assert_eq!(
            [companies(0), companies(1), companies(1200)],
            ["0 companies", "1 company", "1,200 companies"]
        );
    }

    #[test]
    fn what_is_no_number_is_a_dash() {
        assert_eq!(
            [
                number(f64::NAN, 1),
                share(f64::NAN),
                share(f64::INFINITY),
                money(f64::NAN)
            ],
            ["–"; 4]
        );
        assert_eq!(money_short(f64::INFINITY), "–");
    }

    #[test]
    fn nought_has_no_sign_and_a_difference_always_one() {
        assert_eq!([number(-0.04, 1), number(-0.0, 0)], ["0.0", "0"]);
        assert_eq!(
            [difference(3.12, 1), difference(-2.0, 1), difference(0.01, 1)],
            ["+3.1", "−2.0", "0.0"]
        );
    }

    #[test]
    fn a_share_is_never_rounded_to_nothing_or_to_all() {
        let shares = [0.0, 0.001, 0.626, 0.999, 1.0].map(share);
        assert_eq!(
            shares,
            [
                "0\u{202f}%",
                "<\u{202f}1\u{202f}%",
                "63\u{202f}%",
                ">\u{202f}99\u{202f}%",
                "100\u{202f}%"
            ]
        );
    }

    #[test]
    fn money_shows_cents_only_when_there_are_any() {
        assert_eq!(
            [money(12_345.0), money(12_345.6), money(-0.5)],
            ["12,345", "12,345.60", "−0.50"]
        );
        let short = [950.0, 12_345.0, 999_960.0, 1_234_567.0, 123_456_789.0, 2.5e9].map(money_short);
        assert_eq!(
            short,
            [
                "950",
                "12.3\u{202f}k",
                "1.0\u{202f}M",
                "1.2\u{202f}M",
                "123\u{202f}M",
                "2.5\u{202f}bn"
            ]
        );
    }

    #[test]
    fn dates_are_written_so_that_no_country_reads_them_wrongly() {
        let time = at("2026-11-02T14:05:59Z");
        assert_eq!(
            [date(time.date()), date_time(time)],
            ["2 Nov 2026", "2 Nov 2026, 14:05 UTC"]
        );
    }

    #[test]
    fn how_long_ago_is_said_in_the_largest_unit_that_fits() {
        let now = at("2026-11-22T12:00:00Z");
        let said = |delta| relative(now + delta, now);
        assert_eq!(said(TimeDelta::seconds(-59)), "just now");
        assert_eq!(said(TimeDelta::seconds(-60)), "1 minute ago");
        assert_eq!(said(TimeDelta::hours(-25)), "1 day ago");
        assert_eq!(said(TimeDelta::days(-3)), "3 days ago");
        assert_eq!(said(TimeDelta::days(-45)), "1 month ago");
        assert_eq!(said(TimeDelta::days(-800)), "2 years ago");
        assert_eq!(said(TimeDelta::minutes(125)), "in 2 hours");
    }
}
