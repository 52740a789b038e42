//! Segments across any attribute as a heat map, and how little each attribute gives the segment away.

use askama::Template;

use super::form::attribute_label;
use super::frame::{Desk, Frame, InsightPage, Shown, Tab};
use super::table::{Cell, Column, Table};
use crate::insight::chart::lanes::{self, GuessLane, Guessed, Lanes, Swing};
use crate::insight::crossing::{self, Crossing, Crossings, TENURE};
use crate::insight::{Verdict, attribute};
use crate::method::guess::Guess;
use crate::method::overlay::ChiSquare;
use crate::method::tenure::Tenure;
use crate::text::figures as text;
use crate::web::error::{AppError, Fault};
use crate::web::figures::{counted, p_word, tenure_word};
use crate::web::link;
use crate::web::session::Analyst;

#[derive(Template)]
#[template(path = "insights/overlay.html")]
pub struct Show {
    frame: Frame,
    /// What the form that chooses leaves as it is.
    kept: Vec<(String, String)>,
    choices: Vec<Choice>,
    heat: Option<Heat>,
    chart: Lanes<GuessLane>,
    ranking_words: String,
    ranking: Table,
    cells: Table,
}

/// An attribute to choose, with how many companies have a value.
struct Choice {
    code: String,
    label: String,
    is_chosen: bool,
}

/// The attribute shown.
struct Heat {
    label: String,
    /// Revenue stands in the cells, not companies.
    is_revenue: bool,
    /// The same cells in the other measure.
    other_href: String,
    columns: Vec<Head>,
    rows: Vec<Row>,
    independence: String,
    warning: Option<&'static str>,
    guess: Option<String>,
    left_out: Option<String>,
}

struct Head {
    label: String,
    companies: String,
}

struct Row {
    name: String,
    href: String,
    companies: String,
    cells: Vec<HeatCell>,
}

struct HeatCell {
    figure: String,
    share: String,
    /// Nothing where the cell is what one would expect.
    word: &'static str,
    class: &'static str,
    swing: Option<Swing>,
    /// Its companies; nothing for values taken together, and where there are none.
    href: Option<String>,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        vec![&self.cells, &self.ranking]
    }
}

/// `GET /insights/overlay?by=industry`
pub async fn show(_: Analyst, desk: Desk) -> Result<Shown<Show>, AppError> {
    // All attributes are read together: which one is shown is chosen afterwards.
    let read = desk.read_for_all(Tab::Overlay, &["by", "cell"], |conn, design, asked| {
        Ok(match asked.past() {
            None => crossing::crossings(conn, design, asked.day, &asked.filter)?,
            Some(day) => crossing::crossings_as_of(conn, design, day, &asked.filter)?,
        })
    });
    let (frame, found) = read.await?;
    let asked = frame.asked.own("by");
    let known = asked.filter(|by| is_ours(by) || frame.attributes.iter().any(|known| known.name == *by));
    if let (Some(by), None) = (asked, known) {
        let message = format!("no company has an attribute {by:?}");
        return Err(AppError::Unprocessable(vec![Fault::new("by", message)]));
    }
    // Unless asked, the first that tells companies apart at all.
    let first = found.attributes.iter().find(|crossing| crossing.chi_square.is_some());
    let first = first.or(found.attributes.first());
    let by = known
        .or(first.map(|crossing| crossing.attribute.as_str()))
        .unwrap_or("behaviour");
    let shown = found.of(by).filter(|crossing| crossing.counted() > 0);
    Ok(Shown(Show {
        kept: frame.asked.kept(["by"]),
        choices: choices(&found, by),
        heat: shown.map(|crossing| heat(&frame, &found, crossing)),
        cells: cells(&frame, shown),
        chart: chart(&frame, &found),
        ranking_words: ranking_words(&found),
        ranking: ranking(&frame, &found),
        frame,
    }))
}

fn is_ours(name: &str) -> bool {
    name == TENURE || name == attribute::EMPLOYEES || attribute::COLUMNS.contains(&name)
}

fn label(attribute: &str) -> String {
    match attribute {
        TENURE => "Tenure".to_owned(),
        other => attribute_label(other),
    }
}

fn value_label(attribute: &str, value: &str) -> String {
    match attribute {
        TENURE => Tenure::parse(value).map_or(value.to_owned(), |tenure| tenure_word(tenure).to_owned()),
        attribute::EMPLOYEES => value.replace('-', "–"),
        _ => value.to_owned(),
    }
}

