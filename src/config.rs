//! Every setting, typed, read once: from the environment, and under it from a `.env` file in the
//! working directory.
//!
//! All faults come at once, each with the setting's name and what to do about it. Secrets appear
//! neither in a fault nor in `Debug`. What a setting is for stands in `.env.example`.

mod database;
mod dkim;
mod mail_from;
mod mailbox;
mod secret;
mod smtp;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

use url::Url;

pub use self::database::DatabaseUrl;
pub use self::dkim::{DkimConfig, DkimKey};
pub use self::mail_from::MailFrom;
pub use self::mailbox::{MailboxConfig, Protocol};
pub use self::secret::{KeyFileFault, Secret, SecretKey};
pub use self::smtp::{Security, SmtpConfig, SmtpTimeouts};

/// Every name that is read, as in `.env.example`.
pub const SETTINGS: [&str; 23] = [
    "DATABASE_URL",
    "DRIPLINE_LISTEN",
    "DRIPLINE_BASE_URL",
    "DRIPLINE_SECRET_KEY",
    "DRIPLINE_SMTP_URL",
    "DRIPLINE_MAIL_FROM",
    "DRIPLINE_POSTAL_ADDRESS",
    "DRIPLINE_SMTP_CONNECTIONS",
    "DRIPLINE_SMTP_RATE",
    "DRIPLINE_SMTP_RATE_PER_DOMAIN",
    "DRIPLINE_SMTP_TIMEOUT_GREETING_SECONDS",
    "DRIPLINE_SMTP_TIMEOUT_MAIL_SECONDS",
    "DRIPLINE_SMTP_TIMEOUT_RCPT_SECONDS",
    "DRIPLINE_SMTP_TIMEOUT_DATA_SECONDS",
    "DRIPLINE_SMTP_TIMEOUT_BLOCK_SECONDS",
    "DRIPLINE_SMTP_TIMEOUT_DOT_SECONDS",
    "DRIPLINE_BOUNCE_DOMAIN",
    "DRIPLINE_BOUNCE_MAILBOX_URL",
    "DRIPLINE_DKIM_DOMAIN",
    "DRIPLINE_DKIM_SELECTOR",
    "DRIPLINE_DKIM_KEY_FILE",
    "DRIPLINE_METRICS_LISTEN",
    // Read by the test suite alone; named here so that it is not reported as unknown.
    "DRIPLINE_TEST_REQUIRE",
];

/// The settings of this process.
#[derive(Clone, Debug)]
pub struct Config {
    pub database: DatabaseUrl,
    /// Where the web server listens.
    pub listen: SocketAddr,
    /// What every mailed link begins with: scheme, host and port, no path.
    pub base_url: Url,
    /// `false` when `base_url` was made up from `listen`; a server that listens on port 0 then
    /// puts the port it got into it.
    pub base_url_given: bool,
    /// What was set; see [`Config::secret_key_or_file`].
    pub secret_key: Option<SecretKey>,
    /// `None`: mail is captured, and nothing leaves.
    pub smtp: Option<SmtpConfig>,
    pub mail_from: MailFrom,
    /// Printed at the foot of each mail; empty when nobody has set it, which `doctor` mentions.
    pub postal_address: String,
    /// How many connections to the mail server at once.
    pub smtp_connections: usize,
    /// Mails a minute; `None`: no limit.
    pub smtp_rate_per_minute: Option<u32>,
    /// Mails a minute to one domain; `None`: no limit.
    pub smtp_rate_per_domain_per_minute: Option<u32>,
    pub smtp_timeouts: SmtpTimeouts,
    /// Where bounces come back to, in its ASCII form; `None`: no VERP.
    pub bounce_domain: Option<String>,
    /// The mailbox to fetch bounces from.
    pub bounce_mailbox: Option<MailboxConfig>,
    /// `None`: the mail server signs, or nobody.
    pub dkim: Option<DkimConfig>,
    /// Where `/metrics` is served; `None`: nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// Names that begin with `DRIPLINE_` and that nothing reads: most likely a slip of the pen.
    pub unknown: Vec<String>,
}

/// One setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    pub setting: String,
    /// What is wrong and what to do, without the value of a secret.
    pub problem: String,
}

/// Everything that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigFaults(pub Vec<ConfigFault>);

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, ConfigFault { setting, problem }) in self.0.iter().enumerate() {
            let break_before = if i == 0 { "" } else { "\n" };
            write!(f, "{break_before}{setting}: {problem}")?;
        }
        Ok(())
    }
}

