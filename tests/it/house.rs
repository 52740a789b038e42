//! Who may know what, kept true: each test reads the sources and names every line that breaks a rule.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One file under the package's folder: its path from there, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The room, as `lib.rs` names it: `src/store/db.rs` and `src/store.rs` are in `store`.
    fn room(&self) -> &str {
        let inner = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs")
    }

    fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Lines that are no comment, with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = (1..).zip(self.text.lines());
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn at(&self, line: usize, what: impl std::fmt::Display) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

fn files(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut found: Vec<PathBuf> = vec![];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path)
            } else {
                found.push(path)
            }
        }
    }
    found.sort();
    let source = |path: &PathBuf| {
        let text = std::fs::read(path).expect("a readable file");
        let path = path
            .strip_prefix(root)
            .expect("a file of ours")
            .to_string_lossy()
            .replace('\\', "/");
        Source {
            path,
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    };
    found.iter().map(source).collect()
}

fn sources() -> Vec<Source> {
    files("src")
        .into_iter()
        .filter(|source| source.path.ends_with(".rs"))
        .collect()
}

/// The rooms in the order in which `lib.rs` lists them.
fn rooms() -> Vec<String> {
    let map = include_str!("../../src/lib.rs");
    let room = |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    map.lines().filter_map(room).collect()
}

