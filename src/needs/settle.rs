//! Companies worked out from their contacts' sums: scores, the survey's segment, the segment in effect.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::ladder::{Rungs, Source};
use super::packed::{self, Figure};
use super::queries::{self, CompanyEvidenceRow, CompanyNeedRow, RungsRow, SegmentRow, SurveyRow};
use super::tally::{self, CompanyTally};
use super::{calibration, queries::Change};
use crate::design::Design;
use crate::ids::CompanyId;
use crate::method::calibrate::Calibration;
use crate::method::segment::{Assigned, Assignment, assign};
use crate::store::{self, Conn};

/// Why scores are worked out anew, for the history of segments.
#[derive(Debug, Clone)]
pub struct Cause {
    by: String,
    /// An applied framework, not evidence, moves the segments.
    framework: bool,
}

impl Cause {
    pub fn new(by: &str) -> Cause {
        Cause {
            by: by.to_owned(),
            framework: false,
        }
    }

    pub fn framework(by: &str) -> Cause {
        Cause {
            by: by.to_owned(),
            framework: true,
        }
    }
}

/// Works the companies out anew. The caller holds their locks.
pub fn settle(
    conn: &mut Conn,
    now: NaiveDateTime,
    design: &Design,
    companies: &[CompanyId],
    cause: &Cause,
) -> store::Result<()> {
    let calibrations = calibration::calibrations(conn, design)?;
    for companies in companies.chunks(super::CHUNK as usize) {
        settle_chunk(conn, now, design, &calibrations, companies, cause)?;
    }
    Ok(())
}

/// What is written for a chunk of companies.
#[derive(Default)]
struct Outcome {
    needs: Vec<CompanyNeedRow>,
    evidence: Vec<CompanyEvidenceRow>,
    surveys: Vec<SurveyRow>,
    segments: Vec<SegmentRow>,
    changes: Vec<Change>,
}

fn settle_chunk(
    conn: &mut Conn,
    now: NaiveDateTime,
    design: &Design,
    calibrations: &[Calibration],
    companies: &[CompanyId],
    cause: &Cause,
) -> store::Result<()> {
    let contacts = queries::list_colleagues(conn, design, companies)?;
    let rungs = queries::list_rungs(conn, companies)?;
    let mut outcome = Outcome::default();
    for (company, rungs) in &rungs {
        let tally = contacts
            .get(company)
            .and_then(|contacts| tally::company(design.framework.needs.len(), contacts));
        let survey = tally
            .as_ref()
            .and_then(|tally| survey(design, calibrations, *company, tally, rungs));
        if let Some(tally) = tally {
            outcome.note_scores(design, calibrations, *company, &tally);
        }
        outcome.note_segment(now, design, *company, rungs, survey.as_ref(), cause);
        outcome.surveys.extend(survey);
    }
    queries::replace_companies(
        conn,
        companies,
        &outcome.needs,
        &outcome.evidence,
        &outcome.surveys,
        &outcome.segments,
    )?;
    queries::insert_changes(conn, &outcome.changes)
}

/// The survey's one segment, as a row; `None` when the company cannot be assigned by survey.
pub(super) fn survey(
    design: &Design,
    calibrations: &[Calibration],
    company: CompanyId,
    tally: &CompanyTally,
    rungs: &RungsRow,
) -> Option<SurveyRow> {
    let present = rungs
        .survey
        .as_deref()
        .and_then(|segment| design.segment_index(segment));
    let assigned = assignment(design, calibrations, tally, present)?;
    Some(survey_row(design, company, &assigned))
}

/// The survey's segment, by its place in the framework.
pub(super) fn assigned(
    design: &Design,
    calibrations: &[Calibration],
    tally: &CompanyTally,
    present: Option<usize>,
) -> Option<usize> {
    assignment(design, calibrations, tally, present).map(|assigned| assigned.segment)
}

fn assignment(
    design: &Design,
    calibrations: &[Calibration],
    tally: &CompanyTally,
    present: Option<usize>,
) -> Option<Assigned> {
    let scores: Vec<Option<(f64, f64)>> = scores_with_se(calibrations, tally);
    let least = design.framework.settings.min_scored_answers;
    match assign(&design.profiles, &scores, calibrations, tally.answers, least, present) {
        Assignment::Assigned(assigned) => Some(assigned),
        Assignment::Unassigned(_) => None,
    }
}

