//! Segments found in the data beside those of today, and one choice of them made a draft.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;

use super::frame::{Desk, Frame, InsightPage, Shown, Tab};
use super::table::{Cell, Column, Table};
use crate::audit;
use crate::clock::rfc3339;
use crate::config::Config;
use crate::design::Design;
use crate::design::drafts::{self, Draft};
use crate::framework::{Loads, Segment};
use crate::insight::chart::Scale;
use crate::insight::chart::lines::{self, At, Lines, Series};
use crate::insight::chart::pairs::{self, Pairs};
use crate::insight::discover::{self, Discovery, Scores};
use crate::method::discover::Candidate;
use crate::method::resemblance::{Resemblance, resemblances};
use crate::text::{code, figures as text};
use crate::web::discoveries::{Discoveries, Shown as Search};
use crate::web::error::{AppError, Fault};
use crate::web::figures;
use crate::web::form::Form;
use crate::web::page::see_other_with_notice;
use crate::web::session::Analyst;

/// A segment that holds less of the companies is hardly worth one.
const LEAST_SHARE: f64 = 0.05;
/// From here on a found profile is taken for the one of today that it is most like.
const MUCH_LIKE: f64 = 0.9;
const SOMEWHAT_LIKE: f64 = 0.6;

#[derive(Template)]
#[template(path = "insights/discover.html")]
pub struct Show {
    frame: Frame,
    drafts: Vec<Draft>,
    companies: usize,
    /// How far a first search is, in percent.
    searching: Option<u32>,
    found: Option<Found>,
    candidates: Table,
    profiles: Table,
    confusion: Table,
}

/// What there is to see of the division that the reader looks at.
pub struct Found {
    k: usize,
    is_suggested: bool,
    is_renewed: bool,
    computed_at: String,
    /// To know it again when it is adopted.
    stamp: String,
    lines: Lines,
    chart_words: String,
    warning: Option<String>,
    agreement: String,
    segments: Vec<Piece>,
}

/// One found segment.
pub struct Piece {
    letter: char,
    size: String,
    likeness: String,
    /// What it is called unless somebody knows better, and the segment of today that it goes on as.
    name: String,
    code: Option<String>,
    profile: Pairs,
    words: String,
}

impl InsightPage for Show {
    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn tables(&self) -> Vec<&Table> {
        vec![&self.candidates, &self.profiles, &self.confusion]
    }
}

impl Show {
    fn companies_words(&self) -> String {
        text::counted(self.companies as i64, "company", "companies")
    }

    fn action(&self) -> String {
        let k = self.found.as_ref().map_or(String::new(), |found| found.k.to_string());
        self.frame
            .with(&[("k", &k)])
            .replacen("/insights/discover", "/insights/discover/drafts", 1)
    }
}

const OWN: &[&str] = &["k"];

/// `GET /insights/discover`
pub async fn show(_: Analyst, desk: Desk, discoveries: Data<Discoveries>) -> Result<Shown<Show>, AppError> {
    let (frame, scores) = scores_of(&desk).await?;
    let of = (frame.design.id, frame.asked.filter.clone(), frame.asked.day);
    let searched = discoveries.show(of, &scores, desk.now).await?;
    let drafts = desk.db.read(drafts::list).await?;
    let (searching, candidate) = match &searched {
        Search::Searching(done) => (Some((done * 100.0) as u32), None),
        Search::Found { found, is_renewed } => {
            let chosen = chosen(&frame, found)?;
            (None, chosen.map(|at| (found.clone(), at, *is_renewed)))
        }
    };
    let design = frame.design.clone();
    let (candidates, profiles, confusion) = match &candidate {
        None => (empty("candidates"), empty("profiles"), empty("moves")),
        Some((found, at, _)) => (
            candidates(&frame, found, *at),
            profiles(&design, found, *at),
            confusion(&design, found, *at),
        ),
    };
    Ok(Shown(Show {
        companies: scores.rows.len(),
        found: candidate.map(|(found, at, is_renewed)| Found::new(&design, &found, at, is_renewed)),
        searching,
        drafts,
        candidates,
        profiles,
        confusion,
        frame,
    }))
}

