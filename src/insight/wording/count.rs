//! The count itself: answers come in a company at a time, a contact's side by side.

use std::collections::HashMap;

use super::queries::Answer;
use super::rules;
use super::{Figures, ItemFigures, Met, MetFigure, OptionShare, Said, SetFigures, place};
use crate::answers::{Value, json};
use crate::design::Design;
use crate::framework::met::{self, ScaleItem};
use crate::framework::{Code, Kind, Question};
use crate::ids::VersionId;
use crate::insight::crowd::Crowd;
use crate::insight::cuts::{Cells, Cuts, Place};
use crate::insight::giveback::{NUMBER, voice};
use crate::insight::{ByTenure, Sums};
use crate::method::compare::Sample;
use crate::method::tenure::Tenure;

/// So many spellings of an item's answers are read once only.
const KNOWN: usize = 2_000;

pub struct Count<'d> {
    items: Vec<Item<'d>>,
    /// By version: its items, by row.
    of_version: HashMap<i64, Vec<(&'d str, usize)>>,
    needs: Vec<NeedCount>,
}

struct Item<'d> {
    set: usize,
    question: &'d Question,
    row: Option<&'d crate::framework::Row>,
    version: VersionId,
    known: HashMap<String, Read>,
    groups: [Group; 3],
    /// Those whom the filter leaves out among them.
    cells: [Cells; 3],
    /// Places in `needs`, and whether it asks for the satisfaction.
    pairs: Vec<(usize, bool)>,
}

/// A company whose answers are counted.
pub struct Standing {
    pub tenure: Tenure,
    pub is_inside: bool,
    pub place: Place,
}

/// An answer as it is counted.
#[derive(Debug, Clone, PartialEq)]
enum Read {
    /// By the option's place, how much of one voice it got.
    Parts(Vec<(usize, f64)>),
    Number(f64),
    CannotSay,
    /// A damaged row, or one of another kind.
    Nothing,
}

#[derive(Debug, Clone, Default)]
struct Group {
    head: Head,
    cannot_say: u64,
    numbers: u64,
    sum: f64,
    parts: Vec<f64>,
}

/// Counts companies and contacts that come one after the other.
#[derive(Debug, Clone, Copy, Default)]
struct Head {
    crowd: Crowd,
    last: (i64, i64),
}

impl Head {
    fn note(&mut self, company: i64, contact: i64) {
        let (last_company, last_contact) = self.last;
        let is_first = self.crowd == Crowd::default();
        self.crowd.companies += u64::from(is_first || last_company != company);
        self.crowd.contacts += u64::from(is_first || last_company != company || last_contact != contact);
        self.last = (company, contact);
    }
}

/// One need's importance and satisfaction.
struct NeedCount {
    need: Code,
    name: String,
    questions: (String, String),
    /// Of the company at hand: sums and counts.
    important: (f64, u64),
    met: (f64, u64),
    heads: [MetGroup; 3],
}

#[derive(Debug, Clone, Default)]
struct MetGroup {
    cells: Cells,
    important: Sums,
    met: Sums,
    gap: Sums,
}

