//! As much of HTML as a browser without JavaScript needs to fill in a form: tags, attributes, text.

/// A page's text without tags, its spaces run together.
pub fn text(html: &str) -> String {
    let mut text = String::new();
    for part in parts(html) {
        match part {
            Part::Text(words) => text += &unescape(words),
            Part::Tag(_) => text.push(' '),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every form of a page, in its order.
pub fn forms(html: &str) -> Vec<Form> {
    let mut reader = Reader::default();
    for part in parts(html) {
        match part {
            Part::Tag(tag) => reader.tag(&tag),
            Part::Text(words) => reader.text += &unescape(words),
        }
    }
    reader.forms
}

/// Every address that the page links to.
pub fn links(html: &str) -> Vec<String> {
    let links = parts(html).into_iter().filter_map(|part| match part {
        Part::Tag(tag) if tag.name == "a" => tag.attribute("href"),
        _ => None,
    });
    links.collect()
}

/// A form as it stands on the page, and as it was filled in since.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub action: String,
    pub is_post: bool,
    pub controls: Vec<Control>,
    pub buttons: Vec<Button>,
}

#[derive(Clone, Debug)]
pub struct Control {
    pub name: String,
    pub value: String,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text of any sort, hidden or typed.
    Text,
    /// A radio button or an option of a list that takes one: choosing one lets go of the others.
    OneOf { chosen: bool },
    /// A checkbox.
    AnyOf { chosen: bool },
}

#[derive(Clone, Debug, Default)]
pub struct Button {
    pub name: Option<String>,
    pub value: String,
    /// Where this button sends the form, when not where the form says.
    pub action: Option<String>,
}

impl Form {
    /// Types, chooses or ticks.
    ///
    /// # Panics
    /// When the form has no such control: a browser could not do it either.
    #[track_caller]
    pub fn fill(mut self, name: &str, value: &str) -> Form {
        let offered = self.names();
        let fitting =
            |control: &Control| control.name == name && (control.kind == Kind::Text || control.value == value);
        let place = self.controls.iter().position(fitting);
        let place = place.unwrap_or_else(|| panic!("no `{name}` that takes `{value}`; there are: {offered:?}"));
        match self.controls[place].kind {
            Kind::Text => self.controls[place].value = value.to_owned(),
            Kind::AnyOf { .. } => self.controls[place].kind = Kind::AnyOf { chosen: true },
            Kind::OneOf { .. } => {
                for control in self.controls.iter_mut().filter(|control| control.name == name) {
                    control.kind = Kind::OneOf {
                        chosen: control.value == value,
                    };
                }
            }
        }
        self
    }

    /// Takes a tick away.
    #[track_caller]
    pub fn untick(mut self, name: &str, value: &str) -> Form {
        let ticked = self
            .controls
            .iter_mut()
            .find(|control| control.name == name && control.value == value);
        ticked.unwrap_or_else(|| panic!("no `{name}` with `{value}`")).kind = Kind::AnyOf { chosen: false };
        self
    }

    /// Every control as `name=value`, for telling what a form offers.
    pub fn names(&self) -> Vec<String> {
        self.controls
            .iter()
            .map(|control| format!("{}={}", control.name, control.value))
            .collect()
    }

    /// What is sent when no button with a name is pressed.
    pub fn fields(&self) -> Vec<(String, String)> {
        let sent = self.controls.iter().filter(|control| {
            !matches!(
                control.kind,
                Kind::OneOf { chosen: false } | Kind::AnyOf { chosen: false }
            )
        });
        sent.map(|control| (control.name.clone(), control.value.clone()))
            .collect()
    }
}

/// Puts the fields together as a browser sends them.
pub fn encode(fields: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

enum Part<'a> {
    Tag(Tag<'a>),
    Text(&'a str),
}

struct Tag<'a> {
    /// `form`, or `/form` where it ends.
    name: String,
    rest: &'a str,
}

impl Tag<'_> {
    fn attribute(&self, wanted: &str) -> Option<String> {
        self.attributes()
            .into_iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value)
    }

    fn has(&self, wanted: &str) -> bool {
        self.attribute(wanted).is_some()
    }

    fn attributes(&self) -> Vec<(String, String)> {
        let mut found = vec![];
        let mut rest = self.rest.trim_start();
        while !rest.is_empty() && !rest.starts_with('/') {
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let name = rest[..end].to_ascii_lowercase();
            rest = rest[end..].trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start();
                let quote = after.chars().next().filter(|sign| matches!(sign, '"' | '\''));
                let inner = quote.map_or(after, |_| &after[1..]);
                let is_end = |c: char| quote.map_or(c.is_whitespace(), |quote| c == quote);
                let end = inner.find(is_end).unwrap_or(inner.len());
                value = &inner[..end];
                rest = inner[end..].trim_start_matches(['"', '\'']).trim_start();
            }
            found.push((name, unescape(value)));
        }
        found
    }
}