async fn scores_of(desk: &Desk) -> Result<(Frame, Arc<Scores>), AppError> {
    desk.read_for_all(Tab::Discover, OWN, |conn, design, asked| {
        Ok(discover::scores(conn, design, asked.today, asked.day, &asked.filter)?)
    })
    .await
}

fn empty(code: &str) -> Table {
    Table::new(code, "", vec![], vec![])
}

/// The place of the candidate that is asked for, else of the suggested one; `None` where nothing was found.
fn chosen(frame: &Frame, found: &Discovery) -> Result<Option<usize>, AppError> {
    if found.candidates.is_empty() {
        return Ok(None);
    }
    let k = match frame.asked.own("k") {
        None => found.suggested_k,
        Some(text) => text.parse().ok(),
    };
    let at = found.candidates.iter().position(|candidate| Some(candidate.k) == k);
    let at = at.ok_or_else(|| {
        let ks: Vec<String> = found
            .candidates
            .iter()
            .map(|candidate| candidate.k.to_string())
            .collect();
        AppError::Unprocessable(vec![Fault::new("k", format!("is none of {}", ks.join(", ")))])
    })?;
    Ok(Some(at))
}

impl Found {
    fn new(design: &Design, found: &Discovery, at: usize, is_renewed: bool) -> Found {
        let candidate = &found.candidates[at];
        let (lines, chart_words) = drawing(found);
        Found {
            k: candidate.k,
            is_suggested: found.suggested_k == Some(candidate.k),
            is_renewed,
            computed_at: text::date_time(found.computed_at),
            stamp: rfc3339(found.computed_at),
            lines,
            chart_words,
            warning: warning(candidate),
            agreement: agreement(design, found, at),
            segments: pieces(design, found, at),
        }
    }
}

/// In words, where a segment is so small that it hardly is one.
fn warning(candidate: &Candidate) -> Option<String> {
    let least = *candidate.sizes.last()?;
    (candidate.smallest_share() < LEAST_SHARE).then(|| {
        format!(
            "The smallest of these segments holds {} of the companies ({}), less than one in twenty. Fewer segments may serve you better.",
            text::share(candidate.smallest_share()),
            text::count(least as i64),
        )
    })
}

/// How good each number of segments is, as two lines.
fn drawing(found: &Discovery) -> (Lines, String) {
    let stops: Vec<String> = found
        .candidates
        .iter()
        .map(|candidate| candidate.k.to_string())
        .collect();
    let series = |name: &str, style: usize, value: fn(&Candidate) -> f64| Series {
        name: name.to_owned(),
        class: format!("series-{}", style + 1),
        style,
        points: found
            .candidates
            .iter()
            .map(|candidate| {
                Some(At {
                    value: value(candidate),
                    band: None,
                })
            })
            .collect(),
    };
    let series = [
        series("silhouette", 0, |candidate| candidate.silhouette),
        series("stability", 1, |candidate| candidate.stability),
    ];
    let least = series
        .iter()
        .flat_map(|series| &series.points)
        .flatten()
        .fold(0.0, |least: f64, at| least.min(at.value));
    let scale = Scale {
        low: if least < 0.0 { -1.0 } else { 0.0 },
        high: 1.0,
    };
    let say = |candidate: &Candidate| {
        format!(
            "{} segments: silhouette {}, stability {}.",
            candidate.k,
            text::number(candidate.silhouette, 2),
            text::number(candidate.stability, 2)
        )
    };
    let words: Vec<String> = found.candidates.iter().map(say).collect();
    let drawn = lines::lines_with(&series, &stops, scale, stops.len(), |value| text::number(value, 2));
    (drawn, words.join(" "))
}

fn matched(design: &Design, candidate: &Candidate) -> Vec<Option<Resemblance>> {
    let today: Vec<Vec<f64>> = (0..design.profiles.count())
        .map(|segment| design.profiles.unit(segment).to_vec())
        .collect();
    resemblances(&candidate.centroids, &today)
}

