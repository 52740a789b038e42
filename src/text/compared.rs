//! Two texts beside each other, with the words that differ.

/// A stretch of one of the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// The other text does not have it here.
    pub differs: bool,
}

/// More words than these on each side are not matched word by word.
const MOST: usize = 1_000;

/// The first text in pieces, and the second: what is left without the differing pieces is the same.
pub fn compare(old: &str, new: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (old, new) = (words(old), words(new));
    let same_start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (rest_old, rest_new) = (&old[same_start..], &new[same_start..]);
    let ends = rest_old.iter().rev().zip(rest_new.iter().rev());
    let same_end = ends.take_while(|(a, b)| a == b).count();
    let middle_old = &rest_old[..rest_old.len() - same_end];
    let middle_new = &rest_new[..rest_new.len() - same_end];
    let (mut kept_old, mut kept_new) = (vec![true; old.len()], vec![true; new.len()]);
    let (in_old, in_new) = if middle_old.len() <= MOST && middle_new.len() <= MOST {
        common(middle_old, middle_new)
    } else {
        (vec![false; middle_old.len()], vec![false; middle_new.len()])
    };
    kept_old[same_start..same_start + in_old.len()].copy_from_slice(&in_old);
    kept_new[same_start..same_start + in_new.len()].copy_from_slice(&in_new);
    (joined(&old, &kept_old), joined(&new, &kept_new))
}

/// Words, and what stands between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut before: Option<bool> = None;
    for (at, c) in text.char_indices() {
        let is_word = c.is_alphanumeric() || c == '\'' || c == '’';
        // What is no letter stands alone, so that a comma more is no other word.
        if at > start && (before != Some(is_word) || !is_word) {
            words.push(&text[start..at]);
            start = at;
        }
        before = Some(is_word);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

/// Which words of each side stand in the longest sequence that both have.
fn common(old: &[&str], new: &[&str]) -> (Vec<bool>, Vec<bool>) {
    let width = new.len() + 1;
    let mut longest = vec![0_u16; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = if old[i] == new[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut in_old, mut in_new) = (vec![false; old.len()], vec![false; new.len()]);
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            (in_old[i], in_new[j]) = (true, true);
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    (in_old, in_new)
}

fn joined(words: &[&str], kept: &[bool]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        // A blank between two words that differ belongs to them.
        let is_between =
            word.trim().is_empty() && at > 0 && !kept[at - 1] && kept.get(at + 1).is_some_and(|kept| !kept);
        let differs = !kept[at] || is_between;
        match pieces.last_mut() {
            Some(last) if last.differs == differs => last.text.push_str(word),
            _ => pieces.push(Piece {
                text: (*word).to_owned(),
                differs,
            }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The differing pieces in brackets.
    fn marked(old: &str, new: &str) -> (String, String) {
        let told = |pieces: Vec<Piece>| -> String {
            let piece = |piece: Piece| match piece.differs {
                true => format!("[{}]", piece.text),
                false => piece.text,
            };
            pieces.into_iter().map(piece).collect()
        };
        let (old, new) = compare(old, new);
        (told(old), told(new))
    }

    #[test]
    fn only_the_words_that_differ_are_marked() {
        assert_eq!(
            marked("Why did you buy now?", "Why did your company buy right now?"),
            (
                "Why did [you] buy now?".into(),
                "Why did [your company ]buy[ right] now?".into()
            )
        );
        assert_eq!(marked("Same.", "Same."), ("Same.".into(), "Same.".into()));
        assert_eq!(marked("", "New"), (String::new(), "[New]".into()));
        assert_eq!(marked("One, two", "One two"), ("One[,] two".into(), "One two".into()));
    }

    proptest! {
        #[test]
        fn both_texts_are_whole_and_share_what_is_not_marked(old in "[ab ,é]{0,40}", new in "[ab ,é]{0,40}") {
            let (of_old, of_new) = compare(&old, &new);
            let whole = |pieces: &[Piece]| -> String { pieces.iter().map(|piece| piece.text.as_str()).collect() };
            prop_assert_eq!(whole(&of_old), old);
            prop_assert_eq!(whole(&of_new), new);
        }
    }
}
