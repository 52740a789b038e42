//! The framework as people read it, and its file.

/// The longest framework file.
pub const MOST_BYTES: usize = 4 * 1024 * 1024;
