//! A company's figures on all its needs as one value beside its evidence: whoever passes over all
//! companies reads one row of each, instead of one for each need, or for each contact and need.
//!
//! For each need: its code's length and its code, then the figures, all little-endian. It names the
//! needs, so that it can be read whatever the framework has become since.

use crate::framework::Need;
use crate::method::agreement::Group;
use crate::store;

/// What a company comes to on one need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    pub score: f64,
    /// Its standard error.
    pub se: f64,
    /// How far its contacts agree; `None` with fewer than two.
    pub r_wg: Option<f64>,
    /// Their own scores.
    pub group: Group,
}

/// The bytes of a need's figures after its code.
const FIGURES: usize = 6 * 8;

pub fn pack<'c>(figures: impl IntoIterator<Item = (&'c str, Figure)>) -> Vec<u8> {
    let mut bytes = vec![];
    for (code, figure) in figures {
        bytes.extend((code.len() as u16).to_le_bytes());
        bytes.extend(code.as_bytes());
        // What is no number stands for none.
        let numbers = [
            figure.score,
            figure.se,
            figure.r_wg.unwrap_or(f64::NAN),
            figure.group.contacts as f64,
            figure.group.mean,
            figure.group.squares,
        ];
        numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    }
    bytes
}

/// Puts the figures in their needs' places. An error: the bytes are damaged, or are no figures at all.
pub fn unpack(needs: &[Need], mut bytes: &[u8], figures: &mut [Option<Figure>]) -> store::Result<()> {
    figures.fill(None);
    // They were packed in the framework's order, which is the same nearly always.
    let mut next = 0;
    while !bytes.is_empty() {
        let Some((code, numbers, rest)) = split(bytes) else {
            let why = "a company's packed scores are damaged: run a rescore";
            return Err(store::Error::DeserializationError(why.into()));
        };
        bytes = rest;
        let place = (next..needs.len())
            .chain(0..next)
            .find(|place| needs[*place].code.as_bytes() == code);
        // A need that was archived since has no place.
        let Some(place) = place else { continue };
        next = place + 1;
        if let Some(figure) = figures.get_mut(place) {
            *figure = Some(read(numbers));
        }
    }
    Ok(())
}

/// The first need's code and numbers, and what follows them.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8; FIGURES], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let (code, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    let (numbers, rest) = rest.split_first_chunk::<FIGURES>()?;
    Some((code, numbers, rest))
}

fn read(numbers: &[u8; FIGURES]) -> Figure {
    let mut eights = numbers
        .as_chunks::<8>()
        .0
        .iter()
        .map(|eight| f64::from_le_bytes(*eight));
    let mut next = || eights.next().unwrap_or(f64::NAN);
    let (score, se, r_wg) = (next(), next(), next());
    Figure {
        score,
        se,
        r_wg: (!r_wg.is_nan()).then_some(r_wg),
        group: Group {
            contacts: next() as u64,
            mean: next(),
            squares: next(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::Level;

    fn need(code: &str) -> Need {
        Need {
            code: code.to_owned(),
            name: code.to_owned(),
            level: Level::Strategic,
            description: String::new(),
        }
    }

    fn figure(score: f64, r_wg: Option<f64>) -> Figure {
        let group = Group {
            contacts: 3,
            mean: score + 1.0 / 3.0,
            squares: 12.5,
        };
        let se = 4.25;
        Figure { score, se, r_wg, group }
    }

    #[test]
    fn figures_find_their_needs_again_in_another_framework() {
        let (ease, calm, gone) = (figure(1.0 / 3.0, Some(0.5)), figure(99.0, None), figure(2.0, None));
        let bytes = pack([("ease", ease), ("gone", gone), ("calm", calm)]);
        let needs = ["calm", "new", "ease"].map(need);
        let mut figures = vec![Some(gone); 3];
        unpack(&needs, &bytes, &mut figures).unwrap();
        assert_eq!(figures, [Some(calm), None, Some(ease)]);
    }

    #[test]
    fn what_is_damaged_is_told_and_never_read_past_its_end() {
        let bytes = pack([("ease", figure(1.0, None))]);
        let needs = [need("ease")];
        for length in 1..bytes.len() {
            assert!(unpack(&needs, &bytes[..length], &mut [None]).is_err(), "{length}");
        }
        unpack(&needs, &[], &mut [None]).expect("a company may have no score");
    }
}
