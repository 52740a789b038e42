//! What an adaptive step asks (METHOD.md section 8).
//!
//! Chosen once, when its mail is made, and kept with the invitation, so that the form stays the same
//! while it is filled in. What colleagues have been asked and can still answer counts as answered:
//! four people of one company who are mailed in the same minute share the battery out, instead of
//! all getting the same three questions.

mod queries;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::answers::Stored;
use crate::design::{Design, QuestionVersion};
use crate::framework::{Adaptive, Code};
use crate::ids::{CompanyId, ContactId, InvitationId};
use crate::method::adaptive::{Candidate, Evidence, Known, choose};
use crate::method::calibrate::Calibration;
use crate::needs::{self, tally};
use crate::store::{self, Conn};

/// What is known of some companies, for choosing what their people are asked next.
pub struct Choices<'d> {
    design: &'d Design,
    calibrations: Vec<Calibration>,
    companies: HashMap<CompanyId, Company>,
    roles: HashMap<ContactId, f64>,
}

#[derive(Default)]
struct Company {
    colleagues: BTreeMap<ContactId, Colleague>,
    /// By need in play; none: the company cannot be assigned yet.
    directions: Option<Vec<f64>>,
    confidence: Option<f64>,
}

/// What one contact has answered, or was asked and can still answer.
#[derive(Default)]
struct Colleague {
    questions: BTreeSet<Code>,
    /// By need in play, how far each answer sets contacts apart.
    ranges: Vec<Vec<f64>>,
}

