//! The demo's customers: companies and their contacts, made from a seed.

use chrono::{Days, Months, NaiveDate};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use super::{Taste, fields, habits};
use crate::framework::{Kind, Question};

/// A company, and what its people will answer.
#[derive(Debug, Clone)]
pub struct Customer {
    pub external_id: String,
    pub name: String,
    pub customer_since: Option<NaiveDate>,
    pub industry: &'static str,
    pub country: &'static str,
    pub time_zone: &'static str,
    pub employees: u32,
    pub annual_revenue: u32,
    pub behaviour: &'static str,
    pub domain: String,
    pub people: Vec<Person>,
}

#[derive(Debug, Clone)]
pub struct Person {
    pub external_id: String,
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub role: &'static str,
    pub language: &'static str,
    pub habit: Habit,
    pub taste: Taste,
}

/// What becomes of a mail to this person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Never answers.
    Silent,
    /// Answers the first step only.
    Once,
    /// Answers both steps.
    Always,
    /// Declines the first step and rates everything alike in the second: all needs tied.
    AllAlike,
}

/// Everybody.
pub struct Cast {
    pub customers: Vec<Customer>,
}

const SEED: u64 = 20_240_229;
const CUSTOMERS: usize = 136;

const FIRST: [&str; 32] = [
    "Anna", "Jonas", "Marie", "Paul", "Lena", "Felix", "Sofia", "Emil", "Clara", "Noah", "Ida", "Leo", "Greta", "Max",
    "Hanna", "Oskar", "Elin", "Hugo", "Alice", "Victor", "Ines", "Louis", "Nora", "Arthur", "Mila", "Tom", "Julia",
    "Erik", "Sara", "Anton", "Eva", "David",
];
const LAST: [&str; 32] = [
    "Albrecht",
    "Bauer",
    "Castel",
    "Dahl",
    "Engel",
    "Fischer",
    "Gruber",
    "Hansen",
    "Ivarsson",
    "Jansen",
    "Keller",
    "Lindqvist",
    "Meyer",
    "Novak",
    "Olsen",
    "Petit",
    "Quast",
    "Roth",
    "Sommer",
    "Thiel",
    "Ulrich",
    "Vidal",
    "Wagner",
    "Young",
    "Zeller",
    "Brandt",
    "Carlier",
    "Dupont",
    "Ekman",
    "Faber",
    "Graf",
    "Holm",
];
const STEMS: [&str; 34] = [
    "Alten", "Birken", "Cremer", "Dorn", "Eichen", "Falken", "Grün", "Hagel", "Isar", "Jura", "Kiesel", "Linth",
    "Mühl", "Nord", "Ober", "Pappel", "Quell", "Rhein", "Sand", "Tannen", "Ulmen", "Vest", "Wald", "Ysen", "Zell",
    "Bern", "Castell", "Delta", "Elm", "Fjord", "Glen", "Haven", "Kron", "Lund",
];
const TRADES: [(&str, &str); 6] = [
    ("Metal", "metalworking"),
    ("Pharma", "pharmaceuticals"),
    ("Foods", "food"),
    ("Plastics", "plastics"),
    ("Logistics", "logistics"),
    ("Energy", "energy"),
];
const PLACES: [(&str, &str, &str, &str); 8] = [
    ("DE", "Europe/Berlin", "de", "GmbH"),
    ("DE", "Europe/Berlin", "de", "AG"),
    ("AT", "Europe/Vienna", "de", "GmbH"),
    ("CH", "Europe/Zurich", "de", "AG"),
    ("FR", "Europe/Paris", "fr", "SA"),
    ("NL", "Europe/Amsterdam", "en", "BV"),
    ("SE", "Europe/Stockholm", "en", "AB"),
    ("US", "America/New_York", "en", "Inc"),
];
const BEHAVIOURS: [&str; 5] = [
    "Competitive Loyalists",
    "Repeat Purchasers",
    "High-Potential Up-and-Comers",
    "Occasional Buyers",
    "One-Time Buyers",
];

/// What the companies of each segment need: efficiency, closeness, innovation, assurance, standing.
const TASTES: [[f64; 5]; 3] = [
    [0.95, 0.25, 0.20, 0.50, 0.30],
    [0.30, 0.95, 0.25, 0.55, 0.35],
    [0.25, 0.40, 0.95, 0.30, 0.45],
];
const NEEDS: [&str; 5] = ["efficiency", "intimacy", "innovation", "assurance", "standing"];

/// The same customers for the same day.
pub fn cast(today: NaiveDate) -> Cast {
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut names = names(&mut rng);
    let customers = (0..CUSTOMERS).map(|number| customer(number, names.pop().unwrap_or_default(), today, &mut rng));
    Cast {
        customers: customers.collect(),
    }
}

fn names(rng: &mut StdRng) -> Vec<(String, usize)> {
    use rand::seq::SliceRandom;
    let all = STEMS
        .iter()
        .flat_map(|stem| (0..TRADES.len()).map(move |trade| (format!("{stem} {}", TRADES[trade].0), trade)));
    let mut all: Vec<_> = all.collect();
    all.shuffle(rng);
    all
}

