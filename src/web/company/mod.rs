//! One company: its page, its one-page brief, and its plan.

pub mod brief;
pub mod plan;
pub mod show;
mod tables;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};

use crate::behaviour::{self, usage};
use crate::companies::contacts;
use crate::companies::listing::{self, Listed, Viewer};
use crate::companies::rules::Facts;
use crate::design::{self, Design};
use crate::ids::ContactId;
use crate::insight::company::{self, Bought};
use crate::method::tenure::{Tenure, months};
use crate::method::usage::{Summary, Trend};
use crate::needs::reason::Card;
use crate::needs::{self, Standing};
use crate::plan::playbook::{self, Playbook};
use crate::plan::{self as plans, Plan};
use crate::store::{self, Conn};
use crate::text::figures;

use super::companies::{self as list, tenure_name};
use super::error::AppError;
use super::link;

/// What the page, the brief and the plan of a company have in common.
pub struct Subject {
    pub design: Arc<Design>,
    pub now: NaiveDateTime,
    pub company: Listed,
    pub facts: Facts,
    pub standing: Standing,
    pub card: Card,
    pub contacts: Vec<contacts::Listed>,
    /// The contacts who have scored answers for it.
    pub answered: HashSet<ContactId>,
    pub bought: Bought,
    pub behaves: behaviour::Standing,
    pub usage: Option<usage::OfCompany>,
    pub plan: Plan,
    /// Of the segment in effect.
    pub playbook: Playbook,
}

impl Subject {
    /// The company of that external id, unless it is none of the viewer's business.
    pub fn read(conn: &mut Conn, now: NaiveDateTime, viewer: &Viewer, external_id: &str) -> Result<Subject, AppError> {
        let design = design::current(conn)?;
        let company = listing::find(conn, viewer, external_id)?.ok_or(AppError::NotFound)?;
        let standing = needs::list_standings(conn, &design, &[company.id])?
            .pop()
            .unwrap_or_default();
        let segment = standing.rungs.segment.clone();
        Ok(Subject {
            now,
            facts: crate::companies::facts_of(conn, &company.external_id)?.ok_or(store::Error::NotFound)?,
            card: Card::of(&design, &standing),
            contacts: contacts::list_of_company(conn, company.id)?,
            answered: company::list_answered(conn, company.id)?.into_iter().collect(),
            bought: company::bought(conn, company.id)?,
            behaves: behaviour::standing(conn, now.date(), company.id)?,
            usage: usage::of_company(conn, company.id)?,
            plan: plans::find(conn, company.id)?,
            playbook: segment
                .map(|code| playbook::find(conn, &code))
                .transpose()?
                .unwrap_or_default(),
            standing,
            company,
            design,
        })
    }

    pub fn today(&self) -> NaiveDate {
        self.now.date()
    }

    pub fn href(&self) -> String {
        href(&self.company.external_id)
    }

    pub fn contacts_answered(&self) -> i64 {
        i64::from(self.standing.contacts_answered)
    }

    pub fn tenure(&self) -> Tenure {
        list::tenure_of(&self.design, &self.company, self.today())
    }

