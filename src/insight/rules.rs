//! From rows to figures.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDateTime;

use super::queries::{CrossCount, EvidenceCount, ScoredNeed, SegmentCount, TagCount, UnassignedRow, ValueRow};
use super::scores::Totals;
use super::{
    Attribute, ByTenure, NeedComparison, NeedFigure, NeedFigures, Overlay, SegmentFigure, SegmentFigures, SegmentGroup,
    Sums, TagFigures, Unassigned, attribute,
};
use crate::design::Design;
use crate::framework::Need;
use crate::method::calibrate::Calibration;
use crate::method::compare::{self, Sample};
use crate::method::kappa::kappa;
use crate::method::overlay;
use crate::method::segment::Why;
use crate::method::size::SIZES;
use crate::method::tenure::Tenure;
use crate::needs;
use crate::needs::ladder::why_none;
use crate::store;

/// A group smaller than this is not compared.
const COMPARED_FROM: u64 = 2;

/// The companies' scores by need in framework order, added up.
pub type ScoreSums = Vec<ByTenure<Sums>>;

pub fn score_sums(design: &Design, totals: &Totals) -> ScoreSums {
    let of = |need: usize| ByTenure::of(|tenure| *totals.needs[need].of(tenure));
    (0..design.framework.needs.len()).map(of).collect()
}

pub fn need_figures(
    design: &Design,
    sums: &ScoreSums,
    calibrations: &[Calibration],
    calibrated_at: Option<NaiveDateTime>,
) -> NeedFigures {
    let samples = |sums: &ByTenure<Sums>| ByTenure::of(|tenure| sums.get(tenure).sample());
    let groups: Vec<ByTenure<Option<Sample>>> = sums.iter().map(samples).collect();
    let compared: Vec<_> = groups
        .iter()
        .map(|groups| compare::welch(groups.new.as_ref()?, groups.long_standing.as_ref()?))
        .collect();
    let ps: Vec<_> = compared.iter().map(|comparison| (*comparison)?.p).collect();
    let adjusted = compare::benjamini_hochberg(&ps);
    let figure = |(i, need): (usize, &Need)| NeedFigure {
        code: need.code.clone(),
        name: need.name.clone(),
        level: need.level,
        overall: overall(&sums[i]),
        groups: groups[i],
        comparison: compared[i]
            .map(|figures| NeedComparison {
                figures,
                p_adjusted: adjusted[i],
            })
            .ok_or_else(|| why_not_compared(&groups[i])),
        calibration: calibrations[i],
    };
    NeedFigures {
        needs: design.framework.needs.iter().enumerate().map(figure).collect(),
        calibrated_at,
    }
}

/// The groups taken together.
fn overall(groups: &ByTenure<Sums>) -> Option<Sample> {
    let mut all = Sums::default();
    Tenure::ALL.iter().for_each(|tenure| all.join(groups.get(*tenure)));
    all.sample()
}

fn why_not_compared(groups: &ByTenure<Option<Sample>>) -> String {
    let n = |sample: Option<Sample>| sample.map_or(0, |sample| sample.n);
    let too_few: Vec<String> = [("new", n(groups.new)), ("long-standing", n(groups.long_standing))]
        .into_iter()
        .filter(|(_, n)| *n < COMPARED_FROM)
        .map(|(word, n)| {
            format!(
                "{} {word} {}",
                number(n),
                if n == 1 { "company has" } else { "companies have" }
            )
        })
        .collect();
    format!(
        "only {} a score on this need; it takes two of each",
        too_few.join(" and ")
    )
}

fn number(n: u64) -> String {
    if n == 0 { "no".to_owned() } else { n.to_string() }
}

pub fn segment_figures(
    design: &Design,
    counts: &[SegmentCount],
    answered: i64,
    evidence: &[EvidenceCount],
    scored: &[ScoredNeed],
) -> SegmentFigures {
    let (mut companies, mut assigned) = (ByTenure::default(), ByTenure::default());
    for row in counts {
        *companies.get_mut(row.tenure) += count(row.companies);
    }
    for row in counts.iter().filter(|row| row.segment.is_some()) {
        *assigned.get_mut(row.tenure) += count(row.companies);
    }
    let figure = |code: &str, name: &str| {
        let rows: Vec<&SegmentCount> = counts
            .iter()
            .filter(|row| row.segment.as_deref() == Some(code))
            .collect();
        segment_figure(code, name, &rows, &assigned)
    };
    let active = design
        .framework
        .segments
        .iter()
        .map(|segment| figure(&segment.code, &segment.name));
    // On a past day companies may have had a segment that has since been archived.
    let archived: BTreeSet<&str> = counts
        .iter()
        .filter_map(|row| row.segment.as_deref())
        .filter(|code| design.segment_index(code).is_none())
        .collect();
    let segments: Vec<SegmentFigure> = active
        .chain(archived.into_iter().map(|code| figure(code, code)))
        .collect();
    let table: Vec<Vec<u64>> = segments
        .iter()
        .map(|segment| vec![segment.groups.new.count, segment.groups.long_standing.count])
        .collect();
    SegmentFigures {
        chi_square: overlay::chi_square(&table),
        segments,
        assigned,
        unassigned: unassigned(design, evidence, scored),
        companies,
        answered: count(answered),
    }
}

