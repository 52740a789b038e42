//! METHOD.md sections 5 and 7: counts in two directions, such as segments by tenure or by behaviour.

use statrs::function::erf::erfc;
use statrs::function::gamma::checked_gamma_ur;

use crate::method::compare::benjamini_hochberg;

/// The test of independence of rows and columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare {
    pub chi2: f64,
    pub df: u64,
    pub p: f64,
    /// How strongly rows and columns hang together, 0 to 1.
    pub cramers_v: f64,
    /// Below 5 the test is not to be relied on.
    pub min_expected: f64,
}

/// What would stand in each cell if rows and columns were independent.
struct Margins {
    rows: Vec<f64>,
    columns: Vec<f64>,
    total: f64,
}

impl Margins {
    fn of(table: &[Vec<u64>]) -> Margins {
        let width = table.iter().map(Vec::len).max().unwrap_or(0);
        let mut margins = Margins {
            rows: vec![],
            columns: vec![0.0; width],
            total: 0.0,
        };
        for row in table {
            let sum: u64 = row.iter().sum();
            margins.rows.push(sum as f64);
            margins.total += sum as f64;
            for (column, count) in margins.columns.iter_mut().zip(row) {
                *column += *count as f64;
            }
        }
        margins
    }

    fn expected(&self, row: usize, column: usize) -> f64 {
        self.rows[row] * self.columns[column] / self.total
    }
}

fn cells(table: &[Vec<u64>]) -> impl Iterator<Item = (usize, usize, f64)> {
    let of_row = |(i, row): (usize, &Vec<u64>)| {
        row.iter()
            .enumerate()
            .map(move |(j, count)| (i, j, *count as f64))
            .collect::<Vec<_>>()
    };
    table.iter().enumerate().flat_map(of_row)
}

/// Without its empty rows and columns; `None` where fewer than two of either are left.
pub fn chi_square(table: &[Vec<u64>]) -> Option<ChiSquare> {
    let margins = Margins::of(table);
    let filled = |sums: &[f64]| sums.iter().filter(|sum| **sum > 0.0).count();
    let (rows, columns) = (filled(&margins.rows), filled(&margins.columns));
    if rows < 2 || columns < 2 {
        return None;
    }
    let (mut chi2, mut min_expected) = (0.0, f64::INFINITY);
    for (i, j, count) in cells(table).filter(|(i, j, _)| margins.expected(*i, *j) > 0.0) {
        let expected = margins.expected(i, j);
        chi2 += (count - expected).powi(2) / expected;
        min_expected = expected.min(min_expected);
    }
    let df = (rows - 1) * (columns - 1);
    // The gamma function is not asked about nought, where p is 1.
    let p = if chi2 > 0.0 {
        checked_gamma_ur(df as f64 / 2.0, chi2 / 2.0).ok()?
    } else {
        1.0
    };
    let strongest = margins.total * (rows.min(columns) - 1) as f64;
    Some(ChiSquare {
        chi2,
        df: df as u64,
        p,
        cramers_v: (chi2 / strongest).sqrt().min(1.0),
        min_expected,
    })
}

/// How far each cell lies from independence, in standard deviations (adjusted Pearson residuals);
/// `None` in an empty row or column, and where a row or column holds everything.
pub fn adjusted_residuals(table: &[Vec<u64>]) -> Vec<Vec<Option<f64>>> {
    let margins = Margins::of(table);
    let mut residuals: Vec<Vec<Option<f64>>> = table.iter().map(|row| vec![None; row.len()]).collect();
    for (i, j, count) in cells(table) {
        let others = |sum: f64| (margins.total - sum) / margins.total;
        let expected = margins.expected(i, j);
        let variance = expected * others(margins.rows[i]) * others(margins.columns[j]);
        if variance > 0.0 {
            residuals[i][j] = Some((count - expected) / variance.sqrt());
        }
    }
    residuals
}

/// How likely chance alone sets a cell so far apart, each raised for the number of cells that were
/// looked at (Benjamini–Hochberg).
pub fn residual_ps(residuals: &[Vec<Option<f64>>]) -> Vec<Vec<Option<f64>>> {
    let two_sided = |residual: &Option<f64>| residual.map(|r| erfc(r.abs() / std::f64::consts::SQRT_2));
    let ps: Vec<Option<f64>> = residuals.iter().flatten().map(two_sided).collect();
    let mut adjusted = benjamini_hochberg(&ps).into_iter();
    residuals
        .iter()
        .map(|row| row.iter().map(|_| adjusted.next().flatten()).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_table_of_one_row_or_column_tests_nothing() {
        assert_eq!(chi_square(&[]), None);
        assert_eq!(chi_square(&[vec![0, 0], vec![0, 0]]), None);
        assert_eq!(chi_square(&[vec![3, 4], vec![0, 0]]), None);
        assert_eq!(chi_square(&[vec![3, 0], vec![4, 0]]), None);
    }

    #[test]
    fn rows_that_share_alike_are_independent() {
        let found = chi_square(&[vec![10, 20], vec![30, 60]]).unwrap();
        assert!(found.chi2 < 1e-12 && found.cramers_v < 1e-6 && (found.p - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_large_table_still_has_a_p() {
        let found = chi_square(&[vec![1_000_000, 0], vec![0, 1_000_000]]).unwrap();
        assert_eq!((found.p, found.cramers_v), (0.0, 1.0));
    }

    #[test]
    fn a_cell_that_cannot_differ_has_no_residual() {
        assert_eq!(
            adjusted_residuals(&[vec![3, 4], vec![0, 0]]),
            [[None, None], [None, None]]
        );
        assert_eq!(adjusted_residuals(&[vec![0, 0]]), [[None, None]]);
        let found = adjusted_residuals(&[vec![3, 0, 1], vec![1, 0, 3]]);
        assert!(found[0][0].unwrap() > 0.0 && found[0][1].is_none() && found[1][0].unwrap() < 0.0);
    }

    #[test]
    fn a_cell_is_called_only_when_so_many_cells_would_not_give_it_by_chance() {
        let found = residual_ps(&[vec![Some(1.96), None], vec![Some(-1.96), Some(0.0)]]);
        // Alone, 1.96 would be 0.05; of three cells two are as far off.
        assert!((found[0][0].unwrap() - 0.075).abs() < 1e-4, "{found:?}");
        assert_eq!((found[0][0], found[0][1], found[1][1]), (found[1][0], None, Some(1.0)));
    }

    proptest! {
        #[test]
        fn figures_stay_in_range(table in prop::collection::vec(prop::collection::vec(0u64..30, 3), 1..6)) {
            let filled_rows = table.iter().filter(|row| row.iter().any(|count| *count > 0)).count();
            let filled_columns = (0..3).filter(|j| table.iter().any(|row| row[*j] > 0)).count();
            let found = chi_square(&table);
            prop_assert_eq!(found.is_some(), filled_rows >= 2 && filled_columns >= 2);
            if let Some(found) = found {
                prop_assert!(found.chi2 >= 0.0 && (0.0..=1.0).contains(&found.p));
                prop_assert!((0.0..=1.0).contains(&found.cramers_v) && found.min_expected > 0.0);
            }
            prop_assert!(adjusted_residuals(&table).iter().flatten().flatten().all(|r| r.is_finite()));
        }
    }
}
