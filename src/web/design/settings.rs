//! The rules that hold for all, each with what it means beside it; and how much each role weighs.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;
use serde_json::{Map, Value, json};

use super::typed::{self, Faults};
use super::{Tab, words};
use crate::accounts::{Role as UserRole, User};
use crate::clock::Clock;
use crate::config::Config;
use crate::design::{self, Design};
use crate::drip::offers;
use crate::framework::{self, Cap, Framework};
use crate::ids::FrameworkId;
use crate::reframe::edit::{self as change, Refusal};
use crate::store::{self, Conn, Db};
use crate::web::error::AppError;
use crate::web::form::Form;
use crate::web::page::{Page, see_other_with_notice};
use crate::web::session::{Admin, Analyst};

/// More roles than any framework may have are none.
const MOST_ROLES: usize = 200;

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    pub tenure_threshold_months: String,
    pub min_scored_answers: String,
    pub half_life_days: String,
    pub contact_count: String,
    pub contact_days: String,
    pub company_count: String,
    pub company_days: String,
    pub min_group: String,
    /// Code and weight.
    pub roles: Vec<(String, String)>,
}

impl Draft {
    fn of_framework(framework: &Framework) -> Draft {
        let settings = &framework.settings;
        let count = |cap: Option<Cap>| cap.map(|cap| cap.count.to_string()).unwrap_or_default();
        let days = |cap: Option<Cap>| cap.map(|cap| cap.days.to_string()).unwrap_or_default();
        let roles = framework.roles.iter();
        Draft {
            tenure_threshold_months: settings.tenure_threshold_months.to_string(),
            min_scored_answers: settings.min_scored_answers.to_string(),
            half_life_days: settings.half_life_days.map(|days| days.to_string()).unwrap_or_default(),
            contact_count: count(settings.max_mails_per_contact),
            contact_days: days(settings.max_mails_per_contact),
            company_count: count(settings.max_mails_per_company),
            company_days: days(settings.max_mails_per_company),
            min_group: settings.min_group.to_string(),
            roles: roles.map(|role| (role.code.clone(), role.weight.to_string())).collect(),
        }
    }

    fn read(form: &Form) -> Draft {
        let mut draft = Draft::default();
        for (name, value) in &form.0 {
            let value = value.clone();
            match name.as_str() {
                "settings.tenure_threshold_months" => draft.tenure_threshold_months = value,
                "settings.min_scored_answers" => draft.min_scored_answers = value,
                "settings.half_life_days" => draft.half_life_days = value,
                "settings.max_mails_per_contact.count" => draft.contact_count = value,
                "settings.max_mails_per_contact.days" => draft.contact_days = value,
                "settings.max_mails_per_company.count" => draft.company_count = value,
                "settings.max_mails_per_company.days" => draft.company_days = value,
                "settings.min_group" => draft.min_group = value,
                name => draft.take_role(name, value),
            }
        }
        draft
    }

    fn take_role(&mut self, name: &str, value: String) {
        let Some((at, field)) = name.strip_prefix("roles[").and_then(|rest| rest.split_once("].")) else {
            return;
        };
        let Some(at) = at.parse().ok().filter(|at: &usize| *at < MOST_ROLES) else {
            return;
        };
        if self.roles.len() <= at {
            self.roles.resize_with(at + 1, Default::default);
        }
        match field {
            "code" => self.roles[at].0 = value,
            "weight" => self.roles[at].1 = value,
            _ => {}
        }
    }

    /// The rules, read and checked with the rest of this framework. A line of roles that is blank is none.
    fn checked(&self, framework: &Framework) -> Result<Framework, Faults> {
        let mut settings = Map::new();
        let plain = [
            ("tenure_threshold_months", &self.tenure_threshold_months),
            ("min_scored_answers", &self.min_scored_answers),
            ("half_life_days", &self.half_life_days),
            ("min_group", &self.min_group),
        ];
        for (key, typed) in plain {
            put(&mut settings, key, typed);
        }
        let caps = [
            ("max_mails_per_contact", &self.contact_count, &self.contact_days),
            ("max_mails_per_company", &self.company_count, &self.company_days),
        ];
        for (key, count, days) in caps {
            let mut cap = Map::new();
            put(&mut cap, "count", count);
            put(&mut cap, "days", days);
            if !cap.is_empty() {
                settings.insert(key.into(), Value::Object(cap));
            }
        }
        let role = |(code, weight): &(String, String)| {
            let mut role = Map::new();
            role.insert("code".into(), json!(code.trim()));
            put(&mut role, "weight", weight);
            Value::Object(role)
        };
        let mut tree = framework::write::tree(framework);
        tree.insert("settings".into(), Value::Object(settings));
        tree.insert("roles".into(), self.roles.iter().map(role).collect());
        let fault = |fault| typed::by_field("", fault);
        framework::read::json(&Value::Object(tree).to_string())
            .map_err(|faults| Faults(faults.into_iter().map(fault).collect()))
    }

    fn drop_blank_roles(&mut self) {
        let is_blank = |typed: &String| typed.trim().is_empty();
        self.roles
            .retain(|(code, weight)| !(is_blank(code) && is_blank(weight)));
    }
}

