//! Every figure of `vectors.json`, which was worked out apart from this code (METHOD.md).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use dripline::method::adaptive::{Candidate, Evidence, Known, choose};
use dripline::method::agreement::{Group, icc};
use dripline::method::calibrate::{Calibration, Pool};
use dripline::method::compare::{Sample, benjamini_hochberg, newcombe, welch};
use dripline::method::kappa::kappa;
use dripline::method::overlay::{adjusted_residuals, chi_square};
use dripline::method::points::{Given, Shape};
use dripline::method::score::{Answer, ContactSums, Score, company_score};
use dripline::method::segment::{Assignment, Profiles, assign};
use dripline::method::tenure::{months, tenure};
use dripline::method::tier::pareto;
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

/// The figure, or `NaN` for null.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(number).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

#[track_caller]
fn assert_close(found: f64, expected: &Value, what: &str) {
    let expected = number(expected);
    let close = (found - expected).abs() <= 1e-6 || (found.is_nan() && expected.is_nan());
    assert!(close, "{what}: found {found}, expected {expected}");
}

/// The options that are an opinion.
fn options(question: &Value) -> Vec<&Value> {
    question["options"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|option| option["no_opinion"] != true)
        .collect()
}

fn shape(question: &Value, need: &str) -> Shape {
    let load = |of: &Value| of["loads"][need].as_f64().unwrap_or(0.0);
    let weights = options(question).into_iter().map(load).collect();
    let count = |key: &str| question[key].as_u64().unwrap() as usize;
    match text(&question["kind"]) {
        "single_choice" => Shape::Choice { weights },
        "multiple_choice" => Shape::Picks {
            weights,
            min: count("min_picks"),
            max: count("max_picks"),
        },
        "ranking" => Shape::Ranking {
            weights,
            top: count("top"),
        },
        "best_worst" => Shape::BestWorst { weights },
        "allocation" => Shape::Allocation {
            weights,
            total: number(&question["total"]),
        },
        _ => Shape::Scale {
            min: number(&question["min"]),
            max: number(&question["max"]),
            weight: load(question),
        },
    }
}

/// `None` for "no opinion".
fn given(question: &Value, value: &Value) -> Option<Given> {
    let options = options(question);
    let place = |code: &Value| options.iter().position(|option| option["code"] == *code);
    let places = |codes: &Value| list(codes).iter().map(place).collect::<Option<Vec<usize>>>();
    match text(&question["kind"]) {
        "single_choice" => place(value).map(Given::Option),
        "multiple_choice" => places(value).map(Given::Options),
        "ranking" => places(value).map(Given::Ranked),
        "best_worst" => Some(Given::BestWorst {
            best: place(&value["best"])?,
            worst: place(&value["worst"])?,
        }),
        "allocation" => {
            let points = |option: &&Value| value[text(&option["code"])].as_f64().unwrap_or(0.0);
            Some(Given::Points(options.iter().map(points).collect()))
        }
        _ => value.as_f64().map(Given::Number),
    }
}

#[test]
fn points_of_one_answer() {
    for case in list(&vectors()["points"]) {
        let (question, expected) = (&case["question"], &case["expected"]);
        let shape = shape(question, text(&case["need"]));
        let (lo, hi) = shape.bounds();
        let points = shape.points(&given(question, &case["value"]).unwrap()).unwrap();
        assert_close(points, &expected["points"], &case.to_string());
        assert_close(lo, &expected["lo"], &case.to_string());
        assert_close(hi, &expected["hi"], &case.to_string());
    }
}

/// A company's answers: its contacts with their role weights and the percents per need.
#[derive(Default)]
struct Company {
    /// By contact: role weight, scored answers per need.
    contacts: BTreeMap<String, (f64, Vec<Vec<Answer>>)>,
    distinct: BTreeSet<(String, String)>,
}

