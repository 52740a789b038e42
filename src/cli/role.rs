//! A role as an argument.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::accounts::Role;

/// Takes one of the roles' names and shows all of them in the help.
pub fn parser() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(|role| role.as_str()))
        .try_map(|name| Role::parse(&name).ok_or("is no role"))
}
