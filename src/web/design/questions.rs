//! A question's versions: what each asked, in which words, how often it was answered, and what is
//! different from one to the next.

use actix_web::web::{Data, Path};
use askama::Template;

use super::words;
use crate::design;
use crate::design::versions::{self, Counted, Version};
use crate::framework::{Framework, Kind, Loads, Question, QuestionTexts};
use crate::store::Db;
use crate::text::compared::{self, Piece};
use crate::text::figures;
use crate::web::error::AppError;
use crate::web::page::Page;
use crate::web::session::Analyst;
use crate::web::words as said;

#[derive(Template)]
#[template(path = "design/questions/show.html")]
pub struct Show {
    code: String,
    /// The question in its last words.
    text: String,
    /// The title of the set that asks it; none: it is archived.
    set: Option<String>,
    /// Newest first.
    states: Vec<State>,
}

/// A question in the words of some time.
struct State {
    heading: String,
    /// Since when, or until when.
    when: String,
    answers: Option<String>,
    is_asked: bool,
    kind: String,
    facets: Vec<Facet>,
    /// Beside the state before: what differs.
    differences: Vec<Difference>,
    before: Option<String>,
}

/// One thing about a question: its wording, an option.
#[derive(Clone)]
struct Facet {
    label: String,
    text: String,
}

struct Difference {
    label: String,
    old: Vec<Piece>,
    new: Vec<Piece>,
}

/// `GET /design/questions/{code}`
pub async fn show(code: Path<String>, _: Analyst, db: Data<Db>) -> Result<Page<Show>, AppError> {
    let code = code.into_inner();
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let versions = versions::list(conn, &code)?;
            let newest = versions.last().ok_or(AppError::NotFound)?;
            let mut sets = design.framework.questions();
            let set = sets.find(|(_, question)| question.code == code);
            Ok::<_, AppError>(Show {
                text: newest.question.text.clone(),
                states: states(&design.framework, &versions, set.is_some()),
                set: set.map(|(set, _)| set.title.clone()),
                code,
            })
        })
        .await?;
    Ok(Page(page))
}

/// Each version in each of its wordings, newest first.
fn states(framework: &Framework, versions: &[Version], is_asked: bool) -> Vec<State> {
    let mut states: Vec<State> = Vec::new();
    let mut before: Option<(String, Vec<Facet>)> = None;
    let last = versions.len();
    for (nth, version) in versions.iter().enumerate() {
        let mut since = version.since;
        let wordings = version.earlier.iter().map(|(question, until)| (question, Some(*until)));
        for (question, until) in wordings.chain([(&version.question, None)]) {
            let heading = match until {
                Some(_) => format!("Version {} in earlier words", version.number),
                None => format!("Version {}", version.number),
            };
            let facets = facets(framework, question);
            let differences = before.as_ref().map(|(_, old)| differences(old, &facets));
            states.push(State {
                when: match until {
                    Some(until) => format!("{} to {}", figures::date_time(since), figures::date_time(until)),
                    None => format!("since {}", figures::date_time(since)),
                },
                answers: until.is_none().then(|| answers(version.answers)),
                is_asked: is_asked && nth + 1 == last && until.is_none(),
                kind: said::kind(question),
                differences: differences.unwrap_or_default(),
                before: before.as_ref().map(|(heading, _)| heading.clone()),
                heading: heading.clone(),
                facets: facets.clone(),
            });
            before = Some((heading, facets));
            since = until.unwrap_or(since);
        }
    }
    states.reverse();
    states
}

fn answers(counted: Option<Counted>) -> String {
    let Some(Counted { answers, at }) = counted else {
        return "answers not counted yet: that is done once a day".to_owned();
    };
    let answers = figures::counted(answers, "answer", "answers");
    match at {
        Some(at) => format!("{answers}, counted {}", figures::date_time(at)),
        None => answers,
    }
}

