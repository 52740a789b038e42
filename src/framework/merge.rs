//! Merge fields: `{{ contact.first_name | default: "there" }}` in subjects, bodies and questions.
//!
//! A template is cut into pieces once; filling it either gives the whole text or names the fields
//! that have nothing to put in, so that nothing leaves with a hole in it.

/// A text cut into words that stay and fields to fill.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template(pub Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Field {
        field: MergeField,
        fallback: Option<String>,
    },
}

/// What can be put into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MergeField {
    ContactFirstName,
    ContactLastName,
    ContactEmail,
    ContactRole,
    CompanyName,
    SegmentName,
    TransactionProduct,
    TransactionDate,
    SenderName,
    Link,
    UnsubscribeLink,
}

impl MergeField {
    pub const ALL: [MergeField; 11] = [
        MergeField::ContactFirstName,
        MergeField::ContactLastName,
        MergeField::ContactEmail,
        MergeField::ContactRole,
        MergeField::CompanyName,
        MergeField::SegmentName,
        MergeField::TransactionProduct,
        MergeField::TransactionDate,
        MergeField::SenderName,
        MergeField::Link,
        MergeField::UnsubscribeLink,
    ];

    /// As it is written between the braces.
    pub fn name(self) -> &'static str {
        match self {
            MergeField::ContactFirstName => "contact.first_name",
            MergeField::ContactLastName => "contact.last_name",
            MergeField::ContactEmail => "contact.email",
            MergeField::ContactRole => "contact.role",
            MergeField::CompanyName => "company.name",
            MergeField::SegmentName => "segment.name",
            MergeField::TransactionProduct => "transaction.product",
            MergeField::TransactionDate => "transaction.date",
            MergeField::SenderName => "sender.name",
            MergeField::Link => "link",
            MergeField::UnsubscribeLink => "unsubscribe_link",
        }
    }

    pub fn named(name: &str) -> Option<MergeField> {
        MergeField::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Whether it speaks of the transaction that started the drip.
    pub fn is_of_transaction(self) -> bool {
        matches!(self, MergeField::TransactionProduct | MergeField::TransactionDate)
    }

    /// Whether it is an address that only a mail's body has.
    pub fn is_link(self) -> bool {
        matches!(self, MergeField::Link | MergeField::UnsubscribeLink)
    }
}

/// What is wrong with a template, and at which byte of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    pub offset: usize,
    pub message: String,
}

impl Template {
    /// Cuts the text up; text without `{{` is one piece, whatever else it holds.
    pub fn parse(text: &str) -> Result<Template, Vec<TemplateFault>> {
        let mut pieces = Vec::new();
        let mut faults = Vec::new();
        let mut at = 0;
        while let Some(found) = text[at..].find("{{") {
            let open = at + found;
            push_text(&mut pieces, &text[at..open]);
            match read_field(&text[open + 2..]) {
                Ok((piece, length)) => {
                    pieces.push(piece);
                    at = open + 2 + length;
                }
                Err((message, skip)) => {
                    faults.push(TemplateFault { offset: open, message });
                    at = open + 2 + skip;
                }
            }
        }
        push_text(&mut pieces, &text[at..]);
        if faults.is_empty() {
            Ok(Template(pieces))
        } else {
            Err(faults)
        }
    }

    /// The fields used, in order, each as often as it stands there.
    pub fn fields(&self) -> impl Iterator<Item = MergeField> + '_ {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Field { field, .. } => Some(*field),
            Piece::Text(_) => None,
        })
    }

    /// The text with its fields filled, or the fields that are blank and have no fallback.
    ///
    /// Values come from `value` ready for where the text goes (escaped for HTML, say); a fallback
    /// is the author's own text and passes through `escape`.
    pub fn fill(
        &self,
        value: impl Fn(MergeField) -> Option<String>,
        escape: impl Fn(&str) -> String,
    ) -> Result<String, Vec<MergeField>> {
        let mut filled = String::new();
        let mut blank = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Field { field, fallback } => {
                    match value(*field)
                        .filter(|v| !v.trim().is_empty())
                        .or_else(|| fallback.as_deref().map(&escape))
                    {
                        Some(text) => filled.push_str(&text),
                        None if blank.contains(field) => {}
                        None => blank.push(*field),
                    }
                }
            }
        }
        if blank.is_empty() { Ok(filled) } else { Err(blank) }
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

