//! METHOD.md section 5: new customers and long-standing ones.

use chrono::{Datelike, Days, Months, NaiveDate};

/// How long a company has been a customer, seen from the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tenure {
    New,
    LongStanding,
    /// Without a date: a group of its own, never dropped.
    Unknown,
}

impl Tenure {
    /// In the order in which they are shown.
    pub const ALL: [Tenure; 3] = [Tenure::New, Tenure::LongStanding, Tenure::Unknown];

    pub fn as_str(self) -> &'static str {
        match self {
            Tenure::New => "new",
            Tenure::LongStanding => "long_standing",
            Tenure::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<Tenure> {
        Tenure::ALL.into_iter().find(|tenure| tenure.as_str() == text)
    }
}

/// Full calendar months from `since` to `on`; a month without that day is complete on its last day.
/// Below 0 where `since` lies more than a month ahead.
pub fn months(since: NaiveDate, on: NaiveDate) -> i32 {
    let month = |date: NaiveDate| date.year() * 12 + date.month0() as i32;
    let complete = on.day() >= since.day() || is_last_of_month(on);
    month(on) - month(since) - i32::from(!complete)
}

pub fn tenure(since: Option<NaiveDate>, on: NaiveDate, threshold_months: u32) -> Tenure {
    match since {
        None => Tenure::Unknown,
        Some(since) if i64::from(months(since, on)) < i64::from(threshold_months) => Tenure::New,
        Some(_) => Tenure::LongStanding,
    }
}

/// The last day since which a customer is long-standing on the day `on`: a company is new exactly
/// when its date is later. `None` when that day lies before all dates: then every company is new.
pub fn cutoff(on: NaiveDate, threshold_months: u32) -> Option<NaiveDate> {
    // On a month's last day every day of the month of the threshold has come round.
    let back = Months::new(threshold_months);
    if is_last_of_month(on) {
        let next_first = on.checked_add_days(Days::new(1))?;
        next_first.checked_sub_months(back)?.checked_sub_days(Days::new(1))
    } else {
        on.checked_sub_months(back)
    }
}

fn is_last_of_month(date: NaiveDate) -> bool {
    date.succ_opt().is_none_or(|next| next.day() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_without_that_day_is_complete_on_its_last_day() {
        for (since, on, expected) in [
            ("2024-02-29", "2026-02-27", 23),
            ("2024-02-29", "2026-02-28", 24),
            ("2024-02-29", "2028-02-28", 47),
            ("2024-01-31", "2024-04-29", 2),
            ("2024-01-31", "2024-04-30", 3),
            ("2024-01-30", "2024-02-29", 1),
            ("2024-06-15", "2024-06-15", 0),
            ("2024-06-15", "2024-06-14", -1),
        ] {
            assert_eq!(months(date(since), date(on)), expected, "{since} {on}");
        }
    }

    #[test]
    fn a_customer_to_be_is_new_and_one_without_a_date_unknown() {
        assert_eq!(tenure(Some(date("2030-01-01")), date("2026-01-01"), 24), Tenure::New);
        assert_eq!(tenure(None, date("2026-01-01"), 24), Tenure::Unknown);
        assert_eq!(
            tenure(Some(date("1990-01-01")), date("2026-01-01"), u32::MAX),
            Tenure::New
        );
        assert_eq!(cutoff(date("2026-01-01"), u32::MAX), None);
    }

    #[test]
    fn every_tenure_is_read_as_it_is_written() {
        for tenure in Tenure::ALL {
            assert_eq!(Tenure::parse(tenure.as_str()), Some(tenure));
        }
        assert_eq!(Tenure::parse("New"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn the_cutoff_is_the_last_long_standing_day(day in 0u64..40_000, threshold in 0u32..60) {
            let on = date("1980-01-01") + Days::new(day);
            let cutoff = cutoff(on, threshold).unwrap();
            // Months are never more for a later day, so its two sides are enough.
            prop_assert_eq!(tenure(Some(cutoff), on, threshold), Tenure::LongStanding);
            prop_assert_eq!(tenure(cutoff.succ_opt(), on, threshold), Tenure::New);
        }

        #[test]
        fn a_later_start_is_never_a_longer_tenure(day in 0u64..40_000, since in 0u64..40_000) {
            let (on, since) = (date("1980-01-01") + Days::new(day), date("1980-01-01") + Days::new(since));
            prop_assert!(months(since, on) >= months(since + Days::new(1), on));
        }
    }
}
