//! What switching a drip on would send: told before anybody presses the button.
//!
//! An estimate: it takes what is due, the send window and the caps as a claim would, but it cannot
//! know who answers, imports or unsubscribes in the meantime, nor how fast the mail server is.

mod queries;

use std::collections::HashMap;

use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Tz;

use super::{queries as drips, rules, window};
use crate::design;
use crate::framework::{Cap, Drip, Framework, SendWindow, Trigger};
use crate::ids::{CompanyId, ContactId};
use crate::store::{self, Conn};

/// A mail that would go, and to whom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    pub due_at: NaiveDateTime,
    pub contact: ContactId,
    pub company: CompanyId,
    pub zone: Tz,
}

/// What keeps a mail longer than a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// Its step has a later date.
    Due,
    Window,
    ContactCap,
    CompanyCap,
}

impl Why {
    pub fn words(self) -> &'static str {
        match self {
            Why::Due => "their step is due on a later day",
            Why::Window => "the send window is closed until then",
            Why::ContactCap => "the contact has had as many mails as the framework allows",
            Why::CompanyCap => "the company has had as many mails as the framework allows",
        }
    }
}

/// Mails that would leave after the first day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    pub why: Why,
    pub count: usize,
    pub first: NaiveDateTime,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Within 24 hours.
    pub first_day: usize,
    pub later: Vec<Later>,
    /// Contacts whom the audience would newly enrol; they are among the above.
    pub newly_enrolled: usize,
    /// Mails more than 24 hours late: they are spread.
    pub late: usize,
}

impl Forecast {
    pub fn after(&self) -> usize {
        self.later.iter().map(|later| later.count).sum()
    }
}

/// What holds mails back, apart from their date.
#[derive(Debug, Clone, Default)]
pub struct Limits<'f> {
    pub window: Option<&'f SendWindow>,
    pub per_contact: Option<Cap>,
    pub per_company: Option<Cap>,
}

/// Mails that have left already, for the caps.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    pub to_contacts: HashMap<ContactId, Vec<NaiveDateTime>>,
    pub to_companies: HashMap<CompanyId, Vec<NaiveDateTime>>,
}

/// Later than this counts as backlog.
const LATE_HOURS: i64 = 24;
/// So many late mails leave at one a minute; more are spread over a day.
const ONE_A_MINUTE: usize = 24 * 60;

/// What would leave from `now` on. `None`: there is no such drip.
pub fn forecast(conn: &mut Conn, now: NaiveDateTime, code: &str) -> store::Result<Option<Forecast>> {
    let design = design::current(conn)?;
    let framework = &design.framework;
    let Some(drip) = framework.drip(code) else {
        return Ok(None);
    };
    let mut candidates: Vec<Candidate> = Vec::new();
    candidates.extend(queries::list_waiting(conn, code)?.into_iter().map(Candidate::from));
    candidates.extend(queries::list_upcoming(conn, code)?.into_iter().map(Candidate::from));
    let audience = match drip.trigger {
        Trigger::Audience => audience(conn, now, framework, drip)?,
        Trigger::Manual | Trigger::Transaction => Vec::new(),
    };
    let newly_enrolled = audience.len();
    candidates.extend(audience);
    let limits = Limits {
        window: drip.send_window.as_ref(),
        per_contact: framework.settings.max_mails_per_contact,
        per_company: framework.settings.max_mails_per_company,
    };
    let sent = sent(conn, now, &limits)?;
    Ok(Some(Forecast {
        newly_enrolled,
        ..estimate(now, &limits, candidates, sent)
    }))
}

