//! Which groups are too small to tell of, and which others must be silent with them: what is left out
//! could be had by taking what is told from a sum that is known (complementary suppression).
//!
//! The rule for every page, export and call: company scores and segments are always shown; where
//! single answers or free texts are counted, a group below `min_group` is not told of.

/// Of groups that add up to a known sum, those that may be told of. An empty group tells of nobody.
///
/// What is hidden together is at least `min_group` and at least two groups, so that neither one
/// hidden group nor all of them can be told from the sum.
pub fn told(sizes: &[u64], min_group: u64) -> Vec<bool> {
    let mut told: Vec<bool> = sizes.iter().map(|size| *size == 0 || *size >= min_group).collect();
    complete(&mut told, sizes, min_group);
    told
}

/// As [`told`], of a table whose rows and columns add up to known sums.
pub fn told_of_table(counts: &[Vec<u64>], min_group: u64) -> Vec<Vec<bool>> {
    let small = |size: &u64| *size == 0 || *size >= min_group;
    let mut told: Vec<Vec<bool>> = counts.iter().map(|row| row.iter().map(small).collect()).collect();
    let columns = counts.iter().map(Vec::len).min().unwrap_or(0);
    // Each turn hides a cell more, so it ends.
    loop {
        let before = told.clone();
        for (told, sizes) in told.iter_mut().zip(counts) {
            complete(told, sizes, min_group);
        }
        for column in 0..columns {
            let sizes: Vec<u64> = counts.iter().map(|row| row[column]).collect();
            let mut line: Vec<bool> = told.iter().map(|row| row[column]).collect();
            complete(&mut line, &sizes, min_group);
            for (row, is_told) in told.iter_mut().zip(line) {
                row[column] = is_told;
            }
        }
        if told == before {
            return told;
        }
    }
}

/// Hides the smallest of what is told until what is hidden cannot be told from the sum.
fn complete(told: &mut [bool], sizes: &[u64], min_group: u64) {
    loop {
        let hidden = || (0..sizes.len()).filter(|place| !told[*place]);
        let sum: u64 = hidden().map(|place| sizes[place]).sum();
        let enough = hidden().count() >= 2 && sum >= min_group;
        if hidden().next().is_none() || enough {
            return;
        }
        let smallest = (0..sizes.len())
            .filter(|place| told[*place] && sizes[*place] > 0)
            .min_by_key(|place| (sizes[*place], *place));
        let Some(smallest) = smallest else { return };
        told[smallest] = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_small_group_is_hidden_with_the_next_smallest() {
        assert_eq!(told(&[40, 3, 12, 9], 5), [true, false, true, false]);
        assert_eq!(told(&[40, 3, 2, 9], 5), [true, false, false, true]);
        assert_eq!(told(&[40, 2, 2, 9], 5), [true, false, false, false]);
    }

    #[test]
    fn large_groups_and_empty_ones_are_told_of() {
        assert_eq!(told(&[5, 0, 6], 5), [true; 3]);
        assert_eq!(told(&[], 5), [true; 0]);
        assert_eq!(told(&[1, 2], 1), [true; 2]);
    }

    #[test]
    fn of_one_small_group_alone_nothing_is_told() {
        assert_eq!(told(&[3], 5), [false]);
    }

    #[test]
    fn in_a_table_neither_its_row_nor_its_column_gives_a_small_cell_away() {
        let counts = vec![vec![2, 10, 10], vec![10, 11, 12], vec![10, 13, 14]];
        let told = told_of_table(&counts, 5);
        assert!(!told[0][0]);
        for line in 0..3 {
            let in_row = (0..3).filter(|column| !told[line][*column]).count();
            let in_column = (0..3).filter(|row| !told[*row][line]).count();
            assert!(in_row != 1 && in_column != 1, "{told:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_hidden_is_never_one_group_nor_too_few_people(
            sizes in proptest::collection::vec(0u64..20, 0..9),
            min_group in 1u64..8,
        ) {
            let told = told(&sizes, min_group);
            let hidden: Vec<u64> = sizes.iter().zip(&told).filter(|(_, told)| !**told).map(|(size, _)| *size).collect();
            for (size, told) in sizes.iter().zip(&told) {
                prop_assert!(!told || *size == 0 || *size >= min_group);
            }
            let told_of_some = sizes.iter().zip(&told).any(|(size, told)| *told && *size > 0);
            if !hidden.is_empty() && told_of_some {
                prop_assert!(hidden.len() >= 2 && hidden.iter().sum::<u64>() >= min_group);
            }
        }
    }
}
