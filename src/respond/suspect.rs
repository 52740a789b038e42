//! Whether what was posted looks like a machine's: three signs, of which two are needed. Pure.
//!
//! No other sign counts: programs and people send the same headers, and links that nobody can see
//! are found by screen readers, too.

use chrono::TimeDelta;

/// Nobody reads a page and answers it in less.
const READING: TimeDelta = TimeDelta::seconds(1);
/// Nobody finds a mail and answers it in less; scanners look before it is delivered.
const ARRIVING: TimeDelta = TimeDelta::seconds(60);

#[derive(Debug, Clone, Copy)]
pub struct Signs {
    /// From this page's GET to its POST; `None`: there was no GET.
    pub reading: Option<TimeDelta>,
    /// All links of the mail were fetched within moments of one another.
    pub swept: bool,
    /// Since a server took the mail; `None`: no server did, or nobody knows when.
    pub since_accepted: Option<TimeDelta>,
}

impl Signs {
    pub fn are_a_machines(&self) -> bool {
        let at_once = self.reading.is_none_or(|reading| reading < READING);
        // Clocks of two machines differ: a mail may seem to be taken a moment after the answer.
        let on_arrival = self.since_accepted.is_some_and(|since| since.abs() < ARRIVING);
        [at_once, self.swept, on_arrival]
            .into_iter()
            .filter(|sign| *sign)
            .count()
            >= 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_a_machines(reading_ms: Option<i64>, swept: bool, since_accepted: Option<i64>) -> bool {
        let signs = Signs {
            reading: reading_ms.map(TimeDelta::milliseconds),
            swept,
            since_accepted: since_accepted.map(TimeDelta::seconds),
        };
        signs.are_a_machines()
    }

    #[test]
    fn two_signs_are_needed_and_any_two_will_do() {
        assert!(!are_a_machines(Some(999), false, None));
        assert!(!are_a_machines(None, false, Some(60)));
        assert!(!are_a_machines(Some(1000), true, Some(60)));
        assert!(!are_a_machines(Some(1000), false, Some(59)));
        assert!(are_a_machines(Some(999), false, Some(59)));
        assert!(are_a_machines(None, true, None));
        assert!(are_a_machines(Some(1000), true, Some(0)));
    }
}
