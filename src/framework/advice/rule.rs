//! The rules that advice is given by.

/// What a piece of advice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Two things asked at once.
    DoubleBarrelled,
    /// Wording that pushes towards an answer.
    Leading,
    /// What or how often, where a need asks why.
    FactNotReason,
    /// About the character of a person, where the company is meant.
    Personality,
    /// Agreement asked for on a scale or with rows that lean to one side.
    Unbalanced,
    TooManyQuestions,
    TextFirst,
    /// Best–worst with fewer than four or more than five items.
    BestWorstItems,
    DoubleNegative,
    /// Always, never.
    Absolute,
    Jargon,
    TooLong,
    /// "1–5, 5–10".
    OverlappingOptions,
    /// Required, and no way to say that one cannot say.
    NoWayOut,
    /// A scale whose ends say nothing in words.
    NamelessScale,
    /// All options speak for one need.
    OneNeed,
    /// Reasons to choose from, and no room for another.
    NoOther,
    /// More options or rows than a phone shows at once.
    TooManyOptions,
}

impl Rule {
    pub const ALL: [Rule; 18] = [
        Rule::DoubleBarrelled,
        Rule::Leading,
        Rule::FactNotReason,
        Rule::Personality,
        Rule::Unbalanced,
        Rule::TooManyQuestions,
        Rule::TextFirst,
        Rule::BestWorstItems,
        Rule::DoubleNegative,
        Rule::Absolute,
        Rule::Jargon,
        Rule::TooLong,
        Rule::OverlappingOptions,
        Rule::NoWayOut,
        Rule::NamelessScale,
        Rule::OneNeed,
        Rule::NoOther,
        Rule::TooManyOptions,
    ];

    /// As it stands in addresses and in tests.
    pub fn code(self) -> &'static str {
        match self {
            Rule::DoubleBarrelled => "double-barrelled",
            Rule::Leading => "leading",
            Rule::FactNotReason => "fact-not-reason",
            Rule::Personality => "personality",
            Rule::Unbalanced => "unbalanced",
            Rule::TooManyQuestions => "too-many-questions",
            Rule::TextFirst => "text-first",
            Rule::BestWorstItems => "best-worst-items",
            Rule::DoubleNegative => "double-negative",
            Rule::Absolute => "absolute",
            Rule::Jargon => "jargon",
            Rule::TooLong => "too-long",
            Rule::OverlappingOptions => "overlapping-options",
            Rule::NoWayOut => "no-way-out",
            Rule::NamelessScale => "nameless-scale",
            Rule::OneNeed => "one-need",
            Rule::NoOther => "no-other",
            Rule::TooManyOptions => "too-many-options",
        }
    }

    /// The advice in three words, for a badge.
    pub fn label(self) -> &'static str {
        match self {
            Rule::DoubleBarrelled => "Two questions in one",
            Rule::Leading => "Leading words",
            Rule::FactNotReason => "Asks what, not why",
            Rule::Personality => "About a personality",
            Rule::Unbalanced => "Leans to one side",
            Rule::TooManyQuestions => "Many questions",
            Rule::TextFirst => "Text comes first",
            Rule::BestWorstItems => "Four or five items",
            Rule::DoubleNegative => "Double negative",
            Rule::Absolute => "All or nothing",
            Rule::Jargon => "Jargon",
            Rule::TooLong => "Long",
            Rule::OverlappingOptions => "Options overlap",
            Rule::NoWayOut => "No way out",
            Rule::NamelessScale => "Ends without words",
            Rule::OneNeed => "One need only",
            Rule::NoOther => "No other reason",
            Rule::TooManyOptions => "Many options",
        }
    }
}
