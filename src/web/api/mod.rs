//! The API: JSON for other programs, behind tokens. A file for each resource; the same verbs as
//! the pages.

pub mod answers;
pub mod auth;
pub mod companies;
pub mod contacts;
pub mod discover;
pub mod enrolments;
pub mod framework;
pub mod funnel;
pub mod hands;
mod held;
pub mod insights;
mod json;
pub mod merge;
pub mod outbox;
pub mod problem;
pub mod records;

pub use self::auth::{ApiAdmin, ApiAnalyst, ApiSales};
pub use self::json::ApiJson;
