//! HOUSE.md section 2.
