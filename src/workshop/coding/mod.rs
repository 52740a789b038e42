//! Answers in the contact's own words, read by colleagues and coded into needs.
//!
//! They queue up by themselves (`answers.own_words`), the newest first, each only as long as it is its
//! contact's last word on the question. A colleague takes one in hand, which keeps others off it for a
//! quarter of an hour, and codes it into needs, into none, or sets it aside. A second reading, blind to
//! the first, tells how far two agree; the first one counts. Codes are evidence beside a need's badge:
//! scores never change by them, because an answer keeps the meaning that it was given with.
//!
//! Words are shown of questions that at least `min_group` people have answered, and never with their
//! author. They stay in the answers alone; a coding goes with its answer.

mod queries;
pub mod rules;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, TimeDelta};

use self::queries::{Row, Sought};
use self::rules::{Agreement, Target};
use super::rules::{Kind as ProposalKind, Profile, Proposal};
use super::{NewProposal, Refusal};
use crate::answers::json;
use crate::audit;
use crate::design::Design;
use crate::framework::{Code, Kind, Level};
use crate::ids::{CodingId, ProposalId, VersionId};
use crate::store::{self, Conn, Turn, take_turn};
use crate::text::fold;

/// Who has an answer in hand for longer has gone away.
const HELD_MINUTES: i64 = 15;
/// Waiting answers that a page shows.
pub const SHOWN: usize = 25;
/// Among so many of the newest a search looks.
const SEARCHED: i64 = 2_000;
/// One's own last readings that a page shows.
const RECENT: i64 = 8;

/// What somebody wants to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    pub question: Option<Code>,
    pub search: String,
    /// Also the answers to questions that are answered in own words only.
    pub texts: bool,
    /// Those that one colleague has coded already.
    pub second: bool,
}

/// A question with what was written to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub code: Code,
    pub text: String,
    pub waiting: i64,
    pub coded: i64,
    /// Too few people have answered it for anybody to read what one of them wrote.
    pub is_withheld: bool,
}

/// What a contact wrote, without the contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub question: String,
    /// The option beside which it was written.
    pub option: Option<String>,
    pub words: String,
    pub at: NaiveDateTime,
}

/// One that somebody has in hand, or has read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub id: CodingId,
    /// None: too few people have answered the question by now.
    pub words: Option<Words>,
    pub codes: BTreeSet<Target>,
    pub is_aside: bool,
    pub is_second: bool,
}

/// Something that words can be coded to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub target: Target,
    pub name: String,
}

/// The queue as one colleague sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    pub questions: Vec<Question>,
    pub in_hand: Option<Reading>,
    /// The newest, as many as a page shows.
    pub waiting: Vec<Words>,
    /// How many wait; of a search, how many were found.
    pub total: i64,
    /// One's own, the last one first.
    pub recent: Vec<Reading>,
    pub choices: Vec<Choice>,
    pub counts: BTreeMap<Target, i64>,
    pub agreement: Agreement,
    /// A workshop is open: new needs become proposals there.
    pub takes_new: bool,
}

/// What a colleague makes of words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    pub targets: BTreeSet<Target>,
    /// The name of a need that is still to be proposed; blank: none.
    pub new_need: String,
}

// ── reading ──

pub fn queue(conn: &mut Conn, now: NaiveDateTime, by: &str, design: &Design, wanted: &Wanted) -> store::Result<Queue> {
    let desk = Desk::look(conn, now, by, design, wanted.texts)?;
    let sought = desk.sought(wanted);
    let found = desk.find(conn, wanted, &sought)?;
    // By version they are counted for the list of questions: the same count serves the first reading.
    let waiting = queries::count_waiting_by_version(conn, &desk.first_readings())?;
    let of_sought = waiting.iter().filter(|(version, ..)| sought.versions.contains(version));
    let total = match wanted.search.trim().is_empty() {
        true if sought.second => queries::count_waiting(conn, &sought)?,
        true => of_sought.map(|(.., waiting)| waiting).sum(),
        false => found.len() as i64,
    };
    let mine = queries::list_readings(conn, by, RECENT)?;
    let ids: Vec<CodingId> = mine.iter().map(|(coding, _)| coding.id).collect();
    let mut codes = codes(conn, &ids)?;
    let mut readings: Vec<(bool, Reading)> = Vec::new();
    for (coding, row) in &mine {
        let reading = Reading {
            id: coding.id,
            words: desk.words(row),
            codes: codes.remove(&coding.id).unwrap_or_default(),
            is_aside: coding.state == ASIDE,
            is_second: coding.second,
        };
        readings.push((coding.state == IN_HAND, reading));
    }
    let in_hand = readings.iter().position(|(is_in_hand, _)| *is_in_hand);
    let in_hand = in_hand.map(|at| readings.remove(at).1);
    let open = super::open_one(conn)?;
    Ok(Queue {
        questions: desk.questions(conn, waiting)?,
        in_hand,
        waiting: found.iter().take(SHOWN).filter_map(|row| desk.words(row)).collect(),
        total,
        recent: readings.into_iter().map(|(_, reading)| reading).collect(),
        choices: choices(conn, design)?,
        counts: counts(conn)?,
        agreement: agreement(conn)?,
        takes_new: open.is_some(),
    })
}

