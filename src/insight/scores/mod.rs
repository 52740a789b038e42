//! One pass over the companies that pass a filter, each with its figures on all needs.
//!
//! A company's figures stand packed in a single row (`needs::unpack`), which is what makes a pass over
//! 100,000 companies quick. A row without them was written by an earlier version: those are read from
//! the rows of their needs and contacts, until they are worked out anew.

mod queries;

use std::collections::HashMap;

use super::agreement::Band;
use super::{Chosen, Sums};
use crate::design::Design;
use crate::method::agreement::{Group, GroupSums, Icc, icc_of};
use crate::method::tenure::Tenure;
use crate::needs::{self, Figure};
use crate::store::{self, Conn};

/// A company of the pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Company {
    pub id: i64,
    pub tenure: Tenure,
}

/// Tells of each company that passes and has a scored answer, in the order of their ids; the figures
/// are by need in framework order.
pub fn each(
    conn: &mut Conn,
    design: &Design,
    chosen: &Chosen,
    mut tell: impl FnMut(Company, &[Option<Figure>]),
) -> store::Result<()> {
    let mut rows = queries::list_packed(conn, chosen)?;
    rows.sort_by_key(|row| row.company_id);
    let unpacked = match rows.iter().any(|row| row.scores.is_none()) {
        true => unpacked(conn, design, chosen)?,
        false => HashMap::new(),
    };
    let needs = &design.framework.needs;
    let mut figures = vec![None; needs.len()];
    for row in rows {
        let company = Company {
            id: row.company_id,
            tenure: row.tenure,
        };
        match (&row.scores, unpacked.get(&row.company_id)) {
            (Some(scores), _) => {
                needs::unpack(needs, scores, &mut figures)?;
                tell(company, &figures);
            }
            (None, Some(figures)) => tell(company, figures),
            (None, None) => {}
        }
    }
    Ok(())
}

fn unpacked(conn: &mut Conn, design: &Design, chosen: &Chosen) -> store::Result<HashMap<i64, Vec<Option<Figure>>>> {
    let mut own: HashMap<(i64, String), Vec<f64>> = HashMap::new();
    for row in queries::list_unpacked_contacts(conn, chosen)? {
        own.entry((row.company_id, row.need)).or_default().push(row.score);
    }
    let mut companies: HashMap<i64, Vec<Option<Figure>>> = HashMap::new();
    for row in queries::list_unpacked(conn, chosen)? {
        let figures = companies
            .entry(row.company_id)
            .or_insert_with(|| vec![None; design.framework.needs.len()]);
        let Some(place) = design.framework.need_position(&row.need) else {
            continue;
        };
        let own = own.get(&(row.company_id, row.need)).map_or(&[][..], Vec::as_slice);
        figures[place] = Some(Figure {
            score: row.score,
            se: row.se,
            r_wg: row.r_wg,
            group: Group::of(own).unwrap_or(NOBODY),
        });
    }
    Ok(companies)
}

const NOBODY: Group = Group {
    contacts: 0,
    mean: f64::NAN,
    squares: 0.0,
};

/// What the companies come to, added up.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// By need in framework order.
    pub needs: Vec<NeedTotals>,
    /// Companies with two contacts who are scored on the same need.
    pub grouped: u64,
    /// Each of them with the mean of its needs' r_wg.
    pub agreements: Vec<(i64, f64)>,
}

#[derive(Debug, Clone, Default)]
pub struct NeedTotals {
    pub tenures: [Sums; 3],
    pub bands: [u64; 5],
    groups: Groups,
}

/// The companies with two scored contacts or more on the need.
#[derive(Debug, Clone, Copy, Default)]
struct Groups {
    contacts: u64,
    contacts_squared: f64,
    /// Of the companies' means, each as often as it has contacts; n counts the companies.
    means: Sums,
    within: f64,
}

/// Where the sums of a tenure stand.
const TENURES: [Tenure; 3] = Tenure::ALL;

impl NeedTotals {
    pub fn of(&self, tenure: Tenure) -> &Sums {
        let place = TENURES.iter().position(|known| *known == tenure).unwrap_or(0);
        &self.tenures[place]
    }

    fn add(&mut self, tenure: Tenure, figure: &Figure) {
        let place = TENURES.iter().position(|known| *known == tenure).unwrap_or(0);
        self.tenures[place].add(figure.score);
        if let Some(r_wg) = figure.r_wg {
            let band = Band::of(r_wg);
            let place = Band::ALL.iter().position(|known| *known == band).unwrap_or(0);
            self.bands[place] += 1;
        }
        if figure.group.contacts >= 2 {
            self.groups.add(&figure.group);
        }
    }

