//! Counts as bars side by side, the greatest as high as the drawing.

/// One bar, in a drawing 100 high and 10 wide for each.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub x: f64,
    pub width: f64,
    pub y: f64,
    pub height: f64,
}

const PITCH: f64 = 10.0;
const WIDTH: f64 = 7.0;

pub fn heights(counts: &[i64]) -> Vec<Bar> {
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let bar = |(at, count): (usize, &i64)| {
        let height = ((*count).max(0) as f64 / most * 1_000.0).round() / 10.0;
        Bar {
            x: at as f64 * PITCH + (PITCH - WIDTH) / 2.0,
            width: WIDTH,
            y: 100.0 - height,
            height,
        }
    };
    counts.iter().enumerate().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_count_reaches_the_top_and_none_has_no_height() {
        let bars = heights(&[5, 10, 0]);
        let tops: Vec<f64> = bars.iter().map(|bar| bar.y).collect();
        assert_eq!(tops, [50.0, 0.0, 100.0]);
        assert_eq!(heights(&[0, 0])[1].height, 0.0);
        assert!(heights(&[]).is_empty());
    }
}
