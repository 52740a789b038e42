//! What a contact may ask for, and what takes it back.

use chrono::{Months, NaiveDate};

/// Days between two mails that the page offers.
pub const GAPS: [i32; 3] = [14, 30, 60];
const LONGEST_GAP: i32 = 365;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    StopDrip,
    StopAll,
    ResumeDrip,
    ResumeAll,
    /// At least so many days between two mails; `None`: as often as they come.
    Gap(Option<i32>),
    /// No mail before that day; `None`: at once again.
    Pause(Option<NaiveDate>),
    /// Asks to be asked whether really.
    Erase,
    EraseYes,
}

/// Why a form asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoWish {
    Unknown,
    /// What is wrong with the day, as `phrases` has it.
    Day(&'static str),
}

impl Wish {
    /// As the page's buttons name it, and the day that was typed.
    pub fn parse(wish: &str, until: &str, today: NaiveDate) -> Result<Wish, NoWish> {
        Ok(match wish {
            "stop-drip" => Wish::StopDrip,
            "stop-all" => Wish::StopAll,
            "resume-drip" => Wish::ResumeDrip,
            "resume-all" => Wish::ResumeAll,
            "fewer-end" => Wish::Gap(None),
            "pause-1-month" => Wish::Pause(today.checked_add_months(Months::new(1))),
            "pause-3-months" => Wish::Pause(today.checked_add_months(Months::new(3))),
            "pause-until" => Wish::Pause(Some(day(until, today).map_err(NoWish::Day)?)),
            "pause-end" => Wish::Pause(None),
            "erase" => Wish::Erase,
            "erase-yes" => Wish::EraseYes,
            other => {
                let days = other.strip_prefix("fewer-").and_then(|days| days.parse().ok());
                let days = days.filter(|days| (1..=LONGEST_GAP).contains(days));
                Wish::Gap(Some(days.ok_or(NoWish::Unknown)?))
            }
        })
    }

    /// As [`Wish::parse`] reads it, with the day where there is one.
    pub fn spelt(self) -> (String, Option<NaiveDate>) {
        let word = match self {
            Wish::StopDrip => "stop-drip",
            Wish::StopAll => "stop-all",
            Wish::ResumeDrip => "resume-drip",
            Wish::ResumeAll => "resume-all",
            Wish::Gap(Some(days)) => return (format!("fewer-{days}"), None),
            Wish::Gap(None) => "fewer-end",
            Wish::Pause(Some(until)) => return ("pause-until".to_owned(), Some(until)),
            Wish::Pause(None) => "pause-end",
            Wish::Erase => "erase",
            Wish::EraseYes => "erase-yes",
        };
        (word.to_owned(), None)
    }

    /// What takes it back, as things stood before; there is no way back from a removal.
    pub fn undone(self, gap_days: Option<i32>, paused_until: Option<NaiveDate>) -> Option<Wish> {
        Some(match self {
            Wish::StopDrip => Wish::ResumeDrip,
            Wish::StopAll => Wish::ResumeAll,
            Wish::ResumeDrip => Wish::StopDrip,
            Wish::ResumeAll => Wish::StopAll,
            Wish::Gap(_) => Wish::Gap(gap_days),
            Wish::Pause(_) => Wish::Pause(paused_until),
            Wish::Erase | Wish::EraseYes => return None,
        })
    }
}

/// A day to come, within a year.
fn day(text: &str, today: NaiveDate) -> Result<NaiveDate, &'static str> {
    if text.trim().is_empty() {
        return Err("day-missing");
    }
    let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| "day-shape")?;
    if day <= today {
        return Err("day-past");
    }
    match last_day(today) {
        Some(last) if day > last => Err("day-far"),
        _ => Ok(day),
    }
}

/// The last day that a pause may end on.
pub fn last_day(today: NaiveDate) -> Option<NaiveDate> {
    today.checked_add_months(Months::new(12))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_wish_is_spelt_as_it_is_read() {
        let today = on("2026-03-10");
        for wish in [
            Wish::StopDrip,
            Wish::StopAll,
            Wish::ResumeDrip,
            Wish::ResumeAll,
            Wish::Gap(Some(30)),
            Wish::Gap(None),
            Wish::Pause(Some(on("2026-06-01"))),
            Wish::Pause(None),
            Wish::Erase,
            Wish::EraseYes,
        ] {
            let (word, until) = wish.spelt();
            let until = until.map(|until| until.to_string()).unwrap_or_default();
            assert_eq!(Wish::parse(&word, &until, today), Ok(wish));
        }
        for word in [
            "",
            "stop",
            "fewer-0",
            "fewer--3",
            "fewer-366",
            "fewer-x",
            "fewer-99999999999",
        ] {
            assert_eq!(Wish::parse(word, "", today), Err(NoWish::Unknown), "{word}");
        }
    }

    #[test]
    fn a_pause_ends_on_a_day_to_come_and_within_a_year() {
        let today = on("2026-01-31");
        let until = |text: &str| Wish::parse("pause-until", text, today);
        assert_eq!(until("2027-01-31"), Ok(Wish::Pause(Some(on("2027-01-31")))));
        assert_eq!(until(" 2026-02-01 "), Ok(Wish::Pause(Some(on("2026-02-01")))));
        for text in [
            "",
            "soon",
            "2026-01-31",
            "2025-12-31",
            "2027-02-01",
            "31.3.2026",
            "9999-12-31",
            "-1-1-1",
        ] {
            assert!(matches!(until(text), Err(NoWish::Day(_))), "{text}");
        }
        let month = Wish::parse("pause-1-month", "", today);
        assert_eq!(month, Ok(Wish::Pause(Some(on("2026-02-28")))));
    }

    #[test]
    fn a_wish_is_undone_to_what_stood_before_it() {
        assert_eq!(Wish::Gap(Some(60)).undone(Some(14), None), Some(Wish::Gap(Some(14))));
        assert_eq!(
            Wish::Pause(None).undone(None, Some(on("2026-06-01"))),
            Some(Wish::Pause(Some(on("2026-06-01"))))
        );
        assert_eq!(Wish::StopAll.undone(None, None), Some(Wish::ResumeAll));
        assert_eq!(Wish::EraseYes.undone(None, None), None);
    }
}