/// How many answers wait for this colleague.
pub fn count_waiting(conn: &mut Conn, now: NaiveDateTime, by: &str, design: &Design) -> store::Result<i64> {
    let desk = Desk::look(conn, now, by, design, false)?;
    queries::count_waiting(conn, &desk.sought(&Wanted::default()))
}

/// How many answers in own words were coded to each need, or to what is proposed as one.
pub fn counts(conn: &mut Conn) -> store::Result<BTreeMap<Target, i64>> {
    let frozen = frozen(conn)?;
    let mut counts = BTreeMap::new();
    for (need, count) in queries::count_codes(conn)? {
        *counts.entry(Target::parse(&need).today(&frozen)).or_insert(0) += count;
    }
    Ok(counts)
}

/// As [`counts`], of the needs that have a code.
pub fn counts_by_need(conn: &mut Conn) -> store::Result<BTreeMap<Code, i64>> {
    let of_need = |(target, count)| match target {
        Target::Need(code) => Some((code, count)),
        Target::Proposed(_) => None,
    };
    Ok(counts(conn)?.into_iter().filter_map(of_need).collect())
}

fn agreement(conn: &mut Conn) -> store::Result<Agreement> {
    let pairs = queries::list_pairs(conn)?;
    let ids: Vec<CodingId> = pairs.iter().flat_map(|(one, other)| [one.0, other.0]).collect();
    let codes = codes(conn, &ids)?;
    Ok(rules::agreement(&pairs, &codes))
}

fn codes(conn: &mut Conn, ids: &[CodingId]) -> store::Result<BTreeMap<CodingId, BTreeSet<Target>>> {
    let frozen = frozen(conn)?;
    let mut codes: BTreeMap<CodingId, BTreeSet<Target>> = BTreeMap::new();
    for (id, need) in queries::list_codes(conn, ids)? {
        codes.entry(id).or_default().insert(Target::parse(&need).today(&frozen));
    }
    Ok(codes)
}

/// What every proposal that was ever frozen has become.
fn frozen(conn: &mut Conn) -> store::Result<BTreeMap<ProposalId, Code>> {
    Ok(super::list(conn)?
        .into_iter()
        .flat_map(|workshop| workshop.result)
        .collect())
}

/// The framework's needs, then those that are new in the open workshop.
fn choices(conn: &mut Conn, design: &Design) -> store::Result<Vec<Choice>> {
    let needs = design.framework.needs.iter();
    let mut choices: Vec<Choice> = needs
        .map(|need| Choice {
            target: Target::Need(need.code.clone()),
            name: need.name.clone(),
        })
        .collect();
    let open = super::open_one(conn)?;
    let board = open.map(|open| super::board(conn, open.id)).transpose()?.flatten();
    if let Some(board) = board {
        let needs = board.of_kind(ProposalKind::Need);
        let new = needs.filter(|standing| standing.code().is_none());
        choices.extend(new.map(|standing| Choice {
            target: Target::Proposed(standing.id()),
            name: standing.proposal.name.clone(),
        }));
    }
    Ok(choices)
}

/// What one colleague may read, and what is in other hands.
struct Desk<'d> {
    design: &'d Design,
    by: String,
    /// An answer in hand since before then is in nobody's hand.
    since: NaiveDateTime,
    texts: bool,
    /// Versions with own words, each with its question.
    written: Vec<(VersionId, Code)>,
    withheld: BTreeSet<Code>,
}

const IN_HAND: &str = "in_hand";
const CODED: &str = "coded";
const ASIDE: &str = "aside";

