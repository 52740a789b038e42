//! Rules in words, for readers and for the log. Pure.

use chrono::NaiveDate;

use crate::method::behaviour::{Condition, First, Measure, Past, Rule, Rules};
use crate::text::figures;

/// What a measure is called where it is chosen.
pub fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::DaysSinceLast => "Days since the last purchase",
        Measure::Purchases => "Number of purchases",
        Measure::Amount => "Amount bought",
        Measure::AmountChange => "Change of the amount, %",
        Measure::ShareOfRevenue => "Amount in % of its annual revenue",
        Measure::YearsAsCustomer => "Years as a customer",
        Measure::AnnualRevenue => "Annual revenue",
    }
}

/// "number of purchases in the last 12 months at least 4"
pub fn condition(condition: &Condition) -> String {
    format!(
        "{} {} {}",
        about(condition),
        condition.bound.words(),
        value(condition.measure, condition.value)
    )
}

/// With the company's own figure behind it.
pub fn with_figure(one: &Condition, past: &Past, on: NaiveDate) -> String {
    let own = one.value_of(past, on).map(|own| value(one.measure, own));
    format!("{}: {}", condition(one), own.unwrap_or_else(|| "not known".to_owned()))
}

fn about(condition: &Condition) -> String {
    let name = measure(condition.measure).trim_end_matches(", %");
    let mut name = name.to_owned();
    if let Some(first) = name.get(..1).map(str::to_lowercase) {
        name.replace_range(..1, &first);
    }
    match (condition.measure, condition.months) {
        (Measure::AmountChange, Some(months)) => {
            format!("{name} of the last {months} months against those before")
        }
        (measure, Some(months)) if measure.takes_months() => format!(
            "{name} in the last {}",
            figures::counted(i64::from(months), "month", "months")
        ),
        _ => name,
    }
}

fn value(measure: Measure, value: f64) -> String {
    match measure {
        Measure::Amount | Measure::AnnualRevenue => figures::money(value),
        Measure::AmountChange | Measure::ShareOfRevenue => format!("{} %", plain(value)),
        _ => plain(value),
    }
}

fn plain(value: f64) -> String {
    let decimals = if value.fract() == 0.0 { 0 } else { 1 };
    figures::number(value, decimals)
}

/// What one set of rules changes of another, one a line.
pub fn changes(before: &Rules, after: &Rules) -> Vec<String> {
    let find = |rules: &Rules, name: &str| rules.rules.iter().position(|rule| rule.name == name);
    let mut changes = Vec::new();
    for rule in &after.rules {
        match find(before, &rule.name).map(|at| &before.rules[at]) {
            None => changes.push(format!("{} added: {}", rule.name, conditions(rule))),
            Some(was) if was.conditions != rule.conditions => {
                changes.push(format!("{} now: {}", rule.name, conditions(rule)));
            }
            Some(_) => {}
        }
    }
    let gone = before.rules.iter().filter(|rule| find(after, &rule.name).is_none());
    changes.extend(gone.map(|rule| format!("{} taken out", rule.name)));
    let order = |rules: &Rules, others: &Rules| -> Vec<String> {
        let both = rules.rules.iter().filter(|rule| find(others, &rule.name).is_some());
        both.map(|rule| rule.name.clone()).collect()
    };
    if order(before, after) != order(after, before) {
        let names: Vec<&str> = after.rules.iter().map(|rule| rule.name.as_str()).collect();
        changes.push(format!("now in the order {}", names.join(", ")));
    }
    if before.first != after.first {
        changes.push(match after.first {
            First::Imported => "an imported behaviour comes first".to_owned(),
            First::Rules => "the rules come before an imported behaviour".to_owned(),
        });
    }
    changes
}

fn conditions(rule: &Rule) -> String {
    rule.conditions.iter().map(condition).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::behaviour::{Bound, ready};

    #[test]
    fn conditions_read_as_sentences_do() {
        let rules = ready();
        let words: Vec<String> = rules.rules.iter().map(conditions).collect();
        assert_eq!(words[0], "days since the last purchase at least 540");
        assert_eq!(
            words[1],
            "years as a customer at most 2 and number of purchases in the last 12 months at least 2"
        );
        assert_eq!(
            words[4],
            "years as a customer at least 2 and amount in % of its annual revenue in the last 24 months at most 20 % \
             and number of purchases at least 1"
        );
        let change = Condition {
            measure: Measure::AmountChange,
            bound: Bound::AtLeast,
            value: 12.5,
            months: Some(6),
        };
        assert_eq!(
            condition(&change),
            "change of the amount of the last 6 months against those before at least 12.5 %"
        );
    }

    #[test]
    fn what_changed_is_told_rule_by_rule() {
        let before = ready();
        assert!(changes(&before, &before).is_empty());
        let mut after = before.clone();
        after.rules.swap(0, 1);
        after.rules.remove(5);
        after.rules[2].conditions[0].value = 3.0;
        after.first = First::Rules;
        let told = changes(&before, &after);
        assert_eq!(
            told[0],
            "Repeat Purchasers now: number of purchases in the last 24 months at least 3"
        );
        assert_eq!(told[1], "Occasional Buyers taken out");
        assert!(told[2].starts_with("now in the order High-Potential Up-and-Comers, Lapsed Customers"));
        assert_eq!(told[3], "the rules come before an imported behaviour");
    }
}
