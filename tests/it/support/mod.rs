//! What the tests stand on: a database each, a throw-away PostgreSQL, a mail server, a web server
//! with a clock that the test sets, and a browser without JavaScript.

pub mod axe;
pub mod browser;
pub mod chrome;
pub mod db;
pub mod html;
pub mod left_out;
pub mod mailbox;
pub mod packed;
pub mod postgres;
pub mod program;
pub mod server;
pub mod smtp;
pub mod tls;

pub use axe::Axe;
pub use browser::{Api, Browser, Reply};
pub use chrome::Chrome;
pub use db::TestDb;
pub(crate) use db::db_test;
pub use packed::assert_packed;
pub use program::Program;
pub use server::{MANY, PASSWORD, Server, key};
pub use smtp::SmtpServer;
