//! Markdown as plain prose: for the text part of a mail, where every address is written out.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::events;

const WIDTH: usize = 72;

/// The Markdown as plain text: links as `words (https://…)`, lists with `-` or their numbers, wrapped
/// at 72 characters with every address whole. It ends with a line break unless it is empty.
pub fn to_text(markdown: &str) -> String {
    let mut text = String::new();
    for block in to_blocks(markdown, &str::to_owned) {
        block.write(&block.words, &mut text);
    }
    text
}

/// The Markdown as blocks that are not wrapped yet, for who has words to put in first. Each link's
/// address passes through `address`.
pub fn to_blocks(markdown: &str, address: &dyn Fn(&str) -> String) -> Vec<Block> {
    let mut prose = Prose::default();
    events(markdown).for_each(|event| prose.take(event, address));
    prose.flush();
    prose.blocks
}

/// Plain text, wrapped as prose is.
pub fn wrap(text: &str) -> String {
    wrapped(text, WIDTH).join("\n")
}

/// A paragraph, an item of a list or the like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// What it says, on one line but where a line must end.
    pub words: String,
    /// The margin of the blank line before it; `None`: there is no such line.
    apart: Option<String>,
    /// What stands before its first line, and before the others.
    first: String,
    rest: String,
    is_code: bool,
}

impl Block {
    /// Writes the block, wrapped, with these words in the place of its own.
    pub fn write(&self, words: &str, out: &mut String) {
        if let Some(margin) = &self.apart
            && !out.is_empty()
        {
            write_line(out, margin, "");
        }
        let mut margin = &self.first;
        for line in words.trim_end().split('\n') {
            if self.is_code {
                write_line(out, margin, &format!("    {line}"));
                margin = &self.rest;
                continue;
            }
            for line in wrapped(line, WIDTH.saturating_sub(self.rest.len())) {
                write_line(out, margin, &line);
                margin = &self.rest;
            }
        }
    }

    /// Whether it is a paragraph of its own, in no list, quote or code.
    pub fn is_plain(&self) -> bool {
        self.first.is_empty() && !self.is_code
    }
}

fn write_line(out: &mut String, margin: &str, line: &str) {
    let from = out.len();
    out.push_str(margin);
    out.push_str(line);
    out.truncate(from + out[from..].trim_end().len());
    out.push('\n');
}

#[derive(Default)]
struct Prose {
    blocks: Vec<Block>,
    /// The words of the block in hand; `\n` where a line must end.
    words: String,
    /// What the block stands in, outermost first.
    margins: Vec<Margin>,
    /// The next number of each list around, `None` for one with `-`.
    lists: Vec<Option<u64>>,
    /// Each link around: its address, and where its words begin.
    links: Vec<(String, usize)>,
    in_code: bool,
    /// Whether a blank line comes before the next block.
    apart: bool,
}

/// What stands before the lines of an item or a quote: the first line has the mark.
struct Margin {
    mark: String,
    rest: String,
    marked: bool,
}

impl Prose {
    fn take(&mut self, event: Event<'_>, address: &dyn Fn(&str) -> String) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => self.links.push((address(&dest_url), self.words.len())),
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => self.words.push_str(&text),
            Event::SoftBreak => self.words.push(' '),
            Event::HardBreak => self.words.push('\n'),
            Event::Rule => {
                self.flush();
                self.words.push_str("---");
                self.end_block();
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::BlockQuote(_) => {
                self.flush();
                self.margins.push(Margin {
                    mark: "> ".to_owned(),
                    rest: "> ".to_owned(),
                    marked: false,
                });
            }
            Tag::CodeBlock(_) => {
                self.flush();
                self.in_code = true;
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                let mark = self.next_mark();
                self.margins.push(Margin {
                    rest: " ".repeat(mark.len()),
                    mark,
                    marked: false,
                });
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::HtmlBlock => self.end_block(),
            TagEnd::CodeBlock => {
                self.end_block();
                self.in_code = false;
            }
            TagEnd::BlockQuote(_) => {
                self.end_block();
                self.margins.pop();
            }
            TagEnd::Item => {
                self.flush();
                self.margins.pop();
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.apart |= self.lists.is_empty();
            }
            TagEnd::Link => self.end_link(),
            _ => {}
        }
    }

    fn next_mark(&mut self) -> String {
        match self.lists.last_mut() {
            Some(Some(next)) => {
                *next += 1;
                format!("{}. ", *next - 1)
            }
            _ => "- ".to_owned(),
        }
    }

    /// Writes the address behind the words, unless they are the address.
    fn end_link(&mut self) {
        let Some((address, from)) = self.links.pop() else {
            return;
        };
        let bare = address.strip_prefix("mailto:").unwrap_or(&address);
        match self.words.get(from..).unwrap_or_default().trim() {
            "" => self.words.push_str(bare),
            words if words == bare || words == address => {}
            _ => self.words.push_str(&format!(" ({bare})")),
        }
    }

    fn end_block(&mut self) {
        self.flush();
        self.apart = true;
    }

    /// Writes the words in hand, if there are any, as a block.
    fn flush(&mut self) {
        let words = std::mem::take(&mut self.words);
        if words.trim().is_empty() {
            return;
        }
        let marked = self.margins.iter().filter(|margin| margin.marked);
        let apart: String = marked.map(|margin| margin.rest.as_str()).collect();
        let first = self.margin();
        self.blocks.push(Block {
            words,
            apart: std::mem::take(&mut self.apart).then_some(apart),
            first,
            rest: self.margins.iter().map(|margin| margin.rest.as_str()).collect(),
            is_code: self.in_code,
        });
    }

    fn margin(&mut self) -> String {
        let part = |margin: &Margin| match margin.marked {
            true => margin.rest.clone(),
            false => margin.mark.clone(),
        };
        let margin = self.margins.iter().map(part).collect();
        self.margins.iter_mut().for_each(|margin| margin.marked = true);
        margin
    }
}

/// Breaks at blanks alone, so a word longer than the line, such as an address, stays whole.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut room = 0;
    for word in line.split([' ', '\t']).filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(last) if length < room => {
                last.push(' ');
                last.push_str(word);
                room -= length + 1;
            }
            _ => {
                lines.push(word.to_owned());
                room = width.saturating_sub(length);
            }
        }
    }
    lines
}
