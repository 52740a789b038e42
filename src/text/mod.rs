//! Text as it comes in from people and files, and figures as they go out to readers.
//!
//! Pure: bytes and values in, values and text out. What a name, an address or a cell *means* is
//! for the capabilities to say; here it is made safe to keep and fit to be read.

/// A code made from a text.
pub mod code;
/// Two texts beside each other, with the words that differ.
pub mod compared;
/// CSV in: dialects, faults with their places; and the guard for cells going out.
pub mod csv;
/// Names, addresses and search keys, each brought to one form.
pub mod fold;
mod free_mail;

/// Numbers, shares, money and dates for readers.
pub mod figures;
/// Markdown to safe HTML and to plain prose.
pub mod markdown;
