//! The whole of Dripline, from outside.

mod accounts;
mod answers;
mod api;
mod browser;
mod chain;
mod cli;
mod companies;
mod delivery;
mod doctor;
mod drip;
mod drip_backlog;
mod drip_calendar;
mod drip_edit;
mod drip_enrol;
mod export;
mod house;
mod import;
mod incoming;
mod insight;
mod letters;
mod login;
mod mail;
mod method_vectors;
mod needs;
mod pages;
mod preferences;
mod privacy;
mod reframe;
mod respond;
mod scanners;
mod store;
mod tls;
mod web;
// A rig serves tests that are still to be written, too.
#[allow(dead_code, unused_imports)]
mod support;
