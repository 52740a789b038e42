//! The playbook of a segment, edited: the lines of the framework file with the reason behind each, and
//! what is said beside them. The lines go into the framework, the rest into the playbook, both at once.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use serde_json::{Map, Value, json};

use crate::clock::Clock;
use crate::config::Config;
use crate::design::{self, Design};
use crate::framework::fault::Fault;
use crate::framework::{self, Framework, Segment};
use crate::ids::FrameworkId;
use crate::plan::playbook::{self, LINE_CHARACTERS, Playbook, Reasoned, TEXT_CHARACTERS, TEXTS};
use crate::reframe::edit::{self as change, Refusal};
use crate::store::Db;
use crate::text::fold::{self, Unfit};
use crate::web::design::typed::{self, Faults};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::Admin;

/// Blank rows for new lines.
const BLANK: usize = 2;
/// More lines than these nobody reads.
const MOST: usize = 60;

#[derive(Template)]
#[template(path = "segments/playbook.html")]
pub struct Edit {
    segment: Segment,
    typed: Typed,
    left_behind: Vec<Reasoned>,
    faults: Faults,
    overtaken: Option<Vec<String>>,
    seen: FrameworkId,
}

/// A playbook as it is typed.
#[derive(Debug, Clone, Default, PartialEq)]
struct Typed {
    talk_about: Vec<Reasoned>,
    avoid: Vec<Reasoned>,
    content: String,
    actions: String,
    spend: String,
    /// Only its texts.
    texts: Playbook,
}

impl Typed {
    fn of(segment: &Segment, playbook: &Playbook) -> Typed {
        let rows = |lines: &[String], why: &dyn Fn(&str) -> String| {
            let known = lines.iter().map(|line| Reasoned {
                line: line.clone(),
                reason: why(line),
            });
            let mut rows: Vec<Reasoned> = known.collect();
            rows.resize(rows.len() + BLANK, Reasoned::default());
            rows
        };
        Typed {
            talk_about: rows(&segment.talk_about, &|line| {
                playbook.why_talk_about(line).unwrap_or_default().to_owned()
            }),
            avoid: rows(&segment.avoid, &|line| {
                playbook.why_avoid(line).unwrap_or_default().to_owned()
            }),
            content: segment.content.join("\n"),
            actions: segment.actions.join("\n"),
            spend: segment.spend.clone(),
            texts: playbook.clone(),
        }
    }

    fn read(form: &Form) -> Result<Typed, AppError> {
        let rows = |list: &str| {
            let mut rows = Vec::new();
            for at in 0..MOST {
                let line = format!("{list}.{at}.line");
                if !form.0.iter().any(|(name, _)| *name == line) {
                    break;
                }
                rows.push(Reasoned {
                    line: typed::text(form, &line)?,
                    reason: typed::text(form, &format!("{list}.{at}.reason"))?,
                });
            }
            Ok::<_, AppError>(rows)
        };
        let mut texts = Playbook::default();
        for (field, ..) in TEXTS {
            texts.set_text(field, typed::text(form, field)?);
        }
        Ok(Typed {
            talk_about: rows("talk_about")?,
            avoid: rows("avoid")?,
            content: typed::text(form, "content")?,
            actions: typed::text(form, "actions")?,
            spend: typed::text(form, "spend")?,
            texts,
        })
    }

    /// The segment and the playbook as they are to be kept, or every fault at its field.
    fn checked(&self, framework: &Framework, code: &str) -> Result<(Segment, Playbook), Faults> {
        let mut faults = Vec::new();
        let was = framework.segment(code).cloned().unwrap_or_default();
        let mut playbook = Playbook::default();
        for (field, ..) in TEXTS {
            let text = prose(self.texts.text(field), TEXT_CHARACTERS, field, &mut faults);
            playbook.set_text(field, text.unwrap_or_default());
        }
        let talk_about = reasoned("talk_about", &self.talk_about, &was.talk_about, &mut faults);
        let avoid = reasoned("avoid", &self.avoid, &was.avoid, &mut faults);
        let lines = |rows: &[(usize, Reasoned)]| rows.iter().map(|(_, row)| row.line.clone()).collect::<Vec<_>>();
        let entries = [
            ("talk_about", lines(&talk_about)),
            ("avoid", lines(&avoid)),
            ("content", untouched(&self.content, &was.content)),
            ("actions", untouched(&self.actions, &was.actions)),
        ];
        let segment = self.segment(framework, code, &entries).map_err(|more| {
            let at_row = |mut fault: Fault| {
                fault.place = at_row(&fault.place, &[("talk_about", &talk_about), ("avoid", &avoid)]);
                fault
            };
            Faults(faults.drain(..).chain(more.into_iter().map(at_row)).collect())
        })?;
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        let with_reason = |rows: Vec<(usize, Reasoned)>| {
            let rows = rows.into_iter().map(|(_, row)| row);
            rows.filter(|row| !row.reason.is_empty()).collect()
        };
        playbook.talk_about = with_reason(talk_about);
        playbook.avoid = with_reason(avoid);
        Ok((segment, playbook))
    }