fn agreement(design: &Design, found: &Discovery, at: usize) -> String {
    let (candidate, table) = (&found.candidates[at], &found.confusions[at]);
    let matched = matched(design, candidate);
    let stay: u64 = table
        .iter()
        .zip(&matched)
        .filter_map(|(row, matched)| row[..row.len() - 1].get(matched.as_ref()?.segment))
        .sum();
    let with: u64 = table.iter().flat_map(|row| &row[..row.len() - 1]).sum();
    let without: u64 = table.iter().filter_map(|row| row.last()).sum();
    let mut said = match with {
        0 => "None of these companies has a segment today.".to_owned(),
        _ => format!(
            "Of {} with a segment today, {} would stay in the one that theirs is most like, and {} would move.",
            figures::counted(with, "company", "companies"),
            figures::count(stay),
            figures::count(with - stay)
        ),
    };
    if without > 0 {
        said += &format!(
            " {} would get one.",
            figures::counted(without, "company without a segment", "companies without a segment")
        );
    }
    said
}

fn pieces(design: &Design, found: &Discovery, at: usize) -> Vec<Piece> {
    let candidate = &found.candidates[at];
    let framework = &design.framework;
    let all: usize = candidate.sizes.iter().sum();
    let needs: Vec<&str> = found
        .needs
        .iter()
        .map(|code| framework.need(code).map_or(code.as_str(), |need| need.name.as_str()))
        .collect();
    let mut names: Vec<String> = vec![];
    let pieces = candidate
        .profiles()
        .into_iter()
        .zip(matched(design, candidate))
        .enumerate();
    let piece = |(nth, (profile, matched)): (usize, (Vec<f64>, Option<Resemblance>))| {
        let today = matched.map(|one| (&framework.segments[one.segment], one.likeness));
        let weight_today = |need: &str| today.map(|(segment, _)| segment.profile.get(need).copied().unwrap_or(0.0));
        let rows: Vec<(&str, f64, Option<f64>)> = needs
            .iter()
            .zip(&found.needs)
            .zip(&profile)
            .map(|((name, code), weight)| (*name, *weight, weight_today(code)))
            .collect();
        let words: Vec<String> = rows
            .iter()
            .map(|(name, weight, today)| match today {
                Some(today) => format!("{name} {} (today {})", text::number(weight, 0), text::number(today, 0)),
                None => format!("{name} {}", text::number(weight, 0)),
            })
            .collect();
        let same = today
            .filter(|(_, likeness)| *likeness >= MUCH_LIKE)
            .map(|(segment, _)| segment);
        let name = same.map_or_else(|| strongest(&rows), |segment| segment.name.clone());
        let name = code::free(&name, |name| names.iter().any(|known| known == name));
        names.push(name.clone());
        Piece {
            letter: letter(nth),
            size: format!(
                "{} ({})",
                text::counted(candidate.sizes[nth] as i64, "company", "companies"),
                text::share(candidate.sizes[nth] as f64 / all.max(1) as f64)
            ),
            likeness: likeness(today),
            name,
            code: same.map(|segment| segment.code.clone()),
            profile: pairs::pairs(&rows),
            words: words.join(", "),
        }
    };
    pieces.map(piece).collect()
}

fn letter(nth: usize) -> char {
    char::from(b'A' + (nth % 26) as u8)
}

/// `Efficiency and Assurance`: the needs that tell it from others.
fn strongest(rows: &[(&str, f64, Option<f64>)]) -> String {
    let mut sorted: Vec<_> = rows.iter().filter(|(_, weight, _)| *weight >= 50.0).collect();
    sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
    let names: Vec<&str> = sorted.iter().take(2).map(|(name, ..)| *name).collect();
    names.join(" and ")
}

fn likeness(today: Option<(&Segment, f64)>) -> String {
    match today {
        None => "Like none of today’s segments that is left.".to_owned(),
        Some((segment, likeness)) => {
            let word = match likeness {
                likeness if likeness >= MUCH_LIKE => "Much like",
                likeness if likeness >= SOMEWHAT_LIKE => "Somewhat like",
                _ => "Hardly like any; nearest to",
            };
            format!(
                "{word} “{}” (likeness {} of 1).",
                segment.name,
                text::number(likeness, 2)
            )
        }
    }
}

