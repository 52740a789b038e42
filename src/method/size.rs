//! The size of a company, in bands of its number of employees.

/// Each band with the number that it ends below.
pub const SIZES: [(&str, Option<i64>); 5] = [
    ("1-9", Some(10)),
    ("10-49", Some(50)),
    ("50-249", Some(250)),
    ("250-999", Some(1000)),
    ("1000+", None),
];

/// The band of a company whose number of employees nobody knows.
pub const UNKNOWN: &str = "unknown";

pub fn is_size(word: &str) -> bool {
    word == UNKNOWN || SIZES.iter().any(|(name, _)| *name == word)
}

/// The band that a number of employees lies in.
pub fn size(employees: Option<i64>) -> &'static str {
    let Some(employees) = employees else { return UNKNOWN };
    let within = |(_, below): &&(&'static str, Option<i64>)| below.is_none_or(|below| employees < below);
    SIZES.iter().find(within).map_or(UNKNOWN, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_employees_has_one_band() {
        let sizes = [0, 9, 10, 49, 50, 249, 250, 999, 1000, i64::MAX].map(|n| size(Some(n)));
        let bands = [
            "1-9", "1-9", "10-49", "10-49", "50-249", "50-249", "250-999", "250-999", "1000+", "1000+",
        ];
        assert_eq!(sizes, bands);
        assert_eq!(size(None), "unknown");
        assert!(is_size("unknown") && is_size("1000+") && !is_size("9"));
    }
}
