//! What may stand in a step of a plan. Pure.

use chrono::NaiveDate;

use super::Step;
use crate::design::Design;
use crate::framework::Code;
use crate::text::fold::{self, Unfit};

/// The longest action, in characters.
pub const ACTION_CHARACTERS: usize = 300;
/// Nobody plans further ahead than so many years.
const YEARS: i64 = 10;

/// A step as it is typed, whatever is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    pub action: String,
    pub need: String,
    pub owner: String,
    pub due_on: String,
}

/// A step that can be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStep {
    pub action: String,
    pub need: Option<Code>,
    pub owner: String,
    pub due_on: NaiveDate,
}

impl Typed {
    pub fn of(step: &Step) -> Typed {
        Typed {
            action: step.action.clone(),
            need: step.need.clone().unwrap_or_default(),
            owner: step.owner.clone(),
            due_on: step.due_on.to_string(),
        }
    }
}

/// Reads the step, or lists all that is wrong with it, by field. One that is changed may keep its day,
/// its owner and its need, whatever has become of them.
pub fn read(
    typed: &Typed,
    today: NaiveDate,
    design: &Design,
    owners: &[String],
    was: Option<&Step>,
) -> Result<NewStep, Vec<(&'static str, String)>> {
    let mut faults = Vec::new();
    let action = match fold::line(&typed.action, ACTION_CHARACTERS) {
        Ok(action) if action.is_empty() => Err("Say what is to be done.".to_owned()),
        Ok(action) => Ok(action),
        Err(Unfit::TooLong(most)) => Err(format!("Say it in at most {most} characters.")),
        Err(Unfit::Control) => Err("It holds a character that cannot be shown. Type it anew.".to_owned()),
    };
    let need = Some(typed.need.trim()).filter(|need| !need.is_empty());
    let need = match need {
        Some(code) if design.framework.need(code).is_none() && was.is_none_or(|was| was.need.as_deref() != need) => {
            Err(format!("There is no need “{code}”. Choose one of the list."))
        }
        need => Ok(need.map(str::to_owned)),
    };
    let owner = match typed.owner.trim() {
        "" => Err("Say who does it.".to_owned()),
        owner if !owners.iter().any(|known| known == owner) => {
            Err(format!("{owner} cannot be given steps here. Choose one of the list."))
        }
        owner => Ok(owner.to_owned()),
    };
    let due_on = due_on(&typed.due_on, today, was.map(|was| was.due_on));
    let mut take = |field, fault: Option<&String>| faults.extend(fault.map(|fault| (field, fault.clone())));
    take("action", action.as_ref().err());
    take("need", need.as_ref().err());
    take("owner", owner.as_ref().err());
    take("due_on", due_on.as_ref().err());
    match (action, need, owner, due_on) {
        (Ok(action), Ok(need), Ok(owner), Ok(due_on)) => Ok(NewStep {
            action,
            need,
            owner,
            due_on,
        }),
        _ => Err(faults),
    }
}

fn due_on(typed: &str, today: NaiveDate, was: Option<NaiveDate>) -> Result<NaiveDate, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err("Say until when.".to_owned());
    }
    let day: NaiveDate = typed
        .parse()
        .map_err(|_| format!("“{typed}” is not a day. Write it as {today}."))?;
    if Some(day) == was {
        return Ok(day);
    }
    if day < today {
        return Err(format!("{day} has passed. Choose today, {today}, or a later day."));
    }
    if (day - today).num_days() > YEARS * 366 {
        return Err(format!("{day} is too far away. Choose a day within {YEARS} years."));
    }
    Ok(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PlanStepId;
    use crate::plan::State;

    fn typed(due_on: &str) -> Typed {
        Typed {
            action: "  Send the   calculation ".into(),
            need: String::new(),
            owner: "sam@example.com".into(),
            due_on: due_on.into(),
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn reading(typed: &Typed, was: Option<&Step>) -> Result<NewStep, Vec<(&'static str, String)>> {
        let design = Design::empty();
        read(typed, day("2026-03-10"), &design, &["sam@example.com".into()], was)
    }

    #[test]
    fn a_step_of_today_is_kept_and_one_of_yesterday_refused_at_its_day() {
        let step = reading(&typed("2026-03-10"), None).unwrap();
        assert_eq!((step.action.as_str(), step.need), ("Send the calculation", None));
        let faults = reading(&typed("2026-03-09"), None).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert!(
            faults[0].0 == "due_on" && faults[0].1.contains("has passed"),
            "{faults:?}"
        );
    }

    #[test]
    fn every_fault_stands_at_its_field() {
        let wrong = Typed {
            action: " ".into(),
            need: "gone".into(),
            owner: "kim@example.com".into(),
            due_on: "10.3.2026".into(),
        };
        let fields: Vec<&str> = reading(&wrong, None)
            .unwrap_err()
            .into_iter()
            .map(|(field, _)| field)
            .collect();
        assert_eq!(fields, ["action", "need", "owner", "due_on"]);
        assert!(reading(&typed("9999-01-01"), None).is_err());
    }

    #[test]
    fn a_step_that_is_overdue_can_be_reworded_and_keeps_its_day() {
        let was = Step {
            id: PlanStepId(1),
            action: "Call".into(),
            need: Some("gone".into()),
            owner: "sam@example.com".into(),
            due_on: day("2026-03-01"),
            state: State::Open,
            ended: None,
        };
        assert!(was.is_overdue(day("2026-03-02")) && !was.is_overdue(day("2026-03-01")));
        let mut again = Typed::of(&was);
        again.action = "Call again".into();
        assert_eq!(reading(&again, Some(&was)).unwrap().due_on, was.due_on);
        again.due_on = "2026-03-02".into();
        assert!(reading(&again, Some(&was)).is_err());
    }
}
