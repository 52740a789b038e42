//! When a step, a reminder and a closing are due, and how many mails are too many.

use chrono::{NaiveDateTime, TimeDelta};

use crate::framework::{Cap, Drip, Minutes, Step, StepContent};

/// What is known of the step before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    pub first_sent_at: Option<NaiveDateTime>,
    pub answered_at: Option<NaiveDateTime>,
    pub closes_at: Option<NaiveDateTime>,
    /// False for a message: there is nothing to answer and nothing that closes.
    pub asks: bool,
}

/// When the step is due; `None` while it waits for something of the step before.
///
/// An answer stands in for the mail that it answers: who could answer it has received it.
pub fn step_due_at(step: &Step, before: Before, now: NaiveDateTime) -> Option<NaiveDateTime> {
    let reached = before.first_sent_at.or(before.answered_at)?;
    let due = after(reached, step.delay);
    if !step.wait_for_answer || !before.asks {
        return Some(due);
    }
    let closed_at = before.closes_at.filter(|at| *at <= now);
    let done = match (before.answered_at, closed_at) {
        (Some(answered), Some(closed)) => answered.min(closed),
        (answered, closed) => answered.or(closed)?,
    };
    Some(due.max(done))
}

/// When the step's links stop taking answers, counted from its first mail.
pub fn closes_at(drip: &Drip, first_sent_at: NaiveDateTime) -> Option<NaiveDateTime> {
    drip.closes_after.map(|span| after(first_sent_at, span))
}

/// When the next reminder goes, after the step's mail number `nth` (0: the first) was sent.
pub fn reminder_due_at(drip: &Drip, step: &Step, nth: i32, sent_at: NaiveDateTime) -> Option<NaiveDateTime> {
    let reminders = drip.reminders.filter(|_| asks(step))?;
    let more = u32::try_from(nth).is_ok_and(|sent| sent < reminders.count);
    more.then(|| after(sent_at, reminders.after))
}

/// Whether the step has questions: a message has nobody to remind and nothing to close.
pub fn asks(step: &Step) -> bool {
    !matches!(step.content, StepContent::Message { .. })
}

/// Whether a transaction that arrives now starts the drip by its age: it happened within `max_age`
/// before its arrival. A day's grace after it is left to calendars that are ahead of ours.
pub fn is_fresh(max_age: Option<Minutes>, occurred_at: NaiveDateTime, arrived_at: NaiveDateTime) -> bool {
    max_age.is_none_or(|age| after(occurred_at, age) >= arrived_at && occurred_at <= arrived_at + TimeDelta::days(1))
}

/// When the cap lets another mail through; `None`: now.
///
/// `sent` are the times of the mails that count, in any order. A cap of none a day never lets one through, which a later framework may change: asked again after the cap's own span.
pub fn cap_frees_at(cap: Cap, sent: &[NaiveDateTime], now: NaiveDateTime) -> Option<NaiveDateTime> {
    let span = TimeDelta::days(cap.days.into());
    let mut counted: Vec<NaiveDateTime> = sent.iter().copied().filter(|at| *at + span > now).collect();
    counted.sort_unstable();
    let count = cap.count as usize;
    if counted.len() < count {
        return None;
    }
    match count {
        0 => Some(now + span.max(TimeDelta::days(1))),
        _ => counted.get(counted.len() - count).map(|oldest| *oldest + span),
    }
}

/// No destination gets fewer mails a minute than these because it asked.
const SLOWEST: i32 = 10;

/// How many mails a minute a destination gets that asks for fewer, and since when: half, at most
/// once in ten minutes. `before` is what it got after asking last.
pub fn halved(before: Option<(i32, NaiveDateTime)>, full: i32, now: NaiveDateTime) -> (i32, NaiveDateTime) {
    match before {
        Some((per_minute, halved_at)) if now - halved_at < TimeDelta::minutes(10) => (per_minute, halved_at),
        Some((per_minute, _)) => ((per_minute / 2).max(SLOWEST), now),
        None => ((full / 2).max(SLOWEST), now),
    }
}

/// Whether a destination that asked for fewer mails then still gets fewer.
pub fn is_slow_still(throttled_at: NaiveDateTime, now: NaiveDateTime) -> bool {
    now - throttled_at < TimeDelta::hours(1)
}

