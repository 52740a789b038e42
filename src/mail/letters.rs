//! What a mail says: a subject and one Markdown body, filled for one recipient, as text and as HTML
//! that says the same.
//!
//! A letter is made ready once, from Markdown to HTML with its styles where mail programs want them,
//! with the places of its fields left open; for each recipient only the places are filled.

mod frame;
mod slots;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use askama::Template as _;
use css_inline::CSSInliner;

use self::frame::Frame;
use self::slots::{Cut, Marks};
use super::fields::Fields;
use crate::framework::merge::{MergeField, Piece, Template};
use crate::framework::{ChoiceOption, Kind, Letter, Question};
use crate::phrases;
use crate::text::markdown::{self, Block};

/// The addresses that a mail carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// None in a message without questions.
    pub respond: Option<String>,
    pub preferences: String,
    pub unsubscribe: String,
    pub view: String,
}

/// The first question, its options as links that tick the answer in advance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tap {
    pub question: String,
    /// Its words and its address.
    pub options: Vec<(String, String)>,
    /// Numbers, which stand in a row.
    pub is_scale: bool,
    /// What the lowest and the highest number mean.
    pub ends: Option<(String, String)>,
}

/// A letter ready to be put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The tag of the language that it is read in (BCP 47).
    pub language: String,
}

/// What a letter is written from.
pub struct Draft<'a> {
    pub letter: &'a Letter,
    /// Who is asked for an answer once more.
    pub is_reminder: bool,
    pub fields: &'a Fields,
    pub links: &'a Links,
    pub tap: Option<Tap>,
    /// Stands at the foot; may have several lines.
    pub postal_address: &'a str,
    pub language: Option<&'a str>,
}

/// Gmail cuts what is longer, and with it the way out at the foot.
pub const MOST_BYTES: usize = 100_000;

#[derive(askama::Template)]
#[template(path = "mail/invitation/body.txt", escape = "none")]
struct Text<'a> {
    frame: &'a Frame,
    is_reminder: bool,
    note: &'a str,
    body: &'a str,
    tap: Option<&'a Tap>,
    question: &'a str,
    button: Option<&'a str>,
    asks: bool,
    confidential: &'a str,
    links: &'a Links,
    sender: &'a str,
    postal_lines: Vec<&'a str>,
}

/// The page with a mark wherever something of the recipient's goes.
#[derive(askama::Template)]
#[template(path = "mail/invitation/body.html")]
struct Page<'a> {
    language: &'a str,
    direction: &'a str,
    /// The side on which a line starts, and the other one.
    start: &'a str,
    end: &'a str,
    /// Says which language the frame's words are in, where the letter is in another.
    foreign: Html,
    frame: &'a Frame,
    is_reminder: bool,
    asks: bool,
    subject: String,
    preheader: String,
    body: Html,
    tap: Option<Tap>,
    button: Option<Button<'a>>,
    sender: String,
    postal: String,
    preferences: String,
    unsubscribe: String,
    view: String,
}

#[derive(askama::Template)]
#[template(path = "mail/invitation/button.html")]
struct Button<'a> {
    url: String,
    words: &'a str,
}

impl askama::filters::HtmlSafe for Button<'_> {}

/// HTML that `text::markdown` has cleaned; everything else is escaped by the template.
struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// Writes the letter, or names the fields that are blank and have no fallback: a mail with a hole
/// in it does not leave.
pub fn write(draft: &Draft) -> Result<Written, Vec<MergeField>> {
    let frame = frame::of(draft.language);
    let sheet = ready(draft);
    let mut blank = Vec::new();
    let subject = sheet.subject.fill(|field| draft.fields.value(field), str::to_owned);
    let subject = subject.unwrap_or_else(|fields| {
        blank = fields;
        String::new()
    });
    let fields: Vec<String> = sheet
        .fields
        .iter()
        .map(|(field, fallback)| {
            words_of(draft, *field, fallback.as_deref()).unwrap_or_else(|| {
                if !blank.contains(field) {
                    blank.push(*field);
                }
                String::new()
            })
        })
        .collect();
    if !blank.is_empty() {
        return Err(blank);
    }
    let subject = match draft.is_reminder {
        true => one_line(&format!("{} {subject}", frame.reminder)),
        false => one_line(&subject),
    };
    Ok(sheet.fill(draft, frame, subject, &fields))
}

