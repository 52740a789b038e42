//! Words that people read: how long they may be, what they may hold, which merge fields they may use.

use crate::framework::fault::{Findings, Place};
use crate::framework::merge::{MergeField, Template};
use crate::framework::wording::{is_unseen, quoted};

const MOST_IN_NAME: usize = 200;
const MOST_IN_SUBJECT: usize = 300;
const MOST_IN_TEXT: usize = 2_000;
const MOST_IN_BODY: usize = 20_000;

/// Which merge fields mean something in a text.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    pub transaction: bool,
    pub links: bool,
}

impl Scope {
    /// A question may be sent by any drip; a mail's links mean nothing on its form.
    pub const QUESTION: Scope = Scope {
        transaction: true,
        links: false,
    };
}

/// A name: one line, not blank.
pub fn name(text: &str, place: Place, findings: &mut Findings) {
    not_blank(text, &place, findings);
    plain(text, MOST_IN_NAME, false, &place, findings);
}

/// A short text that may be left out: the words at the end of a scale, say.
pub fn label(text: &str, place: Place, findings: &mut Findings) {
    plain(text, MOST_IN_NAME, false, &place, findings);
}

/// An entry of a list: some sentences, not blank.
pub fn line(text: &str, place: Place, findings: &mut Findings) {
    not_blank(text, &place, findings);
    lines(text, place, findings);
}

/// A longer text that may be left out.
pub fn lines(text: &str, place: Place, findings: &mut Findings) {
    plain(text, MOST_IN_TEXT, true, &place, findings);
}

/// What a form shows and has to have: a question, an option, a title.
pub fn asked(text: &str, place: Place, findings: &mut Findings) {
    not_blank(text, &place, findings);
    shown(text, place, findings);
}

/// What a form shows if it is there: a help text.
pub fn shown(text: &str, place: Place, findings: &mut Findings) {
    plain(text, MOST_IN_TEXT, true, &place, findings);
    merged(text, Scope::QUESTION, &place, findings);
}

/// Markdown on a form.
pub fn intro(text: &str, place: Place, findings: &mut Findings) {
    plain(text, MOST_IN_BODY, true, &place, findings);
    merged(text, Scope::QUESTION, &place, findings);
}

pub fn subject(text: &str, scope: Scope, place: Place, findings: &mut Findings) {
    not_blank(text, &place, findings);
    plain(text, MOST_IN_SUBJECT, false, &place, findings);
    merged(text, Scope { links: false, ..scope }, &place, findings);
}

/// Markdown in a mail.
pub fn body(text: &str, scope: Scope, place: Place, findings: &mut Findings) {
    plain(text, MOST_IN_BODY, true, &place, findings);
    merged(text, Scope { links: true, ..scope }, &place, findings);
}

pub fn not_blank(text: &str, place: &Place, findings: &mut Findings) {
    if text.trim().is_empty() {
        findings.add(place.clone(), "must not be blank");
    }
}

fn plain(text: &str, most: usize, several_lines: bool, place: &Place, findings: &mut Findings) {
    let length = text.chars().count();
    if length > most {
        findings.add(
            place.clone(),
            format!("has {length} characters; at most {most} are allowed"),
        );
    }
    let break_or_tab = |c: char| matches!(c, '\n' | '\t');
    let refused = |c: char| is_unseen(c) || c.is_control() && !(several_lines && break_or_tab(c));
    let Some(found) = text.chars().find(|c| refused(*c)) else {
        return;
    };
    let message = match found {
        '\n' => "must be on one line".to_owned(),
        '\t' => "must not hold a tab".to_owned(),
        c => format!("must not hold the unprintable character U+{:04X}", u32::from(c)),
    };
    findings.add(place.clone(), message);
}

fn merged(text: &str, scope: Scope, place: &Place, findings: &mut Findings) {
    let template = match Template::parse(text) {
        Ok(template) => template,
        Err(faults) => {
            for fault in faults {
                let line = text[..fault.offset].matches('\n').count() + 1;
                let whereabouts = if text.contains('\n') {
                    format!("on its line {line}: ")
                } else {
                    String::new()
                };
                findings.add(place.clone(), format!("{whereabouts}{}", fault.message));
            }
            return;
        }
    };
    let mut said: Vec<MergeField> = Vec::new();
    for field in template.fields() {
        if let Some(reason) = out_of_scope(field, scope)
            && !said.contains(&field)
        {
            said.push(field);
            findings.add(
                place.clone(),
                format!("the merge field {} {reason}", quoted(field.name())),
            );
        }
    }
}

fn out_of_scope(field: MergeField, scope: Scope) -> Option<&'static str> {
    if field.is_link() && !scope.links {
        Some("belongs in the body of a mail; take it out here")
    } else if field.is_of_transaction() && !scope.transaction {
        Some("is known only to a drip with trigger = \"transaction\"")
    } else {
        None
    }
}
