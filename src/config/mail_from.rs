//! Whom the mails come from.

use std::fmt;

/// A name, which may be empty, and an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFrom {
    pub name: String,
    pub address: String,
}

impl Default for MailFrom {
    fn default() -> Self {
        Self {
            name: "Dripline".to_owned(),
            address: "dripline@localhost".to_owned(),
        }
    }
}

impl MailFrom {
    /// `Name <a@b>`, `"Name, with signs" <a@b>` or `a@b`.
    pub(super) fn parse(value: &str) -> Result<Self, String> {
        let advice = "write it as Example Survey <survey@example.com>";
        let controls = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        if value.chars().any(controls) {
            return Err(format!("holds control characters: {advice}"));
        }
        let (name, address) = match value.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
            Some((name, address)) => (unquoted(name.trim()), address.trim()),
            None => (String::new(), value),
        };
        match in_ascii(address).filter(|address| is_address(address)) {
            Some(address) => Ok(Self { name, address }),
            None => Err(format!("`{value}` holds no mail address: {advice}")),
        }
    }

    /// What stands after the `@`.
    pub fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// As a header would say it in ASCII.
impl fmt::Display for MailFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, address } = self;
        if name.is_empty() {
            return write!(f, "{address}");
        }
        if name.chars().all(|c| c.is_alphanumeric() || c == ' ') {
            return write!(f, "{name} <{address}>");
        }
        write!(f, "\"{}\" <{address}>", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

fn unquoted(name: &str) -> String {
    let Some(inner) = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return name.to_owned();
    };
    inner.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// The address with its domain as the domain-name system knows it (`bücher.example` is
/// `xn--bcher-kva.example`).
fn in_ascii(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    if domain.is_ascii() {
        return Some(address.to_owned());
    }
    match url::Host::parse(domain) {
        Ok(url::Host::Domain(domain)) => Some(format!("{local}@{domain}")),
        _ => None,
    }
}

/// Strict enough that a header and an envelope can carry it: the sender is typed once, by hand.
fn is_address(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    let local_fits = local.split('.').all(|atom| {
        !atom.is_empty()
            && atom
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
    });
    let domain_fits = domain.split('.').all(|label| {
        let inner = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        !label.is_empty() && label.len() <= 63 && inner && !label.starts_with('-') && !label.ends_with('-')
    });
    local.len() <= 64 && domain.len() <= 253 && address.len() <= 254 && local_fits && domain_fits
}
