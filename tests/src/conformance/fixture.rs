//! What a case works with: a serving and a calling transport, and short words for what cases do.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rpc_runtime::testing::Broker;
use rpc_runtime::transport::direct::DirectTransport;
use rpc_runtime::transport::memory::MemoryTransport;
use rpc_runtime::transport::{
    self, Delivery, Headers, Listen, Listener, Message, ReplySink, Route, Transport, TransportError,
};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// Nothing a case waits for takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where kinds of transports rightly differ.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    /// Every participant may listen, not only one process.
    pub many_servers: bool,
    /// A topic of one exchange is another one than that of another exchange. RabbitMQ as oslo uses it has one
    /// queue for both.
    pub scoped_exchanges: bool,
    /// The address of a client that closed is unknown at once. RabbitMQ keeps the queue for half an hour.
    pub forgets_addresses: bool,
}

/// A bus with a serving and a calling participant.
pub struct Fixture {
    /// Listens.
    pub server: Arc<dyn Transport>,
    /// Sends, and receives replies.
    pub client: Arc<dyn Transport>,
    /// A transport whose other end does not exist, where there is such a thing.
    pub unreachable: Option<Arc<dyn Transport>>,
    /// What this kind of transport does differently.
    pub traits: Traits,
    another: Box<dyn Fn() -> Arc<dyn Transport> + Send + Sync>,
    guard: Box<dyn Any + Send>,
}

impl fmt::Debug for Fixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixture")
            .field("traits", &self.traits)
            .finish_non_exhaustive()
    }
}

impl Fixture {
    /// Participants of one bus in memory.
    pub async fn memory() -> Self {
        let server = MemoryTransport::new();
        let joined = Arc::clone(&server);
        Self {
            client: server.another(),
            server,
            unreachable: None,
            traits: Traits {
                many_servers: true,
                scoped_exchanges: true,
                forgets_addresses: true,
            },
            another: Box::new(move || joined.another()),
            guard: Box::new(()),
        }
    }

    /// A serving process and its client over a Unix socket.
    pub async fn unix() -> Self {
        let directory = Directory::new();
        let path = directory.0.join("bus.sock");
        let nowhere = directory.0.join("nowhere.sock");
        Self::direct(
            DirectTransport::unix(path.clone()),
            move |_| DirectTransport::unix(path.clone()),
            DirectTransport::unix(nowhere),
            directory,
        )
        .await
    }

    /// A serving process and its client over TCP on loopback.
    pub async fn tcp() -> Self {
        Self::direct(
            DirectTransport::tcp("127.0.0.1", 0),
            |server| {
                let port = server.local_addr().expect("it listens").port();
                DirectTransport::tcp("127.0.0.1", port)
            },
            DirectTransport::tcp("127.0.0.1", closed_port()),
            (),
        )
        .await
    }

    /// Two participants of a virtual host of its own on RabbitMQ.
    pub async fn rabbit() -> Self {
        let broker = Broker::shared().await.expect("a broker");
        let vhost = broker.vhost("conformance").await.expect("a virtual host");
        let url = vhost.url();
        let connect = move || open(&url);
        Self {
            server: connect(),
            client: connect(),
            unreachable: Some(open(&format!("rabbit://127.0.0.1:{}/", closed_port()))),
            traits: Traits {
                many_servers: true,
                scoped_exchanges: false,
                forgets_addresses: false,
            },
            another: Box::new(connect),
            guard: Box::new(vhost),
        }
    }

    async fn direct(
        server: Arc<DirectTransport>,
        connect: impl Fn(&DirectTransport) -> Arc<DirectTransport> + Send + Sync + 'static,
        unreachable: Arc<DirectTransport>,
        guard: impl Any + Send,
    ) -> Self {
        // A process serves from its first listener on.
        let first = server
            .listen(listen_to("openstack", "first", "first", 1))
            .await
            .expect("the first listener");
        drop(first);
        let serving = Arc::clone(&server);
        Self {
            client: connect(&server),
            server,
            unreachable: Some(unreachable),
            traits: Traits {
                many_servers: false,
                scoped_exchanges: true,
                forgets_addresses: true,
            },
            another: Box::new(move || connect(&serving)),
            guard: Box::new(guard),
        }
    }

    /// A further client of the same bus.
    pub fn another(&self) -> Arc<dyn Transport> {
        (self.another)()
    }

    /// Listens as the serving process.
    pub async fn listen(&self, topic: &str, server: &str, prefetch: u16) -> Listener {
        let to = listen_to("openstack", topic, server, prefetch);
        self.server.listen(to).await.expect("a listener")
    }

    /// Sends as the client; it must succeed.
    pub async fn send(&self, to: Route, message: Message) {
        let sent = self.client.send(to.clone(), message, soon()).await;
        assert_eq!(sent, Ok(()), "{to}");
    }

