//! The tables of a company's page as files: what stands on it, in full precision. The addresses of its
//! contacts go out by no file.

use super::show::Show;
use super::{agreement_word, role_word};
use crate::web::companies::source_name;
use crate::web::insights::file::Origin;
use crate::web::insights::table::{Cell, Column, Table};

impl Show {
    pub(super) fn tables(&self) -> Vec<Table> {
        let all = [
            Some(self.needs_table()),
            self.margin_table(),
            Some(self.scores_table()),
            Some(self.roles_table()),
            Some(self.channels_table()),
            Some(self.deals_table()),
            Some(self.history_table()),
        ];
        all.into_iter().flatten().collect()
    }

    pub(super) fn origin(&self) -> Origin {
        let line = |name: &str, words: String| (name.to_owned(), words);
        let subject = &self.subject;
        Origin {
            page: format!("company {}", subject.company.external_id),
            day: subject.today(),
            lines: vec![
                line(
                    "Company",
                    format!("{} ({})", subject.company.name, subject.company.external_id),
                ),
                line("Of", "As things stand today".to_owned()),
                line("Made at", crate::text::figures::date_time(subject.now)),
                line("Address", subject.href()),
            ],
        }
    }

    fn needs_table(&self) -> Table {
        let columns = vec![
            Column::text("need", "Need"),
            Column::figure("score", "Score"),
            Column::figure("low", "from"),
            Column::figure("high", "to"),
            Column::figure("answers", "Answers"),
            Column::figure("r_wg", "r_wg"),
            Column::text("agreement", "Do its contacts agree?"),
        ];
        let rows = self.needs().into_iter().map(|(need, row)| {
            let ends = row.map(|row| self.interval(row));
            let r_wg = row.and_then(|row| row.r_wg);
            vec![
                Cell::text(&need.name),
                Cell::number(row.map(|row| row.score), 1),
                Cell::number(ends.map(|(low, _)| low), 0),
                Cell::number(ends.map(|(_, high)| high), 0),
                Cell::Count(row.map_or(0, |row| u64::from(row.n.unsigned_abs()))),
                Cell::number(r_wg, 2),
                r_wg.map_or(Cell::Missing, |r_wg| Cell::text(agreement_word(r_wg))),
            ]
        });
        Table::new("needs", "Needs", columns, rows.collect())
    }

    /// How the margin comes about; none without a segment by survey.
    fn margin_table(&self) -> Option<Table> {
        let survey = self.subject.card.survey.as_ref()?;
        let columns = vec![
            Column::text("need", "Need"),
            Column::figure("score", "Score"),
            Column::figure("lead", "Lead"),
            Column::figure("adds", "Score × lead"),
        ];
        let rows = survey.lines.iter().map(|line| {
            vec![
                Cell::text(&line.need),
                Cell::number(line.score, 2),
                Cell::difference(line.lead, 4),
                Cell::difference(line.adds(), 2),
            ]
        });
        Some(Table::new(
            "margin",
            "How the margin comes about",
            columns,
            rows.collect(),
        ))
    }

    fn scores_table(&self) -> Table {
        let mut columns = vec![Column::text("day", "Up to"), Column::figure("answers", "Answers")];
        for need in &self.subject.design.framework.needs {
            columns.push(Column::figure(&need.code, &need.name));
            columns.push(Column::figure(format!("{}_se", need.code), "standard error"));
        }
        let rows = self.history.iter().map(|moment| {
            let mut row = vec![Cell::Day(moment.day), Cell::Count(u64::from(moment.answers))];
            for score in &moment.scores {
                row.push(Cell::number(score.map(|(score, _)| score), 1));
                row.push(Cell::number(score.map(|(_, se)| se), 1));
            }
            row
        });
        Table::new("scores", "How its scores came about", columns, rows.collect())
    }

    fn roles_table(&self) -> Table {
        let mut columns = vec![
            Column::text("role", "Buying role"),
            Column::figure("contacts", "Contacts"),
            Column::figure("answered", "Who answered"),
            Column::figure("answers", "Scored answers"),
        ];
        let needs = &self.subject.design.framework.needs;
        columns.extend(needs.iter().map(|need| Column::figure(&need.code, &need.name)));
        let rows = self.evidence.roles.iter().map(|role| {
            let mut row = vec![
                Cell::text(role_word(role.role.as_deref())),
                Cell::Count(u64::from(role.contacts)),
                Cell::Count(u64::from(role.answered)),
                Cell::Count(u64::from(role.answers)),
            ];
            row.extend(
                (0..needs.len()).map(|place| match role.scores.by_need.get(place).copied().flatten() {
                    Some(score) => Cell::number(score, 0),
                    None if role.answered > 0 => Cell::Hidden,
                    None => Cell::Missing,
                }),
            );
            row
        });
        let note = format!(
            "Scores of a role are told from {} of its people on, so that nobody’s answers can be read off them.",
            self.min_group()
        );
        Table::new("roles", "On whose answers it rests", columns, rows.collect()).note(note)
    }

    fn channels_table(&self) -> Table {
        let columns = vec![
            Column::text("channel", "Came by"),
            Column::figure("answers", "Answers"),
            Column::figure("contacts", "Contacts"),
            Column::text("newest", "The newest"),
        ];
        let rows = self.evidence.channels.iter().map(|channel| {
            vec![
                Cell::text(self.channel(&channel.channel)),
                Cell::Count(channel.answers.unsigned_abs()),
                Cell::Count(channel.contacts.unsigned_abs()),
                Cell::Day(channel.newest.date()),
            ]
        });
        let note = "Every answer that came in, those since replaced too.";
        Table::new("channels", "By the way they came", columns, rows.collect()).note(note)
    }

    fn deals_table(&self) -> Table {
        let columns = vec![
            Column::text("day", "Date"),
            Column::text("product", "Product"),
            Column::figure("amount", "Amount"),
            Column::text("needs", "Needs behind it"),
        ];
        let text = |text: Option<&str>| text.map_or(Cell::Missing, Cell::text);
        let rows = self.deals.iter().map(|deal| {
            vec![
                Cell::Day(deal.occurred_at.date()),
                text(deal.product.as_deref()),
                Cell::money(deal.amount),
                text(deal.needs.as_deref().map(|codes| self.need_names(codes)).as_deref()),
            ]
        });
        Table::new("transactions", "Transactions", columns, rows.collect())
    }

    fn history_table(&self) -> Table {
        let columns = vec![
            Column::text("at", "When"),
            Column::text("from", "From"),
            Column::text("to", "To"),
            Column::text("source", "Because"),
            Column::text("why", "Why"),
            Column::text("by", "By"),
        ];
        let segment = |code: &Option<String>| {
            let name = code.as_deref().map(|code| self.subject.segment_name(code));
            name.map_or(Cell::Missing, Cell::text)
        };
        let rows = self.changes.iter().map(|change| {
            vec![
                Cell::Time(change.at),
                segment(&change.from_segment),
                segment(&change.to_segment),
                Cell::text(source_name(&change.source)),
                Cell::text(&change.why),
                Cell::text(&change.made_by),
            ]
        });
        Table::new("history", "History of its segment", columns, rows.collect())
    }
}