/// What goes in a field's place; a value is words on one line.
fn words_of(draft: &Draft, field: MergeField, fallback: Option<&str>) -> Option<String> {
    let value = match field {
        MergeField::Link => draft.links.respond.clone(),
        MergeField::UnsubscribeLink => Some(draft.links.unsubscribe.clone()),
        field => draft.fields.value(field).map(|value| one_line(&value)),
    };
    value
        .filter(|value| !value.is_empty())
        .or_else(|| fallback.map(one_line))
}

fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// The first question as one-tap links, where it is of a kind that one tap can answer.
pub fn tap(question: &Question, text: String, respond: &str, language: Option<&str>) -> Option<Tap> {
    let translation = question.texts(language);
    let words = |option: &ChoiceOption| {
        let translated = translation.and_then(|texts| texts.options.get(&option.code));
        translated.unwrap_or(&option.text).clone()
    };
    let link = |value: &str| format!("{respond}?{}={value}", question.code);
    let scale = |min: i32, max: i32| {
        (min..=max)
            .map(|n| (n.to_string(), link(&n.to_string())))
            .collect::<Vec<_>>()
    };
    let ends = |min: i32, low: &str, max: i32, high: &str| {
        let is_told = !low.is_empty() && !high.is_empty();
        is_told.then(|| (format!("{min} = {low}"), format!("{max} = {high}")))
    };
    let (options, is_scale, ends) = match &question.kind {
        Kind::SingleChoice { options, .. } => {
            let options = options.iter().map(|option| (words(option), link(&option.code)));
            (options.collect(), false, None)
        }
        Kind::Rating {
            min,
            max,
            min_label,
            max_label,
            ..
        } => {
            let min_label = translation
                .and_then(|texts| texts.min_label.as_ref())
                .unwrap_or(min_label);
            let max_label = translation
                .and_then(|texts| texts.max_label.as_ref())
                .unwrap_or(max_label);
            (scale(*min, *max), true, ends(*min, min_label, *max, max_label))
        }
        Kind::Nps { .. } => {
            let frame = frame::of(language);
            (scale(0, 10), true, ends(0, &frame.least_likely, 10, &frame.most_likely))
        }
        _ => return None,
    };
    Some(Tap {
        question: text,
        options,
        is_scale,
        ends,
    })
}

// The places of a sheet: these first, then two for each option of the tap, then the letter's fields.
const SUBJECT: usize = 0;
const PREHEADER: usize = 1;
const SENDER: usize = 2;
const POSTAL: usize = 3;
const RESPOND: usize = 4;
const PREFERENCES: usize = 5;
const UNSUBSCRIBE: usize = 6;
const VIEW: usize = 7;
const QUESTION: usize = 8;
const LOW: usize = 9;
const HIGH: usize = 10;
const OPTIONS: usize = 11;

/// A letter made ready: only what is one recipient's is missing.
struct Sheet {
    subject: Template,
    /// What the body's places stand for.
    fields: Vec<(MergeField, Option<String>)>,
    html: Cut,
    prose: Vec<(Block, Cut)>,
    /// What a list of mails shows beside the subject, where no question is there to show.
    preheader: Option<Cut>,
    places_link: bool,
    /// Two sentences of the frame as the text part has them.
    note: String,
    confidential: String,
}

/// Sheets are kept by all that they are made from. More letters than this at once are no rule; then
/// they begin anew.
const MOST_SHEETS: usize = 200;

static SHEETS: LazyLock<RwLock<HashMap<String, Arc<Sheet>>>> = LazyLock::new(RwLock::default);

fn ready(draft: &Draft) -> Arc<Sheet> {
    let tap = draft
        .tap
        .as_ref()
        .map(|tap| (tap.options.len(), tap.is_scale, tap.ends.is_some()));
    let asks = draft.links.respond.is_some();
    // No tag has a line break, and the subject's length tells where the body begins.
    let key = format!(
        "{} {} {} {tap:?} {}\n{}{}",
        phrases::tag_of(draft.language),
        draft.is_reminder,
        asks,
        draft.letter.subject.len(),
        draft.letter.subject,
        draft.letter.body
    );
    if let Some(sheet) = SHEETS.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return sheet.clone();
    }
    let sheet = Arc::new(Sheet::of(draft));
    let mut sheets = SHEETS.write().unwrap_or_else(PoisonError::into_inner);
    if sheets.len() >= MOST_SHEETS {
        sheets.clear();
    }
    sheets.insert(key, sheet.clone());
    sheet
}