fn parts(html: &str) -> Vec<Part<'_>> {
    let mut parts = vec![];
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        parts.push(Part::Text(&rest[..start]));
        rest = &rest[start..];
        let comment = rest
            .starts_with("<!--")
            .then(|| rest.find("-->").map_or(rest.len(), |at| at + 3));
        let end = comment.unwrap_or_else(|| tag_end(rest));
        if comment.is_none() {
            let inner = rest[1..end].trim_end_matches('>');
            let name_end = inner.find(|c: char| c.is_whitespace()).unwrap_or(inner.len());
            let name = inner[..name_end].trim_end_matches('/').to_ascii_lowercase();
            let name = if inner.starts_with('/') {
                format!("/{}", name.trim_start_matches('/'))
            } else {
                name
            };
            let is_style = name == "style";
            parts.push(Part::Tag(Tag {
                name,
                rest: &inner[name_end..],
            }));
            rest = &rest[end..];
            if is_style {
                rest = &rest[rest.find("</style").unwrap_or(0)..];
            }
            continue;
        }
        rest = &rest[end..];
    }
    parts.push(Part::Text(rest));
    parts
}

/// Where the tag ends: a `>` in quotes is part of a value.
fn tag_end(html: &str) -> usize {
    let mut quote = None;
    for (place, sign) in html.char_indices() {
        match (quote, sign) {
            (None, '>') => return place + 1,
            (None, '"' | '\'') => quote = Some(sign),
            (Some(open), sign) if open == sign => quote = None,
            _ => {}
        }
    }
    html.len()
}

pub fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        plain += &rest[..start];
        rest = &rest[start..];
        let end = rest.find(';').filter(|end| *end <= 10);
        let sign = end.and_then(|end| entity(&rest[1..end]));
        match (sign, end) {
            (Some(sign), Some(end)) => {
                plain.push(sign);
                rest = &rest[end + 1..];
            }
            _ => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain + rest
}

fn entity(name: &str) -> Option<char> {
    let number = name
        .strip_prefix('#')
        .map(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        });
    match (name, number) {
        (_, Some(number)) => char::from_u32(number?),
        ("lt", _) => Some('<'),
        ("gt", _) => Some('>'),
        ("amp", _) => Some('&'),
        ("quot", _) => Some('"'),
        ("nbsp", _) => Some('\u{a0}'),
        _ => None,
    }
}

/// Collects forms while tags and texts go by.
#[derive(Default)]
struct Reader {
    forms: Vec<Form>,
    is_open: bool,
    /// The list whose options come next: its name, and whether it takes several.
    select: Option<(String, bool)>,
    /// The option or text area that the text belongs to.
    pending: Option<Control>,
    text: String,
}

impl Reader {
    fn tag(&mut self, tag: &Tag) {
        self.finish_pending(&tag.name);
        match tag.name.as_str() {
            "form" => {
                let is_post = tag
                    .attribute("method")
                    .is_some_and(|method| method.eq_ignore_ascii_case("post"));
                let action = tag.attribute("action").unwrap_or_default();
                self.forms.push(Form {
                    action,
                    is_post,
                    ..Form::default()
                });
                self.is_open = true;
            }
            "/form" => self.is_open = false,
            "/select" => self.end_select(),
            _ if !self.is_open || tag.has("disabled") => {}
            "input" => self.input(tag),
            "button" => self.button(tag),
            "textarea" => {
                self.pending = tag.attribute("name").map(|name| Control {
                    name,
                    value: String::new(),
                    kind: Kind::Text,
                });
                self.text.clear();
            }
            "select" => self.select = tag.attribute("name").map(|name| (name, tag.has("multiple"))),
            "option" => self.option(tag),
            _ => {}
        }
    }

    fn form(&mut self) -> &mut Form {
        self.forms.last_mut().expect("only called inside a form")
    }