fn candidates(frame: &Frame, found: &Discovery, at: usize) -> Table {
    let columns = vec![
        Column::text("k", "Segments"),
        Column::figure("silhouette", "Silhouette"),
        Column::figure("stability", "Stability"),
        Column::text("sizes", "Companies in each"),
        Column::figure("smallest_share", "Smallest"),
        Column::text("remark", "Remark"),
    ];
    let row = |(nth, candidate): (usize, &Candidate)| {
        let sizes: Vec<String> = candidate.sizes.iter().map(|size| text::count(*size as i64)).collect();
        let mut remarks = vec![];
        if found.suggested_k == Some(candidate.k) {
            remarks.push("suggested");
        }
        if nth == at {
            remarks.push("shown below");
        }
        if candidate.smallest_share() < LEAST_SHARE {
            remarks.push("holds a segment under 5 %");
        }
        vec![
            Cell::text(candidate.k.to_string())
                .linked(format!("{}#found", frame.with(&[("k", &candidate.k.to_string())]))),
            Cell::number(candidate.silhouette, 2),
            Cell::number(candidate.stability, 2),
            Cell::text(sizes.join(" · ")),
            Cell::share(candidate.smallest_share()),
            Cell::text(remarks.join(", ")),
        ]
    };
    let rows = found.candidates.iter().enumerate().map(row).collect();
    Table::new(
        "candidates",
        "How well each number of segments divides the companies",
        columns,
        rows,
    )
}

fn profiles(design: &Design, found: &Discovery, at: usize) -> Table {
    let candidate = &found.candidates[at];
    let mut columns = vec![Column::text("need", "Need")];
    let matched = matched(design, candidate);
    for (nth, matched) in matched.iter().enumerate() {
        let letter = letter(nth);
        columns.push(Column::figure(
            format!("found_{}", letter.to_ascii_lowercase()),
            format!("{letter} found"),
        ));
        let name = matched.map_or("–", |one| design.framework.segments[one.segment].name.as_str());
        columns.push(Column::figure(
            format!("today_{}", letter.to_ascii_lowercase()),
            format!("{name} today"),
        ));
    }
    let of_found = candidate.profiles();
    let rows = found.needs.iter().enumerate().map(|(place, code)| {
        let name = design
            .framework
            .need(code)
            .map_or(code.as_str(), |need| need.name.as_str());
        let mut row = vec![Cell::text(name)];
        for (profile, matched) in of_found.iter().zip(&matched) {
            row.push(Cell::number(profile[place], 0));
            let today = matched.map(|one| {
                design.framework.segments[one.segment]
                    .profile
                    .get(code)
                    .copied()
                    .unwrap_or(0.0)
            });
            row.push(Cell::number(today, 0));
        }
        row
    });
    Table::new(
        "profiles",
        "Found profiles beside those of today",
        columns,
        rows.collect(),
    )
    .under_chart()
}

fn confusion(design: &Design, found: &Discovery, at: usize) -> Table {
    let segments = &design.framework.segments;
    let mut columns = vec![Column::text("found", "Found")];
    columns.extend(
        segments
            .iter()
            .map(|segment| Column::figure(&segment.code, format!("{} today", segment.name))),
    );
    columns.push(Column::figure("none", "no segment today"));
    let row = |(nth, row): (usize, &Vec<u64>)| {
        let (none, with) = row.split_last().map_or((0, &[][..]), |(none, with)| (*none, with));
        let mut cells = vec![Cell::text(letter(nth).to_string())];
        cells.extend((0..segments.len()).map(|at| Cell::Count(with.get(at).copied().unwrap_or(0))));
        cells.push(Cell::Count(none));
        cells
    };
    let rows = found.confusions[at].iter().enumerate().map(row).collect();
    Table::new(
        "moves",
        "Companies by found segment and segment of today",
        columns,
        rows,
    )
}

