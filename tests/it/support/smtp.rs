//! A mail server in the test process. It writes down all that it hears, and behaves towards a
//! recipient as the local part of the address says:
//!
//! | recipient | what happens |
//! |---|---|
//! | `bad@…` | refused for good, 550 5.1.1 |
//! | `t450-2@…` | refused with that code twice, then taken |
//! | `drop-data@…` | the connection ends before the final dot, the first time (`drop-data-3@…`: three times) |
//! | `drop-dot@…` | the mail is kept and the connection ends without a reply, the first time |
//! | `stall10@…` | ten seconds pass before the reply to RCPT (`stall10-1@…`: the first time) |
//! | `rcpt-550-5.7.1@…` | refused with that code and that enhanced code (`-none` for none of it), always |
//! | `dot-554-5.6.0@…` | as much, after the final dot |
//!
//! A number makes room for several of a kind: `bad.7@…` behaves as `bad@…`, `rcpt-550-5.7.1+2@…` as
//! `rcpt-550-5.7.1@…`.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::tls::{self, Tls};

/// What the server offers and demands.
#[derive(Clone, Debug)]
pub struct Manners {
    /// Said after EHLO, each on a line of its own.
    pub extensions: Vec<&'static str>,
    /// The user and password that AUTH PLAIN must bring before MAIL.
    pub login: Option<(&'static str, &'static str)>,
    /// Encryption, by STARTTLS or from the first byte.
    pub tls: Option<Tls>,
}

impl Default for Manners {
    fn default() -> Self {
        Manners {
            extensions: vec!["8BITMIME", "PIPELINING", "SMTPUTF8", "ENHANCEDSTATUSCODES"],
            login: None,
            tls: None,
        }
    }
}

/// One thing that happened; the place in the ledger is its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub connection: u32,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Connected,
    /// The connection is encrypted from here on.
    Secured,
    Heard(String),
    Said(String),
    /// A whole message came, up to the final dot.
    Mail(Mail),
    Closed,
}

/// A message with its envelope. `bytes` is what stood between DATA and the dot, dots unstuffed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub from: String,
    pub to: String,
    pub bytes: Vec<u8>,
    /// A 250 followed the dot.
    pub taken: bool,
}

impl Mail {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The plain text part, decoded.
    pub fn plain(&self) -> String {
        let parsed = mail_parser::MessageParser::default()
            .parse(&self.bytes)
            .expect("a mail");
        parsed.body_text(0).unwrap_or_default().into_owned()
    }

    /// The HTML part, decoded.
    pub fn html(&self) -> String {
        let parsed = mail_parser::MessageParser::default()
            .parse(&self.bytes)
            .expect("a mail");
        parsed.body_html(0).unwrap_or_default().into_owned()
    }

    pub fn subject(&self) -> String {
        let parsed = mail_parser::MessageParser::default()
            .parse(&self.bytes)
            .expect("a mail");
        parsed.subject().unwrap_or_default().to_owned()
    }

    /// The first URL in the plain text part that has `/{under}/` in it.
    pub fn link(&self, under: &str) -> String {
        let plain = self.plain();
        let mut words = plain.split(|c: char| c.is_whitespace() || "<>()[]\"".contains(c));
        let found = words.find(|word| word.starts_with("http") && word.contains(&format!("/{under}/")));
        found
            .unwrap_or_else(|| panic!("no link under /{under}/ in:\n{plain}"))
            .to_owned()
    }
}

/// The running server; it ends when it is dropped.
pub struct SmtpServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    manners: Manners,
    ledger: Mutex<Vec<Entry>>,
    /// How often each recipient has met its behaviour.
    met: Mutex<HashMap<String, u32>>,
    arrived: AtomicUsize,
    ended: AtomicBool,
}

impl SmtpServer {
    pub fn start() -> SmtpServer {
        SmtpServer::with(Manners::default())
    }

