//! Which question sets speak which languages, what is missing, and the page where it is written: every
//! text of a set beside its translation.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::accounts::Role;
use crate::clock::Clock;
use crate::companies::contacts;
use crate::config::Config;
use crate::design::{self, Design};
use crate::framework::check;
use crate::framework::translation::parts::{self, Part};
use crate::framework::translation::{closest, is_tag};
use crate::framework::{Framework, QuestionSet};
use crate::ids::FrameworkId;
use crate::phrases::direction_of;
use crate::reframe::edit::{self, Refusal};
use crate::store::{self, Conn, Db};
use crate::text::figures;

use super::Tab;
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::link;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::{Admin, Analyst};

const PATH: &str = "/design/translations";
const EDIT: &str = "/design/translations/edit";

/// What people call the languages that are met most; of others the tag is shown.
const NAMES: [(&str, &str); 32] = [
    ("ar", "Arabic"),
    ("bg", "Bulgarian"),
    ("cs", "Czech"),
    ("da", "Danish"),
    ("de", "German"),
    ("el", "Greek"),
    ("en", "English"),
    ("es", "Spanish"),
    ("et", "Estonian"),
    ("fa", "Persian"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("hr", "Croatian"),
    ("hu", "Hungarian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("lt", "Lithuanian"),
    ("lv", "Latvian"),
    ("nb", "Norwegian"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("sk", "Slovak"),
    ("sl", "Slovenian"),
    ("sv", "Swedish"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("zh", "Chinese"),
];

/// `German (de)`, or the tag where we have no name for it.
fn name_of(tag: &str) -> String {
    let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    match NAMES.iter().find(|(known, _)| *known == primary) {
        Some((_, name)) => format!("{name} ({tag})"),
        None => tag.to_owned(),
    }
}

#[derive(Template)]
#[template(path = "design/translations.html")]
pub struct Index {
    sets: Vec<QuestionSet>,
    languages: Vec<Spoken>,
    /// Contacts of whom no language is known.
    unknown: i64,
    can_edit: bool,
}

/// A language that somebody speaks, or that something was translated into.
struct Spoken {
    tag: String,
    contacts: i64,
}

impl Spoken {
    fn name(&self) -> String {
        name_of(&self.tag)
    }

    /// Done of all, over every set.
    fn count(&self, sets: &[QuestionSet]) -> (usize, usize) {
        let counts = sets.iter().map(|set| parts::count(set, &self.tag));
        counts.fold((0, 0), |(done, all), (more, of)| (done + more, all + of))
    }

    fn is_begun(&self, sets: &[QuestionSet]) -> bool {
        self.count(sets).0 > 0
    }
}

impl Index {
    fn count(&self, set: &QuestionSet, language: &Spoken) -> (usize, usize) {
        parts::count(set, &language.tag)
    }

    fn href(&self, set: &QuestionSet, language: &Spoken) -> String {
        link::with(EDIT, [("set", set.code.as_str()), ("language", &language.tag)])
    }

    /// The sets that were begun in that language and not finished, with what is missing.
    fn gaps<'i>(&'i self, language: &Spoken) -> Vec<(&'i QuestionSet, Vec<Part>)> {
        let gaps = self.sets.iter().map(|set| {
            let missing = parts::list(set, &language.tag);
            let missing = missing.into_iter().filter(|part| part.translated.is_none());
            (set, missing.collect::<Vec<Part>>())
        });
        let begun =
            |(set, missing): &(&QuestionSet, Vec<Part>)| !missing.is_empty() && parts::count(set, &language.tag).0 > 0;
        gaps.filter(begun).collect()
    }

    fn people(&self, contacts: &i64) -> String {
        figures::counted(*contacts, "contact", "contacts")
    }

    /// The one that most contacts read and nothing is translated into.
    fn next(&self) -> Option<&Spoken> {
        let untouched = self.languages.iter().filter(|spoken| !spoken.is_begun(&self.sets));
        untouched
            .max_by_key(|spoken| spoken.contacts)
            .filter(|spoken| spoken.contacts > 0)
    }
}

/// `GET /design/translations`
pub async fn index(Analyst(user): Analyst, db: Data<Db>) -> Result<Page<Index>, AppError> {
    let (design, contacts) = db
        .read(|conn| Ok::<_, store::Error>((design::current(conn)?, contacts::count_by_language(conn)?)))
        .await?;
    let (languages, unknown) = spoken(&design.framework, contacts);
    Ok(Page(Index {
        sets: design.framework.question_sets.clone(),
        languages,
        unknown,
        can_edit: user.role.may(Role::Admin),
    }))
}

/// The languages, those first that most contacts read. A contact of `de-AT` counts where it reads: for
/// `de`, unless there is a translation of its own.
fn spoken(framework: &Framework, contacts: Vec<(Option<String>, i64)>) -> (Vec<Spoken>, i64) {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for set in &framework.question_sets {
        let of_questions = set.questions.iter().flat_map(|question| question.translations.keys());
        for tag in set.translations.keys().chain(of_questions) {
            counts.entry(tag.clone()).or_default();
        }
    }
    let mut unknown = 0;
    let mut others: BTreeMap<String, i64> = BTreeMap::new();
    for (language, many) in contacts {
        let Some(language) = language.filter(|language| !language.trim().is_empty()) else {
            unknown += many;
            continue;
        };
        let near = closest(&counts, &language).map(|(tag, _)| tag.to_owned());
        match near.and_then(|tag| counts.get_mut(&tag)) {
            Some(count) => *count += many,
            None => {
                let primary = language.split(['-', '_']).next().unwrap_or_default();
                *others.entry(primary.to_ascii_lowercase()).or_default() += many;
            }
        }
    }
    counts.extend(others);
    let mut spoken: Vec<Spoken> = counts
        .into_iter()
        .map(|(tag, contacts)| Spoken { tag, contacts })
        .collect();
    spoken.sort_by(|one, other| other.contacts.cmp(&one.contacts).then_with(|| one.tag.cmp(&other.tag)));
    (spoken, unknown)
}

#[derive(Template)]
#[template(path = "design/translation.html")]
struct Edit {
    set: QuestionSet,
    language: String,
    /// As typed, where it was.
    parts: Vec<Part>,
    /// By the names of fields.
    faults: Vec<(String, String)>,
    /// What another change of the framework did in the meantime.
    overtaken: Option<Vec<String>>,
    seen: FrameworkId,
    can_edit: bool,
}

/// The texts of the set itself, or of one question.
struct Group<'e> {
    heading: String,
    parts: Vec<&'e Part>,
}

impl Edit {
    fn path(&self) -> String {
        link::with(EDIT, [("set", self.set.code.as_str()), ("language", &self.language)])
    }

    fn language_name(&self) -> String {
        name_of(&self.language)
    }

    fn direction(&self) -> &'static str {
        direction_of(&self.language)
    }

    fn done(&self) -> usize {
        self.parts.iter().filter(|part| part.translated.is_some()).count()
    }

    fn groups(&self) -> Vec<Group<'_>> {
        let mut groups = vec![Group {
            heading: "The question set".to_owned(),
            parts: self.parts.iter().filter(|part| part.question.is_none()).collect(),
        }];
        groups.extend(self.set.questions.iter().enumerate().map(|(at, question)| Group {
            heading: format!("Question {}: {}", at + 1, question.code),
            parts: self.parts.iter().filter(|part| part.question == Some(at)).collect(),
        }));
        groups
    }

    fn name(&self, part: &Part) -> String {
        part.name(&self.set)
    }

    /// The name as the id of its control.
    fn id(&self, part: &Part) -> String {
        id(&part.name(&self.set))
    }

    fn typed<'e>(&self, part: &'e Part) -> &'e str {
        part.translated.as_deref().unwrap_or_default()
    }

    fn fault(&self, part: &Part) -> Option<&str> {
        let name = part.name(&self.set);
        let found = self.faults.iter().find(|(place, _)| *place == name);
        found.map(|(_, message)| message.as_str())
    }

    fn rows(&self, part: &Part) -> usize {
        (part.original.len() / 45 + part.original.lines().count()).clamp(1, 8)
    }
}