fn after(at: NaiveDateTime, span: Minutes) -> NaiveDateTime {
    at + TimeDelta::minutes(span.0.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::{Letter, Reminders, Trigger};

    fn day(n: i64) -> NaiveDateTime {
        crate::clock::parse_rfc3339("2026-03-01T12:00:00Z").expect("a time") + TimeDelta::days(n)
    }

    fn step(delay_days: u32, wait_for_answer: bool) -> Step {
        Step {
            delay: Minutes(delay_days * 24 * 60),
            wait_for_answer,
            content: StepContent::Questions {
                question_set: "s".into(),
                letter: Letter::default(),
                first_question_in_mail: false,
            },
        }
    }

    /// A step with questions, of which nothing is known yet.
    const SENT: Before = Before {
        first_sent_at: None,
        answered_at: None,
        closes_at: None,
        asks: true,
    };

    fn drip() -> Drip {
        Drip {
            code: "d".into(),
            name: "D".into(),
            state: None,
            trigger: Trigger::Manual,
            max_age: None,
            audience: Default::default(),
            send_window: None,
            reminders: Some(Reminders {
                after: Minutes(3 * 24 * 60),
                count: 2,
            }),
            closes_after: Some(Minutes(21 * 24 * 60)),
            steps: Vec::new(),
        }
    }

    #[test]
    fn a_step_counts_its_delay_from_the_first_mail_of_the_step_before() {
        assert_eq!(step_due_at(&step(7, false), SENT, day(0)), None);
        let sent = Before {
            first_sent_at: Some(day(0)),
            ..SENT
        };
        assert_eq!(step_due_at(&step(7, false), sent, day(0)), Some(day(7)));
    }

    #[test]
    fn a_waiting_step_goes_once_the_step_before_was_answered_or_has_closed() {
        let sent = Before {
            first_sent_at: Some(day(0)),
            closes_at: Some(day(21)),
            ..SENT
        };
        let answered = |n| Before {
            answered_at: Some(day(n)),
            ..sent
        };
        let waiting = step(7, true);
        assert_eq!(step_due_at(&waiting, sent, day(20)), None);
        assert_eq!(step_due_at(&waiting, sent, day(21)), Some(day(21)));
        assert_eq!(step_due_at(&waiting, answered(2), day(2)), Some(day(7)));
        assert_eq!(step_due_at(&waiting, answered(9), day(9)), Some(day(9)));
        assert_eq!(step_due_at(&waiting, answered(22), day(22)), Some(day(21)));
    }

    #[test]
    fn nobody_waits_for_an_answer_to_a_message() {
        let told = Before {
            first_sent_at: Some(day(0)),
            asks: false,
            ..SENT
        };
        assert_eq!(step_due_at(&step(7, true), told, day(0)), Some(day(7)));
    }

    #[test]
    fn reminders_follow_one_another_until_their_count_is_reached() {
        let asked = step(0, false);
        assert_eq!(reminder_due_at(&drip(), &asked, 0, day(0)), Some(day(3)));
        assert_eq!(reminder_due_at(&drip(), &asked, 1, day(3)), Some(day(6)));
        assert_eq!(reminder_due_at(&drip(), &asked, 2, day(6)), None);
        let told = Step {
            content: StepContent::Message {
                message: Default::default(),
            },
            ..asked
        };
        assert_eq!(reminder_due_at(&drip(), &told, 0, day(0)), None);
    }

    #[test]
    fn a_destination_that_asks_gets_half_at_most_once_in_ten_minutes_and_never_too_little() {
        let minute = |n| day(0) + TimeDelta::minutes(n);
        assert_eq!(halved(None, 600, minute(0)), (300, minute(0)));
        assert_eq!(halved(Some((300, minute(0))), 600, minute(9)), (300, minute(0)));
        assert_eq!(halved(Some((300, minute(0))), 600, minute(10)), (150, minute(10)));
        assert_eq!(halved(Some((12, minute(0))), 600, minute(10)), (10, minute(10)));
        assert_eq!(halved(None, 3, minute(0)), (10, minute(0)));
        assert!(is_slow_still(minute(0), minute(59)));
        assert!(!is_slow_still(minute(0), minute(60)));
    }

    #[test]
    fn a_transaction_is_fresh_within_its_age_before_its_arrival() {
        let month = Some(Minutes(30 * 24 * 60));
        assert!(is_fresh(month, day(-30), day(0)));
        assert!(!is_fresh(month, day(-31), day(0)));
        assert!(is_fresh(month, day(0), day(0)));
        assert!(!is_fresh(month, day(9), day(0)), "it has not happened yet");
        assert!(is_fresh(None, day(-900), day(0)));
    }

    #[test]
    fn a_cap_frees_when_the_oldest_mail_that_fills_it_is_old_enough() {
        let cap = Cap { count: 2, days: 7 };
        assert_eq!(cap_frees_at(cap, &[], day(0)), None);
        assert_eq!(cap_frees_at(cap, &[day(-1)], day(0)), None);
        assert_eq!(cap_frees_at(cap, &[day(-7), day(-1)], day(0)), None);
        assert_eq!(cap_frees_at(cap, &[day(-1), day(-3)], day(0)), Some(day(4)));
        assert_eq!(cap_frees_at(cap, &[day(-1), day(-3), day(-5)], day(0)), Some(day(4)));
    }
}