/// Reads one field after its `{{` and says how far it reached; a fault says how far to skip.
fn read_field(rest: &str) -> Result<(Piece, usize), (String, usize)> {
    let Some(end) = field_end(rest) else {
        return Err(("`{{` is not closed: end the field with `}}`".to_owned(), 0));
    };
    let length = end + 2;
    let inner = rest[..end].trim();
    let (name, filter) = match inner.split_once('|') {
        Some((name, filter)) => (name.trim(), Some(filter.trim())),
        None => (inner, None),
    };
    let field = MergeField::named(name).ok_or_else(|| (unknown_field(name), length))?;
    let fallback = match filter {
        None => None,
        Some(filter) => Some(read_fallback(filter).ok_or_else(|| (bad_filter(name), length))?),
    };
    Ok((Piece::Field { field, fallback }, length))
}

/// Where the `}}` of the field stands, one within quotes left aside; a field does not reach past another `{{` or a line's end.
fn field_end(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (i, c) in rest.char_indices() {
        match (quote, c) {
            (_, '\n') => return None,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '}') if rest[i..].starts_with("}}") => return Some(i),
            (None, '{') if rest[i..].starts_with("{{") => return None,
            (None, _) => {}
        }
    }
    None
}

/// `default: "x"` or `default: 'x'`.
fn read_fallback(filter: &str) -> Option<String> {
    let text = filter.strip_prefix("default")?.trim_start().strip_prefix(':')?.trim();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(quote)).then(|| inner.to_owned())
}

fn unknown_field(name: &str) -> String {
    let known = || MergeField::ALL.into_iter().map(MergeField::name);
    let meant = super::wording::nearest(name, known())
        .map(|n| format!("; did you mean {n}?"))
        .unwrap_or_default();
    format!(
        "there is no merge field {}; merge fields are: {}{meant}",
        super::wording::quoted(name),
        known().collect::<Vec<_>>().join(", ")
    )
}

fn bad_filter(name: &str) -> String {
    let name = MergeField::named(name).map_or("contact.first_name", MergeField::name);
    format!("after `|` only a fallback may stand: {{{{ {name} | default: \"there\" }}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, Vec<MergeField>> {
        let value = |field| match field {
            MergeField::ContactFirstName => Some("Ada".to_owned()),
            MergeField::CompanyName => Some("  ".to_owned()),
            _ => None,
        };
        Template::parse(text)
            .unwrap()
            .fill(value, |fallback| fallback.to_uppercase())
    }

    #[test]
    fn text_without_fields_passes_unchanged() {
        let text = "100 % {of} it }} 'so' | default: \"x\"\n";
        assert_eq!(filled(text).unwrap(), text);
        assert_eq!(filled("").unwrap(), "");
    }

    #[test]
    fn a_known_value_goes_in_as_it_comes() {
        assert_eq!(
            filled("Dear {{contact.first_name}}, {{ contact.first_name | default: 'x' }}!").unwrap(),
            "Dear Ada, Ada!"
        );
    }

    #[test]
    fn a_blank_field_takes_its_fallback_escaped() {
        assert_eq!(
            filled("Hello {{ company.name | default: \"you }} there\" }}.").unwrap(),
            "Hello YOU }} THERE."
        );
    }

    #[test]
    fn a_blank_field_without_fallback_is_named_once() {
        assert_eq!(
            filled("{{ company.name }} {{ company.name }} {{ segment.name }}"),
            Err(vec![MergeField::CompanyName, MergeField::SegmentName])
        );
    }

    #[test]
    fn every_fault_of_a_template_is_found_at_its_byte() {
        let faults = Template::parse("é {{ contact.firstname }} {{ link | upcase }} {{ link").unwrap_err();
        assert_eq!(faults.iter().map(|f| f.offset).collect::<Vec<_>>(), [3, 27, 47]);
        assert!(
            faults[0].message.contains("did you mean contact.first_name?"),
            "{}",
            faults[0].message
        );
        assert!(faults[1].message.contains("default"));
        assert!(faults[2].message.contains("not closed"));
    }
}