/// `POST /insights/discover/drafts`: keeps the chosen division as a draft of the segments.
pub async fn create(
    Analyst(user): Analyst,
    desk: Desk,
    discoveries: Data<Discoveries>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (frame, scores) = scores_of(&desk).await?;
    let of = (frame.design.id, frame.asked.filter.clone(), frame.asked.day);
    let Search::Found { found, .. } = discoveries.show(of, &scores, desk.now).await? else {
        return Err(AppError::Conflict(
            "The segments are being searched for anew. Look at them again before you keep them.".to_owned(),
        ));
    };
    let at = chosen(&frame, &found)?.filter(|_| {
        form.text("stamp")
            .is_ok_and(|stamp| stamp == rfc3339(found.computed_at))
    });
    let Some(at) = at else {
        return Err(AppError::Conflict(
            "Scores have changed since the page was made, and the segments were found anew. Look at them again before you keep them.".to_owned(),
        ));
    };
    let segments = drafted(&frame.design, &found, at, &form)?;
    let origin = format!(
        "{} segments found in the needs of {} on {}.",
        found.candidates[at].k,
        text::counted(found.companies as i64, "company", "companies"),
        text::date_time(found.computed_at)
    );
    let now = desk.now;
    let id = desk.db.write(move |conn| {
        let id = drafts::add(conn, now, &user.email, &segments, &origin)?;
        audit::note(conn, now, &user.email, "draft.added", &format!("draft {id}"), &origin)?;
        Ok::<_, AppError>(id)
    });
    let notice = "Kept as a draft. Nothing has changed yet: this is what would.";
    Ok(see_other_with_notice(
        &config,
        &format!("/design/drafts/{}", id.await?),
        notice,
    ))
}

/// The segments as the form names them; one that goes on as a segment of today keeps its texts.
fn drafted(design: &Design, found: &Discovery, at: usize, form: &Form) -> Result<Vec<Segment>, AppError> {
    let framework = &design.framework;
    let (mut segments, mut faults): (Vec<Segment>, Vec<Fault>) = (vec![], vec![]);
    let mut names = BTreeSet::new();
    for (nth, profile) in found.candidates[at].profiles().into_iter().enumerate() {
        let (name_of, goes_on_of) = (format!("name.{nth}"), format!("as.{nth}"));
        let name = form.text(&name_of)?.trim().to_owned();
        let goes_on = form.text(&goes_on_of)?;
        if name.is_empty() {
            faults.push(Fault::new(&name_of, format!("segment {} needs a name", letter(nth))));
        } else if !names.insert(name.to_lowercase()) {
            faults.push(Fault::new(&name_of, format!("two segments are called {name}")));
        }
        let today = framework.segment(goes_on);
        if !goes_on.is_empty() && today.is_none() {
            faults.push(Fault::new(&goes_on_of, "is no segment of today"));
        }
        if segments
            .iter()
            .any(|known| Some(&known.code) == today.map(|today| &today.code))
        {
            let message = format!(
                "{} cannot be taken over twice",
                today.map_or("it", |today| today.name.as_str())
            );
            faults.push(Fault::new(&goes_on_of, message));
        }
        // Whole numbers: nobody means a hundredth of a weight.
        let weights = found.needs.iter().cloned().zip(profile.into_iter().map(f64::round));
        let profile: Loads = weights.filter(|(_, weight)| *weight > 0.0).collect();
        let is_taken =
            |code: &str| framework.segment(code).is_some() || segments.iter().any(|known| known.code == code);
        let new_code = match code::code(&name) {
            empty if empty.is_empty() => format!("segment-{}", letter(nth).to_ascii_lowercase()),
            code => code,
        };
        segments.push(match today {
            Some(today) => Segment {
                name,
                profile,
                ..today.clone()
            },
            None => Segment {
                code: code::free(&new_code, is_taken),
                name,
                profile,
                description: String::new(),
                talk_about: vec![],
                avoid: vec![],
                content: vec![],
                actions: vec![],
                spend: String::new(),
            },
        });
    }
    match faults.is_empty() {
        true => Ok(segments),
        false => Err(AppError::Unprocessable(faults)),
    }
}
