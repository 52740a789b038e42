//! What companies like this one said: told to whoever has answered, in return.
//!
//! Anybody may hold a mailed link, and may look as often as they like, so a figure must not tell what
//! a single company said, not even compared with another figure. One rule does it:
//!
//! **Nothing is told but sums over whole batches of companies, and each company is in one batch, once
//! and for good.** A company that answers an item waits until `min_group` companies of its kin wait,
//! by as many people, who do not all say the same; then their voices are added to the sums of that
//! kin (`giveback_sums`), and all that is kept of each is that it was counted (`giveback_companies`).
//! What an answer becomes later, or a colleague adds, changes no sum any more. So any two figures,
//! of one kin at two times, of two kins, or of one kin and all of them, differ by whole batches or by
//! nothing, and the smallest thing that can be worked out is a batch. Besides, figures are rounded, and
//! an option of a single voice is left out with what it could be worked out by (`rules`).
//!
//! What that costs: figures follow opinions slowly. A question that gets another meaning starts anew.
//!
//! The worker renews ([`renew`]); a page reads a few rows ([`told`]).

mod queries;
mod rules;

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime};

pub(super) use self::rules::{NUMBER, voice};

use self::queries::{CompanyRow, SumsRow, Waiting};
use self::rules::{Base, Batch, Batches, Item, Kin, Sums, Traits, Voice};
use crate::answers::{self, json};
use crate::design::{self, Design, QuestionVersion};
use crate::drip::queries as invitations;
use crate::framework::{Kind, Question};
use crate::ids::{CompanyId, ContactId, VersionId};
use crate::mail::fields::{self, Fields};
use crate::mail::letterhead::Letterhead;
use crate::mail::token::{self, Purpose};
use crate::method::tenure;
use crate::respond::control;
use crate::store::{self, Conn, Db, is_taken, marks};

/// Companies whose answers are read at once: bounds the memory of a pass.
const CHUNK: usize = 500;
/// The questions that one page tells about.
const QUESTIONS: usize = 3;
/// Whoever tells queues on this mark.
const TOLD: &str = "given_back";

/// What others said to one question.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub question: String,
    pub among: Among,
    /// Over how many companies, roughly.
    pub companies: u64,
    pub figures: Figures,
}

/// Who the others are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    Industry,
    Tenure,
    Everybody,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Figures {
    /// The options that most companies chose, or gave most of their points to, each with its share from 0 to 1.
    Shares(Vec<(String, f64)>),
    /// Means on one scale; the words are a matrix row's, or empty.
    Means {
        min: i32,
        max: i32,
        means: Vec<(String, f64)>,
    },
}

/// Tells the batches that are complete; how many. Reads first and writes then, so that answers come
/// in meanwhile: where another process has told the same meanwhile, this one tells nothing.
pub fn renew(db: &Db, now: NaiveDateTime) -> store::Result<usize> {
    let batches = db.read_now(move |conn| complete(conn, now))?;
    let count = batches.len();
    if count == 0 {
        return Ok(0);
    }
    match db.write_now(move |conn| tell(conn, now, batches)) {
        Ok(()) => Ok(count),
        Err(error) if is_taken(&error) => Ok(0),
        Err(error) => Err(error),
    }
}

/// The batches that may be told, of the questions that are asked now.
fn complete(conn: &mut Conn, now: NaiveDateTime) -> store::Result<Batches> {
    let design = design::current(conn)?;
    let asked: BTreeMap<VersionId, &QuestionVersion> = design
        .framework
        .questions()
        .filter(|(_, question)| !matches!(question.kind, Kind::Text { .. }))
        .filter_map(|(_, question)| design.version_of(&question.code))
        .map(|version| (version.id, version.as_ref()))
        .collect();
    let mut batches = Batches::new();
    if asked.is_empty() {
        return Ok(batches);
    }
    let versions: Vec<VersionId> = asked.keys().copied().collect();
    let min_group = design.framework.settings.min_group;
    let companies = queries::list_companies(conn)?;
    let traits: HashMap<i64, Traits> = companies
        .iter()
        .map(|row| (row.id, traits(&design, row, now.date())))
        .collect();
    let base = Base::of(traits.values());
    for chunk in companies.chunks(CHUNK) {
        let (first, last) = (CompanyId(chunk[0].id), CompanyId(chunk[chunk.len() - 1].id));
        let waiting = queries::list_waiting(conn, first, last, &versions)?;
        for of_company in waiting.chunk_by(|a, b| a.company_id == b.company_id) {
            let company = of_company[0].company_id;
            let Some(own) = traits.get(&company) else { continue };
            for (item, (since, people)) in by_item(&asked, of_company) {
                let kin = base.kin(own, min_group, now, since);
                let batch = batches.entry((item, kin)).or_default();
                batch.add(CompanyId(company), &people, min_group);
            }
        }
    }
    batches.retain(|_, batch| batch.may_be_told(min_group));
    Ok(batches)
}

