//! The framework as stored: which one is in force, which versions its questions have had, and what
//! each version's answers say about each need.
//!
//! A question's meaning never changes within a version, so an answer keeps the version that it was
//! given to. What was in force before stays: [`history`] tells of each framework, [`versions`] of each
//! question, [`archive`] of what was left out and may come back. What may come is kept in [`drafts`]. Reading, checking and comparing
//! frameworks is `framework`'s; applying one, with all that must be worked out anew, is `reframe`'s.

pub mod archive;
mod cache;
mod coverage;
pub mod drafts;
pub mod history;
mod queries;
mod scoring;
pub mod tallies;
pub mod versions;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::framework::meaning::same_meaning;
use crate::framework::{self, Code, Framework, Question};
use crate::ids::{FrameworkId, VersionId};
use crate::method::segment::Profiles;
use crate::store::{self, Conn};

pub use coverage::coverage;
pub use scoring::{Item, Scoring};

/// A framework in force, with every version of every question, archived ones too.
#[derive(Debug)]
pub struct Design {
    pub id: FrameworkId,
    pub framework: Framework,
    /// The segments' profiles over the needs, in framework order.
    pub profiles: Profiles,
    current: HashMap<Code, VersionId>,
    versions: HashMap<VersionId, Arc<QuestionVersion>>,
}

/// One version of a question, and how its answers are scored by the needs of the framework in force.
#[derive(Debug)]
pub struct QuestionVersion {
    pub id: VersionId,
    /// From 1.
    pub version: i32,
    pub question: Question,
    pub scoring: Scoring,
}

impl QuestionVersion {
    /// Of a question that nobody is asked: to be looked at, and scored on nothing.
    pub fn unstored(question: Question) -> QuestionVersion {
        QuestionVersion {
            id: VersionId(0),
            version: 0,
            scoring: Scoring::new(&question, &[]),
            question,
        }
    }
}

/// A framework as its row keeps it.
#[derive(Serialize, Deserialize)]
struct Document {
    framework: Framework,
    /// The version of each question that this framework asks.
    versions: BTreeMap<Code, i64>,
}

impl Design {
    /// Before the first framework is applied.
    pub fn empty() -> Design {
        Design::new(FrameworkId(0), Framework::default(), BTreeMap::new(), Vec::new())
    }

    fn new(
        id: FrameworkId,
        framework: Framework,
        current: BTreeMap<Code, i64>,
        versions: Vec<(VersionId, i32, Question)>,
    ) -> Design {
        let needs: Vec<&str> = framework.needs.iter().map(|need| need.code.as_str()).collect();
        let weights: Vec<Vec<f64>> = framework
            .segments
            .iter()
            .map(|segment| {
                needs
                    .iter()
                    .map(|need| segment.profile.get(*need).copied().unwrap_or(0.0))
                    .collect()
            })
            .collect();
        let versions = versions
            .into_iter()
            .map(|(id, version, question)| {
                let scoring = Scoring::new(&question, &needs);
                (
                    id,
                    Arc::new(QuestionVersion {
                        id,
                        version,
                        question,
                        scoring,
                    }),
                )
            })
            .collect();
        // A framework with profiles that cannot be told apart is refused before it is stored.
        let profiles = Profiles::new(&weights).unwrap_or_default();
        let current = current.into_iter().map(|(code, id)| (code, VersionId(id))).collect();
        Design {
            id,
            framework,
            profiles,
            current,
            versions,
        }
    }

    /// As it would be with another framework in force: for a look at what would follow. The versions
    /// that it would make are not among its questions, and need not be: nobody has answered them.
    pub fn foreseen(&self, framework: Framework) -> Design {
        let versions = self.versions.values();
        let versions = versions.map(|version| (version.id, version.version, version.question.clone()));
        let current = self.current.iter().map(|(code, id)| (code.clone(), id.0));
        Design::new(self.id, framework, current.collect(), versions.collect())
    }

    /// The version of a question that is asked now.
    pub fn version_of(&self, question: &str) -> Option<&Arc<QuestionVersion>> {
        self.current.get(question).and_then(|id| self.versions.get(id))
    }

    pub fn version(&self, id: VersionId) -> Option<&Arc<QuestionVersion>> {
        self.versions.get(&id)
    }

    /// The questions of a set in its order, in the versions that this framework asks.
    pub fn questions_of(&self, question_set: &str) -> Vec<Arc<QuestionVersion>> {
        let sets = self
            .framework
            .question_sets
            .iter()
            .filter(|set| set.code == question_set);
        sets.flat_map(|set| &set.questions)
            .filter_map(|question| self.version_of(&question.code).cloned())
            .collect()
    }

