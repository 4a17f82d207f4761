//! TLS: what is trusted, what is not, and that nothing falls back to plain text.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rpc_runtime::testing::Vhost;
use rpc_runtime::transport::{ConnectError, TransportError};
use rpc_tests::conformance::{message, route, soon};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::{next_body, open, to, vhost};

/// A certificate authority, and files for it and what it signed.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: PathBuf,
}

/// What one party shows.
struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    files: (PathBuf, PathBuf),
}

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).expect("parameters");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let name = format!("rpc-tls-{}", uuid::Uuid::new_v4().simple());
        parameters
            .distinguished_name
            .push(DnType::CommonName, name.as_str());
        let key = KeyPair::generate().expect("a key");
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir(&directory).expect("a directory");
        let authority = Self {
            issuer: CertifiedIssuer::self_signed(parameters, key).expect("a certificate"),
            directory,
        };
        std::fs::write(authority.file(), authority.issuer.pem()).expect("a file");
        authority
    }

    fn file(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    fn identity(&self, name: &str, expired: bool) -> Identity {
        let mut parameters = CertificateParams::new([name.to_owned()]).expect("parameters");
        if expired {
            parameters.not_before = date_time_ymd(2000, 1, 1);
            parameters.not_after = date_time_ymd(2001, 1, 1);
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("a certificate");
        let file = |suffix: &str, text: String| {
            let path = self.directory.join(format!("{name}{suffix}"));
            std::fs::write(&path, text).expect("a file");
            path
        };
        Identity {
            files: (file(".pem", certificate.pem()), file(".key", key.serialize_pem())),
            certificate: certificate.into(),
            key: key.into(),
        }
    }

    fn root(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("a root");
        Arc::new(roots)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Ends TLS in front of the broker; asks for a certificate of this authority, if there is one.
async fn terminate(vhost: &Vhost<'_>, identity: Identity, clients_of: Option<&Authority>) -> SocketAddr {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = match clients_of {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(authority.root(), provider);
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    let config = builder
        .with_single_cert(vec![identity.certificate], identity.key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let broker = vhost.broker().address();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, broker) = (acceptor.clone(), broker.clone());
            tokio::spawn(async move {
                if let Ok(mut stream) = acceptor.accept(stream).await
                    && let Ok(mut broker) = TcpStream::connect(broker).await
                {
                    let _ = copy_bidirectional(&mut stream, &mut broker).await;
                }
            });
        }
    });
    address
}

/// Why it does not connect.
async fn refused(url: &str) -> ConnectError {
    let transport = open(url);
    let error = transport.ready(Instant::now() + Duration::from_secs(3)).await;
    transport.close().await;
    match error {
        Err(TransportError::Connect { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_trusted_works_and_nothing_else_does() {
    let vhost = vhost("tls").await;
    let authority = Authority::new();
    let good = terminate(&vhost, authority.identity("127.0.0.1", false), None).await;
    let trusting = |address: SocketAddr| {
        format!(
            "{}?ssl=true&ssl_ca_file={}",
            vhost.url_by(address),
            authority.file().display()
        )
    };
    let transport = open(&trusting(good));
    let mut listener = transport.listen(to("t", "a", 10)).await.unwrap();
    let large = "x".repeat(3_000_000);
    transport
        .send(route("t"), message(large.clone()), soon())
        .await
        .unwrap();
    assert_eq!(next_body(&mut listener).await, large);
    transport.close().await;

    let tls = async |url: &str, part: &str| match refused(url).await {
        ConnectError::Tls(text) => assert!(text.contains(part), "{text}"),
        other => panic!("{part}: {other}"),
    };
    let stranger = Authority::new();
    let other_authority = terminate(&vhost, stranger.identity("127.0.0.1", false), None).await;
    tls(&trusting(other_authority), "UnknownIssuer").await;
    let expired = terminate(&vhost, authority.identity("127.0.0.1", true), None).await;
    tls(&trusting(expired), "expired").await;
    let other_name = terminate(&vhost, authority.identity("broker.example", false), None).await;
    tls(&trusting(other_name), "not valid for").await;
    let no_file = format!("{}?ssl=true&ssl_ca_file=/no/such/file", vhost.url_by(good));
    tls(&no_file, "ssl_ca_file /no/such/file").await;
    let plain = &trusting(vhost.broker().address().parse().unwrap());
    tls(plain, "").await;
    assert!(matches!(
        refused(&vhost.url_by(good)).await,
        ConnectError::Protocol(_)
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_asks_for_a_certificate_gets_ours() {
    let vhost = vhost("mutual-tls").await;
    let authority = Authority::new();
    let server = authority.identity("127.0.0.1", false);
    let address = terminate(&vhost, server, Some(&authority)).await;
    let url = format!(
        "{}?ssl=true&ssl_ca_file={}",
        vhost.url_by(address),
        authority.file().display()
    );
    let reason = refused(&url).await;
    assert!(
        matches!(&reason, ConnectError::Tls(text) if text.contains("CertificateRequired")),
        "{reason}"
    );

    let (certificate, key) = authority.identity("client.example", false).files;
    let url = format!(
        "{url}&ssl_cert_file={}&ssl_key_file={}",
        certificate.display(),
        key.display()
    );
    let transport = open(&url);
    transport.ready(soon()).await.unwrap();
    transport.close().await;
}
