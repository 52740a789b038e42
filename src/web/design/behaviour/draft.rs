//! Behaviour rules as they are typed, and what is wrong with them at each field.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::framework::fault::Fault;
use crate::method::behaviour::{self, Bound, Condition, First, MOST_CONDITIONS, MOST_RULES, Measure, Rule, Rules};
use crate::text::fold;
use crate::web::design::typed::Faults;
use crate::web::form::Form;

/// Of a behaviour's name.
const NAME_CHARACTERS: usize = 80;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    pub first: String,
    pub rules: Vec<TypedRule>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct TypedRule {
    pub name: String,
    pub conditions: Vec<TypedCondition>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct TypedCondition {
    pub measure: String,
    pub bound: String,
    pub value: String,
    pub months: String,
}

impl TypedCondition {
    fn is_blank(&self) -> bool {
        self.value.trim().is_empty() && self.months.trim().is_empty()
    }
}

impl Draft {
    pub fn of(rules: &Rules) -> Draft {
        let condition = |condition: &Condition| TypedCondition {
            measure: condition.measure.as_str().to_owned(),
            bound: condition.bound.as_str().to_owned(),
            value: condition.value.to_string(),
            months: condition.months.map(|months| months.to_string()).unwrap_or_default(),
        };
        let rule = |rule: &Rule| TypedRule {
            name: rule.name.clone(),
            conditions: rule.conditions.iter().map(condition).collect(),
        };
        Draft {
            first: rules.first.as_str().to_owned(),
            rules: rules.rules.iter().map(rule).collect(),
        }
    }

    pub fn read(form: &Form) -> Draft {
        let mut draft = Draft::default();
        for (name, value) in &form.0 {
            if name == "first" {
                draft.first = value.clone();
            } else if let Some((at, rest)) = indexed(name, "rules", MOST_RULES) {
                draft.take(at, rest, value.clone());
            }
        }
        draft
    }

    fn take(&mut self, at: usize, field: &str, value: String) {
        if self.rules.len() <= at {
            self.rules.resize_with(at + 1, Default::default);
        }
        let rule = &mut self.rules[at];
        if field == "name" {
            rule.name = value;
            return;
        }
        let Some((at, field)) = indexed(field, "conditions", MOST_CONDITIONS) else {
            return;
        };
        if rule.conditions.len() <= at {
            rule.conditions.resize_with(at + 1, Default::default);
        }
        let condition = &mut rule.conditions[at];
        match field {
            "measure" => condition.measure = value,
            "bound" => condition.bound = value,
            "value" => condition.value = value,
            "months" => condition.months = value,
            _ => {}
        }
    }

    /// A condition without a figure is none, and neither is a rule without a name and conditions.
    pub fn drop_blank(&mut self) {
        for rule in &mut self.rules {
            rule.conditions.retain(|condition| !condition.is_blank());
        }
        let is_blank = |rule: &TypedRule| rule.name.trim().is_empty() && rule.conditions.is_empty();
        self.rules.retain(|rule| !is_blank(rule));
    }

    /// The rules, or all that is wrong with what was typed.
    pub fn checked(&self) -> Result<Rules, Faults> {
        let mut faults = Vec::new();
        let mut fault = |place: String, message: String| {
            faults.push(Fault {
                place,
                line: None,
                column: None,
                message,
            });
        };
        let first = First::parse(&self.first).unwrap_or_default();
        let mut rules = Rules {
            first,
            rules: Vec::with_capacity(self.rules.len()),
        };
        for (at, typed) in self.rules.iter().enumerate() {
            let place = format!("rules[{at}]");
            let name = fold::line(&typed.name, NAME_CHARACTERS).unwrap_or_else(|unfit| {
                fault(format!("{place}.name"), unfit.to_string());
                // Told once: what stands there is a name.
                format!("{at}")
            });
            let conditions = typed.conditions.iter().enumerate().map(|(nth, typed)| {
                let place = format!("{place}.conditions[{nth}]");
                typed.checked(&place, &mut fault)
            });
            rules.rules.push(Rule {
                name,
                conditions: conditions.collect(),
            });
        }
        let unread: Vec<String> = faults.iter().map(|fault| fault.place.clone()).collect();
        // What could not be read has its fault already; until then the rule's conditions are not held together.
        let list = |place: &str| place.find(".conditions[").map(|end| place[..end].to_owned());
        let is_unread = |place: &String| {
            let of_rule = list(place);
            unread.contains(place) || (of_rule.is_some() && unread.iter().any(|other| list(other) == of_rule))
        };
        let more = behaviour::faults(&rules).into_iter();
        faults.extend(
            more.filter(|(place, _)| !is_unread(place))
                .map(|(place, message)| Fault {
                    place,
                    line: None,
                    column: None,
                    message,
                }),
        );
        faults.sort_by(|a, b| a.place.cmp(&b.place));
        if faults.is_empty() {
            Ok(rules)
        } else {
            Err(Faults(faults))
        }
    }
}

impl TypedCondition {
    /// What cannot be read is told, and stands for a figure that has nothing else wrong with it.
    fn checked(&self, place: &str, fault: &mut impl FnMut(String, String)) -> Condition {
        let measure = Measure::parse(&self.measure).unwrap_or_else(|| {
            fault(format!("{place}.measure"), "choose what is looked at".to_owned());
            Measure::Purchases
        });
        let bound = Bound::parse(&self.bound).unwrap_or_else(|| {
            fault(format!("{place}.bound"), "choose at least or at most".to_owned());
            Bound::AtLeast
        });
        let value = self.value.trim().trim_end_matches('%').trim_end();
        let value = value.parse::<f64>().ok().filter(|value| value.is_finite());
        let value = value.unwrap_or_else(|| {
            let message = "write a number such as 12 or 1500.50, without thousands separators";
            fault(format!("{place}.value"), message.to_owned());
            0.0
        });
        let months = match self.months.trim() {
            "" => None,
            typed => Some(typed.parse::<u32>().unwrap_or_else(|_| {
                let message = "write a whole number of months, or leave it blank";
                fault(format!("{place}.months"), message.to_owned());
                1
            })),
        };
        Condition {
            measure,
            bound,
            value,
            months: months.filter(|_| measure.takes_months()),
        }
    }
}

/// `rules[3].name` as 3 and `name`, as far as there may be so many.
fn indexed<'n>(name: &'n str, list: &str, most: usize) -> Option<(usize, &'n str)> {
    let (at, rest) = name.strip_prefix(list)?.strip_prefix('[')?.split_once("].")?;
    let at = at.parse().ok().filter(|at: &usize| *at < most)?;
    Some((at, rest))
}

