//! Notifications: what has happened, told to whoever listens, in the form of oslo.messaging's notifiers. Nobody
//! answers, and nobody has to be there. It knows no event and no payload.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rpc_runtime::transport::{Message, Route, TransportError};
use rpc_runtime::{Bus, Context};
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use tracing::{debug, warn};
use uuid::Uuid;

use crate::store::now;

/// How long the bus may take to accept one. Whatever is told about was done before: it does not wait longer.
const LIMIT: Duration = Duration::from_secs(5);

/// What a notifier of Nova leaves out of the context.
const SECRET: [&str; 2] = ["auth_token", "service_catalog"];

/// How notifications are sent.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Driver {
    /// Not at all, as in a Nova that is not told otherwise.
    #[default]
    Noop,
    /// Over the bus.
    Messaging,
}

impl FromStr for Driver {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "noop" => Self::Noop,
            "messaging" => Self::Messaging,
            _ => return Err("write messaging, or noop"),
        })
    }
}

impl fmt::Display for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Noop => "noop",
            Self::Messaging => "messaging",
        })
    }
}

/// Where listeners are: names, with commas between them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Topics(Arc<[String]>);

impl Topics {
    /// Whether nobody is told.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Default for Topics {
    fn default() -> Self {
        Self(["notifications".to_owned()].into())
    }
}

impl FromStr for Topics {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let topics = text.split(',').map(str::trim).filter(|topic| !topic.is_empty());
        Ok(Self(topics.map(str::to_owned).collect()))
    }
}

impl fmt::Display for Topics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

/// Publishes notifications. A clone publishes the same.
#[derive(Clone, Debug)]
pub(crate) struct Notifier {
    /// None: what happens is told to nobody, as in a Nova without a driver of notifications.
    bus: Option<Bus>,
    topics: Topics,
    host: Arc<str>,
}

impl Notifier {
    /// A notifier that publishes to topics, as a service on this host.
    pub(crate) fn new(driver: Driver, bus: &Bus, topics: &Topics, host: &str) -> Self {
        Self {
            bus: (driver == Driver::Messaging).then(|| bus.clone()),
            topics: topics.clone(),
            host: host.into(),
        }
    }

    /// Whether anybody is told, so that a payload is worth the work.
    pub(crate) fn is_silent(&self) -> bool {
        self.bus.is_none() || self.topics.is_empty()
    }

    /// The name of a part of Nova on this host.
    pub(crate) fn publisher(&self, service: &str) -> String {
        format!("{service}.{}", self.host)
    }

    /// Tells of an event, for information.
    pub(crate) async fn info(&self, ctx: &Context, publisher: &str, event: &str, payload: Value) {
        self.tell(ctx, "info", publisher, event, payload).await;
    }

    /// Tells of something that failed.
    pub(crate) async fn error(&self, ctx: &Context, publisher: &str, event: &str, payload: Value) {
        self.tell(ctx, "error", publisher, event, payload).await;
    }

    /// Tells of an event. That it cannot be told is no failure of what has happened: it is said in the log alone.
    async fn tell(&self, ctx: &Context, priority: &str, publisher: &str, event: &str, payload: Value) {
        let Some(bus) = &self.bus else { return };
        let body = body(ctx, priority, publisher, event, payload);
        for topic in &*self.topics.0 {
            let route = Route::Topic {
                exchange: bus.settings().control_exchange.clone(),
                topic: format!("{topic}.{priority}").into(),
                server: None,
            };
            let message = Message {
                body: body.clone().into(),
                mandatory: true,
                ..Message::default()
            };
            match bus.transport().send(route, message, Instant::now() + LIMIT).await {
                Ok(()) => {}
                Err(TransportError::Unroutable(_)) => debug!(event, topic, "nobody listens to notifications"),
                Err(error) => warn!(event, topic, "a notification was not sent: {error}"),
            }
        }
    }
}

