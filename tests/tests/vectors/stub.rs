//! A transport that the tests hold in their hands: they see what is sent and how deliveries are settled, and they
//! deliver what was recorded.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use rpc_runtime::transport::{
    BoxFuture, Delivery, Headers, Ledger, Listen, Listener, ListenerControl, Message, Receipt, ReplySink,
    Route, Settlement, Transport, TransportError,
};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// Longer than any case takes; the clock is paused, and jumps there when nothing else is left to happen.
const LIMIT: Duration = Duration::from_secs(3600);

/// See the module.
pub(crate) struct Stub {
    queues: Mutex<Vec<(Listen, mpsc::Sender<Delivery>)>>,
    sent: mpsc::UnboundedSender<(Route, Message)>,
    sink: Mutex<Option<Arc<dyn ReplySink>>>,
    ledger: Arc<Book>,
    /// Nothing that is sent there, and is mandatory, arrives.
    gone: fn(&Route) -> bool,
}

/// What the stub saw.
pub(crate) struct Seen {
    pub(crate) sent: mpsc::UnboundedReceiver<(Route, Message)>,
    settled: mpsc::UnboundedReceiver<(u64, Settlement)>,
}

struct Book(mpsc::UnboundedSender<(u64, Settlement)>);

impl Ledger for Book {
    fn settle(&self, tag: u64, how: Settlement) {
        // The case may be over.
        let _ = self.0.send((tag, how));
    }
}

impl Stub {
    pub(crate) fn new(gone: fn(&Route) -> bool) -> (Arc<Self>, Seen) {
        let (sent, all_sent) = mpsc::unbounded_channel();
        let (book, settled) = mpsc::unbounded_channel();
        let stub = Self {
            queues: Mutex::default(),
            sent,
            sink: Mutex::default(),
            ledger: Arc::new(Book(book)),
            gone,
        };
        let seen = Seen {
            sent: all_sent,
            settled,
        };
        (Arc::new(stub), seen)
    }

    /// Delivers a message as a broker with the queues of oslo.messaging would; to how many is returned.
    pub(crate) async fn publish(
        &self,
        exchange: &str,
        key: &str,
        body: Bytes,
        compression: Option<&str>,
    ) -> usize {
        let matching = |to: &Listen| {
            if exchange.is_empty() || exchange == &*to.exchange {
                key == &*to.topic || key == format!("{}.{}", to.topic, to.server)
            } else {
                exchange == format!("{}_fanout", to.topic)
            }
        };
        let queues: Vec<_> = {
            let queues = self.queues.lock().unwrap();
            let all = queues.iter().filter(|(to, _)| matching(to));
            // A topic's queue is shared: one server takes the message.
            let most = if exchange.ends_with("_fanout") {
                usize::MAX
            } else {
                1
            };
            all.take(most).map(|(_, queue)| queue.clone()).collect()
        };
        for (tag, queue) in (0..).zip(&queues) {
            let delivery = Delivery {
                body: body.clone(),
                headers: Headers {
                    compression: compression.map(Into::into),
                    ..Headers::default()
                },
                redelivered: false,
                receipt: Receipt::new(self.ledger.clone(), tag),
            };
            queue.send(delivery).await.expect("a server that listens");
        }
        queues.len()
    }

    /// Delivers a reply to the client.
    pub(crate) fn reply(&self, body: impl Into<Bytes>) {
        let sink = self
            .sink
            .lock()
            .unwrap()
            .clone()
            .expect("a client with a reply address");
        sink.deliver(body.into(), Headers::default());
    }
}

impl Seen {
    /// How the next delivery was settled.
    pub(crate) async fn settled(&mut self) -> Result<Settlement, String> {
        let settled = timeout(LIMIT, self.settled.recv()).await;
        let settled = settled.map_err(|_| "a delivery was never settled")?;
        Ok(settled.ok_or("the stub is gone")?.1)
    }

    /// The next message that was sent.
    pub(crate) async fn next(&mut self) -> Result<(Route, Message), String> {
        let sent = timeout(LIMIT, self.sent.recv()).await;
        Ok(sent.map_err(|_| "nothing was sent")?.ok_or("the stub is gone")?)
    }

    /// Everything that was sent so far.
    pub(crate) fn take(&mut self) -> Vec<(Route, Message)> {
        std::iter::from_fn(|| self.sent.try_recv().ok()).collect()
    }
}

impl std::fmt::Debug for Stub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stub").finish_non_exhaustive()
    }
}

struct Open;

impl ListenerControl for Open {
    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

impl Transport for Stub {
    fn ready(&self, _: Instant) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async { Ok(()) })
    }

    fn send(&self, route: Route, message: Message, _: Instant) -> BoxFuture<'_, Result<(), TransportError>> {
        let lost = message.mandatory && (self.gone)(&route);
        // The case may be over.
        let _ = self.sent.send((route.clone(), message));
        Box::pin(async move {
            if lost {
                return Err(TransportError::Unroutable(route));
            }
            Ok(())
        })
    }

    fn open_replies(
        &self,
        _: String,
        sink: Arc<dyn ReplySink>,
        _: Instant,
    ) -> BoxFuture<'_, Result<(), TransportError>> {
        *self.sink.lock().unwrap() = Some(sink);
        Box::pin(async { Ok(()) })
    }

    fn listen(&self, to: Listen) -> BoxFuture<'_, Result<Listener, TransportError>> {
        let (queue, deliveries) = mpsc::channel(64);
        self.queues.lock().unwrap().push((to, queue));
        Box::pin(async {
            Ok(Listener {
                deliveries,
                control: Box::new(Open),
            })
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