impl<'d> Choices<'d> {
    /// For these people, each with the company for which it would answer.
    pub fn load(conn: &mut Conn, design: &'d Design, people: &[(ContactId, CompanyId)]) -> store::Result<Choices<'d>> {
        let mut choices = Choices {
            design,
            calibrations: Vec::new(),
            companies: HashMap::new(),
            roles: HashMap::new(),
        };
        if people.is_empty() {
            return Ok(choices);
        }
        choices.calibrations = needs::calibrations(conn, design)?;
        let ids: BTreeSet<CompanyId> = people.iter().map(|(_, company)| *company).collect();
        let ids: Vec<CompanyId> = ids.into_iter().collect();
        choices.note_answers(&queries::list_answers(conn, &ids)?);
        for (company, contact, questions) in queries::list_open(conn, &ids)? {
            for code in codes(&questions)? {
                choices.note_asked(company, contact, &code);
            }
        }
        let of: HashMap<ContactId, CompanyId> = people.iter().copied().collect();
        let contacts: Vec<ContactId> = of.keys().copied().collect();
        for (contact, question) in queries::list_answered(conn, &contacts)? {
            if let Some(company) = of.get(&contact) {
                choices.colleague(*company, contact).questions.insert(question);
            }
        }
        for (company, segment, runner_up, confidence) in queries::list_surveys(conn, &ids)? {
            let directions = choices.directions(&segment, runner_up.as_deref());
            let known = choices.companies.entry(company).or_default();
            known.confidence = confidence;
            known.directions = directions;
        }
        let mut known: BTreeSet<ContactId> = contacts.into_iter().collect();
        known.extend(choices.companies.values().flat_map(|company| company.colleagues.keys()));
        let known: Vec<ContactId> = known.into_iter().collect();
        for (contact, role) in queries::list_roles(conn, &known)? {
            choices.roles.insert(contact, design.role_weight(role.as_deref()));
        }
        Ok(choices)
    }

    /// What to ask the contact, the most telling first; nothing when the company is known well
    /// enough, or when the contact has answered it all. Whoever is asked next is asked beside it.
    pub fn choose(&mut self, adaptive: &Adaptive, contact: ContactId, company: CompanyId) -> Vec<Arc<QuestionVersion>> {
        let design = self.design;
        let known = self.companies.entry(company).or_default();
        let is_known_enough = adaptive
            .stop_at_confidence
            .zip(known.confidence)
            .is_some_and(|(enough, confidence)| confidence >= enough);
        if is_known_enough {
            return Vec::new();
        }
        let asked = known.colleagues.get(&contact).map(|own| &own.questions);
        let pool: Vec<Arc<QuestionVersion>> = adaptive
            .pool
            .iter()
            .flat_map(|set| design.questions_of(set))
            // Outside its set a condition has nothing to hang on.
            .filter(|version| version.question.show_if.is_none())
            .filter(|version| asked.is_none_or(|asked| !asked.contains(&version.question.code)))
            .collect();
        let candidates: Vec<Candidate> = pool
            .iter()
            .map(|version| Candidate {
                adds: self.adds(version),
                answered: self.answered(company, contact, &version.question.code),
            })
            .collect();
        let role_weight = self.role_weight(contact);
        let chosen = choose(
            &self.known(company, contact),
            role_weight,
            &candidates,
            adaptive.ask as usize,
        );
        let chosen: Vec<Arc<QuestionVersion>> = chosen.into_iter().map(|at| pool[at].clone()).collect();
        for version in &chosen {
            self.note_asked(company, contact, &version.question.code);
        }
        chosen
    }

    fn known(&self, company: CompanyId, contact: ContactId) -> Vec<Known> {
        let company = self.companies.get(&company);
        let in_play = self.design.profiles.in_play().iter().enumerate();
        in_play
            .map(|(at, need)| {
                let weights = |(of, colleague): (&ContactId, &Colleague)| {
                    let role_weight = self.role_weight(*of);
                    let ranges = colleague.ranges.get(at).into_iter().flatten();
                    let weights: Vec<f64> = ranges.map(|range| role_weight * range).collect();
                    (*of == contact, weights)
                };
                let colleagues = company.into_iter().flat_map(|company| &company.colleagues);
                let (own, others): (Vec<_>, Vec<_>) = colleagues.map(weights).partition(|(is_own, _)| *is_own);
                let own: Vec<f64> = own.into_iter().flat_map(|(_, weights)| weights).collect();
                Known {
                    direction: company
                        .and_then(|company| company.directions.as_ref())
                        .map_or(1.0, |directions| directions[at]),
                    calibration: self.calibrations[*need],
                    evidence: Evidence::of(&own, others.iter().map(|(_, weights)| weights.as_slice())),
                }
            })
            .collect()
    }

    /// The needs in play, by their places among these, that the question's answers speak of.
    fn adds(&self, version: &QuestionVersion) -> Vec<(usize, f64)> {
        let ranges = version.scoring.items.iter().flat_map(|item| item.ranges());
        ranges
            .filter_map(|(need, range)| Some((self.place(need)?, range)))
            .collect()
    }

    fn place(&self, need: usize) -> Option<usize> {
        self.design.profiles.in_play().iter().position(|known| *known == need)
    }

    /// How many colleagues have answered the question.
    fn answered(&self, company: CompanyId, contact: ContactId, question: &str) -> u32 {
        let colleagues = self.companies.get(&company).into_iter().flat_map(|c| &c.colleagues);
        let others = colleagues.filter(|(of, colleague)| **of != contact && colleague.questions.contains(question));
        others.count() as u32
    }

    fn role_weight(&self, contact: ContactId) -> f64 {
        self.roles.get(&contact).copied().unwrap_or(1.0)
    }

    fn directions(&self, segment: &str, runner_up: Option<&str>) -> Option<Vec<f64>> {
        let first = self.design.segment_index(segment)?;
        let second = self.design.segment_index(runner_up?)?;
        let profiles = &self.design.profiles;
        let pairs = profiles.unit(first).iter().zip(profiles.unit(second));
        Some(pairs.map(|(first, second)| first - second).collect())
    }

    /// The newest answer to each item; one without an opinion is an answer, and says nothing.
    fn note_answers(&mut self, answers: &[Stored]) {
        let design = self.design;
        let is_same_item = |a: &Stored, b: &Stored| {
            (a.company_id, a.contact_id, &a.question, &a.row_code)
                == (b.company_id, b.contact_id, &b.question, &b.row_code)
        };
        for item in answers.chunk_by(is_same_item) {
            let Some(newest) = item.last() else { continue };
            let (company, contact) = (CompanyId(newest.company_id), ContactId(newest.contact_id));
            let ranges: Vec<(usize, f64)> = match tally::opinion(design, newest) {
                Some((item, _)) => item.ranges().collect(),
                None => Vec::new(),
            };
            self.note(company, contact, &newest.question, &ranges);
        }
    }

    fn note_asked(&mut self, company: CompanyId, contact: ContactId, question: &str) {
        let version = self.design.version_of(question);
        let items = version.iter().flat_map(|version| &version.scoring.items);
        let ranges: Vec<(usize, f64)> = items.flat_map(|item| item.ranges()).collect();
        self.note(company, contact, question, &ranges);
    }

    fn note(&mut self, company: CompanyId, contact: ContactId, question: &str, ranges: &[(usize, f64)]) {
        let placed: Vec<(usize, f64)> = ranges
            .iter()
            .filter_map(|(need, range)| Some((self.place(*need)?, *range)))
            .collect();
        let colleague = self.colleague(company, contact);
        colleague.questions.insert(question.to_owned());
        for (place, range) in placed {
            colleague.ranges[place].push(range);
        }
    }

    fn colleague(&mut self, company: CompanyId, contact: ContactId) -> &mut Colleague {
        let needs = self.design.profiles.in_play().len();
        let colleagues = &mut self.companies.entry(company).or_default().colleagues;
        let colleague = colleagues.entry(contact).or_default();
        colleague.ranges.resize(needs, Vec::new());
        colleague
    }
}

/// What was chosen for the invitation; none where nothing had to be chosen.
pub fn chosen(
    conn: &mut Conn,
    design: &Design,
    invitation: InvitationId,
) -> store::Result<Option<Vec<Arc<QuestionVersion>>>> {
    let Some(questions) = queries::find_questions(conn, invitation)? else {
        return Ok(None);
    };
    let codes = codes(&questions)?;
    Ok(Some(
        codes
            .iter()
            .filter_map(|code| design.version_of(code).cloned())
            .collect(),
    ))
}

/// For one contact, for the company that it belongs to now.
pub fn choose_for(
    conn: &mut Conn,
    design: &Design,
    adaptive: &Adaptive,
    contact: ContactId,
) -> store::Result<Vec<Arc<QuestionVersion>>> {
    let Some(company) = queries::find_company(conn, contact)? else {
        return Ok(Vec::new());
    };
    Ok(Choices::load(conn, design, &[(contact, company)])?.choose(adaptive, contact, company))
}

/// As an invitation keeps them.
pub fn written(chosen: &[Arc<QuestionVersion>]) -> String {
    let codes: Vec<&str> = chosen.iter().map(|version| version.question.code.as_str()).collect();
    serde_json::json!(codes).to_string()
}

fn codes(written: &str) -> store::Result<Vec<Code>> {
    serde_json::from_str(written).map_err(|error| store::Error::DeserializationError(Box::new(error)))
}
