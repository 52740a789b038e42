//! What a drip's or a set's questions can tell, before anybody has answered them.

use std::sync::Arc;

use actix_web::web::{Data, Query};
use askama::Template;

use crate::design;
use crate::framework::coverage::{Asking, Coverage, Outlook};
use crate::framework::{Framework, advice};
use crate::store::Db;

use super::Tab;
use crate::web::error::AppError;
use crate::web::page::Page;
use crate::web::session::Analyst;

#[derive(Template)]
#[template(path = "design/coverage.html")]
pub struct Show {
    framework: Framework,
    /// `drip:…` or `set:…`, as the select has it.
    chosen: String,
    told: Option<Told>,
}

struct Told {
    name: String,
    /// As an address's parameters.
    parameters: String,
    coverage: Arc<Coverage>,
    gaps: Vec<String>,
    idle: Option<String>,
    outlook: Option<String>,
    advice: Vec<String>,
}

/// `GET /design/coverage?drip=code` or `?set=code`
pub async fn show(_: Analyst, db: Data<Db>, parameters: Query<Vec<(String, String)>>) -> Result<Page<Show>, AppError> {
    let stored = db.read(design::current).await?;
    let asked = |name: &str| {
        parameters
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())
    };
    let of = asked("of").and_then(|(_, value)| value.split_once(':'));
    let drip = asked("drip")
        .map(|(_, value)| value.as_str())
        .or(of.filter(|of| of.0 == "drip").map(|of| of.1));
    let set = asked("set")
        .map(|(_, value)| value.as_str())
        .or(of.filter(|of| of.0 == "set").map(|of| of.1));
    let framework = stored.framework.clone();
    let (chosen, asking) = match (drip, set) {
        (Some(drip), _) => (
            format!("drip:{drip}"),
            Some(Asking::of_drip(&framework, drip).ok_or(AppError::NotFound)?),
        ),
        (None, Some(set)) => {
            framework.question_set(set).ok_or(AppError::NotFound)?;
            (
                format!("set:{set}"),
                Some(Asking::of_sets(&framework, &[set.to_owned()])),
            )
        }
        (None, None) => (String::new(), None),
    };
    let told = match asking {
        None => None,
        Some(asking) => {
            // Worked out beside the threads that answer others.
            let design = Arc::clone(&stored);
            let reckon = move || design::coverage(&design.framework, &asking);
            let coverage = actix_web::web::block(reckon).await.map_err(AppError::internal)?;
            Some(Told::of(&framework, &chosen, coverage))
        }
    };
    Ok(Page(Show {
        framework,
        chosen,
        told,
    }))
}

impl Told {
    fn of(framework: &Framework, chosen: &str, coverage: Arc<Coverage>) -> Told {
        let (kind, code) = chosen.split_once(':').unwrap_or_default();
        let drip = framework.drip(code).filter(|_| kind == "drip");
        let set = framework.question_set(code).filter(|_| kind == "set");
        let advice = match (drip, set) {
            (Some(drip), _) => advice::of_drip(framework, drip),
            (None, Some(set)) => advice::of_set(framework, set),
            (None, None) => Vec::new(),
        };
        Told {
            name: drip
                .map(|drip| drip.name.clone())
                .or(set.map(|set| set.title.clone()))
                .unwrap_or_default(),
            parameters: format!("{kind}={code}"),
            gaps: coverage.gaps(framework),
            idle: coverage.idle_in_words(framework),
            outlook: coverage.outlook_in_words(),
            advice: advice.into_iter().map(|advice| advice.message).collect(),
            coverage,
        }
    }
}

impl Show {
    fn is_chosen(&self, kind: &str, code: &str) -> bool {
        self.chosen.split_once(':') == Some((kind, code))
    }
}

/// Whole percents: the companies are made up, and a hundred or two.
fn percent(value: &f64) -> String {
    format!("{value:.0} %")
}

fn percent_or_dash(value: &Option<f64>) -> String {
    value.as_ref().map_or("–".to_owned(), percent)
}

fn length(outlook: &Outlook) -> f64 {
    outlook.right_percent.unwrap_or(0.0)
}