    pub fn tenure_name(&self) -> &'static str {
        tenure_name(self.tenure())
    }

    /// The segment in effect, as the framework has it.
    pub fn segment(&self) -> Option<&crate::framework::Segment> {
        self.design.framework.segment(self.standing.rungs.segment.as_deref()?)
    }

    pub fn segment_name<'a>(&'a self, code: &'a str) -> &'a str {
        list::segment_name(&self.design, code)
    }

    pub fn need_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.design.framework.need(code).map_or(code, |need| need.name.as_str())
    }

    /// How long it has been a customer: "2 years, 3 months".
    pub fn customer_for(&self) -> Option<String> {
        let months = months(self.company.customer_since?, self.today());
        let part = |count: i32, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{count} {many}")),
        };
        let parts = [part(months / 12, "year", "years"), part(months % 12, "month", "months")];
        let words: Vec<String> = parts.into_iter().flatten().collect();
        (months > 0).then(|| words.join(", "))
    }

    /// The sales environment that one walks into, in one line: how the company behaves, not what it needs.
    pub fn behaviour(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        words.extend(self.behaves.in_effect.clone());
        words.extend(self.facts.journey_stage.as_ref().map(|stage| format!("stage {stage}")));
        words.push(match (self.bought.deals, self.bought.last) {
            (0, _) | (_, None) => "no purchases known".to_owned(),
            (deals, Some(last)) => {
                let amount = self
                    .bought
                    .amount
                    .map(|amount| format!(" for {} in all", figures::money_short(amount)));
                format!(
                    "{}{}, the last on {}",
                    figures::counted(deals, "purchase", "purchases"),
                    amount.unwrap_or_default(),
                    figures::date(last)
                )
            }
        });
        words.extend(self.customer_for().map(|span| format!("a customer for {span}")));
        words.extend(self.usage.as_ref().map(|usage| usage_words(&usage.summary)));
        words.extend((self.company.tier != "unknown").then(|| format!("tier {}", self.company.tier)));
        capitalised(&words.join(" · "))
    }

    /// On what the behaviour in effect rests, and what the other source says.
    pub fn behaviour_source(&self) -> Option<String> {
        let behaves = &self.behaves;
        let in_effect = behaves.in_effect.as_deref()?;
        if behaves.is_imported() {
            let rules = match behaves.found.as_deref() {
                Some(found) if found != in_effect => format!("; by its purchases the rules would say {found}"),
                Some(_) => "; the rules say the same".to_owned(),
                None => String::new(),
            };
            return Some(format!("{in_effect} was imported{rules}."));
        }
        let import = match behaves.given.as_deref() {
            Some(given) if given != in_effect => format!("; the import says {given}"),
            _ => String::new(),
        };
        Some(format!("{in_effect} is told by the rules from what it bought{import}."))
    }

    /// The needs on which its contacts are furthest apart, the furthest first.
    pub fn disagreements(&self) -> Vec<(&str, f64)> {
        let apart = |row: &needs::CompanyNeedRow| row.r_wg.filter(|r_wg| *r_wg < MODERATE);
        let rows = self.standing.needs.iter();
        let mut found: Vec<(&str, f64)> = rows
            .filter_map(|row| Some((self.need_name(&row.need), apart(row)?)))
            .collect();
        found.sort_by(|a, b| a.1.total_cmp(&b.1));
        found
    }

    pub fn contact_name<'a>(&self, contact: &'a contacts::Listed) -> std::borrow::Cow<'a, str> {
        match contact.name() {
            name if name.is_empty() => contact.external_id.as_str().into(),
            name => name.into(),
        }
    }
}

/// "uses 3 features, 40 % less than before"
fn usage_words(summary: &Summary) -> String {
    let used = figures::counted(summary.features_used as i64, "feature", "features");
    match (summary.trend, change(summary.now, summary.before)) {
        (Trend::Stopped, _) => format!("used nothing since {}", figures::date(summary.last.date())),
        (_, Some(change)) if change < 0.0 => format!("uses {used}, {} less than before", figures::share(-change)),
        (_, Some(change)) if change > 0.0 => format!("uses {used}, {} more than before", figures::share(change)),
        _ => format!("uses {used}"),
    }
}

/// By which part something is more than before.
pub fn change(now: i64, before: i64) -> Option<f64> {
    (before > 0).then(|| now as f64 / before as f64 - 1.0)
}

/// Below this, contacts do not agree (LeBreton and Senter 2008 call it weak).
const MODERATE: f64 = 0.51;

/// How far contacts agree, in words.
pub fn agreement_word(r_wg: f64) -> &'static str {
    match r_wg {
        r_wg if r_wg < 0.31 => "they disagree",
        r_wg if r_wg < MODERATE => "weak",
        r_wg if r_wg < 0.71 => "moderate",
        r_wg if r_wg < 0.91 => "strong",
        _ => "very strong",
    }
}

/// A buying role as people say it.
pub fn role_word(role: Option<&str>) -> String {
    match role {
        Some(role) => capitalised(&super::words::readable(role)),
        None => "Role unknown".to_owned(),
    }
}

pub fn href(external_id: &str) -> String {
    format!("/companies/{}", link::part(external_id))
}

pub fn goal_word(goal: &plans::Goal) -> &'static str {
    match goal {
        plans::Goal::Win => "Win it",
        plans::Goal::Keep => "Keep it",
        plans::Goal::Grow => "Grow it",
    }
}

fn capitalised(text: &str) -> String {
    let mut signs = text.chars();
    signs
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_is_told_in_words() {
        let words = [0.0, 0.3, 0.4, 0.6, 0.8, 1.0].map(agreement_word);
        assert_eq!(
            words,
            [
                "they disagree",
                "they disagree",
                "weak",
                "moderate",
                "strong",
                "very strong"
            ]
        );
        assert_eq!(role_word(Some("decision_maker")), "Decision maker");
    }
}
