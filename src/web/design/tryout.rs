//! Answers tried out: which segment a company answering so would get, and what is missing. Nothing is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::answers::NewAnswer;
use crate::answers::form as posted;
use crate::design::{self, Design, QuestionVersion};
use crate::framework::coverage::Asking;
use crate::framework::{Kind, Question};
use crate::method::calibrate::Calibration;
use crate::method::segment::Assigned;
use crate::needs::{self, Tried};
use crate::store::Db;

use super::Tab;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::Page;
use crate::web::session::Analyst;
use crate::web::words;

/// More contacts than this who answer alike change nothing any more.
const MOST_CONTACTS: u32 = 20;

/// So many such contacts are looked at side by side.
const SIDE_BY_SIDE: [u32; 5] = [1, 2, 3, 5, 10];

#[derive(Template)]
#[template(path = "design/tryout/show.html")]
pub struct Show {
    design: Arc<Design>,
    chosen: Chosen,
    asked: Vec<Asked>,
    contacts: u32,
    role: String,
    told: Option<Told>,
}

/// Whose questions are tried.
#[derive(Debug, Clone, Default, PartialEq)]
struct Chosen {
    drip: String,
    sets: Vec<String>,
}

/// A question with what was typed as its answer: `question.html` shows it.
pub struct Asked {
    pub question: Question,
    pub fault: Option<String>,
    fields: BTreeMap<String, Vec<String>>,
}

/// What came of it.
struct Told {
    needs: Vec<NeedLine>,
    answers: u32,
    /// Why there is no segment, and what would help.
    none: Option<(String, Vec<String>)>,
    segment: Option<SegmentTold>,
    /// With more such contacts.
    more: Vec<(u32, String, String)>,
}

struct NeedLine {
    name: String,
    level: &'static str,
    score: Option<f64>,
    answers: u32,
}

struct SegmentTold {
    name: String,
    code: String,
    runner_up: Option<String>,
    margin: Option<f64>,
    confidence: Option<f64>,
    /// Each segment with its fit, and how long its bar is.
    fits: Vec<(String, f64, f64)>,
}

impl Chosen {
    fn read(fields: &[(String, String)]) -> Chosen {
        let given = |wanted: &'static str| {
            fields
                .iter()
                .filter(move |(name, value)| name == wanted && !value.is_empty())
                .map(|(_, value)| value.clone())
        };
        Chosen {
            drip: given("drip").next().unwrap_or_default(),
            sets: given("set").collect(),
        }
    }

    fn questions(&self, design: &Design) -> Vec<Arc<QuestionVersion>> {
        let framework = &design.framework;
        let asking = match Asking::of_drip(framework, &self.drip) {
            Some(asking) => asking,
            None => Asking::of_sets(framework, &self.sets),
        };
        asking
            .questions
            .iter()
            .filter_map(|question| design.version_of(&question.code).cloned())
            .collect()
    }

    fn is_empty(&self) -> bool {
        self.drip.is_empty() && self.sets.is_empty()
    }
}

/// `GET /design/try?drip=…` or `?set=…&set=…`
pub async fn show(_: Analyst, db: Data<Db>, parameters: Query<Vec<(String, String)>>) -> Result<Page<Show>, AppError> {
    let design = db.read(design::current).await?;
    let chosen = Chosen::read(&parameters);
    let asked = chosen.questions(&design);
    let asked = asked.iter().map(|version| Asked::of(version, &[], None)).collect();
    Ok(Page(Show {
        design,
        chosen,
        asked,
        contacts: 1,
        role: String::new(),
        told: None,
    }))
}

/// `POST /design/try`
pub async fn tried(request: HttpRequest, _: Analyst, db: Data<Db>, form: Form) -> Result<HttpResponse, AppError> {
    let (design, calibrations) = db
        .read(|conn| {
            let design = design::current(conn)?;
            let calibrations = needs::calibrations(conn, &design)?;
            Ok::<_, AppError>((design, calibrations))
        })
        .await?;
    let chosen = Chosen::read(&form.0);
    let versions = chosen.questions(&design);
    let (answers, faults) = read(&versions, &form.0);
    let asked = versions.iter().map(|version| {
        let code = &version.question.code;
        Asked::of(version, &form.0, faults.get(code).cloned())
    });
    let role = form.text("role")?.to_owned();
    let contacts = form.text("contacts")?.parse().unwrap_or(1).clamp(1, MOST_CONTACTS);
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = Show {
        asked: asked.collect(),
        told: faults
            .is_empty()
            .then(|| Told::of(&design, &calibrations, &answers, contacts, &role)),
        design,
        chosen,
        contacts,
        role,
    };
    Ok(Page(page).with(status).respond_to(&request))
}

/// The answers as far as they can be read, and what is wrong with the others. A question left blank is
/// not answered, required or not: this is for trying.
fn read(versions: &[Arc<QuestionVersion>], fields: &[(String, String)]) -> (Vec<NewAnswer>, BTreeMap<String, String>) {
    let read = posted::read(versions, fields, &[], |_| false);
    let told = |fault: posted::FieldFault| (fault.question, fault.fault.to_string());
    match read.faults.is_empty() {
        true => (read.answers, BTreeMap::new()),
        false => (Vec::new(), read.faults.into_iter().map(told).collect()),
    }
}

impl Asked {
    pub fn of(version: &QuestionVersion, fields: &[(String, String)], fault: Option<String>) -> Asked {
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in fields {
            by_name.entry(name.clone()).or_default().push(value.clone());
        }
        Asked {
            question: version.question.clone(),
            fault,
            fields: by_name,
        }
    }

    pub fn code(&self) -> &str {
        &self.question.code
    }

