//! Enrolments, and what is due when.
//!
//! A contact on its way through a drip is an enrolment; each step it reaches becomes an invitation
//! with its links and a row of the outbox, all in one transaction. State is kept per message,
//! never as a place in a list: whatever is interrupted goes on where it stood.
//! What a mail says and how it leaves is `mail`'s; what its link opens is `respond`'s.

pub mod adaptive;
mod audience {
    pub mod queries;
}
pub mod backlog;
pub mod breaker;
pub mod calm;
pub mod claim;
pub mod destination;
mod edit;
mod enrol;
pub mod forecast;
mod invitations {
    pub mod queries;
}
mod logbook;
pub mod offers;
pub mod overview;
pub mod pace;
pub mod preview;
pub mod queries;
pub mod questions;
pub mod queue;
pub mod rules;
pub mod send;
pub mod settle;
pub mod state;
mod step;
mod stop;
pub mod trial;
pub mod window;

pub use backlog::{release as release_backlog, spread as spread_backlog};
pub use calm::{calm, calm_drip};
pub use enrol::{
    Enrolled, Reason, Refusal, Skipped, Unmailable, Who, enrol, list_unmailable, transactions_arrived, watch_audiences,
};
pub use state::{pause, resume, resume_sending, sending_paused, switch};
pub use step::{
    BATCH, Closed, close_due, make_due, next_due, note_answered, note_failed, note_sent, resubscribe, step_of,
    unsubscribe,
};
pub use stop::{Stopped, stop};