fn column_label(attribute: &str, column: &crossing::Column) -> String {
    match column {
        crossing::Column::Value(value) => value_label(attribute, value),
        crossing::Column::Others(values) => format!("{values} others"),
    }
}

fn choices(found: &Crossings, by: &str) -> Vec<Choice> {
    let valued = |crossing: &&Crossing| crossing.valued > 0;
    let choice = |crossing: &Crossing| Choice {
        code: crossing.attribute.clone(),
        label: format!(
            "{} ({})",
            label(&crossing.attribute),
            counted(crossing.valued, "company", "companies")
        ),
        is_chosen: crossing.attribute == by,
    };
    found.attributes.iter().filter(valued).map(choice).collect()
}

fn heat(frame: &Frame, found: &Crossings, crossing: &Crossing) -> Heat {
    let is_revenue = frame.asked.own("cell") == Some("revenue");
    let by = crossing.attribute.as_str();
    let totals = |column: usize| -> u64 { crossing.counts.iter().map(|row| row[column]).sum() };
    let head = |(nth, column): (usize, &crossing::Column)| Head {
        label: column_label(by, column),
        companies: counted(totals(nth), "company", "companies"),
    };
    let segments = frame.design.framework.segments.iter().enumerate();
    let row = |(nth, segment): (usize, &crate::framework::Segment)| {
        let companies: u64 = crossing.counts[nth].iter().sum();
        let cell = |column| heat_cell(frame, crossing, &segment.code, (nth, column), is_revenue);
        Row {
            name: segment.name.clone(),
            href: format!("/segments/{}", link::part(&segment.code)),
            companies: counted(companies, "company", "companies"),
            cells: (0..crossing.columns.len()).map(cell).collect(),
        }
    };
    let left_out = found.companies.saturating_sub(crossing.counted());
    Heat {
        label: label(by),
        is_revenue,
        other_href: frame.with(&[("by", by), ("cell", if is_revenue { "" } else { "revenue" })]),
        columns: crossing.columns.iter().enumerate().map(head).collect(),
        rows: segments.map(row).collect(),
        independence: independence(crossing),
        warning: crossing.chi_square.and_then(|found| warning(&found)),
        guess: crossing.guess.map(|guess| guess_words(&label(by), &guess)),
        left_out: (left_out > 0).then(|| {
            let companies = counted(left_out, "company has", "companies have");
            format!("{companies} no segment or no value here, and so no cell.")
        }),
    }
}

fn heat_cell(
    frame: &Frame,
    crossing: &Crossing,
    segment: &str,
    (row, column): (usize, usize),
    is_revenue: bool,
) -> HeatCell {
    let (count, revenue) = (crossing.counts[row][column], crossing.revenue[row][column]);
    let whole: u64 = crossing.counts[row].iter().sum();
    let all_revenue: f64 = crossing.revenue[row].iter().sum();
    let share = if is_revenue {
        (all_revenue > 0.0).then(|| revenue / all_revenue)
    } else {
        (whole > 0).then(|| count as f64 / whole as f64)
    };
    let residual = crossing.residuals[row][column];
    let (word, class) = against_expected(residual, crossing.ps[row][column]);
    let href = match &crossing.columns[column] {
        crossing::Column::Value(value) if count > 0 => Some(companies_href(frame, segment, &crossing.attribute, value)),
        _ => None,
    };
    HeatCell {
        figure: if is_revenue {
            text::money_short(revenue)
        } else {
            text::count(i64::try_from(count).unwrap_or(i64::MAX))
        },
        share: crate::web::figures::share(share),
        word,
        class,
        swing: residual.map(lanes::swing),
        href,
    }
}

/// The companies of one segment with one value, among those that the page is about.
fn companies_href(frame: &Frame, segment: &str, by: &str, value: &str) -> String {
    let name = format!("{}{by}", crate::insight::filter::ATTRIBUTE);
    frame.companies(&[("segment", segment), (by, ""), (&name, value)])
}

