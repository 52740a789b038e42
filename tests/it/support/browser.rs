//! Clients: a browser without JavaScript, and a program that speaks to the API.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::Value;
use ureq::http::Request;
use ureq::{Agent, Body};

use super::html::{self, Form};

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    /// Where the request went.
    pub url: String,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn html(&self) -> String {
        String::from_utf8(self.body.clone()).expect("a page in UTF-8")
    }

    /// What a reader reads.
    pub fn text(&self) -> String {
        html::text(&self.html())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The form that goes to `action`.
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        let found = self.find_form(action);
        found.unwrap_or_else(|| panic!("{} {} has no form to {action}:\n{}", self.status, self.url, self.html()))
    }

    pub fn find_form(&self, action: &str) -> Option<Form> {
        self.forms(action).into_iter().next()
    }

    /// All the forms that go there.
    pub fn forms(&self, action: &str) -> Vec<Form> {
        let mut forms = html::forms(&self.html());
        // A form without an address of its own goes to the page that it stands on.
        for form in forms.iter_mut().filter(|form| form.action.is_empty()) {
            form.action = path_of(&self.url).to_owned();
        }
        forms
            .into_iter()
            .filter(|form| form.action == action || form.action.starts_with(&format!("{action}?")))
            .collect()
    }

    /// Fails, with the page, unless the status is the expected one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Reply {
        assert_eq!(
            self.status,
            status,
            "{}\n{}",
            self.url,
            String::from_utf8_lossy(&self.body)
        );
        self
    }
}

/// A path within the server, of an address that may be a whole URL.
fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    if after_scheme.len() == url.len() {
        return url;
    }
    after_scheme.find('/').map_or("/", |start| &after_scheme[start..])
}

fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false);
    config
        .timeout_global(Some(std::time::Duration::from_secs(60)))
        .build()
        .into()
}

fn ask(agent: &Agent, method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = if body.is_empty() && matches!(method, "GET" | "HEAD" | "DELETE") {
        agent.run(request.body(()).expect("a request"))
    } else {
        agent.run(request.body(body).expect("a request"))
    };
    let mut answer: ureq::http::Response<Body> = answer.unwrap_or_else(|error| panic!("{method} {url}: {error}"));
    let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Reply {
        status: answer.status().as_u16(),
        url: url.to_owned(),
        headers: answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: answer
            .body_mut()
            .with_config()
            .limit(100_000_000)
            .read_to_vec()
            .expect("a body"),
    }
}

/// A browser without JavaScript: it keeps cookies, fills in forms, and says where a form came from.
pub struct Browser {
    base: String,
    agent: Agent,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    /// `base` is scheme, host and port.
    pub fn new(base: &str) -> Browser {
        let base = base.trim_end_matches('/').to_owned();
        Browser {
            base,
            agent: agent(),
            cookies: Mutex::default(),
        }
    }

