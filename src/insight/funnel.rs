//! What became of each step of a drip: who got its mail, opened its form, answered, or left.

mod queries;

use chrono::NaiveDate;

use self::queries::StepCount;
use super::{ByTenure, Chosen, Filter};
use crate::design::Design;
use crate::framework::{Drip, StepContent};
use crate::store::{self, Conn};

/// One step; every figure counts contacts' invitations, reminders not apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FunnelStep {
    /// From 1, as people count.
    pub step: i32,
    /// False for a message: there is nothing to open or to answer.
    pub asks: bool,
    /// Its first mail has left.
    pub sent: ByTenure<u64>,
    /// Sent, and nothing came back so far.
    pub delivered: ByTenure<u64>,
    /// Refused for the recipient's sake, or returned later.
    pub bounced: ByTenure<u64>,
    /// The form was fetched by more than a program that fetches every link, or it was answered.
    pub opened: ByTenure<u64>,
    pub answered: ByTenure<u64>,
    /// Wanted no more mails after this one, before the next.
    pub unsubscribed: ByTenure<u64>,
}

/// The steps of the drip, in their order; one query for each figure.
pub fn funnel(
    conn: &mut Conn,
    design: &Design,
    today: NaiveDate,
    filter: &Filter,
    drip: &Drip,
) -> store::Result<Vec<FunnelStep>> {
    let chosen = Chosen::new(design, today, filter);
    let mut steps: Vec<FunnelStep> = (1..)
        .zip(&drip.steps)
        .map(|(number, step)| FunnelStep {
            step: number,
            asks: !matches!(step.content, StepContent::Message { .. }),
            ..FunnelStep::default()
        })
        .collect();
    for row in queries::count_reached(conn, &chosen, &drip.code)? {
        let step = usize::try_from(row.step).ok().and_then(|step| steps.get_mut(step));
        if let Some(step) = step {
            *step.sent.get_mut(row.tenure) += row.sent.unsigned_abs();
            *step.answered.get_mut(row.tenure) += row.answered.unsigned_abs();
            // Who answered has opened it.
            *step.opened.get_mut(row.tenure) += row.answered.unsigned_abs();
        }
    }
    let mut put = |rows: Vec<StepCount>, figure: fn(&mut FunnelStep) -> &mut ByTenure<u64>| {
        for row in rows {
            // A step that the framework has no more is not shown.
            let step = usize::try_from(row.step).ok().and_then(|step| steps.get_mut(step));
            if let Some(step) = step {
                *figure(step).get_mut(row.tenure) += row.n.unsigned_abs();
            }
        }
    };
    put(queries::count_fetched(conn, &chosen, &drip.code)?, |step| {
        &mut step.opened
    });
    let returned = queries::count_returned(conn, &chosen, &drip.code)?;
    let refused = queries::count_refused(conn, &chosen, &drip.code)?;
    put(returned.clone(), |step| &mut step.delivered);
    put(returned, |step| &mut step.bounced);
    put(refused, |step| &mut step.bounced);
    let unsubscribed = queries::count_unsubscribed(conn, &chosen, &drip.code)?;
    put(unsubscribed, |step| &mut step.unsubscribed);
    for step in &mut steps {
        // Until here, `delivered` held what came back.
        let (sent, returned) = (step.sent, step.delivered);
        step.delivered = ByTenure::of(|tenure| sent.get(tenure).saturating_sub(*returned.get(tenure)));
    }
    Ok(steps)
}
