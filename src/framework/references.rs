//! What hangs on a need or on a segment: where the framework refers to it, and the framework without
//! those references.

use super::{Audience, ChoiceOption, Framework, Kind, Loads, Question, Row, StepContent};

/// The attribute of an audience that names segments.
const SEGMENT: &str = "segment";

/// A place of the framework that names a need or a segment by its code.
#[derive(Debug, Clone, PartialEq)]
pub enum Reference {
    /// Something of a question speaks for the need.
    Load {
        set: String,
        question: String,
        /// The question's text.
        text: String,
        /// The option or the row; none: the whole answer does.
        part: Option<String>,
        load: f64,
    },
    /// The segment's profile gives the need a weight.
    Profile { segment: String, name: String, weight: f64 },
    /// A step of a drip has a variant for the segment.
    Variant { drip: String, name: String, step: usize },
    /// A drip asks the segment.
    Audience { drip: String, name: String },
}

/// Where the need is loaded and weighed, in the order of the file; a weight of 0 counts, because the
/// file may not name a need that is not there.
pub fn of_need(framework: &Framework, need: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    for segment in &framework.segments {
        found.extend(segment.profile.get(need).map(|weight| Reference::Profile {
            segment: segment.code.clone(),
            name: segment.name.clone(),
            weight: *weight,
        }));
    }
    for (set, question) in framework.questions() {
        for (part, loads) in loads(question) {
            found.extend(loads.get(need).map(|load| Reference::Load {
                set: set.code.clone(),
                question: question.code.clone(),
                text: question.text.clone(),
                part: part.map(str::to_owned),
                load: *load,
            }));
        }
    }
    found
}

/// Which drips write to the segment or ask it, in the order of the file.
pub fn of_segment(framework: &Framework, segment: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    for drip in &framework.drips {
        let asked = drip.audience.any_of.get(SEGMENT);
        if asked.is_some_and(|segments| segments.iter().any(|known| known == segment)) {
            found.push(Reference::Audience {
                drip: drip.code.clone(),
                name: drip.name.clone(),
            });
        }
        for (at, step) in drip.steps.iter().enumerate() {
            if let StepContent::Message { message } = &step.content
                && message.contains_key(segment)
            {
                found.push(Reference::Variant {
                    drip: drip.code.clone(),
                    name: drip.name.clone(),
                    step: at + 1,
                });
            }
        }
    }
    found
}

/// The questions that load the need by more than 0 either way, each once.
pub fn questions_loading<'f>(framework: &'f Framework, need: &str) -> Vec<&'f Question> {
    let is_loading = |question: &&Question| {
        let mut loads = loads(question).into_iter();
        loads.any(|(_, loads)| loads.get(need).is_some_and(|load| *load != 0.0))
    };
    framework
        .questions()
        .map(|(_, question)| question)
        .filter(is_loading)
        .collect()
}

/// How many profiles give the need more than 0.
pub fn profiles_weighing(framework: &Framework, need: &str) -> usize {
    let weighs = |profile: &Loads| profile.get(need).is_some_and(|weight| *weight > 0.0);
    framework
        .segments
        .iter()
        .filter(|segment| weighs(&segment.profile))
        .count()
}

/// Takes the need out, and whatever refers to it.
pub fn remove_need(framework: &mut Framework, need: &str) {
    framework.needs.retain(|known| known.code != need);
    for segment in &mut framework.segments {
        segment.profile.remove(need);
    }
    for set in &mut framework.question_sets {
        for question in &mut set.questions {
            for loads in loads_mut(question) {
                loads.remove(need);
            }
        }
    }
}

/// Takes the segment out, and whatever refers to it. An audience that asked nobody else keeps the name
/// of the attribute out, and so would ask everybody: such a drip is named by [`left_asking_all`].
pub fn remove_segment(framework: &mut Framework, segment: &str) {
    framework.segments.retain(|known| known.code != segment);
    for drip in &mut framework.drips {
        remove_from_audience(&mut drip.audience, segment);
        for step in &mut drip.steps {
            if let StepContent::Message { message } = &mut step.content {
                message.remove(segment);
            }
        }
    }
}

