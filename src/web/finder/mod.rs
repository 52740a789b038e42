//! The prospect finder: whom an offer meets among the companies that their behaviour says to leave alone.

pub mod offers;

use std::sync::Arc;

use askama::Template;

use super::companies::{segment_name, source_name, tenure_name};
use super::company;
use super::error::{AppError, Fault};
use super::insights::frame::{Desk, Frame, InsightPage, Shown, Tab};
use super::insights::table::{Cell, Column, Table};
use super::link;
use super::session::Sales;
use crate::accounts::Role;
use crate::design::Design;
use crate::framework::Code;
use crate::insight::chart::bar_percent;
use crate::insight::prospects::{self, AVOIDED, Basis, MOST, Prospect, Prospects, Search, is_avoided_by_default};
use crate::plan::offers::rules::{no_longer_fits, served_words};
use crate::plan::offers::{self as kept, Offer};
use crate::text::figures;

/// Companies on a page.
const ROWS: usize = 50;

/// The least match that counts, unless somebody says otherwise: what is served stands 10 points above
/// the rest.
const LEAST: u32 = 55;
const LEASTS: [u32; 5] = [50, 55, 60, 70, 80];

/// The page's own parameters: which offer, which behaviours are avoided (repeated), the least match,
/// the page of the list.
const OWN: [&str; 4] = ["offer", "avoided", "least", "page"];

#[derive(Template)]
#[template(path = "companies/finder.html")]
pub struct Show {
    frame: Frame,
    offers: Vec<Choice>,
    offer: Option<Offer>,
    served: String,
    behaviours: Vec<Behaviour>,
    avoided: Vec<String>,
    least: u32,
    found: Option<Arc<Prospects>>,
    /// Why the offer cannot be held against a company any more.
    unfit: Option<String>,
    may_change: bool,
    /// Of this page.
    rows: Vec<Row>,
    page: usize,
    is_own: bool,
    table: Table,
}

struct Choice {
    id: i64,
    name: String,
    is_chosen: bool,
}

/// A behaviour that companies have, to be avoided or not.
struct Behaviour {
    value: String,
    companies: String,
    is_avoided: bool,
}

struct Row {
    name: String,
    href: String,
    reason: String,
    tier: &'static str,
    revenue: Option<String>,
    percent: String,
    /// How far the 95 % interval reaches; none where it rests on the segment alone.
    reach: Option<String>,
    bar: f64,
    sureness: &'static str,
    segment: Option<String>,
    source: String,
    behaviour: String,
    owner: Option<String>,
    tenure: &'static str,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        vec![&self.table]
    }
}

/// `GET /companies/finder?offer=3&avoided=Competitive+Loyalists&least=60`
pub async fn show(Sales(user): Sales, desk: Desk) -> Result<Shown<Show>, AppError> {
    let offers = desk.db.read(kept::list).await?;
    // Offers are of this moment, whatever figures were kept.
    let (mut frame, behaviours) = desk
        .read_for_all(Tab::Prospects, &OWN, |conn, design, asked| {
            Ok(prospects::behaviours(conn, design, asked.today, &asked.filter)?)
        })
        .await?;
    let offer = chosen(&frame, &offers)?;
    let least = least(&frame)?;
    let page = page(&frame)?;
    let avoided = avoided(&frame, &behaviours);
    let unfit = offer.as_ref().and_then(|offer| no_longer_fits(&frame.design, offer));
    let found = match &offer {
        Some(offer) if unfit.is_none() => {
            let search = Search {
                needs: offer.needs.clone(),
                avoided: avoided.clone(),
                least: f64::from(least),
            };
            let on = key(&search);
            let read = move |conn: &mut _, design: &Design, asked: &super::insights::frame::Asked| {
                Ok(prospects::find(conn, design, asked.today, &asked.filter, &search)?)
            };
            Some(desk.beside_on(&mut frame, "prospects", on, read).await?)
        }
        _ => None,
    };
    let all = found.as_ref().map_or(&[][..], |found| &found.found);
    let start = (page - 1).saturating_mul(ROWS).min(all.len());
    let shown = &all[start..all.len().min(start + ROWS)];
    let name = offer.as_ref().map_or("", |offer| offer.name.as_str());
    let of_file = if frame.asked.file.is_some() { all } else { shown };
    let choice = |known: &Offer| Choice {
        id: known.id.0,
        name: known.name.clone(),
        is_chosen: offer.as_ref().is_some_and(|offer| offer.id == known.id),
    };
    Ok(Shown(Show {
        offers: offers.iter().map(choice).collect(),
        served: offer
            .as_ref()
            .map_or(String::new(), |offer| served_words(&frame.design, offer)),
        behaviours: behaviours
            .iter()
            .map(|(value, companies)| Behaviour {
                companies: super::figures::count(companies),
                is_avoided: avoided.contains(value),
                value: value.clone(),
            })
            .collect(),
        rows: shown.iter().map(|one| row(&frame.design, name, one)).collect(),
        table: table(&frame.design, name, of_file),
        is_own: user.role == Role::Sales,
        may_change: offer.as_ref().is_some_and(|offer| kept::may_change(&user, offer)),
        unfit,
        offer,
        avoided,
        least,
        found,
        page,
        frame,
    }))
}

