//! A fictional but lifelike installation: Lindenwerk, a maker of factory software, and its customers.
//!
//! Everything comes in by the ways that a real installation uses: the framework is applied, the
//! companies and contacts are imported from CSV, the drip is enrolled and run day by day, and the
//! contacts answer by the links in their captured mails. Made from a fixed seed, so that every demo
//! tells the same story.

mod answering;
mod habits;
mod people;
mod playbooks;
mod queries;

pub use answering::{Taste, fields};
pub use habits::{purchases_csv, usage_csv};
pub use people::{Cast, Customer, Habit, Person, cast};
pub use playbooks::{Novelty, OFFERS, PROMISES, Promise, playbooks};
pub use queries::{Asked, list_asked};

/// The demo's framework, in the file's own spelling.
pub const FRAMEWORK: &str = include_str!("framework.toml");

/// The drip that everybody gets.
pub const DRIP: &str = "why-us";
