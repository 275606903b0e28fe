//! Nothing -> a certificate for this machine's loopback, made now, and a server's end of TLS that shows it.

use std::io;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::server::TlsStream;

/// A server's end of TLS, whose key exists in memory only.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl Tls {
    /// One for 127.0.0.1 and localhost, and its certificate as PEM. It signs itself: who trusts it, trusts it alone.
    ///
    /// # Errors
    /// The certificate can't be made.
    pub fn on_loopback() -> io::Result<(Self, String)> {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = generate_simple_self_signed(names).map_err(io::Error::other)?;
        let pem = made.cert.pem();
        Ok((Self(acceptor(made)?), pem))
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.0.accept(stream).await
    }
}

fn acceptor(made: CertifiedKey<rcgen::KeyPair>) -> io::Result<TlsAcceptor> {
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .map_err(io::Error::other)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