/// More or fewer than expected, as far as so many cells allow to say it.
fn against_expected(residual: Option<f64>, p: Option<f64>) -> (&'static str, &'static str) {
    let Some(residual) = residual else { return ("", "") };
    match (Verdict::of_p(p), residual > 0.0) {
        (Verdict::Clear, true) => ("▲▲ clearly more", "heat-more heat-clear"),
        (Verdict::Clear, false) => ("▼▼ clearly fewer", "heat-fewer heat-clear"),
        (Verdict::Likely, true) => ("▲ more", "heat-more"),
        (Verdict::Likely, false) => ("▼ fewer", "heat-fewer"),
        (Verdict::CannotTell, _) => ("", ""),
    }
}

/// How strongly two things hang together, in a word (after Cohen 1988).
fn strength(cramers_v: f64) -> &'static str {
    match cramers_v {
        v if v < 0.1 => "hardly at all",
        v if v < 0.3 => "weakly",
        v if v < 0.5 => "fairly",
        _ => "strongly",
    }
}

fn independence(crossing: &Crossing) -> String {
    let label = label(&crossing.attribute);
    let Some(found) = crossing.chi_square else {
        return format!(
            "{label} cannot be held against segments: it takes two segments and two values that companies have."
        );
    };
    let verdict = match Verdict::of_p(Some(found.p)) {
        Verdict::Clear => format!(
            "{label} and segment clearly hang together, {}",
            strength(found.cramers_v)
        ),
        Verdict::Likely => format!(
            "{label} and segment likely hang together, {}",
            strength(found.cramers_v)
        ),
        Verdict::CannotTell => format!(
            "Whether {label} and segment hang together cannot be told with {}",
            counted(crossing.counted(), "company", "companies")
        ),
    };
    let (v, chi2) = (text::number(found.cramers_v, 2), text::number(found.chi2, 2));
    format!(
        "{verdict} (Cramér’s V = {v}; χ² = {chi2}, df = {}, {}).",
        found.df,
        p_word(found.p)
    )
}

fn warning(found: &ChiSquare) -> Option<&'static str> {
    let words = "Some cells would hold fewer than 5 companies by chance: this test is not to be relied on. \
                 Narrow to the values that matter, or wait for more companies.";
    (found.min_expected < 5.0).then_some(words)
}

fn guess_words(label: &str, guess: &Guess) -> String {
    let (right, without, anew) = (
        text::share(guess.right),
        text::share(guess.right_without),
        text::share(guess.right_anew),
    );
    let saved = guess.lambda.map_or(String::new(), |lambda| {
        format!(
            ", which saves {} of the wrong guesses (Goodman and Kruskal’s λ)",
            text::share(lambda)
        )
    });
    format!(
        "Whoever guesses a company’s segment from its {label} alone is right for {right} of these companies; \
         without knowing it, for {without}{saved}. For the next company, expect {anew}."
    )
}

/// Every cell with all that is known of it.
fn cells(frame: &Frame, shown: Option<&Crossing>) -> Table {
    let columns = vec![
        Column::text("segment", "Segment"),
        Column::text("value", "Value"),
        Column::figure("companies", "Companies"),
        Column::figure("share_of_segment", "Share of segment"),
        Column::figure("share_of_value", "Share of value"),
        Column::figure("expected", "Expected"),
        Column::figure("residual", "Residual"),
        Column::figure("p_adjusted", "p adjusted"),
        Column::figure("revenue", "Revenue"),
    ];
    let rows = shown.map_or(vec![], |crossing| cell_rows(frame, crossing));
    let title = shown.map_or(String::new(), |crossing| {
        format!("every segment by {}", label(&crossing.attribute))
    });
    let note = "Expected: companies that the cell would hold if value and segment had nothing to do with each other. \
                Residual: how far it lies from that, in standard deviations (adjusted Pearson). p adjusted over all cells \
                by Benjamini and Hochberg: under 0.05 a cell is called more or fewer, under 0.01 clearly so.";
    Table::new("overlay", title, columns, rows).note(note).under_chart()
}

