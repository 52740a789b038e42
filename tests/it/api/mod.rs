//! The API, as a program uses it.

mod companies;
mod outbox;
