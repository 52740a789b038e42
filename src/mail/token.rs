//! The tokens of mailed links: made again from a seed whenever they are needed, kept nowhere.
//!
//! A token is the HMAC of its purpose and its invitation's nonce, cut to 160 bits and written in
//! lower-case base32, which survives mail programs that change case. The database holds only its
//! SHA-256, so a copy of the database opens no form.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::config::SecretKey;

/// What a token opens; one made for one purpose opens nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Respond,
    Preferences,
    Unsubscribe,
    View,
    Bounce,
}

impl Purpose {
    pub const ALL: [Purpose; 5] = [
        Purpose::Respond,
        Purpose::Preferences,
        Purpose::Unsubscribe,
        Purpose::View,
        Purpose::Bounce,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Respond => "respond",
            Purpose::Preferences => "preferences",
            Purpose::Unsubscribe => "unsubscribe",
            Purpose::View => "view",
            Purpose::Bounce => "bounce",
        }
    }
}

/// 160 bits.
const BYTES: usize = 20;
/// The same in base32.
const CHARACTERS: usize = 32;

/// A new seed for the tokens of one invitation.
pub fn nonce() -> String {
    HEXLOWER.encode(&rand::random::<[u8; BYTES]>())
}

/// The token of that purpose and seed.
pub fn make(key: &SecretKey, purpose: Purpose, nonce: &str) -> String {
    encode(&signature(key, &["token", purpose.as_str(), nonce])[..BYTES])
}

/// What the database keeps of a token.
pub fn hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

/// Brings a token from a link to its own form: any case, and without what mail programs take for
/// a part of the link (`.`, `)`, `>`). `None` for what cannot be one.
pub fn read(given: &str) -> Option<String> {
    let token = given
        .trim_matches(|c: char| !c.is_ascii_alphanumeric())
        .to_ascii_lowercase();
    let is_base32 = token.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
    (token.len() == CHARACTERS && is_base32).then_some(token)
}

/// A seal over values that a page sends back: who changes one cannot make its seal.
pub fn seal(key: &SecretKey, values: &[&str]) -> String {
    let mut sealed = vec!["page"];
    sealed.extend(values);
    encode(&signature(key, &sealed)[..BYTES])
}

/// What stands for an address that must not be kept: who has the address can tell whether it is
/// the one, and nobody can read it back.
pub fn veil(key: &SecretKey, email_key: &str) -> String {
    encode(&signature(key, &["address", email_key])[..BYTES])
}

/// Whether the seal is that of these values.
pub fn is_sealed(key: &SecretKey, values: &[&str], given: &str) -> bool {
    use subtle::ConstantTimeEq;
    seal(key, values).as_bytes().ct_eq(given.as_bytes()).into()
}

fn encode(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}

/// Over the parts and their lengths, so that no two lists of parts sign alike.
fn signature(key: &SecretKey, parts: &[&str]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn key() -> SecretKey {
        let config = Config::from_pairs([("DRIPLINE_SECRET_KEY", "0123456789abcdef0123456789abcdef")]);
        config.expect("good settings").secret_key.expect("a key")
    }

    #[test]
    fn the_same_seed_makes_the_same_token_and_another_purpose_another_one() {
        let nonce = nonce();
        let tokens = Purpose::ALL.map(|purpose| make(&key(), purpose, &nonce));
        assert_eq!(tokens, Purpose::ALL.map(|purpose| make(&key(), purpose, &nonce)));
        for (i, token) in tokens.iter().enumerate() {
            assert_eq!(token.len(), 32);
            assert!(!tokens[..i].contains(token));
        }
    }

    #[test]
    fn a_link_survives_what_mail_programs_do_to_it() {
        let token = make(&key(), Purpose::Respond, &nonce());
        for given in [
            token.clone(),
            token.to_uppercase(),
            format!("{token}."),
            format!("{token})"),
            format!("{token}>"),
            format!("{token}).\" "),
        ] {
            assert_eq!(read(&given), Some(token.clone()), "{given}");
        }
        for given in ["", "short", &format!("{token}a"), &token.replace(&token[..1], "1")] {
            assert_eq!(read(given), None, "{given}");
        }
    }

    #[test]
    fn a_seal_holds_for_its_own_values_alone() {
        let seal_of = |values: &[&str]| seal(&key(), values);
        let given = seal_of(&["a", "bc"]);
        assert!(is_sealed(&key(), &["a", "bc"], &given));
        assert!(!is_sealed(&key(), &["ab", "c"], &given));
        assert!(!is_sealed(&key(), &["a", "bc"], ""));
    }
}
