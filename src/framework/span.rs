//! Spans of time as the file writes them.

use serde::{Deserialize, Serialize};

/// A span of time, written `30d`, `12h` or `45m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Minutes(pub u32);

impl Minutes {
    /// `None` unless the text is a whole number followed by `d`, `h` or `m`.
    pub fn parse(text: &str) -> Option<Minutes> {
        let unit = match text.chars().last()? {
            'd' => 24 * 60,
            'h' => 60,
            'm' => 1,
            _ => return None,
        };
        let count = text.get(..text.len() - 1)?;
        if count.is_empty() || !count.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        // A century is more than any drip waits; it keeps every date in range.
        let minutes = count.parse::<u32>().ok()?.checked_mul(unit)?;
        (minutes <= 100 * 366 * 24 * 60).then_some(Minutes(minutes))
    }
}

impl std::fmt::Display for Minutes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            m if m % (24 * 60) == 0 => write!(f, "{}d", m / (24 * 60)),
            m if m % 60 == 0 => write!(f, "{}h", m / 60),
            m => write!(f, "{m}m"),
        }
    }
}

impl Serialize for Minutes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Minutes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Minutes::parse(&text).ok_or_else(|| serde::de::Error::custom("a span of time is written 30d, 12h or 45m"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_whole_number_of_days_hours_or_minutes() {
        assert_eq!(Minutes::parse("30d"), Some(Minutes(43_200)));
        assert_eq!(Minutes::parse("36h"), Some(Minutes(2_160)));
        assert_eq!(Minutes::parse("0m"), Some(Minutes(0)));
        assert_eq!(
            [Minutes(43_200), Minutes(2_160), Minutes(45)].map(|m| m.to_string()),
            ["30d", "36h", "45m"]
        );
        for wrong in ["", "d", "30", "-1d", "1.5h", "1w", "99999999999d", "40000d", "3é"] {
            assert_eq!(Minutes::parse(wrong), None, "{wrong}");
        }
    }
}
