//! Calendar months as numbers, so that they can be counted.

use chrono::{Datelike, Months, NaiveDate};

/// The day's month: year · 12 + month, January 0.
pub fn number(day: NaiveDate) -> i32 {
    day.year() * 12 + day.month0() as i32
}

/// The month's last day; the last day that there is, where the calendar ends before.
pub fn last_day(number: i32) -> NaiveDate {
    let (year, month) = (number.div_euclid(12), number.rem_euclid(12) as u32);
    let first = NaiveDate::from_ymd_opt(year, month + 1, 1);
    let next = first.and_then(|first| first.checked_add_months(Months::new(1)));
    next.and_then(|next| next.pred_opt()).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_on_its_last_day_also_in_a_leap_year() {
        for (day, last) in [
            ("2024-02-01", "2024-02-29"),
            ("2025-02-28", "2025-02-28"),
            ("2025-12-31", "2025-12-31"),
            ("-0001-12-05", "-0001-12-31"),
        ] {
            let (day, last): (NaiveDate, NaiveDate) = (day.parse().unwrap(), last.parse().unwrap());
            assert_eq!(last_day(number(day)), last);
            assert_eq!(number(last) + 1, number(last + chrono::Days::new(1)));
        }
    }
}
