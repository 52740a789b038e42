//! One page before a call: what sales environment one walks into, what to say and what not, what to do
//! next, who is there, and what to find out. It prints on one sheet: whatever is long is cut to what
//! somebody reads in ten seconds, and the company's page has the rest.

use actix_web::web::{Data, Path};
use askama::Template;

use super::{Subject, role_word};
use crate::clock::Clock;
use crate::companies::contacts::Listed;
use crate::framework::Code;
use crate::insight::company::{self, Open};
use crate::needs::{self, SegmentChangeRow};
use crate::plan::Step;
use crate::store::Db;
use crate::text::figures;
use crate::web::error::AppError;
use crate::web::page::Page;
use crate::web::session::{Sales, Sight};

/// Lines of each list.
const LINES: usize = 4;
/// Questions to ask.
const QUESTIONS: u32 = 3;
/// People named for each role.
const PEOPLE: usize = 3;
/// Changes of its segment.
const CHANGES: usize = 3;
/// Roles on the map.
const ROLES: usize = 6;

#[derive(Template)]
#[template(path = "companies/brief.html")]
pub struct Brief {
    subject: Subject,
    open: Open,
    changes: Vec<SegmentChangeRow>,
}

/// A line of the playbook, and why it stands there.
struct Line<'s> {
    words: &'s str,
    reason: Option<&'s str>,
}

/// A buying role on the map.
struct Place<'s> {
    role: String,
    people: Vec<Person<'s>>,
    more: usize,
    /// What stands in place of an answer: nobody is known, or nobody has answered.
    missing: Option<&'static str>,
}

struct Person<'s> {
    name: std::borrow::Cow<'s, str>,
    answered: bool,
}

/// `GET /companies/{external_id}/brief`
pub async fn show(
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
    _: Sales,
    Sight(viewer): Sight,
) -> Result<Page<Brief>, AppError> {
    let now = clock.now();
    let page = db
        .read(move |conn| {
            let subject = Subject::read(conn, now, &viewer, &external_id)?;
            let (design, company) = (subject.design.clone(), subject.company.id);
            let mut changes = needs::list_changes(conn, company)?;
            changes.reverse();
            changes.truncate(CHANGES);
            Ok::<_, AppError>(Brief {
                open: company::open(
                    conn,
                    &design,
                    company,
                    &subject.standing.needs,
                    &subject.contacts,
                    QUESTIONS,
                )?,
                changes,
                subject,
            })
        })
        .await?;
    Ok(Page(page))
}

impl Brief {
    fn say(&self) -> Vec<Line<'_>> {
        let Some(segment) = self.subject.segment() else {
            return vec![];
        };
        let playbook = &self.subject.playbook;
        let lines = segment.talk_about.iter().take(LINES);
        lines
            .map(|line| Line {
                words: line,
                reason: playbook.why_talk_about(line),
            })
            .collect()
    }

    fn avoid(&self) -> Vec<Line<'_>> {
        let Some(segment) = self.subject.segment() else {
            return vec![];
        };
        let playbook = &self.subject.playbook;
        let lines = segment.avoid.iter().take(LINES);
        lines
            .map(|line| Line {
                words: line,
                reason: playbook.why_avoid(line),
            })
            .collect()
    }

    /// What to do next: the plan's open steps, else what the playbook begins with.
    fn next(&self) -> Vec<&Step> {
        let steps = self.subject.plan.steps.iter();
        steps.filter(|step| step.is_open()).take(LINES).collect()
    }

    fn begin_with(&self) -> impl Iterator<Item = &String> {
        let actions = self.subject.segment().map(|segment| segment.actions.as_slice());
        actions.unwrap_or_default().iter().take(LINES)
    }

    /// The roles that the framework weighs, and whatever else there is.
    fn map(&self) -> Vec<Place<'_>> {
        let framework = &self.subject.design.framework;
        let mut roles: Vec<Option<Code>> = framework.roles.iter().map(|role| Some(role.code.clone())).collect();
        for contact in &self.subject.contacts {
            if !roles.contains(&contact.role) {
                roles.push(contact.role.clone());
            }
        }
        roles.truncate(ROLES);
        roles.into_iter().map(|role| self.place(role)).collect()
    }

    fn place(&self, role: Option<Code>) -> Place<'_> {
        let mut people: Vec<&Listed> = self.subject.contacts.iter().filter(|one| one.role == role).collect();
        let answered = |contact: &Listed| self.subject.answered.contains(&contact.id);
        people.sort_by_key(|contact| !answered(contact));
        let missing = match people.iter().any(|contact| answered(contact)) {
            _ if people.is_empty() => Some("nobody known"),
            false => Some("silent so far"),
            true => None,
        };
        Place {
            role: role_word(role.as_deref()),
            more: people.len().saturating_sub(PEOPLE),
            people: people
                .into_iter()
                .take(PEOPLE)
                .map(|contact| Person {
                    name: self.subject.contact_name(contact),
                    answered: answered(contact),
                })
                .collect(),
            missing,
        }
    }

    /// Whom to ask the open questions.
    fn whom(&self) -> Option<String> {
        let contact = self
            .subject
            .contacts
            .iter()
            .find(|known| Some(known.id) == self.open.contact)?;
        let role = contact
            .role
            .as_deref()
            .map(|role| format!(" ({})", role_word(Some(role)).to_lowercase()));
        Some(format!(
            "{}{}",
            self.subject.contact_name(contact),
            role.unwrap_or_default()
        ))
    }

    fn missing_needs(&self) -> String {
        let told = |(need, answers): &(String, i32)| match answers {
            0 => format!("{need} (no answer)"),
            n => format!("{need} ({})", figures::counted(i64::from(*n), "answer", "answers")),
        };
        self.open.needs.iter().map(told).collect::<Vec<_>>().join(", ")
    }

    /// The texts of the playbook that say something.
    fn texts(&self) -> Vec<(&'static str, &str)> {
        let texts = crate::plan::playbook::TEXTS.into_iter();
        let all = texts.map(|(field, label, _)| (label, self.subject.playbook.text(field)));
        all.filter(|(_, text)| !text.is_empty()).take(3).collect()
    }

    fn disagreements(&self) -> String {
        let named = self.subject.disagreements().into_iter().take(3);
        named.map(|(need, _)| need).collect::<Vec<_>>().join(", ")
    }
}
