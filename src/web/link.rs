//! Addresses within the site, put together so that any text may be a part of them.

/// One part of a path: an external id may hold anything.
pub fn part(text: &str) -> String {
    let mut part = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            part.push(char::from(byte));
        } else {
            part.push_str(&format!("%{byte:02X}"));
        }
    }
    part
}

/// The path with those parameters that say something.
pub fn with<'a>(path: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let said = parameters.into_iter().filter(|(_, value)| !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(said)
        .finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_external_id_is_one_part_of_a_path() {
        assert_eq!(part("c-1"), "c-1");
        assert_eq!(part("a/b %?#é"), "a%2Fb%20%25%3F%23%C3%A9");
    }

    #[test]
    fn a_parameter_that_says_nothing_is_left_out() {
        assert_eq!(with("/x", [("a", ""), ("b", "")]), "/x");
        assert_eq!(with("/x", [("a", "1 & 2"), ("b", ""), ("c", "3")]), "/x?a=1+%26+2&c=3");
    }
}
