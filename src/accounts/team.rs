//! Who leads whom. Pure.

use crate::ids::UserId;

/// A user who has a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Led {
    pub id: UserId,
    pub email_key: String,
    pub lead: UserId,
}

/// Everybody whom the user leads, directly or through others, the nearest first. A ring, which no
/// page lets anybody make, ends where it began.
pub fn led_by(lead: UserId, all: &[Led]) -> Vec<&Led> {
    let mut found: Vec<&Led> = Vec::new();
    let mut leads = vec![lead];
    let mut next = 0;
    while let Some(lead) = leads.get(next).copied() {
        for one in all.iter().filter(|one| one.lead == lead) {
            if !leads.contains(&one.id) {
                leads.push(one.id);
                found.push(one);
            }
        }
        next += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn led(pairs: &[(i64, i64)]) -> Vec<Led> {
        let one = |(id, lead): &(i64, i64)| Led {
            id: UserId(*id),
            email_key: format!("u{id}@x.example"),
            lead: UserId(*lead),
        };
        pairs.iter().map(one).collect()
    }

    fn of(lead: i64, pairs: &[(i64, i64)]) -> Vec<i64> {
        led_by(UserId(lead), &led(pairs)).iter().map(|one| one.id.0).collect()
    }

    #[test]
    fn a_lead_leads_those_whom_its_people_lead() {
        let pairs = [(2, 1), (3, 1), (4, 3), (5, 4), (7, 6)];
        assert_eq!(of(1, &pairs), [2, 3, 4, 5]);
        assert_eq!(of(3, &pairs), [4, 5]);
        assert_eq!(of(2, &pairs), Vec::<i64>::new());
    }

    #[test]
    fn a_ring_comes_to_an_end() {
        assert_eq!(of(1, &[(2, 1), (1, 2)]), [2]);
    }
}
