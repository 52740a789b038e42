//! Each company's need scores and its one segment, a line for each company.

use chrono::NaiveDateTime;

use super::sheet::{Cell, Sheet};
use super::{Refusal, each_stretch};
use crate::companies::listing::Listed;
use crate::design::{self, Design};
use crate::ids::CompanyId;
use crate::method::tenure::tenure;
use crate::needs::{self, Standing};
use crate::store::Conn;

const COLUMNS: [&str; 14] = [
    "external_id",
    "name",
    "tenure",
    "tier",
    "annual_revenue",
    "answers",
    "contacts_answered",
    "segment",
    "source",
    "runner_up",
    "margin",
    "confidence",
    "since",
    "why_none",
];

pub fn fill(conn: &mut Conn, now: NaiveDateTime, sheet: &mut dyn Sheet) -> Result<u64, Refusal> {
    let design = design::current(conn)?;
    sheet.row(&header(&design))?;
    let mut rows = 0;
    each_stretch(conn, |conn, listed| {
        let ids: Vec<CompanyId> = listed.iter().map(|company| company.id).collect();
        let standings = needs::list_standings(conn, &design, &ids)?;
        for (company, standing) in listed.iter().zip(&standings) {
            sheet.row(&row(now, &design, company, standing))?;
            rows += 1;
        }
        Ok(())
    })?;
    Ok(rows)
}

fn header(design: &Design) -> Vec<Cell<'static>> {
    let mut cells: Vec<Cell> = COLUMNS.into_iter().map(Cell::text).collect();
    for need in &design.framework.needs {
        let named = ["score", "n", "n_eff", "se"].map(|figure| format!("{}_{figure}", need.code));
        cells.extend(named.map(|name| Cell::Text(name.into())));
    }
    cells
}

fn row<'a>(now: NaiveDateTime, design: &Design, company: &'a Listed, standing: &'a Standing) -> Vec<Cell<'a>> {
    let threshold = design.framework.settings.tenure_threshold_months;
    let rungs = &standing.rungs;
    let survey = standing.survey();
    let mut cells = vec![
        Cell::text(&company.external_id),
        Cell::text(&company.name),
        Cell::text(tenure(company.customer_since, now.date(), threshold).as_str()),
        Cell::text(&company.tier),
        Cell::number_if_any(company.annual_revenue),
        Cell::Whole(standing.answers.into()),
        Cell::Whole(standing.contacts_answered.into()),
        Cell::text_if_any(rungs.segment.as_deref()),
        Cell::text_if_any(rungs.source.as_deref()),
        Cell::text_if_any(survey.and_then(|rungs| rungs.runner_up.as_deref())),
        Cell::number_if_any(survey.and_then(|rungs| rungs.margin)),
        Cell::number_if_any(survey.and_then(|rungs| rungs.confidence)),
        rungs.since.map_or(Cell::Empty, Cell::time),
        Cell::text_if_any(standing.why_none.as_deref()),
    ];
    for need in &design.framework.needs {
        match standing.needs.iter().find(|row| row.need == need.code) {
            Some(row) => cells.extend([
                Cell::Number(row.score),
                Cell::Whole(row.n.into()),
                Cell::Number(row.n_eff),
                Cell::Number(row.se),
            ]),
            None => cells.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty]),
        }
    }
    cells
}
