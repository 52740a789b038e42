//! A ready set taken into a framework: with the needs that it speaks for, or with those of the house in
//! their stead, and with codes that nothing else has.

use std::collections::BTreeMap;

use super::Entry;
use crate::framework::{Code, Framework, Loads, Need, QuestionSet};
use crate::text::code;

/// What becomes of a need of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It is added to the framework, if it is not there.
    Add,
    /// Ours says the same.
    Use(Code),
    /// It does not matter here: nothing is loaded on it.
    Leave,
}

/// What to do with each need of the set, before anybody has said: one of the same code is ours.
pub fn usual(framework: &Framework, entry: &Entry) -> BTreeMap<Code, Choice> {
    let usual = |need: &Need| {
        let same = |ours: &&Need| ours.code == need.code || ours.name.to_lowercase() == need.name.to_lowercase();
        match framework.needs.iter().find(same) {
            Some(ours) => Choice::Use(ours.code.clone()),
            None => Choice::Add,
        }
    };
    entry
        .needs
        .iter()
        .map(|need| (need.code.clone(), usual(need)))
        .collect()
}

/// Adds the set, and the needs it is to bring; the code it got.
pub fn adopt(framework: &mut Framework, entry: &Entry, choices: &BTreeMap<Code, Choice>) -> Code {
    let mut names: BTreeMap<&str, Option<Code>> = BTreeMap::new();
    for need in &entry.needs {
        let name = match choices.get(&need.code) {
            Some(Choice::Use(ours)) => Some(ours.clone()),
            Some(Choice::Leave) => None,
            Some(Choice::Add) | None => {
                if framework.need(&need.code).is_none() {
                    framework.needs.push(need.clone());
                }
                Some(need.code.clone())
            }
        };
        names.insert(&need.code, name);
    }
    let mut set = entry.set.clone();
    set.code = code::free(&set.code, |code| framework.question_set(code).is_some());
    rename_questions(framework, &mut set);
    for question in &mut set.questions {
        for loads in question.loadings_mut() {
            *loads = renamed(loads, &names);
        }
    }
    let code = set.code.clone();
    framework.question_sets.push(set);
    code
}

fn rename_questions(framework: &Framework, set: &mut QuestionSet) {
    let mut renamed: BTreeMap<Code, Code> = BTreeMap::new();
    for question in &mut set.questions {
        let code = code::free(&question.code, |code| framework.question(code).is_some());
        renamed.insert(std::mem::replace(&mut question.code, code.clone()), code);
    }
    for show_if in set
        .questions
        .iter_mut()
        .filter_map(|question| question.show_if.as_mut())
    {
        if let Some(code) = renamed.get(&show_if.question) {
            show_if.question = code.clone();
        }
    }
}

/// Two needs of the library that are one of ours add up.
fn renamed(loads: &Loads, names: &BTreeMap<&str, Option<Code>>) -> Loads {
    let mut ours = Loads::new();
    for (need, load) in loads {
        if let Some(Some(name)) = names.get(need.as_str()) {
            *ours.entry(name.clone()).or_default() += load;
        }
    }
    ours
}