    /// METHOD.md section 6.
    pub fn icc(&self) -> Icc {
        self.groups.icc()
    }
}

impl Groups {
    fn add(&mut self, group: &Group) {
        let n = group.contacts as f64;
        self.contacts += group.contacts;
        self.contacts_squared += n * n;
        self.within += group.squares;
        // Scores lie about 50: sums about there keep the squares right.
        let off = group.mean - 50.0;
        self.means.join(&Sums {
            n: 1,
            sum: n * off,
            squares: n * off * off,
            least: group.mean,
            greatest: group.mean,
        });
    }

    fn icc(&self) -> Icc {
        let spread = self.means.squares - self.means.sum * self.means.sum / self.contacts.max(1) as f64;
        icc_of(&GroupSums {
            companies: self.means.n,
            contacts: self.contacts,
            contacts_squared: self.contacts_squared,
            // What is left of equal means is rounding.
            between: match self.means.greatest - self.means.least > 1e-9 {
                true => spread.max(0.0),
                false => 0.0,
            },
            within: self.within,
        })
    }
}

/// All of them in one pass.
pub fn totals(conn: &mut Conn, design: &Design, chosen: &Chosen) -> store::Result<Totals> {
    let mut totals = Totals::new(design);
    each(conn, design, chosen, |company, figures| totals.add(company, figures))?;
    Ok(totals)
}

impl Totals {
    pub fn new(design: &Design) -> Totals {
        Totals {
            needs: vec![NeedTotals::default(); design.framework.needs.len()],
            ..Totals::default()
        }
    }

    pub fn add(&mut self, company: Company, figures: &[Option<Figure>]) {
        let (mut sum, mut n) = (0.0, 0);
        for (total, figure) in self.needs.iter_mut().zip(figures) {
            let Some(figure) = figure else { continue };
            total.add(company.tenure, figure);
            if let Some(r_wg) = figure.r_wg {
                sum += r_wg;
                n += 1;
            }
        }
        if n > 0 {
            self.grouped += 1;
            self.agreements.push((company.id, sum / f64::from(n)));
        }
    }

    pub fn icc(&self) -> Vec<Icc> {
        self.needs.iter().map(NeedTotals::icc).collect()
    }
}

/// The segment in effect of each company that has one, by its place in the framework.
pub fn segments(conn: &mut Conn, design: &Design) -> store::Result<HashMap<i64, usize>> {
    Ok(placed(design, queries::list_segments(conn)?))
}

/// As [`segments`], of those whose segment in effect is the survey's.
pub fn surveyed(conn: &mut Conn, design: &Design) -> store::Result<HashMap<i64, usize>> {
    Ok(placed(design, queries::list_surveyed(conn)?))
}

fn placed(design: &Design, rows: Vec<(i64, String)>) -> HashMap<i64, usize> {
    // They stand by segment, so that few codes are looked up.
    let mut known: Option<(String, Option<usize>)> = None;
    let mut segments = HashMap::with_capacity(rows.len());
    for (company, segment) in rows {
        let place = match &known {
            Some((code, place)) if *code == segment => *place,
            _ => design.segment_index(&segment),
        };
        segments.extend(place.map(|place| (company, place)));
        known = Some((segment, place));
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::agreement::icc;

    #[test]
    fn added_up_the_companies_are_as_alike_as_one_by_one() {
        let groups =
            [&[10.0, 20.0][..], &[50.0, 70.0, 60.5], &[90.0], &[33.0, 30.0]].map(|own| Group::of(own).unwrap());
        let mut total = NeedTotals::default();
        for group in groups {
            let r_wg = group.r_wg();
            let (score, se) = (group.mean, 1.0);
            total.add(Tenure::New, &Figure { score, se, r_wg, group });
        }
        let (found, expected) = (total.icc(), icc(&groups));
        assert_eq!(
            (found.companies, found.contacts),
            (expected.companies, expected.contacts)
        );
        assert!((found.icc1.unwrap() - expected.icc1.unwrap()).abs() < 1e-9);
        assert!((found.icc2.unwrap() - expected.icc2.unwrap()).abs() < 1e-9);
        assert_eq!(total.bands.iter().sum::<u64>(), 3, "one voice agrees with nobody");
        assert_eq!(total.of(Tenure::New).n, 4);
    }
}