/// Whom the daily look at the audience would enrol now.
fn audience(conn: &mut Conn, now: NaiveDateTime, framework: &Framework, drip: &Drip) -> store::Result<Vec<Candidate>> {
    let threshold = framework.settings.tenure_threshold_months;
    let matching = drips::list_matching(conn, now.date(), threshold, &drip.audience.any_of, None)?;
    let delay = drip.steps.first().map_or(0, |step| step.delay.0);
    let due_at = now + TimeDelta::minutes(delay.into());
    let mut candidates = Vec::new();
    for chunk in matching.chunks(store::ROWS_PER_INSERT) {
        let ids: Vec<ContactId> = chunk.iter().map(|row| row.id).collect();
        let keys: Vec<&str> = chunk.iter().map(|row| row.email_key.as_str()).collect();
        let enrolled = drips::list_enrolled(conn, &drip.code, &ids)?;
        let suppressed = drips::list_suppressed(conn, &drip.code, &keys)?;
        let asked = match drip.audience.not_asked_within_days {
            Some(days) => drips::list_asked_since(conn, now - TimeDelta::days(days.into()), &ids)?,
            None => Default::default(),
        };
        let zones = queries::list_zones(conn, &ids)?;
        for row in chunk {
            let is_in = enrolled.contains(&(row.id, String::new()));
            let is_out = is_in || suppressed.contains(&row.email_key) || asked.contains(&row.id);
            let Some(company) = row.company_id.filter(|_| !is_out) else {
                continue;
            };
            let (own, at_company) = zones.get(&row.id).cloned().unwrap_or_default();
            candidates.push(Candidate {
                due_at,
                contact: row.id,
                company,
                zone: window::zone_of(own.as_deref(), at_company.as_deref()),
            });
        }
    }
    Ok(candidates)
}

fn sent(conn: &mut Conn, now: NaiveDateTime, limits: &Limits) -> store::Result<Sent> {
    let caps = [limits.per_contact, limits.per_company];
    let Some(days) = caps.into_iter().flatten().map(|cap| cap.days).max() else {
        return Ok(Sent::default());
    };
    let mut sent = Sent::default();
    for (contact, company, at) in queries::list_sent_since(conn, now - TimeDelta::days(days.into()))? {
        sent.to_contacts.entry(contact).or_default().extend(at);
        sent.to_companies.entry(company).or_default().extend(at);
    }
    Ok(sent)
}

/// Takes each mail through its date, the spreading of a backlog, the window and the caps.
pub fn estimate(now: NaiveDateTime, limits: &Limits, mut mails: Vec<Candidate>, mut sent: Sent) -> Forecast {
    mails.sort_by_key(|mail| (mail.due_at, mail.contact));
    let day_over = now + TimeDelta::hours(24);
    let is_late = |mail: &Candidate| now - mail.due_at > TimeDelta::hours(LATE_HOURS);
    let late = mails.iter().filter(|mail| is_late(mail)).count();
    let gap_seconds = if late > ONE_A_MINUTE {
        86_400.0 / late as f64
    } else {
        60.0
    };
    let mut forecast = Forecast {
        late,
        ..Forecast::default()
    };
    for (nth, mail) in mails.iter().enumerate() {
        // The late ones stand first.
        let start = match is_late(mail) {
            true => now + TimeDelta::milliseconds((nth as f64 * gap_seconds * 1000.0) as i64),
            false => mail.due_at.max(now),
        };
        match leaves_at(start, day_over, limits, mail, &sent) {
            Ok(at) => {
                forecast.first_day += 1;
                sent.to_contacts.entry(mail.contact).or_default().push(at);
                sent.to_companies.entry(mail.company).or_default().push(at);
            }
            Err((why, at)) => put_off(&mut forecast.later, why, at),
        }
    }
    forecast.later.sort_by_key(|later| (later.first, later.why));
    forecast
}

fn put_off(later: &mut Vec<Later>, why: Why, at: NaiveDateTime) {
    match later.iter_mut().find(|later| later.why == why) {
        Some(known) => {
            known.count += 1;
            known.first = known.first.min(at);
        }
        None => later.push(Later {
            why,
            count: 1,
            first: at,
        }),
    }
}

