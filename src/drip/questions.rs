//! Which questions a step asks a contact.

use std::sync::Arc;

use super::adaptive;
use crate::design::{Design, QuestionVersion};
use crate::framework::{Step, StepContent};
use crate::ids::{ContactId, InvitationId};
use crate::store::{self, Conn};

/// The step's questions in their order; none for a message. An adaptive step's were chosen when its
/// mail was made; before that, what would be chosen now.
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
            if let Some(invitation) = invitation
                && let Some(chosen) = adaptive::chosen(conn, design, invitation)?
            {
                return Ok(chosen);
            }
            adaptive::choose_for(conn, design, adaptive, contact)
        }
    }
}
