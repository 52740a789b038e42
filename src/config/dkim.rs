//! The key that signs our mails, and the name under which its public half is published.
//!
//! `ring`, which encrypts our connections already, signs with Ed25519 keys and with RSA keys of 2048
//! bits and more. It refuses shorter ones, which verifiers still take from 1024 bits on (RFC 8301),
//! so those are raised to their power here, in constant time.

mod der;

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use data_encoding::BASE64;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Digest, Sha256};

use self::der::{Pem, RsaNumbers};

/// How mails are signed (RFC 6376).
#[derive(Clone, Debug)]
pub struct DkimConfig {
    /// The signing domain, `d=`, in its ASCII form.
    pub domain: String,
    pub selector: String,
    pub key: DkimKey,
    /// The group may read the key file, which `doctor` fails on; all others may not, or the
    /// settings are refused.
    pub group_may_read: bool,
}

/// A private key, ready to sign.
#[derive(Clone)]
pub struct DkimKey(Arc<Key>);

enum Key {
    Ed25519(Ed25519KeyPair),
    Rsa {
        bits: usize,
        public: Vec<u8>,
        pair: RsaKeyPair,
    },
    ShortRsa {
        bits: usize,
        public: Vec<u8>,
        numbers: RsaNumbers,
    },
}

impl fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Verifiers take no shorter key (RFC 8301 section 3.2).
const LEAST_BITS: usize = 1024;
/// From here on `ring` signs.
const USUAL_BITS: usize = 2048;
const MOST_BITS: usize = 4096;

impl DkimConfig {
    /// The name under which the public key is published.
    pub fn record_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// What is published there.
    pub fn record(&self) -> String {
        format!(
            "v=DKIM1; k={}; p={}",
            self.key.kind(),
            BASE64.encode(&self.key.public())
        )
    }
}

impl DkimKey {
    /// Reads the key, and says whether the file's group may read it too.
    pub(super) fn of_file(path: &Path) -> Result<(DkimKey, bool), String> {
        let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
        let mode = mode(path).map_err(unreadable)?;
        if mode & 0o007 != 0 {
            return Err(format!(
                "{} may be read by everybody on this machine: run `chmod 600` on it",
                path.display()
            ));
        }
        let text = fs::read_to_string(path).map_err(unreadable)?;
        let key = DkimKey::parse(&text).map_err(|why| format!("{}: {why}", path.display()))?;
        Ok((key, mode & 0o070 != 0))
    }

    /// A PEM text of PKCS#8 (RSA or Ed25519) or PKCS#1 (RSA).
    pub(super) fn parse(text: &str) -> Result<DkimKey, String> {
        let key = match der::read_pem(text)? {
            Pem::Ed25519(pkcs8) => Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8)
                .map(Key::Ed25519)
                .map_err(|error| format!("the Ed25519 key cannot be used: {error}"))?,
            Pem::Rsa(pkcs1) => rsa(&pkcs1)?,
        };
        Ok(DkimKey(Arc::new(key)))
    }

    /// `k=` of the record, and the first half of `a=`.
    pub fn kind(&self) -> &'static str {
        match &*self.0 {
            Key::Ed25519(_) => "ed25519",
            Key::Rsa { .. } | Key::ShortRsa { .. } => "rsa",
        }
    }

    /// An RSA key's length; an Ed25519 key has only one.
    pub fn rsa_bits(&self) -> Option<usize> {
        match &*self.0 {
            Key::Ed25519(_) => None,
            Key::Rsa { bits, .. } | Key::ShortRsa { bits, .. } => Some(*bits),
        }
    }

    /// The public half as a record holds it: of RSA with what says so around it, of Ed25519 bare
    /// (RFC 8463 section 4).
    pub fn public(&self) -> Vec<u8> {
        match &*self.0 {
            Key::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
            Key::Rsa { public, .. } | Key::ShortRsa { public, .. } => public.clone(),
        }
    }

    /// The signature of what is to be signed; of Ed25519 that is its SHA-256 (RFC 8463 section 3).
    pub fn sign(&self, data: &[u8]) -> Result<Vec<u8>, String> {
        match &*self.0 {
            Key::Ed25519(pair) => Ok(pair.sign(&Sha256::digest(data)).as_ref().to_vec()),
            Key::ShortRsa { numbers, .. } => raised(data, &numbers.modulus, &numbers.private_exponent),
            Key::Rsa { pair, .. } => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data, &mut signature)
                    .map_err(|_| "the mail could not be signed".to_owned())?;
                Ok(signature)
            }
        }
    }
}

