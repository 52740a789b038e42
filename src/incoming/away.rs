//! Until when somebody is away, from an automatic reply's own words in English, German, French or
//! Spanish.
//!
//! Such replies name days in many ways; what tells one from any other date is the word beside it:
//! "back on" a day is that day, "until" a day is the day after. The latest counts, so that a reply
//! with both waits for the return. Without such a word no date counts.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::text::fold;

/// Nobody is believed to be away for longer: a year that was mistyped stops no drip.
const MOST_DAYS: i64 = 366;
/// So much is read of a reply: what it says stands at its beginning.
const MOST_CHARACTERS: usize = 4000;

/// When the writer is back, counted from `now`; none where the text does not say so.
pub fn until(text: &str, now: NaiveDateTime) -> Option<NaiveDateTime> {
    let text: String = text.chars().take(MOST_CHARACTERS).collect();
    let tokens = tokens(&fold::search_key(&text));
    let today = now.date();
    let mut latest = None;
    let mut place = 0;
    while place < tokens.len() {
        let Some((dates, length)) = date_at(&tokens, place, today) else {
            place += 1;
            continue;
        };
        let cue = cue(&tokens, place, place + length);
        let extra = match cue {
            Some(Cue::Back) => 0,
            Some(Cue::Until) => 1,
            None => {
                place += length;
                continue;
            }
        };
        let back = dates.into_iter().flatten().filter_map(|date| {
            let back = date
                .checked_add_signed(TimeDelta::days(extra))?
                .and_time(NaiveTime::MIN);
            (back > now && back - now <= TimeDelta::days(MOST_DAYS)).then_some(back)
        });
        // Of two ways to read one date, the nearer.
        latest = latest.max(back.min());
        place += length;
    }
    latest
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// With its number of digits.
    Number(i32, usize),
    Word(String),
    Sign(char),
}

impl Token {
    fn is_word(&self, words: &[&str]) -> bool {
        matches!(self, Token::Word(word) if words.contains(&word.as_str()))
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = |c: char| (c.is_ascii_digit(), c.is_alphabetic());
        let run: usize = match kind(first) {
            (false, false) => first.len_utf8(),
            of => rest.chars().take_while(|c| kind(*c) == of).map(char::len_utf8).sum(),
        };
        let (text, after) = rest.split_at(run);
        match kind(first) {
            (true, _) => tokens.push(Token::Number(text.parse().unwrap_or(i32::MAX), run)),
            (_, true) => tokens.push(Token::Word(text.to_owned())),
            _ if first.is_whitespace() => {}
            _ => tokens.push(Token::Sign(first)),
        }
        rest = after;
    }
    tokens
}

/// The ways to read the date that begins there, and how many tokens it takes.
type Dates = [Option<NaiveDate>; 2];

fn date_at(tokens: &[Token], place: usize, today: NaiveDate) -> Option<(Dates, usize)> {
    let rest = &tokens[place..];
    let one = |date: Option<NaiveDate>, length| date.map(|date| ([Some(date), None], length));
    let number = |at: usize, most_digits: usize| match rest.get(at) {
        Some(Token::Number(number, digits)) if *digits <= most_digits => Some(*number),
        _ => None,
    };
    let sign = |at: usize| match rest.get(at) {
        Some(Token::Sign(sign)) => Some(*sign),
        _ => None,
    };
    // 2026-03-20
    if let (Some(Token::Number(year, 4)), Some('-'), Some(month), Some('-'), Some(day)) =
        (rest.first(), sign(1), number(2, 2), sign(3), number(4, 2))
    {
        return one(ymd(*year, month, day), 5);
    }
    let first = number(0, 2);
    if let (Some(a), Some(by @ ('.' | '/' | '-')), Some(b)) = (first, sign(1), number(2, 2)) {
        let year = (sign(3) == Some(by)).then(|| rest.get(4)).flatten();
        let year = match year {
            Some(Token::Number(year, 4)) => Some(*year),
            Some(Token::Number(year, 2)) => Some(2000 + *year),
            _ => None,
        };
        match (year, by) {
            (Some(year), '.') => return one(ymd(year, b, a), 5),
            // Day first in most of the world, month first in some of it.
            (Some(year), _) => {
                let both = [ymd(year, b, a), ymd(year, a, b)];
                return both.iter().any(Option::is_some).then_some((both, 5));
            }
            // `20.3.`
            (None, '.') if sign(3) == Some('.') => return one(near(today, b, a), 4),
            (None, _) => {}
        }
    }
    // `20 March 2026`, `20. März`, `20th of March`, `1er mars`, `20 de marzo de 2026`
    if let Some(day) = first {
        let mut at = 1;
        if sign(at) == Some('.')
            || rest
                .get(at)
                .is_some_and(|word| word.is_word(&["st", "nd", "rd", "th", "er", "o"]))
        {
            at += 1;
        }
        if rest.get(at).is_some_and(|word| word.is_word(&["of", "de"])) {
            at += 1;
        }
        if let Some(month) = rest.get(at).and_then(month) {
            let (year, length) = year_after(rest, at + 1);
            let date = year.map_or_else(|| near(today, month, day), |year| ymd(year, month, day));
            return one(date, length);
        }
    }
    // `March 20, 2026`, `March 20th`
    let month = rest.first().and_then(month)?;
    let day = number(1, 2)?;
    let suffix = rest.get(2).is_some_and(|word| word.is_word(&["st", "nd", "rd", "th"]));
    let (year, length) = year_after(rest, if suffix { 3 } else { 2 });
    one(
        year.map_or_else(|| near(today, month, day), |year| ymd(year, month, day)),
        length,
    )
}

