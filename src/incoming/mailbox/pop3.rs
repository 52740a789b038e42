//! POP3 (RFC 1939): six commands, so small that the libraries for it are larger than what they save,
//! and those that there are take no connection of our own, no limit of time and none of size.

use tokio::io::{AsyncWriteExt, BufReader};

use super::Item;
use super::wire::{self, Wire};
use crate::config::{MailboxConfig, Security};
use crate::incoming::MOST_BYTES;

pub struct Pop3 {
    wire: BufReader<Box<dyn Wire>>,
}

impl Pop3 {
    pub async fn open(mailbox: &MailboxConfig) -> Result<Pop3, String> {
        let wire = wire::connect(mailbox, ("STLS", "+OK")).await?;
        let mut pop3 = Pop3 { wire };
        // After STLS there is no second greeting.
        if matches!(mailbox.security, Security::Implicit | Security::Never) {
            pop3.answer("the greeting").await?;
        }
        pop3.ask("USER", &mailbox.user).await?;
        pop3.ask("PASS", mailbox.password.reveal()).await?;
        Ok(pop3)
    }

    pub async fn list(&mut self) -> Result<Vec<Item>, String> {
        self.ask("LIST", "").await?;
        let sizes = self.numbered().await?;
        let names = match self.ask("UIDL", "").await {
            Ok(_) => self.numbered().await?,
            // Without names each look fetches anew; what was taken before counts once all the same.
            Err(_) => sizes.clone(),
        };
        let mut items = Vec::new();
        for ((number, name), (_, size)) in names.into_iter().zip(sizes) {
            items.push(Item {
                number,
                name,
                size: size.parse().unwrap_or(0),
            });
        }
        Ok(items)
    }

    pub async fn get(&mut self, item: &Item) -> Result<Vec<u8>, String> {
        self.ask("RETR", &item.number.to_string()).await?;
        let mut mail = Vec::new();
        let mut begins = true;
        loop {
            let piece = wire::piece(&mut self.wire).await?;
            let stuffed = begins && piece.starts_with(b".");
            if stuffed && piece.trim_ascii_end() == b"." {
                return Ok(mail);
            }
            begins = piece.ends_with(b"\n");
            let bytes = &piece[usize::from(stuffed)..];
            let room = MOST_BYTES.saturating_sub(mail.len());
            mail.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    pub async fn delete(&mut self, item: &Item) -> Result<(), String> {
        self.ask("DELE", &item.number.to_string()).await.map(|_| ())
    }

    pub async fn close(mut self) -> Result<(), String> {
        self.ask("QUIT", "").await.map(|_| ())
    }

    async fn ask(&mut self, command: &str, argument: &str) -> Result<String, String> {
        let space = if argument.is_empty() { "" } else { " " };
        let line = format!("{command}{space}{argument}\r\n");
        let sent = self.wire.write_all(line.as_bytes()).await;
        sent.map_err(|error| error.to_string())?;
        self.wire.flush().await.map_err(|error| error.to_string())?;
        self.answer(command).await
    }

    async fn answer(&mut self, to: &str) -> Result<String, String> {
        let line = wire::line(&mut self.wire).await?;
        match line.strip_prefix("+OK") {
            Some(rest) => Ok(rest.trim().to_owned()),
            None => Err(format!("{to} was refused: {}", line.trim_start_matches("-ERR").trim())),
        }
    }

    /// Lines of a number and a word, up to the one with a dot.
    async fn numbered(&mut self) -> Result<Vec<(u32, String)>, String> {
        let mut lines = Vec::new();
        loop {
            let line = wire::line(&mut self.wire).await?;
            if line == "." {
                return Ok(lines);
            }
            let mut words = line.split_whitespace();
            let number = words.next().and_then(|number| number.parse().ok());
            if let (Some(number), Some(word)) = (number, words.next()) {
                lines.push((number, word.to_owned()));
            }
        }
    }
}
