//! The first page: which segments the companies fall into and what they need, by tenure.

use std::sync::Arc;

use askama::Template;
use chrono::NaiveDateTime;

use crate::accounts::{Role, session};
use crate::answers;
use crate::design::Design;
use crate::insight::chart::IntervalChart;
use crate::insight::filter::FilterFault;
use crate::insight::today::{self, Change, News, Reach, Waits};
use crate::insight::{self, Filter, FirstSteps, NeedFigures, SegmentFigures, Unassigned};
use crate::needs::{self, Confirmed};
use crate::store::Conn;
use crate::text;

use super::alerts::Agenda;
use super::error::{AppError, Fault};
use super::figures::{self, NeedRow, SegmentRow};
use super::insights::frame::{Asked, Desk, Frame, InsightPage, Shown, Tab};
use super::insights::overview;
use super::insights::table::{Cell, Column, Table};
use super::session::{Sales, Sight};
use super::{link, words};

/// All that the dashboard shows, read from one state of the database.
pub struct Figures {
    pub steps: FirstSteps,
    pub needs: NeedFigures,
    /// Which needs companies' answers speak for.
    pub confirmed: Confirmed,
    pub segments: SegmentFigures,
    pub reach: Reach,
    /// Links answered only by what looks like a program.
    pub suspects: i64,
}

#[derive(Template)]
#[template(path = "dashboard/show.html")]
pub struct Show {
    frame: Frame,
    steps: Option<FirstSteps>,
    can_design: bool,
    is_own: bool,
    segments: SegmentFigures,
    segment_rows: Vec<SegmentRow>,
    independence: Option<String>,
    chart: Option<IntervalChart>,
    need_rows: Vec<NeedRow>,
    reach: Reach,
    /// Since when, and what changed; `None` on the first visit.
    news: Option<(NaiveDateTime, Arc<News>)>,
    now: NaiveDateTime,
    waits: Vec<Wait>,
    agenda: Agenda,
    by_segment: Table,
    scores: Table,
    differences: Table,
    coverage: Table,
    unassigned: Table,
    changes: Table,
    /// Links answered only by what looks like a program.
    suspects: i64,
}

/// Something that waits, and where to see to it.
struct Wait {
    words: String,
    href: String,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        vec![
            &self.by_segment,
            &self.scores,
            &self.differences,
            &self.coverage,
            &self.unassigned,
            &self.changes,
        ]
    }
}

/// `GET /`
pub async fn show(_: Sales, Sight(viewer): Sight, desk: Desk) -> Result<Shown<Show>, AppError> {
    let (frame, read) = desk.read(Tab::Dashboard, &[], figures).await?;
    let (now, user) = (desk.now, frame.user.clone());
    let before = desk
        .db
        .read(move |conn| Ok::<_, AppError>(session::visited_before(conn, user.id)?))
        .await?;
    let news = match before {
        None => None,
        Some(since) => {
            let on = vec![("since".to_owned(), since.to_string())];
            let news = move |conn: &mut Conn, design: &Arc<Design>, asked: &Asked| {
                Ok(today::news(conn, design, asked.today, &asked.filter, since)?)
            };
            Some((since, desk.more(&frame, "/#news", on, news).await?))
        }
    };
    let by = frame.user.email.clone();
    let on = vec![("by".to_owned(), by.clone())];
    let is_sales = frame.user.role == Role::Sales;
    let waits = move |conn: &mut Conn, design: &Arc<Design>, _: &Asked| {
        Ok(if is_sales {
            today::waits_for_sales(conn, &by)?
        } else {
            today::waits(conn, now, design, &by)?
        })
    };
    let waits = desk.more(&frame, "/#waits", on, waits).await?;
    let user = frame.user.clone();
    // What one has promised is told as of this moment.
    let agenda = desk
        .db
        .read(move |conn| Ok::<_, AppError>(Agenda::read(conn, &viewer, &user, now.date())?))
        .await?;
    Ok(Shown(Show::new(frame, &read, now, news, &waits, agenda)))
}