fn companies(vectors: &Value, needs: &[&str]) -> BTreeMap<String, Company> {
    let mut newest = BTreeMap::new();
    for answer in list(&vectors["answers"]) {
        let at = NaiveDateTime::parse_from_str(text(&answer["at"]), "%Y-%m-%dT%H:%M:%SZ").unwrap();
        let (company, contact) = (text(&answer["company"]), text(&answer["contact"]));
        let kept = newest
            .entry((company, contact, text(&answer["question"])))
            .or_insert((at, answer));
        if at >= kept.0 {
            *kept = (at, answer);
        }
    }
    let mut companies = BTreeMap::<String, Company>::new();
    for ((company, contact, code), (at, answer)) in newest {
        let question = &vectors["questions"][code];
        let day = at.and_utc().timestamp() as f64 / 86_400.0;
        let company = companies.entry(company.into()).or_default();
        let nothing = || (number(&answer["role_weight"]), vec![vec![]; needs.len()]);
        let (_, by_need) = company.contacts.entry(contact.into()).or_insert_with(nothing);
        for (need, answers) in needs.iter().zip(by_need) {
            let scored = given(question, &answer["value"]).and_then(|given| shape(question, need).scored(&given));
            let Some(scored) = scored else { continue };
            answers.push(Answer {
                percent: scored.percent,
                range: scored.range,
                day,
            });
            company.distinct.insert((contact.into(), code.into()));
        }
    }
    companies
}

impl Company {
    fn score(&self, need: usize, half_life_days: Option<f64>) -> Option<(Vec<ContactSums>, Score)> {
        let sums =
            |(role, needs): &(f64, Vec<Vec<Answer>>)| Some((*role, ContactSums::of(&needs[need], half_life_days)?));
        let parts: Vec<_> = self.contacts.values().filter_map(sums).collect();
        Some((parts.iter().map(|(_, sums)| *sums).collect(), company_score(&parts)?))
    }
}

#[test]
fn scores_calibration_and_segments_of_companies() {
    let vectors = vectors();
    let needs: Vec<&str> = list(&vectors["needs"]).iter().map(text).collect();
    let companies = companies(&vectors, &needs);
    let segments: Vec<&str> = list(&vectors["segments"])
        .iter()
        .map(|segment| text(&segment["code"]))
        .collect();
    let profile = |segment: &Value| {
        needs
            .iter()
            .map(|n| segment["profile"][n].as_f64().unwrap_or(0.0))
            .collect()
    };
    let profiles: Vec<Vec<f64>> = list(&vectors["segments"]).iter().map(profile).collect();
    let profiles = Profiles::new(&profiles).unwrap();
    for run in list(&vectors["company_runs"]) {
        let half_life_days = run["half_life_days"].as_f64();
        let mut calibrations = vec![];
        for (place, need) in needs.iter().enumerate() {
            let mut pool = Pool::default();
            for (contacts, score) in companies
                .values()
                .filter_map(|company| company.score(place, half_life_days))
            {
                pool.add_company(&contacts, &score);
            }
            let (found, expected) = (pool.calibrate(), &run["calibration"][need]);
            assert_close(found.sigma2, &expected["sigma2"], need);
            assert_close(found.omega2, &expected["omega2"], need);
            assert_close(found.mu, &expected["mu"], need);
            assert_close(found.tau2, &expected["tau2"], need);
            calibrations.push(found);
        }
        assert_eq!(companies.len(), run["companies"].as_object().unwrap().len());
        for (code, company) in &companies {
            let expected = &run["companies"][code];
            assert_eq!(
                Some(company.distinct.len() as u64),
                expected["distinct_scored_answers"].as_u64(),
                "{code}"
            );
            let mut scores = vec![];
            for (place, need) in needs.iter().enumerate() {
                let (_, score) = company.score(place, half_life_days).unwrap();
                let expected = &expected["needs"][need];
                assert_close(score.value, &expected["score"], code);
                assert_close(f64::from(score.n), &expected["n"], code);
                assert_close(score.n_eff, &expected["n_eff"], code);
                assert_close(score.se(&calibrations[place]), &expected["se"], code);
                scores.push(Some((score.value, score.se(&calibrations[place]))));
            }
            let distinct = company.distinct.len() as u32;
            let Assignment::Assigned(found) = assign(&profiles, &scores, &calibrations, distinct, 3, None) else {
                panic!("{code} has no segment")
            };
            let expected = &expected["assignment"];
            assert_eq!(segments[found.segment], text(&expected["segment"]), "{code}");
            assert_eq!(
                segments[found.runner_up.unwrap()],
                text(&expected["runner_up"]),
                "{code}"
            );
            assert_close(found.margin.unwrap(), &expected["margin"], code);
            for (segment, fit) in segments.iter().zip(found.fits.unwrap()) {
                assert_close(fit, &expected["fits"][segment], code);
            }
            let confidence = number(&expected["confidence"]);
            assert!(
                (found.confidence.unwrap() - confidence).abs() <= 0.006,
                "{code}: {:?}",
                found.confidence
            );
        }
    }
}