    fn segment(
        &self,
        framework: &Framework,
        code: &str,
        entries: &[(&str, Vec<String>)],
    ) -> Result<Segment, Vec<Fault>> {
        let at = framework.segment_position(code).unwrap_or(0);
        let tree = framework::write::tree(framework);
        let known = tree
            .get("segments")
            .and_then(|segments| segments.get(at))
            .and_then(Value::as_object);
        let mut tree: Map<String, Value> = known.cloned().unwrap_or_default();
        for (key, lines) in entries {
            match lines.is_empty() {
                true => tree.remove(*key),
                false => tree.insert((*key).to_owned(), json!(lines)),
            };
        }
        match self.spend.trim().is_empty() {
            true => tree.remove("spend"),
            false => tree.insert("spend".to_owned(), json!(self.spend)),
        };
        let (framework, at) = typed::checked(framework, "segments", Some(at), tree)?;
        Ok(framework.segments[at].clone())
    }
}

/// Rows that say something, each with its number; a line that nobody touched stays as it was, to the byte.
fn reasoned(list: &str, rows: &[Reasoned], was: &[String], faults: &mut Vec<Fault>) -> Vec<(usize, Reasoned)> {
    let mut kept: Vec<(usize, Reasoned)> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let line = match was.contains(&row.line) {
            true => row.line.clone(),
            false => row.line.trim().to_owned(),
        };
        let field = format!("{list}.{at}.reason");
        let reason = prose(&row.reason, LINE_CHARACTERS, &field, faults).unwrap_or_default();
        if line.trim().is_empty() {
            if !reason.is_empty() {
                faults.push(fault(
                    format!("{list}.{at}.line"),
                    "write the line that this is the reason for",
                ));
            }
            continue;
        }
        if kept.iter().any(|(_, known)| known.line == line) {
            faults.push(fault(format!("{list}.{at}.line"), "stands in the list already"));
        }
        kept.push((at, Reasoned { line, reason }));
    }
    kept
}

/// One entry a line; untouched, an entry of several lines stays one.
fn untouched(typed: &str, was: &[String]) -> Vec<String> {
    if was.join("\n") == typed {
        was.to_vec()
    } else {
        typed::lines(typed)
    }
}

fn prose(text: &str, most: usize, field: &str, faults: &mut Vec<Fault>) -> Option<String> {
    match fold::prose(text, most) {
        Ok(text) => Some(text.trim().to_owned()),
        Err(unfit) => {
            let told = match unfit {
                Unfit::TooLong(most) => format!("has more than {most} characters"),
                Unfit::Control => "holds a character that cannot be shown; type it anew".to_owned(),
            };
            faults.push(fault(field.to_owned(), told));
            None
        }
    }
}

fn fault(place: String, message: impl Into<String>) -> Fault {
    Fault {
        place,
        line: None,
        column: None,
        message: message.into(),
    }
}

/// `talk_about[1]` as the field of the row in which that entry was typed.
fn at_row(place: &str, lists: &[(&str, &Vec<(usize, Reasoned)>)]) -> String {
    for (list, rows) in lists {
        let entry = place
            .strip_prefix(list)
            .and_then(|rest| rest.strip_prefix('[')?.split_once(']'));
        let row = entry.and_then(|(entry, _)| rows.get(entry.parse::<usize>().ok()?));
        if let Some((at, _)) = row {
            return format!("{list}.{at}.line");
        }
    }
    place.to_owned()
}

/// `GET /segments/{code}/playbook`: `from` takes up an earlier saving, which is kept when it is saved.
pub async fn edit(
    _: Admin,
    db: Data<Db>,
    code: Path<String>,
    parameters: Query<Vec<(String, String)>>,
) -> Result<Page<Edit>, AppError> {
    let from = parameters
        .iter()
        .find(|(name, _)| name == "from")
        .map(|(_, value)| value.clone());
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            let segment = design.framework.segment(&code).ok_or(AppError::NotFound)?;
            let playbook = match from {
                None => playbook::find(conn, &code)?,
                Some(id) => {
                    let id = id.parse().map_err(|_| AppError::NotFound)?;
                    playbook::find_saved(conn, &code, id)?.ok_or(AppError::NotFound)?
                }
            };
            Ok::<_, AppError>(Edit::new(&design, segment, Typed::of(segment, &playbook), &playbook))
        })
        .await?;
    Ok(Page(page))
}

