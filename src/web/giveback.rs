//! The page that thanks for an answer, and gives something back for it: what companies like this one said.

use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use chrono::NaiveDateTime;

use crate::insight::giveback::{self, Among, Figures, Told};
use crate::mail::letterhead::Letterhead;
use crate::respond::Heading;
use crate::store::Db;

use super::error::AppError;
use super::page::Page;

#[derive(Template)]
#[template(path = "respond/thanks.html")]
pub(super) struct Thanks {
    heading: Heading,
    said: Vec<Said>,
}

/// One question, and what others said to it.
struct Said {
    question: String,
    among: String,
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
        Thanks { heading, said: vec![] }
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
    let said = told.into_iter().map(said).collect();
    Ok(Page(Thanks { heading, said }).respond_to(request))
}

fn said(told: Told) -> Said {
    let companies = told.companies;
    let among = match told.among {
        Among::Industry => format!("At least {companies} companies in your industry"),
        Among::Tenure => format!("At least {companies} companies that have been customers about as long as yours"),
        Among::Everybody => format!("At least {companies} companies"),
    };
    let bars = match told.figures {
        Figures::Shares(shares) => shares
            .into_iter()
            .map(|(words, share)| {
                let percent = percent(share);
                let figure = format!("{percent}%");
                Bar { words, figure, percent }
            })
            .collect(),
        Figures::Means { min, max, means } => means
            .into_iter()
            .map(|(words, mean)| Bar {
                words,
                figure: format!("{mean:.1} on average, of {min} to {max}"),
                percent: percent((mean - f64::from(min)) / (f64::from(max) - f64::from(min))),
            })
            .collect(),
    };
    Said {
        question: told.question,
        among,
        bars,
    }
}

fn percent(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u32
}
