//! `09:00` to minutes after midnight and back.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// `None` unless the text is `HH:MM` between 00:00 and 24:00.
pub fn parse(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits = |part: &str| {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u16>().ok())
            .flatten()
    };
    let total = two_digits(hours)? * 60 + two_digits(minutes).filter(|m| *m < 60)?;
    (total <= 24 * 60).then_some(total)
}

pub fn format(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

pub fn serialize<S: Serializer>(minutes: &u16, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format(*minutes))
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom("a time of day is written 09:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_24_00_and_not_later() {
        assert_eq!(parse("00:00"), Some(0));
        assert_eq!(parse("09:05"), Some(545));
        assert_eq!(parse("24:00"), Some(1_440));
        assert_eq!(format(545), "09:05");
        for wrong in ["24:01", "9:00", "09:60", "09.00", "", "+9:00", "é:00"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
