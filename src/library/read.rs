//! The library's files read.

use serde_json::Value;

use super::{Entry, Loading};
use crate::framework::{self, Framework, Need, QuestionSet};

const NEEDS: &str = include_str!("needs.toml");

const SETS: [&str; 11] = [
    include_str!("sets/why-now.toml"),
    include_str!("sets/why-us.toml"),
    include_str!("sets/would-leave.toml"),
    include_str!("sets/set-apart.toml"),
    include_str!("sets/technology-role.toml"),
    include_str!("sets/drive-to-innovate.toml"),
    include_str!("sets/co-create.toml"),
    include_str!("sets/build-test-run-evolve.toml"),
    include_str!("sets/partner-kind.toml"),
    include_str!("sets/trust-and-risk.toml"),
    include_str!("sets/met-and-important.toml"),
];

/// A file of ours that cannot be read is left out; a test reads each and says what is wrong with it.
pub fn entries() -> Vec<Entry> {
    SETS.iter().filter_map(|file| entry(file).ok()).collect()
}

/// How many files there are.
#[cfg(test)]
pub fn files() -> Vec<Result<Entry, String>> {
    SETS.iter().map(|file| entry(file)).collect()
}

fn entry(file: &str) -> Result<Entry, String> {
    let mut tree: Value = toml::from_str(file).map_err(|error| error.to_string())?;
    let said = tree
        .as_object_mut()
        .and_then(|tree| tree.remove("library"))
        .unwrap_or_default();
    let needs: Value = toml::from_str(NEEDS).map_err(|error| error.to_string())?;
    tree["needs"] = needs["needs"].clone();
    let framework = framework::read::json(&tree.to_string());
    let framework =
        framework.map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let Framework {
        needs, question_sets, ..
    } = framework;
    let [set]: [QuestionSet; 1] = question_sets
        .try_into()
        .map_err(|_| "not one question set".to_owned())?;
    let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
    Ok(Entry {
        tells: text("tells"),
        for_whom: text("for_whom"),
        reason: text("reason"),
        loadings: said["loadings"].as_array().into_iter().flatten().map(loading).collect(),
        needs: needs.into_iter().filter(|need| is_loaded(&set, need)).collect(),
        set,
    })
}

fn loading(said: &Value) -> Loading {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Loading {
        question: text(&said["question"]),
        needs: said["needs"].as_array().into_iter().flatten().map(text).collect(),
        reason: text(&said["reason"]),
    }
}

fn is_loaded(set: &QuestionSet, need: &Need) -> bool {
    set.questions
        .iter()
        .any(|question| question.loadings().any(|loads| loads.contains_key(&need.code)))
}
