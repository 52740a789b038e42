//! Rows into the capabilities, a stretch at a time, and on to what hangs on them.

use std::collections::HashSet;
use std::mem;

use chrono::NaiveDateTime;

use super::{Counts, Refusal, What, answers};
use crate::behaviour;
use crate::behaviour::usage::{self, rules::UsageRecord};
use crate::companies;
use crate::companies::contacts::{self, rules::ContactRecord};
use crate::companies::record::{Fault, Row};
use crate::companies::rules::CompanyRecord;
use crate::companies::transactions::{self, rules::TransactionRecord};
use crate::config::SecretKey;
use crate::design::{self, Design};
use crate::drip;
use crate::ids::{CompanyId, ContactId, TransactionId};
use crate::mail::suppression;
use crate::needs;
use crate::store::{self, Conn};

/// Rows in hand at once: bounds the memory of a long file.
const STRETCH: usize = 2_000;
/// Faults kept at most: nobody reads more, and a file of nothing else must not fill the memory.
const MOST_FAULTS: usize = 100_000;

/// Takes all rows or none: an `Err` is to roll the transaction back.
pub fn take(
    conn: &mut Conn,
    now: NaiveDateTime,
    actor: &str,
    key: &SecretKey,
    what: What,
    rows: impl Iterator<Item = Row>,
) -> Result<Counts, Refusal> {
    let design = design::current(conn)?;
    let mut intake = Intake {
        design: &design,
        actor,
        key,
        now,
        seen: HashSet::new(),
        faults: Vec::new(),
        counts: Counts::default(),
        moves: Moves::default(),
    };
    let mut rows = rows.enumerate().peekable();
    while rows.peek().is_some() && intake.faults.len() < MOST_FAULTS {
        let stretch: Vec<(usize, Row)> = rows.by_ref().take(STRETCH).collect();
        intake.take(conn, what, stretch)?;
    }
    intake.end(conn)
}

/// What hangs on the rows taken so far.
#[derive(Default)]
struct Moves {
    revenues: bool,
    roles: Vec<ContactId>,
    deals: Vec<CompanyId>,
    /// Whose behaviour may be another one.
    behaved: Vec<CompanyId>,
    usage: bool,
    arrived: Vec<TransactionId>,
}

struct Intake<'a> {
    design: &'a Design,
    actor: &'a str,
    /// Tells an address of somebody who was removed.
    key: &'a SecretKey,
    now: NaiveDateTime,
    seen: HashSet<String>,
    faults: Vec<(usize, Fault)>,
    counts: Counts,
    moves: Moves,
}

