//! Do the contacts of a company agree, so that they may be added up? Where do they not, and by role?

use askama::Template;

use super::frame::{Desk, Frame, InsightPage, Shown, Tab};
use super::table::{Cell, Column, Table};
use super::tenure::verdict_word;
use crate::framework::Framework;
use crate::insight::Verdict;
use crate::insight::agreement::{
    self, Alike, Band, CompanyAgreement, Figures, Gap, NeedAgreement, Reliable, RoleGap, usual_roles,
};
use crate::insight::chart;
use crate::insight::chart::forest::{self, Difference, Forest};
use crate::text::figures as text;
use crate::web::error::{AppError, Fault};
use crate::web::figures;
use crate::web::session::Analyst;
use crate::web::{link, words};

/// So many companies stand on a page.
const PAGE: usize = 25;

#[derive(Template)]
#[template(path = "insights/agreement.html")]
pub struct Show {
    frame: Frame,
    /// Colleagues are still being compared.
    is_counting: bool,
    findings: Vec<Finding>,
    bands: Vec<BandRow>,
    needs: Table,
    agreement: Table,
    /// How many companies there are to be listed.
    disagreeing: usize,
    companies: u64,
    company_table: Table,
    page: usize,
    pages: usize,
    /// The roles that there are, with their names.
    roles: Vec<(String, String)>,
    one: String,
    other: String,
    gaps: Vec<GapFinding>,
    forest: Option<Forest>,
    by_role: Table,
}

struct Finding {
    name: String,
    /// The badge's class and word.
    badge: (&'static str, &'static str),
    words: String,
}

/// A need's companies as parts of one line.
struct BandRow {
    name: String,
    parts: Vec<Part>,
    companies: String,
}

struct Part {
    class: String,
    x: f64,
    width: f64,
}

struct GapFinding {
    name: String,
    verdict: Verdict,
    words: String,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        vec![&self.needs, &self.agreement, &self.company_table, &self.by_role]
    }
}

impl Show {
    fn band_key(&self) -> Vec<(String, &'static str)> {
        let all = Band::ALL.iter().enumerate();
        all.map(|(place, band)| (format!("band-{}", place + 1), band_word(*band)))
            .collect()
    }

    fn role_word(&self, code: &str) -> String {
        words::readable(code)
    }

    /// The filter and the day, for the form that sets the roles.
    fn kept(&self) -> Vec<(String, String)> {
        self.frame.asked.kept(["role", "against", "page"])
    }

    /// What the list is of.
    fn listed(&self) -> String {
        let companies = figures::counted(self.companies, "company", "companies");
        let cut = match self.companies > self.disagreeing as u64 {
            true => format!(", the {} that disagree most", figures::count(self.disagreeing as u64)),
            false => String::new(),
        };
        format!("Of {companies} with two scored contacts or more{cut}.")
    }

    fn page_href(&self, page: usize) -> String {
        self.frame.with(&[("page", &page.to_string())])
    }
}

