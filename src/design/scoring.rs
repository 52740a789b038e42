//! What a question version's answers say about the needs of a framework.

use crate::framework::shape::shape;
use crate::framework::{Code, Question};
use crate::method::points::{Given, Scored, Shape, Span};

/// A question's items, each with the needs on which it can tell contacts apart.
#[derive(Debug, Default)]
pub struct Scoring {
    pub items: Vec<Item>,
}

/// A question, or one row of a matrix.
#[derive(Debug)]
pub struct Item {
    pub row: Option<Code>,
    needs: Vec<Scale>,
}

#[derive(Debug)]
struct Scale {
    /// Its place in the framework.
    need: usize,
    shape: Shape,
    span: Span,
}

impl Scoring {
    pub(super) fn new(question: &Question, needs: &[&str]) -> Scoring {
        let items = question.items().into_iter().map(|item| {
            let row = item.row.map(|row| row.code.as_str());
            let scale = |(need, code): (usize, &&str)| {
                let shape = shape(question, row, code)?;
                let span = shape.span()?;
                Some(Scale { need, shape, span })
            };
            Item {
                row: row.map(str::to_owned),
                needs: needs.iter().enumerate().filter_map(scale).collect(),
            }
        });
        Scoring { items: items.collect() }
    }

    pub fn item(&self, row: Option<&str>) -> Option<&Item> {
        self.items.iter().find(|item| item.row.as_deref() == row)
    }
}

impl Item {
    /// Each need's place in the framework, and what the answer says about it.
    pub fn scored<'a>(&'a self, given: &'a Given) -> impl Iterator<Item = (usize, Scored)> + 'a {
        self.needs
            .iter()
            .filter_map(move |scale| Some((scale.need, scale.span.scored(scale.shape.points(given)?))))
    }

    /// Each need on which the item can tell contacts apart, and how far.
    pub fn ranges(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.needs.iter().map(|scale| (scale.need, scale.span.range))
    }
}
