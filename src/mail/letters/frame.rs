//! The words around a letter, in the recipient's language: what the author did not write.

use std::sync::LazyLock;

use crate::phrases::Language;

/// The frame's words. What stands in a sentence's place is text, never HTML.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    pub language: Language,
    pub answer_now: String,
    pub answer_here: String,
    /// Put before the subject.
    pub reminder: String,
    pub reminder_note: String,
    /// Above the options that one tap answers.
    pub tap: String,
    /// What nought and ten mean where someone is asked how likely they are to recommend.
    pub least_likely: String,
    pub most_likely: String,
    pub confidential: String,
    pub view: String,
    pub preferences: String,
    pub unsubscribe: String,
}

impl Frame {
    fn new(language: Language) -> Frame {
        Frame {
            language,
            answer_now: language.say("mail-answer-now"),
            answer_here: language.say("mail-answer-here"),
            reminder: language.say("mail-reminder"),
            reminder_note: language.say("mail-reminder-note"),
            tap: language.say("mail-tap"),
            least_likely: language.say("least-likely"),
            most_likely: language.say("most-likely"),
            confidential: language.say("mail-confidential"),
            view: language.say("mail-view"),
            preferences: language.say("mail-preferences"),
            unsubscribe: language.say("mail-unsubscribe"),
        }
    }
}

/// Mails are written by the thousand: the words are looked up once.
static FRAMES: LazyLock<[Frame; 4]> = LazyLock::new(|| Language::ALL.map(Frame::new));

/// The frame in that language (`de`, `de-AT`), else in English.
pub fn of(language: Option<&str>) -> &'static Frame {
    let language = Language::of(language);
    let place = Language::ALL.iter().position(|listed| *listed == language);
    &FRAMES[place.unwrap_or_default()]
}
