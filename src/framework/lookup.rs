//! Questions that others put to a framework: what is where, and what a thing is called.

use super::{
    ChoiceOption, Drip, DripState, Framework, Kind, Minutes, Need, Question, QuestionSet, Role, Row, Segment, Trigger,
};

/// What is answered on its own: a question, or one row of a matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item<'a> {
    pub question: &'a Question,
    pub row: Option<&'a Row>,
}

/// A thing of a list that has a code.
pub(super) trait Coded {
    fn code(&self) -> &str;
}

macro_rules! coded {
    ($($kind:ty),*) => {
        $(impl Coded for $kind {
            fn code(&self) -> &str {
                &self.code
            }
        })*
    };
}

coded!(
    Role,
    Need,
    Segment,
    super::QuestionSet,
    super::Question,
    super::ChoiceOption,
    super::Row,
    super::Drip
);

impl Framework {
    /// All questions in order, each with its set.
    pub fn questions(&self) -> impl Iterator<Item = (&QuestionSet, &Question)> {
        self.question_sets
            .iter()
            .flat_map(|set| set.questions.iter().map(move |question| (set, question)))
    }

    pub fn question(&self, code: &str) -> Option<&Question> {
        self.questions()
            .map(|(_, question)| question)
            .find(|question| question.code == code)
    }

    pub fn question_set(&self, code: &str) -> Option<&QuestionSet> {
        self.question_sets.iter().find(|set| set.code == code)
    }

    pub fn need(&self, code: &str) -> Option<&Need> {
        self.needs.iter().find(|need| need.code == code)
    }

    /// Where the need stands in the framework's order, from 0.
    pub fn need_position(&self, code: &str) -> Option<usize> {
        self.needs.iter().position(|need| need.code == code)
    }

    pub fn segment(&self, code: &str) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.code == code)
    }

    /// Where the segment stands in the framework's order, from 0.
    pub fn segment_position(&self, code: &str) -> Option<usize> {
        self.segments.iter().position(|segment| segment.code == code)
    }

    /// Each segment's weights over all needs, both in the framework's order.
    pub fn profiles(&self) -> Vec<Vec<f64>> {
        let weights = |segment: &Segment| {
            self.needs
                .iter()
                .map(|need| segment.profile.get(&need.code).copied().unwrap_or(0.0))
                .collect()
        };
        self.segments.iter().map(weights).collect()
    }

    pub fn drip(&self, code: &str) -> Option<&Drip> {
        self.drips.iter().find(|drip| drip.code == code)
    }

    /// How much the answers of a contact in this role weigh.
    pub fn role_weight(&self, role: &str) -> f64 {
        self.roles.iter().find(|r| r.code == role).map_or(1.0, |r| r.weight)
    }
}

impl Question {
    /// A matrix is answered row by row, everything else at once.
    pub fn items(&self) -> Vec<Item<'_>> {
        match &self.kind {
            Kind::Matrix { rows, .. } => rows
                .iter()
                .map(|row| Item {
                    question: self,
                    row: Some(row),
                })
                .collect(),
            _ => vec![Item {
                question: self,
                row: None,
            }],
        }
    }

    /// Whether "I can't say" is a way to answer, as an option or beside them.
    pub fn no_opinion_allowed(&self) -> bool {
        self.no_opinion.is_some() || self.kind.options().iter().any(|option| option.no_opinion)
    }
}

impl Kind {
    /// As it is written in the file.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::SingleChoice { .. } => "single_choice",
            Kind::MultipleChoice { .. } => "multiple_choice",
            Kind::Rating { .. } => "rating",
            Kind::Matrix { .. } => "matrix",
            Kind::Nps { .. } => "nps",
            Kind::Ranking { .. } => "ranking",
            Kind::BestWorst { .. } => "best_worst",
            Kind::Allocation { .. } => "allocation",
            Kind::Text { .. } => "text",
        }
    }

    /// "I can't say" among them; none for a kind without options.
    pub fn options(&self) -> &[ChoiceOption] {
        match self {
            Kind::SingleChoice { options, .. }
            | Kind::MultipleChoice { options, .. }
            | Kind::Ranking { options, .. }
            | Kind::BestWorst { options, .. }
            | Kind::Allocation { options, .. } => options,
            Kind::Rating { .. } | Kind::Matrix { .. } | Kind::Nps { .. } | Kind::Text { .. } => &[],
        }
    }

    /// The rows of a matrix.
    pub fn rows(&self) -> &[Row] {
        if let Kind::Matrix { rows, .. } = self {
            rows
        } else {
            &[]
        }
    }
}

impl Drip {
    /// A drip that mails by itself waits for somebody to switch it on, unless the file says otherwise.
    pub fn starting_state(&self) -> DripState {
        match (self.state, self.trigger) {
            (Some(state), _) => state,
            (None, Trigger::Manual) => DripState::On,
            (None, Trigger::Audience | Trigger::Transaction) => DripState::Paused,
        }
    }

    /// How old a transaction may be when it arrives and still start the drip: 30 days unless the file
    /// says otherwise. Without a limit, importing the deals of past years would mail everybody at once.
    pub fn greatest_age(&self) -> Minutes {
        self.max_age.unwrap_or(Minutes(30 * 24 * 60))
    }
}