#[test]
fn tenure_in_months() {
    for case in list(&vectors()["tenure"]) {
        let date = |key: &str| text(&case[key]).parse().unwrap();
        assert_eq!(
            Some(i64::from(months(date("since"), date("on")))),
            case["months"].as_i64(),
            "{case}"
        );
        assert_eq!(
            tenure(Some(date("since")), date("on"), 24).as_str(),
            text(&case["tenure"]),
            "{case}"
        );
    }
}

#[test]
fn comparison_of_new_and_long_standing() {
    for case in list(&vectors()["comparison"]) {
        let sample = |key: &str| Sample::of(&numbers(&case[key])).unwrap();
        let (found, expected) = (
            welch(&sample("new"), &sample("long_standing")).unwrap(),
            &case["expected"],
        );
        assert_close(found.difference, &expected["difference"], "difference");
        assert_close(found.low, &expected["low"], "low");
        assert_close(found.high, &expected["high"], "high");
        assert_close(found.df.unwrap(), &expected["df"], "df");
        assert_close(found.p.unwrap(), &expected["p"], "p");
        assert_close(found.hedges_g.unwrap(), &expected["hedges_g"], "hedges_g");
    }
}

#[test]
fn p_adjusted_over_the_needs() {
    for case in list(&vectors()["benjamini_hochberg"]) {
        let ps: Vec<_> = list(&case["p"]).iter().map(Value::as_f64).collect();
        for (found, expected) in benjamini_hochberg(&ps).into_iter().zip(list(&case["adjusted"])) {
            assert_close(found.unwrap_or(f64::NAN), expected, "adjusted p");
        }
    }
}

#[test]
fn difference_of_shares() {
    for case in list(&vectors()["newcombe"]) {
        let count = |key: &str| case[key].as_u64().unwrap();
        let found = newcombe(
            count("new"),
            count("new_n"),
            count("long_standing"),
            count("long_standing_n"),
        )
        .unwrap();
        assert_close(found.difference, &case["expected"]["difference"], "difference");
        assert_close(found.low, &case["expected"]["low"], "low");
        assert_close(found.high, &case["expected"]["high"], "high");
    }
}

#[test]
fn independence_of_segments_and_tenure() {
    for case in list(&vectors()["chi_square"]) {
        let row = |row: &Value| list(row).iter().map(|count| count.as_u64().unwrap()).collect();
        let table: Vec<Vec<u64>> = list(&case["table"]).iter().map(row).collect();
        let (found, expected) = (chi_square(&table).unwrap(), &case["expected"]);
        assert_close(found.chi2, &expected["chi2"], "chi2");
        assert_eq!(Some(found.df), expected["df"].as_u64());
        assert_close(found.p, &expected["p"], "p");
        assert_close(found.cramers_v, &expected["cramers_v"], "cramers_v");
        assert_close(found.min_expected, &expected["min_expected"], "min_expected");
        for (found, expected) in adjusted_residuals(&table).iter().zip(list(&case["adjusted_residuals"])) {
            for (found, expected) in found.iter().zip(list(expected)) {
                assert_close(found.unwrap_or(f64::NAN), expected, "residual");
            }
        }
    }
}