    pub fn with(manners: Manners) -> SmtpServer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            manners,
            ..Shared::default()
        });
        let for_thread = shared.clone();
        std::thread::spawn(move || {
            for (connection, stream) in (1..).zip(listener.incoming().map_while(Result::ok)) {
                if for_thread.ended.load(Ordering::Relaxed) {
                    break;
                }
                let shared = for_thread.clone();
                std::thread::spawn(move || Session::new(connection, stream, shared).run());
            }
        });
        SmtpServer { address, shared }
    }

    /// As `DRIPLINE_SMTP_URL` wants it.
    pub fn url(&self) -> String {
        // A certificate is made out to a name.
        match self.shared.manners.tls {
            Some(Tls::Implicit { .. }) => return format!("smtps://localhost:{}", self.address.port()),
            Some(Tls::OnRequest { .. }) => return format!("smtp://localhost:{}", self.address.port()),
            None => {}
        }
        match self.shared.manners.login {
            None => format!("smtp://{}", self.address),
            Some((user, password)) => format!("smtp://{user}:{password}@{}", self.address),
        }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn ledger(&self) -> Vec<Entry> {
        self.shared.ledger().clone()
    }

    /// Every whole message in the order of arrival, also those whose sender heard no 250.
    pub fn mails(&self) -> Vec<Mail> {
        let mail = |entry: Entry| match entry.what {
            What::Mail(mail) => Some(mail),
            _ => None,
        };
        self.ledger().into_iter().filter_map(mail).collect()
    }

    /// How many whole messages have come.
    pub fn arrived(&self) -> usize {
        self.shared.arrived.load(Ordering::Relaxed)
    }

    pub fn mails_to(&self, recipient: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.to == recipient).collect()
    }

    /// Every command that begins with `verb`, in the order of arrival.
    pub fn heard(&self, verb: &str) -> Vec<String> {
        let command = |entry: Entry| match entry.what {
            What::Heard(line) if line.to_ascii_uppercase().starts_with(verb) => Some(line),
            _ => None,
        };
        self.ledger().into_iter().filter_map(command).collect()
    }

    /// Waits until `count` messages are there, for a sender that works beside the test.
    pub fn wait_for_mails(&self, count: usize) -> Vec<Mail> {
        for _ in 0..3000 {
            if self.arrived() >= count {
                return self.mails();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{count} mails were expected, these came: {:?}", self.mails());
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn ledger(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True for the first `times` meetings with this behaviour of the recipient.
    fn still_misbehaves(&self, recipient: &str, times: u32) -> bool {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let count = met.entry(recipient.to_owned()).or_default();
        *count += 1;
        *count <= times
    }
}

/// What an address asks the server to do to it.
#[derive(Debug, PartialEq, Eq)]
enum Behaviour {
    Take,
    Refuse { code: u32, times: u32 },
    DropBeforeDot { times: u32 },
    DropAfterDot { times: u32 },
    Stall { seconds: u64, times: u32 },
    Say { reply: String, after_dot: bool },
}

fn behaviour(recipient: &str) -> Behaviour {
    let local = recipient.split('@').next().unwrap_or_default();
    for (prefix, after_dot) in [("rcpt-", false), ("dot-", true)] {
        let said = local.strip_prefix(prefix).and_then(|said| said.split_once('-'));
        if let Some((code, enhanced)) = said {
            let enhanced = enhanced.split('+').next().unwrap_or_default();
            let words = if enhanced == "none" { "No" } else { enhanced };
            // Servers like to repeat the address that they refuse.
            let reply = format!("{code} {words} <{recipient}> as you say");
            return Behaviour::Say { reply, after_dot };
        }
    }
    let numbered = local
        .rsplit_once('.')
        .filter(|(_, number)| number.parse::<u32>().is_ok());
    let local = numbered.map_or(local, |(kind, _)| kind);
    let count = |after: &str| after.trim_start_matches('-').parse().unwrap_or(1);
    if local == "bad" {
        return Behaviour::Refuse {
            code: 550,
            times: u32::MAX,
        };
    }
    if let Some(after) = local.strip_prefix("drop-data") {
        return Behaviour::DropBeforeDot { times: count(after) };
    }
    if let Some(after) = local.strip_prefix("drop-dot") {
        return Behaviour::DropAfterDot { times: count(after) };
    }
    if let Some(rest) = local.strip_prefix("stall") {
        let (seconds, times) = rest.split_once('-').unwrap_or((rest, "4294967295"));
        if let (Ok(seconds), Ok(times)) = (seconds.parse(), times.parse()) {
            return Behaviour::Stall { seconds, times };
        }
    }
    let refusal = local.strip_prefix('t').and_then(|rest| rest.split_once('-'));
    match refusal.and_then(|(code, times)| Some((code.parse().ok()?, times.parse().ok()?))) {
        Some((code, times)) => Behaviour::Refuse { code, times },
        None => Behaviour::Take,
    }
}

/// What a session is held over: a socket, or TLS over one.
trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

struct Session {
    connection: u32,
    stream: TcpStream,
    lines: BufReader<Box<dyn Wire>>,
    shared: Arc<Shared>,
    logged_in: bool,
    secured: bool,
    from: String,
    to: String,
}

/// The session ends here, by the server's doing or the client's.
struct Ended;

impl From<std::io::Error> for Ended {
    fn from(_: std::io::Error) -> Ended {
        Ended
    }
}

impl Session {
    fn new(connection: u32, stream: TcpStream, shared: Arc<Shared>) -> Session {
        // Without it each reply waits for the acknowledgement of the one before: 40 ms a mail.
        stream.set_nodelay(true).expect("a socket");
        let wire: Box<dyn Wire> = Box::new(stream.try_clone().expect("a socket"));
        let lines = BufReader::new(wire);
        let (from, to) = (String::new(), String::new());
        Session {
            connection,
            stream,
            lines,
            shared,
            logged_in: false,
            secured: false,
            from,
            to,
        }
    }

    fn run(mut self) {
        self.write(What::Connected);
        let _ended = self.talk();
        let _ = self.stream.shutdown(Shutdown::Both);
        self.write(What::Closed);
    }

    fn talk(&mut self) -> Result<(), Ended> {
        if let Some(Tls::Implicit { name }) = self.shared.manners.tls {
            self.secure(name)?;
        }
        self.say("220 sink.example ESMTP")?;
        loop {
            let line = self.hear()?;
            let mut words = line.splitn(2, ' ');
            let verb = words.next().unwrap_or_default().to_ascii_uppercase();
            let rest = words.next().unwrap_or_default().to_owned();
            match verb.as_str() {
                "EHLO" => self.greet()?,
                "HELO" | "NOOP" => self.say("250 sink.example")?,
                "AUTH" => self.log_in(&rest)?,
                "STARTTLS" => match self.shared.manners.tls {
                    Some(Tls::OnRequest { name }) => {
                        self.say("220 2.0.0 Go on")?;
                        self.secure(name)?;
                    }
                    _ => self.say("502 5.5.1 Not here")?,
                },
                "MAIL" if self.needs_login() => self.say("530 5.7.0 Authentication required")?,
                "MAIL" => {
                    self.from = address(&rest);
                    self.to.clear();
                    self.say("250 2.1.0 Ok")?;
                }
                "RCPT" => self.meet(&address(&rest))?,
                "DATA" if self.to.is_empty() => self.say("503 5.5.1 No recipient")?,
                "DATA" => self.receive()?,
                "RSET" => {
                    self.from.clear();
                    self.to.clear();
                    self.say("250 2.0.0 Ok")?;
                }
                "QUIT" => {
                    self.say("221 2.0.0 Bye")?;
                    return Err(Ended);
                }
                _ => self.say("500 5.5.2 What?")?,
            }
        }
    }

    fn greet(&mut self) -> Result<(), Ended> {
        let mut lines = vec!["sink.example"];
        let extensions = self.shared.manners.extensions.clone();
        lines.extend(extensions);
        if matches!(self.shared.manners.tls, Some(Tls::OnRequest { .. })) && !self.secured {
            lines.push("STARTTLS");
        }
        if self.shared.manners.login.is_some() {
            lines.push("AUTH PLAIN");
        }
        let last = lines.len() - 1;
        for (place, line) in lines.into_iter().enumerate() {
            let sign = if place == last { ' ' } else { '-' };
            self.say(&format!("250{sign}{line}"))?;
        }
        Ok(())
    }

    /// Speaks TLS from here on, with a certificate made out to that name.
    fn secure(&mut self, name: &str) -> Result<(), Ended> {
        let wire = tls::accept(self.stream.try_clone()?, name)?;
        self.lines = BufReader::new(Box::new(wire));
        self.secured = true;
        self.write(What::Secured);
        Ok(())
    }

    fn needs_login(&self) -> bool {
        self.shared.manners.login.is_some() && !self.logged_in
    }

    fn log_in(&mut self, words: &str) -> Result<(), Ended> {
        let given = words.split_once(' ').map_or("", |(_, given)| given);
        let given = data_encoding::BASE64
            .decode(given.trim().as_bytes())
            .unwrap_or_default();
        let wanted = self
            .shared
            .manners
            .login
            .map(|(user, password)| format!("\0{user}\0{password}"));
        self.logged_in = wanted.is_some_and(|wanted| wanted.as_bytes() == given);
        self.say(if self.logged_in {
            "235 2.7.0 Ok"
        } else {
            "535 5.7.8 Wrong user or password"
        })
    }

    fn meet(&mut self, recipient: &str) -> Result<(), Ended> {
        match behaviour(recipient) {
            Behaviour::Refuse { code, times } if self.shared.still_misbehaves(recipient, times) => {
                let why = if code == 550 {
                    "5.1.1 No such user"
                } else if code < 500 {
                    "4.2.0 Later"
                } else {
                    "5.7.1 No"
                };
                return self.say(&format!("{code} {why}"));
            }
            Behaviour::Stall { seconds, times } if self.shared.still_misbehaves(recipient, times) => {
                std::thread::sleep(Duration::from_secs(seconds));
            }
            Behaviour::Say {
                reply,
                after_dot: false,
            } => return self.say(&reply),
            _ => {}
        }
        self.to = recipient.to_owned();
        self.say("250 2.1.5 Ok")
    }

    fn receive(&mut self) -> Result<(), Ended> {
        let behaviour = behaviour(&self.to);
        self.say("354 Go on")?;
        if let Behaviour::DropBeforeDot { times } = behaviour
            && self.shared.still_misbehaves(&self.to, times)
        {
            return Err(Ended);
        }
        let bytes = self.hear_data()?;
        let drops =
            matches!(behaviour, Behaviour::DropAfterDot { times } if self.shared.still_misbehaves(&self.to, times));
        let refusal = match behaviour {
            Behaviour::Say { reply, after_dot: true } => Some(reply),
            _ => None,
        };
        let (from, to) = (std::mem::take(&mut self.from), std::mem::take(&mut self.to));
        self.write(What::Mail(Mail {
            from,
            to,
            bytes,
            taken: !drops && refusal.is_none(),
        }));
        self.shared.arrived.fetch_add(1, Ordering::Relaxed);
        match refusal {
            Some(reply) => self.say(&reply),
            None if drops => Err(Ended),
            None => self.say("250 2.0.0 Kept"),
        }
    }

    fn hear_data(&mut self) -> Result<Vec<u8>, Ended> {
        let mut bytes = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.lines.read_until(b'\n', &mut line)? == 0 {
                return Err(Ended);
            }
            match line.as_slice() {
                b".\r\n" => return Ok(bytes),
                [b'.', rest @ ..] => bytes.extend(rest),
                whole => bytes.extend(whole),
            }
        }
    }

    fn hear(&mut self) -> Result<String, Ended> {
        let mut line = String::new();
        if self.lines.read_line(&mut line)? == 0 {
            return Err(Ended);
        }
        let line = line.trim_end().to_owned();
        self.write(What::Heard(line.clone()));
        Ok(line)
    }

    fn say(&mut self, line: &str) -> Result<(), Ended> {
        self.write(What::Said(line.to_owned()));
        let wire = self.lines.get_mut();
        wire.write_all(format!("{line}\r\n").as_bytes())?;
        wire.flush()?;
        Ok(())
    }

    fn write(&self, what: What) {
        self.shared.ledger().push(Entry {
            connection: self.connection,
            what,
        });
    }
}

/// The address between the angle brackets of MAIL or RCPT.
fn address(rest: &str) -> String {
    let inner = rest.split_once('<').and_then(|(_, after)| after.split_once('>'));
    inner.map_or(rest, |(address, _)| address).to_owned()
}

#[test]
fn the_local_part_says_what_happens() {
    assert_eq!(behaviour("anna@a.example"), Behaviour::Take);
    assert_eq!(behaviour("tom-2@a.example"), Behaviour::Take);
    assert_eq!(behaviour("t450-2@a.example"), Behaviour::Refuse { code: 450, times: 2 });
    assert_eq!(behaviour("drop-dot@a.example"), Behaviour::DropAfterDot { times: 1 });
    assert_eq!(
        behaviour("drop-data-3@a.example"),
        Behaviour::DropBeforeDot { times: 3 }
    );
    assert_eq!(
        behaviour("stall10.7@a.example"),
        Behaviour::Stall {
            seconds: 10,
            times: u32::MAX
        }
    );
    let said = |reply: &str, after_dot| Behaviour::Say {
        reply: reply.into(),
        after_dot,
    };
    assert_eq!(
        behaviour("rcpt-550-5.7.1@a.example"),
        said("550 5.7.1 <rcpt-550-5.7.1@a.example> as you say", false)
    );
    assert_eq!(
        behaviour("dot-554-none@a.example"),
        said("554 No <dot-554-none@a.example> as you say", true)
    );
}
