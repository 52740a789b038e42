//! What several filters would tell together. Single answers are counted for groups of companies; two
//! groups that differ by one company would tell what its people said.
//!
//! The rule: a filter cuts the companies by the attributes that it names. Per figure and tenure, values
//! that too few companies have are taken together, with the next rarest where they are still too few; a
//! filter that would part them is told nothing. Of what is left, every combination that anybody has must
//! have enough companies and contacts, those outside the filter too. Then whatever may be added up
//! or taken off among all filters by these attributes, and by fewer of them, is made of whole cells, none
//! of which is too small.
//!
//! Days cut as finely as one likes: under a filter by days nothing is told. What filters by
//! altogether different attributes tell is not held against each other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::crowd::Crowd;
use super::past::end_of;
use super::{Chosen, Filter, attribute, queries, scores};
use crate::design::Design;
use crate::method::size::UNKNOWN;
use crate::store::{self, Conn};

/// How a filter cuts the companies.
#[derive(Debug, Clone, Default)]
pub struct Cuts {
    cuts: Vec<Cut>,
    is_by_day: bool,
}

/// One attribute that the filter names.
#[derive(Debug, Clone, Default)]
struct Cut {
    /// A number for each company's value; a company without one has [`NONE`].
    values: HashMap<i64, u32>,
    /// Those that the filter lets through.
    named: BTreeSet<u32>,
}

const NONE: u32 = 0;

/// Where a company stands: its value by each cut.
pub type Place = Vec<u32>;

impl Cuts {
    /// Of a filter, on a day; `past`: a day that is over.
    pub fn read(conn: &mut Conn, design: &Design, day: NaiveDate, past: bool, filter: &Filter) -> store::Result<Cuts> {
        let mut cuts = vec![];
        if !filter.segment.is_empty() {
            let values = match past {
                true => queries::list_segments_until(conn, end_of(day))?
                    .into_iter()
                    .filter_map(|(company, segment)| Some((company, segment?)))
                    .collect(),
                false => scores::segments(conn, design)?
                    .into_iter()
                    .map(|(company, place)| (company, design.framework.segments[place].code.clone()))
                    .collect(),
            };
            cuts.push(Cut::of(values, &filter.segment, None));
        }
        let tenures: Vec<String> = filter.tenure.iter().map(|one| one.as_str().to_owned()).collect();
        let own = [
            ("tenure", &tenures),
            ("tier", &filter.tier),
            ("industry", &filter.industry),
            ("country", &filter.country),
            ("behaviour", &filter.behaviour),
        ];
        let named = filter.attributes.iter().map(|(name, values)| (name.as_str(), values));
        let everybody = Filter::default();
        for (name, named) in own.into_iter().chain(named).filter(|(_, named)| !named.is_empty()) {
            let values = queries::list_values_by_company(conn, &Chosen::new(design, day, &everybody), name)?;
            // A company of unknown size has no value, and is named by this word.
            let nothing = (name == attribute::EMPLOYEES).then_some(UNKNOWN);
            cuts.push(Cut::of(values, named, nothing));
        }
        Ok(Cuts {
            cuts,
            is_by_day: filter.from.is_some() || filter.to.is_some(),
        })
    }

    pub fn place(&self, company: i64) -> Place {
        let value = |cut: &Cut| cut.values.get(&company).copied().unwrap_or(NONE);
        self.cuts.iter().map(value).collect()
    }
}

impl Cut {
    fn of(values: HashMap<i64, String>, named: &[String], nothing: Option<&str>) -> Cut {
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut cut = Cut::default();
        for (company, value) in values {
            let next = numbers.len() as u32 + 1;
            let number = *numbers.entry(value).or_insert(next);
            cut.values.insert(company, number);
        }
        for name in named {
            if nothing == Some(name.as_str()) {
                cut.named.insert(NONE);
            }
            cut.named.extend(numbers.get(name));
        }
        cut
    }
}

/// Those who stand behind one figure, by where they stand.
#[derive(Debug, Clone, Default)]
pub struct Cells(BTreeMap<Place, Counted>);

/// Companies and contacts that come one after the other.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    crowd: Crowd,
    last: Option<(i64, i64)>,
}

