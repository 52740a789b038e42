//! METHOD.md section 3: the four figures per need, estimated over the whole installation.

use crate::method::score::{ContactSums, Score};

/// What the installation as a whole says about one need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Variance between the answers of one contact.
    pub sigma2: f64,
    /// Variance between the colleagues of one company.
    pub omega2: f64,
    /// Mean of the companies' true scores.
    pub mu: f64,
    /// Variance of the companies' true scores.
    pub tau2: f64,
}

impl Calibration {
    /// The figures of an empty installation.
    pub fn prior() -> Calibration {
        Pool::default().calibrate()
    }
}

/// All companies' answers on one need, taken in one company at a time and not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pool {
    within: Within,
    between: Between,
    companies: f64,
    mean_score: f64,
    /// Σ (score − mean)²
    score_squares: f64,
    /// Σ 1/n_eff: with `between_sum` it gives Σ se², whatever σ² and ω² turn out to be.
    inverse_n_eff_sum: f64,
    between_sum: f64,
}

/// Noise within contacts.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Within {
    squares: f64,
    df: f64,
}

/// Differences between colleagues, over the companies with at least two contacts.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Between {
    squares: f64,
    df: f64,
    /// The m of METHOD.md: Σ (n − Σ n_c²/n)
    spread: f64,
}

impl Pool {
    /// Takes in a company that has a score on the need, with the sums of each contact behind it.
    pub fn add_company(&mut self, contacts: &[ContactSums], score: &Score) {
        for contact in contacts {
            self.within.squares += contact.squares;
            self.within.df += f64::from(contact.n) - 1.0;
        }
        if contacts.len() >= 2 {
            self.between.add(contacts);
        }
        // Welford's update keeps the squares right where the scores lie close together.
        self.companies += 1.0;
        let off = score.value - self.mean_score;
        self.mean_score += off / self.companies;
        self.score_squares += off * (score.value - self.mean_score);
        self.inverse_n_eff_sum += 1.0 / score.n_eff;
        self.between_sum += score.between;
    }

    /// The constants are priors that carry a small installation.
    pub fn calibrate(&self) -> Calibration {
        let sigma2 = (20.0 * 900.0 + self.within.squares) / (20.0 + self.within.df);
        let beyond_noise = (self.between.squares - self.between.df * sigma2).max(0.0);
        let omega2 = (20.0 * 100.0 + beyond_noise) / (20.0 + self.between.spread);
        let mu = (5.0 * 50.0 + self.companies * self.mean_score) / (5.0 + self.companies);
        let about_mu = self.score_squares + self.companies * (self.mean_score - mu).powi(2);
        let se2_sum = sigma2 * self.inverse_n_eff_sum + omega2 * self.between_sum;
        let tau2 = ((20.0 * 225.0 + about_mu - se2_sum) / (20.0 + self.companies)).max(25.0);
        Calibration {
            sigma2,
            omega2,
            mu,
            tau2,
        }
    }
}

impl Between {
    fn add(&mut self, contacts: &[ContactSums]) {
        let answers: f64 = contacts.iter().map(|c| f64::from(c.n)).sum();
        let mean = contacts.iter().map(|c| f64::from(c.n) * c.mean).sum::<f64>() / answers;
        self.squares += contacts
            .iter()
            .map(|c| f64::from(c.n) * (c.mean - mean).powi(2))
            .sum::<f64>();
        self.df += contacts.len() as f64 - 1.0;
        self.spread += answers - contacts.iter().map(|c| f64::from(c.n).powi(2)).sum::<f64>() / answers;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::score::{Answer, company_score};

    fn contact(percents: &[f64]) -> ContactSums {
        let answers: Vec<_> = percents
            .iter()
            .map(|p| Answer {
                percent: *p,
                range: 1.0,
                day: 0.0,
            })
            .collect();
        ContactSums::of(&answers, None).unwrap()
    }

    fn add(pool: &mut Pool, contacts: &[ContactSums]) {
        let parts: Vec<_> = contacts.iter().map(|contact| (1.0, *contact)).collect();
        pool.add_company(contacts, &company_score(&parts).unwrap());
    }

    #[test]
    fn an_empty_installation_stands_on_the_priors() {
        let prior = Calibration {
            sigma2: 900.0,
            omega2: 100.0,
            mu: 50.0,
            tau2: 225.0,
        };
        assert_eq!(Calibration::prior(), prior);
    }

    #[test]
    fn a_small_installation_follows_the_formula() {
        let mut pool = Pool::default();
        add(&mut pool, &[contact(&[80.0, 100.0]), contact(&[0.0])]);
        add(&mut pool, &[contact(&[40.0])]);
        let found = pool.calibrate();
        let sigma2 = (18_000.0 + 200.0) / 21.0;
        // Means 90 (of two) and 0 (of one) about 60; the lone contact has no colleague.
        let omega2 = (2_000.0 + (2.0 * 900.0 + 3_600.0 - sigma2)) / (20.0 + 3.0 - 5.0 / 3.0);
        let mu = (250.0 + 100.0) / 7.0;
        let se2_sum = sigma2 * (1.0 / 3.0 + 1.0) + omega2 * (5.0 / 9.0 + 1.0);
        let about_mu: f64 = (60.0f64 - mu).powi(2) + (40.0f64 - mu).powi(2);
        let tau2 = f64::max(25.0, (4_500.0 + about_mu - se2_sum) / 22.0);
        for (found, expected) in [
            (found.sigma2, sigma2),
            (found.omega2, omega2),
            (found.mu, mu),
            (found.tau2, tau2),
        ] {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
    }

    #[test]
    fn companies_all_alike_still_leave_room_to_differ() {
        let mut pool = Pool::default();
        (0..1000).for_each(|_| add(&mut pool, &[contact(&[50.0])]));
        assert_eq!(pool.calibrate().tau2, 25.0);
    }
}
