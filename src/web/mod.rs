//! The web server: pages for people, JSON for machines. The only room that knows actix.
//!
//! A handler reads: extract, one verb, one page. `routes` is the site map and says who may use
//! which URL; `session` keeps to it. What the pages say is the capabilities' business.

mod account;
mod alerts;
pub mod api;
mod assets;
mod audit;
mod body;
mod companies;
mod company;
mod conversations;
mod contacts;
mod csrf;
mod dashboard;
mod design;
mod discoveries;
mod drips;
mod erasure;
pub mod error;
mod figures;
mod finder;
mod filter;
pub mod form;
mod giveback;
mod headers;
mod health;
mod identity;
mod imports;
mod insights;
mod kept;
mod language;
mod link;
mod log;
mod login;
mod misses;
mod mailbox;
pub mod page;
mod playbook;
mod preferences;
mod respond;
pub mod routes;
mod segments;
pub mod session;
mod sheets;
mod throttle;
mod tagging;
mod tokens;
mod trial;
mod upload;
mod users;
mod visits;
mod words;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use url::Url;

use crate::accounts::Passwords;
use crate::clock::Clock;
use crate::config::{Config, SecretKey};
use crate::respond::Visits;
use crate::store::Db;

use self::discoveries::Discoveries;
use self::kept::Kept;
pub use self::kept::MANY;
use self::misses::Misses;
use self::sheets::Sheets;
use self::throttle::Throttle;
use self::visits::Keeping;

/// Says whether the worker of this process is alive.
pub type IsAlive = Arc<dyn Fn() -> bool + Send + Sync>;

/// All that the pages work with.
pub struct Site {
    /// As [`bind`] left it.
    pub config: Arc<Config>,
    pub key: SecretKey,
    pub db: Db,
    pub clock: Clock,
    /// `None`: this process runs no worker.
    pub worker: Option<IsAlive>,
    /// How many threads answer; `None`: one for each core.
    pub threads: Option<usize>,
    /// Over more companies than these a page shows figures kept before, with their time: [`MANY`].
    pub many: i64,
}

/// Takes the address, and puts the port that the system chose into the links of `config` where
/// they rest on the address: so the worker may be started before the server.
pub fn bind(config: &mut Config) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(config.listen)?;
    config.listen.set_port(listener.local_addr()?.port());
    if !config.base_url_given {
        // Only URLs that cannot have a port refuse one, and http can.
        let _ = config.base_url.set_port(Some(config.listen.port()));
    }
    Ok(listener)
}

/// Begins to answer; it goes on while [`Serving::run`] is awaited. Call it inside a tokio runtime.
pub fn serve(listener: TcpListener, site: Site) -> io::Result<Serving> {
    let address = listener.local_addr()?;
    let base_url = site.config.base_url.clone();
    let threads = site.threads;
    let db = Data::new(site.db);
    let clock = Data::new(site.clock);
    let config = Data::from(site.config);
    let key = Data::new(site.key);
    let passwords = Data::new(Passwords::default());
    let throttle = Data::new(Throttle::default());
    let kept = Data::new(Kept::over(site.many));
    let discoveries = Data::new(Discoveries::default());
    let misses = Data::new(Misses::default());
    let visits = Data::new(Visits::default());
    let sheets = Data::new(Sheets::default());
    let keeping = visits::keep(db.clone(), visits.clone());
    let worker = Data::new(health::Worker(site.worker));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(db.clone())
            .app_data(clock.clone())
            .app_data(config.clone())
            .app_data(key.clone())
            .app_data(passwords.clone())
            .app_data(throttle.clone())
            .app_data(kept.clone())
            .app_data(discoveries.clone())
            .app_data(misses.clone())
            .app_data(visits.clone())
            .app_data(sheets.clone())
            .app_data(worker.clone())
            .configure(routes::configure)
            // The last one wrapped is the first to see a request and the last to see its answer.
            .wrap(from_fn(error::dress))
            .wrap(from_fn(log::request))
            .wrap(from_fn(headers::secure))
            .wrap(Compress::default())
    })
    .disable_signals()
    .shutdown_timeout(30);
    let server = match threads {
        Some(threads) => server.workers(threads),
        None => server,
    };
    Ok(Serving {
        address,
        base_url,
        server: server.listen(listener)?.run(),
        keeping,
    })
}

/// A server that was begun.
pub struct Serving {
    address: SocketAddr,
    base_url: Url,
    server: Server,
    keeping: Keeping,
}

impl Serving {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its links begin with.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// Stops it from elsewhere.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.server.handle())
    }

    /// Answers until somebody stops it.
    pub async fn run(self) -> io::Result<()> {
        let ended = self.server.await;
        self.keeping.end().await;
        ended
    }
}

/// Stops a server.
#[derive(Clone)]
pub struct Stopper(ServerHandle);

impl Stopper {
    /// Requests under way are answered first, for half a minute at most, when `graceful`.
    pub async fn stop(&self, graceful: bool) {
        self.0.stop(graceful).await;
    }
}
