//! A framework out of TOML or JSON, or all that is wrong with it.
//!
//! Reading goes on past a fault with something harmless in the faulty value's stead, so that the
//! rest is read and checked too; what may be wrong only because of such a stand-in is not said.

mod drips;
mod fields;
mod questions;
#[cfg(test)]
mod tests;

use super::check;
use super::fault::{Fault, Findings, Place, Problem, untold};
use super::node::{self, Node};
use super::{Cap, Framework, Level, Need, Role, Segment, Settings};
use fields::Fields;

/// Reads a framework written in TOML.
pub fn toml(text: &str) -> Result<Framework, Vec<Fault>> {
    framework(node::from_toml(text)?)
}

/// Reads a framework written in JSON.
pub fn json(text: &str) -> Result<Framework, Vec<Fault>> {
    framework(node::from_json(text)?)
}

fn framework(tree: Node) -> Result<Framework, Vec<Fault>> {
    let mut unread = Findings::default();
    let framework = root(&tree, &mut unread);
    let mut found = check::findings(&framework);
    found.problems.retain(|problem| !problem.is_doubtful(&unread.problems));
    let mut faults: Vec<Fault> = unread
        .problems
        .iter()
        .chain(&found.problems)
        .map(|p| placed(p, &tree))
        .collect();
    if faults.is_empty() {
        return Ok(framework);
    }
    faults.sort_by_key(|fault| (fault.line, fault.column));
    let more = unread.more + found.more;
    if more > 0 {
        faults.push(placed(
            &Problem {
                message: untold(more),
                ..Problem::default()
            },
            &tree,
        ));
    }
    Err(faults)
}

fn placed(problem: &Problem, tree: &Node) -> Fault {
    let position = tree.locate(&problem.place, problem.on_key).0;
    Fault {
        place: problem.place.to_string(),
        line: position.map(|p| p.0),
        column: position.map(|p| p.1),
        message: problem.message.clone(),
    }
}

fn root(tree: &Node, unread: &mut Findings) -> Framework {
    let mut file = Fields::of(tree, Place::root(), unread);
    Framework {
        settings: file.table("settings").map(settings).unwrap_or_default(),
        roles: file.tables("roles", role),
        needs: file.tables("needs", need),
        segments: file.tables("segments", segment),
        question_sets: file.tables("question_sets", questions::question_set),
        drips: file.tables("drips", drips::drip),
    }
}

fn settings(mut fields: Fields) -> Settings {
    let usual = Settings::default();
    Settings {
        tenure_threshold_months: fields
            .whole("tenure_threshold_months")
            .unwrap_or(usual.tenure_threshold_months),
        min_scored_answers: fields.whole("min_scored_answers").unwrap_or(usual.min_scored_answers),
        half_life_days: fields.number("half_life_days"),
        max_mails_per_contact: fields.table("max_mails_per_contact").map(cap),
        max_mails_per_company: fields.table("max_mails_per_company").map(cap),
        min_group: fields.whole("min_group").unwrap_or(usual.min_group),
    }
}

fn cap(mut fields: Fields) -> Cap {
    Cap {
        count: fields.needed_whole("count"),
        days: fields.needed_whole("days"),
    }
}

fn role(mut fields: Fields) -> Role {
    Role {
        code: fields.needed_text("code"),
        weight: fields.needed_number("weight"),
    }
}

fn need(mut fields: Fields) -> Need {
    Need {
        code: fields.needed_text("code"),
        name: fields.needed_text("name"),
        level: fields.needed_word("level", LEVELS).unwrap_or(Level::Strategic),
        description: fields.text("description"),
    }
}

const LEVELS: &[(&str, Level)] = &[
    ("strategic", Level::Strategic),
    ("tactical", Level::Tactical),
    ("personal", Level::Personal),
];

fn segment(mut fields: Fields) -> Segment {
    Segment {
        code: fields.needed_text("code"),
        name: fields.needed_text("name"),
        description: fields.text("description"),
        profile: fields.needed_loads("profile"),
        talk_about: fields.texts("talk_about"),
        avoid: fields.texts("avoid"),
        content: fields.texts("content"),
        actions: fields.texts("actions"),
        spend: fields.text("spend"),
    }
}