/// `GET /insights/agreement?role=…&against=…&page=…`
pub async fn show(_: Analyst, desk: Desk) -> Result<Shown<Show>, AppError> {
    let own = &["role", "against", "page"];
    // What hangs on the page or the roles is read apart: the rest is kept whichever is looked at.
    let (mut frame, _) = desk.read(Tab::Agreement, own, |_, _, _| Ok(())).await?;
    let (one, other) = chosen_roles(&frame)?;
    let found = desk
        .later(&mut frame, "agreement", &[], |conn, design, asked| {
            Ok(match asked.past() {
                None => agreement::figures(conn, design, asked.today, &asked.filter)?,
                Some(day) => agreement::figures_as_of(conn, design, day, &asked.filter)?,
            })
        })
        .await?;
    let gaps = match one == other {
        true => None,
        false => {
            let (role, against) = (one.clone(), other.clone());
            let read = desk.later(
                &mut frame,
                "agreement-roles",
                &["role", "against"],
                move |conn, design, asked| {
                    let filter = &asked.filter;
                    Ok(match asked.past() {
                        None => agreement::roles(conn, design, asked.today, filter, &role, &against)?,
                        Some(day) => agreement::roles_as_of(conn, design, day, filter, &role, &against)?,
                    })
                },
            );
            read.await?
        }
    };
    let is_counting = found.is_none() || (gaps.is_none() && one != other);
    let gaps = gaps.as_deref().map_or(&[][..], Vec::as_slice);
    let nothing = Figures::default();
    let found = found.as_deref().unwrap_or(&nothing);
    let pages = found.disagreeing.len().div_ceil(PAGE).max(1);
    let page = page(&frame)?.min(pages);
    let listed = match frame.asked.file {
        Some(_) => found.disagreeing.clone(),
        None => {
            let of_page = found.disagreeing.iter().skip((page - 1) * PAGE).take(PAGE);
            of_page.cloned().collect()
        }
    };
    let design = frame.design.clone();
    let rows = desk
        .db
        .read(move |conn| agreement::companies(conn, &design, &listed))
        .await?;
    Ok(Shown(Show {
        findings: found.needs.iter().map(finding).collect(),
        bands: found.needs.iter().map(band_row).collect(),
        needs: needs_table(found),
        agreement: agreement_table(found).under_chart(),
        is_counting,
        disagreeing: found.disagreeing.len(),
        companies: found.companies,
        company_table: company_table(&frame, &rows),
        page,
        pages,
        roles: roles_of(&frame.design.framework),
        gaps: gaps.iter().map(|gap| gap_finding(gap, &one, &other)).collect(),
        forest: forest::forest(gaps.iter().map(gap_difference)),
        by_role: role_table(gaps, &one, &other).under_chart(),
        one,
        other,
        frame,
    }))
}

fn roles_of(framework: &Framework) -> Vec<(String, String)> {
    let roles = framework.roles.iter();
    roles
        .map(|role| (role.code.clone(), words::readable(&role.code)))
        .collect()
}

/// The roles asked for, or the usual ones; two blanks where there are none to compare.
fn chosen_roles(frame: &Frame) -> Result<(String, String), AppError> {
    let framework = &frame.design.framework;
    let usual = usual_roles(framework).unwrap_or_default();
    let mut faults = vec![];
    let mut role = |name: &str, usual: String| {
        let asked = frame.asked.own(name).map(str::trim).filter(|role| !role.is_empty());
        if let Some(role) = asked
            && framework.roles.iter().all(|known| known.code != role)
        {
            faults.push(Fault::new(name, format!("the framework has no role {role:?}")));
        }
        asked.map_or(usual, str::to_owned)
    };
    let chosen = (role("role", usual.0), role("against", usual.1));
    match faults.is_empty() {
        true => Ok(chosen),
        false => Err(AppError::Unprocessable(faults)),
    }
}

/// From 1.
fn page(frame: &Frame) -> Result<usize, AppError> {
    let Some(text) = frame.asked.own("page") else {
        return Ok(1);
    };
    let page = text.trim().parse().ok().filter(|page| *page >= 1);
    page.ok_or_else(|| {
        let message = format!("{text:?} is not the number of a page");
        AppError::Unprocessable(vec![Fault::new("page", message)])
    })
}

fn band_word(band: Band) -> &'static str {
    match band {
        Band::Hardly => "hardly agree",
        Band::Weakly => "agree weakly",
        Band::Moderately => "agree moderately",
        Band::Strongly => "agree strongly",
        Band::Fully => "all but of one mind",
    }
}