fn segment_figure(code: &str, name: &str, rows: &[&SegmentCount], assigned: &ByTenure<u64>) -> SegmentFigure {
    let count_of = |tenure: Tenure| -> u64 {
        rows.iter()
            .filter(|row| row.tenure == tenure)
            .map(|row| count(row.companies))
            .sum()
    };
    let groups = ByTenure::of(|tenure| {
        let part = count_of(tenure);
        SegmentGroup {
            count: part,
            share: share(part, *assigned.get(tenure)),
        }
    });
    let all = rows.iter().map(|row| count(row.companies)).sum();
    // A share is defined for a group of one (Newcombe); only an empty group has none.
    let comparable = assigned.new > 0 && assigned.long_standing > 0;
    SegmentFigure {
        code: code.to_owned(),
        name: name.to_owned(),
        count: all,
        share: share(all, assigned.sum()),
        revenue: rows.iter().map(|row| row.revenue).sum(),
        comparison: comparable
            .then(|| {
                compare::newcombe(
                    groups.new.count,
                    assigned.new,
                    groups.long_standing.count,
                    assigned.long_standing,
                )
            })
            .flatten(),
        groups,
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Why the companies without a segment have none, the most frequent reason first.
fn unassigned(design: &Design, evidence: &[EvidenceCount], scored: &[ScoredNeed]) -> Vec<Unassigned> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut add = |why: Why, n: u64| *counts.entry(why_none(design, &why)).or_default() += n;
    let need = design.framework.settings.min_scored_answers;
    let mut enough = 0;
    for row in evidence {
        match u32::try_from(row.answers).unwrap_or(0) {
            _ if design.framework.segments.is_empty() => add(Why::NoSegments, count(row.companies)),
            0 => add(Why::NoAnswers, count(row.companies)),
            have if have < need => add(Why::TooFewAnswers { have, need }, count(row.companies)),
            _ => enough += count(row.companies),
        }
    }
    let in_play = design.profiles.in_play();
    for company in scored.chunk_by(|a, b| a.company_id == b.company_id) {
        if enough == 0 {
            break;
        }
        enough -= 1;
        let is_missing = |place: &usize| {
            company
                .iter()
                .all(|row| row.need != design.framework.needs[*place].code)
        };
        add(
            Why::MissingNeeds(in_play.iter().copied().filter(is_missing).collect()),
            1,
        );
    }
    // Those without a score on any need have no row there.
    if enough > 0 {
        add(Why::MissingNeeds(in_play.to_vec()), enough);
    }
    let mut unassigned: Vec<Unassigned> = counts
        .into_iter()
        .map(|(reason, count)| Unassigned { reason, count })
        .collect();
    unassigned.sort_by_key(|row| std::cmp::Reverse(row.count));
    unassigned
}

/// By their number of answers, those without any among them.
pub fn unassigned_evidence(counts: &[SegmentCount], rows: &[UnassignedRow]) -> Vec<EvidenceCount> {
    let mut by_answers: BTreeMap<i64, i64> = BTreeMap::new();
    for row in rows {
        *by_answers.entry(row.answers).or_default() += 1;
    }
    let of_none = counts.iter().filter(|row| row.segment.is_none());
    let silent = of_none.map(|row| row.companies).sum::<i64>() - rows.len() as i64;
    if silent > 0 {
        *by_answers.entry(0).or_default() += silent;
    }
    let count = |(answers, companies)| EvidenceCount { answers, companies };
    by_answers.into_iter().map(count).collect()
}

/// The needs that those with enough answers have a score on; `unpacked` has those of the rows that hold none.
pub fn unassigned_needs(
    design: &Design,
    rows: &[UnassignedRow],
    unpacked: Vec<ScoredNeed>,
) -> store::Result<Vec<ScoredNeed>> {
    let needs = &design.framework.needs;
    let least = i64::from(design.framework.settings.min_scored_answers);
    let mut by_company: HashMap<i64, Vec<ScoredNeed>> = HashMap::new();
    for need in unpacked {
        by_company.entry(need.company_id).or_default().push(need);
    }
    let mut figures = vec![None; needs.len()];
    let mut scored = vec![];
    for row in rows.iter().filter(|row| row.answers >= least) {
        let Some(packed) = &row.scores else {
            scored.extend(by_company.remove(&row.company_id).unwrap_or_default());
            continue;
        };
        needs::unpack(needs, packed, &mut figures)?;
        let known = needs.iter().zip(&figures).filter(|(_, figure)| figure.is_some());
        scored.extend(known.map(|(need, _)| ScoredNeed {
            company_id: row.company_id,
            need: need.code.clone(),
        }));
    }
    Ok(scored)
}

fn count(rows: i64) -> u64 {
    u64::try_from(rows).unwrap_or(0)
}

/// The columns in their own order, then the bands of employees, then what was imported, by name.
pub fn attributes(columns: &[ValueRow], imported: &[ValueRow], most: usize) -> Vec<Attribute> {
    let of = |name: &str, rows: &[ValueRow]| {
        let values = rows.iter().filter(|row| row.name == name).map(|row| row.value.clone());
        let mut values: Vec<String> = values.take(most + 1).collect();
        let is_cut = values.len() > most;
        values.truncate(most);
        Attribute {
            name: name.to_owned(),
            values,
            is_cut,
        }
    };
    let own = attribute::COLUMNS.iter().map(|name| of(name, columns));
    let sizes = Attribute {
        name: attribute::EMPLOYEES.to_owned(),
        values: SIZES.iter().map(|(name, _)| (*name).to_owned()).collect(),
        is_cut: false,
    };
    let names: BTreeSet<&str> = imported.iter().map(|row| row.name.as_str()).collect();
    let other = names.into_iter().map(|name| of(name, imported));
    own.filter(|attribute| !attribute.values.is_empty())
        .chain([sizes])
        .chain(other)
        .collect()
}

pub fn overlay(design: &Design, cells: &[CrossCount], companies: i64) -> Overlay {
    let rows = codes(design);
    let columns: BTreeSet<&str> = cells.iter().map(|cell| cell.value.as_str()).collect();
    let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
    let mut counts = vec![vec![0; columns.len()]; rows.len()];
    let mut revenue = vec![vec![0.0; columns.len()]; rows.len()];
    for cell in cells {
        let column = columns.iter().position(|value| *value == cell.value);
        if let (Some(row), Some(column)) = (design.segment_index(&cell.segment), column) {
            counts[row][column] += count(cell.companies);
            revenue[row][column] += cell.revenue;
        }
    }
    let counted: u64 = counts.iter().flatten().sum();
    Overlay {
        residuals: overlay::adjusted_residuals(&counts),
        left_out: count(companies).saturating_sub(counted),
        rows,
        columns,
        counts,
        revenue,
    }
}

pub fn tag_figures(design: &Design, cells: &[TagCount]) -> TagFigures {
    let table = |only_blind: bool| {
        let codes = design.framework.segments.len();
        let mut table = vec![vec![0; codes]; codes];
        for cell in cells.iter().filter(|cell| cell.blind || !only_blind) {
            // A tag for an archived segment is kept, but does not count.
            let place = (design.segment_index(&cell.tag), design.segment_index(&cell.survey));
            if let (Some(row), Some(column)) = place {
                table[row][column] += count(cell.companies);
            }
        }
        table
    };
    TagFigures {
        codes: codes(design),
        kappa: kappa(&table(false)),
        kappa_blind: kappa(&table(true)),
        table: table(false),
    }
}

fn codes(design: &Design) -> Vec<String> {
    let segments = design.framework.segments.iter();
    segments.map(|segment| segment.code.clone()).collect()
}

/// How sure a difference between new and long-standing customers is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Clear,
    Likely,
    CannotTell,
}