impl Cells {
    /// Contacts of a company have to come one after the other.
    pub fn note(&mut self, place: &Place, company: i64, contact: i64) {
        let counted = match self.0.get_mut(place) {
            Some(known) => known,
            None => self.0.entry(place.clone()).or_default(),
        };
        let is_same_company = counted.last.is_some_and(|(last, _)| last == company);
        counted.crowd.companies += u64::from(!is_same_company);
        counted.crowd.contacts += u64::from(counted.last != Some((company, contact)));
        counted.last = Some((company, contact));
    }

    /// A company with so many contacts.
    pub fn add(&mut self, place: &Place, contacts: u64) {
        let counted = self.0.entry(place.clone()).or_default();
        counted.crowd.companies += 1;
        counted.crowd.contacts += contacts;
    }

    /// Whether the figure may be told for the filter that made the cuts.
    pub fn may_be_told(&self, cuts: &Cuts, min_group: u32) -> bool {
        if cuts.is_by_day || self.0.is_empty() {
            return false;
        }
        let small = |crowd: &Crowd| crowd.companies < u64::from(min_group) || crowd.contacts < u64::from(min_group);
        let mut classes = Vec::with_capacity(cuts.cuts.len());
        for (nth, cut) in cuts.cuts.iter().enumerate() {
            let mut sizes: BTreeMap<u32, Crowd> = BTreeMap::new();
            for (place, counted) in &self.0 {
                sizes.entry(place[nth]).or_default().join(&counted.crowd);
            }
            let together = taken_together(&sizes, &small);
            let named = together.iter().filter(|value| cut.named.contains(*value)).count();
            if named != 0 && named != together.len() {
                return false;
            }
            classes.push(together);
        }
        let mut coarse: BTreeMap<Vec<Option<u32>>, Crowd> = BTreeMap::new();
        for (place, counted) in &self.0 {
            let values = place.iter().zip(&classes);
            let class = values.map(|(value, together)| (!together.contains(value)).then_some(*value));
            coarse.entry(class.collect()).or_default().join(&counted.crowd);
        }
        !coarse.values().any(small)
    }
}

