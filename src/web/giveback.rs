//! The page that thanks for an answer, and gives something back for it: what companies like this one said.

use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use chrono::NaiveDateTime;

use crate::insight::giveback::{self, Among, Figures, Told};
use crate::mail::letterhead::Letterhead;
use crate::phrases::Language;
use crate::respond::Heading;
use crate::store::Db;

use super::error::AppError;
use super::page::Page;

#[derive(Template)]
#[template(path = "respond/thanks.html")]
pub(super) struct Thanks {
    heading: Heading,
    language: Language,
    said: Vec<Said>,
}

/// One question, and what others said to it.
struct Said {
    question: String,
    among: String,
    /// Where the bars are means.
    scale: Option<String>,
    bars: Vec<Bar>,
}

struct Bar {
    words: String,
    figure: String,
    /// Of the whole width.
    percent: u32,
}

impl Thanks {
    pub(super) fn plain(heading: Heading) -> Thanks {
        Thanks::of(heading, vec![])
    }

    fn of(heading: Heading, told: Vec<Told>) -> Thanks {
        let language = Language::of(heading.language.as_deref());
        Thanks {
            heading,
            language,
            said: told.into_iter().map(|told| said(language, told)).collect(),
        }
    }

    fn arrived(&self) -> String {
        match self.heading.company.as_str() {
            "" => self.language.say("thanks-arrived"),
            company => self
                .language
                .say_with("thanks-arrived-for", &[("company", company.into())]),
        }
    }
}

/// The thanks for what came by this link. It is found again by whoever opens the link, so it tells
/// the same whatever was answered.
pub(super) async fn thanks(
    request: &HttpRequest,
    db: &Db,
    now: NaiveDateTime,
    letterhead: Letterhead,
    token: String,
    heading: Heading,
) -> Result<HttpResponse, AppError> {
    let told = db
        .read(move |conn| giveback::told(conn, now, &letterhead, &token))
        .await?;
    Ok(Page(Thanks::of(heading, told)).respond_to(request))
}

fn said(language: Language, told: Told) -> Said {
    let n = [("n", told.companies.into())];
    let among = match told.among {
        Among::Industry => language.say_with("giveback-industry", &n),
        Among::Tenure => language.say_with("giveback-tenure", &n),
        Among::Everybody => language.say_with("giveback-everybody", &n),
    };
    let share = |(words, share): (String, f64)| {
        let percent = percent(share);
        Bar {
            words,
            figure: language.say_with("giveback-share", &[("percent", percent.into())]),
            percent,
        }
    };
    let (scale, bars) = match told.figures {
        Figures::Shares(shares) => (None, shares.into_iter().map(share).collect()),
        Figures::Means { min, max, means } => {
            let mean = |(words, mean): (String, f64)| Bar {
                words,
                figure: decimal(language, mean),
                percent: percent((mean - f64::from(min)) / (f64::from(max) - f64::from(min))),
            };
            let ends = [("min", min.into()), ("max", max.into())];
            let scale = language.say_with("giveback-scale", &ends);
            (Some(scale), means.into_iter().map(mean).collect())
        }
    };
    Said {
        question: told.question,
        among,
        scale,
        bars,
    }
}

fn percent(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u32
}

/// With one decimal, behind the sign that the language puts before it.
fn decimal(language: Language, number: f64) -> String {
    let number = format!("{number:.1}");
    match language {
        Language::English => number,
        _ => number.replace('.', ","),
    }
}