impl Verdict {
    /// By the p that was adjusted for the number of needs compared.
    pub fn of_p(p_adjusted: Option<f64>) -> Verdict {
        match p_adjusted {
            Some(p) if p < 0.01 => Verdict::Clear,
            Some(p) if p < 0.05 => Verdict::Likely,
            _ => Verdict::CannotTell,
        }
    }

    /// By a 95 % interval alone.
    pub fn of_interval(low: f64, high: f64) -> Verdict {
        if low > 0.0 || high < 0.0 {
            Verdict::Likely
        } else {
            Verdict::CannotTell
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_called_by_how_sure_it_is() {
        assert_eq!(Verdict::of_p(Some(0.009)), Verdict::Clear);
        assert_eq!(Verdict::of_p(Some(0.01)), Verdict::Likely);
        assert_eq!(Verdict::of_p(Some(0.05)), Verdict::CannotTell);
        assert_eq!(Verdict::of_p(None), Verdict::CannotTell);
        assert_eq!(Verdict::of_interval(0.1, 0.2), Verdict::Likely);
        assert_eq!(Verdict::of_interval(-0.1, 0.2), Verdict::CannotTell);
    }

    #[test]
    fn a_comparison_that_is_missing_says_which_group_is_too_small() {
        let one = Sample::of(&[40.0]);
        let groups = ByTenure {
            new: one,
            long_standing: None,
            unknown: None,
        };
        let why =
            "only 1 new company has and no long-standing companies have a score on this need; it takes two of each";
        assert_eq!(why_not_compared(&groups), why);
    }
}
