//! How a company behaves, told from what it bought: an ordered list of rules of which the first that
//! matches wins. A company gets one behaviour or none, and no rule has a say in needs segments.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use super::purchases::{Measure, Past};

/// More rules than these nobody oversees.
pub const MOST_RULES: usize = 20;
/// Conditions of one rule.
pub const MOST_CONDITIONS: usize = 8;
/// How far back a condition may look.
pub const MOST_MONTHS: u32 = 120;

/// Which side of its value a condition allows; the value itself passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    AtLeast,
    AtMost,
}

impl Bound {
    pub const ALL: [Bound; 2] = [Bound::AtLeast, Bound::AtMost];

    pub fn as_str(self) -> &'static str {
        match self {
            Bound::AtLeast => "at_least",
            Bound::AtMost => "at_most",
        }
    }

    pub fn parse(text: &str) -> Option<Bound> {
        Bound::ALL.into_iter().find(|bound| bound.as_str() == text)
    }

    pub fn words(self) -> &'static str {
        match self {
            Bound::AtLeast => "at least",
            Bound::AtMost => "at most",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    pub measure: Measure,
    pub bound: Bound,
    pub value: f64,
    /// The last so many months; none: ever since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
}

/// A behaviour, and what all a company must do to be taken by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub name: String,
    pub conditions: Vec<Condition>,
}

/// Which of the two comes first where a company has both: an imported behaviour, or what a rule tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum First {
    #[default]
    Imported,
    Rules,
}

impl First {
    pub const ALL: [First; 2] = [First::Imported, First::Rules];

    pub fn as_str(self) -> &'static str {
        match self {
            First::Imported => "imported",
            First::Rules => "rules",
        }
    }

    pub fn parse(text: &str) -> Option<First> {
        First::ALL.into_iter().find(|first| first.as_str() == text)
    }
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    pub first: First,
    pub rules: Vec<Rule>,
}

impl Rules {
    /// How many months back some condition looks; 0: none counts months.
    pub fn months(&self) -> u32 {
        let conditions = self.rules.iter().flat_map(|rule| &rule.conditions);
        conditions.map(Condition::reach).max().unwrap_or(0)
    }

    /// The first rule that takes the company; none: no rule does.
    pub fn decide(&self, past: &Past, on: NaiveDate) -> Option<usize> {
        self.rules.iter().position(|rule| rule.matches(past, on))
    }

    /// The behaviour in effect.
    pub fn in_effect<'a>(&self, given: Option<&'a str>, found: Option<&'a str>) -> Option<&'a str> {
        match self.first {
            First::Imported => given.or(found),
            First::Rules => found.or(given),
        }
    }
}

impl Rule {
    pub fn matches(&self, past: &Past, on: NaiveDate) -> bool {
        !self.conditions.is_empty() && self.conditions.iter().all(|condition| condition.holds(past, on))
    }
}

impl Condition {
    fn reach(&self) -> u32 {
        match (self.measure, self.months) {
            (Measure::AmountChange, Some(months)) => months * 2,
            (measure, Some(months)) if measure.takes_months() => months,
            _ => 0,
        }
    }

    /// What is not known is neither much nor little: the condition does not hold.
    pub fn holds(&self, past: &Past, on: NaiveDate) -> bool {
        let Some(value) = self.value_of(past, on) else {
            return false;
        };
        // Sums of cents have noise in their last places, and a limit is meant as it is written.
        let value = (value * 1e6).round() / 1e6;
        match self.bound {
            Bound::AtLeast => value >= self.value,
            Bound::AtMost => value <= self.value,
        }
    }

    /// The company's own figure.
    pub fn value_of(&self, past: &Past, on: NaiveDate) -> Option<f64> {
        past.figure(self.measure, self.months, on)
    }
}

/// What rules would come to, counted company by company.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub companies: u64,
    /// By rule: companies that it takes.
    pub taken: Vec<u64>,
    /// By rule: companies that it would take, had no rule above taken them.
    pub twice: Vec<u64>,
    /// Companies that no rule takes.
    pub nothing: u64,
    /// Companies whose imported behaviour stands, whatever the rules say.
    pub imported: u64,
}

