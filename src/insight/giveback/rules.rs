//! How answers become figures that anybody may see. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{NaiveDateTime, TimeDelta};

use crate::answers::Value;
use crate::framework::{Code, Kind, Question};
use crate::ids::{CompanyId, ContactId, VersionId};
use crate::method::tenure::Tenure;

/// What is answered and told on its own: a question's version, or one matrix row of it.
pub type Item = (VersionId, Code);

/// What somebody said to an item: by option code how much of one voice it got. A number stands under [`NUMBER`].
pub type Voice = BTreeMap<Code, f64>;

/// No option has this code.
pub const NUMBER: &str = "";

/// With two companies each would know what the other said, whatever the framework asks for.
const LEAST_GROUP: u32 = 3;
/// A group is large enough when it has so many times the smallest group's customers: not everybody answers.
const LARGE: u64 = 4;
/// Whoever has waited so long for its group is counted with everybody.
const PATIENCE: TimeDelta = TimeDelta::days(30);
/// Shares are told in steps of five hundredths, and no share as all.
const STEP: f64 = 0.05;
/// The fewest voices that are told of an option, and that are left untold beside it.
const LEAST_VOICES: f64 = 2.0;
/// The most bars of one question.
pub const BARS: usize = 3;

/// Slack for sums of fractions.
const EPSILON: f64 = 1e-9;

pub fn least_group(min_group: u32) -> u32 {
    min_group.max(LEAST_GROUP)
}

/// The voice of one answer; `None` where it has none: a text, "I can't say".
pub fn voice(question: &Question, value: &Value) -> Option<Voice> {
    let options = question.kind.options();
    let is_opinion = |code: &Code| {
        let found = options.iter().find(|option| option.code == *code);
        found.is_some_and(|option| !option.no_opinion)
    };
    let whole = |code: &Code| is_opinion(code).then(|| BTreeMap::from([(code.clone(), 1.0)]));
    match value {
        Value::Option(pick) => whole(&pick.option),
        Value::Options(picks) => {
            let picked = picks.iter().filter(|pick| is_opinion(&pick.option));
            let voice: Voice = picked.map(|pick| (pick.option.clone(), 1.0)).collect();
            Some(voice).filter(|voice| !voice.is_empty())
        }
        Value::Number(number) => Some(BTreeMap::from([(NUMBER.to_owned(), f64::from(*number))])),
        // What comes first; the places behind it are too many to be told apart in a few bars.
        Value::Ranked(ranked) => whole(ranked.first()?),
        Value::BestWorst { best, .. } => whole(best),
        Value::Points(points) => {
            let total: u32 = points.values().sum();
            let share = |(code, points): (&Code, &u32)| (code.clone(), f64::from(*points) / f64::from(total));
            (total > 0).then(|| points.iter().map(share).collect())
        }
        Value::Text(_) | Value::NoOpinion => None,
    }
}

/// Whom a company is compared with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kin {
    Industry(String),
    Tenure(Tenure),
    Everybody,
}

impl Kin {
    /// As it is stored.
    pub fn key(&self) -> String {
        match self {
            Kin::Industry(industry) => format!("industry:{industry}"),
            Kin::Tenure(tenure) => format!("tenure:{}", tenure.as_str()),
            Kin::Everybody => String::new(),
        }
    }
}

/// What tells whose kin a company is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    pub industry: Option<String>,
    pub tenure: Tenure,
}

impl Traits {
    /// From the nearest kin to the widest.
    pub fn kins(&self) -> Vec<Kin> {
        let industry = self.industry.clone().map(Kin::Industry);
        // Nothing is alike in companies of which nobody knows since when they buy.
        let tenure = Some(self.tenure)
            .filter(|tenure| *tenure != Tenure::Unknown)
            .map(Kin::Tenure);
        industry.into_iter().chain(tenure).chain([Kin::Everybody]).collect()
    }
}

/// How many customers there are of each kin, whether they answered or not.
#[derive(Debug, Default)]
pub struct Base(HashMap<String, u64>);

impl Base {
    pub fn of<'a>(companies: impl IntoIterator<Item = &'a Traits>) -> Base {
        let mut base = HashMap::new();
        for kin in companies.into_iter().flat_map(Traits::kins) {
            *base.entry(kin.key()).or_default() += 1;
        }
        Base(base)
    }

    /// The one group that the company's voice is counted in: its nearest kin that is large enough, or
    /// everybody, where it has waited in vain since `waiting_since`.
    pub fn kin(&self, company: &Traits, min_group: u32, now: NaiveDateTime, waiting_since: NaiveDateTime) -> Kin {
        let is_large = |kin: &Kin| {
            let customers = self.0.get(&kin.key()).copied().unwrap_or(0);
            customers >= LARGE * u64::from(least_group(min_group))
        };
        let nearest = company.kins().into_iter().find(is_large);
        nearest
            .filter(|_| now - waiting_since < PATIENCE)
            .unwrap_or(Kin::Everybody)
    }
}

