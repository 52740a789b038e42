//! METHOD.md section 7: how far two judgements agree beyond chance, such as sales tags and survey.

use crate::method::student::Z_95;

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

/// Two judgements of the same companies side by side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Companies that both judged.
    pub n: u64,
    /// Those that both put into the same segment.
    pub agreed: u64,
    /// The share that chance alone would let agree, from how often each names each segment.
    pub by_chance: f64,
    pub kappa: Option<f64>,
    /// The 95 % interval of κ (Fleiss, Cohen & Everitt 1969), which counts on many companies: `None`
    /// for fewer than [`INTERVAL_FROM`], and where nothing varies.
    pub interval: Option<(f64, f64)>,
}

/// Companies from which κ is given an interval.
pub const INTERVAL_FROM: u64 = 10;

/// `None` where both judged no company.
pub fn agreement(table: &[Vec<u64>]) -> Option<Agreement> {
    let codes = table.len().max(table.iter().map(Vec::len).max().unwrap_or(0));
    let at = |i: usize, j: usize| table.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    let all = || (0..codes).flat_map(|i| (0..codes).map(move |j| (i, j)));
    let n: u64 = all().map(|(i, j)| at(i, j)).sum();
    if n == 0 {
        return None;
    }
    let share = |i: usize, j: usize| at(i, j) as f64 / n as f64;
    let rows: Vec<f64> = (0..codes).map(|i| (0..codes).map(|j| share(i, j)).sum()).collect();
    let columns: Vec<f64> = (0..codes).map(|j| (0..codes).map(|i| share(i, j)).sum()).collect();
    let by_chance: f64 = rows.iter().zip(&columns).map(|(row, column)| row * column).sum();
    let kappa = kappa(table);
    let interval = kappa.filter(|_| n >= INTERVAL_FROM).and_then(|kappa| {
        let spread: f64 = all()
            .map(|(i, j)| {
                if i == j {
                    share(i, j) * (1.0 - (rows[i] + columns[i]) * (1.0 - kappa)).powi(2)
                } else {
                    share(i, j) * ((1.0 - kappa) * (columns[i] + rows[j])).powi(2)
                }
            })
            .sum();
        let variance = spread - (kappa - by_chance * (1.0 - kappa)).powi(2);
        let reach = Z_95 * variance.max(0.0).sqrt() / ((1.0 - by_chance) * (n as f64).sqrt());
        // Where all agree, or all disagree as they can, the formula knows of no doubt; there is some.
        (reach > 1e-9).then(|| ((kappa - reach).max(-1.0), (kappa + reach).min(1.0)))
    });
    Some(Agreement {
        n,
        agreed: (0..codes).map(|i| at(i, i)).sum(),
        by_chance,
        kappa,
        interval,
    })
}

/// The table of one segment against all others taken together.
pub fn one_against_rest(table: &[Vec<u64>], code: usize) -> Vec<Vec<u64>> {
    let mut of_one = vec![vec![0; 2]; 2];
    for (i, row) in table.iter().enumerate() {
        for (j, count) in row.iter().enumerate() {
            of_one[usize::from(i != code)][usize::from(j != code)] += count;
        }
    }
    of_one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_textbook_table_has_its_textbook_interval() {
        // Two raters of 100 people: κ = 0.676 with a standard error of 0.088.
        let found = agreement(&[vec![75, 1, 4], vec![5, 4, 1], vec![0, 0, 10]]).unwrap();
        assert_eq!((found.n, found.agreed), (100, 89));
        let (kappa, (low, high)) = (found.kappa.unwrap(), found.interval.unwrap());
        assert!((kappa - 0.676).abs() < 0.001, "{kappa}");
        assert!(((high - low) / 2.0 / 1.96 - 0.088).abs() < 0.001, "{low} {high}");
        assert!((found.by_chance - 0.66).abs() < 1e-9);
    }

    #[test]
    fn few_companies_have_a_kappa_without_an_interval() {
        let found = agreement(&[vec![3, 1], vec![1, 3]]).unwrap();
        assert_eq!((found.kappa, found.interval), (Some(0.5), None));
        assert_eq!(agreement(&[vec![40, 0], vec![0, 60]]).unwrap().interval, None);
        assert_eq!(agreement(&[vec![0]]), None);
    }

    #[test]
    fn one_segment_is_held_against_all_others() {
        let table = [vec![5, 1, 2], vec![3, 6, 0], vec![0, 4, 7]];
        assert_eq!(one_against_rest(&table, 0), [[5, 3], [3, 17]]);
        assert_eq!(one_against_rest(&table, 2), [[7, 4], [2, 15]]);
    }

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
