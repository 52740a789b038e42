//! A mailbox in the test process, by POP3 or IMAP: user `ada`, password `secret`.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    Pop3,
    Imap,
}

pub struct Mailbox {
    address: SocketAddr,
    tongue: Tongue,
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    /// Number and bytes, with CRLF.
    mails: Vec<(u32, Vec<u8>)>,
    heard: Vec<String>,
    next: u32,
}

impl Mailbox {
    pub fn start(tongue: Tongue) -> Mailbox {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let held = Arc::new(Mutex::new(Held::default()));
        let shared = held.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // A client that goes away in the middle ends its own conversation alone.
                let _ = match tongue {
                    Tongue::Pop3 => pop3(stream, &shared),
                    Tongue::Imap => imap(stream, &shared),
                };
            }
        });
        Mailbox { address, tongue, held }
    }

    pub fn url(&self) -> String {
        self.url_as("ada", "secret")
    }

    pub fn url_as(&self, user: &str, password: &str) -> String {
        let scheme = match self.tongue {
            Tongue::Pop3 => "pop3",
            Tongue::Imap => "imap",
        };
        format!("{scheme}://{user}:{password}@{}", self.address)
    }

    pub fn put(&self, mail: &str) {
        let mut held = self.held.lock().expect("the mailbox");
        held.next += 1;
        let number = held.next;
        let bytes = mail.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes();
        held.mails.push((number, bytes));
    }

    pub fn texts(&self) -> Vec<String> {
        let held = self.held.lock().expect("the mailbox");
        held.mails
            .iter()
            .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
            .collect()
    }

    /// Commands that hold this word.
    pub fn heard(&self, word: &str) -> usize {
        let held = self.held.lock().expect("the mailbox");
        held.heard.iter().filter(|line| line.contains(word)).count()
    }
}

fn pop3(stream: TcpStream, held: &Mutex<Held>) -> std::io::Result<()> {
    let (mut out, mut lines) = (stream.try_clone()?, BufReader::new(stream).lines());
    let mut gone = Vec::new();
    out.write_all(b"+OK ready\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let mut held = held.lock().expect("the mailbox");
        held.heard.push(line.clone());
        let mut words = line.split(' ');
        let (verb, argument) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let place = argument.parse::<usize>().unwrap_or(1) - 1;
        let answer = match verb {
            "USER" | "PASS" if ["ada", "secret"].contains(&argument) => b"+OK\r\n".to_vec(),
            "LIST" | "UIDL" => {
                let line = |(n, (number, bytes)): (usize, &(u32, Vec<u8>))| match verb {
                    "LIST" => format!("{} {}\r\n", n + 1, bytes.len()),
                    _ => format!("{} uid-{number}\r\n", n + 1),
                };
                let lines: String = held.mails.iter().enumerate().map(line).collect();
                format!("+OK\r\n{lines}.\r\n").into_bytes()
            }
            "RETR" => {
                let mail = String::from_utf8_lossy(&held.mails[place].1).into_owned();
                format!(
                    "+OK\r\n{}.\r\n",
                    format!("\r\n{mail}").replace("\r\n.", "\r\n..").split_at(2).1
                )
                .into_bytes()
            }
            "DELE" => {
                gone.push(held.mails[place].0);
                b"+OK\r\n".to_vec()
            }
            "QUIT" => {
                held.mails.retain(|(number, _)| !gone.contains(number));
                out.write_all(b"+OK\r\n")?;
                return Ok(());
            }
            _ => b"-ERR no\r\n".to_vec(),
        };
        out.write_all(&answer)?;
    }
    Ok(())
}

fn imap(stream: TcpStream, held: &Mutex<Held>) -> std::io::Result<()> {
    let (mut out, mut lines) = (stream.try_clone()?, BufReader::new(stream).lines());
    out.write_all(b"* OK ready\r\n")?;
    let mut marked: Vec<u32> = Vec::new();
    while let Some(line) = lines.next().transpose()? {
        let mut held = held.lock().expect("the mailbox");
        held.heard.push(line.clone());
        let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
        let number: u32 = command
            .split(' ')
            .nth(2)
            .and_then(|word| word.parse().ok())
            .unwrap_or(0);
        let mut said = Vec::new();
        let mut done = "OK";
        match command {
            _ if command.starts_with("LOGIN") => {
                if command != "LOGIN \"ada\" \"secret\"" {
                    done = "NO";
                }
            }
            "CAPABILITY" => said = b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n".to_vec(),
            _ if command.starts_with("SELECT") => {
                said = format!(
                    "* FLAGS (\\Deleted)\r\n* {} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] ok\r\n",
                    held.mails.len()
                )
                .into_bytes();
            }
            _ if command.starts_with("UID SEARCH") => {
                let numbers: String = held.mails.iter().map(|(number, _)| format!(" {number}")).collect();
                said = format!("* SEARCH{numbers}\r\n").into_bytes();
            }
            _ if command.starts_with("UID FETCH") => {
                let place = held.mails.iter().position(|mail| mail.0 == number).expect("a mail");
                let bytes = &held.mails[place].1;
                said = format!("* {} FETCH (UID {number} BODY[]<0> {{{}}}\r\n", place + 1, bytes.len()).into_bytes();
                said.extend(bytes);
                said.extend(b")\r\n");
            }
            _ if command.starts_with("UID STORE") => marked.push(number),
            _ if command.starts_with("UID EXPUNGE") => held.mails.retain(|(number, _)| !marked.contains(number)),
            "LOGOUT" => said = b"* BYE\r\n".to_vec(),
            _ => done = "BAD",
        }
        said.extend(format!("{tag} {done} done\r\n").into_bytes());
        out.write_all(&said)?;
        if command == "LOGOUT" {
            return Ok(());
        }
    }
    Ok(())
}