impl Tally {
    pub fn add(&mut self, rules: &Rules, past: &Past, is_given: bool, on: NaiveDate) {
        self.taken.resize(rules.rules.len(), 0);
        self.twice.resize(rules.rules.len(), 0);
        self.companies += 1;
        let mut is_taken = false;
        for (at, rule) in rules.rules.iter().enumerate() {
            if rule.matches(past, on) {
                let counted = if is_taken { &mut self.twice } else { &mut self.taken };
                counted[at] += 1;
                is_taken = true;
            }
        }
        self.nothing += u64::from(!is_taken);
        self.imported += u64::from(is_given && (rules.first == First::Imported || !is_taken));
    }
}

/// What is wrong with rules, whatever companies there are: each with its place, `rules[0].name`.
pub fn faults(rules: &Rules) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    if rules.rules.len() > MOST_RULES {
        faults.push(("rules".to_owned(), format!("there can be {MOST_RULES} rules at most")));
    }
    let mut names = BTreeSet::new();
    for (at, rule) in rules.rules.iter().enumerate() {
        let place = format!("rules[{at}]");
        if rule.name.is_empty() {
            faults.push((format!("{place}.name"), "give the behaviour a name".to_owned()));
        } else if !names.insert(rule.name.to_lowercase()) {
            faults.push((
                format!("{place}.name"),
                "another rule has this name; add its conditions there, or choose another one".to_owned(),
            ));
        }
        if rule.conditions.is_empty() {
            faults.push((
                place.clone(),
                "give it a condition: without one it would take every company".to_owned(),
            ));
        }
        if rule.conditions.len() > MOST_CONDITIONS {
            faults.push((
                place.clone(),
                format!("a rule has {MOST_CONDITIONS} conditions at most"),
            ));
        }
        let same = |other: &&Rule| is_same(&other.conditions, &rule.conditions);
        if let Some(other) = rules.rules[..at].iter().find(same)
            && !rule.conditions.is_empty()
        {
            faults.push((
                place.clone(),
                format!(
                    "its conditions are those of {}, which stands above and takes all of them",
                    other.name
                ),
            ));
        }
        for (nth, condition) in rule.conditions.iter().enumerate() {
            let place = format!("{place}.conditions[{nth}]");
            faults.extend(faults_of(condition, &rule.conditions[..nth], &place));
        }
    }
    faults
}

fn faults_of(condition: &Condition, above: &[Condition], place: &str) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    if !condition.value.is_finite() || (condition.value < 0.0 && !condition.measure.may_be_negative()) {
        faults.push((format!("{place}.value"), "write a number of 0 or more".to_owned()));
    }
    match condition.months {
        Some(months) if !(1..=MOST_MONTHS).contains(&months) => faults.push((
            format!("{place}.months"),
            format!("write a whole number of months from 1 to {MOST_MONTHS}"),
        )),
        None if condition.measure.needs_months() => faults.push((
            format!("{place}.months"),
            "say in how many of the last months".to_owned(),
        )),
        _ => {}
    }
    for other in above
        .iter()
        .filter(|other| other.measure == condition.measure && other.months == condition.months)
    {
        let (low, high) = match (other.bound, condition.bound) {
            (Bound::AtLeast, Bound::AtMost) => (other.value, condition.value),
            (Bound::AtMost, Bound::AtLeast) => (condition.value, other.value),
            _ => {
                let message = format!("the rule says {} of this already", other.bound.words());
                faults.push((format!("{place}.value"), message));
                continue;
            }
        };
        if low > high {
            let message = format!("no company is at least {low} and at most {high} at once");
            faults.push((format!("{place}.value"), message));
        }
    }
    faults
}

fn is_same(a: &[Condition], b: &[Condition]) -> bool {
    a.len() == b.len() && a.iter().all(|condition| b.contains(condition))
}

