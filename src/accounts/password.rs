//! Passwords, kept as argon2id hashes.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const LEAST_CHARACTERS: usize = 8;
const MOST_CHARACTERS: usize = 128;
/// Each hash takes 19 MiB and a core: more at once would starve the pages, and on two cores the
/// respondents keep one.
const HASHES_AT_ONCE: usize = 2;

fn hashes_at_once() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores / 2).clamp(1, HASHES_AT_ONCE)
}

/// A password's hash: there is no other way into the database.
#[derive(Clone, PartialEq, Eq)]
pub struct Hashed(String);

impl Hashed {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn of_row(text: String) -> Hashed {
        Hashed(text)
    }
}

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    #[error("a password has 8 characters or more; 15 are better")]
    TooShort,
    #[error("a password has 128 characters at most")]
    TooLong,
    #[error("the password could not be hashed")]
    Unhashed,
}

/// Whether a password is the one that was hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    /// With a new hash when the stored one is weaker than today's.
    Right {
        rehashed: Option<Hashed>,
    },
}

/// Hashes passwords, never more than two at once. Clones share that limit.
#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// What an unknown user's password is checked against, so that it takes as long.
    nobody: Arc<OnceLock<Option<Hashed>>>,
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords {
            permits: Arc::new(Semaphore::new(hashes_at_once())),
            nobody: Arc::default(),
        }
    }
}

impl Passwords {
    /// For commands; async code calls [`Passwords::hash`].
    pub fn hash_now(password: &str) -> Result<Hashed, PasswordFault> {
        check_length(password)?;
        let hash = hasher().and_then(|argon2| argon2.hash_password(password.as_bytes()).ok());
        hash.map(|hash: PasswordHash| Hashed(hash.to_string()))
            .ok_or(PasswordFault::Unhashed)
    }

    /// Hashes a new password, off the async threads.
    pub async fn hash(&self, password: String) -> Result<Hashed, PasswordFault> {
        check_length(&password)?;
        self.run(move || Passwords::hash_now(&password))
            .await
            .unwrap_or(Err(PasswordFault::Unhashed))
    }

    /// Checks a password; against nobody's when there is no hash, which takes as long. One that
    /// could never have been set is refused without a hash run.
    pub async fn verify(&self, password: String, hashed: Option<Hashed>) -> Result<Verdict, PasswordFault> {
        if check_length(&password) == Err(PasswordFault::TooLong) {
            return Err(PasswordFault::TooLong);
        }
        let nobody = Arc::clone(&self.nobody);
        let verdict = self.run(move || match hashed {
            Some(hashed) => verdict(&password, &hashed),
            None => {
                let dummy = nobody.get_or_init(|| Passwords::hash_now(&super::secret::random()).ok());
                if let Some(dummy) = dummy {
                    matches(&password, dummy);
                }
                Verdict::Wrong
            }
        });
        verdict.await.ok_or(PasswordFault::Unhashed)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok()?;
        let work = move || {
            // Held until the hash is done, even when the request has gone away.
            let _permit = permit;
            work()
        };
        tokio::task::spawn_blocking(work).await.ok()
    }
}

fn check_length(password: &str) -> Result<(), PasswordFault> {
    // The bytes first: nobody counts the characters of a megabyte.
    if password.len() > 4 * MOST_CHARACTERS {
        return Err(PasswordFault::TooLong);
    }
    match password.chars().count() {
        ..LEAST_CHARACTERS => Err(PasswordFault::TooShort),
        LEAST_CHARACTERS..=MOST_CHARACTERS => Ok(()),
        _ => Err(PasswordFault::TooLong),
    }
}

fn hasher() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn verdict(password: &str, hashed: &Hashed) -> Verdict {
    if !matches(password, hashed) {
        return Verdict::Wrong;
    }
    let rehashed = is_weak(hashed).then(|| Passwords::hash_now(password).ok()).flatten();
    Verdict::Right { rehashed }
}

fn matches(password: &str, hashed: &Hashed) -> bool {
    hasher().is_some_and(|argon2| argon2.verify_password(password.as_bytes(), hashed.as_str()).is_ok())
}

/// Whether it was made with less memory or fewer passes than new ones are, or by another method.
fn is_weak(hashed: &Hashed) -> bool {
    let Ok(hash) = PasswordHash::new(hashed.as_str()) else {
        return true;
    };
    let strong = Params::try_from(&hash).is_ok_and(|p| p.m_cost() >= MEMORY_KIB && p.t_cost() >= PASSES);
    !(strong && hash.algorithm.as_str() == "argon2id")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(password: &str) -> Hashed {
        Passwords::hash_now(password).expect("a hash")
    }

    #[test]
    fn a_password_has_8_to_128_characters_of_any_script() {
        for (password, expected) in [
            ("1234567".to_owned(), Err(PasswordFault::TooShort)),
            ("12345678".to_owned(), Ok(())),
            ("пароль-да".to_owned(), Ok(())),
            ("ü".repeat(128), Ok(())),
            ("x".repeat(129), Err(PasswordFault::TooLong)),
            ("x".repeat(1_000_000), Err(PasswordFault::TooLong)),
        ] {
            assert_eq!(check_length(&password), expected, "{} bytes", password.len());
        }
    }

    #[test]
    fn passwords_that_share_their_first_72_bytes_differ() {
        let (one, other) = (format!("{}a", "x".repeat(72)), format!("{}b", "x".repeat(72)));
        assert!(matches(&one, &hashed(&one)));
        assert!(!matches(&other, &hashed(&one)));
    }

    #[test]
    fn hashes_are_argon2id_of_19_mib_and_salted() {
        let (one, other) = (hashed("correct horse"), hashed("correct horse"));
        assert!(
            one.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            one.as_str()
        );
        assert_ne!(one, other);
    }

    #[test]
    fn a_weaker_hash_is_made_anew_at_log_in() {
        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(64, 1, 1, None).expect("parameters"),
        );
        let weak: PasswordHash = weak.hash_password(b"correct horse").expect("a hash");
        let Verdict::Right {
            rehashed: Some(rehashed),
        } = verdict("correct horse", &Hashed(weak.to_string()))
        else {
            panic!("not made anew");
        };
        assert_eq!(verdict("correct horse", &rehashed), Verdict::Right { rehashed: None });
    }

    #[tokio::test]
    async fn nobody_has_a_password() {
        let passwords = Passwords::default();
        let verdict = passwords.verify("correct horse".to_owned(), None).await;
        assert_eq!(verdict, Ok(Verdict::Wrong));
        let too_long = passwords.verify("x".repeat(129), None).await;
        assert_eq!(too_long, Err(PasswordFault::TooLong));
    }
}
