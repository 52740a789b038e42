//! METHOD.md section 7: how far two judgements agree beyond chance, such as sales tags and survey.

/// Cohen's κ of a confusion table: a row for each code of the one, a column for each of the other,
/// in the same order. `None` without a count, and where chance alone would agree always.
pub fn kappa(table: &[Vec<u64>]) -> Option<f64> {
    let at = |i: usize, j: usize| {
        table
            .get(i)
            .and_then(|row| row.get(j))
            .map_or(0, |count| u128::from(*count))
    };
    let codes = table.len().max(table.iter().map(Vec::len).max().unwrap_or(0));
    let row = |i: usize| (0..codes).map(|j| at(i, j)).sum::<u128>();
    let column = |j: usize| (0..codes).map(|i| at(i, j)).sum::<u128>();
    let n: u128 = (0..codes).map(row).sum();
    // In whole numbers, n² times the shares: agreement by chance is 1 exactly or not at all.
    let agreed = n * (0..codes).map(|i| at(i, i)).sum::<u128>();
    let by_chance = (0..codes).map(|i| row(i) * column(i)).sum::<u128>();
    let beyond_chance = n * n - by_chance;
    (beyond_chance > 0).then(|| (agreed as f64 - by_chance as f64) / beyond_chance as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_agreement_is_one_and_chance_is_nought() {
        assert_eq!(kappa(&[vec![4, 0], vec![0, 6]]), Some(1.0));
        assert_eq!(kappa(&[vec![1, 1], vec![1, 1]]), Some(0.0));
        assert_eq!(kappa(&[vec![0, 3], vec![3, 0]]), Some(-1.0));
    }

    #[test]
    fn where_chance_always_agrees_there_is_no_kappa() {
        assert_eq!(kappa(&[vec![7, 0], vec![0, 0]]), None);
        assert_eq!(kappa(&[vec![0, 0], vec![0, 0]]), None);
        assert_eq!(kappa(&[]), None);
        assert_eq!(kappa(&[vec![0, 7], vec![0, 0]]), Some(0.0));
    }
}