/// A company's voices by item: since when they wait, and what each of its people said last.
fn by_item(
    asked: &BTreeMap<VersionId, &QuestionVersion>,
    answers: &[Waiting],
) -> BTreeMap<Item, (NaiveDateTime, Vec<(ContactId, Voice)>)> {
    let mut items: BTreeMap<Item, (NaiveDateTime, Vec<(ContactId, Voice)>)> = BTreeMap::new();
    let is_same = |a: &Waiting, b: &Waiting| {
        (a.contact_id, a.version_id, &a.row_code) == (b.contact_id, b.version_id, &b.row_code)
    };
    for of_one in answers.chunk_by(is_same) {
        let newest = &of_one[of_one.len() - 1];
        let version = VersionId(newest.version_id);
        let voice = asked.get(&version).and_then(|asked| {
            let value = json::read_stored(&asked.question, &newest.value)?;
            rules::voice(&asked.question, &value)
        });
        let Some(voice) = voice else { continue };
        let since = of_one[0].recorded_at;
        let item = items
            .entry((version, newest.row_code.clone()))
            .or_insert_with(|| (since, Vec::new()));
        item.0 = item.0.min(since);
        item.1.push((ContactId(newest.contact_id), voice));
    }
    items
}

fn tell(conn: &mut Conn, now: NaiveDateTime, batches: Batches) -> store::Result<()> {
    // Two processes that tell at once would each add to the sums without the other.
    marks::set(conn, now, TOLD, "")?;
    let mut versions: Vec<VersionId> = batches.keys().map(|((version, _), _)| *version).collect();
    versions.dedup();
    let mut sums: HashMap<(Item, String), Sums> = HashMap::new();
    for row in queries::list_sums(conn, &versions)? {
        sums.insert((row.item(), row.kin.clone()), row.sums()?);
    }
    let mut rows = Vec::with_capacity(batches.len());
    let mut counted: BTreeMap<Item, Vec<CompanyId>> = BTreeMap::new();
    for ((item, kin), batch) in batches {
        let Batch {
            companies,
            respondents,
            voices,
            ..
        } = batch;
        let mut sums = sums.remove(&(item.clone(), kin.key())).unwrap_or_default();
        sums.add(companies.len() as u64, respondents, &voices);
        rows.push(SumsRow {
            version_id: item.0.0,
            row_code: item.1.clone(),
            kin: kin.key(),
            companies: sums.companies as i64,
            respondents: sums.respondents as i64,
            voices: serde_json::to_string(&sums.voices)
                .map_err(|error| store::Error::SerializationError(Box::new(error)))?,
            renewed_at: now,
        });
        counted.entry(item).or_default().extend(companies);
    }
    for (item, companies) in &counted {
        queries::insert_companies(conn, item, companies)?;
    }
    queries::replace_sums(conn, &rows)
}

fn traits(design: &Design, row: &CompanyRow, today: NaiveDate) -> Traits {
    let threshold = design.framework.settings.tenure_threshold_months;
    Traits {
        industry: row.industry.clone().filter(|industry| !industry.trim().is_empty()),
        tenure: tenure::tenure(row.customer_since, today, threshold),
    }
}