/// The year behind a month, perhaps behind a sign or a word; and how far the date goes.
fn year_after(rest: &[Token], from: usize) -> (Option<i32>, usize) {
    let mut at = from;
    let between = |token: &Token| matches!(token, Token::Sign(',' | '.')) || token.is_word(&["de", "del"]);
    while at < from + 2 && rest.get(at).is_some_and(between) {
        at += 1;
    }
    match rest.get(at) {
        Some(Token::Number(year @ 2000..=2200, 4)) => (Some(*year), at + 1),
        _ => (None, from),
    }
}

fn month(token: &Token) -> Option<i32> {
    let Token::Word(word) = token else { return None };
    const MONTHS: [&[&str]; 12] = [
        &["january", "jan", "januar", "janner", "janvier", "janv", "enero", "ene"],
        &["february", "feb", "februar", "feber", "fevrier", "fevr", "febrero"],
        &["march", "mar", "marz", "maerz", "mrz", "mars", "marzo"],
        &["april", "apr", "avril", "avr", "abril", "abr"],
        &["may", "mai", "mayo"],
        &["june", "jun", "juni", "juin", "junio"],
        &["july", "jul", "juli", "juillet", "juil", "julio"],
        &["august", "aug", "aout", "agosto", "ago"],
        &["september", "sep", "sept", "septembre", "septiembre", "setiembre"],
        &["october", "oct", "oktober", "okt", "octobre", "octubre"],
        &["november", "nov", "novembre", "noviembre"],
        &["december", "dec", "dezember", "dez", "decembre", "diciembre", "dic"],
    ];
    let found = MONTHS.iter().position(|names| names.contains(&word.as_str()))?;
    i32::try_from(found + 1).ok()
}

