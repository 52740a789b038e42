//! `dripline bounce`

use std::io::{self, Read};

use super::installation::Installation;
use super::report::{Outcome, failed, say};
use crate::incoming::{self, Class, Kind, MOST_BYTES, Taken};
use crate::mail::letterhead::Letterhead;

/// Read one raw mail from standard input: a bounce, a complaint, an automatic reply, or what
/// somebody wrote.
///
/// Ends with 0 for any mail, also one that is ignored, so that your mail server never bounces it
/// back; with 1 where the database cannot be reached, so that it can be tried again.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  dripline bounce < message.eml\n\n\
    Postfix hands it all mail to DRIPLINE_BOUNCE_DOMAIN (here bounces.example.com) with these lines.\n\
    Exit code 75 is what tells Postfix to try again later.\n\n  \
    /etc/postfix/master.cf:\n    \
    dripline unix - n n - 4 pipe flags=DROhu user=dripline directory=/srv/dripline\n      \
    argv=/bin/sh -c { /usr/local/bin/dripline bounce || exit 75 }\n\n  \
    /etc/postfix/main.cf:\n    \
    relay_domains = bounces.example.com\n    \
    transport_maps = inline:{ bounces.example.com=dripline: }\n    \
    dripline_destination_recipient_limit = 1")]
pub struct Arguments {}

pub fn run(_: Arguments) -> Outcome {
    let raw = mail_of_stdin().map_err(|error| failed("standard input", error))?;
    let Installation { config, db, clock } = Installation::open()?;
    let key = config.secret_key_or_file()?;
    let letterhead = Letterhead::new(&config, key);
    let now = clock.now();
    let taken = db.write_now(move |conn| incoming::take(conn, now, &letterhead, &raw))?;
    say(in_words(&taken));
    Ok(())
}

/// As much of the mail as is looked at. The rest is read, too: a mail server whose pipe breaks
/// takes the mail for refused.
fn mail_of_stdin() -> io::Result<Vec<u8>> {
    let mut stdin = io::stdin().lock();
    let mut raw = Vec::new();
    stdin.by_ref().take(MOST_BYTES as u64).read_to_end(&mut raw)?;
    io::copy(&mut stdin, &mut io::sink())?;
    Ok(raw)
}

/// Without an address: this line ends in a mail server's log.
fn in_words(taken: &Taken) -> String {
    let of_drip = match taken.drip.as_str() {
        "" => String::new(),
        drip => format!(" of the drip {drip}"),
    };
    let what = match (taken.kind, taken.class) {
        (Kind::Bounce, Some(class)) => format!("bounce of a mail{of_drip}: {}", meaning(class)),
        (Kind::Bounce, None) => format!("bounce of a mail{of_drip}"),
        (Kind::Delay, _) => format!("delay of a mail{of_drip}: the server goes on trying"),
        (Kind::Complaint, _) => format!("complaint about a mail{of_drip}"),
        (Kind::AutoReply, _) => match taken.away_until {
            Some(until) => format!("automatic reply: the contact waits until {}", until.date()),
            None => "automatic reply: kept, nobody waits".to_owned(),
        },
        (Kind::Reply, _) => "reply: kept, and shown at the contact".to_owned(),
        (Kind::Ignored, _) => format!("ignored: {}", taken.words),
    };
    match (taken.again, taken.suppressed) {
        (true, _) => format!("read before, nothing changed: {what}"),
        (false, true) => format!("{what}; nobody writes to that address any more"),
        (false, false) => what,
    }
}

fn meaning(class: Class) -> &'static str {
    match class {
        Class::Hard => "there is no such address",
        Class::Soft => "lost, but the address may be good",
        Class::Doubtful => "lost, and perhaps there is no such address",
        Class::Throttled => "the destination asks for fewer mails",
        Class::Policy => "the destination does not want our mail",
        Class::Content => "the mail itself was refused",
        Class::Account => "the mail server takes no mail from us",
    }
}