/// What others said to the first questions that were answered by this link, in the words of its
/// contact's language. It hangs on which questions these were, and not on what was answered.
pub fn told(conn: &mut Conn, now: NaiveDateTime, letterhead: &Letterhead, given: &str) -> store::Result<Vec<Told>> {
    let invitation = match token::read(given) {
        Some(token) => invitations::find_by_token(conn, Purpose::Respond, &token::hash(&token))?.flatten(),
        None => None,
    };
    let Some(invitation) = invitation else {
        return Ok(vec![]);
    };
    let answers = answers::list_of_invitation(conn, invitation.contact_id, invitation.id)?;
    let mut versions: Vec<VersionId> = answers.iter().map(|answer| VersionId(answer.version_id)).collect();
    versions.sort();
    versions.dedup();
    let rows = queries::list_sums(conn, &versions)?;
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let design = design::current(conn)?;
    let Some(company) = queries::find_company(conn, invitation.company_id)? else {
        return Ok(vec![]);
    };
    let kins = traits(&design, &company, now.date()).kins();
    let situation = invitations::find_situation(conn, invitation.id)?;
    let transaction = situation.as_ref().and_then(|situation| situation.transaction_id);
    let language = situation.and_then(|situation| situation.language);
    // As on the form: the page names the company, and nobody.
    let fields = Fields {
        first_name: None,
        last_name: None,
        email: None,
        ..fields::load(
            conn,
            &design,
            invitation.contact_id,
            invitation.company_id,
            transaction,
            letterhead.sender(),
        )?
    };
    let min_group = design.framework.settings.min_group;
    let asked = design.framework.questions().filter_map(|(_, question)| {
        let version = design.version_of(&question.code)?;
        versions.contains(&version.id).then_some(version)
    });
    let mut all = Vec::new();
    for version in asked {
        let mut of_version: BTreeMap<String, Vec<(String, Sums)>> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.version_id == version.id.0) {
            let of_row = of_version.entry(row.row_code.clone()).or_default();
            of_row.push((row.kin.clone(), row.sums()?));
        }
        let told = about(
            &version.question,
            &kins,
            of_version,
            min_group,
            language.as_deref(),
            &fields,
        );
        all.extend(told);
        if all.len() == QUESTIONS {
            break;
        }
    }
    Ok(all)
}

/// The sums of the nearest kin that has any, or of all kins together.
fn of_kin(kins: &[Kin], sums: &[(String, Sums)], min_group: u32) -> Option<(Among, Sums)> {
    let near = kins.iter().find_map(|kin| {
        let among = match kin {
            Kin::Industry(_) => Among::Industry,
            Kin::Tenure(_) => Among::Tenure,
            Kin::Everybody => return None,
        };
        let found = sums.iter().find(|(key, _)| *key == kin.key());
        found
            .filter(|(_, sums)| sums.are_enough(min_group))
            .map(|(_, sums)| (among, sums.clone()))
    });
    near.or_else(|| {
        let mut all = Sums::default();
        for (_, sums) in sums {
            all.add(sums.companies, sums.respondents, &sums.voices);
        }
        all.are_enough(min_group).then_some((Among::Everybody, all))
    })
}

fn about(
    question: &Question,
    kins: &[Kin],
    mut by_row: BTreeMap<String, Vec<(String, Sums)>>,
    min_group: u32,
    language: Option<&str>,
    fields: &Fields,
) -> Option<Told> {
    let texts = question.texts(language);
    let (among, companies, figures) = match &question.kind {
        Kind::Matrix { min, max, rows, .. } => {
            let mut means = Vec::new();
            let mut seen: Option<(Among, u64)> = None;
            for row in rows {
                let sums = by_row.remove(&row.code).unwrap_or_default();
                let Some((among, sums)) = of_kin(kins, &sums, min_group) else {
                    continue;
                };
                // Rows that are told about different companies do not stand side by side.
                if seen.is_some_and(|(first, _)| first != among) {
                    continue;
                }
                let words = texts.and_then(|texts| texts.rows.get(&row.code)).unwrap_or(&row.text);
                let roughly = sums.roughly(min_group);
                means.extend(sums.mean(*min, *max).map(|mean| (words.clone(), mean)));
                seen = Some((among, seen.map_or(roughly, |(_, least)| least.min(roughly))));
            }
            let (among, companies) = seen?;
            means.sort_by(|a, b| b.1.total_cmp(&a.1));
            means.truncate(rules::BARS);
            let (min, max) = (*min, *max);
            (among, companies, Figures::Means { min, max, means })
        }
        Kind::Rating { .. } | Kind::Nps { .. } => {
            let (min, max) = match &question.kind {
                Kind::Rating { min, max, .. } => (*min, *max),
                _ => (0, 10),
            };
            let (among, sums) = of_kin(kins, &by_row.remove("")?, min_group)?;
            let means = vec![(String::new(), sums.mean(min, max)?)];
            (among, sums.roughly(min_group), Figures::Means { min, max, means })
        }
        Kind::Text { .. } => return None,
        kind => {
            let (among, sums) = of_kin(kins, &by_row.remove("")?, min_group)?;
            let words = |(code, share): (String, f64)| {
                let option = kind.options().iter().find(|option| option.code == code)?;
                Some((control::words(question, option, language), share))
            };
            let shares: Vec<_> = sums.shares(kind).into_iter().filter_map(words).collect();
            if shares.is_empty() {
                return None;
            }
            (among, sums.roughly(min_group), Figures::Shares(shares))
        }
    };
    let text = texts.and_then(|texts| texts.text.as_ref()).unwrap_or(&question.text);
    Some(Told {
        question: fields.fill(text),
        among,
        companies,
        figures,
    })
}