/// Rules to start from, by the names that the field uses.
pub fn ready() -> Rules {
    use Bound::{AtLeast, AtMost};
    let rule = |name: &str, conditions: &[(Measure, Bound, f64, Option<u32>)]| Rule {
        name: name.to_owned(),
        conditions: conditions
            .iter()
            .map(|(measure, bound, value, months)| Condition {
                measure: *measure,
                bound: *bound,
                value: *value,
                months: *months,
            })
            .collect(),
    };
    Rules {
        first: First::Imported,
        rules: vec![
            rule("Lapsed Customers", &[(Measure::DaysSinceLast, AtLeast, 540.0, None)]),
            rule(
                "High-Potential Up-and-Comers",
                &[
                    (Measure::YearsAsCustomer, AtMost, 2.0, None),
                    (Measure::Purchases, AtLeast, 2.0, Some(12)),
                ],
            ),
            rule("Repeat Purchasers", &[(Measure::Purchases, AtLeast, 4.0, Some(24))]),
            rule(
                "One-Time Buyers",
                &[
                    (Measure::Purchases, AtLeast, 1.0, None),
                    (Measure::Purchases, AtMost, 1.0, None),
                ],
            ),
            rule(
                "Competitive Loyalists",
                &[
                    (Measure::YearsAsCustomer, AtLeast, 2.0, None),
                    (Measure::ShareOfRevenue, AtMost, 20.0, Some(24)),
                    // Who never bought is loyal to somebody else, but no customer.
                    (Measure::Purchases, AtLeast, 1.0, None),
                ],
            ),
            rule("Occasional Buyers", &[(Measure::Purchases, AtLeast, 2.0, None)]),
        ],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::method::purchases::Purchase;
    use crate::method::purchases::tests::{day, past, today};

    #[test]
    fn noise_in_the_last_places_of_a_figure_decides_nothing() {
        let past = past(&[
            ("2025-03-10", 50.0),
            ("2025-03-11", 100.0),
            ("2026-03-10", 200.0),
            ("2026-02-01", -30.0),
        ]);
        for bound in Bound::ALL {
            let exactly = Condition {
                measure: Measure::AmountChange,
                bound,
                value: 440.0,
                months: Some(12),
            };
            assert!(exactly.holds(&past, today()), "{bound:?}");
        }
    }

    #[test]
    fn what_is_not_known_passes_no_condition() {
        let nothing = Past::default();
        for measure in [
            Measure::DaysSinceLast,
            Measure::AmountChange,
            Measure::ShareOfRevenue,
            Measure::YearsAsCustomer,
            Measure::AnnualRevenue,
        ] {
            for bound in Bound::ALL {
                let condition = Condition {
                    measure,
                    bound,
                    value: 0.0,
                    months: Some(12),
                };
                assert!(!condition.holds(&nothing, today()), "{measure:?} {bound:?}");
            }
        }
        assert_eq!(nothing.figure(Measure::Purchases, Some(12), today()), Some(0.0));
    }

    #[test]
    fn the_ready_rules_tell_the_companies_that_they_are_named_for() {
        let rules = ready();
        assert_eq!(faults(&rules), []);
        let told = |past: &Past| rules.decide(past, today()).map(|at| rules.rules[at].name.as_str());
        assert_eq!(told(&past(&[("2024-01-01", 100.0)])), Some("Lapsed Customers"));
        assert_eq!(told(&past(&[("2026-01-01", 100.0)])), Some("One-Time Buyers"));
        let often = [
            ("2024-06-01", 1.0),
            ("2024-09-01", 1.0),
            ("2025-06-01", 1.0),
            ("2026-01-01", 1.0),
        ];
        assert_eq!(told(&past(&often)), Some("Repeat Purchasers"));
        let little = past(&[("2025-06-01", 50.0), ("2026-01-01", 50.0)]);
        assert_eq!(told(&little), Some("Competitive Loyalists"));
        let newcomer = Past {
            customer_since: Some(day("2025-01-01")),
            ..little.clone()
        };
        assert_eq!(told(&newcomer), Some("High-Potential Up-and-Comers"));
        let unknown = Past {
            annual_revenue: None,
            ..little
        };
        assert_eq!(told(&unknown), Some("Occasional Buyers"));
        let never = Past {
            annual_revenue: Some(1_000.0),
            customer_since: Some(day("2020-01-01")),
            ..Past::default()
        };
        assert_eq!(told(&never), None);
    }

    #[test]
    fn what_can_never_match_or_matches_twice_is_told_at_its_place() {
        let mut rules = ready();
        rules.rules[0].name = String::new();
        rules.rules[1].conditions[1] = Condition {
            measure: Measure::YearsAsCustomer,
            bound: Bound::AtLeast,
            value: 3.0,
            months: None,
        };
        rules.rules[2].conditions[0].months = Some(0);
        rules.rules[3].name = "occasional buyers".into();
        rules.rules[4].conditions[1].months = None;
        rules.rules.push(Rule {
            name: "Again".into(),
            conditions: rules.rules[5].conditions.clone(),
        });
        rules.rules.push(Rule {
            name: "All".into(),
            conditions: vec![],
        });
        let places: Vec<String> = faults(&rules).into_iter().map(|(place, _)| place).collect();
        assert_eq!(
            places,
            [
                "rules[0].name",
                "rules[1].conditions[1].value",
                "rules[2].conditions[0].months",
                "rules[4].conditions[1].months",
                "rules[5].name",
                "rules[6]",
                "rules[7]",
            ]
        );
    }

    #[test]
    fn an_imported_behaviour_stands_unless_the_rules_come_first() {
        let mut rules = Rules::default();
        assert_eq!(rules.in_effect(Some("a"), Some("b")), Some("a"));
        assert_eq!(rules.in_effect(None, Some("b")), Some("b"));
        rules.first = First::Rules;
        assert_eq!(rules.in_effect(Some("a"), Some("b")), Some("b"));
        assert_eq!(rules.in_effect(Some("a"), None), Some("a"));
        assert_eq!(rules.in_effect(None, None), None);
    }

    fn any_condition() -> impl Strategy<Value = Condition> {
        (
            0..Measure::ALL.len(),
            any::<bool>(),
            -50.0..400.0f64,
            prop::option::of(1..30u32),
        )
            .prop_map(|(measure, at_least, value, months)| Condition {
                measure: Measure::ALL[measure],
                bound: if at_least { Bound::AtLeast } else { Bound::AtMost },
                value,
                months,
            })
    }

    fn any_past() -> impl Strategy<Value = Past> {
        let bought = prop::collection::vec((0..900i64, prop::option::of(-50.0..300.0f64)), 0..8);
        (prop::option::of(0..3000i64), prop::option::of(-1.0..2000.0f64), bought).prop_map(
            |(since, annual_revenue, bought)| {
                let back = |days: i64| today() - chrono::Days::new(days as u64);
                let recent: Vec<Purchase> = bought
                    .into_iter()
                    .map(|(days, amount)| Purchase { on: back(days), amount })
                    .collect();
                Past {
                    customer_since: since.map(back),
                    annual_revenue,
                    last: recent.iter().filter(|one| one.is_one()).map(|one| one.on).max(),
                    purchases: recent.iter().filter(|one| one.is_one()).count() as i64,
                    amount: recent.iter().filter_map(|one| one.amount).sum(),
                    recent,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn a_company_has_exactly_one_behaviour_or_none(
            conditions in prop::collection::vec(prop::collection::vec(any_condition(), 0..4), 0..8),
            past in any_past(),
            given in any::<bool>(),
        ) {
            let rules = Rules {
                first: First::Imported,
                rules: conditions
                    .into_iter()
                    .enumerate()
                    .map(|(at, conditions)| Rule { name: at.to_string(), conditions })
                    .collect(),
            };
            let matching: Vec<usize> =
                (0..rules.rules.len()).filter(|at| rules.rules[*at].matches(&past, today())).collect();
            prop_assert_eq!(rules.decide(&past, today()), matching.first().copied());
            let mut tally = Tally::default();
            tally.add(&rules, &past, given, today());
            prop_assert_eq!(tally.taken.iter().sum::<u64>() + tally.nothing, 1);
            let twice = matching.len().saturating_sub(1) as u64;
            prop_assert_eq!(tally.twice.iter().sum::<u64>(), twice);
            // A rule that asks for more takes no more.
            if let Some(rule) = rules.rules.first() {
                let mut stricter = rule.clone();
                stricter.conditions.extend(rules.rules.last().map(|last| last.conditions.clone()).unwrap_or_default());
                prop_assert!(rule.matches(&past, today()) || rule.conditions.is_empty() || !stricter.matches(&past, today()));
            }
        }
    }
}