/// The rooms that a line names after `crate::`, also those grouped in braces on that line.
fn rooms_named(line: &str) -> Vec<String> {
    let word = |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let mut named = vec![];
    for (start, found) in line.match_indices("crate::") {
        let rest = &line[start + found.len()..];
        match rest.strip_prefix('{') {
            None => named.push(word(rest)),
            Some(group) => {
                let mut depth = 1;
                let mut item = true;
                for (place, sign) in group.char_indices() {
                    match sign {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 1 => item = true,
                        sign if item && !sign.is_whitespace() => {
                            named.push(word(&group[place..]));
                            item = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    named
}

/// True when `word` stands in the line as a word of its own.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(start, _)| !line[..start].ends_with(is_part) && !line[start + word.len()..].starts_with(is_part))
}

#[track_caller]
fn assert_kept(rule: &str, broken: Vec<String>) {
    assert!(broken.is_empty(), "{rule}\n  {}", broken.join("\n  "));
}

#[test]
fn a_room_imports_only_rooms_above_it() {
    let rooms = rooms();
    let place = |room: &str| rooms.iter().position(|listed| listed == room);
    let mut broken = vec![];
    for source in sources() {
        let Some(own) = place(source.room()) else { continue };
        // A `use` may run over several lines; joined, its braces close.
        let mut open = String::new();
        for (line, code) in source.code() {
            open += code;
            if open.contains("crate::{") && !code.contains(';') {
                continue;
            }
            for named in rooms_named(&std::mem::take(&mut open)) {
                if place(&named).is_some_and(|place| place > own) {
                    broken.push(source.at(line, format!("{} knows {named}", source.room())));
                }
            }
        }
    }
    assert_kept("imports point up the list in lib.rs", broken);
}

#[test]
fn pure_rooms_import_pure_rooms_and_do_nothing_but_reckon() {
    const PURE: [&str; 5] = ["method", "framework", "library", "text", "phrases"];
    /// Plain types of keys, and times as text: neither asks anything of the outside.
    const PLAIN: [&str; 2] = ["ids", "clock"];
    const OUTSIDE: [&str; 9] = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "tokio",
        "async",
        "tracing",
        "Clock",
    ];
    let rooms = rooms();
    let mut broken = vec![];
    for source in sources().iter().filter(|source| PURE.contains(&source.room())) {
        for (line, code) in source.code() {
            let named = rooms_named(code).into_iter().filter(|named| rooms.contains(named));
            let impure = named.filter(|named| !PURE.contains(&named.as_str()) && !PLAIN.contains(&named.as_str()));
            broken.extend(impure.map(|named| source.at(line, format!("knows {named}"))));
            let outside = OUTSIDE.iter().filter(|word| has_word(code, word));
            broken.extend(outside.map(|word| source.at(line, word)));
        }
    }
    assert_kept(
        "pure rooms know no database, no HTTP, no files, no clock, no async",
        broken,
    );
}

#[test]
fn each_library_stays_in_its_room() {
    type Place = fn(&Source) -> bool;
    let places: [(&str, Place, &str); 8] = [
        (
            "diesel",
            |at| at.room() == "store" || at.file_name() == "queries.rs",
            "store/ and queries.rs",
        ),
        (
            "sql_query",
            |at| at.room() == "store" || at.file_name() == "queries.rs",
            "store/ and queries.rs",
        ),
        ("actix_web", |at| at.room() == "web", "web/"),
        ("actix_multipart", |at| at.room() == "web", "web/"),
        (
            "askama",
            |at| at.room() == "web" || at.path == "src/mail/letters.rs",
            "web/ and mail/letters.rs",
        ),
        (
            "lettre",
            |at| at.path.starts_with("src/mail/transport"),
            "mail/transport.rs and the files under it",
        ),
        ("Utc::now", |at| at.path == "src/clock.rs", "clock.rs"),
        ("SystemTime", |at| at.path == "src/clock.rs", "clock.rs"),
    ];
    let mut broken = vec![];
    for source in sources() {
        for (line, code) in source.code() {
            let strays = places
                .iter()
                .filter(|(word, is_home, _)| has_word(code, word) && !is_home(&source));
            broken.extend(strays.map(|(word, _, home)| source.at(line, format!("{word} belongs in {home}"))));
        }
    }
    assert_kept("each library has its place", broken);
}

#[test]
fn no_query_is_put_together_from_text() {
    let mut broken = vec![];
    for source in sources() {
        let whole: String = source.text.split_whitespace().collect();
        if whole.contains("sql_query(format!") || whole.contains("sql_query(&format!") || whole.contains("sql(&format!")
        {
            broken.push(source.path.clone());
        }
    }
    assert_kept("values are bound, never written into a statement", broken);
}

#[test]
fn only_the_command_line_prints() {
    let mut broken = vec![];
    for source in sources()
        .iter()
        .filter(|source| source.room() != "cli" && source.room() != "main")
    {
        for (line, code) in source.code() {
            let prints = ["println!", "eprintln!", "print!", "eprint!", "dbg!"];
            let printing = prints
                .iter()
                .find(|print| has_word(code, print.trim_end_matches('!')) && code.contains(*print));
            broken.extend(printing.map(|print| source.at(line, print)));
        }
    }
    assert_kept("rooms below the command line log, and print nothing", broken);
}

#[test]
fn every_room_says_what_it_is_for() {
    let doors = sources().into_iter().filter(|source| {
        source.file_name() == "mod.rs" || rooms().iter().any(|room| source.path == format!("src/{room}.rs"))
    });
    let silent = doors
        .filter(|source| source.code().any(|(_, line)| !line.trim().is_empty()) && !source.text.starts_with("//! "));
    assert_kept(
        "a room opens with what it is for",
        silent.map(|source| source.path).collect(),
    );
}

#[test]
fn both_databases_have_the_same_migrations() {
    let of = |database: &str| -> Vec<(String, String)> {
        let folder = format!("migrations/{database}");
        let files = files(&folder).into_iter();
        files
            .map(|file| {
                (
                    file.path.trim_start_matches(&folder).to_owned(),
                    spelt_for_both(&file.text),
                )
            })
            .collect()
    };
    let (sqlite, postgres) = (of("sqlite"), of("postgres"));
    assert!(!sqlite.is_empty());
    let names =
        |files: &[(String, String)]| -> BTreeSet<String> { files.iter().map(|(name, _)| name.clone()).collect() };
    assert_eq!(names(&sqlite), names(&postgres), "the folders hold the same names");
    for ((name, here), (_, there)) in sqlite.iter().zip(&postgres) {
        let differing = here.lines().zip(there.lines()).find(|(here, there)| here != there);
        assert_eq!(
            differing, None,
            "{name}: beyond the spellings that migrations/README.md allows"
        );
        assert_eq!(
            here.lines().count(),
            there.lines().count(),
            "{name}: one side is longer"
        );
    }
}

/// The spellings in which the two databases differ, made one.
fn spelt_for_both(sql: &str) -> String {
    let sql = sql.replace(
        "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        "INTEGER PRIMARY KEY",
    );
    sql.replace("BYTEA", "BLOB").replace(") WITHOUT ROWID;", ");")
}

#[test]
fn every_template_is_used() {
    let mut used = String::new();
    for source in sources() {
        used += &source.text;
    }
    let templates = files("templates");
    for template in &templates {
        used += &template.text;
    }
    let name = |template: &Source| template.path.trim_start_matches("templates/").to_owned();
    let unused = templates
        .iter()
        .map(name)
        .filter(|name| !used.contains(&format!("\"{name}\"")));
    assert_kept(
        "each template is named by some `path = \"…\"` or by another template",
        unused.collect(),
    );
}

#[test]
fn templates_leave_escaping_on() {
    let mut broken = vec![];
    for template in files("templates") {
        for (line, text) in (1..).zip(template.text.lines()) {
            let plain: String = text.split_whitespace().collect();
            if plain.contains("|safe") || plain.contains("autoescape") || plain.contains("|escape(\"none\"") {
                broken.push(template.at(line, text.trim()));
            }
        }
    }
    assert_kept(
        "what is shown is escaped; made-up HTML comes as a type of its own",
        broken,
    );
}

/// The pages' Content-Security-Policy forbids both; mail programs on the other hand know nothing else.
#[test]
fn pages_hold_no_script_and_no_style() {
    let mut broken = vec![];
    for template in files("templates")
        .iter()
        .filter(|template| !template.path.starts_with("templates/mail/"))
    {
        for (line, text) in (1..).zip(template.text.lines()) {
            let attributes = text
                .split_whitespace()
                .filter_map(|word| word.split_once('='))
                .map(|(name, _)| name);
            let mut inline = attributes.filter(|name| *name == "style" || is_handler(name));
            let bare_script = text.contains("<script") && !text.contains("src=");
            if bare_script || text.contains("<style") || text.contains("javascript:") || inline.next().is_some() {
                broken.push(template.at(line, text.trim()));
            }
        }
    }
    assert_kept("scripts and styles are files of their own", broken);
}

/// `onclick`, `onsubmit`, …
fn is_handler(attribute: &str) -> bool {
    attribute
        .strip_prefix("on")
        .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_lowercase()))
}