    /// Sends as the client; it must fail, with this error.
    pub async fn send_fails(&self, to: Route, message: Message) -> TransportError {
        let sent = self.client.send(to.clone(), message, soon()).await;
        sent.expect_err(&format!("sending to {to} must fail"))
    }

    /// One message through both sides, so that whatever they begin on demand has begun.
    pub async fn send_to_itself(&self) {
        let mut listener = self.listen("warm-up", "a", 1).await;
        self.send(route("warm-up"), message("x")).await;
        next_body(&mut listener).await;
        listener.control.stop().await;
    }

    /// Closes both sides and takes what the fixture made away.
    pub async fn close(self) {
        self.client.close().await;
        self.server.close().await;
        drop(self.guard);
    }
}

fn open(url: &str) -> Arc<dyn Transport> {
    transport::open(&url.parse().expect("a transport URL")).expect("a transport")
}

/// A port nobody listens on.
fn closed_port() -> u16 {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    socket.local_addr().expect("an address").port()
}

/// A route to a topic of the default exchange, written `topic` or `topic/server`.
pub fn route(to: &str) -> Route {
    let (topic, server) = match to.split_once('/') {
        Some((topic, server)) => (topic, Some(server.into())),
        None => (to, None),
    };
    Route::Topic {
        exchange: "openstack".into(),
        topic: topic.into(),
        server,
    }
}

/// What to listen to, with all four names.
pub(super) fn listen_to(exchange: &str, topic: &str, server: &str, prefetch: u16) -> Listen {
    Listen {
        exchange: exchange.into(),
        topic: topic.into(),
        server: server.into(),
        prefetch,
    }
}

/// A mandatory message.
pub fn message(body: impl Into<Bytes>) -> Message {
    Message {
        body: body.into(),
        mandatory: true,
        ..Message::default()
    }
}

/// A deadline that is not part of what a case tests.
pub fn soon() -> Instant {
    Instant::now() + PATIENCE
}

/// The body of a delivery as text.
pub fn body(delivery: &Delivery) -> &str {
    std::str::from_utf8(&delivery.body).expect("a text")
}

/// Waits for a delivery and takes it.
pub(super) async fn next(listener: &mut Listener) -> Delivery {
    within("a delivery", listener.deliveries.recv())
        .await
        .expect("the listener has not ended")
}

/// Waits for a delivery, acknowledges it, and gives its body as text.
pub(super) async fn next_body(listener: &mut Listener) -> String {
    let delivery = next(listener).await;
    let body = body(&delivery).to_owned();
    delivery.receipt.ack();
    body
}

/// Waits, but not for ever.
pub(super) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: nothing within {PATIENCE:?}"),
    }
}

/// Collects what arrives at a reply address.
#[derive(Debug)]
pub struct Collector {
    arrived: mpsc::UnboundedReceiver<(Bytes, Headers)>,
    address: String,
}

#[derive(Debug)]
struct Sink(mpsc::UnboundedSender<(Bytes, Headers)>);

impl ReplySink for Sink {
    fn deliver(&self, body: Bytes, headers: Headers) {
        // The case may have ended.
        let _ = self.0.send((body, headers));
    }
}

impl Collector {
    /// Opens an address that nobody else has.
    pub async fn open(transport: &dyn Transport) -> Self {
        let (replies, address, sink) = Self::unopened();
        let opened = transport.open_replies(address, sink, soon());
        opened.await.expect("a reply address");
        replies
    }

    /// An address that nobody else has, and the sink to open it with.
    pub fn unopened() -> (Self, String, Arc<dyn ReplySink>) {
        let address = format!("reply_{}", uuid::Uuid::new_v4().simple());
        let (sender, arrived) = mpsc::unbounded_channel();
        let replies = Self {
            arrived,
            address: address.clone(),
        };
        (replies, address, Arc::new(Sink(sender)))
    }

    /// Tries to open the same address on another transport.
    pub async fn reopen(&mut self, transport: &dyn Transport) -> Result<(), TransportError> {
        let (sender, arrived) = mpsc::unbounded_channel();
        self.arrived = arrived;
        let sink = Arc::new(Sink(sender));
        transport.open_replies(self.address.clone(), sink, soon()).await
    }

    /// Where to send replies.
    pub fn route(&self) -> Route {
        Route::Reply {
            address: self.address.as_str().into(),
        }
    }

    /// The next reply.
    pub async fn next(&mut self) -> (Bytes, Headers) {
        within("a reply", self.arrived.recv())
            .await
            .expect("the sink is kept")
    }
}

/// A directory that is removed with it.
struct Directory(std::path::PathBuf);

impl Directory {
    fn new() -> Self {
        let name = format!("rpc-conformance-{}", uuid::Uuid::new_v4().simple());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
