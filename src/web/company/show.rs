//! A company's page: the one segment and why, on what it rests, how its needs came to be what they are.

use actix_web::web::{Data, Path, Query};
use actix_web::{Either, HttpResponse};
use askama::Template;

use super::{Subject, agreement_word};
use crate::accounts::Role;
use crate::behaviour::usage;
use crate::clock::Clock;
use crate::companies::transactions;
use crate::conversations::{self, ConversationRow};
use crate::framework::Need;
use crate::insight::chart::bars::{self, Bar};
use crate::insight::chart::history::{self, Since, Step};
use crate::insight::company::{self, Evidence};
use crate::needs::{self, CompanyNeedRow, Moment, SegmentChangeRow};
use crate::plan::alerts::{self, Alert};
use crate::store::Db;
use crate::text::figures;
use crate::web::alerts as said;
use crate::web::error::AppError;
use crate::web::insights::file::{self, Wanted};
use crate::web::page::Page;
use crate::web::session::{Sales, Sight};

/// Transactions on a company's page.
const DEALS: usize = 20;
/// Conversations on its page.
const CONVERSATIONS: i64 = 20;
/// Days in the history of its scores.
const DAYS: usize = 24;
/// Alerts on its page.
const ALERTS: i64 = 5;

#[derive(Template)]
#[template(path = "companies/show.html")]
pub struct Show {
    pub(super) subject: Subject,
    pub(super) deals: Vec<transactions::Listed>,
    pub(super) changes: Vec<SegmentChangeRow>,
    pub(super) evidence: Evidence,
    pub(super) history: Vec<Moment>,
    alerts: Vec<Alert>,
    conversations: Vec<ConversationRow>,
    /// Names, group and merges are an analyst's.
    may_edit: bool,
}

/// The scores of a need over time, drawn.
struct Drawn<'s> {
    need: &'s str,
    steps: Vec<Step>,
    last: String,
}

/// `GET /companies/{external_id}?format=…&table=…`
pub async fn show(
    db: Data<Db>,
    clock: Data<Clock>,
    external_id: Path<String>,
    Sales(user): Sales,
    Sight(viewer): Sight,
    parameters: Query<Vec<(String, String)>>,
) -> Result<Either<Page<Show>, HttpResponse>, AppError> {
    let now = clock.now();
    let wanted = Wanted::read(&parameters)?;
    // A page shows the last ones, a file has them all.
    let deals = if wanted.is_some() { usize::MAX >> 1 } else { DEALS };
    let page = db
        .read(move |conn| {
            let subject = Subject::read(conn, now, &viewer, &external_id)?;
            let company = subject.company.id;
            let mut changes = needs::list_changes(conn, company)?;
            changes.reverse();
            Ok::<_, AppError>(Show {
                deals: transactions::list_of_company(conn, company, deals)?,
                evidence: company::evidence(conn, &subject.design, company, &subject.contacts)?,
                history: needs::score_history(conn, &subject.design, company, DAYS)?,
                alerts: alerts::list_of_company(conn, company, user.id, ALERTS)?,
                conversations: conversations::list_of_company(conn, company, CONVERSATIONS)?,
                may_edit: user.role.may(Role::Analyst),
                changes,
                subject,
            })
        })
        .await?;
    let Some(wanted) = wanted else {
        return Ok(Either::Left(Page(page)));
    };
    let tables = page.tables();
    file::answer(&tables.iter().collect::<Vec<_>>(), &wanted, page.origin()).map(Either::Right)
}

/// How far from the score its 95 % interval reaches, in standard errors.
const REACH: f64 = 1.96;

/// Both ends of a score's interval, within the scale.
fn interval(score: f64, se: f64) -> (f64, f64) {
    ((score - REACH * se).max(0.0), (score + REACH * se).min(100.0))
}

impl Show {
    /// Each need of the framework with the company's score, where it has one.
    pub(super) fn needs(&self) -> Vec<(&Need, Option<&CompanyNeedRow>)> {
        let score = |need: &Need| self.subject.standing.needs.iter().find(|row| row.need == need.code);
        let needs = self.subject.design.framework.needs.iter();
        needs.map(|need| (need, score(need))).collect()
    }

    pub(super) fn interval(&self, row: &CompanyNeedRow) -> (f64, f64) {
        interval(row.score, row.se)
    }

    fn agreement(&self, row: &CompanyNeedRow) -> String {
        match row.r_wg {
            Some(r_wg) => format!("{} ({})", agreement_word(r_wg), figures::number(r_wg, 2)),
            None => "one contact".to_owned(),
        }
    }

