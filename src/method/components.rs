//! A map of companies by their needs: the directions in which their centred scores differ most
//! (principal components; Pearson 1901, eigenvalues by Jacobi's rotations, 1846).
//!
//! As in a company's segment, its level of agreement cancels: each company's scores are centred first.

/// One direction over the needs, of length 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// By need; the greatest in size is positive, so that the same companies give the same map.
    pub loadings: Vec<f64>,
    /// Of all that the companies differ by, 0 to 1.
    pub share: f64,
}

/// Where the companies' middle lies, and the directions from there, the one that tells most first.
#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    middle: Vec<f64>,
    pub components: Vec<Component>,
}

/// Differences below this are rounding: scores run from 0 to 100.
const NOTHING: f64 = 1e-9;
/// Each sweep squares what is left beside the diagonal: far fewer are ever needed.
const SWEEPS: usize = 64;

/// From all companies' scores, one company's after the other's, each over the same needs. `None`
/// with fewer than two companies or two needs, and where all companies are alike.
pub fn components(scores: &[f64], needs: usize) -> Option<Components> {
    if needs < 2 || scores.len() / needs < 2 {
        return None;
    }
    let n = (scores.len() / needs) as f64;
    let mut middle = vec![0.0; needs];
    let mut row = vec![0.0; needs];
    for scores in scores.chunks_exact(needs) {
        centre(scores, &mut row);
        middle.iter_mut().zip(&row).for_each(|(sum, value)| *sum += value / n);
    }
    let mut covariance = vec![vec![0.0; needs]; needs];
    for scores in scores.chunks_exact(needs) {
        centre(scores, &mut row);
        row.iter_mut().zip(&middle).for_each(|(value, middle)| *value -= middle);
        for (i, of_row) in covariance.iter_mut().enumerate() {
            for (j, sum) in of_row.iter_mut().enumerate().skip(i) {
                *sum += row[i] * row[j] / (n - 1.0);
            }
        }
    }
    for i in 1..needs {
        let (above, below) = covariance.split_at_mut(i);
        for (j, row) in above.iter().enumerate() {
            below[0][j] = row[i];
        }
    }
    let all: f64 = (0..needs).map(|i| covariance[i][i]).sum();
    if all.is_nan() || all <= NOTHING {
        return None;
    }
    let components = eigenvectors(covariance).into_iter().map(|(value, vector)| Component {
        loadings: signed(vector),
        share: (value / all).clamp(0.0, 1.0),
    });
    Some(Components {
        middle,
        components: components.collect(),
    })
}

impl Components {
    /// Where a company with these scores stands along a component, in points from the middle.
    pub fn place(&self, scores: &[f64], component: usize) -> f64 {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let loadings = self.components.get(component).map_or(&[][..], |found| &found.loadings);
        let parts = scores.iter().zip(&self.middle).zip(loadings);
        parts
            .map(|((score, middle), loading)| (score - mean - middle) * loading)
            .sum()
    }
}

fn centre(scores: &[f64], row: &mut [f64]) {
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    row.iter_mut()
        .zip(scores)
        .for_each(|(value, score)| *value = score - mean);
}

fn signed(mut vector: Vec<f64>) -> Vec<f64> {
    let greatest = vector
        .iter()
        .fold(0.0, |greatest: f64, value| greatest.max(value.abs()));
    // Of equals the first decides, also where rounding told them apart.
    let decides = vector.iter().find(|value| value.abs() >= greatest - NOTHING);
    if decides.is_some_and(|value| *value < 0.0) {
        vector.iter_mut().for_each(|value| *value = -*value);
    }
    vector
}

/// Of a symmetric matrix, the greatest value first.
fn eigenvectors(mut matrix: Vec<Vec<f64>>) -> Vec<(f64, Vec<f64>)> {
    let size = matrix.len();
    let mut vectors: Vec<Vec<f64>> = (0..size)
        .map(|i| (0..size).map(|j| if i == j { 1.0 } else { 0.0 }).collect())
        .collect();
    let scale: f64 = matrix.iter().flatten().map(|value| value * value).sum();
    for _ in 0..SWEEPS {
        let beside: f64 = (0..size)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| matrix[i][j] * matrix[i][j])
            .sum();
        if beside <= 1e-30 * scale {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                rotate(&mut matrix, &mut vectors, p, q);
            }
        }
    }
    let mut found: Vec<(f64, Vec<f64>)> = (0..size)
        .map(|i| (matrix[i][i], vectors.iter().map(|row| row[i]).collect()))
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found
}

