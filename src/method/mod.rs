//! The arithmetic of METHOD.md: from answers to one needs segment per company.
//!
//! Plain values in, plain values out: no database, no clock, no names of needs or segments. Needs
//! and segments are places in lists that the caller keeps in the framework's order. What an answer
//! is, which ones are the newest and whose they are is `answers`' and `needs`' to say.

/// Section 2: the points of one answer.
pub mod points;
/// Section 3: a company's score, and how sure it is.
pub mod score;
/// Section 3: the figures that the whole installation lends to each company.
pub mod calibrate;
/// Section 4: the share of possible true needs that the segment fits best.
mod confidence;
/// Section 4: one segment or none, by survey or by coded deals.
pub mod segment;
/// Beside section 4: how well an offer meets what a company needs.
pub mod offer;
/// Section 4 read backwards: what would make the second segment win.
pub mod flip;
/// Section 4: how many answers it takes to tell two segments apart.
pub mod likeness;
/// Calendar months, counted.
pub mod month;
/// Section 5: new, long-standing or unknown.
pub mod tenure;
/// Section 5: the difference between two groups of companies, and how sure it is.
pub mod compare;
/// Beside section 5: the difference that so many companies could have shown.
pub mod power;
/// Student's t, for `compare` and `power`.
mod student;
/// Sections 5 and 7: counts in two directions.
pub mod overlay;
/// Section 6: whether contacts may be added up to a company.
pub mod agreement;
/// Section 7: value tiers.
pub mod tier;
/// Which groups are too small to tell of.
pub mod guard;
/// Bands of employees.
pub mod size;
/// Section 7: sales tags against survey.
pub mod kappa;
/// Beside section 7: how well an attribute gives away the segment.
pub mod guess;
/// Beside section 7: the directions in which companies differ most, for a map of them.
pub mod components;
/// Beside section 7: how a company behaves, told by rules from what it bought.
pub mod behaviour;
/// Beside section 7: what a company bought.
pub mod purchases;
/// Beside section 7: how often a company uses what, and whether that falls.
pub mod usage;
/// Section 8: which questions to ask next.
pub mod adaptive;
/// Section 9: segments found in the data.
pub mod discover;
/// Section 9: which found segment is most like which of today's.
pub mod resemblance;
