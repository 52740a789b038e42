//! The framework written and read: needs, segments, question sets, what they were before, and the
//! file, which is another view of the same thing.

pub mod behaviour;
pub mod coding;
pub mod coverage;
pub mod drafts;
pub mod file;
pub mod history;
pub mod library;
pub mod needs;
mod order;
pub mod overview;
pub mod preview;
pub mod questions;
pub mod segments;
pub mod sets;
pub mod settings;
pub mod translations;
pub mod tryout;
pub mod typed;
pub mod words;
pub mod workshop;

/// The pages of the design, in the order of the bar on top of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Overview,
    Needs,
    Segments,
    QuestionSets,
    Library,
    Settings,
    Behaviour,
    Workshop,
    History,
}

impl Tab {
    pub const ALL: [Tab; 9] = [
        Tab::Overview,
        Tab::Needs,
        Tab::Segments,
        Tab::QuestionSets,
        Tab::Library,
        Tab::Settings,
        Tab::Behaviour,
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
            Tab::Behaviour => "/design/behaviour",
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
            Tab::Behaviour => "Behaviour",
            Tab::Workshop => "Workshop",
            Tab::History => "History",
        }
    }
}

/// A language as people call it; its tag, where we know no name.
fn language_name(tag: &str) -> String {
    const NAMES: [(&str, &str); 20] = [
        ("ar", "Arabic"),
        ("cs", "Czech"),
        ("da", "Danish"),
        ("de", "German"),
        ("en", "English"),
        ("es", "Spanish"),
        ("fi", "Finnish"),
        ("fr", "French"),
        ("he", "Hebrew"),
        ("hu", "Hungarian"),
        ("it", "Italian"),
        ("ja", "Japanese"),
        ("nl", "Dutch"),
        ("no", "Norwegian"),
        ("pl", "Polish"),
        ("pt", "Portuguese"),
        ("ro", "Romanian"),
        ("sv", "Swedish"),
        ("tr", "Turkish"),
        ("zh", "Chinese"),
    ];
    match NAMES.iter().find(|(known, _)| *known == tag) {
        Some((_, name)) => (*name).to_owned(),
        None => tag.to_owned(),
    }
}
