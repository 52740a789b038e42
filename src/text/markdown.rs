//! Markdown to safe HTML, and to the plain prose that stands beside it in a mail.
//!
//! Both come from the same events, so they hold the same words and the same addresses. HTML within
//! the Markdown is shown as it was typed, pictures give way to the words that describe them, and
//! only links to the web or to a mailbox stay links.

mod prose;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

pub use self::prose::{Block, to_blocks, to_text, wrap};

/// The Markdown as HTML that may stand in a page or a mail. Headings begin at the second level, as
/// the page has a first of its own.
pub fn to_html(markdown: &str) -> String {
    to_html_with(markdown, &str::to_owned)
}

/// As [`to_html`]; each link's address passes through `address`.
pub fn to_html_with(markdown: &str, address: &dyn Fn(&str) -> String) -> String {
    let mut html = String::with_capacity(markdown.len() * 3 / 2);
    let readdressed = |event| match event {
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Link {
            link_type,
            dest_url: address(&dest_url).into(),
            title,
            id,
        }),
        event => event,
    };
    html::push_html(&mut html, events(markdown).map(readdressed).map(demoted));
    CLEANER.clean(&html).to_string()
}

/// A value made fit to stand within Markdown as nothing but words: no sign in it means anything,
/// and it has no line break to begin a list or a heading with.
pub fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len() + 8);
    for word in value.split_whitespace() {
        if !escaped.is_empty() {
            escaped.push(' ');
        }
        for c in word.chars() {
            if c.is_ascii_punctuation() {
                escaped.push('\\');
            }
            escaped.push(c);
        }
    }
    escaped
}

/// What the Markdown says, without what we show nobody.
fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    // Whether each link around the place has been kept, innermost last.
    let mut links = Vec::new();
    Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH).filter_map(move |event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link {
            link_type,
            ref dest_url,
            ..
        }) => {
            let kept = link_type == LinkType::Email || is_followed(dest_url);
            links.push(kept);
            kept.then_some(event)
        }
        Event::End(TagEnd::Link) => links.pop().unwrap_or_default().then_some(event),
        _ => Some(event),
    })
}

fn is_followed(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| SCHEMES.contains(&url.scheme()))
}

fn demoted(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
            level: below(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(below(level))),
        event => event,
    }
}

fn below(level: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + 1).unwrap_or(HeadingLevel::H6)
}