fn customer(number: usize, (name, trade): (String, usize), today: NaiveDate, rng: &mut StdRng) -> Customer {
    let (country, time_zone, language, form) = PLACES[rng.random_range(0..PLACES.len())];
    // A few without a date: tenure unknown is a group of its own.
    let months = match number % 11 {
        10 => None,
        n if n < 5 => Some(rng.random_range(1..23)),
        _ => Some(rng.random_range(25..150)),
    };
    let since = |months: u32| today - Months::new(months) - Days::new(u64::from(months % 27));
    let is_new = months.is_some_and(|months| months < 24);
    let segment = segment(is_new, rng);
    let size: f64 = rng.random_range(0.0..1.0);
    let ascii: String = name
        .to_lowercase()
        .replace('ü', "ue")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join("-");
    let domain = format!("{ascii}.example");
    let people = (0..people_at(number, rng))
        .map(|nth| person(number, nth, segment, language, rng))
        .collect();
    let drawn = Customer {
        external_id: format!("LW-{:04}", 1001 + number),
        name: format!("{name} {form}"),
        customer_since: months.map(since),
        industry: TRADES[trade].1,
        country,
        time_zone,
        employees: (20.0 * (6.0 * size).exp()) as u32,
        annual_revenue: (4_000.0 * (6.2 * size * size).exp() * rng.random_range(0.7..1.3)) as u32,
        behaviour: BEHAVIOURS[rng.random_range(0..BEHAVIOURS.len())],
        domain,
        people,
    };
    match number {
        AVOIDED => Customer {
            annual_revenue: drawn.annual_revenue.max(1_900_000),
            behaviour: BEHAVIOURS[0],
            ..drawn
        },
        _ => drawn,
    }
}

/// New customers came for something new more often; those who stayed, stay for the people.
fn segment(is_new: bool, rng: &mut StdRng) -> usize {
    let shares = if is_new { [0.30, 0.12, 0.58] } else { [0.34, 0.53, 0.13] };
    let draw: f64 = rng.random_range(0.0..1.0);
    match draw {
        d if d < shares[0] => 0,
        d if d < shares[0] + shares[1] => 1,
        _ => 2,
    }
}

fn people_at(number: usize, rng: &mut StdRng) -> usize {
    if number == DISAGREEING {
        4
    } else {
        rng.random_range(2..=4)
    }
}

/// Companies with a story of their own, by number.
const SILENT: usize = 7;
const ALL_ALIKE: usize = 23;
const DISAGREEING: usize = 41;
/// By its behaviour one would leave it alone: large, and bound to a competitor. It seeks efficiency, and
/// nothing but: what the newest of [`super::OFFERS`] is for.
const AVOIDED: usize = 3;
const SEEKING: [f64; 5] = [1.0, 0.05, 0.0, 0.4, 0.0];

fn person(number: usize, nth: usize, segment: usize, language: &'static str, rng: &mut StdRng) -> Person {
    let role = match nth {
        0 => "decision_maker",
        1 => *["user", "influencer"].choose(rng).unwrap_or(&"user"),
        _ => *["user", "influencer", "buyer"].choose(rng).unwrap_or(&"user"),
    };
    let habit = match (number, rng.random_range(0..100)) {
        (SILENT, _) => Habit::Silent,
        // At some companies nobody has time for surveys.
        (number, _) if number % 10 == 6 => Habit::Silent,
        (ALL_ALIKE, _) => Habit::AllAlike,
        (DISAGREEING | AVOIDED, _) => Habit::Always,
        (_, chance) if chance < 36 => Habit::Silent,
        (_, chance) if chance < 54 => Habit::Once,
        _ => Habit::Always,
    };
    // At the disagreeing company each colleague wants something else.
    let leaning = if number == DISAGREEING { nth % 3 } else { segment };
    let own = |level: f64, rng: &mut StdRng| (level + rng.random_range(-0.12..0.12)).clamp(0.0, 1.0);
    let levels = if number == AVOIDED { SEEKING } else { TASTES[leaning] };
    let taste = NEEDS
        .iter()
        .zip(levels)
        .map(|(need, level)| ((*need).to_owned(), own(level, rng)))
        .collect();
    Person {
        external_id: format!("LW-{:04}-{}", 1001 + number, nth + 1),
        first_name: FIRST[(number * 5 + nth * 11) % FIRST.len()],
        last_name: LAST[(number * 7 + nth * 13) % LAST.len()],
        role,
        language,
        habit,
        taste,
    }
}

impl Cast {
    /// The companies as the import takes them.
    pub fn companies_csv(&self) -> String {
        let mut csv = String::from(
            "external_id,name,customer_since,industry,country,time_zone,employees,annual_revenue,customer_type,behaviour,domains,owner_email\n",
        );
        for (number, c) in self.customers.iter().enumerate() {
            let since = c.customer_since.map(|day| day.to_string()).unwrap_or_default();
            // Some revenue is unknown: the tier then is, too.
            let revenue = if number % 29 == 28 {
                String::new()
            } else {
                c.annual_revenue.to_string()
            };
            // Where nobody noted how a company behaves, the rules tell it.
            let behaviour = if habits::is_told_by_rules(number) {
                ""
            } else {
                c.behaviour
            };
            csv.push_str(&format!(
                "{},{},{since},{},{},{},{},{revenue},producer,{},{},sales@lindenwerk.example\n",
                c.external_id, c.name, c.industry, c.country, c.time_zone, c.employees, behaviour, c.domain
            ));
        }
        csv
    }