impl<'d> Count<'d> {
    pub fn new(design: &'d Design) -> Count<'d> {
        let mut count = Count {
            items: vec![],
            of_version: HashMap::new(),
            needs: vec![],
        };
        let mut places: HashMap<ScaleItem, usize> = HashMap::new();
        for (set, questions) in design.framework.question_sets.iter().enumerate() {
            for question in &questions.questions {
                let Some(version) = design.version_of(&question.code) else {
                    continue;
                };
                if matches!(question.kind, Kind::Text { .. }) {
                    continue;
                }
                for item in question.items() {
                    let place = count.items.len();
                    let code = item.row.map_or("", |row| row.code.as_str());
                    count.of_version.entry(version.id.0).or_default().push((code, place));
                    let scale = ScaleItem {
                        question: question.code.clone(),
                        row: item.row.map(|row| row.code.clone()),
                    };
                    places.insert(scale, place);
                    count.items.push(Item {
                        set,
                        question,
                        row: item.row,
                        version: version.id,
                        known: HashMap::new(),
                        groups: Default::default(),
                        cells: Default::default(),
                        pairs: vec![],
                    });
                }
            }
        }
        count.pair(design, &places);
        count
    }

    fn pair(&mut self, design: &Design, places: &HashMap<ScaleItem, usize>) {
        for pair in met::pairs(&design.framework) {
            let (Some(importance), Some(satisfaction)) = (places.get(&pair.importance), places.get(&pair.satisfaction))
            else {
                continue;
            };
            let known = self.needs.iter().position(|known| known.need == pair.need);
            let need = known.unwrap_or_else(|| {
                let name = design.framework.need(&pair.need).map(|need| need.name.clone());
                self.needs.push(NeedCount {
                    need: pair.need.clone(),
                    name: name.unwrap_or_default(),
                    questions: (
                        self.items[*importance].question.text.clone(),
                        self.items[*satisfaction].question.text.clone(),
                    ),
                    important: (0.0, 0),
                    met: (0.0, 0),
                    heads: Default::default(),
                });
                self.needs.len() - 1
            });
            // A scale may stand in several pairs, and counts once.
            for (item, is_satisfaction) in [(*importance, false), (*satisfaction, true)] {
                let pairs = &mut self.items[item].pairs;
                if !pairs.contains(&(need, is_satisfaction)) {
                    pairs.push((need, is_satisfaction));
                }
            }
        }
    }

    /// Those that are asked now.
    pub fn versions(&self) -> Vec<VersionId> {
        let mut versions: Vec<VersionId> = self.items.iter().map(|item| item.version).collect();
        versions.dedup();
        versions
    }

    /// A company's answers, each contact's and each item's side by side, the oldest first.
    pub fn add(&mut self, company: &Standing, answers: &[Answer]) {
        let is_same = |a: &Answer, b: &Answer| {
            (a.contact_id, a.version_id, &a.row_code) == (b.contact_id, b.version_id, &b.row_code)
        };
        for of_item in answers.chunk_by(is_same) {
            let newest = &of_item[of_item.len() - 1];
            let items = self.of_version.get(&newest.version_id);
            let item = items.and_then(|items| items.iter().find(|(row, _)| *row == newest.row_code));
            if let Some((_, item)) = item {
                let item = *item;
                self.add_answer(item, company, newest);
            }
        }
        if let Some(first) = answers.first() {
            self.close(first.company_id, company, answers);
        }
    }

    fn add_answer(&mut self, item: usize, company: &Standing, answer: &Answer) {
        let group = place(company.tenure);
        let item = &mut self.items[item];
        let read = item.read(&answer.value);
        if read == Read::Nothing {
            return;
        }
        if let Read::Number(number) = read {
            let percent = item.percent(number);
            for (need, is_satisfaction) in &item.pairs {
                let need = &mut self.needs[*need];
                let (sum, n) = match is_satisfaction {
                    true => &mut need.met,
                    false => &mut need.important,
                };
                *sum += percent;
                *n += 1;
            }
        }
        item.cells[group].note(&company.place, answer.company_id, answer.contact_id);
        if !company.is_inside {
            return;
        }
        let group = &mut item.groups[group];
        group.head.note(answer.company_id, answer.contact_id);
        match read {
            Read::Parts(parts) => {
                for (place, part) in parts {
                    if group.parts.len() <= place {
                        group.parts.resize(place + 1, 0.0);
                    }
                    group.parts[place] += part;
                }
            }
            Read::Number(number) => {
                group.numbers += 1;
                group.sum += number;
            }
            Read::CannotSay => group.cannot_say += 1,
            Read::Nothing => {}
        }
    }

    /// Takes what the company's contacts said of importance and satisfaction into its group.
    fn close(&mut self, id: i64, company: &Standing, answers: &[Answer]) {
        for place in 0..self.needs.len() {
            let need = &mut self.needs[place];
            let (important, met) = (std::mem::take(&mut need.important), std::mem::take(&mut need.met));
            if important.1 == 0 || met.1 == 0 {
                continue;
            }
            let mean = |(sum, n): (f64, u64)| sum / n as f64;
            let (important, met) = (mean(important), mean(met));
            let people = self.people(place, answers);
            let heads = &mut self.needs[place].heads[super::place(company.tenure)];
            for contact in people {
                heads.cells.note(&company.place, id, contact);
            }
            if company.is_inside {
                heads.important.add(important);
                heads.met.add(met);
                heads.gap.add(important - met);
            }
        }
    }

    /// The company's contacts who answered one of the need's scales.
    fn people(&self, need: usize, answers: &[Answer]) -> Vec<i64> {
        let is_of_need = |answer: &&Answer| {
            let items = self.of_version.get(&answer.version_id);
            let item = items.and_then(|items| items.iter().find(|(row, _)| *row == answer.row_code));
            item.is_some_and(|(_, item)| self.items[*item].pairs.iter().any(|(of, _)| *of == need))
        };
        let mut people: Vec<i64> = answers
            .iter()
            .filter(is_of_need)
            .map(|answer| answer.contact_id)
            .collect();
        people.dedup();
        people
    }

    pub fn finish(self, design: &Design, cuts: &Cuts) -> Figures {
        let min_group = design.framework.settings.min_group;
        let mut sets: Vec<SetFigures> = design
            .framework
            .question_sets
            .iter()
            .map(|set| SetFigures {
                code: set.code.clone(),
                title: set.title.clone(),
                items: vec![],
            })
            .collect();
        for item in &self.items {
            sets[item.set].items.push(item.figures(cuts, min_group));
        }
        sets.retain(|set| !set.items.is_empty());
        Figures {
            sets,
            met: self.needs.iter().map(|need| need.figure(cuts, min_group)).collect(),
        }
    }
}

impl Item<'_> {
    fn read(&mut self, value: &str) -> Read {
        if let Some(known) = self.known.get(value) {
            return known.clone();
        }
        let read = self.parse(value);
        if self.known.len() < KNOWN {
            self.known.insert(value.to_owned(), read.clone());
        }
        read
    }

