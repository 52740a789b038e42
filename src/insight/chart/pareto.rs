//! How few companies bring how much of the revenue (Pareto): greatest first, the share of companies
//! across, the share of their revenue up.

/// The curve, and the rows of its table.
#[derive(Debug, Clone, PartialEq)]
pub struct Pareto {
    /// Companies with a revenue.
    pub companies: usize,
    pub revenue: f64,
    pub rows: Vec<Row>,
}

/// So much of the revenue, the greatest companies first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    pub companies: usize,
    /// Of the companies with a revenue, 0 to 1.
    pub share_of_companies: f64,
    pub revenue: f64,
    pub share_of_revenue: f64,
}

/// A table of more rows nobody reads.
const ROWS: usize = 10;

/// `None` where nobody brings any revenue. `revenues` in any order.
pub fn pareto(mut revenues: Vec<f64>) -> Option<Pareto> {
    revenues.retain(|revenue| revenue.is_finite() && *revenue >= 0.0);
    revenues.sort_by(|a, b| b.total_cmp(a));
    let revenue: f64 = revenues.iter().sum();
    if revenue <= 0.0 {
        return None;
    }
    let companies = revenues.len();
    let parts = companies.min(ROWS);
    let mut rows: Vec<Row> = Vec::with_capacity(parts);
    let (mut taken, mut sum) = (0, 0.0);
    for part in 1..=parts {
        let upto = (companies * part).div_ceil(parts);
        sum += revenues[taken..upto].iter().sum::<f64>();
        taken = upto;
        rows.push(Row {
            companies: taken,
            share_of_companies: taken as f64 / companies as f64,
            revenue: sum,
            share_of_revenue: (sum / revenue).min(1.0),
        });
    }
    Some(Pareto {
        companies,
        revenue,
        rows,
    })
}

impl Pareto {
    /// The curve over a square of 100 by 100, from its lower left.
    pub fn path(&self) -> String {
        let mut path = String::from("M0 100");
        for row in &self.rows {
            let (x, y) = (row.share_of_companies * 100.0, 100.0 - row.share_of_revenue * 100.0);
            path.push_str(&format!("L{x:.2} {y:.2}"));
        }
        path
    }

    /// How few of the companies, at least, bring 80 % of the revenue: the row that reaches it.
    pub fn most_of_it(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.share_of_revenue >= 0.8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_come_first_and_all_of_them_bring_all() {
        let curve = pareto(vec![10.0, 70.0, 20.0]).unwrap();
        let shares: Vec<f64> = curve.rows.iter().map(|row| row.share_of_revenue).collect();
        assert_eq!(shares, [0.7, 0.9, 1.0]);
        assert_eq!(curve.most_of_it().unwrap().companies, 2);
        assert_eq!(curve.path(), "M0 100L33.33 30.00L66.67 10.00L100.00 0.00");
    }

    #[test]
    fn many_companies_are_told_in_tenths() {
        let curve = pareto((0..101).map(f64::from).collect()).unwrap();
        assert_eq!((curve.rows.len(), curve.companies), (10, 101));
        assert_eq!((curve.rows[0].companies, curve.rows[9].companies), (11, 101));
        assert_eq!(curve.rows[9].share_of_revenue, 1.0);
    }

    #[test]
    fn without_revenue_there_is_no_curve() {
        assert_eq!(pareto(vec![]), None);
        assert_eq!(pareto(vec![0.0, f64::NAN]), None);
    }
}
