//! The line to a mail server, encrypted before anything secret goes over it.

use std::fmt::Debug;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::config::{MailboxConfig, Security};

/// Plain or encrypted.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send + Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Debug> Wire for T {}

/// A server's line is never longer than this.
const MOST_LINE: u64 = 64 << 10;

/// Connects. `upgrade` is what asks this protocol for encryption, and how its yes begins; it is
/// preceded by the server's greeting, which is then read here.
pub async fn connect(mailbox: &MailboxConfig, upgrade: (&str, &str)) -> Result<BufReader<Box<dyn Wire>>, String> {
    let place = format!("{}:{}", mailbox.host, mailbox.port);
    let told = |error: std::io::Error| format!("{place}: {error}");
    let tcp = TcpStream::connect((mailbox.host.as_str(), mailbox.port))
        .await
        .map_err(told)?;
    let wire: Box<dyn Wire> = match mailbox.security {
        Security::Implicit => encrypted(mailbox, tcp).await?,
        Security::Never => Box::new(tcp),
        Security::Required | Security::Opportunistic => {
            let (ask, yes) = upgrade;
            let mut plain = BufReader::new(tcp);
            line(&mut plain).await?;
            plain.write_all(format!("{ask}\r\n").as_bytes()).await.map_err(told)?;
            let mut answer = line(&mut plain).await?;
            // What IMAP says beside the answer.
            while answer.starts_with("* ") {
                answer = line(&mut plain).await?;
            }
            if !answer.starts_with(yes) {
                return Err(format!(
                    "{place} offers no encryption: use imaps:// or pop3s://, or add ?tls=none"
                ));
            }
            // What came in the open behind the answer would be taken for an encrypted word.
            if !plain.buffer().is_empty() {
                return Err(format!("{place} went on talking in the open"));
            }
            encrypted(mailbox, plain.into_inner()).await?
        }
    };
    Ok(BufReader::new(wire))
}

/// One line without its end.
pub async fn line(from: &mut (impl AsyncBufReadExt + Unpin)) -> Result<String, String> {
    let bytes = piece(from).await?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// One line with its end, or as much of a long one as is taken at once.
pub async fn piece(from: &mut (impl AsyncBufReadExt + Unpin)) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = from.take(MOST_LINE).read_until(b'\n', &mut bytes).await;
    match read {
        Ok(0) => Err("the server closed the connection".to_owned()),
        Ok(_) => Ok(bytes),
        Err(error) => Err(error.to_string()),
    }
}

async fn encrypted(mailbox: &MailboxConfig, tcp: TcpStream) -> Result<Box<dyn Wire>, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err("this machine trusts no certificates: install ca-certificates".to_owned());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(mailbox.host.clone()).map_err(|error| error.to_string())?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
    let stream = stream.map_err(|error| format!("{}:{}: {error}", mailbox.host, mailbox.port))?;
    Ok(Box::new(stream))
}
