//! The mailbox that bounces are fetched from: `imaps://user:password@mail.example.com`, `pop3s://…`.

use url::{Host, Url};

use super::smtp::decoded;
use super::{Secret, Security};

/// How to reach a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxConfig {
    pub protocol: Protocol,
    /// A name or an address; an IPv6 address without brackets.
    pub host: String,
    pub port: u16,
    /// Never [`Security::Opportunistic`]: a password is not sent in the open by chance.
    pub security: Security,
    pub user: String,
    pub password: Secret,
    /// IMAP alone.
    pub folder: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Imap,
    Pop3,
}

const ADVICE: &str = "write it as imaps://user:password@mail.example.com, with signs in user or password \
                      percent-encoded (@ as %40)";

impl MailboxConfig {
    /// No fault shows the value: it holds a password.
    pub(super) fn parse(value: &str) -> Result<Self, String> {
        let url = Url::parse(value).map_err(|error| format!("is not a URL ({error}): {ADVICE}"))?;
        let (protocol, implicit, port) = match url.scheme() {
            "imap" => (Protocol::Imap, false, 143),
            "imaps" => (Protocol::Imap, true, 993),
            "pop3" => (Protocol::Pop3, false, 110),
            "pop3s" => (Protocol::Pop3, true, 995),
            _ => return Err(format!("begins with none of imap, imaps, pop3, pop3s: {ADVICE}")),
        };
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let (user, password) = (decoded(url.username())?, decoded(url.password().unwrap_or_default())?);
        if host.is_empty() || user.is_empty() || password.is_empty() || url.fragment().is_some() {
            return Err(format!("does not name a server, a user and a password: {ADVICE}"));
        }
        let folder = match decoded(url.path().trim_matches('/'))?.as_str() {
            "" => "INBOX".to_owned(),
            folder if protocol == Protocol::Imap => folder.to_owned(),
            _ => return Err("has a path, but only an IMAP mailbox has folders: leave it out".to_owned()),
        };
        if [&user, &password, &folder]
            .iter()
            .any(|text| text.contains(char::is_control))
        {
            return Err(format!("holds control characters: {ADVICE}"));
        }
        let is_here = match Host::parse(&host) {
            Ok(Host::Domain(name)) => name == "localhost",
            Ok(Host::Ipv4(address)) => address.is_loopback(),
            Ok(Host::Ipv6(address)) => address.is_loopback(),
            Err(_) => host == "::1",
        };
        let security = match (implicit, url.query()) {
            (true, None) => Security::Implicit,
            (false, None) if is_here => Security::Never,
            (false, None | Some("tls=required")) => Security::Required,
            (false, Some("tls=none")) => Security::Never,
            _ => return Err(format!("after its ? stands something other than tls=none: {ADVICE}")),
        };
        Ok(Self {
            protocol,
            host,
            port: url.port().unwrap_or(port),
            security,
            user,
            password: Secret::new(&password),
            folder,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> MailboxConfig {
        MailboxConfig::parse(value).unwrap_or_else(|fault| panic!("{value}: {fault}"))
    }

    #[test]
    fn a_mailbox_is_named_by_one_url() {
        let mailbox = read("imaps://ada%40example.com:p%40ss@mail.example.com/Bounces");
        assert_eq!(
            (mailbox.protocol, mailbox.port, mailbox.security),
            (Protocol::Imap, 993, Security::Implicit)
        );
        assert_eq!(
            (mailbox.user.as_str(), mailbox.password.reveal()),
            ("ada@example.com", "p@ss")
        );
        assert_eq!(mailbox.folder, "Bounces");
        assert_eq!(read("imap://a:b@mail.example.com").folder, "INBOX");
        assert_eq!(read("pop3s://a:b@[::1]:1995").host, "::1");
        assert_eq!((read("pop3://a:b@x").port, read("pop3s://a:b@x").port), (110, 995));
    }

    #[test]
    fn a_password_goes_in_the_open_only_on_this_machine_or_when_told_so() {
        for (url, security) in [
            ("imap://a:b@mail.example.com", Security::Required),
            ("pop3://a:b@mail.example.com?tls=required", Security::Required),
            ("pop3://a:b@mail.example.com?tls=none", Security::Never),
            ("imap://a:b@127.0.0.1", Security::Never),
            ("imap://a:b@localhost:1143", Security::Never),
            ("pop3://a:b@[::1]", Security::Never),
        ] {
            assert_eq!(read(url).security, security, "{url}");
        }
    }

    #[test]
    fn what_is_no_mailbox_is_told_without_its_password() {
        for url in [
            "hunter2",
            "http://a:hunter2@x",
            "imaps://mail.example.com/hunter2",
            "imaps://:hunter2@mail.example.com",
            "pop3s://a:hunter2@x/folder",
            "imaps://a:hunter2@x?tls=none",
            "imaps://a:hunter2%0d%0aDELE@x",
        ] {
            let fault = MailboxConfig::parse(url).expect_err(url);
            assert!(!fault.contains("hunter2"), "{fault}");
        }
    }
}