fn scores_with_se(calibrations: &[Calibration], tally: &CompanyTally) -> Vec<Option<(f64, f64)>> {
    let pairs = tally.scores.iter().zip(calibrations);
    pairs
        .map(|(score, calibration)| score.map(|score| (score.value, score.se(calibration))))
        .collect()
}

fn survey_row(design: &Design, company: CompanyId, assigned: &Assigned) -> SurveyRow {
    let code = |segment: usize| design.framework.segments[segment].code.clone();
    let fits = assigned.fits.as_ref().map(|fits| {
        let by_code: BTreeMap<String, f64> = fits
            .iter()
            .enumerate()
            .map(|(segment, fit)| (code(segment), *fit))
            .collect();
        serde_json::json!(by_code).to_string()
    });
    SurveyRow {
        company_id: company.0,
        segment: code(assigned.segment),
        fits,
        runner_up: assigned.runner_up.map(code),
        margin: assigned.margin,
        confidence: assigned.confidence,
    }
}

impl Outcome {
    fn note_scores(&mut self, design: &Design, calibrations: &[Calibration], company: CompanyId, tally: &CompanyTally) {
        let mut figures = vec![];
        for (index, need) in design.framework.needs.iter().enumerate() {
            let Some(score) = &tally.scores[index] else { continue };
            self.needs.push(CompanyNeedRow {
                company_id: company.0,
                need: need.code.clone(),
                score: score.value,
                n: score.n as i32,
                n_eff: score.n_eff,
                between_contacts: score.between,
                se: score.se(&calibrations[index]),
                r_wg: tally.r_wg[index],
            });
            figures.extend(tally.groups[index].map(|group| {
                let figure = Figure {
                    score: score.value,
                    se: score.se(&calibrations[index]),
                    r_wg: tally.r_wg[index],
                    group,
                };
                (need.code.as_str(), figure)
            }));
        }
        self.evidence.push(CompanyEvidenceRow {
            company_id: company.0,
            answers: tally.answers as i32,
            contacts_answered: tally.contacts_answered as i32,
            answered_at: tally.answered_at,
            scores: packed::pack(figures),
        });
    }

    fn note_segment(
        &mut self,
        now: NaiveDateTime,
        design: &Design,
        company: CompanyId,
        rungs: &RungsRow,
        survey: Option<&SurveyRow>,
        cause: &Cause,
    ) {
        let ladder = Rungs {
            override_: rungs.override_segment.clone(),
            survey: survey.map(|row| row.segment.clone()),
            sales_tag: rungs.sales_tag.clone(),
            deals: rungs.deals.clone(),
        };
        let in_effect = ladder.in_effect(design);
        let before = rungs.segment.as_ref();
        let source = in_effect.as_ref().map(|(_, source)| source.as_str());
        let unchanged_segment = in_effect.as_ref().map(|(segment, _)| segment) == before;
        if !unchanged_segment || source != rungs.source.as_deref() {
            self.changes.push(Change {
                company_id: company.0,
                at: now,
                from_segment: before.cloned(),
                to_segment: in_effect.as_ref().map(|(segment, _)| segment.clone()),
                source: if cause.framework {
                    "framework"
                } else {
                    source.unwrap_or("none")
                }
                .to_owned(),
                made_by: cause.by.clone(),
                why: why(in_effect.as_ref().map(|(_, source)| *source), survey, rungs),
            });
        }
        if let Some((segment, source)) = in_effect {
            let since = rungs.since.filter(|_| unchanged_segment).unwrap_or(now);
            self.segments.push(SegmentRow {
                company_id: company.0,
                segment,
                source: source.as_str().to_owned(),
                since,
            });
        }
    }
}

/// The reason behind a change of segment, for people who read the history.
fn why(source: Option<Source>, survey: Option<&SurveyRow>, rungs: &RungsRow) -> String {
    match source {
        Some(Source::Override) => rungs.override_reason.clone().unwrap_or_default(),
        Some(Source::SalesTag) => rungs.sales_tag_reason.clone().unwrap_or_default(),
        Some(Source::Deals) => "the needs coded on its deals fit best".into(),
        Some(Source::Survey) => match survey.and_then(|row| Some((row.margin?, row.runner_up.as_ref()?))) {
            Some((margin, runner_up)) => format!("its needs fit best, {margin:.1} ahead of {runner_up}"),
            None => "its answers suffice".into(),
        },
        None => "nothing it could rest on is left".into(),
    }
}
