//! From counts to how far sales and survey agree.

use std::collections::BTreeMap;

use super::queries::{DealRow, TagRow};
use super::{Confusion, Rep, TagsInFull};
use crate::design::Design;
use crate::method::kappa::{agreement, one_against_rest};

/// A table that is being filled, with those who have no segment by survey beside it.
struct Counting {
    table: Vec<Vec<u64>>,
    judged: u64,
}

impl Counting {
    fn new(design: &Design) -> Counting {
        let segments = design.framework.segments.len();
        Counting {
            table: vec![vec![0; segments]; segments],
            judged: 0,
        }
    }

    /// What was said of a segment that is archived by now is kept, but does not count.
    fn add(&mut self, design: &Design, said: &str, survey: Option<&str>, companies: i64) {
        let Some(row) = design.segment_index(said) else { return };
        let companies = u64::try_from(companies).unwrap_or(0);
        self.judged += companies;
        if let Some(column) = survey.and_then(|code| design.segment_index(code)) {
            self.table[row][column] += companies;
        }
    }

    fn done(self) -> Confusion {
        let codes = 0..self.table.len();
        let of_one = |code| {
            let table = one_against_rest(&self.table, code);
            // Whom neither puts there agrees about nothing.
            let is_named = table[0][0] + table[0][1] + table[1][0] > 0;
            is_named.then(|| agreement(&table)).flatten()
        };
        Confusion {
            all: agreement(&self.table),
            by_segment: codes.map(of_one).collect(),
            judged: self.judged,
            table: self.table,
        }
    }
}

pub fn tags_in_full(design: &Design, tags: &[TagRow], deals: &[DealRow]) -> TagsInFull {
    let (mut all, mut blind) = (Counting::new(design), Counting::new(design));
    let mut reps: BTreeMap<&str, (Counting, Counting)> = BTreeMap::new();
    for row in tags {
        let new = || (Counting::new(design), Counting::new(design));
        let (of_rep, blind_of_rep) = reps.entry(&row.rep).or_insert_with(new);
        let survey = row.survey.as_deref();
        all.add(design, &row.tag, survey, row.companies);
        of_rep.add(design, &row.tag, survey, row.companies);
        if row.blind {
            blind.add(design, &row.tag, survey, row.companies);
            blind_of_rep.add(design, &row.tag, survey, row.companies);
        }
    }
    let mut reps: Vec<Rep> = reps
        .into_iter()
        .map(|(name, (all, blind))| Rep {
            name: name.to_owned(),
            judged: all.judged,
            all: agreement(&all.table),
            blind: agreement(&blind.table),
        })
        .filter(|rep| rep.judged > 0)
        .collect();
    reps.sort_by_key(|rep| std::cmp::Reverse(rep.all.map_or(0, |found| found.n)));
    let mut by_deals = Counting::new(design);
    for row in deals {
        by_deals.add(design, &row.deals, row.survey.as_deref(), row.companies);
    }
    TagsInFull {
        tags: all.done(),
        blind: agreement(&blind.table),
        reps,
        deals: by_deals.done(),
    }
}
