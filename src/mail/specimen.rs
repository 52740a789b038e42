//! A mail told by what it has that its specimen has not.
//!
//! All mails of a letter say nearly the same. Its *specimen* is that letter as it would go to nobody
//! in particular; kept once, it leaves of each mail some hundred bytes to be kept: runs that are
//! the mail's own, and where in the specimen (or in the mail itself, further up) the rest stands.
//! Putting it together again asks nothing but these two, so that what is sent a second time is the
//! same to the byte, whatever has become of the letter, its template or this program.

use std::sync::{Mutex, PoisonError};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Shorter repetitions cost as much to name as to keep.
const SHORTEST: usize = 12;
/// Places are looked up by their first eight bytes.
const KEY: usize = 8;
/// Of the table of places, as a power of two.
const BITS: u32 = 14;
/// No place.
const NONE: u32 = u32::MAX;

/// A letter's specimen, with the places of its runs.
pub struct Specimen {
    pub fingerprint: String,
    bytes: Vec<u8>,
    places: Vec<u32>,
    /// The same between two mails, and each mail's own places while it is told.
    scratch: Mutex<Vec<u32>>,
}

impl Specimen {
    pub fn new(bytes: Vec<u8>) -> Specimen {
        let mut places = vec![NONE; 1 << BITS];
        for at in 0..(bytes.len() + 1).saturating_sub(KEY) {
            places[slot(&bytes, at)] = at as u32;
        }
        Specimen {
            fingerprint: HEXLOWER.encode(&Sha256::digest(&bytes)),
            bytes,
            scratch: Mutex::new(places.clone()),
            places,
        }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the mail has that the specimen has not: by turns, how many bytes of its own and these,
    /// then how many are repeated and from where. Places count through the specimen and on through
    /// the mail.
    pub fn changes(&self, mail: &[u8]) -> Vec<u8> {
        let known = self.bytes.len();
        let mut whole = Vec::with_capacity(known + mail.len());
        whole.extend_from_slice(&self.bytes);
        whole.extend_from_slice(mail);
        let end = whole.len();
        let mut places = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        // What is the mail's own is little: putting these places back costs less than a new table.
        let mut touched = Vec::with_capacity(1024);
        let mut changes = Vec::with_capacity(1024);
        // Where what is the mail's own begins, and how far it is looked at.
        let (mut from, mut at) = (known, known);
        while at + KEY <= end {
            let slot = slot(&whole, at);
            let place = places[slot] as usize;
            places[slot] = at as u32;
            touched.push(slot);
            let length = match place < at {
                true => alike(&whole[place..at], &whole[at..]),
                false => 0,
            };
            if length < SHORTEST {
                at += 1;
                continue;
            }
            // The place looked up may lie within the run. What is repeated stands complete before it.
            let most = (at - from).min(place).min(at - place - length);
            let back = (1..=most)
                .take_while(|back| whole[at - back] == whole[place - back])
                .count();
            push(at - back - from, &mut changes);
            changes.extend_from_slice(&whole[from..at - back]);
            push(length + back, &mut changes);
            push(place - back, &mut changes);
            at += length;
            from = at;
        }
        for slot in touched {
            places[slot] = self.places[slot];
        }
        push(end - from, &mut changes);
        changes.extend_from_slice(&whole[from..]);
        changes
    }
}

/// The mail again. `None`: these are no changes to that specimen.
pub fn restored(specimen: &[u8], changes: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(2 * specimen.len() + changes.len());
    whole.extend_from_slice(specimen);
    let mut rest = changes;
    loop {
        let own = pull(&mut rest)?;
        whole.extend_from_slice(rest.get(..own)?);
        rest = &rest[own..];
        if rest.is_empty() {
            return Some(whole.split_off(specimen.len()));
        }
        let (length, place) = (pull(&mut rest)?, pull(&mut rest)?);
        let until = place.checked_add(length).filter(|until| *until <= whole.len())?;
        whole.extend_from_within(place..until);
    }
}

fn slot(bytes: &[u8], at: usize) -> usize {
    let mut key = [0; KEY];
    key.copy_from_slice(&bytes[at..at + KEY]);
    // Fibonacci's multiplier spreads keys that differ little.
    (u64::from_le_bytes(key).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS)) as usize
}

/// How many bytes two texts have in common from their beginnings on.
fn alike(one: &[u8], other: &[u8]) -> usize {
    let eights = one.chunks_exact(KEY).zip(other.chunks_exact(KEY));
    let same = KEY * eights.take_while(|(one, other)| one == other).count();
    let rest = one[same..].iter().zip(&other[same..]);
    same + rest.take_while(|(one, other)| one == other).count()
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
fn push(mut number: usize, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn pull(rest: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for (place, byte) in rest.iter().enumerate().take(4) {
        number |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            *rest = &rest[place + 1..];
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LETTER: &str = "From: us\r\nTo: nobody\r\n\r\nDear nobody,\r\nplease tell us at https://ask.test/r/a what \
        you think of us.\r\nYou need not, of course; https://ask.test/u/b stops these mails.\r\n";

    #[test]
    fn a_mail_of_the_letter_costs_little_and_comes_back_to_the_byte() {
        let specimen = Specimen::new(LETTER.into());
        let mail = LETTER
            .replace("nobody", "Ada Lovelace")
            .replace("r/a", "r/mfrggzdfmztwq2lknnwg23tpob")
            .replace("u/b", "u/qwertzuiopasdfghjklyxcvbnm");
        let changes = specimen.changes(mail.as_bytes());
        assert!(
            changes.len() * 3 < mail.len() * 2,
            "{} of {}",
            changes.len(),
            mail.len()
        );
        assert_eq!(restored(specimen.bytes(), &changes), Some(mail.into_bytes()));
        assert!(specimen.changes(LETTER.as_bytes()).len() < 10);
    }

    #[test]
    fn what_a_mail_says_twice_is_kept_once() {
        let specimen = Specimen::new(b"x".to_vec());
        let token = "mfrggzdfmztwq2lknnwg23tpobyxe43uov3ho6dzpi";
        let once = specimen.changes(token.as_bytes()).len();
        let twice = format!("{token}, and again {token}");
        let changes = specimen.changes(twice.as_bytes());
        assert!(changes.len() < once + 20);
        assert_eq!(restored(b"x", &changes), Some(twice.into_bytes()));
    }

    #[test]
    fn changes_to_another_specimen_are_none() {
        let specimen = Specimen::new(LETTER.into());
        let changes = specimen.changes(LETTER.as_bytes());
        assert_eq!(restored(b"short", &changes), None);
        assert_eq!(restored(LETTER.as_bytes(), &changes[..changes.len() - 1]), None);
    }

    proptest! {
        #[test]
        fn whatever_the_mail_it_comes_back(letter in "[a-d\r\n ]{0,300}", edits in prop::collection::vec((0usize..300, "[a-e]{0,20}"), 0..8)) {
            let mut mail = letter.clone();
            for (at, text) in edits {
                mail.insert_str(at.min(mail.len()), &text);
            }
            let specimen = Specimen::new(letter.into_bytes());
            let changes = specimen.changes(mail.as_bytes());
            prop_assert_eq!(restored(specimen.bytes(), &changes), Some(mail.into_bytes()));
        }
    }
}
