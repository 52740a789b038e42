//! Listens to every connection: which statements a page runs, how long each takes, and by which plan.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Instant;

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use dripline::store::Db;

static HEARD: Mutex<Vec<(String, f64)>> = Mutex::new(Vec::new());

pub struct Statement {
    /// In all requests together, by request.
    pub milliseconds: f64,
    pub text: String,
}

#[derive(Default)]
struct Ear {
    begun: Option<Instant>,
}

impl Instrumentation for Ear {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.begun = Some(Instant::now()),
            InstrumentationEvent::FinishQuery { query, .. } => {
                let Some(begun) = self.begun.take() else { return };
                let text = query.to_string();
                let text = text.split(" -- binds").next().unwrap_or_default().to_owned();
                if let Ok(mut heard) = HEARD.lock() {
                    heard.push((text, begun.elapsed().as_secs_f64() * 1000.0));
                }
            }
            _ => {}
        }
    }
}

/// For all connections opened from now on.
pub fn begin() {
    set_default_instrumentation(|| Some(Box::new(Ear::default()))).expect("nobody listens yet");
}

pub fn clear() {
    if let Ok(mut heard) = HEARD.lock() {
        heard.clear();
    }
}

/// The statements heard since they were cleared, those first that take longest in all; then forgotten.
pub fn slowest(requests: usize) -> Vec<Statement> {
    let mut by_text: HashMap<String, f64> = HashMap::new();
    let heard = HEARD
        .lock()
        .map(|mut heard| std::mem::take(&mut *heard))
        .unwrap_or_default();
    for (text, milliseconds) in heard {
        *by_text.entry(text).or_default() += milliseconds / requests as f64;
    }
    let mut statements: Vec<Statement> = by_text
        .into_iter()
        .map(|(text, milliseconds)| Statement { milliseconds, text })
        .collect();
    statements.sort_by(|a, b| {
        b.milliseconds
            .total_cmp(&a.milliseconds)
            .then_with(|| a.text.cmp(&b.text))
    });
    statements
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

pub fn plan(db: &Db, text: &str) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {text}");
    let steps = db.read_now(move |conn| sql_query(explain).load::<Step>(conn));
    match steps {
        Ok(steps) => steps.into_iter().map(|step| step.detail).collect(),
        Err(error) => vec![error.to_string()],
    }
}