fn finding(need: &NeedAgreement) -> Finding {
    let icc = need.icc;
    let companies = figures::counted(icc.companies, "company", "companies");
    let (Some(icc1), Some(icc2)) = (icc.icc1, icc.icc2) else {
        let words = match icc.companies {
            0 | 1 => format!(
                "It takes two companies with two scored contacts each; there {}.",
                there_are(icc.companies)
            ),
            _ => format!("The scores of {companies} do not differ enough to say."),
        };
        return Finding {
            name: need.name.clone(),
            badge: ("", "cannot tell"),
            words,
        };
    };
    let alike = match Alike::of(icc1) {
        Alike::NoMore => "Colleagues are no more alike than people of different companies".to_owned(),
        Alike::ALittle => format!(
            "Colleagues are a little alike: {} of what contacts differ by lies between companies",
            text::share(icc1)
        ),
        Alike::Clearly => format!(
            "Colleagues are clearly alike: {} of what contacts differ by lies between companies",
            text::share(icc1)
        ),
        Alike::Strongly => format!(
            "Colleagues are strongly alike: {} of what contacts differ by lies between companies",
            text::share(icc1)
        ),
    };
    let (badge, means) = match Reliable::of(icc2) {
        Reliable::Yes => (
            ("badge-done", "add up"),
            "and a company’s score tells it apart from others reliably",
        ),
        Reliable::WithCare => (
            ("badge-accent", "add up with care"),
            "and a company’s score tells it apart from others only roughly; more contacts would help",
        ),
        Reliable::No => (
            ("badge-warn", "hardly add up"),
            match Alike::of(icc1) {
                Alike::NoMore => "so a company’s score hardly tells it apart from others; ask more of its people",
                _ => "but with so few of them a company’s score hardly tells it apart; ask more of its people",
            },
        ),
    };
    Finding {
        name: need.name.clone(),
        badge,
        words: format!(
            "{alike}, {means} (reliability {}, {companies}, {}).",
            text::number(icc2.max(0.0), 2),
            figures::counted(icc.contacts, "contact", "contacts")
        ),
    }
}

fn there_are(companies: u64) -> &'static str {
    if companies == 1 { "is one" } else { "are none" }
}

fn band_row(need: &NeedAgreement) -> BandRow {
    let whole: u64 = need.bands.iter().sum();
    let mut x = 0.0;
    let parts = need.bands.iter().enumerate().map(|(place, count)| {
        let width = chart::bar_percent(*count as f64, whole as f64);
        let part = Part {
            class: format!("band-{}", place + 1),
            x,
            width,
        };
        x += width;
        part
    });
    BandRow {
        name: need.name.clone(),
        parts: parts.collect(),
        companies: figures::counted(whole, "company", "companies"),
    }
}

fn needs_table(found: &Figures) -> Table {
    let columns = vec![
        Column::text("need", "Need"),
        Column::figure("companies", "Companies with two contacts"),
        Column::figure("contacts", "Their contacts"),
        Column::figure("icc1", "ICC(1)"),
        Column::figure("icc2", "ICC(2)"),
    ];
    let row = |need: &NeedAgreement| {
        vec![
            Cell::text(&need.name),
            Cell::Count(need.icc.companies),
            Cell::Count(need.icc.contacts),
            Cell::number(need.icc.icc1, 2),
            Cell::number(need.icc.icc2, 2),
        ]
    };
    Table::new(
        "icc",
        "How alike colleagues are",
        columns,
        found.needs.iter().map(row).collect(),
    )
    .under_chart()
    .note(
        "ICC(1): the share of what single contacts differ by that lies between companies. ICC(2): how reliable the \
             means of companies are; from 0.7 they tell companies apart well.",
    )
}

fn agreement_table(found: &Figures) -> Table {
    let mut columns = vec![Column::text("need", "Need")];
    columns.extend(
        Band::ALL
            .iter()
            .enumerate()
            .map(|(place, band)| Column::figure(format!("band_{}", place + 1), band_word(*band))),
    );
    let row = |need: &NeedAgreement| {
        let counts = need.bands.iter().map(|count| Cell::Count(*count));
        [Cell::text(&need.name)].into_iter().chain(counts).collect()
    };
    Table::new(
        "agreement",
        "Companies by how far their contacts agree",
        columns,
        found.needs.iter().map(row).collect(),
    )
    .note(
        "By r_wg, from 0 (as far apart as chance) to 1 (of one mind): hardly up to 0.3, weakly up to 0.5, moderately \
             up to 0.7, strongly up to 0.9.",
    )
}