    /// What a contact's answers weigh: 1 for an unknown role.
    pub fn role_weight(&self, role: Option<&str>) -> f64 {
        let known = role.and_then(|role| self.framework.roles.iter().find(|known| known.code == role));
        known.map_or(1.0, |role| role.weight)
    }

    pub fn segment_index(&self, segment: &str) -> Option<usize> {
        self.framework.segments.iter().position(|known| known.code == segment)
    }
}

/// The framework in force; an empty one where none was applied yet.
pub fn current(conn: &mut Conn) -> store::Result<Arc<Design>> {
    match queries::find_newest(conn)? {
        Some((id, fingerprint)) => cached(conn, id, &fingerprint, &fingerprint),
        None => Ok(Arc::new(Design::empty())),
    }
}

/// A framework that was in force once; its questions in the words they have now.
pub fn at(conn: &mut Conn, id: FrameworkId) -> store::Result<Option<Arc<Design>>> {
    let Some(fingerprint) = queries::find_fingerprint(conn, id)? else {
        return Ok(None);
    };
    let newest = queries::find_newest(conn)?.map(|(_, newest)| newest);
    cached(conn, id, &fingerprint, &newest.unwrap_or_default()).map(Some)
}

/// By its own fingerprint, and that of the newest one, which may have reworded its questions.
fn cached(conn: &mut Conn, id: FrameworkId, own: &str, newest: &str) -> store::Result<Arc<Design>> {
    let fingerprint = [own, newest].concat();
    if let Some(design) = cache::find(&fingerprint) {
        return Ok(design);
    }
    let design = Arc::new(load(conn, id)?);
    cache::keep(fingerprint, &design);
    Ok(design)
}

fn load(conn: &mut Conn, id: FrameworkId) -> store::Result<Design> {
    let document: Document = parsed(&queries::find_document(conn, id)?)?;
    let mut versions = Vec::new();
    for row in queries::list_versions(conn)? {
        versions.push((VersionId(row.id), row.version, parsed(&row.definition)?));
    }
    Ok(Design::new(id, document.framework, document.versions, versions))
}

/// Our own JSON that does not read is a damaged database, not an empty answer.
fn parsed<T: serde::de::DeserializeOwned>(json: &str) -> store::Result<T> {
    serde_json::from_str(json).map_err(|error| store::Error::DeserializationError(Box::new(error)))
}

fn written<T: Serialize>(value: &T) -> store::Result<String> {
    serde_json::to_string(value).map_err(|error| store::Error::SerializationError(Box::new(error)))
}

/// Stores a checked framework as the one in force. A question whose meaning changed gets a new
/// version; one whose wording changed keeps its version, and its former words beside it. Nothing is
/// deleted: what the framework leaves out stays in the rows before, and in the archive.
pub fn store_framework(conn: &mut Conn, now: NaiveDateTime, by: &str, framework: &Framework) -> store::Result<()> {
    archive::complete(conn, now)?;
    let before = current(conn)?;
    let mut newest: HashMap<Code, queries::VersionRow> = HashMap::new();
    for row in queries::list_versions(conn)? {
        newest.insert(row.question.clone(), row);
    }
    let mut versions = BTreeMap::new();
    for question in framework.questions().map(|(_, question)| question) {
        let definition = written(question)?;
        let id = match newest.get(&question.code) {
            Some(row) if row.definition == definition => row.id,
            Some(row) if same_meaning(&parsed::<Question>(&row.definition)?, question) => {
                queries::insert_wording(conn, VersionId(row.id), &row.definition, now)?;
                queries::update_wording(conn, VersionId(row.id), &definition)?;
                row.id
            }
            earlier => {
                let version = earlier.map_or(1, |row| row.version + 1);
                queries::insert_version(conn, now, &question.code, version, &definition)?
            }
        };
        versions.insert(question.code.clone(), id);
    }
    let document = written(&Document {
        framework: framework.clone(),
        versions,
    })?;
    let changes = framework::diff::changes(&before.framework, framework);
    let row = queries::NewFramework {
        fingerprint: &cache::new_fingerprint(),
        document: &document,
        applied_at: now,
        applied_by: by,
        changes: &written(&changes[..changes.len().min(history::TOLD)].to_vec())?,
        change_count: changes.len() as i32,
        counts: &written(&history::Counts::of(framework))?,
    };
    let id = queries::insert_framework(conn, &row)?;
    archive::follow(conn, now, id, &before.framework, framework)
}