/// The one asked for; else the one that was changed last.
fn chosen(frame: &Frame, offers: &[Offer]) -> Result<Option<Offer>, AppError> {
    let Some(asked) = frame.asked.own("offer") else {
        return Ok(offers.first().cloned());
    };
    let id = asked.parse::<i64>().ok();
    let found = offers.iter().find(|offer| Some(offer.id.0) == id);
    let message = "there is no such offer any more; choose one of the list, or put it back from the archive";
    found
        .cloned()
        .map(Some)
        .ok_or_else(|| AppError::Unprocessable(vec![Fault::new("offer", message)]))
}

fn least(frame: &Frame) -> Result<u32, AppError> {
    let Some(text) = frame.asked.own("least") else {
        return Ok(LEAST);
    };
    let least = text.parse().ok().filter(|least| (50..=100).contains(least));
    least.ok_or_else(|| {
        let message = format!("{text:?} is no whole number from 50 to 100");
        AppError::Unprocessable(vec![Fault::new("least", message)])
    })
}

fn page(frame: &Frame) -> Result<usize, AppError> {
    let Some(text) = frame.asked.own("page") else {
        return Ok(1);
    };
    let page = text.parse().ok().filter(|page| *page >= 1);
    page.ok_or_else(|| AppError::BadRequest(format!("There is no page {text}.")))
}

/// Those ticked; else the one that books on selling say to avoid, as it is spelt here.
fn avoided(frame: &Frame, behaviours: &[(String, u64)]) -> Vec<String> {
    let own = frame.asked.own_parameters().iter();
    let mut ticked: Vec<String> = own
        .filter(|(name, _)| name == "avoided")
        .map(|(_, value)| value.clone())
        .collect();
    ticked.sort();
    ticked.dedup();
    if !ticked.is_empty() {
        return ticked;
    }
    let known = behaviours.iter().map(|(value, _)| value.clone());
    let known: Vec<String> = known.filter(|value| is_avoided_by_default(value)).collect();
    if known.is_empty() {
        vec![AVOIDED.to_owned()]
    } else {
        known
    }
}

/// What the figures hang on: not on the number of the offer, whose needs may change.
fn key(search: &Search) -> Vec<(String, String)> {
    let needs = search.needs.iter();
    let mut on: Vec<(String, String)> = needs
        .map(|(need, weight)| (format!("need.{need}"), weight.to_string()))
        .collect();
    on.extend(search.avoided.iter().map(|value| ("avoided".to_owned(), value.clone())));
    on.push(("least".to_owned(), search.least.to_string()));
    on
}

fn row(design: &Design, offer: &str, one: &Prospect) -> Row {
    let is_asked = one.basis == Basis::Scores;
    Row {
        name: one.name.clone(),
        href: company::href(&one.external_id),
        reason: reason(design, offer, one),
        tier: one.tier.as_str(),
        revenue: one.revenue.map(figures::money_short),
        percent: figures::number(one.meets.percent, 0),
        reach: is_asked.then(|| figures::number(1.96 * one.meets.se, 0)),
        bar: bar_percent(one.meets.percent, 100.0),
        sureness: sureness(one),
        segment: one.segment.as_deref().map(|code| segment_name(design, code).to_owned()),
        source: one.source.as_deref().map_or("", source_name).to_owned(),
        behaviour: one.behaviour.clone(),
        owner: one.owner.clone(),
        tenure: tenure_name(one.tenure),
    }
}

fn sureness(one: &Prospect) -> &'static str {
    match one.basis {
        Basis::Segment => "by its segment",
        Basis::Scores if one.meets.is_sure() => "clearly",
        Basis::Scores => "likely",
    }
}

/// In one sentence, why to talk to a company that its behaviour says to leave alone.
fn reason(design: &Design, offer: &str, one: &Prospect) -> String {
    let named = |(code, score): &(Code, f64)| {
        let name = design
            .framework
            .need(code)
            .map_or(code.as_str(), |need| need.name.as_str());
        format!("{name} ({})", figures::number(*score, 0))
    };
    let needs: Vec<String> = one.reasons.iter().take(2).map(named).collect();
    let needs = needs.join(" and ");
    let behaviour = &one.behaviour;
    match (one.basis, one.segment.as_deref(), one.source.as_deref()) {
        (Basis::Segment, Some(segment), source) => {
            let segment = segment_name(design, segment);
            let source = source.map_or("", source_name);
            format!(
                "Behaviour says “{behaviour}”, but it is one of the {segment} ({source}), who look for {needs}, \
                 which {offer} serves: ask whether that holds here."
            )
        }
        _ => {
            let lead = figures::number(one.meets.lead(), 0);
            let points = if lead == "1" { "point" } else { "points" };
            format!(
                "Behaviour says “{behaviour}”, but what {offer} serves, {needs} above all, matters to it {lead} {points} \
                 more than the rest."
            )
        }
    }
}

