//! One connection: a host of the URL, its address, TCP, TLS, and the AMQP handshake, each within a limit.
//!
//! Nothing of lapin runs before the stream stands, and a handshake that takes too long loses its socket: no thread
//! and no descriptor outlives an attempt.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_rs::Runtime;
use lapin::tcp::AsyncTcpStream;
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use lapin::{Connection, ConnectionProperties, ErrorKind};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::kit::{self, Kit};
use super::screen::{FRAME_MAX, Heard};
use super::socket::{Carrier, Plug, Socket};
use super::stand_in::StandIn;
use super::tls;
use crate::transport::ConnectError;
use crate::transport::race::{NEXT_ADDRESS, race};
use crate::transport::url::{Address, LoginMethod, RabbitHost, RabbitUrl};

const RESOLVE_LIMIT: Duration = Duration::from_secs(2);
const TCP_LIMIT: Duration = Duration::from_secs(2);
const TLS_LIMIT: Duration = Duration::from_secs(5);
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(5);
/// A host that does not answer delays the next one by this much: two dead ones of three cost less than a second.
const NEXT_HOST: Duration = Duration::from_millis(400);

/// Why a host could not be used.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// `host:port`.
    pub(super) host: String,
    pub(super) reason: ConnectError,
}

impl Failure {
    /// Trying again soon is of no use: somebody has to change something.
    pub(super) fn is_final(&self) -> bool {
        use ConnectError as E;
        matches!(self.reason, E::Auth | E::VirtualHost { .. } | E::Tls(_))
    }
}

/// A connection after its handshake. Dropping it ends the socket.
pub(super) struct Connected {
    pub(super) connection: Connection,
    pub(super) socket: SocketGuard,
    pub(super) heard: Arc<Heard>,
    pub(super) host: String,
}

/// Ends a socket when told to, or dropped.
#[derive(Default, Debug)]
pub(super) struct SocketGuard(Arc<Plug>);

impl SocketGuard {
    pub(super) fn end(&self) {
        self.0.pull();
    }
}

impl Drop for SocketGuard {
    fn drop(&mut self) {
        self.end();
    }
}

/// Connects to one of the hosts, in random order.
pub(super) async fn connect(url: &RabbitUrl) -> Result<Connected, Failure> {
    let mut hosts: Vec<&RabbitHost> = url.hosts.iter().collect();
    fastrand::shuffle(&mut hosts);
    let attempt = |host| async move {
        connect_to(url, host).await.map_err(|reason| Failure {
            host: Address(&host.host, host.port).to_string(),
            reason,
        })
    };
    let attempts: Vec<_> = hosts.into_iter().map(attempt).collect();
    race(attempts, NEXT_HOST).await.map_err(|failures| {
        // What somebody has to change is the most useful thing to say.
        let told = failures.iter().position(Failure::is_final).unwrap_or(0);
        failures.into_iter().nth(told).unwrap_or(Failure {
            host: url.to_string(),
            reason: ConnectError::Other("the URL names no host".to_owned()),
        })
    })
}

async fn connect_to(url: &RabbitUrl, host: &RabbitHost) -> Result<Connected, ConnectError> {
    let stream = open(host).await?;
    prepare(&stream, url.options.heartbeat).map_err(|error| ConnectError::Other(error.to_string()))?;
    let carrier = if url.options.ssl {
        let secured = tls::secure(stream, &host.host, &url.options);
        Carrier::Tls(Box::new(within(TLS_LIMIT, "the TLS handshake", secured).await?))
    } else {
        Carrier::Plain(stream)
    };
    let heard = Arc::default();
    let guard = SocketGuard::default();
    let method = url.options.login_method;
    let (stand_in, password) = StandIn::new(method, &host.user, host.password.expose());
    let socket = Socket::new(carrier, Arc::clone(&heard), Arc::clone(&guard.0), stand_in);
    let handshake = async {
        handshake(url, host, password, socket)
            .await
            .map_err(|error| explain(&error, &url.virtual_host))
    };
    let connection = within(HANDSHAKE_LIMIT, "the AMQP handshake", handshake).await?;
    Ok(Connected {
        connection,
        socket: guard,
        heard,
        host: Address(&host.host, host.port).to_string(),
    })
}

async fn within<T>(
    limit: Duration,
    what: &'static str,
    work: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    match timeout(limit, work).await {
        Ok(done) => done,
        Err(_) => Err(ConnectError::Timeout(what)),
    }
}

