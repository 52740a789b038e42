//! Slows down whoever guesses passwords: each failure for an account, and each from an address,
//! doubles the wait. Nobody is locked out for good.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{NaiveDateTime, TimeDelta};

/// Failures without a wait; an address has more, as a whole office may share it.
const FREE_BY_ACCOUNT: u32 = 5;
const FREE_BY_ADDRESS: u32 = 20;
const LONGEST_WAIT_SECONDS: i64 = 120;
/// What is as old as this no longer counts.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(1);
/// Above this many, those that no longer count are swept out.
const SWEEP_ABOVE: usize = 10_000;

/// Who has failed how often. In memory: a restart forgets, which helps nobody much.
#[derive(Default)]
pub struct Throttle(Mutex<HashMap<Who, Failures>>);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Who {
    Account(String),
    Address(IpAddr),
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: NaiveDateTime,
}

impl Throttle {
    /// Counts a try, before it is known whether it succeeds: many at once do not slip through.
    /// `Err` with the seconds to wait.
    pub fn admit(&self, now: NaiveDateTime, account: &str, address: Option<IpAddr>) -> Result<(), u64> {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() > SWEEP_ABOVE {
            failures.retain(|_, failure| now - failure.last < FORGOTTEN_AFTER);
        }
        let asked = Self::asked(account, address);
        let waits = asked.iter().filter_map(|who| {
            let failure = failures.get(who)?;
            Some(wait(who, *failure, now)).filter(|wait| *wait > TimeDelta::zero())
        });
        if let Some(wait) = waits.max() {
            // Rounded up: whoever waits that long is let in.
            return Err(u64::try_from(wait.num_seconds()).unwrap_or(0) + 1);
        }
        for who in asked {
            let failure = failures.entry(who).or_insert(Failures { count: 0, last: now });
            if now - failure.last >= FORGOTTEN_AFTER {
                failure.count = 0;
            }
            failure.count += 1;
            failure.last = now;
        }
        Ok(())
    }

    /// The try succeeded: the account's failures are forgiven, and the address's one.
    pub fn forgive(&self, account: &str, address: Option<IpAddr>) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for who in Self::asked(account, address) {
            match who {
                Who::Account(_) => {
                    failures.remove(&who);
                }
                Who::Address(_) => {
                    if let Some(failure) = failures.get_mut(&who) {
                        failure.count = failure.count.saturating_sub(1);
                    }
                }
            }
        }
    }

    fn asked(account: &str, address: Option<IpAddr>) -> Vec<Who> {
        let account = Who::Account(account.trim().to_lowercase());
        let address = address.map(Who::Address);
        std::iter::once(account).chain(address).collect()
    }
}

fn wait(who: &Who, failure: Failures, now: NaiveDateTime) -> TimeDelta {
    let free = match who {
        Who::Account(_) => FREE_BY_ACCOUNT,
        Who::Address(_) => FREE_BY_ADDRESS,
    };
    let Some(beyond) = failure.count.checked_sub(free) else {
        return TimeDelta::zero();
    };
    let seconds = 1_i64.checked_shl(beyond).unwrap_or(LONGEST_WAIT_SECONDS);
    let seconds = if beyond > 8 {
        LONGEST_WAIT_SECONDS
    } else {
        seconds.min(LONGEST_WAIT_SECONDS)
    };
    failure.last + TimeDelta::seconds(seconds) - now
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    fn begin() -> NaiveDateTime {
        NaiveDateTime::default() + TimeDelta::days(20_000)
    }

    #[test]
    fn after_five_failures_each_further_one_doubles_the_wait() {
        let throttle = Throttle::default();
        let mut now = begin();
        for _ in 0..5 {
            assert_eq!(throttle.admit(now, "ada@example.com", None), Ok(()));
        }
        let mut waits = Vec::new();
        for _ in 0..9 {
            let seconds = throttle.admit(now, "ADA@example.com ", None).expect_err("a wait");
            waits.push(seconds - 1);
            now += TimeDelta::seconds(seconds as i64 - 1);
            assert_eq!(throttle.admit(now, "ada@example.com", None), Ok(()), "after the wait");
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 120, 120]);
        assert_eq!(throttle.admit(now, "bob@example.com", None), Ok(()), "another account");
    }

    #[test]
    fn an_address_that_tries_many_accounts_waits_too() {
        let throttle = Throttle::default();
        for n in 0..20 {
            assert_eq!(throttle.admit(begin(), &format!("{n}@example.com"), OFFICE), Ok(()));
        }
        assert!(throttle.admit(begin(), "ada@example.com", OFFICE).is_err());
        assert_eq!(
            throttle.admit(begin(), "ada@example.com", None),
            Ok(()),
            "from elsewhere"
        );
    }

    #[test]
    fn success_and_time_forgive() {
        let throttle = Throttle::default();
        for _ in 0..5 {
            let _ = throttle.admit(begin(), "ada@example.com", OFFICE);
        }
        throttle.forgive("ada@example.com", OFFICE);
        assert_eq!(throttle.admit(begin(), "ada@example.com", OFFICE), Ok(()));
        for _ in 0..5 {
            let _ = throttle.admit(begin(), "ada@example.com", OFFICE);
        }
        let later = begin() + FORGOTTEN_AFTER;
        for _ in 0..5 {
            assert_eq!(throttle.admit(later, "ada@example.com", OFFICE), Ok(()));
        }
    }
}
