//! Slows down whoever tries links that nobody was mailed: past twenty misses a minute from one
//! address, further misses are told to wait. A link that opens something always opens it, also
//! for somebody who shares the address with a guesser.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{NaiveDateTime, TimeDelta};

const MOST: u32 = 20;
const WINDOW: TimeDelta = TimeDelta::minutes(1);
/// Above this many addresses, those whose minute is over are swept out.
const SWEEP_ABOVE: usize = 10_000;

/// Who has missed how often, since when.
#[derive(Default)]
pub struct Misses(Mutex<HashMap<IpAddr, (u32, NaiveDateTime)>>);

impl Misses {
    /// Counts a miss; `Err` with the seconds to wait when there were too many.
    pub fn note(&self, now: NaiveDateTime, address: IpAddr) -> Result<(), u64> {
        let mut misses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if misses.len() > SWEEP_ABOVE {
            misses.retain(|_, (_, since)| now - *since < WINDOW);
        }
        let (count, since) = misses.entry(address).or_insert((0, now));
        if now - *since >= WINDOW {
            (*count, *since) = (0, now);
        }
        *count += 1;
        if *count <= MOST {
            return Ok(());
        }
        let wait = *since + WINDOW - now;
        Err(u64::try_from(wait.num_seconds()).unwrap_or(0) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_first_miss_of_a_minute_waits_and_another_address_does_not() {
        let misses = Misses::default();
        let (here, there) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let now = NaiveDateTime::default();
        for _ in 0..20 {
            assert_eq!(misses.note(now, here), Ok(()));
        }
        assert!(misses.note(now + TimeDelta::seconds(59), here).is_err());
        assert_eq!(misses.note(now, there), Ok(()));
        assert_eq!(misses.note(now + WINDOW, here), Ok(()));
    }
}
