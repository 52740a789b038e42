//! What was said to each question, in columns by tenure.

use super::table::{Cell, Column, Table};
use crate::insight::wording::{Figures, ItemFigures, Said, SetFigures};
use crate::insight::{ByTenure, chart};
use crate::method::tenure::Tenure;
use crate::text::figures as text;
use crate::web::figures;

/// A question with everything that was said to it.
pub struct Block {
    pub text: String,
    pub columns: Vec<Group>,
    pub lines: Vec<Line>,
}

pub struct Group {
    pub word: &'static str,
    /// Who answered.
    pub people: String,
}

/// An option, or a row of a matrix.
pub struct Line {
    pub text: String,
    pub values: Vec<Value>,
}

pub struct Value {
    pub word: &'static str,
    pub class: &'static str,
    pub shown: String,
    /// `None`: there is nothing to draw.
    pub bar: Option<f64>,
}

/// The set's questions; the rows of a matrix stand together.
pub fn blocks(set: &SetFigures) -> Vec<Block> {
    let questions = set.items.chunk_by(|a, b| a.question == b.question);
    questions.map(block).collect()
}

fn block(items: &[ItemFigures]) -> Block {
    // Without anybody of an unknown tenure, that column says nothing.
    let tenures: Vec<Tenure> = Tenure::ALL
        .into_iter()
        .filter(|tenure| *tenure != Tenure::Unknown || items.iter().any(|item| item.crowds.get(*tenure).contacts > 0))
        .collect();
    let people = |tenure: Tenure| {
        // The rows of a matrix are answered by all but the same people.
        let crowds = items.iter().map(|item| *item.crowds.get(tenure));
        let crowd = crowds.max_by_key(|crowd| crowd.contacts).unwrap_or_default();
        match crowd.contacts {
            0 => "nobody yet".to_owned(),
            contacts => format!(
                "{} at {}",
                figures::counted(contacts, "contact", "contacts"),
                figures::counted(crowd.companies, "company", "companies")
            ),
        }
    };
    let columns = tenures.iter().map(|tenure| Group {
        word: figures::tenure_word(*tenure),
        people: people(*tenure),
    });
    Block {
        text: items[0].text.clone(),
        columns: columns.collect(),
        lines: items.iter().flat_map(|item| lines(item, &tenures)).collect(),
    }
}

fn lines(item: &ItemFigures, tenures: &[Tenure]) -> Vec<Line> {
    let value = |tenure: Tenure, known: Option<f64>, shown: String, percent: f64| Value {
        word: figures::tenure_word(tenure),
        class: figures::tenure_class(tenure),
        shown: match known {
            Some(_) => shown,
            None if item.crowds.get(tenure).contacts == 0 => "–".to_owned(),
            None => "too few".to_owned(),
        },
        bar: known.map(|_| chart::bar_percent(percent, 100.0)),
    };
    match &item.said {
        Said::Shares(options) => options
            .iter()
            .map(|option| Line {
                text: option.text.clone(),
                values: tenures
                    .iter()
                    .map(|tenure| {
                        let share = *option.shares.get(*tenure);
                        let known = share.unwrap_or(0.0);
                        value(*tenure, share, text::share(known), 100.0 * known)
                    })
                    .collect(),
            })
            .collect(),
        Said::Means { min, max, means } => {
            let span = (f64::from(*max) - f64::from(*min)).max(1.0);
            let scale = format!("Mean, from {min} to {max}");
            vec![Line {
                text: item.row_text.clone().unwrap_or(scale),
                values: tenures
                    .iter()
                    .map(|tenure| {
                        let mean = *means.get(*tenure);
                        let known = mean.unwrap_or(f64::from(*min));
                        let percent = 100.0 * (known - f64::from(*min)) / span;
                        value(*tenure, mean, text::number(known, 1), percent)
                    })
                    .collect(),
            }]
        }
    }
}

/// All of it as one table of figures; without any while answers are being counted.
pub fn table(found: Option<&Figures>) -> Table {
    let mut columns = vec![
        Column::text("question", "Question"),
        Column::text("answer", "Answer"),
        Column::text("measure", "Measure"),
    ];
    for tenure in Tenure::ALL {
        let (code, word) = (tenure.as_str(), figures::tenure_word(tenure));
        columns.extend([
            Column::figure(format!("{code}_companies"), format!("{word}: companies")),
            Column::figure(format!("{code}_contacts"), "contacts"),
            Column::figure(code, "figure"),
        ]);
    }
    let items = found.iter().flat_map(|found| &found.sets).flat_map(|set| &set.items);
    let rows = items.flat_map(item_rows).collect();
    Table::new("wording", "What was said, by tenure", columns, rows).under_chart().note(
        "The newest answer of each contact to the questions that are asked now. The share of the contacts who chose an \
         option (for a ranking: put it first; for best and worst: called it best), or of the points they gave; of a \
         scale the mean.",
    )
}

fn item_rows(item: &ItemFigures) -> Vec<Vec<Cell>> {
    let row = |answer: &str, measure: &str, known: &ByTenure<Option<f64>>, make: &dyn Fn(f64) -> Cell| {
        let mut row = vec![Cell::text(&item.text), Cell::text(answer), Cell::text(measure)];
        for tenure in Tenure::ALL {
            let crowd = item.crowds.get(tenure);
            let cell = match known.get(tenure) {
                Some(value) => make(*value),
                None if crowd.contacts == 0 => Cell::Missing,
                None => Cell::Hidden,
            };
            row.extend([Cell::Count(crowd.companies), Cell::Count(crowd.contacts), cell]);
        }
        row
    };
    match &item.said {
        Said::Shares(options) => options
            .iter()
            .map(|option| row(&option.text, "share", &option.shares, &|share| Cell::share(share)))
            .collect(),
        Said::Means { min, max, means } => {
            let measure = format!("mean of {min} to {max}");
            let answer = item.row_text.as_deref().unwrap_or("");
            vec![row(answer, &measure, means, &|mean| Cell::number(mean, 2))]
        }
    }
}
