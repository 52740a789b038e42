//! The encryption of the test's mail server: an authority of this test run alone, and certificates
//! that it made out to whatever name a test asks for.

use std::io::Error;
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// When the server encrypts, and the name that its certificate bears.
#[derive(Clone, Copy, Debug)]
pub enum Tls {
    /// After STARTTLS.
    OnRequest { name: &'static str },
    /// From the first byte.
    Implicit { name: &'static str },
}

struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    let issuer = Issuer::new(params, key);
    Authority { certificate, issuer }
});

/// Writes the authority's certificate where `SSL_CERT_FILE` may point.
pub fn write_authority(path: &Path) {
    std::fs::write(path, AUTHORITY.certificate.pem()).expect("the certificate is written");
}

/// The server's side of the handshake, done when this returns.
pub fn accept(mut stream: TcpStream, name: &str) -> Result<StreamOwned<ServerConnection, TcpStream>, Error> {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &AUTHORITY.issuer).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .expect("a certificate and its key");
    let mut connection = ServerConnection::new(Arc::new(config)).expect("a connection");
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(connection, stream))
}