pub fn figures(conn: &mut Conn, design: &Arc<Design>, asked: &Asked) -> Result<Figures, AppError> {
    Ok(Figures {
        steps: insight::first_steps(conn, design)?,
        needs: insight::needs(conn, design, asked.today, &asked.filter)?,
        confirmed: needs::confirmed(conn, design)?.told_to(asked.filter.owners.is_some()),
        segments: insight::segments(conn, design, asked.today, &asked.filter)?,
        reach: today::reach(conn, design, asked.today, &asked.filter)?,
        suspects: answers::count_suspect(conn)?.iter().map(|(_, count)| count).sum(),
    })
}

/// The companies that the address asks for, or every fault of it.
pub fn filter(parameters: &[(String, String)], design: &Design) -> Result<Filter, AppError> {
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fault = |fault: FilterFault| Fault::new(fault.parameter, fault.message);
    Filter::read(pairs, &design.framework)
        .map_err(|faults| AppError::Unprocessable(faults.into_iter().map(fault).collect()))
}

impl Show {
    fn new(
        frame: Frame,
        read: &Figures,
        now: NaiveDateTime,
        news: Option<(NaiveDateTime, Arc<News>)>,
        waits: &Waits,
        agenda: Agenda,
    ) -> Show {
        let steps = read.steps;
        let all_done = steps.has_framework && steps.has_contacts && steps.has_enrolments;
        Show {
            steps: (!all_done).then_some(steps),
            can_design: frame.user.role.may(Role::Analyst),
            is_own: frame.user.role == Role::Sales,
            segment_rows: figures::segment_rows(&read.segments),
            independence: figures::independence(&read.segments),
            segments: read.segments.clone(),
            chart: figures::need_chart(&read.needs),
            need_rows: figures::need_rows(&read.needs, &read.confirmed),
            by_segment: overview::by_segment(&frame, &read.segments),
            scores: overview::scores(&read.needs).under_chart(),
            differences: overview::differences(&read.needs).under_chart(),
            coverage: coverage(&frame, &read.reach),
            unassigned: unassigned(&read.segments.unassigned),
            changes: changes(&frame, news.as_ref().map(|(_, news)| news.as_ref())),
            reach: read.reach.clone(),
            news,
            now,
            waits: waiting(&frame, waits),
            agenda,
            suspects: read.suspects,
            frame,
        }
    }

    fn companies(&self) -> u64 {
        self.segments.companies.sum()
    }

    /// For who may look after them.
    fn suspects(&self) -> Option<String> {
        (self.can_design && self.suspects > 0).then(|| {
            format!(
                "Outside all figures until a person answers: {} like a mail scanner's.",
                text::figures::counted(self.suspects, "response that looks", "responses that look"),
            )
        })
    }

    fn assigned(&self) -> u64 {
        self.segments.assigned.sum()
    }

    /// The companies without a segment, of those that the filter lets through.
    fn without_segment(&self) -> String {
        self.frame.companies(&[("segment", "none")])
    }

    fn segment_name<'a>(&'a self, code: &'a str) -> &'a str {
        name_of(&self.frame.design, code)
    }

    /// When the reader was here before, and what changed since.
    fn since(&self) -> Option<(String, &News)> {
        let (since, news) = self.news.as_ref()?;
        Some((text::figures::date_time(since), news))
    }

    /// What came in, in sentences.
    fn news_words(&self, news: &News) -> Vec<String> {
        let one = |n: u64, one: &str, many: &str| (n > 0).then(|| figures::counted(n, one, many));
        let said = [
            one(
                news.gained,
                "company got its first segment",
                "companies got their first segment",
            ),
            one(
                news.moved,
                "company moved to another segment",
                "companies moved to another segment",
            ),
            one(news.lost, "company lost its segment", "companies lost their segment"),
            one(news.answered, "company gave new answers", "companies gave new answers"),
            one(news.new_companies, "company is new here", "companies are new here"),
        ];
        said.into_iter().flatten().collect()
    }

    /// What a company reached must have, in words.
    fn reach_words(&self) -> String {
        format!(
            "A company counts as heard that has {}, the newest given since {}.",
            text::figures::counted(
                i64::from(self.reach.enough),
                "scored answer or more",
                "scored answers or more"
            ),
            text::figures::date(self.reach.since),
        )
    }
}