    fn input(&mut self, tag: &Tag) {
        let kind = tag.attribute("type").unwrap_or_default().to_ascii_lowercase();
        if kind == "submit" || kind == "image" {
            return self.button(tag);
        }
        let Some(name) = tag.attribute("name") else { return };
        let chosen = tag.has("checked");
        let (kind, unset) = match kind.as_str() {
            "radio" => (Kind::OneOf { chosen }, "on"),
            "checkbox" => (Kind::AnyOf { chosen }, "on"),
            _ => (Kind::Text, ""),
        };
        let value = tag.attribute("value").unwrap_or_else(|| unset.to_owned());
        self.form().controls.push(Control { name, value, kind });
    }

    fn button(&mut self, tag: &Tag) {
        if tag
            .attribute("type")
            .is_some_and(|kind| kind == "button" || kind == "reset")
        {
            return;
        }
        let value = tag.attribute("value").unwrap_or_default();
        let button = Button {
            name: tag.attribute("name"),
            value,
            action: tag.attribute("formaction"),
        };
        self.form().buttons.push(button);
    }

    fn option(&mut self, tag: &Tag) {
        let Some((name, takes_several)) = self.select.clone() else {
            return;
        };
        let chosen = tag.has("selected");
        let kind = if takes_several {
            Kind::AnyOf { chosen }
        } else {
            Kind::OneOf { chosen }
        };
        match tag.attribute("value") {
            Some(value) => self.form().controls.push(Control { name, value, kind }),
            None => {
                self.pending = Some(Control {
                    name,
                    value: String::new(),
                    kind,
                })
            }
        }
        self.text.clear();
    }

    /// An option without a value, and a text area, have their text for one.
    fn finish_pending(&mut self, next_tag: &str) {
        let Some(mut control) = self.pending.take() else { return };
        let text = std::mem::take(&mut self.text);
        control.value = if next_tag == "/textarea" {
            text.strip_prefix('\n').unwrap_or(&text).to_owned()
        } else {
            text.trim().to_owned()
        };
        self.form().controls.push(control);
    }

    /// A list that takes one shows its first option when the page chooses none.
    fn end_select(&mut self) {
        let Some((name, takes_several)) = self.select.take() else {
            return;
        };
        if takes_several || !self.is_open {
            return;
        }
        let mut options: Vec<_> = self
            .form()
            .controls
            .iter_mut()
            .filter(|control| control.name == name)
            .collect();
        let none_chosen = options
            .iter()
            .all(|option| option.kind == Kind::OneOf { chosen: false });
        if let (true, Some(first)) = (none_chosen, options.first_mut()) {
            first.kind = Kind::OneOf { chosen: true };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><title>A &amp; B</title><!-- <form> -->
        <form method=post action="/r/x?a=1&amp;b=2">
        <input type="hidden" name="rev" value="3"><input type='radio' name=why value="a"> <input type=radio name=why value="b" checked>
        <input type="checkbox" name="more" value="x" checked /><input type=checkbox name=more value=y>
        <input type=text name="off" value="1" disabled>
        <select name="rank"><option>1<option value="2">two</option></select>
        <textarea name="note">
a &lt;b&gt;</textarea><button name="go" value="back">Back</button><button>On</button></form>"#;

    #[test]
    fn a_form_sends_what_a_browser_would_send() {
        let form = forms(PAGE).remove(0);
        assert_eq!((form.action.as_str(), form.is_post), ("/r/x?a=1&b=2", true));
        assert_eq!(encode(&form.fields()), "rev=3&why=b&more=x&rank=1&note=a+%3Cb%3E");
        assert_eq!(form.buttons.len(), 2);
        let filled = form
            .fill("why", "a")
            .fill("more", "y")
            .untick("more", "x")
            .fill("rank", "2")
            .fill("note", "ü");
        assert_eq!(encode(&filled.fields()), "rev=3&why=a&more=y&rank=2&note=%C3%BC");
    }

    #[test]
    #[should_panic(expected = "no `why` that takes `c`")]
    fn an_option_that_is_not_there_cannot_be_chosen() {
        let _ = forms(PAGE).remove(0).fill("why", "c");
    }

    #[test]
    fn text_is_what_is_read() {
        assert_eq!(
            text("<p>a &amp; <b>b</b></p>\n<p title='x>y'>c&#39;d &unknown;</p>"),
            "a & b c'd &unknown;"
        );
    }
}
