//! The design at a glance: what is in force, what is left to do, and the file.

use actix_web::web::Data;
use askama::Template;
use chrono::NaiveDateTime;

use super::{Tab, segments};
use crate::accounts::Role;
use crate::clock::Clock;
use crate::design::drafts::{self, Draft};
use crate::design::history::{self, Counts, Entry};
use crate::framework::{Framework, references};
use crate::method::calibrate::Calibration;
use crate::method::likeness::Verdict;
use crate::needs::Confirmed;
use crate::store::{self, Db};
use crate::text::figures;
use crate::web::error::AppError;
use crate::web::page::Page;
use crate::web::session::Analyst;
use crate::web::words;
use crate::{design, needs};

#[derive(Template)]
#[template(path = "design/index.html")]
pub struct Index {
    framework: Framework,
    /// Which needs companies' answers speak for.
    confirmed: Confirmed,
    counts: Counts,
    /// Who applied the one in force, and when; none: none was applied yet.
    newest: Option<Entry>,
    advice: Vec<Advice>,
    /// Segments that somebody found and an admin has not yet looked at.
    drafts: Vec<Draft>,
    now: NaiveDateTime,
    can_apply: bool,
}

/// Something to think about, and where.
pub struct Advice {
    pub sentence: String,
    pub href: String,
    pub link: &'static str,
}

impl Advice {
    /// Only an admin can follow it.
    fn is_writing(&self) -> bool {
        self.href.ends_with("/new")
    }
}

/// `GET /design`
pub async fn index(Analyst(user): Analyst, db: Data<Db>, clock: Data<Clock>) -> Result<Page<Index>, AppError> {
    let (stored, newest, calibrations, confirmed, drafts) = db
        .read(move |conn| {
            let stored = design::current(conn)?;
            let newest = history::list(conn, None, 1)?.entries.pop();
            let calibrations = needs::calibrations(conn, &stored)?;
            let confirmed = needs::confirmed(conn, &stored)?;
            let drafts = drafts::list(conn)?;
            Ok::<_, store::Error>((stored, newest, calibrations, confirmed, drafts))
        })
        .await?;
    Ok(Page(Index {
        counts: Counts::of(&stored.framework),
        advice: advice(&stored.framework, &calibrations),
        framework: stored.framework.clone(),
        confirmed,
        newest,
        drafts,
        now: clock.now(),
        can_apply: user.role.may(Role::Admin),
    }))
}

/// What is left to do before the framework can tell companies apart.
fn advice(framework: &Framework, calibrations: &[Calibration]) -> Vec<Advice> {
    let mut advice = Vec::new();
    let mut say = |sentence: String, href: &str, link: &'static str| {
        let href = href.to_owned();
        advice.push(Advice { sentence, href, link });
    };
    if framework.needs.is_empty() {
        return advice;
    }
    if framework.segments.is_empty() {
        say(
            "There are no segments yet, so no company can get one.".to_owned(),
            "/design/segments/new",
            "Write the first segment",
        );
    }
    if framework.question_sets.is_empty() {
        say(
            "There are no questions yet, so nothing can be asked.".to_owned(),
            "/design/library",
            "Start from the library",
        );
    }
    if framework.drips.is_empty() && !framework.question_sets.is_empty() {
        say(
            "No drip asks the questions yet.".to_owned(),
            "/drips/new",
            "Write a drip",
        );
    }
    let names = |is_lacking: &dyn Fn(&str) -> bool| -> Vec<String> {
        let lacking = framework.needs.iter().filter(|need| is_lacking(&need.code));
        lacking.map(|need| need.name.clone()).collect()
    };
    let weighed = |need: &str| references::profiles_weighing(framework, need) > 0;
    let asked = |need: &str| !references::questions_loading(framework, need).is_empty();
    let untold = names(&|need| weighed(need) && !asked(need));
    if !untold.is_empty() && !framework.question_sets.is_empty() {
        let sentence = format!(
            "No question tells {}, so no company can be assigned by its answers.",
            untold.join(", ")
        );
        say(sentence, "/design/question-sets", "To the question sets");
    }
    let idle = names(&|need| !weighed(need));
    if !idle.is_empty() && !framework.segments.is_empty() {
        let sentence = format!("{} in no profile: it has no part in segments.", are(&idle));
        say(sentence, "/design/segments", "To the segments");
    }
    if let Some(matrix) = segments::likeness::Matrix::of(framework, calibrations) {
        let alike = matrix.warnings.into_iter();
        for warning in alike.filter(|warning| warning.verdict >= Verdict::TooAlike) {
            say(warning.sentence, "/design/segments", "To the segments");
        }
    }
    advice
}

fn are(names: &[String]) -> String {
    match names {
        [only] => format!("{only} is"),
        names => format!("{} are each", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::{Level, Need};

    fn sentences(framework: &Framework) -> Vec<String> {
        advice(framework, &[])
            .into_iter()
            .map(|advice| advice.sentence)
            .collect()
    }

    #[test]
    fn what_is_left_to_do_is_said_in_the_order_in_which_it_is_done() {
        let mut framework =
            crate::framework::read::toml(include_str!("../../../tests/it/support/framework.toml")).unwrap();
        assert_eq!(sentences(&framework), Vec::<String>::new());
        framework.needs.push(Need {
            code: "new".into(),
            name: "Newness".into(),
            level: Level::Personal,
            description: String::new(),
        });
        assert_eq!(
            sentences(&framework),
            ["Newness is in no profile: it has no part in segments."]
        );
        framework.segments.clear();
        framework.question_sets.clear();
        let told = sentences(&framework);
        assert!(
            told[0].contains("no segments") && told[1].contains("no questions"),
            "{told:?}"
        );
        assert!(sentences(&Framework::default()).is_empty());
    }
}
