//! The translation files, read once.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::{Language, Value};

/// A language's files with their names. Each room that speaks to respondents has one.
macro_rules! files {
    ($language:literal) => {
        &[
            (
                "words",
                include_str!(concat!("../../locales/", $language, "/words.ftl")),
            ),
            ("mail", include_str!(concat!("../../locales/", $language, "/mail.ftl"))),
            (
                "answers",
                include_str!(concat!("../../locales/", $language, "/answers.ftl")),
            ),
            (
                "respond",
                include_str!(concat!("../../locales/", $language, "/respond.ftl")),
            ),
            (
                "giveback",
                include_str!(concat!("../../locales/", $language, "/giveback.ftl")),
            ),
            (
                "preferences",
                include_str!(concat!("../../locales/", $language, "/preferences.ftl")),
            ),
            (
                "errors",
                include_str!(concat!("../../locales/", $language, "/errors.ftl")),
            ),
        ]
    };
}

pub(super) fn files(language: Language) -> &'static [(&'static str, &'static str)] {
    match language {
        Language::English => files!("en"),
        Language::German => files!("de"),
        Language::French => files!("fr"),
        Language::Spanish => files!("es"),
    }
}

static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 4]> = LazyLock::new(|| Language::ALL.map(bundle));

/// The text in that language, else in English, else the key itself: a page with a hole in it helps
/// nobody. Tests see to it that only the first ever happens.
pub(super) fn text(language: Language, key: &str, values: &[(&str, Value)]) -> String {
    let text = find(language, key, values).or_else(|| find(Language::English, key, values));
    debug_assert!(text.is_some(), "no text has the key {key}");
    text.unwrap_or_else(|| key.to_owned())
}

fn find(language: Language, key: &str, values: &[(&str, Value)]) -> Option<String> {
    let place = Language::ALL.iter().position(|listed| *listed == language)?;
    let bundle = &BUNDLES[place];
    let pattern = bundle.get_message(key)?.value()?;
    let mut args = FluentArgs::with_capacity(values.len());
    for (name, value) in values {
        match value {
            Value::Number(number) => args.set(*name, *number),
            Value::Text(text) => args.set(*name, *text),
        }
    }
    let mut faults = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&args), &mut faults).into_owned();
    debug_assert!(faults.is_empty(), "{key} in {language}: {faults:?}");
    Some(text)
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let locale = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // The marks around each value would be copied along with it, into addresses and file names too.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::English => |value, _| grouped(value, ","),
        Language::German => |value, _| grouped(value, "."),
        Language::French => |value, _| grouped(value, "\u{202F}"),
        Language::Spanish => |value, _| grouped(value, "\u{A0}"),
    }));
    for (_, text) in files(language) {
        // What could be read of a faulty file is used; a test finds the fault.
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource);
        let _ = bundle.add_resource(resource);
    }
    bundle
}

/// The number with its thousands apart, as the language writes it, where there are thousands worth it.
fn grouped(value: &FluentValue, between: &str) -> Option<String> {
    let FluentValue::Number(number) = value else {
        return None;
    };
    let whole = number.value as i64;
    if whole.unsigned_abs() < 10_000 {
        return None;
    }
    let digits = whole.unsigned_abs().to_string();
    let mut text = String::from(if whole < 0 { "\u{2212}" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push_str(between);
        }
        text.push(digit);
    }
    Some(text)
}