    /// The name of a field of this question.
    pub fn name(&self, part: &str) -> String {
        format!("{}{part}", self.question.code)
    }

    pub fn value(&self, name: &str) -> &str {
        self.fields
            .get(name)
            .and_then(|values| values.first())
            .map_or("", String::as_str)
    }

    pub fn has(&self, name: &str, value: &str) -> bool {
        self.fields
            .get(name)
            .is_some_and(|values| values.iter().any(|known| known == value))
    }

    pub fn points(&self) -> Vec<String> {
        let (min, max) = match &self.question.kind {
            Kind::Rating { min, max, .. } | Kind::Matrix { min, max, .. } => (*min, *max),
            Kind::Nps { .. } => (0, 10),
            _ => return Vec::new(),
        };
        (min..=max).map(|point| point.to_string()).collect()
    }

    pub fn ends(&self) -> (String, String) {
        match &self.question.kind {
            Kind::Rating {
                min_label, max_label, ..
            } => (min_label.clone(), max_label.clone()),
            Kind::Nps { .. } => ("Not at all likely".to_owned(), "Extremely likely".to_owned()),
            Kind::Matrix { labels, .. } => (
                labels.first().cloned().unwrap_or_default(),
                labels.last().cloned().unwrap_or_default(),
            ),
            _ => Default::default(),
        }
    }
}

impl Told {
    fn of(design: &Design, calibrations: &[Calibration], answers: &[NewAnswer], contacts: u32, role: &str) -> Told {
        let role = Some(role).filter(|role| !role.is_empty());
        let tried = needs::try_out(design, calibrations, answers, contacts, role);
        let needs = design.framework.needs.iter().zip(&tried.scores);
        let more = SIDE_BY_SIDE.into_iter().map(|contacts| {
            let tried = needs::try_out(design, calibrations, answers, contacts, role);
            match &tried.outcome {
                Ok(assigned) => (contacts, name(design, assigned.segment), percent(&assigned.confidence)),
                Err(why) => (contacts, format!("none: {why}"), "–".to_owned()),
            }
        });
        Told {
            needs: needs
                .map(|(need, score)| NeedLine {
                    name: need.name.clone(),
                    level: words::level(&need.level),
                    score: score.map(|score| score.value),
                    answers: score.map_or(0, |score| score.n),
                })
                .collect(),
            answers: tried.answers,
            none: tried
                .outcome
                .as_ref()
                .err()
                .map(|why| (why.clone(), missing(design, &tried))),
            segment: tried
                .outcome
                .as_ref()
                .ok()
                .map(|assigned| SegmentTold::of(design, assigned)),
            more: if answers.is_empty() { Vec::new() } else { more.collect() },
        }
    }
}

/// What would help to a segment.
fn missing(design: &Design, tried: &Tried) -> Vec<String> {
    let mut missing = Vec::new();
    let least = design.framework.settings.min_scored_answers;
    match least.saturating_sub(tried.answers) {
        0 => {}
        1 => missing.push("1 more scored answer".to_owned()),
        more => missing.push(format!("{more} more scored answers")),
    }
    let unscored = design
        .profiles
        .in_play()
        .iter()
        .filter(|need| tried.scores[**need].is_none());
    let names: Vec<&str> = unscored
        .map(|need| design.framework.needs[*need].name.as_str())
        .collect();
    if !names.is_empty() {
        missing.push(format!("an answer that speaks for or against {}", names.join(", ")));
    }
    missing
}

impl SegmentTold {
    fn of(design: &Design, assigned: &Assigned) -> SegmentTold {
        let fits = assigned.fits.clone().unwrap_or_default();
        let longest = fits.iter().map(|fit| fit.abs()).fold(1.0, f64::max);
        let mut fits: Vec<(String, f64, f64)> = fits
            .iter()
            .enumerate()
            .map(|(segment, fit)| (name(design, segment), *fit, 100.0 * fit.max(0.0) / longest))
            .collect();
        fits.sort_by(|a, b| b.1.total_cmp(&a.1));
        SegmentTold {
            name: name(design, assigned.segment),
            code: design.framework.segments[assigned.segment].code.clone(),
            runner_up: assigned.runner_up.map(|segment| name(design, segment)),
            margin: assigned.margin,
            confidence: assigned.confidence,
            fits,
        }
    }

    fn confidence_in_words(&self) -> &'static str {
        match self.confidence {
            Some(confidence) if confidence >= 0.9 => "That is as good as certain.",
            Some(confidence) if confidence >= 0.7 => "That is likely; another contact's answers would settle it.",
            Some(_) => "That is a first guess: ask more, or ask colleagues.",
            None => "It is the only segment there is.",
        }
    }
}

fn name(design: &Design, segment: usize) -> String {
    design
        .framework
        .segments
        .get(segment)
        .map(|segment| segment.name.clone())
        .unwrap_or_default()
}

fn percent(share: &Option<f64>) -> String {
    share.map_or("–".to_owned(), |share| format!("{:.0} %", 100.0 * share))
}

fn figure(value: &f64) -> String {
    format!("{value:.0}")
}

/// A fit or a margin, whose sign matters.
fn fit(value: &f64) -> String {
    format!("{value:.1}").replace('-', "−")
}

impl Show {
    fn is_set_chosen(&self, code: &str) -> bool {
        self.chosen.sets.iter().any(|known| known == code)
    }

    fn faults(&self) -> Vec<(&str, &str, &str)> {
        let fault = |asked: &'_ Asked| asked.fault.is_some();
        let faulty = self.asked.iter().filter(|asked| fault(asked));
        faulty
            .map(|asked| {
                let message = asked.fault.as_deref().unwrap_or_default();
                (asked.question.code.as_str(), asked.question.text.as_str(), message)
            })
            .collect()
    }
}
