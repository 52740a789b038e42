//! What a link was answered with so far.

use std::sync::Arc;

use chrono::NaiveDateTime;

use super::paging::Given;
use crate::answers::{self, NewAnswer, Stored, json};
use crate::design::QuestionVersion;
use crate::drip::queries::InvitationRow;
use crate::store::{self, Conn};

/// All that was answered by one link, the oldest first, by whomever and whatever.
#[derive(Debug, Default)]
pub struct Record(Vec<Stored>);

/// As far as `since` asks for what looks like a program's, or somebody has answered.
pub fn load(conn: &mut Conn, invitation: &InvitationRow, since: Option<NaiveDateTime>) -> store::Result<Record> {
    // Whatever a person sends raises it.
    if invitation.rev == 0 && since.is_none() {
        return Ok(Record::default());
    }
    answers::list_of_invitation(conn, invitation.contact_id, invitation.id).map(Record)
}

impl Record {
    /// What people answered.
    pub fn given(&self, invitation: &InvitationRow, versions: &[Arc<QuestionVersion>]) -> Given {
        self.given_with(invitation, versions, None)
    }

    /// The same with all that was answered in a sitting that began then: who was taken for a program
    /// on one page is asked what follows from it all the same.
    pub fn given_with(
        &self,
        invitation: &InvitationRow,
        versions: &[Arc<QuestionVersion>],
        began: Option<NaiveDateTime>,
    ) -> Given {
        let is_own = |at: NaiveDateTime| began.is_some_and(|began| at >= began);
        let passed = invitation.passed.split_whitespace().map(str::to_owned);
        Given {
            answers: newest(
                versions,
                self.0.iter().filter(|answer| !answer.suspect || is_own(answer.at)),
            ),
            passed: passed.collect(),
        }
    }

    /// What was answered from then on, also where it looks like a program's.
    pub fn since(&self, at: NaiveDateTime, versions: &[Arc<QuestionVersion>]) -> Vec<NewAnswer> {
        newest(versions, self.0.iter().filter(|answer| answer.at >= at))
    }

    /// Whether each of these is what was answered last, by a person or by what looks like a program.
    pub fn holds(&self, given: &[NewAnswer], suspect: bool) -> bool {
        given.iter().all(|answer| {
            let written = json::write(&answer.value).to_string();
            self.newest_of(answer, suspect).is_some_and(|old| old.value == written)
        })
    }

    /// Whether a person has answered one of these otherwise.
    pub fn contradicts(&self, given: &[NewAnswer]) -> bool {
        given.iter().any(|answer| {
            let written = json::write(&answer.value).to_string();
            self.newest_of(answer, false).is_some_and(|old| old.value != written)
        })
    }

    fn newest_of(&self, answer: &NewAnswer, suspect: bool) -> Option<&Stored> {
        let row = answer.row.as_deref().unwrap_or("");
        let mut stored = self.0.iter().rev().filter(|old| old.suspect == suspect);
        stored.find(|old| old.question == answer.question && old.row_code == row)
    }

    pub fn has_suspect(&self) -> bool {
        self.0.iter().any(|answer| answer.suspect)
    }
}

/// The newest answer to each item of these questions.
fn newest<'s>(versions: &[Arc<QuestionVersion>], stored: impl Iterator<Item = &'s Stored>) -> Vec<NewAnswer> {
    let mut newest: Vec<NewAnswer> = Vec::new();
    for answer in stored {
        let version = versions.iter().find(|version| version.id.0 == answer.version_id);
        let Some(read) = version.and_then(|version| json::read_stored(&version.question, &answer.value)) else {
            continue;
        };
        let row = Some(answer.row_code.clone()).filter(|row| !row.is_empty());
        newest.retain(|older| older.question != answer.question || older.row != row);
        newest.extend(version.map(|version| NewAnswer {
            question: answer.question.clone(),
            version: version.id,
            row,
            value: read,
        }));
    }
    newest
}
