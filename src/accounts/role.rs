//! What a user or a token may do.

/// Each may what the one before it may, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads companies and figures, tags companies by hand.
    Sales,
    /// Also edits companies, imports, exports, runs drips.
    Analyst,
    /// Also users, tokens, the audit log, the mailbox.
    Admin,
}

impl Role {
    /// From the most powerful down.
    pub const ALL: [Role; 3] = [Role::Admin, Role::Analyst, Role::Sales];

    pub fn as_str(&self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Analyst => "analyst",
            Role::Sales => "sales",
        }
    }

    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether somebody of this role may do what `needed` may.
    pub fn may(self, needed: Role) -> bool {
        self >= needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admin_may_all_an_analyst_what_sales_may_and_sales_its_own() {
        let may = |role: Role| Role::ALL.map(|needed| role.may(needed));
        assert_eq!(may(Role::Admin), [true, true, true]);
        assert_eq!(may(Role::Analyst), [false, true, true]);
        assert_eq!(may(Role::Sales), [false, false, true]);
    }

    #[test]
    fn a_role_is_read_as_it_is_written_and_nothing_else_is() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("Admin"), None);
        assert_eq!(Role::parse(""), None);
    }
}