fn id(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("t{}", name.chars().map(plain).collect::<String>())
}

/// `GET /design/translations/edit?set=…&language=…`
pub async fn edit(request: HttpRequest, Analyst(user): Analyst, db: Data<Db>) -> Result<HttpResponse, AppError> {
    let (set, language) = asked(&request)?;
    let can_edit = user.role.may(Role::Admin);
    let (page, _) = db.read(move |conn| load(conn, &set, &language, can_edit)).await?;
    Ok(Page(page).respond_to(&request))
}

/// `POST /design/translations/edit?set=…&language=…`
pub async fn update(
    request: HttpRequest,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (set, language) = asked(&request)?;
    let seen = form.text("seen")?.parse().map(FrameworkId).unwrap_or(FrameworkId(0));
    let (mut page, design) = db.read(move |conn| load(conn, &set, &language, true)).await?;
    page.seen = seen;
    for at in 0..page.parts.len() {
        let name = page.parts[at].name(&page.set);
        if form.0.iter().any(|(field, _)| *field == name) {
            let typed = form.text(&name)?.replace("\r\n", "\n").trim().to_owned();
            page.parts[at].translated = Some(typed).filter(|text| !text.is_empty());
        }
    }
    page.faults = faults(&page, &design);
    if !page.faults.is_empty() {
        return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
    }
    let (now, by) = (clock.now(), user.email);
    let (code, tag, parts) = (page.set.code.clone(), page.language.clone(), page.parts.clone());
    let saved = db
        .write(move |conn| {
            edit::change(conn, now, &by, seen, |framework| {
                if let Some(set) = framework.question_sets.iter_mut().find(|set| set.code == code) {
                    parts::put(set, &tag, &parts);
                }
            })
        })
        .await;
    match saved {
        Ok(changes) => {
            let notice = match (changes.len(), page.parts.len() - page.done()) {
                (0, _) => "Nothing had changed.".to_owned(),
                (_, 0) => format!("Saved. “{}” is whole in {}.", page.set.title, page.language_name()),
                (_, missing) => format!(
                    "Saved. {} still missing.",
                    figures::counted(missing as i64, "text is", "texts are")
                ),
            };
            Ok(see_other_with_notice(&config, PATH, &notice))
        }
        Err(Refusal::Overtaken(newest, changes)) => {
            page.seen = newest;
            page.overtaken = Some(changes);
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(&request))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}

/// The set and the language that the address names.
fn asked(request: &HttpRequest) -> Result<(String, String), AppError> {
    let value = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
        let found = pairs.find(|(key, _)| key == name);
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let (set, language) = (value("set"), value("language").replace('_', "-"));
    if set.is_empty() {
        return Err(AppError::NotFound);
    }
    match is_tag(&language) {
        true => Ok((set, language)),
        false => Err(AppError::BadRequest(
            "Write the language as its tag: de, fr or pt-BR. Go back and correct it.".to_owned(),
        )),
    }
}

fn load(
    conn: &mut Conn,
    set: &str,
    language: &str,
    can_edit: bool,
) -> Result<(Edit, std::sync::Arc<Design>), AppError> {
    let design = design::current(conn)?;
    let set = design.framework.question_set(set).ok_or(AppError::NotFound)?.clone();
    // A language is one thing, however its tag was typed.
    let known = set
        .translations
        .keys()
        .chain(set.questions.iter().flat_map(|question| question.translations.keys()));
    let language = known
        .into_iter()
        .find(|tag| tag.eq_ignore_ascii_case(language))
        .cloned()
        .unwrap_or_else(|| language.to_owned());
    let page = Edit {
        parts: parts::list(&set, &language),
        set,
        language,
        faults: Vec::new(),
        overtaken: None,
        seen: design.id,
        can_edit,
    };
    Ok((page, design))
}

/// All that is wrong with what was typed, by the names of the fields.
fn faults(page: &Edit, design: &Design) -> Vec<(String, String)> {
    let mut framework = design.framework.clone();
    let Some(at) = framework.question_sets.iter().position(|set| set.code == page.set.code) else {
        return Vec::new();
    };
    parts::put(&mut framework.question_sets[at], &page.language, &page.parts);
    let problems = check::check(&framework);
    let places = page
        .parts
        .iter()
        .map(|part| (part.place(at, &page.language), part.name(&page.set)));
    let of = |(place, name): (_, String)| {
        let found: Vec<&str> = problems
            .iter()
            .filter(|problem| problem.place == place)
            .map(|problem| problem.message.as_str())
            .collect();
        (!found.is_empty()).then(|| (name, found.join("; ")))
    };
    places.filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_counts_for_the_translation_that_it_reads() {
        let mut set = crate::framework::read::toml(crate::demo::FRAMEWORK)
            .unwrap_or_else(|faults| panic!("{faults:?}"))
            .question_sets
            .remove(0);
        set.translations.clear();
        set.questions
            .iter_mut()
            .for_each(|question| question.translations.clear());
        for tag in ["de", "pt-BR"] {
            set.translations.insert(tag.to_owned(), Default::default());
        }
        let framework = Framework {
            question_sets: vec![set],
            ..Framework::default()
        };
        let contacts = [("de-AT", 3), ("de", 4), ("pt", 1), ("nl-BE", 2), ("nl", 1), ("", 5)];
        let contacts = contacts.map(|(tag, many)| (Some(tag.to_owned()), many)).to_vec();
        let (spoken, unknown) = spoken(&framework, contacts);
        let shown: Vec<(&str, i64)> = spoken.iter().map(|one| (one.tag.as_str(), one.contacts)).collect();
        assert_eq!(shown, [("de", 7), ("nl", 3), ("pt-BR", 1)]);
        assert_eq!(unknown, 5);
        assert_eq!(name_of("pt-BR"), "Portuguese (pt-BR)");
        assert_eq!(name_of("tlh"), "tlh");
    }
}