fn cell_rows(frame: &Frame, crossing: &Crossing) -> Vec<Vec<Cell>> {
    let total = crossing.counted();
    let mut rows = vec![];
    for (nth, segment) in frame.design.framework.segments.iter().enumerate() {
        let of_row: u64 = crossing.counts[nth].iter().sum();
        for (at, column) in crossing.columns.iter().enumerate() {
            let of_column: u64 = crossing.counts.iter().map(|row| row[at]).sum();
            let count = crossing.counts[nth][at];
            let share = |whole: u64| (whole > 0).then(|| count as f64 / whole as f64);
            let expected = (total > 0).then(|| of_row as f64 * of_column as f64 / total as f64);
            let companies = match column {
                crossing::Column::Value(value) if count > 0 => {
                    Cell::Count(count).linked(companies_href(frame, &segment.code, &crossing.attribute, value))
                }
                _ => Cell::Count(count),
            };
            rows.push(vec![
                Cell::text(&segment.name),
                Cell::text(column_label(&crossing.attribute, column)),
                companies,
                Cell::share(share(of_row)),
                Cell::share(share(of_column)),
                Cell::number(expected, 1),
                Cell::difference(crossing.residuals[nth][at], 1),
                Cell::number(crossing.ps[nth][at], 3),
                Cell::Money(crossing.revenue[nth][at]),
            ]);
        }
    }
    rows
}

fn chart(frame: &Frame, found: &Crossings) -> Lanes<GuessLane> {
    let guessed = |(crossing, _, guess): (&Crossing, ChiSquare, Guess)| Guessed {
        name: label(&crossing.attribute),
        href: frame.with(&[("by", &crossing.attribute)]),
        without: guess.right_without,
        right: guess.right,
        anew: guess.right_anew,
    };
    lanes::guesses(found.ranked().into_iter().map(guessed).collect())
}

/// What the ranking comes to.
fn ranking_words(found: &Crossings) -> String {
    let ranked = found.ranked();
    // In hindsight every attribute gives something away; for the next company few do.
    let saves = |guess: &Guess| guess.right_anew - guess.right_without;
    let best = ranked
        .iter()
        .filter(|(_, chi, _)| Verdict::of_p(Some(chi.p)) != Verdict::CannotTell)
        .max_by(|a, b| saves(&a.2).total_cmp(&saves(&b.2)));
    match best {
        None if ranked.is_empty() => String::new(),
        Some((crossing, _, guess)) if saves(guess) > 0.005 => format!(
            "Most is given away by {}: it would guess the next company’s segment right {} of the time, where guessing \
             blind is right {} of the time.",
            label(&crossing.attribute),
            text::share(guess.right_anew),
            text::share(guess.right_without),
        ),
        _ => "Nothing that is known of these companies beforehand helps to guess the next company’s segment: \
              it takes asking them."
            .to_owned(),
    }
}

fn ranking(frame: &Frame, found: &Crossings) -> Table {
    let columns = vec![
        Column::text("attribute", "Attribute"),
        Column::figure("companies", "Companies with a value"),
        Column::figure("values", "Values"),
        Column::figure("cramers_v", "Cramér’s V"),
        Column::figure("p", "p"),
        Column::figure("right", "Guessed right"),
        Column::figure("right_without", "Without it"),
        Column::figure("lambda", "λ"),
        Column::figure("right_anew", "Next company"),
        Column::text("verdict", "In a word"),
    ];
    let row = |(crossing, chi, guess): (&Crossing, ChiSquare, Guess)| {
        let word = match Verdict::of_p(Some(chi.p)) {
            Verdict::Clear => "clear",
            Verdict::Likely => "likely",
            Verdict::CannotTell => "cannot tell",
        };
        let word = if chi.min_expected < 5.0 {
            format!("{word}, few companies a cell")
        } else {
            word.to_owned()
        };
        vec![
            Cell::text(label(&crossing.attribute)).linked(frame.with(&[("by", &crossing.attribute)])),
            Cell::Count(crossing.valued),
            Cell::Count(crossing.values as u64),
            Cell::number(chi.cramers_v, 2),
            Cell::number(chi.p, 3),
            Cell::share(guess.right),
            Cell::share(guess.right_without),
            Cell::number(guess.lambda, 2),
            Cell::share(guess.right_anew),
            Cell::text(word),
        ]
    };
    let note = "Guessed right: the share of companies whose segment is the most common one among those with the same \
                value; without it: the share of the most common segment of all. λ (Goodman and Kruskal): the share of \
                wrong guesses saved. Next company: each company guessed from the others alone. The more values an \
                attribute has, the more it seems to know in hindsight; what holds for the next company is not taken in by that.";
    let rows = found.ranked().into_iter().map(row).collect();
    Table::new("attributes", "what each attribute gives away", columns, rows)
        .note(note)
        .under_chart()
}