impl Config {
    /// The settings of the environment; those it leaves unset, of `.env` in the working directory.
    pub fn read() -> Result<Self, ConfigFaults> {
        let mut given = Given::default();
        given.add_file(".env");
        given.add_environment();
        given.config()
    }

    /// The settings of `pairs` alone; of a name given twice, the later holds.
    pub fn from_pairs<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Result<Self, ConfigFaults>
    where
        K: Into<String>,
        V: Into<String>,
    {
        let values = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Given {
            values,
            faults: Vec::new(),
        }
        .config()
    }

    /// The key that tokens are made with: the one set, else that of the file beside the SQLite
    /// database (`dripline.db.key`), which is made when it is not there.
    pub fn secret_key_or_file(&self) -> Result<SecretKey, KeyFileFault> {
        match (&self.secret_key, &self.database) {
            (Some(key), _) => Ok(key.clone()),
            (None, DatabaseUrl::Sqlite(path)) => SecretKey::of_file_beside(path),
            (None, DatabaseUrl::Postgres(_)) => Err(KeyFileFault::Required),
        }
    }
}

/// What was given under each name, and what was found wrong so far.
#[derive(Default)]
struct Given {
    values: BTreeMap<String, String>,
    faults: Vec<ConfigFault>,
}

impl Given {
    fn add_file(&mut self, path: &str) {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.fault(path, format!("cannot be read: {error}")),
        };
        self.add_file_text(path, bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes));
    }

    fn add_file_text(&mut self, path: &str, text: &[u8]) {
        for pair in dotenvy::from_read_iter(text) {
            match pair {
                Ok((name, value)) => {
                    self.values.insert(name, value);
                }
                // The text it stumbled over may be a password: its line is told, not its words.
                Err(dotenvy::Error::LineParse(stumbled, _)) => {
                    let whole = String::from_utf8_lossy(text);
                    let number = whole
                        .lines()
                        .position(|line| line.contains(stumbled.trim()))
                        .map_or(0, |n| n + 1);
                    let advice = "write NAME=value, a value with spaces or signs in 'single quotes'";
                    self.fault(path, format!("line {number} cannot be read: {advice}"));
                }
                Err(error) => return self.fault(path, format!("cannot be read: {error}")),
            }
        }
    }

    fn add_environment(&mut self) {
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            if name != "DATABASE_URL" && !name.starts_with("DRIPLINE_") {
                continue;
            }
            match value.into_string() {
                Ok(value) => {
                    self.values.insert(name, value);
                }
                Err(_) => self.fault(&name, "is not UTF-8".to_owned()),
            }
        }
    }

    fn config(mut self) -> Result<Config, ConfigFaults> {
        let database = self.parsed("DATABASE_URL", DatabaseUrl::parse).unwrap_or_default();
        let listen = self
            .parsed("DRIPLINE_LISTEN", parse_listen)
            .unwrap_or(([127, 0, 0, 1], 8080).into());
        let base_url = self.parsed("DRIPLINE_BASE_URL", parse_base_url);
        let secret_key = self.parsed("DRIPLINE_SECRET_KEY", SecretKey::parse);
        if matches!(database, DatabaseUrl::Postgres(_)) && self.value("DRIPLINE_SECRET_KEY").is_none() {
            self.fault("DRIPLINE_SECRET_KEY", KeyFileFault::Required.to_string());
        }
        let config = Config {
            database,
            listen,
            base_url_given: base_url.is_some(),
            base_url: base_url.unwrap_or_else(|| url_of(listen)),
            secret_key,
            smtp: self.parsed("DRIPLINE_SMTP_URL", SmtpConfig::parse),
            mail_from: self.parsed("DRIPLINE_MAIL_FROM", MailFrom::parse).unwrap_or_default(),
            postal_address: self
                .parsed("DRIPLINE_POSTAL_ADDRESS", parse_postal_address)
                .unwrap_or_default(),
            smtp_connections: self.number("DRIPLINE_SMTP_CONNECTIONS", 1, 64).unwrap_or(4) as usize,
            smtp_rate_per_minute: self.number("DRIPLINE_SMTP_RATE", 1, 1_000_000),
            smtp_rate_per_domain_per_minute: self.number("DRIPLINE_SMTP_RATE_PER_DOMAIN", 1, 1_000_000),
            smtp_timeouts: SmtpTimeouts::of(|phase| {
                self.number(&format!("DRIPLINE_SMTP_TIMEOUT_{phase}_SECONDS"), 1, 86_400)
            }),
            bounce_domain: self.parsed("DRIPLINE_BOUNCE_DOMAIN", parse_domain),
            bounce_mailbox: self.parsed("DRIPLINE_BOUNCE_MAILBOX_URL", MailboxConfig::parse),
            dkim: self.dkim(),
            metrics_listen: self.parsed("DRIPLINE_METRICS_LISTEN", parse_listen),
            unknown: self.unknown(),
        };
        if self.faults.is_empty() {
            Ok(config)
        } else {
            Err(ConfigFaults(self.faults))
        }
    }

    /// What was given under `name`. An empty value is one not given: so a variable of the
    /// environment can take back what the file says.
    fn value(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    fn parsed<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let parsed = parse(self.value(name)?);
        parsed.map_err(|problem| self.fault(name, problem)).ok()
    }

    fn number(&mut self, name: &str, least: u32, most: u32) -> Option<u32> {
        self.parsed(name, |value| match value.parse() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(format!("`{value}` is not a whole number from {least} to {most}")),
        })
    }

    /// The three belong together.
    fn dkim(&mut self) -> Option<DkimConfig> {
        const NAMES: [&str; 3] = [
            "DRIPLINE_DKIM_DOMAIN",
            "DRIPLINE_DKIM_SELECTOR",
            "DRIPLINE_DKIM_KEY_FILE",
        ];
        let missing: Vec<&str> = NAMES.into_iter().filter(|name| self.value(name).is_none()).collect();
        if missing.len() == NAMES.len() {
            return None;
        }
        for name in missing {
            self.fault(
                name,
                "is not set, but another DRIPLINE_DKIM_ setting is: mails are signed with all three".to_owned(),
            );
        }
        let domain = self.parsed(NAMES[0], parse_domain);
        let selector = self.parsed(NAMES[1], parse_selector);
        let key = self.parsed(NAMES[2], |path| DkimKey::of_file(path.as_ref()));
        let (key, group_may_read) = key?;
        Some(DkimConfig {
            domain: domain?,
            selector: selector?,
            key,
            group_may_read,
        })
    }

    fn unknown(&self) -> Vec<String> {
        let names = self.values.keys().filter(|name| name.starts_with("DRIPLINE_"));
        names
            .filter(|name| !SETTINGS.contains(&name.as_str()))
            .cloned()
            .collect()
    }

    fn fault(&mut self, setting: &str, problem: String) {
        self.faults.push(ConfigFault {
            setting: setting.to_owned(),
            problem,
        });
    }
}