    fn parse(&self, value: &str) -> Read {
        let Some(value) = json::read_stored(self.question, value) else {
            return Read::Nothing;
        };
        if let Value::Number(number) = value {
            return Read::Number(f64::from(number));
        }
        let Some(voice) = voice(self.question, &value) else {
            return Read::CannotSay;
        };
        let options = self.question.kind.options();
        let place = |code: &Code| options.iter().position(|option| option.code == *code);
        let parts = voice.iter().filter(|(code, _)| code.as_str() != NUMBER);
        Read::Parts(parts.filter_map(|(code, part)| Some((place(code)?, *part))).collect())
    }

    fn ends(&self) -> (i32, i32) {
        match &self.question.kind {
            Kind::Rating { min, max, .. } | Kind::Matrix { min, max, .. } => (*min, *max),
            _ => (0, 10),
        }
    }

    /// Of the way from the scale's least to its greatest number.
    fn percent(&self, number: f64) -> f64 {
        let (min, max) = self.ends();
        100.0 * (number - f64::from(min)) / (f64::from(max) - f64::from(min)).max(1.0)
    }

    fn figures(&self, cuts: &Cuts, min_group: u32) -> ItemFigures {
        let is_told = |tenure: Tenure| {
            let at = place(tenure);
            self.groups[at].head.crowd.companies > 0 && self.cells[at].may_be_told(cuts, min_group)
        };
        let of = |tenure: Tenure| Some(&self.groups[place(tenure)]).filter(|_| is_told(tenure));
        let share = |tenure: Tenure, part: &dyn Fn(&Group) -> f64| {
            of(tenure).map(|group| part(group) / group.head.crowd.contacts as f64)
        };
        let options = self.question.kind.options();
        let said = if options.is_empty() {
            let (min, max) = self.ends();
            let mean = |group: &Group| (group.numbers > 0).then(|| group.sum / group.numbers as f64);
            Said::Means {
                min,
                max,
                means: ByTenure::of(|tenure| of(tenure).and_then(mean)),
            }
        } else {
            let part = |at: usize| move |group: &Group| group.parts.get(at).copied().unwrap_or(0.0);
            let opinions = options.iter().enumerate().filter(|(_, option)| !option.no_opinion);
            let mut shares: Vec<OptionShare> = opinions
                .map(|(at, option)| OptionShare {
                    code: Some(option.code.clone()),
                    text: option.text.clone(),
                    shares: ByTenure::of(|tenure| share(tenure, &part(at))),
                })
                .collect();
            let beside = options
                .iter()
                .find(|option| option.no_opinion)
                .map(|option| &option.text);
            if let Some(words) = beside.or(self.question.no_opinion.as_ref()) {
                shares.push(OptionShare {
                    code: None,
                    text: words.clone(),
                    shares: ByTenure::of(|tenure| share(tenure, &|group| group.cannot_say as f64)),
                });
            }
            Said::Shares(shares)
        };
        ItemFigures {
            question: self.question.code.clone(),
            row: self.row.map(|row| row.code.clone()),
            text: self.question.text.clone(),
            row_text: self.row.map(|row| row.text.clone()),
            crowds: ByTenure::of(|tenure| self.groups[place(tenure)].head.crowd),
            said,
        }
    }
}

impl NeedCount {
    fn figure(&self, cuts: &Cuts, min_group: u32) -> MetFigure {
        let met = |tenure: Tenure| {
            let group = &self.heads[place(tenure)];
            if !group.cells.may_be_told(cuts, min_group) {
                return None;
            }
            let sample = |sums: &Sums| -> Option<Sample> { sums.sample() };
            let (importance, gap) = (sample(&group.important)?, sample(&group.gap)?);
            Some(Met {
                importance,
                satisfaction: sample(&group.met)?,
                gap,
                standing: rules::standing(&importance, &gap),
            })
        };
        MetFigure {
            need: self.need.clone(),
            name: self.name.clone(),
            questions: self.questions.clone(),
            groups: ByTenure::of(met),
        }
    }
}
