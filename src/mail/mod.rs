//! Letters, the outbox and the way out.
//!
//! A mail is a row of the outbox from the moment it is decided on; its bytes are frozen when it is
//! first claimed (told by what they have that their [`specimen`] has not), and every attempt sends the
//! same ones. [`outbox`] moves a row from state to
//! state, [`letters`] writes what it says, [`dkim`] signs it, [`transport`] hands it to a server, [`classify`] says
//! what the server's reply means, [`token`] makes the links. When a mail is due, whom it goes to
//! and what follows it is `drip`'s.

pub mod captured;
pub mod classify;
pub mod dkim;
pub mod fields;
pub mod letterhead;
pub mod letters;
pub mod outbox;
mod queries;
pub mod specimen;
pub mod strikes;
pub mod suppression;
pub mod token;
pub mod transport;
pub mod wishes;
