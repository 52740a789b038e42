//! What the demo's customers bought over the years, and what they use: the rear-view mirror.

use chrono::{Days, NaiveDate};

use super::people::{Cast, Customer};

/// Every fourth company came without a behaviour: the rules tell it from what it bought.
pub fn is_told_by_rules(number: usize) -> bool {
    number % 4 == 2
}

/// Days ago and part of the annual revenue, in hundredths, of each purchase.
fn purchases(number: usize) -> &'static [(u64, u64)] {
    const LAPSED: [(u64, u64); 2] = [(910, 40), (640, 25)];
    const REPEATED: [(u64, u64); 6] = [(820, 20), (610, 22), (430, 18), (250, 25), (120, 24), (18, 30)];
    const ONCE: [(u64, u64); 1] = [(95, 60)];
    const LITTLE: [(u64, u64); 2] = [(480, 6), (70, 5)];
    const RISING: [(u64, u64); 4] = [(330, 15), (210, 25), (110, 40), (9, 55)];
    match (number / 4) % 7 {
        0 => &LAPSED,
        1 | 5 => &REPEATED,
        2 => &ONCE,
        3 => &LITTLE,
        4 => &RISING,
        _ => &[],
    }
}

/// Purchases of years, for those whose behaviour nobody has noted.
pub fn purchases_csv(cast: &Cast, today: NaiveDate) -> String {
    let mut csv = String::from("external_id,company_external_id,product,amount,occurred_at\n");
    let bought = cast
        .customers
        .iter()
        .enumerate()
        .filter(|(number, _)| is_told_by_rules(*number));
    for (number, customer) in bought {
        // Nobody buys before being a customer.
        let since = customer.customer_since.unwrap_or(NaiveDate::MIN);
        let days = purchases(number)
            .iter()
            .map(|(ago, part)| (today - Days::new(*ago), part));
        for (nth, (day, part)) in days.filter(|(day, _)| *day >= since).enumerate() {
            csv.push_str(&format!(
                "P-{number:03}-{nth},{},Service contract,{},{day}T09:30:00Z\n",
                customer.external_id,
                u64::from(customer.annual_revenue) * part / 100,
            ));
        }
    }
    csv
}

/// Weeks of usage.
const WEEKS: u64 = 30;
const FEATURES: [&str; 5] = [
    "Dashboards",
    "Alarm routing",
    "Spare-part orders",
    "Shift reports",
    "Webinar: saving energy",
];

/// How often a company uses a feature in a week, so many weeks ago.
fn uses(number: usize, feature: usize, weeks_ago: u64) -> u64 {
    let habit = (number * 7 + feature * 11) % 23 + 3;
    let wave = (number as u64 + weeks_ago * 5 + feature as u64) % 4;
    let usual = habit as u64 + wave;
    match (number % 7, weeks_ago) {
        // Fewer and fewer people there still look.
        (1, 0..=4) => usual * 2 / 5,
        (1, 5..=8) => usual * 4 / 5,
        (3, 0..=4) => usual * 3 / 2,
        // It has stopped altogether, or with one thing.
        (5, 0..=4) if number.is_multiple_of(3) || feature == 1 => 0,
        _ => usual,
    }
}

/// What the customers with a connected plant use, week by week up to yesterday.
pub fn usage_csv(cast: &Cast, today: NaiveDate) -> String {
    let mut csv = String::from("external_id,feature,count,at\n");
    let connected = |(number, _): &(usize, &Customer)| number % 3 != 1;
    for (number, customer) in cast.customers.iter().enumerate().filter(connected) {
        let features = FEATURES.iter().enumerate().filter(|(nth, _)| (number + nth) % 5 < 3);
        let since = customer.customer_since.unwrap_or(NaiveDate::MIN);
        for (nth, feature) in features {
            // Who goes to a webinar does not go every week.
            let step = if nth == 4 { 6 } else { 1 };
            for weeks_ago in (0..WEEKS).step_by(step) {
                let count = uses(number, nth, weeks_ago) / step as u64;
                let day = today - Days::new(1 + 7 * weeks_ago);
                if count > 0 && day >= since {
                    csv.push_str(&format!("{},{feature},{count},{day}\n", customer.external_id));
                }
            }
        }
    }
    csv
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::demo::cast;

    #[test]
    fn purchases_and_usage_are_of_customers_and_of_the_past() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let cast = cast(today);
        let (bought, used) = (purchases_csv(&cast, today), usage_csv(&cast, today));
        assert!(bought.lines().count() > 40, "{bought}");
        let companies: BTreeSet<&str> = used.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert!(companies.len() > 80, "{}", companies.len());
        for line in used.lines().skip(1).chain(bought.lines().skip(1)) {
            let day: NaiveDate = line.rsplit(',').next().unwrap()[..10].parse().unwrap();
            assert!(day < today, "{line}");
        }
    }
}
