//! axe-core in a real browser: what it finds on a page that keeps somebody out, in every view of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Chrome, left_out};

/// A browser with axe-core in every page.
pub struct Axe {
    pub chrome: Chrome,
}

/// How a page is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    Light,
    Dark,
    /// As wide as a small phone.
    Narrow,
    ForcedColours,
    /// Narrow, but for colours: they are the same as in a wide window, and what a strip has scrolled
    /// out of sight has none that could be told.
    NarrowShapes,
}

/// Hands what axe found to the script's last argument.
const LOOK: &str = "
    const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
    requestAnimationFrame(() => {
        // Colours that are under way would be taken for those of the page.
        for (const animation of document.getAnimations()) animation.finish();
        // A bar that sticks to the window's edge covers whatever one has happened to scroll below it.
        for (const bar of document.querySelectorAll('.editor-end, .save-bar')) bar.style.position = 'static';
        axe.run(document, {
            runOnly: { type: 'tag', values: tags },
            rules: {
                'target-size': { enabled: true },
                'color-contrast': { enabled: hasColours },
                // A letter stands in a frame without scripts, where axe cannot be.
                'frame-tested': { enabled: false },
            },
            resultTypes: ['violations', 'incomplete'],
        }).then(
            found => done({ violations: found.violations, incomplete: found.incomplete, passes: found.passes.length }),
            error => done({ error: String(error) }),
        );
    });";

impl View {
    /// For the pages behind mailed links.
    pub const ALL: [View; 4] = [View::Light, View::Dark, View::Narrow, View::ForcedColours];
    /// For the back office.
    pub const OFFICE: [View; 3] = [View::Light, View::Dark, View::NarrowShapes];
}

impl Axe {
    /// `None`, and noted as left out, where there is no browser or no axe-core: `tests/axe.sh` puts
    /// it where it is looked for, unless `DRIPLINE_AXE` names the file.
    pub fn open(test: &str) -> Option<Axe> {
        let Some(script) = script() else {
            left_out::note("axe", test);
            return None;
        };
        let chrome = Chrome::open(test)?;
        let script = std::fs::read_to_string(script).expect("axe-core is readable");
        // So it is in frames, too.
        chrome.command("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
        Some(Axe { chrome })
    }

    /// What is wrong with the page that the browser shows, in each of these views: a line each.
    pub fn look(&self, page: &str, views: &[View]) -> Vec<String> {
        let mut seen: BTreeMap<String, Vec<View>> = BTreeMap::new();
        for view in views {
            for fault in self.look_as(page, *view) {
                seen.entry(fault).or_default().push(*view);
            }
        }
        self.show_as(View::Light);
        seen.into_iter()
            .map(|(fault, views)| format!("{page} {views:?} {fault}"))
            .collect()
    }

    fn show_as(&self, view: View) {
        let scheme = if view == View::Dark { "dark" } else { "light" };
        let forced = if view == View::ForcedColours { "active" } else { "none" };
        self.chrome
            .emulate(&[("prefers-color-scheme", scheme), ("forced-colors", forced)]);
        let is_narrow = matches!(view, View::Narrow | View::NarrowShapes);
        self.chrome.resize(is_narrow.then_some(360));
    }

    fn look_as(&self, page: &str, view: View) -> Vec<String> {
        self.show_as(view);
        let found = self.chrome.run_to_end(&format!(
            "const hasColours = {};
             {LOOK}",
            view != View::NarrowShapes
        ));
        assert!(found["error"].is_null(), "{page}: {found}");
        assert!(found["passes"].as_u64() > Some(0), "{page}: nothing was looked at");
        let mut faults = vec![];
        for (kind, rules) in [
            ("violation", &found["violations"]),
            ("incomplete", &found["incomplete"]),
        ] {
            for rule in rules.as_array().into_iter().flatten() {
                for node in rule["nodes"].as_array().into_iter().flatten() {
                    if !is_drawn_text(kind, rule, node) && !is_sign(kind, rule, node) {
                        faults.push(line(kind, rule, node));
                    }
                }
            }
        }
        faults
    }
}

/// axe cannot tell what stands behind a text of a drawing; its colours are those of the words around it.
fn is_drawn_text(kind: &str, rule: &Value, node: &Value) -> bool {
    let is_of_drawing = node["html"].as_str().is_some_and(|html| html.starts_with("<text"));
    kind == "incomplete" && rule["id"] == "color-contrast" && is_of_drawing
}

/// axe measures the contrast of words alone: a tick or a cross is none, and stands beside words that say the same.
fn is_sign(kind: &str, rule: &Value, node: &Value) -> bool {
    let says = |words: &str| {
        let summary = node["failureSummary"].as_str();
        summary.is_some_and(|summary| summary.contains(words))
    };
    kind == "incomplete" && rule["id"] == "color-contrast" && says("only non-text characters")
}

fn line(kind: &str, rule: &Value, node: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let summary = text(&node["failureSummary"]).replace('\n', " ");
    let html: String = text(&node["html"]).chars().take(160).collect();
    format!("{kind} {}: {} {html} {summary}", text(&rule["id"]), node["target"])
}

fn script() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("DRIPLINE_AXE") {
        return Some(PathBuf::from(named)).filter(|path| path.is_file());
    }
    let version = include_str!("../../axe.sh")
        .lines()
        .find_map(|line| line.strip_prefix("version="))
        .expect("the script names a version");
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = target
        .parent()?
        .join(format!("axe-{version}/node_modules/axe-core/axe.min.js"));
    file.is_file().then_some(file)
}