/// Turns the plane of two axes so that nothing is left beside the diagonal there.
fn rotate(matrix: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) {
    if matrix[p][q] == 0.0 {
        return;
    }
    let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
    let t = if theta >= 0.0 { 1.0 } else { -1.0 } / (theta.abs() + theta.hypot(1.0));
    let cos = 1.0 / t.hypot(1.0);
    let sin = t * cos;
    let turn = |row: &mut Vec<f64>| (row[p], row[q]) = (cos * row[p] - sin * row[q], sin * row[p] + cos * row[q]);
    matrix.iter_mut().for_each(turn);
    // p stands before q.
    let (above, below) = matrix.split_at_mut(q);
    for (a, b) in above[p].iter_mut().zip(&mut below[0]) {
        (*a, *b) = (cos * *a - sin * *b, sin * *a + cos * *b);
    }
    vectors.iter_mut().for_each(turn);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_direction_is_the_one_that_companies_differ_by_most() {
        // Efficiency against intimacy differs by much, assurance by little.
        let rows = [
            [90.0, 10.0, 50.0],
            [10.0, 90.0, 50.0],
            [70.0, 30.0, 56.0],
            [30.0, 70.0, 44.0],
        ];
        let found = components(&rows.concat(), 3).unwrap();
        let first = &found.components[0];
        assert!(
            first.share > 0.98 && first.loadings[0] < -0.68 && first.loadings[1] > 0.68,
            "the greatest is positive: {found:?}"
        );
        assert!(found.place(&rows[0], 0) < -50.0 && found.place(&rows[1], 0) > 50.0);
        assert!(found.components[2].share < 1e-12, "centring leaves one direction empty");
    }

    #[test]
    fn a_level_that_is_the_same_on_all_needs_moves_nobody() {
        let rows = [[90.0, 10.0, 50.0], [10.0, 90.0, 50.0], [40.0, 50.0, 60.0]];
        let found = components(&rows.concat(), 3).unwrap();
        let higher = rows[2].map(|score| score + 20.0);
        for component in 0..2 {
            assert!((found.place(&rows[2], component) - found.place(&higher, component)).abs() < 1e-9);
        }
    }

    #[test]
    fn companies_that_are_all_alike_have_no_map() {
        assert_eq!(components(&[10.0, 20.0, 10.0, 20.0], 2), None);
        assert_eq!(
            components(&[10.0, 20.0, 30.0, 40.0], 2),
            None,
            "they differ in level alone"
        );
        assert_eq!(components(&[10.0, 20.0], 2), None);
        assert_eq!(components(&[10.0, 20.0, 30.0], 1), None);
        assert_eq!(components(&[], 0), None);
    }

    #[test]
    fn known_values_of_a_small_matrix() {
        // [[2, 1], [1, 2]] has 3 along (1, 1) and 1 along (1, −1).
        let found = eigenvectors(vec![vec![2.0, 1.0], vec![1.0, 2.0]]);
        assert!((found[0].0 - 3.0).abs() < 1e-12 && (found[1].0 - 1.0).abs() < 1e-12);
        let half = std::f64::consts::FRAC_1_SQRT_2;
        let first = signed(found[0].1.clone());
        assert!((first[0] - half).abs() < 1e-12 && (first[1] - half).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn directions_are_square_to_each_other_and_share_all_there_is(
            rows in prop::collection::vec(prop::collection::vec(0.0..100.0f64, 6), 3..40),
        ) {
            let flat: Vec<f64> = rows.concat();
            let found = components(&flat, 6).unwrap();
            for (i, a) in found.components.iter().enumerate() {
                for (j, b) in found.components.iter().enumerate() {
                    let dot: f64 = a.loadings.iter().zip(&b.loadings).map(|(a, b)| a * b).sum();
                    let expected = f64::from(i == j);
                    prop_assert!((dot - expected).abs() < 1e-9);
                }
            }
            let shares: Vec<f64> = found.components.iter().map(|component| component.share).collect();
            prop_assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!(shares.windows(2).all(|pair| pair[0] >= pair[1]));
            // What stands along a component varies by its share of the whole.
            let places: Vec<f64> = rows.iter().map(|row| found.place(row, 0)).collect();
            prop_assert!(places.iter().sum::<f64>().abs() < 1e-6);
        }
    }
}
