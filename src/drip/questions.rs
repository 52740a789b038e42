//! Which questions a step asks a contact.

use std::sync::Arc;

use super::queries;
use crate::design::{Design, QuestionVersion};
use crate::framework::{Step, StepContent};
use crate::ids::{CompanyId, ContactId, InvitationId};
use crate::store::{self, Conn};

/// The step's questions in their order; none for a message.
///
/// An adaptive step asks what the contact has not answered yet, in the order of its sets; answers
/// to this very invitation do not count, so that the form stays the same while it is filled in.
pub fn of_step(
    conn: &mut Conn,
    design: &Design,
    step: &Step,
    contact: ContactId,
    invitation: Option<InvitationId>,
) -> store::Result<Vec<Arc<QuestionVersion>>> {
    match &step.content {
        StepContent::Message { .. } => Ok(Vec::new()),
        StepContent::Questions { question_set, .. } => Ok(design.questions_of(question_set)),
        StepContent::Adaptive { adaptive, .. } => {
            let answered = queries::list_answered(conn, contact, invitation)?;
            let pool = adaptive.pool.iter().flat_map(|set| design.questions_of(set));
            let open = pool.filter(|version| {
                // Outside its set a condition has nothing to hang on.
                version.question.show_if.is_none() && !answered.contains(&version.question.code)
            });
            Ok(open.take(adaptive.ask as usize).collect())
        }
    }
}

/// False for an adaptive step that has nothing left to ask, or whose company is known well enough.
pub(super) fn is_worth_sending(
    conn: &mut Conn,
    design: &Design,
    step: &Step,
    contact: ContactId,
    company: CompanyId,
) -> store::Result<bool> {
    let StepContent::Adaptive { adaptive, .. } = &step.content else {
        return Ok(true);
    };
    if let Some(enough) = adaptive.stop_at_confidence
        && confidence(conn, company)?.is_some_and(|confidence| confidence >= enough)
    {
        return Ok(false);
    }
    Ok(!of_step(conn, design, step, contact, None)?.is_empty())
}

fn confidence(conn: &mut Conn, company: CompanyId) -> store::Result<Option<f64>> {
    queries::find_confidence(conn, company)
}