/// The companies whose voices on an item wait to be told together.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub companies: Vec<CompanyId>,
    /// Everybody who answered for one of them.
    pub respondents: u64,
    pub voices: Voice,
    /// Distinct ones, no more than are needed to count to the smallest group.
    people: BTreeSet<ContactId>,
    numbers: Option<(f64, f64)>,
}

impl Batch {
    /// Each company has one voice, the mean of its people's.
    pub fn add(&mut self, company: CompanyId, people: &[(ContactId, Voice)], min_group: u32) {
        if people.is_empty() {
            return;
        }
        let mut own = Voice::new();
        for (contact, voice) in people {
            for (code, part) in voice {
                *own.entry(code.clone()).or_default() += part / people.len() as f64;
            }
            if self.people.len() < least_group(min_group) as usize {
                self.people.insert(*contact);
            }
        }
        if let Some(number) = own.get(NUMBER) {
            let (least, greatest) = self.numbers.unwrap_or((*number, *number));
            self.numbers = Some((least.min(*number), greatest.max(*number)));
        }
        for (code, part) in own {
            *self.voices.entry(code).or_default() += part;
        }
        self.companies.push(company);
        self.respondents += people.len() as u64;
    }

    /// Enough companies, by enough people, who do not all say the same: a sum over such as do would
    /// tell what each of them said.
    pub fn may_be_told(&self, min_group: u32) -> bool {
        let least = least_group(min_group) as usize;
        self.companies.len() >= least && self.people.len() >= least && !self.is_unanimous()
    }

    fn is_unanimous(&self) -> bool {
        let all = self.companies.len() as f64 - EPSILON;
        let by_option = self.voices.iter().any(|(code, sum)| code != NUMBER && *sum > all);
        by_option || self.numbers.is_some_and(|(least, greatest)| greatest - least < EPSILON)
    }
}

/// What is told about an item: sums over companies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sums {
    pub companies: u64,
    pub respondents: u64,
    pub voices: Voice,
}

impl Sums {
    pub fn add(&mut self, companies: u64, respondents: u64, voices: &Voice) {
        self.companies += companies;
        self.respondents += respondents;
        for (code, part) in voices {
            *self.voices.entry(code.clone()).or_default() += part;
        }
    }

    /// Asked anew where it is shown: `min_group` may have been raised since.
    pub fn are_enough(&self, min_group: u32) -> bool {
        let least = u64::from(least_group(min_group));
        self.companies >= least && self.respondents >= least
    }

    /// How many companies, roughly: a multiple of the smallest group.
    pub fn roughly(&self, min_group: u32) -> u64 {
        let step = u64::from(least_group(min_group));
        self.companies / step * step
    }

    /// The mean of the companies' numbers, to a twentieth of the scale.
    pub fn mean(&self, min: i32, max: i32) -> Option<f64> {
        let sum = self.voices.get(NUMBER)?;
        let span = f64::from(max) - f64::from(min);
        if self.companies == 0 || span <= 0.0 {
            return None;
        }
        let place = (sum / self.companies as f64 - f64::from(min)) / span;
        Some(f64::from(min) + stepped(place) * span)
    }

    /// The options that most companies chose, the strongest first, each with its share of them.
    ///
    /// An option that hardly anybody chose is not told, and neither is one by which it could be
    /// worked out: where each company has one voice to give, what is left over is either nothing or
    /// as many voices as may be told.
    pub fn shares(&self, kind: &Kind) -> Vec<(Code, f64)> {
        let mut all: Vec<(&Code, f64)> = self.voices.iter().map(|(code, sum)| (code, *sum)).collect();
        all.retain(|(code, _)| code.as_str() != NUMBER);
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        all.truncate(BARS);
        let is_counted = !matches!(kind, Kind::Allocation { .. });
        if is_counted {
            all.retain(|(_, sum)| *sum > LEAST_VOICES - EPSILON);
        }
        if !matches!(kind, Kind::MultipleChoice { .. } | Kind::Allocation { .. }) {
            let told: f64 = all.iter().map(|(_, sum)| sum).sum();
            let left = self.companies as f64 - told;
            if left > EPSILON && left < LEAST_VOICES - EPSILON {
                all.pop();
            }
        }
        let share = |(code, sum): (&Code, f64)| (code.clone(), stepped(sum / self.companies as f64));
        all.into_iter().map(share).filter(|(_, share)| *share > 0.0).collect()
    }
}