impl Sheet {
    fn of(draft: &Draft) -> Sheet {
        let language = phrases::tag_of(draft.language);
        let frame = frame::of(draft.language);
        let asks = draft.links.respond.is_some();
        let template = parsed(&draft.letter.body);
        let mut texts: Vec<&str> = vec![language, include_str!("../../templates/mail/invitation/body.html")];
        texts.extend(template.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Field { fallback, .. } => fallback.as_deref().unwrap_or_default(),
        }));
        let marks = Marks::beside(&texts);
        let options = draft.tap.as_ref().map_or(0, |tap| tap.options.len());
        let mut fields = Vec::new();
        let source = marked(&template, &marks, OPTIONS + 2 * options, asks, &mut fields);
        let within_address = |address: &str| marks.within_address(address);
        let blocks = markdown::to_blocks(&source, &within_address);
        let places_link = fields.iter().any(|(field, _)| *field == MergeField::Link);
        let links = (OPTIONS + 2 * options..)
            .zip(&fields)
            .filter(|(_, (field, _))| *field == MergeField::Link);
        let links: Vec<String> = links.map(|(slot, _)| marks.address(slot)).collect();
        let tap = draft.tap.as_ref().map(|tap| Tap {
            question: marks.words(QUESTION),
            options: (0..options)
                .map(|n| (marks.words(OPTIONS + 2 * n), marks.address(OPTIONS + 2 * n + 1)))
                .collect(),
            is_scale: tap.is_scale,
            ends: tap.ends.as_ref().map(|_| (marks.words(LOW), marks.words(HIGH))),
        });
        let direction = phrases::direction_of(language);
        let (start, end) = match direction {
            "rtl" => ("right", "left"),
            _ => ("left", "right"),
        };
        let page = Page {
            language,
            direction,
            start,
            end,
            foreign: Html(phrases::foreign(frame.language, language)),
            frame,
            is_reminder: draft.is_reminder,
            asks,
            subject: marks.words(SUBJECT),
            preheader: marks.words(PREHEADER),
            body: with_buttons(markdown::to_html_with(&source, &within_address), &links, frame),
            tap,
            button: (asks && !places_link).then(|| Button {
                url: marks.address(RESPOND),
                words: &frame.answer_now,
            }),
            sender: marks.words(SENDER),
            postal: marks.words(POSTAL),
            preferences: marks.address(PREFERENCES),
            unsubscribe: marks.address(UNSUBSCRIBE),
            view: marks.address(VIEW),
        };
        // A greeting tells a reader nothing, and an address belongs where it can be followed.
        let tells = |block: &&Block| block.is_plain() && !block.words.ends_with(',') && !block.words.contains("://");
        let preheader = blocks.iter().find(tells).map(|block| marks.cut(&block.words));
        Sheet {
            subject: parsed(&draft.letter.subject),
            html: marks.cut(&inlined(rendered(page.render()))),
            prose: blocks
                .into_iter()
                .map(|block| {
                    let cut = marks.cut(&block.words);
                    (block, cut)
                })
                .collect(),
            fields,
            preheader,
            places_link,
            note: markdown::wrap(&frame.reminder_note),
            confidential: markdown::wrap(&frame.confidential),
        }
    }

    fn fill(&self, draft: &Draft, frame: &Frame, subject: String, fields: &[String]) -> Written {
        let links = draft.links;
        let sender = one_line(&draft.fields.sender);
        let lines = draft.postal_address.lines().map(str::trim);
        let postal_lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        let postal = postal_lines.join("\n");
        let respond = links.respond.as_deref().unwrap_or_default();
        let mut values = vec!["", "", sender.as_str(), postal.as_str(), respond];
        values.extend([links.preferences.as_str(), &links.unsubscribe, &links.view]);
        let ends = draft.tap.as_ref().and_then(|tap| tap.ends.as_ref());
        let question = draft
            .tap
            .as_ref()
            .map(|tap| one_line(&tap.question))
            .unwrap_or_default();
        values.push(&question);
        values.extend(ends.map_or(["", ""], |(low, high)| [low.as_str(), high]));
        if let Some(tap) = &draft.tap {
            values.extend(tap.options.iter().flat_map(|(words, url)| [words.as_str(), url]));
        }
        values.extend(fields.iter().map(String::as_str));

        let mut preheader = question.clone();
        if let (true, Some(cut)) = (preheader.is_empty(), &self.preheader) {
            cut.write_text(&values, &mut preheader);
        }
        let preheader = beginning(&one_line(&preheader));
        let mut body = String::new();
        let mut words = String::new();
        for (block, cut) in &self.prose {
            words.clear();
            cut.write_text(&values, &mut words);
            block.write(&words, &mut body);
        }
        values[SUBJECT] = &subject;
        values[PREHEADER] = &preheader;
        let mut html = String::with_capacity(12_000);
        self.html.write_html(&values, &mut html);
        let text = Text {
            frame,
            is_reminder: draft.is_reminder,
            note: &self.note,
            body: body.trim(),
            tap: draft.tap.as_ref(),
            question: &markdown::wrap(&question),
            button: links.respond.as_deref().filter(|_| !self.places_link),
            asks: links.respond.is_some(),
            confidential: &self.confidential,
            links,
            sender: &sender,
            postal_lines,
        };
        let text = rendered(text.render());
        Written {
            subject,
            text,
            html,
            language: phrases::tag_of(draft.language).to_owned(),
        }
    }
}

