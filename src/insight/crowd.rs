//! Who stands behind a figure.

/// Companies, and contacts of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Crowd {
    pub companies: u64,
    pub contacts: u64,
}

impl Crowd {
    /// Both as one.
    pub fn join(&mut self, other: &Crowd) {
        self.companies += other.companies;
        self.contacts += other.contacts;
    }
}
