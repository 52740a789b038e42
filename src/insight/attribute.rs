//! What companies are told apart by besides their segment: columns of their own, and whatever else
//! was imported.

use crate::method::size::{SIZES, UNKNOWN};

/// The attributes that have a column of their own, as it is named.
pub const COLUMNS: [&str; 8] = [
    "industry",
    "country",
    "region",
    "customer_type",
    "journey_stage",
    "behaviour",
    "technology_level",
    "tier",
];

/// The attribute that stands for the number of employees, in bands.
pub const EMPLOYEES: &str = "employees";

/// The value of a company `c`, for those attributes that stand in its own row; only texts of ours
/// are put in.
pub(super) fn expression(name: &str) -> Option<String> {
    if name == EMPLOYEES {
        let bands = SIZES.iter().map(|(name, below)| match below {
            Some(below) => format!("WHEN c.employees < {below} THEN '{name}' "),
            None => format!("ELSE '{name}' "),
        });
        let bands: String = bands.collect();
        return Some(format!("CASE WHEN c.employees IS NULL THEN '{UNKNOWN}' {bands}END"));
    }
    let column = COLUMNS.iter().find(|column| **column == name)?;
    Some(format!("c.{column}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_columns_have_an_expression() {
        assert_eq!(expression("region").as_deref(), Some("c.region"));
        assert_eq!(expression("Shoe size"), None);
    }
}
