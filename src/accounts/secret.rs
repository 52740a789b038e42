//! Random texts that open something, and the hash under which they are kept.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// 160 random bits, as 32 letters and digits.
pub fn random() -> String {
    BASE32_NOPAD.encode(&rand::random::<[u8; 20]>()).to_ascii_lowercase()
}

/// What is kept of it: with 160 random bits there is nothing to guess, so a fast hash will do.
pub fn hash(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_160_bits_and_never_come_twice() {
        let (one, other) = (random(), random());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
        assert_eq!(hash(&one), hash(&one));
        assert_ne!(hash(&one), hash(&other));
    }
}
