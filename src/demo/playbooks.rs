//! What Lindenwerk's sales have learnt to say to each segment, and why; what they have promised, and what
//! they have to offer.

use crate::plan::playbook::{Playbook, Reasoned};

/// Beside the framework's segments, by their codes.
pub fn playbooks() -> Vec<(&'static str, Playbook)> {
    vec![
        (
            "efficiency-seekers",
            Playbook {
                talk_about: reasons(&[
                    (
                        "Hours and money saved in plants like theirs, with the sum shown",
                        "They put every sum into a sheet of their own, and trust what comes out there.",
                    ),
                    (
                        "How little time the change takes, and who does the work",
                        "They have nobody to spare, and fear the change more than the price.",
                    ),
                ]),
                avoid: reasons(&[(
                    "Visions of the factory of the future",
                    "To them it sounds like work that nobody pays for.",
                )]),
                message: "It pays for itself within a year, and we show you how we reckon.".into(),
                offer: "The standard package, with one option at most.".into(),
                price: "Fixed, first, and in writing. No discount without something in return.".into(),
                channel: "Mail with the calculation, then a short call.".into(),
                timing: "Six weeks before the budget is made.".into(),
            },
        ),
        (
            "customer-intimates",
            Playbook {
                talk_about: reasons(&[(
                    "Who looks after them, and who stands in when that person is away",
                    "They were left alone by a supplier before.",
                )]),
                avoid: reasons(&[(
                    "Self-service portals instead of a person",
                    "A portal means to them that nobody is there any more.",
                )]),
                message: "You have our number, and somebody who knows your plant picks up.".into(),
                price: "After everything else, and face to face.".into(),
                channel: "A visit; between visits a call.".into(),
                ..Playbook::default()
            },
        ),
        (
            "innovators",
            Playbook {
                avoid: reasons(&[("Savings as the main reason", "Cheaper is what their competitors buy.")]),
                message: "Let us try in eight weeks what nobody else has.".into(),
                timing: "As soon as there is something to try, finished or not.".into(),
                ..Playbook::default()
            },
        ),
    ]
}

fn reasons(pairs: &[(&str, &str)]) -> Vec<Reasoned> {
    let reasoned = |(line, reason): &(&str, &str)| Reasoned {
        line: (*line).to_owned(),
        reason: (*reason).to_owned(),
    };
    pairs.iter().map(reasoned).collect()
}

/// A step that sales wrote into a plan.
pub struct Promise {
    pub company: &'static str,
    pub action: &'static str,
    pub need: &'static str,
    /// Days from today; below 0, it is overdue.
    pub due_in_days: i64,
}

pub const PROMISES: [Promise; 5] = [
    Promise {
        company: "LW-1004",
        action: "Send the savings calculation within two days",
        need: "efficiency",
        due_in_days: -3,
    },
    Promise {
        company: "LW-1004",
        action: "Offer the standard package first",
        need: "efficiency",
        due_in_days: 12,
    },
    Promise {
        company: "LW-1010",
        action: "Plan two visits a year",
        need: "intimacy",
        due_in_days: 5,
    },
    Promise {
        company: "LW-1018",
        action: "Propose a pilot with a clear end",
        need: "innovation",
        due_in_days: -1,
    },
    Promise {
        company: "LW-1018",
        action: "Bring a developer to the next meeting",
        need: "innovation",
        due_in_days: 30,
    },
];

/// Something to put before customers, with the needs that it serves.
pub struct Novelty {
    pub name: &'static str,
    pub note: &'static str,
    pub needs: &'static [(&'static str, u32)],
}

/// The newest last.
pub const OFFERS: [Novelty; 2] = [
    Novelty {
        name: "Pilot line",
        note: "Eight weeks with the people who build it, on one of their lines. Two places a year.",
        needs: &[("innovation", 100), ("intimacy", 30)],
    },
    Novelty {
        name: "Changeover planner",
        note: "New this season: plans changeovers from the orders and counts the hours saved each week. Fixed price, running in three weeks.",
        needs: &[("efficiency", 100), ("assurance", 30)],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_belongs_to_a_line_of_the_framework() {
        let framework = crate::framework::read::toml(super::super::FRAMEWORK).unwrap();
        for (code, playbook) in playbooks() {
            let segment = framework.segment(code).unwrap_or_else(|| panic!("{code}"));
            assert_eq!(playbook.left_behind(segment).next(), None, "{code}");
        }
        assert!(PROMISES.iter().all(|promise| framework.need(promise.need).is_some()));
        let served = OFFERS.iter().flat_map(|offer| offer.needs);
        assert!(served.into_iter().all(|(need, _)| framework.need(need).is_some()));
    }
}