fn name_of<'a>(design: &'a Design, code: &'a str) -> &'a str {
    let segment = design.framework.segment(code);
    segment.map_or(code, |segment| segment.name.as_str())
}

/// Companies and revenue with enough recent answers, by tier.
fn coverage(frame: &Frame, reach: &Reach) -> Table {
    let columns = vec![
        Column::text("tier", "Value tier"),
        Column::figure("companies", "Companies"),
        Column::figure("heard", "Heard"),
        Column::figure("share", "Share"),
        Column::figure("revenue", "Revenue"),
        Column::figure("revenue_heard", "Revenue heard"),
        Column::figure("revenue_share", "Share of revenue"),
    ];
    let row = |tier: &today::TierReach, href: Option<String>| {
        let companies = Cell::Count(tier.companies);
        vec![
            Cell::text(&tier.tier),
            href.map_or(companies.clone(), |href| companies.linked(href)),
            Cell::Count(tier.reached),
            Cell::share(tier.share()),
            Cell::Money(tier.revenue),
            Cell::Money(tier.revenue_reached),
            Cell::share(tier.revenue_share()),
        ]
    };
    let tiers = reach.tiers.iter();
    let rows = tiers.map(|tier| row(tier, Some(frame.companies(&[("tier", &tier.tier)]))));
    let rows = rows.chain([row(&reach.total(), None)]).collect();
    Table::new("coverage", "Companies and revenue heard, by value tier", columns, rows).under_chart()
}

fn unassigned(reasons: &[Unassigned]) -> Table {
    let columns = vec![
        Column::text("reason", "What is missing"),
        Column::figure("companies", "Companies"),
    ];
    let row = |row: &Unassigned| vec![Cell::text(&row.reason), Cell::Count(row.count)];
    Table::new(
        "unassigned",
        "Companies without a segment",
        columns,
        reasons.iter().map(row).collect(),
    )
}

/// The last turns to another segment since the reader's last visit.
fn changes(frame: &Frame, news: Option<&News>) -> Table {
    let columns = vec![
        Column::text("company", "Company"),
        Column::text("from", "From"),
        Column::text("to", "To"),
        Column::text("source", "By"),
        Column::text("at", "When"),
    ];
    let segment = |code: &Option<String>| match code {
        Some(code) => Cell::text(name_of(&frame.design, code)),
        None => Cell::Missing,
    };
    let row = |change: &Change| {
        vec![
            Cell::text(&change.name).linked(format!("/companies/{}", link::part(&change.external_id))),
            segment(&change.from_segment),
            segment(&change.to_segment),
            Cell::text(words::readable(&change.source)),
            Cell::Time(change.at),
        ]
    };
    let rows = news.map(|news| news.changes.iter().map(row).collect());
    Table::new(
        "changes",
        "The last changes of segment",
        columns,
        rows.unwrap_or_default(),
    )
    .under_chart()
}

/// Each thing that waits, with the page that sees to it.
fn waiting(frame: &Frame, waits: &Waits) -> Vec<Wait> {
    let counted = |n: i64, one: &str, many: &str, href: &str| {
        (n > 0).then(|| Wait {
            words: text::figures::counted(n, one, many),
            href: href.to_owned(),
        })
    };
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let proposals = number(waits.proposals);
    let list = [
        counted(waits.failed, "mail failed", "mails failed", "/drips"),
        counted(waits.held, "mail is held back", "mails are held back", "/drips/outbox"),
        counted(
            number(waits.destinations),
            "destination refuses our mail",
            "destinations refuse our mail",
            "/drips",
        ),
        counted(
            waits.coding,
            "answer in own words waits to be coded",
            "answers in own words wait to be coded",
            "/design/coding",
        ),
        counted(
            proposals,
            "proposal waits for your vote",
            "proposals wait for your vote",
            "/design/workshop",
        ),
    ];
    let paused = waits.paused.iter().map(|(code, cause)| {
        let name = frame.design.framework.drip(code).map_or(code, |drip| &drip.name);
        Wait {
            words: match cause {
                Some(cause) => format!("The drip {name} is paused: {cause}"),
                None => format!("The drip {name} is paused"),
            },
            href: format!("/drips/{code}"),
        }
    });
    list.into_iter().flatten().chain(paused).collect()
}
