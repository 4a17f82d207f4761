//! TLS to the broker: always verified, chain and name.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls_native_certs::load_native_certs;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::transport::ConnectError;
use crate::transport::url::RabbitOptions;

/// Speaks TLS on a stream. The files are read anew each time, so that renewed certificates are picked up.
///
/// Unlike oslo.messaging, the name of the host is verified with the system's authorities, too, not only with
/// `ssl_ca_file`.
pub(super) async fn secure(
    stream: TcpStream,
    host: &str,
    options: &RabbitOptions,
) -> Result<TlsStream<TcpStream>, ConnectError> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| ConnectError::Tls(format!("'{host}' cannot be the name in a certificate")))?;
    let options = options.clone();
    // Files, and the system's store, are read where reading may block.
    let config = tokio::task::spawn_blocking(move || config(&options))
        .await
        .map_err(|error| ConnectError::Tls(error.to_string()))??;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => ConnectError::Tls(error.to_string()),
            _ => ConnectError::Other(format!("the connection broke during the TLS handshake ({error})")),
        })
}

fn config(options: &RabbitOptions) -> Result<ClientConfig, ConnectError> {
    let wrong = |error: &dyn std::fmt::Display| ConnectError::Tls(error.to_string());
    let mut roots = RootCertStore::empty();
    match &options.ssl_ca_file {
        Some(path) => {
            for certificate in certificates("ssl_ca_file", path)? {
                roots
                    .add(certificate)
                    .map_err(|error| unreadable("ssl_ca_file", path, &error))?;
            }
        }
        None => {
            let system = load_native_certs();
            roots.add_parsable_certificates(system.certs);
            if roots.is_empty() {
                let reasons: Vec<String> = system.errors.iter().map(ToString::to_string).collect();
                return Err(ConnectError::Tls(format!(
                    "the system has no certificate authorities ({}); name a file with 'ssl_ca_file'",
                    reasons.join(", ")
                )));
            }
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .with_root_certificates(roots);
    match (&options.ssl_cert_file, &options.ssl_key_file) {
        (Some(certificate), Some(key)) => {
            let chain = certificates("ssl_cert_file", certificate)?;
            let key =
                PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable("ssl_key_file", key, &error))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| wrong(&error))
        }
        _ => Ok(builder.with_no_client_auth()),
    }
}

fn certificates(option: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
    match read() {
        Ok(found) if found.is_empty() => Err(unreadable(option, path, &"it has no certificate in PEM form")),
        Ok(found) => Ok(found),
        Err(error) => Err(unreadable(option, path, &error)),
    }
}

fn unreadable(option: &str, path: &Path, why: &dyn std::fmt::Display) -> ConnectError {
    ConnectError::Tls(format!("{option} {}: {why}", path.display()))
}