fn rsa(pkcs1: &[u8]) -> Result<Key, String> {
    let numbers = RsaNumbers::read(pkcs1).ok_or("the RSA key is damaged")?;
    let bits = numbers.bits();
    let advice = "`openssl genrsa -out dkim.pem 2048` makes a good one";
    if !(LEAST_BITS..=MOST_BITS).contains(&bits) {
        let limit = if bits < LEAST_BITS {
            "1024 is the least that receivers take"
        } else {
            "4096 is the most"
        };
        return Err(format!("the RSA key has {bits} bits: {limit}; {advice}"));
    }
    let public = numbers.public_key();
    if bits >= USUAL_BITS {
        let pair =
            RsaKeyPair::from_der(pkcs1).map_err(|error| format!("the RSA key cannot be used ({error}): {advice}"))?;
        return Ok(Key::Rsa { bits, public, pair });
    }
    let signature = raised(b"a trial", &numbers.modulus, &numbers.private_exponent)?;
    let back = power(&signature, &numbers.public_exponent, &numbers.modulus)?;
    match back == padded(b"a trial", signature.len())? {
        true => Ok(Key::ShortRsa { bits, public, numbers }),
        false => Err(format!("the RSA key's halves do not belong together: {advice}")),
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.1).
fn raised(data: &[u8], modulus: &[u8], exponent: &[u8]) -> Result<Vec<u8>, String> {
    power(&padded(data, modulus.len())?, exponent, modulus)
}

fn padded(data: &[u8], length: usize) -> Result<Vec<u8>, String> {
    /// What stands before a SHA-256 and says that it is one.
    const SHA256: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
        0x20,
    ];
    let digest = Sha256::digest(data);
    let filling = length
        .checked_sub(3 + SHA256.len() + digest.len())
        .filter(|filling| *filling >= 8)
        .ok_or("the RSA key is too short for SHA-256")?;
    let mut message = vec![0, 1];
    message.extend(std::iter::repeat_n(0xff, filling));
    message.push(0);
    message.extend(SHA256);
    message.extend(digest);
    Ok(message)
}

fn power(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Result<Vec<u8>, String> {
    let damaged = || "the RSA key is damaged".to_owned();
    let precision = (modulus.len() * 8) as u32;
    let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, precision).map_err(|_| damaged());
    let odd = Odd::new(number(modulus)?).into_option().ok_or_else(damaged)?;
    let base = BoxedMontyForm::new(number(base)?, &BoxedMontyParams::new(odd));
    let bytes = base.pow(&number(exponent)?).retrieve().to_be_bytes();
    let surplus = bytes.len().saturating_sub(modulus.len());
    Ok(bytes[surplus..].to_vec())
}

#[cfg(unix)]
fn mode(path: &Path) -> std::io::Result<u32> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode())
}

#[cfg(not(unix))]
fn mode(path: &Path) -> std::io::Result<u32> {
    fs::metadata(path).map(|_| 0o600)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PKCS8: &str = include_str!("../../tests/it/support/keys/rsa-2048.pem");
    const PKCS1: &str = include_str!("../../tests/it/support/keys/rsa-2048-pkcs1.pem");
    const SHORT: &str = include_str!("../../tests/it/support/keys/rsa-1024.pem");
    const SHORTER: &str = include_str!("../../tests/it/support/keys/rsa-768.pem");
    const ED25519: &str = include_str!("../../tests/it/support/keys/ed25519.pem");

    #[test]
    fn a_key_is_the_same_in_either_wrapping() {
        let [one, other] = [PKCS8, PKCS1].map(|pem| DkimKey::parse(pem).expect("a key"));
        assert_eq!(one.public(), other.public());
        assert_eq!(one.sign(b"x"), other.sign(b"x"));
        assert_eq!((one.kind(), one.rsa_bits()), ("rsa", Some(2048)));
        let curve = DkimKey::parse(ED25519).expect("a key");
        assert_eq!(
            (curve.kind(), curve.rsa_bits(), curve.public().len()),
            ("ed25519", None, 32)
        );
    }

    #[test]
    fn a_short_key_signs_as_a_long_one_does() {
        // The same arithmetic on a key that `ring` signs with gives what `ring` gives.
        let Ok(Pem::Rsa(pkcs1)) = der::read_pem(PKCS8) else {
            panic!("a key")
        };
        let numbers = RsaNumbers::read(&pkcs1).expect("numbers");
        let here = raised(b"a mail", &numbers.modulus, &numbers.private_exponent);
        assert_eq!(here, DkimKey::parse(PKCS8).expect("a key").sign(b"a mail"));
        let short = DkimKey::parse(SHORT).expect("a key");
        assert_eq!(short.sign(b"a mail").expect("a signature").len(), 128);
    }

    #[test]
    fn what_is_no_key_is_told_without_showing_any_of_it() {
        let broken = PKCS8.replace("MII", "M!I");
        let cut = &PKCS8[..200];
        let spoilt = PKCS8.replacen("AoIBAQ", "AoIBAA", 1);
        let encrypted = PKCS8.replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE");
        let certificate = PKCS8.replace("PRIVATE KEY", "CERTIFICATE");
        for (text, why) in [
            ("", "holds no key"),
            (broken.as_str(), "damaged"),
            (cut, "ends within"),
            (encrypted.as_str(), "encrypted"),
            (certificate.as_str(), "other than a private key"),
            (SHORTER, "768 bits"),
            (spoilt.as_str(), ""),
        ] {
            let Err(fault) = DkimKey::parse(text) else { continue };
            assert!(fault.contains(why), "{fault}");
            assert!(PKCS8.lines().skip(1).all(|line| !fault.contains(line)), "{fault}");
        }
        assert!(DkimKey::parse(&broken).is_err() && DkimKey::parse(SHORTER).is_err());
    }
}