const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// What goes out is HTML of these few tags and no other, whatever the parser made.
static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "ul",
    ];
    let mut cleaner = ammonia::Builder::empty();
    cleaner
        .tags(HashSet::from(tags))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(SCHEMES))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"));
    cleaner
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_usual_marks_become_html() {
        let html = to_html("# Hello\n\nOne **bold** and *fine* word.\n\n- a\n- b\n\n3. c\n");
        assert_eq!(
            html,
            "<h2>Hello</h2>\n<p>One <strong>bold</strong> and <em>fine</em> word.</p>\n\
             <ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol start=\"3\">\n<li>c</li>\n</ol>\n"
        );
    }

    #[test]
    fn links_to_the_web_and_to_mailboxes_stay() {
        let rel = "rel=\"noopener noreferrer\"";
        assert_eq!(
            to_html("[a](https://e.test/?x=1&y=2)"),
            format!("<p><a href=\"https://e.test/?x=1&amp;y=2\" {rel}>a</a></p>\n")
        );
        assert_eq!(
            to_html("<a@e.test>"),
            format!("<p><a href=\"mailto:a@e.test\" {rel}>a@e.test</a></p>\n")
        );
        for target in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//e.test",
            "/here",
            "JaVaScRiPt:alert(1)",
            "&#106;avascript:x",
        ] {
            assert_eq!(to_html(&format!("[a]({target})")), "<p>a</p>\n", "{target}");
            assert_eq!(to_text(&format!("[a]({target})")), "a\n", "{target}");
        }
    }

    #[test]
    fn pictures_give_way_to_their_words() {
        assert_eq!(
            to_html("![our *house*](https://e.test/x.png)"),
            "<p>our <em>house</em></p>\n"
        );
        assert_eq!(to_text("![our house](https://e.test/x.png)"), "our house\n");
    }

    #[test]
    fn html_is_shown_as_typed_and_does_nothing() {
        for attack in [
            "<script>alert(1)</script>",
            "\"><img src=x onerror=alert(1)>",
            "x <svg/onload=alert(1)> y",
        ] {
            let html = to_html(attack);
            assert!(
                !html.contains("<script") && !html.contains("<img") && !html.contains("<svg"),
                "{html}"
            );
            assert!(html.contains("alert(1)"), "{html}");
        }
    }

    #[test]
    fn an_escaped_value_is_nothing_but_words() {
        for value in [
            "[Pay](https://e.test)",
            "# a",
            "1. b",
            "<a href=//e.test>Pay</a>",
            "*a* _b_ `c`",
            "&amp; \\",
            "- x",
        ] {
            assert_eq!(to_text(&escape(value)), format!("{value}\n"));
            let html = to_html(&escape(value));
            assert!(html.starts_with("<p>") && html.matches('<').count() == 2, "{html}");
        }
        assert_eq!(escape(" a\r\n\r\n b "), "a b");
        let link = format!("[x](https://e.test/{})", escape("a_b-c?d=(e)"));
        assert_eq!(to_text(&link), "x (https://e.test/a_b-c?d=(e))\n");
    }

    #[test]
    fn prose_names_each_address_once() {
        assert_eq!(
            to_text("See [our page](https://e.test/a)."),
            "See our page (https://e.test/a).\n"
        );
        assert_eq!(to_text("See <https://e.test/a>."), "See https://e.test/a.\n");
        assert_eq!(
            to_text("[a@e.test](mailto:a@e.test) or <b@e.test>"),
            "a@e.test or b@e.test\n"
        );
        assert_eq!(to_text("[](https://e.test)"), "https://e.test\n");
    }

    #[test]
    fn prose_keeps_lists_quotes_and_code_apart() {
        let text = to_text(
            "# Title\n\nWords\nand words.\n\n- one\n- two\n  - inner\n\n2. a\n3. b\n\n> quoted\n>\n> twice\n\n```\nlet  x;\n```\n\n---\n\nend\\\nof it",
        );
        assert_eq!(
            text,
            "Title\n\nWords and words.\n\n- one\n- two\n  - inner\n\n2. a\n3. b\n\n> quoted\n>\n> twice\n\n    let  x;\n\n---\n\nend\nof it\n"
        );
    }

    #[test]
    fn a_loose_list_keeps_its_paragraphs_in_their_items() {
        assert_eq!(to_text("- one\n\n  more\n\n- two\n"), "- one\n\n  more\n\n- two\n");
    }

    #[test]
    fn prose_is_wrapped_at_72_and_addresses_stay_whole() {
        let address = format!("https://e.test/{}", "a".repeat(100));
        let text = to_text(&format!("- {} [link]({address}) end", "word ".repeat(20)));
        assert!(
            text.lines()
                .all(|line| line.chars().count() <= 72 || line.contains(&address)),
            "{text}"
        );
        assert!(
            text.lines().count() >= 3 && text.lines().skip(1).all(|line| line.starts_with("  ")),
            "{text}"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_made_html_and_prose_without_panic(text in "[\\PC\n]{0,80}", marks in "[-*_#>`0-9.\\[\\]()<>!a \n]{0,80}") {
            for markdown in [&text, &marks] {
                let html = to_html(markdown);
                prop_assert!(!html.contains("<img") && !html.contains("<script"));
                to_text(markdown);
            }
        }

        #[test]
        fn no_escaped_value_makes_a_mark(value in "\\PC{1,40}") {
            prop_assume!(!value.trim().is_empty());
            prop_assert_eq!(to_html(&escape(&value)).matches('<').count(), 2);
        }
    }
}
