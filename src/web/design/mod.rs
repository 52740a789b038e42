//! The framework written and read: needs, segments, question sets, what they were before, and the
//! file, which is another view of the same thing.

pub mod file;
pub mod translations;
pub mod history;
pub mod needs;
mod order;
pub mod overview;
pub mod questions;
pub mod segments;
pub mod sets;
pub mod settings;
pub mod typed;
pub mod words;

/// The pages of the design, in the order of the bar on top of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Overview,
    Needs,
    Segments,
    QuestionSets,
    Library,
    Settings,
    Workshop,
    History,
}

impl Tab {
    pub const ALL: [Tab; 8] = [
        Tab::Overview,
        Tab::Needs,
        Tab::Segments,
        Tab::QuestionSets,
        Tab::Library,
        Tab::Settings,
        Tab::Workshop,
        Tab::History,
    ];

    pub fn href(self) -> &'static str {
        match self {
            Tab::Overview => "/design",
            Tab::Needs => "/design/needs",
            Tab::Segments => "/design/segments",
            Tab::QuestionSets => "/design/question-sets",
            Tab::Library => "/design/library",
            Tab::Settings => "/design/settings",
            Tab::Workshop => "/design/workshop",
            Tab::History => "/design/history",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Tab::Overview => "Overview",
            Tab::Needs => "Needs",
            Tab::Segments => "Segments",
            Tab::QuestionSets => "Question sets",
            Tab::Library => "Library",
            Tab::Settings => "Rules",
            Tab::Workshop => "Workshop",
            Tab::History => "History",
        }
    }
}