    /// Some earlier deals, the needs behind them coded by sales for those whom no survey reached.
    pub fn transactions_csv(&self, today: NaiveDate) -> String {
        const PRODUCTS: [&str; 4] = [
            "Line control",
            "Maintenance planner",
            "Quality gate",
            "Service contract",
        ];
        let mut csv = String::from("external_id,company_external_id,product,amount,occurred_at,needs\n");
        for (number, c) in self.customers.iter().enumerate().filter(|(number, _)| number % 3 == 1) {
            let day = today - Days::new(45 + (number as u64 * 13) % 300);
            let needs = match number {
                SILENT => "intimacy",
                n if n % 12 == 1 => "efficiency|assurance",
                _ => "",
            };
            csv.push_str(&format!(
                "D-{:04},{},{},{},{day}T10:00:00Z,{needs}\n",
                2001 + number,
                c.external_id,
                PRODUCTS[number % PRODUCTS.len()],
                (c.annual_revenue / 3).max(500)
            ));
            // What those who were customers already bought the year before.
            let before = today - Days::new(340 + (number as u64 * 17) % 330);
            if c.customer_since.is_none_or(|since| since <= before) {
                let percent = 24 + (number as u32 * 7) % 17;
                csv.push_str(&format!(
                    "D-{:04},{},{},{},{before}T10:00:00Z,\n",
                    1001 + number,
                    c.external_id,
                    PRODUCTS[(number + 1) % PRODUCTS.len()],
                    (c.annual_revenue / 100 * percent).max(500)
                ));
            }
        }
        csv
    }

    /// The contacts as the import takes them.
    pub fn contacts_csv(&self) -> String {
        let mut csv = String::from("external_id,company_external_id,email,first_name,last_name,role,language\n");
        for c in &self.customers {
            for p in &c.people {
                let local = format!("{}.{}", p.first_name.to_lowercase(), p.last_name.to_lowercase());
                csv.push_str(&format!(
                    "{},{},{local}@{},{},{},{},{}\n",
                    p.external_id, c.external_id, c.domain, p.first_name, p.last_name, p.role, p.language
                ));
            }
        }
        csv
    }
}

impl Person {
    /// The fields that this person's browser posts for a question.
    pub fn fills_in(&self, question: &Question, rng: &mut StdRng) -> Vec<(String, String)> {
        if self.habit != Habit::AllAlike {
            return fields(question, &self.taste, rng);
        }
        let code = &question.code;
        let field = |name: String, value: &str| (name, value.to_owned());
        match &question.kind {
            Kind::Matrix { rows, .. } => rows
                .iter()
                .map(|row| field(format!("{code}.{}", row.code), "4"))
                .collect(),
            Kind::Allocation { options, .. } => options
                .iter()
                .map(|option| field(format!("{code}.points.{}", option.code), "25"))
                .collect(),
            kind => match kind.options().iter().find(|option| option.no_opinion) {
                Some(declined) => vec![field(code.clone(), &declined.code)],
                None if question.no_opinion.is_some() => vec![field(format!("{code}.no_opinion"), "1")],
                None => Vec::new(),
            },
        }
    }

    /// How many days after its mail this person answers the step; `None`: not at all.
    pub fn answers_after_days(&self, step: i32) -> Option<i64> {
        let days = self
            .external_id
            .bytes()
            .fold(i64::from(step), |sum, byte| (sum * 31 + i64::from(byte)) % 5);
        match self.habit {
            Habit::Silent => None,
            Habit::Once => (step == 0).then_some(days),
            Habit::Always | Habit::AllAlike => Some(days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_is_as_large_and_as_varied_as_promised() {
        let cast = cast(NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
        let people: Vec<&Person> = cast.customers.iter().flat_map(|customer| &customer.people).collect();
        assert!(cast.customers.len() >= 120);
        assert!(people.len() >= 350, "{} contacts", people.len());
        assert!(cast.customers.iter().any(|customer| customer.customer_since.is_none()));
        assert!(
            cast.customers[SILENT]
                .people
                .iter()
                .all(|person| person.habit == Habit::Silent)
        );
        assert!(
            cast.customers[ALL_ALIKE]
                .people
                .iter()
                .all(|person| person.habit == Habit::AllAlike)
        );
        let names: std::collections::HashSet<&str> = cast.customers.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names.len(), cast.customers.len(), "two companies share a name");
    }

    #[test]
    fn the_demo_framework_is_free_of_faults() {
        let read = crate::framework::read::toml(super::super::FRAMEWORK);
        assert!(read.is_ok(), "{:?}", read.err());
    }
}