/// `POST /segments/{code}/playbook`
pub async fn update(
    request: HttpRequest,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    code: Path<String>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (typed, seen, code) = (Typed::read(&form)?, typed::seen(&form)?, code.into_inner());
    let sought = code.clone();
    let (design, known) = db
        .read(move |conn| Ok::<_, AppError>((design::current(conn)?, playbook::find(conn, &sought)?)))
        .await?;
    let was = design.framework.segment(&code).ok_or(AppError::NotFound)?.clone();
    let mut page = Edit::new(&design, &was, typed.clone(), &known);
    page.seen = seen;
    let (segment, playbook) = match typed.checked(&design.framework, &code) {
        Ok(kept) => kept,
        Err(faults) => {
            page.faults = faults;
            return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
        }
    };
    let (now, by) = (clock.now(), user.email);
    let saved = db
        .write(move |conn| {
            // The framework is left alone where only what goes beyond it has changed.
            let mut changes = match segment == was {
                true => vec![],
                false => change::put_segment(conn, now, &by, seen, segment)?,
            };
            changes.extend(playbook::save(conn, now, &by, &code, &playbook)?);
            Ok::<_, Refusal>((code, changes))
        })
        .await;
    match saved {
        Ok((code, changes)) => {
            let notice = match changes.len() {
                0 => "Nothing had changed.".to_owned(),
                1 => "The playbook is saved.".to_owned(),
                n => format!("The playbook is saved, with {n} changes."),
            };
            Ok(see_other_with_notice(&config, &format!("/segments/{code}"), &notice))
        }
        Err(Refusal::Overtaken(newest, changes)) => {
            page.seen = newest;
            page.overtaken = Some(changes);
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(&request))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}

impl Edit {
    fn new(design: &Design, segment: &Segment, typed: Typed, playbook: &Playbook) -> Edit {
        Edit {
            left_behind: playbook.left_behind(segment).cloned().collect(),
            segment: segment.clone(),
            faults: Faults::default(),
            overtaken: None,
            seen: design.id,
            typed,
        }
    }

    fn path(&self) -> String {
        format!("/segments/{}/playbook", self.segment.code)
    }

    /// The lists whose lines have reasons: field, heading, what its lines are, rows.
    fn lists(&self) -> [(&'static str, &'static str, &'static str, &Vec<Reasoned>); 2] {
        [
            ("talk_about", "What to talk about", "Say", &self.typed.talk_about),
            ("avoid", "What not to talk about", "Don’t say", &self.typed.avoid),
        ]
    }

    fn id(&self, list: &str, at: &usize, part: &str) -> String {
        typed::id(&format!("{list}.{at}.{part}"))
    }

    fn fault(&self, list: &str, at: &usize, part: &str) -> Option<String> {
        self.faults.at(&format!("{list}.{at}.{part}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framework() -> Framework {
        framework::read::toml(include_str!("../../../tests/it/support/framework.toml")).unwrap()
    }

    #[test]
    fn a_playbook_that_nobody_touched_leaves_the_segment_as_it_was() {
        let mut framework = framework();
        framework.segments[0].talk_about = vec![" one\ntwo ".into(), "three".into()];
        framework.segments[0].content = vec!["a\nb".into()];
        let was = &framework.segments[0];
        let playbook = Playbook {
            talk_about: vec![Reasoned {
                line: "three".into(),
                reason: "It counts".into(),
            }],
            offer: "A package".into(),
            ..Playbook::default()
        };
        let (segment, kept) = Typed::of(was, &playbook)
            .checked(&framework, &was.code)
            .expect("no faults");
        assert_eq!((&segment, &kept), (was, &playbook));
    }

    #[test]
    fn a_fault_stands_at_the_row_in_which_it_was_typed() {
        let framework = framework();
        let was = &framework.segments[0];
        let mut typed = Typed::of(was, &Playbook::default());
        // A blank row before it moves the entry, not its field.
        typed.talk_about.insert(0, Reasoned::default());
        typed.talk_about[1].line = "\u{7}".into();
        typed.avoid[1].reason = "Because".into();
        typed.texts.offer = "x".repeat(TEXT_CHARACTERS + 1);
        let faults = typed.checked(&framework, &was.code).expect_err("faults");
        for field in ["talk_about.1.line", "avoid.1.line", "offer"] {
            assert!(faults.at(field).is_some(), "{field} in {faults:?}");
        }
    }
}