fn table(design: &Design, offer: &str, prospects: &[Prospect]) -> Table {
    let columns = vec![
        Column::text("external_id", "Company id"),
        Column::text("name", "Company"),
        Column::text("tier", "Value tier"),
        Column::figure("annual_revenue", "Annual revenue"),
        Column::figure("match", "Match"),
        Column::figure("match_low", "95 % from"),
        Column::figure("match_high", "to"),
        Column::text("rests_on", "Rests on"),
        Column::text("segment", "Segment"),
        Column::text("segment_source", "Segment rests on"),
        Column::text("behaviour", "Behaviour"),
        Column::text("owner", "Owner"),
        Column::text("tenure", "Tenure"),
        Column::text("reason", "Why talk to them"),
    ];
    let optional = |text: Option<&str>| text.map_or(Cell::Missing, Cell::text);
    let row = |one: &Prospect| {
        let interval = (one.basis == Basis::Scores).then(|| {
            let (percent, reach) = (one.meets.percent, 1.96 * one.meets.se);
            ((percent - reach).max(0.0), (percent + reach).min(100.0))
        });
        vec![
            Cell::text(&one.external_id),
            Cell::text(&one.name),
            Cell::text(one.tier.as_str()),
            Cell::money(one.revenue),
            Cell::number(one.meets.percent, 0),
            Cell::number(interval.map(|(low, _)| low), 0),
            Cell::number(interval.map(|(_, high)| high), 0),
            Cell::text(match one.basis {
                Basis::Scores => "its answers",
                Basis::Segment => "its segment",
            }),
            optional(one.segment.as_deref().map(|code| segment_name(design, code))),
            optional(one.source.as_deref().map(source_name)),
            Cell::text(&one.behaviour),
            optional(one.owner.as_deref()),
            Cell::text(one.tenure.as_str()),
            Cell::text(reason(design, offer, one)),
        ]
    };
    Table::new("prospects", "Prospects", columns, prospects.iter().map(row).collect())
}

impl Show {
    /// What the form that chooses leaves as it is.
    fn kept(&self) -> Vec<(String, String)> {
        self.frame.asked.kept(OWN)
    }

    /// The least matches to choose from, with the one that was asked for.
    fn leasts(&self) -> Vec<u32> {
        let mut leasts = LEASTS.to_vec();
        leasts.push(self.least);
        leasts.sort_unstable();
        leasts.dedup();
        leasts
    }

    fn is_least(&self, least: &u32) -> bool {
        self.least == *least
    }

    /// The behaviours that are avoided, in words.
    fn avoided_words(&self) -> String {
        self.avoided.join(" or ")
    }

    fn summary(&self, found: &Prospects) -> String {
        let of = super::figures::counted(found.avoided, "company", "companies");
        let own = if self.is_own { " of yours" } else { "" };
        let meets = super::figures::count(found.matching);
        let unknown = match found.unknown {
            0 => String::new(),
            1 => " Of one nothing is known yet: neither answers nor a segment.".to_owned(),
            n => format!(
                " Of {} nothing is known yet: neither answers nor a segment.",
                super::figures::count(n)
            ),
        };
        let more = match self.least {
            50 => "at least as much as",
            _ => "more than",
        };
        let first = match found.matching > MOST as u64 {
            true => format!("the {} most valuable are listed", super::figures::count(MOST as u64)),
            false => "the most valuable stand first".to_owned(),
        };
        format!(
            "For {meets} of {of}{own} with the behaviour {}, what it serves matters {more} the rest; {first}.{unknown}",
            self.avoided_words()
        )
    }

    /// The list of the companies with these behaviours.
    fn avoided_href(&self) -> String {
        let words: Vec<String> = self
            .avoided
            .iter()
            .map(|value| crate::insight::filter::word(value))
            .collect();
        self.frame.companies(&[("behaviour", &words.join(","))])
    }

    fn turned(&self, page: usize) -> String {
        let mut parameters = self.frame.asked.kept(["page"]);
        parameters.push(("page".to_owned(), page.to_string()));
        let parameters = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        format!("{}#found", link::with(Tab::Prospects.href(), parameters))
    }

    fn first(&self) -> Option<String> {
        (self.page > 1).then(|| self.turned(1))
    }

    fn next(&self) -> Option<String> {
        let all = self.found.as_ref().map_or(0, |found| found.found.len());
        (self.page.saturating_mul(ROWS) < all).then(|| self.turned(self.page + 1))
    }
}