    /// One request, no redirect followed. An address of a mail may be given whole.
    pub fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[], &[])
    }

    pub fn head(&self, path: &str) -> Reply {
        self.ask("HEAD", path, &[], &[])
    }

    /// Goes there, and on to wherever it is sent.
    pub fn visit(&self, path: &str) -> Reply {
        self.follow(self.get(path))
    }

    /// Presses the form's first button, as the Enter key does, and goes on to wherever it is sent.
    pub fn submit(&self, form: &Form) -> Reply {
        self.follow(self.post_form(form))
    }

    /// As [`Browser::submit`], without following the redirect.
    pub fn post_form(&self, form: &Form) -> Reply {
        let mut fields = form.fields();
        let first = form.buttons.first().cloned().unwrap_or_default();
        if let Some(name) = first.name {
            fields.push((name, first.value));
        }
        self.send(form, first.action.as_deref().unwrap_or(&form.action), &fields)
    }

    /// Presses the button of that name and value.
    #[track_caller]
    pub fn press(&self, form: &Form, name: &str, value: &str) -> Reply {
        let pressed = form
            .buttons
            .iter()
            .find(|button| button.name.as_deref() == Some(name) && button.value == value);
        let pressed = pressed.unwrap_or_else(|| panic!("no button {name}={value} among {:?}", form.buttons));
        let mut fields = form.fields();
        fields.push((name.to_owned(), value.to_owned()));
        self.follow(self.send(form, pressed.action.as_deref().unwrap_or(&form.action), &fields))
    }

    /// Posts fields that no form offered.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        self.post_encoded(path, &fields)
    }

    /// A table of a page as a file, without its header.
    #[track_caller]
    pub fn rows(&self, path: &str) -> Vec<Vec<String>> {
        let text = self.get(path).expect(200).html();
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let rows = reader.records();
        rows.map(|row| row.expect("a row").iter().map(str::to_owned).collect())
            .collect()
    }

    /// Logs in by the form, and fails when that fails.
    #[track_caller]
    pub fn log_in(&self, email: &str, password: &str) {
        let form = self.visit("/login").expect(200).form("/login");
        self.post_form(&form.fill("email", email).fill("password", password))
            .expect(303);
    }

    /// Opens a mailed link and answers page by page: of `answers`, by the names of the controls,
    /// each page takes those that it has. Returns the page after the last.
    #[track_caller]
    pub fn answer(&self, link: &str, answers: &[(&str, &str)]) -> Reply {
        let path = path_of(link).split('?').next().unwrap_or_default().to_owned();
        let mut page = self.visit(link).expect(200);
        let mut given = vec![];
        for _ in 0..50 {
            let Some(mut form) = page.find_form(&path) else { break };
            for (name, value) in answers {
                if form.controls.iter().any(|control| control.name == *name) {
                    form = form.fill(name, value);
                    given.push(*name);
                }
            }
            page = self.follow(self.send(&form, &form.action, &form.fields())).expect(200);
        }
        let left: Vec<_> = answers.iter().filter(|(name, _)| !given.contains(name)).collect();
        assert!(
            left.is_empty(),
            "nobody asked for {left:?}; the last page reads: {}",
            page.text()
        );
        page
    }

    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().expect("no browser panics").clone()
    }

    fn follow(&self, mut reply: Reply) -> Reply {
        for _ in 0..10 {
            match (reply.status, reply.header("location")) {
                (300..=399, Some(location)) => reply = self.get(location),
                _ => return reply,
            }
        }
        panic!("sent round in circles at {}", reply.url)
    }

    fn send(&self, form: &Form, action: &str, fields: &[(String, String)]) -> Reply {
        if form.is_post {
            return self.post_encoded(action, fields);
        }
        let path = action.split('?').next().unwrap_or_default();
        self.get(&format!("{path}?{}", html::encode(fields)))
    }

    fn post_encoded(&self, path: &str, fields: &[(String, String)]) -> Reply {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", self.base.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        self.ask("POST", path, &headers, html::encode(fields).as_bytes())
    }

    /// Any request, with these headers beside the cookies.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let url = format!("{}{}", self.base, path_of(path));
        let cookies: Vec<_> = self
            .cookies()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = cookies.join("; ");
        let mut headers = headers.to_vec();
        if !cookies.is_empty() {
            headers.push(("cookie", &cookies));
        }
        let reply = ask(&self.agent, method, &url, &headers, body);
        let mut kept = self.cookies.lock().expect("no browser panics");
        for (_, cookie) in reply
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        {
            let pair = cookie.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let ends = value.is_empty() || cookie.to_ascii_lowercase().contains("max-age=0");
            if ends {
                kept.remove(name.trim())
            } else {
                kept.insert(name.trim().to_owned(), value.to_owned())
            };
        }
        drop(kept);
        reply
    }
}

/// A program with an API token.
pub struct Api {
    base: String,
    agent: Agent,
    authorization: String,
}

impl Api {
    pub fn new(base: &str, token: &str) -> Api {
        let base = base.trim_end_matches('/').to_owned();
        Api {
            base,
            agent: agent(),
            authorization: format!("Bearer {token}"),
        }
    }

    pub fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, None)
    }

    pub fn post(&self, path: &str, body: Value) -> Reply {
        self.ask("POST", path, Some(body))
    }

    pub fn put(&self, path: &str, body: Value) -> Reply {
        self.ask("PUT", path, Some(body))
    }

    pub fn delete(&self, path: &str) -> Reply {
        self.ask("DELETE", path, None)
    }

    /// Sends a body of any kind.
    pub fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Reply {
        let headers = [
            ("authorization", self.authorization.as_str()),
            ("content-type", content_type),
        ];
        ask(&self.agent, method, &format!("{}{path}", self.base), &headers, body)
    }

    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        match body {
            Some(body) => self.send(method, path, "application/json", body.to_string().as_bytes()),
            None => ask(
                &self.agent,
                method,
                &format!("{}{path}", self.base),
                &[("authorization", &self.authorization)],
                &[],
            ),
        }
    }
}
