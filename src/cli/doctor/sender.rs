//! What a receiver looks at before it believes that a mail is ours: SPF, DKIM and DMARC. Nothing is
//! looked up; the records to publish are printed.

use std::net::IpAddr;

use super::{Finding, fail, note, ok, warn};
use crate::config::{Config, DkimConfig};

/// Findings about a sender whose mail leaves this machine.
pub fn look(config: &Config) -> Vec<Finding> {
    let from = config.mail_from.domain();
    if from == "localhost" {
        return vec![warn(
            "sender: DRIPLINE_MAIL_FROM is not set: nobody takes mail from dripline@localhost",
        )];
    }
    let returned_to = config.bounce_domain.as_deref().unwrap_or(from);
    let mut findings = vec![aligned(from, returned_to, config.dkim.as_ref())];
    match &config.dkim {
        Some(dkim) => findings.extend(key(dkim)),
        None => findings.push(warn(format!(
            "DKIM: not signed here: set DRIPLINE_DKIM_DOMAIN, _SELECTOR and _KEY_FILE, or let the mail server sign for {from}"
        ))),
    }
    findings.push(note(format!(
        "SPF: publish for {returned_to}: {returned_to}. TXT \"v=spf1 {} ~all\" (a mail provider names an include: of its own; \
         where there is an SPF record already, put that into it)",
        senders(config)
    )));
    findings.push(match &config.dkim {
        Some(dkim) => note(format!(
            "DKIM: publish: {}. TXT \"{}\" (a zone file wants it cut into strings of at most 255 characters)",
            dkim.record_name(),
            dkim.record()
        )),
        None => note(format!(
            "DKIM: publish the record that the mail server signs with: SELECTOR._domainkey.{from}. TXT \"v=DKIM1; k=rsa; p=…\""
        )),
    });
    let organisation = organisation(from);
    findings.push(note(format!(
        "DMARC: publish: _dmarc.{organisation}. TXT \"v=DMARC1; p=none; rua=mailto:{}\"",
        config.mail_from.address
    )));
    findings.extend(bounces(config));
    findings
}

/// DMARC wants the domain that readers see to be the one that signs, or the one that bounces go to.
fn aligned(from: &str, returned_to: &str, dkim: Option<&DkimConfig>) -> Finding {
    let ours = organisation(from);
    let is_signed = dkim.is_some_and(|dkim| organisation(&dkim.domain) == ours);
    let is_returned = organisation(returned_to) == ours;
    match (is_signed, is_returned) {
        (true, _) => ok(format!("DMARC: mails from {from} are signed by {ours}")),
        (false, true) => match dkim {
            Some(dkim) => warn(format!(
                "DMARC: mails from {from} are signed by {}: sign with {ours}, as SPF alone does not survive forwarding",
                dkim.domain
            )),
            None => ok(format!("DMARC: mails from {from} return to {returned_to}")),
        },
        (false, false) => fail(format!(
            "DMARC: mails from {from} are {}, and bounces go to {returned_to}: neither belongs to {ours}, so receivers \
             refuse them; set DRIPLINE_DKIM_DOMAIN or DRIPLINE_BOUNCE_DOMAIN to {ours} or below",
            dkim.map_or_else(
                || "not signed here".to_owned(),
                |dkim| format!("signed by {}", dkim.domain)
            ),
        )),
    }
}

fn key(dkim: &DkimConfig) -> Vec<Finding> {
    let name = dkim.record_name();
    let mut findings = vec![match dkim.key.rsa_bits() {
        None => ok(format!(
            "DKIM: mails are signed as {name} (Ed25519; some receivers know RSA alone)"
        )),
        Some(bits) if bits < 2048 => warn(format!(
            "DKIM: the key of {name} has {bits} bits: receivers ask for 2048, `openssl genrsa -out dkim.pem 2048` makes one"
        )),
        Some(bits) => ok(format!("DKIM: mails are signed as {name} (RSA, {bits} bits)")),
    }];
    if dkim.group_may_read {
        findings.push(fail(
            "DKIM: others than its owner may read the key file: run `chmod 600` on it",
        ));
    }
    findings
}

/// Who may send for the domain, as SPF says it.
fn senders(config: &Config) -> String {
    let Some(smtp) = &config.smtp else {
        return "mx".to_owned();
    };
    match smtp.host.parse::<IpAddr>() {
        Ok(address) if address.is_loopback() => "mx".to_owned(),
        Ok(address @ IpAddr::V4(_)) => format!("ip4:{address}"),
        Ok(address @ IpAddr::V6(_)) => format!("ip6:{address}"),
        Err(_) if smtp.host == "localhost" => "mx".to_owned(),
        Err(_) => format!("a:{}", smtp.host),
    }
}

fn bounces(config: &Config) -> Vec<Finding> {
    let address = &config.mail_from.address;
    let mut findings = Vec::new();
    match &config.bounce_domain {
        None => findings.push(warn(format!(
            "bounces: DRIPLINE_BOUNCE_DOMAIN is not set: what cannot be delivered comes back to {address}, and nothing here counts it"
        ))),
        Some(domain) => findings.push(note(format!(
            "bounces: publish: {domain}. MX 10 the mail server that takes them in"
        ))),
    }
    if config.bounce_mailbox.is_none() {
        findings.push(warn(
            "bounces: DRIPLINE_BOUNCE_MAILBOX_URL is not set: bounces are read only if the mail server pipes them into `dripline bounce`",
        ));
    }
    findings
}

/// The domain that was registered, by the public suffix list: `mail.example.co.uk` is of
/// `example.co.uk`.
fn organisation(domain: &str) -> &str {
    psl::domain_str(domain).unwrap_or(domain)
}

#[test]
fn an_organisation_is_what_was_registered() {
    assert_eq!(organisation("mail.example.co.uk"), "example.co.uk");
    assert_eq!(organisation("a.b.example.com"), "example.com");
    assert_eq!(organisation("localhost"), "localhost");
}