/// By which a page knows again the rules that it counted.
pub fn stamp(rules: &Rules) -> String {
    let text = serde_json::to_string(rules).unwrap_or_default();
    HEXLOWER.encode(&Sha256::digest(text.as_bytes())[..12])
}

/// What a button of the form does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    Preview,
    Apply,
    AddRule,
    AddCondition(usize),
    RemoveRule(usize),
    RemoveCondition(usize, usize),
    Up(usize),
    Down(usize),
    /// The ready rules, to begin with.
    Ready,
    /// Those of an earlier change.
    Return(i64),
}

impl Do {
    pub fn parse(text: &str) -> Option<Do> {
        let (what, rest) = text.split_once(':').unwrap_or((text, ""));
        let at = || rest.parse().ok();
        match what {
            "preview" => Some(Do::Preview),
            "apply" => Some(Do::Apply),
            "ready" => Some(Do::Ready),
            "add" if rest.is_empty() => Some(Do::AddRule),
            "add" => at().map(Do::AddCondition),
            "up" => at().map(Do::Up),
            "down" => at().map(Do::Down),
            "return" => rest.parse().ok().map(Do::Return),
            "remove" => match rest.split_once('.') {
                None => at().map(Do::RemoveRule),
                Some((rule, nth)) => Some(Do::RemoveCondition(rule.parse().ok()?, nth.parse().ok()?)),
            },
            _ => None,
        }
    }

    /// Changes what is typed; what is not there stays.
    pub fn change(self, draft: &mut Draft) {
        let last = draft.rules.len();
        match self {
            Do::AddRule if last < MOST_RULES => draft.rules.push(TypedRule {
                name: String::new(),
                conditions: vec![TypedCondition::default()],
            }),
            Do::AddCondition(at) => {
                let rule = draft.rules.get_mut(at);
                if let Some(rule) = rule.filter(|rule| rule.conditions.len() < MOST_CONDITIONS) {
                    rule.conditions.push(TypedCondition::default());
                }
            }
            Do::RemoveRule(at) if at < last => _ = draft.rules.remove(at),
            Do::RemoveCondition(at, nth) => {
                if let Some(rule) = draft.rules.get_mut(at).filter(|rule| nth < rule.conditions.len()) {
                    rule.conditions.remove(nth);
                }
            }
            Do::Up(at) if 0 < at && at < last => draft.rules.swap(at - 1, at),
            Do::Down(at) if at + 1 < last => draft.rules.swap(at, at + 1),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_nobody_touched_read_back_as_they_were() {
        let rules = behaviour::ready();
        assert_eq!(Draft::of(&rules).checked().unwrap(), rules);
    }

    #[test]
    fn every_fault_stands_at_its_field() {
        let mut draft = Draft::of(&behaviour::ready());
        draft.rules[0].name = "x".repeat(90);
        draft.rules[1].name = "Repeat purchasers".into();
        draft.rules[1].conditions[1].value = "many".into();
        draft.rules[2].conditions[0].months = "-3".into();
        draft.rules[4].conditions[0].measure = "mood".into();
        let faults = draft.checked().unwrap_err();
        let places: Vec<&str> = faults.0.iter().map(|fault| fault.place.as_str()).collect();
        assert_eq!(
            places,
            [
                "rules[0].name",
                "rules[1].conditions[1].value",
                "rules[2].conditions[0].months",
                "rules[2].name",
                "rules[4].conditions[0].measure",
            ]
        );
    }

    #[test]
    fn buttons_change_what_is_typed_and_nothing_that_is_not_there() {
        let mut draft = Draft::of(&behaviour::ready());
        for button in [
            "up:1",
            "remove:5",
            "remove:1.0",
            "add:1",
            "add",
            "up:0",
            "down:9",
            "remove:70",
            "remove:0.9",
        ] {
            Do::parse(button).unwrap().change(&mut draft);
        }
        let names: Vec<&str> = draft.rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names[..2], ["High-Potential Up-and-Comers", "Lapsed Customers"]);
        assert_eq!((names.len(), draft.rules[1].conditions.len()), (6, 1));
        draft.drop_blank();
        assert_eq!((draft.rules.len(), draft.rules[1].conditions.len()), (5, 0));
        assert_eq!(Do::parse("explode"), None);
    }
}
