//! What the transport over RabbitMQ says in its logs, at every level: no password, and no body above `TRACE`. Alone
//! in its process, whose subscriber it sets.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use rpc_runtime::testing::{Broker, Relay};
use rpc_runtime::transport::{self, Listen, Transport, TransportError};
use rpc_tests::conformance::{Collector, message, route, soon};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Remembers everything.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<Vec<(Level, String)>>>);

struct Text<'t>(&'t mut String);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Everything {
    fn add(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut Text<'_>)) {
        let mut text = metadata.target().to_owned();
        record(&mut Text(&mut text));
        self.0
            .lock()
            .expect("no test has failed")
            .push((*metadata.level(), text));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.add(span.metadata(), |text| span.record(text));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        self.add(event.metadata(), |text| event.record(text));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn open(url: &str) -> Arc<dyn Transport> {
    transport::open(&url.parse().expect("a transport URL")).expect("a transport")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_password_and_no_body_is_logged() {
    const PASSWORD: &str = "hunter2-is-secret";
    const BODY: &str = "body-of-a-message";
    let logs = Everything::default();
    tracing::subscriber::set_global_default(logs.clone()).unwrap();

    let broker = Broker::shared().await.unwrap();
    let vhost = broker.vhost("logs").await.unwrap();
    let user = vhost.name();
    broker.add_user(user, PASSWORD).await.unwrap();
    vhost.permit(user, [".*", ".*", ".*"]).await.unwrap();
    let relay = Relay::start(broker.address()).await.unwrap();
    let url = vhost.url_by(relay.address());
    let url = url.replace("guest:guest", &format!("{user}:{PASSWORD}"));
    for login in ["PLAIN", "AMQPLAIN"] {
        let transport = open(&format!("{url}?rabbit_login_method={login}"));
        let to = Listen {
            exchange: "openstack".into(),
            topic: "t".into(),
            server: "a".into(),
            prefetch: 10,
        };
        let mut listener = transport.listen(to).await.unwrap();
        let mut replies = Collector::open(&*transport).await;
        for _ in 0..2 {
            for to in [route("t"), replies.route()] {
                transport.send(to, message(BODY), soon()).await.unwrap();
            }
            let delivery = listener.deliveries.recv().await.unwrap();
            assert_eq!(delivery.body, BODY);
            delivery.receipt.ack();
            assert_eq!(replies.next().await.0, BODY);
            let nobody = transport.send(route("nobody"), message(BODY), soon()).await;
            assert_eq!(nobody, Err(TransportError::Unroutable(route("nobody"))));
            relay.reset();
        }
        transport.close().await;
    }
    let wrong = open(&url.replace(PASSWORD, "hunter2-is-wrong"));
    wrong.ready(soon()).await.unwrap_err();
    wrong.close().await;

    // As text, and as lapin shows bytes.
    let shown = |text: &str| {
        let numbers = format!("{:?}", text.as_bytes());
        [text.to_owned(), numbers.trim_matches(['[', ']']).to_owned()]
    };
    let (passwords, bodies) = (shown("hunter2"), shown(BODY));
    let logs = logs.0.lock().unwrap();
    assert!(logs.iter().any(|(_, text)| text.starts_with("rpc_runtime")));
    for (level, text) in &*logs {
        let shows = |secrets: &[String]| secrets.iter().any(|secret| text.contains(secret));
        assert!(!shows(&passwords), "{level} {text}");
        assert!(*level == Level::TRACE || !shows(&bodies), "{level} {text}");
    }
}