#[test]
fn agreement_of_contacts() {
    let case = &vectors()["agreement"];
    let groups: Vec<Group> = list(&case["groups"])
        .iter()
        .map(|group| Group::of(&numbers(group)).unwrap())
        .collect();
    for (group, expected) in groups.iter().zip(list(&case["r_wg"])) {
        assert_close(group.r_wg().unwrap_or(f64::NAN), expected, "r_wg");
    }
    let (found, expected) = (icc(&groups), &case["icc"]);
    assert_close(found.icc1.unwrap(), &expected["icc1"], "icc1");
    assert_close(found.icc2.unwrap(), &expected["icc2"], "icc2");
    assert_eq!(Some(found.companies), expected["companies"].as_u64());
    assert_eq!(Some(found.contacts), expected["contacts"].as_u64());
}

#[test]
fn value_tiers() {
    let case = &vectors()["pareto"];
    let revenue = case["revenue"].as_object().unwrap();
    let companies: Vec<_> = revenue
        .iter()
        .map(|(id, revenue)| (id.as_str(), revenue.as_f64()))
        .collect();
    for ((id, _), tier) in companies.iter().zip(pareto(&companies)) {
        assert_eq!(tier.as_str(), text(&case["tier"][*id]), "{id}");
    }
}

#[test]
fn sales_tags_against_survey() {
    let case = &vectors()["kappa"];
    let place = |code: &Value| ["a", "b", "c"].iter().position(|known| *known == text(code)).unwrap();
    let mut table = vec![vec![0; 3]; 3];
    for pair in list(&case["pairs"]) {
        table[place(&pair[0])][place(&pair[1])] += 1;
    }
    assert_close(kappa(&table).unwrap(), &case["expected"], "kappa");
}

#[test]
fn the_questions_to_ask_next() {
    let vectors = vectors();
    let needs: Vec<&str> = list(&vectors["needs"]).iter().map(text).collect();
    for case in list(&vectors["adaptive"]) {
        let known: Vec<Known> = needs.iter().map(|need| known(case, need)).collect();
        let codes: Vec<&str> = list(&case["pool"]).iter().map(text).collect();
        let pool: Vec<Candidate> = codes
            .iter()
            .map(|code| candidate(&vectors["questions"][*code], &needs))
            .collect();
        let ask = case["number"].as_u64().unwrap() as usize;
        let chosen = choose(&known, number(&case["role_weight"]), &pool, ask);
        let chosen: Vec<&str> = chosen.into_iter().map(|at| codes[at]).collect();
        let expected: Vec<&str> = list(&case["expected"]).iter().map(text).collect();
        assert_eq!(chosen, expected, "{case}");
    }
}

fn known(case: &Value, need: &str) -> Known {
    let figure = |name: &str| number(&case["calibration"][need][name]);
    let mut by_contact: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for answer in case["evidence"][need].as_array().into_iter().flatten() {
        by_contact
            .entry(text(&answer["contact"]))
            .or_default()
            .push(number(&answer["v"]));
    }
    let own = by_contact.remove(text(&case["contact"])).unwrap_or_default();
    Known {
        direction: number(&case["d"][need]),
        calibration: Calibration {
            sigma2: figure("sigma2"),
            omega2: figure("omega2"),
            mu: figure("mu"),
            tau2: figure("tau2"),
        },
        evidence: Evidence::of(&own, by_contact.values().map(Vec::as_slice)),
    }
}

fn candidate(question: &Value, needs: &[&str]) -> Candidate {
    let rows = question["rows"].as_array();
    let items: Vec<Value> = match rows {
        None => vec![question.clone()],
        Some(rows) => rows
            .iter()
            .map(|row| {
                let mut item = question.clone();
                item["loads"] = row["loads"].clone();
                item
            })
            .collect(),
    };
    let mut adds = Vec::new();
    for item in &items {
        for (at, need) in needs.iter().enumerate() {
            let (lo, hi) = shape(item, need).bounds();
            if hi > lo {
                adds.push((at, hi - lo));
            }
        }
    }
    Candidate { adds, answered: 0 }
}