impl Intake<'_> {
    /// After the first fault nothing is written any more, but all is still looked through.
    fn take(&mut self, conn: &mut Conn, what: What, rows: Vec<(usize, Row)>) -> store::Result<()> {
        match what {
            What::Companies => self.take_companies(conn, rows),
            What::Contacts => self.take_contacts(conn, rows),
            What::Transactions => self.take_transactions(conn, rows),
            What::Usage => self.take_usage(conn, rows),
            What::Answers => {
                let taken = answers::plan(conn, self.now, self.actor, self.design, rows)?;
                self.faults.extend(taken.faults);
                if self.faults.is_empty() {
                    self.counts += answers::carry_out(conn, self.now, &taken.incoming)?;
                }
                Ok(())
            }
        }
    }

    fn take_companies(&mut self, conn: &mut Conn, rows: Vec<(usize, Row)>) -> store::Result<()> {
        let records = self.read(rows, CompanyRecord::read, |record| &record.external_id);
        let mut plan = companies::plan(conn, records)?;
        self.faults.append(&mut plan.faults);
        if self.faults.is_empty() {
            let outcome = companies::carry_out(conn, self.now, &plan)?;
            self.counts += outcome.counts;
            self.moves.revenues |= outcome.revenues_changed;
            self.moves.behaved.extend(outcome.companies);
        }
        Ok(())
    }

    fn take_contacts(&mut self, conn: &mut Conn, rows: Vec<(usize, Row)>) -> store::Result<()> {
        let records = self.read(rows, ContactRecord::read, |record| &record.external_id);
        let mut plan = contacts::plan(conn, records)?;
        self.faults.append(&mut plan.faults);
        if self.faults.is_empty() {
            let outcome = contacts::carry_out(conn, self.now, &plan)?;
            let addresses = plan
                .afterwards()
                .filter_map(|facts| Some(facts.email.as_ref()?.folded()));
            suppression::recall(conn, self.now, self.key, &addresses.collect::<Vec<_>>())?;
            self.counts += outcome.counts;
            self.moves.roles.extend(outcome.role_changed);
        }
        Ok(())
    }

    fn take_transactions(&mut self, conn: &mut Conn, rows: Vec<(usize, Row)>) -> store::Result<()> {
        let needs = &self.design.framework.needs;
        let read = |row: &Row| TransactionRecord::read(row, |code| needs.iter().any(|need| need.code == code));
        let records = self.read(rows, read, |record| &record.external_id);
        let mut plan = transactions::plan(conn, records)?;
        self.faults.append(&mut plan.faults);
        if self.faults.is_empty() {
            let outcome = transactions::carry_out(conn, self.now, &plan)?;
            self.counts += outcome.counts;
            self.moves.deals.extend(outcome.deals_changed);
            self.moves.arrived.extend(outcome.arrived);
            self.moves.behaved.extend(outcome.companies);
        }
        Ok(())
    }

    fn take_usage(&mut self, conn: &mut Conn, rows: Vec<(usize, Row)>) -> store::Result<()> {
        usage::take_turn(conn)?;
        let mut records = Vec::with_capacity(rows.len());
        for (number, row) in rows {
            match UsageRecord::read(&row, self.now) {
                Err(faults) => self.faults.extend(faults.into_iter().map(|fault| (number, fault))),
                Ok(record) if !self.seen.insert(record.key()) => {
                    let reason = "is given a second time for this company and feature";
                    self.faults.push((number, Fault::of("at", reason)));
                }
                Ok(record) => records.push((number, record)),
            }
        }
        let mut plan = usage::plan(conn, records)?;
        self.faults.append(&mut plan.faults);
        if self.faults.is_empty() {
            let outcome = usage::carry_out(conn, self.now, plan)?;
            self.counts += outcome.counts;
            self.moves.behaved.extend(outcome.companies);
            self.moves.usage = true;
        }
        Ok(())
    }

    fn read<R>(
        &mut self,
        rows: Vec<(usize, Row)>,
        read: impl Fn(&Row) -> Result<R, Vec<Fault>>,
        external_id: impl Fn(&R) -> &String,
    ) -> Vec<(usize, R)> {
        let mut records = Vec::with_capacity(rows.len());
        for (number, row) in rows {
            match read(&row) {
                Err(faults) => self.faults.extend(faults.into_iter().map(|fault| (number, fault))),
                Ok(record) if !self.seen.insert(external_id(&record).clone()) => {
                    self.faults
                        .push((number, Fault::of("external_id", "is given a second time")));
                }
                Ok(record) => records.push((number, record)),
            }
        }
        records
    }

    fn end(mut self, conn: &mut Conn) -> Result<Counts, Refusal> {
        if !self.faults.is_empty() {
            self.faults.sort_by_key(|(number, _)| *number);
            return Err(Refusal::Faulty(self.faults));
        }
        self.follow(conn)?;
        Ok(self.counts)
    }

    /// Tiers, scores, segments and behaviour follow what came in.
    fn follow(&mut self, conn: &mut Conn) -> store::Result<()> {
        let moves = mem::take(&mut self.moves);
        if moves.revenues {
            companies::retier(conn)?;
        }
        if !moves.roles.is_empty() {
            needs::contacts_changed(conn, self.now, &moves.roles)?;
        }
        if !moves.deals.is_empty() {
            needs::deals_changed(conn, self.now, &moves.deals)?;
        }
        if !moves.behaved.is_empty() {
            behaviour::recount(conn, self.now, &moves.behaved)?;
        }
        if moves.usage {
            // The periods that all are told by may have moved on.
            behaviour::hurry(conn, self.now)?;
        }
        if !moves.arrived.is_empty() {
            drip::transactions_arrived(conn, self.now, &moves.arrived)?;
        }
        Ok(())
    }
}