/// When it leaves within the day, or what keeps it longer and until when at least.
fn leaves_at(
    start: NaiveDateTime,
    day_over: NaiveDateTime,
    limits: &Limits,
    mail: &Candidate,
    sent: &Sent,
) -> Result<NaiveDateTime, (Why, NaiveDateTime)> {
    let none = Vec::new();
    let (mut at, mut why) = (start, Why::Due);
    // A cap's end may lie outside the window, whose opening may lie in another cap: few rounds do.
    for _ in 0..8 {
        if at >= day_over {
            return Err((why, at));
        }
        let opens_at = limits
            .window
            .map_or(at, |hours| window::next_allowed(hours, mail.zone, at));
        let of_contact = sent.to_contacts.get(&mail.contact).unwrap_or(&none);
        let of_company = sent.to_companies.get(&mail.company).unwrap_or(&none);
        let frees = |cap: Option<Cap>, sent: &[NaiveDateTime]| cap.and_then(|cap| rules::cap_frees_at(cap, sent, at));
        (at, why) = if opens_at > at {
            (opens_at, Why::Window)
        } else if let Some(frees_at) = frees(limits.per_contact, of_contact) {
            (frees_at, Why::ContactCap)
        } else if let Some(frees_at) = frees(limits.per_company, of_company) {
            (frees_at, Why::CompanyCap)
        } else {
            return Ok(at);
        };
    }
    Ok(at)
}

impl From<queries::CandidateRow> for Candidate {
    fn from(row: queries::CandidateRow) -> Candidate {
        Candidate {
            due_at: row.due_at.unwrap_or_default(),
            contact: row.contact_id,
            company: row.company_id,
            zone: window::zone_of(row.time_zone.as_deref(), row.company_time_zone.as_deref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Day;

    /// A Tuesday.
    fn now() -> NaiveDateTime {
        crate::clock::parse_rfc3339("2026-03-10T12:00:00Z").expect("a time")
    }

    fn mail(contact: i64, hours: i64) -> Candidate {
        Candidate {
            due_at: now() + TimeDelta::hours(hours),
            contact: ContactId(contact),
            company: CompanyId(contact % 2),
            zone: Tz::UTC,
        }
    }

    #[test]
    fn what_is_due_within_a_day_leaves_on_the_first() {
        let mails = vec![mail(1, -1), mail(2, 23), mail(3, 30)];
        let told = estimate(now(), &Limits::default(), mails, Sent::default());
        assert_eq!((told.first_day, told.after(), told.late), (2, 1, 0));
        assert_eq!(
            (told.later[0].why, told.later[0].first),
            (Why::Due, now() + TimeDelta::hours(30))
        );
    }

    #[test]
    fn a_closed_window_keeps_mails_until_it_opens() {
        let window = SendWindow {
            days: vec![Day::Fri],
            from: 9 * 60,
            to: 17 * 60,
        };
        let limits = Limits {
            window: Some(&window),
            ..Limits::default()
        };
        let told = estimate(now(), &limits, vec![mail(1, 0)], Sent::default());
        let friday = crate::clock::parse_rfc3339("2026-03-13T09:00:00Z").expect("a time");
        let expected = Later {
            why: Why::Window,
            count: 1,
            first: friday,
        };
        assert_eq!((told.first_day, told.later), (0, vec![expected]));
    }

    #[test]
    fn the_mails_of_the_forecast_fill_the_caps_too() {
        let limits = Limits {
            per_company: Some(Cap { count: 2, days: 7 }),
            per_contact: Some(Cap { count: 1, days: 3 }),
            ..Limits::default()
        };
        let sent = Sent {
            to_contacts: HashMap::from([(ContactId(2), vec![now() - TimeDelta::days(1)])]),
            ..Sent::default()
        };
        let told = estimate(
            now(),
            &limits,
            vec![mail(1, 0), mail(3, 0), mail(5, 0), mail(2, 0)],
            sent,
        );
        assert_eq!(told.first_day, 2);
        let whys: Vec<(Why, usize)> = told.later.iter().map(|later| (later.why, later.count)).collect();
        assert_eq!(whys, [(Why::ContactCap, 1), (Why::CompanyCap, 1)]);
    }

    #[test]
    fn a_great_backlog_is_spread_over_the_day_and_all_of_it_leaves() {
        let mails: Vec<Candidate> = (0..3_000).map(|contact| mail(contact, -48)).collect();
        let told = estimate(now(), &Limits::default(), mails, Sent::default());
        assert_eq!((told.first_day, told.after(), told.late), (3_000, 0, 3_000));
    }
}
