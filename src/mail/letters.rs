//! What a mail says: a subject and one Markdown body, filled for one recipient, as text and as HTML
//! that says the same.

use std::fmt;

use askama::Template as _;

use super::fields::Fields;
use crate::framework::merge::{MergeField, Template};
use crate::framework::{ChoiceOption, Kind, Letter, Question};
use crate::text::markdown;

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
}

/// A letter ready to be put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub subject: String,
    pub text: String,
    pub html: String,
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
    body: &'a str,
    tap: Option<&'a Tap>,
    button: Option<&'a str>,
    links: &'a Links,
    sender: &'a str,
    postal_lines: Vec<&'a str>,
}

#[derive(askama::Template)]
#[template(path = "mail/invitation/body.html")]
struct Page<'a> {
    subject: &'a str,
    language: &'a str,
    body: Html,
    tap: Option<&'a Tap>,
    button: Option<&'a str>,
    links: &'a Links,
    sender: &'a str,
    postal_lines: Vec<&'a str>,
}

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
    let fields = draft.fields;
    let subject = fill(&draft.letter.subject, |field| fields.value(field), str::to_owned)?;
    let subject = match draft.is_reminder {
        true => format!("Reminder: {subject}"),
        false => subject,
    };
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let in_markdown = |field| match field {
        MergeField::Link => draft.links.respond.as_ref().map(|url| format!("<{url}>")),
        MergeField::UnsubscribeLink => Some(format!("<{}>", draft.links.unsubscribe)),
        field => fields.value(field).map(|value| markdown::escape(&value)),
    };
    let body = fill(&draft.letter.body, in_markdown, markdown::escape)?;
    let places_link = is_used(&draft.letter.body, MergeField::Link);
    let button = draft.links.respond.as_deref().filter(|_| !places_link);
    let postal_lines: Vec<&str> = draft
        .postal_address
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let prose = markdown::to_text(&body);
    let text = Text {
        body: prose.trim(),
        tap: draft.tap.as_ref(),
        button,
        links: draft.links,
        sender: &fields.sender,
        postal_lines: postal_lines.clone(),
    };
    let page = Page {
        subject: &subject,
        language: draft.language.unwrap_or("en"),
        body: styled(markdown::to_html(&body), draft.links.respond.as_deref()),
        tap: draft.tap.as_ref(),
        button,
        links: draft.links,
        sender: &fields.sender,
        postal_lines,
    };
    let (text, html) = (rendered(text.render()), rendered(page.render()));
    Ok(Written { subject, text, html })
}

/// The first question as one-tap links, where it is of a kind that one tap can answer.
pub fn tap(question: &Question, text: String, respond: &str, language: Option<&str>) -> Option<Tap> {
    let translation = language.and_then(|language| question.translations.get(language));
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
    let options = match &question.kind {
        Kind::SingleChoice { options, .. } => options
            .iter()
            .map(|option| (words(option), link(&option.code)))
            .collect(),
        Kind::Rating { min, max, .. } => scale(*min, *max),
        Kind::Nps { .. } => scale(0, 10),
        _ => return None,
    };
    Some(Tap {
        question: text,
        options,
    })
}

/// A template that does not read was refused when the framework was applied; should one stand in
/// the database all the same, its text goes out as it is.
fn fill(
    template: &str,
    value: impl Fn(MergeField) -> Option<String>,
    escape: impl Fn(&str) -> String,
) -> Result<String, Vec<MergeField>> {
    match Template::parse(template) {
        Ok(template) => template.fill(value, escape),
        Err(_) => Ok(template.to_owned()),
    }
}

fn is_used(template: &str, field: MergeField) -> bool {
    Template::parse(template).is_ok_and(|template| template.fields().any(|used| used == field))
}

/// Mail programs drop style sheets, so each paragraph carries its own; the link to the form, alone
/// in a paragraph, becomes the button.
fn styled(html: String, respond: Option<&str>) -> Html {
    const P: &str = "<p style=\"margin:0 0 16px\">";
    let mut html = html.replace("<p>", P);
    if let Some(url) = respond {
        let shown = url.replace('&', "&amp;");
        let alone = format!("{P}<a href=\"{shown}\" rel=\"noopener noreferrer\">{shown}</a></p>");
        html = html.replace(&alone, &button(&shown));
    }
    Html(html)
}

fn button(url: &str) -> String {
    format!(
        "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"margin:0 0 16px\"><tr>\
         <td bgcolor=\"#0a6670\" style=\"border-radius:6px\"><a href=\"{url}\" style=\"display:inline-block;\
         padding:12px 24px;color:#ffffff;font-weight:bold;text-decoration:none\">Answer now</a></td></tr></table>"
    )
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