impl<'d> Desk<'d> {
    fn look(conn: &mut Conn, now: NaiveDateTime, by: &str, design: &'d Design, texts: bool) -> store::Result<Self> {
        let written = queries::list_written(conn)?;
        let mut people: BTreeMap<Code, i64> = queries::count_writers(conn)?.into_iter().collect();
        let min_group = i64::from(design.framework.settings.min_group);
        let few: Vec<Code> = people
            .iter()
            .filter(|(_, n)| **n < min_group)
            .map(|(code, _)| code.clone())
            .collect();
        // Most questions have enough who wrote; of the others, those count who answered in any way.
        people.extend(queries::count_respondents(conn, &few)?);
        let withheld = people
            .into_iter()
            .filter(|(_, people)| *people < min_group)
            .map(|(code, _)| code);
        Ok(Desk {
            design,
            by: by.to_owned(),
            since: now - TimeDelta::minutes(HELD_MINUTES),
            texts,
            written,
            withheld: withheld.collect(),
        })
    }

    fn is_text(&self, version: VersionId) -> bool {
        let version = self.design.version(version);
        version.is_some_and(|version| matches!(version.question.kind, Kind::Text { .. }))
    }

    /// Whether the answers to this version are wanted at all.
    fn is_asked_for(&self, version: VersionId) -> bool {
        self.texts || !self.is_text(version)
    }

    fn sought(&self, wanted: &Wanted) -> Sought<'_> {
        let fits = |(version, question): &&(VersionId, Code)| {
            self.is_asked_for(*version)
                && !self.withheld.contains(question)
                && wanted.question.as_ref().is_none_or(|wanted| wanted == question)
        };
        Sought {
            versions: self.written.iter().filter(fits).map(|(version, _)| *version).collect(),
            by: &self.by,
            since: self.since,
            second: wanted.second,
        }
    }

    /// The newest that wait; those only that hold what is searched for, however its letters are cased.
    fn find(&self, conn: &mut Conn, wanted: &Wanted, sought: &Sought<'_>) -> store::Result<Vec<Row>> {
        let key = fold::search_key(&wanted.search);
        if key.is_empty() {
            return queries::list_waiting(conn, sought, SHOWN as i64);
        }
        let mut found = queries::list_waiting(conn, sought, SEARCHED)?;
        found.retain(|row| {
            let words = self.words(row);
            words.is_some_and(|words| fold::search_key(&words.words).contains(&key))
        });
        Ok(found)
    }

    /// What may be shown of it.
    fn words(&self, row: &Row) -> Option<Words> {
        if self.withheld.contains(&row.question) {
            return None;
        }
        let question = &self.design.version(row.version_id)?.question;
        let value = json::read_stored(question, &row.value)?;
        let option = value.own_words_option().and_then(|code| {
            let options = question.kind.options().iter();
            options
                .into_iter()
                .find(|option| option.code == *code)
                .map(|option| option.text.clone())
        });
        Some(Words {
            question: question.text.clone(),
            option,
            words: value.own_words().join("\n"),
            at: row.at,
        })
    }

    /// Everything that waits to be read for the first time.
    fn first_readings(&self) -> Sought<'_> {
        Sought {
            versions: self.written.iter().map(|(version, _)| *version).collect(),
            by: &self.by,
            since: self.since,
            second: false,
        }
    }

    /// The questions with own words, those that have most waiting first; `waiting`: how many of each version.
    fn questions(&self, conn: &mut Conn, waiting: Vec<(VersionId, Code, i64)>) -> store::Result<Vec<Question>> {
        let coded: BTreeMap<Code, i64> = queries::count_coded(conn)?.into_iter().collect();
        let mut questions: BTreeMap<Code, Question> = BTreeMap::new();
        for (version, code) in &self.written {
            let Some(text) = self
                .design
                .version(*version)
                .map(|version| version.question.text.clone())
            else {
                continue;
            };
            if self.is_asked_for(*version) {
                let question = Question {
                    code: code.clone(),
                    text,
                    waiting: 0,
                    coded: coded.get(code).copied().unwrap_or(0),
                    is_withheld: self.withheld.contains(code),
                };
                questions.insert(code.clone(), question);
            }
        }
        for (version, code, waiting) in waiting {
            if let Some(question) = questions.get_mut(&code).filter(|_| self.is_asked_for(version)) {
                question.waiting += waiting;
            }
        }
        let mut questions: Vec<Question> = questions.into_values().collect();
        questions.sort_by(|a, b| b.waiting.cmp(&a.waiting).then_with(|| a.code.cmp(&b.code)));
        Ok(questions)
    }
}

// ── coding ──

