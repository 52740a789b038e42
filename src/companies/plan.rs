//! What a batch of records would change, worked out before anything is written.

use std::ops::AddAssign;

use super::record::Fault;

/// How many things a batch made, changed and left as they were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
    }
}

/// A thing that is there and is to be otherwise.
#[derive(Debug)]
pub struct Change<Id, Facts> {
    pub id: Id,
    pub before: Facts,
    pub after: Facts,
}

/// What a batch comes to. With faults it is not to be carried out.
#[derive(Debug)]
pub struct Plan<Id, Facts> {
    pub(super) new: Vec<Facts>,
    pub(super) changed: Vec<Change<Id, Facts>>,
    pub(super) unchanged: u64,
    /// Each with the number of its record.
    pub faults: Vec<(usize, Fault)>,
}

impl<Id, Facts> Plan<Id, Facts> {
    /// What each thing will be that is new or changes.
    pub fn afterwards(&self) -> impl Iterator<Item = &Facts> {
        self.new.iter().chain(self.changed.iter().map(|change| &change.after))
    }
}

impl<Id, Facts: PartialEq> Plan<Id, Facts> {
    pub(super) fn empty() -> Plan<Id, Facts> {
        Plan {
            new: Vec::new(),
            changed: Vec::new(),
            unchanged: 0,
            faults: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, before: Option<(Id, Facts)>, after: Facts) {
        match before {
            None => self.new.push(after),
            Some((_, before)) if before == after => self.unchanged += 1,
            Some((id, before)) => self.changed.push(Change { id, before, after }),
        }
    }

    /// A record that changes nothing.
    pub(super) fn keep(&mut self) {
        self.unchanged += 1;
    }

    pub(super) fn refuse(&mut self, record: usize, faults: impl IntoIterator<Item = Fault>) {
        self.faults.extend(faults.into_iter().map(|fault| (record, fault)));
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            created: self.new.len() as u64,
            updated: self.changed.len() as u64,
            unchanged: self.unchanged,
        }
    }
}