fn facets(framework: &Framework, question: &Question) -> Vec<Facet> {
    let mut facets = Vec::new();
    let mut put = |label: &str, text: String| {
        if !text.is_empty() {
            let label = label.to_owned();
            facets.push(Facet { label, text });
        }
    };
    put("Question", question.text.clone());
    put("Help", question.help.clone());
    put("Kind", said::kind(question));
    if question.required {
        put("Required", "yes".to_owned());
    }
    if let Some(show_if) = &question.show_if {
        put(
            "Asked only if",
            format!("{} is {}", show_if.question, show_if.any_of.join(" or ")),
        );
    }
    match &question.kind {
        Kind::Rating {
            min_label,
            max_label,
            loads,
            ..
        } => {
            put("Low end", min_label.clone());
            put("High end", max_label.clone());
            put("Speaks for", spoken(framework, loads));
        }
        Kind::Nps { loads } => put("Speaks for", spoken(framework, loads)),
        Kind::Matrix { labels, .. } => put("Scale", labels.join(" · ")),
        Kind::Text { max_length, multiline } => {
            let lines = if *multiline { ", several lines" } else { "" };
            put("Length", format!("{max_length} characters{lines}"));
        }
        _ => {}
    }
    for option in question.kind.options() {
        let mut text = with_loads(framework, &option.text, &option.loads);
        if option.free_text {
            text.push_str(" (with a text of one’s own)");
        }
        if option.no_opinion {
            text.push_str(" (no opinion)");
        }
        put(&format!("Option {}", option.code), text);
    }
    for row in question.kind.rows() {
        put(
            &format!("Row {}", row.code),
            with_loads(framework, &row.text, &row.loads),
        );
    }
    put("No opinion", question.no_opinion.clone().unwrap_or_default());
    for (language, texts) in &question.translations {
        for (label, text) in translated(texts) {
            put(&format!("{label} ({language})"), text);
        }
    }
    facets
}

fn translated(texts: &QuestionTexts) -> Vec<(String, String)> {
    let plain = [
        ("Question", &texts.text),
        ("Help", &texts.help),
        ("No opinion", &texts.no_opinion),
        ("Low end", &texts.min_label),
        ("High end", &texts.max_label),
    ];
    let plain = plain
        .into_iter()
        .filter_map(|(label, text)| Some((label.to_owned(), text.clone()?)));
    let labels = (!texts.labels.is_empty()).then(|| ("Scale".to_owned(), texts.labels.join(" · ")));
    let options = texts
        .options
        .iter()
        .map(|(code, text)| (format!("Option {code}"), text.clone()));
    let rows = texts
        .rows
        .iter()
        .map(|(code, text)| (format!("Row {code}"), text.clone()));
    plain.chain(labels).chain(options).chain(rows).collect()
}

fn with_loads(framework: &Framework, text: &str, loads: &Loads) -> String {
    match spoken(framework, loads) {
        loads if loads.is_empty() => text.to_owned(),
        loads => format!("{text} → {loads}"),
    }
}

/// `Efficiency 2, Standing 1`; a need that is archived by its code.
fn spoken(framework: &Framework, loads: &Loads) -> String {
    let loads = loads.iter().filter(|(_, load)| **load != 0.0);
    let told = loads.map(|(need, load)| {
        let name = framework.need(need).map_or(need.as_str(), |need| need.name.as_str());
        format!("{name} {}", words::weight(*load))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// What differs, in the order of the new one; what is gone last.
fn differences(old: &[Facet], new: &[Facet]) -> Vec<Difference> {
    let text = |facets: &[Facet], label: &str| {
        let facet = facets.iter().find(|facet| facet.label == label);
        facet.map(|facet| facet.text.clone()).unwrap_or_default()
    };
    let gone = old
        .iter()
        .filter(|facet| new.iter().all(|other| other.label != facet.label));
    let labels = new.iter().chain(gone).map(|facet| facet.label.clone());
    labels
        .filter_map(|label| {
            let (old, new) = (text(old, &label), text(new, &label));
            let (of_old, of_new) = compared::compare(&old, &new);
            (old != new).then_some(Difference {
                label,
                old: of_old,
                new: of_new,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_by_its_label_and_what_is_gone_too() {
        let framework = crate::framework::read::toml(include_str!("../../../tests/it/support/framework.toml")).unwrap();
        let old = framework.question("why-now").unwrap();
        let mut new = old.clone();
        new.help.clear();
        new.text = format!("{} Please.", new.text);
        if let Kind::SingleChoice { options, .. } = &mut new.kind {
            options[0].loads.insert("efficiency".into(), 1.0);
            options.pop();
        }
        let found = differences(&facets(&framework, old), &facets(&framework, &new));
        let labels: Vec<&str> = found.iter().map(|one| one.label.as_str()).collect();
        assert_eq!(labels, ["Question", "Option replace", "Help", "Option dont-know"]);
        assert!(
            found[1].new.iter().any(|piece| piece.differs && piece.text == "1"),
            "{:?}",
            found[1].new
        );
    }

    #[test]
    fn every_kind_has_its_facets() {
        let framework = crate::framework::read::toml(include_str!("../../../tests/it/support/framework.toml")).unwrap();
        for (_, question) in framework.questions() {
            assert!(facets(&framework, question).len() >= 2, "{}", question.code);
        }
    }
}
