//! What one request asks the database: each statement, how often, and whether it was prepared anew.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

use crate::House;
use crate::client::{Client, answer, get};

/// By statement: how often it ran. `None`: nobody is counting.
static RUNS: Mutex<Option<BTreeMap<String, usize>>> = Mutex::new(None);
/// The statements that are kept prepared by some connection.
static KEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// To be called before a database is opened.
pub fn watch() {
    fn listener() -> Option<Box<dyn Instrumentation>> {
        Some(Box::new(|event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                let text = query.to_string();
                let text = text.split(" -- binds").next().unwrap_or_default().to_owned();
                if let Some(runs) = &mut *RUNS.lock().unwrap_or_else(PoisonError::into_inner) {
                    *runs.entry(text).or_default() += 1;
                }
            }
            InstrumentationEvent::CacheQuery { sql, .. } => {
                KEPT.lock().unwrap_or_else(PoisonError::into_inner).push(sql.to_owned());
            }
            _ => {}
        }))
    }
    set_default_instrumentation(listener).expect("nobody has panicked yet");
}

pub fn show(house: &House) {
    let mut client = Client::connect(house.address);
    // The first ones fill the caches.
    for path in house.paths.iter().rev().take(20) {
        client.ask(&get(path));
        client.ask(&answer(path));
    }
    let path = &house.paths[house.paths.len() - 21];
    for (what, request) in [("page", get(path)), ("submission", answer(path))] {
        *RUNS.lock().unwrap_or_else(PoisonError::into_inner) = Some(BTreeMap::new());
        client.ask(&request);
        let runs = RUNS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .unwrap_or_default();
        let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = runs.values().sum();
        println!("{what}: {all} statements");
        for (text, count) in &runs {
            let anew = if kept.contains(text) { "     " } else { "anew " };
            println!("  {count} {anew}{}", &text[..text.floor_char_boundary(160)]);
        }
    }
}
