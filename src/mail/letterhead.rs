//! What all letters of this installation share: who they come from, and how their links are made.

use url::Url;

use super::letters::Links;
use super::token::{self, Purpose};
use crate::config::{Config, DkimConfig, MailFrom, SecretKey};

#[derive(Debug, Clone)]
pub struct Letterhead {
    pub from: MailFrom,
    pub postal_address: String,
    pub base_url: Url,
    pub bounce_domain: Option<String>,
    /// `None`: mails leave unsigned, for the mail server to sign.
    pub dkim: Option<DkimConfig>,
    key: SecretKey,
}

impl Letterhead {
    pub fn new(config: &Config, key: SecretKey) -> Letterhead {
        Letterhead {
            from: config.mail_from.clone(),
            postal_address: config.postal_address.clone(),
            base_url: config.base_url.clone(),
            bounce_domain: config.bounce_domain.clone(),
            dkim: config.dkim.clone(),
            key,
        }
    }

    /// Who signs: the sender's name, or its address where it has none.
    pub fn sender(&self) -> &str {
        match self.from.name.as_str() {
            "" => &self.from.address,
            name => name,
        }
    }

    /// The addresses of one invitation's mails; the same ones whenever they are made.
    pub fn links(&self, nonce: &str, asks: bool) -> Links {
        Links {
            respond: asks.then(|| self.link("r", Purpose::Respond, nonce)),
            preferences: self.link("preferences", Purpose::Preferences, nonce),
            unsubscribe: self.unsubscribe_link(nonce),
            view: self.link("view", Purpose::View, nonce),
        }
    }

    /// One of the [`Letterhead::links`], for a mail's head.
    pub fn unsubscribe_link(&self, nonce: &str) -> String {
        self.link("unsubscribe", Purpose::Unsubscribe, nonce)
    }

    /// What the database keeps of an invitation's tokens.
    pub fn hashes(&self, nonce: &str) -> Vec<(Purpose, String)> {
        Purpose::ALL
            .map(|purpose| (purpose, token::hash(&token::make(&self.key, purpose, nonce))))
            .to_vec()
    }

    /// Where bounces of this invitation's mails come back to: the same on every attempt.
    pub fn envelope_from(&self, nonce: &str) -> String {
        match &self.bounce_domain {
            Some(domain) => format!("b-{}@{domain}", token::make(&self.key, Purpose::Bounce, nonce)),
            None => self.from.address.clone(),
        }
    }

    /// Of one mail alone: programs that see the same name twice drop the second mail.
    pub fn message_id(&self, nonce: &str, nth: i32) -> String {
        let name = &token::hash(&format!("{nonce}/{nth}"))[..32];
        format!("<{name}@{}>", self.from.domain())
    }

    pub fn key(&self) -> &SecretKey {
        &self.key
    }

    fn link(&self, under: &str, purpose: Purpose, nonce: &str) -> String {
        format!("{}{under}/{}", self.base_url, token::make(&self.key, purpose, nonce))
    }
}
