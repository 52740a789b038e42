//! The mail server: `smtp://user:password@host:port?tls=required`, `smtps://…`.

use std::time::Duration;

use url::Url;

use super::Secret;

/// How to reach the server that takes the mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpConfig {
    /// A name or an address; an IPv6 address without brackets.
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub user: Option<String>,
    pub password: Option<Secret>,
}

/// When the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// STARTTLS where the server offers it.
    Opportunistic,
    /// STARTTLS, or no mail.
    Required,
    /// TLS from the first byte (`smtps://`).
    Implicit,
    /// Never, even where offered: for a relay on this machine with a certificate of its own.
    Never,
}

/// How long each step of handing over a mail may take (RFC 5321 section 4.5.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmtpTimeouts {
    pub greeting: Duration,
    pub mail: Duration,
    pub rcpt: Duration,
    pub data: Duration,
    pub block: Duration,
    pub dot: Duration,
}

impl SmtpTimeouts {
    /// `given` names the phase as the setting does; where it gives nothing, the RFC's time holds.
    pub(super) fn of(mut given: impl FnMut(&str) -> Option<u32>) -> Self {
        let mut phase = |name, default| Duration::from_secs(given(name).unwrap_or(default).into());
        Self {
            greeting: phase("GREETING", 300),
            mail: phase("MAIL", 300),
            rcpt: phase("RCPT", 300),
            data: phase("DATA", 120),
            block: phase("BLOCK", 180),
            dot: phase("DOT", 600),
        }
    }
}

const ADVICE: &str = "write it as smtp://user:password@mail.example.com:587?tls=required, \
                      with signs in user or password percent-encoded (@ as %40)";

impl SmtpConfig {
    /// No fault shows the value: it holds a password.
    pub(super) fn parse(value: &str) -> Result<Self, String> {
        let url = Url::parse(value).map_err(|error| format!("is not a URL ({error}): {ADVICE}"))?;
        let implicit = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(format!("begins with neither smtp:// nor smtps://: {ADVICE}")),
        };
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        if host.is_empty() || !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(format!("does not name a server alone: {ADVICE}"));
        }
        let security = security(&url, implicit)?;
        Ok(Self {
            host,
            port: url.port().unwrap_or(if implicit { 465 } else { 25 }),
            security,
            user: Some(decoded(url.username())?).filter(|user| !user.is_empty()),
            password: url
                .password()
                .map(decoded)
                .transpose()?
                .map(|password| Secret::new(&password)),
        })
    }
}

fn security(url: &Url, implicit: bool) -> Result<Security, String> {
    let mut security = if implicit {
        Security::Implicit
    } else {
        Security::Opportunistic
    };
    for (name, value) in url.query_pairs() {
        security = match (name.as_ref(), value.as_ref()) {
            ("tls", "required") if implicit => Security::Implicit,
            ("tls", "required") => Security::Required,
            ("tls", "opportunistic") if !implicit => Security::Opportunistic,
            ("tls", "none") if !implicit => Security::Never,
            _ => {
                return Err(format!(
                    "after its ? stands something other than tls=required or tls=none: {ADVICE}"
                ));
            }
        };
    }
    Ok(security)
}

/// Undoes the percent-encoding of a user or password.
pub(super) fn decoded(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|code| data_encoding::HEXUPPER_PERMISSIVE.decode(code).ok());
        rest = if code.is_some() { &after[2..] } else { after };
        bytes.push(code.map_or(*first, |byte| byte[0]));
    }
    String::from_utf8(bytes).map_err(|_| "has a user or password that is not UTF-8".to_owned())
}
