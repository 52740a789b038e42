//! What is wrong with an answer: a reason with its values. The API and files say it in English, the
//! form in the contact's language.

use std::fmt;

use crate::framework::Code;
use crate::phrases::Language;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A required question was left blank.
    Required,
    /// A required matrix has rows without an answer.
    EveryRow,
    NoRows,
    UnknownRow(Code),
    /// Something is wrong with the answer to that row.
    InRow(Code, Box<Fault>),
    Several(Vec<Fault>),
    NotOneOption,
    PickExactly(usize),
    PickBetween(usize, usize),
    RankExactly(u32),
    PlaceFromOne,
    PlaceShared(u32),
    PlaceGap,
    BestAndWorst,
    BestIsWorst,
    NotWholePoints(u32),
    PointsSum {
        total: u32,
        sum: u64,
    },
    OffScale {
        min: i32,
        max: i32,
    },
    NoNumber(String),
    TooLong {
        most: u32,
        length: usize,
    },
    Blank,
    ControlCharacter,
    Twice,
    UnknownOption(Code),
    TakesNoText(Code),
    NoOpinionUnknown,
    NoOpinionBesideOthers,
    /// An answer to a question of another kind than this.
    OtherKind(&'static str),
    /// A call or a file spells it wrongly; no form can.
    Misspelt(String),
}

impl Fault {
    /// A sentence for whoever filled in the form.
    pub fn in_language(&self, language: Language) -> String {
        let say = |key: &str| language.say(key);
        let coded = |key: &str, code: &Code| language.say_with(key, &[("code", code.into())]);
        match self {
            Fault::Required => say("fault-required"),
            Fault::EveryRow => say("fault-every-row"),
            Fault::NoRows => say("fault-one-row"),
            Fault::UnknownRow(code) => coded("fault-no-row", code),
            Fault::InRow(code, fault) => {
                let fault = fault.in_language(language);
                language.say_with("fault-in-row", &[("code", code.into()), ("fault", (&fault).into())])
            }
            Fault::Several(faults) => {
                let faults: Vec<String> = faults.iter().map(|fault| fault.in_language(language)).collect();
                faults.join(" ")
            }
            Fault::NotOneOption => say("fault-one-option"),
            Fault::PickExactly(n) => language.say_with("fault-pick-exactly", &[("n", (*n).into())]),
            Fault::PickBetween(min, max) => {
                language.say_with("fault-pick-between", &[("min", (*min).into()), ("max", (*max).into())])
            }
            Fault::RankExactly(n) => language.say_with("fault-rank-exactly", &[("n", (*n).into())]),
            Fault::PlaceFromOne => say("fault-place-from-one"),
            Fault::PlaceShared(place) => language.say_with("fault-place-shared", &[("place", (*place).into())]),
            Fault::PlaceGap => say("fault-place-gap"),
            Fault::BestAndWorst => say("fault-best-and-worst"),
            Fault::BestIsWorst => say("fault-best-is-worst"),
            Fault::NotWholePoints(total) => language.say_with("fault-whole-points", &[("total", (*total).into())]),
            Fault::PointsSum { total, sum } => language.say_with(
                "fault-points-sum",
                &[("total", (*total).into()), ("sum", (*sum).into())],
            ),
            Fault::OffScale { min, max } => {
                language.say_with("fault-whole-number", &[("min", (*min).into()), ("max", (*max).into())])
            }
            Fault::NoNumber(text) => language.say_with("fault-no-number", &[("text", text.into())]),
            Fault::TooLong { most, length } => language.say_with(
                "fault-too-long",
                &[("most", (*most).into()), ("length", (*length).into())],
            ),
            Fault::Blank => say("fault-blank"),
            Fault::ControlCharacter => say("fault-control"),
            Fault::Twice => say("fault-twice"),
            Fault::UnknownOption(code) => coded("fault-no-option", code),
            Fault::TakesNoText(code) => coded("fault-takes-no-text", code),
            Fault::NoOpinionUnknown => say("fault-no-opinion-kind"),
            Fault::NoOpinionBesideOthers => say("fault-no-opinion-beside"),
            Fault::OtherKind(_) | Fault::Misspelt(_) => say("fault-other-kind"),
        }
    }
}

/// For the API and for files, which speak of codes: no capital letter and no stop, as it stands behind
/// a place.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Required => f.write_str("please answer this question"),
            Fault::EveryRow => f.write_str("please answer every row"),
            Fault::NoRows => f.write_str("answer at least one row"),
            Fault::UnknownRow(code) => write!(f, "there is no row \"{code}\""),
            Fault::InRow(code, fault) => write!(f, "row \"{code}\": {fault}"),
            Fault::Several(faults) => {
                let faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
                f.write_str(&faults.join("; "))
            }
            Fault::NotOneOption => f.write_str("choose one option"),
            Fault::PickExactly(n) => write!(f, "choose exactly {n} options"),
            Fault::PickBetween(min, max) => write!(f, "choose {min} to {max} options"),
            Fault::RankExactly(top) => write!(f, "rank exactly {top} options, each with a place of its own"),
            Fault::PlaceFromOne => f.write_str("places count from 1"),
            Fault::PlaceShared(place) => write!(f, "two options share place {place}"),
            Fault::PlaceGap => f.write_str("give the places 1, 2, 3 … without a gap"),
            Fault::BestAndWorst => f.write_str("choose both the best and the worst"),
            Fault::BestIsWorst => f.write_str("the best and the worst cannot be the same"),
            Fault::NotWholePoints(total) => write!(f, "share out whole points from 0 to {total}"),
            Fault::PointsSum { total, sum } => {
                write!(f, "the points must add up to {total}; these add up to {sum}")
            }
            Fault::OffScale { min, max } => write!(f, "give a whole number from {min} to {max}"),
            Fault::NoNumber(text) => write!(f, "\"{text}\" is no number"),
            Fault::TooLong { most, length } => write!(f, "write at most {most} characters; these are {length}"),
            Fault::Blank => f.write_str("the text is blank"),
            Fault::ControlCharacter => f.write_str("the text holds a control character"),
            Fault::Twice => f.write_str("the same option stands twice"),
            Fault::UnknownOption(code) => write!(f, "there is no option \"{code}\""),
            Fault::TakesNoText(code) => write!(f, "the option \"{code}\" takes no text"),
            Fault::NoOpinionUnknown => f.write_str("this question has no \"no opinion\""),
            Fault::NoOpinionBesideOthers => f.write_str("\"no opinion\" cannot stand beside other options"),
            Fault::OtherKind(kind) => write!(f, "this is no answer to a {kind} question"),
            Fault::Misspelt(why) => f.write_str(why),
        }
    }
}

impl From<&str> for Fault {
    fn from(why: &str) -> Fault {
        Fault::Misspelt(why.to_owned())
    }
}

impl From<String> for Fault {
    fn from(why: String) -> Fault {
        Fault::Misspelt(why)
    }
}