    /// The needs ahead, the highest first, as far as they are known.
    fn ahead(&self) -> Vec<(&str, String)> {
        let mut rows: Vec<&CompanyNeedRow> = self.subject.standing.needs.iter().collect();
        rows.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.need.cmp(&b.need)));
        let named = rows.into_iter().take(3);
        named
            .map(|row| (self.subject.need_name(&row.need), figures::number(row.score, 0)))
            .collect()
    }

    /// How well each segment fits, best first.
    fn fits(&self) -> Vec<(&str, f64)> {
        let fits = self.subject.standing.rungs.fits.as_deref();
        let fits: std::collections::BTreeMap<String, f64> = fits
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default();
        let segments = self.subject.design.framework.segments.iter();
        let mut named: Vec<(&str, f64)> = segments
            .filter_map(|segment| Some((segment.name.as_str(), *fits.get(&segment.code)?)))
            .collect();
        named.sort_by(|a, b| b.1.total_cmp(&a.1));
        named
    }

    /// What is known, by the name that readers know.
    fn facts(&self) -> Vec<(&str, &str)> {
        let facts = &self.subject.facts;
        let named = [
            ("Industry", facts.industry.as_deref()),
            ("Country", facts.country.as_deref()),
            ("Region", facts.region.as_deref()),
            (
                "Kind of customer",
                facts.customer_type.as_ref().map(|kind| kind.as_str()),
            ),
            ("Journey stage", facts.journey_stage.as_deref()),
            ("Behaviour", self.subject.behaves.in_effect.as_deref()),
            ("Technology level", facts.technology_level.as_deref()),
            ("Time zone", facts.time_zone.as_deref()),
            ("Owner", facts.owner_email.as_deref()),
        ];
        let known = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let attributes = facts.attributes.iter();
        known
            .chain(attributes.map(|(name, value)| (name.as_str(), value.as_str())))
            .collect()
    }

    /// Recency, frequency and amount, each with what there is to compare it with.
    fn rhythm(&self) -> Vec<(&'static str, String, String)> {
        let rhythm = &self.subject.behaves.rhythm;
        let Some(days) = rhythm.days_since_last else {
            return vec![];
        };
        let last = match days {
            0 => "today".to_owned(),
            days => format!("{} ago", figures::counted(days, "day", "days")),
        };
        vec![
            ("Last purchase", last, String::new()),
            (
                "In twelve months",
                figures::counted(rhythm.purchases, "purchase", "purchases"),
                format!("{} in those before", figures::count(rhythm.purchases_before)),
            ),
            (
                "For",
                figures::money(rhythm.amount),
                format!("{} in those before", figures::money(rhythm.amount_before)),
            ),
        ]
    }

    /// By how much a feature is used more or less than in the period before.
    fn change(&self, now: i64, before: i64) -> String {
        match super::change(now, before) {
            Some(change) => format!("{} %", figures::difference(change * 100.0, 0)),
            None => "–".to_owned(),
        }
    }

    fn bars(&self, usage: &usage::OfCompany) -> Vec<Bar> {
        bars::heights(&usage.history.iter().map(|(_, uses)| *uses).collect::<Vec<_>>())
    }

    pub(super) fn need_names(&self, codes: &str) -> String {
        let named = codes.split('|').map(|code| self.subject.need_name(code));
        named.collect::<Vec<&str>>().join(", ")
    }

    /// A small drawing for each need that has a score.
    fn drawn(&self) -> Vec<Drawn<'_>> {
        let (Some(first), today) = (self.history.first().map(|moment| moment.day), self.subject.today()) else {
            return vec![];
        };
        let of_need = |place: usize| -> Vec<Since> {
            let since = |moment: &Moment| {
                let (value, se) = moment.scores[place]?;
                let (low, high) = interval(value, se);
                Some(Since {
                    day: moment.day,
                    value,
                    low,
                    high,
                })
            };
            self.history.iter().filter_map(since).collect()
        };
        let needs = self.subject.design.framework.needs.iter().enumerate();
        needs
            .filter_map(|(place, need)| {
                let values = of_need(place);
                Some(Drawn {
                    last: figures::number(values.last()?.value, 0),
                    steps: history::steps(&values, first, today.max(first)),
                    need: &need.name,
                })
            })
            .collect()
    }

    /// By which way an answer came, as people say it.
    pub(super) fn channel<'c>(&self, channel: &'c str) -> &'c str {
        match channel {
            "form" => "Mailed form",
            "api" => "API",
            "import" => "Import",
            "conversation" => "Conversation, entered by a colleague",
            other => other,
        }
    }

    pub(super) fn min_group(&self) -> u32 {
        self.subject.design.framework.settings.min_group
    }

    /// Some role's scores are told.
    fn has_role_scores(&self) -> bool {
        let mut roles = self.evidence.roles.iter();
        roles.any(|role| role.scores.by_need.iter().any(Option::is_some))
    }

    fn has_answers(&self) -> bool {
        self.evidence.roles.iter().any(|role| role.answered > 0)
    }

    /// A new or existing customer says "why they came" or "why they stay".
    fn road(&self) -> &'static str {
        match self.subject.tenure() {
            crate::method::tenure::Tenure::New => "Why it came, and what it looks for next",
            crate::method::tenure::Tenure::LongStanding => "Why it stays, and what it looks for next",
            crate::method::tenure::Tenure::Unknown => "What it looks for",
        }
    }

    fn open_steps(&self) -> impl Iterator<Item = &crate::plan::Step> {
        self.subject.plan.steps.iter().filter(|step| step.is_open()).take(4)
    }

    fn told(&self, alert: &Alert) -> String {
        said::sentence(&self.subject.design, alert)
    }
}
