//! How often a company uses what we make, or looks at what it is interested in, and whether that falls:
//! a sign that it may leave. Told in periods of four weeks, so that weekends weigh nothing and counts
//! that come once a month fall into one each.

use chrono::{NaiveDateTime, TimeDelta};

/// Of a period, in days.
pub const PERIOD_DAYS: i64 = 28;

/// How the use of something changed from the period before to the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trend {
    /// First used in the last period.
    New,
    /// By a quarter or more, or taken up again.
    Rising,
    Steady,
    /// By a quarter or more.
    Falling,
    /// Not used in the last period, though before.
    Stopped,
}

impl Trend {
    pub const ALL: [Trend; 5] = [Trend::New, Trend::Rising, Trend::Steady, Trend::Falling, Trend::Stopped];

    pub fn as_str(self) -> &'static str {
        match self {
            Trend::New => "new",
            Trend::Rising => "rising",
            Trend::Steady => "steady",
            Trend::Falling => "falling",
            Trend::Stopped => "stopped",
        }
    }

    /// Whether it speaks for the company leaving.
    pub fn is_sign_of_churn(self) -> bool {
        matches!(self, Trend::Falling | Trend::Stopped)
    }
}

/// Uses of one feature by one company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub feature: String,
    /// In the last period.
    pub now: i64,
    /// In the period before.
    pub before: i64,
    pub first: NaiveDateTime,
    pub last: NaiveDateTime,
}

/// The last two periods of usage that is known up to a time: everything later than `before` up to
/// `now` is the period before, everything later than that the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periods {
    pub before: NaiveDateTime,
    pub now: NaiveDateTime,
    pub until: NaiveDateTime,
}

impl Periods {
    /// They end with the last day of which anybody's usage is known, not with today: where all counts come
    /// once a week or month, nobody has stopped only because the next ones are not there yet.
    pub fn up_to(until: NaiveDateTime) -> Periods {
        let back = |periods: i64| {
            let span = TimeDelta::days(PERIOD_DAYS * periods);
            until.checked_sub_signed(span).unwrap_or(NaiveDateTime::MIN)
        };
        Periods {
            before: back(2),
            now: back(1),
            until,
        }
    }
}

/// Of a quarter more or less, as whole numbers say it.
pub fn trend(now: i64, before: i64, is_new: bool) -> Trend {
    let (now, before) = (i128::from(now), i128::from(before));
    match (now, before) {
        (0, _) => Trend::Stopped,
        (_, 0) if is_new => Trend::New,
        (_, 0) => Trend::Rising,
        _ if now * 4 <= before * 3 => Trend::Falling,
        _ if now * 4 >= before * 5 => Trend::Rising,
        _ => Trend::Steady,
    }
}

impl Use {
    pub fn trend(&self, periods: Periods) -> Trend {
        trend(self.now, self.before, self.first > periods.now)
    }
}

/// What all of a company's usage comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub now: i64,
    pub before: i64,
    pub trend: Trend,
    /// Features used in the last period.
    pub features_used: usize,
    /// Features used in the period before, and not in the last one.
    pub features_lost: usize,
    pub last: NaiveDateTime,
}

/// None: it never used anything.
pub fn summary(uses: &[Use], periods: Periods) -> Option<Summary> {
    let total = |count: fn(&Use) -> i64| uses.iter().map(count).fold(0, i64::saturating_add);
    let (now, before) = (total(|one| one.now), total(|one| one.before));
    let first = uses.iter().map(|one| one.first).min()?;
    Some(Summary {
        now,
        before,
        trend: trend(now, before, first > periods.now),
        features_used: uses.iter().filter(|one| one.now > 0).count(),
        features_lost: uses.iter().filter(|one| one.now == 0 && one.before > 0).count(),
        last: uses.iter().map(|one| one.last).max()?,
    })
}

/// How often that is, in a word: about every working day, every week, or less.
pub fn frequency(uses_in_period: i64) -> &'static str {
    match uses_in_period {
        20.. => "daily",
        4..20 => "weekly",
        1..4 => "monthly",
        _ => "none",
    }
}

