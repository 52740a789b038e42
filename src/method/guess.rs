//! Beside METHOD.md section 7: how well one attribute of a company, such as its industry, gives away its segment.

/// How often a guess is right, over a table with a row for each segment and a column for each value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// The companies counted.
    pub n: u64,
    /// Share guessed right by taking the most common segment of the company's value.
    pub right: f64,
    /// Share guessed right by taking the most common segment of all.
    pub right_without: f64,
    /// Goodman and Kruskal's λ (1954): the share of wrong guesses that knowing the value saves;
    /// `None` where guessing without it is never wrong.
    pub lambda: Option<f64>,
    /// As `right`, each company guessed from the others alone: what the next company may expect.
    /// `right` itself grows with every value that few companies have, by chance alone.
    pub right_anew: f64,
}

/// `None` without a company.
pub fn guess(table: &[Vec<u64>]) -> Option<Guess> {
    let width = table.iter().map(Vec::len).max().unwrap_or(0);
    let column = |j: usize| -> Vec<u64> { table.iter().map(|row| row.get(j).copied().unwrap_or(0)).collect() };
    let rows: Vec<u64> = table.iter().map(|row| row.iter().sum()).collect();
    let n: u64 = rows.iter().sum();
    if n == 0 {
        return None;
    }
    let greatest = |counts: &[u64]| counts.iter().copied().max().unwrap_or(0);
    let (mut right, mut anew) = (0, 0);
    for counts in (0..width).map(column) {
        right += greatest(&counts);
        let alone = counts.iter().sum::<u64>() == 1;
        // Nobody else has the value: all are asked instead.
        let others = if alone { &rows } else { &counts };
        let is_right = |row: &usize| most_common_without(others, *row) == Some(*row);
        let rights = (0..counts.len()).filter(|row| counts[*row] > 0).filter(is_right);
        anew += rights.map(|row| counts[row]).sum::<u64>();
    }
    let without = greatest(&rows);
    let share = |part: u64| part as f64 / n as f64;
    Some(Guess {
        n,
        right: share(right),
        right_without: share(without),
        lambda: (without < n).then(|| (right - without) as f64 / (n - without) as f64),
        right_anew: share(anew),
    })
}

/// The first of the most common rows once one company of `row` is taken away; none where nobody is left.
fn most_common_without(counts: &[u64], row: usize) -> Option<usize> {
    let left = |i: usize| counts[i] - u64::from(i == row);
    let first = (0..counts.len()).reduce(|best, i| if left(i) > left(best) { i } else { best });
    first.filter(|i| left(*i) > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_that_decides_the_segment_saves_every_wrong_guess() {
        let found = guess(&[vec![30, 0], vec![0, 20]]).unwrap();
        assert_eq!(
            (found.n, found.right, found.right_anew, found.lambda),
            (50, 1.0, 1.0, Some(1.0))
        );
        assert_eq!(found.right_without, 0.6);
    }

    #[test]
    fn a_value_that_says_nothing_saves_none() {
        let found = guess(&[vec![30, 15], vec![20, 10]]).unwrap();
        assert_eq!((found.right, found.right_without, found.lambda), (0.6, 0.6, Some(0.0)));
        assert_eq!(guess(&[vec![7, 3], vec![0, 0]]).unwrap().lambda, None);
        assert_eq!(guess(&[vec![0, 0]]), None);
        assert_eq!(guess(&[]), None);
    }

    #[test]
    fn values_that_one_company_each_has_give_nothing_away_to_the_next() {
        // Four companies, each with a value of its own: right in hindsight, by the most common segment beforehand.
        let found = guess(&[vec![1, 1, 1, 0], vec![0, 0, 0, 1]]).unwrap();
        assert_eq!((found.right, found.lambda), (1.0, Some(1.0)));
        assert_eq!(found.right_anew, 0.75);
        assert_eq!(guess(&[vec![1]]).unwrap().right_anew, 0.0);
    }

    proptest! {
        #[test]
        fn knowing_more_is_never_worse_in_hindsight(table in prop::collection::vec(prop::collection::vec(0u64..20, 4), 1..5)) {
            if let Some(found) = guess(&table) {
                prop_assert!(found.right >= found.right_without && found.right <= 1.0);
                prop_assert!(found.right_anew <= found.right + 1e-12);
                prop_assert!(found.lambda.is_none_or(|lambda| (0.0..=1.0).contains(&lambda)));
            }
        }
    }
}
