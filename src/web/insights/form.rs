//! The form that narrows all figures of a page, and the same filter spelt out.

use crate::design::Design;
use crate::insight::filter::ATTRIBUTE;
use crate::insight::{Attribute, Filter, attribute, filter};
use crate::method::tenure::Tenure;
use crate::web::figures::tenure_word;
use crate::web::words;

pub struct FilterForm {
    /// What is asked for most.
    pub selects: Vec<Select>,
    /// Columns and attributes that few have use for.
    pub more: Vec<Select>,
    pub from: String,
    pub to: String,
    /// Something is chosen.
    pub is_active: bool,
    /// … of what stands under `more`.
    pub is_more_active: bool,
}

pub struct Select {
    pub name: String,
    pub label: String,
    pub options: Vec<Choice>,
    /// There are too many values to list: they are typed.
    pub typed: Option<String>,
}

pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

impl FilterForm {
    pub fn new(design: &Design, filter: &Filter, attributes: &[Attribute]) -> FilterForm {
        let segments = design.framework.segments.iter();
        let segments = segments.map(|segment| (segment.code.clone(), segment.name.clone()));
        let tenures = Tenure::ALL.map(|tenure| (tenure.as_str().to_owned(), tenure_word(tenure).to_owned()));
        let tiers = ["A", "B", "C", "unknown"].map(|tier| (tier.to_owned(), tier.to_owned()));
        let chosen: Vec<String> = filter.tenure.iter().map(|tenure| tenure.as_str().to_owned()).collect();
        let mut selects = vec![
            select("segment", "Segment", segments.collect(), &filter.segment),
            select("tenure", "Tenure", tenures.into(), &chosen),
            select("tier", "Value tier", tiers.into(), &filter.tier),
        ];
        let lists = [
            ("industry", "Industry", &filter.industry),
            ("country", "Country", &filter.country),
            ("behaviour", "Behaviour", &filter.behaviour),
        ];
        for (name, label, chosen) in lists {
            let known = attributes.iter().find(|attribute| attribute.name == name);
            let values = known.map_or(&[][..], |known| &known.values);
            let chosen: Vec<String> = chosen.iter().map(|value| filter::word(value)).collect();
            let values = values.iter().map(|value| (filter::word(value), value.clone()));
            selects.push(select(name, label, values.collect(), &chosen));
        }
        selects.retain(|select| !select.options.is_empty());
        let other = attributes
            .iter()
            .filter(|attribute| !["industry", "country", "behaviour", "tier"].contains(&attribute.name.as_str()));
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let everyone = Filter {
            owners: filter.owners.clone(),
            ..Filter::default()
        };
        FilterForm {
            selects,
            more: other.map(|attribute| of_attribute(attribute, filter)).collect(),
            from: day(filter.from),
            to: day(filter.to),
            is_active: *filter != everyone,
            is_more_active: !filter.attributes.is_empty(),
        }
    }
}

fn of_attribute(attribute: &Attribute, filter: &Filter) -> Select {
    let chosen = filter.attributes.get(&attribute.name).map_or(&[][..], Vec::as_slice);
    let values = attribute.values.iter().map(|value| (value.clone(), value.clone()));
    let name = format!("{ATTRIBUTE}{}", attribute.name);
    let mut select = select(&name, &attribute_label(&attribute.name), values.collect(), chosen);
    if attribute.is_cut {
        select.typed = Some(chosen.first().cloned().unwrap_or_default());
    }
    select
}

/// What readers call an attribute.
pub fn attribute_label(name: &str) -> String {
    let known = match name {
        "customer_type" => "Kind of customer",
        "tier" => "Value tier",
        attribute::EMPLOYEES => "Employees",
        _ if attribute::COLUMNS.contains(&name) => {
            let words = words::readable(name);
            let mut signs = words.chars();
            return signs
                .next()
                .map_or(String::new(), |first| first.to_uppercase().chain(signs).collect());
        }
        _ => name,
    };
    known.to_owned()
}

fn select(name: &str, label: &str, values: Vec<(String, String)>, chosen: &[String]) -> Select {
    let option = |(value, label): (String, String)| Choice {
        is_chosen: chosen.contains(&value),
        value,
        label,
    };
    Select {
        name: name.to_owned(),
        label: label.to_owned(),
        options: values.into_iter().map(option).collect(),
        typed: None,
    }
}

/// The filter in words, one phrase for each thing chosen: "Tenure: new or unknown".
pub fn words(design: &Design, filter: &Filter) -> Vec<String> {
    let or = |values: Vec<String>| values.join(" or ");
    let segment = |code: &String| {
        design
            .framework
            .segment(code)
            .map_or(code.clone(), |known| known.name.clone())
    };
    let mut said = vec![];
    let mut say = |label: &str, values: Vec<String>| {
        if !values.is_empty() {
            said.push(format!("{label}: {}", or(values)));
        }
    };
    say("Segment", filter.segment.iter().map(segment).collect());
    let tenures = filter.tenure.iter().map(|tenure| tenure_word(*tenure).to_owned());
    say("Tenure", tenures.collect());
    say("Value tier", filter.tier.clone());
    say("Industry", filter.industry.clone());
    say("Country", filter.country.clone());
    say("Behaviour", filter.behaviour.clone());
    for (name, values) in &filter.attributes {
        say(&attribute_label(name), values.clone());
    }
    let day = |day: &chrono::NaiveDate| crate::text::figures::date(day);
    match (&filter.from, &filter.to) {
        (Some(from), Some(to)) => said.push(format!("Last answer: {} to {}", day(from), day(to))),
        (Some(from), None) => said.push(format!("Last answer: from {}", day(from))),
        (None, Some(to)) => said.push(format!("Last answer: up to {}", day(to))),
        (None, None) => {}
    }
    said
}