/// The names of the drips that ask this segment alone. Without it they would ask every segment, so
/// nobody takes it out for them.
pub fn left_asking_all<'f>(framework: &'f Framework, segment: &str) -> Vec<&'f str> {
    let alone = |audience: &Audience| {
        let segments = audience.any_of.get(SEGMENT);
        segments.is_some_and(|segments| !segments.is_empty() && segments.iter().all(|known| known == segment))
    };
    let drips = framework.drips.iter().filter(|drip| alone(&drip.audience));
    drips.map(|drip| drip.name.as_str()).collect()
}

fn remove_from_audience(audience: &mut Audience, segment: &str) {
    let Some(segments) = audience.any_of.get_mut(SEGMENT) else {
        return;
    };
    segments.retain(|known| known != segment);
    if segments.is_empty() {
        audience.any_of.remove(SEGMENT);
    }
}

/// Each part of a question that has loads, with the words of the part; the whole answer has none.
fn loads(question: &Question) -> Vec<(Option<&str>, &Loads)> {
    let own = match &question.kind {
        Kind::Rating { loads, .. } | Kind::Nps { loads } => Some((None, loads)),
        _ => None,
    };
    let options = question.kind.options().iter();
    let options = options.map(|option| (Some(option.text.as_str()), &option.loads));
    let rows = question.kind.rows().iter();
    let rows = rows.map(|row| (Some(row.text.as_str()), &row.loads));
    own.into_iter().chain(options).chain(rows).collect()
}

fn loads_mut(question: &mut Question) -> Vec<&mut Loads> {
    fn of_options(options: &mut [ChoiceOption]) -> Vec<&mut Loads> {
        options.iter_mut().map(|option| &mut option.loads).collect()
    }
    match &mut question.kind {
        Kind::SingleChoice { options, .. }
        | Kind::MultipleChoice { options, .. }
        | Kind::Ranking { options, .. }
        | Kind::BestWorst { options, .. }
        | Kind::Allocation { options, .. } => of_options(options),
        Kind::Rating { loads, .. } | Kind::Nps { loads } => vec![loads],
        Kind::Matrix { rows, .. } => rows.iter_mut().map(|row: &mut Row| &mut row.loads).collect(),
        Kind::Text { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::{check, read};

    fn example() -> Framework {
        read::toml(include_str!("../../tests/it/support/framework.toml")).unwrap()
    }

    #[test]
    fn what_refers_to_a_need_is_found_in_every_kind_of_question() {
        let framework = example();
        for need in &framework.needs {
            let found = of_need(&framework, &need.code);
            let mut without = framework.clone();
            without.needs.retain(|known| known.code != need.code);
            // Whatever the check would then complain of is named, and nothing else.
            let is_missing = |problem: &&crate::framework::fault::Problem| problem.message.contains("there is no need");
            let complaints = check::check(&without);
            assert_eq!(
                complaints.iter().filter(is_missing).count(),
                found.len(),
                "{}: {found:#?}",
                need.code
            );
        }
        assert_eq!(profiles_weighing(&framework, "assurance"), 2);
        assert!(questions_loading(&framework, "efficiency").len() > 3);
    }

    #[test]
    fn a_need_taken_out_leaves_nothing_that_names_it() {
        let mut framework = example();
        remove_need(&mut framework, "assurance");
        assert!(of_need(&framework, "assurance").is_empty());
        let said: Vec<String> = check::check(&framework)
            .into_iter()
            .map(|problem| problem.message)
            .collect();
        assert!(said.iter().all(|message| !message.contains("assurance")), "{said:?}");
    }

    #[test]
    fn a_segment_taken_out_goes_from_letters_and_audiences() {
        let mut framework = example();
        let segment = "efficiency-seekers";
        assert!(!of_segment(&framework, segment).is_empty());
        framework.drips[0]
            .audience
            .any_of
            .insert(SEGMENT.to_owned(), vec![segment.to_owned()]);
        assert_eq!(left_asking_all(&framework, segment), [framework.drips[0].name.as_str()]);
        remove_segment(&mut framework, segment);
        assert!(of_segment(&framework, segment).is_empty() && framework.segment(segment).is_none());
        assert!(left_asking_all(&framework, segment).is_empty());
    }
}
