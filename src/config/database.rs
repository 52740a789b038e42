//! Which database, by the scheme of its URL.

use std::fmt;
use std::path::PathBuf;

use url::Url;

/// Where the data is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The file, made when it is not there.
    Sqlite(PathBuf),
    /// The URL as given: libpq reads it, and knows more forms of it than we do.
    Postgres(String),
}

impl Default for DatabaseUrl {
    fn default() -> Self {
        Self::Sqlite(PathBuf::from("dripline.db"))
    }
}

impl DatabaseUrl {
    pub(super) fn parse(value: &str) -> Result<Self, String> {
        if value.starts_with("postgres://") || value.starts_with("postgresql://") {
            return Ok(Self::Postgres(value.to_owned()));
        }
        let Some(path) = value
            .strip_prefix("sqlite://")
            .or_else(|| value.strip_prefix("sqlite:"))
        else {
            return Err(
                "begins with neither sqlite:// nor postgres://: write it as sqlite://dripline.db \
                        or postgres://user:password@host/database"
                    .to_owned(),
            );
        };
        if path.is_empty() || path.ends_with('/') {
            return Err(format!("`{value}` names no file: write it as sqlite://dripline.db"));
        }
        if path.contains('?') {
            return Err(format!(
                "`{value}` carries options, of which there are none for SQLite: leave them out"
            ));
        }
        // Each connection would have a memory of its own.
        if path.contains(":memory:") {
            return Err("keeps nothing in memory alone: name a file".to_owned());
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

/// For logs and pages: without user and password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => match Url::parse(url) {
                Ok(url) => write!(f, "postgres://{}{}", url.host_str().unwrap_or_default(), url.path()),
                Err(_) => write!(f, "postgres://…"),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
