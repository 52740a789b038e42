//! The tables of a segment's page as files.

use super::Show;
use crate::web::company;
use crate::web::figures::tenure_word;
use crate::web::insights::file::Origin;
use crate::web::insights::table::{Cell, Column, Table};

impl Show {
    pub(super) fn tables(&self) -> Vec<Table> {
        vec![self.companies_table(), self.pareto_table(), self.profile_table()]
    }

    pub(super) fn origin(&self) -> Origin {
        let line = |name: &str, words: String| (name.to_owned(), words);
        let whose = match self.is_own {
            true => "its own companies and those of the reps it leads: seen by a sales rep",
            false => "all of the segment",
        };
        Origin {
            page: format!("segment {}", self.segment.code),
            day: self.today,
            lines: vec![
                line("Segment", self.segment.name.clone()),
                line("Companies", whose.to_owned()),
                line("Of", "As things stand today".to_owned()),
                line("Address", self.href()),
            ],
        }
    }

    fn companies_table(&self) -> Table {
        let columns = vec![
            Column::text("company", "Company"),
            Column::text("external_id", "Id"),
            Column::text("tenure", "Tenure"),
            Column::figure("answers", "Answers"),
            Column::figure("annual_revenue", "Revenue"),
            Column::text("tier", "Tier"),
        ];
        let rows = self.companies.iter().map(|one| {
            vec![
                Cell::text(&one.name).linked(company::href(&one.external_id)),
                Cell::text(&one.external_id),
                Cell::text(tenure_word(self.tenure(one))),
                Cell::Count(u64::from(one.answers.unwrap_or(0).unsigned_abs())),
                Cell::money(one.annual_revenue),
                Cell::text(&one.tier),
            ]
        });
        Table::new("companies", "Its companies", columns, rows.collect())
    }

    fn pareto_table(&self) -> Table {
        let columns = vec![
            Column::figure("companies", "The greatest"),
            Column::figure("share_of_companies", "Share of companies"),
            Column::figure("revenue", "Revenue"),
            Column::figure("share_of_revenue", "Share of revenue"),
        ];
        let rows = self.pareto.iter().flat_map(|pareto| &pareto.rows).map(|row| {
            vec![
                Cell::Count(row.companies as u64),
                Cell::share(row.share_of_companies),
                Cell::money(row.revenue),
                Cell::share(row.share_of_revenue),
            ]
        });
        Table::new("revenue", "How few bring how much", columns, rows.collect())
    }

    fn profile_table(&self) -> Table {
        let columns = vec![Column::text("need", "Need"), Column::figure("weight", "Weight")];
        let rows = self.design.framework.needs.iter().map(|need| {
            let weight = self.segment.profile.get(&need.code).copied().unwrap_or(0.0);
            vec![Cell::text(&need.name), Cell::number(weight, 0)]
        });
        Table::new("profile", "What they need", columns, rows.collect())
    }
}
