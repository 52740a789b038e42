//! A real browser, driven through ChromeDriver by the WebDriver protocol: JSON over HTTP.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;

use super::left_out;

/// A window of its own, with cookies of its own; it closes when dropped.
pub struct Chrome {
    agent: Agent,
    /// The session's address.
    session: String,
}

/// Keys as WebDriver spells them.
pub const TAB: &str = "\u{E004}";
pub const ENTER: &str = "\u{E007}";
pub const SPACE: &str = " ";

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Chrome {
    /// `None`, and noted as left out, where there is no browser or no ChromeDriver.
    pub fn open(test: &str) -> Option<Chrome> {
        let Some(driver) = driver() else {
            left_out::note("browser", test);
            return None;
        };
        let config = Agent::config_builder().http_status_as_error(false);
        let agent: Agent = config.timeout_global(Some(Duration::from_secs(60))).build().into();
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            // Without its own sandbox it also runs as root; it visits nothing but the test's server.
            "goog:chromeOptions": { "args": [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1280,900",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
            ] },
        } } });
        let mut chrome = Chrome {
            agent,
            session: driver.clone(),
        };
        let made = chrome.ask("POST", "/session", Some(wanted));
        let id = made["sessionId"]
            .as_str()
            .unwrap_or_else(|| panic!("no session: {made}"));
        chrome.session = format!("{driver}/session/{id}");
        Some(chrome)
    }

    pub fn goto(&self, url: &str) {
        self.ask("POST", "/url", Some(json!({ "url": url })));
    }

    pub fn url(&self) -> String {
        self.ask("GET", "/url", None).as_str().unwrap_or_default().to_owned()
    }

    /// What is to be seen of the first element that fits, by its CSS selector.
    pub fn text(&self, css: &str) -> String {
        let element = self.element(css);
        self.ask("GET", &format!("/element/{element}/text"), None)
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    pub fn click(&self, css: &str) {
        let element = self.element(css);
        self.ask("POST", &format!("/element/{element}/click"), Some(json!({})));
    }

    /// Clicks what leads to another page, and waits until that page is there: the click itself may be
    /// answered before the browser has left.
    #[track_caller]
    pub fn leave_by(&self, css: &str) {
        self.run("window.isBeingLeft = true");
        self.click(css);
        self.until(
            "the next page",
            "return !window.isBeingLeft && document.readyState === 'complete'",
        );
    }

    /// Waits until a script returns true.
    #[track_caller]
    pub fn until(&self, what: &str, script: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.run(script) != true {
            assert!(Instant::now() < deadline, "waited in vain for {what} at {}", self.url());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Types into the first element that fits.
    pub fn type_into(&self, css: &str, text: &str) {
        let element = self.element(css);
        self.ask(
            "POST",
            &format!("/element/{element}/value"),
            Some(json!({ "text": text })),
        );
    }

    /// What a script returns.
    pub fn run(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", Some(json!({ "script": script, "args": [] })))
    }

    /// What a script hands to its last argument, a function, once it is done.
    pub fn run_to_end(&self, script: &str) -> Value {
        self.ask("POST", "/execute/async", Some(json!({ "script": script, "args": [] })))
    }

    /// A command of the browser's own debugging protocol.
    pub fn command(&self, name: &str, parameters: Value) -> Value {
        self.ask(
            "POST",
            "/goog/cdp/execute",
            Some(json!({ "cmd": name, "params": parameters })),
        )
    }

    /// Lets pages believe what the media features say: `prefers-color-scheme` is `dark`, …
    pub fn emulate(&self, features: &[(&str, &str)]) {
        let features: Vec<Value> = features
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        self.command("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// A screen of that width, as a phone has; `None`: the window's own.
    pub fn resize(&self, width: Option<u32>) {
        match width {
            None => self.command("Emulation.clearDeviceMetricsOverride", json!({})),
            Some(width) => self.command(
                "Emulation.setDeviceMetricsOverride",
                json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false }),
            ),
        };
    }

    /// Presses one key: a letter, or one that WebDriver knows by a code point of its own.
    pub fn press(&self, key: &str) {
        self.ask(
            "POST",
            "/actions",
            Some(json!({ "actions": [{ "type": "key", "id": "keys", "actions": [
                { "type": "keyDown", "value": key }, { "type": "keyUp", "value": key },
            ] }] })),
        );
    }

    /// What the page complained about since the last time: scripts that failed, and whatever the
    /// Content-Security-Policy forbade.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.ask("POST", "/se/log", Some(json!({ "type": "browser" })));
        let severe = |entry: &&Value| entry["level"] == "SEVERE";
        let entries = log.as_array().into_iter().flatten().filter(severe);
        entries
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The window as a PNG file.
    pub fn picture(&self) -> Vec<u8> {
        let picture = self.ask("GET", "/screenshot", None);
        data_encoding::BASE64
            .decode(picture.as_str().unwrap_or_default().as_bytes())
            .expect("a picture")
    }

    fn element(&self, css: &str) -> String {
        let found = self.ask(
            "POST",
            "/element",
            Some(json!({ "using": "css selector", "value": css })),
        );
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.session));
        let answer = match body {
            Some(body) => self.agent.run(
                request
                    .header("content-type", "application/json")
                    .body(body.to_string())
                    .expect("a request"),
            ),
            None => self.agent.run(request.body(()).expect("a request")),
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let told: Value = answer.body_mut().read_json().expect("JSON");
        assert!(
            answer.status().is_success(),
            "{method} {path}: {}",
            told["value"]["message"]
        );
        told["value"].clone()
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        // A second panic while one is under way would end the whole run.
        let _ = self.agent.delete(&self.session).call();
    }
}

/// The address of the one ChromeDriver of this process.
fn driver() -> Option<&'static String> {
    static DRIVER: OnceLock<Option<String>> = OnceLock::new();
    DRIVER
        .get_or_init(|| Some(start_driver(&program("chromedriver")?, &browser()?)))
        .as_ref()
}

fn browser() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome", "chrome"]
        .into_iter()
        .find_map(program)
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// As with PostgreSQL, a shell waits on a pipe that this process holds, and ends driver and
/// browsers when it closes. Everything they write lies in a folder that then goes.
fn start_driver(driver: &PathBuf, browser: &PathBuf) -> String {
    const WATCH: &str = r#"
        "$1" --port=0 2>/dev/null &
        exec 1>/dev/null
        read _
        trap '' TERM
        kill -TERM 0
        wait
        # The browsers are ChromeDriver's children, and take a moment longer.
        sleep 1
        rm -rf "$2""#;
    let folder = tempfile::Builder::new()
        .prefix("dripline-browser-")
        .tempdir()
        .expect("a temporary folder")
        .keep();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", WATCH, "sh"]).arg(driver).arg(&folder);
    shell.env("TMPDIR", &folder).env("HOME", &folder).env("CHROME", browser);
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = shell.process_group(0).spawn().expect("a shell starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"))
        .lines()
        .map_while(Result::ok);
    let port = lines.find_map(|line| {
        Some(
            line.split_once("successfully on port ")?
                .1
                .trim_end_matches('.')
                .to_owned(),
        )
    });
    let port = port.expect("ChromeDriver tells its port");
    // Read to its end, or the pipe would fill up.
    std::thread::spawn(move || lines.for_each(drop));
    let pipe = child.stdin.take();
    std::mem::forget((child, pipe));
    format!("http://127.0.0.1:{port}")
}