fn parse_listen(value: &str) -> Result<SocketAddr, String> {
    let numeric = value.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address = numeric.as_deref().unwrap_or(value);
    address
        .parse()
        .map_err(|_| format!("`{value}` is not an address and a port: write it as 127.0.0.1:8080"))
}

/// Listening on every address is no address to link to, so the link then goes to this machine.
fn url_of(listen: SocketAddr) -> Url {
    let host = if listen.ip().is_unspecified() {
        "localhost".to_owned()
    } else {
        listen.ip().to_string()
    };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let url = Url::parse(&format!("http://{host}:{}", listen.port()));
    url.expect("an address and a port make a URL")
}

fn parse_base_url(value: &str) -> Result<Url, String> {
    let advice = "write it as https://ask.example.com";
    let url = Url::parse(value).map_err(|error| format!("`{value}` is not a URL ({error}): {advice}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("`{value}` begins with neither https:// nor http://: {advice}"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("holds more than scheme, host and port: {advice}"));
    }
    if url.path() != "/" {
        return Err(format!(
            "`{value}` has a path, but Dripline wants a host name of its own: {advice}"
        ));
    }
    Ok(url)
}

/// The address stands in a footer of its own, so its lines may break; nothing else may control.
fn parse_postal_address(value: &str) -> Result<String, String> {
    let unprintable = value.chars().any(|c| c.is_control() && c != '\n');
    if unprintable {
        Err("holds control characters: take them out".to_owned())
    } else {
        Ok(value.to_owned())
    }
}

fn parse_domain(value: &str) -> Result<String, String> {
    match url::Host::parse(value) {
        Ok(url::Host::Domain(domain)) if domain.len() <= 253 => Ok(domain),
        _ => Err(format!("`{value}` is not a domain: write it as bounces.example.com")),
    }
}

/// One label or several, as a name in DNS.
fn parse_selector(value: &str) -> Result<String, String> {
    let is_label = |label: &str| {
        let inner = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        (1..=63).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    match value.split('.').all(is_label) {
        true => Ok(value.to_ascii_lowercase()),
        false => Err(format!("`{value}` is not a name in DNS: write it as dripline2026")),
    }
}

#[cfg(test)]
mod tests;