/// The envelope, with the message in it.
fn body(ctx: &Context, priority: &str, publisher: &str, event: &str, payload: Value) -> String {
    let mut message = Map::new();
    for (key, value) in ctx.iter().filter(|(key, _)| !SECRET.contains(key)) {
        message.insert(format!("_context_{key}"), value.clone());
    }
    for (key, value) in [
        ("message_id", json!(Uuid::new_v4().to_string())),
        ("publisher_id", json!(publisher)),
        ("event_type", json!(event)),
        ("priority", json!(priority.to_uppercase())),
        ("payload", payload),
        (
            "timestamp",
            json!(now().strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()),
        ),
        ("_unique_id", json!(Uuid::new_v4().simple().to_string())),
    ] {
        message.insert(key.to_owned(), value);
    }
    let message = Value::Object(message).to_string();
    json!({"oslo.version": "2.0", "oslo.message": message}).to_string()
}

#[cfg(test)]
pub(crate) mod testing {
    //! A listener to notifications.

    use rpc_runtime::transport::{Listen, Listener};

    use super::*;

    /// Hears what is told on one topic of a bus.
    pub(crate) struct Heard(Listener);

    impl Heard {
        pub(crate) async fn listen(bus: &Bus) -> Self {
            Self::listen_to(bus, "notifications.info").await
        }

        pub(crate) async fn listen_to(bus: &Bus, topic: &str) -> Self {
            Self::listen_as(bus, topic, "listener").await
        }

        /// Hears what is told to a server of a topic.
        pub(crate) async fn listen_as(bus: &Bus, topic: &str, server: &str) -> Self {
            let listen = Listen {
                exchange: bus.settings().control_exchange.clone(),
                topic: topic.into(),
                server: server.into(),
                prefetch: 10,
            };
            Self(bus.transport().listen(listen).await.unwrap())
        }

        /// The next notification.
        pub(crate) async fn next(&mut self) -> Value {
            let next = tokio::time::timeout(Duration::from_secs(10), self.0.deliveries.recv()).await;
            let delivery = next.expect("a notification in time").expect("a listener");
            delivery.receipt.ack();
            let envelope: Value = serde_json::from_slice(&delivery.body).unwrap();
            assert_eq!(envelope["oslo.version"], "2.0");
            serde_json::from_str(envelope["oslo.message"].as_str().unwrap()).unwrap()
        }

        pub(crate) fn is_empty(&mut self) -> bool {
            self.0.deliveries.try_recv().is_err()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::Heard;
    use super::*;

    #[tokio::test]
    async fn what_happens_is_told_with_the_context_but_for_its_secrets() {
        let bus = Bus::memory();
        let notifier = Notifier::new(Driver::Messaging, &bus, &Topics::default(), "node-1");
        assert_eq!(notifier.publisher("compute"), "compute.node-1");
        let ctx = Context::new().project("p").with("auth_token", "hunter2");
        // Nobody listens yet, which is no failure.
        notifier
            .info(&ctx, "compute.node-1", "test.start", json!({}))
            .await;

        let mut heard = Heard::listen(&bus).await;
        notifier
            .info(&ctx, "compute.node-1", "test.end", json!({"a": [1, null]}))
            .await;
        let told = heard.next().await;
        assert_eq!(told["event_type"], "test.end");
        assert_eq!(
            (&told["publisher_id"], &told["priority"], &told["payload"]),
            (&json!("compute.node-1"), &json!("INFO"), &json!({"a": [1, null]}))
        );
        assert_eq!(told["_context_project_id"], "p");
        assert!(!told.to_string().contains("hunter2"));
        let time = told["timestamp"].as_str().unwrap();
        assert_eq!(time.len(), "2013-10-17 12:00:00.000001".len(), "{time}");
        assert!(heard.is_empty());
        let silent = Notifier::new(Driver::Noop, &bus, &Topics::default(), "node-1");
        silent.info(&ctx, "compute.node-1", "test.end", json!({})).await;
        assert!(heard.is_empty());
    }
}