/// A template that does not read was refused when the framework was applied; should one stand in
/// the database all the same, its text goes out as it is.
fn parsed(template: &str) -> Template {
    Template::parse(template).unwrap_or_else(|_| Template(vec![Piece::Text(template.to_owned())]))
}

/// The Markdown with a mark in each field's place.
fn marked(
    template: &Template,
    marks: &Marks,
    first: usize,
    asks: bool,
    fields: &mut Vec<(MergeField, Option<String>)>,
) -> String {
    let mut source = String::new();
    for piece in &template.0 {
        let (field, fallback) = match piece {
            Piece::Text(text) => {
                source.push_str(text);
                continue;
            }
            Piece::Field { field, fallback } => (*field, fallback),
        };
        // Without questions there is no form to link to: the author's words stand there instead.
        if let (MergeField::Link, Some(fallback), false) = (field, fallback, asks) {
            source.push_str(&markdown::escape(fallback));
            continue;
        }
        let slot = first + fields.len();
        fields.push((field, fallback.clone()));
        match field.is_link() {
            true => source.push_str(&format!("<{}>", marks.address(slot))),
            false => source.push_str(&marks.words(slot)),
        }
    }
    source
}

/// The link to the form, alone in a paragraph, becomes the button.
fn with_buttons(html: String, links: &[String], frame: &Frame) -> Html {
    let mut html = html.replace(" rel=\"noopener noreferrer\"", "");
    for link in links {
        let opening = format!("<p><a href=\"{link}\">");
        let Some(start) = html.find(&opening) else { continue };
        let after = start + opening.len();
        let Some(length) = html[after..].find("</a></p>") else {
            continue;
        };
        let words = &html[after..after + length];
        // A tag within is another link's, or an emphasis, which a button has already.
        if words.contains("</p>") || words.contains("</a>") {
            continue;
        }
        let words = if words == link { &frame.answer_now } else { words };
        let button = Button {
            url: link.clone(),
            words: UNESCAPED,
        };
        let button = rendered(button.render()).replace(UNESCAPED, words);
        html.replace_range(start..after + length + "</a></p>".len(), &button);
    }
    Html(html)
}

/// Stands for words of the letter that are HTML already.
const UNESCAPED: &str = "WORDS-OF-THE-BUTTON";

static INLINER: LazyLock<CSSInliner<'static>> = LazyLock::new(|| {
    CSSInliner::options()
        .load_remote_stylesheets(false)
        .minify_css(true)
        .build()
});

/// Mail programs drop style sheets, so each element carries its own; what asks for a small screen
/// or a dark one cannot be carried so, and stays.
fn inlined(html: String) -> String {
    let inlined = INLINER.inline(&html);
    let html = inlined.unwrap_or_else(|error| unreachable!("a letter's style sheet failed: {error}"));
    // Keeps a list of mails from showing the letter's beginning behind the preheader.
    let padding = "&#847;&zwnj;&nbsp;".repeat(40);
    html.replace("<!--KEPT ", "")
        .replace(" KEPT-->", "")
        .replace("PREHEADER-ENDS", &padding)
}

