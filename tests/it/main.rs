//! The whole of Dripline, from outside.

mod accounts;
mod answers;
mod api;
mod browser;
mod chain;
mod cli;
mod companies;
mod drip;
mod drips_pages;
mod export;
mod house;
mod import;
mod insight;
mod login;
mod mail;
mod method_vectors;
mod needs;
mod pages;
mod reframe;
mod respond;
mod store;
mod web;
// A rig serves tests that are still to be written, too.
#[allow(dead_code, unused_imports)]
mod support;