/// The names of the attributes that stand for usage; those of single features begin with [`OF_FEATURE`].
pub const TREND: &str = "usage_trend";
pub const FREQUENCY: &str = "usage_frequency";
pub const FEATURES_USED: &str = "usage_features_used";
pub const FEATURES_LOST: &str = "usage_features_lost";
pub const OF_FEATURE: &str = "usage_of_";

/// Whether an attribute of that name is worked out from usage.
pub fn is_attribute(name: &str) -> bool {
    [TREND, FREQUENCY, FEATURES_USED, FEATURES_LOST].contains(&name) || name.starts_with(OF_FEATURE)
}

/// What a company's usage says of it as attributes, by name.
pub fn attributes(uses: &[Use], periods: Periods) -> Vec<(String, String)> {
    let Some(summary) = summary(uses, periods) else {
        return vec![];
    };
    let whole = [
        (FEATURES_LOST, summary.features_lost.to_string()),
        (FEATURES_USED, summary.features_used.to_string()),
        (FREQUENCY, frequency(summary.now).to_owned()),
        (TREND, summary.trend.as_str().to_owned()),
    ];
    let whole = whole.map(|(name, value)| (name.to_owned(), value));
    let of_features = uses.iter().map(|one| {
        let name = format!("{OF_FEATURE}{}", one.feature);
        (name, one.trend(periods).as_str().to_owned())
    });
    whole.into_iter().chain(of_features).collect()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse::<NaiveDate>().unwrap().and_time(chrono::NaiveTime::MIN)
    }

    fn used(feature: &str, now: i64, before: i64, first: &str, last: &str) -> Use {
        Use {
            feature: feature.into(),
            now,
            before,
            first: at(first),
            last: at(last),
        }
    }

    #[test]
    fn a_quarter_less_is_a_fall_and_a_quarter_more_a_rise() {
        let told = [(75, 100), (76, 100), (124, 100), (125, 100), (0, 100), (5, 0), (0, 0)];
        let told = told.map(|(now, before)| trend(now, before, false));
        use Trend::{Falling, Rising, Steady, Stopped};
        assert_eq!(told, [Falling, Steady, Steady, Rising, Stopped, Rising, Stopped]);
        assert_eq!(trend(5, 0, true), Trend::New);
        assert_eq!(trend(i64::MAX, i64::MAX, false), Trend::Steady);
    }

    #[test]
    fn counts_that_come_once_a_month_fall_into_one_period_each() {
        for year in 2023..2029 {
            for month in 1..=12u32 {
                let first = |back: u32| {
                    let this = NaiveDate::from_ymd_opt(year, month, 1).unwrap();
                    let day = this - chrono::Months::new(back);
                    day.and_time(chrono::NaiveTime::MIN)
                };
                let periods = Periods::up_to(first(0));
                assert!(first(1) <= periods.now && first(1) > periods.before, "{year}-{month}");
                assert!(first(2) <= periods.before, "{year}-{month}");
            }
        }
    }

    #[test]
    fn usage_becomes_attributes_that_name_what_fell_away() {
        let periods = Periods::up_to(at("2026-03-01"));
        let uses = [
            used("alarms", 30, 40, "2025-01-01", "2026-02-28"),
            used("orders", 0, 9, "2025-01-01", "2026-01-20"),
            used("webinar", 2, 0, "2026-02-20", "2026-02-20"),
        ];
        let told = attributes(&uses, periods);
        let told: Vec<String> = told
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            told,
            [
                "usage_features_lost=1",
                "usage_features_used=2",
                "usage_frequency=daily",
                "usage_trend=falling",
                "usage_of_alarms=falling",
                "usage_of_orders=stopped",
                "usage_of_webinar=new",
            ]
        );
        assert_eq!(attributes(&[], periods), []);
        assert!(told.iter().all(|told| is_attribute(told.split('=').next().unwrap())));
        assert!(!is_attribute("usage_level"));
    }

    proptest! {
        #[test]
        fn whoever_uses_more_has_no_worse_a_trend(now in 0..1000i64, more in 0..1000i64, before in 0..1000i64) {
            let rank = |trend: Trend| match trend {
                Trend::Stopped => 0,
                Trend::Falling => 1,
                Trend::Steady => 2,
                Trend::Rising | Trend::New => 3,
            };
            prop_assert!(rank(trend(now + more, before, false)) >= rank(trend(now, before, false)));
        }
    }
}