/// As much as a list of mails shows, and no word in halves.
fn beginning(text: &str) -> String {
    const MOST_CHARACTERS: usize = 110;
    let Some((end, _)) = text.char_indices().nth(MOST_CHARACTERS) else {
        return text.to_owned();
    };
    let whole = text[..end].rfind(' ').unwrap_or(end);
    format!("{}…", text[..whole].trim_end_matches([',', ';', ':', ' ']))
}

/// The templates are compiled in, and writing to memory does not fail.
fn rendered(result: askama::Result<String>) -> String {
    result.unwrap_or_else(|error| unreachable!("a letter's template failed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> Links {
        Links {
            respond: Some("https://ask.test/r/aaa".into()),
            preferences: "https://ask.test/preferences/bbb".into(),
            unsubscribe: "https://ask.test/unsubscribe/ccc".into(),
            view: "https://ask.test/view/ddd".into(),
        }
    }

    fn letter(subject: &str, body: &str) -> Letter {
        Letter {
            subject: subject.into(),
            body: body.into(),
            ..Letter::default()
        }
    }

    fn written(letter: &Letter, fields: &Fields) -> Result<Written, Vec<MergeField>> {
        write(&Draft {
            letter,
            is_reminder: false,
            fields,
            links: &links(),
            tap: None,
            postal_address: "Example Ltd\n1 Street",
            language: None,
        })
    }

    fn fields() -> Fields {
        Fields {
            first_name: Some("Ada".into()),
            company: Some("<a href=//e.test>Pay</a> *now*".into()),
            sender: "Sam".into(),
            ..Fields::default()
        }
    }

    #[test]
    fn both_parts_carry_the_same_addresses_and_the_postal_one() {
        let letter = letter("Hello {{ contact.first_name }}", "Dear **you**");
        let written = written(&letter, &fields()).expect("a letter");
        assert_eq!(written.subject, "Hello Ada");
        for part in [&written.text, &written.html] {
            for url in ["/r/aaa", "/preferences/bbb", "/unsubscribe/ccc", "/view/ddd"] {
                assert_eq!(
                    part.matches(&format!("https://ask.test{url}")).count(),
                    1,
                    "{url} in {part}"
                );
            }
            assert!(part.contains("1 Street"), "{part}");
        }
        assert!(written.html.contains("<strong>you</strong>"), "{}", written.html);
        assert!(!written.text.contains(['<', '*', '&']), "{}", written.text);
    }

    #[test]
    fn a_value_is_words_and_nothing_else() {
        let letter = letter("x", "For {{ company.name }}.");
        let written = written(&letter, &fields()).expect("a letter");
        assert!(
            written.html.contains("&lt;a href=//e.test&gt;Pay&lt;/a&gt; *now*"),
            "{}",
            written.html
        );
        assert!(
            written.text.contains("For <a href=//e.test>Pay</a> *now*."),
            "{}",
            written.text
        );
    }

    #[test]
    fn the_link_stands_where_the_letter_puts_it() {
        let letter = letter("x", "Before\n\n{{ link }}\n\nAfter");
        let written = written(&letter, &fields()).expect("a letter");
        assert_eq!(written.html.matches("Answer now").count(), 1, "{}", written.html);
        for part in [&written.text, &written.html] {
            let at = |text: &str| part.find(text).unwrap_or_else(|| panic!("{text} in {part}"));
            assert!(at("Before") < at("https://ask.test/r/aaa") && at("https://ask.test/r/aaa") < at("After"));
        }
    }

    #[test]
    fn a_blank_field_without_fallback_holds_the_letter_back() {
        let blank = letter(
            "About {{ transaction.product }}",
            "Dear {{ contact.last_name | default: \"you\" }}",
        );
        assert_eq!(written(&blank, &fields()), Err(vec![MergeField::TransactionProduct]));
    }

    #[test]
    fn one_tap_links_name_question_and_option() {
        let question = Question {
            code: "why".into(),
            text: "Why?".into(),
            help: String::new(),
            required: false,
            show_if: None,
            no_opinion: None,
            kind: Kind::SingleChoice {
                options: vec![ChoiceOption {
                    code: "price".into(),
                    text: "The price".into(),
                    ..ChoiceOption::default()
                }],
                shuffle: false,
            },
            translations: Default::default(),
        };
        let tap = tap(&question, "Why?".into(), "https://ask.test/r/aaa", None).expect("a tap");
        assert_eq!(
            tap.options,
            [("The price".to_owned(), "https://ask.test/r/aaa?why=price".to_owned())]
        );
    }
}