fn company_table(frame: &Frame, rows: &[CompanyAgreement]) -> Table {
    let mut columns = vec![
        Column::text("company", "Company"),
        Column::figure("contacts", "Contacts"),
        Column::figure("r_wg", "All needs"),
    ];
    let needs = &frame.design.framework.needs;
    columns.extend(needs.iter().map(|need| Column::figure(&need.code, &need.name)));
    let row = |company: &CompanyAgreement| {
        let href = format!("/companies/{}", link::part(&company.external_id));
        let mut row = vec![
            Cell::text(&company.name).linked(href),
            Cell::Count(company.contacts),
            Cell::number(company.r_wg, 2),
        ];
        // A company that lost its scores meanwhile has none of them.
        let of_need = |place: usize| company.needs.get(place).copied().flatten();
        row.extend((0..needs.len()).map(|place| Cell::number(of_need(place), 2)));
        row
    };
    Table::new(
        "companies",
        "Companies whose contacts disagree most",
        columns,
        rows.iter().map(row).collect(),
    )
    .note("r_wg of each need, and the mean of them: 0 is as far apart as chance, 1 of one mind.")
}

fn gap_difference(gap: &RoleGap) -> (String, Option<Difference>) {
    let found = gap.gap.and_then(|found| {
        let paired = found.paired?;
        Some(Difference {
            value: found.differences.mean,
            low: paired.low,
            high: paired.high,
            is_called: Verdict::of_p(found.p_adjusted) != Verdict::CannotTell,
        })
    });
    (gap.name.clone(), found)
}

fn gap_finding(gap: &RoleGap, one: &str, other: &str) -> GapFinding {
    let (one, other) = (words::readable(one), words::readable(other));
    let (verdict, words) = match gap.gap {
        None => (
            Verdict::CannotTell,
            "too few companies with contacts of both roles to tell without telling on somebody".to_owned(),
        ),
        Some(found) => {
            let verdict = Verdict::of_p(found.p_adjusted);
            let companies = figures::counted(found.differences.n, "company", "companies");
            let words = match verdict {
                Verdict::CannotTell => format!("with {companies}: {}", points(&found)),
                _ if found.differences.mean > 0.0 => {
                    format!(
                        "matters more to {one} than to {other} of the same company: {}",
                        points(&found)
                    )
                }
                _ => format!(
                    "matters more to {other} than to {one} of the same company: {}",
                    points(&found)
                ),
            };
            (verdict, words)
        }
    };
    GapFinding {
        name: gap.name.clone(),
        verdict,
        words,
    }
}

fn points(gap: &Gap) -> String {
    let points = |x: f64| text::difference(x, 1);
    let mean = points(gap.differences.mean);
    match gap.paired {
        Some(paired) => format!(
            "{mean} points, 95\u{202f}% {} to {}",
            points(paired.low),
            points(paired.high)
        ),
        None => format!("{mean} points in every company"),
    }
}

fn role_table(gaps: &[RoleGap], one: &str, other: &str) -> Table {
    let (one, other) = (words::readable(one), words::readable(other));
    let columns = vec![
        Column::text("need", "Need"),
        Column::figure("companies", "Companies with both"),
        Column::figure("contacts", format!("Contacts: {one}")),
        Column::figure("others", format!("Contacts: {other}")),
        Column::figure("difference", format!("{one} less {other}")),
        Column::figure("low", "95 % from"),
        Column::figure("high", "to"),
        Column::figure("p_adjusted", "p adjusted"),
        Column::text("verdict", "In a word"),
    ];
    let row = |gap: &RoleGap| {
        let mut row = vec![Cell::text(&gap.name)];
        match gap.gap {
            None => row.extend((0..7).map(|_| Cell::Hidden).chain([Cell::Missing])),
            Some(found) => row.extend([
                Cell::Count(found.differences.n),
                Cell::Count(found.contacts),
                Cell::Count(found.others),
                Cell::difference(found.differences.mean, 1),
                Cell::difference(found.paired.map(|paired| paired.low), 1),
                Cell::difference(found.paired.map(|paired| paired.high), 1),
                Cell::number(found.p_adjusted, 3),
                Cell::text(verdict_word(Verdict::of_p(found.p_adjusted))),
            ]),
        }
        row
    };
    let title = format!("{one} against {other}, within companies");
    Table::new("roles", title, columns, gaps.iter().map(row).collect()).note(
        "The mean of the differences within each company that has scored contacts of both roles. Shown only where enough \
         companies and people of both roles stand behind it, and behind what the filter leaves out.",
    )
}