/// A TCP stream to the first address that answers.
async fn open(host: &RabbitHost) -> Result<TcpStream, ConnectError> {
    let resolve = async {
        let found = lookup_host((host.host.as_str(), host.port)).await;
        found.map_err(|error| ConnectError::Resolve(error.to_string()))
    };
    let addresses: Vec<SocketAddr> = within(RESOLVE_LIMIT, "the look-up of the host name", resolve)
        .await?
        .collect();
    let attempts = addresses.into_iter().map(|address| async move {
        let connect = async {
            let opened = TcpStream::connect(address).await;
            opened.map_err(|error| match error.kind() {
                io::ErrorKind::ConnectionRefused => ConnectError::Refused,
                _ => ConnectError::Other(error.to_string()),
            })
        };
        within(TCP_LIMIT, "the TCP connection", connect).await
    });
    race(attempts, NEXT_ADDRESS).await.map_err(|errors| {
        let no_address = || ConnectError::Resolve("it has no address".to_owned());
        errors.into_iter().next().unwrap_or_else(no_address)
    })
}

fn prepare(stream: &TcpStream, heartbeat: Duration) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    let silence = if heartbeat.is_zero() {
        Duration::from_secs(60)
    } else {
        heartbeat
    };
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(silence))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(2 * silence))?;
    Ok(())
}

async fn handshake(
    url: &RabbitUrl,
    host: &RabbitHost,
    password: String,
    socket: Socket,
) -> lapin::Result<Connection> {
    let uri = AMQPUri {
        scheme: AMQPScheme::AMQP,
        authority: AMQPAuthority {
            userinfo: AMQPUserInfo {
                username: host.user.clone(),
                password,
            },
            host: host.host.clone(),
            port: host.port,
        },
        vhost: url.virtual_host.clone(),
        query: AMQPQueryString {
            // Never left to the broker: lapin's buffers are 64 times this size.
            frame_max: Some(FRAME_MAX),
            channel_max: None,
            heartbeat: Some(u16::try_from(url.options.heartbeat.as_secs()).unwrap_or(u16::MAX)),
            connection_timeout: None,
            auth_mechanism: Some(mechanism(url.options.login_method)),
        },
    };
    let properties = ConnectionProperties::default().with_connection_name(connection_name().into());
    let socket = Mutex::new(Some(socket));
    let take = async move |_: AMQPUri, _: Runtime<Kit>| {
        let taken = socket.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken
            .map(AsyncTcpStream::Plain)
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected).into())
    };
    Connection::connector(uri, kit::current(), take, properties).await
}

fn mechanism(method: LoginMethod) -> lapin::uri::SASLMechanism {
    use lapin::uri::SASLMechanism;
    match method {
        LoginMethod::Plain => SASLMechanism::Plain,
        LoginMethod::AmqPlain => SASLMechanism::AMQPlain,
        LoginMethod::External => SASLMechanism::External,
        LoginMethod::RabbitCrDemo => SASLMechanism::RabbitCrDemo,
    }
}

/// `<program>:<pid>:<uuid4>`, as oslo.messaging names its own.
fn connection_name() -> String {
    let program = std::env::args_os().next().unwrap_or_default();
    let program = std::path::Path::new(&program).file_name().unwrap_or_default();
    let program = program.to_string_lossy();
    format!("{program}:{}:{}", std::process::id(), uuid::Uuid::new_v4())
}

fn explain(error: &lapin::Error, virtual_host: &str) -> ConnectError {
    const ACCESS_REFUSED: u16 = 403;
    const INVALID_PATH: u16 = 402;
    const NOT_ALLOWED: u16 = 530;
    match error.kind() {
        ErrorKind::ProtocolError(told) => {
            let detail = told.get_message().to_string();
            match told.get_id() {
                ACCESS_REFUSED => ConnectError::Auth,
                NOT_ALLOWED if detail.contains("limit") => ConnectError::Other(detail),
                NOT_ALLOWED | INVALID_PATH => ConnectError::VirtualHost {
                    vhost: virtual_host.to_owned(),
                    detail,
                },
                _ => ConnectError::Other(detail),
            }
        }
        ErrorKind::InvalidProtocolVersion(version) => {
            ConnectError::Protocol(format!("it speaks AMQP {version} only"))
        }
        ErrorKind::ParsingError(_) => ConnectError::Protocol("what it sends cannot be read".to_owned()),
        // A server may refuse our certificate only after the handshake of TLS.
        ErrorKind::IOError(error) if is_tls(error) => ConnectError::Tls(error.to_string()),
        ErrorKind::IOError(error) if error.kind() == io::ErrorKind::InvalidData => {
            ConnectError::Protocol(error.to_string())
        }
        ErrorKind::IOError(error) => ConnectError::Other(format!(
            "the connection broke during the AMQP handshake ({error})"
        )),
        _ => ConnectError::Other(error.to_string()),
    }
}

fn is_tls(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<tokio_rustls::rustls::Error>())
}
