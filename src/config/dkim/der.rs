//! As much of PEM and DER as a private key's file needs.

use data_encoding::BASE64;

/// What a PEM text holds.
pub enum Pem {
    /// The whole PKCS#8 structure.
    Ed25519(Vec<u8>),
    /// The PKCS#1 structure, taken out of PKCS#8 where it stood in one.
    Rsa(Vec<u8>),
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// 1.2.840.113549.1.1.1
const RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 1.3.101.112
const ED25519: [u8; 3] = [0x2b, 0x65, 0x70];

/// No fault shows any of the text: it is a secret.
pub fn read_pem(text: &str) -> Result<Pem, String> {
    let advice = "a PEM file with -----BEGIN PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY----- is wanted";
    let (label, rest) = text
        .split_once("-----BEGIN ")
        .and_then(|(_, rest)| rest.split_once("-----"))
        .ok_or_else(|| format!("holds no key: {advice}"))?;
    let (body, _) = rest
        .split_once("-----END ")
        .ok_or_else(|| format!("ends within the key: {advice}"))?;
    if label.starts_with("ENCRYPTED") || body.contains("ENCRYPTED") {
        return Err("the key is encrypted, and there is nobody to ask for the password: store it without one".into());
    }
    let base64: String = body.split_whitespace().collect();
    let der = BASE64
        .decode(base64.as_bytes())
        .map_err(|_| format!("the key is damaged: {advice}"))?;
    match label {
        "RSA PRIVATE KEY" => Ok(Pem::Rsa(der)),
        "PRIVATE KEY" => read_pkcs8(der).ok_or_else(|| "holds a key that is neither RSA nor Ed25519".to_owned()),
        _ => Err(format!("holds something other than a private key: {advice}")),
    }
}

fn read_pkcs8(der: Vec<u8>) -> Option<Pem> {
    let (whole, _) = expect(SEQUENCE, &der)?;
    let (_version, rest) = expect(INTEGER, whole)?;
    let (algorithm, rest) = expect(SEQUENCE, rest)?;
    let (kind, _) = expect(OBJECT, algorithm)?;
    let (key, _) = expect(OCTET_STRING, rest)?;
    if kind == RSA {
        return Some(Pem::Rsa(key.to_vec()));
    }
    (kind == ED25519).then(|| Pem::Ed25519(der.clone()))
}

/// The numbers of an RSA key, big-endian, without zeros in front.
pub struct RsaNumbers {
    pub modulus: Vec<u8>,
    pub public_exponent: Vec<u8>,
    pub private_exponent: Vec<u8>,
}

impl RsaNumbers {
    pub fn read(pkcs1: &[u8]) -> Option<RsaNumbers> {
        let (whole, _) = expect(SEQUENCE, pkcs1)?;
        let (_version, rest) = expect(INTEGER, whole)?;
        let (modulus, rest) = expect(INTEGER, rest)?;
        let (public_exponent, rest) = expect(INTEGER, rest)?;
        let (private_exponent, _) = expect(INTEGER, rest)?;
        let [modulus, public_exponent, private_exponent] = [modulus, public_exponent, private_exponent].map(bare);
        (!modulus.is_empty()).then_some(RsaNumbers {
            modulus,
            public_exponent,
            private_exponent,
        })
    }

    pub fn bits(&self) -> usize {
        let zeros = self.modulus.first().map_or(0, |first| first.leading_zeros());
        self.modulus.len() * 8 - zeros as usize
    }

    /// SubjectPublicKeyInfo (RFC 5280 section 4.1).
    pub fn public_key(&self) -> Vec<u8> {
        let numbers = [integer(&self.modulus), integer(&self.public_exponent)].concat();
        let key = [&[0][..], &element(SEQUENCE, &numbers)].concat();
        let kind = [element(OBJECT, &RSA), element(NULL, &[])].concat();
        element(
            SEQUENCE,
            &[element(SEQUENCE, &kind), element(BIT_STRING, &key)].concat(),
        )
    }
}

fn bare(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

/// A positive number: a first bit set would make it a negative one.
fn integer(number: &[u8]) -> Vec<u8> {
    match number.first() {
        Some(first) if *first < 0x80 => element(INTEGER, number),
        _ => element(INTEGER, &[&[0], number].concat()),
    }
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..0x80 => out.push(short as u8),
        long => {
            let length = bare(&long.to_be_bytes());
            out.push(0x80 | length.len() as u8);
            out.extend(length);
        }
    }
    out.extend(content);
    out
}

/// The content of the first element, which must have that tag, and what follows it.
fn expect(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [found, length, rest @ ..] = bytes else { return None };
    let (length, rest) = match length {
        short @ 0..0x80 => (usize::from(*short), rest),
        long => {
            let digits = usize::from(long & 0x7f);
            let (length, rest) = (rest.get(..digits)?, rest.get(digits..)?);
            let fits = (1..=4).contains(&digits);
            let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (fits.then_some(length)?, rest)
        }
    };
    (*found == tag).then_some((rest.get(..length)?, rest.get(length..)?))
}