/// To the nearest step, and never all of it.
fn stepped(share: f64) -> f64 {
    ((share / STEP).round() * STEP).clamp(0.0, 1.0 - STEP)
}

/// By item and kin.
pub type Batches = BTreeMap<(Item, Kin), Batch>;

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::framework::ChoiceOption;

    fn kind(many: bool) -> Kind {
        let option = |code: &str| ChoiceOption {
            code: code.to_owned(),
            text: code.to_uppercase(),
            no_opinion: code == "none",
            ..ChoiceOption::default()
        };
        let options = ["a", "b", "c", "none"].map(option).to_vec();
        match many {
            true => Kind::MultipleChoice {
                options,
                min_picks: 1,
                max_picks: 2,
                shuffle: false,
            },
            false => Kind::SingleChoice {
                options,
                shuffle: false,
            },
        }
    }

    fn one(code: &str) -> Voice {
        BTreeMap::from([(code.to_owned(), 1.0)])
    }

    fn batch(said: &[&str]) -> Batch {
        let mut batch = Batch::default();
        for (id, code) in (1..).zip(said) {
            batch.add(CompanyId(id), &[(ContactId(id), one(code))], 5);
        }
        batch
    }

    fn sums(said: &[&str]) -> Sums {
        let batch = batch(said);
        let mut sums = Sums::default();
        sums.add(batch.companies.len() as u64, batch.respondents, &batch.voices);
        sums
    }

    #[test]
    fn enough_companies_are_needed_and_enough_people() {
        assert!(!batch(&["a", "a", "b", "b"]).may_be_told(5));
        assert!(batch(&["a", "a", "b", "b", "b"]).may_be_told(5));
        let mut four = batch(&["a", "a", "b"]);
        let colleagues = [10, 11, 12].map(|id| (ContactId(id), one("b")));
        four.add(CompanyId(4), &colleagues, 5);
        assert_eq!(four.respondents, 6);
        assert!(!four.may_be_told(5), "six people of four companies");
        let mut one_person = Batch::default();
        for id in 1..=5 {
            let said = if id % 2 == 0 { "a" } else { "b" };
            one_person.add(CompanyId(id), &[(ContactId(1), one(said))], 5);
        }
        assert!(!one_person.may_be_told(5), "one person at five companies");
    }

    #[test]
    fn a_company_has_one_voice_however_many_answer_for_it() {
        let mut all = batch(&["a"]);
        all.add(CompanyId(2), &[(ContactId(2), one("a")), (ContactId(3), one("b"))], 5);
        assert_eq!(all.voices, BTreeMap::from([("a".into(), 1.5), ("b".into(), 0.5)]));
    }

    #[test]
    fn who_all_say_the_same_are_not_told() {
        assert!(!batch(&["a"; 7]).may_be_told(5));
        let mut numbers = Batch::default();
        for id in 1..=6 {
            let number = if id == 6 { 4.0 } else { 7.0 };
            assert!(!numbers.may_be_told(5));
            numbers.add(
                CompanyId(id),
                &[(ContactId(id), BTreeMap::from([(NUMBER.into(), number)]))],
                5,
            );
        }
        assert!(numbers.may_be_told(5));
    }

    #[test]
    fn a_single_voice_is_neither_told_nor_to_be_worked_out() {
        // Three of a, two of b, one of c: with a and b told, c would be what is left.
        assert_eq!(
            sums(&["a", "a", "a", "b", "b", "c"]).shares(&kind(false)),
            [("a".into(), 0.5)]
        );
        assert_eq!(
            sums(&["a", "a", "a", "b", "b", "b"]).shares(&kind(false)),
            [("a".into(), 0.5), ("b".into(), 0.5)]
        );
        assert_eq!(sums(&["a", "b", "c"]).shares(&kind(false)), []);
    }

    #[test]
    fn figures_are_told_in_steps_and_no_share_as_all() {
        let mut said = vec!["a"; 60];
        said.extend(["b"; 2]);
        assert_eq!(
            sums(&said).shares(&kind(false)),
            [("a".into(), 0.95), ("b".into(), 0.05)]
        );
        let mut sums = Sums::default();
        sums.add(6, 6, &BTreeMap::from([(NUMBER.to_owned(), 32.0)]));
        // 5.33 of 1 to 7.
        assert!((sums.mean(1, 7).unwrap() - 5.2).abs() < 1e-9, "{:?}", sums.mean(1, 7));
        assert_eq!(sums.roughly(5), 5);
    }

    #[test]
    fn what_is_no_opinion_has_no_voice() {
        let question = Question {
            code: "q".into(),
            text: String::new(),
            help: String::new(),
            required: false,
            show_if: None,
            no_opinion: None,
            kind: kind(true),
            translations: BTreeMap::new(),
        };
        let pick = |code: &str| crate::answers::Pick {
            option: code.into(),
            text: None,
        };
        assert_eq!(voice(&question, &Value::NoOpinion), None);
        assert_eq!(voice(&question, &Value::Option(pick("none"))), None);
        let both = voice(&question, &Value::Options(vec![pick("a"), pick("c")])).unwrap();
        assert_eq!(both, BTreeMap::from([("a".into(), 1.0), ("c".into(), 1.0)]));
    }

    #[test]
    fn kin_is_the_nearest_group_that_is_large_enough() {
        let of = |industry: Option<&str>, tenure| Traits {
            industry: industry.map(str::to_owned),
            tenure,
        };
        let mut customers = vec![of(Some("Mining"), Tenure::New); 20];
        customers.extend(vec![of(Some("Food"), Tenure::New); 19]);
        customers.push(of(None, Tenure::LongStanding));
        let base = Base::of(&customers);
        let day = |days| DateTime::UNIX_EPOCH.naive_utc() + TimeDelta::days(days);
        let kin = |company: &Traits, days| base.kin(company, 5, day(days), day(0));
        assert_eq!(kin(&customers[0], 1), Kin::Industry("Mining".into()));
        assert_eq!(kin(&customers[0], 30), Kin::Everybody);
        assert_eq!(kin(&customers[20], 1), Kin::Tenure(Tenure::New));
        assert_eq!(kin(&customers[39], 1), Kin::Everybody);
    }

    proptest! {
        /// Companies answer in any order, and figures are renewed at any time: whichever two looks one
        /// takes, at one group or at two, they are the same or differ by a whole group of companies
        /// that did not all say the same.
        #[test]
        fn no_two_looks_tell_a_single_company_apart(
            steps in proptest::collection::vec((0i64..56, 0usize..3, any::<bool>()), 1..240),
        ) {
            let traits = |company: i64| Traits {
                industry: Some(["Mining", "Food", "Rare"][(company % 7 / 3) as usize].to_owned()),
                tenure: if company % 2 == 0 { Tenure::New } else { Tenure::LongStanding },
            };
            let everybody: Vec<Traits> = (0..56).map(traits).collect();
            let base = Base::of(&everybody);
            let now = DateTime::UNIX_EPOCH.naive_utc();
            let mut said: BTreeMap<i64, &str> = BTreeMap::new();
            let mut told: BTreeSet<i64> = BTreeSet::new();
            // Each look: the companies and what they said, by kin and over all kins.
            let mut looks: Vec<BTreeMap<i64, &str>> = vec![BTreeMap::new()];
            let mut shown: BTreeMap<Kin, BTreeMap<i64, &str>> = BTreeMap::new();
            for (company, option, renew) in steps {
                said.insert(company, ["a", "b", "c"][option]);
                if !renew {
                    continue;
                }
                let mut batches: BTreeMap<Kin, Batch> = BTreeMap::new();
                for (company, code) in said.iter().filter(|(company, _)| !told.contains(company)) {
                    let kin = base.kin(&traits(*company), 5, now, now);
                    let people = [(ContactId(*company), one(code))];
                    batches.entry(kin).or_default().add(CompanyId(*company), &people, 5);
                }
                for (kin, batch) in batches.into_iter().filter(|(_, batch)| batch.may_be_told(5)) {
                    for company in batch.companies {
                        told.insert(company.0);
                        shown.entry(kin.clone()).or_default().insert(company.0, said[&company.0]);
                    }
                    looks.push(shown[&kin].clone());
                    looks.push(shown.values().flatten().map(|(company, code)| (*company, *code)).collect());
                }
            }
            for (place, one) in looks.iter().enumerate() {
                for other in &looks[..place] {
                    let changed: Vec<&str> = one
                        .iter()
                        .filter(|(company, code)| other.get(company) != Some(code))
                        .chain(other.iter().filter(|(company, code)| one.get(company) != Some(code)))
                        .map(|(_, code)| *code)
                        .collect();
                    prop_assert!(changed.is_empty() || changed.len() >= 5, "{one:?} {other:?}");
                    prop_assert!(changed.is_empty() || changed.iter().any(|code| *code != changed[0]));
                }
            }
        }
    }
}
