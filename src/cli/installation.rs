//! The installation that the settings point to: its database, its clock.

use crate::clock::Clock;
use crate::config::{Config, DatabaseUrl};
use crate::store::{Db, Url, migrate};

use super::report::{Failure, failed};

/// How the audit log calls whoever sits at the command line.
pub const ACTOR: &str = "console";

pub struct Installation {
    pub config: Config,
    pub db: Db,
    pub clock: Clock,
}

impl Installation {
    /// Opens what the settings point to and brings its database up to date, so that any command
    /// may be the first.
    pub fn open() -> Result<Installation, Failure> {
        Installation::open_as(settings()?)
    }

    /// As [`Installation::open`], with settings that were changed on the way.
    pub fn open_as(config: Config) -> Result<Installation, Failure> {
        let db = Db::open(&address(&config))?;
        migrate::run(&db)?;
        Ok(Installation {
            config,
            db,
            clock: Clock::system(),
        })
    }
}

/// The settings, or every fault in them.
pub fn settings() -> Result<Config, Failure> {
    Config::read().map_err(|faults| {
        Failure(
            faults
                .0
                .iter()
                .map(|fault| format!("{}: {}", fault.setting, fault.problem))
                .collect(),
        )
    })
}

/// Where the database is, as the store names it.
pub fn address(config: &Config) -> Url {
    match &config.database {
        DatabaseUrl::Sqlite(path) => Url::Sqlite(path.clone()),
        DatabaseUrl::Postgres(url) => Url::Postgres(url.clone()),
    }
}

/// The text of a file that somebody named.
pub fn read_text(path: &std::path::Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|error| failed(path.display(), error))?;
    String::from_utf8(bytes).map_err(|_| failed(path.display(), "is not UTF-8 text"))
}