/// The values that are too rare to stand alone, and as many of the next rarest as it takes.
fn taken_together(sizes: &BTreeMap<u32, Crowd>, small: &dyn Fn(&Crowd) -> bool) -> BTreeSet<u32> {
    let mut together: BTreeSet<u32> = sizes
        .iter()
        .filter(|(_, crowd)| small(crowd))
        .map(|(value, _)| *value)
        .collect();
    loop {
        let mut sum = Crowd::default();
        together.iter().for_each(|value| sum.join(&sizes[value]));
        if together.is_empty() || !small(&sum) {
            return together;
        }
        let others = sizes.iter().filter(|(value, _)| !together.contains(value));
        let next = others.min_by_key(|(value, crowd)| (crowd.companies, crowd.contacts, **value));
        let Some((next, _)) = next else { return together };
        together.insert(*next);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Companies of one contact each, by their values of two attributes, 0: none.
    type World = Vec<[u32; 2]>;

    /// By attribute the values let through; `None`: the attribute is not asked for.
    type Asked = [Option<BTreeSet<u32>>; 2];

    fn passing(world: &World, asked: &Asked) -> BTreeSet<usize> {
        let passes = |company: &[u32; 2]| {
            let mut both = asked.iter().zip(company);
            both.all(|(named, value)| named.as_ref().is_none_or(|named| named.contains(value)))
        };
        (0..world.len()).filter(|at| passes(&world[*at])).collect()
    }

    fn told(world: &World, asked: &Asked, min_group: u32) -> bool {
        let named: Vec<usize> = (0..2).filter(|at| asked[*at].is_some()).collect();
        let cut = |at: &usize| Cut {
            values: world
                .iter()
                .enumerate()
                .map(|(id, values)| (id as i64, values[*at]))
                .collect(),
            named: asked[*at].clone().unwrap(),
        };
        let cuts = Cuts {
            cuts: named.iter().map(cut).collect(),
            is_by_day: false,
        };
        let mut cells = Cells::default();
        for id in 0..world.len() as i64 {
            cells.note(&cuts.place(id), id, id);
        }
        cells.may_be_told(&cuts, min_group)
    }

    fn one(values: &[u32]) -> Option<BTreeSet<u32>> {
        Some(values.iter().copied().collect())
    }

    fn world(cells: &[(u32, u32, usize)]) -> World {
        let cells = cells.iter();
        cells.flat_map(|(a, b, n)| std::iter::repeat_n([*a, *b], *n)).collect()
    }

    #[test]
    fn neither_a_group_nor_what_it_leaves_of_the_whole_is_too_small() {
        assert!(told(&world(&[(1, 1, 5)]), &[None, None], 5));
        assert!(!told(&world(&[(1, 1, 4)]), &[None, None], 5));
        let leaves = |rest: usize| told(&world(&[(1, 1, 20), (2, 1, rest)]), &[one(&[1]), None], 5);
        assert!(leaves(0) && leaves(5) && !leaves(1), "all but one company");
        assert!(!told(&world(&[(1, 1, 20)]), &[one(&[1]), None], 30));
    }

    #[test]
    fn a_narrower_filter_is_told_nothing_that_a_wider_one_would_give_away() {
        let world = world(&[(1, 1, 20), (1, 2, 1), (2, 1, 20), (2, 2, 20)]);
        assert!(told(&world, &[one(&[1]), None], 5) && told(&world, &[None, one(&[1])], 5));
        assert!(!told(&world, &[one(&[1]), one(&[1])], 5), "all but one of its industry");
        assert!(
            !told(&world, &[one(&[2]), one(&[2])], 5),
            "the four cells are told together or not at all"
        );
    }

    #[test]
    fn rare_values_are_taken_together_and_not_parted() {
        let world = world(&[(1, 0, 20), (2, 0, 9), (3, 0, 3), (4, 0, 3), (0, 0, 7)]);
        assert!(told(&world, &[one(&[1, 2]), None], 5));
        assert!(told(&world, &[one(&[3, 4]), None], 5));
        assert!(!told(&world, &[one(&[3]), None], 5) && !told(&world, &[one(&[1, 3]), None], 5));
    }

    #[test]
    fn under_a_filter_by_days_nothing_is_told() {
        let cuts = Cuts {
            cuts: vec![],
            is_by_day: true,
        };
        let mut cells = Cells::default();
        (0..100).for_each(|id| cells.note(&vec![], id, id));
        assert!(!cells.may_be_told(&cuts, 5));
    }

    #[test]
    fn people_are_counted_as_well_as_companies() {
        let cuts = Cuts::default();
        let mut cells = Cells::default();
        // One adviser who answers for all.
        (0..9).for_each(|company| cells.add(&vec![], u64::from(company < 4)));
        assert!(!cells.may_be_told(&cuts, 5));
        cells.add(&vec![], 3);
        assert!(cells.may_be_told(&cuts, 5));
    }

    fn subsets() -> Vec<Option<BTreeSet<u32>>> {
        let all = (1u32..8).map(|bits| Some((0..3).filter(|value| bits & (1 << value) != 0).collect()));
        std::iter::once(None).chain(all).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn no_two_filters_by_the_same_attributes_or_fewer_differ_by_a_group_that_is_too_small(
            cells in proptest::collection::vec((0u32..3, 0u32..3, 0usize..12), 0..8),
            min_group in 2u32..6,
        ) {
            let world = world(&cells);
            let mut all: Vec<(Asked, BTreeSet<usize>)> = vec![];
            for a in subsets() {
                for b in subsets() {
                    let asked = [a.clone(), b];
                    if told(&world, &asked, min_group) {
                        let passing = passing(&world, &asked);
                        all.push((asked, passing));
                    }
                }
            }
            let names = |asked: &Asked| [asked[0].is_some(), asked[1].is_some()];
            for (one, in_one) in &all {
                for (other, in_other) in &all {
                    let both = names(one).iter().zip(names(other)).all(|(one, other)| !*one || other);
                    if !both {
                        continue;
                    }
                    let parts = [
                        in_one.difference(in_other).count(),
                        in_other.difference(in_one).count(),
                        in_one.intersection(in_other).count(),
                    ];
                    for part in parts {
                        prop_assert!(part == 0 || part >= min_group as usize, "{one:?} {other:?} {part}");
                    }
                }
            }
        }
    }
}