fn ymd(year: i32, month: i32, day: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

/// A date without a year is the one nearest to today.
fn near(today: NaiveDate, month: i32, day: i32) -> Option<NaiveDate> {
    let years = (today.year() - 1)..=(today.year() + 1);
    let dates = years.filter_map(|year| ymd(year, month, day));
    dates.min_by_key(|date| (*date - today).num_days().abs())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cue {
    /// The day of the return.
    Back,
    /// The last day of the absence.
    Until,
}

/// Words between a cue and its date.
const FILLERS: [&str; 34] = [
    "on",
    "the",
    "and",
    "including",
    "inclusive",
    "einschliesslich",
    "inkl",
    "zum",
    "dem",
    "den",
    "am",
    "le",
    "el",
    "dia",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "sonntag",
];
const UNTIL: [&str; 8] = ["until", "till", "til", "through", "thru", "bis", "jusqu", "hasta"];
/// These say "until" between two dates, and much else elsewhere.
const TO: [&str; 4] = ["to", "au", "al", "a"];
const BACK_BEFORE: [&str; 28] = [
    "back",
    "return",
    "returning",
    "returns",
    "retour",
    "rentre",
    "rentrerai",
    "reviens",
    "reviendrai",
    "reprendrai",
    "partir",
    "regreso",
    "regresare",
    "regresaré",
    "vuelvo",
    "volvere",
    "vuelta",
    "reincorporo",
    "reincorporare",
    "wieder",
    "zuruck",
    "ab",
    "resume",
    "resuming",
    "available",
    "reachable",
    "disponible",
    "estare",
];
const BACK_AFTER: [&str; 7] = ["wieder", "zuruck", "back", "retour", "vuelta", "nouveau", "nuevo"];

/// What the words around a date make of it.
fn cue(tokens: &[Token], from: usize, to: usize) -> Option<Cue> {
    // Straight before it, fillers aside.
    let mut before = tokens[..from].iter().rev().filter(|token| !is_filler(token));
    let nearest = before.next();
    if nearest.is_some_and(|token| token.is_word(&UNTIL)) {
        return Some(Cue::Until);
    }
    let is_range = nearest.is_some_and(|token| token.is_word(&TO) || matches!(token, Token::Sign('-' | '–' | '—')));
    if is_range && before.next().is_some_and(ends_date) {
        return Some(Cue::Until);
    }
    // `jusqu'au`: a word, a sign and a word.
    let elided: Vec<&Token> = tokens[..from]
        .iter()
        .rev()
        .filter(|token| !is_filler(token))
        .take(3)
        .collect();
    if elided.len() == 3 && elided[0].is_word(&["au"]) && elided[2].is_word(&["jusqu"]) {
        return Some(Cue::Until);
    }
    let begin = (0..from)
        .rev()
        .take(14)
        .take_while(|at| !is_end(tokens, *at))
        .last()
        .unwrap_or(from);
    if tokens[begin..from].iter().any(|token| token.is_word(&BACK_BEFORE)) {
        return Some(Cue::Back);
    }
    let end = (to..tokens.len())
        .take(8)
        .find(|at| is_end(tokens, *at))
        .unwrap_or((to + 8).min(tokens.len()));
    let is_back = tokens[to..end].iter().any(|token| token.is_word(&BACK_AFTER));
    is_back.then_some(Cue::Back)
}

/// A full stop behind a long word ends a sentence; behind a number or `Mar` it is part of a date.
fn is_end(tokens: &[Token], at: usize) -> bool {
    match &tokens[at] {
        Token::Sign('!' | '?' | ';') => true,
        Token::Sign('.') => at > 0 && matches!(&tokens[at - 1], Token::Word(word) if word.len() > 4),
        _ => false,
    }
}

fn is_filler(token: &Token) -> bool {
    const DAYS: [&str; 16] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "mo",
        "di",
        "mi",
        "fr",
    ];
    token.is_word(&FILLERS) || token.is_word(&DAYS) || *token == Token::Sign(',')
}

/// A number, a year or a month: what a date ends with.
fn ends_date(token: &Token) -> bool {
    matches!(token, Token::Number(..) | Token::Sign('.'))
        || month(token).is_some()
        || token.is_word(&["st", "nd", "rd", "th"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(text: &str) -> Option<String> {
        let now = NaiveDate::from_ymd_opt(2026, 3, 10)
            .and_then(|day| day.and_hms_opt(11, 0, 0))
            .expect("a time");
        until(text, now).map(|at| at.date().to_string())
    }

    #[test]
    fn a_return_date_is_read_in_four_languages_and_many_shapes() {
        let table = [
            (
                "I am out of the office and will be back on March 20, 2026.",
                "2026-03-20",
            ),
            ("I will return on Friday, 20 March.", "2026-03-20"),
            ("Back in the office on the 20th of March 2026!", "2026-03-20"),
            ("I'm away until 20 March 2026.", "2026-03-21"),
            ("Out of office from 9 March to 20 March.", "2026-03-21"),
            ("On leave 9 Mar - 20 Mar, for urgent matters call Bob.", "2026-03-21"),
            (
                "I am away through Friday, March 20th. I will be back on Monday, March 23rd.",
                "2026-03-23",
            ),
            ("Returning 2026-03-20", "2026-03-20"),
            ("I'll be back 03/20/2026", "2026-03-20"),
            ("I'll be back on 20/03/2026", "2026-03-20"),
            ("Not available from 9 March until 20 March.", "2026-03-21"),
            ("Ich bin bis einschließlich 20.03.2026 nicht im Büro.", "2026-03-21"),
            ("Ich bin bis zum 20. März im Urlaub.", "2026-03-21"),
            (
                "Vom 09.03. bis 20.03. bin ich nicht da. Ab Montag, dem 23.03., bin ich wieder für Sie da.",
                "2026-03-23",
            ),
            ("Am 20. März 2026 bin ich wieder erreichbar.", "2026-03-20"),
            ("Ich bin ab dem 20.3.26 zurück.", "2026-03-20"),
            ("Je suis absente jusqu'au 20 mars 2026 inclus.", "2026-03-21"),
            ("Je serai de retour le vendredi 20 mars.", "2026-03-20"),
            ("Absent du 9 au 20 mars.", "2026-03-21"),
            ("De retour au bureau à partir du 1er avril.", "2026-04-01"),
            ("Estaré fuera de la oficina hasta el 20 de marzo de 2026.", "2026-03-21"),
            ("Regreso el lunes 23 de marzo.", "2026-03-23"),
            ("Estoy de vacaciones del 9 al 20 de marzo.", "2026-03-21"),
            ("I am on parental leave until 1 February 2027.", "2027-02-02"),
        ];
        for (text, expected) in table {
            assert_eq!(back(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_date_that_says_nothing_of_a_return_makes_nobody_wait() {
        for text in [
            "",
            "Thank you for your mail.",
            "I am out of the office. Our offices move on 1 June 2026.",
            "I was away until 2 March 2026.",
            "I will be back on 1 January 2099.",
            "Back on 31 February.",
            "I will be back soon, call +49 30 1234-56-78.",
            "Until further notice, version 1.2.3.4",
        ] {
            assert_eq!(back(text), None, "{text}");
        }
    }
}
