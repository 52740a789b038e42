//! IMAP, through a library: its replies nest, and parsing them by hand is how clients break.

use async_imap::types::Fetch;
use async_imap::{Client, Session};
use futures_util::{Stream, StreamExt};
use tokio::io::BufReader;

use super::Item;
use super::wire::{self, Wire};
use crate::config::{MailboxConfig, Security};
use crate::incoming::MOST_BYTES;

pub struct Imap {
    session: Session<BufReader<Box<dyn Wire>>>,
    /// The folder's numbers hold as long as this one does.
    validity: u32,
    /// The server can remove single mails; else they are left marked as deleted.
    removes_one: bool,
    deleted: Vec<u32>,
}

impl Imap {
    pub async fn open(mailbox: &MailboxConfig) -> Result<Imap, String> {
        let wire = wire::connect(mailbox, ("dripline STARTTLS", "dripline OK")).await?;
        let mut client = Client::new(wire);
        // After STARTTLS there is no second greeting.
        if matches!(mailbox.security, Security::Implicit | Security::Never) {
            let greeting = client.read_response().await.map_err(|error| error.to_string())?;
            greeting.ok_or("the server closed the connection")?;
        }
        let logged_in = client.login(&mailbox.user, mailbox.password.reveal()).await;
        let mut session = logged_in.map_err(|(error, _)| format!("LOGIN was refused: {error}"))?;
        let capabilities = session.capabilities().await.map_err(told)?;
        let selected = session.select(&mailbox.folder).await.map_err(told)?;
        Ok(Imap {
            session,
            validity: selected.uid_validity.unwrap_or(0),
            removes_one: capabilities.has_str("UIDPLUS"),
            deleted: Vec::new(),
        })
    }

    pub async fn list(&mut self) -> Result<Vec<Item>, String> {
        let found = self.session.uid_search("UNDELETED").await.map_err(told)?;
        let mut numbers: Vec<u32> = found.into_iter().collect();
        numbers.sort_unstable();
        let validity = self.validity;
        let item = |number| Item {
            number,
            name: format!("{validity}.{number}"),
            size: 0,
        };
        Ok(numbers.into_iter().map(item).collect())
    }

    /// Looked at, not read: whoever shares the mailbox finds it unread.
    pub async fn get(&mut self, item: &Item) -> Result<Vec<u8>, String> {
        let query = format!("(UID BODY.PEEK[]<0.{MOST_BYTES}>)");
        let replies = self
            .session
            .uid_fetch(item.number.to_string(), query)
            .await
            .map_err(told)?;
        let replies: Vec<Fetch> = all(replies).await?;
        let reply = replies.iter().find(|reply| reply.uid == Some(item.number));
        let bytes = reply.and_then(Fetch::body).unwrap_or_default();
        Ok(bytes[..bytes.len().min(MOST_BYTES)].to_vec())
    }

    pub async fn delete(&mut self, item: &Item) -> Result<(), String> {
        let mark = "+FLAGS.SILENT (\\Deleted)";
        let replies = self
            .session
            .uid_store(item.number.to_string(), mark)
            .await
            .map_err(told)?;
        all(replies).await?;
        self.deleted.push(item.number);
        Ok(())
    }

    pub async fn close(mut self) -> Result<(), String> {
        // Removing whatever is marked would take other people's mails, too.
        if self.removes_one && !self.deleted.is_empty() {
            let numbers: Vec<String> = self.deleted.iter().map(u32::to_string).collect();
            let replies = self.session.uid_expunge(numbers.join(",")).await.map_err(told)?;
            all(replies).await?;
        }
        self.session.logout().await.map_err(told)
    }
}

async fn all<T>(replies: impl Stream<Item = async_imap::error::Result<T>>) -> Result<Vec<T>, String> {
    let replies: Vec<_> = replies.collect().await;
    replies
        .into_iter()
        .collect::<async_imap::error::Result<Vec<T>>>()
        .map_err(told)
}

fn told(error: async_imap::error::Error) -> String {
    error.to_string()
}
