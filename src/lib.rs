//! Dripline: drip questionnaires for business customers, added up per company into needs and one segment.
//!
//! The rooms stand in the order in which they may know one another: a room imports only rooms
//! above it. `tests/it/house.rs` keeps that true; ARCHITECTURE.md draws the map.
#![forbid(unsafe_code)]

/// Every setting, typed, read once.
pub mod config;
/// The only source of "now".
pub mod clock;
/// The keys of rows, each a type of its own.
pub mod ids;

// Pure rooms: no database, no HTTP, no files, no clock, no async.

/// The arithmetic of METHOD.md: points, scores, segments, tenure, comparisons.
pub mod method;
/// Needs, segments, questions and drips as plain types: read, checked, compared.
pub mod framework;
/// Markdown, merge fields, CSV dialects, numbers and dates for readers.
pub mod text;
/// Ready question sets to start from, each with its loadings and its reason.
pub mod library;
/// What we say to respondents, in English, German, French and Spanish.
pub mod phrases;

// The floor.

/// The only room that opens a database.
pub mod store;

// Capabilities, lowest first.

/// Who did what, and when.
pub mod audit;
/// Users, roles, sessions, API tokens, passwords.
pub mod accounts;
/// Companies, their contacts, their transactions.
pub mod companies;
/// What companies bought and use, and what behaviour rules make of it.
pub mod behaviour;
/// The framework as stored: applied, versioned.
pub mod design;
/// Letters, the outbox, the SMTP transport.
pub mod mail;
/// What contacts said, by whatever channel: read per question kind, saved, superseded.
pub mod answers;
/// A company's scores and its one segment, kept up to date.
pub mod needs;
/// Enrolments, and what is due when.
pub mod drip;
/// Calls, mails and meetings noted, and what was said in them taken as answers.
pub mod conversations;
/// What comes back by mail: bounces, complaints, replies.
pub mod incoming;
/// A form opened by its link, recorded; preferences; unsubscribe.
pub mod respond;
/// Playbooks for segments, plans for companies, and what their people should know at once.
pub mod plan;
/// Everything held about one contact: shown, handed out, removed.
pub mod privacy;
/// Companies merged and taken apart again, contacts moved, other names, groups.
pub mod identity;
/// A framework applied, and everything worked out anew.
pub mod reframe;
/// The team proposes needs and segments, votes, and codes what people wrote in own words.
pub mod workshop;
/// Figures for dashboards, always split new | long-standing | unknown.
pub mod insight;
/// CSV in.
pub mod import;
/// CSV and XLSX out.
pub mod export;

/// A fictional installation to try everything on.
pub mod demo;

// Shells: they call verbs, and nothing calls them.

/// The beat: what runs how often, and which verb.
pub mod worker;
/// The only room that knows actix.
pub mod web;
/// One file per command.
pub mod cli;
