//! A segment as it is typed, whatever is still wrong with it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::framework::{Code, Framework, Loads, Segment};
use crate::web::design::typed::{self, Faults};
use crate::web::error::AppError;
use crate::web::form::Form;

/// Before the need in the name of a field.
const PROFILE: &str = "profile.";

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    pub code: String,
    pub name: String,
    pub description: String,
    /// By need. A blank weight is left out, which is 0.
    pub profile: BTreeMap<Code, String>,
    pub talk_about: String,
    pub avoid: String,
    pub content: String,
    pub actions: String,
    pub spend: String,
}

impl Draft {
    pub fn of_segment(segment: &Segment) -> Draft {
        Draft {
            code: segment.code.clone(),
            name: segment.name.clone(),
            description: segment.description.clone(),
            profile: segment
                .profile
                .iter()
                .map(|(need, weight)| (need.clone(), weight.to_string()))
                .collect(),
            talk_about: segment.talk_about.join("\n"),
            avoid: segment.avoid.join("\n"),
            content: segment.content.join("\n"),
            actions: segment.actions.join("\n"),
            spend: segment.spend.clone(),
        }
    }

    pub fn read(form: &Form) -> Result<Draft, AppError> {
        let profile = form.0.iter().filter_map(|(name, value)| {
            let need = name.strip_prefix(PROFILE)?;
            Some((need.to_owned(), value.clone()))
        });
        Ok(Draft {
            profile: profile.collect(),
            code: form.text("code")?.to_owned(),
            name: form.text("name")?.to_owned(),
            description: typed::text(form, "description")?,
            talk_about: typed::text(form, "talk_about")?,
            avoid: typed::text(form, "avoid")?,
            content: typed::text(form, "content")?,
            actions: typed::text(form, "actions")?,
            spend: typed::text(form, "spend")?,
        })
    }

    /// What was typed for a need.
    pub fn weight(&self, need: &str) -> &str {
        self.profile.get(need).map_or("", String::as_str)
    }

    /// The weights as far as they can be made out, for a drawing.
    pub fn guessed(&self) -> Loads {
        let weight = |(need, typed): (&Code, &String)| {
            let weight: f64 = typed.trim().parse().ok()?;
            let weight = weight.is_finite().then(|| weight.clamp(0.0, 100.0))?;
            Some((need.clone(), weight))
        };
        self.profile.iter().filter_map(weight).collect()
    }

    /// The segment, read and checked as a part of this framework, and the framework with it; a new one
    /// takes no other's place.
    pub fn checked(&self, framework: &Framework, is_new: bool) -> Result<(Framework, Segment), Faults> {
        let at = framework.segment_position(&self.code).filter(|_| !is_new);
        let was = at.map(|at| &framework.segments[at]);
        let (framework, at) = typed::checked(framework, "segments", at, self.tree(was)).map_err(|faults| {
            // Two profiles of one shape are told at the later one; here it is this one that is typed.
            let own = faults.into_iter().map(|mut fault| {
                if fault.place.starts_with("segments[") && fault.place.ends_with("].profile") {
                    fault.message = match other(&fault.place, framework) {
                        Some(name) => format!("is too much like that of “{name}”: that one then {}", fault.message),
                        None => fault.message,
                    };
                    fault.place = "profile".to_owned();
                }
                fault
            });
            Faults(own.collect())
        })?;
        let segment = framework.segments[at].clone();
        Ok((framework, segment))
    }

    fn tree(&self, was: Option<&Segment>) -> Map<String, Value> {
        let mut tree = Map::new();
        tree.insert("code".into(), json!(self.code.trim()));
        tree.insert(
            "name".into(),
            json!(typed::trimmed(&self.name, was.map(|was| was.name.as_str()))),
        );
        let mut profile = Map::new();
        for (need, typed) in &self.profile {
            if !typed.trim().is_empty() {
                profile.insert(need.clone(), typed::number(typed));
            }
        }
        tree.insert("profile".into(), Value::Object(profile));
        let texts = [
            ("description", &self.description, was.map(|was| &was.description)),
            ("spend", &self.spend, was.map(|was| &was.spend)),
        ];
        for (key, typed, was) in texts {
            if !typed.trim().is_empty() || Some(typed) == was {
                tree.insert(key.into(), json!(typed));
            }
        }
        let lists = [
            ("talk_about", &self.talk_about, was.map(|was| &was.talk_about)),
            ("avoid", &self.avoid, was.map(|was| &was.avoid)),
            ("content", &self.content, was.map(|was| &was.content)),
            ("actions", &self.actions, was.map(|was| &was.actions)),
        ];
        for (key, typed, was) in lists {
            // An entry of the file may have several lines; untouched, it stays one entry.
            let untouched = was.filter(|was| was.join("\n") == *typed);
            let lines = untouched.cloned().unwrap_or_else(|| typed::lines(typed));
            if !lines.is_empty() {
                tree.insert(key.into(), json!(lines));
            }
        }
        tree
    }
}

/// The name of the segment at a place of the file.
fn other<'f>(place: &str, framework: &'f Framework) -> Option<&'f str> {
    let at: usize = place.strip_prefix("segments[")?.split_once(']')?.0.parse().ok()?;
    framework.segments.get(at).map(|segment| segment.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framework() -> Framework {
        crate::framework::read::toml(include_str!("../../../../tests/it/support/framework.toml")).unwrap()
    }

    #[test]
    fn a_segment_that_nobody_touched_reads_back_as_it_was() {
        let mut framework = framework();
        framework.segments[0].talk_about = vec![" one\ntwo ".into(), "three".into()];
        framework.segments[0].name = " Seekers ".into();
        framework.segments[0].profile.insert("intimacy".into(), 0.0);
        framework.segments[0]
            .profile
            .insert("innovation".into(), 33.333_333_333_333_336);
        for segment in &framework.segments {
            let (after, found) = Draft::of_segment(segment)
                .checked(&framework, false)
                .expect("no faults");
            assert_eq!((&found, &after), (segment, &framework));
        }
    }

    #[test]
    fn lists_are_one_entry_a_line_and_weights_may_be_blank() {
        let framework = framework();
        let mut draft = Draft::of_segment(&framework.segments[0]);
        draft.avoid = "Roadmaps\n\n  Jargon ".into();
        draft.profile.insert("assurance".into(), " ".into());
        let (_, segment) = draft.checked(&framework, false).expect("no faults");
        assert_eq!(segment.avoid, ["Roadmaps", "Jargon"]);
        assert_eq!(segment.profile.len(), 1);
    }

    #[test]
    fn every_fault_stands_at_its_field() {
        let framework = framework();
        let mut draft = Draft::of_segment(&framework.segments[0]);
        draft.name = String::new();
        draft.profile.insert("assurance".into(), "101".into());
        draft.profile.insert("intimacy".into(), "much".into());
        let faults = draft.checked(&framework, false).expect_err("faults");
        for field in ["name", "profile.assurance", "profile.intimacy"] {
            assert!(faults.at(field).is_some(), "{field} in {faults:?}");
        }
    }

    #[test]
    fn one_shape_twice_is_told_at_the_profile_that_is_typed() {
        let framework = framework();
        let mut draft = Draft::of_segment(&framework.segments[0]);
        draft.profile = Draft::of_segment(&framework.segments[2]).profile;
        let faults = draft.checked(&framework, false).expect_err("faults");
        assert!(
            faults.at("profile").is_some_and(|fault| fault.contains("Innovators")),
            "{faults:?}"
        );
    }
}
