//! All that a question loads with, wherever its kind has it.

use super::{Kind, Loads, Question};

impl Question {
    /// Its own loads, its options', its rows'.
    pub fn loadings(&self) -> impl Iterator<Item = &Loads> {
        let own = match &self.kind {
            Kind::Rating { loads, .. } | Kind::Nps { loads } => Some(loads),
            _ => None,
        };
        let options = self.kind.options().iter().map(|option| &option.loads);
        let rows = self.kind.rows().iter().map(|row| &row.loads);
        own.into_iter().chain(options).chain(rows)
    }

    /// As [`Question::loadings`], to be changed.
    pub fn loadings_mut(&mut self) -> Vec<&mut Loads> {
        match &mut self.kind {
            Kind::Rating { loads, .. } | Kind::Nps { loads } => vec![loads],
            Kind::Matrix { rows, .. } => rows.iter_mut().map(|row| &mut row.loads).collect(),
            Kind::SingleChoice { options, .. }
            | Kind::MultipleChoice { options, .. }
            | Kind::Ranking { options, .. }
            | Kind::BestWorst { options, .. }
            | Kind::Allocation { options, .. } => options.iter_mut().map(|option| &mut option.loads).collect(),
            Kind::Text { .. } => Vec::new(),
        }
    }
}