/// Takes the newest that waits in hand; the one that one has in hand already, where that is so.
pub fn take_next(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    design: &Design,
    wanted: &Wanted,
) -> store::Result<Option<CodingId>> {
    take_turn(conn, Turn::Codings)?;
    let desk = Desk::look(conn, now, by, design, wanted.texts)?;
    queries::let_go(conn, desk.since)?;
    if let Some(id) = queries::find_in_hand(conn, by)? {
        return Ok(Some(id));
    }
    let found = desk.find(conn, wanted, &desk.sought(wanted))?;
    match found.first() {
        Some(row) => queries::insert(conn, now, by, row, wanted.second).map(Some),
        None => Ok(None),
    }
}

/// Keeps what the words speak for. A new need becomes a proposal of the open workshop, in the coder's
/// words: the contact's stay where they are.
pub fn code(
    conn: &mut Conn,
    now: NaiveDateTime,
    by: &str,
    id: CodingId,
    verdict: Verdict,
    design: &Design,
) -> Result<(), Refusal> {
    let question = hold(conn, by, id)?;
    let mut targets = verdict.targets;
    let known: Vec<Target> = choices(conn, design)?.into_iter().map(|choice| choice.target).collect();
    targets.retain(|target| known.contains(target));
    if !verdict.new_need.trim().is_empty() {
        targets.insert(Target::Proposed(propose(conn, now, by, &verdict.new_need)?));
    }
    queries::finish(conn, now, id, CODED)?;
    let needs: Vec<String> = targets.iter().map(Target::written).collect();
    queries::replace_codes(conn, id, &needs)?;
    let detail = match needs.is_empty() {
        true => "to no need".to_owned(),
        false => format!("to {}", needs.join(", ")),
    };
    audit::note(conn, now, by, "coding.code", &question, &detail)?;
    Ok(())
}

/// The proposal of that name; one that is there already is not made again.
fn propose(conn: &mut Conn, now: NaiveDateTime, by: &str, name: &str) -> Result<ProposalId, Refusal> {
    let open = super::open_one(conn)?.ok_or(Refusal::Ended)?;
    let board = super::board(conn, open.id)?.ok_or(Refusal::Unknown)?;
    let key = fold::search_key(name);
    let same = |proposal: &Proposal| fold::search_key(&proposal.name) == key;
    let known = board
        .of_kind(ProposalKind::Need)
        .find(|standing| same(&standing.proposal));
    if let Some(known) = known {
        return Ok(known.id());
    }
    let new = NewProposal {
        kind: ProposalKind::Need,
        name: name.to_owned(),
        description: String::new(),
        level: Level::Tactical,
        profile: Profile::new(),
    };
    super::propose(conn, now, by, open.id, new).map_err(|refusal| match refusal {
        Refusal::Faulty(faults) => {
            let of_new = faults.into_iter().map(|(_, message)| ("new_need", message));
            Refusal::Faulty(of_new.collect())
        }
        refusal => refusal,
    })
}

/// Keeps that nothing can be made of the words.
pub fn set_aside(conn: &mut Conn, now: NaiveDateTime, by: &str, id: CodingId) -> Result<(), Refusal> {
    let question = hold(conn, by, id)?;
    queries::finish(conn, now, id, ASIDE)?;
    queries::replace_codes(conn, id, &[])?;
    audit::note(conn, now, by, "coding.aside", &question, "")?;
    Ok(())
}

/// Lets it go back into the queue, unread.
pub fn put_back(conn: &mut Conn, now: NaiveDateTime, by: &str, id: CodingId) -> Result<(), Refusal> {
    let question = hold(conn, by, id)?;
    queries::delete(conn, id)?;
    audit::note(conn, now, by, "coding.put_back", &question, "")?;
    Ok(())
}

/// Takes one's reading back into one's hand, with what one had made of it. What one has in hand just
/// now goes back into the queue.
pub fn undo(conn: &mut Conn, now: NaiveDateTime, by: &str, id: CodingId) -> Result<(), Refusal> {
    take_turn(conn, Turn::Codings)?;
    if let Some(other) = queries::find_in_hand(conn, by)?.filter(|other| *other != id) {
        queries::delete(conn, other)?;
    }
    let question = queries::take_up_again(conn, now, by, id)?.ok_or(Refusal::Unknown)?;
    audit::note(conn, now, by, "coding.undo", &question, "")?;
    Ok(())
}

/// The question of what one has in hand; refused when it is in one's hand no more.
fn hold(conn: &mut Conn, by: &str, id: CodingId) -> Result<Code, Refusal> {
    take_turn(conn, Turn::Codings)?;
    queries::find_question_in_hand(conn, by, id)?.ok_or(Refusal::Moved)
}
