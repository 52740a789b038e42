//! What a company bought, and the figures that are told of it: recency, frequency, amount.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::tenure;

/// What may be asked about a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Days since the last purchase; a company that never bought has none.
    DaysSinceLast,
    /// How many purchases, in the last months or ever.
    Purchases,
    /// For how much, credit notes taken off.
    Amount,
    /// By how many percent the amount of the last months is above that of as many months before.
    AmountChange,
    /// The amount in percent of the company's annual revenue.
    ShareOfRevenue,
    /// Since `customer_since`, in years of twelve full months.
    YearsAsCustomer,
    /// As it was imported.
    AnnualRevenue,
}

impl Measure {
    pub const ALL: [Measure; 7] = [
        Measure::DaysSinceLast,
        Measure::Purchases,
        Measure::Amount,
        Measure::AmountChange,
        Measure::ShareOfRevenue,
        Measure::YearsAsCustomer,
        Measure::AnnualRevenue,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Measure::DaysSinceLast => "days_since_last",
            Measure::Purchases => "purchases",
            Measure::Amount => "amount",
            Measure::AmountChange => "amount_change",
            Measure::ShareOfRevenue => "share_of_revenue",
            Measure::YearsAsCustomer => "years_as_customer",
            Measure::AnnualRevenue => "annual_revenue",
        }
    }

    pub fn parse(text: &str) -> Option<Measure> {
        Measure::ALL.into_iter().find(|measure| measure.as_str() == text)
    }

    /// Whether it looks at a span of months.
    pub fn takes_months(self) -> bool {
        use Measure::{Amount, AmountChange, Purchases, ShareOfRevenue};
        matches!(self, Purchases | Amount | AmountChange | ShareOfRevenue)
    }

    /// Whether it means nothing without a span.
    pub fn needs_months(self) -> bool {
        matches!(self, Measure::AmountChange | Measure::ShareOfRevenue)
    }

    /// Whether it may be below 0.
    pub fn may_be_negative(self) -> bool {
        matches!(self, Measure::Amount | Measure::AmountChange | Measure::ShareOfRevenue)
    }
}

/// One purchase, or a credit note: an amount below 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Purchase {
    pub on: NaiveDate,
    pub amount: Option<f64>,
}

impl Purchase {
    /// A credit note takes off the amount, but is no purchase.
    pub(super) fn is_one(&self) -> bool {
        self.amount.is_none_or(|amount| amount >= 0.0)
    }
}

/// What a company did, as far as rules ask for it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    pub customer_since: Option<NaiveDate>,
    pub annual_revenue: Option<f64>,
    pub last: Option<NaiveDate>,
    pub purchases: i64,
    pub amount: f64,
    /// Those of the last months, as far back as is asked for, none later than the day.
    pub recent: Vec<Purchase>,
}

impl Past {
    /// `months`: over the last so many, ending with the day; none: ever since. `None`: it is not known.
    pub fn figure(&self, measure: Measure, months: Option<u32>, on: NaiveDate) -> Option<f64> {
        match measure {
            Measure::DaysSinceLast => self.last.map(|last| (on - last).num_days().max(0) as f64),
            Measure::Purchases => Some(match months {
                None => self.purchases as f64,
                Some(months) => self.within(on, months, 0).filter(|one| one.is_one()).count() as f64,
            }),
            Measure::Amount => Some(match months {
                None => self.amount,
                Some(months) => self.sum(on, months, 0),
            }),
            Measure::AmountChange => {
                let months = months?;
                let before = self.sum(on, months, months);
                (before > 0.0).then(|| (self.sum(on, months, 0) / before - 1.0) * 100.0)
            }
            Measure::ShareOfRevenue => {
                let revenue = self.annual_revenue.filter(|revenue| *revenue > 0.0)?;
                Some(self.sum(on, months?, 0) / revenue * 100.0)
            }
            Measure::YearsAsCustomer => {
                let months = tenure::months(self.customer_since?, on).max(0);
                Some(f64::from(months) / 12.0)
            }
            Measure::AnnualRevenue => self.annual_revenue,
        }
    }

    /// The purchases of so many months, which end so many months before the day.
    fn within(&self, on: NaiveDate, months: u32, before: u32) -> impl Iterator<Item = &Purchase> {
        let back = |months: u32| on.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN);
        let (after, until) = (back(months.saturating_add(before)), back(before));
        self.recent.iter().filter(move |one| after < one.on && one.on <= until)
    }

    fn sum(&self, on: NaiveDate, months: u32, before: u32) -> f64 {
        self.within(on, months, before).filter_map(|one| one.amount).sum()
    }
}

/// The first day whose purchases a span of so many months holds.
pub fn first_day(on: NaiveDate, months: u32) -> NaiveDate {
    let last_outside = on.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN);
    last_outside.succ_opt().unwrap_or(on)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    pub fn today() -> NaiveDate {
        day("2026-03-10")
    }

    /// A company that bought on these days for so much.
    pub fn past(bought: &[(&str, f64)]) -> Past {
        let recent: Vec<Purchase> = bought
            .iter()
            .map(|(on, amount)| Purchase {
                on: day(on),
                amount: Some(*amount),
            })
            .collect();
        let real = recent.iter().filter(|one| one.is_one());
        Past {
            customer_since: Some(day("2020-03-11")),
            annual_revenue: Some(1_000.0),
            last: real.clone().map(|one| one.on).max(),
            purchases: real.count() as i64,
            amount: recent.iter().filter_map(|one| one.amount).sum(),
            recent,
        }
    }

    #[test]
    fn figures_are_counted_to_the_day() {
        let figure = |measure, months, past: &Past| past.figure(measure, months, today());
        let past = past(&[
            ("2025-03-10", 50.0),
            ("2025-03-11", 100.0),
            ("2026-03-10", 200.0),
            ("2026-02-01", -30.0),
        ]);
        // A year ago to the day is outside the last twelve months, today within; a credit note is no purchase.
        assert_eq!(figure(Measure::Purchases, Some(12), &past), Some(2.0));
        assert_eq!(figure(Measure::Purchases, None, &past), Some(3.0));
        assert_eq!(figure(Measure::Amount, Some(12), &past), Some(270.0));
        assert_eq!(figure(Measure::Amount, None, &past), Some(320.0));
        let change = figure(Measure::AmountChange, Some(12), &past).unwrap();
        assert!((change - 440.0).abs() < 1e-9, "{change}");
        assert_eq!(figure(Measure::ShareOfRevenue, Some(12), &past), Some(27.0));
        assert_eq!(figure(Measure::DaysSinceLast, None, &past), Some(0.0));
        // A day short of six years.
        assert_eq!(figure(Measure::YearsAsCustomer, None, &past), Some(71.0 / 12.0));
    }
}