fn put(tree: &mut Map<String, Value>, key: &str, typed: &str) {
    if !typed.trim().is_empty() {
        tree.insert(key.to_owned(), typed::number(typed));
    }
}

#[derive(Template)]
#[template(path = "design/settings/edit.html")]
pub struct Edit {
    draft: Draft,
    faults: Faults,
    overtaken: Option<Vec<String>>,
    /// Roles that contacts have, and the framework does not weigh.
    others: Vec<String>,
    is_admin: bool,
    seen: FrameworkId,
}

impl Edit {
    fn load(conn: &mut Conn, design: &Design, draft: Draft, user: &User) -> store::Result<Edit> {
        // Without the roles of the framework the offers are those that contacts have.
        let unweighed = Framework {
            segments: design.framework.segments.clone(),
            ..Framework::default()
        };
        let offers = offers::list(conn, &unweighed)?.into_iter();
        let of_roles = offers.filter(|offer| offer.attribute == "role");
        let others = of_roles.flat_map(|offer| offer.values);
        Ok(Edit {
            others: others
                .filter(|role| design.framework.roles.iter().all(|known| known.code != *role))
                .collect(),
            draft,
            faults: Faults::default(),
            overtaken: None,
            is_admin: user.role.may(UserRole::Admin),
            seen: design.id,
        })
    }
}

/// `GET /design/settings`
pub async fn edit(Analyst(user): Analyst, db: Data<Db>) -> Result<Page<Edit>, AppError> {
    let page = db
        .read(move |conn| {
            let design = design::current(conn)?;
            Edit::load(conn, &design, Draft::of_framework(&design.framework), &user)
        })
        .await?;
    Ok(Page(page))
}

/// What a button of the form does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Do {
    Save,
    Add,
    Remove(usize),
}

impl Do {
    fn parse(text: &str) -> Option<Do> {
        match text.split_once(':').unwrap_or((text, "")) {
            ("save", _) => Some(Do::Save),
            ("add", _) => Some(Do::Add),
            ("remove", at) => at.parse().ok().map(Do::Remove),
            _ => None,
        }
    }
}

/// `POST /design/settings`
pub async fn update(
    request: HttpRequest,
    Admin(user): Admin,
    db: Data<Db>,
    clock: Data<Clock>,
    config: Data<Config>,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let wanted = Do::parse(form.text("do")?)
        .ok_or_else(|| AppError::BadRequest("Press one of the buttons of the page.".to_owned()))?;
    let seen = typed::seen(&form)?;
    let mut draft = Draft::read(&form);
    match wanted {
        Do::Save => draft.drop_blank_roles(),
        Do::Add => draft.roles.push(Default::default()),
        Do::Remove(at) if at < draft.roles.len() => _ = draft.roles.remove(at),
        Do::Remove(_) => {}
    }
    let (typed, by) = (draft.clone(), user.email.clone());
    let (mut page, design) = db
        .read(move |conn| {
            let design = design::current(conn)?;
            Ok::<_, store::Error>((Edit::load(conn, &design, typed, &user)?, design))
        })
        .await?;
    page.seen = seen;
    if wanted != Do::Save {
        return Ok(Page(page).respond_to(&request));
    }
    let new = match draft.checked(&design.framework) {
        Ok(framework) => framework,
        Err(faults) => {
            page.faults = faults;
            return Ok(Page(page).with(StatusCode::UNPROCESSABLE_ENTITY).respond_to(&request));
        }
    };
    let now = clock.now();
    match db
        .write(move |conn| change::put_rules(conn, now, &by, seen, new.settings, new.roles))
        .await
    {
        Ok(changes) => Ok(see_other_with_notice(
            &config,
            "/design/settings",
            &words::saved(&changes),
        )),
        Err(Refusal::Overtaken(newest, changes)) => {
            page.seen = newest;
            page.overtaken = Some(changes);
            Ok(Page(page).with(StatusCode::CONFLICT).respond_to(&request))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framework() -> Framework {
        framework::read::toml(include_str!("../../../tests/it/support/framework.toml")).unwrap()
    }

    #[test]
    fn rules_that_nobody_touched_read_back_as_they_were() {
        for framework in [framework(), Framework::default()] {
            let draft = Draft::of_framework(&framework);
            assert_eq!(draft.checked(&framework).expect("no faults"), framework);
        }
    }

    #[test]
    fn every_fault_stands_at_its_field() {
        let mut draft = Draft::of_framework(&framework());
        draft.half_life_days = "0".into();
        draft.contact_count = String::new();
        draft.min_group = "few".into();
        draft.roles.push(("Two words".into(), "-1".into()));
        let faults = draft.checked(&framework()).expect_err("faults");
        for field in [
            "settings.half_life_days",
            "settings.max_mails_per_contact.count",
            "settings.min_group",
            "roles[2].code",
            "roles[2].weight",
        ] {
            assert!(faults.at(field).is_some(), "{field} in {faults:?}");
        }
    }

    #[test]
    fn a_blank_line_of_roles_is_none() {
        let mut draft = Draft::of_framework(&framework());
        draft.roles.insert(1, (" ".into(), String::new()));
        draft.drop_blank_roles();
        assert_eq!(draft.checked(&framework()).expect("no faults"), framework());
    }
}
